/*
 * test_durability.c: a node that dies at any write, or whose files were torn, flipped or lost:
 * it comes back, or asks the others first; it never contradicts itself; what it promised becomes
 * final and what was final stays (docs/consensus.md, R0 and R15; attacks N75, N95).
 *
 * The whole node is the production code (outpost.h), the disk is disk.h's.  OUTPOST_EVERY=1 tries
 * every place, which takes long; without it a part is tried, another one each time (SEED), in ten
 * seconds.  A life that goes wrong tells its story with OUTPOST_LOG=1.
 */
#include "common/base/file.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "tally-server/consensus/consensus.h"
#include "tally-server/node/wal_record.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"
#include "tests/unit/server/outpost/outpost.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { BEFORE = 1, ALL = 3, FILE_MAX = 1 << 22 };
enum { START, CUT };          /* what was saved: after the first life; in a later one */

static const struct outpost_cut NEVER = { .how = DISK_COUNT };
static const char *const LOGS[] = { "votes.log", "wal.log", "pool.log" };

static struct outpost outpost;
static struct prng random_bytes;
static bool everything;

/* --- helpers --------------------------------------------------------------------------------- */

static const char *path_of(const char *name)
{
	static char path[1024];

	(void)snprintf(path, sizeof(path), "%s/data/%s", outpost.folder, name);
	return path;
}

static size_t read_log(const char *name, uint8_t **bytes)
{
	size_t len;

	assert_int_equal(file_read(path_of(name), bytes, &len, FILE_MAX), ST_OK);
	return len;
}

/* Where the last record of a log begins; where the first one does. */
static size_t last_record(const uint8_t *bytes, size_t len)
{
	size_t at = WAL_HEAD_BYTES, last = at;
	struct wal_record rec;
	struct wal_link link;
	struct wal_head head;

	assert_int_equal(wal_head_read(&head, &link, bytes, len), ST_OK);
	while (wal_record_read(&rec, &link, bytes + at, len - at) == WAL_NEXT_RECORD) {
		last = at;
		at += rec.bytes;
	}
	assert_int_equal(at, len);
	return last;
}

static void flip(const char *name, size_t at, uint8_t mask)
{
	int fd = open(path_of(name), O_RDWR);
	uint8_t byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
	byte ^= mask;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	close(fd);
}

/* How far to go on: everything, or about so many steps of a range, from a place of chance. */
static size_t step_of(size_t range, size_t steps)
{
	return everything || range <= steps ? 1 : range / steps;
}

static size_t start_of(size_t step)
{
	return prng_below(&random_bytes, step);
}

/* Now nothing fails: everybody gets a receipt, and nobody was contradicted or lost. */
static void goes_on(const char *what, uint64_t where, int want_guarded)
{
	enum outpost_end end = outpost_live(&outpost, ALL, &NEVER);

	if (end != OUTPOST_DONE || outpost_conflicts(&outpost) != 0 || outpost_lost(&outpost) != 0)
		fail_msg("%s, %lu: end %d (%s), %u conflicts, %u blocks lost", what,
		         (unsigned long)where, end, status_name(outpost_why(&outpost)),
		         outpost_conflicts(&outpost), outpost_lost(&outpost));
	if (want_guarded >= 0 && outpost_was_guarded(&outpost) != (want_guarded == 1))
		fail_msg("%s, %lu: the guard is %s", what, (unsigned long)where,
		         want_guarded == 1 ? "missing" : "not called for");
}

/* --- death ----------------------------------------------------------------------------------- */

/* A first life that dies at a call, perhaps a second one that dies while it recovers. */
static void die(struct outpost_cut cut, bool twice)
{
	enum outpost_end end = outpost_live(&outpost, ALL, &cut);

	/* Threads take turns by chance: a life may need fewer calls than the one that was counted. */
	if (end != OUTPOST_CUT && end != OUTPOST_DONE)
		fail_msg("%d at call %lu: end %d (%s)", cut.how, (unsigned long)cut.nth, end,
		         status_name(outpost_why(&outpost)));
	if (!twice)
		return;
	cut.nth = prng_below(&random_bytes, 40);
	end = outpost_live(&outpost, ALL, &cut);
	assert_true(end == OUTPOST_CUT || end == OUTPOST_DONE);
}

static void dies_everywhere(enum disk_cut how, const char *what, int want_guarded)
{
	size_t calls, step;

	outpost_restore(&outpost, START);
	assert_int_equal(outpost_live(&outpost, ALL, &NEVER), OUTPOST_DONE);
	calls = (size_t)outpost_calls(&outpost);
	assert_true(calls > 60);
	step = step_of(calls, 7);
	for (size_t at = start_of(step); at < calls; at += step) {
		const struct outpost_cut cut = {
			.how = how, .nth = at, .seed = prng_u64(&random_bytes),
		};

		outpost_restore(&outpost, START);
		die(cut, prng_below(&random_bytes, 3) == 0);
		goes_on(what, at, want_guarded);
	}
}

