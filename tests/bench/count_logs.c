/*
 * count_logs.c: which syncs of a node are for agreement, and which for what waits: it stands
 * before wal_open_again and wal_sync, by the linker's hand (bench.mk).
 *
 * Invariant: a call does what it would have done.
 */
#include "tests/bench/count.h"

#include "tally-server/node/wal.h"

#include <string.h>

enum status __real_wal_open_again(struct wal **out, struct wal_report *report, const char *path,
				  const uint8_t owner[static WAL_OWNER_BYTES], uint64_t openings);
enum status __wrap_wal_open_again(struct wal **out, struct wal_report *report, const char *path,
				  const uint8_t owner[static WAL_OWNER_BYTES], uint64_t openings);
enum status __real_wal_sync(struct wal *w);
enum status __wrap_wal_sync(struct wal *w);

static const struct wal *pool;

enum status __wrap_wal_open_again(struct wal **out, struct wal_report *report, const char *path,
				  const uint8_t owner[static WAL_OWNER_BYTES], uint64_t openings)
{
	enum status st = __real_wal_open_again(out, report, path, owner, openings);
	size_t len = strlen(path);

	if (st == ST_OK && len >= 8 && strcmp(path + len - 8, "pool.log") == 0)
		pool = *out;
	return st;
}

enum status __wrap_wal_sync(struct wal *w)
{
	enum status st;

	count_sync = w == pool ? COUNT_SYNC_POOL : COUNT_SYNC_AGREE;
	st = __real_wal_sync(w);
	count_sync = COUNT_SYNC_OTHER;
	return st;
}
