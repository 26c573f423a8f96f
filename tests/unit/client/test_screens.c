/*
 * test_screens.c: the screens of a voter's way, as they were looked at and approved: tests/screens/
 * holds each at 40x12, 80x24 and 120x33 (kiosk.md: K1, K3, K5, K6).
 *
 * After a change that is meant: WRITE_SCREENS=1 writes the files anew; then look at the difference.
 */
#include "crypto/mem.h"
#include "tests/unit/lib/precinct.h"
#include "voter-client/kiosk/screens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHEET_BYTES = 65536 };

static struct manifest *m;
static struct session *s;
static struct screen *screen;
static struct grid *grid;
static struct screens_place at;
static char sheet[SHEET_BYTES];
static char approved[SHEET_BYTES];
static uint64_t now = 1000;

/* --- a voter's way --------------------------------------------------------------------------- */

static void step(struct session_event ev)
{
	ev.now_ms = now;
	(void)session_step(s, &ev);
}

static void does(enum session_event_kind kind, uint32_t number)
{
	step((struct session_event){ .kind = kind, .number = number });
}

static void command(enum session_command c)
{
	does(EV_COMMAND, c);
}

static void answer(const uint32_t *values, size_t len)
{
	step((struct session_event){ .kind = EV_ANSWER, .values = values, .values_len = len });
}

static void at_code(void)
{
	const struct session_config c = {
		.manifest = m, .kiosk = 3, .idle_ms = SESSION_IDLE_MS, .warn_ms = SESSION_WARN_MS,
		.patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS,
	};

	session_init(s, &c);
	s->now_ms = now;
	does(EV_SERVICE, SERVICE_READY);
}

static void type(const char *text)
{
	for (; *text != '\0'; text++)
		does(EV_TYPE, (unsigned char)*text);
}

static void typed_code(void)
{
	at_code();
	type("abcd efgh j");
}

static void mistyped_code(void)
{
	at_code();
	type("abcd");
	does(EV_SELECT, 0);
	assert_int_equal(s->over, OVER_NOTICE);
}