static void killed_at_any_write_it_comes_back(void **state)
{
	(void)state;
	dies_everywhere(DISK_KILL, "killed", 0);
}

static void without_power_at_any_write_it_comes_back(void **state)
{
	(void)state;
	dies_everywhere(DISK_LOSE, "power lost", 0);
}

/* Half a sector, zeros in place of bytes: what cannot be told from damage is treated as damage. */
static void with_parts_of_what_was_not_synced_it_comes_back_or_asks(void **state)
{
	(void)state;
	dies_everywhere(DISK_MIX, "power lost in the middle", -1);
}

static void every_byte_of_the_last_record_may_be_missing(void **state)
{
	uint8_t *bytes;

	(void)state;
	for (size_t log = 0; log < 3; log++) {
		const struct outpost_cut cut = {
			.how = DISK_KILL, .file = LOGS[log], .nth = log == 2 ? 2 : 3,
		};
		size_t len, last, step;

		outpost_restore(&outpost, START);
		assert_int_equal(outpost_live(&outpost, ALL, &cut), OUTPOST_CUT);
		outpost_save(&outpost, CUT);
		len = read_log(LOGS[log], &bytes);
		last = last_record(bytes, len);
		free(bytes);
		step = step_of(len - last, 4);
		for (size_t at = start_of(step); at < len - last; at += step) {
			outpost_restore(&outpost, CUT);
			assert_int_equal(truncate(path_of(LOGS[log]), (off_t)(last + at)), 0);
			goes_on(LOGS[log], at, 0);
		}
	}
}

/* --- damage ---------------------------------------------------------------------------------- */

/* In logs of votes and consensus no bit may change unnoticed: the others are asked first. */
static void a_changed_bit_anywhere_in_a_log_is_amnesia(void **state)
{
	(void)state;
	for (size_t log = 0; log < 2; log++) {
		struct stat info;
		size_t step, size;

		outpost_restore(&outpost, START);
		assert_int_equal(stat(path_of(LOGS[log]), &info), 0);
		size = (size_t)info.st_size;
		step = step_of(size, 3);
		for (size_t at = start_of(step); at < size; at += step) {
			outpost_restore(&outpost, START);
			flip(LOGS[log], at, (uint8_t)(1u << prng_below(&random_bytes, 8)));
			goes_on(LOGS[log], at, 1);
		}
	}
}

static void a_log_that_is_gone_or_cut_in_the_middle_is_amnesia(void **state)
{
	(void)state;
	for (size_t log = 0; log < 2; log++) {
		uint8_t *bytes;
		size_t len;

		outpost_restore(&outpost, START);
		assert_int_equal(unlink(path_of(LOGS[log])), 0);
		goes_on("gone", log, 1);
		outpost_restore(&outpost, START);
		len = read_log(LOGS[log], &bytes);
		memmove(bytes + len / 2, bytes + len / 2 + 7, len - len / 2 - 7);
		assert_int_equal(file_write(path_of(LOGS[log]), bytes, len - 7, FILE_REPLACE,
		                            FILE_PRIVATE), ST_OK);
		free(bytes);
		goes_on("cut in the middle", log, 1);
	}
}

/* What was promised was passed on: the others bring it back. */
static void a_damaged_log_of_promises_is_no_amnesia_and_loses_none(void **state)
{
	const struct outpost_cut cut = { .how = DISK_KILL, .file = "wal.log", .nth = 2 };

	(void)state;
	for (int gone = 0; gone < 2; gone++) {
		outpost_restore(&outpost, START);
		assert_int_equal(outpost_live(&outpost, ALL, &cut), OUTPOST_CUT);
		if (gone == 1)
			assert_int_equal(unlink(path_of("pool.log")), 0);
		else
			flip("pool.log", 200, 1);
		goes_on("promises", (uint64_t)gone, 0);
	}
}

/* --- the store ------------------------------------------------------------------------------- */

static bool is_aside(unsigned int number)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "chain.db.damaged-%u", number);
	return file_is_there(path_of(name));
}

static void a_lost_store_is_made_again_of_the_log(void **state)
{
	(void)state;
	outpost_restore(&outpost, START);
	assert_int_equal(unlink(path_of("chain.db")), 0);
	goes_on("lost", 0, 0);
	assert_false(is_aside(1));
	outpost_restore(&outpost, START);
	assert_int_equal(truncate(path_of("chain.db"), 0), 0);
	goes_on("empty", 0, 0);
}

