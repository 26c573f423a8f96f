/*
 * test_sighting.c: what a follower saw, judged by a stranger: answers that hold show nothing,
 * answers that do not hold show why, and no byte of a file can be changed without notice.
 */
#include "common/election/sighting.h"
#include "common/ledger/stretch.h"
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 20, BAD = 3 };   /* the block that is spoilt */

static struct town *town;
static struct committee committee;
static uint8_t room[ROOM], request[64], answer[ROOM], bytes[ROOM];

/* --- answers --------------------------------------------------------------------------------- */

static size_t ask(enum message_kind kind, uint64_t from)
{
	const struct message_request q = { .kind = kind, .from_height = from, .max_bytes = 1 << 20 };
	size_t len;

	assert_int_equal(message_request_encode(&q, request, sizeof(request), &len), ST_OK);
	return len;
}

static struct evidence evidence_of(size_t request_len, const struct message_response *r)
{
	struct evidence e = { .kind = EVIDENCE_FALSE_ANSWER, .node = 2, .time_min = 29000000,
	                      .request = request, .request_len = request_len, .answer = answer };

	assert_int_equal(message_response_encode(r, answer, sizeof(answer), &e.answer_len), ST_OK);
	return e;
}

/* Blocks from..to of the town, the last of them or a later one certified by these nodes.  flip: a
 * byte of the state hash of block BAD, which is then signed as it is. */
static struct evidence blocks(uint64_t from, uint64_t to, uint64_t head, uint16_t signers,
                              bool flip)
{
	struct message_response r = { .kind = MESSAGE_BLOCKS, .tip = head, .bytes = bytes };
	struct block_header h[16], parent = { .height = 0 };
	struct certified_head c;
	uint64_t last = to > head ? to : head;
	struct writer w;

	assert_true(last < 16);
	writer_init(&w, bytes, sizeof(bytes));
	for (uint64_t i = from; i <= last; i++) {
		h[i] = town->block[i].header;
		if (flip && i == BAD)
			h[i].state_hash[3] ^= 1;
		if (flip && i > BAD)
			block_id(h[i].parent, &parent);
		parent = h[i];
		if (i > to)
			continue;
		writer_u32(&w, BLOCK_HEADER_BYTES + h[i].body_len);
		block_header_write(&w, &h[i]);
		writer_bytes(&w, town->block[i].body, h[i].body_len);
		r.blocks++;
	}
	crowd_certify(town, &c, &h[head], signers);
	certified_head_write(&w, &c);
	assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
	return evidence_of(ask(MESSAGE_BLOCKS, from), &r);
}

/* A replay that stands on this block. */
static struct replay *before(uint64_t height)
{
	struct chain_fault fault;
	struct replay *r;

	assert_int_equal(replay_new(&r, town->m), ST_OK);
	for (uint64_t i = 1; i <= height; i++)
		assert_int_equal(replay_accept(r, &town->block[i].header, town->block[i].body,
		                               town->block[i].header.body_len, &fault), ST_OK);
	replay_settle(r);
	return r;
}

static enum status judge(struct sighting *out, const struct evidence *e)
{
	return sighting_judge(out, e, town->m, NULL);
}

static void answers_that_hold_show_nothing(void **state)
{
	struct message_response r = { .kind = MESSAGE_HEAD, .bytes = bytes };
	uint8_t sigs[LIMIT_TRUSTEES][64];
	struct certified_head head;
	struct replay *p;
	struct evidence e;
	struct sighting s;
	struct writer w;

	(void)state;
	crowd_certify(town, &head, &town->block[4].header, 0x7);
	writer_init(&w, bytes, sizeof(bytes));
	certified_head_write(&w, &head);
	assert_int_equal(writer_end(&w, &r.bytes_len), ST_OK);
	e = evidence_of(ask(MESSAGE_HEAD, 0), &r);
	assert_int_equal(judge(&s, &e), ST_NOT_FOUND);
	e.node = 4;
	assert_int_equal(judge(&s, &e), ST_ROLE);
	town_genesis_sigs(town, sigs);
	r = (struct message_response){ .kind = MESSAGE_GENESIS, .bytes = sigs[0],
	                               .bytes_len = 4 * 64 };
	e = evidence_of(ask(MESSAGE_GENESIS, 0), &r);
	assert_int_equal(judge(&s, &e), ST_NOT_FOUND);
	message_refuse(&r, MESSAGE_BLOCKS, ST_NOT_FOUND, "");
	e = evidence_of(ask(MESSAGE_BLOCKS, 9), &r);
	assert_int_equal(judge(&s, &e), ST_NOT_FOUND);
	e = blocks(2, 5, 5, 0x7, false);
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.weight, SIGHTING_OPEN);   /* without the chain before it */
	p = before(1);
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_NOT_FOUND);
	replay_free(p);
	p = before(0);                               /* not the chain before it */
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_PARENT);
	replay_free(p);
}

