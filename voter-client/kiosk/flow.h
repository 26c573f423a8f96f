/*
 * flow.h: wrapped text on a grid.
 *
 * Invariant: a text is never wider than its columns; what does not fit its rows ends in "...", or
 * goes on elsewhere.
 */
#ifndef KALPIS_KIOSK_FLOW_H
#define KALPIS_KIOSK_FLOW_H

#include "voter-client/kiosk/grid.h"

#include <stdbool.h>

/* How many rows a text takes in columns (>= 1).  The empty text takes one. */
uint16_t flow_rows(const char *text, uint16_t columns);

struct flow_box {
	uint16_t row;
	uint16_t column;
	uint16_t columns;     /* >= 1 */
	uint16_t rows;        /* at most so many; >= 1 */
	uint16_t skip;        /* rows of the text that are left out at its beginning */
	bool goes_on;         /* what does not fit is shown elsewhere: no "..." */
};
/* Returns how many rows were used. */
uint16_t flow_put(struct grid *g, const struct flow_box *box, enum grid_attr attr,
                  const char *text);

#endif
