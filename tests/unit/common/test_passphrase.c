/* test_passphrase.c: a passphrase is typed unseen, and the terminal is given back as it was. */
#include "common/base/file.h"
#include "common/base/passphrase.h"
#include "common/base/sandbox.h"
#include "crypto/mem.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

static struct passphrase p;

static enum status from_file(const char *bytes, size_t len)
{
	const char *path = scratch_path("passphrase");

	assert_int_equal(file_write(path, bytes, len, FILE_REPLACE, FILE_PRIVATE), ST_OK);
	return passphrase_file(&p, path);
}

static void a_file_that_is_not_one_line_is_refused(void **state)
{
	(void)state;
	assert_int_equal(passphrase_file(&p, scratch_path("none")), ST_NOT_FOUND);
	assert_int_equal(from_file("", 0), ST_FORMAT);
	assert_int_equal(from_file("\n", 1), ST_FORMAT);
	assert_int_equal(from_file("\r\n", 2), ST_FORMAT);
	assert_int_equal(from_file("a\nb", 3), ST_FORMAT);
	assert_int_equal(from_file("a\n\n", 3), ST_FORMAT);
	assert_int_equal(from_file("a\0b", 3), ST_FORMAT);
	assert_int_equal(p.len, 0);
}

static void one_line_is_the_passphrase(void **state)
{
	static const char *const same[] = { "open sesame", "open sesame\n", "open sesame\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(from_file(same[i], strlen(same[i])), ST_OK);
		assert_int_equal(p.len, 11);
		assert_memory_equal(p.text, "open sesame", 11);
	}
}

static void a_file_stops_at_its_limit(void **state)
{
	char text[LIMIT_PASSPHRASE_BYTES + 3];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(from_file(text, LIMIT_PASSPHRASE_BYTES + 3), ST_LIMIT);
	assert_int_equal(from_file(text, LIMIT_PASSPHRASE_BYTES + 1), ST_LIMIT);
	text[LIMIT_PASSPHRASE_BYTES] = '\n';
	assert_int_equal(from_file(text, LIMIT_PASSPHRASE_BYTES + 1), ST_OK);
	assert_int_equal(p.len, LIMIT_PASSPHRASE_BYTES);
}

/* --- the terminal: a child asks on the one end of a pseudo-terminal, we type at the other ----- */

struct typist {
	int keyboard;
	pid_t child;
	char screen[4096];
	size_t screen_len;
};

/* What the child says of its passphrase on its own terminal, echo restored or not. */
static void answer(int tty, int twice)
{
	enum status st = passphrase_ask_fd(&p, tty, "Passphrase: ", twice);
	struct termios after;
	char line[LIMIT_PASSPHRASE_BYTES + 64];
	int len;

	if (tcgetattr(tty, &after) != 0)
		_exit(9);
	len = snprintf(line, sizeof(line), "{%s %zu %s %.*s}\n", status_name(st), p.len,
	               (after.c_lflag & (ECHO | ICANON)) == (ECHO | ICANON) ? "echo" : "quiet",
	               (int)(p.len < 40 ? p.len : 0), p.text);
	_exit(write(tty, line, (size_t)len) == len ? 0 : 9);
}

static void start_asking(struct typist *t, int twice)
{
	const char *name;

	memset(t, 0, sizeof(*t));
	t->keyboard = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(t->keyboard >= 0);
	assert_int_equal(grantpt(t->keyboard), 0);
	assert_int_equal(unlockpt(t->keyboard), 0);
	name = ptsname(t->keyboard);
	assert_non_null(name);
	t->child = fork();
	if (t->child == 0) {
		setsid();
		answer(open(name, O_RDWR), twice);
	}
	assert_true(t->child > 0);
}

/* Reads the screen until it shows text. */
static void wait_for(struct typist *t, const char *text)
{
	while (strstr(t->screen, text) == NULL) {
		struct pollfd wait = { t->keyboard, POLLIN, 0 };
		ssize_t n;

		assert_int_equal(poll(&wait, 1, 20000), 1);
		n = read(t->keyboard, t->screen + t->screen_len,
		         sizeof(t->screen) - 1 - t->screen_len);
		assert_true(n > 0);
		t->screen_len += (size_t)n;
	}
}

static void type(struct typist *t, const char *keys)
{
	assert_int_equal(write(t->keyboard, keys, strlen(keys)), strlen(keys));
}

static int finish_asking(struct typist *t)
{
	int status = 0;

	assert_int_equal(waitpid(t->child, &status, 0), t->child);
	close(t->keyboard);
	return status;
}

static void assert_typed(const char *keys, const char *shown)
{
	struct typist t;

	start_asking(&t, 0);
	wait_for(&t, "Passphrase: ");
	type(&t, keys);
	wait_for(&t, "}");
	assert_non_null(strstr(t.screen, shown));
	assert_int_equal(finish_asking(&t), 0);
}

