/*
 * test_group_differential.c: ristretto255 over libdecaf against libsodium's, which shares no code
 * with it.  The one test that reaches behind a door: the oracle must not be our own.
 */
#include "crypto/group.h"
#include "crypto/mem.h"
#include "tests/unit/lib/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

enum { ROUNDS = 2000, LEN = 32 };

_Static_assert((int)crypto_core_ristretto255_BYTES == LEN, "as in RFC 9496");
_Static_assert((int)crypto_core_ristretto255_SCALARBYTES == LEN, "as in RFC 9496");

static struct prng prng;

/* p = 2^255 - 19, little-endian. */
static void field_prime(uint8_t p[static LEN])
{
	memset(p, 0xff, LEN);
	p[0] = 0xed;
	p[LEN - 1] = 0x7f;
}

static void valid_point(uint8_t out[static LEN])
{
	uint8_t uniform[64];

	prng_bytes(&prng, uniform, sizeof(uniform));
	assert_int_equal(crypto_core_ristretto255_from_hash(out, uniform), 0);
}

/* A reduced scalar, often at an edge. */
static void any_scalar(uint8_t out[static LEN])
{
	uint8_t wide[64];

	memset(wide, 0, sizeof(wide));
	switch (prng_below(&prng, 8)) {
	case 0:
		wide[0] = (uint8_t)prng_below(&prng, 4);
		break;
	case 1:
		prng_bytes(&prng, wide, 16);
		break;
	case 2:
		memset(wide, 0xff, 1 + prng_below(&prng, sizeof(wide)));
		break;
	case 3:
		wide[prng_below(&prng, LEN)] = (uint8_t)(1u << prng_below(&prng, 8));
		break;
	default:
		prng_bytes(&prng, wide, sizeof(wide));
		break;
	}
	crypto_core_ristretto255_scalar_reduce(out, wide);
	if (prng_below(&prng, 4) == 0)
		crypto_core_ristretto255_scalar_negate(out, out);
}

static void decode(struct element *e, const uint8_t *bytes)
{
	assert_int_equal(group_decode_var(group_ristretto255(), e, bytes), ST_OK);
}

static void decode_scalar(struct scalar *k, const uint8_t *bytes)
{
	assert_int_equal(group_scalar_decode(group_ristretto255(), k, bytes), ST_OK);
}

static void assert_element(const struct element *e, const uint8_t *want)
{
	uint8_t have[LEN];

	group_encode(group_ristretto255(), have, e);
	assert_memory_equal(have, want, LEN);
}

static void assert_scalar(const struct scalar *k, const uint8_t *want)
{
	uint8_t have[LEN];

	group_scalar_encode(group_ristretto255(), have, k);
	assert_memory_equal(have, want, LEN);
}

/*
 * Both libraries give the same verdict; returns it.  libsodium 1.0.18 overlooks the top bit, which
 * RFC 9496 §4.3.1 wants clear, so that much the oracle needs to be told.
 */
static bool same_verdict(const uint8_t *bytes)
{
	struct element e;
	enum status st = group_decode_var(group_ristretto255(), &e, bytes);
	bool want = crypto_core_ristretto255_is_valid_point(bytes) == 1 && bytes[LEN - 1] < 0x80;

	assert_int_equal(st == ST_OK, want);
	if (st == ST_OK)
		assert_element(&e, bytes);
	else
		assert_true(group_is_identity(group_ristretto255(), &e));
	return st == ST_OK;
}

static void random_strings_get_the_same_verdict(void **state)
{
	size_t valid = 0;

	(void)state;
	for (int i = 0; i < 8 * ROUNDS; i++) {
		uint8_t bytes[LEN];

		prng_bytes(&prng, bytes, sizeof(bytes));
		if (i % 8 != 0) {   /* most: not refused at first sight */
			bytes[0] &= 0xfe;
			bytes[LEN - 1] &= 0x7f;
		}
		valid += same_verdict(bytes);
	}
	assert_in_range(valid, ROUNDS / 2, 7 * ROUNDS);   /* both verdicts were met */
}

