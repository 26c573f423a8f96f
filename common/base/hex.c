/*
 * hex.c: see hex.h.
 *
 * Invariant: decoders look at everything before they write anything.
 */
#include "common/base/hex.h"

#include <stdbool.h>
#include <stdint.h>

enum { NO_DIGIT = 16 };

void hex_encode(char *out, const void *in, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *p = in;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * len] = '\0';
}

static uint8_t value_of(char c, bool upper_too)
{
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (uint8_t)(c - 'a' + 10);
	if (upper_too && c >= 'A' && c <= 'F')
		return (uint8_t)(c - 'A' + 10);
	return NO_DIGIT;
}

enum status hex_decode(void *out, size_t out_len, const char *text, size_t text_len)
{
	uint8_t *p = out;

	if (text_len % 2 != 0 || text_len / 2 != out_len)
		return ST_FORMAT;
	for (size_t i = 0; i < text_len; i++)
		if (value_of(text[i], false) == NO_DIGIT)
			return ST_FORMAT;
	for (size_t i = 0; i < out_len; i++)
		p[i] = (uint8_t)(value_of(text[2 * i], false) << 4 |
		                 value_of(text[2 * i + 1], false));
	return ST_OK;
}

static bool is_skipped(char c)
{
	return c == ' ' || c == '-' || c == ':';
}

enum status hex_decode_typed(void *out, size_t out_len, const char *text, size_t text_len)
{
	uint8_t *p = out;
	size_t digits = 0;

	for (size_t i = 0; i < text_len; i++) {
		if (is_skipped(text[i]))
			continue;
		if (value_of(text[i], true) == NO_DIGIT)
			return ST_FORMAT;
		digits++;
	}
	if (digits % 2 != 0 || digits / 2 != out_len)
		return ST_FORMAT;
	digits = 0;
	for (size_t i = 0; i < text_len; i++) {
		if (is_skipped(text[i]))
			continue;
		p[digits / 2] = (uint8_t)((digits % 2 == 0 ? 0 : p[digits / 2] << 4) |
		                          value_of(text[i], true));
		digits++;
	}
	return ST_OK;
}
