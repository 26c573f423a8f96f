/*
 * fuzz_base32.c: any text as base32 and as hexadecimal digits.  What is accepted, written again
 * and read again, gives the same bytes.
 */
#include "common/base/base32.h"
#include "common/base/hex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t bytes[64], again[64];
	char text[160];
	size_t out_len;

	if (len < 1)
		return 0;
	out_len = data[0] % 41;
	if (base32_decode(bytes, out_len, (const char *)data + 1, len - 1) == ST_OK) {
		base32_encode(text, 4, bytes, out_len);
		must(strlen(text) == base32_text_len(out_len, 4));
		must(base32_decode(again, out_len, text, strlen(text)) == ST_OK);
		must(memcmp(bytes, again, out_len) == 0);
	}
	if (hex_decode(bytes, out_len, (const char *)data + 1, len - 1) == ST_OK) {
		hex_encode(text, bytes, out_len);
		must(memcmp(text, data + 1, len - 1) == 0);
	}
	if (hex_decode_typed(bytes, out_len, (const char *)data + 1, len - 1) == ST_OK) {
		hex_encode(text, bytes, out_len);
		must(hex_decode(again, out_len, text, strlen(text)) == ST_OK);
		must(memcmp(bytes, again, out_len) == 0);
	}
	return 0;
}
