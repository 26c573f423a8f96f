/*
 * test_reports.c: evidence, complaints and incidents as transactions: who may bring them, how
 * often, about whom; and that they change nothing else (protocol.md 7.15 to 7.17).
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/reports.h"

#include "common/election/accuse.h"
#include "common/election/audit.h"
#include "common/election/slip.h"
#include "common/election/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BYTES = 4096 };

static const struct report_party OFFICE = { PARTY_OFFICER, 0 }, REGISTRY = { PARTY_REGISTRAR, 0 };
static struct town *t;
static uint8_t bytes[BYTES];

static struct report_party trustee(unsigned int i)
{
	return (struct report_party){ PARTY_TRUSTEE, (uint16_t)i };
}

static struct report_party node(unsigned int i)
{
	return (struct report_party){ PARTY_NODE, (uint16_t)i };
}

static struct report_party kiosk(unsigned int i)
{
	return (struct report_party){ PARTY_KIOSK, (uint16_t)i };
}

static int begin(void **state)
{
	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

static enum status say_double(struct report_party by, unsigned int who, uint64_t view)
{
	size_t len = reports_double_vote(t, bytes, sizeof(bytes), who, view);

	return attack_say_once(t, reports_evidence(t, by, bytes, len));
}

static void take_double(struct report_party by, unsigned int who, uint64_t view)
{
	size_t len = reports_double_vote(t, bytes, sizeof(bytes), who, view);

	town_block_one(t, reports_evidence(t, by, bytes, len));
}

/* --- evidence -------------------------------------------------------------------------------- */

static void evidence_that_shows_nothing_is_refused(void **state)
{
	struct evidence e = { .kind = EVIDENCE_DOUBLE_VOTE };
	static const struct {
		enum vote_type a, b;
		unsigned int node;
		uint64_t view;
		uint8_t block;
		enum status st;
	} CASE[] = {
		{ VOTE_NOTARIZE, VOTE_NOTARIZE, 1, 7, 1, ST_UNPROVEN },   /* the same block */
		{ VOTE_NOTARIZE, VOTE_FINALIZE, 1, 7, 1, ST_UNPROVEN },   /* as honest nodes do */
		{ VOTE_NOTARIZE, VOTE_NULLIFY, 1, 7, 1, ST_UNPROVEN },    /* the same */
		{ VOTE_NOTARIZE, VOTE_NOTARIZE, 1, 8, 2, ST_UNPROVEN },   /* of two views */
		{ VOTE_NOTARIZE, VOTE_NOTARIZE, 2, 7, 2, ST_UNPROVEN },   /* of two nodes */
		{ VOTE_NOTARIZE, VOTE_FINALIZE, 1, 7, 2, ST_OK },
	};
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(CASE) / sizeof(CASE[0]); i++) {
		e.a = reports_vote(t, CASE[i].a, 1, 7, 1);
		e.b = reports_vote(t, CASE[i].b, CASE[i].node, CASE[i].view, CASE[i].block);
		assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
		assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)),
		                 CASE[i].st);
	}
	/* any bit of it: never a proof of anything else */
	len = reports_double_vote(t, bytes, sizeof(bytes), 1, 7);
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 1;
		assert_int_not_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)),
		                     ST_OK);
		bytes[i] ^= 1;
	}
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len - 1)), ST_FORMAT);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, 0)), ST_FORMAT);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_OK);
}

/* A node that is not there, in a committee of four: no index leaves any table. */
static void a_node_that_is_not_there_is_accused_of_nothing(void **state)
{
	struct evidence e = {
		.kind = EVIDENCE_DOUBLE_VOTE, .a = reports_vote(t, VOTE_NOTARIZE, 1, 7, 1),
		.b = reports_vote(t, VOTE_NOTARIZE, 1, 7, 2),
	};
	size_t len;

	(void)state;
	for (uint8_t i = 4; i < LIMIT_TRUSTEES; i++) {
		e.a.signer = e.b.signer = i;
		assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
		assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)),
		                 ST_ROLE);
	}
}

