/*
 * sim.h: many replicas in one thread under a virtual clock (docs/simulation.md).
 *
 * The production core and the production logs (wal.c, signer.c, memory.c) run unchanged; the
 * network, the disk under the logs, the chain store and the application are models.  Everything
 * follows from one seed.  A run has three phases: chaos; a healed network, in which every honest
 * node must deliver what honest nodes accepted; and calm, in which it must order more.
 *
 * Invariant: same seed and options, same run; the first broken rule is kept in `failure`.
 */
#ifndef KALPIS_TESTS_SIM_SIM_H
#define KALPIS_TESTS_SIM_SIM_H

#include "crypto/merkle.h"
#include "tally-server/consensus/consensus.h"
#include "tally-server/node/wal.h"
#include "tally-server/signer/signer.h"
#include "tests/sim/options.h"
#include "tests/unit/lib/prng.h"

#include <stdio.h>

enum {
	SIM_INSTANCES = LIMIT_TRUSTEES + 4,   /* twins have two */
	SIM_VIEWS = 128,
	SIM_GOSSIP = 32,                      /* the first kind of message that is the node's */
	SIM_FAILURE_MAX = 256,
	SIM_DELTA_MS = 100,
	SIM_CUTS = 8,                         /* at a time */
	SIM_GAPS = 8,                         /* last: that many views or more for one block */
	SIM_FACTS = 4096,                     /* views that a run may have */
	ADVERSARY_HEARD = 16
};

/* Where a process may die. */
enum sim_point {
	POINT_APPEND,                         /* before the log's bytes are written */
	POINT_TORN,                           /* within them */
	POINT_SYNC,                           /* before they are synced */
	POINT_SYNCED,                         /* after that, before anything is signed or sent */
	POINT_SIGNED,                         /* after the signer's sync, before the vote is used */
	POINT_SEND,                           /* between two messages */
	POINT_NAME,                           /* around a rename of a log that was compacted */
	POINT_STORE,                          /* before the chain store has what was delivered */
	POINT_START,                          /* while it opens its logs */
	POINT_IDLE,                           /* between two events: whole-cluster crashes */
	SIM_POINTS
};
extern const char *const sim_point_name[SIM_POINTS];

/* What may go wrong in a run; each is noted when it truly happens. */
enum sim_fault {
	FAULT_LOSS, FAULT_DUPLICATE, FAULT_REORDER, FAULT_STRAGGLER, FAULT_SLOW_NETWORK,
	FAULT_CUT, FAULT_CUT_ONE_WAY, FAULT_CLOG, FAULT_OVERFLOW,
	FAULT_CLOCK_OFFSET, FAULT_CLOCK_DRIFT, FAULT_NIGHT,
	FAULT_CRASH_APPEND, FAULT_CRASH_TORN, FAULT_CRASH_SYNC, FAULT_CRASH_SYNCED,
	FAULT_CRASH_SEND, FAULT_WHOLE_CRASH, FAULT_POWER_LOSS,
	FAULT_DISK_FULL, FAULT_DISK_ERROR, FAULT_SLOW_DISK, FAULT_LOG_CUT, FAULT_STORE_LAGS,
	FAULT_AMNESIA, FAULT_CORE_ONLY,
	SIM_FAULTS
};
extern const char *const sim_fault_name[SIM_FAULTS];

struct sim_result {
	bool failed;
	char failure[SIM_FAILURE_MAX];
	uint64_t healed_ms;                   /* from the healing to the last delivery */
	uint64_t height, view, events, evidence, halted, receipts;
	uint64_t crashes[SIM_POINTS];
	uint64_t nullified;                   /* views with U */
	uint64_t cuts;
	uint64_t gaps[SIM_GAPS];              /* blocks that took 1, 2, ... views */
	uint64_t faults;                      /* bit set of enum sim_fault */
	uint64_t deeds;                       /* bit set of enum sim_deed: what cheats did */
	uint64_t trace;                       /* digest of every event: determinism */
};

/* verbose: NULL, or where to print what happens. */
void sim_run(struct sim_result *out, const struct sim_options *o, uint64_t seed, FILE *verbose);

/* --- twins (twins.c) ------------------------------------------------------------------------ */

enum { TWIN_ROUNDS_MAX = 4 };

