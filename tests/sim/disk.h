/*
 * disk.h: a disk in memory for files whose paths begin with DISK_ROOT (docs/simulation.md).
 *
 * wrap.c leads the system calls of the production logs here.  What was written is seen at once by
 * who reads it; what a crash leaves is what was synced, and some of the rest.
 *
 * Invariant: nothing that a sync reported as done is lost by a crash.
 */
#ifndef KALPIS_TESTS_SIM_DISK_H
#define KALPIS_TESTS_SIM_DISK_H

#include "tests/unit/lib/prng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DISK_ROOT "/kalpis-disk/"

enum { DISK_NAME_MAX = 96, DISK_PATH_MAX = 128, DISKS_MAX = 32 };

struct disk;

enum disk_op { DISK_WRITE, DISK_SYNC, DISK_NAME };
enum disk_fate {
	DISK_DONE,
	DISK_DIES,        /* the process ends before it */
	DISK_TORN,        /* WRITE: within it; NAME: after it, before anybody knows */
	DISK_FULL,        /* WRITE: some of it, or none, fits */
	DISK_ERROR        /* SYNC: it failed, and what it did is unknown */
};
/* What becomes of the next operation. */
typedef enum disk_fate disk_fate_fn(void *ctx, enum disk_op op);

struct disk *disk_new(struct prng *rng, disk_fate_fn *fate, void *ctx);
void disk_free(struct disk *d);
/* The path of a file on it. */
void disk_path(char out[static DISK_PATH_MAX], const struct disk *d, const char *name);

/* After a process died: every descriptor is closed, and operations work again. */
void disk_restart(struct disk *d, bool power_lost);

/* --- accidents.  Of files that are closed. ---------------------------------------------------- */
bool disk_has(const struct disk *d, const char *name);
void disk_remove(struct disk *d, const char *name);
bool disk_flip(struct disk *d, const char *name);        /* one bit of a log's first record */
void disk_save(struct disk *d, const char *name);        /* a copy that disk_bring_back restores */
bool disk_bring_back(struct disk *d, const char *name);

/* --- system calls ----------------------------------------------------------------------------- */
bool disk_is_path(const char *path);
bool disk_is_fd(int fd);
int disk_open(const char *path, int flags);
int disk_close(int fd);
ssize_t disk_read(int fd, void *buf, size_t len, off_t at);    /* at < 0: where it stands */
ssize_t disk_write(int fd, const void *buf, size_t len, off_t at);
int disk_sync(int fd);
int disk_truncate(int fd, off_t len);
off_t disk_size(int fd);
bool disk_is_folder_fd(int fd);
int disk_rename(const char *from, const char *to, bool replace);
int disk_unlink(const char *path);

#endif
