/* test_consensus_votes.c: rules R4 to R7 of docs/consensus.md, one replica on a table. */
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

static int teardown(void **state)
{
	bench_free(*state);
	return 0;
}

#define FOLLOWER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

/* --- R4, R5 --------------------------------------------------------------------------------- */

static void what_q_and_we_notarized_is_finalized(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);   /* the third */
	assert_true(bench_recorded(b, VOTE_NOTARIZE, 1));
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_int_equal(bench_info(b).view, 2);
}

static void a_certificate_is_recorded_before_the_finalize_it_allows_is_asked_for(void **state)
{
	struct bench *b = *state;   /* R0 */
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	b->hold_votes = true;
	bench_clear(b);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_true(bench_recorded(b, VOTE_NOTARIZE, 1));   /* in the same update */
	assert_null(bench_last(b, WIRE_VOTE));
}

static void a_block_other_than_the_one_we_notarized_is_never_finalized(void **state)
{
	struct bench *b = *state;
	struct made mine = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);

	assert_int_equal(bench_send_proposal(b, &mine, NULL, 0), ST_OK);
	bench_notarize(b, &other);
	assert_int_equal(bench_send_block(b, 1, &other), ST_OK);
	bench_wait(b, 5000);
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_memory_equal(bench_signed(b, VOTE_NOTARIZE, 1)->block, mine.id, 32);
}

static void after_nullify_there_is_no_finalize_even_views_and_a_restart_later(void **state)
{
	struct bench *b = *state;   /* A.2: ava-labs #280, #290, #603 */
	struct made b1 = bench_block(b, 1, NULL, 1);

	bench_item(b, 1);
	bench_wait(b, 1000);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	for (uint64_t v = 1; v < 6; v++)
		bench_nullify(b, v);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	bench_wait(b, 10000);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));   /* late, as R3 allows */
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
	bench_down(b);
	bench_up(b);
	bench_wait(b, 10000);
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));       /* once */
}

static void finalize_may_come_views_later(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	bench_notarize(b, &b1);
	for (uint64_t v = 2; v < 5; v++)
		bench_nullify(b, v);
	assert_int_equal(bench_info(b).view, 5);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
}

static void f_plus_one_nullifies_are_joined_and_f_are_not(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 1), ST_OK);
	assert_null(bench_signed(b, VOTE_NULLIFY, 1));
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 2), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	assert_true(bench_recorded(b, VOTE_NULLIFY, 1));   /* two of them and ours are three */
	assert_int_equal(bench_info(b).view, 2);
}

static void the_leaders_own_nullify_is_enough(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
}

static void a_view_is_nullified_once_and_only_while_it_is_the_current_one(void **state)
{
	struct bench *b = *state;

	bench_nullify(b, 1);
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 1), ST_DUPLICATE);   /* in U */
	bench_wait(b, 5000);
	assert_null(bench_signed(b, VOTE_NULLIFY, 1));
	bench_item(b, 1);
	bench_wait(b, 20000);
	for (size_t i = 0; i < b->asked_len; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(b->asked[i].type == b->asked[j].type &&
			             b->asked[i].view == b->asked[j].view);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 2));
}

/* --- R6, R14 -------------------------------------------------------------------------------- */

static void the_first_verified_vote_stays(void **state)
{
	struct bench *b = *state;   /* A.2: ava-labs #546 */
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);
	struct certificate n;

	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &other, 1), ST_OK);
	assert_int_equal(b->evidence_len, 1);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &other, 1), ST_DUPLICATE);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_DUPLICATE);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 0), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 2), ST_OK);
	assert_int_equal(consensus_certificate(b->core, &n, VOTE_NOTARIZE, 1), ST_OK);
	assert_int_equal(certificate_check_with(&n, &b->sim.committee, fake_verify), ST_OK);
	assert_memory_equal(n.block, b1.id, 32);
}

static enum status send_one_vote(struct bench *b, const struct vote *v, uint8_t from)
{
	uint8_t bytes[2 + VOTE_BYTES];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, v);
	return bench_message(b, from, bytes, w.pos);
}

