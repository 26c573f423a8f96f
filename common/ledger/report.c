/*
 * report.c: see report.h.
 *
 * Invariant: decode and encode of a payload stand next to each other, field by field the same.
 */
#include "common/ledger/report.h"

#include "common/base/reader.h"
#include "common/base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool tx_is_report(enum tx_type type)
{
	return type == TX_EVIDENCE || type == TX_COMPLAINT || type == TX_INCIDENT;
}

/* --- parties --------------------------------------------------------------------------------- */

static enum status party_check(const struct report_party *p)
{
	bool fits = false;

	switch (p->role) {
	case PARTY_TRUSTEE:
		fits = p->index >= 1 && p->index <= LIMIT_TRUSTEES;
		break;
	case PARTY_NODE:
		fits = p->index < LIMIT_TRUSTEES;
		break;
	case PARTY_OFFICER:
	case PARTY_REGISTRAR:
		fits = p->index == 0;
		break;
	case PARTY_KIOSK:
		fits = p->index < LIMIT_KIOSKS;
		break;
	}
	return fits ? ST_OK : ST_FORMAT;
}

static enum status read_party(struct reader *r, struct report_party *out)
{
	uint8_t role;
	enum status st;

	if ((st = reader_u8(r, &role)) != ST_OK || (st = reader_u16(r, &out->index)) != ST_OK)
		return st;
	if (role < PARTY_TRUSTEE || role > PARTY_KIOSK)
		return ST_FORMAT;
	out->role = (enum party_role)role;
	return party_check(out);
}

static void write_party(struct writer *w, const struct report_party *p)
{
	writer_u8(w, (uint8_t)p->role);
	writer_u16(w, p->index);
}

unsigned int party_slot(const struct report_party *p)
{
	assert(party_check(p) == ST_OK);
	switch (p->role) {
	case PARTY_TRUSTEE:
		return p->index - 1u;
	case PARTY_NODE:
		return LIMIT_TRUSTEES + p->index;
	case PARTY_OFFICER:
		return 2 * LIMIT_TRUSTEES;
	case PARTY_REGISTRAR:
		return 2 * LIMIT_TRUSTEES + 1;
	case PARTY_KIOSK:
		break;
	}
	return PARTY_REPORTERS + p->index;
}

void party_text(char out[static PARTY_TEXT], const struct report_party *p)
{
	switch (p->role) {
	case PARTY_TRUSTEE:
		(void)snprintf(out, PARTY_TEXT, "trustee %u", p->index);
		return;
	case PARTY_NODE:
		(void)snprintf(out, PARTY_TEXT, "node %u", p->index + 1u);
		return;
	case PARTY_OFFICER:
		(void)snprintf(out, PARTY_TEXT, "the officer");
		return;
	case PARTY_REGISTRAR:
		(void)snprintf(out, PARTY_TEXT, "the registrar");
		return;
	case PARTY_KIOSK:
		(void)snprintf(out, PARTY_TEXT, "kiosk %u", p->index);
		return;
	}
	(void)snprintf(out, PARTY_TEXT, "nobody");
}

/* --- categories ------------------------------------------------------------------------------ */

static const char *const CATEGORY[] = {
	[INCIDENT_EQUIPMENT] = "equipment", [INCIDENT_POWER] = "power",
	[INCIDENT_NETWORK] = "network", [INCIDENT_ACCESS] = "access",
	[INCIDENT_PAPERS] = "papers", [INCIDENT_SECURITY] = "security",
	[INCIDENT_OTHER] = "other",
};

static bool is_category(unsigned int category)
{
	return category >= INCIDENT_EQUIPMENT && category <= INCIDENT_OTHER;
}

const char *incident_name(enum incident_category category)
{
	return is_category(category) ? CATEGORY[category] : "unknown";
}

enum status incident_by_name(enum incident_category *out, const char *name)
{
	for (unsigned int i = INCIDENT_EQUIPMENT; i <= INCIDENT_OTHER; i++) {
		if (strcmp(CATEGORY[i], name) != 0)
			continue;
		*out = (enum incident_category)i;
		return ST_OK;
	}
	return ST_NOT_FOUND;
}

/* --- what all of them have ------------------------------------------------------------------- */

/* A text that nobody can hide anything in, and that says something. */
static enum status read_text(struct reader *r, const char **text, size_t *len)
{
	const uint8_t *bytes;
	enum status st = reader_vec16(r, &bytes, len, LIMIT_REPORT_TEXT);

	if (st != ST_OK)
		return st;
	*text = (const char *)bytes;
	return *len == 0 ? ST_FORMAT : text_check(*text, *len, LIMIT_REPORT_TEXT);
}

