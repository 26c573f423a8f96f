/*
 * store_sql.h: what the block store says to SQLite (formats-store.md §1).
 *
 * Invariant: texts only; nothing is ever put together from parts.
 */
#ifndef KALPIS_LEDGER_STORE_SQL_H
#define KALPIS_LEDGER_STORE_SQL_H

enum {
	STORE_APPLICATION_ID = 0x4b4c5053,   /* "KLPS": PRAGMA application_id */
	STORE_USER_VERSION = 2               /* PRAGMA user_version */
};

/* Everything that makes a new store, in order, within one transaction; NULL at the end. */
extern const char *const STORE_SCHEMA[];
/* What a connection needs, whatever it does; and what a writer needs besides. */
extern const char STORE_PRAGMAS[];
extern const char STORE_PRAGMAS_WRITE[];

enum store_query {
	STORE_Q_TIP = 0,          /* -> id, header */
	STORE_Q_BLOCK,            /* height -> id, header, view, time_min, items, log_size, body */
	STORE_Q_HEADER,           /* height -> the same without body */
	STORE_Q_HEIGHT,           /* id -> height */
	STORE_Q_CERTIFICATE,      /* view, type -> bytes, hash */
	STORE_Q_CERTIFICATE_NEXT, /* view, type -> those of the first beyond */
	STORE_Q_CERTIFIED_UP,     /* from, to -> id, header, bytes, hash: the lowest */
	STORE_Q_CERTIFIED_DOWN,   /* from, to -> id, header, bytes, hash: the highest */
	STORE_Q_SIGS,             /* -> sig, in order */
	STORE_Q_COSIGNATURE,      /* head, node -> bytes, hash */
	STORE_Q_ITEM_LEAF,        /* leaf -> leaf, height, offset, length, type, id, tracker */
	STORE_Q_ITEM_PREFIX,      /* prefix -> the same */
	STORE_Q_SUBTREE,          /* level, number -> hash */
	STORE_Q_PUT_BLOCK,        /* height, view, time_min, items, log_size, id, header, body */
	STORE_Q_PUT_CERTIFICATE,  /* view, type, height or NULL, bytes, hash */
	STORE_Q_PUT_SIG,          /* trustee, sig */
	STORE_Q_PUT_COSIGNATURE,  /* head, node, bytes, hash */
	STORE_Q_PUT_ITEM,         /* leaf, height, offset, length, type, id, tracker or NULL */
	STORE_Q_PUT_SUBTREE,      /* level, number, hash */
	STORE_Q_SCHEMA,           /* -> type, name, table, sql, in order */
	STORE_Q_COPY,             /* path */
	STORE_QUERIES             /* not a query: how many there are */
};

const char *store_sql(enum store_query q);

#endif
