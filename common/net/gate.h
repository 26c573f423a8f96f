/*
 * gate.h: the relay between the network and libzmq (docs/decisions/0035).
 *
 * libzmq bounds the parts of a message but not their number, and answers no question about what a
 * connection has swallowed.  So no stranger's TCP connection reaches it: the gate holds them all
 * and passes bytes to and fro over local sockets, one libzmq socket (a *target*) at the far end of
 * each.  What it adds: a bound on what has been passed in and not yet been delivered as messages,
 * bounds on connections (number, number from one source, rate), an end to the silent and to the
 * endless.  It understands nothing of what it passes; CURVE runs end to end through it.
 *
 * Two kinds of route.  Inward: a TCP port of ours; the gate connects to one of the route's
 * targets, which libzmq has bound at gate_name.  Outward: libzmq connects to gate_name and the
 * gate dials the remote TCP port, with growing pauses while that fails.
 *
 * One thread of its own.  Routes are made before gate_start; then only what is marked "any thread"
 * may be called.
 *
 * Invariant: for each target, bytes passed in minus bytes delivered stays below budget plus one
 * buffer for each connection.
 */
#ifndef KALPIS_NET_GATE_H
#define KALPIS_NET_GATE_H

#include "common/base/fault.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GATE_NAME_BYTES = 64,
	GATE_ROUTES_MAX = 64,
	GATE_TARGETS_MAX = 1280,
	GATE_SOURCES_MAX = 128,         /* addresses whose rate is remembered, over all ports */
	GATE_BUFFER_BYTES = 64 << 10,   /* each way, for each connection */
	GATE_OVERHEAD_BYTES = 64        /* of a message: frame header and CURVE, with room */
};

struct gate_rule {
	size_t budget;          /* bytes passed in and not yet delivered, before we stop reading */
	uint32_t idle_ms;       /* a connection that delivers nothing for so long is cut */
	uint32_t evict_ms;      /* a full endpoint drops who delivered nothing for so long */
	uint32_t each_max;      /* connections to one target at a time */
	uint32_t source_max;    /* connections from one address (IPv6: /64) to one port */
	uint32_t rate;          /* new connections in a second */
	uint32_t source_rate;   /* of one address; 0: as many as rate */
};

struct gate_stats {
	uint64_t accepted;   /* connections taken */
	uint64_t refused;    /* connections closed at once: full, too many of one source, too quick */
	uint64_t cut;        /* closed by us later: silent, endless or abusive */
};

struct gate;

MUST_USE enum status gate_open(struct gate **out);
/* Closes every connection and joins the thread.  NULL is harmless. */
void gate_close(struct gate *g);

/*
 * Listen at host ("*", a name or an address, brackets round IPv6) and port; pass each connection
 * to one of count targets, *first and those after it.  ST_IO tells fault.
 */
MUST_USE enum status gate_inward(struct gate *g, uint32_t *first, struct fault *fault,
				 const char *host, uint16_t port, uint32_t count,
				 const struct gate_rule *rule);
/* What libzmq connects to as target goes to host and port.  The rate of the rule is not used. */
MUST_USE enum status gate_outward(struct gate *g, uint32_t *target, const char *host, uint16_t port,
				  const struct gate_rule *rule);

/* The local endpoint, "ipc://@kalpis-..."; libzmq binds it (inward) or connects to it (outward). */
void gate_name(const struct gate *g, uint32_t target, char out[static GATE_NAME_BYTES]);

MUST_USE enum status gate_start(struct gate *g);

/* --- any thread ------------------------------------------------------------------------------- */

/* A message of len bytes has reached the program. */
void gate_delivered(struct gate *g, uint32_t target, size_t len);
/* Whether everything that libzmq has for this target was taken from it. */
void gate_set_idle(struct gate *g, uint32_t target, bool is_idle);
/* The program has just looked at its sockets, or (is_waiting) sleeps until one has something. */
void gate_set_waiting(struct gate *g, bool is_waiting);
/* Cut the connections of a target and keep it closed for a second. */
void gate_cut(struct gate *g, uint32_t target);
/* Grows with each new connection of a target. */
uint64_t gate_generation(struct gate *g, uint32_t target);
/* Connections of a target now. */
uint32_t gate_live(struct gate *g, uint32_t target);
void gate_stats(struct gate *g, struct gate_stats *out);

#endif
