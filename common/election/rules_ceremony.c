/*
 * rules_ceremony.c: the key ceremony as rules of the chain (protocol.md §6).
 *
 * Each step ends when every trustee that is not excluded has acted, or at `advance`, which
 * excludes the silent ones (in the last step it needs t confirmations and excludes nobody).
 *
 * Invariant: `acted` names those whose message of the present step is on the chain; the
 * transcript folds every ceremony transaction in chain order.
 */
#include "common/election/state.h"

#include "common/base/alloc.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static trustee_set everyone(const struct election *e)
{
	return (trustee_set)((1u << e->m->trustees_len) - 1u);
}

static unsigned int set_size(trustee_set set)
{
	return (unsigned int)__builtin_popcount(set);
}

/* protocol.md §6: one message of each kind from each trustee that is not excluded. */
static enum status act(struct election *e, unsigned int trustee)
{
	if (!trustee_in(everyone(e), trustee))
		return ST_ROLE;
	if (trustee_in(e->now.excluded, trustee))
		return ST_EXCLUDED;
	if (trustee_in(e->now.acted, trustee))
		return ST_DUPLICATE;
	e->now.acted |= (trustee_set)(1u << (trustee - 1));
	return ST_OK;
}

void rule_transcript(struct election *e, const uint8_t id[static TX_ID_BYTES])
{
	struct hash h;

	hash256_purpose(&h, "ceremony");
	hash_field(&h, e->now.transcript, sizeof(e->now.transcript));
	hash_field(&h, id, TX_ID_BYTES);
	hash256_final(&h, e->now.transcript);
}

/* Take a trustee's message into slot[trustee - 1]. */
static enum status take_message(struct election *e, struct params_blob *slot, const struct tx *tx,
                                unsigned int *trustee)
{
	struct tx_trustee_message msg;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK ||
	    (st = act(e, msg.trustee)) != ST_OK)
		return st;
	*trustee = msg.trustee;
	return state_blob(e, &slot[msg.trustee - 1], msg.message, msg.message_len);
}

enum status rule_commit(struct election *e, const struct tx *tx)
{
	unsigned int trustee;

	return take_message(e, e->now.commit, tx, &trustee);
}

enum status rule_deal(struct election *e, const struct tx *tx)
{
	uint8_t bytes[DKG_MAX * GROUP_ELEMENT_BYTES_MAX];
	uint8_t key[HASH256_BYTES];
	size_t element_len = group_element_len(e->m->suite);
	struct dkg_deal *deal = e->scratch_deal;
	unsigned int trustee;
	enum status st;

	if ((st = take_message(e, e->now.deal, tx, &trustee)) != ST_OK ||
	    (st = dkg_deal_decode(&e->dkg, deal, e->now.deal[trustee - 1].bytes,
	                          e->now.deal[trustee - 1].len)) != ST_OK)
		return st;
	/* protocol.md §6: a copied E would turn a complaint into a key to somebody else's share. */
	dkg_deal_ephemerals(&e->dkg, bytes, deal);
	for (unsigned int j = 0; j < e->m->trustees_len; j++) {
		hash256(key, bytes + j * element_len, element_len);
		if ((st = index_put(&e->ephemerals, e->journal, key)) != ST_OK)
			return st == ST_DUPLICATE ? ST_COPIED : st;
	}
	return ST_OK;
}

enum status rule_complain(struct election *e, const struct tx *tx)
{
	struct dkg_complaint list[DKG_MAX];
	size_t count;
	unsigned int trustee;
	enum status st;

	if ((st = take_message(e, e->now.complaint, tx, &trustee)) != ST_OK ||
	    (st = dkg_complaints_decode(&e->dkg, list, &count, e->now.complaint[trustee - 1].bytes,
	                                e->now.complaint[trustee - 1].len)) != ST_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		if (trustee_in(e->now.excluded, list[i].dealer))
			return ST_EXCLUDED;
	return ST_OK;
}

enum status rule_confirm(struct election *e, const struct tx *tx)
{
	struct tx_confirm msg;
	enum status st;

	if ((st = tx_confirm_decode(&msg, tx)) != ST_OK ||
	    (st = act(e, msg.trustee)) != ST_OK)
		return st;
	if (!mem_is_equal(msg.step_block, e->now.step_block, sizeof(e->now.step_block)) ||
	    !mem_is_equal(msg.hash, e->now.confirm_hash, sizeof(e->now.confirm_hash)))
		return ST_HASH;
	return ST_OK;
}

/* --- how a step ends ------------------------------------------------------------------------- */

static enum status decode_deal(struct election *e, unsigned int trustee)
{
	return dkg_deal_decode(&e->dkg, &e->scratch_deal[trustee - 1],
	                       e->now.deal[trustee - 1].bytes, e->now.deal[trustee - 1].len);
}

/* Judge every complaint on its own; those at fault are named together at the end. */
static enum status judge_complaints(struct election *e, trustee_set *at_fault)
{
	struct dkg_complaint list[DKG_MAX];
	size_t count;
	enum status st;

