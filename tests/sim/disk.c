/*
 * disk.c: see disk.h.
 *
 * A file has the bytes that everybody sees and the bytes that were synced.  Its changes since the
 * last sync are one range, since logs only grow between two syncs.  Names likewise: as seen, as
 * synced, and the changes in between, of which a crash keeps the first few.
 */
#include "tests/sim/disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FD_BASE = 1 << 20, FDS_MAX = 256, NAMES_MAX = 128, CHANGES_MAX = 64, SECTOR = 512,
       ZEROS_MIN = 32, HEAD = 69, RECORD = 61 };

struct file {
	uint8_t *bytes;
	size_t len, cap;
	uint8_t *safe;                /* as synced */
	size_t safe_len, safe_cap;
	size_t dirty_from, dirty_to;  /* changed since; from == to: nothing */
	bool in_use;                  /* sweep */
};

struct name {
	char text[DISK_NAME_MAX];
	struct file *file;
};

struct names {
	struct name at[NAMES_MAX];
	size_t len;
};

struct change {
	char from[DISK_NAME_MAX];     /* "": a new file */
	char to[DISK_NAME_MAX];       /* "": removed */
	struct file *file;            /* the new file */
};

struct disk {
	unsigned int number;
	struct prng *rng;
	disk_fate_fn *fate;
	void *ctx;
	bool dead;                    /* the process died in the middle: nothing works for it */
	struct names seen, synced;
	struct change change[CHANGES_MAX];
	size_t changes;
	struct file **files;
	size_t files_len, files_cap;
	struct name saved[4];
	size_t saved_len;
};

struct descriptor {
	struct disk *disk;
	struct file *file;            /* NULL: the folder */
	size_t pos;
};

static struct disk *disks[DISKS_MAX];
static struct descriptor fds[FDS_MAX];

/* --- names ------------------------------------------------------------------------------------ */

static struct name *names_find(struct names *n, const char *text)
{
	for (size_t i = 0; i < n->len; i++)
		if (strcmp(n->at[i].text, text) == 0)
			return &n->at[i];
	return NULL;
}

static void names_put(struct names *n, const char *text, struct file *f)
{
	struct name *at = names_find(n, text);

	if (at == NULL) {
		assert(n->len < NAMES_MAX);
		at = &n->at[n->len++];
		(void)snprintf(at->text, sizeof(at->text), "%s", text);
	}
	at->file = f;
}

static void names_drop(struct names *n, const char *text)
{
	struct name *at = names_find(n, text);

	if (at != NULL)
		*at = n->at[--n->len];
}

static void names_change(struct names *n, const struct change *c)
{
	struct file *f = c->file;

	if (c->from[0] != '\0') {
		const struct name *old = names_find(n, c->from);

		f = old != NULL ? old->file : NULL;
		names_drop(n, c->from);
	}
	if (c->to[0] != '\0' && f != NULL)
		names_put(n, c->to, f);
}

static void sync_names(struct disk *d)
{
	memcpy(d->synced.at, d->seen.at, d->seen.len * sizeof(d->seen.at[0]));
	d->synced.len = d->seen.len;
	d->changes = 0;
}

static void change_names(struct disk *d, const char *from, const char *to, struct file *f)
{
	struct change c = { .file = f };

	(void)snprintf(c.from, sizeof(c.from), "%s", from);
	(void)snprintf(c.to, sizeof(c.to), "%s", to);
	names_change(&d->seen, &c);
	if (d->changes == CHANGES_MAX)
		sync_names(d);   /* the disk may do so at any time */
	d->change[d->changes++] = c;
}

/* --- files ------------------------------------------------------------------------------------ */

static struct file *file_new(struct disk *d)
{
	struct file *f = calloc(1, sizeof(*f));

	assert(f != NULL);
	if (d->files_len == d->files_cap) {
		d->files_cap = d->files_cap == 0 ? 16 : 2 * d->files_cap;
		d->files = realloc(d->files, d->files_cap * sizeof(struct file *));
		assert(d->files != NULL);
	}
	d->files[d->files_len++] = f;
	return f;
}

static void file_free(struct file *f)
{
	free(f->bytes);
	free(f->safe);
	free(f);
}

static void reserve(uint8_t **bytes, size_t *cap, size_t len)
{
	if (len <= *cap)
		return;
	*cap = len < 4096 ? 8192 : 2 * len;
	*bytes = realloc(*bytes, *cap);
	assert(*bytes != NULL);
}

