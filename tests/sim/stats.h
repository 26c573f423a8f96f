/*
 * stats.h: what many runs were like.
 *
 * Invariant: every field is a number that is added up when two are merged, but `most`.
 */
#ifndef KALPIS_TESTS_SIM_STATS_H
#define KALPIS_TESTS_SIM_STATS_H

#include "tests/sim/sim.h"

enum { STATS_TIMES = 8, STATS_SHARES = 7, STATS_CUTS = 7 };

struct sim_stats {
	uint64_t runs, failed, settled, events, blocks, views, nullified, evidence, receipts;
	uint64_t crashes[SIM_POINTS];         /* in all */
	uint64_t faults[SIM_FAULTS];          /* runs in which it happened */
	uint64_t deeds[SIM_DEEDS];
	uint64_t kinds[SIM_KINDS];
	uint64_t gaps[SIM_GAPS];              /* blocks */
	uint64_t times[STATS_TIMES];          /* runs by the time to heal */
	uint64_t shares[STATS_SHARES];        /* runs by the share of nullified views */
	uint64_t cuts[STATS_CUTS];            /* runs by the number of cuts */
	uint64_t sizes[LIMIT_TRUSTEES + 1];
	uint64_t most_ms;                     /* the longest healing; last but one */
	uint64_t most_slow_ms;                /* of a network slower than delta; last */
};

/* o: NULL for twins. */
void stats_add(struct sim_stats *s, const struct sim_result *r, const struct sim_options *o);
void stats_merge(struct sim_stats *s, const struct sim_stats *more);
/* Tables for people.  false: a fault or a deed was too rare to count as tried (of 2000 runs). */
bool stats_print(const struct sim_stats *s, bool random);

/* To go on later.  false: not of this commit or command, or not to be read or written. */
bool stats_save(const char *path, const struct sim_stats *s, const char *title, uint64_t next);
bool stats_load(const char *path, struct sim_stats *s, const char *title, uint64_t *next);

#endif
