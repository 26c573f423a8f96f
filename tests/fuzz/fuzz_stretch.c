/*
 * fuzz_stretch.c: an answer to BLOCKS from hostile bytes: u64 height asked for, u32 number of
 * blocks, then the blocks and a certified head.
 *
 * Shown: opening is bounded; what is opened holds the blocks that it says, each of its height; and
 * nothing is opened that this committee, which signed nothing, has not signed.
 */
#include "common/ledger/stretch.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

/* Of the election that the first header names. */
static void stranger(struct committee *c, const uint8_t *election_id)
{
	static uint8_t keys[4][32];
	uint8_t seed[32] = { 11 };
	struct sign_secret secret;

	must(crypto_init() == ST_OK);
	if (mem_is_zero(keys[0], sizeof(keys[0])))
		for (uint8_t i = 0; i < 4; i++) {
			seed[1] = i;
			sign_from_seed(&secret, keys[i], seed);
		}
	must(committee_init(c, 4, election_id, group_ristretto255(),
	                    (const uint8_t (*)[32])keys) == ST_OK);
}

/* What can be walked: never beyond the bytes, never for ever. */
static void walk(const uint8_t *bytes, size_t len)
{
	struct stretch s = { .bytes = bytes, .len = len };
	struct reader at = stretch_begin(&s);
	struct block_header h;
	const uint8_t *body;
	size_t body_len, total = 0;

	while (stretch_next(&at, &h, &body, &body_len) == ST_OK) {
		must(body >= bytes && body + body_len <= bytes + len);
		total += 4 + BLOCK_HEADER_BYTES + body_len;
	}
	must(total <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct message_response r = { .kind = MESSAGE_BLOCKS, .answer = ANSWER_OK };
	uint8_t election_id[32] = { 0 };
	struct committee c;
	struct stretch s;
	struct reader in;
	uint64_t from;

	reader_init(&in, data, len);
	if (reader_u64(&in, &from) != ST_OK || reader_u32(&in, &r.blocks) != ST_OK)
		return 0;
	r.bytes = data + in.pos;
	r.bytes_len = len - in.pos;
	walk(r.bytes, r.bytes_len);
	if (r.bytes_len > 4 + 2 + sizeof(election_id))
		memcpy(election_id, r.bytes + 4 + 2, sizeof(election_id));
	stranger(&c, election_id);
	must(stretch_open(&s, &r, from, &c) != ST_OK);
	return 0;
}
