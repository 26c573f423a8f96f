/*
 * row32.h: one row of a multiplication of 32 limbs, where the processor has two chains of carries
 * (x86-64 with BMI2 and ADX); GMP as Debian builds it does not use them.
 *
 * Invariant: for public data; what it computes is what mpn_addmul_1 computes.
 */
#ifndef KALPIS_CRYPTO_ROW32_H
#define KALPIS_CRYPTO_ROW32_H

#include <stdbool.h>
#include <stdint.h>

enum { ROW32_LIMBS = 32 };

/* Does this processor have them?  Asked once; cheap from then on. */
bool row32_is_here(void);

/* r += a * b over ROW32_LIMBS limbs; the limb that is carried out.  Only where row32_is_here. */
uint64_t row32_addmul(uint64_t r[static ROW32_LIMBS], const uint64_t a[static ROW32_LIMBS],
                      uint64_t b);

#endif
