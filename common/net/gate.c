/*
 * gate.c: routes, admission and the thread of the gate.  See gate.h.
 *
 * Invariant: the thread never waits but in epoll_wait, and never more than GATE_TICK_MS.
 */
#include "common/net/gate_impl.h"

#include "common/base/clock.h"
#include "common/wire/address.h"
#include "crypto/rng.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* --- names and descriptors -------------------------------------------------------------------- */

void gate_plain_name(const struct gate *g, uint32_t target, char out[static GATE_NAME_BYTES])
{
	uint64_t tag;
	int n;

	memcpy(&tag, g->tag, sizeof(tag));
	n = snprintf(out, GATE_NAME_BYTES, "kalpis-%016" PRIx64 "-%" PRIu32, tag, target);
	assert(n > 0 && n < GATE_NAME_BYTES);
	(void)n;
}

void gate_name(const struct gate *g, uint32_t target, char out[static GATE_NAME_BYTES])
{
	char plain[GATE_NAME_BYTES];
	int n;

	assert(target < g->target_count);
	gate_plain_name(g, target, plain);
	n = snprintf(out, GATE_NAME_BYTES, "ipc://@%.*s", GATE_NAME_BYTES - 8, plain);
	assert(n > 0 && n < GATE_NAME_BYTES);
	(void)n;
}

void end_want(struct gate *g, struct end *e, uint32_t interest)
{
	struct epoll_event ev = { .events = interest, .data = { .ptr = e } };

	assert(e->fd >= 0);
	if (e->interest == interest)
		return;
	/* Fails only for a descriptor that is not in the set: a bug. */
	if (epoll_ctl(g->epoll, EPOLL_CTL_MOD, e->fd, &ev) != 0)
		abort();
	e->interest = interest;
}

