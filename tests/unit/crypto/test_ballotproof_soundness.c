/*
 * test_ballotproof_soundness.c: why a proof convinces and why it tells nothing more.  The extractor
 * gets bits, numbers and randomness from a prover who answers several challenges; the simulator
 * makes transcripts without any of them; a known relation between the bases breaks everything;
 * and in the tiny group the accepted answers are counted.
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/ballotforge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { BITS_MAX = 32, NUMBERS_MAX = 8 };

typedef struct ballotlayout_rule rule;

static const struct ballotmutant REAL;
static const rule RULES[] = { { 0, 2, 1, 1, 1, true }, { 1, 2, 5, 1, 7, false } };
static const uint64_t VALUES[] = { 0, 0, 1, 5, 2 };

/* --- zero knowledge ----------------------------------------------------------------------- */

static void assert_all_hold(const struct ballotforge *f, bool want)
{
	for (unsigned int n = 1; n <= 5; n++)
		assert_int_equal(ballotforge_holds(f, n), want);
}

/* f at random, but for one of each constraint, so that (1) holds. */
static void simulate_bits(struct ballotforge *f)
{
	const struct ballotlayout *l = &f->c->layout;
	const struct group *g = f->c->g;

	for (size_t k = 0; k < l->bits_len; k++)
		rng_scalar(g, &f->claim.f[k]);
	for (size_t i = 0; i < l->constraints_len; i++) {
		const struct ballotlayout_constraint *con = &l->constraints[i];
		struct scalar sum, u;

		group_scalar_u64(g, &sum, con->sum);
		group_scalar_mul(g, &sum, &sum, &f->claim.x);
		for (size_t k = con->first_bit; k < (size_t)con->first_bit + con->bits; k++) {
			if (k == con->solve)
				continue;
			group_scalar_u64(g, &u, l->bits[k].factor);
			group_scalar_mul(g, &u, &u, &f->claim.f[k]);
			group_scalar_sub(g, &sum, &sum, &u);
		}
		f->claim.f[con->solve] = sum;
	}
}

static void random_point(const struct group *g, struct element *out)
{
	struct scalar k;

	rng_scalar(g, &k);
	group_mul_base(g, out, &k);
}

/*
 * Without any opening, and for ciphertexts of nonsense: responses first, then the points that make
 * the equations true.  Only x is programmed; rho is the real hash of the real bytes.
 */
static void the_simulator_is_accepted_when_x_is_programmed(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), RULES, COUNT(RULES));
	struct ballotforge *f = ballotforge_new(c, &REAL);
	struct scalar one;

	(void)state;
	group_scalar_u64(c->g, &one, 1);
	for (size_t i = 0; i < c->layout.ciphertexts_len; i++) {
		random_point(c->g, &f->claim.alpha[i]);
		random_point(c->g, &f->claim.beta[i]);
	}
	rng_scalar(c->g, &f->claim.x);
	simulate_bits(f);
	rng_scalar(c->g, &f->claim.z_a);
	rng_scalar(c->g, &f->claim.z_c);
	rng_scalar(c->g, &f->claim.z);
	random_point(c->g, &f->claim.b);
	random_point(c->g, &f->claim.c);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_B, &f->claim.a, &one);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_C, &f->claim.d, &one);
	ballotforge_rho(f);
	ballotproof_powers(&f->claim);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_ALPHA, &f->claim.t1, &one);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_BETA, &f->claim.t2, &one);
	ballotforge_write(f);
	assert_all_hold(f, true);
	/* Against the hash it is worth nothing. */
	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	assert_int_equal(ballotcase_verify_batch(c), ST_PROOF);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- knowledge ---------------------------------------------------------------------------- */

/* What an extractor sees of one answer. */
struct answer {
	struct scalar x;
	struct scalar f[BITS_MAX];
	struct scalar z_a;
	struct scalar z_c;
	struct scalar z;
};

/* Rewind the prover of f to after T, and ask again. */
static void ask(struct ballotforge *f, struct answer *out)
{
	rng_scalar(f->c->g, &f->claim.x);
	ballotforge_respond(f);
	assert_all_hold(f, true);
	out->x = f->claim.x;
	for (size_t k = 0; k < f->c->layout.bits_len; k++)
		out->f[k] = f->claim.f[k];
	out->z_a = f->claim.z_a;
	out->z_c = f->claim.z_c;
	out->z = f->claim.z;
}

