/*
 * test_attacks_result.c: attacks on decryption and counts (attacks.md N54-N64, N81).
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"
#include "crypto/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COUNTS = 2 * ATTACK_M };   /* two units, eleven slots each */

static struct town *t;

static int setup(void **state)
{
	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_ENDED);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

/* A share of trustee i of this list of sums, said at this end, signed as it should be. */
static struct town_tx share_of(unsigned int i, const struct ciphertext *sums, size_t count,
                               const uint8_t *end)
{
	static struct element alpha[64], partial[64];
	static struct thdec d;
	const struct election_params *p = election_params(t->e);
	uint8_t proof[DLEQ_BYTES_MAX], bytes[64 * 32 + DLEQ_BYTES_MAX];
	struct town_tx tx;

	assert_true(count <= 64);
	assert_int_equal(thdec_init(&d, alpha, t->m->suite, t->m->election_id, end, &p->y, sums,
	                            count), ST_OK);
	assert_int_equal(thdec_share_make(&d, partial, proof, (uint8_t)i, &t->share[i - 1],
	                                  &p->share_key[i - 1]), ST_OK);
	thdec_share_encode(t->m->suite, bytes, partial, count, proof);
	tx = town_message(t, TX_SHARE, i, bytes, thdec_share_len(t->m->suite, count));
	params_unref(p);
	return tx;
}

/* A result that says these counts, signed by all. */
static struct town_tx result_of(const uint64_t *counts, uint32_t len, uint64_t end_height,
                                const uint8_t *anchor)
{
	uint8_t *body = malloc(64 + 8 * (size_t)len);
	struct town_tx tx;
	struct writer w;
	size_t body_len;

	assert_non_null(body);
	writer_init(&w, body, 64 + 8 * (size_t)len);
	tx_begin(&w, TX_RESULT);
	tx_result_body(&w, anchor, end_height, counts, len);
	assert_int_equal(writer_end(&w, &body_len), ST_OK);
	tx = town_cosign(t, body, body_len, 0xf);
	free(body);
	return tx;
}

static enum status say_counts(const uint64_t *counts, uint32_t len)
{
	return attack_say_once(t, result_of(counts, len, t->e->now.end_height, t->e->now.anchor));
}

static void say_shares(void)
{
	for (unsigned int i = 1; i <= 3; i++)
		town_block_one(t, town_share(t, i));
}

/* --- shares ---------------------------------------------------------------------------------- */

static void n54_every_part_of_a_share_is_proved(void **state)
{
	const struct group *g = t->m->suite;
	struct town_tx good = town_share(t, 1);
	size_t len;

	(void)state;
	attack_message(&good, &len);
	assert_int_equal(len, COUNTS * 32 + 64);
	for (size_t i = 0; i < COUNTS + 2; i++) {
		struct town_tx s = town_tx_copy(&good);
		uint8_t *m = attack_message(&s, &len);

		if (i < COUNTS)
			forge_element_next(g, m + 32 * i);
		else
			forge_scalar_next(g, m + 32 * i);
		assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
		attack_sign_official(t, &s, &t->trustee[0]);
		assert_int_equal(attack_say_once(t, s), ST_PROOF);
	}
	/* two that have changed places; errors that cancel */
	for (int round = 0; round < 2; round++) {
		struct town_tx s = town_tx_copy(&good);
		uint8_t *m = attack_message(&s, &len), kept[32];

		memcpy(kept, m, 32);
		memcpy(m, m + 32, 32);
		memcpy(m + 32, kept, 32);
		if (round == 1)
			forge_element_next(g, m);
		attack_sign_official(t, &s, &t->trustee[0]);
		assert_int_equal(attack_say_once(t, s), ST_PROOF);
	}
	assert_int_equal(attack_say_once(t, good), ST_OK);
}

