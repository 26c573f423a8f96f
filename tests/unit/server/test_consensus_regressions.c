/*
 * test_consensus_regressions.c: bugs that other implementations of such protocols have had, on one
 * replica (docs/simulation.md §5 lists them all, with the tests that stand elsewhere).
 */
#include "tests/sim/bench.h"

#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONG = 100 };

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

/* --- helpers -------------------------------------------------------------------------------- */

/* Blocks of views that others lead, each on the one before. */
static void make_chain(const struct bench *b, struct made *chain, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		chain[i] = bench_block(b, i + 1 + i / 3, i > 0 ? &chain[i - 1] : NULL, (int)i);
}

static enum status send_status(struct bench *b, uint8_t from, uint64_t view, uint64_t height,
                               const struct certificate *cert)
{
	uint8_t bytes[64 + CERTIFICATE_BYTES_MAX];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_status_write(&w, view, height);
	writer_u8(&w, cert != NULL);
	if (cert != NULL)
		certificate_write(&w, cert);
	return bench_message(b, from, bytes, w.pos);
}

static enum status send_chunk(struct bench *b, uint8_t from, const struct made *chain,
                              unsigned int len, bool is_false)
{
	struct certificate f = bench_cert(b, VOTE_FINALIZE, chain[len - 1].header.view,
	                                  &chain[len - 1], 0x7);
	static uint8_t bytes[LONG * 512];
	struct writer w;
	size_t at;

	if (is_false)
		f.sig[0][0] ^= 1;
	writer_init(&w, bytes, sizeof(bytes));
	wire_sync_write(&w, &f);
	at = wire_count_begin(&w, 2);
	for (unsigned int i = 0; i < len; i++)
		wire_sync_block_write(&w, &chain[i].header, chain[i].body, chain[i].body_len, true);
	wire_count_set(&w, at, 2, len);
	return bench_message(b, from, bytes, w.pos);
}

/* It hears of a final block far ahead, and asks.  Whom? */
static uint8_t fall_behind(struct bench *b, const struct made *chain, unsigned int len)
{
	struct certificate f = bench_cert(b, VOTE_FINALIZE, chain[len - 1].header.view,
	                                  &chain[len - 1], 0x7);

	assert_int_equal(send_status(b, 1, f.view + 1, len, &f), ST_OK);
	bench_wait(b, 110);
	assert_non_null(bench_last(b, WIRE_SYNC_REQ));
	return bench_last(b, WIRE_SYNC_REQ)->to;
}

static enum status bring(struct bench *b, uint8_t from, const struct made *m,
                         const struct certificate *cert)
{
	struct vote v = bench_vote(VOTE_NOTARIZE, m->header.view, m, m->header.proposer);
	uint8_t bytes[2048];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_proposal_write(&w, &m->header, m->body, m->body_len, v.sig);
	writer_u16(&w, cert != NULL);
	if (cert != NULL)
		certificate_write(&w, cert);
	return bench_message(b, from, bytes, w.pos);
}

static void restart(struct bench *b)
{
	bench_down(b);
	bench_up(b);
}

/* --- votes ---------------------------------------------------------------------------------- */

/* ava-labs #280, #290: votes made anew for a repetition led to a fork. */
static void nothing_is_signed_for_a_repetition(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	size_t asked;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_wait(b, 1000);                       /* NULLIFY(1) is signed */
	bench_notarize(b, &b1);                    /* and no FINALIZE can be, for ever */
	bench_wait(b, 1000);
	restart(b);
	asked = b->asked_len;
	bench_wait(b, 90000);
	for (size_t i = asked; i < b->asked_len; i++)
		assert_true(b->asked[i].view > 1);
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
}

/* ava-labs #555: what was checked is what is used. */
static void a_certificate_like_a_held_one_but_false_is_not_used(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL, 0x7), false_u = u, held;

	assert_int_equal(bench_send_cert(b, 0, &u), ST_OK);
	false_u.sig[1][3] ^= 1;
	assert_int_equal(bench_send_cert(b, 1, &false_u), ST_DUPLICATE);
	assert_int_equal(consensus_certificate(b->core, &held, VOTE_NULLIFY, 1), ST_OK);
	assert_int_equal(certificate_check_with(&held, &b->sim.committee, fake_verify), ST_OK);
}

