/*
 * intake.c: see intake.h.
 */
#include "tally-server/node/intake.h"

#include "common/base/alloc.h"
#include "crypto/rng.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE = 16384 };   /* a power of two */

struct source {
	struct intake_item *first;
	struct intake_item **end;
	struct source *next_turn;     /* while it waits for its turn */
	uint32_t count;
	size_t bytes;
};

struct intake {
	struct source source[INTAKE_SOURCES];
	struct source *turn;
	struct source **last_turn;
	struct intake_item *table[TABLE];
	size_t count;
	size_t bytes;
	uint64_t key;
};

enum status intake_new(struct intake **out)
{
	struct intake *in = alloc_zero(1, sizeof(*in));

	*out = in;
	if (in == NULL)
		return ST_NO_MEMORY;
	rng_bytes(&in->key, sizeof(in->key));
	in->key |= 1;
	in->last_turn = &in->turn;
	return ST_OK;
}

void intake_free(struct intake *in)
{
	struct intake_item *item;

	if (in == NULL)
		return;
	while ((item = intake_take(in)) != NULL)
		intake_drop(item);
	free(in);
}

void intake_drop(struct intake_item *item)
{
	free(item);
}

static size_t place_of(const struct intake *in, const uint8_t id[static TX_ID_BYTES])
{
	uint64_t a;

	memcpy(&a, id, sizeof(a));
	a = (a ^ in->key) * 0x9e3779b97f4a7c15u;
	return (size_t)((a ^ a >> 32) * in->key >> 32) & (TABLE - 1);
}

static struct intake_item *find(const struct intake *in, const uint8_t id[static TX_ID_BYTES])
{
	struct intake_item *item = in->table[place_of(in, id)];

	while (item != NULL && memcmp(item->id, id, TX_ID_BYTES) != 0)
		item = item->same;
	return item;
}

bool intake_has(const struct intake *in, const uint8_t id[static TX_ID_BYTES])
{
	return find(in, id) != NULL;
}

size_t intake_count(const struct intake *in)
{
	return in->count;
}

static bool has_room(const struct intake *in, uint32_t source, size_t len)
{
	const struct source *s = &in->source[source];
	uint32_t max = source < INTAKE_ASKER ? INTAKE_PEER_COUNT_MAX : INTAKE_COUNT_MAX;

	if (source == INTAKE_OWN)
		return true;   /* what the pool holds is bounded there */
	return s->count < max && (s->count == 0 || s->bytes + len <= INTAKE_BYTES_MAX) &&
	       in->bytes + len <= INTAKE_TOTAL_BYTES;
}

static void wait_for_turn(struct intake *in, struct source *s)
{
	s->next_turn = NULL;
	*in->last_turn = s;
	in->last_turn = &s->next_turn;
}

enum status intake_put(struct intake *in, uint32_t source, const uint8_t id[static TX_ID_BYTES],
                       const struct tx *tx)
{
	struct source *s = &in->source[source];
	struct intake_item *item;
	struct intake_item **bucket;
	uint8_t *wire;

	if (find(in, id) != NULL)
		return ST_DUPLICATE;
	if (!has_room(in, source, tx->wire_len))
		return ST_AGAIN;
	if ((item = malloc(sizeof(*item) + tx->wire_len)) == NULL)
		return ST_NO_MEMORY;
	wire = (uint8_t *)(item + 1);
	memcpy(wire, tx->wire, tx->wire_len);
	*item = (struct intake_item){ .source = source, .tx = *tx };
	item->tx.wire = wire;
	item->tx.payload = wire + (tx->payload - tx->wire);
	memcpy(item->id, id, TX_ID_BYTES);
	bucket = &in->table[place_of(in, id)];
	item->same = *bucket;
	*bucket = item;
	if (s->first == NULL) {
		s->end = &s->first;
		wait_for_turn(in, s);
	}
	*s->end = item;
	s->end = &item->next;
	s->count++;
	s->bytes += tx->wire_len;
	in->count++;
	in->bytes += tx->wire_len;
	return ST_OK;
}

static void forget(struct intake *in, const struct intake_item *item)
{
	struct intake_item **at = &in->table[place_of(in, item->id)];

	while (*at != item)
		at = &(*at)->same;
	*at = item->same;
}

struct intake_item *intake_take(struct intake *in)
{
	struct source *s = in->turn;
	struct intake_item *item;

	if (s == NULL)
		return NULL;
	in->turn = s->next_turn;
	if (in->turn == NULL)
		in->last_turn = &in->turn;
	item = s->first;
	s->first = item->next;
	s->count--;
	s->bytes -= item->tx.wire_len;
	in->count--;
	in->bytes -= item->tx.wire_len;
	forget(in, item);
	item->next = NULL;
	if (s->first != NULL)
		wait_for_turn(in, s);
	return item;
}
