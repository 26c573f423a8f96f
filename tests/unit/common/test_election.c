/*
 * test_election.c: whole elections in memory: ceremony, roll, ballots, tests, tally, result, audit.
 */
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "common/election/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CARDS4 "\"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], " \
               "\"registrar\": \"registrar.card\", \"officer\": \"officer.card\""
#define TITLE(s) "\"title\": {\"en\": \"" s "\"}"
#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"
#define HEAD TITLE("Test") ", \"languages\": [\"en\"], \"suite\": \"ristretto255\", " \
             "\"threshold\": 3, " CARDS4
#define ONE_UNIT "\"units\": [" NAMED("all") "]"

static const char MAYOR[] =
	"{" HEAD ", " ONE_UNIT ", "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"blank\": true, " TITLE("Mayor") ", \"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}";

static const char REVOTE[] =
	"{" HEAD ", \"revote\": \"last\", " ONE_UNIT ", "
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	TITLE("Mayor") ", \"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}";

/* Two units, the smaller merges; a score contest only one of them has; weights. */
static const char TOWN[] =
	"{" HEAD ", \"publish_min\": 3, \"weights_reveal\": \"accepted\", "
	"\"units\": [{\"id\": \"north\", \"name\": {\"en\": \"North\"}, \"merge_into\": \"south\"}, "
	NAMED("south") "], "
	"\"styles\": [{\"id\": \"n\", \"unit\": \"north\", \"contests\": [\"mayor\", \"parks\"]}, "
	"{\"id\": \"s\", \"unit\": \"south\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	TITLE("Mayor") ", \"options\": [" NAMED("ada") ", " NAMED("alan") "]}, "
	"{\"id\": \"parks\", \"type\": \"score\", \"each_max\": 5, \"max\": 7, "
	TITLE("Parks") ", \"options\": [" NAMED("oak") ", " NAMED("elm") "]}]}";

static void audit_town(struct town *t, struct audit *a, unsigned int signatures,
                       const uint8_t *fingerprint)
{
	const struct audit_options o = { .fingerprint = fingerprint };
	FILE *f = tmpfile();

	assert_non_null(f);
	town_archive(t, f, signatures);
	rewind(f);
	assert_int_equal(audit_run(a, f, &o), ST_OK);
	(void)fclose(f);
}

static void a_plain_election_is_counted_and_audited(void **state)
{
	static const uint32_t BLANK[3] = { 1, 0, 0 }, ADA[3] = { 0, 1, 0 }, ALAN[3] = { 0, 0, 1 };
	struct town *t = alloc_zero(1, sizeof(*t));
	struct audit a;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, MAYOR);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, 6);
	town_open(t);
	for (uint32_t v = 0; v < 5; v++)
		town_block_one(t, town_ballot(t, v, 0, v == 0 ? BLANK : v < 3 ? ADA : ALAN, 3));
	audit_town(t, &a, 3, t->m->election_id);
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);   /* still running: never green */
	audit_free(&a);
	town_close_and_end(t);
	town_finish(t);
	assert_int_equal(town_count(t, "mayor", 0, 0), 1);
	assert_int_equal(town_count(t, "mayor", 0, 1), 2);
	assert_int_equal(town_count(t, "mayor", 0, 2), 2);

	audit_town(t, &a, 2, t->m->election_id);        /* too few nodes */
	assert_int_equal(a.verdict, AUDIT_PROBLEM);
	assert_int_equal(a.failed, AUDIT_CERTIFICATES);
	audit_free(&a);
	audit_town(t, &a, 0, t->m->election_id);        /* none */
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);
	audit_free(&a);
	audit_town(t, &a, 3, NULL);                     /* whose election is it? */
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);
	audit_free(&a);
	audit_town(t, &a, 3, t->kiosk_key);             /* not this one */
	assert_int_equal(a.verdict, AUDIT_PROBLEM);
	assert_int_equal(a.failed, AUDIT_FINGERPRINT);
	audit_free(&a);
	audit_town(t, &a, 3, t->m->election_id);
	if (a.verdict != AUDIT_GOOD)
		for (int i = 0; i < AUDIT_CHECKS; i++)
			print_message("%-14s %d\n", audit_check_name((enum audit_check)i),
			              a.lines[i].outcome);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(a.lines[AUDIT_BALLOTS].count, 5);
	audit_free(&a);
	town_free(t);
	free(t);
}

