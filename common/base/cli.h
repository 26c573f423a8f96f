/*
 * cli.h: command lines of every program: a table of subcommands, each with a table of options and
 * operands; exit codes; messages (docs/operating.md, "command line").
 *
 * Options are parsed by argp.  --help goes to stdout with exit 0, misuse to stderr with exit 2.
 * Secrets are never options: see passphrase.h.
 *
 * Invariant: a command runs only after its whole command line was understood, so a misspelt option
 * never leaves half a deed done.
 */
#ifndef KALPIS_BASE_CLI_H
#define KALPIS_BASE_CLI_H

#include "common/base/fault.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The exit codes of every program (sysexits.h where it has one). */
enum cli_exit {
	CLI_YES = 0,            /* yes, done */
	CLI_NO = 1,             /* no: evidence of a problem */
	CLI_MISUSE = 2,         /* the command line is wrong */
	CLI_UNSURE = 3,         /* could not tell: never shown as green */
	CLI_DATA = 65,          /* an input file is not what it should be */
	CLI_NO_INPUT = 66,      /* an input file is not there */
	CLI_UNAVAILABLE = 69,   /* a node or service does not answer */
	CLI_SOFTWARE = 70,      /* our own bug */
	CLI_OS = 71,            /* no memory, no randomness */
	CLI_CANNOT_CREATE = 73, /* an output file exists or cannot be made */
	CLI_IO = 74,            /* reading or writing failed */
	CLI_TEMPORARY = 75,     /* try again */
	CLI_DENIED = 77,        /* no permission, or a wrong passphrase */
	CLI_CONFIG = 78         /* a configuration file is refused */
};

/* What a tool exits with when it could not do its work because of st.  ST_OK is CLI_YES.  A tool
 * that judges (verify) chooses between CLI_NO and CLI_UNSURE itself. */
int cli_exit_code(enum status st);

enum cli_kind {
	CLI_FLAG,     /* bool *: becomes true */
	CLI_TEXT,     /* const char **: borrowed from argv */
	CLI_NUMBER,   /* uint64_t *: plain decimal, min..max */
	CLI_LIST      /* struct cli_list *: may be given more than once */
};

/* Words of argv, borrowed, in their order. */
struct cli_list {
	const char **word;   /* room for max words; the caller's */
	size_t count;        /* starts at 0 */
	size_t max;
};

struct cli_option {
	const char *name;     /* long name without dashes */
	char letter;          /* short name, or 0 */
	enum cli_kind kind;
	void *into;           /* of the kind's type; keeps its value when the option is absent */
	const char *value;    /* what the help calls the value: "FILE"; NULL for a flag */
	const char *help;     /* one sentence */
	uint64_t min, max;    /* of a CLI_NUMBER */
	bool required;
};

/* What stands without dashes, in order; only the last may be a list. */
struct cli_operand {
	const char *name;     /* "FILE" */
	enum cli_kind kind;   /* CLI_TEXT, CLI_NUMBER or CLI_LIST */
	void *into;
	uint64_t min, max;    /* of a CLI_NUMBER: its range; of a CLI_LIST: how many words */
	bool optional;        /* only operands after it may be optional too; not of a list */
};

struct cli_command {
	const char *name;                     /* "verify"; NULL ends a table */
	const char *summary;                  /* one line for the list of commands */
	const char *help;                     /* paragraphs for its --help; may be NULL */
	const struct cli_option *options;     /* ends with a NULL name; may be NULL */
	const struct cli_operand *operands;   /* ends with a NULL name; may be NULL */
	int (*run)(void);                     /* returns an enum cli_exit */
};

struct cli_program {
	const char *name;                     /* "voter-observer" */
	const char *summary;                  /* one sentence */
	const struct cli_command *commands;
	const char *otherwise;                /* command run when none is named; NULL: help */
};

/* Parse and run.  The value main returns. */
int cli_main(const struct cli_program *program, int argc, char **argv);

/* Tell fault on stderr under the program's name.  Returns cli_exit_code(fault->st). */
int cli_fault(const struct fault *fault);

/* Misuse that the tables cannot express: tells fault, names the command's --help, returns 2. */
int cli_misuse(const struct fault *fault);

/* stdout may be full: flush it and check.  A tool that printed a result returns this. */
int cli_done(int code);

#endif
