/*
 * zap.c: the thread that answers libzmq's question "may this key come in?".  See zap.h.
 *
 * Invariant: the answer is "400" unless zap_decide said yes; a malformed question is answered so
 * too, where it can be answered at all.
 */
#include "common/net/zap.h"

#include "common/base/hex.h"
#include "crypto/mem.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

enum {
	FRAMES = 7,          /* version, request id, domain, address, identity, mechanism, key */
	FRAME_BYTES = 256    /* longer frames cannot be a question for us */
};

struct zap {
	void *socket;        /* REP; belongs to the thread once it runs */
	pthread_t thread;
	pthread_mutex_t lock;                  /* over all below */
	bool has_peer[LIMIT_TRUSTEES];
	uint8_t peers[LIMIT_TRUSTEES][ZAP_KEY_BYTES];
	uint8_t kiosks[LIMIT_KIOSKS][ZAP_KEY_BYTES];
	size_t kiosk_count;
	_Atomic uint64_t generation;
	_Atomic uint64_t denied;
};

/* --- names ------------------------------------------------------------------------------------ */

void zap_peer_domain(char out[static ZAP_DOMAIN_BYTES], uint32_t peer)
{
	int n = snprintf(out, ZAP_DOMAIN_BYTES, "peer-%" PRIu32, peer);

	assert(n > 0 && n < ZAP_DOMAIN_BYTES);
	(void)n;
}

void zap_user_of_key(char out[static ZAP_USER_BYTES], const uint8_t key[static ZAP_KEY_BYTES])
{
	hex_encode(out, key, ZAP_KEY_BYTES);
}

enum status zap_key_of_user(uint8_t key[static ZAP_KEY_BYTES], const char *user)
{
	return hex_decode(key, ZAP_KEY_BYTES, user, strlen(user));
}

/* --- the rule --------------------------------------------------------------------------------- */

static bool has_key(uint8_t (*keys)[ZAP_KEY_BYTES], size_t count,
		    const uint8_t key[static ZAP_KEY_BYTES])
{
	bool is_found = false;

	/* The whole list, always: time tells the length of the list and nothing of the keys. */
	for (size_t i = 0; i < count; i++)
		is_found |= mem_is_equal(keys[i], key, ZAP_KEY_BYTES);
	return is_found;
}

bool zap_is_kiosk(struct zap *z, const uint8_t key[static ZAP_KEY_BYTES])
{
	bool is_found;

	pthread_mutex_lock(&z->lock);
	is_found = has_key(z->kiosks, z->kiosk_count, key);
	pthread_mutex_unlock(&z->lock);
	return is_found;
}

static bool is_peer(struct zap *z, const char *domain, const uint8_t key[static ZAP_KEY_BYTES])
{
	bool is_found = false;

	pthread_mutex_lock(&z->lock);
	for (uint32_t j = 0; j < LIMIT_TRUSTEES; j++) {
		char name[ZAP_DOMAIN_BYTES];

		zap_peer_domain(name, j);
		if (z->has_peer[j] && strcmp(domain, name) == 0)
			is_found = mem_is_equal(z->peers[j], key, ZAP_KEY_BYTES);
	}
	pthread_mutex_unlock(&z->lock);
	return is_found;
}

/* Yes, with the User-Id; or no. */
static bool zap_decide(struct zap *z, char user[static ZAP_USER_BYTES], const char *domain,
		       const uint8_t key[static ZAP_KEY_BYTES])
{
	if (is_peer(z, domain, key)) {
		/* A domain that is_peer knows is short; anything else would be cut, and fail. */
		(void)snprintf(user, ZAP_USER_BYTES, "%.*s", ZAP_DOMAIN_BYTES - 1, domain);
		return true;
	}
	zap_user_of_key(user, key);
	if (strcmp(domain, "kiosk") == 0)
		return zap_is_kiosk(z, key);
	return strcmp(domain, "read") == 0;
}

/* --- the thread ------------------------------------------------------------------------------- */

struct question {
	char frame[FRAMES][FRAME_BYTES + 1];   /* NUL-terminated */
	size_t len[FRAMES];
	bool is_good;
};

