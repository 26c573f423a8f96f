/*
 * test_ballotproof_cheats.c: a prover that follows the algebra with an illegal selection fails at
 * exactly the equation that forbids it; honest ballots changed anywhere are refused (attacks N01,
 * N02, N08 to N13, H), and the reason says whether the bytes or the mathematics were wrong.
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/ballotforge.h"
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

enum { BITS_MAX = 64, VALUES_MAX = 8 };

static const struct ballotmutant REAL;   /* leaves out nothing */

static struct ballotcase *new_case(const rule *rules, size_t rules_len)
{
	return ballotcase_new(group_ristretto255(), rules, rules_len);
}

/* --- illegal selections ------------------------------------------------------------------- */

/* Bits and values as the cheat would have them, in integers. */
struct cheat {
	int64_t bit[BITS_MAX];
	int64_t value[VALUES_MAX];
};

/* Which of (1)..(5) hold for this cheat over the integers: what the design says of them. */
static bool is_expected(const struct ballotlayout *l, const struct cheat *c, unsigned int n)
{
	if (n == 3) {
		for (size_t k = 0; k < l->bits_len; k++)
			if (c->bit[k] != 0 && c->bit[k] != 1)
				return false;
		return true;
	}
	for (size_t i = 0; n == 1 && i < l->constraints_len; i++) {
		int64_t sum = 0;

		for (size_t k = 0; k < l->bits_len; k++)
			if (l->bits[k].constraint == i)
				sum += c->bit[k] * (int64_t)l->bits[k].factor;
		if (sum != (int64_t)l->constraints[i].sum)
			return false;
	}
	for (size_t i = 0; n == 5 && i < l->ciphertexts_len; i++) {
		int64_t sum = 0;

		for (size_t k = 0; k < l->bits_len; k++)
			if (l->bits[k].ciphertext == i)
				sum += c->bit[k] * (int64_t)l->bits[k].weight;
		if (sum != c->value[i])
			return false;
	}
	return true;
}

/* v in the digits of bits[first, first + len); what does not fit goes to the first, of weight 1. */
static void write_digits(struct cheat *c, const struct ballotlayout *l, size_t first, size_t len,
                         int64_t v)
{
	for (size_t i = len; i-- > 0;) {
		const struct ballotlayout_bit *b = &l->bits[first + i];
		int64_t w = b->weight != 0 ? (int64_t)b->weight : (int64_t)b->factor;

		c->bit[first + i] = v >= w ? 1 : 0;
		v -= v >= w ? w : 0;
	}
	if (len > 0)
		c->bit[first] += v;
}

/* Bits that encrypt the values truly and, with slack, try to satisfy the constraint: no longer
 * bits, if need be. */
static void absorb(struct cheat *c, const struct ballotlayout *l)
{
	for (size_t i = 0; i < l->ciphertexts_len; i++)
		write_digits(c, l, l->ciphertexts[i].first_bit, l->ciphertexts[i].bits,
		             c->value[i]);
	for (size_t i = 0; i < l->groups_len; i++) {
		const struct ballotlayout_group *p = &l->groups[i];
		int64_t left;

		if (p->constraint == BALLOTLAYOUT_NONE)
			continue;
		left = (int64_t)l->constraints[p->constraint].sum;
		for (size_t k = l->constraints[p->constraint].first_bit; k < p->first_slack; k++)
			left -= c->bit[k] * (int64_t)l->bits[k].factor;
		write_digits(c, l, p->first_slack, p->slack_bits, left);
	}
}

/* True bits, and nothing more: values beyond the digits are capped, slack is 0. */
static void stay_binary(struct cheat *c, const struct ballotlayout *l)
{
	absorb(c, l);
	for (size_t k = 0; k < l->bits_len; k++) {
		if (c->bit[k] < 0 || l->bits[k].ciphertext == BALLOTLAYOUT_NONE)
			c->bit[k] = 0;
		if (c->bit[k] > 1)
			c->bit[k] = 1;
	}
}

