/* test_manifest.c: one byte string for one election, every limit, and what is found in it. */
#include "common/election/manifest.h"
#include "crypto/mem.h"
#include "tests/unit/lib/parties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct parties people;      /* four of them */
static struct parties many;        /* thirteen */
static struct manifest *plain;

/* --- text that grows ------------------------------------------------------------------------ */

struct text {
	char *s;
	size_t len;
	size_t cap;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	if (t->cap - t->len < 4096) {
		t->cap = t->cap * 2 + 65536;
		t->s = realloc(t->s, t->cap);
		assert_non_null(t->s);
	}
	va_start(args, format);
	n = vsnprintf(t->s + t->len, t->cap - t->len, format, args);
	va_end(args);
	assert_in_range(n, 0, 4095);
	t->len += (size_t)n;
}

/* An election of a given size; style i is of unit i % units and has every contest or, if split,
 * contest i alone.  A number left 0 is 1. */
struct shape {
	unsigned int trustees;
	unsigned int units;
	unsigned int styles;
	unsigned int contests;
	unsigned int options;
	unsigned int max;
	unsigned int each_max;     /* 0: choose */
	unsigned int name_bytes;   /* of each option */
	bool blank;
	bool split;
};

static void add_contest(struct text *t, const struct shape *s, unsigned int c)
{
	char name[1024];

	add(t, "%s{\"id\": \"c%u\", \"title\": {\"en\": \"C\"}, \"max\": %u, \"blank\": %s, ",
	    c == 0 ? "" : ",", c, s->max, s->blank ? "true" : "false");
	if (s->each_max == 0)
		add(t, "\"type\": \"choose\", \"options\": [");
	else
		add(t, "\"type\": \"score\", \"each_max\": %u, \"options\": [", s->each_max);
	memset(name, 'n', sizeof(name));
	name[s->name_bytes] = '\0';
	for (unsigned int o = 0; o < s->options; o++)
		add(t, "%s{\"id\": \"o%u\", \"name\": {\"en\": \"%s\"}}", o == 0 ? "" : ",", o, name);
	add(t, "]}");
}

static enum status build(struct manifest **m, struct refusal *why, const struct shape *given)
{
	struct shape shape = *given;
	const struct shape *s = &shape;
	unsigned int *const numbers[] = { &shape.trustees, &shape.units, &shape.styles,
	                                  &shape.contests, &shape.options, &shape.max,
	                                  &shape.name_bytes };
	struct card_source cards = parties_source(&many);
	struct text t = { NULL, 0, 0 };
	enum status st;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		*numbers[i] += *numbers[i] == 0;
	add(&t, "{\"title\": {\"en\": \"T\"}, \"languages\": [\"en\"], \"rehearsal\": true,"
	        "\"threshold\": 1, \"registrar\": \"registrar.card\", \"officer\": \"officer.card\","
	        "\"trustees\": [");
	for (unsigned int i = 0; i < s->trustees; i++)
		add(&t, "%s\"%u.card\"", i == 0 ? "" : ",", i % LIMIT_TRUSTEES + 1);
	add(&t, "], \"units\": [");
	for (unsigned int i = 0; i < s->units; i++)
		add(&t, "%s{\"id\": \"u%u\", \"name\": {\"en\": \"U\"}}", i == 0 ? "" : ",", i);
	add(&t, "], \"styles\": [");
	for (unsigned int i = 0; i < s->styles; i++) {
		add(&t, "%s{\"id\": \"s%u\", \"unit\": \"u%u\", \"contests\": [", i == 0 ? "" : ",", i,
		    i % s->units);
		for (unsigned int c = s->split ? i : 0; c < (s->split ? i + 1 : s->contests); c++)
			add(&t, "%s\"c%u\"", c == 0 || s->split ? "" : ",", c);
		add(&t, "]}");
	}
	add(&t, "], \"contests\": [");
	for (unsigned int c = 0; c < s->contests; c++)
		add_contest(&t, s, c);
	add(&t, "]}");
	st = definition_compile(m, why, t.s, t.len, &cards);
	free(t.s);
	return st;
}

/* --- limits: at each, and one past it ------------------------------------------------------- */