static void an_election_without_any_ballot_counts_zero(void **state)
{
	struct town *t = alloc_zero(1, sizeof(*t));
	struct audit a;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, MAYOR);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, 3);
	town_open(t);
	town_close_and_end(t);
	town_finish(t);
	assert_int_equal(town_count(t, "mayor", 0, 0), 0);
	audit_town(t, &a, 4, t->m->election_id);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	audit_free(&a);
	town_free(t);
	free(t);
}

static void weights_scores_and_small_groups_are_counted(void **state)
{
	static const uint16_t STYLE[6] = { 0, 0, 1, 1, 1, 1 };
	static const uint32_t WEIGHT[6] = { 2, 1, 1, 1, 3, 1 };
	static const uint32_t NORTH[4] = { 1, 0, 5, 2 }, SOUTH[2] = { 0, 1 };
	struct town *t = alloc_zero(1, sizeof(*t));
	const struct tally *y;
	struct audit a;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, TOWN);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, STYLE, WEIGHT, 6);
	town_open(t);
	for (uint32_t v = 0; v < 5; v++)
		town_block_one(t, v < 2 ? town_ballot(t, v, 0, NORTH, 4) :
		                  town_ballot(t, v, 1, SOUTH, 2));
	town_close_and_end(t);
	town_finish(t);
	/* mayor: north's 2 ballots join south; parks: 2 ballots, joined to a root still below 3 */
	assert_int_equal(town_count(t, "mayor", 0, 0), 3);
	assert_int_equal(town_count(t, "mayor", 1, 1), 5);
	y = election_tally(t->e);
	assert_int_equal(y->groups_len, 2);
	assert_false(y->groups[0].withheld);
	assert_int_equal(y->groups[0].ballots, 5);
	assert_true(y->groups[1].withheld);
	assert_int_equal(y->groups[1].ballots, 2);
	assert_int_equal(y->aggregates_len, 2);
	audit_town(t, &a, 3, t->m->election_id);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	audit_free(&a);
	town_free(t);
	free(t);
}

static void a_revote_needs_the_slip_and_replaces_exactly_one_ballot(void **state)
{
	static const uint32_t ADA[2] = { 1, 0 }, ALAN[2] = { 0, 1 };
	struct town *t = alloc_zero(1, sizeof(*t));
	struct scalar slip[3], wrong;
	uint8_t tracker[3][32];
	struct ballot_record r;
	struct town_tx tx;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, REVOTE);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, 3);
	town_open(t);
	town_block_one(t, town_reballot(t, 0, 0, ADA, 2, NULL, NULL, &slip[0], tracker[0]));
	town_block_one(t, town_reballot(t, 1, 0, ADA, 2, NULL, NULL, &slip[1], tracker[1]));

	/* a second one that names nothing; a foreign slip; somebody else's ballot; an unknown one */
	tx = town_reballot(t, 0, 0, ALAN, 2, NULL, NULL, &slip[2], tracker[2]);
	assert_int_equal(town_try(t, &tx), ST_VOTED);
	town_tx_free(&tx);
	group_scalar_u64(t->m->suite, &wrong, 7);
	tx = town_reballot(t, 0, 0, ALAN, 2, tracker[0], &wrong, &slip[2], tracker[2]);
	assert_int_equal(town_try(t, &tx), ST_KEY);
	town_tx_free(&tx);
	tx = town_reballot(t, 0, 0, ALAN, 2, tracker[1], &slip[1], &slip[2], tracker[2]);
	assert_int_equal(town_try(t, &tx), ST_TRACKER);
	town_tx_free(&tx);
	tx = town_reballot(t, 2, 0, ALAN, 2, tracker[1], &slip[1], &slip[2], tracker[2]);
	assert_int_equal(town_try(t, &tx), ST_TRACKER);
	town_tx_free(&tx);

	town_block_one(t, town_reballot(t, 0, 0, ALAN, 2, tracker[0], &slip[0], &slip[2],
	                                tracker[2]));
	assert_int_equal(election_find(t->e, tracker[0], &r), ST_OK);
	assert_int_equal(r.fate, FATE_REPLACED);
	assert_int_equal(election_find(t->e, tracker[2], &r), ST_OK);
	assert_int_equal(r.fate, FATE_LIVE);
	/* the old one cannot be replaced twice */
	tx = town_reballot(t, 0, 0, ADA, 2, tracker[0], &slip[0], &wrong, tracker[1]);
	assert_int_equal(town_try(t, &tx), ST_TRACKER);
	town_tx_free(&tx);
	town_close_and_end(t);
	town_finish(t);
	assert_int_equal(town_count(t, "mayor", 0, 0), 1);
	assert_int_equal(town_count(t, "mayor", 0, 1), 1);
	town_free(t);
	free(t);
}

