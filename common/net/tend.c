/*
 * tend.c: see tend.h.
 */
#include "common/net/tend.h"

#include "common/net/rules.h"

void tend_look(struct tend *t, struct gate *g, uint32_t target, struct sock *s, uint64_t now_ms)
{
	char endpoint[GATE_NAME_BYTES];

	if (gate_live(g, target) > 0) {
		t->alone_ms = 0;
	} else if (t->alone_ms == 0) {
		t->alone_ms = now_ms;
	} else if (now_ms - t->alone_ms >= RULE_ALONE_MS) {
		gate_name(g, target, endpoint);
		sock_reconnect(s, endpoint);
		t->alone_ms = now_ms;
	}
}
