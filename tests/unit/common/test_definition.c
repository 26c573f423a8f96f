/* test_definition.c: a good definition compiles to one manifest; every bad one is refused with
 * the place and the reason. */
#include "common/base/file.h"
#include "common/election/definition.h"
#include "crypto/mem.h"
#include "tests/unit/lib/parties.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct parties people;

struct mutation {
	const char *old;      /* stands once in PARTIES_DEFINITION */
	const char *new;
	enum status st;
	unsigned int line;
	const char *path;
	const char *reason;   /* a part of it */
};

#define MAYOR_RULE "\"min\": 1, \"max\": 1, \"blank\": true"
#define PARKS_RULE "\"each_max\": 5, \"max\": 10"

/* JSON itself. */
static const struct mutation JSON[] = {
	{ "{ \"title\"", "\"title\"", ST_FORMAT, 1, "", "not JSON" },
	{ "{ \"title\"", "[1]{ \"title\"", ST_FORMAT, 1, "", "end of file expected" },
	{ "  \"threshold\": 3,", "  \"threshold\": 3", ST_FORMAT, 5, "", "not JSON" },
	{ "\"threshold\": 3,", "\"threshold\": 3, \"threshold\": 4,", ST_FORMAT, 4, "", "duplicate" },
	{ "\"id\": \"ada\",", "\"id\": \"ada\", \"id\": \"eve\",", ST_FORMAT, 23, "", "duplicate" },
	{ "Ada Lovelace\", \"fr\"", "Ada \xff\", \"fr\"", ST_FORMAT, 23, "",
	  "unable to decode byte 0xff" },
	{ "Ada Lovelace\", \"fr\"", "Ada\\u0000\", \"fr\"", ST_FORMAT, 23, "", "is not allowed" },
	{ "\"threshold\": 3", "\"threshold\": 03", ST_FORMAT, 4, "", "not JSON" },
	{ "\"threshold\": 3", "\"threshold\": 99999999999999999999", ST_FORMAT, 4, "", "too big" },
};

