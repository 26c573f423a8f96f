/*
 * test_seal_cost.c: what a program that people run asks of a sealed file (docs/decisions/0017).
 * This test program does not ask for the cheap cost, so it is linked as those are.  (Nor does it
 * name seal_cost: the linker would look for it in the test library first.)
 */
#include "crypto/mem.h"
#include "crypto/seal.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* test_seal opens this very file. */
static void a_file_sealed_for_a_test_is_refused(void **state)
{
	uint8_t sealed[128], plain[128];
	size_t sealed_len = hex_bytes(sealed, sizeof(sealed), sealed_cheap);
	size_t len;

	(void)state;
	assert_int_equal(seal_plain_len(sealed_len), strlen(SEALED_PLAIN));
	assert_int_equal(seal_open(plain, &len, sealed, sealed_len, SEALED_PURPOSE, SEALED_PASSPHRASE,
	                           strlen(SEALED_PASSPHRASE)), ST_SEAL);
}

static void sealing_costs_three_operations_over_256_mebibytes(void **state)
{
	uint8_t sealed[SEAL_OVERHEAD_BYTES + 5], plain[5];
	size_t len;

	(void)state;
	assert_int_equal(seal_close(sealed, "share", 5, "share", "pass", 4), ST_OK);
	assert_memory_equal(sealed + 9, "\0\0\0\3\0\4\0\0", 8);
	assert_int_equal(seal_open(plain, &len, sealed, sizeof(sealed), "share", "pass", 4), ST_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(plain, "share", 5);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_sealed_for_a_test_is_refused),
		cmocka_unit_test(sealing_costs_three_operations_over_256_mebibytes),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
