/* lattice.c: see lattice.h. */
#include "tests/unit/lib/lattice.h"

#include <string.h>

enum { SCALAR_BYTES = 32, ROUNDS_MAX = 200, STEPS_MAX = 200000 };

struct row {
	struct scalar exact[LATTICE_MAX];
	double about[LATTICE_MAX];    /* of the representative nearest to 0 */
	double star[LATTICE_MAX];     /* orthogonal to the rows before */
	double star_norm;
};

struct lattice {
	const struct group *g;
	size_t len;
	struct row rows[LATTICE_MAX];
};

static double power_of_two(unsigned int e)
{
	double v = 1;

	while (e-- > 0)
		v *= 2;
	return v;
}

/* The nearest integer; a double of 2^52 or more is one. */
static double nearest(double v)
{
	if (v >= power_of_two(52) || v <= -power_of_two(52))
		return v;
	return (double)(int64_t)(v < 0 ? v - 0.5 : v + 0.5);
}

static double magnitude(const struct group *g, const struct scalar *k)
{
	uint8_t bytes[SCALAR_BYTES];
	double v = 0;

	group_scalar_encode(g, bytes, k);
	for (size_t i = SCALAR_BYTES; i-- > 0;)
		v = v * 256 + bytes[i];
	return v;
}

static double about(const struct group *g, const struct scalar *k)
{
	struct scalar minus;
	double up = magnitude(g, k);
	double down;

	group_scalar_neg(g, &minus, k);
	down = magnitude(g, &minus);
	return up <= down ? up : -down;
}

static void refresh(const struct lattice *l, struct row *r)
{
	for (size_t i = 0; i < l->len; i++)
		r->about[i] = about(l->g, &r->exact[i]);
}

/* An integral double as a scalar. */
static void exact(const struct group *g, struct scalar *out, double v)
{
	double size = v < 0 ? -v : v;
	struct scalar two;
	size_t halvings = 0;

	for (; size >= power_of_two(53); size /= 2)
		halvings++;
	group_scalar_u64(g, out, (uint64_t)size);
	group_scalar_u64(g, &two, 2);
	while (halvings-- > 0)
		group_scalar_mul(g, out, out, &two);
	if (v < 0)
		group_scalar_neg(g, out, out);
}

static double dot(const struct lattice *l, const double *a, const double *b)
{
	double sum = 0;

	for (size_t i = 0; i < l->len; i++)
		sum += a[i] * b[i];
	return sum;
}

/* r -= times * from */
static void subtract(const struct lattice *l, struct row *r, const struct row *from, double times)
{
	struct scalar k, term;

	exact(l->g, &k, times);
	for (size_t i = 0; i < l->len; i++) {
		group_scalar_mul(l->g, &term, &k, &from->exact[i]);
		group_scalar_sub(l->g, &r->exact[i], &r->exact[i], &term);
	}
	refresh(l, r);
}

/*
 * Bring r as near to 0 as the first `rows` rows allow (Babai's nearest plane), and set its star.
 * Floating point is coarse while numbers are large: repeat until nothing moves.
 */
static void reduce(const struct lattice *l, struct row *r, size_t rows)
{
	bool moved = true;

	for (size_t round = 0; moved && round < ROUNDS_MAX; round++) {
		moved = false;
		memcpy(r->star, r->about, sizeof(r->star));
		for (size_t j = rows; j-- > 0;) {
			const struct row *b = &l->rows[j];
			double times = nearest(dot(l, r->about, b->star) / b->star_norm);

			if (times != 0) {
				subtract(l, r, b, times);
				moved = true;
			}
		}
	}
	memcpy(r->star, r->about, sizeof(r->star));
	for (size_t j = 0; j < rows; j++) {
		const struct row *b = &l->rows[j];
		double mu = dot(l, r->star, b->star) / b->star_norm;

		for (size_t i = 0; i < l->len; i++)
			r->star[i] -= mu * b->star[i];
	}
	r->star_norm = dot(l, r->star, r->star);
}

/* The vectors whose product with t is 0 mod q: (q, 0, ...) and (-t_i / t_0, ..., 1, ...). */
static void fill(struct lattice *l, const struct scalar *t)
{
	struct scalar inverse;

	group_scalar_inv(l->g, &inverse, &t[0]);
	group_scalar_neg(l->g, &inverse, &inverse);
	for (size_t i = 0; i < l->len; i++) {
		for (size_t j = 0; j < l->len; j++)
			group_scalar_u64(l->g, &l->rows[i].exact[j], i == j && i > 0 ? 1 : 0);
		if (i > 0)
			group_scalar_mul(l->g, &l->rows[i].exact[0], &inverse, &t[i]);
		refresh(l, &l->rows[i]);
	}
	l->rows[0].about[0] = power_of_two(252);   /* q is 0 as a scalar */
	memcpy(l->rows[0].star, l->rows[0].about, sizeof(l->rows[0].star));
	l->rows[0].star_norm = dot(l, l->rows[0].star, l->rows[0].star);
}

static bool reduce_all(struct lattice *l)
{
	size_t k = 1;

	for (size_t step = 0; k < l->len; step++) {
		struct row *r = &l->rows[k];
		struct row *before = &l->rows[k - 1];
		struct row swap;
		double mu;

		if (step == STEPS_MAX)
			return false;
		reduce(l, r, k);
		mu = dot(l, r->about, before->star) / before->star_norm;
		if (r->star_norm >= (0.9 - mu * mu) * before->star_norm) {
			k++;
			continue;
		}
		swap = *r;
		*r = *before;
		*before = swap;
		if (--k == 0) {
			reduce(l, &l->rows[0], 0);
			k = 1;
		}
	}
	return true;
}

bool lattice_solve(uint64_t *v, const struct scalar *t, const struct scalar *target, size_t len,
                   unsigned int bits)
{
	static struct lattice l;
	struct scalar middle, inverse;
	struct row r;

	l.g = group_ristretto255();
	l.len = len;
	fill(&l, t);
	if (!reduce_all(&l))
		return false;
	/* Some solution, moved so that what we want lies about 0. */
	group_scalar_u64(l.g, &middle, (uint64_t)1 << (bits - 1));
	group_scalar_inv(l.g, &inverse, &t[0]);
	for (size_t i = 0; i < len; i++)
		group_scalar_neg(l.g, &r.exact[i], &middle);
	group_scalar_mul(l.g, &inverse, &inverse, target);
	group_scalar_add(l.g, &r.exact[0], &r.exact[0], &inverse);
	refresh(&l, &r);
	reduce(&l, &r, len);
	for (size_t i = 0; i < len; i++) {
		double value = r.about[i] + power_of_two(bits - 1);

		if (value < 0 || value >= power_of_two(bits))
			return false;
		v[i] = (uint64_t)value;
	}
	return true;
}
