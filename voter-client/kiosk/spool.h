/*
 * spool.h: what a kiosk must not forget: every ballot that it locked, and what became of it
 * (docs/formats-kiosk.md §3).
 *
 * One sealed file for each ballot, in a folder that one process holds at a time.  A record is on
 * the disk before the step that it speaks of is taken.  It never holds a plain vote, a ballot's
 * randomness, or a slip's secret; a file's bytes tell nothing without the kiosk's key.
 *
 *	SEALED -> CAST_REQUESTED -> CAST      SEALED -> TESTED      SEALED -> VOID
 *	          CAST_REQUESTED -> VOID      (the chain can never take it)
 *
 * Invariant: records are numbered 1, 2, 3 ... without gaps; the chain of what the kiosk locked
 * runs through them; a record never goes any other way than those above.
 */
#ifndef KALPIS_KIOSK_SPOOL_H
#define KALPIS_KIOSK_SPOOL_H

#include "common/base/fault.h"
#include "common/election/slip.h"
#include "crypto/seal.h"

enum {
	SPOOL_RECORDS_MAX = 65536,
	SPOOL_BYTES_MAX = LIMIT_TX_BYTES
};

enum spool_state {
	SPOOL_SEALED = 1,            /* bytes: the body, as far as a ballot transaction holds it */
	SPOOL_CAST_REQUESTED = 2,    /* bytes: the signed ballot transaction */
	SPOOL_CAST = 3,              /* no bytes: it is on the chain, the receipt is written */
	SPOOL_TESTED = 4,            /* bytes: the signed test transaction */
	SPOOL_VOID = 5               /* no bytes */
};

struct spool_record {
	uint32_t sequence;           /* 1, 2, 3 ... */
	enum spool_state state;
	uint8_t tracker[32];
	uint8_t before[32];          /* chain_{n-1} of slip.h */
	uint8_t blinding[32];        /* of the device commitment */
	uint8_t *bytes;              /* owned by the spool */
	size_t bytes_len;
};

/* Whose spool it is: another kiosk's or election's is refused. */
struct spool_owner {
	uint8_t election_id[32];
	uint16_t kiosk;
	uint8_t key[SEAL_KEY_BYTES]; /* secret; see spool_key */
};

struct spool;

/* The key that seals a kiosk's spool, from its device secret and the election. */
void spool_key(uint8_t out[static SEAL_KEY_BYTES], const uint8_t device_secret[static 32],
               const uint8_t election_id[static 32]);

/*
 * Open (and make, where there is none) the spool in a folder, and hold it.  ST_AGAIN: another
 * process holds it; ST_SEAL: altered, or another key's; ST_HASH: a record is missing or does not
 * follow; ST_ELECTION: another kiosk's; ST_LIMIT, ST_IO, ST_DENIED.
 */
MUST_USE enum status spool_open(struct spool **out, const char *folder,
                                const struct spool_owner *owner, struct fault *fault);
void spool_close(struct spool *s);

size_t spool_count(const struct spool *s);
/* Valid until the record changes. */
const struct spool_record *spool_at(const struct spool *s, size_t index);
/* How many stand in a state. */
uint32_t spool_count_in(const struct spool *s, enum spool_state state);
/* The sequence number and chain value that the next ballot gets. */
uint32_t spool_next(const struct spool *s, uint8_t before[static 32]);

/*
 * A new SEALED record, with the number of spool_next.  ST_OK: it is on the disk.  After any
 * failure to write the spool is broken: every later change is ST_IO.
 */
MUST_USE enum status spool_seal(struct spool *s, const uint8_t tracker[static 32],
                                const uint8_t blinding[static 32], const uint8_t *body,
                                size_t body_len);
/* To another state, with its bytes (copied; NULL and 0 where it has none).  ST_CONFLICT: no such
 * step. */
MUST_USE enum status spool_change(struct spool *s, uint32_t sequence, enum spool_state state,
                                  const uint8_t *bytes, size_t bytes_len);

#endif
