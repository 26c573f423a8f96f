/*
 * store_sql.c: see store_sql.h.
 *
 * The guards.  BEFORE UPDATE and BEFORE DELETE refuse.  INSERT OR REPLACE deletes rows without
 * firing the delete guard unless the connection said recursive_triggers=ON, and a stranger's does
 * not: so BEFORE INSERT refuses every row that is not the next one or meets another on anything
 * that is unique.  RAISE(ABORT) holds whatever OR clause the statement has.
 */
#include "common/ledger/store_sql.h"

#include <stddef.h>

#define GUARD(table)                                                                              \
	"CREATE TRIGGER " table "_no_update BEFORE UPDATE ON " table "\n"                         \
	"BEGIN SELECT RAISE(ABORT, 'append-only: " table " rows never change'); END;\n"           \
	"CREATE TRIGGER " table "_no_delete BEFORE DELETE ON " table "\n"                         \
	"BEGIN SELECT RAISE(ABORT, 'append-only: " table " rows stay'); END;\n"

const char *const STORE_SCHEMA[] = {
	"PRAGMA application_id = 0x4b4c5053;\n"
	"PRAGMA user_version = 2;\n",

	"CREATE TABLE block (\n"
	"  height INTEGER PRIMARY KEY,\n"
	"  view INTEGER NOT NULL UNIQUE,\n"
	"  time_min INTEGER NOT NULL,   -- minutes since 1970-01-01 UTC\n"
	"  items INTEGER NOT NULL,\n"
	"  log_size INTEGER NOT NULL,   -- leaves of the log after this block\n"
	"  id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),\n"
	"  header BLOB NOT NULL CHECK (length(header) = 207),\n"
	"  body BLOB NOT NULL\n"
	") STRICT;\n"
	GUARD("block")
	"CREATE TRIGGER block_next BEFORE INSERT ON block\n"
	"WHEN NEW.height IS NOT (SELECT coalesce(max(height) + 1, 0) FROM block)\n"
	"  OR NEW.view <= (SELECT max(view) FROM block)\n"
	"  OR EXISTS (SELECT 1 FROM block WHERE id = NEW.id)\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: not the next block'); END;\n",

	"CREATE TABLE genesis_sig (\n"
	"  trustee INTEGER PRIMARY KEY CHECK (trustee >= 1),\n"
	"  sig BLOB NOT NULL CHECK (length(sig) = 64)\n"
	") STRICT;\n"
	GUARD("genesis_sig")
	"CREATE TRIGGER genesis_sig_next BEFORE INSERT ON genesis_sig\n"
	"WHEN NEW.trustee IS NOT (SELECT coalesce(max(trustee) + 1, 1) FROM genesis_sig)\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: not the next signature'); END;\n",

	"CREATE TABLE certificate (\n"
	"  view INTEGER NOT NULL,\n"
	"  type INTEGER NOT NULL CHECK (type IN (1, 2, 3)),   -- notarize, nullify, finalize\n"
	"  height INTEGER,              -- of the block; NULL for nullify\n"
	"  bytes BLOB NOT NULL,\n"
	"  hash BLOB NOT NULL CHECK (length(hash) = 32),   -- SHA-256 of bytes\n"
	"  PRIMARY KEY (view, type),\n"
	"  CHECK ((type = 2) = (height IS NULL))\n"
	") STRICT, WITHOUT ROWID;\n"
	"CREATE UNIQUE INDEX certificate_final ON certificate (height) WHERE type = 3;\n"
	GUARD("certificate")
	"CREATE TRIGGER certificate_new BEFORE INSERT ON certificate\n"
	"WHEN EXISTS (SELECT 1 FROM certificate WHERE view = NEW.view AND type = NEW.type)\n"
	"  OR (NEW.type = 3 AND\n"
	"      EXISTS (SELECT 1 FROM certificate WHERE type = 3 AND height = NEW.height))\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: that certificate is here'); END;\n",

	"CREATE TABLE cosignature (\n"
	"  head INTEGER NOT NULL CHECK (head IN (1, 2)),   -- end, result\n"
	"  node INTEGER NOT NULL,\n"
	"  bytes BLOB NOT NULL,\n"
	"  hash BLOB NOT NULL CHECK (length(hash) = 32),   -- SHA-256 of bytes\n"
	"  PRIMARY KEY (head, node)\n"
	") STRICT, WITHOUT ROWID;\n"
	GUARD("cosignature")
	"CREATE TRIGGER cosignature_new BEFORE INSERT ON cosignature\n"
	"WHEN EXISTS (SELECT 1 FROM cosignature WHERE head = NEW.head AND node = NEW.node)\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: that cosignature is here'); END;\n",

	"CREATE TABLE item (\n"
	"  leaf INTEGER PRIMARY KEY,    -- index in the log\n"
	"  height INTEGER NOT NULL,\n"
	"  offset INTEGER NOT NULL,     -- of its first byte in the body\n"
	"  length INTEGER NOT NULL,\n"
	"  type INTEGER NOT NULL,\n"
	"  id BLOB NOT NULL CHECK (length(id) = 32),\n"
	"  tracker BLOB CHECK (length(tracker) = 32)\n"
	") STRICT;\n"
	"CREATE UNIQUE INDEX item_prefix ON item (substr(tracker, 1, 10)) WHERE tracker NOT NULL;\n"
	GUARD("item")
	"CREATE TRIGGER item_next BEFORE INSERT ON item\n"
	"WHEN NEW.leaf IS NOT (SELECT coalesce(max(leaf) + 1, 0) FROM item)\n"
	"  OR EXISTS (SELECT 1 FROM item WHERE tracker NOT NULL\n"
	"             AND substr(tracker, 1, 10) = substr(NEW.tracker, 1, 10))\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: not the next leaf'); END;\n",

	"CREATE TABLE subtree (         -- RFC 6962: roots of the complete subtrees of the log\n"
	"  level INTEGER NOT NULL,      -- 0: leaves\n"
	"  number INTEGER NOT NULL,     -- over leaves number << level and following\n"
	"  hash BLOB NOT NULL CHECK (length(hash) = 32),\n"
	"  PRIMARY KEY (level, number)\n"
	") STRICT, WITHOUT ROWID;\n"
	GUARD("subtree")
	"CREATE TRIGGER subtree_next BEFORE INSERT ON subtree\n"
	"WHEN NEW.number IS NOT\n"
	"  (SELECT coalesce(max(number) + 1, 0) FROM subtree WHERE level = NEW.level)\n"
	"BEGIN SELECT RAISE(ABORT, 'append-only: not the next subtree'); END;\n",

	"CREATE VIEW blocks AS SELECT b.height,\n"
	"  datetime(b.time_min * 60, 'unixepoch') AS time_utc, b.items, b.log_size, b.view,\n"
	"  length(b.body) AS bytes, lower(hex(b.id)) AS id,\n"
	"  EXISTS (SELECT 1 FROM certificate c WHERE c.type = 3 AND c.height = b.height)\n"
	"    AS certified\n"
	"FROM block b;\n",

	"CREATE VIEW transactions AS SELECT i.leaf, i.height,\n"
	"  datetime(b.time_min * 60, 'unixepoch') AS time_utc,\n"
	"  CASE i.type WHEN 1 THEN 'genesis' WHEN 2 THEN 'dkg-commit' WHEN 3 THEN 'dkg-deal'\n"
	"    WHEN 4 THEN 'dkg-complain' WHEN 5 THEN 'dkg-confirm' WHEN 6 THEN 'advance'\n"
	"    WHEN 7 THEN 'roll' WHEN 8 THEN 'device' WHEN 9 THEN 'open' WHEN 10 THEN 'ballot'\n"
	"    WHEN 11 THEN 'test' WHEN 12 THEN 'close' WHEN 13 THEN 'end'\n"
	"    WHEN 14 THEN 'kiosk-closing' WHEN 15 THEN 'share' WHEN 16 THEN 'result'\n"
	"    WHEN 17 THEN 'evidence' WHEN 18 THEN 'complaint' WHEN 19 THEN 'incident'\n"
	"    ELSE i.type END AS type,\n"
	"  i.length AS bytes, lower(hex(i.id)) AS id,\n"
	"  CASE WHEN i.tracker NOT NULL THEN lower(hex(i.tracker)) END AS tracker\n"
	"FROM item i JOIN block b ON b.height = i.height;\n",

	"CREATE VIEW ballots AS SELECT tracker, type, leaf, height, time_utc\n"
	"FROM transactions WHERE type IN ('ballot', 'test');\n",

	NULL
};