static void mutants_of_valid_points_get_the_same_verdict(void **state)
{
	uint8_t p[LEN];

	(void)state;
	field_prime(p);
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t bytes[LEN];
		uint8_t mutant[LEN];

		valid_point(bytes);
		assert_true(same_verdict(bytes));
		memcpy(mutant, bytes, sizeof(mutant));
		mutant[prng_below(&prng, LEN)] ^= (uint8_t)(1u << prng_below(&prng, 8));
		same_verdict(mutant);
		sodium_sub(memcpy(mutant, p, sizeof(mutant)), bytes, sizeof(mutant));   /* -s */
		assert_false(same_verdict(mutant));
		memcpy(mutant, bytes, sizeof(mutant));
		mutant[LEN - 1] |= 0x80;   /* 2^255 + s */
		assert_false(same_verdict(mutant));
	}
}

/* Around 0, p and 2^255, where reduction could be forgotten. */
static void strings_near_the_edges_get_the_same_verdict(void **state)
{
	uint8_t p[LEN];

	(void)state;
	field_prime(p);
	for (unsigned int d = 0; d < 256; d++) {
		uint8_t bytes[LEN];
		uint8_t small[LEN];

		memset(small, 0, sizeof(small));
		small[0] = (uint8_t)d;
		same_verdict(small);
		sodium_sub(memcpy(bytes, p, sizeof(bytes)), small, sizeof(bytes));
		same_verdict(bytes);
		sodium_add(memcpy(bytes, p, sizeof(bytes)), small, sizeof(bytes));
		assert_false(same_verdict(bytes));
		memset(bytes, 0xff, sizeof(bytes));
		sodium_sub(bytes, small, sizeof(bytes));
		assert_false(same_verdict(bytes));
	}
}

static void sums_are_the_same(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t x[LEN], y[LEN], want[LEN];
	struct element a, b, c;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		valid_point(x);
		valid_point(y);
		if (i % 16 == 0)
			memcpy(y, x, sizeof(y));
		if (i % 16 == 1)
			memset(y, 0, sizeof(y));
		decode(&a, x);
		decode(&b, y);
		assert_int_equal(crypto_core_ristretto255_add(want, x, y), 0);
		group_add(g, &c, &a, &b);
		assert_element(&c, want);
		assert_int_equal(crypto_core_ristretto255_sub(want, x, y), 0);
		group_sub(g, &c, &a, &b);
		assert_element(&c, want);
		assert_int_equal(group_is_equal(g, &a, &b), memcmp(x, y, LEN) == 0);
	}
}

/* libsodium refuses to return the identity; want is zero then, which is its encoding. */
static void oracle_multiple(uint8_t *want, const uint8_t *k, const uint8_t *point)
{
	if (crypto_scalarmult_ristretto255(want, k, point) != 0)
		memset(want, 0, LEN);
}

static void multiples_are_the_same(void **state)
{
	const struct group *g = group_ristretto255();
	static struct group_table t;
	uint8_t x[LEN], k[LEN], j[LEN], want[LEN], base[LEN];
	struct element a, c;
	struct scalar s, r;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		valid_point(x);
		any_scalar(k);
		any_scalar(j);
		decode(&a, x);
		decode_scalar(&s, k);
		decode_scalar(&r, j);
		oracle_multiple(want, k, x);
		group_mul(g, &c, &a, &s);
		assert_element(&c, want);
		group_mul_var(g, &c, &a, &s);
		assert_element(&c, want);
		if (i % 8 == 0) {
			group_table_init(g, &t, &a);
			group_table_mul(g, &c, &t, &s);
			assert_element(&c, want);
		}
		if (crypto_scalarmult_ristretto255_base(base, j) != 0)
			memset(base, 0, sizeof(base));
		group_mul_base(g, &c, &r);
		assert_element(&c, base);
		assert_int_equal(crypto_core_ristretto255_add(want, want, base), 0);
		group_mul_base_add_var(g, &c, &r, &a, &s);
		assert_element(&c, want);
	}
}

