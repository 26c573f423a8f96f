/*
 * receipt.h: what a voter takes home, and what shows that a ballot counts (formats.md, "receipt").
 *
 * A receipt proves offline, with only the manifest, that a ballot is in the chain: tracker and
 * witness give the transaction's id, the path leads from its leaf to the log root of a header, and
 * q nodes finalised that header.  It holds no randomness, no selection and no slip secret.
 *
 * A counted proof shows that a tracker is the live ballot of its roll entry in the state of a
 * certified header.
 *
 * Invariant: decoded structs borrow; encoding what was decoded gives the same bytes.
 */
#ifndef KALPIS_LEDGER_RECEIPT_H
#define KALPIS_LEDGER_RECEIPT_H

#include "common/ledger/block.h"
#include "common/ledger/certificate.h"
#include "common/ledger/transaction.h"
#include "crypto/merkle.h"

enum {
	RECEIPT_WITNESS_MAX = 2048,
	RECEIPT_BYTES_MAX = 8192
};

/* A header, and q nodes that say it is final. */
struct certified_head {
	struct block_header header;
	struct certificate certificate;
};

struct receipt {
	uint8_t election_id[32];
	uint8_t tracker[32];
	const uint8_t *witness;      /* borrowed */
	size_t witness_len;
	uint32_t wire_len;           /* of the transaction */
	uint64_t leaf;               /* index in the log */
	uint8_t path[MERKLE_PATH_MAX][MERKLE_HASH_BYTES];
	size_t path_len;
	struct certified_head head;
};

MUST_USE enum status receipt_encode(const struct receipt *r, uint8_t *out, size_t cap,
                                    size_t *len);
MUST_USE enum status receipt_decode(struct receipt *out, const void *bytes, size_t len);
/*
 * ST_OK: this very ballot is in the chain that q nodes of this committee finalised.  ST_ELECTION,
 * ST_HASH (the path), ST_CERTIFICATE, ST_SIGNATURE.
 */
MUST_USE enum status receipt_check(const struct receipt *r, const struct committee *c);

/* Is this header final?  ST_ELECTION, ST_CERTIFICATE, ST_SIGNATURE. */
MUST_USE enum status certified_head_check(const struct certified_head *h,
                                          const struct committee *c);
void certified_head_write(struct writer *w, const struct certified_head *h);
MUST_USE enum status certified_head_read(struct reader *r, struct certified_head *out);

#endif
