/*
 * test_session.c: a voter's way through the kiosk, by every way that there is and many that there
 * is not (N36, N37, N84; kiosk.md: K5, K8).
 */
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/precinct.h"
#include "voter-client/kiosk/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct manifest *m;
static struct session *s;
static struct screen *screen;
static uint64_t now;

/* --- doing things ---------------------------------------------------------------------------- */

static unsigned int step(struct session_event ev)
{
	unsigned int effects;

	ev.now_ms = now;
	effects = session_step(s, &ev);
	session_screen(s, screen);
	return effects;
}

static unsigned int does(enum session_event_kind kind, uint32_t number)
{
	return step((struct session_event){ .kind = kind, .number = number });
}

static unsigned int command(enum session_command c)
{
	return does(EV_COMMAND, c);
}

static unsigned int later(uint32_t ms)
{
	now += ms;
	return does(EV_TICK, 0);
}

static void begin(void)
{
	const struct session_config c = {
		.manifest = m, .kiosk = 3, .idle_ms = SESSION_IDLE_MS, .warn_ms = SESSION_WARN_MS,
		.patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS,
	};

	now += 1000;
	session_init(s, &c);
	s->now_ms = now;
	assert_int_equal(does(EV_SERVICE, SERVICE_READY), 0);
	assert_int_equal(s->at, AT_CREDENTIAL);
}

static unsigned int type_code(void)
{
	struct credential_code code;
	char text[CREDENTIAL_CODE_TEXT];

	credential_code_generate(&code);
	credential_code_format(text, &code);
	return step((struct session_event){ .kind = EV_LINE, .text = text,
	                                    .text_len = strlen(text) });
}

static void found(uint16_t style, const uint8_t *live)
{
	const struct session_found f = { .style = style, .fingerprint = 12345, .live_tracker = live };

	assert_int_equal(type_code(), EFFECT_LOOKUP);
	(void)step((struct session_event){ .kind = EV_FOUND, .found = &f });
}

/* At the first contest. */
static void enter_booth(uint16_t style)
{
	begin();
	found(style, NULL);
	assert_int_equal(s->at, AT_BALLOT);
	assert_int_equal(command(CMD_YES), 0);
	assert_int_equal(s->at, AT_CONTEST);
}

static void answer(const uint32_t *values, size_t len)
{
	(void)step((struct session_event){ .kind = EV_ANSWER, .values = values, .values_len = len });
}

static void fill_north(void)
{
	const uint32_t mayor[] = { 0, 0, 1, 0 }, council[] = { 1, 0, 1, 0, 0 }, parks[] = { 5, 0, 5 },
	               measure[] = { 0, 1, 0 };

	answer(mayor, 4);
	(void)command(CMD_NEXT);
	answer(council, 5);
	(void)command(CMD_NEXT);
	answer(parks, 3);
	(void)command(CMD_NEXT);
	answer(measure, 3);
	(void)command(CMD_NEXT);
	(void)command(CMD_NEXT);
	assert_int_equal(s->at, AT_REVIEW);
}

static void lock_it(void)
{
	uint8_t tracker[32];

	rng_bytes(tracker, sizeof(tracker));
	assert_int_equal(command(CMD_LOCK), EFFECT_LOCK);
	assert_int_equal(s->at, AT_LOCKING);
	(void)step((struct session_event){ .kind = EV_LOCKED, .tracker = tracker });
	assert_int_equal(s->at, AT_DECIDE);
}

static const char *said(void)
{
	return screen->lines_len == 0 ? "" : screen->line[0].text;
}

static void assert_voter_is_forgotten(void)
{
	assert_true(mem_is_zero(s->value, sizeof(s->value)));
	assert_true(mem_is_zero(s->opened, sizeof(s->opened)));
	assert_true(mem_is_zero(s->typed, sizeof(s->typed)));
	assert_true(mem_is_zero(&s->code, sizeof(s->code)));
	assert_true(mem_is_zero(s->fingerprint, sizeof(s->fingerprint)));
}

/* --- the way --------------------------------------------------------------------------------- */

