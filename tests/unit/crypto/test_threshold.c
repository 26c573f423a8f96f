/*
 * test_threshold.c: sums are opened by any t trustees, and by nothing less (attacks.md N53–N57,
 * N61, N62, N64).
 */
#include "crypto/dlog.h"
#include "crypto/mem.h"
#include "crypto/threshold.h"
#include "tests/unit/lib/ceremony.h"
#include "tests/unit/lib/draw.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SUMS = 4, SLOTS = 64 };

/* An election's end: keys, sums of known counts, everybody's share. */
static struct {
	struct ceremony keys;
	struct ciphertext sums[SUMS];
	uint64_t counts[SUMS];
	struct element alpha[SUMS];
	uint8_t end_block[32];
	struct thdec d;
	struct element partial[DKG_MAX][SUMS];
	uint8_t proof[DKG_MAX][DLEQ_BYTES_MAX];
} e;
static struct dlog_slot slots[SLOTS];
static struct prng r;

static void encrypt_counts(void)
{
	for (size_t k = 0; k < SUMS; k++) {
		struct scalar s;

		draw_scalar(&r, e.keys.p.g, &s);
		e.counts[k] = k == 0 ? 0 : prng_below(&r, 1000);
		elgamal_encrypt_u64(e.keys.p.g, &e.sums[k], &e.keys.result.y, NULL, &s, e.counts[k]);
	}
}

static enum status init(struct thdec *d, struct element *alpha, const struct ciphertext *sums)
{
	return thdec_init(d, alpha, e.keys.p.g, e.keys.p.election_id, e.end_block,
	                  &e.keys.result.y, sums, SUMS);
}

static void fresh(const struct group *g, uint8_t n, uint8_t t)
{
	ceremony_run(&e.keys, &r, g, n, t);
	prng_bytes(&r, e.end_block, sizeof(e.end_block));
	encrypt_counts();
	assert_int_equal(init(&e.d, e.alpha, e.sums), ST_OK);
	for (uint8_t j = 0; j < n; j++)
		assert_int_equal(thdec_share_make(&e.d, e.partial[j], e.proof[j], (uint8_t)(j + 1),
		                                  &e.keys.x[j], &e.keys.result.share[j]), ST_OK);
}

static enum status check(const struct thdec *d, uint8_t j)
{
	return thdec_share_check(d, j, &e.keys.result.share[j - 1], e.partial[j - 1],
	                         e.proof[j - 1]);
}

/* Check every share of these trustees, combine what passes, and count. */
static enum status tally(uint64_t counts[static SUMS], const uint8_t *who, size_t who_len)
{
	struct thdec_share shares[DKG_MAX];
	struct element opened[SUMS];
	struct dlog table;
	enum status st;

	for (size_t i = 0; i < who_len; i++)
		shares[i] = (struct thdec_share){
			.index = who[i],
			.is_valid = check(&e.d, who[i]) == ST_OK,
			.partial = e.partial[who[i] - 1],
		};
	assert_int_equal(dlog_init(&table, e.keys.p.g, slots, SLOTS), ST_OK);
	st = thdec_combine_var(&e.d, opened, e.keys.p.t, shares, who_len);
	for (size_t k = 0; k < SUMS && st == ST_OK; k++)
		st = dlog_solve_var(&table, &counts[k], &opened[k], 1000);
	return st;
}

static void assert_tally(const uint8_t *who, size_t who_len)
{
	uint64_t counts[SUMS];

	assert_int_equal(tally(counts, who, who_len), ST_OK);
	for (size_t k = 0; k < SUMS; k++)
		assert_int_equal(counts[k], e.counts[k]);
}

/* --- any t open ---------------------------------------------------------------------------- */

