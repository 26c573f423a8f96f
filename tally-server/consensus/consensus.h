/*
 * consensus.h: one replica of the ledger, as a pure machine (docs/consensus.md).
 *
 * Simplex (Chan and Pass, TCC 2023) in the rule set for lossy networks: rules R0 to R15 of
 * docs/consensus.md.  A step takes the time and one event, and says what to store, sign, send,
 * time and deliver.  It has no file, socket, clock, allocation or randomness of its own.
 *
 * The driver carries out an update in this order (R0):
 *   1. append every record to the write-ahead log, in order, and sync it once;
 *   2. have the signer sign every vote of `sign`, in order (its log is the one record of votes and
 *      is durable before it answers), and keep the answers for further steps (CONSENSUS_SIGNED);
 *   3. encode and send the messages;
 *   4. arm the one timer;
 *   5. commit the deliveries, and hand evidence and bad peers to whom they concern.
 * Everything an update points to is borrowed until the next step; so messages are encoded before
 * it.  tally-server/consensus/README.md shows the loop.
 *
 * Invariant: nothing signed, and no delivery, appears in an update before the records it rests on
 * were in this or an earlier one.
 */
#ifndef KALPIS_CONSENSUS_CONSENSUS_H
#define KALPIS_CONSENSUS_CONSENSUS_H

#include "common/ledger/block.h"
#include "common/ledger/certificate.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONSENSUS_ALL = 0xff,             /* a message for every peer */
	CONSENSUS_AHEAD = 64,             /* views beyond the current one that votes may be for (R12) */
	CONSENSUS_EARLY_MIN = 1,          /* minutes that a block may be ahead of the own clock (R3) */
	CONSENSUS_LATE_MIN = 10,          /* and behind it, to be voted for */
	CONSENSUS_VIEWS_MIN = 128,        /* bounds of consensus_config.views */
	CONSENSUS_VIEWS_MAX = 4096,
	CONSENSUS_RECORD_BYTES_MAX = 2 + BLOCK_HEADER_BYTES + 4 + BLOCK_BODY_BYTES_MAX
};

/* No deadline. */
#define CONSENSUS_NEVER UINT64_MAX

/* What waits to be ordered, as the application sees it. */
struct consensus_pending {
	uint32_t count;
	uint64_t oldest_ms;               /* when the oldest arrived, in the clock of `now` */
};

/* What a block may hold. */
struct consensus_limits {
	uint32_t items;                   /* 0: the block must be empty (R10, backpressure) */
	uint32_t body_bytes;
};

enum consensus_verdict { CONSENSUS_VALID, CONSENSUS_INVALID, CONSENSUS_WAIT };

/*
 * The application and the stores behind it.  Called from within a step; none may call back.
 * Pointers given to the machine stay good until the step returns or, while a message or record is
 * encoded, until that call returns.
 */
struct consensus_app {
	void *ctx;
	/*
	 * What waits, given the branch that ends in parent (an unfinalised block that check called
	 * valid; otherwise answer for the final chain).  What can never enter a block must not count.
	 */
	void (*pending)(void *ctx, struct consensus_pending *out, const uint8_t parent[static 32]);
	/*
	 * Make a block on parent.  *header says where it stands; build sets time_min, n_items,
	 * log_size, log_root and state_hash and makes the body; the machine adds its length and
	 * hash.  The body may be empty, and must be when limits says so.  ST_AGAIN: not now.
	 */
	enum status (*build)(void *ctx, struct block_header *header, const uint8_t **body,
	                     size_t *body_len, const struct block_header *parent,
	                     const uint8_t parent_id[static 32],
	                     const struct consensus_limits *limits);
	/*
	 * Execute a block on its parent, which was valid.  Deterministic for a given block, except
	 * that WAIT may precede the verdict (proofs under way, a time that is not the clock's:
	 * consensus_is_timely); the machine asks again at its next step.  certified: q nodes have
	 * notarized it, so the clock is no reason any more.  On INVALID *why says why.
	 */
	enum consensus_verdict (*check)(void *ctx, enum status *why, const struct block_header *header,
	                                const uint8_t id[static 32], bool certified);
	/*
	 * Bodies live here.  put keeps one (the record that makes it durable follows in the same
	 * update); any refusal makes the machine act as if the block had not come.  get finds any
	 * block put and not yet dropped, or committed: ST_NOT_FOUND.
	 */
	enum status (*put)(void *ctx, const struct block_header *header, const uint8_t id[static 32],
	                   const uint8_t *body, size_t body_len);
	enum status (*get)(void *ctx, struct block_header *header, const uint8_t **body,
	                   size_t *body_len, const uint8_t id[static 32]);
	/* The committed chain, for those who lag.  ST_NOT_FOUND. */
	enum status (*committed)(void *ctx, uint8_t id[static 32], uint64_t height);
	/* The highest block in [from, to] with an F certificate of its own.  ST_NOT_FOUND. */
	enum status (*certified)(void *ctx, uint64_t *height, struct certificate *cert, uint64_t from,
	                         uint64_t to);
};

