/*
 * rng.h: randomness of the operating system (getrandom through libsodium).
 *
 * Invariant: these calls fill everything or stop the process; there is no weaker fallback.
 */
#ifndef KALPIS_CRYPTO_RNG_H
#define KALPIS_CRYPTO_RNG_H

#include "crypto/group.h"

#include <stddef.h>
#include <stdint.h>

void rng_bytes(void *out, size_t len);

/* Uniform below bound (bound > 0), without bias.  For shuffles and sampling. */
uint32_t rng_below(uint32_t bound);

/* Uniform in [1, q). */
void rng_scalar(const struct group *g, struct scalar *out);

#endif