static bool listener_add(struct gate *g, struct end *e, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data = { .ptr = e } };

	e->fd = fd;
	e->interest = EPOLLIN;
	return epoll_ctl(g->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

static void wake(struct gate *g)
{
	const uint64_t one = 1;

	/* A full counter has woken the thread already. */
	if (write(g->wake.fd, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
}

/* --- opening ---------------------------------------------------------------------------------- */

enum status gate_open(struct gate **out)
{
	struct gate *g = calloc(1, sizeof(*g));
	int fd;

	*out = NULL;
	if (g == NULL)
		return ST_NO_MEMORY;
	rng_bytes(g->tag, sizeof(g->tag));
	g->wake = (struct end){ .kind = END_WAKE, .fd = -1 };
	g->epoll = epoll_create1(EPOLL_CLOEXEC);
	fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (fd >= 0 && !listener_add(g, &g->wake, fd)) {
		(void)close(fd);
		g->wake.fd = -1;
	}
	if (g->epoll < 0 || g->wake.fd < 0) {
		gate_close(g);
		return ST_IO;
	}
	*out = g;
	return ST_OK;
}

static struct gate_route *route_add(struct gate *g, const struct gate_rule *rule, uint32_t count)
{
	struct gate_route *r;
	uint64_t now_ms = clock_mono_ms();

	assert(!g->is_started);
	assert(count > 0 && rule->each_max > 0);
	if (g->route_count == GATE_ROUTES_MAX || GATE_TARGETS_MAX - g->target_count < count)
		return NULL;
	r = &g->routes[g->route_count++];
	r->rule = *rule;
	r->first = g->target_count;
	r->count = count;
	r->listener = (struct end){ .kind = END_LISTENER, .fd = -1, .route = r };
	bucket_init(&r->bucket, rule->rate, 2 * rule->rate, now_ms);
	for (uint32_t i = 0; i < count; i++) {
		g->targets[r->first + i].route = r;
		g->targets[r->first + i].settled_ms = now_ms;
	}
	g->target_count += count;
	return r;
}

static int listen_at(const struct addrinfo *a)
{
	const int one = 1;
	const int zero = 0;
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int saved;

	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (a->ai_family == AF_INET6)   /* "*" means IPv4 too */
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 64) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* A listening socket at host and port, or -1 and a reason. */
static int listen_tcp(const char **reason, const char *host, uint16_t port)
{
	static const char *const anywhere[2] = { "::", "0.0.0.0" };
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	bool is_any = strcmp(host, "*") == 0;
	char plain[ADDRESS_HOST_MAX + 1];
	char service[8];
	size_t len = strlen(host);
	int fd = -1;

	*reason = "the host is not a name or address of this machine";
	(void)snprintf(service, sizeof(service), "%" PRIu16, port);
	if (len > ADDRESS_HOST_MAX)
		return -1;
	memcpy(plain, host, len + 1);
	if (plain[0] == '[' && len >= 2) {
		memmove(plain, plain + 1, len - 2);
		plain[len - 2] = '\0';
	}
	for (size_t i = 0; i < (is_any ? 2 : 1) && fd < 0; i++) {
		struct addrinfo *list = NULL;

		if (getaddrinfo(is_any ? anywhere[i] : plain, service, &hints, &list) != 0)
			continue;
		for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
			fd = listen_at(a);
			if (fd < 0)
				*reason = strerror(errno);
		}
		freeaddrinfo(list);
	}
	return fd;
}

enum status gate_inward(struct gate *g, uint32_t *first, struct fault *fault,
			const char *host, uint16_t port, uint32_t count,
			const struct gate_rule *rule)
{
	const char *reason;
	struct gate_route *r = route_add(g, rule, count);
	int fd;

	if (r == NULL)
		return ST_LIMIT;
	*first = r->first;
	fd = listen_tcp(&reason, host, port);
	if (fd < 0) {
		(void)fault_set(fault, ST_IO, "Cannot listen at %s, port %" PRIu16 ": %s.", host,
				port, reason);
		fault_why(fault, "Nobody can reach this node there.");
		fault_next(fault, "Stop what uses the port (ss -ltnp), or change the address to "
			   "listen at.");
		return ST_IO;
	}
	return listener_add(g, &r->listener, fd) ? ST_OK : ST_IO;
}

enum status gate_outward(struct gate *g, uint32_t *target, const char *host, uint16_t port,
			 const struct gate_rule *rule)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct gate_route *r = route_add(g, rule, 1);
	char name[GATE_NAME_BYTES];
	enum status st;
	socklen_t len;
	int fd;

	if (r == NULL)
		return ST_LIMIT;
	*target = r->first;
	r->is_outward = true;
	if ((st = resolve_open(&r->resolve, host, port)) != ST_OK)
		return st;
	gate_plain_name(g, r->first, name);
	memcpy(un.sun_path + 1, name, strlen(name));
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return ST_IO;
	if (bind(fd, (struct sockaddr *)&un, len) != 0 || listen(fd, 8) != 0 ||
	    !listener_add(g, &r->listener, fd)) {
		(void)close(fd);
		r->listener.fd = -1;
		return ST_IO;
	}
	return ST_OK;
}

/* --- admission -------------------------------------------------------------------------------- */

/* The address that counts as one source: IPv4 whole, IPv6 its /64. */
static void source_of(uint8_t out[static 16], const struct sockaddr_storage *from)
{
	memset(out, 0, 16);
	if (from->ss_family == AF_INET) {
		struct sockaddr_in four;

		memcpy(&four, from, sizeof(four));
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &four.sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		struct sockaddr_in6 six;

		memcpy(&six, from, sizeof(six));
		memcpy(out, &six.sin6_addr, IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) ? 16 : 8);
	}
}

static bool source_has_room(const struct gate *g, const struct gate_route *r,
			    const uint8_t source[static 16])
{
	uint32_t count = 0;

	for (size_t i = 0; i < GATE_CONNS_MAX; i++) {
		const struct gate_conn *c = &g->conns[i];

		if (c->is_used && !c->is_ending && c->route == r &&
		    memcmp(c->source, source, 16) == 0)
			count++;
	}
	return count < r->rule.source_max;
}