static void kinds_with_nothing_in_them_are_refused(void **state)
{
	(void)state;
	for (unsigned int kind = EVIDENCE_FALSE_MESSAGE; kind <= EVIDENCE_CAST_AND_TESTED; kind++) {
		struct evidence e = {
			.kind = (enum evidence_kind)kind, .tx = (const uint8_t *)"", .tx_len = 0,
			.fates = { .fate = { 1, 2 } },
		};
		size_t len;

		assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
		assert_int_not_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)),
		                     ST_OK);
	}
	memset(bytes, 0, sizeof(bytes));
	for (unsigned int kind = 0; kind < 256; kind++) {
		bytes[0] = (uint8_t)kind;
		assert_int_not_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, 300)),
		                     ST_OK);
	}
}

static size_t two_fates(uint8_t tracker, uint16_t number, const struct sign_secret *by)
{
	struct evidence e = { .kind = EVIDENCE_TWO_FATES };
	size_t len;

	e.fates.kiosk = number;
	e.fates.tracker[0] = tracker;
	sign_secret_key(by, e.fates.key);
	e.fates.fate[0] = SLIP_CAST;
	e.fates.fate[1] = SLIP_VOID;
	slip_sign_fate(e.fates.sig[0], t->m, e.fates.tracker, SLIP_CAST, by);
	slip_sign_fate(e.fates.sig[1], t->m, e.fates.tracker, SLIP_VOID, by);
	assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
	return len;
}

/* What the registered key decides is asked of the state, and taken back with it. */
static void a_kiosk_is_accused_under_the_key_that_it_was_registered_with(void **state)
{
	struct town *here = t;
	size_t len;

	(void)state;
	len = two_fates(1, 0, &t->trustee[0]);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_ROLE);
	len = two_fates(1, 1, &t->kiosk);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_ROLE);
	for (uint8_t i = 1; i <= LIMIT_EVIDENCE_OF; i++) {
		len = two_fates(i, 0, &t->kiosk);
		town_block_one(t, reports_evidence(t, trustee(1), bytes, len));
		assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)),
		                 ST_DUPLICATE);
	}
	len = two_fates(9, 0, &t->kiosk);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_QUOTA);
	/* before it is registered nobody can tell */
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	len = two_fates(1, 0, &t->kiosk);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_ROLE);
	attack_town_free(t);
	t = here;
}

/* An honest message of the ceremony is no evidence against its trustee, in whatever phase. */
static void a_true_message_is_held_against_nobody_and_a_false_one_is(void **state)
{
	struct town *here = t;
	struct town_tx deal, spoilt;
	static uint8_t room[1 << 16];

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	for (unsigned int i = 1; i <= 4; i++)
		town_block_one(t, town_commit(t, i));
	deal = town_deal(t, 2);
	spoilt = town_tx_copy(&deal);
	spoilt.wire[spoilt.len - 65 - 31] ^= 1;   /* the low byte of a proof's scalar */
	attack_sign_official(t, &spoilt, &t->trustee[1]);
	for (int round = 0; round < 2; round++) {
		struct evidence e = { .kind = EVIDENCE_FALSE_MESSAGE };
		size_t len;

		e.tx = round == 0 ? deal.wire : spoilt.wire;
		e.tx_len = deal.len;
		assert_int_equal(evidence_encode(&e, room, sizeof(room), &len), ST_OK);
		assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, room, len)),
		                 round == 0 ? ST_UNPROVEN : ST_OK);
	}
	town_tx_free(&deal);
	town_tx_free(&spoilt);
	attack_town_free(t);
	t = here;
}

