/*
 * sim.c: one run, from a seed.
 *
 * Invariant: all chance comes from sim.rng.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAL_LIMIT_MS = 120000,   /* in which a healed network must have delivered everything */
	IDLE_MS = 20000           /* in which nothing may happen afterwards */
};

void sim_fail(struct sim *s, const char *format, ...)
{
	va_list ap;

	if (s->result->failed)
		return;
	s->result->failed = true;
	va_start(ap, format);
	(void)vsnprintf(s->result->failure, sizeof(s->result->failure), format, ap);
	va_end(ap);
	sim_log(s, "FAILED: %s", s->result->failure);
}

void sim_log(struct sim *s, const char *format, ...)
{
	va_list ap;

	if (s->verbose == NULL)
		return;
	fprintf(s->verbose, "[%6llu] ", (unsigned long long)s->now);
	va_start(ap, format);
	(void)vfprintf(s->verbose, format, ap);
	va_end(ap);
	fputc('\n', s->verbose);
}

bool chance(struct sim *s, unsigned int percent)
{
	return percent > 0 && prng_below(&s->rng, 100) < percent;
}

void bit_set(uint64_t *set, unsigned int i)
{
	set[i / 64] |= (uint64_t)1 << i % 64;
}

bool bit_has(const uint64_t *set, unsigned int i)
{
	return (set[i / 64] >> i % 64 & 1) != 0;
}

/* --- options -------------------------------------------------------------------------------- */

void sim_options_random(struct sim_options *o, uint64_t seed)
{
	static const unsigned int sizes[] = { 1, 2, 3, 4, 4, 4, 5, 6, 7, 7, 10, 13 };
	struct prng rng = { seed ^ 0x6b616c706973 };
	unsigned int cheats, f;

	memset(o, 0, sizeof(*o));
	o->n = sizes[prng_below(&rng, sizeof(sizes) / sizeof(sizes[0]))];
	f = committee_faults(o->n);
	cheats = (unsigned int)prng_below(&rng, f + 1);
	o->expect_liveness = true;
	if (o->n >= 4 && prng_below(&rng, 8) == 0) {
		/* As many as safety bears: more than liveness does where n is not 3f + 1. */
		cheats = 2 * committee_quorum(o->n) - o->n - 1;
		o->expect_liveness = cheats <= f;
	}
	for (unsigned int i = 0; i < cheats; i++) {
		size_t at = prng_below(&rng, o->n);

		if (o->kind[at] == SIM_HONEST)
			o->kind[at] = (enum sim_byzantine)(1 + prng_below(&rng, 3));
	}
	if (cheats < f && prng_below(&rng, 4) == 0)
		o->amnesiacs = 1;
	o->loss_pct = prng_below(&rng, 2) ? (unsigned int)prng_below(&rng, 61) : 0;
	o->dup_pct = (unsigned int)prng_below(&rng, 21);
	o->straggler_pct = (unsigned int)prng_below(&rng, 6);
	o->delay_max_ms = 1 + (unsigned int)prng_below(&rng, 40);
	if (prng_below(&rng, 16) == 0)   /* slower than delta, for good */
		o->delay_max_ms = o->healed_delay_ms = 200 + (unsigned int)prng_below(&rng, 600);
	o->crash_pct = prng_below(&rng, 2) ? (unsigned int)prng_below(&rng, 8) : 0;
	o->partitions = (unsigned int)prng_below(&rng, 4);
	o->whole_crashes = prng_below(&rng, 4) == 0;
	o->items = (unsigned int)prng_below(&rng, SIM_ITEMS);
	/* A node that forgot may not be able to tell anybody by its votes that something waits. */
	o->gossip_again = o->amnesiacs > 0 || prng_below(&rng, 2) == 0;
	o->wait_pct = prng_below(&rng, 3) == 0 ? (unsigned int)prng_below(&rng, 60) : 0;
	o->batch_min = prng_below(&rng, 3) == 0 ? 8 : 1;
	o->batch_wait_ms = (unsigned int)prng_below(&rng, 500);
	o->chaos_ms = 1000 + prng_below(&rng, 12000);
}

/* --- making the world ----------------------------------------------------------------------- */

