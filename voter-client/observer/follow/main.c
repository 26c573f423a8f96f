/*
 * main.c: voter-follow, which watches the nodes of an election.
 */
#include "voter-client/observer/follow/follow.h"

#include "common/base/log.h"
#include "common/base/sandbox.h"
#include "crypto/mem.h"

static const char *node_words[4 * LIMIT_TRUSTEES];

struct follow_options follow_opt = {
	.interval_s = 10, .timeout_s = 60,
	.nodes = { .word = node_words, .max = sizeof(node_words) / sizeof(node_words[0]) },
};

#define OPT_DIR { "dir", 'd', CLI_TEXT, &follow_opt.folder, "DIR", \
                  "the folder that holds the copy and the evidence", 0, 0, true }
#define OPT_END { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }

static const struct cli_option WATCH[] = {
	OPT_DIR,
	{ "fingerprint", 'f', CLI_TEXT, &follow_opt.fingerprint, "HEX",
	  "of the election, from the poster", 0, 0, true },
	{ "archive", 'a', CLI_TEXT, &follow_opt.archive, "FILE",
	  "begin an empty folder with this: election.kalpis or genesis.kalpis", 0, 0, false },
	{ "manifest", 'm', CLI_TEXT, &follow_opt.manifest, "FILE",
	  "begin an empty folder with this: manifest.json", 0, 0, false },
	{ "node", 'n', CLI_LIST, &follow_opt.nodes, "N=HOST:PORT",
	  "where node N (from 1) is, if not where its card says; may be repeated", 0, 0, false },
	{ "interval", 'i', CLI_NUMBER, &follow_opt.interval_s, "SECONDS",
	  "between questions to every node (10)", 1, 3600, false },
	{ "once", '1', CLI_FLAG, &follow_opt.once, NULL,
	  "catch up, compare, and end", 0, 0, false },
	{ "timeout", 't', CLI_NUMBER, &follow_opt.timeout_s, "SECONDS",
	  "with --once: how long to wait for enough nodes (60)", 1, 86400, false },
	{ "until-end", 'e', CLI_FLAG, &follow_opt.until_end, NULL,
	  "end when the result is final", 0, 0, false },
	{ "json", 'j', CLI_FLAG, &follow_opt.json, NULL, "one JSON object a line", 0, 0, false },
	OPT_END
};

static const struct cli_option EXPORT[] = {
	OPT_DIR,
	{ "out", 'o', CLI_TEXT, &follow_opt.out, "FILE", "the archive to write", 0, 0, true },
	{ "replace", 'r', CLI_FLAG, &follow_opt.replace, NULL, "replace an old one", 0, 0, false },
	OPT_END
};

static const struct cli_command COMMANDS[] = {
	{ "watch", "follow the nodes and compare them (the usual command)",
	  "Fetches every block, checks everything from block 0 on, keeps a copy in DIR, and compares "
	  "what the nodes show with the copy, with each other, and with what they showed before.  "
	  "Stop it at any time; it goes on where it was.  When it ends it writes "
	  "DIR/election.kalpis, which voter-observer verify checks.\n\n"
	  "Contradictions are written to DIR/evidence, one file each, which voter-observer evidence "
	  "judges without any node: a fork (two final blocks that exclude each other), a rollback "
	  "(a node shows less than it did before), a false answer.  A node that is slow or down is "
	  "none of these.\n\n"
	  "Exit code 0: the copy is level with what the nodes show, more of them than may fail "
	  "agree, and no evidence lies in DIR/evidence.  With --until-end also: the result is "
	  "final.\n"
	  "1: there is evidence in DIR/evidence, from this run or an earlier one.\n"
	  "3: it cannot be told: too few nodes answer, or it was stopped before.\n"
	  "69: no node answered at all.  74: the disk.  Others: the files that were given.",
	  WATCH, NULL, run_watch },
	{ "export", "write the copy as an archive, also while it is followed",
	  "For voter-observer verify.", EXPORT, NULL, run_export },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct cli_program program = {
		.name = "voter-follow", .commands = COMMANDS, .otherwise = "watch",
		.summary = "Watches the nodes of an election: copies the chain, compares, keeps evidence.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	log_setup("voter-follow", LOG_LEVEL_WARN, LOG_STAMP_SECOND);
	return cli_main(&program, argc, argv);
}
