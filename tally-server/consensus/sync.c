/*
 * sync.c: rule R11, catching up and helping those who lag, and the standstill part of R8.
 *
 * Invariant: a chunk of blocks is used only if it attaches to the tip and ends in a block with an
 * F certificate of its own (with the newest F instead, a node that lags far would never get a
 * chunk that fits).  One SYNC_REQ is under way at a time.
 */
#include "tally-server/consensus/state.h"

#include <string.h>

enum {
	CHUNK_BLOCKS = 64,      /* in a SYNC_RESP, unless a longer run has no F in between */
	BUNDLE_VIEWS = 16,      /* in one message of a standstill bundle */
	ANSWER_MESSAGES = 8     /* to one CERT_REQ */
};

/* --- answers -------------------------------------------------------------------------------- */

/* A.2, #306: to one who still talks of what is final, the newest F. */
void sync_answer_old(struct consensus *c, uint8_t from)
{
	struct peer *p = &c->peer[from];

	if (p->answered && c->now < time_after(p->answered_ms, c->cfg.delta_ms))
		return;
	p->answered = true;
	p->answered_ms = c->now;
	out_certs(c, from, c->cur - 1, c->cur - 1, true);
}

enum status sync_status(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_status s;
	struct certificate cert;
	uint64_t final_view = 0, proven = 0;
	enum status st;

	if ((st = wire_status_read(r, &s)) != ST_OK)
		return st;
	while (wire_next_cert(&s.certs, &cert) && c->halted == ST_OK) {
		st = certify_take(c, &cert, from);
		if (st == ST_SIGNATURE || st == ST_CERTIFICATE)
			return st;
		if (cert.type == VOTE_FINALIZE)
			final_view = cert.view;
		if ((st == ST_OK || st == ST_DUPLICATE) && cert.view > proven)
			proven = cert.view;
	}
	c->peer[from].height = s.height;
	c->peer[from].view = s.view;
	if (s.view > 0 && s.view <= proven + 1)
		recover_vouch(c, from, proven + 1);
	else if (views_somebody_waits(c, c->cur))
		c->active = true;
	if (final_view < c->final_view || s.view < c->cur)
		sync_answer_old(c, from);
	return ST_OK;
}

enum status sync_cert_req(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_cert_req req;
	enum status st;

	if ((st = wire_cert_req_read(r, &req)) != ST_OK)
		return st;
	if (!peers_may_ask(c, from, PEERS_ANSWER))
		return ST_AGAIN;
	if (req.first <= c->final_view)
		sync_answer_old(c, from);
	if (req.last >= c->cur)
		req.last = c->cur - 1;
	if (req.first <= c->final_view)
		req.first = c->final_view + 1;
	for (unsigned int i = 0; i < ANSWER_MESSAGES && req.first <= req.last; i++) {
		uint64_t last = time_min(req.last, req.first + WIRE_LIST_MAX / 2 - 1);

		out_certs(c, from, req.first, last, false);
		req.first = last + 1;
	}
	return ST_OK;
}

enum status sync_block_req(struct consensus *c, struct reader *r, uint8_t from)
{
	struct consensus_message *m;
	uint8_t id[32];
	enum status st;

	if ((st = wire_block_req_read(r, id)) != ST_OK)
		return st;
	if (!peers_may_ask(c, from, PEERS_ANSWER) ||
	    (m = out_message(c, WIRE_BLOCK_RESP, from)) == NULL)
		return ST_AGAIN;
	memcpy(m->id, id, sizeof(m->id));
	return ST_OK;
}

enum status sync_request(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_sync_req req;
	struct consensus_message *m;
	enum status st;

	if ((st = wire_sync_req_read(r, &req)) != ST_OK)
		return st;
	if (req.height >= c->tip.height)
		return ST_NOT_FOUND;
	if (!peers_may_ask(c, from, PEERS_CHUNK) ||
	    (m = out_message(c, WIRE_SYNC_RESP, from)) == NULL)
		return ST_AGAIN;
	m->first = req.height;
	m->last = req.bytes_max;
	return ST_OK;
}

/* Headers of [first, last] always; bodies as long as they fit. */
static enum status chunk_write(const struct consensus *c, struct writer *w, uint64_t first,
                               uint64_t last, size_t budget)
{
	const struct consensus_app *app = &c->cfg.app;
	size_t at = wire_count_begin(w, 2);

	for (uint64_t h = first; h <= last; h++) {
		size_t headers = (size_t)(last - h + 1) * (BLOCK_HEADER_BYTES + 1);
		struct block_header header;
		const uint8_t *body;
		size_t body_len;
		uint8_t id[32];
		bool fits;
		enum status st;

		if ((st = app->committed(app->ctx, id, h)) != ST_OK ||
		    (st = app->get(app->ctx, &header, &body, &body_len, id)) != ST_OK)
			return st;
		fits = w->pos + headers + 4 + body_len <= budget;
		if (!fits)
			budget = 0;   /* the first bodies are needed first */
		wire_sync_block_write(w, &header, body, body_len, fits);
	}
	wire_count_set(w, at, 2, (unsigned int)(last - first + 1));
	return ST_OK;
}

