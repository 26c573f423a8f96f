/*
 * link.c: the running of a link: events in, messages out.  See link.h.
 *
 * libzmq signals on a descriptor only that something may have changed, once.  So may_have says
 * of each source that a message may be there: set by the descriptor and by whatever we do with the
 * socket, cleared only by a receive that found nothing.
 *
 * Invariant: we sleep only while no source may have a message.
 */
#include "common/net/link_impl.h"

#include "common/base/clock.h"
#include "common/net/rules.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- small matters ---------------------------------------------------------------------------- */

static void source_mark(struct link *l, struct source *s, bool may_have)
{
	if (s->may_have != may_have)
		gate_set_idle(l->gate, s->target, !may_have);
	s->may_have = may_have;
}

static struct link_lane_stats *source_stats(struct link *l, const struct source *s)
{
	switch (s->kind) {
	case SOURCE_FAST:
		return &l->stats.peer[s->peer][LINK_FAST];
	case SOURCE_BULK:
		return &l->stats.peer[s->peer][LINK_BULK];
	case SOURCE_KIOSK:
		return &l->stats.kiosk;
	case SOURCE_READ:
		return &l->stats.read;
	}
	abort();
}

/* Throw the message away; whoever sends such things is no program of ours. */
static enum status source_refuse(struct link *l, struct source *s)
{
	source_stats(l, s)->refused++;
	gate_cut(l->gate, s->target);
	return ST_FORMAT;
}

struct token {
	uint64_t generation;   /* of the connection */
	uint64_t number;       /* of the request, chosen by the asker */
	uint32_t source;
};

_Static_assert(sizeof(struct token) <= LINK_TOKEN_BYTES, "a token fits");

/* --- readers ---------------------------------------------------------------------------------- */

/* The bucket of a key; a stranger takes the place of who was away longest. */
static struct reader *reader_find(struct link *l, const uint8_t key[static LINK_KEY_BYTES],
				  uint64_t now_ms)
{
	struct reader *oldest = &l->readers[0];

	for (size_t i = 0; i < LINK_READERS_MAX; i++) {
		struct reader *r = &l->readers[i];

		if (r->used_ms != 0 && memcmp(r->key, key, LINK_KEY_BYTES) == 0)
			return r;
		if (r->used_ms < oldest->used_ms)
			oldest = r;
	}
	memcpy(oldest->key, key, LINK_KEY_BYTES);
	bucket_init(&oldest->bucket, l->read_rate, l->read_rate, now_ms);
	return oldest;
}

static bool reader_may_ask(struct link *l, const uint8_t key[static LINK_KEY_BYTES])
{
	uint64_t now_ms = clock_mono_ms();
	struct reader *r = reader_find(l, key, now_ms);

	r->used_ms = now_ms + 1;   /* never zero */
	/* One's own share first: who is over it takes nothing from the others. */
	return bucket_take(&r->bucket, now_ms) && bucket_take(&l->read_all, now_ms);
}

/* --- one message ------------------------------------------------------------------------------ */

static enum status peer_take(struct link *l, struct source *s, struct link_event *event,
			     const char *user)
{
	/* Where we are the client, the server's key was checked by the handshake itself. */
	if (s->is_server && (user == NULL || strcmp(user, s->user) != 0))
		return source_refuse(l, s);
	event->kind = s->kind == SOURCE_FAST ? LINK_PEER_FAST : LINK_PEER_BULK;
	event->peer = s->peer;
	event->bytes = l->frame.bytes;
	event->len = l->frame.len;
	return ST_OK;
}

/* The sender's key, and whether it may (still) ask here. */
static bool client_is_allowed(struct link *l, struct source *s, const char *user)
{
	uint64_t generation = zap_generation(l->zap);

	/* An empty name would be that of a source which nobody has used yet. */
	if (user == NULL || user[0] == '\0')
		return false;
	if (strcmp(user, s->user) != 0) {
		if (zap_key_of_user(s->key, user) != ST_OK)
			return false;
		memcpy(s->user, user, sizeof(s->user));
		s->checked = 0;
	}
	if (s->kind == SOURCE_READ)
		return true;
	/* A kiosk that was let in may have been taken off the list since. */
	if (s->checked != generation || generation == 0) {
		if (!zap_is_kiosk(l->zap, s->key))
			return false;
		s->checked = generation;
	}
	return true;
}

static void say_busy(struct link *l, struct source *s, const uint8_t *number)
{
	uint8_t head[LINK_HEAD_ANSWER];

	memcpy(head, number, LINK_HEAD_REQUEST);
	head[LINK_HEAD_REQUEST] = LINK_BUSY;
	l->stats.limited++;
	/* A reader that takes no answers is told nothing. */
	if (sock_send(&s->sock, NULL, 0, head, sizeof(head)) != ST_OK)
		l->stats.read.dropped++;
}

