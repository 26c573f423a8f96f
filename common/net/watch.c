/*
 * watch.c: see watch.h.
 */
#include "common/net/watch.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/*
 * In the epoll set a tag of ours stands as it is, a descriptor of the program with this bit.  The
 * latter fire once and are armed again when taken, so that one which nobody takes does not keep
 * us from sleeping.
 */
#define PROGRAM_BIT (UINT64_C(1) << 32)

enum status watch_open(struct watch *w)
{
	*w = (struct watch){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return w->epoll >= 0 ? ST_OK : ST_IO;
}

void watch_close(struct watch *w)
{
	if (w->epoll >= 0)
		(void)close(w->epoll);
	w->epoll = -1;
}

static enum status add(struct watch *w, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = { .events = events, .data = { .u64 = data } };

	assert(fd >= 0);
	if (epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &ev) == 0)
		return ST_OK;
	return errno == EEXIST ? ST_EXISTS : ST_IO;
}

enum status watch_source(struct watch *w, int fd, uint32_t tag)
{
	return add(w, fd, EPOLLIN, tag);
}

enum status watch_add(struct watch *w, int fd)
{
	enum status st;

	if (w->count == LINK_WATCH_MAX)
		return ST_LIMIT;
	if ((st = add(w, fd, EPOLLIN | EPOLLONESHOT, PROGRAM_BIT | (uint32_t)fd)) != ST_OK)
		return st;
	w->is_readable[w->count] = false;
	w->fds[w->count++] = fd;
	return ST_OK;
}

void watch_remove(struct watch *w, int fd)
{
	for (size_t i = 0; i < w->count; i++) {
		if (w->fds[i] != fd)
			continue;
		/* Fails when the program has closed it already, which is as good. */
		(void)epoll_ctl(w->epoll, EPOLL_CTL_DEL, fd, NULL);
		w->count--;
		w->fds[i] = w->fds[w->count];
		w->is_readable[i] = w->is_readable[w->count];
		return;
	}
}

enum status watch_look(struct watch *w, uint32_t tags[static WATCH_TAGS_MAX], size_t *count,
		       int wait_ms)
{
	struct epoll_event events[WATCH_TAGS_MAX];
	int n = epoll_wait(w->epoll, events, WATCH_TAGS_MAX, wait_ms);

	*count = 0;
	if (n < 0)
		return errno == EINTR ? ST_TIMEOUT : ST_INTERNAL;
	for (int i = 0; i < n; i++) {
		uint64_t data = events[i].data.u64;

		if ((data & PROGRAM_BIT) == 0) {
			tags[(*count)++] = (uint32_t)data;
			continue;
		}
		for (size_t k = 0; k < w->count; k++)
			if ((uint32_t)w->fds[k] == (uint32_t)data)
				w->is_readable[k] = true;
	}
	return ST_OK;
}

bool watch_take(struct watch *w, int *fd)
{
	for (size_t i = 0; i < w->count; i++) {
		struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT };

		if (!w->is_readable[i])
			continue;
		w->is_readable[i] = false;
		ev.data.u64 = PROGRAM_BIT | (uint32_t)w->fds[i];
		/* Fails when the program has closed it: then there is nothing to wait for. */
		(void)epoll_ctl(w->epoll, EPOLL_CTL_MOD, w->fds[i], &ev);
		*fd = w->fds[i];
		return true;
	}
	return false;
}
