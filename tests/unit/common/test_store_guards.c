/*
 * test_store_guards.c: the block store as a stranger meets it, with SQLite and no code of ours:
 * rows are added and never changed, views answer, and an altered schema is noticed.
 *
 * The stranger's connection is SQLite's default: recursive_triggers is off, so that REPLACE deletes
 * rows without firing a DELETE trigger.
 */
#include "common/ledger/store.h"
#include "common/ledger/store_sql.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct prng random_bytes;

/* Five blocks of four items, certificates, signatures; a file of its own for each test. */
static const char *make_store(const char *name)
{
	const char *path = scratch_path(name);
	struct chainlet_block *b = malloc(sizeof(*b));
	struct certificate c;
	struct cosignature word;
	struct store *s;
	struct chainlet chain;
	uint8_t sigs[4][64];

	assert_non_null(b);
	assert_int_equal(store_open(&s, path, STORE_WRITE, NULL), ST_OK);
	chainlet_init(&chain, &random_bytes);
	for (int i = 0; i < 5; i++) {
		chainlet_next(&chain, b, 4);
		chainlet_certificate(&c, &b->header);
		b->put.certificate = i > 2 ? &c : NULL;
		assert_int_equal(store_put_block(s, &b->put), ST_OK);
	}
	c = (struct certificate){ .type = VOTE_NULLIFY, .view = 900, .signers = 7 };
	assert_int_equal(store_put_certificate(s, &c), ST_OK);
	prng_bytes(&random_bytes, sigs, sizeof(sigs));
	assert_int_equal(store_put_genesis_sigs(s, (const uint8_t (*)[64])sigs, 4), ST_OK);
	word = (struct cosignature){ .head = COSIGNED_END, .node = 2 };
	assert_int_equal(store_put_cosignature(s, &word), ST_OK);
	store_close(s);
	free(b);
	return path;
}

static sqlite3 *stranger(const char *path)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	return db;
}

static sqlite3_int64 number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *q = NULL;
	sqlite3_int64 n;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return n;
}

static void text_of(sqlite3 *db, const char *sql, char *out, size_t size)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	(void)snprintf(out, size, "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
}

/* Refused by a guard, in these words, and nothing changed. */
static void refused(sqlite3 *db, const char *sql, const char *table)
{
	char count[128];
	sqlite3_int64 before, changes;
	int rc;

	(void)snprintf(count, sizeof(count), "SELECT count(*) FROM %s", table);
	before = number(db, count);
	changes = sqlite3_total_changes(db);
	rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
	if (rc != SQLITE_CONSTRAINT)
		fail_msg("%s: %d %s", sql, rc, sqlite3_errmsg(db));
	if (strncmp(sqlite3_errmsg(db), "append-only: ", 13) != 0)
		fail_msg("%s: refused, but not by a guard: %s", sql, sqlite3_errmsg(db));
	assert_int_equal(number(db, count), before);
	assert_int_equal(sqlite3_total_changes(db), changes);
}

