/*
 * group_msm.c: sums of multiples over public data; see group.h.
 *
 * Two ways, chosen by the number of additions they cost for these very scalars: Straus (1964) with
 * one shared run of doublings, and Pippenger (1976) with one bucket a digit.  Where negation is
 * cheap the digits are signed, which halves tables and buckets.
 *
 * Invariant: everything here may take time that depends on its input, and the caller's work is
 * never read before it is written.
 */
#include "crypto/group_impl.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum {
	STRAUS_WINDOW = 5,
	PIPPENGER_WINDOW_MAX = 15,
	BUCKETS_MAX = 1 << PIPPENGER_WINDOW_MAX,
	/* Digits of one scalar, one byte each, in elements of work. */
	DIGIT_ELEMENTS_MAX = 8,
	/* What Straus needs for one term of any group: a table and the digits. */
	OWN_WORK = (1 << (STRAUS_WINDOW - 1)) + DIGIT_ELEMENTS_MAX
};

/* How a sum is worked out, and what that costs in additions. */
struct plan {
	size_t cost;
	size_t window;   /* of Pippenger; 0: Straus */
	size_t chunk;    /* of Straus: terms that share doublings */
};

/* What the scalars of a sum look like. */
struct shape {
	size_t len;
	size_t bits_max;
	size_t bits_sum;
};

/* --- bits --------------------------------------------------------------------------------- */

static const uint64_t *words(const struct scalar *k)
{
	return (const uint64_t *)(const void *)k->opaque;
}

static size_t bit_length(const struct group *g, const struct scalar *k)
{
	const uint64_t *w = words(k);

	for (size_t i = g->scalar_words; i-- > 0;)
		if (w[i] != 0)
			return 64 * i + 64 - (size_t)__builtin_clzll(w[i]);
	return 0;
}

/* Bits pos, pos + 1, ..., pos + count - 1 of k, count <= 16; zeros beyond its end. */
static inline uint32_t bits_at(const struct group *g, const struct scalar *k, size_t pos,
                               size_t count)
{
	const uint64_t *w = words(k);
	size_t i = pos / 64;
	size_t shift = pos % 64;
	uint64_t v;

	if (i >= g->scalar_words)
		return 0;
	v = w[i] >> shift;
	if (shift + count > 64 && i + 1 < g->scalar_words)
		v |= w[i + 1] << (64 - shift);
	return (uint32_t)(v & (((uint64_t)1 << count) - 1));
}

static void shape_of(const struct group *g, struct shape *s, const struct scalar *k, size_t len)
{
	s->len = len;
	s->bits_max = 0;
	s->bits_sum = 0;
	for (size_t i = 0; i < len; i++) {
		size_t bits = bit_length(g, &k[i]);

		s->bits_sum += bits;
		if (bits > s->bits_max)
			s->bits_max = bits;
	}
}

/* --- plans -------------------------------------------------------------------------------- */

static size_t straus_table_len(const struct group *g)
{
	/* Odd multiples up to 2^w - 1, or up to 2^(w-1) - 1 and their negatives. */
	return (size_t)1 << (g->is_neg_cheap ? STRAUS_WINDOW - 2 : STRAUS_WINDOW - 1);
}

static size_t straus_term_len(const struct group *g)
{
	size_t digits = g->scalar_bits + (g->is_neg_cheap ? 1 : 0);

	return straus_table_len(g) + (digits + sizeof(struct element) - 1) / sizeof(struct element);
}

static size_t bucket_count(const struct group *g, size_t window)
{
	return g->is_neg_cheap ? (size_t)1 << (window - 1) : ((size_t)1 << window) - 1;
}

static void plan_straus(const struct group *g, struct plan *p, const struct shape *s,
                        size_t work_len)
{
	size_t chunk = work_len / straus_term_len(g);

	if (chunk > s->len)
		chunk = s->len;
	p->window = 0;
	p->chunk = chunk > 0 ? chunk : 1;
	p->cost = (s->len + p->chunk - 1) / p->chunk * s->bits_max +
	          s->len * straus_table_len(g) + s->bits_sum / (STRAUS_WINDOW + 1);
}

