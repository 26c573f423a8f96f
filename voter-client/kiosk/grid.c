/*
 * grid.c: see grid.h.
 *
 * Invariant: a cell of width 0 stands behind one of width 2 in the same row, and nowhere else.
 */
#include "voter-client/kiosk/grid.h"

#include "common/base/text.h"
#include "crypto/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static struct grid_cell *cell_at(struct grid *g, uint16_t row, uint16_t column)
{
	assert(row < g->rows);
	assert(column < g->columns);
	return &g->cell[(size_t)row * GRID_COLUMNS_MAX + column];
}

const struct grid_cell *grid_at(const struct grid *g, uint16_t row, uint16_t column)
{
	assert(row < g->rows);
	assert(column < g->columns);
	return &g->cell[(size_t)row * GRID_COLUMNS_MAX + column];
}

static void set(struct grid_cell *c, uint8_t width, enum grid_attr attr, const char *text,
                size_t len)
{
	*c = (struct grid_cell){ .len = (uint8_t)len, .width = width, .attr = (uint8_t)attr };
	memcpy(c->text, text, len);
}

void grid_clear(struct grid *g, uint16_t columns, uint16_t rows)
{
	grid_wipe(g);
	g->columns = columns < GRID_COLUMNS_MAX ? columns : GRID_COLUMNS_MAX;
	g->rows = rows < GRID_ROWS_MAX ? rows : GRID_ROWS_MAX;
	for (uint16_t r = 0; r < g->rows; r++)
		for (uint16_t c = 0; c < g->columns; c++)
			set(cell_at(g, r, c), 1, GRID_NORMAL, " ", 1);
}

void grid_wipe(struct grid *g)
{
	mem_wipe(g, sizeof(*g));
}

/* Whatever is about to be written into [column, column + width) must not leave half of a wide
 * character on either side. */
static void cut_halves(struct grid *g, uint16_t row, uint16_t column, uint16_t width)
{
	uint16_t after = (uint16_t)(column + width);
	struct grid_cell *c;

	if (column > 0 && cell_at(g, row, column)->width == 0) {
		c = cell_at(g, row, (uint16_t)(column - 1));
		set(c, 1, (enum grid_attr)c->attr, " ", 1);
	}
	if (after < g->columns && cell_at(g, row, after)->width == 0) {
		c = cell_at(g, row, after);
		set(c, 1, (enum grid_attr)c->attr, " ", 1);
	}
}

void grid_fill(struct grid *g, uint16_t row, uint16_t column, uint16_t rows, uint16_t columns,
               enum grid_attr attr)
{
	if (column >= g->columns || columns == 0)
		return;
	if (columns > g->columns - column)
		columns = (uint16_t)(g->columns - column);
	for (uint16_t r = row; r < g->rows && r - row < rows; r++) {
		cut_halves(g, r, column, columns);
		for (uint16_t c = column; c - column < columns; c++)
			set(cell_at(g, r, c), 1, attr, " ", 1);
	}
}

/* The bytes of a cluster that fit a cell: whole characters of UTF-8. */
static size_t fit(const char *text, size_t len)
{
	size_t n = len;

	if (n <= GRID_CELL_BYTES)
		return n;
	n = GRID_CELL_BYTES;
	while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* Bytes of the character of UTF-8 at text (which may be no UTF-8: then 1). */
static size_t char_len(const char *text, size_t len)
{
	size_t n = 1;

	while (n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
		n++;
	return text_is_utf8(text, n) ? n : 1;
}

static bool is_control(const char *text)
{
	return (unsigned char)text[0] < ' ' || text[0] == 0x7f;
}

/* Put a thing of 1 or 2 columns.  Returns whether there was room. */
static bool put_cell(struct grid *g, uint16_t row, uint16_t column, uint16_t end,
                     enum grid_attr attr, const char *text, size_t len, size_t width)
{
	if (column + width > end)
		return false;
	cut_halves(g, row, column, (uint16_t)width);
	set(cell_at(g, row, column), (uint8_t)width, attr, text, fit(text, len));
	if (width == 2)
		set(cell_at(g, row, (uint16_t)(column + 1)), 0, attr, "", 0);
	return true;
}

/* An accent without a letter joins the cell before it; at the beginning of the row it is lost. */
static void join(struct grid *g, uint16_t row, uint16_t column, const char *text, size_t len)
{
	struct grid_cell *c;

	if (column == 0)
		return;
	c = cell_at(g, row, (uint16_t)(column - 1));
	if (c->width == 0)
		c = cell_at(g, row, (uint16_t)(column - 2));
	if (c->len + len > GRID_CELL_BYTES)
		return;
	memcpy(c->text + c->len, text, len);
	c->len = (uint8_t)(c->len + len);
}

uint16_t grid_put(struct grid *g, uint16_t row, uint16_t column, uint16_t columns,
                  enum grid_attr attr, const char *text, size_t len)
{
	uint16_t at = column, end;

	if (row >= g->rows || column >= g->columns)
		return 0;
	end = columns < g->columns - column ? (uint16_t)(column + columns) : g->columns;
	for (size_t i = 0, n; i < len; i += n) {
		size_t width;

		n = text_next(text + i, len - i);
		/* Some scripts make one character of several that stand side by side. */
		if (text_width(text + i, n) > 2)
			n = char_len(text + i, n);
		width = text_width(text + i, n);
		if (is_control(text + i) && !put_cell(g, row, at, end, attr, " ", 1, 1))
			break;
		if (is_control(text + i)) {
			at++;
		} else if (width == 0) {
			join(g, row, at, text + i, n);
		} else {
			width = width > 2 ? 2 : width;
			if (!put_cell(g, row, at, end, attr, text + i, n, width))
				break;
			at = (uint16_t)(at + width);
		}
	}
	return (uint16_t)(at - column);
}

size_t grid_row_text(const struct grid *g, uint16_t row, char out[static GRID_ROW_BYTES])
{
	size_t len = 0, end = 0;

	for (uint16_t c = 0; c < g->columns; c++) {
		const struct grid_cell *cell = grid_at(g, row, c);

		memcpy(out + len, cell->text, cell->len);
		len += cell->len;
		if (cell->len != 0 && !(cell->len == 1 && cell->text[0] == ' '))
			end = len;
	}
	out[end] = '\0';
	return end;
}
