/*
 * evidence.c: the bytes of evidence: see evidence.h.  evidence_check.c judges them.
 *
 * Invariant: decode and encode of a kind stand next to each other, field by field the same.
 */
#include "common/ledger/evidence.h"

#include "common/base/reader.h"

#include <assert.h>
#include <string.h>

static const char MAGIC[16] = "kalpis-evidence\n";

const char *evidence_kind_name(enum evidence_kind kind)
{
	switch (kind) {
	case EVIDENCE_DOUBLE_VOTE:
		return "double-vote";
	case EVIDENCE_UNSOUND_BLOCK:
		return "unsound-block";
	case EVIDENCE_FALSE_MESSAGE:
		return "false-message";
	case EVIDENCE_BREACH:
		return "breach";
	case EVIDENCE_TWO_FATES:
		return "two-fates";
	case EVIDENCE_CAST_AND_TESTED:
		return "cast-and-tested";
	case EVIDENCE_FORK:
		return "fork";
	case EVIDENCE_ROLLBACK:
		return "rollback";
	case EVIDENCE_FALSE_ANSWER:
		return "false-answer";
	}
	return "unknown";
}

/* By (type, block): two votes of one view and signer have one order. */
static int compare_votes(const struct vote *a, const struct vote *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return memcmp(a->block, b->block, sizeof(a->block));
}

/* --- votes and blocks ------------------------------------------------------------------------ */

static void write_votes(struct writer *w, const struct evidence *e)
{
	bool swap = compare_votes(&e->a, &e->b) > 0;

	vote_write(w, swap ? &e->b : &e->a);
	vote_write(w, swap ? &e->a : &e->b);
}

static enum status read_votes(struct reader *r, struct evidence *e)
{
	enum status st;

	if ((st = vote_read(r, &e->a)) != ST_OK || (st = vote_read(r, &e->b)) != ST_OK)
		return st;
	return compare_votes(&e->a, &e->b) <= 0 ? ST_OK : ST_FORMAT;
}

static void write_block(struct writer *w, const struct evidence *e)
{
	vote_write(w, &e->a);
	block_header_write(w, &e->header);
	writer_u8(w, e->has_body);
	if (e->has_body)
		writer_vec32(w, e->body, e->body_len);
}

static enum status read_block(struct reader *r, struct evidence *e)
{
	uint8_t has_body;
	enum status st;

	if ((st = vote_read(r, &e->a)) != ST_OK ||
	    (st = block_header_read(r, &e->header)) != ST_OK ||
	    (st = reader_u8(r, &has_body)) != ST_OK)
		return st;
	if (has_body > 1)
		return ST_FORMAT;
	e->has_body = has_body == 1;
	return e->has_body ? reader_vec32(r, &e->body, &e->body_len, BLOCK_BODY_BYTES_MAX) : ST_OK;
}

/* --- transactions, promises, slips ----------------------------------------------------------- */

static void write_tx(struct writer *w, const struct evidence *e)
{
	writer_vec32(w, e->tx, e->tx_len);
}

static enum status read_tx(struct reader *r, struct evidence *e)
{
	return reader_vec32(r, &e->tx, &e->tx_len, LIMIT_TX_BYTES);
}

static void write_fates(struct writer *w, const struct evidence_fates *f)
{
	unsigned int first = f->fate[0] <= f->fate[1] ? 0 : 1;

	writer_u16(w, f->kiosk);
	writer_bytes(w, f->key, sizeof(f->key));
	writer_bytes(w, f->tracker, sizeof(f->tracker));
	for (unsigned int i = 0; i < 2; i++) {
		writer_u8(w, f->fate[first ^ i]);
		writer_bytes(w, f->sig[first ^ i], sizeof(f->sig[0]));
	}
}

static enum status read_fates(struct reader *r, struct evidence_fates *f)
{
	enum status st;

	if ((st = reader_u16(r, &f->kiosk)) != ST_OK ||
	    (st = reader_bytes(r, f->key, sizeof(f->key))) != ST_OK ||
	    (st = reader_bytes(r, f->tracker, sizeof(f->tracker))) != ST_OK)
		return st;
	for (unsigned int i = 0; i < 2; i++)
		if ((st = reader_u8(r, &f->fate[i])) != ST_OK ||
		    (st = reader_bytes(r, f->sig[i], sizeof(f->sig[i]))) != ST_OK)
			return st;
	return f->fate[0] < f->fate[1] ? ST_OK : ST_FORMAT;
}

