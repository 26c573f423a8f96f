/* test_alloc.c: memory is zero, aligned, and never smaller than asked for. */
#include "common/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void memory_is_zero_and_aligned_at_every_size(void **state)
{
	static const uint8_t ZERO[300];

	(void)state;
	for (size_t n = 0; n <= sizeof(ZERO); n++) {
		uint8_t *p = alloc_zero(n, 1);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % ALLOC_ALIGN, 0);
		assert_memory_equal(p, ZERO, n);
		memset(p, 0xff, n);
		free(p);
	}
}

static void a_size_that_wraps_is_refused(void **state)
{
	(void)state;
	assert_null(alloc_zero(SIZE_MAX, 2));
	assert_null(alloc_zero(SIZE_MAX / 2, 3));
	assert_null(alloc_zero(SIZE_MAX, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zero_and_aligned_at_every_size),
		cmocka_unit_test(a_size_that_wraps_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
