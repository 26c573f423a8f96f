/* test_merkle.c: RFC 6962 by its figures and its definition; every altered proof is refused. */
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "crypto/merkle.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/prng.h"
#include "tests/vectors/rfc6962.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { H = MERKLE_HASH_BYTES, LEAVES = 70 };

static uint8_t leaf[LEAVES][H];
static struct merkle_leaves leaves = { .leaf = (const uint8_t (*)[H])leaf, .count = LEAVES };

/* The leaves of the figures first, others behind them. */
static int start(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	for (size_t i = 0; i < LEAVES; i++) {
		uint8_t data[32] = { (uint8_t)i };
		size_t len = 1;

		if (i < RFC6962_LEAVES)
			len = hex_bytes(data, sizeof(data), rfc6962_leaves[i]);
		merkle_leaf_hash(leaf[i], data, len);
	}
	return 0;
}

/* The definition of §2.1, worded without recursion: pair up, level by level. */
static void root_by_definition(uint8_t out[H], size_t size)
{
	uint8_t level[LEAVES][H];

	memcpy(level, leaf, sizeof(level));
	for (size_t len = size; len > 1; len = (len + 1) / 2)
		for (size_t i = 0; i < (len + 1) / 2; i++) {
			if (2 * i + 1 < len)
				merkle_node_hash(level[i], level[2 * i], level[2 * i + 1]);
			else
				memcpy(level[i], level[2 * i], H);
		}
	if (size == 0)
		hash256(out, NULL, 0);
	else
		memcpy(out, level[0], H);
}

static void roots_are_those_of_the_figures(void **state)
{
	struct merkle_frontier f;
	uint8_t want[H];
	uint8_t have[H];

	(void)state;
	merkle_frontier_init(&f);
	merkle_frontier_root(&f, have);
	hex_exact(want, H, rfc6962_empty_root);
	assert_memory_equal(have, want, H);
	for (size_t i = 0; i < RFC6962_LEAVES; i++) {
		assert_int_equal(merkle_frontier_append(&f, leaf[i]), ST_OK);
		merkle_frontier_root(&f, have);
		hex_exact(want, H, rfc6962_roots[i]);
		assert_memory_equal(have, want, H);
	}
}

static void frontier_and_source_agree_with_the_definition(void **state)
{
	struct merkle_source s = merkle_leaves_source(&leaves);
	struct merkle_frontier f;

	(void)state;
	merkle_frontier_init(&f);
	for (size_t size = 0; size <= LEAVES; size++) {
		uint8_t want[H];
		uint8_t have[H];

		root_by_definition(want, size);
		merkle_frontier_root(&f, have);
		assert_memory_equal(have, want, H);
		assert_int_equal(merkle_root(&s, have, size), ST_OK);
		assert_memory_equal(have, want, H);
		if (size < LEAVES)
			assert_int_equal(merkle_frontier_append(&f, leaf[size]), ST_OK);
	}
}

static void read_path(uint8_t (*path)[H], const char *const *hex, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hex_exact(path[i], H, hex[i]);
}

static void paths_are_those_of_the_figures(void **state)
{
	struct merkle_source s = merkle_leaves_source(&leaves);
	uint8_t want[MERKLE_PATH_MAX][H];
	uint8_t have[MERKLE_PATH_MAX][H];
	size_t len;

	(void)state;
	assert_int_equal(COUNT(rfc6962_inclusion), 36);
	for (size_t i = 0; i < COUNT(rfc6962_inclusion); i++) {
		read_path(want, rfc6962_inclusion[i].path, rfc6962_inclusion[i].len);
		assert_int_equal(merkle_inclusion_prove(&s, have, &len, rfc6962_inclusion[i].index,
		                                        rfc6962_inclusion[i].size), ST_OK);
		assert_int_equal(len, rfc6962_inclusion[i].len);
		assert_memory_equal(have, want, len * H);
	}
	assert_int_equal(COUNT(rfc6962_consistency), 36);
	for (size_t i = 0; i < COUNT(rfc6962_consistency); i++) {
		read_path(want, rfc6962_consistency[i].path, rfc6962_consistency[i].len);
		assert_int_equal(merkle_consistency_prove(&s, have, &len, rfc6962_consistency[i].first,
		                                          rfc6962_consistency[i].second), ST_OK);
		assert_int_equal(len, rfc6962_consistency[i].len);
		assert_memory_equal(have, want, len * H);
	}
}

