/*
 * test_message.c: requests and responses, every field at its limit and past it.
 */
#include "common/wire/message.h"

#include "common/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t wire[LIMIT_RESPONSE + 64];
static uint8_t spare[LIMIT_RESPONSE + 64];
static uint8_t filler[LIMIT_RESPONSE + 1];

static const uint8_t tracker[32] = { 1, 2, 3, 4, 5 };

/* One good request of each kind. */
static struct message_request request_of(enum message_kind kind)
{
	return (struct message_request){
		.kind = kind,
		.tx = filler, .tx_len = 100, .tracker = tracker, .prefix = tracker,
		.credential = filler, .credential_len = 32, .from_height = 7, .max_bytes = 1000
	};
}

static struct message_response response_of(enum message_kind kind)
{
	struct message_response r = {
		.kind = kind, .answer = ANSWER_OK,
		.promise = { .tx_id = { 9 }, .node = 3, .time_min = 29000000, .sig = { 8 } },
		.bytes = filler, .bytes_len = 200, .blocks = 2, .tip = 77,
		.node = { .phase = 6, .node = 12, .height = 5, .view = 6, .head = { 4 },
			  .peers = 3, .pending = 2, .live = 1, .is_stalled = true },
		.fate = 1, .fate_height = 44,
		.voter = { .index = LIMIT_VOTERS - 1, .weight = LIMIT_WEIGHT,
			   .style = LIMIT_STYLES - 1, .has_ballot = true, .tracker = { 5 } }
	};

	return r;
}

static size_t encode_request(const struct message_request *r)
{
	size_t len = 0;

	assert_int_equal(message_request_encode(r, wire, sizeof(wire), &len), ST_OK);
	return len;
}

static size_t encode_response(const struct message_response *r)
{
	size_t len = 0;

	assert_int_equal(message_response_encode(r, wire, sizeof(wire), &len), ST_OK);
	return len;
}

static enum status decode_response(size_t len)
{
	struct message_response out;
	enum status st = message_response_decode(&out, wire, len);
	size_t again = 0;

	if (st != ST_OK) {
		assert_int_equal(out.kind, 0);
		assert_null(out.bytes);
		assert_null(out.text);
		return st;
	}
	assert_int_equal(message_response_encode(&out, spare, sizeof(spare), &again), ST_OK);
	assert_int_equal(again, len);
	assert_memory_equal(spare, wire, len);
	return ST_OK;
}

static enum status decode_request(size_t len)
{
	struct message_request out;
	enum status st = message_request_decode(&out, wire, len);
	size_t again = 0;

	if (st != ST_OK) {
		assert_int_equal(out.kind, 0);
		assert_null(out.tx);
		assert_null(out.credential);
		return st;
	}
	assert_int_equal(message_request_encode(&out, spare, sizeof(spare), &again), ST_OK);
	assert_int_equal(again, len);
	assert_memory_equal(spare, wire, len);
	return ST_OK;
}

/* --- the whole -------------------------------------------------------------------------------- */

static void every_prefix_and_every_tail_is_refused(void **state)
{
	(void)state;
	for (int kind = MESSAGE_SUBMIT; kind <= MESSAGE_VOUCHERS; kind++) {
		struct message_request q = request_of((enum message_kind)kind);
		struct message_response r = response_of((enum message_kind)kind);
		size_t len = encode_request(&q);

		for (size_t i = 0; i < len; i++)
			assert_int_equal(decode_request(i), ST_FORMAT);
		wire[len] = 0;
		assert_int_equal(decode_request(len + 1), ST_FORMAT);
		assert_int_equal(decode_request(len), ST_OK);
		len = encode_response(&r);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(decode_response(i), ST_FORMAT);
		wire[len] = 0;
		assert_int_equal(decode_response(len + 1), ST_FORMAT);
		assert_int_equal(decode_response(len), ST_OK);
	}
}

