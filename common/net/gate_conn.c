/*
 * gate_conn.c: one connection of the gate: two descriptors and the bytes between them.
 *
 * Invariant: a side is read only while its flow has room, and the outer side only while its target
 * is not paused; so what one connection holds is bounded by its two buffers.
 */
#include "common/net/gate_impl.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- budget ----------------------------------------------------------------------------------- */

void target_settle(struct gate *g, struct gate_target *t, uint64_t now_ms)
{
	uint64_t delivered = atomic_exchange(&t->delivered, 0);
	uint64_t passed = now_ms - t->settled_ms;
	bool is_paused;

	if (delivered > 0)
		t->delivered_ms = now_ms;
	/* Whole steps only, or frequent calls would round the credit away. */
	if (passed >= 1000 / GATE_CREDIT_PER_S + 1) {
		delivered += passed * GATE_CREDIT_PER_S / 1000;
		t->settled_ms = now_ms;
	}
	t->owed -= delivered < t->owed ? delivered : t->owed;
	is_paused = t->owed > t->route->rule.budget;
	if (is_paused && !atomic_load(&t->is_paused)) {
		t->paused_ms = now_ms;
		t->strikes = 0;
		g->is_busy = true;   /* a delivery that crosses this line is seen by the next tick */
	}
	atomic_store(&t->is_paused, is_paused);
}

/* --- life ------------------------------------------------------------------------------------- */

struct gate_conn *conn_take(struct gate *g, struct gate_route *route, uint32_t target,
			    uint64_t now_ms)
{
	struct gate_target *t = &g->targets[target];
	struct gate_conn *c = NULL;
	uint8_t *buffers;

	for (size_t i = 0; i < GATE_CONNS_MAX && c == NULL; i++)
		if (!g->conns[i].is_used)
			c = &g->conns[i];
	if (c == NULL)
		return NULL;
	buffers = malloc(2 * (size_t)GATE_BUFFER_BYTES);
	if (buffers == NULL)
		return NULL;
	memset(c, 0, sizeof(*c));
	c->is_used = true;
	c->inward.bytes = buffers;
	c->outward.bytes = buffers + GATE_BUFFER_BYTES;
	c->outer = (struct end){ .kind = END_OUTER, .fd = -1, .conn = c };
	c->inner = (struct end){ .kind = END_INNER, .fd = -1, .conn = c };
	c->route = route;
	c->target = target;
	c->born_ms = now_ms;
	if (atomic_fetch_add(&t->live, 1) == 0) {
		/* Nothing of an earlier connection can still be delivered piecemeal. */
		t->owed = 0;
		atomic_store(&t->delivered, 0);
		t->settled_ms = now_ms;
		t->delivered_ms = now_ms;
		target_settle(g, t, now_ms);
	}
	atomic_fetch_add(&t->generation, 1);
	return c;
}

void conn_kill(struct gate *g, struct gate_conn *c)
{
	c->is_dead = true;
	g->has_dead = true;
}

static void end_close(struct end *e)
{
	if (e->fd >= 0)
		(void)close(e->fd);   /* leaves the epoll set with it */
	e->fd = -1;
}

void conn_reap(struct gate *g, struct gate_conn *c)
{
	if (c->is_ending)
		g->targets[c->target].ending--;
	else
		atomic_fetch_sub(&g->targets[c->target].live, 1);
	end_close(&c->outer);
	end_close(&c->inner);
	free(c->inward.bytes);   /* one block with outward */
	c->is_used = false;
}

void conn_end(struct gate *g, struct gate_conn *c, uint64_t now_ms)
{
	struct gate_target *t = &g->targets[c->target];
	struct gate_route *r = c->route;

	/* Counted out before anybody can see the end. */
	if (atomic_fetch_sub(&t->live, 1) == 1)
		t->freed_ms = now_ms;
	c->is_ending = true;
	t->ending++;
	end_close(&c->outer);
	if (r->is_outward && !c->must_dial) {
		if (!c->is_dialling && now_ms - c->born_ms >= GATE_SOUND_MS)
			r->backoff_ms = 0;
		else if (r->backoff_ms == 0)
			r->backoff_ms = GATE_BACKOFF_MIN_MS;
		else if (r->backoff_ms < GATE_BACKOFF_MAX_MS)
			r->backoff_ms *= 2;
		r->dial_after_ms = now_ms + r->backoff_ms;
	}
	if (c->inner.fd < 0 || shutdown(c->inner.fd, SHUT_WR) != 0) {
		conn_reap(g, c);
		return;
	}
	end_want(g, &c->inner, 0);   /* that libzmq has closed it we are told all the same */
}

/* --- both ends -------------------------------------------------------------------------------- */

