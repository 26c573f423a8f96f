/*
 * test_ballotproof.c: honest ballots.  Every legal selection is proved and accepted, over every
 * group; no other is proved; an opening opens; the bytes have the lengths that the design counts.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/mem.h"
#include "tests/unit/lib/ballotcase.h"
#include "tests/unit/lib/hex.h"
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

struct style {
	const char *name;
	rule rules[4];
	size_t rules_len;
};

/* One of every kind of contest, and some together. */
static const struct style STYLES[] = {
	{ "choose 1 of 3", { { 0, 3, 1, 1, 1, false } }, 1 },
	{ "choose 1 of 3 or blank", { { 0, 3, 1, 1, 1, true } }, 1 },
	{ "choose at most 2 of 4", { { 0, 4, 1, 0, 2, false } }, 1 },
	{ "choose 1 to 3 of 4 or blank", { { 0, 4, 1, 1, 3, true } }, 1 },
	{ "choose exactly 2 of 3", { { 0, 3, 1, 2, 2, false } }, 1 },
	{ "approval of 4", { { 0, 4, 1, 0, 4, false } }, 1 },
	{ "approval of 3 or blank", { { 0, 3, 1, 0, 3, true } }, 1 },
	{ "yes or nothing", { { 0, 1, 1, 0, 1, false } }, 1 },
	{ "score 0 to 5, total at most 6", { { 0, 2, 5, 0, 6, false } }, 1 },
	{ "score 0 to 4, total 2 to 5 or blank", { { 0, 2, 4, 2, 5, true } }, 1 },
	{ "range 0 to 6", { { 0, 2, 6, 0, 12, false } }, 1 },
	{ "all of 3 must be chosen", { { 0, 3, 1, 3, 3, false } }, 1 },
	{ "three contests",
	  { { 0, 2, 1, 1, 1, false }, { 1, 2, 2, 1, 3, true }, { 2, 2, 1, 0, 2, false } },
	  3 },
};

/* --- bits --------------------------------------------------------------------------------- */

static void assert_bits_mean(const struct ballotlayout *l, const uint8_t *bits,
                             const uint64_t *values)
{
	for (size_t i = 0; i < l->ciphertexts_len; i++) {
		uint64_t sum = 0;

		for (size_t k = 0; k < l->bits_len; k++)
			if (l->bits[k].ciphertext == i)
				sum += bits[k] * (uint64_t)l->bits[k].weight;
		assert_int_equal(sum, values[i]);
	}
	for (size_t i = 0; i < l->constraints_len; i++) {
		uint64_t sum = 0;

		for (size_t k = 0; k < l->bits_len; k++)
			if (l->bits[k].constraint == i)
				sum += bits[k] * (uint64_t)l->bits[k].factor;
		assert_int_equal(sum, l->constraints[i].sum);
	}
}

static void bits_exist_exactly_for_legal_values(void **state)
{
	static struct ballotlayout l;
	size_t legal = 0;
	size_t illegal = 0;

	(void)state;
	for (size_t s = 0; s < COUNT(STYLES); s++) {
		uint64_t values[16] = { 0 };
		uint8_t bits[BALLOTLAYOUT_BITS_MAX];

		assert_int_equal(ballotlayout_compile(&l, NULL, 0, STYLES[s].rules,
		                                      STYLES[s].rules_len), ST_OK);
		assert_true(l.ciphertexts_len <= COUNT(values));
		do {
			bool want = ballotcase_is_legal(&l, values);

			assert_int_equal(ballotproof_bits(bits, &l, values), want);
			if (want)
				assert_bits_mean(&l, bits, values);
			legal += want ? 1 : 0;
			illegal += want ? 0 : 1;
		} while (ballotcase_next(&l, values, 2));
	}
	assert_true(legal > 200);
	assert_true(illegal > 2000);
}

static void huge_values_have_no_bits(void **state)
{
	static const uint64_t VAST[] = { UINT64_MAX, (uint64_t)1 << 63, ((uint64_t)1 << 63) + 1,
		                         ((uint64_t)1 << 63) - 1, (uint64_t)1 << 32,
		                         ((uint64_t)1 << 32) + 1, UINT64_MAX - 1 };
	static struct ballotlayout l;
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];

	(void)state;
	for (size_t s = 0; s < COUNT(STYLES); s++) {
		assert_int_equal(ballotlayout_compile(&l, NULL, 0, STYLES[s].rules,
		                                      STYLES[s].rules_len), ST_OK);
		for (size_t h = 0; h < COUNT(VAST); h++)
			for (size_t i = 0; i < l.ciphertexts_len; i++) {
				uint64_t values[16] = { 0 };

				values[i] = VAST[h];
				assert_false(ballotproof_bits(bits, &l, values));
				if (l.ciphertexts_len == 1)
					continue;
				/* Two whose sum wraps to 1. */
				values[(i + 1) % l.ciphertexts_len] = 1 - VAST[h];
				assert_false(ballotproof_bits(bits, &l, values));
			}
	}
}