static void file_put(struct file *f, const void *buf, size_t len, size_t at)
{
	if (len == 0)
		return;
	reserve(&f->bytes, &f->cap, at + len);
	if (at > f->len)
		memset(f->bytes + f->len, 0, at - f->len);
	memcpy(f->bytes + at, buf, len);
	if (at + len > f->len)
		f->len = at + len;
	if (f->dirty_from == f->dirty_to)
		f->dirty_from = f->dirty_to = at;
	if (at < f->dirty_from)
		f->dirty_from = at;
	if (at + len > f->dirty_to)
		f->dirty_to = at + len;
}

static void file_sync(struct file *f)
{
	size_t from = f->dirty_from, to = f->dirty_to < f->len ? f->dirty_to : f->len;

	reserve(&f->safe, &f->safe_cap, f->len);
	if (from < to)
		memcpy(f->safe + from, f->bytes + from, to - from);
	f->safe_len = f->len;
	f->dirty_from = f->dirty_to = 0;
}

/*
 * The power is gone.  Of the range that was not synced a part is there; behind it the file may
 * end, or go on with zeros where blocks were never written.
 */
static void file_lose(struct file *f, struct prng *rng)
{
	size_t range = f->dirty_to - f->dirty_from, kept, end;

	if (range > 0 && f->dirty_to <= f->len) {
		kept = prng_below(rng, 4) == 0 ? 0 : prng_below(rng, range + 1);
		end = f->dirty_from + kept;
		reserve(&f->safe, &f->safe_cap, f->len);
		if (f->safe_len < f->dirty_from)
			memset(f->safe + f->safe_len, 0, f->dirty_from - f->safe_len);
		memcpy(f->safe + f->dirty_from, f->bytes + f->dirty_from, kept);
		if (prng_below(rng, 3) == 0) {
			size_t whole = end / SECTOR * SECTOR;

			if (whole > f->dirty_from)
				end = whole;
			else
				end = f->dirty_from;
			/* Fewer zeros cannot be told from altered bytes: that is amnesia. */
			if (f->dirty_to - end >= ZEROS_MIN) {
				memset(f->safe + end, 0, f->dirty_to - end);
				end = f->dirty_to;
			}
		}
		if (end > f->safe_len)
			f->safe_len = end;
	} else if (f->len < f->safe_len && prng_below(rng, 2) == 0) {
		f->safe_len = f->len;   /* it was cut, and that came through */
	}
	reserve(&f->bytes, &f->cap, f->safe_len);
	if (f->safe_len > 0)
		memcpy(f->bytes, f->safe, f->safe_len);
	f->len = f->safe_len;
	f->dirty_from = f->dirty_to = 0;
}

/* Free what has no name any more. */
static void sweep(struct disk *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->files_len; i++)
		d->files[i]->in_use = false;
	for (size_t i = 0; i < d->seen.len; i++)
		d->seen.at[i].file->in_use = true;
	for (size_t i = 0; i < d->saved_len; i++)
		d->saved[i].file->in_use = true;
	for (size_t i = 0; i < d->files_len; i++)
		if (d->files[i]->in_use)
			d->files[kept++] = d->files[i];
		else
			file_free(d->files[i]);
	d->files_len = kept;
}

/* --- disks ------------------------------------------------------------------------------------ */

struct disk *disk_new(struct prng *rng, disk_fate_fn *fate, void *ctx)
{
	struct disk *d = calloc(1, sizeof(*d));

	assert(d != NULL);
	d->rng = rng;
	d->fate = fate;
	d->ctx = ctx;
	while (d->number < DISKS_MAX && disks[d->number] != NULL)
		d->number++;
	assert(d->number < DISKS_MAX);
	disks[d->number] = d;
	return d;
}

void disk_free(struct disk *d)
{
	if (d == NULL)
		return;
	disks[d->number] = NULL;
	for (size_t i = 0; i < d->files_len; i++)
		file_free(d->files[i]);
	free(d->files);
	free(d);
}

void disk_path(char out[static DISK_PATH_MAX], const struct disk *d, const char *name)
{
	(void)snprintf(out, DISK_PATH_MAX, DISK_ROOT "%u/%s", d->number, name);
}