struct consensus_config {
	struct committee committee;
	vote_verify_fn *verify;           /* vote_verify_ed25519, but in a simulation */
	uint8_t self;                     /* node index */
	bool amnesia;                     /* the logs may have lost something: R15, guard */
	uint64_t seed;                    /* of the generator that picks peers */
	uint32_t views;                   /* window beyond the last final view; a power of two */
	uint32_t delta_ms;                /* the bound on one message that timers assume */
	uint32_t view_max_ms;             /* cap of the view timer */
	uint32_t batch_min;               /* manifest */
	uint32_t batch_wait_ms;           /* manifest; always wins */
	uint32_t status_ms;               /* between STATUS messages while there is work */
	uint32_t status_idle_ms;
	uint32_t standstill_ms;           /* at least 10 delta is waited */
	uint32_t sync_timeout_ms;
	uint32_t ban_ms;                  /* how long a peer with a false signature is ignored */
	uint32_t out_bytes_per_s;         /* standstill rate */
	uint32_t verify_per_s;            /* signatures checked for one peer */
	struct consensus_app app;
};

/*
 * R3: may a block of this time get a vote before q nodes have voted for it, by a clock that shows
 * clock_min?  Both in whole minutes since 1970.
 */
bool consensus_is_timely(uint64_t time_min, uint64_t clock_min);

/* The usual figures; committee, self, seed, batch figures and app are left to the caller. */
void consensus_defaults(struct consensus_config *cfg, uint32_t delta_ms);

enum consensus_record_type {
	CONSENSUS_RECORD_BLOCK = 1,       /* header and body */
	CONSENSUS_RECORD_CERTIFICATE = 2,
	CONSENSUS_RECORD_COMMIT = 3,      /* this block is final at this height */
	CONSENSUS_RECORD_GUARD = 4        /* sign only in views above */
};

struct consensus_record {
	enum consensus_record_type type;
	uint8_t id[32];                   /* BLOCK, COMMIT */
	uint64_t height;                  /* COMMIT */
	uint64_t view;                    /* GUARD */
	bool has_cert;                    /* COMMIT: the block has an F certificate of its own */
	struct certificate cert;          /* CERTIFICATE; COMMIT if has_cert */
};

/* A message to encode and send.  Opaque but for these. */
struct consensus_message {
	uint8_t kind;                     /* enum wire_kind */
	uint8_t to;                       /* node index or CONSENSUS_ALL */
	bool bulk;                        /* lane */
	bool with_final;
	uint64_t first, last;             /* views or heights */
	uint8_t id[32];
};

/* In height order, without gaps. */
struct consensus_delivery {
	struct block_header header;
	uint8_t id[32];
	bool has_cert;                    /* an F certificate of its own; else a descendant's */
	struct certificate cert;
};

enum consensus_evidence_type { CONSENSUS_DOUBLE_VOTE, CONSENSUS_UNSOUND_PROPOSAL };

/* Signed by one node; a stranger can check it with the manifest. */
struct consensus_evidence {
	enum consensus_evidence_type type;
	struct vote a;
	struct vote b;                    /* DOUBLE_VOTE: contradicts a */
	struct block_header header;       /* UNSOUND_PROPOSAL: the block that a notarizes */
	enum status why;
};

