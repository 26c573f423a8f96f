/*
 * tend.h: keeping the connecting sockets alive (see sock_reconnect).
 *
 * Invariant: a client socket whose connection libzmq has given up is connecting again within
 * RULE_ALONE_MS and two looks.
 */
#ifndef KALPIS_NET_TEND_H
#define KALPIS_NET_TEND_H

#include "common/net/gate.h"
#include "common/net/socket.h"

#include <stdint.h>

struct tend {
	uint64_t alone_ms;   /* since when its target has had no connection; 0: has one */
};

/* Look at a client socket; call every RULE_TEND_MS or so. */
void tend_look(struct tend *t, struct gate *g, uint32_t target, struct sock *s, uint64_t now_ms);

#endif
