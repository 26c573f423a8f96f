/*
 * test_schnorr.c: RFC 9591 signatures verify; every forgery is refused for its reason, over every
 * group, alone and as a claim for a batch; over the tiny group by enumeration (N02, N25, N26).
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/suites.h"
#include "tests/vectors/rfc9591.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint8_t election[2][32] = { { 1 }, { 2 } };
static const uint8_t joint[33] = { 3, 4 };

struct signature {
	const struct group *g;
	struct scalar secret;
	struct element pk;
	struct message m;
	uint8_t sig[SCHNORR_BYTES_MAX + 1];
	size_t len;
};

static void make(struct signature *s, const struct group *g)
{
	*s = (struct signature){ .g = g, .len = schnorr_len(g) };
	s->m = (struct message){ .purpose = "ballot", .group = g, .election_id = election[0],
	                         .y = joint, .y_len = 32, .body = "body", .body_len = 4 };
	schnorr_keygen(g, &s->secret, &s->pk);
	assert_int_equal(schnorr_sign(g, s->sig, &s->secret, &s->m), ST_OK);
}

/* What a batch does with a claim: z*g - c*pk - r = 0. */
static enum status verify_by_claim(const struct signature *s)
{
	struct schnorr_claim claim;
	struct scalar minus;
	struct element sum;
	enum status st;

	if ((st = schnorr_claim(s->g, &claim, &s->pk, &s->m, s->sig, s->len)) != ST_OK)
		return st;
	group_scalar_neg(s->g, &minus, &claim.c);
	group_mul_base_add_var(s->g, &sum, &claim.z, &s->pk, &minus);
	group_sub(s->g, &sum, &sum, &claim.r);
	return group_is_identity(s->g, &sum) ? ST_OK : ST_SIGNATURE;
}

static void assert_verifies(const struct signature *s, enum status want)
{
	assert_int_equal(schnorr_verify(s->g, &s->pk, &s->m, s->sig, s->len), want);
	assert_int_equal(verify_by_claim(s), want);
}

static uint8_t *z_of(struct signature *s)
{
	return s->sig + group_element_len(s->g);
}

/* --- third parties' figures ----------------------------------------------------------------- */

static void a_threshold_signature_of_rfc9591_verifies(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t message[16], key[32], sig[64], bytes[32];
	size_t len = hex_bytes(message, sizeof(message), rfc9591_ristretto255.message);
	struct element pk, of_secret;
	struct scalar secret;

	(void)state;
	hex_exact(key, sizeof(key), rfc9591_ristretto255.key);
	hex_exact(sig, sizeof(sig), rfc9591_ristretto255.sig);
	hex_exact(bytes, sizeof(bytes), rfc9591_ristretto255.secret);
	assert_int_equal(group_decode_var(g, &pk, key), ST_OK);
	assert_int_equal(group_scalar_decode(g, &secret, bytes), ST_OK);
	group_mul_base(g, &of_secret, &secret);
	assert_true(group_is_equal(g, &pk, &of_secret));
	assert_int_equal(schnorr_verify_bytes(g, &pk, "tesu", 4, sig, sizeof(sig)), ST_SIGNATURE);
	assert_int_equal(schnorr_verify_bytes(g, &pk, message, len, sig, sizeof(sig)), ST_OK);
	/* Ours for the same key goes through the same verifier. */
	assert_int_equal(schnorr_sign_bytes(g, sig, &secret, message, len), ST_OK);
	assert_int_equal(schnorr_verify_bytes(g, &pk, message, len, sig, sizeof(sig)), ST_OK);
}

/* The challenge, worked out by hand from RFC 9591 §6.2 and from protocol.md §5. */
static void the_challenge_is_the_documented_one(void **state)
{
	static const char frames[] = "\0\0\0\x10" "kalpis/v1/ballot" "\0\0\0\x0c" "ristretto255"
	                             "\0\0\0\0" "\0\0\0\0" "\0\0\0\x02" "hi";
	const struct group *g = group_ristretto255();
	struct message m = { .purpose = "ballot", .group = g, .body = "hi", .body_len = 2 };
	uint8_t wide[64], r[32], pk[32];
	struct element key, nonce;
	struct scalar k, want, have;
	struct hash h;

	(void)state;
	schnorr_keygen(g, &k, &key);
	schnorr_keygen(g, &k, &nonce);
	group_encode(g, r, &nonce);
	group_encode(g, pk, &key);
	hash512_init(&h);
	hash_update(&h, "FROST-RISTRETTO255-SHA512-v1", 28);
	hash_update(&h, "chal", 4);
	hash_update(&h, r, sizeof(r));
	hash_update(&h, pk, sizeof(pk));
	hash_update(&h, frames, sizeof(frames) - 1);
	hash512_final(&h, wide);
	group_scalar_wide(g, &want, wide);
	schnorr_challenge(g, &have, r, &key, &m);
	assert_true(group_scalar_is_equal(g, &have, &want));
}

