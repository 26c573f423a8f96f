/*
 * test_client.c: asking one node, and several at once.
 */
#include "common/net/client.h"

#include "common/base/clock.h"
#include "tests/unit/lib/links.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct world world;
static struct client *client;
static uint8_t kiosk_key[LINK_KEY_BYTES];
static uint8_t kiosk_secret[LINK_KEY_BYTES];

static int teardown(void **state)
{
	(void)state;
	client_close(client);
	client = NULL;
	world_free(&world);
	return 0;
}

/* count nodes up, which echo requests and know our kiosk; a client with a slot for each. */
static void up_all(uint32_t count, enum client_role role)
{
	world_make(&world, count);
	world.is_echo = true;
	link_keygen(kiosk_key, kiosk_secret);
	assert_int_equal(client_open(&client, role == CLIENT_KIOSK ? kiosk_secret : NULL), ST_OK);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t slot;

		world_up(&world, i);
		assert_int_equal(link_kiosk_keys(world.links[i], kiosk_key, 1), ST_OK);
		assert_int_equal(client_add(client, &slot, role, &world.nodes[i].address,
					    world.nodes[i].key), ST_OK);
		assert_int_equal(slot, i);
	}
}

static uint64_t ask(uint32_t slot, const char *text, uint32_t timeout_ms)
{
	uint64_t request;

	assert_int_equal(client_ask(client, &request, slot, text, strlen(text), timeout_ms),
			 ST_OK);
	return request;
}

static struct client_event expect(enum client_kind kind, uint64_t request)
{
	struct client_event event;

	assert_int_equal(world_client(&world, client, &event), ST_OK);
	assert_int_equal(event.kind, kind);
	assert_true(event.request == request);
	return event;
}

static void assert_text(const struct client_event *event, const char *text)
{
	assert_int_equal(event->len, strlen(text));
	assert_memory_equal(event->bytes, text, event->len);
}

/* --- asking ----------------------------------------------------------------------------------- */

static void a_request_is_answered_at_either_endpoint(void **state)
{
	(void)state;
	for (int role = CLIENT_KIOSK; role <= CLIENT_READ; role++) {
		struct client_event event;
		uint64_t request;

		up_all(1, (enum client_role)role);
		request = ask(0, "are you there?", LINKS_PATIENCE_MS);
		event = expect(CLIENT_ANSWER, request);
		assert_int_equal(event.slot, 0);
		assert_text(&event, "are you there?");
		assert_int_equal(world.heard[0][0].event.kind, role == CLIENT_KIOSK ?
				 LINK_KIOSK_REQUEST : LINK_READ_REQUEST);
		(void)teardown(NULL);
	}
}

static void answers_go_to_the_requests_they_answer(void **state)
{
	struct link_event *events;
	uint64_t requests[4];
	char text[32];

	(void)state;
	up_all(1, CLIENT_KIOSK);
	world.is_echo = false;
	for (int k = 0; k < 4; k++) {
		(void)snprintf(text, sizeof(text), "question %d", k);
		requests[k] = ask(0, text, LINKS_PATIENCE_MS);
	}
	while (world.heard_count[0] < 4) {
		struct client_event none;

		assert_int_equal(client_poll(client, &none, 1), ST_TIMEOUT);
		world_turn(&world);
	}
	/* Answered backwards. */
	for (int k = 3; k >= 0; k--) {
		struct client_event event;

		events = &world.heard[0][k].event;
		assert_int_equal(link_reply(world.links[0], &events->token, events->bytes,
					    events->len), ST_OK);
		event = expect(CLIENT_ANSWER, requests[k]);
		(void)snprintf(text, sizeof(text), "question %d", k);
		assert_text(&event, text);
	}
}

