/*
 * chainview.c: see chainview.h.
 */
#include "voter-client/kiosk/chainview.h"

#include "common/base/alloc.h"
#include "common/base/reader.h"
#include "common/election/audit.h"
#include "common/election/ballot.h"
#include "common/election/replay.h"
#include "common/ledger/stretch.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct chainview {
	const struct manifest *m;
	struct committee committee;
	struct replay *replay;
	/* Blocks that wait: {u32 length, header and body}... */
	uint8_t *queue;
	struct reader rest;
	uint64_t queued;             /* height of the last one taken */
	/* The highest head that a quorum certified, as far as we were told. */
	bool has_claim;
	uint64_t claim_height;
	uint8_t claim_id[BLOCK_ID_BYTES];
	bool was_proven;
	uint64_t proven_height;
	/* Under revote "last": one key a voter; zeros for none. */
	uint8_t *slip_keys;
	bool closed[LIMIT_KIOSKS];
};

/* --- life ------------------------------------------------------------------------------------ */

static void drop(struct chainview *v)
{
	free(v->queue);
	free(v->slip_keys);
	v->queue = NULL;
	v->slip_keys = NULL;
}

enum status chainview_reset(struct chainview *v)
{
	drop(v);
	reader_init(&v->rest, NULL, 0);
	v->queued = 0;
	v->has_claim = false;
	v->was_proven = false;
	v->proven_height = 0;
	memset(v->closed, 0, sizeof(v->closed));
	return replay_reset(v->replay);
}

enum status chainview_new(struct chainview **out, const struct manifest *m)
{
	struct chainview *v = alloc_zero(1, sizeof(*v));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (v == NULL)
		return st;
	v->m = m;
	if ((st = audit_committee(&v->committee, m)) != ST_OK ||
	    (st = replay_new(&v->replay, m)) != ST_OK) {
		chainview_free(v);
		return st;
	}
	*out = v;
	return ST_OK;
}

void chainview_free(struct chainview *v)
{
	if (v == NULL)
		return;
	drop(v);
	replay_free(v->replay);
	free(v);
}

/* --- taking ---------------------------------------------------------------------------------- */

static void take_claim(struct chainview *v, const struct block_header *h)
{
	if (v->has_claim && h->height <= v->claim_height)
		return;
	v->has_claim = true;
	v->claim_height = h->height;
	block_id(v->claim_id, h);
}

/* Keep what still waits, and add these. */
static enum status enqueue(struct chainview *v, const uint8_t *bytes, size_t len)
{
	size_t left = reader_left(&v->rest);
	uint8_t *queue = malloc(left + len + 1);

	if (queue == NULL)
		return ST_NO_MEMORY;
	if (left > 0)
		memcpy(queue, v->rest.buf + v->rest.pos, left);
	memcpy(queue + left, bytes, len);
	free(v->queue);
	v->queue = queue;
	reader_init(&v->rest, queue, left + len);
	return ST_OK;
}

enum status chainview_feed(struct chainview *v, const struct message_response *msg)
{
	struct stretch s;
	enum status st;

	if (msg->blocks == 0)
		return ST_OK;   /* nothing new */
	if ((st = stretch_open(&s, msg, v->queued + 1, &v->committee)) != ST_OK ||
	    (st = stretch_check(&s)) != ST_OK ||
	    (st = enqueue(v, s.bytes, s.len)) != ST_OK)
		return st;
	v->queued += s.blocks;
	take_claim(v, &s.head.header);
	return ST_OK;
}

/* --- working --------------------------------------------------------------------------------- */

static enum status note_ballot(struct chainview *v, const struct tx *tx)
{
	const struct roll *roll = election_roll(replay_election(v->replay));
	size_t len = group_element_len(v->m->suite);
	struct ballot b;
	uint32_t voter;

	if (v->m->revote != REVOTE_LAST || roll == NULL)
		return ST_OK;
	if (v->slip_keys == NULL)
		v->slip_keys = alloc_zero(roll->count, len);
	if (v->slip_keys == NULL)
		return ST_NO_MEMORY;
	if (ballot_decode(&b, v->m, tx) != ST_OK ||
	    (voter = roll_find(roll, b.credential)) == ROLL_NONE)
		return ST_INTERNAL;   /* the rulebook took it */
	memcpy(v->slip_keys + voter * len, b.body.slip_key, len);
	return ST_OK;
}