static void a_voter_chooses_locks_and_casts(void **state)
{
	uint32_t selections[LIMIT_BALLOT_CIPHERTEXTS];

	(void)state;
	enter_booth(0);
	fill_north();
	assert_int_equal(session_selections(s, selections), 4 + 5 + 3 + 3 + 30);
	assert_int_equal(selections[2], 1);
	assert_int_equal(selections[9], 5);
	lock_it();
	assert_int_equal(screen->focus, 0);
	assert_int_equal(screen->item[0].command, CMD_CAST);
	assert_int_equal(screen->item[1].command, CMD_TEST);
	assert_int_equal(screen->items_len, 2);
	assert_int_equal(does(EV_SELECT, 0), EFFECT_CAST);
	assert_int_equal(s->at, AT_CASTING);
	assert_int_equal(later(SESSION_PATIENCE_MS - 1), 0);
	assert_int_equal(does(EV_CAST, 0), EFFECT_FORGET);
	assert_string_equal(screen->title, "You have voted.");
	assert_voter_is_forgotten();
	assert_int_equal(later(SESSION_END_MS), 0);
	assert_int_equal(s->at, AT_CREDENTIAL);
	assert_string_equal(s->tracker, "");
}

static void with_arrows_and_enter_alone_the_same(void **state)
{
	(void)state;
	enter_booth(1);
	(void)does(EV_FOCUS_NEXT, 0);
	(void)does(EV_SELECT, 0);
	assert_int_equal(votes_of(s, 0, 1), 1);
	/* One is all there is: the focus went on to "next". */
	assert_int_equal(screen->item[screen->focus].command, CMD_NEXT);
	assert_true(screen->item[screen->focus].is_primary);
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->at, AT_REVIEW);
	(void)does(EV_FOCUS_NEXT, 0);
	assert_int_equal(does(EV_SELECT, 0), EFFECT_LOCK);
}

static void cast_is_said_only_with_a_receipt(void **state)
{
	(void)state;
	for (int kind = 0; kind < EV_COUNT; kind++) {
		const uint32_t none[2] = { 0, 0 };
		const struct session_found f = { .style = 0 };
		const uint8_t tracker[32] = { 1 };
		struct session_event ev = { .kind = (enum session_event_kind)kind, .values = none,
		                            .values_len = 2, .found = &f, .tracker = tracker,
		                            .text = "x", .text_len = 1 };

		enter_booth(1);
		(void)command(CMD_NEXT);
		lock_it();
		(void)command(CMD_CAST);
		(void)step(ev);
		if (kind == EV_CAST)
			assert_string_equal(screen->title, "You have voted.");
		else
			assert_null(strstr(screen->title, "You have voted."));
		if (kind != EV_CAST && kind != EV_REJECTED && kind != EV_FAILED) {
			assert_int_equal(s->at, AT_CASTING);
			assert_int_equal(later(SESSION_PATIENCE_MS), EFFECT_LATE | EFFECT_FORGET);
			assert_non_null(strstr(screen->title, "RECORDED"));
			assert_int_equal(does(EV_CAST, 0), 0);
			assert_non_null(strstr(screen->title, "RECORDED"));
		}
	}
}

static void the_test_is_on_the_main_screen_and_leaves_no_vote(void **state)
{
	uint32_t opened[4] = { 0, 0, 1, 0 };
	const uint32_t mayor[] = { 0, 0, 1, 0 };

	(void)state;
	enter_booth(1);
	answer(mayor, 4);
	(void)command(CMD_NEXT);
	lock_it();
	assert_int_equal(command(CMD_TEST), EFFECT_TEST);
	assert_int_equal(command(CMD_CAST), 0);   /* no longer */
	(void)step((struct session_event){ .kind = EV_OPENED, .values = opened, .values_len = 4,
	                                   .number = 5 });
	assert_int_equal(s->at, AT_OPENED);
	assert_string_equal(screen->title, "TEST - NOT COUNTED");
	assert_string_equal(screen->line[3].text, "This machine had locked: Alan Turing");
	assert_string_equal(screen->line[4].text, "You had chosen: Alan Turing");
	assert_int_equal(screen->line[4].role, LINE_PLAIN);
	assert_string_equal(screen->line[screen->lines_len - 1].text, "You have NOT voted yet.");
	/* Vote again: a blank ballot. */
	(void)command(CMD_AGAIN);
	assert_int_equal(s->at, AT_CONTEST);
	assert_true(mem_is_zero(s->value, sizeof(s->value)));
	assert_int_equal(s->seen, 1);
}

