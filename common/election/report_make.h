/*
 * report_make.h: how officer, registrar and trustees write a report (ledger/report.h): offline,
 * from words on a command line, into a file that any node submits.
 *
 * Invariant: what is made would be taken by the chain that the caller has checked, or is refused
 * here with the reason.
 */
#ifndef KALPIS_ELECTION_REPORT_MAKE_H
#define KALPIS_ELECTION_REPORT_MAKE_H

#include "common/election/audit.h"
#include "common/election/office.h"
#include "crypto/sign.h"

/* As given; NULL where it is not.  One of evidence, about, category says which report it is. */
struct report_wish {
	const char *evidence;     /* a file NAME.evidence */
	const char *about;        /* "trustee:3", "node:2", "kiosk:17", "officer", "registrar" */
	const char *category;     /* "equipment", ... */
	const char *kiosk;        /* of an incident: its number */
	const char *tx;           /* of a complaint: 64 digits */
	const char *text;
};

/* "trustee:3": nodes are counted from 1, as trustees are.  ST_FORMAT. */
MUST_USE enum status report_party_parse(struct report_party *out, const char *text);

/*
 * The body of the transaction into *wire, with its type: the caller frees it.  *a is the election
 * as far as it is known.
 */
MUST_USE enum status report_draft(uint8_t **wire, size_t *len, const struct report_party *by,
                                  const struct report_wish *wish, const struct audit *a,
                                  struct fault *fault);
/* Say on stdout what is about to be signed, and that it stays. */
void report_show(const uint8_t *wire, size_t len, const struct audit *a);
/* Sign it (wire has room for the signature), try it on the chain, and write the file. */
MUST_USE enum status report_finish(uint8_t *wire, size_t len, const struct sign_secret *secret,
                                   struct audit *a, const char *out, struct fault *fault);

#endif
