/*
 * lookout.c: see lookout.h: life, time, and who gets which answer.
 */
#include "voter-client/observer/follow/lookout_impl.h"

#include "common/base/alloc.h"
#include "crypto/rng.h"

#include <stdlib.h>
#include <string.h>

const char *lookout_stand_name(enum lookout_stand s)
{
	switch (s) {
	case STAND_UNHEARD:
		return "unheard";
	case STAND_AGREES:
		return "agrees";
	case STAND_BEHIND:
		return "behind";
	case STAND_AHEAD:
		return "ahead";
	case STAND_BACK:
		return "gone-back";
	case STAND_FORKED:
		return "forked";
	case STAND_FALSE:
		return "false";
	}
	return "unknown";
}

/* --- life ------------------------------------------------------------------------------------ */

static void note_proven(struct lookout *w)
{
	const struct election *e = replay_election(w->copy->replay);
	struct state_summary s;

	election_summary(e, &s);
	w->proven.height = copy_height(w->copy);
	memcpy(w->proven.head, replay_tip_id(w->copy->replay), sizeof(w->proven.head));
	w->proven.phase = election_phase(e);
	w->proven.ballots = s.live;
	for (int head = COSIGNED_END; head <= COSIGNED_RESULT; head++)
		w->vouch[head - 1] = copy_vouchers(w->copy, (enum cosigned_head)head);
}

void lookout_grown(struct lookout *w)
{
	note_proven(w);
	lookout_heads_compare(w);
}

enum status lookout_new(struct lookout **out, const struct port *port, struct copy *copy,
                        const struct vault *vault, const char *heads_path, uint64_t interval_ms,
                        const struct lookout_listener *listener, struct fault *fault)
{
	struct lookout *w = alloc_zero(1, sizeof(*w));
	enum status st;

	*out = NULL;
	if (w == NULL)
		return fault_set(fault, ST_NO_MEMORY, "there is not enough memory");
	w->port = port;
	w->copy = copy;
	w->vault = vault;
	w->heads_path = heads_path;
	w->interval_ms = interval_ms;
	w->listener = listener;
	w->turn = rng_below(port->nodes);
	if ((st = heads_load(&w->heads, heads_path, &copy->committee, fault)) != ST_OK) {
		lookout_free(w);
		return st;
	}
	note_proven(w);
	*out = w;
	return ST_OK;
}

void lookout_free(struct lookout *w)
{
	if (w == NULL)
		return;
	free(w->answer);
	free(w->strand.headers);
	free(w);
}

void lookout_fail(struct lookout *w, enum status st)
{
	if (w->failed == ST_OK)
		w->failed = st;
}

enum status lookout_failed(const struct lookout *w)
{
	return w->failed;
}

/* --- asking ---------------------------------------------------------------------------------- */

bool lookout_ask(struct lookout *w, struct question *q, enum message_kind kind, uint32_t node,
                 uint64_t from, uint32_t max_bytes)
{
	const struct message_request r = { .kind = kind, .from_height = from,
	                                   .max_bytes = max_bytes };
	enum status st;

	*q = (struct question){ .kind = kind, .node = node, .from = from,
	                        .had = copy_height(w->copy) };
	if ((st = message_request_encode(&r, q->bytes, sizeof(q->bytes), &q->len)) == ST_OK &&
	    (st = w->port->ask(w->port->ctx, &q->request, node, q->bytes, q->len,
	                       LOOKOUT_TIMEOUT_MS)) == ST_OK)
		q->is_asked = true;
	if (st != ST_OK && st != ST_AGAIN)
		lookout_fail(w, st);
	return q->is_asked;
}

void lookout_rest(struct lookout *w, uint32_t node)
{
	struct peer *p = &w->peer[node];

	if (p->rest_ms == 0)
		p->rest_ms = LOOKOUT_REST_MS;
	p->rest_until_ms = w->now_ms + p->rest_ms;
	p->rest_ms = 2 * p->rest_ms < LOOKOUT_REST_MAX_MS ? 2 * p->rest_ms : LOOKOUT_REST_MAX_MS;
}

