/*
 * screens.c: screens drawn: see screens.h.
 *
 * Invariant: draws where layout_plan says; on every grid of at least 40x12 nothing is drawn over
 * anything else.
 */
#include "voter-client/kiosk/screens_impl.h"

#include "crypto/mem.h"

#include <string.h>

struct drawing {
	struct grid *g;
	struct layout l;
	struct screens_place *at;
	bool is_covered;
	uint16_t row;             /* the next to draw on */
};

static void put_row(struct drawing *d, uint16_t row, enum grid_attr attr, const char *text)
{
	(void)grid_put(d->g, row, d->l.margin, d->l.width, attr, text, strlen(text));
}

/* Draw what `rows` rows can hold of a paragraph, from its row `skip` on. */
static void draw_para(struct drawing *d, const struct para *p, uint16_t skip, uint16_t rows)
{
	const struct flow_box box = { .row = d->row, .column = d->l.margin, .columns = d->l.width,
	                              .rows = rows, .skip = skip };
	uint16_t used;

	if (p->beside == NULL) {
		d->row = (uint16_t)(d->row + flow_put(d->g, &box, p->attr, p->text));
		return;
	}
	used = grid_put(d->g, d->row, d->l.margin, d->l.width, p->attr, p->text, strlen(p->text));
	(void)grid_put(d->g, d->row, (uint16_t)(d->l.margin + used + 2), d->l.width, GRID_STRONG,
	               p->beside, strlen(p->beside));
	d->row++;
}

static void set_cursor(struct drawing *d, uint16_t row, uint16_t column)
{
	d->at->has_cursor = !d->is_covered;
	d->at->row = row;
	d->at->column = column < d->g->columns ? column : (uint16_t)(d->g->columns - 1);
}

static void draw_footer(struct drawing *d, bool has_pages)
{
	put_row(d, (uint16_t)(d->g->rows - 1), GRID_NORMAL,
	        words_footer(d->l.s, d->at->is_reading, has_pages, d->l.width));
}

/* --- reading --------------------------------------------------------------------------------- */

static void draw_doc_page(struct drawing *d, uint16_t page)
{
	uint32_t skip = (uint32_t)page * d->l.doc_area;
	uint16_t end = (uint16_t)(d->row + d->l.doc_area);

	for (uint16_t i = 0; i < d->l.doc_len && d->row < end; i++) {
		uint16_t rows = layout_para_rows(&d->l, &d->l.doc[i]);
		struct flow_box box = { .row = d->row, .column = d->l.margin, .columns = d->l.width,
		                        .rows = (uint16_t)(end - d->row), .skip = (uint16_t)skip,
		                        .goes_on = true };

		if (skip >= rows) {
			skip -= rows;
			continue;
		}
		d->row = (uint16_t)(d->row + flow_put(d->g, &box, d->l.doc[i].attr, d->l.doc[i].text));
		skip = 0;
	}
}

static void draw_reading(struct drawing *d, uint16_t page)
{
	uint16_t more = (uint16_t)(d->g->rows - 2);
	char text[LAYOUT_MARKER_BYTES];

	d->at->is_reading = true;
	d->at->reading = page;
	for (uint16_t i = 0; d->l.head[i].attr != GRID_TITLE; i++)   /* banner and progress */
		draw_para(d, &d->l.head[i], 0, 1);
	draw_doc_page(d, page);
	words_read_on(text, d->at);
	if (!d->is_covered) {
		grid_fill(d->g, more, d->l.margin, 1, d->l.width, GRID_FOCUS);
		(void)grid_put(d->g, more, d->l.margin, 2, GRID_FOCUS, "> ", 2);
	}
	(void)grid_put(d->g, more, (uint16_t)(d->l.margin + 2), (uint16_t)(d->l.width - 2),
	               d->is_covered ? GRID_NORMAL : GRID_FOCUS, text, strlen(text));
	set_cursor(d, more, d->l.margin);
	draw_footer(d, false);
}

/* --- items ----------------------------------------------------------------------------------- */

/* "You chose: Ann; Ben": the names of a line of role LINE_CHOSEN on few rows. */
static void draw_chosen(struct drawing *d)
{
	struct flow_box box = { .row = d->row, .column = d->l.margin, .columns = d->l.width,
	                        .rows = d->l.chosen_rows };
	char text[LAYOUT_CHOSEN_BYTES];
	size_t len = 0;
	bool is_first = true;

	for (uint16_t i = 0; i < d->l.s->lines_len; i++) {
		const char *from = d->l.s->line[i].text;

		if (d->l.s->line[i].role != LINE_CHOSEN)
			continue;
		for (; *from != '\0' && len + 2 < sizeof(text); from++) {
			if (*from == '\n' && !is_first)
				text[len++] = ';';
			is_first = is_first && *from != '\n';
			text[len++] = *from == '\n' ? ' ' : *from;
		}
	}
	text[len] = '\0';
	(void)flow_put(d->g, &box, GRID_NORMAL, text);
	mem_wipe(text, sizeof(text));
	d->row = (uint16_t)(d->row + d->l.chosen_rows);
}

