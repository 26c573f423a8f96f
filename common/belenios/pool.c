/*
 * pool.c: see pool.h.
 */
#include "common/belenios/pool.h"

#include <pthread.h>
#include <string.h>

struct pool {
	pthread_mutex_t lock;
	size_t next;               /* under lock */
	size_t count;
	struct pool_note *first;   /* under lock: the failure of the lowest index so far */
	pool_work *work;
	void *ctx;
};

struct pool_thread {
	pthread_t thread;
	struct pool *pool;
	size_t worker;
};

/* What comes after a failure need not be looked at; what comes before may fail yet. */
static int take(struct pool *p, size_t *index)
{
	int more;

	(void)pthread_mutex_lock(&p->lock);
	*index = p->next;
	more = *index < p->count && (p->first->st == ST_OK || *index < p->first->index);
	p->next += more ? 1 : 0;
	(void)pthread_mutex_unlock(&p->lock);
	return more;
}

static void *run(void *arg)
{
	struct pool_thread *t = arg;
	struct pool *p = t->pool;
	size_t index;

	while (take(p, &index)) {
		struct pool_note note = { .index = index };

		note.st = p->work(p->ctx, t->worker, index, &note);
		if (note.st == ST_OK)
			continue;
		(void)pthread_mutex_lock(&p->lock);
		if (p->first->st == ST_OK || index < p->first->index)
			*p->first = note;
		(void)pthread_mutex_unlock(&p->lock);
	}
	return NULL;
}

enum status pool_run(size_t threads, size_t count, pool_work *work, void *ctx,
                     struct pool_note *note)
{
	struct pool_thread thread[POOL_THREADS_MAX];
	struct pool p = { .count = count, .first = note, .work = work, .ctx = ctx };
	size_t started = 1;

	memset(note, 0, sizeof(*note));
	(void)pthread_mutex_init(&p.lock, NULL);
	if (threads > POOL_THREADS_MAX)
		threads = POOL_THREADS_MAX;
	if (threads > count)
		threads = count;
	/* Fewer threads than wished for are slower and nothing else. */
	for (; started < threads; started++) {
		thread[started] = (struct pool_thread){ .pool = &p, .worker = started };
		if (pthread_create(&thread[started].thread, NULL, run, &thread[started]) != 0)
			break;
	}
	thread[0] = (struct pool_thread){ .pool = &p, .worker = 0 };
	(void)run(&thread[0]);
	for (size_t i = 1; i < started; i++)
		(void)pthread_join(thread[i].thread, NULL);
	(void)pthread_mutex_destroy(&p.lock);
	return note->st;
}
