/*
 * lex.c: see lex.h.
 */
#include "common/belenios/lex.h"

#include "common/base/hex.h"
#include "common/base/number.h"
#include "common/base/text.h"
#include "crypto/decimal.h"

#include <string.h>

enum {
	SKIP_DEPTH = 32,
	SMALL = 1 << 30   /* from here on Belenios writes a weight in quotes */
};

void lex_init(struct lex *l, const void *bytes, size_t len)
{
	*l = (struct lex){ .start = bytes, .at = bytes, .end = (const char *)bytes + len,
	                   .st = ST_OK };
}

void lex_fail(struct lex *l, enum status st)
{
	if (l->st == ST_OK)
		l->st = st;
}

enum status lex_end(const struct lex *l)
{
	if (l->st != ST_OK)
		return l->st;
	return l->at == l->end ? ST_OK : ST_FORMAT;
}

bool lex_is(struct lex *l, const char *literal)
{
	size_t len = strlen(literal);

	if (l->st != ST_OK || (size_t)(l->end - l->at) < len || memcmp(l->at, literal, len) != 0)
		return false;
	l->at += len;
	return true;
}

void lex_lit(struct lex *l, const char *literal)
{
	if (!lex_is(l, literal))
		lex_fail(l, ST_FORMAT);
}

bool lex_more(struct lex *l, size_t *index, size_t max)
{
	if (l->st != ST_OK || lex_is(l, "]"))
		return false;
	if (*index != SIZE_MAX)
		lex_lit(l, ",");
	*index += 1;   /* SIZE_MAX becomes 0 */
	if (*index >= max)
		lex_fail(l, ST_LIMIT);
	return l->st == ST_OK;
}

static struct lex_text digits(struct lex *l)
{
	struct lex_text t = { l->at, 0 };

	while (l->st == ST_OK && l->at < l->end && *l->at >= '0' && *l->at <= '9')
		l->at++;
	t.len = (size_t)(l->at - t.at);
	return t;
}

uint64_t lex_number(struct lex *l, uint64_t max)
{
	struct lex_text t = digits(l);
	uint64_t value = 0;
	enum status st;

	if (l->st == ST_OK && (st = number_decode(&value, t.at, t.len, max)) != ST_OK) {
		lex_fail(l, st);
		value = 0;
	}
	return value;
}

uint64_t lex_weight(struct lex *l, uint64_t max)
{
	bool quoted = lex_is(l, "\"");
	uint64_t value = lex_number(l, max);

	if (quoted)
		lex_lit(l, "\"");
	if (quoted != (value >= SMALL))
		lex_fail(l, ST_FORMAT);
	return l->st == ST_OK ? value : 0;
}

void lex_hash(struct lex *l, uint8_t out[static 32])
{
	memset(out, 0, 32);
	lex_lit(l, "\"");
	if (l->st == ST_OK &&
	    (l->end - l->at < 64 || hex_decode(out, 32, l->at, 64) != ST_OK))
		lex_fail(l, ST_FORMAT);
	if (l->st == ST_OK)
		l->at += 64;
	lex_lit(l, "\"");
}

/* --- strings --------------------------------------------------------------------------------- */

static const char SHORT_NAME[] = "\"\\bfnrt";
static const char SHORT_CHAR[] = "\"\\\b\f\n\r\t";

