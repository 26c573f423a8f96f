/*
 * wal.c: see wal.h: opening, appending, syncing, compaction.
 */
#include "tally-server/node/wal.h"

#include "common/base/alloc.h"
#include "common/base/file.h"
#include "crypto/hash.h"
#include "tally-server/node/wal_impl.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ASIDE_MAX = 1000, FLAGS = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY };

/* A log that grows beyond this was never compacted: the node has a fault. */
static const uint64_t BYTES_MAX = UINT64_C(1) << 32;

/* --- creating --------------------------------------------------------------------------------- */

void wal_owner(uint8_t out[static WAL_OWNER_BYTES], const char *kind,
               const uint8_t election_id[static 32], uint8_t self,
               const uint8_t node_key[static 32])
{
	struct hash h;

	hash256_purpose(&h, "log-owner");
	hash_field_text(&h, kind);
	hash_field(&h, election_id, 32);
	hash_field_u8(&h, self);
	hash_field(&h, node_key, 32);
	hash256_final(&h, out);
}

static enum status create(const char *path, const struct wal_head *head)
{
	uint8_t bytes[WAL_HEAD_BYTES];
	struct wal_link link;

	wal_head_write(bytes, head, &link);
	return file_write(path, bytes, sizeof(bytes), FILE_NEW, FILE_PRIVATE);
}

enum status wal_create(const char *path, const uint8_t owner[static WAL_OWNER_BYTES])
{
	struct wal_head head = { .first = 0 };

	memcpy(head.owner, owner, sizeof(head.owner));
	return create(path, &head);
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum status fail(struct wal *w)
{
	w->failed = true;
	return ST_IO;
}

enum status wal_flush(struct wal *w)
{
	size_t done = 0;

