/*
 * pool.c: see pool.h.
 *
 * Ids are found in a hash table whose key is drawn at the start, so that nobody gains by choosing
 * ids that collide.
 */
#include "tally-server/node/pool.h"

#include "common/base/alloc.h"
#include "common/ledger/report.h"
#include "crypto/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TABLE = 2 * POOL_COUNT_MAX };   /* a power of two */

_Static_assert(POOL_COUNT_MAX + (int)POOL_REPORTS_MAX * (int)PARTY_REPORTERS < TABLE / 4 * 3,
               "the table never fills");
_Static_assert((TABLE & (TABLE - 1)) == 0, "a mask finds the place");

struct pool {
	struct pool_entry *oldest;
	struct pool_entry *newest;
	struct pool_entry *table[TABLE];
	size_t count;
	size_t bytes;
	struct share {
		size_t count;
		size_t bytes;
	} reports[PARTY_REPORTERS + 1];   /* [0]: of all together */
	uint64_t key;
	/* The last answer of pool_waiting, good while nothing changed. */
	bool counted;
	uint8_t params[32];
	uint64_t marks;
	struct pool_waiting waiting;
};

enum status pool_new(struct pool **out)
{
	struct pool *p = alloc_zero(1, sizeof(*p));

	*out = p;
	if (p == NULL)
		return ST_NO_MEMORY;
	rng_bytes(&p->key, sizeof(p->key));
	p->key |= 1;
	return ST_OK;
}

void pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	while (p->oldest != NULL)
		pool_remove(p, p->oldest);
	free(p);
}

/* --- the table ------------------------------------------------------------------------------- */

static size_t place_of(const struct pool *p, const uint8_t id[static TX_ID_BYTES])
{
	uint64_t a, b;

	memcpy(&a, id, sizeof(a));
	memcpy(&b, id + sizeof(a), sizeof(b));
	a = (a ^ p->key) * 0x9e3779b97f4a7c15u;
	a = (a ^ a >> 32 ^ b) * p->key;
	return (size_t)(a >> 32) & (TABLE - 1);
}

static size_t find_place(const struct pool *p, const uint8_t id[static TX_ID_BYTES])
{
	size_t at = place_of(p, id);

	while (p->table[at] != NULL && memcmp(p->table[at]->id, id, TX_ID_BYTES) != 0)
		at = (at + 1) & (TABLE - 1);
	return at;
}

/* Close the gap at `hole`: whoever was pushed past it moves back. */
static void table_close(struct pool *p, size_t hole)
{
	size_t at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & (TABLE - 1);
		if (p->table[at] == NULL)
			break;
		home = place_of(p, p->table[at]->id);
		if (((at - home) & (TABLE - 1)) < ((at - hole) & (TABLE - 1)))
			continue;   /* its home lies behind the hole */
		p->table[hole] = p->table[at];
		hole = at;
	}
	p->table[hole] = NULL;
}

struct pool_entry *pool_find(const struct pool *p, const uint8_t id[static TX_ID_BYTES])
{
	return p->table[find_place(p, id)];
}

/* --- in and out ------------------------------------------------------------------------------ */

static uint32_t count_source(const struct pool *p, uint32_t source)
{
	uint32_t count = 0;

	for (const struct pool_entry *e = p->oldest; e != NULL; e = e->newer)
		count += e->source == source;
	return count;
}

/* Who signed a report; 0 of any other transaction. */
static enum status signer_of(uint8_t *out, const struct pool_entry *e)
{
	struct report_party by;
	struct tx_signed sig;
	struct tx tx;
	enum status st;

	*out = 0;
	if (!tx_is_report(e->type))
		return ST_OK;
	if ((st = tx_decode(&tx, e->wire, e->wire_len)) != ST_OK ||
	    (st = tx_report_decode(&by, &sig, &tx)) != ST_OK)
		return st;
	if (party_slot(&by) >= PARTY_REPORTERS)
		return ST_FORMAT;   /* kiosks report nobody */
	*out = (uint8_t)(party_slot(&by) + 1);
	return ST_OK;
}

static bool has_room(const struct pool *p, const struct pool_entry *e, uint8_t signer,
                     uint32_t source_max)
{
	const struct share *mine = &p->reports[signer], *all = &p->reports[0];

	if (signer > 0)
		return mine->count < POOL_REPORTS_MAX &&
		       e->wire_len <= POOL_REPORT_BYTES_MAX - mine->bytes;
	return p->count - all->count < POOL_COUNT_MAX &&
	       e->wire_len <= POOL_BYTES_MAX - (p->bytes - all->bytes) &&
	       (source_max == 0 || p->count < source_max ||
	        count_source(p, e->source) < source_max);
}

/* What entered, or (out) what goes. */
static void account(struct pool *p, const struct pool_entry *e, bool out)
{
	struct share *share[2] = { &p->reports[0], &p->reports[e->signer] };

	p->count = out ? p->count - 1 : p->count + 1;
	p->bytes = out ? p->bytes - e->wire_len : p->bytes + e->wire_len;
	p->counted = false;
	for (int i = 0; e->signer > 0 && i < 2; i++) {
		share[i]->count = out ? share[i]->count - 1 : share[i]->count + 1;
		share[i]->bytes = out ? share[i]->bytes - e->wire_len
		                      : share[i]->bytes + e->wire_len;
	}
}

