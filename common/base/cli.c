/*
 * cli.c: see cli.h.
 *
 * Invariant: argp is asked neither to print nor to exit by itself; every way out of a parse
 * passes through struct parse.code.
 */
#include "common/base/cli.h"

#include "common/base/crash.h"
#include "common/base/nearest.h"
#include "common/base/number.h"
#include "common/base/version.h"

#include <argp.h>
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 40, KEY_FIRST = 0x1000, KEY_HELP = 0x2000, GOES_ON = -1 };

static const char *program_name = "kalpis";

/* --- messages -------------------------------------------------------------------------------- */

int cli_exit_code(enum status st)
{
	static const struct {
		enum status st;
		int code;
	} table[] = {
		{ ST_OK, CLI_YES },
		{ ST_INTERNAL, CLI_SOFTWARE },
		{ ST_USAGE, CLI_MISUSE },
		{ ST_INCOMPLETE, CLI_UNSURE },
		{ ST_NOT_FOUND, CLI_NO_INPUT },
		{ ST_EXISTS, CLI_CANNOT_CREATE },
		{ ST_IO, CLI_IO },
		{ ST_NO_MEMORY, CLI_OS },
		{ ST_RANDOM, CLI_OS },
		{ ST_AGAIN, CLI_TEMPORARY },
		{ ST_TIMEOUT, CLI_UNAVAILABLE },
		{ ST_DENIED, CLI_DENIED },
		{ ST_SEAL, CLI_DENIED },
		{ ST_CONFIG, CLI_CONFIG },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].st == st)
			return table[i].code;
	return CLI_DATA;   /* all the others speak of the data that was given */
}

int cli_fault(const struct fault *fault)
{
	char text[3 * FAULT_TEXT_BYTES + 128];

	fflush(stdout);
	fault_format(text, sizeof(text), program_name, fault);
	fputs(text, stderr);
	return cli_exit_code(fault->st);
}

int cli_misuse(const struct fault *fault)
{
	struct fault copy = *fault;

	copy.st = ST_USAGE;
	if (copy.next[0] == '\0')
		fault_next(&copy, "%s --help", program_name);
	return cli_fault(&copy);
}

int cli_done(int code)
{
	struct fault fault;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	(void)fault_set(&fault, ST_IO, "the output could not be written in full");
	return cli_fault(&fault);
}

/* --- one command's line ---------------------------------------------------------------------- */

struct parse {
	const struct cli_command *command;
	const char *called;                        /* "voter-observer verify" */
	struct argp_option option[OPTIONS_MAX + 2];
	bool seen[OPTIONS_MAX];
	size_t operand;                            /* the next one to fill */
	bool operand_seen;                         /* the last of them has a word already */
	char usage[256];                           /* "FILE [OUT]" */
	int code;                                  /* GOES_ON, or what to exit with */
};

static size_t option_count(const struct cli_command *c)
{
	size_t n = 0;

	while (c->options != NULL && c->options[n].name != NULL)
		n++;
	assert(n <= OPTIONS_MAX);
	return n;
}

static size_t operand_count(const struct cli_command *c)
{
	size_t n = 0;

	while (c->operands != NULL && c->operands[n].name != NULL)
		n++;
	return n;
}

/* The command line is wrong: tell what, and end the parse. */
__attribute__((format(printf, 2, 3)))
static error_t misuse(struct parse *p, const char *format, ...)
{
	char what[FAULT_TEXT_BYTES];
	struct fault fault;
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	(void)fault_set(&fault, ST_USAGE, "%s", what);
	fault_next(&fault, "%s --help", p->called);
	p->code = cli_misuse(&fault);
	return EINVAL;
}

static error_t take_number(struct parse *p, const char *name, uint64_t *into, const char *word,
                           uint64_t min, uint64_t max)
{
	uint64_t value;

	if (number_decode(&value, word, strlen(word), max) != ST_OK || value < min)
		return misuse(p, "%s must be a whole number from %llu to %llu, not \"%s\"", name,
		              (unsigned long long)min, (unsigned long long)max, word);
	*into = value;
	return 0;
}

static error_t take_word(struct parse *p, const char *name, struct cli_list *into,
                         const char *word)
{
	if (into->count == into->max)
		return misuse(p, "%s: more than %zu", name, into->max);
	into->word[into->count++] = word;
	return 0;
}

static error_t take_option(struct parse *p, size_t at, const char *word)
{
	const struct cli_option *o = &p->command->options[at];
	char name[80];

	snprintf(name, sizeof(name), "--%s", o->name);
	if (p->seen[at] && o->kind != CLI_LIST && o->kind != CLI_FLAG)
		return misuse(p, "%s is given twice", name);
	p->seen[at] = true;
	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)o->into = true;
		return 0;
	case CLI_TEXT:
		*(const char **)o->into = word;
		return 0;
	case CLI_NUMBER:
		return take_number(p, name, o->into, word, o->min, o->max);
	case CLI_LIST:
		return take_word(p, name, o->into, word);
	}
	return EINVAL;
}

