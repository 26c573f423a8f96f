/*
 * session.c: how a session goes from screen to screen: see session.h.
 *
 * Invariant: whatever event comes in whatever state, the focus is on the menu of the state that
 * follows.
 */
#include "voter-client/kiosk/session.h"

#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

/* --- going about ----------------------------------------------------------------------------- */

void session_init(struct session *s, const struct session_config *c)
{
	mem_wipe(s, sizeof(*s));
	s->c = *c;
	s->at = AT_OUT;
	s->service = SERVICE_STARTING;
}

bool session_is_waiting(const struct session *s)
{
	return s->at == AT_OUT || s->at == AT_LOOKUP || s->at == AT_OLD_CHECK || s->at == AT_LOCKING ||
	       s->at == AT_CASTING || s->at == AT_TESTING;
}

bool session_has_voter(const struct session *s)
{
	return s->at != AT_OUT && (s->at != AT_CREDENTIAL || s->typed_len > 0);
}

static void enter(struct session *s, enum session_at at)
{
	s->at = at;
	s->since_ms = s->now_ms;
	s->touched_ms = s->now_ms;
	s->focus = 0;
	s->over = OVER_NONE;
	s->over_focus = 0;
	s->notice = NOTICE_NONE;
}

static void forget_typed(struct session *s)
{
	mem_wipe(s->typed, sizeof(s->typed));
	s->typed_len = 0;
}

static void forget_choices(struct session *s)
{
	mem_wipe(s->value, sizeof(s->value));
	mem_wipe(s->opened, sizeof(s->opened));
	s->seen = 0;
	s->place = 0;
	s->from_review = false;
}

/* Everything of the voter but the number of a locked ballot, which the last screen shows. */
static void forget_voter(struct session *s)
{
	forget_typed(s);
	forget_choices(s);
	mem_wipe(&s->code, sizeof(s->code));
	mem_wipe(s->fingerprint, sizeof(s->fingerprint));
	if (s->end != END_USED)
		mem_wipe(s->live_tracker, sizeof(s->live_tracker));
	s->style = 0;
	s->has_live = false;
	s->tested = false;
}

/* Ready for the next voter, or out of service when the kiosk is. */
static void begin_anew(struct session *s)
{
	forget_voter(s);
	mem_wipe(s->live_tracker, sizeof(s->live_tracker));
	mem_wipe(s->tracker, sizeof(s->tracker));
	s->no_tests_left = false;
	enter(s, s->service == SERVICE_READY ? AT_CREDENTIAL : AT_OUT);
}

static unsigned int finish(struct session *s, enum session_end end)
{
	s->end = end;
	forget_voter(s);
	enter(s, AT_END);
	return EFFECT_FORGET;
}

static unsigned int say(struct session *s, enum session_notice notice, uint32_t number)
{
	if (notice != NOTICE_NONE) {
		s->over = OVER_NOTICE;
		s->over_focus = 0;
		s->notice = notice;
		s->notice_number = number;
	}
	return 0;
}

static void show_contest(struct session *s, uint16_t place)
{
	s->place = place;
	s->seen |= (uint64_t)1 << place;
	enter(s, AT_CONTEST);
}

static bool has_seen_all(const struct session *s)
{
	uint16_t places = votes_places(s);
	uint64_t all = places == 64 ? UINT64_MAX : ((uint64_t)1 << places) - 1;

	return (s->seen & all) == all;
}

static void show_review(struct session *s, uint16_t focus)
{
	s->from_review = false;
	enter(s, AT_REVIEW);
	s->focus = focus;
}

/* --- codes ----------------------------------------------------------------------------------- */

static unsigned int submit_code(struct session *s)
{
	size_t wrong_at = 0;
	enum status st;

	if (s->typed_len == 0)
		return 0;
	st = credential_code_parse(&s->code, &wrong_at, s->typed, s->typed_len);
	if (st != ST_OK)
		return say(s, st == ST_CODE ? NOTICE_CODE_WRONG : NOTICE_CODE_SHORT,
		           (uint32_t)wrong_at);
	forget_typed(s);
	if (s->at == AT_OLD_SLIP) {
		enter(s, AT_OLD_CHECK);
		return EFFECT_OLD;
	}
	enter(s, AT_LOOKUP);
	return EFFECT_LOOKUP;
}

