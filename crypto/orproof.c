/*
 * orproof.c: see orproof.h.
 *
 * Invariant: the prover gives every case a challenge and a response of its own, the true one a
 * challenge of 0 at first, so that its commitment is response*(g, y); only masks tell them apart.
 */
#include "crypto/orproof.h"

#include "crypto/belenios_impl.h"
#include "crypto/ct.h"
#include "crypto/mem.h"
#include "crypto/power.h"
#include "crypto/sigma.h"

#include <assert.h>

enum { RUN = 4 };   /* cases about one ciphertext that are worked out together */

size_t orproof_key_room(const struct group *g)
{
	return 2 * power_table_len(g);
}

enum status orproof_key_init(struct orproof_key *k, struct element *storage,
                             const struct group *g, const struct element *y)
{
	struct element generator;
	struct element *y_table = storage + power_table_len(g);

	if (group_is_identity(g, y))
		return ST_IDENTITY;
	group_generator(g, &generator);
	power_table_init(g, storage, &generator);
	power_table_init(g, y_table, y);
	*k = (struct orproof_key){.g = g, .y = *y, .g_table = storage, .y_table = y_table};
	return ST_OK;
}

static bool is_count(size_t count)
{
	return count >= 1 && count <= ORPROOF_CASES_MAX;
}

/* ",A,B" as it stands in the text of a challenge; no comma before the first. */
static void add_commitments(struct hash *h, const struct group *g, bool is_first,
                            const struct element *a, const struct element *b)
{
	if (!is_first)
		belenios_text(h, ",");
	belenios_text_element(h, g, a);
	belenios_text(h, ",");
	belenios_text_element(h, g, b);
}

/* --- verifying ------------------------------------------------------------------------------ */

/* challenge[i] * base for all i, into out; false when membership is asked for and missing. */
static bool multiples(const struct group *g, struct element *out, const struct element *base,
                      const struct scalar *challenges, size_t len, bool ask_member)
{
	if (ask_member)
		return power_many_member_var(g, out, base, challenges, len);
	power_many_var(g, out, base, challenges, len);
	return true;
}

/* The commitments of one case: a and b hold challenge*alpha and challenge*beta. */
static void finish(const struct orproof_key *k, struct element *a, struct element *b,
                   const struct orproof_case *one, const struct belenios_proof *proof)
{
	const struct group *g = k->g;
	struct scalar number;
	struct element part;

	power_table_mul_var(g, &part, k->g_table, &proof->response, NULL, NULL);
	group_add(g, a, a, &part);
	if (one->m == 0) {
		power_table_mul_var(g, &part, k->y_table, &proof->response, NULL, NULL);
	} else {
		/* -m*challenge generators beside response*y */
		group_scalar_u64(g, &number, one->m);
		group_scalar_mul(g, &number, &number, &proof->challenge);
		group_scalar_neg(g, &number, &number);
		power_table_mul_var(g, &part, k->y_table, &proof->response, k->g_table, &number);
	}
	group_add(g, b, b, &part);
}

/* len <= RUN cases about one ciphertext, the first of them number first: commitments into h. */
static bool run_add(const struct orproof_key *k, struct hash *h, const struct orproof_case *cases,
                    const struct belenios_proof *proofs, size_t first, size_t len,
                    bool ask_member)
{
	struct element a[RUN], b[RUN];
	struct scalar challenges[RUN];
	const struct ciphertext *ct = cases[first].ct;

	for (size_t i = 0; i < len; i++)
		challenges[i] = proofs[first + i].challenge;
	if (!multiples(k->g, a, &ct->a, challenges, len, ask_member) ||
	    !multiples(k->g, b, &ct->b, challenges, len, ask_member))
		return false;
	for (size_t i = 0; i < len; i++) {
		finish(k, &a[i], &b[i], &cases[first + i], &proofs[first + i]);
		add_commitments(h, k->g, first + i == 0, &a[i], &b[i]);
	}
	return true;
}

static enum status verify(const struct orproof_key *k, const struct hash *prefix,
                          const struct orproof_case *cases, size_t count,
                          const struct belenios_proof *proofs, bool ask_members)
{
	struct hash h = *prefix;
	struct scalar sum, want;
	size_t len;

	if (!is_count(count))
		return ST_LIMIT;
	group_scalar_zero(k->g, &sum);
	for (size_t i = 0; i < count; i++)
		group_scalar_add(k->g, &sum, &sum, &proofs[i].challenge);
	for (size_t i = 0; i < count; i += len) {
		bool is_new = i == 0 || cases[i].ct != cases[i - 1].ct;

		for (len = 1; len < RUN && i + len < count; len++)
			if (cases[i + len].ct != cases[i].ct)
				break;
		if (!run_add(k, &h, cases, proofs, i, len, ask_members && is_new))
			return ST_ELEMENT;
	}
	belenios_challenge(k->g, &want, &h);
	return group_scalar_is_equal(k->g, &sum, &want) ? ST_OK : ST_PROOF;
}

