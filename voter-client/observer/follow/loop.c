/*
 * loop.c: voter-follow's main loop: time, answers, work, and when to say something.
 *
 * It is calm: a status line comes when something has changed, and after STILL_MS without a change.
 */
#include "voter-client/observer/follow/follow.h"

#include "common/base/clock.h"

#include <stdio.h>
#include <string.h>

enum {
	POLL_MS = 100,
	STILL_MS = 10 * 60 * 1000,
	HASTE_MS = 2000               /* between rounds, while --once waits for agreement */
};

/* What a person would call a change. */
static bool has_changed(const struct lookout_view *a, const struct lookout_view *b)
{
	if (a->height != b->height || a->phase != b->phase || a->ballots != b->ballots ||
	    a->agree != b->agree || a->answered != b->answered || a->vouch != b->vouch)
		return true;
	for (uint32_t i = 0; i < b->nodes; i++)
		if (a->stand[i] != b->stand[i] || a->shown[i] != b->shown[i])
			return true;
	return false;
}

struct telling {
	struct lookout_view told;
	uint64_t told_ms;
	uint64_t rounds;
	uint64_t round_ms;            /* when the last round ended */
	uint64_t reached_ms;
};

/* After a round: as soon as the copy is level, or when it is not for a whole interval. */
static void tell(struct follow_run *r, struct telling *t, uint64_t now)
{
	const struct lookout_view *v = &r->view;
	bool is_new = t->rounds < v->rounds;

	if (!is_new || (!v->is_level && now < t->round_ms + 1000 * follow_opt.interval_s))
		return;
	t->rounds = v->rounds;
	t->round_ms = now;
	if (!has_changed(&t->told, v) && now < t->told_ms + STILL_MS)
		return;
	t->told = *v;
	t->told_ms = now;
	tell_status(r->copy->m, v);
}

/* Is what the options ask for there? */
static bool is_reached(const struct follow_run *r)
{
	const struct lookout_view *v = &r->view;

	if (!r->was_good)
		return false;
	/* The archive of an ended election says who vouches for it. */
	return v->is_vouched && (follow_opt.once || (follow_opt.until_end && v->phase == PHASE_FINAL));
}

static void look(struct follow_run *r)
{
	lookout_look(r->w, &r->view);
	r->has_heard = r->has_heard || r->view.answered > 0;
	if (r->view.rounds > 0 && r->view.is_level)
		r->was_good = r->view.fresh > r->copy->m->faults && r->copy->has_sigs;
	r->failed = lookout_failed(r->w);
}

static bool is_over(struct follow_run *r, const volatile sig_atomic_t *stop, uint64_t start,
                    uint64_t now)
{
	if (r->failed != ST_OK)
		return true;
	if (is_reached(r))
		r->end = FOLLOW_REACHED;
	else if (follow_opt.until_end && r->was_good && r->view.phase == PHASE_FAILED)
		r->end = FOLLOW_DEAD;
	else if (*stop)
		r->end = FOLLOW_STOPPED;
	else if (follow_opt.once && now >= start + 1000 * follow_opt.timeout_s)
		r->end = FOLLOW_TIMED_OUT;
	else
		return false;
	return true;
}

void follow_loop(struct follow_run *r, const volatile sig_atomic_t *stop)
{
	struct telling t = { .rounds = 0 };
	uint64_t start = clock_mono_ms(), now = start;
	struct client_event ev;
	bool has_worked = false;
	enum status st;

	for (look(r); !is_over(r, stop, start, now); look(r)) {
		lookout_tick(r->w, now, clock_unix_s());
		st = r->port->poll(r->port->ctx, &ev, has_worked ? 0 : POLL_MS);
		now = clock_mono_ms();
		if (st == ST_OK)
			lookout_answer(r->w, &ev, now);
		else if (st != ST_TIMEOUT) {
			r->failed = st;
			return;
		}
		has_worked = lookout_work(r->w, now);
		look(r);
		tell(r, &t, now);
		if (ferror(stdout)) {
			r->failed = ST_IO;
			return;
		}
	}
	if (has_changed(&t.told, &r->view))
		tell_status(r->copy->m, &r->view);
}
