/* test_card.c: a card says what its owner signed and nothing else. */
#include "common/election/card.h"
#include "common/base/alloc.h"
#include "crypto/mem.h"
#include "crypto/pok.h"
#include "tests/unit/lib/parties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct parties people;

static void a_card_reads_back_to_its_draft(void **state)
{
	(void)state;
	for (size_t i = 0; i < PARTIES_MAX; i++) {
		const struct party *y = &people.party[i];
		struct card c;
		struct refusal why;

		if (y->len == 0)
			continue;
		assert_int_equal(card_read(&c, &why, y->bytes, y->len), ST_OK);
		assert_int_equal(c.role, y->draft.role);
		assert_string_equal(c.name, y->draft.name);
		assert_memory_equal(c.sign_key, y->draft.sign_key, CARD_KEY_BYTES);
		assert_memory_equal(c.node_key, y->draft.node_key, CARD_KEY_BYTES);
		assert_memory_equal(c.checkpoint_key, y->draft.checkpoint_key, CARD_KEY_BYTES);
		assert_memory_equal(c.curve_key, y->draft.curve_key, CARD_KEY_BYTES);
		assert_memory_equal(c.enc_key_bytes, y->draft.enc_key_bytes, 32);
		assert_string_equal(c.address.host, y->draft.address.host);
		assert_int_equal(c.address.base, y->draft.address.base);
		if (c.role == CARD_TRUSTEE)
			assert_true(group_is_equal(c.suite, &c.enc_key, &y->draft.enc_key));
	}
}

static void a_card_is_canonical_json(void **state)
{
	static const char *const parts[] = {
		"{\"address\":\"node1.example:7000\",\"checkpoint_key\":\"", "\",\"curve_key\":\"",
		"\",\"encryption_key\":\"", "\",\"encryption_proof\":\"",
		"\",\"format\":\"kalpis/v1/card\",\"name\":\"Trustee 1\",\"node_key\":\"",
		"\",\"role\":\"trustee\",\"signature\":\"", "\",\"signing_key\":\"",
		"\",\"suite\":\"ristretto255\"}",
	};
	static const size_t hex[] = { 64, 64, 64, 128, 64, 128, 64, 0 };
	const struct party *y = &people.party[0];
	size_t pos = 0;

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		assert_true(pos + strlen(parts[i]) <= y->len);
		assert_memory_equal(y->bytes + pos, parts[i], strlen(parts[i]));
		pos += strlen(parts[i]) + hex[i];
	}
	assert_int_equal(pos, y->len);
}

/* Any byte, and any byte too few or too many. */
static void every_changed_byte_is_refused(void **state)
{
	static const size_t who[] = { 0, PARTIES_REGISTRAR };
	uint8_t bytes[CARD_BYTES_MAX];

	(void)state;
	for (size_t w = 0; w < 2; w++) {
		const struct party *y = &people.party[who[w]];
		struct card c;

		memcpy(bytes, y->bytes, y->len);
		for (size_t i = 0; i < y->len; i++) {
			for (unsigned int bit = 1; bit < 256; bit <<= 1) {
				bytes[i] ^= (uint8_t)bit;
				assert_int_not_equal(card_read(&c, NULL, bytes, y->len), ST_OK);
				assert_true(mem_is_zero(&c, sizeof(c)));
				bytes[i] ^= (uint8_t)bit;
			}
		}
		for (size_t len = 0; len < y->len; len++)
			assert_int_equal(card_read(&c, NULL, bytes, len), ST_FORMAT);
		bytes[y->len] = '\n';
		assert_int_equal(card_read(&c, NULL, bytes, y->len + 1), ST_FORMAT);
		assert_int_equal(card_read(&c, NULL, bytes, y->len), ST_OK);
	}
}

/* --- one mutation each, with its reason ---------------------------------------------------- */

struct mutation {
	size_t party;
	const char *old;
	const char *new;
	enum status st;
	const char *path;
	const char *reason;
};

