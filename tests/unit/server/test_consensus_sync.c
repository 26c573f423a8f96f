/* test_consensus_sync.c: rules R11, R12 and R15 of docs/consensus.md, one replica on a table. */
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

/* Blocks of views that others lead, each on the one before. */
static void make_chain(const struct bench *b, struct made *chain, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		chain[i] = bench_block(b, i + 1 + i / 3, i > 0 ? &chain[i - 1] : NULL, (int)i);
}

static void learn_chain(struct bench *b, const struct made *chain, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++) {
		assert_int_equal(bench_send_proposal(b, &chain[i], NULL, 0), ST_OK);
		bench_finalize(b, &chain[i]);
	}
}

/* A SYNC_RESP of chain[first..last], under F of `certified`. */
static enum status send_chunk(struct bench *b, uint8_t from, const struct made *chain,
                              unsigned int first, unsigned int last, unsigned int certified,
                              bool with_bodies)
{
	struct certificate f = bench_cert(b, VOTE_FINALIZE, chain[certified].header.view,
	                                  &chain[certified], 0x7);
	static uint8_t bytes[65536];
	struct writer w;
	size_t at;

	writer_init(&w, bytes, sizeof(bytes));
	wire_sync_write(&w, &f);
	at = wire_count_begin(&w, 2);
	for (unsigned int i = first; i <= last; i++)
		wire_sync_block_write(&w, &chain[i].header, chain[i].body, chain[i].body_len,
		                      with_bodies);
	wire_count_set(&w, at, 2, last - first + 1);
	return bench_message(b, from, bytes, w.pos);
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

/* The replica hears of a final block far ahead: it asks.  Whom? */
static uint8_t fall_behind(struct bench *b, const struct made *chain, unsigned int len)
{
	struct certificate f = bench_cert(b, VOTE_FINALIZE, chain[len - 1].header.view,
	                                  &chain[len - 1], 0x7);

	assert_int_equal(send_status(b, 1, f.view + 1, len, &f), ST_OK);
	assert_null(bench_last(b, WIRE_SYNC_REQ));   /* the block may be on its way */
	bench_wait(b, 110);
	assert_non_null(bench_last(b, WIRE_SYNC_REQ));
	return bench_last(b, WIRE_SYNC_REQ)->to;
}

/* --- R11: catching up ----------------------------------------------------------------------- */

static void who_lags_asks_one_who_is_ahead_and_delivers_the_chunk(void **state)
{
	struct bench *b = *state;
	struct made chain[10];
	uint8_t peer;

	make_chain(b, chain, 10);
	peer = fall_behind(b, chain, 10);
	assert_int_equal(peer, 1);   /* the only one known to be ahead */
	assert_int_equal(send_chunk(b, peer, chain, 0, 6, 6, true), ST_OK);
	assert_int_equal(b->r->chain_len, 8);
	assert_true(b->r->chain[7].has_cert);
	assert_false(b->r->chain[6].has_cert);
	/* It is not there yet: the next request goes out at once. */
	assert_int_equal(bench_sent(b, WIRE_SYNC_REQ, CONSENSUS_ALL), 0);
	assert_int_equal(b->sent[b->sent_len - 1].kind, WIRE_SYNC_REQ);
	assert_int_equal(send_chunk(b, b->sent[b->sent_len - 1].to, chain, 7, 9, 9, true), ST_OK);
	assert_int_equal(bench_info(b).height, 10);
	assert_int_equal(bench_info(b).view, chain[9].header.view + 1);
}

static void another_peer_is_asked_when_one_does_not_answer(void **state)
{
	struct bench *b = *state;
	struct made chain[3];
	uint16_t asked = 0;

	make_chain(b, chain, 3);
	(void)fall_behind(b, chain, 3);
	assert_int_equal(send_status(b, 0, 4, 3, NULL), ST_OK);
	assert_int_equal(send_status(b, 2, 4, 3, NULL), ST_OK);
	bench_clear(b);
	bench_wait(b, 60000);
	for (size_t i = 0; i < b->sent_len; i++)
		if (b->sent[i].kind == WIRE_SYNC_REQ)
			asked |= (uint16_t)(1u << b->sent[i].to);
	assert_int_equal(asked, 0x7);
	assert_in_range(bench_sent(b, WIRE_SYNC_REQ, 0) + bench_sent(b, WIRE_SYNC_REQ, 1) +
	                bench_sent(b, WIRE_SYNC_REQ, 2), 29, 31);   /* one in two seconds */
}

static void a_chunk_must_end_in_its_own_certified_block(void **state)
{
	struct bench *b = *state;   /* A.2: the chunk carries its own F */
	struct made chain[4];
	uint8_t peer;

	make_chain(b, chain, 4);
	peer = fall_behind(b, chain, 4);
	assert_int_equal(send_chunk(b, peer, chain, 0, 2, 3, true), ST_CERTIFICATE);
	assert_int_equal(b->bad_peers, 1 << peer);
	assert_int_equal(b->r->chain_len, 1);
}

static void a_chunk_must_hold_together(void **state)
{
	struct bench *b = *state;   /* A.2: ava-labs #544 */
	struct made chain[4];
	uint8_t peer;

	make_chain(b, chain, 4);
	peer = fall_behind(b, chain, 4);
	chain[1].header.height++;
	assert_int_equal(send_chunk(b, peer, chain, 0, 3, 3, true), ST_PARENT);
	assert_int_equal(b->bad_peers, 1 << peer);
	assert_int_equal(b->r->chain_len, 1);
}

static void a_false_certificate_of_a_chunk_is_refused(void **state)
{
	struct bench *b = *state;
	struct made chain[4], forged;
	struct certificate f;
	uint8_t bytes[4096];
	struct writer w;
	uint8_t peer;

	make_chain(b, chain, 4);
	peer = fall_behind(b, chain, 4);
	forged = bench_block(b, 1, NULL, 77);
	f = bench_cert(b, VOTE_FINALIZE, 1, &forged, 0x7);
	f.sig[1][1] ^= 1;
	writer_init(&w, bytes, sizeof(bytes));
	wire_sync_write(&w, &f);
	writer_u16(&w, 1);
	wire_sync_block_write(&w, &forged.header, forged.body, forged.body_len, true);
	assert_int_equal(bench_message(b, peer, bytes, w.pos), ST_SIGNATURE);
	assert_int_equal(b->bad_peers, 1 << peer);
	assert_int_equal(b->r->chain_len, 1);
}

static void a_chunk_that_was_not_asked_for_is_refused(void **state)
{
	struct bench *b = *state;
	struct made chain[3];
	uint8_t peer;

	make_chain(b, chain, 3);
	assert_int_equal(send_chunk(b, 0, chain, 0, 2, 2, true), ST_NOT_FOUND);
	peer = fall_behind(b, chain, 3);
	assert_int_equal(send_chunk(b, peer == 0 ? 1 : 0, chain, 0, 2, 2, true), ST_NOT_FOUND);
	assert_int_equal(b->r->chain_len, 1);
}

static void bodies_left_out_of_a_chunk_are_asked_for_one_by_one(void **state)
{
	struct bench *b = *state;
	struct made chain[3];
	uint8_t peer;

	make_chain(b, chain, 3);
	peer = fall_behind(b, chain, 3);
	assert_int_equal(send_chunk(b, peer, chain, 0, 2, 2, false), ST_OK);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(b->r->chain_len, 1 + i);
		assert_non_null(bench_last(b, WIRE_BLOCK_REQ));
		assert_memory_equal(bench_last(b, WIRE_BLOCK_REQ)->bytes + 1, chain[i].id, 32);
		assert_int_equal(bench_send_block(b, 2, &chain[i]), ST_OK);
	}
	assert_int_equal(b->r->chain_len, 4);
}

