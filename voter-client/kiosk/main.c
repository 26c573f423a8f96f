/*
 * main.c: voter-client, the kiosk.
 */
#include "voter-client/kiosk/kiosk.h"

#include "common/base/log.h"
#include "common/base/sandbox.h"
#include "crypto/mem.h"

struct kiosk_options kiosk_opt = { .wait_s = 120 };

#define OPT_CONFIG { "config", 'c', CLI_TEXT, &kiosk_opt.config, "FILE", \
                     "the kiosk's configuration: kiosk.ini", 0, 0, true }
#define OPT_END { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }

static const struct cli_option SERVE[] = {
	OPT_CONFIG,
	{ "plain", 'P', CLI_FLAG, &kiosk_opt.plain, NULL,
	  "numbered lines instead of a full screen: for screen readers and scripts", 0, 0, false },
	{ "once", '1', CLI_FLAG, &kiosk_opt.once, NULL, "stop after one voter", 0, 0, false },
	OPT_END
};

static const struct cli_option KEYGEN[] = {
	{ "out", 'o', CLI_TEXT, &kiosk_opt.out, "DIR", "the folder for kiosk.key and kiosk.pub", 0, 0,
	  true },
	{ "passphrase-file", 'p', CLI_TEXT, &kiosk_opt.passphrase_file, "FILE",
	  "a file whose one line is the new passphrase (else you are asked)", 0, 0, false },
	OPT_END
};

static const struct cli_option TESTS[] = {
	OPT_CONFIG,
	{ "out", 'o', CLI_TEXT, &kiosk_opt.out, "DIR", "the folder for the files", 0, 0, true },
	OPT_END
};

static const struct cli_option CLOSE[] = {
	OPT_CONFIG,
	{ "wait", 'w', CLI_NUMBER, &kiosk_opt.wait_s, "SECONDS",
	  "how long to wait for the nodes (120)", 1, 86400, false },
	OPT_END
};

static const struct cli_command COMMANDS[] = {
	{ "serve", "serve voters (the usual command)",
	  "Stop it with SIGTERM.  Exit code 65: the input ended in the middle of a vote.  69: with "
	  "--once, the kiosk does not serve now (not open, closed, cut off).", SERVE, NULL,
	  run_serve },
	{ "keygen", "make this kiosk's keys",
	  "kiosk.key stays here, sealed; kiosk.pub goes to the election officer.", KEYGEN, NULL,
	  run_keygen },
	{ "close", "after the close: publish the tests and sign the closing",
	  "Between `close` and `end` of the election.  Exit code 75: not all is on the chain yet; run "
	  "it again.", CLOSE, NULL, run_close },
	{ "tests", "after the close: write the test transactions as files",
	  "For a kiosk that cannot reach the nodes.  Take care to carry them on one by one in the "
	  "order of their names.", TESTS, NULL, run_tests },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct cli_program program = {
		.name = "voter-client", .commands = COMMANDS, .otherwise = "serve",
		.summary = "The kiosk at which people vote.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	/* No time stamps: a log that says when somebody voted says too much. */
	log_setup("voter-client", LOG_LEVEL_INFO, LOG_STAMP_NONE);
	return cli_main(&program, argc, argv);
}
