/* test_conf.c: a configuration says only what its table allows; a refusal quotes file and line. */
#include "common/base/conf.h"
#include "common/base/file.h"
#include "crypto/mem.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct conf_key KEYS[] = {
	{ "network", "listen", CONF_TEXT, NULL, 1, 20, "Where the node listens." },
	{ "network", "peers", CONF_NUMBER, "4", 1, 13, "How many peers." },
	{ "store", "folder", CONF_PATH, "data", 0, 0, "Where blocks are kept." },
	{ "store", "sync", CONF_BOOL, "yes", 0, 0, "Whether to sync." },
	{ NULL, NULL, CONF_TEXT, NULL, 0, 0, NULL },
};

static struct conf conf;
static struct fault fault;

static enum status parse(const char *text)
{
	conf_free(&conf);
	conf_init(&conf, KEYS);
	memset(&fault, 0, sizeof(fault));
	return conf_parse(&conf, "etc/node.ini", text, strlen(text), &fault);
}

static void assert_refused(const char *text, const char *what, const char *why, const char *next)
{
	assert_int_equal(parse(text), ST_CONFIG);
	assert_string_equal(fault.what, what);
	assert_string_equal(fault.why, why);
	assert_string_equal(fault.next, next);
}

static void an_unknown_key_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused("[network]\nlisten = a\nlisen = b\n",
	               "etc/node.ini:3: [network] has no key \"lisen\"", "line 3 is: lisen = b",
	               "did you mean \"listen\"?");
	assert_refused("[store]\nlisten = a\n", "etc/node.ini:2: [store] has no key \"listen\"",
	               "line 2 is: listen = a", "");
}

static void an_unknown_section_is_refused_with_its_line(void **state)
{
	(void)state;
	assert_refused("[netwrok]\nlisten = a\n", "etc/node.ini:2: there is no section [netwrok]",
	               "line 2 is: listen = a", "did you mean [network]?");
	assert_refused("listen = a\n", "etc/node.ini:1: a key stands before the first [section]",
	               "line 1 is: listen = a", "");
}

static void a_line_that_says_nothing_is_refused(void **state)
{
	(void)state;
	assert_refused("[network]\n\nlisten\n", "etc/node.ini:3: neither [section] nor key = value",
	               "line 3 is: listen", "begin a remark with ; or #");
	assert_refused("[network\nlisten = a\n", "etc/node.ini:1: neither [section] nor key = value",
	               "line 1 is: [network", "begin a remark with ; or #");
}

static void a_key_given_twice_is_refused(void **state)
{
	(void)state;
	assert_refused("[network]\nlisten = a\nlisten = b\n",
	               "etc/node.ini:3: \"listen\" is given twice in one file",
	               "line 3 is: listen = b", "keep one of the two lines");
}

static void an_indented_line_is_refused(void **state)
{
	(void)state;
	assert_refused("[network]\nlisten = a\n  b\n",
	               "etc/node.ini:3: the line begins with white space", "line 3 is:   b", "");
	assert_int_equal(parse("[network]\nlisten = a\n  \n\t\n"), ST_OK);
}

static void a_value_out_of_its_range_is_refused(void **state)
{
	static const char *const wrong[] = { "0", "14", "-1", "1.5", "four", "04", "", "0x4" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[network]\nlisten=a\npeers=%s\n", wrong[i]);
		assert_int_equal(parse(text), ST_CONFIG);
		assert_string_equal(fault.what,
		                    "etc/node.ini:3: \"peers\" must be a whole number from 1 to 13");
	}
	assert_int_equal(parse("[network]\nlisten=a\npeers=1\n"), ST_OK);
	assert_int_equal(parse("[network]\nlisten=a\npeers=13\n"), ST_OK);
	assert_int_equal(conf_number(&conf, "network", "peers"), 13);
}

static void a_text_is_as_long_as_its_key_allows(void **state)
{
	(void)state;
	assert_refused("[network]\nlisten =\n", "etc/node.ini:2: \"listen\" must have 1 to 20 bytes",
	               "line 2 is: listen =", "");
	assert_int_equal(parse("[network]\nlisten=123456789012345678901\n"), ST_CONFIG);
	assert_int_equal(parse("[network]\nlisten=12345678901234567890\n"), ST_OK);
}

static void yes_and_no_are_the_only_answers(void **state)
{
	static const char *const wrong[] = { "true", "1", "YES", "", "on", "y" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[store]\nsync=%s\n[network]\nlisten=a\n", wrong[i]);
		assert_int_equal(parse(text), ST_CONFIG);
		assert_string_equal(fault.what, "etc/node.ini:2: \"sync\" must be yes or no");
	}
	assert_int_equal(parse("[store]\nsync=no\n[network]\nlisten=a\n"), ST_OK);
	assert_false(conf_bool(&conf, "store", "sync"));
}

static void what_is_missing_is_told_with_its_purpose(void **state)
{
	(void)state;
	assert_refused("", "etc/node.ini: [network] listen is missing", "Where the node listens.",
	               "under [network] add a line: listen = ...");
	assert_refused("[network]\n; listen = a\n", "etc/node.ini: [network] listen is missing",
	               "Where the node listens.", "under [network] add a line: listen = ...");
}