static void plan_pippenger(const struct group *g, struct plan *p, const struct shape *s,
                           size_t window)
{
	p->window = window;
	p->chunk = 0;
	p->cost = s->bits_max + s->bits_sum / window + s->len +
	          (s->bits_max / window + 1) * 2 * bucket_count(g, window);
}

static struct plan plan_best(const struct group *g, const struct shape *s, size_t work_len)
{
	struct plan best;
	struct plan p;

	plan_straus(g, &best, s, work_len);
	for (size_t window = 2; window <= PIPPENGER_WINDOW_MAX; window++) {
		if (bucket_count(g, window) > work_len)
			break;
		plan_pippenger(g, &p, s, window);
		if (p.cost < best.cost)
			best = p;
	}
	return best;
}

size_t group_msm_work(const struct group *g, size_t len)
{
	struct shape s = {len, g->scalar_bits, 0};
	struct plan p;

	if (len > SIZE_MAX / sizeof(struct element) / OWN_WORK)
		len = SIZE_MAX / sizeof(struct element) / OWN_WORK;
	s.bits_sum = len * g->scalar_bits;
	p = plan_best(g, &s, SIZE_MAX);
	return p.window == 0 ? p.chunk * straus_term_len(g) : bucket_count(g, p.window);
}

/* --- Straus ------------------------------------------------------------------------------- */

/*
 * Odd digits of k, at least STRAUS_WINDOW apart, into digits[0..bits]: width-w NAF (Solinas 2000)
 * when signed, else sliding windows.  Zeros elsewhere.
 */
static void recode(const struct group *g, int8_t *digits, const struct scalar *k, size_t bits)
{
	const int32_t full = 1 << STRAUS_WINDOW;
	size_t end = bits + (g->is_neg_cheap ? 1 : 0);
	uint32_t carry = 0;

	memset(digits, 0, end);
	for (size_t pos = 0; pos < end;) {
		int32_t d = (int32_t)(carry + bits_at(g, k, pos, STRAUS_WINDOW));

		if (d % 2 == 0) {
			pos++;
			continue;
		}
		carry = g->is_neg_cheap && d > full / 2;
		digits[pos] = (int8_t)(carry ? d - full : d);
		pos += STRAUS_WINDOW;
	}
}

/* a, 3a, 5a, ... */
static void odd_multiples(const struct group *g, struct element *table, const struct element *a)
{
	struct element twice;

	table[0] = *a;
	g->dbl_var(g, &twice, a);
	for (size_t i = 1; i < straus_table_len(g); i++)
		g->add_var(g, &table[i], &table[i - 1], &twice);
}

static void add_digit(const struct group *g, struct element *sum, const struct element *table,
                      int d)
{
	if (d > 0)
		g->add_var(g, sum, sum, &table[d / 2]);
	else if (d < 0)
		g->sub(g, sum, sum, &table[-d / 2]);
}

/* sum += the terms, which fit in work; bits: of the longest scalar. */
static void straus(const struct group *g, struct element *sum, const struct scalar *k,
                   const struct element *a, size_t len, size_t bits, struct element *work)
{
	size_t table_len = straus_table_len(g);
	size_t term_len = straus_term_len(g);
	struct element chunk;
	bool is_started = false;

	for (size_t i = 0; i < len; i++) {
		odd_multiples(g, &work[i * term_len], &a[i]);
		recode(g, (int8_t *)(void *)&work[i * term_len + table_len], &k[i], bits);
	}
	g->identity(g, &chunk);
	for (size_t pos = bits + (g->is_neg_cheap ? 1 : 0); pos-- > 0;) {
		if (is_started)
			g->dbl_var(g, &chunk, &chunk);
		for (size_t i = 0; i < len; i++) {
			const struct element *table = &work[i * term_len];
			int d = ((const int8_t *)(const void *)&table[table_len])[pos];

			add_digit(g, &chunk, table, d);
			is_started = is_started || d != 0;
		}
	}
	g->add_var(g, sum, sum, &chunk);
}

/* --- Pippenger ---------------------------------------------------------------------------- */

/*
 * The digit of k at window number n.  Signed: Booth's, -2^(w-1)..2^(w-1), read from w bits and the
 * one below them, so that no digit depends on a carry.
 */
