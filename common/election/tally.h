/*
 * tally.h: what is added up, in which groups, and what may be opened (protocol.md §8).
 *
 * While ballots arrive, cells hold the running sums of one (contest, unit): a ciphertext for each
 * of the contest's slots, the number of ballots and their weight.  At `end` the cells are merged
 * into groups: from the leaves of merge_into, a group with fewer than publish_min ballots joins
 * its parent; a root still below is withheld, unless it has no ballot at all.
 *
 * Aggregates stand in the order contest, group, slot; a slot is the blank selection where the
 * contest has one, then the options.
 *
 * Invariant: the groups of a contest are disjoint and cover every unit that carries it.
 */
#ifndef KALPIS_ELECTION_TALLY_H
#define KALPIS_ELECTION_TALLY_H

#include "common/base/limits.h"
#include "common/election/manifest.h"
#include "crypto/elgamal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Running sums of one contest in one unit. */
struct tally_cell {
	uint16_t contest;
	uint16_t unit;
	uint32_t ballots;
	uint64_t weight;
	uint32_t first;        /* its first sum in tally_cells.sums */
};

/* All cells of an election: those (contest, unit) for which a style of the unit carries it. */
struct tally_cells {
	const struct manifest *manifest;   /* borrowed */
	struct tally_cell *cells;          /* by contest, then unit */
	size_t cells_len;
	struct ciphertext *sums;
	size_t sums_len;
};

MUST_USE enum status tally_cells_init(struct tally_cells *c, const struct manifest *m);
void tally_cells_free(struct tally_cells *c);
/* The cell of a contest for a unit; NULL when no style of that unit carries it. */
struct tally_cell *tally_cell_at(const struct tally_cells *c, uint16_t contest, uint16_t unit);

struct tally_group {
	uint16_t contest;
	uint16_t unit;          /* the unit it ended in: the one that publishes it */
	uint32_t ballots;
	uint64_t weight;
	bool withheld;
	uint32_t first;         /* index of its first aggregate; none when withheld */
};

struct tally_aggregate {
	uint16_t contest;
	uint16_t group;         /* index into groups */
	uint16_t slot;
	bool opened;            /* it has ballots: shares are made for it; else it counts 0 */
	uint64_t bound;         /* the largest possible count */
	struct ciphertext sum;
};

/* Which group the ballots of a unit ended in. */
struct tally_member {
	uint16_t contest;
	uint16_t unit;
	uint16_t group;         /* index into groups */
};

/* The tally of an ended election.  Immutable. */
struct tally {
	struct tally_member *members;       /* by contest, then unit; one for each cell */
	size_t members_len;
	struct tally_group *groups;         /* by contest, then unit */
	size_t groups_len;
	struct tally_aggregate *aggregates; /* of groups that are not withheld */
	size_t aggregates_len;
	struct ciphertext *opened;          /* the opened aggregates in order: what is decrypted */
	struct element *alpha;              /* room for their alphas: threshold.h */
	size_t opened_len;
	uint8_t digest[32];                 /* H("tally", every group and aggregate) */
};

MUST_USE enum status tally_make(struct tally **out, const struct tally_cells *c);
void tally_free(struct tally *t);

#endif