static error_t take_operand(struct parse *p, const char *word)
{
	const struct cli_operand *o;

	if (p->operand == operand_count(p->command))
		return misuse(p, "\"%s\" is one word too many", word);
	o = &p->command->operands[p->operand];
	if (o->kind == CLI_LIST) {
		p->operand_seen = true;
		return take_word(p, o->name, o->into, word);
	}
	p->operand++;
	if (o->kind == CLI_NUMBER)
		return take_number(p, o->name, o->into, word, o->min, o->max);
	*(const char **)o->into = word;
	return 0;
}

/* Everything was read: is anything missing? */
static error_t check_complete(struct parse *p)
{
	for (size_t i = 0; i < option_count(p->command); i++)
		if (p->command->options[i].required && !p->seen[i])
			return misuse(p, "--%s is missing", p->command->options[i].name);
	for (size_t i = p->operand; i < operand_count(p->command); i++) {
		const struct cli_operand *o = &p->command->operands[i];
		const struct cli_list *list = o->kind == CLI_LIST ? o->into : NULL;

		if (list == NULL && !o->optional)
			return misuse(p, "%s is missing", o->name);
		if (list != NULL && list->count < o->min)
			return misuse(p, "%s: fewer than %llu", o->name, (unsigned long long)o->min);
		if (list != NULL && list->count > o->max)
			return misuse(p, "%s: more than %llu", o->name, (unsigned long long)o->max);
	}
	return 0;
}

/* getopt has gone past a long option, but not yet past a cluster of short ones. */
static const char *word_at_fault(const struct argp_state *state)
{
	int at = state->next;

	if (at > 0 && state->argv[at - 1][0] == '-')
		return state->argv[at - 1];
	return at < state->argc ? state->argv[at] : "the last word";
}

static error_t on_key(int key, char *word, struct argp_state *state)
{
	struct parse *p = state->input;

	if (key == KEY_HELP) {
		state->flags &= ~(unsigned int)ARGP_NO_ERRS;   /* or it would be silent */
		(void)setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
		argp_state_help(state, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC);
		p->code = CLI_YES;
		return EINTR;   /* ends the parse */
	}
	if (key == ARGP_KEY_ARG)
		return take_operand(p, word);
	if (key == ARGP_KEY_END)
		return check_complete(p);
	if (key == ARGP_KEY_ERROR && p->code == GOES_ON)
		return misuse(p, "\"%s\" is no option, or lacks its value, or takes none",
		              word_at_fault(state));
	if (key >= KEY_FIRST && key < KEY_FIRST + OPTIONS_MAX)
		return take_option(p, (size_t)(key - KEY_FIRST), word);
	for (size_t i = 0; i < option_count(p->command); i++)
		if (p->command->options[i].letter != 0 && p->command->options[i].letter == key)
			return take_option(p, i, word);
	return ARGP_ERR_UNKNOWN;
}

/* argp's table from ours.  A short name is argp's key; without one the key is a number of ours. */
static void make_options(struct parse *p)
{
	size_t n = option_count(p->command);

	for (size_t i = 0; i < n; i++) {
		const struct cli_option *o = &p->command->options[i];

		p->option[i].name = o->name;
		p->option[i].key = o->letter != 0 ? o->letter : KEY_FIRST + (int)i;
		p->option[i].arg = o->kind == CLI_FLAG ? NULL : o->value;
		p->option[i].doc = o->help;
	}
	p->option[n].name = "help";
	p->option[n].key = KEY_HELP;
	p->option[n].doc = "Show this help";
	p->option[n].group = -1;
}

static void make_usage(struct parse *p)
{
	size_t len = 0;

	p->usage[0] = '\0';
	for (size_t i = 0; i < operand_count(p->command); i++) {
		const struct cli_operand *o = &p->command->operands[i];
		bool optional = o->kind == CLI_LIST ? o->min == 0 : o->optional;
		int more = snprintf(p->usage + len, sizeof(p->usage) - len, "%s%s%s%s%s",
		                    i > 0 ? " " : "", optional ? "[" : "", o->name,
		                    o->kind == CLI_LIST ? "..." : "", optional ? "]" : "");

		len += more > 0 ? (size_t)more : 0;
		assert(len < sizeof(p->usage));
	}
}

