/*
 * power.c: see power.h.
 *
 * Invariant: as in group_modp.c an element holds p_limbs limbs in Montgomery form, below p; here
 * GMP's faster functions do the work, whose time tells what they worked on, or rows of our own
 * where the processor has better instructions than GMP as it was built uses (row32.h).
 */
#include "crypto/power.h"

#include "crypto/group_modp.h"
#include "crypto/row32.h"

#include <assert.h>
#include <gmp.h>
#include <string.h>

enum {
	WINDOW_MAX = 6,
	BUCKETS_MAX = 1 << (WINDOW_MAX - 1),   /* odd digits of a window */
	LANES = 5,                             /* multiples that one chain serves */
	BITS_MAX = 2048,

	TEETH = 8,
	BLOCK_LEN = (1 << TEETH) - 1           /* entry 0, the identity, is not kept */
};

/* --- the group, without secrets ------------------------------------------------------------- */

static mp_limb_t *limbs(struct element *e)
{
	return (mp_limb_t *)(void *)e->opaque;
}

static const mp_limb_t *climbs(const struct element *e)
{
	return (const mp_limb_t *)(const void *)e->opaque;
}

/* r += a * b over len limbs; the limb that is carried out. */
static mp_limb_t row(mp_limb_t *r, const mp_limb_t *a, int len, mp_limb_t b, bool fast)
{
	return fast ? row32_addmul(r, a, b) : mpn_addmul_1(r, a, len, b);
}

static bool is_fast(const struct modp *m)
{
	return m->p_limbs == ROW32_LIMBS && row32_is_here();
}

/* out = t / R mod p for t < p R; t is destroyed. */
static void redc(const struct modp *m, mp_limb_t *out, mp_limb_t *t, bool fast)
{
	int len = m->p_limbs;

	for (int i = 0; i < len; i++)
		t[i] = row(t + i, m->p, len, t[i] * m->p_inv, fast);
	if (mpn_add_n(out, t, t + len, len) != 0 || mpn_cmp(out, m->p, len) >= 0)
		(void)mpn_sub_n(out, out, m->p, len);
}

static void mul(const struct modp *m, struct element *out, const struct element *a,
                const struct element *b)
{
	mp_limb_t t[2 * MODP_LIMBS];
	bool fast = is_fast(m);

	if (fast) {
		memset(t, 0, sizeof(t) / 2);
		for (int i = 0; i < ROW32_LIMBS; i++)
			t[ROW32_LIMBS + i] = row32_addmul(t + i, climbs(a), climbs(b)[i]);
	} else {
		mpn_mul_n(t, climbs(a), climbs(b), m->p_limbs);
	}
	redc(m, limbs(out), t, fast);
}

static void sqr(const struct modp *m, struct element *out, const struct element *a)
{
	mp_limb_t t[2 * MODP_LIMBS];

	mpn_sqr(t, climbs(a), m->p_limbs);
	redc(m, limbs(out), t, is_fast(m));
}

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

static void lane_put(const struct modp *m, struct lane *lane, uint8_t digit,
                     const struct element *a)
{
	struct element *bucket = &lane->bucket[digit / 2];
	uint64_t bit = (uint64_t)1 << digit / 2;

	if (lane->used & bit)
		mul(m, bucket, bucket, a);
	else
		*bucket = *a;
	lane->used |= bit;
}

/* 1 bucket[0] + 3 bucket[1] + 5 bucket[2] + ...: twice a running sum of running sums, and one. */
static void lane_end(const struct group *g, struct element *out, const struct lane *lane,
                     int window)
{
	const struct modp *m = g->modp;
	struct element running, sum;

	group_identity(g, &running);
	group_identity(g, &sum);
	for (size_t i = (size_t)1 << (window - 1); i-- > 0;) {
		if (lane->used >> i & 1)
			mul(m, &running, &running, &lane->bucket[i]);
		if (i > 0 && lane->used >> i != 0)
			mul(m, &sum, &sum, &running);
	}
	sqr(m, &sum, &sum);
	mul(m, out, &sum, &running);
}

static void chain_run(const struct modp *m, struct chain *c, const struct element *base)
{
	struct element power = *base;

	for (size_t pos = 0; pos < c->bits; pos++) {
		if (pos > 0)
			sqr(m, &power, &power);
		for (size_t i = 0; i < c->lanes; i++)
			if (c->lane[i].digit[pos] != 0)
				lane_put(m, &c->lane[i], c->lane[i].digit[pos], &power);
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
	chain_run(g->modp, &c, base);
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
	const struct modp *m = g->modp;
	struct comb c = comb_of(g);
	struct element power = *base;   /* 2^bit base */

	assert(m != NULL);
	for (size_t bit = 0; bit < TEETH * c.row_len; bit++) {
		size_t low = (size_t)1 << bit / c.row_len;
		size_t column = bit % c.row_len;
		struct element *entry = table + column / c.block_len * BLOCK_LEN;   /* number 1 */

		if (bit > 0)
			sqr(m, &power, &power);
		if (column % c.block_len != 0)
			continue;
		entry[low - 1] = power;
		for (size_t i = 1; i < low; i++)
			mul(m, &entry[low + i - 1], &entry[i - 1], &power);
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
			mul(g->modp, sum, sum, &table[b * BLOCK_LEN + i - 1]);
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
			sqr(g->modp, &sum, &sum);
		comb_add(g, &c, &sum, table_a, j, r);
		if (table_b != NULL)
			comb_add(g, &c, &sum, table_b, k, r);
	}
	*out = sum;
}
