/*
 * test_decimal.c: numbers in decimal: one text for each, and nothing but members and scalars
 * (docs/belenios.md).
 */
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/suites.h"
#include "tests/vectors/belenios_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct known {
	const struct group *g;
	const char *p, *q, *generator;
};

enum { KNOWN = 3, RANDOM = 50 };

static struct known known(size_t i)
{
	const struct known all[KNOWN] = {
		{group_belenios2048(), belenios2048_p, belenios2048_q, belenios2048_g},
		{group_rfc3526_2048(), rfc3526_2048_p, rfc3526_2048_q, rfc3526_2048_g},
		{group_tiny(), "23", "11", "2"},
	};

	return all[i];
}

static enum status element_read(const struct group *g, struct element *out, const char *text)
{
	return decimal_element_read_var(g, out, text, strlen(text));
}

static enum status scalar_read(const struct group *g, struct scalar *out, const char *text)
{
	return decimal_scalar_read(g, out, text, strlen(text));
}

/* text, whose last digit is moved down by one (it is not 0 in any modulus here). */
static void less_one(char out[static DECIMAL_TEXT], const char *text)
{
	size_t len = strlen(text);

	assert_true(len > 0 && len < DECIMAL_TEXT && text[len - 1] != '0');
	memcpy(out, text, len + 1);
	out[len - 1]--;
}

static void only_members_are_elements(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct known k = known(i);
		char text[DECIMAL_TEXT];
		struct element e, generator;

		group_generator(k.g, &generator);
		assert_int_equal(element_read(k.g, &e, k.p), ST_ELEMENT);
		assert_int_equal(element_read(k.g, &e, "0"), ST_ELEMENT);
		/* p - 1 has order 2. */
		less_one(text, k.p);
		assert_int_equal(element_read(k.g, &e, text), ST_ELEMENT);
		assert_true(group_is_identity(k.g, &e));
		assert_int_equal(decimal_candidate_read_var(k.g, &e, text, strlen(text)), ST_OK);
		assert_int_equal(decimal_member_check_var(k.g, &e), ST_ELEMENT);
		assert_int_equal(element_read(k.g, &e, "1"), ST_OK);
		assert_true(group_is_identity(k.g, &e));
		assert_int_equal(element_read(k.g, &e, k.generator), ST_OK);
		assert_true(group_is_equal(k.g, &e, &generator));
		assert_int_equal(decimal_element_write_var(k.g, text, &e), strlen(k.generator));
		assert_string_equal(text, k.generator);
	}
}

static void the_order_is_no_scalar_and_what_is_below_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct known k = known(i);
		char text[DECIMAL_TEXT], again[DECIMAL_TEXT];
		struct scalar s, one;

		assert_int_equal(scalar_read(k.g, &s, k.q), ST_SCALAR);
		assert_int_equal(scalar_read(k.g, &s, i == 2 ? "23" : k.p),
		                 i == 0 ? ST_FORMAT : ST_SCALAR);
		assert_true(group_scalar_is_zero(k.g, &s));
		less_one(text, k.q);
		assert_int_equal(scalar_read(k.g, &s, text), ST_OK);
		assert_int_equal(decimal_scalar_write(k.g, again, &s), strlen(text));
		assert_string_equal(again, text);
		group_scalar_u64(k.g, &one, 1);
		group_scalar_add(k.g, &s, &s, &one);
		assert_true(group_scalar_is_zero(k.g, &s));
		assert_int_equal(decimal_scalar_write(k.g, again, &s), 1);
		assert_string_equal(again, "0");
		assert_int_equal(scalar_read(k.g, &s, "0"), ST_OK);
	}
	/* Beyond the limbs of q, in the group where that can be written. */
	{
		struct scalar s;

		assert_int_equal(scalar_read(group_tiny(), &s, "18446744073709551616"), ST_SCALAR);
		assert_int_equal(scalar_read(group_tiny(), &s, "256"), ST_SCALAR);
		assert_int_equal(scalar_read(group_tiny(), &s, "16"), ST_SCALAR);
		assert_int_equal(scalar_read(group_tiny(), &s, "10"), ST_OK);
	}
}