/* A long option that no option of the command begins with: argp would only say "unrecognized". */
static error_t check_spelling(struct parse *p, int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		struct nearest near;
		char name[NEAREST_WORD_BYTES + 2];
		size_t len = strcspn(argv[i] + strspn(argv[i], "-"), "=");
		bool known = strncmp(argv[i], "--", 2) != 0 || len >= sizeof(name);

		if (known)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, argv[i] + 2);
		nearest_init(&near, name);
		for (size_t k = 0; p->option[k].name != NULL; k++) {
			known = known || strncmp(p->option[k].name, name, len) == 0;
			nearest_offer(&near, p->option[k].name);
		}
		if (!known && nearest_best(&near) != NULL)
			return misuse(p, "there is no option --%s; did you mean --%s?", name,
			              nearest_best(&near));
		if (!known)
			return misuse(p, "there is no option --%s", name);
	}
	return 0;
}

/* argv[0] is what argp calls the command in its messages. */
static int run_command(const struct cli_command *c, const char *called, int argc, char **argv)
{
	struct parse p = { .command = c, .called = called, .code = GOES_ON };
	char doc[2048];
	struct argp argp = { .options = p.option, .parser = on_key, .args_doc = p.usage, .doc = doc };
	error_t wrong;

	make_options(&p);
	make_usage(&p);
	snprintf(doc, sizeof(doc), "%s\v%s", c->summary, c->help != NULL ? c->help : "");
	wrong = check_spelling(&p, argc, argv);
	if (wrong == 0)
		wrong = argp_parse(&argp, argc, argv, ARGP_SILENT, NULL, &p);
	if (p.code != GOES_ON)
		return p.code == CLI_YES ? cli_done(CLI_YES) : p.code;
	assert(wrong == 0);   /* on_key tells of every error and leaves a code */
	return c->run();
}

/* --- the program ----------------------------------------------------------------------------- */

static void show_help(const struct cli_program *program, FILE *to)
{
	fprintf(to, "%s: %s\n\nUsage: %s COMMAND [OPTION...]\n\nCommands:\n", program->name,
	        program->summary, program->name);
	for (const struct cli_command *c = program->commands; c->name != NULL; c++)
		fprintf(to, "  %-14s %s\n", c->name, c->summary);
	fprintf(to, "\n%s COMMAND --help tells more about one of them.\n", program->name);
}

static const struct cli_command *find_command(const struct cli_program *program, const char *name)
{
	for (const struct cli_command *c = program->commands; name != NULL && c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static int unknown_command(const struct cli_program *program, const char *name)
{
	struct nearest near;
	struct fault fault;

	(void)fault_set(&fault, ST_USAGE, "there is no command \"%s\"", name);
	nearest_init(&near, name);
	for (const struct cli_command *c = program->commands; c->name != NULL; c++)
		nearest_offer(&near, c->name);
	if (nearest_best(&near) != NULL)
		fault_next(&fault, "did you mean \"%s %s\"?", program->name, nearest_best(&near));
	return cli_misuse(&fault);
}

static int start_command(const struct cli_program *program, const struct cli_command *c, int argc,
                         char **argv)
{
	char called[128];
	char **words;
	struct fault fault;
	int code;

	if (!crash_arm()) {
		(void)fault_set(&fault, ST_CONFIG, "KALPIS_CRASH_AT names no crash point");
		fault_next(&fault, "Unset it: it is for tests (docs/crash-points.md).");
		return cli_fault(&fault);
	}
	words = calloc((size_t)argc + 2, sizeof(words[0]));
	if (words == NULL) {
		(void)fault_set(&fault, ST_NO_MEMORY, "no memory");
		return cli_fault(&fault);
	}
	snprintf(called, sizeof(called), "%s %s", program->name, c->name);
	words[0] = called;
	for (int i = 0; i < argc; i++)
		words[i + 1] = argv[i];
	code = run_command(c, called, argc + 1, words);
	free(words);
	return code;
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int cli_main(const struct cli_program *program, int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : NULL;
	const struct cli_command *c = find_command(program, first);
	const struct cli_command *otherwise = find_command(program, program->otherwise);
	char help[] = "--help", *only_help[] = { help, NULL };

	program_name = program->name;
	if (c != NULL)
		return start_command(program, c, argc - 2, argv + 2);
	if (first != NULL && strcmp(first, "help") == 0 && argc == 3 &&
	    find_command(program, argv[2]) != NULL)
		return start_command(program, find_command(program, argv[2]), 1, only_help);
	if (first != NULL && is_help(first)) {
		show_help(program, stdout);
		return cli_done(CLI_YES);
	}
	if (first != NULL && strcmp(first, "--version") == 0) {
		printf("%s %s\n", program->name, KALPIS_VERSION);
		return cli_done(CLI_YES);
	}
	if (otherwise != NULL && (first == NULL || first[0] == '-'))
		return start_command(program, otherwise, argc - 1, argv + 1);
	if (first != NULL)
		return unknown_command(program, first);
	show_help(program, stderr);
	return CLI_MISUSE;
}
