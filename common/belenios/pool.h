/*
 * pool.h: the same work on many things, on several threads.
 *
 * Invariant: whatever the number of threads, the failure that is reported is the one of the lowest
 * index, so two runs say the same.
 */
#ifndef KALPIS_BELENIOS_POOL_H
#define KALPIS_BELENIOS_POOL_H

#include "crypto/status.h"

#include <stddef.h>

enum { POOL_THREADS_MAX = 64, POOL_NOTE_BYTES = 160 };

/* What failed, for who reports it. */
struct pool_note {
	size_t index;
	int check;
	enum status st;
	char text[POOL_NOTE_BYTES];
};

/* Work on index; worker, below the number of threads, says whose scratch is used.  A failure fills
 * note (but index and st). */
typedef enum status pool_work(void *ctx, size_t worker, size_t index, struct pool_note *note);

/* 1..POOL_THREADS_MAX threads over 0..count-1.  ST_OK, or the failure of the lowest index. */
MUST_USE enum status pool_run(size_t threads, size_t count, pool_work *work, void *ctx,
                              struct pool_note *note);

#endif
