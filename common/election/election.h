/*
 * election.h: the rulebook, the contract of the chain (protocol.md §7).
 *
 * election_apply is the only place that says what may follow what.  It is deterministic: no
 * clock, locale, float or table order.  It demands a verdict of election_check (check.h), which
 * did the proofs and signatures, and does group arithmetic but no proofs of its own.
 *
 * A block is applied in four strokes:
 *     election_begin; election_apply for each item in order; election_finish; election_push
 * and undone by election_pop, newest first, until election_seal makes it final.  election_drop
 * abandons a block that was begun.
 *
 * Invariant: after a refusal the state is as it was before the call (journal.h).
 */
#ifndef KALPIS_ELECTION_ELECTION_H
#define KALPIS_ELECTION_ELECTION_H

#include "common/election/params.h"
#include "common/ledger/transaction.h"
#include "crypto/merkle.h"

struct election;

enum { ELECTION_UNSEALED_MAX = 64 };   /* blocks that may wait for finality */

/* What election_check found, for whom and against what. */
struct verdict {
	uint8_t id[TX_ID_BYTES];     /* of the transaction */
	uint8_t params[32];          /* hash of the snapshot */
};

/* What the header of a block must say of the state after it. */
struct election_digest {
	uint64_t log_size;
	uint8_t log_root[32];
	uint8_t state_hash[32];
};

/* The state after block 0.  m is borrowed for the life of the state. */
MUST_USE enum status election_new(struct election **out, const struct manifest *m);
void election_free(struct election *e);

/* Of the state after the last pushed block (block 0: after election_new). */
void election_digest(const struct election *e, struct election_digest *out);

/* Begin the block of this height and time (minutes since 1970).  ST_INTERNAL when one is begun;
 * ST_AGAIN when ELECTION_UNSEALED_MAX are not sealed. */
MUST_USE enum status election_begin(struct election *e, uint64_t height, uint64_t time_minutes);

/*
 * One item.  ST_UNVERIFIED when verdict is not for it and the present snapshot.  ST_ORDER when
 * it breaks the order of a block (protocol.md §7: others by (type, id), then ballots and tests by
 * tracker; a phase change alone; one ballot of a credential).  Any rule's refusal otherwise.
 */
MUST_USE enum status election_apply(struct election *e, const struct tx *tx,
                                    const struct verdict *verdict);
/* Would election_apply accept it as the first item of a next block?  Changes nothing. */
MUST_USE enum status election_would_apply(struct election *e, const struct tx *tx,
                                          const struct verdict *verdict);

/* End of the items: steps that are complete end here. */
MUST_USE enum status election_finish(struct election *e, struct election_digest *out);
/* The finished block has this id: it becomes the tip. */
MUST_USE enum status election_push(struct election *e, const uint8_t block_id[static 32]);
void election_drop(struct election *e);
/* Undo the newest pushed block that is not sealed.  ST_NOT_FOUND when there is none. */
MUST_USE enum status election_pop(struct election *e);
/* Blocks up to and including height are final and will not be undone. */
void election_seal(struct election *e, uint64_t height);

/* --- looking ------------------------------------------------------------------------------- */

enum election_phase election_phase(const struct election *e);
uint64_t election_height(const struct election *e);
/* Minutes since 1970, of the tip. */
uint64_t election_time(const struct election *e);
/* The id of the tip. */
const uint8_t *election_tip(const struct election *e);
const struct manifest *election_manifest(const struct election *e);

/*
 * The snapshot to check against now, with a reference taken: give it back to params_unref.  It
 * borrows roll, sums and messages from the state: while another thread checks against it, nothing
 * may be popped (election_pop) and the state not be freed.
 */
const struct election_params *election_params(const struct election *e);

enum ballot_fate { FATE_UNKNOWN = 0, FATE_LIVE, FATE_REPLACED, FATE_TESTED };

struct ballot_record {
	uint8_t tracker[32];
	enum ballot_fate fate;
	uint64_t leaf;          /* its index in the log */
	uint64_t height;        /* of its block */
	uint32_t voter;         /* index on the roll; not for a test */
	uint32_t kiosk;         /* a test's */
};

/* By the first 10 bytes of a tracker; at most one has them.  ST_NOT_FOUND. */
MUST_USE enum status election_find(const struct election *e, const uint8_t prefix[static 10],
                                   struct ballot_record *out);
/* The live ballot of a roll entry.  ST_NOT_FOUND. */
MUST_USE enum status election_find_voter(const struct election *e, uint32_t voter,
                                         struct ballot_record *out);

/*
 * Everything that the state hash covers.  With a certified header, a path from a tracker to
 * votes_root proves that the ballot counts.
 */
struct state_summary {
	enum election_phase phase;
	trustee_set excluded;
	trustee_set acted;          /* in the present step of the ceremony */
	trustee_set shared;         /* trustees whose share stands */
	uint32_t roll_count;
	uint64_t weight_sum;
	uint32_t ballots;           /* ballot transactions, replaced ones included */
	uint32_t live;              /* ballots that count */
	uint32_t tests;
	uint32_t kiosks;
	uint32_t closings;
	uint8_t votes_root[32];     /* one leaf a roll entry: its live tracker or zeros; else zeros */
	uint8_t tally_digest[32];   /* zeros before `end` */
};
void election_summary(const struct election *e, struct state_summary *out);
/* state_hash of a header = H("state", the fields above). */
void election_summary_hash(const struct state_summary *s, uint8_t out[static 32]);

MUST_USE enum status election_device(const struct election *e, unsigned int kiosk,
                                     struct params_device *out);
unsigned int election_kiosk_tests(const struct election *e, unsigned int kiosk);

/* The path of a roll entry to votes_root.  ST_NOT_FOUND before `open` or beyond the roll. */
MUST_USE enum status election_counted_path(const struct election *e, uint32_t voter,
                                           uint8_t path[static MERKLE_PATH_MAX][32],
                                           size_t *path_len);
/* NULL before PHASE_ENDED. */
const struct tally *election_tally(const struct election *e);
/* Height of the block that holds `end`; 0 before. */
uint64_t election_end_height(const struct election *e);
/* The time of that block; 0 before. */
uint64_t election_end_time(const struct election *e);
/* Does an alpha of this body stand in a ballot or test on the chain, its own included? */
struct ballot_body;
bool election_has_ciphertext_of(const struct election *e, const struct ballot_body *b);
/* NULL until every chunk is on the chain. */
const struct roll *election_roll(const struct election *e);

/* The counts of the result, in the order of the aggregates.  NULL before PHASE_FINAL. */
const uint64_t *election_result(const struct election *e, uint32_t *len);
/* Combine the shares on the chain; ST_THRESHOLD with fewer than t.  counts: tally order. */
MUST_USE enum status election_combine(const struct election *e, uint64_t *counts, size_t cap,
                                      uint32_t *len);

#endif
