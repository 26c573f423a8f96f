/*
 * receipt_make.c: see receipt_make.h.
 */
#include "common/election/receipt_make.h"

#include "common/election/ballot.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

/*
 * The witness is what stands behind the body: everything from the credential on (ballot.h).  The
 * id that decoding gives must be the one of the leaf.
 */
static enum status take_witness(struct receipt *out, uint8_t *room, const struct manifest *m,
                                const uint8_t *wire, const struct store_place *p)
{
	struct ballot b;
	struct tx tx;

	if (tx_decode(&tx, wire, p->wire_len) != ST_OK || ballot_decode(&b, m, &tx) != ST_OK ||
	    !mem_is_equal(b.body.tracker, p->tracker, sizeof(p->tracker)) ||
	    !mem_is_equal(b.id, p->id, sizeof(p->id)))
		return ST_HASH;
	out->witness_len = (size_t)(wire + p->wire_len - b.credential);
	if (out->witness_len > RECEIPT_WITNESS_MAX)
		return ST_LIMIT;
	memcpy(room, b.credential, out->witness_len);
	out->witness = room;
	return ST_OK;
}

static enum status take_path(struct receipt *out, struct store *s)
{
	const struct merkle_source log = store_merkle_source(s);
	const struct block_header *h = &out->head.header;
	uint8_t id[TX_ID_BYTES], leaf[TX_LEAF_BYTES], hash[MERKLE_HASH_BYTES];
	enum status st;

	st = merkle_inclusion_prove(&log, out->path, &out->path_len, out->leaf, h->log_size);
	if (st != ST_OK)
		return st == ST_NOT_FOUND || st == ST_RANGE ? ST_HASH : st;
	tx_ballot_id(id, out->tracker, out->witness, out->witness_len);
	tx_leaf(leaf, TX_BALLOT, id, out->wire_len);
	merkle_leaf_hash(hash, leaf, sizeof(leaf));
	st = merkle_inclusion_verify(h->log_root, h->log_size, out->leaf, hash,
	                             (const uint8_t (*)[MERKLE_HASH_BYTES])out->path,
	                             out->path_len);
	return st == ST_OK ? ST_OK : ST_HASH;
}

enum status receipt_make(struct receipt *out, uint8_t witness[static RECEIPT_WITNESS_MAX],
                         struct store *s, const struct manifest *m,
                         const uint8_t tracker[static 32])
{
	struct store_place p;
	uint8_t *wire = NULL;
	enum status st;

	if ((st = store_item_by_prefix(s, &p, tracker)) != ST_OK)
		return st;
	if (p.type != TX_BALLOT || !mem_is_equal(p.tracker, tracker, sizeof(p.tracker)))
		return ST_TRACKER;
	*out = (struct receipt){ .wire_len = p.wire_len, .leaf = p.leaf };
	memcpy(out->election_id, m->election_id, sizeof(out->election_id));
	memcpy(out->tracker, tracker, sizeof(out->tracker));
	if ((st = store_certificate_for(s, &out->head, p.height)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_AGAIN : st;
	if ((st = store_item_wire(s, &wire, &p)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_HASH : st;
	if ((st = take_witness(out, witness, m, wire, &p)) == ST_OK)
		st = take_path(out, s);
	free(wire);
	return st;
}
