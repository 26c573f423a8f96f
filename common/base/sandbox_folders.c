/*
 * sandbox_folders.c: which files a process reaches, by Landlock: see sandbox.h.
 *
 * Landlock is Linux 5.13 and later; Debian 12 has its second version.  Rights that a kernel does
 * not know yet are not asked for.
 */
#include "common/base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of a later kernel than the headers. */
static const uint64_t TRUNCATE = UINT64_C(1) << 14;

static const uint64_t READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	LANDLOCK_ACCESS_FS_EXECUTE;
static const uint64_t OF_FILES = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
	LANDLOCK_ACCESS_FS_EXECUTE | (UINT64_C(1) << 14);

/* Everything that this version can forbid. */
static uint64_t all_rights(long version)
{
	uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

	if (version >= 2)
		rights |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		rights |= TRUNCATE;
	return rights;
}

static enum status allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = rights };
	struct stat info;
	long done;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ST_OK : ST_DENIED;
	if (fstat(beneath.parent_fd, &info) == 0 && !S_ISDIR(info.st_mode))
		beneath.allowed_access &= OF_FILES;
	done = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	(void)close(beneath.parent_fd);
	return done == 0 ? ST_OK : ST_DENIED;
}

static enum status allow_all(int rules, const char *const *paths, uint64_t rights)
{
	enum status st = ST_OK;

	for (size_t i = 0; st == ST_OK && paths[i] != NULL; i++)
		st = allow(rules, paths[i], rights);
	return st;
}

enum status sandbox_folders(const char *const *write, const char *const *read)
{
	struct landlock_ruleset_attr attr = { 0 };
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	                       LANDLOCK_CREATE_RULESET_VERSION);
	long rules;
	enum status st;

	if (version < 1)
		return ST_NOT_FOUND;
	attr.handled_access_fs = all_rights(version);
	rules = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (rules < 0)
		return ST_DENIED;
	if ((st = allow_all((int)rules, write, attr.handled_access_fs)) == ST_OK &&
	    (st = allow_all((int)rules, read, READ)) == ST_OK &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	     syscall(SYS_landlock_restrict_self, (int)rules, 0) != 0))
		st = ST_DENIED;
	(void)close((int)rules);
	return st;
}