/* As if the code had been looked up. */
static void found(bool has_live)
{
	static const uint8_t live[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	const struct session_found f = { .style = 0, .fingerprint = 12345,
	                                 .live_tracker = has_live ? live : NULL };

	at_code();
	s->at = AT_LOOKUP;
	step((struct session_event){ .kind = EV_FOUND, .found = &f });
	assert_int_equal(s->at, AT_BALLOT);
}

static void ballot(void)
{
	found(false);
}

static void ballot_again(void)
{
	found(true);
}

static void mayor(void)
{
	found(false);
	command(CMD_YES);
	assert_int_equal(s->at, AT_CONTEST);
}

static void mayor_chosen(void)
{
	mayor();
	does(EV_FOCUS, 2);
	does(EV_SELECT, 0);
}

static void mayor_full(void)
{
	mayor_chosen();
	does(EV_FOCUS, 0);
	does(EV_SELECT, 0);
	assert_int_equal(s->notice, NOTICE_FULL);
}

static void parks(void)
{
	const uint32_t points[] = { 5, 0, 2 };

	mayor_chosen();
	command(CMD_NEXT);
	command(CMD_NEXT);
	answer(points, 3);
	does(EV_FOCUS, 1);
}

static void school(void)
{
	parks();
	command(CMD_NEXT);
	command(CMD_NEXT);
	assert_int_equal(s->place, PRECINCT_LONG);
}

static void school_later_page(void)
{
	school();
	does(EV_FOCUS, 1);
	does(EV_SELECT, 0);
	does(EV_FOCUS, 17);
	does(EV_SELECT, 0);
}

static void review(void)
{
	school_later_page();
	command(CMD_NEXT);
	assert_int_equal(s->at, AT_REVIEW);
}

static void review_refused(void)
{
	review();
	command(CMD_LOCK);
	assert_int_equal(s->notice, NOTICE_TOO_FEW);
}

static void stopping(void)
{
	review();
	command(CMD_STOP);
	assert_int_equal(s->over, OVER_STOP);
}

static void still_there(void)
{
	mayor_chosen();
	now += SESSION_IDLE_MS;
	does(EV_TICK, 0);
	assert_int_equal(s->over, OVER_STILL);
}

static void locking(void)
{
	const uint32_t council[] = { 1, 0, 1, 0, 0 }, measure[] = { 0, 1, 0 };

	mayor_chosen();
	command(CMD_NEXT);
	answer(council, 5);
	command(CMD_NEXT);
	command(CMD_NEXT);
	answer(measure, 3);
	command(CMD_NEXT);
	command(CMD_NEXT);
	command(CMD_LOCK);
	assert_int_equal(s->at, AT_LOCKING);
}

static void decide(void)
{
	static const uint8_t tracker[32] = { 31, 41, 59, 26, 53, 58, 97, 93, 23, 84 };

	locking();
	step((struct session_event){ .kind = EV_LOCKED, .tracker = tracker });
	assert_int_equal(s->at, AT_DECIDE);
}

static void opened(void)
{
	uint32_t values[LIMIT_BALLOT_CIPHERTEXTS];
	size_t len;

	decide();
	len = session_selections(s, values);
	values[1] = 1;      /* Ada, whom nobody chose */
	command(CMD_TEST);
	step((struct session_event){ .kind = EV_OPENED, .values = values, .values_len = len,
	                             .number = 3 });
	assert_int_equal(s->at, AT_OPENED);
}

static void voted(void)
{
	decide();
	command(CMD_CAST);
	does(EV_CAST, 0);
	assert_int_equal(s->end, END_VOTED);
}

static void recorded(void)
{
	decide();
	command(CMD_CAST);
	now += SESSION_PATIENCE_MS;
	does(EV_TICK, 0);
	assert_int_equal(s->end, END_RECORDED);
}

static void closed(void)
{
	at_code();
	does(EV_SERVICE, SERVICE_CLOSED);
	assert_int_equal(s->at, AT_OUT);
}

/* --- drawing --------------------------------------------------------------------------------- */

static void draw(uint16_t columns, uint16_t rows, uint16_t reading)
{
	enum session_over over = s->over;

	s->over = OVER_NONE;
	session_screen(s, screen);
	s->over = over;
	screens_draw(grid, &at, screen, columns, rows, reading, over != OVER_NONE);
	if (over == OVER_NONE)
		return;
	session_screen(s, screen);
	assert_true(screens_box(grid, &at, screen));
}

static size_t sheet_attributes(size_t len)
{
	static const char *const name[GRID_ATTR_COUNT] = { "normal", "strong", "title", "warn",
	                                                   "focus" };

	for (uint16_t r = 0; r < grid->rows; r++)
		for (uint16_t c = 0, n; c < grid->columns; c = (uint16_t)(c + n)) {
			uint8_t attr = grid_at(grid, r, c)->attr;

			for (n = 1; c + n < grid->columns && grid_at(grid, r, (uint16_t)(c + n))->attr == attr;)
				n++;
			if (attr != GRID_NORMAL)
				len += (size_t)snprintf(sheet + len, SHEET_BYTES - len,
				                        "row %u, %u to %u: %s\n", r, c,
				                        c + n - 1u, name[attr]);
		}
	return len;
}

/* The grid as a text file, after what is on the sheet. */
static size_t sheet_grid(size_t len)
{
	char row[GRID_ROW_BYTES];

	len += (size_t)snprintf(sheet + len, SHEET_BYTES - len, "%u columns, %u rows; cursor: ",
	                        grid->columns, grid->rows);
	if (at.has_cursor)
		len += (size_t)snprintf(sheet + len, SHEET_BYTES - len, "row %u, column %u\n", at.row,
		                        at.column);
	else
		len += (size_t)snprintf(sheet + len, SHEET_BYTES - len, "none\n");
	for (uint16_t r = 0; r < grid->rows; r++) {
		(void)grid_row_text(grid, r, row);
		len += (size_t)snprintf(sheet + len, SHEET_BYTES - len, "|%s\n", row);
		assert_true(len < SHEET_BYTES);
	}
	len = sheet_attributes(len);
	assert_true(len < SHEET_BYTES);
	return len;
}

static void sheet_of(uint16_t columns, uint16_t rows)
{
	size_t len = 0;
	uint16_t reading = 0;

	do {
		draw(columns, rows, reading);
		len = sheet_grid(len);
	} while (at.is_reading && s->over == OVER_NONE && ++reading > 0);
}

static void write_sheet(const char *path)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(sheet, 1, strlen(sheet), f), strlen(sheet));
	assert_int_equal(fclose(f), 0);
	print_message("written anew: %s\n", path);
}

