/*
 * election.c: blocks in, blocks out: see election.h.  The rules themselves are in rules_*.c.
 *
 * Invariant: between blocks the journal's mark is that of the newest pushed block, and `digest`
 * is what that block's header says.
 */
#include "common/election/election.h"

#include "common/base/alloc.h"
#include "common/election/check.h"
#include "common/election/genesis.h"
#include "common/election/state.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- birth and death ------------------------------------------------------------------------- */

/* protocol.md §7.5: a kiosk's key is not one that somebody has already (attacks.md N77). */
static enum status take_manifest_keys(struct election *e)
{
	enum status st;

	for (unsigned int i = 0; i < e->m->trustees_len; i++) {
		const struct card *c = &e->m->trustees[i];

		if ((st = index_put(&e->keys_used, e->journal, c->sign_key)) != ST_OK ||
		    (st = index_put(&e->keys_used, e->journal, c->node_key)) != ST_OK ||
		    (st = index_put(&e->keys_used, e->journal, c->checkpoint_key)) != ST_OK ||
		    (st = index_put(&e->keys_used, e->journal, c->curve_key)) != ST_OK)
			return st;
	}
	if ((st = index_put(&e->keys_used, e->journal, e->m->registrar->sign_key)) != ST_OK)
		return st;
	return index_put(&e->keys_used, e->journal, e->m->officer->sign_key);
}

static enum status append_leaf(struct election *e, enum tx_type type,
                               const uint8_t id[static TX_ID_BYTES], size_t wire_len)
{
	uint8_t leaf[TX_LEAF_BYTES], hash[MERKLE_HASH_BYTES];

	tx_leaf(leaf, type, id, wire_len);
	merkle_leaf_hash(hash, leaf, sizeof(leaf));
	return merkle_frontier_append(&e->now.log, hash);
}

static void digest_now(const struct election *e, struct election_digest *out)
{
	out->log_size = e->now.log.size;
	merkle_frontier_root(&e->now.log, out->log_root);
	state_hash(e, out->state_hash);
}

/* The id of block 0: the tip, and the first anchor. */
static enum status set_genesis_tip(struct election *e)
{
	uint8_t *body = malloc(e->m->len + 5);
	struct block_header h;

	if (body == NULL)
		return ST_NO_MEMORY;
	genesis_body(body, e->m);
	genesis_header(&h, e->m, body, &e->digest);
	free(body);
	block_id(e->now.tip, &h);
	memcpy(e->now.anchor, e->now.tip, sizeof(e->now.anchor));
	return ST_OK;
}

static enum status begin_state(struct election *e)
{
	uint8_t id[TX_ID_BYTES];
	enum status st;

	params_ceremony(&e->dkg, e->m);
	e->now.phase = PHASE_COMMIT;
	merkle_frontier_init(&e->now.log);
	genesis_tx_id(id, e->m);
	if ((st = dkg_params_check(&e->dkg)) != ST_OK ||
	    (st = append_leaf(e, TX_GENESIS, id, e->m->len + 1)) != ST_OK)
		return st;
	digest_now(e, &e->digest);
	if ((st = set_genesis_tip(e)) != ST_OK)
		return st;
	return state_snapshot(e);
}

enum status election_new(struct election **out, const struct manifest *m)
{
	struct election *e = alloc_zero(1, sizeof(*e));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (e == NULL)
		return st;
	e->m = m;
	index_init(&e->keys_used, INDEX_KEY_32, 32);
	index_init(&e->trackers, INDEX_KEY_10, sizeof(struct tracker_record));
	index_init(&e->alphas, INDEX_KEY_32, 32);
	index_init(&e->ephemerals, INDEX_KEY_32, 32);
	index_init(&e->reported, INDEX_KEY_32, 32);
	e->reports = alloc_zero(1, sizeof(*e->reports));
	e->devices = alloc_zero(LIMIT_KIOSKS, sizeof(*e->devices));
	e->scratch_deal = alloc_zero(LIMIT_TRUSTEES, sizeof(*e->scratch_deal));
	if (e->devices == NULL || e->scratch_deal == NULL || e->reports == NULL ||
	    (st = journal_new(&e->journal)) != ST_OK ||
	    (st = take_manifest_keys(e)) != ST_OK ||
	    (st = tally_cells_init(&e->cells, m)) != ST_OK ||
	    (st = begin_state(e)) != ST_OK) {
		election_free(e);
		return st;
	}
	journal_forget(e->journal, journal_mark(e->journal));
	*out = e;
	return ST_OK;
}

