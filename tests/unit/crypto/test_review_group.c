/*
 * test_review_group.c: the verifier's combinations at the places where a library has its special
 * cases: 0, 1, -1, halves, single bits, the identity, and sums that cancel (decision 0010).
 */
#include "crypto/group.h"
#include "crypto/mem.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SCALARS = 12, ELEMENTS = 6, TERMS = 40, WORK = 64 };

static struct prng prng;

static void any_scalar(const struct group *g, struct scalar *k)
{
	uint8_t wide[GROUP_WIDE_BYTES_MAX];

	prng_bytes(&prng, wide, group_wide_len(g));
	group_scalar_wide(g, k, wide);
}

/* 0 1 2 3 16 31 2^63 1/2 -1 -2 -16 and one at random. */
static void edge_scalars(const struct group *g, struct scalar k[SCALARS])
{
	static const uint64_t SMALL[7] = { 0, 1, 2, 3, 16, 31, UINT64_C(1) << 63 };

	for (size_t i = 0; i < 7; i++)
		group_scalar_u64(g, &k[i], SMALL[i]);
	group_scalar_inv(g, &k[7], &k[2]);
	group_scalar_neg(g, &k[8], &k[1]);
	group_scalar_neg(g, &k[9], &k[2]);
	group_scalar_neg(g, &k[10], &k[4]);
	any_scalar(g, &k[11]);
}

/* 0, g, -g, 2g, g/2 and one at random. */
static void edge_elements(const struct group *g, struct element a[ELEMENTS])
{
	struct scalar k;

	group_identity(g, &a[0]);
	group_generator(g, &a[1]);
	group_neg(g, &a[2], &a[1]);
	group_add(g, &a[3], &a[1], &a[1]);
	group_scalar_u64(g, &k, 2);
	group_scalar_inv(g, &k, &k);
	group_mul_base(g, &a[4], &k);
	any_scalar(g, &k);
	group_mul_base(g, &a[5], &k);
}

/* Sum of two multiples: the constant-time functions say what it is. */
static void check_pair(const struct group *g, const struct scalar *j, const struct element *a,
                       const struct scalar *k)
{
	struct element want, part, got, work[WORK];
	struct element both[2];
	struct scalar times[2] = { *j, *k };

	group_mul_base(g, &want, j);
	group_mul(g, &part, a, k);
	group_add(g, &want, &want, &part);
	group_mul_base_add_var(g, &got, j, a, k);
	assert_true(group_is_equal(g, &got, &want));
	group_generator(g, &both[0]);
	both[1] = *a;
	group_msm_var(g, &got, times, both, 2, work, WORK);
	assert_true(group_is_equal(g, &got, &want));
	group_mul_var(g, &got, a, k);
	assert_true(group_is_equal(g, &got, &part));
}

static void every_pair_of_edges_adds_up(void **state)
{
	const struct group *const all[] = { group_ristretto255(), group_belenios2048(),
	                                    group_tiny() };

	(void)state;
	for (size_t n = 0; n < sizeof(all) / sizeof(all[0]); n++) {
		const struct group *g = all[n];
		size_t elements = n == 1 ? 3 : ELEMENTS;   /* the large one is slow */
		struct scalar k[SCALARS];
		struct element a[ELEMENTS];

		edge_scalars(g, k);
		edge_elements(g, a);
		for (size_t e = 0; e < elements; e++)
			for (size_t i = 0; i < SCALARS; i += n == 1 ? 4 : 1)
				for (size_t j = 0; j < SCALARS; j++)
					check_pair(g, &k[i], &a[e], &k[j]);
	}
}

/* What a batch looks for: a sum of many terms that is the identity, and one that is not. */
static void sums_that_cancel_are_the_identity(void **state)
{
	const struct group *g = group_ristretto255();
	static struct element a[TERMS], work[2048];
	struct scalar k[TERMS], edges[SCALARS], sum, term, one;
	struct element out, generator;

	(void)state;
	edge_scalars(g, edges);
	group_generator(g, &generator);
	group_scalar_u64(g, &one, 1);
	for (size_t len = 2; len <= TERMS; len++) {
		group_scalar_zero(g, &sum);
		for (size_t i = 0; i + 1 < len; i++) {
			struct scalar log;

			any_scalar(g, &log);
			group_mul_base(g, &a[i], &log);
			k[i] = edges[prng_u64(&prng) % SCALARS];
			group_scalar_mul(g, &term, &k[i], &log);
			group_scalar_add(g, &sum, &sum, &term);
		}
		a[len - 1] = generator;
		group_scalar_neg(g, &k[len - 1], &sum);
		group_msm_var(g, &out, k, a, len, work, sizeof(work) / sizeof(work[0]));
		assert_true(group_is_identity(g, &out));
		group_scalar_add(g, &k[len - 1], &k[len - 1], &one);
		group_msm_var(g, &out, k, a, len, work, sizeof(work) / sizeof(work[0]));
		assert_true(group_is_equal(g, &out, &generator));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_edges_adds_up),
		cmocka_unit_test(sums_that_cancel_are_the_identity),
	};

	if (crypto_init() != ST_OK)
		return 1;
	prng_seed(&prng, "test_review_group");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
