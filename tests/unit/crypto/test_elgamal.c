/*
 * test_elgamal.c: ciphertexts add up as the numbers in them do; one opens as what it holds and as
 * nothing else (N19, N38); encodings are canonical (N02, N05).
 */
#include "crypto/elgamal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct keys {
	struct scalar x;
	struct element y;
};

static void keygen(const struct group *g, struct keys *k)
{
	rng_scalar(g, &k->x);
	group_mul_base(g, &k->y, &k->x);
}

/* b - x*a == m*g */
static bool holds(const struct group *g, const struct keys *k, const struct ciphertext *ct,
                  uint64_t m)
{
	struct element shared, want;
	struct scalar number;

	group_mul(g, &shared, &ct->a, &k->x);
	group_sub(g, &shared, &ct->b, &shared);
	group_scalar_u64(g, &number, m);
	group_mul_base(g, &want, &number);
	return group_is_equal(g, &shared, &want);
}

static void encrypt(const struct group *g, struct ciphertext *out, struct scalar *r,
                    const struct keys *k, uint64_t m)
{
	rng_scalar(g, r);
	elgamal_encrypt_u64(g, out, &k->y, NULL, r, m);
}

static void the_key_reads_what_was_encrypted_and_nothing_else(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 2, 1000000, UINT64_MAX };

	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct keys k, other;

		keygen(*g, &k);
		keygen(*g, &other);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			struct ciphertext ct;
			struct scalar r;

			encrypt(*g, &ct, &r, &k, numbers[i]);
			assert_false(holds(*g, &k, &ct, numbers[i] + 1));
			assert_false(holds(*g, &other, &ct, numbers[i]));
			assert_true(holds(*g, &k, &ct, numbers[i]));
		}
	}
}

static void a_table_of_the_key_changes_nothing(void **state)
{
	static struct group_table table;

	(void)state;
	for (const struct group *const *g = suites_all(); *g != NULL; g++) {
		struct ciphertext with, without;
		struct scalar r, m;
		struct keys k;

		keygen(*g, &k);
		rng_scalar(*g, &r);
		group_scalar_u64(*g, &m, 3);
		group_table_init(*g, &table, &k.y);
		elgamal_encrypt(*g, &with, &k.y, &table, &r, &m);
		elgamal_encrypt(*g, &without, &k.y, NULL, &r, &m);
		assert_true(ciphertext_is_equal(*g, &with, &without));
		elgamal_encrypt_u64(*g, &without, &k.y, &table, &r, 4);
		assert_false(ciphertext_is_equal(*g, &with, &without));
	}
}

/* N38: whatever is altered in an opening, it opens no longer. */
static void a_ciphertext_opens_as_what_it_holds_alone(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct ciphertext ct, bad;
		struct scalar r, other, one;
		struct element step;
		struct keys k, k2;

		keygen(*g, &k);
		keygen(*g, &k2);
		encrypt(*g, &ct, &r, &k, 5);
		group_generator(*g, &step);
		group_scalar_u64(*g, &one, 1);
		group_scalar_add(*g, &other, &r, &one);
		assert_int_equal(elgamal_open_var(*g, &ct, &k.y, &r, 4), ST_OPENING);
		assert_int_equal(elgamal_open_var(*g, &ct, &k.y, &other, 5), ST_OPENING);
		assert_int_equal(elgamal_open_var(*g, &ct, &k2.y, &r, 5), ST_OPENING);
		bad = ct;
		group_add(*g, &bad.a, &bad.a, &step);
		assert_int_equal(elgamal_open_var(*g, &bad, &k.y, &r, 5), ST_OPENING);
		bad = ct;
		group_add(*g, &bad.b, &bad.b, &step);
		assert_int_equal(elgamal_open_var(*g, &bad, &k.y, &r, 5), ST_OPENING);
		assert_int_equal(elgamal_open_var(*g, &bad, &k.y, &r, 6), ST_OK);
		bad.a = ct.b;
		bad.b = ct.a;
		assert_int_equal(elgamal_open_var(*g, &bad, &k.y, &r, 5), ST_OPENING);
		assert_int_equal(elgamal_open_var(*g, &ct, &k.y, &r, 5), ST_OK);
	}
}