static const char ZERO[] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static const struct mutation MUTATIONS[] = {
	{ 0, "{", "{ ", ST_FORMAT, "", "not canonical" },
	{ 0, "Trustee 1", "Trustee\\u00201", ST_FORMAT, "", "not canonical" },
	{ 0, "{", "[{", ST_FORMAT, "", "not JSON" },
	{ 0, "\"address\":\"node1.example:7000\",", "", ST_DEFINITION, "",
	  "\"address\" is missing" },
	{ 0, "\"suite\":\"ristretto255\"}", "\"suite\":\"ristretto255\",\"z\":1}", ST_DEFINITION, "z",
	  "unknown key \"z\"" },
	{ 0, "\"suite\":\"ristretto255\"}", "\"suite\":\"ristretto255\",\"suite\":\"ristretto255\"}",
	  ST_FORMAT, "", "duplicate" },
	{ 0, "kalpis/v1/card", "kalpis/v2/card", ST_DEFINITION, "format",
	  "this is not \"kalpis/v1/card\"" },
	{ 0, "\"trustee\"", "\"officer\"", ST_DEFINITION, "address", "unknown key" },
	{ PARTIES_OFFICER, "\"officer\",", "\"trustee\",", ST_DEFINITION, "", "is missing" },
	{ PARTIES_OFFICER, "\"officer\",", "\"king\",", ST_DEFINITION, "role",
	  "the role \"king\" is unknown" },
	{ PARTIES_OFFICER, "\"officer\",", "\"registrar\",", ST_SIGNATURE, "signature",
	  "does not hold" },
	{ 0, "Trustee 1", "", ST_DEFINITION, "name", "empty" },
	{ 0, "Trustee 1", "Trustee\\u001B1", ST_DEFINITION, "name", "control" },
	{ 0, "Trustee 1", "Trustee\xe2\x80\xae" "1", ST_DEFINITION, "name", "direction" },
	{ 0, "Trustee 1", "e\xcc\x81", ST_DEFINITION, "name", "normal form" },
	{ 0, "Trustee 1", "Trustee 2", ST_SIGNATURE, "signature", "does not hold" },
	{ 0, "\"ristretto255\"", "\"modp-512\"", ST_DEFINITION, "suite",
	  "the group \"modp-512\" is not allowed" },
	{ 0, "node1.example:7000", "node1.example", ST_DEFINITION, "address", "host:port" },
	{ 0, "node1.example:7000", "node1.example:80", ST_LIMIT, "address", "the port must be" },
	{ 0, "node1.example:7000", "node1.example:7001", ST_SIGNATURE, "signature", "does not hold" },
};

/* old must stand in the card. */
static size_t mutate(uint8_t *out, const struct party *y, const char *old, const char *new)
{
	const uint8_t *at = memmem(y->bytes, y->len, old, strlen(old));
	size_t before;

	assert_non_null(at);
	before = (size_t)(at - y->bytes);
	memcpy(out, y->bytes, before);
	memcpy(out + before, new, strlen(new));
	memcpy(out + before + strlen(new), at + strlen(old), y->len - before - strlen(old));
	return y->len - strlen(old) + strlen(new);
}

static void every_mutation_is_refused_with_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(MUTATIONS) / sizeof(MUTATIONS[0]); i++) {
		const struct mutation *mu = &MUTATIONS[i];
		uint8_t bytes[CARD_BYTES_MAX];
		size_t len = mutate(bytes, &people.party[mu->party], mu->old, mu->new);
		struct refusal why = { .line = 0 };
		struct card c;
		enum status st = card_read(&c, &why, bytes, len);

		if (st != mu->st || strcmp(why.path, mu->path) != 0 ||
		    strstr(why.reason, mu->reason) == NULL)
			fail_msg("mutation %zu: %s at \"%s\": %s", i, status_name(st), why.path, why.reason);
	}
}

