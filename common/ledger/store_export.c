/*
 * store_export.c: see store.h: the archive of what a store holds.
 *
 * Rows are only ever added, so that what stands at or below the tip seen at the beginning is one
 * state of the chain, whatever the node puts meanwhile.
 *
 * Invariant: reads through store.h alone.
 */
#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/ledger/archive.h"
#include "common/ledger/store.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status export_blocks(struct store *s, struct archive_writer *w, uint64_t tip)
{
	for (uint64_t height = 0; height <= tip; height++) {
		struct block_header h;
		uint8_t *body = NULL;
		size_t body_len = 0;
		enum status st = store_block(s, height, &h, &body, &body_len);

		if (st == ST_OK)
			archive_write_block(w, &h, body, body_len);
		free(body);
		if (st != ST_OK)
			return st == ST_NOT_FOUND ? ST_HASH : st;
	}
	return ST_OK;
}

static enum status export_sigs(struct store *s, struct archive_writer *w)
{
	uint8_t sigs[LIMIT_TRUSTEES][STORE_GENESIS_SIG_BYTES];
	size_t count = 0;
	enum status st = store_genesis_sigs(s, sigs, &count);

	if (st == ST_OK)
		archive_write_genesis_sigs(w, (const uint8_t (*)[64])sigs, count);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/* Every certificate of a view up to the tip's, in order of view and type. */
static enum status export_certificates(struct store *s, struct archive_writer *w, uint64_t view)
{
	struct certificate c;
	uint64_t at = 0;
	unsigned int type = 0;
	enum status st;

	while ((st = store_certificate_next(s, &c, type, at)) == ST_OK && c.view <= view) {
		archive_write_certificate(w, &c);
		at = c.view;
		type = (unsigned int)c.type;
	}
	return st == ST_NOT_FOUND ? ST_OK : st;
}

static enum status export_newest(struct store *s, struct archive_writer *w, uint64_t tip)
{
	struct certified_head head;
	enum status st = store_certified(s, &head, 0, tip);

	if (st == ST_OK)
		archive_write_certificate(w, &head.certificate);
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/* What came after the tip was read may vouch for a block above it. */
static enum status export_cosignatures(struct store *s, struct archive_writer *w,
                                       const struct block_header *tip)
{
	for (int head = COSIGNED_END; head <= COSIGNED_RESULT; head++) {
		for (uint8_t node = 0; node < LIMIT_TRUSTEES; node++) {
			struct cosignature c;
			enum status st = store_cosignature(s, &c, (enum cosigned_head)head, node);

			if (st == ST_OK && c.size <= tip->log_size)
				archive_write_cosignature(w, &c);
			else if (st != ST_OK && st != ST_NOT_FOUND)
				return st;
		}
	}
	return ST_OK;
}

enum status store_export(struct store *s, FILE *file, enum store_export what)
{
	uint8_t id[BLOCK_ID_BYTES];
	struct archive_writer w;
	struct block_header tip;
	enum status st;

	if ((st = store_tip(s, &tip, id)) != ST_OK)
		return st;
	archive_write_begin(&w, file);
	if ((st = export_blocks(s, &w, tip.height)) != ST_OK ||
	    (st = export_sigs(s, &w)) != ST_OK)
		return st;
	switch (what) {
	case STORE_ENOUGH:
		st = export_newest(s, &w, tip.height);
		break;
	case STORE_ALL:
		st = export_certificates(s, &w, tip.view);
		break;
	}
	if (st == ST_OK)
		st = export_cosignatures(s, &w, &tip);
	return st == ST_OK ? archive_write_end(&w) : st;
}

/* --- into a file ------------------------------------------------------------------------------ */

static enum status sync_and_close(FILE *f, enum status st)
{
	if (st == ST_OK && (fflush(f) != 0 || fsync(fileno(f)) != 0))
		st = ST_IO;
	if (fclose(f) != 0 && st == ST_OK)
		st = ST_IO;
	return st;
}

enum status store_export_file(struct store *s, const char *path, enum store_export what,
                              bool replace)
{
	char part[LIMIT_PATH_BYTES], folder[LIMIT_PATH_BYTES];
	int fd, len = snprintf(part, sizeof(part), "%s.%ld.part", path, (long)getpid());
	FILE *f;
	enum status st;

	if (len < 0 || (size_t)len >= sizeof(part))
		return ST_LIMIT;
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return file_status(errno);
	if ((f = fdopen(fd, "wb")) == NULL) {
		(void)close(fd);
		(void)unlink(part);
		return ST_NO_MEMORY;
	}
	(void)fchmod(fd, 0644);
	st = sync_and_close(f, store_export(s, f, what));
	crash_point("export-written");
	if (st == ST_OK && (replace ? rename(part, path) : link(part, path)) != 0)
		st = file_status(errno);
	if (st != ST_OK || !replace)
		(void)unlink(part);
	if (st != ST_OK)
		return st;
	memcpy(folder, path, strlen(path) + 1);   /* part is longer, and fits */
	return file_sync_folder(dirname(folder));
}
