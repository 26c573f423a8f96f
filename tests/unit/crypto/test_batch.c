/*
 * test_batch.c: a batch says what its items would say one by one, and names the bad ones, whatever
 * they are and wherever they stand.
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/ballotcase.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { ITEMS_MAX = 300 };

typedef struct ballotlayout_rule rule;

static const rule CHOOSE_1_OF_3[] = { { 0, 3, 1, 1, 1, false } };
static const rule TWO_CONTESTS[] = { { 0, 2, 1, 1, 1, true }, { 1, 2, 3, 0, 4, false } };

static size_t bad[ITEMS_MAX];
static size_t bad_len;

/* --- plain equations ---------------------------------------------------------------------- */

/* Batches over the base g alone. */
struct plain {
	const struct group *g;
	struct element base;
	struct batch batch;
	void *mem;
};

static void plain_new(struct plain *p, const struct group *g, const struct batch_room *room)
{
	size_t bytes = batch_bytes(g, 1, room);

	p->g = g;
	group_generator(g, &p->base);
	p->mem = aligned_alloc(64, (bytes + 63) / 64 * 64);
	assert_non_null(p->mem);
	batch_init(&p->batch, g, &p->base, 1, room, p->mem, bytes);
}

static void plain_free(struct plain *p)
{
	batch_wipe(&p->batch);
	free(p->mem);
}

/* P - k g = 0, or off by `error` generators. */
static void add_equation(struct plain *p, int64_t error)
{
	struct scalar k;
	struct element e;

	rng_scalar(p->g, &k);
	group_mul_base(p->g, &e, &k);
	for (; error != 0; error += error < 0 ? 1 : -1) {
		if (error > 0)
			group_add(p->g, &e, &e, &p->base);
		else
			group_sub(p->g, &e, &e, &p->base);
	}
	group_scalar_neg(p->g, &k, &k);
	batch_equation(&p->batch);
	batch_term(&p->batch, &e, NULL);
	batch_base(&p->batch, 0, &k);
}

static void add_item(struct plain *p, int64_t error)
{
	assert_int_equal(batch_item_open(&p->batch, 1, 1), ST_OK);
	add_equation(p, error);
	batch_item_close(&p->batch);
}

static const struct batch_room ROOM = { ITEMS_MAX, 2 * ITEMS_MAX, ITEMS_MAX };

static void an_empty_batch_holds(void **state)
{
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_OK);
	assert_int_equal(bad_len, 0);
	plain_free(&p);
}

static void one_bad_item_is_named_wherever_it_stands(void **state)
{
	static const size_t sizes[] = { 1, 2, 3, 16, 17, 300 };
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	for (size_t s = 0; s < COUNT(sizes); s++) {
		const size_t n = sizes[s];
		const size_t places[] = { 0, n / 3, n / 2, n - 1 };

		for (size_t i = 0; i < COUNT(places); i++) {
			batch_reset(&p.batch);
			for (size_t k = 0; k < n; k++)
				add_item(&p, k == places[i] ? 1 : 0);
			assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
			assert_int_equal(bad_len, 1);
			assert_int_equal(bad[0], places[i]);
		}
		batch_reset(&p.batch);
		for (size_t k = 0; k < n; k++)
			add_item(&p, 0);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_OK);
		assert_int_equal(bad_len, 0);
	}
	plain_free(&p);
}

static void every_set_of_bad_items_is_named(void **state)
{
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	for (size_t n = 1; n <= 7; n++)
		for (uint32_t set = 1; set < 1u << n; set++) {
			size_t at = 0;

			batch_reset(&p.batch);
			for (size_t k = 0; k < n; k++)
				add_item(&p, (set >> k & 1) != 0 ? (int64_t)k + 1 : 0);
			assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
			for (size_t k = 0; k < n; k++)
				if ((set >> k & 1) != 0)
					assert_int_equal(bad[at++], k);
			assert_int_equal(bad_len, at);
		}
	plain_free(&p);
}

