/*
 * dlog.c: baby steps into a hash table, giant steps towards the target.
 *
 * The table is open addressing with linear probing over a hash of the encoding.  A slot keeps 32
 * bits of that hash: enough that a chance match, which costs one comparison, is rare.
 *
 * Invariant: no two multiples in the table are equal, because filling stops at the group's order.
 */
#include "crypto/dlog.h"

#include <assert.h>
#include <string.h>

/* Spread the bytes over 64 bits.  Multiples of the generator are nobody's to choose. */
static uint64_t spread(const struct group *g, const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];
	size_t len = group_element_len(g);
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15);

	group_encode(g, bytes, a);
	for (size_t i = 0; i < len; i += 8) {
		uint64_t word = 0;

		for (size_t k = i; k < len && k < i + 8; k++)
			word = word << 8 | bytes[k];
		h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

static void table_insert(struct dlog *d, const struct element *a, uint32_t multiple)
{
	uint64_t h = spread(d->g, a);
	size_t at = (size_t)(h & (d->slots_len - 1));

	while (d->slots[at].number != 0)
		at = (at + 1) & (d->slots_len - 1);
	d->slots[at].tag = (uint32_t)(h >> 32);
	d->slots[at].number = multiple + 1;
}

/* Is m * generator the target? */
static bool is_answer_var(const struct group *g, const struct element *target, uint64_t m)
{
	struct element a, generator;
	struct scalar k;

	group_scalar_u64(g, &k, m);
	group_generator(g, &generator);
	group_mul_var(g, &a, &generator, &k);
	return group_is_equal(g, &a, target);
}

/* Is here = target - base * generator in the table?  Then *m = base + its multiple. */
static bool table_find_var(const struct dlog *d, uint64_t *m, const struct element *here,
                           const struct element *target, uint64_t base)
{
	uint64_t h = spread(d->g, here);
	size_t at = (size_t)(h & (d->slots_len - 1));

	while (d->slots[at].number != 0) {
		if (d->slots[at].tag == (uint32_t)(h >> 32)) {
			*m = base + d->slots[at].number - 1;
			if (is_answer_var(d->g, target, *m))
				return true;
		}
		at = (at + 1) & (d->slots_len - 1);
	}
	return false;
}

size_t dlog_slots(uint64_t bound, size_t counts)
{
	const uint64_t top = UINT64_C(1) << DLOG_BOUND_BITS;
	uint64_t width = DLOG_SLOTS_MIN / 2;
	uint64_t work;

	if (bound > top)
		bound = top;
	if (counts > DLOG_WIDTH_MAX)
		counts = DLOG_WIDTH_MAX;
	work = bound * counts;   /* at most 2^56 */
	while (width < DLOG_WIDTH_MAX && width <= bound && width * width < work)
		width *= 2;
	return (size_t)(2 * width);
}

enum status dlog_init(struct dlog *d, const struct group *g, struct dlog_slot *slots,
                      size_t slots_len)
{
	struct element here, step;
	uint32_t k;

	if (slots_len < DLOG_SLOTS_MIN || slots_len > DLOG_SLOTS_MAX ||
	    (slots_len & (slots_len - 1)) != 0)
		return ST_LIMIT;
	memset(slots, 0, slots_len * sizeof(*slots));
	*d = (struct dlog){ .g = g, .slots = slots, .slots_len = slots_len };
	group_generator(g, &step);
	group_identity(g, &here);
	for (k = 0; k < slots_len / 2; k++) {
		if (k > 0 && group_is_identity(g, &here))
			break;   /* once round: the tiny group */
		table_insert(d, &here, k);
		group_add(g, &here, &here, &step);
	}
	d->width = k;
	group_neg(g, &d->giant, &here);
	return ST_OK;
}

enum status dlog_solve_var(const struct dlog *d, uint64_t *m, const struct element *target,
                           uint64_t bound)
{
	struct element here = *target;
	uint64_t found;

	*m = 0;
	if (bound > UINT64_C(1) << DLOG_BOUND_BITS)
		return ST_LIMIT;
	assert(d->width > 0);
	for (uint64_t base = 0; base <= bound; base += d->width) {
		if (table_find_var(d, &found, &here, target, base)) {
			if (found > bound)
				return ST_RANGE;
			*m = found;
			return ST_OK;
		}
		group_add(d->g, &here, &here, &d->giant);
	}
	return ST_RANGE;
}
