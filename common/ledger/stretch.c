/*
 * stretch.c: see stretch.h.
 */
#include "common/ledger/stretch.h"

#include <string.h>

struct reader stretch_begin(const struct stretch *s)
{
	struct reader r;

	reader_init(&r, s->bytes, s->len);
	return r;
}

enum status stretch_next(struct reader *at, struct block_header *h, const uint8_t **body,
                         size_t *body_len)
{
	const uint8_t *bytes;
	struct reader one;
	size_t len;
	enum status st;

	if (reader_left(at) == 0)
		return ST_NOT_FOUND;
	if ((st = reader_vec32(at, &bytes, &len,
	                       BLOCK_HEADER_BYTES + BLOCK_BODY_BYTES_MAX)) != ST_OK)
		return st;
	reader_init(&one, bytes, len);
	if ((st = block_header_read(&one, h)) != ST_OK)
		return st;
	*body = bytes + one.pos;
	*body_len = len - one.pos;
	return ST_OK;
}

/* Where the blocks end; their heights. */
static enum status find_end(struct reader *r, uint64_t from, uint32_t blocks)
{
	struct block_header h;
	const uint8_t *body;
	size_t len;
	enum status st;

	for (uint32_t i = 0; i < blocks; i++) {
		if ((st = stretch_next(r, &h, &body, &len)) != ST_OK)
			return st == ST_NOT_FOUND ? ST_FORMAT : st;
		if (h.height != from + i)
			return ST_PARENT;
	}
	return ST_OK;
}

enum status stretch_open(struct stretch *out, const struct message_response *r, uint64_t from,
                         const struct committee *c)
{
	struct reader at;
	enum status st;

	*out = (struct stretch){ .first = from, .blocks = r->blocks, .bytes = r->bytes };
	if (r->kind != MESSAGE_BLOCKS || r->answer != ANSWER_OK)
		return ST_FORMAT;
	if (r->blocks == 0)
		return ST_NOT_FOUND;
	if (from > UINT64_MAX - r->blocks)
		return ST_LIMIT;
	reader_init(&at, r->bytes, r->bytes_len);
	if ((st = find_end(&at, from, r->blocks)) != ST_OK)
		return st;
	out->len = at.pos;
	if ((st = certified_head_read(&at, &out->head)) != ST_OK ||
	    (st = reader_end(&at)) != ST_OK ||
	    (st = certified_head_check(&out->head, c)) != ST_OK)
		return st;
	return out->head.header.height < from + r->blocks - 1 ? ST_CERTIFICATE : ST_OK;
}

/* The head against the last block, where it says something of that. */
static enum status check_head(const struct stretch *s, const uint8_t id[static BLOCK_ID_BYTES])
{
	const struct block_header *head = &s->head.header;
	uint64_t last = s->first + s->blocks - 1;
	uint8_t head_id[BLOCK_ID_BYTES];

	block_id(head_id, head);
	if (head->height == last && memcmp(head_id, id, sizeof(head_id)) != 0)
		return ST_HASH;
	if (head->height == last + 1 && memcmp(head->parent, id, sizeof(head_id)) != 0)
		return ST_PARENT;
	return ST_OK;
}

enum status stretch_check(const struct stretch *s)
{
	struct reader at = stretch_begin(s);
	uint8_t id[BLOCK_ID_BYTES], hash[BLOCK_HASH_BYTES];
	struct block_header h;
	const uint8_t *body;
	size_t len;
	enum status st;

	for (uint32_t i = 0; i < s->blocks; i++) {
		if ((st = stretch_next(&at, &h, &body, &len)) != ST_OK)
			return st;
		if (i > 0 && memcmp(h.parent, id, sizeof(id)) != 0)
			return ST_PARENT;
		block_body_hash(hash, body, len);
		if (memcmp(hash, h.body_hash, sizeof(hash)) != 0)
			return ST_HASH;
		block_id(id, &h);
	}
	return check_head(s, id);
}

bool stretch_is_certified(const struct stretch *s)
{
	return s->head.header.height <= s->first + s->blocks;
}
