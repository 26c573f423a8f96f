/*
 * hex.h: bytes as hexadecimal digits.
 *
 * Invariant: what hex_encode writes is the only text that hex_decode reads back to those bytes.
 */
#ifndef KALPIS_BASE_HEX_H
#define KALPIS_BASE_HEX_H

#include "crypto/status.h"

#include <stddef.h>

/* Writes 2 * len lower-case digits and a NUL. */
void hex_encode(char *out, const void *in, size_t len);
/* Exactly 2 * out_len lower-case digits, else ST_FORMAT.  out is untouched on failure. */
MUST_USE enum status hex_decode(void *out, size_t out_len, const char *text, size_t text_len);
/* What a person typed: either case; spaces, hyphens and colons are skipped. */
MUST_USE enum status hex_decode_typed(void *out, size_t out_len, const char *text,
                                      size_t text_len);

#endif