static const struct attack {
	const char *table;
	const char *sql;
} ATTACKS[] = {
	{ "block", "UPDATE block SET body = x'00' WHERE height = 2" },
	{ "block", "UPDATE block SET height = 77 WHERE height = 4" },
	{ "block", "UPDATE OR REPLACE block SET height = 1 WHERE height = 4" },
	{ "block", "UPDATE OR IGNORE block SET body = x'00'" },
	{ "block", "DELETE FROM block" },
	{ "block", "DELETE FROM block WHERE height = 4" },
	{ "block", "INSERT OR REPLACE INTO block SELECT * FROM block WHERE height = 2" },
	{ "block", "REPLACE INTO block SELECT height, view + 1000, time_min, items, log_size, "
	           "randomblob(32), header, body FROM block WHERE height = 4" },
	{ "block", "REPLACE INTO block SELECT height + 1, view, time_min, items, log_size, "
	           "randomblob(32), header, body FROM block WHERE height = 4" },
	{ "block", "REPLACE INTO block SELECT 5, view + 1000, time_min, items, log_size, id, "
	           "header, body FROM block WHERE height = 4" },
	{ "block", "INSERT OR IGNORE INTO block SELECT * FROM block WHERE height = 2" },
	{ "block", "INSERT INTO block SELECT 6, view + 1000, time_min, items, log_size, "
	           "randomblob(32), header, body FROM block WHERE height = 4" },
	{ "block", "INSERT INTO block SELECT -1, view + 1000, time_min, items, log_size, "
	           "randomblob(32), header, body FROM block WHERE height = 4" },
	{ "block", "INSERT INTO block (view, time_min, items, log_size, id, header, body) "
	           "SELECT view + 1000, time_min, items, log_size, randomblob(32), header, body "
	           "FROM block WHERE height = 4" },
	{ "block", "INSERT INTO block SELECT * FROM block WHERE height = 2 "
	           "ON CONFLICT (height) DO UPDATE SET body = x'00'" },
	{ "item", "UPDATE item SET tracker = randomblob(32) WHERE leaf = 1" },
	{ "item", "UPDATE OR REPLACE item SET leaf = 3 WHERE leaf = 1" },
	{ "item", "DELETE FROM item WHERE leaf = 1" },
	{ "item", "DELETE FROM item" },
	{ "item", "REPLACE INTO item SELECT * FROM item WHERE leaf = 1" },
	{ "item", "REPLACE INTO item SELECT 20, height, offset, length, type, id, tracker "
	          "FROM item WHERE leaf = 1" },
	{ "item", "REPLACE INTO item SELECT 20, height, offset, length, type, id, "
	          "CAST(substr(tracker, 1, 10) || randomblob(22) AS BLOB) FROM item WHERE leaf = 1" },
	{ "item", "INSERT INTO item SELECT 21, height, offset, length, type, randomblob(32), NULL "
	          "FROM item WHERE leaf = 1" },
	{ "subtree", "UPDATE subtree SET hash = randomblob(32) WHERE level = 0 AND number = 0" },
	{ "subtree", "DELETE FROM subtree WHERE level = 0" },
	{ "subtree", "DELETE FROM subtree" },
	{ "subtree", "REPLACE INTO subtree VALUES (0, 0, randomblob(32))" },
	{ "subtree", "REPLACE INTO subtree VALUES (1, 0, randomblob(32))" },
	{ "subtree", "INSERT INTO subtree VALUES (0, 21, randomblob(32))" },
	{ "subtree", "INSERT INTO subtree VALUES (9, 1, randomblob(32))" },
	{ "certificate", "UPDATE certificate SET bytes = x'00'" },
	{ "certificate", "UPDATE OR REPLACE certificate SET view = 1000 WHERE view = 900" },
	{ "certificate", "DELETE FROM certificate WHERE type = 3" },
	{ "certificate", "DELETE FROM certificate" },
	{ "certificate", "REPLACE INTO certificate VALUES (900, 2, NULL, x'00', randomblob(32))" },
	{ "certificate", "REPLACE INTO certificate VALUES (901, 3, 4, x'00', randomblob(32))" },
	{ "cosignature", "UPDATE cosignature SET bytes = x'00'" },
	{ "cosignature", "DELETE FROM cosignature" },
	{ "cosignature", "REPLACE INTO cosignature VALUES (1, 2, x'00', randomblob(32))" },
	{ "cosignature", "UPDATE OR REPLACE cosignature SET head = 2" },
	{ "genesis_sig", "UPDATE genesis_sig SET sig = randomblob(64) WHERE trustee = 1" },
	{ "genesis_sig", "DELETE FROM genesis_sig" },
	{ "genesis_sig", "REPLACE INTO genesis_sig VALUES (1, randomblob(64))" },
	{ "genesis_sig", "INSERT INTO genesis_sig VALUES (6, randomblob(64))" },
	{ "genesis_sig", "INSERT INTO genesis_sig (sig) VALUES (randomblob(64))" },
};

