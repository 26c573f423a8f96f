/*
 * test_wal.c: the write-ahead log: an unfinished tail is cut off, everything else that does not fit
 * is damage and is remembered as amnesia; compaction; a process killed or out of space.
 *
 * A log of a dozen records is torn at every byte and flipped at every bit.
 */
#include "common/base/file.h"
#include "crypto/mem.h"
#include "tally-server/node/wal_impl.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_MAX = 1 << 20, RECORDS = 12 };

static struct prng random_bytes;
static const uint8_t OWNER[32] = { 1 }, OTHER[32] = { 2 };

/* --- helpers ---------------------------------------------------------------------------------- */

/* A record whose bytes follow from its place. */
static size_t payload_of(uint8_t *out, size_t i)
{
	static const size_t LEN[RECORDS] = { 5, 0, 1, 64, 300, 17, 106, 106, 2, 511, 40, 106 };
	size_t len = LEN[i % RECORDS];

	for (size_t k = 0; k < len; k++)
		out[k] = (uint8_t)(i * 7 + k * 13 + 1);
	return len;
}

struct seen {
	size_t count;
	size_t first;             /* place of the record that the first one must be */
};

static enum status see(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	struct seen *s = ctx;
	uint8_t want[1024];
	size_t i = s->first + s->count++;

	assert_int_equal(type, i % 200);
	assert_int_equal(len, payload_of(want, i));
	assert_memory_equal(payload, want, len);
	return ST_OK;
}

static struct wal *open_log(const char *path, struct wal_report *report)
{
	struct wal *w = NULL;
	enum status st = wal_open(&w, report, path, OWNER);

	if (st != ST_OK)
		fail_msg("%s: %s", path, status_name(st));
	return w;
}

static void append(struct wal *w, size_t from, size_t count)
{
	uint8_t payload[1024];

	for (size_t i = from; i < from + count; i++)
		assert_int_equal(wal_append(w, (uint8_t)(i % 200), payload,
		                            payload_of(payload, i)), ST_OK);
}

static void expect_records(struct wal *w, size_t first, size_t count)
{
	struct seen seen = { .first = first };

	assert_int_equal(wal_replay(w, see, &seen), ST_OK);
	assert_int_equal(seen.count, count);
}

static void remove_log(const char *path)
{
	char lock[SCRATCH_PATH_BYTES + 16];

	(void)unlink(path);
	(void)snprintf(lock, sizeof(lock), "%s.lock", path);
	(void)unlink(lock);
}

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

/* A sound log of RECORDS records in memory, and where each of them ends. */
static uint8_t image[FILE_MAX];
static size_t image_len, record_end[RECORDS + 1];   /* [0]: after the head and the opening */

static void make_image(void)
{
	const char *path = scratch_path("image.log");
	struct wal_report report;
	uint8_t *bytes;
	struct wal *w;

	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	record_end[0] = (size_t)wal_bytes(w);
	for (size_t i = 0; i < RECORDS; i++) {
		append(w, i, 1);
		record_end[i + 1] = (size_t)wal_bytes(w);
		if (i % 5 == 0)
			assert_int_equal(wal_sync(w), ST_OK);
	}
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	assert_int_equal(file_read(path, &bytes, &image_len, FILE_MAX), ST_OK);
	memcpy(image, bytes, image_len);
	free(bytes);
	assert_int_equal(image_len, record_end[RECORDS]);
}

/* --- the plain case --------------------------------------------------------------------------- */

static void what_was_synced_is_replayed_in_order(void **state)
{
	const char *path = scratch_path("plain.log");
	struct wal_report report;
	size_t count = 0;
	struct wal *w;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	assert_int_equal(wal_create(path, OWNER), ST_EXISTS);
	for (int round = 1; round < 20; round++) {
		w = open_log(path, &report);
		assert_int_equal(report.found, WAL_SOUND);
		assert_int_equal(report.records, count);
		assert_false(wal_has_amnesia(w));
		assert_int_equal(wal_instance(w), round);
		expect_records(w, 0, count);
		expect_records(w, 0, count);
		append(w, count, (size_t)round % 4);
		if (round % 4 > 0)
			assert_int_equal(wal_replay(w, see, NULL), ST_INTERNAL);   /* too late */
		assert_int_equal(wal_sync(w), ST_OK);
		count += (size_t)round % 4;
		append(w, 7, 2);   /* never synced: lost with the process */
		wal_close(w);
	}
}

