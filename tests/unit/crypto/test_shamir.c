/*
 * test_shamir.c: sharing and restoring, against RFC 9591 and exhaustively over the tiny group.
 */
#include "crypto/mem.h"
#include "crypto/shamir.h"
#include "tests/unit/lib/draw.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/vectors/rfc9591_shares.h"

enum { TINY_ORDER = 11 };

static void hex_scalar(struct scalar *out, const char *hex)
{
	uint8_t bytes[32];

	hex_exact(bytes, sizeof(bytes), hex);
	assert_int_equal(group_scalar_decode(group_ristretto255(), out, bytes), ST_OK);
}

static void shares_are_those_of_rfc9591(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	for (size_t v = 0; v < sizeof(rfc9591_shares) / sizeof(rfc9591_shares[0]); v++) {
		struct scalar coeffs[2], share, want;

		hex_scalar(&coeffs[0], rfc9591_shares[v].secret);
		hex_scalar(&coeffs[1], rfc9591_shares[v].coefficient);
		for (uint8_t j = 1; j <= 3; j++) {
			hex_scalar(&want, rfc9591_shares[v].share[j - 1]);
			shamir_eval(g, &share, j, coeffs, 2);
			assert_true(group_scalar_is_equal(g, &share, &want));
			shamir_eval(g, &share, (uint8_t)(j + 1), coeffs, 2);
			assert_false(group_scalar_is_equal(g, &share, &want));
		}
	}
}

static void any_two_shares_of_rfc9591_restore_its_secret(void **state)
{
	const struct group *g = group_ristretto255();
	static const uint8_t pairs[3][2] = { { 1, 2 }, { 1, 3 }, { 2, 3 } };

	(void)state;
	for (size_t v = 0; v < sizeof(rfc9591_shares) / sizeof(rfc9591_shares[0]); v++) {
		struct scalar want;

		hex_scalar(&want, rfc9591_shares[v].secret);
		for (size_t i = 0; i < 3; i++) {
			struct scalar shares[2], secret;

			hex_scalar(&shares[0], rfc9591_shares[v].share[pairs[i][0] - 1]);
			hex_scalar(&shares[1], rfc9591_shares[v].share[pairs[i][1] - 1]);
			assert_int_equal(shamir_recover(g, &secret, pairs[i], shares, 1), ST_OK);
			assert_false(group_scalar_is_equal(g, &secret, &want));   /* one of two */
			assert_int_equal(shamir_recover(g, &secret, pairs[i], shares, 2), ST_OK);
			assert_true(group_scalar_is_equal(g, &secret, &want));
		}
	}
}

static void the_key_of_rfc9591_is_restored_in_the_exponent(void **state)
{
	const struct group *g = group_ristretto255();
	const uint8_t indices[2] = { 1, 3 };
	struct element part[2], key, want;
	const struct element *const parts[2] = { &part[0], &part[1] };
	struct scalar share;
	uint8_t bytes[32];

	(void)state;
	hex_exact(bytes, sizeof(bytes), rfc9591_shares[0].ristretto_key);
	assert_int_equal(group_decode_var(g, &want, bytes), ST_OK);
	for (size_t i = 0; i < 2; i++) {
		hex_scalar(&share, rfc9591_shares[0].share[indices[i] - 1]);
		group_mul_base(g, &part[i], &share);
	}
	assert_int_equal(shamir_combine_var(g, &key, indices, parts, 2), ST_OK);
	assert_true(group_is_equal(g, &key, &want));
}

/* --- over the tiny group, everything ------------------------------------------------------- */

/* Every polynomial of three coefficients, at every point, against plain arithmetic mod 11. */
static void every_tiny_polynomial_has_its_values(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t p = 0; p < TINY_ORDER * TINY_ORDER * TINY_ORDER; p++) {
		const uint64_t a[3] = { p % 11, p / 11 % 11, p / 121 };
		struct scalar coeffs[3], have, want;
		struct element commits[3], left, right;

		for (size_t k = 0; k < 3; k++) {
			group_scalar_u64(g, &coeffs[k], a[k]);
			group_mul_base(g, &commits[k], &coeffs[k]);
		}
		for (uint8_t j = 1; j < TINY_ORDER; j++) {
			group_scalar_u64(g, &want, (a[0] + a[1] * j + a[2] * j * j) % 11);
			shamir_eval(g, &have, j, coeffs, 3);
			assert_true(group_scalar_is_equal(g, &have, &want));
			shamir_eval_commits_var(g, &left, j, commits, 3);
			group_mul_base(g, &right, &want);
			assert_true(group_is_equal(g, &left, &right));
		}
	}
}

/* The indices 1..10 whose bits are set; returns how many. */
static size_t members(uint8_t *indices, uint32_t set)
{
	size_t len = 0;

	for (uint8_t j = 1; j <= 10; j++)
		if ((set >> j & 1) != 0)
			indices[len++] = j;
	return len;
}

