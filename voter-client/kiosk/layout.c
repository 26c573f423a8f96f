/*
 * layout.c: where everything on a screen goes: see screens_impl.h.
 *
 * The plan is made in two attempts: all the text above the items, on each page; or, when that
 * leaves too little room, the text to be read first and a short head above the items.
 *
 * Invariant: the page of an item depends on the texts and the size, not on the focus, and not on
 * what is chosen (but for the notes of a review).
 */
#include "voter-client/kiosk/screens_impl.h"

#include "common/base/text.h"

#include <assert.h>
#include <string.h>

enum {
	FOOTER_ROWS = 1,
	AREA_LEAST = 3,       /* rows for items, or the text must be read first */
	POINTS_COLUMNS = 6,   /* "[ 12] " */
	POINTS_WIDE = 10      /* "[1000000] " */
};

/* --- items ----------------------------------------------------------------------------------- */

static bool has_wide_points(const struct screen *s)
{
	for (uint16_t i = 0; i < s->items_len; i++)
		if (s->item[i].has_points && s->item[i].points > 999)
			return true;
	return false;
}

uint16_t layout_indent(const struct screen *s, const struct screen_item *item)
{
	if (item->has_points)
		return has_wide_points(s) ? 2 + POINTS_WIDE : 2 + POINTS_COLUMNS;
	switch (item->kind) {
	case MENU_OPTION:
	case MENU_BLANK:
		return 6;    /* "> [x] " */
	case MENU_CONTEST:
		return 3;    /* ">! " */
	case MENU_COMMAND:
	case MENU_FIELD:
		break;
	}
	return 2;
}

uint16_t layout_item_rows(const struct screen *s, const struct screen_item *item, uint16_t width)
{
	uint16_t columns = (uint16_t)(width - layout_indent(s, item));
	uint16_t rows;

	if (item->kind == MENU_FIELD)
		return 1;
	rows = flow_rows(item->text, columns);
	if (item->detail != NULL)
		rows = (uint16_t)(rows + flow_rows(item->detail, columns));
	return rows;
}

static bool is_choice(const struct screen_item *item)
{
	return item->kind == MENU_OPTION || item->kind == MENU_BLANK || item->kind == MENU_CONTEST;
}

uint16_t layout_gap(const struct layout *l, uint16_t item)
{
	const struct screen_item *it = l->s->item;

	if (l->gap == 0 && item > 0 && is_choice(&it[item - 1]) && !is_choice(&it[item]))
		return 1;    /* what to do stands apart from what to choose */
	return l->gap;
}

uint16_t layout_page_rows(const struct layout *l, uint16_t item)
{
	uint16_t rows = l->item_rows[item];

	if (rows < l->least && is_choice(&l->s->item[item]))
		rows = l->least;
	return rows < l->area ? rows : l->area;
}

/* --- pages of items -------------------------------------------------------------------------- */

static void make_pages(struct layout *l)
{
	uint32_t used = 0;

	l->pages = 0;
	l->first[0] = 0;
	for (uint16_t i = 0; i < l->s->items_len; i++) {
		uint32_t rows = layout_page_rows(l, i);
		uint32_t with_gap = rows + (used == 0 ? 0 : layout_gap(l, i));

		if (used + with_gap > l->area) {
			l->first[++l->pages] = i;
			used = rows;
		} else {
			used += with_gap;
		}
	}
	l->first[++l->pages] = l->s->items_len;
}

/* All items on one page, as airy as can be.  false: they do not fit. */
static bool make_one_page(struct layout *l, uint16_t area)
{
	static const struct { uint16_t gap, least; } air[] = { { 1, 2 }, { 1, 1 }, { 0, 1 } };

	l->marker_rows = 0;
	l->chosen_rows = 0;
	for (size_t k = 0; k < sizeof(air) / sizeof(air[0]); k++) {
		uint32_t sum = 0;

		l->gap = air[k].gap;
		l->least = air[k].least;
		l->area = UINT16_MAX;
		for (uint16_t i = 0; i < l->s->items_len; i++)
			sum += layout_page_rows(l, i) + (i == 0 ? 0u : layout_gap(l, i));
		if (sum <= area) {
			l->area = area;
			make_pages(l);
			return true;
		}
	}
	return false;
}

