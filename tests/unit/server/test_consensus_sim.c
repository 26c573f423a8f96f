/*
 * test_consensus_sim.c: whole committees under faults, with the oracle of tests/sim/check.c.
 *
 * Random seeds as many as fit a bounded time; named scenarios; the same seed twice.  `make sim`
 * runs more.  SEED sets the first seed.
 */
#include "tests/sim/sim.h"

#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum {
	SEEDS_MIN = 200,          /* at any speed (a sanitizer, a slow machine) */
	SEEDS_MAX = 4000,
	CPU_SECONDS = 6
};

static uint64_t first_seed(void)
{
	const char *s = getenv("SEED");

	return s != NULL ? strtoull(s, NULL, 0) : 1;
}

static void expect(const struct sim_options *o, uint64_t seed, struct sim_result *r)
{
	sim_run(r, o, seed, NULL);
	if (r->failed)
		print_error("seed=%llu: %s (build/tests/sim/sim -s %llu -n 1 -v tells it)\n",
		            (unsigned long long)seed, r->failure, (unsigned long long)seed);
	assert_false(r->failed);
}

static void random_faults_break_nothing(void **state)
{
	clock_t begin = clock();
	struct sim_options o;
	struct sim_result r;
	uint64_t seed = first_seed(), count = 0, blocks = 0, crashes = 0;

	(void)state;
	while (count < SEEDS_MIN ||
	       (count < SEEDS_MAX && clock() - begin < (clock_t)CPU_SECONDS * CLOCKS_PER_SEC)) {
		sim_options_random(&o, seed + count++);
		expect(&o, seed + count - 1, &r);
		blocks += r.height;
		crashes += r.crashes;
	}
	print_message("seeds=%llu from %llu, blocks=%llu, crashes=%llu\n",
	              (unsigned long long)count, (unsigned long long)seed,
	              (unsigned long long)blocks, (unsigned long long)crashes);
	assert_true(blocks > count && crashes > count / 4);   /* something did happen */
}

/* n honest nodes on a good network. */
static struct sim_options calm(unsigned int n)
{
	struct sim_options o = {
		.n = n, .expect_liveness = true, .gossip_again = true, .delay_max_ms = 10,
		.items = 40, .batch_min = 1, .batch_wait_ms = 20, .chaos_ms = 3000,
	};

	return o;
}

static void every_size_of_committee_orders_what_it_is_given(void **state)
{
	struct sim_result r;

	(void)state;
	for (unsigned int n = 1; n <= LIMIT_TRUSTEES; n++) {
		struct sim_options o = calm(n);

		expect(&o, n, &r);
		assert_true(r.height >= 10);
		assert_int_equal(r.evidence, 0);
		/* On a good network hardly a view is lost. */
		assert_in_range(r.view, r.height, r.height + 4);
	}
}

static void true_signatures_do_as_well(void **state)
{
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct sim_options o;

		sim_options_random(&o, seed);
		o.ed25519 = true;
		if (o.chaos_ms > 3000)
			o.chaos_ms = 3000;
		expect(&o, seed, &r);
	}
}

/* Delta is 100 ms; the timers grow until they hold. */
static void a_network_slower_than_delta_is_slow_and_not_stuck(void **state)
{
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct sim_options o = calm(4 + (unsigned int)(seed % 4));

		o.delay_max_ms = o.healed_delay_ms = 700;
		o.chaos_ms = 6000;
		expect(&o, seed, &r);
	}
}

static void f_silent_nodes_are_borne(void **state)
{
	struct sim_result r;

	(void)state;
	for (unsigned int n = 4; n <= LIMIT_TRUSTEES; n++) {
		struct sim_options o = calm(n);

		for (unsigned int i = 0; i < committee_faults(n); i++)
			o.kind[(i * 3 + 1) % n] = SIM_SILENT;
		expect(&o, n, &r);
		assert_true(r.height >= 2);
	}
}

