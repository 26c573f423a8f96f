/*
 * talk.c: see talk.h.
 */
#include "tally-server/signer/talk.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { LENGTH_BYTES = 4 };

/* All of it, or ST_IO. */
static enum status send_all(int fd, const uint8_t *bytes, size_t len, int flags)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ST_IO;
		bytes += n;
		len -= (size_t)n;
	}
	return ST_OK;
}

enum status talk_send(int fd, const void *bytes, size_t len)
{
	uint8_t head[LENGTH_BYTES];
	enum status st;

	if (len == 0 || len > TALK_BYTES_MAX)
		return ST_LIMIT;
	for (unsigned int i = 0; i < LENGTH_BYTES; i++)
		head[i] = (uint8_t)(len >> (24 - 8 * i));
	if ((st = send_all(fd, head, sizeof(head), MSG_MORE)) != ST_OK)
		return st;
	return send_all(fd, bytes, len, 0);
}

/* *got bytes at most len came, when it is not ST_OK. */
static enum status receive_all(int fd, uint8_t *buf, size_t len, size_t *got)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = recv(fd, buf + *got, len - *got, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? ST_TIMEOUT : ST_IO;
		if (n == 0)
			return ST_NOT_FOUND;
		*got += (size_t)n;
	}
	return ST_OK;
}

enum status talk_receive(int fd, uint8_t *buf, size_t cap, size_t *len)
{
	uint8_t head[LENGTH_BYTES];
	size_t want = 0, got;
	enum status st = receive_all(fd, head, sizeof(head), &got);

	*len = 0;
	if (st != ST_OK)
		return got == 0 ? st : ST_IO;
	for (unsigned int i = 0; i < LENGTH_BYTES; i++)
		want = want << 8 | head[i];
	if (want == 0)
		return ST_FORMAT;
	if (want > cap)
		return ST_LIMIT;
	if (receive_all(fd, buf, want, &got) != ST_OK)
		return ST_IO;
	*len = want;
	return ST_OK;
}
