/*
 * stroll.h: a follower in front of a crowd, for tests: its folder, its lookout, and what it told.
 *
 * Invariant: everything runs in the thread of the test; time is the test's.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_STROLL_H
#define KALPIS_TESTS_UNIT_LIB_STROLL_H

#include "tests/unit/lib/crowd.h"
#include "voter-client/observer/follow/lookout.h"

enum { STROLL_TOLD = 32, STROLL_INTERVAL_MS = 10000 };

struct stroll_told {
	enum evidence_kind kind;
	uint32_t node;
	struct sighting seen;
	char path[LIMIT_PATH_BYTES];   /* empty: not kept */
	struct fault words;
};

struct stroll {
	struct crowd crowd;
	struct crowd_chain chain;      /* the town's own */
	char folder[512];
	char heads[600];
	struct copy copy;
	struct vault vault;
	struct lookout *w;               /* NULL while it is down */
	struct lookout_listener listener;
	struct stroll_told told[STROLL_TOLD];
	size_t told_len;
	uint64_t now;
};

/* A new folder, begun from the town's manifest; nothing runs yet. */
void stroll_make(struct stroll *s, struct town *t, const char *name);
/* Start, or start again. */
void stroll_up(struct stroll *s);
enum status stroll_start(struct stroll *s, struct fault *fault);
void stroll_down(struct stroll *s);
void stroll_free(struct stroll *s);
/* Let time pass: ticks of 50 ms, with the answers of the nodes and the work they bring. */
void stroll_run(struct stroll *s, uint64_t ms);
struct lookout_view stroll_look(const struct stroll *s);
/* Decode the file of what was told, and judge it as a stranger would.  before may be NULL. */
enum status stroll_judge(const struct stroll *s, const struct stroll_told *told,
                         struct sighting *out, struct replay *before);

#endif
