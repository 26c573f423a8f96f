/*
 * count_messages.c: what a node says to other nodes, counted: it stands before zmq_msg_send, by the
 * linker's hand (bench.mk).
 *
 * Invariant: a call does what it would have done.
 */
#include "tests/bench/count.h"

#include <stddef.h>
#include <string.h>

enum { ZAP_DOMAIN = 55 /* ZMQ_ZAP_DOMAIN */ };

/* libzmq's own.  Only common/net includes its header. */
int __real_zmq_msg_send(void *msg, void *socket, int flags);
int __wrap_zmq_msg_send(void *msg, void *socket, int flags);
int zmq_getsockopt(void *socket, int option, void *value, size_t *size);

/* Answers to kiosks and readers leave by sockets of these domains; all others lead to peers. */
static int is_answer(void *socket)
{
	char domain[64] = "";
	size_t size = sizeof(domain);

	return zmq_getsockopt(socket, ZAP_DOMAIN, domain, &size) == 0 &&
	       (strcmp(domain, "kiosk") == 0 || strcmp(domain, "read") == 0);
}

int __wrap_zmq_msg_send(void *msg, void *socket, int flags)
{
	int rc = __real_zmq_msg_send(msg, socket, flags);

	if (rc >= 0 && !is_answer(socket))
		counts[1]++;
	return rc;
}
