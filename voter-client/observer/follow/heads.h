/*
 * heads.h: the highest certified head that each node has ever shown to this follower, kept over
 * restarts: what makes a rollback visible (formats-evidence.md §3).
 *
 * Invariant: encoding what was decoded gives the same bytes; nodes ascend.
 */
#ifndef KALPIS_FOLLOW_HEADS_H
#define KALPIS_FOLLOW_HEADS_H

#include "common/base/fault.h"
#include "common/ledger/receipt.h"

enum {
	HEADS_BYTES_MAX = 64 + LIMIT_TRUSTEES * (1 + BLOCK_HEADER_BYTES + CERTIFICATE_BYTES_MAX)
};

struct head_seen {
	bool has;
	struct certified_head head;
};

struct heads {
	uint8_t election_id[32];
	struct head_seen node[LIMIT_TRUSTEES];
};

MUST_USE enum status heads_encode(const struct heads *h, uint8_t *out, size_t cap, size_t *len);
MUST_USE enum status heads_decode(struct heads *out, const void *bytes, size_t len);

/* No file: nothing was seen yet.  ST_ELECTION; ST_FORMAT, ST_CERTIFICATE, ST_SIGNATURE: not what
 * was saved. */
MUST_USE enum status heads_load(struct heads *out, const char *path, const struct committee *c,
                                struct fault *fault);
/* The old file or the new one, whenever the power fails. */
MUST_USE enum status heads_save(const struct heads *h, const char *path);

#endif