static void few_requests_are_under_way_at_one_node(void **state)
{
	struct client_event event;
	uint64_t first = 0;

	(void)state;
	up_all(1, CLIENT_KIOSK);
	world.is_echo = false;
	for (int k = 0; k < 10; k++) {
		uint64_t request = ask(0, "and?", LINKS_PATIENCE_MS);

		first = k == 0 ? request : first;
	}
	for (int k = 0; k < 100 || world.heard_count[0] < 4; k++) {
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
		world_turn(&world);
	}
	assert_int_equal(world.heard_count[0], 4);
	assert_int_equal(link_reply(world.links[0], &world.heard[0][0].event.token, "so", 2),
			 ST_OK);
	(void)expect(CLIENT_ANSWER, first);
	for (int k = 0; k < 100 || world.heard_count[0] < 5; k++) {
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
		world_turn(&world);
	}
	assert_int_equal(world.heard_count[0], 5);
}

static void an_answer_of_the_limit_passes_and_a_longer_one_is_not_sent(void **state)
{
	uint8_t *bytes = calloc(1, LIMIT_RESPONSE + 1);
	const struct link_token *token;
	struct client_event event;
	uint64_t request;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 9, LIMIT_RESPONSE + 1);
	up_all(1, CLIENT_READ);
	world.is_echo = false;
	request = ask(0, "much", LINKS_PATIENCE_MS);
	while (world.heard_count[0] == 0) {
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
		world_turn(&world);
	}
	token = &world.heard[0][0].event.token;
	assert_int_equal(link_reply(world.links[0], token, bytes, LIMIT_RESPONSE + 1), ST_LIMIT);
	assert_int_equal(link_reply(world.links[0], token, bytes, 0), ST_LIMIT);
	assert_int_equal(link_reply(world.links[0], token, bytes, LIMIT_RESPONSE), ST_OK);
	event = expect(CLIENT_ANSWER, request);
	assert_int_equal(event.len, LIMIT_RESPONSE);
	assert_memory_equal(event.bytes, bytes, LIMIT_RESPONSE);
	free(bytes);
}

static void an_answer_never_goes_to_the_next_on_the_connection(void **state)
{
	struct client_event event;
	struct link_token token;
	uint64_t request;
	uint32_t slot;

	(void)state;
	world_make(&world, 1);
	world.config[0].read_connections = 1;
	world_up(&world, 0);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(client_open(&client, NULL), ST_OK);
		assert_int_equal(client_add(client, &slot, CLIENT_READ, &world.nodes[0].address,
					    world.nodes[0].key), ST_OK);
		request = ask(slot, k == 0 ? "first" : "second", LINKS_PATIENCE_MS);
		while (world.heard_count[0] < (size_t)k + 1) {
			assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
			world_turn(&world);
		}
		if (k == 0) {
			token = world.heard[0][0].event.token;
			client_close(client);
		}
	}
	assert_int_equal(link_reply(world.links[0], &token, "for the first", 13), ST_NOT_FOUND);
	assert_int_equal(client_poll(client, &event, 100), ST_TIMEOUT);
	assert_int_equal(link_reply(world.links[0], &world.heard[0][1].event.token, "second", 6),
			 ST_OK);
	event = expect(CLIENT_ANSWER, request);
	assert_text(&event, "second");
}

static void a_second_answer_is_dropped(void **state)
{
	struct client_event event;
	uint64_t request;

	(void)state;
	up_all(1, CLIENT_KIOSK);
	request = ask(0, "one", LINKS_PATIENCE_MS);
	(void)expect(CLIENT_ANSWER, request);
	assert_int_equal(link_reply(world.links[0], &world.heard[0][0].event.token, "two", 3),
			 ST_OK);
	request = ask(0, "three", LINKS_PATIENCE_MS);
	event = expect(CLIENT_ANSWER, request);
	assert_text(&event, "three");
	assert_int_equal(client_poll(client, &event, 50), ST_TIMEOUT);
}

/* --- several nodes ---------------------------------------------------------------------------- */

