/*
 * test_link_traps.c: what one peer, kiosk or reader can do to the memory of a node, and to others,
 * by talking too much, by never reading, or by coming again and again (docs/attacks.md, Transport).
 *
 * The node runs in a process of its own, whose memory is looked at from outside; so do attackers.
 * Takes some five seconds: the gate waits two before it calls a message endless.
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
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

#include <cmocka.h>

enum {
	CHILDREN_MAX = 16,
	ELSEWHERE = 2,              /* 127.0.0.2: the attackers' address, where they need another */
	MIB = 1 << 20,
	SLACK = 8 * MIB,            /* what libzmq, malloc and the kernel need besides */
	QUESTIONS = 20              /* that an honest one asks during an attack */
};

/*
 * Under AddressSanitizer: what was freed is not kept back, or its memory would be counted as the
 * node's.  Asked for by its runtime alone.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "quarantine_size_mb=1";
}

/* What the node tells of itself while it runs. */
struct news {
	_Atomic uint64_t cut;
	_Atomic uint64_t denied;
	_Atomic uint64_t turned_away;
	_Atomic uint64_t from_one;      /* messages of peer 1 */
	_Atomic uint64_t from_two;
	_Atomic uint64_t dropped;       /* of what peer 1 was to get */
	_Atomic uint64_t sent;
	_Atomic uint64_t asked;
	_Atomic bool must_talk;         /* to peer 1, bulk, without end */
};

static struct world world;
static struct client *client;
static struct news *news;
static pid_t children[CHILDREN_MAX];
static size_t child_count;
static uint8_t kiosk_key[LINK_KEY_BYTES];
static uint8_t kiosk_secret[LINK_KEY_BYTES];
static uint8_t big[LIMIT_RESPONSE];

static int setup(void **state)
{
	(void)state;
	news = mmap(NULL, sizeof(*news), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (news == MAP_FAILED)
		return -1;
	world_make(&world, 3);
	link_keygen(kiosk_key, kiosk_secret);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	client_close(client);
	client = NULL;
	while (child_count > 0) {
		(void)kill(children[--child_count], SIGKILL);
		(void)waitpid(children[child_count], NULL, 0);
	}
	world_free(&world);
	(void)munmap(news, sizeof(*news));
	return 0;
}

/* True in the child, which dies with the test. */
static bool child(void)
{
	pid_t pid;

	assert_true(child_count < CHILDREN_MAX);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		return true;
	}
	children[child_count++] = pid;
	return false;
}

/* --- the node --------------------------------------------------------------------------------- */

static void node_tell(struct link *l)
{
	struct link_stats stats;

	link_stats(l, &stats);
	atomic_store(&news->cut, stats.cut);
	atomic_store(&news->denied, stats.denied);
	atomic_store(&news->turned_away, stats.turned_away);
	atomic_store(&news->from_one, stats.peer[1][LINK_FAST].received);
	atomic_store(&news->from_two, stats.peer[2][LINK_FAST].received);
	atomic_store(&news->dropped, stats.peer[1][LINK_BULK].dropped);
	atomic_store(&news->sent, stats.peer[1][LINK_BULK].sent);
	atomic_store(&news->asked, stats.kiosk.received + stats.read.received);
}

/* Whoever asks for "much" gets as much as there can be; else the question comes back. */
static void node_take(struct link *l, const struct link_event *event)
{
	bool is_much = event->len == 4 && memcmp(event->bytes, "much", 4) == 0;

	if (event->kind == LINK_KIOSK_REQUEST || event->kind == LINK_READ_REQUEST)
		(void)link_reply(l, &event->token, is_much ? big : event->bytes,
				 is_much ? sizeof(big) : event->len);
	else if (event->kind == LINK_PEER_FAST && event->peer == 2)
		(void)link_send(l, 2, LINK_FAST, event->bytes, event->len);
}

