/*
 * audit_report.c: see audit_report.h.
 *
 * Invariant: the list is as long as the quotas of the rules allow at most (rules_report.c), and
 * grows only with what they accepted.
 */
#include "common/election/audit_report.h"

#include "common/election/accuse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status read_evidence(struct audit_report *r, const struct manifest *m,
                                 const struct tx *tx)
{
	struct accusation a;
	struct tx_evidence t;
	struct evidence e;
	enum status st;

	if ((st = tx_evidence_decode(&t, tx)) != ST_OK ||
	    (st = evidence_decode(&e, t.evidence, t.evidence_len)) != ST_OK ||
	    (st = accuse_name(&a, m, &e)) != ST_OK)
		return st;
	r->by = t.by;
	r->kind = a.kind;
	r->has_about = true;
	r->about = a.accused;
	return ST_OK;
}

static enum status read_complaint(struct audit_report *r, const struct tx *tx)
{
	struct tx_complaint t;
	enum status st = tx_complaint_decode(&t, tx);

	if (st != ST_OK)
		return st;
	r->by = t.by;
	r->has_about = true;
	r->about = t.about;
	r->has_tx = t.tx != NULL;
	if (r->has_tx)
		memcpy(r->tx, t.tx, sizeof(r->tx));
	memcpy(r->text, t.text, t.text_len);
	return ST_OK;
}

static enum status read_incident(struct audit_report *r, const struct tx *tx)
{
	struct tx_incident t;
	enum status st = tx_incident_decode(&t, tx);

	if (st != ST_OK)
		return st;
	r->by = t.by;
	r->category = t.category;
	r->has_about = t.has_kiosk;
	r->about = (struct report_party){ .role = PARTY_KIOSK, .index = t.kiosk };
	memcpy(r->text, t.text, t.text_len);
	return ST_OK;
}

/* Room for one more; the list doubles whenever its length is a power of two. */
static enum status make_room(struct audit *a)
{
	size_t len = a->reports_len;
	void *more;

	if ((len & (len - 1)) != 0)
		return ST_OK;
	more = reallocarray(a->reports, len == 0 ? 1 : 2 * len, sizeof(*a->reports));
	if (more == NULL)
		return ST_NO_MEMORY;
	a->reports = more;
	return ST_OK;
}

enum status audit_keep_report(struct audit *a, const struct tx *tx, uint64_t height)
{
	struct audit_report r = { .type = tx->type, .height = height };
	enum status st = make_room(a);

	if (st != ST_OK)
		return st;
	if (tx->type == TX_EVIDENCE)
		st = read_evidence(&r, a->manifest, tx);
	else
		st = tx->type == TX_COMPLAINT ? read_complaint(&r, tx) : read_incident(&r, tx);
	if (st == ST_OK)
		a->reports[a->reports_len++] = r;
	return st;
}

void audit_report_text(char out[static AUDIT_REPORT_TEXT], const struct audit_report *r)
{
	char by[PARTY_TEXT], about[PARTY_TEXT];

	party_text(by, &r->by);
	party_text(about, &r->about);
	if (r->type == TX_EVIDENCE)
		(void)snprintf(out, AUDIT_REPORT_TEXT, "proven: %s, %s (brought by %s)", about,
		               evidence_kind_name(r->kind), by);
	else if (r->type == TX_COMPLAINT)
		(void)snprintf(out, AUDIT_REPORT_TEXT, "claim: %s complains about %s", by, about);
	else
		(void)snprintf(out, AUDIT_REPORT_TEXT, "claim: %s reports an incident, %s%s%s", by,
		               incident_name(r->category), r->has_about ? ", at " : "",
		               r->has_about ? about : "");
}
