/*
 * replay.c: see replay.h.
 */
#include "common/election/replay.h"

#include "common/base/alloc.h"

#include <stdlib.h>

struct replay {
	const struct manifest *m;
	struct election *e;
	struct checker *checker;
	struct block_header tip;
	struct block_header settled;
	uint64_t sealed;             /* up to here nothing can be undone; at least settled.height */
};

enum status replay_reset(struct replay *r)
{
	enum status st;

	election_free(r->e);
	r->e = NULL;
	if ((st = election_new(&r->e, r->m)) != ST_OK)
		return st;
	st = chain_genesis(&r->tip, r->e);
	r->settled = r->tip;
	r->sealed = 0;
	return st;
}

enum status replay_new(struct replay **out, const struct manifest *m)
{
	struct replay *r = alloc_zero(1, sizeof(*r));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (r == NULL)
		return st;
	r->m = m;
	if ((st = checker_new(&r->checker)) != ST_OK || (st = replay_reset(r)) != ST_OK) {
		replay_free(r);
		return st;
	}
	*out = r;
	return ST_OK;
}

void replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	election_free(r->e);
	checker_free(r->checker);
	free(r);
}

static void seal(struct replay *r)
{
	election_seal(r->e, r->tip.height);
	r->sealed = r->tip.height;
}

enum status replay_accept(struct replay *r, const struct block_header *h, const uint8_t *body,
                          size_t body_len, struct chain_fault *fault)
{
	enum status st;

	if (h->proposer >= r->m->trustees_len) {
		*fault = (struct chain_fault){ .item = CHAIN_NO_ITEM, .st = ST_ROLE };
		return ST_ROLE;
	}
	/* The journal holds so many blocks: then the oldest are forgotten, all at once. */
	if (r->tip.height - r->sealed == ELECTION_UNSEALED_MAX)
		seal(r);
	st = chain_accept(r->e, r->checker, NULL, &r->tip, h, body, body_len, fault);
	if (st == ST_OK)
		r->tip = *h;
	return st;
}

void replay_settle(struct replay *r)
{
	r->settled = r->tip;
	seal(r);
}

enum status replay_undo(struct replay *r)
{
	if (r->sealed > r->settled.height)
		return replay_reset(r);
	while (election_height(r->e) > r->settled.height)
		if (election_pop(r->e) != ST_OK)
			return ST_INTERNAL;
	r->tip = r->settled;
	return ST_OK;
}

const struct manifest *replay_manifest(const struct replay *r)
{
	return r->m;
}

const struct election *replay_election(const struct replay *r)
{
	return r->e;
}

const struct block_header *replay_tip(const struct replay *r)
{
	return &r->tip;
}

const uint8_t *replay_tip_id(const struct replay *r)
{
	return election_tip(r->e);
}

uint64_t replay_settled(const struct replay *r)
{
	return r->settled.height;
}
