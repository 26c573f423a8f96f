/*
 * screens_words.c: what the full screen says of itself: keys and pages.
 *
 * Invariant: every text has a form for 40 columns.
 */
#include "voter-client/kiosk/screens_impl.h"

#include "common/base/text.h"

#include <stdio.h>
#include <string.h>

enum { FORMS = 3 };

/* Forms of one footer, the longest first. */
struct footer {
	const char *form[FORMS];
};

static const char *fitting(const struct footer *f, uint16_t width)
{
	for (size_t i = 0; i + 1 < FORMS; i++)
		if (text_width(f->form[i], strlen(f->form[i])) <= width)
			return f->form[i];
	return f->form[FORMS - 1];
}

static const struct footer *contest_footer(const struct screen *s, bool has_pages)
{
	static const struct footer votes = { {
		"Up, Down: move    Enter: choose    Left, Right: contest before, next    Esc: stop",
		"Up/Down move  Enter choose  Left/Right contest  Esc stop",
		"Arrows move, Enter chooses, Esc stops" } };
	static const struct footer paged = { {
		"Up, Down: move    Enter: choose    Left, Right: page    Esc: stop",
		"Up/Down move  Enter choose  Left/Right page  Esc stop",
		"Arrows move, Enter chooses, Esc stops" } };
	static const struct footer points = { {
		"Up, Down: move    + and -: give, take a point    Left, Right: contest    Esc: stop",
		"Up/Down move  + - points  Left/Right contest  Esc stop",
		"Arrows move, + - points, Esc stops" } };

	if (s->items_len > 0 && s->item[0].has_points)
		return &points;
	return has_pages ? &paged : &votes;
}

static const struct footer *footer_of(const struct screen *s, bool has_pages)
{
	static const struct footer none = { { "", "", "" } };
	static const struct footer code = { {
		"Type the code, then press Enter    Backspace: correct    Esc: begin again",
		"Type the code, then Enter    Backspace: correct",
		"Type the code, then press Enter" } };
	static const struct footer one = { { "Press Enter", "Press Enter", "Press Enter" } };
	static const struct footer menu = { {
		"Up, Down: move    Enter: choose", "Up, Down: move    Enter: choose",
		"Up, Down: move   Enter: choose" } };
	static const struct footer review = { {
		"Up, Down: move    Enter: change this contest, or choose    Esc: stop",
		"Up/Down move  Enter change or choose  Esc stop",
		"Arrows move, Enter chooses, Esc stops" } };

	if (s->items_len == 0)
		return &none;
	if (s->over == OVER_NONE && s->at == AT_CONTEST)
		return contest_footer(s, has_pages);
	if (s->over == OVER_NONE && s->at == AT_REVIEW)
		return &review;
	if (s->field != NULL)
		return &code;
	return s->items_len == 1 ? &one : &menu;
}

const char *words_footer(const struct screen *s, bool is_reading, bool has_pages, uint16_t width)
{
	static const struct footer reading = { {
		"Enter: read on    Page Up: back    Esc: stop", "Enter: read on    Page Up: back",
		"Enter: read on   Page Up: back" } };

	return fitting(is_reading ? &reading : footer_of(s, has_pages), width);
}

const char *words_too_small(void)
{
	return "This window is too small to vote in. It must have 40 columns and 12 rows.";
}

/* How many items of the screen, before `end`, are of this kind. */
static unsigned int count(const struct screen *s, enum menu_kind kind, uint16_t end)
{
	unsigned int n = 0;

	for (uint16_t i = 0; i < end; i++)
		n += s->item[i].kind == kind;
	return n;
}

void words_range(char out[static LAYOUT_MARKER_BYTES], const struct screen *s,
                 const struct screens_place *at)
{
	enum menu_kind kind = s->at == AT_REVIEW ? MENU_CONTEST : MENU_OPTION;
	unsigned int before = count(s, kind, at->first), until = count(s, kind, at->last);
	unsigned int all = count(s, kind, s->items_len);

	if (until > before)
		(void)snprintf(out, LAYOUT_MARKER_BYTES, "%s %u-%u of %u",
		               kind == MENU_CONTEST ? "Contests" : "Choices", before + 1, until, all);
	else
		(void)snprintf(out, LAYOUT_MARKER_BYTES, "End of the list");
}

void words_marker(char out[static LAYOUT_MARKER_BYTES], const struct screen *s,
                  const struct screens_place *at, bool has_range, bool above, bool below,
                  uint16_t width)
{
	static const struct { const char *above, *below, *both, *between; } form[] = {
		{ "More above: Page Up", "More below: Page Down",
		  "More above: Page Up    More below: Page Down", "    " },
		{ "More above", "More below", "More above and below", ". " },
		{ "more above", "more below", "more both ways", ", " },
	};
	char range[LAYOUT_MARKER_BYTES] = "";

	if (has_range)
		words_range(range, s, at);
	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		const char *more = above && below ? form[i].both : above ? form[i].above :
		                   below ? form[i].below : "";

		(void)snprintf(out, LAYOUT_MARKER_BYTES, "%s%s%s", range,
		               range[0] != '\0' && more[0] != '\0' ? form[i].between : "", more);
		if (text_width(out, strlen(out)) <= width)
			return;
	}
}

void words_read_on(char out[static LAYOUT_MARKER_BYTES], const struct screens_place *at)
{
	(void)snprintf(out, LAYOUT_MARKER_BYTES, "Read on (page %u of %u)", at->reading + 1u,
	               at->reading_pages);
}
