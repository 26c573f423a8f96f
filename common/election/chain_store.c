/*
 * chain_store.c: see chain_store.h.
 */
#include "common/election/chain_store.h"

#include "common/base/alloc.h"
#include "common/election/audit.h"
#include "common/election/ballot.h"
#include "common/election/chain.h"
#include "common/election/genesis.h"
#include "common/ledger/archive.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

/* --- putting ---------------------------------------------------------------------------------- */

/* What the log says of one item; the tracker goes to room and is borrowed from there. */
static enum status describe(struct store_item *out, uint8_t room[static BALLOT_TRACKER_BYTES],
                            const struct manifest *m, const uint8_t *wire, size_t len)
{
	struct ballot_test t;
	struct ballot b;
	struct tx tx;
	enum status st;

	if ((st = tx_decode(&tx, wire, len)) != ST_OK)
		return st;
	*out = (struct store_item){ .type = tx.type, .wire_len = (uint32_t)len };
	if (tx.type == TX_BALLOT) {
		if ((st = ballot_decode(&b, m, &tx)) != ST_OK)
			return st;
		memcpy(out->id, b.id, sizeof(out->id));
		memcpy(room, b.body.tracker, BALLOT_TRACKER_BYTES);
		out->tracker = room;
		return ST_OK;
	}
	tx_plain_id(out->id, &tx);
	if (tx.type == TX_TEST) {
		if ((st = ballot_test_decode(&t, m, &tx)) != ST_OK)
			return st;
		memcpy(room, t.body.tracker, BALLOT_TRACKER_BYTES);
		out->tracker = room;
	}
	return ST_OK;
}

static enum status describe_all(struct store_item *items,
                                uint8_t (*trackers)[BALLOT_TRACKER_BYTES],
                                const struct manifest *m, const struct store_put *put)
{
	struct reader r;
	const uint8_t *wire;
	size_t len;
	enum status st;

	reader_init(&r, put->body, put->body_len);
	for (size_t i = 0; i < put->items_len; i++)
		if ((st = block_item_next(&r, &wire, &len)) != ST_OK ||
		    (st = describe(&items[i], trackers[i], m, wire, len)) != ST_OK)
			return st;
	return ST_OK;
}

enum status chain_store_put(struct store *s, const struct manifest *m,
                            const struct block_header *h, const uint8_t *body, size_t body_len,
                            const struct certificate *certificate)
{
	struct store_put put = {
		.header = h, .body = body, .body_len = body_len, .items_len = h->n_items,
		.certificate = certificate,
	};
	uint8_t (*trackers)[BALLOT_TRACKER_BYTES] = NULL;
	struct store_item *items = NULL;
	enum status st;

	if ((st = block_body_check(h, body, body_len)) != ST_OK)
		return st;
	items = alloc_zero(h->n_items + (size_t)1, sizeof(*items));
	trackers = alloc_zero(h->n_items + (size_t)1, sizeof(*trackers));
	st = ST_NO_MEMORY;
	if (items == NULL || trackers == NULL)
		goto out;
	put.items = items;
	if ((st = describe_all(items, trackers, m, &put)) == ST_OK)
		st = store_put_block(s, &put);
out:
	free(items);
	free(trackers);
	return st;
}

/* --- beginning -------------------------------------------------------------------------------- */

/* Block 0's header as this manifest makes it. */
static enum status genesis_of(struct block_header *out, const struct manifest *m)
{
	struct election *e = NULL;
	enum status st = election_new(&e, m);

	if (st == ST_OK)
		st = chain_genesis(out, e);
	election_free(e);
	return st;
}

enum status chain_store_genesis(struct store *s, const struct manifest *m,
                                const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES], size_t sigs_len)
{
	struct block_header h;
	unsigned int trustee;
	uint8_t *body;
	enum status st;

	if ((st = genesis_check(m, sigs, sigs_len, &trustee)) != ST_OK ||
	    (st = genesis_of(&h, m)) != ST_OK)
		return st;
	if ((body = malloc(m->len + 5)) == NULL)
		return ST_NO_MEMORY;
	genesis_body(body, m);
	if ((st = store_begin(s)) == ST_OK) {
		if ((st = chain_store_put(s, m, &h, body, m->len + 5, NULL)) == ST_OK)
			st = store_put_genesis_sigs(s, sigs, sigs_len);
		if (st == ST_OK)
			st = store_commit(s);
		else
			store_rollback(s);
	}
	free(body);
	return st;
}

