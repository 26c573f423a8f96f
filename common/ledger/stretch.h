/*
 * stretch.h: a piece of the chain as a node hands it out, its answer to BLOCKS (formats-wire.md
 * §4).
 *
 * Blocks of consecutive heights, and a certified head at or after the last of them.  Everything
 * that can be said of them without the blocks before is said here; what they do is the rulebook's.
 *
 * Invariant: of a stretch that was opened the certificate holds; of one that was checked the id of
 * the last block fixes all the others.
 */
#ifndef KALPIS_LEDGER_STRETCH_H
#define KALPIS_LEDGER_STRETCH_H

#include "common/ledger/receipt.h"
#include "common/wire/message.h"

struct stretch {
	uint64_t first;               /* height */
	uint32_t blocks;              /* at least one */
	const uint8_t *bytes;         /* of the blocks: {u32 length, header and body}...; borrowed */
	size_t len;
	struct certified_head head;   /* of a height not below the last block's */
};

/*
 * An answer OK to BLOCKS from this height.  ST_NOT_FOUND: it holds no block; ST_FORMAT, ST_LIMIT;
 * ST_PARENT: other heights; ST_ELECTION, ST_CERTIFICATE (also of a head below the last block),
 * ST_SIGNATURE.
 */
MUST_USE enum status stretch_open(struct stretch *out, const struct message_response *r,
                                  uint64_t from, const struct committee *c);
/*
 * Do hashes hold them together: does each name the block before it as its parent, has it the body
 * that it names, and does the head, where it says something of the last block, name that?
 * ST_PARENT, ST_HASH.  Nothing else is looked at: what a quorum has signed may still break rules.
 */
MUST_USE enum status stretch_check(const struct stretch *s);
/* Of a checked one: is the last block the head or its parent?  Then a quorum has made all of these
 * blocks final. */
bool stretch_is_certified(const struct stretch *s);

/* The blocks, one after the other; body borrows from the answer.  ST_NOT_FOUND after the last. */
struct reader stretch_begin(const struct stretch *s);
MUST_USE enum status stretch_next(struct reader *at, struct block_header *h, const uint8_t **body,
                                  size_t *body_len);

#endif
