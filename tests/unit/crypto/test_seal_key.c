/*
 * test_seal_key.c: what is sealed under a key opens for that key and purpose, with not one byte
 * changed.
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PLAIN = 45, SEALED = PLAIN + SEAL_KEY_OVERHEAD_BYTES };

static const char secret[PLAIN + 1] = "sequence 7, tracker, blinding: forty-five byt";
static uint8_t key[SEAL_KEY_BYTES];
static uint8_t file[SEALED];
static uint8_t room[SEALED];

static enum status open_it(const uint8_t *bytes, size_t len, const char *purpose)
{
	size_t plain_len;
	enum status st;

	memset(room, 0xaa, sizeof(room));
	st = seal_key_open(room, &plain_len, bytes, len, purpose, key);
	if (st != ST_OK) {
		assert_int_equal(plain_len, 0);
		assert_true(mem_is_zero(room, len));
	}
	return st;
}

static void it_opens_for_its_key_and_purpose_alone(void **state)
{
	uint8_t mine[SEAL_KEY_BYTES];

	(void)state;
	memcpy(mine, key, sizeof(key));
	for (size_t i = 0; i < sizeof(key); i++) {
		key[i] ^= 1;
		assert_int_equal(open_it(file, SEALED, "spool"), ST_SEAL);
		memcpy(key, mine, sizeof(key));
	}
	assert_int_equal(open_it(file, SEALED, "spoo"), ST_SEAL);
	assert_int_equal(open_it(file, SEALED, "spool2"), ST_SEAL);
	assert_int_equal(open_it(file, SEALED, "spool"), ST_OK);
	assert_memory_equal(room, secret, PLAIN);
}

static void every_altered_bit_is_refused(void **state)
{
	uint8_t altered[SEALED];

	(void)state;
	for (size_t i = 0; i < SEALED; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			memcpy(altered, file, SEALED);
			altered[i] ^= (uint8_t)(1u << bit);
			assert_int_equal(open_it(altered, SEALED, "spool"), ST_SEAL);
		}
	assert_int_equal(open_it(file, SEALED, "spool"), ST_OK);
}

static void every_prefix_and_a_longer_file_are_refused(void **state)
{
	uint8_t longer[SEALED + 1] = { 0 };
	uint8_t big[SEALED + 1];
	size_t len;

	(void)state;
	for (size_t n = 0; n < SEALED; n++)
		assert_int_equal(open_it(file, n, "spool"), ST_SEAL);
	memcpy(longer, file, SEALED);
	assert_int_equal(seal_key_open(big, &len, longer, sizeof(longer), "spool", key), ST_SEAL);
}

static void the_same_is_never_sealed_the_same(void **state)
{
	uint8_t again[SEALED];

	(void)state;
	assert_int_equal(seal_key_close(again, secret, PLAIN, "spool", key), ST_OK);
	assert_memory_not_equal(again + 8, file + 8, 24);
	assert_memory_not_equal(again + 32, file + 32, PLAIN);
}

static void an_empty_secret_comes_back(void **state)
{
	uint8_t empty[SEAL_KEY_OVERHEAD_BYTES], out[SEAL_KEY_OVERHEAD_BYTES];
	size_t len = 9;

	(void)state;
	assert_int_equal(seal_key_close(empty, NULL, 0, "spool", key), ST_OK);
	assert_int_equal(seal_key_open(out, &len, empty, sizeof(empty), "spool", key), ST_OK);
	assert_int_equal(len, 0);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	rng_bytes(key, sizeof(key));
	return seal_key_close(file, secret, PLAIN, "spool", key) == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_for_its_key_and_purpose_alone),
		cmocka_unit_test(every_altered_bit_is_refused),
		cmocka_unit_test(every_prefix_and_a_longer_file_are_refused),
		cmocka_unit_test(the_same_is_never_sealed_the_same),
		cmocka_unit_test(an_empty_secret_comes_back),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
