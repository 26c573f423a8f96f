/*
 * wal_scan.c: reading a log from its head to where it ends, is cut, or is damaged (wal.h).
 *
 * Invariant: the file is not changed here.
 */
#include "tally-server/node/wal_impl.h"

#include "common/base/reader.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECTOR_BYTES = 512,       /* what a disk writes at once, at least */
	UNWRITTEN_MIN = 32        /* fewer zeros than this may be altered bytes */
};

/* A part of the file in memory. */
struct view {
	int fd;
	uint8_t *buf;             /* WAL_BATCH_BYTES */
	uint64_t from;            /* offset of buf[0] in the file */
	size_t len;
	uint64_t size;            /* of the file */
};

/* Up to size bytes at offset; fewer only at the end. */
static enum status read_at(int fd, uint8_t *buf, size_t *len, size_t size, uint64_t offset)
{
	*len = 0;
	while (*len < size) {
		ssize_t n = pread(fd, buf + *len, size - *len, (off_t)(offset + *len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ST_IO;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return ST_OK;
}

/* Make sure that a whole record at offset, or the rest of the file, is in memory. */
static enum status view_move(struct view *v, uint64_t offset)
{
	uint64_t end = v->from + v->len;
	enum status st;

	if (offset >= v->from && offset <= end &&
	    (end == v->size || end - offset >= WAL_RECORD_MAX))
		return ST_OK;
	v->from = offset;
	if ((st = read_at(v->fd, v->buf, &v->len, WAL_BATCH_BYTES, offset)) != ST_OK)
		return st;
	return v->len == WAL_BATCH_BYTES || offset + v->len == v->size ? ST_OK : ST_IO;
}

/*
 * Does the record that does not fit, from start to end, run into sectors that were never written?
 * A crash can leave the new length without the new bytes; these read as zeros, from the record's
 * start or from a sector's within it to the end of the file.  Zeros that begin behind it are no
 * reason why it does not fit.
 */
static enum status tail_is_unwritten(struct view *v, uint64_t start, uint64_t end,
                                     bool *unwritten)
{
	uint64_t zeros = start;   /* from here on only zeros have been seen */

	*unwritten = false;
	for (uint64_t at = start; at < v->size; at += v->len) {
		enum status st;

		v->from = at;
		if ((st = read_at(v->fd, v->buf, &v->len, WAL_BATCH_BYTES, at)) != ST_OK)
			return st;
		if (v->len == 0)
			return ST_IO;
		for (size_t i = v->len; i > 0; i--) {
			if (v->buf[i - 1] == 0)
				continue;
			zeros = (at + i + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
			break;
		}
	}
	*unwritten = zeros == start ||
	             (zeros < end && zeros < v->size && v->size - zeros >= UNWRITTEN_MIN);
	return ST_OK;
}

/* The log's own records; false: not one of them. */
static bool take_own(struct wal_scan *s, const struct wal_record *rec)
{
	struct reader r;
	uint64_t instance;

	switch (rec->type) {
	case WAL_TYPE_INSTANCE:
		reader_init(&r, rec->payload, rec->len);
		if (reader_u64(&r, &instance) == ST_OK && instance > s->instance)
			s->instance = instance;
		return true;
	case WAL_TYPE_AMNESIA:
		s->amnesia = true;
		return true;
	case WAL_TYPE_RECOVERED:
		s->amnesia = false;
		return true;
	default:
		return false;
	}
}

static enum status scan_records(struct wal_scan *s, struct view *v, uint64_t *wrong_end,
                                wal_record_fn *each, void *ctx)
{
	struct wal_record rec;
	enum status st;

	for (;;) {
		/* Of a head that does not fit nothing is believed but where it stands. */
		rec.bytes = WAL_RECORD_HEAD_BYTES;
		if ((st = view_move(v, s->sound)) != ST_OK)
			return st;
		s->end = wal_record_read(&rec, &s->link, v->buf + (s->sound - v->from),
		                         (size_t)(v->from + v->len - s->sound));
		if (s->end != WAL_NEXT_RECORD) {
			*wrong_end = s->sound + rec.bytes;
			return ST_OK;
		}
		if (!take_own(s, &rec)) {
			s->records++;
			if (each != NULL &&
			    (st = each(ctx, rec.type, rec.payload, rec.len)) != ST_OK)
				return st;
		}
		s->sound += rec.bytes;
	}
}

enum status wal_scan_file(struct wal_scan *out, int fd, uint8_t *window, wal_record_fn *each,
                          void *ctx)
{
	struct view v = { .fd = fd, .buf = window };
	bool unwritten = false;
	uint64_t wrong_end = 0;
	struct stat info;
	enum status st;

	*out = (struct wal_scan){ .end = WAL_NEXT_WRONG };
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
		return ST_IO;
	v.size = out->size = (uint64_t)info.st_size;
	if ((st = read_at(fd, v.buf, &v.len, WAL_BATCH_BYTES, 0)) != ST_OK ||
	    (st = wal_head_read(&out->head, &out->link, v.buf, v.len)) != ST_OK)
		return st;
	out->instance = out->head.instance;
	out->amnesia = out->head.amnesia;
	out->sound = WAL_HEAD_BYTES;
	if ((st = scan_records(out, &v, &wrong_end, each, ctx)) != ST_OK)
		return st;
	if (out->end == WAL_NEXT_WRONG &&
	    (st = tail_is_unwritten(&v, out->sound, wrong_end, &unwritten)) != ST_OK)
		return st;
	if (unwritten)
		out->end = WAL_NEXT_SHORT;
	return ST_OK;
}
