/*
 * test_face_full.c: the full screen on a real terminal.
 *
 * With the argument "booth" it is itself a small kiosk without any election behind it: every code
 * is good, every ballot is taken.  tests/e2e/test_kiosk_screen sits down at it, with a code that
 * the argument "code" prints.
 */
#include "common/base/clock.h"
#include "crypto/mem.h"
#include "tests/unit/lib/precinct.h"
#include "voter-client/kiosk/face_full.h"
#include "voter-client/kiosk/guard.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the small kiosk ------------------------------------------------------------------------- */

static struct session *s;
static struct face face;

static unsigned int step(struct session_event ev)
{
	ev.now_ms = clock_mono_ms();
	return session_step(s, &ev);
}

static void obey(unsigned int effects)
{
	static const uint8_t tracker[32] = { 31, 41, 59, 26, 53, 58, 97, 93, 23, 84 };
	const struct session_found found = { .style = 0, .fingerprint = 12345 };
	uint32_t values[LIMIT_BALLOT_CIPHERTEXTS];
	unsigned int more = 0;

	if ((effects & EFFECT_FORGET) != 0)
		face.forget(face.ctx);
	if ((effects & EFFECT_LOOKUP) != 0)
		more |= step((struct session_event){ .kind = EV_FOUND, .found = &found });
	if ((effects & EFFECT_LOCK) != 0)
		more |= step((struct session_event){ .kind = EV_LOCKED, .tracker = tracker });
	if ((effects & EFFECT_TEST) != 0)
		more |= step((struct session_event){ .kind = EV_OPENED, .values = values, .number = 5,
		                                     .values_len = session_selections(s, values) });
	if ((effects & EFFECT_CAST) != 0)
		more |= step((struct session_event){ .kind = EV_CAST });
	if ((more & EFFECT_FORGET) != 0)
		face.forget(face.ctx);
	face.show(face.ctx, s);
}

/* Until the terminal is gone. */
static void serve(void)
{
	struct pollfd pfd = { .fd = face.fd, .events = POLLIN };
	struct session_event ev;
	enum session_at at;
	enum status st;

	obey(step((struct session_event){ .kind = EV_SERVICE, .number = SERVICE_READY }));
	for (;;) {
		at = s->at;
		(void)step((struct session_event){ .kind = EV_TICK });
		if (s->at != at)
			face.show(face.ctx, s);
		while ((st = face.next(face.ctx, s, &ev)) == ST_OK)
			obey(step(ev));
		if (st != ST_AGAIN)
			return;
		(void)poll(&pfd, 1, 50);
	}
}

static int booth(void)
{
	struct session_config c = { .kiosk = 3, .idle_ms = SESSION_IDLE_MS,
	                            .warn_ms = SESSION_WARN_MS, .patience_ms = SESSION_PATIENCE_MS,
	                            .end_ms = SESSION_END_MS };
	struct manifest *m;
	int exit_code = 0;

	if (!guard_is_child(&exit_code))
		return exit_code;
	m = precinct_manifest("last");
	s = mem_secret_alloc(sizeof(*s));
	if (m == NULL || s == NULL || face_full_open(&face) != ST_OK)
		return 2;
	c.manifest = m;
	session_init(s, &c);
	serve();
	face.end(face.ctx);
	mem_secret_free(s);
	manifest_free(m);
	return 0;
}

static int code(void)
{
	struct credential_code c;
	char text[CREDENTIAL_CODE_TEXT];

	credential_code_generate(&c);
	credential_code_format(text, &c);
	return puts(text) < 0 ? 2 : 0;
}

/* --- what needs no terminal ------------------------------------------------------------------ */

static void without_a_terminal_there_is_no_full_screen(void **state)
{
	struct face none;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept = dup(STDIN_FILENO);
	enum status st;

	(void)state;
	assert_true(null >= 0);
	assert_int_equal(dup2(null, STDIN_FILENO), STDIN_FILENO);
	st = face_full_open(&none);
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	(void)close(kept);
	(void)close(null);
	assert_int_equal(st, ST_NOT_FOUND);
}

static void without_a_terminal_nothing_is_guarded(void **state)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), kept = dup(STDIN_FILENO), exit_code = 0;
	pid_t self = getpid();
	bool is_child;

	(void)state;
	assert_true(null >= 0);
	assert_int_equal(dup2(null, STDIN_FILENO), STDIN_FILENO);
	is_child = guard_is_child(&exit_code);
	assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
	(void)close(kept);
	(void)close(null);
	assert_true(is_child);
	assert_int_equal(getpid(), self);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_terminal_there_is_no_full_screen),
		cmocka_unit_test(without_a_terminal_nothing_is_guarded),
	};

	if (crypto_init() != ST_OK)
		return 2;
	if (argc == 2 && strcmp(argv[1], "booth") == 0)
		return booth();
	if (argc == 2 && strcmp(argv[1], "code") == 0)
		return code();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