static void every_limit_holds_and_one_more_is_refused(void **state)
{
	static const struct { struct shape fits, not; const char *path; } cases[] = {
		{ { .trustees = LIMIT_TRUSTEES }, { .trustees = LIMIT_TRUSTEES + 1 },
		  "trustees" },
		{ { .units = LIMIT_UNITS }, { .units = LIMIT_UNITS + 1 }, "units" },
		{ { .styles = LIMIT_STYLES }, { .styles = LIMIT_STYLES + 1 }, "styles" },
		{ { .contests = LIMIT_CONTESTS }, { .contests = LIMIT_CONTESTS + 1 },
		  "contests" },
		{ { .options = LIMIT_OPTIONS }, { .options = LIMIT_OPTIONS + 1 },
		  "contests[0].options" },
		{ { .each_max = LIMIT_EACH_MAX }, { .each_max = LIMIT_EACH_MAX + 1 },
		  "contests[0].each_max" },
		{ { .name_bytes = LIMIT_TEXT_BYTES }, { .name_bytes = LIMIT_TEXT_BYTES + 1 },
		  "contests[0].options[0].name.en" },
		/* M: 8 * 128 = 1024 ciphertexts; 9 * 114 = 1026. */
		{ { .contests = 8, .options = 128 }, { .contests = 9, .options = 114 },
		  "styles[0]" },
		/* N: digits(255) are 8 bits, digits(256) are 9, and there is no slack when max is all. */
		{ { .contests = 2, .options = 128, .each_max = 255, .max = 4000000 },
		  { .contests = 2, .options = 128, .each_max = 256, .max = 4000000 }, "styles[0]" },
	};
	struct refusal why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct manifest *m;

		if (build(&m, &why, &cases[i].fits) != ST_OK)
			fail_msg("case %zu: \"%s\": %s", i, why.path, why.reason);
		manifest_free(m);
		if (build(&m, &why, &cases[i].not) != ST_LIMIT || strcmp(why.path, cases[i].path) != 0)
			fail_msg("case %zu: \"%s\": %s", i, why.path, why.reason);
		assert_null(m);
	}
}

/* N at the limit exactly: 1024 options with each_max 2 (digits 1, 1), max all, no slack. */
static void two_thousand_and_forty_eight_bits_fit_and_one_more_does_not(void **state)
{
	struct shape s = { .contests = 8, .options = 128, .each_max = 2, .max = 256 };
	struct refusal why;
	struct manifest *m;

	(void)state;
	assert_int_equal(build(&m, &why, &s), ST_OK);
	assert_int_equal(m->styles[0].bits_len, LIMIT_BALLOT_BITS);
	assert_int_equal(m->styles[0].ciphertexts_len, LIMIT_BALLOT_CIPHERTEXTS);
	assert_int_equal(m->styles[0].constraints_len, 0);
	manifest_free(m);
	/* A maximum of 255 brings slack bits. */
	s.max = 255;
	assert_int_equal(build(&m, &why, &s), ST_LIMIT);
	assert_string_equal(why.path, "styles[0]");
}

/* 64 units * 4 contests * 64 sums = 16384. */
static void as_many_sums_as_allowed_fit_and_one_more_does_not(void **state)
{
	struct shape s = { .units = 64, .styles = 64, .contests = 4, .options = 64 };
	struct refusal why;
	struct manifest *m;

	(void)state;
	assert_int_equal(build(&m, &why, &s), ST_OK);
	manifest_free(m);
	s.blank = true;
	assert_int_equal(build(&m, &why, &s), ST_LIMIT);
	assert_string_equal(why.path, "contests");
	assert_non_null(strstr(why.reason, "16640 sums; at most 16384"));
	/* Styles of one unit share their sums. */
	s.units = 63;
	assert_int_equal(build(&m, &why, &s), ST_OK);
	manifest_free(m);
}

