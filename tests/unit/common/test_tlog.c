/*
 * test_tlog.c: the log as static files (C2SP tlog-tiles): which files a tree of some size has, and
 * that the hashes in them, put together again, are its root.
 */
#include "common/base/file.h"
#include "common/ledger/tlog.h"
#include "crypto/mem.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LEAVES = 70000 };

static uint8_t leaf[LEAVES][MERKLE_HASH_BYTES];
static char folder[LIMIT_PATH_BYTES];

static void entry_bytes(uint8_t out[static TX_LEAF_BYTES], uint64_t i)
{
	uint8_t id[TX_ID_BYTES] = { 0 };

	for (int k = 0; k < 8; k++)
		id[k] = (uint8_t)(i >> 8 * k);
	tx_leaf(out, TX_BALLOT, id, (uint32_t)(700 + i % 100));
}

static enum status entry(void *ctx, uint8_t out[static TX_LEAF_BYTES], uint64_t i)
{
	(void)ctx;
	entry_bytes(out, i);
	return ST_OK;
}

static int begin(void **state)
{
	uint8_t bytes[TX_LEAF_BYTES];

	(void)state;
	if (crypto_init() != ST_OK)
		return 1;
	for (uint64_t i = 0; i < LEAVES; i++) {
		entry_bytes(bytes, i);
		merkle_leaf_hash(leaf[i], bytes, sizeof(bytes));
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_remove();
	return 0;
}

static void write_log(const char *name, uint64_t size)
{
	struct merkle_leaves leaves = { (const uint8_t (*)[MERKLE_HASH_BYTES])leaf, size };
	struct tlog_source s = {
		.hashes = merkle_leaves_source(&leaves), .entry = entry, .size = size,
	};

	(void)snprintf(folder, sizeof(folder), "%s", scratch_path(name));
	assert_int_equal(tlog_write(folder, &s, "note\n", 5), ST_OK);
}

/* A file of the log; NULL when it is not there. */
static uint8_t *read_part(const char *part, size_t *len)
{
	char path[2 * LIMIT_PATH_BYTES];
	uint8_t *bytes = NULL;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, part);
	return file_read(path, &bytes, len, 1 << 20) == ST_OK ? bytes : NULL;
}

static void assert_width(const char *part, size_t hashes)
{
	size_t len = 0;
	uint8_t *bytes = read_part(part, &len);

	if (bytes == NULL)
		fail_msg("%s is missing", part);
	assert_int_equal(len, hashes * MERKLE_HASH_BYTES);
	free(bytes);
}

static void assert_absent(const char *part)
{
	size_t len;
	uint8_t *bytes = read_part(part, &len);

	if (bytes != NULL)
		fail_msg("%s should not be there", part);
}

/* RFC 6962 over 256 hashes, pair by pair. */
static void full_root(uint8_t out[static MERKLE_HASH_BYTES], const uint8_t *hashes)
{
	uint8_t level[TLOG_TILE_WIDTH][MERKLE_HASH_BYTES];

	memcpy(level, hashes, sizeof(level));
	for (size_t n = TLOG_TILE_WIDTH; n > 1; n /= 2)
		for (size_t i = 0; i < n / 2; i++)
			merkle_node_hash(level[i], level[2 * i], level[2 * i + 1]);
	memcpy(out, level[0], MERKLE_HASH_BYTES);
}

