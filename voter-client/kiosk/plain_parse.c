/*
 * plain_parse.c: what a typed line means: see plain.h.
 */
#include "voter-client/kiosk/plain.h"

#include "common/base/number.h"
#include "crypto/mem.h"

#include <ctype.h>
#include <string.h>

/* A word of a line.  Borrowed. */
struct word {
	const char *at;
	size_t len;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

/* The next word; false at the end.  Commas count as spaces. */
static bool next_word(struct word *w, const char **pos, const char *end)
{
	while (*pos < end && is_space(**pos))
		++*pos;
	w->at = *pos;
	while (*pos < end && !is_space(**pos))
		++*pos;
	w->len = (size_t)(*pos - w->at);
	return w->len > 0;
}

static bool is_word(const struct word *w, const char *known)
{
	if (known == NULL || strlen(known) != w->len)
		return false;
	for (size_t i = 0; i < w->len; i++)
		if (tolower((unsigned char)w->at[i]) != known[i])
			return false;
	return true;
}

static bool is_number(const struct word *w, uint32_t *out, uint32_t max)
{
	uint64_t n;

	if (number_decode(&n, w->at, w->len, max) != ST_OK)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* "2" or "2=5". */
static bool is_choice(const struct word *w, const struct manifest_contest *c, uint32_t *option,
                      uint32_t *points)
{
	const char *equals = memchr(w->at, '=', w->len);
	struct word left = *w, right = { NULL, 0 };

	*points = 1;
	if (equals != NULL) {
		left.len = (size_t)(equals - w->at);
		right = (struct word){ equals + 1, w->len - left.len - 1 };
		if (c->type != CONTEST_SCORE || !is_number(&right, points, LIMIT_EACH_MAX))
			return false;
	} else if (c->type == CONTEST_SCORE) {
		return false;
	}
	return is_number(&left, option, c->options_len) && *option >= 1;
}

/* Numbers of options: exactly these are chosen, and no others. */
static bool parse_answer(struct session_event *event, uint32_t *values, const struct session *s,
                         const char *pos, const char *end)
{
	const struct manifest_contest *c = votes_contest(s, s->place);
	uint32_t *option = values + (c->blank ? 1 : 0);
	uint32_t which, points;
	struct word w;

	mem_wipe(values, (LIMIT_OPTIONS + 1) * sizeof(*values));
	while (next_word(&w, &pos, end)) {
		if (!is_choice(&w, c, &which, &points) || option[which - 1] != 0)
			return false;
		option[which - 1] = points;
	}
	*event = (struct session_event){ .kind = EV_ANSWER, .values = values,
	                                 .values_len = c->ciphertexts_len };
	return true;
}

static void answer_with(struct session_event *event, uint32_t *values, const struct session *s,
                        bool is_blank)
{
	const struct manifest_contest *c = votes_contest(s, s->place);

	mem_wipe(values, (LIMIT_OPTIONS + 1) * sizeof(*values));
	values[0] = is_blank ? 1 : 0;
	*event = (struct session_event){ .kind = c->blank || !is_blank ? EV_ANSWER : EV_STRANGE,
	                                 .values = values, .values_len = c->ciphertexts_len };
}

/* The screen's own commands by their words, and stop, next and review wherever they can be. */
static bool parse_command(struct session_event *event, const struct word *w)
{
	static const struct {
		const char *word;
		enum session_command command;
	} known[] = {
		{ "next", CMD_NEXT }, { "back", CMD_BACK }, { "review", CMD_REVIEW },
		{ "lock", CMD_LOCK }, { "cast", CMD_CAST }, { "test", CMD_TEST }, { "vote", CMD_AGAIN },
		{ "stop", CMD_STOP }, { "ok", CMD_OK }, { "done", CMD_DONE },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (is_word(w, known[i].word)) {
			*event = (struct session_event){ .kind = EV_COMMAND, .number = known[i].command };
			return true;
		}
	return false;
}

/* "yes" and "no" answer whatever question stands. */
static bool parse_yes_no(struct session_event *event, const struct session *s, const struct word *w)
{
	bool is_yes = is_word(w, "yes"), is_asked = false;
	enum session_command command = CMD_NONE;

	if (!is_yes && !is_word(w, "no"))
		return false;
	if (s->over == OVER_STOP) {
		command = is_yes ? CMD_LEAVE : CMD_STAY;
		is_asked = true;
	} else if (s->over == OVER_STILL) {
		command = CMD_STILL;
		is_asked = is_yes;
	} else if (s->at == AT_BALLOT) {
		command = is_yes ? CMD_YES : CMD_NO;
		is_asked = true;
	}
	*event = (struct session_event){ .kind = is_asked ? EV_COMMAND : EV_STRANGE,
	                                 .number = command };
	return true;
}

static enum plain_wish parse_contest(struct session_event *event, uint32_t *values,
                                     const struct session *s, const struct word *first,
                                     const char *line, const char *end)
{
	if (is_word(first, "more"))
		return PLAIN_MORE;
	if (is_word(first, "blank") || is_word(first, "none"))
		answer_with(event, values, s, is_word(first, "blank"));
	else if (!parse_answer(event, values, s, line, end))
		*event = (struct session_event){ .kind = EV_STRANGE };
	return PLAIN_EVENT;
}

static bool takes_code(const struct session *s)
{
	return (s->at == AT_CREDENTIAL || s->at == AT_OLD_SLIP) && s->over == OVER_NONE;
}

enum plain_wish plain_parse(struct session_event *event, uint32_t *values,
                            const struct session *s, const char *line, size_t len)
{
	const char *pos = line, *end = line + len;
	struct word first, more;
	uint32_t number;

	*event = (struct session_event){ .kind = EV_STRANGE };
	if (!next_word(&first, &pos, end)) {
		if (s->at != AT_END)
			return PLAIN_SHOW;
		*event = (struct session_event){ .kind = EV_COMMAND, .number = CMD_DONE };
		return PLAIN_EVENT;
	}
	if (is_word(&first, "again"))
		return PLAIN_SHOW;
	if (parse_command(event, &first) || parse_yes_no(event, s, &first)) {
		if (next_word(&more, &pos, end))
			*event = (struct session_event){ .kind = EV_STRANGE };
		return PLAIN_EVENT;
	}
	if (takes_code(s))
		*event = (struct session_event){ .kind = EV_LINE, .text = line, .text_len = len };
	else if (s->at == AT_CONTEST && s->over == OVER_NONE)
		return parse_contest(event, values, s, &first, line, end);
	else if (s->at == AT_REVIEW && s->over == OVER_NONE &&
	         is_number(&first, &number, LIMIT_STYLE_CONTESTS) && number >= 1)
		*event = (struct session_event){ .kind = EV_EDIT, .number = number - 1 };
	return PLAIN_EVENT;
}