static bool takes_text(const struct session *s)
{
	return (s->at == AT_CREDENTIAL || s->at == AT_OLD_SLIP) && s->over == OVER_NONE;
}

static unsigned int type_line(struct session *s, const char *text, size_t len)
{
	if (!takes_text(s))
		return s->over == OVER_NONE ? say(s, NOTICE_NOT_UNDERSTOOD, 0) : 0;
	if (len > SESSION_TYPED_MAX)
		return say(s, NOTICE_CODE_SHORT, 0);
	forget_typed(s);
	memcpy(s->typed, text, len);
	s->typed_len = len;
	return submit_code(s);
}

static void type_char(struct session *s, uint32_t c)
{
	if (!takes_text(s) || c < ' ' || c > '~' || s->typed_len >= SESSION_TYPED_MAX)
		return;
	s->focus = 0;
	s->typed[s->typed_len++] = (char)c;
	s->typed[s->typed_len] = '\0';
}

static void erase_char(struct session *s)
{
	if (takes_text(s) && s->typed_len > 0)
		s->typed[--s->typed_len] = '\0';
}

/* --- what the shell says --------------------------------------------------------------------- */

static unsigned int found(struct session *s, const struct session_found *f)
{
	if (s->at != AT_LOOKUP || f->style >= s->c.manifest->styles_len)
		return 0;
	mem_wipe(&s->code, sizeof(s->code));
	s->style = f->style;
	credential_fingerprint_format(s->fingerprint, f->fingerprint);
	s->has_live = f->live_tracker != NULL;
	if (s->has_live)
		ballot_tracker_format(s->live_tracker, f->live_tracker);
	if (s->has_live && s->c.manifest->revote == REVOTE_NEVER)
		return finish(s, END_USED);
	enter(s, AT_BALLOT);
	return 0;
}

static unsigned int not_found(struct session *s)
{
	if (s->at != AT_LOOKUP)
		return 0;
	mem_wipe(&s->code, sizeof(s->code));
	enter(s, AT_CREDENTIAL);
	return say(s, NOTICE_UNKNOWN, 0);
}

static unsigned int old_slip(struct session *s, bool is_good)
{
	if (s->at != AT_OLD_CHECK)
		return 0;
	mem_wipe(&s->code, sizeof(s->code));
	if (is_good) {
		show_contest(s, 0);
		return 0;
	}
	enter(s, AT_OLD_SLIP);
	return say(s, NOTICE_OLD_BAD, 0);
}

static unsigned int locked(struct session *s, const uint8_t *tracker)
{
	if (s->at != AT_LOCKING)
		return 0;
	ballot_tracker_format(s->tracker, tracker);
	enter(s, AT_DECIDE);
	return 0;
}

static unsigned int opened(struct session *s, const struct session_event *ev)
{
	if (s->at != AT_TESTING ||
	    ev->values_len != s->c.manifest->styles[s->style].ciphertexts_len)
		return 0;
	memcpy(s->opened, ev->values, ev->values_len * sizeof(*ev->values));
	s->tested = true;
	s->no_tests_left = ev->number == 0;
	enter(s, AT_OPENED);
	return 0;
}

static unsigned int failed(struct session *s)
{
	s->service = SERVICE_BROKEN;
	return session_is_waiting(s) && s->at != AT_OUT ? finish(s, END_BROKEN) : 0;
}

/* A voter at work is not disturbed; what follows is decided when they have left. */
static unsigned int serve(struct session *s, enum session_service service)
{
	bool was_ready = s->service == SERVICE_READY;

	s->service = service;
	if (s->at == AT_OUT || (!session_has_voter(s) && (!was_ready || service != SERVICE_READY)))
		begin_anew(s);
	return 0;
}

/* --- time ------------------------------------------------------------------------------------ */

