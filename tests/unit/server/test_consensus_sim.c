/*
 * test_consensus_sim.c: whole committees under faults, with the oracle of tests/sim/check.c.
 *
 * Random seeds as many as fit a bounded time; twins; named scenarios; the kept failures; the same
 * seed twice.  `make sim` runs more.  SEED sets the first seed.
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
	SEEDS_MIN = 100,          /* at any speed (a sanitizer, a slow machine) */
	SEEDS_MAX = 1000,
	TWINS = 200,
	CPU_SECONDS = 4
};

static uint64_t first_seed(void)
{
	const char *s = getenv("SEED");

	return s != NULL ? strtoull(s, NULL, 0) : 1;
}

static void expect(const struct sim_options *o, uint64_t seed, struct sim_result *r)
{
	char text[OPTIONS_TEXT_MAX];

	sim_run(r, o, seed, NULL);
	options_write(text, o);
	if (r->failed)
		print_error("%s: seed=%llu %s\n(that line in a file, and build/tests/sim/sim -f FILE "
		            "-v, tells it)\n", r->failure, (unsigned long long)seed, text);
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
		options_random(&o, seed + count++);
		expect(&o, seed + count - 1, &r);
		blocks += r.height;
		for (unsigned int i = 0; i < SIM_POINTS; i++)
			crashes += r.crashes[i];
	}
	print_message("seeds=%llu from %llu, blocks=%llu, crashes=%llu\n",
	              (unsigned long long)count, (unsigned long long)seed,
	              (unsigned long long)blocks, (unsigned long long)crashes);
	assert_true(blocks > 10 * count && crashes > count);   /* something did happen */
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
		assert_true(r.receipts > 0);
		/* On a good network hardly a view is lost. */
		assert_in_range(r.view, r.height, r.height + 4);
	}
}

/* A.2, hotstuff_rs #24: a pacemaker that stalls after some fifty blocks. */
static void two_hundred_blocks_follow_one_another(void **state)
{
	struct sim_options o = calm(4);
	struct sim_result r;

	(void)state;
	o.items = 240;
	o.chaos_ms = 240 * 100;
	o.batch_wait_ms = 1;
	expect(&o, 1, &r);
	assert_true(r.height >= 200);
	assert_in_range(r.view, r.height, r.height + 10);
}

static void true_signatures_do_as_well(void **state)
{
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct sim_options o;

		options_random(&o, seed);
		o.ed25519 = true;
		if (o.chaos_ms > 2000)
			o.chaos_ms = 2000;
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

/* A sample of the plans that `make sim-nightly` tries one and all. */
static void twins_cannot_fork(void **state)
{
	struct twin_plan plan;
	struct sim_result r;
	uint64_t evidence = 0, first = first_seed();

	(void)state;
	for (uint64_t i = 0; i < TWINS; i++) {
		uint64_t number = (first + i * 7919) % twins_count(3);

		if (i % 2 == 0)
			twins_plan(&plan, 3, number);
		else
			twins_random(&plan, 7, TWIN_ROUNDS_MAX, number);
		twins_run(&r, &plan, NULL);
		if (r.failed)
			print_error("twins %llu: %s\n", (unsigned long long)number, r.failure);
		assert_false(r.failed);
		evidence += r.evidence;
	}
	assert_true(evidence > 0);   /* and are named */
}

/* Every deed by itself, by as many as there may be. */
static void no_deed_of_cheats_forks_or_stops_the_others(void **state)
{
	struct sim_result r;

	(void)state;
	for (unsigned int deed = 0; deed < SIM_DEEDS; deed++) {
		uint64_t done = 0;

		for (uint64_t seed = 1; seed <= 6; seed++) {
			struct sim_options o = calm(4 + (unsigned int)(seed % 4));

			for (unsigned int i = 0; i < committee_faults(o.n); i++) {
				o.kind[(seed + 2 * i) % o.n] = SIM_ACTIVE;
				o.deeds[(seed + 2 * i) % o.n] = 1u << deed;
			}
			o.loss_pct = (unsigned int)(seed % 3) * 15;
			expect(&o, seed, &r);
			done += r.deeds >> deed & 1;
		}
		if (done < 4)
			print_error("%s: %llu of 6\n", sim_deed_name[deed],
			            (unsigned long long)done);
		assert_true(done >= 4);
	}
}

static void sizes_that_bear_more_forgers_than_faults_do_not_fork(void **state)
{
	static const unsigned int sizes[] = { 5, 6, 9 };   /* 2q - n - 1 = 2, 3, 4; f = 1, 1, 2 */
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct sim_options o = calm(sizes[seed % 3]);
		unsigned int cheats = 2 * committee_quorum(o.n) - o.n - 1;

		for (unsigned int i = 0; i < cheats; i++) {
			o.kind[(seed + i) % o.n] = seed % 2 ? SIM_ACTIVE : SIM_TWINS;
			o.deeds[(seed + i) % o.n] = (1u << SIM_DEEDS) - 1;
		}
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

		for (unsigned int i = 0; i < 2; i++) {
			o.kind[(seed + i) % 4] = SIM_ACTIVE;
			o.deeds[(seed + i) % 4] = 1u << DEED_FORK | 1u << DEED_VOTE_ALL |
			                          1u << DEED_EQUIVOCATE | 1u << DEED_HIDE;
		}
		o.expect_liveness = false;
		o.cuts = 2;
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
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct sim_options o = calm(4);

		o.whole_crashes = 5;
		o.crash_pm = 5;
		o.power_pct = 60;
		o.compact_pct = 2;
		o.loss_pct = 10;
		o.chaos_ms = 8000;
		o.gossip_again = false;
		expect(&o, seed, &r);
		for (unsigned int i = 0; i < SIM_POINTS; i++)
			crashes += r.crashes[i];
	}
	assert_true(crashes > 400);
}

