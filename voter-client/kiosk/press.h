/*
 * press.h: keys, as a full screen hears them, and what they mean.
 *
 * The keys are those of voting controllers (arrows, Enter; 1 moves and 2 chooses for people with
 * two switches), so that one can be plugged in.
 *
 * Invariant: what a key means depends on the session, on what is drawn and on the key alone; no
 * single key clears, locks, casts or stops anything but the focused button.
 */
#ifndef KALPIS_KIOSK_PRESS_H
#define KALPIS_KIOSK_PRESS_H

#include "voter-client/kiosk/screens.h"

enum press_kind {
	PRESS_UP,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_ENTER,
	PRESS_CHAR,        /* printable ASCII, the blank too */
	PRESS_ERASE,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_ESC,
	PRESS_RESIZE,      /* the screen has another size */
	PRESS_OTHER,       /* some key that means nothing */
	PRESS_COUNT
};

struct press {
	enum press_kind kind;
	char c;            /* PRESS_CHAR */
};

enum press_wish {
	PRESS_NOTHING,
	PRESS_EVENT,       /* *event is for the session */
	PRESS_READ         /* *reading is the page to show next; *event says that somebody is there */
};

/* Does this key choose (so that a held key must not choose twice)? */
bool press_is_select(const struct press *p, const struct session *s);
/* at: what screens_draw or screens_box said last. */
enum press_wish press_meaning(struct session_event *event, uint16_t *reading,
                              const struct press *p, const struct session *s,
                              const struct screens_place *at);

#endif
