/*
 * session_votes.c: the rules of one contest, as the voter meets them: see session.h.
 *
 * Invariant: 0 <= each <= each_max and total <= max; a blank contest has no choices.
 */
#include "voter-client/kiosk/session.h"

#include <assert.h>
#include <string.h>

static const struct manifest_style_contest *at_place(const struct session *s, uint16_t place)
{
	const struct manifest_style *style = &s->c.manifest->styles[s->style];

	assert(place < style->contests_len);
	return &style->contests[place];
}

uint16_t votes_places(const struct session *s)
{
	return s->c.manifest->styles[s->style].contests_len;
}

const struct manifest_contest *votes_contest(const struct session *s, uint16_t place)
{
	return &s->c.manifest->contests[at_place(s, place)->contest];
}

size_t votes_blank_slot(const struct session *s, uint16_t place)
{
	return at_place(s, place)->first;
}

size_t votes_slot(const struct session *s, uint16_t place, uint16_t option)
{
	const struct manifest_contest *c = votes_contest(s, place);

	assert(option < c->options_len);
	return (size_t)at_place(s, place)->first + (c->blank ? 1 : 0) + option;
}

uint32_t votes_of(const struct session *s, uint16_t place, uint16_t option)
{
	return s->value[votes_slot(s, place, option)];
}

bool votes_is_blank(const struct session *s, uint16_t place)
{
	return votes_contest(s, place)->blank && s->value[votes_blank_slot(s, place)] != 0;
}

uint32_t votes_total(const struct session *s, uint16_t place)
{
	uint32_t total = 0;

	for (uint16_t i = 0; i < votes_contest(s, place)->options_len; i++)
		total += votes_of(s, place, i);
	return total;
}

enum votes_state votes_state(const struct session *s, uint16_t place)
{
	const struct manifest_contest *c = votes_contest(s, place);
	uint32_t total = votes_total(s, place);

	if (votes_is_blank(s, place))
		return VOTES_BLANK;
	if (total == c->max)
		return VOTES_FULL;
	if (total >= c->min)
		return total == 0 ? VOTES_NONE : VOTES_SOME;
	return total == 0 && c->blank ? VOTES_TO_BLANK : VOTES_TOO_FEW;
}

uint16_t votes_first_bad(const struct session *s)
{
	uint16_t places = votes_places(s);

	for (uint16_t p = 0; p < places; p++)
		if (votes_state(s, p) == VOTES_TOO_FEW)
			return p;
	return places;
}

size_t votes_encrypted(const struct session *s, uint16_t place, uint32_t *out)
{
	size_t len = votes_contest(s, place)->ciphertexts_len;

	memcpy(out, s->value + at_place(s, place)->first, len * sizeof(*out));
	if (votes_state(s, place) == VOTES_TO_BLANK)
		out[0] = 1;
	return len;
}

size_t session_selections(const struct session *s, uint32_t *out)
{
	size_t at = 0;

	for (uint16_t p = 0; p < votes_places(s); p++)
		at += votes_encrypted(s, p, out + at);
	assert(at == s->c.manifest->styles[s->style].ciphertexts_len);
	return at;
}

/* --- acts ------------------------------------------------------------------------------------ */

enum session_notice votes_raise(struct session *s, uint16_t place, uint16_t option,
                                uint32_t *number)
{
	const struct manifest_contest *c = votes_contest(s, place);
	uint32_t *value = &s->value[votes_slot(s, place, option)];

	if (votes_is_blank(s, place))
		return NOTICE_BLANK_FIRST;
	if (*value == c->each_max) {
		*number = c->each_max;
		return NOTICE_EACH_FULL;
	}
	if (votes_total(s, place) == c->max) {
		*number = c->max;
		return c->type == CONTEST_SCORE ? NOTICE_POINTS_GONE : NOTICE_FULL;
	}
	++*value;
	return NOTICE_NONE;
}

void votes_lower(struct session *s, uint16_t place, uint16_t option)
{
	uint32_t *value = &s->value[votes_slot(s, place, option)];

	if (*value > 0)
		--*value;
}

enum session_notice votes_toggle(struct session *s, uint16_t place, uint16_t option,
                                 uint32_t *number)
{
	if (votes_contest(s, place)->type == CONTEST_CHOOSE && votes_of(s, place, option) != 0) {
		s->value[votes_slot(s, place, option)] = 0;
		return NOTICE_NONE;
	}
	return votes_raise(s, place, option, number);
}

enum session_notice votes_toggle_blank(struct session *s, uint16_t place)
{
	uint32_t *flag = &s->value[votes_blank_slot(s, place)];

	assert(votes_contest(s, place)->blank);
	if (*flag == 0 && votes_total(s, place) > 0)
		return NOTICE_CHOICES_FIRST;
	*flag = *flag == 0 ? 1 : 0;
	return NOTICE_NONE;
}

enum session_notice votes_answer(struct session *s, uint16_t place, const uint32_t *values,
                                 size_t values_len, uint32_t *number)
{
	const struct manifest_contest *c = votes_contest(s, place);
	const uint32_t *option = values + (c->blank ? 1 : 0);
	uint64_t total = 0;

	if (values_len != c->ciphertexts_len || (c->blank && values[0] > 1))
		return NOTICE_NOT_UNDERSTOOD;
	for (uint16_t i = 0; i < c->options_len; i++) {
		total += option[i];
		*number = c->each_max;
		if (option[i] > c->each_max)
			return c->type == CONTEST_SCORE ? NOTICE_EACH_FULL : NOTICE_NOT_UNDERSTOOD;
	}
	if (c->blank && values[0] == 1 && total > 0)
		return NOTICE_CHOICES_FIRST;
	*number = c->max;
	if (total > c->max)
		return c->type == CONTEST_SCORE ? NOTICE_POINTS_GONE : NOTICE_FULL;
	memcpy(&s->value[at_place(s, place)->first], values, values_len * sizeof(*values));
	return NOTICE_NONE;
}
