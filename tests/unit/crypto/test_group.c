/* test_group.c: the laws that every group keeps, and arguments that alias. */
#include "crypto/group.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { GROUPS = 4 };

static const struct group *group_at(size_t i)
{
	const struct group *const all[GROUPS] = {group_ristretto255(), group_belenios2048(),
	                                         group_rfc3526_2048(), group_tiny()};

	return all[i];
}

static struct prng prng;

static void random_scalar(const struct group *g, struct scalar *k)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];

	prng_bytes(&prng, wide, group_wide_len(g));
	group_scalar_wide(g, k, wide);
}

static void random_element(const struct group *g, struct element *e)
{
	struct scalar k;

	random_scalar(g, &k);
	group_mul_base(g, e, &k);
}

static void minus_one(const struct group *g, struct scalar *k)
{
	group_scalar_u64(g, k, 1);
	group_scalar_neg(g, k, k);
}

static void assert_same(const struct group *g, const struct element *a, const struct element *b)
{
	uint8_t x[GROUP_ELEMENT_BYTES_MAX];
	uint8_t y[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, x, a);
	group_encode(g, y, b);
	assert_memory_equal(x, y, group_element_len(g));
	assert_true(group_is_equal(g, a, b));
}

static void assert_same_scalar(const struct group *g, const struct scalar *a,
                               const struct scalar *b)
{
	uint8_t x[GROUP_SCALAR_BYTES_MAX];
	uint8_t y[GROUP_SCALAR_BYTES_MAX];

	group_scalar_encode(g, x, a);
	group_scalar_encode(g, y, b);
	assert_memory_equal(x, y, group_scalar_len(g));
	assert_true(group_scalar_is_equal(g, a, b));
}

static void addition_is_a_commutative_group(const struct group *g)
{
	struct element a, b, c, x, y;

	random_element(g, &a);
	random_element(g, &b);
	random_element(g, &c);
	group_add(g, &x, &a, &b);
	group_add(g, &y, &b, &a);
	assert_same(g, &x, &y);
	group_add(g, &x, &x, &c);
	group_add(g, &y, &b, &c);
	group_add(g, &y, &a, &y);
	assert_same(g, &x, &y);
	group_identity(g, &x);
	group_add(g, &x, &x, &a);
	assert_same(g, &x, &a);
	group_sub(g, &x, &a, &a);
	assert_true(group_is_identity(g, &x));
	group_neg(g, &x, &a);
	group_add(g, &x, &x, &a);
	assert_true(group_is_identity(g, &x));
	group_sub(g, &x, &a, &b);
	group_add(g, &x, &x, &b);
	assert_same(g, &x, &a);
	group_identity(g, &x);
	group_neg(g, &y, &x);
	assert_true(group_is_identity(g, &y));
}

static void every_group_is_commutative(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++)
		for (int round = 0; round < 3; round++)
			addition_is_a_commutative_group(group_at(i));
}

static void check_field(const struct group *g)
{
	struct scalar a, b, c, x, y, one;

	random_scalar(g, &a);
	random_scalar(g, &b);
	random_scalar(g, &c);
	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, &x, &a, &b);
	group_scalar_mul(g, &x, &x, &c);
	group_scalar_mul(g, &y, &b, &c);
	group_scalar_mul(g, &a, &a, &c);
	group_scalar_add(g, &y, &a, &y);
	assert_same_scalar(g, &x, &y);
	group_scalar_sub(g, &x, &a, &b);
	group_scalar_add(g, &x, &x, &b);
	assert_same_scalar(g, &x, &a);
	group_scalar_neg(g, &x, &a);
	group_scalar_add(g, &x, &x, &a);
	assert_true(group_scalar_is_zero(g, &x));
	rng_scalar(g, &a);
	assert_false(group_scalar_is_zero(g, &a));
	group_scalar_inv(g, &x, &a);
	group_scalar_mul(g, &x, &x, &a);
	assert_same_scalar(g, &x, &one);
	minus_one(g, &a);
	group_scalar_inv(g, &x, &a);
	assert_same_scalar(g, &x, &a);
	group_scalar_mul(g, &x, &a, &a);
	assert_same_scalar(g, &x, &one);
	group_scalar_add(g, &x, &a, &one);
	assert_true(group_scalar_is_zero(g, &x));
	group_scalar_zero(g, &x);
	group_scalar_inv(g, &y, &x);
	assert_true(group_scalar_is_zero(g, &y));
	group_scalar_neg(g, &y, &x);
	assert_true(group_scalar_is_zero(g, &y));
}

static void scalars_are_a_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++)
		for (int round = 0; round < 3; round++)
			check_field(group_at(i));
}

