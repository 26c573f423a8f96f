/*
 * check_report.h: evidence, complaints and incidents against a snapshot; for check.c.
 */
#ifndef KALPIS_ELECTION_CHECK_REPORT_H
#define KALPIS_ELECTION_CHECK_REPORT_H

#include "common/election/election.h"

MUST_USE enum status check_report(const struct election_params *p, const struct tx *tx);

#endif
