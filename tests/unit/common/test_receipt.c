/*
 * test_receipt.c: receipts and counted proofs out of the store of a whole election: what they say
 * holds, and no byte of them can be changed.
 *
 * The election allows a voter to vote again.  Voter 0 replaces a ballot, voters 1 and 2 vote once,
 * voter 3 not at all, and a kiosk's test is opened after the close.
 */
#include "common/election/counted.h"
#include "common/election/receipt_make.h"
#include "common/ledger/receipt.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"
#define HEAD(title) "{\"title\": {\"en\": \"" title "\"}, \"languages\": [\"en\"], " \
	"\"suite\": \"ristretto255\", \"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", " \
	"\"t3.card\", \"t4.card\"], \"registrar\": \"registrar.card\", " \
	"\"officer\": \"officer.card\", \"revote\": \"last\", \"units\": [" NAMED("all") "], " \
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
#define MAYOR "\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, " \
	"\"title\": {\"en\": \"Mayor\"}, \"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}"

enum { VOTERS = 4, REPLACED = 0, TESTED = 4, TRACKERS = 5 };

static const uint32_t ADA[2] = { 1, 0 }, ALAN[2] = { 0, 1 };

static struct prng random_bytes;
static struct town *town;
static struct store *store;
static size_t stored;                 /* blocks of the town that are in the store */
static struct committee committee, elsewhere;
static uint8_t tracker[TRACKERS][32]; /* replaced; live ones of voters 0, 1, 2; tested */
static uint64_t cast_height;          /* of voter 2's ballot */

/* What was made before the end: to be read as "not final yet". */
static struct counted early;
static enum status early_uncertified;

static void put_blocks(bool certify_last)
{
	struct certificate c;

	for (; stored < town->blocks; stored++) {
		bool certify = stored % 3 == 2;

		if (stored + 1 == town->blocks)
			certify = certify_last;
		town_certify(town, &c, stored, 3);
		assert_int_equal(town_put(town, store, stored, certify ? &c : NULL), ST_OK);
	}
}

static void run_voting(void)
{
	struct scalar slip[4];
	struct town_tx test;
	struct ballot_test opened;
	struct tx tx;

	town_block_one(town, town_reballot(town, 0, 0, ADA, 2, NULL, NULL, &slip[0], tracker[0]));
	town_block_one(town, town_reballot(town, 1, 0, ADA, 2, NULL, NULL, &slip[1], tracker[2]));
	town_block_one(town, town_reballot(town, 0, 0, ALAN, 2, tracker[0], &slip[0], &slip[2],
	                                   tracker[1]));
	test = town_test(town, 3, 0, ALAN, 2);
	town_block_one(town, town_reballot(town, 2, 0, ADA, 2, NULL, NULL, &slip[3], tracker[3]));
	cast_height = town->block[town->blocks - 1].header.height;
	put_blocks(false);
	early_uncertified = counted_make(&early, store, town->e, tracker[1]);
	town_block_one(town, town_phase(town, TX_CLOSE, 0x07));
	put_blocks(true);
	assert_int_equal(counted_make(&early, store, town->e, tracker[1]), ST_OK);
	assert_int_equal(tx_decode(&tx, test.wire, test.len), ST_OK);
	assert_int_equal(ballot_test_decode(&opened, town->m, &tx), ST_OK);
	memcpy(tracker[TESTED], opened.body.tracker, 32);
	town_block_one(town, test);
}

