/* test_text.c: which texts are refused, how wide they are and where their lines break. */
#include "common/base/text.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum text_flaw flaw(const char *text)
{
	return text_flaw(text, strlen(text), NULL);
}

static void what_is_not_utf8_is_refused(void **state)
{
	static const char *const wrong[] = {
		"\x80", "a\xbf", "\xc3", "\xc3(", "\xc0\xaf", "\xc1\x81",   /* overlong */
		"\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",                 /* a surrogate */
		"\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xfe",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(flaw(wrong[i]), TEXT_NOT_UTF8);
		assert_false(text_is_utf8(wrong[i], strlen(wrong[i])));
	}
}

static void control_characters_are_refused(void **state)
{
	char text[] = "a?b";

	(void)state;
	for (int c = 0; c < 0x20; c++) {
		text[1] = (char)c;
		assert_int_equal(text_flaw(text, 3, NULL), TEXT_CONTROL);
	}
	assert_int_equal(flaw("a\x7f"), TEXT_CONTROL);
	assert_int_equal(flaw("a\xc2\x85"), TEXT_CONTROL);           /* NEL */
	assert_int_equal(flaw("a\xc2\x9b" "31m"), TEXT_CONTROL);     /* CSI in C1 */
	assert_int_equal(flaw("a\xe2\x80\xa8"), TEXT_CONTROL);       /* line separator */
	assert_int_equal(flaw("a\xe2\x80\x8b" "b"), TEXT_CONTROL);   /* zero width space */
	assert_int_equal(flaw("\xef\xbb\xbf" "a"), TEXT_CONTROL);    /* byte order mark */
	assert_int_equal(flaw("a\xf3\xa0\x81\x81"), TEXT_CONTROL);   /* a tag letter */
}

static void overrides_of_direction_are_refused(void **state)
{
	char text[8];

	(void)state;
	for (unsigned int c = 0x202a; c <= 0x2069; c++) {
		if (c > 0x202e && c < 0x2066)
			continue;
		snprintf(text, sizeof(text), "a%c%c%cb", 0xe2, (int)(0x80 | (c >> 6 & 63)),
		         (int)(0x80 | (c & 63)));
		assert_int_equal(flaw(text), TEXT_BIDI);
	}
}

static void codes_that_are_no_character_are_refused(void **state)
{
	(void)state;
	assert_int_equal(flaw("\xef\xbf\xbf"), TEXT_UNASSIGNED);       /* U+FFFF */
	assert_int_equal(flaw("\xee\x80\x80"), TEXT_UNASSIGNED);       /* private use */
	assert_int_equal(flaw("\xcd\xb8"), TEXT_UNASSIGNED);           /* U+0378 */
	assert_int_equal(flaw("\xf4\x8f\xbf\xbf"), TEXT_UNASSIGNED);   /* U+10FFFF */
}

static void other_normal_forms_are_refused(void **state)
{
	(void)state;
	assert_int_equal(flaw("Rene\xcc\x81"), TEXT_NOT_NFC);   /* e and an accent apart */
	assert_int_equal(flaw("\xe2\x84\xab"), TEXT_NOT_NFC);   /* the Angstrom sign */
	assert_int_equal(flaw("\xe1\x84\x80\xe1\x85\xa1"), TEXT_NOT_NFC);   /* Hangul in parts */
	assert_int_equal(flaw("Ren\xc3\xa9"), TEXT_FINE);
}

