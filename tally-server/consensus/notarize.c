/*
 * notarize.c: rule R3, from a proposal to a NOTARIZE; bodies that have to be fetched; execution.
 *
 * A proposal is authentic by its leader's NOTARIZE inside, whoever brings it, and carries the
 * certificates that justify it, so that two halves of the nodes that hold different certificates
 * of one view cannot reject each other's proposals for ever (A.2: commonware #2695).
 *
 * Invariant: a block is executed only on a valid parent, and voted for only if it is valid, its
 * base is notarized or final and every view between is nullified, by certificates held here.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

/* --- proposals ------------------------------------------------------------------------------ */

/* What is wrong with a header by itself, whoever the parent is? */
static enum status header_check(const struct consensus *c, const struct block_header *h)
{
	if (memcmp(h->election_id, c->cfg.committee.election_id, sizeof(h->election_id)) != 0)
		return ST_ELECTION;
	if (h->view == 0 || h->proposer != consensus_leader(c, h->view))
		return ST_ROLE;
	return h->parent_view < h->view && h->height > 0 ? ST_OK : ST_PARENT;
}

/* The leader signed it, and it can never be valid. */
static void unsound(struct consensus *c, struct slot *s, const struct block *b, enum status why)
{
	struct consensus_evidence e = { .type = CONSENSUS_UNSOUND_PROPOSAL, .why = why };
	const struct tally *t = slot_tally(s, VOTE_NOTARIZE);
	uint8_t leader = consensus_leader(c, s->view);

	if ((s->blamed >> leader & 1) != 0 || (t->has >> leader & 1) == 0 ||
	    !ids_equal(t->block[leader], b->id) || leader == c->cfg.self)
		return;
	s->blamed |= (uint16_t)(1u << leader);
	e.header = b->header;
	e.a = (struct vote){ .type = VOTE_NOTARIZE, .view = s->view, .signer = leader };
	memcpy(e.a.block, b->id, sizeof(e.a.block));
	memcpy(e.a.sig, t->sig[leader], sizeof(e.a.sig));
	out_evidence(c, &e);
}

/* Keep header and body.  The record that makes them durable goes into this update. */
static enum status keep(struct consensus *c, struct block *b, const struct block_header *h,
                        const uint8_t id[static 32], const uint8_t *body, size_t body_len,
                        uint8_t from)
{
	enum status st;

	if (!out_has_room(c))
		return ST_AGAIN;
	if ((st = peers_body_check(c, from, h, body, body_len)) != ST_OK ||
	    (st = c->cfg.app.put(c->cfg.app.ctx, h, id, body, body_len)) != ST_OK)
		return st;
	memset(b, 0, sizeof(*b));
	b->known = true;
	b->header = *h;
	memcpy(b->id, id, sizeof(b->id));
	out_block(c, id);
	c->changed = true;
	return ST_OK;
}

/* The leader's vote inside: the first one stands, another is evidence. */
static enum status leader_vote(struct consensus *c, struct slot *s, const struct vote *v,
                               uint8_t from)
{
	const struct tally *t = slot_tally(s, VOTE_NOTARIZE);
	bool has = (t->has >> v->signer & 1) != 0;
	bool same = has && ids_equal(t->block[v->signer], v->block);
	enum status st;

	if (same)
		return ST_OK;
	if (has && (s->blamed >> v->signer & 1) != 0)
		return ST_DUPLICATE;
	if (!peers_may_verify(c, from, 1))
		return ST_AGAIN;
	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK) {
		peers_blame(c, from);
		return st;
	}
	votes_store(c, s, v);
	certify_count(c, s, VOTE_NOTARIZE, v->block);
	return has ? ST_DUPLICATE : ST_OK;
}

static enum status proposal_keep(struct consensus *c, const struct wire_proposal *p,
                                 const uint8_t id[static 32], uint8_t from)
{
	struct vote v = { .type = VOTE_NOTARIZE, .view = p->header.view,
	                  .signer = p->header.proposer };
	struct slot *s;
	struct block *b;
	enum status st;

	if (p->header.view > c->cur + CONSENSUS_AHEAD ||
	    (s = slots_open(c, p->header.view)) == NULL)
		return ST_LIMIT;
	b = &s->block[PROPOSED];
	if (b->known && ids_equal(b->id, id))
		return ST_DUPLICATE;
	memcpy(v.block, id, sizeof(v.block));
	memcpy(v.sig, p->sig, sizeof(v.sig));
	if ((st = leader_vote(c, s, &v, from)) != ST_OK)
		return st;
	if (b->known)
		return ST_DUPLICATE;
	if (s->view <= c->final_view)
		return ST_OK;   /* this very vote made it final */
	return keep(c, b, &p->header, id, p->body, p->body_len, from);
}

