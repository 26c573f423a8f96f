/*
 * screens.h: a screen drawn on a grid, at any size from 40x12 to 160x45
 * (docs/kiosk.md: K1, K3, K6).
 *
 * Nothing scrolls.  Items that do not fit are on pages, and the page shown is the one that holds
 * the focus.  Where the text is too long to stay above the items, or an item is taller than a
 * page, the person first reads it in full, page by page ("reading"), and then sees the items under
 * a short head.
 *
 * Invariant: what is drawn is a function of the screen, the size and the page that is read; the
 * cursor is on the focus, or on what leads on; every choice of a contest is on some page, in the
 * order of the ballot, and in full on the items' page or while reading.
 */
#ifndef KALPIS_KIOSK_SCREENS_H
#define KALPIS_KIOSK_SCREENS_H

#include "voter-client/kiosk/grid.h"
#include "voter-client/kiosk/screen.h"

enum { SCREENS_NOWHERE = UINT16_MAX };

/* What was drawn. */
struct screens_place {
	bool is_too_small;        /* nothing but a sentence that says so */
	bool has_cursor;          /* false: too small, or covered */
	uint16_t row;             /* of the cursor */
	uint16_t column;
	bool is_reading;          /* a page of text; no item can be seen */
	uint16_t reading;         /* the page of text that is shown; reading_pages: the items */
	uint16_t reading_pages;   /* 0: nothing has to be read beforehand */
	uint16_t first;           /* items on this page: first <= i < last */
	uint16_t last;
	uint16_t page_before;     /* the item at the top of the page before; SCREENS_NOWHERE */
	uint16_t page_after;
};

/*
 * Draw on a grid of columns x rows.  reading: the page of text that is wanted (0 for a screen that
 * was not seen before); beyond the last are the items.  is_covered: something will lie over it, so
 * that no focus is shown.
 */
void screens_draw(struct grid *g, struct screens_place *out, const struct screen *s,
                  uint16_t columns, uint16_t rows, uint16_t reading, bool is_covered);
/*
 * Draw a message over what is on the grid.  s->over is not OVER_NONE.  false: there is not enough
 * room for a box; the grid is unchanged.
 */
bool screens_box(struct grid *g, struct screens_place *out, const struct screen *s);

#endif
