/*
 * count_messages.c: what a node says to other nodes, counted by its kind, which is the first byte
 * (docs/formats-wire.md §2): it stands before zmq_msg_send, by the linker's hand (bench.mk).
 *
 * Invariant: a call does what it would have done.
 */
#include "tests/bench/count.h"

#include "tally-server/consensus/wire.h"

#include <stddef.h>
#include <string.h>

enum { ZAP_DOMAIN = 55 /* ZMQ_ZAP_DOMAIN */, TRANSACTIONS = 32 };

/* libzmq's own.  Only common/net includes its header. */
int __real_zmq_msg_send(void *msg, void *socket, int flags);
int __wrap_zmq_msg_send(void *msg, void *socket, int flags);
int zmq_getsockopt(void *socket, int option, void *value, size_t *size);
void *zmq_msg_data(void *msg);
size_t zmq_msg_size(const void *msg);

/* Answers to kiosks and readers leave by sockets of these domains; all others lead to peers. */
static int is_answer(void *socket)
{
	char domain[64] = "";
	size_t size = sizeof(domain);

	return zmq_getsockopt(socket, ZAP_DOMAIN, domain, &size) == 0 &&
	       (strcmp(domain, "kiosk") == 0 || strcmp(domain, "read") == 0);
}

static enum count kind_of(void *msg)
{
	uint8_t kind = 0;

	if (zmq_msg_size(msg) > 0)
		memcpy(&kind, zmq_msg_data(msg), 1);
	if (kind == WIRE_PROPOSAL || kind == WIRE_VOTE || kind == WIRE_CERT)
		return COUNT_SAID_AGREE;
	return kind == TRANSACTIONS ? COUNT_SAID_POOL : COUNT_SAID_OTHER;
}

int __wrap_zmq_msg_send(void *msg, void *socket, int flags)
{
	enum count kind = kind_of(msg);   /* the message is gone when it is sent */
	int rc = __real_zmq_msg_send(msg, socket, flags);

	if (rc >= 0 && !is_answer(socket))
		counts[kind]++;
	return rc;
}
