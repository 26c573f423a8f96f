/* test_consensus_propose.c: rules R1, R2 and R3 of docs/consensus.md, one replica on a table. */
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

/* --- R1 ------------------------------------------------------------------------------------- */

static void a_certificate_of_any_view_leads_to_the_next_one(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 5, NULL, 0x7);

	assert_int_equal(bench_info(b).view, 1);
	bench_clear(b);
	assert_int_equal(bench_send_cert(b, 0, &u), ST_OK);
	assert_int_equal(bench_info(b).view, 6);
	assert_true(bench_recorded(b, VOTE_NULLIFY, 5));
	assert_int_equal(bench_sent(b, WIRE_CERT, CONSENSUS_ALL), 1);
	assert_int_equal(bench_send_cert(b, 1, &u), ST_DUPLICATE);
	assert_int_equal(bench_sent(b, WIRE_CERT, CONSENSUS_ALL), 1);   /* broadcast once */
}

static void a_view_is_never_entered_again(void **state)
{
	struct bench *b = *state;

	bench_nullify(b, 5);
	bench_nullify(b, 3);
	assert_int_equal(bench_info(b).view, 6);
	assert_true(bench_recorded(b, VOTE_NULLIFY, 3));   /* but it is kept: a gap may need it */
}

static void leaders_go_round(void **state)
{
	struct bench *b = *state;

	for (uint64_t v = 1; v < 20; v++)
		assert_int_equal(consensus_leader(b->core, v), (v - 1) % 4);
}

/* --- R2 ------------------------------------------------------------------------------------- */

static void a_leader_proposes_what_waits(void **state)
{
	struct bench *b = *state;
	const struct vote *v;

	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_item(b, 7);
	v = bench_signed(b, VOTE_NOTARIZE, 1);
	assert_non_null(v);
	assert_int_equal(bench_sent(b, WIRE_PROPOSAL, CONSENSUS_ALL), 1);
	assert_int_equal(b->records[0].type, CONSENSUS_RECORD_BLOCK);
	assert_memory_equal(b->records[0].id, v->block, 32);
	bench_item(b, 8);
	assert_int_equal(bench_sent(b, WIRE_PROPOSAL, CONSENSUS_ALL), 1);   /* one in a view */
}

static void a_leader_with_nothing_to_say_is_silent(void **state)
{
	struct bench *b = *state;

	bench_wait(b, 60000);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	assert_int_equal(b->asked_len, 0);
}

static void nothing_is_sent_before_it_is_signed(void **state)
{
	struct bench *b = *state;

	b->hold_votes = true;
	bench_item(b, 7);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_null(bench_last(b, WIRE_PROPOSAL));
	assert_null(bench_last(b, WIRE_VOTE));
}

static void read_proposal(const struct bench *b, struct wire_proposal *p)
{
	const struct sent *s = bench_last(b, WIRE_PROPOSAL);
	enum wire_kind kind;
	struct reader r;

	assert_non_null(s);
	reader_init(&r, s->bytes, s->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_proposal_read(&r, p), ST_OK);
}

static void the_base_is_the_highest_and_the_proposal_justifies_it(void **state)
{
	struct bench *b = *state;   /* node 3 leads view 4 */
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct made b2 = bench_block(b, 2, &b1, 2);
	struct wire_proposal p;
	struct certificate cert;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	bench_notarize(b, &b2);
	bench_item(b, 9);
	bench_nullify(b, 3);
	bench_wait(b, 500);
	read_proposal(b, &p);
	assert_int_equal(p.header.view, 4);
	assert_int_equal(p.header.parent_view, 2);
	assert_memory_equal(p.header.parent, b2.id, 32);
	assert_int_equal(p.header.height, 3);
	assert_int_equal(p.cert_count, 2);
	assert_true(wire_next_cert(&p.certs, &cert));
	assert_true(cert.type == VOTE_NOTARIZE && cert.view == 2);
	assert_true(wire_next_cert(&p.certs, &cert));
	assert_true(cert.type == VOTE_NULLIFY && cert.view == 3);
}

