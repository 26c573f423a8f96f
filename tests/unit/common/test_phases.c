/*
 * test_phases.c: every transaction of a whole election, tried in every phase of the same election.
 *
 * One election is run and its transactions kept; then its blocks are replayed one by one, and after
 * each every kept transaction is tried.  Which type belongs to which phase is written down here a
 * second time, from protocol.md §7, not taken from the code under test.
 */
#include "tests/unit/lib/reports.h"
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char DEFINITION[] =
	"{\"title\": {\"en\": \"Test\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 2, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", "
	"\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"title\": {\"en\": \"Mayor\"}, \"options\": ["
	"{\"id\": \"ada\", \"name\": {\"en\": \"Ada\"}}, "
	"{\"id\": \"alan\", \"name\": {\"en\": \"Alan\"}}]}]}";

/* Bit i: phase i + 1, from commit (1) to failed (10). */
static const struct {
	enum tx_type type;
	unsigned int phases;
} BELONGS[] = {
	{ TX_DKG_COMMIT, 0x001 }, { TX_DKG_DEAL, 0x002 }, { TX_DKG_COMPLAIN, 0x004 },
	{ TX_DKG_CONFIRM, 0x008 }, { TX_ADVANCE, 0x00f }, { TX_ROLL, 0x010 },
	{ TX_DEVICE, 0x070 }, { TX_OPEN, 0x010 }, { TX_BALLOT, 0x060 }, { TX_TEST, 0x040 },
	{ TX_CLOSE, 0x020 }, { TX_END, 0x040 }, { TX_KIOSK_CLOSING, 0x0c0 }, { TX_SHARE, 0x080 },
	{ TX_RESULT, 0x080 }, { TX_GENESIS, 0x000 },
	{ TX_EVIDENCE, 0x3ff }, { TX_COMPLAINT, 0x3ff }, { TX_INCIDENT, 0x3ff },
};

static bool belongs(const struct tx *tx, enum election_phase phase)
{
	enum tx_type type = tx->type;

	if (type == TX_ADVANCE)   /* it ends the one step that it names */
		return tx->payload[0] == (uint8_t)phase;
	for (size_t i = 0; i < sizeof(BELONGS) / sizeof(BELONGS[0]); i++)
		if (BELONGS[i].type == type)
			return (BELONGS[i].phases >> ((unsigned int)phase - 1) & 1u) != 0;
	fail_msg("type %d is not in the table", (int)type);
	return false;
}

static struct town_tx closing(struct town *t)
{
	static const uint8_t ROOT[32];
	const struct election_params *p = election_params(t->e);
	struct town_tx tx = { .wire = malloc(512) };
	struct message m;
	struct writer w;

	assert_non_null(tx.wire);
	writer_init(&w, tx.wire, 512);
	tx_begin(&w, TX_KIOSK_CLOSING);
	tx_closing_body(&w, 0, t->kiosk_key, 2, 1, 0, ROOT);
	m = check_message(p, TX_KIOSK_CLOSING, tx.wire + 1, w.pos - 1);
	sign_message(&t->kiosk, tx.wire + w.pos, &m);
	tx.len = w.pos + 64;
	params_unref(p);
	return tx;
}

/* One of each kind that may come in every phase. */
static void report(struct town *t)
{
	static const struct report_party OFFICE = { PARTY_OFFICER, 0 }, SECOND = { PARTY_NODE, 1 };
	uint8_t bytes[1024];
	size_t len = reports_double_vote(t, bytes, sizeof(bytes), 2, 5);

	town_block_one(t, reports_evidence(t, SECOND, bytes, len));
	town_block_one(t, reports_complaint(t, OFFICE, SECOND, "It is slow."));
	town_block_one(t, reports_incident(t, SECOND, INCIDENT_POWER, -1, "It was dark."));
}

/* Trustee 4 is silent in the ceremony, so that each step ends with `advance`. */
static void run(struct town *t)
{
	static const uint32_t ADA[2] = { 1, 0 };
	struct town_tx test;

	town_new(t, 4, DEFINITION);
	town_ceremony(t, 0x7);
	town_enrol(t, NULL, NULL, 3);
	town_open(t);
	test = town_test(t, 2, 0, ADA, 2);
	town_block_one(t, town_ballot(t, 0, 0, ADA, 2));
	town_block_one(t, town_phase(t, TX_CLOSE, 0x3));
	town_block_one(t, town_ballot(t, 1, 0, ADA, 2));
	town_block_one(t, test);
	report(t);
	town_block_one(t, closing(t));
	town_block_one(t, town_phase(t, TX_END, 0x3));
	town_finish(t);
}

