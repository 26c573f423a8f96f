/*
 * rules_voting.c: roll, kiosks, phases and ballots as rules of the chain (protocol.md §7).
 *
 * Invariant: no tracker and no 80-bit prefix of one stands twice; no ciphertext stands in two
 * ballots; a voter has at most one live ballot; the cells hold the sums of the live ballots.
 */
#include "common/election/state.h"

#include "common/base/alloc.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- roll and kiosks ------------------------------------------------------------------------- */

static void drop_roll(void *object)
{
	roll_free(object);
}

/* All chunks are here: the roll must be whole and sound, or this last chunk is refused. */
static enum status complete_roll(struct election *e)
{
	struct roll_chunk *chunks = alloc_zero(e->now.roll_chunks_total, sizeof(*chunks));
	enum status st = ST_NO_MEMORY;

	if (chunks == NULL)
		return st;
	for (uint32_t i = 0; i < e->now.roll_chunks_total; i++) {
		chunks[i].entries = e->now.roll_chunks[i].bytes;
		chunks[i].len = e->now.roll_chunks[i].len;
	}
	st = roll_assemble(&e->now.roll, NULL, e->m, chunks, e->now.roll_chunks_total);
	free(chunks);
	return st == ST_OK ? state_own(e, e->now.roll, drop_roll) : st;
}

static enum status begin_roll(struct election *e, uint32_t total)
{
	struct params_blob *chunks = alloc_zero(total, sizeof(*chunks));

	if (chunks == NULL)
		return ST_NO_MEMORY;
	e->now.roll_chunks = chunks;
	e->now.roll_chunks_total = total;
	return state_own(e, chunks, free);
}

enum status rule_roll(struct election *e, const struct tx *tx)
{
	struct tx_roll msg;
	struct params_blob blob;
	size_t entries;
	enum status st;

	if ((st = tx_roll_decode(&msg, tx)) != ST_OK)
		return st;
	if (e->now.roll_chunks_total == 0 && (st = begin_roll(e, msg.total)) != ST_OK)
		return st;
	if (msg.total != e->now.roll_chunks_total)
		return ST_ROLL;
	if (e->now.roll_chunks[msg.index].bytes != NULL)
		return ST_DUPLICATE;
	/* Now, not when the last chunk is here: a roll without end would fill every node. */
	entries = msg.entries_len / roll_entry_len(e->m->suite);
	if (entries > LIMIT_VOTERS - e->now.roll_entries)
		return ST_LIMIT;
	e->now.roll_entries += (uint32_t)entries;
	if ((st = state_blob(e, &blob, msg.entries, msg.entries_len)) != ST_OK ||
	    (st = journal_set(e->journal, &e->now.roll_chunks[msg.index], &blob,
	                      sizeof(blob))) != ST_OK)
		return st;
	e->now.roll_chunks_have++;
	return e->now.roll_chunks_have == e->now.roll_chunks_total ? complete_roll(e) : ST_OK;
}

enum status rule_device(struct election *e, const struct tx *tx)
{
	struct tx_device msg;
	struct state_device device = { .id.known = true };
	enum status st;

	if ((st = tx_device_decode(&msg, tx)) != ST_OK ||
	    (st = msg.kiosk < LIMIT_KIOSKS ? ST_OK : ST_LIMIT) != ST_OK)
		return st;
	if (e->devices[msg.kiosk].id.known)
		return ST_DUPLICATE;
	memcpy(device.id.sign_key, msg.sign_key, sizeof(device.id.sign_key));
	memcpy(device.id.curve_key, msg.curve_key, sizeof(device.id.curve_key));
	if ((st = index_put(&e->keys_used, e->journal, msg.sign_key)) != ST_OK ||
	    (st = index_put(&e->keys_used, e->journal, msg.curve_key)) != ST_OK)
		return st;
	e->now.kiosks++;
	return journal_set(e->journal, &e->devices[msg.kiosk], &device, sizeof(device));
}

/* --- phases ---------------------------------------------------------------------------------- */

static enum status enter(struct election *e, enum election_phase phase)
{
	e->now.phase = phase;
	e->now.step_over = true;
	e->now.set_anchor = true;
	return ST_OK;
}

static void drop_votes(void *owner, void *item)
{
	struct election *e = owner;

	(void)item;
	free(e->votes);
	free(e->tree_nodes);
	e->votes = NULL;
	e->tree_nodes = NULL;
}

/* One vote and one leaf of the state tree for each entry of the frozen roll. */
static enum status make_votes(struct election *e)
{
	uint32_t count = e->now.roll->count;
	enum status st = journal_call(e->journal, drop_votes, e, NULL);

	if (st != ST_OK)
		return st;
	e->votes = alloc_zero(count, sizeof(*e->votes));
	e->tree_nodes = alloc_zero(merkle_tree_nodes(count), sizeof(*e->tree_nodes));
	if (e->votes == NULL || e->tree_nodes == NULL)
		return ST_NO_MEMORY;
	return merkle_tree_init(&e->tree, e->tree_nodes, count);
}

