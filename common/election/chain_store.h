/*
 * chain_store.h: blocks into the block store: what store.h wants to know of each item, which needs
 * the manifest (a ballot's id leads through its tracker).
 *
 * Invariant: what is put is what the blocks say; nothing is trusted that was not hashed.
 */
#ifndef KALPIS_ELECTION_CHAIN_STORE_H
#define KALPIS_ELECTION_CHAIN_STORE_H

#include "common/election/manifest.h"
#include "common/ledger/store.h"

/*
 * Put a final block, and its F certificate if it has one of its own (else NULL; its signatures
 * have been checked).  Everything that store_put_block says, and ST_FORMAT, ST_STYLE and others
 * when an item does not decode.
 */
MUST_USE enum status chain_store_put(struct store *s, const struct manifest *m,
                                     const struct block_header *h, const uint8_t *body,
                                     size_t body_len, const struct certificate *certificate);

/* Block 0, as the manifest makes it, and the signatures that constitute the election. */
MUST_USE enum status chain_store_genesis(struct store *s, const struct manifest *m,
                                         const uint8_t (*sigs)[STORE_GENESIS_SIG_BYTES],
                                         size_t sigs_len);

/* The manifest in block 0; the caller frees.  ST_NOT_FOUND: the store is empty. */
MUST_USE enum status chain_store_manifest(struct store *s, struct manifest **m);

/*
 * What a node vouches for that cosigns the log at this size: `end` or `result` must be its last
 * leaf.  ST_NOT_FOUND: beyond the log; ST_FORK: the leaf is another.
 */
MUST_USE enum status chain_store_checkpoint(struct store *s, struct checkpoint *out,
                                            const struct manifest *m, enum cosigned_head head,
                                            uint64_t size);
/*
 * Keep a cosignature that holds against the manifest's keys and the chain that is here.
 * ST_LIMIT: no such node; ST_SIGNATURE; ST_NOT_FOUND: beyond the log; ST_FORK: the node vouched for
 * another log, and *c proves it.
 */
MUST_USE enum status chain_store_cosign(struct store *s, const struct manifest *m,
                                        const struct cosignature *c);

/*
 * The log of a store for people who know transparency logs (tlog.h): tiles, entries and a note of
 * the newest head that nodes vouch for.  ST_NOT_FOUND: nobody has vouched for anything yet.
 */
MUST_USE enum status chain_store_tlog(struct store *s, const struct manifest *m,
                                      const char *folder);
/* The note of that head, TLOG_NOTE_MAX of room, and its size. */
MUST_USE enum status chain_store_note(struct store *s, const struct manifest *m, char *out,
                                      size_t *len, uint64_t *size);

/*
 * Fill an empty store from an archive: genesis.kalpis (block 0 and the signatures), or a whole
 * chain whose last block is under an F certificate.  Checked: the manifest, its fingerprint unless
 * that is NULL, every trustee's signature under it, links, bodies and log roots of all blocks, the
 * signatures of all certificates and cosignatures; so every block is one that q nodes finalised.
 * Not checked: the rules of the election (that is audit_run, or replaying the chain).
 *
 * All or nothing.  On ST_OK *m is the manifest, the caller's to free; otherwise NULL.  ST_EXISTS:
 * the store is not empty; ST_ELECTION: another fingerprint; ST_THRESHOLD, ST_SIGNATURE: not signed
 * by all trustees; ST_CERTIFICATE: the last block is not final; ST_INCOMPLETE: the file breaks
 * off; otherwise the archive's, manifest's or store's refusal.
 */
MUST_USE enum status chain_store_import(struct store *s, struct manifest **m, FILE *file,
                                        const uint8_t *fingerprint);

#endif