void election_free(struct election *e)
{
	if (e == NULL)
		return;
	while (e->owned != NULL) {
		struct owned *o = e->owned;

		e->owned = o->next;
		o->drop(o->object);
		free(o);
	}
	index_free(&e->keys_used);
	index_free(&e->trackers);
	index_free(&e->alphas);
	index_free(&e->ephemerals);
	index_free(&e->reported);
	tally_cells_free(&e->cells);
	journal_free(e->journal);
	free(e->votes);
	free(e->tree_nodes);
	free(e->devices);
	free(e->reports);
	free(e->scratch_deal);
	free(e);
}

/* --- one block ------------------------------------------------------------------------------- */

enum status election_begin(struct election *e, uint64_t height, uint64_t time_minutes)
{
	enum status st;

	if (e->begun || height != e->now.height + 1)
		return ST_INTERNAL;
	if (time_minutes < e->now.time)
		return ST_TIME;
	if (e->blocks_len == ELECTION_UNSEALED_MAX)
		return ST_AGAIN;
	e->begun_mark = journal_mark(e->journal);
	if ((st = journal_keep(e->journal, &e->digest, sizeof(e->digest))) != ST_OK ||
	    (st = journal_keep(e->journal, &e->now, sizeof(e->now))) != ST_OK) {
		journal_rollback(e->journal, e->begun_mark);
		return st;
	}
	e->begun = true;
	e->finished = false;
	e->now.height = height;
	e->now.time = time_minutes;
	if (height == 1)
		e->now.step_time = time_minutes;   /* block 0 has no time */
	e->now.items = 0;
	e->now.alone = false;
	e->now.step_over = false;
	e->now.set_anchor = false;
	e->now.set_step_block = false;
	e->now.has_ballots = false;
	return ST_OK;
}

/* protocol.md §7: others by (type, id), then ballots and tests by tracker; phase changes alone. */
static enum status take_place(struct election *e, enum tx_type type, const uint8_t key[static 32])
{
	bool is_ballot = type == TX_BALLOT || type == TX_TEST;
	bool same_kind = e->now.items > 0 && is_ballot == e->now.has_ballots;

	if (e->now.alone || (tx_is_phase_change(type) && e->now.items > 0))
		return ST_ORDER;
	if (!is_ballot && e->now.has_ballots)
		return ST_ORDER;
	if (same_kind && !is_ballot && type < e->now.last_type)
		return ST_ORDER;
	if (same_kind && (is_ballot || type == e->now.last_type) &&
	    memcmp(key, e->now.last_key, sizeof(e->now.last_key)) <= 0)
		return ST_ORDER;
	if (e->now.items >= LIMIT_BLOCK_ITEMS)
		return ST_LIMIT;
	e->now.items++;
	e->now.alone = tx_is_phase_change(type);
	e->now.has_ballots = is_ballot;
	e->now.last_type = type;
	memcpy(e->now.last_key, key, sizeof(e->now.last_key));
	return ST_OK;
}

static enum status apply_rule(struct election *e, const struct tx *tx)
{
	switch (tx->type) {
	case TX_DKG_COMMIT:
		return rule_commit(e, tx);
	case TX_DKG_DEAL:
		return rule_deal(e, tx);
	case TX_DKG_COMPLAIN:
		return rule_complain(e, tx);
	case TX_DKG_CONFIRM:
		return rule_confirm(e, tx);
	case TX_ADVANCE:
		return rule_advance(e, tx);
	case TX_ROLL:
		return rule_roll(e, tx);
	case TX_DEVICE:
		return rule_device(e, tx);
	case TX_OPEN:
		return rule_open(e, tx);
	case TX_CLOSE:
		return rule_close(e, tx);
	case TX_END:
		return rule_end(e, tx);
	case TX_KIOSK_CLOSING:
		return rule_closing(e, tx);
	case TX_SHARE:
		return rule_share(e, tx);
	case TX_RESULT:
		return rule_result(e, tx);
	case TX_EVIDENCE:
		return rule_evidence(e, tx);
	case TX_COMPLAINT:
		return rule_complaint(e, tx);
	case TX_INCIDENT:
		return rule_incident(e, tx);
	case TX_GENESIS:
	case TX_BALLOT:
	case TX_TEST:
		break;
	}
	return ST_PHASE;
}

static bool is_ceremony(enum tx_type type)
{
	return type == TX_DKG_COMMIT || type == TX_DKG_DEAL || type == TX_DKG_COMPLAIN ||
	       type == TX_ADVANCE;
}

static enum status apply_ballot(struct election *e, const struct tx *tx, const uint8_t *id)
{
	struct ballot b;
	enum status st;

	if ((st = ballot_decode(&b, e->m, tx)) != ST_OK)
		return st;
	if (!mem_is_equal(id, b.id, sizeof(b.id)))
		return ST_UNVERIFIED;
	if ((st = take_place(e, tx->type, b.body.tracker)) != ST_OK)
		return st;
	return rule_ballot(e, tx, &b);
}

