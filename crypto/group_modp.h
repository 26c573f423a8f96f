/*
 * group_modp.h: what the files of the GMP door share.  Private to crypto/group_modp*.c.
 *
 * Invariant: limbs are GMP's, of 64 bits, least significant first; scalars are below q.  Elements
 * and the derived parameters are in Montgomery form (a stands as a R mod p, R = 2^(64 p_limbs))
 * and below p.
 */
#ifndef KALPIS_CRYPTO_GROUP_MODP_H
#define KALPIS_CRYPTO_GROUP_MODP_H

#include "crypto/group_impl.h"

enum {
	MODP_LIMBS = 32,        /* of the longest modulus and order */
	MODP_SCRATCH = 1280     /* limbs that serve every mpn_sec_ function in use; asserted there */
};

/* The derived numbers follow from p, q and the generator; a self-check recomputes them. */
struct modp {
	int p_limbs;
	int q_limbs;
	bool is_safe_prime;              /* p = 2q + 1: membership is the Jacobi symbol */
	uint64_t p[MODP_LIMBS];
	uint64_t q[MODP_LIMBS];
	uint64_t p_inv;                 /* -1/p mod 2^64 */
	uint64_t one[MODP_LIMBS];       /* R mod p: the identity */
	uint64_t square[MODP_LIMBS];    /* R^2 mod p: into Montgomery form */
	uint64_t generator[MODP_LIMBS];
};

extern const struct modp modp_belenios2048;
extern const struct modp modp_rfc3526_2048;
extern const struct modp modp_tiny;

/* out has limbs limbs, of which the bytes fill the lowest; big-endian. */
void modp_from_bytes(uint64_t *out, int limbs, const uint8_t *bytes, size_t len);
void modp_to_bytes(uint8_t *bytes, size_t len, const uint64_t *a, int limbs);

/* out = pick_b ? b : a, without a branch.  Arguments may alias. */
void modp_pick(uint64_t *out, const uint64_t *a, const uint64_t *b, int limbs, uint64_t pick_b);

/* The element x, 0 < x < p, in the form of this door; whether it is a member is not asked. */
void modp_element_set(const struct group *g, struct element *out, const uint64_t *x);
/* Does a number that modp_element_set took lie in the subgroup?  Public data. */
bool modp_is_member_var(const struct group *g, const struct element *e);

/* add and dbl of the door for public data, members or not: group_modp_var.c. */
void modp_add_var(const struct group *g, struct element *out, const struct element *a,
                  const struct element *b);
void modp_dbl_var(const struct group *g, struct element *out, const struct element *a);

/* The scalar half of the door: group_modp_scalar.c; contracts as in group_impl.h. */
void modp_scalar_u64(const struct group *g, struct scalar *out, uint64_t value);
void modp_scalar_wide(const struct group *g, struct scalar *out, const uint8_t *wide);
bool modp_scalar_decode(const struct group *g, struct scalar *out, const uint8_t *bytes);
void modp_scalar_encode(const struct group *g, uint8_t *bytes, const struct scalar *a);
void modp_scalar_add(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b);
void modp_scalar_sub(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b);
void modp_scalar_mul(const struct group *g, struct scalar *out, const struct scalar *a,
                     const struct scalar *b);
void modp_scalar_inv(const struct group *g, struct scalar *out, const struct scalar *a);

static inline uint64_t *modp_words(struct scalar *k)
{
	return (uint64_t *)(void *)k->opaque;
}

static inline const uint64_t *modp_cwords(const struct scalar *k)
{
	return (const uint64_t *)(const void *)k->opaque;
}

#endif