static void a_machine_that_locked_something_else_is_shown_up(void **state)
{
	uint32_t opened[4] = { 0, 1, 0, 0 };
	const uint32_t mayor[] = { 0, 0, 1, 0 };

	(void)state;
	enter_booth(1);
	answer(mayor, 4);
	(void)command(CMD_NEXT);
	lock_it();
	(void)command(CMD_TEST);
	(void)step((struct session_event){ .kind = EV_OPENED, .values = opened, .values_len = 4,
	                                   .number = 5 });
	assert_string_equal(screen->line[3].text, "This machine had locked: Ada Lovelace");
	assert_string_equal(screen->line[4].text, "NOT THE SAME. You had chosen: Alan Turing");
	assert_int_equal(screen->line[4].role, LINE_WARN);
}

static void after_the_last_test_nothing_more_is_locked_here(void **state)
{
	uint32_t opened[4] = { 1, 0, 0, 0 };

	(void)state;
	enter_booth(1);
	(void)command(CMD_NEXT);
	lock_it();
	(void)command(CMD_TEST);
	(void)step((struct session_event){ .kind = EV_OPENED, .values = opened, .values_len = 4,
	                                   .number = 0 });
	(void)command(CMD_AGAIN);
	assert_int_equal(s->at, AT_OPENED);
	(void)command(CMD_OK);
	assert_int_equal(screen->items_len, 1);
	assert_int_equal(screen->item[0].command, CMD_STOP);
	(void)command(CMD_STOP);
	assert_int_equal(command(CMD_LEAVE), EFFECT_FORGET);
	assert_int_equal(s->end, END_TEST_LEFT);
}

/* --- the rules of contests ------------------------------------------------------------------- */

static void nothing_is_ever_unchosen_silently(void **state)
{
	(void)state;
	enter_booth(0);
	(void)does(EV_SELECT, 0);
	(void)does(EV_FOCUS, 1);
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->over, OVER_NOTICE);
	assert_string_equal(said(), "You may choose only 1 here. To choose another, first take a "
	                    "choice away.");
	assert_int_equal(votes_of(s, 0, 0), 1);
	assert_int_equal(votes_of(s, 0, 1), 0);
	(void)does(EV_SELECT, 0);   /* OK */
	assert_int_equal(s->over, OVER_NONE);
	assert_int_equal(screen->focus, 1);
	/* Blank beside a choice, and a choice beside blank. */
	(void)does(EV_FOCUS, 3);
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->notice, NOTICE_CHOICES_FIRST);
	assert_int_equal(votes_of(s, 0, 0), 1);
	(void)does(EV_SELECT, 0);
	(void)does(EV_FOCUS, 0);
	(void)does(EV_SELECT, 0);
	assert_int_equal(votes_total(s, 0), 0);
	(void)does(EV_FOCUS, 3);
	(void)does(EV_SELECT, 0);
	assert_true(votes_is_blank(s, 0));
	(void)does(EV_FOCUS, 0);
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->notice, NOTICE_BLANK_FIRST);
	assert_int_equal(votes_total(s, 0), 0);
	assert_true(votes_is_blank(s, 0));
}

static void points_stop_at_each_limit(void **state)
{
	(void)state;
	enter_booth(0);
	s->place = PRECINCT_PARKS;   /* straight to the third contest */
	for (int i = 0; i < 5; i++)
		(void)does(EV_RAISE, 0);
	assert_int_equal(s->over, OVER_NONE);
	(void)does(EV_RAISE, 0);
	assert_int_equal(s->notice, NOTICE_EACH_FULL);
	(void)does(EV_SELECT, 0);
	(void)does(EV_FOCUS, 1);
	for (int i = 0; i < 5; i++)
		(void)does(EV_SELECT, 0);
	(void)does(EV_FOCUS, 2);
	(void)does(EV_RAISE, 0);
	assert_int_equal(s->notice, NOTICE_POINTS_GONE);
	assert_int_equal(votes_total(s, PRECINCT_PARKS), 10);
	(void)does(EV_SELECT, 0);
	(void)does(EV_LOWER, 0);   /* below zero: nothing */
	assert_int_equal(votes_total(s, PRECINCT_PARKS), 10);
	(void)does(EV_FOCUS, 0);
	(void)does(EV_LOWER, 0);
	assert_int_equal(votes_of(s, PRECINCT_PARKS, 0), 4);
}

