/* draw.c: see draw.h. */
#include "tests/unit/lib/draw.h"

#include <assert.h>

void draw_scalar(struct prng *r, const struct group *g, struct scalar *out)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];

	prng_bytes(r, wide, group_wide_len(g));
	group_scalar_wide(g, out, wide);
}

void draw_element(struct prng *r, const struct group *g, struct element *out)
{
	struct scalar k;

	draw_scalar(r, g, &k);
	group_mul_base(g, out, &k);
}

void draw_indices(struct prng *r, uint8_t *indices, size_t len, uint8_t n)
{
	size_t taken = 0;

	assert(len <= n);
	for (uint8_t j = 1; j <= n; j++) {
		size_t left = (size_t)n - j + 1;

		/* j is one of the len - taken still wanted among the left that remain. */
		if (prng_below(r, left) < len - taken)
			indices[taken++] = j;
	}
}
