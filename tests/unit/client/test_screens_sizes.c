/*
 * test_screens_sizes.c: at every size from 40x12 to 160x45, whatever the texts: the focus can be
 * seen, every choice can be reached and read in full, nothing lies over anything (kiosk
 * requirements K1, K3, K6).
 */
#include "common/base/text.h"
#include "crypto/mem.h"
#include "tests/unit/lib/prng.h"
#include "voter-client/kiosk/press.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TEXTS = 8192, TURNS = 1024, ALL_BYTES = 1 << 20, RANDOM_SCREENS = 16, SIZES_EACH = 3 };

static struct screen *s;
static struct grid *g;
static struct screens_place at;
static char texts[TEXTS][LIMIT_TEXT_BYTES + 1];
static size_t texts_len;
static char all[ALL_BYTES];      /* what was seen on all pages, without blanks */
static size_t all_len;

/* --- screens out of a hat -------------------------------------------------------------------- */

static const char *text(struct prng *r, size_t longest)
{
	static const char *const word[] = { "a", "of", "town", "Kovalevskaya", ("G\xc3\xb6" "del"),
	                                    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "e\xcc\x81",
	                                    "Donaudampfschifffahrtsgesellschaftskapitaen", "Ng" };
	char *out = texts[texts_len++];
	size_t len = 0, goal = 1 + prng_below(r, longest);

	assert_true(texts_len <= TEXTS);
	while (len < goal) {
		const char *w = word[prng_below(r, sizeof(word) / sizeof(word[0]))];

		if (len + strlen(w) + 1 > longest)
			break;
		if (len > 0)
			out[len++] = ' ';
		memcpy(out + len, w, strlen(w));
		len += strlen(w);
	}
	out[len] = '\0';
	if (len == 0)
		(void)snprintf(out, 3, "x");
	return out;
}

static size_t longest_of(struct prng *r)
{
	static const size_t longest[] = { 20, 60, 200, LIMIT_TEXT_BYTES };

	return longest[prng_below(r, sizeof(longest) / sizeof(longest[0]))];
}

static void add_item(struct prng *r, enum menu_kind kind, size_t longest)
{
	struct screen_item *item = &s->item[s->items_len++];

	*item = (struct screen_item){ .kind = kind, .text = text(r, longest) };
	item->is_marked = prng_below(r, 3) == 0;
	if (kind == MENU_CONTEST && prng_below(r, 2) == 0)
		item->detail = text(r, longest);
	item->is_flagged = kind == MENU_CONTEST && prng_below(r, 2) == 0;
}

/* With at most so many choices. */
static void random_screen(struct prng *r, size_t most)
{
	bool is_contest = prng_below(r, 3) > 0;
	enum menu_kind kind = is_contest ? MENU_OPTION : MENU_CONTEST;
	size_t longest = longest_of(r), n = prng_below(r, is_contest || most < 64 ? most : 64) + 1;
	bool has_points = is_contest && prng_below(r, 4) == 0;

	texts_len = 0;
	memset(s, 0, offsetof(struct screen, text));
	s->at = is_contest ? AT_CONTEST : AT_REVIEW;
	s->title = text(r, longest_of(r));
	s->banner = prng_below(r, 2) == 0 ? "REHEARSAL - not an election" : NULL;
	s->progress = is_contest ? "Contest 10 of 64" : NULL;
	for (size_t i = prng_below(r, 6); i > 0; i--)
		s->line[s->lines_len++] = (struct screen_line){ .role = i == 1 ? LINE_CHOSEN : LINE_PLAIN,
		                                                .text = text(r, longest_of(r)) };
	for (size_t i = 0; i < n; i++)
		add_item(r, kind, longest);
	for (uint16_t i = 0; has_points && i < n; i++) {
		s->item[i].has_points = true;
		s->item[i].points = (uint32_t)prng_below(r, LIMIT_EACH_MAX);
	}
	add_item(r, MENU_COMMAND, 30);
	add_item(r, MENU_COMMAND, 30);
	s->focus = 0;
}

/* --- looking at a page ----------------------------------------------------------------------- */

static bool is_blank(const struct grid_cell *c)
{
	return c->len == 0 || (c->len == 1 && c->text[0] == ' ');
}

