/*
 * replay.h: the election as nodes hand it out, replayed from the manifest
 * (docs/kiosk.md, docs/observing.md).
 *
 * Kiosks and observers believe no node: they apply every block by the rulebook, and believe the
 * result once they know that a quorum has certified the block on which it stands.
 *
 * Invariant: the state stands on a chain that the rulebook accepts, and no block above what was
 * settled survives replay_undo.
 */
#ifndef KALPIS_ELECTION_REPLAY_H
#define KALPIS_ELECTION_REPLAY_H

#include "common/election/chain.h"

struct replay;

/* On block 0.  m is borrowed for the life of the replay.  ST_NO_MEMORY. */
MUST_USE enum status replay_new(struct replay **out, const struct manifest *m);
void replay_free(struct replay *r);
/* Back to block 0. */
MUST_USE enum status replay_reset(struct replay *r);

/* One block on top: as chain_accept says, and ST_ROLE for a proposer who is no node. */
MUST_USE enum status replay_accept(struct replay *r, const struct block_header *h,
                                   const uint8_t *body, size_t body_len,
                                   struct chain_fault *fault);
/* The tip is final: the caller has compared it with a certified head. */
void replay_settle(struct replay *r);
/*
 * Back to what was settled last; or, if that lies too far back to be undone block by block, to
 * block 0, from where the caller plays its own copy again: replay_tip tells.  ST_NO_MEMORY.
 */
MUST_USE enum status replay_undo(struct replay *r);

const struct manifest *replay_manifest(const struct replay *r);
const struct election *replay_election(const struct replay *r);
const struct block_header *replay_tip(const struct replay *r);
/* The tip's id. */
const uint8_t *replay_tip_id(const struct replay *r);
/* The height of what was settled last. */
uint64_t replay_settled(const struct replay *r);

#endif