static void the_specifications_example_has_its_tiles(void **state)
{
	uint8_t hash[MERKLE_HASH_BYTES], *low, *high;
	size_t len;

	(void)state;
	write_log("seventy-thousand", LEAVES);
	assert_width("tile/0/000", 256);
	assert_width("tile/0/272", 256);
	assert_absent("tile/0/273");
	assert_width("tile/0/273.p/112", 112);
	assert_width("tile/1/000", 256);
	assert_width("tile/1/001.p/17", 17);
	assert_width("tile/2/000.p/1", 1);
	assert_absent("tile/3/000.p/1");
	/* A hash of a tile is the root of the full tile below it. */
	low = read_part("tile/0/259", &len);
	high = read_part("tile/1/001.p/17", &len);
	assert_non_null(low);
	assert_non_null(high);
	assert_memory_equal(low, leaf[259 * 256], 256 * MERKLE_HASH_BYTES);
	full_root(hash, low);
	assert_memory_equal(hash, high + 3 * MERKLE_HASH_BYTES, sizeof(hash));
	free(low);
	free(high);
	low = read_part("tile/1/000", &len);
	high = read_part("tile/2/000.p/1", &len);
	assert_non_null(low);
	assert_non_null(high);
	full_root(hash, low);
	assert_memory_equal(hash, high, sizeof(hash));
	free(low);
	free(high);
}

static void small_trees_have_no_empty_tiles(void **state)
{
	(void)state;
	write_log("one", 1);
	assert_width("tile/0/000.p/1", 1);
	assert_absent("tile/1/000.p/1");
	write_log("not-full", 255);
	assert_width("tile/0/000.p/255", 255);
	write_log("full", 256);
	assert_width("tile/0/000", 256);
	assert_width("tile/1/000.p/1", 1);
	assert_absent("tile/0/001.p/0");
	write_log("one-more", 257);
	assert_width("tile/0/001.p/1", 1);
	assert_width("tile/1/000.p/1", 1);
}

static void entries_hash_to_the_leaves(void **state)
{
	uint8_t hash[MERKLE_HASH_BYTES], *bytes;
	size_t len;

	(void)state;
	write_log("entries", 300);
	bytes = read_part("tile/entries/001.p/44", &len);
	assert_non_null(bytes);
	assert_int_equal(len, 44 * (2 + TX_LEAF_BYTES));
	for (size_t i = 0; i < 44; i++) {
		const uint8_t *at = bytes + i * (2 + TX_LEAF_BYTES);

		assert_int_equal(at[0] << 8 | at[1], TX_LEAF_BYTES);
		merkle_leaf_hash(hash, at + 2, TX_LEAF_BYTES);
		assert_memory_equal(hash, leaf[256 + i], sizeof(hash));
	}
	free(bytes);
	bytes = read_part("tile/entries/000", &len);
	assert_non_null(bytes);
	assert_int_equal(len, 256 * (2 + TX_LEAF_BYTES));
	free(bytes);
	bytes = read_part("checkpoint", &len);
	assert_non_null(bytes);
	assert_int_equal(len, 5);
	free(bytes);
}

/* Hashes that cannot be had: no checkpoint says that they are there. */
static enum status no_hash(void *ctx, uint8_t out[static MERKLE_HASH_BYTES], unsigned int level,
                           uint64_t index)
{
	(void)ctx, (void)out, (void)level, (void)index;
	return ST_IO;
}

static void a_log_that_cannot_be_read_has_no_checkpoint(void **state)
{
	struct tlog_source s = { .hashes = { no_hash, NULL }, .entry = entry, .size = 3 };

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s", scratch_path("broken"));
	assert_int_equal(tlog_write(folder, &s, "note\n", 5), ST_IO);
	assert_absent("checkpoint");
}

static void a_proof_is_index_path_and_note(void **state)
{
	static const uint8_t path[2][MERKLE_HASH_BYTES] = { { 0 }, { 0xff } };
	char *out = malloc(TLOG_PROOF_MAX);
	size_t len;

	(void)state;
	assert_non_null(out);
	len = tlog_proof(out, 73894, path, 2, "origin\n9\nroot\n\n", 15);
	out[len] = '\0';
	assert_string_equal(out,
		"c2sp.org/tlog-proof@v1\nindex 73894\n"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
		"/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\norigin\n9\nroot\n\n");
	free(out);
}

#define CASE(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_specifications_example_has_its_tiles),
		CASE(small_trees_have_no_empty_tiles),
		CASE(entries_hash_to_the_leaves),
		CASE(a_log_that_cannot_be_read_has_no_checkpoint),
		CASE(a_proof_is_index_path_and_note),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