static void names_of_many_scripts_are_fine(void **state)
{
	static const char *const good[] = {
		"", "Ada Lovelace", "Zo\u00eb \u00d8sterg\u00e5rd", "\u5c71\u7530\u592a\u90ce",
		"\u0e2a\u0e21\u0e0a\u0e32\u0e22", "\u0645\u062d\u0645\u062f", "\u05d3\u05d5\u05d3",
		"\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",   /* a joiner is spelling */
		"\u200eA", "\U0001f5f3",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(flaw(good[i]), TEXT_FINE);
}

static void the_place_of_the_flaw_is_told(void **state)
{
	size_t at = 99;

	(void)state;
	assert_int_equal(text_flaw("\u00e9a\u202eb", 7, &at), TEXT_BIDI);
	assert_int_equal(at, 3);
	assert_int_equal(text_flaw("ab\xc3", 3, &at), TEXT_NOT_UTF8);
	assert_int_equal(at, 2);
	assert_int_equal(text_flaw("ab", 2, &at), TEXT_FINE);
	assert_int_equal(at, 0);
}

static void a_text_stops_at_its_limit(void **state)
{
	(void)state;
	assert_int_equal(text_check("abcd", 4, 3), ST_LIMIT);
	assert_int_equal(text_check("ab\n", 3, 3), ST_FORMAT);
	assert_int_equal(text_check("abc", 3, 3), ST_OK);
	assert_int_equal(text_check("", 0, 0), ST_OK);
}

static void every_flaw_has_its_phrase(void **state)
{
	(void)state;
	for (int i = 0; i <= TEXT_FLAW_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text_flaw_phrase((enum text_flaw)i),
			                        text_flaw_phrase((enum text_flaw)j));
}

static size_t width(const char *text)
{
	return text_width(text, strlen(text));
}

static void widths_are_those_of_a_terminal(void **state)
{
	(void)state;
	assert_int_equal(width(""), 0);
	assert_int_equal(width("Zo\u00eb"), 3);
	assert_int_equal(width("\u5c71\u7530"), 4);
	assert_int_equal(width("q\u0301"), 1);    /* a mark adds nothing */
	assert_int_equal(width("a\xff\xff"), 3);  /* no text: a column a byte */
}

static void a_cluster_is_not_split(void **state)
{
	(void)state;
	assert_int_equal(text_next("", 0), 0);
	assert_int_equal(text_next("ab", 2), 1);
	assert_int_equal(text_next("q\u0301b", 4), 3);
	assert_int_equal(text_next("\xff\xcc\x81", 3), 1);
	assert_int_equal(text_next("q\xcc", 2), 1);
}

/* The lines of text at columns, with "|" between them. */
static const char *wrapped(const char *text, size_t columns)
{
	static char out[512];
	size_t len = strlen(text), pos = 0;

	out[0] = '\0';
	while (len > 0) {
		size_t take, skip;

		text_wrap(text, len, columns, &take, &skip);
		assert_true(take + skip > 0 && take + skip <= len);
		pos += (size_t)snprintf(out + pos, sizeof(out) - pos, "%.*s|", (int)take, text);
		text += take + skip;
		len -= take + skip;
	}
	return out;
}

static void lines_break_where_a_reader_expects_it(void **state)
{
	(void)state;
	assert_string_equal(wrapped("", 5), "");
	assert_string_equal(wrapped("hello", 5), "hello|");
	assert_string_equal(wrapped("hello world", 5), "hello|world|");
	assert_string_equal(wrapped("hello world", 10), "hello|world|");
	assert_string_equal(wrapped("hello world", 11), "hello world|");
	assert_string_equal(wrapped("one two three", 8), "one two|three|");
	assert_string_equal(wrapped("one   two", 4), "one|two|");
	assert_string_equal(wrapped("well-known fact", 12), "well-known|fact|");
	assert_string_equal(wrapped("well-known", 6), "well-|known|");
	assert_string_equal(wrapped("end  ", 3), "end|");
}

static void a_word_that_is_too_wide_is_cut(void **state)
{
	(void)state;
	assert_string_equal(wrapped("incomprehensible", 6), "incomp|rehens|ible|");
	assert_string_equal(wrapped("abc", 1), "a|b|c|");
	assert_string_equal(wrapped("\u5c71\u7530\u592a", 4), "\u5c71\u7530|\u592a|");
	assert_string_equal(wrapped("\u5c71\u7530", 1), "\u5c71|\u7530|");   /* wider than the line */
}

static void line_feeds_are_kept(void **state)
{
	(void)state;
	assert_string_equal(wrapped("a\nb", 9), "a|b|");
	assert_string_equal(wrapped("a\n\nb\n", 9), "a||b|");
	assert_string_equal(wrapped("abc \nd", 3), "abc|d|");
}

static void wrapping_loses_only_white_space(void **state)
{
	static const char *const piece[] = { "a", "bc", " ", "  ", "-", "\n", "\u5c71", "q\u0301", "x.",
	                                     "longer", "\xff", "\xe2\x82", "\U0001f5f3" };
	struct prng r;

	(void)state;
	prng_seed(&r, "wrap");
	for (int round = 0; round < 3000; round++) {
		char text[400] = "";
		size_t columns = 1 + prng_below(&r, 20), len, pos = 0;

		for (size_t n = prng_below(&r, 40); n > 0; n--) {
			size_t at = strlen(text);

			snprintf(text + at, sizeof(text) - at, "%s",
			         piece[prng_below(&r, sizeof(piece) / sizeof(piece[0]))]);
		}
		len = strlen(text);
		while (pos < len) {
			size_t take, skip;

			text_wrap(text + pos, len - pos, columns, &take, &skip);
			assert_true(take + skip > 0 && take + skip <= len - pos);
			assert_true(text_width(text + pos, take) <= columns ||
			            take == text_next(text + pos, take));
			for (size_t i = pos + take; i < pos + take + skip; i++)
				assert_true(text[i] == ' ' || text[i] == '\n');
			pos += take + skip;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(overrides_of_direction_are_refused),
		cmocka_unit_test(codes_that_are_no_character_are_refused),
		cmocka_unit_test(other_normal_forms_are_refused),
		cmocka_unit_test(names_of_many_scripts_are_fine),
		cmocka_unit_test(the_place_of_the_flaw_is_told),
		cmocka_unit_test(a_text_stops_at_its_limit),
		cmocka_unit_test(every_flaw_has_its_phrase),
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(a_cluster_is_not_split),
		cmocka_unit_test(lines_break_where_a_reader_expects_it),
		cmocka_unit_test(a_word_that_is_too_wide_is_cut),
		cmocka_unit_test(line_feeds_are_kept),
		cmocka_unit_test(wrapping_loses_only_white_space),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
