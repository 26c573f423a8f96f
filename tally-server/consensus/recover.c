/*
 * recover.c: rule R15, replay, start, and the guard of a node that may have forgotten something.
 *
 * Records come in any order of views, so nothing is resumed from the last one: the state is what
 * the whole set says (A.2: ava-labs #328).  Own votes come from the signer's log and are counted
 * again, or after a crash of all nodes every certificate would stay one vote short for ever (A.2:
 * commonware #4275).
 *
 * Invariant: before consensus_start nothing is asked, sent or delivered.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

static enum status replay_block(struct consensus *c, struct reader *r)
{
	struct block_header h;
	const uint8_t *body;
	size_t body_len;
	struct slot *s;
	struct block *b;
	uint8_t id[32];
	enum status st;

	if ((st = block_header_read(r, &h)) != ST_OK ||
	    (st = reader_vec32(r, &body, &body_len, BLOCK_BODY_BYTES_MAX)) != ST_OK ||
	    (st = reader_end(r)) != ST_OK ||
	    (st = block_body_check(&h, body, body_len)) != ST_OK)
		return st;
	/* A.2, #551: records of another election are not ours. */
	if (memcmp(h.election_id, c->cfg.committee.election_id, sizeof(h.election_id)) != 0)
		return ST_ELECTION;
	if (h.height <= c->tip.height || (s = slots_open(c, h.view)) == NULL)
		return ST_OK;
	block_id(id, &h);
	if (slots_block(c, h.view, id) != NULL)
		return ST_OK;
	b = &s->block[s->block[PROPOSED].known ? CERTIFIED : PROPOSED];
	if ((st = c->cfg.app.put(c->cfg.app.ctx, &h, id, body, body_len)) != ST_OK)
		return st;
	memset(b, 0, sizeof(*b));
	b->known = true;
	b->header = h;
	memcpy(b->id, id, sizeof(b->id));
	return ST_OK;
}

static enum status replay_certificate(struct consensus *c, struct reader *r)
{
	struct certificate cert;
	enum status st;

