/*
 * client.c: requests under way, over one socket for each node.  See client.h.
 *
 * As in link.c, libzmq's descriptor says only that something may have changed; slot_serve leaves a
 * socket when nothing can be taken from it and nothing waits that could be sent.
 *
 * Invariant: a pending request is in exactly one state: waiting to be sent, sent, or done.
 */
#include "common/net/client.h"

#include "common/base/clock.h"
#include "common/net/gate.h"
#include "common/net/link_impl.h"
#include "common/net/rules.h"
#include "common/net/socket.h"
#include "common/net/tend.h"
#include "common/net/watch.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum pending_state {
	PENDING_FREE,
	PENDING_WAITING,
	PENDING_SENT,
	PENDING_DONE
};

struct pending {
	enum pending_state state;
	enum client_kind kind;       /* DONE */
	uint64_t number;             /* on the wire and to the caller */
	uint64_t order;              /* DONE: which came first */
	uint64_t deadline_ms;
	uint64_t generation;         /* SENT: the connection it went out by */
	uint32_t slot;
	uint8_t *bytes;              /* the request */
	size_t len;
	struct frame frame;          /* DONE with an answer */
};

struct slot {
	struct sock sock;
	struct tend tend;
	uint32_t target;
};

struct keys {
	uint8_t secret[LINK_KEY_BYTES];
	uint8_t public_key[LINK_KEY_BYTES];
};

struct client {
	void *ctx;
	struct gate *gate;
	struct watch watch;
	struct keys *keys;           /* locked memory */
	bool is_started;
	uint64_t tended_ms;
	struct slot slots[CLIENT_NODES_MAX];
	uint32_t slot_count;
	struct pending pending[CLIENT_PENDING_MAX];
	uint64_t number_next;
	uint64_t order_next;
	struct frame held;           /* what the last event borrowed from */
};

/* --- opening and closing ---------------------------------------------------------------------- */

enum status client_open(struct client **out, const uint8_t *secret)
{
	struct client *c = calloc(1, sizeof(*c));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (c == NULL)
		return ST_NO_MEMORY;
	c->watch.epoll = -1;
	frame_init(&c->held);
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		frame_init(&c->pending[i].frame);
	/* Answers to an earlier client of the same key cannot be taken for ours. */
	rng_bytes(&c->number_next, sizeof(c->number_next));
	c->keys = mem_secret_alloc(sizeof(*c->keys));
	c->ctx = sock_context();
	if (c->keys == NULL || c->ctx == NULL)
		goto out;
	if (secret == NULL)
		link_keygen(c->keys->public_key, c->keys->secret);
	else
		memcpy(c->keys->secret, secret, LINK_KEY_BYTES);
	if ((st = link_public(c->keys->public_key, c->keys->secret)) != ST_OK ||
	    (st = gate_open(&c->gate)) != ST_OK ||
	    (st = watch_open(&c->watch)) != ST_OK)
		goto out;
	*out = c;
	c = NULL;
	st = ST_OK;
out:
	client_close(c);
	return st;
}

static void pending_free(struct pending *p)
{
	free(p->bytes);
	p->bytes = NULL;
	frame_close(&p->frame);
	p->state = PENDING_FREE;
}

void client_close(struct client *c)
{
	if (c == NULL)
		return;
	frame_close(&c->held);
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		pending_free(&c->pending[i]);
	for (uint32_t i = 0; i < c->slot_count; i++)
		sock_close(&c->slots[i].sock);
	gate_close(c->gate);   /* after the sockets: its connections end whatever they hold */
	if (c->ctx != NULL)
		(void)zmq_ctx_term(c->ctx);
	watch_close(&c->watch);
	mem_secret_free(c->keys);
	free(c);
}

