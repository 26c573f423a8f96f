/*
 * press.c: see press.h.
 */
#include "voter-client/kiosk/press.h"

static bool is_typing(const struct session *s)
{
	return s->over == OVER_NONE && (s->at == AT_CREDENTIAL || s->at == AT_OLD_SLIP);
}

bool press_is_select(const struct press *p, const struct session *s)
{
	if (p->kind == PRESS_ENTER)
		return true;
	return p->kind == PRESS_CHAR && !is_typing(s) && (p->c == ' ' || p->c == '2');
}

static enum press_wish event_of(struct session_event *event, enum session_event_kind kind,
                                uint32_t number)
{
	*event = (struct session_event){ .kind = kind, .number = number };
	return PRESS_EVENT;
}

static enum press_wish command(struct session_event *event, enum session_command c)
{
	return event_of(event, EV_COMMAND, c);
}

static bool is_on_menu(const struct session *s, enum session_command c)
{
	struct menu m;

	session_menu(s, &m);
	for (uint16_t i = 0; i < m.len; i++)
		if (m.item[i].command == c)
			return true;
	return false;
}

/* Esc asks whether to stop; over a message it is the harmless answer. */
static enum press_wish escape(struct session_event *event, const struct session *s)
{
	switch (s->over) {
	case OVER_NOTICE:
		return command(event, CMD_OK);
	case OVER_STOP:
		return command(event, CMD_STAY);
	case OVER_STILL:
		return command(event, CMD_STILL);
	case OVER_NONE:
		break;
	}
	if (s->at == AT_CREDENTIAL || s->at == AT_OLD_SLIP || s->at == AT_BALLOT ||
	    s->at == AT_CONTEST || s->at == AT_REVIEW || s->at == AT_OPENED)
		return command(event, CMD_STOP);
	return PRESS_NOTHING;
}

/* --- pages ----------------------------------------------------------------------------------- */

/* Reading is nothing that the session knows of, but whoever reads is there. */
static enum press_wish read_page(struct session_event *event, uint16_t *reading,
                                 const struct session *s, uint16_t page)
{
	*reading = page;
	(void)event_of(event, EV_FOCUS, session_focus(s));
	return PRESS_READ;
}

static enum press_wish page_up(struct session_event *event, uint16_t *reading,
                               const struct session *s, const struct screens_place *at)
{
	if (at->page_before != SCREENS_NOWHERE)
		return event_of(event, EV_FOCUS, at->page_before);
	if (s->over == OVER_NONE && at->reading > 0)
		return read_page(event, reading, s, (uint16_t)(at->reading - 1));
	return PRESS_NOTHING;
}

static enum press_wish page_down(struct session_event *event, uint16_t *reading,
                                 const struct session *s, const struct screens_place *at)
{
	if (at->is_reading)
		return read_page(event, reading, s, (uint16_t)(at->reading + 1));
	if (at->page_after != SCREENS_NOWHERE)
		return event_of(event, EV_FOCUS, at->page_after);
	return PRESS_NOTHING;
}

/* A page, and beyond the pages of a contest the contest before or next. */
static enum press_wish sideways(struct session_event *event, uint16_t *reading, bool forward,
                                const struct session *s, const struct screens_place *at)
{
	enum press_wish wish = forward ? page_down(event, reading, s, at) :
	                       page_up(event, reading, s, at);

	if (wish != PRESS_NOTHING || s->over != OVER_NONE || s->at != AT_CONTEST)
		return wish;
	if (forward)
		return command(event, CMD_NEXT);
	return is_on_menu(s, CMD_BACK) ? command(event, CMD_BACK) : PRESS_NOTHING;
}

/* --- one key --------------------------------------------------------------------------------- */

static enum press_wish character(struct session_event *event, char c, const struct session *s)
{
	if (is_typing(s))
		return event_of(event, EV_TYPE, (unsigned char)c);
	switch (c) {
	case '1':
		return event_of(event, EV_FOCUS_NEXT, 0);
	case '2':
	case ' ':
		return event_of(event, EV_SELECT, 0);
	case '+':
	case '=':
		return event_of(event, EV_RAISE, 0);
	case '-':
		return event_of(event, EV_LOWER, 0);
	default:   /* not an enum: every other character */
		return PRESS_NOTHING;
	}
}

/* While reading every way forward is the next page. */
static enum press_wish while_reading(struct session_event *event, uint16_t *reading,
                                     const struct press *p, const struct session *s,
                                     const struct screens_place *at)
{
	bool is_on = p->kind == PRESS_ENTER || p->kind == PRESS_DOWN || p->kind == PRESS_RIGHT ||
	             p->kind == PRESS_PAGE_DOWN ||
	             (p->kind == PRESS_CHAR && (p->c == ' ' || p->c == '1' || p->c == '2'));

	if (p->kind == PRESS_ESC)
		return escape(event, s);
	if (is_on)
		return page_down(event, reading, s, at);
	if (p->kind == PRESS_UP || p->kind == PRESS_PAGE_UP)
		return page_up(event, reading, s, at);
	if (p->kind == PRESS_LEFT)
		return sideways(event, reading, false, s, at);
	return PRESS_NOTHING;
}

enum press_wish press_meaning(struct session_event *event, uint16_t *reading,
                              const struct press *p, const struct session *s,
                              const struct screens_place *at)
{
	if (at->is_too_small || session_is_waiting(s))
		return PRESS_NOTHING;
	if (at->is_reading)
		return while_reading(event, reading, p, s, at);
	switch (p->kind) {
	case PRESS_UP:
		return event_of(event, EV_FOCUS_BEFORE, 0);
	case PRESS_DOWN:
		return event_of(event, EV_FOCUS_NEXT, 0);
	case PRESS_LEFT:
		return sideways(event, reading, false, s, at);
	case PRESS_RIGHT:
		return sideways(event, reading, true, s, at);
	case PRESS_ENTER:
		return event_of(event, EV_SELECT, 0);
	case PRESS_CHAR:
		return character(event, p->c, s);
	case PRESS_ERASE:
		return is_typing(s) ? event_of(event, EV_ERASE, 0) : PRESS_NOTHING;
	case PRESS_PAGE_UP:
		return page_up(event, reading, s, at);
	case PRESS_PAGE_DOWN:
		return page_down(event, reading, s, at);
	case PRESS_ESC:
		return escape(event, s);
	case PRESS_RESIZE:
	case PRESS_OTHER:
	case PRESS_COUNT:
		break;
	}
	return PRESS_NOTHING;
}
