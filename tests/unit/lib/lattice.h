/*
 * lattice.h: small solutions of one equation modulo the group order, by lattice reduction
 * (Lenstra, Lenstra and Lovasz 1982; Babai 1986).  Only for forgers in tests; ristretto255 only.
 *
 * Invariant: vectors are exact modulo q, which loses nothing, because q times anything lies in the
 * lattice; floating point only decides what to do next.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_LATTICE_H
#define KALPIS_TESTS_UNIT_LIB_LATTICE_H

#include "crypto/group.h"

enum { LATTICE_MAX = 16 };

/*
 * v[0..len) below 2^bits with sum of v[i] * t[i] = target mod q.  false: none was found (expect
 * one when bits * len is well above 252).  len <= LATTICE_MAX, bits <= 40, t[0] is not 0.
 */
bool lattice_solve(uint64_t *v, const struct scalar *t, const struct scalar *target, size_t len,
                   unsigned int bits);

#endif