/* Who hears whom, and who leads, round by round; afterwards everybody hears everybody. */
struct twin_plan {
	unsigned int n;                       /* 4: node 0 is there twice; 7: nodes 0 and 1 */
	unsigned int rounds;
	unsigned int leader[TWIN_ROUNDS_MAX];
	unsigned int side[TWIN_ROUNDS_MAX];   /* bit i: on which side instance i is */
};

/* How many plans there are for four nodes: (2^4 splits of five, 4 leaders) for each round. */
uint64_t twins_count(unsigned int rounds);
void twins_plan(struct twin_plan *out, unsigned int rounds, uint64_t number);   /* n = 4 */
void twins_random(struct twin_plan *out, unsigned int n, unsigned int rounds, uint64_t seed);
void twins_run(struct sim_result *out, const struct twin_plan *plan, FILE *verbose);

/* --- the model, shared by the files of tests/sim -------------------------------------------- */

struct buffer {
	unsigned int refs;
	size_t len;
	uint8_t bytes[];
};

struct event {
	uint64_t at;
	uint64_t order;
	enum {
		EV_DELIVER, EV_TIMER, EV_RESTART, EV_SUBMIT, EV_CUT, EV_CLOG, EV_WHOLE_CRASH,
		EV_CRASH, EV_NIGHT, EV_DISK_FULL, EV_DISK_ERROR, EV_LINK, EV_CHEAT, EV_GOSSIP
	} type;
	uint8_t inst;
	uint8_t from;
	uint32_t item;                        /* SUBMIT; CUT: one way or both */
	struct buffer *buf;
};

/* A block that an instance holds. */
struct sim_block {
	struct block_header header;
	uint8_t id[32];
	uint8_t body[SIM_BODY_MAX];
	size_t body_len;
	bool valid;
	unsigned int waits;                   /* WAIT this often first */
	uint64_t items[SIM_ITEMS / 64];       /* in it and its unfinalised ancestors, if valid */
	struct merkle_frontier log;           /* after it, if valid */
};

struct committed {
	uint8_t id[32];
	struct block_header header;
	uint8_t *body;
	size_t body_len;
	bool has_cert;
	struct certificate cert;
};

/* What a record says, for the oracle. */
struct noted {
	enum consensus_record_type type;
	uint8_t id[32];                       /* BLOCK, COMMIT; CERTIFICATE: its block */
	uint64_t view;                        /* CERTIFICATE, GUARD; COMMIT: height */
	enum vote_type vote;
};

/* What a log of consensus holds, as its appends and syncs have it. */
struct notes {
	struct noted *at;
	size_t len, cap, synced;
};

/* What a node's key signed, whatever happened to its disk since. */
struct signed_view {
	bool notarized, nullified, finalized;
	uint8_t block[32];
};

struct disk;

struct replica {
	struct sim *sim;
	uint8_t inst, node;
	bool up, honest;
	bool doomed;                          /* its process dies at the next operation */
	struct consensus *core;
	void *memory;
	uint64_t deadline;                    /* by its own clock */
	uint16_t mask;                        /* twins: which nodes this instance sees */
	int64_t clock_offset_ms;              /* of the clock on the wall */
	int64_t drift_ppm;                    /* of the steady one */
	uint64_t lag_ms;                      /* since the event began: its disk is slow */
	uint64_t busy_until;
	/* Logs. */
	struct disk *disk;
	struct wal *log;
	struct signer *signer;
	bool forgot;                          /* something was taken from its disk */
	uint64_t forgot_view;                 /* the highest it had voted in by then; 0: never */
	unsigned int starts, saved_starts;    /* when an older copy of its disk was made */
	size_t saved_chain;
	size_t guards_before;                 /* GUARD records at that time */
	bool disk_error;                      /* the next sync fails */
	uint64_t full_until;
	struct notes notes;
	struct notes compacted;               /* what it may hold instead: a compaction died */
	bool compacting;
	struct vote *votes;                   /* on their way back into the core */
	size_t votes_len, votes_next;
	struct committed *chain;              /* heights 0.. */
	size_t chain_len, chain_cap;
	/* Application. */
	struct sim_block *blocks;
	size_t blocks_len, blocks_cap;
	uint32_t *index;                      /* hash table over blocks, index + 1 */
	size_t index_cap;
	uint64_t held[SIM_ITEMS / 64];        /* promised: on the disk */
	uint64_t mempool[SIM_ITEMS / 64];
	uint64_t arrived[SIM_ITEMS];          /* by its own clock */
	uint64_t final_items[SIM_ITEMS / 64];
	uint8_t scratch[SIM_BODY_MAX];
};

