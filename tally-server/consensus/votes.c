/*
 * votes.c: rules R4 (finalize), R5 (nullify), R6 (counting) and R14 (evidence).
 *
 * Own votes pass through the signer, whose log is the one record of them: a vote is asked for,
 * and exists for others once it comes back.  From the moment it is asked for it binds this node.
 *
 * Invariant: in one view this node asks for at most one NOTARIZE, at most one FINALIZE, of the
 * same block, and never for both FINALIZE and NULLIFY.
 */
#include "tally-server/consensus/state.h"

#include <assert.h>
#include <string.h>

static const uint8_t no_block[32];

/* --- own votes ------------------------------------------------------------------------------ */

bool votes_may_sign(const struct consensus *c, uint64_t view)
{
	return c->started && !c->guarded && view > c->sign_above && view > c->final_view;
}

bool votes_ask(struct consensus *c, struct slot *s, enum vote_type type,
               const uint8_t block[static 32])
{
	struct own_vote *own = slot_own(s, type);

	assert(own->state == OWN_NONE);
	assert(type != VOTE_FINALIZE ||
	       (slot_own(s, VOTE_NULLIFY)->state == OWN_NONE &&
	        slot_own(s, VOTE_NOTARIZE)->state != OWN_NONE &&
	        ids_equal(slot_own(s, VOTE_NOTARIZE)->block, block)));
	assert(type != VOTE_NULLIFY || slot_own(s, VOTE_FINALIZE)->state == OWN_NONE);
	if (!out_sign(c, type, s->view, block))
		return false;
	own->state = OWN_ASKED;
	memcpy(own->block, block, sizeof(own->block));
	c->changed = true;
	return true;
}

/* The leader's NOTARIZE travels inside its PROPOSAL. */
static void publish(struct consensus *c, const struct slot *s, const struct vote *v)
{
	struct consensus_message *m;

	if (v->type == VOTE_NOTARIZE && views_leads(c, v->view) && s->block[PROPOSED].known &&
	    ids_equal(s->block[PROPOSED].id, v->block)) {
		m = out_message(c, WIRE_PROPOSAL, CONSENSUS_ALL);
		if (m != NULL)
			m->first = v->view;
		return;
	}
	out_votes(c, CONSENSUS_ALL, v->view, v->view);
}

enum status votes_signed(struct consensus *c, const struct vote *v)
{
	struct slot *s = slots_find(c, v->view);
	struct own_vote *own;
	enum status st;

	if (v->view <= c->final_view || s == NULL)
		return ST_DUPLICATE;   /* it is final without this vote */
	own = slot_own(s, v->type);
	if (v->signer != c->cfg.self || own->state != OWN_ASKED || !ids_equal(own->block, v->block))
		return ST_ROLE;
	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK)
		return st;
	own->state = OWN_SIGNED;
	votes_store(c, s, v);
	publish(c, s, v);
	if (v->type == VOTE_NULLIFY && v->view == c->cur)
		c->resend_ms = time_after(c->now, 3 * (uint64_t)c->cfg.delta_ms);
	certify_count(c, s, v->type, v->block);
	return ST_OK;
}

/* --- counting ------------------------------------------------------------------------------- */

static void vote_at(struct vote *out, struct slot *s, enum vote_type type, unsigned int signer)
{
	const struct tally *t = slot_tally(s, type);

	memset(out, 0, sizeof(*out));
	out->type = type;
	out->view = s->view;
	out->signer = (uint8_t)signer;
	memcpy(out->block, t->block[signer], sizeof(out->block));
	memcpy(out->sig, t->sig[signer], sizeof(out->sig));
}

/* R14: does this verified vote contradict another of its signer in this view? */
static void look_for_evidence(struct consensus *c, struct slot *s, const struct vote *v)
{
	struct consensus_evidence e = { .type = CONSENSUS_DOUBLE_VOTE, .a = *v };

	if (s->blamed >> v->signer & 1)
		return;
	for (unsigned int t = 0; t < VOTE_TYPES; t++) {
		if ((s->tally[t].has >> v->signer & 1) == 0)
			continue;
		vote_at(&e.b, s, (enum vote_type)(t + VOTE_NOTARIZE), v->signer);
		if (!vote_conflicts(&e.b, v))
			continue;
		s->blamed |= (uint16_t)(1u << v->signer);
		e.why = ST_DUPLICATE;
		out_evidence(c, &e);
		return;
	}
}

