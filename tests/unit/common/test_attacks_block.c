/*
 * test_attacks_block.c: blocks that a leader might build, against an honest node that stands on the
 * same chain (attacks.md N14, N15, N27, N29, N69, N70, N74; protocol.md §7.3).
 *
 * A forged block is consistent in everything but the one thing at stake, so that the reason is that
 * thing.  After every refusal the node still accepts the honest block.
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A node that follows the town's chain up to, not including, its last block. */
struct node {
	struct election *e;
	struct checker *checker;
	struct block_header head;
};

static struct town *t;
static struct node n;

static const struct town_block *last(void)
{
	return &t->block[t->blocks - 1];
}

static void follow(struct town *town)
{
	struct chain_fault fault;

	t = town;
	assert_int_equal(election_new(&n.e, t->m), ST_OK);
	assert_int_equal(checker_new(&n.checker), ST_OK);
	for (size_t i = 1; i + 1 < t->blocks; i++)
		assert_int_equal(chain_accept(n.e, n.checker, NULL, &t->block[i - 1].header,
		                              &t->block[i].header, t->block[i].body,
		                              t->block[i].header.body_len, &fault), ST_OK);
	n.head = t->block[t->blocks - 2].header;
}

static void leave(void)
{
	struct chain_fault fault;

	assert_int_equal(chain_accept(n.e, n.checker, NULL, &n.head, &last()->header, last()->body,
	                              last()->header.body_len, &fault), ST_OK);
	election_free(n.e);
	checker_free(n.checker);
	attack_town_free(t);
}

/* --- forging --------------------------------------------------------------------------------- */

struct forged {
	struct block_header header;
	uint8_t *body;
	size_t len;
};

/* The last block of the town, to be spoilt. */
static struct forged forge(void)
{
	struct forged f = { .header = last()->header, .len = last()->header.body_len };

	f.body = malloc(BLOCK_BODY_BYTES_MAX + 64);
	assert_non_null(f.body);
	memcpy(f.body, last()->body, f.len);
	return f;
}

/* An honest header, on the same parent, of these items in this order. */
static struct forged forge_items(const struct town_tx *txs, size_t len)
{
	struct forged f = forge();
	struct writer w;

	writer_init(&w, f.body, BLOCK_BODY_BYTES_MAX);
	for (size_t i = 0; i < len; i++)
		block_item_write(&w, txs[i].wire, txs[i].len);
	assert_int_equal(writer_end(&w, &f.len), ST_OK);
	f.header.n_items = (uint32_t)len;
	f.header.body_len = (uint32_t)f.len;
	f.header.log_size = n.head.log_size + len;
	block_body_hash(f.header.body_hash, f.body, f.len);
	return f;
}

static enum status say(const struct forged *f, uint32_t *item)
{
	struct election_digest before, after;
	uint64_t mark = journal_mark(n.e->journal);
	struct state_now now;
	struct chain_fault fault;
	enum status st;

	memcpy(&now, &n.e->now, sizeof(now));
	election_digest(n.e, &before);
	st = chain_accept(n.e, n.checker, NULL, &n.head, &f->header, f->body, f->len, &fault);
	assert_int_equal(st, fault.st);
	if (item != NULL)
		*item = fault.item;
	if (st == ST_OK) {
		assert_int_equal(election_pop(n.e), ST_OK);
	}
	election_digest(n.e, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_memory_equal(&now, &n.e->now, sizeof(now));
	assert_true(mark == journal_mark(n.e->journal));
	return st;
}

static enum status say_once(struct forged f, uint32_t *item)
{
	enum status st = say(&f, item);

	free(f.body);
	return st;
}

/* The items of the last block of the town, borrowed. */
static size_t items(struct town_tx *out, size_t room)
{
	struct reader r;
	const uint8_t *item;
	size_t len, count = 0;

	reader_init(&r, last()->body, last()->header.body_len);
	while (block_item_next(&r, &item, &len) == ST_OK) {
		assert_true(count < room);
		out[count++] = (struct town_tx){ .wire = last()->body + (item - last()->body),
		                                 .len = len };
	}
	return count;
}

/* --- headers --------------------------------------------------------------------------------- */

static void n27_a_block_that_does_not_follow_is_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct forged f;

