/*
 * booths.c: see booths.h.
 */
#include "tests/unit/lib/booths.h"

#include "common/election/state.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/precinct.h"
#include "tests/unit/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- the town --------------------------------------------------------------------------------- */

/* town_enrol keeps its voters' codes to itself; here they are needed. */
static void enrol(struct booths *b)
{
	const struct group *g = b->town.m->suite;
	size_t entry_len = roll_entry_len(g);
	uint8_t entries[BOOTHS_VOTERS * 64], body[8192], sig[64];
	struct writer w;
	struct message m;
	const struct election_params *p = election_params(b->town.e);
	struct town_tx roll = { .wire = NULL };

	writer_init(&w, entries, sizeof(entries));
	for (uint32_t i = 0; i < BOOTHS_VOTERS; i++) {
		struct credential *c = &b->town.voter[i];
		struct roll_entry e = { .weight = 1, .style = i % 2, .key = c->key_bytes };

		credential_code_generate(&b->code[i]);
		assert_int_equal(credential_derive(c, g, b->town.m->election_id, &b->code[i]), ST_OK);
		roll_entry_write(&w, g, &e);
	}
	assert_int_equal(w.pos, BOOTHS_VOTERS * entry_len);
	roll_sort(g, entries, BOOTHS_VOTERS);
	b->town.voters = BOOTHS_VOTERS;
	writer_init(&w, body, sizeof(body));
	tx_begin(&w, TX_ROLL);
	tx_roll_body(&w, 0, 1, entries, BOOTHS_VOTERS * entry_len);
	m = check_message(p, TX_ROLL, body + 1, w.pos - 1);
	sign_message(&b->town.registrar, sig, &m);
	writer_bytes(&w, sig, sizeof(sig));
	assert_int_equal(writer_end(&w, &roll.len), ST_OK);
	roll.wire = malloc(roll.len);
	assert_non_null(roll.wire);
	memcpy(roll.wire, body, roll.len);
	params_unref(p);
	town_block_one(&b->town, roll);
}

static void tell(void *ctx, const char *key, const char *value)
{
	struct booths *b = ctx;

	assert_true(b->told_len < BOOTHS_TOLD);
	(void)snprintf(b->told[b->told_len++], sizeof(b->told[0]), "%s=%s", key, value);
}

static void forget(void *ctx)
{
	struct booths *b = ctx;

	b->forgotten++;
}

void booths_make(struct booths *b, const char *name, const char *revote, unsigned int tests)
{
	static const char *const folder[] = { "spool", "receipts", "slips" };
	static char definition[PRECINCT_DEFINITION_BYTES];

	memset(b, 0, sizeof(*b));
	precinct_definition(definition, revote, tests);
	town_new(&b->town, 4, definition);
	town_ceremony(&b->town, town_everyone(&b->town));
	enrol(b);
	town_block_one(&b->town, town_device(&b->town, BOOTHS_KIOSK));
	town_open(&b->town);
	townport_init(&b->port, &b->town);
	b->key = mem_secret_alloc(sizeof(*b->key));
	assert_non_null(b->key);
	keyfile_generate(b->key, KEYFILE_KIOSK, NULL);
	sign_secret_seed(&b->town.kiosk, b->key->sign_seed);
	for (size_t i = 0; i < 3; i++)
		(void)snprintf(b->folder[i], sizeof(b->folder[i]), "%s/%s-%s", scratch_folder(), name,
		               folder[i]);
	b->face = (struct face){ .ctx = b, .tell = tell, .forget = forget };
	b->now = 1000;
}

void booths_free(struct booths *b)
{
	booths_down(b);
	mem_secret_free(b->key);
	townport_free(&b->port);
	town_free(&b->town);
}

/* --- the kiosk -------------------------------------------------------------------------------- */

enum status booths_start(struct booths *b, struct fault *fault)
{
	const struct booth_config c = {
		.session = { .manifest = b->town.m, .kiosk = BOOTHS_KIOSK, .idle_ms = SESSION_IDLE_MS,
		             .warn_ms = SESSION_WARN_MS, .patience_ms = SESSION_PATIENCE_MS,
		             .end_ms = SESSION_END_MS },
		.key = b->key, .spool = b->folder[0], .receipts = b->folder[1], .slips = b->folder[2],
		.port = &b->port.port, .face = &b->face,
	};

	return booth_new(&b->booth, &c, fault);
}

void booths_up(struct booths *b)
{
	struct fault fault = { 0 };

	if (booths_start(b, &fault) != ST_OK)
		fail_msg("the kiosk does not start: %s", fault.what);
	booths_run(b, 10000);
}

void booths_down(struct booths *b)
{
	booth_free(b->booth);
	b->booth = NULL;
}

void booths_run(struct booths *b, uint32_t ms)
{
	uint64_t until = b->now + ms;
	struct client_event ev;

	while (b->now < until) {
		b->now += 50;
		booth_tick(b->booth, b->now);
		while (b->port.port.poll(b->port.port.ctx, &ev, 0) == ST_OK)
			booth_answer(b->booth, &ev, b->now);
	}
}

const struct session *booths_session(const struct booths *b)
{
	return booth_session(b->booth);
}

void booths_command(struct booths *b, enum session_command c)
{
	booth_event(b->booth, &(struct session_event){ .kind = EV_COMMAND, .number = c,
	                                               .now_ms = b->now });
}

void booths_line(struct booths *b, const char *text)
{
	booth_event(b->booth, &(struct session_event){ .kind = EV_LINE, .text = text,
	                                               .text_len = strlen(text), .now_ms = b->now });
}

const char *booths_told(const struct booths *b, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = b->told_len; i-- > 0;)
		if (strncmp(b->told[i], key, len) == 0 && b->told[i][len] == '=')
			return b->told[i] + len + 1;
	return NULL;
}

/* --- voters ----------------------------------------------------------------------------------- */

void booths_enter(struct booths *b, uint32_t v)
{
	char text[CREDENTIAL_CODE_TEXT];

	assert_int_equal(booths_session(b)->at, AT_CREDENTIAL);
	credential_code_format(text, &b->code[v]);
	booths_line(b, text);
	assert_int_equal(booths_session(b)->at, AT_BALLOT);
	booths_command(b, CMD_YES);
}

void booths_choose_and_lock(struct booths *b, uint16_t option)
{
	uint32_t mayor[4] = { 0 };
	const uint32_t council[5] = { 1, 0, 0, 1, 0 };
	const struct session *s = booths_session(b);

	mayor[1 + option] = 1;
	booth_event(b->booth, &(struct session_event){ .kind = EV_ANSWER, .values = mayor,
	                                               .values_len = 4, .now_ms = b->now });
	booths_command(b, CMD_NEXT);
	if (s->at == AT_CONTEST) {
		booth_event(b->booth, &(struct session_event){ .kind = EV_ANSWER, .values = council,
		                                               .values_len = 5, .now_ms = b->now });
		for (int i = 0; i < 4; i++)
			booths_command(b, CMD_NEXT);
	}
	assert_int_equal(s->at, AT_REVIEW);
	booths_command(b, CMD_LOCK);
}

void booths_vote(struct booths *b, uint32_t v, uint16_t option)
{
	booths_enter(b, v);
	booths_choose_and_lock(b, option);
	assert_int_equal(booths_session(b)->at, AT_DECIDE);
	booths_command(b, CMD_CAST);
	booths_run(b, 2000);
	assert_int_equal(booths_session(b)->at, AT_END);
	assert_int_equal(booths_session(b)->end, END_VOTED);
	booths_command(b, CMD_DONE);
	booths_run(b, 5000);   /* it reads the new block */
}