enum status notarize_proposal(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_block wb = { .has_body = true };
	struct wire_proposal p;
	struct certificate cert;
	uint8_t id[32];
	enum status st;

	if ((st = wire_proposal_read(r, &p)) != ST_OK ||
	    (st = header_check(c, &p.header)) != ST_OK)
		return st;
	while (wire_next_cert(&p.certs, &cert) && c->halted == ST_OK)
		if ((st = certify_take(c, &cert, from)) == ST_SIGNATURE || st == ST_CERTIFICATE)
			return st;
	block_id(id, &p.header);
	wb.header = p.header;
	wb.body = p.body;
	wb.body_len = p.body_len;
	st = notarize_fetched(c, &wb, from);
	if (st != ST_NOT_FOUND && st != ST_DUPLICATE)
		return st;   /* its certificate came first, and its body was waited for */
	if (p.header.view <= c->final_view) {
		sync_answer_old(c, from);
		return ST_DUPLICATE;
	}
	return proposal_keep(c, &p, id, from);
}

bool consensus_is_timely(uint64_t time_min, uint64_t clock_min)
{
	return time_min <= clock_min + CONSENSUS_EARLY_MIN &&
	       clock_min <= time_min + CONSENSUS_LATE_MIN;
}

/* --- bodies that are wanted ----------------------------------------------------------------- */

void notarize_want(struct consensus *c, struct slot *s, const uint8_t id[static 32])
{
	if (s->has_want)
		return;   /* one block is notarized in a view */
	s->has_want = true;
	memcpy(s->want, id, sizeof(s->want));
	s->fetch_ms = time_after(c->now, c->cfg.delta_ms);   /* it may be on its way */
}

enum status notarize_fetched(struct consensus *c, const struct wire_block *wb, uint8_t from)
{
	struct slot *s = slots_find(c, wb->header.view);
	struct block *b;
	uint8_t id[32];

	block_id(id, &wb->header);
	if (s == NULL || !s->has_want || !ids_equal(s->want, id))
		return ST_NOT_FOUND;   /* only what was asked for */
	if (slots_block(c, s->view, id) != NULL)
		return ST_DUPLICATE;
	b = &s->block[s->block[PROPOSED].known ? CERTIFIED : PROPOSED];
	return keep(c, b, &wb->header, id, wb->body, wb->body_len, from);
}

/* Ask one of those who notarized it: q - f of them hold it. */
static void fetch(struct consensus *c, struct slot *s)
{
	struct consensus_message *m;
	uint8_t to;

	if (!s->has_want || slots_block(c, s->view, s->want) != NULL)
		return;
	c->recheck = true;
	if (c->now < s->fetch_ms)
		return;
	s->fetch_ms = time_after(c->now, 2 * (uint64_t)c->cfg.delta_ms);
	to = peers_pick(c, s->has_n ? s->n.signers : UINT16_MAX);
	m = to != CONSENSUS_ALL ? out_message(c, WIRE_BLOCK_REQ, to) : NULL;
	if (m != NULL)
		memcpy(m->id, s->want, sizeof(m->id));
}

/* --- execution ------------------------------------------------------------------------------ */

enum chain chain_walk(struct consensus *c, struct chain_at *first, struct chain_at from,
                      bool stop_at_valid)
{
	struct chain_at at = from;

	for (;;) {
		const struct block *b = &at.slot->block[at.which];
		struct block *parent;
		struct slot *s;

		*first = at;
		if (b->header.height <= c->tip.height)
			return CHAIN_FOREIGN;
		if (b->header.height == c->tip.height + 1)
			return b->header.parent_view == c->tip.view &&
			       ids_equal(b->header.parent, c->tip_id) ? CHAIN_LINKED : CHAIN_FOREIGN;
		s = slots_find(c, b->header.parent_view);
		parent = slots_block(c, b->header.parent_view, b->header.parent);
		if (parent == NULL) {
			if (s == NULL)
				s = slots_open(c, b->header.parent_view);
			if (s != NULL)
				notarize_want(c, s, b->header.parent);
			return CHAIN_MISSING;
		}
		if (stop_at_valid && parent->settled && parent->verdict == CONSENSUS_VALID)
			return CHAIN_LINKED;
		if (s->view >= at.slot->view)
			return CHAIN_FOREIGN;
		parent->child_view = at.slot->view;
		parent->child_which = (uint8_t)at.which;
		at = (struct chain_at){ s, parent == &s->block[PROPOSED] ? PROPOSED : CERTIFIED };
	}
}

