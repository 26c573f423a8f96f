/*
 * store_db.c: see store_db.h.
 */
#include "common/ledger/store_db.h"

#include "crypto/hash.h"
#include "crypto/mem.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000 };

struct store_db {
	sqlite3 *sqlite;
	sqlite3_stmt *query[STORE_QUERIES];
};

static enum status outcome(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ST_OK;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ST_AGAIN;
	case SQLITE_NOMEM:
		return ST_NO_MEMORY;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return ST_DENIED;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ST_FORMAT;
	case SQLITE_CONSTRAINT:   /* a guard met what should have been refused by name before it */
		return ST_INTERNAL;
	default:
		return ST_IO;
	}
}

const char *store_db_message(const struct store_db *db)
{
	return db == NULL ? "out of memory" : sqlite3_errmsg(db->sqlite);
}

enum status store_db_run(struct store_db *db, const char *sql)
{
	return outcome(sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL));
}

void store_db_undo(struct store_db *db, const char *sql)
{
	(void)sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
}

bool store_db_is_in_transaction(const struct store_db *db)
{
	return sqlite3_get_autocommit(db->sqlite) == 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum status step(sqlite3_stmt *q)
{
	int rc = sqlite3_step(q);

	return rc == SQLITE_ROW ? ST_OK : rc == SQLITE_DONE ? ST_NOT_FOUND : outcome(rc);
}

/* Everything that sqlite_schema says, as one hash. */
static enum status schema_digest(sqlite3 *sqlite, uint8_t out[static HASH256_BYTES])
{
	sqlite3_stmt *q = NULL;
	struct hash h;
	enum status st;

	st = outcome(sqlite3_prepare_v2(sqlite, store_sql(STORE_Q_SCHEMA), -1, &q, NULL));
	if (st != ST_OK)
		return st;
	hash256_purpose(&h, "store-schema");
	while ((st = step(q)) == ST_OK)
		for (int i = 0; i < 4; i++) {
			const void *text = sqlite3_column_text(q, i);

			hash_field(&h, text == NULL ? "" : text,
			           (size_t)sqlite3_column_bytes(q, i));
		}
	hash256_final(&h, out);
	sqlite3_finalize(q);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status number(sqlite3 *sqlite, const char *sql, sqlite3_int64 *out)
{
	sqlite3_stmt *q = NULL;
	enum status st = outcome(sqlite3_prepare_v2(sqlite, sql, -1, &q, NULL));

	if (st == ST_OK && (st = step(q)) == ST_OK)
		*out = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return st;
}

static enum status make_tables(sqlite3 *sqlite)
{
	enum status st = ST_OK;

	for (size_t i = 0; st == ST_OK && STORE_SCHEMA[i] != NULL; i++)
		st = outcome(sqlite3_exec(sqlite, STORE_SCHEMA[i], NULL, NULL, NULL));
	return st;
}

/*
 * Tables, indexes, guards and views are exactly those of a new store: nothing of them was dropped
 * and nothing came in that would run when we read.
 */
static enum status check_schema(sqlite3 *sqlite)
{
	uint8_t want[HASH256_BYTES], have[HASH256_BYTES];
	sqlite3_int64 application = 0, version = 0;
	sqlite3 *model = NULL;
	enum status st;

	if ((st = number(sqlite, "PRAGMA application_id", &application)) != ST_OK ||
	    (st = number(sqlite, "PRAGMA user_version", &version)) != ST_OK)
		return st;
	if (application != STORE_APPLICATION_ID || version != STORE_USER_VERSION)
		return ST_FORMAT;
	if ((st = outcome(sqlite3_open(":memory:", &model))) == ST_OK &&
	    (st = make_tables(model)) == ST_OK &&
	    (st = schema_digest(model, want)) == ST_OK &&
	    (st = schema_digest(sqlite, have)) == ST_OK &&
	    !mem_is_equal(want, have, sizeof(want)))
		st = ST_FORMAT;
	(void)sqlite3_close(model);
	return st;
}

/* A new file gets its tables at once or not at all. */
static enum status make_store(struct store_db *db)
{
	sqlite3_int64 objects = 0;
	enum status st;

	if ((st = store_db_run(db, STORE_PRAGMAS_WRITE)) != ST_OK ||
	    (st = store_db_run(db, "BEGIN IMMEDIATE")) != ST_OK)
		return st;
	st = number(db->sqlite, "SELECT count(*) FROM sqlite_schema", &objects);
	if (st == ST_OK && objects == 0)
		st = make_tables(db->sqlite);
	if (st == ST_OK)
		st = store_db_run(db, "COMMIT");
	if (st != ST_OK)
		store_db_undo(db, "ROLLBACK");
	return st;
}

static enum status harden(struct store_db *db)
{
	int rc = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_TRIGGER, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_extended_result_codes(db->sqlite, 1);
	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(db->sqlite, BUSY_MS);
	return rc == SQLITE_OK ? store_db_run(db, STORE_PRAGMAS) : outcome(rc);
}

enum status store_db_open(struct store_db **out, const char *path, bool write)
{
	int flags = write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
	struct store_db *db = calloc(1, sizeof(*db));
	enum status st;

	*out = db;
	if (db == NULL)
		return ST_NO_MEMORY;
	st = outcome(sqlite3_open_v2(path, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL));
	if (st != ST_OK ||
	    (st = harden(db)) != ST_OK ||
	    (write && (st = make_store(db)) != ST_OK) ||
	    (st = check_schema(db->sqlite)) != ST_OK)
		return st;
	for (int i = 0; st == ST_OK && i < STORE_QUERIES; i++)
		st = outcome(sqlite3_prepare_v3(db->sqlite, store_sql((enum store_query)i), -1,
		                                SQLITE_PREPARE_PERSISTENT, &db->query[i], NULL));
	return st;
}

void store_db_close(struct store_db *db)
{
	if (db == NULL)
		return;
	for (int i = 0; i < STORE_QUERIES; i++)
		(void)sqlite3_finalize(db->query[i]);
	(void)sqlite3_close(db->sqlite);
	free(db);
}

/* --- queries ---------------------------------------------------------------------------------- */

/* SQLite counts to 2^63 - 1: more is never there, and store.c puts no more. */
void store_db_bind_u64(struct store_db *db, enum store_query q, int at, uint64_t v)
{
	(void)sqlite3_bind_int64(db->query[q], at,
	                         v > INT64_MAX ? INT64_MAX : (sqlite3_int64)v);
}

void store_db_bind_bytes(struct store_db *db, enum store_query q, int at, const void *p,
                         size_t len)
{
	(void)sqlite3_bind_blob64(db->query[q], at, len == 0 ? "" : p, len, SQLITE_STATIC);
}

enum status store_db_next(struct store_db *db, enum store_query q)
{
	return step(db->query[q]);
}

void store_db_reset(struct store_db *db, enum store_query q)
{
	(void)sqlite3_reset(db->query[q]);
	(void)sqlite3_clear_bindings(db->query[q]);
}

enum status store_db_finish(struct store_db *db, enum store_query q)
{
	enum status st = store_db_next(db, q);

	store_db_reset(db, q);
	return st == ST_NOT_FOUND ? ST_OK : st == ST_OK ? ST_INTERNAL : st;
}

uint64_t store_db_u64(struct store_db *db, enum store_query q, int at)
{
	return (uint64_t)sqlite3_column_int64(db->query[q], at);
}

bool store_db_is_null(struct store_db *db, enum store_query q, int at)
{
	return sqlite3_column_type(db->query[q], at) == SQLITE_NULL;
}

const uint8_t *store_db_bytes(struct store_db *db, enum store_query q, int at, size_t *len)
{
	const void *p = sqlite3_column_blob(db->query[q], at);

	*len = (size_t)sqlite3_column_bytes(db->query[q], at);
	return p;
}

enum status store_db_copy_bytes(struct store_db *db, enum store_query q, int at, void *out,
                                size_t len)
{
	size_t have;
	const uint8_t *p = store_db_bytes(db, q, at, &have);

	if (p == NULL || have != len)
		return ST_HASH;
	memcpy(out, p, len);
	return ST_OK;
}

enum status store_db_body_part(struct store_db *db, uint64_t height, void *out, size_t offset,
                               size_t len)
{
	sqlite3_blob *blob = NULL;
	enum status st;
	int rc;

	if (height > INT64_MAX)
		return ST_NOT_FOUND;
	rc = sqlite3_blob_open(db->sqlite, "main", "block", "body", (sqlite3_int64)height, 0,
	                       &blob);
	if (rc == SQLITE_OK && offset + len > (size_t)sqlite3_blob_bytes(blob))
		st = ST_HASH;
	else if (rc == SQLITE_OK)
		st = outcome(sqlite3_blob_read(blob, out, (int)len, (int)offset));
	else
		st = rc == SQLITE_ERROR ? ST_NOT_FOUND : outcome(rc);
	(void)sqlite3_blob_close(blob);
	return st;
}

/* --- a copy ----------------------------------------------------------------------------------- */

/* SQLite does not sync what it vacuums into. */
static enum status sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return ST_IO;
	rc = fsync(fd);
	close(fd);
	return rc == 0 ? ST_OK : ST_IO;
}

enum status store_db_integrity(struct store_db *db)
{
	sqlite3_stmt *q = NULL;
	const unsigned char *word;
	enum status st;

	st = outcome(sqlite3_prepare_v2(db->sqlite, "PRAGMA integrity_check(1)", -1, &q, NULL));
	if (st == ST_OK && (st = step(q)) == ST_OK) {
		word = sqlite3_column_text(q, 0);
		if (word == NULL || strcmp((const char *)word, "ok") != 0)
			st = ST_FORMAT;
	}
	sqlite3_finalize(q);
	return st == ST_NOT_FOUND ? ST_FORMAT : st;
}

enum status store_db_copy(struct store_db *db, const char *path)
{
	enum status st;

	(void)sqlite3_bind_text(db->query[STORE_Q_COPY], 1, path, -1, SQLITE_STATIC);
	st = store_db_finish(db, STORE_Q_COPY);
	return st == ST_OK ? sync_file(path) : st;
}