/* --- forgeries ------------------------------------------------------------------------------ */

static void every_altered_field_is_a_false_signature(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct signature good, other, bad;

		make(&good, *g);
		make(&other, *g);
		bad = good;
		forge_element_next(*g, bad.sig);
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		forge_scalar_next(*g, z_of(&bad));
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		memcpy(bad.sig, other.sig, group_element_len(*g));
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		memcpy(z_of(&bad), z_of(&other), group_scalar_len(*g));
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		memcpy(bad.sig, other.sig, other.len);
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		memset(z_of(&bad), 0, group_scalar_len(*g));
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.pk = other.pk;
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		group_add(*g, &bad.pk, &bad.pk, &other.pk);
		assert_verifies(&bad, ST_SIGNATURE);
		assert_verifies(&good, ST_OK);
	}
}

/* Both R and pk are in the challenge, so the classical shifts do not go through. */
static void related_keys_and_commitments_do_not_carry_a_signature_over(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct signature good, bad;
		struct element one;

		make(&good, *g);
		/* R + g with z + 1 would hold for the old challenge. */
		bad = good;
		forge_element_next(*g, bad.sig);
		forge_scalar_next(*g, z_of(&bad));
		assert_verifies(&bad, ST_SIGNATURE);
		/* pk + g with z + c would hold for the old challenge. */
		bad = good;
		struct schnorr_claim claim;
		assert_int_equal(schnorr_claim(*g, &claim, &good.pk, &good.m, good.sig, good.len), ST_OK);
		group_scalar_add(*g, &claim.z, &claim.z, &claim.c);
		group_scalar_encode(*g, z_of(&bad), &claim.z);
		group_generator(*g, &one);
		group_add(*g, &bad.pk, &bad.pk, &one);
		assert_verifies(&bad, ST_SIGNATURE);
		assert_verifies(&good, ST_OK);
	}
}

static void a_signature_serves_no_other_message(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct signature good, bad;

		make(&good, *g);
		bad = good;
		bad.m.purpose = "revote";
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.election_id = election[1];
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.election_id = NULL;
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.y = joint + 1;
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.y_len = 33;
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.body = "bodx";
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.body_len = 3;
		assert_verifies(&bad, ST_SIGNATURE);
		bad = good;
		bad.m.y = NULL;
		bad.m.y_len = 0;
		bad.m.body = joint;
		bad.m.body_len = 32;
		assert_verifies(&bad, ST_SIGNATURE);
		assert_verifies(&good, ST_OK);
	}
}

static void what_is_not_a_signature_is_refused_for_its_form(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct signature good, bad;

		make(&good, *g);
		bad = good;
		bad.len--;
		assert_verifies(&bad, ST_FORMAT);
		bad.len = 0;
		assert_verifies(&bad, ST_FORMAT);
		bad.len = good.len + 1;
		assert_verifies(&bad, ST_FORMAT);
		bad = good;
		memset(bad.sig, 0xff, group_element_len(*g));
		assert_verifies(&bad, ST_ELEMENT);
		bad = good;
		forge_scalar_order(*g, z_of(&bad));
		assert_verifies(&bad, ST_SCALAR);
		bad = good;
		if (forge_scalar_plus_order(*g, z_of(&bad)))
			assert_verifies(&bad, ST_SCALAR);
		bad = good;
		forge_element_identity(*g, bad.sig);
		assert_verifies(&bad, ST_IDENTITY);
		bad = good;
		group_identity(*g, &bad.pk);
		assert_verifies(&bad, ST_KEY);
		assert_verifies(&good, ST_OK);
	}
}

/* With an identity allowed anywhere, anybody could sign: z*g = R. */
static void an_identity_key_cannot_be_signed_for(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_all(); *g != NULL; g++) {
		struct signature s;
		struct scalar z;
		struct element r;

		make(&s, *g);
		group_identity(*g, &s.pk);
		rng_scalar(*g, &z);
		group_mul_base(*g, &r, &z);
		group_encode(*g, s.sig, &r);
		group_scalar_encode(*g, z_of(&s), &z);
		assert_verifies(&s, ST_KEY);
		group_scalar_zero(*g, &s.secret);
		assert_int_equal(schnorr_sign(*g, s.sig, &s.secret, &s.m), ST_KEY);
		assert_true(mem_is_zero(s.sig, s.len));
	}
}

