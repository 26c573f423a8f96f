/*
 * audit_impl.h: what the files of the audit share.  Private to common/belenios/audit*.c.
 *
 * Invariant: a step that returns something else than ST_OK has either recorded a failure
 * (verdict BEL_PROBLEM) or could not run at all.
 */
#ifndef KALPIS_BELENIOS_AUDIT_IMPL_H
#define KALPIS_BELENIOS_AUDIT_IMPL_H

#include "common/belenios/audit.h"

struct bel_found_ballot {
	struct bel_blob blob;
	uint64_t offset;        /* of its event */
	uint64_t height;
	uint32_t voter;         /* in the roll */
};

struct bel_found {
	struct bel_blob data[BEL_STEP_DATA];
	uint64_t offset;
	uint64_t height;
	bool is_there;
};

/* What lies where, from one pass over the archive. */
struct bel_scan {
	struct bel_audit *a;
	const struct tar_source *src;
	const struct bel_audit_options *options;
	size_t threads;
	struct bel_found_ballot *ballots;
	size_t ballots_len, ballots_room;
	uint32_t *last;                        /* for each of the roll: last ballot + 1 */
	struct bel_found tally, result;
	struct bel_found shares[LIMIT_BEL_TRUSTEES];
	size_t shares_len;
	bool has_ended;                        /* EndBallots */
	size_t shuffles;
	struct ciphertext *sums;               /* election->choices: what the ballots give */
};

uint64_t bel_clock(const struct bel_scan *s);
void bel_held(struct bel_scan *s, enum bel_check check, uint64_t count, uint64_t since);
/* Record a failure and return st; what says nothing about the archive is only returned. */
enum status bel_refuse(struct bel_scan *s, enum bel_check check, enum status st, uint64_t height,
                       uint64_t offset, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
/* A datum in memory; the caller frees. */
MUST_USE enum status bel_load(struct bel_scan *s, uint8_t **out, const struct bel_blob *blob);

MUST_USE enum status bel_audit_setup(struct bel_scan *s, const struct bel_step *step);
MUST_USE enum status bel_audit_trustees(struct bel_scan *s);
MUST_USE enum status bel_audit_ballots(struct bel_scan *s);
MUST_USE enum status bel_audit_tally(struct bel_scan *s);
MUST_USE enum status bel_audit_result(struct bel_scan *s);

#endif
