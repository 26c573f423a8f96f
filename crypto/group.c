/*
 * group.c: see group.h.  Chooses the door, and does what is the same behind each.
 *
 * Invariant: no function here looks at the value of a scalar or an element, but through a door.
 */
#include "crypto/group.h"

#include "crypto/ct.h"
#include "crypto/group_impl.h"
#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

const struct group *group_by_name(const char *name)
{
	const struct group *const suites[] = {
		group_ristretto255(),
		group_belenios2048(),
		group_rfc3526_2048(),
	};

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (strcmp(name, suites[i]->name) == 0)
			return suites[i];
	return NULL;
}

const char *group_name(const struct group *g)
{
	return g->name;
}

size_t group_element_len(const struct group *g)
{
	return g->element_len;
}

size_t group_scalar_len(const struct group *g)
{
	return g->scalar_len;
}

size_t group_wide_len(const struct group *g)
{
	return g->wide_len;
}

bool group_is_ristretto(const struct group *g)
{
	return g->is_ristretto;
}

/* --- scalars ------------------------------------------------------------------------------ */

void group_scalar_zero(const struct group *g, struct scalar *out)
{
	g->scalar_u64(g, out, 0);
}

void group_scalar_u64(const struct group *g, struct scalar *out, uint64_t value)
{
	g->scalar_u64(g, out, value);
}

void group_scalar_wide(const struct group *g, struct scalar *out, const uint8_t *wide)
{
	g->scalar_wide(g, out, wide);
}

enum status group_scalar_decode(const struct group *g, struct scalar *out, const uint8_t *bytes)
{
	if (g->scalar_decode(g, out, bytes))
		return ST_OK;
	g->scalar_u64(g, out, 0);
	return ST_SCALAR;
}

void group_scalar_encode(const struct group *g, uint8_t *bytes, const struct scalar *a)
{
	g->scalar_encode(g, bytes, a);
}

void group_scalar_add(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b)
{
	g->scalar_add(g, out, a, b);
}

void group_scalar_sub(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b)
{
	g->scalar_sub(g, out, a, b);
}

void group_scalar_mul(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b)
{
	g->scalar_mul(g, out, a, b);
}

void group_scalar_neg(const struct group *g, struct scalar *out, const struct scalar *a)
{
	struct scalar zero;

	g->scalar_u64(g, &zero, 0);
	g->scalar_sub(g, out, &zero, a);
}

void group_scalar_inv(const struct group *g, struct scalar *out, const struct scalar *a)
{
	g->scalar_inv(g, out, a);
}

void group_scalar_select(const struct group *g, struct scalar *out, const struct scalar *a,
                         const struct scalar *b, unsigned int pick_b)
{
	uint64_t mask = ct_mask(pick_b);

	assert(g->scalar_words * sizeof(uint64_t) <= sizeof(out->opaque));
	for (size_t i = 0; i < g->scalar_words * sizeof(uint64_t); i++)
		out->opaque[i] = (unsigned char)ct_pick(a->opaque[i], b->opaque[i], mask);
}

bool group_scalar_is_equal(const struct group *g, const struct scalar *a, const struct scalar *b)
{
	return mem_is_equal(a->opaque, b->opaque, g->scalar_words * sizeof(uint64_t));
}

bool group_scalar_is_zero(const struct group *g, const struct scalar *a)
{
	return mem_is_zero(a->opaque, g->scalar_words * sizeof(uint64_t));
}

/* --- elements ----------------------------------------------------------------------------- */

void group_identity(const struct group *g, struct element *out)
{
	g->identity(g, out);
}

void group_generator(const struct group *g, struct element *out)
{
	g->generator(g, out);
}

enum status group_decode_var(const struct group *g, struct element *out, const uint8_t *bytes)
{
	if (g->decode(g, out, bytes))
		return ST_OK;
	g->identity(g, out);
	return ST_ELEMENT;
}

void group_encode(const struct group *g, uint8_t *bytes, const struct element *a)
{
	g->encode(g, bytes, a);
}

void group_add(const struct group *g, struct element *out, const struct element *a,
               const struct element *b)
{
	g->add(g, out, a, b);
}

void group_sub(const struct group *g, struct element *out, const struct element *a,
               const struct element *b)
{
	g->sub(g, out, a, b);
}

void group_neg(const struct group *g, struct element *out, const struct element *a)
{
	g->neg(g, out, a);
}

void group_select(const struct group *g, struct element *out, const struct element *a,
                  const struct element *b, unsigned int pick_b)
{
	g->select(g, out, a, b, pick_b);
}

bool group_is_equal(const struct group *g, const struct element *a, const struct element *b)
{
	return g->is_equal(g, a, b);
}

bool group_is_identity(const struct group *g, const struct element *a)
{
	struct element e;

	g->identity(g, &e);
	return g->is_equal(g, a, &e);
}

void group_mul(const struct group *g, struct element *out, const struct element *a,
               const struct scalar *k)
{
	g->mul(g, out, a, k);
}

void group_mul_base(const struct group *g, struct element *out, const struct scalar *k)
{
	g->mul_base(g, out, k);
}

void group_mul_var(const struct group *g, struct element *out, const struct element *a,
                   const struct scalar *k)
{
	g->mul_var(g, out, a, k);
}

void group_mul_base_add_var(const struct group *g, struct element *out, const struct scalar *j,
                            const struct element *a, const struct scalar *k)
{
	g->mul_base_add_var(g, out, j, a, k);
}

void group_table_init(const struct group *g, struct group_table *t, const struct element *base)
{
	g->table_init(g, t, base);
}

void group_table_mul(const struct group *g, struct element *out, const struct group_table *t,
                     const struct scalar *k)
{
	g->table_mul(g, out, t, k);
}

enum status group_derive(const struct group *g, struct element *out, const uint8_t uniform[64])
{
	if (g->derive != NULL && g->derive(g, out, uniform))
		return ST_OK;
	g->identity(g, out);
	return ST_INTERNAL;
}