static void make_committee(struct sim *s)
{
	uint8_t election[32], keys[LIMIT_TRUSTEES][32] = { { 0 } };
	enum status st;

	prng_bytes(&s->rng, election, sizeof(election));
	st = committee_init(&s->committee, s->o.n, election, NULL,
	                    (const uint8_t (*)[32])keys);
	assert(st == ST_OK);
	(void)st;
	signature_use_fake();
	if (s->o.ed25519)
		signature_use_ed25519(&s->committee);
	s->genesis = (struct block_header){ .version = BLOCK_VERSION, .log_size = 1 };
	memcpy(s->genesis.election_id, election, sizeof(election));
	block_id(s->genesis_id, &s->genesis);
}

static void make_replicas(struct sim *s)
{
	for (uint8_t i = 0; i < s->o.n; i++) {
		unsigned int copies = s->o.kind[i] == SIM_HONEST ? 1
		                      : s->o.kind[i] == SIM_TWINS ? 2 : 0;

		if (s->o.kind[i] == SIM_TWINS && s->instances + (s->o.n - i) >= SIM_INSTANCES - 1)
			copies = 1;
		for (unsigned int k = 0; k < copies; k++) {
			struct replica *r = &s->replica[s->instances];

			replica_init(r, s, (uint8_t)s->instances, i, s->o.kind[i] == SIM_HONEST);
			if (s->o.kind[i] == SIM_TWINS)
				r->mask = (uint16_t)prng_u64(&s->rng);
			s->instances++;
		}
		if (s->o.kind[i] == SIM_ACTIVE) {
			/* A deaf-mute replica hears for the cheating node. */
			struct replica *r = &s->replica[s->instances];

			replica_init(r, s, (uint8_t)s->instances++, i, false);
			network_push(s, (struct event){ .at = prng_below(&s->rng, 100),
			                                .type = EV_BYZ, .inst = r->inst, .from = i });
		}
	}
}

static void make_plan(struct sim *s)
{
	uint64_t chaos = s->o.chaos_ms;

	for (unsigned int i = 0; i < s->o.items; i++)
		network_push(s, (struct event){ .at = prng_below(&s->rng, chaos), .type = EV_SUBMIT,
		                                .inst = (uint8_t)prng_below(&s->rng, s->instances),
		                                .item = i });
	for (unsigned int i = 0; i < s->o.partitions; i++)
		network_push(s, (struct event){ .at = prng_below(&s->rng, chaos), .type = EV_CUT });
	for (unsigned int i = 0; i < s->o.whole_crashes; i++)
		network_push(s, (struct event){ .at = prng_below(&s->rng, chaos),
		                                .type = EV_WHOLE_CRASH });
	for (unsigned int i = 0; i < s->instances; i++) {
		network_push(s, (struct event){ .at = prng_below(&s->rng, 200), .type = EV_RESTART,
		                                .inst = (uint8_t)i });
		if (s->o.gossip_again)
			network_push(s, (struct event){ .at = prng_below(&s->rng, 1000),
			                                .type = EV_GOSSIP, .inst = (uint8_t)i });
	}
}

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

	if (is_active_cheat(s, r)) {
		adversary_hear(s, r->node, e->from, e->buf->bytes, e->buf->len);
	} else if (e->buf->len > 0 && e->buf->bytes[0] == SIM_GOSSIP) {
		replica_hear_items(r, e->buf->bytes, e->buf->len);
	} else {
		replica_event(r, &ev);
	}
}

static void on_cut(struct sim *s)
{
	memset(s->group, 0, sizeof(s->group));
	for (unsigned int i = 0; i < s->o.n; i++)
		s->group[prng_below(&s->rng, 3)] |= (uint16_t)(1u << i);
	s->one_way = (unsigned int)prng_below(&s->rng, 2);
	s->cut_until = s->now + prng_below(&s->rng, 6000);
	sim_log(s, "cut %x %x %x until %llu", s->group[0], s->group[1], s->group[2],
	        (unsigned long long)s->cut_until);
}