static void node_run(void)
{
	uint8_t *bulk = calloc(1, LIMIT_FRAME_BULK);
	uint64_t told_ms = 0;
	struct link *l;

	world_up(&world, 0);
	l = world.links[0];
	if (bulk == NULL || link_kiosk_keys(l, kiosk_key, 1) != ST_OK)
		_exit(1);
	for (;;) {
		struct link_event event;
		enum status st = link_poll(l, &event, 1);

		if (st == ST_OK)
			node_take(l, &event);
		else if (st != ST_TIMEOUT)
			_exit(1);
		if (atomic_load(&news->must_talk))
			(void)link_send(l, 1, LINK_BULK, bulk, LIMIT_FRAME_BULK);
		if (clock_mono_ms() - told_ms >= 10) {
			node_tell(l);
			told_ms = clock_mono_ms();
		}
	}
}

static pid_t node_start(void)
{
	if (child())
		node_run();
	return children[child_count - 1];
}

static size_t resident_bytes(pid_t pid)
{
	char path[64];
	char line[128] = "";
	char *second;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	(void)fclose(f);
	(void)strtoul(line, &second, 10);
	return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* --- the honest ------------------------------------------------------------------------------- */

static void client_up(enum client_role role)
{
	uint32_t slot;

	assert_int_equal(client_open(&client, role == CLIENT_KIOSK ? kiosk_secret : NULL), ST_OK);
	assert_int_equal(client_add(client, &slot, role, &world.nodes[0].address,
				    world.nodes[0].key), ST_OK);
}

static void assert_answered(void)
{
	const uint8_t *answer;
	size_t len;

	assert_int_equal(client_request(client, &answer, &len, 0, "still there?", 12,
					LINKS_PATIENCE_MS), ST_OK);
	assert_int_equal(len, 12);
	assert_memory_equal(answer, "still there?", 12);
}

/* Peer 2, which is we, says something and hears it again. */
static void assert_heard_by_peer(void)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	size_t before = world.heard_count[2];

	while (link_send(world.links[2], 0, LINK_FAST, "vote", 4) != ST_OK &&
	       clock_mono_ms() < end_ms)
		world_turn(&world);
	assert_true(world_hears(&world, 2, before + 1));
}

/* --- attackers -------------------------------------------------------------------------------- */

static void set(void *s, int option, const void *value, size_t len)
{
	assert_int_equal(zmq_setsockopt(s, option, value, len), 0);
}

static void set_int(void *s, int option, int value)
{
	set(s, option, &value, sizeof(value));
}

/* In an attacker's process: libzmq of its own, with little in its queues. */
static void *attacker(const char *url, const uint8_t *public_key, const uint8_t *secret)
{
	void *s = zmq_socket(zmq_ctx_new(), ZMQ_DEALER);

	assert_non_null(s);
	set_int(s, ZMQ_LINGER, 0);
	set_int(s, ZMQ_SNDHWM, 10);
	set_int(s, ZMQ_RCVHWM, 1);
	set_int(s, ZMQ_RECONNECT_IVL, 50);
	set(s, ZMQ_CURVE_SERVERKEY, world.nodes[0].key, LINK_KEY_BYTES);
	set(s, ZMQ_CURVE_PUBLICKEY, public_key, LINK_KEY_BYTES);
	set(s, ZMQ_CURVE_SECRETKEY, secret, LINK_KEY_BYTES);
	assert_int_equal(zmq_connect(s, url), 0);
	return s;
}

/* One message of 40 MB, each part within the limit; libzmq gathers them before it sends. */
static void attack_endless(const char *url, const uint8_t *public_key, const uint8_t *secret,
			   size_t part)
{
	static const uint8_t bytes[60000];
	void *s;

	if (!child())
		return;
	s = attacker(url, public_key, secret);
	for (size_t sent = 0; sent < 40u << 20; sent += part)
		(void)zmq_send(s, bytes, part, ZMQ_SNDMORE);
	(void)zmq_send(s, bytes, part, 0);
	(void)pause();
	_exit(0);
}