static void a_leader_with_a_gap_asks_and_waits(void **state)
{
	struct bench *b = *state;

	bench_item(b, 9);
	bench_nullify(b, 3);   /* view 4, but nothing is known of views 1 and 2 */
	bench_wait(b, 50);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	assert_non_null(bench_last(b, WIRE_CERT_REQ));
	bench_nullify(b, 1);
	bench_nullify(b, 2);
	assert_non_null(bench_last(b, WIRE_PROPOSAL));
}

static void a_nullified_block_that_cannot_be_had_is_passed_over(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct made secret = bench_block(b, 3, &b1, 3);
	struct wire_proposal p;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	bench_nullify(b, 2);
	bench_item(b, 9);
	bench_notarize(b, &secret);   /* nobody shows its body */
	bench_wait(b, 20);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_nullify(b, 3);
	read_proposal(b, &p);
	assert_int_equal(p.header.parent_view, 1);
}

static void after_a_crash_the_leader_sends_the_same_block(void **state)
{
	struct bench *b = *state;
	uint8_t id[32], again[32];
	struct wire_proposal p;

	b->lose_votes = true;   /* it dies after the signer signed */
	bench_item(b, 7);
	memcpy(id, bench_signed(b, VOTE_NOTARIZE, 1)->block, 32);
	assert_null(bench_last(b, WIRE_PROPOSAL));
	bench_down(b);
	b->lose_votes = false;
	bit_set(b->r->held, 8);   /* not in that block */
	bench_up(b);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));   /* signed already */
	read_proposal(b, &p);
	block_id(again, &p.header);
	assert_memory_equal(again, id, 32);
}

static void a_block_stored_before_a_crash_is_voted_for_not_made_anew(void **state)
{
	struct bench *b = *state;
	uint8_t id[32];

	b->hold_votes = true;   /* it dies before the signer is asked */
	bench_item(b, 7);
	memcpy(id, bench_signed(b, VOTE_NOTARIZE, 1)->block, 32);
	bench_down(b);
	b->hold_votes = false;
	bit_set(b->r->held, 8);
	bench_up(b);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_memory_equal(bench_signed(b, VOTE_NOTARIZE, 1)->block, id, 32);
}

/* --- R3 ------------------------------------------------------------------------------------- */

static void a_valid_proposal_is_recorded_and_notarized(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_int_equal(b->records[0].type, CONSENSUS_RECORD_BLOCK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_memory_equal(bench_signed(b, VOTE_NOTARIZE, 1)->block, b1.id, 32);
	assert_int_equal(bench_sent(b, WIRE_VOTE, CONSENSUS_ALL), 1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_DUPLICATE);
}

static void a_second_proposal_is_evidence_and_nothing_else(void **state)
{
	struct bench *b = *state;
	struct made one = bench_block(b, 1, NULL, 1), two = bench_block(b, 1, NULL, 2);

	assert_int_equal(bench_send_proposal(b, &one, NULL, 0), ST_OK);
	assert_int_equal(bench_send_proposal(b, &two, NULL, 0), ST_DUPLICATE);
	assert_int_equal(b->asked_len, 1);
	assert_int_equal(b->evidence_len, 1);
	assert_int_equal(b->evidence[0].type, CONSENSUS_DOUBLE_VOTE);
	assert_true(vote_conflicts(&b->evidence[0].a, &b->evidence[0].b));
	assert_int_equal(vote_check_with(&b->evidence[0].a, &b->sim.committee, fake_verify), ST_OK);
	assert_int_equal(vote_check_with(&b->evidence[0].b, &b->sim.committee, fake_verify), ST_OK);
	assert_int_equal(b->evidence[0].a.signer, 0);
	assert_int_equal(bench_send_proposal(b, &two, NULL, 0), ST_DUPLICATE);
	assert_int_equal(b->evidence_len, 1);   /* once */
}

static void a_proposal_that_cannot_be_one_is_refused(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	b1.header.proposer = 1;   /* not the leader */
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_ROLE);
	b1 = bench_block(b, 1, NULL, 1);
	b1.header.election_id[9] ^= 1;
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_ELECTION);
	b1 = bench_block(b, 1, NULL, 1);
	b1.header.parent_view = 1;
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_PARENT);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(b->records_len, 0);
}