/* The bits of some legal selection, whatever is encrypted. */
static void hide(struct cheat *c, const struct ballotlayout *l)
{
	uint64_t legal[VALUES_MAX] = { 0 };
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];

	while (!ballotproof_bits(bits, l, legal))
		if (!ballotcase_next(l, legal, 0))
			fail_msg("a layout without any legal selection");
	for (size_t k = 0; k < l->bits_len; k++)
		c->bit[k] = bits[k];
}

static void forge(struct ballotforge *f, const struct cheat *c)
{
	const struct ballotlayout *l = &f->c->layout;

	ballotforge_init(f);
	for (size_t k = 0; k < l->bits_len; k++)
		ballotforge_scalar(f->c->g, &f->bit[k], c->bit[k]);
	for (size_t i = 0; i < l->ciphertexts_len; i++)
		ballotforge_scalar(f->c->g, &f->value[i], c->value[i]);
	ballotforge_run(f);
}

/* Exactly the equations that should fail do; and so does the ballot, unless none should. */
static bool try_cheat(struct ballotforge *f, const struct cheat *c)
{
	bool is_good = true;

	forge(f, c);
	for (unsigned int n = 1; n <= 5; n++) {
		bool want = is_expected(&f->c->layout, c, n);

		assert_int_equal(ballotforge_holds(f, n), want);
		is_good = is_good && want;
	}
	assert_int_equal(ballotcase_verify(f->c), is_good ? ST_OK : ST_PROOF);
	assert_int_equal(ballotcase_verify_batch(f->c), is_good ? ST_OK : ST_PROOF);
	return is_good;
}

/* From -1 to one more than a number may be: is there a next vector? */
static bool next_signed(const struct ballotlayout *l, int64_t *values)
{
	uint64_t shifted[VALUES_MAX];
	bool more;

	for (size_t i = 0; i < l->ciphertexts_len; i++)
		shifted[i] = (uint64_t)(values[i] + 1);
	more = ballotcase_next(l, shifted, 2);
	for (size_t i = 0; i < l->ciphertexts_len; i++)
		values[i] = (int64_t)shifted[i] - 1;
	return more;
}

static bool is_legal(const struct ballotlayout *l, const int64_t *values)
{
	uint64_t v[VALUES_MAX];

	for (size_t i = 0; i < l->ciphertexts_len; i++)
		v[i] = (uint64_t)values[i];   /* -1 becomes far too large */
	return ballotcase_is_legal(l, v);
}

/* Every vector in every way; how many were cheats. */
static size_t try_all(const rule *rules, size_t rules_len, size_t fails[static 6])
{
	static void (*const ways[])(struct cheat *, const struct ballotlayout *) = {
		absorb, stay_binary, hide,
	};
	struct ballotcase *c = new_case(rules, rules_len);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	struct cheat cheat = { { 0 }, { 0 } };
	size_t cheats = 0;

	for (size_t i = 0; i < c->layout.ciphertexts_len; i++)
		cheat.value[i] = -1;
	do {
		struct cheat seen = { { 0 }, { 0 } };
		bool legal = is_legal(&c->layout, cheat.value);

		for (size_t w = 0; w < (legal ? 1 : COUNT(ways)); w++) {
			ways[w](&cheat, &c->layout);
			if (w > 0 && memcmp(cheat.bit, seen.bit, sizeof(seen.bit)) == 0)
				continue;   /* the same cheat again */
			seen = cheat;
			assert_int_equal(try_cheat(f, &cheat), legal);
			cheats += legal ? 0 : 1;
			for (unsigned int n = 1; n <= 5; n++)
				fails[n] += is_expected(&c->layout, &cheat, n) ? 0 : 1;
		}
	} while (next_signed(&c->layout, cheat.value));
	ballotforge_free(f);
	ballotcase_free(c);
	return cheats;
}