/* Every value of a long number, and the same through slack. */
static void every_value_has_its_digits(void **state)
{
	static struct ballotlayout l;
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];

	(void)state;
	for (uint32_t k = 1; k <= 300; k++) {
		const rule r = { 0, 1, k, 0, k, true };

		assert_int_equal(ballotlayout_compile(&l, NULL, 0, &r, 1), ST_OK);
		for (uint64_t v = 0; v <= k + 1u; v++) {
			const uint64_t values[2] = { 0, v };

			assert_int_equal(ballotproof_bits(bits, &l, values), v <= k);
			if (v <= k)
				assert_bits_mean(&l, bits, values);
		}
	}
}

/* --- completeness ------------------------------------------------------------------------- */

static void assert_complete(const struct ballotcase *c, const uint64_t *values, enum status st)
{
	char text[256];
	size_t at = 0;

	if (st == ST_OK)
		return;
	for (size_t i = 0; i < c->layout.ciphertexts_len && at < sizeof(text) - 24; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, " %llu",
		                       (unsigned long long)values[i]);
	fail_msg("%s: refused (%s):%s", group_name(c->g), status_name(st), text);
}

/* Up to `most` legal selections of a style, all of them if there are not more. */
static size_t prove_legal(const struct group *g, const struct style *s, size_t most, size_t skip)
{
	struct ballotcase *c = ballotcase_new(g, s->rules, s->rules_len);
	uint64_t values[16] = { 0 };
	size_t tried = 0;
	size_t seen = 0;

	do {
		if (!ballotcase_is_legal(&c->layout, values) || seen++ % (skip + 1) != 0)
			continue;
		assert_complete(c, values, ballotcase_prove(c, values));
		assert_complete(c, values, ballotcase_verify(c));
		assert_complete(c, values, ballotcase_verify_batch(c));
		tried++;
	} while (tried < most && ballotcase_next(&c->layout, values, 0));
	ballotcase_free(c);
	return tried;
}

static void every_legal_selection_is_accepted(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t s = 0; s < COUNT(STYLES); s++)
		tried += prove_legal(group_ristretto255(), &STYLES[s], SIZE_MAX, 0);
	print_message("%zu selections\n", tried);
	assert_true(tried > 200);
}

/* Everything wraps modulo 11 there, and rho or x is often 0: the prover starts afresh. */
static void every_legal_selection_is_accepted_in_the_tiny_group(void **state)
{
	(void)state;
	for (size_t s = 0; s < COUNT(STYLES); s++)
		for (size_t times = 0; times < 3; times++)
			assert_true(prove_legal(group_tiny(), &STYLES[s], SIZE_MAX, 0) > 0);
}

static void selections_are_accepted_in_the_modp_groups(void **state)
{
	(void)state;
	assert_int_equal(prove_legal(group_rfc3526_2048(), &STYLES[1], 2, 1), 2);
	assert_int_equal(prove_legal(group_belenios2048(), &STYLES[9], 1, 0), 1);
}

static void an_illegal_selection_is_not_proved(void **state)
{
	size_t tried = 0;

	(void)state;
	for (size_t s = 0; s < COUNT(STYLES); s++) {
		struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[s].rules,
		                                      STYLES[s].rules_len);
		uint64_t values[16] = { 0 };

		memset(c->proof, 0xa5, c->bytes.proof_len);
		do {
			if (ballotcase_is_legal(&c->layout, values))
				continue;
			assert_int_equal(ballotcase_prove(c, values), ST_RANGE);
			assert_int_equal(c->proof[0], 0xa5);   /* nothing was written */
			tried++;
		} while (ballotcase_next(&c->layout, values, 1));
		ballotcase_free(c);
	}
	assert_true(tried > 500);
}

