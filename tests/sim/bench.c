/*
 * bench.c: see bench.h.
 *
 * Invariant: votes of others are truly signed; what the replica signs goes to its disk's log.
 */
#include "tests/sim/bench.h"

#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint8_t frame[LIMIT_FRAME_BULK];

/* An election whose leaders start at node 0. */
static void choose_election(uint8_t id[static 32], unsigned int n)
{
	for (uint32_t k = 0;; k++) {
		uint8_t digest[32];
		uint32_t first = 0;
		struct hash h;

		memset(id, 0xe0, 32);
		memcpy(id, &k, sizeof(k));
		hash256_purpose(&h, "leader");
		hash_field(&h, id, 32);
		hash256_final(&h, digest);
		for (unsigned int i = 0; i < 4; i++)
			first = first << 8 | digest[i];
		if (first % n == 0)
			return;
	}
}

struct bench *bench_new(unsigned int n, uint8_t self)
{
	struct bench *b = calloc(1, sizeof(*b));
	uint8_t election[32], keys[LIMIT_TRUSTEES][32] = { { 0 } };
	enum status st;

	assert(b != NULL);
	choose_election(election, n);
	st = committee_init(&b->sim.committee, n, election, NULL, (const uint8_t (*)[32])keys);
	assert(st == ST_OK);
	(void)st;
	signature_use(&b->sim.committee, false);
	b->sim.o.n = n;
	b->sim.result = &b->result;
	app_genesis(&b->sim.genesis, &b->genesis_log, election);
	block_id(b->sim.genesis_id, &b->sim.genesis);
	b->sim.now = 1000;
	b->sim.instances = 1;
	b->r = &b->sim.replica[0];
	b->r->sim = &b->sim;
	b->r->node = self;
	b->r->honest = true;
	consensus_defaults(&b->cfg, 100);
	b->cfg.committee = b->sim.committee;
	b->cfg.verify = fake_verify;
	b->cfg.self = self;
	b->cfg.views = SIM_VIEWS;
	b->cfg.app = app_template;
	b->cfg.app.ctx = b->r;
	return b;
}

void bench_clear(struct bench *b)
{
	while (b->sent_len > 0)
		free(b->sent[--b->sent_len].bytes);
	b->asked_len = 0;
	b->records_len = 0;
	b->evidence_len = 0;
	b->bad_peers = 0;
}

void bench_free(struct bench *b)
{
	bench_clear(b);
	while (b->log_len > 0)
		free(b->log[--b->log_len].bytes);
	app_free(b->r);
	free(b->core);
	free(b);
}

static void log_record(struct bench *b, const struct consensus_record *rec)
{
	struct logged *at = &b->log[b->log_len];
	size_t len;

	assert(b->log_len < BENCH_MAX);
	if (consensus_record_encode(b->core, frame, sizeof(frame), &len, rec) != ST_OK)
		return;
	at->bytes = malloc(len);
	assert(at->bytes != NULL);
	memcpy(at->bytes, frame, len);
	at->len = len;
	at->rec = *rec;
	b->log_len++;
}

static void keep_update(struct bench *b)
{
	const struct consensus_update *up = &b->up;
	size_t len;

	for (size_t i = 0; i < up->record_count && b->records_len < BENCH_MAX; i++)
		b->records[b->records_len++] = up->records[i];
	for (size_t i = 0; i < up->record_count; i++)
		log_record(b, &up->records[i]);
	for (size_t i = 0; i < up->message_count && b->sent_len < BENCH_MAX; i++) {
		struct sent *s = &b->sent[b->sent_len];

		if (consensus_message_encode(b->core, frame, sizeof(frame), &len,
		                             &up->messages[i]) != ST_OK)
			continue;
		s->kind = up->messages[i].kind;
		s->to = up->messages[i].to;
		s->len = len;
		s->bytes = malloc(len);
		assert(s->bytes != NULL);
		memcpy(s->bytes, frame, len);
		b->sent_len++;
	}
	for (size_t i = 0; i < up->delivery_count; i++)
		app_commit(b->r, up->deliveries[i].id,
		           up->deliveries[i].has_cert ? &up->deliveries[i].cert : NULL);
	for (size_t i = 0; i < up->evidence_count && b->evidence_len < BENCH_MAX; i++)
		b->evidence[b->evidence_len++] = up->evidence[i];
	b->bad_peers |= up->bad_peers;
}