static void an_answer_that_breaks_a_rule_changes_nothing(void **state)
{
	const uint32_t good[] = { 0, 1, 0, 0 };
	const uint32_t bad[][4] = { { 0, 1, 1, 0 }, { 1, 1, 0, 0 }, { 2, 0, 0, 0 }, { 0, 2, 0, 0 },
	                            { 0, UINT32_MAX, UINT32_MAX, 3 } };

	(void)state;
	enter_booth(0);
	answer(good, 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		answer(bad[i], 4);
		assert_int_equal(s->over, OVER_NOTICE);
		assert_int_equal(votes_of(s, 0, 0), 1);
		assert_int_equal(votes_total(s, 0), 1);
		(void)does(EV_SELECT, 0);
	}
	answer(good, 3);
	assert_int_equal(s->notice, NOTICE_NOT_UNDERSTOOD);
}

static void undervotes_are_flagged_and_what_cannot_count_is_not_locked(void **state)
{
	uint32_t selections[LIMIT_BALLOT_CIPHERTEXTS];
	const uint32_t one[] = { 0, 1, 0, 0, 0 };

	(void)state;
	enter_booth(0);
	(void)command(CMD_NEXT);
	answer(one, 5);
	for (int i = 0; i < 4; i++)
		(void)command(CMD_NEXT);
	assert_int_equal(s->at, AT_REVIEW);
	assert_string_equal(screen->item[0].detail, "! Nothing chosen: it will count as left blank. "
	                    "You may still vote here.");
	assert_string_equal(screen->item[1].detail,
	                    "Kurt G\xc3\xb6" "del\n! Too few: at least 2 choices are needed here.");
	assert_string_equal(screen->item[2].detail, "! Nothing chosen. You may still vote here.");
	for (int i = 0; i < 5; i++)
		assert_true(screen->item[i].is_flagged);
	assert_int_equal(command(CMD_LOCK), 0);
	assert_int_equal(s->notice, NOTICE_TOO_FEW);
	(void)does(EV_SELECT, 0);
	assert_int_equal(screen->focus, 1);   /* at the contest that stands in the way */
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->place, 1);
	(void)does(EV_FOCUS, 0);
	(void)does(EV_SELECT, 0);
	(void)command(CMD_REVIEW);
	assert_int_equal(s->at, AT_REVIEW);
	assert_int_equal(screen->focus, 1);   /* and straight back to it */
	assert_int_equal(session_selections(s, selections), 45);
	assert_int_equal(selections[0], 1);                /* blank: one was needed */
	assert_int_equal(selections[4 + 5 + 3], 0);        /* none was needed: not blank, but empty */
	assert_int_equal(command(CMD_LOCK), EFFECT_LOCK);
}

static void the_first_pass_goes_through_every_contest(void **state)
{
	(void)state;
	enter_booth(0);
	(void)command(CMD_REVIEW);
	assert_int_equal(s->notice, NOTICE_SEE_ALL);
	(void)command(CMD_OK);
	(void)command(CMD_NEXT);
	(void)command(CMD_BACK);
	assert_int_equal(s->place, 0);
	for (int i = 0; i < 5; i++)
		(void)command(CMD_NEXT);
	assert_int_equal(s->at, AT_REVIEW);
	(void)does(EV_EDIT, 3);
	assert_int_equal(s->at, AT_CONTEST);
	assert_int_equal(s->place, 3);
	(void)command(CMD_NEXT);
	assert_int_equal(s->at, AT_REVIEW);
}

