/*
 * test_link.c: what links among nodes carry, and what they do when somebody is slow or away.
 */
#include "common/net/link.h"

#include "common/base/clock.h"
#include "tests/unit/lib/links.h"
#include "tests/unit/lib/prng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct world world;

static int teardown(void **state)
{
	(void)state;
	world_free(&world);
	return 0;
}

static void up_all(uint32_t count)
{
	world_make(&world, count);
	for (uint32_t i = 0; i < count; i++)
		world_up(&world, i);
	world_connect(&world);
}

static const struct link_event *last(uint32_t i)
{
	assert_true(world.heard_count[i] > 0);
	return &world.heard[i][world.heard_count[i] - 1].event;
}

/* --- carrying --------------------------------------------------------------------------------- */

static void messages_pass_both_ways_on_both_lanes(void **state)
{
	static const enum link_kind kinds[2] = { LINK_PEER_FAST, LINK_PEER_BULK };

	(void)state;
	up_all(3);
	for (uint32_t from = 0; from < 3; from++)
		for (uint32_t to = 0; to < 3; to++)
			for (int lane = LINK_FAST; lane <= LINK_BULK && from != to; lane++) {
				uint8_t text[3] = { (uint8_t)from, (uint8_t)to, (uint8_t)lane };
				size_t before = world.heard_count[to];

				assert_int_equal(link_send(world.links[from], to,
							   (enum link_lane)lane, text, 3), ST_OK);
				assert_true(world_hears(&world, to, before + 1));
				assert_int_equal(last(to)->kind, kinds[lane]);
				assert_int_equal(last(to)->peer, from);
				assert_int_equal(last(to)->len, 3);
				assert_memory_equal(last(to)->bytes, text, 3);
			}
}

static void a_broadcast_reaches_every_other_node(void **state)
{
	(void)state;
	up_all(4);
	assert_int_equal(link_broadcast(world.links[2], LINK_BULK, "all", 3), 3);
	for (uint32_t i = 0; i < 4; i++)
		if (i != 2) {
			assert_true(world_hears(&world, i, 1));
			assert_int_equal(last(i)->peer, 2);
		}
	world_run(&world, 50);
	assert_int_equal(world.heard_count[2], 0);
}

static void a_node_alone_needs_nobody(void **state)
{
	struct link_event event;

	(void)state;
	up_all(1);
	assert_int_equal(link_broadcast(world.links[0], LINK_FAST, "x", 1), 0);
	assert_int_equal(link_poll(world.links[0], &event, 10), ST_TIMEOUT);
	assert_int_equal(link_send(world.links[0], 0, LINK_FAST, "x", 1), ST_LIMIT);
}

/* Messages with a number and some length; a full queue is waited for. */
static void send_numbered(uint32_t from, uint32_t to, enum link_lane lane, uint32_t count,
			  size_t len_max, struct prng *r)
{
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	uint8_t *bytes = malloc(len_max + 4);

	assert_non_null(bytes);
	memset(bytes, 0x5a, len_max + 4);
	for (uint32_t k = 0; k < count; k++) {
		enum status st;

		memcpy(bytes, &k, sizeof(k));
		do {
			st = link_send(world.links[from], to, lane, bytes,
				       4 + prng_below(r, len_max));
			if (st == ST_AGAIN)
				world_turn(&world);
		} while (st == ST_AGAIN && clock_mono_ms() < end_ms);
		assert_int_equal(st, ST_OK);
	}
	free(bytes);
}

static void assert_in_order(uint32_t i, enum link_kind kind, uint32_t count)
{
	uint32_t next = 0;

	for (size_t k = 0; k < world.heard_count[i]; k++) {
		const struct link_event *e = &world.heard[i][k].event;
		uint32_t number;

		if (e->kind != kind)
			continue;
		assert_true(e->len >= sizeof(number));
		memcpy(&number, e->bytes, sizeof(number));
		assert_int_equal(number, next);
		next++;
	}
	assert_int_equal(next, count);
}