enum status sync_write(const struct consensus *c, struct writer *w,
                       const struct consensus_message *m)
{
	const struct consensus_app *app = &c->cfg.app;
	uint64_t first = m->first + 1, last;
	size_t budget = m->last < WIRE_SYNC_BYTES_MAX ? (size_t)m->last
	                                              : (size_t)WIRE_SYNC_BYTES_MAX;
	struct certificate cert;
	enum status st;

	st = app->certified(app->ctx, &last, &cert, first, m->first + CHUNK_BLOCKS);
	if (st == ST_NOT_FOUND)
		st = app->certified(app->ctx, &last, &cert, first, m->first + WIRE_SYNC_BLOCKS_MAX);
	if (st != ST_OK)
		return st;
	wire_sync_write(w, &cert);
	return chunk_write(c, w, first, last, budget);
}

/* --- a chunk -------------------------------------------------------------------------------- */

/* Does the chunk hold together and end where its certificate says? */
static enum status chunk_check(const struct consensus *c, const struct wire_sync *in)
{
	struct reader blocks = in->blocks;
	struct block_header parent;
	struct wire_block wb;
	uint8_t parent_id[32];
	unsigned int count = 0;
	enum status st;

	while (wire_next_block(&blocks, &wb)) {
		if (count++ > 0 && (st = block_follows(&wb.header, &parent, parent_id)) != ST_OK)
			return st;
		parent = wb.header;
		block_id(parent_id, &wb.header);
	}
	if (count == 0 || in->cert.view != parent.view || !ids_equal(in->cert.block, parent_id))
		return ST_CERTIFICATE;
	return certificate_check_with(&in->cert, &c->cfg.committee, c->cfg.verify);
}

/* It is final.  Is there anything new in it, does it reach back to the tip, and to this one? */
static enum status chunk_attach(struct consensus *c, const struct wire_sync *in,
                                unsigned int *skip)
{
	struct reader blocks = in->blocks;
	struct wire_block wb;

	for (*skip = 0; wire_next_block(&blocks, &wb); (*skip)++) {
		if (wb.header.height <= c->tip.height)
			continue;   /* delivered while the chunk was on its way */
		if (wb.header.height > c->tip.height + 1)
			return ST_PARENT;   /* an answer to somebody we no longer are */
		if (block_follows(&wb.header, &c->tip, c->tip_id) == ST_OK)
			return ST_OK;
		halt(c, ST_FORK);
		return ST_FORK;
	}
	return ST_DUPLICATE;
}

static void tail_keep(struct consensus *c, struct block *b, const struct wire_block *wb,
                      uint8_t from)
{
	const struct consensus_app *app = &c->cfg.app;

	memset(b, 0, sizeof(*b));
	b->header = wb->header;
	block_id(b->id, &wb->header);
	if (!wb->has_body || !out_has_room(c) ||
	    peers_body_check(c, from, &wb->header, wb->body, wb->body_len) != ST_OK ||
	    app->put(app->ctx, &wb->header, b->id, wb->body, wb->body_len) != ST_OK)
		return;   /* sync_run asks for it by its id */
	b->known = true;
	out_block(c, b->id);
}

enum status sync_response(struct consensus *c, struct reader *r, uint8_t from)
{
	struct wire_sync in;
	struct wire_block wb;
	unsigned int skip;
	enum status st;

	if ((st = wire_sync_read(r, &in)) != ST_OK)
		return st;
	if (!c->syncing || from != c->sync_peer || c->tail.len > 0)
		return ST_NOT_FOUND;
	c->syncing = false;
	c->sync_ms = c->now;   /* whatever it is worth: ask again, perhaps another */
	if ((st = chunk_check(c, &in)) != ST_OK) {
		peers_blame(c, from);
		return st;
	}
	if ((st = chunk_attach(c, &in, &skip)) != ST_OK)
		return st;
	for (unsigned int i = 0; wire_next_block(&in.blocks, &wb); i++)
		if (i >= skip)
			tail_keep(c, &c->tail.block[c->tail.len++], &wb, from);
	c->tail.next = 0;
	c->tail.fetch_ms = c->now;
	c->tail.cert = in.cert;
	c->changed = true;
	certify_learn(c, &in.cert, false);
	return ST_OK;
}

enum status sync_body(struct consensus *c, const struct wire_block *wb, uint8_t from)
{
	struct tail *t = &c->tail;
	uint8_t id[32];

