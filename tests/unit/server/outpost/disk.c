/*
 * disk.c: see disk.h.
 *
 * Invariant: `pending` lists, oldest first, what was done below the folder and not synced.
 */
#include "tests/unit/server/outpost/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PENDING_MAX = 4096, SECTOR = 512 };

enum kind { WRITE, TRUNCATE, RENAME, UNLINK };

struct op {
	enum kind kind;
	char path[PATH_MAX];
	char to[PATH_MAX];        /* RENAME */
	uint64_t at;              /* WRITE: offset; TRUNCATE: new size */
	uint64_t size;            /* of the file before */
	ino_t file;               /* WRITE, TRUNCATE: whatever its name is by now */
	uint8_t *was;             /* WRITE: bytes before; TRUNCATE, UNLINK: the file; RENAME: `to` */
	size_t was_len;
	bool had;                 /* RENAME: there was a `to` */
	uint8_t *now;             /* WRITE */
	size_t now_len;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static enum disk_cut cut;
static uint64_t cut_at, calls, random_state;
static char sync_name[64];        /* cut at a sync of it instead */
static unsigned int syncs_left;
static struct op *pending[PENDING_MAX];
static size_t pending_len;

/* --- below ----------------------------------------------------------------------------------- */

static ssize_t really_write(int fd, const void *p, size_t len, uint64_t at)
{
	return syscall(SYS_pwrite64, fd, p, len, (off_t)at);
}

static uint64_t draw(uint64_t below)
{
	random_state += 0x9e3779b97f4a7c15u;
	uint64_t z = random_state;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (z ^ z >> 31) % below;
}

static bool is_below(const char *path)
{
	size_t len = strlen(folder);

	return len > 0 && strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The path of a regular file or folder below ours. */
static bool path_of(char out[static PATH_MAX], int fd)
{
	char link[64];
	ssize_t len;

	if (folder[0] == '\0')
		return false;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, out, PATH_MAX - 1);
	if (len <= 0)
		return false;
	out[len] = '\0';
	return is_below(out);
}

/* A file from an offset on; NULL and 0 when there is none. */
static uint8_t *slurp(const char *path, uint64_t from, size_t max, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat info;
	uint8_t *bytes = NULL;

	*len = 0;
	if (fd >= 0 && fstat(fd, &info) == 0 && (uint64_t)info.st_size > from) {
		size_t there = (size_t)((uint64_t)info.st_size - from);

		*len = there < max ? there : max;
		bytes = malloc(*len);
		if (bytes == NULL || pread(fd, bytes, *len, (off_t)from) != (ssize_t)*len)
			abort();
	}
	if (fd >= 0)
		(void)close(fd);
	return bytes;
}


static void spit(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || really_write(fd, bytes, len, 0) != (ssize_t)len)
		abort();
	(void)close(fd);
}

/* --- undoing and doing again ----------------------------------------------------------------- */