static void any_t_trustees_open_the_counts(void **state)
{
	(void)state;
	prng_seed(&r, "any_t_trustees");
	for (uint8_t n = 1; n <= 5; n++) {
		for (uint8_t t = 1; t <= n; t++) {
			fresh(group_ristretto255(), n, t);
			for (uint8_t len = t; len <= n; len++) {
				uint8_t who[DKG_MAX];

				draw_indices(&r, who, len, n);
				assert_tally(who, len);
			}
		}
	}
}

static void the_last_of_thirteen_trustees_takes_part(void **state)
{
	static const uint8_t all[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	static const uint8_t two[] = { 1, 13 };

	(void)state;
	prng_seed(&r, "the_last_of_thirteen");
	fresh(group_ristretto255(), 13, 2);
	assert_tally(two, 2);
	fresh(group_ristretto255(), 13, 13);
	assert_tally(all, 13);
}

static void modp_trustees_open_the_counts(void **state)
{
	const uint8_t who[2] = { 1, 3 };

	(void)state;
	prng_seed(&r, "modp_trustees");
	fresh(group_belenios2048(), 3, 2);
	assert_tally(who, 2);
	fresh(group_rfc3526_2048(), 2, 1);
	assert_tally(who, 1);
}

static void fewer_than_t_shares_open_nothing(void **state)
{
	const uint8_t who[3] = { 1, 2, 4 };
	uint64_t counts[SUMS];

	(void)state;
	prng_seed(&r, "fewer_than_t");
	fresh(group_ristretto255(), 4, 3);
	assert_int_equal(tally(counts, who, 0), ST_THRESHOLD);
	assert_int_equal(tally(counts, who, 2), ST_THRESHOLD);
	assert_tally(who, 3);
	/* Combined as if two were enough, they give no count. */
	e.keys.p.t = 2;
	assert_int_equal(tally(counts, who, 2), ST_RANGE);
}

/* A last ballot with r = -(sum of the others) makes alpha the identity: it must still count. */
static void an_alpha_that_is_the_identity_counts(void **state)
{
	const struct group *g = group_ristretto255();
	const uint8_t who[2] = { 1, 3 };
	struct element generator;

	(void)state;
	prng_seed(&r, "an_alpha");
	fresh(g, 3, 2);
	group_generator(g, &generator);
	group_identity(g, &e.sums[1].a);
	group_identity(g, &e.sums[1].b);
	for (int m = 0; m < 7; m++)
		group_add(g, &e.sums[1].b, &e.sums[1].b, &generator);
	e.counts[1] = 7;
	ciphertext_zero(g, &e.sums[2]);   /* and both: seven times nothing */
	e.counts[2] = 0;
	assert_int_equal(init(&e.d, e.alpha, e.sums), ST_OK);
	for (uint8_t j = 1; j <= 3; j++) {
		assert_int_equal(thdec_share_make(&e.d, e.partial[j - 1], e.proof[j - 1], j,
		                                  &e.keys.x[j - 1], &e.keys.result.share[j - 1]),
		                 ST_OK);
		assert_true(group_is_identity(g, &e.partial[j - 1][1]));
		assert_true(group_is_identity(g, &e.partial[j - 1][2]));
		assert_int_equal(check(&e.d, j), ST_OK);
	}
	assert_tally(who, 2);
	/* Nor may a partial that is not the identity stand there. */
	e.partial[0][1] = generator;
	assert_int_equal(check(&e.d, 1), ST_PROOF);
}

/* N62: a sum of -1, or beyond what the weights allow, is no count. */
static void a_sum_outside_its_range_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	const uint8_t who[2] = { 1, 2 };
	uint64_t counts[SUMS];
	struct scalar s, m;

	(void)state;
	prng_seed(&r, "outside_its_range");
	for (int beyond = 0; beyond < 2; beyond++) {
		fresh(g, 3, 2);
		draw_scalar(&r, g, &s);
		group_scalar_u64(g, &m, beyond != 0 ? 1001 : 1);
		if (beyond == 0)
			group_scalar_neg(g, &m, &m);
		elgamal_encrypt(g, &e.sums[3], &e.keys.result.y, NULL, &s, &m);
		assert_int_equal(init(&e.d, e.alpha, e.sums), ST_OK);
		for (uint8_t j = 0; j < 3; j++)
			assert_int_equal(thdec_share_make(&e.d, e.partial[j], e.proof[j],
			                                  (uint8_t)(j + 1), &e.keys.x[j],
			                                  &e.keys.result.share[j]), ST_OK);
		assert_int_equal(tally(counts, who, 2), ST_RANGE);
	}
}

