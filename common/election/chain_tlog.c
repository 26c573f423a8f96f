/*
 * chain_tlog.c: see chain_store.h: the log of a store as tiles.
 */
#include "common/election/chain_store.h"

#include "common/ledger/tlog.h"

#include <stdlib.h>
#include <string.h>

enum status chain_store_manifest(struct store *s, struct manifest **m)
{
	struct block_header h;
	uint8_t *body = NULL;
	size_t body_len, len;
	const uint8_t *item;
	struct reader r;
	struct tx tx;
	enum status st;

	if ((st = store_block(s, 0, &h, &body, &body_len)) != ST_OK)
		return st;
	reader_init(&r, body, body_len);
	if ((st = block_item_next(&r, &item, &len)) == ST_OK &&
	    (st = tx_decode(&tx, item, len)) == ST_OK)
		st = manifest_load(m, NULL, tx.payload, tx.payload_len);
	free(body);
	return st == ST_NOT_FOUND ? ST_FORMAT : st;
}

static enum status entry_of(void *ctx, uint8_t out[static TX_LEAF_BYTES], uint64_t leaf)
{
	struct store_place p;
	enum status st = store_item_by_leaf(ctx, &p, leaf);

	if (st == ST_OK)
		tx_leaf(out, p.type, p.id, p.wire_len);
	return st;
}

/* What nodes vouch for under one head. */
static size_t collect(struct store *s, const struct manifest *m, enum cosigned_head head,
                      struct cosignature list[static LIMIT_TRUSTEES],
                      uint8_t (*keys)[SIGN_KEY_BYTES])
{
	size_t count = 0;

	for (uint8_t i = 0; i < m->trustees_len; i++)
		if (store_cosignature(s, &list[count], head, i) == ST_OK)
			memcpy(keys[count++], m->trustees[i].checkpoint_key, SIGN_KEY_BYTES);
	return count;
}

enum status chain_store_note(struct store *s, const struct manifest *m, char *out, size_t *len,
                             uint64_t *size)
{
	struct cosignature list[LIMIT_TRUSTEES];
	uint8_t keys[LIMIT_TRUSTEES][SIGN_KEY_BYTES];
	enum cosigned_head head = COSIGNED_RESULT;
	struct checkpoint c;
	size_t count = collect(s, m, head, list, keys);
	enum status st;

	if (count == 0) {
		head = COSIGNED_END;
		count = collect(s, m, head, list, keys);
	}
	if (count == 0)
		return ST_NOT_FOUND;
	if ((st = chain_store_checkpoint(s, &c, m, head, list[0].size)) != ST_OK)
		return st;
	*len = tlog_note(out, &c, list, (const uint8_t (*)[SIGN_KEY_BYTES])keys, count);
	*size = c.size;
	return ST_OK;
}

enum status chain_store_tlog(struct store *s, const struct manifest *m, const char *folder)
{
	struct tlog_source source = {
		.hashes = store_merkle_source(s), .entry = entry_of, .ctx = s,
	};
	char *note = malloc(TLOG_NOTE_MAX);
	size_t len;
	enum status st = ST_NO_MEMORY;

	if (note != NULL && (st = chain_store_note(s, m, note, &len, &source.size)) == ST_OK)
		st = tlog_write(folder, &source, note, len);
	free(note);
	return st;
}
