/*
 * client.h: asking nodes, for kiosks and readers (formats-wire.md §2).
 *
 * A client holds a connection to each of several nodes and asks any of them at any time; answers
 * come as events, in the order they arrive.  One thread owns a struct client.  Nothing blocks but
 * client_poll and client_request, and these at most as long as they are told.
 *
 * Invariant: an answer is delivered at most once, to the request it answers, and came from the
 * node with the key that was given.  That says nothing of its truth: a node may lie, and the
 * caller checks certificates and signatures (N68).
 */
#ifndef KALPIS_NET_CLIENT_H
#define KALPIS_NET_CLIENT_H

#include "common/net/link.h"

enum {
	CLIENT_NODES_MAX = LIMIT_TRUSTEES,
	CLIENT_PENDING_MAX = 64    /* requests under way at one time, over all nodes */
};

struct client;

enum client_role {
	CLIENT_KIOSK,   /* the kiosk endpoint: our key must be on the chain */
	CLIENT_READ     /* the read endpoint: any key */
};

/*
 * secret: our CURVE secret, LINK_KEY_BYTES, copied and wiped at the end; NULL makes a fresh pair
 * (readers).  ST_NO_MEMORY, ST_KEY (a zero secret), ST_INTERNAL.
 */
MUST_USE enum status client_open(struct client **out, const uint8_t *secret);
void client_close(struct client *c);

/*
 * Connect to a node, now and again for ever whenever the connection is lost.  *slot names it from
 * now on: 0, 1, 2, ... in order of adding.  ST_LIMIT above CLIENT_NODES_MAX.  Does not wait.
 * All nodes are added before the first client_ask or client_poll.
 */
MUST_USE enum status client_add(struct client *c, uint32_t *slot, enum client_role role,
				const struct address *address,
				const uint8_t server_key[static LINK_KEY_BYTES]);

enum client_kind {
	CLIENT_ANSWER,     /* bytes, len */
	CLIENT_BUSY,       /* the node turned the request away: asked too often */
	CLIENT_EXPIRED,    /* no answer within the time given to client_ask */
	CLIENT_READABLE    /* the extra descriptor fd can be read */
};

struct client_event {
	enum client_kind kind;
	uint32_t slot;
	uint64_t request;         /* as client_ask gave it */
	int fd;
	const uint8_t *bytes;     /* borrowed until the next call on this client */
	size_t len;
};

/*
 * Send a request of at most LIMIT_REQUEST bytes to a node (a reader: LIMIT_REQUEST_READ).  Few are
 * under way at one node at a time; others wait here for their turn.  It is kept until the node is
 * reached or timeout_ms (> 0) have passed, and sent again if the connection was lost meanwhile: so
 * a request must be one that may arrive twice.  Exactly one event ANSWER, BUSY or EXPIRED follows,
 * unless client_forget comes first.  ST_LIMIT: too long, no such slot; ST_AGAIN:
 * CLIENT_PENDING_MAX requests are under way.
 */
MUST_USE enum status client_ask(struct client *c, uint64_t *request, uint32_t slot,
				const void *bytes, size_t len, uint32_t timeout_ms);

/* No more events for this request. */
void client_forget(struct client *c, uint64_t request);

/* The next event; ST_TIMEOUT when none came within timeout_ms (as link_poll). */
MUST_USE enum status client_poll(struct client *c, struct client_event *event, int timeout_ms);

/*
 * Ask one node and wait.  *bytes is borrowed until the next call.  Events of other requests that
 * come meanwhile are kept for client_poll.  ST_TIMEOUT, ST_AGAIN (busy), or as client_ask.
 */
MUST_USE enum status client_request(struct client *c, const uint8_t **answer, size_t *answer_len,
				    uint32_t slot, const void *bytes, size_t len,
				    uint32_t timeout_ms);

/* Extra descriptors in the poll set (a terminal, a signalfd); level-triggered. */
MUST_USE enum status client_watch(struct client *c, int fd);
void client_unwatch(struct client *c, int fd);

#endif
