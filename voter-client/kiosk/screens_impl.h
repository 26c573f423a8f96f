/*
 * screens_impl.h: what the files that draw screens share.
 *
 * Invariant: layout_plan decides where everything goes; drawing decides nothing.
 */
#ifndef KALPIS_KIOSK_SCREENS_IMPL_H
#define KALPIS_KIOSK_SCREENS_IMPL_H

#include "voter-client/kiosk/flow.h"
#include "voter-client/kiosk/screens.h"

enum {
	LAYOUT_WIDTH_MAX = 96,       /* longer lines are hard to read */
	LAYOUT_WIDE = 60,            /* columns from which there is a margin */
	LAYOUT_TALL = 20,            /* rows from which there is air */
	LAYOUT_PARAS_MAX = SCREEN_LINES_MAX + 2 * SESSION_MENU_MAX + 8,
	LAYOUT_CHOSEN_BYTES = 1536,
	LAYOUT_MARKER_BYTES = 256
};

/* A piece of text above the items, or while reading. */
struct para {
	const char *text;
	const char *beside;       /* further text on the same row, or NULL */
	enum grid_attr attr;
	uint16_t rows_max;        /* 0: as many as it takes */
};

struct layout {
	const struct screen *s;   /* borrowed */
	uint16_t rows;            /* of the grid */
	uint16_t margin;
	uint16_t width;           /* of everything that is drawn */
	bool has_reading;
	uint16_t head_len;        /* paragraphs */
	uint16_t head_rows;
	uint16_t air;             /* rows between head and items: 0 or 1 */
	uint16_t chosen_rows;     /* "You chose: ..." while there are several pages */
	uint16_t marker_rows;     /* "More above", "More below": 0, 1 or 2 */
	uint16_t area;            /* rows for items */
	uint16_t gap;             /* rows between items */
	uint16_t least;           /* rows of an item, at least */
	uint16_t pages;
	uint16_t item_rows[SESSION_MENU_MAX];   /* of each item, uncut */
	uint16_t first[SESSION_MENU_MAX + 1];   /* first item of each page, and the end */
	uint16_t doc_len;         /* paragraphs of the text to be read */
	uint16_t doc_area;
	uint16_t doc_pages;
	struct para head[LAYOUT_PARAS_MAX];
	struct para doc[LAYOUT_PARAS_MAX];
};

/* --- layout.c -------------------------------------------------------------------------------- */

void layout_plan(struct layout *l, const struct screen *s, uint16_t columns, uint16_t rows);
uint16_t layout_para_rows(const struct layout *l, const struct para *p);
enum grid_attr layout_attr(enum line_role role);
/* Columns before the text of an item: focus mark, box or points. */
uint16_t layout_indent(const struct screen *s, const struct screen_item *item);
/* Rows of an item within width, as if there were no end of them. */
uint16_t layout_item_rows(const struct screen *s, const struct screen_item *item, uint16_t width);
/* The same as it is on its page: cut to the area, and no lower than is pleasant. */
uint16_t layout_page_rows(const struct layout *l, uint16_t item);
/* Rows between an item and the one before it on its page. */
uint16_t layout_gap(const struct layout *l, uint16_t item);
/* The page on which an item is. */
uint16_t layout_page_of(const struct layout *l, uint16_t item);

/* --- screens_item.c -------------------------------------------------------------------------- */

struct item_box {
	uint16_t row;
	uint16_t column;
	uint16_t width;
	uint16_t rows;            /* that it fills */
	bool is_focus;
};
/* Where the cursor goes for it: *row, *column. */
void draw_item(struct grid *g, const struct item_box *box, const struct screen *s,
               const struct screen_item *item, uint16_t *row, uint16_t *column);

/* --- screens_words.c: our own words ---------------------------------------------------------- */

/* What the keys do: the longest text that fits width. */
const char *words_footer(const struct screen *s, bool is_reading, bool has_pages, uint16_t width);
const char *words_too_small(void);
/* "Choices 1-8 of 43": of the items first <= i < last. */
void words_range(char out[static LAYOUT_MARKER_BYTES], const struct screen *s,
                 const struct screens_place *at);
/* The same with "More above" and "More below", in at most width columns. */
void words_marker(char out[static LAYOUT_MARKER_BYTES], const struct screen *s,
                  const struct screens_place *at, bool has_range, bool above, bool below,
                  uint16_t width);
/* "Read on (page 1 of 3)". */
void words_read_on(char out[static LAYOUT_MARKER_BYTES], const struct screens_place *at);

#endif
