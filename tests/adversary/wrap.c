/*
 * wrap.c: the node's doors to the network, with the adversary in between: see adversary.h.
 *
 * Invariant: what comes in reaches the node unchanged.
 */
#include "tests/adversary/adversary.h"

#include "common/base/clock.h"

#include <string.h>

enum { TURN_MS = 20 };

void say(uint32_t to, enum link_lane lane, const void *bytes, size_t len)
{
	if (to != adversary.node->self)
		(void)__real_link_send(adversary.node->link, to, lane, bytes, len);
}

enum status __wrap_link_poll(struct link *l, struct link_event *event, int timeout_ms)
{
	enum status st = __real_link_poll(l, event, timeout_ms < TURN_MS ? timeout_ms : TURN_MS);

	if (st == ST_OK && (event->kind == LINK_PEER_FAST || event->kind == LINK_PEER_BULK))
		deed_hear(event);
	deed_turn(clock_mono_ms());
	return st;
}

enum status __wrap_link_send(struct link *l, uint32_t peer, enum link_lane lane,
                             const void *bytes, size_t len)
{
	(void)l;
	deed_say(peer, lane, bytes, len);
	return ST_OK;
}

uint32_t __wrap_link_broadcast(struct link *l, enum link_lane lane, const void *bytes, size_t len)
{
	const struct node *n = adversary.node;
	const uint8_t *kind = bytes;

	(void)l;
	if (len > 0 && kind[0] == WIRE_PROPOSAL) {
		deed_lead(bytes, len);
		return n->committee.n - 1;
	}
	for (uint32_t to = 0; to < n->committee.n; to++)
		if (to != n->self)
			deed_say(to, lane, bytes, len);
	return n->committee.n - 1;
}

enum status __wrap_link_reply(struct link *l, const struct link_token *token, const void *bytes,
                              size_t len)
{
	static uint8_t answer[LIMIT_RESPONSE];

	if (len > sizeof(answer))
		return ST_LIMIT;
	memcpy(answer, bytes, len);
	deed_answer(answer, &len);
	return __real_link_reply(l, token, answer, len);
}
