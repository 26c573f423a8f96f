/*
 * store_db.h: a store's connection to SQLite, hardened, with its queries prepared.
 *
 * store_db.c is the only file that includes <sqlite3.h>.  A query is bound, stepped, read and
 * reset by its name in store_sql.h; each is used by one function at a time.
 *
 * Invariant: an open connection has the tables, guards and views of a new store, exactly.
 */
#ifndef KALPIS_LEDGER_STORE_DB_H
#define KALPIS_LEDGER_STORE_DB_H

#include "common/ledger/store_sql.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_db;

/*
 * Makes the file and its tables when it may write and there is none.  ST_FORMAT: not a store, or
 * an altered one; else as every call here: ST_AGAIN (locked), ST_DENIED, ST_NO_MEMORY, ST_IO.
 * *out is set even on failure unless there is no memory, for its message: close it.
 */
MUST_USE enum status store_db_open(struct store_db **out, const char *path, bool write);
void store_db_close(struct store_db *db);   /* NULL is allowed */
/* SQLite's last words. */
const char *store_db_message(const struct store_db *db);

/* Statements without results, such as "BEGIN IMMEDIATE". */
MUST_USE enum status store_db_run(struct store_db *db, const char *sql);
/* The same on the way out of a failure: one more changes nothing. */
void store_db_undo(struct store_db *db, const char *sql);
bool store_db_is_in_transaction(const struct store_db *db);

/* Parameters count from 1; those not bound are NULL.  Bytes are borrowed until the reset. */
void store_db_bind_u64(struct store_db *db, enum store_query q, int at, uint64_t v);
void store_db_bind_bytes(struct store_db *db, enum store_query q, int at, const void *p,
                         size_t len);
/* The next row.  ST_NOT_FOUND after the last. */
MUST_USE enum status store_db_next(struct store_db *db, enum store_query q);
/* Always after the last step: an open query holds the log open. */
void store_db_reset(struct store_db *db, enum store_query q);
/* Step a query that gives no rows, and reset it. */
MUST_USE enum status store_db_finish(struct store_db *db, enum store_query q);

/* Columns of the row at hand count from 0. */
uint64_t store_db_u64(struct store_db *db, enum store_query q, int at);
bool store_db_is_null(struct store_db *db, enum store_query q, int at);
/* Borrowed until the next step or reset; may be NULL when it is empty. */
const uint8_t *store_db_bytes(struct store_db *db, enum store_query q, int at, size_t *len);
/* Exactly len bytes, or ST_HASH. */
MUST_USE enum status store_db_copy_bytes(struct store_db *db, enum store_query q, int at,
                                         void *out, size_t len);

/* Part of a block's body, without reading the rest.  ST_NOT_FOUND; ST_HASH: the body is shorter. */
MUST_USE enum status store_db_body_part(struct store_db *db, uint64_t height, void *out,
                                        size_t offset, size_t len);
/* Pages, rows and indexes fit each other.  ST_FORMAT; reads the whole file. */
MUST_USE enum status store_db_integrity(struct store_db *db);
/* A whole copy in rollback mode, synced.  path is not there. */
MUST_USE enum status store_db_copy(struct store_db *db, const char *path);

#endif
