/*
 * wal_impl.h: what the files of the log share (wal.h).
 *
 * Invariant: the file holds written bytes, the batch what follows them; link, instance and amnesia
 * are as after the batch.
 */
#ifndef KALPIS_NODE_WAL_IMPL_H
#define KALPIS_NODE_WAL_IMPL_H

#include "tally-server/node/wal_record.h"

enum { WAL_BATCH_BYTES = 2 * (WAL_PAYLOAD_MAX + WAL_RECORD_OVERHEAD) };

struct wal {
	int fd;
	int lock;
	char path[LIMIT_PATH_BYTES];
	char temp[LIMIT_PATH_BYTES];      /* of a compaction under way */
	char folder[LIMIT_PATH_BYTES];
	uint8_t owner[WAL_OWNER_BYTES];
	struct wal_link link;
	uint64_t instance;
	bool amnesia;
	bool failed;                      /* a write or sync failed: nothing works any more */
	bool is_synced;                   /* nothing was written since the last sync */
	bool appended;                    /* past the time for wal_replay */
	uint64_t written;
	uint64_t settled;                 /* size after the last compaction */
	uint8_t *batch;                   /* WAL_BATCH_BYTES */
	size_t batch_len;
};

/* What a reading of the whole file found. */
struct wal_scan {
	struct wal_head head;
	struct wal_link link;
	enum wal_next end;                /* END, SHORT (cut here) or WRONG (damaged here) */
	uint64_t sound;                   /* bytes up to there */
	uint64_t size;                    /* of the file */
	uint64_t records;                 /* the user's */
	uint64_t instance;
	bool amnesia;
};

/*
 * Read a log through window (WAL_BATCH_BYTES).  each gets the user's records; NULL allowed.
 * ST_FORMAT: not even the head is sound (*out says WRONG at 0); ST_IO; or what each said.
 */
MUST_USE enum status wal_scan_file(struct wal_scan *out, int fd, uint8_t *window,
                                   wal_record_fn *each, void *ctx);

/* Write the batch out, without a sync. */
MUST_USE enum status wal_flush(struct wal *w);
/* Into the batch whatever the type. */
MUST_USE enum status wal_put(struct wal *w, uint8_t type, const void *payload, size_t len);

#endif
