/*
 * number.c: see number.h.
 *
 * Invariant: the value so far never exceeds max.
 */
#include "common/base/number.h"

enum status number_decode(uint64_t *out, const char *text, size_t len, uint64_t max)
{
	uint64_t value = 0;

	if (len == 0 || (len > 1 && text[0] == '0'))
		return ST_FORMAT;
	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return ST_FORMAT;
	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)(text[i] - '0');

		if (value > max / 10 || digit > max - 10 * value)
			return ST_LIMIT;
		value = 10 * value + digit;
	}
	*out = value;
	return ST_OK;
}
