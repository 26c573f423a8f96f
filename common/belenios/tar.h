/*
 * tar.h: the tar of a Belenios archive, in the one form that Belenios writes (docs/belenios.md,
 * "The file").
 *
 * Every entry is a plain file of mode 0644, user and group 0, with the time of the archive's
 * beginning; after the header its bytes, then zeros to a whole block of 512.  There are no links,
 * folders, extensions or closing blocks.  A header is accepted when it is, byte for byte, the one
 * tar_header writes for the name, size and time that it states: so nothing hostile has to be
 * recognised, and an archive written again from what was read is the same file (decisions/0096).
 *
 * Invariant: a struct tar stands between two entries, or where a failure was met.
 */
#ifndef KALPIS_BELENIOS_TAR_H
#define KALPIS_BELENIOS_TAR_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum { TAR_BLOCK = 512, TAR_NAME_BYTES = 100 };

/* Where the bytes are: memory, or an open file.  Borrowed.  Threads may share one. */
struct tar_source {
	const uint8_t *bytes;   /* NULL: fd is read */
	int fd;
	uint64_t len;
};

/* fd is open for reading; its present size is what counts.  ST_IO; ST_FORMAT: not a plain file. */
MUST_USE enum status tar_source_file(struct tar_source *src, int fd);
void tar_source_memory(struct tar_source *src, const void *bytes, size_t len);
/* Exactly len bytes from offset.  ST_FORMAT: there are fewer; ST_IO. */
MUST_USE enum status tar_read(const struct tar_source *src, void *out, uint64_t offset,
                              size_t len);

struct tar_entry {
	char name[TAR_NAME_BYTES];   /* printable ASCII, NUL-terminated */
	uint64_t offset;             /* of its content */
	uint64_t size;
	uint64_t time;               /* seconds since 1970 */
};

struct tar {
	const struct tar_source *src;
	uint64_t pos;
};

/*
 * The next entry; its content is src's, from out->offset.  ST_NOT_FOUND: the archive ends here,
 * with a whole entry.  ST_FORMAT: a header of another form, a file cut short, or padding that is
 * not zero.
 */
MUST_USE enum status tar_next(struct tar *t, struct tar_entry *out);

/* The header of an entry.  ST_LIMIT: the name has TAR_NAME_BYTES characters or more, or size or
 * time eleven octal digits are too few for. */
MUST_USE enum status tar_header(uint8_t out[static TAR_BLOCK], const char *name, uint64_t size,
                                uint64_t time);
/* Bytes of zeros after so many of content. */
size_t tar_padding(uint64_t size);

#endif