static bool end_add(struct gate *g, struct end *e, int fd)
{
	struct epoll_event ev = { .events = 0, .data = { .ptr = e } };

	e->fd = fd;
	e->interest = 0;
	return epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static void tcp_tune(int fd)
{
	const int one = 1;
	const int idle_s = 30;
	const int unacked_ms = 15000;   /* a peer that takes nothing for so long is gone */

	/* Each is a comfort; without them the connection still works. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacked_ms, sizeof(unacked_ms));
}

void conn_begin_inward(struct gate *g, struct gate_conn *c, int fd)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char name[GATE_NAME_BYTES];
	socklen_t len;
	int inner;

	tcp_tune(fd);
	if (!end_add(g, &c->outer, fd)) {
		conn_kill(g, c);
		return;
	}
	/* Abstract: the name begins with a NUL and lives and dies with the socket. */
	gate_plain_name(g, c->target, name);
	memcpy(un.sun_path + 1, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	inner = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (inner < 0 || !end_add(g, &c->inner, inner) ||
	    connect(inner, (struct sockaddr *)&un, len) != 0) {
		conn_kill(g, c);
		return;
	}
	conn_interest(g, c);
}

void conn_begin_outward(struct gate *g, struct gate_conn *c, int fd, uint64_t now_ms)
{
	c->must_dial = true;
	if (!end_add(g, &c->inner, fd)) {
		conn_kill(g, c);
		return;
	}
	conn_dial(g, c, now_ms);
}

void conn_dial(struct gate *g, struct gate_conn *c, uint64_t now_ms)
{
	struct gate_route *r = c->route;
	struct resolve_result known[RESOLVE_MAX];
	struct resolve_result *to;
	size_t count;
	int fd;

	assert(c->must_dial);
	if (now_ms < r->dial_after_ms) {
		conn_interest(g, c);
		return;
	}
	c->must_dial = false;
	c->is_dialling = true;
	count = resolve_get(r->resolve, known);
	if (r->backoff_ms > 0)
		resolve_again(r->resolve);   /* the last try failed: it may have moved */
	if (count == 0) {
		conn_kill(g, c);
		return;
	}
	to = &known[r->address_next++ % count];
	fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || !end_add(g, &c->outer, fd)) {
		conn_kill(g, c);
		return;
	}
	tcp_tune(fd);
	if (connect(fd, (struct sockaddr *)&to->addr, to->len) == 0) {
		c->is_dialling = false;
		c->born_ms = now_ms;
	} else if (errno != EINPROGRESS) {
		conn_kill(g, c);
		return;
	}
	conn_interest(g, c);
}

/* --- passing bytes ---------------------------------------------------------------------------- */

static size_t flow_room(const struct flow *f)
{
	return GATE_BUFFER_BYTES - f->len;
}

static bool is_temporary(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Read once.  False: this side has ended. */
static bool flow_fill(struct flow *f, int fd, size_t *got)
{
	ssize_t n;

	*got = 0;
	if (f->pos > 0 && f->pos == f->len)
		f->pos = f->len = 0;
	if (flow_room(f) == 0)
		return true;
	n = recv(fd, f->bytes + f->len, flow_room(f), 0);
	if (n == 0)
		return false;
	if (n < 0)
		return is_temporary(errno);
	f->len += (size_t)n;
	*got = (size_t)n;
	return true;
}

/* Write what waits.  False: this side has ended. */
static bool flow_drain(struct flow *f, int fd)
{
	ssize_t n;

	if (f->pos < f->len) {
		n = send(fd, f->bytes + f->pos, f->len - f->pos, MSG_NOSIGNAL);
		if (n < 0 && !is_temporary(errno))
			return false;
		if (n > 0)
			f->pos += (size_t)n;
	}
	if (f->pos == f->len) {
		f->pos = f->len = 0;
	} else if (f->pos > 0) {
		memmove(f->bytes, f->bytes + f->pos, f->len - f->pos);
		f->len -= f->pos;
		f->pos = 0;
	}
	return true;
}

void conn_interest(struct gate *g, struct gate_conn *c)
{
	bool is_paused = atomic_load(&g->targets[c->target].is_paused);
	uint32_t outer = 0;
	uint32_t inner = 0;

	if (c->is_dead)
		return;
	if (c->is_dialling) {
		outer = EPOLLOUT;
	} else if (c->outer.fd >= 0) {
		if (!is_paused && flow_room(&c->inward) > 0)
			outer |= EPOLLIN;
		if (c->outward.len > 0)
			outer |= EPOLLOUT;
	}
	if (flow_room(&c->outward) > 0)
		inner |= EPOLLIN;
	if (c->inward.len > 0)
		inner |= EPOLLOUT;
	if (c->outer.fd >= 0)
		end_want(g, &c->outer, outer);
	end_want(g, &c->inner, inner);
}

static bool conn_is_established(struct gate_conn *c, uint64_t now_ms)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(c->outer.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0)
		return false;
	c->is_dialling = false;
	c->born_ms = now_ms;
	return true;
}

/* Read from one side and pass on at once what the other side takes. */
static bool conn_pass(struct gate *g, struct gate_conn *c, const struct end *from, uint64_t now_ms)
{
	struct gate_target *t = &g->targets[c->target];
	size_t got;

	if (from->kind == END_INNER) {
		if (!flow_fill(&c->outward, c->inner.fd, &got))
			return false;
		return c->outer.fd < 0 || c->is_dialling ||
		       flow_drain(&c->outward, c->outer.fd);
	}
	if (atomic_load(&t->is_paused))
		return true;
	if (!flow_fill(&c->inward, c->outer.fd, &got))
		return false;
	t->owed += got;
	target_settle(g, t, now_ms);
	return flow_drain(&c->inward, c->inner.fd);
}

void conn_event(struct gate *g, struct gate_conn *c, struct end *e, uint32_t events,
		uint64_t now_ms)
{
	struct flow *out = e->kind == END_OUTER ? &c->outward : &c->inward;
	bool is_alive = true;

	if (c->is_ending && e->kind == END_INNER) {
		c->must_reap = true;   /* libzmq has closed it itself */
		g->has_dead = true;
	}
	if (c->is_dead)
		return;
	if (e->kind == END_OUTER && c->is_dialling)
		is_alive = conn_is_established(c, now_ms);
	if (is_alive && (events & EPOLLOUT) != 0)
		is_alive = flow_drain(out, e->fd);
	if (is_alive && (events & EPOLLIN) != 0)
		is_alive = conn_pass(g, c, e, now_ms);
	/* Both directions are shut, or an error: reported without being asked for. */
	if ((events & (EPOLLHUP | EPOLLERR)) != 0 && (events & EPOLLIN) == 0)
		is_alive = false;
	if (!is_alive)
		conn_kill(g, c);
	else
		conn_interest(g, c);
}
