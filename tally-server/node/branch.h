/*
 * branch.h: the chain as consensus sees it: what is final, and the blocks that may become so.
 *
 * It is the application behind consensus.h: it keeps bodies, builds and judges blocks, and moves
 * the one state of the election between branches: back by election_pop to where two branches
 * part, forward by chain_accept (decisions/0045).  Proofs are the worker's: a block whose
 * transactions have no verdict yet waits for it (CONSENSUS_WAIT).
 *
 * Invariant: the state stands on the final tip or on a descendant of it that was judged valid;
 * everything up to the final tip is sealed and in the store.
 */
#ifndef KALPIS_NODE_BRANCH_H
#define KALPIS_NODE_BRANCH_H

#include "common/election/chain.h"
#include "common/ledger/store.h"
#include "tally-server/consensus/consensus.h"
#include "tally-server/node/facts.h"
#include "tally-server/node/pool.h"
#include "tally-server/node/work.h"

enum {
	BRANCH_BLOCKS_MAX = 1024,             /* that are not final, of any branch */
	BRANCH_BYTES_MAX = 256 << 20
};

struct branch;

struct branch_config {
	const struct manifest *manifest;
	struct election *election;            /* stands on tip, sealed; stays the caller's */
	struct store *store;                  /* its newest block is tip */
	struct pool *pool;
	struct work *work;
	struct block_header tip;
	uint64_t (*minutes)(void);            /* the clock that headers are compared with */
};

MUST_USE enum status branch_new(struct branch **out, const struct branch_config *cfg);
void branch_free(struct branch *b);
struct consensus_app branch_app(struct branch *b);

/* What get has lent is taken back: before every step and every encoding. */
void branch_begin(struct branch *b);

/* --- final blocks ----------------------------------------------------------------------------- */

struct branch_final {
	const struct block_header *header;
	const uint8_t *id;
	const struct certificate *certificate;   /* an F certificate of its own, or NULL */
};
/* Called for each transaction that became final, in order, before the pool forgets it. */
typedef void branch_final_fn(void *ctx, const struct facts *f);
/*
 * The next block is final: it goes into the store (within the caller's store_begin) and is sealed,
 * and the pool drops what it holds.  Anything but ST_OK: the node cannot go on.
 */
MUST_USE enum status branch_deliver(struct branch *b, const struct branch_final *final,
                                    branch_final_fn *each, void *ctx);
const struct block_header *branch_tip(const struct branch *b);
const uint8_t *branch_tip_id(const struct branch *b);
enum election_phase branch_phase(const struct branch *b);
/* The snapshot after the final tip, with a reference taken. */
const struct election_params *branch_params(const struct branch *b);
/* Its hash. */
const uint8_t *branch_params_hash(const struct branch *b);

/* --- transactions ----------------------------------------------------------------------------- */

/* Remember verdicts, so that a block that holds these is judged at once. */
void branch_learn(struct branch *b, const struct verdict *v);
/*
 * Would this verified transaction be accepted next?  Asked of the branch in force, or of the final
 * tip where the snapshots differ.
 */
enum status branch_try(struct branch *b, const struct tx *tx, const struct verdict *v);
/* The same, asked of the final tip: what a block refuses that is not final may come after all. */
enum status branch_try_final(struct branch *b, const struct tx *tx, const struct verdict *v);
/* A refusal by the final tip that nothing that may still happen can undo. */
bool branch_is_hopeless(enum status st);
/* An entry has come to the pool: does it stand in blocks that are judged already? */
void branch_mark(struct branch *b, struct pool_entry *e);
/* At the start: the state was moved on to this block, sealed. */
void branch_restart(struct branch *b, const struct block_header *tip);
/* At the start: a transaction without a tracker that the store holds. */
MUST_USE enum status branch_note_final(struct branch *b, const uint8_t id[static 32]);
/* Does a transaction of this tracker, or (of other types) this id, stand in the branch in force? */
bool branch_holds(const struct branch *b, const uint8_t *tracker, const uint8_t id[static 32]);
/* Does it stand in a block that is final? */
bool branch_is_final(const struct branch *b, const uint8_t *tracker, const uint8_t id[static 32]);

/* --- the worker ------------------------------------------------------------------------------- */

/* Fill the job with the transactions of a block that waits for verdicts.  false: none does. */
bool branch_fill(struct branch *b, struct work_job *job);
/* Such a job is done. */
void branch_judged(struct branch *b, const struct work_job *job);

#endif
