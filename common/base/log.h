/*
 * log.h: one line per event on stderr, `level program event key=value ...`.
 *
 * Never in a log: secrets, choices, key presses, a voter's code, a ballot's exact time.  A time
 * stamp is as coarse as the program asked for.
 *
 * Invariant: one event is one write(2) of one line; whatever is logged, the line holds no control
 * character, and no value can pretend to be another key.
 */
#ifndef KALPIS_BASE_LOG_H
#define KALPIS_BASE_LOG_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

enum log_stamp {
	LOG_STAMP_NONE,      /* kiosks */
	LOG_STAMP_MINUTE,
	LOG_STAMP_SECOND
};

enum { LOG_LINE_BYTES = 2048 };

struct log_line {
	char text[LOG_LINE_BYTES];
	size_t len;
	bool wanted;   /* false: the level is not logged */
	bool cut;      /* something did not fit; the line will end in " cut=yes" */
};

/* Before the first event.  program is borrowed. */
void log_setup(const char *program, enum log_level least, enum log_stamp stamp);
/* "error", "warn", "info", "debug"; ST_FORMAT otherwise. */
MUST_USE enum status log_level_parse(enum log_level *out, const char *name);
/* Where lines go instead of stderr (tests, a service's journal). */
void log_to(int fd);

/*
 *	log_begin(&line, LOG_LEVEL_INFO, "block-final");
 *	log_number(&line, "height", height);
 *	log_hex(&line, "id", id, sizeof(id));
 *	log_end(&line);
 *
 * Event and keys are constants of ours, [a-z0-9-].
 */
void log_begin(struct log_line *line, enum log_level level, const char *event);
void log_text(struct log_line *line, const char *key, const char *value);
void log_bytes(struct log_line *line, const char *key, const void *value, size_t len);
void log_number(struct log_line *line, const char *key, uint64_t value);
void log_hex(struct log_line *line, const char *key, const void *value, size_t len);
void log_status(struct log_line *line, const char *key, enum status st);
void log_end(struct log_line *line);

#endif