static void n55_a_share_without_its_proof_is_refused(void **state)
{
	struct town_tx good = town_share(t, 2), s;
	uint8_t *m, zeros[COUNTS * 32 + 64] = { 0 };
	size_t len;

	(void)state;
	m = attack_message(&good, &len);
	s = town_message(t, TX_SHARE, 2, m, len - 64);
	assert_int_equal(attack_say_once(t, s), ST_FORMAT);
	s = town_message(t, TX_SHARE, 2, m, len - 1);
	assert_int_equal(attack_say_once(t, s), ST_FORMAT);
	memcpy(zeros, m, COUNTS * 32);
	s = town_message(t, TX_SHARE, 2, zeros, sizeof(zeros));
	assert_int_equal(attack_say_once(t, s), ST_PROOF);
	memset(zeros, 0, sizeof(zeros));   /* identities all: "I do not decrypt" */
	s = town_message(t, TX_SHARE, 2, zeros, sizeof(zeros));
	assert_int_equal(attack_say_once(t, s), ST_PROOF);
	s = town_message(t, TX_SHARE, 2, NULL, 0);
	assert_int_equal(attack_say_once(t, s), ST_FORMAT);
	assert_int_equal(attack_say_once(t, good), ST_OK);
}

static void n57_a_share_that_its_trustee_did_not_sign_is_refused(void **state)
{
	struct town_tx good = town_share(t, 1), s = town_tx_copy(&good);

	(void)state;
	attack_sign_official(t, &s, &t->trustee[1]);
	assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
	memset(s.wire + s.len - 64, 0, 64);
	assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
	/* trustee 1's share said by trustee 2 as its own */
	s.wire[1] = 2;
	attack_sign_official(t, &s, &t->trustee[1]);
	assert_int_equal(attack_say(t, &s), ST_PROOF);
	s.wire[1] = 5;
	assert_int_equal(attack_say(t, &s), ST_ROLE);
	s.wire[1] = 0;
	assert_int_equal(attack_say_once(t, s), ST_ROLE);
	town_block_one(t, town_tx_copy(&good));
	assert_int_equal(attack_say_once(t, good), ST_DUPLICATE);
	assert_int_equal(attack_say_once(t, town_share(t, 1)), ST_DUPLICATE);
}

/* N58: true shares, of what was not agreed on. */
static void n58_a_share_of_any_other_sum_is_refused(void **state)
{
	const struct tally *y = election_tally(t->e);
	struct ciphertext sums[COUNTS];
	uint8_t end[32];

	(void)state;
	assert_int_equal(y->opened_len, COUNTS);
	memcpy(end, t->e->now.anchor, 32);
	memcpy(sums, y->opened, sizeof(sums));
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_OK);
	/* a subset; the units added up; two sums exchanged; another beta */
	assert_int_equal(attack_say_once(t, share_of(1, sums, 1, end)), ST_FORMAT);
	for (size_t i = 0; i < ATTACK_M; i++)
		ciphertext_add(t->m->suite, &sums[i], &sums[i], &sums[ATTACK_M + i]);
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_PROOF);
	memcpy(sums, y->opened, sizeof(sums));
	sums[0] = y->opened[1];
	sums[1] = y->opened[0];
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_PROOF);
	memcpy(sums, y->opened, sizeof(sums));
	sums[0].b = sums[1].b;
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_PROOF);
	/* one voter's ballot in place of the first sums */
	{
		struct town_tx ballot = attack_ballot(t, 0);
		struct ballot b = attack_decode(t, &ballot);

		memcpy(sums, y->opened, sizeof(sums));
		for (size_t i = 0; i < ATTACK_M; i++)
			assert_int_equal(ciphertext_decode_var(t->m->suite, &sums[i],
			                                       b.body.ciphertexts + 64 * i), ST_OK);
		town_tx_free(&ballot);
	}
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_PROOF);
	/* the right sums, under another end */
	memcpy(sums, y->opened, sizeof(sums));
	end[0] ^= 1;
	assert_int_equal(attack_say_once(t, share_of(1, sums, COUNTS, end)), ST_PROOF);
}

static void n63_a_share_before_the_end_is_refused(void **state)
{
	struct town *early = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town *kept = t;
	struct ciphertext sum;
	struct town_tx s;

	(void)state;
	t = early;
	memcpy(&sum, &t->e->cells.sums[0], sizeof(sum));
	s = share_of(1, &sum, 1, t->e->now.anchor);
	assert_int_equal(attack_say_once(t, s), ST_PHASE);
	s = result_of((const uint64_t[]){ 0 }, 1, 0, t->e->now.anchor);
	assert_int_equal(attack_say_once(t, s), ST_PHASE);
	attack_town_free(early);
	t = kept;
}

/* --- counts ---------------------------------------------------------------------------------- */