/* Try every transaction of every block of t on the state of e. */
static void try_all(const struct town *t, struct election *e, unsigned int *refused)
{
	const struct election_params *p = election_params(e);

	for (size_t b = 0; b < t->blocks; b++) {
		struct reader r;
		const uint8_t *item;
		size_t len;

		reader_init(&r, t->block[b].body, t->block[b].header.body_len);
		while (block_item_next(&r, &item, &len) == ST_OK) {
			struct verdict v, forged = { { 0 }, { 0 } };
			struct tx tx;
			enum status st;

			assert_int_equal(tx_decode(&tx, item, len), ST_OK);
			st = election_check(p, &tx, &v);
			if (belongs(&tx, election_phase(e))) {
				assert_int_not_equal(st, ST_PHASE);
				if (st != ST_OK)
					continue;
				/* its turn, or a repeat: apply decides */
				st = election_would_apply(e, &tx, &v);
				assert_int_not_equal(st, ST_PHASE);
				assert_int_not_equal(st, ST_UNVERIFIED);
				assert_int_not_equal(st, ST_INTERNAL);
				continue;
			}
			assert_int_equal(st, ST_PHASE);
			/* the rulebook itself refuses too, whatever verdict is put before it */
			assert_int_equal(chain_tx_id(forged.id, t->m, &tx), ST_OK);
			memcpy(forged.params, p->hash, sizeof(forged.params));
			assert_int_equal(election_would_apply(e, &tx, &forged), ST_PHASE);
			(*refused)++;
		}
	}
	params_unref(p);
}

static void every_transaction_is_refused_in_every_wrong_phase(void **state)
{
	struct town *t = alloc_zero(1, sizeof(*t));
	struct election *e;
	struct checker *checker;
	unsigned int refused = 0, seen = 0;

	(void)state;
	assert_non_null(t);
	run(t);
	assert_int_equal(election_new(&e, t->m), ST_OK);
	assert_int_equal(checker_new(&checker), ST_OK);
	for (size_t b = 0; b < t->blocks; b++) {
		struct chain_fault fault;
		struct election_digest before, after;

		if (b > 0)
			assert_int_equal(chain_accept(e, checker, NULL, &t->block[b - 1].header,
			                              &t->block[b].header, t->block[b].body,
			                              t->block[b].header.body_len, &fault), ST_OK);
		election_digest(e, &before);
		try_all(t, e, &refused);
		election_digest(e, &after);
		assert_memory_equal(&before, &after, sizeof(before));
		seen |= 1u << ((unsigned int)election_phase(e) - 1);
	}
	assert_int_equal(seen, 0x1ff);   /* every phase but "failed" */
	print_message("%u refusals\n", refused);
	assert_true(refused > 300);
	checker_free(checker);
	election_free(e);
	town_free(t);
	free(t);
}

static void a_transaction_without_its_verdict_is_refused(void **state)
{
	static const uint32_t ADA[2] = { 1, 0 };
	struct town *t = alloc_zero(1, sizeof(*t));
	const struct election_params *p;
	struct town_tx ballot;
	struct verdict v, other;
	struct tx tx;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, DEFINITION);
	town_ceremony(t, 0xf);
	town_enrol(t, NULL, NULL, 2);
	town_open(t);
	ballot = town_ballot(t, 0, 0, ADA, 2);
	p = election_params(t->e);
	assert_int_equal(tx_decode(&tx, ballot.wire, ballot.len), ST_OK);
	assert_int_equal(election_check(p, &tx, &v), ST_OK);
	other = v;
	other.id[0] ^= 1;
	assert_int_equal(election_would_apply(t->e, &tx, &other), ST_UNVERIFIED);
	other = v;
	other.params[31] ^= 1;
	assert_int_equal(election_would_apply(t->e, &tx, &other), ST_UNVERIFIED);
	assert_int_equal(election_would_apply(t->e, &tx, &v), ST_OK);
	/* a verdict of before `close` is worth nothing after it */
	town_block_one(t, town_phase(t, TX_CLOSE, 0x3));
	assert_int_equal(election_would_apply(t->e, &tx, &v), ST_UNVERIFIED);
	params_unref(p);
	town_tx_free(&ballot);
	town_free(t);
	free(t);
}

static void blocks_that_are_undone_leave_no_trace(void **state)
{
	struct town *t = alloc_zero(1, sizeof(*t));
	struct election_digest digest[TOWN_BLOCKS], now;
	struct election *e;
	struct checker *checker;
	struct chain_fault fault;

	(void)state;
	assert_non_null(t);
	run(t);
	assert_int_equal(election_new(&e, t->m), ST_OK);
	assert_int_equal(checker_new(&checker), ST_OK);
	for (int round = 0; round < 2; round++) {
		for (size_t b = 1; b < t->blocks; b++) {
			election_digest(e, &digest[b - 1]);
			assert_int_equal(chain_accept(e, checker, NULL, &t->block[b - 1].header,
			                              &t->block[b].header, t->block[b].body,
			                              t->block[b].header.body_len, &fault), ST_OK);
		}
		assert_int_equal(election_phase(e), PHASE_FINAL);
		for (size_t b = t->blocks - 1; b > 0; b--) {
			assert_int_equal(election_pop(e), ST_OK);
			election_digest(e, &now);
			assert_memory_equal(&now, &digest[b - 1], sizeof(now));
		}
		assert_int_equal(election_pop(e), ST_NOT_FOUND);
		assert_int_equal(election_phase(e), PHASE_COMMIT);
	}
	checker_free(checker);
	election_free(e);
	town_free(t);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_transaction_is_refused_in_every_wrong_phase),
		cmocka_unit_test(a_transaction_without_its_verdict_is_refused),
		cmocka_unit_test(blocks_that_are_undone_leave_no_trace),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