static void compare_sheet(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t len;

	if (f == NULL)
		fail_msg("%s is missing; WRITE_SCREENS=1 writes it", path);
	len = fread(approved, 1, SHEET_BYTES - 1, f);
	approved[len] = '\0';
	assert_int_equal(fclose(f), 0);
	if (strcmp(approved, sheet) != 0)
		print_message("%s\nis approved; now it is\n%s\n", path, sheet);
	assert_string_equal(approved, sheet);
}

struct scene {
	const char *name;
	void (*play)(void);
};

static const struct scene SCENES[] = {
	{ "code", at_code }, { "code-typed", typed_code }, { "code-mistyped", mistyped_code },
	{ "ballot", ballot }, { "ballot-again", ballot_again }, { "mayor", mayor },
	{ "mayor-chosen", mayor_chosen }, { "mayor-full", mayor_full }, { "parks", parks },
	{ "school", school }, { "school-later-page", school_later_page }, { "review", review },
	{ "review-refused", review_refused }, { "stopping", stopping }, { "still-there", still_there },
	{ "locking", locking }, { "decide", decide }, { "opened", opened }, { "voted", voted },
	{ "recorded", recorded }, { "closed", closed },
};

enum { SCENES_LEN = sizeof(SCENES) / sizeof(SCENES[0]) };

static void every_screen_is_as_approved(uint16_t columns, uint16_t rows)
{
	bool writes = getenv("WRITE_SCREENS") != NULL;
	char path[128];

	for (size_t i = 0; i < SCENES_LEN; i++) {
		(void)snprintf(path, sizeof(path), "tests/screens/%s-%ux%u.txt", SCENES[i].name, columns,
		               rows);
		SCENES[i].play();
		sheet_of(columns, rows);
		if (writes)
			write_sheet(path);
		else
			compare_sheet(path);
	}
}

static void screens_of_40x12_are_as_approved(void **state)
{
	(void)state;
	every_screen_is_as_approved(40, 12);
}

static void screens_of_80x24_are_as_approved(void **state)
{
	(void)state;
	every_screen_is_as_approved(80, 24);
}

static void screens_of_120x33_are_as_approved(void **state)
{
	(void)state;
	every_screen_is_as_approved(120, 33);
}

static void a_smaller_window_says_so(void **state)
{
	static const uint16_t size[][2] = { { 39, 12 }, { 40, 11 }, { 8, 3 }, { 1, 1 }, { 0, 0 } };
	char row[GRID_ROW_BYTES];

	(void)state;
	mayor();
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		draw(size[i][0], size[i][1], 0);
		assert_true(at.is_too_small);
		assert_false(at.has_cursor);
	}
	draw(39, 12, 0);
	(void)grid_row_text(grid, 0, row);
	assert_string_equal(row, "This window is too small to vote in. It");
}

static void no_wording_speaks_of_cryptography(void **state)
{
	static const char *const word[] = { "encrypt", "hash", "proof", "nonce", "cipher", "crypto" };

	(void)state;
	for (size_t i = 0; i < SCENES_LEN; i++) {
		SCENES[i].play();
		sheet_of(80, 24);
		for (size_t k = 0; k < sizeof(word) / sizeof(word[0]); k++)
			assert_null(strstr(sheet, word[k]));
	}
}

/* --- all -------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	m = precinct_manifest("last");
	s = mem_secret_alloc(sizeof(*s));
	screen = mem_secret_alloc(sizeof(*screen));
	grid = mem_secret_alloc(sizeof(*grid));
	return m == NULL || s == NULL || screen == NULL || grid == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(grid);
	mem_secret_free(screen);
	mem_secret_free(s);
	manifest_free(m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_of_40x12_are_as_approved),
		cmocka_unit_test(screens_of_80x24_are_as_approved),
		cmocka_unit_test(screens_of_120x33_are_as_approved),
		cmocka_unit_test(a_smaller_window_says_so),
		cmocka_unit_test(no_wording_speaks_of_cryptography),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
