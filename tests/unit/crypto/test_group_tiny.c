/* test_group_tiny.c: the group of order 11 modulo 23, exhaustively, against plain integers. */
#include "crypto/group.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { P = 23, Q = 11, G = 2 };

static unsigned int power(unsigned int base, unsigned int k)
{
	unsigned int r = 1;

	for (unsigned int i = 0; i < k; i++)
		r = r * base % P;
	return r;
}

static bool is_member(unsigned int x)
{
	return x >= 1 && x < P && power(x, Q) == 1;
}

static unsigned int value(const struct element *e)
{
	uint8_t byte;

	group_encode(group_tiny(), &byte, e);
	return byte;
}

static unsigned int scalar_value(const struct scalar *k)
{
	uint8_t byte;

	group_scalar_encode(group_tiny(), &byte, k);
	return byte;
}

/* The member x, which must be one. */
static void set(struct element *e, unsigned int x)
{
	uint8_t byte = (uint8_t)x;

	assert_int_equal(group_decode_var(group_tiny(), e, &byte), ST_OK);
}

static void set_scalar(struct scalar *k, unsigned int v)
{
	uint8_t byte = (uint8_t)v;

	assert_int_equal(group_scalar_decode(group_tiny(), k, &byte), ST_OK);
}

static void exactly_the_squares_decode(void **state)
{
	unsigned int members = 0;

	(void)state;
	for (unsigned int x = 0; x < 256; x++) {
		struct element e;
		uint8_t byte = (uint8_t)x;
		enum status st = group_decode_var(group_tiny(), &e, &byte);

		assert_int_equal(st, is_member(x) ? ST_OK : ST_ELEMENT);
		assert_int_equal(value(&e), st == ST_OK ? x : 1);
		assert_int_equal(group_is_identity(group_tiny(), &e), st != ST_OK || x == 1);
		members += st == ST_OK;
	}
	assert_int_equal(members, Q);
}

static void exactly_the_numbers_below_q_decode_as_scalars(void **state)
{
	(void)state;
	for (unsigned int x = 0; x < 256; x++) {
		struct scalar k;
		uint8_t byte = (uint8_t)x;
		enum status st = group_scalar_decode(group_tiny(), &k, &byte);

		assert_int_equal(st, x < Q ? ST_OK : ST_SCALAR);
		assert_int_equal(scalar_value(&k), x < Q ? x : 0);
		assert_int_equal(group_scalar_is_zero(group_tiny(), &k), x == 0 || x >= Q);
		group_scalar_u64(group_tiny(), &k, x);
		assert_int_equal(scalar_value(&k), x % Q);
	}
}

static void every_pair_of_elements_follows_the_integers(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (unsigned int x = 1; x < P; x++)
		for (unsigned int y = 1; is_member(x) && y < P; y++) {
			struct element a;
			struct element b;
			struct element c;

			if (!is_member(y))
				continue;
			set(&a, x);
			set(&b, y);
			group_add(g, &c, &a, &b);
			assert_int_equal(value(&c), x * y % P);
			group_sub(g, &c, &a, &b);
			assert_int_equal(value(&c) * y % P, x);
			group_neg(g, &c, &b);
			assert_int_equal(value(&c) * y % P, 1);
			assert_int_equal(group_is_equal(g, &a, &b), x == y);
			group_select(g, &c, &a, &b, 0);
			assert_int_equal(value(&c), x);
			group_select(g, &c, &a, &b, 1);
			assert_int_equal(value(&c), y);
			group_select(g, &c, &a, &b, 0x80000000u);
			assert_int_equal(value(&c), y);
		}
}

static void every_pair_of_scalars_follows_the_integers(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (unsigned int x = 0; x < Q; x++)
		for (unsigned int y = 0; y < Q; y++) {
			struct scalar a;
			struct scalar b;
			struct scalar c;

			set_scalar(&a, x);
			set_scalar(&b, y);
			group_scalar_add(g, &c, &a, &b);
			assert_int_equal(scalar_value(&c), (x + y) % Q);
			group_scalar_sub(g, &c, &a, &b);
			assert_int_equal(scalar_value(&c), (x + Q - y) % Q);
			group_scalar_mul(g, &c, &a, &b);
			assert_int_equal(scalar_value(&c), x * y % Q);
			group_scalar_neg(g, &c, &a);
			assert_int_equal(scalar_value(&c), (Q - x) % Q);
			group_scalar_inv(g, &c, &a);
			assert_int_equal(scalar_value(&c) * x % Q, x == 0 ? 0 : 1);
			assert_int_equal(group_scalar_is_equal(g, &a, &b), x == y);
			group_scalar_select(g, &c, &a, &b, 0);
			assert_int_equal(scalar_value(&c), x);
			group_scalar_select(g, &c, &a, &b, 1);
			assert_int_equal(scalar_value(&c), y);
			group_scalar_select(g, &c, &a, &b, 0x80000000u);
			assert_int_equal(scalar_value(&c), y);
		}
}

static void every_multiple_follows_the_integers(void **state)
{
	const struct group *g = group_tiny();
	static struct group_table t;

	(void)state;
	for (unsigned int x = 1; x < P; x++) {
		struct element a;

		if (!is_member(x))
			continue;
		set(&a, x);
		group_table_init(g, &t, &a);
		for (unsigned int k = 0; k < Q; k++) {
			struct element c;
			struct scalar s;

			set_scalar(&s, k);
			group_mul(g, &c, &a, &s);
			assert_int_equal(value(&c), power(x, k));
			group_mul_var(g, &c, &a, &s);
			assert_int_equal(value(&c), power(x, k));
			group_table_mul(g, &c, &t, &s);
			assert_int_equal(value(&c), power(x, k));
			group_mul_base(g, &c, &s);
			assert_int_equal(value(&c), power(G, k));
			for (unsigned int j = 0; j < Q; j++) {
				struct scalar r;

				set_scalar(&r, j);
				group_mul_base_add_var(g, &c, &r, &a, &s);
				assert_int_equal(value(&c), power(G, j) * power(x, k) % P);
			}
		}
	}
}

static void wide_reduction_follows_the_integers(void **state)
{
	const struct group *g = group_tiny();
	uint8_t wide[17];
	struct scalar k;

	(void)state;
	assert_int_equal(group_wide_len(g), sizeof(wide));
	for (size_t at = 0; at < sizeof(wide); at++)
		for (unsigned int x = 0; x < 256; x++) {
			unsigned int want = 0;

			memset(wide, 0x5a, sizeof(wide));
			wide[at] = (uint8_t)x;
			for (size_t i = 0; i < sizeof(wide); i++)
				want = (want * 256 + wide[i]) % Q;
			group_scalar_wide(g, &k, wide);
			assert_int_equal(scalar_value(&k), want);
		}
}

static void nothing_is_derived_outside_ristretto(void **state)
{
	uint8_t uniform[64] = {1};
	struct element e;

	(void)state;
	assert_int_equal(group_derive(group_tiny(), &e, uniform), ST_INTERNAL);
	assert_true(group_is_identity(group_tiny(), &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_squares_decode),
		cmocka_unit_test(exactly_the_numbers_below_q_decode_as_scalars),
		cmocka_unit_test(every_pair_of_elements_follows_the_integers),
		cmocka_unit_test(every_pair_of_scalars_follows_the_integers),
		cmocka_unit_test(every_multiple_follows_the_integers),
		cmocka_unit_test(wide_reduction_follows_the_integers),
		cmocka_unit_test(nothing_is_derived_outside_ristretto),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