/* The focus: exactly one ">" in its attribute, under the cursor, in a bar that is all on screen. */
static void assert_focus_is_seen(void)
{
	const struct grid_cell *c;
	unsigned int marks = 0;

	assert_true(at.has_cursor);
	assert_true(at.row < g->rows - 1);
	assert_true(at.column < g->columns);
	c = grid_at(g, at.row, at.column);
	assert_int_equal(c->attr, GRID_FOCUS);
	for (uint16_t r = 0; r < g->rows; r++)
		for (uint16_t k = 0; k < g->columns; k++)
			marks += grid_at(g, r, k)->attr == GRID_FOCUS &&
			         (k == 0 || grid_at(g, r, (uint16_t)(k - 1))->attr != GRID_FOCUS) &&
			         grid_at(g, r, k)->text[0] == '>';
	assert_int_equal(marks, 1);
	if (!at.is_reading) {
		assert_true(s->focus >= at.first);
		assert_true(s->focus < at.last);
	}
}

/* Of a page that is read, the text alone. */
static void remember_page(void)
{
	uint16_t from = at.is_reading ? (uint16_t)((s->banner != NULL) + (s->progress != NULL)) : 0;
	uint16_t to = at.is_reading ? (uint16_t)(g->rows - 2) : g->rows;

	for (uint16_t r = from; r < to; r++)
		for (uint16_t k = 0; k < g->columns; k++) {
			const struct grid_cell *c = grid_at(g, r, k);

			if (is_blank(c))
				continue;
			assert_true(all_len + c->len < ALL_BYTES);
			memcpy(all + all_len, c->text, c->len);
			all_len += c->len;
		}
	all[all_len] = '\0';
}

static bool was_seen(const char *wanted)
{
	char bare[LIMIT_TEXT_BYTES + 1];
	size_t len = 0;

	for (; *wanted != '\0'; wanted++)
		if (*wanted != ' ')
			bare[len++] = *wanted;
	bare[len] = '\0';
	return strstr(all, bare) != NULL;
}

/* --- paging ---------------------------------------------------------------------------------- */

/* From the first page to the last by Page Down alone; remembers all that is seen. */
static void go_through(uint16_t columns, uint16_t rows)
{
	uint16_t reading = 0, turns = 0, expect = 0;

	all_len = 0;
	s->focus = 0;
	for (;;) {
		screens_draw(g, &at, s, columns, rows, reading, false);
		assert_focus_is_seen();
		remember_page();
		assert_true(++turns < TURNS);
		if (at.is_reading) {
			assert_int_equal(at.reading, reading);
			reading++;
			continue;
		}
		assert_int_equal(at.first, expect);       /* no item is left out, none is shown twice */
		assert_true(at.last > at.first);
		expect = at.last;
		if (at.page_after == SCREENS_NOWHERE)
			break;
		assert_int_equal(at.page_after, at.last);
		s->focus = at.page_after;
	}
	assert_int_equal(expect, s->items_len);
}

/* And back to the first. */
static void go_back(uint16_t columns, uint16_t rows)
{
	uint16_t turns = 0, last = at.first;

	while (at.page_before != SCREENS_NOWHERE) {
		s->focus = at.page_before;
		screens_draw(g, &at, s, columns, rows, UINT16_MAX, false);
		assert_int_equal(at.first, s->focus);
		assert_int_equal(at.last, last);
		last = at.first;
		assert_true(++turns < TURNS);
	}
	assert_int_equal(at.first, 0);
}

static void every_size_shows_everything(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "sizes");
	for (uint16_t columns = GRID_COLUMNS_MIN; columns <= GRID_COLUMNS_MAX; columns++)
		for (uint16_t rows = GRID_ROWS_MIN; rows <= GRID_ROWS_MAX; rows++) {
			if ((rows - GRID_ROWS_MIN) % 8 == 0)
				random_screen(&r, 6);
			s->focus = (uint16_t)prng_below(&r, s->items_len);
			screens_draw(g, &at, s, columns, rows, UINT16_MAX, false);
			assert_focus_is_seen();
		}
}

static void every_choice_is_reached_and_read_in_full(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "paging");
	for (int i = 0; i < RANDOM_SCREENS; i++) {
		random_screen(&r, i == 0 ? LIMIT_OPTIONS : 30);
		for (int k = 0; k < SIZES_EACH; k++) {
			uint16_t columns = k == 0 ? GRID_COLUMNS_MIN :
			                   (uint16_t)(GRID_COLUMNS_MIN + prng_below(&r, 121));
			uint16_t rows = k == 0 ? GRID_ROWS_MIN : (uint16_t)(GRID_ROWS_MIN + prng_below(&r, 34));

			go_through(columns, rows);
			for (uint16_t j = 0; j < s->items_len; j++)
				if (!was_seen(s->item[j].text))
					fail_msg("%ux%u: not seen in full: %s", columns, rows, s->item[j].text);
			assert_true(was_seen(s->title));
			go_back(columns, rows);
		}
	}
}