static uint16_t tallest(const struct layout *l)
{
	uint16_t most = 1;

	for (uint16_t i = 0; i < l->s->items_len; i++)
		most = l->item_rows[i] > most ? l->item_rows[i] : most;
	return most;
}

/* Names are long, and who pages must see what was chosen elsewhere. */
static uint16_t chosen_rows(const struct layout *l, uint16_t area)
{
	if (l->s->at != AT_CONTEST)
		return 0;
	if (area >= 24)
		return 3;
	return area >= 8 ? 2 : 1;
}

/* Several pages.  must: items that are taller than a page are cut.  false: there is no room. */
static bool make_many_pages(struct layout *l, uint16_t area, bool must)
{
	bool is_tall = l->rows >= LAYOUT_TALL;
	uint16_t used;

	l->marker_rows = is_tall ? 2 : 1;
	l->chosen_rows = chosen_rows(l, area);
	l->gap = is_tall ? 1 : 0;
	l->least = 1;
	used = (uint16_t)(l->marker_rows + l->chosen_rows);
	if (area < used + AREA_LEAST)
		return false;
	l->area = (uint16_t)(area - used);
	if (!must && tallest(l) > l->area)
		return false;
	make_pages(l);
	return true;
}

uint16_t layout_page_of(const struct layout *l, uint16_t item)
{
	uint16_t p = 0;

	while (p + 1 < l->pages && l->first[p + 1] <= item)
		p++;
	return p;
}

/* --- the head -------------------------------------------------------------------------------- */

enum grid_attr layout_attr(enum line_role role)
{
	switch (role) {
	case LINE_PLAIN:
	case LINE_CHOSEN:
		break;
	case LINE_STRONG:
	case LINE_NUMBER:
		return GRID_STRONG;
	case LINE_WARN:
		return GRID_WARN;
	}
	return GRID_NORMAL;
}

uint16_t layout_para_rows(const struct layout *l, const struct para *p)
{
	uint16_t rows = p->beside != NULL ? 1 : flow_rows(p->text, l->width);

	return p->rows_max != 0 && rows > p->rows_max ? p->rows_max : rows;
}

static void add_head(struct layout *l, struct para p)
{
	assert(l->head_len < LAYOUT_PARAS_MAX);
	l->head[l->head_len++] = p;
	l->head_rows = (uint16_t)(l->head_rows + layout_para_rows(l, &p));
}

static bool fit_one_row(const struct layout *l, const char *a, const char *b)
{
	return text_width(a, strlen(a)) + 2 + text_width(b, strlen(b)) <= l->width;
}

static void add_lines(struct layout *l, uint16_t from)
{
	const struct screen *s = l->s;

	for (uint16_t i = from; i < s->lines_len; i++) {
		struct para p = { .text = s->line[i].text, .attr = layout_attr(s->line[i].role) };

		if (s->line[i].role == LINE_CHOSEN)
			continue;
		/* The rule and what is left of it. */
		if (s->at == AT_CONTEST && s->over == OVER_NONE && i == 0 && s->lines_len > 1 &&
		    fit_one_row(l, p.text, s->line[1].text)) {
			p.beside = s->line[1].text;
			i++;
		}
		add_head(l, p);
	}
}

static void add_top(struct layout *l, uint16_t title_rows)
{
	const struct screen *s = l->s;

	if (s->banner != NULL)
		add_head(l, (struct para){ .text = s->banner, .attr = GRID_WARN, .rows_max = 1 });
	if (s->progress != NULL)
		add_head(l, (struct para){ .text = s->progress, .attr = GRID_NORMAL, .rows_max = 1 });
	add_head(l, (struct para){ .text = s->title, .attr = GRID_TITLE, .rows_max = title_rows });
}

