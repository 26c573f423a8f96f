/*
 * townport.c: see townport.h.
 */
#include "tests/unit/lib/townport.h"

#include "common/base/reader.h"
#include "common/ledger/receipt.h"
#include "common/wire/message.h"
#include "crypto/rng.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANSWER_MAX = 4 << 20 };

/* --- certified heads -------------------------------------------------------------------------- */

static void certify(struct town *t, struct certified_head *out, size_t block, unsigned int signers)
{
	struct certificate *c = &out->certificate;
	uint8_t body[VOTE_BODY_BYTES];
	const struct message m = { .purpose = "vote", .group = t->m->suite,
	                           .election_id = t->m->election_id,
	                           .body = body, .body_len = sizeof(body) };

	memset(out, 0, sizeof(*out));
	out->header = t->block[block].header;
	c->type = VOTE_FINALIZE;
	c->view = out->header.view;
	block_id(c->block, &out->header);
	vote_body(body, c->type, c->view, c->block);
	for (unsigned int i = 0; i < signers; i++) {
		c->signers = (uint16_t)(c->signers | 1u << i);
		sign_message(&t->node[i], c->sig[i], &m);
	}
}

/* --- receipts --------------------------------------------------------------------------------- */

struct log_of_town {
	uint8_t leaf[4096][MERKLE_HASH_BYTES];
	uint64_t count;
	uint64_t found;               /* the leaf looked for */
	struct tx tx;                 /* and its transaction */
	bool is_found;
};

static void note_item(const struct town *t, struct log_of_town *log, const uint8_t *item,
                      size_t len, const uint8_t *tracker)
{
	uint8_t id[TX_ID_BYTES], leaf[TX_LEAF_BYTES];
	struct ballot b;
	struct tx tx;

	assert_int_equal(tx_decode(&tx, item, len), ST_OK);
	assert_int_equal(chain_tx_id(id, t->m, &tx), ST_OK);
	tx_leaf(leaf, tx.type, id, len);
	if (tx.type == TX_BALLOT && ballot_decode(&b, t->m, &tx) == ST_OK &&
	    memcmp(b.body.tracker, tracker, 32) == 0) {
		log->is_found = true;
		log->found = log->count;
		log->tx = tx;
	}
	assert_true(log->count < 4096);
	merkle_leaf_hash(log->leaf[log->count++], leaf, sizeof(leaf));
}

static void read_log(const struct town *t, struct log_of_town *log, const uint8_t *tracker)
{
	memset(log, 0, sizeof(*log));
	for (size_t i = 0; i < t->blocks; i++) {
		const struct town_block *b = &t->block[i];
		const uint8_t *item;
		struct reader r;
		size_t len;

		reader_init(&r, b->body, b->header.body_len);
		while (block_item_next(&r, &item, &len) == ST_OK)
			note_item(t, log, item, len, tracker);
	}
}

