/* test_group_modp.c: the modp groups are those of the Belenios 2.0 specification, and decode only
 * their members. */
#include "crypto/group.h"
#include "crypto/group_impl.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/vectors/belenios_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void parameters_are_those_of_the_specification_and_make_a_group(void **state)
{
	(void)state;
	assert_true(group_modp_self_check(group_belenios2048(), belenios2048_p, belenios2048_q,
	                                  belenios2048_g));
	assert_true(group_modp_self_check(group_rfc3526_2048(), rfc3526_2048_p, rfc3526_2048_q,
	                                  rfc3526_2048_g));
	assert_true(group_modp_self_check(group_tiny(), "23", "11", "2"));
}

static void the_self_check_can_fail(void **state)
{
	const struct group *g = group_tiny();
	const struct group *big = group_belenios2048();

	(void)state;
	assert_false(group_modp_self_check(g, "23", "11", "3"));
	assert_false(group_modp_self_check(g, "47", "11", "2"));
	assert_false(group_modp_self_check(g, "23", "7", "2"));
	assert_false(group_modp_self_check(g, "23", "11", "x"));
	assert_false(group_modp_self_check(big, belenios2048_p, belenios2048_q, "2"));
	assert_false(group_modp_self_check(big, rfc3526_2048_p, belenios2048_q, belenios2048_g));
	assert_false(group_modp_self_check(big, belenios2048_p, rfc3526_2048_q, belenios2048_g));
}

/* The decimal number as 256 big-endian bytes, plus a small difference. */
static void from_decimal(uint8_t out[static 256], const char *digits, int difference)
{
	memset(out, 0, 256);
	for (const char *d = digits; *d != '\0'; d++) {
		unsigned int carry = (unsigned int)(*d - '0');

		for (size_t i = 256; i-- > 0;) {
			carry += 10u * out[i];
			out[i] = (uint8_t)carry;
			carry >>= 8;
		}
		assert_int_equal(carry, 0);
	}
	for (size_t i = 256; i-- > 0;) {
		difference += out[i];
		out[i] = (uint8_t)(difference & 0xff);
		difference = difference < 0 ? -1 : difference / 256;
	}
	assert_int_equal(difference, 0);
}

static void assert_refused(const struct group *g, const uint8_t *bytes)
{
	struct element e;

	group_generator(g, &e);
	assert_int_equal(group_decode_var(g, &e, bytes), ST_ELEMENT);
	assert_true(group_is_identity(g, &e));
}

static void assert_taken(const struct group *g, const uint8_t *bytes)
{
	struct element e;
	uint8_t again[256];

	assert_int_equal(group_decode_var(g, &e, bytes), ST_OK);
	group_encode(g, again, &e);
	assert_memory_equal(again, bytes, 256);
}

static void check_decoding(const struct group *g, const char *p, const char *base)
{
	uint8_t bytes[256];
	struct element e;
	uint8_t have[256];

	memset(bytes, 0, sizeof(bytes));
	assert_refused(g, bytes);
	memset(bytes, 0xff, sizeof(bytes));
	assert_refused(g, bytes);
	from_decimal(bytes, p, 0);
	assert_refused(g, bytes);
	from_decimal(bytes, p, 1);      /* the identity, not reduced */
	assert_refused(g, bytes);
	from_decimal(bytes, p, -1);     /* -1 is of order 2 */
	assert_refused(g, bytes);
	from_decimal(bytes, "1", 0);
	assert_taken(g, bytes);
	from_decimal(bytes, base, 0);
	assert_taken(g, bytes);
	group_generator(g, &e);
	group_encode(g, have, &e);
	assert_memory_equal(have, bytes, 256);
}

static void only_canonical_members_decode(void **state)
{
	(void)state;
	check_decoding(group_belenios2048(), belenios2048_p, belenios2048_g);
	check_decoding(group_rfc3526_2048(), rfc3526_2048_p, rfc3526_2048_g);
}