static void a_node_that_lost_its_disk_comes_back(void **state)
{
	struct sim_result r;
	unsigned int forgot = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		struct sim_options o = calm(4 + (unsigned int)(seed % 4));

		o.amnesiacs = 1;
		o.whole_crashes = 2;
		o.crash_pm = 4;
		o.cuts = 1;
		expect(&o, seed, &r);
		forgot += r.faults >> FAULT_AMNESIA & 1;
	}
	assert_true(forgot > 15);
}

/* R3: a block of before the night gets no votes after it, and nobody waits for it. */
static void after_a_long_stall_the_committee_goes_on(void **state)
{
	struct sim_result r;

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct sim_options o = calm(1 + (unsigned int)(seed % 7));

		o.nights = 2;
		o.loss_pct = 30;
		o.power_pct = 50;
		expect(&o, seed, &r);
		assert_true((r.faults >> FAULT_NIGHT & 1) != 0);
	}
}

static void options_come_back_from_their_text(void **state)
{
	char text[OPTIONS_TEXT_MAX], again[OPTIONS_TEXT_MAX];
	struct sim_options o, back;
	uint64_t seed;

	(void)state;
	for (uint64_t i = 1; i <= 500; i++) {
		options_random(&o, i);
		options_write(text, &o);
		assert_true(options_read(&back, &seed, text));
		assert_memory_equal(&o, &back, sizeof(o));
		options_write(again, &back);
		assert_string_equal(text, again);
	}
	assert_false(options_read(&back, &seed, "n=4 kinds=hhh chaos_ms=1"));
	assert_false(options_read(&back, &seed, "n=4 nonsense=1 kinds=hhhh"));
	assert_false(options_read(&back, &seed, "n=1 delay_max_ms=1 batch_min=1 chaos_ms=1 kinds=x"));
}

/* Options that once broke something: each stands with what it broke. */
static void what_failed_once_passes(void **state)
{
	FILE *f = fopen("tests/sim/corpus", "r");
	char line[OPTIONS_TEXT_MAX + 256];
	struct sim_options o;
	struct sim_result r;
	unsigned int count = 0;
	uint64_t seed;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		assert_true(options_read(&o, &seed, line));
		expect(&o, seed, &r);
		count++;
	}
	(void)fclose(f);
	assert_true(count > 0);
}

static void the_same_seed_is_the_same_run(void **state)
{
	struct sim_result a, b;
	struct sim_options o;

	(void)state;
	for (uint64_t seed = 500; seed < 520; seed++) {
		options_random(&o, seed);
		sim_run(&a, &o, seed, NULL);
		sim_run(&b, &o, seed, NULL);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_of_committee_orders_what_it_is_given),
		cmocka_unit_test(two_hundred_blocks_follow_one_another),
		cmocka_unit_test(true_signatures_do_as_well),
		cmocka_unit_test(a_network_slower_than_delta_is_slow_and_not_stuck),
		cmocka_unit_test(f_silent_nodes_are_borne),
		cmocka_unit_test(twins_cannot_fork),
		cmocka_unit_test(no_deed_of_cheats_forks_or_stops_the_others),
		cmocka_unit_test(sizes_that_bear_more_forgers_than_faults_do_not_fork),
		cmocka_unit_test(one_forger_too_many_is_seen),
		cmocka_unit_test(everybody_crashes_again_and_again_and_nothing_is_lost),
		cmocka_unit_test(a_node_that_lost_its_disk_comes_back),
		cmocka_unit_test(after_a_long_stall_the_committee_goes_on),
		cmocka_unit_test(options_come_back_from_their_text),
		cmocka_unit_test(what_failed_once_passes),
		cmocka_unit_test(the_same_seed_is_the_same_run),
		cmocka_unit_test(random_faults_break_nothing),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
