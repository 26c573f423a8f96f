/*
 * test_hash.c: SHA-256 and SHA-512 against NIST's examples for FIPS 180-4 (the messages "", "abc",
 * those of 448 and 896 bits, and a million "a"), and the framing of protocol.md §2.
 */
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *message;
	const char *sha256;
	const char *sha512;
} fips[] = {
	{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	 "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	 "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	 "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
	 "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"},
	{"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
	 "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	 "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
	 "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	 "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
};

static void assert_hash256(const uint8_t *have, const char *hex)
{
	uint8_t want[HASH256_BYTES];

	hex_exact(want, sizeof(want), hex);
	assert_memory_equal(have, want, sizeof(want));
}

static void assert_hash512(const uint8_t *have, const char *hex)
{
	uint8_t want[HASH512_BYTES];

	hex_exact(want, sizeof(want), hex);
	assert_memory_equal(have, want, sizeof(want));
}

static void the_examples_of_the_standard_hold(void **state)
{
	uint8_t out[HASH512_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(fips) / sizeof(fips[0]); i++) {
		hash256(out, fips[i].message, strlen(fips[i].message));
		assert_hash256(out, fips[i].sha256);
		hash512(out, fips[i].message, strlen(fips[i].message));
		assert_hash512(out, fips[i].sha512);
	}
	hash256(out, NULL, 0);
	assert_hash256(out, fips[0].sha256);
	hash512(out, NULL, 0);
	assert_hash512(out, fips[0].sha512);
}

static void a_million_letters_hash_in_pieces(void **state)
{
	struct hash h256;
	struct hash h512;
	uint8_t out[HASH512_BYTES];
	char block[1000];

	(void)state;
	memset(block, 'a', sizeof(block));
	hash256_init(&h256);
	hash512_init(&h512);
	for (int i = 0; i < 1000; i++) {
		hash_update(&h256, block, sizeof(block));
		hash_update(&h512, block, sizeof(block));
	}
	hash256_final(&h256, out);
	assert_hash256(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	hash512_final(&h512, out);
	assert_hash512(out, "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
	                    "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b");
}

static void cutting_a_message_does_not_change_its_hash(void **state)
{
	struct prng r;
	uint8_t message[700];

	(void)state;
	prng_seed(&r, "test_hash");
	prng_bytes(&r, message, sizeof(message));
	for (int round = 0; round < 200; round++) {
		struct hash h256;
		struct hash h512;
		uint8_t want[HASH512_BYTES];
		uint8_t have[HASH512_BYTES];
		size_t len = prng_below(&r, sizeof(message) + 1);

		hash256_init(&h256);
		hash512_init(&h512);
		for (size_t at = 0; at < len;) {
			size_t piece = prng_below(&r, len - at + 1);

			hash_update(&h256, message + at, piece);
			hash_update(&h512, message + at, piece);
			at += piece;
		}
		hash256(want, message, len);
		hash256_final(&h256, have);
		assert_memory_equal(have, want, HASH256_BYTES);
		hash512(want, message, len);
		hash512_final(&h512, have);
		assert_memory_equal(have, want, HASH512_BYTES);
	}
}

/* Figures of Python's hashlib over the frames written out by hand. */
static void frames_are_big_endian_lengths_and_bytes(void **state)
{
	uint8_t bytes[200];
	uint8_t out[HASH512_BYTES];
	struct hash h[2];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	hash256_purpose(&h[0], "block");
	hash512_purpose(&h[1], "block");
	for (int i = 0; i < 2; i++) {
		hash_field(&h[i], NULL, 0);
		hash_field_u8(&h[i], 7);
		hash_field_u32(&h[i], 0x01020304);
		hash_field_u64(&h[i], 0x0102030405060708u);
		hash_field_text(&h[i], "κάλπις");
		hash_field(&h[i], bytes, sizeof(bytes));
	}
	hash256_final(&h[0], out);
	assert_hash256(out, "9e7d19fa5b856ddd5d7395304ea73d0e4fedd41cd904c8288c7b5034765ed9aa");
	hash512_final(&h[1], out);
	assert_hash512(out, "b8dde76e173bff603b5ff52734a64d075cbefdfaf20b9484fade8d5a94e67a2b"
	                    "3c60f1604d110d5fc5a6012c013f05ea6262269ddacf677b117760aeb4cb8962");
}

static void two_fields(uint8_t *out, const char *purpose, const char *a, const char *b)
{
	struct hash h;

	hash256_purpose(&h, purpose);
	hash_field_text(&h, a);
	hash_field_text(&h, b);
	hash256_final(&h, out);
}

static void moving_a_byte_over_a_border_changes_the_hash(void **state)
{
	uint8_t first[HASH256_BYTES];
	uint8_t other[HASH256_BYTES];

	(void)state;
	two_fields(first, "x", "ab", "c");
	two_fields(other, "x", "a", "bc");
	assert_memory_not_equal(first, other, sizeof(first));
	two_fields(other, "x", "abc", "");
	assert_memory_not_equal(first, other, sizeof(first));
	two_fields(other, "xa", "b", "c");
	assert_memory_not_equal(first, other, sizeof(first));
	two_fields(other, "y", "ab", "c");
	assert_memory_not_equal(first, other, sizeof(first));
	two_fields(other, "x", "ab", "c");
	assert_memory_equal(first, other, sizeof(first));
}

static void a_finished_hash_is_wiped(void **state)
{
	struct hash h;
	uint8_t out[HASH512_BYTES];

	(void)state;
	hash256_purpose(&h, "x");
	hash256_final(&h, out);
	assert_true(mem_is_zero(&h, sizeof(h)));
	hash512_purpose(&h, "x");
	hash512_final(&h, out);
	assert_true(mem_is_zero(&h, sizeof(h)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_standard_hold),
		cmocka_unit_test(a_million_letters_hash_in_pieces),
		cmocka_unit_test(cutting_a_message_does_not_change_its_hash),
		cmocka_unit_test(frames_are_big_endian_lengths_and_bytes),
		cmocka_unit_test(moving_a_byte_over_a_border_changes_the_hash),
		cmocka_unit_test(a_finished_hash_is_wiped),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
