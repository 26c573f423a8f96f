/*
 * block.c: see block.h.
 *
 * Invariant: block_header_write and block_header_read list the same fields in the same order.
 */
#include "common/ledger/block.h"

#include "crypto/hash.h"

#include <assert.h>
#include <string.h>

void block_header_write(struct writer *w, const struct block_header *h)
{
	writer_u16(w, h->version);
	writer_bytes(w, h->election_id, sizeof(h->election_id));
	writer_u64(w, h->height);
	writer_u64(w, h->view);
	writer_u64(w, h->parent_view);
	writer_bytes(w, h->parent, sizeof(h->parent));
	writer_u8(w, h->proposer);
	writer_u32(w, h->time_min);
	writer_u32(w, h->n_items);
	writer_u32(w, h->body_len);
	writer_bytes(w, h->body_hash, sizeof(h->body_hash));
	writer_u64(w, h->log_size);
	writer_bytes(w, h->log_root, sizeof(h->log_root));
	writer_bytes(w, h->state_hash, sizeof(h->state_hash));
}

enum status block_header_read(struct reader *r, struct block_header *out)
{
	struct reader at = *r;
	struct block_header h;
	enum status st;

	memset(&h, 0, sizeof(h));
	if ((st = reader_u16(&at, &h.version)) != ST_OK ||
	    (st = reader_bytes(&at, h.election_id, sizeof(h.election_id))) != ST_OK ||
	    (st = reader_u64(&at, &h.height)) != ST_OK ||
	    (st = reader_u64(&at, &h.view)) != ST_OK ||
	    (st = reader_u64(&at, &h.parent_view)) != ST_OK ||
	    (st = reader_bytes(&at, h.parent, sizeof(h.parent))) != ST_OK ||
	    (st = reader_u8(&at, &h.proposer)) != ST_OK ||
	    (st = reader_u32(&at, &h.time_min)) != ST_OK ||
	    (st = reader_u32(&at, &h.n_items)) != ST_OK ||
	    (st = reader_u32(&at, &h.body_len)) != ST_OK ||
	    (st = reader_bytes(&at, h.body_hash, sizeof(h.body_hash))) != ST_OK ||
	    (st = reader_u64(&at, &h.log_size)) != ST_OK ||
	    (st = reader_bytes(&at, h.log_root, sizeof(h.log_root))) != ST_OK ||
	    (st = reader_bytes(&at, h.state_hash, sizeof(h.state_hash))) != ST_OK)
		return st;
	if (h.version != BLOCK_VERSION)
		return ST_FORMAT;
	assert(at.pos - r->pos == BLOCK_HEADER_BYTES);
	*out = h;
	*r = at;
	return ST_OK;
}

void block_header_encode(uint8_t out[static BLOCK_HEADER_BYTES], const struct block_header *h)
{
	struct writer w;
	enum status st;
	size_t len = 0;

	writer_init(&w, out, BLOCK_HEADER_BYTES);
	block_header_write(&w, h);
	st = writer_end(&w, &len);
	assert(st == ST_OK && len == BLOCK_HEADER_BYTES);
	(void)st;
}

enum status block_header_decode(struct block_header *out, const void *buf, size_t len)
{
	struct reader r;

	if (len != BLOCK_HEADER_BYTES)
		return ST_FORMAT;
	reader_init(&r, buf, len);
	return block_header_read(&r, out);
}

void block_id(uint8_t id[static BLOCK_ID_BYTES], const struct block_header *h)
{
	uint8_t bytes[BLOCK_HEADER_BYTES];
	struct hash hash;

	block_header_encode(bytes, h);
	hash256_purpose(&hash, "block");
	hash_field(&hash, bytes, sizeof(bytes));
	hash256_final(&hash, id);
}

void block_body_hash(uint8_t out[static BLOCK_HASH_BYTES], const void *body, size_t len)
{
	struct hash hash;

	hash256_purpose(&hash, "body");
	hash_field(&hash, body, len);
	hash256_final(&hash, out);
}

enum status block_item_next(struct reader *body, const uint8_t **item, size_t *item_len)
{
	struct reader at = *body;
	enum status st;
	size_t len = 0;

	if (reader_left(body) == 0)
		return ST_NOT_FOUND;
	if ((st = reader_vec32(&at, item, &len, LIMIT_TX_BYTES)) != ST_OK)
		return st;
	if (len == 0)
		return ST_FORMAT;
	*item_len = len;
	*body = at;
	return ST_OK;
}

void block_item_write(struct writer *body, const void *item, size_t item_len)
{
	writer_vec32(body, item, item_len);
}

enum status block_body_check(const struct block_header *h, const void *body, size_t len)
{
	uint8_t hash[BLOCK_HASH_BYTES];
	const uint8_t *item;
	struct reader r;
	size_t item_len;
	enum status st;
	uint32_t count = 0;

	if ((st = limit_check(h->n_items, LIMIT_BLOCK_ITEMS)) != ST_OK ||
	    (st = limit_check(len, h->n_items > 1 ? (size_t)LIMIT_BLOCK_BYTES
	                                          : (size_t)BLOCK_BODY_BYTES_MAX)) != ST_OK)
		return st;
	if (len != h->body_len)
		return ST_FORMAT;
	reader_init(&r, body, len);
	while ((st = block_item_next(&r, &item, &item_len)) == ST_OK)
		count++;
	if (st != ST_NOT_FOUND)
		return st;
	if (count != h->n_items)
		return ST_FORMAT;
	block_body_hash(hash, body, len);
	return memcmp(hash, h->body_hash, sizeof(hash)) == 0 ? ST_OK : ST_HASH;
}

enum status block_follows(const struct block_header *child, const struct block_header *parent,
                          const uint8_t parent_id[static BLOCK_ID_BYTES])
{
	if (memcmp(child->election_id, parent->election_id, sizeof(child->election_id)) != 0)
		return ST_ELECTION;
	if (child->height == 0 || child->height - 1 != parent->height ||
	    child->view <= parent->view || child->parent_view != parent->view ||
	    memcmp(child->parent, parent_id, BLOCK_ID_BYTES) != 0 ||
	    child->log_size < parent->log_size ||
	    child->log_size - parent->log_size != child->n_items)
		return ST_PARENT;
	return child->time_min >= parent->time_min ? ST_OK : ST_TIME;
}
