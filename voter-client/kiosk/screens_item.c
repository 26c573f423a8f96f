/*
 * screens_item.c: one thing that can be focused, drawn: see screens_impl.h.
 *
 * Invariant: the focus is shown three times: by the cursor, by ">" and by its attribute; what is
 * chosen is shown by "[x]", never by an attribute alone.
 */
#include "voter-client/kiosk/screens_impl.h"

#include "common/base/text.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <string.h>

enum { FIELD_BYTES = 2 * SESSION_TYPED_MAX + 8 };

static void put(struct grid *g, uint16_t row, uint16_t column, enum grid_attr attr,
                const char *text)
{
	(void)grid_put(g, row, column, GRID_COLUMNS_MAX, attr, text, strlen(text));
}

static enum grid_attr base_attr(const struct item_box *box, const struct screen_item *item)
{
	if (box->is_focus)
		return GRID_FOCUS;
	return item->is_primary ? GRID_STRONG : GRID_NORMAL;
}

static void draw_mark(struct grid *g, const struct item_box *box, const struct screen *s,
                      const struct screen_item *item)
{
	enum grid_attr attr = base_attr(box, item);
	int columns = layout_indent(s, item) - 5;
	char mark[24];

	if (box->is_focus)
		put(g, box->row, box->column, attr, ">");
	if (item->has_points) {
		(void)snprintf(mark, sizeof(mark), "[%*u]", columns, item->points);
		put(g, box->row, (uint16_t)(box->column + 2), attr, mark);
	} else if (item->kind == MENU_OPTION || item->kind == MENU_BLANK) {
		put(g, box->row, (uint16_t)(box->column + 2), attr, item->is_marked ? "[x]" : "[ ]");
	} else if (item->kind == MENU_CONTEST && item->is_flagged) {
		put(g, box->row, (uint16_t)(box->column + 1), attr, "!");
	}
}

/* A code in groups of four, as it is on the card.  Returns its length. */
static size_t group(char out[static FIELD_BYTES], const char *typed)
{
	size_t len = 0, count = 0;

	for (; *typed != '\0' && len + 2 < FIELD_BYTES; typed++) {
		char c = *typed;

		if (c == '-' || c == ' ')
			continue;
		if (count > 0 && count % 4 == 0)
			out[len++] = '-';
		out[len++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
		count++;
	}
	out[len] = '\0';
	return len;
}

/* The end of what was typed is always seen, and the cursor stands behind it. */
static uint16_t draw_field(struct grid *g, const struct item_box *box, const struct screen *s,
                           const struct screen_item *item)
{
	uint16_t at = (uint16_t)(box->column + 2), end = (uint16_t)(box->column + box->width - 1);
	char typed[FIELD_BYTES];
	size_t len = group(typed, s->field == NULL ? "" : s->field), room;

	at = (uint16_t)(at + grid_put(g, box->row, at, box->width, base_attr(box, item), item->text,
	                              strlen(item->text)));
	put(g, box->row, at, base_attr(box, item), ": ");
	at = (uint16_t)(at + 2);
	room = at < end ? (size_t)(end - at) : 0;
	if (len > room)
		(void)grid_put(g, box->row, at, (uint16_t)room, base_attr(box, item), typed + len - room,
		               room);
	else
		put(g, box->row, at, base_attr(box, item), typed);
	mem_wipe(typed, sizeof(typed));
	return (uint16_t)(at + (len < room ? len : room));
}

static void draw_texts(struct grid *g, const struct item_box *box, const struct screen *s,
                       const struct screen_item *item)
{
	uint16_t indent = layout_indent(s, item);
	struct flow_box where = { .row = box->row, .column = (uint16_t)(box->column + indent),
	                          .columns = (uint16_t)(box->width - indent), .rows = box->rows };
	enum grid_attr attr = base_attr(box, item);
	uint16_t detail = 0, used;

	if (item->detail != NULL) {
		detail = flow_rows(item->detail, where.columns);
		detail = detail < box->rows / 2 ? detail : (uint16_t)(box->rows / 2);
		where.rows = (uint16_t)(box->rows - detail);
		attr = attr == GRID_NORMAL ? GRID_STRONG : attr;
	}
	used = flow_put(g, &where, attr, item->text);
	if (item->detail == NULL || used == box->rows)
		return;
	where.row = (uint16_t)(where.row + used);
	where.rows = (uint16_t)(box->rows - used);
	(void)flow_put(g, &where, box->is_focus ? GRID_FOCUS : GRID_NORMAL, item->detail);
}

void draw_item(struct grid *g, const struct item_box *box, const struct screen *s,
               const struct screen_item *item, uint16_t *row, uint16_t *column)
{
	*row = box->row;
	*column = box->column;
	grid_fill(g, box->row, box->column, box->rows, box->width, base_attr(box, item));
	if (item->kind == MENU_FIELD) {
		if (box->is_focus)
			put(g, box->row, box->column, GRID_FOCUS, ">");
		*column = draw_field(g, box, s, item);
		return;
	}
	draw_mark(g, box, s, item);
	draw_texts(g, box, s, item);
}
