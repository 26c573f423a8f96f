/*
 * test_dkg.c: whole key ceremonies, complete and interrupted (attacks.md N44, N46, N47, N50, N53).
 *
 * What a cheat may put into a deal or a complaint is in test_dkg_forge.c.
 */
#include "crypto/dkg.h"
#include "crypto/mem.h"
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

static struct ceremony c;
static struct ceremony d;
static struct prng r;

/* --- complete ceremonies ------------------------------------------------------------------- */

/* Every deal passes, travels, and is what its bytes say. */
static void assert_deals_pass(void)
{
	size_t len = dkg_deal_len(&c.p);
	uint8_t *bytes = malloc(len), *again = malloc(len);
	struct dkg_deal *deal = malloc(sizeof(*deal));

	assert_non_null(bytes);
	assert_non_null(again);
	assert_non_null(deal);
	for (uint8_t i = 1; i <= c.p.n; i++) {
		dkg_deal_encode(&c.p, bytes, &c.deal[i - 1]);
		assert_int_equal(dkg_deal_decode(&c.p, deal, bytes, len), ST_OK);
		dkg_deal_encode(&c.p, again, deal);
		assert_memory_equal(again, bytes, len);
		assert_int_equal(dkg_deal_check(&c.p, i, deal, c.commit[i - 1]), ST_OK);
	}
	free(bytes);
	free(again);
	free(deal);
}

/* The keys are those of a shared secret that any t, and no t - 1, of those in restore. */
static void assert_keys_fit(const uint8_t *in, size_t in_len)
{
	const struct group *g = c.p.g;
	struct scalar shares[DKG_MAX], secret;
	struct element key;
	uint8_t indices[DKG_MAX], pick[DKG_MAX];

	for (size_t i = 0; i < in_len; i++) {
		group_mul_base(g, &key, &c.x[in[i] - 1]);
		assert_true(group_is_equal(g, &key, &c.result.share[in[i] - 1]));
	}
	draw_indices(&r, pick, c.p.t, (uint8_t)in_len);
	for (size_t i = 0; i < c.p.t; i++) {
		indices[i] = in[pick[i] - 1];
		shares[i] = c.x[indices[i] - 1];
	}
	assert_int_equal(shamir_recover(g, &secret, indices, shares, c.p.t), ST_OK);
	group_mul_base(g, &key, &secret);
	assert_true(group_is_equal(g, &key, &c.result.y));
	if (c.p.t == 1)
		return;
	assert_int_equal(shamir_recover(g, &secret, indices, shares, c.p.t - 1u), ST_OK);
	group_mul_base(g, &key, &secret);
	assert_false(group_is_equal(g, &key, &c.result.y));
}

static void assert_ceremony(const struct group *g, uint8_t n, uint8_t t)
{
	static const uint8_t all[DKG_MAX] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };

	ceremony_start(&c, &r, g, n, t);
	ceremony_deal(&c);
	assert_deals_pass();
	assert_int_equal(ceremony_finish(&c), ST_OK);
	assert_keys_fit(all, n);
}

/* N46: every n up to 7 with every t, so t = 1, t = n and n = 1 among them. */
static void every_small_ceremony_gives_one_key(void **state)
{
	(void)state;
	prng_seed(&r, "every_small_ceremony");
	for (uint8_t n = 1; n <= 7; n++)
		for (uint8_t t = 1; t <= n; t++)
			assert_ceremony(group_ristretto255(), n, t);
}

static void the_largest_ceremony_gives_one_key(void **state)
{
	(void)state;
	prng_seed(&r, "the_largest_ceremony");
	assert_ceremony(group_ristretto255(), DKG_MAX, 7);
}

static void modp_ceremonies_give_one_key(void **state)
{
	(void)state;
	prng_seed(&r, "modp_ceremonies");
	assert_ceremony(group_belenios2048(), 1, 1);
	assert_ceremony(group_belenios2048(), 3, 2);
	assert_ceremony(group_rfc3526_2048(), 2, 2);
}

/* The joint key is the sum of what each dealer knows, and nobody else's. */
static void the_key_is_the_sum_of_all_constant_coefficients(void **state)
{
	const struct group *g = group_ristretto255();
	struct scalar coeffs[DKG_MAX], sum;
	struct element key;

	(void)state;
	prng_seed(&r, "the_key_is_the_sum");
	ceremony_run(&c, &r, g, 5, 3);
	group_scalar_zero(g, &sum);
	for (uint8_t i = 1; i <= 5; i++) {
		cheat_coefficients(&c, coeffs, i);
		group_scalar_add(g, &sum, &sum, &coeffs[0]);
	}
	group_mul_base(g, &key, &sum);
	assert_true(group_is_equal(g, &key, &c.result.y));
}