static void an_unsound_block_names_its_leader(void **state)
{
	static const uint8_t one[] = { 0, 0, 0, 2, TX_DEVICE, 0 };
	static const uint8_t two[] = { 0, 0, 0, 2, TX_CLOSE, 0, 0, 0, 0, 2, TX_END, 0 };
	struct block_header h = reports_header(t, 9, 1, one, sizeof(one));
	size_t len;

	(void)state;
	/* nothing is wrong with it that could be seen here */
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, one, sizeof(one));
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_UNPROVEN);
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, NULL, 0);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_UNPROVEN);
	/* another body than the header's */
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, two, sizeof(two));
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_HASH);
	h = reports_header(t, 9, 2, two, sizeof(two));
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, two, sizeof(two));
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_OK);
	/* where the header says enough, a body would be room for anything */
	h.height = 0;
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, two, sizeof(two));
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_FORMAT);
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, one, sizeof(one));
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_FORMAT);
	len = reports_unsound(t, bytes, sizeof(bytes), 9, &h, NULL, 0);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_OK);
}

static void an_offence_is_on_the_chain_once_whoever_brings_it(void **state)
{
	struct evidence e = { .kind = EVIDENCE_DOUBLE_VOTE };
	struct accusation a;
	size_t len;

	(void)state;
	e.a = reports_vote(t, VOTE_NOTARIZE, 2, 30, 3);
	e.b = reports_vote(t, VOTE_FINALIZE, 2, 30, 4);
	assert_int_equal(accuse_name(&a, t->m, &e), ST_OK);
	assert_int_equal(a.accused.role, PARTY_NODE);
	assert_int_equal(a.accused.index, 2);
	assert_int_equal(accuse_room(&a, t->e), ST_OK);
	take_double(node(0), 2, 30);
	assert_int_equal(accuse_room(&a, t->e), ST_DUPLICATE);
	assert_int_equal(say_double(node(0), 2, 30), ST_DUPLICATE);
	assert_int_equal(say_double(trustee(4), 2, 30), ST_DUPLICATE);
	/* other votes of the same view are the same act */
	assert_int_equal(evidence_encode(&e, bytes, sizeof(bytes), &len), ST_OK);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_DUPLICATE);
	assert_int_equal(say_double(node(0), 2, 31), ST_OK);
	assert_int_equal(say_double(node(0), 1, 30), ST_OK);
	/* two in one block: the second is refused, whichever it is */
	{
		struct town_tx two[2];

		len = reports_double_vote(t, bytes, sizeof(bytes), 3, 30);
		two[0] = reports_evidence(t, node(0), bytes, len);
		two[1] = reports_evidence(t, node(1), bytes, len);
		assert_int_equal(attack_say(t, &two[0]), ST_OK);
		assert_int_equal(attack_say(t, &two[1]), ST_OK);
		town_block_one(t, two[0]);
		assert_int_equal(attack_say_once(t, two[1]), ST_DUPLICATE);
	}
}

static void no_more_than_four_offences_of_one_kind_of_one_accused(void **state)
{
	struct evidence e = { .kind = EVIDENCE_DOUBLE_VOTE };
	struct town *here = t;
	struct block_header h;
	struct accusation a;
	struct committee c;
	size_t len;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_ENROL);
	h = reports_header(t, 40, 1, NULL, 0);
	assert_int_equal(audit_committee(&c, t->m), ST_OK);
	for (uint64_t v = 40; v < 40 + LIMIT_EVIDENCE_OF; v++)
		take_double(node((unsigned int)v % 4), committee_leader(&c, 40), v);
	assert_int_equal(say_double(OFFICE, committee_leader(&c, 40), 50), ST_QUOTA);
	e.a = reports_vote(t, VOTE_NOTARIZE, committee_leader(&c, 40), 50, 1);
	assert_int_equal(accuse_name(&a, t->m, &e), ST_OK);
	assert_int_equal(accuse_room(&a, t->e), ST_QUOTA);
	/* of another kind, and of another node */
	h.height = 0;
	len = reports_unsound(t, bytes, sizeof(bytes), 40, &h, NULL, 0);
	assert_int_equal(attack_say_once(t, reports_evidence(t, OFFICE, bytes, len)), ST_OK);
	assert_int_equal(say_double(OFFICE, (committee_leader(&c, 40) + 1u) % 4, 50), ST_OK);
	attack_town_free(t);
	t = here;
}

