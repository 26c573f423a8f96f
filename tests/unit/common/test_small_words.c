/* test_small_words.c: hexadecimal, decimal, "did you mean" and the clock. */
#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/nearest.h"
#include "common/base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void hex_writes_lower_case(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x0f, 0xf0, 0xab, 0xff };
	char text[11];

	(void)state;
	hex_encode(text, bytes, sizeof(bytes));
	assert_string_equal(text, "000ff0abff");
	hex_encode(text, bytes, 0);
	assert_string_equal(text, "");
}

static void hex_is_read_in_one_spelling_only(void **state)
{
	static const char *const wrong[] = {
		"", "0", "00", "0001020", "000102030", "0001020304", "000102AB", "000102 3", "0001020g",
		"0x010203", "00-10203",
	};
	uint8_t out[4] = { 9, 9, 9, 9 };
	static const uint8_t untouched[4] = { 9, 9, 9, 9 }, right[4] = { 0, 1, 2, 0xab };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(hex_decode(out, 4, wrong[i], strlen(wrong[i])), ST_FORMAT);
		assert_memory_equal(out, untouched, 4);
	}
	assert_int_equal(hex_decode(out, 4, "000102ab", 8), ST_OK);
	assert_memory_equal(out, right, 4);
}

static void hex_that_was_typed_is_read_with_patience(void **state)
{
	static const char *const wrong[] = { "", "00", "0001 02A", "0001 02AB 0", "0001_02AB" };
	static const char *const good[] = { "000102ab", "0001 02AB", "00:01:02:AB", "-0001-02ab " };
	static const uint8_t right[4] = { 0, 1, 2, 0xab };
	uint8_t out[4];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(hex_decode_typed(out, 4, wrong[i], strlen(wrong[i])), ST_FORMAT);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		memset(out, 0xff, sizeof(out));
		assert_int_equal(hex_decode_typed(out, 4, good[i], strlen(good[i])), ST_OK);
		assert_memory_equal(out, right, 4);
	}
}

static enum status number(uint64_t *out, const char *text, uint64_t max)
{
	return number_decode(out, text, strlen(text), max);
}

static void a_number_has_one_text(void **state)
{
	static const char *const wrong[] = {
		"", "-1", "+1", " 1", "1 ", "00", "01", "1.0", "0x1", "1e3", "a",
	};
	uint64_t n = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(number(&n, wrong[i], UINT64_MAX), ST_FORMAT);
		assert_int_equal(n, 77);
	}
	assert_int_equal(number(&n, "0", 0), ST_OK);
	assert_int_equal(n, 0);
	assert_int_equal(number_decode(&n, "12345", 3, 1000), ST_OK);
	assert_int_equal(n, 123);
}

static void a_number_stops_at_its_limit(void **state)
{
	uint64_t n = 77;

	(void)state;
	assert_int_equal(number(&n, "18446744073709551616", UINT64_MAX), ST_LIMIT);
	assert_int_equal(number(&n, "99999999999999999999999999", UINT64_MAX), ST_LIMIT);
	assert_int_equal(number(&n, "14", 13), ST_LIMIT);
	assert_int_equal(number(&n, "1", 0), ST_LIMIT);
	assert_int_equal(n, 77);
	assert_int_equal(number(&n, "13", 13), ST_OK);
	assert_int_equal(number(&n, "18446744073709551615", UINT64_MAX), ST_OK);
	assert_true(n == UINT64_MAX);
}

static const char *nearest_of_three(const char *wanted)
{
	struct nearest n;

	nearest_init(&n, wanted);
	nearest_offer(&n, "verify");
	nearest_offer(&n, "receipt");
	nearest_offer(&n, "publish");
	return nearest_best(&n);
}

static void a_stranger_is_near_nothing(void **state)
{
	char long_word[200];

	(void)state;
	assert_null(nearest_of_three("tally"));
	assert_null(nearest_of_three(""));
	assert_null(nearest_of_three("vrf"));
	memset(long_word, 'v', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_null(nearest_of_three(long_word));
	long_word[NEAREST_WORD_BYTES] = '\0';
	assert_null(nearest_of_three(long_word));
}

static void a_misspelt_word_is_recognised(void **state)
{
	(void)state;
	assert_string_equal(nearest_of_three("verfiy"), "verify");   /* a swap */
	assert_string_equal(nearest_of_three("veriffy"), "verify");  /* one too many */
	assert_string_equal(nearest_of_three("reciept"), "receipt");
	assert_string_equal(nearest_of_three("publis"), "publish");
	assert_string_equal(nearest_of_three("verify"), "verify");
}

static void the_clock_does_not_go_back(void **state)
{
	uint64_t last = clock_mono_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_mono_us();

		assert_true(now >= last);
		last = now;
	}
	assert_true(clock_mono_ms() >= last / 1000);
	assert_true(clock_unix_s() / 60 <= clock_unix_min());
	assert_true(clock_unix_s() > 1577836800);   /* 2020 */
}

static void moments_are_written_as_iso_8601(void **state)
{
	char text[CLOCK_TEXT_BYTES];

	(void)state;
	clock_format(text, 0, 0);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	clock_format(text, 951782399, 0);   /* a leap day's last second */
	assert_string_equal(text, "2000-02-28T23:59:59Z");
	clock_format(text, 951782400, 1);
	assert_string_equal(text, "2000-02-29T00:00Z");
	clock_format(text, UINT64_MAX, 0);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_writes_lower_case),
		cmocka_unit_test(hex_is_read_in_one_spelling_only),
		cmocka_unit_test(hex_that_was_typed_is_read_with_patience),
		cmocka_unit_test(a_number_has_one_text),
		cmocka_unit_test(a_number_stops_at_its_limit),
		cmocka_unit_test(a_stranger_is_near_nothing),
		cmocka_unit_test(a_misspelt_word_is_recognised),
		cmocka_unit_test(the_clock_does_not_go_back),
		cmocka_unit_test(moments_are_written_as_iso_8601),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