/* Every line (t = 2) and every set of two to ten trustees: 121 polynomials, 1013 sets. */
static void every_tiny_secret_is_restored_by_every_set(void **state)
{
	const struct group *g = group_tiny();
	struct scalar coeffs[2], share[121][11], lambda[10], term, secret;

	(void)state;
	for (size_t p = 0; p < 121; p++) {
		group_scalar_u64(g, &coeffs[0], p % 11);
		group_scalar_u64(g, &coeffs[1], p / 11);
		for (uint8_t j = 1; j < TINY_ORDER; j++)
			shamir_eval(g, &share[p][j], j, coeffs, 2);
	}
	for (uint32_t set = 2; set < 1u << 11; set += 2) {
		uint8_t indices[10];
		size_t len = members(indices, set);

		assert_int_equal(shamir_lagrange(g, lambda, indices, len), ST_OK);
		for (size_t p = 0; len >= 2 && p < 121; p++) {
			group_scalar_zero(g, &secret);
			for (size_t i = 0; i < len; i++) {
				group_scalar_mul(g, &term, &lambda[i], &share[p][indices[i]]);
				group_scalar_add(g, &secret, &secret, &term);
			}
			group_scalar_u64(g, &term, p % 11);
			assert_true(group_scalar_is_equal(g, &secret, &term));
		}
	}
}

/* Fewer than t shares fit every secret equally well: here t = 3, two shares, all 1331 of them. */
static void fewer_than_t_shares_say_nothing(void **state)
{
	const struct group *g = group_tiny();
	unsigned int seen[11][11][11] = { 0 };   /* share of 2, share of 7, secret */

	(void)state;
	for (uint64_t p = 0; p < TINY_ORDER * TINY_ORDER * TINY_ORDER; p++) {
		struct scalar coeffs[3], share;
		uint8_t at2, at7;

		group_scalar_u64(g, &coeffs[0], p % 11);
		group_scalar_u64(g, &coeffs[1], p / 11 % 11);
		group_scalar_u64(g, &coeffs[2], p / 121);
		shamir_eval(g, &share, 2, coeffs, 3);
		group_scalar_encode(g, &at2, &share);
		shamir_eval(g, &share, 7, coeffs, 3);
		group_scalar_encode(g, &at7, &share);
		seen[at2][at7][p % 11]++;
	}
	for (size_t i = 0; i < 11; i++)
		for (size_t k = 0; k < 11; k++)
			for (size_t secret = 0; secret < 11; secret++)
				assert_int_equal(seen[i][k][secret], 1);
}

/* --- every group --------------------------------------------------------------------------- */

static void any_t_of_n_restore_and_t_minus_1_do_not(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "any_t_of_n_restore");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		const uint8_t n = g == group_ristretto255() ? SHAMIR_MAX : 5;

		for (uint8_t t = 1; t <= n; t++) {
			struct scalar coeffs[SHAMIR_MAX], shares[SHAMIR_MAX], secret;
			uint8_t indices[SHAMIR_MAX];

			for (size_t k = 0; k < t; k++)
				draw_scalar(&r, g, &coeffs[k]);
			draw_indices(&r, indices, t, n);
			for (size_t i = 0; i < t; i++)
				shamir_eval(g, &shares[i], indices[i], coeffs, t);
			assert_int_equal(shamir_recover(g, &secret, indices, shares, t), ST_OK);
			assert_true(group_scalar_is_equal(g, &secret, &coeffs[0]));
			if (t == 1)
				continue;
			assert_int_equal(shamir_recover(g, &secret, indices, shares, t - 1u), ST_OK);
			assert_false(group_scalar_is_equal(g, &secret, &coeffs[0]));
		}
	}
}

static void the_exponent_follows_the_scalars(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "the_exponent_follows");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		struct scalar coeffs[3], share;
		struct element commits[3], base, part[3], left, right;
		const struct element *const parts[3] = { &part[0], &part[1], &part[2] };
		const uint8_t indices[3] = { 1, 6, 13 };

		draw_element(&r, g, &base);
		for (size_t k = 0; k < 3; k++) {
			draw_scalar(&r, g, &coeffs[k]);
			group_mul_base(g, &commits[k], &coeffs[k]);
		}
		for (size_t i = 0; i < 3; i++) {
			shamir_eval(g, &share, indices[i], coeffs, 3);
			group_mul_base(g, &left, &share);
			shamir_eval_commits_var(g, &right, indices[i], commits, 3);
			assert_true(group_is_equal(g, &left, &right));
			shamir_eval_commits_var(g, &right, indices[i], commits, 2);
			assert_false(group_is_equal(g, &left, &right));
			group_mul(g, &part[i], &base, &share);
		}
		group_mul(g, &right, &base, &coeffs[0]);
		assert_int_equal(shamir_combine_var(g, &left, indices, parts, 3), ST_OK);
		assert_true(group_is_equal(g, &left, &right));
		group_add(g, &part[1], &part[1], &base);
		assert_int_equal(shamir_combine_var(g, &left, indices, parts, 3), ST_OK);
		assert_false(group_is_equal(g, &left, &right));
	}
}

