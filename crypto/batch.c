/*
 * batch.c: see batch.h (protocol-ballotproof.md §6).
 *
 * Invariant: the terms of an item, weighed, stand in points and coeffs from first_term on, and its
 * multiples of bases[0..row) in rows from first_row on; items follow each other without gaps, so
 * that any run of items is one run of terms.
 */
#include "crypto/batch.h"

#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>

enum {
	WEIGHT_BYTES = 16,
	COUNT_MAX = 1 << 24,     /* of items, of terms, of rows: sizes cannot wrap */
	DEPTH_MAX = 26           /* a halving of COUNT_MAX items holds so many halves at once */
};

_Static_assert((BATCH_POOL_BYTES) % (WEIGHT_BYTES) == 0, "the pool empties exactly");

/* --- memory ------------------------------------------------------------------------------- */

static size_t work_points(const struct group *g, size_t bases_len, const struct batch_room *room)
{
	size_t own = group_msm_work(g, room->terms);
	size_t common = group_msm_work(g, bases_len);

	return own > common ? own : common;
}

size_t batch_bytes(const struct group *g, size_t bases_len, const struct batch_room *room)
{
	if (room->items > COUNT_MAX || room->terms > COUNT_MAX || room->rows > COUNT_MAX ||
	    bases_len > COUNT_MAX)
		return 0;
	return (room->terms + work_points(g, bases_len, room)) * sizeof(struct element) +
	       (room->terms + room->rows + bases_len) * sizeof(struct scalar) +
	       room->items * sizeof(struct batch_item);
}

void batch_init(struct batch *b, const struct group *g, const struct element *bases,
                size_t bases_len, const struct batch_room *room, void *mem, size_t mem_len)
{
	size_t bytes = batch_bytes(g, bases_len, room);

	assert(bytes > 0);
	assert(mem_len >= bytes);
	assert((uintptr_t)mem % 64 == 0);
	b->g = g;
	b->bases = bases;
	b->bases_len = bases_len;
	b->room = *room;
	b->points = mem;
	b->work = b->points + room->terms;
	b->work_len = work_points(g, bases_len, room);
	b->coeffs = (struct scalar *)(void *)(b->work + b->work_len);
	b->rows = b->coeffs + room->terms;
	b->sums = b->rows + room->rows;
	b->items = (struct batch_item *)(void *)(b->sums + bases_len);
	b->pool_left = 0;
	b->terms_most = 0;
	b->rows_most = 0;
	group_scalar_u64(g, &b->two_64, (uint64_t)1 << 32);
	group_scalar_mul(g, &b->two_64, &b->two_64, &b->two_64);
	batch_reset(b);
}

void batch_reset(struct batch *b)
{
	b->items_len = 0;
	b->terms_len = 0;
	b->rows_len = 0;
	b->is_open = false;
}

void batch_wipe(struct batch *b)
{
	mem_wipe(b->coeffs, b->terms_most * sizeof(*b->coeffs));
	mem_wipe(b->rows, b->rows_most * sizeof(*b->rows));
	mem_wipe(b->sums, b->bases_len * sizeof(*b->sums));
	mem_wipe(b, sizeof(*b));
}

/* --- filling ------------------------------------------------------------------------------ */

enum status batch_item_open(struct batch *b, size_t terms, size_t row)
{
	struct batch_item *item;

	assert(!b->is_open);
	assert(row <= b->bases_len);
	if (b->items_len >= b->room.items || terms > b->room.terms - b->terms_len ||
	    row > b->room.rows - b->rows_len)
		return ST_AGAIN;
	item = &b->items[b->items_len++];
	item->first_term = b->terms_len;
	item->terms = 0;
	item->first_row = b->rows_len;
	item->row = row;
	for (size_t i = 0; i < row; i++)
		group_scalar_zero(b->g, &b->rows[item->first_row + i]);
	b->rows_len += row;
	if (b->rows_most < b->rows_len)
		b->rows_most = b->rows_len;
	if (b->terms_most < b->terms_len + terms)
		b->terms_most = b->terms_len + terms;
	b->open_terms = terms;
	b->is_open = true;
	return ST_OK;
}

void batch_item_close(struct batch *b)
{
	assert(b->is_open);
	b->is_open = false;
}

void batch_item_drop(struct batch *b)
{
	assert(b->is_open);
	b->items_len--;
	b->terms_len = b->items[b->items_len].first_term;
	b->rows_len = b->items[b->items_len].first_row;
	b->is_open = false;
}