/* All the ways to a multiple agree. */
static void check_multiple(const struct group *g, const struct element *a,
                           const struct group_table *t, const struct scalar *k,
                           const struct element *want)
{
	struct element x, base;
	struct scalar zero;

	group_mul(g, &x, a, k);
	assert_same(g, &x, want);
	group_mul_var(g, &x, a, k);
	assert_same(g, &x, want);
	group_table_mul(g, &x, t, k);
	assert_same(g, &x, want);
	group_scalar_zero(g, &zero);
	group_mul_base_add_var(g, &x, &zero, a, k);
	assert_same(g, &x, want);
	group_generator(g, &base);
	group_mul_base(g, &base, k);
	group_mul_base_add_var(g, &x, k, a, k);
	group_sub(g, &x, &x, &base);
	assert_same(g, &x, want);
}

static void check_edges(const struct group *g, const struct element *a)
{
	static struct group_table t;
	struct element want, half;
	struct scalar k, two;

	group_table_init(g, &t, a);
	group_scalar_zero(g, &k);
	group_identity(g, &want);
	check_multiple(g, a, &t, &k, &want);
	group_scalar_u64(g, &k, 1);
	check_multiple(g, a, &t, &k, a);
	minus_one(g, &k);
	group_neg(g, &want, a);
	check_multiple(g, a, &t, &k, &want);
	group_scalar_u64(g, &two, 2);
	group_scalar_sub(g, &k, &k, &two);   /* q - 3 */
	group_add(g, &half, a, a);
	group_sub(g, &want, &want, &half);
	check_multiple(g, a, &t, &k, &want);
	group_scalar_inv(g, &k, &two);       /* (q + 1) / 2 */
	group_mul(g, &half, a, &k);
	group_add(g, &want, &half, &half);
	assert_same(g, &want, a);
	check_multiple(g, a, &t, &k, &half);
}

static void edge_scalars_multiply_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		const struct group *g = group_at(i);
		struct element a;

		random_element(g, &a);
		check_edges(g, &a);
		group_generator(g, &a);
		check_edges(g, &a);
		group_identity(g, &a);
		check_edges(g, &a);
	}
}

/* libdecaf's own function forgets the first multiple when the second is by 0. */
static void a_zero_multiple_adds_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		const struct group *g = group_at(i);
		struct element a, x, want;
		struct scalar zero, k;

		random_element(g, &a);
		random_scalar(g, &k);
		group_scalar_zero(g, &zero);
		group_mul_base(g, &want, &k);
		group_mul_base_add_var(g, &x, &k, &a, &zero);
		assert_same(g, &x, &want);
		group_mul(g, &want, &a, &k);
		group_mul_base_add_var(g, &x, &zero, &a, &k);
		assert_same(g, &x, &want);
		group_mul_base_add_var(g, &x, &zero, &a, &zero);
		assert_true(group_is_identity(g, &x));
	}
}

static void multiplication_distributes(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		const struct group *g = group_at(i);
		static struct group_table t;
		struct element a, x, y;
		struct scalar j, k, s;

		random_element(g, &a);
		random_scalar(g, &j);
		random_scalar(g, &k);
		group_scalar_add(g, &s, &j, &k);
		group_mul(g, &x, &a, &j);
		group_mul(g, &y, &a, &k);
		group_add(g, &x, &x, &y);
		group_table_init(g, &t, &a);
		check_multiple(g, &a, &t, &s, &x);
		group_scalar_mul(g, &s, &j, &k);
		group_mul(g, &x, &y, &j);
		check_multiple(g, &a, &t, &s, &x);
	}
}

static void encodings_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		const struct group *g = group_at(i);
		uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];
		struct element a, x;
		struct scalar k, l;

		for (int round = 0; round < 8; round++) {
			if (round == 0)
				group_identity(g, &a);
			else
				random_element(g, &a);
			group_encode(g, bytes, &a);
			assert_int_equal(group_decode_var(g, &x, bytes), ST_OK);
			assert_same(g, &x, &a);
			random_scalar(g, &k);
			group_scalar_encode(g, bytes, &k);
			assert_int_equal(group_scalar_decode(g, &l, bytes), ST_OK);
			assert_same_scalar(g, &k, &l);
		}
	}
}

/* In ristretto255 a scalar has 32 little-endian bytes, elsewhere they are big-endian. */
static void scalars_have_the_byte_order_of_their_group(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		const struct group *g = group_at(i);
		size_t len = group_scalar_len(g);
		uint8_t bytes[GROUP_SCALAR_BYTES_MAX];
		struct scalar k;

		group_scalar_u64(g, &k, 7);
		group_scalar_encode(g, bytes, &k);
		assert_int_equal(bytes[group_is_ristretto(g) ? 0 : len - 1], 7);
		bytes[group_is_ristretto(g) ? 0 : len - 1] = 0;
		assert_true(mem_is_zero(bytes, len));
	}
}