static void what_is_encoded_is_read_back(void **state)
{
	struct message_response r = response_of(MESSAGE_SUBMIT);
	struct message_response out;
	struct message_request q;

	(void)state;
	(void)encode_request(&(struct message_request){ .kind = MESSAGE_BLOCKS, .from_height = 9,
							.max_bytes = 10 });
	assert_int_equal(message_request_decode(&q, wire, 13), ST_OK);
	assert_int_equal(q.from_height, 9);
	assert_int_equal(q.max_bytes, 10);
	assert_int_equal(message_response_decode(&out, wire, encode_response(&r)), ST_OK);
	assert_memory_equal(&out.promise, &r.promise, sizeof(r.promise));
	r = response_of(MESSAGE_VOTER);
	assert_int_equal(message_response_decode(&out, wire, encode_response(&r)), ST_OK);
	assert_int_equal(out.voter.index, r.voter.index);
	assert_int_equal(out.voter.weight, r.voter.weight);
	assert_int_equal(out.voter.style, r.voter.style);
	assert_true(out.voter.has_ballot);
	assert_memory_equal(out.voter.tracker, r.voter.tracker, 32);
	r.voter.has_ballot = false;
	assert_int_equal(message_response_decode(&out, wire, encode_response(&r)), ST_OK);
	assert_int_equal(out.voter.tracker[0], 0);
	r = response_of(MESSAGE_STATUS);
	assert_int_equal(message_response_decode(&out, wire, encode_response(&r)), ST_OK);
	assert_int_equal(out.node.phase, 6);
	assert_int_equal(out.node.live, 1);
	assert_true(out.node.is_stalled);
}

static void unknown_kinds_and_answers_are_refused(void **state)
{
	struct message_request q = request_of(MESSAGE_STATUS);
	struct message_response r = response_of(MESSAGE_STATUS);
	size_t len = encode_request(&q);

	(void)state;
	wire[0] = 0;
	assert_int_equal(decode_request(len), ST_FORMAT);
	wire[0] = MESSAGE_VOUCHERS + 1;
	assert_int_equal(decode_request(len), ST_FORMAT);
	len = encode_response(&r);
	wire[1] = ANSWER_NOT_YET + 1;
	assert_int_equal(decode_response(len), ST_FORMAT);
	wire[1] = ANSWER_OK;
	wire[0] = MESSAGE_VOUCHERS + 1;
	assert_int_equal(decode_response(len), ST_FORMAT);
	wire[0] = MESSAGE_STATUS;
	assert_int_equal(decode_response(len), ST_OK);
}

static void an_encoder_tells_when_there_is_no_room(void **state)
{
	(void)state;
	for (int kind = MESSAGE_SUBMIT; kind <= MESSAGE_VOUCHERS; kind++) {
		struct message_response r = response_of((enum message_kind)kind);
		size_t len = encode_response(&r);
		size_t out = 0;

		assert_int_equal(message_response_encode(&r, spare, len - 1, &out), ST_LIMIT);
		assert_int_equal(message_response_encode(&r, spare, len, &out), ST_OK);
	}
}

/* --- limits ----------------------------------------------------------------------------------- */

static void a_transaction_is_neither_empty_nor_too_long(void **state)
{
	struct message_request q = request_of(MESSAGE_SUBMIT);

	(void)state;
	q.tx_len = LIMIT_TX_BYTES;
	assert_int_equal(decode_request(encode_request(&q)), ST_OK);
	q.tx_len = LIMIT_TX_BYTES + 1;
	assert_int_equal(decode_request(encode_request(&q)), ST_LIMIT);
	q.tx_len = 0;
	assert_int_equal(decode_request(encode_request(&q)), ST_FORMAT);
}

static void a_length_that_lies_is_refused_before_it_is_believed(void **state)
{
	static const uint32_t lies[] = { 0x80000000u, 0xffffffffu, 0x7fffffffu, 101, 99 };
	struct message_request q = request_of(MESSAGE_SUBMIT);
	size_t len = encode_request(&q);

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		for (int k = 0; k < 4; k++)
			wire[1 + k] = (uint8_t)(lies[i] >> (24 - 8 * k));
		assert_int_equal(decode_request(len), lies[i] > LIMIT_TX_BYTES ? ST_LIMIT :
				 ST_FORMAT);
	}
}

