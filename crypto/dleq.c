/*
 * dleq.c: see dleq.h (RFC 9497 §2.2; docs/decisions/0016).
 *
 * Invariant: pairs are walked a chunk at a time, so that any number of them needs the same room;
 * prover and verifier derive coefficients and challenge in the same places.
 */
#include "crypto/dleq.h"

#include "crypto/mem.h"
#include "crypto/nonce.h"
#include "crypto/sigma.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <string.h>

enum {
	CHUNK = 64,             /* pairs in one multi-scalar multiplication */
	WORK = 64,              /* its scratch */
	DST_MAX = 255
};

static const char H2S_TAG[] = "HashToScalar-";
static const char SEED_TAG[] = "Seed-";
static const char PREFIX[] = "kalpis/v1/";

_Static_assert(sizeof(H2S_TAG) + DLEQ_CONTEXT_STRING_MAX <= DST_MAX, "the DST fits RFC 9380");
_Static_assert(sizeof(PREFIX) + DLEQ_PURPOSE_MAX + HASH256_BYTES <= DLEQ_CONTEXT_STRING_MAX,
               "our context string fits");
_Static_assert(DLEQ_PAIRS_MAX - 1 <= UINT16_MAX, "an index is I2OSP(i, 2)");

size_t dleq_len(const struct group *g)
{
	return 2 * group_scalar_len(g);
}

/* --- RFC 9497 ------------------------------------------------------------------------------- */

static void add_u16(struct hash *h, size_t v)
{
	const uint8_t bytes[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	assert(v <= UINT16_MAX);
	hash_update(h, bytes, sizeof(bytes));
}

/* I2OSP(len(p), 2) || p */
static void add_bytes(struct hash *h, const void *p, size_t len)
{
	add_u16(h, len);
	hash_update(h, p, len);
}

static void add_element(const struct group *g, struct hash *h, const struct element *e)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, bytes, e);
	add_bytes(h, bytes, group_element_len(g));
}

/* HashToScalar of what h was fed since expand_start. */
static void to_scalar(const struct group *g, struct scalar *out, struct hash *h,
                      const struct dleq_string *string)
{
	uint8_t dst[DST_MAX];
	size_t tag = sizeof(H2S_TAG) - 1;

	assert(string->len <= DLEQ_CONTEXT_STRING_MAX);
	memcpy(dst, H2S_TAG, tag);
	memcpy(dst + tag, string->bytes, string->len);
	expand_scalar(g, out, h, dst, tag + string->len);
}

static void seed_of(const struct group *g, uint8_t seed[static HASH512_BYTES],
                    const struct dleq_string *string, const struct element *b)
{
	size_t tag = sizeof(SEED_TAG) - 1;
	struct hash h;

	hash512_init(&h);
	add_element(g, &h, b);
	add_u16(&h, tag + string->len);
	hash_update(&h, SEED_TAG, tag);
	hash_update(&h, string->bytes, string->len);
	hash512_final(&h, seed);
}

static void coefficient(const struct group *g, struct scalar *out, const struct dleq_string *string,
                        const uint8_t seed[static HASH512_BYTES], const struct dleq_statement *s,
                        size_t i)
{
	static const char TAG[] = "Composite";
	struct hash h;

	expand_start(&h);
	add_bytes(&h, seed, HASH512_BYTES);
	add_u16(&h, i);
	add_element(g, &h, &s->c[i]);
	add_element(g, &h, &s->d[i]);
	hash_update(&h, TAG, sizeof(TAG) - 1);
	to_scalar(g, out, &h, string);
}

/* m = sum of coefficients times c; and z, unless NULL, the same of d.  Public data. */
static void composites(const struct group *g, struct element *m, struct element *z,
                       const struct dleq_string *string, const struct dleq_statement *s)
{
	uint8_t seed[HASH512_BYTES];
	struct scalar k[CHUNK];
	struct element work[WORK];
	struct element part;

	seed_of(g, seed, string, s->b);
	group_identity(g, m);
	if (z != NULL)
		group_identity(g, z);
	for (size_t i = 0; i < s->count; i += CHUNK) {
		size_t n = s->count - i < CHUNK ? s->count - i : CHUNK;

		for (size_t j = 0; j < n; j++)
			coefficient(g, &k[j], string, seed, s, i + j);
		group_msm_var(g, &part, k, s->c + i, n, work, WORK);
		group_add(g, m, m, &part);
		if (z == NULL)
			continue;
		group_msm_var(g, &part, k, s->d + i, n, work, WORK);
		group_add(g, z, z, &part);
	}
}

static void challenge(const struct group *g, struct scalar *out, const struct dleq_string *string,
                      const struct element *b, const struct element *m, const struct element *z,
                      const struct element *t2, const struct element *t3)
{
	static const char TAG[] = "Challenge";
	struct hash h;

	expand_start(&h);
	add_element(g, &h, b);
	add_element(g, &h, m);
	add_element(g, &h, z);
	add_element(g, &h, t2);
	add_element(g, &h, t3);
	hash_update(&h, TAG, sizeof(TAG) - 1);
	to_scalar(g, out, &h, string);
}

