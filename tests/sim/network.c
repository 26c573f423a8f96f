/*
 * network.c: the event queue, and a network that delays, loses, repeats, reorders, clogs, overflows
 * and splits.
 *
 * Invariant: events come out in the order of time, ties in the order they were made.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool before(const struct event *a, const struct event *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void network_push(struct sim *s, struct event ev)
{
	size_t i = s->heap_len;

	if (s->heap_len == s->heap_cap) {
		s->heap_cap = s->heap_cap == 0 ? 1024 : 2 * s->heap_cap;
		s->heap = realloc(s->heap, s->heap_cap * sizeof(*s->heap));
		assert(s->heap != NULL);
	}
	ev.order = s->order++;
	s->heap_len++;
	for (; i > 0 && before(&ev, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = ev;
}

bool network_pop(struct sim *s, struct event *out)
{
	struct event last;
	size_t i = 0;

	if (s->heap_len == 0)
		return false;
	*out = s->heap[0];
	last = s->heap[--s->heap_len];
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= s->heap_len)
			break;
		if (child + 1 < s->heap_len && before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!before(&s->heap[child], &last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return true;
}

struct buffer *buffer_make(const uint8_t *bytes, size_t len)
{
	struct buffer *b = malloc(sizeof(*b) + len);

	assert(b != NULL);
	b->refs = 1;
	b->len = len;
	memcpy(b->bytes, bytes, len);
	return b;
}

void buffer_drop(struct buffer *b)
{
	if (b != NULL && --b->refs == 0)
		free(b);
}

/* --- cuts and clogs --------------------------------------------------------------------------- */

static unsigned int group_of(const struct cut *c, uint8_t node)
{
	for (unsigned int g = 0; g < 3; g++)
		if ((c->group[g] >> node & 1) != 0)
			return g;
	return 0;
}

static bool is_cut(const struct sim *s, uint8_t from, uint8_t to, bool *one_way)
{
	for (unsigned int i = 0; i < SIM_CUTS; i++) {
		const struct cut *c = &s->cut[i];
		unsigned int a = group_of(c, from), b = group_of(c, to);

		*one_way = c->one_way;
		if (s->now < c->until && a != b && (!c->one_way || a < b))
			return true;
	}
	return false;
}

bool network_is_apart(const struct sim *s, uint8_t from, uint8_t to)
{
	bool one_way;

	return is_cut(s, from, to, &one_way);
}

void network_cut(struct sim *s, bool one_way)
{
	struct cut *c = NULL;

	for (unsigned int i = 0; i < SIM_CUTS && c == NULL; i++)
		if (s->now >= s->cut[i].until)
			c = &s->cut[i];
	if (c == NULL || s->healed)
		return;
	*c = (struct cut){ .one_way = one_way, .until = s->now + prng_below(&s->rng, 6000) };
	for (unsigned int i = 0; i < s->o.n; i++)
		c->group[prng_below(&s->rng, 3)] |= (uint16_t)(1u << i);
	sim_log(s, "cut %x %x %x%s until %llu", c->group[0], c->group[1], c->group[2],
	        one_way ? ", one way," : "", (unsigned long long)c->until);
	if (s->o.link_events)
		network_push(s, (struct event){ .at = c->until, .type = EV_LINK });
}

/* What is sent on a clogged link waits, and comes out all at once. */
void network_clog(struct sim *s)
{
	uint8_t from = (uint8_t)prng_below(&s->rng, s->o.n);
	uint64_t until = s->now + 100 + prng_below(&s->rng, 3000);

	for (unsigned int i = 0; i < s->instances && !s->healed; i++)
		if (chance(s, 40))
			s->clogged_until[from][i] = until;
}

/* --- sending ---------------------------------------------------------------------------------- */

/*
 * Twins, until all is healed: the views of a round are heard on one's own side only; blocks of
 * views between two rounds not at all.  Nor later, where somebody has passed over that view.
 */
