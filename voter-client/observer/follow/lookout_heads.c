/*
 * lookout_heads.c: what nodes show as their newest final block, compared: see lookout.h.
 *
 * Invariant: a node's highest head never gets lower, also over restarts.
 */
#include "voter-client/observer/follow/lookout_impl.h"

#include <string.h>

/* --- rounds ---------------------------------------------------------------------------------- */

static void end_round(struct lookout *w)
{
	enum status st;

	for (uint32_t i = 0; i < w->port->nodes; i++)
		if (w->peer[i].head_question.is_asked)
			return;
	w->is_round = false;
	w->rounds++;
	if (!w->heads_changed)
		return;
	w->heads_changed = false;
	if ((st = heads_save(&w->heads, w->heads_path)) != ST_OK)
		lookout_fail(w, st);
}

void lookout_heads_tick(struct lookout *w)
{
	if (w->is_round || w->now_ms < w->round_ms)
		return;
	w->round_ms = w->now_ms + w->interval_ms;
	for (uint32_t i = 0; i < w->port->nodes; i++)
		w->is_round |= lookout_ask(w, &w->peer[i].head_question, MESSAGE_HEAD, i, 0, 0);
}

/* --- one chain? ------------------------------------------------------------------------------ */

/* A certified head against our chain.  ST_OK: it is on it; ST_AGAIN: we are not there yet. */
static enum status compare(struct lookout *w, const struct certified_head *head)
{
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if (head->header.height > copy_height(w->copy))
		return ST_AGAIN;
	if ((st = copy_id(w->copy, id, head->header.height)) != ST_OK) {
		lookout_fail(w, st);
		return ST_AGAIN;
	}
	return memcmp(id, head->certificate.block, sizeof(id)) == 0 ? ST_OK : ST_FORK;
}

static void compare_peer(struct lookout *w, uint32_t node)
{
	struct peer *p = &w->peer[node];
	const struct head_seen *high = &w->heads.node[node];
	enum status st;

	if (p->has_head && !p->is_on_chain) {
		st = compare(w, &p->head);
		p->is_on_chain = st == ST_OK;
		if (st == ST_FORK && !p->is_forked)
			lookout_accuse_head(w, node, &p->head);
	}
	/* What it showed before must be on the chain as well. */
	if (high->has && !p->is_high_compared) {
		st = compare(w, &high->head);
		if (st == ST_FORK && !p->is_forked)
			lookout_accuse_head(w, node, &high->head);
		p->is_high_compared = st == ST_OK || p->is_forked;
	}
}

void lookout_heads_compare(struct lookout *w)
{
	for (uint32_t i = 0; i < w->port->nodes; i++)
		compare_peer(w, i);
}

/* --- more or less than before ----------------------------------------------------------------- */

static void take_high(struct lookout *w, uint32_t node, const struct certified_head *head)
{
	struct head_seen *high = &w->heads.node[node];
	struct peer *p = &w->peer[node];

	if (high->has && head->header.height < high->head.header.height) {
		if (!p->is_back)
			lookout_accuse_back(w, node, &high->head, head);
		p->is_back = true;
		return;
	}
	p->is_back = false;
	if (high->has && memcmp(high->head.certificate.block, head->certificate.block, 32) == 0)
		return;
	/* Two final blocks at one height, of one node: it need not wait for our copy. */
	if (high->has && high->head.header.height == head->header.height && !p->is_forked)
		lookout_accuse_heads(w, node, &high->head, head);
	*high = (struct head_seen){ .has = true, .head = *head };
	p->is_high_compared = false;
	w->heads_changed = true;
}

static void take_head(struct lookout *w, uint32_t node, const struct certified_head *head,
                      uint64_t had)
{
	struct peer *p = &w->peer[node];

	p->has_answered = true;
	p->is_false = false;
	p->has_head = true;
	p->head = *head;
	p->is_on_chain = false;
	p->late_rounds = head->header.height < had ? p->late_rounds + 1 : 0;
	take_high(w, node, head);
	compare_peer(w, node);
}

/* It says that it has no final block above block 0: its word. */
static void take_nothing(struct lookout *w, uint32_t node, uint64_t had)
{
	struct peer *p = &w->peer[node];

	p->has_answered = true;
	p->has_head = false;
	p->late_rounds = had > 0 ? p->late_rounds + 1 : 0;
	if (w->heads.node[node].has && !p->is_back) {
		p->is_back = true;
		lookout_accuse_back(w, node, &w->heads.node[node].head, NULL);
	}
}

void lookout_heads_silence(struct lookout *w, uint32_t node)
{
	w->peer[node].has_answered = false;
	end_round(w);
}

void lookout_heads_answer(struct lookout *w, uint32_t node, const uint8_t *bytes, size_t len)
{
	const struct question *q = &w->peer[node].head_question;
	struct certified_head head;
	struct message_response r;
	struct reader in;
	enum status st = message_response_decode(&r, bytes, len);

	if (st == ST_OK && r.kind != MESSAGE_HEAD)
		st = ST_FORMAT;
	if (st == ST_OK && r.answer == ANSWER_OK) {
		reader_init(&in, r.bytes, r.bytes_len);
		if ((st = certified_head_read(&in, &head)) == ST_OK && (st = reader_end(&in)) == ST_OK)
			st = certified_head_check(&head, &w->copy->committee);
		if (st == ST_OK)
			take_head(w, node, &head, q->had);
	} else if (st == ST_OK && r.answer == ANSWER_REFUSED && r.status == ST_NOT_FOUND) {
		take_nothing(w, node, q->had);
	} else if (st == ST_OK) {
		w->peer[node].has_answered = false;   /* busy, or in trouble: no answer to the question */
	}
	if (st != ST_OK)
		lookout_accuse_answer(w, q, bytes, len, NULL);
	end_round(w);
}
