/*
 * booths.h: a kiosk in a town, for tests: a registered key, its folders, voters with codes, and
 * hands that do what a voter does.
 *
 * Invariant: everything runs in the thread of the test; time is the test's.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_BOOTHS_H
#define KALPIS_TESTS_UNIT_LIB_BOOTHS_H

#include "tests/unit/lib/townport.h"
#include "voter-client/kiosk/booth.h"

enum { BOOTHS_VOTERS = 64, BOOTHS_TOLD = 128, BOOTHS_KIOSK = 5 };

struct booths {
	struct town town;
	struct townport port;
	struct credential_code code[BOOTHS_VOTERS];
	struct keyfile *key;
	struct booth *booth;               /* NULL while it is down */
	struct face face;
	char folder[3][512];               /* spool, receipts, slips */
	uint64_t now;
	/* What the booth told its face: "key=value". */
	char told[BOOTHS_TOLD][512];
	size_t told_len;
	unsigned int forgotten;            /* how often the face was told to forget */
};

/* An open election of precinct.h with voters 0..n-1, all of style 0 ("north") but the odd ones,
 * which are "south".  The kiosk is down. */
void booths_make(struct booths *b, const char *name, const char *revote, unsigned int tests);
void booths_free(struct booths *b);

/* Start the kiosk, and let it read the chain until it serves (or says why not). */
void booths_up(struct booths *b);
enum status booths_start(struct booths *b, struct fault *fault);
void booths_down(struct booths *b);
/* Let time pass: ticks of 50 ms, with the answers of the nodes. */
void booths_run(struct booths *b, uint32_t ms);

const struct session *booths_session(const struct booths *b);
void booths_command(struct booths *b, enum session_command c);
void booths_line(struct booths *b, const char *text);
/* The value of a key that was told last; NULL. */
const char *booths_told(const struct booths *b, const char *key);

/* Voter v types the code and says yes: stands at the first contest (or the old slip). */
void booths_enter(struct booths *b, uint32_t v);
/* Choose option (0..) of the mayor, leave the rest as empty as may be, and lock. */
void booths_choose_and_lock(struct booths *b, uint16_t option);
/* A whole vote by voter v; the last screen was read. */
void booths_vote(struct booths *b, uint32_t v, uint16_t option);

#endif