/* What constitutes the election, once, from whoever has it. */
static void ask_sigs(struct lookout *w)
{
	uint32_t node = w->turn;

	if (w->copy->has_sigs || w->sigs_question.is_asked || w->now_ms < w->sigs_ms)
		return;
	w->turn = (w->turn + 1) % w->port->nodes;
	w->sigs_ms = w->now_ms + LOOKOUT_AGAIN_MS;
	if (w->peer[node].has_answered && w->peer[node].rest_until_ms <= w->now_ms)
		lookout_ask(w, &w->sigs_question, MESSAGE_GENESIS, node, 0, 0);
}

static void take_sigs(struct lookout *w, const struct question *q, const uint8_t *bytes, size_t len)
{
	struct message_response r;
	enum status st = message_response_decode(&r, bytes, len);

	if (st == ST_OK && r.kind == MESSAGE_GENESIS && r.answer != ANSWER_OK)
		return;
	/* Not into a batch that may be dropped: it is asked for again. */
	if (st == ST_OK && w->copy->is_batch)
		return;
	if (st == ST_OK)
		st = r.kind == MESSAGE_GENESIS ? copy_put_sigs(w->copy, r.bytes, r.bytes_len) : ST_FORMAT;
	if (w->copy->broken != ST_OK)
		lookout_fail(w, w->copy->broken);
	else if (st != ST_OK)
		lookout_accuse_answer(w, q, bytes, len, NULL);
}

/* --- who vouches ----------------------------------------------------------------------------- */

static bool has_ended(const struct lookout *w)
{
	return w->proven.phase == PHASE_ENDED || w->proven.phase == PHASE_FINAL;
}

static bool all_vouch(const struct lookout *w)
{
	return w->vouch[COSIGNED_END - 1] == w->port->nodes &&
	       (w->proven.phase != PHASE_FINAL || w->vouch[COSIGNED_RESULT - 1] == w->port->nodes);
}

/* Each node in turn: soon after the phase has changed, then once an interval. */
static void ask_vouchers(struct lookout *w)
{
	bool is_soon;

	if (w->voucher_phase != w->proven.phase) {
		w->voucher_phase = w->proven.phase;
		w->voucher_turns = 0;
		w->voucher_ms = 0;
	}
	if (!has_ended(w) || w->voucher_question.is_asked || w->copy->is_batch ||
	    w->now_ms < w->voucher_ms || all_vouch(w))
		return;
	is_soon = w->voucher_turns < LOOKOUT_VOUCHER_ROUNDS * w->port->nodes;
	w->voucher_ms = w->now_ms + (is_soon ? LOOKOUT_AGAIN_MS : w->interval_ms);
	lookout_ask(w, &w->voucher_question, MESSAGE_VOUCHERS, w->voucher_turns++ % w->port->nodes, 0,
	            0);
}

static void take_vouchers(struct lookout *w, const struct question *q, const uint8_t *bytes,
                          size_t len)
{
	struct message_response r;
	uint32_t forked = 0;
	enum status st = message_response_decode(&r, bytes, len);

	if (st == ST_OK && r.kind == MESSAGE_VOUCHERS && r.answer != ANSWER_OK)
		return;
	if (st == ST_OK)
		st = r.kind == MESSAGE_VOUCHERS ?
		     copy_put_vouchers(w->copy, r.bytes, r.bytes_len, &forked) : ST_FORMAT;
	note_proven(w);
	/* By its own signature, whoever passed it on. */
	for (uint32_t i = 0; i < w->port->nodes; i++)
		if ((forked >> i & 1) != 0)
			w->peer[i].is_forked = true;
	if (w->copy->broken != ST_OK)
		lookout_fail(w, w->copy->broken);
	else if (st != ST_OK && st != ST_AGAIN)
		lookout_accuse_answer(w, q, bytes, len, NULL);
}