enum status townport_receipt(struct townport *p, const uint8_t tracker[static 32], uint8_t *out,
                             size_t cap, size_t *len)
{
	struct town *t = p->t;
	struct log_of_town *log = malloc(sizeof(*log));
	struct receipt r = { .leaf = 0 };
	struct merkle_leaves leaves;
	struct merkle_source source;
	enum status st = ST_NOT_FOUND;
	size_t witness = group_element_len(t->m->suite) + 32 + schnorr_len(t->m->suite);
	struct ballot b;

	assert_non_null(log);
	read_log(t, log, tracker);
	if (log->is_found) {
		assert_int_equal(ballot_decode(&b, t->m, &log->tx), ST_OK);
		if (ballot_is_replacing(&b))
			witness += group_element_len(t->m->suite) + schnorr_len(t->m->suite);
		memcpy(r.election_id, t->m->election_id, 32);
		memcpy(r.tracker, tracker, 32);
		r.witness = log->tx.payload + log->tx.payload_len - witness;
		r.witness_len = witness;
		r.wire_len = (uint32_t)log->tx.wire_len;
		r.leaf = log->found;
		leaves.leaf = (const uint8_t (*)[MERKLE_HASH_BYTES])log->leaf;
		leaves.count = log->count;
		source = merkle_leaves_source(&leaves);
		assert_int_equal(merkle_inclusion_prove(&source, r.path, &r.path_len, r.leaf,
		                                        log->count), ST_OK);
		certify(t, &r.head, t->blocks - 1, t->m->quorum);
		st = receipt_encode(&r, out, cap, len);
	}
	free(log);
	return st;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void push(struct townport *p, uint64_t request, uint32_t node, uint8_t *bytes, size_t len)
{
	struct townport_event *e = &p->event[(p->first + p->events) % TOWNPORT_EVENTS];

	assert_true(p->events < TOWNPORT_EVENTS);
	*e = (struct townport_event){ .request = request, .node = node, .bytes = bytes, .len = len,
	                              .is_silence = bytes == NULL };
	p->events++;
}

static void respond(struct townport *p, uint64_t request, uint32_t node,
                    const struct message_response *r)
{
	uint8_t *bytes = malloc(ANSWER_MAX);
	size_t len;

	assert_non_null(bytes);
	assert_int_equal(message_response_encode(r, bytes, ANSWER_MAX, &len), ST_OK);
	push(p, request, node, bytes, len);
}

static void answer_blocks(struct townport *p, uint64_t request, uint32_t node,
                          const struct message_request *q)
{
	struct town *t = p->t;
	size_t blocks = p->character[node] == NODE_STALE ? 1 : t->blocks;
	struct message_response r = { .kind = MESSAGE_BLOCKS, .tip = blocks - 1 };
	uint8_t *bytes = malloc(ANSWER_MAX / 2);
	struct certified_head head;
	struct writer w;

	assert_non_null(bytes);
	writer_init(&w, bytes, ANSWER_MAX / 2);
	/* A few at a time, so that a kiosk has to ask again. */
	for (uint64_t h = q->from_height; h < blocks && r.blocks < 5; h++, r.blocks++) {
		const struct town_block *b = &t->block[h];

		writer_u32(&w, BLOCK_HEADER_BYTES + b->header.body_len);
		block_header_write(&w, &b->header);
		writer_bytes(&w, b->body, b->header.body_len);
	}
	if (r.blocks > 0) {
		certify(t, &head, blocks - 1, p->character[node] == NODE_UNCERTIFIED ?
		        t->m->quorum - 1u : t->m->quorum);
		certified_head_write(&w, &head);
	}
	assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
	r.bytes = bytes;
	if (r.blocks == 0)
		message_refuse(&r, MESSAGE_BLOCKS, ST_NOT_FOUND, status_text(ST_NOT_FOUND));
	respond(p, request, node, &r);
	free(bytes);
}

static bool is_known(const struct townport *p, const struct message_request *q)
{
	struct ballot_record record;
	struct ballot b;
	struct tx tx;

	for (size_t i = 0; i < p->pending_len; i++)
		if (p->pending[i].len == q->tx_len &&
		    memcmp(p->pending[i].wire, q->tx, q->tx_len) == 0)
			return true;
	return tx_decode(&tx, q->tx, q->tx_len) == ST_OK && tx.type == TX_BALLOT &&
	       ballot_decode(&b, p->t->m, &tx) == ST_OK &&
	       election_find(p->t->e, b.body.tracker, &record) == ST_OK &&
	       memcmp(record.tracker, b.body.tracker, 32) == 0;
}

static void promise(struct townport *p, struct message_response *r, uint32_t node,
                    const struct message_request *q)
{
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = { .purpose = "promise", .group = p->t->m->suite,
	                           .election_id = p->t->m->election_id,
	                           .body = body, .body_len = sizeof(body) };
	struct tx tx;

	assert_int_equal(tx_decode(&tx, q->tx, q->tx_len), ST_OK);
	assert_int_equal(chain_tx_id(r->promise.tx_id, p->t->m, &tx), ST_OK);
	r->promise.node = (uint8_t)node;
	r->promise.time_min = p->t->minutes;
	promise_body(body, &r->promise);
	sign_message(&p->t->node[node], r->promise.sig, &m);
}

static void answer_submit(struct townport *p, uint64_t request, uint32_t node,
                          const struct message_request *q)
{
	struct message_response r = { .kind = MESSAGE_SUBMIT };
	struct town_tx tx = { .wire = malloc(q->tx_len), .len = q->tx_len };
	enum status st = ST_OK;

	assert_non_null(tx.wire);
	memcpy(tx.wire, q->tx, q->tx_len);
	p->submitted[node]++;
	if (!is_known(p, q) && (st = town_try(p->t, &tx)) == ST_OK &&
	    p->character[node] != NODE_FORGETFUL) {
		assert_true(p->pending_len < TOWNPORT_PENDING);
		p->pending[p->pending_len++] = town_tx_copy(&tx);
	}
	if (st == ST_OK)
		promise(p, &r, node, q);
	else
		message_refuse(&r, MESSAGE_SUBMIT, st, status_text(st));
	respond(p, request, node, &r);
	town_tx_free(&tx);
}

/* Any other ballot on the chain. */
static enum status another(struct townport *p, const uint8_t *tracker, uint8_t *out, size_t cap,
                           size_t *len)
{
	for (uint32_t v = 0; v < p->t->voters; v++) {
		struct ballot_record r;

		if (election_find_voter(p->t->e, v, &r) == ST_OK && memcmp(r.tracker, tracker, 32) != 0)
			return townport_receipt(p, r.tracker, out, cap, len);
	}
	return ST_NOT_FOUND;
}

static void answer_receipt(struct townport *p, uint64_t request, uint32_t node,
                           const struct message_request *q)
{
	struct message_response r = { .kind = MESSAGE_RECEIPT };
	uint8_t bytes[RECEIPT_BYTES_MAX];
	enum status st = p->character[node] == NODE_OTHERS_RECEIPT ?
	                 another(p, q->tracker, bytes, sizeof(bytes), &r.bytes_len) :
	                 townport_receipt(p, q->tracker, bytes, sizeof(bytes), &r.bytes_len);

	if (st == ST_OK && p->character[node] == NODE_RECEIPT_LIAR)
		bytes[r.bytes_len - 1] ^= 1;   /* within the last signature */
	r.bytes = bytes;
	if (st != ST_OK)
		r.answer = ANSWER_NOT_YET;
	respond(p, request, node, &r);
}

static void answer_noise(struct townport *p, uint64_t request, uint32_t node)
{
	uint8_t *bytes = malloc(64);

	assert_non_null(bytes);
	rng_bytes(bytes, 64);
	bytes[0] = 99;
	push(p, request, node, bytes, 64);
}

/* --- the port --------------------------------------------------------------------------------- */

static enum status town_ask(void *ctx, uint64_t *request, uint32_t node, const void *bytes,
                            size_t len, uint32_t timeout_ms)
{
	struct townport *p = ctx;
	struct message_request q;

	(void)timeout_ms;
	assert_true(node < p->t->n);
	*request = ++p->requests;
	assert_int_equal(message_request_decode(&q, bytes, len), ST_OK);
	if (p->is_away || p->character[node] == NODE_SILENT)
		push(p, *request, node, NULL, 0);
	else if (p->character[node] == NODE_NOISY)
		answer_noise(p, *request, node);
	else if (q.kind == MESSAGE_BLOCKS)
		answer_blocks(p, *request, node, &q);
	else if (q.kind == MESSAGE_SUBMIT)
		answer_submit(p, *request, node, &q);
	else if (q.kind == MESSAGE_RECEIPT)
		answer_receipt(p, *request, node, &q);
	else
		fail_msg("a kiosk asks nothing of kind %d", q.kind);
	return ST_OK;
}

static enum status town_poll(void *ctx, struct client_event *event, int timeout_ms)
{
	struct townport *p = ctx;
	struct townport_event *e = &p->event[p->first];

	if (p->events == 0 && timeout_ms > 0)
		(void)poll(NULL, 0, 1);
	if (p->is_mining && p->pending_len > 0)
		townport_mine(p);
	free(p->held);
	p->held = NULL;
	if (p->events == 0)
		return ST_TIMEOUT;
	p->first = (p->first + 1) % TOWNPORT_EVENTS;
	p->events--;
	p->held = e->bytes;
	*event = (struct client_event){ .kind = e->is_silence ? CLIENT_EXPIRED : CLIENT_ANSWER,
	                                .slot = e->node, .request = e->request,
	                                .bytes = e->bytes, .len = e->len };
	return ST_OK;
}

static enum status town_watch(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return ST_OK;
}

static void town_unwatch(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
}

static void town_close(void *ctx)
{
	(void)ctx;
}

void townport_mine(struct townport *p)
{
	struct town_tx good[TOWNPORT_PENDING];
	size_t len = 0;

	for (size_t i = 0; i < p->pending_len; i++) {
		if (town_try(p->t, &p->pending[i]) == ST_OK)
			good[len++] = p->pending[i];
		else
			town_tx_free(&p->pending[i]);
	}
	p->pending_len = 0;
	if (len > 0)
		town_block(p->t, good, len);
}

void townport_init(struct townport *p, struct town *t)
{
	memset(p, 0, sizeof(*p));
	p->t = t;
	p->is_mining = true;
	p->port = (struct port){ .ctx = p, .nodes = t->n, .ask = town_ask, .poll = town_poll,
	                         .watch = town_watch, .unwatch = town_unwatch, .close = town_close };
}

void townport_free(struct townport *p)
{
	for (; p->events > 0; p->events--, p->first = (p->first + 1) % TOWNPORT_EVENTS)
		free(p->event[p->first].bytes);
	for (size_t i = 0; i < p->pending_len; i++)
		town_tx_free(&p->pending[i]);
	free(p->held);
}
