/*
 * merkle_proof.c: inclusion and consistency (RFC 6962 §2.1.1, §2.1.2); see merkle.h.
 *
 * Every walk here goes up from a leaf, level by level.  At each level the node `at` is the left
 * or the right child of its parent, or, when it is the last of an odd number, has no sibling and
 * becomes the parent itself.  Seen so, "split at the largest power of two" needs no recursion.
 *
 * Invariant: `last` is the index of the last node of the level; the root is reached at last = 0.
 */
#include "crypto/merkle.h"

#include "crypto/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const uint64_t SIZE_MAX_LEAVES = (uint64_t)1 << MERKLE_DEPTH_MAX;

/* --- the walk ------------------------------------------------------------------------------- */

enum side { SIDE_NONE, SIDE_LEFT, SIDE_RIGHT };

struct walk {
	uint64_t at;
	uint64_t last;
	unsigned int level;
};

/* On which side of the walk's node its sibling is. */
static enum side walk_sibling(const struct walk *w)
{
	if ((w->at & 1) != 0)
		return SIDE_LEFT;
	return w->at < w->last ? SIDE_RIGHT : SIDE_NONE;
}

static void walk_up(struct walk *w)
{
	w->at >>= 1;
	w->last >>= 1;
	w->level++;
}

static size_t walk_siblings(struct walk w)
{
	size_t n = 0;

	for (; w.last > 0; walk_up(&w))
		n += walk_sibling(&w) != SIDE_NONE;
	return n;
}

static enum status place_check(uint64_t index, uint64_t size)
{
	if (size > SIZE_MAX_LEAVES)
		return ST_LIMIT;
	return index < size ? ST_OK : ST_RANGE;
}

static struct walk inclusion_walk(uint64_t index, uint64_t size)
{
	return (struct walk){ .at = index, .last = size - 1, .level = 0 };
}

/* Begins at the last complete subtree of the older tree.  0 < old_size < new_size. */
static struct walk consistency_walk(uint64_t old_size, uint64_t new_size)
{
	struct walk w = { .at = old_size - 1, .last = new_size - 1, .level = 0 };

	while ((w.at & 1) != 0)
		walk_up(&w);
	return w;
}

static enum status sizes_check(uint64_t old_size, uint64_t new_size)
{
	if (new_size > SIZE_MAX_LEAVES)
		return ST_LIMIT;
	return old_size <= new_size ? ST_OK : ST_RANGE;
}

/* --- proving -------------------------------------------------------------------------------- */

static enum status leaves_get(void *ctx, uint8_t out[static MERKLE_HASH_BYTES], unsigned int level,
                              uint64_t index)
{
	const struct merkle_leaves *l = ctx;
	struct merkle_frontier f;
	enum status st;

	if (level > MERKLE_DEPTH_MAX || index >= l->count >> level)
		return ST_INTERNAL;
	merkle_frontier_init(&f);
	for (uint64_t i = index << level; i < (index + 1) << level; i++)
		if ((st = merkle_frontier_append(&f, l->leaf[i])) != ST_OK)
			return st;
	merkle_frontier_root(&f, out);
	return ST_OK;
}

struct merkle_source merkle_leaves_source(struct merkle_leaves *leaves)
{
	return (struct merkle_source){ .get = leaves_get, .ctx = leaves };
}

/*
 * The root over the leaves [begin, end) of a subtree that begins at begin: complete subtrees of
 * falling size from the left, folded from the right.
 */
static enum status range_root(const struct merkle_source *s, uint8_t out[static MERKLE_HASH_BYTES],
                              uint64_t begin, uint64_t end)
{
	uint64_t left = end;
	enum status st;

	assert(begin < end);
	for (unsigned int k = 0; left > begin; k++) {
		uint8_t h[MERKLE_HASH_BYTES];

		if (((end - begin) >> k & 1) == 0)
			continue;
		left -= (uint64_t)1 << k;
		if ((st = s->get(s->ctx, h, k, left >> k)) != ST_OK)
			return st;
		if (left + ((uint64_t)1 << k) == end)
			memcpy(out, h, sizeof(h));
		else
			merkle_node_hash(out, h, out);
	}
	return ST_OK;
}

enum status merkle_root(const struct merkle_source *s, uint8_t out[static MERKLE_HASH_BYTES],
                        uint64_t size)
{
	if (size > SIZE_MAX_LEAVES)
		return ST_LIMIT;
	if (size == 0) {
		merkle_empty_root(out);
		return ST_OK;
	}
	return range_root(s, out, 0, size);
}

/* The subtree over node index of a level, cut off at size. */
static enum status node_root(const struct merkle_source *s, uint8_t out[static MERKLE_HASH_BYTES],
                             unsigned int level, uint64_t index, uint64_t size)
{
	uint64_t end = (index + 1) << level;

	return range_root(s, out, index << level, end < size ? end : size);
}

/* Append the siblings on the way up. */
static enum status walk_prove(const struct merkle_source *s, uint8_t (*path)[MERKLE_HASH_BYTES],
                              size_t *path_len, struct walk w, uint64_t size)
{
	enum status st;

	for (; w.last > 0; walk_up(&w)) {
		enum side side = walk_sibling(&w);

		if (side == SIDE_NONE)
			continue;
		assert(*path_len < MERKLE_PATH_MAX);
		st = node_root(s, path[*path_len], w.level, side == SIDE_LEFT ? w.at - 1 : w.at + 1,
		               size);
		if (st != ST_OK)
			return st;
		(*path_len)++;
	}
	return ST_OK;
}

