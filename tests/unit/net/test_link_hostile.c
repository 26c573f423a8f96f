/*
 * test_link_hostile.c: strangers, impostors and abusers at the endpoints of a node.
 *
 * Attackers speak libzmq of their own, or bare TCP.  Each refusal is shown beside the same act by
 * somebody who may, so that it is the key (or the size, or the shape) that was refused.
 */
#include "common/net/link.h"

#include "common/base/clock.h"
#include "tests/unit/lib/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

#include <cmocka.h>

enum { A_WHILE_MS = 300 };   /* long enough for what would come to come */

static struct world world;
static void *foreign;        /* the attackers' context */
static void *attackers[128]; /* their sockets, closed at the end */
static size_t attacker_count;

static int setup(void **state)
{
	(void)state;
	foreign = zmq_ctx_new();
	return foreign == NULL;
}

static int teardown(void **state)
{
	(void)state;
	world_free(&world);
	for (size_t k = 0; k < attacker_count; k++)
		(void)zmq_close(attackers[k]);
	attacker_count = 0;
	(void)zmq_ctx_term(foreign);
	return 0;
}

static void up_all(uint32_t count)
{
	world_make(&world, count);
	for (uint32_t i = 0; i < count; i++)
		world_up(&world, i);
	world_connect(&world);
}

struct pair {
	uint8_t public_key[LINK_KEY_BYTES];
	uint8_t secret[LINK_KEY_BYTES];
};

static struct pair pair_fresh(void)
{
	struct pair p;

	link_keygen(p.public_key, p.secret);
	return p;
}

static struct pair pair_of_node(uint32_t i)
{
	struct pair p;

	memcpy(p.public_key, world.nodes[i].key, LINK_KEY_BYTES);
	memcpy(p.secret, world.secrets[i], LINK_KEY_BYTES);
	return p;
}

static void leave(void *s)
{
	for (size_t k = 0; k < attacker_count; k++)
		if (attackers[k] == s)
			attackers[k] = attackers[--attacker_count];
	assert_int_equal(zmq_close(s), 0);
}

static void set(void *s, int option, const void *value, size_t len)
{
	assert_int_equal(zmq_setsockopt(s, option, value, len), 0);
}

static void set_int(void *s, int option, int value)
{
	set(s, option, &value, sizeof(value));
}

/* Connect to a node's endpoint; keys NULL: without CURVE. */
static void *attacker(const char *url, uint32_t node, const struct pair *keys)
{
	void *s = zmq_socket(foreign, ZMQ_DEALER);

	assert_non_null(s);
	assert_true(attacker_count < 128);
	attackers[attacker_count++] = s;
	set_int(s, ZMQ_LINGER, 0);
	set_int(s, ZMQ_SNDTIMEO, 200);
	set_int(s, ZMQ_SNDHWM, 10);
	set_int(s, ZMQ_RECONNECT_IVL, 50);
	if (keys != NULL) {
		set(s, ZMQ_CURVE_SERVERKEY, world.nodes[node].key, LINK_KEY_BYTES);
		set(s, ZMQ_CURVE_PUBLICKEY, keys->public_key, LINK_KEY_BYTES);
		set(s, ZMQ_CURVE_SECRETKEY, keys->secret, LINK_KEY_BYTES);
	}
	assert_int_equal(zmq_connect(s, url), 0);
	return s;
}

static struct link_stats stats_of(uint32_t i)
{
	struct link_stats stats;

	link_stats(world.links[i], &stats);
	return stats;
}

/* Poll until node i has denied more handshakes than before. */
static void assert_denies(uint32_t i, uint64_t before)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;

	while (stats_of(i).denied <= before && clock_mono_ms() < end_ms)
		world_turn(&world);
	assert_true(stats_of(i).denied > before);
}

/* What these keys send to url is heard by node 0 as kind, or refused at the handshake. */
static void assert_heard(const char *url, const struct pair *keys, enum link_kind kind)
{
	static const char text[] = "12345678 hello";   /* eight bytes of number at client endpoints */
	void *s = attacker(url, 0, keys);
	size_t before = world.heard_count[0];

	assert_true(zmq_send(s, text, sizeof(text), 0) > 0);
	assert_true(world_hears(&world, 0, before + 1));
	assert_int_equal(world.heard[0][before].event.kind, kind);
	leave(s);
}