/* Carry out the update, and those that follow from it. */
static void drive(struct bench *b)
{
	size_t next = b->asked_len;

	for (;;) {
		struct consensus_event ev = { .type = CONSENSUS_TICK };

		for (size_t i = 0; i < b->up.sign_count && b->asked_len < BENCH_MAX; i++)
			b->asked[b->asked_len++] = b->up.sign[i];
		keep_update(b);
		if (!b->hold_votes && next < b->asked_len) {
			fake_sign(&b->asked[next]);
			assert(b->votes_len < BENCH_MAX);
			b->votes[b->votes_len++] = b->asked[next];
			ev.type = CONSENSUS_SIGNED;
			ev.vote = b->asked[next++];
			if (b->lose_votes) {
				b->up.sign_count = b->up.record_count = b->up.message_count = 0;
				b->up.delivery_count = b->up.evidence_count = 0;
				continue;
			}
		} else if (!b->up.again) {
			return;
		}
		(void)consensus_step(b->core, &b->up, b->sim.now, &ev);
	}
}

static void replay(struct bench *b)
{
	const struct committed *top = &b->r->chain[b->r->chain_len - 1];
	enum status st = ST_OK;

	if (top->has_cert) {
		struct consensus_record rec = { .type = CONSENSUS_RECORD_CERTIFICATE,
		                                .cert = top->cert };
		size_t len;

		st = consensus_record_encode(b->core, frame, sizeof(frame), &len, &rec);
		if (st == ST_OK)
			st = consensus_replay(b->core, frame, len);
	}
	for (size_t i = 0; i < b->log_len && st == ST_OK; i++)
		st = consensus_replay(b->core, b->log[i].bytes, b->log[i].len);
	for (size_t i = 0; i < b->votes_len && st == ST_OK; i++)
		st = consensus_replay_vote(b->core, &b->votes[i]);
	if (st != ST_OK)
		sim_fail(&b->sim, "replay says %s", status_name(st));
}

void bench_up(struct bench *b)
{
	size_t bytes = consensus_bytes(&b->cfg);
	enum status st;

	app_restore(b->r);
	if (b->core == NULL)
		b->core = malloc(bytes);
	assert(b->core != NULL);
	st = consensus_init(&b->core, b->core, bytes, &b->cfg,
	                    &b->r->chain[b->r->chain_len - 1].header);
	assert(st == ST_OK);
	(void)st;
	replay(b);
	consensus_start(b->core, &b->up, b->sim.now);
	drive(b);
}

void bench_down(struct bench *b)
{
	bench_clear(b);
}

enum status bench_step(struct bench *b, const struct consensus_event *ev)
{
	enum status st = consensus_step(b->core, &b->up, b->sim.now, ev);

	drive(b);
	return st;
}

enum status bench_message(struct bench *b, uint8_t from, const void *bytes, size_t len)
{
	const struct consensus_event ev = {
		.type = CONSENSUS_MESSAGE, .from = from, .bytes = bytes, .len = len,
	};

	return bench_step(b, &ev);
}

enum status bench_tick(struct bench *b)
{
	const struct consensus_event ev = { .type = CONSENSUS_TICK };

	return bench_step(b, &ev);
}

void bench_wait(struct bench *b, uint64_t ms)
{
	uint64_t end = b->sim.now + ms;

	while (b->up.deadline_ms <= end) {
		if (b->up.deadline_ms > b->sim.now)
			b->sim.now = b->up.deadline_ms;
		(void)bench_tick(b);
	}
	b->sim.now = end;
}

void bench_item(struct bench *b, unsigned int item)
{
	bit_set(b->r->held, item);
	bit_set(b->r->mempool, item);
	b->r->arrived[item] = b->sim.now;
	(void)bench_tick(b);
}

/* --- everybody else ------------------------------------------------------------------------- */

void bench_reseal(struct made *m)
{
	m->header.body_len = (uint32_t)m->body_len;
	block_body_hash(m->header.body_hash, m->body, m->body_len);
	block_id(m->id, &m->header);
}

struct made bench_block(const struct bench *b, uint64_t view, const struct made *parent, int item)
{
	const struct block_header *p = parent != NULL ? &parent->header : &b->sim.genesis;
	struct made m = { .log = parent != NULL ? parent->log : b->genesis_log };
	struct block_header *h = &m.header;

	*h = *p;
	h->height++;
	h->parent_view = p->view;
	h->view = view;
	memcpy(h->parent, parent != NULL ? parent->id : b->sim.genesis_id, 32);
	h->proposer = (uint8_t)((view - 1) % b->sim.o.n);
	if (h->time_min < BENCH_MINUTE)
		h->time_min = BENCH_MINUTE;
	if (item >= 0) {
		const uint8_t bytes[8] = { 0, 0, 0, 4, 0, 0, 0, (uint8_t)item };

		memcpy(m.body, bytes, sizeof(bytes));
		m.body_len = sizeof(bytes);
	}
	app_figures(h, &m.log, p, m.body, m.body_len);
	bench_reseal(&m);
	return m;
}

struct vote bench_vote(enum vote_type type, uint64_t view, const struct made *block,
                       uint8_t signer)
{
	struct vote v = { .type = type, .view = view, .signer = signer };

	if (block != NULL)
		memcpy(v.block, block->id, sizeof(v.block));
	fake_sign(&v);
	return v;
}