/* --- N56: bad shares are skipped ----------------------------------------------------------- */

static void a_bad_share_beside_t_valid_ones_changes_nothing(void **state)
{
	const struct group *g = group_ristretto255();
	static const uint8_t all[] = { 1, 2, 3, 4 }, two[] = { 2, 3 };
	struct element generator;
	uint64_t counts[SUMS];

	(void)state;
	prng_seed(&r, "a_bad_share");
	group_generator(g, &generator);
	fresh(g, 4, 2);
	for (uint8_t bad = 1; bad <= 4; bad++) {
		struct element was = e.partial[bad - 1][2];

		group_add(g, &e.partial[bad - 1][2], &was, &generator);
		assert_int_equal(check(&e.d, bad), ST_PROOF);
		assert_tally(all, 4);
		e.partial[bad - 1][2] = was;
	}
	group_add(g, &e.partial[1][0], &e.partial[1][0], &generator);
	assert_int_equal(tally(counts, two, 2), ST_THRESHOLD);
}

/* N55: a share whose proof is missing is none, at t = 1 as well. */
static void a_share_without_proof_is_refused(void **state)
{
	const uint8_t one[] = { 1 };
	uint64_t counts[SUMS];

	(void)state;
	prng_seed(&r, "without_proof");
	fresh(group_ristretto255(), 1, 1);
	assert_tally(one, 1);
	memset(e.proof[0], 0, sizeof(e.proof[0]));
	assert_int_equal(check(&e.d, 1), ST_PROOF);
	assert_int_equal(tally(counts, one, 1), ST_THRESHOLD);
}

/* --- N54, N64: field by field -------------------------------------------------------------- */

static void every_field_of_a_share_is_proved(void **state)
{
	(void)state;
	prng_seed(&r, "every_field");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		size_t element = group_element_len(g), scalar = group_scalar_len(g);
		size_t len = thdec_share_len(g, SUMS), at = 0;
		uint8_t *bytes = malloc(len), *spoilt = malloc(len);

		fresh(g, 2, 2);
		assert_int_equal(len, SUMS * element + 2 * scalar);
		thdec_share_encode(g, bytes, e.partial[0], SUMS, e.proof[0]);
		for (size_t field = 0; field < SUMS + 2; field++) {
			memcpy(spoilt, bytes, len);
			if (field < SUMS)
				forge_element_next(g, spoilt + at);
			else
				forge_scalar_next(g, spoilt + at);
			at += field < SUMS ? element : scalar;
			assert_int_equal(thdec_share_decode_var(g, e.partial[0], SUMS, e.proof[0],
			                                        spoilt, len), ST_OK);
			assert_int_equal(check(&e.d, 1), ST_PROOF);
		}
		assert_int_equal(at, len);
		assert_int_equal(thdec_share_decode_var(g, e.partial[0], SUMS, e.proof[0], bytes, len),
		                 ST_OK);
		assert_int_equal(check(&e.d, 1), ST_OK);
		free(bytes);
		free(spoilt);
	}
}

/* Changes that cancel in a plain product of the partials must not cancel in the batch. */
static void errors_that_cancel_are_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct element x;

	(void)state;
	prng_seed(&r, "errors_that_cancel");
	fresh(g, 2, 2);
	draw_element(&r, g, &x);
	group_add(g, &e.partial[0][0], &e.partial[0][0], &x);
	group_sub(g, &e.partial[0][1], &e.partial[0][1], &x);
	assert_int_equal(check(&e.d, 1), ST_PROOF);
	group_sub(g, &e.partial[0][0], &e.partial[0][0], &x);
	group_add(g, &e.partial[0][1], &e.partial[0][1], &x);
	assert_int_equal(check(&e.d, 1), ST_OK);
	x = e.partial[0][0];
	e.partial[0][0] = e.partial[0][1];
	e.partial[0][1] = x;
	assert_int_equal(check(&e.d, 1), ST_PROOF);
}