/* The widest numbers that do not wrap, the longest digits. */
static void the_widest_rules_are_proved(void **state)
{
	static const rule WIDE[] = { { 0, 1, 1431655765, 0, 1431655765, true },
		                     { 1, 2, 1000000, 500000, 1500000, true } };
	static const uint64_t VALUES[][5] = { { 0, 1431655765, 0, 999999, 500001 },
		                              { 1, 0, 1, 0, 0 },
		                              { 0, 0, 0, 500000, 0 },
		                              { 0, 715827882, 0, 524288, 475713 } };
	struct ballotcase *c = ballotcase_new(group_ristretto255(), WIDE, COUNT(WIDE));

	(void)state;
	for (size_t i = 0; i < COUNT(VALUES); i++) {
		assert_int_equal(ballotcase_prove(c, VALUES[i]), ST_OK);
		assert_int_equal(ballotcase_verify(c), ST_OK);
	}
	ballotcase_free(c);
}

static void tables_change_nothing(void **state)
{
	static struct group_table tables[4];   /* y, h, G_1 and G_2; the rest goes without */
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[3].rules, 1);
	const uint64_t values[] = { 0, 1, 0, 1, 1 };

	(void)state;
	ballotproof_tables(tables, COUNT(tables), c->g, c->bases);
	c->setup.tables = tables;
	for (c->setup.tables_len = 0; c->setup.tables_len <= COUNT(tables);
	     c->setup.tables_len++) {
		assert_int_equal(ballotcase_prove(c, values), ST_OK);
		assert_int_equal(ballotcase_verify(c), ST_OK);
	}
	ballotcase_free(c);
}

/* One array of bases, made for the longest layout, serves the shorter ones. */
static void bases_of_a_longer_layout_begin_with_those_of_a_shorter(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[0].rules, 1);
	static struct element more[3 + 40];
	const uint64_t values[] = { 0, 0, 1 };

	(void)state;
	assert_int_equal(ballotproof_bases(more, c->g, &c->bases[1], 40), ST_OK);
	for (size_t i = 0; i < c->setup.bases_len; i++)
		assert_true(group_is_equal(c->g, &more[i], &c->bases[i]));
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	c->setup.bases = more;
	c->setup.bases_len = COUNT(more);
	assert_int_equal(ballotcase_verify(c), ST_OK);
	ballotcase_free(c);
}

static void the_bases_are_distinct_and_refuse_a_weak_key(void **state)
{
	const struct group *g = group_ristretto255();
	static struct element bases[3 + 300];
	struct element y;

	(void)state;
	group_identity(g, &y);
	assert_int_equal(ballotproof_bases(bases, g, &y, 5), ST_KEY);
	group_generator(g, &y);
	assert_int_equal(ballotproof_bases(bases, g, &y, BALLOTLAYOUT_BITS_MAX + 1), ST_LIMIT);
	assert_int_equal(ballotproof_bases(bases, group_tiny(), &y, 1), ST_INTERNAL);
	assert_int_equal(ballotproof_bases(bases, g, &y, 300), ST_OK);
	for (size_t i = 1; i < COUNT(bases); i++) {
		assert_false(group_is_identity(g, &bases[i]));
		for (size_t k = 1; k < i; k++)
			assert_false(group_is_equal(g, &bases[i], &bases[k]));
	}
}

/* --- sizes -------------------------------------------------------------------------------- */

static void a_ballot_has_the_size_that_the_design_counts(void **state)
{
	static const struct {
		rule r;
		size_t bytes;
	} want[] = {
		{ { 0, 5, 1, 1, 1, false }, 768 },      /* choose 1 of 5: 16 points, 8 scalars */
		{ { 0, 100, 1, 0, 5, false }, 9984 },   /* at most 5 of 100 */
	};
	static struct ballotlayout l;

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		const struct group *g = group_ristretto255();

		assert_int_equal(ballotlayout_compile(&l, NULL, 0, &want[i].r, 1), ST_OK);
		assert_int_equal(ballotproof_ciphertexts_len(g, &l) + ballotproof_len(g, &l),
		                 want[i].bytes);
	}
}

/* --- decryption and openings -------------------------------------------------------------- */

static void ciphertexts_decrypt_to_the_values(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[9].rules, 1);
	const uint64_t values[] = { 0, 4, 1 };

	(void)state;
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	for (size_t i = 0; i < COUNT(values); i++) {
		struct element alpha, beta, m;
		struct scalar k;

		const uint8_t *at = c->ciphertexts + 64 * i;

		assert_int_equal(group_decode_var(c->g, &alpha, at), ST_OK);
		assert_int_equal(group_decode_var(c->g, &beta, at + 32), ST_OK);
		group_mul(c->g, &alpha, &alpha, &c->key);
		group_sub(c->g, &beta, &beta, &alpha);
		group_scalar_u64(c->g, &k, values[i]);
		group_mul_base(c->g, &m, &k);
		assert_true(group_is_equal(c->g, &beta, &m));
	}
	ballotcase_free(c);
}

