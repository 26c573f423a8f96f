/*
 * facts.h: what a transaction says of itself before anything is checked.
 */
#ifndef KALPIS_NODE_FACTS_H
#define KALPIS_NODE_FACTS_H

#include "common/election/election.h"

struct facts {
	struct tx tx;                 /* borrows from the wire */
	uint8_t id[TX_ID_BYTES];
	bool has_tracker;             /* a ballot or a test */
	uint8_t tracker[32];
	const uint8_t *credential;    /* of a ballot; borrows; NULL otherwise */
};

/* ST_FORMAT, ST_LIMIT, ST_STYLE, ST_PHASE (a genesis: it never travels). */
MUST_USE enum status facts_of(struct facts *out, const struct manifest *m, const uint8_t *wire,
                              size_t wire_len);
/* The roll index of a ballot's credential; POOL_NOBODY: another type, or not on the roll. */
uint32_t facts_voter(const struct facts *f, const struct election *e);

#endif
