/*
 * tty.c: the full screen of a terminal: see face.h.  Not built yet: a kiosk runs with --plain.
 */
#include "voter-client/kiosk/face.h"

enum status tty_open(struct face *out)
{
	out->ctx = NULL;
	return ST_NOT_FOUND;
}
