/*
 * pool_log.c: what was promised, on the disk until it is on the chain (formats-store.md §2).
 *
 *	struct { uint8 late; uint64 promised_min; opaque wire<1..2^20>; } Promised;
 *
 * Invariant: a promise leaves only after its record was synced.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/log.h"

#include <string.h>

enum { PROMISED = 1 };   /* type of record */

static enum status encode(struct node *n, size_t *len, const struct pool_entry *e)
{
	struct writer w;

	writer_init(&w, n->frame, LIMIT_FRAME_BULK);
	writer_u8(&w, (e->flags & POOL_LATE) != 0);
	writer_u64(&w, e->promised_min);
	writer_vec32(&w, e->wire, e->wire_len);
	return writer_end(&w, len);
}

enum status pool_log_append(struct node *n, const struct pool_entry *e)
{
	size_t len;
	enum status st = encode(n, &len, e);

	return st == ST_OK ? wal_append(n->pool_log, PROMISED, n->frame, len) : st;
}

/* --- loading --------------------------------------------------------------------------------- */

static enum status load(struct node *n, const uint8_t *payload, size_t len)
{
	struct pool_entry e = { .flags = POOL_UNCHECKED, .source = INTAKE_OWN };
	struct facts f;
	struct reader r;
	uint8_t late;
	enum status st;

	reader_init(&r, payload, len);
	if ((st = reader_u8(&r, &late)) != ST_OK || late > 1 ||
	    (st = reader_u64(&r, &e.promised_min)) != ST_OK ||
	    (st = reader_vec32(&r, &e.wire, &e.wire_len, LIMIT_TX_BYTES)) != ST_OK ||
	    (st = reader_end(&r)) != ST_OK)
		return st != ST_OK ? st : ST_FORMAT;
	if ((st = facts_of(&f, n->manifest, e.wire, e.wire_len)) != ST_OK)
		return st;
	if (branch_holds(n->branch, f.has_tracker ? f.tracker : NULL, f.id))
		return ST_OK;   /* kept */
	if (late == 1)
		e.flags |= POOL_LATE;
	memcpy(e.id, f.id, sizeof(e.id));
	memcpy(e.tracker, f.tracker, sizeof(e.tracker));
	e.has_tracker = f.has_tracker;
	e.type = f.tx.type;
	e.voter = facts_voter(&f, n->election);
	e.arrived_ms = clock_mono_ms();
	if ((st = pool_add(n->pool, NULL, &e, 0)) != ST_OK)
		return st == ST_DUPLICATE ? ST_OK : st;
	return intake_put(n->intake, INTAKE_OWN, f.id, &f.tx);
}

static enum status load_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct log_line line;
	enum status st = type == PROMISED ? load(ctx, payload, len) : ST_FORMAT;

	if (st == ST_OK || st == ST_NO_MEMORY)
		return st;
	log_begin(&line, LOG_LEVEL_WARN, "promise-unreadable");
	log_status(&line, "why", st);
	log_end(&line);
	return ST_OK;
}

enum status pool_log_load(struct node *n)
{
	struct log_line line;
	enum status st = wal_replay(n->pool_log, load_record, n);

	if (st != ST_OK || !wal_has_amnesia(n->pool_log))
		return st;
	log_begin(&line, LOG_LEVEL_ERROR, "promises-lost");
	log_text(&line, "log", "pool.log");
	log_end(&line);
	st = wal_clear_amnesia(n->pool_log);   /* said once; there is nobody to ask */
	return st == ST_OK ? wal_sync(n->pool_log) : st;
}

/* --- keeping it small ------------------------------------------------------------------------ */

struct live {
	struct node *n;
	const struct pool_entry *next;
};

static enum status next_live(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct live *live = ctx;
	const struct pool_entry *e = live->next;
	enum status st;

	while (e != NULL && e->promised_min == 0)
		e = pool_next(e);
	if (e == NULL)
		return ST_NOT_FOUND;
	if ((st = encode(live->n, len, e)) != ST_OK)
		return st;
	live->next = pool_next(e);
	*type = PROMISED;
	*payload = live->n->frame;
	return ST_OK;
}

enum status pool_log_tidy(struct node *n)
{
	struct live live = { .n = n, .next = pool_first(n->pool) };

	return wal_wants_compaction(n->pool_log) ? wal_compact(n->pool_log, next_live, &live) : ST_OK;
}