/* (a - b) / (x of p - x of q), and then a - x * that */
static void slope(const struct group *g, struct scalar *out, struct scalar *rest,
                  const struct answer *p, const struct answer *q, const struct scalar *a,
                  const struct scalar *b)
{
	struct scalar k;

	group_scalar_sub(g, &k, &p->x, &q->x);
	group_scalar_inv(g, &k, &k);
	group_scalar_sub(g, out, a, b);
	group_scalar_mul(g, out, out, &k);
	group_scalar_mul(g, &k, out, &p->x);
	group_scalar_sub(g, rest, a, &k);
}

/* f (x - f) */
static void product(const struct group *g, struct scalar *out, const struct answer *p, size_t k)
{
	group_scalar_sub(g, out, &p->x, &p->f[k]);
	group_scalar_mul(g, out, out, &p->f[k]);
}

static bool is_commitment(const struct ballotforge *f, const struct element *commitment,
                          const struct scalar *blind, const struct scalar *each)
{
	const struct element *bases = f->c->setup.bases;
	const struct group *g = f->c->g;
	struct element sum, e;

	group_mul_var(g, &e, &bases[BALLOTPROOF_BASE_H], blind);
	group_msm_var(g, &sum, each, &bases[BALLOTPROOF_BASE_G1], f->c->layout.bits_len, NULL, 0);
	group_add(g, &sum, &sum, &e);
	return group_is_equal(g, &sum, commitment);
}

/* Two answers open B, A, C and D; a third shows that the bits are bits. */
static void three_answers_open_the_bits(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), RULES, COUNT(RULES));
	struct ballotforge *f = ballotforge_new(c, &REAL);
	struct scalar b[BITS_MAX], a[BITS_MAX], cross[BITS_MAX], square[BITS_MAX];
	struct scalar blind, mask, p, q, one;
	static struct answer answers[3];

	(void)state;
	assert_true(c->layout.bits_len <= BITS_MAX);
	ballotforge_honest(f, VALUES);
	ballotforge_run(f);
	for (size_t i = 0; i < 3; i++)
		ask(f, &answers[i]);
	group_scalar_u64(c->g, &one, 1);
	for (size_t k = 0; k < c->layout.bits_len; k++) {
		slope(c->g, &b[k], &a[k], &answers[0], &answers[1], &answers[0].f[k],
		      &answers[1].f[k]);
		assert_true(group_scalar_is_zero(c->g, &b[k]) ||
		            group_scalar_is_equal(c->g, &b[k], &one));
		assert_true(group_scalar_is_equal(c->g, &b[k], &f->bit[k]));
		product(c->g, &p, &answers[0], k);
		product(c->g, &q, &answers[1], k);
		slope(c->g, &cross[k], &square[k], &answers[0], &answers[1], &p, &q);
		product(c->g, &p, &answers[2], k);   /* = x c + d at the third x too */
		group_scalar_mul(c->g, &q, &answers[2].x, &cross[k]);
		group_scalar_add(c->g, &q, &q, &square[k]);
		assert_true(group_scalar_is_equal(c->g, &p, &q));
	}
	slope(c->g, &blind, &mask, &answers[0], &answers[1], &answers[0].z_a, &answers[1].z_a);
	assert_true(is_commitment(f, &f->claim.b, &blind, b));
	assert_true(is_commitment(f, &f->claim.a, &mask, a));
	slope(c->g, &blind, &mask, &answers[0], &answers[1], &answers[0].z_c, &answers[1].z_c);
	assert_true(is_commitment(f, &f->claim.c, &blind, cross));
	assert_true(is_commitment(f, &f->claim.d, &mask, square));
	ballotforge_free(f);
	ballotcase_free(c);
}

