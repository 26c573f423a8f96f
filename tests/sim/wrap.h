/*
 * wrap.h: what the linker calls a function of SIM_WRAPPED, and where the real one is.
 */
#ifndef KALPIS_TESTS_SIM_WRAP_H
#define KALPIS_TESTS_SIM_WRAP_H

#include "crypto/sign.h"

#include <sys/stat.h>
#include <sys/types.h>

int __wrap_open(const char *path, int flags, ...);
int __real_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __real_close(int fd);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t at);
ssize_t __real_pread(int fd, void *buf, size_t len, off_t at);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t __real_pwrite(int fd, const void *buf, size_t len, off_t at);
int __wrap_fsync(int fd);
int __real_fsync(int fd);
int __wrap_fdatasync(int fd);
int __real_fdatasync(int fd);
int __wrap_ftruncate(int fd, off_t len);
int __real_ftruncate(int fd, off_t len);
int __wrap_fstat(int fd, struct stat *out);
int __real_fstat(int fd, struct stat *out);
int __wrap_fchmod(int fd, mode_t mode);
int __real_fchmod(int fd, mode_t mode);
int __wrap_flock(int fd, int how);
int __real_flock(int fd, int how);
int __wrap_rename(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned int flags);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to,
                     unsigned int flags);
int __wrap_unlink(const char *path);
int __real_unlink(const char *path);
int __wrap_faccessat(int dir, const char *path, int mode, int flags);
int __real_faccessat(int dir, const char *path, int mode, int flags);
void __wrap_sign_message(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                         const struct message *m);
void __real_sign_message(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                         const struct message *m);

#endif
