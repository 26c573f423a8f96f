/*
 * state.h: the state of a replica, and how the files of consensus/ share the rules
 * (docs/consensus.md §2).  Private to consensus/.
 *
 *   views.c    R1   entering views; leaders; timers R8, R9
 *   propose.c  R2   leading a view; R10 batching
 *   notarize.c R3   proposals, bodies, execution
 *   votes.c    R4 R5 R6  own votes and others'; R14 evidence
 *   certify.c  R6   certificates
 *   deliver.c  R7   final blocks
 *   sync.c     R11  catching up and answering those who lag
 *   peers.c    R12  budgets and bans
 *   recover.c  R15  replay, start, guard
 *   slots.c, out.c, encode.c, step.c   the table of views, the update, its bytes, the order
 *
 * Invariants:
 *   cur > final_view >= tip.view;
 *   slot v of the ring holds view v only if final_view < v <= final_view + views when it was made;
 *   own votes of a view are kept until a finalization at or above it (A.2, first lesson);
 *   a certificate in a slot was verified, or made of verified votes.
 */
#ifndef KALPIS_CONSENSUS_STATE_H
#define KALPIS_CONSENSUS_STATE_H

#include "tally-server/consensus/consensus.h"
#include "tally-server/consensus/wire.h"

enum {
	RECORDS_MAX = 1024,               /* per update */
	RECORDS_SPARE = 160,              /* kept for what a step makes itself */
	SIGN_MAX = 64,
	MESSAGES_MAX = 128,
	DELIVERIES_MAX = 64,
	EVIDENCE_MAX = 32,
	DEPTH_MAX = 2,                    /* full blocks on an unfinalised branch (R10) */
	VOTE_TYPES = 3
};

enum own_state { OWN_NONE, OWN_ASKED, OWN_SIGNED };

struct own_vote {
	enum own_state state;
	uint8_t block[32];
};

/* One type of vote of one view: one place for each signer, first verified one stays (R6). */
struct tally {
	uint16_t has;                     /* bit i: node i */
	uint8_t block[LIMIT_TRUSTEES][32];
	uint8_t sig[LIMIT_TRUSTEES][VOTE_SIG_BYTES];
};

struct block {
	bool known;                       /* header and body: the body lies in the store */
	bool settled;                     /* verdict is one, not WAIT */
	enum consensus_verdict verdict;
	uint8_t id[32];
	struct block_header header;
	uint64_t child_view;              /* scratch of chain_walk: who came from here */
	uint8_t child_which;
};

enum { PROPOSED = 0, CERTIFIED = 1, BLOCKS_PER_VIEW = 2 };

struct slot {
	uint64_t view;
	struct own_vote own[VOTE_TYPES];
	bool has_n;
	bool has_u;
	bool has_want;                    /* want: a block that is known to be notarized */
	uint16_t blamed;                  /* bit i: evidence against node i was emitted */
	uint64_t n_ms;                    /* when N was learnt */
	uint64_t fetch_ms;                /* when to ask for the wanted body (again) */
	uint8_t want[32];
	/*
	 * [PROPOSED]: the first that the leader signed.  [CERTIFIED]: the wanted one, if it is
	 * another.
	 */
	struct block block[BLOCKS_PER_VIEW];
	struct certificate n;
	struct certificate u;
	struct tally tally[VOTE_TYPES];
};

struct peer {
	uint64_t height;                  /* as it says */
	uint64_t view;
	uint64_t ban_until_ms;
	uint64_t answered_ms;             /* when it was last told the newest F unasked */
	uint64_t verify_left;             /* thousandths of a signature */
	uint64_t serve_left;              /* thousandths of an answer */
	uint64_t refill_ms;
	bool answered;
	bool vouched;                     /* R15, guard: its certified view was counted */
	uint64_t vouched_view;
};

/* A chunk of final blocks on the way from a peer to the application (R11). */
struct tail {
	uint32_t len;
	uint32_t next;                    /* the first that is not delivered */
	uint64_t fetch_ms;
	struct certificate cert;          /* of the last block */
	struct block *block;              /* cfg.views of them */
};

struct consensus {
	struct consensus_config cfg;
	uint8_t leader_base;
	uint64_t rng;
	uint64_t now;
	bool started;
	enum status halted;

	/* Views. */
	uint64_t cur;
	uint64_t entered_ms;
	bool active;                      /* a proposal or vote of cur was seen */
	bool armed;
	bool expired;
	uint64_t armed_ms;
	uint64_t resend_ms;               /* after NULLIFY(cur), else NEVER */
	uint64_t build_ms;                /* not before: the application said "not now" */
	bool recheck;                     /* the application said WAIT */

	/* What is final. */
	uint64_t final_view;
	uint8_t final_id[32];
	bool has_final;
	struct certificate final;         /* the newest F */
	struct block_header tip;          /* delivered */
	uint8_t tip_id[32];

