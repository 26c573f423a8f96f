/*
 * outpost.h: one whole node, the production code of all of it, among three others that a test
 * plays; on a disk that fails (disk.h), with a signer beside it, in a process that can die.
 *
 * The election is open and has four nodes; the real one is node 0.  In place of common/net stand
 * functions of peers.c: kiosks that cast ballots one after the other, and peers that pass over the
 * views they lead, vote for what node 0 proposes, keep what it passed on, and answer who is behind.
 * What the outside has seen (signatures, promises, receipts) is in memory that outlives the node.
 *
 * Invariant: the peers are honest, over all lives of the node.
 */
#ifndef KALPIS_TESTS_OUTPOST_H
#define KALPIS_TESTS_OUTPOST_H

#include "tests/unit/server/outpost/disk.h"
#include "tests/unit/lib/town.h"

#include "crypto/status.h"

enum { OUTPOST_BALLOTS = 4 };

struct outpost_world;             /* what the outside knows */

struct outpost {
	struct town *town;
	struct town_tx ballot[OUTPOST_BALLOTS];
	uint8_t tracker[OUTPOST_BALLOTS][32];
	char root[256];               /* the folder of it all */
	char folder[512];             /* of the node: data, memory */
	char genesis[512];            /* outside of folder */
	struct outpost_world *world;
};

/* What became of a life. */
enum outpost_end {
	OUTPOST_DONE,       /* every ballot that was to be cast has a receipt; the node was closed */
	OUTPOST_CUT,        /* the disk ended it */
	OUTPOST_REFUSED,    /* the node did not start, or stopped: outpost_why */
	OUTPOST_STUCK       /* nothing came of it for many seconds */
};

/* In the scratch folder.  Fails the test when it cannot be. */
void outpost_new(struct outpost *o);
void outpost_free(struct outpost *o);

/* When the disk of a node fails.  All zeros: never. */
struct outpost_cut {
	enum disk_cut how;
	const char *file;         /* at the nth sync of this file; NULL: at the nth call (from 0) */
	uint64_t nth;
	uint64_t seed;
};

/* A life in a child, until so many ballots have receipts. */
enum outpost_end outpost_live(struct outpost *o, unsigned int ballots,
                              const struct outpost_cut *cut);
/* Of the last life: calls that reached the disk; why it was refused; what its log said. */
uint64_t outpost_calls(const struct outpost *o);
enum status outpost_why(const struct outpost *o);
/* Did the node, in its last life, start behind the guard of R15?  Did it pass it? */
bool outpost_was_guarded(const struct outpost *o);
/* Blocks that the outside saw final; those that the last life lacked at its end. */
unsigned int outpost_lost(const struct outpost *o);
/* Votes given out that contradict each other. */
unsigned int outpost_conflicts(const struct outpost *o);
unsigned int outpost_votes(const struct outpost *o);

/* Everything as it is, folder and outside, in one of OUTPOST_SLOTS; and back to it. */
enum { OUTPOST_SLOTS = 2 };
void outpost_save(struct outpost *o, unsigned int slot);
void outpost_restore(struct outpost *o, unsigned int slot);

#endif
