/*
 * views.c: rules R1 (entering a view), R8 (timers) and R9 (no work, no timers).
 *
 * A view's timers start when an honest leader that sees what this node sees would propose
 * (views_due), or when somebody acts in the view.  So batching and idleness never look like a
 * silent leader.
 *
 * Invariant: cur never goes back.
 */
#include "tally-server/consensus/state.h"

#include <assert.h>

enum {
	SKIPPED_MAX = 8,  /* views without a final block before an empty one is worth it */
	CALL_MAX = 2      /* views beyond cur to which a guard can lead */
};

uint64_t time_after(uint64_t t, uint64_t ms)
{
	return t > CONSENSUS_NEVER - ms ? CONSENSUS_NEVER : t + ms;
}

uint64_t time_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint8_t consensus_leader(const struct consensus *c, uint64_t view)
{
	return (uint8_t)((view - 1 + c->leader_base) % c->cfg.committee.n);
}

bool views_leads(const struct consensus *c, uint64_t view)
{
	return consensus_leader(c, view) == c->cfg.self;
}

/* R15: does a peer wait for a view after this one, because a guard closes this one to it? */
bool views_somebody_waits(const struct consensus *c, uint64_t view)
{
	for (unsigned int i = 0; i < c->cfg.committee.n; i++)
		if (c->peer[i].view > view && c->peer[i].view - view <= CALL_MAX)
			return true;
	return false;
}

/* R9: has anybody acted in this view, perhaps before this node came to it? */
static bool somebody_acted(const struct consensus *c, uint64_t view)
{
	const struct slot *s = slots_find(c, view);
	uint16_t votes = 0;

	for (unsigned int t = 0; s != NULL && t < VOTE_TYPES; t++)
		votes |= s->tally[t].has;
	return votes != 0 || (s != NULL && s->block[PROPOSED].known) ||
	       views_somebody_waits(c, view);
}

/* R1.  The caller learnt N, U or F of view - 1. */
void views_enter(struct consensus *c, uint64_t view)
{
	assert(view > c->cur);
	c->cur = view;
	c->entered_ms = c->now;
	c->active = view > c->final_view && somebody_acted(c, view);
	c->armed = false;
	c->expired = false;
	c->resend_ms = CONSENSUS_NEVER;
	c->build_ms = c->now;
	c->changed = true;
}

/* R8: times 1.5 for every view beyond the second since the last final one, up to the cap. */
static uint64_t backed_off(const struct consensus *c, uint64_t ms)
{
	uint64_t skipped = c->cur - c->final_view;

	for (; skipped > 2 && ms < c->cfg.view_max_ms; skipped--)
		ms = ms * 3 / 2;
	return time_min(ms, c->cfg.view_max_ms);
}

/*
 * R10: how long an unfinalised tip waits for its F before an empty block goes on top of it.  Longer
 * for every empty block it stands on: where messages take longer than delta, each F comes after
 * the next block, and an idle chain would grow for ever.
 */
static uint64_t patience(const struct consensus *c, const struct slot *n)
{
	const struct block *b = slots_block(c, n->view, n->n.block);
	uint64_t ms = 2 * (uint64_t)c->cfg.delta_ms;

	while (b != NULL && b->header.n_items == 0 && ms < c->cfg.view_max_ms) {
		ms = ms * 3 / 2;
		b = slots_block(c, b->header.parent_view, b->header.parent);
	}
	return time_min(ms, c->cfg.view_max_ms);
}

/* R10 and the empty block of R2. */
uint64_t views_due(const struct consensus *c)
{
	const struct slot *n = slots_highest_n(c, c->cur);
	const uint8_t *parent = n != NULL ? n->n.block : c->final_id;
	const struct block *b = n != NULL ? slots_block(c, n->view, parent) : NULL;
	struct consensus_pending p = { 0 };
	uint64_t due = CONSENSUS_NEVER;

	c->cfg.app.pending(c->cfg.app.ctx, &p, parent);
	if (b != NULL && b->header.height >= c->tip.height + DEPTH_MAX)
		p.count = 0;   /* backpressure: only empty blocks until some are final */
	if (p.count > 0)
		due = p.count >= c->cfg.batch_min ? c->entered_ms
		                                  : time_after(p.oldest_ms, c->cfg.batch_wait_ms);
	if (n != NULL)
		due = time_min(due, time_after(n->n_ms, patience(c, n)));
	/* A long run of skipped views eats the window and slows the timers: end it. */
	if (c->cur - c->final_view > SKIPPED_MAX)
		due = c->entered_ms;
	return due > c->entered_ms ? due : c->entered_ms;
}

bool views_has_work(const struct consensus *c)
{
	return c->active || c->armed || views_due(c) != CONSENSUS_NEVER;
}

static bool proposal_is_here(const struct consensus *c)
{
	const struct slot *s = slots_find(c, c->cur);

	return s != NULL && s->block[PROPOSED].known;
}

/* When the armed view is given up: R5, "view timer expired". */
static uint64_t expiry(const struct consensus *c)
{
	uint64_t delta = c->cfg.delta_ms;
	uint64_t wait = backed_off(c, proposal_is_here(c) ? 3 * delta : 2 * delta);

	return time_after(c->armed_ms, wait);
}

void views_run(struct consensus *c)
{
	if (!c->armed && (c->active || c->now >= views_due(c))) {
		c->armed = true;
		c->armed_ms = c->now;
	}
	if (c->armed && !c->expired && c->now >= expiry(c)) {
		c->expired = true;
		c->changed = true;
	}
}

/* The own proposal of cur, with the most that can stand in front of it. */
static uint64_t proposal_bytes(const struct consensus *c, const struct slot *s)
{
	const struct block_header *h = &s->block[PROPOSED].header;
	uint64_t cert = CERTIFICATE_BYTES_MIN + (uint64_t)c->cfg.committee.n * VOTE_SIG_BYTES;

	return BLOCK_HEADER_BYTES + h->body_len + (h->view - h->parent_view) * cert;
}

/*
 * R8, after NULLIFY(cur): say again what others may have missed.  Stored votes only; a proposal, as
 * often as the rate of repetitions bears its size.
 */
void views_resend(struct consensus *c)
{
	struct slot *s = slots_find(c, c->cur);
	struct consensus_message *m;

	if (c->now < c->resend_ms || s == NULL)
		return;
	out_votes(c, CONSENSUS_ALL, c->cur, c->cur);
	out_certs(c, CONSENSUS_ALL, c->cur - 1, c->cur - 1, true);
	if (views_leads(c, c->cur) && s->block[PROPOSED].known &&
	    slot_own(s, VOTE_NOTARIZE)->state == OWN_SIGNED &&
	    peers_may_repeat(c, proposal_bytes(c, s))) {
		m = out_message(c, WIRE_PROPOSAL, CONSENSUS_ALL);
		if (m != NULL)
			m->first = c->cur;
	}
	c->resend_ms = time_after(c->now, 3 * (uint64_t)c->cfg.delta_ms);
}

uint64_t views_deadline(const struct consensus *c)
{
	uint64_t at = c->resend_ms;

	if (c->recheck)
		at = time_min(at, time_after(c->now, c->cfg.delta_ms));
	if (!c->armed)
		at = time_min(at, views_due(c));
	else if (!c->expired)
		at = time_min(at, expiry(c));
	return at;
}
