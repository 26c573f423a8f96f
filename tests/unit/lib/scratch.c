/*
 * scratch.c: see scratch.h.
 *
 * Invariant: only what scratch_folder made is removed.
 */
#include "tests/unit/lib/scratch.h"

#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static char folder[SCRATCH_PATH_BYTES];

const char *scratch_folder(void)
{
	const char *base = getenv("TMPDIR");

	if (folder[0] == '\0') {
		snprintf(folder, sizeof(folder), "%s/kalpis-test-XXXXXX", base != NULL ? base : "/tmp");
		if (mkdtemp(folder) == NULL) {
			perror(folder);
			exit(1);
		}
	}
	return folder;
}

const char *scratch_path(const char *name)
{
	static char path[8][SCRATCH_PATH_BYTES];
	static size_t next;
	char *out = path[next++ % 8];
	int len = snprintf(out, SCRATCH_PATH_BYTES, "%s/%s", scratch_folder(), name);

	if (len < 0 || len >= SCRATCH_PATH_BYTES)
		exit(1);
	return out;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

void scratch_remove(void)
{
	if (folder[0] != '\0')
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	folder[0] = '\0';
}