	(void)state;
	town_block_one(town, attack_ballot(town, 0));
	follow(town);
	f = forge();
	f.header.time_min -= 1;                      /* a time that goes back */
	assert_int_equal(say_once(f, NULL), ST_TIME);
	f = forge();
	f.header.election_id[31] ^= 1;
	assert_int_equal(say_once(f, NULL), ST_ELECTION);
	f = forge();
	f.header.height += 1;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.height = 0;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.view = n.head.view;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.parent_view -= 1;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.parent[0] ^= 1;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.log_size += 1;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	f = forge();
	f.header.log_size = 0;
	assert_int_equal(say_once(f, NULL), ST_PARENT);
	leave();
}

static void forged_digests_are_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct forged f;
	uint32_t item;

	(void)state;
	town_block_one(town, attack_ballot(town, 0));
	follow(town);
	f = forge();
	f.header.log_root[0] ^= 1;
	assert_int_equal(say_once(f, &item), ST_HASH);
	assert_int_equal(item, CHAIN_NO_ITEM);
	f = forge();
	f.header.state_hash[31] ^= 0x80;
	assert_int_equal(say_once(f, &item), ST_HASH);
	assert_int_equal(item, CHAIN_NO_ITEM);
	f = forge();
	f.header.body_hash[7] ^= 1;
	assert_int_equal(say_once(f, NULL), ST_HASH);
	/* the state before the block: "this ballot changed nothing" */
	f = forge();
	memcpy(f.header.state_hash, n.head.state_hash, 32);
	assert_int_equal(say_once(f, NULL), ST_HASH);
	leave();
}

static void n14_a_body_of_wrong_lengths_is_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct forged f;

	(void)state;
	town_block_one(town, attack_ballot(town, 0));
	follow(town);
	f = forge();
	f.header.n_items = 2;
	assert_int_equal(say_once(f, NULL), ST_PARENT);   /* and no more leaves than items */
	f = forge();
	f.header.n_items = 2;
	f.header.log_size += 1;
	assert_int_equal(say_once(f, NULL), ST_FORMAT);
	f = forge();
	f.header.n_items = UINT32_MAX;
	f.header.log_size = n.head.log_size + UINT32_MAX;
	assert_int_equal(say_once(f, NULL), ST_LIMIT);
	f = forge();
	f.header.body_len -= 1;
	assert_int_equal(say_once(f, NULL), ST_FORMAT);
	f = forge();
	memset(f.body, 0xff, 4);                          /* a length of 2^32 - 1 */
	block_body_hash(f.header.body_hash, f.body, f.len);
	assert_int_equal(say_once(f, NULL), ST_LIMIT);
	f = forge();
	memset(f.body, 0, 4);                             /* an item of no bytes */
	block_body_hash(f.header.body_hash, f.body, f.len);
	assert_int_equal(say_once(f, NULL), ST_FORMAT);
	f = forge();
	f.body[f.len++] = 0;                              /* one byte behind the last item */
	f.header.body_len += 1;
	block_body_hash(f.header.body_hash, f.body, f.len);
	assert_int_equal(say_once(f, NULL), ST_FORMAT);
	leave();
}

/* --- items ----------------------------------------------------------------------------------- */

static void n15_a_block_with_one_bad_item_is_refused_whole_and_the_item_named(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx txs[4], bad;
	struct forged f;
	uint32_t item;

	(void)state;
	for (uint32_t i = 0; i < 4; i++)
		txs[i] = attack_ballot(town, i);
	town_block(town, txs, 4);
	follow(town);
	assert_int_equal(items(txs, 4), 4);
	/* a false proof under a true signature */
	bad = town_tx_copy(&txs[2]);
	forge_element_next(t->m->suite, attack_part(&bad, attack_decode(t, &bad).body.proof));
	{
		struct town_tx spoilt[4] = { txs[0], txs[1], bad, txs[3] };
		struct ballot b = attack_decode(t, &bad);

		for (uint32_t v = 0; v < 4; v++)
			if (memcmp(t->voter[v].key_bytes, b.credential, 32) == 0)
				attack_sign(t, &bad, v);
		f = forge_items(spoilt, 4);
		assert_int_equal(say_once(f, &item), ST_PROOF);
		assert_int_equal(item, 2);
		/* nobody's type; the genesis once more */
		bad.wire[0] = 17;
		f = forge_items(spoilt, 4);
		assert_int_equal(say_once(f, &item), ST_FORMAT);
		assert_int_equal(item, 2);
		bad.wire[0] = TX_GENESIS;
		f = forge_items(spoilt, 4);
		assert_int_equal(say_once(f, &item), ST_PHASE);
		assert_int_equal(item, 2);
	}
	town_tx_free(&bad);
	leave();
}

