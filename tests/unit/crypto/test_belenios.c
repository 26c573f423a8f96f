/*
 * test_belenios.c: keys, signatures, messages and partial decryptions of the Belenios dialect:
 * complete, and refused with any field altered; and what such a proof does not say, shown
 * (docs/belenios.md).
 */
#include "crypto/belenios.h"
#include "crypto/belenios_impl.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/shamir.h"
#include "crypto/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { GROUPS = 3, LARGE = 2 };

static const char HASH[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGg";
static const char OTHER[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGh";

static const struct group *group(size_t i)
{
	const struct group *const all[GROUPS] = {group_belenios2048(), group_rfc3526_2048(),
	                                         group_tiny()};

	return all[i];
}

static void next(const struct group *g, struct scalar *s)
{
	struct scalar one;

	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, s, s, &one);
}

static void element_next(const struct group *g, struct element *e)
{
	struct element generator;

	group_generator(g, &generator);
	group_add(g, e, e, &generator);
}

/* A proof with one field altered, number 0 to 2. */
static struct belenios_proof altered(const struct group *g, const struct belenios_proof *good,
                                     int what)
{
	struct belenios_proof bad = *good;

	if (what == 0)
		next(g, &bad.challenge);
	if (what == 1)
		next(g, &bad.response);
	if (what == 2)
		bad = (struct belenios_proof){good->response, good->challenge};
	return bad;
}

enum { ALTERED = 3 };

static void a_key_comes_with_knowledge_of_its_secret(void **state)
{
	(void)state;
	for (size_t n = 0; n < GROUPS; n++) {
		const struct group *g = group(n);
		struct belenios_proof good, bad;
		struct element key, other;
		struct scalar x;

		rng_scalar(g, &x);
		assert_int_equal(belenios_key_prove(g, &good, &key, &x), ST_OK);
		assert_int_equal(belenios_key_verify_var(g, &key, &good), ST_OK);
		group_scalar_zero(g, &x);
		assert_int_equal(belenios_key_prove(g, &bad, &other, &x), ST_IDENTITY);
		group_identity(g, &other);
		assert_int_equal(belenios_key_verify_var(g, &other, &good), ST_IDENTITY);
		for (int what = 0; n < LARGE && what < ALTERED; what++) {
			bad = altered(g, &good, what);
			assert_int_equal(belenios_key_verify_var(g, &key, &bad), ST_PROOF);
		}
		other = key;
		element_next(g, &other);
		if (n < LARGE)
			assert_int_equal(belenios_key_verify_var(g, &other, &good), ST_PROOF);
	}
}

static void a_ballots_signature_is_of_that_ballot_and_credential(void **state)
{
	(void)state;
	for (size_t n = 0; n < LARGE; n++) {
		const struct group *g = group(n);
		struct belenios_proof good, bad;
		struct element key;
		struct scalar x;

		rng_scalar(g, &x);
		group_mul_base(g, &key, &x);
		assert_int_equal(belenios_ballot_sign(g, &good, &x, HASH), ST_OK);
		assert_int_equal(belenios_ballot_check_var(g, &key, HASH, &good), ST_OK);
		assert_int_equal(belenios_ballot_check_var(g, &key, OTHER, &good), ST_SIGNATURE);
		/* Of another purpose. */
		assert_int_equal(belenios_message_check_var(g, &key, HASH, strlen(HASH), &good),
		                 ST_SIGNATURE);
		for (int what = 0; what < ALTERED; what++) {
			bad = altered(g, &good, what);
			assert_int_equal(belenios_ballot_check_var(g, &key, HASH, &bad), ST_SIGNATURE);
		}
		element_next(g, &key);
		assert_int_equal(belenios_ballot_check_var(g, &key, HASH, &good), ST_SIGNATURE);
		group_identity(g, &key);
		assert_int_equal(belenios_ballot_check_var(g, &key, HASH, &good), ST_KEY);
		group_scalar_zero(g, &x);
		assert_int_equal(belenios_ballot_sign(g, &good, &x, HASH), ST_KEY);
	}
}

static void a_message_is_signed_to_the_byte(void **state)
{
	static const char MESSAGE[] = "{\"coefexps\":[]}";
	const size_t len = sizeof(MESSAGE) - 1;

	(void)state;
	for (size_t n = 0; n < LARGE; n++) {
		const struct group *g = group(n);
		char seed[BELENIOS_SEED_CHARS + 1], message[sizeof(MESSAGE)];
		struct belenios_trustee t, again;
		struct belenios_proof good, bad;

		belenios_seed_generate(seed);
		assert_int_equal(belenios_trustee_derive(g, &t, seed, strlen(seed)), ST_OK);
		assert_int_equal(belenios_message_sign(g, &good, &t.signing, MESSAGE, len), ST_OK);
		assert_int_equal(belenios_message_check_var(g, &t.verification, MESSAGE, len, &good),
		                 ST_OK);
		assert_int_equal(belenios_message_check_var(g, &t.encryption, MESSAGE, len, &good),
		                 ST_SIGNATURE);
		for (size_t i = 0; i < len; i += 1 + 6 * n) {
			memcpy(message, MESSAGE, sizeof(message));
			message[i] ^= 1;
			assert_int_equal(belenios_message_check_var(g, &t.verification, message, len,
			                                            &good), ST_SIGNATURE);
		}
		for (int what = 0; what < ALTERED; what++) {
			bad = altered(g, &good, what);
			assert_int_equal(belenios_message_check_var(g, &t.verification, MESSAGE, len,
			                                            &bad), ST_SIGNATURE);
		}
		seed[3] = seed[3] == '2' ? '3' : '2';
		assert_int_equal(belenios_trustee_derive(g, &again, seed, strlen(seed)), ST_OK);
		assert_false(group_is_equal(g, &again.verification, &t.verification));
		assert_false(group_is_equal(g, &t.encryption, &t.verification));
	}
}

static void a_seed_is_22_characters_of_58(void **state)
{
	static const char *const BAD[] = {"", "2222222222222222222222x", "222222222222222222222",
	                                  "22222222222222222222220", "222222222222222222222O",
	                                  "222222222222222222222I", "l222222222222222222222",
	                                  "222222222222222222222-", "22222222222222222222 2"};
	struct belenios_trustee t;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(belenios_trustee_derive(group_belenios2048(), &t, BAD[i],
		                                         strlen(BAD[i])), ST_FORMAT);
	for (uint32_t d = 0; d < BASE58_DIGITS; d++)
		assert_int_equal(base58_digit(base58_char(d)), d);
	for (int c = 0; c < 256; c++)
		if (c == 0 || strchr("0OIl-/:@[`{ ", c) != NULL || c > 127)
			assert_int_equal(base58_digit((char)c), BASE58_DIGITS);
}

/* --- partial decryptions -------------------------------------------------------------------- */

struct decryption {
	const struct group *g;
	struct scalar x;
	struct element key, alpha, factor;
	struct belenios_proof proof;
};

static void decryption_make(struct decryption *d, const struct group *g)
{
	struct scalar r;

	*d = (struct decryption){.g = g};
	rng_scalar(g, &d->x);
	rng_scalar(g, &r);
	group_mul_base(g, &d->key, &d->x);
	group_mul_base(g, &d->alpha, &r);
	assert_int_equal(belenios_decrypt(g, &d->factor, &d->proof, &d->x, &d->key, HASH,
	                                  &d->alpha), ST_OK);
}

static enum status decryption_check(const struct decryption *d, const char *fingerprint)
{
	return belenios_factor_check_var(d->g, &d->key, fingerprint, &d->alpha, &d->factor,
	                                 &d->proof);
}

static void a_factor_altered_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < LARGE; n++) {
		struct decryption good, bad;

		decryption_make(&good, group(n));
		assert_int_equal(decryption_check(&good, HASH), ST_OK);
		assert_int_equal(decryption_check(&good, OTHER), ST_PROOF);
		for (int what = 0; what < ALTERED + 3; what++) {
			bad = good;
			if (what < ALTERED)
				bad.proof = altered(good.g, &good.proof, what);
			else
				element_next(good.g, what == ALTERED ? &bad.key :
				             what == ALTERED + 1 ? &bad.alpha : &bad.factor);
			assert_int_equal(decryption_check(&bad, HASH), ST_PROOF);
		}
		bad = good;
		group_identity(bad.g, &bad.key);
		assert_int_equal(decryption_check(&bad, HASH), ST_IDENTITY);
		/* No share is made with a secret that is not that of the key. */
		next(bad.g, &bad.x);
		assert_int_equal(belenios_decrypt(good.g, &bad.factor, &bad.proof, &bad.x, &good.key,
		                                  HASH, &good.alpha), ST_KEY);
		/* Where the sum of randomness is 0, the factor is the identity, and that is right. */
		group_identity(bad.g, &good.alpha);
		assert_int_equal(belenios_decrypt(good.g, &good.factor, &good.proof, &good.x,
		                                  &good.key, HASH, &good.alpha), ST_OK);
		assert_true(group_is_identity(good.g, &good.factor));
		assert_int_equal(decryption_check(&good, HASH), ST_OK);
	}
}

