/*
 * fuzz_reader.c: a program of reads over bytes.
 *
 * The first byte says how many steps; each step is one byte.  What is proved: a failed read moves
 * nothing, a good one never passes the end, and what was read, written again, gives the same bytes.
 */
#include "common/base/reader.h"
#include "common/base/writer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

static enum status copy_int(struct reader *r, struct writer *w, uint8_t kind)
{
	enum status st;
	uint64_t u64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;
	uint8_t u8 = 0;

	if (kind == 0 && (st = reader_u8(r, &u8)) == ST_OK)
		writer_u8(w, u8);
	else if (kind == 1 && (st = reader_u16(r, &u16)) == ST_OK)
		writer_u16(w, u16);
	else if (kind == 2 && (st = reader_u32(r, &u32)) == ST_OK)
		writer_u32(w, u32);
	else if (kind == 3 && (st = reader_u64(r, &u64)) == ST_OK)
		writer_u64(w, u64);
	else
		st = ST_FORMAT;
	return st;
}

static enum status copy_vec(struct reader *r, struct writer *w, uint8_t kind, size_t max)
{
	enum status st = ST_FORMAT;
	const uint8_t *p = NULL;
	size_t n = 0;

	if (kind == 0 && (st = reader_vec8(r, &p, &n, max)) == ST_OK)
		writer_vec8(w, p, n);
	else if (kind == 1 && (st = reader_vec16(r, &p, &n, max)) == ST_OK)
		writer_vec16(w, p, n);
	else if (kind == 2 && (st = reader_vec32(r, &p, &n, max)) == ST_OK)
		writer_vec32(w, p, n);
	else if (kind == 3 && (st = reader_view(r, &p, max)) == ST_OK)
		writer_bytes(w, p, n = max);
	must(st != ST_OK || n <= max);
	return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t again[1 << 16];
	struct reader r, steps;
	struct writer w;
	uint8_t count, step;
	size_t start, before;

	reader_init(&steps, data, len);
	reader_init(&r, data, len);
	if (len > sizeof(again) || reader_u8(&r, &count) != ST_OK)
		return 0;
	must(reader_u8(&steps, &step) == ST_OK);
	if (reader_left(&r) < count)
		return 0;
	r.pos += count;
	start = r.pos;
	writer_init(&w, again, len - start);
	for (; count > 0; count--) {
		enum status st;

		must(reader_u8(&steps, &step) == ST_OK);
		before = r.pos;
		st = step < 128 ? copy_int(&r, &w, step % 4)
		                : copy_vec(&r, &w, step % 4, (step >> 2) % 32);
		must(st == ST_OK || r.pos == before);
		must(r.pos >= before && r.pos <= len);
	}
	must(writer_end(&w, &before) == ST_OK && before == r.pos - start);
	must(memcmp(again, data + start, before) == 0);
	return 0;
}
