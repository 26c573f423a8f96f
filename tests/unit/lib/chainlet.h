/*
 * chainlet.h: a chain of arbitrary items, for tests of the block store: right in everything that
 * the store looks at (links, bodies, log roots) and in nothing else.  And the committee and
 * certificates of a town.
 *
 * Invariant: what chainlet_next gives follows from what it gave before, until it is undone.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_CHAINLET_H
#define KALPIS_TESTS_UNIT_LIB_CHAINLET_H

#include "common/ledger/store.h"
#include "crypto/merkle.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/town.h"

enum { CHAINLET_ITEMS = 64, CHAINLET_ITEM_BYTES = 300 };

struct chainlet_block {
	struct block_header header;
	uint8_t body[CHAINLET_ITEMS * (CHAINLET_ITEM_BYTES + 4)];
	size_t body_len;
	struct store_item item[CHAINLET_ITEMS];
	uint8_t tracker[CHAINLET_ITEMS][32];
	struct store_put put;             /* of the above; copies must set it anew */
};

struct chainlet {
	struct prng *random;
	uint64_t blocks;
	struct block_header tip;
	struct merkle_frontier log;
};

void chainlet_init(struct chainlet *c, struct prng *random);
/* The next block, of count items with random bytes; every third one looks like a ballot. */
void chainlet_next(struct chainlet *c, struct chainlet_block *out, size_t count);
/* Header and put of a block whose body or items were changed: hashed anew, so that it fits. */
void chainlet_seal(struct chainlet_block *b);
/* An F certificate of a header with made-up signatures. */
void chainlet_certificate(struct certificate *out, const struct block_header *h);

/* Opens, or fails the test. */
struct store *chainlet_store(const char *path, enum store_access access);
/* Room for one block; the caller frees. */
struct chainlet_block *chainlet_room(void);
/* count blocks into a store, of items each (0: 0..19); every third one of the chain certified. */
void chainlet_fill(struct store *s, struct chainlet *c, size_t count, size_t items);

/* Everything that a block of a town would tell the store, then put. */
enum status town_put(struct town *t, struct store *s, size_t block, const struct certificate *c);
/* An F certificate of a town's block by its first nodes. */
void town_certify(struct town *t, struct certificate *out, size_t block, unsigned int signatures);
void town_genesis_sigs(struct town *t, uint8_t sigs[static LIMIT_TRUSTEES][64]);
void town_committee(struct town *t, struct committee *out);

#endif