static void on_restart(struct sim *s, struct replica *r)
{
	if (is_active_cheat(s, r) || r->up)
		return;
	if (!s->healed && s->o.amnesiacs > 0 && r->honest && s->now > 500 && chance(s, 50)) {
		s->o.amnesiacs--;
		replica_forget(r);
	}
	replica_start(r);
}

static void on_event(struct sim *s, const struct event *e)
{
	struct replica *r = &s->replica[e->inst];
	const struct consensus_event tick = { .type = CONSENSUS_TICK };

	s->result->trace = (s->result->trace ^ e->at ^ (uint64_t)e->type << 56 ^ e->inst) *
	                   0x100000001b3u;
	switch (e->type) {
	case EV_DELIVER:
		on_deliver(s, e);
		break;
	case EV_TIMER:
		if (r->up && r->deadline == e->at) {
			r->deadline = CONSENSUS_NEVER;
			replica_event(r, &tick);
		}
		break;
	case EV_RESTART:
		on_restart(s, r);
		break;
	case EV_SUBMIT:
		replica_submit(r, e->item);
		break;
	case EV_CUT:
		on_cut(s);
		break;
	case EV_WHOLE_CRASH:
		for (unsigned int i = 0; i < s->instances; i++)
			replica_crash(&s->replica[i]);
		break;
	case EV_GOSSIP:
		replica_gossip(r);
		network_push(s, (struct event){ .at = s->now + 1000, .type = EV_GOSSIP,
		                                .inst = e->inst });
		break;
	case EV_BYZ:
		adversary_act(s, e->from);
		network_push(s, (struct event){ .at = s->now + 5 + prng_below(&s->rng, 60),
		                                .type = EV_BYZ, .inst = e->inst,
		                                .from = e->from });
		break;
	}
}

/* Until the time, or (if asked) until all is done.  false: nothing is left to happen. */
static bool run_until(struct sim *s, uint64_t end, bool until_done)
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
		on_event(s, &e);
		buffer_drop(e.buf);
	}
	if (s->now < end && !until_done)
		s->now = end;
	return !s->result->failed && check_all_done(s);
}

static void heal(struct sim *s)
{
	s->healed = true;
	s->cut_until = 0;
	if (s->o.healed_delay_ms > 0)
		s->o.delay_max_ms = s->o.healed_delay_ms;
	else if (s->o.delay_max_ms > 40)
		s->o.delay_max_ms = 40;
	sim_log(s, "healed");
	for (unsigned int i = 0; i < s->instances; i++) {
		s->replica[i].mask = UINT16_MAX;
		if (!is_active_cheat(s, &s->replica[i]))
			replica_start(&s->replica[i]);
	}
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
		(void)run_until(s, s->now + IDLE_MS, false);
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

static void tear_down(struct sim *s)
{
	struct event e;

	while (network_pop(s, &e))
		buffer_drop(e.buf);
	free(s->heap);
	for (unsigned int i = 0; i < s->instances; i++)
		replica_free(&s->replica[i]);
	adversary_free(s);
	check_free(s);
	free(s);
}

void sim_run(struct sim_result *out, const struct sim_options *o, uint64_t seed, FILE *verbose)
{
	struct sim *s = calloc(1, sizeof(*s));
	struct consensus_info info;

	assert(s != NULL);
	memset(out, 0, sizeof(*out));
	s->result = out;
	s->o = *o;
	s->verbose = verbose;
	s->rng.state = seed;
	s->adversary.reckless = chance(s, 30);
	make_committee(s);
	make_replicas(s);
	make_plan(s);
	(void)run_until(s, o->chaos_ms, false);
	if (!out->failed && o->expect_liveness) {
		heal(s);
		if (!run_until(s, s->now + HEAL_LIMIT_MS, true) && !out->failed)
			sim_fail(s, "stuck after healing");
		out->healed_ms = s->now - o->chaos_ms;
		if (!out->failed && all_honest(s))
			check_idle(s);
	}
	for (unsigned int i = 0; i < s->instances; i++)
		if (s->replica[i].honest && s->replica[i].core != NULL) {
			consensus_info(s->replica[i].core, &info);
			if (info.view > out->view)
				out->view = info.view;
		}
	out->height = s->oracle.final_len;
	tear_down(s);
}
