/*
 * state.h: what the rulebook's files share; nobody else includes it (election.h is the door).
 *
 * `now` is everything small.  It is copied whole when a block begins and when an item is tried,
 * so rules may write to it freely.  Everything large (live votes, indexes, sums, trees, devices)
 * changes through the journal.
 *
 * Invariant: objects that `now` points at belong to e->owned and are dropped, newest first, when
 * the journal rolls back past their making.
 */
#ifndef KALPIS_ELECTION_STATE_H
#define KALPIS_ELECTION_STATE_H

#include "common/election/ballot.h"
#include "common/election/election.h"
#include "common/election/index.h"
#include "common/election/journal.h"
#include "common/ledger/report.h"
#include "crypto/dkg.h"
#include "crypto/merkle.h"

struct state_device {
	struct params_device id;
	uint32_t tests;
	bool closed;                /* its kiosk-closing is on the chain */
};

/* The live ballot of a voter. */
struct state_vote {
	bool is_live;
	uint32_t ballots;           /* this one and those that it replaced, one after the other */
	uint8_t tracker[32];
	struct params_blob wire;    /* the transaction; kept only where a revote may replace it */
};

struct tracker_record {
	uint8_t prefix[INDEX_KEY_10];
	uint8_t tracker[32];
	bool is_test;
	uint32_t voter;             /* or kiosk, of a test */
	uint64_t leaf;
	uint64_t height;
};

enum { STATE_OFFENCES = 7 };    /* enum evidence_kind, those that stand in transactions */

/* How often who reported, and who was shown to have done what.  By party_slot. */
struct state_reports {
	uint8_t evidence[PARTY_REPORTERS][STATE_OFFENCES];
	uint8_t complaints[PARTY_REPORTERS];
	uint8_t incidents[PARTY_REPORTERS];
	uint8_t of[PARTY_SLOTS][STATE_OFFENCES];
};

struct state_now {
	enum election_phase phase;
	uint64_t height;
	uint64_t time;              /* of the block being applied, or the tip; minutes */
	uint64_t step_time;         /* time of the block that began the step of the ceremony */
	uint8_t tip[32];
	uint8_t anchor[32];
	uint8_t step_block[32];
	uint8_t end_block[32];      /* that holds `end` */
	trustee_set excluded;
	trustee_set acted;
	trustee_set shared;

	struct params_blob commit[LIMIT_TRUSTEES];
	struct params_blob deal[LIMIT_TRUSTEES];
	struct params_blob complaint[LIMIT_TRUSTEES];
	struct params_blob share[LIMIT_TRUSTEES];
	uint8_t transcript[32];     /* of the ceremony, folded transaction by transaction */
	uint8_t dealt[32];          /* the transcript when the deals were in */
	uint8_t confirm_hash[32];
	struct dkg_result *keys;    /* owned; from PHASE_CONFIRM on */

	uint32_t roll_chunks_total;
	uint32_t roll_chunks_have;
	uint32_t roll_entries;             /* in all chunks so far */
	struct params_blob *roll_chunks;   /* owned; roll_chunks_total of them */
	struct roll *roll;                 /* owned; once complete */
	struct ballot_setup *ballots;      /* owned; from PHASE_OPEN on */
	struct tally *tally;               /* owned; from PHASE_ENDED on */
	uint64_t end_height;               /* of the block that holds `end` */
	uint64_t end_time;                 /* its header's; minutes */
	uint64_t *result;                  /* owned; from PHASE_FINAL on */

	uint32_t cast;              /* ballot transactions */
	uint32_t live;
	uint32_t tests;
	uint32_t kiosks;
	uint32_t closings;

	struct merkle_frontier log;
	struct election_params *params;    /* owned */

	/* Within the block being applied. */
	uint32_t items;
	bool alone;                 /* a phase change was applied: nothing else fits */
	bool step_over;             /* a step ended: a new snapshot is due */
	bool set_anchor;            /* the id of this block becomes the anchor */
	bool set_step_block;
	bool has_ballots;
	enum tx_type last_type;
	uint8_t last_key[32];       /* id, or tracker once has_ballots */
};

