/*
 * receipts.c: a verifier of chains and receipts that shares no rule with the product: headers
 * linked by their hashes, quorums counted by hand, inclusion paths walked from the root down.
 *
 * Invariant: of the product it uses the bytes of a header, SHA-256 and the check of one signature.
 */
#include "tests/sim/sim.h"

#include "crypto/hash.h"

#include <string.h>

enum { RECEIPTS = 4, LEAVES_MAX = 2 * SIM_ITEMS };

static void id_of(uint8_t out[static 32], const struct block_header *h)
{
	uint8_t bytes[BLOCK_HEADER_BYTES];
	struct hash hash;

	block_header_encode(bytes, h);
	hash256_purpose(&hash, "block");
	hash_field(&hash, bytes, sizeof(bytes));
	hash256_final(&hash, out);
}

/* Of so many distinct nodes, each truly signed: n minus a third of n - 1. */
static bool is_final(const struct sim *s, const struct certificate *c, uint64_t view,
                     const uint8_t id[static 32])
{
	unsigned int signers = 0, n = s->o.n;

	if (c->type != VOTE_FINALIZE || c->view != view || memcmp(c->block, id, 32) != 0 ||
	    c->signers >> n != 0)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		uint8_t body[VOTE_BODY_BYTES] = { VOTE_FINALIZE };

		if ((c->signers >> i & 1) == 0)
			continue;
		for (unsigned int k = 0; k < 8; k++)
			body[1 + k] = (uint8_t)(view >> (56 - 8 * k));
		memcpy(body + 9, id, 32);
		if (fake_verify(&s->committee, i, body, c->sig[signers]) != ST_OK)
			return false;
		signers++;
	}
	return signers >= n - (n - 1) / 3;
}

/* Every header names the one before; the last one that is certified is final. */
static bool chain_holds(const struct sim *s, const struct replica *r, size_t *certified)
{
	uint8_t before[32], id[32];

	*certified = 0;
	for (size_t h = 0; h < r->chain_len; h++) {
		const struct committed *c = &r->chain[h];

		id_of(id, &c->header);
		if (memcmp(id, c->id, 32) != 0 || c->header.height != h ||
		    (h > 0 && memcmp(c->header.parent, before, 32) != 0))
			return false;
		if (c->has_cert && !is_final(s, &c->cert, c->header.view, id))
			return false;
		if (c->has_cert)
			*certified = h;
		memcpy(before, id, 32);
	}
	/* A process that died may have left a store that its log is ahead of. */
	return !r->up || *certified + 1 == r->chain_len;
}

static void node_of(uint8_t out[static 32], const uint8_t *left, const uint8_t *right)
{
	uint8_t both[64];

	memcpy(both, left, 32);
	memcpy(both + 32, right, 32);
	merkle_node_hash(out, both, both + 32);
}

/* RFC 6962 §2.1: from the root down, which side at each split; then hash upwards. */
static bool is_included(const uint8_t root[static 32], uint64_t size, uint64_t index,
                        const uint8_t leaf[static 32], const uint8_t (*path)[32], size_t len)
{
	bool is_right[MERKLE_PATH_MAX];
	size_t depth = 0;
	uint8_t at[32];

	while (size > 1 && depth < MERKLE_PATH_MAX) {
		uint64_t left = 1;

		while (2 * left < size)
			left *= 2;
		is_right[depth] = index >= left;
		size = is_right[depth] ? size - left : left;
		index -= is_right[depth++] ? left : 0;
	}
	if (depth != len || index != 0)
		return false;
	memcpy(at, leaf, sizeof(at));
	for (size_t i = 0; i < len; i++)
		if (is_right[depth - 1 - i])
			node_of(at, path[i], at);
		else
			node_of(at, at, path[i]);
	return memcmp(at, root, sizeof(at)) == 0;
}

static size_t leaves_of(uint8_t leaf[][32], const struct sim *s, const struct replica *r,
                        size_t blocks)
{
	const uint8_t *item;
	struct reader items;
	size_t len, count = 0;

	app_leaf(leaf[count++], s->committee.election_id, 32);
	for (size_t h = 1; h < blocks; h++) {
		reader_init(&items, r->chain[h].body, r->chain[h].body_len);
		while (block_item_next(&items, &item, &len) == ST_OK && count < LEAVES_MAX)
			app_leaf(leaf[count++], item, len);
	}
	return count;
}

/* Of some items: the node proves, the stranger checks; and a false leaf is not believed. */
static void check_some(struct sim *s, const struct replica *r, size_t certified)
{
	static uint8_t leaf[LEAVES_MAX][32];
	const struct block_header *head = &r->chain[certified].header;
	struct merkle_leaves all = { .leaf = (const uint8_t (*)[32])leaf };
	struct merkle_source source = merkle_leaves_source(&all);
	uint8_t path[MERKLE_PATH_MAX][32];
	size_t len;

	all.count = leaves_of(leaf, s, r, certified + 1);
	if (all.count != head->log_size) {
		sim_fail(s, "%u: its head commits to another number of leaves", r->inst);
		return;
	}
	for (unsigned int i = 0; i < RECEIPTS; i++) {
		uint64_t index = prng_below(&s->rng, all.count);
		uint8_t other[32];

		if (merkle_inclusion_prove(&source, path, &len, index, all.count) != ST_OK ||
		    !is_included(head->log_root, all.count, index, leaf[index],
		                 (const uint8_t (*)[32])path, len))
			sim_fail(s, "%u: a receipt does not hold", r->inst);
		memcpy(other, leaf[index], sizeof(other));
		other[i] ^= 1;
		if (is_included(head->log_root, all.count, index, other,
		                (const uint8_t (*)[32])path, len))
			sim_fail(s, "%u: a false receipt holds", r->inst);
		s->result->receipts++;
	}
}

void check_receipts(struct sim *s)
{
	bool some = false;

	for (unsigned int i = 0; i < s->instances && !s->result->failed; i++) {
		const struct replica *r = &s->replica[i];
		size_t certified;

		if (!r->honest || r->chain_len == 0)
			continue;
		if (!chain_holds(s, r, &certified))
			sim_fail(s, "%u: its chain does not hold", r->inst);
		else if (!some && certified > 0)
			check_some(s, r, certified);
		some |= certified > 0;
	}
}
