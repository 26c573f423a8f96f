/*
 * found.c: what a node finds when it starts: the election, and the chain as far as it is final.
 *
 * The store is trusted for nothing: the manifest is loaded and its signatures are checked anew, and
 * every block is replayed through the rulebook, so that links, hashes, order and digests hold.
 * Only proofs and signatures inside blocks at or below a head that q nodes certified are not
 * checked again: f + 1 honest nodes, at least, did (decisions/0055).
 *
 * A store that is damaged is set aside, for people, and begun again from block 0: what the node's
 * log still has is put there by logs.c, and the rest comes from the other nodes (decisions/0085).
 *
 * Invariant: after ST_OK the election stands on the newest block of the store, sealed.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/log.h"
#include "common/election/audit.h"
#include "common/election/chain.h"
#include "common/election/chain_store.h"
#include "common/election/genesis.h"
#include "common/ledger/archive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASIDE_MAX = 1000 };

/* What bytes that changed make of a store; not what a disk or a machine may refuse for a while. */
static bool is_damage(enum status st)
{
	return st != ST_OK && st != ST_IO && st != ST_NO_MEMORY && st != ST_AGAIN &&
	       st != ST_DENIED && st != ST_INTERNAL && st != ST_ELECTION;
}

/* --- the store ------------------------------------------------------------------------------- */

enum status found_folder(struct node *n, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	enum status st = file_make_folder(n->set->data, FILE_PRIVATE);

	if (st != ST_OK && st != ST_EXISTS) {
		(void)fault_set(fault, st, "the folder %s cannot be made", n->set->data);
		fault_next(fault, "Make the folder that it stands in, or correct data= in [node].");
		return st;
	}
	if ((st = settings_data(n->set, path, "lock")) == ST_OK)
		st = file_lock(&n->lock, path);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "the folder %s cannot be locked", n->set->data);
		fault_why(fault, st == ST_AGAIN ? "Another process runs this node; two with one key "
		          "would contradict each other." : "%s", status_text(st));
		fault_next(fault, "Stop the other one first, wherever it runs.");
	}
	return st;
}

static enum status import(struct node *n, FILE *f, struct fault *fault)
{
	enum status st = chain_store_import(n->store, &n->manifest, f, NULL);

	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s cannot begin a chain: %s", n->set->genesis,
		                status_text(st));
		fault_why(fault, "A node starts from block 0 and the signatures of all trustees.");
		fault_next(fault, "Fetch the file again, as tally-officer genesis made it.");
	}
	return st;
}

/* The manifest of a store that is not empty, and its signatures. */
static enum status load_manifest(struct node *n, struct fault *fault)
{
	uint8_t sigs[LIMIT_TRUSTEES][STORE_GENESIS_SIG_BYTES];
	struct refusal why = { "", "", 0 };
	struct block_header h;
	struct reader r;
	struct tx tx;
	const uint8_t *item;
	uint8_t *body = NULL;
	size_t len, count = 0;
	unsigned int trustee;
	enum status st;

	if ((st = store_block(n->store, 0, &h, &body, &len)) == ST_OK) {
		reader_init(&r, body, len);
		if ((st = block_item_next(&r, &item, &len)) == ST_OK &&
		    (st = tx_decode(&tx, item, len)) == ST_OK)
			st = manifest_load(&n->manifest, &why, tx.payload, tx.payload_len);
	}
	free(body);
	if (st == ST_OK && (st = store_genesis_sigs(n->store, sigs, &count)) == ST_OK)
		st = genesis_check(n->manifest, (const uint8_t (*)[TX_SIG_BYTES])sigs, count,
		                   &trustee);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "block 0 in %s is not sound: %s %s", n->set->data,
		                status_text(st), why.reason);
		fault_why(fault, "The store is damaged or was changed.");
		fault_next(fault, "Move the folder away and start again: the other nodes have it all.");
	}
	return st;
}