static void a_line_stops_at_its_limit(void **state)
{
	char text[CONF_LINE_BYTES + 64] = "[network]\nlisten=a\n";
	size_t start = strlen(text);

	(void)state;
	memset(text + start, '#', CONF_LINE_BYTES + 1);
	assert_int_equal(parse(text), ST_CONFIG);
	assert_string_equal(fault.what, "etc/node.ini:3: the line is too long");
	text[start + CONF_LINE_BYTES] = '\0';
	assert_int_equal(parse(text), ST_OK);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	(void)state;
	conf_free(&conf);
	conf_init(&conf, KEYS);
	assert_int_equal(conf_parse(&conf, "x.ini", "[network]\nlisten=a\n\0", 20, &fault), ST_CONFIG);
	assert_string_equal(fault.what, "x.ini: holds a zero byte: not a text file");
	assert_int_equal(parse("[network]\nlisten=\x1b[0m\n"), ST_CONFIG);
	assert_string_equal(fault.what, "etc/node.ini:2: the line holds a control character or an "
	                                "invisible one");
	assert_string_equal(fault.why, "line 2 is: listen=?[0m");
	assert_int_equal(parse("[network]\nlisten=\xff\n"), ST_CONFIG);
	assert_string_equal(fault.what, "etc/node.ini:2: the line is not UTF-8");
}

static void every_value_has_its_kind_and_origin(void **state)
{
	(void)state;
	assert_int_equal(parse("# a remark\n[network]\r\nlisten = [::]:7000 ; every address\r\n"
	                       "peers\t= 7\n\n[store]\nfolder = blocks\n"), ST_OK);
	assert_string_equal(conf_text(&conf, "network", "listen"), "[::]:7000");
	assert_int_equal(conf_number(&conf, "network", "peers"), 7);
	assert_string_equal(conf_path(&conf, "store", "folder"), "etc/blocks");
	assert_true(conf_bool(&conf, "store", "sync"));
	assert_string_equal(conf_origin(&conf, "network", "listen"), "etc/node.ini:3");
	assert_string_equal(conf_origin(&conf, "store", "sync"), "default");
	assert_int_equal(parse("[network]\nlisten=a\n[store]\nfolder=/var/x"), ST_OK);
	assert_string_equal(conf_path(&conf, "store", "folder"), "/var/x");
	assert_int_equal(parse("[network]\nlisten=a"), ST_OK);
	assert_string_equal(conf_path(&conf, "store", "folder"), "etc/data");
}

static void put(const char *name, const char *text)
{
	assert_int_equal(file_write(scratch_path(name), text, strlen(text), FILE_REPLACE, FILE_PUBLIC),
	                 ST_OK);
}

static enum status load(void)
{
	conf_free(&conf);
	conf_init(&conf, KEYS);
	return conf_load(&conf, scratch_path("node.ini"), &fault);
}

static void drop_ins_come_later_in_the_order_of_their_names(void **state)
{
	char origin[600];

	(void)state;
	assert_int_equal(load(), ST_NOT_FOUND);
	put("node.ini", "[network]\nlisten=main\npeers=5\n");
	assert_int_equal(load(), ST_OK);
	assert_string_equal(conf_text(&conf, "network", "listen"), "main");
	assert_int_equal(file_make_folder(scratch_path("node.d"), FILE_PUBLIC), ST_OK);
	put("node.d/20-b.ini", "[network]\nlisten=b\n");
	put("node.d/10-a.ini", "[network]\nlisten=a\npeers=6\n");
	put("node.d/30-c.ini.off", "nonsense");
	assert_int_equal(load(), ST_OK);
	assert_string_equal(conf_text(&conf, "network", "listen"), "b");
	assert_int_equal(conf_number(&conf, "network", "peers"), 6);
	snprintf(origin, sizeof(origin), "%s:2", scratch_path("node.d/20-b.ini"));
	assert_string_equal(conf_origin(&conf, "network", "listen"), origin);
	put("node.d/40-d.ini", "[network]\nlisen=b\n");
	assert_int_equal(load(), ST_CONFIG);
	assert_non_null(strstr(fault.what, "node.d/40-d.ini:2: [network] has no key \"lisen\""));
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	conf_free(&conf);
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_key_is_refused_with_its_line),
		cmocka_unit_test(an_unknown_section_is_refused_with_its_line),
		cmocka_unit_test(a_line_that_says_nothing_is_refused),
		cmocka_unit_test(a_key_given_twice_is_refused),
		cmocka_unit_test(an_indented_line_is_refused),
		cmocka_unit_test(a_value_out_of_its_range_is_refused),
		cmocka_unit_test(a_text_is_as_long_as_its_key_allows),
		cmocka_unit_test(yes_and_no_are_the_only_answers),
		cmocka_unit_test(what_is_missing_is_told_with_its_purpose),
		cmocka_unit_test(a_line_stops_at_its_limit),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(every_value_has_its_kind_and_origin),
		cmocka_unit_test(drop_ins_come_later_in_the_order_of_their_names),
	};
	return cmocka_run_group_tests(tests, start, finish);
}
