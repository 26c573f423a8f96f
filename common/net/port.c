/*
 * port.c: see port.h.
 */
#include "common/net/port.h"

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

static enum status connect_all(struct port *out, const struct manifest *m, enum client_role role,
                               const uint8_t *secret, const struct address *addresses)
{
	struct client *c = NULL;
	uint32_t slot;
	enum status st = client_open(&c, secret);

	for (uint16_t i = 0; st == ST_OK && i < m->trustees_len; i++)
		st = client_add(c, &slot, role, addresses == NULL ? &m->trustees[i].address :
		                &addresses[i], m->trustees[i].curve_key);
	if (st != ST_OK) {
		client_close(c);
		return st;
	}
	*out = (struct port){ .ctx = c, .nodes = m->trustees_len, .ask = net_ask, .poll = net_poll,
	                      .watch = net_watch, .unwatch = net_unwatch, .close = net_close };
	return ST_OK;
}

enum status port_kiosk(struct port *out, const struct manifest *m, const uint8_t *secret,
                       struct fault *fault)
{
	enum status st = connect_all(out, m, CLIENT_KIOSK, secret, NULL);

	if (st == ST_OK)
		return st;
	(void)fault_set(fault, st, "the network cannot be used: %s", status_text(st));
	fault_next(fault, "Check the kiosk's key file and the machine's network.");
	return st;
}

enum status port_reader(struct port *out, const struct manifest *m,
                        const struct address *addresses, struct fault *fault)
{
	enum status st = connect_all(out, m, CLIENT_READ, NULL, addresses);

	if (st == ST_OK)
		return st;
	(void)fault_set(fault, st, "the network cannot be used: %s", status_text(st));
	fault_next(fault, "Check the addresses that were given and the machine's network.");
	return st;
}