static void twins_cannot_fork(void **state)
{
	struct sim_result r;
	uint64_t evidence = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct sim_options o = calm(seed % 2 ? 4 : 7);

		for (unsigned int i = 0; i < committee_faults(o.n); i++)
			o.kind[(seed + 2 * i) % o.n] = SIM_TWINS;
		o.loss_pct = 20;
		o.straggler_pct = 5;
		o.partitions = 2;
		expect(&o, seed, &r);
		evidence += r.evidence;
	}
	assert_true(evidence > 0);   /* and are named */
}

static void cheating_leaders_cannot_fork(void **state)
{
	struct sim_result r;
	uint64_t evidence = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct sim_options o = calm(4 + (unsigned int)(seed % 4));

		for (unsigned int i = 0; i < committee_faults(o.n); i++)
			o.kind[(seed + 2 * i) % o.n] = SIM_ACTIVE;
		o.loss_pct = (unsigned int)(seed % 3) * 15;
		expect(&o, seed, &r);
		evidence += r.evidence;
	}
	assert_true(evidence > 60);
}

static void sizes_that_bear_more_forgers_than_faults_do_not_fork(void **state)
{
	static const unsigned int sizes[] = { 5, 6, 9 };   /* 2q - n - 1 = 2, 3, 4; f = 1, 1, 2 */
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct sim_options o = calm(sizes[seed % 3]);
		unsigned int cheats = 2 * committee_quorum(o.n) - o.n - 1;

		for (unsigned int i = 0; i < cheats; i++)
			o.kind[(seed + i) % o.n] = seed % 2 ? SIM_ACTIVE : SIM_TWINS;
		o.expect_liveness = false;
		expect(&o, seed, &r);
	}
}

/* The oracle is not blind: with one forger more than safety bears, it sees forks. */
static void one_forger_too_many_is_seen(void **state)
{
	struct sim_result r;
	unsigned int forks = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct sim_options o = calm(4);

		o.kind[seed % 4] = SIM_ACTIVE;
		o.kind[(seed + 1) % 4] = SIM_ACTIVE;
		o.expect_liveness = false;
		o.partitions = 2;
		sim_run(&r, &o, seed, NULL);
		forks += r.failed;
	}
	assert_true(forks >= 3);
}

static void everybody_crashes_again_and_again_and_nothing_is_lost(void **state)
{
	struct sim_result r;
	uint64_t crashes = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct sim_options o = calm(4);

		o.whole_crashes = 5;
		o.crash_pct = 5;
		o.loss_pct = 10;
		o.chaos_ms = 8000;
		o.gossip_again = false;
		expect(&o, seed, &r);
		crashes += r.crashes;
	}
	assert_true(crashes > 400);
}

static void a_node_that_lost_its_disk_comes_back(void **state)
{
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct sim_options o = calm(4 + (unsigned int)(seed % 4));

		o.amnesiacs = 1;
		o.whole_crashes = 2;
		o.crash_pct = 4;
		o.partitions = 1;
		expect(&o, seed, &r);
	}
}

static void the_same_seed_is_the_same_run(void **state)
{
	struct sim_result a, b;
	struct sim_options o;

	(void)state;
	for (uint64_t seed = 500; seed < 540; seed++) {
		sim_options_random(&o, seed);
		sim_run(&a, &o, seed, NULL);
		sim_run(&b, &o, seed, NULL);
		assert_true(a.trace == b.trace && a.events == b.events && a.height == b.height);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_of_committee_orders_what_it_is_given),
		cmocka_unit_test(true_signatures_do_as_well),
		cmocka_unit_test(a_network_slower_than_delta_is_slow_and_not_stuck),
		cmocka_unit_test(f_silent_nodes_are_borne),
		cmocka_unit_test(twins_cannot_fork),
		cmocka_unit_test(cheating_leaders_cannot_fork),
		cmocka_unit_test(sizes_that_bear_more_forgers_than_faults_do_not_fork),
		cmocka_unit_test(one_forger_too_many_is_seen),
		cmocka_unit_test(everybody_crashes_again_and_again_and_nothing_is_lost),
		cmocka_unit_test(a_node_that_lost_its_disk_comes_back),
		cmocka_unit_test(the_same_seed_is_the_same_run),
		cmocka_unit_test(random_faults_break_nothing),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
