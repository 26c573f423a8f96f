/*
 * resolve.c: see resolve.h.
 */
#include "common/net/resolve.h"

#include "common/wire/address.h"

#include <assert.h>
#include <inttypes.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct resolve {
	pthread_mutex_t lock;
	char host[ADDRESS_HOST_MAX + 1];   /* without brackets */
	char port[8];
	bool is_numeric;
	bool is_looking;     /* a lookup is under way */
	bool is_abandoned;   /* the owner has left */
	struct resolve_result known[RESOLVE_MAX];
	size_t known_count;
};

/* getaddrinfo into out; returns how many.  flags: AI_NUMERICHOST never waits. */
static size_t lookup(struct resolve_result out[static RESOLVE_MAX], const struct resolve *r,
		     int flags)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICSERV | flags };
	struct addrinfo *list = NULL;
	size_t count = 0;

	if (getaddrinfo(r->host, r->port, &hints, &list) != 0)
		return 0;
	for (struct addrinfo *a = list; a != NULL && count < RESOLVE_MAX; a = a->ai_next) {
		if (a->ai_addrlen > sizeof(out[count].addr))
			continue;
		memset(&out[count], 0, sizeof(out[count]));
		memcpy(&out[count].addr, a->ai_addr, a->ai_addrlen);
		out[count++].len = a->ai_addrlen;
	}
	freeaddrinfo(list);
	return count;
}

static void resolve_free(struct resolve *r)
{
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void *look(void *arg)
{
	struct resolve *r = arg;
	struct resolve_result found[RESOLVE_MAX];
	size_t count = lookup(found, r, 0);
	bool is_abandoned;

	pthread_mutex_lock(&r->lock);
	if (count > 0) {   /* an answer that fails leaves what was known before */
		memcpy(r->known, found, count * sizeof(found[0]));
		r->known_count = count;
	}
	r->is_looking = false;
	is_abandoned = r->is_abandoned;
	pthread_mutex_unlock(&r->lock);
	if (is_abandoned)
		resolve_free(r);
	return NULL;
}

void resolve_again(struct resolve *r)
{
	pthread_t thread;
	sigset_t all;
	sigset_t old;

	if (r->is_numeric)
		return;
	pthread_mutex_lock(&r->lock);
	if (!r->is_looking) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		r->is_looking = pthread_create(&thread, NULL, look, r) == 0;
		if (r->is_looking)
			pthread_detach(thread);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	pthread_mutex_unlock(&r->lock);
}

enum status resolve_open(struct resolve **out, const char *host, uint16_t port)
{
	struct resolve *r = calloc(1, sizeof(*r));
	size_t len = strlen(host);

	*out = NULL;
	if (r == NULL)
		return ST_NO_MEMORY;
	assert(len <= ADDRESS_HOST_MAX);
	pthread_mutex_init(&r->lock, NULL);
	if (host[0] == '[' && len >= 2)
		memcpy(r->host, host + 1, len - 2);
	else
		memcpy(r->host, host, len);
	(void)snprintf(r->port, sizeof(r->port), "%" PRIu16, port);
	r->known_count = lookup(r->known, r, AI_NUMERICHOST);
	r->is_numeric = r->known_count > 0;
	resolve_again(r);
	*out = r;
	return ST_OK;
}

size_t resolve_get(struct resolve *r, struct resolve_result out[static RESOLVE_MAX])
{
	size_t count;

	pthread_mutex_lock(&r->lock);
	count = r->known_count;
	memcpy(out, r->known, count * sizeof(out[0]));
	pthread_mutex_unlock(&r->lock);
	return count;
}

void resolve_close(struct resolve *r)
{
	bool is_looking;

	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->is_abandoned = true;
	is_looking = r->is_looking;
	pthread_mutex_unlock(&r->lock);
	if (!is_looking)
		resolve_free(r);
}
