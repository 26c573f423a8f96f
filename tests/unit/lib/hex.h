/*
 * hex.h: hexadecimal figures of test vectors.
 *
 * Invariant: a bad figure stops the test program; it is a mistake in the test.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_HEX_H
#define KALPIS_TESTS_UNIT_LIB_HEX_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of hex into out, which has room for max; returns how many. */
size_t hex_bytes(uint8_t *out, size_t max, const char *hex);

/* Exactly len bytes. */
void hex_exact(uint8_t *out, size_t len, const char *hex);

#endif
