/*
 * screen.c: screens put together from a session: see screen.h.
 */
#include "voter-client/kiosk/screen.h"

#include "crypto/mem.h"
#include "voter-client/kiosk/screen_impl.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *screen_print(struct screen *s, const char *format, ...)
{
	char *at = s->text + s->text_len;
	size_t room = sizeof(s->text) - s->text_len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(at, room, format, ap);
	va_end(ap);
	assert(n >= 0);
	assert((size_t)n < room);
	s->text_len += (size_t)n + 1;
	return at;
}

void screen_say(struct screen *s, enum line_role role, const char *text)
{
	assert(s->lines_len < SCREEN_LINES_MAX);
	s->line[s->lines_len++] = (struct screen_line){ .role = role, .text = text };
}

const char *screen_text(const struct session *s, const struct manifest_text *t)
{
	return t->in[s->c.language];
}

/* Append to the text that ends where the screen's memory is used up to. */
static void append(struct screen *s, const char *separator, const char *text)
{
	s->text_len--;   /* over the NUL */
	(void)screen_print(s, "%s%s", separator, text);
}

const char *screen_choices(struct screen *out, const struct session *s, uint16_t place,
                           const uint32_t *value)
{
	const struct manifest_contest *c = votes_contest(s, place);
	const uint32_t *option = value + (c->blank ? 1 : 0);
	const char *text = screen_print(out, "%s", "");
	char points[32];

	for (uint16_t i = 0; i < c->options_len; i++) {
		if (option[i] == 0)
			continue;
		append(out, text[0] == '\0' ? "" : "\n", screen_text(s, &c->options[i].name));
		if (c->type == CONTEST_SCORE) {
			(void)snprintf(points, sizeof(points), ": %u", option[i]);
			append(out, "", points);
		}
	}
	if (c->blank && value[0] != 0)
		append(out, "", "Left blank");
	return text[0] == '\0' ? NULL : text;
}

static void option_item(const struct session *s, struct screen_item *item, uint16_t option)
{
	const struct manifest_contest *c = votes_contest(s, s->place);

	item->text = screen_text(s, &c->options[option].name);
	item->points = votes_of(s, s->place, option);
	item->is_marked = item->points != 0;
	item->has_points = c->type == CONTEST_SCORE;
}

static void contest_item(const struct session *s, struct screen *out, struct screen_item *item,
                         uint16_t place)
{
	enum votes_state state = votes_state(s, place);

	item->text = screen_text(s, &votes_contest(s, place)->title);
	item->detail = words_review(s, out, place);
	item->is_flagged = state != VOTES_FULL && state != VOTES_BLANK;
}

static bool is_primary(const struct session *s, enum session_command command)
{
	switch (command) {
	case CMD_NEXT:
	case CMD_REVIEW:
		return s->at == AT_CONTEST && votes_state(s, s->place) != VOTES_TOO_FEW &&
		       votes_state(s, s->place) != VOTES_TO_BLANK;
	case CMD_SUBMIT:
	case CMD_YES:
	case CMD_LOCK:
	case CMD_CAST:
	case CMD_AGAIN:
	case CMD_STAY:
	case CMD_STILL:
	case CMD_OK:
	case CMD_DONE:
		return true;
	case CMD_NONE:
	case CMD_NO:
	case CMD_BACK:
	case CMD_TEST:
	case CMD_STOP:
	case CMD_LEAVE:
	case CMD_COUNT:
		break;
	}
	return false;
}

static void one_item(const struct session *s, struct screen *out, const struct menu_item *m)
{
	struct screen_item *item = &out->item[out->items_len++];

	*item = (struct screen_item){ .kind = m->kind, .command = m->command };
	switch (m->kind) {
	case MENU_OPTION:
		option_item(s, item, m->slot);
		break;
	case MENU_BLANK:
		item->text = "Leave this contest blank";
		item->word = "blank";
		item->is_marked = votes_is_blank(s, s->place);
		break;
	case MENU_CONTEST:
		contest_item(s, out, item, m->slot);
		break;
	case MENU_FIELD:
		item->text = "Code";
		item->is_primary = true;
		out->field = screen_print(out, "%s", s->typed);
		break;
	case MENU_COMMAND:
		item->text = words_command(s, m->command);
		item->word = words_command_plain(m->command);
		item->is_primary = is_primary(s, m->command);
		break;
	}
}

static void write_words(const struct session *s, struct screen *out)
{
	switch (s->over) {
	case OVER_NOTICE:
		words_notice(s, out);
		return;
	case OVER_STOP:
		out->title = "Stop without voting?";
		screen_say(out, LINE_PLAIN, "Your choices will be cleared. You can come back and vote "
		           "later with the same card.");
		return;
	case OVER_STILL:
		out->title = "Are you still voting?";
		screen_say(out, LINE_STRONG, s->at == AT_DECIDE ?
		           "To protect you, your ballot will be made void if you do not answer." :
		           "To protect you, your choices will be cleared if you do not answer.");
		return;
	case OVER_NONE:
		break;
	}
	words_base(s, out);
}

void session_screen(const struct session *s, struct screen *out)
{
	struct menu m;

	screen_wipe(out);
	out->at = s->at;
	out->over = s->over;
	out->banner = s->c.manifest->rehearsal ? "REHEARSAL - not an election" : NULL;
	out->title = "";
	write_words(s, out);
	session_menu(s, &m);
	for (uint16_t i = 0; i < m.len; i++)
		one_item(s, out, &m.item[i]);
	out->focus = session_focus(s);
	out->is_waiting = session_is_waiting(s);
	assert(m.len == 0 || out->focus < m.len);
}

void screen_wipe(struct screen *s)
{
	/* All but the part of text that was never written: it is large. */
	mem_wipe(s->text, s->text_len < sizeof(s->text) ? s->text_len : sizeof(s->text));
	mem_wipe(s, offsetof(struct screen, text));
}