static void a_fresh_log_keeps_the_blocks_of_a_chunk_under_way(void **state)
{
	struct bench *b = *state;
	struct made chain[3];
	struct consensus_record rec;
	uint64_t cursor = 0;
	bool kept = false;
	uint8_t peer;

	make_chain(b, chain, 3);
	peer = fall_behind(b, chain, 3);
	assert_int_equal(send_chunk(b, peer, chain, 0, 2, 2, false), ST_OK);
	assert_int_equal(bench_send_block(b, 2, &chain[2]), ST_OK);   /* the last, not the next */
	assert_int_equal(b->r->chain_len, 1);
	while (consensus_live(b->core, &rec, &cursor))
		kept |= rec.type == CONSENSUS_RECORD_BLOCK && memcmp(rec.id, chain[2].id, 32) == 0;
	assert_true(kept);
}

static void a_final_chunk_on_another_branch_halts(void **state)
{
	struct bench *b = *state;
	struct made chain[3], rival[3];
	struct certificate f;

	make_chain(b, chain, 1);
	learn_chain(b, chain, 1);
	for (unsigned int i = 0; i < 3; i++)
		rival[i] = bench_block(b, i + 5, i > 0 ? &rival[i - 1] : NULL, 40 + (int)i);
	f = bench_cert(b, VOTE_FINALIZE, rival[2].header.view, &rival[2], 0x7);
	assert_int_equal(send_status(b, 1, f.view + 1, 3, &f), ST_OK);
	bench_wait(b, 110);
	assert_non_null(bench_last(b, WIRE_SYNC_REQ));
	assert_int_equal(b->up.halted, ST_OK);
	/* Everything in it is true, and it does not descend from our tip. */
	assert_int_equal(send_chunk(b, bench_last(b, WIRE_SYNC_REQ)->to, rival, 0, 2, 2, true),
	                 ST_FORK);
	assert_int_equal(b->up.halted, ST_FORK);
	assert_int_equal(b->r->chain_len, 2);
}

