/*
 * count.c: see count.h.
 */
#include "common/belenios/count.h"

#include <string.h>

/* Is this question's part read, or passed over?  Takes the comma before it. */
static bool is_read(struct lex *l, const struct bel_election *e, size_t i)
{
	lex_lit(l, i > 0 ? "," : "");
	if (!e->questions[i].skipped)
		return l->st == ST_OK;
	lex_skip(l);
	return false;
}

static void lex_sum(struct lex *l, const struct bel_election *e, struct ciphertext *out, size_t len)
{
	lex_lit(l, "[");
	for (size_t k = 0; k < len && l->st == ST_OK; k++) {
		lex_lit(l, k > 0 ? "," : "");
		lex_ciphertext(l, e->g, &out[k]);
	}
	lex_lit(l, "]");
}

enum status bel_tally_decode(struct ciphertext *out, const struct bel_election *e,
                             const void *bytes, size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "[");
	for (size_t i = 0; i < e->questions_len; i++)
		if (is_read(&l, e, i))
			lex_sum(&l, e, &out[e->questions[i].first],
			        belenios_choices(&e->questions[i].rule));
	lex_lit(&l, "]");
	return lex_end(&l);
}

enum status bel_sized_decode(struct bel_sized *out, const void *bytes, size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "{\"num_tallied\":");
	out->num_tallied = lex_number(&l, BEL_COUNT_MAX);
	lex_lit(&l, ",\"total_weight\":");
	out->total_weight = lex_weight(&l, BEL_COUNT_MAX);
	lex_lit(&l, ",\"encrypted_tally\":");
	lex_hash(&l, out->tally);
	lex_lit(&l, "}");
	return lex_end(&l);
}

static void lex_factors(struct lex *l, const struct bel_election *e, struct element *out)
{
	lex_lit(l, "[");
	for (size_t i = 0; i < e->questions_len; i++) {
		if (!is_read(l, e, i))
			continue;
		lex_lit(l, "[");
		for (size_t k = 0; k < belenios_choices(&e->questions[i].rule); k++) {
			lex_lit(l, k > 0 ? "," : "");
			lex_element(l, e->g, &out[e->questions[i].first + k]);
		}
		lex_lit(l, "]");
	}
	lex_lit(l, "]");
}

static void lex_factor_proofs(struct lex *l, const struct bel_election *e,
                              struct belenios_proof *out)
{
	lex_lit(l, "[");
	for (size_t i = 0; i < e->questions_len; i++) {
		if (!is_read(l, e, i))
			continue;
		lex_lit(l, "[");
		for (size_t k = 0; k < belenios_choices(&e->questions[i].rule); k++) {
			lex_lit(l, k > 0 ? "," : "");
			lex_proof(l, e->g, &out[e->questions[i].first + k]);
		}
		lex_lit(l, "]");
	}
	lex_lit(l, "]");
}

enum status bel_factors_decode(struct element *factors, struct belenios_proof *proofs,
                               const struct bel_election *e, const void *bytes, size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "{\"decryption_factors\":");
	lex_factors(&l, e, factors);
	lex_lit(&l, ",\"decryption_proofs\":");
	lex_factor_proofs(&l, e, proofs);
	lex_lit(&l, "}");
	return lex_end(&l);
}

enum status bel_owned_decode(uint32_t *owner, uint8_t payload[static 32], const void *bytes,
                             size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "{\"owner\":");
	*owner = (uint32_t)lex_number(&l, UINT32_MAX);
	lex_lit(&l, ",\"payload\":");
	lex_hash(&l, payload);
	lex_lit(&l, "}");
	return lex_end(&l);
}

enum status bel_result_decode(uint64_t *counts, const struct bel_election *e, const void *bytes,
                              size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "{\"result\":[");
	for (size_t i = 0; i < e->questions_len; i++) {
		if (!is_read(&l, e, i))
			continue;
		lex_lit(&l, "[");
		for (size_t k = 0; k < belenios_choices(&e->questions[i].rule); k++) {
			lex_lit(&l, k > 0 ? "," : "");
			counts[e->questions[i].first + k] = lex_weight(&l, BEL_COUNT_MAX);
		}
		lex_lit(&l, "]");
	}
	lex_lit(&l, "]}");
	return lex_end(&l);
}

enum status bel_setup_decode(uint8_t out[static 3 * 32], const void *bytes, size_t len)
{
	struct lex l;

	lex_init(&l, bytes, len);
	lex_lit(&l, "{\"election\":");
	lex_hash(&l, out);
	lex_lit(&l, ",\"trustees\":");
	lex_hash(&l, out + 32);
	lex_lit(&l, ",\"credentials\":");
	lex_hash(&l, out + 64);
	lex_lit(&l, "}");
	return lex_end(&l);
}

/* --- combining ------------------------------------------------------------------------------- */

/* Any threshold of an item's trustees. */
static enum status combine_item(struct element *out, const struct bel_item *item,
                                const struct bel_election *e,
                                const struct element *const *factors, size_t index)
{
	const struct element *shares[SHAMIR_MAX];
	uint8_t indices[SHAMIR_MAX];
	size_t len = 0;

	for (size_t i = 0; i < item->count && len < item->threshold; i++) {
		if (factors[item->first + i] == NULL)
			continue;
		shares[len] = &factors[item->first + i][index];
		indices[len++] = (uint8_t)(i + 1);
	}
	if (len < item->threshold)
		return ST_THRESHOLD;
	if (item->pedersen)
		return shamir_combine_var(e->g, out, indices, shares, len);
	*out = *shares[0];
	return ST_OK;
}

enum status bel_combine(struct element *out, const struct bel_trustees *t,
                        const struct bel_election *e, const struct element *const *factors,
                        size_t index)
{
	struct element part;
	enum status st;

	group_identity(e->g, out);
	for (size_t i = 0; i < t->items_len; i++) {
		if ((st = combine_item(&part, &t->items[i], e, factors, index)) != ST_OK)
			return st;
		group_add(e->g, out, out, &part);
	}
	return ST_OK;
}

enum status bel_count_check(const struct bel_election *e, const struct ciphertext *ct,
                            const struct element *factor, uint64_t count)
{
	struct element left, right;
	struct scalar m;

	group_sub(e->g, &left, &ct->b, factor);
	group_scalar_u64(e->g, &m, count);
	group_generator(e->g, &right);
	group_mul_var(e->g, &right, &right, &m);
	return group_is_equal(e->g, &left, &right) ? ST_OK : ST_TALLY;
}
