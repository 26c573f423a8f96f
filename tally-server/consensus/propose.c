/*
 * propose.c: rule R2, leading a view, and the justification that a proposal carries.
 *
 * The leader does not vote here: its block goes the way of every other one (notarize.c), is
 * executed and voted for; the signed vote then sends the PROPOSAL (votes.c).  So a leader never
 * proposes what it would refuse, and after a crash the stored block is voted for and sent again,
 * not made anew.
 *
 * Invariant: one block is made in a view, on the highest base whose gap is nullified.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

static const struct certificate *u_of(const struct consensus *c, uint64_t view)
{
	const struct slot *s = slots_find(c, view);

	return s != NULL && s->has_u ? &s->u : NULL;
}

static bool n_is_held(const struct consensus *c, uint64_t view, const uint8_t id[static 32],
                      bool *other)
{
	const struct slot *s = slots_find(c, view);

	*other = s != NULL && s->has_n && !ids_equal(s->n.block, id);
	return s != NULL && s->has_n && !*other;
}

bool propose_is_justified(const struct consensus *c, const struct block_header *h,
                          uint64_t *missing_view)
{
	bool other = false;

	*missing_view = 0;
	if (h->parent_view < c->final_view ||
	    (h->parent_view == c->final_view && !ids_equal(h->parent, c->final_id)))
		return false;   /* it skips a final block: no certificate will ever help */
	if (h->parent_view > c->final_view && !n_is_held(c, h->parent_view, h->parent, &other)) {
		*missing_view = other ? 0 : h->parent_view;
		return false;
	}
	for (uint64_t v = h->parent_view + 1; v < h->view; v++) {
		if (u_of(c, v) != NULL)
			continue;
		*missing_view = v;
		return false;
	}
	return true;
}

/* --- the base ------------------------------------------------------------------------------- */

struct base {
	uint64_t view;
	const uint8_t *id;
	const struct block_header *header;
};

enum found { FOUND, NOT_YET, GAP };

/* May an own block stand on the notarized block of this slot? */
static enum consensus_verdict standing(struct consensus *c, struct slot *s, struct base *out)
{
	struct block *b = slots_block(c, s->view, s->n.block);

	if (b == NULL)
		return CONSENSUS_WAIT;   /* notarize_try asks for it */
	*out = (struct base){ s->view, b->id, &b->header };
	return notarize_verdict(c, s, b == &s->block[PROPOSED] ? PROPOSED : CERTIFIED);
}

/*
 * R2: the highest notarized or final block such that every view after it is nullified.  A block
 * whose view is nullified as well may be passed over if it cannot be had.
 */
static enum found base_find(struct consensus *c, struct base *out, uint64_t *gap)
{
	for (uint64_t v = c->cur - 1; v > c->final_view; v--) {
		struct slot *s = slots_find(c, v);

		if (s != NULL && s->has_n) {
			enum consensus_verdict verdict = standing(c, s, out);

			if (verdict == CONSENSUS_VALID)
				return FOUND;
			if (!s->has_u)
				return NOT_YET;
		} else if (s == NULL || !s->has_u) {
			*gap = v;
			return GAP;
		}
	}
	if (c->tip.view != c->final_view || !ids_equal(c->tip_id, c->final_id))
		return NOT_YET;   /* catching up */
	*out = (struct base){ c->tip.view, c->tip_id, &c->tip };
	return FOUND;
}

/* --- the block ------------------------------------------------------------------------------ */

/* Where the block stands: before it is built, for the application to build upon. */
static void header_begin(const struct consensus *c, struct block_header *h,
                         const struct base *base)
{
	memset(h, 0, sizeof(*h));
	h->version = BLOCK_VERSION;
	memcpy(h->election_id, c->cfg.committee.election_id, sizeof(h->election_id));
	h->height = base->header->height + 1;
	h->view = c->cur;
	h->parent_view = base->view;
	memcpy(h->parent, base->id, sizeof(h->parent));
	h->proposer = c->cfg.self;
}

static struct consensus_limits limits_of(const struct consensus *c, const struct base *base)
{
	/* R10: no more than DEPTH_MAX full blocks wait to become final. */
	if (base->header->height >= c->tip.height + DEPTH_MAX)
		return (struct consensus_limits){ 0 };
	return (struct consensus_limits){ LIMIT_BLOCK_ITEMS, LIMIT_BLOCK_BYTES };
}

static enum status make(struct consensus *c, struct slot *s, const struct base *base)
{
	struct consensus_limits limits = limits_of(c, base);
	struct block_header h, begun;
	const uint8_t *body = NULL;
	size_t body_len = 0;
	struct block *b = &s->block[PROPOSED];
	uint8_t id[32];
	enum status st;

