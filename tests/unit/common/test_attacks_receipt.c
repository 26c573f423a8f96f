/*
 * test_attacks_receipt.c: receipts and counted proofs that a single liar hands to a voter, and what
 * they may not say (attacks.md N39, N40, N67, N68).
 */
#include "tests/unit/lib/attack.h"

#include "common/election/audit.h"
#include "common/election/counted.h"
#include "common/ledger/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 128, WIRE_MAX = 4096 };

static struct town *t;
static struct committee committee;

/* The log of the town's chain, and the first ballot in it. */
static uint8_t leaf[LEAVES][MERKLE_HASH_BYTES];
static size_t leaves;
static uint64_t size_after[TOWN_BLOCKS];
static struct {
	uint8_t wire[WIRE_MAX];
	size_t len;
	struct ballot b;
	uint64_t leaf;
	size_t height;
} mine;

/* --- the log, computed by the test ----------------------------------------------------------- */

static void take_leaf(const struct tx *tx, size_t height)
{
	uint8_t id[TX_ID_BYTES], bytes[TX_LEAF_BYTES];
	struct tx own;

	assert_true(leaves < LEAVES);
	assert_int_equal(chain_tx_id(id, t->m, tx), ST_OK);
	tx_leaf(bytes, tx->type, id, tx->wire_len);
	merkle_leaf_hash(leaf[leaves], bytes, sizeof(bytes));
	if (tx->type == TX_BALLOT && mine.len == 0) {
		assert_true(tx->wire_len <= WIRE_MAX);
		memcpy(mine.wire, tx->wire, tx->wire_len);
		mine.len = tx->wire_len;
		assert_int_equal(tx_decode(&own, mine.wire, mine.len), ST_OK);
		assert_int_equal(ballot_decode(&mine.b, t->m, &own), ST_OK);
		mine.leaf = leaves;
		mine.height = height;
	}
	leaves++;
}

static void read_log(void)
{
	leaves = 0;
	mine.len = 0;
	for (size_t i = 0; i < t->blocks; i++) {
		struct reader r;
		const uint8_t *item;
		size_t len;
		struct tx tx;

		reader_init(&r, t->block[i].body, t->block[i].header.body_len);
		while (block_item_next(&r, &item, &len) == ST_OK) {
			assert_int_equal(tx_decode(&tx, item, len), ST_OK);
			take_leaf(&tx, i);
		}
		size_after[i] = leaves;
		assert_int_equal(t->block[i].header.log_size, leaves);
	}
}

static struct certificate certify(enum vote_type type, const struct block_header *h,
                                  uint16_t signers)
{
	struct certificate c = { .type = type, .view = h->view, .signers = signers };
	uint8_t body[VOTE_BODY_BYTES];
	struct message m;
	size_t at = 0;

	block_id(c.block, h);
	vote_body(body, c.type, c.view, c.block);
	vote_message(&m, &committee, body);
	for (unsigned int i = 0; i < t->n; i++)
		if ((signers >> i & 1) != 0)
			sign_message(&t->node[i], c.sig[at++], &m);
	return c;
}

static struct certified_head head_at(size_t height)
{
	const struct block_header *h = &t->block[height].header;

	return (struct certified_head){ .header = *h,
	                                .certificate = certify(VOTE_FINALIZE, h, 0x7) };
}

static struct receipt receipt_at(size_t height)
{
	struct receipt r = { .witness = mine.b.credential, .wire_len = (uint32_t)mine.len,
		             .leaf = mine.leaf, .head = head_at(height) };
	struct merkle_leaves all = { .leaf = (const uint8_t (*)[32])leaf,
		                     .count = size_after[height] };
	const struct merkle_source log = merkle_leaves_source(&all);

	r.witness_len = mine.len - (size_t)(mine.b.credential - mine.wire);
	memcpy(r.election_id, t->m->election_id, sizeof(r.election_id));
	memcpy(r.tracker, mine.b.body.tracker, sizeof(r.tracker));
	if (mine.leaf < size_after[height])
		assert_int_equal(merkle_inclusion_prove(&log, r.path, &r.path_len, r.leaf,
		                                        size_after[height]), ST_OK);
	return r;
}

static struct counted counted_now(void)
{
	struct counted c = { .head = head_at(t->blocks - 1) };
	struct ballot_record record;

	assert_int_equal(election_find(t->e, mine.b.body.tracker, &record), ST_OK);
	c.voter = record.voter;
	memcpy(c.election_id, t->m->election_id, sizeof(c.election_id));
	memcpy(c.tracker, mine.b.body.tracker, sizeof(c.tracker));
	election_summary(t->e, &c.summary);
	assert_int_equal(election_counted_path(t->e, c.voter, c.path, &c.path_len), ST_OK);
	return c;
}

static int setup(void **state)
{
	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_ENDED);
	assert_int_equal(audit_committee(&committee, t->m), ST_OK);
	read_log();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

/* --- receipts -------------------------------------------------------------------------------- */