/* The parties and what is general. */
static const struct mutation GENERAL[] = {
	{ "\"languages\": [", "\"langauges\": [", ST_DEFINITION, 2, "langauges",
	  "unknown key \"langauges\"; did you mean \"languages\"?" },
	{ "\"suite\": \"ristretto255\",", "\"suite\": \"ristretto255\", \"p\": 23,", ST_DEFINITION, 3,
	  "p", "unknown key \"p\"" },
	{ "\"suite\": \"ristretto255\",", "\"belenios\": {},", ST_DEFINITION, 3, "belenios",
	  "unknown key \"belenios\"" },
	{ "\"suite\": \"ristretto255\",", "\"format\": \"kalpis/v1/manifest\",", ST_DEFINITION, 3,
	  "format", "unknown key" },
	{ "\"suite\": \"ristretto255\"", "\"suite\": \"modp-256\"", ST_DEFINITION, 3, "suite",
	  "the group \"modp-256\" is not allowed" },
	{ "\"suite\": \"ristretto255\"", "\"suite\": \"tiny\"", ST_DEFINITION, 3, "suite",
	  "the group \"tiny\" is not allowed" },
	{ "\"suite\": \"ristretto255\"", "\"suite\": {\"p\": \"23\"}", ST_FORMAT, 3, "suite",
	  "this must be a text" },
	{ "\"suite\": \"ristretto255\"", "\"suite\": \"belenios-2048\"", ST_DEFINITION, 3, "suite",
	  "Belenios elections (\"belenios-2048\") are not supported yet" },
	{ "\"suite\": \"ristretto255\"", "\"suite\": \"rfc3526-2048\"", ST_DEFINITION, 3, "suite",
	  "Belenios elections (\"rfc3526-2048\") are not supported yet" },
	{ "\"officer\": \"officer.card\",", "",
	  ST_DEFINITION, 1, "", "the key \"officer\" is missing" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": []", ST_DEFINITION, 2, "languages",
	  "at least 1" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": \"en\"", ST_FORMAT, 2, "languages",
	  "this must be a list" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\", \"en\"]", ST_DEFINITION, 2,
	  "languages[1]", "the language \"en\" is there twice" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\", \"EN\"]", ST_DEFINITION, 2,
	  "languages[1]", "is not a language tag" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\", \"fr-\"]", ST_DEFINITION, 2,
	  "languages[1]", "is not a language tag" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\", 7]", ST_FORMAT, 2,
	  "languages[1]", "this must be a text" },
	{ "\"languages\": [\"en\", \"fr\"]",
	  "\"languages\": [\"aa\",\"ab\",\"ac\",\"ad\",\"ae\",\"af\",\"ag\",\"ah\",\"ai\"]",
	  ST_LIMIT, 2,
	  "languages", "at most 8 are allowed" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\", \"fr\", \"de\"]",
	  ST_DEFINITION, 1,
	  "title", "the text in language \"de\" is missing" },
	{ "\"languages\": [\"en\", \"fr\"]", "\"languages\": [\"en\"]", ST_DEFINITION, 1, "title.fr",
	  "unknown key \"fr\"" },
	{ ", \"fr\": \"Conseil communal\"", "", ST_DEFINITION, 1, "title",
	  "the text in language \"fr\" is missing" },
	{ "\"Conseil communal\"", "\"\"", ST_DEFINITION, 1, "title.fr", "this text is empty" },
	{ "\"Conseil communal\"", "\"Conseil\\ncommunal\"", ST_DEFINITION, 1, "title.fr", "control" },
	{ "\"Conseil communal\"", "\"\xe2\x80\xae" "Conseil\"", ST_DEFINITION, 1, "title.fr",
	  "direction of writing" },
	{ "\"Conseil communal\"", "\"Communaute\xcc\x81\"", ST_DEFINITION, 1, "title.fr",
	  "normal form C" },
	{ "\"revote\": \"never\"", "\"revote\": \"often\"", ST_DEFINITION, 8, "revote",
	  "this must be \"never\" or \"last\"" },
	{ "\"revote\": \"never\"", "\"revote\": true", ST_FORMAT, 8, "revote", "this must be a text" },
	{ "\"revote\": \"never\"", "\"rehearsal\": \"no\"", ST_FORMAT, 8, "rehearsal",
	  "this must be true or false" },
	{ "\"revote\": \"never\"", "\"weights_reveal\": true", ST_FORMAT, 8, "weights_reveal",
	  "this must be a text" },
	{ "\"revote\": \"never\"", "\"weights_reveal\": \"yes\"", ST_DEFINITION, 8, "weights_reveal",
	  "this must be \"refused\" or \"accepted\"" },
	{ "\"publish_min\": 10", "\"publish_min\": 0", ST_DEFINITION, 9, "publish_min", "too small" },
	{ "\"publish_min\": 10", "\"publish_min\": 1000001", ST_LIMIT, 9, "publish_min", "too large" },
	{ "\"publish_min\": 10", "\"publish_min\": 10.0", ST_FORMAT, 9, "publish_min",
	  "this must be a whole number" },
	{ "\"publish_min\": 10", "\"publish_min\": \"10\"", ST_FORMAT, 9, "publish_min",
	  "this must be a whole number" },
	{ "\"publish_min\": 10", "\"publish_min\": -1", ST_DEFINITION, 9, "publish_min", "too small" },
	{ "\"tests_per_kiosk\": 200", "\"tests_per_kiosk\": 0", ST_DEFINITION, 10, "tests_per_kiosk",
	  "0 is too small; at least 1 is needed" },
	{ "\"tests_per_kiosk\": 200", "\"tests_per_kiosk\": 10001", ST_LIMIT, 10, "tests_per_kiosk",
	  "10001 is too large; at most 10000 is allowed" },
	{ "\"dkg_min_minutes\": 0", "\"dkg_min_minutes\": 43201", ST_LIMIT, 11, "dkg_min_minutes",
	  "too large" },
	{ "\"batch_wait_ms\": 500", "\"batch_wait_ms\": 60001", ST_LIMIT, 12, "batch_wait_ms",
	  "too large" },
	{ "\"batch_wait_ms\": 500", "\"batch_min\": 0", ST_DEFINITION, 12, "batch_min", "too small" },
	{ "\"batch_wait_ms\": 500", "\"batch_min\": 4097", ST_LIMIT, 12, "batch_min", "too large" },
};

