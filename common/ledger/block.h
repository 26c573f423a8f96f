/*
 * block.h: the bytes of a block (formats.md §4).
 *
 * A header has one size; a body is a list of transactions, each behind a u32 length.  The header
 * commits to the body and to the whole log and state after it, so that the id of one certified
 * block fixes everything before it.
 *
 * Invariant: encoding what was decoded gives the same bytes; a block's id is a function of its
 * header bytes alone.
 */
#ifndef KALPIS_LEDGER_BLOCK_H
#define KALPIS_LEDGER_BLOCK_H

#include "common/base/limits.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	BLOCK_VERSION = 1,
	BLOCK_ID_BYTES = 32,
	BLOCK_HASH_BYTES = 32,
	BLOCK_HEADER_BYTES = 207,
	/* One item may be as large as a transaction; several together fit LIMIT_BLOCK_BYTES. */
	BLOCK_BODY_BYTES_MAX = LIMIT_TX_BYTES + 4
};

struct block_header {
	uint16_t version;                     /* BLOCK_VERSION */
	uint8_t election_id[32];
	uint64_t height;                      /* block 0 holds the manifest */
	uint64_t view;                        /* consensus view it was proposed in; block 0: 0 */
	uint64_t parent_view;
	uint8_t parent[BLOCK_ID_BYTES];
	uint8_t proposer;                     /* node index, 0..n-1 */
	uint32_t time_min;                    /* whole minutes since 1970-01-01 UTC */
	uint32_t n_items;
	uint32_t body_len;                    /* bytes */
	uint8_t body_hash[BLOCK_HASH_BYTES];
	uint64_t log_size;                    /* leaves of the log after this block */
	uint8_t log_root[BLOCK_HASH_BYTES];   /* RFC 6962 root over them */
	uint8_t state_hash[BLOCK_HASH_BYTES]; /* election state after this block */
};

/* Writes BLOCK_HEADER_BYTES. */
void block_header_write(struct writer *w, const struct block_header *h);
/*
 * Reads BLOCK_HEADER_BYTES.  ST_FORMAT when short or of another version; no rule that needs a
 * parent or a committee is checked: that is block_follows and the replica.
 */
MUST_USE enum status block_header_read(struct reader *r, struct block_header *out);
/* The same over a whole buffer; nothing may be left. */
void block_header_encode(uint8_t out[static BLOCK_HEADER_BYTES], const struct block_header *h);
MUST_USE enum status block_header_decode(struct block_header *out, const void *buf, size_t len);

/* id = H("block", header bytes). */
void block_id(uint8_t id[static BLOCK_ID_BYTES], const struct block_header *h);

/* body_hash = H("body", body).  body may be NULL when len is 0. */
void block_body_hash(uint8_t out[static BLOCK_HASH_BYTES], const void *body, size_t len);

/*
 * Is body the one that h names, and is it a list of h->n_items items?  ST_LIMIT beyond limits.h,
 * ST_FORMAT when the lengths do not add up or an item is empty, ST_HASH when it is another body.
 * What the items say is not looked at.
 */
MUST_USE enum status block_body_check(const struct block_header *h, const void *body, size_t len);

/* The next item of a checked body, borrowed.  ST_NOT_FOUND after the last. */
MUST_USE enum status block_item_next(struct reader *body, const uint8_t **item, size_t *item_len);
/* Append an item to a body under construction. */
void block_item_write(struct writer *body, const void *item, size_t item_len);

/*
 * May child stand on parent?  Same election, height one more, the view later, the parent's view and
 * id as named, the time not earlier, the log not shorter.  ST_ELECTION, ST_TIME or ST_PARENT.
 */
MUST_USE enum status block_follows(const struct block_header *child,
                                   const struct block_header *parent,
                                   const uint8_t parent_id[static BLOCK_ID_BYTES]);

#endif
