/*
 * socket.c: the options, and single frames in and out.  See socket.h.
 *
 * Invariant: an option that libzmq refuses is a failure to open: there is no socket of ours with
 * less than all of its options.
 */
#include "common/net/socket.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	/* In <zmq.h> only for draft builds, but understood by every 4.3: see tests. */
	OPTION_ZAP_ENFORCE_DOMAIN = 93,
	OPTION_IPC_FILTER_PID = 58,
	CURVE_OVERHEAD = 33,       /* a MESSAGE command round its bytes */
	HANDSHAKE_MS = 5000,
	HEARTBEAT_MS = 2000,
	HEARTBEAT_TIMEOUT_MS = 6000,
	RECONNECT_MS = 100,
	RECONNECT_MAX_MS = 2000,
	BACKLOG = 16
};

void *sock_context(void)
{
	void *ctx = zmq_ctx_new();

	if (ctx == NULL)
		return NULL;
	if (zmq_ctx_set(ctx, ZMQ_MAX_SOCKETS, SOCK_MAX) != 0 ||
	    zmq_ctx_set(ctx, ZMQ_IO_THREADS, 1) != 0 || zmq_ctx_set(ctx, ZMQ_BLOCKY, 0) != 0) {
		(void)zmq_ctx_term(ctx);
		return NULL;
	}
	return ctx;
}

static bool set_int(void *zmq, int option, int value)
{
	return zmq_setsockopt(zmq, option, &value, sizeof(value)) == 0;
}

static bool set_key(void *zmq, int option, const uint8_t key[static ZAP_KEY_BYTES])
{
	return zmq_setsockopt(zmq, option, key, ZAP_KEY_BYTES) == 0;
}

