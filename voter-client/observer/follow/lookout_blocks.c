/*
 * lookout_blocks.c: new blocks, fetched from one node at a time: see lookout.h.
 *
 * A stretch that is begun is finished with the same node, so that what turns out false is this
 * node's and nobody else's.
 *
 * Invariant: while a batch of the copy is open, its blocks all came from answered.node.
 */
#include "voter-client/observer/follow/lookout_impl.h"

#include <stdlib.h>
#include <string.h>

/* --- letting go ------------------------------------------------------------------------------ */

static void forget_answer(struct lookout *w)
{
	free(w->answer);
	w->answer = NULL;
	reader_init(&w->at, NULL, 0);
}

static void forget_strand(struct lookout *w)
{
	free(w->strand.headers);
	w->strand = (struct strand){ .is_open = false };
}

/* Whatever was begun with this node is over. */
static void drop(struct lookout *w)
{
	enum status st;

	forget_answer(w);
	forget_strand(w);
	if ((st = copy_drop(w->copy)) != ST_OK)
		lookout_fail(w, st);
}

void lookout_blocks_silence(struct lookout *w, uint32_t node)
{
	drop(w);
	w->peer[node].rest_until_ms = w->now_ms + w->interval_ms;
	w->blocks_ms = w->now_ms + LOOKOUT_AGAIN_MS;
}

/* It answers falsely: nothing of it is kept, and others are asked for a while. */
static void refuse(struct lookout *w, const struct question *q, const uint8_t *bytes, size_t len,
                   struct replay *before)
{
	lookout_accuse_answer(w, q, bytes, len, before);
	drop(w);
}

/* --- asking ---------------------------------------------------------------------------------- */

static bool may_ask(const struct lookout *w, uint32_t node, uint64_t height)
{
	const struct peer *p = &w->peer[node];

	return p->has_answered && p->has_head && p->head.header.height > height && !p->is_forked &&
	       p->rest_until_ms <= w->now_ms;
}

/* Who is asked for the block above the tip; false: nobody has more. */
static bool find_source(struct lookout *w, uint32_t *node)
{
	uint64_t height = replay_tip(w->copy->replay)->height;

	if (w->copy->is_batch) {
		*node = w->answered.node;
		return true;
	}
	for (uint32_t i = 0; i < w->port->nodes; i++) {
		w->turn = (w->turn + 1) % w->port->nodes;
		if (may_ask(w, w->turn, height)) {
			*node = w->turn;
			return true;
		}
	}
	return false;
}

void lookout_blocks_tick(struct lookout *w)
{
	uint64_t from = replay_tip(w->copy->replay)->height + 1;
	uint32_t node;

	if (w->blocks_question.is_asked || w->answer != NULL || w->now_ms < w->blocks_ms)
		return;
	if (w->strand.is_open) {
		node = w->strand.node;
		from = w->strand.next;
	} else if (!find_source(w, &node)) {
		return;
	}
	lookout_ask(w, &w->blocks_question, MESSAGE_BLOCKS, node, from,
	            MESSAGE_BLOCKS_BYTES);
}

/* --- another chain --------------------------------------------------------------------------- */

static enum status add_header(struct strand *s, const struct block_header *h)
{
	uint8_t *headers;
	enum status st = limit_check(s->count + (uint64_t)1, EVIDENCE_HEADERS_MAX);

	if (st != ST_OK)
		return st;
	headers = realloc(s->headers, (s->count + (size_t)1) * BLOCK_HEADER_BYTES);
	if (headers == NULL)
		return ST_NO_MEMORY;
	s->headers = headers;
	block_header_encode(headers + (size_t)s->count * BLOCK_HEADER_BYTES, h);
	s->count++;
	block_id(s->last_id, h);
	s->next = h->height + 1;
	return ST_OK;
}

static enum status add_headers(struct strand *s, const struct stretch *stretch)
{
	struct reader at = stretch_begin(stretch);
	struct block_header h;
	const uint8_t *body;
	size_t len;
	enum status st;

	while ((st = stretch_next(&at, &h, &body, &len)) == ST_OK) {
		if (s->count > 0 && memcmp(h.parent, s->last_id, sizeof(h.parent)) != 0)
			return ST_PARENT;
		if ((st = add_header(s, &h)) != ST_OK)
			return st;
	}
	if (st != ST_NOT_FOUND)
		return st;
	/* The head may be the block right after them. */
	return stretch->head.header.height == s->next ? add_header(s, &stretch->head.header) : ST_OK;
}

