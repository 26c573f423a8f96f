/*
 * wal.h: a write-ahead log: records that are on the disk before what rests on them is sent
 * (docs/consensus.md, R0 and R15; formats-store.md §2).
 *
 * The node keeps one for the records of consensus, the signer one for its votes.  A record is
 *     u32 payload length, u8 type, u64 number, u32 CRC-32C of these 13 bytes,
 *     payload, u32 CRC-32C of all before it, 32 bytes chain
 * with chain = H("log-record", chain before, the 17 bytes, payload); the file's head is the first
 * link.  So no record can be altered, left out, moved or taken from another log unnoticed.
 *
 * Cut or damaged?  A crash may leave the last write unfinished: the file ends within a record, or
 * in blocks of the disk that were never written (zeros).  Such a tail is cut off: nothing that was
 * synced lies there.  Everything else that does not fit is damage: the log can no longer say what
 * it once said, the file is kept under another name for people, and a new log begins that says of
 * itself, for as long as need be, that something was lost (amnesia).  A complete record that does
 * not fit is damage even at the end, since it may have been synced: better to ask the other nodes
 * than to sign twice.  What no log can notice by itself is an older copy of itself: see
 * wal_instance, and the votes inside certificates.
 *
 * Invariant: what wal_sync said ST_OK to is read again by the next wal_open, in this order.  After
 * a write or a sync that failed nothing works any more (ST_IO): its outcome is unknown.
 */
#ifndef KALPIS_NODE_WAL_H
#define KALPIS_NODE_WAL_H

#include "common/base/limits.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	WAL_OWNER_BYTES = 32,
	WAL_PAYLOAD_MAX = 2 << 20,
	WAL_RECORD_OVERHEAD = 53,
	WAL_HEAD_BYTES = 69,              /* of the file */
	WAL_TYPE_MAX = 0xef,              /* higher ones are the log's own */
	WAL_COMPACT_BYTES = 64 << 20      /* below this size compaction is never asked for */
};

struct wal;

enum wal_found {
	WAL_SOUND,
	WAL_CUT,          /* the unfinished end of the last write was cut off */
	WAL_MISSING,      /* no file: a new one was begun, with amnesia */
	WAL_DAMAGED       /* set aside; a new one was begun, with amnesia */
};

struct wal_report {
	enum wal_found found;
	uint64_t records;         /* that wal_replay will give */
	uint64_t cut_bytes;       /* WAL_CUT */
	uint64_t damage_at;       /* WAL_DAMAGED: offset of the record that does not fit */
	char aside[LIMIT_PATH_BYTES];   /* WAL_DAMAGED: where the old file is now */
};

/* Whose log: H("log-owner", kind, election, node, its key).  kind: "node" or "signer". */
void wal_owner(uint8_t out[static WAL_OWNER_BYTES], const char *kind,
               const uint8_t election_id[static 32], uint8_t self,
               const uint8_t node_key[static 32]);

/* Begin an empty log, once in a node's life.  ST_EXISTS when there is one. */
MUST_USE enum status wal_create(const char *path, const uint8_t owner[static WAL_OWNER_BYTES]);
/*
 * Open for this process alone (path ".lock" is held); every open is a new instance.  owner says
 * whose log it is.  ST_AGAIN: another process has it; ST_ELECTION: sound, but another's; ST_DENIED,
 * ST_IO, ST_NO_MEMORY.  ST_OK with a report of what was found otherwise, damage included.
 */
MUST_USE enum status wal_open(struct wal **out, struct wal_report *report, const char *path,
                              const uint8_t owner[static WAL_OWNER_BYTES]);
/*
 * The same of a log that somebody remembers was opened so often.  One that was opened less often is
 * an older copy: amnesia, which reaches the disk with this opening or not at all, so that no crash
 * leaves a log that counts on and looks like the newest.
 */
MUST_USE enum status wal_open_again(struct wal **out, struct wal_report *report, const char *path,
                                    const uint8_t owner[static WAL_OWNER_BYTES],
                                    uint64_t openings);
/* What was appended and not synced is lost.  NULL is allowed. */
void wal_close(struct wal *w);

/* Called for each record; payload is borrowed for the call.  Anything but ST_OK ends the replay. */
typedef enum status wal_record_fn(void *ctx, uint8_t type, const uint8_t *payload, size_t len);
/*
 * Every record in order, before the first append; amnesia may have been set or cleared, and synced.
 * ST_OK, ST_IO, or what each said.
 */
MUST_USE enum status wal_replay(struct wal *w, wal_record_fn *each, void *ctx);

/* Into the batch; nothing is durable yet.  type <= WAL_TYPE_MAX, len <= WAL_PAYLOAD_MAX. */
MUST_USE enum status wal_append(struct wal *w, uint8_t type, const void *payload, size_t len);
/* The batch is on the disk. */
MUST_USE enum status wal_sync(struct wal *w);

/*
 * Amnesia: something that was logged may be forgotten.  It lasts over restarts until
 * wal_clear_amnesia, which goes into the batch as a record does.
 */
bool wal_has_amnesia(const struct wal *w);
MUST_USE enum status wal_set_amnesia(struct wal *w);
MUST_USE enum status wal_clear_amnesia(struct wal *w);

/* How often this log was opened; never decreases unless an older copy was put in its place. */
uint64_t wal_instance(const struct wal *w);
/* Bytes of the file, with the batch. */
uint64_t wal_bytes(const struct wal *w);

/* The log is at least WAL_COMPACT_BYTES and twice what it was after the last compaction. */
bool wal_wants_compaction(const struct wal *w);
/* The next record to keep; ST_NOT_FOUND after the last.  payload stays good until the next call. */
typedef enum status wal_live_fn(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len);
/*
 * Replace the whole log by these records: a new file takes the old one's name once it is on the
 * disk.  Syncs the batch first.  A failure of next leaves the log as it was.
 */
MUST_USE enum status wal_compact(struct wal *w, wal_live_fn *next, void *ctx);

/* CRC-32C (RFC 3720, B.4), continued from crc (0 at first). */
uint32_t wal_crc32c(uint32_t crc, const void *p, size_t len);

#endif
