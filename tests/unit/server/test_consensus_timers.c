/* test_consensus_timers.c: rules R8, R9 and R10 of docs/consensus.md, under a virtual clock. */
#include "tests/sim/bench.h"

#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Four nodes, q = 3; node 3 is on the table: leader of views 4, 8, ... */
static int setup(void **state)
{
	struct bench *b = bench_new(4, 3);

	bench_up(b);
	*state = b;
	return 0;
}

/* The same, node 0: leader of view 1. */
static int setup_leader(void **state)
{
	struct bench *b = bench_new(4, 0);

	bench_up(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bench_free(*state);
	return 0;
}

#define FOLLOWER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define LEADER(test) cmocka_unit_test_setup_teardown(test, setup_leader, teardown)

/* When did it sign this, in ms from now?  Steps the clock by single milliseconds. */
static uint64_t waits_for(struct bench *b, enum vote_type type, uint64_t view, uint64_t at_most)
{
	uint64_t begin = b->sim.now;

	while (bench_signed(b, type, view) == NULL && b->sim.now - begin <= at_most)
		bench_wait(b, 1);
	return b->sim.now - begin;
}

/* --- R8 ------------------------------------------------------------------------------------- */

static void a_silent_leader_is_given_up_after_two_deltas(void **state)
{
	struct bench *b = *state;

	bench_item(b, 1);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 1, 5000), 200);
}

static void a_leader_that_spoke_has_three_deltas(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 1, 5000), 300);
}

static void timers_grow_while_nothing_is_final_and_no_further_than_the_cap(void **state)
{
	struct bench *b = *state;
	uint64_t last = 0, wait = 0;

	b->cfg.view_max_ms = 1000;
	bench_down(b);
	bench_up(b);
	bench_item(b, 1);
	for (uint64_t v = 1; v < 12; v++) {
		if (consensus_leader(b->core, v) == 3) {
			bench_nullify(b, v);
			continue;
		}
		wait = waits_for(b, VOTE_NULLIFY, v, 100000);
		assert_true(wait >= last && wait <= 1000);
		last = wait;
		bench_nullify(b, v);
	}
	assert_int_equal(last, 1000);
}

static void a_finalization_resets_the_timers(void **state)
{
	struct bench *b = *state;
	struct made late = bench_block(b, 10, NULL, 1);

	for (uint64_t v = 1; v < 10; v++)
		bench_nullify(b, v);
	assert_int_equal(bench_send_proposal(b, &late, NULL, 0), ST_OK);
	bench_finalize(b, &late);
	assert_int_equal(bench_info(b).height, 1);
	bench_clear(b);
	bench_item(b, 2);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 11, 5000), 200);
}

static void a_nullify_is_said_again_with_the_newest_final_certificate(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	size_t asked;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	bench_item(b, 5);
	(void)waits_for(b, VOTE_NULLIFY, 2, 5000);
	asked = b->asked_len;
	for (unsigned int i = 0; i < 3; i++) {
		bench_clear(b);
		bench_wait(b, 300);
		assert_int_equal(bench_sent(b, WIRE_VOTE, CONSENSUS_ALL), 1);
		assert_int_equal(bench_sent(b, WIRE_CERT, CONSENSUS_ALL), 1);   /* F(1) */
		assert_int_equal(b->asked_len, 0);   /* stored, never signed anew */
	}
	assert_true(asked > 0);
}

static void a_leader_says_its_proposal_again_after_nullify(void **state)
{
	struct bench *b = *state;

	bench_item(b, 1);
	(void)waits_for(b, VOTE_NULLIFY, 1, 5000);
	bench_clear(b);
	bench_wait(b, 300);
	assert_int_equal(bench_sent(b, WIRE_PROPOSAL, CONSENSUS_ALL), 1);
}

static void at_a_standstill_everything_since_the_last_final_view_is_sent(void **state)
{
	struct bench *b = *state;
	const struct sent *s;
	struct wire_certs certs;
	enum wire_kind kind;
	struct reader r;
	bool whole = false;

	for (uint64_t v = 1; v < 6; v++)
		bench_nullify(b, v);
	bench_item(b, 1);
	bench_clear(b);
	bench_wait(b, 6000);
	for (size_t i = 0; i < b->sent_len; i++) {
		s = &b->sent[i];
		if (s->kind != WIRE_CERT)
			continue;
		reader_init(&r, s->bytes, s->len);
		assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
		assert_int_equal(wire_certs_read(&r, &certs), ST_OK);
		whole |= certs.count == 5;
	}
	assert_true(whole);
}

static void a_standstill_bundle_keeps_within_its_rate(void **state)
{
	struct bench *b = *state;
	uint64_t bytes = 0, begin;

	b->cfg.out_bytes_per_s = 8192;
	bench_down(b);
	bench_up(b);
	for (uint64_t v = 1; v < 120; v++)
		bench_nullify(b, v);
	bench_item(b, 1);
	bench_wait(b, 6000);
	bench_clear(b);
	begin = b->sim.now;
	bench_wait(b, 20000);
	for (size_t i = 0; i < b->sent_len; i++)
		bytes += b->sent[i].kind == WIRE_CERT ? b->sent[i].len : 0;
	/* One message's worth may have been saved up; NULLIFY is repeated besides. */
	assert_true(bytes > 8192 * 5);
	assert_true(bytes <= 8192 * (b->sim.now - begin) / 1000 + 16384 +
	            (b->sim.now - begin) / 300 * CERTIFICATE_BYTES_MAX);
}

/* --- R9 ------------------------------------------------------------------------------------- */