static const struct mutation PARTIES[] = {
	{ "\"threshold\": 3", "\"threshold\": 0", ST_DEFINITION, 4, "threshold", "too small" },
	{ "\"threshold\": 3", "\"threshold\": 5", ST_DEFINITION, 4, "threshold",
	  "the threshold is 5, but there are 4 trustees" },
	{ "\"threshold\": 3", "\"threshold\": 1", ST_DEFINITION, 4, "threshold",
	  "\"rehearsal\": true" },
	{ "\"threshold\": 3", "\"threshold\": 1, \"rehearsal\": false", ST_DEFINITION, 4, "threshold",
	  "\"rehearsal\": true" },
	{ "[\"1.card\", \"2.card\", \"3.card\", \"4.card\"]", "[]", ST_DEFINITION, 5, "trustees",
	  "at least 1" },
	{ "[\"1.card\", \"2.card\", \"3.card\", \"4.card\"]", "{}", ST_FORMAT, 5, "trustees",
	  "this must be a list" },
	{ "[\"1.card\"", "["
	  "\"1.card\",\"1.card\",\"1.card\",\"1.card\",\"1.card\",\"1.card\",\"1.card\","
	  "\"1.card\",\"1.card\",\"1.card\",\"1.card\"", ST_LIMIT, 5, "trustees", "at most 13" },
	{ "\"3.card\"", "\"9.card\"", ST_NOT_FOUND, 5, "trustees[2]",
	  "the card \"9.card\" cannot be read" },
	{ "\"3.card\"", "3", ST_FORMAT, 5, "trustees[2]", "this must be a text" },
	{ "\"3.card\"", "\"/3.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"../3.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"a/../../3.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"a//3.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"./3.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"3.card/\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"3\\u0007.card\"", ST_DEFINITION, 5, "trustees[2]", "relative" },
	{ "\"3.card\"", "\"2.card\"", ST_KEY, 5, "trustees[2].signing_key",
	  "this key is also the signing_key of \"Trustee 2\"" },
	{ "\"3.card\"", "\"officer.card\"", ST_ROLE, 5, "trustees[2].role",
	  "this card is for the role officer, not trustee" },
	{ "\"registrar.card\"", "\"officer.card\"", ST_ROLE, 6, "registrar.role",
	  "this card is for the role officer" },
	{ "\"officer.card\"", "\"1.card\"", ST_ROLE, 7, "officer.role",
	  "this card is for the role trustee" },
};

static const struct mutation UNITS[] = {
	{ "{\"id\": \"north\", \"name\"", "{\"id\": \"North\", \"name\"", ST_DEFINITION, 14,
	  "units[0].id", "an id has only a-z, 0-9 and -" },
	{ "{\"id\": \"north\", \"name\"", "{\"id\": \"-north\", \"name\"", ST_DEFINITION, 14,
	  "units[0].id", "does not begin with -" },
	{ "{\"id\": \"north\", \"name\"", "{\"id\": \"\", \"name\"", ST_DEFINITION, 14, "units[0].id",
	  "empty" },
	{ "{\"id\": \"north\", \"name\"",
	  "{\"id\": \"a23456789012345678901234567890123\", \"name\"", ST_LIMIT, 14, "units[0].id",
	  "at most 32" },
	{ "{\"id\": \"south\", \"name\"", "{\"id\": \"north\", \"name\"", ST_DEFINITION, 15,
	  "units[1].id", "the id \"north\" is there twice" },
	{ "\"merge_into\": \"south\"", "\"merge_into\": \"east\"", ST_DEFINITION, 14,
	  "units[0].merge_into", "there is no unit \"east\"" },
	{ "\"merge_into\": \"south\"", "\"merge_into\": \"north\"", ST_DEFINITION, 14,
	  "units[0].merge_into", "never ends" },
	{ "\"fr\": \"Sud\"}}", "\"fr\": \"Sud\"}, \"merge_into\": \"north\"}", ST_DEFINITION, 14,
	  "units[0].merge_into", "following merge_into from \"north\" never ends" },
	{ "\"merge_into\": \"south\"", "\"merge\": \"south\"", ST_DEFINITION, 14, "units[0].merge",
	  "unknown key" },
	{ "\"merge_into\": \"south\"", "\"merge_into\": null", ST_FORMAT, 14, "units[0].merge_into",
	  "this must be a text" },
	{ "{\"en\": \"South\", \"fr\": \"Sud\"}", "\"South\"", ST_FORMAT, 15, "units[1].name",
	  "this must be an object" },
	{ "\"unit\": \"north\"", "\"unit\": \"east\"", ST_DEFINITION, 17, "styles[0].unit",
	  "there is no unit \"east\"" },
	{ "\"unit\": \"north\"", "\"unit\": 0",
	  ST_FORMAT, 17, "styles[0].unit", "this must be a text" },
	{ "{\"id\": \"south\", \"unit\"", "{\"id\": \"north\", \"unit\"", ST_DEFINITION, 18,
	  "styles[1].id", "is there twice" },
	{ "[\"mayor\", \"parks\"]", "[\"mayor\", \"pools\"]", ST_DEFINITION, 17,
	  "styles[0].contests[1]", "there is no contest \"pools\"" },
	{ "[\"mayor\", \"parks\"]", "[\"mayor\", \"mayor\"]", ST_DEFINITION, 17,
	  "styles[0].contests[1]", "the contest \"mayor\" is there twice" },
	{ "[\"mayor\", \"parks\"]", "[\"parks\", \"mayor\"]", ST_DEFINITION, 17,
	  "styles[0].contests[1]", "\"mayor\" is out of place" },
	{ "[\"mayor\", \"parks\"]", "[]", ST_DEFINITION, 17, "styles[0].contests", "at least 1" },
	{ "[\"mayor\", \"parks\"]", "[\"mayor\"]", ST_DEFINITION, 25, "contests[1]",
	  "no ballot style has the contest \"parks\"" },
	{ "\"unit\": \"south\",", "", ST_DEFINITION, 18, "styles[1]", "the key \"unit\" is missing" },
};

static const struct mutation CONTESTS[] = {
	{ "\"type\": \"choose\"", "\"type\": \"ranked\"", ST_DEFINITION, 20, "contests[0].type",
	  "ranked contests need a verifiable shuffle and are not supported yet" },
	{ "\"type\": \"choose\"", "\"type\": \"write-in\"", ST_DEFINITION, 20, "contests[0].type",
	  "write-in contests need a verifiable shuffle and are not supported yet" },
	{ "\"type\": \"choose\"", "\"type\": \"approve\"", ST_DEFINITION, 20, "contests[0].type",
	  "the type \"approve\" is unknown" },
	{ "\"type\": \"choose\",", "", ST_DEFINITION, 20, "contests[0]",
	  "the key \"type\" is missing" },
	{ "\"id\": \"parks\", \"type\"", "\"id\": \"mayor\", \"type\"", ST_DEFINITION, 25,
	  "contests[1].id", "the id \"mayor\" is there twice" },
	{ MAYOR_RULE, "\"min\": 2, \"max\": 1", ST_DEFINITION, 20, "contests[0].min",
	  "min is 2, more than max, which is 1" },
	{ MAYOR_RULE, "\"max\": 0", ST_DEFINITION, 20, "contests[0].max", "0 is too small" },
	{ MAYOR_RULE, "\"min\": -1, \"max\": 1", ST_DEFINITION, 20, "contests[0].min", "too small" },
	{ MAYOR_RULE, "\"max\": 3", ST_DEFINITION, 20, "contests[0].max",
	  "max is 3, but there are 2 options" },
	{ MAYOR_RULE, "\"min\": 1", ST_DEFINITION, 20, "contests[0]", "the key \"max\" is missing" },
	{ MAYOR_RULE, "\"max\": 1, \"each_max\": 1", ST_DEFINITION, 20, "contests[0].each_max",
	  "unknown key" },
	{ MAYOR_RULE, "\"max\": 1, \"blank\": 1", ST_FORMAT, 20, "contests[0].blank",
	  "this must be true or false" },
	{ MAYOR_RULE, "\"max\": 4294967296", ST_LIMIT, 20, "contests[0].max", "too large" },
	{ PARKS_RULE, "\"each_max\": 0, \"max\": 10", ST_DEFINITION, 25, "contests[1].each_max",
	  "too small" },
	{ PARKS_RULE, "\"each_max\": 1000001", ST_LIMIT, 25, "contests[1].each_max", "too large" },
	{ PARKS_RULE, "\"max\": 10", ST_DEFINITION, 25, "contests[1]",
	  "the key \"each_max\" is missing" },
	{ PARKS_RULE, "\"each_max\": 5, \"min\": 11, \"max\": 10", ST_DEFINITION, 25,
	  "contests[1].min", "min is 11, more than max, which is 10" },
	{ PARKS_RULE, "\"each_max\": 5, \"min\": 16, \"max\": 100", ST_DEFINITION, 25,
	  "contests[1].min", "min is 16, more than max, which is 15" },
	{ PARKS_RULE, "\"each_max\": 5, \"max\": 0", ST_DEFINITION, 25, "contests[1].max",
	  "too small" },
	{ "\"id\": \"alan\"", "\"id\": \"ada\"", ST_DEFINITION, 24, "contests[0].options[1].id",
	  "the id \"ada\" is there twice" },
	{ "\"id\": \"alan\"", "\"write_in\": true, \"id\": \"alan\"", ST_DEFINITION, 24,
	  "contests[0].options[1].write_in", "unknown key \"write_in\"" },
	{ "{\"en\": \"Mayor\", \"fr\": \"Maire\"}", "{\"en\": \"Mayor\"}", ST_DEFINITION, 21,
	  "contests[0].title", "the text in language \"fr\" is missing" },
	{ "\"fr\": \"Alan Turing\"}}", "\"fr\": \"Alan\\u007f\"}}", ST_DEFINITION, 24,
	  "contests[0].options[1].name.fr", "control" },
	{ ", \"fr\": \"Alan Turing\"", "", ST_DEFINITION, 24, "contests[0].options[1].name",
	  "the text in language \"fr\" is missing" },
	{ "\"fr\": \"Budget des parcs\"", "\"fr\": \"Budget\xe2\x81\xa6\"", ST_DEFINITION, 26,
	  "contests[1].title.fr", "direction of writing" },
	{ "{\"id\": \"ada\", \"name\": {\"en\": \"Ada Lovelace\", \"fr\": \"Ada Lovelace\"}},",
	  "\"Ada\",", ST_FORMAT, 23, "contests[0].options[0]", "this must be an object" },
};

/* --- the machinery ------------------------------------------------------------------------- */

/* PARTIES_DEFINITION with one piece replaced; the caller frees. */
static char *mutate(const char *old, const char *new, size_t *len)
{
	const char *at = strstr(PARTIES_DEFINITION, old);
	size_t before;
	char *out;

	if (at == NULL || strstr(at + 1, old) != NULL)
		fail_msg("\"%s\" does not stand in the definition exactly once", old);
	before = (size_t)(at - PARTIES_DEFINITION);
	out = malloc(strlen(PARTIES_DEFINITION) + strlen(new) + 1);
	assert_non_null(out);
	memcpy(out, PARTIES_DEFINITION, before);
	memcpy(out + before, new, strlen(new));
	memcpy(out + before + strlen(new), at + strlen(old), strlen(at + strlen(old)) + 1);
	*len = strlen(out);
	return out;
}

static enum status compile(struct manifest **m, struct refusal *why, const char *text)
{
	struct card_source cards = parties_source(&people);

	return definition_compile(m, why, text, strlen(text), &cards);
}

static void refuse_all(const struct mutation *list, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const struct mutation *mu = &list[i];
		struct refusal why = { .line = 0 };
		struct manifest *m;
		size_t text_len;
		char *text = mutate(mu->old, mu->new, &text_len);
		enum status st = compile(&m, &why, text);

		if (st != mu->st || why.line != mu->line || strcmp(why.path, mu->path) != 0 ||
		    strstr(why.reason, mu->reason) == NULL)
			fail_msg("mutation %zu (%s): %s, line %u, \"%s\": %s", i, mu->new, status_name(st),
			         why.line, why.path, why.reason);
		assert_null(m);
		free(text);
	}
}

