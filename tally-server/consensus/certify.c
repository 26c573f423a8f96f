/*
 * certify.c: rule R6, certificates, and what follows from one.
 *
 * A certificate that came from outside is verified in full before anything is done with it, unless
 * the same one is held.  A certificate made here is of votes that were verified one by one.
 *
 * Invariant: two certificates that cannot both exist while few enough nodes cheat halt the node
 * (docs/consensus.md §4); it never chooses between them.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

/* R1: every N and U is broadcast once, by whoever makes it or advances by it. */
static void entered(struct consensus *c, const struct certificate *cert, bool announce)
{
	bool advances = cert->view >= c->cur;

	if (advances)
		views_enter(c, cert->view + 1);
	if (cert->type != VOTE_FINALIZE && c->started && (announce || advances))
		out_certs(c, CONSENSUS_ALL, cert->view, cert->view, false);
}

/* The votes inside are verified votes: they fill the table and may give somebody away. */
static void votes_of(struct consensus *c, struct slot *s, const struct certificate *cert)
{
	struct vote v;

	for (unsigned int i = 0; i < certificate_count(cert); i++) {
		certificate_vote(&v, cert, i);
		votes_store(c, s, &v);
	}
}

static void learn_n(struct consensus *c, struct slot *s, const struct certificate *cert)
{
	if (s->has_n) {
		if (!ids_equal(s->n.block, cert->block))
			halt(c, ST_FORK);
		return;
	}
	s->has_n = true;
	s->n = *cert;
	s->n_ms = c->now;
	notarize_want(c, s, cert->block);
}

static void learn_f(struct consensus *c, const struct certificate *cert)
{
	struct slot *s = slots_open(c, cert->view);

	if (s != NULL) {
		if (s->has_u || (s->has_n && !ids_equal(s->n.block, cert->block))) {
			halt(c, ST_FORK);
			return;
		}
		notarize_want(c, s, cert->block);
	}
	c->final = *cert;
	c->has_final = true;
	c->final_view = cert->view;
	memcpy(c->final_id, cert->block, sizeof(c->final_id));
	c->progress_ms = c->now;
	c->standstill_view = 0;
}

/* F of this view is held: can this certificate not be, while few enough nodes cheat? */
static bool contradicts_final(const struct consensus *c, const struct certificate *cert)
{
	return cert->view == c->final_view && c->has_final && c->final.view == cert->view &&
	       (cert->type == VOTE_NULLIFY || !ids_equal(cert->block, c->final_id));
}

static void learn_old(struct consensus *c, const struct certificate *cert)
{
	if (contradicts_final(c, cert)) {
		halt(c, ST_FORK);
	} else if (cert->type == VOTE_FINALIZE && cert->view == c->final_view &&
	           ids_equal(cert->block, c->final_id)) {
		c->final = *cert;   /* the tip's own, read back from the log */
		c->has_final = true;
	}
}

void certify_learn(struct consensus *c, const struct certificate *cert, bool announce)
{
	struct slot *s;

	if (cert->view <= c->final_view) {
		learn_old(c, cert);
		return;
	}
	if (cert->type == VOTE_FINALIZE) {
		learn_f(c, cert);
	} else {
		s = slots_open(c, cert->view);
		if (s == NULL || (cert->type == VOTE_NULLIFY && s->has_u))
			return;
		if (cert->type == VOTE_NOTARIZE) {
			learn_n(c, s, cert);
		} else {
			s->has_u = true;
			s->u = *cert;
		}
		votes_of(c, s, cert);
	}
	if (c->halted != ST_OK)
		return;
	/* R0: a FINALIZE is asked for only in this update or later, so N is durable before it. */
	out_certificate(c, cert);
	c->changed = true;
	entered(c, cert, announce);
}

/* Is there nothing new in it?  Then it need not be verified. */
static bool is_held(const struct consensus *c, const struct certificate *cert)
{
	const struct slot *s = slots_find(c, cert->view);

	if (cert->view < c->final_view)
		return true;   /* too old to matter, or to contradict what can be looked up */
	if (cert->view == c->final_view)
		return !contradicts_final(c, cert) &&
		       (cert->type != VOTE_FINALIZE || c->has_final);
	if (s == NULL)
		return false;
	switch (cert->type) {
	case VOTE_NOTARIZE:
		return s->has_n && ids_equal(s->n.block, cert->block);
	case VOTE_NULLIFY:
		return s->has_u;
	case VOTE_FINALIZE:
		return false;
	}
	return false;
}

enum status certify_take(struct consensus *c, const struct certificate *cert, uint8_t from)
{
	enum status st;

	if (is_held(c, cert))
		return ST_DUPLICATE;
	if (cert->type != VOTE_FINALIZE && cert->view > c->final_view &&
	    !slots_within(c, cert->view))
		return ST_LIMIT;   /* its F will bring us there */
	if (!out_has_room(c) || !peers_may_verify(c, from, certificate_count(cert)))
		return ST_AGAIN;
	st = certificate_check_with(cert, &c->cfg.committee, c->cfg.verify);
	if (st != ST_OK) {
		peers_blame(c, from);
		return st;
	}
	certify_learn(c, cert, false);
	return c->halted == ST_OK ? ST_OK : ST_FORK;
}

void certify_count(struct consensus *c, struct slot *s, enum vote_type type,
                   const uint8_t block[static 32])
{
	const struct tally *t = slot_tally(s, type);
	struct certificate cert = { .type = type, .view = s->view };
	unsigned int count = 0;

	if (s->view <= c->final_view || votes_count(t, block) < c->cfg.committee.q ||
	    (type == VOTE_NOTARIZE && s->has_n && ids_equal(s->n.block, block)) ||
	    (type == VOTE_NULLIFY && s->has_u))
		return;
	memcpy(cert.block, block, sizeof(cert.block));
	for (unsigned int i = 0; i < c->cfg.committee.n; i++) {
		if ((t->has >> i & 1) == 0 || !ids_equal(t->block[i], block))
			continue;
		cert.signers |= (uint16_t)(1u << i);
		memcpy(cert.sig[count++], t->sig[i], sizeof(cert.sig[0]));
	}
	certify_learn(c, &cert, true);
}