void votes_store(struct consensus *c, struct slot *s, const struct vote *v)
{
	struct tally *t = slot_tally(s, v->type);
	struct own_vote *own = slot_own(s, v->type);

	look_for_evidence(c, s, v);
	if (t->has >> v->signer & 1)
		return;   /* the first verified one stays (A.2: #546) */
	t->has |= (uint16_t)(1u << v->signer);
	memcpy(t->block[v->signer], v->block, sizeof(v->block));
	memcpy(t->sig[v->signer], v->sig, sizeof(v->sig));
	c->changed = true;
	if (v->view == c->cur)
		c->active = true;   /* R9 */
	/* A true vote of our own that we do not remember binds us all the same. */
	if (v->signer == c->cfg.self && own->state == OWN_NONE) {
		own->state = OWN_SIGNED;
		memcpy(own->block, v->block, sizeof(own->block));
	}
}

unsigned int votes_count(const struct tally *t, const uint8_t block[static 32])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++)
		count += (t->has >> i & 1) != 0 && ids_equal(t->block[i], block);
	return count;
}

enum status votes_take(struct consensus *c, const struct vote *v, uint8_t from)
{
	const struct tally *t;
	struct slot *s;
	enum status st;

	if (v->signer != from)
		return ST_ROLE;   /* a vote comes from its signer, so that a false one has an author */
	if (v->view <= c->final_view) {
		sync_answer_old(c, from);
		return ST_DUPLICATE;
	}
	if (v->view > c->cur + CONSENSUS_AHEAD || (s = slots_open(c, v->view)) == NULL)
		return ST_LIMIT;
	t = slot_tally(s, v->type);
	if ((t->has >> from & 1) != 0 &&
	    (ids_equal(t->block[from], v->block) || (s->blamed >> from & 1) != 0))
		return ST_DUPLICATE;
	if (!peers_may_verify(c, from, 1))
		return ST_AGAIN;
	if ((st = vote_check_with(v, &c->cfg.committee, c->cfg.verify)) != ST_OK) {
		peers_blame(c, from);
		return st;
	}
	votes_store(c, s, v);
	certify_count(c, s, v->type, v->block);
	return ST_OK;
}

/* --- rules ---------------------------------------------------------------------------------- */

/* R4.  Not bound to the current view: it may come many views later. */
void votes_finalize_try(struct consensus *c)
{
	for (uint64_t v = c->final_view + 1; v < c->cur; v++) {
		struct slot *s = slots_find(c, v);
		const struct own_vote *own;

		if (s == NULL || !s->has_n || !votes_may_sign(c, v))
			continue;
		own = slot_own(s, VOTE_NOTARIZE);
		if (own->state == OWN_NONE || !ids_equal(own->block, s->n.block) ||
		    slot_own(s, VOTE_NULLIFY)->state != OWN_NONE ||
		    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE)
			continue;
		if (!votes_ask(c, s, VOTE_FINALIZE, s->n.block))
			return;
	}
}

/* Does anybody, or what we hold, say that this view will not end well? */
static bool is_hopeless(const struct consensus *c, struct slot *s)
{
	const struct tally *t = slot_tally(s, VOTE_NULLIFY);
	const struct block *b = &s->block[PROPOSED];

	return c->expired || (t->has >> consensus_leader(c, c->cur) & 1) != 0 ||
	       votes_count(t, no_block) > committee_faults(c->cfg.committee.n) ||
	       (b->known && b->settled && b->verdict == CONSENSUS_INVALID);
}

/* R5. */
void votes_nullify_try(struct consensus *c)
{
	struct slot *s = slots_open(c, c->cur);

	if (s == NULL || !votes_may_sign(c, c->cur) ||
	    slot_own(s, VOTE_FINALIZE)->state != OWN_NONE ||
	    slot_own(s, VOTE_NULLIFY)->state != OWN_NONE || !is_hopeless(c, s))
		return;
	(void)votes_ask(c, s, VOTE_NULLIFY, no_block);
}
