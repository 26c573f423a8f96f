/*
 * screen_words.c: all that the kiosk says in its own words.
 *
 * Short sentences, everyday words, nothing of cryptography: a ballot is locked, has a number, is
 * cast or tested (docs/kiosk-plain.md).
 */
#include "voter-client/kiosk/screen_impl.h"

#include "crypto/mem.h"

#include <stddef.h>

/* --- buttons --------------------------------------------------------------------------------- */

const char *words_command(const struct session *s, enum session_command command)
{
	switch (command) {
	case CMD_SUBMIT:
		return "Code";
	case CMD_YES:
		return "Yes, begin";
	case CMD_NO:
		return "No, this is not my ballot";
	case CMD_NEXT:
		return s->place + 1 < votes_places(s) ? "Next contest" : "Check your ballot";
	case CMD_BACK:
		return "Contest before";
	case CMD_REVIEW:
		return "Back to your ballot";
	case CMD_LOCK:
		return "Lock my ballot";
	case CMD_CAST:
		return "CAST my ballot";
	case CMD_TEST:
		return "Test this machine. This ballot will be opened and not counted. Then you vote "
		       "again.";
	case CMD_AGAIN:
		return "Vote now";
	case CMD_STOP:
		return "Stop without voting";
	case CMD_STAY:
		return "No, go on voting";
	case CMD_LEAVE:
		return "Yes, stop and clear my choices";
	case CMD_STILL:
		return "Yes, I am still voting";
	case CMD_OK:
		return "OK";
	case CMD_DONE:
		return "Done";
	case CMD_NONE:
	case CMD_COUNT:
		break;
	}
	return "";
}

const char *words_command_plain(enum session_command command)
{
	switch (command) {
	case CMD_YES:
		return "yes";
	case CMD_NO:
		return "no";
	case CMD_NEXT:
		return "next";
	case CMD_BACK:
		return "back";
	case CMD_REVIEW:
		return "review";
	case CMD_LOCK:
		return "lock";
	case CMD_CAST:
		return "cast";
	case CMD_TEST:
		return "test";
	case CMD_AGAIN:
		return "vote";
	case CMD_STOP:
		return "stop";
	case CMD_STAY:
		return "no";
	case CMD_LEAVE:
		return "yes";
	case CMD_STILL:
		return "yes";
	case CMD_OK:
		return "ok";
	case CMD_DONE:
		return "done";
	case CMD_NONE:
	case CMD_SUBMIT:
	case CMD_COUNT:
		break;
	}
	return NULL;
}

/* --- before the contests --------------------------------------------------------------------- */

static void words_credential(const struct session *s, struct screen *out)
{
	out->title = screen_text(s, &s->c.manifest->title);
	screen_say(out, LINE_PLAIN, "Type the code on your voting card, then press Enter.");
	screen_say(out, LINE_PLAIN, "It has 24 letters and digits. Capitals and hyphens do not "
	           "matter.");
}

static void words_ballot(const struct session *s, struct screen *out)
{
	const struct manifest *m = s->c.manifest;
	const struct manifest_style *style = &m->styles[s->style];

	out->title = "Is this your ballot?";
	screen_say(out, LINE_STRONG, screen_print(out, "%s: %u contest%s",
	           screen_text(s, &m->units[style->unit].name), style->contests_len,
	           style->contests_len == 1 ? "" : "s"));
	screen_say(out, LINE_PLAIN, screen_print(out, "The fingerprint on your card must be %s.",
	           s->fingerprint));
	if (s->has_live)
		screen_say(out, LINE_WARN, screen_print(out, "You have voted already: ballot %s. If you "
		           "go on, a new ballot takes its place. You need the slip of the old one.",
		           s->live_tracker));
}

static void words_old_slip(const struct session *s, struct screen *out)
{
	out->title = "Your slip from before";
	screen_say(out, LINE_PLAIN, screen_print(out, "Your ballot in the election has the number %s. "
	           "Compare it with your slip. If it is another number, tell a poll worker.",
	           s->live_tracker));
	screen_say(out, LINE_PLAIN, "Type the secret code that came with that slip, then press Enter.");
}

