/*
 * test_run.c: the loop of a kiosk: that it sleeps when there is nothing to do.
 *
 * Counted are polls that do not wait although the one before brought nothing: a loop of these takes
 * a whole processor.
 */
#include "common/base/clock.h"
#include "crypto/mem.h"
#include "tests/unit/lib/booths.h"
#include "tests/unit/lib/scratch.h"
#include "voter-client/kiosk/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { POLLS = 300, PATIENCE_MS = 30000 };

static struct booths b;
static struct booth *booth;
static struct port counting;        /* the town's, with a count */
static volatile sig_atomic_t stop;
static uint64_t end_ms;
static char line[CREDENTIAL_CODE_TEXT + 1];   /* what the voter types next; empty: nothing */
static bool was_idle;               /* the last poll brought nothing */
static uint32_t polls;              /* that are of interest: see count_when */
static uint32_t sleepless;          /* of these, in vain and without waiting */
static bool (*count_when)(void);

static bool has_work(void)
{
	return chainview_has_work(chainlink_view(booth_link(booth)));
}

static enum status counting_poll(void *ctx, struct client_event *event, int timeout_ms)
{
	enum status st;

	if (count_when()) {
		polls++;
		sleepless += was_idle && timeout_ms == 0;
	}
	st = b.port.port.poll(ctx, event, timeout_ms);
	was_idle = st != ST_OK;
	if (polls >= POLLS || clock_mono_ms() >= end_ms)
		stop = 1;
	return st;
}

/* The voter types a code when asked for one, and then takes a long time. */
static enum status face_next(void *ctx, const struct session *s, struct session_event *ev)
{
	(void)ctx;
	if (s->at == AT_OUT || line[0] == '\0')
		return ST_AGAIN;
	*ev = (struct session_event){ .kind = EV_LINE, .text = line, .text_len = strlen(line) };
	line[0] = '\0';
	if (s->at == AT_CREDENTIAL)
		town_block(&b.town, NULL, 0);   /* meanwhile the chain grows */
	return ST_OK;
}

static void face_show(void *ctx, const struct session *s)
{
	(void)ctx;
	(void)s;
}

static void run(bool (*when)(void))
{
	const struct run_options o = { .stop = &stop };
	struct face face = b.face;
	struct fault fault = { 0 };
	struct booth_config c = {
		.session = { .manifest = b.town.m, .kiosk = BOOTHS_KIOSK,
		             .idle_ms = SESSION_IDLE_MS, .warn_ms = SESSION_WARN_MS,
		             .patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS },
		.key = b.key, .spool = b.folder[0], .receipts = b.folder[1],
		.slips = b.folder[2], .port = &counting, .face = &face,
	};

	face.next = face_next;
	face.show = face_show;
	face.fd = -1;
	counting = b.port.port;
	counting.poll = counting_poll;
	count_when = when;
	was_idle = false;
	stop = 0;
	polls = sleepless = 0;
	end_ms = clock_mono_ms() + PATIENCE_MS;
	if (booth_new(&booth, &c, &fault) != ST_OK)
		fail_msg("%s", fault.what);
	(void)run_kiosk(booth, &face, &counting, &o);
	booth_free(booth);
	assert_int_equal(polls, POLLS);
}

/* Blocks are applied between voters. */
static bool block_waits_for_voter(void)
{
	return session_has_voter(booth_session(booth)) && has_work();
}

static void a_block_that_waits_for_the_voter_keeps_nobody_awake(void **state)
{
	(void)state;
	booths_make(&b, "waits", "never", 5);
	credential_code_format(line, &b.code[0]);
	run(block_waits_for_voter);
	assert_int_equal(sleepless, 0);
	booths_free(&b);
}

static bool always(void)
{
	return true;
}

static void a_kiosk_whose_nodes_are_away_sleeps(void **state)
{
	(void)state;
	booths_make(&b, "away", "never", 5);
	b.port.is_away = true;
	line[0] = '\0';
	run(always);
	/* Requests expire, and bring a poll that looks for more. */
	assert_true(sleepless <= 2);
	booths_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_that_waits_for_the_voter_keeps_nobody_awake),
		cmocka_unit_test(a_kiosk_whose_nodes_are_away_sleeps),
	};
	int failed;

	if (crypto_init() != ST_OK)
		return 1;
	failed = cmocka_run_group_tests_name("run", tests, NULL, NULL);
	return failed;
}
