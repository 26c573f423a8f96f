/* hex.c: see hex.h. */
#include "tests/unit/lib/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t nibble(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	if (p == NULL) {
		fprintf(stderr, "bad hexadecimal digit '%c' in a test vector\n", c);
		abort();
	}
	return (uint8_t)(p - digits);
}

size_t hex_bytes(uint8_t *out, size_t max, const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (strlen(hex) % 2 != 0 || len > max) {
		fprintf(stderr, "a test vector of %zu digits, room for %zu bytes\n", strlen(hex), max);
		abort();
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
	return len;
}

void hex_exact(uint8_t *out, size_t len, const char *hex)
{
	if (hex_bytes(out, len, hex) != len) {
		fprintf(stderr, "a test vector is not of %zu bytes: %s\n", len, hex);
		abort();
	}
}