static void questions_without_a_checkable_answer_show_nothing(void **state)
{
	struct message_response r = { .kind = MESSAGE_FATE };
	struct evidence e = evidence_of(ask(MESSAGE_STATUS, 0), &r);
	struct sighting s;

	(void)state;
	assert_int_equal(judge(&s, &e), ST_NOT_FOUND);
	e.request_len = 0;
	assert_int_equal(judge(&s, &e), ST_FORMAT);
	e = (struct evidence){ .kind = EVIDENCE_DOUBLE_VOTE };
	assert_int_equal(judge(&s, &e), ST_NOT_FOUND);
}

static void what_does_not_hold_is_told_with_its_reason(void **state)
{
	struct message_response r = { .kind = MESSAGE_HEAD, .bytes = bytes };
	struct sighting s;
	struct evidence e;

	(void)state;
	memset(bytes, 7, 90);
	r.bytes_len = 90;
	e = evidence_of(ask(MESSAGE_HEAD, 0), &r);   /* no head */
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.reason, ST_FORMAT);
	r.kind = MESSAGE_GENESIS;
	e = evidence_of(ask(MESSAGE_HEAD, 0), &r);   /* the answer to another question */
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.reason, ST_FORMAT);
	e = evidence_of(ask(MESSAGE_GENESIS, 0), &r);
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.reason, ST_FORMAT);
	e = blocks(2, 5, 5, 0x3, false);             /* too few signatures */
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.reason, ST_CERTIFICATE);
	e = blocks(2, 5, 4, 0x7, false);             /* a head below the last block */
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.weight, SIGHTING_WITNESSES);
	assert_int_equal(s.reason, ST_CERTIFICATE);
	e = blocks(2, 5, 5, 0x7, false);
	e.request_len = ask(MESSAGE_BLOCKS, 3);      /* other blocks than were asked for */
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.reason, ST_PARENT);
	assert_int_equal(s.culprits, 0);
}

static void an_invalid_block_is_proof_only_under_a_certificate_that_reaches_it(void **state)
{
	struct sighting s;
	struct replay *p = before(1);
	struct evidence e = blocks(2, 5, 5, 0xb, true);

	(void)state;
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.weight, SIGHTING_OPEN);
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_OK);
	assert_int_equal(s.weight, SIGHTING_PROVES);
	assert_int_equal(s.reason, ST_HASH);
	assert_int_equal(s.height, BAD);
	assert_int_equal(s.culprits, 0xb);
	assert_int_equal(s.culprits_min, 3);
	assert_int_equal(replay_undo(p), ST_OK);
	e = blocks(2, 5, 6, 0x7, true);              /* the head is the child of the last block */
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_OK);
	assert_int_equal(s.weight, SIGHTING_PROVES);
	assert_int_equal(replay_undo(p), ST_OK);
	e = blocks(2, 5, 7, 0x7, true);              /* whether it is a grandchild nobody can tell */
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_OK);
	assert_int_equal(s.weight, SIGHTING_WITNESSES);
	assert_int_equal(s.culprits, 0);
	replay_free(p);
}

/* Blocks of somebody else's chain on top of the archive that was handed along. */
static void an_archive_of_another_chain_proves_nothing(void **state)
{
	struct town_block side[1];
	struct chain_fault fault;
	struct replay *p = before(town->blocks - 1);
	struct evidence e;
	struct sighting s;
	uint64_t tip = town->blocks - 1;

	(void)state;
	/* The archive has another block of that height than the parent of the answer's first. */
	crowd_side(town, side, 1, town->view);
	town_block(town, NULL, 0);
	town_block(town, NULL, 0);
	assert_int_equal(replay_accept(p, &side[0].header, NULL, 0, &fault), ST_OK);
	e = blocks(tip + 2, tip + 2, tip + 2, 0x7, false);
	assert_int_equal(sighting_judge(&s, &e, town->m, p), ST_OK);
	assert_int_equal(s.reason, ST_PARENT);
	assert_int_equal(s.weight, SIGHTING_WITNESSES);
	assert_int_equal(s.culprits, 0);
	replay_free(p);
}

/* --- forks and rollbacks --------------------------------------------------------------------- */