static void assert_denied(const char *url, const struct pair *keys)
{
	uint64_t denied = stats_of(0).denied;   /* before the first knock: nobody knocks again */
	void *s = attacker(url, 0, keys);
	size_t before = world.heard_count[0];

	(void)zmq_send(s, "12345678 hello", 14, 0);
	assert_denies(0, denied);
	world_run(&world, 50);
	assert_int_equal(world.heard_count[0], before);
	leave(s);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* Node 0 alone is up; whoever has a peer's key can stand in for that peer. */
static void up_one_of_three(void)
{
	world_make(&world, 3);
	world_up(&world, 0);
}

static void a_peer_port_takes_the_key_of_that_peer_and_no_other(void **state)
{
	struct pair stranger;
	struct pair kiosk;
	char url[WORLD_URL_BYTES];

	(void)state;
	up_one_of_three();
	stranger = pair_fresh();
	kiosk = pair_fresh();
	assert_int_equal(link_kiosk_keys(world.links[0], kiosk.public_key, 1), ST_OK);
	for (int lane = LINK_FAST; lane <= LINK_BULK; lane++) {
		struct pair one = pair_of_node(1);
		struct pair two = pair_of_node(2);
		struct pair self = pair_of_node(0);

		world_url_peer(url, &world, 0, 1, (enum link_lane)lane);
		assert_denied(url, &stranger);
		assert_denied(url, &kiosk);   /* a key of another role */
		assert_denied(url, &two);     /* a peer's key, at another peer's port */
		assert_denied(url, &self);
		assert_heard(url, &one, lane == LINK_FAST ? LINK_PEER_FAST : LINK_PEER_BULK);
		world_url_peer(url, &world, 0, 2, (enum link_lane)lane);
		assert_denied(url, &one);
		assert_heard(url, &two, lane == LINK_FAST ? LINK_PEER_FAST : LINK_PEER_BULK);
	}
}

static void the_kiosk_endpoint_follows_its_set_of_keys(void **state)
{
	struct pair a;
	struct pair b;
	uint8_t both[2 * LINK_KEY_BYTES];
	struct pair peer;
	char url[WORLD_URL_BYTES];
	uint64_t denied;
	void *s;
	size_t before;

	(void)state;
	up_one_of_three();
	a = pair_fresh();
	b = pair_fresh();
	peer = pair_of_node(1);
	world_url_kiosk(url, &world, 0);
	assert_denied(url, &a);       /* the set is empty at first */
	assert_denied(url, &peer);    /* a key of another role */
	memcpy(both, a.public_key, LINK_KEY_BYTES);
	memcpy(both + LINK_KEY_BYTES, b.public_key, LINK_KEY_BYTES);
	assert_int_equal(link_kiosk_keys(world.links[0], both, 2), ST_OK);
	assert_heard(url, &a, LINK_KIOSK_REQUEST);
	assert_memory_equal(world.heard[0][world.heard_count[0] - 1].event.key, a.public_key,
			    LINK_KEY_BYTES);
	assert_heard(url, &b, LINK_KIOSK_REQUEST);
	assert_denied(url, &peer);
	/* Taken off the list: refused even on the connection it has. */
	s = attacker(url, 0, &a);
	before = world.heard_count[0];
	assert_true(zmq_send(s, "12345678 one", 12, 0) > 0);
	assert_true(world_hears(&world, 0, before + 1));
	assert_int_equal(link_kiosk_keys(world.links[0], b.public_key, 1), ST_OK);
	assert_int_equal(stats_of(0).kiosk.refused, 0);
	denied = stats_of(0).denied;
	(void)zmq_send(s, "12345678 two", 12, 0);
	assert_denies(0, denied);   /* cut, and not let in again */
	assert_int_equal(stats_of(0).kiosk.refused, 1);
	assert_int_equal(world.heard_count[0], before + 1);
	leave(s);
	assert_heard(url, &b, LINK_KIOSK_REQUEST);
}

static void the_set_of_kiosks_has_a_limit(void **state)
{
	uint8_t *keys = calloc(LIMIT_KIOSKS + 1, LINK_KEY_BYTES);
	struct pair last;
	char url[WORLD_URL_BYTES];

	(void)state;
	assert_non_null(keys);
	up_one_of_three();
	last = pair_fresh();
	for (size_t i = 0; i < LIMIT_KIOSKS; i++)
		memcpy(keys + i * LINK_KEY_BYTES, &i, sizeof(i));
	memcpy(keys + (LIMIT_KIOSKS - 1) * LINK_KEY_BYTES, last.public_key, LINK_KEY_BYTES);
	assert_int_equal(link_kiosk_keys(world.links[0], keys, LIMIT_KIOSKS), ST_OK);
	assert_int_equal(link_kiosk_keys(world.links[0], keys, LIMIT_KIOSKS + 1), ST_LIMIT);
	world_url_kiosk(url, &world, 0);
	assert_heard(url, &last, LINK_KIOSK_REQUEST);   /* the set of before stands */
	free(keys);
}

static void the_read_endpoint_takes_any_key_but_wants_one(void **state)
{
	struct pair stranger;
	char url[WORLD_URL_BYTES];
	void *s;

	(void)state;
	up_one_of_three();
	stranger = pair_fresh();
	world_url_read(url, &world, 0);
	assert_heard(url, &stranger, LINK_READ_REQUEST);
	assert_memory_equal(world.heard[0][0].event.key, stranger.public_key, LINK_KEY_BYTES);
	s = attacker(url, 0, NULL);
	(void)zmq_send(s, "12345678 hello", 14, 0);
	world_run(&world, A_WHILE_MS);
	assert_int_equal(world.heard_count[0], 1);
	leave(s);
}

static void an_impostor_of_the_lower_node_hears_nothing(void **state)
{
	struct link_node nodes[2];
	struct pair impostor;

	(void)state;
	world_make(&world, 2);
	impostor = pair_fresh();
	/* Who answers at node 0's address has another key than the manifest says. */
	memcpy(nodes, world.nodes, sizeof(nodes));
	memcpy(nodes[0].key, impostor.public_key, LINK_KEY_BYTES);
	world.config[0].nodes = nodes;
	world.config[0].secret = impostor.secret;
	world_up(&world, 0);
	world_up(&world, 1);
	world_run(&world, 2 * A_WHILE_MS);
	assert_int_equal(link_send(world.links[1], 0, LINK_FAST, "secret", 6), ST_AGAIN);
	assert_int_equal(stats_of(1).connected, 0);
	world_run(&world, 50);
	assert_int_equal(world.heard_count[0], 0);
	/* With the right key at the same address the two meet. */
	world_down(&world, 0);
	world.config[0].nodes = world.nodes;
	world.config[0].secret = world.secrets[0];
	world_up(&world, 0);
	world_connect(&world);
}

static void a_peer_that_was_turned_away_once_comes_back(void **state)
{
	struct link_node nodes[2];
	struct pair other;

	(void)state;
	world_make(&world, 2);
	other = pair_fresh();
	/* Node 0 does not know node 1 by its key, and says so in the handshake. */
	memcpy(nodes, world.nodes, sizeof(nodes));
	memcpy(nodes[1].key, other.public_key, LINK_KEY_BYTES);
	world.config[0].nodes = nodes;
	world_up(&world, 0);
	world_up(&world, 1);
	assert_denies(0, 0);
	world_run(&world, 2 * A_WHILE_MS);
	assert_int_equal(stats_of(0).connected, 0);
	world_down(&world, 0);
	world.config[0].nodes = world.nodes;
	world_up(&world, 0);
	world_connect(&world);
}

/* --- shapes ----------------------------------------------------------------------------------- */

static void multipart_messages_are_refused_on_every_endpoint(void **state)
{
	char urls[4][WORLD_URL_BYTES];
	struct pair keys[4];
	uint64_t refused[4];

	(void)state;
	up_one_of_three();
	world_url_peer(urls[0], &world, 0, 1, LINK_FAST);
	world_url_peer(urls[1], &world, 0, 1, LINK_BULK);
	world_url_kiosk(urls[2], &world, 0);
	world_url_read(urls[3], &world, 0);
	keys[0] = keys[1] = pair_of_node(1);
	keys[2] = keys[3] = pair_fresh();
	assert_int_equal(link_kiosk_keys(world.links[0], keys[2].public_key, 1), ST_OK);
	for (int k = 0; k < 4; k++) {
		void *s = attacker(urls[k], 0, &keys[k]);
		struct link_stats stats;
		uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;

		assert_true(zmq_send(s, "12345678 part", 13, ZMQ_SNDMORE) > 0);
		assert_true(zmq_send(s, "12345678 part", 13, ZMQ_SNDMORE) > 0);
		assert_true(zmq_send(s, "12345678 last", 13, 0) > 0);
		do {
			world_turn(&world);
			stats = stats_of(0);
			refused[0] = stats.peer[1][LINK_FAST].refused;
			refused[1] = stats.peer[1][LINK_BULK].refused;
			refused[2] = stats.kiosk.refused;
			refused[3] = stats.read.refused;
		} while ((refused[k] < 3 || stats.cut == 0) && clock_mono_ms() < end_ms);
		assert_int_equal(refused[k], 3);   /* each part, the last one too */
		assert_true(stats.cut > 0);
		leave(s);
		world_run(&world, 20);
	}
	assert_int_equal(world.heard_count[0], 0);
	/* Who was cut is let in again after a second, and heard when it behaves. */
	assert_heard(urls[0], &keys[0], LINK_PEER_FAST);
	assert_heard(urls[2], &keys[2], LINK_KIOSK_REQUEST);
}

static void an_empty_message_is_refused(void **state)
{
	struct pair peer;
	char url[WORLD_URL_BYTES];
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	void *s;

	(void)state;
	up_one_of_three();
	peer = pair_of_node(1);
	world_url_peer(url, &world, 0, 1, LINK_FAST);
	s = attacker(url, 0, &peer);
	assert_true(zmq_send(s, "", 0, 0) == 0);
	while (stats_of(0).peer[1][LINK_FAST].refused == 0 && clock_mono_ms() < end_ms)
		world_turn(&world);
	assert_int_equal(stats_of(0).peer[1][LINK_FAST].refused, 1);
	assert_int_equal(world.heard_count[0], 0);
	leave(s);
}

static void a_request_without_a_body_is_refused(void **state)
{
	struct pair reader;
	char url[WORLD_URL_BYTES];
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	void *s;

	(void)state;
	up_one_of_three();
	reader = pair_fresh();
	world_url_read(url, &world, 0);
	s = attacker(url, 0, &reader);
	assert_true(zmq_send(s, "12345678", 8, 0) > 0);
	while (stats_of(0).read.refused == 0 && clock_mono_ms() < end_ms)
		world_turn(&world);
	assert_int_equal(stats_of(0).read.refused, 1);
	leave(s);
}

static void one_byte_above_the_limit_never_arrives(void **state)
{
	static const size_t limits[4] = { LIMIT_FRAME_FAST, LIMIT_FRAME_BULK, LIMIT_REQUEST + 8,
					  LIMIT_REQUEST_READ + 8 };
	uint8_t *bytes = calloc(1, LIMIT_FRAME_BULK + 1);
	char urls[4][WORLD_URL_BYTES];
	struct pair keys[4];

	(void)state;
	assert_non_null(bytes);
	up_one_of_three();
	world_url_peer(urls[0], &world, 0, 1, LINK_FAST);
	world_url_peer(urls[1], &world, 0, 1, LINK_BULK);
	world_url_kiosk(urls[2], &world, 0);
	world_url_read(urls[3], &world, 0);
	keys[0] = keys[1] = pair_of_node(1);
	keys[2] = keys[3] = pair_fresh();
	assert_int_equal(link_kiosk_keys(world.links[0], keys[2].public_key, 1), ST_OK);
	for (int k = 0; k < 4; k++) {
		void *s = attacker(urls[k], 0, &keys[k]);
		size_t before = world.heard_count[0];

		assert_true(zmq_send(s, bytes, limits[k], 0) > 0);
		assert_true(world_hears(&world, 0, before + 1));
		assert_true(zmq_send(s, bytes, limits[k] + 1, 0) > 0);
		world_run(&world, A_WHILE_MS);
		assert_int_equal(world.heard_count[0], before + 1);
		/* libzmq has dropped the connection; another one is welcome. */
		leave(s);
		assert_heard(urls[k], &keys[k], world.heard[0][before].event.kind);
	}
	free(bytes);
}

/* --- bare TCP --------------------------------------------------------------------------------- */

static int tcp_connect(uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* The node closes the connection within its patience. */
static void assert_closed(int fd)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	uint8_t byte[512];
	ssize_t n = 1;

	while (clock_mono_ms() < end_ms) {
		world_turn(&world);
		n = recv(fd, byte, sizeof(byte), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
	}
	assert_true(n <= 0);
	(void)close(fd);
}

static size_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	char line[128] = "";
	char *second;

	/* Pages: all, then those that are resident. */
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	(void)strtoul(line, &second, 10);
	return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* A ZMTP 3 greeting that names a mechanism, then what follows. */
static void send_greeting(int fd, const char *mechanism, const void *then, size_t len)
{
	uint8_t greeting[64] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1 };

	memcpy(greeting + 12, mechanism, strlen(mechanism));
	assert_int_equal(send(fd, greeting, sizeof(greeting), MSG_NOSIGNAL), sizeof(greeting));
	if (len > 0)
		assert_int_equal(send(fd, then, len, MSG_NOSIGNAL), len);
}

static void garbage_and_strangers_disturb_nobody(void **state)
{
	/* A long command frame of 2^40 bytes; a READY of mechanism NULL. */
	static const uint8_t giant[9] = { 0x06, 0, 0, 1, 0, 0, 0, 0, 0 };
	static const uint8_t ready[8] = { 0x04, 0x06, 0x05, 'R', 'E', 'A', 'D', 'Y' };
	static const char http[] = "GET / HTTP/1.1\r\nHost: kalpis\r\n\r\n";
	uint16_t ports[3];
	size_t before;
	uint8_t *noise = malloc(100000);

	(void)state;
	assert_non_null(noise);
	for (size_t i = 0; i < 100000; i++)
		noise[i] = (uint8_t)(i * 2654435761u >> 13);
	up_all(2);
	ports[0] = address_port_peer(&world.nodes[0].address, 1, ADDRESS_FAST);
	ports[1] = address_port_kiosk(&world.nodes[0].address);
	ports[2] = address_port_read(&world.nodes[0].address);
	before = resident_bytes();
	for (int k = 0; k < 3; k++) {
		int fd = tcp_connect(ports[k]);

		(void)send(fd, http, sizeof(http), MSG_NOSIGNAL);
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		(void)send(fd, noise, 100000, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		send_greeting(fd, "NULL", ready, sizeof(ready));
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		send_greeting(fd, "CURVE", giant, sizeof(giant));
		assert_closed(fd);
	}
	free(noise);
	assert_true(resident_bytes() < before + (32u << 20));
	assert_int_equal(world.heard_count[0], 0);
	assert_int_equal(link_send(world.links[1], 0, LINK_FAST, "fine", 4), ST_OK);
	assert_true(world_hears(&world, 0, 1));
}

/* Protocols from before there was CURVE, and other mechanisms: no keys, no entry. */
static void older_protocols_and_other_mechanisms_have_no_entry(void **state)
{
	/* ZMTP 1.0: an anonymous identity, and a message; 2.0: greeting, type DEALER, identity. */
	static const uint8_t one[] = { 1, 0, 15, 0, '1', '2', '3', '4', '5', '6', '7', '8', ' ',
				       'h', 'e', 'l', 'l', 'o' };
	static const uint8_t two[] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, 5, 0, 0, 0, 14,
				       '1', '2', '3', '4', '5', '6', '7', '8', ' ', 'h', 'e', 'l',
				       'l', 'o' };
	/* PLAIN: HELLO with a name and a password; NULL: READY, then a message. */
	static const uint8_t plain[] = { 0x04, 10, 5, 'H', 'E', 'L', 'L', 'O', 1, 'a', 1, 'b' };
	static const uint8_t null[] = { 0x04, 6, 5, 'R', 'E', 'A', 'D', 'Y', 0, 14, '1', '2', '3',
					'4', '5', '6', '7', '8', ' ', 'h', 'e', 'l', 'l', 'o' };
	struct pair peer;
	uint16_t ports[4];
	char url[WORLD_URL_BYTES];

	(void)state;
	up_one_of_three();
	ports[0] = address_port_peer(&world.nodes[0].address, 1, ADDRESS_FAST);
	ports[1] = address_port_peer(&world.nodes[0].address, 1, ADDRESS_BULK);
	ports[2] = address_port_kiosk(&world.nodes[0].address);
	ports[3] = address_port_read(&world.nodes[0].address);
	for (int k = 0; k < 4; k++) {
		int fd = tcp_connect(ports[k]);

		(void)send(fd, one, sizeof(one), MSG_NOSIGNAL);
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		(void)send(fd, two, sizeof(two), MSG_NOSIGNAL);
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		send_greeting(fd, "PLAIN", plain, sizeof(plain));
		assert_closed(fd);
		fd = tcp_connect(ports[k]);
		send_greeting(fd, "NULL", null, sizeof(null));
		assert_closed(fd);
	}
	assert_int_equal(world.heard_count[0], 0);
	peer = pair_of_node(1);
	world_url_peer(url, &world, 0, 1, LINK_FAST);
	assert_heard(url, &peer, LINK_PEER_FAST);
}

static void silent_connections_cannot_fill_an_endpoint(void **state)
{
	struct pair reader;
	char url[WORLD_URL_BYTES];
	int fds[40];

	(void)state;
	up_one_of_three();
	for (int k = 0; k < 40; k++)
		fds[k] = tcp_connect(address_port_kiosk(&world.nodes[0].address));
	world_run(&world, A_WHILE_MS);
	/* Sixteen connections are configured; one source may have twelve of them. */
	assert_int_equal(stats_of(0).clients, 12);
	assert_true(stats_of(0).turned_away >= 28);
	/* The other endpoint has room of its own. */
	reader = pair_fresh();
	world_url_read(url, &world, 0);
	assert_heard(url, &reader, LINK_READ_REQUEST);
	for (int k = 0; k < 40; k++)
		(void)close(fds[k]);
}

static void claimed_routing_ids_harm_nobody(void **state)
{
	struct pair keys;
	char url[WORLD_URL_BYTES];
	uint8_t id[5] = { 0, 0x6b, 0x8b, 0x45, 0x67 };   /* what a ROUTER gives its first peer */

	(void)state;
	up_one_of_three();
	keys = pair_fresh();
	world_url_read(url, &world, 0);
	for (uint8_t k = 0; k < 3; k++) {
		void *s = zmq_socket(foreign, ZMQ_DEALER);
		size_t before = world.heard_count[0];

		attackers[attacker_count++] = s;
		id[4] = (uint8_t)(0x67 + k);
		set_int(s, ZMQ_LINGER, 0);
		set(s, ZMQ_ROUTING_ID, id, sizeof(id));
		set(s, ZMQ_CURVE_SERVERKEY, world.nodes[0].key, LINK_KEY_BYTES);
		set(s, ZMQ_CURVE_PUBLICKEY, keys.public_key, LINK_KEY_BYTES);
		set(s, ZMQ_CURVE_SECRETKEY, keys.secret, LINK_KEY_BYTES);
		assert_int_equal(zmq_connect(s, url), 0);
		assert_true(zmq_send(s, "12345678 claim", 14, 0) > 0);
		assert_true(world_hears(&world, 0, before + 1));
		assert_heard(url, &keys, LINK_READ_REQUEST);   /* an anonymous peer beside it */
		leave(s);
	}
}

/* --- endless ---------------------------------------------------------------------------------- */

/*
 * libzmq itself sends no part of a message before the last one is there, so the attacker first
 * gathers all parts, in a process of its own.  To us it looks the same: parts without end.
 */
static pid_t send_hundred_megabytes(const char *url, const struct pair *keys)
{
	static const uint8_t part[60000];
	pid_t pid = fork();
	void *s;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);   /* should the test fail */
	foreign = zmq_ctx_new();
	s = attacker(url, 0, keys);
	for (int k = 0; k < 1700; k++)
		(void)zmq_send(s, part, sizeof(part), ZMQ_SNDMORE);
	(void)zmq_send(s, part, sizeof(part), 0);
	(void)pause();
	_exit(0);
}

