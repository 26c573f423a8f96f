/*
 * deliver.c: rule R7, from a finalization to deliveries in height order.
 *
 * Two ways lead to the tip: through the table of views, when this node took part, or through a
 * chunk that a peer sent (the tail).  Both execute every block on its parent first.
 *
 * Invariant: what is delivered is an ancestor of a block with an F certificate, valid, and the
 * child of what was delivered before.  A final block that this node calls invalid, or that does
 * not descend from its tip, halts it.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

/* false: not now, or never. */
static bool deliver(struct consensus *c, struct block *b, const struct certificate *cert)
{
	switch (chain_execute(c, b, &c->tip, c->tip_id, true)) {
	case CONSENSUS_VALID:
		break;
	case CONSENSUS_WAIT:
		return false;
	case CONSENSUS_INVALID:
		halt(c, ST_HASH);
		return false;
	}
	if (!out_deliver(c, b, cert))
		return false;
	c->tip = b->header;
	memcpy(c->tip_id, b->id, sizeof(c->tip_id));
	c->changed = true;
	return true;
}

static void deliver_tail(struct consensus *c)
{
	struct tail *t = &c->tail;

	while (t->next < t->len) {
		struct block *b = &t->block[t->next];
		bool is_last = t->next + 1 == t->len;

		/* Its body may have come another way: as a proposal, or for a certificate. */
		if (!b->known && slots_block(c, b->header.view, b->id) != NULL)
			b->known = true;
		if (!b->known || !deliver(c, b, is_last ? &t->cert : NULL))
			return;
		t->next++;
	}
	t->len = 0;
	t->next = 0;
	c->sync_ms = c->now;   /* if there is more, ask at once */
}

static void fell_behind(struct consensus *c)
{
	if (c->behind)
		return;
	c->behind = true;
	c->sync_ms = time_after(c->now, c->cfg.delta_ms);   /* the body may be on its way */
	c->changed = true;
}

static void deliver_slots(struct consensus *c)
{
	struct slot *s = slots_find(c, c->final_view);
	struct block *b = slots_block(c, c->final_view, c->final_id);
	struct chain_at at;

	if (b == NULL) {
		fell_behind(c);
		return;
	}
	at = (struct chain_at){ s, b == &s->block[PROPOSED] ? PROPOSED : CERTIFIED };
	switch (chain_walk(c, &at, at, false)) {
	case CHAIN_LINKED:
		break;
	case CHAIN_MISSING:
		fell_behind(c);
		return;
	case CHAIN_FOREIGN:
		halt(c, ST_FORK);
		return;
	}
	c->behind = false;
	for (;;) {
		bool is_last = at.slot->view == c->final_view;

		b = &at.slot->block[at.which];
		if (!deliver(c, b, is_last ? &c->final : NULL) || is_last)
			return;
		at = (struct chain_at){ slots_find(c, b->child_view), b->child_which };
	}
}

void deliver_try(struct consensus *c)
{
	if (c->tail.len > 0)
		deliver_tail(c);
	if (c->tail.len == 0 && c->halted == ST_OK) {
		if (c->final_view > c->tip.view)
			deliver_slots(c);
		else
			c->behind = false;
	}
}
