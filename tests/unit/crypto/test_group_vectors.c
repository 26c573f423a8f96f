/* test_group_vectors.c: ristretto255 against the figures of RFC 9496, appendix A. */
#include "crypto/group.h"
#include "crypto/mem.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/rfc9496.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void assert_encodes(const struct element *e, const char *hex)
{
	uint8_t want[32];
	uint8_t have[32];

	hex_exact(want, sizeof(want), hex);
	group_encode(group_ristretto255(), have, e);
	assert_memory_equal(have, want, sizeof(want));
}

/* Every bad encoding, whatever its reason, is refused and leaves the identity behind. */
static void every_bad_encoding_is_refused(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	assert_int_equal(COUNT(rfc9496_bad), 30);
	for (size_t i = 0; i < COUNT(rfc9496_bad); i++) {
		struct element e;
		uint8_t bytes[32];
		enum status st;

		group_generator(g, &e);
		hex_exact(bytes, sizeof(bytes), rfc9496_bad[i].hex);
		st = group_decode_var(g, &e, bytes);
		if (st != ST_ELEMENT)
			fail_msg("%s was taken (%s)", rfc9496_bad[i].hex, rfc9496_bad[i].reason);
		assert_true(group_is_identity(g, &e));
	}
}

static void multiples_of_the_generator_are_those_of_the_rfc(void **state)
{
	const struct group *g = group_ristretto255();
	struct element sum;
	struct element base;

	(void)state;
	group_identity(g, &sum);
	group_generator(g, &base);
	for (size_t i = 0; i < COUNT(rfc9496_multiples); i++) {
		struct element e;
		struct scalar k;
		uint8_t bytes[32];

		assert_encodes(&sum, rfc9496_multiples[i]);
		group_scalar_u64(g, &k, i);
		group_mul_base(g, &e, &k);
		assert_encodes(&e, rfc9496_multiples[i]);
		group_mul(g, &e, &base, &k);
		assert_encodes(&e, rfc9496_multiples[i]);
		group_mul_var(g, &e, &base, &k);
		assert_encodes(&e, rfc9496_multiples[i]);
		hex_exact(bytes, sizeof(bytes), rfc9496_multiples[i]);
		assert_int_equal(group_decode_var(g, &e, bytes), ST_OK);
		assert_true(group_is_equal(g, &e, &sum));
		assert_encodes(&e, rfc9496_multiples[i]);
		group_add(g, &sum, &sum, &base);
	}
}

static void derived_elements_are_those_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rfc9496_derive); i++) {
		struct element e;
		uint8_t uniform[64];

		hex_exact(uniform, sizeof(uniform), rfc9496_derive[i].uniform);
		assert_int_equal(group_derive(group_ristretto255(), &e, uniform), ST_OK);
		assert_encodes(&e, rfc9496_derive[i].element);
	}
}

/* RFC 9496 §4.3.4: the top bit of each half is masked off before the map. */
static void derivation_ignores_the_top_bit_of_each_half(void **state)
{
	uint8_t uniform[64];
	struct element a;
	struct element b;

	(void)state;
	hex_exact(uniform, sizeof(uniform), rfc9496_derive[0].uniform);
	assert_int_equal(group_derive(group_ristretto255(), &a, uniform), ST_OK);
	uniform[31] ^= 0x80;
	uniform[63] ^= 0x80;
	assert_int_equal(group_derive(group_ristretto255(), &b, uniform), ST_OK);
	assert_true(group_is_equal(group_ristretto255(), &a, &b));
	uniform[31] ^= 0x40;
	assert_int_equal(group_derive(group_ristretto255(), &b, uniform), ST_OK);
	assert_false(group_is_equal(group_ristretto255(), &a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bad_encoding_is_refused),
		cmocka_unit_test(multiples_of_the_generator_are_those_of_the_rfc),
		cmocka_unit_test(derived_elements_are_those_of_the_rfc),
		cmocka_unit_test(derivation_ignores_the_top_bit_of_each_half),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