static void every_cheat_fails_at_the_equation_that_forbids_it(void **state)
{
	static const struct {
		rule rules[2];
		size_t len;
	} styles[] = {
		{ { { 0, 2, 1, 1, 1, false } }, 1 },   /* (2, -1), (1, 1), (0, 0) ... */
		{ { { 0, 2, 1, 1, 1, true } }, 1 },    /* blank and choice, neither */
		{ { { 0, 3, 1, 0, 2, false } }, 1 },
		{ { { 0, 2, 3, 1, 4, false } }, 1 },
		{ { { 0, 2, 1, 0, 2, false } }, 1 },   /* approval: no constraint */
		{ { { 0, 2, 1, 1, 1, false }, { 1, 1, 2, 0, 2, false } }, 2 },
	};
	size_t fails[6] = { 0 };
	size_t cheats = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(styles); i++)
		cheats += try_all(styles[i].rules, styles[i].len, fails);
	print_message("%zu cheats; refused by (1) %zu, (3) %zu, (5) %zu times\n", cheats, fails[1],
	              fails[3], fails[5]);
	assert_true(cheats >= 500);
	assert_true(fails[1] > 100 && fails[3] > 100 && fails[5] > 100);
	assert_int_equal(fails[2] + fails[4], 0);   /* see the forgers of test_ballotproof_mutants */
}

