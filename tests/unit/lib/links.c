/*
 * links.c: see links.h.
 */
#include "tests/unit/lib/links.h"

#include "common/base/clock.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static bool port_is_free(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool is_free;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	is_free = bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;
	(void)close(fd);
	return is_free;
}

/* A block of ports that nobody uses, below those that the system hands out by itself. */
static uint16_t base_find(void)
{
	for (int tries = 0; tries < 1000; tries++) {
		uint16_t base = (uint16_t)(10000 + rng_below(22000 - ADDRESS_PORTS));
		bool is_free = true;

		for (uint16_t k = 0; k < ADDRESS_PORTS && is_free; k++)
			is_free = port_is_free((uint16_t)(base + k));
		if (is_free)
			return base;
	}
	fail_msg("no free ports");
	return 0;
}

void world_make(struct world *w, uint32_t count)
{
	assert_int_equal(crypto_init(), ST_OK);
	memset(w, 0, sizeof(*w));
	assert_true(count <= LINKS_MAX);
	w->count = count;
	for (uint32_t i = 0; i < count; i++) {
		link_keygen(w->nodes[i].key, w->secrets[i]);
		(void)snprintf(w->nodes[i].address.host, sizeof(w->nodes[i].address.host),
			       "127.0.0.1");
		w->nodes[i].address.base = base_find();
		w->config[i] = (struct link_config){
			.nodes = w->nodes, .count = count, .self = i, .secret = w->secrets[i],
			.bind_host = "127.0.0.1", .has_kiosk = true, .has_read = true,
			.kiosk_connections = 16, .read_connections = 16
		};
	}
}

void world_up(struct world *w, uint32_t i)
{
	struct fault fault;
	enum status st = ST_IO;

	/* Somebody may have taken a port since it was found free: only then try again. */
	for (int tries = 0; tries < 50 && st == ST_IO; tries++) {
		st = link_open(&w->links[i], &fault, &w->config[i]);
		if (st == ST_IO)
			(void)usleep(20000);
	}
	if (st != ST_OK)
		fail_msg("link_open: %s: %s", status_name(st), fault.what);
}

void world_down(struct world *w, uint32_t i)
{
	link_close(w->links[i]);
	w->links[i] = NULL;
}

void world_forget(struct world *w, uint32_t i)
{
	for (size_t k = 0; k < w->heard_count[i]; k++)
		free(w->heard[i][k].bytes);
	w->heard_count[i] = 0;
}

void world_free(struct world *w)
{
	for (uint32_t i = 0; i < w->count; i++) {
		world_down(w, i);
		world_forget(w, i);
		free(w->heard[i]);
	}
	memset(w, 0, sizeof(*w));
}

static void hear(struct world *w, uint32_t i, const struct link_event *event)
{
	struct heard *h;

	if (w->heard_count[i] == w->heard_room[i]) {
		w->heard_room[i] = w->heard_room[i] == 0 ? 64 : 2 * w->heard_room[i];
		w->heard[i] = realloc(w->heard[i], w->heard_room[i] * sizeof(*h));
		assert_non_null(w->heard[i]);
	}
	h = &w->heard[i][w->heard_count[i]++];
	h->event = *event;
	h->bytes = malloc(event->len + 1);
	assert_non_null(h->bytes);
	if (event->len > 0)
		memcpy(h->bytes, event->bytes, event->len);
	h->event.bytes = h->bytes;
}

static void node_turn(struct world *w, uint32_t i)
{
	struct link_event event;
	int wait_ms = 1;

	for (int k = 0; k < 64; k++) {
		enum status st = link_poll(w->links[i], &event, wait_ms);

		if (st == ST_TIMEOUT)
			return;
		assert_int_equal(st, ST_OK);
		hear(w, i, &event);
		if (w->is_echo && (event.kind == LINK_KIOSK_REQUEST ||
				   event.kind == LINK_READ_REQUEST))
			(void)link_reply(w->links[i], &event.token, event.bytes, event.len);
		wait_ms = 0;
	}
}

void world_turn(struct world *w)
{
	for (uint32_t i = 0; i < w->count; i++)
		if (w->links[i] != NULL && !w->is_deaf[i])
			node_turn(w, i);
}

bool world_hears(struct world *w, uint32_t i, size_t count)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;

	while (w->heard_count[i] < count && clock_mono_ms() < end_ms)
		world_turn(w);
	return w->heard_count[i] >= count;
}

void world_run(struct world *w, uint32_t ms)
{
	uint64_t end_ms = clock_mono_ms() + ms;

	while (clock_mono_ms() < end_ms)
		world_turn(w);
}

void world_connect(struct world *w)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	uint32_t up = 0;
	bool is_done = false;

	for (uint32_t i = 0; i < w->count; i++)
		up += w->links[i] != NULL ? 1 : 0;
	while (!is_done && clock_mono_ms() < end_ms) {
		is_done = true;
		world_turn(w);
		for (uint32_t i = 0; i < w->count; i++) {
			struct link_stats stats;

			if (w->links[i] == NULL)
				continue;
			link_stats(w->links[i], &stats);
			is_done = is_done && stats.connected == up - 1;
		}
	}
	assert_true(is_done);
}

static void url(char out[static WORLD_URL_BYTES], uint16_t port)
{
	(void)snprintf(out, WORLD_URL_BYTES, "tcp://127.0.0.1:%" PRIu16, port);
}

void world_url_peer(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i,
		    uint32_t peer, enum link_lane lane)
{
	url(out, address_port_peer(&w->nodes[i].address, peer,
				   lane == LINK_FAST ? ADDRESS_FAST : ADDRESS_BULK));
}

void world_url_kiosk(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i)
{
	url(out, address_port_kiosk(&w->nodes[i].address));
}

void world_url_read(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i)
{
	url(out, address_port_read(&w->nodes[i].address));
}

enum status world_client(struct world *w, struct client *c, struct client_event *event)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;

	while (clock_mono_ms() < end_ms) {
		enum status st;

		world_turn(w);
		st = client_poll(c, event, 1);
		if (st != ST_TIMEOUT)
			return st;
	}
	return ST_TIMEOUT;
}