/* --- a share serves one statement ---------------------------------------------------------- */

static void a_share_of_another_statement_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct thdec d;

	(void)state;
	prng_seed(&r, "another_statement");
	fresh(g, 3, 2);
	for (int change = 0; change < 4; change++) {
		d = e.d;
		if (change == 0)
			d.election_id[31] ^= 1;
		if (change == 1)
			d.end_block[0] ^= 1;
		if (change == 2)
			group_neg(g, &d.y, &d.y);
		if (change == 3)
			d.digest[0] ^= 1;
		assert_int_equal(check(&d, 1), ST_PROOF);
	}
	assert_int_equal(check(&e.d, 1), ST_OK);
}

/* N61: sums in another order, another beta, one sum more or less: another digest, no share. */
static void a_share_of_other_sums_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct ciphertext sums[SUMS];
	struct element alpha[SUMS], generator;
	struct thdec d;

	(void)state;
	prng_seed(&r, "other_sums");
	fresh(g, 3, 2);
	group_generator(g, &generator);
	for (size_t k = 0; k < SUMS; k++) {
		for (int side = 0; side < 2; side++) {
			struct element *part = side == 0 ? &sums[k].a : &sums[k].b;

			memcpy(sums, e.sums, sizeof(sums));
			group_add(g, part, part, &generator);
			assert_int_equal(init(&d, alpha, sums), ST_OK);
			assert_memory_not_equal(d.digest, e.d.digest, sizeof(d.digest));
			assert_int_equal(check(&d, 1), ST_PROOF);
		}
	}
	memcpy(sums, e.sums, sizeof(sums));
	sums[0] = e.sums[1];
	sums[1] = e.sums[0];
	assert_int_equal(init(&d, alpha, sums), ST_OK);
	assert_int_equal(check(&d, 1), ST_PROOF);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block,
	                            &e.keys.result.y, e.sums, SUMS - 1), ST_OK);
	assert_int_equal(check(&d, 1), ST_PROOF);
	assert_int_equal(init(&d, alpha, e.sums), ST_OK);
	assert_memory_equal(d.digest, e.d.digest, sizeof(d.digest));
	assert_int_equal(check(&d, 1), ST_OK);
}

static void a_share_of_another_trustee_is_refused(void **state)
{
	const struct element *share;

	(void)state;
	prng_seed(&r, "another_trustee");
	for (size_t s = 0; s < 2; s++) {
		fresh(suites_large()[s], 3, 2);
		share = e.keys.result.share;
		assert_int_equal(thdec_share_check(&e.d, 2, &share[0], e.partial[0], e.proof[0]),
		                 ST_PROOF);
		assert_int_equal(thdec_share_check(&e.d, 1, &share[1], e.partial[0], e.proof[0]),
		                 ST_PROOF);
		assert_int_equal(thdec_share_check(&e.d, 2, &share[1], e.partial[0], e.proof[0]),
		                 ST_PROOF);
		assert_int_equal(thdec_share_check(&e.d, 0, &share[0], e.partial[0], e.proof[0]),
		                 ST_LIMIT);
		assert_int_equal(thdec_share_check(&e.d, 14, &share[0], e.partial[0], e.proof[0]),
		                 ST_LIMIT);
		assert_int_equal(thdec_share_check(&e.d, 1, &share[0], e.partial[0], e.proof[0]),
		                 ST_OK);
	}
}