static void thousands_of_messages_arrive_in_order_on_each_lane(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "in order");
	up_all(2);
	send_numbered(0, 1, LINK_FAST, 5000, 300, &r);
	send_numbered(0, 1, LINK_BULK, 1000, 20000, &r);
	send_numbered(1, 0, LINK_FAST, 5000, 300, &r);
	assert_true(world_hears(&world, 1, 6000));
	assert_true(world_hears(&world, 0, 5000));
	assert_in_order(1, LINK_PEER_FAST, 5000);
	assert_in_order(1, LINK_PEER_BULK, 1000);
	assert_in_order(0, LINK_PEER_FAST, 5000);
}

static void a_message_of_the_limit_passes_and_one_more_byte_is_refused(void **state)
{
	static const size_t limits[2] = { LIMIT_FRAME_FAST, LIMIT_FRAME_BULK };
	uint8_t *bytes = malloc(LIMIT_FRAME_BULK + 1);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 7, LIMIT_FRAME_BULK + 1);
	up_all(2);
	for (int lane = LINK_FAST; lane <= LINK_BULK; lane++)
		for (uint32_t from = 0; from < 2; from++) {
			uint32_t to = 1 - from;
			size_t before = world.heard_count[to];

			assert_int_equal(link_send(world.links[from], to, (enum link_lane)lane,
						   bytes, limits[lane] + 1), ST_LIMIT);
			assert_int_equal(link_send(world.links[from], to, (enum link_lane)lane,
						   bytes, 0), ST_LIMIT);
			assert_int_equal(link_send(world.links[from], to, (enum link_lane)lane,
						   bytes, limits[lane]), ST_OK);
			assert_true(world_hears(&world, to, before + 1));
			assert_int_equal(last(to)->len, limits[lane]);
		}
	free(bytes);
}

/* --- the slow and the absent ------------------------------------------------------------------ */

static void sending_to_a_slow_peer_drops_and_never_waits(void **state)
{
	uint8_t *bytes = calloc(1, LIMIT_FRAME_BULK);
	struct link_stats stats;
	uint32_t taken = 0;

	(void)state;
	assert_non_null(bytes);
	up_all(3);
	world.is_deaf[1] = true;
	/* More than every queue and buffer between us: 4 MiB each, 8 queued at either end. */
	for (int k = 0; k < 100; k++)
		taken += link_send(world.links[0], 1, LINK_BULK, bytes, LIMIT_FRAME_BULK) == ST_OK;
	assert_true(taken < 100);
	assert_true(taken > 0);
	link_stats(world.links[0], &stats);
	assert_int_equal(stats.peer[1][LINK_BULK].dropped, 100 - taken);
	assert_int_equal(stats.peer[1][LINK_BULK].sent, taken);
	/* Neither another lane nor another peer is touched. */
	assert_int_equal(link_send(world.links[0], 1, LINK_FAST, "v", 1), ST_OK);
	assert_int_equal(link_send(world.links[0], 2, LINK_BULK, "b", 1), ST_OK);
	assert_true(world_hears(&world, 2, 1));
	/* It wakes up, and hears what was taken, in whole messages. */
	world.is_deaf[1] = false;
	assert_true(world_hears(&world, 1, 1 + taken));
	world_run(&world, 50);
	assert_int_equal(world.heard_count[1], 1 + taken);
	free(bytes);
}

static void sending_to_an_absent_peer_drops(void **state)
{
	struct link_stats stats;

	(void)state;
	world_make(&world, 2);
	world_up(&world, 0);
	assert_int_equal(link_send(world.links[0], 1, LINK_FAST, "x", 1), ST_AGAIN);
	link_stats(world.links[0], &stats);
	assert_int_equal(stats.peer[1][LINK_FAST].dropped, 1);
	assert_int_equal(stats.connected, 0);
	world_down(&world, 0);
	world_up(&world, 1);
	assert_int_equal(link_send(world.links[1], 0, LINK_FAST, "x", 1), ST_AGAIN);
}