static enum status client_take(struct link *l, struct source *s, struct link_event *event,
			       const char *user)
{
	struct token token = { .generation = gate_generation(l->gate, s->target),
			       .source = (uint32_t)(s - l->sources) };

	if (!client_is_allowed(l, s, user) || l->frame.len <= LINK_HEAD_REQUEST)
		return source_refuse(l, s);
	if (s->kind == SOURCE_READ && !reader_may_ask(l, s->key)) {
		say_busy(l, s, l->frame.bytes);
		return ST_FORMAT;
	}
	memcpy(&token.number, l->frame.bytes, sizeof(token.number));
	memcpy(event->token.bytes, &token, sizeof(token));
	memcpy(event->key, s->key, LINK_KEY_BYTES);
	event->kind = s->kind == SOURCE_KIOSK ? LINK_KIOSK_REQUEST : LINK_READ_REQUEST;
	event->bytes = l->frame.bytes + LINK_HEAD_REQUEST;
	event->len = l->frame.len - LINK_HEAD_REQUEST;
	return ST_OK;
}

/* ST_OK: *event; ST_AGAIN: nothing there; ST_FORMAT: something came and was thrown away. */
static enum status source_take(struct link *l, struct source *s, struct link_event *event)
{
	const char *user;
	enum status st = sock_recv(&s->sock, &l->frame, &user);

	if (st == ST_AGAIN || st == ST_INTERNAL)
		return st;
	gate_delivered(l->gate, s->target, l->frame.len);
	if (st != ST_OK)
		return source_refuse(l, s);
	memset(event, 0, sizeof(*event));
	event->fd = -1;
	if (s->kind == SOURCE_FAST || s->kind == SOURCE_BULK)
		st = peer_take(l, s, event, user);
	else
		st = client_take(l, s, event, user);
	if (st == ST_OK)
		source_stats(l, s)->received++;
	return st;
}

/* --- whose turn it is ------------------------------------------------------------------------- */

/* ST_AGAIN: a round is over and the descriptors want looking at. */
static enum status round_take(struct link *l, struct link_event *event)
{
	uint32_t refused = 0;
	enum status st;

	while (l->looked < l->source_count) {
		struct source *s = &l->sources[l->cursor];

		if (!s->may_have || l->turn_left == 0) {
			l->cursor = (l->cursor + 1) % l->source_count;
			l->turn_left = l->sources[l->cursor].kind == SOURCE_FAST ?
				       LINK_TURN_FAST : 1;
			l->looked++;
			continue;
		}
		l->turn_left--;
		st = source_take(l, s, event);
		if (st == ST_OK || st == ST_INTERNAL)
			return st;
		if (st == ST_AGAIN)
			source_mark(l, s, false);
		else if (++refused >= LINK_REFUSED_MAX)
			return ST_TIMEOUT;   /* the caller has its own work to do */
	}
	l->looked = 0;
	return ST_AGAIN;
}

static bool has_pending(const struct link *l)
{
	for (uint32_t i = 0; i < l->source_count; i++)
		if (l->sources[i].may_have)
			return true;
	return false;
}

static void tag_mark(struct link *l, uint32_t tag)
{
	uint64_t count;

	if (tag != LINK_TAG_WAKE)
		source_mark(l, &l->sources[tag], true);
	else if (read(l->wake, &count, sizeof(count)) == sizeof(count))
		l->is_woken = true;
}

/* Look at all descriptors, sleeping at most wait_ms. */
static enum status descriptors_look(struct link *l, int wait_ms)
{
	uint32_t tags[WATCH_TAGS_MAX];
	size_t count;
	enum status st;

	gate_set_waiting(l->gate, true);
	st = watch_look(&l->watch, tags, &count, wait_ms);
	gate_set_waiting(l->gate, false);
	for (size_t i = 0; i < count; i++)
		tag_mark(l, tags[i]);
	return st;
}

static bool descriptor_take(struct link *l, struct link_event *event)
{
	int fd = -1;

	if (!l->is_woken && !watch_take(&l->watch, &fd))
		return false;
	*event = (struct link_event){ .kind = fd < 0 ? LINK_WOKEN : LINK_READABLE, .fd = fd };
	if (fd < 0)
		l->is_woken = false;
	return true;
}

static void link_tend(struct link *l)
{
	uint64_t now_ms = clock_mono_ms();

	if (now_ms - l->tended_ms < RULE_TEND_MS)
		return;
	l->tended_ms = now_ms;
	for (uint32_t i = 0; i < l->source_count; i++) {
		struct source *s = &l->sources[i];

		if (s->is_server)
			continue;
		tend_look(&s->tend, l->gate, s->target, &s->sock, now_ms);
		source_mark(l, s, true);
	}
}

/* Milliseconds to sleep until deadline, but not longer than until we tend again. */
static int wait_until(uint64_t start_ms, int timeout_ms)
{
	uint64_t passed_ms = clock_mono_ms() - start_ms;

	if (timeout_ms < 0)
		return RULE_TEND_MS;
	if (passed_ms >= (uint64_t)timeout_ms)
		return 0;
	return timeout_ms - (int)passed_ms < RULE_TEND_MS ? timeout_ms - (int)passed_ms :
	       RULE_TEND_MS;
}