static void the_first_of_several_answers_may_be_enough(void **state)
{
	uint64_t requests[3];
	struct client_event event;

	(void)state;
	up_all(3, CLIENT_KIOSK);
	world.is_deaf[0] = world.is_deaf[2] = true;
	for (uint32_t i = 0; i < 3; i++)
		requests[i] = ask(i, "cast", LINKS_PATIENCE_MS);
	event = expect(CLIENT_ANSWER, requests[1]);
	assert_int_equal(event.slot, 1);
	client_forget(client, requests[0]);
	client_forget(client, requests[2]);
	world.is_deaf[0] = world.is_deaf[2] = false;
	for (int k = 0; k < 50; k++) {   /* whatever the others say */
		world_turn(&world);
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
	}
}

static void all_of_several_answers_can_be_waited_for(void **state)
{
	bool has[3] = { false, false, false };
	uint64_t requests[3];

	(void)state;
	up_all(3, CLIENT_READ);
	for (uint32_t i = 0; i < 3; i++)
		requests[i] = ask(i, "head", LINKS_PATIENCE_MS);
	for (int k = 0; k < 3; k++) {
		struct client_event event;

		assert_int_equal(world_client(&world, client, &event), ST_OK);
		assert_int_equal(event.kind, CLIENT_ANSWER);
		assert_true(event.slot < 3);
		assert_true(event.request == requests[event.slot]);
		assert_false(has[event.slot]);
		has[event.slot] = true;
	}
}

/* --- time ------------------------------------------------------------------------------------- */

static void an_absent_node_lets_the_request_expire(void **state)
{
	struct client_event event;
	uint64_t request;

	(void)state;
	up_all(2, CLIENT_KIOSK);
	world_down(&world, 0);
	request = ask(0, "anybody?", 200);
	event = expect(CLIENT_EXPIRED, request);
	assert_int_equal(event.slot, 0);
	assert_int_equal(client_poll(client, &event, 50), ST_TIMEOUT);
}

static void a_silent_node_lets_the_request_expire_and_a_late_answer_is_dropped(void **state)
{
	struct client_event event;
	uint64_t request;

	(void)state;
	up_all(1, CLIENT_KIOSK);
	world.is_echo = false;
	request = ask(0, "say something", 300);
	(void)expect(CLIENT_EXPIRED, request);
	assert_true(world_hears(&world, 0, 1));
	assert_int_equal(link_reply(world.links[0], &world.heard[0][0].event.token, "late", 4),
			 ST_OK);
	assert_int_equal(client_poll(client, &event, 100), ST_TIMEOUT);
}

static void a_request_waits_for_the_node_and_survives_its_restart(void **state)
{
	struct client_event event;
	uint64_t request;

	(void)state;
	up_all(1, CLIENT_KIOSK);
	world_down(&world, 0);
	request = ask(0, "early", LINKS_PATIENCE_MS);
	for (int k = 0; k < 20; k++)
		assert_int_equal(client_poll(client, &event, 10), ST_TIMEOUT);
	world_up(&world, 0);
	assert_int_equal(link_kiosk_keys(world.links[0], kiosk_key, 1), ST_OK);
	(void)expect(CLIENT_ANSWER, request);
	/* Heard, but not answered before the node goes down: asked again. */
	world.is_echo = false;
	world_forget(&world, 0);
	request = ask(0, "again", LINKS_PATIENCE_MS);
	while (world.heard_count[0] == 0) {
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
		world_turn(&world);
	}
	world_down(&world, 0);
	assert_int_equal(client_poll(client, &event, 50), ST_TIMEOUT);
	world_up(&world, 0);
	assert_int_equal(link_kiosk_keys(world.links[0], kiosk_key, 1), ST_OK);
	world.is_echo = true;
	event = expect(CLIENT_ANSWER, request);
	assert_text(&event, "again");
}