static void a_false_vote_does_not_replace_a_true_one(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);
	struct vote v = bench_vote(VOTE_NOTARIZE, 1, &other, 1);
	struct certificate n;

	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);
	v.sig[0] ^= 1;
	assert_int_equal(send_one_vote(b, &v, 1), ST_SIGNATURE);
	assert_int_equal(b->bad_peers, 1 << 1);
	assert_int_equal(b->evidence_len, 0);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 0), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 2), ST_OK);
	assert_int_equal(consensus_certificate(b->core, &n, VOTE_NOTARIZE, 1), ST_OK);
	assert_int_equal(certificate_check_with(&n, &b->sim.committee, fake_verify), ST_OK);
}

static void a_vote_comes_from_its_signer(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct vote v = bench_vote(VOTE_NOTARIZE, 1, &b1, 1);

	assert_int_equal(send_one_vote(b, &v, 2), ST_ROLE);
	assert_int_equal(send_one_vote(b, &v, 3), ST_ROLE);   /* ourselves */
	assert_int_equal(send_one_vote(b, &v, 4), ST_ROLE);   /* nobody */
	assert_int_equal(send_one_vote(b, &v, 1), ST_OK);
}

static void finalize_and_nullify_of_one_view_are_evidence(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);

	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 1), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);
	assert_int_equal(b->evidence_len, 0);                  /* that is allowed */
	assert_int_equal(bench_send_vote(b, VOTE_FINALIZE, 1, &b1, 1), ST_OK);
	assert_int_equal(b->evidence_len, 1);
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 2), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_FINALIZE, 1, &other, 2), ST_OK);
	assert_int_equal(b->evidence_len, 2);                  /* finalizes what it did not notarize */
	assert_int_equal(b->evidence[1].a.signer, 2);
}

static void votes_inside_certificates_are_evidence_too(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);
	struct certificate n = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x7);

	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &other, 1), ST_OK);
	assert_int_equal(bench_send_cert(b, 0, &n), ST_OK);
	assert_int_equal(b->evidence_len, 1);
	assert_int_equal(b->evidence[0].a.signer, 1);
	assert_true(vote_conflicts(&b->evidence[0].a, &b->evidence[0].b));
}

static void a_certificate_is_verified_in_full(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct certificate n = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x7), bad;

	for (unsigned int i = 0; i < 3; i++) {
		bad = n;
		bad.sig[i][2] ^= 1;
		assert_int_equal(bench_send_cert(b, (uint8_t)i, &bad), ST_SIGNATURE);
		assert_int_equal(b->bad_peers, (2u << i) - 1);
	}
	assert_int_equal(bench_info(b).view, 1);
	assert_int_equal(bench_send_cert(b, 0, &n), ST_DENIED);   /* ignored for a minute */
	bench_wait(b, 60000);
	bad = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x3);
	assert_int_equal(bench_send_cert(b, 1, &bad), ST_CERTIFICATE);
	assert_int_equal(bench_send_cert(b, 0, &n), ST_OK);
	assert_int_equal(bench_info(b).view, 2);
}

static void votes_too_far_ahead_are_refused(void **state)
{
	struct bench *b = *state;

	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1 + CONSENSUS_AHEAD, NULL, 1), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 2 + CONSENSUS_AHEAD, NULL, 1), ST_LIMIT);
}

static void certificates_beyond_the_window_are_refused(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, SIM_VIEWS + 1, NULL, 0x7);

	assert_int_equal(bench_send_cert(b, 0, &u), ST_LIMIT);
	u = bench_cert(b, VOTE_NULLIFY, SIM_VIEWS, NULL, 0x7);
	assert_int_equal(bench_send_cert(b, 0, &u), ST_OK);
	assert_int_equal(bench_info(b).view, SIM_VIEWS + 1);
	bench_item(b, 1);
	bench_wait(b, 100000);                       /* the last view of the window: it only waits */
	assert_int_equal(b->asked_len, 0);
}

/* --- R7 ------------------------------------------------------------------------------------- */

static void a_finalization_delivers_all_ancestors_in_order(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, &b1, 2);
	struct made b3 = bench_block(b, 3, &b2, 3);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	bench_notarize(b, &b2);
	assert_int_equal(bench_send_proposal(b, &b3, NULL, 0), ST_OK);
	assert_int_equal(b->r->chain_len, 1);
	bench_finalize(b, &b3);
	assert_int_equal(b->r->chain_len, 4);
	assert_memory_equal(b->r->chain[1].id, b1.id, 32);
	assert_memory_equal(b->r->chain[2].id, b2.id, 32);
	assert_memory_equal(b->r->chain[3].id, b3.id, 32);
	assert_false(b->r->chain[1].has_cert || b->r->chain[2].has_cert);
	assert_true(b->r->chain[3].has_cert);
	assert_int_equal(b->r->chain[3].cert.type, VOTE_FINALIZE);
	assert_int_equal(bench_info(b).final_view, 3);
	assert_int_equal(bench_info(b).view, 4);
}

