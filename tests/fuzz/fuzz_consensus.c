/*
 * fuzz_consensus.c: bytes as messages to a replica, and as records of its log.
 *
 * The first byte chooses.  0: one message, which decodes to what encodes to the same bytes.
 * 1: a conversation, {sender, u16 length, message} again and again, with a fresh replica.
 * 2: one record of a log, replayed.
 *
 * What is proved: the machine never stops, never halts for what one cheat can say, and never
 * signs two things for one view.
 */
#include "tests/sim/bench.h"

#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t again[LIMIT_FRAME_BULK];

static void must(int what)
{
	if (!what)
		abort();
}

static void one_message(const uint8_t *data, size_t len)
{
	size_t out;

	if (sample_rewrite(data, len, again, sizeof(again), &out) == ST_OK)
		must(out == len && memcmp(again, data, len) == 0);
}

/* One sender: what it says with its own key must neither stop nor split the others. */
static void conversation(const uint8_t *data, size_t len)
{
	struct bench *b = bench_new(4, 3);
	struct reader r;
	uint8_t from = len > 0 ? data[0] % 3 : 0;

	bench_up(b);
	bench_item(b, 1);
	reader_init(&r, data, len);
	for (unsigned int i = 0; i < 64 && reader_left(&r) > 0; i++) {
		const uint8_t *message;
		size_t message_len;
		uint8_t wait;

		if (reader_u8(&r, &wait) != ST_OK ||
		    reader_vec16(&r, &message, &message_len, LIMIT_FRAME_FAST) != ST_OK)
			break;
		(void)bench_message(b, from, message, message_len);
		bench_wait(b, wait);
	}
	for (size_t i = 0; i < b->asked_len; i++)
		for (size_t j = 0; j < i; j++)
			must(b->asked[i].view != b->asked[j].view ||
			     b->asked[i].type != b->asked[j].type);
	bench_free(b);
}

static void one_record(const uint8_t *data, size_t len)
{
	struct bench *b = bench_new(4, 3);

	bench_up(b);
	must(consensus_init(&b->core, b->core, consensus_bytes(&b->cfg), &b->cfg,
	                    &b->sim.genesis) == ST_OK);
	must(consensus_replay(b->core, data, len) < ST_COUNT);
	bench_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool is_ready;

	if (!is_ready)
		must(crypto_init() == ST_OK);
	is_ready = true;
	if (len == 0)
		return 0;
	switch (data[0] % 3) {
	case 0:
		one_message(data + 1, len - 1);
		break;
	case 1:
		conversation(data + 1, len - 1);
		break;
	default:
		one_record(data + 1, len - 1);
		break;
	}
	return 0;
}
