/* test_group_msm.c: sums of multiples against the naive sum, for every size and amount of work. */
#include "crypto/group.h"
#include "crypto/mem.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TERMS = 3000, WORK = 20000 };

static struct prng prng;
static struct scalar k[TERMS];
static struct element a[TERMS];
static struct element naive[TERMS + 1];   /* naive[n]: the sum of the first n terms */
static struct element *work;

/* Scalars of all kinds: zero, one, -1, powers of two and their neighbours, short, sparse, full. */
static void any_scalar(const struct group *g, struct scalar *out)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];
	size_t len = group_wide_len(g);
	size_t kind = prng_below(&prng, 8);
	size_t low = group_is_ristretto(g) ? 0 : len - 1;   /* where the lowest byte stands */
	struct scalar one;

	memset(wide, 0, sizeof(wide));
	group_scalar_u64(g, &one, 1);
	switch (kind) {
	case 0:
		group_scalar_u64(g, out, prng_below(&prng, 3));
		return;
	case 1:
		group_scalar_neg(g, out, &one);
		return;
	case 2:
	case 3:
		for (size_t i = 0; i < 16 && i < len; i++)   /* 128 bits */
			wide[low == 0 ? i : low - i] = (uint8_t)prng_u64(&prng);
		break;
	case 4:
		wide[prng_below(&prng, len)] = (uint8_t)(1u << prng_below(&prng, 8));
		break;
	case 5:
		memset(wide, 0xff, len);
		wide[prng_below(&prng, len)] = 0;
		break;
	default:
		prng_bytes(&prng, wide, len);
		break;
	}
	group_scalar_wide(g, out, wide);
	if (kind == 4)
		group_scalar_sub(g, out, out, &one);
}

static void prepare(const struct group *g, size_t len)
{
	group_identity(g, &naive[0]);
	for (size_t i = 0; i < len; i++) {
		struct element term;
		struct scalar s;

		any_scalar(g, &k[i]);
		any_scalar(g, &s);
		group_mul_base(g, &a[i], &s);
		if (prng_below(&prng, 4) == 0 && i > 0)   /* repeats and opposites */
			a[i] = a[prng_below(&prng, i)];
		if (prng_below(&prng, 8) == 0 && group_is_ristretto(g))
			group_neg(g, &a[i], &a[i]);
		group_mul(g, &term, &a[i], &k[i]);
		group_add(g, &naive[i + 1], &naive[i], &term);
	}
}

static void check(const struct group *g, size_t len, size_t work_len)
{
	struct element sum;

	assert_in_range(work_len, 0, WORK);
	memset(work, 0xa5, work_len * sizeof(*work));
	group_msm_var(g, &sum, k, a, len, work_len == 0 ? NULL : work, work_len);
	if (!group_is_equal(g, &sum, &naive[len]))
		fail_msg("%s: %zu terms with %zu elements of work", group_name(g), len, work_len);
}

static void every_small_sum_is_the_naive_one(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	prepare(g, 300);
	for (size_t len = 0; len <= 300; len++) {
		check(g, len, group_msm_work(g, len));
		if (len % 10 == 0 || len < 5) {
			check(g, len, 0);
			check(g, len, prng_below(&prng, 400));
		}
	}
}

/* From none to more than enough: every window of Pippenger, every chunk of Straus. */
static void any_amount_of_work_gives_the_same_sum(void **state)
{
	const struct group *g = group_ristretto255();
	const size_t lens[] = {1, 2, 31, 190, 300, 1000, TERMS};

	(void)state;
	prepare(g, TERMS);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		for (size_t work_len = 1; work_len < 5000; work_len = 2 * work_len + 1)
			check(g, lens[i], work_len);
	check(g, TERMS, WORK);
	check(g, TERMS, group_msm_work(g, TERMS));
}

static void sums_are_the_naive_ones_in_the_modp_groups(void **state)
{
	const struct group *g = group_belenios2048();

	(void)state;
	prepare(g, 80);
	for (size_t len = 0; len <= 80; len += len < 4 ? 1 : 19) {
		check(g, len, group_msm_work(g, len));
		check(g, len, prng_below(&prng, 200));
	}
	check(g, 80, 3);   /* buckets of 2 bits */
	check(g, 80, 63);
	g = group_rfc3526_2048();
	prepare(g, 9);
	check(g, 9, group_msm_work(g, 9));
	check(g, 9, 0);
	check(g, 9, 31);
	check(g, 1, 31);
}

static void every_sum_in_the_tiny_group_is_the_naive_one(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (int round = 0; round < 20; round++) {
		prepare(g, 300);
		for (size_t len = 0; len <= 300; len++) {
			check(g, len, group_msm_work(g, len));
			check(g, len, prng_below(&prng, 64));
		}
	}
}

/* Pippenger on many equal terms: one bucket a window takes them all, and sums cancel. */
static void equal_and_opposite_terms_sum_up(void **state)
{
	const struct group *g = group_ristretto255();
	struct element sum, want;
	struct scalar s;

	(void)state;
	prepare(g, 1);
	any_scalar(g, &s);
	for (size_t i = 0; i < 1000; i++) {
		k[i] = s;
		a[i] = a[0];
	}
	group_scalar_u64(g, &s, 1000);
	group_scalar_mul(g, &s, &s, &k[0]);
	group_mul(g, &want, &a[0], &s);
	group_msm_var(g, &sum, k, a, 1000, work, 1024);
	assert_true(group_is_equal(g, &sum, &want));
	for (size_t i = 0; i < 1000; i += 2)
		group_neg(g, &a[i], &a[i]);
	group_msm_var(g, &sum, k, a, 1000, work, 1024);
	assert_true(group_is_identity(g, &sum));
	for (size_t i = 0; i < 1000; i += 2) {
		group_neg(g, &a[i], &a[i]);
		group_scalar_neg(g, &k[i], &k[i]);
	}
	group_msm_var(g, &sum, k, a, 1000, work, 1024);
	assert_true(group_is_identity(g, &sum));
	for (size_t i = 0; i < 1000; i++)
		group_scalar_zero(g, &k[i]);
	group_msm_var(g, &sum, k, a, 1000, work, 1024);
	assert_true(group_is_identity(g, &sum));
}

static void the_sum_may_replace_a_term(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	prepare(g, 300);
	group_msm_var(g, &a[7], k, a, 300, work, 64);
	assert_true(group_is_equal(g, &a[7], &naive[300]));
	prepare(g, 20);
	group_msm_var(g, &a[0], k, a, 20, work, 400);
	assert_true(group_is_equal(g, &a[0], &naive[20]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_small_sum_is_the_naive_one),
		cmocka_unit_test(any_amount_of_work_gives_the_same_sum),
		cmocka_unit_test(sums_are_the_naive_ones_in_the_modp_groups),
		cmocka_unit_test(every_sum_in_the_tiny_group_is_the_naive_one),
		cmocka_unit_test(equal_and_opposite_terms_sum_up),
		cmocka_unit_test(the_sum_may_replace_a_term),
	};
	int failed;

	if (crypto_init() != ST_OK)
		return 1;
	work = calloc(WORK, sizeof(*work));
	if (work == NULL)
		return 1;
	prng_seed(&prng, "test_group_msm");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(work);
	return failed;
}
