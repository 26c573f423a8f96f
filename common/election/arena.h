/*
 * arena.h: memory for a thing of many parts that is built once and freed at once.
 *
 * Invariant: what arena_alloc gave stays where it is until arena_free.
 */
#ifndef KALPIS_ELECTION_ARENA_H
#define KALPIS_ELECTION_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;   /* newest first; NULL: empty.  Start with { 0 } */
};

/* count times size bytes, zeroed, aligned for any type of ours; NULL without memory.  size > 0. */
void *arena_alloc(struct arena *a, size_t count, size_t size);
/* A copy of a text; NULL without memory. */
const char *arena_text(struct arena *a, const char *text);
void arena_free(struct arena *a);

#endif
