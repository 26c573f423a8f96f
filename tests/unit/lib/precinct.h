/*
 * precinct.h: an election with every kind of contest that a kiosk shows, for tests of the kiosk.
 *
 * Trustees' cards are called "t1.card" ... "t4.card", as in town.h.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_PRECINCT_H
#define KALPIS_TESTS_UNIT_LIB_PRECINCT_H

#include "common/election/manifest.h"

/*
 * Styles: "north" with all contests, "south" with the mayor alone.
 *   mayor     choose 1 of 3, or blank
 *   council   choose 2 to 3 of 5, no blank
 *   parks     score, 5 each, 10 in all, 3 options
 *   measure   choose up to 1 of 2, blank allowed
 *   long      choose up to 4 of 30
 * revote: "never" or "last".
 */
enum { PRECINCT_MAYOR = 0, PRECINCT_COUNCIL, PRECINCT_PARKS, PRECINCT_MEASURE, PRECINCT_LONG };
enum { PRECINCT_DEFINITION_BYTES = 16384 };

void precinct_definition(char out[static PRECINCT_DEFINITION_BYTES], const char *revote,
                         unsigned int tests);

/* The manifest alone, with trustees that nobody needs. */
struct manifest *precinct_manifest(const char *revote);

#endif
