/*
 * work.h: the one thread beside the event loop: it checks proofs and signatures.
 *
 * A job is a list of transactions and the snapshot to check them against, handed over whole and
 * taken back whole; in between the loop does not touch it.  One job is under way at a time.
 *
 * Invariant: the worker sees nothing but its job; the snapshot's reference lasts until work_take.
 * What a snapshot borrows belongs to the state, so nothing may be undone that is older than the
 * job while it is under way: work_wait before election_pop.
 */
#ifndef KALPIS_NODE_WORK_H
#define KALPIS_NODE_WORK_H

#include "common/election/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORK_MAX = LIMIT_BLOCK_ITEMS };

/* Everything but results and verdicts is set by the caller, who owns all of it. */
struct work_job {
	const struct election_params *params;   /* a reference, given back by work_take */
	struct tx *txs;
	void **owner;                 /* what each belongs to; not looked at */
	size_t len;                   /* <= WORK_MAX */
	uint8_t block[32];            /* the block they stand in; zero: none */
	enum status *results;
	struct verdict *verdicts;
};

struct work;

/* Starts the thread.  ST_NO_MEMORY, ST_IO. */
MUST_USE enum status work_new(struct work **out);
/* Waits for the job under way, ends the thread. */
void work_free(struct work *w);

/* Readable when a job is done: for link_watch. */
int work_fd(const struct work *w);
bool work_is_busy(const struct work *w);

/* The job to fill in: empty, with room for WORK_MAX.  Only while not busy. */
struct work_job *work_job(struct work *w);
/* Hand it over. */
void work_start(struct work *w);
/* Wait until the job is done; it is then still to be taken. */
void work_wait(struct work *w);
/* The finished job, or NULL.  The next work_job call forgets it. */
struct work_job *work_take(struct work *w);

#endif