/* Two challenges a cheat can prepare for, choosing C and D to fit both; a third is one too many. */
static void two_answers_do_not_show_that_bits_are_bits(void **state)
{
	const rule r = { 0, 2, 1, 1, 1, false };
	struct ballotcase *c = ballotcase_new(group_ristretto255(), &r, 1);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	static struct answer want[3];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct scalar p[2];

		ballotforge_scalar(c->g, &f->bit[k], k == 0 ? 2 : -1);
		f->value[k] = f->bit[k];
		for (size_t i = 0; i < 3; i++) {
			if (k == 0)
				rng_scalar(c->g, &want[i].x);
			group_scalar_mul(c->g, &want[i].f[k], &want[i].x, &f->bit[k]);
			group_scalar_add(c->g, &want[i].f[k], &want[i].f[k], &f->mask[k]);
		}
		product(c->g, &p[0], &want[0], k);
		product(c->g, &p[1], &want[1], k);
		slope(c->g, &f->cross[k], &f->square[k], &want[0], &want[1], &p[0], &p[1]);
	}
	ballotforge_commit(f);
	ballotforge_rho(f);
	ballotforge_t(f);
	for (size_t i = 0; i < 3; i++) {
		f->claim.x = want[i].x;
		ballotforge_respond(f);
		for (unsigned int n = 1; n <= 5; n++)
			assert_int_equal(ballotforge_holds(f, n), n != 3 || i < 2);
	}
	ballotforge_free(f);
	ballotcase_free(c);
}

/* sum over i of rho^i * sum over k of w_ik f_k */
static void weighed(const struct ballotforge *f, struct scalar *out)
{
	const struct ballotlayout *l = &f->c->layout;
	const struct group *g = f->c->g;
	struct scalar power = f->claim.rho;
	struct scalar term;

	group_scalar_zero(g, out);
	for (size_t i = 0; i < l->ciphertexts_len; i++) {
		for (size_t k = 0; k < l->bits_len; k++) {
			if (l->bits[k].ciphertext != i)
				continue;
			group_scalar_u64(g, &term, l->bits[k].weight);
			group_scalar_mul(g, &term, &term, &f->claim.f[k]);
			group_scalar_mul(g, &term, &term, &power);
			group_scalar_add(g, out, out, &term);
		}
		group_scalar_mul(g, &power, &power, &f->claim.rho);
	}
}

/* Gauss: rows of len + 2 scalars, the last two are right-hand sides and end as solutions. */
static void solve(const struct group *g, struct scalar m[][NUMBERS_MAX + 2], size_t len)
{
	struct scalar k, term;

	for (size_t p = 0; p < len; p++) {
		assert_false(group_scalar_is_zero(g, &m[p][p]));
		group_scalar_inv(g, &k, &m[p][p]);
		for (size_t j = 0; j < len + 2; j++)
			group_scalar_mul(g, &m[p][j], &m[p][j], &k);
		for (size_t i = 0; i < len; i++) {
			if (i == p)
				continue;
			k = m[i][p];
			for (size_t j = 0; j < len + 2; j++) {
				group_scalar_mul(g, &term, &k, &m[p][j]);
				group_scalar_sub(g, &m[i][j], &m[i][j], &term);
			}
		}
	}
}

/* One row: the powers of a fresh rho, and what two answers say of sum rho^i r_i and rho^i m_i. */
static void fill_row(struct ballotforge *f, struct scalar *row)
{
	size_t len = f->c->layout.ciphertexts_len;
	static struct answer p, q;
	struct scalar v, w, rest;

	rng_scalar(f->c->g, &f->claim.rho);
	ballotforge_t(f);
	ask(f, &p);
	weighed(f, &v);
	ask(f, &q);
	weighed(f, &w);
	row[0] = f->claim.rho;
	for (size_t i = 1; i < len; i++)
		group_scalar_mul(f->c->g, &row[i], &row[i - 1], &f->claim.rho);
	slope(f->c->g, &row[len], &rest, &p, &q, &p.z, &q.z);
	slope(f->c->g, &row[len + 1], &rest, &p, &q, &v, &w);
}

