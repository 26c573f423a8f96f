/*
 * bench.h: one replica on a table, and the means to be everybody else.
 *
 * bench_step gives it one event and carries the update out: it keeps what was recorded, asked to
 * be signed, sent and delivered since bench_clear.  Votes are signed at once unless hold_votes.
 * Leaders go round from node 0 in view 1.
 *
 * Invariant: the virtual clock moves only by bench_wait.
 */
#ifndef KALPIS_TESTS_SIM_BENCH_H
#define KALPIS_TESTS_SIM_BENCH_H

#include "tally-server/consensus/wire.h"
#include "tests/sim/sim.h"

/* BENCH_MINUTE: what the clock shows at first, and the time of every block. */
enum { BENCH_MAX = 4096, BENCH_MINUTE = 10 };

struct sent {
	uint8_t kind;
	uint8_t to;
	uint8_t *bytes;
	size_t len;
};

struct made {
	struct block_header header;
	uint8_t id[32];
	uint8_t body[64];
	size_t body_len;
	struct merkle_frontier log;
};

/* A record, as the log of a node that never fails has it. */
struct logged {
	uint8_t *bytes;
	size_t len;
	struct consensus_record rec;
};

struct bench {
	struct sim sim;
	struct sim_result result;
	struct merkle_frontier genesis_log;
	struct replica *r;
	struct consensus *core;
	struct consensus_config cfg;
	struct consensus_update up;           /* the last one */
	struct logged log[BENCH_MAX];
	size_t log_len;
	struct vote votes[BENCH_MAX];         /* the signer's log */
	size_t votes_len;
	bool hold_votes;                      /* keep them in `asked` instead of signing */
	bool lose_votes;                      /* the signer has them; the machine does not */
	struct vote asked[BENCH_MAX];
	size_t asked_len;
	struct sent sent[BENCH_MAX];
	size_t sent_len;
	struct consensus_record records[BENCH_MAX];
	size_t records_len;
	struct consensus_evidence evidence[BENCH_MAX];
	size_t evidence_len;
	uint16_t bad_peers;
};

/* Open at genesis, or again over the same disk (after bench_down). */
struct bench *bench_new(unsigned int n, uint8_t self);
void bench_up(struct bench *b);
void bench_down(struct bench *b);         /* the process ends; the disk stays */
void bench_free(struct bench *b);
void bench_clear(struct bench *b);

enum status bench_step(struct bench *b, const struct consensus_event *ev);
enum status bench_message(struct bench *b, uint8_t from, const void *bytes, size_t len);
enum status bench_tick(struct bench *b);
void bench_wait(struct bench *b, uint64_t ms);     /* with ticks at every deadline */
void bench_item(struct bench *b, unsigned int item);

/* A valid block for this view on a parent (NULL: genesis), by the view's leader. */
struct made bench_block(const struct bench *b, uint64_t view, const struct made *parent,
                        int item);
/* Seal it again after its header was changed. */
void bench_reseal(struct made *m);
struct vote bench_vote(enum vote_type type, uint64_t view, const struct made *block,
                       uint8_t signer);
struct certificate bench_cert(const struct bench *b, enum vote_type type, uint64_t view,
                              const struct made *block, uint16_t signers);

enum status bench_send_vote(struct bench *b, enum vote_type type, uint64_t view,
                            const struct made *block, uint8_t signer);
enum status bench_send_cert(struct bench *b, uint8_t from, const struct certificate *cert);
/* From its leader, with these certificates. */
enum status bench_send_proposal(struct bench *b, const struct made *block,
                                const struct certificate *certs, size_t certs_len);
/* U of a view, N of a block: from the first q nodes that are not on the table. */
void bench_nullify(struct bench *b, uint64_t view);
void bench_notarize(struct bench *b, const struct made *block);
enum status bench_send_block(struct bench *b, uint8_t from, const struct made *block);
/* Make everybody finalize a block that was proposed: N and F from q others. */
void bench_finalize(struct bench *b, const struct made *block);

/* Did it sign, send, record?  With what was kept since bench_clear. */
const struct vote *bench_signed(const struct bench *b, enum vote_type type, uint64_t view);
unsigned int bench_sent(const struct bench *b, enum wire_kind kind, uint8_t to);
const struct sent *bench_last(const struct bench *b, enum wire_kind kind);
bool bench_recorded(const struct bench *b, enum vote_type type, uint64_t view);
struct consensus_info bench_info(const struct bench *b);

/* samples.c: a good message; 0 when it does not fit.  And one decoded and written again. */
size_t sample_message(const struct bench *b, enum wire_kind kind, uint8_t *out, size_t cap);
enum status sample_rewrite(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap,
                           size_t *len);

#endif
