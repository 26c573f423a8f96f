/*
 * main.c: tally-server, a node of the ledger.
 */
#include "common/base/sandbox.h"
#include "crypto/mem.h"
#include "tally-server/node/commands.h"

static const char *files[SUBMIT_FILES_MAX];

struct server_options opt = { .files = { .word = files, .max = SUBMIT_FILES_MAX } };

#define OPT_CONFIG { "config", 'c', CLI_TEXT, &opt.config, "FILE", "the node's node.ini", 0, 0, \
                     true }
#define OPT_PASS { "passphrase-file", 'p', CLI_TEXT, &opt.passphrase_file, "FILE", \
                   "a file whose one line is the passphrase (else you are asked)", 0, 0, false }
#define OPT_END { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }

static const struct cli_option KEYGEN[] = {
	{ "out", 'o', CLI_TEXT, &opt.out, "FOLDER", "where node.key and node.pub go", 0, 0, true },
	OPT_PASS, OPT_END
};

static const struct cli_option RUN[] = { OPT_CONFIG, OPT_PASS, OPT_END };

static const struct cli_option SUBMIT[] = {
	OPT_CONFIG, OPT_PASS,
	{ "wait", 'w', CLI_NUMBER, &opt.wait_s, "SECONDS",
	  "wait so long until all is final on the chain", 1, SUBMIT_WAIT_MAX, false },
	OPT_END
};

static const struct cli_option STATUS[] = {
	OPT_CONFIG, { "json", 'j', CLI_FLAG, &opt.json, NULL, "as one JSON object", 0, 0, false },
	OPT_END
};

static const struct cli_option EXPORT[] = {
	OPT_CONFIG,
	{ "out", 'o', CLI_TEXT, &opt.out, "FILE", "election.kalpis, to be written", 0, 0, false },
	{ "tlog", 't', CLI_TEXT, &opt.tlog, "FOLDER",
	  "the log as static files: checkpoint, tiles, entries (C2SP)", 0, 0, false },
	{ "replace", 'r', CLI_FLAG, &opt.replace, NULL, "write over FILE if it is there", 0, 0,
	  false },
	OPT_END
};

static const struct cli_operand A_TX[] = {
	{ "FILE", CLI_LIST, &opt.files, 1, SUBMIT_FILES_MAX, false },
	{ NULL, CLI_FLAG, NULL, 0, 0, false }
};

static const struct cli_command COMMANDS[] = {
	{ "run", "run the node (also without a command's name)",
	  "Runs until SIGTERM.  Events go to stderr, one line each.", RUN, NULL, run_node },
	{ "keygen", "make the node's keys", NULL, KEYGEN, NULL, run_keygen },
	{ "submit", "hand transactions to the running node",
	  "Exit 0 only when the node has promised all of them or, with --wait, when all are final.",
	  SUBMIT, A_TX, run_submit },
	{ "status", "where the running node stands", NULL, STATUS, NULL, run_status },
	{ "export", "write the whole chain with its proofs to a file",
	  "Works while the node runs.", EXPORT, NULL, run_export },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	static const struct cli_program program = {
		.name = "tally-server", .commands = COMMANDS, .otherwise = "run",
		.summary = "A node of the ledger: keeps the ballot chain together with the others.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	return cli_main(&program, argc, argv);
}
