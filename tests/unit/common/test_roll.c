/* test_roll.c: a roll is one set of credentials in one order, within the manifest's rules. */
#include "common/election/credential.h"
#include "common/election/roll.h"
#include "crypto/mem.h"
#include "crypto/merkle.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/parties.h"
#include "tests/unit/lib/prng.h"
#include "tests/vectors/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEY = 32, ENTRY = KEY + 6, CHUNK = LIMIT_ROLL_CHUNK };

static struct parties people;
static struct manifest *plain;      /* weights_reveal refused; K = 5 */
static struct manifest *weighted;   /* accepted */
static const struct group *g;
static uint8_t good[(CHUNK + 1) * ENTRY];   /* sorted, weight 1, styles 0 and 1 */

static void put_entry(uint8_t *at, const uint8_t *key, uint32_t weight, uint16_t style)
{
	struct roll_entry e = { .key = key, .weight = weight, .style = style };
	struct writer w;
	size_t len;

	writer_init(&w, at, ENTRY);
	roll_entry_write(&w, g, &e);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	assert_int_equal(len, ENTRY);
}

static void put_tail(uint8_t *at, uint32_t weight, uint16_t style)
{
	uint8_t key[KEY];

	memcpy(key, at, KEY);
	put_entry(at, key, weight, style);
}

static enum status assemble(struct roll **r, const struct manifest *m, const uint8_t *entries,
                            size_t count)
{
	struct roll_chunk chunk = { .entries = entries, .len = count * ENTRY };

	return roll_assemble(r, NULL, m, &chunk, 1);
}

/* --- chunks -------------------------------------------------------------------------------- */

static void a_good_chunk_is_accepted_up_to_the_limit(void **state)
{
	struct refusal why;

	(void)state;
	assert_int_equal(roll_entry_len(g), ENTRY);
	assert_int_equal(roll_chunk_entries_max(g), CHUNK);
	assert_int_equal(roll_chunk_check(plain, &why, good, ENTRY), ST_OK);
	assert_int_equal(roll_chunk_check(plain, &why, good, CHUNK * ENTRY), ST_OK);
	assert_int_equal(roll_chunk_check(plain, &why, good, (CHUNK + 1) * ENTRY), ST_LIMIT);
	assert_string_equal(why.reason, "a chunk has at most 4096 entries");
}

static void a_chunk_of_any_suite_fits_a_transaction(void **state)
{
	static const char *const suites[] = { "ristretto255", "belenios-2048", "rfc3526-2048" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct group *suite = group_by_name(suites[i]);
		size_t bytes = roll_chunk_entries_max(suite) * roll_entry_len(suite);

		assert_in_range(bytes, 1, LIMIT_TX_BYTES - 512);
	}
}

static void half_an_entry_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len <= 3 * ENTRY; len++)
		assert_int_equal(roll_chunk_check(plain, NULL, good, len),
		                 len > 0 && len % ENTRY == 0 ? ST_OK : ST_FORMAT);
}

struct spoiled {
	const char *what;
	enum status st;
	const char *path;
	const char *reason;
};

/* Five entries of which the third is spoiled. */
static void expect(const uint8_t *entries, const struct spoiled *s)
{
	struct refusal why = { .line = 9 };
	enum status st = roll_chunk_check(plain, &why, entries, 5 * ENTRY);

	if (st != s->st || strcmp(why.path, s->path) != 0 || strcmp(why.reason, s->reason) != 0)
		fail_msg("%s: %s, \"%s\": %s", s->what, status_name(st), why.path, why.reason);
	assert_int_equal(why.line, 0);
}

static void every_bad_entry_is_refused_with_its_number(void **state)
{
	static const struct { uint32_t weight; uint16_t style; struct spoiled s; } tails[] = {
		{ 0, 0, { "no weight", ST_LIMIT, "[2]", "the weight is 0; it must be 1 to 1000000" } },
		{ LIMIT_WEIGHT + 1, 0,
		  { "heavy", ST_LIMIT, "[2]", "the weight is 1000001; it must be 1 to 1000000" } },
		{ 1, 2, { "style", ST_STYLE, "[2]", "the manifest has no ballot style 2" } },
		{ 1, 0xffff, { "style", ST_STYLE, "[2]", "the manifest has no ballot style 65535" } },
	};
	uint8_t entries[5 * ENTRY];

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		memcpy(entries, good, sizeof(entries));
		put_tail(entries + 2 * ENTRY, tails[i].weight, tails[i].style);
		expect(entries, &tails[i].s);
	}
	put_tail(entries + 2 * ENTRY, LIMIT_WEIGHT, 1);
	assert_int_equal(roll_chunk_check(plain, NULL, entries, sizeof(entries)), ST_OK);
	/* Odd numbers are no ristretto255 encodings (RFC 9496: negative). */
	entries[2 * ENTRY] ^= 1;
	expect(entries, &(struct spoiled){ "element", ST_ELEMENT, "[2]",
	                                   "the credential is not an element of the group" });
}

