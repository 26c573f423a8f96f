/* forge.c: see forge.h. */
#include "tests/unit/lib/forge.h"

#include <stdlib.h>
#include <string.h>

static void must(enum status st)
{
	if (st != ST_OK)
		abort();
}

void forge_scalar_next(const struct group *g, uint8_t *scalar)
{
	struct scalar s, one;

	must(group_scalar_decode(g, &s, scalar));
	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, &s, &s, &one);
	group_scalar_encode(g, scalar, &s);
}

/* Where the byte of weight 256^i stands. */
static size_t place(const struct group *g, size_t i)
{
	return group_is_ristretto(g) ? i : group_scalar_len(g) - 1 - i;
}

/* a += b as integers of the encoding's length; the carry out of it is returned. */
static unsigned int add(const struct group *g, uint8_t *a, const uint8_t *b)
{
	unsigned int carry = 0;

	for (size_t i = 0; i < group_scalar_len(g); i++) {
		carry += (unsigned int)a[place(g, i)] + b[place(g, i)];
		a[place(g, i)] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry;
}

void forge_scalar_order(const struct group *g, uint8_t *scalar)
{
	uint8_t one[GROUP_SCALAR_BYTES_MAX] = { 0 };
	struct scalar s;

	group_scalar_u64(g, &s, 1);
	group_scalar_neg(g, &s, &s);
	group_scalar_encode(g, scalar, &s);
	one[place(g, 0)] = 1;
	if (add(g, scalar, one) != 0)
		abort();
}

bool forge_scalar_plus_order(const struct group *g, uint8_t *scalar)
{
	uint8_t sum[GROUP_SCALAR_BYTES_MAX];
	uint8_t q[GROUP_SCALAR_BYTES_MAX];

	memcpy(sum, scalar, group_scalar_len(g));
	forge_scalar_order(g, q);
	if (add(g, sum, q) != 0)
		return false;
	memcpy(scalar, sum, group_scalar_len(g));
	return true;
}

void forge_element_next(const struct group *g, uint8_t *element)
{
	struct element e, one;

	must(group_decode_var(g, &e, element));
	group_generator(g, &one);
	group_add(g, &e, &e, &one);
	group_encode(g, element, &e);
}

void forge_element_identity(const struct group *g, uint8_t *element)
{
	struct element e;

	group_identity(g, &e);
	group_encode(g, element, &e);
}