static struct evidence_branch branch_of(uint8_t *header, const struct block_header *h,
                                        uint16_t signers)
{
	struct certified_head head;

	crowd_certify(town, &head, h, signers);
	block_header_encode(header, h);
	return (struct evidence_branch){ .count = 1, .headers = header,
	                                 .certificate = head.certificate };
}

static void a_fork_is_proof_and_a_rollback_a_word(void **state)
{
	struct evidence e = { .kind = EVIDENCE_FORK };
	uint8_t header[2][BLOCK_HEADER_BYTES];
	struct block_header other = town->block[4].header;
	struct fault words;
	struct sighting s;

	(void)state;
	other.time_min++;
	e.branch[0] = branch_of(header[0], &town->block[4].header, 0x7);
	e.branch[1] = branch_of(header[1], &other, 0xd);
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.weight, SIGHTING_PROVES);
	assert_int_equal(s.reason, ST_FORK);
	assert_int_equal(s.height, 4);
	assert_int_equal(s.culprits, 0x5);
	assert_int_equal(s.culprits_min, 2);
	sighting_tell(&words, &e, &s, town->m);
	assert_non_null(strstr(words.what, "FORK: at height 4"));
	assert_non_null(strstr(words.why, "at least 2 of the 4"));
	assert_non_null(strstr(words.why, "nodes 1, 3"));
	e.branch[1] = e.branch[0];
	assert_int_equal(judge(&s, &e), ST_OPENING);
	e.kind = EVIDENCE_ROLLBACK;
	e.node = 3;
	assert_int_equal(judge(&s, &e), ST_OPENING);   /* the same head twice */
	e.branch[1] = branch_of(header[1], &town->block[3].header, 0x7);
	assert_int_equal(judge(&s, &e), ST_OK);
	assert_int_equal(s.weight, SIGHTING_WITNESSES);
	assert_int_equal(s.height, 4);
	sighting_tell(&words, &e, &s, town->m);
	assert_non_null(strstr(words.what, "node 4 (Trustee 4) had shown block 4"));
	assert_non_null(strstr(words.what, "only block 3"));
	assert_non_null(strstr(words.why, "is the word of"));
	e.branch[1] = branch_of(header[1], &town->block[3].header, 0x3);
	assert_int_equal(judge(&s, &e), ST_CERTIFICATE);
	e.branch[1].count = 0;
	assert_int_equal(judge(&s, &e), ST_OK);
	sighting_tell(&words, &e, &s, town->m);
	assert_non_null(strstr(words.what, "no block at all"));
}

/* --- bytes ----------------------------------------------------------------------------------- */