/* uint8 0 or 1: does something follow? */
static enum status read_flag(struct reader *r, bool *out)
{
	uint8_t flag;
	enum status st = reader_u8(r, &flag);

	if (st != ST_OK)
		return st;
	*out = flag == 1;
	return flag <= 1 ? ST_OK : ST_FORMAT;
}

static enum status read_signed(struct reader *r, struct tx_signed *out)
{
	enum status st;

	out->body = r->buf;
	out->body_len = r->pos;
	if ((st = reader_view(r, &out->sig, TX_SIG_BYTES)) != ST_OK)
		return st;
	return reader_end(r);
}

/* --- payload by payload ---------------------------------------------------------------------- */

enum status tx_evidence_decode(struct tx_evidence *out, const struct tx *tx)
{
	struct reader r;
	enum status st;

	reader_init(&r, tx->payload, tx->payload_len);
	if ((st = read_party(&r, &out->by)) != ST_OK ||
	    (st = reader_vec32(&r, &out->evidence, &out->evidence_len, LIMIT_TX_BYTES)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_evidence_body(struct writer *w, const struct report_party *by, const void *evidence,
                      size_t len)
{
	write_party(w, by);
	writer_vec32(w, evidence, len);
}

enum status tx_complaint_decode(struct tx_complaint *out, const struct tx *tx)
{
	struct reader r;
	bool has_tx;
	enum status st;

	reader_init(&r, tx->payload, tx->payload_len);
	out->tx = NULL;
	if ((st = read_party(&r, &out->by)) != ST_OK ||
	    (st = read_party(&r, &out->about)) != ST_OK || (st = read_flag(&r, &has_tx)) != ST_OK ||
	    (has_tx && (st = reader_view(&r, &out->tx, TX_ID_BYTES)) != ST_OK) ||
	    (st = read_text(&r, &out->text, &out->text_len)) != ST_OK)
		return st;
	return read_signed(&r, &out->sig);
}

void tx_complaint_body(struct writer *w, const struct report_party *by,
                       const struct report_party *about, const uint8_t *tx, const char *text,
                       size_t len)
{
	write_party(w, by);
	write_party(w, about);
	writer_u8(w, tx != NULL);
	if (tx != NULL)
		writer_bytes(w, tx, TX_ID_BYTES);
	writer_vec16(w, text, len);
}

enum status tx_incident_decode(struct tx_incident *out, const struct tx *tx)
{
	struct reader r;
	uint8_t category;
	enum status st;

	reader_init(&r, tx->payload, tx->payload_len);
	out->kiosk = 0;
	if ((st = read_party(&r, &out->by)) != ST_OK ||
	    (st = reader_u8(&r, &category)) != ST_OK ||
	    (st = is_category(category) ? ST_OK : ST_FORMAT) != ST_OK ||
	    (st = read_flag(&r, &out->has_kiosk)) != ST_OK ||
	    (out->has_kiosk && (st = reader_u16(&r, &out->kiosk)) != ST_OK) ||
	    (st = out->kiosk < LIMIT_KIOSKS ? ST_OK : ST_FORMAT) != ST_OK ||
	    (st = read_text(&r, &out->text, &out->text_len)) != ST_OK)
		return st;
	out->category = (enum incident_category)category;
	return read_signed(&r, &out->sig);
}

void tx_incident_body(struct writer *w, const struct report_party *by,
                      enum incident_category category, const uint16_t *kiosk, const char *text,
                      size_t len)
{
	write_party(w, by);
	writer_u8(w, (uint8_t)category);
	writer_u8(w, kiosk != NULL);
	if (kiosk != NULL)
		writer_u16(w, *kiosk);
	writer_vec16(w, text, len);
}

enum status tx_report_decode(struct report_party *by, struct tx_signed *sig, const struct tx *tx)
{
	struct tx_evidence e;
	struct tx_complaint c;
	struct tx_incident i;
	enum status st = ST_FORMAT;

	if (tx->type == TX_EVIDENCE && (st = tx_evidence_decode(&e, tx)) == ST_OK) {
		*by = e.by;
		*sig = e.sig;
	} else if (tx->type == TX_COMPLAINT && (st = tx_complaint_decode(&c, tx)) == ST_OK) {
		*by = c.by;
		*sig = c.sig;
	} else if (tx->type == TX_INCIDENT && (st = tx_incident_decode(&i, tx)) == ST_OK) {
		*by = i.by;
		*sig = i.sig;
	}
	return st;
}
