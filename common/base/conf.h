/*
 * conf.h: configuration files (INI, read by inih), against a table of what they may say
 * (docs/operating.md, "configuration").
 *
 * NAME.ini is read first, then every .ini file in the folder NAME.d in the order of their names;
 * later files replace values of earlier ones.  An unknown section or key, a key given twice in one
 * file, and a value that does not fit are errors that name file and line and quote the line.
 *
 * Invariant: after conf_load returned ST_OK every key of the table has a value of its kind.
 */
#ifndef KALPIS_BASE_CONF_H
#define KALPIS_BASE_CONF_H

#include "common/base/fault.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CONF_KEYS_MAX = 64,
	CONF_LINE_BYTES = 190,        /* longest line; inih would cut beyond 199 */
	CONF_FILE_BYTES = 64 << 10,
	CONF_FILES_MAX = 32,          /* drop-ins */
	CONF_ORIGIN_BYTES = 256
};

enum conf_kind {
	CONF_TEXT,     /* one line of text, min..max bytes */
	CONF_PATH,     /* a file's name; relative to the folder of the file that names it */
	CONF_NUMBER,   /* plain decimal, min..max */
	CONF_BOOL      /* yes or no */
};

struct conf_key {
	const char *section;     /* NULL ends a table */
	const char *name;
	enum conf_kind kind;
	const char *otherwise;   /* the value when no file gives one; NULL: it must be given */
	uint64_t min, max;
	const char *help;        /* one sentence for the man page and `config show` */
};

struct conf_value {
	char *text;                       /* owned */
	uint64_t number;                  /* of CONF_NUMBER and CONF_BOOL */
	char origin[CONF_ORIGIN_BYTES];   /* "node.ini:12", or "default" */
};

struct conf {
	const struct conf_key *keys;                  /* borrowed */
	struct conf_value value[CONF_KEYS_MAX];
};

/* keys is borrowed, of at most CONF_KEYS_MAX entries. */
void conf_init(struct conf *c, const struct conf_key *keys);
/*
 * Read path and its drop-ins.  ST_NOT_FOUND, ST_IO or ST_LIMIT for the files; ST_CONFIG for what
 * they say; fault (may be NULL) tells a person.  After a failure only conf_free is allowed.
 */
MUST_USE enum status conf_load(struct conf *c, const char *path, struct fault *fault);
/* As if path held these bytes, without drop-ins. */
MUST_USE enum status conf_parse(struct conf *c, const char *path, const void *bytes, size_t len,
                                struct fault *fault);
void conf_free(struct conf *c);

/* The section and key must be in the table, with that kind (anything else is our own bug). */
const char *conf_text(const struct conf *c, const char *section, const char *name);
const char *conf_path(const struct conf *c, const char *section, const char *name);
uint64_t conf_number(const struct conf *c, const char *section, const char *name);
bool conf_bool(const struct conf *c, const char *section, const char *name);
/* Where the value came from: "node.ini:12" or "default". */
const char *conf_origin(const struct conf *c, const char *section, const char *name);

#endif