/* A changed byte never turns a word into a proof, nor leaves a proof standing. */
static void no_byte_of_a_fork_can_be_changed(void **state)
{
	struct evidence e = { .kind = EVIDENCE_FORK }, back;
	uint8_t header[2][BLOCK_HEADER_BYTES];
	struct block_header other = town->block[4].header;
	const uint8_t *manifest;
	size_t len, file_len, manifest_len, head = EVIDENCE_HEAD_BYTES + town->m->len;
	struct sighting s;

	(void)state;
	other.time_min++;
	e.branch[0] = branch_of(header[0], &town->block[4].header, 0x7);
	e.branch[1] = branch_of(header[1], &other, 0xe);
	assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
	assert_int_equal(evidence_file_encode(room, sizeof(room), &file_len, town->m->bytes,
	                                      town->m->len, bytes, len), ST_OK);
	for (size_t i = 0; i < file_len; i += i < head && i > 40 ? 97 : 1)
		assert_int_not_equal(evidence_file_decode(&back, &manifest, &manifest_len, room, i),
		                     ST_OK);
	for (size_t i = head; i < file_len; i++) {
		room[i] ^= (uint8_t)(1u << i % 8);
		if (evidence_file_decode(&back, &manifest, &manifest_len, room, file_len) == ST_OK &&
		    judge(&s, &back) == ST_OK)
			fail_msg("byte %zu of the evidence can be changed", i - head);
		room[i] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(evidence_file_decode(&back, &manifest, &manifest_len, room, file_len), ST_OK);
	assert_int_equal(judge(&s, &back), ST_OK);
}

static void no_change_of_an_answer_makes_proof_of_it(void **state)
{
	struct evidence e = blocks(2, 3, 3, 0x7, false);
	struct replay *p = before(1);
	struct sighting s;

	(void)state;
	for (size_t i = 0; i < e.answer_len; i += 1 + i / 400) {
		enum status st;

		answer[i] ^= (uint8_t)(1u << i % 8);
		st = sighting_judge(&s, &e, town->m, p);
		assert_true(st == ST_OK || st == ST_NOT_FOUND);
		if (st == ST_OK)
			assert_int_equal(s.weight, SIGHTING_WITNESSES);
		assert_int_equal(replay_undo(p), ST_OK);
		answer[i] ^= (uint8_t)(1u << i % 8);
	}
	replay_free(p);
}

/* --- stretches ------------------------------------------------------------------------------- */

static void a_stretch_ends_where_its_blocks_end(void **state)
{
	struct message_response r;
	struct stretch s;
	struct evidence e = blocks(2, 5, 5, 0x7, false);
	struct block_header h;
	const uint8_t *body;
	struct reader at;
	size_t len;

	(void)state;
	assert_int_equal(message_response_decode(&r, e.answer, e.answer_len), ST_OK);
	r.blocks = 5;   /* one more than there are */
	assert_int_not_equal(stretch_open(&s, &r, 2, &committee), ST_OK);
	r.blocks = 3;   /* one less: the head is not where it should be */
	assert_int_not_equal(stretch_open(&s, &r, 2, &committee), ST_OK);
	r.blocks = 0;
	assert_int_equal(stretch_open(&s, &r, 2, &committee), ST_NOT_FOUND);
	r.blocks = 4;
	assert_int_equal(stretch_open(&s, &r, 3, &committee), ST_PARENT);
	assert_int_equal(stretch_open(&s, &r, UINT64_MAX - 1, &committee), ST_LIMIT);
	for (size_t i = 0; i < r.bytes_len; i += 1 + i / 50) {
		struct message_response cut = r;

		cut.bytes_len = i;
		assert_int_not_equal(stretch_open(&s, &cut, 2, &committee), ST_OK);
	}
	assert_int_equal(stretch_open(&s, &r, 2, &committee), ST_OK);
	assert_int_equal(stretch_check(&s), ST_OK);
	assert_true(stretch_is_certified(&s));
	at = stretch_begin(&s);
	for (uint64_t i = 2; i <= 5; i++) {
		assert_int_equal(stretch_next(&at, &h, &body, &len), ST_OK);
		assert_int_equal(h.height, i);
		assert_memory_equal(body, town->block[i].body, len);
	}
	assert_int_equal(stretch_next(&at, &h, &body, &len), ST_NOT_FOUND);
}

static void a_replay_undoes_what_was_not_settled(void **state)
{
	struct replay *r = before(4);
	struct chain_fault fault;
	struct block_header h = town->block[5].header;

	(void)state;
	h.proposer = 4;
	assert_int_equal(replay_accept(r, &h, town->block[5].body, h.body_len, &fault), ST_ROLE);
	for (uint64_t i = 5; i < 8; i++)
		assert_int_equal(replay_accept(r, &town->block[i].header, town->block[i].body,
		                               town->block[i].header.body_len, &fault), ST_OK);
	assert_int_equal(replay_settled(r), 4);
	assert_int_equal(replay_undo(r), ST_OK);
	assert_int_equal(replay_tip(r)->height, 4);
	assert_memory_equal(replay_tip_id(r), town->block[5].header.parent, 32);
	/* More than the journal holds: back to block 0, and it says so. */
	while (town->blocks < ELECTION_UNSEALED_MAX + 8)
		town_block(town, NULL, 0);
	for (uint64_t i = 5; i < town->blocks; i++)
		assert_int_equal(replay_accept(r, &town->block[i].header, town->block[i].body,
		                               town->block[i].header.body_len, &fault), ST_OK);
	assert_int_equal(replay_undo(r), ST_OK);
	assert_int_equal(replay_tip(r)->height, 0);
	assert_int_equal(replay_settled(r), 0);
	replay_free(r);
}

static int set_up(void **state)
{
	(void)state;
	town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	town_committee(town, &committee);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	attack_town_free(town);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_that_hold_show_nothing),
		cmocka_unit_test(questions_without_a_checkable_answer_show_nothing),
		cmocka_unit_test(what_does_not_hold_is_told_with_its_reason),
		cmocka_unit_test(an_invalid_block_is_proof_only_under_a_certificate_that_reaches_it),
		cmocka_unit_test(an_archive_of_another_chain_proves_nothing),
		cmocka_unit_test(a_fork_is_proof_and_a_rollback_a_word),
		cmocka_unit_test(no_byte_of_a_fork_can_be_changed),
		cmocka_unit_test(no_change_of_an_answer_makes_proof_of_it),
		cmocka_unit_test(a_stretch_ends_where_its_blocks_end),
		cmocka_unit_test(a_replay_undoes_what_was_not_settled),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
