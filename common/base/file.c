/*
 * file.c: see file.h.
 *
 * Invariant: a descriptor opened here is closed on every way out, and every one is O_CLOEXEC.
 */
#include "common/base/file.h"

#include "common/base/crash.h"
#include "crypto/rng.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 4096, TEMP_TRIES = 100, TEMP_DIGITS = 16 };

static const char TEMP_END[] = ".tmp";   /* after a point and TEMP_DIGITS hex digits */

enum status file_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		return ST_NOT_FOUND;
	case EEXIST:
	case ENOTEMPTY:
		return ST_EXISTS;
	case EACCES:
	case EPERM:
	case EROFS:
	case ELOOP:
		return ST_DENIED;
	case EISDIR:
		return ST_FORMAT;
	case ENAMETOOLONG:
		return ST_LIMIT;
	case ENOMEM:
		return ST_NO_MEMORY;
	case EAGAIN:
		return ST_AGAIN;
	default:
		return ST_IO;
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Up to size bytes, less only at the end of the file. */
static enum status read_up_to(int fd, uint8_t *buf, size_t *len, size_t size)
{
	*len = 0;
	while (*len < size) {
		ssize_t n = read(fd, buf + *len, size - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_status(errno);
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return ST_OK;
}

static enum status open_for_reading(int *fd, const char *path)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return *fd < 0 ? file_status(errno) : ST_OK;
}

/* The buffer doubles until the file ends or is longer than max. */
static enum status read_growing(int fd, uint8_t **buf, size_t *len, size_t max)
{
	size_t size = max < FIRST_BYTES ? max : FIRST_BYTES, more = 0;
	enum status st;

	*len = 0;
	for (;;) {
		uint8_t *bigger = realloc(*buf, size + 2);   /* a byte too many, and the NUL */

		if (bigger == NULL)
			return ST_NO_MEMORY;
		*buf = bigger;
		if ((st = read_up_to(fd, *buf + *len, &more, size + 1 - *len)) != ST_OK)
			return st;
		*len += more;
		if (*len <= size)
			return ST_OK;
		if (size == max)
			return ST_LIMIT;
		size = size > max / 2 ? max : 2 * size;
	}
}

enum status file_read(const char *path, uint8_t **out, size_t *len, size_t max)
{
	uint8_t *buf = NULL;
	enum status st;
	int fd;

	assert(max < SIZE_MAX / 2);
	*out = NULL;
	*len = 0;
	if ((st = open_for_reading(&fd, path)) != ST_OK)
		return st;
	st = read_growing(fd, &buf, len, max);
	close(fd);
	if (st != ST_OK) {
		free(buf);
		*len = 0;
		return st;
	}
	buf[*len] = '\0';
	*out = buf;
	return ST_OK;
}

enum status file_read_into(const char *path, void *buf, size_t *len, size_t size)
{
	size_t more = 0;
	uint8_t extra;
	enum status st;
	int fd;

	*len = 0;
	if ((st = open_for_reading(&fd, path)) != ST_OK)
		return st;
	st = read_up_to(fd, buf, len, size);
	if (st == ST_OK)
		st = read_up_to(fd, &extra, &more, 1);
	close(fd);
	return st == ST_OK && more > 0 ? ST_LIMIT : st;
}

/* --- writing ---------------------------------------------------------------------------------- */

static enum status write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return file_status(errno);
		p += n;
		len -= (size_t)n;
	}
	return ST_OK;
}

/* "folder" of "folder/name"; "." of "name"; "/" of "/name". */
static enum status folder_of(char out[static PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len >= PATH_MAX)
		return ST_LIMIT;
	if (slash == NULL)
		snprintf(out, PATH_MAX, ".");
	else if (len == 0)
		snprintf(out, PATH_MAX, "/");
	else
		snprintf(out, PATH_MAX, "%.*s", (int)len, path);
	return ST_OK;
}

enum status file_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return file_status(errno);
	rc = fsync(fd);
	/* Some file systems cannot sync a folder and say so; there is nothing more to do there. */
	if (rc != 0 && errno != EINVAL && errno != ENOTSUP) {
		close(fd);
		return ST_IO;
	}
	close(fd);
	return ST_OK;
}

/* A new file beside path with a name that nobody can foresee; its name goes to temp. */
static enum status open_temp(int *fd, char temp[static PATH_MAX], const char *path)
{
	for (int i = 0; i < TEMP_TRIES; i++) {
		uint32_t tag[2];
		int len;

		rng_bytes(tag, sizeof(tag));
		len = snprintf(temp, PATH_MAX, "%s.%08x%08x%s", path, tag[0], tag[1], TEMP_END);
		if (len < 0 || len >= PATH_MAX)
			return ST_LIMIT;
		*fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (*fd >= 0)
			return ST_OK;
		if (errno != EEXIST)
			return file_status(errno);
	}
	return ST_EXISTS;
}

/* Give temp its name.  Only FILE_REPLACE replaces, not even one that came up this moment. */
static enum status take_name(const char *temp, const char *path, enum file_mode mode)
{
	if (mode == FILE_REPLACE)
		return rename(temp, path) == 0 ? ST_OK : file_status(errno);
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
		return ST_OK;
	if (errno != EINVAL && errno != ENOSYS)
		return file_status(errno);
	/* A file system without that call: a hard link does not replace either. */
	if (link(temp, path) != 0)
		return file_status(errno);
	return unlink(temp) == 0 ? ST_OK : file_status(errno);
}

static enum status fill(int fd, const void *p, size_t len, enum file_access access)
{
	mode_t bits = access == FILE_PUBLIC ? 0644 : 0600;
	enum status st = write_all(fd, p, len);