static void a_manifest_has_at_most_a_mebibyte(void **state)
{
	struct shape s = { .contests = 16, .styles = 16, .options = 64, .name_bytes = 512,
	                   .split = true };
	uint8_t *spaces = malloc(LIMIT_MANIFEST_BYTES + 1);
	struct card_source cards = parties_source(&people);
	struct refusal why;
	struct manifest *m;

	(void)state;
	assert_int_equal(build(&m, &why, &s), ST_OK);
	assert_true(m->len > LIMIT_MANIFEST_BYTES / 2);
	manifest_free(m);
	assert_non_null(spaces);
	memset(spaces, ' ', LIMIT_MANIFEST_BYTES + 1);
	memcpy(spaces, "{}", 2);
	assert_int_equal(manifest_load(&m, &why, spaces, LIMIT_MANIFEST_BYTES + 1), ST_LIMIT);
	assert_string_equal(why.reason, "a manifest has at most 1048576 bytes");
	assert_int_equal(manifest_load(&m, &why, spaces, LIMIT_MANIFEST_BYTES), ST_FORMAT);
	assert_int_equal(definition_compile(&m, &why, spaces, LIMIT_MANIFEST_BYTES + 1, &cards),
	                 ST_LIMIT);
	assert_int_equal(definition_compile(&m, &why, spaces, LIMIT_MANIFEST_BYTES, &cards),
	                 ST_DEFINITION);
	free(spaces);
}

/* A definition that fits, but not with its cards in it. */
static void a_definition_whose_manifest_is_too_long_is_refused(void **state)
{
	struct shape s = { .trustees = 13, .contests = 16, .styles = 16, .options = 124,
	                   .name_bytes = LIMIT_TEXT_BYTES, .split = true };
	unsigned int too_long = 0;
	struct refusal why;
	struct manifest *m;

	(void)state;
	while (build(&m, &why, &s) != ST_OK) {
		assert_string_equal(why.path, "");
		assert_true(too_long == 0 || strncmp(why.reason, "the manifest", 12) == 0);
		if (strcmp(why.reason, "the manifest would be longer than 1048576 bytes") == 0)
			too_long++;
		assert_true(--s.name_bytes > 400);
	}
	assert_true(too_long > 0);
	assert_true(m->len > LIMIT_MANIFEST_BYTES - 16 * 124);
	manifest_free(m);
}

/* --- canonical ------------------------------------------------------------------------------ */

/* Written by hand from formats-files.md, cards apart. */
static void a_manifest_is_these_bytes(void **state)
{
	struct text t = { NULL, 0, 0 };

	(void)state;
	add(&t, "{\"batch_min\":1,\"batch_wait_ms\":500,\"contests\":["
	        "{\"blank\":true,\"id\":\"mayor\",\"max\":1,\"min\":1,\"options\":["
	        "{\"id\":\"ada\",\"name\":{\"en\":\"Ada Lovelace\",\"fr\":\"Ada Lovelace\"}},"
	        "{\"id\":\"alan\",\"name\":{\"en\":\"Alan Turing\",\"fr\":\"Alan Turing\"}}],"
	        "\"title\":{\"en\":\"Mayor\",\"fr\":\"Maire\"},\"type\":\"choose\"},"
	        "{\"blank\":false,\"each_max\":5,\"id\":\"parks\",\"max\":10,\"min\":0,\"options\":["
	        "{\"id\":\"oak\",\"name\":{\"en\":\"Oak park\",\"fr\":\"Parc du ch\xc3\xaane\"}},"
	        "{\"id\":\"elm\",\"name\":{\"en\":\"Elm park\",\"fr\":\"Parc de l'orme\"}},"
	        "{\"id\":\"ash\",\"name\":{\"en\":\"Ash park\",\"fr\":\"Parc du fr\xc3\xaane\"}}],"
	        "\"title\":{\"en\":\"Parks budget\",\"fr\":\"Budget des parcs\"},"
	        "\"type\":\"score\"}],\"dkg_min_minutes\":0,\"format\":\"kalpis/v1/manifest\","
	        "\"languages\":[\"en\",\"fr\"],\"officer\":%.*s,\"publish_min\":10,"
	        "\"registrar\":%.*s,\"rehearsal\":false,\"revote\":\"never\",\"styles\":["
	        "{\"contests\":[\"mayor\",\"parks\"],\"id\":\"north\",\"unit\":\"north\"},"
	        "{\"contests\":[\"mayor\"],\"id\":\"south\",\"unit\":\"south\"}],"
	        "\"suite\":\"ristretto255\",\"tests_per_kiosk\":200,\"threshold\":3,"
	        "\"title\":{\"en\":\"Town council\",\"fr\":\"Conseil communal\"},\"trustees\":[",
	    (int)people.party[PARTIES_OFFICER].len, (const char *)people.party[PARTIES_OFFICER].bytes,
	    (int)people.party[PARTIES_REGISTRAR].len,
	    (const char *)people.party[PARTIES_REGISTRAR].bytes);
	for (size_t i = 0; i < 4; i++)
		add(&t, "%s%.*s", i == 0 ? "" : ",", (int)people.party[i].len,
		    (const char *)people.party[i].bytes);
	add(&t, "],\"units\":["
	        "{\"id\":\"north\",\"merge_into\":\"south\","
	        "\"name\":{\"en\":\"North\",\"fr\":\"Nord\"}},"
	        "{\"id\":\"south\",\"name\":{\"en\":\"South\",\"fr\":\"Sud\"}}],"
	        "\"weights_reveal\":\"refused\"}");
	assert_int_equal(t.len, plain->len);
	assert_memory_equal(t.s, plain->bytes, t.len);
	free(t.s);
}

