/*
 * index.h: a set of records by a fixed-length key, for the state of the election.
 *
 * A red-black tree (tsearch of the C library), not a hash table: its cost is bounded for every
 * choice of keys, so that nobody gains by choosing them.
 *
 * Invariant: keys are the first key_len bytes of a record and are distinct.
 */
#ifndef KALPIS_ELECTION_INDEX_H
#define KALPIS_ELECTION_INDEX_H

#include "common/election/journal.h"

#include <stddef.h>

enum index_key { INDEX_KEY_10 = 10, INDEX_KEY_32 = 32 };

struct index {
	void *root;
	enum index_key key;
	size_t record_len;
	size_t count;
};

void index_init(struct index *x, enum index_key key, size_t record_len);
void index_free(struct index *x);

/* Borrowed, valid until it is removed; NULL when there is none. */
const void *index_find(const struct index *x, const void *key);

/* Copy a record in; removed again when j is rolled back.  ST_DUPLICATE, ST_NO_MEMORY. */
MUST_USE enum status index_put(struct index *x, struct journal *j, const void *record);

#endif
