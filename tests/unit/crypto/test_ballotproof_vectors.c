/* test_ballotproof_vectors.c: the ballot that protocol-ballotproof.md §9 prints, step by step. */
#include "crypto/ballotproof_impl.h"
#include "crypto/mem.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/ballotproof.h"
#include "tests/vectors/ballotproof_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { BITS = 9, NUMBERS = 4, POINTS = 128, SCALARS = 64 };

static struct ballotlayout layout;
static struct element bases[3 + BITS];
static struct element points[POINTS];
static struct scalar scalars[SCALARS];
static uint8_t ciphertexts[2 * NUMBERS * 32];
static uint8_t proof[(6 + BITS + 3) * 32];
static uint8_t ctx[BALLOTPROOF_CTX_BYTES];

static struct ballotproof_work work = { points, POINTS, scalars, SCALARS };
static const struct ballotproof_bytes bytes = { ciphertexts, sizeof(ciphertexts), proof,
	                                        sizeof(proof) };
static const struct ballotproof_setup setup = { .layout = &layout, .bases = bases,
	                                        .bases_len = 3 + BITS };

static struct ballotproof_setup ready(void)
{
	static const struct ballotlayout_rule rules[] = { { 4, 2, 1, 1, 1, true },
		                                          { 9, 1, 5, 1, 9, false } };
	struct ballotproof_setup s = setup;
	uint8_t y[32];

	s.g = group_ristretto255();
	assert_int_equal(ballotlayout_compile(&layout, NULL, 3, rules, 2), ST_OK);
	assert_int_equal(layout.bits_len, BITS);
	assert_int_equal(layout.ciphertexts_len, NUMBERS);
	hex_exact(y, sizeof(y), ballotproof_vector.y);
	assert_int_equal(group_decode_var(s.g, &bases[BALLOTPROOF_BASE_Y], y), ST_OK);
	assert_int_equal(ballotproof_bases(bases, s.g, &bases[BALLOTPROOF_BASE_Y], BITS), ST_OK);
	hex_exact(ctx, sizeof(ctx), ballotproof_vector.ctx);
	hex_exact(ciphertexts, sizeof(ciphertexts), ballotproof_vector.ciphertexts);
	hex_exact(proof, sizeof(proof), ballotproof_vector.proof);
	return s;
}

static void the_generators_are_those_of_the_document(void **state)
{
	const struct ballotproof_setup s = ready();
	uint8_t want[(1 + BITS) * 32];
	uint8_t have[32];

	(void)state;
	hex_exact(want, sizeof(want), ballotproof_vector.generators);
	for (size_t i = 0; i <= BITS; i++) {
		group_encode(s.g, have, &bases[BALLOTPROOF_BASE_H + i]);
		assert_memory_equal(have, want + 32 * i, 32);
	}
}

static void the_layout_digest_is_that_of_the_document(void **state)
{
	uint8_t want[HASH512_BYTES];

	(void)state;
	(void)ready();
	hex_exact(want, sizeof(want), ballotproof_vector.layout_digest);
	assert_memory_equal(layout.digest, want, sizeof(want));
}

static void the_challenges_are_those_of_the_document(void **state)
{
	const struct ballotproof_setup s = ready();
	uint8_t want[HASH512_BYTES];
	uint8_t t1[HASH512_BYTES];
	uint8_t have[32];
	struct scalar k;

	(void)state;
	ballotproof_t1(t1, &s, ctx, ciphertexts, proof);
	hex_exact(want, sizeof(want), ballotproof_vector.t1);
	assert_memory_equal(t1, want, sizeof(want));
	ballotproof_rho(s.g, &k, t1);
	group_scalar_encode(s.g, have, &k);
	hex_exact(want, 32, ballotproof_vector.rho);
	assert_memory_equal(have, want, 32);
	ballotproof_x(s.g, &k, t1, proof + 4 * 32);
	group_scalar_encode(s.g, have, &k);
	hex_exact(want, 32, ballotproof_vector.x);
	assert_memory_equal(have, want, 32);
}

static void the_ballot_of_the_document_holds_and_opens(void **state)
{
	static const uint64_t values[NUMBERS] = { 0, 1, 0, 4 };
	const struct ballotproof_setup s = ready();
	uint8_t openings[NUMBERS * 32];

	(void)state;
	hex_exact(openings, sizeof(openings), ballotproof_vector.openings);
	assert_int_equal(ballotproof_opened(&s, &work, ctx, &bytes, openings, sizeof(openings),
	                                    values, NUMBERS), ST_OK);
	ctx[63] ^= 1;
	assert_int_equal(ballotproof_verify(&s, &work, ctx, &bytes), ST_PROOF);
	ctx[63] ^= 1;
	assert_int_equal(ballotproof_verify(&s, &work, ctx, &bytes), ST_OK);
}

/* tests/reference/ballotproof.py was written from the document and has seen none of our C. */
static void the_ballot_of_the_second_implementation_holds_and_opens(void **state)
{
	static const uint64_t values[NUMBERS] = { 1, 0, 0, 1 };
	const struct ballotproof_setup s = ready();
	uint8_t openings[NUMBERS * 32];

	(void)state;
	hex_exact(ciphertexts, sizeof(ciphertexts), ballotproof_reference.ciphertexts);
	hex_exact(proof, sizeof(proof), ballotproof_reference.proof);
	hex_exact(openings, sizeof(openings), ballotproof_reference.openings);
	assert_int_equal(ballotproof_opened(&s, &work, ctx, &bytes, openings, sizeof(openings),
	                                    values, NUMBERS), ST_OK);
	proof[sizeof(proof) - 32] ^= 1;
	assert_int_equal(ballotproof_verify(&s, &work, ctx, &bytes), ST_PROOF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_generators_are_those_of_the_document),
		cmocka_unit_test(the_layout_digest_is_that_of_the_document),
		cmocka_unit_test(the_challenges_are_those_of_the_document),
		cmocka_unit_test(the_ballot_of_the_document_holds_and_opens),
		cmocka_unit_test(the_ballot_of_the_second_implementation_holds_and_opens),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
