/*
 * report_make.c: see report_make.h.
 */
#include "common/election/report_make.h"

#include "common/base/hex.h"
#include "common/base/number.h"
#include "common/base/text.h"
#include "common/election/accuse.h"
#include "common/election/act.h"
#include "common/election/check.h"
#include "common/ledger/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- words ----------------------------------------------------------------------------------- */

enum status report_party_parse(struct report_party *out, const char *text)
{
	static const struct {
		const char *word;
		enum party_role role;
		uint64_t min, max;
	} WORDS[] = {
		{ "trustee:", PARTY_TRUSTEE, 1, LIMIT_TRUSTEES },
		{ "node:", PARTY_NODE, 1, LIMIT_TRUSTEES },
		{ "kiosk:", PARTY_KIOSK, 0, LIMIT_KIOSKS - 1 },
	};
	uint64_t number;

	*out = (struct report_party){ .role = PARTY_OFFICER };
	if (strcmp(text, "officer") == 0)
		return ST_OK;
	out->role = PARTY_REGISTRAR;
	if (strcmp(text, "registrar") == 0)
		return ST_OK;
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
		size_t len = strlen(WORDS[i].word);

		if (strncmp(text, WORDS[i].word, len) != 0)
			continue;
		if (number_decode(&number, text + len, strlen(text + len), WORDS[i].max) != ST_OK ||
		    number < WORDS[i].min)
			return ST_FORMAT;
		out->role = WORDS[i].role;
		out->index = (uint16_t)(out->role == PARTY_NODE ? number - 1 : number);
		return ST_OK;
	}
	return ST_FORMAT;
}

static enum status check_text(const struct report_wish *wish, struct fault *fault)
{
	size_t at = 0, len = wish->text == NULL ? 0 : strlen(wish->text);
	enum text_flaw flaw = len == 0 ? TEXT_FINE : text_flaw(wish->text, len, &at);

	if (len == 0)
		return fault_set(fault, ST_USAGE, "say what happened: --text");
	if (len > LIMIT_REPORT_TEXT)
		return fault_set(fault, ST_LIMIT, "the text has %zu bytes; %d is the most", len,
		                 LIMIT_REPORT_TEXT);
	if (flaw != TEXT_FINE)
		return fault_set(fault, ST_FORMAT, "the text %s, at byte %zu",
		                 text_flaw_phrase(flaw), at + 1);
	return ST_OK;
}

/* --- drafts ---------------------------------------------------------------------------------- */

static enum status draft_evidence(struct writer *w, const struct report_party *by,
                                  const struct report_wish *wish, const struct audit *a,
                                  struct fault *fault)
{
	const uint8_t *manifest;
	struct evidence e;
	uint8_t *file;
	size_t len, manifest_len, head;
	enum status st = office_read(&file, &len, wish->evidence, EVIDENCE_FILE_MAX, fault);

	if (st != ST_OK)
		return st;
	if ((st = evidence_file_decode(&e, &manifest, &manifest_len, file, len)) != ST_OK) {
		(void)fault_set(fault, st, "%s is no evidence", wish->evidence);
	} else if (manifest_len != a->manifest->len ||
	           memcmp(manifest, a->manifest->bytes, manifest_len) != 0) {
		st = fault_set(fault, ST_ELECTION, "%s is of another election", wish->evidence);
	} else {
		head = EVIDENCE_HEAD_BYTES + manifest_len;
		tx_evidence_body(w, by, file + head, len - head);
	}
	free(file);
	return st;
}

static enum status draft_complaint(struct writer *w, const struct report_party *by,
                                   const struct report_wish *wish, struct fault *fault)
{
	struct report_party about;
	uint8_t tx[TX_ID_BYTES];
	enum status st;

	if ((st = check_text(wish, fault)) != ST_OK)
		return st;
	if (report_party_parse(&about, wish->about) != ST_OK)
		return fault_set(fault, ST_USAGE, "%s is nobody: trustee:N, node:N, kiosk:N, officer "
		                 "or registrar", wish->about);
	if (wish->tx != NULL &&
	    hex_decode(tx, sizeof(tx), wish->tx, strlen(wish->tx)) != ST_OK)
		return fault_set(fault, ST_USAGE, "a transaction's id has 64 digits");
	tx_complaint_body(w, by, &about, wish->tx == NULL ? NULL : tx, wish->text,
	                  strlen(wish->text));
	return ST_OK;
}