static unsigned int expire(struct session *s)
{
	switch (s->at) {
	case AT_DECIDE:
		return EFFECT_VOID | finish(s, END_VOIDED);
	case AT_OPENED:
		return finish(s, END_TEST_LEFT);
	case AT_BALLOT:
	case AT_OLD_SLIP:
	case AT_CONTEST:
	case AT_REVIEW:
		return finish(s, END_CLEARED);
	case AT_OUT:
	case AT_CREDENTIAL:
	case AT_LOOKUP:
	case AT_OLD_CHECK:
	case AT_LOCKING:
	case AT_CASTING:
	case AT_TESTING:
	case AT_END:
	case AT_COUNT:
		break;
	}
	begin_anew(s);
	return EFFECT_FORGET;
}

static unsigned int tick(struct session *s)
{
	uint64_t idle = s->now_ms - s->touched_ms;
	uint64_t here = s->now_ms - s->since_ms;

	if (s->at == AT_CASTING)
		return here >= s->c.patience_ms ? EFFECT_LATE | finish(s, END_RECORDED) : 0;
	if (s->at == AT_END) {
		if (here >= s->c.end_ms)
			begin_anew(s);
		return 0;
	}
	if (session_is_waiting(s) || (!session_has_voter(s) && s->over == OVER_NONE))
		return 0;
	if (idle >= (uint64_t)s->c.idle_ms + s->c.warn_ms)
		return expire(s);
	if (idle >= s->c.idle_ms && s->over != OVER_STILL) {
		s->under = s->over;
		s->over = OVER_STILL;
		s->over_focus = 0;
	}
	return 0;
}

/* --- commands -------------------------------------------------------------------------------- */

static unsigned int go_next(struct session *s)
{
	if (s->from_review)
		show_review(s, s->place);
	else if (s->place + 1 < votes_places(s))
		show_contest(s, (uint16_t)(s->place + 1));
	else
		show_review(s, 0);
	return 0;
}

static unsigned int go_review(struct session *s)
{
	if (!has_seen_all(s))
		return say(s, NOTICE_SEE_ALL, 0);
	show_review(s, s->place);
	return 0;
}

static unsigned int lock(struct session *s)
{
	uint16_t bad = votes_first_bad(s);

	if (bad < votes_places(s)) {
		s->focus = bad;
		return say(s, NOTICE_TOO_FEW, votes_contest(s, bad)->min);
	}
	enter(s, AT_LOCKING);
	return EFFECT_LOCK;
}

static void vote_again(struct session *s)
{
	forget_choices(s);
	mem_wipe(s->tracker, sizeof(s->tracker));
	show_contest(s, 0);
}

static void ask_stop(struct session *s)
{
	if (s->at == AT_CREDENTIAL) {
		forget_typed(s);
		return;
	}
	s->over = OVER_STOP;
	s->over_focus = 0;
}

static bool may_stop(const struct session *s)
{
	return s->at == AT_CREDENTIAL || s->at == AT_OLD_SLIP || s->at == AT_BALLOT ||
	       s->at == AT_CONTEST || s->at == AT_REVIEW || s->at == AT_OPENED;
}

static bool is_offered(const struct session *s, enum session_command command)
{
	struct menu m;

	if (s->over == OVER_NONE) {
		if (command == CMD_STOP)
			return may_stop(s);
		if (s->at == AT_CONTEST && (command == CMD_NEXT || command == CMD_REVIEW))
			return true;
	}
	session_menu(s, &m);
	for (uint16_t i = 0; i < m.len; i++)
		if (m.item[i].command == command)
			return true;
	return false;
}

static unsigned int leave(struct session *s)
{
	return finish(s, s->at == AT_OPENED || s->tested ? END_TEST_LEFT : END_STOPPED);
}

