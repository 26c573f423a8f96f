/*
 * group_ristretto255.c: the door of libdecaf (RFC 9496; protocol.md, "suites").  No other file
 * includes its headers.
 *
 * Invariant: an element holds one decaf_255_point_t, a scalar one reduced decaf_255_scalar_t.
 * libdecaf works in constant time except where it says _non_secret.
 */
#include "crypto/group_impl.h"
#include "crypto/mem.h"

#include <assert.h>
#include <decaf/point_255.h>
#include <string.h>

_Static_assert(sizeof(decaf_255_point_t) <= sizeof(struct element), "a point fits");
_Static_assert(_Alignof(struct decaf_255_point_s) <= _Alignof(struct element), "and is aligned");
_Static_assert(sizeof(decaf_255_scalar_t) == 32, "a scalar is four 64-bit limbs");
_Static_assert(sizeof(decaf_word_t) == sizeof(uint64_t), "of the width that group_impl.h names");

static struct decaf_255_point_s *point(struct element *e)
{
	return (struct decaf_255_point_s *)(void *)e->opaque;
}

static const struct decaf_255_point_s *cpoint(const struct element *e)
{
	return (const struct decaf_255_point_s *)(const void *)e->opaque;
}

static struct decaf_255_scalar_s *scalar(struct scalar *k)
{
	return (struct decaf_255_scalar_s *)(void *)k->opaque;
}

static const struct decaf_255_scalar_s *cscalar(const struct scalar *k)
{
	return (const struct decaf_255_scalar_s *)(const void *)k->opaque;
}

/* --- scalars ------------------------------------------------------------------------------ */

static void scalar_u64(const struct group *g, struct scalar *out, uint64_t value)
{
	(void)g;
	decaf_255_scalar_set_unsigned(scalar(out), value);
}

static void scalar_wide(const struct group *g, struct scalar *out, const uint8_t *wide)
{
	decaf_255_scalar_decode_long(scalar(out), wide, g->wide_len);
}

static bool scalar_decode(const struct group *g, struct scalar *out, const uint8_t *bytes)
{
	(void)g;
	return decaf_255_scalar_decode(scalar(out), bytes) == DECAF_SUCCESS;
}

static void scalar_encode(const struct group *g, uint8_t *bytes, const struct scalar *a)
{
	(void)g;
	decaf_255_scalar_encode(bytes, cscalar(a));
}

static void scalar_add(const struct group *g, struct scalar *out, const struct scalar *a,
                       const struct scalar *b)
{
	(void)g;
	decaf_255_scalar_add(scalar(out), cscalar(a), cscalar(b));
}

static void scalar_sub(const struct group *g, struct scalar *out, const struct scalar *a,
                       const struct scalar *b)
{
	(void)g;
	decaf_255_scalar_sub(scalar(out), cscalar(a), cscalar(b));
}

static void scalar_mul(const struct group *g, struct scalar *out, const struct scalar *a,
                       const struct scalar *b)
{
	(void)g;
	decaf_255_scalar_mul(scalar(out), cscalar(a), cscalar(b));
}

static void scalar_inv(const struct group *g, struct scalar *out, const struct scalar *a)
{
	/* Whether a is 0 may be a secret: the answer is not looked at.  0 goes to 0 by itself. */
	decaf_error_t is_unit = decaf_255_scalar_invert(scalar(out), cscalar(a));

	(void)g;
	(void)is_unit;
}

/* --- elements ----------------------------------------------------------------------------- */

static void identity(const struct group *g, struct element *out)
{
	(void)g;
	decaf_255_point_copy(point(out), decaf_255_point_identity);
}

static void generator(const struct group *g, struct element *out)
{
	(void)g;
	decaf_255_point_copy(point(out), decaf_255_point_base);
}

static bool decode(const struct group *g, struct element *out, const uint8_t *bytes)
{
	(void)g;
	return decaf_255_point_decode(point(out), bytes, DECAF_TRUE) == DECAF_SUCCESS;
}

static void encode(const struct group *g, uint8_t *bytes, const struct element *a)
{
	(void)g;
	decaf_255_point_encode(bytes, cpoint(a));
}

static void add(const struct group *g, struct element *out, const struct element *a,
                const struct element *b)
{
	(void)g;
	decaf_255_point_add(point(out), cpoint(a), cpoint(b));
}