static void a_credential_is_neither_empty_nor_too_long(void **state)
{
	struct message_request q = request_of(MESSAGE_VOTER);

	(void)state;
	q.credential_len = MESSAGE_CREDENTIAL_MAX;
	assert_int_equal(decode_request(encode_request(&q)), ST_OK);
	q.credential_len = MESSAGE_CREDENTIAL_MAX + 1;
	assert_int_equal(decode_request(encode_request(&q)), ST_LIMIT);
	q.credential_len = 0;
	assert_int_equal(decode_request(encode_request(&q)), ST_FORMAT);
}

static void figures_of_a_response_are_within_their_limits(void **state)
{
	struct message_response r = response_of(MESSAGE_SUBMIT);

	(void)state;
	r.promise.node = LIMIT_TRUSTEES - 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	r.promise.node = LIMIT_TRUSTEES;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_STATUS);
	r.node.phase = MESSAGE_PHASE_MAX;
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	r.node.phase = MESSAGE_PHASE_MAX + 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_FORMAT);
	r.node.phase = 0;
	assert_int_equal(decode_response(encode_response(&r)), ST_FORMAT);
	r = response_of(MESSAGE_STATUS);
	r.node.node = LIMIT_TRUSTEES;
	assert_int_equal(decode_response(encode_response(&r)), ST_FORMAT);
	r = response_of(MESSAGE_FATE);
	r.fate = MESSAGE_FATE_MAX;
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	r.fate = MESSAGE_FATE_MAX + 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_BLOCKS);
	r.blocks = MESSAGE_BLOCKS_MAX;
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	r.blocks = MESSAGE_BLOCKS_MAX + 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_RECEIPT);
	r.bytes_len = LIMIT_RESPONSE;
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	r.bytes_len = LIMIT_RESPONSE + 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
}

static void flags_are_zero_or_one(void **state)
{
	struct message_response r = response_of(MESSAGE_STATUS);
	size_t len = encode_response(&r);

	(void)state;
	wire[len - 1] = 2;
	assert_int_equal(decode_response(len), ST_FORMAT);
	r = response_of(MESSAGE_VOTER);
	len = encode_response(&r);
	wire[len - 33] = 2;
	assert_int_equal(decode_response(len), ST_FORMAT);
	wire[len - 33] = 0;   /* no ballot, and yet a tracker */
	assert_int_equal(decode_response(len), ST_FORMAT);
	assert_int_equal(decode_response(len - 32), ST_OK);
}

static void a_voter_is_within_the_roll(void **state)
{
	struct message_response r = response_of(MESSAGE_VOTER);

	(void)state;
	r.voter.index = LIMIT_VOTERS;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_VOTER);
	r.voter.weight = 0;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r.voter.weight = LIMIT_WEIGHT + 1;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_VOTER);
	r.voter.style = LIMIT_STYLES;
	assert_int_equal(decode_response(encode_response(&r)), ST_LIMIT);
	r = response_of(MESSAGE_VOTER);
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
}

/* --- refusals --------------------------------------------------------------------------------- */

static void every_reason_travels_by_its_name(void **state)
{
	(void)state;
	for (int st = ST_OK + 1; st < ST_COUNT; st++) {
		struct message_response r;
		struct message_response out;
		size_t len;

		message_refuse(&r, MESSAGE_SUBMIT, (enum status)st, status_text((enum status)st));
		len = encode_response(&r);
		assert_int_equal(message_response_decode(&out, wire, len), ST_OK);
		assert_int_equal(out.answer, ANSWER_REFUSED);
		assert_int_equal(out.status, st);
		assert_int_equal(out.text_len, strlen(status_text((enum status)st)));
		assert_memory_equal(out.text, status_text((enum status)st), out.text_len);
	}
}

/* A refusal with these bytes for its reason and its text. */
static size_t refusal(const char *name, const char *text, size_t text_len)
{
	struct writer w;
	size_t len = 0;

	writer_init(&w, wire, sizeof(wire));
	writer_u8(&w, MESSAGE_SUBMIT);
	writer_u8(&w, ANSWER_REFUSED);
	writer_vec8(&w, name, strlen(name));
	writer_vec16(&w, text, text_len);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	return len;
}