/* --- credentials ----------------------------------------------------------------------------- */

static void a_mistyped_code_is_told_where(void **state)
{
	struct credential_code code;
	char text[CREDENTIAL_CODE_TEXT];

	(void)state;
	begin();
	credential_code_generate(&code);
	credential_code_format(text, &code);
	text[6] = text[6] == '7' ? '8' : '7';   /* the second group's second character */
	assert_int_equal(step((struct session_event){ .kind = EV_LINE, .text = text,
	                                              .text_len = strlen(text) }), 0);
	assert_string_equal(said(), "The code was mistyped: look at the 2nd group of four, "
	                    "character 2.");
	(void)does(EV_SELECT, 0);
	(void)step((struct session_event){ .kind = EV_LINE, .text = "7K3Q", .text_len = 4 });
	assert_int_equal(s->notice, NOTICE_CODE_SHORT);
	(void)does(EV_SELECT, 0);
	assert_int_equal(type_code(), EFFECT_LOOKUP);
	(void)does(EV_UNKNOWN, 0);
	assert_int_equal(s->at, AT_CREDENTIAL);
	assert_int_equal(s->notice, NOTICE_UNKNOWN);
}

static void a_code_can_be_typed_key_by_key(void **state)
{
	struct credential_code code;
	char text[CREDENTIAL_CODE_TEXT];

	(void)state;
	begin();
	credential_code_generate(&code);
	credential_code_format(text, &code);
	(void)does(EV_TYPE, 'Z');
	assert_string_equal(screen->field, "Z");
	(void)does(EV_ERASE, 0);
	(void)does(EV_ERASE, 0);
	(void)does(EV_TYPE, 27);
	for (size_t i = 0; text[i] != '\0'; i++)
		(void)does(EV_TYPE, (uint32_t)text[i]);
	assert_string_equal(screen->field, text);
	assert_int_equal(does(EV_SELECT, 0), EFFECT_LOOKUP);
	assert_true(mem_is_zero(s->typed, sizeof(s->typed)));
	assert_memory_equal(&s->code, &code, sizeof(code));
}

static void who_has_voted_may_not_again_under_never(void **state)
{
	const uint8_t live[32] = { 9 };

	(void)state;
	begin();
	found(1, live);
	assert_int_equal(s->at, AT_END);
	assert_string_equal(screen->title, "This card was used to vote already.");
	assert_voter_is_forgotten();
}

static void under_last_the_secret_of_the_old_slip_is_asked_for(void **state)
{
	struct manifest *last = precinct_manifest("last");
	struct manifest *never = m;
	const uint8_t live[32] = { 9 };

	(void)state;
	m = last;
	begin();
	found(1, live);
	assert_int_equal(s->at, AT_BALLOT);
	(void)command(CMD_YES);
	assert_int_equal(s->at, AT_OLD_SLIP);
	assert_int_equal(type_code(), EFFECT_OLD);
	(void)does(EV_OLD_BAD, 0);
	assert_int_equal(s->at, AT_OLD_SLIP);
	assert_int_equal(s->notice, NOTICE_OLD_BAD);
	(void)does(EV_SELECT, 0);
	assert_int_equal(type_code(), EFFECT_OLD);
	(void)does(EV_OLD_GOOD, 0);
	assert_int_equal(s->at, AT_CONTEST);
	m = never;
	begin();
	manifest_free(last);
}

/* --- idle and service ------------------------------------------------------------------------ */

static void who_is_idle_is_warned_then_cleared(void **state)
{
	(void)state;
	enter_booth(0);
	(void)does(EV_SELECT, 0);
	assert_int_equal(later(SESSION_IDLE_MS - 1), 0);
	assert_int_equal(s->over, OVER_NONE);
	assert_int_equal(later(1), 0);
	assert_string_equal(screen->title, "Are you still voting?");
	(void)does(EV_SELECT, 0);
	assert_int_equal(s->over, OVER_NONE);
	assert_int_equal(votes_of(s, 0, 0), 1);
	assert_int_equal(later(SESSION_IDLE_MS + SESSION_WARN_MS - 1), 0);
	assert_int_equal(s->over, OVER_STILL);
	assert_int_equal(later(1), EFFECT_FORGET);
	assert_int_equal(s->end, END_CLEARED);
	assert_voter_is_forgotten();
}

