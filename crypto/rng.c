/*
 * rng.c: see rng.h.  getrandom() through libsodium, which stops the process when it fails.
 */
#include "crypto/rng.h"

#include "crypto/mem.h"

#include <assert.h>
#include <sodium.h>

void rng_bytes(void *out, size_t len)
{
	assert(out != NULL || len == 0);
	if (len > 0)
		randombytes_buf(out, len);
}

uint32_t rng_below(uint32_t bound)
{
	assert(bound > 0);
	return randombytes_uniform(bound);
}

void rng_scalar(const struct group *g, struct scalar *out)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];
	size_t len = group_wide_len(g);

	assert(len <= sizeof(wide));
	/* Zero comes with probability 1/q, and nothing but that is learnt from a second draw. */
	do {
		rng_bytes(wide, len);
		group_scalar_wide(g, out, wide);
	} while (group_scalar_is_zero(g, out));
	mem_wipe(wide, sizeof(wide));
}
