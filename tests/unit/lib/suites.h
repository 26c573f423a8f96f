/*
 * suites.h: the groups that every proof is tested over.
 *
 * Invariant: suites_large are those that a manifest may name; a false proof passes there with
 * negligible probability.  Over group_tiny (q = 11) it passes once in eleven, so forgeries are
 * not tried there; completeness and acceptance sets are tried by enumeration.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_SUITES_H
#define KALPIS_TESTS_UNIT_LIB_SUITES_H

#include "crypto/group.h"

enum { SUITES_TINY_ORDER = 11 };

/* Ends in NULL. */
const struct group *const *suites_large(void);
/* The same, and the tiny group behind them. */
const struct group *const *suites_all(void);

#endif
