/*
 * ballotproof.c: the verifier; see ballotproof.h (protocol-ballotproof.md §4 and §5).
 *
 * Invariant: an equation is written once, in ballotproof_equation; single and batch verification
 * differ only in where its terms go.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/transcript.h"

#include <assert.h>

/* --- work space --------------------------------------------------------------------------- */

/* Terms of the longest equation. */
static size_t terms_max(const struct ballotlayout *l)
{
	size_t most = l->bits_len > l->ciphertexts_len ? l->bits_len : l->ciphertexts_len;

	return most + 3;
}

size_t ballotproof_work_points(const struct group *g, const struct ballotlayout *l)
{
	return 2 * l->ciphertexts_len + terms_max(l) + group_msm_work(g, terms_max(l));
}

size_t ballotproof_work_scalars(const struct ballotlayout *l)
{
	return l->bits_len + l->ciphertexts_len + terms_max(l);
}

size_t ballotproof_batch_terms(const struct ballotlayout *l)
{
	return 2 * l->ciphertexts_len + BALLOTPROOF_POINTS;
}

size_t ballotproof_batch_row(const struct ballotlayout *l)
{
	return BALLOTPROOF_BASE_G1 + l->bits_len;
}

/* --- decoding ----------------------------------------------------------------------------- */

static enum status decode_points(struct ballotproof_claim *c, const struct ballotproof_bytes *in)
{
	const struct group *g = c->setup->g;
	struct element *const own[BALLOTPROOF_POINTS] = { &c->b, &c->a, &c->c,
		                                          &c->d, &c->t1, &c->t2 };
	size_t len = group_element_len(g);
	const uint8_t *p = in->ciphertexts;
	enum status st = ST_OK;

	for (size_t i = 0; i < c->setup->layout->ciphertexts_len; i++, p += 2 * len)
		if ((st = group_decode_var(g, &c->alpha[i], p)) != ST_OK ||
		    (st = group_decode_var(g, &c->beta[i], p + len)) != ST_OK)
			return st;
	for (size_t i = 0; i < BALLOTPROOF_POINTS; i++)
		if ((st = group_decode_var(g, own[i], in->proof + i * len)) != ST_OK)
			return st;
	return ST_OK;
}

static enum status decode_scalars(struct ballotproof_claim *c, const struct ballotproof_bytes *in)
{
	const struct group *g = c->setup->g;
	struct scalar *const last[3] = { &c->z_a, &c->z_c, &c->z };
	size_t len = group_scalar_len(g);
	const uint8_t *p = in->proof + BALLOTPROOF_POINTS * group_element_len(g);
	enum status st = ST_OK;

	for (size_t k = 0; k < c->setup->layout->bits_len; k++, p += len)
		if ((st = group_scalar_decode(g, &c->f[k], p)) != ST_OK)
			return st;
	for (size_t i = 0; i < 3; i++, p += len)
		if ((st = group_scalar_decode(g, last[i], p)) != ST_OK)
			return st;
	return ST_OK;
}

enum status ballotproof_decode(struct ballotproof_claim *c, const struct ballotproof_setup *setup,
                               struct ballotproof_work *work,
                               const struct ballotproof_bytes *ballot)
{
	const struct ballotlayout *l = setup->layout;
	enum status st;

	assert(setup->bases_len >= ballotproof_batch_row(l));
	assert(work->points_len >= ballotproof_work_points(setup->g, l));
	assert(work->scalars_len >= ballotproof_work_scalars(l));
	if (ballot->ciphertexts_len != ballotproof_ciphertexts_len(setup->g, l) ||
	    ballot->proof_len != ballotproof_len(setup->g, l))
		return ST_FORMAT;
	c->setup = setup;
	c->alpha = work->points;
	c->beta = c->alpha + l->ciphertexts_len;
	c->f = work->scalars;
	c->power = c->f + l->bits_len;
	st = decode_scalars(c, ballot);   /* the cheaper part first */
	return st == ST_OK ? decode_points(c, ballot) : st;
}

/* --- challenges --------------------------------------------------------------------------- */