static void the_identity_is_no_credential(void **state)
{
	uint8_t entries[5 * ENTRY];

	(void)state;
	memcpy(entries, good, sizeof(entries));
	memset(entries, 0, KEY);
	expect(entries, &(struct spoiled){ "identity", ST_IDENTITY, "[0]",
	                                   "the credential is the neutral element" });
}

static void a_repeated_or_misplaced_credential_is_refused(void **state)
{
	uint8_t entries[5 * ENTRY];

	(void)state;
	memcpy(entries, good, sizeof(entries));
	memcpy(entries + 3 * ENTRY, entries + 2 * ENTRY, KEY);
	expect(entries, &(struct spoiled){ "twice", ST_DUPLICATE, "[3]",
	                                   "the credential is on the roll twice" });
	/* Also with another weight and style. */
	put_tail(entries + 3 * ENTRY, 7, 1);
	assert_int_equal(roll_chunk_check(plain, NULL, entries, sizeof(entries)), ST_DUPLICATE);
	memcpy(entries, good, sizeof(entries));
	memcpy(entries + 2 * ENTRY, good + 3 * ENTRY, ENTRY);
	memcpy(entries + 3 * ENTRY, good + 2 * ENTRY, ENTRY);
	expect(entries, &(struct spoiled){ "order", ST_ORDER, "[3]",
	                                   "the entries are not in ascending order" });
}

static void sorting_gives_one_order(void **state)
{
	uint8_t entries[200 * ENTRY], one[ENTRY];
	struct prng r;

	(void)state;
	prng_seed(&r, __func__);
	memcpy(entries, good, sizeof(entries));
	for (size_t i = 200; i > 1; i--) {
		size_t j = prng_below(&r, i);

		memcpy(one, entries + j * ENTRY, ENTRY);
		memcpy(entries + j * ENTRY, entries + (i - 1) * ENTRY, ENTRY);
		memcpy(entries + (i - 1) * ENTRY, one, ENTRY);
	}
	assert_int_equal(roll_chunk_check(plain, NULL, entries, sizeof(entries)), ST_ORDER);
	roll_sort(g, entries, 200);
	assert_memory_equal(entries, good, sizeof(entries));
}

/* --- the whole ----------------------------------------------------------------------------- */

static void a_roll_says_what_its_entries_say(void **state)
{
	struct roll *r;
	struct roll_entry e;
	uint8_t (*leaf)[MERKLE_HASH_BYTES] = calloc(1000, sizeof(*leaf));
	struct merkle_leaves leaves = { .leaf = (const uint8_t (*)[MERKLE_HASH_BYTES])leaf,
	                                .count = 1000 };
	struct merkle_source source = merkle_leaves_source(&leaves);
	uint8_t root[MERKLE_HASH_BYTES];

	(void)state;
	assert_non_null(leaf);
	assert_int_equal(assemble(&r, plain, good, 1000), ST_OK);
	assert_int_equal(r->count, 1000);
	assert_true(r->weight_sum == 1000);
	assert_false(r->is_weighted);
	for (uint32_t i = 0; i < 1000; i++) {
		roll_at(r, i, &e);
		assert_memory_equal(e.key, good + i * ENTRY, KEY);
		assert_int_equal(e.weight, 1);
		assert_int_equal(e.style, i % 2);
		assert_int_equal(roll_find(r, good + i * ENTRY), i);
		merkle_leaf_hash(leaf[i], good + i * ENTRY, ENTRY);
	}
	assert_int_equal(merkle_root(&source, root, 1000), ST_OK);
	assert_memory_equal(r->root, root, sizeof(root));
	assert_true(roll_find(r, good + 1000 * ENTRY) == ROLL_NONE);
	memset(root, 0, sizeof(root));
	assert_true(roll_find(r, root) == ROLL_NONE);
	memset(root, 0xff, sizeof(root));
	assert_true(roll_find(r, root) == ROLL_NONE);
	roll_free(r);
	free(leaf);
}

