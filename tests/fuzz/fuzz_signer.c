/*
 * fuzz_signer.c: a node that has gone mad asks its signer for anything.
 *
 * The input is a conversation: requests of the known kinds about sixteen views and four blocks,
 * restarts of the signer, and raw bytes.  Whatever is asked, answers have their form, every
 * signature given is of the vote it was asked for, and no two of them contradict each other.
 */
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/mem.h"
#include "tally-server/signer/serve.h"
#include "tally-server/signer/signer.h"
#include "tests/unit/lib/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const uint32_t fuzz_runs = 500;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SELF = 1, VIEWS = 16, GIVEN_MAX = 512, FRAME = 1024 };

static struct committee committee;
static struct sign_secret secret;
static struct serve *serve;
static char log_path[SCRATCH_PATH_BYTES], memory_path[SCRATCH_PATH_BYTES];
static uint64_t base, opened;
static struct vote given[GIVEN_MAX];
static size_t given_len;
static uint8_t out[TALK_BYTES_MAX];

static void must(int what)
{
	if (!what)
		abort();
}

/* --- asking ---------------------------------------------------------------------------------- */

static enum status ask(const uint8_t *request, size_t len, struct reader *body)
{
	uint8_t status, flags;
	uint64_t floor;
	size_t out_len;

	must(serve_answer(serve, out, &out_len, request, len) == ST_OK);
	must(out_len <= TALK_BYTES_MAX);
	reader_init(body, out, out_len);
	must(reader_u8(body, &status) == ST_OK && reader_u8(body, &flags) == ST_OK &&
	     reader_u64(body, &floor) == ST_OK && status < ST_COUNT && flags < 4);
	must(status == ST_OK || reader_left(body) == 0);
	return (enum status)status;
}

/* What was signed is what was asked for, and fits everything that was signed. */
static void note(const struct vote *v)
{
	must(vote_check(v, &committee) == ST_OK);
	for (size_t i = 0; i < given_len; i++)
		must(!vote_conflicts(v, &given[i]));
	if (given_len < GIVEN_MAX)
		given[given_len++] = *v;
}

/* The answer to a request for votes, whoever made it. */
static void note_all(const uint8_t *request, size_t len, struct reader *body)
{
	struct reader r;
	struct vote v = { .signer = SELF };
	uint16_t count;
	uint8_t type, each;

	reader_init(&r, request + 1, len - 1);
	must(reader_u16(&r, &count) == ST_OK);
	for (unsigned int i = 0; i < count; i++) {
		must(reader_u8(&r, &type) == ST_OK && reader_u64(&r, &v.view) == ST_OK &&
		     reader_bytes(&r, v.block, sizeof(v.block)) == ST_OK);
		must(reader_u8(body, &each) == ST_OK &&
		     reader_bytes(body, v.sig, sizeof(v.sig)) == ST_OK);
		v.type = (enum vote_type)type;
		if (each == ST_OK)
			note(&v);
		else
			must(mem_is_zero(v.sig, sizeof(v.sig)));
	}
}

static void say(const uint8_t *request, size_t len)
{
	struct reader body;

	if (ask(request, len, &body) == ST_OK && request[0] == TALK_SIGN)
		note_all(request, len, &body);
}

/* --- lives of the signer --------------------------------------------------------------------- */

static void start(void)
{
	const struct serve_config cfg = { .secret = &secret, .checkpoint = &secret,
	                                  .log = log_path, .memory = memory_path };
	uint8_t request[FRAME];
	struct reader body;
	struct writer w;

	must(serve_new(&serve, &cfg) == ST_OK);
	writer_init(&w, request, sizeof(request));
	writer_u8(&w, TALK_BEGIN);
	writer_bytes(&w, committee.election_id, 32);
	writer_vec8(&w, "ristretto255", 12);
	writer_u8(&w, (uint8_t)committee.n);
	writer_u8(&w, SELF);
	for (unsigned int i = 0; i < committee.n; i++)
		writer_bytes(&w, committee.node_key[i], 32);
	must(ask(request, w.pos, &body) == ST_OK);
	writer_init(&w, request, sizeof(request));
	writer_u8(&w, TALK_OPEN);
	writer_u8(&w, 1);
	writer_u64(&w, ++opened);
	must(ask(request, w.pos, &body) == ST_OK);
}

