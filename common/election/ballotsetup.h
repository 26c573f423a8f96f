/*
 * ballotsetup.h: what makers and checkers of ballots compute once for a key (protocol.md §5).
 *
 * Invariant: immutable after ballot_setup_new; threads may share it.
 */
#ifndef KALPIS_ELECTION_BALLOTSETUP_H
#define KALPIS_ELECTION_BALLOTSETUP_H

#include "common/election/manifest.h"
#include "crypto/ballotproof.h"

struct ballot_setup {
	const struct manifest *manifest;   /* borrowed */
	struct element y;
	uint8_t y_bytes[GROUP_ELEMENT_BYTES_MAX];
	size_t y_len;
	struct element *bases;             /* g, y, h, G_1, ... for the longest style */
	size_t bases_len;
	struct group_table *tables;        /* of y, h, G_1, ...; NULL unless for a maker */
	size_t tables_len;
};

/* tables: how many fixed-base tables to make (0 for a checker).  ST_KEY when y is the identity. */
MUST_USE enum status ballot_setup_new(struct ballot_setup **out, const struct manifest *m,
                                      const struct element *y, size_t tables);
void ballot_setup_free(struct ballot_setup *s);

/* The proof's view of one style. */
struct ballotproof_setup ballot_setup_style(const struct ballot_setup *s, uint16_t style);

#endif
