/*
 * test_gate.c: the relay alone, with plain sockets at both ends in place of libzmq.
 *
 * Takes about eight seconds: most of it is waiting out pauses of the gate.
 */
#include "common/net/gate.h"

#include "common/base/clock.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/prng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, TARGETS = 3, SPARE_MAX = 256 };

static struct gate *gate;
static uint32_t first;              /* target of the inward route */
static uint16_t port;
static int listeners[TARGETS];      /* in the place of libzmq's */
static int spare[SPARE_MAX];               /* descriptors to close at the end */
static size_t spare_count;

static const struct gate_rule easy = {
	.budget = 1 << 20, .idle_ms = 3600 * 1000, .evict_ms = 10000,
	.each_max = 1, .source_max = 16, .rate = 1000
};

static int keep(int fd)
{
	assert_true(fd >= 0);
	assert_true(spare_count < SPARE_MAX);
	spare[spare_count++] = fd;
	return fd;
}

static int teardown(void **state)
{
	(void)state;
	gate_close(gate);
	gate = NULL;
	while (spare_count > 0)
		(void)close(spare[--spare_count]);
	return 0;
}

/* The local socket of a target, as libzmq would bind it. */
static int bind_target(uint32_t target)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char name[GATE_NAME_BYTES];
	int fd = keep(socket(AF_UNIX, SOCK_STREAM, 0));

	gate_name(gate, target, name);
	assert_memory_equal(name, "ipc://@", 7);
	memcpy(un.sun_path + 1, name + 7, strlen(name + 7));
	assert_int_equal(bind(fd, (struct sockaddr *)&un,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					  strlen(name + 7))), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void open_inward(const struct gate_rule *rule, uint32_t count)
{
	struct fault fault;
	enum status st = ST_IO;

	assert_int_equal(crypto_init(), ST_OK);
	for (int tries = 0; st == ST_IO && tries < 100; tries++) {
		gate_close(gate);
		assert_int_equal(gate_open(&gate), ST_OK);
		port = (uint16_t)(10000 + rng_below(22000));
		st = gate_inward(gate, &first, &fault, "127.0.0.1", port, count, rule);
	}
	assert_int_equal(st, ST_OK);
	for (uint32_t i = 0; i < count; i++)
		listeners[i] = bind_target(first + i);
	assert_int_equal(gate_start(gate), ST_OK);
}

/* From 127.0.0.place, which is this machine too. */
static int dial_from(uint32_t place)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = keep(socket(AF_INET, SOCK_STREAM, 0));

	from.sin_addr.s_addr = htonl((INADDR_LOOPBACK & ~UINT32_C(0xff)) + place);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static int dial(void)
{
	return dial_from(1);
}