static enum status note_items(struct chainview *v, const uint8_t *body, size_t body_len)
{
	struct reader r;
	const uint8_t *item;
	size_t len;
	struct tx tx;
	struct tx_closing closing;
	enum status st = ST_OK;

	reader_init(&r, body, body_len);
	while (st == ST_OK && block_item_next(&r, &item, &len) == ST_OK) {
		if ((st = tx_decode(&tx, item, len)) != ST_OK)
			return st;
		if (tx.type == TX_BALLOT)
			st = note_ballot(v, &tx);
		else if (tx.type == TX_KIOSK_CLOSING && tx_closing_decode(&closing, &tx) == ST_OK &&
		         closing.kiosk < LIMIT_KIOSKS)
			v->closed[closing.kiosk] = true;
	}
	return st;
}

static enum status compare_with_claim(struct chainview *v)
{
	uint64_t height = replay_tip(v->replay)->height;

	if (!v->has_claim || height < v->claim_height)
		return ST_OK;
	assert(height == v->claim_height);
	if (memcmp(replay_tip_id(v->replay), v->claim_id, sizeof(v->claim_id)) != 0)
		return ST_FORK;
	v->has_claim = false;
	v->was_proven = true;
	v->proven_height = height;
	replay_settle(v->replay);
	return ST_OK;
}

enum status chainview_work(struct chainview *v)
{
	struct block_header h;
	struct chain_fault fault;
	const uint8_t *body;
	size_t len;
	enum status st;

	if ((st = stretch_next(&v->rest, &h, &body, &len)) != ST_OK ||
	    (st = replay_accept(v->replay, &h, body, len, &fault)) != ST_OK ||
	    (st = note_items(v, body, len)) != ST_OK)
		return st;
	return compare_with_claim(v);
}

/* --- looking --------------------------------------------------------------------------------- */

uint64_t chainview_wanted(const struct chainview *v)
{
	return v->queued;
}

bool chainview_has_work(const struct chainview *v)
{
	return reader_left(&v->rest) > 0;
}

bool chainview_is_proven(const struct chainview *v)
{
	return v->was_proven && v->proven_height == replay_tip(v->replay)->height &&
	       reader_left(&v->rest) == 0;
}

const struct election *chainview_election(const struct chainview *v)
{
	return v->was_proven ? replay_election(v->replay) : NULL;
}

const struct committee *chainview_committee(const struct chainview *v)
{
	return &v->committee;
}

const uint8_t *chainview_slip_key(const struct chainview *v, uint32_t voter)
{
	size_t len = group_element_len(v->m->suite);
	const uint8_t *key;

	if (v->slip_keys == NULL)
		return NULL;
	key = v->slip_keys + voter * len;
	return mem_is_zero(key, len) ? NULL : key;
}

bool chainview_has_closing(const struct chainview *v, uint16_t kiosk)
{
	return kiosk < LIMIT_KIOSKS && v->closed[kiosk];
}

/* May this ballot of the voter still be applied, now that another of theirs is live? */
static bool may_replace(const struct chainview *v, const struct ballot *b,
                        const struct ballot_record *live)
{
	return v->m->revote == REVOTE_LAST && ballot_is_replacing(b) &&
	       memcmp(b->body.replaced, live->tracker, sizeof(live->tracker)) == 0;
}

enum ballot_prospect chainview_prospect(const struct chainview *v, const uint8_t *wire, size_t len)
{
	const struct election *e = replay_election(v->replay);
	const struct roll *roll;
	struct ballot_record r;
	struct ballot b;
	struct tx tx;
	uint32_t voter;

	if (!chainview_is_proven(v) || tx_decode(&tx, wire, len) != ST_OK || tx.type != TX_BALLOT ||
	    ballot_decode(&b, v->m, &tx) != ST_OK)
		return PROSPECT_OPEN;
	if (election_find(e, b.body.tracker, &r) == ST_OK)
		return memcmp(r.tracker, b.body.tracker, sizeof(r.tracker)) == 0 ? PROSPECT_IN :
		       PROSPECT_NEVER;
	if (election_phase(e) >= PHASE_ENDED)
		return PROSPECT_NEVER;
	roll = election_roll(e);
	if (roll == NULL || (voter = roll_find(roll, b.credential)) == ROLL_NONE)
		return PROSPECT_OPEN;
	if (election_find_voter(e, voter, &r) == ST_OK && !may_replace(v, &b, &r))
		return PROSPECT_NEVER;
	return PROSPECT_OPEN;
}