struct certificate bench_cert(const struct bench *b, enum vote_type type, uint64_t view,
                              const struct made *block, uint16_t signers)
{
	struct certificate c = { .type = type, .view = view, .signers = signers };
	unsigned int count = 0;

	if (block != NULL)
		memcpy(c.block, block->id, sizeof(c.block));
	for (uint8_t i = 0; i < b->sim.o.n; i++)
		if ((signers >> i & 1) != 0) {
			struct vote v = bench_vote(type, view, block, i);

			memcpy(c.sig[count++], v.sig, sizeof(v.sig));
		}
	return c;
}

enum status bench_send_vote(struct bench *b, enum vote_type type, uint64_t view,
                            const struct made *block, uint8_t signer)
{
	struct vote v = bench_vote(type, view, block, signer);
	uint8_t bytes[2 + VOTE_BYTES];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, &v);
	return bench_message(b, signer, bytes, w.pos);
}

enum status bench_send_cert(struct bench *b, uint8_t from, const struct certificate *cert)
{
	uint8_t bytes[2 + CERTIFICATE_BYTES_MAX];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_kind_write(&w, WIRE_CERT);
	writer_u8(&w, 1);
	certificate_write(&w, cert);
	return bench_message(b, from, bytes, w.pos);
}

enum status bench_send_proposal(struct bench *b, const struct made *block,
                                const struct certificate *certs, size_t certs_len)
{
	struct vote v = bench_vote(VOTE_NOTARIZE, block->header.view, block,
	                           block->header.proposer);
	struct writer w;
	size_t at;

	writer_init(&w, frame, sizeof(frame));
	wire_proposal_write(&w, &block->header, block->body, block->body_len, v.sig);
	at = wire_count_begin(&w, 2);
	for (size_t i = 0; i < certs_len; i++)
		certificate_write(&w, &certs[i]);
	wire_count_set(&w, at, 2, (unsigned int)certs_len);
	return bench_message(b, block->header.proposer, frame, w.pos);
}

/* q nodes; the one on the table only if there are too few others. */
static uint16_t quorum(const struct bench *b)
{
	unsigned int left = b->sim.committee.q;
	uint16_t signers = 0;

	for (unsigned int i = 0; i < b->sim.o.n && left > 0; i++)
		if (i != b->cfg.self) {
			signers |= (uint16_t)(1u << i);
			left--;
		}
	if (left > 0)
		signers |= (uint16_t)(1u << b->cfg.self);
	return signers;
}

static void show(struct bench *b, enum vote_type type, uint64_t view, const struct made *block)
{
	struct certificate cert = bench_cert(b, type, view, block, quorum(b));

	(void)bench_send_cert(b, b->cfg.self == 0 ? 1 : 0, &cert);
}

void bench_nullify(struct bench *b, uint64_t view)
{
	show(b, VOTE_NULLIFY, view, NULL);
}

void bench_notarize(struct bench *b, const struct made *block)
{
	show(b, VOTE_NOTARIZE, block->header.view, block);
}

void bench_finalize(struct bench *b, const struct made *block)
{
	bench_notarize(b, block);
	show(b, VOTE_FINALIZE, block->header.view, block);
}

enum status bench_send_block(struct bench *b, uint8_t from, const struct made *block)
{
	struct writer w;

	writer_init(&w, frame, sizeof(frame));
	wire_block_resp_write(&w, &block->header, block->body, block->body_len);
	return bench_message(b, from, frame, w.pos);
}

/* --- questions ------------------------------------------------------------------------------ */

const struct vote *bench_signed(const struct bench *b, enum vote_type type, uint64_t view)
{
	for (size_t i = 0; i < b->asked_len; i++)
		if (b->asked[i].type == type && b->asked[i].view == view)
			return &b->asked[i];
	return NULL;
}

unsigned int bench_sent(const struct bench *b, enum wire_kind kind, uint8_t to)
{
	unsigned int count = 0;

	for (size_t i = 0; i < b->sent_len; i++)
		count += b->sent[i].kind == kind && b->sent[i].to == to;
	return count;
}

const struct sent *bench_last(const struct bench *b, enum wire_kind kind)
{
	for (size_t i = b->sent_len; i > 0; i--)
		if (b->sent[i - 1].kind == kind)
			return &b->sent[i - 1];
	return NULL;
}

bool bench_recorded(const struct bench *b, enum vote_type type, uint64_t view)
{
	for (size_t i = 0; i < b->records_len; i++)
		if (b->records[i].type == CONSENSUS_RECORD_CERTIFICATE &&
		    b->records[i].cert.type == type && b->records[i].cert.view == view)
			return true;
	return false;
}

struct consensus_info bench_info(const struct bench *b)
{
	struct consensus_info info;

	consensus_info(b->core, &info);
	return info;
}
