/* ballotforge.c: see ballotforge.h. */
#include "tests/unit/lib/ballotforge.h"

#include "crypto/hash.h"
#include "crypto/rng.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- mutants ------------------------------------------------------------------------------ */

uint64_t ballotmutant_alpha(size_t i)
{
	return (uint64_t)1 << (2 * i);
}

uint64_t ballotmutant_beta(size_t i)
{
	return (uint64_t)1 << (2 * i + 1);
}

uint64_t ballotmutant_commitment(const struct ballotlayout *l, size_t which)
{
	return (uint64_t)1 << (2 * l->ciphertexts_len + which);
}

/* Written apart from ballotproof_t1, from the words of the protocol. */
static void mutant_digest(const struct ballotmutant *m, const struct ballotcase *c,
                          uint8_t digest[static HASH512_BYTES])
{
	size_t points = 2 * c->layout.ciphertexts_len;
	size_t len = group_element_len(c->g);
	struct hash h;

	hash512_purpose(&h, "ballot-1");
	if (!m->no_ctx)
		hash_field(&h, c->ctx, sizeof(c->ctx));
	if (!m->no_m)
		hash_field_u32(&h, (uint32_t)c->layout.ciphertexts_len);
	if (!m->no_n)
		hash_field_u32(&h, (uint32_t)c->layout.bits_len);
	assert(points + 4 <= 64);
	for (size_t i = 0; i < points + 4; i++)
		if ((m->no_point >> i & 1) == 0)
			hash_field(&h, i < points ? c->ciphertexts + i * len
			                          : c->proof + (i - points) * len, len);
	hash512_final(&h, digest);
}

void ballotmutant_rho(const struct ballotmutant *m, const struct ballotcase *c,
                      struct scalar *rho)
{
	uint8_t digest[HASH512_BYTES];
	struct transcript t;

	mutant_digest(m, c, digest);
	transcript_init(&t, c->g, "rho");
	if (!m->no_digest_in_rho)
		transcript_field(&t, digest, sizeof(digest));
	transcript_challenge(&t, rho);
}

void ballotmutant_x(const struct ballotmutant *m, const struct ballotcase *c, struct scalar *x)
{
	size_t len = group_element_len(c->g);
	uint8_t digest[HASH512_BYTES];
	struct transcript t;

	mutant_digest(m, c, digest);
	transcript_init(&t, c->g, "ballot-2");
	if (!m->no_digest_in_x)
		transcript_field(&t, digest, sizeof(digest));
	if (!m->no_t1)
		transcript_field(&t, c->proof + 4 * len, len);
	if (!m->no_t2)
		transcript_field(&t, c->proof + 5 * len, len);
	transcript_challenge(&t, x);
}

enum status ballotmutant_verify(const struct ballotmutant *m, struct ballotcase *c)
{
	struct ballotproof_claim claim;
	enum status st = ballotproof_decode(&claim, &c->setup, &c->work, &c->bytes);

	if (st != ST_OK)
		return st;
	ballotmutant_rho(m, c, &claim.rho);
	ballotmutant_x(m, c, &claim.x);
	if (group_scalar_is_zero(c->g, &claim.rho) || group_scalar_is_zero(c->g, &claim.x))
		return ST_PROOF;
	ballotproof_powers(&claim);
	if ((m->no_check >> 1 & 1) == 0 && !ballotproof_sums_hold(&claim))
		return ST_PROOF;
	for (unsigned int n = 2; n <= 5; n++)
		if ((m->no_check >> n & 1) == 0 &&
		    !ballotproof_equation_holds(&claim, (enum ballotproof_equation)n, &c->work))
			return ST_PROOF;
	return ST_OK;
}

/* --- forgers ------------------------------------------------------------------------------ */

static void *take(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);

	if (p == NULL)
		abort();
	memset(p, 0, bytes);
	return p;
}

struct ballotforge *ballotforge_new(struct ballotcase *c, const struct ballotmutant *m)
{
	struct ballotforge *f = take(sizeof(*f));
	size_t n = c->layout.bits_len;
	size_t cts = c->layout.ciphertexts_len;

	f->c = c;
	f->mutant = *m;
	f->claim.setup = &c->setup;
	f->claim.alpha = take(2 * cts * sizeof(struct element));
	f->claim.beta = f->claim.alpha + cts;
	f->claim.f = take((n + cts) * sizeof(struct scalar));
	f->claim.power = f->claim.f + n;
	f->bit = take((4 * n + 2 * cts) * sizeof(struct scalar));
	f->mask = f->bit + n;
	f->cross = f->mask + n;
	f->square = f->cross + n;
	f->value = f->square + n;
	f->r = f->value + cts;
	for (size_t i = 0; i < 2 * cts; i++)
		group_identity(c->g, &f->claim.alpha[i]);
	f->claim.b = f->claim.a = f->claim.c = f->claim.d = f->claim.t1 = f->claim.t2 =
		f->claim.alpha[0];
	ballotforge_init(f);
	return f;
}