static void drop_setup(void *object)
{
	ballot_setup_free(object);
}

enum status rule_open(struct election *e, const struct tx *tx)
{
	struct tx_open msg;
	uint8_t y[GROUP_ELEMENT_BYTES_MAX];
	enum status st;

	if ((st = tx_open_decode(&msg, tx)) != ST_OK)
		return st;
	if (e->now.roll == NULL)
		return ST_ROLL;
	group_encode(e->m->suite, y, &e->now.keys->y);
	if (msg.y_len != group_element_len(e->m->suite) || !mem_is_equal(msg.y, y, msg.y_len))
		return ST_KEY;
	if (!mem_is_equal(msg.roll_root, e->now.roll->root, sizeof(e->now.roll->root)) ||
	    msg.roll_count != e->now.roll->count || msg.weight_sum != e->now.roll->weight_sum)
		return ST_ROLL;
	if ((st = make_votes(e)) != ST_OK ||
	    (st = ballot_setup_new(&e->now.ballots, e->m, &e->now.keys->y, 0)) != ST_OK ||
	    (st = state_own(e, e->now.ballots, drop_setup)) != ST_OK)
		return st;
	return enter(e, PHASE_OPEN);
}

enum status rule_close(struct election *e, const struct tx *tx)
{
	struct tx_step msg;
	enum status st = tx_step_decode(&msg, tx);

	return st == ST_OK ? enter(e, PHASE_CLOSED) : st;
}

static void drop_tally(void *object)
{
	tally_free(object);
}

enum status rule_end(struct election *e, const struct tx *tx)
{
	struct tx_step msg;
	enum status st;

	if ((st = tx_step_decode(&msg, tx)) != ST_OK ||
	    (st = tally_make(&e->now.tally, &e->cells)) != ST_OK ||
	    (st = state_own(e, e->now.tally, drop_tally)) != ST_OK)
		return st;
	e->now.end_height = e->now.height;
	e->now.end_time = e->now.time;
	return enter(e, PHASE_ENDED);
}

/* A kiosk's closing is recorded; whether its sums fit is for auditors, never a reason to stop. */
enum status rule_closing(struct election *e, const struct tx *tx)
{
	struct tx_closing msg;
	struct state_device *device;
	enum status st;

	if ((st = tx_closing_decode(&msg, tx)) != ST_OK)
		return st;
	if (msg.kiosk >= LIMIT_KIOSKS || !e->devices[msg.kiosk].id.known)
		return ST_ROLE;
	device = &e->devices[msg.kiosk];
	if (!mem_is_equal(device->id.sign_key, msg.kiosk_key, sizeof(device->id.sign_key)))
		return ST_ROLE;
	if (device->closed)
		return ST_DUPLICATE;
	if ((st = journal_keep(e->journal, device, sizeof(*device))) != ST_OK)
		return st;
	device->closed = true;
	e->now.closings++;
	return ST_OK;
}

/* --- ballots --------------------------------------------------------------------------------- */

/* Every alpha is new, in this ballot too (attacks N01). */
static enum status take_alphas(struct election *e, const struct ballot_body *b)
{
	size_t len = group_element_len(e->m->suite);
	uint8_t key[HASH256_BYTES];
	enum status st;

	for (size_t i = 0; i < b->ciphertexts_len; i++) {
		hash256(key, b->ciphertexts + 2 * i * len, len);
		if ((st = index_put(&e->alphas, e->journal, key)) != ST_OK)
			return st == ST_DUPLICATE ? ST_COPIED : st;
	}
	return ST_OK;
}

static enum status take_tracker(struct election *e, const struct ballot_body *b, bool is_test,
                                uint32_t voter)
{
	struct tracker_record r = {
		.is_test = is_test, .voter = voter,
		.leaf = e->now.log.size, .height = e->now.height,
	};
	enum status st;

	memcpy(r.prefix, b->tracker, sizeof(r.prefix));
	memcpy(r.tracker, b->tracker, sizeof(r.tracker));
	st = index_put(&e->trackers, e->journal, &r);
	return st == ST_DUPLICATE ? ST_TRACKER : st;
}

/* Add (or take away) the weighted ciphertexts of a body to the cells of its unit. */
static enum status add_to_cells(struct election *e, const uint8_t *ciphertexts, uint16_t style,
                                uint32_t weight, bool take_away)
{
	const struct manifest_style *s = &e->m->styles[style];
	const struct group *g = e->m->suite;
	size_t pair = 2 * group_element_len(g);
	struct ciphertext c;
	enum status st;

	for (uint16_t i = 0; i < s->contests_len; i++) {
		const struct manifest_style_contest *sc = &s->contests[i];
		struct tally_cell *cell = tally_cell_at(&e->cells, sc->contest, s->unit);

		assert(cell != NULL);
		if ((st = journal_keep(e->journal, cell, sizeof(*cell))) != ST_OK ||
		    (st = journal_keep(e->journal, &e->cells.sums[cell->first],
		                       sc->len * sizeof(*e->cells.sums))) != ST_OK)
			return st;
		cell->ballots = take_away ? cell->ballots - 1 : cell->ballots + 1;
		cell->weight = take_away ? cell->weight - weight : cell->weight + weight;
		for (uint16_t k = 0; k < sc->len; k++) {
			struct ciphertext *sum = &e->cells.sums[cell->first + k];

			if ((st = ciphertext_decode_var(g, &c, ciphertexts + (sc->first + k) * pair)) != ST_OK)
				return st;
			if (weight != 1)
				ciphertext_scale_var(g, &c, &c, weight);
			if (take_away)
				ciphertext_sub(g, sum, sum, &c);
			else
				ciphertext_add(g, sum, sum, &c);
		}
	}
	return ST_OK;
}