/* commonware #1102: FINALIZE is for what one has NOTARIZEd; who comes late does both. */
static void who_comes_late_notarizes_before_it_finalizes(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	bench_notarize(b, &b1);
	assert_null(bench_signed(b, VOTE_FINALIZE, 1));
	bench_wait(b, 110);
	assert_int_equal(bench_send_block(b, 1, &b1), ST_OK);
	assert_int_equal(b->asked_len, 2);
	assert_int_equal(b->asked[0].type, VOTE_NOTARIZE);
	assert_int_equal(b->asked[1].type, VOTE_FINALIZE);
}

/* --- two halves ----------------------------------------------------------------------------- */

/* commonware #2695: half the nodes hold N of a view, the others U of it.  From either side: */
static void who_holds_n_accepts_a_block_that_skips_it_with_u(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, NULL, 2);
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL, 0x7);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	assert_int_equal(bench_send_proposal(b, &b2, &u, 1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void who_holds_u_accepts_a_block_on_the_notarized_one(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, &b1, 2);
	struct certificate n = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x7);

	bench_nullify(b, 1);
	assert_int_equal(bench_send_proposal(b, &b2, &n, 1), ST_OK);
	bench_wait(b, 110);
	assert_int_equal(bench_send_block(b, 1, &b1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void who_learns_a_certificate_tells_all_once(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL, 0x7);

	assert_int_equal(bench_send_cert(b, 0, &u), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_CERT, CONSENSUS_ALL), 1);
	assert_int_equal(bench_send_cert(b, 1, &u), ST_DUPLICATE);
	assert_int_equal(bench_sent(b, WIRE_CERT, CONSENSUS_ALL), 1);
}

/* --- catching up ---------------------------------------------------------------------------- */

/* ava-labs #544: the first who says something of a height must not spoil it. */
static void after_a_false_chunk_the_right_one_is_still_taken(void **state)
{
	struct bench *b = *state;
	struct made chain[6];
	uint8_t peer;

	make_chain(b, chain, 6);
	peer = fall_behind(b, chain, 6);
	assert_int_equal(send_chunk(b, peer, chain, 6, true), ST_SIGNATURE);
	bench_clear(b);
	bench_wait(b, 2100);
	assert_non_null(bench_last(b, WIRE_SYNC_REQ));
	assert_int_not_equal(bench_last(b, WIRE_SYNC_REQ)->to, peer);
	assert_int_equal(send_chunk(b, bench_last(b, WIRE_SYNC_REQ)->to, chain, 6, false), ST_OK);
	assert_int_equal(b->r->chain_len, 7);
}

/* ava-labs #542: more work than fits at once is done in the end. */
static void a_chunk_longer_than_an_update_is_delivered_to_its_end(void **state)
{
	struct bench *b = *state;
	static struct made chain[LONG];
	uint8_t peer;

	make_chain(b, chain, LONG);
	peer = fall_behind(b, chain, LONG);
	assert_int_equal(send_chunk(b, peer, chain, LONG, false), ST_OK);
	assert_int_equal(b->r->chain_len, LONG + 1);
}

/* ava-labs #559, #562: what is old and true costs no memory and no disk. */
static void old_messages_bring_nothing_back(void **state)
{
	struct bench *b = *state;
	struct made chain[8];

	make_chain(b, chain, 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_int_equal(bench_send_proposal(b, &chain[i], NULL, 0), ST_OK);
		bench_finalize(b, &chain[i]);
	}
	bench_clear(b);
	for (unsigned int round = 0; round < 20; round++)
		for (unsigned int i = 0; i < 8; i++) {
			uint64_t view = chain[i].header.view;
			struct certificate n = bench_cert(b, VOTE_NOTARIZE, view, &chain[i], 0x7);

			(void)bench_send_proposal(b, &chain[i], NULL, 0);
			(void)bench_send_cert(b, 0, &n);
			(void)bench_send_block(b, 1, &chain[i]);
			(void)bench_send_vote(b, VOTE_FINALIZE, view, &chain[i], 2);
		}
	assert_int_equal(b->records_len, 0);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(bench_info(b).height, 8);
	assert_in_range(b->sent_len, 0, 3);   /* each was told the newest F, once */
}

/* A peer that claims what it cannot show delays, and does not stop. */
static void a_claimed_height_without_blocks_stops_nobody(void **state)
{
	struct bench *b = *state;
	struct made chain[6];
	struct certificate f;
	unsigned int others = 0;

	make_chain(b, chain, 6);
	f = bench_cert(b, VOTE_FINALIZE, chain[5].header.view, &chain[5], 0x7);
	assert_int_equal(send_status(b, 0, f.view + 1, UINT64_MAX, &f), ST_OK);
	assert_int_equal(send_status(b, 1, f.view + 1, 6, &f), ST_OK);
	bench_wait(b, 40000);
	for (size_t i = 0; i < b->sent_len; i++)
		others += b->sent[i].kind == WIRE_SYNC_REQ && b->sent[i].to != 0;
	assert_true(others > 2);   /* the liar is not asked alone */
	while (bench_last(b, WIRE_SYNC_REQ)->to == 0)
		bench_wait(b, 2000);
	assert_int_equal(send_chunk(b, bench_last(b, WIRE_SYNC_REQ)->to, chain, 6, false), ST_OK);
	assert_int_equal(b->r->chain_len, 7);
}

/* --- recovery ------------------------------------------------------------------------------- */

static const uint8_t *large_body;

static enum status large_put(void *ctx, const struct block_header *h, const uint8_t id[static 32],
                             const uint8_t *body, size_t len)
{
	(void)ctx;
	(void)h;
	(void)id;
	(void)len;
	large_body = body;
	return ST_OK;
}

/* ava-labs #540: a log holds nothing legal that its reader refuses. */
static void the_largest_legal_block_is_read_back(void **state)
{
	struct bench *b = *state;
	uint8_t *record = malloc(CONSENSUS_RECORD_BYTES_MAX), *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct made m = bench_block(b, 1, NULL, -1);
	struct writer w;
	size_t len;

	assert_non_null(record);
	assert_non_null(body);
	memset(body, 7, BLOCK_BODY_BYTES_MAX);
	writer_init(&w, body, 4);
	writer_u32(&w, BLOCK_BODY_BYTES_MAX - 4);
	m.header.n_items = 1;
	m.header.body_len = BLOCK_BODY_BYTES_MAX;
	block_body_hash(m.header.body_hash, body, BLOCK_BODY_BYTES_MAX);
	writer_init(&w, record, CONSENSUS_RECORD_BYTES_MAX);
	writer_u8(&w, CONSENSUS_RECORD_BLOCK);
	block_header_write(&w, &m.header);
	writer_vec32(&w, body, BLOCK_BODY_BYTES_MAX);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	b->cfg.app.put = large_put;
	assert_int_equal(consensus_init(&b->core, b->core, consensus_bytes(&b->cfg), &b->cfg,
	                                &b->sim.genesis), ST_OK);
	assert_int_equal(consensus_replay(b->core, record, len), ST_OK);
	assert_memory_equal(large_body, body, BLOCK_BODY_BYTES_MAX);
	free(record);
	free(body);
}

static void exchange(struct logged *a, struct logged *b)
{
	struct logged t = *a;

	*a = *b;
	*b = t;
}

/* ava-labs #328: the state is what the set of records says, not the last of them. */
static void records_in_any_order_give_the_same_state(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), b3 = bench_block(b, 3, &b1, 3);
	struct consensus_info before, after;
	struct certificate n, u;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_notarize(b, &b1);
	bench_nullify(b, 2);
	assert_int_equal(bench_send_proposal(b, &b3, NULL, 0), ST_OK);
	bench_nullify(b, 4);
	before = bench_info(b);
	for (unsigned int shift = 1; shift < b->log_len; shift++) {
		for (size_t i = 0; i + shift < b->log_len; i += shift)
			exchange(&b->log[i], &b->log[i + shift]);
		restart(b);
		after = bench_info(b);
		assert_int_equal(after.view, before.view);
		assert_int_equal(after.final_view, before.final_view);
		assert_int_equal(consensus_certificate(b->core, &n, VOTE_NOTARIZE, 1), ST_OK);
		assert_int_equal(consensus_certificate(b->core, &u, VOTE_NULLIFY, 2), ST_OK);
		assert_null(bench_signed(b, VOTE_NOTARIZE, 1));
		assert_null(bench_signed(b, VOTE_NOTARIZE, 3));
	}
}

