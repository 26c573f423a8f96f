/*
 * session_menu.c: what can be focused on each screen, in order: see session.h.
 *
 * Invariant: a menu is empty only where the session waits for the shell or is out of service.
 */
#include "voter-client/kiosk/session.h"

#include <assert.h>

static void add(struct menu *m, enum menu_kind kind, uint16_t slot, enum session_command command)
{
	assert(m->len < SESSION_MENU_MAX);
	m->item[m->len++] = (struct menu_item){ .kind = kind, .slot = slot, .command = command };
}

static void add_command(struct menu *m, enum session_command command)
{
	add(m, MENU_COMMAND, 0, command);
}

static void contest_menu(const struct session *s, struct menu *out)
{
	const struct manifest_contest *c = votes_contest(s, s->place);

	for (uint16_t i = 0; i < c->options_len; i++)
		add(out, MENU_OPTION, i, CMD_NONE);
	if (c->blank)
		add(out, MENU_BLANK, 0, CMD_NONE);
	add_command(out, s->from_review ? CMD_REVIEW : CMD_NEXT);
	if (!s->from_review && s->place > 0)
		add_command(out, CMD_BACK);
}

static void review_menu(const struct session *s, struct menu *out)
{
	for (uint16_t p = 0; p < votes_places(s); p++)
		add(out, MENU_CONTEST, p, CMD_NONE);
	add_command(out, CMD_LOCK);
	add_command(out, CMD_STOP);
}

static void base_menu(const struct session *s, struct menu *out)
{
	switch (s->at) {
	case AT_OUT:
	case AT_LOOKUP:
	case AT_OLD_CHECK:
	case AT_LOCKING:
	case AT_CASTING:
	case AT_TESTING:
	case AT_COUNT:
		break;
	case AT_CREDENTIAL:
		add(out, MENU_FIELD, 0, CMD_SUBMIT);
		break;
	case AT_OLD_SLIP:
		add(out, MENU_FIELD, 0, CMD_SUBMIT);
		add_command(out, CMD_STOP);
		break;
	case AT_BALLOT:
		add_command(out, CMD_YES);
		add_command(out, CMD_NO);
		break;
	case AT_CONTEST:
		contest_menu(s, out);
		break;
	case AT_REVIEW:
		review_menu(s, out);
		break;
	case AT_DECIDE:
		add_command(out, CMD_CAST);
		add_command(out, CMD_TEST);
		break;
	case AT_OPENED:
		if (!s->no_tests_left)
			add_command(out, CMD_AGAIN);
		add_command(out, CMD_STOP);
		break;
	case AT_END:
		add_command(out, CMD_DONE);
		break;
	}
}

void session_menu(const struct session *s, struct menu *out)
{
	out->len = 0;
	switch (s->over) {
	case OVER_NONE:
		base_menu(s, out);
		break;
	case OVER_NOTICE:
		add_command(out, CMD_OK);
		break;
	case OVER_STOP:
		add_command(out, CMD_STAY);
		add_command(out, CMD_LEAVE);
		break;
	case OVER_STILL:
		add_command(out, CMD_STILL);
		break;
	}
}

uint16_t session_focus(const struct session *s)
{
	return s->over == OVER_NONE ? s->focus : s->over_focus;
}
