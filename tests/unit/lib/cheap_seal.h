/*
 * cheap_seal.h: sealed files that cost next to nothing, for tests (docs/decisions/0017).
 *
 * A test program that calls cheap_seal() pulls this object out of the test library, and with it
 * the lowest cost in place of crypto/seal_cost.c.  Programs do not link the test library.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_CHEAP_SEAL_H
#define KALPIS_TESTS_UNIT_LIB_CHEAP_SEAL_H

void cheap_seal(void);

#endif