static void without_work_there_is_nothing_but_status(void **state)
{
	struct bench *b = *state;
	uint64_t begin = b->sim.now;

	bench_wait(b, 60000);
	assert_int_equal(b->asked_len, 0);
	for (size_t i = 0; i < b->sent_len; i++)
		assert_true(b->sent[i].kind == WIRE_STATUS || b->sim.now == begin);
	assert_in_range(bench_sent(b, WIRE_STATUS, CONSENSUS_ALL), 11, 14);   /* every 5 s */
	assert_int_equal(bench_info(b).view, 1);
	assert_false(bench_info(b).has_work);
}

static void somebody_elses_nullify_is_work(void **state)
{
	struct bench *b = *state;

	bench_wait(b, 10000);
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 1), ST_OK);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 1, 5000), 200);
}

static void what_was_heard_of_a_view_before_entering_it_is_work(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 2, NULL, 0), ST_OK);
	bench_nullify(b, 1);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 2, 5000), 200);
}

static void a_final_tip_and_nothing_waiting_is_no_work(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	bench_clear(b);
	bench_wait(b, 60000);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(bench_info(b).view, 2);
}

/* --- R10 and empty blocks ------------------------------------------------------------------- */

static void proposed_items(struct bench *b, uint32_t *items)
{
	const struct sent *s = bench_last(b, WIRE_PROPOSAL);
	struct wire_proposal p;
	enum wire_kind kind;
	struct reader r;

	assert_non_null(s);
	reader_init(&r, s->bytes, s->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_proposal_read(&r, &p), ST_OK);
	*items = p.header.n_items;
}

static void set_batch(struct bench *b, uint32_t min, uint32_t wait_ms)
{
	b->cfg.batch_min = min;
	b->cfg.batch_wait_ms = wait_ms;
	bench_down(b);
	bench_up(b);
}

static void a_block_waits_for_batch_min_items(void **state)
{
	struct bench *b = *state;
	uint32_t items;

	set_batch(b, 3, 500);
	bench_item(b, 1);
	bench_wait(b, 100);
	bench_item(b, 2);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_item(b, 3);
	proposed_items(b, &items);
	assert_int_equal(items, 3);
}

static void batch_wait_always_wins(void **state)
{
	struct bench *b = *state;
	uint32_t items;

	set_batch(b, 100, 500);
	bench_item(b, 1);
	bench_wait(b, 499);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_wait(b, 1);
	proposed_items(b, &items);
	assert_int_equal(items, 1);
}

static void waiting_for_a_batch_does_not_look_like_silence(void **state)
{
	struct bench *b = *state;   /* a follower: the leader may wait 500 ms, then has 2 deltas */

	set_batch(b, 100, 500);
	bench_item(b, 1);
	assert_int_equal(waits_for(b, VOTE_NULLIFY, 1, 5000), 700);
}

static void an_unfinalised_tip_is_work_and_gets_an_empty_block(void **state)
{
	struct bench *b = *state;
	struct made b3 = bench_block(b, 3, NULL, 1);
	uint32_t items = 9;
	uint64_t begin;

	bench_nullify(b, 1);
	bench_nullify(b, 2);
	assert_int_equal(bench_send_proposal(b, &b3, NULL, 0), ST_OK);
	bench_notarize(b, &b3);     /* its finalization never comes; node 3 leads view 4 */
	begin = b->sim.now;
	assert_true(bench_info(b).has_work);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_wait(b, 199);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_wait(b, 1);
	proposed_items(b, &items);
	assert_int_equal(items, 0);
	assert_int_equal(b->sim.now - begin, 200);
}

static void no_more_than_two_full_blocks_wait_for_finality(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, &b1, 2);
	uint32_t items = 9;

	bench_item(b, 9);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	bench_notarize(b, &b2);
	bench_nullify(b, 3);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_wait(b, 200);
	proposed_items(b, &items);
	assert_int_equal(items, 0);
}

static void a_long_run_of_skipped_views_is_ended_by_an_empty_block(void **state)
{
	struct bench *b = *state;   /* docs/decisions/0031: the window and the timers need it */
	uint32_t items = 9;

	for (uint64_t v = 1; v < 8; v++)
		bench_nullify(b, v);
	bench_wait(b, 10000);
	assert_null(bench_last(b, WIRE_PROPOSAL));   /* view 8, seven skipped: idle */
	for (uint64_t v = 8; v < 12; v++)
		bench_nullify(b, v);
	proposed_items(b, &items);                   /* view 12 */
	assert_int_equal(items, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWER(a_silent_leader_is_given_up_after_two_deltas),
		FOLLOWER(a_leader_that_spoke_has_three_deltas),
		FOLLOWER(timers_grow_while_nothing_is_final_and_no_further_than_the_cap),
		FOLLOWER(a_finalization_resets_the_timers),
		FOLLOWER(a_nullify_is_said_again_with_the_newest_final_certificate),
		LEADER(a_leader_says_its_proposal_again_after_nullify),
		FOLLOWER(at_a_standstill_everything_since_the_last_final_view_is_sent),
		FOLLOWER(a_standstill_bundle_keeps_within_its_rate),
		FOLLOWER(without_work_there_is_nothing_but_status),
		FOLLOWER(somebody_elses_nullify_is_work),
		FOLLOWER(what_was_heard_of_a_view_before_entering_it_is_work),
		FOLLOWER(a_final_tip_and_nothing_waiting_is_no_work),
		LEADER(a_block_waits_for_batch_min_items),
		LEADER(batch_wait_always_wins),
		FOLLOWER(waiting_for_a_batch_does_not_look_like_silence),
		FOLLOWER(an_unfinalised_tip_is_work_and_gets_an_empty_block),
		FOLLOWER(no_more_than_two_full_blocks_wait_for_finality),
		FOLLOWER(a_long_run_of_skipped_views_is_ended_by_an_empty_block),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
