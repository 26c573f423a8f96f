/*
 * test_attacks_machine.c: what a machine that makes ballots may do wrong on its own: run without
 * randomness, or keep what opens a ballot (attacks.md N16, N17, N18, N37).
 */
#include "tests/unit/lib/attack.h"

#include "crypto/mem.h"
#include "crypto/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct town *t;

static int setup(void **state)
{
	(void)state;
	t = attack_town(ATTACK_LAST, PHASE_OPEN);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

/* --- N17 ------------------------------------------------------------------------------------- */

/* From now on getrandom() fails in this process.  The numbers are those of <linux/seccomp.h>. */
static int take_randomness_away(void)
{
	enum { MODE_FILTER = 2, EIO_ = 5 };
	const unsigned int refuse = 0x00050000u | EIO_, allow = 0x7fff0000u;
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, refuse),
		BPF_STMT(BPF_RET | BPF_K, allow),
	};
	const struct sock_fprog all = { .len = 4, .filter = program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return prctl(PR_SET_SECCOMP, MODE_FILTER, &all);
}

static const struct rlimit NO_CORE = { 0, 0 };

/* What becomes of a process that locks a ballot, with or without randomness. */
static int lock_in_a_child(bool with_randomness)
{
	static const uint8_t DEVICE[32];
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (child == 0) {
		uint8_t blinding[32] = { 1 };
		const struct ballot_intent intent = {
			.style = ATTACK_STYLE_NORTH, .credential = &t->voter[0],
			.blinding = blinding, .device = DEVICE,
		};
		struct ballot_locked *b;

		(void)signal(SIGABRT, SIG_DFL);
		(void)setrlimit(RLIMIT_CORE, &NO_CORE);
		if (!with_randomness && take_randomness_away() != 0)
			_exit(77);
		_exit(ballot_lock(&b, t->setup, &intent, ATTACK_CHOICE, ATTACK_M) == ST_OK ? 0 : 1);
	}
	assert_true(waitpid(child, &status, 0) == child);
	return status;
}

static void n17_a_machine_without_randomness_stops(void **state)
{
	int status = lock_in_a_child(true);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	status = lock_in_a_child(false);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();   /* a kernel without filters */
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* --- N16, N18 -------------------------------------------------------------------------------- */

struct secrets {
	uint8_t r[ATTACK_M][32];
	uint8_t slip[32];
};

static struct ballot_locked *locked(const struct ballot_intent *intent, struct secrets *out)
{
	struct ballot_locked *b;

	assert_int_equal(ballot_lock(&b, t->setup, intent, ATTACK_CHOICE, ATTACK_M), ST_OK);
	assert_int_equal(b->openings_len, sizeof(out->r));
	memcpy(out->r, b->openings, sizeof(out->r));
	group_scalar_encode(t->m->suite, out->slip, b->slip);
	return b;
}

static bool holds(const void *bytes, size_t len, const struct secrets *s)
{
	bool found = memmem(bytes, len, s->slip, sizeof(s->slip)) != NULL;

	for (size_t i = 0; i < ATTACK_M; i++)
		found |= memmem(bytes, len, s->r[i], 32) != NULL;
	return found;
}

static void n18_a_cast_ballot_holds_nothing_that_opens_it(void **state)
{
	uint8_t blinding[32] = { 1 }, device[32] = { 2 };
	const struct ballot_intent intent = {
		.style = ATTACK_STYLE_NORTH, .credential = &t->voter[0], .blinding = blinding,
		.device = device,
	};
	struct secrets s;
	struct ballot_locked *b = locked(&intent, &s);
	uint8_t code[32];

	(void)state;
	assert_false(holds(b->wire, b->wire_len, &s));
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_OK);
	assert_null(b->openings);
	assert_null(b->selections);
	assert_false(holds(b->wire, b->wire_len, &s));
	group_scalar_encode(t->m->suite, code, &t->voter[0].secret);
	assert_null(memmem(b->wire, b->wire_len, code, sizeof(code)));
	/* it was cast: it cannot be opened any more, nor cast again */
	{
		uint8_t out[8192];
		size_t len;

		assert_int_equal(ballot_open_test(b, 0, t->kiosk_key, out, sizeof(out), &len),
		                 ST_PHASE);
	}
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_PHASE);
	ballot_locked_free(b);
}

/* What is opened is opened: but the slip's secret and the credential stay where they are. */
static void n37_an_opened_ballot_cannot_be_cast_and_names_nobody(void **state)
{
	uint8_t blinding[32], device[32] = { 2 }, out[8192], code[32];
	const struct ballot_intent intent = {
		.style = ATTACK_STYLE_NORTH, .credential = &t->voter[0], .blinding = blinding,
		.device = device,
	};
	struct secrets s;
	struct ballot_locked *b;
	size_t len;

	(void)state;
	rng_bytes(blinding, sizeof(blinding));
	b = locked(&intent, &s);
	assert_int_equal(ballot_open_test(b, 0, t->kiosk_key, out, sizeof(out), &len), ST_OK);
	assert_non_null(memmem(out, len, s.r, sizeof(s.r)));
	assert_null(memmem(out, len, s.slip, sizeof(s.slip)));
	group_scalar_encode(t->m->suite, code, &t->voter[0].secret);
	assert_null(memmem(out, len, code, sizeof(code)));
	assert_null(memmem(out, len, t->voter[0].key_bytes, 32));
	assert_null(memmem(out, len, blinding, sizeof(blinding)));
	assert_null(b->openings);
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_PHASE);
	/* nor is there enough left in the machine to say whose it was */
	assert_null(memmem(b->wire, b->wire_len, t->voter[0].key_bytes, 32));
	assert_null(memmem(b->wire, b->wire_len, blinding, sizeof(blinding)));
	ballot_locked_free(b);
}

/* No randomness is zero, and none comes twice, in hundreds of ciphertexts. */
static void n16_no_randomness_is_zero_or_comes_twice(void **state)
{
	enum { BALLOTS = 24 };
	static const uint8_t ZERO[32];
	static struct secrets s[BALLOTS];
	uint8_t blinding[32] = { 1 }, device[32] = { 2 };
	const struct ballot_intent intent = {
		.style = ATTACK_STYLE_NORTH, .credential = &t->voter[0], .blinding = blinding,
		.device = device,
	};

	(void)state;
	for (size_t k = 0; k < BALLOTS; k++) {
		ballot_locked_free(locked(&intent, &s[k]));
		for (size_t i = 0; i < ATTACK_M; i++) {
			assert_memory_not_equal(s[k].r[i], ZERO, 32);
			for (size_t j = 0; j < k * ATTACK_M + i; j++)
				assert_memory_not_equal(s[k].r[i], s[j / ATTACK_M].r[j % ATTACK_M], 32);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n17_a_machine_without_randomness_stops),
		cmocka_unit_test(n18_a_cast_ballot_holds_nothing_that_opens_it),
		cmocka_unit_test(n37_an_opened_ballot_cannot_be_cast_and_names_nobody),
		cmocka_unit_test(n16_no_randomness_is_zero_or_comes_twice),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