static void items_out_of_order_are_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx txs[3], swapped[3];
	struct forged f;
	uint32_t item;

	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		txs[i] = attack_ballot(town, i);
	town_block(town, txs, 3);
	follow(town);
	assert_int_equal(items(txs, 3), 3);
	f = forge_items(txs, 3);
	assert_int_equal(say_once(f, NULL), ST_OK);
	memcpy(swapped, txs, sizeof(swapped));
	swapped[1] = txs[2];
	swapped[2] = txs[1];
	f = forge_items(swapped, 3);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 2);
	/* one of them twice */
	swapped[2] = swapped[1];
	f = forge_items(swapped, 3);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 2);
	leave();
}

/* Others by (type, id), before every ballot. */
static void others_out_of_order_or_behind_ballots_are_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx txs[3], two[2];
	struct forged f;
	uint32_t item;

	(void)state;
	for (uint16_t i = 0; i < 2; i++) {
		sign_keygen(&town->kiosk, town->kiosk_key);
		txs[i] = town_device(town, (uint16_t)(5 + i));
	}
	txs[2] = attack_ballot(town, 0);
	town_block(town, txs, 3);
	follow(town);
	assert_int_equal(items(txs, 3), 3);
	two[0] = txs[1];
	two[1] = txs[0];
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 1);
	two[0] = txs[2];
	two[1] = txs[0];
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 1);
	leave();
}

static void types_out_of_order_are_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_ENROL);
	struct town_tx txs[2] = { town_roll(town, NULL, NULL, 2), town_device(town, 3) }, two[2];
	struct forged f;
	uint32_t item;

	(void)state;
	town_block(town, txs, 2);
	follow(town);
	assert_int_equal(items(txs, 2), 2);
	f = forge_items(txs, 2);
	assert_int_equal(say_once(f, NULL), ST_OK);
	two[0] = txs[1];
	two[1] = txs[0];
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 1);
	leave();
}

static void n69_a_phase_change_is_alone_in_its_block(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx two[2], txs[1];
	struct forged f;
	uint32_t item;

	(void)state;
	two[0] = attack_ballot(town, 0);
	two[1] = town_phase(town, TX_CLOSE, 0xf);
	town_block_one(town, town_tx_copy(&two[1]));
	follow(town);
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 1);
	txs[0] = two[0];
	two[0] = two[1];
	two[1] = txs[0];
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	assert_int_equal(item, 1);
	two[1] = two[0];
	f = forge_items(two, 2);
	assert_int_equal(say_once(f, &item), ST_ORDER);
	town_tx_free(&txs[0]);
	town_tx_free(&two[0]);
	leave();
}

/* A step of the ceremony ends with its block: nothing of the next stands in the same. */
static void a_step_s_end_and_the_next_step_are_two_blocks(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	struct town_tx txs[5];
	struct forged f;
	uint32_t item;

	(void)state;
	for (unsigned int i = 1; i <= 4; i++)
		txs[i - 1] = town_commit(town, i);
	town_block(town, txs, 4);
	follow(town);
	assert_int_equal(items(txs, 4), 4);
	txs[4] = town_deal(town, 1);
	f = forge_items(txs, 5);
	assert_int_equal(say_once(f, &item), ST_PHASE);
	assert_int_equal(item, 4);
	town_tx_free(&txs[4]);
	leave();
}

static void n29_a_block_with_two_ballots_of_one_voter_is_refused(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx txs[2] = { attack_ballot(town, 0), attack_ballot(town, 0) };
	struct town_tx swap = txs[0];
	struct forged f;
	uint32_t item;

	(void)state;
	if (memcmp(attack_decode(town, &txs[0]).body.tracker,
	           attack_decode(town, &txs[1]).body.tracker, 32) > 0) {
		txs[0] = txs[1];
		txs[1] = swap;
	}
	town_block_one(town, town_tx_copy(&txs[0]));
	follow(town);
	f = forge_items(txs, 2);
	assert_int_equal(say_once(f, &item), ST_VOTED);
	assert_int_equal(item, 1);
	town_tx_free(&txs[0]);
	town_tx_free(&txs[1]);
	leave();
}

