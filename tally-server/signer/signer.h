/*
 * signer.h: the one holder of a node's signing key, and the one record of its votes
 * (docs/consensus.md, R0 and R15).
 *
 * It signs no two votes that contradict each other, whatever it is asked: guard.h decides, and the
 * votes are on the disk before a signature leaves.  It runs in a process of its own (serve.h); a
 * node calls remote.h, which has the same calls.
 *
 * Invariant: every vote whose signature was given out and whose view is above signer_floor is in
 * the log; at or below the floor nothing is signed, nor while something may be forgotten.
 */
#ifndef KALPIS_SIGNER_SIGNER_H
#define KALPIS_SIGNER_SIGNER_H

#include "common/ledger/certificate.h"
#include "common/ledger/checkpoint.h"
#include "crypto/sign.h"
#include "tally-server/node/wal.h"

enum {
	SIGNER_BATCH_MAX = 4096,          /* votes in one call */
	SIGNER_VIEWS_MAX = 16384          /* views with votes above the floor: compact before */
};

struct signer;

/* Begin an empty log, once in a node's life.  ST_EXISTS when there is one. */
MUST_USE enum status signer_create(const char *path, const struct committee *c, uint8_t self);
/*
 * Open the log for this process alone.  secret is copied into guarded memory; c is copied.
 * ST_KEY: not the key of node self; otherwise as wal_open: a log that is missing or damaged is
 * ST_OK and amnesia (report, signer_has_amnesia).  ST_FORMAT: sound records that are no votes.
 */
MUST_USE enum status signer_open(struct signer **out, struct wal_report *report, const char *path,
                                 const struct sign_secret *secret, const struct committee *c,
                                 uint8_t self);
/* The same of a log that is remembered as opened so often; opened less often: amnesia (wal.h). */
MUST_USE enum status signer_open_again(struct signer **out, struct wal_report *report,
                                       const char *path, const struct sign_secret *secret,
                                       const struct committee *c, uint8_t self,
                                       uint64_t openings);
/* Wipes the key.  NULL is allowed. */
void signer_close(struct signer *s);

/*
 * Sign votes, in order, with one sync.  Sets sig where each[i] is ST_OK; a vote that was signed
 * before gets the same signature again.  each[i] otherwise: ST_CONFLICT, ST_ORDER, ST_FORMAT (of
 * guard.h), ST_ROLE (another signer), ST_AMNESIA (at or below the floor, or amnesia), ST_LIMIT (too
 * many views).  Anything but ST_OK as the return value: no signature was given out; stop the node
 * (ST_IO), ST_LIMIT: too many at once.
 */
MUST_USE enum status signer_sign(struct signer *s, struct vote *votes, enum status *each,
                                 size_t count);

/*
 * The node's word on a head, once: head, time, size and root are set; sig is filled in, by the
 * checkpoint key.  Asked again for the same log it gives what it gave, time included.
 * ST_CONFLICT: it vouched for another log; ST_AMNESIA: it may have; ST_FORMAT: a time that cannot
 * be written; ST_IO: stop.
 */
MUST_USE enum status signer_cosign(struct signer *s, struct cosignature *c,
                                   const struct sign_secret *checkpoint);

/* Every vote above the floor, by ascending view: NOTARIZE, NULLIFY, FINALIZE. */
typedef enum status signer_vote_fn(void *ctx, const struct vote *v);
MUST_USE enum status signer_replay(struct signer *s, signer_vote_fn *each, void *ctx);

/*
 * Does the log know this vote, or is its view closed?  A certificate that shows this node's
 * signature under a vote that the log does not know: the log is an old copy (signer_set_amnesia).
 */
bool signer_has(const struct signer *s, enum vote_type type, uint64_t view,
                const uint8_t block[static 32]);

/* How often the log was opened (wal_instance). */
uint64_t signer_instance(const struct signer *s);
/* Views at or below it are closed. */
uint64_t signer_floor(const struct signer *s);
/* A view is final: forget the votes up to it, for ever, and rewrite the log without them. */
MUST_USE enum status signer_compact(struct signer *s, uint64_t final_view);
/* Worth compacting? */
bool signer_wants_compaction(const struct signer *s);

/* Something may be forgotten: ST_AMNESIA to everything until signer_guard. */
bool signer_has_amnesia(const struct signer *s);
/* The store or a certificate knows a vote that this log does not: set it, for good. */
MUST_USE enum status signer_set_amnesia(struct signer *s);
/*
 * The others have shown how far this node can have gone (CONSENSUS_RECORD_GUARD): close every view
 * up to above, on the disk, and sign again.
 */
MUST_USE enum status signer_guard(struct signer *s, uint64_t above);

#endif