static void an_endless_message_is_stopped_and_cut(void **state)
{
	struct pair peer;
	char url[WORLD_URL_BYTES];
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	size_t before;
	size_t most = 0;
	pid_t pid;

	(void)state;
	world_make(&world, 3);
	peer = pair_of_node(1);
	world_url_peer(url, &world, 0, 1, LINK_BULK);
	pid = send_hundred_megabytes(url, &peer);   /* before we have threads */
	before = resident_bytes();
	world_up(&world, 0);
	world_up(&world, 2);
	world_connect(&world);
	while (stats_of(0).cut == 0 && clock_mono_ms() < end_ms) {
		size_t heard = world.heard_count[0];

		/* Others are served all the while. */
		assert_int_equal(link_send(world.links[2], 0, LINK_FAST, "v", 1), ST_OK);
		assert_true(world_hears(&world, 0, heard + 1));
		world_run(&world, 20);
		if (resident_bytes() > most)
			most = resident_bytes();
	}
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(stats_of(0).cut, 1);
	/* It did come in, up to the budget of the lane and some buffers, and no further. */
	assert_true(most > before + (8u << 20));
	assert_true(most < before + (48u << 20));
	for (size_t k = 0; k < world.heard_count[0]; k++)
		assert_int_equal(world.heard[0][k].event.peer, 2);
}