/* What everybody must agree on, kept apart from the code under test (check.c). */
struct oracle {
	struct fact {
		bool has_n, has_u, has_f;
		uint8_t n[32], f[32];
		struct certificate *f_cert;
	} view[SIM_FACTS];
	struct signed_view *ever[LIMIT_TRUSTEES];   /* SIM_FACTS each */
	uint8_t (*final)[32];
	size_t final_len, final_cap;
};

/* What the cheating nodes know together (adversary.c). */
struct adversary {
	struct certificate *certs;
	size_t certs_len, certs_cap;
	struct known_block {
		struct block_header header;
		uint8_t id[32];
		uint8_t body[SIM_BODY_MAX];
	} *blocks;
	size_t blocks_len, blocks_cap;
	struct vote *votes;
	size_t votes_len, votes_cap;
	struct buffer *heard[ADVERSARY_HEARD];/* the last messages, to be said again */
	unsigned int heard_next;
	uint64_t last_view;
	uint64_t last_view_ms;                /* when it was first heard of */
};

/* Links between groups are down. */
struct cut {
	uint16_t group[3];
	bool one_way;
	uint64_t until;
};

struct sim {
	struct prng rng;
	struct sim_options o;
	struct sim_result *result;
	FILE *verbose;
	uint64_t now, order;
	struct event *heap;
	size_t heap_len, heap_cap;
	struct replica replica[SIM_INSTANCES];
	unsigned int instances;
	struct committee committee;
	struct block_header genesis;
	uint8_t genesis_id[32];
	bool healed;
	uint16_t core;                        /* nodes that are healed, and the cheats */
	uint64_t wall_ms;                     /* nights that have passed on the clocks */
	struct cut cut[SIM_CUTS];
	uint64_t clogged_until[LIMIT_TRUSTEES][SIM_INSTANCES];
	uint64_t last_at[LIMIT_TRUSTEES][SIM_INSTANCES];
	unsigned int in_flight[LIMIT_TRUSTEES][SIM_INSTANCES];
	const struct twin_plan *twins;
	uint64_t twin_view[TWIN_ROUNDS_MAX];
	uint64_t twin_passed;                 /* the highest view between rounds that was passed */
	struct oracle oracle;
	struct adversary adversary;
};