struct state_block {
	uint8_t id[32];
	uint64_t height;
	uint64_t mark;              /* of the journal before it began */
};

struct owned {
	struct owned *next;
	void *object;
	void (*drop)(void *object);
};

struct election {
	const struct manifest *m;
	struct journal *journal;
	struct state_now now;
	struct state_device *devices;      /* LIMIT_KIOSKS */
	struct index keys_used;            /* of the manifest and of kiosks, 32 bytes */
	struct index trackers;             /* by 80-bit prefix */
	struct index alphas;               /* SHA-256 of every alpha of every ballot and test */
	struct index ephemerals;           /* SHA-256 of every E of every deal */
	struct index reported;             /* every offence and statement, hashed */
	struct state_reports *reports;
	struct state_vote *votes;          /* one for each roll entry, once the roll is frozen */
	struct merkle_tree tree;           /* the state tree over the roll */
	uint8_t (*tree_nodes)[32];
	struct tally_cells cells;
	struct owned *owned;
	struct state_block blocks[ELECTION_UNSEALED_MAX];
	unsigned int blocks_len;
	bool begun;                        /* between election_begin and push or drop */
	bool finished;
	uint64_t begun_mark;
	struct election_digest digest;     /* of the tip, or of the finished block */
	struct dkg_params dkg;
	struct dkg_deal *scratch_deal;     /* LIMIT_TRUSTEES of them */
};

/* state.c */

/* Hand an object to the state: dropped on rollback or at the end.  On failure it is dropped. */
MUST_USE enum status state_own(struct election *e, void *object, void (*drop)(void *object));
/* A copy of bytes that lives as long as the state needs it. */
MUST_USE enum status state_blob(struct election *e, struct params_blob *out, const void *bytes,
                                size_t len);
/* A fresh snapshot of `now`. */
MUST_USE enum status state_snapshot(struct election *e);
void state_hash(const struct election *e, uint8_t out[static 32]);
void state_summarise(const struct election *e, struct state_summary *out);

/* rules_ceremony.c */
MUST_USE enum status rule_commit(struct election *e, const struct tx *tx);
MUST_USE enum status rule_deal(struct election *e, const struct tx *tx);
MUST_USE enum status rule_complain(struct election *e, const struct tx *tx);
MUST_USE enum status rule_confirm(struct election *e, const struct tx *tx);
MUST_USE enum status rule_advance(struct election *e, const struct tx *tx);
/* At the end of a block: does a step of the ceremony end with it? */
MUST_USE enum status rule_step_end(struct election *e);
void rule_transcript(struct election *e, const uint8_t id[static TX_ID_BYTES]);

/* rules_voting.c */
MUST_USE enum status rule_roll(struct election *e, const struct tx *tx);
MUST_USE enum status rule_device(struct election *e, const struct tx *tx);
MUST_USE enum status rule_open(struct election *e, const struct tx *tx);
MUST_USE enum status rule_close(struct election *e, const struct tx *tx);
MUST_USE enum status rule_end(struct election *e, const struct tx *tx);
MUST_USE enum status rule_closing(struct election *e, const struct tx *tx);
MUST_USE enum status rule_ballot(struct election *e, const struct tx *tx, const struct ballot *b);
MUST_USE enum status rule_test(struct election *e, const struct ballot_test *t);

/* rules_result.c */
MUST_USE enum status rule_share(struct election *e, const struct tx *tx);
MUST_USE enum status rule_result(struct election *e, const struct tx *tx);

/* rules_report.c */
MUST_USE enum status rule_evidence(struct election *e, const struct tx *tx);
MUST_USE enum status rule_complaint(struct election *e, const struct tx *tx);
MUST_USE enum status rule_incident(struct election *e, const struct tx *tx);

#endif
