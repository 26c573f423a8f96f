/*
 * writer.c: see writer.h.
 *
 * Invariant: pos <= cap; the one place that moves pos is writer_room.
 */
#include "common/base/writer.h"

#include <assert.h>
#include <string.h>

void writer_init(struct writer *w, void *buf, size_t cap)
{
	assert(buf != NULL || cap == 0);
	w->buf = buf;
	w->cap = cap;
	w->pos = 0;
	w->failed = false;
}

uint8_t *writer_room(struct writer *w, size_t len)
{
	uint8_t *p;

	assert(w->pos <= w->cap);
	if (w->failed || w->cap - w->pos < len) {
		w->failed = true;
		return NULL;
	}
	p = w->buf + w->pos;
	w->pos += len;
	return p;
}

void writer_bytes(struct writer *w, const void *p, size_t len)
{
	uint8_t *room;

	if (len == 0)
		return;
	room = writer_room(w, len);
	if (room != NULL)
		memcpy(room, p, len);
}

static void write_int(struct writer *w, uint64_t v, size_t width)
{
	uint8_t *p = writer_room(w, width);

	if (p == NULL)
		return;
	for (size_t i = 0; i < width; i++)
		p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

void writer_u8(struct writer *w, uint8_t v)
{
	write_int(w, v, sizeof(v));
}

void writer_u16(struct writer *w, uint16_t v)
{
	write_int(w, v, sizeof(v));
}

void writer_u32(struct writer *w, uint32_t v)
{
	write_int(w, v, sizeof(v));
}

void writer_u64(struct writer *w, uint64_t v)
{
	write_int(w, v, sizeof(v));
}

static void write_vec(struct writer *w, const void *p, size_t len, size_t width)
{
	if (len >> (8 * width - 1) >> 1 != 0) {
		w->failed = true;
		return;
	}
	write_int(w, len, width);
	writer_bytes(w, p, len);
}

void writer_vec32(struct writer *w, const void *p, size_t len)
{
	write_vec(w, p, len, sizeof(uint32_t));
}

void writer_vec16(struct writer *w, const void *p, size_t len)
{
	write_vec(w, p, len, sizeof(uint16_t));
}

void writer_vec8(struct writer *w, const void *p, size_t len)
{
	write_vec(w, p, len, sizeof(uint8_t));
}

enum status writer_end(const struct writer *w, size_t *len)
{
	if (w->failed)
		return ST_LIMIT;
	*len = w->pos;
	return ST_OK;
}
