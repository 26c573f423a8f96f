/*
 * main.c: tally-trustee, the tool that holds a trustee's share: files in, files out, no network.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/sandbox.h"
#include "crypto/mem.h"

struct trustee_options opt = { .suite = "ristretto255" };

#define OPT_KEY { "key", 'k', CLI_TEXT, &opt.key, "FILE", "your sealed key file", 0, 0, true }
#define OPT_PASS { "passphrase-file", 'p', CLI_TEXT, &opt.passphrase_file, "FILE", \
                   "a file whose one line is the passphrase (else you are asked)", 0, 0, false }
#define OPT_ARCHIVE { "archive", 'a', CLI_TEXT, &opt.archive, "FILE", \
                      "the election so far: election.kalpis", 0, 0, true }
#define OPT_PRINT { "fingerprint", 'f', CLI_TEXT, &opt.fingerprint, "HEX", \
                    "of the election; not needed once you have signed its manifest", 0, 0, false }
#define OPT_OUT { "out", 'o', CLI_TEXT, &opt.out, "FILE", "the file to write", 0, 0, true }
#define OPT_YES { "yes", 'y', CLI_FLAG, &opt.yes, NULL, "do not ask before signing", 0, 0, false }
#define OPT_REPORT \
	{ "evidence", 'E', CLI_TEXT, &opt.report.evidence, "FILE", \
	  "report what this file shows: NAME.evidence", 0, 0, false }, \
	{ "about", 'A', CLI_TEXT, &opt.report.about, "PARTY", \
	  "complain about trustee:N, node:N, kiosk:N, officer or registrar", 0, 0, false }, \
	{ "transaction", 'T', CLI_TEXT, &opt.report.tx, "HEX", \
	  "of a complaint: the transaction that it is about", 0, 0, false }, \
	{ "category", 'C', CLI_TEXT, &opt.report.category, "CATEGORY", \
	  "report an incident: equipment, power, network, access, papers, security, other", 0, 0, \
	  false }, \
	{ "kiosk", 'n', CLI_TEXT, &opt.report.kiosk, "NUMBER", "of an incident: at which kiosk", 0, 0, \
	  false }, \
	{ "text", 't', CLI_TEXT, &opt.report.text, "TEXT", \
	  "what happened; everybody can read it for ever", 0, 0, false }
#define OPT_END { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false }

static const struct cli_option KEYGEN[] = {
	OPT_KEY, OPT_PASS,
	{ "suite", 's', CLI_TEXT, &opt.suite, "NAME", "the group: ristretto255", 0, 0, false },
	OPT_END
};

static const struct cli_option CARD[] = {
	OPT_KEY, OPT_PASS, OPT_OUT,
	{ "node", 'n', CLI_TEXT, &opt.node, "FILE", "your node's public keys: node.pub", 0, 0, true },
	{ "name", 'N', CLI_TEXT, &opt.name, "TEXT", "your organisation's name", 0, 0, true },
	{ "address", 'A', CLI_TEXT, &opt.address, "HOST:PORT", "where your node listens", 0, 0,
	  true },
	OPT_END
};

static const struct cli_option GENESIS[] = {
	OPT_KEY, OPT_PASS, OPT_OUT, OPT_YES, OPT_PRINT,
	{ "manifest", 'm', CLI_TEXT, &opt.manifest, "FILE", "manifest.json", 0, 0, true },
	OPT_END
};

static const struct cli_option SIGN[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT, OPT_OUT, OPT_YES, OPT_END
};

static const struct cli_option LOOK[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT, OPT_END
};

static const struct cli_option REPORT[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT, OPT_OUT, OPT_YES, OPT_REPORT, OPT_END
};

static const struct cli_option INSPECT[] = {
	{ "fingerprint", 'f', CLI_TEXT, &opt.fingerprint, "HEX", "of the election", 0, 0, false },
	OPT_END
};

static const struct cli_operand A_FILE[] = {
	{ "FILE", CLI_TEXT, &opt.file, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_command COMMANDS[] = {
	{ "keygen", "make your key file", NULL, KEYGEN, NULL, run_keygen },
	{ "card", "make the card that goes into the manifest", NULL, CARD, NULL, run_card },
	{ "sign-genesis", "look at a manifest and sign it", NULL, GENESIS, NULL, run_sign_genesis },
	{ "ceremony", "the next step of the key ceremony",
	  "Run it again whenever the chain has moved on; it finds out by itself which step is due "
	  "and says so when there is nothing to do (exit code 75).", SIGN, NULL, run_ceremony },
	{ "check-key", "can your key file open its part of the joint key?", NULL, LOOK, NULL,
	  run_check_key },
	{ "approve", "look at a proposal (open, close, end, advance, result) and sign it", NULL,
	  SIGN, A_FILE, run_approve },
	{ "decrypt", "check everything, then make your one share of the sums", NULL, SIGN, NULL,
	  run_decrypt },
	{ "report", "put evidence, a complaint or an incident on record",
	  "One of --evidence, --about and --category says which.  It stands on the public chain for "
	  "ever: name no voter.", REPORT, NULL, run_report },
	{ "inspect", "show where an election stands", NULL, INSPECT, A_FILE, run_inspect },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct cli_program program = {
		.name = "tally-trustee", .commands = COMMANDS,
		.summary = "Holds a trustee's share: ceremony, approvals, decryption.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	return cli_main(&program, argc, argv);
}