/* --- N53: zero, duplicate, confused indices ------------------------------------------------ */

static void a_set_that_is_none_is_refused(void **state)
{
	static const struct {
		uint8_t indices[14];
		size_t len;
		uint8_t n;
		enum status want;
	} cases[] = {
		{ { 0 }, 1, 3, ST_LIMIT },
		{ { 0, 1 }, 2, 3, ST_LIMIT },
		{ { 1, 0 }, 2, 3, ST_LIMIT },
		{ { 1, 4 }, 2, 3, ST_LIMIT },
		{ { 14 }, 1, 13, ST_LIMIT },
		{ { 255 }, 1, 13, ST_LIMIT },
		{ { 1 }, 0, 3, ST_LIMIT },
		{ { 1 }, 1, 14, ST_LIMIT },
		{ { 2, 2 }, 2, 3, ST_DUPLICATE },
		{ { 1, 2, 2 }, 3, 3, ST_DUPLICATE },
		{ { 2, 1 }, 2, 3, ST_ORDER },
		{ { 1, 3, 1 }, 3, 3, ST_ORDER },
		{ { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 }, 14, 13, ST_LIMIT },
		{ { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 }, 13, 13, ST_OK },
		{ { 1, 2, 3 }, 3, 3, ST_OK },
		{ { 3 }, 1, 3, ST_OK },
	};
	const struct group *g = group_ristretto255();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(shamir_indices_check(g, cases[i].n, cases[i].indices, cases[i].len),
		                 cases[i].want);
}

static void every_function_refuses_such_a_set(void **state)
{
	const struct group *g = group_ristretto255();
	const uint8_t zero[2] = { 0, 2 }, twice[2] = { 2, 2 }, back[2] = { 2, 1 };
	struct scalar s[2], out;
	struct element e, part;
	const struct element *const parts[2] = { &part, &part };

	(void)state;
	group_generator(g, &part);
	group_scalar_u64(g, &s[0], 5);
	s[1] = s[0];
	assert_int_equal(shamir_lagrange(g, s, zero, 2), ST_LIMIT);
	assert_int_equal(shamir_lagrange(g, s, twice, 2), ST_DUPLICATE);
	assert_int_equal(shamir_lagrange(g, s, back, 2), ST_ORDER);
	assert_int_equal(shamir_recover(g, &out, twice, s, 2), ST_DUPLICATE);
	assert_true(group_scalar_is_zero(g, &out));
	assert_int_equal(shamir_recover(g, &out, zero, s, 2), ST_LIMIT);
	assert_int_equal(shamir_combine_var(g, &e, twice, parts, 2), ST_DUPLICATE);
	assert_true(group_is_identity(g, &e));
	assert_int_equal(shamir_combine_var(g, &e, zero, parts, 2), ST_LIMIT);
	assert_int_equal(shamir_combine_var(g, &e, back, parts, 2), ST_ORDER);
}

/* 11 is 0 and 12 is 1 modulo the tiny order: an index may not vanish nor meet another. */
static void indices_that_the_order_confuses_are_refused(void **state)
{
	const struct group *g = group_tiny();
	const uint8_t eleven[1] = { 11 }, one_twelve[2] = { 1, 12 }, twelve[1] = { 12 };

	(void)state;
	assert_int_equal(shamir_indices_check(g, 13, eleven, 1), ST_LIMIT);
	assert_int_equal(shamir_indices_check(g, 13, one_twelve, 2), ST_LIMIT);
	assert_int_equal(shamir_indices_check(g, 13, twelve, 1), ST_OK);
	assert_int_equal(shamir_indices_check(group_ristretto255(), 13, one_twelve, 2), ST_OK);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_are_those_of_rfc9591),
		cmocka_unit_test(any_two_shares_of_rfc9591_restore_its_secret),
		cmocka_unit_test(the_key_of_rfc9591_is_restored_in_the_exponent),
		cmocka_unit_test(every_tiny_polynomial_has_its_values),
		cmocka_unit_test(every_tiny_secret_is_restored_by_every_set),
		cmocka_unit_test(fewer_than_t_shares_say_nothing),
		cmocka_unit_test(any_t_of_n_restore_and_t_minus_1_do_not),
		cmocka_unit_test(the_exponent_follows_the_scalars),
		cmocka_unit_test(a_set_that_is_none_is_refused),
		cmocka_unit_test(every_function_refuses_such_a_set),
		cmocka_unit_test(indices_that_the_order_confuses_are_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
