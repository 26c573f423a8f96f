/*
 * accuse.h: evidence inside a transaction: whom it accuses of what, and whether it is shown
 * (protocol.md 7.15).
 *
 * The one place where the chain asks for a judgement: what is not judged here yet is refused.
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
 * election; ST_UNPROVEN: a kind that the chain does not judge yet; ST_FORMAT: a kind for files.
 */
MUST_USE enum status accuse_name(struct accusation *out, const struct manifest *m,
                                 const struct evidence *e);

/*
 * The same, and it is shown: ST_OK.  ST_UNPROVEN: it shows nothing, or nothing without the chain;
 * else as evidence_check says.  A function of the snapshot and the evidence alone.
 */
MUST_USE enum status accuse_check(struct accusation *out, const struct election_params *p,
                                  const struct evidence *e);

/*
 * Has the state room for it?  ST_DUPLICATE: evidence of this act is on the chain; ST_QUOTA: as much
 * of this kind and accused as there may be; ST_ROLE: a kiosk that is not registered.
 */
MUST_USE enum status accuse_room(const struct accusation *a, const struct election *e);

#endif
