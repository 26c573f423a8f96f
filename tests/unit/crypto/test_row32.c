/*
 * test_row32.c: a row of a multiplication, where the processor has it, is what it is on paper: for
 * random limbs and for those that carry all the way.
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/row32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM = 2000, HALF_BITS = 32 };

/* high and low of a * b, by halves. */
static uint64_t product(uint64_t *low, uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> HALF_BITS, b0 = (uint32_t)b, b1 = b >> HALF_BITS;
	uint64_t middle = a1 * b0 + (a0 * b0 >> HALF_BITS);
	uint64_t rest = a0 * b1 + (uint32_t)middle;

	*low = a * b;
	return a1 * b1 + (middle >> HALF_BITS) + (rest >> HALF_BITS);
}

static uint64_t on_paper(uint64_t *r, const uint64_t *a, uint64_t b)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < ROW32_LIMBS; i++) {
		uint64_t low, high = product(&low, a[i], b);

		low += carry;
		high += low < carry;
		r[i] += low;
		high += r[i] < low;
		carry = high;
	}
	return carry;
}

static void compare(const uint64_t *r, const uint64_t *a, uint64_t b)
{
	uint64_t want[ROW32_LIMBS], have[ROW32_LIMBS + 1];
	uint64_t want_carry, carry;

	memcpy(want, r, sizeof(want));
	memcpy(have, r, sizeof(want));
	have[ROW32_LIMBS] = 77;
	want_carry = on_paper(want, a, b);
	carry = row32_addmul(have, a, b);
	assert_memory_equal(have, want, sizeof(want));
	assert_true(carry == want_carry);
	assert_true(have[ROW32_LIMBS] == 77);
}

static void a_row_is_what_it_is_on_paper(void **state)
{
	static const uint64_t EDGES[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, (uint64_t)1 << 63};
	enum { EDGES_LEN = sizeof(EDGES) / sizeof(EDGES[0]) };
	uint64_t r[ROW32_LIMBS], a[ROW32_LIMBS], b;

	(void)state;
	if (!row32_is_here())
		skip();
	for (size_t n = 0; n < EDGES_LEN * EDGES_LEN * EDGES_LEN; n++) {
		for (size_t i = 0; i < ROW32_LIMBS; i++) {
			r[i] = EDGES[n % EDGES_LEN];
			a[i] = EDGES[n / EDGES_LEN % EDGES_LEN];
		}
		compare(r, a, EDGES[n / EDGES_LEN / EDGES_LEN]);
	}
	for (int n = 0; n < RANDOM; n++) {
		rng_bytes(r, sizeof(r));
		rng_bytes(a, sizeof(a));
		rng_bytes(&b, sizeof(b));
		/* Runs of ones, so that carries go far. */
		for (size_t i = 0; n % 2 == 1 && i < ROW32_LIMBS; i++)
			if (a[i] % 3 != 0)
				r[i] = UINT64_MAX;
		compare(r, a, b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_what_it_is_on_paper),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
