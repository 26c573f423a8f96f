/*
 * test_ballotproof_mutants.c: nothing in the proof is idle.  For each of the five checks, and for
 * each input of a hash, a forger who knows that a verifier leaves it out gets a false ballot past
 * that verifier; the real one refuses it.  (M alone has no forger: without it the number of points
 * in t_1 still tells M.)
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/ballotforge.h"
#include "tests/unit/lib/lattice.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

typedef struct ballotlayout_rule rule;

static const rule CHOOSE_1_OF_2[] = { { 0, 2, 1, 1, 1, false } };

static struct ballotcase *new_case(const rule *rules, size_t rules_len)
{
	return ballotcase_new(group_ristretto255(), rules, rules_len);
}

/* The mutant is fooled; the real verifier is not, alone or in a batch. */
static void assert_fools_only(const struct ballotmutant *m, struct ballotcase *c)
{
	assert_int_equal(ballotmutant_verify(m, c), ST_OK);
	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	assert_int_equal(ballotcase_verify_batch(c), ST_PROOF);
}

/* Does ciphertext i decrypt to a number that its digits allow? */
static bool is_legal_number(const struct ballotcase *c, size_t i)
{
	struct element alpha, beta, m, one;

	assert_int_equal(group_decode_var(c->g, &alpha, c->ciphertexts + 64 * i), ST_OK);
	assert_int_equal(group_decode_var(c->g, &beta, c->ciphertexts + 64 * i + 32), ST_OK);
	group_mul(c->g, &alpha, &alpha, &c->key);
	group_sub(c->g, &beta, &beta, &alpha);
	group_identity(c->g, &m);
	group_generator(c->g, &one);
	for (uint32_t v = 0; v <= 100; v++) {
		if (group_is_equal(c->g, &beta, &m))
			return v <= c->layout.groups[0].rule.each_max;
		group_add(c->g, &m, &m, &one);
	}
	return false;
}

/* --- the mutants themselves --------------------------------------------------------------- */

