/*
 * fuzz_text.c: any bytes as text: the verdict does not depend on what follows, what is fine is
 * UTF-8, and wrapping ends and takes everything.
 */
#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data + 1;
	size_t columns, at, lines = 0;

	if (len < 1 || len > 4096)
		return 0;
	columns = 1 + data[0] % 100;
	len--;
	if (text_flaw(text, len, &at) == TEXT_FINE)
		must(text_is_utf8(text, len) && text_check(text, len, len) == ST_OK);
	else
		must(at < len && text_check(text, len, len) == ST_FORMAT);
	must(text_width(text, len) <= 2 * len);
	for (size_t pos = 0; pos < len; lines++) {
		size_t take, skip;

		text_wrap(text + pos, len - pos, columns, &take, &skip);
		must(take + skip > 0 && take + skip <= len - pos);
		pos += take + skip;
	}
	must(lines <= len);
	return 0;
}
