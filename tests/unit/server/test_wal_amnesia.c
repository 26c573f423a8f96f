/*
 * test_wal_amnesia.c: what a log must not forget that it forgot (wal.h): damage in front of an
 * unfinished tail, an older copy of itself.
 */
#include "common/base/file.h"
#include "crypto/mem.h"
#include "tally-server/node/wal_impl.h"
#include "tests/unit/lib/prng.h"
#include "tests/unit/lib/scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_MAX = 1 << 16, RECORDS = 12 };

static struct prng random_bytes;
static const uint8_t OWNER[32] = { 1 };

/* A sound log of RECORDS records, opened once, and where each record of the file begins. */
static uint8_t image[FILE_MAX];
static size_t image_len, begins[RECORDS + 2];

static void write_file(const char *path, const uint8_t *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void make_image(void)
{
	const char *path = scratch_path("image.log");
	struct wal_report report;
	uint8_t payload[300], *bytes;
	struct wal *w;

	assert_int_equal(wal_create(path, OWNER), ST_OK);
	assert_int_equal(wal_open(&w, &report, path, OWNER), ST_OK);
	begins[0] = WAL_HEAD_BYTES;
	for (size_t i = 0; i < RECORDS; i++) {
		memset(payload, (int)i + 1, sizeof(payload));
		begins[i + 1] = (size_t)wal_bytes(w);
		assert_int_equal(wal_append(w, (uint8_t)i, payload, 7 + 23 * i), ST_OK);
		assert_int_equal(wal_sync(w), ST_OK);
	}
	begins[RECORDS + 1] = (size_t)wal_bytes(w);
	wal_close(w);
	assert_int_equal(file_read(path, &bytes, &image_len, FILE_MAX), ST_OK);
	memcpy(image, bytes, image_len);
	free(bytes);
}

static enum status see(void *ctx, uint8_t type, const uint8_t *payload, size_t len)
{
	size_t *count = ctx;

	assert_int_equal(type, *count);
	assert_int_equal(len, 7 + 23 * *count);
	assert_int_equal(payload[0], *count + 1);
	(*count)++;
	return ST_OK;
}

static void expect_all(struct wal *w)
{
	size_t count = 0;

	assert_int_equal(wal_replay(w, see, &count), ST_OK);
	assert_int_equal(count, RECORDS);
}

/* Damage and a power cut: what was synced behind the damage must not be cut off in silence. */
static void a_byte_flipped_before_unwritten_sectors_is_damage(void **state)
{
	static uint8_t bad[FILE_MAX];
	const char *path = scratch_path("both.log");
	struct wal_report report;
	struct wal *w;
	size_t record = 0;

	(void)state;
	for (size_t at = WAL_HEAD_BYTES; at < image_len; at++) {
		record += at >= begins[record + 1];
		memcpy(bad, image, image_len);
		memset(bad + image_len, 0, 1024);
		bad[at] ^= (uint8_t)(1 + prng_below(&random_bytes, 255));
		write_file(path, bad, image_len + 1024);
		assert_int_equal(wal_open(&w, &report, path, OWNER), ST_OK);
		assert_int_equal(report.found, WAL_DAMAGED);
		assert_int_equal(report.damage_at, begins[record]);
		assert_true(wal_has_amnesia(w));
		wal_close(w);
		assert_int_equal(unlink(report.aside), 0);
	}
	/* The same tail behind a sound log is an unfinished write. */
	memcpy(bad, image, image_len);
	write_file(path, bad, image_len + 1024);
	assert_int_equal(wal_open(&w, &report, path, OWNER), ST_OK);
	assert_int_equal(report.found, WAL_CUT);
	assert_false(wal_has_amnesia(w));
	expect_all(w);
	wal_close(w);
}

/* An older copy is noticed after the opening: the log must be read all the same. */
static void amnesia_set_before_the_replay_does_not_hinder_it(void **state)
{
	const char *path = scratch_path("late.log");
	struct wal_report report;
	struct wal *w;

	(void)state;
	write_file(path, image, image_len);
	assert_int_equal(wal_open(&w, &report, path, OWNER), ST_OK);
	assert_int_equal(wal_set_amnesia(w), ST_OK);
	assert_int_equal(wal_sync(w), ST_OK);
	expect_all(w);
	wal_close(w);
}

static void a_log_opened_less_often_than_is_remembered_says_that_it_forgot(void **state)
{
	const char *path = scratch_path("counted.log");
	struct wal_report report;
	struct wal *w;

	(void)state;
	write_file(path, image, image_len);   /* opened once */
	assert_int_equal(wal_open_again(&w, &report, path, OWNER, 1), ST_OK);
	assert_false(wal_has_amnesia(w));
	wal_close(w);
	assert_int_equal(wal_open_again(&w, &report, path, OWNER, 3), ST_OK);
	assert_true(wal_has_amnesia(w));
	expect_all(w);
	wal_close(w);
	/* It has been opened three times by now, and has not forgotten that it forgot. */
	assert_int_equal(wal_open_again(&w, &report, path, OWNER, 3), ST_OK);
	assert_true(wal_has_amnesia(w));
	wal_close(w);
}

static int set_up(void **state)
{
	(void)state;
	make_image();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_byte_flipped_before_unwritten_sectors_is_damage),
		cmocka_unit_test(amnesia_set_before_the_replay_does_not_hinder_it),
		cmocka_unit_test(a_log_opened_less_often_than_is_remembered_says_that_it_forgot),
	};

	if (crypto_init() != ST_OK)
		return 1;
	prng_seed(&random_bytes, "test_wal_amnesia");
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
