/*
 * schnorr.c: see schnorr.h (protocol.md §5, RFC 9591 §6.2 for ristretto255).
 *
 * Invariant: signing and verifying compute the challenge in one place, from encodings; the
 * verifier takes nothing from the signature but R and z.
 */
#include "crypto/schnorr.h"

#include "crypto/mem.h"
#include "crypto/nonce.h"
#include "crypto/rng.h"
#include "crypto/sigma.h"

#include <assert.h>
#include <string.h>

/* What is signed: a framed message, or bare bytes where framed is NULL. */
struct content {
	const struct message *framed;
	const void *bytes;
	size_t len;
};

static void content_hash(struct hash *h, const struct content *m)
{
	if (m->framed != NULL)
		message_hash(h, m->framed);
	else
		hash_update(h, m->bytes, m->len);
}

static struct content framed(const struct group *g, const struct message *m)
{
	assert(m->group == g);
	(void)g;
	return (struct content){ .framed = m };
}

size_t schnorr_len(const struct group *g)
{
	return group_element_len(g) + group_scalar_len(g);
}

void schnorr_keygen(const struct group *g, struct scalar *secret, struct element *pk)
{
	rng_scalar(g, secret);
	group_mul_base(g, pk, secret);
}

/* --- the challenge -------------------------------------------------------------------------- */

/* RFC 9591 §6.2: H2(m) = SHA-512(contextString || "chal" || m), little-endian, mod q. */
static void challenge_rfc9591(const struct group *g, struct scalar *out, const uint8_t *r,
                              const uint8_t *pk, const struct content *m)
{
	static const char TAG[] = "FROST-RISTRETTO255-SHA512-v1chal";
	uint8_t wide[HASH512_BYTES];
	struct hash h;

	assert(group_wide_len(g) == sizeof(wide));
	hash512_init(&h);
	hash_update(&h, TAG, sizeof(TAG) - 1);
	hash_update(&h, r, group_element_len(g));
	hash_update(&h, pk, group_element_len(g));
	content_hash(&h, m);
	hash512_final(&h, wide);
	group_scalar_wide(g, out, wide);
}

/* c = H2S("schnorr", R, PK, M); the frames of M follow as they are. */
static void challenge_modp(const struct group *g, struct scalar *out, const uint8_t *r,
                           const uint8_t *pk, const struct content *m)
{
	struct transcript t;

	transcript_init(&t, g, "schnorr");
	transcript_field(&t, r, group_element_len(g));
	transcript_field(&t, pk, group_element_len(g));
	content_hash(&t.hash, m);
	transcript_challenge(&t, out);
}

static void challenge(const struct group *g, struct scalar *out, const uint8_t *r,
                      const struct element *pk, const struct content *m)
{
	uint8_t key[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, key, pk);
	if (group_is_ristretto(g))
		challenge_rfc9591(g, out, r, key, m);
	else
		challenge_modp(g, out, r, key, m);
}

void schnorr_challenge(const struct group *g, struct scalar *out, const uint8_t *r,
                       const struct element *pk, const struct message *m)
{
	struct content content = framed(g, m);

	challenge(g, out, r, pk, &content);
}

/* --- signing -------------------------------------------------------------------------------- */

static void add_content(struct transcript *t, const void *statement)
{
	content_hash(&t->hash, statement);
}

static enum status sign_content(const struct group *g, uint8_t *sig, const struct scalar *secret,
                                const struct content *m)
{
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	struct scalar k, c, z;
	struct element pk, r;

	if (group_scalar_is_zero(g, secret)) {
		memset(sig, 0, schnorr_len(g));
		return ST_KEY;
	}
	group_mul_base(g, &pk, secret);
	nonce_entropy(entropy);
	nonce_scalar(g, &k, entropy, secret, add_content, m);
	group_mul_base(g, &r, &k);
	group_encode(g, sig, &r);
	challenge(g, &c, sig, &pk, m);
	sigma_respond(g, &z, SIGMA_PLUS, &k, &c, secret);
	group_scalar_encode(g, sig + group_element_len(g), &z);
	mem_wipe(entropy, sizeof(entropy));
	mem_wipe(&k, sizeof(k));
	return ST_OK;
}

enum status schnorr_sign(const struct group *g, uint8_t *sig, const struct scalar *secret,
                         const struct message *m)
{
	struct content content = framed(g, m);

	return sign_content(g, sig, secret, &content);
}

enum status schnorr_sign_bytes(const struct group *g, uint8_t *sig, const struct scalar *secret,
                               const void *p, size_t len)
{
	struct content content = { .bytes = p, .len = len };

	return sign_content(g, sig, secret, &content);
}

/* --- verifying ------------------------------------------------------------------------------ */

static enum status claim_content(const struct group *g, struct schnorr_claim *out,
                                 const struct element *pk, const struct content *m,
                                 const uint8_t *sig, size_t sig_len)
{
	enum status st;

	if (group_is_identity(g, pk))
		return ST_KEY;
	if (sig_len != schnorr_len(g))
		return ST_FORMAT;
	if ((st = group_decode_var(g, &out->r, sig)) != ST_OK ||
	    (st = group_scalar_decode(g, &out->z, sig + group_element_len(g))) != ST_OK)
		return st;
	if (group_is_identity(g, &out->r))
		return ST_IDENTITY;
	challenge(g, &out->c, sig, pk, m);
	return ST_OK;
}

static enum status verify_content(const struct group *g, const struct element *pk,
                                  const struct content *m, const uint8_t *sig, size_t sig_len)
{
	struct schnorr_claim claim;
	struct element r;
	enum status st;

	if ((st = claim_content(g, &claim, pk, m, sig, sig_len)) != ST_OK)
		return st;
	sigma_commitment_var(g, &r, SIGMA_PLUS, NULL, pk, &claim.c, &claim.z);
	return group_is_equal(g, &r, &claim.r) ? ST_OK : ST_SIGNATURE;
}

enum status schnorr_claim(const struct group *g, struct schnorr_claim *out,
                          const struct element *pk, const struct message *m,
                          const uint8_t *sig, size_t sig_len)
{
	struct content content = framed(g, m);

	return claim_content(g, out, pk, &content, sig, sig_len);
}

enum status schnorr_verify(const struct group *g, const struct element *pk,
                           const struct message *m, const uint8_t *sig, size_t sig_len)
{
	struct content content = framed(g, m);

	return verify_content(g, pk, &content, sig, sig_len);
}

enum status schnorr_verify_bytes(const struct group *g, const struct element *pk,
                                 const void *p, size_t len, const uint8_t *sig, size_t sig_len)
{
	struct content content = { .bytes = p, .len = len };

	return verify_content(g, pk, &content, sig, sig_len);
}
