/*
 * rules_result.c: shares and the result as rules of the chain (protocol.md §8).
 *
 * Invariant: one share of each trustee; the result stands only if every count is the plain count
 * of its aggregate, recomputed here from the shares on the chain.
 */
#include "common/election/state.h"

#include "common/base/alloc.h"
#include "crypto/dlog.h"
#include "crypto/threshold.h"

#include <assert.h>
#include <stdlib.h>

enum status rule_share(struct election *e, const struct tx *tx)
{
	struct tx_trustee_message msg;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK)
		return st;
	if (msg.trustee < 1 || msg.trustee > e->m->trustees_len)
		return ST_ROLE;
	if (trustee_in(e->now.excluded, msg.trustee))
		return ST_EXCLUDED;
	if (trustee_in(e->now.shared, msg.trustee))
		return ST_DUPLICATE;
	e->now.shared |= (trustee_set)(1u << (msg.trustee - 1));
	return state_blob(e, &e->now.share[msg.trustee - 1], msg.message, msg.message_len);
}

/* Decode the first t shares on the chain; partials has t * count elements. */
static enum status read_shares(const struct election *e, struct thdec_share *shares,
                               struct element *partials)
{
	const struct group *g = e->m->suite;
	size_t count = e->now.tally->opened_len;
	uint8_t proof[DLEQ_BYTES_MAX];
	uint8_t have = 0;
	enum status st;

	for (unsigned int j = 1; j <= e->m->trustees_len && have < e->m->threshold; j++) {
		const struct params_blob *sent = &e->now.share[j - 1];

		if (!trustee_in(e->now.shared, j))
			continue;
		/* Only shares whose proof held are on the chain: check.c. */
		if ((st = thdec_share_decode_var(g, partials + have * count, count, proof,
		                             sent->bytes, sent->len)) != ST_OK)
			return st;
		shares[have] = (struct thdec_share){
			.index = (uint8_t)j, .is_valid = true, .partial = partials + have * count,
		};
		have++;
	}
	return have < e->m->threshold ? ST_THRESHOLD : ST_OK;
}

/* m * generator for each opened aggregate.  *out is the caller's to free. */
static enum status combine(const struct election *e, struct element **out)
{
	size_t count = e->now.tally->opened_len;
	uint8_t t = (uint8_t)e->m->threshold;
	struct thdec_share shares[SHAMIR_MAX];
	struct element *partials = alloc_zero(t * count + 1, sizeof(*partials));
	struct element *points = alloc_zero(count + 1, sizeof(*points));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (partials == NULL || points == NULL)
		goto out;
	st = ST_OK;
	if (count == 0)
		goto out;   /* no ballot anywhere: nothing to decrypt */
	if ((st = read_shares(e, shares, partials)) != ST_OK)
		goto out;
	st = thdec_combine_var(e->now.params->sums, points, t, shares, t);
out:
	free(partials);
	if (st == ST_OK)
		*out = points;
	else
		free(points);
	return st;
}

/* Is every count that of its aggregate? */
static enum status compare(const struct election *e, const struct tx_result *msg,
                           const struct element *points)
{
	const struct tally *t = e->now.tally;
	struct scalar m;
	struct element expected;
	size_t k = 0;

	if (msg->counts_len != t->aggregates_len)
		return ST_TALLY;
	for (uint32_t i = 0; i < msg->counts_len; i++) {
		uint64_t count = tx_result_count(msg, i);

		if (!t->aggregates[i].opened) {
			if (count != 0)
				return ST_TALLY;
			continue;
		}
		if (count > t->aggregates[i].bound)
			return ST_RANGE;
		group_scalar_u64(e->m->suite, &m, count);
		group_mul_base(e->m->suite, &expected, &m);
		if (!group_is_equal(e->m->suite, &expected, &points[k++]))
			return ST_TALLY;
	}
	return ST_OK;
}

static enum status keep_result(struct election *e, const struct tx_result *msg)
{
	uint64_t *counts = alloc_zero((size_t)msg->counts_len + 1, sizeof(*counts));
	enum status st;

	if (counts == NULL)
		return ST_NO_MEMORY;
	for (uint32_t i = 0; i < msg->counts_len; i++)
		counts[i] = tx_result_count(msg, i);
	if ((st = state_own(e, counts, free)) != ST_OK)
		return st;
	e->now.result = counts;
	return ST_OK;
}

enum status rule_result(struct election *e, const struct tx *tx)
{
	struct tx_result msg;
	struct element *points = NULL;
	enum status st;

	if ((st = tx_result_decode(&msg, tx)) != ST_OK)
		return st;
	if (msg.end_height != e->now.end_height)
		return ST_TALLY;
	if ((st = combine(e, &points)) != ST_OK ||
	    (st = compare(e, &msg, points)) != ST_OK ||
	    (st = keep_result(e, &msg)) != ST_OK)
		goto out;
	e->now.phase = PHASE_FINAL;
	e->now.step_over = true;
	e->now.set_anchor = true;
out:
	free(points);
	return st;
}

enum status election_combine(const struct election *e, uint64_t *counts, size_t cap,
                             uint32_t *len)
{
	const struct tally *t = e->now.tally;
	struct dlog_slot *slots = NULL;
	struct element *points = NULL;
	struct dlog dlog;
	uint64_t bound = 0;
	size_t slots_len, k = 0;
	enum status st;

	if (e->now.phase != PHASE_ENDED)
		return ST_PHASE;
	if (cap < t->aggregates_len)
		return ST_LIMIT;
	for (size_t i = 0; i < t->aggregates_len; i++)
		bound = t->aggregates[i].bound > bound ? t->aggregates[i].bound : bound;
	slots_len = dlog_slots(bound, t->opened_len);
	slots = alloc_zero(slots_len, sizeof(*slots));
	if (slots == NULL)
		return ST_NO_MEMORY;
	if ((st = combine(e, &points)) != ST_OK ||
	    (st = dlog_init(&dlog, e->m->suite, slots, slots_len)) != ST_OK)
		goto out;
	for (size_t i = 0; st == ST_OK && i < t->aggregates_len; i++) {
		counts[i] = 0;
		if (t->aggregates[i].opened)
			st = dlog_solve_var(&dlog, &counts[i], &points[k++], t->aggregates[i].bound);
	}
	*len = (uint32_t)t->aggregates_len;
out:
	free(slots);
	free(points);
	return st;
}
