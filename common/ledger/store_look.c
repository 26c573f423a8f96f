/*
 * store_look.c: see store.h: looking at what is there.
 *
 * Invariant: a row is compared with the hashes it stands under before it is given out, and its
 * query is reset before a function returns.
 */
#include "common/ledger/store_impl.h"

#include "crypto/hash.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

/* A header and the id beside it, which must be its own. */
static enum status column_header(struct store *s, enum store_query q, struct block_header *out,
                                 uint8_t id[static BLOCK_ID_BYTES])
{
	uint8_t bytes[BLOCK_HEADER_BYTES], own[BLOCK_ID_BYTES];
	enum status st;

	if ((st = store_db_copy_bytes(s->db, q, 0, id, BLOCK_ID_BYTES)) != ST_OK ||
	    (st = store_db_copy_bytes(s->db, q, 1, bytes, sizeof(bytes))) != ST_OK)
		return st;
	if (block_header_decode(out, bytes, sizeof(bytes)) != ST_OK)
		return ST_HASH;
	block_id(own, out);
	return mem_is_equal(own, id, sizeof(own)) ? ST_OK : ST_HASH;
}

/* A certificate and the hash beside it: nobody else here notices a damaged signature. */
static enum status column_certificate(struct store *s, enum store_query q, int at,
                                      struct certificate *out)
{
	uint8_t want[HASH256_BYTES], have[HASH256_BYTES];
	size_t len;
	const uint8_t *p = store_db_bytes(s->db, q, at, &len);
	enum status st;

	if (p == NULL || certificate_decode(out, p, len) != ST_OK)
		return ST_HASH;
	hash256(have, p, len);
	if ((st = store_db_copy_bytes(s->db, q, at + 1, want, sizeof(want))) != ST_OK)
		return st;
	return mem_is_equal(have, want, sizeof(have)) ? ST_OK : ST_HASH;
}

/* --- looking ---------------------------------------------------------------------------------- */

enum status store_tip(struct store *s, struct block_header *out,
                      uint8_t id[static BLOCK_ID_BYTES])
{
	const enum store_query q = STORE_Q_TIP;
	enum status st;

	if ((st = store_db_next(s->db, q)) == ST_OK)
		st = column_header(s, q, out, id);
	store_db_reset(s->db, q);
	return st;
}

static enum status copy_body(struct store *s, enum store_query q, const struct block_header *h,
                             uint8_t **body, size_t *body_len)
{
	size_t len;
	const uint8_t *p = store_db_bytes(s->db, q, 6, &len);

	if (block_body_check(h, p, len) != ST_OK)
		return ST_HASH;
	*body = malloc(len + 1);
	if (*body == NULL)
		return ST_NO_MEMORY;
	if (len > 0)
		memcpy(*body, p, len);
	*body_len = len;
	return ST_OK;
}

/* The columns that people read say what the header says. */
static bool columns_agree(struct store *s, enum store_query q, const struct block_header *h)
{
	return store_db_u64(s->db, q, 2) == h->view && store_db_u64(s->db, q, 3) == h->time_min &&
	       store_db_u64(s->db, q, 4) == h->n_items && store_db_u64(s->db, q, 5) == h->log_size;
}

enum status store_block(struct store *s, uint64_t height, struct block_header *out,
                        uint8_t **body, size_t *body_len)
{
	const enum store_query q = body == NULL ? STORE_Q_HEADER : STORE_Q_BLOCK;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if (body != NULL)
		*body = NULL;
	store_db_bind_u64(s->db, q, 1, height);
	if ((st = store_db_next(s->db, q)) == ST_OK && (st = column_header(s, q, out, id)) == ST_OK &&
	    (out->height != height || !columns_agree(s, q, out)))
		st = ST_HASH;
	if (st == ST_OK && body != NULL)
		st = copy_body(s, q, out, body, body_len);
	store_db_reset(s->db, q);
	return st;
}

