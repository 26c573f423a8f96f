/*
 * main.c: tally-officer, the tool of the election officer and of the registrar.
 */
#include "tally-server/officer/officer.h"

#include "common/base/sandbox.h"
#include "crypto/mem.h"

static const char *files[OFFICER_FILES_MAX];

struct officer_options opt = { .files = { .word = files, .max = OFFICER_FILES_MAX } };

#define OPT_KEY { "key", 'k', CLI_TEXT, &opt.key, "FILE", "your sealed key file", 0, 0, true }
#define OPT_PASS { "passphrase-file", 'p', CLI_TEXT, &opt.passphrase_file, "FILE", \
                   "a file whose one line is the passphrase (else you are asked)", 0, 0, false }
#define OPT_ARCHIVE { "archive", 'a', CLI_TEXT, &opt.archive, "FILE", \
                      "the election so far: election.kalpis", 0, 0, true }
#define OPT_PRINT { "fingerprint", 'f', CLI_TEXT, &opt.fingerprint, "HEX", \
                    "of the election, as define printed it", 0, 0, true }
#define OPT_OUT(what) { "out", 'o', CLI_TEXT, &opt.out, "FILE", what, 0, 0, true }
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
	{ "role", 'r', CLI_TEXT, &opt.role, "ROLE", "officer or registrar", 0, 0, true },
	{ "name", 'N', CLI_TEXT, &opt.name, "TEXT", "your name or office, as all will see it", 0, 0,
	  true },
	OPT_OUT("your card, to be named in the definition"), OPT_END
};

static const struct cli_option DEFINE[] = { OPT_OUT("the manifest"), OPT_END };
static const struct cli_option NONE[] = { OPT_END };

static const struct cli_option GENESIS[] = {
	{ "manifest", 'm', CLI_TEXT, &opt.manifest, "FILE", "manifest.json", 0, 0, true },
	OPT_OUT("the archive with which every node begins"), OPT_END
};

static const struct cli_option ENROL[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT,
	{ "voters", 'v', CLI_TEXT, &opt.voters, "FILE",
	  "one line a voter: STYLE WEIGHT, then a note for the envelope", 0, 0, true },
	OPT_OUT("a new folder for the cards and the roll's transactions"), OPT_END
};

static const struct cli_option DEVICE[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT, OPT_OUT("the transaction"),
	{ "kiosk", 'n', CLI_NUMBER, &opt.kiosk, "NUMBER", "the kiosk's number", 0,
	  LIMIT_KIOSKS - 1, true },
	{ "keys", 'd', CLI_TEXT, &opt.kiosk_keys, "FILE", "the kiosk's public keys: kiosk.pub", 0, 0,
	  true },
	{ "label", 'l', CLI_TEXT, &opt.label, "TEXT", "where it stands", 0, 0, true },
	OPT_END
};

static const struct cli_option PROPOSE[] = {
	OPT_ARCHIVE, OPT_PRINT, OPT_OUT("the proposal or, with --combine, the transaction"),
	{ "combine", 'c', CLI_TEXT, &opt.combine, "PROPOSAL",
	  "put this proposal and the approvals named together", 0, 0, false },
	OPT_END
};

static const struct cli_option REPORT[] = {
	OPT_KEY, OPT_PASS, OPT_ARCHIVE, OPT_PRINT, OPT_OUT("the transaction"), OPT_REPORT,
	{ "role", 'r', CLI_TEXT, &opt.role, "ROLE", "whose key it is: officer (the usual) or registrar",
	  0, 0, false },
	OPT_END
};

static const struct cli_operand A_DEFINITION[] = {
	{ "DEFINITION", CLI_TEXT, &opt.definition, 0, 0, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_operand SIGNATURES[] = {
	{ "SIGNATURE", CLI_LIST, &opt.files, 1, LIMIT_TRUSTEES, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_operand STEP[] = {
	{ "STEP|APPROVAL", CLI_LIST, &opt.files, 1, LIMIT_TRUSTEES, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false }
};

static const struct cli_command COMMANDS[] = {
	{ "keygen", "make your key file and card", NULL, KEYGEN, NULL, run_keygen },
	{ "check", "is a definition sound?", NULL, NONE, A_DEFINITION, run_check },
	{ "define", "turn a definition into the manifest", NULL, DEFINE, A_DEFINITION, run_define },
	{ "genesis", "put the manifest and every trustee's signature together",
	  "Name the signatures in the order of the trustees in the manifest.", GENESIS, SIGNATURES,
	  run_genesis },
	{ "enrol", "registrar: make credentials, cards and the roll", NULL, ENROL, NULL, run_enrol },
	{ "device", "officer: admit a kiosk", NULL, DEVICE, NULL, run_device },
	{ "propose", "prepare advance, open, close, end or result for the trustees",
	  "With a STEP (advance, open, close, end, result) it makes the proposal that trustees "
	  "approve; with --combine and t approvals it puts both together.",
	  PROPOSE, STEP, run_propose },
	{ "report", "put evidence, a complaint or an incident on record",
	  "One of --evidence, --about and --category says which.  It stands on the public chain for "
	  "ever: name no voter.", REPORT, NULL, run_report },
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

int main(int argc, char **argv)
{
	const struct cli_program program = {
		.name = "tally-officer", .commands = COMMANDS,
		.summary = "Defines an election, enrols voters and kiosks, prepares its phases.",
	};

	if (sandbox_start() != ST_OK || crypto_init() != ST_OK)
		return CLI_OS;
	return cli_main(&program, argc, argv);
}
