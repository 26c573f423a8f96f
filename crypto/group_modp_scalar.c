/*
 * group_modp_scalar.c: integers modulo q over GMP; see group_modp.h.
 *
 * Invariant: every function here is constant time (GMP manual, "Low-level functions for
 * cryptography"): mpn_sec_ and mpn_cnd_ functions, and additions of a fixed length.
 */
#include "crypto/ct.h"
#include "crypto/group_modp.h"
#include "crypto/mem.h"

#include <assert.h>
#include <gmp.h>
#include <string.h>

_Static_assert(_Generic((mp_limb_t)0, uint64_t: 1, default: 0), "GMP's limbs are uint64_t");
_Static_assert(GMP_NUMB_BITS == 64, "without nails");

void modp_from_bytes(mp_limb_t *out, int limbs, const uint8_t *bytes, size_t len)
{
	assert(len <= (size_t)limbs * sizeof(mp_limb_t));
	memset(out, 0, (size_t)limbs * sizeof(mp_limb_t));
	for (size_t i = 0; i < len; i++)
		out[i / 8] |= (mp_limb_t)bytes[len - 1 - i] << 8 * (i % 8);
}

void modp_to_bytes(uint8_t *bytes, size_t len, const mp_limb_t *a, int limbs)
{
	assert(len <= (size_t)limbs * sizeof(mp_limb_t));
	for (size_t i = 0; i < len; i++)
		bytes[len - 1 - i] = (uint8_t)(a[i / 8] >> 8 * (i % 8));
}

void modp_pick(mp_limb_t *out, const mp_limb_t *a, const mp_limb_t *b, int limbs,
               mp_limb_t pick_b)
{
	mp_limb_t mask = ct_mask(pick_b);

	for (int i = 0; i < limbs; i++)
		out[i] = ct_pick(a[i], b[i], mask);
}

/* out = a mod q.  a has a_limbs >= q_limbs limbs and is destroyed. */
static void reduce(const struct modp *m, struct scalar *out, mp_limb_t *a, int a_limbs)
{
	mp_limb_t scratch[4 * MODP_LIMBS + 16];

	assert(a_limbs >= m->q_limbs);
	assert((size_t)mpn_sec_div_r_itch(a_limbs, m->q_limbs) <= sizeof(scratch) / sizeof(scratch[0]));
	mpn_sec_div_r(a, a_limbs, m->q, m->q_limbs, scratch);
	memcpy(out->opaque, a, (size_t)m->q_limbs * sizeof(mp_limb_t));
	mem_wipe(scratch, sizeof(scratch));
}

void modp_scalar_u64(const struct group *g, struct scalar *out, uint64_t value)
{
	mp_limb_t a[MODP_LIMBS] = {value};

	reduce(g->modp, out, a, g->modp->q_limbs);
	mem_wipe(a, sizeof(a));
}

void modp_scalar_wide(const struct group *g, struct scalar *out, const uint8_t *wide)
{
	mp_limb_t a[GROUP_WIDE_BYTES_MAX / sizeof(mp_limb_t)];
	int limbs = (int)((g->wide_len + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t));

	assert((size_t)limbs <= sizeof(a) / sizeof(a[0]));
	modp_from_bytes(a, limbs, wide, g->wide_len);
	reduce(g->modp, out, a, limbs);
	mem_wipe(a, sizeof(a));
}

bool modp_scalar_decode(const struct group *g, struct scalar *out, const uint8_t *bytes)
{
	const struct modp *m = g->modp;
	mp_limb_t difference[MODP_LIMBS];
	mp_limb_t is_below;

	modp_from_bytes(modp_words(out), m->q_limbs, bytes, g->scalar_len);
	is_below = mpn_sub_n(difference, modp_cwords(out), m->q, m->q_limbs);
	mem_wipe(difference, sizeof(difference));
	return is_below != 0;
}

void modp_scalar_encode(const struct group *g, uint8_t *bytes, const struct scalar *a)
{
	modp_to_bytes(bytes, g->scalar_len, modp_cwords(a), g->modp->q_limbs);
}

void modp_scalar_add(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b)
{
	const struct modp *m = g->modp;
	mp_limb_t sum[MODP_LIMBS];
	mp_limb_t less_q[MODP_LIMBS];
	mp_limb_t carry = mpn_add_n(sum, modp_cwords(a), modp_cwords(b), m->q_limbs);
	mp_limb_t borrow = mpn_sub_n(less_q, sum, m->q, m->q_limbs);

	/* The sum is below 2q: take q away unless that borrows more than the carry. */
	modp_pick(modp_words(out), sum, less_q, m->q_limbs, carry | (borrow ^ 1));
	mem_wipe(sum, sizeof(sum));
	mem_wipe(less_q, sizeof(less_q));
}

void modp_scalar_sub(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b)
{
	const struct modp *m = g->modp;
	mp_limb_t difference[MODP_LIMBS];
	mp_limb_t borrow = mpn_sub_n(difference, modp_cwords(a), modp_cwords(b), m->q_limbs);

	mpn_cnd_add_n(borrow, difference, difference, m->q, m->q_limbs);
	memcpy(out->opaque, difference, (size_t)m->q_limbs * sizeof(mp_limb_t));
	mem_wipe(difference, sizeof(difference));
}

void modp_scalar_mul(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b)
{
	const struct modp *m = g->modp;
	mp_limb_t product[2 * MODP_LIMBS];
	mp_limb_t scratch[MODP_LIMBS];

	assert((size_t)mpn_sec_mul_itch(m->q_limbs, m->q_limbs) <= MODP_LIMBS);
	mpn_sec_mul(product, modp_cwords(a), m->q_limbs, modp_cwords(b), m->q_limbs, scratch);
	reduce(m, out, product, 2 * m->q_limbs);
	mem_wipe(product, sizeof(product));
}

void modp_scalar_inv(const struct group *g, struct scalar *out, const struct scalar *a)
{
	static const mp_limb_t zero[MODP_LIMBS];
	const struct modp *m = g->modp;
	mp_limb_t copy[MODP_LIMBS];
	mp_limb_t inverse[MODP_LIMBS];
	mp_limb_t scratch[MODP_SCRATCH];
	int is_unit;

	assert(mpn_sec_invert_itch(m->q_limbs) <= MODP_SCRATCH);
	memcpy(copy, a->opaque, (size_t)m->q_limbs * sizeof(mp_limb_t));
	is_unit = mpn_sec_invert(inverse, copy, m->q, m->q_limbs,
	                         2 * (mp_bitcnt_t)m->q_limbs * GMP_NUMB_BITS, scratch);
	modp_pick(modp_words(out), zero, inverse, m->q_limbs, (mp_limb_t)is_unit);
	mem_wipe(copy, sizeof(copy));
	mem_wipe(inverse, sizeof(inverse));
	mem_wipe(scratch, sizeof(scratch));
}