static void many_and_all_bad_items_are_named(void **state)
{
	struct prng r;
	struct plain p;

	(void)state;
	prng_seed(&r, __func__);
	plain_new(&p, group_ristretto255(), &ROOM);
	for (size_t one_in = 1; one_in <= 64; one_in *= 4) {   /* 1: all of them */
		bool want[ITEMS_MAX];
		size_t at = 0;

		batch_reset(&p.batch);
		for (size_t k = 0; k < ITEMS_MAX; k++) {
			want[k] = prng_below(&r, one_in) == 0;
			add_item(&p, want[k] ? 1 : 0);
		}
		want[0] = want[0] || one_in == 64;   /* never none */
		if (one_in == 64) {
			batch_reset(&p.batch);
			for (size_t k = 0; k < ITEMS_MAX; k++)
				add_item(&p, want[k] ? -1 : 0);
		}
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
		for (size_t k = 0; k < ITEMS_MAX; k++)
			if (want[k])
				assert_int_equal(bad[at++], k);
		assert_int_equal(bad_len, at);
	}
	plain_free(&p);
}

/* --- coefficients ------------------------------------------------------------------------- */

/* Errors that would cancel if two equations had one coefficient, within an item or between two. */
static void errors_do_not_cancel(void **state)
{
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	for (int times = 0; times < 20; times++) {
		batch_reset(&p.batch);
		assert_int_equal(batch_item_open(&p.batch, 2, 1), ST_OK);
		add_equation(&p, 1);
		add_equation(&p, -1);
		batch_item_close(&p.batch);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
		batch_reset(&p.batch);
		add_item(&p, 0);
		add_item(&p, 1);
		add_item(&p, -1);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
		assert_int_equal(bad_len, 2);
		assert_int_equal(bad[0], 1);
		assert_int_equal(bad[1], 2);
	}
	plain_free(&p);
}

static void coefficients_are_fresh_and_of_128_bits(void **state)
{
	static uint8_t seen[ITEMS_MAX][32];
	uint8_t any = 0;
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	for (size_t k = 0; k < ITEMS_MAX; k++) {
		if (k == ITEMS_MAX / 2)
			batch_reset(&p.batch);   /* nor do they come back after a reset */
		add_item(&p, 0);
		group_scalar_encode(p.g, seen[k], &p.batch.weight);
		assert_true(mem_is_zero(seen[k] + 16, 16));
		any |= seen[k][15];
		for (size_t i = 0; i < k; i++)
			assert_memory_not_equal(seen[i], seen[k], 32);
	}
	assert_int_equal(any, 0xff);
	plain_free(&p);
}

static void coefficients_are_wiped(void **state)
{
	struct plain p;
	const uint8_t *coeffs, *rows;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	add_item(&p, 0);
	add_item(&p, 0);
	batch_reset(&p.batch);   /* what reached further than now is erased too */
	add_item(&p, 0);
	coeffs = (const uint8_t *)p.batch.coeffs;
	rows = (const uint8_t *)p.batch.rows;
	assert_false(mem_is_zero(coeffs, sizeof(struct scalar)));
	assert_false(mem_is_zero(rows, sizeof(struct scalar)));
	batch_wipe(&p.batch);
	assert_true(mem_is_zero(coeffs, ROOM.terms * sizeof(struct scalar)));
	assert_true(mem_is_zero(rows, ROOM.rows * sizeof(struct scalar)));
	assert_true(mem_is_zero(&p.batch, sizeof(p.batch)));
	free(p.mem);
}

/* --- room --------------------------------------------------------------------------------- */

static void a_full_batch_says_so_and_stays_right(void **state)
{
	static const struct batch_room rooms[] = { { 2, 9, 9 }, { 9, 2, 9 }, { 9, 9, 2 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rooms); i++) {
		struct plain p;

		plain_new(&p, group_ristretto255(), &rooms[i]);
		add_item(&p, 0);
		add_item(&p, 1);
		assert_int_equal(batch_item_open(&p.batch, 1, 1), ST_AGAIN);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
		assert_int_equal(bad_len, 1);
		assert_int_equal(bad[0], 1);
		batch_reset(&p.batch);
		add_item(&p, 0);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_OK);
		plain_free(&p);
	}
}

