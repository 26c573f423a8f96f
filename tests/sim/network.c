/*
 * network.c: the event queue, and a network that delays, loses, repeats, reorders and splits.
 *
 * Invariant: events come out in the order of time, ties in the order they were made.
 */
#include "tests/sim/sim.h"

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

static unsigned int group_of(const struct sim *s, uint8_t node)
{
	for (unsigned int g = 0; g < 3; g++)
		if ((s->group[g] >> node & 1) != 0)
			return g;
	return 0;
}

static bool is_cut(const struct sim *s, uint8_t from, uint8_t to)
{
	unsigned int a = group_of(s, from), b = group_of(s, to);

	if (s->now >= s->cut_until || a == b)
		return false;
	return s->one_way == 0 || a < b;
}

static void transmit(struct sim *s, uint8_t from, const struct replica *to, struct buffer *buf)
{
	unsigned int copies = 1;

	if (!s->healed) {
		if (is_cut(s, from, to->node) || chance(s, s->o.loss_pct))
			return;
		copies += chance(s, s->o.dup_pct);
	}
	while (copies-- > 0) {
		uint64_t delay = 1 + prng_below(&s->rng, s->o.delay_max_ms);

		if (!s->healed && chance(s, s->o.straggler_pct))
			delay += prng_below(&s->rng, 400);
		buf->refs++;
		network_push(s, (struct event){ .at = s->now + delay, .type = EV_DELIVER,
		                                .inst = to->inst, .from = from, .buf = buf });
	}
}

void network_send(struct sim *s, const struct replica *from, uint8_t to, const uint8_t *bytes,
                  size_t len)
{
	struct buffer *buf = buffer_make(bytes, len);

	for (unsigned int i = 0; i < s->instances; i++) {
		const struct replica *r = &s->replica[i];

		if (r->node == from->node || (to != CONSENSUS_ALL && r->node != to) ||
		    (from->mask >> r->node & 1) == 0 || (r->mask >> from->node & 1) == 0)
			continue;
		transmit(s, from->node, r, buf);
	}
	buffer_drop(buf);
}

void network_send_as(struct sim *s, uint8_t from_node, uint8_t to, const uint8_t *bytes,
                     size_t len)
{
	struct replica as = { .node = from_node, .mask = UINT16_MAX };

	network_send(s, &as, to, bytes, len);
}
