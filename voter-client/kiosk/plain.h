/*
 * plain.h: the kiosk as numbered lines, one question at a time: for screen readers, scripts and
 * tests (docs/kiosk-plain.md).
 *
 * Invariant: what a line means depends on the session and the line alone.
 */
#ifndef KALPIS_KIOSK_PLAIN_H
#define KALPIS_KIOSK_PLAIN_H

#include "voter-client/kiosk/screen.h"

enum {
	PLAIN_LINE_MAX = 1024,      /* of input; what is longer is not understood */
	PLAIN_PAGE = 20             /* options shown at a time */
};

/* What is asked of the face itself. */
enum plain_wish { PLAIN_EVENT, PLAIN_SHOW, PLAIN_MORE };

/*
 * What a line (without its end) means here.  PLAIN_EVENT: *event is for the session; it borrows
 * from line and values.  values has room for LIMIT_OPTIONS + 1.
 */
enum plain_wish plain_parse(struct session_event *event, uint32_t *values,
                            const struct session *s, const char *line, size_t len);

/* Where lines go. */
struct plain_out {
	void (*put)(void *ctx, const char *text, size_t len);
	void *ctx;
};
/* The whole screen; of options those from first on, a page of them. */
void plain_print(const struct plain_out *out, const struct screen *s, uint16_t first);

#endif