void ballotproof_t1(uint8_t t1[static HASH512_BYTES], const struct ballotproof_setup *setup,
                    const uint8_t ctx[static BALLOTPROOF_CTX_BYTES], const uint8_t *ciphertexts,
                    const uint8_t *proof)
{
	const struct ballotlayout *l = setup->layout;
	size_t len = group_element_len(setup->g);
	struct hash h;

	hash512_purpose(&h, "ballot-1");
	hash_field(&h, ctx, BALLOTPROOF_CTX_BYTES);
	hash_field_u32(&h, (uint32_t)l->ciphertexts_len);
	hash_field_u32(&h, (uint32_t)l->bits_len);
	for (size_t i = 0; i < 2 * l->ciphertexts_len; i++)
		hash_field(&h, ciphertexts + i * len, len);
	for (size_t i = 0; i < 4; i++)   /* B A C D */
		hash_field(&h, proof + i * len, len);
	hash512_final(&h, t1);
}

void ballotproof_rho(const struct group *g, struct scalar *rho,
                     const uint8_t t1[static HASH512_BYTES])
{
	struct transcript t;

	transcript_init(&t, g, "rho");
	transcript_field(&t, t1, HASH512_BYTES);
	transcript_challenge(&t, rho);
}

void ballotproof_x(const struct group *g, struct scalar *x,
                   const uint8_t t1[static HASH512_BYTES], const uint8_t *t)
{
	size_t len = group_element_len(g);
	struct transcript tr;

	transcript_init(&tr, g, "ballot-2");
	transcript_field(&tr, t1, HASH512_BYTES);
	transcript_field(&tr, t, len);
	transcript_field(&tr, t + len, len);
	transcript_challenge(&tr, x);
}

void ballotproof_powers(struct ballotproof_claim *c)
{
	struct scalar power = c->x;

	for (size_t i = 0; i < c->setup->layout->ciphertexts_len; i++) {
		group_scalar_mul(c->setup->g, &power, &power, &c->rho);
		c->power[i] = power;
	}
}

/* protocol-ballotproof.md §4: challenges are recomputed; there is none in the bytes to trust. */
enum status ballotproof_challenges(struct ballotproof_claim *c,
                                   const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                   const struct ballotproof_bytes *ballot)
{
	const struct group *g = c->setup->g;
	uint8_t t1[HASH512_BYTES];

	ballotproof_t1(t1, c->setup, ctx, ballot->ciphertexts, ballot->proof);
	ballotproof_rho(g, &c->rho, t1);
	ballotproof_x(g, &c->x, t1, ballot->proof + 4 * group_element_len(g));
	if (group_scalar_is_zero(g, &c->rho) || group_scalar_is_zero(g, &c->x))
		return ST_PROOF;
	ballotproof_powers(c);
	return ST_OK;
}

/* --- the five checks ---------------------------------------------------------------------- */

/* out = factor * f: most factors are 1. */
static void scale_var(const struct group *g, struct scalar *out, const struct scalar *f,
                      uint32_t factor)
{
	struct scalar k;

	if (factor == 1) {
		*out = *f;
		return;
	}
	group_scalar_u64(g, &k, factor);
	group_scalar_mul(g, out, f, &k);
}

bool ballotproof_sums_hold(const struct ballotproof_claim *c)
{
	const struct ballotlayout *l = c->setup->layout;
	const struct group *g = c->setup->g;

	for (size_t i = 0; i < l->constraints_len; i++) {
		const struct ballotlayout_constraint *con = &l->constraints[i];
		struct scalar sum, term;

		scale_var(g, &sum, &c->x, con->sum);
		for (size_t k = con->first_bit; k < (size_t)con->first_bit + con->bits; k++) {
			scale_var(g, &term, &c->f[k], l->bits[k].factor);
			group_scalar_sub(g, &sum, &sum, &term);
		}
		if (!group_scalar_is_zero(g, &sum))
			return false;
	}
	return true;
}

static void equation_b(const struct ballotproof_claim *c, const struct ballotproof_sink *sink)
{
	const struct group *g = c->setup->g;
	struct scalar k;

	sink->term(sink->to, &c->b, &c->x);
	sink->term(sink->to, &c->a, NULL);
	group_scalar_neg(g, &k, &c->z_a);
	sink->base(sink->to, BALLOTPROOF_BASE_H, &k);
	for (size_t i = 0; i < c->setup->layout->bits_len; i++) {
		group_scalar_neg(g, &k, &c->f[i]);
		sink->base(sink->to, BALLOTPROOF_BASE_G1 + i, &k);
	}
}

