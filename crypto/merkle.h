/*
 * merkle.h: RFC 6962 §2.1 trees over SHA-256: a log that grows, and a table that changes
 * (protocol.md §2.2).
 *
 * A leaf's hash is SHA-256(0x00 || data), a node's SHA-256(0x01 || left || right); a tree of n
 * leaves is split at the largest power of two below n.  These are the only hashes without a
 * purpose string: RFC 6962 fixes them.
 *
 * Invariant: a proof has exactly the length that its sizes and index call for; a shorter or
 * longer one is refused before anything is hashed.  Everything here is public: no function takes
 * constant time, none allocates.
 */
#ifndef KALPIS_CRYPTO_MERKLE_H
#define KALPIS_CRYPTO_MERKLE_H

#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum {
	MERKLE_HASH_BYTES = 32,
	MERKLE_DEPTH_MAX = 40,                      /* trees have at most 2^40 leaves */
	MERKLE_PATH_MAX = MERKLE_DEPTH_MAX + 1      /* hashes in the longest proof */
};

void merkle_empty_root(uint8_t out[static MERKLE_HASH_BYTES]);   /* SHA-256 of nothing */
void merkle_leaf_hash(uint8_t out[static MERKLE_HASH_BYTES], const void *data, size_t len);
void merkle_node_hash(uint8_t out[static MERKLE_HASH_BYTES],
                      const uint8_t left[static MERKLE_HASH_BYTES],
                      const uint8_t right[static MERKLE_HASH_BYTES]);

/* --- growing: what a writer of the log keeps ------------------------------------------------ */

/* The complete subtrees of the size leaves so far; peak[k] is in use iff bit k of size is set.
 * Plain data: copy it to remember a state. */
struct merkle_frontier {
	uint64_t size;
	uint8_t peak[MERKLE_DEPTH_MAX + 1][MERKLE_HASH_BYTES];
};

void merkle_frontier_init(struct merkle_frontier *f);
/* ST_LIMIT when 2^MERKLE_DEPTH_MAX leaves are there; f is unchanged. */
MUST_USE enum status merkle_frontier_append(struct merkle_frontier *f,
                                            const uint8_t leaf[static MERKLE_HASH_BYTES]);
void merkle_frontier_root(const struct merkle_frontier *f, uint8_t out[static MERKLE_HASH_BYTES]);

/* --- proofs --------------------------------------------------------------------------------- */

/*
 * A root does not commit to its size: a path may hold for several sizes in which its place has the
 * same shape.  Take size and root from one signed or certified place (a block's header has both).
 */

/*
 * Where a prover finds hashes.  get writes the root of the complete subtree over the leaves
 * [index << level, (index + 1) << level); it is asked only for subtrees that are complete in the
 * tree at hand.  Its failures (such as ST_IO) are passed on.
 */
struct merkle_source {
	enum status (*get)(void *ctx, uint8_t out[static MERKLE_HASH_BYTES], unsigned int level,
	                   uint64_t index);
	void *ctx;
};

/* A source over an array of leaf hashes; a subtree costs as many hashes as it has leaves. */
struct merkle_leaves {
	const uint8_t (*leaf)[MERKLE_HASH_BYTES];   /* borrowed */
	uint64_t count;
};
struct merkle_source merkle_leaves_source(struct merkle_leaves *leaves);   /* borrowed */

/* The root over the first size leaves. */
MUST_USE enum status merkle_root(const struct merkle_source *s,
                                 uint8_t out[static MERKLE_HASH_BYTES], uint64_t size);

/*
 * Inclusion of leaf index in the tree of size leaves (RFC 6962 §2.1.1), from the leaf upwards.
 * path has room for MERKLE_PATH_MAX hashes.  ST_RANGE unless index < size, ST_LIMIT for a size
 * beyond 2^MERKLE_DEPTH_MAX.
 */
MUST_USE enum status merkle_inclusion_prove(const struct merkle_source *s,
                                            uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES],
                                            size_t *path_len, uint64_t index, uint64_t size);
/* Hashes in such a path; 0 unless index < size <= 2^MERKLE_DEPTH_MAX. */
size_t merkle_inclusion_len(uint64_t index, uint64_t size);
/*
 * ST_OK: leaf is the hash of leaf index in the tree of this size and root.  ST_RANGE, ST_LIMIT
 * as above; ST_FORMAT: a path of another length than the place calls for; ST_HASH: another root.
 */
MUST_USE enum status merkle_inclusion_verify(const uint8_t root[static MERKLE_HASH_BYTES],
                                             uint64_t size, uint64_t index,
                                             const uint8_t leaf[static MERKLE_HASH_BYTES],
                                             const uint8_t (*path)[MERKLE_HASH_BYTES],
                                             size_t path_len);

/*
 * Consistency: the tree of old_size leaves is a prefix of that of new_size (RFC 6962 §2.1.2).
 * Empty when old_size is 0 or new_size.  ST_RANGE unless old_size <= new_size.
 */
MUST_USE enum status
merkle_consistency_prove(const struct merkle_source *s,
                         uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES],
                         size_t *path_len, uint64_t old_size, uint64_t new_size);
size_t merkle_consistency_len(uint64_t old_size, uint64_t new_size);
/* Statuses as for inclusion; ST_HASH also when equal sizes have unequal roots, or the root of no
 * leaves is not that of merkle_empty_root. */
MUST_USE enum status merkle_consistency_verify(const uint8_t old_root[static MERKLE_HASH_BYTES],
                                               uint64_t old_size,
                                               const uint8_t new_root[static MERKLE_HASH_BYTES],
                                               uint64_t new_size,
                                               const uint8_t (*path)[MERKLE_HASH_BYTES],
                                               size_t path_len);

/* --- changing: a table with a root ---------------------------------------------------------- */

enum { MERKLE_VALUE_BYTES = 32 };

/*
 * A tree over a fixed number of 32-byte values, all zero at first.  It has the shape of RFC 6962,
 * so merkle_inclusion_verify checks its paths with leaf = merkle_leaf_hash(value, 32).
 */
struct merkle_tree {
	uint8_t (*node)[MERKLE_HASH_BYTES];   /* borrowed: merkle_tree_nodes(count) of them */
	uint64_t count;
};

/* How many nodes a tree of count values needs: below 2 * count + MERKLE_DEPTH_MAX. */
uint64_t merkle_tree_nodes(uint64_t count);
/* ST_LIMIT when count is beyond 2^MERKLE_DEPTH_MAX.  The nodes are written. */
MUST_USE enum status merkle_tree_init(struct merkle_tree *t, uint8_t (*node)[MERKLE_HASH_BYTES],
                                      uint64_t count);
/* index < count.  O(log count) hashes. */
void merkle_tree_set(struct merkle_tree *t, uint64_t index,
                     const uint8_t value[static MERKLE_VALUE_BYTES]);
void merkle_tree_root(const struct merkle_tree *t, uint8_t out[static MERKLE_HASH_BYTES]);
/* The inclusion path of a value; index < count. */
void merkle_tree_path(const struct merkle_tree *t,
                      uint8_t path[static MERKLE_PATH_MAX][MERKLE_HASH_BYTES], size_t *path_len,
                      uint64_t index);

#endif