#define REFUSE_ALL(list) refuse_all(list, sizeof(list) / sizeof((list)[0]))

static void what_is_not_json_is_refused(void **state)
{
	(void)state;
	REFUSE_ALL(JSON);
}

static void bad_settings_are_refused(void **state)
{
	(void)state;
	REFUSE_ALL(GENERAL);
}

static void bad_parties_are_refused(void **state)
{
	(void)state;
	REFUSE_ALL(PARTIES);
}

static void bad_units_and_styles_are_refused(void **state)
{
	(void)state;
	REFUSE_ALL(UNITS);
}

static void bad_contests_are_refused(void **state)
{
	(void)state;
	REFUSE_ALL(CONTESTS);
}

/* --- what is good -------------------------------------------------------------------------- */

static void a_good_definition_compiles_to_what_it_says(void **state)
{
	struct manifest *m = parties_manifest(&people, PARTIES_DEFINITION);
	uint8_t id[32];

	(void)state;
	hash256(id, m->bytes, m->len);
	assert_memory_equal(m->election_id, id, 32);
	assert_int_equal(m->languages_len, 2);
	assert_string_equal(m->title.in[1], "Conseil communal");
	assert_int_equal(m->threshold, 3);
	assert_int_equal(m->trustees_len, 4);
	assert_int_equal(m->faults, 1);
	assert_int_equal(m->quorum, 3);
	assert_string_equal(m->trustees[3].name, "Trustee 4");
	assert_int_equal(m->revote, REVOTE_NEVER);
	assert_int_equal(m->publish_min, 10);
	assert_int_equal(m->batch_min, 1);
	assert_false(m->rehearsal);
	assert_false(m->weights_reveal);
	assert_int_equal(m->value_max, 5);
	assert_int_equal(m->units[0].parent, 1);
	assert_int_equal(m->units[1].parent, MANIFEST_NONE);
	assert_int_equal(m->contests[0].min, 1);
	assert_true(m->contests[0].blank);
	assert_int_equal(m->contests[0].each_max, 1);
	assert_int_equal(m->contests[1].min, 0);
	assert_false(m->contests[1].blank);
	assert_string_equal(m->contests[1].options[0].name.in[1], "Parc du ch\xc3\xaane");
	/* mayor: blank and 2 options, no slack (1..1); parks: 3 options of digits(5) = 1, 2, 2, and
	 * slack digits(10) = 1, 2, 4, 3. */
	assert_int_equal(m->styles[0].ciphertexts_len, 3 + 3);
	assert_int_equal(m->styles[0].bits_len, 3 + 9 + 4);
	assert_int_equal(m->styles[0].constraints_len, 2);
	assert_int_equal(m->styles[0].contests[0].first, 0);
	assert_int_equal(m->styles[0].contests[1].first, 3);
	assert_int_equal(m->styles[0].contests[1].len, 3);
	assert_int_equal(m->styles[1].ciphertexts_len, 3);
	assert_memory_not_equal(m->styles[0].layout->digest, m->styles[1].layout->digest, 64);
	manifest_free(m);
}

