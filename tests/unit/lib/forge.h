/*
 * forge.h: what a cheat does to the bytes of a proof.
 *
 * Invariant: unless said otherwise what is left still decodes, so that a refusal is one of
 * mathematics and not of format.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_FORGE_H
#define KALPIS_TESTS_UNIT_LIB_FORGE_H

#include "crypto/group.h"

/* s + 1 mod q */
void forge_scalar_next(const struct group *g, uint8_t *scalar);
/* s + q as an integer: the same number, not canonical.  False, and nothing done, when it is too
 * large for the encoding. */
bool forge_scalar_plus_order(const struct group *g, uint8_t *scalar);
/* q itself, the smallest number that is refused */
void forge_scalar_order(const struct group *g, uint8_t *scalar);
/* e + generator */
void forge_element_next(const struct group *g, uint8_t *element);
void forge_element_identity(const struct group *g, uint8_t *element);

#endif
