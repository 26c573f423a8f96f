/*
 * store.c: see store.h: opening, and what is put.
 *
 * Invariant: between begin and settle a failure leaves nothing behind.
 */
#include "common/ledger/store_impl.h"

#include "common/base/file.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

enum status store_integrity(struct store *s)
{
	return store_db_integrity(s->db);
}

const char *store_message(const struct store *s)
{
	return s == NULL ? "out of memory" : store_db_message(s->db);
}

/* --- where the chain stands ------------------------------------------------------------------- */

/* The peaks of the log after the tip, which must give the root in the tip's header. */
static enum status load_log(struct store *s, struct store_standing *now)
{
	uint8_t root[MERKLE_HASH_BYTES];
	const struct merkle_source log = store_merkle_source(s);
	uint64_t size = now->tip.log_size;
	enum status st;

	if (size > UINT64_C(1) << MERKLE_DEPTH_MAX)
		return ST_HASH;
	now->log.size = size;
	for (unsigned int k = 0; k <= MERKLE_DEPTH_MAX; k++) {
		if ((size >> k & 1) == 0)
			continue;
		st = log.get(log.ctx, now->log.peak[k], k, (size >> k) - 1);
		if (st != ST_OK)
			return st == ST_NOT_FOUND ? ST_HASH : st;
	}
	merkle_frontier_root(&now->log, root);
	return mem_is_equal(root, now->tip.log_root, sizeof(root)) ? ST_OK : ST_HASH;
}

/* Read tip and log unless they are known and still the newest. */
static enum status look_again(struct store *s)
{
	struct store_standing now = { .known = true, .has_tip = true };
	enum status st = store_tip(s, &now.tip, now.tip_id);

	if (st == ST_NOT_FOUND)
		now.has_tip = false;
	else if (st != ST_OK)
		return st;
	if (s->now.known && s->now.has_tip == now.has_tip &&
	    mem_is_equal(s->now.tip_id, now.tip_id, sizeof(now.tip_id)))
		return ST_OK;
	merkle_frontier_init(&now.log);
	if (now.has_tip && (st = load_log(s, &now)) != ST_OK)
		return st;
	s->now = now;
	return ST_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void explain(struct fault *fault, const struct store *s, const char *path, enum status st)
{
	(void)fault_set(fault, st, "the store %s cannot be opened (%s)", path, store_message(s));
	if (st == ST_FORMAT)
		fault_why(fault, "it is no store of Kalpis, or its tables or guards were altered");
	if (st == ST_HASH)
		fault_why(fault, "its newest block is damaged");
	if (st == ST_FORMAT || st == ST_HASH)
		fault_next(fault, "keep the file for inspection and copy the chain from another node");
	if (st == ST_DENIED)
		fault_next(fault, "check who may read and write the file and its folder");
	if (st == ST_AGAIN)
		fault_next(fault, "another program holds it; wait, and look for a second node");
}

enum status store_open(struct store **out, const char *path, enum store_access access,
                       struct fault *fault)
{
	struct store *s = NULL;
	enum status st;

	*out = NULL;
	if (access == STORE_READ && !file_is_there(path)) {
		st = fault_set(fault, ST_NOT_FOUND, "there is no store at %s", path);
		fault_next(fault, "check the path; a node makes its store when it first starts");
		return st;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return fault_set(fault, ST_NO_MEMORY, "not enough memory to open %s", path);
	s->access = access;
	st = store_db_open(&s->db, path, access == STORE_WRITE);
	if (st == ST_OK)
		st = look_again(s);
	if (st == ST_OK) {
		*out = s;
		return ST_OK;
	}
	explain(fault, s, path, st);
	store_close(s);
	return st;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_db_close(s->db);
	free(s);
}

/* --- transactions ----------------------------------------------------------------------------- */

/* SQLite gives up a whole transaction on some failures (a full disk); a batch is then gone. */
static bool batch_is_lost(const struct store *s)
{
	return s->in_batch && !store_db_is_in_transaction(s->db);
}

static enum status settle(struct store *s, enum status st);

/* From here on settle must follow, unless this fails. */
static enum status begin(struct store *s)
{
	enum status st;