enum status store_id_of(struct store *s, uint8_t id[static BLOCK_ID_BYTES], uint64_t height)
{
	struct block_header h;
	enum status st = store_block(s, height, &h, NULL, NULL);

	if (st == ST_OK)
		block_id(id, &h);
	return st;
}

enum status store_height_of(struct store *s, uint64_t *height,
                            const uint8_t id[static BLOCK_ID_BYTES])
{
	const enum store_query q = STORE_Q_HEIGHT;
	enum status st;

	store_db_bind_bytes(s->db, q, 1, id, BLOCK_ID_BYTES);
	if ((st = store_db_next(s->db, q)) == ST_OK)
		*height = store_db_u64(s->db, q, 0);
	store_db_reset(s->db, q);
	return st;
}

static enum status certified(struct store *s, enum store_query which, struct certified_head *out,
                             uint64_t from, uint64_t to)
{
	const enum store_query q = which;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	store_db_bind_u64(s->db, q, 1, from);
	store_db_bind_u64(s->db, q, 2, to);
	if ((st = store_db_next(s->db, q)) == ST_OK &&
	    (st = column_header(s, q, &out->header, id)) == ST_OK &&
	    (st = column_certificate(s, q, 2, &out->certificate)) == ST_OK &&
	    (out->certificate.type != VOTE_FINALIZE ||
	     !mem_is_equal(out->certificate.block, id, sizeof(id))))
		st = ST_HASH;
	store_db_reset(s->db, q);
	return st;
}

enum status store_certificate_for(struct store *s, struct certified_head *out, uint64_t height)
{
	return certified(s, STORE_Q_CERTIFIED_UP, out, height, INT64_MAX);
}

enum status store_certified(struct store *s, struct certified_head *out, uint64_t from,
                            uint64_t to)
{
	return certified(s, STORE_Q_CERTIFIED_DOWN, out, from, to);
}

static enum status one_certificate(struct store *s, enum store_query which,
                                   struct certificate *out, uint64_t type, uint64_t view)
{
	const enum store_query q = which;
	enum status st;

	store_db_bind_u64(s->db, q, 1, view);
	store_db_bind_u64(s->db, q, 2, type);
	if ((st = store_db_next(s->db, q)) == ST_OK)
		st = column_certificate(s, q, 0, out);
	store_db_reset(s->db, q);
	return st;
}

enum status store_certificate(struct store *s, struct certificate *out, enum vote_type type,
                              uint64_t view)
{
	enum status st = one_certificate(s, STORE_Q_CERTIFICATE, out, (uint64_t)type, view);

	return st == ST_OK && (out->type != type || out->view != view) ? ST_HASH : st;
}

enum status store_certificate_next(struct store *s, struct certificate *out, unsigned int type,
                                   uint64_t view)
{
	return one_certificate(s, STORE_Q_CERTIFICATE_NEXT, out, type, view);
}

enum status store_cosignature(struct store *s, struct cosignature *out, enum cosigned_head head,
                              uint8_t node)
{
	const enum store_query q = STORE_Q_COSIGNATURE;
	uint8_t bytes[COSIGNATURE_BYTES], hash[HASH256_BYTES], own[HASH256_BYTES];
	struct reader r;
	enum status st;

	store_db_bind_u64(s->db, q, 1, (uint64_t)head);
	store_db_bind_u64(s->db, q, 2, node);
	if ((st = store_db_next(s->db, q)) == ST_OK &&
	    (st = store_db_copy_bytes(s->db, q, 0, bytes, sizeof(bytes))) == ST_OK)
		st = store_db_copy_bytes(s->db, q, 1, hash, sizeof(hash));
	store_db_reset(s->db, q);
	if (st != ST_OK)
		return st;
	hash256(own, bytes, sizeof(bytes));
	reader_init(&r, bytes, sizeof(bytes));
	if (!mem_is_equal(own, hash, sizeof(own)) || cosignature_read(&r, out) != ST_OK ||
	    reader_end(&r) != ST_OK || out->head != head || out->node != node)
		return ST_HASH;
	return ST_OK;
}