static void success_and_unknown_reasons_are_no_refusal(void **state)
{
	static const char *const names[] = { "", "ok", "votes", "vote", "Voted", "voted ",
					     "unknown" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(decode_response(refusal(names[i], "no", 2)), ST_FORMAT);
	assert_int_equal(decode_response(refusal("a-name-that-is-longer-than-any-of-ours", "", 0)),
			 ST_LIMIT);
	assert_int_equal(decode_response(refusal("voted", "no", 2)), ST_OK);
}

static void a_text_that_would_command_a_terminal_is_refused(void **state)
{
	static const char *const bad[] = { "\033[2J", "a\nb", "a\rb", "\xc3", "\xff\xfe",
					   "\xe2\x80\xae", "\x7f", "\xc2\x9b" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(decode_response(refusal("voted", bad[i], strlen(bad[i]))),
				 ST_FORMAT);
	assert_int_equal(decode_response(refusal("voted", "a\0b", 3)), ST_FORMAT);
	assert_int_equal(decode_response(refusal("voted", "d\xc3\xa9j\xc3\xa0", 5)), ST_FORMAT);
	assert_int_equal(decode_response(refusal("voted", "d\xc3\xa9j\xc3\xa0", 6)), ST_OK);
}

static void a_long_text_is_cut_between_characters(void **state)
{
	char text[MESSAGE_TEXT_MAX + 8];
	struct message_response r;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	message_refuse(&r, MESSAGE_SUBMIT, ST_VOTED, text);
	assert_int_equal(r.text_len, MESSAGE_TEXT_MAX);
	memcpy(text + MESSAGE_TEXT_MAX - 1, "\xc3\xa9", 2);   /* astride the limit */
	message_refuse(&r, MESSAGE_SUBMIT, ST_VOTED, text);
	assert_int_equal(r.text_len, MESSAGE_TEXT_MAX - 1);
	assert_int_equal(decode_response(encode_response(&r)), ST_OK);
	assert_int_equal(decode_response(refusal("voted", (const char *)filler,
						 MESSAGE_TEXT_MAX + 1)), ST_LIMIT);
}

/* --- promise ---------------------------------------------------------------------------------- */

static void every_field_of_a_promise_is_signed(void **state)
{
	struct promise p = { .tx_id = { 1 }, .node = 2, .time_min = 3, .sig = { 4 } };
	uint8_t a[PROMISE_BODY_BYTES];
	uint8_t b[PROMISE_BODY_BYTES];

	(void)state;
	promise_body(a, &p);
	p.sig[0] ^= 1;
	promise_body(b, &p);
	assert_memory_equal(a, b, sizeof(a));
	p.tx_id[31] ^= 1;
	promise_body(b, &p);
	assert_memory_not_equal(a, b, sizeof(a));
	p.tx_id[31] ^= 1;
	p.node ^= 1;
	promise_body(b, &p);
	assert_memory_not_equal(a, b, sizeof(a));
	p.node ^= 1;
	p.time_min ^= 1;
	promise_body(b, &p);
	assert_memory_not_equal(a, b, sizeof(a));
}

static int setup(void **state)
{
	(void)state;
	memset(filler, 'f', sizeof(filler));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_prefix_and_every_tail_is_refused),
		cmocka_unit_test(what_is_encoded_is_read_back),
		cmocka_unit_test(unknown_kinds_and_answers_are_refused),
		cmocka_unit_test(an_encoder_tells_when_there_is_no_room),
		cmocka_unit_test(a_transaction_is_neither_empty_nor_too_long),
		cmocka_unit_test(a_length_that_lies_is_refused_before_it_is_believed),
		cmocka_unit_test(a_credential_is_neither_empty_nor_too_long),
		cmocka_unit_test(figures_of_a_response_are_within_their_limits),
		cmocka_unit_test(flags_are_zero_or_one),
		cmocka_unit_test(a_voter_is_within_the_roll),
		cmocka_unit_test(every_reason_travels_by_its_name),
		cmocka_unit_test(success_and_unknown_reasons_are_no_refusal),
		cmocka_unit_test(a_text_that_would_command_a_terminal_is_refused),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(every_field_of_a_promise_is_signed),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
