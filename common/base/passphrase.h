/*
 * passphrase.h: where passphrases come from: the terminal, without echo, or a file.  Never argv,
 * never the environment.
 *
 * Invariant: the passphrase stands in the caller's memory and nowhere else when a call returns;
 * the terminal is as it was, also after a signal.
 */
#ifndef KALPIS_BASE_PASSPHRASE_H
#define KALPIS_BASE_PASSPHRASE_H

#include "common/base/limits.h"
#include "crypto/status.h"

#include <stddef.h>

/* Lives in memory from mem_secret_alloc; the owner wipes it. */
struct passphrase {
	char text[LIMIT_PASSPHRASE_BYTES];   /* not NUL-terminated */
	size_t len;
};

/* The first line of a file; what follows it is refused (ST_FORMAT), as is an empty line. */
MUST_USE enum status passphrase_file(struct passphrase *out, const char *path);
/*
 * Ask on the terminal (/dev/tty).  With twice, ask again and refuse (ST_FORMAT) when the two
 * differ.  ST_NOT_FOUND: there is no terminal; ST_DENIED: the person gave up (Ctrl-C, Ctrl-D);
 * ST_LIMIT: too long; ST_FORMAT: empty.
 */
MUST_USE enum status passphrase_ask(struct passphrase *out, const char *prompt, int twice);
/* The same on an open terminal. */
MUST_USE enum status passphrase_ask_fd(struct passphrase *out, int tty, const char *prompt,
                                       int twice);
void passphrase_wipe(struct passphrase *p);

#endif
