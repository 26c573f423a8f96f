/*
 * wrap.c: the system calls that the production logs make, led to the disk of disk.c when they
 * speak of its files.  The linker puts these in their place (--wrap, tests/sim/sim.mk).
 *
 * And sign_message: in a simulation whose signatures are a cheap hash, the signer makes such.
 */
#include "tests/sim/disk.h"
#include "tests/sim/sim.h"
#include "tests/sim/wrap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int __wrap_open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (disk_is_path(path))
		return disk_open(path, flags);
	va_start(ap, flags);
	if ((flags & O_CREAT) != 0)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return __real_open(path, flags, mode);
}

int __wrap_close(int fd)
{
	return disk_is_fd(fd) ? disk_close(fd) : __real_close(fd);
}

ssize_t __wrap_read(int fd, void *buf, size_t len)
{
	return disk_is_fd(fd) ? disk_read(fd, buf, len, -1) : __real_read(fd, buf, len);
}

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t at)
{
	return disk_is_fd(fd) ? disk_read(fd, buf, len, at) : __real_pread(fd, buf, len, at);
}

ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	return disk_is_fd(fd) ? disk_write(fd, buf, len, -1) : __real_write(fd, buf, len);
}

ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return disk_is_fd(fd) ? disk_write(fd, buf, len, at) : __real_pwrite(fd, buf, len, at);
}

int __wrap_fsync(int fd)
{
	return disk_is_fd(fd) ? disk_sync(fd) : __real_fsync(fd);
}

int __wrap_fdatasync(int fd)
{
	return disk_is_fd(fd) ? disk_sync(fd) : __real_fdatasync(fd);
}

int __wrap_ftruncate(int fd, off_t len)
{
	return disk_is_fd(fd) ? disk_truncate(fd, len) : __real_ftruncate(fd, len);
}

int __wrap_fstat(int fd, struct stat *out)
{
	if (!disk_is_fd(fd))
		return __real_fstat(fd, out);
	memset(out, 0, sizeof(*out));
	out->st_mode = disk_is_folder_fd(fd) ? S_IFDIR : S_IFREG;
	out->st_size = disk_size(fd);
	return 0;
}

int __wrap_fchmod(int fd, mode_t mode)
{
	return disk_is_fd(fd) ? 0 : __real_fchmod(fd, mode);
}

int __wrap_flock(int fd, int how)
{
	return disk_is_fd(fd) ? 0 : __real_flock(fd, how);
}

int __wrap_rename(const char *from, const char *to)
{
	return disk_is_path(from) ? disk_rename(from, to, true) : __real_rename(from, to);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned int flags)
{
	return disk_is_path(from) ? disk_rename(from, to, (flags & RENAME_NOREPLACE) == 0)
	                          : __real_renameat2(from_dir, from, to_dir, to, flags);
}

int __wrap_unlink(const char *path)
{
	return disk_is_path(path) ? disk_unlink(path) : __real_unlink(path);
}

int __wrap_faccessat(int dir, const char *path, int mode, int flags)
{
	int fd;

	if (!disk_is_path(path))
		return __real_faccessat(dir, path, mode, flags);
	fd = disk_open(path, O_RDONLY);
	return fd < 0 ? -1 : disk_close(fd);
}

void __wrap_sign_message(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                         const struct message *m)
{
	unsigned int signer;

	if (m->body_len == VOTE_BODY_BYTES && signature_is_fake(&signer, secret))
		signature_fake(sig, signer, m->body);
	else
		__real_sign_message(secret, sig, m);
}