/* command is offered here. */
static unsigned int obey(struct session *s, enum session_command command)
{
	switch (command) {
	case CMD_SUBMIT:
		return submit_code(s);
	case CMD_YES:
		if (s->has_live)
			enter(s, AT_OLD_SLIP);
		else
			show_contest(s, 0);
		return 0;
	case CMD_NO:
		return finish(s, END_NOT_MINE);
	case CMD_NEXT:
		return go_next(s);
	case CMD_BACK:
		show_contest(s, (uint16_t)(s->place - 1));
		return 0;
	case CMD_REVIEW:
		return go_review(s);
	case CMD_LOCK:
		return lock(s);
	case CMD_CAST:
		enter(s, AT_CASTING);
		return EFFECT_CAST;
	case CMD_TEST:
		enter(s, AT_TESTING);
		return EFFECT_TEST;
	case CMD_AGAIN:
		vote_again(s);
		return 0;
	case CMD_STOP:
		ask_stop(s);
		return 0;
	case CMD_LEAVE:
		return leave(s);
	case CMD_STAY:
	case CMD_OK:
		s->over = OVER_NONE;
		s->notice = NOTICE_NONE;
		return 0;
	case CMD_STILL:
		s->over = s->under;
		s->over_focus = 0;
		return 0;
	case CMD_DONE:
		begin_anew(s);
		return 0;
	case CMD_NONE:
	case CMD_COUNT:
		break;
	}
	return 0;
}

/* --- the menu -------------------------------------------------------------------------------- */

static void move_focus(struct session *s, bool forward)
{
	uint16_t *focus = s->over == OVER_NONE ? &s->focus : &s->over_focus;
	struct menu m;

	session_menu(s, &m);
	if (m.len == 0)
		return;
	*focus = (uint16_t)((*focus + (forward ? 1 : m.len - 1)) % m.len);
}

static void set_focus(struct session *s, uint32_t item)
{
	struct menu m;

	session_menu(s, &m);
	if (item >= m.len)
		return;
	if (s->over == OVER_NONE)
		s->focus = (uint16_t)item;
	else
		s->over_focus = (uint16_t)item;
}

/* A contest that is answered in full moves on: one more key goes to the next. */
static void focus_on_next(struct session *s)
{
	const struct manifest_contest *c = votes_contest(s, s->place);

	s->focus = (uint16_t)(c->options_len + (c->blank ? 1 : 0));
}

static unsigned int choose(struct session *s, const struct menu_item *item)
{
	const struct manifest_contest *c = votes_contest(s, s->place);
	uint32_t number = 0;
	enum session_notice n;

	if (item->kind == MENU_BLANK) {
		n = votes_toggle_blank(s, s->place);
		if (n == NOTICE_NONE && votes_is_blank(s, s->place))
			focus_on_next(s);
		return say(s, n, 0);
	}
	n = votes_toggle(s, s->place, item->slot, &number);
	if (n == NOTICE_NONE && c->type == CONTEST_CHOOSE &&
	    votes_of(s, s->place, item->slot) != 0 && votes_state(s, s->place) == VOTES_FULL)
		focus_on_next(s);
	return say(s, n, number);
}

static void edit(struct session *s, uint32_t place)
{
	if (s->at != AT_REVIEW || s->over != OVER_NONE || place >= votes_places(s))
		return;
	s->from_review = true;
	show_contest(s, (uint16_t)place);
}

static unsigned int select_item(struct session *s)
{
	struct menu m;
	const struct menu_item *item;

	session_menu(s, &m);
	if (m.len == 0)
		return 0;
	item = &m.item[session_focus(s)];
	switch (item->kind) {
	case MENU_OPTION:
	case MENU_BLANK:
		return choose(s, item);
	case MENU_COMMAND:
	case MENU_FIELD:
		return obey(s, item->command);
	case MENU_CONTEST:
		edit(s, item->slot);
		return 0;
	}
	return 0;
}

static unsigned int add_point(struct session *s, bool up)
{
	struct menu m;
	uint32_t number = 0;
	enum session_notice n;

	session_menu(s, &m);
	if (s->at != AT_CONTEST || s->over != OVER_NONE || m.item[s->focus].kind != MENU_OPTION ||
	    votes_contest(s, s->place)->type != CONTEST_SCORE)
		return 0;
	if (!up) {
		votes_lower(s, s->place, m.item[s->focus].slot);
		return 0;
	}
	n = votes_raise(s, s->place, m.item[s->focus].slot, &number);
	return say(s, n, number);
}