void ballotforge_free(struct ballotforge *f)
{
	free(f->claim.alpha);
	free(f->claim.f);
	free(f->bit);
	free(f);
}

void ballotforge_scalar(const struct group *g, struct scalar *out, int64_t v)
{
	group_scalar_u64(g, out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
	if (v < 0)
		group_scalar_neg(g, out, out);
}

void ballotforge_init(struct ballotforge *f)
{
	const struct ballotlayout *l = &f->c->layout;
	const struct group *g = f->c->g;
	struct scalar *const blinds[] = { &f->blind_b, &f->blind_a, &f->blind_c, &f->blind_d,
		                          &f->s };

	for (size_t i = 0; i < l->ciphertexts_len; i++) {
		rng_scalar(g, &f->r[i]);
		group_scalar_zero(g, &f->value[i]);
	}
	for (size_t i = 0; i < 5; i++)
		rng_scalar(g, blinds[i]);
	for (size_t k = 0; k < l->bits_len; k++) {
		rng_scalar(g, &f->mask[k]);
		group_scalar_zero(g, &f->bit[k]);
	}
	for (size_t i = 0; i < l->constraints_len; i++) {
		const struct ballotlayout_constraint *con = &l->constraints[i];
		struct scalar sum, u;

		group_scalar_zero(g, &f->mask[con->solve]);
		group_scalar_zero(g, &sum);
		for (size_t k = con->first_bit; k < (size_t)con->first_bit + con->bits; k++) {
			group_scalar_u64(g, &u, l->bits[k].factor);
			group_scalar_mul(g, &u, &u, &f->mask[k]);
			group_scalar_sub(g, &sum, &sum, &u);
		}
		f->mask[con->solve] = sum;   /* its factor is 1 */
	}
}

void ballotforge_honest(struct ballotforge *f, const uint64_t *values)
{
	const struct ballotlayout *l = &f->c->layout;
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];

	if (!ballotproof_bits(bits, l, values))
		abort();
	for (size_t k = 0; k < l->bits_len; k++)
		group_scalar_u64(f->c->g, &f->bit[k], bits[k]);
	for (size_t i = 0; i < l->ciphertexts_len; i++)
		group_scalar_u64(f->c->g, &f->value[i], values[i]);
}

void ballotforge_products(struct ballotforge *f)
{
	const struct group *g = f->c->g;
	struct scalar one, k;

	group_scalar_u64(g, &one, 1);
	for (size_t i = 0; i < f->c->layout.bits_len; i++) {
		group_scalar_sub(g, &k, &one, &f->bit[i]);
		group_scalar_sub(g, &k, &k, &f->bit[i]);
		group_scalar_mul(g, &f->cross[i], &k, &f->mask[i]);
		group_scalar_mul(g, &k, &f->mask[i], &f->mask[i]);
		group_scalar_neg(g, &f->square[i], &k);
	}
}

/* blind h + sum over k of each[k] G_k */
static void pedersen(const struct ballotforge *f, struct element *out, const struct scalar *blind,
                     const struct scalar *each)
{
	const struct group *g = f->c->g;
	const struct element *bases = f->c->setup.bases;
	struct element e;

	group_mul_var(g, &e, &bases[BALLOTPROOF_BASE_H], blind);
	group_msm_var(g, out, each, &bases[BALLOTPROOF_BASE_G1], f->c->layout.bits_len, NULL, 0);
	group_add(g, out, out, &e);
}

static void encrypt(const struct ballotforge *f, struct element *alpha, struct element *beta,
                    const struct scalar *r, const struct scalar *m)
{
	const struct group *g = f->c->g;

	group_mul_base(g, alpha, r);
	group_mul_base_add_var(g, beta, m, &f->c->setup.bases[BALLOTPROOF_BASE_Y], r);
}

void ballotforge_commit(struct ballotforge *f)
{
	for (size_t i = 0; i < f->c->layout.ciphertexts_len; i++)
		encrypt(f, &f->claim.alpha[i], &f->claim.beta[i], &f->r[i], &f->value[i]);
	pedersen(f, &f->claim.b, &f->blind_b, f->bit);
	pedersen(f, &f->claim.a, &f->blind_a, f->mask);
	pedersen(f, &f->claim.c, &f->blind_c, f->cross);
	pedersen(f, &f->claim.d, &f->blind_d, f->square);
	ballotforge_write(f);
}

void ballotforge_rho(struct ballotforge *f)
{
	ballotforge_write(f);
	ballotmutant_rho(&f->mutant, f->c, &f->claim.rho);
}

