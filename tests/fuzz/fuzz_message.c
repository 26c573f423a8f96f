/*
 * fuzz_message.c: bytes as a request and as a response.
 *
 * What is proved: what is read encodes to the same bytes, is within its limits and fit to be
 * shown; what is refused leaves nothing behind.
 */
#include "common/base/text.h"
#include "common/wire/message.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static uint8_t again[LIMIT_RESPONSE + 64];

static void must(int what)
{
	if (!what)
		abort();
}

static void try_request(const uint8_t *data, size_t len)
{
	static const struct message_request nothing;
	struct message_request r;
	size_t again_len;

	memset(&r, 0x55, sizeof(r));
	if (message_request_decode(&r, data, len) != ST_OK) {
		must(r.kind == nothing.kind && r.tx == NULL && r.credential == NULL &&
		     r.tracker == NULL && r.prefix == NULL);
		return;
	}
	must(message_request_encode(&r, again, sizeof(again), &again_len) == ST_OK);
	must(again_len == len && memcmp(again, data, len) == 0);
	must(r.tx_len <= LIMIT_TX_BYTES && r.credential_len <= MESSAGE_CREDENTIAL_MAX);
}

static void try_response(const uint8_t *data, size_t len)
{
	struct message_response r;
	size_t again_len;

	memset(&r, 0x55, sizeof(r));
	if (message_response_decode(&r, data, len) != ST_OK) {
		must(r.kind == 0 && r.bytes == NULL && r.text == NULL && r.status == ST_OK);
		return;
	}
	must(message_response_encode(&r, again, sizeof(again), &again_len) == ST_OK);
	must(again_len == len && memcmp(again, data, len) == 0);
	if (r.answer == ANSWER_REFUSED)
		must(r.status != ST_OK && r.status < ST_COUNT &&
		     text_check(r.text, r.text_len, MESSAGE_TEXT_MAX) == ST_OK);
	must(r.promise.node < LIMIT_TRUSTEES && r.node.phase <= MESSAGE_PHASE_MAX);
	must(r.bytes_len <= LIMIT_RESPONSE && r.blocks <= MESSAGE_BLOCKS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	try_request(data, len);
	try_response(data, len);
	return 0;
}
