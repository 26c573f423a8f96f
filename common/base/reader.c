/*
 * reader.c: see reader.h.
 *
 * Invariant: pos <= len; the one place that moves pos is reader_view.
 */
#include "common/base/reader.h"

#include <assert.h>
#include <string.h>

void reader_init(struct reader *r, const void *buf, size_t len)
{
	assert(buf != NULL || len == 0);
	r->buf = buf;
	r->len = len;
	r->pos = 0;
}

size_t reader_left(const struct reader *r)
{
	assert(r->pos <= r->len);
	return r->len - r->pos;
}

enum status reader_view(struct reader *r, const uint8_t **out, size_t len)
{
	if (reader_left(r) < len)
		return ST_FORMAT;
	*out = len == 0 ? NULL : r->buf + r->pos;
	r->pos += len;
	return ST_OK;
}

enum status reader_bytes(struct reader *r, void *out, size_t len)
{
	const uint8_t *p;
	enum status st = reader_view(r, &p, len);

	if (st == ST_OK && len > 0)
		memcpy(out, p, len);
	return st;
}

/* A big-endian integer of width bytes. */
static enum status read_int(struct reader *r, uint64_t *out, size_t width)
{
	const uint8_t *p;
	uint64_t v = 0;
	enum status st = reader_view(r, &p, width);

	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	*out = v;
	return ST_OK;
}

enum status reader_u8(struct reader *r, uint8_t *out)
{
	uint64_t v;
	enum status st = read_int(r, &v, sizeof(*out));

	if (st == ST_OK)
		*out = (uint8_t)v;
	return st;
}

enum status reader_u16(struct reader *r, uint16_t *out)
{
	uint64_t v;
	enum status st = read_int(r, &v, sizeof(*out));

	if (st == ST_OK)
		*out = (uint16_t)v;
	return st;
}

enum status reader_u32(struct reader *r, uint32_t *out)
{
	uint64_t v;
	enum status st = read_int(r, &v, sizeof(*out));

	if (st == ST_OK)
		*out = (uint32_t)v;
	return st;
}

enum status reader_u64(struct reader *r, uint64_t *out)
{
	return read_int(r, out, sizeof(*out));
}

static enum status read_vec(struct reader *r, const uint8_t **out, size_t *len, size_t max,
                            size_t width)
{
	struct reader ahead = *r;
	uint64_t n;
	enum status st;

	if ((st = read_int(&ahead, &n, width)) != ST_OK ||
	    (st = limit_check(n, max)) != ST_OK ||
	    (st = reader_view(&ahead, out, (size_t)n)) != ST_OK)
		return st;
	*len = (size_t)n;
	*r = ahead;
	return ST_OK;
}

enum status reader_vec32(struct reader *r, const uint8_t **out, size_t *len, size_t max)
{
	return read_vec(r, out, len, max, sizeof(uint32_t));
}

enum status reader_vec16(struct reader *r, const uint8_t **out, size_t *len, size_t max)
{
	return read_vec(r, out, len, max, sizeof(uint16_t));
}

enum status reader_vec8(struct reader *r, const uint8_t **out, size_t *len, size_t max)
{
	return read_vec(r, out, len, max, sizeof(uint8_t));
}

enum status reader_end(const struct reader *r)
{
	return reader_left(r) == 0 ? ST_OK : ST_FORMAT;
}

enum status limit_check(uint64_t value, uint64_t max)
{
	return value <= max ? ST_OK : ST_LIMIT;
}
