/*
 * sim.h: many replicas in one thread under a virtual clock (docs/consensus.md §6).
 *
 * The production core runs unchanged; the network, the disk, the signer and the application are
 * models.  Everything follows from one seed.  A run has two phases: chaos (delay, loss,
 * duplication, partitions, crashes at every point of the driver, cheating nodes), then a healed
 * network, in which every honest node must deliver what honest nodes accepted.
 *
 * Invariant: same seed and options, same run; the first broken rule is kept in `failure`.
 */
#ifndef KALPIS_TESTS_SIM_SIM_H
#define KALPIS_TESTS_SIM_SIM_H

#include "tally-server/consensus/consensus.h"
#include "tests/unit/lib/prng.h"

#include <stdio.h>

enum {
	SIM_INSTANCES = LIMIT_TRUSTEES + 4,   /* twins have two */
	SIM_ITEMS = 128,
	SIM_VIEWS = 128,
	SIM_BODY_MAX = SIM_ITEMS * 8,
	SIM_GOSSIP = 32,                      /* the first kind of message that is the node's */
	SIM_FAILURE_MAX = 256
};

enum sim_byzantine { SIM_HONEST, SIM_SILENT, SIM_TWINS, SIM_ACTIVE };

/* What may happen in a run.  sim_options_random draws one of each kind. */
struct sim_options {
	unsigned int n;
	enum sim_byzantine kind[LIMIT_TRUSTEES];
	bool expect_liveness;
	bool ed25519;                         /* true signatures */
	bool gossip_again;                    /* nodes repeat what waits; else it is said once */
	unsigned int loss_pct, dup_pct, straggler_pct;
	unsigned int delay_max_ms;
	unsigned int healed_delay_ms;         /* the same once healed; 0: at most 40 */
	unsigned int crash_pct;               /* chance that a step dies at one of its points */
	unsigned int partitions, whole_crashes, items, amnesiacs;
	unsigned int wait_pct;                /* chance that check says WAIT first */
	unsigned int batch_min, batch_wait_ms;
	uint64_t chaos_ms;
};

struct sim_result {
	bool failed;
	char failure[SIM_FAILURE_MAX];
	uint64_t healed_ms;                   /* from the healing to the last delivery */
	uint64_t height, view, events, crashes, evidence, halted;
	uint64_t trace;                       /* digest of every event: determinism */
};

void sim_options_random(struct sim_options *o, uint64_t seed);
/* verbose: NULL, or where to print what happens. */
void sim_run(struct sim_result *out, const struct sim_options *o, uint64_t seed, FILE *verbose);

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
		EV_DELIVER, EV_TIMER, EV_RESTART, EV_SUBMIT, EV_CUT, EV_WHOLE_CRASH, EV_BYZ, EV_GOSSIP
	} type;
	uint8_t inst;
	uint8_t from;
	uint32_t item;                        /* SUBMIT; CUT: which */
	struct buffer *buf;
};

/* A block that an instance holds. */
struct sim_block {
	struct block_header header;
	uint8_t id[32];
	uint8_t body[SIM_BODY_MAX];
	size_t body_len;
	bool used, valid;
	unsigned int waits;                   /* WAIT this often first */
	uint64_t items[SIM_ITEMS / 64];       /* in it and its unfinalised ancestors, if valid */
};

struct wal_entry {
	uint8_t *bytes;
	size_t len;
	struct consensus_record rec;          /* what it says, for the oracle and for recovery */
};

struct committed {
	uint8_t id[32];
	struct block_header header;
	uint8_t *body;
	size_t body_len;
	bool has_cert;
	struct certificate cert;
};

