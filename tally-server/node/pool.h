/*
 * pool.h: verified transactions that wait for the chain (docs/decisions/0057).
 *
 * Pure: no file, clock or socket.  Bounded in number and bytes, reports by themselves: neither
 * they nor ballots keep the others out, and no signer keeps another's reports out.  An entry knows
 * the snapshot that its verdict is for, and which unfinalised blocks hold it, so that what waits
 * can be counted for any branch.
 *
 * Invariant: one entry for each id; entries are in the order of their arrival.
 */
#ifndef KALPIS_NODE_POOL_H
#define KALPIS_NODE_POOL_H

#include "common/election/election.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	POOL_COUNT_MAX = 16384,
	POOL_BYTES_MAX = 64 << 20,
	POOL_SOURCE_MAX = POOL_COUNT_MAX / 4,   /* from one kiosk */
	/* Reports (ledger/report.h) of one signer: a budget that ballots do not share. */
	POOL_REPORTS_MAX = 128,
	POOL_REPORT_BYTES_MAX = 2 << 20,
	POOL_BLOCKS_MAX = 64                    /* unfinalised blocks whose items are marked */
};

#define POOL_NOBODY UINT32_MAX

/* Why an entry does not count just now.  Bits. */
enum {
	POOL_PARKED = 1,      /* the rules refuse it at present: until something becomes final */
	POOL_UNCHECKED = 2,   /* its verdict is for an older snapshot; a new one is under way */
	POOL_LATE = 4         /* a ballot first seen after `close`: never proposed here */
};

struct pool_entry {
	/* Set by the caller. */
	uint8_t id[TX_ID_BYTES];
	struct verdict verdict;
	enum tx_type type;
	const uint8_t *wire;          /* copied by pool_add */
	size_t wire_len;
	bool has_tracker;             /* ballots and tests */
	uint8_t tracker[32];
	uint32_t voter;               /* roll index of a ballot's credential, or POOL_NOBODY */
	uint32_t source;
	uint64_t arrived_ms;
	uint64_t promised_min;        /* when this node promised it (unix minutes); 0: it did not */
	unsigned int flags;
	/* The pool's own. */
	uint64_t blocks;              /* bit i: stands in the block with mark i */
	uint8_t signer;               /* of a report: party_slot, counted from 1; else 0 */
	struct pool_entry *older;
	struct pool_entry *newer;
};

struct pool;

MUST_USE enum status pool_new(struct pool **out);
void pool_free(struct pool *p);

/*
 * A copy of e enters.  ST_DUPLICATE: its id is here; ST_AGAIN: the pool is full, or its source has
 * had its share (source_max entries; 0: no share), or its signer of reports; ST_FORMAT: a report
 * that does not say whose it is; ST_NO_MEMORY.  *out may be NULL.
 */
MUST_USE enum status pool_add(struct pool *p, struct pool_entry **out, const struct pool_entry *e,
                              uint32_t source_max);
void pool_remove(struct pool *p, struct pool_entry *e);
struct pool_entry *pool_find(const struct pool *p, const uint8_t id[static TX_ID_BYTES]);
/* A ballot of this voter; POOL_NOBODY has none. */
struct pool_entry *pool_find_voter(const struct pool *p, uint32_t voter);
struct pool_entry *pool_find_tracker(const struct pool *p, const uint8_t tracker[static 32]);
/* Oldest first; pool_next may be called before e is removed. */
struct pool_entry *pool_first(const struct pool *p);
struct pool_entry *pool_next(const struct pool_entry *e);

size_t pool_count(const struct pool *p);
size_t pool_bytes(const struct pool *p);

/* The entry changed: what was counted is counted again. */
void pool_set_flags(struct pool *p, struct pool_entry *e, unsigned int flags);
void pool_set_verdict(struct pool *p, struct pool_entry *e, const struct verdict *v);
/* Entry e stands in the block with this mark. */
void pool_mark(struct pool *p, struct pool_entry *e, unsigned int mark);
/* The block with this mark is gone: nobody stands in it. */
void pool_unmark(struct pool *p, unsigned int mark);
/* No entry is parked any more. */
void pool_unpark(struct pool *p);

struct pool_waiting {
	uint32_t count;
	uint64_t oldest_ms;           /* UINT64_MAX when there is none */
};
/* May this entry go into a block of this snapshot, on a branch of the blocks in marks? */
bool pool_is_waiting(const struct pool_entry *e, const uint8_t params[static 32], uint64_t marks);
void pool_waiting(struct pool *p, struct pool_waiting *out, const uint8_t params[static 32],
                  uint64_t marks);

#endif
