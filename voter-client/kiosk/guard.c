/*
 * guard.c: see guard.h.
 *
 * Invariant: the parent only waits; what it writes are constants.
 */
#include "voter-client/kiosk/guard.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* Leave the other screen, plain attributes, a cursor, no mouse; then erase it all. */
static const char CLEAN[] = "\033[?1049l\033[0m\033[?25h\033[?1000l\033[?1l\033>\033c"
                            "\033[H\033[2J\033[3J";

enum { DIED = 128 };      /* and the signal: as a shell says it */

static void wait_for_signals(sigset_t *set)
{
	static const int heard[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGTSTP };

	(void)sigemptyset(set);
	for (size_t i = 0; i < sizeof(heard) / sizeof(heard[0]); i++)
		(void)sigaddset(set, heard[i]);
}

static void clean_terminal(const struct termios *modes)
{
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, modes);
	if (write(STDOUT_FILENO, CLEAN, sizeof(CLEAN) - 1) < 0)
		return;   /* the terminal is gone, and what it showed with it */
}

/* Whoever leaves the terminal in other modes did not come to an orderly end. */
static bool was_left_in_disorder(const struct termios *modes)
{
	struct termios now;

	return tcgetattr(STDIN_FILENO, &now) == 0 &&
	       (now.c_iflag != modes->c_iflag || now.c_oflag != modes->c_oflag ||
	        now.c_lflag != modes->c_lflag);
}

/* Until the child has ended.  Its exit code, or 128 and its signal. */
static int wait_for(pid_t child, const sigset_t *set)
{
	int number, status;

	for (;;) {
		if (sigwait(set, &number) != 0)
			continue;
		if (number == SIGTERM || number == SIGINT || number == SIGHUP)
			(void)kill(child, SIGTERM);
		if (waitpid(child, &status, WNOHANG) != child)
			continue;
		if (WIFEXITED(status))
			return WEXITSTATUS(status);
		if (WIFSIGNALED(status))
			return DIED + WTERMSIG(status);
	}
}

bool guard_is_child(int *exit_code)
{
	pid_t parent = getpid(), child;
	struct termios modes;
	sigset_t set, before;

	if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, &modes) != 0)
		return true;
	wait_for_signals(&set);
	if (sigprocmask(SIG_BLOCK, &set, &before) != 0)
		return true;
	child = fork();
	if (child <= 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		if (child == 0 && (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent))
			_exit(DIED + SIGTERM);
		return true;
	}
	*exit_code = wait_for(child, &set);
	if (*exit_code >= DIED || was_left_in_disorder(&modes))
		clean_terminal(&modes);
	return false;
}