/*
 * decrypt|FINGERPRINT|X|A,B names neither alpha nor the factor.  So a trustee commits to B =
 * w2*alpha with a w2 of its own, hears the challenge c, answers z = w - c*x, and only then takes
 * for its factor the one that fits: D = ((w2 - z)/c) * alpha.  (Bernhard, Pereira, Warinschi,
 * ASIACRYPT 2012.)
 */
static void false_factor(struct decryption *d)
{
	const struct group *g = d->g;
	struct scalar w, w2, c, inverse;
	struct element a, b;
	struct hash h;

	rng_scalar(g, &w);
	rng_scalar(g, &w2);
	group_mul_base(g, &a, &w);
	group_mul(g, &b, &d->alpha, &w2);
	hash256_init(&h);
	belenios_text(&h, "decrypt|");
	belenios_text(&h, HASH);
	belenios_text(&h, "|");
	belenios_text_element(&h, g, &d->key);
	belenios_text(&h, "|");
	belenios_text_element(&h, g, &a);
	belenios_text(&h, ",");
	belenios_text_element(&h, g, &b);
	belenios_challenge(g, &c, &h);
	d->proof.challenge = c;
	group_scalar_mul(g, &d->proof.response, &c, &d->x);
	group_scalar_sub(g, &d->proof.response, &w, &d->proof.response);
	group_scalar_sub(g, &w2, &w2, &d->proof.response);
	group_scalar_inv(g, &inverse, &c);
	group_scalar_mul(g, &w2, &w2, &inverse);
	group_mul(g, &d->factor, &d->alpha, &w2);
}