/* A file may come from anywhere: its schema calls nothing that could do harm (and see
 * check_schema in store_db.c). */
const char STORE_PRAGMAS[] =
	"PRAGMA trusted_schema = OFF;\n"
	"PRAGMA cell_size_check = ON;\n"
	"PRAGMA recursive_triggers = ON;\n"
	"PRAGMA temp_store = MEMORY;\n";

/* In WAL mode NORMAL would lose the last transactions at a power cut: receipts promise more. */
const char STORE_PRAGMAS_WRITE[] =
	"PRAGMA journal_mode = WAL;\n"
	"PRAGMA synchronous = FULL;\n"
	"PRAGMA journal_size_limit = 67108864;\n";

static const char *const SQL[STORE_QUERIES] = {
	[STORE_Q_TIP] = "SELECT id, header FROM block ORDER BY height DESC LIMIT 1",
	[STORE_Q_BLOCK] =
		"SELECT id, header, view, time_min, items, log_size, body FROM block "
		"WHERE height = ?1",
	[STORE_Q_HEADER] =
		"SELECT id, header, view, time_min, items, log_size FROM block WHERE height = ?1",
	[STORE_Q_HEIGHT] = "SELECT height FROM block WHERE id = ?1",
	[STORE_Q_CERTIFICATE] = "SELECT bytes, hash FROM certificate WHERE view = ?1 AND type = ?2",
	[STORE_Q_CERTIFICATE_NEXT] =
		"SELECT bytes, hash FROM certificate WHERE (view, type) > (?1, ?2) "
		"ORDER BY view, type LIMIT 1",
	[STORE_Q_CERTIFIED_UP] =
		"SELECT b.id, b.header, c.bytes, c.hash FROM certificate c JOIN block b "
		"ON b.height = c.height WHERE c.type = 3 AND c.height BETWEEN ?1 AND ?2 "
		"ORDER BY c.height LIMIT 1",
	[STORE_Q_CERTIFIED_DOWN] =
		"SELECT b.id, b.header, c.bytes, c.hash FROM certificate c JOIN block b "
		"ON b.height = c.height WHERE c.type = 3 AND c.height BETWEEN ?1 AND ?2 "
		"ORDER BY c.height DESC LIMIT 1",
	[STORE_Q_SIGS] = "SELECT sig FROM genesis_sig ORDER BY trustee",
	[STORE_Q_COSIGNATURE] = "SELECT bytes, hash FROM cosignature WHERE head = ?1 AND node = ?2",
	[STORE_Q_ITEM_LEAF] =
		"SELECT leaf, height, offset, length, type, id, tracker FROM item WHERE leaf = ?1",
	[STORE_Q_ITEM_PREFIX] =
		"SELECT leaf, height, offset, length, type, id, tracker FROM item "
		"WHERE tracker NOT NULL AND substr(tracker, 1, 10) = ?1",
	[STORE_Q_SUBTREE] = "SELECT hash FROM subtree WHERE level = ?1 AND number = ?2",
	[STORE_Q_PUT_BLOCK] =
		"INSERT INTO block (height, view, time_min, items, log_size, id, header, body) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[STORE_Q_PUT_CERTIFICATE] =
		"INSERT INTO certificate (view, type, height, bytes, hash) "
		"VALUES (?1, ?2, ?3, ?4, ?5)",
	[STORE_Q_PUT_SIG] = "INSERT INTO genesis_sig (trustee, sig) VALUES (?1, ?2)",
	[STORE_Q_PUT_COSIGNATURE] =
		"INSERT INTO cosignature (head, node, bytes, hash) VALUES (?1, ?2, ?3, ?4)",
	[STORE_Q_PUT_ITEM] =
		"INSERT INTO item (leaf, height, offset, length, type, id, tracker) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[STORE_Q_PUT_SUBTREE] = "INSERT INTO subtree (level, number, hash) VALUES (?1, ?2, ?3)",
	[STORE_Q_SCHEMA] = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
	[STORE_Q_COPY] = "VACUUM INTO ?1",
};

const char *store_sql(enum store_query q)
{
	return SQL[q];
}