static void a_damaged_store_is_set_aside_and_made_again(void **state)
{
	struct stat info;
	size_t size, step, aside = 0;

	(void)state;
	outpost_restore(&outpost, START);
	assert_int_equal(stat(path_of("chain.db"), &info), 0);
	size = (size_t)info.st_size;
	assert_int_equal(truncate(path_of("chain.db"), (off_t)(size / 2)), 0);
	goes_on("cut", size / 2, 0);
	assert_true(is_aside(1));
	step = step_of(size, 5);
	for (size_t at = start_of(step); at < size; at += step) {
		outpost_restore(&outpost, START);
		/* A whole stretch: single bits are mostly of free pages. */
		for (size_t i = at; i < at + 64 && i < size; i++)
			flip("chain.db", i, 0x55);
		goes_on("flipped", at, 0);
		aside += is_aside(1);
		assert_false(is_aside(2));
	}
	assert_true(aside > 0);
}

/* Keep of a log what comes after the last COMMIT but one: as if it had been compacted. */
struct tail {
	uint8_t *bytes;
	size_t len[512], at[512], count, next, used;
};

static enum status take_record(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct tail *t = ctx;

	assert_int_equal(type, 1);
	assert_true(t->count < 512 && t->used + len <= FILE_MAX);
	memcpy(t->bytes + t->used, payload, len);
	t->at[t->count] = t->used;
	t->len[t->count++] = len;
	t->used += len;
	return ST_OK;
}

static enum status give_record(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct tail *t = ctx;

	if (t->next == t->count)
		return ST_NOT_FOUND;
	*type = 1;
	*payload = t->bytes + t->at[t->next];
	*len = t->len[t->next++];
	return ST_OK;
}

static void compact_log(void)
{
	struct tail t = { .bytes = malloc(FILE_MAX) };
	struct wal_report report;
	uint8_t owner[32];
	struct wal *w;
	struct hash h;

	assert_non_null(t.bytes);
	hash256_purpose(&h, "node-log");
	hash_field_text(&h, "wal.log");
	hash_field(&h, outpost.town->m->election_id, 32);
	hash_field_u8(&h, 0);
	hash256_final(&h, owner);
	assert_int_equal(wal_open(&w, &report, path_of("wal.log"), owner), ST_OK);
	assert_int_equal(wal_replay(w, take_record, &t), ST_OK);
	t.next = t.count;
	for (int commits = 0; t.next > 0 && commits < 1;)
		commits += t.bytes[t.at[--t.next]] == CONSENSUS_RECORD_COMMIT;
	assert_int_equal(wal_compact(w, give_record, &t), ST_OK);
	wal_close(w);
	free(t.bytes);
}

static void a_lost_store_before_a_compacted_log_is_fetched_from_the_others(void **state)
{
	(void)state;
	outpost_restore(&outpost, START);
	assert_int_equal(outpost_live(&outpost, 2, &NEVER), OUTPOST_DONE);
	compact_log();
	assert_int_equal(unlink(path_of("chain.db")), 0);
	goes_on("compacted", 0, 0);
}

static void everything_lost_at_once_is_fetched_and_asked_for(void **state)
{
	(void)state;
	outpost_restore(&outpost, START);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(unlink(path_of(LOGS[i])), 0);
	assert_int_equal(unlink(path_of("chain.db")), 0);
	goes_on("everything", 0, 1);
}

/* --- main ------------------------------------------------------------------------------------ */

static int begin(void **state)
{
	(void)state;
	everything = getenv("OUTPOST_EVERY") != NULL;
	prng_seed(&random_bytes, "test_durability");
	/* Not the disk of this machine is tried, and it is slow. */
	if (crypto_init() != ST_OK ||
	    (access("/dev/shm", W_OK) == 0 && setenv("TMPDIR", "/dev/shm", 1) != 0))
		return 1;
	outpost_new(&outpost);
	/* It begins from a chain, without memory: behind the guard. */
	if (outpost_live(&outpost, BEFORE, &NEVER) != OUTPOST_DONE ||
	    !outpost_was_guarded(&outpost))
		return 1;
	outpost_save(&outpost, START);
	return 0;
}

static int end(void **state)
{
	(void)state;
	outpost_free(&outpost);
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_at_any_write_it_comes_back),
		cmocka_unit_test(without_power_at_any_write_it_comes_back),
		cmocka_unit_test(with_parts_of_what_was_not_synced_it_comes_back_or_asks),
		cmocka_unit_test(every_byte_of_the_last_record_may_be_missing),
		cmocka_unit_test(a_changed_bit_anywhere_in_a_log_is_amnesia),
		cmocka_unit_test(a_log_that_is_gone_or_cut_in_the_middle_is_amnesia),
		cmocka_unit_test(a_damaged_log_of_promises_is_no_amnesia_and_loses_none),
		cmocka_unit_test(a_lost_store_is_made_again_of_the_log),
		cmocka_unit_test(a_damaged_store_is_set_aside_and_made_again),
		cmocka_unit_test(a_lost_store_before_a_compacted_log_is_fetched_from_the_others),
		cmocka_unit_test(everything_lost_at_once_is_fetched_and_asked_for),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