static void giving_up_is_no_passphrase(void **state)
{
	(void)state;
	assert_typed("abc\x03", "{denied 0 echo }");
	assert_typed("\x04", "{denied 0 echo }");
	assert_typed("\n", "{format 0 echo }");
}

static void what_is_typed_is_not_shown(void **state)
{
	struct typist t;

	(void)state;
	start_asking(&t, 0);
	wait_for(&t, "Passphrase: ");
	type(&t, "open sesame\r");
	wait_for(&t, "}");
	assert_non_null(strstr(t.screen, "{ok 11 echo open sesame}"));
	*strchr(t.screen, '{') = '\0';
	assert_null(strstr(t.screen, "sesame"));
	assert_int_equal(finish_asking(&t), 0);
}

static void mistakes_can_be_taken_back(void **state)
{
	(void)state;
	assert_typed("ab\x7f" "c\n", "{ok 2 echo ac}");
	assert_typed("\x7f\x08" "ab\x08" "c\n", "{ok 2 echo ac}");
	assert_typed("x\u00e9\x7fy\n", "{ok 2 echo xy}");
	assert_typed("wrong\x15right\n", "{ok 5 echo right}");
}

static void asking_twice_finds_a_slip(void **state)
{
	static const struct {
		const char *again, *shown;
	} round[] = {
		{ "sesamy\n", "{format 0 echo }" }, { "sesam\n", "{format 0 echo }" },
		{ "\x03", "{denied 0 echo }" }, { "sesame\n", "{ok 6 echo sesame}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(round) / sizeof(round[0]); i++) {
		struct typist t;

		start_asking(&t, 1);
		wait_for(&t, "Passphrase: ");
		type(&t, "sesame\n");
		wait_for(&t, "The same again: ");
		type(&t, round[i].again);
		wait_for(&t, "}");
		assert_non_null(strstr(t.screen, round[i].shown));
		assert_int_equal(finish_asking(&t), 0);
	}
}

static void typing_stops_at_its_limit(void **state)
{
	char keys[LIMIT_PASSPHRASE_BYTES + 3];

	(void)state;
	memset(keys, 'x', sizeof(keys));
	keys[LIMIT_PASSPHRASE_BYTES + 1] = '\n';
	keys[LIMIT_PASSPHRASE_BYTES + 2] = '\0';
	assert_typed(keys, "{limit 0 echo }");
	keys[LIMIT_PASSPHRASE_BYTES] = '\n';
	keys[LIMIT_PASSPHRASE_BYTES + 1] = '\0';
	assert_typed(keys, "{ok 1024 echo }");
}

static void a_signal_finds_the_terminal_as_it_was(void **state)
{
	struct typist t;
	struct termios after;
	int status;

	(void)state;
	start_asking(&t, 0);
	wait_for(&t, "Passphrase: ");
	assert_int_equal(tcgetattr(t.keyboard, &after), 0);
	assert_int_equal(after.c_lflag & ECHO, 0);
	assert_int_equal(kill(t.child, SIGTERM), 0);
	assert_int_equal(waitpid(t.child, &status, 0), t.child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_int_equal(tcgetattr(t.keyboard, &after), 0);
	assert_int_equal(after.c_lflag & (ECHO | ICANON | ISIG), ECHO | ICANON | ISIG);
	close(t.keyboard);
}

static void without_a_terminal_there_is_nobody_to_ask(void **state)
{
	int file = open("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(passphrase_ask_fd(&p, file, "?", 0), ST_NOT_FOUND);
	close(file);
}

/* --- what every main begins with -------------------------------------------------------------- */

static int sandbox_verdict(void)
{
	struct rlimit core;

	if (sandbox_start() != ST_OK)
		return 1;
	if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0 || core.rlim_max != 0)
		return 2;
	if (umask(0) != 077)
		return 3;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 4;
}

static void a_process_in_the_sandbox_leaves_no_core(void **state)
{
	int status = 0;
	pid_t child = fork();

	(void)state;
	if (child == 0)
		_exit(sandbox_verdict());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_is_not_one_line_is_refused),
		cmocka_unit_test(one_line_is_the_passphrase),
		cmocka_unit_test(a_file_stops_at_its_limit),
		cmocka_unit_test(giving_up_is_no_passphrase),
		cmocka_unit_test(what_is_typed_is_not_shown),
		cmocka_unit_test(mistakes_can_be_taken_back),
		cmocka_unit_test(asking_twice_finds_a_slip),
		cmocka_unit_test(typing_stops_at_its_limit),
		cmocka_unit_test(a_signal_finds_the_terminal_as_it_was),
		cmocka_unit_test(without_a_terminal_there_is_nobody_to_ask),
		cmocka_unit_test(a_process_in_the_sandbox_leaves_no_core),
	};
	return cmocka_run_group_tests(tests, start, finish);
}
