/*
 * links.h: a small world of nodes on the loopback, for tests of what goes over the network.
 *
 * Everything runs in the thread of the test: links and clients are polled in turn.  Nothing waits
 * longer than LINKS_PATIENCE_MS; a test that needs so long has failed.
 *
 * Invariant: no port is fixed; each world takes a free block.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_LINKS_H
#define KALPIS_TESTS_UNIT_LIB_LINKS_H

#include "common/net/client.h"
#include "common/net/link.h"

#include <stdbool.h>

enum {
	LINKS_MAX = 4,
	LINKS_PATIENCE_MS = 20000
};

/* What the nodes have heard, newest last; the bytes are copies. */
struct heard {
	struct link_event event;
	uint8_t *bytes;
};

struct world {
	uint32_t count;
	struct link_node nodes[LINKS_MAX];
	uint8_t secrets[LINKS_MAX][LINK_KEY_BYTES];
	struct link *links[LINKS_MAX];        /* NULL: down */
	struct link_config config[LINKS_MAX];
	struct heard *heard[LINKS_MAX];
	size_t heard_count[LINKS_MAX];
	size_t heard_room[LINKS_MAX];
	bool is_deaf[LINKS_MAX];              /* not polled */
	bool is_echo;                         /* requests are answered with their own bytes */
};

/* count nodes with fresh keys and free ports, all down, every endpoint to be open. */
void world_make(struct world *w, uint32_t count);
/* Bring a node up, as w->config[i] says. */
void world_up(struct world *w, uint32_t i);
void world_down(struct world *w, uint32_t i);
void world_free(struct world *w);

/* Poll every node once; waits at most a millisecond for each. */
void world_turn(struct world *w);
/* Poll until every pair of nodes that are up is connected; fails the test when that never comes. */
void world_connect(struct world *w);
/* Poll until node i has heard count events in all, or patience ends; true if it has. */
bool world_hears(struct world *w, uint32_t i, size_t count);
/* Poll for so long. */
void world_run(struct world *w, uint32_t ms);
/* Forget what node i heard. */
void world_forget(struct world *w, uint32_t i);

/* An endpoint of node i, "tcp://127.0.0.1:PORT", as strangers see it. */
enum { WORLD_URL_BYTES = 64 };
void world_url_peer(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i,
		    uint32_t peer, enum link_lane lane);
void world_url_kiosk(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i);
void world_url_read(char out[static WORLD_URL_BYTES], const struct world *w, uint32_t i);

/* Poll the world and a client until the client has an event; ST_TIMEOUT when patience ends. */
enum status world_client(struct world *w, struct client *c, struct client_event *event);

#endif