/* --- branches -------------------------------------------------------------------------------- */

static void write_branch(struct writer *w, const struct evidence_branch *b)
{
	writer_u16(w, b->count);
	if (b->count == 0)
		return;
	writer_bytes(w, b->headers, (size_t)b->count * BLOCK_HEADER_BYTES);
	certificate_write(w, &b->certificate);
}

/* Every header is read once here, so that evidence_header cannot fail. */
static enum status read_branch(struct reader *r, struct evidence_branch *b, bool may_be_empty)
{
	struct block_header h;
	enum status st;

	if ((st = reader_u16(r, &b->count)) != ST_OK ||
	    (st = limit_check(b->count, EVIDENCE_HEADERS_MAX)) != ST_OK)
		return st;
	if (b->count == 0)
		return may_be_empty ? ST_OK : ST_FORMAT;
	b->headers = r->buf + r->pos;
	for (unsigned int i = 0; i < b->count; i++)
		if ((st = block_header_read(r, &h)) != ST_OK)
			return st;
	return certificate_read(r, &b->certificate);
}

void evidence_header(struct block_header *out, const struct evidence_branch *b, uint16_t i)
{
	enum status st;

	assert(i < b->count);
	st = block_header_decode(out, b->headers + (size_t)i * BLOCK_HEADER_BYTES,
	                         BLOCK_HEADER_BYTES);
	assert(st == ST_OK);
	(void)st;
}

bool evidence_next_certificate(struct reader *certificates, struct certificate *out)
{
	return reader_left(certificates) > 0 && certificate_read(certificates, out) == ST_OK;
}

static void write_fork(struct writer *w, const struct evidence *e)
{
	write_branch(w, &e->branch[0]);
	write_branch(w, &e->branch[1]);
	writer_u16(w, e->certificates_len);
	writer_bytes(w, e->certificates.buf, e->certificates.len);
}

static enum status read_fork(struct reader *r, struct evidence *e)
{
	struct certificate c;
	size_t start;
	enum status st;

	if ((st = read_branch(r, &e->branch[0], false)) != ST_OK ||
	    (st = read_branch(r, &e->branch[1], false)) != ST_OK ||
	    (st = reader_u16(r, &e->certificates_len)) != ST_OK ||
	    (st = limit_check(e->certificates_len, EVIDENCE_CERTIFICATES_MAX)) != ST_OK)
		return st;
	start = r->pos;
	for (unsigned int i = 0; i < e->certificates_len; i++)
		if ((st = certificate_read(r, &c)) != ST_OK)
			return st;
	reader_init(&e->certificates, r->buf + start, r->pos - start);
	return ST_OK;
}

static void write_rollback(struct writer *w, const struct evidence *e)
{
	writer_u8(w, e->node);
	writer_u64(w, e->time_min);
	write_branch(w, &e->branch[0]);
	write_branch(w, &e->branch[1]);
}

static enum status read_rollback(struct reader *r, struct evidence *e)
{
	enum status st;

	if ((st = reader_u8(r, &e->node)) != ST_OK ||
	    (st = reader_u64(r, &e->time_min)) != ST_OK)
		return st;
	if (e->node >= LIMIT_TRUSTEES)
		return ST_FORMAT;
	if ((st = read_branch(r, &e->branch[0], false)) != ST_OK)
		return st;
	return read_branch(r, &e->branch[1], true);
}

/* --- answers --------------------------------------------------------------------------------- */

static void write_answer(struct writer *w, const struct evidence *e)
{
	writer_u8(w, e->node);
	writer_u64(w, e->time_min);
	writer_vec32(w, e->request, e->request_len);
	writer_vec32(w, e->answer, e->answer_len);
}

static enum status read_answer(struct reader *r, struct evidence *e)
{
	enum status st;

	if ((st = reader_u8(r, &e->node)) != ST_OK ||
	    (st = reader_u64(r, &e->time_min)) != ST_OK)
		return st;
	if (e->node >= LIMIT_TRUSTEES)
		return ST_FORMAT;
	if ((st = reader_vec32(r, &e->request, &e->request_len, LIMIT_REQUEST_READ)) != ST_OK)
		return st;
	return reader_vec32(r, &e->answer, &e->answer_len, LIMIT_RESPONSE);
}

/* --- all kinds ------------------------------------------------------------------------------- */

