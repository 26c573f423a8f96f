/*
 * test_dlog.c: counts are found, all of them over the tiny group; what is no count is refused
 * (attacks.md N62).
 */
#include "crypto/dlog.h"
#include "crypto/mem.h"
#include "tests/unit/lib/draw.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SLOTS = 2048 };

static struct dlog_slot slots[SLOTS];
static struct dlog_slot other[SLOTS];

static void multiple(const struct group *g, struct element *out, uint64_t m)
{
	struct scalar k;

	group_scalar_u64(g, &k, m);
	group_mul_base(g, out, &k);
}

/* Every element of the tiny group, every bound, every table that the sizes allow. */
static void every_tiny_count_is_found_or_out_of_range(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (size_t len = DLOG_SLOTS_MIN; len <= 64; len *= 2) {
		struct dlog d;

		assert_int_equal(dlog_init(&d, g, slots, len), ST_OK);
		for (uint64_t m = 0; m < 11; m++) {
			struct element target;

			multiple(g, &target, m);
			for (uint64_t bound = 0; bound < 40; bound++) {
				uint64_t have = 99;
				enum status st = dlog_solve_var(&d, &have, &target, bound);

				assert_int_equal(st, m <= bound ? ST_OK : ST_RANGE);
				assert_int_equal(have, m <= bound ? m : 0);
			}
		}
	}
}

/* Around every place where something changes: 0, the table's end, a giant step, the bound. */
static void counts_at_every_edge_are_found(void **state)
{
	(void)state;
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		struct dlog d;
		const uint64_t edges[] = { 0, 1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 160, 161, 999, 1000 };

		assert_int_equal(dlog_init(&d, g, slots, 32), ST_OK);
		for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
			struct element target;
			uint64_t m;

			multiple(g, &target, edges[i]);
			assert_int_equal(dlog_solve_var(&d, &m, &target, 1000), ST_OK);
			assert_int_equal(m, edges[i]);
			assert_int_equal(dlog_solve_var(&d, &m, &target, edges[i]), ST_OK);
			assert_int_equal(m, edges[i]);
			if (edges[i] == 0)
				continue;
			assert_int_equal(dlog_solve_var(&d, &m, &target, edges[i] - 1), ST_RANGE);
			assert_int_equal(m, 0);
		}
	}
}

/* N62: -1, -2, q - bound and the like are no counts; nor is an element of no small logarithm. */
static void negative_counts_are_out_of_range(void **state)
{
	(void)state;
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		const uint64_t negatives[] = { 1, 2, 16, 999, 1000, 1001 };
		struct element target;
		struct dlog d;
		uint64_t m;

		assert_int_equal(dlog_init(&d, g, slots, 64), ST_OK);
		for (size_t i = 0; i < sizeof(negatives) / sizeof(negatives[0]); i++) {
			multiple(g, &target, negatives[i]);
			group_neg(g, &target, &target);
			assert_int_equal(dlog_solve_var(&d, &m, &target, 1000), ST_RANGE);
			assert_int_equal(m, 0);
		}
		multiple(g, &target, 1001);
		assert_int_equal(dlog_solve_var(&d, &m, &target, 1000), ST_RANGE);
	}
}

/* m + q is m in the exponent: only the count itself can come out, never a larger name for it. */
static void the_smallest_count_is_the_answer(void **state)
{
	const struct group *g = group_tiny();
	struct element target;
	struct dlog d;
	uint64_t m;

	(void)state;
	assert_int_equal(dlog_init(&d, g, slots, 16), ST_OK);
	for (uint64_t k = 0; k < 100; k++) {
		multiple(g, &target, k);
		assert_int_equal(dlog_solve_var(&d, &m, &target, 1000), ST_OK);
		assert_int_equal(m, k % 11);
	}
}

static void an_element_of_no_count_is_out_of_range(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "an_element_of_no_count");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		struct element target;
		struct dlog d;
		uint64_t m;

		assert_int_equal(dlog_init(&d, g, slots, 64), ST_OK);
		draw_element(&r, g, &target);
		assert_int_equal(dlog_solve_var(&d, &m, &target, 500), ST_RANGE);
	}
}

static void large_counts_are_found(void **state)
{
	const struct group *g = group_ristretto255();
	struct prng r;
	struct dlog d;

	(void)state;
	prng_seed(&r, "large_counts");
	assert_int_equal(dlog_init(&d, g, slots, SLOTS), ST_OK);
	for (int i = 0; i < 20; i++) {
		uint64_t want = prng_u64(&r) % 10000000, m;
		struct element target;

		multiple(g, &target, want);
		assert_int_equal(dlog_solve_var(&d, &m, &target, 10000000), ST_OK);
		assert_int_equal(m, want);
	}
}