static void the_silent_are_excluded_and_the_rest_count(void **state)
{
	static const uint32_t ADA[3] = { 0, 1, 0 };
	struct town *t = alloc_zero(1, sizeof(*t));
	struct town_tx tx;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, MAYOR);
	town_ceremony(t, 0x0b);   /* trustee 3 is silent */
	town_enrol(t, NULL, NULL, 3);
	town_open(t);
	tx = town_phase(t, TX_CLOSE, 0x0e);   /* its signature counts for nothing */
	assert_int_equal(town_try(t, &tx), ST_EXCLUDED);
	town_tx_free(&tx);
	town_block_one(t, town_ballot(t, 0, 0, ADA, 3));
	town_close_and_end(t);
	town_finish(t);
	assert_int_equal(town_count(t, "mayor", 0, 1), 1);
	town_free(t);
	free(t);
}

static void tests_are_opened_after_the_close_and_never_counted(void **state)
{
	static const uint32_t ADA[3] = { 0, 1, 0 }, ALAN[3] = { 0, 0, 1 };
	struct town *t = alloc_zero(1, sizeof(*t));
	struct town_tx test, ballot;
	struct audit a;

	(void)state;
	assert_non_null(t);
	town_new(t, 4, MAYOR);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, 3);
	town_open(t);
	test = town_test(t, 0, 0, ALAN, 3);
	assert_int_equal(town_try_check(t, &test), ST_PHASE);
	town_block_one(t, town_ballot(t, 0, 0, ADA, 3));
	ballot = town_ballot(t, 1, 0, ADA, 3);
	town_block_one(t, town_phase(t, TX_CLOSE, 0x07));
	town_block_one(t, town_tx_copy(&test));
	assert_int_equal(town_try(t, &test), ST_TRACKER);
	town_tx_free(&test);
	town_block_one(t, ballot);   /* on its way when the doors closed */
	town_block_one(t, town_phase(t, TX_END, 0x07));
	town_finish(t);
	assert_int_equal(town_count(t, "mayor", 0, 1), 2);
	assert_int_equal(town_count(t, "mayor", 0, 2), 0);
	audit_town(t, &a, 3, t->m->election_id);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(a.lines[AUDIT_TESTS].count, 1);
	audit_free(&a);
	town_free(t);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_election_is_counted_and_audited),
		cmocka_unit_test(an_election_without_any_ballot_counts_zero),
		cmocka_unit_test(weights_scores_and_small_groups_are_counted),
		cmocka_unit_test(a_revote_needs_the_slip_and_replaces_exactly_one_ballot),
		cmocka_unit_test(the_silent_are_excluded_and_the_rest_count),
		cmocka_unit_test(tests_are_opened_after_the_close_and_never_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
