/*
 * lookout_impl.h: what the files of the lookout share.  Nobody else includes it.
 */
#ifndef KALPIS_FOLLOW_LOOKOUT_IMPL_H
#define KALPIS_FOLLOW_LOOKOUT_IMPL_H

#include "common/ledger/stretch.h"
#include "voter-client/observer/follow/lookout.h"

enum { QUESTION_BYTES = 16 };

/* A question under way.  Each node has one for its head; there is one more for blocks, one for the
 * signatures under the manifest, and one for who vouches. */
struct question {
	bool is_asked;
	enum message_kind kind;
	uint32_t node;
	uint64_t request;
	uint64_t from;                /* BLOCKS */
	uint64_t had;                 /* our height when it was asked */
	uint8_t bytes[QUESTION_BYTES];
	size_t len;
};

struct peer {
	struct question head_question;
	bool has_answered;            /* the last question for its head */
	bool has_head;                /* and with one */
	struct certified_head head;
	bool is_on_chain;             /* that head was compared with ours, and is the same */
	bool is_high_compared;        /* the highest it ever showed, too */
	bool is_back, is_forked, is_false;
	uint8_t accused;              /* bits of evidence kinds that were told in this run */
	uint32_t late_rounds;
	uint64_t rest_until_ms;
	uint64_t rest_ms;             /* the next rest */
};

/* Blocks of one node that do not stand on our chain: their headers, up to a certified head. */
struct strand {
	bool is_open;
	uint32_t node;
	uint64_t next;                /* height */
	uint8_t *headers;
	uint16_t count;
	uint8_t last_id[BLOCK_ID_BYTES];
};

struct lookout {
	const struct port *port;
	struct copy *copy;
	const struct vault *vault;
	const char *heads_path;
	const struct lookout_listener *listener;
	uint64_t interval_ms;
	uint64_t now_ms, unix_s;

	struct peer peer[LIMIT_TRUSTEES];
	struct heads heads;
	bool heads_changed;
	uint64_t round_ms;            /* when the next round begins */
	bool is_round;                /* one is under way */
	uint64_t rounds;

	struct question blocks_question;
	uint64_t blocks_ms;           /* not before */
	uint32_t turn;
	uint8_t *answer;              /* the answer whose blocks are being applied; NULL */
	size_t answer_len;
	struct question answered;     /* what it answers */
	struct stretch stretch;
	struct reader at;
	struct strand strand;

	/* A fork that was seen: our own certificate of that height is fetched, if somebody has it, so
	 * that those who signed both are known. */
	bool is_fork_open;
	uint32_t fork_node;
	struct certified_head fork_head;
	struct question fork_question;

	struct question sigs_question;
	uint64_t sigs_ms;

	/* Who vouches for the end and the result. */
	struct question voucher_question;
	uint64_t voucher_ms;          /* not before */
	uint32_t voucher_turns;       /* questions since the phase last changed */
	enum election_phase voucher_phase;
	unsigned int vouch[COSIGNED_HEADS];   /* how many; by enum cosigned_head - 1 */

	struct lookout_view proven;     /* height, head, phase, ballots of what is final */
	size_t evidence;
	enum status failed;
};

/* lookout.c */
void lookout_fail(struct lookout *w, enum status st);
/* from, max_bytes: of BLOCKS.  false: not now. */
bool lookout_ask(struct lookout *w, struct question *q, enum message_kind kind, uint32_t node,
                 uint64_t from, uint32_t max_bytes);
void lookout_rest(struct lookout *w, uint32_t node);
/* The copy has grown: heads that waited are compared. */
void lookout_grown(struct lookout *w);

/* lookout_heads.c */
void lookout_heads_tick(struct lookout *w);
void lookout_heads_answer(struct lookout *w, uint32_t node, const uint8_t *bytes, size_t len);
void lookout_heads_silence(struct lookout *w, uint32_t node);
void lookout_heads_compare(struct lookout *w);

/* lookout_blocks.c */
void lookout_blocks_tick(struct lookout *w);
void lookout_blocks_answer(struct lookout *w, const struct question *q, const uint8_t *bytes,
                           size_t len);
void lookout_blocks_silence(struct lookout *w, uint32_t node);

/* lookout_evidence.c */
/* This answer does not hold.  before: NULL, or the replay that shows it, on what was settled. */
void lookout_accuse_answer(struct lookout *w, const struct question *q, const uint8_t *answer,
                           size_t answer_len, struct replay *before);
/* This certified head is not the block of its height in the copy. */
void lookout_accuse_head(struct lookout *w, uint32_t node, const struct certified_head *head);
void lookout_fork_tick(struct lookout *w);
/* bytes: NULL, no answer. */
void lookout_fork_answer(struct lookout *w, const uint8_t *bytes, size_t len);
/* One node showed these two at one height. */
void lookout_accuse_heads(struct lookout *w, uint32_t node, const struct certified_head *first,
                          const struct certified_head *second);
/* These headers, the last of them final, begin above the copy and do not stand on it. */
void lookout_accuse_strand(struct lookout *w, uint32_t node, const uint8_t *headers, uint16_t count,
                           const struct certificate *certificate);
void lookout_accuse_back(struct lookout *w, uint32_t node, const struct certified_head *before,
                         const struct certified_head *after);

#endif