/* Is the genesis file of the same election as the store? */
static enum status compare_genesis(struct node *n, FILE *f, struct fault *fault)
{
	struct archive_reader a = { 0 };
	struct archive_record rec;
	enum status st;

	if ((st = archive_read_begin(&a, f)) == ST_OK &&
	    (st = archive_read_next(&a, &rec)) == ST_OK && rec.kind != ARCHIVE_BLOCK)
		st = ST_FORMAT;
	if (st == ST_OK) {
		struct block_header h;
		uint8_t have[BLOCK_ID_BYTES], want[BLOCK_ID_BYTES];

		block_id(want, &rec.header);
		st = store_block(n->store, 0, &h, NULL, NULL);
		if (st == ST_OK) {
			block_id(have, &h);
			st = memcmp(have, want, sizeof(have)) == 0 ? ST_OK : ST_ELECTION;
		}
	}
	archive_read_end(&a);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s is not of the election in %s", n->set->genesis,
		                n->set->data);
		fault_next(fault, "Each election needs a data folder of its own.");
	}
	return st;
}

/* *damaged: it is the store that does not hold, and not the genesis file or the disk. */
static enum status open_store(struct node *n, bool *damaged, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	struct block_header tip;
	uint8_t id[BLOCK_ID_BYTES];
	FILE *f;
	enum status st;

	if ((st = settings_data(n->set, path, "chain.db")) != ST_OK)
		return st;
	st = store_open(&n->store, path, STORE_WRITE, fault);
	if (st == ST_OK && (st = store_integrity(n->store)) != ST_OK)
		(void)fault_set(fault, st, "the file %s is damaged", path);
	*damaged = is_damage(st);
	if (st != ST_OK)
		return st;
	f = fopen(n->set->genesis, "rb");
	if (f == NULL) {
		st = fault_set(fault, ST_NOT_FOUND, "cannot read %s", n->set->genesis);
		fault_next(fault, "Name the file that tally-officer genesis made: genesis= in [node].");
		return st;
	}
	st = store_tip(n->store, &tip, id);
	if (st == ST_NOT_FOUND) {
		st = import(n, f, fault);
	} else if (st != ST_OK) {
		*damaged = is_damage(st);
		(void)fault_set(fault, st, "the store %s cannot be read: %s", path,
		                status_text(st));
	} else if ((st = compare_genesis(n, f, fault)) == ST_OK) {
		st = load_manifest(n, fault);
		*damaged = is_damage(st);
	}
	(void)fclose(f);
	return st;
}

/* --- a damaged store ------------------------------------------------------------------------- */

/* chain.db and its companions, by the names that SQLite would look for beside a copy. */
static enum status move_aside(const struct node *n, char aside[static LIMIT_PATH_BYTES])
{
	static const char *const PARTS[] = { "", "-wal", "-shm" };
	char from[LIMIT_PATH_BYTES], to[LIMIT_PATH_BYTES];
	int taken = 0;

	for (int i = 1; i <= ASIDE_MAX; i++) {
		int len = snprintf(aside, LIMIT_PATH_BYTES, "%s/chain.db.damaged-%d", n->set->data, i);

		if (len < 0 || len >= LIMIT_PATH_BYTES - 8)
			return ST_LIMIT;
		if (file_is_there(aside))
			continue;
		/* The file itself last: while it is there, so is what belongs to it. */
		for (int part = 2; part >= 0; part--) {
			(void)snprintf(from, sizeof(from), "%s/chain.db%s", n->set->data,
			               PARTS[part]);
			(void)snprintf(to, sizeof(to), "%s%s", aside, PARTS[part]);
			if (rename(from, to) == 0)
				taken++;
			else if (errno != ENOENT)
				return file_status(errno);
		}
		return taken > 0 ? file_sync_folder(n->set->data) : ST_NOT_FOUND;
	}
	return ST_EXISTS;
}