	/* Standstill and status (R8, R11). */
	uint64_t progress_ms;             /* the last new F, or since when there is work */
	bool had_work;
	uint64_t standstill_ms;
	uint64_t standstill_view;         /* cursor */
	uint64_t out_left;                /* thousandths of a byte: repetitions */
	uint64_t out_refill_ms;
	uint64_t status_ms;
	uint64_t cert_req_ms;

	/* Catching up. */
	bool behind;                      /* final_id does not connect to the tip here */
	uint64_t sync_ms;                 /* when to ask (again) */
	bool syncing;
	uint8_t sync_peer;
	struct tail tail;

	/* R15, guard. */
	bool guarded;
	uint64_t sign_above;

	struct peer peer[LIMIT_TRUSTEES];
	struct slot *slots;               /* cfg.views of them */

	/* The update under construction. */
	bool changed;
	bool full;
	bool recount;                     /* certificates are still to be made of replayed votes */
	uint16_t bad_peers;
	size_t record_count, sign_count, message_count, delivery_count, evidence_count;
	struct consensus_record records[RECORDS_MAX];
	struct vote sign[SIGN_MAX];
	struct consensus_message messages[MESSAGES_MAX];
	struct consensus_delivery deliveries[DELIVERIES_MAX];
	struct consensus_evidence evidence[EVIDENCE_MAX];
};

/* --- slots.c -------------------------------------------------------------------------------- */
/* The slot of this view if it is still there, else NULL. */
struct slot *slots_find(const struct consensus *c, uint64_t view);
/* The same, made if it is within the window; NULL beyond. */
struct slot *slots_open(struct consensus *c, uint64_t view);
bool slots_within(const struct consensus *c, uint64_t view);
/* The known block of this id in this view, or NULL. */
struct block *slots_block(const struct consensus *c, uint64_t view, const uint8_t id[static 32]);
/* The highest N below view and above final_view, or NULL. */
const struct slot *slots_highest_n(const struct consensus *c, uint64_t view);
bool ids_equal(const uint8_t a[static 32], const uint8_t b[static 32]);
struct tally *slot_tally(struct slot *s, enum vote_type type);
struct own_vote *slot_own(struct slot *s, enum vote_type type);

/* --- out.c ---------------------------------------------------------------------------------- */
void out_reset(struct consensus *c);
void out_finish(struct consensus *c, struct consensus_update *up);
bool out_has_room(const struct consensus *c);   /* for one more foreign record */
void out_block(struct consensus *c, const uint8_t id[static 32]);
void out_certificate(struct consensus *c, const struct certificate *cert);
void out_guard(struct consensus *c, uint64_t view);
bool out_deliver(struct consensus *c, const struct block *b, const struct certificate *cert);
bool out_sign(struct consensus *c, enum vote_type type, uint64_t view,
              const uint8_t block[static 32]);
/* A message of this kind; NULL when the update is full (the protocol says it again later). */
struct consensus_message *out_message(struct consensus *c, enum wire_kind kind, uint8_t to);
void out_certs(struct consensus *c, uint8_t to, uint64_t first, uint64_t last, bool with_final);
void out_votes(struct consensus *c, uint8_t to, uint64_t first, uint64_t last);
void out_evidence(struct consensus *c, const struct consensus_evidence *e);
void out_bad_peer(struct consensus *c, uint8_t from);
void halt(struct consensus *c, enum status why);

/* --- views.c -------------------------------------------------------------------------------- */
void views_enter(struct consensus *c, uint64_t view);
bool views_leads(const struct consensus *c, uint64_t view);
/* When an honest leader that sees what this node sees would propose in cur; NEVER if idle. */
uint64_t views_due(const struct consensus *c);
bool views_has_work(const struct consensus *c);
bool views_somebody_waits(const struct consensus *c, uint64_t view);
/* Run every timer that is due, before (views) and after (rest) the rules. */
void views_run(struct consensus *c);
void views_resend(struct consensus *c);
uint64_t views_deadline(const struct consensus *c);
uint64_t time_after(uint64_t t, uint64_t ms);
uint64_t time_min(uint64_t a, uint64_t b);

/* --- propose.c ------------------------------------------------------------------------------ */
void propose_try(struct consensus *c);
/* May this block's parent be parent, by the certificates held (R3: base and gap)? */
bool propose_is_justified(const struct consensus *c, const struct block_header *h,
                          uint64_t *missing_view);
/* Write the PROPOSAL of an own signed block: ST_NOT_FOUND when there is none any more. */
MUST_USE enum status propose_write(const struct consensus *c, struct writer *w, uint64_t view);