	*at_fault = 0;
	for (unsigned int j = 1; j <= e->m->trustees_len; j++) {
		const struct params_blob *sent = &e->now.complaint[j - 1];

		if (trustee_in(e->now.excluded, j) || sent->bytes == NULL)
			continue;
		if ((st = dkg_complaints_decode(&e->dkg, list, &count, sent->bytes,
		                                sent->len)) != ST_OK)
			return st;
		for (size_t i = 0; i < count; i++) {
			unsigned int dealer = list[i].dealer;

			st = dkg_complaint_judge(&e->dkg, (uint8_t)j, &list[i],
			                         &e->scratch_deal[dealer - 1]);
			*at_fault |= (trustee_set)(1u << ((st == ST_OK ? dealer : j) - 1));
		}
	}
	return ST_OK;
}

static void fail_ceremony(struct election *e)
{
	e->now.phase = PHASE_FAILED;
}

static enum status make_keys(struct election *e)
{
	const struct dkg_deal *deals[DKG_MAX] = { NULL };
	struct dkg_result *keys = alloc_zero(1, sizeof(*keys));
	enum status st = keys == NULL ? ST_NO_MEMORY : state_own(e, keys, free);

	if (st != ST_OK)
		return st;
	for (unsigned int i = 1; i <= e->m->trustees_len; i++)
		if (!trustee_in(e->now.excluded, i))
			deals[i - 1] = &e->scratch_deal[i - 1];
	st = dkg_result_make(&e->dkg, keys, deals);
	if (st == ST_THRESHOLD || st == ST_IDENTITY) {
		fail_ceremony(e);
		return ST_OK;
	}
	if (st != ST_OK)
		return st;
	e->now.keys = keys;
	dkg_confirm(&e->dkg, e->now.confirm_hash, keys, e->now.transcript);
	return ST_OK;
}

/* protocol.md §6: the complaints are in; dealers and complainers at fault go; the keys follow. */
static enum status end_complaints(struct election *e)
{
	struct hash h;
	trustee_set at_fault;
	enum status st;

	for (unsigned int i = 1; i <= e->m->trustees_len; i++)
		if (e->now.deal[i - 1].bytes != NULL && (st = decode_deal(e, i)) != ST_OK)
			return st;
	if ((st = judge_complaints(e, &at_fault)) != ST_OK)
		return st;
	e->now.excluded |= at_fault;
	hash256_purpose(&h, "ceremony-end");
	hash_field(&h, e->now.transcript, sizeof(e->now.transcript));
	hash_field_u32(&h, e->now.excluded);
	hash256_final(&h, e->now.transcript);
	e->now.set_step_block = true;
	e->now.phase = PHASE_CONFIRM;
	return make_keys(e);
}

static enum status end_step(struct election *e)
{
	enum status st = ST_OK;

	switch (e->now.phase) {
	case PHASE_COMMIT:
		e->now.phase = PHASE_DEAL;
		break;
	case PHASE_DEAL:
		e->now.phase = PHASE_COMPLAIN;
		memcpy(e->now.dealt, e->now.transcript, sizeof(e->now.dealt));
		break;
	case PHASE_COMPLAIN:
		st = end_complaints(e);
		break;
	case PHASE_CONFIRM:
		e->now.phase = PHASE_ENROL;
		break;
	case PHASE_ENROL:
	case PHASE_OPEN:
	case PHASE_CLOSED:
	case PHASE_ENDED:
	case PHASE_FINAL:
	case PHASE_FAILED:
		return ST_INTERNAL;
	}
	if (e->m->trustees_len - set_size(e->now.excluded) < e->m->threshold)
		fail_ceremony(e);
	e->now.acted = 0;
	e->now.step_time = e->now.time;
	e->now.step_over = true;
	return st;
}

enum status rule_advance(struct election *e, const struct tx *tx)
{
	struct tx_advance msg;
	enum status st;

	if ((st = tx_advance_decode(&msg, tx)) != ST_OK)
		return st;
	if (msg.step != (uint8_t)e->now.phase)
		return ST_PHASE;
	if (e->now.time < e->now.step_time + e->m->dkg_min_minutes)
		return ST_EARLY;
	if (e->now.phase == PHASE_CONFIRM) {
		if (set_size(e->now.acted) < e->m->threshold)
			return ST_THRESHOLD;
	} else {
		e->now.excluded |= (trustee_set)(everyone(e) & ~e->now.acted);
	}
	e->now.set_anchor = true;
	return end_step(e);
}

enum status rule_step_end(struct election *e)
{
	if (e->now.phase > PHASE_CONFIRM || e->now.step_over)
		return ST_OK;
	if ((e->now.acted | e->now.excluded) != everyone(e))
		return ST_OK;
	return end_step(e);
}
