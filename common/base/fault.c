/*
 * fault.c: see fault.h.
 *
 * Invariant: every text passes through put, which cuts and cleans it.
 */
#include "common/base/fault.h"

#include "common/base/text.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What must not reach a terminal becomes '?', byte by byte. */
static void clean(char *text)
{
	size_t len = strlen(text), at = 0;

	for (;;) {
		enum text_flaw flaw = text_flaw(text, len, &at);

		if (flaw == TEXT_FINE || flaw == TEXT_NOT_NFC)
			return;
		text[at] = '?';
	}
}

__attribute__((format(printf, 2, 0)))
static void put(char out[static FAULT_TEXT_BYTES], const char *format, va_list args)
{
	static const char dots[] = "...";
	int len = vsnprintf(out, FAULT_TEXT_BYTES, format, args);

	if (len < 0)
		out[0] = '\0';
	if (len >= FAULT_TEXT_BYTES)
		memcpy(out + FAULT_TEXT_BYTES - sizeof(dots), dots, sizeof(dots));
	clean(out);
}

enum status fault_set(struct fault *fault, enum status st, const char *format, ...)
{
	va_list args;

	if (fault == NULL)
		return st;
	fault->st = st;
	fault->why[0] = '\0';
	fault->next[0] = '\0';
	va_start(args, format);
	put(fault->what, format, args);
	va_end(args);
	return st;
}

void fault_why(struct fault *fault, const char *format, ...)
{
	va_list args;

	if (fault == NULL)
		return;
	va_start(args, format);
	put(fault->why, format, args);
	va_end(args);
}

void fault_next(struct fault *fault, const char *format, ...)
{
	va_list args;

	if (fault == NULL)
		return;
	va_start(args, format);
	put(fault->next, format, args);
	va_end(args);
}

void fault_format(char *out, size_t out_size, const char *program, const struct fault *fault)
{
	const char *why = fault->why[0] != '\0' ? fault->why : status_text(fault->st);
	bool has_next = fault->next[0] != '\0';

	snprintf(out, out_size, "%s: %s\n  why:  %s\n%s%s%s", program, fault->what, why,
	         has_next ? "  next: " : "", fault->next, has_next ? "\n" : "");
}
