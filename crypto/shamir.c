/*
 * shamir.c: polynomials over the scalars, and Lagrange's rule at 0.
 *
 * Invariant: every index that reaches an inversion was checked, so that no denominator is zero.
 */
#include "crypto/shamir.h"

#include "crypto/mem.h"

#include <assert.h>

void shamir_eval(const struct group *g, struct scalar *out, uint8_t index,
                 const struct scalar *coeffs, size_t coeffs_len)
{
	struct scalar x;

	assert(index >= 1);
	assert(index <= SHAMIR_MAX);
	group_scalar_u64(g, &x, index);
	group_scalar_zero(g, out);
	for (size_t k = coeffs_len; k > 0; k--) {
		group_scalar_mul(g, out, out, &x);
		group_scalar_add(g, out, out, &coeffs[k - 1]);
	}
}

/* out = index * a by doubling: an index has four bits, an exponent hundreds. */
static void times_index_var(const struct group *g, struct element *out, const struct element *a,
                            uint8_t index)
{
	struct element sum;

	group_identity(g, &sum);
	for (int bit = 3; bit >= 0; bit--) {
		group_add(g, &sum, &sum, &sum);
		if ((index >> bit & 1) != 0)
			group_add(g, &sum, &sum, a);
	}
	*out = sum;
}

_Static_assert(SHAMIR_MAX < 16, "an index has four bits");

void shamir_eval_commits_var(const struct group *g, struct element *out, uint8_t index,
                             const struct element *commits, size_t commits_len)
{
	assert(index >= 1);
	assert(index <= SHAMIR_MAX);
	group_identity(g, out);
	for (size_t k = commits_len; k > 0; k--) {
		times_index_var(g, out, out, index);
		group_add(g, out, out, &commits[k - 1]);
	}
}

/* In a group of small order an index may vanish, or meet another. */
static bool is_distinct_mod_order(const struct group *g, uint8_t index, const uint8_t *before,
                                  size_t before_len)
{
	struct scalar x, y;

	group_scalar_u64(g, &x, index);
	if (group_scalar_is_zero(g, &x))
		return false;
	for (size_t i = 0; i < before_len; i++) {
		group_scalar_u64(g, &y, before[i]);
		if (group_scalar_is_equal(g, &x, &y))
			return false;
	}
	return true;
}

enum status shamir_indices_check(const struct group *g, uint8_t n, const uint8_t *indices,
                                 size_t indices_len)
{
	if (n > SHAMIR_MAX || indices_len == 0)
		return ST_LIMIT;
	for (size_t i = 0; i < indices_len; i++) {
		if (indices[i] == 0 || indices[i] > n)
			return ST_LIMIT;
		if (i > 0 && indices[i] == indices[i - 1])
			return ST_DUPLICATE;
		if (i > 0 && indices[i] < indices[i - 1])
			return ST_ORDER;
		if (!is_distinct_mod_order(g, indices[i], indices, i))
			return ST_LIMIT;
	}
	return ST_OK;   /* ascending within 1..n: so there are at most n */
}

enum status shamir_lagrange(const struct group *g, struct scalar *lambda, const uint8_t *indices,
                            size_t indices_len)
{
	struct scalar x, y, up, down;
	enum status st = shamir_indices_check(g, SHAMIR_MAX, indices, indices_len);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < indices_len; i++) {
		group_scalar_u64(g, &x, indices[i]);
		group_scalar_u64(g, &up, 1);
		down = up;
		for (size_t k = 0; k < indices_len; k++) {
			if (k == i)
				continue;
			group_scalar_u64(g, &y, indices[k]);
			group_scalar_mul(g, &up, &up, &y);
			group_scalar_sub(g, &y, &y, &x);
			group_scalar_mul(g, &down, &down, &y);
		}
		group_scalar_inv(g, &down, &down);
		group_scalar_mul(g, &lambda[i], &up, &down);
	}
	return ST_OK;
}

enum status shamir_recover(const struct group *g, struct scalar *secret, const uint8_t *indices,
                           const struct scalar *shares, size_t shares_len)
{
	struct scalar lambda[SHAMIR_MAX], term;
	enum status st = shamir_lagrange(g, lambda, indices, shares_len);

	group_scalar_zero(g, secret);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < shares_len; i++) {
		group_scalar_mul(g, &term, &lambda[i], &shares[i]);
		group_scalar_add(g, secret, secret, &term);
	}
	mem_wipe(&term, sizeof(term));
	return ST_OK;
}

enum status shamir_combine_var(const struct group *g, struct element *out, const uint8_t *indices,
                               const struct element *const *shares, size_t shares_len)
{
	struct scalar lambda[SHAMIR_MAX];
	struct element points[SHAMIR_MAX];
	enum status st = shamir_lagrange(g, lambda, indices, shares_len);

	group_identity(g, out);
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < shares_len; i++)
		points[i] = *shares[i];
	group_msm_var(g, out, lambda, points, shares_len, NULL, 0);
	return ST_OK;
}