	header_begin(c, &h, base);
	begun = h;
	st = c->cfg.app.build(c->cfg.app.ctx, &h, &body, &body_len, base->header, base->id, &limits);
	if (st != ST_OK)
		return st;
	h.body_len = (uint32_t)body_len;
	block_body_hash(h.body_hash, body, body_len);
	/* Never propose what others must refuse. */
	if (h.version != begun.version || h.view != begun.view || h.proposer != begun.proposer ||
	    block_body_check(&h, body, body_len) != ST_OK ||
	    block_follows(&h, base->header, base->id) != ST_OK || h.n_items > limits.items)
		return ST_INTERNAL;
	block_id(id, &h);
	if ((st = c->cfg.app.put(c->cfg.app.ctx, &h, id, body, body_len)) != ST_OK)
		return st;
	memset(b, 0, sizeof(*b));
	b->known = true;
	b->header = h;
	memcpy(b->id, id, sizeof(b->id));
	out_block(c, id);
	c->active = true;
	c->changed = true;
	return ST_OK;
}

static void ask_for_gap(struct consensus *c, uint64_t gap)
{
	uint8_t to = peers_pick(c, UINT16_MAX);
	struct consensus_message *m;

	c->recheck = true;
	if (c->now < c->cert_req_ms || to == CONSENSUS_ALL)
		return;
	c->cert_req_ms = time_after(c->now, 2 * (uint64_t)c->cfg.delta_ms);
	m = out_message(c, WIRE_CERT_REQ, to);
	if (m == NULL)
		return;
	/* Whatever is missing lies at the gap or below. */
	m->last = gap;
	m->first = gap - c->final_view >= WIRE_CERT_SPAN_MAX ? gap - WIRE_CERT_SPAN_MAX + 1
	                                                     : c->final_view + 1;
}

void propose_try(struct consensus *c)
{
	struct slot *s = slots_open(c, c->cur);
	struct base base;
	uint64_t gap = 0;

	if (s == NULL || !views_leads(c, c->cur) || !votes_may_sign(c, c->cur) ||
	    slot_own(s, VOTE_NOTARIZE)->state != OWN_NONE ||
	    slot_own(s, VOTE_NULLIFY)->state != OWN_NONE || s->block[PROPOSED].known ||
	    c->now < views_due(c) || c->now < c->build_ms)
		return;
	switch (base_find(c, &base, &gap)) {
	case FOUND:
		break;
	case NOT_YET:
		c->recheck = true;
		return;
	case GAP:
		ask_for_gap(c, gap);
		return;
	}
	if (make(c, s, &base) != ST_OK) {
		c->build_ms = time_after(c->now, c->cfg.delta_ms);
		c->recheck = true;
	}
}

/* --- the message ---------------------------------------------------------------------------- */

/* Base and gap.  What does not fit, or is not held, can be asked for (CERT_REQ). */
static void justify(const struct consensus *c, struct writer *w, const struct block_header *h)
{
	const struct slot *base = slots_find(c, h->parent_view);
	size_t at = wire_count_begin(w, 2);
	unsigned int count = 0;

	if (h->parent_view == c->final_view) {
		if (c->has_final && c->final.view == h->parent_view) {
			certificate_write(w, &c->final);
			count++;
		}
	} else if (base != NULL && base->has_n) {
		certificate_write(w, &base->n);
		count++;
	}
	for (uint64_t v = h->parent_view + 1; v < h->view && count < WIRE_JUSTIFY_MAX; v++) {
		const struct certificate *u = u_of(c, v);

		if (u == NULL)
			continue;
		certificate_write(w, u);
		count++;
	}
	wire_count_set(w, at, 2, count);
}

enum status propose_write(const struct consensus *c, struct writer *w, uint64_t view)
{
	struct slot *s = slots_find(c, view);
	const struct tally *t;
	struct block_header h;
	const uint8_t *body;
	size_t body_len;
	uint8_t self = c->cfg.self;
	enum status st;

	if (s == NULL || view <= c->final_view || !s->block[PROPOSED].known ||
	    slot_own(s, VOTE_NOTARIZE)->state != OWN_SIGNED)
		return ST_NOT_FOUND;
	t = slot_tally(s, VOTE_NOTARIZE);
	if (!ids_equal(t->block[self], s->block[PROPOSED].id))
		return ST_NOT_FOUND;
	st = c->cfg.app.get(c->cfg.app.ctx, &h, &body, &body_len, s->block[PROPOSED].id);
	if (st != ST_OK)
		return st;
	wire_proposal_write(w, &h, body, body_len, t->sig[self]);
	justify(c, w, &h);
	return ST_OK;
}
