/*
 * test_link_names.c: messages whose sender has no name (User-Id), or another's.
 *
 * A handler that said yes and no more would leave the sender without a name.  Ours never does, so
 * the test stands in libzmq's place when the name is asked for, by the linker's hand (tests.mk).
 */
#include "common/net/link.h"

#include "common/base/clock.h"
#include "tests/unit/lib/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <zmq.h>

#include <cmocka.h>

static struct world world;
static struct client *client;
static uint8_t kiosk_key[LINK_KEY_BYTES];
static uint8_t kiosk_secret[LINK_KEY_BYTES];
static bool is_told_otherwise;   /* libzmq's word is replaced */
static const char *told;         /* by this */

const char *__real_zmq_msg_gets(const zmq_msg_t *msg, const char *property);
const char *__wrap_zmq_msg_gets(const zmq_msg_t *msg, const char *property);

const char *__wrap_zmq_msg_gets(const zmq_msg_t *msg, const char *property)
{
	if (is_told_otherwise && strcmp(property, "User-Id") == 0)
		return told;
	return __real_zmq_msg_gets(msg, property);
}

static int setup(void **state)
{
	(void)state;
	world_make(&world, 2);
	link_keygen(kiosk_key, kiosk_secret);
	world_up(&world, 0);
	world_up(&world, 1);
	assert_int_equal(link_kiosk_keys(world.links[0], kiosk_key, 1), ST_OK);
	world_connect(&world);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	is_told_otherwise = false;
	client_close(client);
	client = NULL;
	world_free(&world);
	return 0;
}

/* Say something to node 0 by one of its endpoints. */
static void say(enum link_kind by)
{
	uint64_t request;
	uint32_t slot;

	if (by == LINK_PEER_FAST || by == LINK_PEER_BULK) {
		enum link_lane lane = by == LINK_PEER_FAST ? LINK_FAST : LINK_BULK;

		while (link_send(world.links[1], 0, lane, "hello", 5) != ST_OK)
			world_turn(&world);
		return;
	}
	client_close(client);
	assert_int_equal(client_open(&client, by == LINK_KIOSK_REQUEST ? kiosk_secret : NULL),
			 ST_OK);
	assert_int_equal(client_add(client, &slot, by == LINK_KIOSK_REQUEST ? CLIENT_KIOSK :
				    CLIENT_READ, &world.nodes[0].address, world.nodes[0].key),
			 ST_OK);
	assert_int_equal(client_ask(client, &request, slot, "hello", 5, LINKS_PATIENCE_MS), ST_OK);
}

static void turn(void)
{
	struct client_event event;

	world_turn(&world);
	if (client != NULL)
		assert_int_equal(client_poll(client, &event, 1), ST_TIMEOUT);
}

static uint64_t cut_so_far(void)
{
	struct link_stats stats;

	link_stats(world.links[0], &stats);
	return stats.cut;
}

static void refused_of(uint64_t *out, enum link_kind by)
{
	struct link_stats stats;

	link_stats(world.links[0], &stats);
	*out = by == LINK_PEER_FAST ? stats.peer[1][LINK_FAST].refused :
	       by == LINK_PEER_BULK ? stats.peer[1][LINK_BULK].refused :
	       by == LINK_KIOSK_REQUEST ? stats.kiosk.refused : stats.read.refused;
}

static void what_bears_no_name_or_another_is_refused_and_its_sender_cut(void **state)
{
	(void)state;
	for (int by = LINK_PEER_FAST; by <= LINK_READ_REQUEST; by++) {
		bool is_peer = by == LINK_PEER_FAST || by == LINK_PEER_BULK;
		const char *const names[] = { NULL, is_peer ? "peer-11" : "" };
		uint64_t end_ms = clock_mono_ms() + LINKS_PATIENCE_MS;
		size_t heard;

		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			uint64_t cut = cut_so_far();
			uint64_t before;
			uint64_t after;

			heard = world.heard_count[0];
			refused_of(&before, (enum link_kind)by);
			is_told_otherwise = true;
			told = names[n];
			say((enum link_kind)by);
			while (cut_so_far() == cut && clock_mono_ms() < end_ms)
				turn();
			assert_true(cut_so_far() > cut);
			refused_of(&after, (enum link_kind)by);
			assert_true(after > before);
			assert_int_equal(world.heard_count[0], heard);
		}
		/* With the name that libzmq knows the same is heard. */
		heard = world.heard_count[0];
		is_told_otherwise = false;
		say((enum link_kind)by);
		while (world.heard_count[0] == heard && clock_mono_ms() < end_ms)
			turn();
		assert_int_equal(world.heard_count[0], heard + 1);
		assert_int_equal(world.heard[0][heard].event.kind, by);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_bears_no_name_or_another_is_refused_and_its_sender_cut, setup,
			teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
