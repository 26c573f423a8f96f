/*
 * face_full.h: the face of a full screen: see face.h.
 *
 * Invariant: what is shown is always the session as it is; keys that were pressed before a screen
 * was shown do nothing on it, and a key that is held chooses once.
 */
#ifndef KALPIS_KIOSK_FACE_FULL_H
#define KALPIS_KIOSK_FACE_FULL_H

#include "voter-client/kiosk/face.h"

enum { FACE_FULL_HELD_MS = 300 };   /* longer than a keyboard waits before it repeats a key */

/* ST_NOT_FOUND: no terminal; ST_NO_MEMORY. */
MUST_USE enum status face_full_open(struct face *out);

#endif