void disk_restart(struct disk *d, bool power_lost)
{
	for (size_t i = 0; i < FDS_MAX; i++)
		if (fds[i].disk == d)
			fds[i].disk = NULL;
	d->dead = false;
	if (!power_lost)
		return;
	if (d->changes > 0) {
		size_t kept = prng_below(d->rng, d->changes + 1);

		for (size_t i = 0; i < kept; i++)
			names_change(&d->synced, &d->change[i]);
		d->seen = d->synced;
		d->changes = 0;
	}
	for (size_t i = 0; i < d->files_len; i++)
		file_lose(d->files[i], d->rng);
	sweep(d);
}

/* --- accidents -------------------------------------------------------------------------------- */

static struct file *find(struct disk *d, const char *name)
{
	struct name *at = names_find(&d->seen, name);

	return at != NULL ? at->file : NULL;
}

bool disk_has(const struct disk *d, const char *name)
{
	for (size_t i = 0; i < d->seen.len; i++)
		if (strcmp(d->seen.at[i].text, name) == 0)
			return true;
	return false;
}

void disk_remove(struct disk *d, const char *name)
{
	change_names(d, name, "", NULL);
	sync_names(d);
}

bool disk_flip(struct disk *d, const char *name)
{
	struct file *f = find(d, name);
	size_t at;

	if (f == NULL || f->len < HEAD + RECORD)
		return false;
	file_sync(f);
	at = HEAD + prng_below(d->rng, RECORD);
	f->bytes[at] ^= (uint8_t)(1u << prng_below(d->rng, 8));
	f->dirty_to = f->len;
	file_sync(f);
	return true;
}

void disk_save(struct disk *d, const char *name)
{
	struct file *f = find(d, name), *copy;
	size_t at = 0;

	if (f == NULL)
		return;
	while (at < d->saved_len && strcmp(d->saved[at].text, name) != 0)
		at++;
	if (at == d->saved_len) {
		assert(at < sizeof(d->saved) / sizeof(d->saved[0]));
		(void)snprintf(d->saved[d->saved_len++].text, DISK_NAME_MAX, "%s", name);
	}
	copy = file_new(d);
	file_put(copy, f->bytes, f->len, 0);
	file_sync(copy);
	d->saved[at].file = copy;
}

bool disk_bring_back(struct disk *d, const char *name)
{
	for (size_t i = 0; i < d->saved_len; i++) {
		const struct file *old = d->saved[i].file;
		struct file *f;

		if (strcmp(d->saved[i].text, name) != 0)
			continue;
		f = file_new(d);
		file_put(f, old->bytes, old->len, 0);
		file_sync(f);
		change_names(d, "", name, f);
		sync_names(d);
		return true;
	}
	return false;
}

/* --- system calls ----------------------------------------------------------------------------- */

bool disk_is_path(const char *path)
{
	return strncmp(path, DISK_ROOT, sizeof(DISK_ROOT) - 1) == 0;
}

bool disk_is_fd(int fd)
{
	return fd >= FD_BASE && fd < FD_BASE + FDS_MAX;
}

static struct descriptor *fd_of(int fd)
{
	assert(disk_is_fd(fd) && fds[fd - FD_BASE].disk != NULL);
	return &fds[fd - FD_BASE];
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* The disk that a path names, and the name on it; "" is its folder. */
static struct disk *resolve(const char *path, const char **name)
{
	char *end;
	unsigned long number = strtoul(path + sizeof(DISK_ROOT) - 1, &end, 10);

	assert(number < DISKS_MAX && disks[number] != NULL);
	*name = *end == '/' ? end + 1 : end;
	assert(strlen(*name) < DISK_NAME_MAX);
	return disks[number];
}

static enum disk_fate fate(struct disk *d, enum disk_op op)
{
	enum disk_fate f = d->fate == NULL ? DISK_DONE : d->fate(d->ctx, op);