static void a_kiosk_that_is_not_on_the_list_gets_no_answer(void **state)
{
	uint64_t request;

	(void)state;
	up_all(1, CLIENT_KIOSK);
	assert_int_equal(link_kiosk_keys(world.links[0], NULL, 0), ST_OK);
	request = ask(0, "let me in", 500);
	(void)expect(CLIENT_EXPIRED, request);
	assert_int_equal(world.heard_count[0], 0);
	/* Once it is, it is heard. */
	assert_int_equal(link_kiosk_keys(world.links[0], kiosk_key, 1), ST_OK);
	request = ask(0, "let me in", LINKS_PATIENCE_MS);
	(void)expect(CLIENT_ANSWER, request);
}

static void a_node_with_another_key_is_not_asked(void **state)
{
	struct client *other;
	struct client_event event;
	uint64_t request;
	uint32_t slot;
	uint8_t wrong[LINK_KEY_BYTES];

	(void)state;
	up_all(1, CLIENT_READ);
	memcpy(wrong, world.nodes[0].key, LINK_KEY_BYTES);
	wrong[3] ^= 1;
	assert_int_equal(client_open(&other, NULL), ST_OK);
	assert_int_equal(client_add(other, &slot, CLIENT_READ, &world.nodes[0].address, wrong),
			 ST_OK);
	assert_int_equal(client_ask(other, &request, slot, "who?", 4, 500), ST_OK);
	assert_int_equal(world_client(&world, other, &event), ST_OK);
	assert_int_equal(event.kind, CLIENT_EXPIRED);
	assert_int_equal(world.heard_count[0], 0);
	client_close(other);
}

/* --- limits ----------------------------------------------------------------------------------- */

static void requests_and_nodes_have_limits(void **state)
{
	uint8_t *bytes = calloc(1, LIMIT_REQUEST + 1);
	struct address nobody = { .host = "127.0.0.1" };
	uint64_t request;
	uint32_t slot;

	(void)state;
	assert_non_null(bytes);
	up_all(1, CLIENT_KIOSK);
	nobody.base = 1024;
	for (int k = 1; k < CLIENT_NODES_MAX; k++)
		assert_int_equal(client_add(client, &slot, CLIENT_KIOSK, &nobody,
					    world.nodes[0].key), ST_OK);
	assert_int_equal(client_add(client, &slot, CLIENT_KIOSK, &nobody, world.nodes[0].key),
			 ST_LIMIT);
	assert_int_equal(client_ask(client, &request, 0, bytes, LIMIT_REQUEST + 1, 1000), ST_LIMIT);
	assert_int_equal(client_ask(client, &request, 0, bytes, 0, 1000), ST_LIMIT);
	assert_int_equal(client_ask(client, &request, CLIENT_NODES_MAX, bytes, 1, 1000), ST_LIMIT);
	assert_int_equal(client_ask(client, &request, 0, bytes, LIMIT_REQUEST, LINKS_PATIENCE_MS),
			 ST_OK);
	(void)expect(CLIENT_ANSWER, request);
	for (int k = 0; k < CLIENT_PENDING_MAX; k++)
		(void)ask(0, "many", LINKS_PATIENCE_MS);
	assert_int_equal(client_ask(client, &request, 0, "x", 1, 1000), ST_AGAIN);
	for (int k = 0; k < CLIENT_PENDING_MAX; k++) {
		struct client_event event;

		assert_int_equal(world_client(&world, client, &event), ST_OK);
		assert_int_equal(event.kind, CLIENT_ANSWER);
	}
	assert_int_equal(client_ask(client, &request, 0, "x", 1, LINKS_PATIENCE_MS), ST_OK);
	(void)expect(CLIENT_ANSWER, request);
	free(bytes);
}

static void a_zero_secret_is_refused(void **state)
{
	static const uint8_t zero[LINK_KEY_BYTES];

	(void)state;
	assert_int_equal(client_open(&client, zero), ST_KEY);
	assert_null(client);
}