/* M distinct rho, two x for each: every r_i and m_i, which make the same ciphertexts again. */
static void distinct_rho_open_every_ciphertext(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), RULES, COUNT(RULES));
	struct ballotforge *f = ballotforge_new(c, &REAL);
	static struct scalar rows[NUMBERS_MAX][NUMBERS_MAX + 2];
	size_t len = c->layout.ciphertexts_len;

	(void)state;
	assert_int_equal(len, COUNT(VALUES));
	ballotforge_honest(f, VALUES);
	ballotforge_products(f);
	ballotforge_commit(f);   /* the ciphertexts precede rho */
	for (size_t i = 0; i < len; i++)
		fill_row(f, rows[i]);
	solve(c->g, rows, len);
	for (size_t i = 0; i < len; i++) {
		const struct scalar *r = &rows[i][len];
		const struct scalar *m = &rows[i][len + 1];
		struct element e;
		struct scalar want;

		group_scalar_u64(c->g, &want, VALUES[i]);
		assert_true(group_scalar_is_equal(c->g, m, &want));
		group_mul_base(c->g, &e, r);
		assert_true(group_is_equal(c->g, &e, &f->claim.alpha[i]));
		group_mul_base_add_var(c->g, &e, m, &c->bases[BALLOTPROOF_BASE_Y], r);
		assert_true(group_is_equal(c->g, &e, &f->claim.beta[i]));
	}
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- the bases ---------------------------------------------------------------------------- */

/*
 * Whoever knows the logarithms of the G_k to the base h can answer for any bits: what (3) lacks,
 * x^2 b (1 - b) for each, goes into z_C.  So the bases are derived, and every verifier derives
 * them.
 */
static void a_known_relation_between_the_bases_forges(void **state)
{
	const rule r = { 0, 2, 1, 1, 1, false };
	struct ballotcase *c = ballotcase_new(group_ristretto255(), &r, 1);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	struct element derived[2];
	struct scalar log[2], k;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		derived[i] = c->bases[BALLOTPROOF_BASE_G1 + i];
		rng_scalar(c->g, &log[i]);
		group_mul(c->g, &c->bases[BALLOTPROOF_BASE_G1 + i], &c->bases[BALLOTPROOF_BASE_H],
		          &log[i]);
		ballotforge_scalar(c->g, &f->bit[i], i == 0 ? 2 : -1);
		f->value[i] = f->bit[i];
	}
	ballotforge_run(f);
	assert_false(ballotforge_holds(f, 3));
	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	for (size_t i = 0; i < 2; i++) {
		group_scalar_mul(c->g, &k, &f->bit[i], &f->bit[i]);
		group_scalar_sub(c->g, &k, &f->bit[i], &k);
		group_scalar_mul(c->g, &k, &k, &f->claim.x);
		group_scalar_mul(c->g, &k, &k, &f->claim.x);
		group_scalar_mul(c->g, &k, &k, &log[i]);
		group_scalar_sub(c->g, &f->claim.z_c, &f->claim.z_c, &k);
	}
	ballotforge_write(f);
	assert_int_equal(ballotcase_verify(c), ST_OK);   /* two votes and minus one */
	assert_int_equal(ballotcase_verify_batch(c), ST_OK);
	for (size_t i = 0; i < 2; i++)
		c->bases[BALLOTPROOF_BASE_G1 + i] = derived[i];
	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- the accepted answers, counted -------------------------------------------------------- */

enum { Q = 11 };   /* order of the tiny group */

static unsigned int number(const struct group *g, const struct scalar *k)
{
	for (unsigned int v = 0; v < Q; v++) {
		struct scalar s;

		group_scalar_u64(g, &s, v);
		if (group_scalar_is_equal(g, &s, k))
			return v;
	}
	return Q;
}

static unsigned int logarithm(const struct group *g, const struct element *e)
{
	for (unsigned int v = 0; v < Q; v++) {
		struct scalar s;
		struct element p;

		group_scalar_u64(g, &s, v);
		group_mul_base(g, &p, &s);
		if (group_is_equal(g, &p, e))
			return v;
	}
	return Q;
}

/* The logarithms of a claim over the tiny group, one bit, one number, no constraint. */
struct logs {
	unsigned int y, h, g1, alpha, beta, b, a, c, d, t1, t2, rho, x;
};

