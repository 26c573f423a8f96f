/*
 * main.c: voter-observer, which checks elections offline.
 */
#include "voter-client/observer/observer.h"

#include "common/base/sandbox.h"
#include "crypto/mem.h"

struct observer_options opt;

#define OPT_ARCHIVE(required) { "archive", 'a', CLI_TEXT, &opt.archive, "FILE", \
                                "the election: election.kalpis", 0, 0, required }
#define OPT_PRINT { "fingerprint", 'f', CLI_TEXT, &opt.fingerprint, "HEX", \
                    "of the election, from the poster", 0, 0, false }
#define OPT_JSON { "json", 'j', CLI_FLAG, &opt.json, NULL, "print one JSON object", 0, 0, false }
#define OPT_END { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }

#define OPT_GAMMA { "gamma", 'g', CLI_NUMBER, &opt.gamma, "COUNT", \
                    "so many nodes must vouch for end and result", 0, LIMIT_TRUSTEES, false }

#define OPT_JOBS { "jobs", 0, CLI_NUMBER, &opt.jobs, "COUNT", \
                   "ballots of a Belenios archive to check at once (as many as processors)", \
                   1, 64, false }

static const struct cli_option VERIFY[] = { OPT_PRINT, OPT_GAMMA, OPT_JOBS, OPT_JSON, OPT_END };
static const struct cli_option AGAINST[] = { OPT_ARCHIVE(true), OPT_PRINT, OPT_END };
static const struct cli_option RECEIPT[] = {
	OPT_ARCHIVE(true), OPT_PRINT,
	{ "tlog-proof", 't', CLI_TEXT, &opt.proof, "FILE",
	  "write it as a proof for tools that know transparency logs (C2SP)", 0, 0, false },
	OPT_END
};

static const struct cli_option EVIDENCE[] = {
	OPT_PRINT, OPT_JSON,
	{ "archive", 'a', CLI_TEXT, &opt.archive, "FILE",
	  "the chain that decides: election.kalpis", 0, 0, false },
	OPT_END
};

static const struct cli_operand AN_ARCHIVE[] = {
	{ "FILE", CLI_TEXT, &opt.archive, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_operand A_RECEIPT[] = {
	{ "RECEIPT", CLI_TEXT, &opt.file, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_operand A_PIECE[] = {
	{ "EVIDENCE", CLI_TEXT, &opt.file, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_operand AN_OPENING[] = {
	{ "OPENING", CLI_TEXT, &opt.file, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_command COMMANDS[] = {
	{ "verify", "check a whole election",
	  "Exit code 0: everything was checked and holds.  1: there is evidence of a problem.  "
	  "3: it cannot be told, because the election is not over, a signature is missing, or no "
	  "fingerprint was given.  With --gamma as many as there are nodes, one honest node is "
	  "enough for this to be the only result.\n"
	  "FILE may be the archive of a Belenios 2.0 election, a .bel: then what is outside our reach, "
	  "such as shuffles, could not be checked, and the exit code is 3.", VERIFY, AN_ARCHIVE,
	  run_verify },
	{ "receipt", "is the ballot of a receipt in the election, and does it count?", NULL, RECEIPT,
	  A_RECEIPT, run_receipt },
	{ "tested", "open a ballot with which a machine was tested", NULL, AGAINST, AN_OPENING,
	  run_tested },
	{ "evidence", "who did what, by a piece of evidence?",
	  "Exit code 1: it proves to anybody that who is named broke the rules.\n"
	  "3: it shows what somebody says to have seen; or it cannot be told, without --fingerprint, "
	  "or without the --archive of the chain that decides.\n"
	  "65: it shows nothing, and the reason.", EVIDENCE, A_PIECE,
	  run_evidence },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct cli_program program = {
		.name = "voter-observer", .commands = COMMANDS,
		.summary = "Checks elections offline, from their archive and fingerprint alone.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	return cli_main(&program, argc, argv);
}
