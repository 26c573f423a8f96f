/*
 * cmd_report.c: officer and registrar report: evidence, a complaint, an incident.
 *
 * Invariant: nothing is written that the chain in the archive would not take.
 */
#include "tally-server/officer/officer.h"

#include "common/election/report_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whose key it is, by the manifest. */
static enum status find_self(struct report_party *by, const struct audit *a,
                             const uint8_t key[static SIGN_KEY_BYTES], struct fault *fault)
{
	*by = (struct report_party){ .role = PARTY_OFFICER };
	if (memcmp(key, a->manifest->officer->sign_key, SIGN_KEY_BYTES) == 0)
		return ST_OK;
	by->role = PARTY_REGISTRAR;
	if (memcmp(key, a->manifest->registrar->sign_key, SIGN_KEY_BYTES) == 0)
		return ST_OK;
	return fault_set(fault, ST_KEY, "%s is neither officer's nor registrar's in this election",
	                 opt.key);
}

static enum status open_key(struct keyfile **out, struct fault *fault)
{
	bool is_registrar = opt.role != NULL && strcmp(opt.role, "registrar") == 0;

	if (!is_registrar && opt.role != NULL && strcmp(opt.role, "officer") != 0)
		return fault_set(fault, ST_USAGE, "--role is officer or registrar");
	return office_key(out, opt.key, is_registrar ? KEYFILE_REGISTRAR : KEYFILE_OFFICER,
	                  opt.passphrase_file, fault);
}

static enum status report(struct audit *a, struct fault *fault)
{
	struct sign_secret secret;
	struct report_party by;
	struct keyfile *k;
	uint8_t key[SIGN_KEY_BYTES], *wire = NULL;
	size_t len;
	enum status st = open_key(&k, fault);

	if (st != ST_OK)
		return st;
	sign_from_seed(&secret, key, k->sign_seed);
	office_forget(k);
	if ((st = find_self(&by, a, key, fault)) == ST_OK &&
	    (st = report_draft(&wire, &len, &by, &opt.report, a, fault)) == ST_OK) {
		report_show(wire, len, a);
		st = report_finish(wire, len, &secret, a, opt.out, fault);
	}
	sign_secret_wipe(&secret);
	free(wire);
	return st;
}

int run_report(void)
{
	const struct election_params *params;
	struct fault fault = { 0 };
	struct audit a;
	enum status st = open_election(&a, &params, &fault);

	if (st == ST_OK)
		st = report(&a, &fault);
	close_election(&a, params);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("transaction=%s\nNext: if it is as you mean it, a node submits it: tally-server submit "
	       "--config node.ini %s\n", opt.out, opt.out);
	return cli_done(CLI_YES);
}