	if (f == DISK_DIES || f == DISK_TORN)
		d->dead = true;
	return f;
}

int disk_open(const char *path, int flags)
{
	const char *name;
	struct disk *d = resolve(path, &name);
	struct file *f = NULL;

	if (d->dead)
		return fail(EIO);
	if (*name != '\0') {
		f = find(d, name);
		if (f != NULL && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0)
			return fail(EEXIST);
		if (f == NULL && (flags & O_CREAT) == 0)
			return fail(ENOENT);
		if (f == NULL || (flags & O_TRUNC) != 0) {
			f = file_new(d);
			change_names(d, "", name, f);
		}
	}
	for (size_t i = 0; i < FDS_MAX; i++) {
		if (fds[i].disk != NULL)
			continue;
		fds[i] = (struct descriptor){ .disk = d, .file = f };
		return FD_BASE + (int)i;
	}
	return fail(EMFILE);
}

int disk_close(int fd)
{
	assert(disk_is_fd(fd));
	fds[fd - FD_BASE].disk = NULL;
	return 0;
}

ssize_t disk_read(int fd, void *buf, size_t len, off_t at)
{
	struct descriptor *x = fd_of(fd);
	size_t pos = at < 0 ? x->pos : (size_t)at;

	if (x->disk->dead || x->file == NULL)
		return fail(EIO);
	if (pos >= x->file->len)
		return 0;
	if (len > x->file->len - pos)
		len = x->file->len - pos;
	memcpy(buf, x->file->bytes + pos, len);
	if (at < 0)
		x->pos += len;
	return (ssize_t)len;
}

ssize_t disk_write(int fd, const void *buf, size_t len, off_t at)
{
	struct descriptor *x = fd_of(fd);
	size_t pos = at < 0 ? x->pos : (size_t)at;
	struct disk *d = x->disk;

	if (d->dead || x->file == NULL)
		return fail(EIO);
	switch (fate(d, DISK_WRITE)) {
	case DISK_DONE:
	case DISK_ERROR:
		break;
	case DISK_DIES:
		return fail(EIO);
	case DISK_TORN:
		file_put(x->file, buf, prng_below(d->rng, len), pos);
		return fail(EIO);
	case DISK_FULL:
		len = prng_below(d->rng, len + 1);
		if (len == 0)
			return fail(ENOSPC);
		break;
	}
	file_put(x->file, buf, len, pos);
	if (at < 0)
		x->pos += len;
	return (ssize_t)len;
}

int disk_sync(int fd)
{
	struct descriptor *x = fd_of(fd);
	struct disk *d = x->disk;

	if (d->dead)
		return fail(EIO);
	switch (fate(d, DISK_SYNC)) {
	case DISK_DONE:
	case DISK_TORN:
	case DISK_FULL:
		break;
	case DISK_DIES:
		return fail(EIO);
	case DISK_ERROR:
		/* What could not be written is forgotten, or came through all the same. */
		if (x->file != NULL)
			file_lose(x->file, d->rng);
		return fail(EIO);
	}
	if (x->file == NULL)
		sync_names(d);
	else
		file_sync(x->file);
	return 0;
}

int disk_truncate(int fd, off_t len)
{
	struct descriptor *x = fd_of(fd);

	if (x->disk->dead || x->file == NULL || (size_t)len > x->file->len)
		return fail(EIO);
	x->file->len = (size_t)len;
	if (x->file->dirty_to > x->file->len)
		x->file->dirty_to = x->file->len;
	if (x->file->dirty_from > x->file->dirty_to)
		x->file->dirty_from = x->file->dirty_to;
	return 0;
}

off_t disk_size(int fd)
{
	const struct descriptor *x = fd_of(fd);

	return x->file == NULL ? 0 : (off_t)x->file->len;
}

bool disk_is_folder_fd(int fd)
{
	return fd_of(fd)->file == NULL;
}

int disk_rename(const char *from, const char *to, bool replace)
{
	const char *old, *new;
	struct disk *d = resolve(from, &old);
	enum disk_fate f;

	if (d != resolve(to, &new))
		return fail(EXDEV);
	if (d->dead)
		return fail(EIO);
	if (find(d, old) == NULL)
		return fail(ENOENT);
	if (!replace && find(d, new) != NULL)
		return fail(EEXIST);
	f = fate(d, DISK_NAME);
	if (f == DISK_DIES)
		return fail(EIO);
	change_names(d, old, new, NULL);
	return f == DISK_TORN ? fail(EIO) : 0;
}

int disk_unlink(const char *path)
{
	const char *name;
	struct disk *d = resolve(path, &name);

	if (d->dead)
		return fail(EIO);
	if (find(d, name) == NULL)
		return fail(ENOENT);
	change_names(d, name, "", NULL);
	return 0;
}
