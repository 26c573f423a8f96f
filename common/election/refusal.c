/*
 * refusal.c: from a path such as "contests[2].max" to its line in the text.
 *
 * The JSON library keeps no lines, so the text is walked once more.  It has been parsed before:
 * the walk needs no judgement, only bounds.
 *
 * Invariant: pos <= len in every step, whatever the text.
 */
#include "common/election/refusal.h"

#include <stdbool.h>
#include <string.h>

struct walk {
	const char *text;
	size_t len;
	size_t pos;
};

static char peek(const struct walk *w)
{
	return w->pos < w->len ? w->text[w->pos] : '\0';
}

static void skip_space(struct walk *w)
{
	while (w->pos < w->len && strchr(" \t\r\n", w->text[w->pos]) != NULL && w->text[w->pos] != '\0')
		w->pos++;
}

/* From an opening quote to behind the closing one. */
static void skip_string(struct walk *w)
{
	for (w->pos++; w->pos < w->len && w->text[w->pos] != '"'; w->pos++)
		if (w->text[w->pos] == '\\' && w->pos + 1 < w->len)
			w->pos++;
	if (w->pos < w->len)
		w->pos++;
}

/* Behind one value: to the comma or bracket that ends it. */
static void skip_value(struct walk *w)
{
	size_t depth = 0;

	while (w->pos < w->len) {
		char c = w->text[w->pos];

		if (c == '"') {
			skip_string(w);
			continue;
		}
		if (depth == 0 && (c == ',' || c == ']' || c == '}'))
			return;
		if (c == '[' || c == '{')
			depth++;
		else if (c == ']' || c == '}')
			depth--;
		w->pos++;
	}
}

/* At a value: move to its member; false leaves w where it was. */
static bool enter_member(struct walk *w, const char *key, size_t key_len)
{
	struct walk at = *w;

	if (peek(&at) != '{')
		return false;
	at.pos++;
	for (;;) {
		size_t start;

		skip_space(&at);
		if (peek(&at) != '"')
			return false;
		start = at.pos;
		skip_string(&at);
		if (at.pos - start == key_len + 2 && memcmp(at.text + start + 1, key, key_len) == 0) {
			skip_space(&at);
			at.pos += peek(&at) == ':';
			skip_space(&at);
			*w = at;
			return true;
		}
		skip_value(&at);
		if (peek(&at) != ',')
			return false;
		at.pos++;
	}
}

static bool enter_item(struct walk *w, size_t index)
{
	struct walk at = *w;

	if (peek(&at) != '[')
		return false;
	at.pos++;
	for (size_t i = 0; i < index; i++) {
		skip_value(&at);
		if (peek(&at) != ',')
			return false;
		at.pos++;
	}
	skip_space(&at);
	*w = at;
	return true;
}

/* One step of a path: "[3]", "key" or ".key".  *path moves behind it. */
static bool enter_step(struct walk *w, const char **path)
{
	const char *p = *path;
	size_t n;

	if (*p == '[') {
		size_t index = 0;

		for (p++; *p >= '0' && *p <= '9' && index < 100000; p++)
			index = index * 10 + (size_t)(*p - '0');
		if (*p != ']')
			return false;
		*path = p + 1;
		return enter_item(w, index);
	}
	p += *p == '.';
	n = strcspn(p, ".[");
	*path = p + n;
	return n > 0 && enter_member(w, p, n);
}

unsigned int refusal_line(const char *text, size_t len, const char *path)
{
	struct walk w = { .text = text, .len = len };
	unsigned int line = 1;

	skip_space(&w);
	while (*path != '\0' && enter_step(&w, &path))
		;
	for (size_t i = 0; i < w.pos; i++)
		line += text[i] == '\n';
	return line;
}
