/*
 * work.c: see work.h.
 */
#include "tally-server/node/work.h"

#include "common/base/alloc.h"
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum state { IDLE, FILLED, RUNNING, DONE };

struct work {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum state state;       /* under lock */
	bool stop;              /* under lock */
	int fd;
	struct checker *checker;
	struct work_job job;
};

static void *run(void *arg)
{
	struct work *w = arg;
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&w->lock);
	for (;;) {
		while (w->state != FILLED && !w->stop)
			(void)pthread_cond_wait(&w->changed, &w->lock);
		if (w->stop)
			break;
		w->state = RUNNING;
		(void)pthread_mutex_unlock(&w->lock);
		checker_run(w->checker, w->job.params, w->job.txs, w->job.len, w->job.results,
		            w->job.verdicts);
		(void)pthread_mutex_lock(&w->lock);
		w->state = DONE;
		(void)pthread_cond_broadcast(&w->changed);
		if (write(w->fd, &one, sizeof(one)) != sizeof(one))
			abort();   /* an eventfd cannot be full at one */
	}
	(void)pthread_mutex_unlock(&w->lock);
	return NULL;
}

static enum status job_new(struct work_job *job)
{
	job->txs = alloc_zero(WORK_MAX, sizeof(*job->txs));
	job->owner = alloc_zero(WORK_MAX, sizeof(*job->owner));
	job->results = alloc_zero(WORK_MAX, sizeof(*job->results));
	job->verdicts = alloc_zero(WORK_MAX, sizeof(*job->verdicts));
	return job->txs != NULL && job->owner != NULL && job->results != NULL &&
	       job->verdicts != NULL ? ST_OK : ST_NO_MEMORY;
}

static void job_free(struct work_job *job)
{
	params_unref(job->params);
	free(job->txs);
	free(job->owner);
	free(job->results);
	free(job->verdicts);
}

/* Signals are the loop's: the thread is born with all of them blocked. */
static enum status start_thread(struct work *w)
{
	sigset_t all, before;
	int failed;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&w->thread, NULL, run, w);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed == 0 ? ST_OK : ST_NO_MEMORY;
}

enum status work_new(struct work **out)
{
	struct work *w = alloc_zero(1, sizeof(*w));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (w == NULL)
		return st;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_cond_init(&w->changed, NULL);
	if (w->fd < 0)
		st = ST_IO;
	else if ((st = job_new(&w->job)) == ST_OK && (st = checker_new(&w->checker)) == ST_OK)
		st = start_thread(w);
	if (st != ST_OK) {
		if (w->fd >= 0)
			(void)close(w->fd);
		checker_free(w->checker);
		job_free(&w->job);
		free(w);
		return st;
	}
	*out = w;
	return ST_OK;
}

void work_free(struct work *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_cond_destroy(&w->changed);
	(void)close(w->fd);
	checker_free(w->checker);
	job_free(&w->job);
	free(w);
}

int work_fd(const struct work *w)
{
	return w->fd;
}

static enum state state_of(const struct work *w)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&w->lock;
	enum state s;

	(void)pthread_mutex_lock(lock);
	s = w->state;
	(void)pthread_mutex_unlock(lock);
	return s;
}

bool work_is_busy(const struct work *w)
{
	return state_of(w) != IDLE;
}

struct work_job *work_job(struct work *w)
{
	assert(!work_is_busy(w));
	w->job.len = 0;
	memset(w->job.block, 0, sizeof(w->job.block));
	return &w->job;
}

void work_start(struct work *w)
{
	assert(w->job.params != NULL && w->job.len <= WORK_MAX);
	(void)pthread_mutex_lock(&w->lock);
	assert(w->state == IDLE);
	w->state = FILLED;
	(void)pthread_cond_broadcast(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}

void work_wait(struct work *w)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->state == FILLED || w->state == RUNNING)
		(void)pthread_cond_wait(&w->changed, &w->lock);
	(void)pthread_mutex_unlock(&w->lock);
}

struct work_job *work_take(struct work *w)
{
	uint64_t count;

	if (state_of(w) != DONE)
		return NULL;
	if (read(w->fd, &count, sizeof(count)) != sizeof(count))
		return NULL;
	(void)pthread_mutex_lock(&w->lock);
	w->state = IDLE;
	(void)pthread_mutex_unlock(&w->lock);
	params_unref(w->job.params);
	w->job.params = NULL;
	return &w->job;
}
