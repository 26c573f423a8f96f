/*
 * vote.c: see vote.h.
 */
#include "common/belenios/vote.h"

#include "common/base/alloc.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

struct bel_vote *bel_vote_new(const struct bel_election *e)
{
	struct bel_vote *v = alloc_zero(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->answers = alloc_zero(e->questions_len, sizeof(*v->answers));
	v->choices = alloc_zero(e->choices + 1, sizeof(*v->choices));
	v->individual = alloc_zero(e->choices + 1, sizeof(*v->individual));
	v->overall = alloc_zero(e->overall + 1, sizeof(*v->overall));
	v->blank = alloc_zero(e->questions_len, 2 * sizeof(*v->blank));
	if (v->answers == NULL || v->choices == NULL || v->individual == NULL ||
	    v->overall == NULL || v->blank == NULL) {
		bel_vote_free(v);
		return NULL;
	}
	for (size_t i = 0, overall = 0; i < e->questions_len; i++) {
		const struct bel_question *q = &e->questions[i];

		if (q->skipped)
			continue;
		v->answers[i].choices = &v->choices[q->first];
		v->answers[i].individual = &v->individual[q->first];
		v->answers[i].overall = &v->overall[overall];
		v->answers[i].blank = q->rule.blank ? &v->blank[2 * i] : NULL;
		overall += belenios_overall_len(&q->rule);
	}
	return v;
}

void bel_vote_free(struct bel_vote *v)
{
	if (v == NULL)
		return;
	free(v->answers);
	free(v->choices);
	free(v->individual);
	free(v->overall);
	free(v->blank);
	free(v);
}

/* --- decoding -------------------------------------------------------------------------------- */

static void lex_proofs(struct lex *l, const struct group *g, struct belenios_proof *out, size_t len)
{
	lex_lit(l, "[");
	for (size_t i = 0; i < len; i++) {
		lex_lit(l, i > 0 ? "," : "");
		lex_proof(l, g, &out[i]);
	}
	lex_lit(l, "]");
}

static void lex_answer(struct lex *l, const struct group *g, const struct belenios_question *q,
                       const struct belenios_answer *a)
{
	size_t choices = belenios_choices(q);

	lex_lit(l, "{\"choices\":[");
	for (size_t i = 0; i < choices && l->st == ST_OK; i++) {
		lex_lit(l, i > 0 ? "," : "");
		lex_ciphertext_candidate(l, g, &a->choices[i]);
	}
	lex_lit(l, "],\"individual_proofs\":[");
	for (size_t i = 0; i < choices && l->st == ST_OK; i++) {
		lex_lit(l, i > 0 ? "," : "");
		lex_proofs(l, g, a->individual[i], 2);
	}
	lex_lit(l, "],\"overall_proof\":");
	lex_proofs(l, g, a->overall, belenios_overall_len(q));
	if (q->blank) {
		lex_lit(l, ",\"blank_proof\":");
		lex_proofs(l, g, a->blank, 2);
	}
	lex_lit(l, "}");
}

/* Up to the digits of the credential. */
static void lex_opening(struct lex *l, const struct bel_election *e)
{
	struct lex_text t;

	lex_lit(l, "{\"election_uuid\":");
	t = lex_string(l, 64);
	if (t.len != e->uuid.len || memcmp(t.at, e->uuid.at, t.len) != 0)
		lex_fail(l, ST_ELECTION);
	lex_lit(l, ",\"election_hash\":");
	t = lex_string(l, 64);
	if (t.len != strlen(e->fingerprint) || memcmp(t.at, e->fingerprint, t.len) != 0)
		lex_fail(l, ST_ELECTION);
	lex_lit(l, ",\"credential\":");
}

enum status bel_vote_credential(struct lex_text *out, const struct bel_election *e,
                                const void *bytes, size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_opening(&l, e);
	*out = lex_string(&l, DECIMAL_TEXT);
	return l.st;
}

/* The hash of what is signed: the text up to here, closed. */
static void hash_so_far(struct bel_vote *v, struct lex *l)
{
	size_t len = (size_t)(l->at - l->start);
	uint8_t *bytes = (uint8_t *)(uintptr_t)l->start;   /* bel_vote_decode's own argument */
	uint8_t kept = bytes[len];

	bytes[len] = '}';
	belenios_hash(v->hash, bytes, len + 1);
	hash256(v->unsigned_id, bytes, len + 1);
	bytes[len] = kept;
}

static void lex_signature(struct lex *l, const struct group *g, struct bel_vote *v)
{
	struct lex_text t;

	if (l->st != ST_OK || l->at == l->end) {
		lex_fail(l, ST_FORMAT);
		return;
	}
	hash_so_far(v, l);
	lex_lit(l, ",\"signature\":{\"hash\":");
	t = lex_string(l, BELENIOS_HASH_TEXT - 1);
	memset(v->said_hash, 0, sizeof(v->said_hash));
	memcpy(v->said_hash, t.at, t.len);
	lex_lit(l, ",\"proof\":");
	lex_proof(l, g, &v->signature);
	lex_lit(l, "}}");
}

enum status bel_vote_decode(struct bel_vote *v, const struct bel_election *e, uint8_t *bytes,
                            size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_opening(&l, e);
	v->credential_text = (struct lex_text){ l.at + 1, 0 };
	lex_element_candidate(&l, e->g, &v->credential);
	if (l.st == ST_OK)
		v->credential_text.len = (size_t)(l.at - 1 - v->credential_text.at);
	lex_lit(&l, ",\"answers\":[");
	for (size_t i = 0; i < e->questions_len && l.st == ST_OK; i++) {
		lex_lit(&l, i > 0 ? "," : "");
		if (e->questions[i].skipped)
			lex_skip(&l);
		else
			lex_answer(&l, e->g, &e->questions[i].rule, &v->answers[i]);
	}
	lex_lit(&l, "]");
	lex_signature(&l, e->g, v);
	return lex_end(&l);
}

/* --- checks ---------------------------------------------------------------------------------- */

enum status bel_vote_signature_check(const struct bel_vote *v, const struct bel_election *e)
{
	if (strcmp(v->hash, v->said_hash) != 0)
		return ST_HASH;
	return belenios_ballot_check_var(e->g, &v->credential, v->hash, &v->signature);
}

enum status bel_vote_check(const struct bel_vote *v, const struct bel_election *e,
                           const struct orproof_key *key, size_t *question, size_t *part)
{
	const struct belenios_voter voter = { .key = key, .fingerprint = e->fingerprint,
	                                      .credential = &v->credential };
	enum status st;

	for (size_t i = 0; i < e->questions_len; i++) {
		if (e->questions[i].skipped)
			continue;
		*question = i;
		st = belenios_answer_verify_var(&voter, &e->questions[i].rule, &v->answers[i], part);
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}