/* --- R11: helping --------------------------------------------------------------------------- */

static void read_sync(const struct bench *b, struct wire_sync *out)
{
	const struct sent *s = bench_last(b, WIRE_SYNC_RESP);
	enum wire_kind kind;
	struct reader r;

	assert_non_null(s);
	reader_init(&r, s->bytes, s->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_sync_read(&r, out), ST_OK);
}

static void request_sync(struct bench *b, uint8_t from, uint64_t height, uint32_t bytes)
{
	uint8_t out[16];
	struct writer w;

	writer_init(&w, out, sizeof(out));
	wire_sync_req_write(&w, height, bytes);
	(void)bench_message(b, from, out, w.pos);
}

static void a_chunk_ends_in_a_block_with_a_certificate_of_its_own(void **state)
{
	struct bench *b = *state;
	struct made chain[6];
	struct wire_sync sync;
	struct wire_block wb;

	make_chain(b, chain, 6);
	learn_chain(b, chain, 2);
	for (unsigned int i = 2; i < 4; i++) {   /* these have none */
		assert_int_equal(bench_send_proposal(b, &chain[i], NULL, 0), ST_OK);
		bench_notarize(b, &chain[i]);
	}
	assert_int_equal(bench_send_proposal(b, &chain[4], NULL, 0), ST_OK);
	bench_finalize(b, &chain[4]);
	request_sync(b, 1, 1, LIMIT_FRAME_BULK);
	read_sync(b, &sync);
	assert_int_equal(sync.count, 4);
	assert_memory_equal(sync.cert.block, chain[4].id, 32);
	assert_true(wire_next_block(&sync.blocks, &wb));
	assert_int_equal(wb.header.height, 2);
	assert_true(wb.has_body);
}

