/*
 * cmd_export.c: tally-server export: the chain and its proofs, as anybody may have them.
 *
 * Invariant: FILE is the old one or a whole new one, also after a crash.
 */
#include "tally-server/node/commands.h"

#include "common/base/file.h"
#include "common/ledger/store.h"
#include "tally-server/node/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum status sync_and_close(FILE *f, enum status st)
{
	if (st == ST_OK && (fflush(f) != 0 || fsync(fileno(f)) != 0))
		st = ST_IO;
	if (fclose(f) != 0 && st == ST_OK)
		st = ST_IO;
	return st;
}

/* Into a file beside the last one, then under its name. */
static enum status write_archive(struct store *s, const char *out, bool replace)
{
	char part[LIMIT_PATH_BYTES], folder[LIMIT_PATH_BYTES];
	int fd, len = snprintf(part, sizeof(part), "%s.%ld.part", out, (long)getpid());
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
	st = sync_and_close(f, store_export(s, f, STORE_ALL));
	if (st == ST_OK && (replace ? rename(part, out) : link(part, out)) != 0)
		st = file_status(errno);
	if (st != ST_OK || !replace)
		(void)unlink(part);
	if (st != ST_OK)
		return st;
	memcpy(folder, out, strlen(out) + 1);
	return file_sync_folder(dirname(folder));
}

static enum status export(const struct settings *set, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	struct store *s = NULL;
	struct block_header tip;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if ((st = settings_data(set, path, "chain.db")) != ST_OK ||
	    (st = store_open(&s, path, STORE_READ, fault)) != ST_OK)
		return st;
	if ((st = store_tip(s, &tip, id)) == ST_OK)
		st = write_archive(s, opt.out, opt.replace);
	store_close(s);
	if (st == ST_OK) {
		printf("archive=%s\nheight=%" PRIu64 "\n", opt.out, tip.height);
		return ST_OK;
	}
	(void)fault_set(fault, st, "%s cannot be written: %s", opt.out, status_text(st));
	if (st == ST_EXISTS)
		fault_next(fault, "Choose another name, or say --replace.");
	return st;
}

int run_export(void)
{
	struct settings set;
	struct fault fault = { 0 };
	enum status st = settings_load(&set, opt.config, &fault);

	if (st == ST_OK)
		st = export(&set, &fault);
	settings_free(&set);
	return st == ST_OK ? cli_done(CLI_YES) : cli_fault(&fault);
}
