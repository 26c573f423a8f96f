/*
 * test_session_walk.c: whatever event comes in whatever state, the session stays within its rules
 * (N37, N84; kiosk.md: K5, K8).
 */
#include "crypto/mem.h"
#include "tests/unit/lib/precinct.h"
#include "tests/unit/lib/prng.h"
#include "voter-client/kiosk/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct manifest *m;
static struct session *s;
static struct screen *screen;
static uint64_t now;

static unsigned int step(struct session_event ev)
{
	unsigned int effects;

	ev.now_ms = now;
	effects = session_step(s, &ev);
	session_screen(s, screen);
	return effects;
}

static void begin(void)
{
	const struct session_config c = {
		.manifest = m, .kiosk = 3, .idle_ms = SESSION_IDLE_MS, .warn_ms = SESSION_WARN_MS,
		.patience_ms = SESSION_PATIENCE_MS, .end_ms = SESSION_END_MS,
	};

	now += 1000;
	session_init(s, &c);
	s->now_ms = now;
	assert_int_equal(step((struct session_event){ .kind = EV_SERVICE }), 0);
	assert_int_equal(s->at, AT_CREDENTIAL);
}

static void assert_voter_is_forgotten(void)
{
	assert_true(mem_is_zero(s->value, sizeof(s->value)));
	assert_true(mem_is_zero(s->opened, sizeof(s->opened)));
	assert_true(mem_is_zero(s->typed, sizeof(s->typed)));
	assert_true(mem_is_zero(&s->code, sizeof(s->code)));
	assert_true(mem_is_zero(s->fingerprint, sizeof(s->fingerprint)));
}

struct walk {
	struct prng r;
	bool has_locked;       /* a LOCK without its CAST, TEST or VOID */
	uint64_t visits[AT_COUNT];
};

static void check_contests(void)
{
	if (s->at != AT_CONTEST && s->at != AT_REVIEW && s->at != AT_DECIDE)
		return;
	for (uint16_t p = 0; p < votes_places(s); p++) {
		const struct manifest_contest *c = votes_contest(s, p);

		assert_true(votes_total(s, p) <= c->max);
		for (uint16_t i = 0; i < c->options_len; i++)
			assert_true(votes_of(s, p, i) <= c->each_max);
		if (votes_is_blank(s, p))
			assert_int_equal(votes_total(s, p), 0);
		if (s->at == AT_DECIDE)
			assert_int_not_equal(votes_state(s, p), VOTES_TOO_FEW);
	}
}

static void check_screen(void)
{
	assert_true(screen->title[0] != '\0');
	assert_true(screen->is_waiting ? s->over == OVER_NONE : screen->items_len > 0);
	assert_true(screen->items_len == 0 || screen->focus < screen->items_len);
	for (uint16_t i = 0; i < screen->lines_len; i++)
		assert_non_null(screen->line[i].text);
	for (uint16_t i = 0; i < screen->items_len; i++)
		assert_true(screen->item[i].text != NULL && screen->item[i].text[0] != '\0');
	if (s->at == AT_END)
		assert_voter_is_forgotten();
}

static void check_fates(struct walk *w, unsigned int effects)
{
	unsigned int fate = effects & (EFFECT_CAST | EFFECT_TEST | EFFECT_VOID);

	assert_true(fate == 0 || fate == EFFECT_CAST || fate == EFFECT_TEST || fate == EFFECT_VOID);
	if (effects & EFFECT_LOCK) {
		assert_false(w->has_locked);
		w->has_locked = true;
	}
	if (fate != 0) {
		assert_true(w->has_locked);
		w->has_locked = false;
	}
	if (effects & EFFECT_FORGET)
		assert_false(w->has_locked);
}

/* The shell's answer to effects, good or bad. */
static struct session_event shell_event(struct walk *w, unsigned int effects)
{
	static uint32_t values[LIMIT_BALLOT_CIPHERTEXTS];
	static uint8_t tracker[32];
	static struct session_found f;
	bool bad = prng_below(&w->r, 8) == 0;

	prng_bytes(&w->r, tracker, sizeof(tracker));
	f = (struct session_found){ .style = (uint16_t)prng_below(&w->r, 2),
	                            .live_tracker = bad ? tracker : NULL };
	if (effects & EFFECT_LOOKUP)
		return (struct session_event){ .kind = prng_below(&w->r, 8) == 0 ? EV_UNKNOWN : EV_FOUND,
		                               .found = &f };
	if (effects & EFFECT_OLD)
		return (struct session_event){ .kind = bad ? EV_OLD_BAD : EV_OLD_GOOD };
	if (effects & EFFECT_LOCK) {
		if (bad)
			w->has_locked = false;
		return (struct session_event){ .kind = bad ? EV_FAILED : EV_LOCKED, .tracker = tracker };
	}
	if (effects & EFFECT_TEST)
		return (struct session_event){ .kind = EV_OPENED, .values = values,
		                               .values_len = m->styles[s->style].ciphertexts_len,
		                               .number = bad ? 0 : 3 };
	return (struct session_event){ .kind = prng_below(&w->r, 2) == 0 ? EV_CAST : EV_REJECTED };
}

