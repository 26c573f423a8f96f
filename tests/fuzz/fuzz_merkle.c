/*
 * fuzz_merkle.c: inclusion and consistency of a fixed tree, with altered proofs.
 *
 * Input: kind, size, index (or older size), claimed size, claimed index, how many hashes, then a
 * mask that is laid over root, leaf and the honest path.  What is proved: a proof is accepted when
 * nothing was altered, and only then.
 */
#include "crypto/merkle.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { H = MERKLE_HASH_BYTES, LEAVES = 40 };

struct proof {
	uint8_t hash[2 + MERKLE_PATH_MAX][H];   /* two roots, or root and leaf; then the path */
	size_t path_len;
};

static void must(int what)
{
	if (!what)
		abort();
}

/* Lay the mask over; tell whether it changed anything. */
static int alter(struct proof *p, const uint8_t *mask, size_t len)
{
	uint8_t *bytes = &p->hash[0][0];
	size_t used = (2 + p->path_len) * H;
	int changed = 0;

	for (size_t i = 0; i < len && i < used; i++) {
		bytes[i] ^= mask[i];
		changed |= mask[i] != 0;
	}
	return changed;
}

static void try_inclusion(struct merkle_source *s, uint8_t (*leaf)[H], const uint8_t *in,
                          size_t len)
{
	uint64_t size = 1 + in[1] % LEAVES, index = in[2] % size;
	struct proof p = { .path_len = 0 };
	int changed;
	enum status st;

	must(merkle_root(s, p.hash[0], size) == ST_OK);
	memcpy(p.hash[1], leaf[index], H);
	must(merkle_inclusion_prove(s, p.hash + 2, &p.path_len, index, size) == ST_OK);
	must(p.path_len == merkle_inclusion_len(index, size));
	changed = alter(&p, in + 6, len - 6);
	changed |= in[4] != in[2] || in[5] != 0;
	st = merkle_inclusion_verify(p.hash[0], size + in[3] - in[1], index + in[4] - in[2],
	                             p.hash[1], (const uint8_t (*)[H])p.hash + 2, p.path_len + in[5]);
	must(st == ST_OK || st == ST_HASH || st == ST_FORMAT || st == ST_RANGE || st == ST_LIMIT);
	/* A root does not commit to its size (merkle.h): another one of the same shape passes. */
	if (in[3] != in[1])
		return;
	/* The root of one leaf is the leaf: both altered alike are one again. */
	if (size == 1 && in[4] == in[2] && in[5] == 0)
		must((st == ST_OK) == (memcmp(p.hash[0], p.hash[1], H) == 0));
	else
		must((st == ST_OK) == !changed);
}

static void try_consistency(struct merkle_source *s, const uint8_t *in, size_t len)
{
	uint64_t size = 1 + in[1] % LEAVES, old_size = 1 + in[2] % size;
	struct proof p = { .path_len = 0 };
	int changed;
	enum status st;

	must(merkle_root(s, p.hash[0], old_size) == ST_OK);
	must(merkle_root(s, p.hash[1], size) == ST_OK);
	must(merkle_consistency_prove(s, p.hash + 2, &p.path_len, old_size, size) == ST_OK);
	must(p.path_len == merkle_consistency_len(old_size, size));
	changed = alter(&p, in + 6, len - 6) | (in[5] != 0);
	st = merkle_consistency_verify(p.hash[0], old_size, p.hash[1], size,
	                               (const uint8_t (*)[H])p.hash + 2, p.path_len + in[5]);
	/* Equal sizes with both roots altered alike are equal roots again. */
	if (old_size == size && in[5] == 0)
		must((st == ST_OK) == (memcmp(p.hash[0], p.hash[1], H) == 0));
	else
		must((st == ST_OK) == !changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t leaf[LEAVES][H];
	static struct merkle_leaves leaves = { .leaf = (const uint8_t (*)[H])leaf, .count = LEAVES };
	struct merkle_source s = merkle_leaves_source(&leaves);

	for (uint8_t i = 0; i < LEAVES; i++)
		merkle_leaf_hash(leaf[i], &i, 1);
	if (len < 6)
		return 0;
	if ((data[0] & 1) != 0)
		try_consistency(&s, data, len);
	else
		try_inclusion(&s, leaf, data, len);
	return 0;
}
