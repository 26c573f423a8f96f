/*
 * fault.h: what went wrong, told to a person in three parts: what happened, why it matters, what
 * to do next (docs/style.md, "errors").
 *
 * Invariant: the texts are NUL-terminated, cut with "..." when too long, and hold no control
 * characters whatever was formatted into them.
 */
#ifndef KALPIS_BASE_FAULT_H
#define KALPIS_BASE_FAULT_H

#include "crypto/status.h"

#include <stddef.h>

enum { FAULT_TEXT_BYTES = 512 };

struct fault {
	enum status st;
	char what[FAULT_TEXT_BYTES];
	char why[FAULT_TEXT_BYTES];    /* empty: status_text(st) serves */
	char next[FAULT_TEXT_BYTES];   /* empty: nothing can be advised */
};

/*
 * Say what happened; why and next become empty.  Returns st, so that a function ends with
 * `return fault_set(f, ST_CONFIG, "...", ...)`.  fault may be NULL: nobody wants to know.
 */
__attribute__((format(printf, 3, 4)))
enum status fault_set(struct fault *fault, enum status st, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void fault_why(struct fault *fault, const char *format, ...);
__attribute__((format(printf, 2, 3)))
void fault_next(struct fault *fault, const char *format, ...);

/*
 * The whole message, lines ending in "\n", cut to fit out_size:
 *
 *	PROGRAM: WHAT
 *	  why:  WHY
 *	  next: NEXT
 */
void fault_format(char *out, size_t out_size, const char *program, const struct fault *fault);

#endif