static void a_reader_above_the_rate_is_told(void **state)
{
	struct client_event event;
	uint32_t slot;
	uint32_t busy = 0;

	(void)state;
	world_make(&world, 1);
	world.is_echo = true;
	world.config[0].read_rate = 2;
	world_up(&world, 0);
	assert_int_equal(client_open(&client, NULL), ST_OK);
	assert_int_equal(client_add(client, &slot, CLIENT_READ, &world.nodes[0].address,
				    world.nodes[0].key), ST_OK);
	for (int k = 0; k < 20; k++)
		(void)ask(0, "more", LINKS_PATIENCE_MS);
	for (int k = 0; k < 20; k++) {
		assert_int_equal(world_client(&world, client, &event), ST_OK);
		busy += event.kind == CLIENT_BUSY ? 1 : 0;
		assert_true(event.kind == CLIENT_BUSY || event.kind == CLIENT_ANSWER);
	}
	assert_true(busy >= 10);
	assert_true(busy <= 18);
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void one_request_can_be_waited_for(void **state)
{
	const uint8_t *answer;
	size_t len;
	uint64_t other;
	struct client_event event;
	pid_t pid;
	uint64_t one = 1;
	int fd = eventfd(0, EFD_NONBLOCK);

	(void)state;
	world_make(&world, 2);
	/* The nodes run in a process of their own, because the call waits. */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);   /* should the test fail */
		world.is_echo = true;
		world_up(&world, 0);
		for (;;)
			world_turn(&world);
	}
	assert_int_equal(client_open(&client, NULL), ST_OK);
	for (uint32_t i = 0; i < 2; i++) {
		uint32_t slot;

		assert_int_equal(client_add(client, &slot, CLIENT_READ, &world.nodes[i].address,
					    world.nodes[i].key), ST_OK);
	}
	/* Another request expires meanwhile, and a descriptor becomes readable. */
	assert_int_equal(client_watch(client, fd), ST_OK);
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	other = ask(1, "nobody", 1);
	assert_int_equal(client_request(client, &answer, &len, 0, "hello", 5, LINKS_PATIENCE_MS),
			 ST_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(answer, "hello", 5);
	assert_int_equal(client_request(client, &answer, &len, 1, "hello", 5, 100), ST_TIMEOUT);
	assert_int_equal(client_poll(client, &event, 0), ST_OK);
	assert_int_equal(event.kind, CLIENT_EXPIRED);
	assert_true(event.request == other);
	assert_int_equal(client_poll(client, &event, 0), ST_OK);
	assert_int_equal(event.kind, CLIENT_READABLE);
	assert_int_equal(event.fd, fd);
	client_unwatch(client, fd);
	assert_int_equal(client_poll(client, &event, 0), ST_TIMEOUT);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(fd);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(one_request_can_be_waited_for),
		CASE(a_request_is_answered_at_either_endpoint),
		CASE(answers_go_to_the_requests_they_answer),
		CASE(few_requests_are_under_way_at_one_node),
		CASE(an_answer_of_the_limit_passes_and_a_longer_one_is_not_sent),
		CASE(an_answer_never_goes_to_the_next_on_the_connection),
		CASE(a_second_answer_is_dropped),
		CASE(the_first_of_several_answers_may_be_enough),
		CASE(all_of_several_answers_can_be_waited_for),
		CASE(an_absent_node_lets_the_request_expire),
		CASE(a_silent_node_lets_the_request_expire_and_a_late_answer_is_dropped),
		CASE(a_request_waits_for_the_node_and_survives_its_restart),
		CASE(a_kiosk_that_is_not_on_the_list_gets_no_answer),
		CASE(a_node_with_another_key_is_not_asked),
		CASE(requests_and_nodes_have_limits),
		CASE(a_zero_secret_is_refused),
		CASE(a_reader_above_the_rate_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
