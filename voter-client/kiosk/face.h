/*
 * face.h: how a session meets a person: what every face of the kiosk can do.
 *
 * Invariant: a face turns acts of the person into events and shows screens; it decides nothing.
 */
#ifndef KALPIS_KIOSK_FACE_H
#define KALPIS_KIOSK_FACE_H

#include "voter-client/kiosk/screen.h"

struct face {
	void *ctx;
	int fd;      /* readable when the person did something */
	/* Show the session as it is now. */
	void (*show)(void *ctx, const struct session *s);
	/*
	 * The person's next act.  ST_OK: *event (what it borrows lives until the next call).
	 * ST_AGAIN: nothing yet.  ST_NOT_FOUND: no person will ever act again (end of input).
	 */
	enum status (*next)(void *ctx, const struct session *s, struct session_event *event);
	/* A fact for a script or a screen reader: "tracker", "7K3Q-...".  May do nothing. */
	void (*tell)(void *ctx, const char *key, const char *value);
	/* The voter is gone: nothing of them may stay to be seen. */
	void (*forget)(void *ctx);
	/* Give the terminal back as it was. */
	void (*end)(void *ctx);
};

/* Plain lines on standard input and output (plain.c).  ST_NO_MEMORY. */
MUST_USE enum status plain_open(struct face *out, int in, int to);
/* The face of a full screen is in face_full.h. */

#endif