/* --- rates ------------------------------------------------------------------------------------ */

static void a_reader_is_limited_and_others_are_not(void **state)
{
	struct pair greedy;
	struct pair modest;
	char url[WORLD_URL_BYTES];
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	struct link_stats stats;
	void *s;

	(void)state;
	world_make(&world, 1);
	world.config[0].read_rate = 5;
	world.config[0].read_rate_all = 1000;
	world_up(&world, 0);
	greedy = pair_fresh();
	modest = pair_fresh();
	world_url_read(url, &world, 0);
	s = attacker(url, 0, &greedy);
	set_int(s, ZMQ_RCVTIMEO, 1000);
	for (int k = 0; k < 100; k++)
		while (zmq_send(s, "12345678 more", 13, ZMQ_DONTWAIT) < 0)
			world_turn(&world);
	do {
		world_turn(&world);
		stats = stats_of(0);
	} while (stats.read.received + stats.limited < 100 && clock_mono_ms() < end_ms);
	assert_int_equal(stats.read.received + stats.limited, 100);
	assert_true(stats.limited >= 50);
	assert_true(stats.read.received >= 5);
	/* It is told so, with the number of its request. */
	{
		uint8_t busy[9];

		assert_int_equal(zmq_recv(s, busy, sizeof(busy), 0), 9);
		assert_memory_equal(busy, "12345678\1", 9);
	}
	assert_heard(url, &modest, LINK_READ_REQUEST);
	leave(s);
}

