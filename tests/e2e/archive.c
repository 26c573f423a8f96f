/*
 * archive.c: a small election in memory, by the production code, and its archive on a file; prints
 * the fingerprint.
 *
 *	archive FILE
 *
 * Three of four trustees, weights, revotes, a test, a unit that merges and one that is withheld.
 */
#include "tests/unit/lib/town.h"

#include "common/base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"

static const char DEFINITION[] =
	"{\"title\": {\"en\": \"Of the C\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", \"revote\": \"last\", "
	"\"weights_reveal\": \"accepted\", \"publish_min\": 4, "
	"\"units\": [{\"id\": \"north\", \"name\": {\"en\": \"North\"}, \"merge_into\": \"south\"}, "
	NAMED("south") ", " NAMED("island") "], \"styles\": ["
	"{\"id\": \"n\", \"unit\": \"north\", \"contests\": [\"mayor\", \"parks\"]}, "
	"{\"id\": \"s\", \"unit\": \"south\", \"contests\": [\"mayor\", \"board\"]}, "
	"{\"id\": \"i\", \"unit\": \"island\", \"contests\": [\"mayor\"]}], "
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, "
	"\"blank\": true, \"title\": {\"en\": \"Mayor\"}, "
	"\"options\": [" NAMED("ada") ", " NAMED("alan") "]}, "
	"{\"id\": \"board\", \"type\": \"choose\", \"min\": 0, \"max\": 3, "
	"\"title\": {\"en\": \"Board\"}, "
	"\"options\": [" NAMED("eve") ", " NAMED("flo") ", " NAMED("gus") "]}, "
	"{\"id\": \"parks\", \"type\": \"score\", \"each_max\": 5, \"max\": 6, "
	"\"title\": {\"en\": \"Parks\"}, \"options\": [" NAMED("oak") ", " NAMED("elm") "]}]}";

enum { VOTERS = 9, LONGEST = 6 };

static const uint16_t STYLES[VOTERS] = { 0, 0, 0, 1, 1, 1, 1, 2, 2 };
static const uint32_t WEIGHTS[VOTERS] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static const size_t LEN[3] = { 5, 6, 3 };
static const uint32_t CHOICE[VOTERS][LONGEST] = {
	{ 0, 1, 0, 5, 1 }, { 1, 0, 0, 0, 3 }, { 0, 0, 1, 2, 2 },
	{ 0, 1, 0, 1, 1, 1 }, { 0, 1, 0, 0, 1, 0 }, { 0, 0, 1, 0, 0, 0 }, { 1, 0, 0, 0, 0, 1 },
	{ 0, 0, 1 }, { 1, 0, 0 },
};

static struct scalar slip[VOTERS];
static uint8_t tracker[VOTERS][32];
static struct town town;

/* Of voter v, with the choice of voter w of the same style. */
static void cast(uint32_t v, uint32_t w, bool again)
{
	uint16_t style = STYLES[v];
	struct scalar next;
	uint8_t named[32];

	memcpy(named, tracker[v], sizeof(named));
	town_block_one(&town, town_reballot(&town, v, style, CHOICE[w], LEN[style],
	                                    again ? named : NULL, again ? &slip[v] : NULL, &next,
	                                    tracker[v]));
	slip[v] = next;
}

static void run(void)
{
	town_new(&town, 4, DEFINITION);
	town_ceremony(&town, town_everyone(&town));
	town_enrol(&town, STYLES, WEIGHTS, VOTERS);
	town_open(&town);
	for (uint32_t v = 0; v < VOTERS - 1; v++)
		cast(v, v, false);
	cast(0, 1, true);
	cast(4, 3, true);
	cast(0, 2, true);
	town_block_one(&town, town_phase(&town, TX_CLOSE, town_everyone(&town)));
	town_block_one(&town, town_test(&town, 1, 0, CHOICE[2], LEN[0]));
	town_block_one(&town, town_phase(&town, TX_END, town_everyone(&town)));
	town_finish(&town);
}

static void write_archive(void **state)
{
	const char *path = *state;
	char print[2 * 32 + 1];
	FILE *file;

	run();
	file = fopen(path, "wb");
	assert_non_null(file);
	town_archive(&town, file, town.m->quorum);
	assert_int_equal(fclose(file), 0);
	hex_encode(print, town.m->election_id, sizeof(town.m->election_id));
	printf("fingerprint %s\n", print);
	town_free(&town);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_prestate(write_archive, argv[argc - 1]) };

	if (argc != 2) {
		fprintf(stderr, "usage: archive FILE\n");
		return 64;
	}
	return cmocka_run_group_tests_name("archive", tests, NULL, NULL);
}
