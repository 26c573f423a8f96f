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

static size_t sample(enum wire_kind kind)
{
	return sample_message(bench, kind, bytes, sizeof(bytes));
}

static enum status rewrite(const uint8_t *in, size_t in_len, uint8_t *out, size_t *len)
{
	return sample_rewrite(in, in_len, out, LIMIT_FRAME_BULK, len);
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