/* Thirteen nodes, nine of whom cheat: one who reports reaches his own quota. */
static void no_more_than_thirty_two_pieces_of_evidence_from_one(void **state)
{
	struct town *here = t;
	unsigned int taken = 0;

	(void)state;
	t = calloc(1, sizeof(*t));
	assert_non_null(t);
	town_new(t, 13,
	         "{\"title\": {\"en\": \"T\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	         "\"threshold\": 7, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", "
	         "\"t4.card\", \"t5.card\", \"t6.card\", \"t7.card\", \"t8.card\", \"t9.card\", "
	         "\"t10.card\", \"t11.card\", \"t12.card\", \"t13.card\"], "
	         "\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", "
	         "\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], "
	         "\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], "
	         "\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	         "\"title\": {\"en\": \"M\"}, \"options\": ["
	         "{\"id\": \"ada\", \"name\": {\"en\": \"Ada\"}}, "
	         "{\"id\": \"alan\", \"name\": {\"en\": \"Alan\"}}]}]}");
	for (unsigned int who = 0; who < 8; who++)
		for (uint64_t v = 1; v <= LIMIT_EVIDENCE_OF; v++, taken++)
			take_double(REGISTRY, who, v);
	assert_int_equal(taken, LIMIT_EVIDENCE_BY);
	assert_int_equal(say_double(REGISTRY, 8, 1), ST_QUOTA);
	assert_int_equal(say_double(OFFICE, 8, 1), ST_OK);
	town_free(t);
	free(t);
	t = here;
}

/* --- who may --------------------------------------------------------------------------------- */

static void whoever_has_a_key_of_the_manifest_may_report(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 4; i++) {
		assert_int_equal(say_double(trustee(i), 1, 60), ST_OK);
		assert_int_equal(say_double(node(i - 1), 1, 60), ST_OK);
	}
	assert_int_equal(say_double(OFFICE, 1, 60), ST_OK);
	assert_int_equal(say_double(REGISTRY, 1, 60), ST_OK);
}

static void nobody_else_may_nor_as_somebody_else(void **state)
{
	struct town_tx tx = reports_incident(t, OFFICE, INCIDENT_POWER, -1, "Dark.");

	(void)state;
	assert_int_equal(attack_say_once(t, reports_incident(t, kiosk(0), INCIDENT_POWER, -1, "x")),
	                 ST_ROLE);
	for (uint16_t i = 5; i <= LIMIT_TRUSTEES; i++) {
		struct town_tx far = town_tx_copy(&tx);

		far.wire[1] = PARTY_TRUSTEE;
		far.wire[3] = (uint8_t)i;
		assert_int_equal(attack_say(t, &far), ST_ROLE);
		far.wire[1] = PARTY_NODE;
		far.wire[3] = (uint8_t)(i - 1);
		assert_int_equal(attack_say_once(t, far), ST_ROLE);
	}
	for (unsigned int role = 0; role < 256; role++) {
		struct town_tx odd = town_tx_copy(&tx);

		odd.wire[1] = (uint8_t)role;
		odd.wire[3] = 0;
		assert_int_equal(attack_say_once(t, odd),
		                 role == PARTY_OFFICER ? ST_OK :
		                 role == PARTY_NODE || role == PARTY_REGISTRAR ? ST_SIGNATURE :
		                 role == PARTY_KIOSK ? ST_ROLE : ST_FORMAT);
	}
	reports_sign(t, &tx, &t->trustee[0]);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	reports_sign(t, &tx, &t->officer);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	tx.wire[0] = TX_COMPLAINT;   /* signed as an incident */
	assert_int_not_equal(attack_say_once(t, tx), ST_OK);
}