/*
 * protocol.md §7, revote: under "last" a ballot of a voter who has a live one must name exactly
 * that one and hold its slip key; where there is none it must name none.
 */
static enum status replace_vote(struct election *e, const struct ballot *b, uint32_t voter,
                                uint32_t weight)
{
	const struct state_vote *old = &e->votes[voter];
	const struct tracker_record *r;
	struct ballot was;
	struct tx tx;
	enum status st;

	if (!ballot_is_replacing(b))
		return old->is_live ? ST_VOTED : ST_OK;
	if (!old->is_live || !mem_is_equal(b->body.replaced, old->tracker, sizeof(old->tracker)))
		return ST_TRACKER;
	if (old->ballots >= LIMIT_VOTER_BALLOTS)
		return ST_QUOTA;   /* one credential does not fill the chain (decisions/0066) */
	r = index_find(&e->trackers, old->tracker);
	assert(r != NULL);
	if (r->height == e->now.height)
		return ST_ORDER;   /* one ballot of a credential in a block */
	if ((st = tx_decode(&tx, old->wire.bytes, old->wire.len)) != ST_OK ||
	    (st = ballot_decode(&was, e->m, &tx)) != ST_OK)
		return ST_INTERNAL;
	if (!mem_is_equal(b->old_slip_key, was.body.slip_key, group_element_len(e->m->suite)))
		return ST_KEY;
	return add_to_cells(e, was.body.ciphertexts, was.body.style, weight, true);
}

static void undo_leaf(void *owner, void *item)
{
	struct election *e = owner;
	uint32_t voter = (uint32_t)((struct state_vote *)item - e->votes);

	/* The vote itself was restored just before: newest first. */
	merkle_tree_set(&e->tree, voter, e->votes[voter].tracker);
}

static enum status set_vote(struct election *e, const struct ballot *b, uint32_t voter,
                            const struct tx *tx)
{
	struct state_vote vote = { .is_live = true, .ballots = e->votes[voter].ballots + 1 };
	enum status st;

	memcpy(vote.tracker, b->body.tracker, sizeof(vote.tracker));
	if (e->m->revote == REVOTE_LAST &&
	    (st = state_blob(e, &vote.wire, tx->wire, tx->wire_len)) != ST_OK)
		return st;
	if (!e->votes[voter].is_live)
		e->now.live++;
	if ((st = journal_call(e->journal, undo_leaf, e, &e->votes[voter])) != ST_OK ||
	    (st = journal_set(e->journal, &e->votes[voter], &vote, sizeof(vote))) != ST_OK)
		return st;
	merkle_tree_set(&e->tree, voter, vote.tracker);
	return ST_OK;
}

enum status rule_ballot(struct election *e, const struct tx *tx, const struct ballot *b)
{
	struct roll_entry entry;
	uint32_t voter = roll_find(e->now.roll, b->credential);
	enum status st;

	if (voter == ROLL_NONE)
		return ST_ROLL;
	roll_at(e->now.roll, voter, &entry);
	if (entry.style != b->body.style)
		return ST_STYLE;
	if ((st = replace_vote(e, b, voter, entry.weight)) != ST_OK ||
	    (st = take_tracker(e, &b->body, false, voter)) != ST_OK ||
	    (st = take_alphas(e, &b->body)) != ST_OK ||
	    (st = add_to_cells(e, b->body.ciphertexts, b->body.style, entry.weight,
	                       false)) != ST_OK ||
	    (st = set_vote(e, b, voter, tx)) != ST_OK)
		return st;
	e->now.cast++;
	return ST_OK;
}

enum status rule_test(struct election *e, const struct ballot_test *t)
{
	struct state_device *device;
	enum status st;

	if (t->kiosk >= LIMIT_KIOSKS || !e->devices[t->kiosk].id.known)
		return ST_ROLE;
	device = &e->devices[t->kiosk];
	if (!mem_is_equal(device->id.sign_key, t->kiosk_key, sizeof(device->id.sign_key)))
		return ST_ROLE;
	if (device->tests >= e->m->tests_per_kiosk)
		return ST_QUOTA;
	if ((st = take_tracker(e, &t->body, true, t->kiosk)) != ST_OK ||
	    (st = take_alphas(e, &t->body)) != ST_OK ||
	    (st = journal_keep(e->journal, device, sizeof(*device))) != ST_OK)
		return st;
	device->tests++;
	e->now.tests++;
	return ST_OK;
}