static void scalars_calculate_the_same(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t x[LEN], y[LEN], want[LEN], wide[64];
	struct scalar a, b, c;

	(void)state;
	for (int i = 0; i < 4 * ROUNDS; i++) {
		any_scalar(x);
		any_scalar(y);
		decode_scalar(&a, x);
		decode_scalar(&b, y);
		crypto_core_ristretto255_scalar_add(want, x, y);
		group_scalar_add(g, &c, &a, &b);
		assert_scalar(&c, want);
		crypto_core_ristretto255_scalar_sub(want, x, y);
		group_scalar_sub(g, &c, &a, &b);
		assert_scalar(&c, want);
		crypto_core_ristretto255_scalar_mul(want, x, y);
		group_scalar_mul(g, &c, &a, &b);
		assert_scalar(&c, want);
		crypto_core_ristretto255_scalar_negate(want, x);
		group_scalar_neg(g, &c, &a);
		assert_scalar(&c, want);
		prng_bytes(&prng, wide, sizeof(wide));
		crypto_core_ristretto255_scalar_reduce(want, wide);
		group_scalar_wide(g, &c, wide);
		assert_scalar(&c, want);
		if (i % 8 != 0 || sodium_is_zero(x, LEN))
			continue;
		assert_int_equal(crypto_core_ristretto255_scalar_invert(want, x), 0);
		group_scalar_inv(g, &c, &a);
		assert_scalar(&c, want);
	}
}

/* A string that is reduced is a scalar, and no other: reduction is libsodium's. */
static void only_reduced_strings_are_scalars(void **state)
{
	size_t taken = 0;

	(void)state;
	for (int i = 0; i < 4 * ROUNDS; i++) {
		uint8_t bytes[64];
		uint8_t reduced[LEN];
		struct scalar k;
		enum status st;

		memset(bytes, 0, sizeof(bytes));
		any_scalar(bytes);
		if (i % 2 == 0)
			prng_bytes(&prng, bytes, LEN);
		if (i % 4 == 0)
			bytes[LEN - 1] &= 0x1f;
		crypto_core_ristretto255_scalar_reduce(reduced, bytes);
		st = group_scalar_decode(group_ristretto255(), &k, bytes);
		assert_int_equal(st, memcmp(reduced, bytes, LEN) == 0 ? ST_OK : ST_SCALAR);
		taken += st == ST_OK;
	}
	assert_in_range(taken, 2 * ROUNDS, 7 * ROUNDS / 2);
}

/* What is derived lies in any coset of the curve's small subgroup: equality must not see that. */
static void derived_elements_are_the_same(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		uint8_t uniform[64];
		uint8_t want[LEN];
		struct element a, b;

		prng_bytes(&prng, uniform, sizeof(uniform));
		if (i % 16 == 0)
			memset(uniform, i % 32 == 0 ? 0 : 0xff, LEN);
		assert_int_equal(crypto_core_ristretto255_from_hash(want, uniform), 0);
		assert_int_equal(group_derive(g, &a, uniform), ST_OK);
		assert_element(&a, want);
		decode(&b, want);
		assert_true(group_is_equal(g, &a, &b));
		group_sub(g, &a, &a, &b);
		assert_true(group_is_identity(g, &a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_strings_get_the_same_verdict),
		cmocka_unit_test(mutants_of_valid_points_get_the_same_verdict),
		cmocka_unit_test(strings_near_the_edges_get_the_same_verdict),
		cmocka_unit_test(sums_are_the_same),
		cmocka_unit_test(multiples_are_the_same),
		cmocka_unit_test(scalars_calculate_the_same),
		cmocka_unit_test(only_reduced_strings_are_scalars),
		cmocka_unit_test(derived_elements_are_the_same),
	};

	if (crypto_init() != ST_OK)
		return 1;
	prng_seed(&prng, "test_group_differential");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