/* commonware #3727: the chain store may be ahead of what the log still tells. */
static void a_store_ahead_of_the_log_is_no_contradiction(void **state)
{
	struct bench *b = *state;
	struct made chain[3];

	make_chain(b, chain, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(bench_send_proposal(b, &chain[i], NULL, 0), ST_OK);
		bench_finalize(b, &chain[i]);
	}
	while (b->log_len > 2)
		free(b->log[--b->log_len].bytes);
	restart(b);
	assert_false(b->result.failed);
	assert_int_equal(bench_info(b).height, 3);
	assert_int_equal(bench_info(b).view, chain[2].header.view + 1);
}

/* --- timers and bounds ---------------------------------------------------------------------- */

/* TON §4.2: only a finalization says that messages arrive in time. */
static void a_notarization_does_not_reset_the_timers(void **state)
{
	struct bench *b = *state;
	struct made b6 = bench_block(b, 6, NULL, 1);
	uint64_t begin;

	for (uint64_t v = 1; v < 6; v++)
		bench_nullify(b, v);
	assert_int_equal(bench_send_proposal(b, &b6, NULL, 0), ST_OK);
	bench_notarize(b, &b6);
	bench_item(b, 9);
	begin = b->sim.now;
	while (bench_signed(b, VOTE_NULLIFY, 7) == NULL && b->sim.now - begin < 20000)
		bench_wait(b, 1);
	assert_int_equal(b->sim.now - begin, 1518);   /* 200 * 1.5^5, in whole ms at each step */
}

