/*
 * test_store_crash.c: the block store when others read, when its writer is killed, and when the
 * disk alters what it holds.
 */
#include "common/base/file.h"
#include "common/ledger/store.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "tests/unit/lib/chainlet.h"
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static struct prng random_bytes;

/* --- other processes -------------------------------------------------------------------------- */

/* A child that reads until it is told; exits 0 when everything it saw was a chain. */
static int read_along(const char *path, int go)
{
	struct store *s = NULL;
	uint64_t seen = 0, rounds = 0;
	char stop;

	if (store_open(&s, path, STORE_READ, NULL) != ST_OK)
		return 10;
	for (;;) {
		const struct merkle_source log = store_merkle_source(s);
		uint8_t id[32], root[32];
		struct block_header h;

		if (store_tip(s, &h, id) != ST_OK || h.height < seen)
			return 11;
		seen = h.height;
		if (merkle_root(&log, root, h.log_size) != ST_OK ||
		    !mem_is_equal(root, h.log_root, 32))
			return 12;
		rounds++;
		if (read(go, &stop, 1) == 1)
			break;
	}
	store_close(s);
	return rounds > 0 && seen > 0 ? 0 : 13;
}

static void another_process_reads_while_the_node_writes(void **state)
{
	const char *path = scratch_path("live.db");
	struct store *s = chainlet_store(path, STORE_WRITE);
	struct chainlet c;
	int go[2], status;
	pid_t child;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 1, 4);
	store_close(s);
	assert_int_equal(pipe2(go, O_NONBLOCK), 0);
	child = fork();
	if (child == 0)
		_exit(read_along(path, go[0]));
	assert_true(child > 0);
	s = chainlet_store(path, STORE_WRITE);
	chainlet_fill(s, &c, 60, 0);
	usleep(20000);
	assert_int_equal(write(go[1], "s", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(go[0]);
	close(go[1]);
	store_close(s);
}

/* Put blocks for ever, saying after each that it was put. */
static void put_for_ever(const char *path, uint64_t seed, int said)
{
	struct prng random = { .state = seed };
	struct chainlet_block *b = chainlet_room();
	struct store *s = NULL;
	struct block_header h;
	struct chainlet c;
	uint8_t id[32];
	enum status st;

	if (store_open(&s, path, STORE_WRITE, NULL) != ST_OK)
		_exit(20);
	chainlet_init(&c, &random);
	for (;;) {
		chainlet_next(&c, b, 9);
		st = store_tip(s, &h, id);
		if (st == ST_OK && h.height >= b->header.height)
			continue;   /* put before the last crash: the same bytes from the same seed */
		if (c.blocks % 4 == 0 && store_begin(s) != ST_OK)
			_exit(21);
		if (store_put_block(s, &b->put) != ST_OK)
			_exit(22);
		if (c.blocks % 4 == 0 && store_commit(s) != ST_OK)
			_exit(23);
		if (write(said, &b->header.height, 8) != 8)
			_exit(24);
	}
}

static void a_writer_killed_at_any_moment_leaves_a_chain(void **state)
{
	const char *path = scratch_path("crash.db");
	uint64_t seed = prng_u64(&random_bytes), height = 0, promised = 0, last = 0;
	struct block_header h;
	uint8_t id[32];

	(void)state;
	for (int round = 0; round < 25; round++) {
		const struct timespec pause = {
			.tv_nsec = 1000000L + (long)prng_below(&random_bytes, 12000000),
		};
		int said[2], status;
		struct store *s;
		pid_t child;

		assert_int_equal(pipe(said), 0);
		child = fork();
		if (child == 0) {
			close(said[0]);
			put_for_ever(path, seed, said[1]);
		}
		close(said[1]);
		if (round % 2 == 0)   /* at least one more; else perhaps during its opening */
			for (int k = 0; k < 2 && read(said[0], &last, 8) == 8; k++)
				promised = last;
		(void)nanosleep(&pause, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		while (read(said[0], &last, 8) == 8)
			promised = last;
		close(said[0]);
		s = chainlet_store(path, STORE_WRITE);
		if (store_tip(s, &h, id) == ST_OK) {
			assert_true(h.height >= promised);
			assert_int_equal(store_check(s, &height, 0), ST_OK);
			assert_int_equal(height, h.height);
		}
		store_close(s);
	}
	assert_true(height > 10);
}

/* --- a full disk ------------------------------------------------------------------------------ */

/* Room for this many bytes more in the store's files; 0: without bound. */
static void limit_files(const char *path, size_t more)
{
	struct rlimit limit;
	struct stat info;
	char wal[SCRATCH_PATH_BYTES + 8];

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	if (more > 0) {
		(void)snprintf(wal, sizeof(wal), "%s-wal", path);
		assert_int_equal(stat(wal, &info), 0);
		limit.rlim_cur = (rlim_t)info.st_size + more;
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_puts_nothing_and_later_goes_on(void **state)
{
	const char *path = scratch_path("full.db");
	struct store *s = chainlet_store(path, STORE_WRITE);
	struct chainlet_block *b = chainlet_room();
	struct chainlet c, kept;
	struct block_header h;
	uint64_t height, tip = 0;
	uint8_t id[32];

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 2, 9);
	for (int round = 0; round < 12; round++) {
		bool in_batch = round % 2 == 1;
		enum status st = ST_OK;

		kept = c;
		limit_files(path, 1 + prng_below(&random_bytes, 60000));
		if (in_batch)
			assert_int_equal(store_begin(s), ST_OK);
		for (int i = 0; i < 200 && st == ST_OK; i++) {
			if (!in_batch)
				kept = c;
			chainlet_next(&c, b, CHAINLET_ITEMS);
			st = store_put_block(s, &b->put);
		}
		if (in_batch && st == ST_OK)
			st = store_commit(s);   /* what is dirty is written then, or spilled before */
		else if (in_batch)
			store_rollback(s);
		assert_int_equal(st, ST_IO);
		limit_files(path, 0);
		c = kept;
		assert_int_equal(store_tip(s, &h, id), ST_OK);
		assert_int_equal(h.height + 1, c.blocks);
		assert_true(h.height >= tip);
		tip = h.height;
		chainlet_fill(s, &c, 1, 5);
		assert_int_equal(store_check(s, &height, 0), ST_OK);
	}
	store_close(s);
	s = chainlet_store(path, STORE_READ);
	assert_int_equal(store_check(s, &height, 0), ST_OK);
	assert_int_equal(height + 1, c.blocks);
	store_close(s);
	free(b);
}

/* --- damage ----------------------------------------------------------------------------------- */

static void digest_item(struct store *s, struct hash *h, uint64_t leaf)
{
	const struct merkle_source log = store_merkle_source(s);
	uint8_t path[MERKLE_PATH_MAX][32], *wire;
	struct store_place p;
	size_t len = 0;

	/* The tracker is left out: the store cannot tell it without the manifest; receipt_make can. */
	assert_int_equal(store_item_by_leaf(s, &p, leaf), ST_OK);
	hash_field(h, p.id, sizeof(p.id));
	hash_field_u64(h, p.height);
	assert_int_equal(store_item_wire(s, &wire, &p), ST_OK);
	hash_field(h, wire, p.wire_len);
	free(wire);
	assert_int_equal(merkle_inclusion_prove(&log, path, &len, leaf, leaf + 1), ST_OK);
	hash_field(h, path, len * sizeof(path[0]));
}

/* Everything that there is to know from a store of ten items a block. */
static void digest_store(struct store *s, uint8_t out[static 32])
{
	struct certified_head head;
	struct block_header h;
	struct hash sum;
	uint8_t *body;
	size_t len;

	hash256_purpose(&sum, "test-store");
	for (uint64_t height = 0; store_block(s, height, &h, &body, &len) == ST_OK; height++) {
		uint8_t header[BLOCK_HEADER_BYTES];

		block_header_encode(header, &h);
		hash_field(&sum, header, sizeof(header));
		hash_field(&sum, body, len);
		free(body);
		if (store_certificate_for(s, &head, height) == ST_OK) {
			hash_field(&sum, head.certificate.block, 32);
			hash_field_u64(&sum, head.header.height);
			hash_field(&sum, head.certificate.sig[0], 3 * 64);
		}
		for (uint64_t i = h.log_size - h.n_items; i < h.log_size; i++)
			digest_item(s, &sum, i);
	}
	hash256_final(&sum, out);
}

/* Open, check, and if all is said to be well, read everything. */
static enum status read_everything(const char *path, uint8_t digest[static 32])
{
	struct store *s = NULL;
	uint64_t height;
	enum status st = store_open(&s, path, STORE_READ, NULL);

	if (st == ST_OK)
		st = store_check(s, &height, 0);
	if (st == ST_OK)
		digest_store(s, digest);
	store_close(s);
	return st;
}

static void copy_file(const char *to, const char *from, size_t flip, uint8_t mask)
{
	uint8_t *bytes;
	size_t len;
	FILE *out;

	assert_int_equal(file_read(from, &bytes, &len, 1 << 24), ST_OK);
	assert_true(flip < len);
	bytes[flip] ^= mask;
	out = fopen(to, "wb");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
	free(bytes);
}

enum { FLIPS = 200 };

/* SQLite does not notice a flipped bit in a blob; a check of the store does. */
static void a_flipped_bit_anywhere_is_found_or_changes_nothing(void **state)
{
	const char *path = scratch_path("whole.db"), *bad = scratch_path("flipped.db");
	struct store *s = chainlet_store(scratch_path("sound.db"), STORE_WRITE);
	uint8_t want[32], have[32];
	unsigned int found = 0;
	struct chainlet c;
	struct stat info;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 12, 10);
	assert_int_equal(store_copy(s, path), ST_OK);
	assert_int_equal(store_copy(s, path), ST_EXISTS);
	store_close(s);
	assert_int_equal(read_everything(path, want), ST_OK);
	assert_int_equal(stat(path, &info), 0);
	for (int i = 0; i < FLIPS; i++) {
		size_t at = prng_below(&random_bytes, (size_t)info.st_size);

		copy_file(bad, path, at, (uint8_t)(1u << prng_below(&random_bytes, 8)));
		if (read_everything(bad, have) != ST_OK)
			found++;
		else
			assert_memory_equal(have, want, 32);
	}
	print_message("%u of %d flipped bits found; the others changed nothing\n", found, FLIPS);
	assert_true(found > 10);
}

static void a_flipped_bit_of_a_body_is_found_when_it_is_read(void **state)
{
	const char *path = scratch_path("whole2.db"), *bad = scratch_path("flipped2.db");
	struct store *s = chainlet_store(path, STORE_WRITE);
	uint8_t *body, *file, digest[32];
	struct block_header h;
	size_t len, size;
	struct chainlet c;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 12, 10);
	store_close(s);
	assert_int_equal(file_read(path, &file, &size, 1 << 24), ST_OK);
	for (uint64_t height = 0; height < 12; height++) {
		const uint8_t *at;

		s = chainlet_store(path, STORE_READ);
		assert_int_equal(store_block(s, height, &h, &body, &len), ST_OK);
		store_close(s);
		at = memmem(file, size, body + 40, 64);
		assert_non_null(at);
		copy_file(bad, path, (size_t)(at - file) + 7, 0x04);
		free(body);
		s = chainlet_store(bad, STORE_READ);
		assert_int_equal(store_block(s, height, &h, &body, &len), ST_HASH);
		assert_null(body);
		assert_int_equal(store_block(s, (height + 1) % 12, &h, &body, &len), ST_OK);
		free(body);
		store_close(s);
		assert_int_equal(read_everything(bad, digest), ST_HASH);
	}
	free(file);
}

static void a_copy_opens_from_a_folder_that_cannot_be_written(void **state)
{
	const char *copy = scratch_path("copy.db");
	struct store *s = chainlet_store(scratch_path("original.db"), STORE_WRITE);
	struct chainlet c;
	char wal[SCRATCH_PATH_BYTES + 8];
	uint8_t digest[32];
	struct stat info;

	(void)state;
	chainlet_init(&c, &random_bytes);
	chainlet_fill(s, &c, 5, 3);
	assert_int_equal(store_copy(s, copy), ST_OK);
	store_close(s);
	assert_int_equal(chmod(copy, 0400), 0);
	assert_int_equal(read_everything(copy, digest), ST_OK);
	(void)snprintf(wal, sizeof(wal), "%s-wal", copy);
	assert_int_not_equal(stat(wal, &info), 0);
}

static int begin(void **state)
{
	(void)state;
	prng_seed(&random_bytes, "test_store_crash");
	return crypto_init() == ST_OK ? 0 : 1;
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
		cmocka_unit_test(another_process_reads_while_the_node_writes),
		cmocka_unit_test(a_writer_killed_at_any_moment_leaves_a_chain),
		cmocka_unit_test(a_full_disk_puts_nothing_and_later_goes_on),
		cmocka_unit_test(a_flipped_bit_anywhere_is_found_or_changes_nothing),
		cmocka_unit_test(a_flipped_bit_of_a_body_is_found_when_it_is_read),
		cmocka_unit_test(a_copy_opens_from_a_folder_that_cannot_be_written),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
