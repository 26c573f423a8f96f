/* cheap_seal.c: see cheap_seal.h. */
#include "tests/unit/lib/cheap_seal.h"

#include "crypto/seal.h"

const struct seal_cost seal_cost = { .operations = 1, .memory_kib = 8 };

void cheap_seal(void)
{
}