static void n62_every_other_count_is_refused(void **state)
{
	uint64_t good[COUNTS + 1] = { 0 }, counts[COUNTS + 1];
	const struct tally *y = election_tally(t->e);
	uint8_t anchor[32];
	uint32_t len;

	(void)state;
	memcpy(anchor, t->e->now.anchor, 32);
	/* too few shares for any count */
	assert_int_equal(say_counts(good, COUNTS), ST_THRESHOLD);
	town_block_one(t, town_share(t, 4));
	town_block_one(t, town_share(t, 2));
	assert_int_equal(say_counts(good, COUNTS), ST_THRESHOLD);
	town_block_one(t, town_share(t, 3));
	assert_int_equal(election_combine(t->e, good, COUNTS, &len), ST_OK);
	assert_int_equal(len, COUNTS);
	assert_int_equal(say_counts(good, COUNTS), ST_OK);
	for (size_t i = 0; i < COUNTS; i++) {
		uint64_t bound = y->aggregates[i].bound;

		memcpy(counts, good, sizeof(counts));
		counts[i] = good[i] + 1;
		assert_int_equal(say_counts(counts, COUNTS), good[i] + 1 > bound ? ST_RANGE : ST_TALLY);
		counts[i] = good[i] - 1;   /* of nothing: 2^64 - 1 */
		assert_int_equal(say_counts(counts, COUNTS), good[i] == 0 ? ST_RANGE : ST_TALLY);
		counts[i] = bound + 1;
		assert_int_equal(say_counts(counts, COUNTS), ST_RANGE);
		/* what is m modulo the low 64 bits of q is not m */
		counts[i] = good[i] + UINT64_C(0x5812631a5cf5d3ed);
		assert_int_equal(say_counts(counts, COUNTS), ST_RANGE);
	}
	/* two that have changed places, though the sum is right */
	memcpy(counts, good, sizeof(counts));
	assert_true(good[0] != good[1]);
	counts[0] = good[1];
	counts[1] = good[0];
	assert_int_equal(say_counts(counts, COUNTS), ST_TALLY);
	/* one more, one fewer, none */
	assert_int_equal(say_counts(good, COUNTS + 1), ST_TALLY);
	assert_int_equal(say_counts(good, COUNTS - 1), ST_TALLY);
	assert_int_equal(say_counts(good, 0), ST_TALLY);
	/* another end */
	assert_int_equal(attack_say_once(t, result_of(good, COUNTS, t->e->now.end_height - 1, anchor)),
	                 ST_TALLY);
	anchor[5] ^= 1;
	assert_int_equal(attack_say_once(t, result_of(good, COUNTS, t->e->now.end_height, anchor)),
	                 ST_HASH);
}

static void n59_there_is_one_result_and_no_second_tally(void **state)
{
	struct town_tx tx;

	(void)state;
	assert_int_equal(attack_say_once(t, town_phase(t, TX_END, 0xf)), ST_PHASE);
	assert_int_equal(attack_say_once(t, attack_ballot(t, 0)), ST_PHASE);
	say_shares();
	tx = town_result(t, 0x3);
	assert_int_equal(attack_say_once(t, tx), ST_THRESHOLD);
	tx = town_result(t, 0x7);
	town_block_one(t, town_tx_copy(&tx));
	assert_int_equal(attack_say_once(t, tx), ST_PHASE);
	assert_int_equal(say_counts((const uint64_t[COUNTS]){ 0 }, COUNTS), ST_PHASE);
	assert_int_equal(attack_say_once(t, town_message(t, TX_SHARE, 4, NULL, 0)), ST_PHASE);
}

/* N56: a bad share never reaches the chain; any three of four give the same counts. */
static void n56_a_bad_share_changes_nothing(void **state)
{
	uint64_t counts[COUNTS], again[COUNTS];
	struct town_tx bad = town_share(t, 1);
	uint32_t len;
	size_t unused;

	(void)state;
	forge_element_next(t->m->suite, attack_message(&bad, &unused));
	attack_sign_official(t, &bad, &t->trustee[0]);
	assert_int_equal(attack_say_once(t, bad), ST_PROOF);
	town_block_one(t, town_share(t, 2));
	town_block_one(t, town_share(t, 3));
	town_block_one(t, town_share(t, 4));
	assert_int_equal(election_combine(t->e, counts, COUNTS, &len), ST_OK);
	town_block_one(t, town_share(t, 1));   /* a fourth: the first three by number count */
	assert_int_equal(election_combine(t->e, again, COUNTS, &len), ST_OK);
	assert_memory_equal(counts, again, sizeof(counts));
	town_block_one(t, town_result(t, 0xf));
	assert_int_equal(election_phase(t->e), PHASE_FINAL);
}

