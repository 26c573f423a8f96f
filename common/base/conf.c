/*
 * conf.c: see conf.h.  The one file that includes inih.
 *
 * Invariant: inih sees only lines that passed check_lines; so it never cuts, joins or skips one.
 */
#include "common/base/conf.h"

#include "common/base/file.h"
#include "common/base/nearest.h"
#include "common/base/number.h"
#include "common/base/text.h"

#include <assert.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((CONF_LINE_BYTES) < (INI_MAX_LINE) - 2, "inih takes our longest line whole");

/* One file while it is read. */
struct source {
	struct conf *conf;
	const char *path;
	const char *text;            /* NUL-terminated */
	const char *next;            /* what inih has not seen */
	unsigned int line;           /* of what it saw last: 1, 2, ... */
	bool seen[CONF_KEYS_MAX];
	struct fault *fault;
	enum status st;              /* the first failure */
	unsigned int st_line;        /* where it was */
};

static size_t key_count(const struct conf *c)
{
	size_t n = 0;

	while (c->keys[n].section != NULL)
		n++;
	assert(n <= CONF_KEYS_MAX);
	return n;
}

void conf_init(struct conf *c, const struct conf_key *keys)
{
	memset(c, 0, sizeof(*c));
	c->keys = keys;
	(void)key_count(c);
}

void conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < CONF_KEYS_MAX; i++) {
		free(c->value[i].text);
		c->value[i].text = NULL;
	}
}

/* --- telling ---------------------------------------------------------------------------------- */

static size_t line_len(const char *line)
{
	return strcspn(line, "\n");
}

static const char *line_at(const char *text, unsigned int number)
{
	for (; number > 1; number--)
		text += line_len(text) + 1;
	return text;
}

/* The first fault of a file is the one that is told.  Sets why to the line itself. */
__attribute__((format(printf, 3, 4)))
static void refuse(struct source *s, unsigned int line, const char *format, ...)
{
	char what[FAULT_TEXT_BYTES];
	const char *text = line_at(s->text, line);
	va_list args;

	if (s->st != ST_OK)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	s->st = fault_set(s->fault, ST_CONFIG, "%s:%u: %s", s->path, line, what);
	s->st_line = line;
	fault_why(s->fault, "line %u is: %.*s", line, (int)line_len(text), text);
}

/* --- values ----------------------------------------------------------------------------------- */

/* What is wrong with the value, as a phrase; NULL when it fits key. */
static const char *value_flaw(const struct conf_key *key, const char *value, uint64_t *number)
{
	static char phrase[96];
	size_t len = strlen(value);

	*number = 0;
	switch (key->kind) {
	case CONF_TEXT:
		if (len >= key->min && len <= key->max)
			return NULL;
		snprintf(phrase, sizeof(phrase), "must have %llu to %llu bytes",
		         (unsigned long long)key->min, (unsigned long long)key->max);
		return phrase;
	case CONF_PATH:
		return len > 0 ? NULL : "must name a file";
	case CONF_NUMBER:
		if (number_decode(number, value, len, key->max) == ST_OK && *number >= key->min)
			return NULL;
		snprintf(phrase, sizeof(phrase), "must be a whole number from %llu to %llu",
		         (unsigned long long)key->min, (unsigned long long)key->max);
		return phrase;
	case CONF_BOOL:
		*number = strcmp(value, "yes") == 0;
		return *number == 1 || strcmp(value, "no") == 0 ? NULL : "must be yes or no";
	}
	return "is of an unknown kind";
}

/* A file's name is relative to the folder of the file that names it. */
static char *resolve(const struct conf_key *key, const char *path, const char *value)
{
	const char *slash = strrchr(path, '/');
	char out[PATH_MAX];
	int len;

	if (key->kind != CONF_PATH || value[0] == '/' || slash == NULL)
		return strdup(value);
	len = snprintf(out, sizeof(out), "%.*s/%s", (int)(slash - path), path, value);
	return len < 0 || (size_t)len >= sizeof(out) ? NULL : strdup(out);
}

static enum status keep(struct conf *c, size_t at, const char *path, const char *value,
                        uint64_t number)
{
	char *text = resolve(&c->keys[at], path, value);

	if (text == NULL)
		return ST_NO_MEMORY;
	free(c->value[at].text);
	c->value[at].text = text;
	c->value[at].number = number;
	return ST_OK;
}

/* --- one file --------------------------------------------------------------------------------- */

static bool is_section(const struct conf *c, const char *section)
{
	for (size_t i = 0; i < key_count(c); i++)
		if (strcmp(c->keys[i].section, section) == 0)
			return true;
	return false;
}

static void refuse_section(struct source *s, const char *section)
{
	struct nearest near;

	refuse(s, s->line, section[0] == '\0' ? "a key stands before the first [section]"
	                                      : "there is no section [%s]", section);
	nearest_init(&near, section);
	for (size_t i = 0; i < key_count(s->conf); i++)
		nearest_offer(&near, s->conf->keys[i].section);
	if (nearest_best(&near) != NULL)
		fault_next(s->fault, "did you mean [%s]?", nearest_best(&near));
}