/* In the safe-prime group exactly one of x and -x is a member, so is one in belenios-2048 at most;
 * a member times one that is none is none. */
static void the_negative_of_a_member_is_refused(void **state)
{
	const struct group *const groups[] = {group_belenios2048(), group_rfc3526_2048()};
	const char *const moduli[] = {belenios2048_p, rfc3526_2048_p};

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		const struct group *g = groups[n];
		uint8_t x[256];
		uint8_t p[256];
		struct element e;
		struct scalar k;
		int borrow = 0;

		rng_scalar(g, &k);
		group_mul_base(g, &e, &k);
		group_encode(g, x, &e);
		assert_taken(g, x);
		from_decimal(p, moduli[n], 0);
		for (size_t i = 256; i-- > 0;) {
			int d = p[i] - x[i] - borrow;

			borrow = d < 0;
			x[i] = (uint8_t)(d & 0xff);
		}
		assert_int_equal(borrow, 0);
		assert_refused(g, x);
	}
}

/* 2 generates the squares of RFC 3526's field; in belenios-2048 no small number is a member. */
static void small_numbers_are_members_only_where_they_are_powers(void **state)
{
	uint8_t bytes[256];

	(void)state;
	for (int i = 2; i < 16; i++) {
		from_decimal(bytes, "0", i);
		assert_refused(group_belenios2048(), bytes);
	}
	from_decimal(bytes, "2", 0);
	assert_taken(group_rfc3526_2048(), bytes);
	from_decimal(bytes, "4", 0);
	assert_taken(group_rfc3526_2048(), bytes);
	from_decimal(bytes, "8", 0);
	assert_taken(group_rfc3526_2048(), bytes);
}

static void scalars_at_and_beyond_the_order_are_refused(void **state)
{
	uint8_t bytes[256];
	uint8_t again[256];
	struct scalar k;

	(void)state;
	from_decimal(bytes, belenios2048_q, 0);
	assert_int_equal(group_scalar_decode(group_belenios2048(), &k, bytes + 224), ST_SCALAR);
	assert_true(group_scalar_is_zero(group_belenios2048(), &k));
	from_decimal(bytes, belenios2048_q, -1);
	assert_int_equal(group_scalar_decode(group_belenios2048(), &k, bytes + 224), ST_OK);
	group_scalar_encode(group_belenios2048(), again, &k);
	assert_memory_equal(again, bytes + 224, 32);

	from_decimal(bytes, rfc3526_2048_q, 0);
	assert_int_equal(group_scalar_decode(group_rfc3526_2048(), &k, bytes), ST_SCALAR);
	from_decimal(bytes, rfc3526_2048_q, -1);
	assert_int_equal(group_scalar_decode(group_rfc3526_2048(), &k, bytes), ST_OK);
	group_scalar_encode(group_rfc3526_2048(), again, &k);
	assert_memory_equal(again, bytes, 256);
}

static void names_lead_to_suites_and_never_to_the_tiny_group(void **state)
{
	(void)state;
	assert_ptr_equal(group_by_name("ristretto255"), group_ristretto255());
	assert_ptr_equal(group_by_name("belenios-2048"), group_belenios2048());
	assert_ptr_equal(group_by_name("rfc3526-2048"), group_rfc3526_2048());
	assert_null(group_by_name(group_name(group_tiny())));
	assert_null(group_by_name("BELENIOS-2048"));
	assert_null(group_by_name("ristretto2555"));
	assert_null(group_by_name(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_those_of_the_specification_and_make_a_group),
		cmocka_unit_test(the_self_check_can_fail),
		cmocka_unit_test(only_canonical_members_decode),
		cmocka_unit_test(the_negative_of_a_member_is_refused),
		cmocka_unit_test(small_numbers_are_members_only_where_they_are_powers),
		cmocka_unit_test(scalars_at_and_beyond_the_order_are_refused),
		cmocka_unit_test(names_lead_to_suites_and_never_to_the_tiny_group),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
