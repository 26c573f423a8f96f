/*
 * power.c: see power.h.
 *
 * Invariant: elements may lie outside the subgroup, where only modp_add_var and modp_dbl_var know
 * how to reckon.
 */
#include "crypto/power.h"

#include "crypto/group_modp.h"

#include <assert.h>
#include <string.h>

enum {
	WINDOW_MAX = 6,
	BUCKETS_MAX = 1 << (WINDOW_MAX - 1),   /* odd digits of a window */
	LANES = 5,                             /* multiples that one chain serves */
	BITS_MAX = 2048,

	TEETH = 8,
	BLOCK_LEN = (1 << TEETH) - 1           /* entry 0, the identity, is not kept */
};

static uint32_t bit_at(const uint64_t *words, size_t bits, size_t pos)
{
	return pos < bits ? (uint32_t)(words[pos / 64] >> pos % 64 & 1) : 0;
}

/* --- one chain, many multiples -------------------------------------------------------------- */

/* One multiple in the making: the odd digits of its scalar, and what was gathered for each. */
struct lane {
	struct element bucket[BUCKETS_MAX];
	uint64_t used;
	uint8_t digit[BITS_MAX];   /* at each bit: an odd digit that begins there, or 0 */
};

/* What there is room for while a chain runs. */
struct chain {
	struct lane lane[LANES];
	size_t lanes;
	size_t bits;     /* of the longest scalar */
	int window;
};

static void lane_begin(struct chain *c, const uint64_t *words, size_t bits)
{
	struct lane *lane = &c->lane[c->lanes++];

	assert(bits <= BITS_MAX);
	lane->used = 0;
	memset(lane->digit, 0, bits);
	for (size_t pos = 0; pos < bits;) {
		size_t start = pos;
		uint32_t digit = 0;

		if (bit_at(words, bits, pos) == 0) {
			pos++;
			continue;
		}
		for (int i = 0; i < c->window; i++)
			digit |= bit_at(words, bits, pos++) << i;
		lane->digit[start] = (uint8_t)digit;
		if (start + 1 > c->bits)
			c->bits = start + 1;
	}
}

static void lane_put(const struct group *g, struct lane *lane, uint8_t digit,
                     const struct element *a)
{
	struct element *bucket = &lane->bucket[digit / 2];
	uint64_t bit = (uint64_t)1 << digit / 2;

	if (lane->used & bit)
		modp_add_var(g, bucket, bucket, a);
	else
		*bucket = *a;
	lane->used |= bit;
}

/* 1 bucket[0] + 3 bucket[1] + 5 bucket[2] + ...: twice a running sum of running sums, and one. */
static void lane_end(const struct group *g, struct element *out, const struct lane *lane,
                     int window)
{
	struct element running, sum;

	group_identity(g, &running);
	group_identity(g, &sum);
	for (size_t i = (size_t)1 << (window - 1); i-- > 0;) {
		if (lane->used >> i & 1)
			modp_add_var(g, &running, &running, &lane->bucket[i]);
		if (i > 0 && lane->used >> i != 0)
			modp_add_var(g, &sum, &sum, &running);
	}
	modp_dbl_var(g, &sum, &sum);
	modp_add_var(g, out, &sum, &running);
}

static void chain_run(const struct group *g, struct chain *c, const struct element *base)
{
	struct element power = *base;

	for (size_t pos = 0; pos < c->bits; pos++) {
		if (pos > 0)
			modp_dbl_var(g, &power, &power);
		for (size_t i = 0; i < c->lanes; i++)
			if (c->lane[i].digit[pos] != 0)
				lane_put(g, &c->lane[i], c->lane[i].digit[pos], &power);
	}
}

/* The multiples of at most LANES scalars; of at most LANES - 1 when order is not NULL: *order is
 * then q * base. */
static void chain_multiples(const struct group *g, struct element *out, struct element *order,
                            const struct element *base, const struct scalar *k, size_t len)
{
	struct chain c;

	c.lanes = 0;
	c.bits = 0;
	c.window = g->scalar_bits > 512 ? WINDOW_MAX : WINDOW_MAX - 1;
	for (size_t i = 0; i < len; i++)
		lane_begin(&c, modp_cwords(&k[i]), g->scalar_bits);
	if (order != NULL)
		lane_begin(&c, g->modp->q, g->scalar_bits);
	chain_run(g, &c, base);
	for (size_t i = 0; i < len; i++)
		lane_end(g, &out[i], &c.lane[i], c.window);
	if (order != NULL)
		lane_end(g, order, &c.lane[len], c.window);
}