static void a_chunk_leaves_out_the_bodies_that_do_not_fit(void **state)
{
	struct bench *b = *state;
	struct made chain[5];
	struct wire_sync sync;
	struct wire_block wb;
	unsigned int with = 0;

	make_chain(b, chain, 5);
	learn_chain(b, chain, 5);
	request_sync(b, 1, 0, 5 * (BLOCK_HEADER_BYTES + 1) + 280);
	read_sync(b, &sync);
	assert_int_equal(sync.count, 5);
	while (wire_next_block(&sync.blocks, &wb)) {
		assert_true(wb.has_body ? with + 1 == wb.header.height : true);
		with += wb.has_body;
	}
	assert_in_range(with, 1, 4);
}

static void a_chunk_is_not_made_for_who_is_not_behind(void **state)
{
	struct bench *b = *state;
	struct made chain[2];

	make_chain(b, chain, 2);
	learn_chain(b, chain, 2);
	request_sync(b, 1, 2, LIMIT_FRAME_BULK);
	request_sync(b, 1, 900, LIMIT_FRAME_BULK);
	assert_null(bench_last(b, WIRE_SYNC_RESP));
}

static void old_votes_are_answered_with_the_newest_final_certificate(void **state)
{
	struct bench *b = *state;   /* A.2: ava-labs #306 */
	struct made chain[3];

	make_chain(b, chain, 3);
	learn_chain(b, chain, 3);
	bench_clear(b);
	assert_int_equal(bench_send_vote(b, VOTE_FINALIZE, 1, &chain[0], 1), ST_DUPLICATE);
	assert_int_equal(bench_sent(b, WIRE_CERT, 1), 1);
	for (unsigned int i = 0; i < 5; i++)
		(void)bench_send_vote(b, VOTE_FINALIZE, 1, &chain[0], 1);
	assert_int_equal(bench_sent(b, WIRE_CERT, 1), 1);   /* not for each of them */
	bench_wait(b, 100);
	(void)bench_send_vote(b, VOTE_FINALIZE, 1, &chain[0], 1);
	assert_int_equal(bench_sent(b, WIRE_CERT, 1), 2);
}

static void a_status_from_behind_is_answered(void **state)
{
	struct bench *b = *state;
	struct made chain[3];

	make_chain(b, chain, 3);
	learn_chain(b, chain, 3);
	bench_clear(b);
	assert_int_equal(send_status(b, 2, 1, 0, NULL), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_CERT, 2), 1);
	assert_int_equal(bench_info(b).peer_height[2], 0);
}

static void missing_certificates_and_bodies_are_given_on_request(void **state)
{
	struct bench *b = *state;
	struct made chain[2];
	struct wire_certs certs;
	enum wire_kind kind;
	uint8_t bytes[64];
	struct reader r;
	struct writer w;

	make_chain(b, chain, 2);
	learn_chain(b, chain, 1);
	bench_nullify(b, 2);
	bench_nullify(b, 3);
	bench_clear(b);
	writer_init(&w, bytes, sizeof(bytes));
	wire_cert_req_write(&w, 2, 3);
	assert_int_equal(bench_message(b, 1, bytes, w.pos), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_CERT, 1), 1);
	reader_init(&r, bench_last(b, WIRE_CERT)->bytes, bench_last(b, WIRE_CERT)->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_certs_read(&r, &certs), ST_OK);
	assert_int_equal(certs.count, 2);
	writer_init(&w, bytes, sizeof(bytes));
	wire_block_req_write(&w, chain[0].id);
	assert_int_equal(bench_message(b, 1, bytes, w.pos), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_BLOCK_RESP, 1), 1);
	writer_init(&w, bytes, sizeof(bytes));
	wire_block_req_write(&w, chain[1].id);   /* not held */
	assert_int_equal(bench_message(b, 1, bytes, w.pos), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_BLOCK_RESP, 1), 1);
}