static void draw_page_items(struct drawing *d)
{
	const struct layout *l = &d->l;
	uint16_t top = d->row;

	for (uint16_t i = d->at->first; i < d->at->last; i++) {
		struct item_box box = { .column = l->margin, .width = l->width,
		                        .is_focus = i == l->s->focus && !d->is_covered };
		uint16_t row, column;

		if (i > d->at->first)
			d->row = (uint16_t)(d->row + layout_gap(l, i));
		box.row = d->row;
		box.rows = layout_page_rows(l, i);
		draw_item(d->g, &box, l->s, &l->s->item[i], &row, &column);
		if (i == l->s->focus)
			set_cursor(d, row, column);
		d->row = (uint16_t)(d->row + box.rows);
	}
	d->row = (uint16_t)(top + l->area);
}

static void draw_markers(struct drawing *d, bool is_top)
{
	bool two = d->l.marker_rows == 2;
	char text[LAYOUT_MARKER_BYTES];

	if (d->l.marker_rows == 0 || (is_top && !two))
		return;
	words_marker(text, d->l.s, d->at, is_top || !two,
	             d->at->page_before != SCREENS_NOWHERE && (is_top || !two),
	             d->at->page_after != SCREENS_NOWHERE && !is_top, d->l.width);
	put_row(d, d->row, GRID_STRONG, text);
	d->row++;
}

static void find_page(struct drawing *d)
{
	const struct layout *l = &d->l;
	uint16_t page = layout_page_of(l, l->s->focus);

	d->at->first = l->first[page];
	d->at->last = l->first[page + 1];
	d->at->page_before = page == 0 ? SCREENS_NOWHERE : l->first[page - 1];
	d->at->page_after = page + 1 >= l->pages ? SCREENS_NOWHERE : l->first[page + 1];
}

static void draw_items(struct drawing *d)
{
	const struct layout *l = &d->l;

	find_page(d);
	set_cursor(d, 0, l->margin);      /* of a screen on which nothing can be done */
	for (uint16_t i = 0; i < l->head_len; i++) {
		uint16_t rows = layout_para_rows(l, &l->head[i]);

		if (l->head[i].attr == GRID_TITLE)
			set_cursor(d, d->row, l->margin);
		draw_para(d, &l->head[i], 0, rows);
	}
	if (l->chosen_rows > 0)
		draw_chosen(d);
	d->row = (uint16_t)(d->row + l->air);
	draw_markers(d, true);
	draw_page_items(d);
	draw_markers(d, false);
	draw_footer(d, l->pages > 1);
}

/* --- the whole screen ------------------------------------------------------------------------ */

static void draw_too_small(struct grid *g, struct screens_place *out)
{
	const struct flow_box box = { .columns = g->columns, .rows = g->rows };

	out->is_too_small = true;
	if (g->columns > 0 && g->rows > 0)
		(void)flow_put(g, &box, GRID_NORMAL, words_too_small());
}

void screens_draw(struct grid *g, struct screens_place *out, const struct screen *s,
                  uint16_t columns, uint16_t rows, uint16_t reading, bool is_covered)
{
	struct drawing d = { .g = g, .at = out, .is_covered = is_covered };

	grid_clear(g, columns, rows);
	*out = (struct screens_place){ .page_before = SCREENS_NOWHERE, .page_after = SCREENS_NOWHERE };
	if (g->columns < GRID_COLUMNS_MIN || g->rows < GRID_ROWS_MIN) {
		draw_too_small(g, out);
		return;
	}
	layout_plan(&d.l, s, g->columns, g->rows);
	out->reading_pages = d.l.doc_pages;
	if (reading < d.l.doc_pages) {
		draw_reading(&d, reading);
		return;
	}
	out->reading = d.l.doc_pages;
	draw_items(&d);
}

/* --- a message over it ----------------------------------------------------------------------- */

enum { BOX_WIDTH_MAX = 60, BOX_EDGE = 2 };

struct overlay {
	uint16_t row, column, rows, columns;   /* of the box, with its edge */
	uint16_t width;                        /* of what is in it */
	uint16_t air;                          /* rows between its parts */
};