static void either_side_comes_back_after_a_restart(void **state)
{
	(void)state;
	up_all(2);
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t other = 1 - i;

		world_down(&world, i);
		world_run(&world, 100);
		world_up(&world, i);
		world_connect(&world);
		world_forget(&world, 0);
		world_forget(&world, 1);
		assert_int_equal(link_send(world.links[i], other, LINK_FAST, "again", 5), ST_OK);
		assert_int_equal(link_send(world.links[other], i, LINK_BULK, "hello", 5), ST_OK);
		assert_true(world_hears(&world, other, 1));
		assert_true(world_hears(&world, i, 1));
	}
}

static void a_flood_on_one_lane_does_not_starve_another(void **state)
{
	uint8_t bytes[64] = { 0 };
	size_t fast = 0;

	(void)state;
	up_all(3);
	world.is_deaf[0] = true;
	for (int k = 0; k < 1000; k++)
		(void)link_send(world.links[1], 0, LINK_FAST, bytes, sizeof(bytes));
	world_run(&world, 200);   /* all of it lies ready at node 0 */
	assert_int_equal(link_send(world.links[2], 0, LINK_BULK, "b", 1), ST_OK);
	world_run(&world, 200);
	world.is_deaf[0] = false;
	assert_true(world_hears(&world, 0, 200));
	for (size_t k = 0; k < 200 && world.heard[0][k].event.peer != 2; k++)
		fast++;
	assert_true(fast < 100);
}

/* --- waking ----------------------------------------------------------------------------------- */

static void an_extra_descriptor_and_a_wake_up_are_events(void **state)
{
	struct link_event event;
	uint64_t one = 1;
	int fd = eventfd(0, EFD_NONBLOCK);

	(void)state;
	up_all(1);
	assert_int_equal(link_poll(world.links[0], &event, 0), ST_TIMEOUT);
	assert_int_equal(link_watch(world.links[0], fd), ST_OK);
	assert_int_equal(link_watch(world.links[0], fd), ST_EXISTS);
	assert_int_equal(link_poll(world.links[0], &event, 0), ST_TIMEOUT);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	for (int k = 0; k < 3; k++) {   /* until it is read */
		assert_int_equal(link_poll(world.links[0], &event, 1000), ST_OK);
		assert_int_equal(event.kind, LINK_READABLE);
		assert_int_equal(event.fd, fd);
	}
	assert_int_equal(read(fd, &one, sizeof(one)), sizeof(one));
	if (link_poll(world.links[0], &event, 0) == ST_OK)   /* a report under way */
		assert_int_equal(event.kind, LINK_READABLE);
	assert_int_equal(link_poll(world.links[0], &event, 0), ST_TIMEOUT);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	link_unwatch(world.links[0], fd);
	assert_int_equal(link_poll(world.links[0], &event, 0), ST_TIMEOUT);
	link_wake(world.links[0]);
	link_wake(world.links[0]);
	assert_int_equal(link_poll(world.links[0], &event, 1000), ST_OK);
	assert_int_equal(event.kind, LINK_WOKEN);
	assert_int_equal(link_poll(world.links[0], &event, 0), ST_TIMEOUT);
	(void)close(fd);
}

static void only_so_many_descriptors_are_watched(void **state)
{
	int fds[LINK_WATCH_MAX + 1];

	(void)state;
	up_all(1);
	for (int k = 0; k <= LINK_WATCH_MAX; k++) {
		fds[k] = eventfd(0, EFD_NONBLOCK);
		assert_int_equal(link_watch(world.links[0], fds[k]),
				 k < LINK_WATCH_MAX ? ST_OK : ST_LIMIT);
	}
	for (int k = 0; k <= LINK_WATCH_MAX; k++)
		(void)close(fds[k]);
}