	while (done < w->batch_len) {
		ssize_t n = pwrite(w->fd, w->batch + done, w->batch_len - done,
		                   (off_t)(w->written + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(w);
		done += (size_t)n;
	}
	if (done > 0)
		w->is_synced = false;
	w->written += done;
	w->batch_len = 0;
	return ST_OK;
}

enum status wal_put(struct wal *w, uint8_t type, const void *payload, size_t len)
{
	size_t bytes = WAL_RECORD_OVERHEAD + len;
	enum status st;

	if (w->failed)
		return ST_IO;
	if (len > WAL_PAYLOAD_MAX || wal_bytes(w) + bytes > BYTES_MAX)
		return ST_LIMIT;
	if (bytes > WAL_BATCH_BYTES - w->batch_len && (st = wal_flush(w)) != ST_OK)
		return st;
	wal_record_write(w->batch + w->batch_len, &w->link, type, payload, len);
	w->batch_len += bytes;
	return ST_OK;
}

/* The log's own records change nothing that wal_replay gives. */
enum status wal_append(struct wal *w, uint8_t type, const void *payload, size_t len)
{
	if (type > WAL_TYPE_MAX)
		return ST_INTERNAL;
	w->appended = true;
	return wal_put(w, type, payload, len);
}

/* After a failed fsync the kernel forgets what it could not write: a second one proves nothing. */
enum status wal_sync(struct wal *w)
{
	enum status st;

	if (w->failed)
		return ST_IO;
	if ((st = wal_flush(w)) != ST_OK)
		return st;
	if (w->is_synced)
		return ST_OK;
	if (fdatasync(w->fd) != 0)
		return fail(w);
	w->is_synced = true;
	return ST_OK;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void find_folder(struct wal *w)
{
	const char *slash = strrchr(w->path, '/');

	if (slash == NULL)
		(void)snprintf(w->folder, sizeof(w->folder), ".");
	else if (slash == w->path)
		(void)snprintf(w->folder, sizeof(w->folder), "/");
	else
		(void)snprintf(w->folder, sizeof(w->folder), "%.*s", (int)(slash - w->path),
		               w->path);
}

static enum status set_up(struct wal *w, const char *path,
                          const uint8_t owner[static WAL_OWNER_BYTES])
{
	char lock[LIMIT_PATH_BYTES];
	int len;

	memcpy(w->owner, owner, sizeof(w->owner));
	len = snprintf(w->temp, sizeof(w->temp), "%s.new", path);
	if (len < 0 || (size_t)len >= sizeof(w->temp) - 16)
		return ST_LIMIT;
	(void)snprintf(w->path, sizeof(w->path), "%s", path);
	(void)snprintf(lock, sizeof(lock), "%s.lock", path);
	find_folder(w);
	w->batch = malloc(WAL_BATCH_BYTES);
	return w->batch == NULL ? ST_NO_MEMORY : file_lock(&w->lock, lock);
}

/* Give the damaged file a name that is free.  A crash after it leaves a missing log: amnesia. */
static enum status set_aside(struct wal *w, char aside[static LIMIT_PATH_BYTES])
{
	for (int i = 1; i <= ASIDE_MAX; i++) {
		int len = snprintf(aside, LIMIT_PATH_BYTES, "%s.damaged-%d", w->path, i);

		if (len < 0 || len >= LIMIT_PATH_BYTES)
			return ST_LIMIT;
		if (renameat2(AT_FDCWD, w->path, AT_FDCWD, aside, RENAME_NOREPLACE) == 0)
			return file_sync_folder(w->folder);
		if (errno != EEXIST)
			return file_status(errno);
	}
	return ST_EXISTS;
}

/* A new log that knows of itself that something was lost. */
static enum status begin_anew(struct wal *w, const struct wal_scan *old)
{
	struct wal_head head = { .first = 0, .instance = old->instance, .amnesia = true };
	enum status st;

	memcpy(head.owner, w->owner, sizeof(head.owner));
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	if ((st = create(w->path, &head)) != ST_OK)
		return st;
	w->fd = open(w->path, FLAGS);
	return w->fd < 0 ? file_status(errno) : ST_OK;
}

/* Cut the unfinished tail off, for good. */
static enum status cut(struct wal *w, const struct wal_scan *scan)
{
	if (ftruncate(w->fd, (off_t)scan->sound) != 0 || fsync(w->fd) != 0)
		return ST_IO;
	return ST_OK;
}

/* Bring file and report to a state in which the log is sound; scan is then of what is there. */
static enum status make_sound(struct wal *w, struct wal_scan *scan, struct wal_report *report)
{
	enum status st;

	w->fd = open(w->path, FLAGS);
	if (w->fd < 0 && errno != ENOENT)
		return file_status(errno);
	if (w->fd < 0) {
		report->found = WAL_MISSING;
		*scan = (struct wal_scan){ .instance = 0 };
	} else {
		st = wal_scan_file(scan, w->fd, w->batch, NULL, NULL);
		if (st != ST_OK && st != ST_FORMAT)
			return st;
		if (st == ST_OK && memcmp(scan->head.owner, w->owner, sizeof(w->owner)) != 0)
			return ST_ELECTION;
		if (st == ST_OK && scan->end == WAL_NEXT_END)
			return ST_OK;
		if (st == ST_OK && scan->end == WAL_NEXT_SHORT) {
			report->found = WAL_CUT;
			report->cut_bytes = scan->size - scan->sound;
			return cut(w, scan);
		}
		report->found = WAL_DAMAGED;
		report->damage_at = scan->sound;
		if ((st = set_aside(w, report->aside)) != ST_OK)
			return st;
	}
	if ((st = begin_anew(w, scan)) != ST_OK)
		return st;
	return wal_scan_file(scan, w->fd, w->batch, NULL, NULL);
}

static enum status open_steps(struct wal *w, struct wal_report *report, const char *path,
                              const uint8_t owner[static WAL_OWNER_BYTES], uint64_t openings)
{
	struct wal_scan scan;
	uint8_t count[8];
	enum status st;

	if ((st = set_up(w, path, owner)) != ST_OK ||
	    (st = make_sound(w, &scan, report)) != ST_OK)
		return st;
	(void)unlink(w->temp);   /* of a compaction that was not finished */
	report->records = scan.records;
	w->link = scan.link;
	w->amnesia = scan.amnesia;
	w->written = w->settled = scan.sound;
	w->is_synced = true;
	w->instance = scan.instance + 1;
	for (int i = 0; i < 8; i++)
		count[i] = (uint8_t)(w->instance >> (56 - 8 * i));
	if (scan.instance < openings && (st = wal_set_amnesia(w)) != ST_OK)
		return st;
	if ((st = wal_put(w, WAL_TYPE_INSTANCE, count, sizeof(count))) != ST_OK)
		return st;
	return wal_sync(w);
}

enum status wal_open(struct wal **out, struct wal_report *report, const char *path,
                     const uint8_t owner[static WAL_OWNER_BYTES])
{
	return wal_open_again(out, report, path, owner, 0);
}

enum status wal_open_again(struct wal **out, struct wal_report *report, const char *path,
                           const uint8_t owner[static WAL_OWNER_BYTES], uint64_t openings)
{
	struct wal *w = alloc_zero(1, sizeof(*w));
	enum status st;

	*out = NULL;
	*report = (struct wal_report){ .found = WAL_SOUND };
	if (w == NULL)
		return ST_NO_MEMORY;
	w->fd = w->lock = -1;
	st = open_steps(w, report, path, owner, openings);
	if (st == ST_OK)
		*out = w;
	else
		wal_close(w);
	return st;
}

void wal_close(struct wal *w)
{
	if (w == NULL)
		return;
	if (w->fd >= 0)
		close(w->fd);
	file_unlock(w->lock);
	free(w->batch);
	free(w);
}

enum status wal_replay(struct wal *w, wal_record_fn *each, void *ctx)
{
	struct wal_scan scan;
	enum status st;

	if (w->appended || w->batch_len > 0)
		return ST_INTERNAL;
	st = wal_scan_file(&scan, w->fd, w->batch, each, ctx);
	if (st == ST_OK && scan.end != WAL_NEXT_END)
		return ST_IO;   /* it was sound a moment ago */
	return st;
}

/* --- amnesia ---------------------------------------------------------------------------------- */

bool wal_has_amnesia(const struct wal *w)
{
	return w->amnesia;
}

/* One of the log's own records: what wal_replay gives is the same after it. */
static enum status turn_amnesia(struct wal *w, bool amnesia, uint8_t type)
{
	bool appended = w->appended;
	enum status st;

	if (w->amnesia == amnesia)
		return ST_OK;
	if ((st = wal_put(w, type, NULL, 0)) != ST_OK)
		return st;
	w->appended = appended;
	w->amnesia = amnesia;
	return ST_OK;
}

enum status wal_set_amnesia(struct wal *w)
{
	return turn_amnesia(w, true, WAL_TYPE_AMNESIA);
}

enum status wal_clear_amnesia(struct wal *w)
{
	return turn_amnesia(w, false, WAL_TYPE_RECOVERED);
}

uint64_t wal_instance(const struct wal *w)
{
	return w->instance;
}

uint64_t wal_bytes(const struct wal *w)
{
	return w->written + w->batch_len;
}

/* --- compaction ------------------------------------------------------------------------------- */

bool wal_wants_compaction(const struct wal *w)
{
	return wal_bytes(w) >= WAL_COMPACT_BYTES && wal_bytes(w) / 2 >= w->settled;
}

/* The head of the new file goes out as it is; the records follow through the batch. */
static enum status fill(struct wal *fresh, wal_live_fn *next, void *ctx)
{
	struct wal_head head = {
		.first = fresh->link.number, .instance = fresh->instance,
		.amnesia = fresh->amnesia,
	};
	const uint8_t *payload;
	uint8_t type;
	size_t len;
	enum status st;

	memcpy(head.owner, fresh->owner, sizeof(head.owner));
	wal_head_write(fresh->batch, &head, &fresh->link);
	fresh->batch_len = WAL_HEAD_BYTES;
	while ((st = next(ctx, &type, &payload, &len)) == ST_OK)
		if ((st = wal_append(fresh, type, payload, len)) != ST_OK)
			return st;
	return st == ST_NOT_FOUND ? wal_sync(fresh) : st;
}

/* From the rename on the new file is the log, and only it may be written. */
static enum status take_over(struct wal *w, const struct wal *fresh)
{
	int old = w->fd;

	if (fsync(fresh->fd) != 0 || rename(w->temp, w->path) != 0)
		return ST_IO;
	*w = *fresh;
	w->settled = w->written;
	close(old);
	/* Should the old name come back after a power cut, what follows would be lost with it. */
	return file_sync_folder(w->folder) == ST_OK ? ST_OK : fail(w);
}

enum status wal_compact(struct wal *w, wal_live_fn *next, void *ctx)
{
	struct wal fresh;
	enum status st;

	if ((st = wal_sync(w)) != ST_OK)
		return st;
	fresh = *w;
	fresh.written = 0;
	fresh.fd = open(w->temp, FLAGS | O_CREAT | O_TRUNC, 0600);
	if (fresh.fd < 0)
		return file_status(errno);
	st = fill(&fresh, next, ctx);
	if (st == ST_OK)
		st = take_over(w, &fresh);
	if (st == ST_OK || w->failed)
		return st;
	/* The log is as it was. */
	close(fresh.fd);
	(void)unlink(w->temp);
	w->batch_len = 0;
	return st;
}