static void how_it_was_cut_into_chunks_does_not_matter(void **state)
{
	struct roll *whole, *cut;
	struct roll_chunk chunks[100];
	struct prng rng;
	size_t at = 0, n = 0;

	(void)state;
	prng_seed(&rng, __func__);
	assert_int_equal(assemble(&whole, plain, good, 1000), ST_OK);
	while (at < 1000) {
		size_t count = n == 99 ? 1000 - at : 1 + prng_below(&rng, 30);

		if (count > 1000 - at)
			count = 1000 - at;
		chunks[n++] = (struct roll_chunk){ good + at * ENTRY, count * ENTRY };
		at += count;
	}
	assert_int_equal(roll_assemble(&cut, NULL, plain, chunks, n), ST_OK);
	assert_int_equal(cut->count, 1000);
	assert_memory_equal(cut->root, whole->root, sizeof(whole->root));
	roll_free(cut);
	/* But their order does, and that none is left out or there twice. */
	struct roll_chunk first = chunks[0];
	chunks[0] = chunks[1];
	chunks[1] = first;
	assert_int_equal(roll_assemble(&cut, NULL, plain, chunks, n), ST_ORDER);
	assert_null(cut);
	chunks[0] = first;
	assert_int_equal(roll_assemble(&cut, NULL, plain, chunks, n), first.len > ENTRY ? ST_ORDER
	                                                                              : ST_DUPLICATE);
	roll_free(whole);
}

static void a_credential_more_or_less_changes_root_and_count(void **state)
{
	struct roll *a, *b;

	(void)state;
	assert_int_equal(assemble(&a, plain, good, 100), ST_OK);
	assert_int_equal(assemble(&b, plain, good, 101), ST_OK);
	assert_int_equal(b->count, 101);
	assert_memory_not_equal(a->root, b->root, sizeof(a->root));
	roll_free(b);
	roll_free(a);
}

/* N30: the weight and the style are in the leaf. */
static void weight_and_style_are_under_the_root(void **state)
{
	uint8_t entries[3 * ENTRY];
	struct roll *a, *b;

	(void)state;
	memcpy(entries, good, sizeof(entries));
	assert_int_equal(assemble(&a, weighted, entries, 3), ST_OK);
	put_tail(entries + ENTRY, 2, 1);
	assert_int_equal(assemble(&b, weighted, entries, 3), ST_OK);
	assert_true(b->weight_sum == 4);
	assert_true(b->is_weighted);
	assert_memory_not_equal(a->root, b->root, sizeof(a->root));
	roll_free(b);
	put_tail(entries + ENTRY, 1, 0);
	assert_int_equal(assemble(&b, weighted, entries, 3), ST_OK);
	assert_memory_not_equal(a->root, b->root, sizeof(a->root));
	roll_free(b);
	roll_free(a);
}

static void an_empty_roll_is_refused(void **state)
{
	struct roll_chunk empty = { good, 0 };
	struct refusal why;
	struct roll *r;

	(void)state;
	assert_int_equal(roll_assemble(&r, &why, plain, NULL, 0), ST_ROLL);
	assert_string_equal(why.reason, "the roll is empty");
	assert_null(r);
	assert_int_equal(roll_assemble(&r, &why, plain, &empty, 1), ST_FORMAT);
}

static void unequal_weights_need_the_manifest_to_accept_them(void **state)
{
	uint8_t entries[2 * ENTRY];
	struct roll_chunk chunk = { entries, sizeof(entries) };
	struct refusal why;
	struct roll *r;

	(void)state;
	memcpy(entries, good, sizeof(entries));
	put_tail(entries, 7, 0);
	assert_int_equal(roll_assemble(&r, &why, plain, &chunk, 1), ST_DEFINITION);
	assert_non_null(strstr(why.reason, "\"weights_reveal\": \"accepted\""));
	assert_int_equal(roll_assemble(&r, &why, weighted, &chunk, 1), ST_OK);
	roll_free(r);
	/* Equal ones reveal nothing, whatever they are. */
	put_tail(entries + ENTRY, 7, 1);
	assert_int_equal(roll_assemble(&r, &why, plain, &chunk, 1), ST_OK);
	assert_false(r->is_weighted);
	assert_true(r->weight_sum == 14);
	roll_free(r);
}

