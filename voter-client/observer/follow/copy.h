/*
 * copy.h: the follower's own copy of the chain: a folder with a block store, and the election
 * replayed from it (docs/observing.md).
 *
 * Blocks come in stretches: they are applied by the rulebook and put into one batch of the store,
 * which is committed when a certified head is reached and dropped when it is not.  So the store
 * only ever holds what a quorum has made final, whenever the process is killed.
 *
 *	FOLDER/chain.db         the store (formats-store.md)
 *	FOLDER/election.kalpis  the archive, written by copy_export
 *	FOLDER/lock             held while a follower runs
 *
 * Invariant: outside a stretch the replay stands on the store's newest block, which is final.
 */
#ifndef KALPIS_FOLLOW_COPY_H
#define KALPIS_FOLLOW_COPY_H

#include "common/base/fault.h"
#include "common/election/replay.h"
#include "common/ledger/evidence.h"
#include "common/ledger/store.h"

struct copy {
	char folder[LIMIT_PATH_BYTES];
	int lock;                     /* -1: not held */
	struct manifest *m;
	struct committee committee;
	struct store *store;
	struct replay *replay;
	bool has_sigs;                /* the trustees' signatures under the manifest are here */
	bool is_batch;                /* a stretch is under way */
	enum status broken;           /* the store failed: nothing more can be kept */
};

/* Where an election is taken from when the folder is empty. */
struct copy_source {
	const char *archive;          /* election.kalpis or genesis.kalpis; NULL */
	const char *manifest;         /* NULL */
	const uint8_t *fingerprint;   /* 32 bytes */
};

/*
 * Open the folder (made when it is not there), or begin it from the source.  The replay stands on
 * block 0: copy_resume goes on.  ST_AGAIN: another process has it; ST_ELECTION: it holds another
 * election; ST_NOT_FOUND: it is empty, and the source names nothing.
 */
MUST_USE enum status copy_open(struct copy *c, const char *folder, const struct copy_source *from,
                               struct fault *fault);
/* Read on in the store, at most so many blocks.  ST_NOT_FOUND: all was read, and its last block is
 * under a certificate.  Else the copy is damaged, or breaks the rules. */
MUST_USE enum status copy_resume(struct copy *c, uint32_t blocks, struct fault *fault);
/* An open stretch is dropped. */
void copy_close(struct copy *c);

/* The trustees' signatures, when the source had none: checked, then kept.  ST_SIGNATURE, ... */
MUST_USE enum status copy_put_sigs(struct copy *c, const uint8_t *sigs, size_t len);

/*
 * Cosignatures of the end and the result that a node passed on: each that holds is kept.  *forked
 * gets a bit for each node whose word is for another log.  ST_FORMAT, ST_LIMIT, ST_SIGNATURE: no
 * sound node passes this on.  ST_AGAIN: not while a stretch is open.
 */
MUST_USE enum status copy_put_vouchers(struct copy *c, const uint8_t *list, size_t len,
                                       uint32_t *forked);
/* How many words are kept of what has come: of n nodes each for the end, and for the result. */
unsigned int copy_vouchers(struct copy *c, enum cosigned_head head);

/* --- stretches -------------------------------------------------------------------------------- */

/*
 * One block on the tip.  What the rulebook says of it; the caller drops the stretch when it is
 * refused.  When the store fails, c->broken says why, and so does the result.
 */
MUST_USE enum status copy_add(struct copy *c, const struct block_header *h, const uint8_t *body,
                              size_t body_len);
/* The tip is the block of this head, whose certificate was checked: keep the stretch. */
MUST_USE enum status copy_prove(struct copy *c, const struct certified_head *head);
/* Back to what was proven last. */
MUST_USE enum status copy_drop(struct copy *c);

/* --- looking ---------------------------------------------------------------------------------- */

/* The newest final block. */
uint64_t copy_height(const struct copy *c);
/* The id of the block at a height that is final here.  ST_NOT_FOUND. */
MUST_USE enum status copy_id(struct copy *c, uint8_t id[static BLOCK_ID_BYTES], uint64_t height);
/* The chain from this height to the next certified head, for evidence; *headers is the caller's to
 * free.  ST_NOT_FOUND, ST_LIMIT. */
MUST_USE enum status copy_branch(struct copy *c, struct evidence_branch *out, uint8_t **headers,
                                 uint64_t from);

/* Write FOLDER/election.kalpis anew; path (LIMIT_PATH_BYTES) gets its name. */
MUST_USE enum status copy_export(struct copy *c, char *path);

#endif
