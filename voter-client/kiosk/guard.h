/*
 * guard.h: a parent that cleans the screen when the kiosk dies (docs/kiosk.md: K12).
 *
 * The kiosk proper is its child.  The parent holds no secret: it is forked before any is read.
 *
 * Invariant: however the child ends, the terminal has its old modes, and neither the screen nor
 * its scrollback shows anything of a voter.
 */
#ifndef KALPIS_KIOSK_GUARD_H
#define KALPIS_KIOSK_GUARD_H

#include <stdbool.h>

/*
 * Call with the terminal as it was found, no thread running and nothing secret in memory.
 * true: this is the child (or there is no terminal, or no process to be
 * had): go on.  It is told to stop
 * (SIGTERM) when the parent dies.
 * false: this is the parent, and the child has ended; *exit_code is to be the program's.  SIGTERM,
 * SIGINT and SIGHUP to the parent went to the child as SIGTERM.
 */
bool guard_is_child(int *exit_code);

#endif
