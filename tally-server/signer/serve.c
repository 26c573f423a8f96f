/*
 * serve.c: see serve.h.
 */
#include "tally-server/signer/serve.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "common/ledger/report.h"
#include "common/wire/message.h"
#include "crypto/mem.h"
#include "tally-server/node/memory.h"
#include "tally-server/signer/signer.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
	SUITE_MAX = 32,
	EVIDENCE_HEAD_ROOM = 16,      /* party and length before the evidence */
	LOCK_WAITS = 100,             /* a signer whose node was killed is about to end */
	LOCK_WAIT_MS = 50
};

struct serve {
	struct serve_config cfg;
	struct committee committee;
	uint8_t self;
	bool begun;
	bool known;                   /* the memory file has this election */
	struct memory remembered;
	struct signer *signer;        /* NULL until TALK_OPEN */
	struct vote votes[TALK_VOTES_MAX];
	enum status each[TALK_VOTES_MAX];
	uint8_t evidence[LIMIT_TX_BYTES + EVIDENCE_HEAD_ROOM];
};

enum status serve_new(struct serve **out, const struct serve_config *cfg)
{
	struct serve *s = alloc_zero(1, sizeof(*s));

	*out = s;
	if (s == NULL)
		return ST_NO_MEMORY;
	s->cfg = *cfg;
	return ST_OK;
}

void serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	signer_close(s->signer);
	free(s);
}

/* --- which election -------------------------------------------------------------------------- */

static enum status read_committee(struct serve *s, struct reader *r)
{
	uint8_t keys[LIMIT_TRUSTEES][32], election[32], own[SIGN_KEY_BYTES], n;
	char name[SUITE_MAX + 1] = { 0 };
	const struct group *group;
	const uint8_t *suite;
	size_t suite_len;
	enum status st;

	if ((st = reader_bytes(r, election, sizeof(election))) != ST_OK ||
	    (st = reader_vec8(r, &suite, &suite_len, SUITE_MAX)) != ST_OK ||
	    (st = reader_u8(r, &n)) != ST_OK || (st = reader_u8(r, &s->self)) != ST_OK)
		return st;
	if (n < 1 || n > LIMIT_TRUSTEES || s->self >= n)
		return ST_LIMIT;
	memcpy(name, suite, suite_len);
	if ((group = group_by_name(name)) == NULL)
		return ST_FORMAT;
	for (unsigned int i = 0; i < n; i++)
		if ((st = reader_bytes(r, keys[i], sizeof(keys[i]))) != ST_OK)
			return st;
	if ((st = reader_end(r)) != ST_OK)
		return st;
	sign_secret_key(s->cfg.secret, own);
	if (!mem_is_equal(own, keys[s->self], sizeof(own)))
		return ST_KEY;
	return committee_init(&s->committee, n, election, group, (const uint8_t (*)[32])keys);
}

static enum status do_begin(struct serve *s, struct reader *r, struct writer *w)
{
	enum status st;

	if (s->begun)
		return ST_ORDER;   /* a signer serves one election in its life */
	if ((st = read_committee(s, r)) != ST_OK ||
	    (st = memory_read(s->cfg.memory, s->committee.election_id, &s->known,
	                      &s->remembered)) != ST_OK)
		return st;
	s->begun = true;
	writer_u8(w, s->known);
	writer_u64(w, s->remembered.node);
	return ST_OK;
}

/* --- the log --------------------------------------------------------------------------------- */

static enum status open_log(struct serve *s, struct wal_report *report, bool create)
{
	enum status st;

	/* Only where this key was never used is a new log a whole one. */
	if (create && !s->known &&
	    (st = signer_create(s->cfg.log, &s->committee, s->self)) != ST_OK && st != ST_EXISTS)
		return st;
	for (unsigned int i = 0; i < LOCK_WAITS; i++) {
		st = signer_open_again(&s->signer, report, s->cfg.log, s->cfg.secret,
		                       &s->committee, s->self, s->remembered.votes);
		if (st != ST_AGAIN)
			return st;
		(void)poll(NULL, 0, LOCK_WAIT_MS);
	}
	return ST_AGAIN;
}

/*
 * Neither log may have been opened less often than the memory file says.  An older one has said so
 * in its opening; what the node's says binds the votes as well.
 */
static enum status compare_memory(struct serve *s, uint64_t node_instance, bool *older)
{
	const struct memory now = {
		.votes = signer_instance(s->signer), .node = node_instance,
	};
	enum status st = ST_OK;

	*older = s->known &&
	         (now.votes <= s->remembered.votes || now.node <= s->remembered.node);
	if (*older)
		st = signer_set_amnesia(s->signer);
	crash_point("votes-opened");
	return st == ST_OK ? memory_write(s->cfg.memory, s->committee.election_id, &now) : st;
}

static enum status do_open(struct serve *s, struct reader *r, struct writer *w)
{
	struct wal_report report;
	uint64_t node_instance;
	uint8_t create;
	bool older;
	enum status st;

