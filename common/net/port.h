/*
 * port.h: how kiosks and readers ask the nodes of an election: the shape of client.h as a table of
 * functions, so that a whole town can stand behind it in memory.
 *
 * Invariant: as client.h: an answer comes at most once, from the node that was asked; what it says
 * is not to be believed.
 */
#ifndef KALPIS_NET_PORT_H
#define KALPIS_NET_PORT_H

#include "common/base/fault.h"
#include "common/election/manifest.h"
#include "common/net/client.h"

struct port {
	void *ctx;
	uint32_t nodes;      /* slots 0..nodes-1, in manifest order */
	enum status (*ask)(void *ctx, uint64_t *request, uint32_t node, const void *bytes,
	                   size_t len, uint32_t timeout_ms);
	enum status (*poll)(void *ctx, struct client_event *event, int timeout_ms);
	enum status (*watch)(void *ctx, int fd);
	void (*unwatch)(void *ctx, int fd);
	void (*close)(void *ctx);
};

/* The nodes of a manifest over the network, for a kiosk under its CURVE secret (32 bytes). */
MUST_USE enum status port_kiosk(struct port *out, const struct manifest *m, const uint8_t *secret,
                                struct fault *fault);
/* For a reader.  addresses: where each node is, one for each trustee; NULL: as the cards say. */
MUST_USE enum status port_reader(struct port *out, const struct manifest *m,
                                 const struct address *addresses, struct fault *fault);

#endif