static uint64_t load_u64(const uint8_t *p)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* Random bytes come in pools, because a call to the system costs more than an equation. */
void batch_equation(struct batch *b)
{
	uint8_t *bytes;
	struct scalar low;

	assert(b->is_open);
	if (b->pool_left == 0) {
		rng_bytes(b->pool, sizeof(b->pool));
		b->pool_left = sizeof(b->pool);
	}
	b->pool_left -= WEIGHT_BYTES;
	bytes = b->pool + b->pool_left;
	group_scalar_u64(b->g, &low, load_u64(bytes));
	group_scalar_u64(b->g, &b->weight, load_u64(bytes + 8));
	group_scalar_mul(b->g, &b->weight, &b->weight, &b->two_64);
	group_scalar_add(b->g, &b->weight, &b->weight, &low);
	mem_wipe(bytes, WEIGHT_BYTES);
}

void batch_term(struct batch *b, const struct element *p, const struct scalar *k)
{
	struct batch_item *item = &b->items[b->items_len - 1];

	assert(b->is_open);
	assert(item->terms < b->open_terms);
	b->points[b->terms_len] = *p;
	if (k == NULL)
		b->coeffs[b->terms_len] = b->weight;
	else
		group_scalar_mul(b->g, &b->coeffs[b->terms_len], &b->weight, k);
	b->terms_len++;
	item->terms++;
}

void batch_base(struct batch *b, size_t index, const struct scalar *k)
{
	const struct batch_item *item = &b->items[b->items_len - 1];
	struct scalar term;

	assert(b->is_open);
	assert(index < item->row);
	group_scalar_mul(b->g, &term, &b->weight, k);
	group_scalar_add(b->g, &b->rows[item->first_row + index],
	                 &b->rows[item->first_row + index], &term);
}

void batch_schnorr(struct batch *b, size_t base_g, const struct element *pk,
                   const struct schnorr_claim *claim)
{
	struct scalar minus_z;

	group_scalar_neg(b->g, &minus_z, &claim->z);
	batch_equation(b);
	batch_term(b, &claim->r, NULL);
	batch_term(b, pk, &claim->c);
	batch_base(b, base_g, &minus_z);
}

/* --- verifying ---------------------------------------------------------------------------- */

/* The weighed sum of the items [low, high), low < high. */
static void sum_items(struct batch *b, struct element *out, size_t low, size_t high)
{
	const struct batch_item *last = &b->items[high - 1];
	size_t first = b->items[low].first_term;
	struct element common;
	size_t row = 0;

	for (size_t i = low; i < high; i++) {
		const struct batch_item *item = &b->items[i];

		for (; row < item->row; row++)
			group_scalar_zero(b->g, &b->sums[row]);
		for (size_t k = 0; k < item->row; k++)
			group_scalar_add(b->g, &b->sums[k], &b->sums[k],
			                 &b->rows[item->first_row + k]);
	}
	group_msm_var(b->g, out, b->coeffs + first, b->points + first,
	              last->first_term + last->terms - first, b->work, b->work_len);
	group_msm_var(b->g, &common, b->sums, b->bases, row, b->work, b->work_len);
	group_add(b->g, out, out, &common);
}

struct half {
	size_t low;
	size_t high;
	struct element sum;   /* not the identity */
};

/* Halve what does not add up.  Of two halves one is summed, the other is what then is missing. */
static void name_bad(struct batch *b, size_t *bad, size_t *bad_len, const struct element *sum)
{
	struct half stack[DEPTH_MAX];
	size_t len = 1;

	stack[0] = (struct half){ .low = 0, .high = b->items_len, .sum = *sum };
	while (len > 0) {
		struct half all = stack[--len];
		size_t mid = all.low + (all.high - all.low) / 2;
		struct half left = { .low = all.low, .high = mid };
		struct half right = { .low = mid, .high = all.high };

		if (mid == all.low) {
			bad[(*bad_len)++] = all.low;
			continue;
		}
		sum_items(b, &left.sum, left.low, left.high);
		group_sub(b->g, &right.sum, &all.sum, &left.sum);
		assert(len + 2 <= DEPTH_MAX);
		if (!group_is_identity(b->g, &right.sum))
			stack[len++] = right;
		if (!group_is_identity(b->g, &left.sum))
			stack[len++] = left;
	}
}

enum status batch_verify(struct batch *b, size_t *bad, size_t *bad_len)
{
	struct element sum;

	assert(!b->is_open);
	*bad_len = 0;
	if (b->items_len == 0)
		return ST_OK;
	sum_items(b, &sum, 0, b->items_len);
	if (group_is_identity(b->g, &sum))
		return ST_OK;
	name_bad(b, bad, bad_len, &sum);
	return ST_PROOF;
}
