/* test_file.c: files that are read with a limit and written whole or not at all. */
#include "common/base/crash.h"
#include "common/base/file.h"
#include "crypto/mem.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

static void put(const char *path, const char *text)
{
	assert_int_equal(file_write(path, text, strlen(text), FILE_REPLACE, FILE_PUBLIC), ST_OK);
}

static void assert_holds(const char *path, const char *text)
{
	uint8_t *bytes;
	size_t len;

	assert_int_equal(file_read(path, &bytes, &len, 100000), ST_OK);
	assert_int_equal(len, strlen(text));
	assert_string_equal((const char *)bytes, text);   /* with its NUL */
	free(bytes);
}

static size_t entries(const char *folder)
{
	struct file_names names;
	size_t count;

	assert_int_equal(file_list(&names, folder, 1000), ST_OK);
	count = names.count;
	file_names_free(&names);
	return count;
}

static mode_t bits_of(const char *path)
{
	struct stat info;

	assert_int_equal(stat(path, &info), 0);
	return info.st_mode & 07777;
}

static void what_is_not_there_is_not_found(void **state)
{
	uint8_t *bytes = (uint8_t *)state;
	size_t len = 7;

	assert_int_equal(file_read(scratch_path("none"), &bytes, &len, 10), ST_NOT_FOUND);
	assert_null(bytes);
	assert_int_equal(len, 0);
	assert_int_equal(file_read(scratch_path("none/below"), &bytes, &len, 10), ST_NOT_FOUND);
	assert_int_equal(file_write(scratch_path("none/below"), "x", 1, FILE_NEW, FILE_PUBLIC),
	                 ST_NOT_FOUND);
	assert_false(file_is_there(scratch_path("none")));
}

static void a_folder_is_no_file(void **state)
{
	uint8_t *bytes;
	size_t len;

	(void)state;
	assert_int_equal(file_read(scratch_folder(), &bytes, &len, 10), ST_FORMAT);
	assert_null(bytes);
	assert_true(file_is_folder(scratch_folder()));
}

static void reading_stops_at_the_limit(void **state)
{
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 8192, 50000 };
	const char *path = scratch_path("big");
	static char data[50000];
	uint8_t *bytes;
	size_t len;

	(void)state;
	memset(data, 'x', sizeof(data));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t size = sizes[i];

		assert_int_equal(file_write(path, data, size, FILE_REPLACE, FILE_PUBLIC), ST_OK);
		if (size > 0) {
			assert_int_equal(file_read(path, &bytes, &len, size - 1), ST_LIMIT);
			assert_null(bytes);
			assert_int_equal(len, 0);
		}
		assert_int_equal(file_read(path, &bytes, &len, size), ST_OK);
		assert_int_equal(len, size);
		assert_memory_equal(bytes, data, size);
		assert_int_equal(bytes[len], 0);
		free(bytes);
		assert_int_equal(file_read(path, &bytes, &len, size + 1), ST_OK);
		assert_int_equal(len, size);
		free(bytes);
	}
}

