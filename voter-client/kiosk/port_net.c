/*
 * port_net.c: the nodes over the network: see port.h.
 */
#include "voter-client/kiosk/port.h"

static enum status net_ask(void *ctx, uint64_t *request, uint32_t node, const void *bytes,
                           size_t len, uint32_t timeout_ms)
{
	return client_ask(ctx, request, node, bytes, len, timeout_ms);
}

static enum status net_poll(void *ctx, struct client_event *event, int timeout_ms)
{
	return client_poll(ctx, event, timeout_ms);
}

static enum status net_watch(void *ctx, int fd)
{
	return client_watch(ctx, fd);
}

static void net_unwatch(void *ctx, int fd)
{
	client_unwatch(ctx, fd);
}

static void net_close(void *ctx)
{
	client_close(ctx);
}

enum status port_net(struct port *out, const struct manifest *m, const uint8_t *secret,
                     struct fault *fault)
{
	struct client *c = NULL;
	uint32_t slot;
	enum status st = client_open(&c, secret);

	for (uint16_t i = 0; st == ST_OK && i < m->trustees_len; i++)
		st = client_add(c, &slot, CLIENT_KIOSK, &m->trustees[i].address,
		                m->trustees[i].curve_key);
	if (st != ST_OK) {
		client_close(c);
		(void)fault_set(fault, st, "the network cannot be used: %s", status_text(st));
		fault_next(fault, "Check the kiosk's key file and the machine's network.");
		return st;
	}
	*out = (struct port){ .ctx = c, .nodes = m->trustees_len, .ask = net_ask, .poll = net_poll,
	                      .watch = net_watch, .unwatch = net_unwatch, .close = net_close };
	return ST_OK;
}
