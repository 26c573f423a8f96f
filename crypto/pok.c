/*
 * pok.c: see pok.h.
 *
 * Invariant: prover and verifier hash the same statement in the same place.
 */
#include "crypto/pok.h"

#include "crypto/mem.h"
#include "crypto/sigma.h"
#include "crypto/transcript.h"

#include <string.h>

struct statement {
	const char *purpose;
	const uint8_t *context;
	const struct element *base;
	const struct element *element;
};

static void add_statement(struct transcript *t, const void *statement)
{
	const struct statement *s = statement;

	transcript_text(t, s->purpose);
	transcript_text(t, group_name(t->g));
	transcript_field(t, s->context, POK_CONTEXT_BYTES);
	transcript_element(t, s->base);
	transcript_element(t, s->element);
}

static void challenge(const struct group *g, struct scalar *out, const struct statement *s,
                      const struct element *r)
{
	struct transcript t;

	transcript_init(&t, g, "pok");
	add_statement(&t, s);
	transcript_element(&t, r);
	transcript_challenge(&t, out);
}

size_t pok_len(const struct group *g)
{
	return 2 * group_scalar_len(g);
}

enum status pok_prove_from(const struct group *g, uint8_t *proof, const char *purpose,
                           const uint8_t context[static POK_CONTEXT_BYTES],
                           const struct element *base, const struct scalar *secret,
                           const uint8_t entropy[static NONCE_ENTROPY_BYTES])
{
	struct statement s = { .purpose = purpose, .context = context };
	struct element generator, element, r;
	struct scalar k, c, z;

	group_generator(g, &generator);
	s.base = base != NULL ? base : &generator;
	s.element = &element;
	if (group_is_identity(g, s.base) || group_scalar_is_zero(g, secret)) {
		memset(proof, 0, pok_len(g));
		return ST_IDENTITY;
	}
	group_mul(g, &element, s.base, secret);
	nonce_scalar(g, &k, entropy, secret, add_statement, &s);
	group_mul(g, &r, s.base, &k);
	challenge(g, &c, &s, &r);
	sigma_respond(g, &z, SIGMA_PLUS, &k, &c, secret);
	group_scalar_encode(g, proof, &c);
	group_scalar_encode(g, proof + group_scalar_len(g), &z);
	mem_wipe(&k, sizeof(k));
	return ST_OK;
}

enum status pok_prove(const struct group *g, uint8_t *proof, const char *purpose,
                      const uint8_t context[static POK_CONTEXT_BYTES],
                      const struct element *base, const struct scalar *secret)
{
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	enum status st;

	nonce_entropy(entropy);
	st = pok_prove_from(g, proof, purpose, context, base, secret, entropy);
	mem_wipe(entropy, sizeof(entropy));
	return st;
}

enum status pok_verify(const struct group *g, const uint8_t *proof, size_t proof_len,
                       const char *purpose, const uint8_t context[static POK_CONTEXT_BYTES],
                       const struct element *base, const struct element *element)
{
	struct statement s = { .purpose = purpose, .context = context, .element = element };
	struct element generator, r;
	struct scalar c, z, again;
	enum status st;

	group_generator(g, &generator);
	s.base = base != NULL ? base : &generator;
	if (group_is_identity(g, s.base) || group_is_identity(g, element))
		return ST_IDENTITY;
	if (proof_len != pok_len(g))
		return ST_FORMAT;
	if ((st = group_scalar_decode(g, &c, proof)) != ST_OK ||
	    (st = group_scalar_decode(g, &z, proof + group_scalar_len(g))) != ST_OK)
		return st;
	sigma_commitment_var(g, &r, SIGMA_PLUS, base, element, &c, &z);
	challenge(g, &again, &s, &r);
	return group_scalar_is_equal(g, &c, &again) ? ST_OK : ST_PROOF;
}
