/*
 * belenios_answer.c: see belenios_answer.h (Belenios 2.0 specification §4.11.1).
 *
 * Invariant: prover and verifier take texts and cases of a proof from the same functions; secret
 * numbers choose between results, never what is computed.
 */
#include "crypto/belenios_answer.h"

#include "crypto/belenios_impl.h"
#include "crypto/ct.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <string.h>

enum {
	BIT_CASES = 2,
	BLANK_CASES = 2,
	OVERALL_MAX = BELENIOS_ANSWERS_MAX + 2
};

_Static_assert((int)OVERALL_MAX <= (int)ORPROOF_CASES_MAX, "an overall proof is an orproof");

size_t belenios_choices(const struct belenios_question *q)
{
	return (size_t)q->answers + (q->blank ? 1 : 0);
}

size_t belenios_overall_len(const struct belenios_question *q)
{
	return (size_t)q->max - q->min + 1 + (q->blank ? 1 : 0);
}

enum status belenios_question_check(const struct belenios_question *q)
{
	if (q->answers < 1 || q->answers > BELENIOS_ANSWERS_MAX || q->max > BELENIOS_ANSWERS_MAX)
		return ST_LIMIT;
	return q->min <= q->max ? ST_OK : ST_RANGE;
}

/* --- texts: S0 = FINGERPRINT|CREDENTIAL; S = S0|alpha,beta,alpha,beta,... ------------------- */

static void text_voter(struct hash *h, const struct belenios_voter *v, const char *purpose)
{
	hash256_init(h);
	belenios_text(h, purpose);
	belenios_text(h, v->fingerprint);
	belenios_text(h, "|");
	belenios_text_element(h, v->key->g, v->credential);
	belenios_text(h, "|");
}

static void text_ciphertext(struct hash *h, const struct group *g, const struct ciphertext *ct)
{
	belenios_text_element(h, g, &ct->a);
	belenios_text(h, ",");
	belenios_text_element(h, g, &ct->b);
}

/* purpose|S| */
static void text_answer(struct hash *h, const struct belenios_voter *v, const char *purpose,
                        const struct belenios_question *q, const struct ciphertext *choices)
{
	text_voter(h, v, purpose);
	for (size_t i = 0; i < belenios_choices(q); i++) {
		if (i > 0)
			belenios_text(h, ",");
		text_ciphertext(h, v->key->g, &choices[i]);
	}
	belenios_text(h, "|");
}

/* --- what each proof says ------------------------------------------------------------------- */

/* A disjunction as both sides see it. */
struct claim {
	struct hash prefix;
	struct orproof_case cases[OVERALL_MAX];
	size_t count;
};

/* The sum of all choices, the blank one aside. */
static void total(const struct group *g, struct ciphertext *out, const struct belenios_question *q,
                  const struct ciphertext *choices)
{
	ciphertext_zero(g, out);
	for (size_t i = q->blank ? 1 : 0; i < belenios_choices(q); i++)
		ciphertext_add(g, out, out, &choices[i]);
}

/* prove|S0|alpha,beta|: ct encrypts 0, or it encrypts 1. */
static void claim_bit(struct claim *c, const struct hash *voter, const struct group *g,
                      const struct ciphertext *ct)
{
	c->prefix = *voter;
	text_ciphertext(&c->prefix, g, ct);
	belenios_text(&c->prefix, "|");
	c->cases[0] = (struct orproof_case){ct, 0};
	c->cases[1] = (struct orproof_case){ct, 1};
	c->count = BIT_CASES;
}

/* With blank, bproof1|S|: the vote is blank, or the sum lies in min..max.  Without,
 * prove|S|alpha,beta|: the latter alone. */
static void claim_overall(struct claim *c, const struct belenios_voter *v,
                          const struct belenios_question *q, const struct ciphertext *choices,
                          const struct ciphertext *sum)
{
	text_answer(&c->prefix, v, q->blank ? "bproof1|" : "prove|", q, choices);
	c->count = 0;
	if (q->blank) {
		c->cases[c->count++] = (struct orproof_case){&choices[0], 1};
	} else {
		text_ciphertext(&c->prefix, v->key->g, sum);
		belenios_text(&c->prefix, "|");
	}
	for (uint32_t m = q->min; m <= q->max; m++)
		c->cases[c->count++] = (struct orproof_case){sum, m};
}

/* bproof0|S|: the vote is not blank, or the sum is 0. */
static void claim_blank(struct claim *c, const struct belenios_voter *v,
                        const struct belenios_question *q, const struct ciphertext *choices,
                        const struct ciphertext *sum)
{
	text_answer(&c->prefix, v, "bproof0|", q, choices);
	c->cases[0] = (struct orproof_case){&choices[0], 0};
	c->cases[1] = (struct orproof_case){sum, 0};
	c->count = BLANK_CASES;
}

/* --- verifying ------------------------------------------------------------------------------ */

static enum status claim_verify(const struct belenios_voter *v, const struct claim *c,
                                const struct belenios_proof *proofs)
{
	return orproof_verify_var(v->key, &c->prefix, c->cases, c->count, proofs);
}

static enum status bits_verify(const struct belenios_voter *v, const struct belenios_question *q,
                               const struct belenios_answer *a, size_t *at, struct claim *c)
{
	struct hash voter;
	enum status st;

	text_voter(&voter, v, "prove|");
	for (*at = 0; *at < belenios_choices(q); ++*at) {
		claim_bit(c, &voter, v->key->g, &a->choices[*at]);
		if ((st = orproof_verify_candidates_var(v->key, &c->prefix, c->cases, c->count,
		                                        a->individual[*at])) != ST_OK)
			return st;
	}
	return ST_OK;
}