	if ((st = certificate_read(r, &cert)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	if (cert.view < c->final_view)
		return ST_OK;
	if ((st = certificate_check_with(&cert, &c->cfg.committee, c->cfg.verify)) != ST_OK)
		return st;
	certify_learn(c, &cert, false);
	return c->halted;
}

/* The driver commits these before it makes the machine: its tip is at least as high. */
static enum status replay_commit(const struct consensus *c, struct reader *r)
{
	struct certificate cert;
	uint8_t id[32], has_cert;
	uint64_t height;
	enum status st;

	if ((st = reader_u64(r, &height)) != ST_OK ||
	    (st = reader_bytes(r, id, sizeof(id))) != ST_OK ||
	    (st = reader_u8(r, &has_cert)) != ST_OK ||
	    (has_cert == 1 && (st = certificate_read(r, &cert)) != ST_OK) ||
	    (st = reader_end(r)) != ST_OK)
		return st;
	if (has_cert > 1)
		return ST_FORMAT;
	if (height == c->tip.height && !ids_equal(id, c->tip_id))
		return ST_FORK;
	return height <= c->tip.height ? ST_OK : ST_PARENT;
}

static enum status replay_guard(struct consensus *c, struct reader *r)
{
	uint64_t view;
	enum status st;

	if ((st = reader_u64(r, &view)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	if (view > c->sign_above)
		c->sign_above = view;
	return ST_OK;
}

enum status consensus_replay(struct consensus *c, const uint8_t *record, size_t len)
{
	struct reader r;
	enum status st;
	uint8_t type;

	if (c->started)
		return ST_INTERNAL;
	out_reset(c);
	reader_init(&r, record, len);
	if ((st = reader_u8(&r, &type)) != ST_OK)
		return st;
	switch (type) {
	case CONSENSUS_RECORD_BLOCK:
		return replay_block(c, &r);
	case CONSENSUS_RECORD_CERTIFICATE:
		return replay_certificate(c, &r);
	case CONSENSUS_RECORD_COMMIT:
		return replay_commit(c, &r);
	case CONSENSUS_RECORD_GUARD:
		return replay_guard(c, &r);
	default:
		return ST_FORMAT;
	}
}

enum status consensus_replay_vote(struct consensus *c, const struct vote *v)
{
	struct own_vote *own;
	struct slot *s;
	enum status st;

	if (c->started)
		return ST_INTERNAL;
	out_reset(c);
	if (v->signer != c->cfg.self)
		return ST_ROLE;
	if (v->view <= c->final_view)
		return ST_OK;
	if ((s = slots_open(c, v->view)) == NULL)
		return ST_LIMIT;   /* the window ends there: this node cannot have voted */
	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK)
		return st;
	own = slot_own(s, v->type);
	if (own->state != OWN_NONE && !ids_equal(own->block, v->block))
		return ST_DUPLICATE;   /* this log signed two things: never go on from it */
	own->state = OWN_SIGNED;
	memcpy(own->block, v->block, sizeof(own->block));
	votes_store(c, s, v);
	return c->evidence_count == 0 ? ST_OK : ST_DUPLICATE;
}

void recover_recount(struct consensus *c)
{
	uint64_t last = c->final_view + c->cfg.views;

	c->recount = false;
	for (uint64_t v = c->final_view + 1; v <= last; v++) {
		struct slot *s = slots_find(c, v);

		for (unsigned int t = 0; s != NULL && t < VOTE_TYPES; t++)
			for (unsigned int i = 0; i < c->cfg.committee.n; i++) {
				if ((s->tally[t].has >> i & 1) == 0)
					continue;
				if (!out_has_room(c)) {
					c->recount = true;
					c->full = true;
					return;
				}
				certify_count(c, s, (enum vote_type)(t + VOTE_NOTARIZE),
				              s->tally[t].block[i]);
			}
	}
}

/* --- the guard ------------------------------------------------------------------------------ */

/*
 * A node whose logs may have lost votes signs nothing until q others (all others, of fewer than
 * four nodes) have proved how far they are: it entered each of its views by a certificate that an
 * honest one of them helped to make.  Above the highest view shown, nothing can be repeated.
 */
void recover_vouch(struct consensus *c, uint8_t from, uint64_t view)
{
	const struct committee *com = &c->cfg.committee;
	unsigned int count = 0;
	uint64_t highest = c->cur;

	if (!c->guarded)
		return;
	c->peer[from].vouched = true;
	c->peer[from].vouched_view = view;
	for (unsigned int i = 0; i < com->n; i++) {
		if (!c->peer[i].vouched)
			continue;
		count++;
		if (c->peer[i].vouched_view > highest)
			highest = c->peer[i].vouched_view;
	}
	if (count < (com->q < com->n ? com->q : com->n - 1))
		return;
	c->guarded = false;
	c->sign_above = highest + 1;
	out_guard(c, c->sign_above);
	c->status_ms = c->now;   /* tell the others that it waits */
	c->changed = true;
}

uint64_t recover_shown_view(const struct consensus *c)
{
	if (c->guarded)
		return 0;   /* it may have been further than its certificates say (decisions/0088) */
	return c->cur <= c->sign_above ? c->sign_above + 1 : c->cur;
}

/* --- what a fresh log must hold -------------------------------------------------------------- */

enum { LIVE_GUARD, LIVE_N, LIVE_U, LIVE_PROPOSED, LIVE_CERTIFIED, LIVE_FINAL, LIVE_ITEMS };

static bool live_item(const struct consensus *c, struct consensus_record *out, uint64_t view,
                      unsigned int item)
{
	const struct slot *s = slots_find(c, view);
	const struct block *b;

	out->type = CONSENSUS_RECORD_CERTIFICATE;
	switch (item) {
	case LIVE_GUARD:
		out->type = CONSENSUS_RECORD_GUARD;
		out->view = c->sign_above;
		return view == c->tip.view && c->sign_above > 0;
	case LIVE_N:
		if (s == NULL || !s->has_n || view <= c->tip.view)
			return false;
		out->cert = s->n;
		return true;
	case LIVE_U:
		if (s == NULL || !s->has_u || view <= c->tip.view)
			return false;
		out->cert = s->u;
		return true;
	case LIVE_PROPOSED:
	case LIVE_CERTIFIED:
		b = s != NULL ? &s->block[item - LIVE_PROPOSED] : NULL;
		if (b == NULL || !b->known || view <= c->tip.view)
			return false;
		out->type = CONSENSUS_RECORD_BLOCK;
		memcpy(out->id, b->id, sizeof(out->id));
		return true;
	case LIVE_FINAL:
		if (!c->has_final || view != c->final_view)
			return false;
		out->cert = c->final;
		return true;
	default:
		return false;
	}
}

bool consensus_live(const struct consensus *c, struct consensus_record *out, uint64_t *cursor)
{
	uint64_t end = (c->final_view + c->cfg.views - c->tip.view + 1) * LIVE_ITEMS;

	memset(out, 0, sizeof(*out));
	while (*cursor < end) {
		uint64_t at = (*cursor)++;

		if (live_item(c, out, c->tip.view + at / LIVE_ITEMS,
		              (unsigned int)(at % LIVE_ITEMS)))
			return true;
	}
	/* Of a chunk under way: its COMMIT records will speak of these blocks. */
	while (*cursor - end < c->tail.len) {
		const struct block *b = &c->tail.block[(*cursor)++ - end];

		if (!b->known || b->header.height <= c->tip.height)
			continue;
		out->type = CONSENSUS_RECORD_BLOCK;
		memcpy(out->id, b->id, sizeof(out->id));
		return true;
	}
	return false;
}