static struct session_event random_event(struct walk *w)
{
	static uint32_t values[LIMIT_OPTIONS + 1];
	static const char line[SESSION_TYPED_MAX + 8] = "0123-4567-89AB-CDEF-GHJK-MN0J";
	struct session_event ev = { .values = values, .text = line };
	size_t pick = prng_below(&w->r, 40);

	for (size_t i = 0; i < 40; i++)
		values[i] = prng_below(&w->r, 6) == 0;
	ev.values_len = s->at == AT_CONTEST ? votes_contest(s, s->place)->ciphertexts_len : 3;
	ev.text_len = prng_below(&w->r, 6) == 0 ? prng_below(&w->r, sizeof(line)) : 29;
	ev.number = (uint32_t)prng_below(&w->r, 6);
	if (pick < 16) {   /* something that is offered */
		ev.kind = pick < 6 ? EV_FOCUS_NEXT : EV_SELECT;
	} else if (pick < 22) {
		ev.kind = EV_COMMAND;
		ev.number = (uint32_t)prng_below(&w->r, CMD_COUNT + 1);
	} else if (pick < 26) {
		ev.kind = EV_LINE;
	} else if (pick < 30) {
		ev.kind = EV_ANSWER;
	} else {
		ev.kind = (enum session_event_kind)prng_below(&w->r, EV_FOUND);
		if (ev.kind == EV_TICK && prng_below(&w->r, 4) == 0)
			now += SESSION_IDLE_MS;
		if (ev.kind == EV_SERVICE)
			ev.number = prng_below(&w->r, 4) == 0 ? (uint32_t)prng_below(&w->r, SERVICE_COUNT) : 0;
	}
	return ev;
}

static void one_step(struct walk *w, struct session_event ev)
{
	unsigned int asks = EFFECT_LOOKUP | EFFECT_OLD | EFFECT_LOCK | EFFECT_CAST | EFFECT_TEST;
	unsigned int effects = step(ev);

	for (;;) {
		assert_true(s->at < AT_COUNT);
		w->visits[s->at]++;
		check_screen();
		check_contests();
		check_fates(w, effects);
		if ((effects & asks) == 0)
			return;
		effects = step(shell_event(w, effects));
	}
}

static void no_event_leads_to_an_undefined_screen(void **state)
{
	struct walk w = { .has_locked = false };
	struct manifest *never = m;
	struct manifest *last = precinct_manifest("last");

	(void)state;
	prng_seed(&w.r, "walk");
	for (int round = 0; round < 2; round++) {
		m = round == 0 ? never : last;
		begin();
		w.has_locked = false;   /* whatever the round before left undone */
		for (int i = 0; i < 60000; i++) {
			now += prng_below(&w.r, 200);
			if (s->at == AT_OUT)
				one_step(&w, (struct session_event){ .kind = EV_SERVICE });
			one_step(&w, random_event(&w));
		}
	}
	m = never;
	begin();
	manifest_free(last);
	for (int at = 0; at < AT_COUNT; at++)   /* the walk was one through the whole house */
		if (w.visits[at] == 0)
			fail_msg("state %d was never reached", at);
}

/* Whatever the walk led to, idleness clears it. */
static void from_anywhere_idleness_leads_back_to_the_start(void **state)
{
	struct walk w = { .has_locked = false };

	(void)state;
	prng_seed(&w.r, "idle");
	for (int i = 0; i < 3000; i++) {
		begin();
		w.has_locked = false;
		for (size_t k = prng_below(&w.r, 60); k > 0; k--)
			one_step(&w, random_event(&w));
		one_step(&w, (struct session_event){ .kind = EV_SERVICE });
		for (int k = 0; k < 4; k++) {
			now += SESSION_IDLE_MS + SESSION_WARN_MS;
			one_step(&w, (struct session_event){ .kind = EV_TICK });
		}
		assert_int_equal(s->at, AT_CREDENTIAL);
		assert_false(w.has_locked);
		assert_voter_is_forgotten();
	}
}

static int setup(void **state)
{
	(void)state;
	if (crypto_init() != ST_OK)
		return -1;
	m = precinct_manifest("never");
	s = mem_secret_alloc(sizeof(*s));
	screen = calloc(1, sizeof(*screen));
	return s == NULL || screen == NULL ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	mem_secret_free(s);
	free(screen);
	manifest_free(m);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_event_leads_to_an_undefined_screen),
		cmocka_unit_test(from_anywhere_idleness_leads_back_to_the_start),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
