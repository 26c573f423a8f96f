/*
 * store.h: the block store: the certified chain in one SQLite file that anyone can open
 * (formats-store.md §1).
 *
 * Tables for blocks, the trustees' signatures under the manifest, certificates, the leaves of the
 * log with where their bytes lie, and the roots of all complete subtrees of the log, so that a
 * proof costs one look-up a hash; views `blocks`, `transactions` and `ballots` for people.  The
 * file is append-only by triggers (WAL, synchronous=FULL, STRICT): SQLite refuses UPDATE, DELETE
 * and every form of INSERT that is not the next row.  That guards against mistakes, not against
 * who holds the file: what guards against him are the hashes, which are checked whenever a block
 * is read.  SQLite does not notice a flipped bit in a blob; this file does.
 *
 * One writer (the node) and any number of readers in other processes at a time.  A struct store is
 * for one thread; open another for another.
 *
 * Invariant: the rows are a chain from block 0 without gaps; every block's body, log root and leaf
 * rows were compared with its header before they were written; a put that failed changed nothing;
 * a put that returned ST_OK is on the disk (within store_begin: after store_commit).
 */
#ifndef KALPIS_LEDGER_STORE_H
#define KALPIS_LEDGER_STORE_H

#include "common/base/fault.h"
#include "common/ledger/block.h"
#include "common/ledger/certificate.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/receipt.h"
#include "common/ledger/transaction.h"
#include "crypto/merkle.h"

#include <stdbool.h>
#include <stdio.h>

enum {
	STORE_PREFIX_BYTES = 10,          /* of a tracker: what people compare */
	STORE_GENESIS_SIG_BYTES = 64
};

struct store;

enum store_access {
	STORE_WRITE,      /* creates the file when there is none */
	STORE_READ        /* never writes; works while the node writes */
};

/*
 * ST_NOT_FOUND (STORE_READ only), ST_DENIED, ST_FORMAT: no store, or one whose tables and triggers
 * are not exactly ours; ST_HASH: the newest block, its log root and the stored subtrees do not fit;
 * ST_AGAIN: locked for longer than a few seconds; ST_IO, ST_NO_MEMORY.  fault may be NULL.
 */
MUST_USE enum status store_open(struct store **out, const char *path, enum store_access access,
                                struct fault *fault);
/* An open batch is undone.  NULL is allowed. */
void store_close(struct store *s);
/* What SQLite said last, for a log line.  Borrowed until the next call. */
const char *store_message(const struct store *s);

/* --- writing ---------------------------------------------------------------------------------- */

/* What the log says of an item: its leaf, and the tracker of a ballot or test. */
struct store_item {
	enum tx_type type;
	uint8_t id[TX_ID_BYTES];
	uint32_t wire_len;
	const uint8_t *tracker;           /* 32 bytes, borrowed; NULL for other types */
};

/* A block to be put.  Borrowed.  election/chain_store.h makes the items. */
struct store_put {
	const struct block_header *header;
	const uint8_t *body;
	size_t body_len;
	const struct store_item *items;   /* header->n_items of them */
	size_t items_len;
	const struct certificate *certificate;   /* an F certificate of this block, or NULL */
};

/*
 * Append the next block, in one transaction.  The caller vouches that it is final and valid; what
 * is checked here is that the rows fit each other.  ST_PARENT: not the next block (of another
 * parent, or the height is taken); ST_LIMIT, ST_FORMAT, ST_HASH: body or items are not those that
 * the header names, or the log root after them is another; ST_TRACKER: a tracker's prefix is there
 * already; ST_CERTIFICATE: of another block; ST_IO, ST_AGAIN (the disk is full, somebody holds the
 * lock): nothing was changed.
 */
MUST_USE enum status store_put_block(struct store *s, const struct store_put *put);
/*
 * Keep a certificate whose signatures the caller has checked.  F and N: of a block that is here
 * (ST_NOT_FOUND otherwise; ST_CERTIFICATE when the views differ).  U: of any view, also of one in
 * which a block here was made.  ST_FORK: an F and a U of one view, which honest nodes never make.
 * One for each (view, type): a second one is ST_OK and dropped.  ST_FORMAT: none that decodes, such
 * as one of block 0, which needs none.
 */
MUST_USE enum status store_put_certificate(struct store *s, const struct certificate *c);
/* The n signatures under the manifest, once.  ST_OK when the same are there, ST_EXISTS: others. */
MUST_USE enum status store_put_genesis_sigs(struct store *s,
                                            const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES],
                                            size_t count);
/*
 * Keep a node's cosignature, whose signature the caller has checked against the chain that is
 * here.  The first of each head and node stays; another is ST_OK and dropped.
 */
MUST_USE enum status store_put_cosignature(struct store *s, const struct cosignature *c);
/*
 * Several puts as one, with one sync.  A put that fails in between changes nothing of the others,
 * unless SQLite gave the whole batch up (a full disk): everything is then ST_IO until
 * store_rollback.  After a store_commit that failed nothing of the batch was put.
 */