static void n40_every_byte_of_a_receipt_is_checked(void **state)
{
	struct receipt r = receipt_at(t->blocks - 1), again;
	uint8_t bytes[RECEIPT_BYTES_MAX];
	size_t len;

	(void)state;
	assert_int_equal(receipt_encode(&r, bytes, sizeof(bytes), &len), ST_OK);
	for (size_t i = 0; i < len; i++) {
		for (unsigned int bit = 0; bit < 8; bit += 7) {
			enum status st;

			bytes[i] ^= (uint8_t)(1u << bit);
			st = receipt_decode(&again, bytes, len);
			if (st == ST_OK)
				st = receipt_check(&again, &committee);
			assert_int_not_equal(st, ST_OK);
			bytes[i] ^= (uint8_t)(1u << bit);
		}
		assert_int_not_equal(receipt_decode(&again, bytes, i), ST_OK);
	}
	bytes[len] = 0;
	assert_int_equal(receipt_decode(&again, bytes, len + 1), ST_FORMAT);
	assert_int_equal(receipt_decode(&again, bytes, len), ST_OK);
	assert_int_equal(receipt_check(&again, &committee), ST_OK);
}

static void n40_a_receipt_holds_for_its_own_ballot_and_place_alone(void **state)
{
	struct receipt r = receipt_at(t->blocks - 1);
	uint8_t witness[RECEIPT_WITNESS_MAX];

	(void)state;
	for (size_t height = mine.height; height < t->blocks; height++) {
		struct receipt later = receipt_at(height);

		assert_int_equal(receipt_check(&later, &committee), ST_OK);
	}
	r = receipt_at(mine.height - 1);          /* a head from before it came in */
	assert_int_equal(receipt_check(&r, &committee), ST_RANGE);
	r = receipt_at(t->blocks - 1);
	r.leaf += 1;                              /* another's place */
	assert_int_not_equal(receipt_check(&r, &committee), ST_OK);
	r = receipt_at(t->blocks - 1);
	r.leaf = UINT64_MAX;
	assert_int_equal(receipt_check(&r, &committee), ST_RANGE);
	r = receipt_at(t->blocks - 1);
	r.path_len -= 1;
	assert_int_equal(receipt_check(&r, &committee), ST_FORMAT);
	r = receipt_at(t->blocks - 1);
	r.tracker[31] ^= 1;                       /* beyond the 80 bits that are shown */
	assert_int_equal(receipt_check(&r, &committee), ST_HASH);
	r = receipt_at(t->blocks - 1);
	r.wire_len += 1;
	assert_int_equal(receipt_check(&r, &committee), ST_HASH);
	r = receipt_at(t->blocks - 1);
	memcpy(witness, r.witness, r.witness_len);
	witness[0] ^= 1;
	r.witness = witness;
	assert_int_equal(receipt_check(&r, &committee), ST_HASH);
	r.witness_len = 0;
	assert_int_equal(receipt_check(&r, &committee), ST_HASH);
}

/* One node, or q - 1 of them, or nodes of another election say whatever they like. */
static void n68_what_fewer_than_q_nodes_say_is_no_receipt(void **state)
{
	const struct block_header *head = &t->block[t->blocks - 1].header;
	struct committee theirs = committee;
	struct town *other;
	struct receipt r;

	(void)state;
	for (uint16_t signers = 1; signers < 16; signers++) {
		r = receipt_at(t->blocks - 1);
		r.head.certificate = certify(VOTE_FINALIZE, head, signers);
		assert_int_equal(receipt_check(&r, &committee),
		                 __builtin_popcount(signers) >= 3 ? ST_OK : ST_CERTIFICATE);
	}
	r = receipt_at(t->blocks - 1);
	r.head.certificate = certify(VOTE_NOTARIZE, head, 0xf);
	assert_int_equal(receipt_check(&r, &committee), ST_CERTIFICATE);
	r = receipt_at(t->blocks - 1);
	r.head.certificate = certify(VOTE_FINALIZE, &t->block[t->blocks - 2].header, 0xf);
	assert_int_equal(receipt_check(&r, &committee), ST_CERTIFICATE);
	r = receipt_at(t->blocks - 1);
	r.head.header.state_hash[0] ^= 1;         /* a head that nobody signed */
	assert_int_equal(receipt_check(&r, &committee), ST_CERTIFICATE);
	r = receipt_at(t->blocks - 1);
	r.election_id[0] ^= 1;
	assert_int_equal(receipt_check(&r, &committee), ST_ELECTION);
	/* the same receipt against the nodes of another election */
	other = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	r = receipt_at(t->blocks - 1);
	assert_int_equal(audit_committee(&theirs, other->m), ST_OK);
	assert_int_equal(receipt_check(&r, &theirs), ST_ELECTION);
	memcpy(theirs.election_id, committee.election_id, 32);
	assert_int_equal(receipt_check(&r, &theirs), ST_SIGNATURE);
	attack_town_free(other);
	assert_int_equal(receipt_check(&r, &committee), ST_OK);
}

