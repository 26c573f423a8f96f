/*
 * branch_impl.h: what the files of the branch share (branch.h).
 *
 * Invariant: stack[0..stack_len) are the blocks between the final tip and the state's, each the
 * parent of the next.
 */
#ifndef KALPIS_NODE_BRANCH_IMPL_H
#define KALPIS_NODE_BRANCH_IMPL_H

#include "tally-server/node/branch.h"

enum {
	STACK_MAX = 64,
	LOANS_MAX = 4352,                     /* blocks in the largest answer, and some */
	LOAN_BYTES_MAX = 96 << 20,
	VERDICTS_MAX = 4 * POOL_COUNT_MAX,
	NO_MARK = POOL_BLOCKS_MAX
};

struct branch_block {
	uint8_t id[32];
	struct block_header header;
	uint8_t *body;                        /* owned; NULL when empty */
	bool valid;                           /* judged so on its parent, which is */
	enum status bad;                      /* judged invalid, and why; ST_OK: not */
	bool wants_work;                      /* waits for verdicts */
	bool at_work;                         /* the worker has it */
	bool told;                            /* that its time keeps us from voting */
	unsigned int mark;                    /* in the pool; NO_MARK until valid */
	uint8_t params[32];                   /* hash of the snapshot after it; once valid */
	uint8_t (*ids)[TX_ID_BYTES];          /* of its items, sorted; owned; once valid */
};

struct branch {
	struct branch_config cfg;
	struct checker *checker;
	struct verdict_cache *verdicts;
	uint8_t tip_id[32];
	const struct election_params *params; /* after the final tip; a reference */
	struct branch_block *block[BRANCH_BLOCKS_MAX];
	size_t blocks;
	size_t bytes;
	struct branch_block *stack[STACK_MAX];
	size_t stack_len;
	uint64_t marks;                       /* in use */
	uint8_t *loan[LOANS_MAX];
	size_t loans;
	size_t loan_bytes;
	uint8_t *built;                       /* the body under construction */
	uint8_t (*others)[TX_ID_BYTES];       /* final, without a tracker; sorted */
	size_t others_len, others_cap;
};

struct branch_block *branch_find(const struct branch *b, const uint8_t id[static 32]);
/*
 * Bring the state to the block with this id: the final tip or a valid block.  ST_NOT_FOUND when it
 * is neither; ST_AGAIN when the branch is too long; ST_INTERNAL: a valid block is no longer.
 */
MUST_USE enum status branch_stand(struct branch *b, const uint8_t id[static 32]);
/* The header of the block that the state stands on. */
const struct block_header *branch_top(const struct branch *b);
/* The state's tip is this block, which was not valid before: it is now.  On failure: undone. */
MUST_USE enum status branch_settle(struct branch *b, struct branch_block *blk);
/* Take the state's newest block back, which is in no stack yet.  Returns why. */
enum status branch_undo(struct branch *b, enum status why);
/* Execute a block on the state, which stands on its parent, and make it valid. */
MUST_USE enum status branch_accept(struct branch *b, struct branch_block *blk);
void branch_block_free(struct branch *b, size_t at);

#endif