static uint16_t overlay_rows(const struct screen *s, uint16_t width, uint16_t air)
{
	uint32_t rows = flow_rows(s->title, width) + air;

	for (uint16_t i = 0; i < s->lines_len; i++)
		rows += flow_rows(s->line[i].text, width);
	for (uint16_t i = 0; i < s->items_len; i++)
		rows += air + layout_item_rows(s, &s->item[i], width);
	return rows < UINT16_MAX ? (uint16_t)rows : UINT16_MAX;
}

static bool plan_overlay(struct overlay *m, const struct grid *g, const struct screen *s)
{
	uint16_t columns = (uint16_t)(g->columns - 2 < BOX_WIDTH_MAX ? g->columns - 2 : BOX_WIDTH_MAX);
	uint16_t width = (uint16_t)(columns - 2 * BOX_EDGE), most = (uint16_t)(g->rows - 1);
	uint16_t air = 1, rows = overlay_rows(s, width, 1);

	if (rows + BOX_EDGE > most) {
		air = 0;
		rows = overlay_rows(s, width, 0);
	}
	if (rows + BOX_EDGE > most)
		return false;
	*m = (struct overlay){ .rows = (uint16_t)(rows + BOX_EDGE), .columns = columns, .width = width,
	                       .air = air };
	m->row = (uint16_t)((most - m->rows) / 2);
	m->column = (uint16_t)((g->columns - m->columns) / 2);
	return true;
}

static void draw_edge(struct grid *g, const struct overlay *m)
{
	uint16_t right = (uint16_t)(m->column + m->columns - 1);
	uint16_t bottom = (uint16_t)(m->row + m->rows - 1);

	grid_fill(g, m->row, m->column, m->rows, m->columns, GRID_NORMAL);
	for (uint16_t c = m->column; c <= right; c++) {
		const char *edge = c == m->column || c == right ? "+" : "-";

		(void)grid_put(g, m->row, c, 1, GRID_NORMAL, edge, 1);
		(void)grid_put(g, bottom, c, 1, GRID_NORMAL, edge, 1);
	}
	for (uint16_t r = (uint16_t)(m->row + 1); r < bottom; r++) {
		(void)grid_put(g, r, m->column, 1, GRID_NORMAL, "|", 1);
		(void)grid_put(g, r, right, 1, GRID_NORMAL, "|", 1);
	}
}

static void draw_overlay(struct grid *g, struct screens_place *out, const struct overlay *m,
                         const struct screen *s)
{
	struct flow_box box = { .row = (uint16_t)(m->row + 1),
	                        .column = (uint16_t)(m->column + BOX_EDGE),
	                        .columns = m->width, .rows = UINT16_MAX };

	box.row = (uint16_t)(box.row + flow_put(g, &box, GRID_TITLE, s->title) + m->air);
	for (uint16_t i = 0; i < s->lines_len; i++)
		box.row = (uint16_t)(box.row + flow_put(g, &box, layout_attr(s->line[i].role),
		                                        s->line[i].text));
	for (uint16_t i = 0; i < s->items_len; i++) {
		struct item_box item = { .row = (uint16_t)(box.row + m->air), .column = box.column,
		                         .width = m->width, .is_focus = i == s->focus,
		                         .rows = layout_item_rows(s, &s->item[i], m->width) };
		uint16_t row, column;

		draw_item(g, &item, s, &s->item[i], &row, &column);
		if (item.is_focus) {
			out->row = row;
			out->column = column;
		}
		box.row = (uint16_t)(item.row + item.rows);
	}
}

bool screens_box(struct grid *g, struct screens_place *out, const struct screen *s)
{
	struct overlay m;

	if (out->is_too_small || !plan_overlay(&m, g, s))
		return false;
	draw_edge(g, &m);
	*out = (struct screens_place){ .has_cursor = true, .first = 0, .last = s->items_len,
	                               .reading = out->reading, .reading_pages = out->reading_pages,
	                               .page_before = SCREENS_NOWHERE,
	                               .page_after = SCREENS_NOWHERE };
	draw_overlay(g, out, &m, s);
	/* The keys of what lies below do nothing now. */
	grid_fill(g, (uint16_t)(g->rows - 1), 0, 1, g->columns, GRID_NORMAL);
	(void)grid_put(g, (uint16_t)(g->rows - 1), g->columns >= LAYOUT_WIDE ? 2 : 0, g->columns,
	               GRID_NORMAL, words_footer(s, false, false, g->columns),
	               strlen(words_footer(s, false, false, g->columns)));
	return true;
}