static void the_same_definition_gives_the_same_bytes(void **state)
{
	struct manifest *a = parties_manifest(&people, PARTIES_DEFINITION);
	struct manifest *b = parties_manifest(&people, PARTIES_DEFINITION);

	(void)state;
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
	manifest_free(a);
	manifest_free(b);
}

/* One difference in the text, none in the meaning. */
static void spaces_order_and_usual_values_do_not_matter(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"suite\": \"ristretto255\",", "" },
		{ "\"revote\": \"never\",", "" },
		{ "\"tests_per_kiosk\": 200,", "" },
		{ "\"dkg_min_minutes\": 0,", "" },
		{ "\"batch_wait_ms\": 500,", "\"batch_min\": 1, \"rehearsal\": false," },
		{ "\"threshold\": 3,", "\"weights_reveal\": \"refused\", \"threshold\":\n\t3," },
		{ "\"max\": 10", "\"max\": 10, \"min\": 0, \"blank\": false" },
		{ "\"id\": \"mayor\", \"type\": \"choose\"", "\"type\": \"choose\", \"id\": \"mayor\"" },
		{ "Parc du ch\xc3\xaane", "Parc du ch\\u00eane" },
		{ "Town council", "\\u0054own council" },
	};
	struct manifest *a = parties_manifest(&people, PARTIES_DEFINITION);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t len;
		char *text = mutate(pairs[i][0], pairs[i][1], &len);
		struct manifest *b = parties_manifest(&people, text);

		assert_memory_equal(a->election_id, b->election_id, 32);
		manifest_free(b);
		free(text);
	}
	manifest_free(a);
}