static void equation_c(const struct ballotproof_claim *c, const struct ballotproof_sink *sink)
{
	const struct group *g = c->setup->g;
	struct scalar k;

	sink->term(sink->to, &c->c, &c->x);
	sink->term(sink->to, &c->d, NULL);
	group_scalar_neg(g, &k, &c->z_c);
	sink->base(sink->to, BALLOTPROOF_BASE_H, &k);
	for (size_t i = 0; i < c->setup->layout->bits_len; i++) {
		group_scalar_sub(g, &k, &c->f[i], &c->x);
		group_scalar_mul(g, &k, &k, &c->f[i]);
		sink->base(sink->to, BALLOTPROOF_BASE_G1 + i, &k);
	}
}

static void equation_alpha(const struct ballotproof_claim *c, const struct ballotproof_sink *sink)
{
	struct scalar k;

	for (size_t i = 0; i < c->setup->layout->ciphertexts_len; i++)
		sink->term(sink->to, &c->alpha[i], &c->power[i]);
	sink->term(sink->to, &c->t1, NULL);
	group_scalar_neg(c->setup->g, &k, &c->z);
	sink->base(sink->to, BALLOTPROOF_BASE_G, &k);
}

/* sum over i of rho^i * sum over k of w_ik f_k, by Horner's rule from i = M down */
static void weighed_sum(const struct ballotproof_claim *c, struct scalar *out)
{
	const struct ballotlayout *l = c->setup->layout;
	const struct group *g = c->setup->g;
	struct scalar term;

	group_scalar_zero(g, out);
	for (size_t i = l->ciphertexts_len; i-- > 0;) {
		const struct ballotlayout_ciphertext *ct = &l->ciphertexts[i];

		for (size_t k = ct->first_bit; k < (size_t)ct->first_bit + ct->bits; k++) {
			scale_var(g, &term, &c->f[k], l->bits[k].weight);
			group_scalar_add(g, out, out, &term);
		}
		group_scalar_mul(g, out, out, &c->rho);
	}
}

static void equation_beta(const struct ballotproof_claim *c, const struct ballotproof_sink *sink)
{
	const struct group *g = c->setup->g;
	struct scalar k;

	for (size_t i = 0; i < c->setup->layout->ciphertexts_len; i++)
		sink->term(sink->to, &c->beta[i], &c->power[i]);
	sink->term(sink->to, &c->t2, NULL);
	group_scalar_neg(g, &k, &c->z);
	sink->base(sink->to, BALLOTPROOF_BASE_Y, &k);
	weighed_sum(c, &k);
	group_scalar_neg(g, &k, &k);
	sink->base(sink->to, BALLOTPROOF_BASE_G, &k);
}

void ballotproof_equation(const struct ballotproof_claim *c, enum ballotproof_equation which,
                          const struct ballotproof_sink *sink)
{
	switch (which) {
	case BALLOTPROOF_EQUATION_B:
		equation_b(c, sink);
		return;
	case BALLOTPROOF_EQUATION_C:
		equation_c(c, sink);
		return;
	case BALLOTPROOF_EQUATION_ALPHA:
		equation_alpha(c, sink);
		return;
	case BALLOTPROOF_EQUATION_BETA:
		equation_beta(c, sink);
		return;
	}
	assert(false);   /* there is no other equation */
}

/* --- one by one --------------------------------------------------------------------------- */

struct gathered {
	const struct element *bases;
	const struct group *g;
	struct element *points;
	struct scalar *coeffs;
	size_t len;
	size_t room;
};

static void gather_term(void *to, const struct element *p, const struct scalar *k)
{
	struct gathered *s = to;

	assert(s->len < s->room);
	s->points[s->len] = *p;
	if (k == NULL)
		group_scalar_u64(s->g, &s->coeffs[s->len], 1);
	else
		s->coeffs[s->len] = *k;
	s->len++;
}

static void gather_base(void *to, size_t index, const struct scalar *k)
{
	const struct gathered *s = to;

	gather_term(to, &s->bases[index], k);
}

bool ballotproof_equation_holds(const struct ballotproof_claim *c,
                                enum ballotproof_equation which,
                                const struct ballotproof_work *work)
{
	const struct ballotlayout *l = c->setup->layout;
	size_t used = 2 * l->ciphertexts_len;
	struct gathered s = {
		.bases = c->setup->bases,
		.g = c->setup->g,
		.points = work->points + used,
		.coeffs = c->power + l->ciphertexts_len,
		.room = terms_max(l),
	};
	struct element sum;

	ballotproof_equation(c, which, &(struct ballotproof_sink){ gather_term, gather_base, &s });
	used += s.room;
	group_msm_var(c->setup->g, &sum, s.coeffs, s.points, s.len, work->points + used,
	              work->points_len - used);
	return group_is_identity(c->setup->g, &sum);
}

