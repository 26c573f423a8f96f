/*
 * number.h: whole numbers as plain decimal text.
 *
 * Invariant: one number has one text: no sign, no leading zeros, no spaces.
 */
#ifndef KALPIS_BASE_NUMBER_H
#define KALPIS_BASE_NUMBER_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

/* ST_FORMAT when it is not such a text; ST_LIMIT when the number is above max. */
MUST_USE enum status number_decode(uint64_t *out, const char *text, size_t len, uint64_t max);

#endif