/* One difference in the meaning. */
static void every_difference_makes_another_election(void **state)
{
	static const char *const pairs[][2] = {
		{ "\"publish_min\": 10", "\"publish_min\": 11" },
		{ "\"revote\": \"never\"", "\"revote\": \"last\"" },
		{ "\"threshold\": 3", "\"threshold\": 2" },
		{ "[\"1.card\", \"2.card\"", "[\"2.card\", \"1.card\"" },
		{ "\"Conseil communal\"", "\"Conseil Communal\"" },
		{ "\"max\": 10", "\"max\": 11" },
		{ "\"blank\": true", "\"blank\": false" },
		{ ", \"merge_into\": \"south\"", "" },
	};
	struct manifest *a = parties_manifest(&people, PARTIES_DEFINITION);

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t len;
		char *text = mutate(pairs[i][0], pairs[i][1], &len);
		struct manifest *b = parties_manifest(&people, text);

		assert_memory_not_equal(a->election_id, b->election_id, 32);
		manifest_free(b);
		free(text);
	}
	manifest_free(a);
}

/* Design §5.4: max := min(max, n * each_max); without max that is what is meant. */
static void a_score_maximum_is_lowered_to_what_the_options_take(void **state)
{
	static const char *const rules[] = {
		"\"each_max\": 5", "\"each_max\": 5, \"max\": 15", "\"each_max\": 5, \"max\": 16",
		"\"each_max\": 5, \"max\": 4000000000",
	};
	uint8_t id[32];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t len;
		char *text = mutate(PARKS_RULE, rules[i], &len);
		struct manifest *m = parties_manifest(&people, text);

		assert_int_equal(m->contests[1].max, 15);
		/* No constraint: min 0, max all, no blank. */
		assert_int_equal(m->styles[0].constraints_len, 1);
		if (i > 0)
			assert_memory_equal(id, m->election_id, 32);
		memcpy(id, m->election_id, 32);
		manifest_free(m);
		free(text);
	}
}

