/*
 * samples.c: a good message of each kind, and any message decoded and written again.
 *
 * Invariant: sample_rewrite knows the fields of every kind; what it writes is what it read.
 */
#include "tests/sim/bench.h"

/* Decode what follows the kind byte and write the message again: kinds that hold a list. */
static enum status rewrite_list(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_votes votes;
	struct wire_certs certs;
	struct wire_status status;
	struct certificate cert;
	struct vote v;
	enum status st;

	if (kind == WIRE_VOTE) {
		if ((st = wire_votes_read(r, &votes)) != ST_OK)
			return st;
		wire_kind_write(w, kind);
		writer_u8(w, (uint8_t)votes.count);
		while (wire_next_vote(&votes.votes, &v))
			vote_write(w, &v);
		return ST_OK;
	}
	if (kind == WIRE_CERT) {
		if ((st = wire_certs_read(r, &certs)) != ST_OK)
			return st;
		wire_kind_write(w, kind);
		writer_u8(w, (uint8_t)certs.count);
	} else {
		if ((st = wire_status_read(r, &status)) != ST_OK)
			return st;
		wire_status_write(w, status.view, status.height);
		writer_u8(w, (uint8_t)status.cert_count);
		certs.certs = status.certs;
	}
	while (wire_next_cert(&certs.certs, &cert))
		certificate_write(w, &cert);
	return ST_OK;
}

/* Kinds that hold blocks. */
static enum status rewrite_blocks(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_proposal p;
	struct wire_block block;
	struct wire_sync sync;
	struct certificate cert;
	enum status st;

	if (kind == WIRE_PROPOSAL) {
		if ((st = wire_proposal_read(r, &p)) != ST_OK)
			return st;
		wire_proposal_write(w, &p.header, p.body, p.body_len, p.sig);
		writer_u16(w, (uint16_t)p.cert_count);
		while (wire_next_cert(&p.certs, &cert))
			certificate_write(w, &cert);
		return ST_OK;
	}
	if (kind == WIRE_BLOCK_RESP) {
		if ((st = wire_block_resp_read(r, &block)) == ST_OK)
			wire_block_resp_write(w, &block.header, block.body, block.body_len);
		return st;
	}
	if ((st = wire_sync_read(r, &sync)) != ST_OK)
		return st;
	wire_sync_write(w, &sync.cert);
	writer_u16(w, (uint16_t)sync.count);
	while (wire_next_block(&sync.blocks, &block))
		wire_sync_block_write(w, &block.header, block.body, block.body_len,
		                      block.has_body);
	return ST_OK;
}

static enum status rewrite_request(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_cert_req cert_req;
	struct wire_sync_req sync_req;
	uint8_t id[32];
	enum status st;

	if (kind == WIRE_CERT_REQ) {
		if ((st = wire_cert_req_read(r, &cert_req)) == ST_OK)
			wire_cert_req_write(w, cert_req.first, cert_req.last);
	} else if (kind == WIRE_BLOCK_REQ) {
		if ((st = wire_block_req_read(r, id)) == ST_OK)
			wire_block_req_write(w, id);
	} else if ((st = wire_sync_req_read(r, &sync_req)) == ST_OK) {
		wire_sync_req_write(w, sync_req.height, sync_req.bytes_max);
	}
	return st;
}

/* Decode whatever it is and write it again.  *len is 0 when it was refused. */
enum status sample_rewrite(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap,
                           size_t *len)
{
	enum wire_kind kind;
	struct reader r;
	struct writer w;
	enum status st;

	*len = 0;
	reader_init(&r, in, in_len);
	writer_init(&w, out, cap);
	if ((st = wire_kind_read(&r, &kind)) != ST_OK)
		return st;
	if (kind == WIRE_PROPOSAL || kind == WIRE_BLOCK_RESP || kind == WIRE_SYNC_RESP)
		st = rewrite_blocks(kind, &r, &w);
	else if (kind == WIRE_VOTE || kind == WIRE_CERT || kind == WIRE_STATUS)
		st = rewrite_list(kind, &r, &w);
	else
		st = rewrite_request(kind, &r, &w);
	return st != ST_OK ? st : writer_end(&w, len);
}

/* One good message of each kind. */
size_t sample_message(const struct bench *b, enum wire_kind kind, uint8_t *out, size_t cap)
{
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, &b1, 2);
	struct certificate n = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x7);
	struct certificate f = bench_cert(b, VOTE_FINALIZE, 2, &b2, 0xb);
	struct vote v = bench_vote(VOTE_NULLIFY, 1, NULL, 2);
	struct writer w;
	size_t len = 0;

	writer_init(&w, out, cap);
	switch (kind) {
	case WIRE_PROPOSAL:
		wire_proposal_write(&w, &b2.header, b2.body, b2.body_len, v.sig);
		writer_u16(&w, 1);
		certificate_write(&w, &n);
		break;
	case WIRE_VOTE:
		wire_kind_write(&w, kind);
		writer_u8(&w, 2);
		vote_write(&w, &v);
		vote_write(&w, &v);
		break;
	case WIRE_CERT:
		wire_kind_write(&w, kind);
		writer_u8(&w, 2);
		certificate_write(&w, &n);
		certificate_write(&w, &f);
		break;
	case WIRE_STATUS:
		wire_status_write(&w, 7, 5);
		writer_u8(&w, 1);
		certificate_write(&w, &f);
		break;
	case WIRE_CERT_REQ:
		wire_cert_req_write(&w, 3, 900);
		break;
	case WIRE_BLOCK_REQ:
		wire_block_req_write(&w, b1.id);
		break;
	case WIRE_BLOCK_RESP:
		wire_block_resp_write(&w, &b1.header, b1.body, b1.body_len);
		break;
	case WIRE_SYNC_REQ:
		wire_sync_req_write(&w, 4, 100000);
		break;
	case WIRE_SYNC_RESP:
		wire_sync_write(&w, &f);
		writer_u16(&w, 2);
		wire_sync_block_write(&w, &b1.header, b1.body, b1.body_len, true);
		wire_sync_block_write(&w, &b2.header, NULL, 0, false);
		break;
	}
	return writer_end(&w, &len) == ST_OK ? len : 0;
}
