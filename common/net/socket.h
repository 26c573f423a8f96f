/*
 * socket.h: one libzmq socket, set up the one way we use them.  Inside common/net/ only.
 *
 * Always DEALER, always CURVE, always over a local endpoint of the gate.  A server socket always
 * has a ZAP domain and enforces it (zap.h).  A ROUTER is never used: in 4.3.4 a peer that claims
 * the routing id which the next anonymous peer would be given aborts the process (decision 0036).
 *
 * Invariant: sock_recv hands out single frames of 1..receive_limit bytes only.
 */
#ifndef KALPIS_NET_SOCKET_H
#define KALPIS_NET_SOCKET_H

#include "common/net/zap.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zmq.h>

/* Sockets of one context; libzmq's own limit is 1023. */
enum { SOCK_MAX = 2048 };

struct sock {
	void *zmq;
	int fd;                 /* readable: something may have changed (ZMQ_FD) */
	size_t receive_limit;   /* bytes of one message */
	size_t send_limit;
	bool is_discarding;     /* inside a multipart message */
};

struct sock_config {
	const char *endpoint;        /* of the gate */
	const char *domain;          /* server: of ZAP, never empty; client: NULL */
	const uint8_t *secret;       /* own */
	const uint8_t *public_key;   /* client: own */
	const uint8_t *server_key;   /* client: of the server */
	size_t receive_limit;        /* bytes of one message */
	size_t send_limit;
	int hwm;                     /* messages queued, each way, for each connection */
};

/* A message.  Always between frame_init and frame_close. */
struct frame {
	zmq_msg_t msg;
	const uint8_t *bytes;
	size_t len;
};

/* A context with one I/O thread; NULL when there are no resources. */
void *sock_context(void);

/* ST_INTERNAL when libzmq refuses an option or endpoint; then s->zmq is NULL. */
MUST_USE enum status sock_open(struct sock *s, void *ctx, const struct sock_config *config);
void sock_close(struct sock *s);

void frame_init(struct frame *f);
void frame_close(struct frame *f);
/* to takes over the message of from, which becomes empty; bytes move with it. */
void frame_move(struct frame *to, struct frame *from);

/*
 * Take one message.  *user (borrowed from f) is the User-Id, NULL if there is none.
 *   ST_AGAIN   nothing there
 *   ST_FORMAT  a part of a multipart message, an empty or an overlong one came, and was discarded
 *   ST_INTERNAL the socket does not work
 */
MUST_USE enum status sock_recv(struct sock *s, struct frame *f, const char **user);

/* Queue head and bytes as one frame.  ST_AGAIN: full or nobody there; ST_LIMIT: empty or long. */
MUST_USE enum status sock_send(struct sock *s, const void *head, size_t head_len,
			       const void *bytes, size_t len);

/*
 * Begin anew to connect (client sockets).  libzmq connects again after a lost connection, but
 * never after a handshake that was refused or garbled: whoever was turned away once, or met a
 * meddler on the way, would stay away for ever.
 */
void sock_reconnect(struct sock *s, const char *endpoint);

/* A message could be queued, or taken, now. */
bool sock_can_send(struct sock *s);
bool sock_can_receive(struct sock *s);

#endif