static void refuse_key(struct source *s, const char *section, const char *name)
{
	struct nearest near;

	refuse(s, s->line, "[%s] has no key \"%s\"", section, name);
	nearest_init(&near, name);
	for (size_t i = 0; i < key_count(s->conf); i++)
		if (strcmp(s->conf->keys[i].section, section) == 0)
			nearest_offer(&near, s->conf->keys[i].name);
	if (nearest_best(&near) != NULL)
		fault_next(s->fault, "did you mean \"%s\"?", nearest_best(&near));
}

static void take_value(struct source *s, size_t at, const char *value)
{
	const struct conf_key *key = &s->conf->keys[at];
	struct conf_value *into = &s->conf->value[at];
	const char *flaw;
	uint64_t number;

	if (s->seen[at]) {
		refuse(s, s->line, "\"%s\" is given twice in one file", key->name);
		fault_next(s->fault, "keep one of the two lines");
		return;
	}
	s->seen[at] = true;
	flaw = value_flaw(key, value, &number);
	if (flaw != NULL) {
		refuse(s, s->line, "\"%s\" %s", key->name, flaw);
		return;
	}
	snprintf(into->origin, sizeof(into->origin), "%s:%u", s->path, s->line);
	if (keep(s->conf, at, s->path, value, number) != ST_OK)
		s->st = fault_set(s->fault, ST_NO_MEMORY, "%s:%u: no memory", s->path, s->line);
}

/* inih's handler.  It is always told to go on: s->st remembers the first failure. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct source *s = user;

	if (s->st != ST_OK)
		return 1;
	for (size_t i = 0; i < key_count(s->conf); i++) {
		if (strcmp(s->conf->keys[i].section, section) == 0 &&
		    strcmp(s->conf->keys[i].name, name) == 0) {
			take_value(s, i, value);
			return 1;
		}
	}
	if (is_section(s->conf, section))
		refuse_key(s, section, name);
	else
		refuse_section(s, section);
	return 1;
}

/* inih's reader, like fgets: one line with its line feed. */
static char *next_line(char *out, int size, void *user)
{
	struct source *s = user;
	size_t len = line_len(s->next);

	if (*s->next == '\0')
		return NULL;
	assert(len + 2 <= (size_t)size);
	memcpy(out, s->next, len);
	out[len] = '\n';
	out[len + 1] = '\0';
	s->next += len + (s->next[len] == '\n');
	s->line++;
	return out;
}

static const char *line_flaw(const char *line, size_t len)
{
	enum text_flaw flaw;

	if (len > CONF_LINE_BYTES)
		return "is too long";
	if (len > 0 && line[len - 1] == '\r')
		len--;
	/* To inih an indented line would go on with the value before it. */
	if (len > 0 && (line[0] == ' ' || line[0] == '\t') && strspn(line, " \t\r") < len)
		return "begins with white space";
	for (size_t i = 0, start = 0; i <= len; i++) {
		if (i < len && line[i] != '\t')
			continue;
		flaw = text_flaw(line + start, i - start, NULL);
		if (flaw != TEXT_FINE)
			return text_flaw_phrase(flaw);
		start = i + 1;
	}
	return NULL;
}

static void check_lines(struct source *s, size_t text_len)
{
	unsigned int number = 1;

	if (strlen(s->text) != text_len) {
		s->st = fault_set(s->fault, ST_CONFIG, "%s: holds a zero byte: not a text file", s->path);
		return;
	}
	for (const char *p = s->text; s->st == ST_OK && *p != '\0'; number++) {
		size_t len = line_len(p);
		const char *flaw = line_flaw(p, len);

		if (flaw != NULL)
			refuse(s, number, "the line %s", flaw);
		p += len + (p[len] == '\n');
	}
}

static enum status parse_text(struct conf *c, const char *path, const char *text, size_t len,
                              struct fault *fault)
{
	struct source s = { .conf = c, .path = path, .text = text, .next = text, .fault = fault };
	int bad_line;

	check_lines(&s, len);
	if (s.st != ST_OK)
		return s.st;
	bad_line = ini_parse_stream(next_line, &s, on_value, &s);
	/* inih goes on after a line that says nothing: what came later is not the first failure. */
	if (bad_line > 0 && (s.st == ST_OK || (unsigned int)bad_line < s.st_line)) {
		s.st = ST_OK;
		refuse(&s, (unsigned int)bad_line, "neither [section] nor key = value");
		fault_next(fault, "begin a remark with ; or #");
	}
	if (bad_line < 0 && s.st == ST_OK)
		s.st = fault_set(fault, ST_NO_MEMORY, "%s: no memory", path);
	return s.st;
}

