/*
 * check_ballot.h: the checks of ballots and tests that check.c leaves to check_ballot.c.
 */
#ifndef KALPIS_ELECTION_CHECK_BALLOT_H
#define KALPIS_ELECTION_CHECK_BALLOT_H

#include "common/election/check.h"

/* A ballot or a test, alone.  On ST_OK id is that of the transaction. */
MUST_USE enum status check_ballot_once(const struct election_params *p, const struct tx *tx,
                                       uint8_t id[static TX_ID_BYTES]);

#endif