static void n70_every_node_refuses_a_late_ballot_alike(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town_tx late = attack_ballot(town, 0);
	struct forged f;
	uint32_t item;

	(void)state;
	town_block_one(town, town_phase(town, TX_END, 0xf));
	town_block_one(town, town_share(town, 1));
	follow(town);
	f = forge_items(&late, 1);
	assert_int_equal(say_once(f, &item), ST_PHASE);
	assert_int_equal(item, 0);
	town_tx_free(&late);
	leave();
}

static void a_block_holds_4096_items_and_not_one_more(void **state)
{
	struct town *town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct forged f;

	(void)state;
	town_block(town, NULL, 0);
	follow(town);
	for (uint32_t count = LIMIT_BLOCK_ITEMS; count <= LIMIT_BLOCK_ITEMS + 1; count++) {
		struct writer w;

		f = forge();
		writer_init(&w, f.body, BLOCK_BODY_BYTES_MAX);
		for (uint32_t i = 0; i < count; i++)
			block_item_write(&w, "\x0c", 1);      /* type close, and nothing else */
		assert_int_equal(writer_end(&w, &f.len), ST_OK);
		f.header.n_items = count;
		f.header.body_len = (uint32_t)f.len;
		f.header.log_size = n.head.log_size + count;
		block_body_hash(f.header.body_hash, f.body, f.len);
		assert_int_equal(say_once(f, NULL),
		                 count <= LIMIT_BLOCK_ITEMS ? ST_FORMAT : ST_LIMIT);
	}
	leave();
}

/* --- N74 ------------------------------------------------------------------------------------- */

/* Whichever way a node came to its state, by whichever detours, it is the same to the byte. */
static void n74_detours_leave_no_trace_in_the_state(void **state)
{
	struct town *town = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct scalar slip[2];
	uint8_t tracker[2][32];
	struct chain_fault fault;
	struct election_digest a, b;

	(void)state;
	town_block_one(town, town_reballot(town, 0, 0, ATTACK_CHOICE, ATTACK_M, NULL, NULL, &slip[0],
	                                   tracker[0]));
	town_block_one(town, town_reballot(town, 0, 0, ATTACK_CHOICE, ATTACK_M, tracker[0], &slip[0],
	                                   &slip[1], tracker[1]));
	town_block_one(town, town_phase(town, TX_CLOSE, 0xf));
	town_block_one(town, attack_test(town, 1));
	town_block_one(town, town_phase(town, TX_END, 0xf));
	town_block_one(town, town_share(town, 2));
	follow(town);
	/* every block taken back once and accepted again, from every height */
	for (size_t height = t->blocks - 2; height > 0; height--) {
		for (size_t i = t->blocks - 2; i >= height; i--)
			assert_int_equal(election_pop(n.e), ST_OK);
		for (size_t i = height; i + 1 < t->blocks; i++)
			assert_int_equal(chain_accept(n.e, n.checker, NULL, &t->block[i - 1].header,
			                              &t->block[i].header, t->block[i].body,
			                              t->block[i].header.body_len, &fault), ST_OK);
	}
	leave();
	/* and a node that tried everything in between */
	town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	election_digest(town->e, &a);
	for (uint32_t v = 0; v < 4; v++)
		assert_int_equal(attack_say_once(town, attack_ballot(town, v)), ST_OK);
	election_digest(town->e, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	attack_town_free(town);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n27_a_block_that_does_not_follow_is_refused),
		cmocka_unit_test(forged_digests_are_refused),
		cmocka_unit_test(n14_a_body_of_wrong_lengths_is_refused),
		cmocka_unit_test(n15_a_block_with_one_bad_item_is_refused_whole_and_the_item_named),
		cmocka_unit_test(items_out_of_order_are_refused),
		cmocka_unit_test(others_out_of_order_or_behind_ballots_are_refused),
		cmocka_unit_test(types_out_of_order_are_refused),
		cmocka_unit_test(n69_a_phase_change_is_alone_in_its_block),
		cmocka_unit_test(a_step_s_end_and_the_next_step_are_two_blocks),
		cmocka_unit_test(n29_a_block_with_two_ballots_of_one_voter_is_refused),
		cmocka_unit_test(n70_every_node_refuses_a_late_ballot_alike),
		cmocka_unit_test(a_block_holds_4096_items_and_not_one_more),
		cmocka_unit_test(n74_detours_leave_no_trace_in_the_state),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