void ballotforge_t(struct ballotforge *f)
{
	const struct ballotlayout *l = &f->c->layout;
	const struct group *g = f->c->g;
	struct scalar term;

	group_scalar_zero(g, &f->tau);
	for (size_t i = l->ciphertexts_len; i-- > 0;) {
		for (size_t k = 0; k < l->bits_len; k++) {
			if (l->bits[k].ciphertext != i)
				continue;
			group_scalar_u64(g, &term, l->bits[k].weight);
			group_scalar_mul(g, &term, &term, &f->mask[k]);
			group_scalar_add(g, &f->tau, &f->tau, &term);
		}
		group_scalar_mul(g, &f->tau, &f->tau, &f->claim.rho);
	}
	encrypt(f, &f->claim.t1, &f->claim.t2, &f->s, &f->tau);
}

void ballotforge_x(struct ballotforge *f)
{
	ballotforge_write(f);
	ballotmutant_x(&f->mutant, f->c, &f->claim.x);
}

/* x * a + b */
static void line(const struct ballotforge *f, struct scalar *out, const struct scalar *a,
                 const struct scalar *b)
{
	struct scalar k;

	group_scalar_mul(f->c->g, &k, &f->claim.x, a);
	group_scalar_add(f->c->g, out, &k, b);
}

void ballotforge_set_z(struct ballotforge *f)
{
	const struct group *g = f->c->g;
	struct scalar sum;

	group_scalar_zero(g, &sum);
	for (size_t i = f->c->layout.ciphertexts_len; i-- > 0;) {
		group_scalar_add(g, &sum, &sum, &f->r[i]);
		group_scalar_mul(g, &sum, &sum, &f->claim.rho);
	}
	line(f, &f->claim.z, &sum, &f->s);
}

void ballotforge_respond(struct ballotforge *f)
{
	for (size_t k = 0; k < f->c->layout.bits_len; k++)
		line(f, &f->claim.f[k], &f->bit[k], &f->mask[k]);
	line(f, &f->claim.z_a, &f->blind_b, &f->blind_a);
	line(f, &f->claim.z_c, &f->blind_c, &f->blind_d);
	ballotforge_set_z(f);
	ballotproof_powers(&f->claim);
}

void ballotforge_write(struct ballotforge *f)
{
	const struct ballotproof_claim *c = &f->claim;
	const struct ballotlayout *l = &f->c->layout;
	const struct group *g = f->c->g;
	const struct element *const points[] = { &c->b, &c->a, &c->c, &c->d, &c->t1, &c->t2 };
	const struct scalar *const last[] = { &c->z_a, &c->z_c, &c->z };
	size_t len = group_element_len(g);
	uint8_t *p = f->c->ciphertexts;

	for (size_t i = 0; i < l->ciphertexts_len; i++, p += 2 * len) {
		group_encode(g, p, &c->alpha[i]);
		group_encode(g, p + len, &c->beta[i]);
	}
	p = f->c->proof;
	for (size_t i = 0; i < 6; i++, p += len)
		group_encode(g, p, points[i]);
	for (size_t k = 0; k < l->bits_len; k++, p += group_scalar_len(g))
		group_scalar_encode(g, p, &c->f[k]);
	for (size_t i = 0; i < 3; i++, p += group_scalar_len(g))
		group_scalar_encode(g, p, last[i]);
}

void ballotforge_run(struct ballotforge *f)
{
	ballotforge_products(f);
	ballotforge_commit(f);
	ballotforge_rho(f);
	ballotforge_t(f);
	ballotforge_x(f);
	ballotforge_respond(f);
	ballotforge_write(f);
}

/* --- equations of the claim --------------------------------------------------------------- */

struct residue {
	const struct ballotforge *f;
	struct element sum;
};

static void residue_term(void *to, const struct element *p, const struct scalar *k)
{
	struct residue *s = to;
	struct element e = *p;

	if (k != NULL)
		group_mul_var(s->f->c->g, &e, p, k);
	group_add(s->f->c->g, &s->sum, &s->sum, &e);
}

static void residue_base(void *to, size_t index, const struct scalar *k)
{
	const struct residue *s = to;

	residue_term(to, &s->f->c->setup.bases[index], k);
}

/* What is missing for the equation to hold. */
static void residue_of(const struct ballotforge *f, struct element *out,
                       enum ballotproof_equation which)
{
	struct residue s = { .f = f };
	const struct ballotproof_sink sink = { residue_term, residue_base, &s };

	group_identity(f->c->g, &s.sum);
	ballotproof_equation(&f->claim, which, &sink);
	*out = s.sum;
}

void ballotforge_solve(struct ballotforge *f, enum ballotproof_equation which,
                       struct element *point, const struct scalar *k)
{
	const struct group *g = f->c->g;
	struct element missing;
	struct scalar inverse;

	residue_of(f, &missing, which);
	group_scalar_inv(g, &inverse, k);
	group_mul_var(g, &missing, &missing, &inverse);
	group_sub(g, point, point, &missing);
}

bool ballotforge_holds(const struct ballotforge *f, unsigned int n)
{
	struct element e;

	if (n == 1)
		return ballotproof_sums_hold(&f->claim);
	residue_of(f, &e, (enum ballotproof_equation)n);
	return group_is_identity(f->c->g, &e);
}
