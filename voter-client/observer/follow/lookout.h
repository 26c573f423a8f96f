/*
 * lookout.h: several nodes watched at once: what they show, compared with each other and with all
 * that was seen before (docs/observing.md).
 *
 * Every node is asked for its head, round after round.  New blocks are fetched from one node at a
 * time and believed as copy.h says.  A head is consistent with everything before it when it is the
 * block of that height on the chain that was replayed from block 0 (decisions/0072).
 *
 * What is told apart:
 *	behind        a node shows less than others, and never showed more: it is slow
 *	gone back     a node shows less than it showed itself: evidence of a rollback
 *	another chain a certified head that is not on ours: evidence of a fork
 *	false answer  bytes that do not hold: evidence of that
 *
 * Nothing here blocks; time and answers are handed in.
 *
 * Invariant: nothing is said of a node but what its answers show; every accusation is evidence
 * that sighting_judge confirms.
 */
#ifndef KALPIS_FOLLOW_LOOKOUT_H
#define KALPIS_FOLLOW_LOOKOUT_H

#include "common/election/sighting.h"
#include "common/net/port.h"
#include "voter-client/observer/follow/copy.h"
#include "voter-client/observer/follow/heads.h"
#include "voter-client/observer/follow/vault.h"

enum {
	LOOKOUT_TIMEOUT_MS = 8000,     /* of one question */
	LOOKOUT_AGAIN_MS = 500,        /* until the next node is asked for blocks, when one had none */
	LOOKOUT_REST_MS = 30000,       /* a node that answered falsely is not asked for blocks ... */
	LOOKOUT_REST_MAX_MS = 3600000, /* ... twice as long each time, up to this */
	LOOKOUT_VOUCHER_ROUNDS = 3,    /* of asking who vouches, before that is not waited for */
	LOOKOUT_LATE_ROUNDS = 2        /* in which a node shows less than we had: it is behind */
};

/* How a node stands. */
enum lookout_stand {
	STAND_UNHEARD = 0,    /* it did not answer the last question */
	STAND_AGREES,
	STAND_BEHIND,
	STAND_AHEAD,          /* its head is not in the copy yet */
	STAND_BACK,           /* it shows less than it once did */
	STAND_FORKED,         /* it showed a chain that is not ours */
	STAND_FALSE           /* its last answer did not hold */
};
/* "agrees", ...  Static. */
const char *lookout_stand_name(enum lookout_stand s);

/* What is seen as a whole. */
struct lookout_view {
	uint64_t height;              /* of the newest final block in the copy */
	uint8_t head[BLOCK_ID_BYTES];
	enum election_phase phase;
	uint32_t ballots;             /* that count now */
	uint32_t nodes;
	uint32_t answered;            /* the last question */
	uint32_t agree;               /* show a head on our chain, and have not gone back */
	uint32_t fresh;               /* of those: not behind either */
	uint64_t highest;             /* the highest head shown that has not contradicted us */
	enum lookout_stand stand[LIMIT_TRUSTEES];
	uint64_t shown[LIMIT_TRUSTEES];   /* height of the head that a node shows; 0: none */
	uint64_t rounds;              /* in which every node was asked and answered, or did not */
	uint32_t vouch;               /* nodes that vouch for the end, and once there, for the result */
	bool is_vouched;              /* all do, or each was asked LOOKOUT_VOUCHER_ROUNDS times */
	bool is_level;                /* nothing is left to fetch of what they show */
	size_t evidence;              /* how often something new was seen that is evidence */
};

/* To whom it is told.  path: the file; NULL when none could be written. */
struct lookout_listener {
	void *ctx;
	void (*evidence)(void *ctx, const struct evidence *e, const struct sighting *seen,
	                 uint32_t node, const char *path, const struct fault *words);
};

struct lookout;

/* All are borrowed; copy was resumed.  heads_path: where heads are kept.  ST_NO_MEMORY, and those
 * of heads_load. */
MUST_USE enum status lookout_new(struct lookout **out, const struct port *port, struct copy *copy,
                                 const struct vault *vault, const char *heads_path,
                                 uint64_t interval_ms, const struct lookout_listener *listener,
                                 struct fault *fault);
void lookout_free(struct lookout *w);

/* Ask what is due.  unix_s: the date, for evidence. */
void lookout_tick(struct lookout *w, uint64_t now_ms, uint64_t unix_s);
void lookout_answer(struct lookout *w, const struct client_event *event, uint64_t now_ms);
/* Apply one block that waits, which may take a second; true when there was one. */
bool lookout_work(struct lookout *w, uint64_t now_ms);

void lookout_look(const struct lookout *w, struct lookout_view *out);
/* Something on our side failed (the disk is full): nothing more can be done.  ST_OK: no. */
enum status lookout_failed(const struct lookout *w);

#endif