static bool is_beyond_the_side(const struct sim *s, const struct replica *from,
                               const struct replica *to, uint8_t kind)
{
	struct consensus_info info;
	unsigned int k;

	if (s->twins == NULL || from->core == NULL)
		return false;
	consensus_info(from->core, &info);
	for (k = 0; k < s->twins->rounds; k++)
		if (info.view <= s->twin_view[k])
			break;
	if (k == s->twins->rounds)
		return false;
	if (kind == WIRE_PROPOSAL && info.view < s->twin_view[k] &&
	    (!s->healed || info.view <= s->twin_passed))
		return true;
	return !s->healed && (s->twins->side[k] >> from->inst & 1) !=
	                     (s->twins->side[k] >> to->inst & 1);
}

static bool is_lost(struct sim *s, uint8_t from, const struct replica *to)
{
	bool one_way;

	if (s->healed)
		return (s->core >> from & 1) == 0 || (s->core >> to->node & 1) == 0;
	if (is_cut(s, from, to->node, &one_way)) {
		sim_note(s, one_way ? FAULT_CUT_ONE_WAY : FAULT_CUT);
		return true;
	}
	if (chance(s, s->o.loss_pct)) {
		sim_note(s, FAULT_LOSS);
		return true;
	}
	if (s->o.link_cap > 0 && s->in_flight[from][to->inst] >= s->o.link_cap) {
		sim_note(s, FAULT_OVERFLOW);
		return true;
	}
	return false;
}

static uint64_t arrival(struct sim *s, uint8_t from, const struct replica *to, uint64_t lag)
{
	uint64_t *last = &s->last_at[from][to->inst];
	uint64_t at = s->now + lag + 1 + prng_below(&s->rng, s->o.delay_max_ms);

	if (s->o.delay_max_ms > SIM_DELTA_MS)
		sim_note(s, FAULT_SLOW_NETWORK);
	if (s->healed)
		return at;
	if (chance(s, s->o.straggler_pct)) {
		at += 100 + prng_below(&s->rng, 300);
		sim_note(s, FAULT_STRAGGLER);
	}
	if (at < s->clogged_until[from][to->inst]) {
		at = s->clogged_until[from][to->inst];
		sim_note(s, FAULT_CLOG);
	}
	if (at < *last)
		sim_note(s, FAULT_REORDER);
	*last = at > *last ? at : *last;
	return at;
}

static void transmit(struct sim *s, uint8_t from, const struct replica *to, uint64_t lag,
                     struct buffer *buf)
{
	unsigned int copies = 1;

	if (is_lost(s, from, to))
		return;
	if (!s->healed && chance(s, s->o.dup_pct)) {
		copies++;
		sim_note(s, FAULT_DUPLICATE);
	}
	while (copies-- > 0) {
		buf->refs++;
		s->in_flight[from][to->inst]++;
		network_push(s, (struct event){ .at = arrival(s, from, to, lag),
		                                .type = EV_DELIVER, .inst = to->inst,
		                                .from = from, .buf = buf });
	}
}

void network_arrived(struct sim *s, const struct event *e)
{
	s->in_flight[e->from][e->inst]--;
}

void network_send(struct sim *s, const struct replica *from, uint8_t to, const uint8_t *bytes,
                  size_t len)
{
	struct buffer *buf = buffer_make(bytes, len);

	sim_trace(s, bytes, len);
	for (unsigned int i = 0; i < s->instances; i++) {
		const struct replica *r = &s->replica[i];

		if (r->node == from->node || (to != CONSENSUS_ALL && r->node != to) ||
		    (from->mask >> r->node & 1) == 0 || (r->mask >> from->node & 1) == 0 ||
		    is_beyond_the_side(s, from, r, bytes[0]))
			continue;
		transmit(s, from->node, r, from->lag_ms, buf);
	}
	buffer_drop(buf);
}

void network_send_as(struct sim *s, uint8_t from_node, uint8_t to, const uint8_t *bytes,
                     size_t len)
{
	const struct replica as = { .node = from_node, .mask = UINT16_MAX };

	network_send(s, &as, to, bytes, len);
}
