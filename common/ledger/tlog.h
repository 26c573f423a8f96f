/*
 * tlog.h: the log as files that any web server can mirror and tools for transparency logs can
 * read (C2SP tlog-tiles, tlog-checkpoint, tlog-proof).
 *
 * An entry is a leaf of the log: type, id and length of a transaction (TX_LEAF_BYTES), so small
 * that every bundle fits; the transactions themselves are in the archive.
 *
 * Invariant: of each file either nothing or all of it is there; `checkpoint` is written last.
 */
#ifndef KALPIS_LEDGER_TLOG_H
#define KALPIS_LEDGER_TLOG_H

#include "common/base/limits.h"
#include "common/ledger/checkpoint.h"
#include "common/ledger/transaction.h"
#include "crypto/merkle.h"

enum {
	TLOG_TILE_WIDTH = 256,
	TLOG_NOTE_MAX = CHECKPOINT_TEXT_MAX + LIMIT_TRUSTEES * COSIGNATURE_LINE_MAX + 2,
	TLOG_PROOF_MAX = TLOG_NOTE_MAX + (MERKLE_PATH_MAX + 3) * 48
};

/* Where entries and hashes come from.  Their failures are passed on. */
struct tlog_source {
	struct merkle_source hashes;
	enum status (*entry)(void *ctx, uint8_t out[static TX_LEAF_BYTES], uint64_t leaf);
	void *ctx;
	uint64_t size;
};

/*
 * The signed note: the checkpoint and a line for each cosignature over it, which have been checked.
 * key: of each.  out has room for TLOG_NOTE_MAX; returns the length.
 */
size_t tlog_note(char *out, const struct checkpoint *c, const struct cosignature *list,
                 const uint8_t (*keys)[SIGN_KEY_BYTES], size_t count);

/* Every tile and entry bundle of the tree of s->size leaves, and the note as `checkpoint`. */
MUST_USE enum status tlog_write(const char *folder, const struct tlog_source *s, const char *note,
                                size_t note_len);

/* A tlog-proof@v1 of a leaf under a note.  out has room for TLOG_PROOF_MAX; returns the length. */
size_t tlog_proof(char *out, uint64_t leaf, const uint8_t (*path)[MERKLE_HASH_BYTES],
                  size_t path_len, const char *note, size_t note_len);

#endif
