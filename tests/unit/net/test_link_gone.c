/*
 * test_link_gone.c: who fills a queue of a node that is busy, and is gone before it looks.
 *
 * libzmq 4.3.4 asserts, and the process dies, when a connection ends whose messages found no room,
 * and a heartbeat of either side comes before there is room (its issue 4364).  The node runs in a
 * process of its own, so that its death is seen.  Takes some four seconds: the gate admits ten a
 * second.
 */
#include "common/net/link.h"

#include "common/base/clock.h"
#include "tests/unit/lib/links.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <zmq.h>

#include <cmocka.h>

enum {
	COMINGS = 30,              /* of each attacker */
	MESSAGES = 40,             /* more than any queue but that of votes holds */
	BUSY_MS = 60               /* the node looks so seldom */
};

static struct world world;
static uint8_t kiosk_key[LINK_KEY_BYTES], kiosk_secret[LINK_KEY_BYTES];
static pid_t children[8];
static size_t child_count;

static int setup(void **state)
{
	(void)state;
	world_make(&world, 2);
	link_keygen(kiosk_key, kiosk_secret);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	while (child_count > 0) {
		(void)kill(children[--child_count], SIGKILL);
		(void)waitpid(children[child_count], NULL, 0);
	}
	world_free(&world);
	return 0;
}

/* True in the child, which dies with the test. */
static bool child(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		return true;
	}
	children[child_count++] = pid;
	return false;
}

/* A node that answers, and is busy with other things most of the time. */
static void node_run(void)
{
	struct link *l;

	world_up(&world, 0);
	l = world.links[0];
	if (link_kiosk_keys(l, kiosk_key, 1) != ST_OK)
		_exit(1);
	for (;;) {
		struct link_event event;
		enum status st;

		while ((st = link_poll(l, &event, 0)) == ST_OK)
			if (event.kind == LINK_KIOSK_REQUEST || event.kind == LINK_READ_REQUEST)
				(void)link_reply(l, &event.token, event.bytes, event.len);
		if (st != ST_TIMEOUT)
			_exit(1);
		(void)usleep(BUSY_MS * 1000);
	}
}

static void set_int(void *s, int option, int value)
{
	assert_int_equal(zmq_setsockopt(s, option, &value, sizeof(value)), 0);
}

/* Comes, says much, with heartbeats in between, and is gone. */
static void come_and_go(void *ctx, const char *url, const uint8_t *key, const uint8_t *secret)
{
	static const uint8_t message[64] = "12345678";
	void *s = zmq_socket(ctx, ZMQ_DEALER);

	assert_non_null(s);
	set_int(s, ZMQ_LINGER, 0);
	set_int(s, ZMQ_SNDTIMEO, 300);
	set_int(s, ZMQ_IMMEDIATE, 1);
	set_int(s, ZMQ_HEARTBEAT_IVL, 1);
	set_int(s, ZMQ_HEARTBEAT_TTL, 5000);
	assert_int_equal(zmq_setsockopt(s, ZMQ_CURVE_SERVERKEY, world.nodes[0].key,
	                                LINK_KEY_BYTES), 0);
	assert_int_equal(zmq_setsockopt(s, ZMQ_CURVE_PUBLICKEY, key, LINK_KEY_BYTES), 0);
	assert_int_equal(zmq_setsockopt(s, ZMQ_CURVE_SECRETKEY, secret, LINK_KEY_BYTES), 0);
	assert_int_equal(zmq_connect(s, url), 0);
	for (int i = 0; i < MESSAGES; i++)
		if (zmq_send(s, message, sizeof(message), 0) < 0)
			break;
	(void)usleep(10000);
	(void)zmq_close(s);
	(void)usleep(100000);
}

static void attack(const char *url, const uint8_t *key, const uint8_t *secret)
{
	void *ctx;

	if (!child())
		return;
	ctx = zmq_ctx_new();
	for (int i = 0; i < COMINGS; i++)
		come_and_go(ctx, url, key, secret);
	_exit(0);
}

static void who_fills_a_queue_and_goes_ends_no_node(void **state)
{
	char read_url[WORLD_URL_BYTES], kiosk_url[WORLD_URL_BYTES], peer_url[WORLD_URL_BYTES];
	uint8_t stranger[2][LINK_KEY_BYTES];
	struct client *client;
	const uint8_t *answer;
	uint32_t slot;
	size_t len;
	int status;

	(void)state;
	link_keygen(stranger[0], stranger[1]);
	world_url_read(read_url, &world, 0);
	world_url_kiosk(kiosk_url, &world, 0);
	world_url_peer(peer_url, &world, 0, 1, LINK_BULK);
	if (child())
		node_run();
	attack(read_url, stranger[0], stranger[1]);
	attack(kiosk_url, kiosk_key, kiosk_secret);
	attack(peer_url, world.nodes[1].key, world.secrets[1]);
	for (size_t i = 1; i < child_count; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	child_count = 1;
	assert_int_equal(waitpid(children[0], &status, WNOHANG), 0);
	assert_int_equal(client_open(&client, NULL), ST_OK);
	assert_int_equal(client_add(client, &slot, CLIENT_READ, &world.nodes[0].address,
	                            world.nodes[0].key), ST_OK);
	assert_int_equal(client_request(client, &answer, &len, 0, "still there?", 12,
	                                LINKS_PATIENCE_MS), ST_OK);
	assert_memory_equal(answer, "still there?", 12);
	client_close(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_fills_a_queue_and_goes_ends_no_node, setup,
		                                teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
