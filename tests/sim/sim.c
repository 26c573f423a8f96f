/*
 * sim.c: one run, from a seed: chaos, healing, calm.
 *
 * Invariant: all chance comes from sim.rng.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAL_MS = 30000,          /* in which a healed network must have delivered everything */
	IDLE_MS = 20000,          /* in which nothing may happen afterwards */
	NIGHT_MIN_MS = 900000,
	NIGHT_MORE_MS = 1500000
};

/* --- events --------------------------------------------------------------------------------- */

static bool is_active_cheat(const struct sim *s, const struct replica *r)
{
	return s->o.kind[r->node] == SIM_ACTIVE;
}

static void on_deliver(struct sim *s, const struct event *e)
{
	struct replica *r = &s->replica[e->inst];
	const struct consensus_event ev = {
		.type = CONSENSUS_MESSAGE, .from = e->from, .bytes = e->buf->bytes,
		.len = e->buf->len,
	};

	network_arrived(s, e);
	if (is_active_cheat(s, r)) {
		adversary_hear(s, r->node, e->from, e->buf->bytes, e->buf->len);
	} else if (e->buf->len > 0 && e->buf->bytes[0] == SIM_GOSSIP) {
		replica_hear_items(r, e->buf->bytes, e->buf->len);
	} else {
		replica_event(r, &ev);
	}
}

/* A process is down and its machine is looked after, or not. */
static void on_restart(struct sim *s, struct replica *r)
{
	if (is_active_cheat(s, r) || r->up)
		return;
	if (s->o.kind[r->node] == SIM_FORGETFUL && r->starts > 0)
		logs_steal(r);
	if (!s->healed && r->honest && s->o.amnesiacs > 0 && s->now > 500) {
		if (!r->forgot && chance(s, 50)) {
			logs_forget(r);
			s->o.amnesiacs -= r->forgot;
		} else if (chance(s, 30)) {
			logs_save(r);
		}
	}
	replica_start(r);
}

static void crash_all(struct sim *s)
{
	sim_note(s, FAULT_WHOLE_CRASH);
	for (unsigned int i = 0; i < s->instances; i++)
		replica_crash(&s->replica[i], POINT_IDLE);
}

/* Links that were down come up, and both ends hear of it. */
static void on_link(struct sim *s)
{
	for (unsigned int i = 0; i < s->instances; i++)
		for (uint8_t node = 0; node < s->o.n; node++) {
			struct replica *r = &s->replica[i];
			const struct consensus_event up = { .type = CONSENSUS_PEER_UP,
			                                    .from = node };

			if (node != r->node && !is_active_cheat(s, r) &&
			    !network_is_apart(s, node, r->node))
				replica_event(r, &up);
		}
}

static void on_cheat(struct sim *s, const struct event *e)
{
	adversary_act(s, e->from);
	network_push(s, (struct event){ .at = s->now + 5 + prng_below(&s->rng, 60),
	                                .type = EV_CHEAT, .inst = e->inst, .from = e->from });
}

/* A process that waits for its disk hears later. */
static bool is_busy(const struct sim *s, const struct event *e)
{
	const struct replica *r = &s->replica[e->inst];

	return r->up && s->now < r->busy_until &&
	       (e->type == EV_DELIVER || e->type == EV_TIMER || e->type == EV_SUBMIT);
}

static void on_timer(struct replica *r)
{
	const struct consensus_event tick = { .type = CONSENSUS_TICK };

	if (!r->up || r->deadline == CONSENSUS_NEVER)
		return;
	r->lag_ms = 0;
	if (replica_now(r) < r->deadline)
		return;   /* of an earlier deadline */
	r->deadline = CONSENSUS_NEVER;
	replica_event(r, &tick);
}

static void on_event(struct sim *s, const struct event *e)
{
	struct replica *r = &s->replica[e->inst];

	switch (e->type) {
	case EV_DELIVER:
		on_deliver(s, e);
		break;
	case EV_TIMER:
		on_timer(r);
		break;
	case EV_RESTART:
		on_restart(s, r);
		break;
	case EV_SUBMIT:
		replica_submit(r, e->item);
		break;
	case EV_CUT:
		s->result->cuts++;
		network_cut(s, e->item == 1);
		break;
	case EV_CLOG:
		network_clog(s);
		break;
	case EV_CRASH:
		replica_crash(r, POINT_IDLE);
		break;
	case EV_WHOLE_CRASH:
		crash_all(s);
		break;
	case EV_NIGHT:
		sim_note(s, FAULT_NIGHT);
		s->wall_ms += NIGHT_MIN_MS + prng_below(&s->rng, NIGHT_MORE_MS);
		crash_all(s);
		break;
	case EV_DISK_FULL:
		r->full_until = s->now + 200 + prng_below(&s->rng, 4000);
		break;
	case EV_DISK_ERROR:
		r->disk_error = true;
		break;
	case EV_LINK:
		on_link(s);
		break;
	case EV_GOSSIP:
		replica_gossip(r);
		network_push(s, (struct event){ .at = s->now + 1000, .type = EV_GOSSIP,
		                                .inst = e->inst });
		break;
	case EV_CHEAT:
		on_cheat(s, e);
		break;
	}
}

