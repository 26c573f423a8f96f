/*
 * watch.h: the descriptors that a program of the network waits for: those of our sockets, each
 * with a tag, and a few of the program's own.
 *
 * Invariant: a descriptor of the program that was reported and not yet taken is remembered.
 */
#ifndef KALPIS_NET_WATCH_H
#define KALPIS_NET_WATCH_H

#include "common/net/link.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCH_TAGS_MAX = 64 };   /* reported by one look */

struct watch {
	int epoll;
	int fds[LINK_WATCH_MAX];
	bool is_readable[LINK_WATCH_MAX];
	size_t count;
};

MUST_USE enum status watch_open(struct watch *w);
void watch_close(struct watch *w);

/* A descriptor of ours.  tag < 2^31. */
MUST_USE enum status watch_source(struct watch *w, int fd, uint32_t tag);

/* A descriptor of the program.  ST_LIMIT; ST_EXISTS; ST_IO: it cannot be waited for. */
MUST_USE enum status watch_add(struct watch *w, int fd);
void watch_remove(struct watch *w, int fd);

/*
 * Sleep at most wait_ms (negative: no limit) until something is readable.  Tags of ours go to
 * tags, *count of them.  ST_TIMEOUT: a signal came.  ST_INTERNAL: waiting does not work.
 */
MUST_USE enum status watch_look(struct watch *w, uint32_t tags[static WATCH_TAGS_MAX],
				size_t *count, int wait_ms);

/* Take one descriptor of the program that was reported. */
bool watch_take(struct watch *w, int *fd);

#endif