/* The bucket of an address at a port; a stranger takes the place of who was away longest. */
static struct gate_source *source_find(struct gate *g, const struct gate_route *r,
				       const uint8_t source[static 16], uint64_t now_ms)
{
	struct gate_source *oldest = &g->sources[0];

	for (size_t i = 0; i < GATE_SOURCES_MAX; i++) {
		struct gate_source *s = &g->sources[i];

		if (s->route == r && memcmp(s->source, source, 16) == 0)
			return s;
		if (s->used_ms < oldest->used_ms)
			oldest = s;
	}
	oldest->route = r;
	memcpy(oldest->source, source, 16);
	bucket_init(&oldest->bucket, r->rule.source_rate, 2 * r->rule.source_rate, now_ms);
	return oldest;
}

/*
 * Whether this address may have one more connection now.  One's own share comes first: who is
 * over it takes nothing from the others.
 */
static bool source_may_come(struct gate *g, struct gate_route *r,
			    const uint8_t source[static 16], uint64_t now_ms)
{
	struct gate_source *s;

	if (!source_has_room(g, r, source))
		return false;
	if (r->rule.source_rate == 0)
		return bucket_take(&r->bucket, now_ms);
	s = source_find(g, r, source, now_ms);
	s->used_ms = now_ms;
	return bucket_take(&s->bucket, now_ms) && bucket_take(&r->bucket, now_ms);
}

/* When the endpoint is full, drop the connection that was silent longest, if that is long. */
static void evict(struct gate *g, const struct gate_route *r, uint64_t now_ms)
{
	struct gate_conn *victim = NULL;
	uint64_t oldest = now_ms;

	for (size_t i = 0; i < GATE_CONNS_MAX; i++) {
		struct gate_conn *c = &g->conns[i];
		uint64_t since;

		if (!c->is_used || c->is_dead || c->route != r)
			continue;
		since = g->targets[c->target].delivered_ms;
		if (since < c->born_ms)
			since = c->born_ms;
		if (since < oldest) {
			oldest = since;
			victim = c;
		}
	}
	if (victim != NULL && now_ms - oldest > r->rule.evict_ms) {
		atomic_fetch_add(&g->cut, 1);
		conn_kill(g, victim);
	}
}

/* The target for a new connection: with room, not under penalty, and free longest. */
static struct gate_target *target_choose(struct gate *g, const struct gate_route *r,
					 uint64_t now_ms)
{
	struct gate_target *best = NULL;

	for (uint32_t i = 0; i < r->count; i++) {
		struct gate_target *t = &g->targets[r->first + i];

		if (atomic_load(&t->live) >= r->rule.each_max || now_ms < t->closed_until_ms)
			continue;
		/* What an earlier connection asked is answered, or forgotten, before the next. */
		if (!r->is_outward && r->rule.each_max == 1 && t->freed_ms != 0 &&
		    (t->ending > 0 || now_ms - t->freed_ms < GATE_REST_MS || !atomic_load(&t->is_idle)))
			continue;
		if (best == NULL || t->freed_ms < best->freed_ms)
			best = t;
	}
	return best;
}

/* NULL: not admitted. */
static struct gate_conn *admit(struct gate *g, struct gate_route *r,
			       const uint8_t source[static 16], uint64_t now_ms)
{
	struct gate_target *t;
	struct gate_conn *c;

	if (!r->is_outward && !source_may_come(g, r, source, now_ms))
		return NULL;
	t = target_choose(g, r, now_ms);
	if (t == NULL) {
		if (r->count > 1)
			evict(g, r, now_ms);
		return NULL;
	}
	c = conn_take(g, r, (uint32_t)(t - g->targets), now_ms);
	if (c != NULL)
		memcpy(c->source, source, 16);
	return c;
}

/* Only our own process may use our local sockets. */
static bool is_own_process(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.pid == getpid();
}

