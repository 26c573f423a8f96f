/* test_consensus_wire.c: decoders of consensus messages are total, bounded and canonical. */
#include "tests/sim/bench.h"

#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[LIMIT_FRAME_BULK];
static uint8_t again[LIMIT_FRAME_BULK];
static struct bench *bench;

/* Decode what follows the kind byte and write the message again: kinds that hold a list. */
static enum status rewrite_list(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_votes votes;
	struct wire_certs certs;
	struct wire_status status;
	struct certificate cert;
	struct vote v;
	enum status st;

	if (kind == WIRE_VOTE) {
		if ((st = wire_votes_read(r, &votes)) != ST_OK)
			return st;
		wire_kind_write(w, kind);
		writer_u8(w, (uint8_t)votes.count);
		while (wire_next_vote(&votes.votes, &v))
			vote_write(w, &v);
		return ST_OK;
	}
	if (kind == WIRE_CERT) {
		if ((st = wire_certs_read(r, &certs)) != ST_OK)
			return st;
		wire_kind_write(w, kind);
		writer_u8(w, (uint8_t)certs.count);
	} else {
		if ((st = wire_status_read(r, &status)) != ST_OK)
			return st;
		wire_status_write(w, status.view, status.height);
		writer_u8(w, (uint8_t)status.cert_count);
		certs.certs = status.certs;
	}
	while (wire_next_cert(&certs.certs, &cert))
		certificate_write(w, &cert);
	return ST_OK;
}

/* Kinds that hold blocks. */
static enum status rewrite_blocks(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_proposal p;
	struct wire_block block;
	struct wire_sync sync;
	struct certificate cert;
	enum status st;

	if (kind == WIRE_PROPOSAL) {
		if ((st = wire_proposal_read(r, &p)) != ST_OK)
			return st;
		wire_proposal_write(w, &p.header, p.body, p.body_len, p.sig);
		writer_u16(w, (uint16_t)p.cert_count);
		while (wire_next_cert(&p.certs, &cert))
			certificate_write(w, &cert);
		return ST_OK;
	}
	if (kind == WIRE_BLOCK_RESP) {
		if ((st = wire_block_resp_read(r, &block)) == ST_OK)
			wire_block_resp_write(w, &block.header, block.body, block.body_len);
		return st;
	}
	if ((st = wire_sync_read(r, &sync)) != ST_OK)
		return st;
	wire_sync_write(w, &sync.cert);
	writer_u16(w, (uint16_t)sync.count);
	while (wire_next_block(&sync.blocks, &block))
		wire_sync_block_write(w, &block.header, block.body, block.body_len,
		                      block.has_body);
	return ST_OK;
}

static enum status rewrite_request(enum wire_kind kind, struct reader *r, struct writer *w)
{
	struct wire_cert_req cert_req;
	struct wire_sync_req sync_req;
	uint8_t id[32];
	enum status st;

	if (kind == WIRE_CERT_REQ) {
		if ((st = wire_cert_req_read(r, &cert_req)) == ST_OK)
			wire_cert_req_write(w, cert_req.first, cert_req.last);
	} else if (kind == WIRE_BLOCK_REQ) {
		if ((st = wire_block_req_read(r, id)) == ST_OK)
			wire_block_req_write(w, id);
	} else if ((st = wire_sync_req_read(r, &sync_req)) == ST_OK) {
		wire_sync_req_write(w, sync_req.height, sync_req.bytes_max);
	}
	return st;
}

/* Decode whatever it is and write it again.  *len is 0 when it was refused. */
static enum status rewrite(const uint8_t *in, size_t in_len, uint8_t *out, size_t *len)
{
	enum wire_kind kind;
	struct reader r;
	struct writer w;
	enum status st;

