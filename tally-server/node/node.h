/*
 * node.h: a running node: what its files share (docs/operating.md, "a node").
 *
 *   open.c, found.c, logs.c   start: folder, key, election, logs, network
 *   loop.c      events of the network, the worker and the clock
 *   drive.c     carrying out what consensus says, in the order of R0
 *   deliver.c   what is final: store, kiosks, receipts, phases
 *   admit.c     transactions: from the intake through the worker into the pool
 *   gossip.c    what nodes say to each other besides consensus
 *   cosign.c    each node's word on the end and the result
 *   evidence.c  what shows that another node cheats: files and transactions
 *   door.c      requests of kiosks and readers
 *
 * One thread owns all of it; the worker sees only its job (work.h).
 *
 * Invariant: what is promised, voted or delivered was on the disk before.
 */
#ifndef KALPIS_NODE_NODE_H
#define KALPIS_NODE_NODE_H

#include "common/election/election.h"
#include "common/ledger/store.h"
#include "common/net/link.h"
#include "tally-server/consensus/consensus.h"
#include "tally-server/node/asks.h"
#include "tally-server/node/branch.h"
#include "tally-server/node/facts.h"
#include "tally-server/node/intake.h"
#include "tally-server/node/pool.h"
#include "tally-server/node/settings.h"
#include "tally-server/node/wal.h"
#include "tally-server/node/work.h"
#include "tally-server/signer/remote.h"

enum {
	NODE_VOTES_MAX = 1024,        /* signed, on their way back into consensus */
	NODE_JOB_MAX = 256,           /* transactions checked in one go */
	NODE_SILENCE_MS = 15000       /* a peer that says nothing for so long is away */
};

struct node_peer {
	bool up;
	uint64_t heard_ms;
	uint64_t cosign_ms;           /* not before: cosignatures to it */
	uint64_t ignored_until_ms;    /* it sent a transaction that no honest node passes on */
};

struct node_kiosk {
	uint8_t key[LINK_KEY_BYTES];  /* CURVE */
	uint32_t number;              /* LIMIT_KIOSKS: this node's own tools */
};

struct node {
	const struct settings *set;
	int lock;
	uint8_t self;
	uint8_t curve_key[LINK_KEY_BYTES];
	uint8_t sign_key[32];         /* the node's; its secret is the signer's alone */
	struct remote_keys *keys;     /* guarded memory; until the network is open */
	struct committee committee;

	struct store *store;
	struct manifest *manifest;
	struct election *election;
	struct branch *branch;
	struct pool *pool;
	struct intake *intake;
	struct work *work;
	struct wal *wal;
	struct wal *pool_log;
	struct remote *signer;
	struct link *link;
	struct asks *asks;

	struct consensus *core;
	void *core_memory;
	uint64_t deadline_ms;
	bool tick;                    /* consensus is to look again at once */
	struct vote votes[NODE_VOTES_MAX];
	size_t votes_next, votes_len;

	struct node_peer peer[LIMIT_TRUSTEES];
	struct node_kiosk kiosk[LIMIT_KIOSKS + 1];   /* sorted by key */
	size_t kiosks;
	bool is_stalled;              /* said in the log: no quorum is in sight */
	uint64_t stall_ms;            /* not before: at the start others need time to come */
	uint64_t gossip_ms;           /* when to say again what waits */
	uint64_t cosign_ms;           /* when to look what words are missing */
	uint64_t cosign_wait_ms;
	uint64_t evidence_ms;         /* when to look what evidence the chain lacks */
	bool evidence_open;           /* some may be lacking; set at the start */
	uint64_t housekeeping_ms;
	uint8_t fresh[NODE_JOB_MAX][TX_ID_BYTES];    /* logged; to be synced, said and promised */
	size_t fresh_len;
	uint8_t job_params[32];       /* hash of the snapshot that the worker checks against */
	enum election_phase phase;    /* as last logged */

	uint8_t *frame;               /* LIMIT_FRAME_BULK: what is encoded */
	uint8_t *answer;              /* LIMIT_RESPONSE */
	volatile bool *stop;          /* a signal came */
	enum status failed;           /* why the node cannot go on */
};

/* --- start and end ---------------------------------------------------------------------------- */

/*
 * Open everything.  passphrase_file may be NULL: the signer asks.  Anything but ST_OK: fault says
 * why; node_close frees what was opened.
 */
MUST_USE enum status node_open(struct node *n, const struct settings *set,
                               const char *passphrase_file, struct fault *fault);
/*
 * The same in parts, for tests: node_begin; then n->signer is the caller's to set, with n->keys;
 * node_take_keys; found_folder; node_found.
 */