static void a_large_record_and_one_past_it(void **state)
{
	const char *path = scratch_path("large.log");
	uint8_t *payload = malloc(WAL_PAYLOAD_MAX + 1);
	struct wal_report report;
	struct wal *w;

	(void)state;
	assert_non_null(payload);
	memset(payload, 0, WAL_PAYLOAD_MAX + 1);   /* zeros within a record are no unwritten tail */
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	assert_int_equal(wal_append(w, 1, payload, WAL_PAYLOAD_MAX + 1), ST_LIMIT);
	assert_int_equal(wal_append(w, WAL_TYPE_MAX + 1, payload, 1), ST_INTERNAL);
	for (int i = 0; i < 5; i++)
		assert_int_equal(wal_append(w, 1, payload, WAL_PAYLOAD_MAX - (size_t)(i & 1)),
		                 ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	assert_int_equal(report.records, 5);
	wal_close(w);
	free(payload);
}

static void only_one_process_has_a_log(void **state)
{
	const char *path = scratch_path("lock.log");
	struct wal_report report;
	struct wal *w, *second;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	assert_int_equal(wal_open(&second, &report, path, OWNER), ST_AGAIN);
	assert_null(second);
	wal_close(w);
	w = open_log(path, &report);
	wal_close(w);
}

static void anothers_log_is_left_alone(void **state)
{
	const char *path = scratch_path("owner.log");
	struct wal_report report;
	struct wal *w;

	(void)state;
	write_file(path, image, image_len);
	assert_int_equal(wal_open(&w, &report, path, OTHER), ST_ELECTION);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	expect_records(w, 0, RECORDS);
	wal_close(w);
}

static void crc_32c_is_the_remainder(void **state)
{
	uint8_t bytes[64];

	(void)state;
	assert_int_equal(wal_crc32c(0, "123456789", 9), 0xe3069283);   /* RFC 3720, B.4 has others */
	memset(bytes, 0, 32);
	assert_int_equal(wal_crc32c(0, bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, 32);
	assert_int_equal(wal_crc32c(0, bytes, 32), 0x62a8ab43);
	for (int round = 0; round < 500; round++) {
		size_t len = prng_below(&random_bytes, sizeof(bytes)), cut;
		uint32_t crc = 0xffffffff;

		prng_bytes(&random_bytes, bytes, sizeof(bytes));
		for (size_t i = 0; i < len; i++) {
			crc ^= bytes[i];
			for (int bit = 0; bit < 8; bit++)
				crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
		}
		cut = len == 0 ? 0 : prng_below(&random_bytes, len);
		assert_int_equal(wal_crc32c(0, bytes, len), ~crc);
		assert_int_equal(wal_crc32c(wal_crc32c(0, bytes, cut), bytes + cut, len - cut),
		                 ~crc);
	}
}

/* --- cut -------------------------------------------------------------------------------------- */

static size_t whole_records(size_t len)
{
	size_t n = 0;

	while (n < RECORDS && record_end[n + 1] <= len)
		n++;
	return n;
}

/* Open, see what must be there, and go on writing. */
static void expect_cut(const char *path, size_t records, uint64_t cut_bytes)
{
	struct wal_report report;
	struct wal *w = open_log(path, &report);

	assert_int_equal(report.found, cut_bytes > 0 ? WAL_CUT : WAL_SOUND);
	assert_int_equal(report.cut_bytes, cut_bytes);
	assert_int_equal(report.records, records);
	assert_false(wal_has_amnesia(w));
	expect_records(w, 0, records);
	append(w, records, 2);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	expect_records(w, 0, records + 2);
	wal_close(w);
}

static void a_tail_torn_at_any_byte_is_cut_off(void **state)
{
	const char *path = scratch_path("torn.log");

	(void)state;
	for (size_t len = record_end[0]; len <= image_len; len++) {
		size_t n = whole_records(len);

		write_file(path, image, len);
		expect_cut(path, n, len - record_end[n]);
	}
}

/* The new length came to the disk, the new bytes did not, or not all of them. */
static void a_tail_of_unwritten_sectors_is_cut_off(void **state)
{
	static uint8_t torn[FILE_MAX];
	const char *path = scratch_path("zeros.log");

	(void)state;
	for (size_t zeros = 1; zeros < 6000; zeros += 1 + zeros / 8) {
		memcpy(torn, image, image_len);
		memset(torn + image_len, 0, zeros);
		write_file(path, torn, image_len + zeros);
		expect_cut(path, RECORDS, zeros);
	}
	for (size_t from = 512; from < image_len; from += 512) {
		size_t n = whole_records(from);

		if (from < record_end[0] || image_len - from < 32)
			continue;
		memcpy(torn, image, image_len);
		memset(torn + from, 0, image_len - from);
		write_file(path, torn, image_len);
		expect_cut(path, n, image_len - record_end[n]);
		/* Not at the edge of a sector: somebody's hand. */
		torn[from] = image[from] == 0 ? 1 : image[from];
		if (from + 1 < record_end[n + 1] && from + 512 > image_len) {
			struct wal_report report;
			struct wal *w;

			write_file(path, torn, image_len);
			w = open_log(path, &report);
			assert_int_equal(report.found, WAL_DAMAGED);
			wal_close(w);
			assert_int_equal(unlink(report.aside), 0);
		}
	}
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Damage is found at `at` (SIZE_MAX: anywhere), kept aside, and remembered until it is cleared. */
static void expect_damage(const char *path, const uint8_t *bytes, size_t len, size_t at)
{
	struct wal_report report;
	struct wal *w;
	uint8_t *aside;
	size_t aside_len;

	write_file(path, bytes, len);
	w = open_log(path, &report);
	if (report.found != WAL_DAMAGED)
		fail_msg("found %d", (int)report.found);
	if (at != SIZE_MAX)
		assert_int_equal(report.damage_at, at);
	assert_int_equal(report.records, 0);
	assert_true(wal_has_amnesia(w));
	expect_records(w, 0, 0);
	wal_close(w);
	assert_int_equal(file_read(report.aside, &aside, &aside_len, FILE_MAX), ST_OK);
	assert_int_equal(aside_len, len);
	assert_memory_equal(aside, bytes, len);
	free(aside);
	assert_int_equal(unlink(report.aside), 0);
}

static size_t record_start(size_t at)
{
	size_t n = 0;

	if (at < WAL_HEAD_BYTES)
		return 0;
	if (at < record_end[0])
		return WAL_HEAD_BYTES;
	while (record_end[n + 1] <= at)
		n++;
	return record_end[n];
}

static void a_byte_flipped_anywhere_is_damage(void **state)
{
	static uint8_t bad[FILE_MAX];
	const char *path = scratch_path("flip.log");

	(void)state;
	for (size_t at = 0; at < image_len; at++) {
		memcpy(bad, image, image_len);
		bad[at] ^= (uint8_t)(1 + prng_below(&random_bytes, 255));
		expect_damage(path, bad, image_len, record_start(at));
	}
	remove_log(path);
}

/* Every single bit, without files: reading stops at that very record, as wrong and never as cut. */
static void a_bit_flipped_anywhere_stops_the_reading_there(void **state)
{
	static uint8_t bad[FILE_MAX];
	struct wal_record rec;
	struct wal_link link;
	struct wal_head head;

	(void)state;
	memcpy(bad, image, image_len);
	for (size_t bit = 0; bit < 8 * image_len; bit++) {
		size_t at = WAL_HEAD_BYTES, start = record_start(bit / 8);
		enum wal_next next = WAL_NEXT_WRONG;

		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (wal_head_read(&head, &link, bad, image_len) == ST_OK) {
			while ((next = wal_record_read(&rec, &link, bad + at, image_len - at)) ==
			       WAL_NEXT_RECORD)
				at += rec.bytes;
			assert_int_equal(at, start);
		} else {
			assert_true(bit / 8 < WAL_HEAD_BYTES);
		}
		assert_int_equal(next, WAL_NEXT_WRONG);
		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

static void records_moved_repeated_or_left_out_are_damage(void **state)
{
	static uint8_t bad[FILE_MAX];
	const char *path = scratch_path("moved.log");
	size_t a = record_end[6], b = record_end[7], c = record_end[8];   /* two of equal length */

	(void)state;
	assert_int_equal(b - a, c - b);
	memcpy(bad, image, image_len);                 /* left out */
	memmove(bad + a, bad + b, image_len - b);
	expect_damage(path, bad, image_len - (b - a), a);
	memcpy(bad, image, image_len);                 /* repeated */
	memcpy(bad + b, image + a, image_len - a);
	expect_damage(path, bad, image_len + (b - a), b);
	memcpy(bad, image, image_len);                 /* exchanged */
	memcpy(bad + a, image + b, c - b);
	memcpy(bad + a + (c - b), image + a, b - a);
	expect_damage(path, bad, image_len, a);
	memcpy(bad, image, image_len);                 /* something behind */
	bad[image_len] = 1;
	memset(bad + image_len + 1, 0, 16);
	expect_damage(path, bad, image_len + 17, image_len);
	expect_damage(path, bad, 0, 0);                /* nothing at all: a head is never torn */
	expect_damage(path, image, WAL_HEAD_BYTES - 1, 0);
	remove_log(path);
}

/* A record from another log, with the right number and a right CRC. */
static void a_record_of_another_log_is_damage(void **state)
{
	static uint8_t bad[FILE_MAX];
	const char *path = scratch_path("foreign.log");
	struct wal_head head = { .owner = { 9 } };
	uint8_t bytes[WAL_HEAD_BYTES], payload[1024];
	struct wal_link link;
	size_t len = payload_of(payload, 4);

	(void)state;
	wal_head_write(bytes, &head, &link);
	link.number = 5;   /* after the opening and four records */
	memcpy(bad, image, image_len);
	wal_record_write(bad + record_end[4], &link, 4, payload, len);
	assert_memory_equal(bad + record_end[4], image + record_end[4],
	                    WAL_RECORD_HEAD_BYTES + len + 4);
	expect_damage(path, bad, image_len, record_end[4]);
	remove_log(path);
}

static void amnesia_lasts_until_it_is_cleared(void **state)
{
	const char *path = scratch_path("amnesia.log");
	struct wal_report report;
	struct wal *w;

	(void)state;
	w = open_log(path, &report);   /* no file: it may have been lost */
	assert_int_equal(report.found, WAL_MISSING);
	assert_true(wal_has_amnesia(w));
	append(w, 0, 2);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	for (int i = 0; i < 2; i++) {
		w = open_log(path, &report);
		assert_int_equal(report.found, WAL_SOUND);
		assert_true(wal_has_amnesia(w));
		expect_records(w, 0, 2);
		assert_int_equal(wal_clear_amnesia(w), ST_OK);
		assert_false(wal_has_amnesia(w));
		if (i == 1)
			assert_int_equal(wal_sync(w), ST_OK);   /* else it did not happen */
		wal_close(w);
	}
	w = open_log(path, &report);
	assert_false(wal_has_amnesia(w));
	assert_int_equal(wal_set_amnesia(w), ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	w = open_log(path, &report);
	assert_true(wal_has_amnesia(w));
	wal_close(w);
}

/* A node that finds its log to be an old copy says so in it, and then reads it. */
static void amnesia_is_no_record_and_spoils_no_replay(void **state)
{
	const char *path = scratch_path("old-copy.log");
	struct wal_report report;
	struct wal *w;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	append(w, 0, 3);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	w = open_log(path, &report);
	assert_int_equal(wal_set_amnesia(w), ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	expect_records(w, 0, 3);
	assert_int_equal(wal_clear_amnesia(w), ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	expect_records(w, 0, 3);
	append(w, 3, 1);
	assert_int_equal(wal_set_amnesia(w), ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	assert_int_equal(wal_replay(w, see, NULL), ST_INTERNAL);   /* a record was appended */
	wal_close(w);
}

static void several_damaged_logs_are_all_kept(void **state)
{
	static uint8_t bad[FILE_MAX];
	const char *path = scratch_path("many.log");
	char first[LIMIT_PATH_BYTES];
	struct wal_report report;
	struct wal *w;

	(void)state;
	memcpy(bad, image, image_len);
	bad[100] ^= 1;
	for (int i = 0; i < 3; i++) {
		write_file(path, bad, image_len);
		w = open_log(path, &report);
		assert_int_equal(report.found, WAL_DAMAGED);
		if (i == 0)
			(void)snprintf(first, sizeof(first), "%s", report.aside);
		else
			assert_string_not_equal(report.aside, first);
		assert_true(file_is_there(report.aside));
		assert_true(file_is_there(first));
		wal_close(w);
	}
}

/* --- compaction ------------------------------------------------------------------------------- */

struct keep {
	size_t next;
	size_t end;
	enum status at_end;
	uint8_t payload[1024];
};

static enum status keep_next(void *ctx, uint8_t *type, const uint8_t **payload, size_t *len)
{
	struct keep *k = ctx;

	if (k->next == k->end)
		return k->at_end;
	*type = (uint8_t)(k->next % 200);
	*payload = k->payload;
	*len = payload_of(k->payload, k->next++);
	return ST_OK;
}

static void compaction_keeps_what_is_live_and_nothing_else(void **state)
{
	const char *path = scratch_path("compact.log");
	struct wal_report report;
	struct keep keep = { .next = 90, .end = 100, .at_end = ST_NOT_FOUND };
	uint64_t before, number;
	struct wal *w;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	wal_close(w);
	w = open_log(path, &report);
	append(w, 0, 100);
	before = wal_bytes(w);
	number = w->link.number;
	assert_int_equal(wal_set_amnesia(w), ST_OK);
	assert_int_equal(wal_compact(w, keep_next, &keep), ST_OK);   /* syncs the batch first */
	assert_true(wal_bytes(w) < before / 4);
	assert_true(w->link.number > number);                        /* numbers go on */
	append(w, 100, 5);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	assert_int_equal(wal_instance(w), 3);
	assert_true(wal_has_amnesia(w));
	expect_records(w, 90, 15);
	wal_close(w);
}

static void a_compaction_that_fails_changes_nothing(void **state)
{
	const char *path = scratch_path("compact2.log");
	struct keep keep = { .next = 90, .end = 95, .at_end = ST_HASH };
	char temp[SCRATCH_PATH_BYTES + 8];
	struct wal_report report;
	struct wal *w;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	append(w, 0, 20);
	assert_int_equal(wal_compact(w, keep_next, &keep), ST_HASH);
	append(w, 20, 3);
	assert_int_equal(wal_sync(w), ST_OK);
	wal_close(w);
	/* A crash in the middle of one: the new file has no name yet. */
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	assert_false(file_is_there(temp));
	write_file(temp, image, 100);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_SOUND);
	expect_records(w, 0, 23);
	assert_false(file_is_there(temp));
	wal_close(w);
}

static void compaction_is_asked_for_when_a_log_has_doubled(void **state)
{
	const char *path = scratch_path("wants.log");
	uint8_t *payload = calloc(1, WAL_PAYLOAD_MAX);
	struct keep keep = { .at_end = ST_NOT_FOUND };
	struct wal_report report;
	uint64_t bytes = 0;
	struct wal *w;

	(void)state;
	assert_non_null(payload);
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	while (!wal_wants_compaction(w)) {
		assert_int_equal(wal_append(w, 1, payload, WAL_PAYLOAD_MAX), ST_OK);
		bytes += WAL_PAYLOAD_MAX;
		assert_true(bytes < WAL_COMPACT_BYTES + 2 * WAL_PAYLOAD_MAX);
	}
	assert_true(wal_bytes(w) >= WAL_COMPACT_BYTES);
	assert_int_equal(wal_compact(w, keep_next, &keep), ST_OK);
	assert_false(wal_wants_compaction(w));
	wal_close(w);
	free(payload);
}

/* --- crashes ---------------------------------------------------------------------------------- */

static void append_for_ever(const char *path, int said)
{
	struct wal_report report;
	struct wal *w = NULL;
	uint8_t payload[1024];
	struct keep keep;
	uint64_t i;

	if (wal_open(&w, &report, path, OWNER) != ST_OK || report.found > WAL_CUT)
		_exit(20);
	for (i = report.records;; i++) {
		size_t len = payload_of(payload, i);

		if (wal_append(w, (uint8_t)(i % 200), payload, len) != ST_OK)
			_exit(21);
		if (i % 3 == 0 && wal_sync(w) != ST_OK)
			_exit(22);
		if (i % 3 == 0 && write(said, &i, 8) != 8)
			_exit(23);
		keep = (struct keep){ .next = 0, .end = (size_t)i + 1, .at_end = ST_NOT_FOUND };
		if (i % 50 == 49 && wal_compact(w, keep_next, &keep) != ST_OK)
			_exit(24);
	}
}

static void a_process_killed_at_any_moment_loses_nothing_synced(void **state)
{
	const char *path = scratch_path("crash.log");
	uint64_t promised = 0, last;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	for (int round = 0; round < 40; round++) {
		struct wal_report report;
		int said[2], status;
		struct wal *w;
		pid_t child;

		assert_int_equal(pipe(said), 0);
		child = fork();
		if (child == 0) {
			close(said[0]);
			append_for_ever(path, said[1]);
		}
		close(said[1]);
		for (size_t k = prng_below(&random_bytes, 30); k > 0; k--)
			if (read(said[0], &last, 8) == 8)
				promised = last;
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		while (read(said[0], &last, 8) == 8)
			promised = last;
		close(said[0]);
		w = open_log(path, &report);
		assert_true(report.found == WAL_SOUND || report.found == WAL_CUT);
		assert_true(report.records >= (promised == 0 ? 0 : promised + 1));
		expect_records(w, 0, (size_t)report.records);
		wal_close(w);
	}
	assert_true(promised > 100);
}

/* After a write that failed nothing is said to be durable any more. */
static void a_full_disk_stops_the_log_and_loses_nothing_synced(void **state)
{
	const char *path = scratch_path("full.log");
	struct rlimit before, tight;
	struct wal_report report;
	enum status st = ST_OK;
	size_t synced = 0;
	struct wal *w;

	(void)state;
	assert_int_equal(wal_create(path, OWNER), ST_OK);
	w = open_log(path, &report);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = before;
	tight.rlim_cur = 5000;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	for (size_t i = 0; i < 100 && st == ST_OK; i++) {
		append(w, i, 1);
		st = wal_sync(w);
		if (st == ST_OK)
			synced = i + 1;
	}
	assert_int_equal(st, ST_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(wal_append(w, 1, "x", 1), ST_IO);   /* also with room again */
	assert_int_equal(wal_sync(w), ST_IO);
	wal_close(w);
	w = open_log(path, &report);
	assert_int_equal(report.found, WAL_CUT);
	expect_records(w, 0, synced);
	assert_true(synced > 3);
	wal_close(w);
}

static int begin(void **state)
{
	(void)state;
	/* Thousands of files: a file system in memory, where there is one. */
	if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
	prng_seed(&random_bytes, "test_wal");
	if (crypto_init() != ST_OK)
		return 1;
	make_image();
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tail_torn_at_any_byte_is_cut_off),
		cmocka_unit_test(a_tail_of_unwritten_sectors_is_cut_off),
		cmocka_unit_test(a_byte_flipped_anywhere_is_damage),
		cmocka_unit_test(a_bit_flipped_anywhere_stops_the_reading_there),
		cmocka_unit_test(records_moved_repeated_or_left_out_are_damage),
		cmocka_unit_test(a_record_of_another_log_is_damage),
		cmocka_unit_test(amnesia_lasts_until_it_is_cleared),
		cmocka_unit_test(amnesia_is_no_record_and_spoils_no_replay),
		cmocka_unit_test(several_damaged_logs_are_all_kept),
		cmocka_unit_test(anothers_log_is_left_alone),
		cmocka_unit_test(only_one_process_has_a_log),
		cmocka_unit_test(what_was_synced_is_replayed_in_order),
		cmocka_unit_test(a_large_record_and_one_past_it),
		cmocka_unit_test(compaction_keeps_what_is_live_and_nothing_else),
		cmocka_unit_test(a_compaction_that_fails_changes_nothing),
		cmocka_unit_test(compaction_is_asked_for_when_a_log_has_doubled),
		cmocka_unit_test(a_process_killed_at_any_moment_loses_nothing_synced),
		cmocka_unit_test(a_full_disk_stops_the_log_and_loses_nothing_synced),
		cmocka_unit_test(crc_32c_is_the_remainder),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