static void a_dropped_item_leaves_no_trace(void **state)
{
	struct plain p;

	(void)state;
	plain_new(&p, group_ristretto255(), &ROOM);
	for (size_t k = 0; k < 10; k++) {
		add_item(&p, k == 4 ? 1 : 0);
		assert_int_equal(batch_item_open(&p.batch, 2, 1), ST_OK);
		add_equation(&p, 7);
		batch_item_drop(&p.batch);
	}
	assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
	assert_int_equal(bad_len, 1);
	assert_int_equal(bad[0], 4);
	plain_free(&p);
}

static void a_room_beyond_all_measure_is_no_size(void **state)
{
	static const struct batch_room rooms[] = { { (size_t)1 << 25, 1, 1 },
		                                   { 1, (size_t)1 << 25, 1 },
		                                   { 1, 1, SIZE_MAX } };

	(void)state;
	for (size_t i = 0; i < COUNT(rooms); i++)
		assert_int_equal(batch_bytes(group_ristretto255(), 3, &rooms[i]), 0);
}

static void batches_work_over_the_modp_groups(void **state)
{
	const struct group *groups[] = { group_rfc3526_2048(), group_belenios2048() };

	(void)state;
	for (size_t i = 0; i < COUNT(groups); i++) {
		const struct batch_room room = { 8, 8, 8 };
		struct plain p;

		plain_new(&p, groups[i], &room);
		for (size_t k = 0; k < 4; k++)
			add_item(&p, k == 2 ? 1 : 0);
		assert_int_equal(batch_verify(&p.batch, bad, &bad_len), ST_PROOF);
		assert_int_equal(bad_len, 1);
		assert_int_equal(bad[0], 2);
		plain_free(&p);
	}
}

/* --- ballots and signatures --------------------------------------------------------------- */

/* A signature as schnorr_claim leaves it; off when it should be bad. */
static void make_claim(const struct group *g, struct schnorr_claim *claim, struct element *pk,
                       bool is_bad)
{
	struct scalar secret, nonce;

	rng_scalar(g, &secret);
	rng_scalar(g, &nonce);
	rng_scalar(g, &claim->c);
	group_mul_base(g, pk, &secret);
	group_mul_base(g, &claim->r, &nonce);
	group_scalar_mul(g, &claim->z, &claim->c, &secret);
	group_scalar_add(g, &claim->z, &claim->z, is_bad ? &secret : &nonce);
}

/* The ballot at hand and a signature; ST_OK: both are in. */
static enum status add_ballot(struct ballotcase *c, struct batch *b, bool is_signature_bad)
{
	struct schnorr_claim claim;
	struct element pk;
	enum status st = batch_item_open(b, ballotproof_batch_terms(&c->layout) + 2,
	                                 ballotproof_batch_row(&c->layout));

	assert_int_equal(st, ST_OK);
	st = ballotproof_collect(b, &c->setup, &c->work, c->ctx, &c->bytes);
	make_claim(c->g, &claim, &pk, is_signature_bad);
	batch_schnorr(b, BALLOTPROOF_BASE_G, &pk, &claim);
	if (st == ST_OK)
		batch_item_close(b);
	else
		batch_item_drop(b);
	return st;
}

/* One bit of z of the proof: canonical still, and false in (4) and (5) alone. */
static void spoil(struct ballotcase *c)
{
	c->proof[c->bytes.proof_len - 32] ^= 1;
}