enum status orproof_verify_var(const struct orproof_key *k, const struct hash *prefix,
                               const struct orproof_case *cases, size_t count,
                               const struct belenios_proof *proofs)
{
	return verify(k, prefix, cases, count, proofs, false);
}

enum status orproof_verify_candidates_var(const struct orproof_key *k, const struct hash *prefix,
                                          const struct orproof_case *cases, size_t count,
                                          const struct belenios_proof *proofs)
{
	return verify(k, prefix, cases, count, proofs, true);
}

/* --- proving -------------------------------------------------------------------------------- */

/*
 * Random challenge and response for case j, the challenge 0 where it is the true one.  is_true: all
 * ones or 0.
 */
static void draw(const struct group *g, struct belenios_proof *out, const struct hash *prefix,
                 const uint8_t entropy[static NONCE_ENTROPY_BYTES], const struct scalar *r,
                 size_t j, uint64_t is_true)
{
	struct belenios_nonce n = {.prefix = prefix, .number = 2 * (uint32_t)j};
	struct scalar zero;

	group_scalar_zero(g, &zero);
	belenios_nonce_scalar(g, &out->challenge, entropy, r, &n);
	n.number++;
	belenios_nonce_scalar(g, &out->response, entropy, r, &n);
	group_scalar_select(g, &out->challenge, &out->challenge, &zero, (unsigned int)is_true & 1);
}

/* response*(g, y) + challenge*(alpha, beta - m*g), in constant time. */
static void commit(const struct orproof_key *k, struct element *a, struct element *b,
                   const struct orproof_case *one, const struct belenios_proof *proof)
{
	const struct group *g = k->g;
	struct element part, without;
	struct scalar number;

	group_mul_base(g, a, &proof->response);
	group_mul(g, &part, &one->ct->a, &proof->challenge);
	group_add(g, a, a, &part);
	group_scalar_u64(g, &number, one->m);
	group_mul_base(g, &without, &number);
	group_sub(g, &without, &one->ct->b, &without);
	group_mul(g, b, &k->y, &proof->response);
	group_mul(g, &part, &without, &proof->challenge);
	group_add(g, b, b, &part);
	mem_wipe(&part, sizeof(part));
}

/* The true case's challenge is what the others leave; its response follows from r. */
static void answer(const struct group *g, struct belenios_proof *proofs, size_t count,
                   size_t which, const struct scalar *total, const struct scalar *r)
{
	struct scalar rest = *total, response;

	for (size_t j = 0; j < count; j++)
		group_scalar_sub(g, &rest, &rest, &proofs[j].challenge);
	for (size_t j = 0; j < count; j++) {
		unsigned int is_true = (unsigned int)~ct_mask((uint64_t)(j ^ which)) & 1;

		sigma_respond(g, &response, SIGMA_MINUS, &proofs[j].response, &rest, r);
		group_scalar_select(g, &proofs[j].response, &proofs[j].response, &response,
		                    is_true);
		group_scalar_select(g, &proofs[j].challenge, &proofs[j].challenge, &rest, is_true);
	}
	mem_wipe(&response, sizeof(response));
	mem_wipe(&rest, sizeof(rest));
}

enum status orproof_prove(const struct orproof_key *k, struct belenios_proof *proofs,
                          const struct hash *prefix, const struct orproof_case *cases,
                          size_t count, size_t which, const struct scalar *r)
{
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	struct hash h = *prefix;
	struct element a, b;
	struct scalar total;

	if (!is_count(count))
		return ST_LIMIT;
	nonce_entropy(entropy);
	for (size_t j = 0; j < count; j++) {
		draw(k->g, &proofs[j], prefix, entropy, r, j, ~ct_mask((uint64_t)(j ^ which)));
		commit(k, &a, &b, &cases[j], &proofs[j]);
		add_commitments(&h, k->g, j == 0, &a, &b);
	}
	belenios_challenge(k->g, &total, &h);
	answer(k->g, proofs, count, which, &total, r);
	mem_wipe(entropy, sizeof(entropy));
	return ST_OK;
}
