/*
 * test_plain.c: the kiosk as lines: what each means, and whole votes by a script (kiosk
 * requirements K4, K5).
 */
#include "crypto/mem.h"
#include "tests/unit/lib/booths.h"
#include "tests/unit/lib/precinct.h"
#include "tests/unit/lib/scratch.h"
#include "voter-client/kiosk/plain.h"
#include "voter-client/kiosk/run.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- what a line means ---------------------------------------------------------------------- */

static struct manifest *m;
static struct session *s;

static void at(enum session_at where, uint16_t place)
{
	const struct session_config c = { .manifest = m, .idle_ms = 1000, .warn_ms = 1000 };

	session_init(s, &c);
	s->at = where;
	s->place = place;
}

/* The event of a line; kind EV_COUNT: asks to see the screen again; EV_TICK: asks for more. */
static struct session_event means(const char *line)
{
	static uint32_t values[LIMIT_OPTIONS + 1];
	struct session_event ev;

	switch (plain_parse(&ev, values, s, line, strlen(line))) {
	case PLAIN_EVENT:
		break;
	case PLAIN_SHOW:
		ev.kind = EV_COUNT;
		break;
	case PLAIN_MORE:
		ev.kind = EV_TICK;
		break;
	}
	return ev;
}

static void assert_command(const char *line, enum session_command c)
{
	struct session_event ev = means(line);

	assert_int_equal(ev.kind, EV_COMMAND);
	assert_int_equal(ev.number, c);
}

static void words_are_commands_in_any_case_and_alone(void **state)
{
	(void)state;
	at(AT_REVIEW, 0);
	assert_command("lock", CMD_LOCK);
	assert_command("  LOCK \r", CMD_LOCK);
	assert_command("Next", CMD_NEXT);
	assert_command("stop", CMD_STOP);
	assert_int_equal(means("lock now").kind, EV_STRANGE);
	assert_int_equal(means("locked").kind, EV_STRANGE);
	assert_int_equal(means("").kind, EV_COUNT);
	assert_int_equal(means("   ").kind, EV_COUNT);
	assert_int_equal(means("again").kind, EV_COUNT);
	at(AT_DECIDE, 0);
	assert_command("cast", CMD_CAST);
	assert_command("test", CMD_TEST);
	/* An empty line never casts. */
	assert_int_equal(means("").kind, EV_COUNT);
	at(AT_END, 0);
	assert_command("", CMD_DONE);
}

static void yes_and_no_answer_the_question_that_stands(void **state)
{
	(void)state;
	at(AT_BALLOT, 0);
	assert_command("yes", CMD_YES);
	assert_command("no", CMD_NO);
	s->over = OVER_STOP;
	assert_command("yes", CMD_LEAVE);
	assert_command("no", CMD_STAY);
	s->over = OVER_STILL;
	assert_command("yes", CMD_STILL);
	assert_int_equal(means("no").kind, EV_STRANGE);
	at(AT_DECIDE, 0);
	assert_int_equal(means("yes").kind, EV_STRANGE);
}

static void assert_answer(const char *line, const uint32_t *want, size_t len)
{
	struct session_event ev = means(line);

	assert_int_equal(ev.kind, EV_ANSWER);
	assert_int_equal(ev.values_len, len);
	assert_memory_equal(ev.values, want, len * sizeof(*want));
}

static void numbers_are_the_whole_answer_of_a_contest(void **state)
{
	const uint32_t two[] = { 0, 0, 1, 0 }, blank[] = { 1, 0, 0, 0 }, none[] = { 0, 0, 0, 0 };
	const uint32_t three[] = { 1, 0, 1, 0, 1 };

	(void)state;
	at(AT_CONTEST, PRECINCT_MAYOR);
	assert_answer("2", two, 4);
	assert_answer("blank", blank, 4);
	assert_answer("none", none, 4);
	assert_int_equal(means("0").kind, EV_STRANGE);
	assert_int_equal(means("4").kind, EV_STRANGE);
	assert_int_equal(means("02").kind, EV_STRANGE);
	assert_int_equal(means("-1").kind, EV_STRANGE);
	assert_int_equal(means("2 2").kind, EV_STRANGE);
	assert_int_equal(means("2 x").kind, EV_STRANGE);
	assert_int_equal(means("2=1").kind, EV_STRANGE);
	assert_int_equal(means("99999999999999999999").kind, EV_STRANGE);
	assert_int_equal(means("more").kind, EV_TICK);
	at(AT_CONTEST, PRECINCT_COUNCIL);
	assert_answer("1 3, 5", three, 5);
	assert_answer("5,3,1", three, 5);
	assert_int_equal(means("blank").kind, EV_STRANGE);   /* not allowed here */
}