static void a_proposal_that_its_leader_did_not_sign_is_refused(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	uint8_t bytes[1024];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_proposal_write(&w, &b1.header, b1.body, b1.body_len, (const uint8_t[64]){ 1 });
	writer_u16(&w, 0);
	assert_int_equal(bench_message(b, 2, bytes, w.pos), ST_SIGNATURE);
	assert_int_equal(b->bad_peers, 1 << 2);
	assert_int_equal(b->asked_len, 0);
}

/* Another node passes a proposal on. */
static enum status bring_proposal(struct bench *b, uint8_t from, const struct made *m)
{
	struct vote v = bench_vote(VOTE_NOTARIZE, m->header.view, m, m->header.proposer);
	uint8_t bytes[1024];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_proposal_write(&w, &m->header, m->body, m->body_len, v.sig);
	writer_u16(&w, 0);
	return bench_message(b, from, bytes, w.pos);
}

static void a_proposal_may_be_brought_by_anybody(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bring_proposal(b, 2, &b1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
}

static void a_wrong_body_is_refused_and_the_right_one_still_taken(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), wrong = b1;

	wrong.body[7] ^= 1;
	assert_int_equal(bench_send_proposal(b, &wrong, NULL, 0), ST_HASH);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(b->bad_peers, 1 << 0);   /* nobody honest sends such */
	assert_int_equal(bring_proposal(b, 2, &b1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
}

static void a_block_of_a_later_view_waits_for_that_view(void **state)
{
	struct bench *b = *state;
	struct made b2 = bench_block(b, 2, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));
	bench_nullify(b, 1);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void the_base_must_be_notarized_and_here(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, &b1, 2);

	bench_nullify(b, 1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));
	assert_int_equal(bench_sent(b, WIRE_CERT_REQ, 1), 1);   /* its leader should know */
	bench_notarize(b, &b1);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));         /* the body of b1 is missing */
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void a_base_that_is_not_the_notarized_one_is_never_accepted(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 5);
	struct made b2 = bench_block(b, 2, &other, 2);

	assert_int_equal(bench_send_proposal(b, &other, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	assert_int_equal(bench_send_block(b, 1, &b1), ST_OK);
	bench_wait(b, 100);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void every_view_of_the_gap_must_be_nullified(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b5 = bench_block(b, 5, &b1, 2);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	bench_nullify(b, 2);
	bench_nullify(b, 4);
	assert_int_equal(bench_send_proposal(b, &b5, NULL, 0), ST_OK);
	assert_int_equal(bench_info(b).view, 5);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 5));
	bench_nullify(b, 3);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 5));
}

static void a_proposal_brings_its_own_justification(void **state)
{
	struct bench *b = *state;   /* A.2: half the nodes hold N(1), this one U(1) only */
	struct made b1 = bench_block(b, 1, NULL, 1), b5 = bench_block(b, 5, &b1, 2);
	struct certificate certs[4];

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_nullify(b, 1);
	certs[0] = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0xd);
	for (unsigned int i = 1; i < 4; i++)
		certs[i] = bench_cert(b, VOTE_NULLIFY, i + 1, NULL, 0xb);
	assert_int_equal(bench_send_proposal(b, &b5, certs, 4), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 5));
	assert_true(bench_recorded(b, VOTE_NOTARIZE, 1));
}

static void a_false_certificate_spoils_a_proposal(void **state)
{
	struct bench *b = *state;
	struct made b2 = bench_block(b, 2, NULL, 2);
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL, 0x7);

	u.sig[2][0] ^= 1;
	assert_int_equal(bench_send_proposal(b, &b2, &u, 1), ST_SIGNATURE);
	assert_int_equal(bench_info(b).view, 1);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(b->bad_peers, 1 << 1);
}

static void a_block_that_skips_a_final_one_is_never_accepted(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, NULL, 2);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(bench_info(b).height, 1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);   /* on block 0 */
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void a_block_on_a_rival_of_the_final_one_is_never_accepted(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), rival = bench_block(b, 1, NULL, 4);
	struct made b2 = bench_block(b, 2, &rival, 2);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_finalize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	bench_wait(b, 50);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void an_invalid_block_is_nullified_at_once_and_its_leader_named(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	b1.header.state_hash[3] ^= 1;
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	assert_int_equal(b->evidence_len, 1);
	assert_int_equal(b->evidence[0].type, CONSENSUS_UNSOUND_PROPOSAL);
	assert_int_equal(b->evidence[0].why, ST_HASH);
	assert_memory_equal(b->evidence[0].a.block, b1.id, 32);
	assert_int_equal(vote_check_with(&b->evidence[0].a, &b->sim.committee, fake_verify), ST_OK);
}