static void a_link_that_comes_up_hears_what_it_needs(void **state)
{
	struct bench *b = *state;
	const struct consensus_event up = { .type = CONSENSUS_PEER_UP, .from = 2 };

	bench_nullify(b, 1);
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 2, NULL, 1), ST_OK);   /* its leader's */
	bench_clear(b);
	assert_int_equal(bench_step(b, &up), ST_OK);
	assert_int_equal(bench_sent(b, WIRE_STATUS, 2), 1);
	assert_int_equal(bench_sent(b, WIRE_CERT, 2), 1);
	assert_int_equal(bench_sent(b, WIRE_VOTE, 2), 1);
}

/* --- R12 ------------------------------------------------------------------------------------ */

static void requests_of_one_peer_are_rationed(void **state)
{
	struct bench *b = *state;
	struct made chain[2];
	unsigned int before;

	make_chain(b, chain, 2);
	learn_chain(b, chain, 2);
	bench_clear(b);
	for (unsigned int i = 0; i < 200; i++)
		request_sync(b, 1, 0, LIMIT_FRAME_BULK);
	before = bench_sent(b, WIRE_SYNC_RESP, 1);
	assert_in_range(before, 1, 64);
	request_sync(b, 2, 0, LIMIT_FRAME_BULK);   /* another has its own ration */
	assert_int_equal(bench_sent(b, WIRE_SYNC_RESP, 2), 1);
	bench_wait(b, 1000);
	request_sync(b, 1, 0, LIMIT_FRAME_BULK);
	assert_int_equal(bench_sent(b, WIRE_SYNC_RESP, 1), before + 1);
}

static void signatures_checked_for_one_peer_are_rationed(void **state)
{
	struct bench *b = *state;
	struct certificate f;
	enum status st = ST_OK;
	unsigned int taken = 0;
	struct made far = bench_block(b, 9, NULL, 1);

	/* Ever newer F certificates cost q checks each. */
	for (uint64_t v = 10; v < 5000 && st == ST_OK; v++, taken++) {
		far.header.view = v;
		bench_reseal(&far);
		f = bench_cert(b, VOTE_FINALIZE, v, &far, 0x7);
		st = bench_send_cert(b, 1, &f);
	}
	assert_int_equal(st, ST_AGAIN);
	assert_in_range(taken, 100, 4000);
	assert_int_equal(bench_send_cert(b, 2, &f), ST_OK);
}

/* --- R15 ------------------------------------------------------------------------------------ */

static void a_restart_remembers_votes_certificates_and_view(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1), other = bench_block(b, 1, NULL, 2);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_nullify(b, 1);
	bench_nullify(b, 2);
	bench_down(b);
	bench_up(b);
	assert_int_equal(bench_info(b).view, 3);
	assert_int_equal(b->asked_len, 0);
	assert_true(bench_last(b, WIRE_STATUS) != NULL && bench_last(b, WIRE_CERT) != NULL &&
	            bench_last(b, WIRE_VOTE) != NULL);   /* the bundle */
	bench_notarize(b, &other);
	assert_int_equal(bench_send_block(b, 0, &other), ST_OK);
	assert_null(bench_signed(b, VOTE_NOTARIZE, 1));      /* it notarized b1 */
}

static void an_own_nullify_is_counted_again_after_a_restart(void **state)
{
	struct bench *b = *state;   /* A.2: commonware #4275, all crash after NULLIFY */

	b->lose_votes = true;
	bench_item(b, 1);
	bench_wait(b, 300);
	b->lose_votes = false;
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
	assert_null(bench_last(b, WIRE_VOTE));
	bench_down(b);
	bench_up(b);
	assert_int_equal(bench_sent(b, WIRE_VOTE, CONSENSUS_ALL), 2);   /* bundle, and R8 at once */
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 1), ST_OK);
	assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, 2), ST_OK);
	assert_int_equal(bench_info(b).view, 2);
	assert_null(bench_signed(b, VOTE_NULLIFY, 1));
}

static void a_notarization_on_the_disk_is_finalized_after_a_restart(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	b->hold_votes = true;       /* it dies before the FINALIZE is signed */
	assert_int_equal(bench_send_vote(b, VOTE_NOTARIZE, 1, &b1, 1), ST_OK);
	bench_down(b);
	b->hold_votes = false;
	bench_up(b);
	assert_non_null(bench_signed(b, VOTE_FINALIZE, 1));
}

