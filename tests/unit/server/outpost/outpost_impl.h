/*
 * outpost_impl.h: what the files of the outpost share (outpost.h).
 */
#ifndef KALPIS_TESTS_OUTPOST_IMPL_H
#define KALPIS_TESTS_OUTPOST_IMPL_H

#include "tests/unit/server/outpost/outpost.h"

#include "tally-server/node/node.h"

enum {
	NODES = 4, SELF = 0,
	VIEWS = 2048, BLOCKS = 256, BODIES = 1 << 20, FRAMES = 64, FRAME_BYTES = 1 << 16,
	GIVEN = 4096, QUEUE = 4096,
	PATIENCE_MS = 40,            /* with a leader that does not lead */
	LIFE_S = 20,
	EXIT_DONE = 0, EXIT_REFUSED = 43, EXIT_BUG = 44
};

/* What the three peers did in a view. */
struct peer_view {
	bool notarized, nullified;
	uint8_t block[32];
};

struct peer_block {
	struct block_header header;
	uint8_t id[32];
	size_t body, body_len;
};

struct outpost_world {
	/* What node 0 gave out. */
	struct vote given[GIVEN];
	size_t given_len;
	bool promised[OUTPOST_BALLOTS];       /* not sent again: the node is to keep its word */
	bool receipted[OUTPOST_BALLOTS];
	uint64_t seen;                        /* height of the newest block that it stored */
	uint8_t seen_id[BLOCKS][32];          /* by height, from the chain's first on */
	/* The peers. */
	uint64_t cur;
	struct peer_view view[VIEWS];
	struct peer_block block[BLOCKS];
	size_t blocks;
	uint8_t bodies[BODIES];
	size_t bodies_len;
	uint8_t frame[FRAMES][FRAME_BYTES];   /* transactions that it passed on */
	size_t frame_len[FRAMES];
	size_t frames;
	/* The last life. */
	uint64_t calls;
	enum status why;
	bool guarded;
	unsigned int lost;
	unsigned int wanted;
};

/* One life's own. */
struct frame {
	uint8_t from;
	bool bulk;
	size_t len;
	uint8_t *bytes;
};

struct outpost_life {
	struct outpost *o;
	struct node *node;
	struct committee committee;
	struct frame queue[QUEUE];
	size_t first, count;
	uint8_t *lent;                        /* to whoever called link_poll */
	uint64_t entered_ms;
	bool asked;
	uint64_t ask_ms;
	uint8_t request[LIMIT_REQUEST];
	volatile bool stop;
};
extern struct outpost_life life;

/* A fault of the outpost itself. */
void outpost_must(bool what);
struct outpost_world *outpost_world(void);
/* The view of the town's last block. */
uint64_t outpost_first_view(void);
/* What peers say to a node that comes up. */
void outpost_gather(void);

#endif