static void a_block_that_does_not_follow_its_parent_is_nullified(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	b1.header.log_size++;
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_int_equal(b->evidence[0].why, ST_PARENT);
}

static void an_early_block_waits_and_may_be_notarized_after_nullify(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	b1.header.time_min = 13;   /* the clock shows 10, and one more is allowed */
	bench_reseal(&b1);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_wait(b, 1000);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	bench_wait(b, 130000);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
}

static void a_block_notarized_without_us_is_fetched_and_voted_for_late(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	bench_notarize(b, &b1);
	assert_int_equal(bench_info(b).view, 2);
	assert_null(bench_last(b, WIRE_BLOCK_REQ));   /* it may be on its way */
	bench_wait(b, 150);
	assert_non_null(bench_last(b, WIRE_BLOCK_REQ));
	assert_true(bench_last(b, WIRE_BLOCK_REQ)->to < 3);   /* one who notarized it */
	assert_memory_equal(bench_last(b, WIRE_BLOCK_REQ)->bytes + 1, b1.id, 32);
	assert_int_equal(bench_send_block(b, 1, &b1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
}

static void a_body_that_nobody_asked_for_is_refused(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_block(b, 1, &b1), ST_NOT_FOUND);
	assert_int_equal(b->records_len, 0);
}

#define FOLLOWER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define LEADER(test) cmocka_unit_test_setup_teardown(test, setup_leader, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWER(a_certificate_of_any_view_leads_to_the_next_one),
		FOLLOWER(a_view_is_never_entered_again),
		FOLLOWER(leaders_go_round),
		LEADER(a_leader_proposes_what_waits),
		LEADER(a_leader_with_nothing_to_say_is_silent),
		LEADER(nothing_is_sent_before_it_is_signed),
		FOLLOWER(the_base_is_the_highest_and_the_proposal_justifies_it),
		FOLLOWER(a_leader_with_a_gap_asks_and_waits),
		FOLLOWER(a_nullified_block_that_cannot_be_had_is_passed_over),
		LEADER(after_a_crash_the_leader_sends_the_same_block),
		LEADER(a_block_stored_before_a_crash_is_voted_for_not_made_anew),
		FOLLOWER(a_valid_proposal_is_recorded_and_notarized),
		FOLLOWER(a_second_proposal_is_evidence_and_nothing_else),
		FOLLOWER(a_proposal_that_cannot_be_one_is_refused),
		FOLLOWER(a_proposal_that_its_leader_did_not_sign_is_refused),
		FOLLOWER(a_proposal_may_be_brought_by_anybody),
		FOLLOWER(a_wrong_body_is_refused_and_the_right_one_still_taken),
		FOLLOWER(a_block_of_a_later_view_waits_for_that_view),
		FOLLOWER(the_base_must_be_notarized_and_here),
		FOLLOWER(a_base_that_is_not_the_notarized_one_is_never_accepted),
		FOLLOWER(every_view_of_the_gap_must_be_nullified),
		FOLLOWER(a_proposal_brings_its_own_justification),
		FOLLOWER(a_false_certificate_spoils_a_proposal),
		FOLLOWER(a_block_that_skips_a_final_one_is_never_accepted),
		FOLLOWER(a_block_on_a_rival_of_the_final_one_is_never_accepted),
		FOLLOWER(an_invalid_block_is_nullified_at_once_and_its_leader_named),
		FOLLOWER(a_block_that_does_not_follow_its_parent_is_nullified),
		FOLLOWER(an_early_block_waits_and_may_be_notarized_after_nullify),
		FOLLOWER(a_block_notarized_without_us_is_fetched_and_voted_for_late),
		FOLLOWER(a_body_that_nobody_asked_for_is_refused),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