static void a_log_of_another_election_is_refused(void **state)
{
	struct bench *b = *state, *other = bench_new(4, 3);
	struct made b1 = bench_block(b, 1, NULL, 1);
	uint8_t bytes[2048];
	struct consensus_record rec = { .type = CONSENSUS_RECORD_BLOCK };
	struct consensus_config cfg;
	struct block_header tip = b->sim.genesis;
	struct consensus *c;
	void *memory;
	size_t len;

	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	memcpy(rec.id, b1.id, 32);
	assert_int_equal(consensus_record_encode(b->core, bytes, sizeof(bytes), &len, &rec), ST_OK);
	cfg = b->cfg;
	cfg.committee.election_id[31] ^= 1;
	memory = other->r->memory = test_malloc(consensus_bytes(&cfg));
	assert_int_equal(consensus_init(&c, memory, consensus_bytes(&cfg), &cfg, &tip), ST_ELECTION);
	tip.election_id[31] ^= 1;
	assert_int_equal(consensus_init(&c, memory, consensus_bytes(&cfg), &cfg, &tip), ST_OK);
	assert_int_equal(consensus_replay(c, bytes, len), ST_ELECTION);   /* A.2: #551 */
	for (size_t cut = 0; cut < len; cut++)
		assert_int_not_equal(consensus_replay(c, bytes, cut), ST_OK);
	test_free(memory);
	other->r->memory = NULL;
	bench_free(other);
}

static void a_log_that_signed_two_things_is_refused(void **state)
{
	struct bench *b = bench_new(4, 3);
	struct made one = bench_block(b, 1, NULL, 1), two = bench_block(b, 1, NULL, 2);
	struct vote v;

	(void)state;
	bench_up(b);
	/* A machine that is not started yet, over the same figures. */
	assert_int_equal(consensus_init(&b->core, b->core, consensus_bytes(&b->cfg), &b->cfg,
	                                &b->sim.genesis), ST_OK);
	v = bench_vote(VOTE_NOTARIZE, 1, &one, 3);
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_OK);
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_OK);
	v = bench_vote(VOTE_NOTARIZE, 1, &two, 3);
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_DUPLICATE);
	v = bench_vote(VOTE_NOTARIZE, 2, &two, 2);
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_ROLE);
	v = bench_vote(VOTE_NOTARIZE, 2, &two, 3);
	v.sig[0] ^= 1;
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_SIGNATURE);
	bench_free(b);
}

/* --- the guard ------------------------------------------------------------------------------ */

static int setup_amnesia(void **state)
{
	struct bench *b = bench_new(4, 3);

	b->cfg.amnesia = true;
	bench_up(b);
	*state = b;
	return 0;
}

static void a_node_that_forgot_signs_nothing_until_q_peers_have_shown_their_views(void **state)
{
	struct bench *b = *state;
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 6, NULL, 0x7);

	bench_item(b, 9);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	bench_wait(b, 5000);
	assert_int_equal(b->asked_len, 0);
	assert_true(bench_info(b).guarded);
	assert_int_equal(send_status(b, 0, 7, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 0, 7, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 1, 900, 0, &u), ST_OK);   /* more than it can prove */
	assert_int_equal(send_status(b, 2, 7, 0, &u), ST_OK);
	bench_wait(b, 5000);
	assert_true(bench_info(b).guarded);
	assert_int_equal(b->asked_len, 0);
	assert_int_equal(send_status(b, 1, 7, 0, &u), ST_OK);     /* the third */
	assert_false(bench_info(b).guarded);
	assert_int_equal(b->records[b->records_len - 1].type, CONSENSUS_RECORD_GUARD);
	assert_int_equal(b->records[b->records_len - 1].view, 8);
	bench_nullify(b, 7);
	bench_wait(b, 5000);
	assert_int_equal(b->asked_len, 0);                        /* not in view 8 yet */
	bench_nullify(b, 8);
	bench_wait(b, 5000);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 9));
}

