/* test_fault.c: messages in three parts, clean and cut to size. */
#include "common/base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *formatted(const struct fault *f)
{
	static char out[2048];

	fault_format(out, sizeof(out), "kalpis", f);
	return out;
}

static void nobody_needs_to_listen(void **state)
{
	(void)state;
	assert_int_equal(fault_set(NULL, ST_CONFIG, "%s", "x"), ST_CONFIG);
	fault_why(NULL, "%s", "x");
	fault_next(NULL, "%s", "x");
}

static void three_parts_on_three_lines(void **state)
{
	struct fault f;

	(void)state;
	assert_int_equal(fault_set(&f, ST_EXISTS, "%s is there", "a.card"), ST_EXISTS);
	fault_why(&f, "A card is never replaced.");
	fault_next(&f, "mv a.card old-%s", "a.card");
	assert_string_equal(formatted(&f), "kalpis: a.card is there\n"
	                                   "  why:  A card is never replaced.\n"
	                                   "  next: mv a.card old-a.card\n");
}

static void the_status_speaks_when_nobody_says_why(void **state)
{
	struct fault f;

	(void)state;
	(void)fault_set(&f, ST_SEAL, "cannot open share.sealed");
	assert_string_equal(formatted(&f),
	                    "kalpis: cannot open share.sealed\n"
	                    "  why:  The passphrase is wrong, or the sealed file was altered.\n");
}

static void a_second_fault_forgets_the_first(void **state)
{
	struct fault f;

	(void)state;
	(void)fault_set(&f, ST_IO, "first");
	fault_why(&f, "why");
	fault_next(&f, "next");
	(void)fault_set(&f, ST_FORMAT, "second");
	assert_string_equal(f.what, "second");
	assert_string_equal(f.why, "");
	assert_string_equal(f.next, "");
	assert_int_equal(f.st, ST_FORMAT);
}

static void a_message_cannot_command_the_terminal(void **state)
{
	struct fault f;

	(void)state;
	(void)fault_set(&f, ST_FORMAT, "line %s", "a\x1b[31mb\nc\u202e\xff \u00e9");
	assert_string_equal(f.what, "line a?[31mb?c???? \u00e9");
}

static void a_long_message_is_cut_and_says_so(void **state)
{
	char text[FAULT_TEXT_BYTES + 1];
	struct fault f;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[FAULT_TEXT_BYTES] = '\0';
	(void)fault_set(&f, ST_FORMAT, "%s", text);
	assert_int_equal(strlen(f.what), FAULT_TEXT_BYTES - 1);
	assert_string_equal(f.what + FAULT_TEXT_BYTES - 5, "x...");
	text[FAULT_TEXT_BYTES - 1] = '\0';
	(void)fault_set(&f, ST_FORMAT, "%s", text);
	assert_string_equal(f.what, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_needs_to_listen),
		cmocka_unit_test(three_parts_on_three_lines),
		cmocka_unit_test(the_status_speaks_when_nobody_says_why),
		cmocka_unit_test(a_second_fault_forgets_the_first),
		cmocka_unit_test(a_message_cannot_command_the_terminal),
		cmocka_unit_test(a_long_message_is_cut_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