static void *wake_soon(void *arg)
{
	(void)usleep(30000);
	link_wake(arg);
	return NULL;
}

static void another_thread_wakes_a_sleeper(void **state)
{
	struct link_event event;
	pthread_t thread;

	(void)state;
	up_all(1);
	assert_int_equal(pthread_create(&thread, NULL, wake_soon, world.links[0]), 0);
	assert_int_equal(link_poll(world.links[0], &event, LINKS_PATIENCE_MS), ST_OK);
	assert_int_equal(event.kind, LINK_WOKEN);
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void on_alarm(int number)
{
	(void)number;
}

static void a_signal_ends_the_wait(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value = { .tv_usec = 30000 } };
	struct link_event event;
	uint64_t start_ms;

	(void)state;
	up_all(1);
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	start_ms = clock_mono_ms();
	assert_int_equal(link_poll(world.links[0], &event, LINKS_PATIENCE_MS), ST_TIMEOUT);
	assert_true(clock_mono_ms() - start_ms < LINKS_PATIENCE_MS);
}

/* --- room ------------------------------------------------------------------------------------- */

static bool is_closed(int fd)
{
	uint8_t bytes[256];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* From 127.0.0.place, which is this machine too. */
static int dial_again(int old, uint32_t place, uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (old >= 0)
		(void)close(old);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	from.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~UINT32_C(0xff)) + place);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum status try_open(const struct link_config *config, struct fault *fault)
{
	struct link *l = (struct link *)&world;   /* must be overwritten */
	enum status st = link_open(&l, fault, config);

	assert_null(st == ST_OK ? NULL : l);
	link_close(l);
	return st;
}

static void a_bad_configuration_is_refused(void **state)
{
	struct link_config good;
	struct link_config bad;
	struct fault fault;
	struct link_node nodes[3];

	(void)state;
	world_make(&world, 3);
	good = world.config[1];
	bad = good;
	bad.count = 0;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	bad.count = LIMIT_TRUSTEES + 1;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	bad = good;
	bad.self = 3;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	bad = good;
	bad.kiosk_connections = LINK_KIOSK_CONNECTIONS_MAX + 1;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	bad = good;
	bad.read_connections = LINK_READ_CONNECTIONS_MAX + 1;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	bad = good;
	bad.secret = world.secrets[0];
	assert_int_equal(try_open(&bad, &fault), ST_KEY);
	memcpy(nodes, world.nodes, sizeof(nodes));
	bad = good;
	bad.nodes = nodes;
	memcpy(nodes[2].key, nodes[0].key, LINK_KEY_BYTES);
	assert_int_equal(try_open(&bad, &fault), ST_KEY);
	memset(nodes[2].key, 0, LINK_KEY_BYTES);
	assert_int_equal(try_open(&bad, NULL), ST_KEY);
	memcpy(nodes, world.nodes, sizeof(nodes));
	nodes[0].address.base = 80;
	assert_int_equal(try_open(&bad, &fault), ST_LIMIT);
	assert_int_equal(try_open(&good, &fault), ST_OK);
}

static void every_kiosk_of_the_largest_election_has_room(void **state)
{
	enum { MANY = 250 };
	uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
	struct link_stats stats;
	uint16_t port;
	int fds[MANY];

	(void)state;
	world_make(&world, 2);
	world.config[0].kiosk_connections = LIMIT_KIOSKS;
	world.config[0].read_connections = LINK_READ_CONNECTIONS_MAX;
	world_up(&world, 0);
	world_up(&world, 1);
	world_connect(&world);
	/* They say nothing, and so stay for a few seconds only: many come at once. */
	port = address_port_kiosk(&world.nodes[0].address);
	for (int k = 0; k < MANY; k++)
		fds[k] = -1;
	do {
		for (int k = 0; k < MANY; k++)
			if (fds[k] < 0 || is_closed(fds[k]))
				fds[k] = dial_again(fds[k], 1 + (uint32_t)k % 4, port);
		world_turn(&world);
		link_stats(world.links[0], &stats);
	} while (stats.clients < 200 && clock_mono_ms() < end_ms);
	assert_true(stats.clients >= 200);
	for (int k = 0; k < MANY; k++)
		(void)close(fds[k]);
	assert_int_equal(link_send(world.links[1], 0, LINK_FAST, "v", 1), ST_OK);
	assert_true(world_hears(&world, 0, 1));
}