enum status store_genesis_sigs(struct store *s, uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES],
                               size_t *count)
{
	const enum store_query q = STORE_Q_SIGS;
	enum status st;

	*count = 0;
	while ((st = store_db_next(s->db, q)) == ST_OK && *count < LIMIT_TRUSTEES &&
	       (st = store_db_copy_bytes(s->db, q, 0, sigs[*count], sizeof(sigs[0]))) == ST_OK)
		(*count)++;
	store_db_reset(s->db, q);
	if (st == ST_OK)
		return ST_LIMIT;
	return st == ST_NOT_FOUND && *count > 0 ? ST_OK : st;
}

/* --- items ------------------------------------------------------------------------------------ */

static enum status column_place(struct store *s, enum store_query q, struct store_place *out)
{
	uint64_t offset = store_db_u64(s->db, q, 2), len = store_db_u64(s->db, q, 3);
	uint64_t type = store_db_u64(s->db, q, 4);
	enum status st;

	if (len > LIMIT_TX_BYTES || offset > BLOCK_BODY_BYTES_MAX || type > UINT8_MAX)
		return ST_HASH;
	*out = (struct store_place){
		.leaf = store_db_u64(s->db, q, 0), .height = store_db_u64(s->db, q, 1),
		.offset = (uint32_t)offset, .wire_len = (uint32_t)len,
		.type = (enum tx_type)type, .has_tracker = !store_db_is_null(s->db, q, 6),
	};
	st = store_db_copy_bytes(s->db, q, 5, out->id, sizeof(out->id));
	if (st == ST_OK && out->has_tracker)
		st = store_db_copy_bytes(s->db, q, 6, out->tracker, sizeof(out->tracker));
	return st;
}

enum status store_item_by_leaf(struct store *s, struct store_place *out, uint64_t leaf)
{
	const enum store_query q = STORE_Q_ITEM_LEAF;
	enum status st;

	store_db_bind_u64(s->db, q, 1, leaf);
	if ((st = store_db_next(s->db, q)) == ST_OK)
		st = column_place(s, q, out);
	store_db_reset(s->db, q);
	return st;
}

enum status store_item_by_prefix(struct store *s, struct store_place *out,
                                 const uint8_t prefix[static STORE_PREFIX_BYTES])
{
	const enum store_query q = STORE_Q_ITEM_PREFIX;
	enum status st;

	store_db_bind_bytes(s->db, q, 1, prefix, STORE_PREFIX_BYTES);
	if ((st = store_db_next(s->db, q)) == ST_OK)
		st = column_place(s, q, out);
	store_db_reset(s->db, q);
	return st;
}

enum status store_item_wire(struct store *s, uint8_t **wire, const struct store_place *p)
{
	enum status st;

	*wire = malloc(p->wire_len + (size_t)1);
	if (*wire == NULL)
		return ST_NO_MEMORY;
	st = store_db_body_part(s->db, p->height, *wire, p->offset, p->wire_len);
	if (st != ST_OK) {
		free(*wire);
		*wire = NULL;
	}
	return st;
}

/* --- the log ---------------------------------------------------------------------------------- */

static enum status subtree_get(void *ctx, uint8_t out[static MERKLE_HASH_BYTES],
                               unsigned int level, uint64_t index)
{
	struct store *s = ctx;
	const enum store_query q = STORE_Q_SUBTREE;
	enum status st;

	store_db_bind_u64(s->db, q, 1, level);
	store_db_bind_u64(s->db, q, 2, index);
	if ((st = store_db_next(s->db, q)) == ST_OK)
		st = store_db_copy_bytes(s->db, q, 0, out, MERKLE_HASH_BYTES);
	store_db_reset(s->db, q);
	return st;
}

struct merkle_source store_merkle_source(struct store *s)
{
	return (struct merkle_source){ .get = subtree_get, .ctx = s };
}