/* --- cosignatures ----------------------------------------------------------------------------- */

enum status chain_store_checkpoint(struct store *s, struct checkpoint *out,
                                   const struct manifest *m, enum cosigned_head head,
                                   uint64_t size)
{
	const enum tx_type type = head == COSIGNED_END ? TX_END : TX_RESULT;
	struct store_place last;
	struct block_header h;
	enum status st;

	if (size == 0)
		return ST_FORK;
	if ((st = store_item_by_leaf(s, &last, size - 1)) != ST_OK ||
	    (st = store_block(s, last.height, &h, NULL, NULL)) != ST_OK)
		return st;
	/* A change of phase is alone in its block: the log ends with it there. */
	if (last.type != type || h.log_size != size)
		return ST_FORK;
	memcpy(out->election_id, m->election_id, sizeof(out->election_id));
	out->size = size;
	memcpy(out->root, h.log_root, sizeof(out->root));
	return ST_OK;
}

enum status chain_store_cosign(struct store *s, const struct manifest *m,
                               const struct cosignature *c)
{
	struct checkpoint here;
	enum status st;

	if (c->node >= m->trustees_len)
		return ST_LIMIT;
	if ((st = cosignature_check(c, m->election_id, m->trustees[c->node].checkpoint_key)) != ST_OK ||
	    (st = chain_store_checkpoint(s, &here, m, c->head, c->size)) != ST_OK)
		return st;
	if (memcmp(here.root, c->root, sizeof(c->root)) != 0)
		return ST_FORK;
	return store_put_cosignature(s, c);
}

/* --- importing -------------------------------------------------------------------------------- */

struct import {
	struct store *s;
	const uint8_t *fingerprint;
	struct manifest *m;
	struct committee committee;
	bool is_signed;
};

/* Block 0 says what election this is; every byte of it follows from the manifest. */
static enum status import_genesis(struct import *im, const struct archive_record *rec)
{
	uint8_t have[BLOCK_HEADER_BYTES], want[BLOCK_HEADER_BYTES];
	struct block_header h;
	struct reader r;
	const uint8_t *wire;
	size_t len;
	struct tx tx;
	enum status st;

	reader_init(&r, rec->body, rec->body_len);
	if ((st = block_body_check(&rec->header, rec->body, rec->body_len)) != ST_OK ||
	    (st = block_item_next(&r, &wire, &len)) != ST_OK ||
	    (st = tx_decode(&tx, wire, len)) != ST_OK)
		return st == ST_NOT_FOUND ? ST_FORMAT : st;
	if (tx.type != TX_GENESIS)
		return ST_FORMAT;
	if ((st = manifest_load(&im->m, NULL, tx.payload, tx.payload_len)) != ST_OK)
		return st;
	if (im->fingerprint != NULL &&
	    !mem_is_equal(im->fingerprint, im->m->election_id, ELECTION_ID_BYTES))
		return ST_ELECTION;
	if ((st = audit_committee(&im->committee, im->m)) != ST_OK ||
	    (st = genesis_of(&h, im->m)) != ST_OK)
		return st;
	block_header_encode(have, &rec->header);
	block_header_encode(want, &h);
	return mem_is_equal(have, want, sizeof(have)) ? ST_OK : ST_HASH;
}

static enum status import_block(struct import *im, const struct archive_record *rec)
{
	enum status st = ST_OK;

	if (im->m == NULL)
		st = import_genesis(im, rec);
	return st != ST_OK ? st : chain_store_put(im->s, im->m, &rec->header, rec->body,
	                                          rec->body_len, NULL);
}