/* Evidence signed by no key of the manifest is refused before anybody judges it. */
static void the_signature_is_looked_at_before_the_evidence(void **state)
{
	struct town_tx tx;

	(void)state;
	memset(bytes, 0xff, 64);
	tx = reports_evidence(t, OFFICE, bytes, 64);
	assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	tx.wire[tx.len - 1] ^= 1;
	assert_int_equal(attack_say_once(t, tx), ST_SIGNATURE);
}

static void nobody_is_named_who_is_not_there(void **state)
{
	(void)state;
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, trustee(5), "x")), ST_ROLE);
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, node(4), "x")), ST_ROLE);
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, kiosk(1), "x")), ST_ROLE);
	assert_int_equal(attack_say_once(t, reports_incident(t, OFFICE, INCIDENT_POWER, 1023, "x")),
	                 ST_ROLE);
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, trustee(4), "x")), ST_OK);
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, node(3), "x")), ST_OK);
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, kiosk(0), "x")), ST_OK);
	assert_int_equal(attack_say_once(t, reports_complaint(t, node(3), REGISTRY, "x")), ST_OK);
	assert_int_equal(attack_say_once(t, reports_incident(t, OFFICE, INCIDENT_POWER, 0, "x")),
	                 ST_OK);
}

/* --- what is said ---------------------------------------------------------------------------- */

static void a_text_says_something_and_hides_nothing(void **state)
{
	static const char *const BAD[] = {
		"", "\n", "a\tb", "\x1b[2J", "\u202eabc", "a\u2066b", "e\u0301", "\xff", "\xc3",
		"\u200b",
	};
	char text[LIMIT_REPORT_TEXT + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, node(1), BAD[i])),
		                 ST_FORMAT);
		assert_int_equal(attack_say_once(t, reports_incident(t, OFFICE, INCIDENT_OTHER, -1,
		                                                     BAD[i])), ST_FORMAT);
	}
	memset(text, 'x', sizeof(text));
	text[LIMIT_REPORT_TEXT + 1] = '\0';
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, node(1), text)), ST_LIMIT);
	text[LIMIT_REPORT_TEXT] = '\0';
	assert_int_equal(attack_say_once(t, reports_complaint(t, OFFICE, node(1), text)), ST_OK);
	for (unsigned int c = 0; c < 256; c++)
		assert_int_equal(attack_say_once(t, reports_incident(t, OFFICE,
		                                 (enum incident_category)c, -1, "x")),
		                 c >= INCIDENT_EQUIPMENT && c <= INCIDENT_OTHER ? ST_OK : ST_FORMAT);
}

/* Whoever has seen a statement cannot send it again and use up the quota of who made it. */
static void a_statement_is_on_the_chain_once(void **state)
{
	struct town_tx tx = reports_complaint(t, trustee(1), node(1), "It is late.");
	struct town_tx again = town_tx_copy(&tx);

	(void)state;
	town_block_one(t, tx);
	assert_int_equal(attack_say(t, &again), ST_DUPLICATE);
	again.wire[again.len - 64] ^= 1;   /* another signature of the same words, if there were one */
	assert_int_equal(attack_say_once(t, again), ST_SIGNATURE);
	assert_int_equal(t->e->reports->complaints[0], 1);
	assert_int_equal(attack_say_once(t, reports_complaint(t, trustee(2), node(1),
	                                                      "It is late.")), ST_OK);
}