	if (s->access != STORE_WRITE)
		return ST_DENIED;
	if (batch_is_lost(s))
		return ST_IO;
	if ((st = store_db_run(s->db, s->in_batch ? "SAVEPOINT put" : "BEGIN IMMEDIATE")) != ST_OK)
		return st;
	st = look_again(s);
	return st == ST_OK ? ST_OK : settle(s, st);
}

/* Keep what was put since begin, or undo it; st is what came of it. */
static enum status settle(struct store *s, enum status st)
{
	if (st == ST_OK)
		st = store_db_run(s->db, s->in_batch ? "RELEASE put" : "COMMIT");
	if (st == ST_OK)
		return ST_OK;
	if (store_db_is_in_transaction(s->db))
		store_db_undo(s->db, s->in_batch ? "ROLLBACK TO put; RELEASE put" : "ROLLBACK");
	s->now.known = false;
	return st;
}

enum status store_begin(struct store *s)
{
	enum status st;

	if (s->in_batch)
		return ST_INTERNAL;
	if ((st = begin(s)) == ST_OK)
		s->in_batch = true;
	return st;
}

enum status store_commit(struct store *s)
{
	enum status st = ST_IO;

	if (!s->in_batch)
		return ST_INTERNAL;
	if (!batch_is_lost(s))
		st = store_db_run(s->db, "COMMIT");
	if (st != ST_OK)
		store_rollback(s);
	s->in_batch = false;
	return st;
}

void store_rollback(struct store *s)
{
	if (s->in_batch && store_db_is_in_transaction(s->db))
		store_db_undo(s->db, "ROLLBACK");
	s->in_batch = false;
	s->now.known = false;
}

/* --- putting blocks --------------------------------------------------------------------------- */

/* Is this what header, body and items together can be?  Nothing of the store is looked at. */
static enum status check_put(const struct store_put *put)
{
	const struct block_header *h = put->header;
	uint8_t id[BLOCK_ID_BYTES];
	struct reader r;
	enum status st;

	if (h->height > INT64_MAX || h->view > INT64_MAX || h->log_size > INT64_MAX)
		return ST_LIMIT;
	if ((st = block_body_check(h, put->body, put->body_len)) != ST_OK)
		return st;
	if (put->items_len != h->n_items)
		return ST_FORMAT;
	reader_init(&r, put->body, put->body_len);
	for (size_t i = 0; i < put->items_len; i++) {
		const struct store_item *item = &put->items[i];
		const uint8_t *wire;
		size_t len;

		if ((st = block_item_next(&r, &wire, &len)) != ST_OK)
			return st;
		if (len != item->wire_len || wire[0] != (uint8_t)item->type ||
		    (item->tracker != NULL) !=
		    (item->type == TX_BALLOT || item->type == TX_TEST))
			return ST_FORMAT;
	}
	block_id(id, h);
	if (put->certificate != NULL &&
	    (put->certificate->type != VOTE_FINALIZE || put->certificate->view != h->view ||
	     !mem_is_equal(put->certificate->block, id, sizeof(id))))
		return ST_CERTIFICATE;
	return ST_OK;
}

static enum status check_place(const struct store_standing *now, const struct block_header *h)
{
	if (now->has_tip)
		return h->height == now->tip.height + 1 ? block_follows(h, &now->tip, now->tip_id) :
		       ST_PARENT;
	return h->height == 0 ? ST_OK : ST_PARENT;
}

static enum status put_subtree(struct store *s, unsigned int level, uint64_t number,
                               const uint8_t hash[static MERKLE_HASH_BYTES])
{
	const enum store_query q = STORE_Q_PUT_SUBTREE;

	store_db_bind_u64(s->db, q, 1, level);
	store_db_bind_u64(s->db, q, 2, number);
	store_db_bind_bytes(s->db, q, 3, hash, MERKLE_HASH_BYTES);
	return store_db_finish(s->db, q);
}

/* A leaf completes one subtree for each one bit at the end of its index, besides itself. */
static enum status put_leaf(struct store *s, struct merkle_frontier *log,
                            const struct store_item *item)
{
	uint8_t leaf[TX_LEAF_BYTES], first[MERKLE_HASH_BYTES], hash[MERKLE_HASH_BYTES];
	unsigned int k = 0;
	enum status st;

	tx_leaf(leaf, item->type, item->id, item->wire_len);
	merkle_leaf_hash(first, leaf, sizeof(leaf));
	memcpy(hash, first, sizeof(hash));
	if ((st = put_subtree(s, 0, log->size, hash)) != ST_OK)
		return st;
	for (; (log->size >> k & 1) != 0; k++) {
		merkle_node_hash(hash, log->peak[k], hash);
		if ((st = put_subtree(s, k + 1, log->size >> (k + 1), hash)) != ST_OK)
			return st;
	}
	return merkle_frontier_append(log, first);
}

static enum status put_item(struct store *s, const struct store_item *item, uint64_t leaf,
                            uint64_t height, size_t offset)
{
	const enum store_query q = STORE_Q_PUT_ITEM;
	struct store_place taken;

	if (item->tracker != NULL) {
		enum status st = store_item_by_prefix(s, &taken, item->tracker);

		if (st != ST_NOT_FOUND)
			return st == ST_OK ? ST_TRACKER : st;
	}
	store_db_bind_u64(s->db, q, 1, leaf);
	store_db_bind_u64(s->db, q, 2, height);
	store_db_bind_u64(s->db, q, 3, offset);
	store_db_bind_u64(s->db, q, 4, item->wire_len);
	store_db_bind_u64(s->db, q, 5, (uint64_t)item->type);
	store_db_bind_bytes(s->db, q, 6, item->id, sizeof(item->id));
	if (item->tracker != NULL)
		store_db_bind_bytes(s->db, q, 7, item->tracker, TX_HASH_BYTES);
	return store_db_finish(s->db, q);
}

static enum status put_items(struct store *s, const struct store_put *put,
                             struct merkle_frontier *log)
{
	const struct block_header *h = put->header;
	uint8_t root[MERKLE_HASH_BYTES];
	size_t offset = 0;
	enum status st;