void power_many_var(const struct group *g, struct element *out, const struct element *base,
                    const struct scalar *k, size_t len)
{
	assert(g->modp != NULL);
	for (size_t i = 0; i < len; i += LANES)
		chain_multiples(g, out + i, NULL, base, k + i,
		                len - i < LANES ? len - i : LANES);
}

bool power_many_member_var(const struct group *g, struct element *out, const struct element *base,
                           const struct scalar *k, size_t len)
{
	size_t first = len < LANES - 1 ? len : LANES - 1;
	struct element order;

	assert(g->modp != NULL);
	if (g->modp->is_safe_prime) {
		power_many_var(g, out, base, k, len);
		return modp_is_member_var(g, base);
	}
	chain_multiples(g, out, &order, base, k, first);
	if (len > first)
		power_many_var(g, out + first, base, k + first, len - first);
	return group_is_identity(g, &order);
}

/* --- tables --------------------------------------------------------------------------------- */

/*
 * The bits of k stand in TEETH rows; the columns fall into blocks of block_len.  Entry i of block b
 * is the sum, over the bits j of i, of 2^(j row_len + b block_len) base.
 */
struct comb {
	size_t row_len;
	size_t block_len;
	size_t blocks;
};

static struct comb comb_of(const struct group *g)
{
	struct comb c;

	c.row_len = (g->scalar_bits + TEETH - 1) / TEETH;
	/* More blocks save doublings and cost room: 8 of 4 columns, or 32 of 8. */
	c.block_len = c.row_len > 64 ? 8 : 4;
	c.blocks = (c.row_len + c.block_len - 1) / c.block_len;
	return c;
}

size_t power_table_len(const struct group *g)
{
	return comb_of(g).blocks * BLOCK_LEN;
}

void power_table_init(const struct group *g, struct element *table, const struct element *base)
{
	struct comb c = comb_of(g);
	struct element power = *base;   /* 2^bit base */

	assert(g->modp != NULL);
	for (size_t bit = 0; bit < TEETH * c.row_len; bit++) {
		size_t low = (size_t)1 << bit / c.row_len;
		size_t column = bit % c.row_len;
		struct element *entry = table + column / c.block_len * BLOCK_LEN;   /* number 1 */

		if (bit > 0)
			modp_dbl_var(g, &power, &power);
		if (column % c.block_len != 0)
			continue;
		entry[low - 1] = power;
		for (size_t i = 1; i < low; i++)
			modp_add_var(g, &entry[low + i - 1], &entry[i - 1], &power);
	}
}

/* Column r of every block of k. */
static void comb_add(const struct group *g, const struct comb *c, struct element *sum,
                     const struct element *table, const struct scalar *k, size_t r)
{
	for (size_t b = 0; b < c->blocks; b++) {
		size_t column = b * c->block_len + r;
		size_t i = 0;

		if (column >= c->row_len)
			break;
		for (size_t j = 0; j < TEETH; j++)
			i |= (size_t)bit_at(modp_cwords(k), g->scalar_bits, j * c->row_len + column)
			     << j;
		if (i > 0)
			modp_add_var(g, sum, sum, &table[b * BLOCK_LEN + i - 1]);
	}
}

void power_table_mul_var(const struct group *g, struct element *out, const struct element *table_a,
                         const struct scalar *j, const struct element *table_b,
                         const struct scalar *k)
{
	struct comb c = comb_of(g);
	struct element sum;

	assert(g->modp != NULL);
	group_identity(g, &sum);
	for (size_t r = c.block_len; r-- > 0;) {
		if (r + 1 < c.block_len)
			modp_dbl_var(g, &sum, &sum);
		comb_add(g, &c, &sum, table_a, j, r);
		if (table_b != NULL)
			comb_add(g, &c, &sum, table_b, k, r);
	}
	*out = sum;
}