static void a_second_way_to_write_a_number_is_refused(void **state)
{
	static const char *const BAD[] = {"", "02", "00", "+2", "-2", " 2", "2 ", "2x", "0x2", "2.",
	                                  "\xd9\xa2", "2\n", "1e1", "/", ":"};

	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		const struct group *g = known(i).g;
		char zeros[DECIMAL_TEXT + 2], nines[DECIMAL_TEXT + 2];
		struct element e;
		struct scalar s;

		for (size_t n = 0; n < sizeof(BAD) / sizeof(BAD[0]); n++) {
			assert_int_equal(element_read(g, &e, BAD[n]), ST_FORMAT);
			assert_int_equal(scalar_read(g, &s, BAD[n]), ST_FORMAT);
		}
		memset(zeros, '0', sizeof(zeros));
		memset(nines, '9', sizeof(nines));
		for (size_t len = 2; len <= sizeof(nines); len++) {
			assert_int_equal(decimal_scalar_read(g, &s, zeros, len), ST_FORMAT);
			if (len < strlen(known(i).p))
				continue;
			assert_int_not_equal(decimal_scalar_read(g, &s, nines, len), ST_OK);
			assert_int_not_equal(decimal_element_read_var(g, &e, nines, len), ST_OK);
		}
		/* A length counts, not a NUL. */
		assert_int_equal(decimal_scalar_read(g, &s, "2", 2), ST_FORMAT);
	}
}

static void what_is_written_is_read_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		const struct group *g = known(i).g;

		for (int n = 0; n < RANDOM; n++) {
			char text[DECIMAL_TEXT];
			struct element e, e2;
			struct scalar s, s2;

			rng_scalar(g, &s);
			if (n > RANDOM / 2)   /* shorter ones, too */
				group_scalar_u64(g, &s, (uint64_t)n << n);
			assert_int_equal(decimal_scalar_read(g, &s2, text,
			                                     decimal_scalar_write(g, text, &s)),
			                 ST_OK);
			assert_true(group_scalar_is_equal(g, &s, &s2));
			group_mul_base(g, &e, &s);
			assert_int_equal(decimal_element_read_var(g, &e2, text,
			                                          decimal_element_write_var(g, text,
			                                                                    &e)),
			                 ST_OK);
			assert_true(group_is_equal(g, &e, &e2));
		}
	}
}

static void every_number_of_a_tiny_group_is_told_from_the_others(void **state)
{
	const struct group *g = group_tiny();
	unsigned int members = 0;

	(void)state;
	for (unsigned int n = 0; n < 300; n++) {
		char text[DECIMAL_TEXT], again[DECIMAL_TEXT];
		struct element e;
		struct scalar s;

		(void)snprintf(text, sizeof(text), "%u", n);
		if (scalar_read(g, &s, text) == ST_OK) {
			assert_true(n < SUITES_TINY_ORDER);
			assert_int_equal(decimal_scalar_write(g, again, &s), strlen(text));
			assert_string_equal(again, text);
		} else {
			assert_true(n >= SUITES_TINY_ORDER);
		}
		if (element_read(g, &e, text) != ST_OK)
			continue;
		members++;
		assert_true(n > 0 && n < 23);
		assert_int_equal(decimal_element_write_var(g, again, &e), strlen(text));
		assert_string_equal(again, text);
	}
	assert_int_equal(members, SUITES_TINY_ORDER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_members_are_elements),
		cmocka_unit_test(the_order_is_no_scalar_and_what_is_below_is),
		cmocka_unit_test(a_second_way_to_write_a_number_is_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(every_number_of_a_tiny_group_is_told_from_the_others),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
