/* elgamal.c: see elgamal.h. */
#include "crypto/elgamal.h"

#include "crypto/mem.h"

void elgamal_encrypt(const struct group *g, struct ciphertext *out, const struct element *y,
                     const struct group_table *y_table, const struct scalar *r,
                     const struct scalar *m)
{
	struct element shared;   /* r*y: with it the number could be read */
	struct element number;   /* m*g */

	if (y_table != NULL)
		group_table_mul(g, &shared, y_table, r);
	else
		group_mul(g, &shared, y, r);
	group_mul_base(g, &number, m);
	group_mul_base(g, &out->a, r);
	group_add(g, &out->b, &shared, &number);
	mem_wipe(&shared, sizeof(shared));
	mem_wipe(&number, sizeof(number));
}

void elgamal_encrypt_u64(const struct group *g, struct ciphertext *out, const struct element *y,
                         const struct group_table *y_table, const struct scalar *r, uint64_t m)
{
	struct scalar number;

	group_scalar_u64(g, &number, m);
	elgamal_encrypt(g, out, y, y_table, r, &number);
	mem_wipe(&number, sizeof(number));
}

enum status elgamal_open_var(const struct group *g, const struct ciphertext *ct,
                             const struct element *y, const struct scalar *r, uint64_t m)
{
	struct ciphertext again;
	struct scalar number, zero;

	group_scalar_u64(g, &number, m);
	group_scalar_zero(g, &zero);
	group_mul_base_add_var(g, &again.a, r, y, &zero);
	group_mul_base_add_var(g, &again.b, &number, y, r);
	return ciphertext_is_equal(g, &again, ct) ? ST_OK : ST_OPENING;
}

void ciphertext_zero(const struct group *g, struct ciphertext *out)
{
	group_identity(g, &out->a);
	group_identity(g, &out->b);
}

void ciphertext_add(const struct group *g, struct ciphertext *out, const struct ciphertext *x,
                    const struct ciphertext *y)
{
	group_add(g, &out->a, &x->a, &y->a);
	group_add(g, &out->b, &x->b, &y->b);
}

void ciphertext_sub(const struct group *g, struct ciphertext *out, const struct ciphertext *x,
                    const struct ciphertext *y)
{
	group_sub(g, &out->a, &x->a, &y->a);
	group_sub(g, &out->b, &x->b, &y->b);
}

void ciphertext_scale_var(const struct group *g, struct ciphertext *out,
                          const struct ciphertext *x, uint64_t times)
{
	struct scalar k;

	/* By far the most frequent weight; it saves two exponentiations for each ballot. */
	if (times == 1) {
		*out = *x;
		return;
	}
	group_scalar_u64(g, &k, times);
	group_mul_var(g, &out->a, &x->a, &k);
	group_mul_var(g, &out->b, &x->b, &k);
}

bool ciphertext_is_equal(const struct group *g, const struct ciphertext *x,
                         const struct ciphertext *y)
{
	return group_is_equal(g, &x->a, &y->a) && group_is_equal(g, &x->b, &y->b);
}

size_t ciphertext_len(const struct group *g)
{
	return 2 * group_element_len(g);
}

void ciphertext_encode(const struct group *g, uint8_t *bytes, const struct ciphertext *ct)
{
	group_encode(g, bytes, &ct->a);
	group_encode(g, bytes + group_element_len(g), &ct->b);
}

enum status ciphertext_decode_var(const struct group *g, struct ciphertext *out,
                                  const uint8_t *bytes)
{
	enum status st;

	if ((st = group_decode_var(g, &out->a, bytes)) != ST_OK ||
	    (st = group_decode_var(g, &out->b, bytes + group_element_len(g))) != ST_OK)
		ciphertext_zero(g, out);
	return st;
}
