/*
 * belenios.c: see belenios.h.
 *
 * Invariant: a proof is made and checked from one struct statement, so both hash the same text; the
 * verifier recomputes commitments and challenge and compares.
 */
#include "crypto/belenios.h"

#include "crypto/base64.h"
#include "crypto/belenios_impl.h"
#include "crypto/ct.h"
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/shamir.h"
#include "crypto/sigma.h"

#include <assert.h>
#include <string.h>

static const char BASE58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* --- names and texts ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	const struct group *(*group)(void);
} GROUPS[] = {
	{"BELENIOS-2048", group_belenios2048},
	{"RFC-3526-2048", group_rfc3526_2048},
};

enum { GROUPS_LEN = sizeof(GROUPS) / sizeof(GROUPS[0]) };

const char *belenios_group_name(const struct group *g)
{
	for (size_t i = 0; i < GROUPS_LEN; i++)
		if (GROUPS[i].group() == g)
			return GROUPS[i].name;
	return NULL;
}

const struct group *belenios_group(const char *name)
{
	for (size_t i = 0; i < GROUPS_LEN; i++)
		if (strcmp(GROUPS[i].name, name) == 0)
			return GROUPS[i].group();
	return NULL;
}

void belenios_hash(char out[static BELENIOS_HASH_TEXT], const void *p, size_t len)
{
	char padded[BASE64_CHARS(HASH256_BYTES)];
	uint8_t digest[HASH256_BYTES];

	_Static_assert(sizeof(padded) == BELENIOS_HASH_TEXT + 1, "one character of padding");
	hash256(digest, p, len);
	base64_encode(padded, digest, sizeof(digest));
	memcpy(out, padded, BELENIOS_HASH_TEXT - 1);
	out[BELENIOS_HASH_TEXT - 1] = '\0';
}

void belenios_text(struct hash *h, const char *text)
{
	hash_update(h, text, strlen(text));
}

void belenios_text_element(struct hash *h, const struct group *g, const struct element *a)
{
	char text[DECIMAL_TEXT];

	hash_update(h, text, decimal_element_write_var(g, text, a));
}

void belenios_scalar(const struct group *g, struct scalar *out,
                     const uint8_t digest[static HASH256_BYTES])
{
	enum { HALF = HASH256_BYTES / 2 };
	uint8_t wide[GROUP_WIDE_BYTES_MAX] = {0};
	size_t end = group_wide_len(g);
	struct scalar low, shift;

	/* In halves: the wide bytes of a small group do not take a whole digest. */
	assert(end >= HALF && end <= sizeof(wide));
	memcpy(wide + end - HALF, digest, HALF);
	group_scalar_wide(g, out, wide);
	memcpy(wide + end - HALF, digest + HALF, HALF);
	group_scalar_wide(g, &low, wide);
	group_scalar_u64(g, &shift, (uint64_t)1 << 32);
	for (int i = 0; i < 4; i++)
		group_scalar_mul(g, out, out, &shift);
	group_scalar_add(g, out, out, &low);
	mem_wipe(wide, sizeof(wide));
	mem_wipe(&low, sizeof(low));
}

void belenios_challenge(const struct group *g, struct scalar *out, struct hash *h)
{
	uint8_t digest[HASH256_BYTES];

	hash256_final(h, digest);
	belenios_scalar(g, out, digest);
}

static void add_nonce(struct transcript *t, const void *statement)
{
	const struct belenios_nonce *n = statement;
	struct hash prefix = *n->prefix;
	uint8_t digest[HASH256_BYTES];

	hash256_final(&prefix, digest);
	transcript_field(t, digest, sizeof(digest));
	transcript_u32(t, n->number);
	if (n->about != NULL)
		transcript_element(t, n->about);
}

void belenios_nonce_scalar(const struct group *g, struct scalar *out,
                           const uint8_t entropy[static NONCE_ENTROPY_BYTES],
                           const struct scalar *secret, const struct belenios_nonce *n)
{
	nonce_scalar(g, out, entropy, secret, add_nonce, n);
}

char base58_char(uint32_t digit)
{
	uint64_t c = 0;

	for (uint32_t i = 0; i < BASE58_DIGITS; i++)
		c |= (uint64_t)(unsigned char)BASE58[i] & ~ct_mask(i ^ digit);
	return (char)c;
}

uint32_t base58_digit(char c)
{
	uint64_t digit = 0, found = 0;

	for (uint32_t i = 0; i < BASE58_DIGITS; i++) {
		uint64_t is = ~ct_mask((uint64_t)(BASE58[i] ^ c));

		digit |= i & is;
		found |= is;
	}
	return (uint32_t)ct_pick(BASE58_DIGITS, digit, found);
}

/* --- one secret, one or two images ---------------------------------------------------------- */

/* image = x * generator; and, where there is a base, other = x * base. */
struct statement {
	struct hash prefix;          /* the text of the challenge, up to the bar before A */
	const struct element *image;
	const struct element *base;  /* NULL: one equation alone */
	const struct element *other;
};