/* Write a value of hexadecimal digits over a member of the first card. */
static size_t set_hex(uint8_t *out, const char *member, const char *hex)
{
	const struct party *y = &people.party[0];
	char name[40];
	uint8_t *at;

	(void)snprintf(name, sizeof(name), "\"%s\":\"", member);
	memcpy(out, y->bytes, y->len);
	at = memmem(out, y->len, name, strlen(name));
	assert_non_null(at);
	memcpy(at + strlen(name), hex, strlen(hex));
	return y->len;
}

static void weak_and_malformed_keys_are_refused(void **state)
{
	/* The identity, a point of order 8, and a y beyond the field. */
	static const char *const weak[] = {
		"0100000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	static const char *const members[] = { "signing_key", "node_key", "checkpoint_key" };
	uint8_t bytes[CARD_BYTES_MAX];
	struct refusal why;
	struct card c;

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < 3; i++) {
			size_t len = set_hex(bytes, members[k], weak[i]);

			assert_int_equal(card_read(&c, &why, bytes, len), ST_KEY);
			assert_string_equal(why.path, members[k]);
			assert_string_equal(why.reason, "this Ed25519 key is weak or malformed");
		}
	assert_int_equal(card_read(&c, &why, bytes, set_hex(bytes, "curve_key", ZERO)), ST_KEY);
	assert_string_equal(why.path, "curve_key");
	assert_int_equal(card_read(&c, &why, bytes, set_hex(bytes, "encryption_key", ZERO)),
	                 ST_IDENTITY);
	assert_string_equal(why.path, "encryption_key");
	assert_int_equal(card_read(&c, &why, bytes, set_hex(bytes, "encryption_key", weak[0])),
	                 ST_ELEMENT);
	assert_string_equal(why.path, "encryption_key");
	assert_int_equal(card_read(&c, &why, bytes, set_hex(bytes, "encryption_key", "AB")), ST_FORMAT);
	assert_string_equal(why.reason, "this must be 64 lower-case hexadecimal digits");
}

/* One's own signature does not make another's encryption key one's own (attacks.md N45). */
static void a_possession_proof_from_another_card_is_refused(void **state)
{
	static const char *const members[] = { "encryption_key", "encryption_proof" };
	static const size_t digits[] = { 64, 128 };
	const struct party *other = &people.party[1];
	uint8_t bytes[CARD_BYTES_MAX];
	size_t len = people.party[0].len;
	struct refusal why;
	struct card c;

	(void)state;
	memcpy(bytes, people.party[0].bytes, len);
	for (size_t i = 0; i < 2; i++) {
		char name[40];
		const uint8_t *from;
		uint8_t *to;

		(void)snprintf(name, sizeof(name), "\"%s\":\"", members[i]);
		from = memmem(other->bytes, other->len, name, strlen(name));
		to = memmem(bytes, len, name, strlen(name));
		assert_true(from != NULL && to != NULL);
		memcpy(to, from, strlen(name) + digits[i]);
	}
	assert_int_equal(card_read(&c, &why, bytes, len), ST_PROOF);
	assert_string_equal(why.path, "encryption_proof");
}

static void one_key_in_two_places_is_refused(void **state)
{
	struct parties *p = alloc_zero(1, sizeof(*p));
	struct party *y;
	uint8_t bytes[CARD_BYTES_MAX];
	uint8_t *keys[3];
	const uint8_t *sources[3];
	struct refusal why;
	size_t len;

	(void)state;
	assert_non_null(p);
	memcpy(p, &people, sizeof(*p));
	y = &p->party[0];
	keys[0] = y->draft.node_key;
	keys[1] = y->draft.checkpoint_key;
	keys[2] = y->draft.curve_key;
	sources[0] = y->draft.sign_key;
	sources[1] = y->draft.node_key;
	sources[2] = y->draft.checkpoint_key;
	for (size_t i = 0; i < 3; i++) {
		uint8_t kept[CARD_KEY_BYTES];

		memcpy(kept, keys[i], CARD_KEY_BYTES);
		memcpy(keys[i], sources[i], CARD_KEY_BYTES);
		assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &y->draft, &y->sign, &y->enc),
		                 ST_KEY);
		assert_string_equal(why.reason, "one key stands twice on this card");
		memcpy(keys[i], kept, CARD_KEY_BYTES);
	}
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &y->draft, &y->sign, &y->enc),
	                 ST_OK);
	free(p);
}