/* --- inclusion ------------------------------------------------------------------------------ */

struct inclusion {
	uint8_t root[H];
	uint64_t size;
	uint64_t index;
	uint8_t leaf[H];
	uint8_t path[MERKLE_PATH_MAX + 1][H];
	size_t len;
};

static enum status inclusion_verify(const struct inclusion *p)
{
	return merkle_inclusion_verify(p->root, p->size, p->index, p->leaf,
	                               (const uint8_t (*)[H])p->path, p->len);
}

static void inclusion_make(struct inclusion *p, uint64_t index, uint64_t size)
{
	struct merkle_source s = merkle_leaves_source(&leaves);

	memset(p, 0, sizeof(*p));
	p->size = size;
	p->index = index;
	root_by_definition(p->root, size);
	memcpy(p->leaf, leaf[index], H);
	assert_int_equal(merkle_inclusion_prove(&s, p->path, &p->len, index, size), ST_OK);
}

static void every_altered_inclusion_is_refused(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 20; size++)
		for (uint64_t index = 0; index < size; index++) {
			struct inclusion p;

			inclusion_make(&p, index, size);
			p.root[31] ^= 1;
			assert_int_equal(inclusion_verify(&p), ST_HASH);
			p.root[31] ^= 1;
			p.leaf[0] ^= 0x80;
			assert_int_equal(inclusion_verify(&p), ST_HASH);
			p.leaf[0] ^= 0x80;
			for (size_t i = 0; i < p.len; i++) {
				p.path[i][i % H] ^= 1;
				assert_int_equal(inclusion_verify(&p), ST_HASH);
				p.path[i][i % H] ^= 1;
			}
			p.len++;
			assert_int_equal(inclusion_verify(&p), ST_FORMAT);
			p.len -= 2;
			if (p.len != SIZE_MAX)
				assert_int_equal(inclusion_verify(&p), ST_FORMAT);
			p.len++;
			assert_int_equal(inclusion_verify(&p), ST_OK);
		}
}

static void an_inclusion_proves_no_other_place(void **state)
{
	(void)state;
	for (uint64_t size = 1; size <= 20; size++)
		for (uint64_t index = 0; index < size; index++)
			for (uint64_t other = 0; other <= size; other++) {
				struct inclusion p;
				enum status st;

				inclusion_make(&p, index, size);
				p.index = other;
				st = inclusion_verify(&p);
				if (other == size)
					assert_int_equal(st, ST_RANGE);
				else if (other != index)
					assert_true(st == ST_HASH || st == ST_FORMAT);
				else
					assert_int_equal(st, ST_OK);
			}
}

/* A node is no leaf: the two are hashed with different first bytes. */
static void a_node_does_not_pass_for_a_leaf(void **state)
{
	uint8_t both[2 * H];
	struct inclusion p;
	uint8_t as_leaf[H];

	(void)state;
	inclusion_make(&p, 0, 2);
	memcpy(both, leaf[0], H);
	memcpy(both + H, leaf[1], H);
	merkle_leaf_hash(as_leaf, both, sizeof(both));
	assert_memory_not_equal(as_leaf, p.root, H);
}

static void places_beyond_the_bounds_are_refused(void **state)
{
	struct inclusion p;

	(void)state;
	inclusion_make(&p, 0, 1);
	p.size = 0;
	assert_int_equal(inclusion_verify(&p), ST_RANGE);
	p.size = (uint64_t)1 << MERKLE_DEPTH_MAX;
	p.len = MERKLE_DEPTH_MAX;
	assert_int_equal(inclusion_verify(&p), ST_HASH);
	p.size++;
	assert_int_equal(inclusion_verify(&p), ST_LIMIT);
	p.size = UINT64_MAX;
	assert_int_equal(inclusion_verify(&p), ST_LIMIT);
	assert_int_equal(merkle_consistency_verify(p.root, 1, p.root, UINT64_MAX, NULL, 0), ST_LIMIT);
	assert_int_equal(merkle_consistency_verify(p.root, 3, p.root, 2, NULL, 0), ST_RANGE);
}

