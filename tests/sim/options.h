/*
 * options.h: what may happen in a run of the simulator, as figures that a line of text holds.
 *
 * Invariant: options_read of what options_write wrote gives the same figures.
 */
#ifndef KALPIS_TESTS_SIM_OPTIONS_H
#define KALPIS_TESTS_SIM_OPTIONS_H

#include "common/base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SIM_ITEMS = 256,
	SIM_BODY_MAX = SIM_ITEMS * 8,
	SIM_MORE = 10,                        /* blocks that must follow the healing */
	OPTIONS_TEXT_MAX = 1024
};

enum sim_kind {
	SIM_HONEST,
	SIM_SILENT,
	SIM_TWINS,                            /* two machines with one key, each hearing some nodes */
	SIM_FORGETFUL,                        /* loses its logs at every crash and does not say so */
	SIM_ACTIVE,                           /* does its deeds */
	SIM_KINDS
};

/* What an active cheat may do (deeds.c). */
enum sim_deed {
	DEED_EQUIVOCATE,                      /* two blocks to two halves */
	DEED_FORK,                            /* on any older base, badly justified */
	DEED_VOTE_ALL,                        /* every vote for everything */
	DEED_WITHHOLD,                        /* its block to all but f honest nodes */
	DEED_EXACTLY,                         /* its block to just as many as make a quorum */
	DEED_HIDE,                            /* a certificate to one node only */
	DEED_LAST_MOMENT,                     /* its block when the others give up */
	DEED_STALE,                           /* what was heard, said again later */
	DEED_FUTURE,                          /* votes and blocks of views to come */
	DEED_FALSE_VOTE,                      /* a false signature after a true one */
	DEED_FALSE_CERT,                      /* a certificate with a false signature */
	DEED_FALSE_BODY,                      /* another body under its header */
	DEED_MUTATE,                          /* a message with one field off by one */
	DEED_FORGE_SYNC,                      /* a chunk of its own making */
	DEED_GARBAGE,                         /* truncated, huge and random bytes */
	DEED_FLOOD,                           /* as many requests as it can */
	DEED_BACKDATE,                        /* blocks of another hour */
	DEED_LIE,                             /* heights and views that it cannot show */
	SIM_DEEDS
};
extern const char *const sim_deed_name[SIM_DEEDS];

struct sim_options {
	unsigned int n;
	unsigned int kind[LIMIT_TRUSTEES];    /* enum sim_kind */
	unsigned int deeds[LIMIT_TRUSTEES];   /* of an active one: bit set */
	unsigned int expect_liveness;
	unsigned int core_only;               /* only q honest nodes are healed */
	unsigned int ed25519;                 /* true signatures */
	unsigned int gossip_again;            /* nodes repeat what waits; else it is said once */
	unsigned int link_events;             /* nodes hear that a link came up */
	unsigned int chaos_ms;
	unsigned int items, batch_min, batch_wait_ms;
	unsigned int wait_pct;                /* chance that check says WAIT first */
	unsigned int loss_pct, dup_pct, straggler_pct;
	unsigned int delay_max_ms;
	unsigned int healed_delay_ms;         /* the same once healed; 0: at most 40 */
	unsigned int link_cap;                /* messages on their way on one link; 0: any */
	unsigned int cuts, one_way_cuts, clogs;
	unsigned int crash_pm;                /* chance in a thousand to die at a point */
	unsigned int power_pct;               /* of the crashes that lose what was not synced */
	unsigned int whole_crashes, nights;
	unsigned int full_disks, disk_errors;
	unsigned int slow_disk_ms;            /* a sync takes up to this long, at half of the nodes */
	unsigned int compact_pct;             /* chance after an event to write the logs afresh */
	unsigned int amnesiacs;               /* nodes whose disks lose something */
	unsigned int offset_ms, drift_ppm;    /* of clocks, either way */
};

void options_random(struct sim_options *o, uint64_t seed);

/* "name=figure ..." in one line, without its end. */
void options_write(char out[static OPTIONS_TEXT_MAX], const struct sim_options *o);
/* false: not such a text.  What is not named is 0. */
bool options_read(struct sim_options *o, uint64_t *seed, const char *text);

#endif
