/*
 * grid.h: a grid of character cells: what screens are drawn on and what tests compare
 * (docs/kiosk.md).
 *
 * Invariant: rows <= GRID_ROWS_MAX, columns <= GRID_COLUMNS_MAX, and nothing is ever written
 * outside; a character of two columns is a cell of width 2 followed by one of width 0.  A grid is
 * secret: it shows choices.
 */
#ifndef KALPIS_KIOSK_GRID_H
#define KALPIS_KIOSK_GRID_H

#include <stddef.h>
#include <stdint.h>

enum {
	GRID_COLUMNS_MIN = 40,      /* what a voter can be served on */
	GRID_ROWS_MIN = 12,
	GRID_COLUMNS_MAX = 160,
	GRID_ROWS_MAX = 45,
	GRID_CELL_BYTES = 20,       /* of one character with its accents; further accents are lost */
	GRID_ROW_BYTES = GRID_COLUMNS_MAX * GRID_CELL_BYTES + 1
};

enum grid_attr {
	GRID_NORMAL = 0,
	GRID_STRONG,
	GRID_TITLE,
	GRID_WARN,
	GRID_FOCUS,
	GRID_ATTR_COUNT
};

struct grid_cell {
	uint8_t len;                 /* bytes of text; 0 only where width is 0 */
	uint8_t width;               /* columns: 1, 2, or 0 behind one of width 2 */
	uint8_t attr;                /* enum grid_attr */
	char text[GRID_CELL_BYTES];
};

struct grid {
	uint16_t columns;
	uint16_t rows;
	struct grid_cell cell[GRID_ROWS_MAX * GRID_COLUMNS_MAX];
};

/* All blank.  What is above the maxima is cut to them. */
void grid_clear(struct grid *g, uint16_t columns, uint16_t rows);
/* Erase, as a secret. */
void grid_wipe(struct grid *g);
/* row < rows, column < columns. */
const struct grid_cell *grid_at(const struct grid *g, uint16_t row, uint16_t column);
/* Blanks with an attribute; what lies outside is left out. */
void grid_fill(struct grid *g, uint16_t row, uint16_t column, uint16_t rows, uint16_t columns,
               enum grid_attr attr);
/*
 * Text in at most `columns` columns of one row, from `column` on; what lies outside is left out.
 * Returns how many columns were used.  Control characters become blanks.
 */
uint16_t grid_put(struct grid *g, uint16_t row, uint16_t column, uint16_t columns,
                  enum grid_attr attr, const char *text, size_t len);
/* The text of a row without the blanks at its end.  Returns its length. */
size_t grid_row_text(const struct grid *g, uint16_t row, char out[static GRID_ROW_BYTES]);

#endif