static void full_head(struct layout *l)
{
	add_top(l, 0);
	if (l->rows >= LAYOUT_TALL && l->s->lines_len > 0)
		add_head(l, (struct para){ .text = "", .attr = GRID_NORMAL });
	add_lines(l, 0);
}

/* The first of the last lines that together take few rows. */
static uint16_t few_lines(const struct layout *l)
{
	uint32_t rows = 0;
	uint16_t i = l->s->lines_len;

	while (i > 0) {
		const struct screen_line *line = &l->s->line[i - 1];

		if (line->role != LINE_CHOSEN)
			rows += flow_rows(line->text, l->width);
		if (rows > l->rows / 4u)
			break;
		i--;
	}
	return i;
}

static void short_head(struct layout *l)
{
	add_top(l, 1);
	add_lines(l, few_lines(l));
}

/* --- what is read first ---------------------------------------------------------------------- */

static void add_doc(struct layout *l, const char *text, enum grid_attr attr)
{
	assert(l->doc_len < LAYOUT_PARAS_MAX);
	l->doc[l->doc_len++] = (struct para){ .text = text, .attr = attr };
}

static void make_doc(struct layout *l)
{
	const struct screen *s = l->s;
	uint16_t top = (uint16_t)((s->banner != NULL) + (s->progress != NULL));
	uint32_t rows = 0;

	add_doc(l, s->title, GRID_TITLE);
	for (uint16_t i = 0; i < s->lines_len; i++)
		if (s->line[i].role != LINE_CHOSEN)
			add_doc(l, s->line[i].text, layout_attr(s->line[i].role));
	for (uint16_t i = 0; i < s->items_len; i++) {
		if (l->item_rows[i] <= l->area)
			continue;
		add_doc(l, "", GRID_NORMAL);
		add_doc(l, s->item[i].text, GRID_STRONG);
		if (s->item[i].detail != NULL)
			add_doc(l, s->item[i].detail, GRID_NORMAL);
	}
	for (uint16_t i = 0; i < l->doc_len; i++)
		rows += layout_para_rows(l, &l->doc[i]);
	/* A blank row and "More" below the text. */
	l->doc_area = (uint16_t)(l->rows - FOOTER_ROWS - top - 2);
	l->doc_pages = (uint16_t)((rows + l->doc_area - 1) / l->doc_area);
}

/* --- the plan -------------------------------------------------------------------------------- */

/* Rows below the head and above the footer. */
static uint16_t area_below(struct layout *l)
{
	uint32_t used = (uint32_t)l->head_rows + FOOTER_ROWS;

	l->air = l->rows >= 16 ? 1 : 0;
	used += l->air;
	return used < l->rows ? (uint16_t)(l->rows - used) : 0;
}

static void start(struct layout *l, bool has_reading)
{
	l->has_reading = has_reading;
	l->head_len = 0;
	l->head_rows = 0;
	if (has_reading)
		short_head(l);
	else
		full_head(l);
}

static bool has_plan(struct layout *l, bool has_reading)
{
	uint16_t area;

	start(l, has_reading);
	area = area_below(l);
	return make_one_page(l, area) || make_many_pages(l, area, has_reading);
}

void layout_plan(struct layout *l, const struct screen *s, uint16_t columns, uint16_t rows)
{
	bool is_planned;

	l->s = s;
	l->rows = rows;
	l->margin = columns >= LAYOUT_WIDE ? 2 : 0;
	l->width = (uint16_t)(columns - 2 * l->margin);
	l->width = l->width < LAYOUT_WIDTH_MAX ? l->width : LAYOUT_WIDTH_MAX;
	l->doc_len = 0;
	l->doc_pages = 0;
	for (uint16_t i = 0; i < s->items_len; i++)
		l->item_rows[i] = layout_item_rows(s, &s->item[i], l->width);
	if (has_plan(l, false))
		return;
	is_planned = has_plan(l, true);
	assert(is_planned);
	(void)is_planned;
	make_doc(l);
}