enum consensus_verdict chain_execute(struct consensus *c, struct block *b,
                                     const struct block_header *parent,
                                     const uint8_t parent_id[static 32], bool certified)
{
	enum status why;

	if (b->settled)
		return b->verdict;
	why = block_follows(&b->header, parent, parent_id);
	b->verdict = CONSENSUS_INVALID;
	if (why == ST_OK)
		b->verdict = c->cfg.app.check(c->cfg.app.ctx, &why, &b->header, b->id, certified);
	b->settled = b->verdict != CONSENSUS_WAIT;
	if (!b->settled) {
		c->recheck = true;
		return CONSENSUS_WAIT;
	}
	c->changed = true;
	if (b->verdict == CONSENSUS_INVALID) {
		struct slot *s = slots_find(c, b->header.view);

		if (s != NULL && b == &s->block[PROPOSED])
			unsound(c, s, b, why);
	}
	return b->verdict;
}

/* All ancestors of a justified block are notarized or final; it itself may not be. */
static bool is_certified(const struct consensus *c, const struct slot *s, const struct block *b,
                         bool is_ancestor)
{
	return is_ancestor || s->view <= c->final_view ||
	       (s->has_n && ids_equal(s->n.block, b->id));
}

enum consensus_verdict notarize_verdict(struct consensus *c, struct slot *s, unsigned int which)
{
	struct chain_at at, from = { s, which };
	struct block *b = &s->block[which];
	const struct block_header *parent = &c->tip;
	const uint8_t *parent_id = c->tip_id;

	if (b->settled)
		return b->verdict;
	switch (chain_walk(c, &at, from, true)) {
	case CHAIN_LINKED:
		break;
	case CHAIN_MISSING:
		c->recheck = true;
		return CONSENSUS_WAIT;
	case CHAIN_FOREIGN:
		b->settled = true;
		b->verdict = CONSENSUS_INVALID;
		c->changed = true;
		unsound(c, s, b, ST_PARENT);
		return CONSENSUS_INVALID;
	}
	b = &at.slot->block[at.which];
	if (!ids_equal(b->header.parent, c->tip_id)) {
		const struct block *p = slots_block(c, b->header.parent_view, b->header.parent);

		parent = &p->header;
		parent_id = p->id;
	}
	for (;;) {
		bool is_last = at.slot == s && at.which == which;
		enum consensus_verdict v = chain_execute(c, b, parent, parent_id,
		                                         is_certified(c, at.slot, b, !is_last));

		if (is_last || v != CONSENSUS_VALID)
			return v;
		parent = &b->header;
		parent_id = b->id;
		at = (struct chain_at){ slots_find(c, b->child_view), b->child_which };
		b = &at.slot->block[at.which];
	}
}

/* --- R3 ------------------------------------------------------------------------------------- */

/* The block of this view that may be voted for, or NULL. */
static struct block *candidate(struct consensus *c, struct slot *s)
{
	if (s->has_n)
		return slots_block(c, s->view, s->n.block);
	return s->view == c->cur && s->block[PROPOSED].known ? &s->block[PROPOSED] : NULL;
}

static void ask_for_gap(struct consensus *c, uint64_t missing, uint64_t view)
{
	uint8_t to = consensus_leader(c, view);
	struct consensus_message *m;

	c->recheck = true;
	if (missing == 0 || c->now < c->cert_req_ms)
		return;
	c->cert_req_ms = time_after(c->now, 2 * (uint64_t)c->cfg.delta_ms);
	if (to == c->cfg.self)
		to = peers_pick(c, UINT16_MAX);
	m = to != CONSENSUS_ALL ? out_message(c, WIRE_CERT_REQ, to) : NULL;
	if (m == NULL)
		return;
	m->first = missing;
	m->last = time_min(view - 1, missing + WIRE_CERT_SPAN_MAX - 1);
}

/* Final blocks that are not delivered yet may still lie in the ring, wanting a body. */
static void fetch_final(struct consensus *c)
{
	uint64_t v = c->tip.view + 1;

	if (c->tail.len > 0)
		return;
	if (c->final_view - c->tip.view > c->cfg.views)
		v = c->final_view - c->cfg.views + 1;
	for (; v <= c->final_view; v++) {
		struct slot *s = slots_find(c, v);

		if (s != NULL)
			fetch(c, s);
	}
}

void notarize_try(struct consensus *c)
{
	fetch_final(c);
	for (uint64_t v = c->final_view + 1; v <= c->cur; v++) {
		struct slot *s = slots_find(c, v);
		uint64_t missing = 0;
		struct block *b;

		if (s == NULL)
			continue;
		fetch(c, s);
		if (slot_own(s, VOTE_NOTARIZE)->state != OWN_NONE || !votes_may_sign(c, v) ||
		    (b = candidate(c, s)) == NULL)
			continue;
		if (!propose_is_justified(c, &b->header, &missing)) {
			ask_for_gap(c, missing, v);
			continue;
		}
		if (notarize_verdict(c, s, b == &s->block[PROPOSED] ? PROPOSED : CERTIFIED) ==
		    CONSENSUS_VALID && !votes_ask(c, s, VOTE_NOTARIZE, b->id))
			return;
	}
}