static void who_is_idle_with_a_locked_ballot_leaves_it_void(void **state)
{
	(void)state;
	enter_booth(1);
	(void)command(CMD_NEXT);
	lock_it();
	(void)later(SESSION_IDLE_MS);
	assert_int_equal(s->over, OVER_STILL);
	assert_int_equal(later(SESSION_WARN_MS), EFFECT_VOID | EFFECT_FORGET);
	assert_string_equal(screen->title, "Your ballot was made void. You have NOT voted.");
}

static void half_a_code_does_not_stay_on_the_screen(void **state)
{
	(void)state;
	begin();
	(void)does(EV_TYPE, '7');
	(void)later(SESSION_IDLE_MS);
	assert_int_equal(later(SESSION_WARN_MS), EFFECT_FORGET);
	assert_int_equal(s->at, AT_CREDENTIAL);
	assert_string_equal(s->typed, "");
	assert_int_equal(later(10 * SESSION_IDLE_MS), 0);
	assert_int_equal(s->over, OVER_NONE);
}

static void a_voter_at_work_is_not_put_out_of_service(void **state)
{
	(void)state;
	enter_booth(1);
	(void)does(EV_SERVICE, SERVICE_CLOSED);
	assert_int_equal(s->at, AT_CONTEST);
	(void)command(CMD_NEXT);
	lock_it();
	(void)command(CMD_CAST);
	(void)does(EV_CAST, 0);
	(void)command(CMD_DONE);
	assert_int_equal(s->at, AT_OUT);
	assert_string_equal(screen->title, "Closed");
	(void)does(EV_SERVICE, SERVICE_READY);
	assert_int_equal(s->at, AT_CREDENTIAL);
}

static void a_failure_is_said_and_the_kiosk_stops(void **state)
{
	(void)state;
	enter_booth(1);
	(void)command(CMD_NEXT);
	assert_int_equal(command(CMD_LOCK), EFFECT_LOCK);
	assert_int_equal(does(EV_FAILED, 0), EFFECT_FORGET);
	assert_int_equal(s->end, END_BROKEN);
	(void)command(CMD_DONE);
	assert_int_equal(s->at, AT_OUT);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	m = precinct_manifest("never");
	s = mem_secret_alloc(sizeof(*s));
	screen = calloc(1, sizeof(*screen));
	return s == NULL || screen == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(s);
	free(screen);
	manifest_free(m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_voter_chooses_locks_and_casts),
		cmocka_unit_test(with_arrows_and_enter_alone_the_same),
		cmocka_unit_test(cast_is_said_only_with_a_receipt),
		cmocka_unit_test(the_test_is_on_the_main_screen_and_leaves_no_vote),
		cmocka_unit_test(a_machine_that_locked_something_else_is_shown_up),
		cmocka_unit_test(after_the_last_test_nothing_more_is_locked_here),
		cmocka_unit_test(nothing_is_ever_unchosen_silently),
		cmocka_unit_test(points_stop_at_each_limit),
		cmocka_unit_test(an_answer_that_breaks_a_rule_changes_nothing),
		cmocka_unit_test(undervotes_are_flagged_and_what_cannot_count_is_not_locked),
		cmocka_unit_test(the_first_pass_goes_through_every_contest),
		cmocka_unit_test(a_mistyped_code_is_told_where),
		cmocka_unit_test(a_code_can_be_typed_key_by_key),
		cmocka_unit_test(who_has_voted_may_not_again_under_never),
		cmocka_unit_test(under_last_the_secret_of_the_old_slip_is_asked_for),
		cmocka_unit_test(who_is_idle_is_warned_then_cleared),
		cmocka_unit_test(who_is_idle_with_a_locked_ballot_leaves_it_void),
		cmocka_unit_test(half_a_code_does_not_stay_on_the_screen),
		cmocka_unit_test(a_voter_at_work_is_not_put_out_of_service),
		cmocka_unit_test(a_failure_is_said_and_the_kiosk_stops),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