static void the_guard_holds_over_a_restart(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 6, NULL, 0x7);

	for (uint8_t i = 0; i < 3; i++)
		assert_int_equal(send_status(b, i, 7, 0, &u), ST_OK);
	b->cfg.amnesia = false;
	bench_down(b);
	bench_up(b);
	bench_item(b, 9);
	bench_nullify(b, 7);
	bench_wait(b, 5000);
	assert_int_equal(bench_info(b).view, 8);
	assert_int_equal(b->asked_len, 0);
	bench_nullify(b, 8);
	bench_wait(b, 5000);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 9));
}

/*
 * Of two nodes that lose their disks at once, neither knows how far it was: what they show each
 * other proves nothing, and a cheat that shows old certificates would lead both to sign again
 * (0088).
 */
static void who_is_behind_its_guard_does_not_vouch(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 6, NULL, 0x7);

	assert_int_equal(send_status(b, 0, 7, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 1, 7, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 2, 0, 0, NULL), ST_OK);
	assert_true(bench_info(b).guarded);
	assert_int_equal(send_status(b, 2, 0, 0, &u), ST_OK);   /* nor with what it was shown */
	assert_true(bench_info(b).guarded);
	assert_int_equal(send_status(b, 2, 7, 0, &u), ST_OK);
	assert_false(bench_info(b).guarded);
}

static uint64_t view_in_status(const struct bench *b)
{
	struct wire_status s;
	struct reader r;
	enum wire_kind kind;

	assert_true(bench_sent(b, WIRE_STATUS, CONSENSUS_ALL) > 0);
	reader_init(&r, bench_last(b, WIRE_STATUS)->bytes, bench_last(b, WIRE_STATUS)->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_status_read(&r, &s), ST_OK);
	return s.view;
}

static void behind_its_guard_a_node_names_no_view(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 6, NULL, 0x7);

	for (uint8_t i = 0; i < 3; i++) {
		bench_clear(b);
		bench_wait(b, 6000);
		assert_int_equal(view_in_status(b), 0);
		assert_int_equal(send_status(b, i, 7, 0, &u), ST_OK);
		assert_int_equal(bench_info(b).view, 7);
	}
	bench_clear(b);
	bench_wait(b, 6000);
	assert_int_equal(view_in_status(b), 9);
}

/* Else two nodes that lose their disks in turn, while nobody votes, stop all for ever. */
static void behind_its_guard_a_node_says_for_which_view_it_waits(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 6, NULL, 0x7);

	for (uint8_t i = 0; i < 3; i++) {
		bench_clear(b);
		assert_int_equal(send_status(b, i, 7, 0, &u), ST_OK);
	}
	for (int restart = 0; restart < 2; restart++) {
		assert_int_equal(view_in_status(b), 9);
		assert_int_equal(bench_info(b).view, 7);
		b->cfg.amnesia = false;
		bench_down(b);
		bench_clear(b);
		bench_up(b);
		bench_tick(b);
	}
	bench_nullify(b, 7);
	bench_nullify(b, 8);
	bench_clear(b);
	bench_wait(b, 6000);
	assert_int_equal(view_in_status(b), 9);
	assert_int_equal(bench_info(b).view, 9);
}

static void who_waits_behind_its_guard_is_work_for_the_others(void **state)
{
	struct bench *b = *state;
	struct certificate u = bench_cert(b, VOTE_NULLIFY, 2, NULL, 0x7);

	assert_int_equal(send_status(b, 0, 3, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 1, 3, 0, &u), ST_OK);
	assert_int_equal(send_status(b, 2, 6, 0, &u), ST_OK);   /* no guard leads so far */
	assert_int_equal(bench_info(b).view, 3);
	bench_wait(b, 20000);
	assert_int_equal(b->asked_len, 0);                      /* nothing is to be done */
	assert_int_equal(send_status(b, 2, 5, 0, &u), ST_OK);
	bench_wait(b, 5000);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 3));
	bench_nullify(b, 3);
	bench_wait(b, 5000);
	assert_non_null(bench_signed(b, VOTE_NULLIFY, 4));
	bench_nullify(b, 4);
	bench_clear(b);
	bench_wait(b, 20000);
	assert_int_equal(bench_info(b).view, 5);
	assert_int_equal(b->asked_len, 0);                      /* it can vote again: silence */
}

