/* test_sign.c: one rule for Ed25519 everywhere; every part of a message is bound (N25, N26). */
#include "crypto/mem.h"
#include "crypto/sign.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/rfc9591.h"
#include "tests/vectors/speccheck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t election[2][32] = { { 1 }, { 2 } };
static const uint8_t joint[33] = { 3, 4 };

static struct message a_message(void)
{
	return (struct message){ .purpose = "open", .group = group_ristretto255(),
	                         .election_id = election[0], .y = joint, .y_len = 32,
	                         .body = "body", .body_len = 4 };
}

/* speccheck: the rule is the key's check first, then libsodium; it refuses all twelve. */
static void every_edge_case_is_refused(void **state)
{
	size_t by_the_key = 0;

	(void)state;
	assert_int_equal(COUNT(speccheck), 12);
	for (size_t i = 0; i < COUNT(speccheck); i++) {
		uint8_t message[64], key[SIGN_KEY_BYTES], sig[SIGN_BYTES];
		size_t len = hex_bytes(message, sizeof(message), speccheck[i].message);
		enum status st;

		hex_exact(key, sizeof(key), speccheck[i].key);
		hex_exact(sig, sizeof(sig), speccheck[i].sig);
		st = sign_key_check(key);
		by_the_key += st == ST_KEY;
		if (st == ST_OK)
			st = sign_verify_bytes(key, sig, message, len);
		if (st == ST_OK)
			fail_msg("case %zu was taken", i);
		/* Cases 6 and 7 have a sound key and S beyond the order. */
		assert_int_equal(st, i == 6 || i == 7 ? ST_SIGNATURE : ST_KEY);
	}
	assert_int_equal(by_the_key, 10);
}

/* Without the check of the key a signature would pass whose meaning depends on the verifier. */
static void the_library_alone_takes_a_key_with_torsion(void **state)
{
	uint8_t message[64], key[SIGN_KEY_BYTES], sig[SIGN_BYTES];
	size_t len = hex_bytes(message, sizeof(message), speccheck[3].message);

	(void)state;
	hex_exact(key, sizeof(key), speccheck[3].key);
	hex_exact(sig, sizeof(sig), speccheck[3].sig);
	assert_int_equal(sign_verify_bytes(key, sig, message, len), ST_OK);
	assert_int_equal(sign_key_check(key), ST_KEY);
}

static void a_threshold_signature_of_rfc9591_verifies(void **state)
{
	uint8_t message[16], key[SIGN_KEY_BYTES], sig[SIGN_BYTES];
	size_t len = hex_bytes(message, sizeof(message), rfc9591_ed25519.message);

	(void)state;
	hex_exact(key, sizeof(key), rfc9591_ed25519.key);
	hex_exact(sig, sizeof(sig), rfc9591_ed25519.sig);
	assert_int_equal(sign_key_check(key), ST_OK);
	sig[0] ^= 1;
	assert_int_equal(sign_verify_bytes(key, sig, message, len), ST_SIGNATURE);
	sig[0] ^= 1;
	message[0] ^= 1;
	assert_int_equal(sign_verify_bytes(key, sig, message, len), ST_SIGNATURE);
	message[0] ^= 1;
	assert_int_equal(sign_verify_bytes(key, sig, message, len), ST_OK);
}

static void every_altered_byte_of_a_signature_is_refused(void **state)
{
	const struct message m = a_message();
	struct sign_secret secret;
	uint8_t key[SIGN_KEY_BYTES], other[SIGN_KEY_BYTES], sig[SIGN_BYTES];

	(void)state;
	sign_keygen(&secret, other);
	sign_keygen(&secret, key);
	sign_message(&secret, sig, &m);
	for (size_t i = 0; i < sizeof(sig); i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			sig[i] ^= (uint8_t)(1u << bit);
			assert_int_equal(sign_verify(key, sig, &m), ST_SIGNATURE);
			sig[i] ^= (uint8_t)(1u << bit);
		}
	assert_int_equal(sign_verify(other, sig, &m), ST_SIGNATURE);
	assert_int_equal(sign_key_check(key), ST_OK);
	assert_int_equal(sign_verify(key, sig, &m), ST_OK);
}

