/*
 * text.h: text that people read: UTF-8, in normal form C, without characters that change how the
 * rest is shown (libunistring behind this door).
 *
 * The tables are those of the Unicode version that libunistring knows; characters it does not know
 * are refused, because neither their width nor their normal form could be told.
 */
#ifndef KALPIS_BASE_TEXT_H
#define KALPIS_BASE_TEXT_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>

enum text_flaw {
	TEXT_FINE,
	TEXT_NOT_UTF8,
	TEXT_CONTROL,      /* control, line separator, tag, or invisible format character */
	TEXT_BIDI,         /* an embedding, override or isolate of writing direction */
	TEXT_UNASSIGNED,   /* not a character, private, or unknown to our tables */
	TEXT_NOT_NFC,
	TEXT_FLAW_COUNT
};

/* The first flaw of len bytes.  *at, if not NULL, is the offset of the flawed character (0 for
 * TEXT_NOT_NFC).  The empty text is fine. */
enum text_flaw text_flaw(const char *text, size_t len, size_t *at);
/* A phrase for a message: "holds a control character".  Static. */
const char *text_flaw_phrase(enum text_flaw flaw);
/* ST_LIMIT when longer than max, ST_FORMAT when it has a flaw. */
MUST_USE enum status text_check(const char *text, size_t len, size_t max);

bool text_is_utf8(const char *text, size_t len);
/* Columns on a terminal.  Bytes that are not UTF-8 count one each. */
size_t text_width(const char *text, size_t len);
/* Bytes of the first thing a reader sees as one character (a grapheme cluster); 0 for len 0. */
size_t text_next(const char *text, size_t len);
/*
 * The first line of text wrapped to columns (>= 1): *take bytes are shown, then *skip bytes (the
 * break's white space) are dropped.  Breaks at "\n", where Unicode allows a break, and anywhere
 * when a word alone is too wide.  take + skip > 0 unless len is 0.
 */
void text_wrap(const char *text, size_t len, size_t columns, size_t *take, size_t *skip);

#endif
