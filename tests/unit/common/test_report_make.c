/*
 * test_report_make.c: reports that people write: of whom, and from which file of evidence.
 */
#include "common/election/report_make.h"
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/reports.h"
#include "tests/unit/lib/scratch.h"

#include "common/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void parties_are_written_as_people_count(void **state)
{
	static const struct {
		const char *text;
		enum party_role role;
		uint16_t index;
	} GOOD[] = {
		{ "trustee:1", PARTY_TRUSTEE, 1 }, { "trustee:13", PARTY_TRUSTEE, 13 },
		{ "node:1", PARTY_NODE, 0 }, { "node:13", PARTY_NODE, 12 },
		{ "kiosk:0", PARTY_KIOSK, 0 }, { "kiosk:1023", PARTY_KIOSK, 1023 },
		{ "officer", PARTY_OFFICER, 0 }, { "registrar", PARTY_REGISTRAR, 0 },
	};
	static const char *const BAD[] = {
		"", "trustee", "trustee:", "trustee:0", "trustee:14", "node:0", "node:14", "node:-1",
		"node: 1", "node:01", "kiosk:1024", "kiosk:99999999999999999999", "officer:0", "Officer",
		"trustee:1 ", "voter:1",
	};
	struct report_party p;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_int_equal(report_party_parse(&p, BAD[i]), ST_FORMAT);
	for (size_t i = 0; i < sizeof(GOOD) / sizeof(GOOD[0]); i++) {
		assert_int_equal(report_party_parse(&p, GOOD[i].text), ST_OK);
		assert_int_equal(p.role, GOOD[i].role);
		assert_int_equal(p.index, GOOD[i].index);
	}
}

static enum status try(struct town *t, const char *file, const char *out, struct fault *fault)
{
	const struct report_party by = { .role = PARTY_OFFICER };
	const struct report_wish wish = { .evidence = file };
	struct audit a = { .manifest = t->m, .election = t->e };
	uint8_t *wire;
	size_t len;
	enum status st = report_draft(&wire, &len, &by, &wish, &a, fault);

	if (st == ST_OK)
		st = report_finish(wire, len, &t->officer, &a, out, fault);
	free(wire);
	return st;
}

static const char *keep(const struct manifest *m, const char *name, const uint8_t *bytes,
                        size_t len)
{
	static uint8_t file[1 << 17];
	const char *path = scratch_path(name);
	size_t file_len;

	assert_int_equal(evidence_file_encode(file, sizeof(file), &file_len, m->bytes, m->len, bytes,
	                                      len), ST_OK);
	assert_int_equal(file_write(path, file, file_len, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	return path;
}

static void evidence_in_a_file_becomes_a_transaction(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_ENROL);
	struct town *other = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	struct fault fault = { 0 };
	struct town_tx tx = { 0 };
	uint8_t bytes[1024];
	size_t len = reports_double_vote(t, bytes, sizeof(bytes), 1, 7);

	(void)state;
	assert_int_equal(try(t, keep(other->m, "other.evidence", bytes, len), scratch_path("1.tx"),
	                     &fault), ST_ELECTION);
	bytes[60] ^= 1;
	assert_int_not_equal(try(t, keep(t->m, "spoilt.evidence", bytes, len), scratch_path("2.tx"),
	                         &fault), ST_OK);
	assert_false(file_is_there(scratch_path("2.tx")));
	assert_true(strlen(fault.what) > 0 && strlen(fault.next) > 0);
	bytes[60] ^= 1;
	assert_int_equal(try(t, keep(t->m, "good.evidence", bytes, len), scratch_path("3.tx"),
	                     &fault), ST_OK);
	assert_int_equal(file_read(scratch_path("3.tx"), &tx.wire, &tx.len, LIMIT_TX_BYTES), ST_OK);
	town_block_one(t, tx);
	assert_int_equal(try(t, scratch_path("good.evidence"), scratch_path("4.tx"), &fault),
	                 ST_DUPLICATE);
	attack_town_free(t);
	attack_town_free(other);
}

static int finish(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parties_are_written_as_people_count),
		cmocka_unit_test(evidence_in_a_file_becomes_a_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, finish);
}
