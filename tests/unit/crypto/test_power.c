/*
 * test_power.c: many multiples of one element are those that group_mul gives; who is no member of
 * the subgroup is told.
 */
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/power.h"
#include "crypto/rng.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	MANY = 11,   /* more than two chains' worth */
	MODP_LEN = 3
};

static const struct group *modp(size_t i)
{
	const struct group *const all[MODP_LEN] = {group_belenios2048(), group_rfc3526_2048(),
	                                           group_tiny()};

	return all[i];
}

/* The scalars at the ends, then random ones. */
static void scalars(const struct group *g, struct scalar *k, size_t len)
{
	struct scalar one;

	group_scalar_u64(g, &one, 1);
	for (size_t i = 0; i < len; i++) {
		if (i < 3)
			group_scalar_u64(g, &k[i], i);
		else if (i == 3)
			group_scalar_neg(g, &k[i], &one);
		else
			rng_scalar(g, &k[i]);
	}
}

static void each_of_many_multiples_is_right(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		const struct group *g = modp(n);
		struct element base, out[MANY], want;
		struct scalar k[MANY], x;

		rng_scalar(g, &x);
		group_mul_base(g, &base, &x);
		scalars(g, k, MANY);
		for (size_t len = 0; len <= MANY; len += len < 6 ? 1 : 5) {
			assert_true(power_many_member_var(g, out, &base, k, len));
			for (size_t i = 0; i < len; i++) {
				group_mul(g, &want, &base, &k[i]);
				assert_true(group_is_equal(g, &out[i], &want));
			}
		}
		group_identity(g, &base);
		power_many_var(g, out, &base, k, MANY);
		for (size_t i = 0; i < MANY; i++)
			assert_true(group_is_identity(g, &out[i]));
	}
}

static void tiny_multiples_are_all_right(void **state)
{
	const struct group *g = group_tiny();
	struct element table[2][512];
	struct element base, generator, out, want, part;

	(void)state;
	assert_true(power_table_len(g) <= 512);
	group_generator(g, &generator);
	for (uint64_t b = 0; b < SUITES_TINY_ORDER; b++) {
		struct scalar x;

		group_scalar_u64(g, &x, b);
		group_mul_base(g, &base, &x);
		power_table_init(g, table[0], &base);
		power_table_init(g, table[1], &generator);
		for (uint64_t j = 0; j < SUITES_TINY_ORDER; j++) {
			struct scalar k[2];

			group_scalar_u64(g, &k[0], j);
			group_scalar_u64(g, &k[1], (j * 7 + b) % SUITES_TINY_ORDER);
			group_mul(g, &want, &base, &k[0]);
			assert_true(power_many_member_var(g, &out, &base, k, 1));
			assert_true(group_is_equal(g, &out, &want));
			power_table_mul_var(g, &out, table[0], &k[0], NULL, NULL);
			assert_true(group_is_equal(g, &out, &want));
			group_mul_base(g, &part, &k[1]);
			group_add(g, &want, &want, &part);
			power_table_mul_var(g, &out, table[0], &k[0], table[1], &k[1]);
			assert_true(group_is_equal(g, &out, &want));
		}
	}
}

static void a_table_gives_what_group_mul_gives(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		const struct group *g = modp(n);
		size_t len = power_table_len(g);
		struct element *table = calloc(2 * len, sizeof(*table));
		struct element a, b, out, want, part;
		struct scalar k[MANY];

		assert_non_null(table);
		scalars(g, k, MANY);
		group_mul_base(g, &a, &k[4]);
		group_mul_base(g, &b, &k[5]);
		power_table_init(g, table, &a);
		power_table_init(g, table + len, &b);
		for (size_t i = 0; i < MANY; i++) {
			group_mul(g, &want, &a, &k[i]);
			power_table_mul_var(g, &out, table, &k[i], NULL, NULL);
			assert_true(group_is_equal(g, &out, &want));
			group_mul(g, &part, &b, &k[MANY - 1 - i]);
			group_add(g, &want, &want, &part);
			power_table_mul_var(g, &out, table, &k[i], table + len, &k[MANY - 1 - i]);
			assert_true(group_is_equal(g, &out, &want));
		}
		free(table);
	}
}

/* p - x for a member x: it has twice the order, so it is no member in any of these groups. */
static void who_is_no_member_is_told(void **state)
{
	/* p - 1 for p = 23, and p - 2; 5 generates all of them */
	static const char *const NO_MEMBERS[] = {"22", "21", "5", "7"};
	const struct group *g = group_tiny();
	struct element e, out[MANY];
	struct scalar k[MANY];

	(void)state;
	scalars(g, k, MANY);
	for (size_t i = 0; i < sizeof(NO_MEMBERS) / sizeof(NO_MEMBERS[0]); i++) {
		const char *text = NO_MEMBERS[i];

		assert_int_equal(decimal_candidate_read_var(g, &e, text, strlen(text)), ST_OK);
		for (size_t len = 0; len <= MANY; len++)
			assert_false(power_many_member_var(g, out, &e, k, len));
	}
	for (uint64_t x = 0; x < SUITES_TINY_ORDER; x++) {
		group_scalar_u64(g, &k[0], x);
		group_mul_base(g, &e, &k[0]);
		assert_true(power_many_member_var(g, out, &e, k, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_many_multiples_is_right),
		cmocka_unit_test(tiny_multiples_are_all_right),
		cmocka_unit_test(a_table_gives_what_group_mul_gives),
		cmocka_unit_test(who_is_no_member_is_told),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