/* Blocks that do not stand on what we have: follow them up to a head that a quorum signed. */
static void extend_strand(struct lookout *w, const struct question *q, const struct stretch *s)
{
	struct strand *strand = &w->strand;
	enum status st;

	if (!strand->is_open)
		*strand = (struct strand){ .is_open = true, .node = q->node };
	st = add_headers(strand, s);
	if (st == ST_OK && s->head.header.height >= strand->next)
		return;   /* the next answer goes on */
	if (st == ST_OK)
		lookout_accuse_strand(w, q->node, strand->headers, strand->count,
		                      &s->head.certificate);
	else if (st == ST_NO_MEMORY)
		lookout_fail(w, st);
	lookout_rest(w, q->node);
	drop(w);
}

/* --- answers --------------------------------------------------------------------------------- */

/* Does the first of them stand on the tip? */
static bool is_heir(const struct lookout *w, const struct stretch *s)
{
	struct reader at = stretch_begin(s);
	struct block_header h;
	const uint8_t *body;
	size_t len;

	return stretch_next(&at, &h, &body, &len) == ST_OK &&
	       memcmp(h.parent, replay_tip_id(w->copy->replay), sizeof(h.parent)) == 0;
}

/* Keep the answer, and apply its blocks one by one. */
static void accept(struct lookout *w, const struct question *q, const uint8_t *bytes, size_t len)
{
	struct message_response r;
	enum status st = ST_NO_MEMORY;

	w->answer = malloc(len);
	if (w->answer != NULL) {
		memcpy(w->answer, bytes, len);
		w->answer_len = len;
		w->answered = *q;
		if ((st = message_response_decode(&r, w->answer, len)) == ST_OK)
			st = stretch_open(&w->stretch, &r, q->from, &w->copy->committee);
	}
	if (st != ST_OK) {
		lookout_fail(w, st);
		return;
	}
	w->at = stretch_begin(&w->stretch);
}

static void take_stretch(struct lookout *w, const struct question *q, const uint8_t *bytes,
                         size_t len, const struct stretch *s)
{
	if (w->strand.is_open) {
		extend_strand(w, q, s);
	} else if (is_heir(w, s)) {
		accept(w, q, bytes, len);
	} else if (w->copy->is_batch) {
		/* It contradicts its own answer before: from the start again, later. */
		lookout_rest(w, q->node);
		drop(w);
	} else if (q->from == 1) {
		refuse(w, q, bytes, len, w->copy->replay);   /* block 0 follows from the manifest */
	} else {
		extend_strand(w, q, s);
	}
}

void lookout_blocks_answer(struct lookout *w, const struct question *q, const uint8_t *bytes,
                           size_t len)
{
	struct message_response r;
	struct stretch s;
	enum status st = message_response_decode(&r, bytes, len);

	if (st == ST_OK && r.kind != MESSAGE_BLOCKS)
		st = ST_FORMAT;
	if (st == ST_OK && (r.answer != ANSWER_OK || r.blocks == 0)) {
		lookout_blocks_silence(w, q->node);   /* it has none, or is in trouble */
		return;
	}
	if (st != ST_OK || (st = stretch_open(&s, &r, q->from, &w->copy->committee)) != ST_OK ||
	    (st = stretch_check(&s)) != ST_OK)
		refuse(w, q, bytes, len, NULL);
	else
		take_stretch(w, q, bytes, len, &s);
}

/* --- applying -------------------------------------------------------------------------------- */

/* A block that the rules refuse.  Judged on what was proven, where the answer begins there. */
static void refuse_block(struct lookout *w)
{
	bool is_ours = w->answered.from == copy_height(w->copy) + 1;
	enum status st = copy_drop(w->copy);

	if (st != ST_OK) {
		lookout_fail(w, st);
		return;
	}
	refuse(w, &w->answered, w->answer, w->answer_len, is_ours ? w->copy->replay : NULL);
}

static void prove(struct lookout *w)
{
	enum status st = copy_prove(w->copy, &w->stretch.head);

	forget_answer(w);
	if (st != ST_OK) {
		lookout_fail(w, st);
		return;
	}
	w->peer[w->answered.node].rest_ms = 0;
	lookout_grown(w);
}

bool lookout_work(struct lookout *w, uint64_t now_ms)
{
	struct block_header h;
	const uint8_t *body;
	size_t len;
	enum status st;

	w->now_ms = now_ms;
	if (w->answer == NULL || w->failed != ST_OK)
		return false;
	if ((st = stretch_next(&w->at, &h, &body, &len)) == ST_NOT_FOUND) {
		forget_answer(w);   /* the head lies beyond: the same node goes on */
		return true;
	}
	if (st == ST_OK)
		st = copy_add(w->copy, &h, body, len);
	if (w->copy->broken != ST_OK || st == ST_NO_MEMORY || st == ST_INTERNAL)
		lookout_fail(w, w->copy->broken != ST_OK ? w->copy->broken : st);
	else if (st != ST_OK)
		refuse_block(w);
	else if (h.height == w->stretch.head.header.height)
		prove(w);
	return true;
}
