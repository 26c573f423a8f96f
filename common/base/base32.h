/*
 * base32.h: Crockford's base32, for what people copy by hand: codes and trackers.
 *
 * Bytes are read as one string of bits, first bit first, five to a symbol; the last symbol is
 * filled with zero bits, and a decoder refuses others.  Written in upper case.  Read in either
 * case, with O for 0 and I or L for 1; hyphens and spaces are skipped.  U is refused.
 *
 * Constant time: in the values of symbols (a code is a secret); not in where hyphens are.
 */
#ifndef KALPIS_BASE_BASE32_H
#define KALPIS_BASE_BASE32_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum { BASE32_NONE = 0xff };

/* value < 32. */
char base32_symbol(uint8_t value);
/* 0..31, or BASE32_NONE when c is no symbol.  Hyphens and spaces are none. */
uint8_t base32_value(char c);

/* Symbols for len bytes. */
size_t base32_len(size_t len);
/* Characters for len bytes in groups of group symbols with a hyphen between (0: no groups),
 * without the NUL. */
size_t base32_text_len(size_t len, size_t group);
/* Writes base32_text_len(len, group) characters and a NUL. */
void base32_encode(char *out, size_t group, const void *in, size_t len);
/* Exactly out_len bytes: ST_FORMAT when text holds fewer or more symbols, another character, or
 * a set bit beyond the last byte.  On failure out is zero. */
MUST_USE enum status base32_decode(void *out, size_t out_len, const char *text, size_t text_len);

#endif