static void every_altered_bit_of_a_ristretto_signature_is_refused(void **state)
{
	struct signature s;

	(void)state;
	make(&s, group_ristretto255());
	for (size_t i = 0; i < s.len; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			enum status st;

			s.sig[i] ^= (uint8_t)(1u << bit);
			st = schnorr_verify(s.g, &s.pk, &s.m, s.sig, s.len);
			assert_true(st == ST_SIGNATURE || st == (i < 32 ? ST_ELEMENT : ST_SCALAR));
			assert_int_equal(verify_by_claim(&s), st);
			s.sig[i] ^= (uint8_t)(1u << bit);
		}
	assert_verifies(&s, ST_OK);
}

/* A nonce used twice gives the secret away: N16. */
static void two_signatures_of_one_message_share_no_nonce(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct signature s;
		uint8_t first[SCHNORR_BYTES_MAX];

		make(&s, *g);
		memcpy(first, s.sig, s.len);
		assert_int_equal(schnorr_sign(*g, s.sig, &s.secret, &s.m), ST_OK);
		assert_memory_not_equal(first, s.sig, group_element_len(*g));
		assert_verifies(&s, ST_OK);
	}
}

/* --- the tiny group, by enumeration --------------------------------------------------------- */

static void every_tiny_key_signs_every_message(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t x = 1; x < SUITES_TINY_ORDER; x++)
		for (uint8_t body = 0; body < 100; body++) {
			struct signature s = { .g = g, .len = schnorr_len(g) };

			s.m = (struct message){ .purpose = "ballot", .group = g, .body = &body, .body_len = 1 };
			group_scalar_u64(g, &s.secret, x);
			group_mul_base(g, &s.pk, &s.secret);
			assert_int_equal(schnorr_sign(g, s.sig, &s.secret, &s.m), ST_OK);
			assert_verifies(&s, ST_OK);
		}
}

/* For every key and commitment exactly one z passes: the one the equation names. */
static void one_response_in_eleven_is_accepted(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t x = 1; x < SUITES_TINY_ORDER; x++)
		for (uint64_t k = 0; k < SUITES_TINY_ORDER; k++) {
			struct signature s = { .g = g, .len = schnorr_len(g) };
			struct scalar nonce, c, want, z;
			struct element r;

			s.m = (struct message){ .purpose = "ballot", .group = g, .body = "b", .body_len = 1 };
			group_scalar_u64(g, &s.secret, x);
			group_mul_base(g, &s.pk, &s.secret);
			group_scalar_u64(g, &nonce, k);
			group_mul_base(g, &r, &nonce);
			group_encode(g, s.sig, &r);
			schnorr_challenge(g, &c, s.sig, &s.pk, &s.m);
			group_scalar_mul(g, &want, &c, &s.secret);
			group_scalar_add(g, &want, &want, &nonce);
			for (uint64_t i = 0; i < SUITES_TINY_ORDER; i++) {
				bool is_it;

				group_scalar_u64(g, &z, i);
				group_scalar_encode(g, z_of(&s), &z);
				is_it = group_scalar_is_equal(g, &z, &want);
				assert_verifies(&s, k == 0 ? ST_IDENTITY : is_it ? ST_OK : ST_SIGNATURE);
			}
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
		cmocka_unit_test(a_threshold_signature_of_rfc9591_verifies),
		cmocka_unit_test(the_challenge_is_the_documented_one),
		cmocka_unit_test(every_altered_field_is_a_false_signature),
		cmocka_unit_test(related_keys_and_commitments_do_not_carry_a_signature_over),
		cmocka_unit_test(a_signature_serves_no_other_message),
		cmocka_unit_test(what_is_not_a_signature_is_refused_for_its_form),
		cmocka_unit_test(an_identity_key_cannot_be_signed_for),
		cmocka_unit_test(every_altered_bit_of_a_ristretto_signature_is_refused),
		cmocka_unit_test(two_signatures_of_one_message_share_no_nonce),
		cmocka_unit_test(every_tiny_key_signs_every_message),
		cmocka_unit_test(one_response_in_eleven_is_accepted),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
