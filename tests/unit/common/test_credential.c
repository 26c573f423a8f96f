/* test_credential.c: codes that notice typing mistakes, and keys that belong to one election. */
#include "common/election/credential.h"
#include "crypto/mem.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/prng.h"
#include "tests/vectors/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char ALPHABET[33] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* Its check characters were computed by another program, from formats-files.md alone. */
static const char KNOWN[] = "0123-4567-89AB-CDEF-GHJK-MN0J";

static void plain(char out[static 25], const struct credential_code *c)
{
	for (size_t i = 0; i < 24; i++)
		out[i] = ALPHABET[c->digit[i]];
	out[24] = '\0';
}

static void fresh(struct credential_code *c, struct prng *r)
{
	for (size_t i = 0; i < CREDENTIAL_CODE_DATA; i++)
		c->digit[i] = (uint8_t)prng_below(r, 32);
	credential_code_complete(c);
}

static enum status parse(const char *text, size_t *wrong_at)
{
	struct credential_code c;

	return credential_code_parse(&c, wrong_at, text, strlen(text));
}

static void what_is_formatted_parses_to_the_same_code(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct credential_code a, b;
		char text[CREDENTIAL_CODE_TEXT];

		credential_code_generate(&a);
		credential_code_format(text, &a);
		assert_int_equal(strlen(text), CREDENTIAL_CODE_TEXT - 1);
		assert_int_equal(credential_code_parse(&b, NULL, text, strlen(text)), ST_OK);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void a_known_code_parses_to_its_digits(void **state)
{
	struct credential_code c;

	(void)state;
	assert_int_equal(credential_code_parse(&c, NULL, KNOWN, strlen(KNOWN)), ST_OK);
	for (size_t i = 0; i < CREDENTIAL_CODE_DATA; i++)
		assert_int_equal(c.digit[i], i);
}

static void every_single_wrong_character_is_noticed_and_pointed_at(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, __func__);
	for (int round = 0; round < 20; round++) {
		struct credential_code c;
		char text[25];
		size_t wrong_at;

		fresh(&c, &r);
		plain(text, &c);
		for (size_t i = 0; i < 24; i++) {
			char right = text[i];

			for (size_t d = 0; d < 32; d++) {
				text[i] = ALPHABET[d];
				if (text[i] == right) {
					assert_int_equal(parse(text, &wrong_at), ST_OK);
					assert_int_equal(wrong_at, 0);
					continue;
				}
				assert_int_equal(parse(text, &wrong_at), ST_CODE);
				assert_int_equal(wrong_at, i + 1);
			}
			text[i] = right;
		}
	}
}

/* Of any two characters, not neighbours only. */
static void every_swap_is_noticed(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, __func__);
	for (int round = 0; round < 100; round++) {
		struct credential_code c;
		char text[25];

		fresh(&c, &r);
		plain(text, &c);
		for (size_t i = 0; i < 24; i++)
			for (size_t j = i + 1; j < 24; j++) {
				char a = text[i], b = text[j];

				text[i] = b;
				text[j] = a;
				assert_int_equal(parse(text, NULL), a == b ? ST_OK : ST_CODE);
				text[i] = a;
				text[j] = b;
			}
	}
}

/* Linear over GF(32): what holds for one code holds for all, so one code is enough here. */
static void every_two_wrong_characters_are_noticed(void **state)
{
	struct credential_code c;
	char text[25];

	(void)state;
	assert_int_equal(credential_code_parse(&c, NULL, KNOWN, strlen(KNOWN)), ST_OK);
	plain(text, &c);
	for (size_t i = 0; i < 24; i++)
		for (size_t j = i + 1; j < 24; j++)
			for (unsigned int e = 1; e < 32; e++)
				for (unsigned int f = 1; f < 32; f++) {
					text[i] = ALPHABET[c.digit[i] ^ e];
					text[j] = ALPHABET[c.digit[j] ^ f];
					assert_int_equal(parse(text, NULL), ST_CODE);
					text[i] = ALPHABET[c.digit[i]];
					text[j] = ALPHABET[c.digit[j]];
				}
}