/* ava-labs #557: a ban silences a channel; it takes nobody's turn away. */
static void a_banned_leader_still_leads(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	uint8_t bytes[2 + VOTE_BYTES];
	struct vote v = bench_vote(VOTE_NULLIFY, 3, NULL, 0);
	struct certificate n;
	struct writer w;

	v.sig[0] ^= 1;
	writer_init(&w, bytes, sizeof(bytes));
	wire_kind_write(&w, WIRE_VOTE);
	writer_u8(&w, 1);
	vote_write(&w, &v);
	assert_int_equal(bench_message(b, 0, bytes, w.pos), ST_SIGNATURE);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_DENIED);
	assert_int_equal(bring(b, 2, &b1, NULL), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	n = bench_cert(b, VOTE_NOTARIZE, 1, &b1, 0x7);
	assert_int_equal(bench_send_cert(b, 2, &n), ST_OK);
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
	assert_int_equal(bench_info(b).view, 2);
}

static void a_false_body_is_the_fault_of_who_sent_it(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), wrong = b1;

	wrong.body[7] ^= 1;
	bench_notarize(b, &b1);
	bench_wait(b, 110);
	assert_int_equal(bench_send_block(b, 2, &wrong), ST_HASH);
	assert_int_equal(b->bad_peers, 1 << 2);
	assert_int_equal(bench_send_block(b, 2, &b1), ST_DENIED);
	assert_int_equal(bench_send_block(b, 1, &b1), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
}

/* TON §4.3: an uncapped repetition kills the links it should heal. */
static void a_proposal_is_said_again_no_faster_than_the_rate(void **state)
{
	struct bench *b = *state;
	unsigned int times;

	b->cfg.out_bytes_per_s = 200;
	restart(b);
	for (unsigned int i = 0; i < 40; i++) {
		bit_set(b->r->held, i);
		bit_set(b->r->mempool, i);
	}
	bench_item(b, 41);
	bench_wait(b, 1000);
	bench_clear(b);
	bench_wait(b, 60000);
	times = bench_sent(b, WIRE_PROPOSAL, CONSENSUS_ALL);
	assert_in_range(times, 5, 60 * 200 / 600);   /* 41 items of 8 bytes and a header: over 500 */
	assert_true(bench_sent(b, WIRE_VOTE, CONSENSUS_ALL) >= 190);   /* votes: every 3 delta */
}