static void too_few_descriptors_are_told_before_they_run_out(void **state)
{
	struct rlimit before;
	struct rlimit few;
	struct fault fault;
	int outcome = 0;
	pid_t pid;

	(void)state;
	world_make(&world, 3);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	pid = fork();   /* a hard limit does not come back */
	assert_true(pid >= 0);
	if (pid == 0) {
		few = (struct rlimit){ .rlim_cur = 64, .rlim_max = 64 };
		_exit(setrlimit(RLIMIT_NOFILE, &few) == 0 ?
		      (int)try_open(&world.config[0], &fault) : 255);
	}
	assert_int_equal(waitpid(pid, &outcome, 0), pid);
	assert_true(WIFEXITED(outcome));
	assert_int_equal(WEXITSTATUS(outcome), ST_LIMIT);
	few = before;
	few.rlim_cur = 64;   /* the soft limit is raised when it may be */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(try_open(&world.config[0], &fault), ST_OK);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &few), 0);
	assert_true(few.rlim_cur > 64);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void nodes_meet_over_ipv6(void **state)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	bool has_ipv6 = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	(void)state;
	if (fd >= 0)
		(void)close(fd);
	if (!has_ipv6)
		skip();
	world_make(&world, 2);
	for (uint32_t i = 0; i < 2; i++) {
		(void)snprintf(world.nodes[i].address.host, sizeof(world.nodes[i].address.host),
			       "[::1]");
		world.config[i].bind_host = i == 0 ? "[::1]" : NULL;
	}
	world_up(&world, 0);
	world_up(&world, 1);
	world_connect(&world);
}

static void a_port_in_use_is_told_with_its_number(void **state)
{
	struct fault fault;
	char number[8];

	(void)state;
	world_make(&world, 2);
	world_up(&world, 0);
	assert_int_equal(try_open(&world.config[0], &fault), ST_IO);
	(void)snprintf(number, sizeof(number), "%d",
		       address_port_peer(&world.nodes[0].address, 1, ADDRESS_FAST));
	assert_non_null(strstr(fault.what, number));
	assert_true(strlen(fault.next) > 0);
	/* The failure has left nothing behind. */
	world_down(&world, 0);
	world_up(&world, 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(messages_pass_both_ways_on_both_lanes),
		CASE(a_broadcast_reaches_every_other_node),
		CASE(a_node_alone_needs_nobody),
		CASE(thousands_of_messages_arrive_in_order_on_each_lane),
		CASE(a_message_of_the_limit_passes_and_one_more_byte_is_refused),
		CASE(sending_to_a_slow_peer_drops_and_never_waits),
		CASE(sending_to_an_absent_peer_drops),
		CASE(either_side_comes_back_after_a_restart),
		CASE(a_flood_on_one_lane_does_not_starve_another),
		CASE(an_extra_descriptor_and_a_wake_up_are_events),
		CASE(only_so_many_descriptors_are_watched),
		CASE(another_thread_wakes_a_sleeper),
		CASE(a_signal_ends_the_wait),
		CASE(a_bad_configuration_is_refused),
		CASE(every_kiosk_of_the_largest_election_has_room),
		CASE(too_few_descriptors_are_told_before_they_run_out),
		CASE(nodes_meet_over_ipv6),
		CASE(a_port_in_use_is_told_with_its_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
