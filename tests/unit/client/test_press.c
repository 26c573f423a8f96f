/*
 * test_press.c: keys: what each means on each screen, and that none does harm
 * (kiosk.md: K3, K4, K5).
 */
#include "crypto/mem.h"
#include "tests/unit/lib/precinct.h"
#include "tests/unit/lib/prng.h"
#include "voter-client/kiosk/press.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct manifest *m;
static struct session *s;
static struct session *base;
static struct screen *screen;
static struct grid *g;
static struct screens_place at;
static uint16_t columns = 80, rows = 24, reading;
static uint64_t now = 1000;

/* --- a small kiosk: session, screen, keys ---------------------------------------------------- */

static void draw(void)
{
	*base = *s;
	base->over = OVER_NONE;
	session_screen(base, screen);
	screens_draw(g, &at, screen, columns, rows, reading, s->over != OVER_NONE);
	if (s->over != OVER_NONE) {
		session_screen(s, screen);
		assert_true(screens_box(g, &at, screen));
	}
}

static unsigned int step(struct session_event ev)
{
	enum session_at was = s->at;
	uint16_t place = s->place;
	unsigned int effects;

	ev.now_ms = now;
	effects = session_step(s, &ev);
	if (s->at != was || s->place != place)
		reading = 0;
	draw();
	return effects;
}

static unsigned int press(enum press_kind kind, char c)
{
	struct session_event ev;
	const struct press p = { .kind = kind, .c = c };

	if (press_meaning(&ev, &reading, &p, s, &at) == PRESS_NOTHING)
		return 0;
	return step(ev);
}

static void type(const char *text)
{
	for (; *text != '\0'; text++)
		(void)press(PRESS_CHAR, *text);
}

static void begin(uint16_t of_columns, uint16_t of_rows)
{
	const struct session_config c = {
		.manifest = m, .kiosk = 3, .idle_ms = SESSION_IDLE_MS, .warn_ms = SESSION_WARN_MS,
		.patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS,
	};

	columns = of_columns;
	rows = of_rows;
	reading = 0;
	session_init(s, &c);
	s->now_ms = now;
	(void)step((struct session_event){ .kind = EV_SERVICE, .number = SERVICE_READY });
}

/* A good code is typed, found, and yes: at the first contest. */
static void enter_booth(void)
{
	const struct session_found f = { .style = 0, .fingerprint = 12345 };
	struct credential_code code;
	char text[CREDENTIAL_CODE_TEXT];

	credential_code_generate(&code);
	credential_code_format(text, &code);
	type(text);
	assert_int_equal(press(PRESS_ENTER, 0), EFFECT_LOOKUP);
	(void)step((struct session_event){ .kind = EV_FOUND, .found = &f });
	assert_int_equal(s->at, AT_BALLOT);
	(void)press(PRESS_ENTER, 0);
	assert_int_equal(s->at, AT_CONTEST);
}

/* --- sentences ------------------------------------------------------------------------------- */

static void locked(void)
{
	static const uint8_t tracker[32] = { 7 };

	assert_int_equal(s->at, AT_LOCKING);
	(void)step((struct session_event){ .kind = EV_LOCKED, .tracker = tracker });
}

/* down moves, choose chooses: whatever the two keys are. */
static void vote_with(enum press_kind down, char down_c, enum press_kind choose, char choose_c)
{
	(void)press(choose, choose_c);                       /* Ada; the focus jumps to Next */
	assert_int_equal(votes_of(s, 0, 0), 1);
	(void)press(choose, choose_c);
	assert_int_equal(s->place, PRECINCT_COUNCIL);
	for (int i = 0; i < 2; i++) {
		(void)press(choose, choose_c);
		(void)press(down, down_c);
	}
	while (s->place != PRECINCT_COUNCIL + 1) {           /* on to Next */
		if (screen->item[s->focus].command == CMD_NEXT)
			(void)press(choose, choose_c);
		else
			(void)press(down, down_c);
	}
	for (unsigned int i = 0; s->at != AT_LOCKING; i++) {
		assert_true(i < 200);
		if (screen->item[s->focus].command == CMD_NEXT ||
		    screen->item[s->focus].command == CMD_LOCK)
			(void)press(choose, choose_c);
		else
			(void)press(down, down_c);
	}
	locked();
	assert_int_equal(s->at, AT_DECIDE);
	assert_int_equal(press(choose, choose_c), EFFECT_CAST);
}

