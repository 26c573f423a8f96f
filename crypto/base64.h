/*
 * base64.h: bytes as base64 (RFC 4648 §4, with padding), by libsodium.
 *
 * Invariant: what base64_encode writes is the only text that base64_decode reads back.
 */
#ifndef KALPIS_CRYPTO_BASE64_H
#define KALPIS_CRYPTO_BASE64_H

#include "crypto/status.h"

#include <stddef.h>

/* Characters for len bytes, with the NUL. */
#define BASE64_CHARS(len) (((len) + 2) / 3 * 4 + 1)

/* out has room for BASE64_CHARS(len). */
void base64_encode(char *out, const void *in, size_t len);
/* Exactly out_len bytes, canonical and padded, else ST_FORMAT.  out is undefined on failure. */
MUST_USE enum status base64_decode(void *out, size_t out_len, const char *text, size_t text_len);

#endif