static void a_full_log_takes_no_leaf(void **state)
{
	static struct merkle_frontier f;
	struct merkle_frontier before;

	(void)state;
	merkle_frontier_init(&f);
	f.size = ((uint64_t)1 << MERKLE_DEPTH_MAX) - 1;
	assert_int_equal(merkle_frontier_append(&f, leaf[0]), ST_OK);
	before = f;
	assert_int_equal(merkle_frontier_append(&f, leaf[0]), ST_LIMIT);
	assert_memory_equal(&f, &before, sizeof(f));
}

/* --- consistency ---------------------------------------------------------------------------- */

struct consistency {
	uint8_t root[2][H];
	uint64_t size[2];
	uint8_t path[MERKLE_PATH_MAX + 1][H];
	size_t len;
};

static enum status consistency_verify(const struct consistency *p)
{
	return merkle_consistency_verify(p->root[0], p->size[0], p->root[1], p->size[1],
	                                 (const uint8_t (*)[H])p->path, p->len);
}

static void consistency_make(struct consistency *p, uint64_t old_size, uint64_t new_size)
{
	struct merkle_source s = merkle_leaves_source(&leaves);

	memset(p, 0, sizeof(*p));
	p->size[0] = old_size;
	p->size[1] = new_size;
	root_by_definition(p->root[0], old_size);
	root_by_definition(p->root[1], new_size);
	assert_int_equal(merkle_consistency_prove(&s, p->path, &p->len, old_size, new_size), ST_OK);
}

static void every_altered_consistency_is_refused(void **state)
{
	(void)state;
	for (uint64_t n = 0; n <= 40; n++)
		for (uint64_t m = 0; m <= n; m++) {
			struct consistency p;

			consistency_make(&p, m, n);
			/* An empty log says nothing of what follows it: any new root goes with it. */
			for (size_t which = 0; which < 2; which++) {
				p.root[which][0] ^= 1;
				assert_int_equal(consistency_verify(&p),
				                 m == 0 && n > 0 && which == 1 ? ST_OK : ST_HASH);
				p.root[which][0] ^= 1;
			}
			for (size_t i = 0; i < p.len; i++) {
				p.path[i][H - 1] ^= 1;
				assert_int_equal(consistency_verify(&p), ST_HASH);
				p.path[i][H - 1] ^= 1;
			}
			p.len++;
			assert_int_equal(consistency_verify(&p), ST_FORMAT);
			p.len -= 2;
			if (p.len != SIZE_MAX)
				assert_int_equal(consistency_verify(&p), ST_FORMAT);
			p.len++;
			assert_int_equal(consistency_verify(&p), ST_OK);
		}
}

/* N71, N93: a log in which an old leaf was changed is no continuation. */
static void a_rewritten_log_is_not_consistent(void **state)
{
	(void)state;
	for (uint64_t m = 1; m <= 16; m++)
		for (uint64_t n = m; n <= 17; n++) {
			struct consistency honest;
			struct consistency p;

			consistency_make(&honest, m, n);
			leaf[m - 1][0] ^= 1;
			consistency_make(&p, m, n);
			leaf[m - 1][0] ^= 1;
			assert_int_equal(consistency_verify(&p), ST_OK);
			memcpy(p.root[0], honest.root[0], H);
			assert_int_equal(consistency_verify(&p), ST_HASH);
		}
}

static enum status broken_get(void *ctx, uint8_t out[static H], unsigned int level, uint64_t index)
{
	(void)ctx, (void)out, (void)level, (void)index;
	return ST_IO;
}

static void a_source_that_fails_fails_the_proof(void **state)
{
	const struct merkle_source s = { .get = broken_get };
	uint8_t path[MERKLE_PATH_MAX][H];
	size_t len;

	(void)state;
	assert_int_equal(merkle_root(&s, path[0], 3), ST_IO);
	assert_int_equal(merkle_inclusion_prove(&s, path, &len, 1, 3), ST_IO);
	assert_int_equal(merkle_consistency_prove(&s, path, &len, 3, 5), ST_IO);
	assert_int_equal(merkle_consistency_prove(&s, path, &len, 2, 5), ST_IO);
}

/* --- the table ------------------------------------------------------------------------------ */