bool sim_until(struct sim *s, uint64_t end, bool until_done)
{
	struct event e;
	uint64_t next_look = s->now;

	while (!s->result->failed) {
		if (until_done && s->now >= next_look) {
			next_look = s->now + 50;
			if (check_all_done(s))
				return true;
		}
		if (s->heap_len == 0 || s->heap[0].at > end)
			break;
		(void)network_pop(s, &e);
		s->now = e.at;
		if (is_busy(s, &e)) {
			e.at = s->replica[e.inst].busy_until;
			network_push(s, e);
			continue;
		}
		sim_trace(s, &e.at, sizeof(e.at));
		sim_trace(s, &e.inst, sizeof(e.inst));
		on_event(s, &e);
		buffer_drop(e.buf);
	}
	if (s->now < end && !until_done)
		s->now = end;
	return !s->result->failed && check_all_done(s);
}

/* --- healing -------------------------------------------------------------------------------- */

static void heal(struct sim *s)
{
	world_core(s);
	s->healed = true;
	memset(s->cut, 0, sizeof(s->cut));
	if (s->o.healed_delay_ms > 0)
		s->o.delay_max_ms = s->o.healed_delay_ms;
	else if (s->o.delay_max_ms > 40)
		s->o.delay_max_ms = 40;
	sim_log(s, "healed");
	for (unsigned int i = 0; i < s->instances; i++) {
		struct replica *r = &s->replica[i];

		r->mask = UINT16_MAX;
		r->full_until = 0;
		r->disk_error = false;
		if (is_active_cheat(s, r))
			continue;
		if ((s->core >> r->node & 1) == 0)
			replica_crash(r, POINT_IDLE);
		else
			replica_start(r);
	}
}

/*
 * 30 s, where messages arrive within the delta of the timers; in proportion where they do not.
 * Twins have skipped many views in no time, and their timers are as long as if it had been long.
 */
static uint64_t patience(const struct sim *s)
{
	uint64_t delta = s->o.delay_max_ms > SIM_DELTA_MS ? s->o.delay_max_ms : SIM_DELTA_MS;

	return (s->twins != NULL ? UINT64_C(4) : UINT64_C(1)) * HEAL_MS * delta / SIM_DELTA_MS;
}

static uint64_t sum_of_views(const struct sim *s)
{
	struct consensus_info info;
	uint64_t views = 0;

	for (unsigned int i = 0; i < s->instances; i++) {
		consensus_info(s->replica[i].core, &info);
		views += info.view;
	}
	return views;
}

/* R9: no work, no view ends; soon, where messages take longer than delta. */
static void check_idle(struct sim *s)
{
	uint64_t views = 0;

	for (unsigned int i = 0; i < 6 && !s->result->failed; i++) {
		views = sum_of_views(s);
		(void)sim_until(s, s->now + IDLE_MS, false);
		if (sum_of_views(s) == views)
			return;
	}
	sim_fail(s, "views go on without work: %llu, %llu", (unsigned long long)views,
	         (unsigned long long)sum_of_views(s));
}

static bool all_honest(const struct sim *s)
{
	for (unsigned int i = 0; i < s->o.n; i++)
		if (s->o.kind[i] != SIM_HONEST)
			return false;
	return true;
}

static struct replica *some_honest(struct sim *s)
{
	for (;;) {
		struct replica *r = &s->replica[prng_below(&s->rng, s->instances)];

		if (r->honest && (s->core >> r->node & 1) != 0)
			return r;
	}
}

/* Ten more blocks, each delivered by all before the next is asked for. */
static void go_on(struct sim *s, unsigned int blocks)
{
	for (unsigned int i = 0; i < blocks && !s->result->failed; i++) {
		replica_submit(some_honest(s), s->o.items + i);
		if (!sim_until(s, s->now + patience(s), true))
			sim_fail(s, "stuck after %u further blocks", i);
	}
}

void sim_settle(struct sim *s, unsigned int more)
{
	uint64_t begin = s->now, height;

	heal(s);
	if (!sim_until(s, begin + patience(s), true))
		sim_fail(s, "stuck after healing");
	s->result->healed_ms = s->now - begin;
	height = s->oracle.final_len;
	go_on(s, more);
	if (!s->result->failed && s->oracle.final_len < height + more)
		sim_fail(s, "%u items and fewer blocks", more);
	if (!s->result->failed && all_honest(s) && s->core == UINT16_MAX)
		check_idle(s);
}

/* --- the run -------------------------------------------------------------------------------- */

void sim_measure(struct sim *s)
{
	struct sim_result *out = s->result;

	check_receipts(s);
	out->height = s->oracle.final_len;
	for (uint64_t v = 1; v < SIM_FACTS; v++) {
		const struct fact *f = &s->oracle.view[v];

		if (f->has_n || f->has_u || f->has_f)
			out->view = v;
		out->nullified += f->has_u;
	}
}

void sim_run(struct sim_result *out, const struct sim_options *o, uint64_t seed, FILE *verbose)
{
	struct sim *s = calloc(1, sizeof(*s));

	assert(s != NULL);
	memset(out, 0, sizeof(*out));
	s->result = out;
	s->o = *o;
	s->verbose = verbose;
	world_make(s, seed);
	(void)sim_until(s, o->chaos_ms, false);
	if (!out->failed && o->expect_liveness)
		sim_settle(s, SIM_MORE);
	sim_measure(s);
	world_free(s);
}
