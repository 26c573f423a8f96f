/*
 * test_x25519.c: transport key pairs, by the figures of RFC 7748 §6.1.
 */
#include "crypto/x25519.h"

#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void public_keys_are_those_of_rfc_7748(void **state)
{
	static const uint8_t secrets[2][X25519_KEY_BYTES] = {
		{ 0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1,
		  0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0,
		  0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a },
		{ 0x5d, 0xab, 0x08, 0x7e, 0x62, 0x4a, 0x8a, 0x4b, 0x79, 0xe1, 0x7f,
		  0x8b, 0x83, 0x80, 0x0e, 0xe6, 0x6f, 0x3b, 0xb1, 0x29, 0x26, 0x18,
		  0xb6, 0xfd, 0x1c, 0x2f, 0x8b, 0x27, 0xff, 0x88, 0xe0, 0xeb }
	};
	static const uint8_t publics[2][X25519_KEY_BYTES] = {
		{ 0x85, 0x20, 0xf0, 0x09, 0x89, 0x30, 0xa7, 0x54, 0x74, 0x8b, 0x7d,
		  0xdc, 0xb4, 0x3e, 0xf7, 0x5a, 0x0d, 0xbf, 0x3a, 0x0d, 0x26, 0x38,
		  0x1a, 0xf4, 0xeb, 0xa4, 0xa9, 0x8e, 0xaa, 0x9b, 0x4e, 0x6a },
		{ 0xde, 0x9e, 0xdb, 0x7d, 0x7b, 0x7d, 0xc1, 0xb4, 0xd3, 0x5b, 0x61,
		  0xc2, 0xec, 0xe4, 0x35, 0x37, 0x3f, 0x83, 0x43, 0xc8, 0x5b, 0x78,
		  0x67, 0x4d, 0xad, 0xfc, 0x7e, 0x14, 0x6f, 0x88, 0x2b, 0x4f }
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t key[X25519_KEY_BYTES] = { 0 };

		assert_int_equal(x25519_public(key, secrets[i]), ST_OK);
		assert_memory_equal(key, publics[i], sizeof(key));
	}
}

static void a_zero_secret_has_no_public_key(void **state)
{
	static const uint8_t zero[X25519_KEY_BYTES];
	uint8_t key[X25519_KEY_BYTES] = { 0 };

	(void)state;
	assert_int_equal(x25519_public(key, zero), ST_KEY);
}

static void a_fresh_pair_belongs_together_and_is_never_the_same(void **state)
{
	uint8_t key[2][X25519_KEY_BYTES];
	uint8_t secret[2][X25519_KEY_BYTES];
	uint8_t again[X25519_KEY_BYTES];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		x25519_keygen(key[i], secret[i]);
		assert_int_equal(x25519_public(again, secret[i]), ST_OK);
		assert_memory_equal(again, key[i], sizeof(again));
	}
	assert_memory_not_equal(secret[0], secret[1], X25519_KEY_BYTES);
	assert_memory_not_equal(key[0], key[1], X25519_KEY_BYTES);
}

static int setup(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_keys_are_those_of_rfc_7748),
		cmocka_unit_test(a_zero_secret_has_no_public_key),
		cmocka_unit_test(a_fresh_pair_belongs_together_and_is_never_the_same),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