static void one_node_alone_cannot_be_started_with_amnesia(void **state)
{
	struct bench *b = bench_new(1, 0);
	struct consensus *c;
	void *memory;

	(void)state;
	b->cfg.amnesia = true;
	memory = test_malloc(consensus_bytes(&b->cfg));
	assert_int_equal(consensus_init(&c, memory, consensus_bytes(&b->cfg), &b->cfg,
	                                &b->sim.genesis), ST_CONFIG);
	b->cfg.amnesia = false;
	assert_int_equal(consensus_init(&c, memory, consensus_bytes(&b->cfg), &b->cfg,
	                                &b->sim.genesis), ST_OK);
	test_free(memory);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOLLOWER(who_lags_asks_one_who_is_ahead_and_delivers_the_chunk),
		FOLLOWER(another_peer_is_asked_when_one_does_not_answer),
		FOLLOWER(a_chunk_must_end_in_its_own_certified_block),
		FOLLOWER(a_chunk_must_hold_together),
		FOLLOWER(a_false_certificate_of_a_chunk_is_refused),
		FOLLOWER(a_chunk_that_was_not_asked_for_is_refused),
		FOLLOWER(bodies_left_out_of_a_chunk_are_asked_for_one_by_one),
		FOLLOWER(a_fresh_log_keeps_the_blocks_of_a_chunk_under_way),
		FOLLOWER(a_final_chunk_on_another_branch_halts),
		FOLLOWER(a_chunk_ends_in_a_block_with_a_certificate_of_its_own),
		FOLLOWER(a_chunk_leaves_out_the_bodies_that_do_not_fit),
		FOLLOWER(a_chunk_is_not_made_for_who_is_not_behind),
		FOLLOWER(old_votes_are_answered_with_the_newest_final_certificate),
		FOLLOWER(a_status_from_behind_is_answered),
		FOLLOWER(missing_certificates_and_bodies_are_given_on_request),
		FOLLOWER(a_link_that_comes_up_hears_what_it_needs),
		FOLLOWER(requests_of_one_peer_are_rationed),
		FOLLOWER(signatures_checked_for_one_peer_are_rationed),
		FOLLOWER(a_restart_remembers_votes_certificates_and_view),
		FOLLOWER(an_own_nullify_is_counted_again_after_a_restart),
		FOLLOWER(a_notarization_on_the_disk_is_finalized_after_a_restart),
		FOLLOWER(a_log_of_another_election_is_refused),
		cmocka_unit_test(a_log_that_signed_two_things_is_refused),
		cmocka_unit_test_setup_teardown(
			a_node_that_forgot_signs_nothing_until_q_peers_have_shown_their_views,
			setup_amnesia, teardown),
		cmocka_unit_test_setup_teardown(the_guard_holds_over_a_restart, setup_amnesia,
		                                teardown),
		cmocka_unit_test_setup_teardown(who_is_behind_its_guard_does_not_vouch,
		                                setup_amnesia, teardown),
		cmocka_unit_test_setup_teardown(behind_its_guard_a_node_names_no_view, setup_amnesia,
		                                teardown),
		cmocka_unit_test_setup_teardown(behind_its_guard_a_node_says_for_which_view_it_waits,
		                                setup_amnesia, teardown),
		FOLLOWER(who_waits_behind_its_guard_is_work_for_the_others),
		cmocka_unit_test(one_node_alone_cannot_be_started_with_amnesia),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
