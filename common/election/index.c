/*
 * index.c: see index.h.
 *
 * Invariant: every record in the tree is one allocation that the tree owns.
 */
#include "common/election/index.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static int compare_10(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_KEY_10);
}

static int compare_32(const void *a, const void *b)
{
	return memcmp(a, b, INDEX_KEY_32);
}

static __compar_fn_t comparator(const struct index *x)
{
	return x->key == INDEX_KEY_10 ? compare_10 : compare_32;
}

void index_init(struct index *x, enum index_key key, size_t record_len)
{
	assert(record_len >= (size_t)key);
	*x = (struct index){ .key = key, .record_len = record_len };
}

void index_free(struct index *x)
{
	tdestroy(x->root, free);
	x->root = NULL;
	x->count = 0;
}

const void *index_find(const struct index *x, const void *key)
{
	void *root = x->root;
	void *const *node = tfind(key, &root, comparator(x));

	return node == NULL ? NULL : *node;
}

static void remove_record(void *owner, void *record)
{
	struct index *x = owner;

	(void)tdelete(record, &x->root, comparator(x));
	x->count--;
	free(record);
}

enum status index_put(struct index *x, struct journal *j, const void *record)
{
	void *copy;
	void *const *node;
	enum status st;

	if (index_find(x, record) != NULL)
		return ST_DUPLICATE;
	copy = malloc(x->record_len);
	if (copy == NULL)
		return ST_NO_MEMORY;
	memcpy(copy, record, x->record_len);
	if ((st = journal_call(j, remove_record, x, copy)) != ST_OK) {
		free(copy);
		return st;
	}
	node = tsearch(copy, &x->root, comparator(x));
	x->count++;   /* before a failure is undone, so that the count stays right */
	if (node == NULL)
		return ST_NO_MEMORY;
	return ST_OK;
}
