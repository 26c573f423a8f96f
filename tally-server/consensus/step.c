/*
 * step.c: making the machine, and the order in which one event runs through the rules.
 *
 * Invariant: the rules run until none changes anything, so that a step leaves nothing undone but
 * what did not fit the update (`again`).
 */
#include "tally-server/consensus/state.h"


#include <string.h>

enum { ROUNDS_MAX = 256 };

void consensus_defaults(struct consensus_config *cfg, uint32_t delta_ms)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->verify = vote_verify_ed25519;
	cfg->views = 1024;
	cfg->delta_ms = delta_ms;
	cfg->view_max_ms = 60000;
	cfg->batch_min = 1;
	cfg->batch_wait_ms = 500;
	cfg->status_ms = 1000;
	cfg->status_idle_ms = 5000;
	cfg->standstill_ms = 5000;
	cfg->sync_timeout_ms = 2000;
	cfg->ban_ms = 60000;
	cfg->out_bytes_per_s = 256 << 10;
	cfg->verify_per_s = 2000;
}

static size_t rounded(size_t len)
{
	return (len + 63) / 64 * 64;
}

size_t consensus_bytes(const struct consensus_config *cfg)
{
	return rounded(sizeof(struct consensus)) + rounded(cfg->views * sizeof(struct slot)) +
	       rounded(WIRE_SYNC_BLOCKS_MAX * sizeof(struct block));
}

static enum status config_check(const struct consensus_config *cfg, const struct block_header *tip)
{
	const struct consensus_app *app = &cfg->app;
	const struct committee *com = &cfg->committee;

	if (com->n < 1 || com->n > LIMIT_TRUSTEES || cfg->self >= com->n ||
	    com->q < committee_quorum(com->n) || com->q > com->n ||
	    cfg->views < CONSENSUS_VIEWS_MIN || cfg->views > CONSENSUS_VIEWS_MAX ||
	    (cfg->views & (cfg->views - 1)) != 0 || cfg->delta_ms == 0 ||
	    cfg->view_max_ms < cfg->delta_ms || cfg->status_ms == 0 ||
	    cfg->status_idle_ms == 0 || cfg->sync_timeout_ms == 0 || cfg->verify == NULL)
		return ST_CONFIG;
	if (app->pending == NULL || app->build == NULL || app->check == NULL ||
	    app->put == NULL || app->get == NULL || app->committed == NULL ||
	    app->certified == NULL)
		return ST_CONFIG;
	if (cfg->amnesia && com->n == 1)
		return ST_CONFIG;   /* nobody can tell it what it forgot */
	return memcmp(tip->election_id, com->election_id, sizeof(tip->election_id)) == 0
	       ? ST_OK : ST_ELECTION;
}

enum status consensus_init(struct consensus **out, void *memory, size_t memory_len,
                           const struct consensus_config *cfg, const struct block_header *tip)
{
	uint8_t *at = memory;
	struct consensus *c = memory;
	enum status st;

	if ((st = config_check(cfg, tip)) != ST_OK)
		return st;
	if (memory_len < consensus_bytes(cfg))
		return ST_LIMIT;
	memset(c, 0, offsetof(struct consensus, records));
	c->cfg = *cfg;
	c->slots = (struct slot *)(void *)(at += rounded(sizeof(*c)));
	c->tail.block = (struct block *)(void *)(at + rounded(cfg->views * sizeof(struct slot)));
	for (uint32_t i = 0; i < cfg->views; i++)
		c->slots[i].view = 0;
	c->leader_base = committee_leader(&cfg->committee, 1);
	c->rng = cfg->seed;
	c->tip = *tip;
	block_id(c->tip_id, tip);
	c->final_view = tip->view;
	memcpy(c->final_id, c->tip_id, sizeof(c->final_id));
	c->cur = tip->view + 1;
	c->resend_ms = CONSENSUS_NEVER;
	c->guarded = cfg->amnesia;
	*out = c;
	return ST_OK;
}

/* --- events --------------------------------------------------------------------------------- */