static bool set_bounds(void *zmq, const struct sock_config *config)
{
	int64_t frame_max = (int64_t)config->receive_limit + CURVE_OVERHEAD;

	return zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max)) == 0 &&
	       set_int(zmq, ZMQ_LINGER, 0) &&
	       set_int(zmq, ZMQ_IMMEDIATE, 1) &&
	       set_int(zmq, ZMQ_SNDHWM, config->hwm) &&
	       set_int(zmq, ZMQ_RCVHWM, config->hwm) &&
	       set_int(zmq, ZMQ_SNDTIMEO, 0) &&
	       set_int(zmq, ZMQ_RCVTIMEO, 0) &&
	       set_int(zmq, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
	       set_int(zmq, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
	       set_int(zmq, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS) &&
	       set_int(zmq, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS) &&
	       set_int(zmq, ZMQ_RECONNECT_IVL, RECONNECT_MS) &&
	       set_int(zmq, ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS) &&
	       set_int(zmq, ZMQ_BACKLOG, BACKLOG);
}

static bool set_server(void *zmq, const struct sock_config *config)
{
	const pid_t pid = getpid();

	/* Without a domain libzmq would not ask zap.c, whatever else is set. */
	assert(config->domain[0] != '\0');
	return set_int(zmq, ZMQ_CURVE_SERVER, 1) &&
	       set_key(zmq, ZMQ_CURVE_SECRETKEY, config->secret) &&
	       zmq_setsockopt(zmq, ZMQ_ZAP_DOMAIN, config->domain, strlen(config->domain)) == 0 &&
	       set_int(zmq, OPTION_ZAP_ENFORCE_DOMAIN, 1) &&
	       zmq_setsockopt(zmq, OPTION_IPC_FILTER_PID, &pid, sizeof(pid)) == 0 &&
	       zmq_bind(zmq, config->endpoint) == 0;
}

static bool set_client(void *zmq, const struct sock_config *config)
{
	return set_key(zmq, ZMQ_CURVE_SERVERKEY, config->server_key) &&
	       set_key(zmq, ZMQ_CURVE_PUBLICKEY, config->public_key) &&
	       set_key(zmq, ZMQ_CURVE_SECRETKEY, config->secret) &&
	       zmq_connect(zmq, config->endpoint) == 0;
}

enum status sock_open(struct sock *s, void *ctx, const struct sock_config *config)
{
	size_t size = sizeof(s->fd);

	*s = (struct sock){ .fd = -1, .receive_limit = config->receive_limit,
			   .send_limit = config->send_limit };
	s->zmq = zmq_socket(ctx, ZMQ_DEALER);
	if (s->zmq == NULL)
		return ST_NO_MEMORY;
	if (set_bounds(s->zmq, config) &&
	    (config->domain != NULL ? set_server(s->zmq, config) : set_client(s->zmq, config)) &&
	    zmq_getsockopt(s->zmq, ZMQ_FD, &s->fd, &size) == 0)
		return ST_OK;
	sock_close(s);
	return ST_INTERNAL;
}

void sock_close(struct sock *s)
{
	if (s->zmq != NULL)
		(void)zmq_close(s->zmq);
	s->zmq = NULL;
	s->fd = -1;
}

/* --- messages --------------------------------------------------------------------------------- */

void frame_init(struct frame *f)
{
	int rc = zmq_msg_init(&f->msg);

	assert(rc == 0);
	(void)rc;
	f->bytes = NULL;
	f->len = 0;
}

void frame_close(struct frame *f)
{
	(void)zmq_msg_close(&f->msg);
	frame_init(f);
}

void frame_move(struct frame *to, struct frame *from)
{
	/* Short messages lie inside zmq_msg_t itself: their bytes have a new address now. */
	(void)zmq_msg_move(&to->msg, &from->msg);
	to->bytes = zmq_msg_data(&to->msg);
	to->len = zmq_msg_size(&to->msg);
	from->bytes = NULL;
	from->len = 0;
}

enum status sock_recv(struct sock *s, struct frame *f, const char **user)
{
	bool is_part = s->is_discarding;

	frame_close(f);
	*user = NULL;
	if (zmq_msg_recv(&f->msg, s->zmq, ZMQ_DONTWAIT) < 0)
		return errno == EAGAIN || errno == EINTR ? ST_AGAIN : ST_INTERNAL;
	*user = zmq_msg_gets(&f->msg, "User-Id");
	f->bytes = zmq_msg_data(&f->msg);
	f->len = zmq_msg_size(&f->msg);
	s->is_discarding = zmq_msg_more(&f->msg) != 0;
	if (is_part || s->is_discarding || f->len == 0 || f->len > s->receive_limit)
		return ST_FORMAT;
	return ST_OK;
}

enum status sock_send(struct sock *s, const void *head, size_t head_len,
		      const void *bytes, size_t len)
{
	zmq_msg_t msg;
	uint8_t *to;
	int error;

	if (len == 0 || len > s->send_limit || head_len > s->send_limit - len)
		return ST_LIMIT;
	if (zmq_msg_init_size(&msg, head_len + len) != 0)
		return ST_NO_MEMORY;
	to = zmq_msg_data(&msg);
	if (head_len > 0)
		memcpy(to, head, head_len);
	memcpy(to + head_len, bytes, len);
	if (zmq_msg_send(&msg, s->zmq, ZMQ_DONTWAIT) >= 0)
		return ST_OK;
	/* It may not have looked whether there is room again: it does when it is asked. */
	if (errno == EAGAIN && sock_can_send(s) && zmq_msg_send(&msg, s->zmq, ZMQ_DONTWAIT) >= 0)
		return ST_OK;
	error = errno;
	(void)zmq_msg_close(&msg);
	return error == EAGAIN || error == EINTR ? ST_AGAIN : ST_INTERNAL;
}

void sock_reconnect(struct sock *s, const char *endpoint)
{
	/* Neither can fail but for a socket that is closing: then nothing is lost. */
	(void)zmq_disconnect(s->zmq, endpoint);
	(void)zmq_connect(s->zmq, endpoint);
}

static bool can(struct sock *s, int what)
{
	int events = 0;
	size_t size = sizeof(events);

	return zmq_getsockopt(s->zmq, ZMQ_EVENTS, &events, &size) == 0 && (events & what) != 0;
}

bool sock_can_send(struct sock *s)
{
	return can(s, ZMQ_POLLOUT);
}

bool sock_can_receive(struct sock *s)
{
	return can(s, ZMQ_POLLIN);
}