static enum status opened(struct ballotcase *c, const uint64_t *values)
{
	return ballotproof_opened(&c->setup, &c->work, c->ctx, &c->bytes, c->openings,
	                          ballotproof_openings_len(c->g, &c->layout), values,
	                          c->layout.ciphertexts_len);
}

static void an_opening_opens_exactly_its_ballot(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[9].rules, 1);
	const uint64_t values[] = { 0, 4, 1 };
	size_t len = ballotproof_openings_len(c->g, &c->layout);

	(void)state;
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	for (size_t i = 0; i < COUNT(values); i++) {   /* another value is a lie */
		uint64_t lie[3];

		memcpy(lie, values, sizeof(lie));
		lie[i]++;
		assert_int_equal(opened(c, lie), ST_OPENING);
		c->openings[32 * i] ^= 1;   /* another r too (still canonical: the low byte) */
		assert_int_equal(opened(c, values), ST_OPENING);
		c->openings[32 * i] ^= 1;
	}
	c->openings[31] |= 0xf0;
	assert_int_equal(opened(c, values), ST_SCALAR);
	c->openings[31] &= 0x0f;
	assert_int_equal(ballotproof_opened(&c->setup, &c->work, c->ctx, &c->bytes, c->openings,
	                                    len - 1, values, 3), ST_FORMAT);
	assert_int_equal(ballotproof_opened(&c->setup, &c->work, c->ctx, &c->bytes, c->openings,
	                                    len, values, 2), ST_FORMAT);
	c->ctx[5] ^= 1;   /* an opening does not replace the proof */
	assert_int_equal(opened(c, values), ST_PROOF);
	c->ctx[5] ^= 1;
	assert_int_equal(opened(c, values), ST_OK);
	ballotcase_free(c);
}

/* --- randomness --------------------------------------------------------------------------- */

static void nothing_repeats_between_two_ballots_of_one_selection(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[0].rules, 1);
	const uint64_t values[] = { 0, 1, 0 };
	uint8_t first[1024];
	size_t ciphertexts_len = c->bytes.ciphertexts_len;
	size_t len = ciphertexts_len + c->bytes.proof_len;

	(void)state;
	assert_true(len <= sizeof(first));
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	memcpy(first, c->ciphertexts, ciphertexts_len);
	memcpy(first + ciphertexts_len, c->proof, c->bytes.proof_len);
	assert_int_equal(ballotcase_prove(c, values), ST_OK);
	for (size_t at = 0; at < len; at += 32) {
		const uint8_t *second = at < ciphertexts_len ? c->ciphertexts + at
		                                             : c->proof + at - ciphertexts_len;

		assert_memory_not_equal(first + at, second, 32);
	}
	ballotcase_free(c);
}

static void the_scratch_of_the_prover_is_wiped(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), STYLES[0].rules, 1);
	const uint64_t legal[] = { 0, 1, 0 };
	const uint64_t illegal[] = { 1, 1, 0 };
	size_t len = ballotproof_secrets_len(&c->layout) * sizeof(struct scalar);

	(void)state;
	assert_int_equal(ballotcase_prove(c, legal), ST_OK);
	assert_true(mem_is_zero(c->secrets, len));
	memset(c->secrets, 0x5a, len);
	assert_int_equal(ballotcase_prove(c, illegal), ST_RANGE);
	assert_true(mem_is_zero(c->secrets, len));
	ballotcase_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bits_exist_exactly_for_legal_values),
		cmocka_unit_test(huge_values_have_no_bits),
		cmocka_unit_test(every_value_has_its_digits),
		cmocka_unit_test(every_legal_selection_is_accepted),
		cmocka_unit_test(every_legal_selection_is_accepted_in_the_tiny_group),
		cmocka_unit_test(selections_are_accepted_in_the_modp_groups),
		cmocka_unit_test(an_illegal_selection_is_not_proved),
		cmocka_unit_test(the_widest_rules_are_proved),
		cmocka_unit_test(tables_change_nothing),
		cmocka_unit_test(bases_of_a_longer_layout_begin_with_those_of_a_shorter),
		cmocka_unit_test(the_bases_are_distinct_and_refuse_a_weak_key),
		cmocka_unit_test(a_ballot_has_the_size_that_the_design_counts),
		cmocka_unit_test(ciphertexts_decrypt_to_the_values),
		cmocka_unit_test(an_opening_opens_exactly_its_ballot),
		cmocka_unit_test(nothing_repeats_between_two_ballots_of_one_selection),
		cmocka_unit_test(the_scratch_of_the_prover_is_wiped),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