static void all_readers_together_are_limited(void **state)
{
	char url[WORLD_URL_BYTES];
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	struct link_stats stats;

	(void)state;
	world_make(&world, 1);
	world.config[0].read_rate_all = 2;
	world_up(&world, 0);
	world_url_read(url, &world, 0);
	do {   /* each with a new key */
		struct pair reader = pair_fresh();
		void *s = attacker(url, 0, &reader);

		(void)zmq_send(s, "12345678 more", 13, 0);
		world_run(&world, 30);
		leave(s);
		stats = stats_of(0);
	} while (stats.limited == 0 && clock_mono_ms() < end_ms);
	assert_true(stats.limited > 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_peer_port_takes_the_key_of_that_peer_and_no_other),
		CASE(the_kiosk_endpoint_follows_its_set_of_keys),
		CASE(the_set_of_kiosks_has_a_limit),
		CASE(the_read_endpoint_takes_any_key_but_wants_one),
		CASE(an_impostor_of_the_lower_node_hears_nothing),
		CASE(a_peer_that_was_turned_away_once_comes_back),
		CASE(multipart_messages_are_refused_on_every_endpoint),
		CASE(an_empty_message_is_refused),
		CASE(a_request_without_a_body_is_refused),
		CASE(one_byte_above_the_limit_never_arrives),
		CASE(garbage_and_strangers_disturb_nobody),
		CASE(older_protocols_and_other_mechanisms_have_no_entry),
		CASE(silent_connections_cannot_fill_an_endpoint),
		CASE(claimed_routing_ids_harm_nobody),
		CASE(an_endless_message_is_stopped_and_cut),
		CASE(a_reader_is_limited_and_others_are_not),
		CASE(all_readers_together_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
