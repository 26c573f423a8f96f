/*
 * count.h: what count.c and count_messages.c share.
 *
 * Invariant: counts leads to two counters, of syncs and of messages, even before the file is there.
 */
#ifndef KALPIS_TESTS_BENCH_COUNT_H
#define KALPIS_TESTS_BENCH_COUNT_H

#include <stdint.h>

extern _Atomic uint64_t *counts;

#endif