/* --- a contest ------------------------------------------------------------------------------- */

static const char *words_rule(const struct manifest_contest *c, struct screen *out)
{
	if (c->type == CONTEST_SCORE)
		return screen_print(out, "Give points: up to %u to each, %u in all.", c->each_max, c->max);
	if (c->min == c->max)
		return screen_print(out, "Choose %u.", c->max);
	if (c->min > 0)
		return screen_print(out, "Choose %u to %u.", c->min, c->max);
	return screen_print(out, "Choose up to %u.", c->max);
}

void words_contest(const struct session *s, struct screen *out)
{
	const struct manifest_contest *c = votes_contest(s, s->place);
	uint32_t left = c->max - votes_total(s, s->place);
	const char *chosen = screen_choices(out, s, s->place,
	                                    s->value + votes_blank_slot(s, s->place));

	out->progress = screen_print(out, "Contest %u of %u", s->place + 1u, votes_places(s));
	out->title = screen_text(s, &c->title);
	screen_say(out, LINE_PLAIN, words_rule(c, out));
	screen_say(out, LINE_STRONG, screen_print(out, c->type == CONTEST_SCORE ?
	           "Points left: %u" : "Choices left: %u", votes_is_blank(s, s->place) ? 0 : left));
	if (chosen != NULL)
		screen_say(out, LINE_CHOSEN, screen_print(out, "You chose:\n%s", chosen));
}

/* --- review and after ------------------------------------------------------------------------ */

const char *words_review(const struct session *s, struct screen *out, uint16_t place)
{
	const struct manifest_contest *c = votes_contest(s, place);
	uint32_t total = votes_total(s, place);
	const char *chosen = screen_choices(out, s, place, s->value + votes_blank_slot(s, place));
	const char *what = c->type == CONTEST_SCORE ? "point" : "choice";

	switch (votes_state(s, place)) {
	case VOTES_FULL:
	case VOTES_BLANK:
		return chosen;
	case VOTES_SOME:
		return screen_print(out, "%s\n! You may still give %u more %s%s.", chosen, c->max - total,
		                    what, c->max - total == 1 ? "" : "s");
	case VOTES_NONE:
		return screen_print(out, "! Nothing chosen. You may still vote here.");
	case VOTES_TO_BLANK:
		return screen_print(out, "! Nothing chosen: it will count as left blank. You may still "
		                    "vote here.");
	case VOTES_TOO_FEW:
		return screen_print(out, "%s%s! Too few: at least %u %s%s needed here.",
		                    chosen == NULL ? "" : chosen, chosen == NULL ? "" : "\n", c->min, what,
		                    c->min == 1 ? " is" : "s are");
	}
	return NULL;
}

static void words_decide(const struct session *s, struct screen *out)
{
	out->title = "Your ballot is locked.";
	screen_say(out, LINE_PLAIN, "Take hold of your slip. Your ballot has the number");
	screen_say(out, LINE_NUMBER, s->tracker);
	screen_say(out, LINE_STRONG, "You have NOT voted yet.");
}

static const char *or_nothing(const char *choices)
{
	return choices == NULL ? "nothing" : choices;
}

static void words_opened_contest(const struct session *s, struct screen *out, uint16_t place)
{
	const uint32_t *opened = s->opened + votes_blank_slot(s, place);
	uint32_t chosen[LIMIT_OPTIONS + 1];
	size_t len = votes_encrypted(s, place, chosen);
	bool is_same = mem_is_equal(chosen, opened, len * sizeof(*chosen));

	screen_say(out, LINE_STRONG, screen_text(s, &votes_contest(s, place)->title));
	screen_say(out, LINE_PLAIN, screen_print(out, "This machine had locked: %s",
	           or_nothing(screen_choices(out, s, place, opened))));
	screen_say(out, is_same ? LINE_PLAIN : LINE_WARN,
	           screen_print(out, "%sYou had chosen: %s", is_same ? "" : "NOT THE SAME. ",
	                        or_nothing(screen_choices(out, s, place, chosen))));
	mem_wipe(chosen, sizeof(chosen));
}