/* RFC 9496 §4.4: the order is 2^252 + 27742317777372353535851937790883648493. */
static void only_reduced_ristretto_scalars_decode(void **state)
{
	static const uint8_t order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
		0xde, 0x14, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
		0,    0,    0,    0x10};
	const struct group *g = group_ristretto255();
	uint8_t bytes[32];
	struct scalar k, want;

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(group_scalar_decode(g, &k, bytes), ST_SCALAR);
	assert_true(group_scalar_is_zero(g, &k));
	for (unsigned int d = 0; d < 2; d++) {
		memcpy(bytes, order, sizeof(bytes));
		bytes[0] = (uint8_t)(bytes[0] + d);
		assert_int_equal(group_scalar_decode(g, &k, bytes), ST_SCALAR);
		assert_true(group_scalar_is_zero(g, &k));
	}
	memcpy(bytes, order, sizeof(bytes));
	bytes[31] |= 0x80;
	assert_int_equal(group_scalar_decode(g, &k, bytes), ST_SCALAR);
	memcpy(bytes, order, sizeof(bytes));
	bytes[0]--;
	assert_int_equal(group_scalar_decode(g, &k, bytes), ST_OK);
	minus_one(g, &want);
	assert_same_scalar(g, &k, &want);
}

static void check_aliased_elements(const struct group *g)
{
	static struct group_table t;
	struct element a, b, want, x;
	struct scalar k, j;

	random_element(g, &a);
	random_element(g, &b);
	random_scalar(g, &k);
	random_scalar(g, &j);
	group_add(g, &want, &a, &b);
	x = a;
	group_add(g, &x, &x, &b);
	assert_same(g, &x, &want);
	x = b;
	group_add(g, &x, &a, &x);
	assert_same(g, &x, &want);
	group_add(g, &want, &a, &a);
	x = a;
	group_add(g, &x, &x, &x);
	assert_same(g, &x, &want);
	group_sub(g, &want, &a, &b);
	x = a;
	group_sub(g, &x, &x, &b);
	assert_same(g, &x, &want);
	x = b;
	group_sub(g, &x, &a, &x);
	assert_same(g, &x, &want);
	group_sub(g, &x, &x, &x);
	assert_true(group_is_identity(g, &x));
	group_neg(g, &want, &a);
	x = a;
	group_neg(g, &x, &x);
	assert_same(g, &x, &want);
	x = a;
	group_select(g, &x, &x, &b, 1);
	assert_same(g, &x, &b);
	x = b;
	group_select(g, &x, &a, &x, 0);
	assert_same(g, &x, &a);
	group_mul(g, &want, &a, &k);
	x = a;
	group_mul(g, &x, &x, &k);
	assert_same(g, &x, &want);
	x = a;
	group_mul_var(g, &x, &x, &k);
	assert_same(g, &x, &want);
	group_mul_base_add_var(g, &want, &j, &a, &k);
	x = a;
	group_mul_base_add_var(g, &x, &j, &x, &k);
	assert_same(g, &x, &want);
	x = a;
	group_table_init(g, &t, &x);
	group_mul(g, &want, &a, &k);
	group_table_mul(g, &x, &t, &k);
	assert_same(g, &x, &want);
}

static void check_aliased_scalars(const struct group *g)
{
	struct scalar a, b, want, x;

	rng_scalar(g, &a);
	random_scalar(g, &b);
	group_scalar_add(g, &want, &a, &b);
	x = a;
	group_scalar_add(g, &x, &x, &b);
	assert_same_scalar(g, &x, &want);
	x = b;
	group_scalar_add(g, &x, &a, &x);
	assert_same_scalar(g, &x, &want);
	group_scalar_sub(g, &want, &a, &b);
	x = a;
	group_scalar_sub(g, &x, &x, &b);
	assert_same_scalar(g, &x, &want);
	x = b;
	group_scalar_sub(g, &x, &a, &x);
	assert_same_scalar(g, &x, &want);
	group_scalar_mul(g, &want, &a, &a);
	x = a;
	group_scalar_mul(g, &x, &x, &x);
	assert_same_scalar(g, &x, &want);
	group_scalar_neg(g, &want, &a);
	x = a;
	group_scalar_neg(g, &x, &x);
	assert_same_scalar(g, &x, &want);
	group_scalar_inv(g, &want, &a);
	x = a;
	group_scalar_inv(g, &x, &x);
	assert_same_scalar(g, &x, &want);
	x = a;
	group_scalar_select(g, &x, &x, &b, 1);
	assert_same_scalar(g, &x, &b);
	x = b;
	group_scalar_select(g, &x, &a, &x, 0);
	assert_same_scalar(g, &x, &a);
}

static void arguments_may_alias(void **state)
{
	(void)state;
	for (size_t i = 0; i < GROUPS; i++) {
		check_aliased_elements(group_at(i));
		check_aliased_scalars(group_at(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_group_is_commutative),
		cmocka_unit_test(scalars_are_a_field),
		cmocka_unit_test(edge_scalars_multiply_as_they_should),
		cmocka_unit_test(a_zero_multiple_adds_nothing),
		cmocka_unit_test(multiplication_distributes),
		cmocka_unit_test(encodings_come_back),
		cmocka_unit_test(scalars_have_the_byte_order_of_their_group),
		cmocka_unit_test(only_reduced_ristretto_scalars_decode),
		cmocka_unit_test(arguments_may_alias),
	};

	if (crypto_init() != ST_OK)
		return 1;
	prng_seed(&prng, "test_group");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