	if ((st = reader_u8(r, &create)) != ST_OK ||
	    (st = reader_u64(r, &node_instance)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	if (create > 1)
		return ST_FORMAT;
	if (!s->begun || s->signer != NULL)
		return ST_ORDER;
	if ((st = open_log(s, &report, create == 1)) != ST_OK ||
	    (st = compare_memory(s, node_instance, &older)) != ST_OK ||
	    (s->cfg.confine != NULL && (st = s->cfg.confine()) != ST_OK))
		return st;
	writer_u8(w, (uint8_t)report.found);
	writer_u64(w, report.records);
	writer_u64(w, report.cut_bytes);
	writer_u64(w, report.damage_at);
	writer_vec16(w, report.aside, strlen(report.aside));
	writer_u64(w, signer_instance(s->signer));
	writer_u8(w, older);
	return ST_OK;
}

/* --- votes ----------------------------------------------------------------------------------- */

static enum status read_subject(struct reader *r, struct vote *v, uint8_t self)
{
	uint8_t type;
	enum status st;

	memset(v, 0, sizeof(*v));
	if ((st = reader_u8(r, &type)) != ST_OK || (st = reader_u64(r, &v->view)) != ST_OK ||
	    (st = reader_bytes(r, v->block, sizeof(v->block))) != ST_OK)
		return st;
	if (type < VOTE_NOTARIZE || type > VOTE_FINALIZE || v->view == 0)
		return ST_FORMAT;
	v->type = (enum vote_type)type;
	v->signer = self;
	return ST_OK;
}

static enum status do_sign(struct serve *s, struct reader *r, struct writer *w)
{
	uint16_t count;
	enum status st;

	if ((st = reader_u16(r, &count)) != ST_OK ||
	    (st = limit_check(count, TALK_VOTES_MAX)) != ST_OK)
		return st;
	for (unsigned int i = 0; i < count; i++)
		if ((st = read_subject(r, &s->votes[i], s->self)) != ST_OK)
			return st;
	if ((st = reader_end(r)) != ST_OK ||
	    (st = signer_sign(s->signer, s->votes, s->each, count)) != ST_OK)
		return st;
	for (unsigned int i = 0; i < count; i++) {
		writer_u8(w, (uint8_t)s->each[i]);
		writer_bytes(w, s->votes[i].sig, sizeof(s->votes[i].sig));
	}
	return ST_OK;
}

struct page {
	struct writer *w;
	uint32_t skip;
	uint16_t count;
	bool more;
};

static enum status write_page(void *ctx, const struct vote *v)
{
	struct page *p = ctx;

	if (p->skip > 0) {
		p->skip--;
	} else if (p->count == TALK_VOTES_MAX) {
		p->more = true;
		return ST_NOT_FOUND;   /* enough */
	} else {
		vote_write(p->w, v);
		p->count++;
	}
	return ST_OK;
}

static enum status do_replay(struct serve *s, struct reader *r, struct writer *w)
{
	struct page p = { .w = w };
	size_t head = w->pos;
	enum status st;

	if ((st = reader_u32(r, &p.skip)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	writer_u8(w, 0);
	writer_u16(w, 0);
	st = signer_replay(s->signer, write_page, &p);
	if (st != ST_OK && st != ST_NOT_FOUND)
		return st;
	w->buf[head] = p.more;
	w->buf[head + 1] = (uint8_t)(p.count >> 8);
	w->buf[head + 2] = (uint8_t)p.count;
	return ST_OK;
}

static enum status do_has(struct serve *s, struct reader *r, struct writer *w)
{
	struct vote v;
	enum status st;

	if ((st = read_subject(r, &v, s->self)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	writer_u8(w, signer_has(s->signer, v.type, v.view, v.block));
	return ST_OK;
}

static enum status do_number(struct serve *s, struct reader *r,
                             enum status (*act)(struct signer *, uint64_t))
{
	uint64_t view;
	enum status st;

	if ((st = reader_u64(r, &view)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	return act(s->signer, view);
}

/* --- promises -------------------------------------------------------------------------------- */

static enum status do_promise(struct serve *s, struct reader *r, struct writer *w)
{
	struct promise p = { .node = s->self };
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = {
		.purpose = "promise", .group = s->committee.group,
		.election_id = s->committee.election_id, .body = body, .body_len = sizeof(body),
	};
	enum status st;

	if ((st = reader_bytes(r, p.tx_id, sizeof(p.tx_id))) != ST_OK ||
	    (st = reader_u64(r, &p.time_min)) != ST_OK || (st = reader_end(r)) != ST_OK)
		return st;
	promise_body(body, &p);
	sign_message(s->cfg.secret, p.sig, &m);
	writer_bytes(w, p.sig, sizeof(p.sig));
	return ST_OK;
}

static enum status do_cosign(struct serve *s, struct reader *r, struct writer *w)
{
	struct cosignature c = { .node = s->self };
	uint8_t head;
	enum status st;

	if ((st = reader_u8(r, &head)) != ST_OK || (st = reader_u64(r, &c.time)) != ST_OK ||
	    (st = reader_u64(r, &c.size)) != ST_OK ||
	    (st = reader_bytes(r, c.root, sizeof(c.root))) != ST_OK ||
	    (st = reader_end(r)) != ST_OK)
		return st;
	if (head < COSIGNED_END || head > COSIGNED_RESULT)
		return ST_FORMAT;
	c.head = (enum cosigned_head)head;
	if ((st = signer_cosign(s->signer, &c, s->cfg.checkpoint)) != ST_OK)
		return st;
	writer_u64(w, c.time);
	writer_bytes(w, c.sig, sizeof(c.sig));
	return ST_OK;
}

/* Evidence proves itself: that this node brought it can harm nobody, whatever it is. */
static enum status do_evidence(struct serve *s, struct reader *r, struct writer *w)
{
	const struct report_party self = { .role = PARTY_NODE, .index = s->self };
	const uint8_t *evidence;
	struct writer body;
	struct message m = {
		.purpose = tx_purpose(TX_EVIDENCE), .group = s->committee.group,
		.election_id = s->committee.election_id,
	};
	uint8_t sig[SIGN_BYTES];
	size_t len;
	enum status st;

	if ((st = reader_vec32(r, &evidence, &len, LIMIT_TX_BYTES)) != ST_OK ||
	    (st = reader_end(r)) != ST_OK)
		return st;
	writer_init(&body, s->evidence, sizeof(s->evidence));
	tx_evidence_body(&body, &self, evidence, len);
	if ((st = writer_end(&body, &m.body_len)) != ST_OK)
		return st;
	m.body = s->evidence;
	sign_message(s->cfg.secret, sig, &m);
	writer_bytes(w, sig, sizeof(sig));
	return ST_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum status act(struct serve *s, uint8_t kind, struct reader *r, struct writer *w)
{
	enum status st;

	if (kind == TALK_BEGIN)
		return do_begin(s, r, w);
	if (kind == TALK_OPEN)
		return do_open(s, r, w);
	if (s->signer == NULL)
		return ST_ORDER;
	switch ((enum talk_kind)kind) {
	case TALK_SIGN:
		return do_sign(s, r, w);
	case TALK_REPLAY:
		return do_replay(s, r, w);
	case TALK_HAS:
		return do_has(s, r, w);
	case TALK_COMPACT:
		return do_number(s, r, signer_compact);
	case TALK_GUARD:
		return do_number(s, r, signer_guard);
	case TALK_AMNESIA:
		st = reader_end(r);
		return st == ST_OK ? signer_set_amnesia(s->signer) : st;
	case TALK_PROMISE:
		return do_promise(s, r, w);
	case TALK_COSIGN:
		return do_cosign(s, r, w);
	case TALK_EVIDENCE:
		return do_evidence(s, r, w);
	case TALK_BEGIN:
	case TALK_OPEN:
		break;
	}
	return ST_FORMAT;
}

/* Status, flags and floor go before whatever the request was answered with. */
static void write_head(uint8_t *out, const struct serve *s, enum status st)
{
	uint64_t floor = s->signer == NULL ? 0 : signer_floor(s->signer);
	uint8_t flags = 0;

	if (s->signer != NULL && signer_has_amnesia(s->signer))
		flags |= TALK_AMNESIA_FLAG;
	if (s->signer != NULL && signer_wants_compaction(s->signer))
		flags |= TALK_COMPACT_FLAG;
	out[0] = (uint8_t)st;
	out[1] = flags;
	for (unsigned int i = 0; i < 8; i++)
		out[2 + i] = (uint8_t)(floor >> (56 - 8 * i));
}

enum status serve_answer(struct serve *s, uint8_t *out, size_t *out_len, const uint8_t *request,
                         size_t len)
{
	struct reader r;
	struct writer w;
	uint8_t kind;
	enum status st;

	writer_init(&w, out, TALK_BYTES_MAX);
	(void)writer_room(&w, TALK_HEAD_BYTES);
	reader_init(&r, request, len);
	if ((st = reader_u8(&r, &kind)) == ST_OK)
		st = act(s, kind, &r, &w);
	if (st == ST_OK)
		st = writer_end(&w, out_len);
	if (st != ST_OK)
		*out_len = TALK_HEAD_BYTES;
	write_head(out, s, st);
	return st == ST_IO || st == ST_NO_MEMORY ? st : ST_OK;
}

enum status serve_run(struct serve *s, int fd)
{
	uint8_t *in = malloc(TALK_BYTES_MAX), *out = malloc(TALK_BYTES_MAX);
	enum status st = ST_NO_MEMORY, sent;
	size_t len, out_len;

	if (in == NULL || out == NULL)
		goto out;
	while ((st = talk_receive(fd, in, TALK_BYTES_MAX, &len)) == ST_OK) {
		st = serve_answer(s, out, &out_len, in, len);
		sent = talk_send(fd, out, out_len);
		if (st == ST_OK)
			st = sent;
		if (st != ST_OK)
			break;
	}
	if (st == ST_NOT_FOUND)
		st = ST_OK;
out:
	free(in);
	free(out);
	return st;
}
