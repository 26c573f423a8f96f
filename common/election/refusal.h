/*
 * refusal.h: why a definition, manifest, card or roll was refused, for a person
 * (formats-files.md §2).
 *
 * Invariant: path and reason are NUL-terminated, hold no control characters and are meaningful
 * only after a function that takes a refusal returned something else than ST_OK.
 */
#ifndef KALPIS_ELECTION_REFUSAL_H
#define KALPIS_ELECTION_REFUSAL_H

#include "crypto/status.h"

#include <stddef.h>

enum { REFUSAL_PATH_BYTES = 160, REFUSAL_REASON_BYTES = 320 };

struct refusal {
	char path[REFUSAL_PATH_BYTES];       /* "contests[2].max"; "" is the whole file */
	char reason[REFUSAL_REASON_BYTES];   /* one sentence in English */
	unsigned int line;                   /* 1, 2, ...; 0 when there is no line to show */
};

/* The line of a path in JSON text; of its deepest part that is there.  Any text is safe; what is
 * not JSON gives some line of it. */
unsigned int refusal_line(const char *text, size_t len, const char *path);

#endif