static void complaints_and_incidents_have_quotas_of_their_own(void **state)
{
	char text[32];

	(void)state;
	for (unsigned int i = 0; i < LIMIT_COMPLAINTS; i++) {
		(void)snprintf(text, sizeof(text), "complaint %u", i);
		town_block_one(t, reports_complaint(t, node(3), node(1), text));
	}
	assert_int_equal(attack_say_once(t, reports_complaint(t, node(3), node(2), "one more")),
	                 ST_QUOTA);
	for (unsigned int i = 0; i < LIMIT_INCIDENTS; i++) {
		(void)snprintf(text, sizeof(text), "incident %u", i);
		town_block_one(t, reports_incident(t, node(3), INCIDENT_OTHER, -1, text));
	}
	assert_int_equal(attack_say_once(t, reports_incident(t, node(3), INCIDENT_POWER, -1, "more")),
	                 ST_QUOTA);
	/* neither takes from the other, nor from evidence, nor from the trustee of that node */
	assert_int_equal(say_double(node(3), 0, 90), ST_OK);
	assert_int_equal(attack_say_once(t, reports_complaint(t, trustee(4), node(2), "mine")), ST_OK);
}

/* --- what they leave alone ------------------------------------------------------------------- */

static void a_report_changes_neither_phase_nor_state_hash(void **state)
{
	struct election_digest before, after;
	const struct election_params *p = election_params(t->e), *q;

	(void)state;
	election_digest(t->e, &before);
	take_double(node(0), 1, 100);
	town_block_one(t, reports_complaint(t, trustee(3), kiosk(0), "It hums."));
	town_block_one(t, reports_incident(t, REGISTRY, INCIDENT_ACCESS, 0, "The door is shut."));
	election_digest(t->e, &after);
	assert_memory_equal(before.state_hash, after.state_hash, sizeof(before.state_hash));
	assert_int_equal(after.log_size, before.log_size + 3);
	q = election_params(t->e);
	assert_memory_equal(p->hash, q->hash, sizeof(p->hash));   /* verdicts stay good */
	params_unref(p);
	params_unref(q);
}

static void what_was_counted_is_taken_back_with_its_block(void **state)
{
	size_t reported = t->e->reported.count;
	struct state_reports before = *t->e->reports;
	struct election_digest digest;
	struct town_tx tx[3];
	struct verdict v;
	struct tx item;
	size_t len = reports_double_vote(t, bytes, sizeof(bytes), 1, 120);

	(void)state;
	tx[0] = reports_evidence(t, OFFICE, bytes, len);
	tx[1] = reports_complaint(t, OFFICE, node(1), "taken back");
	tx[2] = reports_incident(t, OFFICE, INCIDENT_PAPERS, 0, "taken back");
	for (int round = 0; round < 2; round++) {
		const struct election_params *p = election_params(t->e);

		assert_int_equal(election_begin(t->e, t->e->now.height + 1, t->e->now.time), ST_OK);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(tx_decode(&item, tx[i].wire, tx[i].len), ST_OK);
			assert_int_equal(election_check(p, &item, &v), ST_OK);
			assert_int_equal(election_apply(t->e, &item, &v), ST_OK);
		}
		params_unref(p);
		assert_int_equal(t->e->reported.count, reported + 3);
		if (round == 0) {
			election_drop(t->e);
		} else {
			assert_int_equal(election_finish(t->e, &digest), ST_OK);
			assert_int_equal(election_push(t->e, (const uint8_t[32]){ 9 }), ST_OK);
			assert_int_equal(election_pop(t->e), ST_OK);
		}
		assert_int_equal(t->e->reported.count, reported);
		assert_memory_equal(t->e->reports, &before, sizeof(before));
	}
	for (int i = 0; i < 3; i++)
		town_tx_free(&tx[i]);
}

/* A report signed in the first phase is good in every one: nothing in it binds the joint key. */
static void a_report_outlives_every_phase(void **state)
{
	struct town *here = t;
	struct town_tx tx;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	tx = reports_incident(t, OFFICE, INCIDENT_OTHER, -1, "Before everything.");
	assert_int_equal(attack_say(t, &tx), ST_OK);
	town_ceremony(t, 0xf);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	town_enrol(t, NULL, NULL, 2);
	town_open(t);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	town_close_and_end(t);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	town_finish(t);
	assert_int_equal(election_phase(t->e), PHASE_FINAL);
	town_block_one(t, tx);
	attack_town_free(t);
	t = here;
}

