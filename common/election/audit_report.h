/*
 * audit_report.h: what the chain says about somebody, kept while an archive is read; for audit.c.
 */
#ifndef KALPIS_ELECTION_AUDIT_REPORT_H
#define KALPIS_ELECTION_AUDIT_REPORT_H

#include "common/election/audit.h"

/* tx stood in a block that was accepted.  ST_NO_MEMORY. */
MUST_USE enum status audit_keep_report(struct audit *a, const struct tx *tx, uint64_t height);

#endif
