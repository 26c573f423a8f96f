/*
 * tty.h: the terminal: grids out, keys in.  tty.c is the one file that knows ncurses.
 *
 * Invariant: between tty_start and tty_stop no key and no signal of the keyboard reaches anything
 * but tty_next; the cursor of the terminal is where the focus is.
 */
#ifndef KALPIS_KIOSK_TTY_H
#define KALPIS_KIOSK_TTY_H

#include "crypto/status.h"
#include "voter-client/kiosk/press.h"

enum { TTY_FD = 0 };      /* readable when a key was pressed */

/*
 * Take the terminal on standard input and output.  SIGINT, SIGQUIT, SIGTSTP and SIGHUP are ignored
 * until tty_stop.  ST_NOT_FOUND: there is none that can be used.
 */
MUST_USE enum status tty_start(void);
/* Its size now, cut to what a grid can have. */
void tty_size(uint16_t *columns, uint16_t *rows);
/* Show a grid; the cursor on row, column. */
void tty_show(const struct grid *g, uint16_t row, uint16_t column, bool has_cursor);
/* The next key.  ST_AGAIN: none yet.  ST_NOT_FOUND: the terminal is gone. */
MUST_USE enum status tty_next(struct press *out);
/* Forget the keys that were pressed and not yet taken. */
void tty_flush(void);
/* Nothing of what was shown remains: screen, scrollback, and the library's own memory of it. */
void tty_clear(void);
/* Clear, and give the terminal back as it was. */
void tty_stop(void);

#endif