static void arrows_and_enter_are_enough(void **state)
{
	(void)state;
	begin(80, 24);
	enter_booth();
	vote_with(PRESS_DOWN, 0, PRESS_ENTER, 0);
}

static void two_switches_are_enough(void **state)
{
	(void)state;
	begin(40, 12);
	enter_booth();
	vote_with(PRESS_CHAR, '1', PRESS_CHAR, '2');
}

static void left_and_right_go_by_page_then_by_contest(void **state)
{
	(void)state;
	begin(40, 12);
	enter_booth();
	(void)press(PRESS_LEFT, 0);
	assert_int_equal(s->place, 0);       /* there is none before */
	for (int i = 0; i < 3; i++)
		(void)press(PRESS_RIGHT, 0);
	assert_int_equal(s->place, PRECINCT_PARKS);
	for (unsigned int i = 0; s->place != PRECINCT_LONG; i++) {
		assert_true(i < 9);
		(void)press(PRESS_RIGHT, 0);
	}
	assert_int_equal(at.first, 0);
	(void)press(PRESS_RIGHT, 0);
	assert_int_equal(s->place, PRECINCT_LONG);
	assert_true(at.first > 0);
	assert_int_equal(s->focus, at.first);
	(void)press(PRESS_LEFT, 0);
	assert_int_equal(at.first, 0);
	(void)press(PRESS_LEFT, 0);
	assert_int_equal(s->place, PRECINCT_MEASURE);
}

static void page_keys_never_leave_a_contest(void **state)
{
	(void)state;
	begin(40, 12);
	enter_booth();
	for (int i = 0; i < 3; i++)
		(void)press(PRESS_PAGE_UP, 0);
	assert_int_equal(s->place, 0);
	for (int i = 0; i < 30; i++)
		(void)press(PRESS_PAGE_DOWN, 0);
	assert_int_equal(s->place, 0);
}

static void points_go_up_and_down(void **state)
{
	(void)state;
	begin(80, 24);
	enter_booth();
	(void)press(PRESS_RIGHT, 0);
	(void)press(PRESS_RIGHT, 0);
	assert_int_equal(s->place, PRECINCT_PARKS);
	(void)press(PRESS_CHAR, '+');
	(void)press(PRESS_CHAR, '=');
	assert_int_equal(votes_of(s, PRECINCT_PARKS, 0), 2);
	(void)press(PRESS_CHAR, '-');
	assert_int_equal(votes_of(s, PRECINCT_PARKS, 0), 1);
}

static void a_code_is_typed_and_corrected(void **state)
{
	(void)state;
	begin(80, 24);
	type("ab 12");
	(void)press(PRESS_ERASE, 0);
	assert_string_equal(s->typed, "ab 1");
	assert_true(at.column > 2);
	(void)press(PRESS_ESC, 0);
	assert_string_equal(s->typed, "");
}

static void escape_asks_and_is_harmless_on_messages(void **state)
{
	(void)state;
	begin(80, 24);
	enter_booth();
	(void)press(PRESS_ENTER, 0);
	(void)press(PRESS_ESC, 0);
	assert_int_equal(s->over, OVER_STOP);
	(void)press(PRESS_ESC, 0);
	assert_int_equal(s->over, OVER_NONE);
	assert_int_equal(s->at, AT_CONTEST);
	assert_int_equal(votes_of(s, 0, 0), 1);
	now += SESSION_IDLE_MS;
	(void)step((struct session_event){ .kind = EV_TICK });
	assert_int_equal(s->over, OVER_STILL);
	(void)press(PRESS_ESC, 0);
	assert_int_equal(s->over, OVER_NONE);
}

/* At 40x12 what a test opened is read page by page: whoever reads is not idle. */
static void reading_goes_on_and_back_and_counts_as_being_there(void **state)
{
	uint32_t values[LIMIT_BALLOT_CIPHERTEXTS] = { 0 };

	(void)state;
	begin(40, 12);
	enter_booth();
	vote_with(PRESS_DOWN, 0, PRESS_ENTER, 0);
	s->at = AT_TESTING;
	(void)step((struct session_event){ .kind = EV_OPENED, .values = values, .number = 2,
	           .values_len = m->styles[0].ciphertexts_len });
	assert_int_equal(s->at, AT_OPENED);
	assert_true(at.is_reading);
	assert_int_equal(at.reading, 0);
	now += 1000;
	(void)press(PRESS_ENTER, 0);
	assert_int_equal(at.reading, 1);
	assert_int_equal(s->touched_ms, now);
	(void)press(PRESS_UP, 0);
	assert_int_equal(at.reading, 0);
	(void)press(PRESS_PAGE_UP, 0);
	assert_int_equal(at.reading, 0);
	for (unsigned int i = 0; at.is_reading; i++) {
		assert_true(i < 20);
		assert_int_equal(press(PRESS_CHAR, '2'), 0);
	}
	assert_int_equal(s->at, AT_OPENED);      /* nothing was chosen on the way */
	(void)press(PRESS_LEFT, 0);
	assert_true(at.is_reading);
}