static void look_alikes_case_and_separators_do_not_matter(void **state)
{
	static const char *const ways[] = {
		"0123456789ABCDEFGHJKMN0J", "0123 4567 89ab cdef ghjk mn0j",
		"  O123-4567-89AB-CDEF-GHJK-MN0J ", "oI23-4567-89AB-CDEF-GHJK-MN0J",
		"0L23-4567-89AB-CDEF-GHJK-MN0J", "oi23-4567-89aB-CdEf-GHJK-MN0J",
		"0l23-4567-89AB-CDEF-GHJK-MN0J", "----0123456789ABCDEFGHJKMN0J",
	};
	struct credential_code a, b;

	(void)state;
	assert_int_equal(credential_code_parse(&a, NULL, KNOWN, strlen(KNOWN)), ST_OK);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		assert_int_equal(credential_code_parse(&b, NULL, ways[i], strlen(ways[i])), ST_OK);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void only_characters_of_the_alphabet_are_taken(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[] = "0123456789ABCDEFGHJKMN0J";
		struct credential_code out;
		enum status want = ST_CODE;

		text[5] = (char)c;
		if (c == '5')
			want = ST_OK;
		else if (c == 0 || strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyzIiLlOo",
		                          c) == NULL)
			want = ST_FORMAT;
		assert_int_equal(credential_code_parse(&out, NULL, text, 24), want);
		if (want != ST_OK)
			assert_true(mem_is_zero(&out, sizeof(out)));
	}
}

static void too_few_and_too_many_characters_are_refused(void **state)
{
	char text[80];

	(void)state;
	for (size_t len = 0; len < sizeof(text); len++) {
		struct credential_code out;

		memset(text, '0', sizeof(text));
		memcpy(text, "0123456789ABCDEFGHJKMN0J", 24);
		assert_int_equal(credential_code_parse(&out, NULL, text, len),
		                 len == 24 ? ST_OK : ST_FORMAT);
		memset(text + 24, ' ', sizeof(text) - 24);
		assert_int_equal(credential_code_parse(&out, NULL, text, len),
		                 len >= 24 && len <= CREDENTIAL_CODE_TYPED_MAX ? ST_OK : ST_FORMAT);
	}
}

/* The coset: a key held down is no code. */
static void one_character_repeated_is_no_code(void **state)
{
	char text[25] = { 0 };

	(void)state;
	for (size_t d = 0; d < 32; d++) {
		memset(text, ALPHABET[d], 24);
		assert_int_equal(parse(text, NULL), ST_CODE);
	}
}

static void a_code_gives_one_key_in_each_election(void **state)
{
	const struct group *g = group_ristretto255();
	struct credential_code code;
	struct credential a, b;
	struct element key;
	uint8_t election[32] = { 1 };
	uint8_t encoded[32];

	(void)state;
	credential_code_generate(&code);
	assert_int_equal(credential_derive(&a, g, election, &code), ST_OK);
	assert_int_equal(credential_derive(&b, g, election, &code), ST_OK);
	assert_memory_equal(a.key_bytes, b.key_bytes, 32);
	group_mul_base(g, &key, &a.secret);
	group_encode(g, encoded, &key);
	assert_memory_equal(a.key_bytes, encoded, 32);
	assert_int_equal(group_decode_var(g, &key, a.key_bytes), ST_OK);
	election[0] = 2;
	assert_int_equal(credential_derive(&b, g, election, &code), ST_OK);
	assert_memory_not_equal(a.key_bytes, b.key_bytes, 32);
	election[0] = 1;
	code.digit[0] ^= 1;
	assert_int_equal(credential_derive(&b, g, election, &code), ST_OK);
	assert_memory_not_equal(a.key_bytes, b.key_bytes, 32);
	credential_wipe(&a);
	assert_true(mem_is_zero(&a, sizeof(a)));
}