	*len = 0;
	reader_init(&r, in, in_len);
	writer_init(&w, out, LIMIT_FRAME_BULK);
	if ((st = wire_kind_read(&r, &kind)) != ST_OK)
		return st;
	if (kind == WIRE_PROPOSAL || kind == WIRE_BLOCK_RESP || kind == WIRE_SYNC_RESP)
		st = rewrite_blocks(kind, &r, &w);
	else if (kind == WIRE_VOTE || kind == WIRE_CERT || kind == WIRE_STATUS)
		st = rewrite_list(kind, &r, &w);
	else
		st = rewrite_request(kind, &r, &w);
	return st != ST_OK ? st : writer_end(&w, len);
}

/* One good message of each kind. */
static size_t sample(enum wire_kind kind)
{
	struct made b1 = bench_block(bench, 1, NULL, 1), b2 = bench_block(bench, 2, &b1, 2);
	struct certificate n = bench_cert(bench, VOTE_NOTARIZE, 1, &b1, 0x7);
	struct certificate f = bench_cert(bench, VOTE_FINALIZE, 2, &b2, 0xb);
	struct vote v = bench_vote(VOTE_NULLIFY, 1, NULL, 2);
	struct writer w;
	size_t len;

	writer_init(&w, bytes, sizeof(bytes));
	switch (kind) {
	case WIRE_PROPOSAL:
		wire_proposal_write(&w, &b2.header, b2.body, b2.body_len, v.sig);
		writer_u16(&w, 1);
		certificate_write(&w, &n);
		break;
	case WIRE_VOTE:
		wire_kind_write(&w, kind);
		writer_u8(&w, 2);
		vote_write(&w, &v);
		vote_write(&w, &v);
		break;
	case WIRE_CERT:
		wire_kind_write(&w, kind);
		writer_u8(&w, 2);
		certificate_write(&w, &n);
		certificate_write(&w, &f);
		break;
	case WIRE_STATUS:
		wire_status_write(&w, 7, 5);
		writer_u8(&w, 1);
		certificate_write(&w, &f);
		break;
	case WIRE_CERT_REQ:
		wire_cert_req_write(&w, 3, 900);
		break;
	case WIRE_BLOCK_REQ:
		wire_block_req_write(&w, b1.id);
		break;
	case WIRE_BLOCK_RESP:
		wire_block_resp_write(&w, &b1.header, b1.body, b1.body_len);
		break;
	case WIRE_SYNC_REQ:
		wire_sync_req_write(&w, 4, 100000);
		break;
	case WIRE_SYNC_RESP:
		wire_sync_write(&w, &f);
		writer_u16(&w, 2);
		wire_sync_block_write(&w, &b1.header, b1.body, b1.body_len, true);
		wire_sync_block_write(&w, &b2.header, NULL, 0, false);
		break;
	}
	assert_int_equal(writer_end(&w, &len), ST_OK);
	return len;
}

static void every_message_comes_back_as_it_was_written(void **state)
{
	(void)state;
	for (int k = WIRE_PROPOSAL; k <= WIRE_SYNC_RESP; k++) {
		size_t len = sample((enum wire_kind)k), out;

		assert_int_equal(rewrite(bytes, len, again, &out), ST_OK);
		assert_int_equal(out, len);
		assert_memory_equal(bytes, again, len);
	}
}

static void every_prefix_and_every_longer_message_is_refused(void **state)
{
	(void)state;
	for (int k = WIRE_PROPOSAL; k <= WIRE_SYNC_RESP; k++) {
		size_t len = sample((enum wire_kind)k), out;

		for (size_t cut = 0; cut < len; cut++) {
			/* In a buffer of its own, so that a sanitizer sees a read beyond it. */
			uint8_t *p = malloc(cut > 0 ? cut : 1);

			assert_non_null(p);
			memcpy(p, bytes, cut);
			assert_int_not_equal(rewrite(p, cut, again, &out), ST_OK);
			free(p);
		}
		bytes[len] = 0;
		assert_int_equal(rewrite(bytes, len + 1, again, &out), ST_FORMAT);
	}
}