static void a_chunk_costs_more_than_other_answers(void **state)
{
	struct bench *b = *state;
	struct made chain[3];
	uint8_t bytes[32];
	struct writer w;

	make_chain(b, chain, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(bench_send_proposal(b, &chain[i], NULL, 0), ST_OK);
		bench_finalize(b, &chain[i]);
	}
	bench_clear(b);
	writer_init(&w, bytes, sizeof(bytes));
	wire_sync_req_write(&w, 0, LIMIT_FRAME_BULK);
	for (unsigned int i = 0; i < 100; i++)
		(void)bench_message(b, 1, bytes, w.pos);
	assert_int_equal(bench_sent(b, WIRE_SYNC_RESP, 1), 8);
}

/* --- the clock ------------------------------------------------------------------------------ */

/* R3: behind the clock by more than ten minutes: no vote, no evidence; but with N, a late vote. */
static void a_late_block_gets_a_vote_only_with_its_certificate(void **state)
{
	struct bench *b = *state;
	struct made late = bench_block(b, 1, NULL, 1), b2;

	bench_wait(b, 11 * 60000);
	bench_clear(b);
	assert_int_equal(bench_send_proposal(b, &late, NULL, 0), ST_OK);
	bench_wait(b, 250);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));
	bench_wait(b, 100);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));   /* nobody waits for it */
	assert_int_equal(b->evidence_len, 0);
	bench_notarize(b, &late);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	/* On top of it stands one of the present. */
	b2 = bench_block(b, 2, &late, 2);
	b2.header.time_min = (uint32_t)replica_minutes(b->r);
	bench_reseal(&b2);
	assert_int_equal(bench_send_proposal(b, &b2, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 2));
}

static void the_bounds_of_time_are_one_minute_and_ten(void **state)
{
	(void)state;
	assert_true(consensus_is_timely(100, 100));
	assert_true(consensus_is_timely(101, 100));
	assert_false(consensus_is_timely(102, 100));
	assert_true(consensus_is_timely(90, 100));
	assert_false(consensus_is_timely(89, 100));
	assert_true(consensus_is_timely(0, 10));
	assert_false(consensus_is_timely(UINT32_MAX, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWER(nothing_is_signed_for_a_repetition),
		FOLLOWER(a_certificate_like_a_held_one_but_false_is_not_used),
		FOLLOWER(who_comes_late_notarizes_before_it_finalizes),
		FOLLOWER(who_holds_n_accepts_a_block_that_skips_it_with_u),
		FOLLOWER(who_holds_u_accepts_a_block_on_the_notarized_one),
		FOLLOWER(who_learns_a_certificate_tells_all_once),
		FOLLOWER(after_a_false_chunk_the_right_one_is_still_taken),
		FOLLOWER(a_chunk_longer_than_an_update_is_delivered_to_its_end),
		FOLLOWER(old_messages_bring_nothing_back),
		FOLLOWER(a_claimed_height_without_blocks_stops_nobody),
		FOLLOWER(the_largest_legal_block_is_read_back),
		FOLLOWER(records_in_any_order_give_the_same_state),
		FOLLOWER(a_store_ahead_of_the_log_is_no_contradiction),
		FOLLOWER(a_notarization_does_not_reset_the_timers),
		FOLLOWER(a_banned_leader_still_leads),
		FOLLOWER(a_false_body_is_the_fault_of_who_sent_it),
		LEADER(a_proposal_is_said_again_no_faster_than_the_rate),
		FOLLOWER(a_chunk_costs_more_than_other_answers),
		FOLLOWER(a_late_block_gets_a_vote_only_with_its_certificate),
		cmocka_unit_test(the_bounds_of_time_are_one_minute_and_ten),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
