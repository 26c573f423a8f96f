/* test_mem.c: memory for secrets: wiped, compared, locked, guarded. */
#include "crypto/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The sanitizer takes mlock and the signals of a bad write for itself. */
#ifdef __SANITIZE_ADDRESS__
static const int is_sanitized = 1;
#else
static const int is_sanitized = 0;
#endif

static void starting_twice_is_harmless(void **state)
{
	(void)state;
	assert_int_equal(crypto_init(), ST_OK);
	assert_int_equal(crypto_init(), ST_OK);
}

static void wiping_erases_all_and_only_what_it_should(void **state)
{
	unsigned char bytes[66];

	(void)state;
	for (size_t len = 0; len <= 64; len++) {
		memset(bytes, 0xa5, sizeof(bytes));
		mem_wipe(bytes + 1, len);
		assert_int_equal(bytes[0], 0xa5);
		assert_int_equal(bytes[len + 1], 0xa5);
		assert_true(mem_is_zero(bytes + 1, len));
	}
	mem_wipe(NULL, 0);
}

static void one_bit_anywhere_makes_a_difference(void **state)
{
	unsigned char a[65];
	unsigned char b[65];

	(void)state;
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	assert_true(mem_is_equal(a, b, sizeof(a)));
	for (size_t i = 0; i < 8 * sizeof(a); i++) {
		b[i / 8] = (unsigned char)(1u << i % 8);
		assert_false(mem_is_equal(a, b, sizeof(a)));
		assert_false(mem_is_zero(b, sizeof(b)));
		assert_true(mem_is_equal(a, b, i / 8));
		assert_true(mem_is_zero(b, i / 8));
		b[i / 8] = 0;
	}
	assert_true(mem_is_equal(NULL, NULL, 0));
	assert_true(mem_is_zero(NULL, 0));
}

/* VmFlags of the mapping that holds p, from /proc/self/smaps: "lo" locked, "dd" not dumped. */
static void flags_of(char *out, size_t out_len, const void *p)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[512];
	int is_inside = 0;

	assert_non_null(f);
	out[0] = '\0';
	while (fgets(line, sizeof(line), f) != NULL) {
		char *dash;
		unsigned long from = strtoul(line, &dash, 16);

		/* A mapping opens with "from-to "; the lines about it open with "Word:". */
		if (*dash == '-')
			is_inside = (uintptr_t)p >= from && (uintptr_t)p < strtoul(dash + 1, NULL, 16);
		else if (is_inside && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(out, out_len, "%s", line);
	}
	fclose(f);
	assert_string_not_equal(out, "");
}

static void locked_memory_is_neither_swapped_nor_dumped(void **state)
{
	static _Alignas(4096) unsigned char page[4096];
	char flags[512];

	(void)state;
	if (is_sanitized)
		skip();
	flags_of(flags, sizeof(flags), page);
	assert_null(strstr(flags, " lo"));
	assert_int_equal(mem_lock(page, sizeof(page)), ST_OK);
	flags_of(flags, sizeof(flags), page);
	assert_non_null(strstr(flags, " lo"));
	assert_non_null(strstr(flags, " dd"));
	memset(page, 0xa5, sizeof(page));
	mem_unlock(page, sizeof(page));
	assert_true(mem_is_zero(page, sizeof(page)));
	flags_of(flags, sizeof(flags), page);
	assert_null(strstr(flags, " lo"));
}

static void secret_memory_is_zeroed_aligned_and_locked(void **state)
{
	const size_t lens[] = {0, 1, 31, 32, 33, 64, 1000, 4096, 4097, 20000};

	(void)state;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		char flags[512];
		unsigned char *p = mem_secret_alloc(lens[i]);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 64, 0);
		assert_true(mem_is_zero(p, lens[i]));
		memset(p, 0xa5, lens[i]);
		flags_of(flags, sizeof(flags), p);
		if (!is_sanitized)
			assert_non_null(strstr(flags, " lo"));
		assert_non_null(strstr(flags, " dd"));
		mem_secret_free(p);
	}
	mem_secret_free(NULL);
	assert_null(mem_secret_alloc(SIZE_MAX));
	assert_null(mem_secret_alloc(SIZE_MAX - 63));
}

/* What a child that runs f ends with: its exit code, or 128 + the signal. */
static int child(void (*f)(void))
{
	int ws;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &ws, 0), pid);
	return WIFSIGNALED(ws) ? 128 + WTERMSIG(ws) : WEXITSTATUS(ws);
}

static void write_at(size_t at)
{
	volatile unsigned char *p = mem_secret_alloc(64);

	if (p == NULL)
		_exit(99);
	p[at] = 1;
}

static void write_inside(void)
{
	write_at(63);
}

static void write_beyond(void)
{
	write_at(64);
}

/* The canary in front of the block is looked at when it is freed. */
static void write_before_and_free(void)
{
	unsigned char *p = mem_secret_alloc(64);

	if (p == NULL)
		_exit(99);
	((volatile unsigned char *)p)[-1] ^= 1;
	mem_secret_free(p);
}

static void writing_past_secret_memory_stops_the_process(void **state)
{
	(void)state;
	if (is_sanitized)
		skip();
	assert_int_equal(child(write_inside), 0);
	assert_int_equal(child(write_beyond), 128 + SIGSEGV);
	assert_int_not_equal(child(write_before_and_free), 0);
	assert_int_not_equal(child(write_before_and_free), 99);
}

/* Nobody's user without a budget of locked memory. */
static void lock_without_budget(void)
{
	static _Alignas(4096) unsigned char page[4096];
	struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 ||
	    (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0))
		_exit(98);
	if (mem_lock(page, sizeof(page)) != ST_DENIED)
		_exit(1);
	if (mem_secret_alloc(64) != NULL)
		_exit(2);
}

static void refused_locks_are_reported(void **state)
{
	(void)state;
	if (is_sanitized)
		skip();
	assert_int_equal(child(lock_without_budget), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starting_twice_is_harmless),
		cmocka_unit_test(wiping_erases_all_and_only_what_it_should),
		cmocka_unit_test(one_bit_anywhere_makes_a_difference),
		cmocka_unit_test(locked_memory_is_neither_swapped_nor_dumped),
		cmocka_unit_test(secret_memory_is_zeroed_aligned_and_locked),
		cmocka_unit_test(writing_past_secret_memory_stops_the_process),
		cmocka_unit_test(refused_locks_are_reported),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