static void an_endless_message_costs_its_budget_at_every_endpoint(void **state)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	char url[WORLD_URL_BYTES];
	uint8_t stranger[2][LINK_KEY_BYTES];
	size_t before, most = 0;
	pid_t node;

	(void)state;
	link_keygen(stranger[0], stranger[1]);
	node = node_start();
	client_up(CLIENT_READ);
	assert_answered();
	before = resident_bytes(node);
	world_url_peer(url, &world, 0, 1, LINK_FAST);
	attack_endless(url, world.nodes[1].key, world.secrets[1], 60000);
	world_url_kiosk(url, &world, 0);
	attack_endless(url, kiosk_key, kiosk_secret, 60000);
	world_url_read(url, &world, 0);
	attack_endless(url, stranger[0], stranger[1], 4000);
	while (atomic_load(&news->cut) < 3 && clock_mono_ms() < end_ms) {
		size_t now = resident_bytes(node);

		most = now > most ? now : most;
		assert_answered();
		(void)usleep(20000);
	}
	assert_true(atomic_load(&news->cut) >= 3);
	/* It came in, as far as the budgets go: 4 MiB, 3 MiB and 64 KiB (docs/decisions/0035). */
	assert_true(most > before + 3 * MIB);
	assert_true(most < before + (4 + 3) * MIB + SLACK);
	assert_int_equal(atomic_load(&news->from_one), 0);
}

/* Full frames, as fast as they are taken. */
static void attack_flood(const char *url, const uint8_t *public_key, const uint8_t *secret,
			 size_t len)
{
	static const uint8_t bytes[60000] = "12345678";
	void *s;

	if (!child())
		return;
	s = attacker(url, public_key, secret);
	for (;;)
		(void)zmq_send(s, bytes, len, 0);
}

static void a_flood_of_messages_stops_nobody_else(void **state)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	char url[WORLD_URL_BYTES];
	size_t before, most = 0;
	pid_t node;

	(void)state;
	node = node_start();
	world_up(&world, 2);
	assert_heard_by_peer();
	client_up(CLIENT_READ);
	assert_answered();
	before = resident_bytes(node);
	world_url_peer(url, &world, 0, 1, LINK_FAST);
	attack_flood(url, world.nodes[1].key, world.secrets[1], 60000);
	world_url_kiosk(url, &world, 0);
	attack_flood(url, kiosk_key, kiosk_secret, 200);
	while ((atomic_load(&news->from_one) < 100 || atomic_load(&news->asked) < 100) &&
	       clock_mono_ms() < end_ms)
		(void)usleep(5000);
	assert_true(atomic_load(&news->from_one) >= 100);
	for (int k = 0; k < QUESTIONS; k++) {
		size_t now = resident_bytes(node);

		most = now > most ? now : most;
		assert_heard_by_peer();
		assert_answered();
	}
	/* The kiosk that floods does not read its answers either: they wait in its queue. */
	assert_true(most < before + (4 + 3) * MIB + SLACK);
}

/* --- who never reads -------------------------------------------------------------------------- */

static void a_peer_that_never_reads_holds_its_queue_and_no_more(void **state)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	char url[WORLD_URL_BYTES];
	size_t before, most = 0;
	pid_t node;

	(void)state;
	node = node_start();
	world_up(&world, 2);
	assert_heard_by_peer();
	before = resident_bytes(node);
	world_url_peer(url, &world, 0, 1, LINK_BULK);
	if (child()) {
		(void)attacker(url, world.nodes[1].key, world.secrets[1]);
		(void)pause();
		_exit(0);
	}
	atomic_store(&news->must_talk, true);
	/* It takes some, and then no more. */
	while ((atomic_load(&news->sent) == 0 || atomic_load(&news->dropped) < 200) &&
	       clock_mono_ms() < end_ms) {
		size_t now = resident_bytes(node);

		most = now > most ? now : most;
		assert_heard_by_peer();
	}
	assert_true(atomic_load(&news->sent) > 0);
	assert_true(atomic_load(&news->dropped) >= 200);
	/* Eight of 4 MiB wait, one more is being encrypted and sent. */
	assert_true(most > before + 4 * MIB);
	assert_true(most < before + 11 * 4 * MIB + SLACK);
}

