/*
 * chain.h: blocks against the rulebook: what a node, an observer and a trustee do alike.
 *
 * Invariant: after chain_accept the state stands on the block, or, on a refusal, where it stood.
 */
#ifndef KALPIS_ELECTION_CHAIN_H
#define KALPIS_ELECTION_CHAIN_H

#include "common/election/check.h"
#include "common/ledger/block.h"

/*
 * Verdicts that were given before, so that a proof is checked once.  Bounded: the oldest are
 * forgotten, which costs time and nothing else.  Not for several threads at once.
 */
struct verdict_cache;
MUST_USE enum status verdict_cache_new(struct verdict_cache **out, size_t capacity);
void verdict_cache_free(struct verdict_cache *c);
void verdict_cache_put(struct verdict_cache *c, const struct verdict *v);
bool verdict_cache_has(const struct verdict_cache *c, const struct verdict *v);

/* The id of a transaction; a ballot's needs the manifest.  ST_FORMAT and more: it has none. */
MUST_USE enum status chain_tx_id(uint8_t id[static TX_ID_BYTES], const struct manifest *m,
                                 const struct tx *tx);

#define CHAIN_NO_ITEM UINT32_MAX

/* Where a block is wrong. */
struct chain_fault {
	uint32_t item;          /* CHAIN_NO_ITEM: the block itself */
	enum tx_type type;
	enum status st;
};

/*
 * Check a block on top of the tip and make it the tip.  parent is the tip's header (block 0's at
 * first).  cache may be NULL.  ST_OK, or the reason, with its place in *fault.
 */
MUST_USE enum status chain_accept(struct election *e, struct checker *checker,
                                  struct verdict_cache *cache, const struct block_header *parent,
                                  const struct block_header *header, const uint8_t *body,
                                  size_t body_len, struct chain_fault *fault);

/* What a builder may choose from: transactions with a verdict.  Borrowed. */
struct chain_candidate {
	struct tx tx;
	struct verdict verdict;
	uint8_t key[32];        /* id, or the tracker of a ballot or test: its place in a block */
	size_t arrival;         /* set by chain_build: its place in the given array */
	enum status taken;      /* out: ST_OK when it is in the block, else why not */
};
MUST_USE enum status chain_candidate_init(struct chain_candidate *c, const struct manifest *m,
                                          const struct tx *tx, const struct verdict *verdict);

/*
 * Build a block on the tip from candidates in the order of their arrival: takes what the rules
 * allow up to the limits, a phase change only when nothing before it can be taken, and writes the
 * body.  The array is left sorted by place in a block.  header gets n_items, body_len, body_hash
 * and the digests; the caller has set the other fields.  The block is then the tip.  body has
 * room for BLOCK_BODY_BYTES_MAX.
 */
MUST_USE enum status chain_build(struct election *e, struct chain_candidate *candidates,
                                 size_t candidates_len, struct block_header *header,
                                 uint8_t *body);

/* Block 0's header. */
MUST_USE enum status chain_genesis(struct block_header *out, const struct election *e);

#endif
