/*
 * receipt.c: see receipt.h.
 */
#include "common/ledger/receipt.h"

#include "crypto/mem.h"

#include <string.h>

static const char MAGIC[16] = "kalpis-receipt1\n";

void certified_head_write(struct writer *w, const struct certified_head *h)
{
	block_header_write(w, &h->header);
	certificate_write(w, &h->certificate);
}

enum status certified_head_read(struct reader *r, struct certified_head *out)
{
	enum status st = block_header_read(r, &out->header);

	return st != ST_OK ? st : certificate_read(r, &out->certificate);
}

enum status certified_head_check(const struct certified_head *h, const struct committee *c)
{
	uint8_t id[BLOCK_ID_BYTES];

	if (!mem_is_equal(h->header.election_id, c->election_id, sizeof(c->election_id)))
		return ST_ELECTION;
	block_id(id, &h->header);
	return certificate_finalizes(&h->certificate, h->header.view, id, c);
}

enum status receipt_encode(const struct receipt *r, uint8_t *out, size_t cap, size_t *len)
{
	struct writer w;

	writer_init(&w, out, cap);
	writer_bytes(&w, MAGIC, sizeof(MAGIC));
	writer_bytes(&w, r->election_id, sizeof(r->election_id));
	writer_bytes(&w, r->tracker, sizeof(r->tracker));
	writer_vec16(&w, r->witness, r->witness_len);
	writer_u32(&w, r->wire_len);
	writer_u64(&w, r->leaf);
	writer_u8(&w, (uint8_t)r->path_len);
	for (size_t i = 0; i < r->path_len; i++)
		writer_bytes(&w, r->path[i], MERKLE_HASH_BYTES);
	certified_head_write(&w, &r->head);
	return writer_end(&w, len);
}

static enum status read_path(struct reader *r, struct receipt *out)
{
	uint8_t count;
	enum status st;

	if ((st = reader_u8(r, &count)) != ST_OK ||
	    (st = limit_check(count, MERKLE_PATH_MAX)) != ST_OK)
		return st;
	out->path_len = count;
	for (size_t i = 0; i < count; i++)
		if ((st = reader_bytes(r, out->path[i], MERKLE_HASH_BYTES)) != ST_OK)
			return st;
	return ST_OK;
}

enum status receipt_decode(struct receipt *out, const void *bytes, size_t len)
{
	char magic[sizeof(MAGIC)];
	struct reader r;
	enum status st;

	reader_init(&r, bytes, len);
	if ((st = reader_bytes(&r, magic, sizeof(magic))) != ST_OK)
		return st;
	if (memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	if ((st = reader_bytes(&r, out->election_id, sizeof(out->election_id))) != ST_OK ||
	    (st = reader_bytes(&r, out->tracker, sizeof(out->tracker))) != ST_OK ||
	    (st = reader_vec16(&r, &out->witness, &out->witness_len,
	                       RECEIPT_WITNESS_MAX)) != ST_OK ||
	    (st = reader_u32(&r, &out->wire_len)) != ST_OK ||
	    (st = limit_check(out->wire_len, LIMIT_TX_BYTES)) != ST_OK ||
	    (st = reader_u64(&r, &out->leaf)) != ST_OK ||
	    (st = read_path(&r, out)) != ST_OK ||
	    (st = certified_head_read(&r, &out->head)) != ST_OK)
		return st;
	return reader_end(&r);
}

enum status receipt_check(const struct receipt *r, const struct committee *c)
{
	uint8_t id[TX_ID_BYTES], leaf[TX_LEAF_BYTES], hash[MERKLE_HASH_BYTES];
	enum status st;

	if (!mem_is_equal(r->election_id, c->election_id, sizeof(c->election_id)))
		return ST_ELECTION;
	if ((st = certified_head_check(&r->head, c)) != ST_OK)
		return st;
	tx_ballot_id(id, r->tracker, r->witness, r->witness_len);
	tx_leaf(leaf, TX_BALLOT, id, r->wire_len);
	merkle_leaf_hash(hash, leaf, sizeof(leaf));
	return merkle_inclusion_verify(r->head.header.log_root, r->head.header.log_size, r->leaf,
	                               hash, (const uint8_t (*)[MERKLE_HASH_BYTES])r->path,
	                               r->path_len);
}