static void a_card_that_does_not_fit_or_cannot_be_is_not_made(void **state)
{
	const struct party *y = &people.party[0];
	struct card draft = y->draft;
	uint8_t bytes[CARD_BYTES_MAX];
	struct scalar zero;
	struct refusal why;
	size_t len;

	(void)state;
	assert_int_equal(card_make(bytes, y->len - 1, &len, &why, &draft, &y->sign, &y->enc), ST_LIMIT);
	assert_int_equal(len, 0);
	assert_int_equal(card_make(bytes, y->len, &len, &why, &draft, &y->sign, &y->enc), ST_OK);
	assert_int_equal(len, y->len);
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, NULL),
	                 ST_INTERNAL);
	group_scalar_zero(draft.suite, &zero);
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, &zero),
	                 ST_IDENTITY);
	memcpy(draft.name, "\xff", 2);
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, &y->enc),
	                 ST_DEFINITION);
	memcpy(draft.name, "\x1b", 2);
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, &y->enc),
	                 ST_DEFINITION);
	assert_string_equal(why.path, "name");
}

static void the_longest_name_fits_and_one_byte_more_does_not(void **state)
{
	const struct party *y = &people.party[PARTIES_OFFICER];
	uint8_t bytes[CARD_BYTES_MAX + 1];
	char name[LIMIT_TEXT_BYTES + 2];
	struct card draft = y->draft;
	struct refusal why;
	struct card c;
	size_t len;

	(void)state;
	memset(draft.name, 'a', LIMIT_TEXT_BYTES);
	assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, NULL), ST_OK);
	memset(name, 'a', LIMIT_TEXT_BYTES + 1);
	name[LIMIT_TEXT_BYTES + 1] = '\0';
	len = mutate(bytes, y, y->draft.name, name);
	assert_int_equal(card_read(&c, &why, bytes, len), ST_LIMIT);
	assert_string_equal(why.path, "name");
	memset(bytes, ' ', sizeof(bytes));
	assert_int_equal(card_read(&c, &why, bytes, CARD_BYTES_MAX + 1), ST_LIMIT);
	assert_int_equal(card_read(&c, &why, bytes, CARD_BYTES_MAX), ST_FORMAT);
}

static void cards_are_made_in_every_suite(void **state)
{
	static const char *const suites[] = { "ristretto255", "belenios-2048", "rfc3526-2048" };
	const struct party *y = &people.party[0];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct card draft = y->draft;
		uint8_t bytes[CARD_BYTES_MAX];
		struct refusal why;
		struct scalar enc;
		struct card c;
		size_t len;

		draft.suite = group_by_name(suites[i]);
		group_scalar_u64(draft.suite, &enc, 12345);
		assert_int_equal(card_make(bytes, sizeof(bytes), &len, &why, &draft, &y->sign, &enc),
		                 ST_OK);
		assert_int_equal(card_read(&c, &why, bytes, len), ST_OK);
		assert_ptr_equal(c.suite, draft.suite);
	}
}

static int start(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	parties_make(&people, 2, 1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_card_reads_back_to_its_draft),
		cmocka_unit_test(a_card_is_canonical_json),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(every_mutation_is_refused_with_its_reason),
		cmocka_unit_test(weak_and_malformed_keys_are_refused),
		cmocka_unit_test(a_possession_proof_from_another_card_is_refused),
		cmocka_unit_test(one_key_in_two_places_is_refused),
		cmocka_unit_test(a_card_that_does_not_fit_or_cannot_be_is_not_made),
		cmocka_unit_test(the_longest_name_fits_and_one_byte_more_does_not),
		cmocka_unit_test(cards_are_made_in_every_suite),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