enum status client_add(struct client *c, uint32_t *slot, enum client_role role,
		       const struct address *address,
		       const uint8_t server_key[static LINK_KEY_BYTES])
{
	struct sock_config sc = { .secret = c->keys->secret, .public_key = c->keys->public_key,
				  .server_key = server_key,
				  .receive_limit = LINK_HEAD_ANSWER + LIMIT_RESPONSE,
				  .send_limit = LINK_HEAD_REQUEST + LIMIT_REQUEST,
				  .hwm = CLIENT_PENDING_MAX };
	uint16_t port = role == CLIENT_KIOSK ? address_port_kiosk(address) :
			address_port_read(address);
	char endpoint[GATE_NAME_BYTES];
	struct slot *s;
	enum status st;

	assert(!c->is_started);
	if (c->slot_count == CLIENT_NODES_MAX)
		return ST_LIMIT;
	s = &c->slots[c->slot_count];
	if ((st = gate_outward(c->gate, &s->target, address->host, port, &RULE_CLIENT)) != ST_OK)
		return st;
	gate_name(c->gate, s->target, endpoint);
	sc.endpoint = endpoint;
	if ((st = sock_open(&s->sock, c->ctx, &sc)) != ST_OK)
		return st;
	*slot = c->slot_count++;
	return watch_source(&c->watch, s->sock.fd, *slot);
}

static enum status client_start(struct client *c)
{
	enum status st;

	if (c->is_started)
		return ST_OK;
	if ((st = gate_start(c->gate)) == ST_OK)
		c->is_started = true;
	return st;
}

/* --- asking ----------------------------------------------------------------------------------- */

enum status client_ask(struct client *c, uint64_t *request, uint32_t slot,
		       const void *bytes, size_t len, uint32_t timeout_ms)
{
	struct pending *p = NULL;
	enum status st;

	if (slot >= c->slot_count || len == 0 || len > LIMIT_REQUEST)
		return ST_LIMIT;
	for (size_t i = 0; i < CLIENT_PENDING_MAX && p == NULL; i++)
		if (c->pending[i].state == PENDING_FREE)
			p = &c->pending[i];
	if (p == NULL)
		return ST_AGAIN;
	if ((st = client_start(c)) != ST_OK)
		return st;
	p->bytes = malloc(len);
	if (p->bytes == NULL)
		return ST_NO_MEMORY;
	memcpy(p->bytes, bytes, len);
	p->len = len;
	p->slot = slot;
	p->number = c->number_next++;
	p->deadline_ms = clock_mono_ms() + timeout_ms;
	p->state = PENDING_WAITING;
	*request = p->number;
	return ST_OK;
}

static struct pending *pending_find(struct client *c, uint64_t number)
{
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		if (c->pending[i].state != PENDING_FREE && c->pending[i].number == number)
			return &c->pending[i];
	return NULL;
}

void client_forget(struct client *c, uint64_t request)
{
	struct pending *p = pending_find(c, request);

	if (p != NULL)
		pending_free(p);
}

static void pending_finish(struct client *c, struct pending *p, enum client_kind kind)
{
	p->state = PENDING_DONE;
	p->kind = kind;
	p->order = c->order_next++;
}

/* --- one node --------------------------------------------------------------------------------- */

/* How many requests wait for an answer of this node. */
static uint32_t slot_flight(const struct client *c, uint32_t slot)
{
	uint32_t count = 0;

	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		if (c->pending[i].state == PENDING_SENT && c->pending[i].slot == slot)
			count++;
	return count;
}

/* The waiting request of a slot that was made first. */
static struct pending *waiting_first(struct client *c, uint32_t slot)
{
	struct pending *first = NULL;

	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		struct pending *p = &c->pending[i];

		if (p->state != PENDING_WAITING || p->slot != slot)
			continue;
		/* Numbers may wrap: compare the distance. */
		if (first == NULL || p->number - first->number > UINT64_MAX / 2)
			first = p;
	}
	return first;
}

/* What went out by a connection that is gone waits again. */
static void slot_recall(struct client *c, uint32_t slot)
{
	uint64_t generation = gate_generation(c->gate, c->slots[slot].target);

	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		struct pending *p = &c->pending[i];

		if (p->state == PENDING_SENT && p->slot == slot && p->generation != generation)
			p->state = PENDING_WAITING;
	}
}

static enum status slot_send(struct client *c, uint32_t slot)
{
	struct slot *s = &c->slots[slot];
	struct pending *p;
	enum status st;

