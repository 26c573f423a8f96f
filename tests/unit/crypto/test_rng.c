/* test_rng.c: randomness fills what it should and stays within its bounds.  Of its quality a test
 * can say little; the bounds below fail a sound generator less than once in 10^12 runs. */
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_byte_is_filled_and_none_beyond(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 80; len++) {
		unsigned char bytes[81];
		unsigned char seen[81];

		memset(seen, 0, sizeof(seen));
		for (int round = 0; round < 16; round++) {
			memset(bytes, 0, sizeof(bytes));
			rng_bytes(bytes, len);
			for (size_t i = 0; i < sizeof(bytes); i++)
				seen[i] |= bytes[i];
		}
		for (size_t i = 0; i < sizeof(seen); i++)
			assert_int_equal(seen[i] != 0, i < len);
	}
	rng_bytes(NULL, 0);
}

static void draws_differ(void **state)
{
	unsigned char draws[64][16];

	(void)state;
	rng_bytes(draws, sizeof(draws));
	for (size_t i = 0; i < 64; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(draws[i], draws[j], 16);
}

/* A modulo over 32 bits would give the lower third of 3 * 2^30 half of all draws. */
static void no_number_below_the_bound_is_preferred(void **state)
{
	enum { DRAWS = 30000 };
	const uint32_t third = (uint32_t)1 << 30;
	int counts[3] = {0, 0, 0};
	int small[6] = {0, 0, 0, 0, 0, 0};

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		uint32_t v = rng_below(3 * third);

		assert_in_range(v, 0, 3 * third - 1);
		counts[v / third]++;
		v = rng_below(6);
		assert_in_range(v, 0, 5);
		small[v]++;
	}
	for (int i = 0; i < 3; i++)   /* 10,000 expected, standard deviation 82 */
		assert_in_range(counts[i], 9300, 10700);
	for (int i = 0; i < 6; i++)   /* 5,000 expected, standard deviation 65 */
		assert_in_range(small[i], 4500, 5500);
	for (int i = 0; i < 100; i++)
		assert_int_equal(rng_below(1), 0);
}

static void scalars_are_uniform_and_never_zero(void **state)
{
	const struct group *g = group_tiny();
	int counts[11] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct scalar k;
		uint8_t byte;

		rng_scalar(g, &k);
		group_scalar_encode(g, &byte, &k);
		assert_in_range(byte, 1, 10);
		counts[byte]++;
	}
	for (int i = 1; i < 11; i++)   /* 2,000 expected, standard deviation 42 */
		assert_in_range(counts[i], 1650, 2350);
}

static void scalars_of_every_suite_differ(void **state)
{
	const char *const names[] = {"ristretto255", "belenios-2048", "rfc3526-2048"};

	(void)state;
	for (size_t n = 0; n < 3; n++) {
		const struct group *g = group_by_name(names[n]);
		struct scalar k[8];

		for (size_t i = 0; i < 8; i++) {
			rng_scalar(g, &k[i]);
			for (size_t j = 0; j < i; j++)
				assert_false(group_scalar_is_equal(g, &k[i], &k[j]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_is_filled_and_none_beyond),
		cmocka_unit_test(draws_differ),
		cmocka_unit_test(no_number_below_the_bound_is_preferred),
		cmocka_unit_test(scalars_are_uniform_and_never_zero),
		cmocka_unit_test(scalars_of_every_suite_differ),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
