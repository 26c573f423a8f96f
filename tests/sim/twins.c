/*
 * twins.c: small worlds of which every one can be tried (Bano et al., "Twins: BFT Systems Made
 * Robust", OPODIS 2021): some nodes run twice with one key, and in each round somebody leads and a
 * line is drawn that no message crosses.
 *
 * A round is a view; views between rounds only bring the turn to the right leader: there nobody's
 * block is heard, and everybody nullifies at once.
 *
 * Invariant: a plan and its number are one; no chance but in the delay of messages.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { SPLITS = 16, LEADERS = 4, ROUNDS_MS = 2000, MORE = 2 };

uint64_t twins_count(unsigned int rounds)
{
	uint64_t count = 1;

	while (rounds-- > 0)
		count *= (uint64_t)SPLITS * LEADERS;
	return count;
}

void twins_plan(struct twin_plan *out, unsigned int rounds, uint64_t number)
{
	assert(rounds <= TWIN_ROUNDS_MAX);
	*out = (struct twin_plan){ .n = 4, .rounds = rounds };
	for (unsigned int k = 0; k < rounds; k++) {
		out->leader[k] = (unsigned int)(number % LEADERS);
		number /= LEADERS;
		out->side[k] = (unsigned int)(number % SPLITS);
		number /= SPLITS;
	}
}

void twins_random(struct twin_plan *out, unsigned int n, unsigned int rounds, uint64_t seed)
{
	unsigned int instances = n + committee_faults(n);
	struct prng rng = { seed ^ 0x7477696e73 };

	assert(rounds <= TWIN_ROUNDS_MAX);
	*out = (struct twin_plan){ .n = n, .rounds = rounds };
	for (unsigned int k = 0; k < rounds; k++) {
		out->leader[k] = (unsigned int)prng_below(&rng, n);
		out->side[k] = (unsigned int)prng_below(&rng, (size_t)1 << (instances - 1));
	}
}

/* --- rounds ----------------------------------------------------------------------------------- */

static const struct consensus *some_core(const struct sim *s)
{
	for (unsigned int i = 0; i < s->instances; i++)
		if (s->replica[i].up)
			return s->replica[i].core;
	return NULL;
}

static void find_views(struct sim *s)
{
	const struct consensus *c = some_core(s);
	uint64_t view = 0;

	assert(c != NULL);
	for (unsigned int k = 0; k < s->twins->rounds; k++) {
		do
			view++;
		while (consensus_leader(c, view) != s->twins->leader[k]);
		s->twin_view[k] = view;
	}
}

/* The round that this view is, or comes before; rounds when they are over. */
static unsigned int round_of(const struct sim *s, uint64_t view)
{
	unsigned int k = 0;

	while (k < s->twins->rounds && view > s->twin_view[k])
		k++;
	return k;
}

/*
 * Nobody wants the view that this instance has come to: it hears as many NULLIFY as make a
 * certificate with its own.  No block of such a view is ever heard (network.c), so that whose votes
 * these are can have signed nothing that contradicts them; it counts as having signed these.
 */
static void skip(struct sim *s, struct replica *r, uint64_t view)
{
	uint8_t bytes[2 + VOTE_BYTES];
	unsigned int left = s->committee.q - 1;

	if (view > s->twin_passed)
		s->twin_passed = view;
	for (uint8_t i = 0; i < s->o.n && left > 0; i++) {
		struct vote v = { .type = VOTE_NULLIFY, .view = view, .signer = i };
		struct consensus_event ev = { .type = CONSENSUS_MESSAGE, .from = i,
		                              .bytes = bytes };
		struct writer w;

		if (i == r->node)
			continue;
		fake_sign(&v);
		check_granted(s, &v);
		writer_init(&w, bytes, sizeof(bytes));
		wire_kind_write(&w, WIRE_VOTE);
		writer_u8(&w, 1);
		vote_write(&w, &v);
		ev.len = w.pos;
		replica_event(r, &ev);
		left--;
	}
}

static uint64_t view_of(const struct replica *r)
{
	struct consensus_info info;

	consensus_info(r->core, &info);
	return info.view;
}

/* Who leads has something to say; who is between two rounds goes on to the next. */
static void look_after(struct sim *s, uint64_t *seen, unsigned int *item)
{
	for (unsigned int i = 0; i < s->instances; i++) {
		struct replica *r = &s->replica[i];
		uint64_t view = view_of(r);
		unsigned int k = round_of(s, view);

		if (view == seen[i] || k == s->twins->rounds)
			continue;
		while (view < s->twin_view[k]) {
			skip(s, r, view);
			if (view_of(r) == view)
				break;   /* it wants more; when it moves on */
			view = view_of(r);
		}
		seen[i] = view;
		if (seen[i] == s->twin_view[k] && s->twins->leader[k] == r->node &&
		    *item < SIM_ITEMS - MORE)
			replica_submit(r, (*item)++);
	}
}

static bool is_over(const struct sim *s)
{
	for (unsigned int i = 0; i < s->instances; i++)
		if (round_of(s, view_of(&s->replica[i])) < s->twins->rounds)
			return false;
	return true;
}

static void play(struct sim *s)
{
	uint64_t seen[SIM_INSTANCES] = { 0 };
	unsigned int item = 0;

	for (unsigned int i = 0; i < s->instances; i++)
		replica_start(&s->replica[i]);
	find_views(s);
	for (unsigned int i = 0; i < s->instances; i++)
		replica_submit(&s->replica[i], item++);
	look_after(s, seen, &item);
	while (!s->result->failed && s->heap_len > 0 && s->heap[0].at < ROUNDS_MS && !is_over(s)) {
		(void)sim_until(s, s->heap[0].at, false);
		look_after(s, seen, &item);
	}
	s->o.items = item;
}

void twins_run(struct sim_result *out, const struct twin_plan *plan, FILE *verbose)
{
	struct sim *s = calloc(1, sizeof(*s));

	assert(s != NULL);
	memset(out, 0, sizeof(*out));
	s->result = out;
	s->verbose = verbose;
	s->twins = plan;
	s->o = (struct sim_options){ .n = plan->n, .expect_liveness = true, .delay_max_ms = 10,
	                             .chaos_ms = 1, .batch_min = 1, .batch_wait_ms = 10 };
	for (unsigned int i = 0; i < committee_faults(plan->n); i++)
		s->o.kind[i] = SIM_TWINS;
	world_make(s, 1);
	play(s);
	if (!out->failed)
		sim_settle(s, MORE);
	sim_measure(s);
	world_free(s);
}
