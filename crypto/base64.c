/*
 * base64.c: see base64.h.
 */
#include "crypto/base64.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

void base64_encode(char *out, const void *in, size_t len)
{
	assert(sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL) == BASE64_CHARS(len));
	(void)sodium_bin2base64(out, BASE64_CHARS(len), in, len, sodium_base64_VARIANT_ORIGINAL);
}

enum status base64_decode(void *out, size_t out_len, const char *text, size_t text_len)
{
	size_t len = 0;
	const char *end = NULL;

	if (text_len + 1 != BASE64_CHARS(out_len) ||
	    sodium_base642bin(out, out_len, text, text_len, NULL, &len, &end,
	                      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    len != out_len || end != text + text_len)
		return ST_FORMAT;
	return ST_OK;
}