static void a_table_is_the_tree_of_its_values(void **state)
{
	static uint8_t node[2 * LEAVES + MERKLE_DEPTH_MAX][H];
	static uint8_t value[LEAVES][MERKLE_VALUE_BYTES];
	struct merkle_tree t;
	struct prng rng;

	(void)state;
	prng_seed(&rng, "a_table_is_the_tree_of_its_values");
	for (size_t count = 0; count <= LEAVES; count++) {
		memset(value, 0, sizeof(value));
		assert_true(merkle_tree_nodes(count) < 2 * count + MERKLE_DEPTH_MAX);
		assert_int_equal(merkle_tree_init(&t, node, count), ST_OK);
		for (size_t step = 0; step < 20; step++) {
			struct merkle_frontier f;
			uint8_t want[H];
			uint8_t have[H];

			merkle_frontier_init(&f);
			for (size_t i = 0; i < count; i++) {
				uint8_t h[H];

				merkle_leaf_hash(h, value[i], MERKLE_VALUE_BYTES);
				assert_int_equal(merkle_frontier_append(&f, h), ST_OK);
			}
			merkle_frontier_root(&f, want);
			merkle_tree_root(&t, have);
			assert_memory_equal(have, want, H);
			if (count == 0)
				break;
			size_t at = prng_below(&rng, count);
			prng_bytes(&rng, value[at], MERKLE_VALUE_BYTES);
			merkle_tree_set(&t, at, value[at]);
		}
	}
}

static void a_path_in_a_table_proves_its_value_alone(void **state)
{
	static uint8_t node[2 * LEAVES + MERKLE_DEPTH_MAX][H];
	const uint8_t voted[MERKLE_VALUE_BYTES] = { 1, 2, 3 };
	const uint8_t zero[MERKLE_VALUE_BYTES] = { 0 };

	(void)state;
	for (size_t count = 1; count <= LEAVES; count++) {
		struct merkle_tree t;

		assert_int_equal(merkle_tree_init(&t, node, count), ST_OK);
		merkle_tree_set(&t, count / 2, voted);
		for (size_t i = 0; i < count; i++) {
			uint8_t path[MERKLE_PATH_MAX][H];
			uint8_t root[H], full[H], empty[H];
			size_t len;

			merkle_tree_root(&t, root);
			merkle_tree_path(&t, path, &len, i);
			merkle_leaf_hash(full, voted, sizeof(voted));
			merkle_leaf_hash(empty, zero, sizeof(zero));
			assert_int_equal(merkle_inclusion_verify(root, count, i, i == count / 2 ? empty : full,
			                                         (const uint8_t (*)[H])path, len), ST_HASH);
			assert_int_equal(merkle_inclusion_verify(root, count, i, i == count / 2 ? full : empty,
			                                         (const uint8_t (*)[H])path, len), ST_OK);
		}
	}
}

/* What a chain does that drops a branch: put the old value back. */
static void setting_back_a_value_gives_the_old_root(void **state)
{
	static uint8_t node[2 * LEAVES + MERKLE_DEPTH_MAX][H];
	const uint8_t voted[MERKLE_VALUE_BYTES] = { 9 };
	const uint8_t zero[MERKLE_VALUE_BYTES] = { 0 };
	struct merkle_tree t;
	uint8_t before[H], during[H], after[H];

	(void)state;
	assert_int_equal(merkle_tree_init(&t, node, 37), ST_OK);
	merkle_tree_root(&t, before);
	merkle_tree_set(&t, 36, voted);
	merkle_tree_root(&t, during);
	assert_memory_not_equal(during, before, H);
	merkle_tree_set(&t, 36, zero);
	merkle_tree_root(&t, after);
	assert_memory_equal(after, before, H);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_those_of_the_figures),
		cmocka_unit_test(frontier_and_source_agree_with_the_definition),
		cmocka_unit_test(paths_are_those_of_the_figures),
		cmocka_unit_test(every_altered_inclusion_is_refused),
		cmocka_unit_test(an_inclusion_proves_no_other_place),
		cmocka_unit_test(a_node_does_not_pass_for_a_leaf),
		cmocka_unit_test(places_beyond_the_bounds_are_refused),
		cmocka_unit_test(a_full_log_takes_no_leaf),
		cmocka_unit_test(every_altered_consistency_is_refused),
		cmocka_unit_test(a_rewritten_log_is_not_consistent),
		cmocka_unit_test(a_source_that_fails_fails_the_proof),
		cmocka_unit_test(a_table_is_the_tree_of_its_values),
		cmocka_unit_test(a_path_in_a_table_proves_its_value_alone),
		cmocka_unit_test(setting_back_a_value_gives_the_old_root),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