static void undo(const struct op *op)
{
	int fd;

	switch (op->kind) {
	case WRITE:
		fd = open(op->path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return;   /* unlinked since */
		if (op->was_len > 0 &&
		    really_write(fd, op->was, op->was_len, op->at) != (ssize_t)op->was_len)
			abort();
		if (syscall(SYS_ftruncate, fd, (off_t)op->size) != 0)
			abort();
		(void)close(fd);
		break;
	case TRUNCATE:
	case UNLINK:
		spit(op->path, op->was, op->was_len);
		break;
	case RENAME:
		if (syscall(SYS_renameat2, AT_FDCWD, op->to, AT_FDCWD, op->path, 0) != 0)
			break;
		if (op->had)
			spit(op->to, op->was, op->was_len);
		break;
	}
}

/* A write that reached the disk in part: up to a sector, or as zeros. */
static void redo_write(const struct op *op)
{
	int fd = open(op->path, O_WRONLY | O_CLOEXEC);
	size_t len = op->now_len;
	uint8_t *zeros;

	if (fd < 0)
		return;
	switch (draw(4)) {
	case 0:   /* cut between two sectors */
		len = (size_t)draw(op->now_len / SECTOR + 1) * SECTOR;
		if (really_write(fd, op->now, len, op->at) != (ssize_t)len)
			abort();
		break;
	case 1:   /* the length, not the bytes */
		zeros = calloc(1, len + 1);
		if (zeros == NULL || (op->at >= op->size &&
		    really_write(fd, zeros, len, op->at) != (ssize_t)len))
			abort();
		free(zeros);
		break;
	default:
		if (really_write(fd, op->now, len, op->at) != (ssize_t)len)
			abort();
		break;
	}
	(void)close(fd);
}

static void lose_power(void)
{
	for (size_t i = pending_len; i-- > 0;)
		undo(pending[i]);
	for (size_t i = 0; cut == DISK_MIX && i < pending_len; i++) {
		const struct op *op = pending[i];

		if (draw(2) == 0)
			continue;
		switch (op->kind) {
		case WRITE:
			redo_write(op);
			break;
		case TRUNCATE:
			(void)syscall(SYS_truncate, op->path, (off_t)op->at);
			break;
		case RENAME:
			(void)syscall(SYS_renameat2, AT_FDCWD, op->path, AT_FDCWD, op->to, 0);
			break;
		case UNLINK:
			(void)syscall(SYS_unlinkat, AT_FDCWD, op->path, 0);
			break;
		}
	}
}

/* --- counting -------------------------------------------------------------------------------- */

static void end_here(void)
{
	if (cut == DISK_LOSE || cut == DISK_MIX)
		lose_power();
	_exit(DISK_EXIT);
}

/* Is it now?  fd and the rest are of a write, which a kill may leave half done. */
static void come_by(int fd, const void *p, size_t len, uint64_t at)
{
	uint64_t call = calls++;

	if (cut == DISK_COUNT || sync_name[0] != '\0' || call != cut_at)
		return;
	if (cut == DISK_KILL && len > 1)
		(void)really_write(fd, p, (size_t)draw(len), at);
	end_here();
}

/* Is it now, at a sync of a file by name? */
static void come_by_sync(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (sync_name[0] != '\0' && slash != NULL && strcmp(slash + 1, sync_name) == 0 &&
	    --syncs_left == 0)
		end_here();
}

static struct op *new_op(enum kind kind, const char *path)
{
	struct op *op = calloc(1, sizeof(*op));
	struct stat info;

	if (op == NULL || pending_len == PENDING_MAX)
		abort();
	op->kind = kind;
	(void)snprintf(op->path, sizeof(op->path), "%s", path);
	if (stat(path, &info) == 0) {
		op->size = (uint64_t)info.st_size;
		op->file = info.st_ino;
	}
	pending[pending_len++] = op;
	return op;
}

static void drop(size_t i)
{
	free(pending[i]->was);
	free(pending[i]->now);
	free(pending[i]);
	memmove(&pending[i], &pending[i + 1], (--pending_len - i) * sizeof(pending[0]));
}

/* What was done to a file; to the names in a folder. */
static void synced(const char *path)
{
	char parent[PATH_MAX];
	struct stat info = { .st_ino = 0 };

	(void)stat(path, &info);
	for (size_t i = 0; i < pending_len;) {
		const struct op *op = pending[i];
		char *slash;

		(void)snprintf(parent, sizeof(parent), "%s", op->path);
		if ((slash = strrchr(parent, '/')) != NULL)
			*slash = '\0';
		if ((op->kind == WRITE || op->kind == TRUNCATE) ? op->file == info.st_ino
		                                                : strcmp(parent, path) == 0)
			drop(i);
		else
			i++;
	}
}

/* --- in place of the C library's -------------------------------------------------------------- */

ssize_t pwrite(int fd, const void *p, size_t len, off_t at)
{
	char path[PATH_MAX];
	ssize_t n;

	if (!path_of(path, fd))
		return really_write(fd, p, len, (uint64_t)at);
	(void)pthread_mutex_lock(&lock);
	come_by(fd, p, len, (uint64_t)at);
	struct op *op = new_op(WRITE, path);

	op->at = (uint64_t)at;
	op->was = slurp(path, op->at, len, &op->was_len);
	op->now = malloc(len + 1);
	if (op->now == NULL)
		abort();
	memcpy(op->now, p, len);
	op->now_len = len;
	n = really_write(fd, p, len, (uint64_t)at);
	(void)pthread_mutex_unlock(&lock);
	return n;
}

ssize_t pwrite64(int fd, const void *p, size_t len, off64_t at)
{
	return pwrite(fd, p, len, at);
}

/* Files are written from where the descriptor stands. */
ssize_t write(int fd, const void *p, size_t len)
{
	char path[PATH_MAX];
	off_t at;
	ssize_t n;

	if (!path_of(path, fd) || (at = lseek(fd, 0, SEEK_CUR)) < 0)
		return syscall(SYS_write, fd, p, len);
	n = pwrite(fd, p, len, at);
	if (n > 0)
		(void)lseek(fd, at + n, SEEK_SET);
	return n;
}

int ftruncate(int fd, off_t size)
{
	char path[PATH_MAX];
	int done;

	if (!path_of(path, fd))
		return (int)syscall(SYS_ftruncate, fd, size);
	(void)pthread_mutex_lock(&lock);
	come_by(fd, NULL, 0, 0);
	struct op *op = new_op(TRUNCATE, path);

	op->at = (uint64_t)size;
	op->was = slurp(path, 0, SIZE_MAX, &op->was_len);
	done = (int)syscall(SYS_ftruncate, fd, size);
	(void)pthread_mutex_unlock(&lock);
	return done;
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int fsync(int fd)
{
	char path[PATH_MAX];

	if (!path_of(path, fd))
		return 0;
	(void)pthread_mutex_lock(&lock);
	come_by(fd, NULL, 0, 0);
	come_by_sync(path);
	synced(path);
	(void)pthread_mutex_unlock(&lock);
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

static int rename_op(const char *from, const char *to, unsigned int flags)
{
	int done, error;

	if (!is_below(to))
		return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
	(void)pthread_mutex_lock(&lock);
	come_by(-1, NULL, 0, 0);
	struct op *op = new_op(RENAME, from);

	(void)snprintf(op->to, sizeof(op->to), "%s", to);
	op->had = access(to, F_OK) == 0;
	op->was = slurp(to, 0, SIZE_MAX, &op->was_len);
	done = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
	error = errno;
	if (done != 0)
		drop(pending_len - 1);
	(void)pthread_mutex_unlock(&lock);
	errno = error;
	return done;
}

int rename(const char *from, const char *to)
{
	return rename_op(from, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	if (from_fd != AT_FDCWD || to_fd != AT_FDCWD)
		abort();
	return rename_op(from, to, flags);
}

int unlink(const char *path)
{
	int done, error;

	if (!is_below(path))
		return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	(void)pthread_mutex_lock(&lock);
	come_by(-1, NULL, 0, 0);
	struct op *op = new_op(UNLINK, path);

	op->was = slurp(path, 0, SIZE_MAX, &op->was_len);
	done = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
	error = errno;
	if (done != 0)
		drop(pending_len - 1);
	(void)pthread_mutex_unlock(&lock);
	errno = error;
	return done;
}

/* --- arming ---------------------------------------------------------------------------------- */

void disk_arm(const char *below, enum disk_cut how, uint64_t at, uint64_t seed)
{
	(void)pthread_mutex_lock(&lock);
	(void)snprintf(folder, sizeof(folder), "%s", below);
	cut = how;
	cut_at = at;
	sync_name[0] = '\0';
	calls = 0;
	random_state = seed;
	while (pending_len > 0)
		drop(pending_len - 1);
	(void)pthread_mutex_unlock(&lock);
}

void disk_arm_sync(const char *below, enum disk_cut how, const char *name, unsigned int nth,
                   uint64_t seed)
{
	disk_arm(below, how, 0, seed);
	(void)snprintf(sync_name, sizeof(sync_name), "%s", name);
	syncs_left = nth;
}

uint64_t disk_calls(void)
{
	return calls;
}
