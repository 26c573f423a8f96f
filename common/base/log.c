/*
 * log.c: see log.h.
 *
 * Invariant: len <= LOG_LINE_BYTES - TAIL_BYTES while a line is built, so that its end always fits.
 */
#include "common/base/log.h"

#include "common/base/clock.h"
#include "common/base/hex.h"
#include "common/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_BYTES = 16 };   /* a closing quote and " cut=yes\n" */

static struct {
	const char *program;
	enum log_level least;
	enum log_stamp stamp;
	int fd;
} setting = { "kalpis", LOG_LEVEL_INFO, LOG_STAMP_NONE, STDERR_FILENO };

static const char *const LEVEL_NAME[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

enum { LEVEL_COUNT = sizeof(LEVEL_NAME) / sizeof(LEVEL_NAME[0]) };

void log_setup(const char *program, enum log_level least, enum log_stamp stamp)
{
	setting.program = program;
	setting.least = least;
	setting.stamp = stamp;
}

void log_to(int fd)
{
	setting.fd = fd;
}

enum status log_level_parse(enum log_level *out, const char *name)
{
	for (int i = 0; i < LEVEL_COUNT; i++) {
		if (strcmp(name, LEVEL_NAME[i]) == 0) {
			*out = (enum log_level)i;
			return ST_OK;
		}
	}
	return ST_FORMAT;
}

/* All of it or nothing: half an escape would say something else. */
static void add(struct log_line *line, const char *text, size_t len)
{
	if (line->cut || len >= LOG_LINE_BYTES - TAIL_BYTES - line->len) {
		line->cut = true;
		return;
	}
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void add_text(struct log_line *line, const char *text)
{
	add(line, text, strlen(text));
}

static bool is_word(const char *text)
{
	return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static void add_key(struct log_line *line, const char *key)
{
	assert(is_word(key));
	add_text(line, " ");
	add_text(line, key);
	add_text(line, "=");
}

void log_begin(struct log_line *line, enum log_level level, const char *event)
{
	char when[CLOCK_TEXT_BYTES];

	assert(is_word(event));
	line->len = 0;
	line->cut = false;
	line->wanted = level <= setting.least;
	if (!line->wanted)
		return;
	if (setting.stamp != LOG_STAMP_NONE) {
		clock_format(when, clock_unix_s(), setting.stamp == LOG_STAMP_MINUTE);
		add_text(line, when);
		add_text(line, " ");
	}
	add_text(line, LEVEL_NAME[level]);
	add_text(line, " ");
	add_text(line, setting.program);
	add_text(line, " ");
	add_text(line, event);
}

static bool is_bare(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] <= ' ' || p[i] > '~' || strchr("\"\\=", p[i]) != NULL)
			return false;
	return len > 0;
}

/* One cluster of bytes inside quotes: as it is when a reader may see it, else byte by byte. */
static void add_quoted(struct log_line *line, const char *p, size_t len)
{
	char escape[8];

	if (len == 1 && (p[0] == '"' || p[0] == '\\')) {
		snprintf(escape, sizeof(escape), "\\%c", p[0]);
		add_text(line, escape);
		return;
	}
	if (text_flaw(p, len, NULL) == TEXT_FINE) {
		add(line, p, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		snprintf(escape, sizeof(escape), "\\x%02x", (unsigned int)(uint8_t)p[i]);
		add_text(line, escape);
	}
}

void log_bytes(struct log_line *line, const char *key, const void *value, size_t len)
{
	const char *p = value;
	bool opened;

	if (!line->wanted)
		return;
	add_key(line, key);
	if (is_bare(p, len)) {
		add(line, p, len);
		return;
	}
	add_text(line, "\"");
	opened = !line->cut;
	for (size_t pos = 0; pos < len && !line->cut;) {
		size_t step = text_next(p + pos, len - pos);

		add_quoted(line, p + pos, step);
		pos += step;
	}
	if (opened)
		line->text[line->len++] = '"';   /* there is room, even when the value was cut */
}

void log_text(struct log_line *line, const char *key, const char *value)
{
	log_bytes(line, key, value, strlen(value));
}

void log_number(struct log_line *line, const char *key, uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, value);
	log_text(line, key, digits);
}

void log_hex(struct log_line *line, const char *key, const void *value, size_t len)
{
	char digits[LOG_LINE_BYTES];

	if (!line->wanted)
		return;
	add_key(line, key);
	if (len >= sizeof(digits) / 2) {
		line->cut = true;
		return;
	}
	hex_encode(digits, value, len);
	add(line, digits, 2 * len);
}

void log_status(struct log_line *line, const char *key, enum status st)
{
	log_text(line, key, status_name(st));
}

void log_end(struct log_line *line)
{
	static const char cut[] = " cut=yes";

	if (!line->wanted)
		return;
	if (line->cut) {
		memcpy(line->text + line->len, cut, sizeof(cut) - 1);
		line->len += sizeof(cut) - 1;
	}
	line->text[line->len++] = '\n';
	line->wanted = false;
	/* There is nobody to tell when the log itself cannot be written. */
	if (write(setting.fd, line->text, line->len) < 0)
		return;
}