static void statement_challenge(const struct group *g, struct scalar *out,
                                const struct statement *s, const struct element *a,
                                const struct element *b)
{
	struct hash h = s->prefix;

	belenios_text_element(&h, g, a);
	if (s->base != NULL) {
		belenios_text(&h, ",");
		belenios_text_element(&h, g, b);
	}
	belenios_challenge(g, out, &h);
}

static void prove(const struct group *g, struct belenios_proof *out, const struct statement *s,
                  const struct scalar *x)
{
	struct belenios_nonce n = {.prefix = &s->prefix, .about = s->base};
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	struct element a, b;
	struct scalar w;

	nonce_entropy(entropy);
	belenios_nonce_scalar(g, &w, entropy, x, &n);
	group_mul_base(g, &a, &w);
	group_identity(g, &b);
	if (s->base != NULL)
		group_mul(g, &b, s->base, &w);
	statement_challenge(g, &out->challenge, s, &a, &b);
	sigma_respond(g, &out->response, SIGMA_MINUS, &w, &out->challenge, x);
	mem_wipe(entropy, sizeof(entropy));
	mem_wipe(&w, sizeof(w));
}

static bool holds_var(const struct group *g, const struct statement *s,
                      const struct belenios_proof *proof)
{
	struct scalar again;
	struct element a, b;

	sigma_commitment_var(g, &a, SIGMA_MINUS, NULL, s->image, &proof->challenge,
	                     &proof->response);
	group_identity(g, &b);
	if (s->base != NULL)
		sigma_commitment_var(g, &b, SIGMA_MINUS, s->base, s->other, &proof->challenge,
		                     &proof->response);
	statement_challenge(g, &again, s, &a, &b);
	return group_scalar_is_equal(g, &again, &proof->challenge);
}

/* --- trustees' keys ------------------------------------------------------------------------- */

static void key_statement(const struct group *g, struct statement *s, const struct element *key)
{
	const char *name = belenios_group_name(g);

	*s = (struct statement){.image = key};
	hash256_init(&s->prefix);
	belenios_text(&s->prefix, "pok|");
	belenios_text(&s->prefix, name != NULL ? name : group_name(g));
	belenios_text(&s->prefix, "|");
	belenios_text_element(&s->prefix, g, key);
	belenios_text(&s->prefix, "|");
}

enum status belenios_key_prove(const struct group *g, struct belenios_proof *out,
                               struct element *key, const struct scalar *x)
{
	struct statement s;

	*out = (struct belenios_proof){0};
	group_identity(g, key);
	if (group_scalar_is_zero(g, x))
		return ST_IDENTITY;
	group_mul_base(g, key, x);
	key_statement(g, &s, key);
	prove(g, out, &s, x);
	return ST_OK;
}

enum status belenios_key_verify_var(const struct group *g, const struct element *key,
                                    const struct belenios_proof *proof)
{
	struct statement s;

	if (group_is_identity(g, key))
		return ST_IDENTITY;
	key_statement(g, &s, key);
	return holds_var(g, &s, proof) ? ST_OK : ST_PROOF;
}

/* --- signatures ----------------------------------------------------------------------------- */

static void signed_statement(struct statement *s, const struct element *key, const char *purpose,
                             const void *message, size_t len)
{
	*s = (struct statement){.image = key};
	hash256_init(&s->prefix);
	belenios_text(&s->prefix, purpose);
	hash_update(&s->prefix, message, len);
	belenios_text(&s->prefix, "|");
}

static enum status sign(const struct group *g, struct belenios_proof *out,
                        const struct scalar *secret, const char *purpose, const void *message,
                        size_t len)
{
	struct statement s;

	*out = (struct belenios_proof){0};
	if (group_scalar_is_zero(g, secret))
		return ST_KEY;
	signed_statement(&s, NULL, purpose, message, len);
	prove(g, out, &s, secret);
	return ST_OK;
}

static enum status signature_check(const struct group *g, const struct element *key,
                                   const char *purpose, const void *message, size_t len,
                                   const struct belenios_proof *proof)
{
	struct statement s;

	if (group_is_identity(g, key))
		return ST_KEY;
	signed_statement(&s, key, purpose, message, len);
	return holds_var(g, &s, proof) ? ST_OK : ST_SIGNATURE;
}

enum status belenios_ballot_sign(const struct group *g, struct belenios_proof *out,
                                 const struct scalar *secret, const char *hash)
{
	return sign(g, out, secret, "sig|", hash, strlen(hash));
}

enum status belenios_ballot_check_var(const struct group *g, const struct element *credential,
                                      const char *hash, const struct belenios_proof *proof)
{
	return signature_check(g, credential, "sig|", hash, strlen(hash), proof);
}

enum status belenios_message_sign(const struct group *g, struct belenios_proof *out,
                                  const struct scalar *secret, const void *message,
                                  size_t message_len)
{
	return sign(g, out, secret, "sigmsg|", message, message_len);
}

enum status belenios_message_check_var(const struct group *g, const struct element *key,
                                       const void *message, size_t message_len,
                                       const struct belenios_proof *proof)
{
	return signature_check(g, key, "sigmsg|", message, message_len, proof);
}

