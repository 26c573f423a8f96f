/*
 * check.h: proofs and signatures of transactions against a snapshot (protocol.md §7).
 *
 * election_check is a function of (snapshot, transaction) alone, so worker threads may run it,
 * results may be remembered, and every party comes to the same verdict.  What depends on the
 * moving state (repeats, quotas, who has voted) is election_apply's.
 *
 * Invariant: a verdict is written only when every proof and signature held.
 */
#ifndef KALPIS_ELECTION_CHECK_H
#define KALPIS_ELECTION_CHECK_H

#include "common/election/election.h"

/* May this type of transaction stand in a block of this phase? */
bool check_is_of_phase(enum tx_type type, enum election_phase phase);

/* One transaction.  On ST_OK *verdict is for election_apply; else it is zero. */
MUST_USE enum status election_check(const struct election_params *p, const struct tx *tx,
                                    struct verdict *verdict);

/* A checker of many: memory for batches, one for each thread. */
struct checker;
MUST_USE enum status checker_new(struct checker **out);
void checker_free(struct checker *c);

/*
 * Check len transactions; results[i] and, where ST_OK, verdicts[i] are as election_check would
 * give.  Ballots are checked as batches.
 */
void checker_run(struct checker *c, const struct election_params *p, const struct tx *txs,
                 size_t len, enum status *results, struct verdict *verdicts);

/* The message that officials sign for this type in this snapshot. */
struct message check_message(const struct election_params *p, enum tx_type type,
                             const uint8_t *body, size_t body_len);

#endif