static enum status import_sigs(struct import *im, const struct archive_record *rec)
{
	const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES] = (const uint8_t (*)[64])rec->bytes;
	size_t count = rec->len / STORE_GENESIS_SIG_BYTES;
	unsigned int trustee;
	enum status st;

	if (im->m == NULL || im->is_signed || rec->len % STORE_GENESIS_SIG_BYTES != 0)
		return ST_FORMAT;
	if ((st = genesis_check(im->m, sigs, count, &trustee)) != ST_OK)
		return st;
	im->is_signed = true;
	return store_put_genesis_sigs(im->s, sigs, count);
}

static enum status import_certificate(struct import *im, const struct archive_record *rec)
{
	struct certificate c;
	enum status st;

	if (im->m == NULL)
		return ST_FORMAT;
	if ((st = certificate_decode(&c, rec->bytes, rec->len)) != ST_OK ||
	    (st = certificate_check(&c, &im->committee)) != ST_OK)
		return st;
	st = store_put_certificate(im->s, &c);
	/* A block may be notarized and never final; only what is final must be here. */
	if (st == ST_NOT_FOUND)
		return c.type == VOTE_FINALIZE ? ST_FORK : ST_OK;
	return st;
}

static enum status import_cosignature(struct import *im, const struct archive_record *rec)
{
	struct cosignature c;
	struct reader in;
	enum status st;

	reader_init(&in, rec->bytes, rec->len);
	if (im->m == NULL)
		return ST_FORMAT;
	if ((st = cosignature_read(&in, &c)) != ST_OK || (st = reader_end(&in)) != ST_OK)
		return st;
	return chain_store_cosign(im->s, im->m, &c);
}

static enum status import_all(struct import *im, FILE *file)
{
	struct archive_reader in;
	struct archive_record rec;
	enum status st = archive_read_begin(&in, file);

	while (st == ST_OK && (st = archive_read_next(&in, &rec)) == ST_OK) {
		switch (rec.kind) {
		case ARCHIVE_BLOCK:
			st = import_block(im, &rec);
			break;
		case ARCHIVE_GENESIS_SIGS:
			st = import_sigs(im, &rec);
			break;
		case ARCHIVE_CERTIFICATE:
			st = import_certificate(im, &rec);
			break;
		case ARCHIVE_COSIGNATURE:
			st = import_cosignature(im, &rec);
			break;
		case ARCHIVE_END:
			st = ST_INTERNAL;
			break;
		}
		if (st == ST_NOT_FOUND)
			st = ST_FORMAT;
	}
	archive_read_end(&in);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/* Constituted, and final to the last block (block 0 is by itself). */
static enum status import_conclude(struct import *im)
{
	uint8_t id[BLOCK_ID_BYTES];
	struct certified_head head;
	struct block_header tip;
	enum status st;

	if (im->m == NULL)
		return ST_FORMAT;
	if (!im->is_signed)
		return ST_THRESHOLD;
	if ((st = store_tip(im->s, &tip, id)) != ST_OK)
		return st;
	if (tip.height == 0)
		return ST_OK;
	st = store_certified(im->s, &head, tip.height, tip.height);
	return st == ST_NOT_FOUND ? ST_CERTIFICATE : st;
}

enum status chain_store_import(struct store *s, struct manifest **m, FILE *file,
                               const uint8_t *fingerprint)
{
	struct import im = { .s = s, .fingerprint = fingerprint };
	uint8_t id[BLOCK_ID_BYTES];
	struct block_header tip;
	enum status st;

	*m = NULL;
	if ((st = store_begin(s)) != ST_OK)
		return st;
	st = store_tip(s, &tip, id);
	st = st == ST_OK ? ST_EXISTS : st == ST_NOT_FOUND ? ST_OK : st;
	if (st == ST_OK && (st = import_all(&im, file)) == ST_OK)
		st = import_conclude(&im);
	if (st == ST_OK)
		st = store_commit(s);
	else
		store_rollback(s);
	if (st == ST_OK)
		*m = im.m;
	else
		manifest_free(im.m);
	return st;
}
