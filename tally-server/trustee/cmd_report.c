/*
 * cmd_report.c: a trustee reports: evidence, a complaint, an incident.
 *
 * Invariant: nothing is written that the chain in the archive would not take, or that the trustee
 * was not shown.
 */
#include "tally-server/trustee/trustee.h"

#include "common/election/report_make.h"

#include <stdio.h>
#include <stdlib.h>

static enum status report(struct session *s, struct fault *fault)
{
	const struct report_party by = { .role = PARTY_TRUSTEE, .index = (uint16_t)s->index };
	uint8_t *wire;
	size_t len;
	enum status st = report_draft(&wire, &len, &by, &opt.report, &s->audit, fault);

	if (st != ST_OK)
		return st;
	report_show(wire, len, &s->audit);
	if (opt.report.text != NULL)
		printf("text         \"%s\"\n", opt.report.text);
	if ((st = ask_yes("Sign this, for everybody to read for ever?", fault)) == ST_OK)
		st = report_finish(wire, len, &s->secret, &s->audit, opt.out, fault);
	free(wire);
	return st;
}

int run_report(void)
{
	struct fault fault = { 0 };
	struct session s;
	enum status st = session_begin(&s, &fault);

	if (st == ST_OK)
		st = report(&s, &fault);
	session_end(&s);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("transaction=%s\nNext: a node submits it: tally-server submit --config node.ini %s\n",
	       opt.out, opt.out);
	return cli_done(CLI_YES);
}