/* K * sum <= 2^36 with K = 5: floor(2^36 / 5) = 13743895347. */
static void a_count_beyond_what_can_be_found_is_refused(void **state)
{
	struct refusal why;

	(void)state;
	assert_int_equal(plain->value_max, 5);
	assert_int_equal(roll_weights_check(plain, &why, 13743895347u, false), ST_OK);
	assert_int_equal(roll_weights_check(plain, &why, 13743895348u, false), ST_LIMIT);
	assert_non_null(strstr(why.reason, "one selection takes up to 5 and all weights make "
	                                   "13743895348"));
	assert_int_equal(roll_weights_check(plain, &why, UINT64_MAX, false), ST_LIMIT);
}

/*
 * Found by a search of 2^30 hashes: under an election_id of zeros these two (not group elements;
 * assembling does not decode) have the fingerprint C346-8402-7948-693.
 */
static void two_entries_with_one_fingerprint_are_refused(void **state)
{
	static const uint8_t clash[2][8] = {
		{ 0x07, 0xd6, 0x05, 0x89, 0xcd, 0xb0, 0x07, 0xf8 },
		{ 0x0f, 0xfd, 0x78, 0xea, 0x73, 0x79, 0xfb, 0xe0 },
	};
	struct manifest m = *plain;
	uint8_t entries[3 * ENTRY] = { 0 };
	struct roll_chunk chunk = { entries, sizeof(entries) };
	struct refusal why;
	struct roll *r;

	(void)state;
	memset(m.election_id, 0, sizeof(m.election_id));
	memcpy(entries, clash[0], 8);
	memcpy(entries + ENTRY, "\x08", 1);
	memcpy(entries + 2 * ENTRY, clash[1], 8);
	for (size_t i = 0; i < 3; i++)
		put_tail(entries + i * ENTRY, 1, 0);
	assert_true(credential_fingerprint(m.election_id, entries, KEY) == 0xc34684027948693u);
	assert_true(credential_fingerprint(m.election_id, entries + 2 * ENTRY, KEY) ==
	            0xc34684027948693u);
	assert_int_equal(roll_assemble(&r, &why, &m, &chunk, 1), ST_DUPLICATE);
	assert_string_equal(why.reason, "two credentials have the same fingerprint");
	assert_null(r);
	/* In another election the same two do not clash. */
	assert_int_equal(roll_assemble(&r, &why, plain, &chunk, 1), ST_OK);
	roll_free(r);
}