static void a_threshold_of_one_is_for_rehearsals(void **state)
{
	size_t len;
	char *text = mutate("\"threshold\": 3", "\"threshold\": 1, \"rehearsal\": true", &len);
	struct manifest *m = parties_manifest(&people, text);

	(void)state;
	assert_int_equal(m->threshold, 1);
	assert_true(m->rehearsal);
	manifest_free(m);
	free(text);
}

/* --- cards --------------------------------------------------------------------------------- */

static void a_bad_card_is_refused_by_its_name(void **state)
{
	struct party *y = &people.party[2];
	struct refusal why;
	struct manifest *m;

	(void)state;
	y->bytes[y->len / 2] ^= 1;
	assert_int_not_equal(compile(&m, &why, PARTIES_DEFINITION), ST_OK);
	assert_string_equal(why.path, "trustees[2]");
	assert_int_equal(why.line, 5);
	assert_non_null(strstr(why.reason, "the card \"3.card\" is refused at "));
	y->bytes[y->len / 2] ^= 1;
	assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), ST_OK);
	manifest_free(m);
}

/* A key that trustee 1 has, in another place of trustee 3's card. */
static void a_key_of_two_cards_is_refused(void **state)
{
	struct party *first = &people.party[0];
	struct party *y = &people.party[2];
	uint8_t *const mine[] = { y->draft.node_key, y->draft.checkpoint_key, y->draft.curve_key };
	uint8_t *const theirs[] = { first->draft.checkpoint_key, first->draft.sign_key,
	                            first->draft.curve_key };
	static const char *const path[] = { "trustees[2].node_key", "trustees[2].checkpoint_key",
	                                    "trustees[2].curve_key" };
	struct party kept = *y;
	struct refusal why;
	struct manifest *m;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memcpy(mine[i], theirs[i], CARD_KEY_BYTES);
		parties_remake(&people, 2);
		assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), ST_KEY);
		assert_string_equal(why.path, path[i]);
		*y = kept;
	}
	y->enc = first->enc;
	parties_remake(&people, 2);
	assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), ST_KEY);
	assert_string_equal(why.path, "trustees[2].encryption_key");
	assert_string_equal(why.reason, "this key is also the encryption_key of \"Trustee 1\"");
	*y = kept;
}

