/*
 * store_check.c: see store.h: does everything in a store fit together?
 *
 * Signatures and the rules of the election are the audit's; this finds a flipped bit, a lost row
 * and a hand that was where it should not be, without knowing the manifest.
 *
 * Invariant: reads through store.h alone.
 */
#include "common/ledger/store.h"

#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

struct checking {
	struct store *s;
	struct merkle_source log;
	struct merkle_frontier frontier;
	struct block_header parent;
	uint8_t parent_id[BLOCK_ID_BYTES];
};

/* Something that must be there. */
static enum status must_be(enum status st)
{
	return st == ST_NOT_FOUND ? ST_HASH : st;
}

static enum status check_subtree(struct checking *c, unsigned int level, uint64_t number,
                                 const uint8_t want[static MERKLE_HASH_BYTES])
{
	uint8_t have[MERKLE_HASH_BYTES];
	enum status st = must_be(c->log.get(c->log.ctx, have, level, number));

	if (st != ST_OK)
		return st;
	return mem_is_equal(have, want, sizeof(have)) ? ST_OK : ST_HASH;
}

/* The stored subtrees that end with this leaf. */
static enum status check_leaf(struct checking *c, const struct store_place *p)
{
	uint8_t leaf[TX_LEAF_BYTES], first[MERKLE_HASH_BYTES], hash[MERKLE_HASH_BYTES];
	uint64_t at = c->frontier.size;
	enum status st;

	tx_leaf(leaf, p->type, p->id, p->wire_len);
	merkle_leaf_hash(first, leaf, sizeof(leaf));
	if ((st = check_subtree(c, 0, at, first)) != ST_OK)
		return st;
	memcpy(hash, first, sizeof(hash));
	for (unsigned int k = 0; (at >> k & 1) != 0; k++) {
		merkle_node_hash(hash, c->frontier.peak[k], hash);
		if ((st = check_subtree(c, k + 1, at >> (k + 1), hash)) != ST_OK)
			return st;
	}
	return merkle_frontier_append(&c->frontier, first);
}

/* One item against its row.  The id of a ballot needs the manifest; the log root covers it. */
static enum status check_item(struct checking *c, uint64_t height, const uint8_t *wire,
                              size_t len, size_t offset)
{
	uint8_t id[TX_ID_BYTES];
	struct store_place p;
	struct tx tx;
	enum status st;

	if ((st = tx_decode(&tx, wire, len)) != ST_OK ||
	    (st = must_be(store_item_by_leaf(c->s, &p, c->frontier.size))) != ST_OK)
		return st;
	if (p.height != height || p.offset != offset || p.wire_len != len || p.type != tx.type ||
	    p.has_tracker != (tx.type == TX_BALLOT || tx.type == TX_TEST))
		return ST_HASH;
	if (p.has_tracker) {
		struct store_place again;

		st = must_be(store_item_by_prefix(c->s, &again, p.tracker));
		if (st != ST_OK || again.leaf != p.leaf)
			return st == ST_OK ? ST_HASH : st;
	}
	if (tx.type != TX_BALLOT) {
		tx_plain_id(id, &tx);
		if (!mem_is_equal(id, p.id, sizeof(id)))
			return ST_HASH;
	}
	return check_leaf(c, &p);
}

static enum status check_items(struct checking *c, const struct block_header *h,
                               const uint8_t *body, size_t body_len)
{
	uint8_t root[MERKLE_HASH_BYTES];
	struct reader r;
	const uint8_t *wire;
	size_t len;
	enum status st;

	reader_init(&r, body, body_len);
	while ((st = block_item_next(&r, &wire, &len)) == ST_OK)
		if ((st = check_item(c, h->height, wire, len, (size_t)(wire - body))) != ST_OK)
			return st;
	if (st != ST_NOT_FOUND)
		return st;
	merkle_frontier_root(&c->frontier, root);
	return c->frontier.size == h->log_size && mem_is_equal(root, h->log_root, sizeof(root)) ?
	       ST_OK : ST_HASH;
}

static enum status check_block(struct checking *c, uint64_t height)
{
	struct block_header h;
	uint8_t *body = NULL;
	size_t body_len = 0;
	uint64_t found = 0;
	enum status st = store_block(c->s, height, &h, &body, &body_len);

