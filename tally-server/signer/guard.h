/*
 * guard.h: what a node may sign in one view, given what it signed there before
 * (docs/consensus.md, R3 to R5).
 *
 * A pure function of the votes so far.  In one view: one block to NOTARIZE, ever; FINALIZE only of
 * the block that was NOTARIZEd; never both FINALIZE and NULLIFY; NOTARIZE after NULLIFY is allowed;
 * what was signed may be signed again.
 *
 * Invariant: no two votes that a guard accepted satisfy vote_conflicts; a refusal changes nothing.
 */
#ifndef KALPIS_SIGNER_GUARD_H
#define KALPIS_SIGNER_GUARD_H

#include "common/ledger/certificate.h"

/* The votes of one view.  All zero: none. */
struct guard {
	bool notarized;
	bool nullified;
	bool finalized;
	uint8_t block[32];                /* NOTARIZEd; the same that is FINALIZEd */
};

/*
 * ST_OK: may be signed, or was.  ST_CONFLICT: contradicts a vote of this view; ST_ORDER: FINALIZE
 * without NOTARIZE; ST_FORMAT: no vote (type, or a NULLIFY that names a block).
 */
MUST_USE enum status guard_check(const struct guard *g, enum vote_type type,
                                 const uint8_t block[static 32]);
/* Was exactly this signed before? */
bool guard_has(const struct guard *g, enum vote_type type, const uint8_t block[static 32]);
/* Remember a vote that guard_check passed. */
void guard_add(struct guard *g, enum vote_type type, const uint8_t block[static 32]);

#endif
