/*
 * judge_block.c: an unsound block on top of the chain before it: see judge.h.
 *
 * Invariant: what is held against the leader is a refusal of the rules, on the very block that its
 * header names as parent.
 */
#include "common/election/judge.h"

#include "crypto/mem.h"

#include <string.h>

/* Not the rules' refusal, but ours: nobody's fault. */
static bool is_trouble(enum status st)
{
	return st == ST_INTERNAL || st == ST_NO_MEMORY || st == ST_AGAIN || st == ST_RANDOM;
}

static enum status refusal(const struct evidence *e, struct replay *before)
{
	struct chain_fault fault;

	if (e->has_body || e->header.body_len == 0)
		return replay_accept(before, &e->header, e->has_body ? e->body : NULL, e->body_len,
		                     &fault);
	return block_follows(&e->header, replay_tip(before), replay_tip_id(before));
}

enum status judge_block(struct judgement *out, const struct evidence *e, struct replay *before)
{
	enum status st = judge_check(out, e, replay_manifest(before), NULL);

	if (st != ST_INCOMPLETE || e->kind != EVIDENCE_UNSOUND_BLOCK)
		return st;
	if (replay_tip(before)->height + 1 != e->header.height ||
	    !mem_is_equal(replay_tip_id(before), e->header.parent, sizeof(e->header.parent)))
		return ST_INCOMPLETE;   /* it stands on another block: of that one nothing is known here */
	st = refusal(e, before);
	if (!is_trouble(st) && st != ST_OK) {
		out->why = st;
		return ST_OK;
	}
	if (st == ST_OK && !e->has_body && e->header.body_len != 0)
		return ST_INCOMPLETE;
	memset(out, 0, sizeof(*out));
	return st == ST_OK ? ST_OPENING : st;
}
