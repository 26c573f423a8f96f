/* test_base32.c: Crockford's base32: one code, one text, and what people misread. */
#include "common/base/base32.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum status decode(void *out, size_t out_len, const char *text)
{
	return base32_decode(out, out_len, text, strlen(text));
}

/* RFC 4648 §10, its alphabet exchanged for Crockford's symbol by symbol, padding left out. */
static void the_figures_of_rfc_4648_hold(void **state)
{
	static const struct {
		const char *plain, *text;
	} vector[] = {
		{ "", "" }, { "f", "CR" }, { "fo", "CSQG" }, { "foo", "CSQPY" }, { "foob", "CSQPYRG" },
		{ "fooba", "CSQPYRK1" }, { "foobar", "CSQPYRK1E8" },
	};
	char text[16];
	uint8_t back[8];

	(void)state;
	for (size_t i = 0; i < sizeof(vector) / sizeof(vector[0]); i++) {
		size_t len = strlen(vector[i].plain);

		assert_int_equal(base32_len(len), strlen(vector[i].text));
		base32_encode(text, 0, vector[i].plain, len);
		assert_string_equal(text, vector[i].text);
		assert_int_equal(decode(back, len, vector[i].text), ST_OK);
		assert_memory_equal(back, vector[i].plain, len);
	}
}

static void each_value_has_its_symbol(void **state)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	(void)state;
	for (uint8_t v = 0; v < 32; v++) {
		assert_int_equal(base32_symbol(v), alphabet[v]);
		assert_int_equal(base32_value(alphabet[v]), v);
	}
}

static void every_other_character_is_no_symbol(void **state)
{
	static const char known[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz";
	static const char alike[] = "OoIiLl";

	(void)state;
	for (int c = 0; c < 256; c++) {
		if (c != 0 && (strchr(known, c) != NULL || strchr(alike, c) != NULL))
			continue;
		assert_int_equal(base32_value((char)c), BASE32_NONE);
	}
}

static void look_alikes_are_understood(void **state)
{
	(void)state;
	assert_int_equal(base32_value('O'), 0);
	assert_int_equal(base32_value('o'), 0);
	assert_int_equal(base32_value('I'), 1);
	assert_int_equal(base32_value('i'), 1);
	assert_int_equal(base32_value('L'), 1);
	assert_int_equal(base32_value('l'), 1);
	assert_int_equal(base32_value('U'), BASE32_NONE);
	assert_int_equal(base32_value('u'), BASE32_NONE);
}

static void either_case_is_read(void **state)
{
	uint8_t upper[10], lower[10];

	(void)state;
	assert_int_equal(decode(upper, sizeof(upper), "7K3Q-M9WX-2RTA-5HJD"), ST_OK);
	assert_int_equal(decode(lower, sizeof(lower), "7k3qm9wx 2rta5hjd"), ST_OK);
	assert_memory_equal(upper, lower, sizeof(upper));
}

static void a_tracker_comes_in_groups_of_four(void **state)
{
	uint8_t bytes[10];
	char text[20];

	(void)state;
	assert_int_equal(decode(bytes, sizeof(bytes), "7K3Q-M9WX-2RTA-5HJD"), ST_OK);
	assert_int_equal(base32_text_len(sizeof(bytes), 4), 19);
	base32_encode(text, 4, bytes, sizeof(bytes));
	assert_string_equal(text, "7K3Q-M9WX-2RTA-5HJD");
	assert_int_equal(base32_text_len(15, 4), 29);
	assert_int_equal(base32_text_len(0, 4), 0);
}

static void one_symbol_more_or_fewer_is_refused(void **state)
{
	uint8_t bytes[10];

	(void)state;
	assert_int_equal(decode(bytes, sizeof(bytes), "7K3Q-M9WX-2RTA-5HJ"), ST_FORMAT);
	assert_int_equal(decode(bytes, sizeof(bytes), "7K3Q-M9WX-2RTA-5HJD0"), ST_FORMAT);
	assert_int_equal(decode(bytes, sizeof(bytes), ""), ST_FORMAT);
	assert_int_equal(decode(bytes, sizeof(bytes), "7K3Q-M9WX-2RTA-5HJD"), ST_OK);
}

static void bits_beyond_the_last_byte_must_be_zero(void **state)
{
	uint8_t byte;
	int good = 0;

	(void)state;
	for (uint8_t v = 0; v < 32; v++) {
		char text[3] = { 'C', base32_symbol(v), '\0' };
		enum status st = decode(&byte, 1, text);

		assert_int_equal(st, v % 4 == 0 ? ST_OK : ST_FORMAT);
		good += st == ST_OK;
	}
	assert_int_equal(good, 8);
}

static void a_refused_text_leaves_zeros(void **state)
{
	uint8_t bytes[5], zero[5] = { 0 };

	(void)state;
	memset(bytes, 7, sizeof(bytes));
	assert_int_equal(decode(bytes, sizeof(bytes), "CSQPYRKU"), ST_FORMAT);
	assert_memory_equal(bytes, zero, sizeof(bytes));
}

static void bytes_survive_the_way_there_and_back(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "base32");
	for (size_t i = 0; i < 2000; i++) {
		uint8_t in[40], out[40];
		char text[128];
		size_t len = prng_below(&r, sizeof(in) + 1), group = prng_below(&r, 6);

		prng_bytes(&r, in, sizeof(in));
		base32_encode(text, group, in, len);
		assert_int_equal(strlen(text), base32_text_len(len, group));
		assert_int_equal(decode(out, len, text), ST_OK);
		assert_memory_equal(in, out, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_figures_of_rfc_4648_hold),
		cmocka_unit_test(each_value_has_its_symbol),
		cmocka_unit_test(every_other_character_is_no_symbol),
		cmocka_unit_test(look_alikes_are_understood),
		cmocka_unit_test(either_case_is_read),
		cmocka_unit_test(a_tracker_comes_in_groups_of_four),
		cmocka_unit_test(one_symbol_more_or_fewer_is_refused),
		cmocka_unit_test(bits_beyond_the_last_byte_must_be_zero),
		cmocka_unit_test(a_refused_text_leaves_zeros),
		cmocka_unit_test(bytes_survive_the_way_there_and_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