static bool must_escape(unsigned char c)
{
	return c < 0x20 || c == 0x7f || c == '"' || c == '\\';
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* An escape at a backslash: the character, and how many bytes; 0 when it is not of the one form. */
static size_t read_escape(unsigned char *c, const char *at, const char *end)
{
	const char *name;
	int high, low;

	if (end - at >= 2 && at[1] != '\0' && (name = strchr(SHORT_NAME, at[1])) != NULL) {
		*c = (unsigned char)SHORT_CHAR[name - SHORT_NAME];
		return 2;
	}
	if (end - at < 6 || memcmp(at, "\\u00", 4) != 0 || (high = hex_digit(at[4])) < 0 ||
	    (low = hex_digit(at[5])) < 0)
		return 0;
	*c = (unsigned char)(high << 4 | low);
	if (*c == '\0' || !must_escape(*c) || strchr(SHORT_CHAR, *c) != NULL)
		return 0;
	return 6;
}

struct lex_text lex_string(struct lex *l, size_t max)
{
	struct lex_text t;

	lex_lit(l, "\"");
	t.at = l->at;
	while (l->st == ST_OK && l->at < l->end && *l->at != '"') {
		unsigned char c;
		size_t n = *l->at == '\\' ? read_escape(&c, l->at, l->end) :
		           must_escape((unsigned char)*l->at) ? 0 : 1;

		if (n == 0)
			lex_fail(l, ST_FORMAT);
		l->at += n;
	}
	t.len = (size_t)(l->at - t.at);
	lex_lit(l, "\"");
	if (l->st == ST_OK && t.len > max)
		lex_fail(l, ST_LIMIT);
	if (l->st == ST_OK && !text_is_utf8(t.at, t.len))
		lex_fail(l, ST_FORMAT);
	return l->st == ST_OK ? t : (struct lex_text){ "", 0 };
}

size_t lex_unescape(char *out, struct lex_text text)
{
	const char *end = text.at + text.len;
	size_t len = 0;

	for (const char *p = text.at; p < end;) {
		unsigned char c = (unsigned char)*p;
		size_t n = c == '\\' ? read_escape(&c, p, end) : 1;

		if (n == 0)
			break;   /* not from lex_string */
		out[len++] = (char)c;
		p += n;
	}
	return len;
}

void lex_skip(struct lex *l)
{
	unsigned int depth = 0;

	do {
		if (lex_is(l, "[") || lex_is(l, "{")) {
			if (++depth > SKIP_DEPTH)
				lex_fail(l, ST_LIMIT);
		} else if (l->at < l->end && (*l->at == ']' || *l->at == '}')) {
			if (depth-- == 0)
				lex_fail(l, ST_FORMAT);
			l->at++;
		} else if (l->at < l->end && *l->at == '"') {
			(void)lex_string(l, SIZE_MAX);
		} else if (l->at < l->end) {
			l->at++;
		} else {
			lex_fail(l, ST_FORMAT);
		}
		/* A number or word at the top ends where the caller's text goes on. */
	} while (l->st == ST_OK && (depth > 0 || (l->at < l->end && strchr(",]}", *l->at) == NULL)));
}

/* --- numbers of the group -------------------------------------------------------------------- */

static struct lex_text quoted_digits(struct lex *l)
{
	struct lex_text t;

	lex_lit(l, "\"");
	t = digits(l);
	lex_lit(l, "\"");
	return t;
}

void lex_element(struct lex *l, const struct group *g, struct element *out)
{
	struct lex_text t = quoted_digits(l);

	group_identity(g, out);
	if (l->st == ST_OK)
		lex_fail(l, decimal_element_read_var(g, out, t.at, t.len));
}

void lex_element_candidate(struct lex *l, const struct group *g, struct element *out)
{
	struct lex_text t = quoted_digits(l);

	group_identity(g, out);
	if (l->st == ST_OK)
		lex_fail(l, decimal_candidate_read_var(g, out, t.at, t.len));
}

static void scalar(struct lex *l, const struct group *g, struct scalar *out)
{
	struct lex_text t = quoted_digits(l);

	group_scalar_zero(g, out);
	if (l->st == ST_OK)
		lex_fail(l, decimal_scalar_read(g, out, t.at, t.len));
}

void lex_ciphertext(struct lex *l, const struct group *g, struct ciphertext *out)
{
	lex_lit(l, "{\"alpha\":");
	lex_element(l, g, &out->a);
	lex_lit(l, ",\"beta\":");
	lex_element(l, g, &out->b);
	lex_lit(l, "}");
}

void lex_ciphertext_candidate(struct lex *l, const struct group *g, struct ciphertext *out)
{
	lex_lit(l, "{\"alpha\":");
	lex_element_candidate(l, g, &out->a);
	lex_lit(l, ",\"beta\":");
	lex_element_candidate(l, g, &out->b);
	lex_lit(l, "}");
}

void lex_proof(struct lex *l, const struct group *g, struct belenios_proof *out)
{
	lex_lit(l, "{\"challenge\":");
	scalar(l, g, &out->challenge);
	lex_lit(l, ",\"response\":");
	scalar(l, g, &out->response);
	lex_lit(l, "}");
}

/* --- writing --------------------------------------------------------------------------------- */

void lex_put(struct writer *w, const char *literal)
{
	writer_bytes(w, literal, strlen(literal));
}

void lex_put_number(struct writer *w, uint64_t value)
{
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	writer_bytes(w, text + at, sizeof(text) - at);
}

void lex_put_weight(struct writer *w, uint64_t value)
{
	const char *quote = value >= SMALL ? "\"" : "";

	lex_put(w, quote);
	lex_put_number(w, value);
	lex_put(w, quote);
}

void lex_put_hash(struct writer *w, const uint8_t hash[static 32])
{
	char text[65];

	hex_encode(text, hash, 32);
	lex_put(w, "\"");
	lex_put(w, text);
	lex_put(w, "\"");
}

void lex_put_string(struct writer *w, const char *text, size_t len)
{
	static const char HEX[] = "0123456789abcdef";

	lex_put(w, "\"");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *name = c == 0 ? NULL : strchr(SHORT_CHAR, c);

		if (!must_escape(c)) {
			writer_u8(w, c);
		} else if (name != NULL) {
			writer_u8(w, '\\');
			writer_u8(w, (uint8_t)SHORT_NAME[name - SHORT_CHAR]);
		} else {
			lex_put(w, "\\u00");
			writer_u8(w, (uint8_t)HEX[c >> 4]);
			writer_u8(w, (uint8_t)HEX[c & 15]);
		}
	}
	lex_put(w, "\"");
}

void lex_put_element(struct writer *w, const struct group *g, const struct element *e)
{
	char text[DECIMAL_TEXT];
	size_t len = decimal_element_write_var(g, text, e);

	lex_put(w, "\"");
	writer_bytes(w, text, len);
	lex_put(w, "\"");
}

static void put_scalar(struct writer *w, const struct group *g, const struct scalar *s)
{
	char text[DECIMAL_TEXT];
	size_t len = decimal_scalar_write(g, text, s);

	lex_put(w, "\"");
	writer_bytes(w, text, len);
	lex_put(w, "\"");
}

void lex_put_ciphertext(struct writer *w, const struct group *g, const struct ciphertext *ct)
{
	lex_put(w, "{\"alpha\":");
	lex_put_element(w, g, &ct->a);
	lex_put(w, ",\"beta\":");
	lex_put_element(w, g, &ct->b);
	lex_put(w, "}");
}

void lex_put_proof(struct writer *w, const struct group *g, const struct belenios_proof *p)
{
	lex_put(w, "{\"challenge\":");
	put_scalar(w, g, &p->challenge);
	lex_put(w, ",\"response\":");
	put_scalar(w, g, &p->response);
	lex_put(w, "}");
}