void words_opened(const struct session *s, struct screen *out)
{
	out->title = "TEST - NOT COUNTED";
	screen_say(out, LINE_PLAIN, "Ballot");
	screen_say(out, LINE_NUMBER, s->tracker);
	for (uint16_t p = 0; p < votes_places(s); p++)
		words_opened_contest(s, out, p);
	screen_say(out, LINE_PLAIN, "Do they match? Compare with your notes. If not, keep the slip and "
	           "tell a poll worker. The check table opens it on another machine.");
	screen_say(out, LINE_STRONG, "You have NOT voted yet.");
	if (s->no_tests_left)
		screen_say(out, LINE_WARN, "This kiosk has done all its tests. Please vote at another one, "
		           "with the same card.");
}

/* --- waiting, ends and messages -------------------------------------------------------------- */

void words_out(const struct session *s, struct screen *out)
{
	static const struct {
		const char *title;
		const char *text;
	} words[SERVICE_COUNT] = {
		[SERVICE_READY] = { "Please wait", "" },
		[SERVICE_STARTING] = { "Getting ready",
		                       "This kiosk is reading the election. Please wait." },
		[SERVICE_NOT_OPEN] = { "Not open yet", "The election has not begun." },
		[SERVICE_CLOSED] = { "Closed", "The election is closed. No vote can be cast any more." },
		[SERVICE_NOT_REGISTERED] = { "Not in service",
		                             "This kiosk is not registered for the election. Poll worker: "
		                             "tell the election officer its number." },
		[SERVICE_TESTS_USED] = { "Not in service",
		                         "This kiosk has done all its machine tests. Please use another "
		                         "one." },
		[SERVICE_UNREACHABLE] = { "Not in service",
		                          "This kiosk cannot reach the election. Please use another one. "
		                          "Poll worker: check the network cable, and that this kiosk is "
		                          "registered." },
		[SERVICE_BROKEN] = { "Not in service",
		                     "Something in this kiosk has failed. Please use another one. Poll "
		                     "worker: call the technician." },
	};

	out->title = words[s->service].title;
	screen_say(out, LINE_PLAIN, words[s->service].text);
}

static void say_number(const struct session *s, struct screen *out)
{
	if (s->tracker[0] != '\0') {
		screen_say(out, LINE_PLAIN, "Number of the ballot");
		screen_say(out, LINE_NUMBER, s->tracker);
	}
}

static const char *end_title(enum session_end end)
{
	switch (end) {
	case END_VOTED:
		return "You have voted.";
	case END_RECORDED:
		return "RECORDED - waiting to be published";
	case END_REJECTED:
		return "Your vote could NOT be recorded.";
	case END_VOIDED:
		return "Your ballot was made void. You have NOT voted.";
	case END_CLEARED:
	case END_STOPPED:
	case END_TEST_LEFT:
		return "You have NOT voted.";
	case END_NOT_MINE:
		return "You have not voted.";
	case END_USED:
		return "This card was used to vote already.";
	case END_BROKEN:
		return "This kiosk has failed. You have NOT voted.";
	case END_COUNT:
		break;
	}
	return "";
}

static const char *end_text(enum session_end end)
{
	switch (end) {
	case END_VOTED:
		return "Keep your slip. With its number you can see that your ballot is counted.";
	case END_RECORDED:
		return "Your ballot is kept safe and is sent again until it is published. Keep your slip "
		       "and look up its number later.";
	case END_REJECTED:
		return "Keep your slip and tell a poll worker now.";
	case END_VOIDED:
		return "Nobody pressed a key for a long time. Your card still works: ask a poll worker.";
	case END_CLEARED:
		return "Nobody pressed a key for a long time. All choices are cleared. Your card still "
		       "works.";
	case END_STOPPED:
		return "All choices are cleared. Your card still works.";
	case END_NOT_MINE:
		return "Tell a poll worker that the kiosk showed you another ballot.";
	case END_USED:
		return "If that was not you, tell a poll worker now.";
	case END_TEST_LEFT:
		return "The ballot that you tested is not counted. Your card still works.";
	case END_BROKEN:
		return "Tell a poll worker. Your card still works at another kiosk.";
	case END_COUNT:
		break;
	}
	return "";
}

