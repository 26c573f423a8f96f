/*
 * precinct.c: see precinct.h.
 */
#include "tests/unit/lib/precinct.h"

#include "tests/unit/lib/parties.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HEAD[] =
	"{\"title\":{\"en\":\"Town council 2026\"},\"languages\":[\"en\"],\"threshold\":3,"
	"\"trustees\":[\"%s1.card\",\"%s2.card\",\"%s3.card\",\"%s4.card\"],"
	"\"registrar\":\"registrar.card\",\"officer\":\"officer.card\",\"revote\":\"%s\","
	"\"tests_per_kiosk\":%u,"
	"\"units\":[{\"id\":\"north\",\"name\":{\"en\":\"North\"}},"
	"{\"id\":\"south\",\"name\":{\"en\":\"South\"}}],"
	"\"styles\":[{\"id\":\"north\",\"unit\":\"north\",\"contests\":"
	"[\"mayor\",\"council\",\"parks\",\"measure\",\"long\"]},"
	"{\"id\":\"south\",\"unit\":\"south\",\"contests\":[\"mayor\"]}],"
	"\"contests\":["
	"{\"id\":\"mayor\",\"type\":\"choose\",\"min\":1,\"max\":1,\"blank\":true,"
	"\"title\":{\"en\":\"Mayor\"},\"options\":["
	"{\"id\":\"ada-id\",\"name\":{\"en\":\"Ada Lovelace\"}},"
	"{\"id\":\"alan-id\",\"name\":{\"en\":\"Alan Turing\"}},"
	"{\"id\":\"grace-id\",\"name\":{\"en\":\"Grace Hopper\"}}]},"
	"{\"id\":\"council\",\"type\":\"choose\",\"min\":2,\"max\":3,"
	"\"title\":{\"en\":\"Council\"},\"options\":["
	"{\"id\":\"emmy-id\",\"name\":{\"en\":\"Emmy Noether\"}},"
	"{\"id\":\"kurt-id\",\"name\":{\"en\":\"Kurt G\xc3\xb6" "del\"}},"
	"{\"id\":\"sofia-id\",\"name\":{\"en\":\"Sofia Kovalevskaya\"}},"
	"{\"id\":\"evariste-id\",\"name\":{\"en\":\"\xc3\x89variste Galois\"}},"
	"{\"id\":\"srinivasa-id\",\"name\":{\"en\":\"Srinivasa Ramanujan\"}}]},"
	"{\"id\":\"parks\",\"type\":\"score\",\"each_max\":5,\"max\":10,"
	"\"title\":{\"en\":\"Parks budget: how shall the money of next year be shared among the "
	"three parks of the town?\"},\"options\":["
	"{\"id\":\"oak-id\",\"name\":{\"en\":\"Oak park\"}},"
	"{\"id\":\"elm-id\",\"name\":{\"en\":\"Elm park\"}},"
	"{\"id\":\"ash-id\",\"name\":{\"en\":\"Ash park\"}}]},"
	"{\"id\":\"measure\",\"type\":\"choose\",\"max\":1,\"blank\":true,"
	"\"title\":{\"en\":\"Shall the library open on Sundays?\"},\"options\":["
	"{\"id\":\"yes-id\",\"name\":{\"en\":\"Yes\"}},{\"id\":\"no-id\",\"name\":{\"en\":\"No\"}}]},"
	"{\"id\":\"long\",\"type\":\"choose\",\"max\":4,\"title\":{\"en\":\"School board\"},"
	"\"options\":[";

static void put(char *out, size_t *at, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(out + *at, PRECINCT_DEFINITION_BYTES - *at, format, ap);
	va_end(ap);
	assert(n > 0);
	*at += (size_t)n;
	assert(*at < PRECINCT_DEFINITION_BYTES);
}

static void write_definition(char *out, const char *prefix, const char *revote, unsigned int tests)
{
	size_t at = 0;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	put(out, &at, HEAD, prefix, prefix, prefix, prefix, revote, tests);
#pragma GCC diagnostic pop
	for (unsigned int i = 1; i <= 30; i++)
		put(out, &at, "%s{\"id\":\"board-%u\",\"name\":{\"en\":\"Candidate number %u of the "
		    "board\"}}", i == 1 ? "" : ",", i, i);
	put(out, &at, "]}]}");
}

void precinct_definition(char out[static PRECINCT_DEFINITION_BYTES], const char *revote,
                         unsigned int tests)
{
	write_definition(out, "t", revote, tests);
}

struct manifest *precinct_manifest(const char *revote)
{
	static char definition[PRECINCT_DEFINITION_BYTES];
	static struct parties parties;

	parties_make(&parties, 4, 9);
	write_definition(definition, "", revote, 200);
	return parties_manifest(&parties, definition);
}