/* --- the same again, and never two --------------------------------------------------------- */

static bool has_same_deal(const struct ceremony *a, const struct ceremony *b, uint8_t dealer)
{
	return memcmp(a->commit[dealer - 1], b->commit[dealer - 1], DKG_COMMIT_BYTES) == 0;
}

static void a_deal_that_is_made_again_is_the_same(void **state)
{
	const struct group *g = group_ristretto255();
	size_t len;
	uint8_t *one, *two;

	(void)state;
	prng_seed(&r, "made_again");
	ceremony_start(&c, &r, g, 4, 3);
	len = dkg_deal_len(&c.p);
	one = malloc(len);
	two = malloc(len);
	assert_int_equal(dkg_deal_make(&c.p, &c.deal[0], &c.self[2]), ST_OK);
	dkg_deal_encode(&c.p, one, &c.deal[0]);
	assert_int_equal(dkg_deal_make(&c.p, &c.deal[1], &c.self[2]), ST_OK);
	dkg_deal_encode(&c.p, two, &c.deal[1]);
	assert_memory_equal(one, two, len);
	free(one);
	free(two);
}

/* Whatever differs in the ceremony or the secrets, every commitment and ephemeral differs. */
static void another_ceremony_has_another_deal(void **state)
{
	const struct group *g = group_ristretto255();
	const struct dkg_self *self = &d.self[0];

	(void)state;
	prng_seed(&r, "another_ceremony");
	ceremony_start(&c, &r, g, 4, 3);
	ceremony_deal(&c);
	for (int change = 0; change < 5; change++) {
		d = c;
		if (change == 0)
			d.p.election_id[31] ^= 1;
		if (change == 1)
			d.p.n = 3;
		if (change == 2)
			d.p.t = 2;
		if (change == 3)
			d.self[0].seed[31] ^= 1;
		if (change == 4) {
			draw_scalar(&r, g, &d.self[0].key);
			group_mul_base(g, &d.p.key[0], &d.self[0].key);
		}
		assert_int_equal(dkg_deal_make(&d.p, &d.deal[0], self), ST_OK);
		dkg_commit(&d.p, d.commit[0], 1, &d.deal[0]);
		assert_false(has_same_deal(&c, &d, 1));
		for (uint8_t k = 0; k < d.p.t; k++)
			assert_false(group_is_equal(g, &c.deal[0].commit[k], &d.deal[0].commit[k]));
		for (uint8_t j = 0; j < d.p.n; j++)
			assert_false(group_is_equal(g, &c.deal[0].parcel[j].ephemeral,
			                            &d.deal[0].parcel[j].ephemeral));
	}
}

/*
 * A parcel that the forger sealed by the document's own words opens to what it put in: the pad is
 * the document's, in all its fields.  With any other key, index or dealer it opens to nothing.
 */
static void a_share_sealed_by_the_document_opens(void **state)
{
	(void)state;
	prng_seed(&r, "sealed_by_the_document");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];
		struct scalar coeffs[DKG_MAX], sealed, share, e;
		uint8_t bytes[GROUP_SCALAR_BYTES_MAX];

		ceremony_start(&c, &r, g, 3, 2);
		ceremony_deal(&c);
		cheat_coefficients(&c, coeffs, 2);
		shamir_eval(g, &sealed, 3, coeffs, 2);
		group_scalar_encode(g, bytes, &sealed);
		draw_scalar(&r, g, &e);
		cheat_parcel(&c, 2, 3, bytes, &e);
		assert_int_equal(dkg_share_open(&c.p, &share, &c.self[2], 2, &c.deal[1]), ST_OK);
		assert_true(group_scalar_is_equal(g, &share, &sealed));
		d = c;   /* 1 gets what was sealed to 3, and 3 gets it as if from 1 */
		d.deal[1].parcel[0] = c.deal[1].parcel[2];
		assert_int_equal(dkg_share_open(&d.p, &share, &d.self[0], 2, &d.deal[1]), ST_OPENING);
		d.deal[0] = c.deal[1];
		assert_int_equal(dkg_share_open(&d.p, &share, &d.self[2], 1, &d.deal[0]), ST_OPENING);
		d.p.election_id[0] ^= 1;
		assert_int_equal(dkg_share_open(&d.p, &share, &d.self[2], 2, &c.deal[1]), ST_OPENING);
	}
}

/* --- a bad share --------------------------------------------------------------------------- */

