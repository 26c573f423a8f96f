/* test_cli.c: command lines: all of it is understood before anything is done. */
#include "common/base/cli.h"
#include "common/base/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static bool json;
static const char *print;
static uint64_t jobs;
static struct cli_list peers;
static const char *peer_words[2];
static const char *file;
static struct cli_list more;
static const char *more_words[4];
static int runs;

static int run_verify(void)
{
	runs++;
	return CLI_UNSURE;
}

static int run_print(void)
{
	printf("printed\n");
	return cli_done(CLI_YES);
}

static const struct cli_option VERIFY_OPTIONS[] = {
	{ "json", 'j', CLI_FLAG, &json, NULL, "Print JSON", 0, 0, false },
	{ "fingerprint", 0, CLI_TEXT, &print, "F", "The fingerprint on the poster", 0, 0, true },
	{ "jobs", 'J', CLI_NUMBER, &jobs, "N", "Threads", 1, 64, false },
	{ "peer", 0, CLI_LIST, &peers, "ADDRESS", "A node; may be repeated", 0, 0, false },
	{ NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0, false },
};

static const struct cli_operand VERIFY_OPERANDS[] = {
	{ "FILE", CLI_TEXT, &file, 0, 0, false },
	{ "MORE", CLI_LIST, &more, 0, 2, false },
	{ NULL, CLI_TEXT, NULL, 0, 0, false },
};

static const struct cli_command COMMANDS[] = {
	{ "verify", "Check everything", "It checks.", VERIFY_OPTIONS, VERIFY_OPERANDS, run_verify },
	{ "print", "Print a word", NULL, NULL, NULL, run_print },
	{ NULL, NULL, NULL, NULL, NULL, NULL },
};

static const struct cli_program PROGRAM = { "voter-x", "for tests.", COMMANDS, NULL };
static const struct cli_program STATUS = { "voter-x", "for tests.", COMMANDS, "print" };

static char out[8192], err[8192];

static void slurp(FILE *f, char *into, size_t size)
{
	size_t n;

	rewind(f);
	n = fread(into, 1, size - 1, f);
	into[n] = '\0';
	fclose(f);
}

/* The words end with NULL.  What was printed is left in out and err. */
static int run(const struct cli_program *program, char *const words[])
{
	FILE *to = tmpfile(), *also = tmpfile();
	int old_out = dup(STDOUT_FILENO), old_err = dup(STDERR_FILENO), argc = 0, code;
	char *argv[16] = { NULL };

	assert_true(to != NULL && also != NULL);
	for (; words[argc] != NULL; argc++)
		argv[argc] = words[argc];
	json = false;
	print = file = NULL;
	jobs = 7;
	runs = 0;
	peers = (struct cli_list){ peer_words, 0, 2 };
	more = (struct cli_list){ more_words, 0, 4 };
	fflush(NULL);
	dup2(fileno(to), STDOUT_FILENO);
	dup2(fileno(also), STDERR_FILENO);
	code = cli_main(program, argc, argv);
	fflush(NULL);
	dup2(old_out, STDOUT_FILENO);
	dup2(old_err, STDERR_FILENO);
	close(old_out);
	close(old_err);
	slurp(to, out, sizeof(out));
	slurp(also, err, sizeof(err));
	return code;
}

#define RUN(...) run(&PROGRAM, (char *const[]){ "voter-x", __VA_ARGS__, NULL })

static void assert_misuse(int code, const char *message)
{
	assert_int_equal(code, CLI_MISUSE);
	assert_int_equal(runs, 0);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, message));
	assert_non_null(strstr(err, "--help"));
}

static void misuse_runs_nothing_and_exits_2(void **state)
{
	(void)state;
	assert_misuse(RUN("verify", "f"), "voter-x: --fingerprint is missing\n");
	assert_misuse(RUN("verify", "--fingerprint", "x"), "FILE is missing");
	assert_misuse(RUN("verify", "--fingerprint=x", "a", "b", "c", "d"), "MORE: more than 2");
	assert_misuse(RUN("verify", "--fingerprint=x", "a", "--fingerprint=y"),
	              "--fingerprint is given twice");
	assert_misuse(RUN("verify", "--fingerprint=x", "a", "--peer=1", "--peer=2", "--peer=3"),
	              "--peer: more than 2");
	assert_misuse(RUN("verify", "a", "--fingerprint"),
	              "\"--fingerprint\" is no option, or lacks its value");
	assert_misuse(RUN("verify", "a", "--json=yes"),
	              "\"--json=yes\" is no option, or lacks its value, or takes none");
	assert_misuse(RUN("verify", "a", "-x"), "\"-x\" is no option");
	assert_misuse(RUN("print", "a"), "\"a\" is one word too many");
}