static enum status statement_check(const struct group *g, const struct dleq_statement *s)
{
	if (s->count == 0 || s->count > DLEQ_PAIRS_MAX)
		return ST_LIMIT;
	return group_is_identity(g, s->b) ? ST_IDENTITY : ST_OK;
}

enum status dleq_rfc9497_prove(const struct group *g, uint8_t *proof,
                               const struct dleq_string *string, const struct dleq_statement *s,
                               const struct scalar *k, const struct scalar *r)
{
	struct element m, z, t2, t3;
	struct scalar c;
	enum status st;

	if ((st = statement_check(g, s)) != ST_OK) {
		memset(proof, 0, dleq_len(g));
		return st;
	}
	composites(g, &m, NULL, string, s);
	group_mul(g, &z, &m, k);
	group_mul_base(g, &t2, r);
	group_mul(g, &t3, &m, r);
	challenge(g, &c, string, s->b, &m, &z, &t2, &t3);
	group_scalar_encode(g, proof, &c);
	sigma_respond(g, &c, SIGMA_MINUS, r, &c, k);
	group_scalar_encode(g, proof + group_scalar_len(g), &c);
	return ST_OK;
}

enum status dleq_rfc9497_verify(const struct group *g, const struct dleq_string *string,
                                const struct dleq_statement *s, const uint8_t *proof,
                                size_t proof_len)
{
	struct element m, z, t2, t3;
	struct scalar c, r, again;
	enum status st;

	if ((st = statement_check(g, s)) != ST_OK)
		return st;
	if (proof_len != dleq_len(g))
		return ST_FORMAT;
	if ((st = group_scalar_decode(g, &c, proof)) != ST_OK ||
	    (st = group_scalar_decode(g, &r, proof + group_scalar_len(g))) != ST_OK)
		return st;
	composites(g, &m, &z, string, s);
	sigma_commitment_var(g, &t2, SIGMA_MINUS, NULL, s->b, &c, &r);
	sigma_commitment_var(g, &t3, SIGMA_MINUS, &m, &z, &c, &r);
	challenge(g, &again, string, s->b, &m, &z, &t2, &t3);
	return group_scalar_is_equal(g, &c, &again) ? ST_OK : ST_PROOF;
}

/* --- ours ----------------------------------------------------------------------------------- */

static void field_element(const struct group *g, struct hash *h, const struct element *e)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, bytes, e);
	hash_field(h, bytes, group_element_len(g));
}

void dleq_bind(const struct group *g, struct dleq_string *out, const struct dleq_statement *s)
{
	size_t prefix = sizeof(PREFIX) - 1;
	size_t purpose = strlen(s->purpose);
	uint8_t digest[HASH256_BYTES];
	struct hash h;

	assert(purpose >= 1 && purpose <= DLEQ_PURPOSE_MAX);
	hash256_purpose(&h, "dleq");
	hash_field_text(&h, group_name(g));
	hash_field_text(&h, s->purpose);
	hash_field(&h, s->context, s->context_len);
	field_element(g, &h, s->b);
	hash_field_u32(&h, (uint32_t)s->count);
	for (size_t i = 0; i < s->count; i++) {
		field_element(g, &h, &s->c[i]);
		field_element(g, &h, &s->d[i]);
	}
	hash256_final(&h, digest);
	memcpy(out->bytes, PREFIX, prefix);
	memcpy(out->bytes + prefix, s->purpose, purpose);
	memcpy(out->bytes + prefix + purpose, digest, sizeof(digest));
	out->len = prefix + purpose + sizeof(digest);
}

/* The context string stands for the whole statement. */
static void add_string(struct transcript *t, const void *statement)
{
	const struct dleq_string *string = statement;

	transcript_field(t, string->bytes, string->len);
}

enum status dleq_prove(const struct group *g, uint8_t *proof, const struct dleq_statement *s,
                       const struct scalar *k)
{
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	struct dleq_string string;
	struct scalar r;
	enum status st;

	if ((st = statement_check(g, s)) != ST_OK) {
		memset(proof, 0, dleq_len(g));
		return st;
	}
	dleq_bind(g, &string, s);
	nonce_entropy(entropy);
	nonce_scalar(g, &r, entropy, k, add_string, &string);
	st = dleq_rfc9497_prove(g, proof, &string, s, k, &r);
	mem_wipe(entropy, sizeof(entropy));
	mem_wipe(&r, sizeof(r));
	return st;
}

enum status dleq_verify(const struct group *g, const struct dleq_statement *s,
                        const uint8_t *proof, size_t proof_len)
{
	struct dleq_string string;
	enum status st;

	if ((st = statement_check(g, s)) != ST_OK)
		return st;
	dleq_bind(g, &string, s);
	return dleq_rfc9497_verify(g, &string, s, proof, proof_len);
}