	if (st != ST_OK)
		return st;
	if (height == 0 || (st = block_follows(&h, &c->parent, c->parent_id)) == ST_OK)
		st = check_items(c, &h, body, body_len);
	free(body);
	if (st != ST_OK)
		return st;
	block_id(c->parent_id, &h);
	c->parent = h;
	if ((st = must_be(store_height_of(c->s, &found, c->parent_id))) != ST_OK)
		return st;
	return found == height ? ST_OK : ST_HASH;
}

/* Stand on the block before from, trusting the subtrees up to there no further than its root. */
static enum status begin_at(struct checking *c, uint64_t from)
{
	uint8_t root[MERKLE_HASH_BYTES];
	uint64_t size;
	enum status st;

	merkle_frontier_init(&c->frontier);
	if (from == 0)
		return ST_OK;
	st = must_be(store_block(c->s, from - 1, &c->parent, NULL, NULL));
	if (st != ST_OK)
		return st;
	block_id(c->parent_id, &c->parent);
	size = c->parent.log_size;
	c->frontier.size = size;
	for (unsigned int k = 0; k <= MERKLE_DEPTH_MAX; k++) {
		if ((size >> k & 1) == 0)
			continue;
		st = must_be(c->log.get(c->log.ctx, c->frontier.peak[k], k, (size >> k) - 1));
		if (st != ST_OK)
			return st;
	}
	merkle_frontier_root(&c->frontier, root);
	return mem_is_equal(root, c->parent.log_root, sizeof(root)) ? ST_OK : ST_HASH;
}

/* A certificate is found under its view and type, and an F one by the height of its block. */
static enum status check_certificate(struct checking *c, const struct certificate *cert)
{
	struct certified_head head;
	struct certificate again;
	uint64_t height;
	enum status st = store_certificate(c->s, &again, cert->type, cert->view);

	if (st != ST_OK || cert->type == VOTE_NULLIFY)
		return must_be(st);
	if ((st = must_be(store_height_of(c->s, &height, cert->block))) != ST_OK ||
	    cert->type == VOTE_NOTARIZE)
		return st;
	if ((st = must_be(store_certified(c->s, &head, height, height))) != ST_OK)
		return st;
	return head.header.view == cert->view ? ST_OK : ST_HASH;
}

static enum status check_certificates(struct checking *c)
{
	struct certificate cert;
	unsigned int type = 0;
	uint64_t view = 0;
	enum status st;

	while ((st = store_certificate_next(c->s, &cert, type, view)) == ST_OK) {
		if (cert.view < view || (cert.view == view && (unsigned int)cert.type <= type))
			return ST_HASH;
		view = cert.view;
		type = (unsigned int)cert.type;
		if ((st = check_certificate(c, &cert)) != ST_OK)
			return st;
	}
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/* Rows beyond the chain would be somebody else's. */
static enum status check_end(struct checking *c)
{
	struct store_place p;
	uint8_t hash[MERKLE_HASH_BYTES];
	enum status st = store_item_by_leaf(c->s, &p, c->frontier.size);

	if (st == ST_NOT_FOUND)
		st = c->log.get(c->log.ctx, hash, 0, c->frontier.size);
	return st == ST_NOT_FOUND ? ST_OK : st == ST_OK ? ST_HASH : st;
}

enum status store_check(struct store *s, uint64_t *height, uint64_t from)
{
	struct checking c = { .s = s, .log = store_merkle_source(s) };
	uint8_t id[BLOCK_ID_BYTES];
	struct block_header tip;
	enum status st;

	*height = from;
	if ((st = store_tip(s, &tip, id)) != ST_OK)
		return st == ST_NOT_FOUND ? check_end(&c) : st;
	if (from > tip.height)
		return ST_OK;
	if ((st = begin_at(&c, from)) != ST_OK)
		return st;
	for (*height = from; *height <= tip.height; (*height)++)
		if ((st = must_be(check_block(&c, *height))) != ST_OK)
			return st;
	*height = tip.height;
	st = check_certificates(&c);
	return st == ST_OK ? check_end(&c) : st;
}