static bool is_readable(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static int accept_at(uint32_t target)
{
	assert_true(is_readable(listeners[target], PATIENCE_MS));
	return keep(accept(listeners[target], NULL, NULL));
}

static bool ends(int fd, int wait_ms)
{
	uint64_t end_ms = clock_mono_ms() + (uint64_t)wait_ms;
	uint8_t bytes[4096];

	while (clock_mono_ms() < end_ms) {
		ssize_t n;

		if (!is_readable(fd, 10))
			continue;
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return true;
	}
	return false;
}

/* What libzmq does when it has found the end. */
static void leave(int inner)
{
	assert_true(ends(inner, PATIENCE_MS));
	assert_int_equal(shutdown(inner, SHUT_RDWR), 0);
}

/* --- passing ---------------------------------------------------------------------------------- */

static void bytes_pass_both_ways_unchanged(void **state)
{
	static uint8_t sent[2][600000];
	static uint8_t got[2][600000];
	size_t sent_len[2] = { 0, 0 };
	size_t got_len[2] = { 0, 0 };
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	struct prng r;
	int fds[2];

	(void)state;
	prng_seed(&r, "gate bytes");
	open_inward(&easy, 1);
	fds[0] = dial();
	fds[1] = accept_at(0);
	prng_bytes(&r, sent, sizeof(sent));
	while ((got_len[0] < sizeof(sent[0]) || got_len[1] < sizeof(sent[0])) &&
	       clock_mono_ms() < end_ms)
		for (int k = 0; k < 2; k++) {
			size_t left = sizeof(sent[0]) - sent_len[k];
			size_t some = left == 0 ? 0 : 1 + prng_below(&r, left < 9000 ? left : 9000);
			ssize_t n = send(fds[k], sent[k] + sent_len[k], some,
					 MSG_DONTWAIT | MSG_NOSIGNAL);

			sent_len[k] += n > 0 ? (size_t)n : 0;
			n = recv(fds[1 - k], got[k] + got_len[k], sizeof(got[0]) - got_len[k],
				 MSG_DONTWAIT);
			got_len[k] += n > 0 ? (size_t)n : 0;
		}
	assert_memory_equal(sent, got, sizeof(sent));
}

static void the_end_of_one_side_is_the_end_of_the_other(void **state)
{
	int outer;
	int inner;

	(void)state;
	open_inward(&easy, 2);
	outer = dial();
	inner = accept_at(0);
	assert_int_equal(gate_live(gate, first), 1);
	assert_int_equal(shutdown(outer, SHUT_RDWR), 0);
	assert_true(ends(inner, PATIENCE_MS));
	outer = dial();
	inner = accept_at(1);   /* the target that was free longest */
	assert_int_equal(shutdown(inner, SHUT_RDWR), 0);
	assert_true(ends(outer, PATIENCE_MS));
}

static void a_target_that_nobody_bound_ends_the_connection(void **state)
{
	int outer;

	(void)state;
	open_inward(&easy, 1);
	assert_int_equal(close(listeners[0]), 0);
	for (size_t k = 0; k < spare_count; k++)
		if (spare[k] == listeners[0])
			spare[k] = spare[--spare_count];
	outer = dial();
	assert_true(ends(outer, PATIENCE_MS));
}

/* --- budget ----------------------------------------------------------------------------------- */

/* Push until nothing more goes in; count what came out at the other end meanwhile. */
static size_t push(int outer, int inner, int quiet_ms)
{
	static const uint8_t bytes[32768];
	static uint8_t sink[65536];
	uint64_t moved_ms = clock_mono_ms();
	size_t out = 0;

	while (clock_mono_ms() - moved_ms < (uint64_t)quiet_ms) {
		ssize_t n;

		(void)send(outer, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
		n = recv(inner, sink, sizeof(sink), MSG_DONTWAIT);
		if (n > 0) {
			out += (size_t)n;
			moved_ms = clock_mono_ms();
		}
	}
	return out;
}

static void what_is_not_delivered_stops_the_flow_at_the_budget(void **state)
{
	int outer;
	int inner;
	size_t out;

	(void)state;
	open_inward(&easy, 1);
	outer = dial();
	inner = accept_at(0);
	out = push(outer, inner, 300);
	assert_true(out > easy.budget);
	assert_true(out <= easy.budget + GATE_BUFFER_BYTES + 4096);
	/* Delivering half a megabyte lets about so much more in. */
	gate_delivered(gate, first, (1 << 19) - GATE_OVERHEAD_BYTES);
	out = push(outer, inner, 300);
	assert_true(out >= (1 << 19) - GATE_BUFFER_BYTES);
	assert_true(out <= (1 << 19) + GATE_BUFFER_BYTES + 4096);
	/* Nobody looked for messages: it may be we who are slow, so nothing is cut. */
	assert_int_equal(push(outer, inner, 2500), 0);
	assert_int_equal(gate_live(gate, first), 1);
}

static void bytes_without_end_are_cut_and_kept_out_for_a_while(void **state)
{
	struct gate_stats stats;
	int outer;
	int inner;

	(void)state;
	open_inward(&easy, 1);
	gate_set_idle(gate, first, true);
	gate_set_waiting(gate, true);   /* the program sleeps: there is nothing to deliver */
	outer = dial();
	inner = accept_at(0);
	(void)push(outer, inner, 300);
	leave(inner);
	gate_stats(gate, &stats);
	assert_int_equal(stats.cut, 1);
	outer = dial();
	assert_true(ends(outer, PATIENCE_MS));
	gate_stats(gate, &stats);
	assert_int_equal(stats.refused, 1);
	(void)usleep(1200000);
	outer = dial();
	inner = accept_at(0);
	assert_int_equal(gate_generation(gate, first), 2);
	(void)inner;
}

static void whoever_is_cut_is_closed_at_once(void **state)
{
	int outer;

	(void)state;
	open_inward(&easy, 1);
	outer = dial();
	(void)accept_at(0);
	gate_cut(gate, first);
	assert_true(ends(outer, PATIENCE_MS));
}

/* libzmq does not bear a hang-up while what it has read finds no room (docs/decisions/0035). */
static void an_end_stands_behind_the_last_byte_and_is_no_hang_up(void **state)
{
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	struct pollfd p = { .events = 0 };
	uint8_t bytes[8];
	int outer;

	(void)state;
	open_inward(&easy, 1);
	gate_set_idle(gate, first, true);
	outer = dial();
	p.fd = accept_at(0);
	assert_int_equal(send(outer, "abc", 3, MSG_NOSIGNAL), 3);
	assert_true(is_readable(p.fd, PATIENCE_MS));
	assert_int_equal(shutdown(outer, SHUT_RDWR), 0);
	while (gate_live(gate, first) > 0 && clock_mono_ms() < end_ms)
		(void)usleep(1000);
	assert_int_equal(gate_live(gate, first), 0);
	(void)usleep(300000);
	assert_int_equal(poll(&p, 1, 0), 0);   /* POLLHUP would come unasked */
	outer = dial();                        /* the target is not free before it has left */
	assert_true(ends(outer, PATIENCE_MS));
	assert_int_equal(recv(p.fd, bytes, sizeof(bytes), 0), 3);
	leave(p.fd);
	(void)usleep(300000);
	(void)dial();
	(void)accept_at(0);
}

/* --- admission -------------------------------------------------------------------------------- */

static void one_source_has_its_share(void **state)
{
	struct gate_rule rule = easy;
	struct gate_stats stats;
	int third;

	(void)state;
	rule.source_max = 2;
	open_inward(&rule, TARGETS);
	(void)dial();
	(void)dial();
	third = dial();
	assert_true(ends(third, PATIENCE_MS));
	gate_stats(gate, &stats);
	assert_int_equal(stats.accepted, 2);
	assert_int_equal(stats.refused, 1);
}

static void a_full_endpoint_turns_away(void **state)
{
	int last;

	(void)state;
	open_inward(&easy, TARGETS);
	for (uint32_t i = 0; i < TARGETS; i++)
		(void)dial();
	last = dial();
	assert_true(ends(last, PATIENCE_MS));
	for (uint32_t i = 0; i < TARGETS; i++)
		assert_int_equal(gate_live(gate, first + i), 1);
}

static void a_full_endpoint_makes_room_at_the_cost_of_the_silent(void **state)
{
	struct gate_rule rule = easy;
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	int silent;
	int inner;
	int last;

	(void)state;
	rule.evict_ms = 300;
	open_inward(&rule, 2);
	gate_set_idle(gate, first, true);
	gate_set_idle(gate, first + 1, true);
	(void)dial();
	(void)accept_at(0);
	silent = dial();
	inner = accept_at(1);
	while (!ends(silent, 50) && clock_mono_ms() < end_ms) {
		gate_delivered(gate, first, 1);
		last = dial();   /* turned away, but it moves the silent one */
		assert_true(ends(last, PATIENCE_MS));
	}
	assert_int_equal(gate_live(gate, first), 1);
	assert_int_equal(gate_live(gate, first + 1), 0);
	leave(inner);
	(void)usleep(300000);    /* a target rests between two connections */
	last = dial();
	(void)accept_at(1);
	assert_int_equal(gate_live(gate, first + 1), 1);
}

static void several_connections_of_one_target_are_counted(void **state)
{
	struct gate_rule rule = easy;
	int third;

	(void)state;
	rule.each_max = 2;
	open_inward(&rule, 1);
	(void)dial();
	(void)dial();
	third = dial();
	assert_true(ends(third, PATIENCE_MS));
	assert_int_equal(gate_live(gate, first), 2);
}

static void connections_above_the_rate_are_turned_away(void **state)
{
	struct gate_rule rule = easy;
	struct gate_stats stats;
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;

	(void)state;
	rule.rate = 1;   /* and two at once */
	open_inward(&rule, TARGETS);
	for (int k = 0; k < 10; k++) {
		int fd = dial();

		(void)shutdown(fd, SHUT_RDWR);
	}
	do {
		gate_stats(gate, &stats);
	} while (stats.accepted + stats.refused < 10 && clock_mono_ms() < end_ms);
	assert_int_equal(stats.accepted + stats.refused, 10);
	assert_true(stats.refused >= 5);
}

/* Accepted and refused so far reach count. */
static void await_decided(uint64_t count)
{
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	struct gate_stats stats;

	do {
		gate_stats(gate, &stats);
	} while (stats.accepted + stats.refused < count && clock_mono_ms() < end_ms);
	assert_int_equal(stats.accepted + stats.refused, count);
}

/* Whoever is at place now has a connection that lives. */
static void assert_admitted(uint32_t place)
{
	struct gate_stats before;
	struct gate_stats after;

	gate_stats(gate, &before);
	(void)dial_from(place);
	await_decided(before.accepted + before.refused + 1);
	gate_stats(gate, &after);
	assert_int_equal(after.accepted, before.accepted + 1);
}

static void a_source_that_is_turned_away_takes_nothing_from_the_others(void **state)
{
	struct gate_rule rule = easy;

	(void)state;
	rule.source_max = 1;
	rule.rate = 4;   /* and eight at once */
	open_inward(&rule, TARGETS);
	for (int k = 0; k < 100; k++)
		(void)dial_from(1);
	await_decided(100);
	assert_admitted(2);
}

static void a_source_that_comes_and_goes_takes_its_share_of_the_rate(void **state)
{
	struct gate_rule rule = easy;

	(void)state;
	rule.source_rate = 1;
	rule.rate = 4;
	rule.each_max = 100;   /* room is not what is scarce */
	rule.source_max = 100;
	open_inward(&rule, 1);
	for (int k = 0; k < 100; k++) {
		int fd = dial_from(1);

		(void)shutdown(fd, SHUT_RDWR);
	}
	await_decided(100);
	assert_admitted(2);
	/* Each source has its own. */
	assert_admitted(3);
}

static void more_sources_than_are_remembered_change_nothing_for_the_rate(void **state)
{
	struct gate_rule rule = easy;
	struct gate_stats stats;

	(void)state;
	rule.source_rate = 1;
	rule.rate = 4;
	rule.each_max = 250;
	open_inward(&rule, 1);
	for (uint32_t k = 0; k < GATE_SOURCES_MAX + 20; k++) {
		int fd = dial_from(2 + k);

		(void)shutdown(fd, SHUT_RDWR);
	}
	await_decided(GATE_SOURCES_MAX + 20);
	gate_stats(gate, &stats);
	assert_true(stats.accepted >= 8);
	assert_true(stats.refused >= 20);
}

static void the_silent_are_cut_and_the_busy_are_not(void **state)
{
	struct gate_rule rule = easy;
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	int silent;
	int busy;

	(void)state;
	rule.idle_ms = 700;
	open_inward(&rule, 2);
	busy = dial();
	(void)accept_at(0);
	silent = dial();
	(void)accept_at(1);
	while (!ends(silent, 50) && clock_mono_ms() < end_ms)
		gate_delivered(gate, first, 1);
	assert_int_equal(gate_live(gate, first + 1), 0);
	assert_int_equal(gate_live(gate, first), 1);
	(void)busy;
}

/* --- outward ---------------------------------------------------------------------------------- */

/* As libzmq does: connect to the local name. */
static int connect_target(uint32_t target)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char name[GATE_NAME_BYTES];
	int fd = keep(socket(AF_UNIX, SOCK_STREAM, 0));

	gate_name(gate, target, name);
	memcpy(un.sun_path + 1, name + 7, strlen(name + 7));
	assert_int_equal(connect(fd, (struct sockaddr *)&un,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					     strlen(name + 7))), 0);
	return fd;
}