static void what_was_published_loads_to_the_same_election(void **state)
{
	struct manifest *m;
	struct refusal why;

	(void)state;
	assert_int_equal(manifest_load(&m, &why, plain->bytes, plain->len), ST_OK);
	assert_memory_equal(m->election_id, plain->election_id, ELECTION_ID_BYTES);
	assert_int_equal(m->len, plain->len);
	assert_memory_equal(m->bytes, plain->bytes, m->len);
	assert_ptr_not_equal(m->bytes, plain->bytes);
	assert_int_equal(m->contests_len, 2);
	manifest_free(m);
	manifest_free(NULL);
}

/* The manifest with one piece replaced, loaded. */
static enum status load_changed(struct refusal *why, const char *old, const char *new)
{
	uint8_t bytes[32768];
	const uint8_t *at = memmem(plain->bytes, plain->len, old, strlen(old));
	struct manifest *m;
	size_t before, len;
	enum status st;

	assert_non_null(at);
	before = (size_t)(at - plain->bytes);
	len = plain->len - strlen(old) + strlen(new);
	assert_in_range(len, 0, sizeof(bytes));
	memcpy(bytes, plain->bytes, before);
	memcpy(bytes + before, new, strlen(new));
	memcpy(bytes + before + strlen(new), at + strlen(old), plain->len - before - strlen(old));
	st = manifest_load(&m, why, bytes, len);
	assert_int_equal(m == NULL, st != ST_OK);
	manifest_free(m);
	return st;
}