static void a_buffer_of_the_caller_is_filled_to_its_limit(void **state)
{
	const char *path = scratch_path("five");
	char buf[6] = "......";
	size_t len;

	(void)state;
	put(path, "12345");
	assert_int_equal(file_read_into(path, buf, &len, 4), ST_LIMIT);
	assert_int_equal(buf[4], '.');
	assert_int_equal(file_read_into(path, buf, &len, 5), ST_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(buf, "12345.", 6);
	assert_int_equal(file_read_into(scratch_path("none"), buf, &len, 5), ST_NOT_FOUND);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	const char *path = scratch_path("pipe");
	uint8_t *bytes;
	size_t len;
	pid_t child;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	child = fork();
	if (child == 0) {
		FILE *f = fopen(path, "w");

		if (f != NULL) {
			fputs("first ", f);
			fflush(f);
			fputs("second", f);
			fclose(f);
		}
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(file_read(path, &bytes, &len, 100), ST_OK);
	assert_string_equal((const char *)bytes, "first second");
	free(bytes);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void nothing_is_overwritten_unless_told(void **state)
{
	const char *path = scratch_path("once");
	size_t before;

	(void)state;
	assert_int_equal(file_write(path, "first", 5, FILE_NEW, FILE_PUBLIC), ST_OK);
	before = entries(scratch_folder());
	assert_int_equal(file_write(path, "second", 6, FILE_NEW, FILE_PUBLIC), ST_EXISTS);
	assert_holds(path, "first");
	assert_int_equal(entries(scratch_folder()), before);
	assert_int_equal(file_write(path, "second", 6, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	assert_holds(path, "second");
	assert_int_equal(entries(scratch_folder()), before);
}

static void the_same_once_more_is_as_good_as_done(void **state)
{
	static const char text[] = "what a tool made, was killed, and makes again";
	const char *path = scratch_path("same"), *empty = scratch_path("empty");
	static uint8_t large[10000];
	size_t before, len = strlen(text);

	(void)state;
	assert_int_equal(file_write(path, text, len, FILE_SAME, FILE_PUBLIC), ST_OK);
	before = entries(scratch_folder());
	assert_int_equal(file_write(path, text, len, FILE_SAME, FILE_PUBLIC), ST_OK);
	assert_int_equal(file_write(path, text, len - 1, FILE_SAME, FILE_PUBLIC), ST_EXISTS);
	assert_int_equal(file_write(path, "", 0, FILE_SAME, FILE_PUBLIC), ST_EXISTS);
	assert_int_equal(file_write(path, large, len, FILE_SAME, FILE_PUBLIC), ST_EXISTS);
	assert_int_equal(file_write(path, text, len, FILE_NEW, FILE_PUBLIC), ST_EXISTS);
	assert_holds(path, text);
	assert_int_equal(entries(scratch_folder()), before);
	assert_int_equal(file_write(empty, "", 0, FILE_SAME, FILE_PUBLIC), ST_OK);
	assert_int_equal(file_write(empty, "", 0, FILE_SAME, FILE_PUBLIC), ST_OK);
	path = scratch_path("large");
	assert_int_equal(file_write(path, large, sizeof(large), FILE_SAME, FILE_PUBLIC), ST_OK);
	assert_int_equal(file_write(path, large, sizeof(large), FILE_SAME, FILE_PUBLIC), ST_OK);
	large[sizeof(large) - 1] = 1;   /* read in parts: in the last one */
	assert_int_equal(file_write(path, large, sizeof(large), FILE_SAME, FILE_PUBLIC), ST_EXISTS);
	assert_int_equal(symlink("large", scratch_path("alias")), 0);
	large[sizeof(large) - 1] = 0;
	assert_int_equal(file_write(scratch_path("alias"), large, sizeof(large), FILE_SAME,
	                            FILE_PUBLIC), ST_EXISTS);
	assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);   /* nobody would ever write */
	assert_int_equal(file_write(scratch_path("fifo"), "x", 1, FILE_SAME, FILE_PUBLIC), ST_EXISTS);
}

static void a_folder_takes_a_name_that_is_free(void **state)
{
	const char *from = scratch_path("made"), *to = scratch_path("done");

	(void)state;
	assert_int_equal(file_make_folder(from, FILE_PRIVATE), ST_OK);
	assert_int_equal(file_write(scratch_path("made/a"), "a", 1, FILE_NEW, FILE_PRIVATE), ST_OK);
	assert_int_equal(file_rename_folder(from, to), ST_OK);
	assert_false(file_is_there(from));
	assert_holds(scratch_path("done/a"), "a");
	assert_int_equal(file_make_folder(from, FILE_PRIVATE), ST_OK);
	assert_int_equal(file_rename_folder(from, to), ST_EXISTS);
	assert_int_equal(file_rename_folder(scratch_path("nobody"), to), ST_NOT_FOUND);
	assert_holds(scratch_path("done/a"), "a");
}

/* KALPIS_CRASH_AT in a child that then writes one file.  Its exit code. */
static int killed_at(const char *point, const char *path, enum file_mode mode)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		(void)setenv("KALPIS_CRASH_AT", point, 1);
		_exit(crash_arm() && file_write(path, "new", 3, mode, FILE_PRIVATE) == ST_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_kill_leaves_the_old_or_the_new_file_and_what_is_swept(void **state)
{
	const char *folder = scratch_path("swept"), *path = scratch_path("swept/file");
	const char *mine = scratch_path("swept/mine.0123456789abcdeX.tmp");

	(void)state;
	assert_int_equal(file_make_folder(folder, FILE_PRIVATE), ST_OK);
	assert_int_equal(killed_at("file-written", path, FILE_NEW), 137);
	assert_false(file_is_there(path));
	assert_int_equal(entries(folder), 1);   /* half a deed */
	put(path, "old");
	put(mine, "of somebody who ends his files so");
	assert_int_equal(killed_at("file-written", path, FILE_REPLACE), 137);
	assert_holds(path, "old");
	assert_int_equal(entries(folder), 4);
	assert_int_equal(killed_at("file-written:2", path, FILE_REPLACE), 0);
	assert_int_equal(killed_at("file-written:0", path, FILE_REPLACE), 1);
	assert_holds(path, "new");
	put(path, "old");
	assert_int_equal(killed_at("file-named", path, FILE_REPLACE), 137);
	assert_holds(path, "new");
	assert_int_equal(killed_at("file-named", path, FILE_SAME), 0);   /* nothing is written */
	assert_int_equal(file_sweep(folder), ST_OK);
	assert_int_equal(entries(folder), 2);
	assert_holds(path, "new");
	assert_true(file_is_there(mine));
	assert_int_equal(file_sweep(path), ST_NOT_FOUND);
}

static void a_link_to_nowhere_is_not_followed_either(void **state)
{
	const char *path = scratch_path("dangling"), *aim = scratch_path("aim");

	(void)state;
	assert_int_equal(symlink(aim, path), 0);
	assert_int_equal(file_write(path, "x", 1, FILE_NEW, FILE_PUBLIC), ST_EXISTS);
	assert_false(file_is_there(aim));
}

static void secrets_are_private_whatever_the_umask(void **state)
{
	mode_t before = umask(0);

	(void)state;
	assert_int_equal(file_write(scratch_path("s0"), "x", 1, FILE_NEW, FILE_PRIVATE), ST_OK);
	assert_int_equal(bits_of(scratch_path("s0")), 0600);
	assert_int_equal(file_make_folder(scratch_path("d0"), FILE_PRIVATE), ST_OK);
	assert_int_equal(bits_of(scratch_path("d0")), 0700);
	umask(077);
	assert_int_equal(file_write(scratch_path("p0"), "x", 1, FILE_NEW, FILE_PUBLIC), ST_OK);
	assert_int_equal(bits_of(scratch_path("p0")), 0644);
	assert_int_equal(file_make_folder(scratch_path("d1"), FILE_PUBLIC), ST_OK);
	assert_int_equal(bits_of(scratch_path("d1")), 0755);
	assert_int_equal(file_make_folder(scratch_path("d1"), FILE_PUBLIC), ST_EXISTS);
	umask(before);
}

/* The disk is full for a child that may write 100 bytes a file. */
static int write_on_a_full_disk(const char *path)
{
	struct rlimit limit = { 100, 100 };
	static char data[200];

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 99;
	return (int)file_write(path, data, sizeof(data), FILE_REPLACE, FILE_PUBLIC);
}

static void a_write_that_fails_leaves_the_old_file(void **state)
{
	const char *path = scratch_path("kept");
	size_t before;
	int status = 0;
	pid_t child;

	(void)state;
	put(path, "old");
	before = entries(scratch_folder());
	child = fork();
	if (child == 0)
		_exit(write_on_a_full_disk(path));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ST_IO);
	assert_holds(path, "old");
	assert_int_equal(entries(scratch_folder()), before);
}

static void names_come_sorted_and_limited(void **state)
{
	const char *folder = scratch_path("list");
	struct file_names names;

	(void)state;
	assert_int_equal(file_list(&names, folder, 10), ST_NOT_FOUND);
	file_names_free(&names);
	assert_int_equal(file_make_folder(folder, FILE_PRIVATE), ST_OK);
	put(scratch_path("list/b"), "");
	put(scratch_path("list/a"), "");
	put(scratch_path("list/B"), "");
	assert_int_equal(file_list(&names, folder, 2), ST_LIMIT);
	assert_null(names.name);
	assert_int_equal(file_list(&names, folder, 3), ST_OK);
	assert_int_equal(names.count, 3);
	assert_string_equal(names.name[0], "B");
	assert_string_equal(names.name[1], "a");
	assert_string_equal(names.name[2], "b");
	file_names_free(&names);
	file_names_free(NULL);
}

static void one_process_holds_a_lock(void **state)
{
	const char *path = scratch_path("lock");
	int first, second, status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(file_lock(&first, path), ST_OK);
	assert_int_equal(file_lock(&second, path), ST_AGAIN);
	assert_int_equal(second, -1);
	child = fork();
	if (child == 0)
		_exit((int)file_lock(&second, path));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), ST_AGAIN);
	file_unlock(first);
	assert_int_equal(file_lock(&second, path), ST_OK);
	file_unlock(second);
	file_unlock(-1);
}

static void names_are_joined_to_their_limit(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(file_join(out, sizeof(out), "abc", "wxyz"), ST_LIMIT);
	assert_int_equal(file_join(out, sizeof(out), "abc", "xyz"), ST_OK);
	assert_string_equal(out, "abc/xyz");
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
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(a_folder_is_no_file),
		cmocka_unit_test(reading_stops_at_the_limit),
		cmocka_unit_test(a_buffer_of_the_caller_is_filled_to_its_limit),
		cmocka_unit_test(a_pipe_is_read_to_its_end),
		cmocka_unit_test(nothing_is_overwritten_unless_told),
		cmocka_unit_test(the_same_once_more_is_as_good_as_done),
		cmocka_unit_test(a_folder_takes_a_name_that_is_free),
		cmocka_unit_test(a_kill_leaves_the_old_or_the_new_file_and_what_is_swept),
		cmocka_unit_test(a_link_to_nowhere_is_not_followed_either),
		cmocka_unit_test(secrets_are_private_whatever_the_umask),
		cmocka_unit_test(a_write_that_fails_leaves_the_old_file),
		cmocka_unit_test(names_come_sorted_and_limited),
		cmocka_unit_test(one_process_holds_a_lock),
		cmocka_unit_test(names_are_joined_to_their_limit),
	};
	return cmocka_run_group_tests(tests, start, finish);
}