static void a_window_that_is_too_small_takes_no_key(void **state)
{
	(void)state;
	begin(80, 24);
	enter_booth();
	columns = 30;
	draw();
	(void)press(PRESS_ENTER, 0);
	(void)press(PRESS_RIGHT, 0);
	assert_int_equal(s->place, 0);
	assert_int_equal(votes_total(s, 0), 0);
}

/* From any state any keys at all: the focus is seen, and idleness clears (A.4, "Testing"). */
static void any_keys_at_all_never_lose_the_focus(void **state)
{
	static const char chars[] = "12 +-=aZ09";
	struct prng r;

	(void)state;
	prng_seed(&r, "keys");
	for (int round = 0; round < 40; round++) {
		begin((uint16_t)(40 + prng_below(&r, 80)), (uint16_t)(12 + prng_below(&r, 30)));
		enter_booth();
		for (int i = 0; i < 200; i++) {
			uint8_t tracker[32] = { (uint8_t)i, 1 };
			enum press_kind kind = (enum press_kind)prng_below(&r, PRESS_COUNT);

			(void)press(kind, chars[prng_below(&r, sizeof(chars) - 1)]);
			if (s->at == AT_LOCKING)
				(void)step((struct session_event){ .kind = EV_LOCKED, .tracker = tracker });
			if (session_is_waiting(s) || s->at == AT_CREDENTIAL)
				break;
			assert_true(at.has_cursor);
			assert_int_equal(grid_at(g, at.row, at.column)->attr, GRID_FOCUS);
			assert_true(at.is_reading ||
			            (session_focus(s) >= at.first && session_focus(s) < at.last));
		}
		now += SESSION_IDLE_MS + SESSION_WARN_MS;
		(void)step((struct session_event){ .kind = EV_TICK });
		assert_true(session_is_waiting(s) || s->at == AT_END || s->at == AT_CREDENTIAL);
	}
}

static void keys_that_choose_are_told_from_others(void **state)
{
	const struct press enter = { .kind = PRESS_ENTER }, two = { .kind = PRESS_CHAR, .c = '2' },
	                   one = { .kind = PRESS_CHAR, .c = '1' }, down = { .kind = PRESS_DOWN };

	(void)state;
	begin(80, 24);
	assert_true(press_is_select(&enter, s));
	assert_false(press_is_select(&two, s));      /* a character of the code */
	enter_booth();
	assert_true(press_is_select(&two, s));
	assert_false(press_is_select(&one, s));
	assert_false(press_is_select(&down, s));
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	m = precinct_manifest("last");
	s = mem_secret_alloc(sizeof(*s));
	base = mem_secret_alloc(sizeof(*base));
	screen = mem_secret_alloc(sizeof(*screen));
	g = mem_secret_alloc(sizeof(*g));
	return m == NULL || s == NULL || base == NULL || screen == NULL || g == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(g);
	mem_secret_free(screen);
	mem_secret_free(base);
	mem_secret_free(s);
	manifest_free(m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arrows_and_enter_are_enough),
		cmocka_unit_test(two_switches_are_enough),
		cmocka_unit_test(left_and_right_go_by_page_then_by_contest),
		cmocka_unit_test(page_keys_never_leave_a_contest),
		cmocka_unit_test(points_go_up_and_down),
		cmocka_unit_test(a_code_is_typed_and_corrected),
		cmocka_unit_test(escape_asks_and_is_harmless_on_messages),
		cmocka_unit_test(reading_goes_on_and_back_and_counts_as_being_there),
		cmocka_unit_test(a_window_that_is_too_small_takes_no_key),
		cmocka_unit_test(any_keys_at_all_never_lose_the_focus),
		cmocka_unit_test(keys_that_choose_are_told_from_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