static void choosing_moves_nothing_to_another_page(void **state)
{
	struct prng r;
	uint16_t first;

	(void)state;
	prng_seed(&r, "choosing");
	for (int i = 0; i < 100; i++) {
		uint16_t columns = (uint16_t)(GRID_COLUMNS_MIN + prng_below(&r, 121));
		uint16_t rows = (uint16_t)(GRID_ROWS_MIN + prng_below(&r, 34));

		random_screen(&r, 30);
		s->at = AT_CONTEST;
		s->line[0] = (struct screen_line){ .role = LINE_PLAIN, .text = "Choose up to 9." };
		s->line[1] = (struct screen_line){ .role = LINE_STRONG, .text = "Choices left: 9" };
		s->lines_len = 2;
		s->focus = (uint16_t)prng_below(&r, s->items_len);
		screens_draw(g, &at, s, columns, rows, UINT16_MAX, false);
		first = at.first;
		s->item[s->focus].is_marked = !s->item[s->focus].is_marked;
		s->line[s->lines_len++] = (struct screen_line){ .role = LINE_CHOSEN,
		                                                .text = text(&r, LIMIT_TEXT_BYTES) };
		screens_draw(g, &at, s, columns, rows, UINT16_MAX, false);
		assert_int_equal(at.first, first);
	}
}

static void covered_screens_show_no_focus(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "covered");
	for (int i = 0; i < 50; i++) {
		random_screen(&r, 30);
		screens_draw(g, &at, s, 80, 24, 0, true);
		assert_false(at.has_cursor);
		for (uint16_t row = 0; row < g->rows; row++)
			for (uint16_t c = 0; c < g->columns; c++)
				assert_int_not_equal(grid_at(g, row, c)->attr, GRID_FOCUS);
	}
}

/* A message has a box of its own at every size, with its focus in it. */
static void a_message_fits_at_every_size(void **state)
{
	struct prng r;

	(void)state;
	prng_seed(&r, "message");
	for (uint16_t columns = GRID_COLUMNS_MIN; columns <= GRID_COLUMNS_MAX; columns++)
		for (uint16_t rows = GRID_ROWS_MIN; rows <= GRID_ROWS_MAX; rows += 3) {
			random_screen(&r, 4);
			screens_draw(g, &at, s, columns, rows, UINT16_MAX, true);
			s->over = OVER_STOP;
			s->title = "Stop without voting?";
			s->line[0] = (struct screen_line){ .role = LINE_WARN, .text = text(&r, 120) };
			s->lines_len = 1;
			s->items_len = 0;
			add_item(&r, MENU_COMMAND, 32);
			add_item(&r, MENU_COMMAND, 32);
			s->focus = (uint16_t)prng_below(&r, 2);
			assert_true(screens_box(g, &at, s));
			assert_focus_is_seen();
		}
}

/* One that does not fit is refused and leaves the grid as it was. */
static void a_message_without_room_is_refused(void **state)
{
	struct prng r;
	char row[GRID_ROW_BYTES], after[GRID_ROW_BYTES];

	(void)state;
	prng_seed(&r, "refused");
	random_screen(&r, LIMIT_OPTIONS);
	screens_draw(g, &at, s, 40, 12, UINT16_MAX, true);
	(void)grid_row_text(g, 5, row);
	s->over = OVER_NOTICE;
	s->title = "Please note";
	for (s->lines_len = 0; s->lines_len < 12; s->lines_len++)
		s->line[s->lines_len] = (struct screen_line){ .role = LINE_PLAIN, .text = "line" };
	assert_false(screens_box(g, &at, s));
	(void)grid_row_text(g, 5, after);
	assert_string_equal(after, row);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	s = mem_secret_alloc(sizeof(*s));
	g = mem_secret_alloc(sizeof(*g));
	return s == NULL || g == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(g);
	mem_secret_free(s);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_shows_everything),
		cmocka_unit_test(every_choice_is_reached_and_read_in_full),
		cmocka_unit_test(choosing_moves_nothing_to_another_page),
		cmocka_unit_test(covered_screens_show_no_focus),
		cmocka_unit_test(a_message_fits_at_every_size),
		cmocka_unit_test(a_message_without_room_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