static void accept_one(struct gate *g, struct gate_route *r, uint64_t now_ms)
{
	struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(from);
	struct gate_conn *c = NULL;
	uint8_t source[16];
	int fd = accept4(r->listener.fd, (struct sockaddr *)&from, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			r->full_until_ms = now_ms + 200;
			end_want(g, &r->listener, 0);
			g->is_busy = true;
		}
		return;
	}
	source_of(source, &from);
	if (!r->is_outward || is_own_process(fd))
		c = admit(g, r, source, now_ms);
	if (c == NULL) {
		atomic_fetch_add(&g->refused, 1);
		(void)close(fd);
		return;
	}
	atomic_fetch_add(&g->accepted, 1);
	if (r->is_outward)
		conn_begin_outward(g, c, fd, now_ms);
	else
		conn_begin_inward(g, c, fd);
}

/* --- the tick --------------------------------------------------------------------------------- */

static void target_kill(struct gate *g, struct gate_target *t)
{
	uint32_t index = (uint32_t)(t - g->targets);

	for (size_t i = 0; i < GATE_CONNS_MAX; i++) {
		struct gate_conn *c = &g->conns[i];

		if (!c->is_used || c->is_dead || c->target != index)
			continue;
		atomic_fetch_add(&g->cut, 1);
		conn_kill(g, c);
	}
}

/* Nothing to deliver while the program is looking, and the budget is used up: it will never end. */
static bool target_is_endless(struct gate *g, struct gate_target *t, bool is_program_looking,
			      uint64_t now_ms)
{
	if (!atomic_load(&t->is_paused) || !atomic_load(&t->is_idle) || !is_program_looking ||
	    now_ms - t->paused_ms < GATE_ENDLESS_MS) {
		t->strikes = 0;
		return false;
	}
	g->is_busy = true;
	return ++t->strikes >= GATE_ENDLESS_STRIKES;
}

static void target_tick(struct gate *g, struct gate_target *t, bool is_program_looking,
			uint64_t now_ms)
{
	bool must_cut = atomic_exchange(&t->must_cut, false);

	if (atomic_load(&t->live) == 0)
		return;
	target_settle(g, t, now_ms);
	if (atomic_load(&t->is_paused))
		g->is_busy = true;
	if (target_is_endless(g, t, is_program_looking, now_ms))
		must_cut = true;
	if (must_cut)
		t->closed_until_ms = now_ms + GATE_PENALTY_MS;
	if (must_cut || now_ms - t->delivered_ms > t->route->rule.idle_ms)
		target_kill(g, t);
}

static void tick(struct gate *g, uint64_t now_ms)
{
	uint64_t polls = atomic_load(&g->polls);
	bool is_program_looking = atomic_load(&g->is_waiting) || polls != g->seen_polls;

	g->seen_polls = polls;
	g->is_busy = false;
	for (uint32_t i = 0; i < g->target_count; i++)
		target_tick(g, &g->targets[i], is_program_looking, now_ms);
	for (uint32_t i = 0; i < g->route_count; i++) {
		struct gate_route *r = &g->routes[i];

		if (r->full_until_ms > now_ms)
			g->is_busy = true;
		else if (r->listener.fd >= 0)
			end_want(g, &r->listener, EPOLLIN);
	}
	for (size_t i = 0; i < GATE_CONNS_MAX; i++) {
		struct gate_conn *c = &g->conns[i];

		if (!c->is_used || c->is_dead)
			continue;
		if (c->must_dial)
			conn_dial(g, c, now_ms);
		else
			conn_interest(g, c);
		g->is_busy |= c->must_dial;
	}
}

/* --- the thread ------------------------------------------------------------------------------- */

static void dispatch(struct gate *g, struct end *e, uint32_t events, uint64_t now_ms)
{
	uint64_t count;

	switch (e->kind) {
	case END_WAKE:
		/* What we were woken for is done by the tick that follows. */
		if (read(e->fd, &count, sizeof(count)) < 0)
			assert(errno == EAGAIN || errno == EINTR);
		return;
	case END_LISTENER:
		accept_one(g, e->route, now_ms);
		return;
	case END_OUTER:
	case END_INNER:
		conn_event(g, e->conn, e, events, now_ms);
		return;
	}
}

