/*
 * test_sandbox.c: what a process has given up it does not get back: each attempt is made in a
 * child of its own, which must die of it, or be refused.
 */
#include "common/base/file.h"
#include "common/base/sandbox.h"
#include "tests/unit/lib/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern void __asan_init(void) __attribute__((weak));

enum { YES = 40, NO = 41, BROKEN = 42 };   /* what a child exits with */

/* Run try in a child that has done begin; how it ended, as waitpid says. */
static int in_child(enum status (*begin)(void), int (*try)(void))
{
	pid_t pid = fork();
	int status = 0;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(begin() == ST_OK ? try() : BROKEN);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* --- system calls ---------------------------------------------------------------------------- */

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? YES : NO;
}

static int make_pair(void)
{
	int fd[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0 ? YES : NO;
}

static int make_process(void)
{
	return fork() >= 0 ? YES : NO;
}

static int run_program(void)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	(void)execv("/bin/true", argv);
	return NO;
}

static int trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? YES : NO;
}

static int read_parent(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return process_vm_readv(getppid(), &here, 1, &there, 1, 0) == 1 ? YES : NO;
}

static int make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED ? YES : NO;
}

static int turn_to_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return BROKEN;
	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 ? YES : NO;
}

static int kill_parent(void)
{
	return kill(getppid(), 0) == 0 ? YES : NO;
}

static int change_user(void)
{
	return setuid(getuid()) == 0 ? YES : NO;
}

static enum status nothing(void)
{
	return ST_OK;
}

static void what_is_not_on_the_list_ends_the_process(void **state)
{
	static int (*const COMMON[])(void) = {   /* what any process may do */
		make_socket, make_pair, make_process, make_code, turn_to_code, kill_parent,
		change_user,
	};
	static int (*const TRIES[])(void) = {
		make_socket, make_pair, make_process, run_program, trace_parent, read_parent,
		make_code, turn_to_code, kill_parent, change_user,
	};

	(void)state;
	if (__asan_init != NULL)
		skip();
	for (size_t i = 0; i < sizeof(COMMON) / sizeof(COMMON[0]); i++)
		assert_int_equal(WEXITSTATUS(in_child(nothing, COMMON[i])), YES);
	for (size_t i = 0; i < sizeof(TRIES) / sizeof(TRIES[0]); i++) {
		int status = in_child(sandbox_calls, TRIES[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

/* All that a log needs, and memory, randomness and an end. */
static int work(void)
{
	const char *path = scratch_path("work");
	uint8_t random[16];
	void *large = malloc(1 << 24);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat info;
	bool good;

	if (large == NULL || fd < 0)
		return BROKEN;
	memset(large, 1, 1 << 24);
	good = pwrite(fd, large, 4096, 0) == 4096 && fdatasync(fd) == 0 &&
	       ftruncate(fd, 100) == 0 && fstat(fd, &info) == 0 && info.st_size == 100 &&
	       pread(fd, large, 100, 0) == 100 && fsync(fd) == 0 &&
	       rename(path, scratch_path("worked")) == 0 &&
	       file_sync_folder(scratch_folder()) == ST_OK &&
	       unlink(scratch_path("worked")) == 0 &&
	       getrandom(random, sizeof(random), 0) == sizeof(random);
	close(fd);
	free(large);
	return good ? YES : NO;
}

static void files_memory_and_randomness_are_left(void **state)
{
	int status;

	(void)state;
	(void)scratch_folder();
	status = in_child(sandbox_calls, work);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), YES);
}

/* --- files ----------------------------------------------------------------------------------- */

static char inside[SCRATCH_PATH_BYTES], outside[SCRATCH_PATH_BYTES], given[SCRATCH_PATH_BYTES];

static enum status stay_inside(void)
{
	const char *write[] = { inside, NULL };
	const char *read[] = { given, "/no/such/place", NULL };

	return sandbox_folders(write, read);
}

static bool refused(int fd)
{
	return fd < 0 && errno == EACCES;
}

static int look_around(void)
{
	char in[SCRATCH_PATH_BYTES + 8], out[SCRATCH_PATH_BYTES + 8], new[SCRATCH_PATH_BYTES + 8];
	int fd;

	(void)snprintf(in, sizeof(in), "%s/a", inside);
	(void)snprintf(new, sizeof(new), "%s/b", inside);
	(void)snprintf(out, sizeof(out), "%s/c", outside);
	fd = open(in, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1 || rename(in, new) != 0 || unlink(new) != 0)
		return BROKEN;
	close(fd);
	if ((fd = open(given, O_RDONLY)) < 0)
		return BROKEN;
	close(fd);
	if (!refused(open(given, O_RDWR)) || !refused(open(out, O_RDONLY)) ||
	    !refused(open(out, O_WRONLY)) || !refused(open("/etc/passwd", O_RDONLY)) ||
	    !refused(open("/proc/self/mem", O_RDONLY)) || !refused(open(outside, O_RDONLY)) ||
	    unlink(out) == 0 || mkdir(outside, 0700) == 0 || rename(out, new) == 0 ||
	    link(out, new) == 0)
		return YES;
	(void)snprintf(in, sizeof(in), "%s/s", inside);
	if (symlink(out, in) == 0 && !refused(open(in, O_RDONLY)))
		return YES;
	return NO;
}

static int trace_from_inside(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0 ? YES : NO;
}

static void a_confined_process_reaches_its_folders_alone(void **state)
{
	char out[SCRATCH_PATH_BYTES + 8];
	int status;

	(void)state;
	memcpy(inside, scratch_path("inside"), sizeof(inside));
	memcpy(outside, scratch_path("outside"), sizeof(outside));
	memcpy(given, scratch_path("given"), sizeof(given));
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(mkdir(outside, 0700), 0);
	(void)snprintf(out, sizeof(out), "%s/c", outside);
	assert_int_equal(file_write(out, "secret", 6, FILE_NEW, FILE_PRIVATE), ST_OK);
	assert_int_equal(file_write(given, "given", 5, FILE_NEW, FILE_PRIVATE), ST_OK);
	status = in_child(stay_inside, look_around);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == BROKEN && syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1)
		skip();   /* this kernel has no Landlock */
	assert_int_equal(WEXITSTATUS(status), NO);
	/* Nor can it look into a process that is not confined so, whoever it is. */
	assert_int_equal(WEXITSTATUS(in_child(stay_inside, trace_from_inside)), NO);
}

static int is_private(void)
{
	int fd = open(scratch_path("mine"), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	struct stat info;

	return fd >= 0 && fstat(fd, &info) == 0 && (info.st_mode & 0777) == 0600 ? YES : NO;
}

static void new_files_are_private_from_the_start(void **state)
{
	(void)state;
	(void)scratch_folder();
	assert_int_equal(WEXITSTATUS(in_child(sandbox_start, is_private)), YES);
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_on_the_list_ends_the_process),
		cmocka_unit_test(files_memory_and_randomness_are_left),
		cmocka_unit_test(a_confined_process_reaches_its_folders_alone),
		cmocka_unit_test(new_files_are_private_from_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, end);
}
