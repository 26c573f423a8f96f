/*
 * intake.h: transactions that came in and wait to be checked (attacks N76).
 *
 * Pure.  Every source has a queue of its own, bounded in number and bytes, and the sources take
 * turns: a flood from one kiosk or peer costs the others nothing but every other turn.
 *
 * Invariant: an id waits at most once.
 */
#ifndef KALPIS_NODE_INTAKE_H
#define KALPIS_NODE_INTAKE_H

#include "common/base/limits.h"
#include "common/ledger/transaction.h"

#include <stddef.h>
#include <stdint.h>

enum {
	/* Sources: the node's own pool (checked anew), other nodes, and whoever asks by kiosk key. */
	INTAKE_OWN = 0,
	INTAKE_PEER = 1,                                /* + index of the node; own evidence: + self */
	INTAKE_ASKER = INTAKE_PEER + LIMIT_TRUSTEES,    /* + number of the asker */
	INTAKE_SOURCES = INTAKE_ASKER + LIMIT_KIOSKS + 1,
	INTAKE_COUNT_MAX = 256,                         /* of one asker */
	INTAKE_PEER_COUNT_MAX = 4096,
	INTAKE_BYTES_MAX = 8 << 20,                     /* of one source; one item at least */
	INTAKE_TOTAL_BYTES = 128 << 20
};

struct intake_item {
	struct intake_item *next;
	struct intake_item *same;     /* in the table of ids */
	uint32_t source;
	uint8_t id[TX_ID_BYTES];
	struct tx tx;                 /* borrows from wire, which follows in the same allocation */
};

struct intake;

MUST_USE enum status intake_new(struct intake **out);
void intake_free(struct intake *in);

/*
 * Copy a decoded transaction into its source's queue.  ST_DUPLICATE: it waits already, whoever
 * brought it; ST_AGAIN: the queue is full; ST_NO_MEMORY.  May be ignored for what others say again.
 */
enum status intake_put(struct intake *in, uint32_t source, const uint8_t id[static TX_ID_BYTES],
                       const struct tx *tx);
/* The next in turn, no longer waiting; the caller frees it with intake_drop.  NULL: none. */
struct intake_item *intake_take(struct intake *in);
void intake_drop(struct intake_item *item);
/* Does it wait? */
bool intake_has(const struct intake *in, const uint8_t id[static TX_ID_BYTES]);
size_t intake_count(const struct intake *in);

#endif