/* N47: trustee 3 gets a bad share from 2; the complaint convinces all; the rest goes on. */
static void a_dealer_of_a_bad_share_is_excluded(void **state)
{
	static const uint8_t rest[] = { 1, 3, 4, 5 };

	(void)state;
	prng_seed(&r, "a_dealer_of_a_bad_share");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];
		struct dkg_complaint complaint;
		struct scalar share;
		struct element y;

		ceremony_run(&c, &r, g, 5, 3);
		y = c.result.y;
		cheat_bad_share(&c, &r, 2, 3);
		assert_int_equal(dkg_deal_check(&c.p, 2, &c.deal[1], c.commit[1]), ST_OK);
		assert_int_equal(dkg_share_open(&c.p, &share, &c.self[0], 2, &c.deal[1]), ST_OK);
		assert_int_equal(dkg_share_open(&c.p, &share, &c.self[2], 2, &c.deal[1]),
		                 ST_OPENING);
		assert_true(group_scalar_is_zero(g, &share));
		assert_int_equal(ceremony_finish(&c), ST_OPENING);
		assert_int_equal(dkg_complaint_make(&c.p, &complaint, &c.self[2], 2, &c.deal[1]),
		                 ST_OK);
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_OK);
		c.in[1] = NULL;
		assert_int_equal(ceremony_finish(&c), ST_OK);
		assert_keys_fit(rest, sizeof(rest));
		assert_false(group_is_equal(g, &c.result.y, &y));
		assert_false(c.result.included[1]);
		assert_true(group_is_identity(g, &c.result.share[1]));
	}
}

/* A box that opens to q, or to anything beyond, is as bad as a wrong number. */
static void a_share_that_is_no_scalar_is_bad(void **state)
{
	(void)state;
	prng_seed(&r, "a_share_that_is_no_scalar");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];
		uint8_t bytes[GROUP_SCALAR_BYTES_MAX];
		struct dkg_complaint complaint;
		struct scalar share, e;

		ceremony_start(&c, &r, g, 2, 1);
		ceremony_deal(&c);
		/* t = 1: every share is the constant; the right one plus q, and all ones. */
		cheat_coefficients(&c, &share, 1);
		group_scalar_encode(g, bytes, &share);
		if (!forge_scalar_plus_order(g, bytes))
			memset(bytes, 0xff, sizeof(bytes));
		draw_scalar(&r, g, &e);
		cheat_parcel(&c, 1, 2, bytes, &e);
		assert_int_equal(dkg_deal_check(&c.p, 1, &c.deal[0], c.commit[0]), ST_OK);
		assert_int_equal(dkg_share_open(&c.p, &share, &c.self[1], 1, &c.deal[0]),
		                 ST_OPENING);
		assert_int_equal(dkg_complaint_make(&c.p, &complaint, &c.self[1], 1, &c.deal[0]),
		                 ST_OK);
		assert_int_equal(dkg_complaint_judge(&c.p, 2, &complaint, &c.deal[0]), ST_OK);
	}
}

/* A deal whose polynomial has another constant than it proved, for everybody: all may complain. */
static void each_receiver_can_complain_for_itself(void **state)
{
	const struct group *g = group_ristretto255();
	struct dkg_complaint complaint;

	(void)state;
	prng_seed(&r, "each_receiver");
	ceremony_start(&c, &r, g, 4, 2);
	ceremony_deal(&c);
	for (uint8_t j = 2; j <= 4; j++)
		cheat_bad_share(&c, &r, 1, j);
	for (uint8_t j = 2; j <= 4; j++) {
		assert_int_equal(dkg_complaint_make(&c.p, &complaint, &c.self[j - 1], 1,
		                                    &c.deal[0]), ST_OK);
		assert_int_equal(dkg_complaint_judge(&c.p, j, &complaint, &c.deal[0]), ST_OK);
	}
}

/* --- result -------------------------------------------------------------------------------- */

/* N50: the silent are left out; the ceremony stands while t are left. */
static void silent_dealers_are_left_out_while_t_remain(void **state)
{
	static const uint8_t rest[] = { 2, 4, 5 };

	(void)state;
	prng_seed(&r, "silent_dealers");
	ceremony_run(&c, &r, group_ristretto255(), 5, 3);
	c.in[0] = NULL;
	c.in[2] = NULL;
	assert_int_equal(ceremony_finish(&c), ST_OK);
	assert_keys_fit(rest, sizeof(rest));
	assert_int_equal(dkg_share_sum(&c.p, &c.x[0], &c.self[0], &c.result, c.in), ST_EXCLUDED);
	assert_true(group_scalar_is_zero(c.p.g, &c.x[0]));
	c.in[4] = NULL;
	assert_int_equal(dkg_result_make(&c.p, &c.result, c.in), ST_THRESHOLD);
	assert_true(group_is_identity(c.p.g, &c.result.y));
	for (uint8_t i = 0; i < 5; i++)
		c.in[i] = NULL;
	assert_int_equal(dkg_result_make(&c.p, &c.result, c.in), ST_THRESHOLD);
}