/* A listener of the remote side at a free port. */
static int remote_listen(uint16_t *at)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = keep(socket(AF_INET, SOCK_STREAM, 0));

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*at = ntohs(a.sin_port);
	return fd;
}

static void dial_and_pass_on(const char *host)
{
	char bytes[8];
	uint32_t target;
	uint16_t at;
	int inner = -1, outer, remote;

	assert_int_equal(crypto_init(), ST_OK);
	assert_int_equal(gate_open(&gate), ST_OK);
	remote = remote_listen(&at);
	assert_int_equal(gate_outward(gate, &target, host, at, &easy), ST_OK);
	assert_int_equal(gate_start(gate), ST_OK);
	/* A name may not be known yet: libzmq would come again, so do we. */
	for (int tries = 0; tries < 200; tries++) {
		inner = connect_target(target);
		if (is_readable(remote, 150))
			break;
		(void)close(spare[--spare_count]);
	}
	assert_true(is_readable(remote, PATIENCE_MS));
	outer = keep(accept(remote, NULL, NULL));
	assert_int_equal(send(inner, "ping", 4, 0), 4);
	assert_int_equal(recv(outer, bytes, sizeof(bytes), 0), 4);
	assert_int_equal(send(outer, "pong!", 5, 0), 5);
	assert_int_equal(recv(inner, bytes, sizeof(bytes), 0), 5);
	assert_memory_equal(bytes, "pong!", 5);
}

