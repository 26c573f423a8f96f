/*
 * closing.h: what a kiosk owes after the close: its tests, opened, and a signed account of all that
 * it locked (protocol.md §7.9, §7.10).
 *
 * Tests go to the chain in an order that says nothing about when they were made, so that a
 * tester's real ballot cannot be matched by time (N79).
 *
 * Invariant: the closing is sent only when no ballot of the kiosk is undecided.
 */
#ifndef KALPIS_KIOSK_CLOSING_H
#define KALPIS_KIOSK_CLOSING_H

#include "voter-client/kiosk/booth.h"

struct closing_account {
	uint32_t cast;
	uint32_t tested;
	uint32_t voided;
	uint8_t root[32];
};

/* Count the records and compute the root of their list.  ST_INCOMPLETE: some are undecided. */
MUST_USE enum status closing_account(struct closing_account *out, const struct spool *spool);
/*
 * The records that are tests, in the order of their trackers, which tells nothing of time and is
 * the same at every run.  *order (caller frees) holds their indexes.
 */
MUST_USE enum status closing_tests(uint32_t **order, uint32_t *len, struct spool *spool);
/* The sorted list as text, one "NUMBER FATE" a line; the caller frees *text. */
MUST_USE enum status closing_list(char **text, size_t *len, const struct spool *spool);

/* Sends everything, one step at a time. */
struct closing;
/* b is borrowed; its key file signs. */
MUST_USE enum status closing_new(struct closing **out, struct booth *b,
                                 const struct keyfile *key);
void closing_free(struct closing *c);

enum closing_state {
	CLOSING_WAITS,        /* for the nodes, or for the close of the election */
	CLOSING_TESTS,        /* tests are on their way */
	CLOSING_SIGNS,        /* the closing is on its way */
	CLOSING_DONE,         /* all is on the chain */
	CLOSING_LATE          /* the election ended before all tests were there */
};
/* Move on as far as can be; call it after booth_tick. */
enum closing_state closing_step(struct closing *c, uint64_t now_ms);
/* Tests that are on the chain. */
uint32_t closing_published(const struct closing *c);

#endif