MUST_USE enum status store_begin(struct store *s);
MUST_USE enum status store_commit(struct store *s);
void store_rollback(struct store *s);

/* --- looking ---------------------------------------------------------------------------------- */

/* The newest block.  ST_NOT_FOUND: the store is empty. */
MUST_USE enum status store_tip(struct store *s, struct block_header *out,
                               uint8_t id[static BLOCK_ID_BYTES]);
/*
 * A block; *body is the caller's to free (never NULL on ST_OK).  ST_NOT_FOUND; ST_HASH: the stored
 * bytes are damaged.  body and body_len may both be NULL: the header alone.
 */
MUST_USE enum status store_block(struct store *s, uint64_t height, struct block_header *out,
                                 uint8_t **body, size_t *body_len);
/* Ids and heights.  ST_NOT_FOUND. */
MUST_USE enum status store_id_of(struct store *s, uint8_t id[static BLOCK_ID_BYTES],
                                 uint64_t height);
MUST_USE enum status store_height_of(struct store *s, uint64_t *height,
                                     const uint8_t id[static BLOCK_ID_BYTES]);

/* The lowest block at or above height with an F certificate of its own, and that certificate. */
MUST_USE enum status store_certificate_for(struct store *s, struct certified_head *out,
                                           uint64_t height);
/* The highest such block in [from, to].  ST_NOT_FOUND. */
MUST_USE enum status store_certified(struct store *s, struct certified_head *out, uint64_t from,
                                     uint64_t to);
/* A certificate by view and type.  ST_NOT_FOUND. */
MUST_USE enum status store_certificate(struct store *s, struct certificate *out,
                                       enum vote_type type, uint64_t view);
/* The first one beyond (view, type), which need not be there: 0, 0 begins.  ST_NOT_FOUND. */
MUST_USE enum status store_certificate_next(struct store *s, struct certificate *out,
                                            unsigned int type, uint64_t view);
/* sigs has room for LIMIT_TRUSTEES.  ST_NOT_FOUND. */
MUST_USE enum status store_genesis_sigs(struct store *s, uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES],
                                        size_t *count);

/* ST_NOT_FOUND; ST_HASH: damaged. */
MUST_USE enum status store_cosignature(struct store *s, struct cosignature *out,
                                       enum cosigned_head head, uint8_t node);

/* Where an item lies. */
struct store_place {
	uint64_t leaf;                    /* index in the log */
	uint64_t height;
	uint32_t offset;                  /* of the transaction's first byte in the body */
	uint32_t wire_len;
	enum tx_type type;
	uint8_t id[TX_ID_BYTES];
	bool has_tracker;
	uint8_t tracker[32];
};

MUST_USE enum status store_item_by_leaf(struct store *s, struct store_place *out, uint64_t leaf);
/* By the first 80 bits of a tracker; at most one has them. */
MUST_USE enum status store_item_by_prefix(struct store *s, struct store_place *out,
                                          const uint8_t prefix[static STORE_PREFIX_BYTES]);
/* The transaction; the caller frees.  The leaf's row was compared with the log, not these bytes:
 * who needs to be sure recomputes the id (receipt_make does). */
MUST_USE enum status store_item_wire(struct store *s, uint8_t **wire, const struct store_place *p);

/*
 * The log as a source of proofs, for every size up to the tip's log_size.  Borrows s.  Its
 * failures: ST_NOT_FOUND (beyond the log), ST_IO.
 */
struct merkle_source store_merkle_source(struct store *s);

/* --- the whole -------------------------------------------------------------------------------- */

/* Is the file in order, as SQLite sees it: pages, rows, indexes?  ST_FORMAT.  Reads all of it. */
MUST_USE enum status store_integrity(struct store *s);
/*
 * Read every block from from on, and compare all there is: ids, links, bodies, leaves, subtrees,
 * certificates' places.  ST_HASH, ST_PARENT, ST_FORMAT: *height is where.  Signatures and the
 * rules of the election are the audit's.
 */
MUST_USE enum status store_check(struct store *s, uint64_t *height, uint64_t from);

enum store_export {
	STORE_ENOUGH,     /* the F certificate of the newest block that has one */
	STORE_ALL         /* every certificate: also what shows who skipped which view */
};

/*
 * Write election.kalpis (archive.h), as of this moment: every block, the genesis signatures if
 * they are here, and the certificates.  Blocks above the newest certified one are included; the
 * audit then says that they are not certified yet.  The caller syncs and closes file.
 */
MUST_USE enum status store_export(struct store *s, FILE *file, enum store_export what);
/*
 * The same at path, readable by all: into a file beside it, synced, then under its name.  ST_EXISTS
 * unless it may be replaced; after a crash path is the old file, or none, or the whole new one.
 */
MUST_USE enum status store_export_file(struct store *s, const char *path, enum store_export what,
                                       bool replace);
/*
 * A copy at path (which must not be there: ST_EXISTS) that opens from read-only media: one file,
 * in rollback mode.  Never copy a live store by hand.
 */
MUST_USE enum status store_copy(struct store *s, const char *path);

#endif