/* Shares of five dealers do not add up to a key that four of them made. */
static void a_share_that_does_not_fit_the_key_is_refused(void **state)
{
	struct scalar x;

	(void)state;
	prng_seed(&r, "does_not_fit");
	ceremony_run(&c, &r, group_ristretto255(), 5, 3);
	c.in[4] = NULL;
	assert_int_equal(dkg_share_sum(&c.p, &x, &c.self[0], &c.result, c.in), ST_OPENING);
	assert_true(group_scalar_is_zero(c.p.g, &x));
	assert_int_equal(dkg_result_make(&c.p, &c.result, c.in), ST_OK);
	assert_int_equal(dkg_share_sum(&c.p, &x, &c.self[0], &c.result, c.in), ST_OK);
}

static void a_joint_key_that_is_the_identity_is_refused(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	prng_seed(&r, "a_joint_key");
	ceremony_run(&c, &r, g, 2, 2);
	group_neg(g, &c.deal[1].commit[0], &c.deal[0].commit[0]);
	assert_int_equal(dkg_result_make(&c.p, &c.result, c.in), ST_IDENTITY);
	assert_true(group_is_identity(g, &c.result.y));
	/* y stands, but trustee 2's key is the identity: C_0 + 2 C_1 = 0. */
	ceremony_run(&c, &r, g, 2, 2);
	group_add(g, &c.deal[1].commit[0], &c.deal[0].commit[1], &c.deal[1].commit[1]);
	group_add(g, &c.deal[1].commit[0], &c.deal[1].commit[0], &c.deal[1].commit[0]);
	group_add(g, &c.deal[1].commit[0], &c.deal[1].commit[0], &c.deal[0].commit[0]);
	group_neg(g, &c.deal[1].commit[0], &c.deal[1].commit[0]);
	assert_int_equal(dkg_result_make(&c.p, &c.result, c.in), ST_IDENTITY);
	assert_true(group_is_identity(g, &c.result.y));
	assert_false(c.result.included[0]);
}

/* N48: whatever two trustees see differently, they confirm differently. */
static void every_part_of_the_outcome_is_confirmed(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t transcript[32], want[32], have[32];

	(void)state;
	prng_seed(&r, "every_part_of_the_outcome");
	ceremony_run(&c, &r, g, 4, 2);
	memset(transcript, 7, sizeof(transcript));
	dkg_confirm(&c.p, want, &c.result, transcript);
	for (int change = 0; change < 7; change++) {
		d = c;
		transcript[31] = change == 0 ? 8 : 7;
		if (change == 1)
			d.p.election_id[0] ^= 1;
		if (change == 2)
			d.p.t = 3;
		if (change == 3)
			d.p.n = 3;
		if (change == 4)
			group_neg(g, &d.result.y, &d.result.y);
		if (change == 5)
			group_neg(g, &d.result.share[3], &d.result.share[3]);
		if (change == 6)
			d.result.included[3] = false;
		dkg_confirm(&d.p, have, &d.result, transcript);
		assert_memory_not_equal(have, want, sizeof(want));
	}
	dkg_confirm(&c.p, have, &c.result, transcript);
	assert_memory_equal(have, want, sizeof(want));
}

/* A confirm that leaves out an excluded trustee differs from one of a ceremony without it. */
static void an_excluded_trustee_is_named_by_its_absence(void **state)
{
	uint8_t transcript[32] = { 0 }, first[32], last[32];

	(void)state;
	prng_seed(&r, "an_excluded_trustee");
	ceremony_run(&c, &r, group_ristretto255(), 3, 2);
	c.in[0] = NULL;
	assert_int_equal(ceremony_finish(&c), ST_OK);
	dkg_confirm(&c.p, first, &c.result, transcript);
	c.in[0] = &c.deal[0];
	c.in[2] = NULL;
	assert_int_equal(ceremony_finish(&c), ST_OK);
	dkg_confirm(&c.p, last, &c.result, transcript);
	assert_memory_not_equal(first, last, sizeof(first));
}