static void a_failed_ceremony_can_still_be_complained_about(void **state)
{
	struct town *here = t;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	for (unsigned int i = 1; i <= 4; i++)
		town_block_one(t, town_commit(t, i));
	for (unsigned int i = 1; i <= 3; i++)
		town_block_one(t, town_deal(t, i));
	while (election_phase(t->e) != PHASE_FAILED)   /* 4 is silent, then everybody */
		town_block_one(t, town_phase(t, TX_ADVANCE, 0x7));
	assert_int_equal(say_double(trustee(4), 1, 1), ST_OK);   /* excluded, and may */
	town_block_one(t, reports_complaint(t, trustee(4), trustee(1), "It was sent in time."));
	attack_town_free(t);
	t = here;
}

/* --- what an observer reads ------------------------------------------------------------------ */

static void an_observer_is_told_who_says_what_of_whom(void **state)
{
	struct audit_options o = { .fingerprint = NULL };
	char text[AUDIT_REPORT_TEXT];
	struct town *here = t;
	struct audit a;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	t = attack_town(ATTACK_NEVER, PHASE_ENDED);
	take_double(node(0), 1, 7);
	town_block_one(t, reports_complaint(t, trustee(2), kiosk(0), "It hums."));
	town_block_one(t, reports_incident(t, REGISTRY, INCIDENT_ACCESS, 0, "The door is shut."));
	town_finish(t);
	town_archive(t, f, 4);
	rewind(f);
	o.fingerprint = t->m->election_id;
	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(a.lines[AUDIT_REPORTS].count, 3);
	assert_int_equal(a.reports_len, 3);
	audit_report_text(text, &a.reports[0]);
	assert_string_equal(text, "proven: node 2, double-vote (brought by node 1)");
	audit_report_text(text, &a.reports[1]);
	assert_string_equal(text, "claim: trustee 2 complains about kiosk 0");
	assert_string_equal(a.reports[1].text, "It hums.");
	audit_report_text(text, &a.reports[2]);
	assert_string_equal(text, "claim: the registrar reports an incident, access, at kiosk 0");
	audit_free(&a);
	(void)fclose(f);
	attack_town_free(t);
	t = here;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(evidence_that_shows_nothing_is_refused),
		cmocka_unit_test(a_node_that_is_not_there_is_accused_of_nothing),
		cmocka_unit_test(kinds_with_nothing_in_them_are_refused),
		cmocka_unit_test(a_kiosk_is_accused_under_the_key_that_it_was_registered_with),
		cmocka_unit_test(a_true_message_is_held_against_nobody_and_a_false_one_is),
		cmocka_unit_test(an_unsound_block_names_its_leader),
		cmocka_unit_test(whoever_has_a_key_of_the_manifest_may_report),
		cmocka_unit_test(nobody_else_may_nor_as_somebody_else),
		cmocka_unit_test(the_signature_is_looked_at_before_the_evidence),
		cmocka_unit_test(nobody_is_named_who_is_not_there),
		cmocka_unit_test(a_text_says_something_and_hides_nothing),
		cmocka_unit_test(what_was_counted_is_taken_back_with_its_block),
		cmocka_unit_test(an_offence_is_on_the_chain_once_whoever_brings_it),
		cmocka_unit_test(no_more_than_four_offences_of_one_kind_of_one_accused),
		cmocka_unit_test(no_more_than_thirty_two_pieces_of_evidence_from_one),
		cmocka_unit_test(a_statement_is_on_the_chain_once),
		cmocka_unit_test(complaints_and_incidents_have_quotas_of_their_own),
		cmocka_unit_test(a_report_changes_neither_phase_nor_state_hash),
		cmocka_unit_test(a_report_outlives_every_phase),
		cmocka_unit_test(a_failed_ceremony_can_still_be_complained_about),
		cmocka_unit_test(an_observer_is_told_who_says_what_of_whom),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