static void sums_differences_and_multiples_hold_theirs(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct ciphertext three, five, out;
		struct scalar r;
		struct keys k;

		keygen(*g, &k);
		encrypt(*g, &three, &r, &k, 3);
		encrypt(*g, &five, &r, &k, 5);
		ciphertext_add(*g, &out, &three, &five);
		assert_true(holds(*g, &k, &out, 8));
		ciphertext_sub(*g, &out, &out, &three);
		assert_true(ciphertext_is_equal(*g, &out, &five));
		ciphertext_zero(*g, &out);
		assert_true(holds(*g, &k, &out, 0));
		ciphertext_add(*g, &out, &out, &five);
		assert_true(ciphertext_is_equal(*g, &out, &five));
		for (uint64_t times = 0; times < 4; times++) {
			ciphertext_scale_var(*g, &out, &three, times);
			assert_true(holds(*g, &k, &out, 3 * times));
		}
		ciphertext_scale_var(*g, &out, &three, (uint64_t)1 << 40);
		assert_true(holds(*g, &k, &out, (uint64_t)3 << 40));
		ciphertext_scale_var(*g, &three, &three, 7);
		assert_true(holds(*g, &k, &three, 21));
	}
}

/* N19 */
static void encrypting_twice_gives_two_ciphertexts(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct ciphertext one, two;
		struct scalar r;
		struct keys k;

		keygen(*g, &k);
		encrypt(*g, &one, &r, &k, 1);
		encrypt(*g, &two, &r, &k, 1);
		assert_false(group_is_equal(*g, &one.a, &two.a));
		assert_false(group_is_equal(*g, &one.b, &two.b));
	}
}

static void bytes_that_encode_no_ciphertext_are_refused(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		uint8_t bytes[CIPHERTEXT_BYTES_MAX], again[CIPHERTEXT_BYTES_MAX];
		size_t half = group_element_len(*g);
		struct ciphertext ct, out, zero;
		struct scalar r;
		struct keys k;

		keygen(*g, &k);
		encrypt(*g, &ct, &r, &k, 1);
		ciphertext_zero(*g, &zero);
		assert_int_equal(ciphertext_len(*g), 2 * half);
		for (size_t which = 0; which < 2; which++) {
			ciphertext_encode(*g, bytes, &ct);
			memset(bytes + which * half, 0xff, half);
			out = ct;
			assert_int_equal(ciphertext_decode_var(*g, &out, bytes), ST_ELEMENT);
			assert_true(ciphertext_is_equal(*g, &out, &zero));
			ciphertext_encode(*g, bytes, &ct);
			forge_element_identity(*g, bytes + which * half);
			assert_int_equal(ciphertext_decode_var(*g, &out, bytes), ST_OK);
		}
		ciphertext_encode(*g, bytes, &ct);
		assert_int_equal(ciphertext_decode_var(*g, &out, bytes), ST_OK);
		assert_true(ciphertext_is_equal(*g, &out, &ct));
		ciphertext_encode(*g, again, &out);
		assert_memory_equal(again, bytes, ciphertext_len(*g));
	}
}

/* All keys, randomness and numbers of the tiny group. */
static void every_tiny_ciphertext_opens_as_its_number_alone(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t x = 1; x < SUITES_TINY_ORDER; x++)
		for (uint64_t r = 0; r < SUITES_TINY_ORDER; r++)
			for (uint64_t m = 0; m < SUITES_TINY_ORDER; m++) {
				struct ciphertext ct;
				struct scalar random;
				struct keys k;

				group_scalar_u64(g, &k.x, x);
				group_mul_base(g, &k.y, &k.x);
				group_scalar_u64(g, &random, r);
				elgamal_encrypt_u64(g, &ct, &k.y, NULL, &random, m);
				assert_true(holds(g, &k, &ct, m));
				for (uint64_t n = 0; n < SUITES_TINY_ORDER; n++)
					assert_int_equal(elgamal_open_var(g, &ct, &k.y, &random, n),
					                 n == m ? ST_OK : ST_OPENING);
			}
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_reads_what_was_encrypted_and_nothing_else),
		cmocka_unit_test(a_table_of_the_key_changes_nothing),
		cmocka_unit_test(a_ciphertext_opens_as_what_it_holds_alone),
		cmocka_unit_test(sums_differences_and_multiples_hold_theirs),
		cmocka_unit_test(encrypting_twice_gives_two_ciphertexts),
		cmocka_unit_test(bytes_that_encode_no_ciphertext_are_refused),
		cmocka_unit_test(every_tiny_ciphertext_opens_as_its_number_alone),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