static enum status apply_test(struct election *e, const struct tx *tx, const uint8_t *id)
{
	struct ballot_test t;
	enum status st;

	if ((st = ballot_test_decode(&t, e->m, tx)) != ST_OK)
		return st;
	if (!mem_is_equal(id, t.id, sizeof(t.id)))
		return ST_UNVERIFIED;
	if ((st = take_place(e, tx->type, t.body.tracker)) != ST_OK)
		return st;
	return rule_test(e, &t);
}

static enum status apply_other(struct election *e, const struct tx *tx, const uint8_t *id)
{
	uint8_t mine[TX_ID_BYTES];
	enum status st;

	tx_plain_id(mine, tx);
	if (!mem_is_equal(id, mine, sizeof(mine)))
		return ST_UNVERIFIED;
	if ((st = take_place(e, tx->type, mine)) != ST_OK)
		return st;
	/* Before the rule: the transcript of a step ends with the transaction that ends it. */
	if (is_ceremony(tx->type))
		rule_transcript(e, mine);
	return apply_rule(e, tx);
}

enum status election_apply(struct election *e, const struct tx *tx, const struct verdict *verdict)
{
	const struct state_now before = e->now;
	uint64_t mark = journal_mark(e->journal);
	enum status st;

	if (!e->begun || e->finished)
		return ST_INTERNAL;
	if (!check_is_of_phase(tx->type, e->now.phase) || e->now.step_over)
		return e->now.alone ? ST_ORDER : ST_PHASE;
	if (!mem_is_equal(verdict->params, e->now.params->hash, sizeof(verdict->params)))
		return ST_UNVERIFIED;
	if (tx->type == TX_BALLOT)
		st = apply_ballot(e, tx, verdict->id);
	else if (tx->type == TX_TEST)
		st = apply_test(e, tx, verdict->id);
	else
		st = apply_other(e, tx, verdict->id);
	if (st == ST_OK)
		st = append_leaf(e, tx->type, verdict->id, tx->wire_len);
	if (st != ST_OK) {
		journal_rollback(e->journal, mark);
		e->now = before;
	}
	return st;
}

enum status election_would_apply(struct election *e, const struct tx *tx,
                                 const struct verdict *verdict)
{
	enum status st;

	if ((st = election_begin(e, e->now.height + 1, e->now.time)) != ST_OK)
		return st;
	st = election_apply(e, tx, verdict);
	election_drop(e);
	return st;
}

enum status election_finish(struct election *e, struct election_digest *out)
{
	enum status st;

	if (!e->begun || e->finished)
		return ST_INTERNAL;
	if ((st = rule_step_end(e)) != ST_OK)
		return st;
	e->finished = true;
	digest_now(e, &e->digest);
	*out = e->digest;
	return ST_OK;
}

enum status election_push(struct election *e, const uint8_t block_id[static 32])
{
	struct state_block *b;
	enum status st = ST_OK;

	if (!e->begun || !e->finished)
		return ST_INTERNAL;
	memcpy(e->now.tip, block_id, sizeof(e->now.tip));
	if (e->now.set_anchor)
		memcpy(e->now.anchor, block_id, sizeof(e->now.anchor));
	if (e->now.set_anchor && e->now.phase == PHASE_ENDED)
		memcpy(e->now.end_block, block_id, sizeof(e->now.end_block));
	if (e->now.set_step_block)
		memcpy(e->now.step_block, block_id, sizeof(e->now.step_block));
	if (e->now.step_over && (st = state_snapshot(e)) != ST_OK) {
		election_drop(e);
		return st;
	}
	b = &e->blocks[e->blocks_len++];
	memcpy(b->id, block_id, sizeof(b->id));
	b->height = e->now.height;
	b->mark = e->begun_mark;
	e->begun = false;
	return ST_OK;
}

void election_drop(struct election *e)
{
	if (!e->begun)
		return;
	journal_rollback(e->journal, e->begun_mark);
	e->begun = false;
	e->finished = false;
}

enum status election_pop(struct election *e)
{
	if (e->begun)
		return ST_INTERNAL;
	if (e->blocks_len == 0)
		return ST_NOT_FOUND;
	journal_rollback(e->journal, e->blocks[--e->blocks_len].mark);
	return ST_OK;
}

void election_seal(struct election *e, uint64_t height)
{
	unsigned int n = 0;
	uint64_t floor = e->begun ? e->begun_mark : journal_mark(e->journal);

	while (n < e->blocks_len && e->blocks[n].height <= height)
		n++;
	memmove(e->blocks, e->blocks + n, (e->blocks_len - n) * sizeof(e->blocks[0]));
	e->blocks_len -= n;
	journal_forget(e->journal, e->blocks_len > 0 ? e->blocks[0].mark : floor);
}
