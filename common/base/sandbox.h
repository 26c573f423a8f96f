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

/*
 * From now on this thread and those it makes reach these folders and files alone, for reading and
 * writing or for reading (and running); names that are not there are left out.  What is open stays
 * open.  Both lists end with NULL.  A process that is confined so can look into no process that
 * is not.  ST_NOT_FOUND: this kernel has no Landlock, nothing has changed; ST_DENIED.
 */
MUST_USE enum status sandbox_folders(const char *const *write, const char *const *read);

/*
 * From now on the process keeps files and answers on descriptors that are open: whatever else it
 * asks of the kernel (a socket, another program, a process, memory that can be run, a debugger)
 * ends it with SIGSYS.  Nothing in builds with AddressSanitizer, which asks for more.  ST_DENIED.
 */
MUST_USE enum status sandbox_calls(void);

#endif
