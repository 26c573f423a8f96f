/*
 * run.c: see run.h.
 *
 * Invariant: an act of the person is taken only when the session can use it, so that nobody's
 * type-ahead ends in the next voter's ballot.
 */
#include "voter-client/kiosk/run.h"

#include "common/base/clock.h"

/* A node may be a moment behind: what closes the kiosk must last, before `once` gives up. */
enum { BEAT_MS = 50, LAST_TRY_MS = 10000, CLOSED_MS = 3000 };

struct run {
	struct booth *b;
	const struct face *face;
	const struct port *port;
	const struct run_options *o;
	uint64_t shown;          /* changes that were shown */
	bool is_watched;         /* the face's descriptor is in the poll set */
	bool is_over;            /* no person will ever act again */
	bool had_voter;
	uint64_t open_ms;        /* when the kiosk was last not closed */
};

static void show(struct run *r)
{
	if (booth_changes(r->b) == r->shown)
		return;
	r->shown = booth_changes(r->b);
	r->face->show(r->face->ctx, booth_session(r->b));
}

/* All that the person did. */
static void take_acts(struct run *r)
{
	struct session_event ev;
	enum status st = ST_OK;

	while (!r->is_over && !session_is_waiting(booth_session(r->b)) && st == ST_OK) {
		st = r->face->next(r->face->ctx, booth_session(r->b), &ev);
		if (st == ST_NOT_FOUND)
			r->is_over = true;
		if (st != ST_OK)
			break;
		ev.now_ms = clock_mono_ms();
		booth_event(r->b, &ev);
		show(r);
	}
}

/* While the session waits nobody reads, so nobody may wake us for it. */
static void watch(struct run *r)
{
	bool want = !r->is_over && !session_is_waiting(booth_session(r->b));

	if (want == r->is_watched)
		return;
	if (want)
		(void)r->port->watch(r->port->ctx, r->face->fd);   /* else the beat will do */
	else
		r->port->unwatch(r->port->ctx, r->face->fd);
	r->is_watched = want;
}

static void hear_nodes(struct run *r, int timeout_ms)
{
	struct client_event ev;

	while (r->port->poll(r->port->ctx, &ev, timeout_ms) == ST_OK) {
		if (ev.kind == CLIENT_READABLE)
			return;
		booth_answer(r->b, &ev, clock_mono_ms());
		timeout_ms = 0;
	}
}

/* How long we may sleep.  Blocks that wait until the voter has left keep nobody awake. */
static int beat_ms(const struct run *r)
{
	bool has_work = chainview_has_work(chainlink_view(booth_link(r->b))) &&
	                !session_has_voter(booth_session(r->b));

	return has_work ? 0 : BEAT_MS;
}

static bool is_between_voters(const struct run *r)
{
	const struct session *s = booth_session(r->b);

	return s->at == AT_OUT || s->at == AT_CREDENTIAL || s->at == AT_END;
}

static bool is_closed(const struct session *s)
{
	return s->at == AT_OUT && s->service != SERVICE_READY && s->service != SERVICE_STARTING;
}

static bool is_done(struct run *r)
{
	const struct session *s = booth_session(r->b);

	if (*r->o->stop != 0)
		return true;
	if (r->is_over && (!session_is_waiting(s) || s->at == AT_OUT))
		return true;
	if (s->at == AT_END)
		r->had_voter = true;
	if (!r->o->once)
		return false;
	if (!is_closed(s))
		r->open_ms = clock_mono_ms();
	return r->had_voter ? s->at != AT_END && is_between_voters(r) :
	       clock_mono_ms() >= r->open_ms + CLOSED_MS;
}

/* What was cast and has no receipt gets some more time. */
static void last_try(struct run *r)
{
	uint64_t until = clock_mono_ms() + LAST_TRY_MS;

	while (booth_pending(r->b) > 0 && clock_mono_ms() < until && *r->o->stop == 0 &&
	       booth_session(r->b)->service != SERVICE_BROKEN) {
		booth_tick(r->b, clock_mono_ms());
		hear_nodes(r, BEAT_MS);
	}
}

enum run_end run_kiosk(struct booth *b, const struct face *face, const struct port *port,
                       const struct run_options *o)
{
	struct run r = { .b = b, .face = face, .port = port, .o = o, .shown = UINT64_MAX };
	enum run_end end;

	for (;;) {
		booth_tick(b, clock_mono_ms());
		show(&r);
		if (is_done(&r))
			break;
		take_acts(&r);
		watch(&r);
		hear_nodes(&r, beat_ms(&r));
	}
	end = !is_between_voters(&r) ? RUN_LEFT :
	      o->once && !r.had_voter && is_closed(booth_session(b)) ? RUN_CLOSED : RUN_STOPPED;
	if (r.is_watched)
		port->unwatch(port->ctx, face->fd);
	last_try(&r);
	return end;
}