static void begin(void)
{
	uint8_t keys[4][32], seed[32] = { 5 }, election[32] = { 0xe1 };
	struct sign_secret others;

	must(crypto_init() == ST_OK);
	/* It is not the disk that is tried here. */
	must(access("/dev/shm", W_OK) != 0 || setenv("TMPDIR", "/dev/shm", 1) == 0);
	for (uint8_t i = 0; i < 4; i++) {
		seed[1] = i;
		sign_from_seed(i == SELF ? &secret : &others, keys[i], seed);
	}
	must(committee_init(&committee, 4, election, group_ristretto255(),
	                    (const uint8_t (*)[32])keys) == ST_OK);
	(void)snprintf(log_path, sizeof(log_path), "%s", scratch_path("votes.log"));
	(void)snprintf(memory_path, sizeof(memory_path), "%s", scratch_path("memory"));
	must(atexit(scratch_remove) == 0);
	start();
}

/* A new log for the next input, if this one signs nothing any more. */
static void renew(void)
{
	uint8_t request[TALK_HEAD_BYTES] = { TALK_PROMISE };
	struct reader body;
	uint64_t floor = 0;
	uint8_t skip = 0;

	(void)ask(request, 1, &body);
	reader_init(&body, out, TALK_HEAD_BYTES);
	must(reader_u8(&body, &skip) == ST_OK && reader_u8(&body, &skip) == ST_OK &&
	     reader_u64(&body, &floor) == ST_OK);
	base += VIEWS;
	given_len = 0;
	if (floor < base && (skip & TALK_AMNESIA_FLAG) == 0)
		return;
	serve_free(serve);
	must(unlink(log_path) == 0 && unlink(memory_path) == 0);
	base = 0;
	start();
}

/* --- the conversation ------------------------------------------------------------------------ */

static void about_a_vote(uint8_t kind, uint8_t a, uint8_t b)
{
	uint8_t request[FRAME], block[32] = { 0 };
	struct writer w;

	writer_init(&w, request, sizeof(request));
	writer_u8(&w, kind);
	if (kind == TALK_SIGN)
		writer_u16(&w, 1);
	writer_u8(&w, (uint8_t)(b % 3 + 1));
	writer_u64(&w, base + a % VIEWS + 1);
	if (b % 3 + 1 != VOTE_NULLIFY)
		block[0] = (uint8_t)(b / 3 % 4 + 1);
	writer_bytes(&w, block, sizeof(block));
	say(request, w.pos);
}

static void about_a_view(uint8_t kind, uint8_t a)
{
	uint8_t request[9] = { kind };
	uint64_t view = base + a % VIEWS;

	for (unsigned int i = 0; i < 8; i++)
		request[1 + i] = (uint8_t)(view >> (56 - 8 * i));
	say(request, sizeof(request));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t amnesia[1] = { TALK_AMNESIA };
	const uint8_t replay[5] = { TALK_REPLAY };

	if (serve == NULL)
		begin();
	for (size_t i = 0; i + 2 < len && i < 600; i += 3) {
		uint8_t op = data[i], a = data[i + 1], b = data[i + 2];

		if (op < 160) {
			about_a_vote(TALK_SIGN, a, b);
		} else if (op < 170) {
			about_a_vote(TALK_HAS, a, b);
		} else if (op < 176) {
			about_a_view(op % 2 == 0 ? TALK_COMPACT : TALK_GUARD, a);
		} else if (op < 178) {
			say(amnesia, sizeof(amnesia));
		} else if (op < 182) {
			say(replay, sizeof(replay));
		} else if (op < 186) {
			serve_free(serve);
			start();
		} else {
			size_t n = a < len - i - 2 ? a : len - i - 2;

			say(data + i + 2, n);
			i += n;
		}
	}
	renew();
	return 0;
}