static void a_block_is_delivered_when_its_body_comes_after_its_finalization(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	bench_finalize(b, &b1);
	assert_int_equal(bench_info(b).final_view, 1);
	assert_int_equal(b->r->chain_len, 1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_int_equal(b->r->chain_len, 2);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));   /* it is final without us */
}

static void two_final_blocks_of_one_view_halt(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);
	struct certificate f = bench_cert(b, VOTE_FINALIZE, 1, &other, 0x7);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(b->up.halted, ST_OK);
	assert_int_equal(bench_send_cert(b, 0, &f), ST_FORK);
	assert_int_equal(b->up.halted, ST_FORK);
	assert_int_equal(bench_tick(b), ST_FORK);   /* for good */
}

static void two_notarized_blocks_of_one_view_halt(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);
	struct certificate n = bench_cert(b, VOTE_NOTARIZE, 1, &other, 0x7);

	bench_notarize(b, &b1);
	assert_int_equal(b->up.halted, ST_OK);
	assert_int_equal(bench_send_cert(b, 0, &n), ST_FORK);
	assert_int_equal(b->up.halted, ST_FORK);
}

static void a_view_finalized_after_it_was_nullified_halts(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct certificate f = bench_cert(b, VOTE_FINALIZE, 1, &b1, 0x7);

	bench_nullify(b, 1);
	assert_int_equal(b->up.halted, ST_OK);
	assert_int_equal(bench_send_cert(b, 0, &f), ST_FORK);
	assert_int_equal(b->up.halted, ST_FORK);
}

static void a_view_nullified_after_it_was_finalized_halts(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL, 0x7);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(b->up.halted, ST_OK);
	assert_int_equal(bench_send_cert(b, 0, &u), ST_FORK);
}

static void a_final_block_on_another_branch_halts(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), fork = bench_block(b, 2, NULL, 2);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &fork, NULL, 0), ST_OK);
	bench_finalize(b, &fork);
	assert_int_equal(b->up.halted, ST_FORK);
	assert_int_equal(b->r->chain_len, 2);
}

static void a_final_block_that_is_invalid_here_halts(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	b1.header.state_hash[0] ^= 1;
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(b->up.halted, ST_HASH);
	assert_int_equal(b->r->chain_len, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWER(what_q_and_we_notarized_is_finalized),
		FOLLOWER(a_certificate_is_recorded_before_the_finalize_it_allows_is_asked_for),
		FOLLOWER(a_block_other_than_the_one_we_notarized_is_never_finalized),
		FOLLOWER(after_nullify_there_is_no_finalize_even_views_and_a_restart_later),
		FOLLOWER(finalize_may_come_views_later),
		FOLLOWER(f_plus_one_nullifies_are_joined_and_f_are_not),
		FOLLOWER(the_leaders_own_nullify_is_enough),
		FOLLOWER(a_view_is_nullified_once_and_only_while_it_is_the_current_one),
		FOLLOWER(the_first_verified_vote_stays),
		FOLLOWER(a_false_vote_does_not_replace_a_true_one),
		FOLLOWER(a_vote_comes_from_its_signer),
		FOLLOWER(finalize_and_nullify_of_one_view_are_evidence),
		FOLLOWER(votes_inside_certificates_are_evidence_too),
		FOLLOWER(a_certificate_is_verified_in_full),
		FOLLOWER(votes_too_far_ahead_are_refused),
		FOLLOWER(certificates_beyond_the_window_are_refused),
		FOLLOWER(a_finalization_delivers_all_ancestors_in_order),
		FOLLOWER(a_block_is_delivered_when_its_body_comes_after_its_finalization),
		FOLLOWER(two_final_blocks_of_one_view_halt),
		FOLLOWER(two_notarized_blocks_of_one_view_halt),
		FOLLOWER(a_view_finalized_after_it_was_nullified_halts),
		FOLLOWER(a_view_nullified_after_it_was_finalized_halts),
		FOLLOWER(a_final_block_on_another_branch_halts),
		FOLLOWER(a_final_block_that_is_invalid_here_halts),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
