/*
 * accuse.h: evidence inside a transaction: whom it accuses of what, and whether it is shown
 * (protocol.md 7.15).
 *
 * The one place where the chain asks for a judgement (judge.h): what would be ST_INCOMPLETE there
 * is refused here, and may come again when the chain is further.
 *
 * Invariant: an accusation is written only from evidence that was decoded; its party exists.
 */
#ifndef KALPIS_ELECTION_ACCUSE_H
#define KALPIS_ELECTION_ACCUSE_H

#include "common/election/election.h"
#include "common/ledger/evidence.h"
#include "common/ledger/report.h"

struct accusation {
	enum evidence_kind kind;
	struct report_party accused;
	uint8_t offence[32];      /* the same for all evidence of one act: it is stored once */
};

/*
 * Who is accused of what, by the bytes alone: no signature is looked at.  ST_ROLE: nobody of this
 * election; ST_UNPROVEN: a kind that the chain does not take (CAST_AND_TESTED: it would publish how
 * somebody voted); ST_FORMAT: a kind for files, or not of its form.
 */
MUST_USE enum status accuse_name(struct accusation *out, const struct manifest *m,
                                 const struct evidence *e);

/*
 * The same, and all its proofs and signatures hold: ST_OK.  ST_UNPROVEN: it shows nothing, or
 * nothing yet; else as judge_check says.  A function of the snapshot and the evidence alone.
 */
MUST_USE enum status accuse_check(struct accusation *out, const struct election_params *p,
                                  const struct evidence *e);
/* And the state shows it: of evidence that accuse_check passed.  No proofs. */
MUST_USE enum status accuse_stand(const struct evidence *e, const struct election *state);

/*
 * Has the state room for it?  ST_DUPLICATE: evidence of this act is on the chain; ST_QUOTA: as much
 * of this kind and accused as there may be; ST_ROLE: a kiosk that is not registered.
 */
MUST_USE enum status accuse_room(const struct accusation *a, const struct election *e);

#endif
