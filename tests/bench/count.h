/*
 * count.h: what count.c, count_logs.c and count_messages.c share.
 *
 * Invariant: counts leads to COUNT_LEN counters, even before the file is there.
 */
#ifndef KALPIS_TESTS_BENCH_COUNT_H
#define KALPIS_TESTS_BENCH_COUNT_H

#include <stdint.h>

/* In this order in the file; tests/bench/nodes reads them so. */
enum count {
	COUNT_SYNC_OTHER,     /* the block store's, and whatever else there is */
	COUNT_SYNC_AGREE,     /* wal.log and votes.log: between a proposal and its certificates */
	COUNT_SYNC_POOL,      /* pool.log: before a promise */
	COUNT_SAID_OTHER,     /* status, requests, catching up, cosignatures */
	COUNT_SAID_AGREE,     /* proposals, votes, certificates */
	COUNT_SAID_POOL,      /* transactions that wait */
	COUNT_LEN
};

extern _Atomic uint64_t *counts;
/* What a sync of this thread is for now. */
extern _Thread_local enum count count_sync;

#endif
