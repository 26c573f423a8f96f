/* prng.c: see prng.h. */
#include "tests/unit/lib/prng.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void prng_seed(struct prng *r, const char *what)
{
	const char *seed = getenv("SEED");

	if (seed != NULL)
		r->state = strtoull(seed, NULL, 0);
	else if (getrandom(&r->state, sizeof(r->state), 0) != (ssize_t)sizeof(r->state))
		abort();
	printf("%s: SEED=%" PRIu64 "\n", what, r->state);
	fflush(stdout);
}

uint64_t prng_u64(struct prng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

size_t prng_below(struct prng *r, size_t bound)
{
	return prng_u64(r) % bound;
}

void prng_bytes(struct prng *r, void *out, size_t len)
{
	uint8_t *p = out;

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(prng_u64(r) >> 32);
}
