/*
 * text.c: see text.h.  The one file that includes libunistring.
 *
 * Invariant: nothing is written beyond len, and a decoder never looks past it.
 */
#include "common/base/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unilbrk.h>
#include <uninorm.h>
#include <unistr.h>
#include <uniwidth.h>

enum { WRAP_LOOK_BYTES = 1024 };   /* how far ahead text_wrap looks for a break */

static const uint8_t *bytes_of(const char *text)
{
	return (const uint8_t *)text;
}

struct range {
	ucs4_t first, last;
};

static bool is_in(ucs4_t c, const struct range *range, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (c >= range[i].first && c <= range[i].last)
			return true;
	return false;
}

/* Embeddings, overrides and isolates (UAX #9); the plain marks LRM, RLM and ALM are allowed. */
static bool is_bidi(ucs4_t c)
{
	static const struct range bidi[] = { { 0x202a, 0x202e }, { 0x2066, 0x2069 } };

	return is_in(c, bidi, sizeof(bidi) / sizeof(bidi[0]));
}

/* Besides the general category Cc: separators of lines, what is seen by nobody but splits words,
 * annotations, tags.  The joiners U+200C and U+200D are spelling in some languages. */
static bool is_invisible(ucs4_t c)
{
	static const struct range hidden[] = {
		{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
		{ 0x200b, 0x200b }, { 0x2028, 0x2029 }, { 0x2060, 0x2065 },
		{ 0x206a, 0x206f }, { 0x3164, 0x3164 }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	return is_in(c, hidden, sizeof(hidden) / sizeof(hidden[0]));
}

static enum text_flaw flaw_of(ucs4_t c)
{
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc) || is_invisible(c))
		return TEXT_CONTROL;
	if (is_bidi(c))
		return TEXT_BIDI;
	if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cn | UC_CATEGORY_MASK_Co |
	                                        UC_CATEGORY_MASK_Cs))
		return TEXT_UNASSIGNED;
	return TEXT_FINE;
}

/* Whether the text is its own normal form C.  Compared in full: a quick check may say "maybe". */
static bool is_nfc(const char *text, size_t len)
{
	size_t norm_len = 0;
	uint8_t *norm = u8_normalize(UNINORM_NFC, bytes_of(text), len, NULL, &norm_len);
	bool same = norm != NULL && norm_len == len && memcmp(norm, text, len) == 0;

	free(norm);
	return same;
}

static bool is_ascii(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((uint8_t)text[i] >= 0x80)
			return false;
	return true;
}

enum text_flaw text_flaw(const char *text, size_t len, size_t *at)
{
	size_t ignored, pos = 0;

	if (at == NULL)
		at = &ignored;
	while (pos < len) {
		ucs4_t c = 0;
		int step = u8_mbtoucr(&c, bytes_of(text) + pos, len - pos);
		enum text_flaw flaw = step <= 0 ? TEXT_NOT_UTF8 : flaw_of(c);

		*at = pos;
		if (flaw != TEXT_FINE)
			return flaw;
		pos += (size_t)step;
	}
	*at = 0;
	return is_ascii(text, len) || is_nfc(text, len) ? TEXT_FINE : TEXT_NOT_NFC;
}

const char *text_flaw_phrase(enum text_flaw flaw)
{
	switch (flaw) {
	case TEXT_FINE:
		return "is fine";
	case TEXT_NOT_UTF8:
		return "is not UTF-8";
	case TEXT_CONTROL:
		return "holds a control character or an invisible one";
	case TEXT_BIDI:
		return "holds a character that overrides the direction of writing";
	case TEXT_UNASSIGNED:
		return "holds a code that is no character";
	case TEXT_NOT_NFC:
		return "is not in Unicode normal form C";
	case TEXT_FLAW_COUNT:
		break;
	}
	return "is not known to be fine";
}

enum status text_check(const char *text, size_t len, size_t max)
{
	if (len > max)
		return ST_LIMIT;
	return text_flaw(text, len, NULL) == TEXT_FINE ? ST_OK : ST_FORMAT;
}

bool text_is_utf8(const char *text, size_t len)
{
	return u8_check(bytes_of(text), len) == NULL;
}

size_t text_width(const char *text, size_t len)
{
	size_t width = 0, pos = 0;

	while (pos < len) {
		ucs4_t c = 0;
		int step = u8_mbtoucr(&c, bytes_of(text) + pos, len - pos);
		int columns = step > 0 ? uc_width(c, "UTF-8") : 1;

		width += columns > 0 ? (size_t)columns : 0;
		pos += step > 0 ? (size_t)step : 1;
	}
	return width;
}

size_t text_next(const char *text, size_t len)
{
	ucs4_t last = 0, c = 0;
	size_t pos;
	int step;

	if (len == 0)
		return 0;
	step = u8_mbtoucr(&last, bytes_of(text), len);
	if (step <= 0)
		return 1;
	for (pos = (size_t)step; pos < len; pos += (size_t)step) {
		step = u8_mbtoucr(&c, bytes_of(text) + pos, len - pos);
		if (step <= 0 || uc_is_grapheme_break(last, c))
			break;
		last = c;
	}
	return pos;
}

/* The longest start of whole clusters that fits in columns; at least one cluster. */
static size_t fit(const char *text, size_t len, size_t columns)
{
	size_t pos = text_next(text, len), width = text_width(text, pos);

	while (pos < len) {
		size_t step = text_next(text + pos, len - pos);

		width += text_width(text + pos, step);
		if (width > columns)
			break;
		pos += step;
	}
	return pos;
}

/* The first position from end on that is no space. */
static size_t past_spaces(const char *text, size_t len, size_t end)
{
	while (end < len && text[end] == ' ')
		end++;
	return end;
}

static size_t before_spaces(const char *text, size_t end)
{
	while (end > 0 && text[end - 1] == ' ')
		end--;
	return end;
}

/* The last place at or before end where Unicode lets a line break; 0 when there is none. */
static size_t break_before(const char *text, size_t len, size_t end)
{
	char breaks[WRAP_LOOK_BYTES];
	size_t look = len < sizeof(breaks) ? len : sizeof(breaks);

	while (look > 0 && look < len && ((uint8_t)text[look] & 0xc0) == 0x80)
		look--;   /* whole characters only */
	if (end >= look || !text_is_utf8(text, look))
		return 0;
	u8_possible_linebreaks(bytes_of(text), look, "UTF-8", breaks);
	while (end > 0 && breaks[end] != UC_BREAK_POSSIBLE && breaks[end] != UC_BREAK_MANDATORY)
		end--;
	return end;
}

void text_wrap(const char *text, size_t len, size_t columns, size_t *take, size_t *skip)
{
	const char *newline = len > 0 ? memchr(text, '\n', len) : NULL;
	size_t line = newline != NULL ? (size_t)(newline - text) : len;
	size_t end = fit(text, line, columns), after = past_spaces(text, line, end), at;

	assert(columns >= 1);
	*take = end;
	if (after == line) {
		*skip = line - end + (newline != NULL);
		return;
	}
	at = break_before(text, line, after);
	if (at > 0)
		*take = before_spaces(text, at);
	*skip = at > 0 ? at - *take : 0;
}
