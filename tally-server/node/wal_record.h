/*
 * wal_record.h: the bytes of a log: its head, and records chained to it (wal.h).
 *
 * Pure: bytes in, bytes out.
 *
 * Invariant: what wal_record_write wrote behind a link, wal_record_read reads behind the same link,
 * and nothing else.
 */
#ifndef KALPIS_NODE_WAL_RECORD_H
#define KALPIS_NODE_WAL_RECORD_H

#include "tally-server/node/wal.h"

enum {
	WAL_RECORD_HEAD_BYTES = 17,       /* length, type, number, CRC */
	WAL_RECORD_TAIL_BYTES = 36,       /* CRC, chain */
	WAL_RECORD_MAX = WAL_RECORD_OVERHEAD + WAL_PAYLOAD_MAX,
	/* The log's own records. */
	WAL_TYPE_INSTANCE = 0xf0,         /* opened: u64 how often */
	WAL_TYPE_AMNESIA = 0xf1,          /* from here on something may be forgotten */
	WAL_TYPE_RECOVERED = 0xf2         /* no longer */
};

_Static_assert((int)WAL_RECORD_HEAD_BYTES + (int)WAL_RECORD_TAIL_BYTES == (int)WAL_RECORD_OVERHEAD,
               "a record is head, payload, tail");

/* What the first WAL_HEAD_BYTES say. */
struct wal_head {
	uint8_t owner[WAL_OWNER_BYTES];
	uint64_t first;                   /* number of the first record */
	uint64_t instance;                /* openings before it */
	bool amnesia;
};

/* Where the chain stands: what the next record is chained to. */
struct wal_link {
	uint8_t chain[32];
	uint64_t number;                  /* of the next record */
};

void wal_head_write(uint8_t out[static WAL_HEAD_BYTES], const struct wal_head *h,
                    struct wal_link *link);
/* ST_FORMAT: no head, or an altered one. */
MUST_USE enum status wal_head_read(struct wal_head *out, struct wal_link *link,
                                   const uint8_t *buf, size_t len);

/* Writes WAL_RECORD_OVERHEAD + len bytes; link moves on.  len <= WAL_PAYLOAD_MAX. */
void wal_record_write(uint8_t *out, struct wal_link *link, uint8_t type, const void *payload,
                      size_t len);

struct wal_record {
	uint8_t type;
	const uint8_t *payload;           /* borrowed */
	size_t len;
	size_t bytes;                     /* of the whole record */
};

enum wal_next {
	WAL_NEXT_RECORD,
	WAL_NEXT_END,             /* nothing follows */
	WAL_NEXT_SHORT,           /* the bytes end within a record that is sound so far */
	WAL_NEXT_WRONG            /* does not fit */
};

/*
 * The record at buf, of which len bytes are there: all of the rest of the log, or at least
 * WAL_RECORD_MAX.  link moves on when it is WAL_NEXT_RECORD.  out is untouched as long as the
 * record's head does not fit.
 */
enum wal_next wal_record_read(struct wal_record *out, struct wal_link *link, const uint8_t *buf,
                              size_t len);

#endif