static enum status set_aside(struct node *n, enum status why, struct fault *fault)
{
	char aside[LIMIT_PATH_BYTES];
	struct log_line line;
	enum status st;

	store_close(n->store);
	manifest_free(n->manifest);
	n->store = NULL;
	n->manifest = NULL;
	if ((st = move_aside(n, aside)) != ST_OK)
		return fault_set(fault, st, "chain.db in %s is damaged, and cannot be set aside",
		                 n->set->data);
	log_begin(&line, LOG_LEVEL_ERROR, "store-set-aside");
	log_status(&line, "why", why);
	log_text(&line, "kept", aside);
	log_end(&line);
	return ST_OK;
}

/* --- who we are ------------------------------------------------------------------------------ */

static enum status find_self(struct node *n, struct fault *fault)
{
	uint16_t at;
	enum status st;

	if ((st = audit_committee(&n->committee, n->manifest)) != ST_OK)
		return fault_set(fault, st, "the manifest has no committee");
	at = manifest_find_node(n->manifest, n->sign_key);
	if (at == MANIFEST_NONE) {
		st = fault_set(fault, ST_KEY, "the key %s is no node's of this election",
		               n->set->key);
		fault_why(fault, "The manifest names the key of every node.");
		fault_next(fault, "Check key= and genesis= in [node].");
		return st;
	}
	n->self = (uint8_t)at;
	if (memcmp(n->manifest->trustees[at].curve_key, n->curve_key, sizeof(n->curve_key)) != 0) {
		st = fault_set(fault, ST_KEY, "the transport key in %s is not the one on the card",
		               n->set->key);
		fault_why(fault, "The other nodes would refuse every connection.");
		fault_next(fault, "Use the key file whose node.pub went into the card.");
		return st;
	}
	return ST_OK;
}

/* --- replay ---------------------------------------------------------------------------------- */

struct replay {
	struct checker *checker;
	struct verdict_cache *verdicts;
	struct block_header parent;
	uint64_t certified;            /* at or below: proofs were checked by a quorum */
	uint8_t certified_id[BLOCK_ID_BYTES];
};

/* Of each item: its id is noted, and, if a quorum vouches for the block, its verdict is known. */
static enum status take_items(struct node *n, struct replay *r, const uint8_t *body, size_t len,
                              bool vouched)
{
	const struct election_params *p = election_params(n->election);
	struct reader items;
	struct verdict v;
	struct facts f;
	const uint8_t *item;
	size_t item_len;
	enum status st = ST_OK;

	memcpy(v.params, p->hash, sizeof(v.params));
	params_unref(p);
	reader_init(&items, body, len);
	while (st == ST_OK && block_item_next(&items, &item, &item_len) == ST_OK) {
		if ((st = facts_of(&f, n->manifest, item, item_len)) != ST_OK)
			break;
		memcpy(v.id, f.id, sizeof(v.id));
		if (vouched)
			verdict_cache_put(r->verdicts, &v);
		if (!f.has_tracker)
			st = branch_note_final(n->branch, f.id);
	}
	return st;
}

static enum status replay_block(struct node *n, struct replay *r, uint64_t height)
{
	struct chain_fault where;
	struct block_header h;
	uint8_t *body;
	size_t len;
	enum status st;

	if ((st = store_block(n->store, height, &h, &body, &len)) != ST_OK)
		return st;
	if ((st = block_body_check(&h, body, len)) == ST_OK &&
	    (st = take_items(n, r, body, len, height <= r->certified)) == ST_OK &&
	    (st = chain_accept(n->election, r->checker, r->verdicts, &r->parent, &h, body, len,
	                       &where)) == ST_OK) {
		election_seal(n->election, height);
		r->parent = h;
		if (height == r->certified &&
		    memcmp(election_tip(n->election), r->certified_id, BLOCK_ID_BYTES) != 0)
			st = ST_CERTIFICATE;
	}
	free(body);
	return st;
}

