/*
 * crash.h: places at which a program can be made to die, so that a test can show that nothing it
 * promised is lost (docs/crash-points.md; docs/decisions/0056).
 *
 * KALPIS_CRASH_AT=NAME or NAME:COUNT in the environment makes the process end at the COUNTth time
 * it comes by, as if it had been killed: nothing is flushed, closed or said.  Who can set this can
 * kill the process anyway; nothing else is changed by it.
 *
 * Invariant: without the variable, crash_point does nothing.
 */
#ifndef KALPIS_BASE_CRASH_H
#define KALPIS_BASE_CRASH_H

#include <stdbool.h>

/*
 * Read the variable, once, before the first point: cli_main does.  false: it names none that can be
 * counted.
 */
bool crash_arm(void);
/* The name that is armed, or NULL. */
const char *crash_armed(void);
/* One thread only. */
void crash_point(const char *name);

#endif
