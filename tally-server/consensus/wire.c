/*
 * wire.c: see wire.h.
 *
 * Invariant: a _read mirrors its _write, field by field, and ends with reader_end.
 */
#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <string.h>

void wire_kind_write(struct writer *w, enum wire_kind kind)
{
	writer_u8(w, (uint8_t)kind);
}

enum status wire_kind_read(struct reader *r, enum wire_kind *out)
{
	enum status st;
	uint8_t kind;

	if ((st = reader_u8(r, &kind)) != ST_OK)
		return st;
	if (kind < WIRE_PROPOSAL || kind > WIRE_SYNC_RESP)
		return ST_FORMAT;
	*out = (enum wire_kind)kind;
	return ST_OK;
}

bool wire_is_bulk(enum wire_kind kind)
{
	return kind == WIRE_PROPOSAL || kind == WIRE_BLOCK_RESP || kind == WIRE_SYNC_RESP;
}

/* --- lists ---------------------------------------------------------------------------------- */

size_t wire_count_begin(struct writer *w, unsigned int width)
{
	size_t at = w->pos;

	for (unsigned int i = 0; i < width; i++)
		writer_u8(w, 0);
	return at;
}

void wire_count_set(struct writer *w, size_t at, unsigned int width, unsigned int count)
{
	if (w->failed)
		return;
	assert(at + width <= w->pos && count >> (8 * width) == 0);
	for (unsigned int i = 0; i < width; i++)
		w->buf[at + i] = (uint8_t)(count >> (8 * (width - 1 - i)));
}

bool wire_next_vote(struct reader *votes, struct vote *out)
{
	return reader_left(votes) > 0 && vote_read(votes, out) == ST_OK;
}

bool wire_next_cert(struct reader *certs, struct certificate *out)
{
	return reader_left(certs) > 0 && certificate_read(certs, out) == ST_OK;
}

/* Walk count certificates to the end of *r, and hand out a reader over them. */
static enum status certs_read(struct reader *r, unsigned int count, struct reader *out)
{
	struct certificate cert;
	enum status st;

	reader_init(out, r->buf == NULL ? NULL : r->buf + r->pos, reader_left(r));
	for (unsigned int i = 0; i < count; i++)
		if ((st = certificate_read(r, &cert)) != ST_OK)
			return st;
	return reader_end(r);
}

/* The count of a VOTE or CERT. */
static enum status short_count_read(struct reader *r, unsigned int *count)
{
	enum status st;
	uint8_t n;

	if ((st = reader_u8(r, &n)) != ST_OK ||
	    (st = limit_check(n, WIRE_LIST_MAX)) != ST_OK)
		return st;
	*count = n;
	return n > 0 ? ST_OK : ST_FORMAT;
}

enum status wire_votes_read(struct reader *r, struct wire_votes *out)
{
	struct vote vote;
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = short_count_read(r, &out->count)) != ST_OK)
		return st;
	reader_init(&out->votes, r->buf + r->pos, reader_left(r));
	for (unsigned int i = 0; i < out->count; i++)
		if ((st = vote_read(r, &vote)) != ST_OK)
			return st;
	return reader_end(r);
}

enum status wire_certs_read(struct reader *r, struct wire_certs *out)
{
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = short_count_read(r, &out->count)) != ST_OK)
		return st;
	return certs_read(r, out->count, &out->certs);
}

/* --- PROPOSAL ------------------------------------------------------------------------------- */

/* A block's bytes; ST_FORMAT when the header names another body length. */
static enum status block_read(struct reader *r, struct block_header *header, const uint8_t **body,
                              size_t *body_len)
{
	enum status st;

	if ((st = block_header_read(r, header)) != ST_OK ||
	    (st = reader_vec32(r, body, body_len, BLOCK_BODY_BYTES_MAX)) != ST_OK)
		return st;
	return *body_len == header->body_len ? ST_OK : ST_FORMAT;
}

void wire_proposal_write(struct writer *w, const struct block_header *header, const uint8_t *body,
                         size_t body_len, const uint8_t sig[static VOTE_SIG_BYTES])
{
	wire_kind_write(w, WIRE_PROPOSAL);
	block_header_write(w, header);
	writer_vec32(w, body, body_len);
	writer_bytes(w, sig, VOTE_SIG_BYTES);
	/* The certificates follow: wire_count_begin(w, 2). */
}

enum status wire_proposal_read(struct reader *r, struct wire_proposal *out)
{
	enum status st;
	uint16_t count;

	memset(out, 0, sizeof(*out));
	if ((st = block_read(r, &out->header, &out->body, &out->body_len)) != ST_OK ||
	    (st = reader_bytes(r, out->sig, sizeof(out->sig))) != ST_OK ||
	    (st = reader_u16(r, &count)) != ST_OK ||
	    (st = limit_check(count, WIRE_JUSTIFY_MAX)) != ST_OK)
		return st;
	out->cert_count = count;
	return certs_read(r, count, &out->certs);
}

/* --- STATUS --------------------------------------------------------------------------------- */

void wire_status_write(struct writer *w, uint64_t view, uint64_t height)
{
	wire_kind_write(w, WIRE_STATUS);
	writer_u64(w, view);
	writer_u64(w, height);
	/* The certificates follow: wire_count_begin(w, 1). */
}