	slot_recall(c, slot);
	while (slot_flight(c, slot) < RULE_FLIGHT && (p = waiting_first(c, slot)) != NULL) {
		uint8_t head[LINK_HEAD_REQUEST];

		memcpy(head, &p->number, sizeof(head));
		p->generation = gate_generation(c->gate, s->target);
		st = sock_send(&s->sock, head, sizeof(head), p->bytes, p->len);
		if (st != ST_OK)
			return st == ST_AGAIN ? ST_OK : st;
		p->state = PENDING_SENT;
	}
	return ST_OK;
}

/* An answer that nobody waits for (any more) is dropped without a word. */
static void answer_take(struct client *c, uint32_t slot, struct frame *f)
{
	struct pending *p;
	uint64_t number;
	uint8_t verdict;

	if (f->len < LINK_HEAD_ANSWER) {
		gate_cut(c->gate, c->slots[slot].target);
		return;
	}
	memcpy(&number, f->bytes, sizeof(number));
	verdict = f->bytes[LINK_HEAD_REQUEST];
	p = pending_find(c, number);
	if (p == NULL || p->slot != slot || p->state == PENDING_DONE)
		return;
	if (verdict == LINK_ANSWERED && f->len > LINK_HEAD_ANSWER) {
		frame_move(&p->frame, f);
		pending_finish(c, p, CLIENT_ANSWER);
	} else if (verdict == LINK_BUSY && f->len == LINK_HEAD_ANSWER) {
		pending_finish(c, p, CLIENT_BUSY);
	} else {
		gate_cut(c->gate, c->slots[slot].target);
	}
}

static enum status slot_receive(struct client *c, uint32_t slot)
{
	struct slot *s = &c->slots[slot];
	struct frame f;
	enum status st;

	frame_init(&f);
	for (int i = 0; i < CLIENT_PENDING_MAX; i++) {
		const char *user;

		st = sock_recv(&s->sock, &f, &user);
		if (st == ST_AGAIN || st == ST_INTERNAL)
			break;
		gate_delivered(c->gate, s->target, f.len);
		if (st == ST_OK)
			answer_take(c, slot, &f);
		else
			gate_cut(c->gate, s->target);
	}
	frame_close(&f);
	return st == ST_INTERNAL ? st : ST_OK;
}

/* Send and take what can be; *is_left when there is more. */
static enum status slot_serve(struct client *c, uint32_t slot, bool *is_left)
{
	struct slot *s = &c->slots[slot];
	bool can_receive;
	enum status st;

	if ((st = slot_send(c, slot)) != ST_OK || (st = slot_receive(c, slot)) != ST_OK)
		return st;
	can_receive = sock_can_receive(&s->sock);
	gate_set_idle(c->gate, s->target, !can_receive);
	if (can_receive || (slot_flight(c, slot) < RULE_FLIGHT &&
			    waiting_first(c, slot) != NULL && sock_can_send(&s->sock)))
		*is_left = true;
	return ST_OK;
}

/* --- events ----------------------------------------------------------------------------------- */

/* Expire what is late; returns milliseconds until the next is, at most wait_ms. */
static int deadlines_pass(struct client *c, int wait_ms)
{
	uint64_t now_ms = clock_mono_ms();

	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		struct pending *p = &c->pending[i];

		if (p->state != PENDING_WAITING && p->state != PENDING_SENT)
			continue;
		if (now_ms >= p->deadline_ms) {
			pending_finish(c, p, CLIENT_EXPIRED);
			wait_ms = 0;
		} else if (p->deadline_ms - now_ms < (uint64_t)wait_ms) {
			wait_ms = (int)(p->deadline_ms - now_ms);
		}
	}
	return wait_ms;
}

static struct pending *done_first(struct client *c)
{
	struct pending *first = NULL;

	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		struct pending *p = &c->pending[i];

		if (p->state == PENDING_DONE && (first == NULL || p->order < first->order))
			first = p;
	}
	return first;
}

static void client_tend(struct client *c)
{
	uint64_t now_ms = clock_mono_ms();

	if (now_ms - c->tended_ms < RULE_TEND_MS)
		return;
	c->tended_ms = now_ms;
	for (uint32_t i = 0; i < c->slot_count; i++)
		tend_look(&c->slots[i].tend, c->gate, c->slots[i].target, &c->slots[i].sock,
			  now_ms);
}

