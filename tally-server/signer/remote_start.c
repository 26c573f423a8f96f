/*
 * remote_start.c: starting tally-signer: see remote.h.
 *
 * Invariant: the child inherits standard input, output and error and its end of the socket pair,
 * at SIGNER_FD, and nothing else; it dies with this process.
 */
#include "tally-server/signer/remote_impl.h"

#include "tally-server/signer/program.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* tally-signer in the folder of the running program. */
static enum status find_program(char out[static LIMIT_PATH_BYTES], const char *given)
{
	ssize_t len;
	char *slash;

	if (given != NULL) {
		int n = snprintf(out, LIMIT_PATH_BYTES, "%s", given);

		return n < 0 || n >= LIMIT_PATH_BYTES ? ST_LIMIT : ST_OK;
	}
	len = readlink("/proc/self/exe", out, LIMIT_PATH_BYTES - sizeof(SIGNER_PROGRAM) - 1);
	if (len <= 0 || len >= LIMIT_PATH_BYTES - (ssize_t)sizeof(SIGNER_PROGRAM) - 1)
		return ST_NOT_FOUND;
	out[len] = '\0';
	if ((slash = strrchr(out, '/')) == NULL)
		return ST_NOT_FOUND;
	memcpy(slash + 1, SIGNER_PROGRAM, sizeof(SIGNER_PROGRAM));
	return ST_OK;
}

/* For tests: another crash point for the signer than for the node (docs/crash-points.md). */
static void set_crash_point(void)
{
	const char *own = getenv("KALPIS_CRASH_AT_SIGNER");

	if (own != NULL && setenv("KALPIS_CRASH_AT", own, 1) != 0)
		_exit(SIGNER_EXIT_START);
}

/* In the child of a process that has one thread yet. */
static void become(const char *program, char *const argv[], int fd, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(SIGNER_EXIT_START);
	if (fd == SIGNER_FD ? fcntl(fd, F_SETFD, 0) != 0 : dup2(fd, SIGNER_FD) != SIGNER_FD)
		_exit(SIGNER_EXIT_START);
	set_crash_point();
	(void)execv(program, argv);
	_exit(SIGNER_EXIT_START);
}

enum status remote_start(struct remote **out, struct remote_keys *keys,
                         const struct remote_config *cfg, struct fault *fault)
{
	char program[LIMIT_PATH_BYTES], name[] = SIGNER_PROGRAM;
	const char *argv[] = {
		name, "--key", cfg->key, "--memory", cfg->memory, "--log", cfg->log,
		cfg->passphrase_file == NULL ? NULL : "--passphrase-file", cfg->passphrase_file,
		NULL
	};
	pid_t parent = getpid(), pid;
	int fd[2];
	enum status st = find_program(program, cfg->program);

	*out = NULL;
	if (st != ST_OK)
		return fault_set(fault, st, "it cannot be told where tally-signer is");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
		return fault_set(fault, ST_IO, "no socket for the signer");
	if ((pid = fork()) == 0)
		become(program, (char *const *)argv, fd[1], parent);
	close(fd[1]);
	if (pid < 0) {
		close(fd[0]);
		return fault_set(fault, ST_NO_MEMORY, "no process for the signer");
	}
	return remote_with(out, keys, fd[0], pid, fault);
}