/* --- notarize.c ----------------------------------------------------------------------------- */
enum status notarize_proposal(struct consensus *c, struct reader *r, uint8_t from);
enum status notarize_fetched(struct consensus *c, const struct wire_block *wb, uint8_t from);
void notarize_try(struct consensus *c);
/* The block with this id in this slot: what the application says, asking it if need be. */
enum consensus_verdict notarize_verdict(struct consensus *c, struct slot *s, unsigned int which);
void notarize_want(struct consensus *c, struct slot *s, const uint8_t id[static 32]);
/*
 * Walk back from a known block to the tip (or, if stop_at_valid, to the first block already
 * called valid), leaving child links.  *first: the block after which forward execution starts
 * from.  LINKED, or why not.
 */
enum chain { CHAIN_LINKED, CHAIN_MISSING, CHAIN_FOREIGN };
struct chain_at {
	struct slot *slot;
	unsigned int which;
};
enum chain chain_walk(struct consensus *c, struct chain_at *first, struct chain_at from,
                      bool stop_at_valid);
/* Execute one block whose parent is valid or the tip. */
enum consensus_verdict chain_execute(struct consensus *c, struct block *b,
                                     const struct block_header *parent,
                                     const uint8_t parent_id[static 32], bool certified);

/* --- votes.c -------------------------------------------------------------------------------- */
bool votes_may_sign(const struct consensus *c, uint64_t view);
bool votes_ask(struct consensus *c, struct slot *s, enum vote_type type,
               const uint8_t block[static 32]);
/* Verified or own: store, count, and look for contradictions. */
void votes_store(struct consensus *c, struct slot *s, const struct vote *v);
enum status votes_take(struct consensus *c, const struct vote *v, uint8_t from);
enum status votes_signed(struct consensus *c, const struct vote *v);
unsigned int votes_count(const struct tally *t, const uint8_t block[static 32]);
void votes_finalize_try(struct consensus *c);
void votes_nullify_try(struct consensus *c);

/* --- certify.c ------------------------------------------------------------------------------ */
/* From a peer: verified before use. */
enum status certify_take(struct consensus *c, const struct certificate *cert, uint8_t from);
/* Verified, or made here (announce). */
void certify_learn(struct consensus *c, const struct certificate *cert, bool announce);
/* Make the certificate if q votes for this block are there. */
void certify_count(struct consensus *c, struct slot *s, enum vote_type type,
                   const uint8_t block[static 32]);

/* --- deliver.c ------------------------------------------------------------------------------ */
void deliver_try(struct consensus *c);

/* --- sync.c --------------------------------------------------------------------------------- */
enum status sync_status(struct consensus *c, struct reader *r, uint8_t from);
enum status sync_request(struct consensus *c, struct reader *r, uint8_t from);
enum status sync_response(struct consensus *c, struct reader *r, uint8_t from);
enum status sync_cert_req(struct consensus *c, struct reader *r, uint8_t from);
enum status sync_block_req(struct consensus *c, struct reader *r, uint8_t from);
/* A body of the chunk that came alone.  ST_NOT_FOUND: it is none of it. */
enum status sync_body(struct consensus *c, const struct wire_block *wb, uint8_t from);
void sync_answer_old(struct consensus *c, uint8_t from);
void sync_run(struct consensus *c);
uint64_t sync_deadline(const struct consensus *c);
MUST_USE enum status sync_write(const struct consensus *c, struct writer *w,
                                const struct consensus_message *m);

/* --- peers.c -------------------------------------------------------------------------------- */
void peers_start(struct consensus *c);   /* with full budgets */
bool peers_is_banned(const struct consensus *c, uint8_t from);
/* false: this peer has had its share for now. */
bool peers_may_verify(struct consensus *c, uint8_t from, unsigned int signatures);
enum peers_cost { PEERS_ANSWER = 1, PEERS_CHUNK = 4 };   /* of a request, in answers */
bool peers_may_ask(struct consensus *c, uint8_t from, enum peers_cost cost);
/* Is there room in the rate of repetitions for so many bytes to every peer? */
bool peers_may_repeat(struct consensus *c, uint64_t bytes);
/* block_body_check of what this peer sent; a false one is its fault. */
enum status peers_body_check(struct consensus *c, uint8_t from, const struct block_header *h,
                             const uint8_t *body, size_t body_len);
void peers_blame(struct consensus *c, uint8_t from);
uint8_t peers_pick(struct consensus *c, uint16_t among);   /* a random one, or CONSENSUS_ALL */

/* --- recover.c ------------------------------------------------------------------------------ */
/* Make the certificates that own votes, counted again, complete. */
void recover_recount(struct consensus *c);
void recover_vouch(struct consensus *c, uint8_t from, uint64_t view);
/*
 * The view that STATUS names: the first, from cur on, in which the guard lets this node sign; 0
 * until the guard is passed.  So only who signs in its own view vouches for others.
 */
uint64_t recover_shown_view(const struct consensus *c);

#endif
