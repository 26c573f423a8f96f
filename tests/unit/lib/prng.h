/*
 * prng.h: repeatable randomness for tests (splitmix64).  Never for keys.
 *
 * Invariant: the same seed gives the same test.  prng_seed prints the seed, and takes it from the
 * environment variable SEED when that is set.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_PRNG_H
#define KALPIS_TESTS_UNIT_LIB_PRNG_H

#include <stddef.h>
#include <stdint.h>

struct prng {
	uint64_t state;
};

/* what names the test in the printed line. */
void prng_seed(struct prng *r, const char *what);

uint64_t prng_u64(struct prng *r);
/* Below bound (bound > 0); the bias does not matter in tests. */
size_t prng_below(struct prng *r, size_t bound);
void prng_bytes(struct prng *r, void *out, size_t len);

#endif