struct replica {
	struct sim *sim;
	uint8_t inst, node;
	bool up, honest, amnesiac;
	struct consensus *core;
	void *memory;
	uint64_t deadline;
	uint16_t mask;                        /* twins: which nodes this instance sees */
	int64_t clock_offset_ms;
	/* Disk. */
	struct wal_entry *wal;
	size_t wal_len, wal_cap, wal_synced;
	struct vote *signed_votes;
	size_t signed_len, signed_cap;
	struct vote *ever_signed;             /* the same, but no accident takes it away */
	size_t ever_len, ever_cap;
	struct committed *chain;              /* heights 0.. */
	size_t chain_len, chain_cap;
	/* Application. */
	struct sim_block *blocks;
	size_t blocks_len, blocks_cap;
	uint32_t *index;                      /* hash table over blocks, index + 1 */
	size_t index_cap;
	uint64_t held[SIM_ITEMS / 64];        /* promised: on the disk */
	uint64_t mempool[SIM_ITEMS / 64];
	uint64_t arrived[SIM_ITEMS];
	uint64_t final_items[SIM_ITEMS / 64];
	uint8_t scratch[SIM_BODY_MAX];
};

/* What everybody must agree on, kept apart from the code under test (check.c). */
struct oracle {
	struct fact {
		bool has_n, has_u, has_f;
		uint8_t n[32], f[32];
	} view[4096];
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
		uint8_t body[64];
	} *blocks;
	size_t blocks_len, blocks_cap;
	struct vote *votes;
	size_t votes_len, votes_cap;
	uint64_t last_view;
	bool reckless;                        /* also sends what gets it banned */
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
	uint16_t group[3];                    /* a cut: links between groups are down */
	unsigned int one_way;                 /* the cut hurts one direction only */
	uint64_t cut_until;
	struct oracle oracle;
	struct adversary adversary;
};

/* sim.c */
void sim_fail(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_log(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool chance(struct sim *s, unsigned int percent);
void bit_set(uint64_t *set, unsigned int i);
bool bit_has(const uint64_t *set, unsigned int i);

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

/* signature.c: votes are signed by a hash that costs nothing, or truly (sim_options.ed25519). */
vote_verify_fn fake_verify;
void fake_sign(struct vote *v);
/* Fills in the keys; from here on fake_sign and fake_verify are real, for this committee. */
void signature_use_ed25519(struct committee *c);
void signature_use_fake(void);

/* replica.c */
void replica_init(struct replica *r, struct sim *s, uint8_t inst, uint8_t node, bool honest);
void replica_start(struct replica *r);
void replica_event(struct replica *r, const struct consensus_event *ev);
void replica_crash(struct replica *r);
void replica_forget(struct replica *r);   /* the disk is lost */
void replica_gossip(struct replica *r);
void replica_hear_items(struct replica *r, const uint8_t *bytes, size_t len);
void replica_submit(struct replica *r, unsigned int item);
void replica_free(struct replica *r);
/* The parts of it that the bench uses. */
void replica_append(struct replica *r, struct consensus *core, const struct consensus_update *up);
void replica_signed(struct replica *r, const struct vote *v);
void replica_restore(struct replica *r);  /* chain store and application from the disk */
void replica_replay(struct replica *r);
const struct sim_block *replica_block(const struct replica *r, const uint8_t id[static 32]);

/* app.c */
extern const struct consensus_app app_template;
void app_reset(struct replica *r);
void app_commit(struct replica *r, const uint8_t id[static 32], const struct certificate *cert);
void app_state(uint8_t out[static 32], const uint8_t parent[static 32],
               const uint8_t body_hash[static 32]);

/* adversary.c */
void adversary_hear(struct sim *s, uint8_t node, uint8_t from, const uint8_t *bytes, size_t len);
void adversary_act(struct sim *s, uint8_t node);
void adversary_free(struct sim *s);

/* check.c */
void check_vote(struct replica *r, const struct vote *v);
void check_certificate(struct sim *s, const struct certificate *cert);
void check_commit(struct replica *r, uint64_t height, const uint8_t id[static 32]);
bool check_all_done(struct sim *s);
void check_free(struct sim *s);

#endif
