/*
 * crowd.c: see crowd.h.
 */
#include "tests/unit/lib/crowd.h"

#include "common/election/audit.h"

#include "common/wire/message.h"
#include "crypto/rng.h"
#include "tests/unit/lib/chainlet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANSWER_MAX = LIMIT_RESPONSE };

/* --- chains ---------------------------------------------------------------------------------- */

void crowd_catch_up(struct crowd_chain *chain, const struct town *t)
{
	for (size_t i = chain->blocks; i < t->blocks; i++)
		chain->block[i] = &t->block[i];
	chain->blocks = t->blocks;
}

void crowd_side(struct town *t, struct town_block *out, size_t count, uint64_t view)
{
	const struct block_header *parent = &t->block[t->blocks - 1].header;
	struct committee committee;

	assert_int_equal(audit_committee(&committee, t->m), ST_OK);
	for (size_t i = 0; i < count; i++) {
		struct block_header *h = &out[i].header;

		*h = (struct block_header){
			.version = BLOCK_VERSION, .height = parent->height + 1, .view = view + i,
			.parent_view = parent->view, .time_min = (uint32_t)t->minutes,
			/* Not the leader, whose block is the town's own. */
			.proposer = (uint8_t)((committee_leader(&committee, view + i) + 1) % t->n),
		};
		memcpy(h->election_id, t->m->election_id, sizeof(h->election_id));
		memcpy(h->parent, election_tip(t->e), sizeof(h->parent));
		out[i].body = malloc(BLOCK_BODY_BYTES_MAX);
		assert_non_null(out[i].body);
		assert_int_equal(chain_build(t->e, NULL, 0, h, out[i].body), ST_OK);
		free(out[i].body);
		out[i].body = NULL;
		parent = h;
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(election_pop(t->e), ST_OK);
}

void crowd_fork(struct crowd_chain *out, const struct crowd_chain *chain, size_t common,
                const struct town_block *side, size_t count)
{
	*out = *chain;
	for (size_t i = 0; i < count; i++)
		out->block[common + i] = &side[i];
	out->blocks = common + count;
}

void crowd_certify(const struct town *t, struct certified_head *out, const struct block_header *h,
                   uint16_t signers)
{
	struct certificate *c = &out->certificate;
	uint8_t body[VOTE_BODY_BYTES];
	const struct message m = { .purpose = "vote", .group = t->m->suite,
	                           .election_id = t->m->election_id,
	                           .body = body, .body_len = sizeof(body) };
	size_t count = 0;

	memset(out, 0, sizeof(*out));
	out->header = *h;
	c->type = VOTE_FINALIZE;
	c->view = h->view;
	c->signers = signers;
	block_id(c->block, h);
	vote_body(body, c->type, c->view, c->block);
	for (unsigned int i = 0; i < t->n; i++)
		if ((signers >> i & 1) != 0)
			sign_message(&t->node[i], c->sig[count++], &m);
}

/* --- what a node has ------------------------------------------------------------------------- */

static size_t shown(const struct crowd_node *n)
{
	return n->shows == 0 || n->shows > n->chain->blocks ? n->chain->blocks : n->shows;
}

static bool has_certificate(const struct crowd_node *n, size_t height)
{
	return n->chain->each < 2 || height % n->chain->each == 0 || height + 1 == shown(n);
}

static void head_of(const struct crowd *c, const struct crowd_node *n, struct certified_head *out,
                    size_t height)
{
	unsigned int q = c->t->m->quorum - (n->character == CROWD_WEAK ? 1u : 0u);
	uint16_t signers = n->chain->signers;

	if (signers == 0 || n->character == CROWD_WEAK)
		signers = (uint16_t)((1u << q) - 1);
	crowd_certify(c->t, out, &n->chain->block[height]->header, signers);
}

/* --- answers --------------------------------------------------------------------------------- */

static void push(struct crowd *c, uint64_t request, uint32_t node, enum client_kind kind,
                 uint8_t *bytes, size_t len)
{
	assert_true(c->events < CROWD_EVENTS);
	c->event[(c->first + c->events++) % CROWD_EVENTS] = (struct crowd_event){
		.request = request, .node = node, .kind = kind, .bytes = bytes, .len = len,
	};
}

static void respond(struct crowd *c, uint64_t request, uint32_t node,
                    const struct message_response *r)
{
	uint8_t *bytes = malloc(ANSWER_MAX);
	size_t len;

	assert_non_null(bytes);
	assert_int_equal(message_response_encode(r, bytes, ANSWER_MAX, &len), ST_OK);
	push(c, request, node, CLIENT_ANSWER, bytes, len);
}

static void answer_head(struct crowd *c, uint64_t request, uint32_t node)
{
	const struct crowd_node *n = &c->node[node];
	struct message_response r = { .kind = MESSAGE_HEAD, .tip = shown(n) - 1 };
	uint8_t bytes[BLOCK_HEADER_BYTES + CERTIFICATE_BYTES_MAX];
	struct certified_head head;
	struct writer w;

	if (shown(n) <= 1 || n->character == CROWD_EMPTY) {
		message_refuse(&r, MESSAGE_HEAD, ST_NOT_FOUND, "");
		respond(c, request, node, &r);
		return;
	}
	head_of(c, n, &head, shown(n) - 1);
	if (n->character == CROWD_FALSE_HEAD)
		head.certificate.sig[1][7] ^= 1;
	writer_init(&w, bytes, sizeof(bytes));
	certified_head_write(&w, &head);
	assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
	r.bytes = bytes;
	respond(c, request, node, &r);
}

/* The blocks asked for, and what is wrong with them. */
static void write_blocks(struct crowd *c, const struct crowd_node *n, struct writer *w,
                         struct message_response *r, const struct message_request *q)
{
	uint64_t from = q->from_height;

	if (n->character == CROWD_OTHER_HEIGHT)
		from--;
	for (size_t at = from; at < shown(n) && r->blocks < c->blocks_max; at++, r->blocks++) {
		const struct town_block *b = n->chain->block[at];
		struct block_header h = b->header;

		if (r->blocks > 0 && w->pos + 4 + BLOCK_HEADER_BYTES + h.body_len > q->max_bytes)
			break;
		if (n->character == CROWD_UNLINKED && r->blocks == 1)
			h.parent[3] ^= 1;
		writer_u32(w, BLOCK_HEADER_BYTES + h.body_len);
		block_header_write(w, &h);
		writer_bytes(w, b->body, h.body_len);
		assert_false(w->failed);
		if (n->character == CROWD_OTHER_BODY && h.body_len > 0)
			w->buf[w->pos - 1] ^= 1;
	}
}

static void answer_blocks(struct crowd *c, uint64_t request, uint32_t node,
                          const struct message_request *q)
{
	const struct crowd_node *n = &c->node[node];
	struct message_response r = { .kind = MESSAGE_BLOCKS, .tip = shown(n) - 1 };
	uint8_t *bytes = malloc(ANSWER_MAX);
	struct certified_head head;
	size_t at;
	struct writer w;

	assert_non_null(bytes);
	writer_init(&w, bytes, ANSWER_MAX - 64);
	if (n->character != CROWD_DUMB)
		write_blocks(c, n, &w, &r, q);
	if (r.blocks > 0) {
		for (at = q->from_height + r.blocks - 1; !has_certificate(n, at); at++)
			continue;
		head_of(c, n, &head, at < n->chain->blocks ? at : n->chain->blocks - 1);
		certified_head_write(&w, &head);
		assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
		r.bytes = bytes;
	} else {
		message_refuse(&r, MESSAGE_BLOCKS, ST_NOT_FOUND, "");
	}
	respond(c, request, node, &r);
	free(bytes);
}

static void answer_genesis(struct crowd *c, uint64_t request, uint32_t node)
{
	struct message_response r = { .kind = MESSAGE_GENESIS };
	uint8_t sigs[LIMIT_TRUSTEES][64];

	town_genesis_sigs(c->t, sigs);
	if (c->node[node].character == CROWD_OTHER_SIGS)
		sigs[2][0] ^= 1;
	r.bytes = sigs[0];
	r.bytes_len = 64 * (size_t)c->t->n;
	respond(c, request, node, &r);
}

static void answer_vouchers(struct crowd *c, uint64_t request, uint32_t node)
{
	struct message_response r = { .kind = MESSAGE_VOUCHERS };
	uint8_t bytes[COSIGNED_HEADS * COSIGNATURE_BYTES];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	for (int h = 0; h < COSIGNED_HEADS; h++)
		if (c->has_word[h][node])
			cosignature_write(&w, &c->word[h][node]);
	assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
	if (c->node[node].character == CROWD_FALSE_WORD)
		bytes[r.bytes_len - 1] ^= 1;
	r.bytes = bytes;
	respond(c, request, node, &r);
}

static void answer_noise(struct crowd *c, uint64_t request, uint32_t node)
{
	uint8_t *bytes = malloc(64);

	assert_non_null(bytes);
	rng_bytes(bytes, 64);
	bytes[0] = 99;
	push(c, request, node, CLIENT_ANSWER, bytes, 64);
}

/* --- the port -------------------------------------------------------------------------------- */

static enum status crowd_ask(void *ctx, uint64_t *request, uint32_t node, const void *bytes,
                             size_t len, uint32_t timeout_ms)
{
	const struct message_response other = { .kind = MESSAGE_FATE };
	struct crowd *c = ctx;
	struct message_request q;

	(void)timeout_ms;
	assert_true(node < c->t->n);
	*request = ++c->requests;
	assert_int_equal(message_request_decode(&q, bytes, len), ST_OK);
	c->node[node].asked[q.kind]++;
	if (c->node[node].character == CROWD_SILENT)
		push(c, *request, node, CLIENT_EXPIRED, NULL, 0);
	else if (c->node[node].character == CROWD_BUSY)
		push(c, *request, node, CLIENT_BUSY, NULL, 0);
	else if (c->node[node].character == CROWD_NOISY)
		answer_noise(c, *request, node);
	else if (c->node[node].character == CROWD_OTHER_KIND)
		respond(c, *request, node, &other);
	else if (q.kind == MESSAGE_HEAD)
		answer_head(c, *request, node);
	else if (q.kind == MESSAGE_BLOCKS)
		answer_blocks(c, *request, node, &q);
	else if (q.kind == MESSAGE_GENESIS)
		answer_genesis(c, *request, node);
	else if (q.kind == MESSAGE_VOUCHERS)
		answer_vouchers(c, *request, node);
	else
		fail_msg("a follower asks nothing of kind %d", q.kind);
	return ST_OK;
}

static enum status crowd_poll(void *ctx, struct client_event *event, int timeout_ms)
{
	struct crowd *c = ctx;
	struct crowd_event *e = &c->event[c->first];

	(void)timeout_ms;
	free(c->held);
	c->held = NULL;
	if (c->events == 0)
		return ST_TIMEOUT;
	c->first = (c->first + 1) % CROWD_EVENTS;
	c->events--;
	c->held = e->bytes;
	*event = (struct client_event){ .kind = e->kind, .slot = e->node, .request = e->request,
	                                .bytes = e->bytes, .len = e->len };
	return ST_OK;
}

static enum status crowd_watch(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return ST_OK;
}

static void crowd_unwatch(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
}

static void crowd_close(void *ctx)
{
	(void)ctx;
}

void crowd_init(struct crowd *c, struct town *t, struct crowd_chain *chain)
{
	memset(c, 0, sizeof(*c));
	memset(chain, 0, sizeof(*chain));
	crowd_catch_up(chain, t);
	c->t = t;
	c->blocks_max = 64;
	for (unsigned int i = 0; i < t->n; i++)
		c->node[i].chain = chain;
	c->port = (struct port){ .ctx = c, .nodes = t->n, .ask = crowd_ask, .poll = crowd_poll,
	                         .watch = crowd_watch, .unwatch = crowd_unwatch,
	                         .close = crowd_close };
}

void crowd_free(struct crowd *c)
{
	for (; c->events > 0; c->events--, c->first = (c->first + 1) % CROWD_EVENTS)
		free(c->event[c->first].bytes);
	free(c->held);
	c->held = NULL;
}