/* The same value in other bytes, and what only a definition may leave out (attacks.md N02). */
static void another_encoding_is_refused(void **state)
{
	static const struct { const char *old, *new; enum status st; const char *path, *reason; }
	cases[] = {
		{ "{\"batch_min\":1,", "{ \"batch_min\":1,", ST_FORMAT, "", "not canonical" },
		{ "\"refused\"}", "\"refused\"}\n", ST_FORMAT, "", "not canonical" },
		{ "\"refused\"}", "\"refused\"}{}", ST_FORMAT, "", "not JSON" },
		{ "\"refused\"}", "\"refused\"", ST_FORMAT, "", "not JSON" },
		{ "Town council", "T\\u006fwn council", ST_FORMAT, "", "not canonical" },
		{ "ch\xc3\xaane", "ch\\u00eane", ST_FORMAT, "", "not canonical" },
		{ "Town council", "Town\\/council", ST_FORMAT, "", "not canonical" },
		{ "{\"batch_min\":1,\"batch_wait_ms\":500,", "{\"batch_wait_ms\":500,\"batch_min\":1,",
		  ST_FORMAT, "", "not canonical" },
		{ "\"batch_min\":1,", "\"batch_min\":1,\"batch_min\":1,", ST_FORMAT, "", "duplicate" },
		{ "\"batch_min\":1,", "\"batch_min\":1e0,", ST_FORMAT, "", "not canonical" },
		{ "\"batch_min\":1,", "\"batch_min\":-0,", ST_FORMAT, "", "not canonical" },
		{ "{\"batch_min\":1,", "{", ST_DEFINITION, "", "the key \"batch_min\" is missing" },
		{ "\"blank\":false,", "", ST_DEFINITION, "contests[1]", "the key \"blank\" is missing" },
		{ "\"min\":0,", "", ST_DEFINITION, "contests[1]", "the key \"min\" is missing" },
		{ "\"max\":10,", "\"max\":16,", ST_DEFINITION, "contests[1].max",
		  "max is 16, but all options together take at most 15" },
		{ "\"max\":10,", "\"max\":15,", ST_OK, "", "" },
		{ "kalpis/v1/manifest", "kalpis/v2/manifest", ST_DEFINITION, "format",
		  "this is not \"kalpis/v1/manifest\"" },
		{ "\"registrar\":{", "\"q\":11,\"registrar\":{", ST_DEFINITION, "q",
		  "unknown key \"q\"" },
		{ "\"role\":\"trustee\"", "\"role\":\"officer\"", ST_DEFINITION,
		  "trustees[0].address", "unknown key" },
		{ "\"role\":\"registrar\"", "\"role\":\"officer\"", ST_SIGNATURE, "registrar.signature",
		  "does not hold" },
		{ "\"Trustee 3\"", "\"Trustee 9\"", ST_SIGNATURE, "trustees[2].signature",
		  "does not hold" },
		{ "node4.example:7000", "node4.example:7100", ST_SIGNATURE, "trustees[3].signature",
		  "does not hold" },
	};
	struct refusal why = { .line = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum status st = load_changed(&why, cases[i].old, cases[i].new);

		if (st != cases[i].st || (st != ST_OK && (strcmp(why.path, cases[i].path) != 0 ||
		                                          strstr(why.reason, cases[i].reason) == NULL)))
			fail_msg("case %zu: %s, \"%s\": %s", i, status_name(st), why.path, why.reason);
	}
}

static void every_prefix_is_refused(void **state)
{
	struct manifest *m;

	(void)state;
	for (size_t len = 0; len < plain->len; len++) {
		assert_int_equal(manifest_load(&m, NULL, plain->bytes, len), ST_FORMAT);
		assert_null(m);
	}
}

/* A reason goes to terminals: nothing in a file may steer one (attacks.md N21). */
static void a_reason_is_printable_whatever_the_key(void **state)
{
	static const char bad[] = "{\"\\u001b]0;owned\\u0007\xe2\x80\xae\":1}";
	struct card_source cards = parties_source(&people);
	struct refusal why;
	struct manifest *m;

	(void)state;
	assert_int_equal(manifest_load(&m, &why, bad, sizeof(bad) - 1), ST_FORMAT);
	assert_int_equal(definition_compile(&m, &why, bad, sizeof(bad) - 1, &cards), ST_DEFINITION);
	assert_string_equal(why.path, "?]0;owned????");
	assert_string_equal(why.reason, "unknown key \"?]0;owned????\"");
}

/* --- finding -------------------------------------------------------------------------------- */

static void everything_is_found_by_its_id_and_nothing_else_is(void **state)
{
	uint8_t key[CARD_KEY_BYTES] = { 0 };

	(void)state;
	assert_int_equal(manifest_find_unit(plain, "south"), 1);
	assert_int_equal(manifest_find_unit(plain, "mayor"), MANIFEST_NONE);
	assert_int_equal(manifest_find_style(plain, "south"), 1);
	assert_int_equal(manifest_find_style(plain, ""), MANIFEST_NONE);
	assert_int_equal(manifest_find_contest(plain, "parks"), 1);
	assert_int_equal(manifest_find_contest(plain, "park"), MANIFEST_NONE);
	assert_int_equal(manifest_find_option(&plain->contests[1], "ash"), 2);
	assert_int_equal(manifest_find_option(&plain->contests[0], "ash"), MANIFEST_NONE);
	assert_int_equal(manifest_find_language(plain, "fr"), 1);
	assert_int_equal(manifest_find_language(plain, "de"), MANIFEST_NONE);
	for (uint16_t i = 0; i < 4; i++) {
		assert_int_equal(manifest_find_trustee(plain, plain->trustees[i].sign_key), i);
		assert_int_equal(manifest_find_node(plain, plain->trustees[i].node_key), i);
		assert_int_equal(manifest_find_trustee(plain, plain->trustees[i].node_key), MANIFEST_NONE);
		assert_int_equal(manifest_find_node(plain, plain->trustees[i].sign_key), MANIFEST_NONE);
	}
	assert_int_equal(manifest_find_trustee(plain, key), MANIFEST_NONE);
	assert_non_null(manifest_style_contest(plain, 0, 1));
	assert_int_equal(manifest_style_contest(plain, 0, 1)->first, 3);
	assert_null(manifest_style_contest(plain, 1, 1));
}

