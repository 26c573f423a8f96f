/*
 * report.h: what somebody with a key of the manifest puts on the chain about somebody: evidence,
 * complaints and incidents (formats.md, "reports"; decisions/0087).
 *
 * Evidence is proven by what it holds; a complaint or an incident is the word of whoever signed
 * it.  None of them changes the phase or the count.  What is written in them stands there for ever.
 *
 * This file knows bytes: it checks no signature and no quota (election/check.h, rules_report.c).
 *
 * Invariant: decoded structs borrow; encoding what was decoded gives the same bytes.
 */
#ifndef KALPIS_LEDGER_REPORT_H
#define KALPIS_LEDGER_REPORT_H

#include "common/ledger/transaction.h"

enum party_role {
	PARTY_TRUSTEE = 1,
	PARTY_NODE = 2,
	PARTY_OFFICER = 3,
	PARTY_REGISTRAR = 4,
	PARTY_KIOSK = 5           /* is reported about, never reports */
};

/* Somebody with a key in the manifest or on the chain. */
struct report_party {
	enum party_role role;
	uint16_t index;           /* trustee 1..n; node 0..n-1; kiosk: its number; others 0 */
};

enum {
	/* Who may report: trustees, nodes, officer, registrar; then kiosks. */
	PARTY_REPORTERS = 2 * LIMIT_TRUSTEES + 2,
	PARTY_SLOTS = PARTY_REPORTERS + LIMIT_KIOSKS,
	PARTY_TEXT = 32           /* "trustee 3", "kiosk 17", with its zero */
};

enum incident_category {
	INCIDENT_EQUIPMENT = 1,   /* a kiosk, printer or other machine */
	INCIDENT_POWER = 2,
	INCIDENT_NETWORK = 3,
	INCIDENT_ACCESS = 4,      /* doors, hours, queues: people who could not vote */
	INCIDENT_PAPERS = 5,      /* cards, slips, the poster */
	INCIDENT_SECURITY = 6,    /* a seal, a lock, a key */
	INCIDENT_OTHER = 7
};

struct tx_evidence {
	struct report_party by;
	const uint8_t *evidence;  /* as evidence_encode wrote it (evidence.h) */
	size_t evidence_len;
	struct tx_signed sig;
};

struct tx_complaint {
	struct report_party by;
	struct report_party about;
	const uint8_t *tx;        /* the id of a transaction, or NULL; nobody looks whether it exists */
	const char *text;         /* not terminated */
	size_t text_len;
	struct tx_signed sig;
};

struct tx_incident {
	struct report_party by;
	enum incident_category category;
	bool has_kiosk;
	uint16_t kiosk;
	const char *text;         /* not terminated */
	size_t text_len;
	struct tx_signed sig;
};

/* evidence, complaint, incident. */
bool tx_is_report(enum tx_type type);

/* 0..PARTY_SLOTS-1; reporters come first.  p was decoded or is in the ranges above. */
unsigned int party_slot(const struct report_party *p);
/* "trustee 3", "node 1" (counted from 1, as trustees are), "the officer", "kiosk 17". */
void party_text(char out[static PARTY_TEXT], const struct report_party *p);
/* "equipment", "power", ...  Static. */
const char *incident_name(enum incident_category category);
/* ST_NOT_FOUND. */
MUST_USE enum status incident_by_name(enum incident_category *out, const char *name);

/* Form alone: ST_FORMAT, ST_LIMIT; of texts also that nothing in them hides (base/text.h). */
MUST_USE enum status tx_evidence_decode(struct tx_evidence *out, const struct tx *tx);
MUST_USE enum status tx_complaint_decode(struct tx_complaint *out, const struct tx *tx);
MUST_USE enum status tx_incident_decode(struct tx_incident *out, const struct tx *tx);
/* The signed part of any of the three, and who says that he signed it. */
MUST_USE enum status tx_report_decode(struct report_party *by, struct tx_signed *sig,
                                      const struct tx *tx);

/* As transaction.h: tx_begin before, the signature behind. */
void tx_evidence_body(struct writer *w, const struct report_party *by, const void *evidence,
                      size_t len);
/* tx: 32 bytes or NULL. */
void tx_complaint_body(struct writer *w, const struct report_party *by,
                       const struct report_party *about, const uint8_t *tx, const char *text,
                       size_t len);
/* kiosk: NULL where none is named. */
void tx_incident_body(struct writer *w, const struct report_party *by,
                      enum incident_category category, const uint16_t *kiosk, const char *text,
                      size_t len);

#endif