static enum status draft_incident(struct writer *w, const struct report_party *by,
                                  const struct report_wish *wish, struct fault *fault)
{
	enum incident_category category;
	uint64_t number = 0;
	uint16_t kiosk;
	enum status st;

	if ((st = check_text(wish, fault)) != ST_OK)
		return st;
	if (incident_by_name(&category, wish->category) != ST_OK)
		return fault_set(fault, ST_USAGE, "%s is no category: equipment, power, network, access, "
		                 "papers, security or other", wish->category);
	if (wish->kiosk != NULL && number_decode(&number, wish->kiosk, strlen(wish->kiosk),
	                                         LIMIT_KIOSKS - 1) != ST_OK)
		return fault_set(fault, ST_USAGE, "a kiosk's number is 0 to %d", LIMIT_KIOSKS - 1);
	kiosk = (uint16_t)number;
	tx_incident_body(w, by, category, wish->kiosk == NULL ? NULL : &kiosk, wish->text,
	                 strlen(wish->text));
	return ST_OK;
}

static enum status check_wish(const struct report_wish *w, struct fault *fault)
{
	int kinds = (w->evidence != NULL) + (w->about != NULL) + (w->category != NULL);

	if (kinds != 1)
		return fault_set(fault, ST_USAGE, "give one of --evidence, --about and --category");
	if (w->evidence != NULL && w->text != NULL)
		return fault_set(fault, ST_USAGE, "evidence speaks for itself: it has no --text");
	if ((w->tx != NULL && w->about == NULL) || (w->kiosk != NULL && w->category == NULL))
		return fault_set(fault, ST_USAGE, "--transaction goes with --about, --kiosk with "
		                 "--category");
	return ST_OK;
}

enum status report_draft(uint8_t **wire, size_t *len, const struct report_party *by,
                         const struct report_wish *wish, const struct audit *a,
                         struct fault *fault)
{
	struct writer w;
	enum status st = check_wish(wish, fault);

	*wire = NULL;
	if (st != ST_OK)
		return st;
	if ((*wire = malloc(LIMIT_TX_BYTES)) == NULL)
		return fault_set(fault, ST_NO_MEMORY, "not enough memory");
	writer_init(&w, *wire, LIMIT_TX_BYTES - TX_SIG_BYTES);
	tx_begin(&w, wish->evidence != NULL ? TX_EVIDENCE :
	             wish->about != NULL ? TX_COMPLAINT : TX_INCIDENT);
	if (wish->evidence != NULL)
		st = draft_evidence(&w, by, wish, a, fault);
	else
		st = wish->about != NULL ? draft_complaint(&w, by, wish, fault)
		                         : draft_incident(&w, by, wish, fault);
	if (st == ST_OK && (st = writer_end(&w, len)) != ST_OK)
		(void)fault_set(fault, st, "the evidence is too large for a transaction");
	if (st != ST_OK) {
		free(*wire);
		*wire = NULL;
	}
	return st;
}

/* --- the file -------------------------------------------------------------------------------- */

void report_show(const uint8_t *wire, size_t len, const struct audit *a)
{
	printf("election     %s\n", a->manifest->title.in[0]);
	printf("you sign     %s, %zu bytes\n", tx_type_name((enum tx_type)wire[0]), len);
	printf("It goes onto the public chain, under your name and office, and stays there for\n"
	       "ever: nobody can take it back, you neither.  Name no voter, and nothing by which\n"
	       "one could be known: no name, no time at which somebody voted, no number of a card\n"
	       "or slip.\n");
}

/* Why the chain does not take it, for who made it. */
static enum status refuse(struct fault *fault, enum status st)
{
	(void)fault_set(fault, st, "the chain would refuse this: %s", status_text(st));
	if (st == ST_DUPLICATE)
		fault_why(fault, "Evidence of this act, or these words of yours, stand there already.");
	else if (st == ST_QUOTA)
		fault_why(fault, "More of this kind may not be sent by one, or held against one.");
	else if (st == ST_ROLE)
		fault_why(fault, "Whoever is named is not in the manifest, or no kiosk of it yet.");
	else if (st == ST_UNPROVEN)
		fault_why(fault, "Nothing is shown by it, or not yet: see voter-observer evidence.");
	fault_next(fault, "man tally-officer, under report, says what can be reported.");
	return st;
}

enum status report_finish(uint8_t *wire, size_t len, const struct sign_secret *secret,
                          struct audit *a, const char *out, struct fault *fault)
{
	const struct election_params *p = election_params(a->election);
	struct verdict v;
	struct tx tx;
	enum status st;

	if ((st = act_sign(p, wire, &len, LIMIT_TX_BYTES, secret)) == ST_OK &&
	    (st = tx_decode(&tx, wire, len)) == ST_OK && (st = election_check(p, &tx, &v)) == ST_OK)
		st = election_would_apply(a->election, &tx, &v);
	params_unref(p);
	return st != ST_OK ? refuse(fault, st) : office_write(out, wire, len, fault);
}