/* Connections that ended in this round. */
static void bury(struct gate *g, uint64_t now_ms)
{
	g->has_dead = false;
	for (size_t i = 0; i < GATE_CONNS_MAX; i++) {
		struct gate_conn *c = &g->conns[i];

		if (!c->is_used || !c->is_dead)
			continue;
		if (!c->is_ending)
			conn_end(g, c, now_ms);
		else if (c->must_reap)
			conn_reap(g, c);
	}
}

static void *gate_run(void *arg)
{
	struct gate *g = arg;
	struct epoll_event events[64];
	uint64_t ticked_ms = 0;

	while (!atomic_load(&g->must_stop)) {
		int n = epoll_wait(g->epoll, events, 64,
				   g->is_busy ? GATE_TICK_BUSY_MS : GATE_TICK_MS);
		uint64_t now_ms = clock_mono_ms();
		bool is_woken = n <= 0;

		for (int i = 0; i < n; i++) {
			struct end *e = events[i].data.ptr;

			is_woken |= e->kind == END_WAKE;
			dispatch(g, e, events[i].events, now_ms);
		}
		if (is_woken || now_ms - ticked_ms >= GATE_TICK_BUSY_MS) {
			tick(g, now_ms);
			ticked_ms = now_ms;
		}
		if (g->has_dead)
			bury(g, now_ms);
	}
	return NULL;
}

enum status gate_start(struct gate *g)
{
	sigset_t all;
	sigset_t old;

	assert(!g->is_started);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	g->is_started = pthread_create(&g->thread, NULL, gate_run, g) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return g->is_started ? ST_OK : ST_NO_MEMORY;
}

void gate_close(struct gate *g)
{
	if (g == NULL)
		return;
	if (g->is_started) {
		atomic_store(&g->must_stop, true);
		wake(g);
		(void)pthread_join(g->thread, NULL);
	}
	for (size_t i = 0; i < GATE_CONNS_MAX; i++)
		if (g->conns[i].is_used)
			conn_reap(g, &g->conns[i]);
	for (uint32_t i = 0; i < g->route_count; i++) {
		resolve_close(g->routes[i].resolve);
		if (g->routes[i].listener.fd >= 0)
			(void)close(g->routes[i].listener.fd);
	}
	if (g->wake.fd >= 0)
		(void)close(g->wake.fd);
	if (g->epoll >= 0)
		(void)close(g->epoll);
	free(g);
}

/* --- any thread ------------------------------------------------------------------------------- */

void gate_delivered(struct gate *g, uint32_t target, size_t len)
{
	struct gate_target *t = &g->targets[target];

	atomic_fetch_add(&t->delivered, len + GATE_OVERHEAD_BYTES);
	if (atomic_load(&t->is_paused))
		wake(g);
}

void gate_set_idle(struct gate *g, uint32_t target, bool is_idle)
{
	atomic_store(&g->targets[target].is_idle, is_idle);
}

void gate_set_waiting(struct gate *g, bool is_waiting)
{
	atomic_store(&g->is_waiting, is_waiting);
	if (!is_waiting)
		atomic_fetch_add(&g->polls, 1);
}

void gate_cut(struct gate *g, uint32_t target)
{
	atomic_store(&g->targets[target].must_cut, true);
	wake(g);
}

uint64_t gate_generation(struct gate *g, uint32_t target)
{
	return atomic_load(&g->targets[target].generation);
}

uint32_t gate_live(struct gate *g, uint32_t target)
{
	return atomic_load(&g->targets[target].live);
}

void gate_stats(struct gate *g, struct gate_stats *out)
{
	out->accepted = atomic_load(&g->accepted);
	out->refused = atomic_load(&g->refused);
	out->cut = atomic_load(&g->cut);
}