static int begin(void **state)
{
	struct town *other = alloc_zero(1, sizeof(*other));

	(void)state;
	prng_seed(&random_bytes, "test_receipt");
	town = alloc_zero(1, sizeof(*town));
	if (crypto_init() != ST_OK || town == NULL || other == NULL)
		return 1;
	town_new(other, 4, HEAD("Elsewhere") MAYOR);
	town_committee(other, &elsewhere);
	town_free(other);
	free(other);
	town_new(town, 4, HEAD("Here") MAYOR);
	town_committee(town, &committee);
	store = chainlet_store(scratch_path("town.db"), STORE_WRITE);
	town_ceremony(town, town_everyone(town));
	town_enrol(town, NULL, NULL, VOTERS);
	town_open(town);
	run_voting();
	town_block_one(town, town_phase(town, TX_END, 0x07));
	town_finish(town);
	put_blocks(true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	store_close(store);
	town_free(town);
	free(town);
	scratch_remove();
	return 0;
}

/* --- receipts --------------------------------------------------------------------------------- */

static void make_receipt(struct receipt *r, uint8_t *witness, const uint8_t *of)
{
	enum status st = receipt_make(r, witness, store, town->m, of);

	if (st != ST_OK)
		fail_msg("no receipt: %s", status_name(st));
}

static void a_receipt_of_every_ballot_is_found_true(void **state)
{
	uint8_t witness[RECEIPT_WITNESS_MAX], bytes[RECEIPT_BYTES_MAX], again[RECEIPT_BYTES_MAX];

	(void)state;
	for (int i = 0; i < TESTED; i++) {
		struct receipt r, back;
		struct store_place p;
		size_t len, again_len;

		make_receipt(&r, witness, tracker[i]);
		assert_int_equal(receipt_check(&r, &committee), ST_OK);
		assert_int_equal(receipt_encode(&r, bytes, sizeof(bytes), &len), ST_OK);
		assert_int_equal(receipt_decode(&back, bytes, len), ST_OK);
		assert_int_equal(receipt_check(&back, &committee), ST_OK);
		assert_int_equal(receipt_encode(&back, again, sizeof(again), &again_len), ST_OK);
		assert_int_equal(again_len, len);
		assert_memory_equal(again, bytes, len);
		assert_int_equal(store_item_by_prefix(store, &p, tracker[i]), ST_OK);
		assert_int_equal(r.leaf, p.leaf);
		assert_true(r.head.header.height >= p.height);
		if (i == 0)
			print_message("a receipt of %zu bytes\n", len);
	}
}

/* The lowest certified head: a receipt given out early and one given out late are the same. */
static void a_receipt_stands_under_the_nearest_certificate(void **state)
{
	uint8_t witness[RECEIPT_WITNESS_MAX];
	struct certified_head head;
	struct receipt r;

	(void)state;
	make_receipt(&r, witness, tracker[3]);
	assert_int_equal(store_certificate_for(store, &head, cast_height), ST_OK);
	assert_int_equal(r.head.header.height, head.header.height);
	assert_true(head.header.height < cast_height + 3);
}

static void no_receipt_is_made_of_what_is_no_ballot(void **state)
{
	uint8_t witness[RECEIPT_WITNESS_MAX], odd[32];
	struct receipt r;

	(void)state;
	memset(odd, 0x77, sizeof(odd));
	assert_int_equal(receipt_make(&r, witness, store, town->m, odd), ST_NOT_FOUND);
	assert_int_equal(receipt_make(&r, witness, store, town->m, tracker[TESTED]), ST_TRACKER);
	memcpy(odd, tracker[1], sizeof(odd));
	odd[31] ^= 1;   /* the same 80 bits */
	assert_int_equal(receipt_make(&r, witness, store, town->m, odd), ST_TRACKER);
}

static void no_receipt_is_made_before_a_certificate(void **state)
{
	struct store *s = chainlet_store(scratch_path("bare.db"), STORE_WRITE);
	uint8_t witness[RECEIPT_WITNESS_MAX];
	struct certificate c;
	struct receipt r;

	(void)state;
	for (size_t i = 0; i < town->blocks; i++)
		assert_int_equal(town_put(town, s, i, NULL), ST_OK);
	assert_int_equal(receipt_make(&r, witness, s, town->m, tracker[1]), ST_AGAIN);
	town_certify(town, &c, (size_t)cast_height - 1, 3);   /* voter 0's ballot is below */
	assert_int_equal(store_put_certificate(s, &c), ST_OK);
	assert_int_equal(receipt_make(&r, witness, s, town->m, tracker[3]), ST_AGAIN);
	assert_int_equal(receipt_make(&r, witness, s, town->m, tracker[1]), ST_OK);
	assert_int_equal(receipt_check(&r, &committee), ST_OK);
	store_close(s);
}

static bool is_refusal_of_a_receipt(enum status st)
{
	return st == ST_FORMAT || st == ST_LIMIT || st == ST_HASH || st == ST_ELECTION ||
	       st == ST_CERTIFICATE || st == ST_SIGNATURE || st == ST_RANGE;
}

static void a_receipt_with_any_byte_changed_is_refused(void **state)
{
	uint8_t witness[RECEIPT_WITNESS_MAX], bytes[RECEIPT_BYTES_MAX];
	struct receipt r, back;
	size_t len;

	(void)state;
	make_receipt(&r, witness, tracker[2]);
	assert_int_equal(receipt_encode(&r, bytes, sizeof(bytes), &len), ST_OK);
	for (size_t at = 0; at < len; at++)
		for (int round = 0; round < 2; round++) {
			uint8_t old = bytes[at];
			enum status st;

			bytes[at] ^= (uint8_t)(round == 0 ? 1u << at % 8 :
			                       1 + prng_below(&random_bytes, 255));
			if ((st = receipt_decode(&back, bytes, len)) == ST_OK)
				st = receipt_check(&back, &committee);
			if (!is_refusal_of_a_receipt(st))
				fail_msg("byte %zu: %s", at, status_name(st));
			bytes[at] = old;
		}
	assert_int_equal(receipt_decode(&back, bytes, len), ST_OK);
	assert_int_equal(receipt_check(&back, &committee), ST_OK);
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(receipt_decode(&back, bytes, cut), ST_FORMAT);
	bytes[len] = 0;
	assert_int_equal(receipt_decode(&back, bytes, len + 1), ST_FORMAT);
}

static void a_receipt_is_of_its_ballot_its_election_and_a_quorum(void **state)
{
	uint8_t witness[RECEIPT_WITNESS_MAX], other[RECEIPT_WITNESS_MAX];
	struct receipt r, o, bad;

	(void)state;
	make_receipt(&r, witness, tracker[2]);
	make_receipt(&o, other, tracker[3]);
	bad = r;
	memcpy(bad.tracker, tracker[3], 32);
	assert_int_equal(receipt_check(&bad, &committee), ST_HASH);
	bad = r;
	bad.witness = o.witness;
	bad.witness_len = o.witness_len;
	assert_int_equal(receipt_check(&bad, &committee), ST_HASH);
	bad = r;
	bad.leaf = o.leaf;
	assert_int_not_equal(receipt_check(&bad, &committee), ST_OK);
	bad = r;
	bad.wire_len++;
	assert_int_equal(receipt_check(&bad, &committee), ST_HASH);
	bad = r;
	bad.path_len--;
	assert_int_equal(receipt_check(&bad, &committee), ST_FORMAT);
	assert_int_equal(receipt_check(&r, &elsewhere), ST_ELECTION);
	bad = r;
	memcpy(bad.election_id, elsewhere.election_id, 32);
	assert_int_equal(receipt_check(&bad, &elsewhere), ST_ELECTION);   /* the header's */
	bad = r;
	bad.head.certificate.signers = 0x03;
	assert_int_equal(receipt_check(&bad, &committee), ST_CERTIFICATE);
	bad = r;
	bad.head.certificate.type = VOTE_NOTARIZE;
	assert_int_equal(receipt_check(&bad, &committee), ST_CERTIFICATE);
	bad = r;
	bad.head.certificate.signers = 0x0d;   /* the third signature is said to be the fourth's */
	assert_int_equal(receipt_check(&bad, &committee), ST_SIGNATURE);
	assert_int_equal(receipt_check(&r, &committee), ST_OK);
}

/* --- counted ---------------------------------------------------------------------------------- */

static void make_counted(struct counted *c, const uint8_t *of)
{
	enum status st = counted_make(c, store, town->e, of);

	if (st != ST_OK)
		fail_msg("no proof: %s", status_name(st));
}

static void what_is_live_at_the_end_is_counted(void **state)
{
	uint8_t bytes[COUNTED_BYTES_MAX], again[COUNTED_BYTES_MAX];

	(void)state;
	for (uint32_t voter = 0; voter < 3; voter++) {
		struct ballot_record live;
		struct counted c, back;
		size_t len, again_len;

		make_counted(&c, tracker[voter + 1]);
		assert_int_equal(election_find_voter(town->e, c.voter, &live), ST_OK);
		assert_memory_equal(live.tracker, tracker[voter + 1], 32);
		assert_int_equal(counted_check(&c, &committee), ST_OK);
		assert_true(counted_is_final(&c));
		assert_int_equal(c.summary.live, 3);
		assert_int_equal(c.summary.ballots, 4);
		assert_int_equal(counted_encode(&c, bytes, sizeof(bytes), &len), ST_OK);
		assert_int_equal(counted_decode(&back, bytes, len), ST_OK);
		assert_int_equal(counted_check(&back, &committee), ST_OK);
		assert_int_equal(counted_encode(&back, again, sizeof(again), &again_len), ST_OK);
		assert_int_equal(len, again_len);
		assert_memory_equal(again, bytes, len);
		if (voter == 0)
			print_message("a counted proof of %zu bytes\n", len);
	}
}

static void what_was_replaced_or_tested_is_not_counted(void **state)
{
	struct counted c, forged;
	struct ballot_record none;
	uint8_t odd[32];
	uint32_t idle = 0;

	(void)state;
	assert_int_equal(counted_make(&c, store, town->e, tracker[REPLACED]), ST_TRACKER);
	assert_int_equal(counted_make(&c, store, town->e, tracker[TESTED]), ST_TRACKER);
	memset(odd, 0x77, sizeof(odd));
	assert_int_equal(counted_make(&c, store, town->e, odd), ST_NOT_FOUND);
	memcpy(odd, tracker[1], sizeof(odd));
	odd[20] ^= 1;
	assert_int_equal(counted_make(&c, store, town->e, odd), ST_TRACKER);
	make_counted(&c, tracker[1]);
	forged = c;
	memcpy(forged.tracker, tracker[REPLACED], 32);
	assert_int_equal(counted_check(&forged, &committee), ST_HASH);
	/* Voter 3 did not vote: the leaf is zeros, and its path is true. */
	while (election_find_voter(town->e, idle, &none) == ST_OK)
		idle++;
	assert_true(idle < VOTERS);
	forged = c;
	forged.voter = idle;
	memset(forged.tracker, 0, 32);
	assert_int_equal(election_counted_path(town->e, idle, forged.path, &forged.path_len),
	                 ST_OK);
	assert_int_equal(counted_check(&forged, &committee), ST_TRACKER);
	forged.voter = VOTERS;
	memcpy(forged.tracker, tracker[1], 32);
	assert_int_equal(counted_check(&forged, &committee), ST_RANGE);
}

static void before_the_end_a_proof_is_not_final(void **state)
{
	struct counted now;

	(void)state;
	assert_int_equal(early_uncertified, ST_AGAIN);
	assert_int_equal(counted_check(&early, &committee), ST_OK);
	assert_false(counted_is_final(&early));
	/* The summary of one head under the other: the state hash tells. */
	make_counted(&now, tracker[1]);
	early.head = now.head;
	assert_int_equal(counted_check(&early, &committee), ST_HASH);
}

static bool is_refusal_of_a_proof(enum status st)
{
	return is_refusal_of_a_receipt(st) || st == ST_TRACKER;
}

static void a_counted_proof_with_any_byte_changed_is_refused(void **state)
{
	uint8_t bytes[COUNTED_BYTES_MAX];
	struct counted c, back;
	size_t len;

	(void)state;
	make_counted(&c, tracker[3]);
	assert_int_equal(counted_encode(&c, bytes, sizeof(bytes), &len), ST_OK);
	for (size_t at = 0; at < len; at++)
		for (int round = 0; round < 2; round++) {
			uint8_t old = bytes[at];
			enum status st;

			bytes[at] ^= (uint8_t)(round == 0 ? 1u << at % 8 :
			                       1 + prng_below(&random_bytes, 255));
			if ((st = counted_decode(&back, bytes, len)) == ST_OK)
				st = counted_check(&back, &committee);
			if (!is_refusal_of_a_proof(st))
				fail_msg("byte %zu: %s", at, status_name(st));
			bytes[at] = old;
		}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(counted_decode(&back, bytes, cut), ST_FORMAT);
	bytes[len] = 0;
	assert_int_equal(counted_decode(&back, bytes, len + 1), ST_FORMAT);
	assert_int_equal(counted_decode(&back, bytes, len), ST_OK);
	assert_int_equal(counted_check(&back, &committee), ST_OK);
}

static void a_counted_proof_is_of_its_election_and_a_quorum(void **state)
{
	struct counted c, bad;

	(void)state;
	make_counted(&c, tracker[1]);
	assert_int_equal(counted_check(&c, &elsewhere), ST_ELECTION);
	bad = c;
	bad.head.certificate.signers = 0x03;
	assert_int_equal(counted_check(&bad, &committee), ST_CERTIFICATE);
	bad = c;
	bad.summary.live++;
	assert_int_equal(counted_check(&bad, &committee), ST_HASH);
	bad = c;
	bad.summary.phase = PHASE_OPEN;
	assert_int_equal(counted_check(&bad, &committee), ST_HASH);
	bad = c;
	bad.voter ^= 1;
	assert_int_equal(counted_check(&bad, &committee), ST_HASH);
	bad = c;
	bad.path_len++;
	assert_int_equal(counted_check(&bad, &committee), ST_FORMAT);
	assert_int_equal(counted_check(&c, &committee), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_receipt_is_made_of_what_is_no_ballot),
		cmocka_unit_test(no_receipt_is_made_before_a_certificate),
		cmocka_unit_test(a_receipt_with_any_byte_changed_is_refused),
		cmocka_unit_test(a_receipt_is_of_its_ballot_its_election_and_a_quorum),
		cmocka_unit_test(a_receipt_of_every_ballot_is_found_true),
		cmocka_unit_test(a_receipt_stands_under_the_nearest_certificate),
		cmocka_unit_test(what_was_replaced_or_tested_is_not_counted),
		cmocka_unit_test(before_the_end_a_proof_is_not_final),
		cmocka_unit_test(a_counted_proof_with_any_byte_changed_is_refused),
		cmocka_unit_test(a_counted_proof_is_of_its_election_and_a_quorum),
		cmocka_unit_test(what_is_live_at_the_end_is_counted),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
