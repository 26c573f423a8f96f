/*
 * cmd_receipt.c: receipt and tested.
 */
#include "voter-client/observer/observer.h"

#include "common/election/ballot.h"
#include "common/election/check_ballot.h"
#include "common/ledger/receipt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An archive that holds so far: its election and committee serve to judge a single paper. */
static enum status open_archive(struct audit *a, struct fault *fault)
{
	enum status st = observe(a, fault);

	if (st != ST_OK)
		return st;
	if (a->verdict == AUDIT_PROBLEM) {
		(void)fault_set(fault, a->failed_st, "the archive itself is not sound (check \"%s\")",
		                audit_check_name(a->failed));
		fault_next(fault, "voter-observer verify %s", opt.archive);
		return a->failed_st;
	}
	if (a->lines[AUDIT_FINGERPRINT].outcome != AUDIT_HELD) {
		(void)fault_set(fault, ST_INCOMPLETE, "whose election is this?");
		fault_why(fault, "Without the fingerprint from the poster anything could be shown to you.");
		fault_next(fault, "Give it with --fingerprint.");
		return ST_INCOMPLETE;
	}
	return ST_OK;
}

/* --- receipt --------------------------------------------------------------------------------- */

static int tell_fate(const struct audit *a, const struct receipt *r)
{
	bool is_over = election_phase(a->election) >= PHASE_ENDED;
	struct ballot_record b;

	if (election_find(a->election, r->tracker, &b) != ST_OK ||
	    memcmp(b.tracker, r->tracker, sizeof(b.tracker)) != 0) {
		if (a->head.height < r->head.header.height) {
			printf("CANNOT TELL: the archive ends before the block of the receipt.\n");
			return CLI_UNSURE;
		}
		printf("NO: the nodes signed that this ballot is in the chain, and it is not.\n"
		       "    Keep the receipt and the archive: together they are evidence.\n");
		return CLI_NO;
	}
	if (b.fate == FATE_REPLACED)
		printf("fate=replaced\nThis ballot was replaced by a later one, with the slip's key.\n");
	else
		printf("fate=%s\n%s\n", is_over ? "counted" : "included",
		       is_over ? "YES: this ballot counts." :
		       "YES: this ballot is in the chain; the election is not over yet.");
	return CLI_YES;
}

int run_receipt(void)
{
	char text[BALLOT_TRACKER_TEXT];
	struct fault fault = { 0 };
	struct committee committee;
	struct receipt r;
	struct audit a;
	uint8_t *bytes = NULL;
	size_t len;
	int code;
	enum status st;

	if ((st = open_archive(&a, &fault)) != ST_OK ||
	    (st = office_read(&bytes, &len, opt.file, RECEIPT_BYTES_MAX, &fault)) != ST_OK) {
		audit_free(&a);
		return st == ST_INCOMPLETE ? (void)cli_fault(&fault), CLI_UNSURE : cli_fault(&fault);
	}
	if ((st = receipt_decode(&r, bytes, len)) == ST_OK &&
	    (st = audit_committee(&committee, a.manifest)) == ST_OK)
		st = receipt_check(&r, &committee);
	if (st == ST_OK) {
		ballot_tracker_format(text, r.tracker);
		printf("tracker=%s\n", text);
		code = tell_fate(&a, &r);
		if (opt.proof != NULL && code == CLI_YES &&
		    (st = write_proof(r.leaf, &fault)) != ST_OK)
			code = cli_fault(&fault);
	} else {
		printf("NO: the receipt does not hold: %s\n", status_text(st));
		code = CLI_NO;
	}
	free(bytes);
	audit_free(&a);
	return cli_done(code);
}

/* --- tested ---------------------------------------------------------------------------------- */

static void print_selections(const struct manifest *m, const struct ballot_test *t)
{
	const struct manifest_style *style = &m->styles[t->body.style];
	char text[BALLOT_TRACKER_TEXT];

	ballot_tracker_format(text, t->body.tracker);
	printf("tracker=%s\nkiosk=%u\n\nTEST - NOT COUNTED. The machine had locked:\n", text,
	       t->kiosk);
	for (uint16_t i = 0; i < style->contests_len; i++) {
		const struct manifest_contest *c = &m->contests[style->contests[i].contest];

		printf("\n%s\n", c->title.in[0]);
		for (uint16_t s = 0; s < c->ciphertexts_len; s++) {
			uint32_t n = ballot_test_selection(t, m, style->contests[i].first + s);

			if (n > 0)
				printf("    %s%s", c->blank && s == 0 ? "(blank)" :
				       c->options[s - (c->blank ? 1 : 0)].name.in[0],
				       c->type == CONTEST_CHOOSE || (c->blank && s == 0) ? "\n" : "");
			if (n > 0 && c->type == CONTEST_SCORE && !(c->blank && s == 0))
				printf(": %u\n", n);
		}
	}
	printf("\nIs that what was chosen? If not, tell the table: this paper is evidence.\n");
}

/* The kiosk that signed must be one of the election; its signature and opening must hold. */
static enum status check_opening(const struct audit *a, const uint8_t *bytes, size_t len,
                                 struct ballot_test *t)
{
	const struct election_params *p = election_params(a->election);
	struct params_device device;
	uint8_t id[TX_ID_BYTES];
	struct tx tx;
	enum status st = ST_PHASE;

	if (p->ballots != NULL &&
	    (st = tx_decode(&tx, bytes, len)) == ST_OK &&
	    (st = tx.type == TX_TEST ? ST_OK : ST_FORMAT) == ST_OK &&
	    (st = ballot_test_decode(t, a->manifest, &tx)) == ST_OK &&
	    (st = election_device(a->election, t->kiosk, &device)) == ST_OK &&
	    (st = memcmp(device.sign_key, t->kiosk_key, 32) == 0 ? ST_OK : ST_ROLE) == ST_OK)
		st = check_ballot_once(p, &tx, id);
	params_unref(p);
	return st;
}

static int tell_test(const struct audit *a, const struct ballot_test *t)
{
	struct ballot_record b;

	print_selections(a->manifest, t);
	if (election_find(a->election, t->body.tracker, &b) != ST_OK ||
	    memcmp(b.tracker, t->body.tracker, 32) != 0)
		return CLI_YES;
	if (b.fate == FATE_TESTED)
		return CLI_YES;
	printf("\nNO: this very ballot was cast and counted, although it was opened as a test.\n"
	       "    The kiosk's own signature contradicts it: keep this file.\n");
	return CLI_NO;
}

int run_tested(void)
{
	struct fault fault = { 0 };
	struct ballot_test t;
	struct audit a;
	uint8_t *bytes = NULL;
	size_t len;
	int code;
	enum status st;

	if ((st = open_archive(&a, &fault)) != ST_OK ||
	    (st = office_read(&bytes, &len, opt.file, LIMIT_TX_BYTES, &fault)) != ST_OK) {
		audit_free(&a);
		return st == ST_INCOMPLETE ? (void)cli_fault(&fault), CLI_UNSURE : cli_fault(&fault);
	}
	st = check_opening(&a, bytes, len, &t);
	if (st == ST_OK) {
		code = tell_test(&a, &t);
	} else {
		printf("NO: the opening does not hold: %s\n", status_text(st));
		code = CLI_NO;
	}
	free(bytes);
	audit_free(&a);
	return cli_done(code);
}
