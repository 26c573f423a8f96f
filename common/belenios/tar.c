/*
 * tar.c: see tar.h.
 */
#include "common/belenios/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_AT = 124, TIME_AT = 136, SUM_AT = 148, OCTAL = 11 };
static const uint64_t OCTAL_MAX = (UINT64_C(1) << 33) - 1;

enum status tar_source_file(struct tar_source *src, int fd)
{
	struct stat s;

	*src = (struct tar_source){ .fd = fd };
	if (fstat(fd, &s) != 0)
		return ST_IO;
	if (!S_ISREG(s.st_mode) || s.st_size < 0)
		return ST_FORMAT;
	src->len = (uint64_t)s.st_size;
	return ST_OK;
}

void tar_source_memory(struct tar_source *src, const void *bytes, size_t len)
{
	*src = (struct tar_source){ .bytes = bytes, .fd = -1, .len = len };
}

enum status tar_read(const struct tar_source *src, void *out, uint64_t offset, size_t len)
{
	uint8_t *to = out;

	if (offset > src->len || len > src->len - offset)
		return ST_FORMAT;
	if (src->bytes != NULL) {
		memcpy(out, src->bytes + offset, len);
		return ST_OK;
	}
	while (len > 0) {
		ssize_t n = pread(src->fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? ST_FORMAT : ST_IO;   /* 0: it has become shorter */
		to += n;
		offset += (uint64_t)n;
		len -= (size_t)n;
	}
	return ST_OK;
}

size_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

static void put_octal(uint8_t *out, uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		out[i] = (uint8_t)('0' + (value & 7));
		value >>= 3;
	}
}

enum status tar_header(uint8_t out[static TAR_BLOCK], const char *name, uint64_t size,
                       uint64_t time)
{
	size_t name_len = strlen(name);
	uint32_t sum = 0;

	memset(out, 0, TAR_BLOCK);
	if (name_len >= TAR_NAME_BYTES || size > OCTAL_MAX || time > OCTAL_MAX)
		return ST_LIMIT;
	memcpy(out, name, name_len);
	memcpy(out + 100, "0000644", 7);   /* mode */
	memcpy(out + 108, "0000000", 7);   /* user */
	memcpy(out + 116, "0000000", 7);   /* group */
	put_octal(out + SIZE_AT, size, OCTAL);
	put_octal(out + TIME_AT, time, OCTAL);
	out[156] = '0';                    /* a plain file */
	/* The sum counts its own field as blanks, and the last of them stays. */
	memset(out + SUM_AT, ' ', 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += out[i];
	put_octal(out + SUM_AT, sum, 6);
	out[SUM_AT + 6] = '\0';
	return ST_OK;
}

/* Eleven octal digits; anything else gives a number whose header differs. */
static uint64_t get_octal(const uint8_t *in)
{
	uint64_t value = 0;

	for (int i = 0; i < OCTAL; i++)
		value = value << 3 | (in[i] & 7);
	return value;
}

static enum status check_padding(const struct tar_source *src, uint64_t offset, size_t len)
{
	uint8_t bytes[TAR_BLOCK];
	enum status st;

	if ((st = tar_read(src, bytes, offset, len)) != ST_OK)
		return st;
	for (size_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return ST_FORMAT;
	return ST_OK;
}

enum status tar_next(struct tar *t, struct tar_entry *out)
{
	uint8_t header[TAR_BLOCK], again[TAR_BLOCK];
	uint64_t left, whole;
	enum status st;

	memset(out, 0, sizeof(*out));
	if (t->pos == t->src->len)
		return ST_NOT_FOUND;
	if ((st = tar_read(t->src, header, t->pos, sizeof(header))) != ST_OK)
		return st;
	memcpy(out->name, header, sizeof(out->name) - 1);
	for (const char *c = out->name; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return ST_FORMAT;
	out->size = get_octal(header + SIZE_AT);
	out->time = get_octal(header + TIME_AT);
	if (out->name[0] == '\0' || tar_header(again, out->name, out->size, out->time) != ST_OK ||
	    memcmp(header, again, sizeof(header)) != 0)
		return ST_FORMAT;
	out->offset = t->pos + TAR_BLOCK;
	left = t->src->len - out->offset;
	whole = out->size + tar_padding(out->size);
	if (whole > left)
		return ST_FORMAT;
	if ((st = check_padding(t->src, out->offset + out->size, tar_padding(out->size))) != ST_OK)
		return st;
	t->pos = out->offset + whole;
	return ST_OK;
}
