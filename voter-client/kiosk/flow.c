/*
 * flow.c: see flow.h.
 */
#include "voter-client/kiosk/flow.h"

#include "common/base/text.h"

#include <assert.h>
#include <string.h>

uint16_t flow_rows(const char *text, uint16_t columns)
{
	size_t len = strlen(text), take, skip;
	uint16_t rows = 0;

	do {
		text_wrap(text, len, columns, &take, &skip);
		text += take + skip;
		len -= take + skip;
		rows++;
	} while (len > 0 && rows < UINT16_MAX);
	return rows;
}

/* The last row of a text of which more remains. */
static void put_cut(struct grid *g, const struct flow_box *box, uint16_t row, enum grid_attr attr,
                    const char *text, size_t len)
{
	uint16_t dots = box->columns < 3 ? box->columns : 3, used;

	used = grid_put(g, row, box->column, (uint16_t)(box->columns - dots), attr, text, len);
	(void)grid_put(g, row, (uint16_t)(box->column + used), dots, attr, "...", 3);
}

uint16_t flow_put(struct grid *g, const struct flow_box *box, enum grid_attr attr,
                  const char *text)
{
	size_t len = strlen(text), take, skip;
	uint16_t rows = 0, left = box->skip;

	assert(box->columns >= 1);
	do {
		uint16_t row = (uint16_t)(box->row + rows);

		text_wrap(text, len, box->columns, &take, &skip);
		if (left > 0) {
			left--;
		} else if (!box->goes_on && rows + 1 == box->rows && take + skip < len) {
			put_cut(g, box, row, attr, text, take);
			return box->rows;
		} else {
			(void)grid_put(g, row, box->column, box->columns, attr, text, take);
			rows++;
		}
		text += take + skip;
		len -= take + skip;
	} while (len > 0 && rows < box->rows);
	return rows;
}
