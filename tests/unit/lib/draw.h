/*
 * draw.h: repeatable scalars, elements and sets of trustees for tests.
 *
 * Invariant: what is drawn follows from the state of the generator alone.  Never for keys.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_DRAW_H
#define KALPIS_TESTS_UNIT_LIB_DRAW_H

#include "crypto/group.h"
#include "tests/unit/lib/prng.h"

void draw_scalar(struct prng *r, const struct group *g, struct scalar *out);
void draw_element(struct prng *r, const struct group *g, struct element *out);

/* len distinct numbers of 1..n, ascending. */
void draw_indices(struct prng *r, uint8_t *indices, size_t len, uint8_t n);

#endif
