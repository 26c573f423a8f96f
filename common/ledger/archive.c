/*
 * archive.c: see archive.h.
 */
#include "common/ledger/archive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char MAGIC[8] = { 'K', 'A', 'L', 'P', 'I', 'S', '1', '\n' };

enum { RECORD_HEAD_BYTES = 5 };

/* --- writing ---------------------------------------------------------------------------------- */

static void put(struct archive_writer *w, const void *p, size_t len)
{
	if (w->st == ST_OK && len > 0 && fwrite(p, 1, len, w->file) != len)
		w->st = ST_IO;
}

static void put_head(struct archive_writer *w, enum archive_kind kind, size_t len)
{
	uint8_t head[RECORD_HEAD_BYTES];
	struct writer out;

	assert(len <= ARCHIVE_RECORD_MAX);
	writer_init(&out, head, sizeof(head));
	writer_u8(&out, (uint8_t)kind);
	writer_u32(&out, (uint32_t)len);
	put(w, head, sizeof(head));
	w->records++;
}

void archive_write_begin(struct archive_writer *w, FILE *file)
{
	*w = (struct archive_writer){ .file = file };
	put(w, MAGIC, sizeof(MAGIC));
}

void archive_write_block(struct archive_writer *w, const struct block_header *h,
                         const void *body, size_t body_len)
{
	uint8_t header[BLOCK_HEADER_BYTES];

	block_header_encode(header, h);
	put_head(w, ARCHIVE_BLOCK, sizeof(header) + body_len);
	put(w, header, sizeof(header));
	put(w, body, body_len);
}

void archive_write_genesis_sigs(struct archive_writer *w, const uint8_t (*sigs)[64], size_t count)
{
	put_head(w, ARCHIVE_GENESIS_SIGS, 64 * count);
	put(w, sigs, 64 * count);
}

void archive_write_certificate(struct archive_writer *w, const struct certificate *c)
{
	uint8_t bytes[CERTIFICATE_BYTES_MAX];
	struct writer out;
	size_t len;

	writer_init(&out, bytes, sizeof(bytes));
	certificate_write(&out, c);
	if (writer_end(&out, &len) != ST_OK) {
		w->st = ST_INTERNAL;
		return;
	}
	put_head(w, ARCHIVE_CERTIFICATE, len);
	put(w, bytes, len);
}

void archive_write_cosignature(struct archive_writer *w, const struct cosignature *c)
{
	uint8_t bytes[COSIGNATURE_BYTES];
	struct writer out;

	writer_init(&out, bytes, sizeof(bytes));
	cosignature_write(&out, c);
	assert(!out.failed && out.pos == sizeof(bytes));
	put_head(w, ARCHIVE_COSIGNATURE, sizeof(bytes));
	put(w, bytes, sizeof(bytes));
}

enum status archive_write_end(struct archive_writer *w)
{
	uint8_t count[8];
	struct writer out;

	writer_init(&out, count, sizeof(count));
	writer_u64(&out, w->records);
	put_head(w, ARCHIVE_END, sizeof(count));
	put(w, count, sizeof(count));
	if (w->st == ST_OK && fflush(w->file) != 0)
		w->st = ST_IO;
	return w->st;
}

/* --- reading ---------------------------------------------------------------------------------- */

enum status archive_read_begin(struct archive_reader *r, FILE *file)
{
	char magic[sizeof(MAGIC)];

	*r = (struct archive_reader){ .file = file, .last = ARCHIVE_BLOCK };
	r->buf = malloc(ARCHIVE_RECORD_MAX);
	if (r->buf == NULL)
		return ST_NO_MEMORY;
	if (fread(magic, 1, sizeof(magic), file) != sizeof(magic) ||
	    memcmp(magic, MAGIC, sizeof(magic)) != 0)
		return ST_FORMAT;
	r->offset = sizeof(magic);
	return ST_OK;
}

void archive_read_end(struct archive_reader *r)
{
	free(r->buf);
	r->buf = NULL;
}

static enum status get(struct archive_reader *r, void *p, size_t len)
{
	if (fread(p, 1, len, r->file) == len)
		return ST_OK;
	return ferror(r->file) ? ST_IO : ST_FORMAT;
}

/* The end record closes the file: the count is right and nothing follows. */
static enum status read_close(struct archive_reader *r, size_t len)
{
	struct reader in;
	uint64_t count;
	enum status st;

	reader_init(&in, r->buf, len);
	if ((st = reader_u64(&in, &count)) != ST_OK || (st = reader_end(&in)) != ST_OK)
		return st;
	if (count != r->records || fgetc(r->file) != EOF)
		return ST_FORMAT;
	return ferror(r->file) ? ST_IO : ST_NOT_FOUND;
}

static enum status split_block(struct archive_record *out)
{
	enum status st;

	if (out->len < BLOCK_HEADER_BYTES)
		return ST_FORMAT;
	if ((st = block_header_decode(&out->header, out->bytes, BLOCK_HEADER_BYTES)) != ST_OK)
		return st;
	out->body = out->bytes + BLOCK_HEADER_BYTES;
	out->body_len = out->len - BLOCK_HEADER_BYTES;
	return ST_OK;
}

enum status archive_read_next(struct archive_reader *r, struct archive_record *out)
{
	uint8_t head[RECORD_HEAD_BYTES];
	struct reader in;
	uint8_t kind;
	uint32_t len;
	enum status st;

	size_t have = fread(head, 1, sizeof(head), r->file);

	if (have < sizeof(head))
		return ferror(r->file) ? ST_IO : have == 0 ? ST_INCOMPLETE : ST_FORMAT;
	reader_init(&in, head, sizeof(head));
	if ((st = reader_u8(&in, &kind)) != ST_OK || (st = reader_u32(&in, &len)) != ST_OK)
		return st;
	if (kind < (uint8_t)r->last || kind > ARCHIVE_END)
		return ST_FORMAT;
	if ((st = limit_check(len, ARCHIVE_RECORD_MAX)) != ST_OK ||
	    (st = get(r, r->buf, len)) != ST_OK)
		return st;
	r->last = (enum archive_kind)kind;
	if (r->last == ARCHIVE_END)
		return read_close(r, len);
	*out = (struct archive_record){ .kind = r->last, .bytes = r->buf, .len = len };
	r->records++;
	r->offset += sizeof(head) + len;
	return out->kind == ARCHIVE_BLOCK ? split_block(out) : ST_OK;
}
