/*
 * facts.c: see facts.h.
 */
#include "tally-server/node/facts.h"

#include "common/election/ballot.h"
#include "common/election/roll.h"
#include "tally-server/node/pool.h"

#include <string.h>

static enum status ballot_facts(struct facts *out, const struct manifest *m)
{
	struct ballot b;
	enum status st = ballot_decode(&b, m, &out->tx);

	if (st != ST_OK)
		return st;
	memcpy(out->id, b.id, sizeof(out->id));
	memcpy(out->tracker, b.body.tracker, sizeof(out->tracker));
	out->has_tracker = true;
	out->credential = b.credential;
	return ST_OK;
}

static enum status test_facts(struct facts *out, const struct manifest *m)
{
	struct ballot_test t;
	enum status st = ballot_test_decode(&t, m, &out->tx);

	if (st != ST_OK)
		return st;
	memcpy(out->id, t.id, sizeof(out->id));
	memcpy(out->tracker, t.body.tracker, sizeof(out->tracker));
	out->has_tracker = true;
	return ST_OK;
}

enum status facts_of(struct facts *out, const struct manifest *m, const uint8_t *wire,
                     size_t wire_len)
{
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = tx_decode(&out->tx, wire, wire_len)) != ST_OK)
		return st;
	if (out->tx.type == TX_GENESIS)
		return ST_PHASE;
	if (out->tx.type == TX_BALLOT)
		return ballot_facts(out, m);
	if (out->tx.type == TX_TEST)
		return test_facts(out, m);
	tx_plain_id(out->id, &out->tx);
	return ST_OK;
}

uint32_t facts_voter(const struct facts *f, const struct election *e)
{
	const struct roll *roll = election_roll(e);
	uint32_t voter;

	if (f->credential == NULL || roll == NULL)
		return POOL_NOBODY;
	voter = roll_find(roll, f->credential);
	return voter == ROLL_NONE ? POOL_NOBODY : voter;
}
