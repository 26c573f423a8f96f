/*
 * crowd.h: the nodes of a town as a reader meets them, each with a chain of its own: some are slow,
 * some lie, some have another chain that a quorum signed.
 *
 * Certificates are made with the town's own node keys, so that what a crowd shows is what dishonest
 * nodes could show and no more.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_CROWD_H
#define KALPIS_TESTS_UNIT_LIB_CROWD_H

#include "common/ledger/checkpoint.h"
#include "common/ledger/receipt.h"
#include "common/net/port.h"
#include "tests/unit/lib/town.h"

enum { CROWD_EVENTS = 64, CROWD_BLOCKS = TOWN_BLOCKS };

/* Blocks by height, borrowed from a town or made by crowd_side. */
struct crowd_chain {
	const struct town_block *block[CROWD_BLOCKS];
	size_t blocks;
	uint16_t signers;             /* of its certificates; 0: the first q nodes */
	size_t each;                  /* only every so many-th block has a certificate of its own; and
	                                 the last one.  0: all */
};

enum crowd_character {
	CROWD_HONEST = 0,
	CROWD_SILENT,          /* never answers */
	CROWD_BUSY,            /* asks to be left alone */
	CROWD_EMPTY,           /* says that it has no block */
	CROWD_NOISY,           /* noise */
	CROWD_OTHER_KIND,      /* answers another question */
	CROWD_FALSE_HEAD,      /* heads with a signature that does not hold */
	CROWD_WEAK,            /* heads and blocks under one signature too few */
	CROWD_OTHER_BODY,      /* blocks with a byte of the last body altered */
	CROWD_OTHER_HEIGHT,    /* blocks that were not asked for */
	CROWD_UNLINKED,        /* a block in the middle that does not name the one before it */
	CROWD_OTHER_SIGS,      /* trustees' signatures that do not hold */
	CROWD_DUMB,            /* heads, and never a block */
	CROWD_FALSE_WORD       /* passes on a cosignature that does not hold */
};

struct crowd_node {
	const struct crowd_chain *chain;
	size_t shows;          /* blocks of it; 0: all */
	enum crowd_character character;
	uint32_t asked[16];    /* how often, by kind */
};

struct crowd_event {
	uint64_t request;
	uint32_t node;
	enum client_kind kind;
	uint8_t *bytes;
	size_t len;
};

struct crowd {
	struct town *t;
	struct crowd_node node[LIMIT_TRUSTEES];
	struct crowd_event event[CROWD_EVENTS];
	size_t first, events;
	uint64_t requests;
	size_t blocks_max;     /* in one answer */
	struct cosignature word[COSIGNED_HEADS][LIMIT_TRUSTEES];   /* each node passes on its own */
	bool has_word[COSIGNED_HEADS][LIMIT_TRUSTEES];
	uint8_t *held;
	struct port port;
};

/* All nodes honest, on the town's chain as it is now: crowd_catch_up takes what came since. */
void crowd_init(struct crowd *c, struct town *t, struct crowd_chain *chain);
void crowd_catch_up(struct crowd_chain *chain, const struct town *t);
void crowd_free(struct crowd *c);

/*
 * Blocks that could stand on the town's tip instead of what will: no transactions, the views given
 * apart.  Valid by the rules.  The town is as it was.
 */
void crowd_side(struct town *t, struct town_block *out, size_t count, uint64_t view);
/* The first `common` blocks of a chain, then these. */
void crowd_fork(struct crowd_chain *out, const struct crowd_chain *chain, size_t common,
                const struct town_block *side, size_t count);
/* A certified head by these nodes. */
void crowd_certify(const struct town *t, struct certified_head *out, const struct block_header *h,
                   uint16_t signers);

#endif