static enum status parse_file(struct conf *c, const char *path, struct fault *fault)
{
	uint8_t *bytes;
	size_t len;
	enum status st = file_read(path, &bytes, &len, CONF_FILE_BYTES);

	if (st != ST_OK)
		return fault_set(fault, st, "cannot read %s", path);
	st = parse_text(c, path, (const char *)bytes, len, fault);
	free(bytes);
	return st;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Defaults for what no file gave; a key without a default is then missing. */
static enum status complete(struct conf *c, const char *path, struct fault *fault)
{
	for (size_t i = 0; i < key_count(c); i++) {
		const struct conf_key *key = &c->keys[i];
		uint64_t number;

		if (c->value[i].text != NULL)
			continue;
		if (key->otherwise == NULL) {
			enum status st = fault_set(fault, ST_CONFIG, "%s: [%s] %s is missing", path,
			                           key->section, key->name);

			fault_why(fault, "%s", key->help);
			fault_next(fault, "under [%s] add a line: %s = ...", key->section, key->name);
			return st;
		}
		/* A default that its own key refuses is our bug. */
		if (value_flaw(key, key->otherwise, &number) != NULL)
			return fault_set(fault, ST_INTERNAL, "the default of %s", key->name);
		snprintf(c->value[i].origin, sizeof(c->value[i].origin), "default");
		if (keep(c, i, path, key->otherwise, number) != ST_OK)
			return fault_set(fault, ST_NO_MEMORY, "%s: no memory", path);
	}
	return ST_OK;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static enum status parse_drop_ins(struct conf *c, const char *path, struct fault *fault)
{
	size_t stem = strlen(path) - (ends_with(path, ".ini") ? strlen(".ini") : 0);
	char folder[PATH_MAX], file[PATH_MAX];
	struct file_names names;
	enum status st = ST_OK;

	if (stem + sizeof(".d") > sizeof(folder))
		return fault_set(fault, ST_LIMIT, "the name of %s is too long", path);
	snprintf(folder, sizeof(folder), "%.*s.d", (int)stem, path);
	if (!file_is_folder(folder))
		return ST_OK;
	st = file_list(&names, folder, CONF_FILES_MAX);
	if (st != ST_OK)
		return fault_set(fault, st, "cannot list %s", folder);
	for (size_t i = 0; st == ST_OK && i < names.count; i++) {
		if (!ends_with(names.name[i], ".ini"))
			continue;
		st = file_join(file, sizeof(file), folder, names.name[i]);
		if (st != ST_OK)
			(void)fault_set(fault, st, "a name in %s is too long", folder);
		else
			st = parse_file(c, file, fault);
	}
	file_names_free(&names);
	return st;
}

enum status conf_load(struct conf *c, const char *path, struct fault *fault)
{
	enum status st;

	if ((st = parse_file(c, path, fault)) != ST_OK ||
	    (st = parse_drop_ins(c, path, fault)) != ST_OK)
		return st;
	return complete(c, path, fault);
}

enum status conf_parse(struct conf *c, const char *path, const void *bytes, size_t len,
                       struct fault *fault)
{
	char *text;
	enum status st;

	if (len > CONF_FILE_BYTES)
		return fault_set(fault, ST_LIMIT, "%s is too long", path);
	text = malloc(len + 1);
	if (text == NULL)
		return fault_set(fault, ST_NO_MEMORY, "%s: no memory", path);
	if (len > 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	st = parse_text(c, path, text, len, fault);
	free(text);
	return st == ST_OK ? complete(c, path, fault) : st;
}

/* --- asking ----------------------------------------------------------------------------------- */

static const struct conf_value *find(const struct conf *c, const char *section, const char *name)
{
	for (size_t i = 0; i < key_count(c); i++)
		if (strcmp(c->keys[i].section, section) == 0 && strcmp(c->keys[i].name, name) == 0)
			return &c->value[i];
	return NULL;
}

/* A key that is not in the table, or of another kind, is our own bug. */
static const struct conf_value *value_of(const struct conf *c, const char *section,
                                         const char *name, enum conf_kind kind)
{
	const struct conf_value *value = find(c, section, name);

	assert(value != NULL);
	assert(value->text != NULL);
	assert(c->keys[value - c->value].kind == kind);
	return value;
}

const char *conf_text(const struct conf *c, const char *section, const char *name)
{
	return value_of(c, section, name, CONF_TEXT)->text;
}

const char *conf_path(const struct conf *c, const char *section, const char *name)
{
	return value_of(c, section, name, CONF_PATH)->text;
}

uint64_t conf_number(const struct conf *c, const char *section, const char *name)
{
	return value_of(c, section, name, CONF_NUMBER)->number;
}

bool conf_bool(const struct conf *c, const char *section, const char *name)
{
	return value_of(c, section, name, CONF_BOOL)->number != 0;
}

const char *conf_origin(const struct conf *c, const char *section, const char *name)
{
	const struct conf_value *value = find(c, section, name);

	assert(value != NULL);
	return value->origin;
}