void words_end(const struct session *s, struct screen *out)
{
	out->title = end_title(s->end);
	say_number(s, out);
	if (s->end == END_USED) {
		screen_say(out, LINE_PLAIN, "Number of that ballot");
		screen_say(out, LINE_NUMBER, s->live_tracker);
	}
	screen_say(out, LINE_STRONG, end_text(s->end));
}

static const char *notice_code(const struct session *s, struct screen *out)
{
	if (s->notice_number == 0)
		return "The code was mistyped. Compare it with your card and type it again.";
	return screen_print(out, "The code was mistyped: look at the %u%s group of four, character %u.",
	                    (s->notice_number - 1) / 4 + 1,
	                    s->notice_number <= 4 ? "st" : s->notice_number <= 8 ? "nd" :
	                    s->notice_number <= 12 ? "rd" : "th", (s->notice_number - 1) % 4 + 1);
}

static const char *notice_text(const struct session *s, struct screen *out)
{
	uint32_t n = s->notice_number;

	switch (s->notice) {
	case NOTICE_CODE_SHORT:
		return "That is not a code: it has 24 letters and digits. Please type it again.";
	case NOTICE_CODE_WRONG:
		return notice_code(s, out);
	case NOTICE_UNKNOWN:
		return "This code does not belong to this election. Compare it with your card, or ask a "
		       "poll worker.";
	case NOTICE_OLD_BAD:
		return "That is not the secret code of this ballot's slip. Please try again.";
	case NOTICE_FULL:
		return screen_print(out, "You may choose only %u here. To choose another, first take a "
		                    "choice away.", n);
	case NOTICE_POINTS_GONE:
		return screen_print(out, "All %u points are given. To give more here, first take some "
		                    "away elsewhere.", n);
	case NOTICE_EACH_FULL:
		return screen_print(out, "No more than %u point%s may go to one.", n, n == 1 ? "" : "s");
	case NOTICE_BLANK_FIRST:
		return "You left this contest blank. To vote here, first take that away.";
	case NOTICE_CHOICES_FIRST:
		return "You have made choices here. To leave the contest blank, first take them away.";
	case NOTICE_TOO_FEW:
		return screen_print(out, "One contest is not complete: at least %u needed. It is marked "
		                    "with an exclamation mark.", n);
	case NOTICE_SEE_ALL:
		return "First go through every contest once.";
	case NOTICE_NOT_UNDERSTOOD:
		return "That is not possible here.";
	case NOTICE_NONE:
	case NOTICE_COUNT:
		break;
	}
	return "";
}

void words_notice(const struct session *s, struct screen *out)
{
	out->title = "Please note";
	screen_say(out, LINE_WARN, notice_text(s, out));
}

static void words_wait(struct screen *out, const char *title)
{
	out->title = title;
	screen_say(out, LINE_PLAIN, "Please wait.");
}

void words_base(const struct session *s, struct screen *out)
{
	switch (s->at) {
	case AT_OUT:
		words_out(s, out);
		return;
	case AT_CREDENTIAL:
		words_credential(s, out);
		return;
	case AT_LOOKUP:
	case AT_OLD_CHECK:
		words_wait(out, "Looking up your code");
		return;
	case AT_BALLOT:
		words_ballot(s, out);
		return;
	case AT_OLD_SLIP:
		words_old_slip(s, out);
		return;
	case AT_CONTEST:
		words_contest(s, out);
		return;
	case AT_REVIEW:
		out->title = "Check your ballot";
		screen_say(out, LINE_PLAIN, "Compare with your notes. Choose a contest to change it, or "
		           "lock your ballot.");
		return;
	case AT_LOCKING:
		words_wait(out, "Locking your ballot");
		return;
	case AT_DECIDE:
		words_decide(s, out);
		return;
	case AT_CASTING:
		words_wait(out, "Casting your ballot");
		say_number(s, out);
		return;
	case AT_TESTING:
		words_wait(out, "Opening your ballot");
		return;
	case AT_OPENED:
		words_opened(s, out);
		return;
	case AT_END:
		words_end(s, out);
		return;
	case AT_COUNT:
		break;
	}
}