static void points_stand_behind_an_equals_sign(void **state)
{
	const uint32_t points[] = { 3, 0, 5 };

	(void)state;
	at(AT_CONTEST, PRECINCT_PARKS);
	assert_answer("1=3 3=5", points, 3);
	assert_answer("3=5 2=0 1=3", points, 3);
	assert_int_equal(means("1").kind, EV_STRANGE);
	assert_int_equal(means("1=").kind, EV_STRANGE);
	assert_int_equal(means("=3").kind, EV_STRANGE);
	assert_int_equal(means("1=3=3").kind, EV_STRANGE);
	assert_int_equal(means("1=99999999").kind, EV_STRANGE);
	assert_int_equal(means("1=3 1=2").kind, EV_STRANGE);
}

static void at_the_review_a_number_edits_and_at_the_start_a_line_is_a_code(void **state)
{
	struct session_event ev;

	(void)state;
	at(AT_REVIEW, 0);
	ev = means("3");
	assert_int_equal(ev.kind, EV_EDIT);
	assert_int_equal(ev.number, 2);
	assert_int_equal(means("0").kind, EV_STRANGE);
	at(AT_CREDENTIAL, 0);
	ev = means("0123-4567-89ab cdef GHJK-MN0J");
	assert_int_equal(ev.kind, EV_LINE);
	assert_int_equal(ev.text_len, 29);
	assert_command("stop", CMD_STOP);
}

/* --- whole votes ---------------------------------------------------------------------------- */

static struct booths b;