/* --- Pedersen's trustees -------------------------------------------------------------------- */

void belenios_seed_generate(char out[static BELENIOS_SEED_CHARS + 1])
{
	for (size_t i = 0; i < BELENIOS_SEED_CHARS; i++)
		out[i] = base58_char(rng_below(BASE58_DIGITS));
	out[BELENIOS_SEED_CHARS] = '\0';
}

static void derive_key(const struct group *g, struct scalar *secret, struct element *key,
                       const char *purpose, const char *seed, size_t seed_len)
{
	uint8_t digest[HASH256_BYTES];
	struct hash h;

	hash256_init(&h);
	belenios_text(&h, purpose);
	hash_update(&h, seed, seed_len);
	hash256_final(&h, digest);
	belenios_scalar(g, secret, digest);
	group_mul_base(g, key, secret);
	mem_wipe(digest, sizeof(digest));
}

enum status belenios_trustee_derive(const struct group *g, struct belenios_trustee *out,
                                    const char *seed, size_t seed_len)
{
	uint64_t wrong = 0;

	mem_wipe(out, sizeof(*out));
	if (seed_len != BELENIOS_SEED_CHARS)
		return ST_FORMAT;
	for (size_t i = 0; i < seed_len; i++)
		wrong |= ~ct_mask(base58_digit(seed[i]) ^ BASE58_DIGITS);
	if (wrong != 0)
		return ST_FORMAT;
	derive_key(g, &out->signing, &out->verification, "sk|", seed, seed_len);
	derive_key(g, &out->decryption, &out->encryption, "dk|", seed, seed_len);
	if (group_scalar_is_zero(g, &out->signing) || group_scalar_is_zero(g, &out->decryption)) {
		mem_wipe(out, sizeof(*out));
		return ST_SCALAR;
	}
	return ST_OK;
}

enum status belenios_pedersen_check_var(const struct group *g, struct element *subkey,
                                        size_t *wrong, const struct element *coefexps,
                                        const struct element *keys, size_t n, size_t t)
{
	struct element sum[SHAMIR_MAX], key;

	group_identity(g, subkey);
	if (t < 1 || t > n || n > SHAMIR_MAX)
		return ST_LIMIT;
	for (size_t k = 0; k < t; k++) {
		sum[k] = coefexps[k];
		for (size_t i = 1; i < n; i++)
			group_add(g, &sum[k], &sum[k], &coefexps[i * t + k]);
	}
	for (size_t j = 0; j < n; j++) {
		shamir_eval_commits_var(g, &key, (uint8_t)(j + 1), sum, t);
		if (group_is_equal(g, &key, &keys[j]))
			continue;
		if (wrong != NULL)
			*wrong = j;
		return ST_KEY;
	}
	if (group_is_identity(g, &sum[0]))
		return ST_IDENTITY;
	*subkey = sum[0];
	return ST_OK;
}

enum status belenios_secret_check(const struct group *g, const struct scalar *secret,
                                  uint8_t index, const struct element *coefexps, size_t t)
{
	struct element sent, promised;

	if (index < 1 || index > SHAMIR_MAX || t < 1 || t > SHAMIR_MAX)
		return ST_LIMIT;
	group_mul_base(g, &sent, secret);
	shamir_eval_commits_var(g, &promised, index, coefexps, t);
	return group_is_equal(g, &sent, &promised) ? ST_OK : ST_OPENING;
}

/* --- partial decryptions -------------------------------------------------------------------- */

static void factor_statement(const struct group *g, struct statement *s, const struct element *key,
                             const char *fingerprint, const struct element *alpha,
                             const struct element *factor)
{
	*s = (struct statement){.image = key, .base = alpha, .other = factor};
	hash256_init(&s->prefix);
	belenios_text(&s->prefix, "decrypt|");
	belenios_text(&s->prefix, fingerprint);
	belenios_text(&s->prefix, "|");
	belenios_text_element(&s->prefix, g, key);
	belenios_text(&s->prefix, "|");
}

enum status belenios_decrypt(const struct group *g, struct element *factor,
                             struct belenios_proof *out, const struct scalar *x,
                             const struct element *key, const char *fingerprint,
                             const struct element *alpha)
{
	struct statement s;
	struct element again;

	*out = (struct belenios_proof){0};
	group_identity(g, factor);
	group_mul_base(g, &again, x);
	if (group_is_identity(g, key) || !group_is_equal(g, &again, key))
		return ST_KEY;
	group_mul(g, factor, alpha, x);
	factor_statement(g, &s, key, fingerprint, alpha, factor);
	prove(g, out, &s, x);
	return ST_OK;
}

enum status belenios_factor_check_var(const struct group *g, const struct element *key,
                                      const char *fingerprint, const struct element *alpha,
                                      const struct element *factor,
                                      const struct belenios_proof *proof)
{
	struct statement s;

	if (group_is_identity(g, key))
		return ST_IDENTITY;
	factor_statement(g, &s, key, fingerprint, alpha, factor);
	return holds_var(g, &s, proof) ? ST_OK : ST_PROOF;
}