static void what_is_dialled_is_passed_on(void **state)
{
	(void)state;
	dial_and_pass_on("127.0.0.1");
}

static void a_name_is_dialled_too(void **state)
{
	struct addrinfo *list = NULL;

	(void)state;
	if (getaddrinfo("localhost", NULL, NULL, &list) != 0)
		skip();   /* a machine that knows no name at all, such as a bare root */
	freeaddrinfo(list);
	dial_and_pass_on("localhost");
}

static void a_dial_that_fails_is_told_and_tried_more_slowly(void **state)
{
	uint32_t target;
	uint16_t at;
	uint32_t tries = 0;
	uint64_t end_ms;
	int remote;

	(void)state;
	assert_int_equal(crypto_init(), ST_OK);
	assert_int_equal(gate_open(&gate), ST_OK);
	remote = remote_listen(&at);
	(void)remote;
	(void)close(spare[--spare_count]);   /* nobody is there */
	assert_int_equal(gate_outward(gate, &target, "127.0.0.1", at, &easy), ST_OK);
	assert_int_equal(gate_start(gate), ST_OK);
	end_ms = clock_mono_ms() + 1000;
	while (clock_mono_ms() < end_ms) {   /* eager: comes again at once */
		int inner = connect_target(target);

		assert_true(ends(inner, PATIENCE_MS));
		(void)close(spare[--spare_count]);
		tries++;
	}
	/* 0, 50, 100, 200, 400, ... ms */
	assert_true(tries >= 2);
	assert_true(tries <= 8);
}