/* N26, N13: a signature says one thing, in one election. */
static void a_signature_serves_no_other_message(void **state)
{
	struct message other[12];
	struct sign_secret secret;
	uint8_t key[SIGN_KEY_BYTES], sig[SIGN_BYTES];
	const struct message m = a_message();

	(void)state;
	for (size_t i = 0; i < COUNT(other); i++)
		other[i] = a_message();
	other[0].purpose = "close";
	other[1].group = group_belenios2048();
	other[2].group = NULL;
	other[3].election_id = election[1];
	other[4].election_id = NULL;
	other[5].y = joint + 1;
	other[6].y = NULL;
	other[6].y_len = 0;
	other[7].y_len = 31;
	other[8].body = "bodx";
	other[9].body_len = 3;
	other[10].body = NULL;
	other[10].body_len = 0;
	/* A field moved into its neighbour. */
	other[11].y = NULL;
	other[11].y_len = 0;
	other[11].body = joint;
	other[11].body_len = 32;
	sign_keygen(&secret, key);
	sign_message(&secret, sig, &m);
	for (size_t i = 0; i < COUNT(other); i++)
		if (sign_verify(key, sig, &other[i]) != ST_SIGNATURE)
			fail_msg("message %zu", i);
	assert_int_equal(sign_verify(key, sig, &m), ST_OK);
}

/* What a complaint or a share is about: another one, or none, is another message. */
static void a_signature_serves_no_other_context(void **state)
{
	struct message m = a_message(), other = a_message();
	struct sign_secret secret;
	uint8_t key[SIGN_KEY_BYTES], sig[SIGN_BYTES];

	(void)state;
	m.context = election[0];
	sign_keygen(&secret, key);
	sign_message(&secret, sig, &m);
	assert_int_equal(sign_verify(key, sig, &other), ST_SIGNATURE);
	other.context = election[1];
	assert_int_equal(sign_verify(key, sig, &other), ST_SIGNATURE);
	other.context = election[0];
	assert_int_equal(sign_verify(key, sig, &other), ST_OK);
	other.context = NULL;
	sign_message(&secret, sig, &other);
	assert_int_equal(sign_verify(key, sig, &m), ST_SIGNATURE);
}

/* docs/decisions/0015, worked out by hand: SHA-512 of the frames, then plain Ed25519. */
static void what_is_signed_is_the_digest_of_the_frames(void **state)
{
	static const uint8_t frames[] =
	    "\0\0\0\x0e" "kalpis/v1/card" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\x02" "hi";
	const struct message m = { .purpose = "card", .body = "hi", .body_len = 2 };
	struct sign_secret secret;
	uint8_t key[SIGN_KEY_BYTES], sig[SIGN_BYTES], digest[HASH512_BYTES];

	(void)state;
	sign_keygen(&secret, key);
	sign_message(&secret, sig, &m);
	hash512(digest, frames, sizeof(frames) - 1);
	assert_int_equal(sign_verify_bytes(key, sig, digest, sizeof(digest)), ST_OK);
}

static void a_seed_gives_back_its_key_pair(void **state)
{
	uint8_t seed[SIGN_SEED_BYTES] = { 7, 7, 7 };
	uint8_t key[3][SIGN_KEY_BYTES], again[SIGN_SEED_BYTES];
	struct sign_secret secret[2];

	(void)state;
	sign_from_seed(&secret[0], key[0], seed);
	sign_secret_seed(&secret[0], again);
	assert_memory_equal(again, seed, sizeof(seed));
	sign_from_seed(&secret[1], key[1], again);
	sign_secret_key(&secret[1], key[2]);
	assert_memory_equal(key[0], key[1], sizeof(key[0]));
	assert_memory_equal(key[0], key[2], sizeof(key[0]));
	assert_memory_equal(&secret[0], &secret[1], sizeof(secret[0]));
	sign_secret_wipe(&secret[0]);
	assert_true(mem_is_zero(&secret[0], sizeof(secret[0])));
	sign_secret_wipe(NULL);
}

/* The neutral element, the point of order 2, y = 0 and y beyond the prime. */
static void weak_keys_are_refused(void **state)
{
	static const char *const weak[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0000000000000000000000000000000000000000000000000000000000000080",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(weak); i++) {
		uint8_t key[SIGN_KEY_BYTES];

		hex_exact(key, sizeof(key), weak[i]);
		assert_int_equal(sign_key_check(key), ST_KEY);
	}
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_edge_case_is_refused),
		cmocka_unit_test(the_library_alone_takes_a_key_with_torsion),
		cmocka_unit_test(a_threshold_signature_of_rfc9591_verifies),
		cmocka_unit_test(every_altered_byte_of_a_signature_is_refused),
		cmocka_unit_test(a_signature_serves_no_other_message),
		cmocka_unit_test(a_signature_serves_no_other_context),
		cmocka_unit_test(what_is_signed_is_the_digest_of_the_frames),
		cmocka_unit_test(a_seed_gives_back_its_key_pair),
		cmocka_unit_test(weak_keys_are_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