static void whatever_is_accepted_is_canonical(void **state)
{
	struct prng rng;
	unsigned int accepted = 0;

	(void)state;
	prng_seed(&rng, "whatever_is_accepted_is_canonical");
	for (unsigned int i = 0; i < 20000; i++) {
		size_t len = sample((enum wire_kind)(1 + i % WIRE_SYNC_RESP)), out;

		for (unsigned int k = 0; k < 1 + i % 3; k++)
			bytes[prng_below(&rng, len)] ^= (uint8_t)(1u << prng_below(&rng, 8));
		if (rewrite(bytes, len, again, &out) != ST_OK)
			continue;
		accepted++;
		assert_int_equal(out, len);
		assert_memory_equal(bytes, again, len);
	}
	assert_true(accepted > 1000);
}

static void lists_hold_up_to_their_limit_and_not_one_more(void **state)
{
	struct made b1 = bench_block(bench, 1, NULL, 1);
	struct certificate n = bench_cert(bench, VOTE_NOTARIZE, 1, &b1, 0xf);
	struct vote v = bench_vote(VOTE_NULLIFY, 1, NULL, 2);
	size_t len;

	(void)state;
	for (unsigned int more = 0; more < 2; more++) {
		enum status want = more == 0 ? ST_OK : ST_LIMIT;
		struct writer w;

		writer_init(&w, bytes, sizeof(bytes));
		wire_kind_write(&w, WIRE_VOTE);
		writer_u8(&w, (uint8_t)(WIRE_LIST_MAX + more));
		for (unsigned int i = 0; i < WIRE_LIST_MAX + more; i++)
			vote_write(&w, &v);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		assert_true(w.pos <= LIMIT_FRAME_FAST);
		writer_init(&w, bytes, sizeof(bytes));
		wire_kind_write(&w, WIRE_CERT);
		writer_u8(&w, (uint8_t)(WIRE_LIST_MAX + more));
		for (unsigned int i = 0; i < WIRE_LIST_MAX + more; i++)
			certificate_write(&w, &n);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		writer_init(&w, bytes, sizeof(bytes));
		wire_status_write(&w, 2, 2);
		writer_u8(&w, (uint8_t)(WIRE_STATUS_MAX + more));
		for (unsigned int i = 0; i < WIRE_STATUS_MAX + more; i++)
			certificate_write(&w, &n);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		writer_init(&w, bytes, sizeof(bytes));
		wire_proposal_write(&w, &b1.header, b1.body, b1.body_len, v.sig);
		writer_u16(&w, (uint16_t)(WIRE_JUSTIFY_MAX + more));
		for (unsigned int i = 0; i < WIRE_JUSTIFY_MAX + more; i++)
			certificate_write(&w, &n);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		writer_init(&w, bytes, sizeof(bytes));
		wire_cert_req_write(&w, 5, 5 + WIRE_CERT_SPAN_MAX - 1 + more);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		writer_init(&w, bytes, sizeof(bytes));
		wire_sync_req_write(&w, 5, LIMIT_FRAME_BULK + more);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		n.type = VOTE_FINALIZE;
		writer_init(&w, bytes, sizeof(bytes));
		wire_sync_write(&w, &n);
		writer_u16(&w, (uint16_t)(WIRE_SYNC_BLOCKS_MAX + more));
		for (unsigned int i = 0; i < WIRE_SYNC_BLOCKS_MAX + more; i++)
			wire_sync_block_write(&w, &b1.header, NULL, 0, false);
		assert_int_equal(rewrite(bytes, w.pos, again, &len), want);
		n.type = VOTE_NOTARIZE;
	}
}