/* Votes so far off that only the modulus could bring them back. */
static void a_cheat_may_not_wrap(void **state)
{
	const rule r = { 0, 2, 1, 1, 1, false };
	struct ballotcase *c = new_case(&r, 1);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	static const int64_t pairs[][2] = { { INT64_MAX, -INT64_MAX + 1 }, { 1000001, -1000000 },
		                            { (int64_t)1 << 32, 1 - ((int64_t)1 << 32) } };

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		for (int way = 0; way < 2; way++) {
			struct cheat cheat = { { pairs[i][0], pairs[i][1] },
				               { pairs[i][0], pairs[i][1] } };

			if (way == 1)
				hide(&cheat, &c->layout);
			assert_false(try_cheat(f, &cheat));
		}
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- changed ballots ---------------------------------------------------------------------- */

static const rule CHANGED[] = { { 0, 3, 1, 1, 2, true }, { 1, 3, 1, 1, 2, true } };
static const uint64_t CHANGED_VALUES[] = { 0, 1, 0, 1, 0, 0, 1, 0 };

enum { POINT_BYTES = 32, SCALAR_BYTES = 32 };

/* What single and batch say of the ballot at hand between two good ones. */
static void assert_refused(struct ballotcase *c, const struct ballotproof_bytes *good)
{
	struct ballotproof_bytes bad_bytes = c->bytes;
	struct batch *b = ballotcase_batch_new(c, 3);
	size_t bad[3];
	size_t bad_len;

	assert_int_equal(ballotcase_verify(c), ST_PROOF);
	for (size_t i = 0; i < 3; i++) {
		enum status st;

		c->bytes = i == 1 ? bad_bytes : *good;
		st = ballotcase_batch_add(c, b);
		if (i == 1 && st == ST_PROOF) {   /* (1) fails outside the batch */
			ballotcase_batch_free(b);
			c->bytes = bad_bytes;
			return;
		}
		assert_int_equal(st, ST_OK);
	}
	c->bytes = bad_bytes;
	assert_int_equal(batch_verify(b, bad, &bad_len), ST_PROOF);
	assert_int_equal(bad_len, 1);
	assert_int_equal(bad[0], 1);
	ballotcase_batch_free(b);
}

/* An honest ballot and a copy of its bytes to change. */
struct changed {
	struct ballotcase *c;
	uint8_t ciphertexts[1024];
	uint8_t proof[1024];
	struct ballotproof_bytes good;
};

static void changed_new(struct changed *x)
{
	x->c = new_case(CHANGED, COUNT(CHANGED));
	assert_true(x->c->bytes.ciphertexts_len <= sizeof(x->ciphertexts));
	assert_true(x->c->bytes.proof_len <= sizeof(x->proof));
	assert_int_equal(ballotcase_prove(x->c, CHANGED_VALUES), ST_OK);
	memcpy(x->ciphertexts, x->c->ciphertexts, x->c->bytes.ciphertexts_len);
	memcpy(x->proof, x->c->proof, x->c->bytes.proof_len);
	x->good = x->c->bytes;
	x->good.ciphertexts = x->ciphertexts;
	x->good.proof = x->proof;
	assert_int_equal(ballotcase_verify(x->c), ST_OK);
	assert_int_equal(ballotcase_verify_batch(x->c), ST_OK);
}

static void changed_restore(struct changed *x)
{
	memcpy(x->c->ciphertexts, x->ciphertexts, x->c->bytes.ciphertexts_len);
	memcpy(x->c->proof, x->proof, x->c->bytes.proof_len);
}

static void changed_free(struct changed *x)
{
	changed_restore(x);
	assert_int_equal(ballotcase_verify(x->c), ST_OK);
	ballotcase_free(x->c);
}

static size_t points_of(const struct changed *x)
{
	return 2 * x->c->layout.ciphertexts_len + 6;
}

static size_t scalars_of(const struct changed *x)
{
	return x->c->layout.bits_len + 3;
}

/* Point i of ciphertexts and proof together, in the bytes that may change. */
static uint8_t *point_at(struct changed *x, size_t i)
{
	size_t own = 2 * x->c->layout.ciphertexts_len;

	return i < own ? x->c->ciphertexts + i * POINT_BYTES
	               : x->c->proof + (i - own) * POINT_BYTES;
}

static uint8_t *scalar_at(struct changed *x, size_t i)
{
	return x->c->proof + 6 * POINT_BYTES + i * SCALAR_BYTES;
}

static void swap_bytes(uint8_t *a, uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}

static void every_changed_point_is_refused(void **state)
{
	static struct changed x;
	struct element g, e;

	(void)state;
	changed_new(&x);
	group_generator(x.c->g, &g);
	for (size_t i = 0; i < points_of(&x); i++)
		for (int way = 0; way < 4; way++) {
			assert_int_equal(group_decode_var(x.c->g, &e, point_at(&x, i)), ST_OK);
			if (way == 0)
				group_add(x.c->g, &e, &e, &g);
			else if (way == 1)
				group_neg(x.c->g, &e, &e);
			else if (way == 2)
				group_identity(x.c->g, &e);
			else
				group_add(x.c->g, &e, &e, &x.c->bases[BALLOTPROOF_BASE_Y]);
			group_encode(x.c->g, point_at(&x, i), &e);
			assert_refused(x.c, &x.good);
			changed_restore(&x);
		}
	changed_free(&x);
}

static void every_changed_scalar_is_refused(void **state)
{
	static struct changed x;
	struct scalar one, k;

	(void)state;
	changed_new(&x);
	group_scalar_u64(x.c->g, &one, 1);
	for (size_t i = 0; i < scalars_of(&x); i++)
		for (int way = 0; way < 4; way++) {
			assert_int_equal(group_scalar_decode(x.c->g, &k, scalar_at(&x, i)), ST_OK);
			if (way == 0)
				group_scalar_add(x.c->g, &k, &k, &one);
			else if (way == 1)
				group_scalar_sub(x.c->g, &k, &k, &one);
			else if (way == 2)
				group_scalar_neg(x.c->g, &k, &k);
			else
				group_scalar_zero(x.c->g, &k);
			group_scalar_encode(x.c->g, scalar_at(&x, i), &k);
			assert_refused(x.c, &x.good);
			changed_restore(&x);
		}
	changed_free(&x);
}

/* Any two points, and any two scalars: options, contests, alpha and beta, B and A, T_1 and T_2. */
static void every_swap_is_refused(void **state)
{
	static struct changed x;

	(void)state;
	changed_new(&x);
	for (size_t i = 0; i < points_of(&x); i++)
		for (size_t k = 0; k < i; k += 3) {
			swap_bytes(point_at(&x, i), point_at(&x, k), POINT_BYTES);
			assert_refused(x.c, &x.good);
			changed_restore(&x);
		}
	for (size_t i = 0; i < scalars_of(&x); i++)
		for (size_t k = 0; k < i; k += 2) {
			swap_bytes(scalar_at(&x, i), scalar_at(&x, k), SCALAR_BYTES);
			assert_refused(x.c, &x.good);
			changed_restore(&x);
		}
	changed_free(&x);
}

/* N10: whole ciphertexts, of two options or of two contests with all their responses. */
static void options_and_contests_do_not_change_places(void **state)
{
	static struct changed x;
	const struct ballotlayout *l;
	size_t half;

	(void)state;
	changed_new(&x);
	l = &x.c->layout;
	swap_bytes(point_at(&x, 2), point_at(&x, 4), 2 * POINT_BYTES);
	assert_refused(x.c, &x.good);
	changed_restore(&x);
	half = l->ciphertexts_len;   /* points of one of the two contests */
	swap_bytes(point_at(&x, 0), point_at(&x, half), half * POINT_BYTES);
	assert_refused(x.c, &x.good);
	half = l->bits_len / 2;
	swap_bytes(scalar_at(&x, 0), scalar_at(&x, half), half * SCALAR_BYTES);
	assert_refused(x.c, &x.good);
	changed_free(&x);
}

/* N01, N02: the same numbers encrypted anew, with z moved to match. */
static void a_ballot_cannot_be_encrypted_anew(void **state)
{
	static struct changed x;
	struct scalar t, k;
	struct element e, shift;

	(void)state;
	changed_new(&x);
	rng_scalar(x.c->g, &t);
	for (size_t i = 0; i < 2; i++) {
		group_mul(x.c->g, &shift, &x.c->bases[i], &t);
		assert_int_equal(group_decode_var(x.c->g, &e, point_at(&x, i)), ST_OK);
		group_add(x.c->g, &e, &e, &shift);
		group_encode(x.c->g, point_at(&x, i), &e);
	}
	assert_refused(x.c, &x.good);
	assert_int_equal(group_scalar_decode(x.c->g, &k, scalar_at(&x, scalars_of(&x) - 1)),
	                 ST_OK);
	group_scalar_add(x.c->g, &k, &k, &t);
	group_scalar_encode(x.c->g, scalar_at(&x, scalars_of(&x) - 1), &k);
	assert_refused(x.c, &x.good);
	changed_free(&x);
}

/* N13: every bit of the context counts, so does the key, so does every part of another ballot. */
static void nothing_of_another_context_or_ballot_fits(void **state)
{
	static struct changed x;
	uint8_t ciphertexts[1024];
	uint8_t proof[1024];
	struct element y;

	(void)state;
	changed_new(&x);
	for (size_t bit = 0; bit < 8 * sizeof(x.c->ctx); bit += 7) {
		x.c->ctx[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(ballotcase_verify(x.c), ST_PROOF);
		assert_int_equal(ballotcase_verify_batch(x.c), ST_PROOF);
		x.c->ctx[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	y = x.c->bases[BALLOTPROOF_BASE_Y];
	group_generator(x.c->g, &x.c->bases[BALLOTPROOF_BASE_Y]);
	assert_int_equal(ballotcase_verify(x.c), ST_PROOF);
	assert_int_equal(ballotcase_verify_batch(x.c), ST_PROOF);
	x.c->bases[BALLOTPROOF_BASE_Y] = y;
	assert_int_equal(ballotcase_prove(x.c, CHANGED_VALUES), ST_OK);   /* a second ballot */
	memcpy(ciphertexts, x.c->ciphertexts, x.c->bytes.ciphertexts_len);
	memcpy(proof, x.c->proof, x.c->bytes.proof_len);
	for (size_t part = 0; part < 2 + points_of(&x) + scalars_of(&x); part++) {
		changed_restore(&x);
		if (part == 0)
			memcpy(x.c->ciphertexts, ciphertexts, x.c->bytes.ciphertexts_len);
		else if (part == 1)
			memcpy(x.c->proof, proof, x.c->bytes.proof_len);
		else if (part - 2 < points_of(&x) - 6)
			memcpy(x.c->ciphertexts + (part - 2) * POINT_BYTES,
			       ciphertexts + (part - 2) * POINT_BYTES, POINT_BYTES);
		else
			memcpy(x.c->proof + (part - 2 - points_of(&x) + 6) * POINT_BYTES,
			       proof + (part - 2 - points_of(&x) + 6) * POINT_BYTES, POINT_BYTES);
		assert_refused(x.c, &x.good);
	}
	changed_free(&x);
}

/* --- bytes that are not of the format ----------------------------------------------------- */

static void assert_both(struct ballotcase *c, enum status want)
{
	assert_int_equal(ballotcase_verify(c), want);
	assert_int_equal(ballotcase_verify_batch(c), want);
}

static void any_other_length_is_refused(void **state)
{
	static struct changed x;
	struct ballotproof_bytes *b;
	uint8_t more[2048] = { 0 };

	(void)state;
	changed_new(&x);
	b = &x.c->bytes;
	for (size_t len = 0; len < x.good.proof_len; len++) {
		b->proof_len = len;
		assert_both(x.c, ST_FORMAT);
	}
	b->proof_len = x.good.proof_len;
	for (size_t len = 0; len < x.good.ciphertexts_len; len++) {   /* n - 1 among them: N11 */
		b->ciphertexts_len = len;
		assert_both(x.c, ST_FORMAT);
	}
	memcpy(more, x.ciphertexts, x.good.ciphertexts_len);
	b->ciphertexts = more;
	for (size_t extra = 1; extra <= 65; extra += 32) {            /* n + 1 among them */
		b->ciphertexts_len = x.good.ciphertexts_len + extra - 1 + (extra == 1 ? 1 : 0);
		assert_both(x.c, ST_FORMAT);
	}
	*b = x.good;
	memcpy(more, x.proof, x.good.proof_len);
	b->proof = more;
	b->proof_len = x.good.proof_len + 1;
	assert_both(x.c, ST_FORMAT);
	b->proof_len = x.good.proof_len + 32;
	assert_both(x.c, ST_FORMAT);
	b->proof_len = x.good.proof_len;
	assert_both(x.c, ST_OK);
	b->ciphertexts = x.c->ciphertexts;
	b->proof = x.c->proof;
	changed_free(&x);
}

/* N02, N05: RFC 9496 refuses these; every place must. */
static void every_bad_point_is_refused_in_every_place(void **state)
{
	static struct changed x;
	uint8_t bad[4][POINT_BYTES] = { { 1 }, { 0 } };   /* negative; the next below */

	(void)state;
	memset(bad[1], 0xff, POINT_BYTES);                /* not below p */
	memset(bad[2], 0xff, POINT_BYTES);                /* p itself, an alias of 0 */
	bad[2][0] = 0xed;
	bad[2][31] = 0x7f;
	bad[3][31] = 0x80;                                /* 0 with the top bit set */
	changed_new(&x);
	for (size_t i = 0; i < points_of(&x); i++)
		for (size_t way = 0; way < COUNT(bad); way++) {
			memcpy(point_at(&x, i), bad[way], POINT_BYTES);
			assert_both(x.c, ST_ELEMENT);
			changed_restore(&x);
		}
	changed_free(&x);
}

static void every_scalar_plus_q_is_refused_in_every_place(void **state)
{
	static const uint8_t Q[SCALAR_BYTES] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
		0xde, 0x14, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
		0,    0,    0,    0x10
	};
	static struct changed x;

	(void)state;
	changed_new(&x);
	for (size_t i = 0; i < scalars_of(&x); i++) {
		uint8_t *s = scalar_at(&x, i);
		unsigned int carry = 0;

		for (size_t k = 0; k < SCALAR_BYTES; k++) {
			carry += (unsigned int)s[k] + Q[k];
			s[k] = (uint8_t)carry;
			carry >>= 8;
		}
		assert_int_equal(carry, 0);
		assert_both(x.c, ST_SCALAR);
		memcpy(s, Q, sizeof(Q));   /* an alias of 0 */
		assert_both(x.c, ST_SCALAR);
		changed_restore(&x);
	}
	changed_free(&x);
}

/* --- the identity ------------------------------------------------------------------------- */

/* A ballot that hides nothing is foolish and valid: every point of it is the identity or public. */
static void the_identity_is_a_valid_point(void **state)
{
	static const uint64_t values[] = { 0, 0 };
	const rule r = { 0, 2, 1, 0, 2, false };
	struct ballotcase *c = new_case(&r, 1);
	struct ballotforge *f = ballotforge_new(c, &REAL);
	static const uint8_t zeros[32];

	(void)state;
	ballotforge_honest(f, values);
	for (size_t i = 0; i < 2; i++) {
		group_scalar_zero(c->g, &f->r[i]);
		group_scalar_zero(c->g, &f->mask[i]);
	}
	f->blind_a = f->blind_b = f->blind_c = f->blind_d = f->s = f->r[0];
	ballotforge_run(f);
	for (size_t at = 0; at < c->bytes.proof_len; at += 32)
		assert_memory_equal(c->proof + at, zeros, 32);   /* all identities and zeros */
	assert_memory_equal(c->ciphertexts, zeros, 32);
	assert_both(c, ST_OK);
	ballotforge_free(f);
	ballotcase_free(c);
}

/* --- batch and single are one verifier ---------------------------------------------------- */

static void batch_and_single_agree_on_damaged_bytes(void **state)
{
	static struct changed x;
	size_t seen[ST_COUNT] = { 0 };
	struct prng r;

	(void)state;
	prng_seed(&r, __func__);
	changed_new(&x);
	for (size_t i = 0; i < 600; i++) {
		size_t all = x.good.ciphertexts_len + x.good.proof_len;
		size_t at = prng_below(&r, all);
		uint8_t *byte = at < x.good.ciphertexts_len ? x.c->ciphertexts + at
		                                            : x.c->proof + at - x.good.ciphertexts_len;
		enum status st;

		*byte ^= (uint8_t)(1u << prng_below(&r, 8));
		st = ballotcase_verify(x.c);
		assert_int_not_equal(st, ST_OK);
		assert_int_equal(ballotcase_verify_batch(x.c), st);
		seen[st]++;
		changed_restore(&x);
	}
	assert_true(seen[ST_PROOF] > 0 && seen[ST_ELEMENT] > 0 && seen[ST_SCALAR] > 0);
	changed_free(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cheat_fails_at_the_equation_that_forbids_it),
		cmocka_unit_test(a_cheat_may_not_wrap),
		cmocka_unit_test(every_changed_point_is_refused),
		cmocka_unit_test(every_changed_scalar_is_refused),
		cmocka_unit_test(every_swap_is_refused),
		cmocka_unit_test(options_and_contests_do_not_change_places),
		cmocka_unit_test(a_ballot_cannot_be_encrypted_anew),
		cmocka_unit_test(nothing_of_another_context_or_ballot_fits),
		cmocka_unit_test(any_other_length_is_refused),
		cmocka_unit_test(every_bad_point_is_refused_in_every_place),
		cmocka_unit_test(every_scalar_plus_q_is_refused_in_every_place),
		cmocka_unit_test(the_identity_is_a_valid_point),
		cmocka_unit_test(batch_and_single_agree_on_damaged_bytes),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
