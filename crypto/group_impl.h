/*
 * group_impl.h: what a door gives to group.c.  Included by crypto/group*.c and mem.c alone.
 *
 * Invariant: a scalar is stored as little-endian 64-bit limbs of its reduced value, scalar_words
 * of them, from the start of struct scalar, in every door; msm reads its digits there.
 */
#ifndef KALPIS_CRYPTO_GROUP_IMPL_H
#define KALPIS_CRYPTO_GROUP_IMPL_H

#include "crypto/group.h"

struct modp;   /* parameters of a modp group, private to group_modp.c */

struct group {
	const char *name;
	size_t element_len;
	size_t scalar_len;
	size_t wide_len;
	size_t scalar_bits;    /* bits of q */
	size_t scalar_words;   /* 64-bit limbs of q */
	bool is_ristretto;
	bool is_neg_cheap;     /* sub costs no more than add: sums use signed digits */
	const struct modp *modp;   /* NULL on ristretto255 */

	void (*scalar_u64)(const struct group *g, struct scalar *out, uint64_t value);
	void (*scalar_wide)(const struct group *g, struct scalar *out, const uint8_t *wide);
	bool (*scalar_decode)(const struct group *g, struct scalar *out, const uint8_t *bytes);
	void (*scalar_encode)(const struct group *g, uint8_t *bytes, const struct scalar *a);
	void (*scalar_add)(const struct group *g, struct scalar *out, const struct scalar *a,
	                   const struct scalar *b);
	void (*scalar_sub)(const struct group *g, struct scalar *out, const struct scalar *a,
	                   const struct scalar *b);
	void (*scalar_mul)(const struct group *g, struct scalar *out, const struct scalar *a,
	                   const struct scalar *b);
	void (*scalar_inv)(const struct group *g, struct scalar *out, const struct scalar *a);

	void (*identity)(const struct group *g, struct element *out);
	void (*generator)(const struct group *g, struct element *out);
	bool (*decode)(const struct group *g, struct element *out, const uint8_t *bytes);
	void (*encode)(const struct group *g, uint8_t *bytes, const struct element *a);
	void (*add)(const struct group *g, struct element *out, const struct element *a,
	            const struct element *b);
	void (*sub)(const struct group *g, struct element *out, const struct element *a,
	            const struct element *b);
	void (*neg)(const struct group *g, struct element *out, const struct element *a);
	/* What sums of multiples are made of, for public data: faster where there is a way. */
	void (*add_var)(const struct group *g, struct element *out, const struct element *a,
	                const struct element *b);
	void (*dbl_var)(const struct group *g, struct element *out, const struct element *a);
	void (*select)(const struct group *g, struct element *out, const struct element *a,
	               const struct element *b, unsigned int pick_b);
	bool (*is_equal)(const struct group *g, const struct element *a, const struct element *b);
	void (*mul)(const struct group *g, struct element *out, const struct element *a,
	            const struct scalar *k);
	void (*mul_base)(const struct group *g, struct element *out, const struct scalar *k);
	void (*mul_var)(const struct group *g, struct element *out, const struct element *a,
	                const struct scalar *k);
	void (*mul_base_add_var)(const struct group *g, struct element *out,
	                         const struct scalar *j, const struct element *a,
	                         const struct scalar *k);
	void (*table_init)(const struct group *g, struct group_table *t,
	                   const struct element *base);
	void (*table_mul)(const struct group *g, struct element *out, const struct group_table *t,
	                  const struct scalar *k);
	bool (*derive)(const struct group *g, struct element *out, const uint8_t uniform[64]);
};

/*
 * out = k * a, public k; k need not be below q, but its bits are no more.  Over add_var and
 * dbl_var alone (group_msm.c): what a door without a better way gives as its mul_var.
 */
void group_power_var(const struct group *g, struct element *out, const struct element *a,
                     const struct scalar *k);

/* Are these, in decimal, the parameters of g, and do they make a group of prime order?  For tests;
 * allocates. */
bool group_modp_self_check(const struct group *g, const char *p_want, const char *q_want,
                           const char *generator_want);

/* Give GMP allocators that wipe what they free.  crypto_init calls it once. */
void group_modp_init(void);

#endif