struct consensus_update {
	const struct consensus_record *records;
	size_t record_count;
	const struct vote *sign;          /* signatures are yet to be made */
	size_t sign_count;
	const struct consensus_message *messages;
	size_t message_count;
	const struct consensus_delivery *deliveries;
	size_t delivery_count;
	const struct consensus_evidence *evidence;
	size_t evidence_count;
	uint64_t deadline_ms;             /* step with CONSENSUS_TICK then, or CONSENSUS_NEVER */
	bool again;                       /* outputs were full: step with CONSENSUS_TICK at once */
	uint16_t bad_peers;               /* bit i: node i sent a false signature or a false chain */
	enum status halted;               /* not ST_OK: stop the node and tell everybody */
};

enum consensus_event_type {
	CONSENSUS_TICK,                   /* time passed, or the application has news */
	CONSENSUS_MESSAGE,                /* from, bytes, len */
	CONSENSUS_SIGNED,                 /* vote: one of an earlier update's, with its signature */
	CONSENSUS_PEER_UP                 /* from: the link to this peer came up */
};

struct consensus_event {
	enum consensus_event_type type;
	uint8_t from;                     /* node index that the channel authenticated */
	const uint8_t *bytes;             /* borrowed for the step */
	size_t len;
	struct vote vote;
};

struct consensus;

/* Memory that consensus_init needs.  Aligned as malloc aligns. */
size_t consensus_bytes(const struct consensus_config *cfg);
/*
 * A machine in the caller's memory, which it keeps.  tip is the last committed block (block 0 at
 * first).  ST_CONFIG when a figure is out of range, ST_LIMIT when the memory is too small.
 */
MUST_USE enum status consensus_init(struct consensus **out, void *memory, size_t memory_len,
                                    const struct consensus_config *cfg,
                                    const struct block_header *tip);
/*
 * R15: before consensus_start, every record of the log in order, and then every vote of the
 * signer's log.  ST_FORMAT, ST_SIGNATURE, ST_CERTIFICATE, ST_HASH: the log is not this node's or
 * is damaged; start with amnesia.  Records that no longer matter are skipped with ST_OK.
 */
MUST_USE enum status consensus_replay(struct consensus *c, const uint8_t *record, size_t len);
MUST_USE enum status consensus_replay_vote(struct consensus *c, const struct vote *v);
void consensus_start(struct consensus *c, struct consensus_update *up, uint64_t now_ms);

/*
 * One step.  now_ms never decreases (an earlier value counts as the latest).  The status speaks of
 * the event alone: why a message was not used.  The update is valid whatever it is.
 */
enum status consensus_step(struct consensus *c, struct consensus_update *up, uint64_t now_ms,
                           const struct consensus_event *ev);

/* Bytes to append or send.  Anything but ST_OK: there is nothing to send any more; skip it. */
MUST_USE enum status consensus_record_encode(const struct consensus *c, uint8_t *buf, size_t cap,
                                             size_t *len, const struct consensus_record *rec);
MUST_USE enum status consensus_message_encode(const struct consensus *c, uint8_t *buf, size_t cap,
                                              size_t *len, const struct consensus_message *msg);
/*
 * What a fresh log must hold besides the committed chain: for compaction.  Set *cursor to 0 first;
 * false after the last.
 */
bool consensus_live(const struct consensus *c, struct consensus_record *out, uint64_t *cursor);

/* For status lines and tests. */
struct consensus_info {
	uint64_t view;
	uint64_t final_view;
	uint64_t height;                  /* delivered */
	uint8_t tip[32];
	uint8_t leader;                   /* of view */
	bool has_work;
	bool guarded;                     /* does not sign yet (R15) */
	enum status halted;
	uint64_t peer_height[LIMIT_TRUSTEES];   /* as they say */
};
void consensus_info(const struct consensus *c, struct consensus_info *out);
uint8_t consensus_leader(const struct consensus *c, uint64_t view);
/* The certificates of a view beyond or near the last final one, to archive: ST_NOT_FOUND. */
MUST_USE enum status consensus_certificate(const struct consensus *c, struct certificate *out,
                                           enum vote_type type, uint64_t view);

#endif