static unsigned int answer(struct session *s, const struct session_event *ev)
{
	uint32_t number = 0;
	enum session_notice n;

	if (s->over != OVER_NONE)
		return 0;
	if (s->at != AT_CONTEST)
		return say(s, NOTICE_NOT_UNDERSTOOD, 0);
	n = votes_answer(s, s->place, ev->values, ev->values_len, &number);
	if (n == NOTICE_NONE)
		focus_on_next(s);
	return say(s, n, number);
}

/* --- one event ------------------------------------------------------------------------------- */

static unsigned int command(struct session *s, uint32_t number)
{
	if (number < CMD_COUNT && is_offered(s, (enum session_command)number))
		return obey(s, (enum session_command)number);
	return s->over == OVER_NONE ? say(s, NOTICE_NOT_UNDERSTOOD, 0) : 0;
}

static unsigned int person(struct session *s, const struct session_event *ev)
{
	if (session_is_waiting(s))
		return 0;
	s->touched_ms = s->now_ms;
	switch (ev->kind) {
	case EV_FOCUS_NEXT:
	case EV_FOCUS_BEFORE:
		move_focus(s, ev->kind == EV_FOCUS_NEXT);
		return 0;
	case EV_FOCUS:
		set_focus(s, ev->number);
		return 0;
	case EV_SELECT:
		return select_item(s);
	case EV_RAISE:
	case EV_LOWER:
		return add_point(s, ev->kind == EV_RAISE);
	case EV_TYPE:
		type_char(s, ev->number);
		return 0;
	case EV_ERASE:
		erase_char(s);
		return 0;
	case EV_LINE:
		return type_line(s, ev->text, ev->text_len);
	case EV_COMMAND:
		return command(s, ev->number);
	case EV_ANSWER:
		return answer(s, ev);
	case EV_EDIT:
		edit(s, ev->number);
		return 0;
	case EV_STRANGE:
		return s->over == OVER_NONE ? say(s, NOTICE_NOT_UNDERSTOOD, 0) : 0;
	case EV_TICK:
	case EV_SERVICE:
	case EV_FOUND:
	case EV_UNKNOWN:
	case EV_OLD_GOOD:
	case EV_OLD_BAD:
	case EV_LOCKED:
	case EV_CAST:
	case EV_REJECTED:
	case EV_OPENED:
	case EV_FAILED:
	case EV_COUNT:
		break;
	}
	return 0;
}

unsigned int session_step(struct session *s, const struct session_event *ev)
{
	if (ev->now_ms > s->now_ms)
		s->now_ms = ev->now_ms;
	switch (ev->kind) {
	case EV_TICK:
		return tick(s);
	case EV_SERVICE:
		assert(ev->number < SERVICE_COUNT);
		return serve(s, (enum session_service)ev->number);
	case EV_FOUND:
		return found(s, ev->found);
	case EV_UNKNOWN:
		return not_found(s);
	case EV_OLD_GOOD:
	case EV_OLD_BAD:
		return old_slip(s, ev->kind == EV_OLD_GOOD);
	case EV_LOCKED:
		return locked(s, ev->tracker);
	case EV_CAST:
		return s->at == AT_CASTING ? finish(s, END_VOTED) : 0;
	case EV_REJECTED:
		return s->at == AT_CASTING ? EFFECT_LATE | finish(s, END_REJECTED) : 0;
	case EV_OPENED:
		return opened(s, ev);
	case EV_FAILED:
		return failed(s);
	case EV_FOCUS_NEXT:
	case EV_FOCUS_BEFORE:
	case EV_FOCUS:
	case EV_SELECT:
	case EV_RAISE:
	case EV_LOWER:
	case EV_TYPE:
	case EV_ERASE:
	case EV_LINE:
	case EV_COMMAND:
	case EV_ANSWER:
	case EV_EDIT:
	case EV_STRANGE:
	case EV_COUNT:
		break;
	}
	return person(s, ev);
}