/* The kiosk with a script as its input; what it printed, the caller frees. */
static char *run_script(const char *script, enum run_end *end, bool once)
{
	static const volatile sig_atomic_t never;
	const struct run_options o = { .once = once, .stop = &never };
	char path[2][600];
	struct fault fault = { 0 };
	struct face face;
	struct booth_config c;
	struct booth *booth;
	int in, to;
	char *text;
	ssize_t len;

	(void)snprintf(path[0], sizeof(path[0]), "%s", scratch_path("script"));
	(void)snprintf(path[1], sizeof(path[1]), "%s", scratch_path("printed"));
	in = open(path[0], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	to = open(path[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(in >= 0 && to >= 0);
	assert_int_equal(write(in, script, strlen(script)), strlen(script));
	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	assert_int_equal(plain_open(&face, in, to), ST_OK);
	c = (struct booth_config){
		.session = { .manifest = b.town.m, .kiosk = BOOTHS_KIOSK, .idle_ms = SESSION_IDLE_MS,
		             .warn_ms = SESSION_WARN_MS, .patience_ms = SESSION_PATIENCE_MS,
		             .end_ms = SESSION_END_MS },
		.key = b.key, .spool = b.folder[0], .receipts = b.folder[1], .slips = b.folder[2],
		.port = &b.port.port, .face = &face,
	};
	if (booth_new(&booth, &c, &fault) != ST_OK)
		fail_msg("%s", fault.what);
	*end = run_kiosk(booth, &face, &b.port.port, &o);
	booth_free(booth);
	face.end(face.ctx);
	text = calloc(1, 1 << 16);
	assert_non_null(text);
	assert_int_equal(lseek(to, 0, SEEK_SET), 0);
	len = read(to, text, (1 << 16) - 1);
	assert_true(len >= 0);
	(void)close(in);
	(void)close(to);
	return text;
}

static char *script_of(uint32_t voter, const char *rest)
{
	static char script[4096];
	char code[CREDENTIAL_CODE_TEXT];

	credential_code_format(code, &b.code[voter]);
	(void)snprintf(script, sizeof(script), "%s\n%s", code, rest);
	return script;
}

static void assert_says(const char *text, const char *what)
{
	if (strstr(text, what) == NULL)
		fail_msg("does not say \"%s\" but:\n%s", what, text);
}

/* What stands behind "key=" in the text. */
static const char *value_of(const char *text, const char *key)
{
	static char value[512];
	char wanted[64];
	const char *found;

	(void)snprintf(wanted, sizeof(wanted), "\n%s=", key);
	found = strstr(text, wanted);
	assert_non_null(found);
	(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(found + strlen(wanted), "\n"),
	               found + strlen(wanted));
	return value;
}

/* The screens of a voter of the small ballot, to the letter; NUMBER, FOLDER, PRINT stand for what
 * is drawn anew. */
static const char SOUTH[] =
	"\nGetting ready\n"
	"This kiosk is reading the election. Please wait.\n"
	"\nTown council 2026\n"
	"Type the code on your voting card, then press Enter.\n"
	"It has 24 letters and digits. Capitals and hyphens do not matter.\n"
	"Type the code on your card:\n"
	"\nIs this your ballot?\n"
	"South: 1 contest\n"
	"The fingerprint on your card must be PRINT.\n"
	"  yes     Yes, begin\n"
	"  no      No, this is not my ballot\n"
	"\nContest 1 of 1\n"
	"Mayor\n"
	"Choose 1.\n"
	"Choices left: 1\n"
	"  1 [ ] Ada Lovelace\n"
	"  2 [ ] Alan Turing\n"
	"  3 [ ] Grace Hopper\n"
	"  blank   Leave this contest blank\n"
	"  next    Check your ballot\n"
	"Type numbers with spaces between (instead of those before), or a word.\n"
	"! You may choose only 1 here. To choose another, first take a choice away.\n"
	"\nContest 1 of 1\n"
	"Mayor\n"
	"Choose 1.\n"
	"Choices left: 1\n"
	"  1 [ ] Ada Lovelace\n"
	"  2 [ ] Alan Turing\n"
	"  3 [ ] Grace Hopper\n"
	"  blank   Leave this contest blank\n"
	"  next    Check your ballot\n"
	"Type numbers with spaces between (instead of those before), or a word.\n"
	"\nContest 1 of 1\n"
	"Mayor\n"
	"Choose 1.\n"
	"Choices left: 0\n"
	"You chose:\n"
	"  Grace Hopper\n"
	"  1 [ ] Ada Lovelace\n"
	"  2 [ ] Alan Turing\n"
	"  3 [x] Grace Hopper\n"
	"  blank   Leave this contest blank\n"
	"  next    Check your ballot\n"
	"Type numbers with spaces between (instead of those before), or a word.\n"
	"\nCheck your ballot\n"
	"Compare with your notes. Choose a contest to change it, or lock your ballot.\n"
	"  1 Mayor\n"
	"      Grace Hopper\n"
	"  lock    Lock my ballot\n"
	"  stop    Stop without voting\n"
	"tracker=NUMBER\n"
	"slip=FOLDER/NUMBER.txt\n"
	"\nYour ballot is locked.\n"
	"Take hold of your slip. Your ballot has the number\n"
	"NUMBER\n"
	"You have NOT voted yet.\n"
	"  cast    CAST my ballot\n"
	"  test    Test this machine. This ballot will be opened and not counted. Then you vote "
	"again.\n"
	"\nCasting your ballot\n"
	"Please wait.\n"
	"Number of the ballot\n"
	"NUMBER\n"
	"receipt=RECEIPTS/NUMBER.receipt\n"
	"fate=CAST\n"
	"\nYou have voted.\n"
	"Number of the ballot\n"
	"NUMBER\n"
	"Keep your slip. With its number you can see that your ballot is counted.\n"
	"  done    Done\n";

/* Write `with` in the place of every `what` of text. */
static void put_in(char *text, size_t cap, const char *what, const char *with)
{
	char *rest = text, *found;
	size_t a = strlen(what), w = strlen(with);

	while ((found = strstr(rest, what)) != NULL) {
		assert_true(strlen(text) + w < cap);
		memmove(found + w, found + a, strlen(found + a) + 1);
		memcpy(found, with, w);
		rest = found + w;
	}
}

static void a_script_votes_and_every_word_is_as_documented(void **state)
{
	char want[16384], print[CREDENTIAL_FINGERPRINT_TEXT];
	enum run_end end;
	char *text;

	(void)state;
	booths_make(&b, "script", "never", 3);
	text = run_script(script_of(1, "yes\n1 2\n3\nnext\nlock\ncast\n"), &end, true);
	(void)snprintf(want, sizeof(want), "%s", SOUTH);
	credential_fingerprint_format(print, credential_fingerprint(b.town.m->election_id,
	                                                            b.town.voter[1].key_bytes, 32));
	put_in(want, sizeof(want), "PRINT", print);
	put_in(want, sizeof(want), "NUMBER", value_of(text, "tracker"));
	put_in(want, sizeof(want), "FOLDER", b.folder[2]);
	put_in(want, sizeof(want), "RECEIPTS", b.folder[1]);
	/* The next voter's first screen follows. */
	assert_int_equal(strncmp(text, want, strlen(want)), 0);
	assert_says(text + strlen(want), "Type the code on your card:");
	assert_int_equal(end, RUN_STOPPED);
	free(text);
	booths_free(&b);
}

static void several_voters_come_one_after_the_other(void **state)
{
	char script[10000];
	enum run_end end;
	size_t len;
	char *text;

	(void)state;
	booths_make(&b, "several", "never", 3);
	(void)snprintf(script, sizeof(script), "%s",
	               script_of(0, "yes\n2\nnext\n1 4\nnext\n1=5 2=2\nnext\nblank\nnext\n21 22\n"
	                         "more\nnext\n5\n30\nreview\nlock\ntest\nvote\n"
	                         "blank\nnext\n1 2 3\nnext\nnext\n"
	                         "next\nnext\nlock\ncast\n"));
	len = strlen(script);
	(void)snprintf(script + len, sizeof(script) - len, "%s",
	               script_of(3, "yes\nnext\nlock\ncast\n"));
	text = run_script(script, &end, false);
	assert_int_equal(end, RUN_STOPPED);
	assert_says(text, "    (1 to 20 of 30; type: more)\n");
	assert_says(text, "    (21 to 30 of 30; type: more)\n");
	assert_says(text, " 21 [x] Candidate number 21 of the board\n");
	assert_says(text, "  1  points 5  Oak park\n");
	assert_says(text, "TEST - NOT COUNTED\n");
	assert_says(text, "This machine had locked: Alan Turing\nYou had chosen: Alan Turing\n");
	assert_says(text, "\nopening=");
	assert_says(text, "\nfate=TESTED\n");
	assert_says(strstr(text, "\nfate=TESTED\n"), "\nfate=CAST\n");
	assert_says(strstr(strstr(text, "\nfate=CAST\n") + 1, "\ntracker="), "\nfate=CAST\n");
	free(text);
	booths_free(&b);
}

static void input_that_ends_in_the_middle_casts_nothing(void **state)
{
	struct ballot_record found;
	enum run_end end;
	char *text;

	(void)state;
	booths_make(&b, "ends", "never", 3);
	text = run_script(script_of(1, "yes\n1\nnext\nlock\n"), &end, false);
	assert_int_equal(end, RUN_LEFT);
	assert_says(text, "You have NOT voted yet.");
	assert_null(strstr(text, "You have voted."));
	free(text);
	text = run_script("0123\n", &end, false);
	assert_int_equal(end, RUN_STOPPED);
	assert_says(text, "! That is not a code: it has 24 letters and digits. Please type it "
	            "again.\n");
	assert_int_equal(election_find_voter(b.town.e, 0, &found), ST_NOT_FOUND);
	/* The locked ballot ended as void. */
	booths_up(&b);
	assert_int_equal(spool_count_in(booth_spool(b.booth), SPOOL_VOID), 1);
	free(text);
	booths_free(&b);
}

static void a_line_without_an_end_and_one_without_measure(void **state)
{
	char script[8192];
	enum run_end end;
	char *text;

	(void)state;
	booths_make(&b, "lines", "never", 3);
	memset(script, (int)0x41, sizeof(script));
	(void)snprintf(script + 3000, sizeof(script) - 3000, "\n%s", script_of(1, "yes"));
	text = run_script(script, &end, false);
	assert_says(text, "! That is not possible here.\n");
	/* The last line counts, though its newline is missing. */
	assert_says(text, "Contest 1 of 1\n");
	assert_int_equal(end, RUN_LEFT);
	free(text);
	booths_free(&b);
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	m = precinct_manifest("never");
	s = mem_secret_alloc(sizeof(*s));
	return s == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(s);
	manifest_free(m);
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_commands_in_any_case_and_alone),
		cmocka_unit_test(yes_and_no_answer_the_question_that_stands),
		cmocka_unit_test(numbers_are_the_whole_answer_of_a_contest),
		cmocka_unit_test(points_stand_behind_an_equals_sign),
		cmocka_unit_test(at_the_review_a_number_edits_and_at_the_start_a_line_is_a_code),
		cmocka_unit_test(a_script_votes_and_every_word_is_as_documented),
		cmocka_unit_test(several_voters_come_one_after_the_other),
		cmocka_unit_test(input_that_ends_in_the_middle_casts_nothing),
		cmocka_unit_test(a_line_without_an_end_and_one_without_measure),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
