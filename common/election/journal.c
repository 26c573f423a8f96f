/*
 * journal.c: see journal.h.
 *
 * Layout: a byte stack of records, each payload followed by its trailer, so that it is read from
 * the top.  base counts the bytes forgotten at the bottom; a mark is base plus an offset.
 *
 * Invariant: the bytes above `start` are whole records.
 */
#include "common/election/journal.h"

#include "common/base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct journal {
	uint8_t *buf;
	size_t start;   /* forgotten bytes still in buf */
	size_t len;     /* end of the newest record */
	size_t cap;
	uint64_t base;  /* mark of buf[0] */
};

struct trailer {
	void *target;          /* where the bytes go back to, or the owner */
	void *item;
	journal_undo undo;     /* NULL: restore bytes */
	size_t len;            /* of the bytes before this trailer */
};

enum status journal_new(struct journal **out)
{
	*out = alloc_zero(1, sizeof(**out));
	return *out == NULL ? ST_NO_MEMORY : ST_OK;
}

void journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	free(j->buf);
	free(j);
}

/* Room for more bytes at the top; forgotten bytes are squeezed out first. */
static enum status reserve(struct journal *j, size_t more)
{
	size_t cap = j->cap == 0 ? 4096 : j->cap;
	uint8_t *bigger;

	if (j->start > 0 && j->start >= j->len / 2) {
		memmove(j->buf, j->buf + j->start, j->len - j->start);
		j->base += j->start;
		j->len -= j->start;
		j->start = 0;
	}
	if (more <= j->cap - j->len)
		return ST_OK;
	while (cap - j->len < more) {
		if (cap > SIZE_MAX / 2)
			return ST_NO_MEMORY;
		cap *= 2;
	}
	bigger = realloc(j->buf, cap);
	if (bigger == NULL)
		return ST_NO_MEMORY;
	j->buf = bigger;
	j->cap = cap;
	return ST_OK;
}

static enum status push(struct journal *j, const struct trailer *t)
{
	enum status st = reserve(j, t->len + sizeof(*t));

	if (st != ST_OK)
		return st;
	if (t->len > 0)
		memcpy(j->buf + j->len, t->target, t->len);
	memcpy(j->buf + j->len + t->len, t, sizeof(*t));
	j->len += t->len + sizeof(*t);
	return ST_OK;
}

enum status journal_keep(struct journal *j, void *dst, size_t len)
{
	const struct trailer t = { .target = dst, .len = len };

	return push(j, &t);
}

enum status journal_set(struct journal *j, void *dst, const void *src, size_t len)
{
	enum status st = journal_keep(j, dst, len);

	if (st == ST_OK)
		memmove(dst, src, len);
	return st;
}

enum status journal_call(struct journal *j, journal_undo undo, void *owner, void *item)
{
	const struct trailer t = { .target = owner, .item = item, .undo = undo };

	assert(undo != NULL);
	return push(j, &t);
}

uint64_t journal_mark(const struct journal *j)
{
	return j->base + j->len;
}

void journal_rollback(struct journal *j, uint64_t mark)
{
	struct trailer t;

	assert(mark >= j->base + j->start);
	assert(mark <= journal_mark(j));
	while (j->base + j->len > mark) {
		memcpy(&t, j->buf + j->len - sizeof(t), sizeof(t));
		j->len -= sizeof(t) + t.len;
		if (t.undo != NULL)
			t.undo(t.target, t.item);
		else if (t.len > 0)
			memcpy(t.target, j->buf + j->len, t.len);
	}
	assert(j->base + j->len == mark);
}

void journal_forget(struct journal *j, uint64_t mark)
{
	assert(mark <= journal_mark(j));
	if (mark > j->base + j->start)
		j->start = (size_t)(mark - j->base);
}