static inline int32_t digit_at(const struct group *g, const struct scalar *k, size_t n,
                               size_t window)
{
	uint32_t v;

	if (!g->is_neg_cheap)
		return (int32_t)bits_at(g, k, n * window, window);
	if (n == 0)
		v = bits_at(g, k, 0, window) << 1;
	else
		v = bits_at(g, k, n * window - 1, window + 1);
	return (int32_t)((v + 1) >> 1) - (int32_t)(v >> window << window);
}

/* Which buckets hold something: saves adding to, and adding up, what is empty. */
struct used {
	uint64_t bits[BUCKETS_MAX / 64];
};

static void put(const struct group *g, struct element *bucket, const struct element *a,
                bool is_negative, bool is_used)
{
	if (is_used && is_negative)
		g->sub(g, bucket, bucket, a);
	else if (is_used)
		g->add_var(g, bucket, bucket, a);
	else if (is_negative)
		g->neg(g, bucket, a);
	else
		*bucket = *a;
}

static void fill_buckets(const struct group *g, struct element *buckets, struct used *used,
                         const struct scalar *k, const struct element *a, size_t len, size_t n,
                         size_t window)
{
	memset(used->bits, 0, (bucket_count(g, window) + 63) / 64 * sizeof(used->bits[0]));
	for (size_t i = 0; i < len; i++) {
		int32_t d = digit_at(g, &k[i], n, window);
		size_t b = (size_t)(d < 0 ? -d : d) - 1;
		uint64_t bit = (uint64_t)1 << b % 64;

		if (d == 0)
			continue;
		put(g, &buckets[b], &a[i], d < 0, (used->bits[b / 64] & bit) != 0);
		used->bits[b / 64] |= bit;
	}
}

/* sum += 1 buckets[0] + 2 buckets[1] + ...: from the top, a running sum of running sums. */
static void add_buckets(const struct group *g, struct element *sum, const struct element *buckets,
                        const struct used *used, size_t count)
{
	struct element running;
	bool is_started = false;

	for (size_t b = count; b-- > 0;) {
		if (used->bits[b / 64] >> b % 64 & 1) {
			if (is_started)
				g->add_var(g, &running, &running, &buckets[b]);
			else
				running = buckets[b];
			is_started = true;
		}
		if (is_started)
			g->add_var(g, sum, sum, &running);
	}
}

static void pippenger(const struct group *g, struct element *sum, const struct scalar *k,
                      const struct element *a, const struct shape *s, size_t window,
                      struct element *buckets)
{
	struct used used;
	size_t count = bucket_count(g, window);
	size_t windows = s->bits_max / window + 1;

	assert(window <= PIPPENGER_WINDOW_MAX);
	for (size_t n = windows; n-- > 0;) {
		if (n + 1 < windows)
			for (size_t i = 0; i < window; i++)
				g->dbl_var(g, sum, sum);
		fill_buckets(g, buckets, &used, k, a, s->len, n, window);
		add_buckets(g, sum, buckets, &used, count);
	}
}

/* --- sums --------------------------------------------------------------------------------- */

void group_msm_var(const struct group *g, struct element *out, const struct scalar *k,
                   const struct element *a, size_t len, struct element *work, size_t work_len)
{
	struct element own[OWN_WORK];
	struct element sum;
	struct shape s;
	struct plan p;

	assert(work != NULL || work_len == 0);
	assert(straus_term_len(g) <= OWN_WORK);
	if (work_len < OWN_WORK) {
		work = own;
		work_len = OWN_WORK;
	}
	g->identity(g, &sum);
	shape_of(g, &s, k, len);
	p = plan_best(g, &s, work_len);
	if (p.window > 0)
		pippenger(g, &sum, k, a, &s, p.window, work);
	else
		for (size_t i = 0; i < len; i += p.chunk)
			straus(g, &sum, &k[i], &a[i], len - i < p.chunk ? len - i : p.chunk,
			       s.bits_max, work);
	*out = sum;   /* at last: out may be one of a */
}

void group_power_var(const struct group *g, struct element *out, const struct element *a,
                     const struct scalar *k)
{
	group_msm_var(g, out, k, a, 1, NULL, 0);
}