MUST_USE enum status node_begin(struct node *n, const struct settings *set, struct fault *fault);
MUST_USE enum status node_take_keys(struct node *n, struct fault *fault);
MUST_USE enum status node_found(struct node *n, struct fault *fault);
/* Until *n->stop, or a failure: ST_OK for the first. */
MUST_USE enum status node_run(struct node *n);
void node_close(struct node *n);

/* found.c: the data folder, for this process alone. */
MUST_USE enum status found_folder(struct node *n, struct fault *fault);
/* Store, manifest, committee, replay. */
MUST_USE enum status found_open(struct node *n, struct fault *fault);
/* logs.c: logs, recovery, consensus ready to start. */
MUST_USE enum status logs_open(struct node *n, struct fault *fault);
/* One record of consensus into the batch. */
MUST_USE enum status logs_append(struct node *n, const struct consensus_record *rec);
/* Compaction of whatever has grown. */
MUST_USE enum status logs_tidy(struct node *n);

/* --- drive.c, deliver.c ----------------------------------------------------------------------- */

void drive_start(struct node *n);
void drive_event(struct node *n, const struct consensus_event *ev);
MUST_USE enum status deliver_all(struct node *n, const struct consensus_update *up);
/* Kiosk keys of the chain to the link and the intake. */
void deliver_kiosks(struct node *n);
/* The phase changed: the pool is checked anew. */
void deliver_phase(struct node *n);

/* --- admit.c ---------------------------------------------------------------------------------- */

/* Take a finished job, hand out the next. */
void admit_pump(struct node *n);
/* Everything in the pool whose verdict is for an older snapshot goes to the worker again. */
void admit_recheck(struct node *n);
/* A promise for a pool entry: into the log; said after admit_flush. */
void admit_promise(struct node *n, struct pool_entry *e);
/* The log is synced; what it holds is sent to the others and promised. */
void admit_flush(struct node *n);
/* After the chain grew: entries of these voters or types may have become hopeless. */
void admit_review(struct node *n, uint32_t *voters, size_t voters_len, uint32_t types);

/* --- pool log --------------------------------------------------------------------------------- */

MUST_USE enum status pool_log_append(struct node *n, const struct pool_entry *e);
/* Entries of the log come back into pool and intake. */
MUST_USE enum status pool_log_load(struct node *n);
MUST_USE enum status pool_log_tidy(struct node *n);

/* --- gossip.c --------------------------------------------------------------------------------- */

/* Kinds of the node's own among the messages of peers (consensus/wire.h leaves 32 and above). */
enum { GOSSIP_TXS = 32, GOSSIP_COSIGNATURES = 33 };

void gossip_hear(struct node *n, uint32_t peer, const uint8_t *bytes, size_t len);
/* Say these entries to all. */
void gossip_say(struct node *n, struct pool_entry *const *entries, size_t len);
/* Everything that waits, to one that was away. */
void gossip_catch_up(struct node *n, uint32_t peer);
/* From time to time: what waits for long. */
void gossip_again(struct node *n, uint64_t now_ms);
void gossip_heard(struct node *n, uint32_t peer, uint64_t now_ms);
void gossip_look(struct node *n, uint64_t now_ms);
unsigned int gossip_up(const struct node *n);

/* --- cosign.c --------------------------------------------------------------------------------- */

/* Sign what has become final; ask for what others signed. */
void cosign_look(struct node *n, uint64_t now_ms);
/* The chain grew, or a peer came: look at once. */
void cosign_soon(struct node *n);
/* Every word that the store has. */
void cosign_list(struct node *n, struct writer *w);
void cosign_hear(struct node *n, uint32_t peer, const uint8_t *bytes, size_t len);

/* --- evidence.c ------------------------------------------------------------------------------- */

/* Consensus has found somebody out: into a file, and from there to the chain. */
void evidence_take(struct node *n, const struct consensus_evidence *found);
/* From time to time: what the chain does not hold yet. */
void evidence_look(struct node *n, uint64_t now_ms);

/* --- door.c ----------------------------------------------------------------------------------- */

void door_request(struct node *n, const struct link_event *ev);
/* All who asked for this transaction hear the outcome: e, promised, or NULL and why not. */
void door_submitted(struct node *n, const uint8_t id[static 32], const struct pool_entry *e,
                    enum status st);
/* Receipts that became possible, and asks whose time has come. */
void door_final(struct node *n, const uint8_t tracker[static 32]);
void door_look(struct node *n, uint64_t now_ms);

/* --- small things ----------------------------------------------------------------------------- */

/* The node stops: said in the log, once. */
void node_fail(struct node *n, const char *where, enum status st);
/* The signer did not answer, or ended: the node stops, and says what became of the signer. */
void node_fail_signer(struct node *n);

#endif
