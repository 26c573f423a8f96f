/*
 * seal_cost.c: what sealing costs in every program that people run (docs/decisions/0017).
 *
 * It has a file to itself so that a test program can bring a cheaper one, and a production binary
 * cannot: the cheaper one is an object of the test library, which no program links.
 */
#include "crypto/seal.h"

#include <sodium.h>

_Static_assert(crypto_pwhash_MEMLIMIT_MODERATE / 1024 <= SEAL_MEMORY_KIB_MAX, "within our bound");
_Static_assert(crypto_pwhash_OPSLIMIT_MODERATE <= SEAL_OPERATIONS_MAX, "so are the operations");

const struct seal_cost seal_cost = {
	.operations = crypto_pwhash_OPSLIMIT_MODERATE,
	.memory_kib = crypto_pwhash_MEMLIMIT_MODERATE / 1024
};
