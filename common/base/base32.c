/*
 * base32.c: see base32.h.
 *
 * Invariant: no table is indexed and no branch taken on the value of a symbol: codes are secret.
 */
#include "common/base/base32.h"

#include "crypto/mem.h"

#include <assert.h>
#include <stdbool.h>

/* All ones when a < b, else zero; a, b < 2^31. */
static uint32_t mask_less(uint32_t a, uint32_t b)
{
	return 0u - ((a - b) >> 31);
}

/* The alphabet's runs: 0-9, A-H, J-K, M-N, P-T, V-Z. */
static const struct run {
	char first;
	uint8_t value, count;
} RUNS[] = {
	{ '0', 0, 10 }, { 'A', 10, 8 }, { 'J', 18, 2 }, { 'M', 20, 2 }, { 'P', 22, 5 }, { 'V', 27, 5 },
};

enum { RUN_COUNT = sizeof(RUNS) / sizeof(RUNS[0]) };

char base32_symbol(uint8_t value)
{
	uint32_t symbol = 0;

	assert(value < 32);
	for (size_t i = 0; i < RUN_COUNT; i++) {
		uint32_t start = RUNS[i].value;
		uint32_t inside = mask_less(value, start + RUNS[i].count) &
		                  ~mask_less(value, start);

		symbol |= inside & ((uint32_t)RUNS[i].first + value - start);
	}
	return (char)symbol;
}

/* value when c == symbol, else BASE32_NONE unchanged in found. */
static uint32_t look_alike(uint32_t found, uint32_t c, char symbol, uint32_t value)
{
	uint32_t differs = mask_less(0, c ^ (uint8_t)symbol);

	return (found & differs) | (value & ~differs);
}

uint8_t base32_value(char symbol)
{
	uint32_t c = (uint8_t)symbol;
	uint32_t lower = mask_less(c, 'z' + 1) & ~mask_less(c, 'a');
	uint32_t found = BASE32_NONE;

	c -= lower & ('a' - 'A');
	for (size_t i = 0; i < RUN_COUNT; i++) {
		uint32_t first = (uint32_t)RUNS[i].first;
		uint32_t inside = mask_less(c, first + RUNS[i].count) & ~mask_less(c, first);

		found = (found & ~inside) | (inside & (RUNS[i].value + c - first));
	}
	found = look_alike(found, c, 'O', 0);
	found = look_alike(found, c, 'I', 1);
	found = look_alike(found, c, 'L', 1);
	return (uint8_t)found;
}

size_t base32_len(size_t len)
{
	return len / 5 * 8 + (len % 5 * 8 + 4) / 5;
}

size_t base32_text_len(size_t len, size_t group)
{
	size_t symbols = base32_len(len);

	return group == 0 || symbols == 0 ? symbols : symbols + (symbols - 1) / group;
}

void base32_encode(char *out, size_t group, const void *in, size_t len)
{
	const uint8_t *p = in;
	size_t symbols = base32_len(len), next = 0;
	uint32_t bits = 0, held = 0;

	for (size_t i = 0; i < symbols; i++) {
		if (held < 5) {
			bits = bits << 8 | (next < len ? p[next] : 0);
			next++;
			held += 8;
		}
		held -= 5;
		if (group > 0 && i > 0 && i % group == 0)
			*out++ = '-';
		*out++ = base32_symbol(bits >> held & 31);
	}
	*out = '\0';
}

static bool is_skipped(char c)
{
	return c == '-' || c == ' ';
}

enum status base32_decode(void *out, size_t out_len, const char *text, size_t text_len)
{
	uint8_t *p = out;
	size_t symbols = 0, next = 0;
	uint32_t bits = 0, held = 0, bad = 0;

	for (size_t i = 0; i < text_len; i++) {
		uint32_t value;

		if (is_skipped(text[i]))
			continue;
		if (++symbols > base32_len(out_len))
			break;
		value = base32_value(text[i]);
		bad |= value >> 5;
		bits = bits << 5 | (value & 31);
		held += 5;
		if (held >= 8 && next < out_len) {
			held -= 8;
			p[next++] = (uint8_t)(bits >> held);
		}
	}
	/* What is left beyond the last byte must be zero: one code, one text. */
	bad |= bits & ((1u << held) - 1);
	if (symbols == base32_len(out_len) && bad == 0)
		return ST_OK;
	mem_wipe(out, out_len);
	return ST_FORMAT;
}