static const enum ballotproof_equation EQUATIONS[] = {
	BALLOTPROOF_EQUATION_B,
	BALLOTPROOF_EQUATION_C,
	BALLOTPROOF_EQUATION_ALPHA,
	BALLOTPROOF_EQUATION_BETA,
};

enum { EQUATIONS_LEN = sizeof(EQUATIONS) / sizeof(EQUATIONS[0]) };

/* What single and batch verification have in common: all but (2)-(5). */
static enum status begin(struct ballotproof_claim *c, const struct ballotproof_setup *setup,
                         struct ballotproof_work *work, const uint8_t *ctx,
                         const struct ballotproof_bytes *ballot)
{
	enum status st;

	if ((st = ballotproof_decode(c, setup, work, ballot)) != ST_OK ||
	    (st = ballotproof_challenges(c, ctx, ballot)) != ST_OK)
		return st;
	return ballotproof_sums_hold(c) ? ST_OK : ST_PROOF;
}

static enum status verify(struct ballotproof_claim *c, const struct ballotproof_setup *setup,
                          struct ballotproof_work *work, const uint8_t *ctx,
                          const struct ballotproof_bytes *ballot)
{
	enum status st = begin(c, setup, work, ctx, ballot);

	for (size_t i = 0; st == ST_OK && i < EQUATIONS_LEN; i++)
		if (!ballotproof_equation_holds(c, EQUATIONS[i], work))
			st = ST_PROOF;
	return st;
}

enum status ballotproof_verify(const struct ballotproof_setup *setup,
                               struct ballotproof_work *work,
                               const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                               const struct ballotproof_bytes *ballot)
{
	struct ballotproof_claim c;

	return verify(&c, setup, work, ctx, ballot);
}

/* --- in a batch --------------------------------------------------------------------------- */

static void batch_sink_term(void *to, const struct element *p, const struct scalar *k)
{
	batch_term(to, p, k);
}

static void batch_sink_base(void *to, size_t index, const struct scalar *k)
{
	batch_base(to, index, k);
}

enum status ballotproof_collect(struct batch *batch, const struct ballotproof_setup *setup,
                                struct ballotproof_work *work,
                                const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                const struct ballotproof_bytes *ballot)
{
	const struct ballotproof_sink sink = { batch_sink_term, batch_sink_base, batch };
	struct ballotproof_claim c;
	enum status st = begin(&c, setup, work, ctx, ballot);

	assert(batch->bases == setup->bases);
	for (size_t i = 0; st == ST_OK && i < EQUATIONS_LEN; i++) {
		batch_equation(batch);   /* its own coefficient, even within one ballot */
		ballotproof_equation(&c, EQUATIONS[i], &sink);
	}
	return st;
}

/* --- a test of the machine ---------------------------------------------------------------- */

/* Is (alpha, beta) = (r g, r y + m g)? */
static bool opens(const struct ballotproof_setup *setup, const struct element *alpha,
                  const struct element *beta, const struct scalar *r, uint64_t value)
{
	const struct group *g = setup->g;
	struct element e;
	struct scalar m;

	group_mul_base(g, &e, r);
	if (!group_is_equal(g, &e, alpha))
		return false;
	group_scalar_u64(g, &m, value);
	group_mul_base_add_var(g, &e, &m, &setup->bases[BALLOTPROOF_BASE_Y], r);
	return group_is_equal(g, &e, beta);
}

enum status ballotproof_opened(const struct ballotproof_setup *setup,
                               struct ballotproof_work *work,
                               const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                               const struct ballotproof_bytes *ballot,
                               const uint8_t *openings, size_t openings_len,
                               const uint64_t *values, size_t values_len)
{
	const struct group *g = setup->g;
	struct ballotproof_claim c;
	enum status st;

	if (openings_len != ballotproof_openings_len(g, setup->layout) ||
	    values_len != setup->layout->ciphertexts_len)
		return ST_FORMAT;
	if ((st = verify(&c, setup, work, ctx, ballot)) != ST_OK)
		return st;
	for (size_t i = 0; i < values_len; i++) {
		struct scalar r;

		if ((st = group_scalar_decode(g, &r, openings + i * group_scalar_len(g))) != ST_OK)
			return st;
		if (!opens(setup, &c.alpha[i], &c.beta[i], &r, values[i]))
			return ST_OPENING;
	}
	return ST_OK;
}