/* N54: the plain proof of RFC 9497, whose context names nothing of the statement. */
static void a_proof_over_a_shorter_transcript_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct dleq_string string = { .bytes = "kalpis/v1/share", .len = 15 };
	struct dleq_statement s;
	struct scalar nonce;

	(void)state;
	prng_seed(&r, "a_shorter_transcript");
	fresh(g, 2, 1);
	s = (struct dleq_statement){
		.b = &e.keys.result.share[0], .c = e.alpha, .d = e.partial[0], .count = SUMS,
	};
	draw_scalar(&r, g, &nonce);
	assert_int_equal(dleq_rfc9497_prove(g, e.proof[0], &string, &s, &e.keys.x[0], &nonce),
	                 ST_OK);
	assert_int_equal(dleq_rfc9497_verify(g, &string, &s, e.proof[0], dleq_len(g)), ST_OK);
	assert_int_equal(check(&e.d, 1), ST_PROOF);
}

/* --- arguments and bytes ------------------------------------------------------------------- */

static void a_key_that_is_not_its_own_makes_no_share(void **state)
{
	struct element partial[SUMS];
	uint8_t proof[DLEQ_BYTES_MAX];

	(void)state;
	prng_seed(&r, "not_its_own");
	fresh(group_ristretto255(), 2, 2);
	assert_int_equal(thdec_share_make(&e.d, partial, proof, 1, &e.keys.x[1],
	                                  &e.keys.result.share[0]), ST_KEY);
	assert_int_equal(thdec_share_make(&e.d, partial, proof, 0, &e.keys.x[0],
	                                  &e.keys.result.share[0]), ST_LIMIT);
	assert_int_equal(thdec_share_make(&e.d, partial, proof, 14, &e.keys.x[0],
	                                  &e.keys.result.share[0]), ST_LIMIT);
}

static void a_list_of_no_sums_or_too_many_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct element identity, alpha[1];
	struct thdec d;

	(void)state;
	prng_seed(&r, "no_sums");
	fresh(g, 1, 1);
	group_identity(g, &identity);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block,
	                            &e.keys.result.y, e.sums, 0), ST_LIMIT);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block,
	                            &e.keys.result.y, e.sums, THDEC_AGGREGATES_MAX + 1), ST_LIMIT);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block, &identity,
	                            e.sums, 1), ST_IDENTITY);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block,
	                            &e.keys.result.y, e.sums, 1), ST_OK);
}

static void as_many_sums_as_the_limit_are_taken(void **state)
{
	const struct group *g = group_ristretto255();
	struct ciphertext *sums = malloc(THDEC_AGGREGATES_MAX * sizeof(*sums));
	struct element *alpha = malloc(THDEC_AGGREGATES_MAX * sizeof(*alpha));
	size_t len = thdec_share_len(g, THDEC_AGGREGATES_MAX);
	uint8_t *bytes = calloc(1, len), proof[DLEQ_BYTES_MAX];
	struct thdec d;

	(void)state;
	prng_seed(&r, "as_many_sums");
	assert_non_null(bytes);
	assert_non_null(sums);
	assert_non_null(alpha);
	fresh(g, 1, 1);
	for (size_t k = 0; k < THDEC_AGGREGATES_MAX; k++)
		ciphertext_zero(g, &sums[k]);
	assert_int_equal(thdec_init(&d, alpha, g, e.keys.p.election_id, e.end_block,
	                            &e.keys.result.y, sums, THDEC_AGGREGATES_MAX), ST_OK);
	assert_int_equal(d.count, THDEC_AGGREGATES_MAX);
	/* A share of identities and zeros is well formed, for all of them and for one. */
	assert_int_equal(thdec_share_decode_var(g, alpha, THDEC_AGGREGATES_MAX, proof, bytes, len),
	                 ST_OK);
	assert_int_equal(thdec_share_decode_var(g, alpha, 1, proof, bytes, thdec_share_len(g, 1)),
	                 ST_OK);
	free(bytes);
	free(sums);
	free(alpha);
}

