/*
 * test_grid.c: cells: nothing is written outside, nothing is cut in half.
 */
#include "tests/unit/lib/prng.h"
#include "voter-client/kiosk/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct grid g;
static char row_text[GRID_ROW_BYTES];

static const char *row(uint16_t r)
{
	(void)grid_row_text(&g, r, row_text);
	return row_text;
}

static uint16_t put(uint16_t r, uint16_t column, uint16_t columns, const char *text)
{
	return grid_put(&g, r, column, columns, GRID_NORMAL, text, strlen(text));
}

/* A wide cell is followed by its other half; the halves of none stand alone. */
static void assert_is_whole(void)
{
	for (uint16_t r = 0; r < g.rows; r++)
		for (uint16_t c = 0; c < g.columns; c++) {
			const struct grid_cell *cell = grid_at(&g, r, c);

			assert_in_range(cell->width, 0, 2);
			assert_int_equal(cell->len == 0, cell->width == 0);
			if (cell->width == 2) {
				assert_true(c + 1 < g.columns);
				assert_int_equal(grid_at(&g, r, (uint16_t)(c + 1))->width, 0);
			}
			if (cell->width == 0) {
				assert_true(c > 0);
				assert_int_equal(grid_at(&g, r, (uint16_t)(c - 1))->width, 2);
			}
		}
}

static void what_lies_outside_is_left_out(void **state)
{
	(void)state;
	grid_clear(&g, 10, 3);
	assert_int_equal(put(3, 0, 10, "below"), 0);
	assert_int_equal(put(0, 10, 10, "beside"), 0);
	assert_int_equal(put(1, 7, 10, "abcdef"), 3);
	assert_string_equal(row(1), "       abc");
	assert_int_equal(put(2, 2, 3, "abcdef"), 3);
	assert_string_equal(row(2), "  abc");
	grid_fill(&g, 1, 8, 100, 100, GRID_FOCUS);
	assert_string_equal(row(1), "       a");
	assert_int_equal(grid_at(&g, 2, 9)->attr, GRID_FOCUS);
	assert_int_equal(grid_at(&g, 2, 7)->attr, GRID_NORMAL);
	assert_string_equal(row(0), "");
}

static void sizes_above_the_greatest_are_cut(void **state)
{
	(void)state;
	grid_clear(&g, 1000, 1000);
	assert_int_equal(g.columns, GRID_COLUMNS_MAX);
	assert_int_equal(g.rows, GRID_ROWS_MAX);
}

static void accents_stay_with_their_letter(void **state)
{
	(void)state;
	grid_clear(&g, 10, 1);
	assert_int_equal(put(0, 0, 10, "e\xcc\x81" "a"), 2);
	assert_string_equal(row(0), "e\xcc\x81" "a");
	assert_int_equal(grid_at(&g, 0, 0)->len, 3);
	/* One accent with no letter: no column of its own, and nowhere to go. */
	assert_int_equal(put(0, 0, 10, "\xcc\x81"), 0);
}

static void a_character_with_too_many_accents_keeps_some(void **state)
{
	char text[1 + 2 * 40 + 1] = "o";

	(void)state;
	for (size_t i = 0; i < 40; i++)
		memcpy(text + 1 + 2 * i, "\xcc\x81", 2);
	text[81] = '\0';
	grid_clear(&g, 10, 1);
	assert_int_equal(put(0, 0, 10, text), 1);
	assert_int_equal(grid_at(&g, 0, 0)->len, 19);
}

static void half_of_a_wide_character_is_never_left(void **state)
{
	(void)state;
	grid_clear(&g, 5, 1);
	/* The third has no room. */
	assert_int_equal(put(0, 0, 5, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), 4);
	assert_is_whole();
	assert_int_equal(put(0, 1, 1, "x"), 1);
	assert_is_whole();
	assert_string_equal(row(0), " x\xe6\x9c\xac");
	grid_fill(&g, 0, 3, 1, 1, GRID_NORMAL);
	assert_is_whole();
	assert_string_equal(row(0), " x");
}

static void control_characters_become_blanks(void **state)
{
	(void)state;
	grid_clear(&g, 10, 1);
	assert_int_equal(put(0, 0, 10, "a\033[2Jb"), 6);
	assert_string_equal(row(0), "a [2Jb");
}

static void random_writing_keeps_every_cell_whole(void **state)
{
	static const char *const piece[] = { "a", " ", "\xe6\x97\xa5", "e\xcc\x81", "\xcc\x81", "\n",
	                                     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac", "\xff",
	                                     "\xe0\xa4\x95\xe0\xa4\xbf", "\xed\x95\x9c" };
	struct prng r;

	(void)state;
	prng_seed(&r, "grid");
	for (int i = 0; i < 2000; i++) {
		char text[128] = "";
		size_t len = 0;

		if (i % 50 == 0)
			grid_clear(&g, (uint16_t)(1 + prng_below(&r, 40)), (uint16_t)(1 + prng_below(&r, 6)));
		for (size_t k = prng_below(&r, 8); k > 0; k--) {
			const char *p = piece[prng_below(&r, sizeof(piece) / sizeof(piece[0]))];

			memcpy(text + len, p, strlen(p));
			len += strlen(p);
		}
		assert_true(grid_put(&g, (uint16_t)prng_below(&r, 8), (uint16_t)prng_below(&r, 50),
		                     (uint16_t)prng_below(&r, 50), GRID_STRONG, text, len) <= 50);
		assert_is_whole();
	}
}

static void wrapped_text_is_cut_with_dots_or_goes_on(void **state)
{
	struct flow_box box = { .row = 1, .column = 2, .columns = 8, .rows = 2 };
	static const char text[] = "one two three four five";

	(void)state;
	grid_clear(&g, 20, 6);
	assert_int_equal(flow_rows(text, 8), 4);
	assert_int_equal(flow_rows("", 8), 1);
	assert_int_equal(flow_put(&g, &box, GRID_NORMAL, text), 2);
	assert_string_equal(row(1), "  one two");
	assert_string_equal(row(2), "  three...");
	assert_string_equal(row(3), "");
	grid_clear(&g, 20, 6);
	box.goes_on = true;
	box.skip = 1;
	assert_int_equal(flow_put(&g, &box, GRID_NORMAL, text), 2);
	assert_string_equal(row(1), "  three");
	assert_string_equal(row(2), "  four");
	box.rows = 9;
	box.goes_on = false;
	assert_int_equal(flow_put(&g, &box, GRID_NORMAL, text), 3);
	assert_string_equal(row(3), "  five");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_outside_is_left_out),
		cmocka_unit_test(sizes_above_the_greatest_are_cut),
		cmocka_unit_test(accents_stay_with_their_letter),
		cmocka_unit_test(a_character_with_too_many_accents_keeps_some),
		cmocka_unit_test(half_of_a_wide_character_is_never_left),
		cmocka_unit_test(control_characters_become_blanks),
		cmocka_unit_test(random_writing_keeps_every_cell_whole),
		cmocka_unit_test(wrapped_text_is_cut_with_dots_or_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
