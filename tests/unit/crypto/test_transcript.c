/* test_transcript.c: RFC 9380 expansion by its figures; what is hashed is told apart (N65). */
#include "crypto/mem.h"
#include "crypto/transcript.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/suites.h"
#include "tests/vectors/rfc9380.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void expansion_gives_the_figures_of_the_rfc(void **state)
{
	(void)state;
	assert_int_equal(COUNT(rfc9380), 10);
	for (size_t i = 0; i < COUNT(rfc9380); i++) {
		uint8_t want[256];
		uint8_t have[256];

		assert_true(rfc9380[i].out_len <= sizeof(have));
		hex_exact(want, rfc9380[i].out_len, rfc9380[i].out);
		expand_message_xmd(have, rfc9380[i].out_len, rfc9380[i].msg, strlen(rfc9380[i].msg),
		                   RFC9380_DST, sizeof(RFC9380_DST) - 1);
		assert_memory_equal(have, want, rfc9380[i].out_len);
	}
}

static void a_message_in_pieces_expands_alike(void **state)
{
	static const char msg[] = "abcdef0123456789";
	uint8_t whole[100];

	(void)state;
	expand_message_xmd(whole, sizeof(whole), msg, strlen(msg), "dst", 3);
	for (size_t cut = 0; cut <= strlen(msg); cut++) {
		uint8_t parts[sizeof(whole)];
		struct hash h;

		expand_start(&h);
		hash_update(&h, msg, cut);
		hash_update(&h, msg + cut, strlen(msg) - cut);
		expand_finish(&h, parts, sizeof(parts), "dst", 3);
		assert_memory_equal(parts, whole, sizeof(whole));
	}
}

static void a_challenge_is_the_expansion_of_the_framed_fields(void **state)
{
	static const uint8_t framed[] = { 0, 0, 0, 2, 'a', 'b', 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 1, 2,
	                                  0, 0, 0, 1, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9 };
	static const char dst[] = "kalpis/v1/test";

	(void)state;
	for (const struct group *const *g = suites_all(); *g != NULL; g++) {
		struct transcript t;
		struct scalar have;
		struct scalar want;

		transcript_init(&t, *g, "test");
		transcript_field(&t, "ab", 2);
		transcript_text(&t, "");
		transcript_u32(&t, 0x102);
		transcript_u8(&t, 7);
		transcript_u64(&t, 9);
		transcript_challenge(&t, &have);
		assert_true(mem_is_zero(&t, sizeof(t)));
		hash_to_scalar(*g, &want, framed, sizeof(framed), dst, sizeof(dst) - 1);
		assert_true(group_scalar_is_equal(*g, &have, &want));
	}
}

static void elements_and_scalars_enter_as_their_encodings(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_all(); *g != NULL; g++) {
		uint8_t e[GROUP_ELEMENT_BYTES_MAX];
		uint8_t s[GROUP_SCALAR_BYTES_MAX];
		struct transcript t;
		struct element element;
		struct scalar scalar;
		struct scalar have;
		struct scalar want;

		group_scalar_u64(*g, &scalar, 5);
		group_mul_base(*g, &element, &scalar);
		group_encode(*g, e, &element);
		group_scalar_encode(*g, s, &scalar);
		transcript_init(&t, *g, "test");
		transcript_element(&t, &element);
		transcript_scalar(&t, &scalar);
		transcript_challenge(&t, &have);
		transcript_init(&t, *g, "test");
		transcript_field(&t, e, group_element_len(*g));
		transcript_field(&t, s, group_scalar_len(*g));
		transcript_challenge(&t, &want);
		assert_true(group_scalar_is_equal(*g, &have, &want));
	}
}

static void challenge_of(struct scalar *out, const char *purpose, const char *a, const char *b)
{
	struct transcript t;

	transcript_init(&t, group_ristretto255(), purpose);
	transcript_text(&t, a);
	if (b != NULL)
		transcript_text(&t, b);
	transcript_challenge(&t, out);
}

/* N65: fixed tags and lengths leave no two readings of the same bytes. */
static void other_fields_or_purposes_give_other_challenges(void **state)
{
	static const struct {
		const char *purpose;
		const char *a;
		const char *b;
	} all[] = {
		{ "p", "ab", "c" }, { "p", "a", "bc" }, { "p", "abc", "" }, { "p", "", "abc" },
		{ "p", "abc", NULL }, { "q", "ab", "c" }, { "pa", "b", "c" }, { "p", "ab", "d" },
	};
	struct scalar c[COUNT(all)];

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct scalar again;

		challenge_of(&c[i], all[i].purpose, all[i].a, all[i].b);
		challenge_of(&again, all[i].purpose, all[i].a, all[i].b);
		assert_true(group_scalar_is_equal(group_ristretto255(), &c[i], &again));
		for (size_t j = 0; j < i; j++)
			assert_false(group_scalar_is_equal(group_ristretto255(), &c[i], &c[j]));
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
		cmocka_unit_test(expansion_gives_the_figures_of_the_rfc),
		cmocka_unit_test(a_message_in_pieces_expands_alike),
		cmocka_unit_test(a_challenge_is_the_expansion_of_the_framed_fields),
		cmocka_unit_test(elements_and_scalars_enter_as_their_encodings),
		cmocka_unit_test(other_fields_or_purposes_give_other_challenges),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
