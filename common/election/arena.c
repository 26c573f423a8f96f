/*
 * arena.c: see arena.h.
 *
 * Invariant: used <= size in every chunk.
 */
#include "common/election/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, CHUNK_BYTES = 64 << 10 };

struct arena_chunk {
	_Alignas(ALIGN) struct arena_chunk *next;
	size_t size;
	size_t used;
};

static void *take(struct arena *a, size_t len, size_t align)
{
	struct arena_chunk *c = a->chunks;
	size_t start = c == NULL ? 0 : (c->used + align - 1) / align * align;

	if (c == NULL || start > c->size || c->size - start < len) {
		size_t size = (len > CHUNK_BYTES ? len : CHUNK_BYTES) / ALIGN * ALIGN + ALIGN;

		c = aligned_alloc(ALIGN, sizeof(*c) + size);
		if (c == NULL)
			return NULL;
		c->next = a->chunks;
		c->size = size;
		a->chunks = c;
		start = 0;
	}
	c->used = start + len;
	return (uint8_t *)(c + 1) + start;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
	void *p;

	if (count > SIZE_MAX / 4 / size)
		return NULL;
	p = take(a, count * size, ALIGN);
	if (p != NULL)
		memset(p, 0, count * size);
	return p;
}

const char *arena_text(struct arena *a, const char *text)
{
	size_t len = strlen(text) + 1;
	char *p = take(a, len, 1);

	if (p != NULL)
		memcpy(p, text, len);
	return p;
}

void arena_free(struct arena *a)
{
	while (a->chunks != NULL) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
}