static void the_largest_messages_fit_their_lanes(void **state)
{
	(void)state;
	assert_true(2 + WIRE_LIST_MAX * (size_t)CERTIFICATE_BYTES_MAX <= LIMIT_FRAME_FAST);
	assert_true(2 + WIRE_LIST_MAX * (size_t)VOTE_BYTES <= LIMIT_FRAME_FAST);
	assert_true(1 + BLOCK_HEADER_BYTES + 4 + (size_t)BLOCK_BODY_BYTES_MAX + 64 + 2 +
	            WIRE_JUSTIFY_MAX * (size_t)CERTIFICATE_BYTES_MAX <= LIMIT_FRAME_BULK);
	assert_true(1 + CERTIFICATE_BYTES_MAX + 2 + (size_t)WIRE_SYNC_BYTES_MAX + 65536 / 2 <=
	            LIMIT_FRAME_BULK);
	assert_true(WIRE_SYNC_BLOCKS_MAX * (size_t)(BLOCK_HEADER_BYTES + 1) <=
	            WIRE_SYNC_BYTES_MAX);
}

static void empty_lists_and_backward_ranges_are_refused(void **state)
{
	struct made b1 = bench_block(bench, 1, NULL, 1);
	struct certificate n = bench_cert(bench, VOTE_NOTARIZE, 1, &b1, 0xf);
	size_t len = 0;
	struct writer w;

	(void)state;
	bytes[0] = WIRE_VOTE;
	bytes[1] = 0;
	assert_int_equal(rewrite(bytes, 2, again, &len), ST_FORMAT);
	bytes[0] = WIRE_CERT;
	assert_int_equal(rewrite(bytes, 2, again, &len), ST_FORMAT);
	writer_init(&w, bytes, sizeof(bytes));
	wire_cert_req_write(&w, 6, 5);
	assert_int_equal(rewrite(bytes, w.pos, again, &len), ST_FORMAT);
	writer_init(&w, bytes, sizeof(bytes));
	wire_sync_write(&w, &n);   /* not a finalization */
	writer_u16(&w, 1);
	wire_sync_block_write(&w, &b1.header, NULL, 0, false);
	assert_int_equal(rewrite(bytes, w.pos, again, &len), ST_FORMAT);
	bytes[0] = 0;
	assert_int_equal(rewrite(bytes, 1, again, &len), ST_FORMAT);
	bytes[0] = WIRE_SYNC_RESP + 1;
	assert_int_equal(rewrite(bytes, 1, again, &len), ST_FORMAT);
	bytes[0] = 32;   /* the node's kinds are not ours */
	assert_int_equal(rewrite(bytes, 1, again, &len), ST_FORMAT);
}

static void a_replica_survives_any_bytes(void **state)
{
	struct prng rng;
	struct consensus_info info;

	(void)state;
	prng_seed(&rng, "a_replica_survives_any_bytes");
	for (unsigned int i = 0; i < 20000; i++) {
		size_t len;

		if (i % 4 == 0) {
			len = prng_below(&rng, 600);
			prng_bytes(&rng, bytes, len);
			if (len > 0)
				bytes[0] = (uint8_t)(1 + i / 4 % WIRE_SYNC_RESP);
		} else {
			len = sample((enum wire_kind)(1 + i % WIRE_SYNC_RESP));
			bytes[prng_below(&rng, len)] ^= (uint8_t)(1 + prng_below(&rng, 255));
		}
		(void)bench_message(bench, (uint8_t)prng_below(&rng, 3), bytes, len);
		if (i % 64 == 0) {
			bench_clear(bench);
			bench_wait(bench, 70000);   /* bans pass */
		}
	}
	consensus_info(bench->core, &info);
	assert_int_equal(info.halted, ST_OK);
	assert_int_equal(info.height, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_comes_back_as_it_was_written),
		cmocka_unit_test(every_prefix_and_every_longer_message_is_refused),
		cmocka_unit_test(whatever_is_accepted_is_canonical),
		cmocka_unit_test(lists_hold_up_to_their_limit_and_not_one_more),
		cmocka_unit_test(the_largest_messages_fit_their_lanes),
		cmocka_unit_test(empty_lists_and_backward_ranges_are_refused),
		cmocka_unit_test(a_replica_survives_any_bytes),
	};
	int failed;

	if (crypto_init() != ST_OK)
		return 1;
	bench = bench_new(4, 3);
	bench_up(bench);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	bench_free(bench);
	return failed;
}