static bool is_accepted(const struct logs *l, unsigned int f, unsigned int z_a, unsigned int z_c,
                        unsigned int z)
{
	unsigned int product = f * (l->x + Q - f);

	return (l->x * l->b + l->a) % Q == (z_a * l->h + f * l->g1) % Q &&
	       (l->x * l->c + l->d) % Q == (z_c * l->h + product * l->g1) % Q &&
	       (l->x * l->rho * l->alpha + l->t1) % Q == z &&
	       (l->x * l->rho * l->beta + l->t2) % Q == (z * l->y + l->rho * f) % Q;
}

static void take_logs(const struct ballotforge *f, struct logs *l)
{
	const struct ballotproof_claim *c = &f->claim;
	const struct group *g = f->c->g;

	*l = (struct logs){
		.y = logarithm(g, &f->c->bases[BALLOTPROOF_BASE_Y]),
		.h = logarithm(g, &f->c->bases[BALLOTPROOF_BASE_H]),
		.g1 = logarithm(g, &f->c->bases[BALLOTPROOF_BASE_G1]),
		.alpha = logarithm(g, &c->alpha[0]),
		.beta = logarithm(g, &c->beta[0]),
		.b = logarithm(g, &c->b),
		.a = logarithm(g, &c->a),
		.c = logarithm(g, &c->c),
		.d = logarithm(g, &c->d),
		.t1 = logarithm(g, &c->t1),
		.t2 = logarithm(g, &c->t2),
		.rho = number(g, &c->rho),
		.x = number(g, &c->x),
	};
}

/* Points at random, whose challenges are not 0. */
static void random_statement(struct ballotforge *f)
{
	struct ballotproof_claim *c = &f->claim;
	struct element *const points[] = { &c->alpha[0], &c->beta[0], &c->b,  &c->a,
		                           &c->c,        &c->d,       &c->t1, &c->t2 };

	do {
		rng_bytes(f->c->ctx, sizeof(f->c->ctx));
		for (size_t i = 0; i < COUNT(points); i++)
			random_point(f->c->g, points[i]);
		ballotforge_rho(f);
		ballotforge_x(f);
	} while (group_scalar_is_zero(f->c->g, &c->rho) ||
	         group_scalar_is_zero(f->c->g, &c->x));
}

/* All 11^4 answers to one statement; how many were accepted. */
static size_t count_answers(struct ballotforge *f)
{
	const size_t points = 6 * group_element_len(f->c->g);
	const size_t len = group_scalar_len(f->c->g);
	size_t accepted = 0;
	struct logs logs;

	take_logs(f, &logs);
	for (unsigned int i = 0; i < Q * Q * Q * Q; i++) {
		const unsigned int answer[4] = { i % Q, i / Q % Q, i / Q / Q % Q, i / Q / Q / Q };
		enum status want = is_accepted(&logs, answer[0], answer[1], answer[2], answer[3])
		                   ? ST_OK : ST_PROOF;

		for (size_t k = 0; k < 4; k++) {
			struct scalar s;

			group_scalar_u64(f->c->g, &s, answer[k]);
			group_scalar_encode(f->c->g, f->c->proof + points + k * len, &s);
		}
		assert_int_equal(ballotcase_verify(f->c), want);
		accepted += want == ST_OK ? 1 : 0;
	}
	return accepted;
}

static void exactly_the_answers_that_the_equations_allow_are_accepted(void **state)
{
	const rule r = { 0, 1, 1, 0, 1, false };
	struct ballotcase *c = ballotcase_new(group_tiny(), &r, 1);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	size_t accepted = 0;

	(void)state;
	assert_int_equal(c->layout.bits_len, 1);
	assert_int_equal(c->layout.constraints_len, 0);
	for (size_t i = 0; i < 3; i++) {
		random_statement(f);
		accepted += count_answers(f);
	}
	print_message("%zu of %d answers accepted\n", accepted, 3 * Q * Q * Q * Q);
	assert_true(accepted > 0);
	ballotforge_free(f);
	ballotcase_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_simulator_is_accepted_when_x_is_programmed),
		cmocka_unit_test(three_answers_open_the_bits),
		cmocka_unit_test(two_answers_do_not_show_that_bits_are_bits),
		cmocka_unit_test(distinct_rho_open_every_ciphertext),
		cmocka_unit_test(a_known_relation_between_the_bases_forges),
		cmocka_unit_test(exactly_the_answers_that_the_equations_allow_are_accepted),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