/* Keys that count upwards: assembling does not decode them. */
static void the_largest_roll_fits_and_one_more_does_not(void **state)
{
	size_t chunks_len = (LIMIT_VOTERS + 1 + CHUNK - 1) / CHUNK;
	uint8_t *entries = calloc(LIMIT_VOTERS + 1, ENTRY);
	struct roll_chunk *chunks = calloc(chunks_len, sizeof(*chunks));
	size_t last = LIMIT_VOTERS % CHUNK;
	struct refusal why;
	struct roll *r;

	(void)state;
	assert_true(entries != NULL && chunks != NULL);
	for (uint32_t i = 0; i <= LIMIT_VOTERS; i++) {
		uint8_t key[KEY] = { (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

		put_entry(entries + (size_t)i * ENTRY, key, 1, 0);
	}
	for (size_t i = 0; i < chunks_len; i++)
		chunks[i] = (struct roll_chunk){ entries + i * CHUNK * ENTRY, CHUNK * ENTRY };
	assert_true(last > 0);
	chunks[chunks_len - 1].len = (last + 1) * ENTRY;
	assert_int_equal(roll_assemble(&r, &why, plain, chunks, chunks_len), ST_LIMIT);
	assert_string_equal(why.reason, "a roll has at most 1000000 entries");
	chunks[chunks_len - 1].len = last * ENTRY;
	assert_int_equal(roll_assemble(&r, &why, plain, chunks, chunks_len), ST_OK);
	assert_int_equal(r->count, LIMIT_VOTERS);
	assert_int_equal(roll_find(r, entries + (LIMIT_VOTERS - 1) * (size_t)ENTRY), LIMIT_VOTERS - 1);
	roll_free(r);
	free(chunks);
	free(entries);
}

/* Roots of the second implementation, over ristretto255 and a modp group. */
static void a_second_implementation_finds_the_same_root(void **state)
{
	(void)state;
	for (size_t i = 0; i < CREDENTIAL_FIGURES; i++) {
		const struct credential_figures *f = &credential_figures[i];
		struct manifest m = *weighted;
		size_t key_len, len;
		uint8_t entries[CREDENTIAL_VOTERS * (GROUP_ELEMENT_BYTES_MAX + 6)], root[32];
		struct roll_chunk chunk = { .entries = entries };
		struct writer w;
		struct roll *r;

		m.suite = group_by_name(f->suite);
		hex_exact(m.election_id, sizeof(m.election_id), f->election_id);
		key_len = group_element_len(m.suite);
		writer_init(&w, entries, sizeof(entries));
		for (uint32_t v = 0; v < CREDENTIAL_VOTERS; v++) {
			uint8_t key[GROUP_ELEMENT_BYTES_MAX];
			struct roll_entry e = { .key = key, .weight = 1 + v % 3, .style = v % 2 };

			hex_exact(key, key_len, f->voter[v].key);
			roll_entry_write(&w, m.suite, &e);
		}
		assert_int_equal(writer_end(&w, &len), ST_OK);
		roll_sort(m.suite, entries, CREDENTIAL_VOTERS);
		chunk.len = len;
		assert_int_equal(roll_chunk_check(&m, NULL, entries, len), ST_OK);
		assert_int_equal(roll_assemble(&r, NULL, &m, &chunk, 1), ST_OK);
		hex_exact(root, sizeof(root), f->root);
		assert_memory_equal(r->root, root, sizeof(root));
		assert_true(r->weight_sum == 9);
		roll_free(r);
	}
}

/* --- start --------------------------------------------------------------------------------- */

static struct manifest *with_weights(void)
{
	static const char revote[] = "\"revote\": \"never\"";
	static const char accepted[] = "\"weights_reveal\": \"accepted\"";
	char text[8192];
	const char *at = strstr(PARTIES_DEFINITION, revote);

	if (at == NULL)
		abort();
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - PARTIES_DEFINITION),
	               PARTIES_DEFINITION, accepted, at + strlen(revote));
	return parties_manifest(&people, text);
}

static int start(void **state)
{
	struct element key, generator;

	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	g = group_ristretto255();
	parties_make(&people, 4, 1);
	plain = parties_manifest(&people, PARTIES_DEFINITION);
	weighted = with_weights();
	group_generator(g, &generator);
	key = generator;
	for (size_t i = 0; i <= CHUNK; i++, group_add(g, &key, &key, &generator))
		group_encode(g, good + i * ENTRY, &key);
	roll_sort(g, good, CHUNK + 1);
	for (size_t i = 0; i <= CHUNK; i++)
		put_tail(good + i * ENTRY, 1, i % 2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	manifest_free(plain);
	manifest_free(weighted);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chunk_is_accepted_up_to_the_limit),
		cmocka_unit_test(a_chunk_of_any_suite_fits_a_transaction),
		cmocka_unit_test(half_an_entry_is_refused),
		cmocka_unit_test(every_bad_entry_is_refused_with_its_number),
		cmocka_unit_test(the_identity_is_no_credential),
		cmocka_unit_test(a_repeated_or_misplaced_credential_is_refused),
		cmocka_unit_test(sorting_gives_one_order),
		cmocka_unit_test(a_roll_says_what_its_entries_say),
		cmocka_unit_test(how_it_was_cut_into_chunks_does_not_matter),
		cmocka_unit_test(a_credential_more_or_less_changes_root_and_count),
		cmocka_unit_test(weight_and_style_are_under_the_root),
		cmocka_unit_test(an_empty_roll_is_refused),
		cmocka_unit_test(unequal_weights_need_the_manifest_to_accept_them),
		cmocka_unit_test(a_count_beyond_what_can_be_found_is_refused),
		cmocka_unit_test(two_entries_with_one_fingerprint_are_refused),
		cmocka_unit_test(the_largest_roll_fits_and_one_more_does_not),
		cmocka_unit_test(a_second_implementation_finds_the_same_root),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