static bool is_false(enum status st)
{
	return st == ST_SIGNATURE || st == ST_CERTIFICATE;
}

static enum status on_votes(struct consensus *c, struct reader *r, uint8_t from)
{
	enum status st, first = ST_OK;
	struct wire_votes in;
	struct vote v;

	if ((st = wire_votes_read(r, &in)) != ST_OK)
		return st;
	while (wire_next_vote(&in.votes, &v) && !is_false(first))
		if ((st = votes_take(c, &v, from)) != ST_OK && (first == ST_OK || is_false(st)))
			first = st;
	return first;
}

static enum status on_certs(struct consensus *c, struct reader *r, uint8_t from)
{
	enum status st, first = ST_OK;
	struct wire_certs in;
	struct certificate cert;

	if ((st = wire_certs_read(r, &in)) != ST_OK)
		return st;
	while (wire_next_cert(&in.certs, &cert) && !is_false(first) && c->halted == ST_OK)
		if ((st = certify_take(c, &cert, from)) != ST_OK && (first == ST_OK || is_false(st)))
			first = st;
	return first;
}

static enum status on_block(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_block wb;
	enum status st;

	if ((st = wire_block_resp_read(r, &wb)) != ST_OK)
		return st;
	st = sync_body(c, &wb, from);
	return st == ST_NOT_FOUND ? notarize_fetched(c, &wb, from) : st;
}

static enum status on_message(struct consensus *c, const struct consensus_event *ev)
{
	enum wire_kind kind;
	struct reader r;
	enum status st;

	if (ev->from >= c->cfg.committee.n || ev->from == c->cfg.self)
		return ST_ROLE;
	if (peers_is_banned(c, ev->from))
		return ST_DENIED;
	if ((st = limit_check(ev->len, LIMIT_FRAME_BULK)) != ST_OK)
		return st;
	reader_init(&r, ev->bytes, ev->len);
	if ((st = wire_kind_read(&r, &kind)) != ST_OK)
		return st;
	switch (kind) {
	case WIRE_PROPOSAL:
		return notarize_proposal(c, &r, ev->from);
	case WIRE_VOTE:
		return on_votes(c, &r, ev->from);
	case WIRE_CERT:
		return on_certs(c, &r, ev->from);
	case WIRE_STATUS:
		return sync_status(c, &r, ev->from);
	case WIRE_CERT_REQ:
		return sync_cert_req(c, &r, ev->from);
	case WIRE_BLOCK_REQ:
		return sync_block_req(c, &r, ev->from);
	case WIRE_BLOCK_RESP:
		return on_block(c, &r, ev->from);
	case WIRE_SYNC_REQ:
		return sync_request(c, &r, ev->from);
	case WIRE_SYNC_RESP:
		return sync_response(c, &r, ev->from);
	}
	return ST_INTERNAL;
}

/* What a peer that was away needs first. */
static void on_peer_up(struct consensus *c, uint8_t peer)
{
	uint64_t first = c->final_view + 1;

	if (c->cur - first > WIRE_LIST_MAX / VOTE_TYPES)
		first = c->cur - WIRE_LIST_MAX / VOTE_TYPES;
	(void)out_message(c, WIRE_STATUS, peer);
	out_certs(c, peer, first, c->cur, true);
	out_votes(c, peer, first, c->cur);
}

static enum status on_event(struct consensus *c, const struct consensus_event *ev)
{
	switch (ev->type) {
	case CONSENSUS_TICK:
		return ST_OK;
	case CONSENSUS_MESSAGE:
		return on_message(c, ev);
	case CONSENSUS_SIGNED:
		return votes_signed(c, &ev->vote);
	case CONSENSUS_PEER_UP:
		if (ev->from >= c->cfg.committee.n || ev->from == c->cfg.self)
			return ST_ROLE;
		on_peer_up(c, ev->from);
		return ST_OK;
	}
	return ST_INTERNAL;
}

/* --- rules ---------------------------------------------------------------------------------- */