/* One frame, cut at FRAME_BYTES; -1: the context is shutting down. */
static int receive_frame(void *socket, char to[static FRAME_BYTES])
{
	int n;

	do {
		n = zmq_recv(socket, to, FRAME_BYTES, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* One question.  False: the context is shutting down. */
static bool receive(void *socket, struct question *q)
{
	int more = 1;
	size_t size = sizeof(more);

	memset(q, 0, sizeof(*q));
	q->is_good = true;
	for (size_t i = 0; more != 0; i++) {
		char spare[FRAME_BYTES];
		int n = receive_frame(socket, i < FRAMES ? q->frame[i] : spare);

		if (n < 0 || zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0)
			return false;
		if (n > FRAME_BYTES || i >= FRAMES)
			q->is_good = false;
		else
			q->len[i] = (size_t)n;
		if (more == 0 && i != FRAMES - 1)
			q->is_good = false;
	}
	return true;
}

static bool frame_is(const struct question *q, size_t i, const char *text)
{
	return q->len[i] == strlen(text) && memcmp(q->frame[i], text, q->len[i]) == 0;
}

static bool answer(void *socket, const struct question *q, bool is_allowed, const char *user)
{
	const char *const frames[6] = { "1.0", q->frame[1], is_allowed ? "200" : "400",
					is_allowed ? "OK" : "not allowed",
					is_allowed ? user : "", "" };

	for (size_t i = 0; i < 6; i++) {
		size_t len = i == 1 ? q->len[1] : strlen(frames[i]);

		if (zmq_send(socket, frames[i], len, i < 5 ? ZMQ_SNDMORE : 0) < 0)
			return false;
	}
	return true;
}

static void *zap_run(void *arg)
{
	struct zap *z = arg;
	struct question q;

	while (receive(z->socket, &q)) {
		char user[ZAP_USER_BYTES] = "";
		bool is_allowed = false;

		if (q.is_good && frame_is(&q, 0, "1.0") && frame_is(&q, 5, "CURVE") &&
		    q.len[6] == ZAP_KEY_BYTES && strlen(q.frame[2]) == q.len[2])
			is_allowed = zap_decide(z, user, q.frame[2], (const uint8_t *)q.frame[6]);
		if (!is_allowed)
			atomic_fetch_add(&z->denied, 1);
		if (!answer(z->socket, &q, is_allowed, user))
			break;
	}
	(void)zmq_close(z->socket);
	return NULL;
}

enum status zap_start(struct zap **out, void *ctx)
{
	struct zap *z = calloc(1, sizeof(*z));
	sigset_t all;
	sigset_t old;
	const int zero = 0;
	int rc;

	*out = NULL;
	if (z == NULL)
		return ST_NO_MEMORY;
	z->socket = zmq_socket(ctx, ZMQ_REP);
	if (z->socket == NULL || zmq_setsockopt(z->socket, ZMQ_LINGER, &zero, sizeof(zero)) != 0 ||
	    zmq_bind(z->socket, "inproc://zeromq.zap.01") != 0) {
		if (z->socket != NULL)
			(void)zmq_close(z->socket);
		free(z);
		return ST_INTERNAL;
	}
	pthread_mutex_init(&z->lock, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&z->thread, NULL, zap_run, z);   /* the socket changes hands here */
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0) {
		(void)zmq_close(z->socket);
		pthread_mutex_destroy(&z->lock);
		free(z);
		return ST_NO_MEMORY;
	}
	*out = z;
	return ST_OK;
}

void zap_stop(struct zap *z)
{
	if (z == NULL)
		return;
	(void)pthread_join(z->thread, NULL);
	pthread_mutex_destroy(&z->lock);
	free(z);
}

/* --- any thread ------------------------------------------------------------------------------- */

void zap_set_peer(struct zap *z, uint32_t peer, const uint8_t key[static ZAP_KEY_BYTES])
{
	assert(peer < LIMIT_TRUSTEES);
	pthread_mutex_lock(&z->lock);
	memcpy(z->peers[peer], key, ZAP_KEY_BYTES);
	z->has_peer[peer] = true;
	pthread_mutex_unlock(&z->lock);
}

enum status zap_set_kiosks(struct zap *z, const uint8_t *keys, size_t count)
{
	if (count > LIMIT_KIOSKS)
		return ST_LIMIT;
	pthread_mutex_lock(&z->lock);
	if (count > 0)
		memcpy(z->kiosks, keys, count * ZAP_KEY_BYTES);
	z->kiosk_count = count;
	atomic_fetch_add(&z->generation, 1);
	pthread_mutex_unlock(&z->lock);
	return ST_OK;
}

uint64_t zap_generation(struct zap *z)
{
	return atomic_load(&z->generation);
}

uint64_t zap_denied(struct zap *z)
{
	return atomic_load(&z->denied);
}