/* The digest is what a tool compares before it opens anything: it too names its election. */
static void the_same_sums_of_another_election_have_another_digest(void **state)
{
	const struct group *g = group_ristretto255();
	struct element alpha[SUMS];
	struct thdec d;

	(void)state;
	prng_seed(&r, "another_digest");
	fresh(g, 1, 1);
	e.keys.p.election_id[0] ^= 1;
	assert_int_equal(init(&d, alpha, e.sums), ST_OK);
	assert_memory_not_equal(d.digest, e.d.digest, sizeof(d.digest));
	e.keys.p.election_id[0] ^= 1;
	assert_int_equal(init(&d, alpha, e.sums), ST_OK);
	assert_memory_equal(d.digest, e.d.digest, sizeof(d.digest));
}

/* N53 */
static void a_confused_list_of_shares_is_refused(void **state)
{
	static const struct {
		uint8_t who[3];
		size_t len;
		uint8_t t;
		enum status want;
	} cases[] = {
		{ { 0, 1, 2 }, 3, 2, ST_LIMIT },
		{ { 1, 2, 14 }, 3, 2, ST_LIMIT },
		{ { 1, 1, 2 }, 3, 2, ST_DUPLICATE },
		{ { 2, 1, 3 }, 3, 2, ST_ORDER },
		{ { 1, 2, 3 }, 3, 0, ST_LIMIT },
		{ { 1, 2, 3 }, 3, 14, ST_LIMIT },
		{ { 1, 2, 3 }, 3, 4, ST_THRESHOLD },
		{ { 1, 2, 3 }, 0, 1, ST_THRESHOLD },
		{ { 1, 2, 3 }, 3, 2, ST_OK },
	};
	struct element opened[SUMS];

	(void)state;
	prng_seed(&r, "a_confused_list");
	fresh(group_ristretto255(), 3, 2);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct thdec_share shares[3];

		for (size_t k = 0; k < 3; k++)
			shares[k] = (struct thdec_share){ cases[i].who[k], true, e.partial[k] };
		assert_int_equal(thdec_combine_var(&e.d, opened, cases[i].t, shares, cases[i].len),
		                 cases[i].want);
	}
}

static void more_shares_than_trustees_are_refused(void **state)
{
	struct thdec_share shares[14];
	struct element opened[SUMS];

	(void)state;
	prng_seed(&r, "more_shares");
	fresh(group_ristretto255(), 1, 1);
	for (uint8_t i = 0; i < 14; i++)
		shares[i] = (struct thdec_share){ (uint8_t)(i + 1), true, e.partial[0] };
	assert_int_equal(thdec_combine_var(&e.d, opened, 1, shares, 14), ST_LIMIT);
	assert_int_equal(thdec_combine_var(&e.d, opened, 1, shares, 13), ST_OK);
}

/* A share that was not marked valid takes no part, wherever it stands. */
static void unchecked_shares_take_no_part(void **state)
{
	const struct group *g = group_ristretto255();
	struct thdec_share shares[3] = { { .index = 1 }, { .index = 2 }, { .index = 3 } };
	struct element opened[SUMS], generator, want;
	struct scalar m;

	(void)state;
	prng_seed(&r, "unchecked_shares");
	fresh(g, 3, 1);
	group_generator(g, &generator);
	for (size_t i = 0; i < 3; i++)
		shares[i].partial = e.partial[i];
	assert_int_equal(thdec_combine_var(&e.d, opened, 1, shares, 3), ST_THRESHOLD);
	group_add(g, &e.partial[0][1], &e.partial[0][1], &generator);
	shares[1].is_valid = true;
	assert_int_equal(thdec_combine_var(&e.d, opened, 1, shares, 3), ST_OK);
	group_scalar_u64(g, &m, e.counts[1]);
	group_mul_base(g, &want, &m);
	assert_true(group_is_equal(g, &opened[1], &want));
}

