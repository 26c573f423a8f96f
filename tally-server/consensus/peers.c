/*
 * peers.c: rule R12, what one peer may cost.
 *
 * Invariant: the work done for a peer in a second is bounded, and one peer's budget is none of
 * another's.  Nobody is excluded from a view (A.2: a blacklist can be turned on honest nodes).
 */
#include "tally-server/consensus/state.h"

#include <string.h>

enum {
	VERIFY_BURST = 8192,   /* signatures: more than one proposal with its justification */
	ASK_BURST = 32,        /* answers */
	ASK_PER_S = 16
};

/* splitmix64: it picks whom to ask, nothing else. */
static uint64_t random_next(struct consensus *c)
{
	uint64_t z = c->rng += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

void peers_start(struct consensus *c)
{
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		c->peer[i].refill_ms = c->now;
		c->peer[i].verify_left = (uint64_t)VERIFY_BURST * 1000;
		c->peer[i].serve_left = (uint64_t)ASK_BURST * 1000;
	}
}

bool peers_is_banned(const struct consensus *c, uint8_t from)
{
	return c->now < c->peer[from].ban_until_ms;
}

static uint64_t refilled(uint64_t left, uint64_t per_s, uint64_t elapsed_ms, uint64_t burst)
{
	uint64_t more = elapsed_ms > 3600000 ? 3600000 : elapsed_ms;

	return time_min(left + per_s * more, burst * 1000);
}

static void refill(struct consensus *c, struct peer *p)
{
	uint64_t elapsed = c->now - p->refill_ms;

	p->refill_ms = c->now;
	p->verify_left = refilled(p->verify_left, c->cfg.verify_per_s, elapsed, VERIFY_BURST);
	p->serve_left = refilled(p->serve_left, ASK_PER_S, elapsed, ASK_BURST);
}

bool peers_may_verify(struct consensus *c, uint8_t from, unsigned int signatures)
{
	struct peer *p = &c->peer[from];

	refill(c, p);
	if (p->verify_left < (uint64_t)signatures * 1000)
		return false;
	p->verify_left -= (uint64_t)signatures * 1000;
	return true;
}

bool peers_may_ask(struct consensus *c, uint8_t from, enum peers_cost cost)
{
	struct peer *p = &c->peer[from];

	refill(c, p);
	if (p->serve_left < (uint64_t)cost * 1000)
		return false;
	p->serve_left -= (uint64_t)cost * 1000;
	return true;
}

/* At most out_bytes_per_s to each peer: repetitions must not kill the links they should heal. */
bool peers_may_repeat(struct consensus *c, uint64_t bytes)
{
	uint64_t more = time_min(c->now - c->out_refill_ms, 3600000) * c->cfg.out_bytes_per_s;
	uint64_t burst = c->cfg.out_bytes_per_s > bytes ? c->cfg.out_bytes_per_s : bytes;

	c->out_refill_ms = c->now;
	c->out_left = time_min(c->out_left + more, burst * 1000);
	if (c->out_left < bytes * 1000)
		return false;
	c->out_left -= bytes * 1000;
	return true;
}

/* Who sends a body under the header of another lies: nobody honest keeps, or passes on, such. */
enum status peers_body_check(struct consensus *c, uint8_t from, const struct block_header *h,
                             const uint8_t *body, size_t body_len)
{
	enum status st = block_body_check(h, body, body_len);

	if (st != ST_OK)
		peers_blame(c, from);
	return st;
}

void peers_blame(struct consensus *c, uint8_t from)
{
	c->peer[from].ban_until_ms = time_after(c->now, c->cfg.ban_ms);
	out_bad_peer(c, from);
}

uint8_t peers_pick(struct consensus *c, uint16_t among)
{
	uint8_t able[LIMIT_TRUSTEES];
	unsigned int count = 0;

	for (unsigned int i = 0; i < c->cfg.committee.n; i++)
		if ((among >> i & 1) != 0 && i != c->cfg.self && !peers_is_banned(c, (uint8_t)i))
			able[count++] = (uint8_t)i;
	return count == 0 ? CONSENSUS_ALL : able[random_next(c) % count];
}