/* util.c */
void sim_fail(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_log(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_note(struct sim *s, enum sim_fault fault);   /* it happened */
void sim_trace(struct sim *s, const void *p, size_t len);
bool chance(struct sim *s, unsigned int percent);
void bit_set(uint64_t *set, unsigned int i);
bool bit_has(const uint64_t *set, unsigned int i);
/* Own clocks. */
uint64_t replica_now(const struct replica *r);
uint64_t replica_minutes(const struct replica *r);

/* world.c */
void world_make(struct sim *s, uint64_t seed);
void world_free(struct sim *s);
void world_core(struct sim *s);           /* choose who is healed */

/* sim.c */
/* Until the time, or (if asked) until all is done. */
bool sim_until(struct sim *s, uint64_t end, bool until_done);
/* Heal; all must converge in time, then order so many more blocks one by one, then be silent. */
void sim_settle(struct sim *s, unsigned int more);
void sim_measure(struct sim *s);

/* network.c */
void network_push(struct sim *s, struct event ev);
bool network_pop(struct sim *s, struct event *out);
struct buffer *buffer_make(const uint8_t *bytes, size_t len);
void buffer_drop(struct buffer *b);
/* From an instance to a node (all its instances), or to all but itself. */
void network_send(struct sim *s, const struct replica *from, uint8_t to, const uint8_t *bytes,
                  size_t len);
void network_send_as(struct sim *s, uint8_t from_node, uint8_t to, const uint8_t *bytes,
                     size_t len);
void network_cut(struct sim *s, bool one_way);
void network_clog(struct sim *s);
void network_arrived(struct sim *s, const struct event *e);
bool network_is_apart(const struct sim *s, uint8_t from, uint8_t to);   /* now, by a cut */

/* signature.c: votes are signed by a hash that costs nothing, or truly (sim_options.ed25519). */
vote_verify_fn fake_verify;
void fake_sign(struct vote *v);
/* Fills in the keys and the suite.  From here on signatures are of this kind. */
void signature_use(struct committee *c, bool ed25519);
const struct sign_secret *signature_secret(unsigned int node);
/* Is this the key of a node whose signatures are the cheap kind?  And such a signature. */
bool signature_is_fake(unsigned int *signer, const struct sign_secret *s);
void signature_fake(uint8_t sig[static VOTE_SIG_BYTES], unsigned int signer, const void *body);

/* replica.c, drive.c, logs.c */
void replica_init(struct replica *r, struct sim *s, uint8_t inst, uint8_t node, bool honest);
void replica_start(struct replica *r);
void replica_event(struct replica *r, const struct consensus_event *ev);
void replica_crash(struct replica *r, enum sim_point point);
void replica_gossip(struct replica *r);
void replica_hear_items(struct replica *r, const uint8_t *bytes, size_t len);
void replica_submit(struct replica *r, unsigned int item);
void replica_free(struct replica *r);
/* Does it die here?  Then it is counted, and every operation of its disk fails from now on. */
bool replica_dies(struct replica *r, enum sim_point point);
/* Carry out an update and all that follows from it.  false: the process ends. */
MUST_USE bool replica_drive(struct replica *r, const struct consensus_update *up);
/* ST_OK: read.  ST_IO: the process ends here. */
MUST_USE enum status logs_open(struct replica *r);
MUST_USE enum status logs_append(struct replica *r, const struct consensus_record *rec);
MUST_USE enum status logs_sync(struct replica *r);
MUST_USE enum status logs_compact(struct replica *r);
void logs_close(struct replica *r, bool power_lost);
void logs_forget(struct replica *r);      /* an accident of the disk */
void logs_save(struct replica *r);        /* an older copy, for such an accident */
void logs_steal(struct replica *r);       /* a cheat forgets, and does not say so */
void logs_free(struct replica *r);

/* app.c */
extern const struct consensus_app app_template;
const struct sim_block *app_block(const struct replica *r, const uint8_t id[static 32]);
/* As the chain store has it; nothing waits but what was promised. */
void app_restore(struct replica *r);
void app_free(struct replica *r);
void app_commit(struct replica *r, const uint8_t id[static 32], const struct certificate *cert);
/* The header's figures after body on parent, whose log is *log (moved on). */
void app_figures(struct block_header *h, struct merkle_frontier *log,
                 const struct block_header *parent, const uint8_t *body, size_t body_len);
void app_genesis(struct block_header *h, struct merkle_frontier *log,
                 const uint8_t election[static 32]);
void app_leaf(uint8_t out[static 32], const uint8_t *item, size_t len);

/* adversary.c, deeds.c */
void adversary_hear(struct sim *s, uint8_t node, uint8_t from, const uint8_t *bytes, size_t len);
void adversary_act(struct sim *s, uint8_t node);
void adversary_free(struct sim *s);
void adversary_know_vote(struct sim *s, const struct vote *v);
/* NULL: too large to be of use. */
const struct known_block *adversary_know_block(struct sim *s, const struct block_header *h,
                                               const uint8_t *body, size_t len);
void deed_understate(struct sim *s, uint8_t node, uint8_t to);
void deed_forge_sync(struct sim *s, uint8_t node, uint8_t to, uint64_t height);

/* check.c */
void check_forget(struct replica *r);
void check_guard(const struct replica *r, uint64_t above);
void check_vote(struct replica *r, const struct vote *v);
void check_granted(struct sim *s, const struct vote *v);   /* made in its name, and right */
void check_read_back(struct replica *r, const struct vote *v);
void check_remembered(struct replica *r);   /* after a start without amnesia */
void check_said(struct replica *r, const uint8_t *bytes, size_t len);
void check_certificate(struct sim *s, const struct certificate *cert);
void check_commit(struct replica *r, uint64_t height, const uint8_t id[static 32]);
bool check_all_done(struct sim *s);
void check_free(struct sim *s);

/* receipts.c: a chain and its receipts, verified by code that shares nothing with the product. */
void check_receipts(struct sim *s);

#endif