static void the_table_is_always_the_same(void **state)
{
	struct dlog d, e;

	(void)state;
	assert_int_equal(dlog_init(&d, group_ristretto255(), slots, SLOTS), ST_OK);
	memset(other, 0xa5, sizeof(other));
	assert_int_equal(dlog_init(&e, group_ristretto255(), other, SLOTS), ST_OK);
	assert_memory_equal(slots, other, sizeof(slots));
	assert_int_equal(d.width, SLOTS / 2);
}

/* A slot whose tag fits by chance must not become an answer: here every tag is made to fit. */
static void a_tag_that_fits_by_chance_is_not_believed(void **state)
{
	const struct group *g = group_ristretto255();
	struct element target;
	struct dlog d;
	uint64_t m;

	(void)state;
	assert_int_equal(dlog_init(&d, g, slots, 64), ST_OK);
	multiple(g, &target, 7);
	assert_int_equal(dlog_solve_var(&d, &m, &target, 31), ST_OK);
	assert_int_equal(m, 7);
	for (size_t i = 0; i < 64; i++)
		if (slots[i].number != 0)
			slots[i].number = slots[i].number % 32 + 1;   /* each names another multiple */
	assert_int_equal(dlog_solve_var(&d, &m, &target, 31), ST_RANGE);
	assert_int_equal(m, 0);
}

static void sizes_outside_the_limits_are_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct element target;
	struct dlog d;
	uint64_t m;

	(void)state;
	assert_int_equal(dlog_init(&d, g, slots, 0), ST_LIMIT);
	assert_int_equal(dlog_init(&d, g, slots, DLOG_SLOTS_MIN / 2), ST_LIMIT);
	assert_int_equal(dlog_init(&d, g, slots, 24), ST_LIMIT);
	assert_int_equal(dlog_init(&d, g, slots, (size_t)DLOG_SLOTS_MAX * 2), ST_LIMIT);
	assert_int_equal(dlog_init(&d, g, slots, DLOG_SLOTS_MIN), ST_OK);
	group_identity(g, &target);
	assert_int_equal(dlog_solve_var(&d, &m, &target, (UINT64_C(1) << 36) + 1), ST_LIMIT);
	assert_int_equal(dlog_solve_var(&d, &m, &target, UINT64_C(1) << 36), ST_OK);
	assert_int_equal(m, 0);
}

/* As large as allowed: quick in the tiny group, whose table ends where its order does. */
static void the_largest_table_is_taken(void **state)
{
	struct dlog_slot *large = malloc(DLOG_SLOTS_MAX * sizeof(*large));
	struct dlog d;

	(void)state;
	assert_non_null(large);
	assert_int_equal(dlog_init(&d, group_tiny(), large, DLOG_SLOTS_MAX), ST_OK);
	assert_int_equal(d.width, 11);
	free(large);
}

static void a_table_is_as_large_as_its_use(void **state)
{
	(void)state;
	assert_int_equal(dlog_slots(0, 0), DLOG_SLOTS_MIN);
	assert_int_equal(dlog_slots(0, 1000), DLOG_SLOTS_MIN);
	assert_int_equal(dlog_slots(10, 1), DLOG_SLOTS_MIN);
	assert_int_equal(dlog_slots(1000000, 1), 2048);              /* 1000 baby steps: 1024 */
	assert_int_equal(dlog_slots(1000000, 100), 2 * 16384);       /* 10000: 16384 */
	assert_int_equal(dlog_slots(1000, 1000000), 2048);           /* never beyond the bound */
	assert_int_equal(dlog_slots(UINT64_C(1) << 36, 16384), DLOG_SLOTS_MAX);
	assert_int_equal(dlog_slots(UINT64_MAX, SIZE_MAX), DLOG_SLOTS_MAX);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tiny_count_is_found_or_out_of_range),
		cmocka_unit_test(counts_at_every_edge_are_found),
		cmocka_unit_test(negative_counts_are_out_of_range),
		cmocka_unit_test(the_smallest_count_is_the_answer),
		cmocka_unit_test(an_element_of_no_count_is_out_of_range),
		cmocka_unit_test(large_counts_are_found),
		cmocka_unit_test(the_table_is_always_the_same),
		cmocka_unit_test(a_tag_that_fits_by_chance_is_not_believed),
		cmocka_unit_test(sizes_outside_the_limits_are_refused),
		cmocka_unit_test(the_largest_table_is_taken),
		cmocka_unit_test(a_table_is_as_large_as_its_use),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
