/* test_log.c: one event, one line; nothing that is logged can forge another key or line. */
#include "common/base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int ends[2];

/* What was logged since the last call. */
static const char *logged(void)
{
	static char text[8192];
	ssize_t n;

	assert_int_equal(write(ends[1], "", 1), 1);   /* so that read never waits */
	n = read(ends[0], text, sizeof(text));
	assert_true(n > 0);
	return text;
}

static const char *logged_value(const char *value, size_t len)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_WARN, "event");
	log_bytes(&line, "key", value, len);
	log_number(&line, "after", 1);
	log_end(&line);
	return logged();
}

static void what_is_not_wanted_is_not_written(void **state)
{
	struct log_line line;

	(void)state;
	log_begin(&line, LOG_LEVEL_INFO, "event");
	log_text(&line, "key", "value");
	log_hex(&line, "key", "value", 5);
	log_end(&line);
	assert_string_equal(logged(), "");
}

static void a_line_is_level_program_event_and_pairs(void **state)
{
	struct log_line line;

	(void)state;
	log_begin(&line, LOG_LEVEL_ERROR, "block-final");
	log_number(&line, "height", UINT64_MAX);
	log_hex(&line, "id", "\x01\xab", 2);
	log_status(&line, "why", ST_FORK);
	log_text(&line, "peer", "tcp://[::1]:7000/a_b");
	log_end(&line);
	assert_string_equal(logged(), "error kalpis-test block-final height=18446744073709551615 "
	                              "id=01ab why=fork peer=tcp://[::1]:7000/a_b\n");
}

static void a_value_cannot_pretend_to_be_another(void **state)
{
	(void)state;
	assert_string_equal(logged_value("a b=c", 5),
	                    "warn kalpis-test event key=\"a b=c\" after=1\n");
	assert_string_equal(logged_value("\" x=\"", 5),
	                    "warn kalpis-test event key=\"\\\" x=\\\"\" after=1\n");
	assert_string_equal(logged_value("\\", 1),
	                    "warn kalpis-test event key=\"\\\\\" after=1\n");
	assert_string_equal(logged_value("", 0), "warn kalpis-test event key=\"\" after=1\n");
}

static void control_characters_are_escaped(void **state)
{
	(void)state;
	assert_string_equal(logged_value("a\nb\0\x1b", 5),
	                    "warn kalpis-test event key=\"a\\x0ab\\x00\\x1b\" after=1\n");
	assert_string_equal(logged_value("\xc2\x9b\xff\u202e", 6),
	                    "warn kalpis-test event key=\"\\xc2\\x9b\\xff\\xe2\\x80\\xae\" after=1\n");
	assert_string_equal(logged_value("Zo\u00eb", 4),
	                    "warn kalpis-test event key=\"Zo\u00eb\" after=1\n");
}

static void a_line_too_long_is_cut_and_says_so(void **state)
{
	char value[LOG_LINE_BYTES * 2];
	const char *text;

	(void)state;
	memset(value, 'x', sizeof(value));
	text = logged_value(value, sizeof(value));
	assert_string_equal(text, "warn kalpis-test event key= cut=yes\n");
	memset(value, '\n', sizeof(value));
	text = logged_value(value, sizeof(value));
	assert_true(strlen(text) <= LOG_LINE_BYTES);
	assert_non_null(strstr(text, "\\x0a\" cut=yes\n"));
	assert_null(strstr(text, "after"));
}

static void a_line_of_every_length_ends_well(void **state)
{
	char value[LOG_LINE_BYTES + 8];

	(void)state;
	memset(value, 'x', sizeof(value));
	for (size_t len = LOG_LINE_BYTES - 80; len <= sizeof(value); len++) {
		const char *text = logged_value(value, len);

		assert_true(strlen(text) <= LOG_LINE_BYTES);
		assert_int_equal(text[strlen(text) - 1], '\n');
		assert_true((strstr(text, " cut=yes\n") != NULL) != (strstr(text, " after=1\n") != NULL));
	}
}

static void a_stamp_is_as_coarse_as_asked(void **state)
{
	const char *text;

	(void)state;
	log_setup("kalpis-test", LOG_LEVEL_WARN, LOG_STAMP_MINUTE);
	text = logged_value("x", 1);
	assert_int_equal(text[16], 'Z');
	assert_string_equal(text + 17, " warn kalpis-test event key=x after=1\n");
	log_setup("kalpis-test", LOG_LEVEL_WARN, LOG_STAMP_SECOND);
	text = logged_value("x", 1);
	assert_int_equal(text[19], 'Z');
	log_setup("kalpis-test", LOG_LEVEL_WARN, LOG_STAMP_NONE);
}

static void levels_have_names(void **state)
{
	enum log_level level;

	(void)state;
	assert_int_equal(log_level_parse(&level, "loud"), ST_FORMAT);
	assert_int_equal(log_level_parse(&level, "Info"), ST_FORMAT);
	assert_int_equal(log_level_parse(&level, ""), ST_FORMAT);
	assert_int_equal(log_level_parse(&level, "debug"), ST_OK);
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_int_equal(log_level_parse(&level, "error"), ST_OK);
	assert_int_equal(level, LOG_LEVEL_ERROR);
}

static int start(void **state)
{
	(void)state;
	if (pipe(ends) != 0)
		return -1;
	log_setup("kalpis-test", LOG_LEVEL_WARN, LOG_STAMP_NONE);
	log_to(ends[1]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_wanted_is_not_written),
		cmocka_unit_test(a_line_is_level_program_event_and_pairs),
		cmocka_unit_test(a_value_cannot_pretend_to_be_another),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(a_line_too_long_is_cut_and_says_so),
		cmocka_unit_test(a_line_of_every_length_ends_well),
		cmocka_unit_test(a_stamp_is_as_coarse_as_asked),
		cmocka_unit_test(levels_have_names),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