enum status link_poll(struct link *l, struct link_event *event, int timeout_ms)
{
	uint64_t start_ms = clock_mono_ms();

	frame_close(&l->frame);
	for (;;) {
		bool is_busy;
		int wait_ms;
		enum status st;

		if (descriptor_take(l, event))
			return ST_OK;
		st = round_take(l, event);
		if (st != ST_AGAIN)
			return st;
		is_busy = has_pending(l);
		wait_ms = is_busy ? 0 : wait_until(start_ms, timeout_ms);
		if ((st = descriptors_look(l, wait_ms)) != ST_OK)
			return st;
		if (!is_busy && wait_ms == 0 && !has_pending(l))
			return descriptor_take(l, event) ? ST_OK : ST_TIMEOUT;
		link_tend(l);
	}
}

/* --- descriptors of the caller ---------------------------------------------------------------- */

enum status link_watch(struct link *l, int fd)
{
	return watch_add(&l->watch, fd);
}

void link_unwatch(struct link *l, int fd)
{
	watch_remove(&l->watch, fd);
}

void link_wake(struct link *l)
{
	const uint64_t one = 1;
	int saved = errno;

	/* A full counter is a wake-up already. */
	if (write(l->wake, &one, sizeof(one)) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	errno = saved;
}

/* --- sending ---------------------------------------------------------------------------------- */

enum status link_send(struct link *l, uint32_t peer, enum link_lane lane,
		      const void *bytes, size_t len)
{
	struct source *s;
	enum status st;

	if (peer >= l->count || peer == l->self)
		return ST_LIMIT;
	s = &l->sources[l->peer_source[peer][lane]];
	st = sock_send(&s->sock, NULL, 0, bytes, len);
	source_mark(l, s, true);   /* sending may have swallowed the signal of an arrival */
	if (st == ST_OK)
		l->stats.peer[peer][lane].sent++;
	else
		l->stats.peer[peer][lane].dropped++;
	return st;
}

uint32_t link_broadcast(struct link *l, enum link_lane lane, const void *bytes, size_t len)
{
	uint32_t taken = 0;

	for (uint32_t j = 0; j < l->count; j++)
		if (j != l->self && link_send(l, j, lane, bytes, len) == ST_OK)
			taken++;
	return taken;
}

enum status link_reply(struct link *l, const struct link_token *token,
		       const void *bytes, size_t len)
{
	uint8_t head[LINK_HEAD_ANSWER];
	struct token t;
	struct source *s;
	enum status st;

	memcpy(&t, token->bytes, sizeof(t));
	if (t.source >= l->source_count)
		return ST_NOT_FOUND;
	s = &l->sources[t.source];
	if ((s->kind != SOURCE_KIOSK && s->kind != SOURCE_READ) ||
	    t.generation != gate_generation(l->gate, s->target))
		return ST_NOT_FOUND;
	if (len == 0 || len > LIMIT_RESPONSE)
		return ST_LIMIT;
	memcpy(head, &t.number, LINK_HEAD_REQUEST);
	head[LINK_HEAD_REQUEST] = LINK_ANSWERED;
	st = sock_send(&s->sock, head, sizeof(head), bytes, len);
	source_mark(l, s, true);
	if (st == ST_OK)
		source_stats(l, s)->sent++;
	else
		source_stats(l, s)->dropped++;
	if (st == ST_AGAIN && gate_live(l->gate, s->target) == 0)
		return ST_NOT_FOUND;
	return st;
}

/* --- the rest --------------------------------------------------------------------------------- */

enum status link_kiosk_keys(struct link *l, const uint8_t *keys, size_t count)
{
	return zap_set_kiosks(l->zap, keys, count);
}

void link_stats(struct link *l, struct link_stats *out)
{
	struct gate_stats gate;

	gate_stats(l->gate, &gate);
	*out = l->stats;
	out->denied = zap_denied(l->zap);
	out->turned_away = gate.refused;
	out->cut = gate.cut;
	out->connected = 0;
	out->clients = 0;
	for (uint32_t j = 0; j < l->count; j++) {
		uint32_t lanes = 0;

		for (int lane = LINK_FAST; lane <= LINK_BULK && j != l->self; lane++) {
			struct source *s = &l->sources[l->peer_source[j][lane]];

			lanes += sock_can_send(&s->sock) ? 1 : 0;
			source_mark(l, s, true);
		}
		out->connected += lanes == 2 ? 1 : 0;
	}
	for (uint32_t i = 0; i < l->source_count; i++)
		if (l->sources[i].kind == SOURCE_KIOSK || l->sources[i].kind == SOURCE_READ)
			out->clients += gate_live(l->gate, l->sources[i].target);
}