static void a_reader_that_never_reads_holds_six_answers_and_no_more(void **state)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	uint8_t stranger[2][LINK_KEY_BYTES];
	char url[WORLD_URL_BYTES];
	size_t before, most = 0;
	pid_t node;

	(void)state;
	link_keygen(stranger[0], stranger[1]);
	node = node_start();
	client_up(CLIENT_KIOSK);
	assert_answered();
	before = resident_bytes(node);
	world_url_read(url, &world, 0);
	if (child()) {
		void *s = attacker(url, stranger[0], stranger[1]);

		for (;;) {
			(void)zmq_send(s, "12345678much", 12, ZMQ_DONTWAIT);
			(void)usleep(10000);
		}
	}
	while (atomic_load(&news->asked) < 60 && clock_mono_ms() < end_ms) {
		size_t now = resident_bytes(node);

		most = now > most ? now : most;
		assert_answered();
		(void)usleep(5000);
	}
	assert_true(atomic_load(&news->asked) >= 60);
	/* Six of 2 MiB wait, and so on. */
	assert_true(most > before + 2 * 2 * MIB);
	assert_true(most < before + 9 * 2 * MIB + SLACK);
}

/* --- who comes again and again ---------------------------------------------------------------- */

static int tcp_connect(uint32_t place, uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	from.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~UINT32_C(0xff)) + place);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Greetings without end from another address at all ports of the node that peers and others use. */
static void attack_handshakes(void)
{
	static const uint8_t greeting[64] = { 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1,
					      'C', 'U', 'R', 'V', 'E' };
	uint16_t ports[3];

	ports[0] = address_port_read(&world.nodes[0].address);
	ports[1] = address_port_kiosk(&world.nodes[0].address);
	ports[2] = address_port_peer(&world.nodes[0].address, 2, ADDRESS_FAST);
	if (!child())
		return;
	/* Some stay, and say nothing more; the others come and go. */
	for (int k = 0; k < 30; k++)
		(void)tcp_connect(ELSEWHERE, ports[k % 3]);
	for (int k = 0;; k++) {
		int fd = tcp_connect(ELSEWHERE, ports[k % 3]);

		(void)send(fd, greeting, sizeof(greeting), MSG_NOSIGNAL);
		(void)close(fd);
		(void)usleep(500);
	}
}

static void a_flood_of_handshakes_from_one_place_keeps_nobody_out(void **state)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;

	(void)state;
	(void)node_start();
	client_up(CLIENT_READ);
	assert_answered();
	attack_handshakes();
	while (atomic_load(&news->turned_away) < 200 && clock_mono_ms() < end_ms)
		(void)usleep(5000);
	assert_true(atomic_load(&news->turned_away) >= 200);
	assert_answered();   /* who was there before */
	/* Who comes now, each by a connection of its own. */
	for (int role = CLIENT_KIOSK; role <= CLIENT_READ; role++)
		for (int k = 0; k < 3; k++) {
			client_close(client);
			client_up((enum client_role)role);
			assert_answered();
		}
	world_up(&world, 2);
	assert_heard_by_peer();
	world_down(&world, 2);
	world_up(&world, 2);
	assert_heard_by_peer();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_endless_message_costs_its_budget_at_every_endpoint),
		CASE(a_flood_of_messages_stops_nobody_else),
		CASE(a_peer_that_never_reads_holds_its_queue_and_no_more),
		CASE(a_reader_that_never_reads_holds_six_answers_and_no_more),
		CASE(a_flood_of_handshakes_from_one_place_keeps_nobody_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