/* --- parameters ---------------------------------------------------------------------------- */

/* N53, and weak or repeated keys. */
static void parameters_out_of_range_are_refused(void **state)
{
	const struct group *g = group_ristretto255();
	static const struct {
		uint8_t n, t;
		enum status want;
	} cases[] = {
		{ 3, 0, ST_LIMIT }, { 3, 4, ST_LIMIT }, { 0, 0, ST_LIMIT }, { 0, 1, ST_LIMIT },
		{ 14, 3, ST_LIMIT }, { 255, 255, ST_LIMIT },
		{ 13, 13, ST_OK }, { 13, 1, ST_OK }, { 1, 1, ST_OK },
	};

	(void)state;
	prng_seed(&r, "parameters");
	ceremony_start(&c, &r, g, 13, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c.p.n = cases[i].n;
		c.p.t = cases[i].t;
		assert_int_equal(dkg_params_check(&c.p), cases[i].want);
	}
	c.p.n = 13;
	c.p.t = 7;
	d = c;
	group_identity(g, &d.p.key[12]);
	assert_int_equal(dkg_params_check(&d.p), ST_KEY);
	d = c;
	d.p.key[12] = d.p.key[0];
	assert_int_equal(dkg_params_check(&d.p), ST_KEY);
	assert_int_equal(dkg_deal_make(&d.p, &d.deal[0], &d.self[0]), ST_KEY);
	d.p.n = 12;
	assert_int_equal(dkg_params_check(&d.p), ST_OK);
	/* In a group of order 11 no eleventh trustee has an index of its own. */
	d.p.g = group_tiny();
	d.p.n = 11;
	assert_int_equal(dkg_params_check(&d.p), ST_LIMIT);
}

static void a_trustee_with_the_wrong_key_or_index_does_nothing(void **state)
{
	struct dkg_complaint complaint;
	struct scalar share;
	uint8_t wrong[] = { 0, 1, 4, 255 };   /* 1 has another key */

	(void)state;
	prng_seed(&r, "the_wrong_key");
	ceremony_run(&c, &r, group_ristretto255(), 3, 2);
	cheat_bad_share(&c, &r, 3, 2);
	for (size_t i = 0; i < sizeof(wrong); i++) {
		struct dkg_self self = c.self[1];

		self.index = wrong[i];
		assert_int_equal(dkg_deal_make(&c.p, &d.deal[0], &self), ST_KEY);
		draw_scalar(&r, c.p.g, &share);
		assert_int_equal(dkg_share_open(&c.p, &share, &self, 1, &c.deal[0]), ST_KEY);
		assert_true(group_scalar_is_zero(c.p.g, &share));
		draw_scalar(&r, c.p.g, &share);
		assert_int_equal(dkg_share_sum(&c.p, &share, &self, &c.result, c.in), ST_KEY);
		assert_true(group_scalar_is_zero(c.p.g, &share));
		assert_int_equal(dkg_complaint_make(&c.p, &complaint, &self, 3, &c.deal[2]),
		                 ST_KEY);
	}
	assert_int_equal(dkg_share_open(&c.p, &share, &c.self[1], 0, &c.deal[0]), ST_ROLE);
	assert_int_equal(dkg_share_open(&c.p, &share, &c.self[1], 4, &c.deal[0]), ST_ROLE);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_small_ceremony_gives_one_key),
		cmocka_unit_test(the_largest_ceremony_gives_one_key),
		cmocka_unit_test(modp_ceremonies_give_one_key),
		cmocka_unit_test(the_key_is_the_sum_of_all_constant_coefficients),
		cmocka_unit_test(a_deal_that_is_made_again_is_the_same),
		cmocka_unit_test(another_ceremony_has_another_deal),
		cmocka_unit_test(a_share_sealed_by_the_document_opens),
		cmocka_unit_test(a_dealer_of_a_bad_share_is_excluded),
		cmocka_unit_test(a_share_that_is_no_scalar_is_bad),
		cmocka_unit_test(each_receiver_can_complain_for_itself),
		cmocka_unit_test(silent_dealers_are_left_out_while_t_remain),
		cmocka_unit_test(a_share_that_does_not_fit_the_key_is_refused),
		cmocka_unit_test(a_joint_key_that_is_the_identity_is_refused),
		cmocka_unit_test(every_part_of_the_outcome_is_confirmed),
		cmocka_unit_test(an_excluded_trustee_is_named_by_its_absence),
		cmocka_unit_test(parameters_out_of_range_are_refused),
		cmocka_unit_test(a_trustee_with_the_wrong_key_or_index_does_nothing),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