static void a_false_factor_passes_the_belenios_proof(void **state)
{
	(void)state;
	for (size_t n = 0; n < LARGE; n++) {
		struct decryption d;
		struct element honest;

		decryption_make(&d, group(n));
		honest = d.factor;
		false_factor(&d);
		assert_false(group_is_equal(d.g, &d.factor, &honest));
		assert_int_equal(decryption_check(&d, HASH), ST_OK);
	}
}

/* The same trustee, the same false factor: no proof of ours can be had for it. */
static void a_false_factor_does_not_pass_ours(void **state)
{
	static const uint8_t ID[THDEC_HASH_BYTES] = {1};
	uint8_t proof[DLEQ_BYTES_MAX];
	struct decryption d;
	struct ciphertext sum;
	struct element alpha, partial;
	struct thdec list;

	(void)state;
	decryption_make(&d, group_belenios2048());
	sum = (struct ciphertext){d.alpha, d.alpha};
	assert_int_equal(thdec_init(&list, &alpha, d.g, ID, ID, &d.key, &sum, 1), ST_OK);
	assert_int_equal(thdec_share_make(&list, &partial, proof, 1, &d.x, &d.key), ST_OK);
	assert_int_equal(thdec_share_check(&list, 1, &d.key, &partial, proof), ST_OK);
	assert_true(group_is_equal(d.g, &partial, &d.factor));
	false_factor(&d);
	assert_int_equal(decryption_check(&d, HASH), ST_OK);
	assert_int_equal(thdec_share_check(&list, 1, &d.key, &d.factor, proof), ST_PROOF);
}

/* --- what a dealer sends --------------------------------------------------------------------- */

static void a_secret_sent_is_what_was_promised(void **state)
{
	enum { T = 3 };

	(void)state;
	for (size_t n = 0; n < GROUPS; n++) {
		const struct group *g = group(n);
		struct scalar coeffs[T], secret;
		struct element coefexps[T];

		for (size_t k = 0; k < T; k++) {
			rng_scalar(g, &coeffs[k]);
			group_mul_base(g, &coefexps[k], &coeffs[k]);
		}
		for (uint8_t j = 1; j <= 4; j++) {
			shamir_eval(g, &secret, j, coeffs, T);
			assert_int_equal(belenios_secret_check(g, &secret, j, coefexps, T), ST_OK);
			next(g, &secret);
			assert_int_equal(belenios_secret_check(g, &secret, j, coefexps, T),
			                 ST_OPENING);
		}
		assert_int_equal(belenios_secret_check(g, &secret, 0, coefexps, T), ST_LIMIT);
		assert_int_equal(belenios_secret_check(g, &secret, SHAMIR_MAX + 1, coefexps, T),
		                 ST_LIMIT);
		assert_int_equal(belenios_secret_check(g, &secret, 1, coefexps, 0), ST_LIMIT);
	}
}

static void groups_have_the_names_of_the_specification(void **state)
{
	(void)state;
	assert_ptr_equal(belenios_group("BELENIOS-2048"), group_belenios2048());
	assert_ptr_equal(belenios_group("RFC-3526-2048"), group_rfc3526_2048());
	assert_null(belenios_group("belenios-2048"));
	assert_null(belenios_group("Ed25519"));
	assert_string_equal(belenios_group_name(group_belenios2048()), "BELENIOS-2048");
	assert_null(belenios_group_name(group_ristretto255()));
}

/* SHA-256 of "abc", as of FIPS 180-4; base64 without its padding. */
static void a_hash_is_base64_without_padding(void **state)
{
	char text[BELENIOS_HASH_TEXT];

	(void)state;
	belenios_hash(text, "abc", 3);
	assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_comes_with_knowledge_of_its_secret),
		cmocka_unit_test(a_ballots_signature_is_of_that_ballot_and_credential),
		cmocka_unit_test(a_message_is_signed_to_the_byte),
		cmocka_unit_test(a_seed_is_22_characters_of_58),
		cmocka_unit_test(a_factor_altered_is_refused),
		cmocka_unit_test(a_false_factor_passes_the_belenios_proof),
		cmocka_unit_test(a_false_factor_does_not_pass_ours),
		cmocka_unit_test(a_secret_sent_is_what_was_promised),
		cmocka_unit_test(groups_have_the_names_of_the_specification),
		cmocka_unit_test(a_hash_is_base64_without_padding),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