	for (size_t i = 0; i < put->items_len; i++) {
		offset += 4;
		if ((st = put_item(s, &put->items[i], log->size, h->height, offset)) != ST_OK ||
		    (st = put_leaf(s, log, &put->items[i])) != ST_OK)
			return st;
		offset += put->items[i].wire_len;
	}
	merkle_frontier_root(log, root);
	return log->size == h->log_size && mem_is_equal(root, h->log_root, sizeof(root)) ? ST_OK :
	       ST_HASH;
}

static enum status put_header(struct store *s, const struct store_put *put,
                              const uint8_t id[static BLOCK_ID_BYTES])
{
	const enum store_query q = STORE_Q_PUT_BLOCK;
	uint8_t header[BLOCK_HEADER_BYTES];

	block_header_encode(header, put->header);
	store_db_bind_u64(s->db, q, 1, put->header->height);
	store_db_bind_u64(s->db, q, 2, put->header->view);
	store_db_bind_u64(s->db, q, 3, put->header->time_min);
	store_db_bind_u64(s->db, q, 4, put->header->n_items);
	store_db_bind_u64(s->db, q, 5, put->header->log_size);
	store_db_bind_bytes(s->db, q, 6, id, BLOCK_ID_BYTES);
	store_db_bind_bytes(s->db, q, 7, header, sizeof(header));
	store_db_bind_bytes(s->db, q, 8, put->body, put->body_len);
	return store_db_finish(s->db, q);
}

/* docs/consensus.md: honest nodes never make both an F and a U of one view. */
static enum status check_exclusion(struct store *s, const struct certificate *c)
{
	struct certificate there;
	enum status st = ST_NOT_FOUND;

	if (c->type == VOTE_NULLIFY)
		st = store_certificate(s, &there, VOTE_FINALIZE, c->view);
	if (c->type == VOTE_FINALIZE)
		st = store_certificate(s, &there, VOTE_NULLIFY, c->view);
	return st == ST_NOT_FOUND ? ST_OK : st == ST_OK ? ST_FORK : st;
}

/* height is that of the block; ignored for U. */
static enum status put_certificate(struct store *s, const struct certificate *c, uint64_t height)
{
	const enum store_query q = STORE_Q_PUT_CERTIFICATE;
	uint8_t bytes[CERTIFICATE_BYTES_MAX], hash[HASH256_BYTES];
	struct certificate there;
	struct writer w;
	size_t len;
	enum status st = store_certificate(s, &there, c->type, c->view);

	if (st != ST_NOT_FOUND)
		return st;
	if ((st = check_exclusion(s, c)) != ST_OK)
		return st;
	writer_init(&w, bytes, sizeof(bytes));
	certificate_write(&w, c);
	if ((st = writer_end(&w, &len)) != ST_OK ||
	    (st = certificate_decode(&there, bytes, len)) != ST_OK)
		return st;
	store_db_bind_u64(s->db, q, 1, c->view);
	store_db_bind_u64(s->db, q, 2, (uint64_t)c->type);
	if (c->type != VOTE_NULLIFY)
		store_db_bind_u64(s->db, q, 3, height);
	hash256(hash, bytes, len);
	store_db_bind_bytes(s->db, q, 4, bytes, len);
	store_db_bind_bytes(s->db, q, 5, hash, sizeof(hash));
	return store_db_finish(s->db, q);
}

enum status store_put_block(struct store *s, const struct store_put *put)
{
	struct store_standing next;
	enum status st;