enum status wire_status_read(struct reader *r, struct wire_status *out)
{
	enum status st;
	uint8_t count;

	memset(out, 0, sizeof(*out));
	if ((st = reader_u64(r, &out->view)) != ST_OK ||
	    (st = reader_u64(r, &out->height)) != ST_OK ||
	    (st = reader_u8(r, &count)) != ST_OK ||
	    (st = limit_check(count, WIRE_STATUS_MAX)) != ST_OK)
		return st;
	out->cert_count = count;
	return certs_read(r, count, &out->certs);
}

/* --- requests ------------------------------------------------------------------------------- */

void wire_cert_req_write(struct writer *w, uint64_t first, uint64_t last)
{
	wire_kind_write(w, WIRE_CERT_REQ);
	writer_u64(w, first);
	writer_u64(w, last);
}

enum status wire_cert_req_read(struct reader *r, struct wire_cert_req *out)
{
	enum status st;

	if ((st = reader_u64(r, &out->first)) != ST_OK ||
	    (st = reader_u64(r, &out->last)) != ST_OK)
		return st;
	if (out->first > out->last)
		return ST_FORMAT;
	if ((st = limit_check(out->last - out->first, WIRE_CERT_SPAN_MAX - 1)) != ST_OK)
		return st;
	return reader_end(r);
}

void wire_block_req_write(struct writer *w, const uint8_t id[static 32])
{
	wire_kind_write(w, WIRE_BLOCK_REQ);
	writer_bytes(w, id, 32);
}

enum status wire_block_req_read(struct reader *r, uint8_t id[static 32])
{
	enum status st = reader_bytes(r, id, 32);

	return st != ST_OK ? st : reader_end(r);
}

void wire_block_resp_write(struct writer *w, const struct block_header *header,
                           const uint8_t *body, size_t body_len)
{
	wire_kind_write(w, WIRE_BLOCK_RESP);
	block_header_write(w, header);
	writer_vec32(w, body, body_len);
}

enum status wire_block_resp_read(struct reader *r, struct wire_block *out)
{
	enum status st;

	memset(out, 0, sizeof(*out));
	out->has_body = true;
	if ((st = block_read(r, &out->header, &out->body, &out->body_len)) != ST_OK)
		return st;
	return reader_end(r);
}

/* --- SYNC ----------------------------------------------------------------------------------- */

void wire_sync_req_write(struct writer *w, uint64_t height, uint32_t bytes_max)
{
	wire_kind_write(w, WIRE_SYNC_REQ);
	writer_u64(w, height);
	writer_u32(w, bytes_max);
}

enum status wire_sync_req_read(struct reader *r, struct wire_sync_req *out)
{
	enum status st;

	if ((st = reader_u64(r, &out->height)) != ST_OK ||
	    (st = reader_u32(r, &out->bytes_max)) != ST_OK ||
	    (st = limit_check(out->bytes_max, LIMIT_FRAME_BULK)) != ST_OK)
		return st;
	return reader_end(r);
}

void wire_sync_write(struct writer *w, const struct certificate *cert)
{
	wire_kind_write(w, WIRE_SYNC_RESP);
	certificate_write(w, cert);
	/* The blocks follow: wire_count_begin(w, 2). */
}

void wire_sync_block_write(struct writer *w, const struct block_header *header,
                           const uint8_t *body, size_t body_len, bool has_body)
{
	block_header_write(w, header);
	writer_u8(w, has_body);
	if (has_body)
		writer_vec32(w, body, body_len);
}

static enum status sync_block_read(struct reader *r, struct wire_block *out)
{
	enum status st;
	uint8_t has_body;

	memset(out, 0, sizeof(*out));
	if ((st = block_header_read(r, &out->header)) != ST_OK ||
	    (st = reader_u8(r, &has_body)) != ST_OK)
		return st;
	if (has_body > 1)
		return ST_FORMAT;
	out->has_body = has_body == 1;
	if (!out->has_body)
		return ST_OK;
	if ((st = reader_vec32(r, &out->body, &out->body_len, BLOCK_BODY_BYTES_MAX)) != ST_OK)
		return st;
	return out->body_len == out->header.body_len ? ST_OK : ST_FORMAT;
}

bool wire_next_block(struct reader *blocks, struct wire_block *out)
{
	return reader_left(blocks) > 0 && sync_block_read(blocks, out) == ST_OK;
}

enum status wire_sync_read(struct reader *r, struct wire_sync *out)
{
	struct wire_block block;
	enum status st;
	uint16_t count;

	memset(out, 0, sizeof(*out));
	if ((st = certificate_read(r, &out->cert)) != ST_OK ||
	    (st = reader_u16(r, &count)) != ST_OK ||
	    (st = limit_check(count, WIRE_SYNC_BLOCKS_MAX)) != ST_OK)
		return st;
	if (out->cert.type != VOTE_FINALIZE || count == 0)
		return ST_FORMAT;
	out->count = count;
	reader_init(&out->blocks, r->buf + r->pos, reader_left(r));
	for (unsigned int i = 0; i < count; i++)
		if ((st = sync_block_read(r, &block)) != ST_OK)
			return st;
	return reader_end(r);
}