static enum status find_certified(struct node *n, struct replay *r, uint64_t tip)
{
	struct certified_head head;
	enum status st = store_certified(n->store, &head, 1, tip);

	if (st == ST_NOT_FOUND)
		return ST_OK;
	if (st != ST_OK || (st = certified_head_check(&head, &n->committee)) != ST_OK)
		return st;
	r->certified = head.header.height;
	block_id(r->certified_id, &head.header);
	return ST_OK;
}

static enum status replay_all(struct node *n, struct fault *fault)
{
	struct replay r = { 0 };
	struct block_header tip;
	uint8_t id[BLOCK_ID_BYTES];
	uint64_t height = 0;
	enum status st;

	if ((st = store_tip(n->store, &tip, id)) != ST_OK ||
	    (st = store_check(n->store, &height, 0)) != ST_OK ||
	    (st = chain_genesis(&r.parent, n->election)) != ST_OK ||
	    (st = checker_new(&r.checker)) != ST_OK ||
	    (st = verdict_cache_new(&r.verdicts, 2 * LIMIT_BLOCK_ITEMS)) != ST_OK ||
	    (st = find_certified(n, &r, tip.height)) != ST_OK)
		goto out;
	height = 0;
	while (st == ST_OK && height < tip.height)
		st = replay_block(n, &r, ++height);
	if (st == ST_OK)
		branch_restart(n->branch, &r.parent);
out:
	verdict_cache_free(r.verdicts);
	checker_free(r.checker);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "block %llu in %s does not hold: %s",
		                (unsigned long long)height, n->set->data, status_text(st));
		fault_why(fault, "The store is damaged or was changed.");
		fault_next(fault, "Keep a copy for evidence, then move chain.db away and start again: "
		           "the other nodes have it all.");
	}
	return st;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum status make_parts(struct node *n)
{
	struct branch_config cfg = {
		.manifest = n->manifest, .store = n->store, .minutes = clock_unix_min,
	};
	enum status st;

	if ((st = election_new(&n->election, n->manifest)) != ST_OK ||
	    (st = chain_genesis(&cfg.tip, n->election)) != ST_OK ||
	    (st = pool_new(&n->pool)) != ST_OK || (st = intake_new(&n->intake)) != ST_OK ||
	    (st = work_new(&n->work)) != ST_OK)
		return st;
	cfg.election = n->election;
	cfg.pool = n->pool;
	cfg.work = n->work;
	return branch_new(&n->branch, &cfg);
}

static void drop_parts(struct node *n)
{
	branch_free(n->branch);
	work_free(n->work);
	intake_free(n->intake);
	pool_free(n->pool);
	election_free(n->election);
	n->branch = NULL;
	n->work = NULL;
	n->intake = NULL;
	n->pool = NULL;
	n->election = NULL;
}

static enum status set_up(struct node *n, struct fault *fault)
{
	enum status st = find_self(n, fault);

	if (st == ST_OK && (st = make_parts(n)) != ST_OK)
		(void)fault_set(fault, st, "the election cannot be set up: %s", status_text(st));
	return st;
}

/* From block 0, without the store that did not hold. */
static enum status open_again(struct node *n, enum status why, struct fault *fault)
{
	bool damaged = false;
	enum status st;

	if ((st = set_aside(n, why, fault)) != ST_OK ||
	    (st = open_store(n, &damaged, fault)) != ST_OK || (st = set_up(n, fault)) != ST_OK)
		return st;
	return replay_all(n, fault);
}

enum status found_open(struct node *n, struct fault *fault)
{
	enum status st;

	bool damaged = false;

	if ((st = open_store(n, &damaged, fault)) != ST_OK)
		return damaged ? open_again(n, st, fault) : st;
	if ((st = set_up(n, fault)) != ST_OK)
		return st;
	if ((st = replay_all(n, fault)) == ST_OK || !is_damage(st))
		return st;
	drop_parts(n);
	return open_again(n, st, fault);
}
