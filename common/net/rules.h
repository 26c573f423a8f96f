/*
 * rules.h: the figures of the transport, in one place (docs/decisions/0035 says why these).
 *
 * Memory that a stranger can make us hold, for each connection of an endpoint: about budget, plus
 * two buffers of the gate, plus what we queue for it to read.
 */
#ifndef KALPIS_NET_RULES_H
#define KALPIS_NET_RULES_H

#include "common/base/limits.h"
#include "common/net/gate.h"

enum {
	RULE_HWM_FAST = 1024,    /* messages queued, each way */
	RULE_HWM_BULK = 8,
	RULE_FLIGHT = 4,         /* requests of one client under way at one node */
	/*
	 * libzmq knows up to half of this late that a message has left: so many, and the answers to
	 * a client that keeps to RULE_FLIGHT always find room.
	 */
	RULE_HWM_CLIENT = 6,
	RULE_ALONE_MS = 1000,    /* a socket that has not reconnected in this time never will */
	RULE_TEND_MS = 250       /* how often we look */
};

static const struct gate_rule RULE_FAST = {
	.budget = 4 << 20, .idle_ms = 3600 * 1000,
	.evict_ms = 10000, .each_max = 4, .source_max = 2, .rate = 20, .source_rate = 10
};
static const struct gate_rule RULE_BULK = {
	.budget = 16 << 20, .idle_ms = 3600 * 1000,
	.evict_ms = 10000, .each_max = 4, .source_max = 2, .rate = 20, .source_rate = 10
};
static const struct gate_rule RULE_KIOSK = {
	.budget = 3 << 20, .idle_ms = 600 * 1000,
	.evict_ms = 10000, .each_max = 1, .source_max = 1, .rate = 50, .source_rate = 37
};
static const struct gate_rule RULE_READ = {
	.budget = 64 << 10, .idle_ms = 600 * 1000,
	.evict_ms = 10000, .each_max = 1, .source_max = 1, .rate = 20, .source_rate = 10
};
/* A program that asks nodes: what a node may send it before it is read. */
static const struct gate_rule RULE_CLIENT = {
	.budget = 8 << 20, .idle_ms = 3600 * 1000,
	.evict_ms = 10000, .each_max = 4, .source_max = 4, .rate = 20
};

_Static_assert((4 << 20) >= 2 * (LIMIT_FRAME_FAST), "a full frame never waits for itself");
_Static_assert((16 << 20) >= 2 * (LIMIT_FRAME_BULK), "nor on the bulk lane");
_Static_assert((3 << 20) >= 2 * (LIMIT_REQUEST), "nor a request");
_Static_assert((64 << 10) >= 2 * (LIMIT_REQUEST_READ), "nor a reader's");
_Static_assert((8 << 20) >= 2 * (LIMIT_RESPONSE), "nor an answer");

/*
 * Connections from one address: a peer has one machine, and of the four that its port can hold one
 * address has two, so that nobody elsewhere can fill it alone.  A polling place may sit behind one
 * address, so kiosks may have three quarters of the endpoint; a reader a quarter, and at least
 * four.  Of the rate of new connections one address has half, or of kiosks three quarters.
 */
static inline uint32_t rule_source_max(bool is_kiosk, uint32_t connections)
{
	uint32_t share = is_kiosk ? connections - connections / 4 : connections / 4;

	return share < 4 ? 4 : share;
}

#endif
