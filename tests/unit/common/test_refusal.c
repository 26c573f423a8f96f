/* test_refusal.c: a path leads to its line in any text. */
#include "common/election/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char TEXT[] =
	"\n"                                       /* 1 */
	"{ \"a\": \"}],{\\\"b\\\":\",\n"           /* 2 */
	"  \"b\": [1, [2, 3],\n"                   /* 3 */
	"         {\"c\": {}, \"d\":\n"            /* 4 */
	"           [\n"                           /* 5 */
	"            \"x\\\\\", 7 ]}\n"            /* 6 */
	"        ],\n"                             /* 7 */
	"  \"bb\"\n"                               /* 8 */
	"     : true }\n";                         /* 9 */

static unsigned int line(const char *path)
{
	return refusal_line(TEXT, strlen(TEXT), path);
}

static void a_path_leads_to_the_line_of_its_value(void **state)
{
	(void)state;
	assert_int_equal(line(""), 2);
	assert_int_equal(line("a"), 2);
	assert_int_equal(line("b"), 3);
	assert_int_equal(line("b[1][1]"), 3);
	assert_int_equal(line("b[2]"), 4);
	assert_int_equal(line("b[2].c"), 4);
	assert_int_equal(line("b[2].d"), 5);
	assert_int_equal(line("b[2].d[0]"), 6);
	assert_int_equal(line("b[2].d[1]"), 6);
	assert_int_equal(line("bb"), 9);
}

static void what_is_not_there_leads_to_what_is(void **state)
{
	(void)state;
	assert_int_equal(line("nothing"), 2);
	assert_int_equal(line("b[3]"), 3);
	assert_int_equal(line("b[2].e.f"), 4);
	assert_int_equal(line("b[2].d[2]"), 5);
	assert_int_equal(line("b.c"), 3);
	assert_int_equal(line("bb[0]"), 9);
	assert_int_equal(line("b[2].d[x]"), 5);
	assert_int_equal(line("b["), 3);
	assert_int_equal(line("."), 2);
	assert_int_equal(line("[99999999999999999999]"), 2);
}

/* Bounds only: the sanitizers watch. */
static void every_prefix_of_a_text_is_safe(void **state)
{
	static const char *const paths[] = { "", "a", "b[2].d[1]", "b[99]", "bb", "zz[1].a" };
	char copy[sizeof(TEXT)];

	(void)state;
	for (size_t len = 0; len < sizeof(TEXT); len++)
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			memcpy(copy + sizeof(copy) - len, TEXT, len);
			assert_in_range(refusal_line(copy + sizeof(copy) - len, len, paths[i]), 1, 10);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_leads_to_the_line_of_its_value),
		cmocka_unit_test(what_is_not_there_leads_to_what_is),
		cmocka_unit_test(every_prefix_of_a_text_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