static void a_commitment_binds_election_key_and_blinding(void **state)
{
	uint8_t election[32] = { 1 }, key[32] = { 2 }, blinding[32] = { 3 };
	uint8_t first[32], other[32];
	uint8_t *const fields[] = { election, key, blinding };

	(void)state;
	credential_commit(first, election, key, sizeof(key), blinding);
	credential_commit(other, election, key, sizeof(key), blinding);
	assert_memory_equal(first, other, 32);
	for (size_t i = 0; i < 3; i++) {
		fields[i][31] ^= 1;
		credential_commit(other, election, key, sizeof(key), blinding);
		assert_memory_not_equal(first, other, 32);
		fields[i][31] ^= 1;
	}
}

static void a_fingerprint_is_sixty_bits_and_binds_the_election(void **state)
{
	uint8_t election[32] = { 1 }, key[32] = { 2 };
	uint64_t print = credential_fingerprint(election, key, sizeof(key));
	char text[CREDENTIAL_FINGERPRINT_TEXT];

	(void)state;
	assert_true(print < 1ull << 60);
	assert_true(print == credential_fingerprint(election, key, sizeof(key)));
	election[0] = 9;
	assert_true(print != credential_fingerprint(election, key, sizeof(key)));
	credential_fingerprint_format(text, 0);
	assert_string_equal(text, "0000-0000-0000");
	credential_fingerprint_format(text, 1);
	assert_string_equal(text, "0000-0000-0001");
	credential_fingerprint_format(text, (1ull << 60) - 1);
	assert_string_equal(text, "ZZZZ-ZZZZ-ZZZZ");
	credential_fingerprint_format(text, 0x123456789abcdefull);
	assert_string_equal(text, "28T5-CY4T-QKFF");
}

/* Codes, keys, commitments and fingerprints of the second implementation. */
static void a_second_implementation_finds_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < CREDENTIAL_FIGURES; i++) {
		const struct credential_figures *f = &credential_figures[i];
		const struct group *g = group_by_name(f->suite);
		size_t key_len = group_element_len(g);
		uint8_t election[32], blinding[32];

		hex_exact(election, sizeof(election), f->election_id);
		hex_exact(blinding, sizeof(blinding), f->blinding);
		for (size_t v = 0; v < CREDENTIAL_VOTERS; v++) {
			struct credential_code code;
			struct credential c;
			char text[CREDENTIAL_CODE_TEXT], print[CREDENTIAL_FINGERPRINT_TEXT];
			uint8_t want[GROUP_ELEMENT_BYTES_MAX], commitment[32];

			assert_int_equal(credential_code_parse(&code, NULL, f->voter[v].code,
			                                       strlen(f->voter[v].code)), ST_OK);
			credential_code_complete(&code);
			credential_code_format(text, &code);
			assert_string_equal(text, f->voter[v].code);
			assert_int_equal(credential_derive(&c, g, election, &code), ST_OK);
			hex_exact(want, key_len, f->voter[v].key);
			assert_memory_equal(c.key_bytes, want, key_len);
			credential_commit(commitment, election, c.key_bytes, key_len, blinding);
			hex_exact(want, 32, f->voter[v].commitment);
			assert_memory_equal(commitment, want, 32);
			credential_fingerprint_format(print, credential_fingerprint(election, c.key_bytes,
			                                                            key_len));
			assert_string_equal(print, f->voter[v].fingerprint);
		}
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
		cmocka_unit_test(what_is_formatted_parses_to_the_same_code),
		cmocka_unit_test(a_known_code_parses_to_its_digits),
		cmocka_unit_test(every_single_wrong_character_is_noticed_and_pointed_at),
		cmocka_unit_test(every_swap_is_noticed),
		cmocka_unit_test(every_two_wrong_characters_are_noticed),
		cmocka_unit_test(look_alikes_case_and_separators_do_not_matter),
		cmocka_unit_test(only_characters_of_the_alphabet_are_taken),
		cmocka_unit_test(too_few_and_too_many_characters_are_refused),
		cmocka_unit_test(one_character_repeated_is_no_code),
		cmocka_unit_test(a_code_gives_one_key_in_each_election),
		cmocka_unit_test(a_commitment_binds_election_key_and_blinding),
		cmocka_unit_test(a_fingerprint_is_sixty_bits_and_binds_the_election),
		cmocka_unit_test(a_second_implementation_finds_the_same),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
