/*
 * test_pool.c: what waits in a node's pool is bounded, and nobody's share is taken by others:
 * reports do not keep ballots out, ballots not reports, nor one signer's complaints another's.
 */
#include "tally-server/node/pool.h"

#include "common/ledger/report.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIRE_MAX = 1 << 20 };

static uint8_t wire[WIRE_MAX];
static uint32_t number;

static struct pool_entry entry(enum tx_type type, size_t len)
{
	struct pool_entry e = { .type = type, .wire = wire, .wire_len = len, .voter = POOL_NOBODY };

	number++;
	memcpy(e.id, &number, sizeof(number));
	wire[0] = (uint8_t)type;
	return e;
}

static struct pool_entry report_of(struct report_party by, size_t text)
{
	struct writer w;

	memset(wire, 'x', sizeof(wire));
	writer_init(&w, wire, sizeof(wire));
	tx_begin(&w, TX_INCIDENT);
	tx_incident_body(&w, &by, INCIDENT_OTHER, NULL, (const char *)wire + WIRE_MAX / 2, text);
	(void)writer_room(&w, TX_SIG_BYTES);
	return entry(TX_INCIDENT, w.pos);
}

static struct pool_entry evidence_of(struct report_party by, size_t len)
{
	static uint8_t bytes[WIRE_MAX];
	struct writer w;

	writer_init(&w, wire, sizeof(wire));
	tx_begin(&w, TX_EVIDENCE);
	tx_evidence_body(&w, &by, bytes, len);
	(void)writer_room(&w, TX_SIG_BYTES);
	return entry(TX_EVIDENCE, w.pos);
}

static enum status put(struct pool *p, struct pool_entry e)
{
	return pool_add(p, NULL, &e, 0);
}

static void one_signers_reports_take_nobody_elses_room(void **state)
{
	const struct report_party cheat = { PARTY_NODE, 3 }, honest = { PARTY_NODE, 1 };
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(&p), ST_OK);
	for (int i = 0; i < POOL_REPORTS_MAX; i++)
		assert_int_equal(put(p, report_of(cheat, 20)), ST_OK);
	assert_int_equal(put(p, report_of(cheat, 20)), ST_AGAIN);
	assert_int_equal(put(p, evidence_of(cheat, 300)), ST_AGAIN);
	assert_int_equal(put(p, evidence_of(honest, 300)), ST_OK);
	assert_int_equal(put(p, entry(TX_BALLOT, 800)), ST_OK);
	pool_remove(p, pool_first(p));
	assert_int_equal(put(p, report_of(cheat, 20)), ST_OK);
	assert_int_equal(put(p, report_of(cheat, 20)), ST_AGAIN);
	/* the same in bytes: two of nearly a megabyte, and no third */
	assert_int_equal(put(p, evidence_of(honest, WIRE_MAX - 100)), ST_OK);
	assert_int_equal(put(p, evidence_of(honest, WIRE_MAX - 1000)), ST_OK);
	assert_int_equal(put(p, evidence_of(honest, WIRE_MAX - 100)), ST_AGAIN);
	assert_int_equal(put(p, evidence_of((struct report_party){ PARTY_TRUSTEE, 2 }, 300)), ST_OK);
	pool_free(p);
}

static void ballots_take_no_room_of_reports(void **state)
{
	const struct report_party by = { PARTY_TRUSTEE, 13 };
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(&p), ST_OK);
	for (int i = 0; i < POOL_COUNT_MAX; i++)
		assert_int_equal(put(p, entry(TX_BALLOT, 16)), ST_OK);
	assert_int_equal(put(p, entry(TX_BALLOT, 16)), ST_AGAIN);
	assert_int_equal(put(p, entry(TX_CLOSE, 16)), ST_AGAIN);
	for (int i = 0; i < POOL_REPORTS_MAX; i++)
		assert_int_equal(put(p, report_of(by, 20)), ST_OK);
	assert_int_equal(pool_count(p), (size_t)POOL_COUNT_MAX + POOL_REPORTS_MAX);
	while (pool_first(p) != NULL)
		pool_remove(p, pool_first(p));
	assert_int_equal(pool_count(p), 0);
	assert_int_equal(pool_bytes(p), 0);
	assert_int_equal(put(p, entry(TX_BALLOT, 16)), ST_OK);
	pool_free(p);
}

static void every_signer_at_once_leaves_room_for_ballots(void **state)
{
	struct pool *p;

	(void)state;
	assert_int_equal(pool_new(&p), ST_OK);
	for (uint16_t i = 0; i < LIMIT_TRUSTEES; i++)
		for (int k = 0; k < POOL_REPORTS_MAX; k++) {
			const struct report_party node = { PARTY_NODE, i };
			const struct report_party trustee = { PARTY_TRUSTEE, (uint16_t)(i + 1) };

			assert_int_equal(put(p, report_of(node, 20)), ST_OK);
			assert_int_equal(put(p, report_of(trustee, 20)), ST_OK);
		}
	for (int i = 0; i < POOL_COUNT_MAX; i++)
		assert_int_equal(put(p, entry(TX_BALLOT, 16)), ST_OK);
	assert_int_equal(put(p, entry(TX_BALLOT, 16)), ST_AGAIN);
	pool_free(p);
}

static void a_report_that_does_not_say_whose_it_is_does_not_enter(void **state)
{
	struct pool *p;
	struct pool_entry e;

	(void)state;
	assert_int_equal(pool_new(&p), ST_OK);
	assert_int_equal(put(p, report_of((struct report_party){ PARTY_KIOSK, 1 }, 20)), ST_FORMAT);
	e = report_of((struct report_party){ PARTY_OFFICER, 0 }, 20);
	e.wire_len--;
	assert_int_equal(put(p, e), ST_FORMAT);
	e.wire_len++;
	assert_int_equal(put(p, e), ST_OK);
	pool_free(p);
}

static int begin(void **state)
{
	(void)state;
	return crypto_init() != ST_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_report_that_does_not_say_whose_it_is_does_not_enter),
		cmocka_unit_test(one_signers_reports_take_nobody_elses_room),
		cmocka_unit_test(ballots_take_no_room_of_reports),
		cmocka_unit_test(every_signer_at_once_leaves_room_for_ballots),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