static void sub(const struct group *g, struct element *out, const struct element *a,
                const struct element *b)
{
	(void)g;
	decaf_255_point_sub(point(out), cpoint(a), cpoint(b));
}

static void dbl(const struct group *g, struct element *out, const struct element *a)
{
	(void)g;
	decaf_255_point_double(point(out), cpoint(a));
}

static void neg(const struct group *g, struct element *out, const struct element *a)
{
	(void)g;
	decaf_255_point_negate(point(out), cpoint(a));
}

static void pick(const struct group *g, struct element *out, const struct element *a,
                 const struct element *b, unsigned int pick_b)
{
	(void)g;
	decaf_255_point_cond_sel(point(out), cpoint(a), cpoint(b), pick_b);
}

static bool is_equal(const struct group *g, const struct element *a, const struct element *b)
{
	(void)g;
	return decaf_255_point_eq(cpoint(a), cpoint(b)) == DECAF_TRUE;
}

static void mul(const struct group *g, struct element *out, const struct element *a,
                const struct scalar *k)
{
	(void)g;
	decaf_255_point_scalarmul(point(out), cpoint(a), cscalar(k));
}

static void mul_base(const struct group *g, struct element *out, const struct scalar *k)
{
	(void)g;
	decaf_255_precomputed_scalarmul(point(out), decaf_255_precomputed_base, cscalar(k));
}

static void mul_base_add_var(const struct group *g, struct element *out, const struct scalar *j,
                             const struct element *a, const struct scalar *k)
{
	/* libdecaf 1.0.2 forgets j when k is 0: it answers the identity.  A verifier must not. */
	if (decaf_255_scalar_eq(cscalar(k), decaf_255_scalar_zero) == DECAF_TRUE) {
		mul_base(g, out, j);
		return;
	}
	decaf_255_base_double_scalarmul_non_secret(point(out), cscalar(j), cpoint(a), cscalar(k));
}

static void mul_var(const struct group *g, struct element *out, const struct element *a,
                    const struct scalar *k)
{
	(void)g;
	decaf_255_base_double_scalarmul_non_secret(point(out), decaf_255_scalar_zero, cpoint(a),
	                                           cscalar(k));
}

static void table_init(const struct group *g, struct group_table *t, const struct element *base)
{
	(void)g;
	assert(decaf_255_sizeof_precomputed_s <= sizeof(t->opaque));
	assert(decaf_255_alignof_precomputed_s <= _Alignof(struct group_table));
	decaf_255_precompute((decaf_255_precomputed_s *)(void *)t->opaque, cpoint(base));
}

static void table_mul(const struct group *g, struct element *out, const struct group_table *t,
                      const struct scalar *k)
{
	(void)g;
	decaf_255_precomputed_scalarmul(point(out),
	                                (const decaf_255_precomputed_s *)(const void *)t->opaque,
	                                cscalar(k));
}

static bool derive(const struct group *g, struct element *out, const uint8_t uniform[64])
{
	(void)g;
	decaf_255_point_from_hash_uniform(point(out), uniform);
	return true;
}

static const struct group ristretto255 = {
	.name = "ristretto255",
	.element_len = DECAF_255_SER_BYTES,
	.scalar_len = DECAF_255_SCALAR_BYTES,
	.wide_len = 64,
	.scalar_bits = DECAF_255_SCALAR_BITS,
	.scalar_words = 4,
	.is_ristretto = true,
	.is_neg_cheap = true,
	.modp = NULL,
	.scalar_u64 = scalar_u64,
	.scalar_wide = scalar_wide,
	.scalar_decode = scalar_decode,
	.scalar_encode = scalar_encode,
	.scalar_add = scalar_add,
	.scalar_sub = scalar_sub,
	.scalar_mul = scalar_mul,
	.scalar_inv = scalar_inv,
	.identity = identity,
	.generator = generator,
	.decode = decode,
	.encode = encode,
	.add = add,
	.sub = sub,
	.neg = neg,
	.add_var = add,
	.dbl_var = dbl,
	.select = pick,
	.is_equal = is_equal,
	.mul = mul,
	.mul_base = mul_base,
	.mul_var = mul_var,
	.mul_base_add_var = mul_base_add_var,
	.table_init = table_init,
	.table_mul = table_mul,
	.derive = derive,
};

const struct group *group_ristretto255(void)
{
	return &ristretto255;
}