	if (t->len == 0 || wb->header.height < t->block[0].header.height ||
	    wb->header.height - t->block[0].header.height >= t->len)
		return ST_NOT_FOUND;
	block_id(id, &wb->header);
	for (uint32_t i = t->next; i < t->len; i++) {
		struct block *b = &t->block[i];

		if (!ids_equal(b->id, id))
			continue;
		if (b->known)
			return ST_DUPLICATE;
		tail_keep(c, b, wb, from);
		c->tail.fetch_ms = c->now;
		c->changed = true;
		return b->known ? ST_OK : ST_FORMAT;
	}
	return ST_NOT_FOUND;
}

/* --- timers --------------------------------------------------------------------------------- */

static void ask_for_chunk(struct consensus *c)
{
	struct consensus_message *m;
	uint16_t ahead = 0;
	uint8_t to;

	if (!c->behind || c->tail.len > 0 || c->now < c->sync_ms)
		return;
	for (unsigned int i = 0; i < c->cfg.committee.n; i++)
		if (c->peer[i].height > c->tip.height)
			ahead |= (uint16_t)(1u << i);
	to = peers_pick(c, ahead);
	if (to == CONSENSUS_ALL)
		to = peers_pick(c, UINT16_MAX);
	c->sync_ms = time_after(c->now, c->cfg.sync_timeout_ms);
	m = to != CONSENSUS_ALL ? out_message(c, WIRE_SYNC_REQ, to) : NULL;
	if (m == NULL)
		return;
	m->first = c->tip.height;
	m->last = LIMIT_FRAME_BULK;
	c->syncing = true;
	c->sync_peer = to;
}

static void ask_for_body(struct consensus *c)
{
	struct tail *t = &c->tail;
	struct consensus_message *m;
	uint8_t to;

	if (t->len == 0 || t->block[t->next].known || c->now < t->fetch_ms)
		return;
	t->fetch_ms = time_after(c->now, 2 * (uint64_t)c->cfg.delta_ms);
	to = peers_pick(c, UINT16_MAX);
	m = to != CONSENSUS_ALL ? out_message(c, WIRE_BLOCK_REQ, to) : NULL;
	if (m != NULL)
		memcpy(m->id, t->block[t->next].id, sizeof(m->id));
}

static uint64_t standstill_wait(const struct consensus *c)
{
	uint64_t ten_delta = 10 * (uint64_t)c->cfg.delta_ms;

	return ten_delta > c->cfg.standstill_ms ? ten_delta : c->cfg.standstill_ms;
}

/* R8: the newest F, and every certificate and own vote of the views since. */
static void standstill(struct consensus *c)
{
	uint64_t cost = BUNDLE_VIEWS * (2 * (CERTIFICATE_BYTES_MIN +
	                                     (uint64_t)c->cfg.committee.q * VOTE_SIG_BYTES) +
	                                VOTE_TYPES * VOTE_BYTES);

	if (!c->had_work || c->now < time_after(c->progress_ms, standstill_wait(c)) ||
	    c->now < c->standstill_ms)
		return;
	if (c->standstill_view <= c->final_view || c->standstill_view > c->cur)
		c->standstill_view = c->final_view + 1;
	while (c->standstill_view <= c->cur && c->message_count + 2 <= MESSAGES_MAX &&
	       peers_may_repeat(c, cost)) {
		uint64_t last = time_min(c->cur, c->standstill_view + BUNDLE_VIEWS - 1);

		out_certs(c, CONSENSUS_ALL, c->standstill_view, last, true);
		out_votes(c, CONSENSUS_ALL, c->standstill_view, last);
		c->standstill_view = last + 1;
	}
	c->standstill_ms = time_after(c->now, c->standstill_view > c->cur
	                                      ? 10 * (uint64_t)c->cfg.delta_ms
	                                      : c->cfg.delta_ms);
}

void sync_run(struct consensus *c)
{
	bool work = views_has_work(c);

	if (work && !c->had_work)
		c->progress_ms = c->now;
	c->had_work = work;
	ask_for_chunk(c);
	ask_for_body(c);
	standstill(c);
	if (c->now >= c->status_ms) {
		(void)out_message(c, WIRE_STATUS, CONSENSUS_ALL);
		c->status_ms = time_after(c->now, work || c->behind || c->guarded ||
		                                  recover_shown_view(c) > c->cur
		                                  ? c->cfg.status_ms : c->cfg.status_idle_ms);
	}
}

uint64_t sync_deadline(const struct consensus *c)
{
	uint64_t at = c->status_ms;

	if (c->behind && c->tail.len == 0)
		at = time_min(at, c->sync_ms);
	if (c->tail.len > 0 && !c->tail.block[c->tail.next].known)
		at = time_min(at, c->tail.fetch_ms);
	if (c->had_work) {
		uint64_t still = time_after(c->progress_ms, standstill_wait(c));

		at = time_min(at, still > c->standstill_ms ? still : c->standstill_ms);
	}
	return at > c->now ? at : c->now + 1;
}