	if (st != ST_OK)
		return st;
	if (fchmod(fd, bits) != 0 && access == FILE_PRIVATE)
		return file_status(errno);
	return fsync(fd) == 0 ? ST_OK : file_status(errno);
}

/* Is the open file a whole one with these bytes? */
static bool holds(int fd, const uint8_t *p, size_t len)
{
	uint8_t part[FIRST_BYTES];
	struct stat info;
	size_t at = 0, n = 1;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || (uint64_t)info.st_size != len)
		return false;
	while (at < len && n > 0) {
		if (read_up_to(fd, part, &n, sizeof(part)) != ST_OK || n > len - at ||
		    memcmp(part, p + at, n) != 0)
			return false;
		at += n;
	}
	return at == len;
}

/* ST_OK: nothing stands there, or *done: what is wanted does. */
static enum status look_there(const char *path, bool *done, const void *p, size_t len,
                              enum file_mode mode)
{
	int fd;

	if (mode == FILE_REPLACE || faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return ST_OK;
	if (mode == FILE_NEW)
		return ST_EXISTS;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return ST_EXISTS;
	*done = holds(fd, p, len);
	close(fd);
	return *done ? ST_OK : ST_EXISTS;
}

enum status file_write(const char *path, const void *p, size_t len, enum file_mode mode,
                       enum file_access access)
{
	char temp[PATH_MAX], folder[PATH_MAX];
	bool done = false;
	enum status st;
	int fd;

	if ((st = folder_of(folder, path)) != ST_OK ||
	    (st = look_there(path, &done, p, len, mode)) != ST_OK)
		return st;
	if (done)
		return file_sync_folder(folder);   /* who wrote it may have been killed before that */
	if ((st = open_temp(&fd, temp, path)) != ST_OK)
		return st;
	st = fill(fd, p, len, access);
	if (close(fd) != 0 && st == ST_OK)
		st = file_status(errno);
	crash_point("file-written");
	if (st == ST_OK)
		st = take_name(temp, path, mode);
	if (st != ST_OK) {
		(void)unlink(temp);
		return st;
	}
	crash_point("file-named");
	return file_sync_folder(folder);
}

/* --- what a killed program left --------------------------------------------------------------- */

static bool is_temp(const char *name)
{
	size_t len = strlen(name), end = sizeof(TEMP_END) - 1;
	const char *digits;

	if (len < 1 + TEMP_DIGITS + end || strcmp(name + len - end, TEMP_END) != 0)
		return false;
	digits = name + len - end - TEMP_DIGITS;
	return digits[-1] == '.' && strspn(digits, "0123456789abcdef") == TEMP_DIGITS;
}

enum status file_sweep(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	enum status st = ST_OK;

	if (dir == NULL)
		return file_status(errno);
	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (entry == NULL && errno != 0)
			st = file_status(errno);
		if (entry == NULL)
			break;
		if (is_temp(entry->d_name) && unlinkat(dirfd(dir), entry->d_name, 0) != 0 &&
		    errno != ENOENT)
			st = file_status(errno);
	}
	closedir(dir);
	return st;
}

/* --- names ------------------------------------------------------------------------------------ */

bool file_is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

bool file_is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

enum status file_make_folder(const char *path, enum file_access access)
{
	mode_t bits = access == FILE_PUBLIC ? 0755 : 0700;
	char folder[PATH_MAX];
	enum status st = folder_of(folder, path);

	if (st != ST_OK)
		return st;
	if (mkdir(path, 0700) != 0)
		return file_status(errno);
	if (bits != 0700 && chmod(path, bits) != 0)
		return file_status(errno);
	return file_sync_folder(folder);
}

enum status file_rename_folder(const char *from, const char *to)
{
	char folder[PATH_MAX];
	enum status st = folder_of(folder, to);

	if (st != ST_OK)
		return st;
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0 &&
	    /* A file system without that call: this replaces an empty folder at most. */
	    ((errno != EINVAL && errno != ENOSYS) || rename(from, to) != 0))
		return file_status(errno);
	return file_sync_folder(folder);
}

enum status file_join(char *out, size_t out_size, const char *folder, const char *name)
{
	int len = snprintf(out, out_size, "%s/%s", folder, name);

	return len < 0 || (size_t)len >= out_size ? ST_LIMIT : ST_OK;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum status collect(struct file_names *out, DIR *dir, size_t max)
{
	for (;;) {
		struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (entry == NULL)
			return errno == 0 ? ST_OK : file_status(errno);
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (out->count == max)
			return ST_LIMIT;
		out->name[out->count] = strdup(entry->d_name);
		if (out->name[out->count] == NULL)
			return ST_NO_MEMORY;
		out->count++;
	}
}

enum status file_list(struct file_names *out, const char *path, size_t max)
{
	DIR *dir = opendir(path);
	enum status st;

	out->count = 0;
	out->name = NULL;
	if (dir == NULL)
		return file_status(errno);
	out->name = calloc(max + 1, sizeof(out->name[0]));
	st = out->name == NULL ? ST_NO_MEMORY : collect(out, dir, max);
	closedir(dir);
	if (st != ST_OK) {
		file_names_free(out);
		return st;
	}
	qsort(out->name, out->count, sizeof(out->name[0]), by_bytes);
	return ST_OK;
}

void file_names_free(struct file_names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < names->count; i++)
		free(names->name[i]);
	free(names->name);
	names->name = NULL;
	names->count = 0;
}

enum status file_lock(int *lock, const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	*lock = -1;
	if (fd < 0)
		return file_status(errno);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum status st = file_status(errno);

		close(fd);
		return st;
	}
	*lock = fd;
	return ST_OK;
}

void file_unlock(int lock)
{
	if (lock >= 0)
		close(lock);
}