/* Nothing in a receipt shows the choice, nor helps to show it. */
static void n39_a_receipt_holds_no_randomness_and_no_slip(void **state)
{
	struct town *kept = t;
	struct scalar r[ATTACK_M], slip;
	struct town_tx tx;
	struct receipt receipt;
	uint8_t bytes[RECEIPT_BYTES_MAX], tracker[32], secret[32];
	size_t len;

	(void)state;
	t = attack_town(ATTACK_LAST, PHASE_OPEN);
	assert_int_equal(audit_committee(&committee, t->m), ST_OK);
	tx = town_reballot(t, 0, ATTACK_STYLE_NORTH, ATTACK_CHOICE, ATTACK_M, NULL, NULL, &slip,
	                   tracker);
	for (size_t i = 0; i < ATTACK_M; i++)
		group_scalar_u64(t->m->suite, &r[i], 0x1234567890 + i);
	attack_encrypt(t, &tx, 0, ATTACK_CHOICE, r);
	town_block_one(t, tx);
	read_log();
	receipt = receipt_at(t->blocks - 1);
	assert_int_equal(receipt_check(&receipt, &committee), ST_OK);
	assert_int_equal(receipt_encode(&receipt, bytes, sizeof(bytes), &len), ST_OK);
	for (size_t i = 0; i < ATTACK_M; i++) {
		group_scalar_encode(t->m->suite, secret, &r[i]);
		assert_null(memmem(bytes, len, secret, sizeof(secret)));
	}
	group_scalar_encode(t->m->suite, secret, &slip);
	assert_null(memmem(bytes, len, secret, sizeof(secret)));
	group_scalar_encode(t->m->suite, secret, &t->voter[0].secret);
	assert_null(memmem(bytes, len, secret, sizeof(secret)));
	/* and no ciphertext: whoever asks the voter for it learns a tracker */
	assert_null(memmem(bytes, len, mine.b.body.ciphertexts, 32));
	attack_town_free(t);
	t = kept;
	assert_int_equal(audit_committee(&committee, t->m), ST_OK);
	read_log();
}

/* --- counted --------------------------------------------------------------------------------- */

static void n40_every_byte_of_a_counted_proof_is_checked(void **state)
{
	struct counted c = counted_now(), again;
	uint8_t bytes[COUNTED_BYTES_MAX];
	size_t len;

	(void)state;
	assert_int_equal(counted_encode(&c, bytes, sizeof(bytes), &len), ST_OK);
	assert_true(counted_is_final(&c));
	for (size_t i = 0; i < len; i++) {
		for (unsigned int bit = 0; bit < 8; bit += 7) {
			enum status st;

			bytes[i] ^= (uint8_t)(1u << bit);
			st = counted_decode(&again, bytes, len);
			if (st == ST_OK)
				st = counted_check(&again, &committee);
			assert_int_not_equal(st, ST_OK);
			bytes[i] ^= (uint8_t)(1u << bit);
		}
		assert_int_not_equal(counted_decode(&again, bytes, i), ST_OK);
	}
	assert_int_equal(counted_decode(&again, bytes, len), ST_OK);
	assert_int_equal(counted_check(&again, &committee), ST_OK);
}

static void n40_a_counted_proof_of_another_voter_or_state_is_refused(void **state)
{
	struct counted c = counted_now();

	(void)state;
	c.voter = (c.voter + 1) % ATTACK_VOTERS;
	assert_int_equal(counted_check(&c, &committee), ST_HASH);
	c = counted_now();
	c.voter = ATTACK_VOTERS;
	assert_int_equal(counted_check(&c, &committee), ST_RANGE);
	c = counted_now();
	c.summary.live += 1;
	assert_int_equal(counted_check(&c, &committee), ST_HASH);
	c = counted_now();
	c.summary.phase = PHASE_FINAL;
	assert_int_equal(counted_check(&c, &committee), ST_HASH);
	/* "you have no ballot" is no proof that one counts */
	c = counted_now();
	memset(c.tracker, 0, sizeof(c.tracker));
	assert_int_equal(counted_check(&c, &committee), ST_TRACKER);
	/* too few nodes */
	c = counted_now();
	c.head.certificate = certify(VOTE_FINALIZE, &c.head.header, 0x3);
	assert_int_equal(counted_check(&c, &committee), ST_CERTIFICATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n40_every_byte_of_a_receipt_is_checked),
		cmocka_unit_test(n40_a_receipt_holds_for_its_own_ballot_and_place_alone),
		cmocka_unit_test(n68_what_fewer_than_q_nodes_say_is_no_receipt),
		cmocka_unit_test(n39_a_receipt_holds_no_randomness_and_no_slip),
		cmocka_unit_test(n40_every_byte_of_a_counted_proof_is_checked),
		cmocka_unit_test(n40_a_counted_proof_of_another_voter_or_state_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
