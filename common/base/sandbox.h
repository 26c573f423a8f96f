/*
 * sandbox.h: what a process that may hold secrets gives up at its start.
 *
 * Invariant: after sandbox_start no core file and no debugger of the same user sees its memory,
 * new files are private unless file.h says otherwise, and no child gains rights.
 */
#ifndef KALPIS_BASE_SANDBOX_H
#define KALPIS_BASE_SANDBOX_H

#include "crypto/status.h"

/*
 * No core dumps (RLIMIT_CORE 0, not dumpable), umask 077, no new privileges.  The first call of
 * every main.  ST_DENIED when the system refuses: stop.
 */
MUST_USE enum status sandbox_start(void);

#endif