static void a_number_out_of_range_is_misuse(void **state)
{
	static char *const wrong[] = { "0", "65", "-1", "x", "", "1x", "01" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_misuse(RUN("verify", "a", "--fingerprint=x", "--jobs", wrong[i]),
		              "--jobs must be a whole number from 1 to 64");
	assert_int_equal(RUN("verify", "a", "--fingerprint=x", "--jobs", "64"), CLI_UNSURE);
	assert_int_equal(jobs, 64);
	assert_int_equal(RUN("verify", "a", "--fingerprint=x", "-J1"), CLI_UNSURE);
	assert_int_equal(jobs, 1);
}

static void a_misspelt_command_gets_a_hint(void **state)
{
	(void)state;
	assert_int_equal(RUN("verfiy"), CLI_MISUSE);
	assert_string_equal(err, "voter-x: there is no command \"verfiy\"\n"
	                         "  why:  The command line is not understood.\n"
	                         "  next: did you mean \"voter-x verify\"?\n");
	assert_misuse(RUN("dance"), "  next: voter-x --help\n");
	assert_misuse(RUN("verify", "a", "--fingerprnt=x"),
	              "there is no option --fingerprnt; did you mean --fingerprint?");
	assert_misuse(RUN("verify", "a", "--dance"), "there is no option --dance\n");
}

static void a_good_line_fills_every_place(void **state)
{
	(void)state;
	assert_int_equal(RUN("verify", "--json", "a", "--peer", "p1", "b", "--peer=p2",
	                     "--fingerprint=f f", "--", "--c"), CLI_UNSURE);
	assert_string_equal(err, "");
	assert_int_equal(runs, 1);
	assert_true(json);
	assert_string_equal(print, "f f");
	assert_int_equal(jobs, 7);
	assert_string_equal(file, "a");
	assert_int_equal(more.count, 2);
	assert_string_equal(more.word[0], "b");
	assert_string_equal(more.word[1], "--c");
	assert_int_equal(peers.count, 2);
	assert_string_equal(peers.word[1], "p2");
}

static void help_goes_to_stdout(void **state)
{
	static const char *const shown[] = {
		"Usage: voter-x verify [OPTION...] FILE [MORE...]\n", "Check everything\n", "It checks.",
		"-j, --json", "--fingerprint=F", "The fingerprint on the poster", "-J, --jobs=N", "--help",
	};

	(void)state;
	assert_int_equal(RUN("verify", "--help"), CLI_YES);
	assert_int_equal(runs, 0);
	assert_string_equal(err, "");
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		assert_non_null(strstr(out, shown[i]));
	assert_int_equal(RUN("help", "verify"), CLI_YES);
	assert_non_null(strstr(out, shown[0]));
	assert_int_equal(RUN("--help"), CLI_YES);
	assert_string_equal(err, "");
	assert_non_null(strstr(out, "  verify         Check everything\n"));
	assert_int_equal(RUN("help"), CLI_YES);
	assert_int_equal(RUN("--version"), CLI_YES);
	assert_string_equal(out, "voter-x " KALPIS_VERSION "\n");
}

static void without_a_command_there_is_help_or_the_usual_one(void **state)
{
	(void)state;
	assert_int_equal(run(&PROGRAM, (char *const[]){ "voter-x", NULL }), CLI_MISUSE);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "Usage: voter-x COMMAND"));
	assert_int_equal(run(&STATUS, (char *const[]){ "voter-x", NULL }), CLI_YES);
	assert_string_equal(out, "printed\n");
	assert_misuse(run(&STATUS, (char *const[]){ "voter-x", "--dance", NULL }),
	              "there is no option --dance");
}

static void output_that_is_lost_is_no_success(void **state)
{
	int old = dup(STDOUT_FILENO), full = open("/dev/full", O_WRONLY), code;

	(void)state;
	fflush(stdout);
	dup2(full, STDOUT_FILENO);
	code = run_print();
	clearerr(stdout);
	dup2(old, STDOUT_FILENO);
	close(old);
	close(full);
	assert_int_equal(code, CLI_IO);
}

static void every_status_has_its_exit_code(void **state)
{
	(void)state;
	for (int st = 1; st < ST_COUNT; st++) {
		int code = cli_exit_code((enum status)st);

		/* A failure is never "yes", and "no" is for verdicts alone. */
		assert_true(code == CLI_MISUSE || code == CLI_UNSURE || (code >= 64 && code <= 78));
	}
	assert_int_equal(cli_exit_code(ST_OK), CLI_YES);
	assert_int_equal(cli_exit_code(ST_INCOMPLETE), CLI_UNSURE);
	assert_int_equal(cli_exit_code(ST_PROOF), CLI_DATA);
	assert_int_equal(cli_exit_code(ST_SEAL), CLI_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(misuse_runs_nothing_and_exits_2),
		cmocka_unit_test(a_number_out_of_range_is_misuse),
		cmocka_unit_test(a_misspelt_command_gets_a_hint),
		cmocka_unit_test(a_good_line_fills_every_place),
		cmocka_unit_test(help_goes_to_stdout),
		cmocka_unit_test(without_a_command_there_is_help_or_the_usual_one),
		cmocka_unit_test(output_that_is_lost_is_no_success),
		cmocka_unit_test(every_status_has_its_exit_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