enum status belenios_answer_verify_var(const struct belenios_voter *v,
                                       const struct belenios_question *q,
                                       const struct belenios_answer *a, size_t *wrong)
{
	struct ciphertext sum;
	struct claim c;
	enum status st;
	size_t at = 0;

	if ((st = belenios_question_check(q)) != ST_OK ||
	    (st = bits_verify(v, q, a, &at, &c)) != ST_OK)
		goto out;
	total(v->key->g, &sum, q, a->choices);
	claim_overall(&c, v, q, a->choices, &sum);
	if ((st = claim_verify(v, &c, a->overall)) != ST_OK || !q->blank)
		goto out;
	at++;
	claim_blank(&c, v, q, a->choices, &sum);
	st = claim_verify(v, &c, a->blank);
out:
	if (st != ST_OK && wrong != NULL)
		*wrong = at;
	return st;
}

/* --- making --------------------------------------------------------------------------------- */

/* What is secret about an answer while it is made. */
struct secret {
	struct scalar r_sum;
	struct scalar r_blank;
	uint64_t sum;       /* of the values, the blank one aside */
	uint64_t is_blank;  /* 0 or 1 */
	uint64_t is_wrong;  /* not 0: these values are no answer */
};

/* All ones when a < b; both below 2^63. */
static uint64_t is_less(uint64_t a, uint64_t b)
{
	return ct_mask((a - b) >> 63);
}

static void choices_make(const struct belenios_voter *v, const struct belenios_question *q,
                         struct ciphertext *choices, struct scalar *r, struct secret *s,
                         const uint8_t *values)
{
	const struct group *g = v->key->g;

	*s = (struct secret){.is_blank = q->blank ? values[0] & 1 : 0};
	for (size_t i = 0; i < belenios_choices(q); i++) {
		rng_scalar(g, &r[i]);
		elgamal_encrypt_u64(g, &choices[i], &v->key->y, NULL, &r[i], values[i]);
		s->is_wrong |= values[i] >> 1;
		if (q->blank && i == 0)   /* public: a position */
			continue;
		s->sum += values[i];
		group_scalar_add(g, &s->r_sum, &s->r_sum, &r[i]);
	}
	if (q->blank)
		s->r_blank = r[0];
	/* Blank: all else is 0.  Not blank: min..max. */
	s->is_wrong |= ct_pick(is_less(s->sum, q->min) | is_less(q->max, s->sum), s->sum,
	                       ct_mask(s->is_blank));
}

static enum status bits_prove(const struct belenios_voter *v, const struct belenios_question *q,
                              struct belenios_answer *out, const struct scalar *r,
                              const uint8_t *values, struct claim *c)
{
	struct hash voter;
	enum status st;

	text_voter(&voter, v, "prove|");
	for (size_t i = 0; i < belenios_choices(q); i++) {
		claim_bit(c, &voter, v->key->g, &out->choices[i]);
		if ((st = orproof_prove(v->key, out->individual[i], &c->prefix, c->cases, c->count,
		                        values[i], &r[i])) != ST_OK)
			return st;
	}
	return ST_OK;
}

static enum status sums_prove(const struct belenios_voter *v, const struct belenios_question *q,
                              struct belenios_answer *out, const struct secret *s, struct claim *c)
{
	const struct group *g = v->key->g;
	uint64_t blank = ct_mask(s->is_blank);
	uint64_t which = s->sum - q->min;
	struct ciphertext sum;
	struct scalar r;
	enum status st;

	total(g, &sum, q, out->choices);
	claim_overall(c, v, q, out->choices, &sum);
	if (q->blank)
		which = ct_pick(which + 1, 0, blank);
	group_scalar_select(g, &r, &s->r_sum, &s->r_blank, (unsigned int)blank & 1);
	st = orproof_prove(v->key, out->overall, &c->prefix, c->cases, c->count, (size_t)which, &r);
	if (st != ST_OK || !q->blank)
		goto out;
	claim_blank(c, v, q, out->choices, &sum);
	group_scalar_select(g, &r, &s->r_blank, &s->r_sum, (unsigned int)blank & 1);
	st = orproof_prove(v->key, out->blank, &c->prefix, c->cases, c->count,
	                   (size_t)s->is_blank, &r);
out:
	mem_wipe(&r, sizeof(r));
	return st;
}

static void answer_wipe(const struct belenios_question *q, struct belenios_answer *a,
                        struct scalar *r)
{
	mem_wipe(a->choices, belenios_choices(q) * sizeof(*a->choices));
	mem_wipe(a->individual, belenios_choices(q) * sizeof(*a->individual));
	mem_wipe(a->overall, belenios_overall_len(q) * sizeof(*a->overall));
	if (q->blank)
		mem_wipe(a->blank, BLANK_CASES * sizeof(*a->blank));
	mem_wipe(r, belenios_choices(q) * sizeof(*r));
}

enum status belenios_answer_make(const struct belenios_voter *v, const struct belenios_question *q,
                                 struct belenios_answer *out, struct scalar *r,
                                 const uint8_t *values)
{
	struct secret s;
	struct claim c;
	enum status st;

	if ((st = belenios_question_check(q)) != ST_OK)
		return st;
	choices_make(v, q, out->choices, r, &s, values);
	if ((st = bits_prove(v, q, out, r, values, &c)) == ST_OK)
		st = sums_prove(v, q, out, &s, &c);
	if (st == ST_OK && s.is_wrong != 0)
		st = ST_RANGE;
	if (st != ST_OK)
		answer_wipe(q, out, r);
	mem_wipe(&s, sizeof(s));
	return st;
}