static void every_change_but_the_next_row_is_refused(void **state)
{
	const char *path = make_store("guards.db");
	uint64_t height;
	struct store *s;

	(void)state;
	for (int recursive = 0; recursive < 2; recursive++) {
		sqlite3 *db = stranger(path);

		assert_int_equal(number(db, "PRAGMA recursive_triggers"), 0);
		if (recursive == 1)
			(void)sqlite3_exec(db, "PRAGMA recursive_triggers = ON", NULL, NULL, NULL);
		for (size_t i = 0; i < sizeof(ATTACKS) / sizeof(ATTACKS[0]); i++)
			refused(db, ATTACKS[i].sql, ATTACKS[i].table);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
	assert_int_equal(store_open(&s, path, STORE_WRITE, NULL), ST_OK);
	assert_int_equal(store_check(s, &height, 0), ST_OK);
	store_close(s);
}

/* STRICT, and the checks of columns: what is no row of ours does not come in as the next one. */
static void the_next_row_must_have_its_form(void **state)
{
	static const char *const ROWS[] = {
		"INSERT INTO block VALUES (5, 1000, 'noon', 0, 20, randomblob(32), randomblob(207), x'')",
		"INSERT INTO block VALUES (5, 1000, 0, 0, 20, randomblob(31), randomblob(207), x'')",
		"INSERT INTO block VALUES (5, 1000, 0, 0, 20, randomblob(32), randomblob(206), x'')",
		"INSERT INTO block VALUES (5, 1000, 0, 0, 20, randomblob(32), randomblob(207), NULL)",
		"INSERT INTO item VALUES (20, 5, 4, 9, 7, randomblob(32), randomblob(10))",
		"INSERT INTO item VALUES (20, 5, 4, 9, 7, 'an id', NULL)",
		"INSERT INTO certificate VALUES (901, 4, 4, x'00', randomblob(32))",
		"INSERT INTO certificate VALUES (901, 2, 4, x'00', randomblob(32))",
		"INSERT INTO certificate VALUES (901, 1, NULL, x'00', randomblob(32))",
		"INSERT INTO genesis_sig VALUES (5, randomblob(63))",
		"INSERT INTO subtree VALUES (0, 20, randomblob(33))",
	};
	sqlite3 *db = stranger(make_store("form.db"));

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		int rc = sqlite3_exec(db, ROWS[i], NULL, NULL, NULL);

		if (rc != SQLITE_CONSTRAINT)
			fail_msg("%s: %d %s", ROWS[i], rc, sqlite3_errmsg(db));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_store_says_what_it_is(void **state)
{
	sqlite3 *db = stranger(make_store("pragmas.db"));
	char text[64];

	(void)state;
	assert_int_equal(number(db, "PRAGMA application_id"), STORE_APPLICATION_ID);
	assert_int_equal(number(db, "PRAGMA user_version"), STORE_USER_VERSION);
	text_of(db, "PRAGMA journal_mode", text, sizeof(text));
	assert_string_equal(text, "wal");
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_table_list "
	                            "WHERE type = 'table' AND schema = 'main' "
	                            "AND name NOT LIKE 'sqlite%' AND NOT strict"), 0);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void the_views_answer_in_words(void **state)
{
	sqlite3 *db = stranger(make_store("views.db"));
	char text[128], sql[256];

	(void)state;
	(void)sqlite3_exec(db, "PRAGMA trusted_schema = OFF", NULL, NULL, NULL);
	assert_int_equal(number(db, "SELECT count(*) FROM blocks"), 5);
	assert_int_equal(number(db, "SELECT sum(certified) FROM blocks"), 2);
	assert_int_equal(number(db, "SELECT count(*) FROM transactions"), 20);
	assert_int_equal(number(db, "SELECT count(*) FROM ballots"), 5);
	text_of(db, "SELECT time_utc FROM blocks WHERE height = 0", text, sizeof(text));
	assert_string_equal(text, "1970-01-01 00:00:00");
	assert_int_equal(number(db, "SELECT count(*) FROM transactions t JOIN item i USING (leaf) "
	                            "WHERE t.tracker = lower(hex(i.tracker)) "
	                            "AND t.id = lower(hex(i.id))"), 5);
	/* The names in the view are those of tx_type_name. */
	for (int type = TX_GENESIS; type <= TX_INCIDENT; type++) {
		(void)snprintf(sql, sizeof(sql),
		               "INSERT INTO item VALUES (%d, 4, 4, 9, %d, randomblob(32), NULL)",
		               20 + type - TX_GENESIS, type);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		(void)snprintf(sql, sizeof(sql), "SELECT type FROM transactions WHERE leaf = %d",
		               20 + type - TX_GENESIS);
		text_of(db, sql, text, sizeof(text));
		assert_string_equal(text, tx_type_name((enum tx_type)type));
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static enum status status_of(const char *path, enum store_access access)
{
	struct store *s = NULL;
	struct fault fault;
	enum status st = store_open(&s, path, access, &fault);

	assert_true((s != NULL) == (st == ST_OK));
	assert_true(st == ST_OK || strlen(fault.what) > 0);
	store_close(s);
	return st;
}

static void an_altered_schema_is_not_opened(void **state)
{
	static const char *const ALTERED[] = {
		"DROP TRIGGER block_no_update",
		"DROP TRIGGER item_next",
		"DROP VIEW ballots",
		"DROP INDEX item_prefix",
		"CREATE TABLE more (x)",
		"CREATE TRIGGER spy AFTER INSERT ON block BEGIN SELECT 1; END",
		"CREATE INDEX quicker ON block (time_min)",
		"ALTER TABLE block ADD COLUMN note TEXT",
		"PRAGMA user_version = 1",
		"PRAGMA user_version = 3",
		"PRAGMA application_id = 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ALTERED) / sizeof(ALTERED[0]); i++) {
		char name[32];
		const char *path;
		sqlite3 *db;

		(void)snprintf(name, sizeof(name), "altered%zu.db", i);
		path = make_store(name);
		assert_int_equal(status_of(path, STORE_READ), ST_OK);
		db = stranger(path);
		if (sqlite3_exec(db, ALTERED[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", ALTERED[i], sqlite3_errmsg(db));
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		if (status_of(path, STORE_READ) != ST_FORMAT ||
		    status_of(path, STORE_WRITE) != ST_FORMAT)
			fail_msg("%s was not noticed", ALTERED[i]);
	}
}

/* Who holds the file can drop a guard, change a row and put the guard back.  Hashes tell. */
static void rows_changed_behind_the_guards_are_found(void **state)
{
	static const struct {
		const char *drop;
		const char *change;
		enum status open;
		enum status check;
	} HANDS[] = {
		{ "block_no_update", "UPDATE block SET body = CAST(body || x'00' AS BLOB) WHERE height = 3",
		  ST_OK, ST_HASH },
		{ "block_no_update", "UPDATE block SET id = randomblob(32) WHERE height = 3",
		  ST_OK, ST_HASH },
		{ "block_no_update", "UPDATE block SET time_min = 1 WHERE height = 0",
		  ST_OK, ST_HASH },
		{ "block_no_update", "UPDATE block SET header = randomblob(207) WHERE height = 4",
		  ST_HASH, ST_HASH },
		{ "block_no_delete", "DELETE FROM block WHERE height = 2", ST_OK, ST_HASH },
		{ "block_no_delete", "DELETE FROM block WHERE height = 4", ST_OK, ST_HASH },
		{ "item_no_update", "UPDATE item SET id = randomblob(32) WHERE leaf = 4",
		  ST_OK, ST_HASH },
		{ "item_no_update", "UPDATE item SET offset = 5 WHERE leaf = 4", ST_OK, ST_HASH },
		{ "item_no_delete", "DELETE FROM item WHERE leaf = 19", ST_OK, ST_HASH },
		{ "subtree_no_update", "UPDATE subtree SET hash = randomblob(32) WHERE level = 4",
		  ST_HASH, ST_HASH },
		{ "subtree_no_update", "UPDATE subtree SET hash = randomblob(32) "
		  "WHERE level = 1 AND number = 1", ST_OK, ST_HASH },
		{ "subtree_no_delete", "DELETE FROM subtree WHERE level = 2", ST_HASH, ST_HASH },
		{ "certificate_no_update", "UPDATE certificate SET view = 700 WHERE view = 900",
		  ST_OK, ST_HASH },
		{ "certificate_no_update", "UPDATE certificate SET height = 2 WHERE height = 3",
		  ST_OK, ST_HASH },
	};
	char guard[1024], sql[256];

	(void)state;
	for (size_t i = 0; i < sizeof(HANDS) / sizeof(HANDS[0]); i++) {
		char name[32];
		const char *path;
		struct store *s = NULL;
		uint64_t height;
		sqlite3 *db;
		enum status st;

		(void)snprintf(name, sizeof(name), "hand%zu.db", i);
		path = make_store(name);
		db = stranger(path);
		(void)snprintf(sql, sizeof(sql), "SELECT sql FROM sqlite_schema WHERE name = '%s'",
		               HANDS[i].drop);
		text_of(db, sql, guard, sizeof(guard));
		(void)snprintf(sql, sizeof(sql), "DROP TRIGGER %s", HANDS[i].drop);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		if (sqlite3_exec(db, HANDS[i].change, NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", HANDS[i].change, sqlite3_errmsg(db));
		assert_true(sqlite3_changes(db) > 0);
		assert_int_equal(sqlite3_exec(db, guard, NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
		st = store_open(&s, path, STORE_READ, NULL);
		if (st != HANDS[i].open)
			fail_msg("%s: %s when opened", HANDS[i].change, status_name(st));
		if (st == ST_OK && store_check(s, &height, 0) != HANDS[i].check)
			fail_msg("%s was not found", HANDS[i].change);
		store_close(s);
	}
}

static int begin(void **state)
{
	(void)state;
	prng_seed(&random_bytes, "test_store_guards");
	return crypto_init() == ST_OK ? 0 : 1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_but_the_next_row_is_refused),
		cmocka_unit_test(the_next_row_must_have_its_form),
		cmocka_unit_test(an_altered_schema_is_not_opened),
		cmocka_unit_test(rows_changed_behind_the_guards_are_found),
		cmocka_unit_test(a_store_says_what_it_is),
		cmocka_unit_test(the_views_answer_in_words),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
