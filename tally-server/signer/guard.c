/*
 * guard.c: see guard.h.
 */
#include "tally-server/signer/guard.h"

#include "crypto/mem.h"

#include <string.h>

bool guard_has(const struct guard *g, enum vote_type type, const uint8_t block[static 32])
{
	switch (type) {
	case VOTE_NOTARIZE:
		return g->notarized && mem_is_equal(g->block, block, 32);
	case VOTE_NULLIFY:
		return g->nullified && mem_is_zero(block, 32);
	case VOTE_FINALIZE:
		return g->finalized && mem_is_equal(g->block, block, 32);
	}
	return false;
}

enum status guard_check(const struct guard *g, enum vote_type type,
                        const uint8_t block[static 32])
{
	bool same = g->notarized && mem_is_equal(g->block, block, 32);

	switch (type) {
	case VOTE_NOTARIZE:
		return !g->notarized || same ? ST_OK : ST_CONFLICT;
	case VOTE_NULLIFY:
		if (!mem_is_zero(block, 32))
			return ST_FORMAT;
		return g->finalized ? ST_CONFLICT : ST_OK;
	case VOTE_FINALIZE:
		if (g->nullified || (g->notarized && !same))
			return ST_CONFLICT;
		return g->notarized ? ST_OK : ST_ORDER;
	}
	return ST_FORMAT;
}

void guard_add(struct guard *g, enum vote_type type, const uint8_t block[static 32])
{
	switch (type) {
	case VOTE_NOTARIZE:
		g->notarized = true;
		memcpy(g->block, block, 32);
		break;
	case VOTE_NULLIFY:
		g->nullified = true;
		break;
	case VOTE_FINALIZE:
		g->finalized = true;
		break;
	}
}