static void run_rules(struct consensus *c)
{
	unsigned int rounds = 0;

	do {
		c->changed = false;
		views_run(c);
		notarize_try(c);
		votes_finalize_try(c);
		votes_nullify_try(c);
		propose_try(c);
		deliver_try(c);
	} while (c->changed && c->halted == ST_OK && ++rounds < ROUNDS_MAX);
	if (c->changed && c->halted == ST_OK)
		c->full = true;
	if (c->halted == ST_OK) {
		views_resend(c);
		sync_run(c);
	}
}

enum status consensus_step(struct consensus *c, struct consensus_update *up, uint64_t now_ms,
                           const struct consensus_event *ev)
{
	enum status st;

	out_reset(c);
	if (now_ms > c->now)
		c->now = now_ms;
	if (c->halted != ST_OK || !c->started) {
		out_finish(c, up);
		return c->halted != ST_OK ? c->halted : ST_INTERNAL;
	}
	st = on_event(c, ev);
	if (c->recount)
		recover_recount(c);
	if (c->halted == ST_OK)
		run_rules(c);
	out_finish(c, up);
	return st;
}

void consensus_start(struct consensus *c, struct consensus_update *up, uint64_t now_ms)
{
	struct slot *s;

	out_reset(c);
	c->now = now_ms;
	c->started = true;
	c->entered_ms = now_ms;
	c->build_ms = now_ms;
	c->progress_ms = now_ms;
	c->out_refill_ms = now_ms;
	peers_start(c);
	recover_recount(c);
	s = slots_find(c, c->cur);
	if (s != NULL && slot_own(s, VOTE_NULLIFY)->state == OWN_SIGNED)
		c->resend_ms = now_ms;   /* A.2, #328: an own NULLIFY that is read back is said again */
	/* R15: the standstill bundle, its oldest part first; the rest follows by standstill. */
	for (uint64_t v = c->final_view + 1; v <= c->cur && c->message_count < MESSAGES_MAX / 2;
	     v += 16) {
		out_certs(c, CONSENSUS_ALL, v, time_min(v + 15, c->cur), true);
		out_votes(c, CONSENSUS_ALL, v, time_min(v + 15, c->cur));
	}
	if (s != NULL && views_leads(c, c->cur) && s->block[PROPOSED].known &&
	    slot_own(s, VOTE_NOTARIZE)->state == OWN_SIGNED) {
		struct consensus_message *m = out_message(c, WIRE_PROPOSAL, CONSENSUS_ALL);

		if (m != NULL)
			m->first = c->cur;   /* R2: exactly that block again */
	}
	if (c->halted == ST_OK)
		run_rules(c);
	out_finish(c, up);
}

/* --- for people ----------------------------------------------------------------------------- */

void consensus_info(const struct consensus *c, struct consensus_info *out)
{
	memset(out, 0, sizeof(*out));
	out->view = c->cur;
	out->final_view = c->final_view;
	out->height = c->tip.height;
	memcpy(out->tip, c->tip_id, sizeof(out->tip));
	out->leader = consensus_leader(c, c->cur);
	out->has_work = c->had_work;
	out->guarded = c->guarded;
	out->halted = c->halted;
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++)
		out->peer_height[i] = c->peer[i].height;
}

enum status consensus_certificate(const struct consensus *c, struct certificate *out,
                                  enum vote_type type, uint64_t view)
{
	const struct slot *s = slots_find(c, view);

	switch (type) {
	case VOTE_NOTARIZE:
		if (s == NULL || !s->has_n)
			return ST_NOT_FOUND;
		*out = s->n;
		return ST_OK;
	case VOTE_NULLIFY:
		if (s == NULL || !s->has_u)
			return ST_NOT_FOUND;
		*out = s->u;
		return ST_OK;
	case VOTE_FINALIZE:
		if (!c->has_final || c->final.view != view)
			return ST_NOT_FOUND;
		*out = c->final;
		return ST_OK;
	}
	return ST_INTERNAL;
}