	if ((st = check_put(put)) != ST_OK || (st = begin(s)) != ST_OK)
		return st;
	next = s->now;
	next.has_tip = true;
	next.tip = *put->header;
	block_id(next.tip_id, put->header);
	if ((st = check_place(&s->now, put->header)) == ST_OK &&
	    (st = put_items(s, put, &next.log)) == ST_OK &&
	    (st = put_header(s, put, next.tip_id)) == ST_OK && put->certificate != NULL)
		st = put_certificate(s, put->certificate, put->header->height);
	if ((st = settle(s, st)) == ST_OK)
		s->now = next;
	return st;
}

/* --- putting the rest ------------------------------------------------------------------------- */

/* The block that a certificate is of. */
static enum status certificate_place(struct store *s, const struct certificate *c,
                                     uint64_t *height)
{
	struct block_header h;
	enum status st;

	*height = 0;
	if (c->view > INT64_MAX)
		return ST_LIMIT;
	if (c->type == VOTE_NULLIFY)
		return ST_OK;
	if ((st = store_height_of(s, height, c->block)) != ST_OK ||
	    (st = store_block(s, *height, &h, NULL, NULL)) != ST_OK)
		return st;
	return h.view == c->view ? ST_OK : ST_CERTIFICATE;
}

enum status store_put_certificate(struct store *s, const struct certificate *c)
{
	uint64_t height;
	enum status st = begin(s);

	if (st != ST_OK)
		return st;
	if ((st = certificate_place(s, c, &height)) == ST_OK)
		st = put_certificate(s, c, height);
	return settle(s, st);
}

static enum status put_sigs(struct store *s, const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES],
                            size_t count)
{
	uint8_t there[LIMIT_TRUSTEES][STORE_GENESIS_SIG_BYTES];
	const enum store_query q = STORE_Q_PUT_SIG;
	size_t have;
	enum status st = store_genesis_sigs(s, there, &have);

	if (st == ST_OK)
		return have == count && memcmp(there, sigs, count * sizeof(sigs[0])) == 0 ?
		       ST_OK : ST_EXISTS;
	if (st != ST_NOT_FOUND)
		return st;
	for (size_t i = 0; i < count; i++) {
		store_db_bind_u64(s->db, q, 1, i + 1);
		store_db_bind_bytes(s->db, q, 2, sigs[i], sizeof(sigs[i]));
		if ((st = store_db_finish(s->db, q)) != ST_OK)
			return st;
	}
	return ST_OK;
}

enum status store_put_genesis_sigs(struct store *s,
                                   const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES], size_t count)
{
	enum status st;

	if (count == 0 || count > LIMIT_TRUSTEES)
		return ST_LIMIT;
	if ((st = begin(s)) != ST_OK)
		return st;
	return settle(s, put_sigs(s, sigs, count));
}

enum status store_put_cosignature(struct store *s, const struct cosignature *c)
{
	const enum store_query q = STORE_Q_PUT_COSIGNATURE;
	uint8_t bytes[COSIGNATURE_BYTES], hash[HASH256_BYTES];
	struct cosignature there;
	struct writer w;
	enum status st = store_cosignature(s, &there, c->head, c->node);

	if (st != ST_NOT_FOUND)
		return st;
	if ((st = begin(s)) != ST_OK)
		return st;
	writer_init(&w, bytes, sizeof(bytes));
	cosignature_write(&w, c);
	hash256(hash, bytes, sizeof(bytes));
	store_db_bind_u64(s->db, q, 1, (uint64_t)c->head);
	store_db_bind_u64(s->db, q, 2, c->node);
	store_db_bind_bytes(s->db, q, 3, bytes, sizeof(bytes));
	store_db_bind_bytes(s->db, q, 4, hash, sizeof(hash));
	return settle(s, store_db_finish(s->db, q));
}

/* --- a copy ----------------------------------------------------------------------------------- */

enum status store_copy(struct store *s, const char *path)
{
	if (s->in_batch)
		return ST_INTERNAL;
	return file_is_there(path) ? ST_EXISTS : store_db_copy(s->db, path);
}