static void a_share_of_any_other_length_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	size_t len = thdec_share_len(g, SUMS);
	struct element partial[SUMS + 1];
	uint8_t bytes[256] = { 0 }, again[256], proof[DLEQ_BYTES_MAX];

	(void)state;
	prng_seed(&r, "any_other_length");
	fresh(g, 1, 1);
	thdec_share_encode(g, bytes, e.partial[0], SUMS, e.proof[0]);
	for (size_t k = 0; k < len; k++)
		assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, k), ST_FORMAT);
	assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, len + 1),
	                 ST_FORMAT);
	assert_int_equal(thdec_share_decode_var(g, partial, SUMS + 1, proof, bytes, len),
	                 ST_FORMAT);
	assert_int_equal(thdec_share_decode_var(g, partial, 0, proof, bytes, 64), ST_LIMIT);
	assert_int_equal(thdec_share_decode_var(g, partial, THDEC_AGGREGATES_MAX + 1, proof, bytes,
	                                        len), ST_LIMIT);
	assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, len), ST_OK);
	thdec_share_encode(g, again, partial, SUMS, proof);
	assert_memory_equal(again, bytes, len);
}

static void what_is_not_canonical_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "not_canonical");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		size_t element = group_element_len(g), scalar = group_scalar_len(g);
		size_t len = thdec_share_len(g, SUMS);
		uint8_t *bytes = malloc(len), proof[DLEQ_BYTES_MAX];
		struct element partial[SUMS];

		fresh(g, 1, 1);
		for (size_t k = 0; k < SUMS; k++) {
			thdec_share_encode(g, bytes, e.partial[0], SUMS, e.proof[0]);
			memset(bytes + k * element, 0xff, element);
			assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, len),
			                 ST_ELEMENT);
			forge_element_identity(g, bytes + k * element);
			assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, len),
			                 ST_OK);   /* legal bytes: alpha may be the identity */
		}
		for (size_t k = 0; k < 2; k++) {
			thdec_share_encode(g, bytes, e.partial[0], SUMS, e.proof[0]);
			forge_scalar_order(g, bytes + SUMS * element + k * scalar);
			assert_int_equal(thdec_share_decode_var(g, partial, SUMS, proof, bytes, len),
			                 ST_SCALAR);
		}
		free(bytes);
	}
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_t_trustees_open_the_counts),
		cmocka_unit_test(the_last_of_thirteen_trustees_takes_part),
		cmocka_unit_test(modp_trustees_open_the_counts),
		cmocka_unit_test(fewer_than_t_shares_open_nothing),
		cmocka_unit_test(an_alpha_that_is_the_identity_counts),
		cmocka_unit_test(a_sum_outside_its_range_is_refused),
		cmocka_unit_test(a_bad_share_beside_t_valid_ones_changes_nothing),
		cmocka_unit_test(a_share_without_proof_is_refused),
		cmocka_unit_test(every_field_of_a_share_is_proved),
		cmocka_unit_test(errors_that_cancel_are_refused),
		cmocka_unit_test(a_share_of_another_statement_is_refused),
		cmocka_unit_test(a_share_of_other_sums_is_refused),
		cmocka_unit_test(a_share_of_another_trustee_is_refused),
		cmocka_unit_test(a_proof_over_a_shorter_transcript_is_refused),
		cmocka_unit_test(a_key_that_is_not_its_own_makes_no_share),
		cmocka_unit_test(a_list_of_no_sums_or_too_many_is_refused),
		cmocka_unit_test(as_many_sums_as_the_limit_are_taken),
		cmocka_unit_test(the_same_sums_of_another_election_have_another_digest),
		cmocka_unit_test(a_confused_list_of_shares_is_refused),
		cmocka_unit_test(more_shares_than_trustees_are_refused),
		cmocka_unit_test(unchecked_shares_take_no_part),
		cmocka_unit_test(a_share_of_any_other_length_is_refused),
		cmocka_unit_test(what_is_not_canonical_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