void lookout_tick(struct lookout *w, uint64_t now_ms, uint64_t unix_s)
{
	w->now_ms = now_ms;
	w->unix_s = unix_s;
	if (w->failed != ST_OK)
		return;
	lookout_heads_tick(w);
	lookout_blocks_tick(w);
	lookout_fork_tick(w);
	ask_sigs(w);
	ask_vouchers(w);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool is_of(struct question *q, const struct client_event *ev)
{
	if (!q->is_asked || q->request != ev->request)
		return false;
	q->is_asked = false;
	return true;
}

void lookout_answer(struct lookout *w, const struct client_event *ev, uint64_t now_ms)
{
	struct question q;

	w->now_ms = now_ms;
	if (ev->kind == CLIENT_READABLE || w->failed != ST_OK)
		return;
	for (uint32_t i = 0; i < w->port->nodes; i++) {
		if (!is_of(&w->peer[i].head_question, ev))
			continue;
		if (ev->kind == CLIENT_ANSWER)
			lookout_heads_answer(w, i, ev->bytes, ev->len);
		else
			lookout_heads_silence(w, i);
		return;
	}
	q = w->blocks_question;
	if (is_of(&w->blocks_question, ev)) {
		if (ev->kind == CLIENT_ANSWER)
			lookout_blocks_answer(w, &q, ev->bytes, ev->len);
		else
			lookout_blocks_silence(w, q.node);
		return;
	}
	if (is_of(&w->fork_question, ev)) {
		lookout_fork_answer(w, ev->kind == CLIENT_ANSWER ? ev->bytes : NULL, ev->len);
		return;
	}
	q = w->voucher_question;
	if (is_of(&w->voucher_question, ev)) {
		if (ev->kind == CLIENT_ANSWER)
			take_vouchers(w, &q, ev->bytes, ev->len);
		return;
	}
	q = w->sigs_question;
	if (is_of(&w->sigs_question, ev) && ev->kind == CLIENT_ANSWER)
		take_sigs(w, &q, ev->bytes, ev->len);
}

/* --- looking --------------------------------------------------------------------------------- */

static enum lookout_stand stand_of(const struct lookout *w, const struct peer *p)
{
	if (p->is_forked)
		return STAND_FORKED;
	if (p->is_false)
		return STAND_FALSE;
	if (!p->has_answered)
		return STAND_UNHEARD;
	if (p->is_back)
		return STAND_BACK;
	if (p->has_head && p->head.header.height > w->proven.height)
		return STAND_AHEAD;
	return p->late_rounds >= LOOKOUT_LATE_ROUNDS ? STAND_BEHIND : STAND_AGREES;
}

void lookout_look(const struct lookout *w, struct lookout_view *out)
{
	*out = w->proven;
	out->nodes = w->port->nodes;
	out->rounds = w->rounds;
	out->evidence = w->evidence;
	out->highest = w->proven.height;
	for (uint32_t i = 0; i < w->port->nodes; i++) {
		const struct peer *p = &w->peer[i];
		uint64_t shown = p->has_answered && p->has_head ? p->head.header.height : 0;

		out->stand[i] = stand_of(w, p);
		out->shown[i] = shown;
		out->answered += p->has_answered;
		out->agree += out->stand[i] == STAND_AGREES || out->stand[i] == STAND_BEHIND;
		out->fresh += out->stand[i] == STAND_AGREES;
		if (out->stand[i] == STAND_AHEAD && shown > out->highest)
			out->highest = shown;
	}
	out->vouch = !has_ended(w) ? 0 :
	             w->vouch[(w->proven.phase == PHASE_FINAL ? COSIGNED_RESULT : COSIGNED_END) - 1];
	out->is_vouched = !has_ended(w) || all_vouch(w) ||
	                  (w->voucher_phase == w->proven.phase &&
	                   w->voucher_turns >= LOOKOUT_VOUCHER_ROUNDS * w->port->nodes &&
	                   !w->voucher_question.is_asked);
	out->is_level = w->rounds > 0 && out->highest == out->height && !w->copy->is_batch &&
	                !w->strand.is_open && !w->is_fork_open;
}
