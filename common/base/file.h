/*
 * file.h: whole files: read with a limit, written so that a power cut leaves the old or the new
 * one and never half.
 *
 * Invariant: a file_write that returned ST_OK has reached the disk, name and all.  Nothing is
 * overwritten unless the caller says FILE_REPLACE.
 */
#ifndef KALPIS_BASE_FILE_H
#define KALPIS_BASE_FILE_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum file_mode {
	FILE_NEW,       /* ST_EXISTS when there is one */
	FILE_SAME,      /* as FILE_NEW, but one that holds these very bytes already is as good */
	FILE_REPLACE
};

enum file_access {
	FILE_PUBLIC,    /* 0644, whatever the umask */
	FILE_PRIVATE    /* 0600 */
};

/*
 * Read everything.  *out is allocated, has a NUL after its last byte, and is the caller's to free;
 * NULL on failure.  ST_LIMIT when there are more than max bytes; ST_NOT_FOUND, ST_DENIED, ST_IO.
 * Folders are ST_FORMAT.  Pipes are read to their end.  Not for secrets: it may move its buffer.
 */
MUST_USE enum status file_read(const char *path, uint8_t **out, size_t *len, size_t max);
/* Into the caller's buffer of size bytes (secrets: in locked memory); no NUL is added. */
MUST_USE enum status file_read_into(const char *path, void *buf, size_t *len, size_t size);

/*
 * Write to a temporary file beside path, sync it, rename it, sync the folder.  On failure path is
 * as it was and the temporary file is gone; only when the last step, syncing the folder, fails is
 * the new file in place without certainty that its name would survive a power cut.
 */
MUST_USE enum status file_write(const char *path, const void *p, size_t len, enum file_mode mode,
                                enum file_access access);

/*
 * Remove what a file_write that was killed left in a folder: its temporary files, of any name.
 * Only of a folder in which nobody else writes now.
 */
MUST_USE enum status file_sweep(const char *folder);

/* Follows links.  False also when it cannot be told. */
bool file_is_there(const char *path);
bool file_is_folder(const char *path);
/* One folder; its parent must exist.  ST_EXISTS when there is one; mode 0755 or 0700. */
MUST_USE enum status file_make_folder(const char *path, enum file_access access);
/* Give a folder another name beside the old one; never replaces one that holds anything. */
MUST_USE enum status file_rename_folder(const char *from, const char *to);
/* The folder's entries reach the disk. */
MUST_USE enum status file_sync_folder(const char *path);

/* Names in a folder, sorted by bytes, "." and ".." left out. */
struct file_names {
	char **name;
	size_t count;
};
/* ST_LIMIT when there are more than max.  The caller frees with file_names_free. */
MUST_USE enum status file_list(struct file_names *out, const char *path, size_t max);
void file_names_free(struct file_names *names);

/*
 * Hold path (created, empty, private, if it is not there) for this process alone, until
 * file_unlock or the end of the process.  ST_AGAIN when another holds it.
 */
MUST_USE enum status file_lock(int *lock, const char *path);
void file_unlock(int lock);

/* "folder/name"; ST_LIMIT when it does not fit in out_size with its NUL. */
MUST_USE enum status file_join(char *out, size_t out_size, const char *folder, const char *name);

/* What errno says, as a status: ST_NOT_FOUND, ST_EXISTS, ST_DENIED, ST_NO_MEMORY or ST_IO. */
enum status file_status(int error);

#endif
