/* test_status.c: every outcome has a name and a sentence. */
#include "crypto/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_status_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < ST_COUNT; i++) {
		assert_string_not_equal(status_name((enum status)i), "unknown");
		assert_true(strlen(status_text((enum status)i)) > 3);
	}
	assert_string_equal(status_name(ST_COUNT), "unknown");
}

static void no_two_statuses_share_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < ST_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(status_name((enum status)i),
			                        status_name((enum status)j));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_a_name_and_a_sentence),
		cmocka_unit_test(no_two_statuses_share_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
