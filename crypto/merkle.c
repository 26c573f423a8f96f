/*
 * merkle.c: see merkle.h (RFC 6962 §2.1): hashes, the growing log, the changing table.
 *
 * Invariant: peak[k] of a frontier covers 2^k leaves; a table's levels lie one behind the other,
 * the last of an odd number standing for its own parent, which gives RFC 6962's shape.
 */
#include "crypto/merkle.h"

#include "crypto/hash.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

_Static_assert((int)MERKLE_HASH_BYTES == (int)HASH256_BYTES, "SHA-256 throughout");

static const uint64_t SIZE_MAX_LEAVES = (uint64_t)1 << MERKLE_DEPTH_MAX;

/* --- hashes --------------------------------------------------------------------------------- */

void merkle_empty_root(uint8_t out[static MERKLE_HASH_BYTES])
{
	hash256(out, NULL, 0);
}

void merkle_leaf_hash(uint8_t out[static MERKLE_HASH_BYTES], const void *data, size_t len)
{
	static const uint8_t LEAF = 0x00;
	struct hash h;

	hash256_init(&h);
	hash_update(&h, &LEAF, sizeof(LEAF));
	hash_update(&h, data, len);
	hash256_final(&h, out);
}

void merkle_node_hash(uint8_t out[static MERKLE_HASH_BYTES],
                      const uint8_t left[static MERKLE_HASH_BYTES],
                      const uint8_t right[static MERKLE_HASH_BYTES])
{
	uint8_t bytes[1 + 2 * MERKLE_HASH_BYTES];

	bytes[0] = 0x01;
	memcpy(bytes + 1, left, MERKLE_HASH_BYTES);
	memcpy(bytes + 1 + MERKLE_HASH_BYTES, right, MERKLE_HASH_BYTES);
	hash256(out, bytes, sizeof(bytes));
}

/* --- growing -------------------------------------------------------------------------------- */

void merkle_frontier_init(struct merkle_frontier *f)
{
	memset(f, 0, sizeof(*f));
}

enum status merkle_frontier_append(struct merkle_frontier *f,
                                   const uint8_t leaf[static MERKLE_HASH_BYTES])
{
	uint8_t h[MERKLE_HASH_BYTES];
	unsigned int k = 0;

	if (f->size >= SIZE_MAX_LEAVES)
		return ST_LIMIT;
	memcpy(h, leaf, sizeof(h));
	for (; (f->size >> k & 1) != 0; k++)
		merkle_node_hash(h, f->peak[k], h);
	memcpy(f->peak[k], h, sizeof(h));
	f->size++;
	return ST_OK;
}

void merkle_frontier_root(const struct merkle_frontier *f, uint8_t out[static MERKLE_HASH_BYTES])
{
	bool any = false;

	assert(f->size <= SIZE_MAX_LEAVES);
	merkle_empty_root(out);
	for (unsigned int k = 0; k <= MERKLE_DEPTH_MAX; k++) {
		if ((f->size >> k & 1) == 0)
			continue;
		if (any)
			merkle_node_hash(out, f->peak[k], out);
		else
			memcpy(out, f->peak[k], MERKLE_HASH_BYTES);
		any = true;
	}
}

/* --- changing ------------------------------------------------------------------------------- */

/* Nodes of the level above one of len nodes. */
static uint64_t level_up(uint64_t len)
{
	return (len + 1) / 2;
}

uint64_t merkle_tree_nodes(uint64_t count)
{
	uint64_t n = count;

	for (uint64_t len = count; len > 1; len = level_up(len))
		n += level_up(len);
	return n;
}

/* node points at a level of len nodes; recompute parent `index` of the level that follows it. */
static void parent_hash(uint8_t (*node)[MERKLE_HASH_BYTES], uint64_t len, uint64_t index)
{
	const uint8_t *left = node[2 * index];

	if (2 * index + 1 < len)
		merkle_node_hash(node[len + index], left, node[2 * index + 1]);
	else
		memcpy(node[len + index], left, MERKLE_HASH_BYTES);
}

enum status merkle_tree_init(struct merkle_tree *t, uint8_t (*node)[MERKLE_HASH_BYTES],
                             uint64_t count)
{
	static const uint8_t ZERO[MERKLE_VALUE_BYTES] = { 0 };

	if (count > SIZE_MAX_LEAVES)
		return ST_LIMIT;
	t->node = node;
	t->count = count;
	for (uint64_t i = 0; i < count; i++) {
		if (i == 0)
			merkle_leaf_hash(node[0], ZERO, sizeof(ZERO));
		else
			memcpy(node[i], node[0], MERKLE_HASH_BYTES);
	}
	for (uint64_t len = count; len > 1; node += len, len = level_up(len)) {
		/* All parents of a level are alike but the last, which may be cut off. */
		parent_hash(node, len, 0);
		for (uint64_t i = 1; i < level_up(len); i++)
			memcpy(node[len + i], node[len], MERKLE_HASH_BYTES);
		parent_hash(node, len, level_up(len) - 1);
	}
	return ST_OK;
}

void merkle_tree_set(struct merkle_tree *t, uint64_t index,
                     const uint8_t value[static MERKLE_VALUE_BYTES])
{
	uint8_t (*node)[MERKLE_HASH_BYTES] = t->node;

	assert(index < t->count);
	merkle_leaf_hash(node[index], value, MERKLE_VALUE_BYTES);
	for (uint64_t len = t->count; len > 1; node += len, len = level_up(len)) {
		index /= 2;
		parent_hash(node, len, index);
	}
}

void merkle_tree_root(const struct merkle_tree *t, uint8_t out[static MERKLE_HASH_BYTES])
{
	if (t->count == 0)
		merkle_empty_root(out);
	else
		memcpy(out, t->node[merkle_tree_nodes(t->count) - 1], MERKLE_HASH_BYTES);
}

void merkle_tree_path(const struct merkle_tree *t,
                      uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES], size_t *path_len,
                      uint64_t index)
{
	const uint8_t (*node)[MERKLE_HASH_BYTES] = (const uint8_t (*)[MERKLE_HASH_BYTES])t->node;
	uint64_t at = index;

	assert(index < t->count);
	*path_len = 0;
	for (uint64_t len = t->count; len > 1; node += len, len = level_up(len)) {
		/* The last of an odd number has no sibling. */
		if ((at ^ 1) < len)
			memcpy(path[(*path_len)++], node[at ^ 1], MERKLE_HASH_BYTES);
		at /= 2;
	}
}