static void one_bad_ballot_is_named_among_many(void **state)
{
	static const size_t sizes[] = { 1, 2, 16, 300 };
	struct ballotcase *c = ballotcase_new(group_ristretto255(), CHOOSE_1_OF_3, 1);
	struct batch *b = ballotcase_batch_new(c, ITEMS_MAX);

	(void)state;
	for (size_t s = 0; s < COUNT(sizes); s++) {
		size_t place = sizes[s] * 2 / 3;

		batch_reset(b);
		for (size_t k = 0; k < sizes[s]; k++) {
			if (k % 50 == 0)
				assert_int_equal(ballotcase_prove(c, (uint64_t[]){ 0, 0, 1 }), ST_OK);
			if (k == place)
				spoil(c);
			assert_int_equal(add_ballot(c, b, false), ST_OK);
			if (k == place)
				spoil(c);
		}
		assert_int_equal(batch_verify(b, bad, &bad_len), ST_PROOF);
		assert_int_equal(bad_len, 1);
		assert_int_equal(bad[0], place);
	}
	ballotcase_batch_free(b);
	ballotcase_free(c);
}

static void a_bad_signature_spoils_its_ballot_alone(void **state)
{
	struct ballotcase *c = ballotcase_new(group_ristretto255(), CHOOSE_1_OF_3, 1);
	struct batch *b = ballotcase_batch_new(c, 9);

	(void)state;
	assert_int_equal(ballotcase_prove(c, (uint64_t[]){ 0, 0, 1 }), ST_OK);
	for (size_t k = 0; k < 9; k++) {
		if (k == 7)
			spoil(c);
		assert_int_equal(add_ballot(c, b, k == 3), ST_OK);
	}
	assert_int_equal(batch_verify(b, bad, &bad_len), ST_PROOF);
	assert_int_equal(bad_len, 3);   /* 8 was spoilt as 7 was */
	assert_int_equal(bad[0], 3);
	assert_int_equal(bad[1], 7);
	assert_int_equal(bad[2], 8);
	ballotcase_batch_free(b);
	ballotcase_free(c);
}

/* Two layouts of one election in one batch, over the bases of the longer. */
static void layouts_may_be_mixed_in_a_batch(void **state)
{
	struct ballotcase *large = ballotcase_new(group_ristretto255(), TWO_CONTESTS, 2);
	struct ballotcase *small = ballotcase_new(group_ristretto255(), CHOOSE_1_OF_3, 1);
	struct batch *b = ballotcase_batch_new(large, 12);

	(void)state;
	small->setup.bases = large->setup.bases;
	small->setup.bases_len = large->setup.bases_len;
	for (size_t k = 0; k < 12; k++) {
		struct ballotcase *c = k % 3 == 0 ? large : small;
		const uint64_t on_large[] = { 1, 0, 0, 1, 3 };
		const uint64_t on_small[] = { 1, 0, 0 };

		assert_int_equal(ballotcase_prove(c, c == large ? on_large : on_small), ST_OK);
		if (k == 5 || k == 6)
			spoil(c);
		assert_int_equal(add_ballot(c, b, false), ST_OK);
	}
	assert_int_equal(batch_verify(b, bad, &bad_len), ST_PROOF);
	assert_int_equal(bad_len, 2);
	assert_int_equal(bad[0], 5);
	assert_int_equal(bad[1], 6);
	ballotcase_batch_free(b);
	ballotcase_free(small);
	ballotcase_free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_batch_holds),
		cmocka_unit_test(one_bad_item_is_named_wherever_it_stands),
		cmocka_unit_test(every_set_of_bad_items_is_named),
		cmocka_unit_test(many_and_all_bad_items_are_named),
		cmocka_unit_test(errors_do_not_cancel),
		cmocka_unit_test(coefficients_are_fresh_and_of_128_bits),
		cmocka_unit_test(coefficients_are_wiped),
		cmocka_unit_test(a_full_batch_says_so_and_stays_right),
		cmocka_unit_test(a_dropped_item_leaves_no_trace),
		cmocka_unit_test(a_room_beyond_all_measure_is_no_size),
		cmocka_unit_test(batches_work_over_the_modp_groups),
		cmocka_unit_test(one_bad_ballot_is_named_among_many),
		cmocka_unit_test(a_bad_signature_spoils_its_ballot_alone),
		cmocka_unit_test(layouts_may_be_mixed_in_a_batch),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
