/*
 * resolve.h: names of hosts to addresses, without making anybody wait.
 *
 * A numeric host is known at once.  A name is looked up by a thread of its own, because the
 * resolver of the system may take many seconds; until it has answered there are no addresses.
 *
 * Invariant: a lookup that is still under way when its owner leaves frees the object itself.
 */
#ifndef KALPIS_NET_RESOLVE_H
#define KALPIS_NET_RESOLVE_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { RESOLVE_MAX = 8 };

struct resolve;

struct resolve_result {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* host as in struct address.  Starts the first lookup.  ST_NO_MEMORY. */
MUST_USE enum status resolve_open(struct resolve **out, const char *host, uint16_t port);
void resolve_close(struct resolve *r);

/* Copy what is known; 0 when nothing is.  Any thread. */
size_t resolve_get(struct resolve *r, struct resolve_result out[static RESOLVE_MAX]);

/* Look the name up again, unless that is under way or the host is numeric. */
void resolve_again(struct resolve *r);

#endif