static void write_kind(struct writer *w, const struct evidence *e)
{
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
		write_votes(w, e);
		return;
	case EVIDENCE_UNSOUND_BLOCK:
		write_block(w, e);
		return;
	case EVIDENCE_BREACH:
		promise_write(w, &e->promise);
		write_tx(w, e);
		return;
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_CAST_AND_TESTED:
		write_tx(w, e);
		return;
	case EVIDENCE_TWO_FATES:
		write_fates(w, &e->fates);
		return;
	case EVIDENCE_FORK:
		write_fork(w, e);
		return;
	case EVIDENCE_ROLLBACK:
		write_rollback(w, e);
		return;
	case EVIDENCE_FALSE_ANSWER:
		write_answer(w, e);
		return;
	}
	w->failed = true;
}

static enum status read_kind(struct reader *r, struct evidence *e)
{
	enum status st;

	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
		return read_votes(r, e);
	case EVIDENCE_UNSOUND_BLOCK:
		return read_block(r, e);
	case EVIDENCE_BREACH:
		st = promise_read(r, &e->promise);
		return st == ST_OK ? read_tx(r, e) : st;
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_CAST_AND_TESTED:
		return read_tx(r, e);
	case EVIDENCE_TWO_FATES:
		return read_fates(r, &e->fates);
	case EVIDENCE_FORK:
		return read_fork(r, e);
	case EVIDENCE_ROLLBACK:
		return read_rollback(r, e);
	case EVIDENCE_FALSE_ANSWER:
		return read_answer(r, e);
	}
	return ST_FORMAT;
}

enum status evidence_encode(const struct evidence *e, uint8_t *out, size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_u8(&w, (uint8_t)e->kind);
	write_kind(&w, e);
	return writer_end(&w, len);
}

enum status evidence_decode(struct evidence *out, const void *bytes, size_t len)
{
	struct reader r;
	uint8_t kind;
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = limit_check(len, EVIDENCE_BYTES_MAX)) != ST_OK)
		return st;
	reader_init(&r, bytes, len);
	if ((st = reader_u8(&r, &kind)) != ST_OK)
		return st;
	out->kind = (enum evidence_kind)kind;
	if ((st = read_kind(&r, out)) != ST_OK)
		return st;
	return reader_end(&r);
}

enum status evidence_file_encode(uint8_t *out, size_t cap, size_t *len, const void *manifest,
                                 size_t manifest_len, const void *bytes, size_t bytes_len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_vec32(&w, manifest, manifest_len);
	writer_bytes(&w, bytes, bytes_len);
	return writer_end(&w, len);
}

enum status evidence_file_decode(struct evidence *out, const uint8_t **manifest,
                                 size_t *manifest_len, const void *file, size_t len)
{
	char magic[sizeof(MAGIC)];
	const uint8_t *rest;
	struct reader r;
	enum status st;

	reader_init(&r, file, len);
	if ((st = reader_bytes(&r, magic, sizeof(magic))) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	if ((st = reader_vec32(&r, manifest, manifest_len, LIMIT_MANIFEST_BYTES)) != ST_OK)
		return st;
	len = reader_left(&r);
	if ((st = reader_view(&r, &rest, len)) != ST_OK)
		return st;
	return evidence_decode(out, rest, len);
}

/* --- made of what was signed ----------------------------------------------------------------- */

enum status evidence_of_votes(struct evidence *out, const struct vote *a, const struct vote *b)
{
	bool swap = compare_votes(a, b) > 0;

	memset(out, 0, sizeof(*out));
	if (!vote_conflicts(a, b))
		return ST_OPENING;
	out->kind = EVIDENCE_DOUBLE_VOTE;
	out->a = swap ? *b : *a;
	out->b = swap ? *a : *b;
	return ST_OK;
}

enum status evidence_of_certificates(struct evidence *out, const struct certificate *a,
                                     const struct certificate *b, unsigned int i)
{
	unsigned int at_a = 0, at_b = 0;
	struct vote x, y;

	for (unsigned int node = 0; node < LIMIT_TRUSTEES; node++) {
		bool in_a = (a->signers >> node & 1) != 0, in_b = (b->signers >> node & 1) != 0;

		if (in_a && in_b && i-- == 0) {
			certificate_vote(&x, a, at_a);
			certificate_vote(&y, b, at_b);
			return evidence_of_votes(out, &x, &y);
		}
		at_a += in_a;
		at_b += in_b;
	}
	return ST_NOT_FOUND;
}