static void a_name_or_port_of_two_trustees_is_refused(void **state)
{
	struct party *y = &people.party[3];
	struct party kept = *y;
	struct refusal why;
	struct manifest *m;

	(void)state;
	memcpy(y->draft.name, "Trustee 2", 10);
	parties_remake(&people, 3);
	assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), ST_DEFINITION);
	assert_string_equal(why.path, "trustees[3].name");
	*y = kept;
	y->draft.address = people.party[1].draft.address;
	for (unsigned int apart = 0; apart <= ADDRESS_PORTS; apart++) {
		enum status want = apart < ADDRESS_PORTS ? ST_DEFINITION : ST_OK;

		y->draft.address.base = (uint16_t)(people.party[1].draft.address.base + apart);
		parties_remake(&people, 3);
		assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), want);
		if (want != ST_OK)
			assert_string_equal(why.path, "trustees[3].address");
		manifest_free(m);
	}
	*y = kept;
}

static void a_card_of_another_suite_is_refused(void **state)
{
	struct party *y = &people.party[1];
	struct party kept = *y;
	struct refusal why;
	struct manifest *m;

	(void)state;
	y->draft.suite = group_rfc3526_2048();
	group_scalar_u64(y->draft.suite, &y->enc, 99);
	parties_remake(&people, 1);
	assert_int_equal(compile(&m, &why, PARTIES_DEFINITION), ST_DEFINITION);
	assert_string_equal(why.path, "trustees[1].suite");
	assert_string_equal(why.reason, "this card was made for the suite \"rfc3526-2048\", the "
	                                "election has \"ristretto255\"");
	*y = kept;
}

static void write_card(const char *name, const struct party *y)
{
	assert_int_equal(file_write(scratch_path(name), y->bytes, y->len, FILE_NEW, FILE_PUBLIC),
	                 ST_OK);
}

static void cards_are_read_from_a_folder(void **state)
{
	struct card_source cards = card_source_folder(scratch_folder());
	struct refusal why;
	struct manifest *m;

	(void)state;
	write_card("1.card", &people.party[0]);
	write_card("2.card", &people.party[1]);
	write_card("3.card", &people.party[2]);
	write_card("4.card", &people.party[3]);
	write_card("registrar.card", &people.party[PARTIES_REGISTRAR]);
	assert_int_equal(definition_compile(&m, &why, PARTIES_DEFINITION,
	                                    strlen(PARTIES_DEFINITION), &cards), ST_NOT_FOUND);
	assert_string_equal(why.path, "officer");
	write_card("officer.card", &people.party[PARTIES_OFFICER]);
	assert_int_equal(definition_compile(&m, &why, PARTIES_DEFINITION,
	                                    strlen(PARTIES_DEFINITION), &cards), ST_OK);
	manifest_free(m);
	scratch_remove();
}

static void nobody_need_want_to_know_why(void **state)
{
	struct manifest *m;
	size_t len;
	char *text = mutate("\"threshold\": 3", "\"threshold\": 9", &len);

	(void)state;
	assert_int_equal(compile(&m, NULL, text), ST_DEFINITION);
	assert_int_equal(compile(&m, NULL, "{"), ST_FORMAT);
	assert_int_equal(compile(&m, NULL, PARTIES_DEFINITION), ST_OK);
	manifest_free(m);
	free(text);
}

static int start(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	parties_make(&people, 4, 1);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(bad_settings_are_refused),
		cmocka_unit_test(bad_parties_are_refused),
		cmocka_unit_test(bad_units_and_styles_are_refused),
		cmocka_unit_test(bad_contests_are_refused),
		cmocka_unit_test(a_good_definition_compiles_to_what_it_says),
		cmocka_unit_test(the_same_definition_gives_the_same_bytes),
		cmocka_unit_test(spaces_order_and_usual_values_do_not_matter),
		cmocka_unit_test(every_difference_makes_another_election),
		cmocka_unit_test(a_score_maximum_is_lowered_to_what_the_options_take),
		cmocka_unit_test(a_threshold_of_one_is_for_rehearsals),
		cmocka_unit_test(a_bad_card_is_refused_by_its_name),
		cmocka_unit_test(a_key_of_two_cards_is_refused),
		cmocka_unit_test(a_name_or_port_of_two_trustees_is_refused),
		cmocka_unit_test(a_card_of_another_suite_is_refused),
		cmocka_unit_test(cards_are_read_from_a_folder),
		cmocka_unit_test(nobody_need_want_to_know_why),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