static void another_process_is_not_served(void **state)
{
	char name[GATE_NAME_BYTES];
	struct gate_stats stats;
	uint32_t target;
	uint16_t at;
	uint64_t end_ms = clock_mono_ms() + PATIENCE_MS;
	pid_t pid;

	(void)state;
	assert_int_equal(crypto_init(), ST_OK);
	assert_int_equal(gate_open(&gate), ST_OK);
	(void)remote_listen(&at);
	assert_int_equal(gate_outward(gate, &target, "127.0.0.1", at, &easy), ST_OK);
	gate_name(gate, target, name);
	assert_int_equal(gate_start(gate), ST_OK);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct sockaddr_un un = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		memcpy(un.sun_path + 1, name + 7, strlen(name + 7));
		(void)connect(fd, (struct sockaddr *)&un,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					  strlen(name + 7)));
		(void)usleep(500000);
		_exit(0);
	}
	do {
		gate_stats(gate, &stats);
	} while (stats.refused + stats.accepted == 0 && clock_mono_ms() < end_ms);
	assert_int_equal(stats.refused, 1);
	assert_int_equal(stats.accepted, 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(bytes_pass_both_ways_unchanged),
		CASE(the_end_of_one_side_is_the_end_of_the_other),
		CASE(a_target_that_nobody_bound_ends_the_connection),
		CASE(what_is_not_delivered_stops_the_flow_at_the_budget),
		CASE(bytes_without_end_are_cut_and_kept_out_for_a_while),
		CASE(whoever_is_cut_is_closed_at_once),
		CASE(an_end_stands_behind_the_last_byte_and_is_no_hang_up),
		CASE(one_source_has_its_share),
		CASE(a_full_endpoint_turns_away),
		CASE(a_full_endpoint_makes_room_at_the_cost_of_the_silent),
		CASE(several_connections_of_one_target_are_counted),
		CASE(connections_above_the_rate_are_turned_away),
		CASE(a_source_that_is_turned_away_takes_nothing_from_the_others),
		CASE(a_source_that_comes_and_goes_takes_its_share_of_the_rate),
		CASE(more_sources_than_are_remembered_change_nothing_for_the_rate),
		CASE(the_silent_are_cut_and_the_busy_are_not),
		CASE(what_is_dialled_is_passed_on),
		CASE(a_name_is_dialled_too),
		CASE(a_dial_that_fails_is_told_and_tried_more_slowly),
		CASE(another_process_is_not_served),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
