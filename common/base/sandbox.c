/*
 * sandbox.c: see sandbox.h.
 *
 * Invariant: nothing here can be undone by the process itself, save the umask.
 */
#include "common/base/sandbox.h"

#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* There only in builds with AddressSanitizer, whose search for leaks must trace the process. */
extern void __asan_init(void) __attribute__((weak));

enum status sandbox_start(void)
{
	static const struct rlimit no_core = { 0, 0 };

	umask(077);
	if (setrlimit(RLIMIT_CORE, &no_core) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return ST_DENIED;
	if (__asan_init == NULL && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return ST_DENIED;
	return ST_OK;
}