static struct pool_entry *copy_entry(const struct pool_entry *e)
{
	struct pool_entry *copy = malloc(sizeof(*copy) + e->wire_len);
	uint8_t *wire = (uint8_t *)(copy + 1);

	if (copy == NULL)
		return NULL;
	*copy = *e;
	memcpy(wire, e->wire, e->wire_len);
	copy->wire = wire;
	copy->blocks = 0;
	return copy;
}

enum status pool_add(struct pool *p, struct pool_entry **out, const struct pool_entry *e,
                     uint32_t source_max)
{
	size_t at = find_place(p, e->id);
	struct pool_entry *copy;
	uint8_t signer;
	enum status st;

	if (out != NULL)
		*out = NULL;
	if (p->table[at] != NULL)
		return ST_DUPLICATE;
	if ((st = signer_of(&signer, e)) != ST_OK)
		return st;
	if (!has_room(p, e, signer, source_max))
		return ST_AGAIN;
	if ((copy = copy_entry(e)) == NULL)
		return ST_NO_MEMORY;
	copy->signer = signer;
	p->table[at] = copy;
	copy->newer = NULL;
	copy->older = p->newest;
	*(p->newest == NULL ? &p->oldest : &p->newest->newer) = copy;
	p->newest = copy;
	account(p, copy, false);
	if (out != NULL)
		*out = copy;
	return ST_OK;
}

void pool_remove(struct pool *p, struct pool_entry *e)
{
	size_t at = find_place(p, e->id);

	assert(p->table[at] == e);
	table_close(p, at);
	*(e->older == NULL ? &p->oldest : &e->older->newer) = e->newer;
	*(e->newer == NULL ? &p->newest : &e->newer->older) = e->older;
	account(p, e, true);
	free(e);
}

struct pool_entry *pool_find_voter(const struct pool *p, uint32_t voter)
{
	struct pool_entry *e = voter == POOL_NOBODY ? NULL : p->oldest;

	while (e != NULL && e->voter != voter)
		e = e->newer;
	return e;
}

struct pool_entry *pool_find_tracker(const struct pool *p, const uint8_t tracker[static 32])
{
	struct pool_entry *e = p->oldest;

	while (e != NULL && (!e->has_tracker || memcmp(e->tracker, tracker, 32) != 0))
		e = e->newer;
	return e;
}

struct pool_entry *pool_first(const struct pool *p)
{
	return p->oldest;
}

struct pool_entry *pool_next(const struct pool_entry *e)
{
	return e->newer;
}

size_t pool_count(const struct pool *p)
{
	return p->count;
}

size_t pool_bytes(const struct pool *p)
{
	return p->bytes;
}

/* --- what waits ------------------------------------------------------------------------------ */

void pool_set_flags(struct pool *p, struct pool_entry *e, unsigned int flags)
{
	e->flags = flags;
	p->counted = false;
}

void pool_set_verdict(struct pool *p, struct pool_entry *e, const struct verdict *v)
{
	e->verdict = *v;
	p->counted = false;
}

void pool_mark(struct pool *p, struct pool_entry *e, unsigned int mark)
{
	assert(mark < POOL_BLOCKS_MAX);
	e->blocks |= (uint64_t)1 << mark;
	p->counted = false;
}

void pool_unmark(struct pool *p, unsigned int mark)
{
	assert(mark < POOL_BLOCKS_MAX);
	for (struct pool_entry *e = p->oldest; e != NULL; e = e->newer)
		e->blocks &= ~((uint64_t)1 << mark);
	p->counted = false;
}

void pool_unpark(struct pool *p)
{
	for (struct pool_entry *e = p->oldest; e != NULL; e = e->newer)
		e->flags &= ~(unsigned int)POOL_PARKED;
	p->counted = false;
}

bool pool_is_waiting(const struct pool_entry *e, const uint8_t params[static 32], uint64_t marks)
{
	return e->flags == 0 && (e->blocks & marks) == 0 &&
	       memcmp(e->verdict.params, params, sizeof(e->verdict.params)) == 0;
}

void pool_waiting(struct pool *p, struct pool_waiting *out, const uint8_t params[static 32],
                  uint64_t marks)
{
	if (!p->counted || p->marks != marks || memcmp(p->params, params, sizeof(p->params)) != 0) {
		p->waiting = (struct pool_waiting){ .oldest_ms = UINT64_MAX };
		for (const struct pool_entry *e = p->oldest; e != NULL; e = e->newer) {
			if (!pool_is_waiting(e, params, marks))
				continue;
			if (p->waiting.count++ == 0)
				p->waiting.oldest_ms = e->arrived_ms;
		}
		p->counted = true;
		p->marks = marks;
		memcpy(p->params, params, sizeof(p->params));
	}
	*out = p->waiting;
}