/*
 * Serve every node once, then sleep until something happens, a deadline, or wait_ms (negative: no
 * limit), but never so long that the sockets are not tended.
 */
static enum status client_turn(struct client *c, int wait_ms)
{
	uint32_t tags[WATCH_TAGS_MAX];
	bool is_left = false;
	size_t count;
	enum status st;

	client_tend(c);
	for (uint32_t i = 0; i < c->slot_count; i++)
		if ((st = slot_serve(c, i, &is_left)) != ST_OK)
			return st;
	if (wait_ms < 0 || wait_ms > RULE_TEND_MS)
		wait_ms = RULE_TEND_MS;
	wait_ms = deadlines_pass(c, wait_ms);
	if (is_left || done_first(c) != NULL)
		wait_ms = 0;
	gate_set_waiting(c->gate, true);
	st = watch_look(&c->watch, tags, &count, wait_ms);
	gate_set_waiting(c->gate, false);
	return st;
}

/* The request that p stands for has ended: tell, and free its place. */
static void event_of(struct client *c, struct client_event *event, struct pending *p)
{
	frame_close(&c->held);
	*event = (struct client_event){ .kind = p->kind, .slot = p->slot, .request = p->number,
					.fd = -1 };
	if (p->kind == CLIENT_ANSWER) {
		frame_move(&c->held, &p->frame);
		event->bytes = c->held.bytes + LINK_HEAD_ANSWER;
		event->len = c->held.len - LINK_HEAD_ANSWER;
	}
	pending_free(p);
}

/* Milliseconds of timeout_ms that are left since start_ms; negative: no limit. */
static int time_left(uint64_t start_ms, int timeout_ms)
{
	uint64_t passed = clock_mono_ms() - start_ms;

	if (timeout_ms < 0)
		return -1;
	return passed >= (uint64_t)timeout_ms ? 0 : timeout_ms - (int)passed;
}

static bool event_take(struct client *c, struct client_event *event)
{
	struct pending *p = done_first(c);
	int fd;

	if (p != NULL) {
		event_of(c, event, p);
		return true;
	}
	if (!watch_take(&c->watch, &fd))
		return false;
	*event = (struct client_event){ .kind = CLIENT_READABLE, .fd = fd };
	return true;
}

enum status client_poll(struct client *c, struct client_event *event, int timeout_ms)
{
	uint64_t start_ms = clock_mono_ms();
	enum status st = client_start(c);

	frame_close(&c->held);
	while (st == ST_OK) {
		int wait_ms;

		if (event_take(c, event))
			return ST_OK;
		wait_ms = time_left(start_ms, timeout_ms);
		st = client_turn(c, wait_ms);
		if (st == ST_OK && wait_ms == 0)
			return event_take(c, event) ? ST_OK : ST_TIMEOUT;
	}
	return st;
}

enum status client_request(struct client *c, const uint8_t **answer, size_t *answer_len,
			   uint32_t slot, const void *bytes, size_t len, uint32_t timeout_ms)
{
	struct client_event event;
	struct pending *p;
	uint64_t number;
	enum status st;

	if ((st = client_ask(c, &number, slot, bytes, len, timeout_ms)) != ST_OK)
		return st;
	p = pending_find(c, number);
	assert(p != NULL);
	while (p->state != PENDING_DONE) {
		st = client_turn(c, -1);
		/* A signal does not end the wait: the deadline does. */
		if (st != ST_OK && st != ST_TIMEOUT) {
			pending_free(p);
			return st;
		}
	}
	event_of(c, &event, p);
	switch (event.kind) {
	case CLIENT_ANSWER:
		*answer = event.bytes;
		*answer_len = event.len;
		return ST_OK;
	case CLIENT_BUSY:
		return ST_AGAIN;
	case CLIENT_EXPIRED:
		return ST_TIMEOUT;
	case CLIENT_READABLE:
		break;
	}
	return ST_INTERNAL;
}

enum status client_watch(struct client *c, int fd)
{
	return watch_add(&c->watch, fd);
}

void client_unwatch(struct client *c, int fd)
{
	watch_remove(&c->watch, fd);
}