static void a_mutant_that_leaves_out_nothing_is_the_real_verifier(void **state)
{
	static const struct ballotmutant nothing;
	static const uint64_t values[] = { 0, 1 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct prng r;

	(void)state;
	prng_seed(&r, __func__);
	for (size_t i = 0; i < 60; i++) {
		uint8_t *byte;

		assert_int_equal(ballotcase_prove(c, values), ST_OK);
		assert_int_equal(ballotmutant_verify(&nothing, c), ST_OK);
		byte = i % 2 == 0 ? &c->proof[prng_below(&r, c->bytes.proof_len)]
		                  : &c->ciphertexts[prng_below(&r, c->bytes.ciphertexts_len)];
		*byte ^= (uint8_t)(1u << prng_below(&r, 8));
		assert_int_equal(ballotmutant_verify(&nothing, c), ballotcase_verify(c));
		c->ctx[i] ^= 1;
	}
	ballotcase_free(c);
}

static void the_mutants_hash_as_the_real_verifier_does(void **state)
{
	static const struct ballotmutant nothing;
	static const uint64_t values[] = { 0, 1 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotproof_claim claim;
	struct scalar rho, x;

	(void)state;
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	assert_int_equal(ballotproof_decode(&claim, &c->setup, &c->work, &c->bytes), ST_OK);
	assert_int_equal(ballotproof_challenges(&claim, c->ctx, &c->bytes), ST_OK);
	ballotmutant_rho(&nothing, c, &rho);
	ballotmutant_x(&nothing, c, &x);
	assert_true(group_scalar_is_equal(c->g, &rho, &claim.rho));
	assert_true(group_scalar_is_equal(c->g, &x, &claim.x));
	ballotcase_free(c);
}

/* --- a check left out --------------------------------------------------------------------- */

/* Bits and values of a forger for choose 1 of 2, then all phases. */
static void run_1_of_2(struct ballotforge *f, const int64_t bits[2], const int64_t values[2])
{
	ballotforge_init(f);
	for (size_t i = 0; i < 2; i++) {
		ballotforge_scalar(f->c->g, &f->bit[i], bits[i]);
		ballotforge_scalar(f->c->g, &f->value[i], values[i]);
	}
	ballotforge_run(f);
}

static void without_1_two_votes_pass(void **state)
{
	const struct ballotmutant m = { .no_check = 1u << 1 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	run_1_of_2(f, (int64_t[]){ 1, 1 }, (int64_t[]){ 1, 1 });
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

static void without_3_a_negative_vote_passes(void **state)
{
	const struct ballotmutant m = { .no_check = 1u << 3 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	run_1_of_2(f, (int64_t[]){ 2, -1 }, (int64_t[]){ 2, -1 });
	assert_false(is_legal_number(c, 0));
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

static void without_5_any_number_passes(void **state)
{
	const struct ballotmutant m = { .no_check = 1u << 5 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	run_1_of_2(f, (int64_t[]){ 1, 0 }, (int64_t[]){ 1000, -1000 });
	assert_false(is_legal_number(c, 0));
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* alpha_1 is not what beta_1 was made with: the sum of all ballots cannot be decrypted. */
static void spoil_alpha(struct ballotforge *f)
{
	struct element g;

	ballotforge_honest(f, (uint64_t[]){ 1, 0 });
	ballotforge_products(f);
	ballotforge_commit(f);
	group_generator(f->c->g, &g);
	group_add(f->c->g, &f->claim.alpha[0], &f->claim.alpha[0], &g);
	ballotforge_rho(f);
	ballotforge_t(f);
	ballotforge_x(f);
	ballotforge_respond(f);
	ballotforge_write(f);
	assert_false(is_legal_number(f->c, 0));
}

static void without_4_a_ballot_that_no_key_opens_passes(void **state)
{
	const struct ballotmutant m = { .no_check = 1u << 4 };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	spoil_alpha(f);
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/*
 * Without (2) nothing forces f_k = x b_k + a_k with the same b_k for every x: (3) leaves two roots,
 * a_k and x - a_k, and the forger picks one for each bit after he knows x.  All bits of one number
 * get the same mask a_i.  Then (5) asks only for whole numbers V_i within the digits with
 *
 *     sum over i of rho^i ((x - 2 a_i) V_i + K a_i) = x sum over i of rho^i m_i + tau,
 *
 * for m_i as he likes: one linear equation modulo q in 12 unknowns of 30 bits, which lattice
 * reduction solves at once.
 */
enum { NUMBERS = 12, NUMBER_BITS = 30, NUMBER_MAX = (1 << NUMBER_BITS) - 1 };

static struct ballotcase *new_number_case(void)
{
	rule rules[NUMBERS];

	for (uint32_t i = 0; i < NUMBERS; i++)
		rules[i] = (rule){ i, 1, NUMBER_MAX, 0, NUMBER_MAX, false };
	return new_case(rules, NUMBERS);
}

/* (x - 2 a_i) rho^i and, taken from target, rho^i (K a_i - x m_i) */
static void equation_of_roots(const struct ballotforge *f, struct scalar *t,
                              struct scalar *target)
{
	const struct group *g = f->c->g;
	struct scalar rho = f->claim.rho;
	struct scalar all, k, xm;

	group_scalar_u64(g, &all, NUMBER_MAX);
	*target = f->tau;
	for (size_t i = 0; i < NUMBERS; i++) {
		const struct scalar *a = &f->mask[i * NUMBER_BITS];

		group_scalar_sub(g, &t[i], &f->claim.x, a);
		group_scalar_sub(g, &t[i], &t[i], a);
		group_scalar_mul(g, &t[i], &t[i], &rho);
		group_scalar_mul(g, &k, &all, a);
		group_scalar_mul(g, &xm, &f->claim.x, &f->value[i]);
		group_scalar_sub(g, &k, &k, &xm);
		group_scalar_mul(g, &k, &k, &rho);
		group_scalar_sub(g, target, target, &k);
		group_scalar_mul(g, &rho, &rho, &f->claim.rho);
	}
}

/* Encrypts -1, 2^40, 0, ... and answers by roots; B and A are anything. */
static void run_roots(struct ballotforge *f)
{
	const struct group *g = f->c->g;
	struct scalar t[NUMBERS], target;
	uint64_t v[NUMBERS];

	ballotforge_scalar(g, &f->value[0], -1);
	ballotforge_scalar(g, &f->value[1], (int64_t)1 << 40);
	for (size_t k = 0; k < NUMBERS * NUMBER_BITS; k++)
		f->mask[k] = f->mask[k - k % NUMBER_BITS];
	ballotforge_products(f);   /* of bits 0: C to a_k, D to -a_k^2 */
	ballotforge_commit(f);
	ballotforge_rho(f);
	ballotforge_t(f);          /* any tau would do */
	ballotforge_x(f);
	ballotforge_respond(f);
	equation_of_roots(f, t, &target);
	assert_true(lattice_solve(v, t, &target, NUMBERS, NUMBER_BITS));
	for (size_t k = 0; k < NUMBERS * NUMBER_BITS; k++) {
		f->claim.f[k] = f->mask[k];
		if (v[k / NUMBER_BITS] >> k % NUMBER_BITS & 1)
			group_scalar_sub(g, &f->claim.f[k], &f->claim.x, &f->mask[k]);
	}
	ballotforge_write(f);
	assert_false(is_legal_number(f->c, 0));
}

static void without_2_any_number_passes(void **state)
{
	const struct ballotmutant m = { .no_check = 1u << 2 };
	struct ballotcase *c = new_number_case();
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	run_roots(f);
	for (unsigned int n = 1; n <= 5; n++)
		assert_int_equal(ballotforge_holds(f, n), n != 2);
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- an input left out of t_1 ------------------------------------------------------------- */

/* B, or A, that nobody hashed can be chosen last: the same as no (2). */
static void without_b_or_a_in_the_hash_any_number_passes(void **state)
{
	(void)state;
	for (size_t which = 0; which < 2; which++) {
		struct ballotcase *c = new_number_case();
		struct ballotmutant m = { .no_point =
			                          ballotmutant_commitment(&c->layout, which) };
		struct ballotforge *f = ballotforge_new(c, &m);
		struct scalar one;

		run_roots(f);
		group_scalar_u64(c->g, &one, 1);
		if (which == 0)
			ballotforge_solve(f, BALLOTPROOF_EQUATION_B, &f->claim.b, &f->claim.x);
		else
			ballotforge_solve(f, BALLOTPROOF_EQUATION_B, &f->claim.a, &one);
		ballotforge_write(f);
		assert_fools_only(&m, c);
		ballotforge_free(f);
		ballotcase_free(c);
	}
}

/* C, or D, chosen last: the same as no (3). */
static void without_c_or_d_in_the_hash_a_negative_vote_passes(void **state)
{
	(void)state;
	for (size_t which = 0; which < 2; which++) {
		struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
		struct ballotmutant m = { .no_point =
			                          ballotmutant_commitment(&c->layout, 2 + which) };
		struct ballotforge *f = ballotforge_new(c, &m);
		struct scalar one;

		run_1_of_2(f, (int64_t[]){ 2, -1 }, (int64_t[]){ 2, -1 });
		group_scalar_u64(c->g, &one, 1);
		if (which == 0)
			ballotforge_solve(f, BALLOTPROOF_EQUATION_C, &f->claim.c, &f->claim.x);
		else
			ballotforge_solve(f, BALLOTPROOF_EQUATION_C, &f->claim.d, &one);
		ballotforge_write(f);
		assert_fools_only(&m, c);
		ballotforge_free(f);
		ballotcase_free(c);
	}
}

/* One alpha that is not hashed, wherever it stands. */
static void without_an_alpha_in_the_hash_garbage_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
		struct ballotmutant m = { .no_point = ballotmutant_alpha(i) };
		struct ballotforge *f = ballotforge_new(c, &m);
		struct element g;

		ballotforge_honest(f, (uint64_t[]){ 1, 0 });
		ballotforge_products(f);
		ballotforge_commit(f);
		ballotforge_rho(f);
		ballotforge_t(f);
		group_generator(c->g, &g);
		group_add(c->g, &f->claim.t1, &f->claim.t1, &g);   /* so (4) is false ... */
		ballotforge_x(f);
		ballotforge_respond(f);
		assert_false(ballotforge_holds(f, 4));
		ballotforge_solve(f, BALLOTPROOF_EQUATION_ALPHA, &f->claim.alpha[i],
		                  &f->claim.power[i]);
		ballotforge_write(f);
		assert_false(is_legal_number(c, i));
		assert_fools_only(&m, c);
		ballotforge_free(f);
		ballotcase_free(c);
	}
}

static void without_a_beta_in_the_hash_garbage_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
		struct ballotmutant m = { .no_point = ballotmutant_beta(i) };
		struct ballotforge *f = ballotforge_new(c, &m);
		struct element g;

		ballotforge_honest(f, (uint64_t[]){ 1, 0 });
		ballotforge_products(f);
		ballotforge_commit(f);
		ballotforge_rho(f);
		ballotforge_t(f);
		group_generator(c->g, &g);
		group_add(c->g, &f->claim.t2, &f->claim.t2, &g);
		ballotforge_x(f);
		ballotforge_respond(f);
		assert_false(ballotforge_holds(f, 5));
		ballotforge_solve(f, BALLOTPROOF_EQUATION_BETA, &f->claim.beta[i],
		                  &f->claim.power[i]);
		ballotforge_write(f);
		assert_false(is_legal_number(c, i));
		assert_fools_only(&m, c);
		ballotforge_free(f);
		ballotcase_free(c);
	}
}

/* --- an input left out of rho or x -------------------------------------------------------- */

static void without_t_1_in_the_hash_garbage_passes(void **state)
{
	const struct ballotmutant m = { .no_t1 = true };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);
	struct scalar one;

	(void)state;
	spoil_alpha(f);
	group_scalar_u64(c->g, &one, 1);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_ALPHA, &f->claim.t1, &one);
	ballotforge_write(f);
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

static void without_t_2_in_the_hash_any_number_passes(void **state)
{
	const struct ballotmutant m = { .no_t2 = true };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);
	struct scalar one;

	(void)state;
	run_1_of_2(f, (int64_t[]){ 1, 0 }, (int64_t[]){ 1000, -1000 });
	group_scalar_u64(c->g, &one, 1);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_BETA, &f->claim.t2, &one);
	ballotforge_write(f);
	assert_false(is_legal_number(c, 0));
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* When rho is known beforehand, two false numbers can balance in the one equation (5). */
static void without_the_statement_in_rho_two_lies_balance(void **state)
{
	const struct ballotmutant m = { .no_digest_in_rho = true };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);
	struct scalar k;

	(void)state;
	ballotforge_honest(f, (uint64_t[]){ 1, 0 });
	ballotforge_rho(f);
	ballotforge_scalar(c->g, &k, 1000);   /* rho (m_1 - 1) + rho^2 m_2 = 0 */
	group_scalar_add(c->g, &f->value[0], &f->value[0], &k);
	group_scalar_neg(c->g, &k, &k);
	group_scalar_inv(c->g, &f->value[1], &f->claim.rho);
	group_scalar_mul(c->g, &f->value[1], &f->value[1], &k);
	ballotforge_run(f);
	assert_false(is_legal_number(c, 0));
	assert_false(is_legal_number(c, 1));
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* When x depends on T alone, it is known before C is: masks 0, and C fits whatever the bits are. */
static void without_the_statement_in_x_a_negative_vote_passes(void **state)
{
	const struct ballotmutant m = { .no_digest_in_x = true };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		group_scalar_zero(c->g, &f->mask[i]);
		ballotforge_scalar(c->g, &f->bit[i], i == 0 ? 2 : -1);
		f->value[i] = f->bit[i];
	}
	ballotforge_t(f);      /* tau = 0 whatever rho is */
	ballotforge_x(f);
	ballotforge_products(f);
	ballotforge_commit(f);
	ballotforge_respond(f);
	ballotforge_solve(f, BALLOTPROOF_EQUATION_C, &f->claim.c, &f->claim.x);
	ballotforge_rho(f);    /* after C, which it binds */
	ballotforge_set_z(f);
	ballotforge_write(f);
	assert_false(is_legal_number(c, 0));
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- an input left out of the context, or the context ------------------------------------- */

static void without_the_context_a_ballot_can_be_replayed(void **state)
{
	const struct ballotmutant m = { .no_ctx = true };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &m);

	(void)state;
	ballotforge_honest(f, (uint64_t[]){ 1, 0 });
	ballotforge_run(f);
	c->ctx[0] ^= 1;   /* another voter, another election */
	assert_fools_only(&m, c);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* A proof for one number of one bit, read as one for a number of two bits of which one is 0. */
static void without_n_a_ballot_fits_another_layout(void **state)
{
	static const rule small = { 0, 1, 1, 0, 1, false };
	static const rule large = { 0, 1, 2, 0, 2, false };
	const struct ballotmutant m = { .no_n = true };
	struct ballotcase *from = new_case(&small, 1);
	struct ballotcase *to = new_case(&large, 1);
	struct ballotforge *f;
	size_t before = (6 + 1) * 32;   /* points and f_1 */

	(void)state;
	from->bases[BALLOTPROOF_BASE_Y] = to->bases[BALLOTPROOF_BASE_Y];
	memcpy(from->ctx, to->ctx, sizeof(to->ctx));   /* a context that names no layout */
	f = ballotforge_new(from, &m);
	ballotforge_honest(f, (uint64_t[]){ 1 });
	ballotforge_run(f);
	memcpy(to->ciphertexts, from->ciphertexts, from->bytes.ciphertexts_len);
	memcpy(to->proof, from->proof, before);
	memset(to->proof + before, 0, 32);             /* f_2 */
	memcpy(to->proof + before + 32, from->proof + before, 3 * 32);
	assert_fools_only(&m, to);
	ballotforge_free(f);
	ballotcase_free(from);
	ballotcase_free(to);
}

/* The context that the design asks for, with one field left out, or none. */
enum { CONTEXT_VERSION, CONTEXT_SUITE, CONTEXT_ELECTION, CONTEXT_KEY, CONTEXT_LAYOUT,
       CONTEXT_CREDENTIAL, CONTEXT_DEVICE, CONTEXT_REPLACED, CONTEXT_SLIP, CONTEXT_FIELDS };

static void set_context(struct ballotcase *c, uint8_t fields[CONTEXT_FIELDS][64], size_t without)
{
	struct hash h;

	group_encode(c->g, fields[CONTEXT_KEY], &c->bases[BALLOTPROOF_BASE_Y]);
	memcpy(fields[CONTEXT_LAYOUT], c->layout.digest, sizeof(c->layout.digest));
	hash512_purpose(&h, "test-context");
	for (size_t i = 0; i < CONTEXT_FIELDS; i++)
		if (i != without)
			hash_field(&h, fields[i], 64);
	hash512_final(&h, c->ctx);
}

static void without_a_field_of_the_context_a_ballot_can_be_replayed(void **state)
{
	static const struct ballotmutant nothing;
	uint8_t fields[CONTEXT_FIELDS][64] = { { 0 } };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);

	(void)state;
	for (size_t i = 0; i < CONTEXT_FIELDS; i++) {
		if (i == CONTEXT_KEY || i == CONTEXT_LAYOUT)
			continue;   /* below */
		for (size_t without = i; without <= CONTEXT_FIELDS;
		     without += CONTEXT_FIELDS - i) {
			set_context(c, fields, without);
			assert_int_equal(ballotcase_prove(c, (uint64_t[]){ 0, 1 }), ST_OK);
			fields[i][0] ^= 1;
			set_context(c, fields, without);
			assert_int_equal(ballotcase_verify(c),
			                 without == i ? ST_OK : ST_PROOF);
			assert_int_equal(ballotmutant_verify(&nothing, c),
			                 without == i ? ST_OK : ST_PROOF);
		}
	}
	ballotcase_free(c);
}

/* Exactly one of two, shown as any of two. */
static void without_the_layout_in_the_context_a_ballot_fits_another(void **state)
{
	static const rule any = { 0, 2, 1, 0, 2, false };
	uint8_t fields[CONTEXT_FIELDS][64] = { { 0 } };
	struct ballotcase *from = new_case(CHOOSE_1_OF_2, 1);
	struct ballotcase *to = new_case(&any, 1);

	(void)state;
	assert_int_equal(from->bytes.proof_len, to->bytes.proof_len);
	from->bases[BALLOTPROOF_BASE_Y] = to->bases[BALLOTPROOF_BASE_Y];
	for (size_t without = CONTEXT_LAYOUT; without <= CONTEXT_FIELDS;
	     without += CONTEXT_FIELDS - CONTEXT_LAYOUT) {
		set_context(from, fields, without);
		set_context(to, fields, without);
		assert_int_equal(ballotcase_prove(from, (uint64_t[]){ 0, 1 }), ST_OK);
		memcpy(to->ciphertexts, from->ciphertexts, from->bytes.ciphertexts_len);
		memcpy(to->proof, from->proof, from->bytes.proof_len);
		assert_int_equal(ballotcase_verify(to),
		                 without == CONTEXT_LAYOUT ? ST_OK : ST_PROOF);
	}
	ballotcase_free(from);
	ballotcase_free(to);
}

/*
 * A key that nobody hashed can be chosen last.  beta_1 and T_2 are any elements; then y = (...) / z
 * makes (5) hold, and under that key beta_1 holds no number that was ever allowed.
 */
static void without_the_key_in_the_context_a_key_is_found_for_any_ballot(void **state)
{
	static const struct ballotmutant nothing;
	uint8_t fields[CONTEXT_FIELDS][64] = { { 0 } };
	struct ballotcase *c = new_case(CHOOSE_1_OF_2, 1);
	struct ballotforge *f = ballotforge_new(c, &nothing);
	struct element *y = &c->bases[BALLOTPROOF_BASE_Y];
	struct element number, one;
	struct scalar k;

	(void)state;
	set_context(c, fields, CONTEXT_KEY);
	ballotforge_honest(f, (uint64_t[]){ 1, 0 });
	ballotforge_products(f);
	ballotforge_commit(f);
	rng_scalar(c->g, &k);
	group_mul_base(c->g, &f->claim.beta[0], &k);
	ballotforge_rho(f);
	ballotforge_t(f);
	rng_scalar(c->g, &k);
	group_mul_base(c->g, &f->claim.t2, &k);
	ballotforge_x(f);
	ballotforge_respond(f);
	group_scalar_neg(c->g, &k, &f->claim.z);   /* y's coefficient in (5) */
	ballotforge_solve(f, BALLOTPROOF_EQUATION_BETA, y, &k);
	ballotforge_write(f);
	group_mul(c->g, &number, y, &f->r[0]);
	group_sub(c->g, &number, &f->claim.beta[0], &number);
	group_generator(c->g, &one);
	assert_false(group_is_identity(c->g, &number));
	assert_false(group_is_equal(c->g, &number, &one));
	assert_int_equal(ballotcase_verify(c), ST_OK);   /* under a context without the key */
	set_context(c, fields, CONTEXT_FIELDS);
	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	ballotforge_free(f);
	ballotcase_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mutant_that_leaves_out_nothing_is_the_real_verifier),
		cmocka_unit_test(the_mutants_hash_as_the_real_verifier_does),
		cmocka_unit_test(without_1_two_votes_pass),
		cmocka_unit_test(without_2_any_number_passes),
		cmocka_unit_test(without_3_a_negative_vote_passes),
		cmocka_unit_test(without_4_a_ballot_that_no_key_opens_passes),
		cmocka_unit_test(without_5_any_number_passes),
		cmocka_unit_test(without_b_or_a_in_the_hash_any_number_passes),
		cmocka_unit_test(without_c_or_d_in_the_hash_a_negative_vote_passes),
		cmocka_unit_test(without_an_alpha_in_the_hash_garbage_passes),
		cmocka_unit_test(without_a_beta_in_the_hash_garbage_passes),
		cmocka_unit_test(without_t_1_in_the_hash_garbage_passes),
		cmocka_unit_test(without_t_2_in_the_hash_any_number_passes),
		cmocka_unit_test(without_the_statement_in_rho_two_lies_balance),
		cmocka_unit_test(without_the_statement_in_x_a_negative_vote_passes),
		cmocka_unit_test(without_the_context_a_ballot_can_be_replayed),
		cmocka_unit_test(without_n_a_ballot_fits_another_layout),
		cmocka_unit_test(without_a_field_of_the_context_a_ballot_can_be_replayed),
		cmocka_unit_test(without_the_layout_in_the_context_a_ballot_fits_another),
		cmocka_unit_test(
			without_the_key_in_the_context_a_key_is_found_for_any_ballot),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