/* --- what is not opened (N81) ---------------------------------------------------------------- */

static struct town *small_town(const char *definition, uint32_t ballots)
{
	static const uint32_t VOTER[] = { 1, 2, 5 };
	static const uint16_t STYLE[ATTACK_VOTERS] = { 0, 0, 0, 0, 1, 1, 1, 2 };
	struct town *small = attack_town(definition, PHASE_ENROL);

	town_enrol(small, STYLE, NULL, ATTACK_VOTERS);
	town_open(small);
	for (uint32_t i = 0; i < ballots; i++)
		town_block_one(small, attack_ballot(small, VOTER[i]));
	town_close_and_end(small);
	return small;
}

static void n81_a_group_too_small_is_never_opened(void **state)
{
	char definition[4096];
	struct town *kept = t;
	struct ciphertext sum;

	(void)state;
	(void)snprintf(definition, sizeof(definition), "{\"publish_min\": 4, %s", ATTACK_NEVER + 1);
	t = small_town(definition, 3);
	/* three ballots in all, four needed: everything is withheld, and the chain still ends */
	assert_int_equal(election_tally(t->e)->opened_len, 0);
	assert_int_equal(election_tally(t->e)->aggregates_len, 0);
	memcpy(&sum, &t->e->cells.sums[0], sizeof(sum));
	assert_int_equal(attack_say_once(t, share_of(1, &sum, 1, t->e->now.anchor)), ST_TALLY);
	assert_int_equal(say_counts((const uint64_t[]){ 0 }, 1), ST_TALLY);
	assert_int_equal(say_counts((const uint64_t[COUNTS]){ 2 }, COUNTS), ST_TALLY);
	assert_int_equal(say_counts(NULL, 0), ST_OK);
	town_finish(t);
	attack_town_free(t);
	t = kept;
}

static void n81_a_small_unit_is_counted_with_its_parent_alone(void **state)
{
	char definition[4096];
	struct town *kept = t;
	const struct tally *y;

	(void)state;
	(void)snprintf(definition, sizeof(definition), "{\"publish_min\": 3, %s", ATTACK_NEVER + 1);
	t = small_town(definition, 3);   /* two in the north, one in the south */
	y = election_tally(t->e);
	assert_int_equal(y->opened_len, ATTACK_M);
	for (size_t i = 0; i < y->groups_len; i++)
		assert_int_equal(y->groups[i].ballots, 3);
	/* the north's own sums: no share of them is taken */
	assert_int_equal(attack_say_once(t, share_of(1, t->e->cells.sums, ATTACK_M,
	                                             t->e->now.anchor)), ST_PROOF);
	assert_int_equal(attack_say_once(t, town_share(t, 1)), ST_OK);
	attack_town_free(t);
	t = kept;
}

static void a_count_of_no_ballots_is_zero_and_needs_no_share(void **state)
{
	struct town *kept = t;
	uint64_t counts[COUNTS] = { 0 };
	struct ciphertext zero;

	(void)state;
	t = small_town(ATTACK_NEVER, 0);
	ciphertext_zero(t->m->suite, &zero);
	assert_int_equal(attack_say_once(t, share_of(1, &zero, 1, t->e->now.anchor)), ST_TALLY);
	assert_int_equal(election_tally(t->e)->aggregates_len, ATTACK_M);   /* all joined the south */
	counts[ATTACK_M - 1] = 1;
	assert_int_equal(say_counts(counts, ATTACK_M), ST_TALLY);
	counts[ATTACK_M - 1] = 0;
	assert_int_equal(say_counts(counts, ATTACK_M), ST_OK);
	attack_town_free(t);
	t = kept;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(n54_every_part_of_a_share_is_proved,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n55_a_share_without_its_proof_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n57_a_share_that_its_trustee_did_not_sign_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n58_a_share_of_any_other_sum_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n63_a_share_before_the_end_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n62_every_other_count_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n59_there_is_one_result_and_no_second_tally,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n56_a_bad_share_changes_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n81_a_group_too_small_is_never_opened,
						setup, teardown),
		cmocka_unit_test_setup_teardown(n81_a_small_unit_is_counted_with_its_parent_alone,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_count_of_no_ballots_is_zero_and_needs_no_share,
						setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