/* f = floor((n - 1) / 3), q = n - f. */
static void faults_and_quorum_follow_from_the_number_of_trustees(void **state)
{
	static const uint16_t faults[LIMIT_TRUSTEES] = { 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4 };

	(void)state;
	for (unsigned int n = 1; n <= LIMIT_TRUSTEES; n++) {
		struct shape s = { .trustees = n };
		struct refusal why;
		struct manifest *m;

		assert_int_equal(build(&m, &why, &s), ST_OK);
		assert_int_equal(m->trustees_len, n);
		assert_int_equal(m->faults, faults[n - 1]);
		assert_int_equal(m->quorum, n - faults[n - 1]);
		manifest_free(m);
	}
}

static bool warns(const struct manifest *m, enum manifest_warning w)
{
	enum manifest_warning list[WARNING_COUNT];
	size_t len = manifest_warnings(m, list);

	for (size_t i = 0; i < len; i++) {
		assert_true(i == 0 || list[i] > list[i - 1]);
		if (list[i] == w)
			return true;
	}
	return false;
}

static void what_is_weak_is_warned_of_and_nothing_else(void **state)
{
	struct manifest_unit units[3];
	struct manifest m = *plain;

	(void)state;
	m.batch_min = 2;
	for (enum manifest_warning w = 0; w < WARNING_COUNT; w++) {
		assert_false(warns(&m, w));
		assert_true(strlen(manifest_warning_text(w)) > 40);
	}
	m.batch_min = 1;
	assert_true(warns(&m, WARNING_BATCH_MIN));
	m.publish_min = 1;
	assert_true(warns(&m, WARNING_PUBLISH_MIN));
	m.rehearsal = true;
	assert_true(warns(&m, WARNING_REHEARSAL));
	m.faults = 0;
	assert_true(warns(&m, WARNING_NODE_FAULTS));
	m = *plain;
	/* n = 4: t = 2 gives 4 - 2 + 1 = 3 > 2; t = 4 exceeds n - f = 3. */
	for (uint16_t t = 1; t <= 4; t++) {
		m.threshold = t;
		assert_int_equal(warns(&m, WARNING_THRESHOLD_LOW), t <= 2);
		assert_int_equal(warns(&m, WARNING_THRESHOLD_HIGH), t == 4);
	}
	memcpy(units, m.units, 2 * sizeof(units[0]));
	units[2] = units[1];
	m.units = units;
	m.units_len = 3;
	assert_true(warns(&m, WARNING_UNIT_UNUSED));
	units[0].parent = 2;
	assert_false(warns(&m, WARNING_UNIT_UNUSED));
}

static int start(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	parties_make(&people, 4, 1);
	parties_make(&many, LIMIT_TRUSTEES, 2);
	plain = parties_manifest(&people, PARTIES_DEFINITION);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	manifest_free(plain);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_limit_holds_and_one_more_is_refused),
		cmocka_unit_test(two_thousand_and_forty_eight_bits_fit_and_one_more_does_not),
		cmocka_unit_test(as_many_sums_as_allowed_fit_and_one_more_does_not),
		cmocka_unit_test(a_manifest_has_at_most_a_mebibyte),
		cmocka_unit_test(a_definition_whose_manifest_is_too_long_is_refused),
		cmocka_unit_test(a_manifest_is_these_bytes),
		cmocka_unit_test(what_was_published_loads_to_the_same_election),
		cmocka_unit_test(another_encoding_is_refused),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(a_reason_is_printable_whatever_the_key),
		cmocka_unit_test(everything_is_found_by_its_id_and_nothing_else_is),
		cmocka_unit_test(faults_and_quorum_follow_from_the_number_of_trustees),
		cmocka_unit_test(what_is_weak_is_warned_of_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