enum status merkle_inclusion_prove(const struct merkle_source *s,
                                   uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES],
                                   size_t *path_len, uint64_t index, uint64_t size)
{
	enum status st;

	*path_len = 0;
	if ((st = place_check(index, size)) != ST_OK)
		return st;
	return walk_prove(s, path, path_len, inclusion_walk(index, size), size);
}

static bool is_power_of_two(uint64_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

enum status merkle_consistency_prove(const struct merkle_source *s,
                                     uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES],
                                     size_t *path_len, uint64_t old_size, uint64_t new_size)
{
	struct walk w;
	enum status st;

	*path_len = 0;
	if ((st = sizes_check(old_size, new_size)) != ST_OK)
		return st;
	if (old_size == 0 || old_size == new_size)
		return ST_OK;
	w = consistency_walk(old_size, new_size);
	/* Where the older tree is complete, the reader has its root already. */
	if (!is_power_of_two(old_size)) {
		if ((st = s->get(s->ctx, path[0], w.level, w.at)) != ST_OK)
			return st;
		*path_len = 1;
	}
	return walk_prove(s, path, path_len, w, new_size);
}

/* --- verifying ------------------------------------------------------------------------------ */

size_t merkle_inclusion_len(uint64_t index, uint64_t size)
{
	return place_check(index, size) == ST_OK ? walk_siblings(inclusion_walk(index, size)) : 0;
}

enum status merkle_inclusion_verify(const uint8_t root[static MERKLE_HASH_BYTES],
                                    uint64_t size, uint64_t index,
                                    const uint8_t leaf[static MERKLE_HASH_BYTES],
                                    const uint8_t (*path)[MERKLE_HASH_BYTES], size_t path_len)
{
	uint8_t h[MERKLE_HASH_BYTES];
	enum status st;

	if ((st = place_check(index, size)) != ST_OK)
		return st;
	if (path_len != merkle_inclusion_len(index, size))
		return ST_FORMAT;
	memcpy(h, leaf, sizeof(h));
	for (struct walk w = inclusion_walk(index, size); w.last > 0; walk_up(&w)) {
		enum side side = walk_sibling(&w);

		if (side == SIDE_LEFT)
			merkle_node_hash(h, *path++, h);
		else if (side == SIDE_RIGHT)
			merkle_node_hash(h, h, *path++);
	}
	return mem_is_equal(h, root, sizeof(h)) ? ST_OK : ST_HASH;
}

size_t merkle_consistency_len(uint64_t old_size, uint64_t new_size)
{
	if (sizes_check(old_size, new_size) != ST_OK || old_size == 0 || old_size == new_size)
		return 0;
	return walk_siblings(consistency_walk(old_size, new_size)) + !is_power_of_two(old_size);
}

/* Fold a consistency path into both roots at once; 0 < old_size < new_size. */
static enum status consistency_fold(const uint8_t old_root[static MERKLE_HASH_BYTES],
                                    uint64_t old_size,
                                    const uint8_t new_root[static MERKLE_HASH_BYTES],
                                    uint64_t new_size, const uint8_t (*path)[MERKLE_HASH_BYTES])
{
	uint8_t was[MERKLE_HASH_BYTES];
	uint8_t is[MERKLE_HASH_BYTES];

	memcpy(was, is_power_of_two(old_size) ? old_root : *path++, sizeof(was));
	memcpy(is, was, sizeof(is));
	for (struct walk w = consistency_walk(old_size, new_size); w.last > 0; walk_up(&w)) {
		enum side side = walk_sibling(&w);

		/* What stands on the right came after old_size. */
		if (side == SIDE_LEFT) {
			merkle_node_hash(was, *path, was);
			merkle_node_hash(is, *path++, is);
		} else if (side == SIDE_RIGHT) {
			merkle_node_hash(is, is, *path++);
		}
	}
	return mem_is_equal(was, old_root, sizeof(was)) && mem_is_equal(is, new_root, sizeof(is)) ?
	       ST_OK : ST_HASH;
}

enum status merkle_consistency_verify(const uint8_t old_root[static MERKLE_HASH_BYTES],
                                      uint64_t old_size,
                                      const uint8_t new_root[static MERKLE_HASH_BYTES],
                                      uint64_t new_size,
                                      const uint8_t (*path)[MERKLE_HASH_BYTES], size_t path_len)
{
	uint8_t empty[MERKLE_HASH_BYTES];
	enum status st;

	if ((st = sizes_check(old_size, new_size)) != ST_OK)
		return st;
	if (path_len != merkle_consistency_len(old_size, new_size))
		return ST_FORMAT;
	merkle_empty_root(empty);
	if ((old_size == 0 && !mem_is_equal(old_root, empty, sizeof(empty))) ||
	    (new_size == 0 && !mem_is_equal(new_root, empty, sizeof(empty))))
		return ST_HASH;
	if (old_size == new_size)
		return mem_is_equal(old_root, new_root, MERKLE_HASH_BYTES) ? ST_OK : ST_HASH;
	if (old_size == 0)
		return ST_OK;
	return consistency_fold(old_root, old_size, new_root, new_size, path);
}
