/* attack.c: see attack.h. */
#include "tests/unit/lib/attack.h"

#include "common/election/state.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/ballotforge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"
#define ONE_OF_TWO(id) "{\"id\": \"" id "\", \"type\": \"choose\", \"min\": 1, \"max\": 1, " \
	"\"blank\": true, \"title\": {\"en\": \"" id "\"}, " \
	"\"options\": [" NAMED("ada") ", " NAMED("alan") "]}"
#define TOWN(revote) \
	"{\"title\": {\"en\": \"Test\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", " \
	"\"threshold\": 3, \"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], " \
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", " \
	"\"revote\": \"" revote "\", \"tests_per_kiosk\": 2, " \
	"\"units\": [{\"id\": \"north\", \"name\": {\"en\": \"North\"}, \"merge_into\": \"south\"}, " \
	NAMED("south") "], \"styles\": [" \
	"{\"id\": \"n\", \"unit\": \"north\", " \
	"\"contests\": [\"mayor\", \"judge\", \"board\", \"parks\"]}, " \
	"{\"id\": \"s\", \"unit\": \"south\", " \
	"\"contests\": [\"mayor\", \"judge\", \"board\", \"parks\"]}, " \
	"{\"id\": \"m\", \"unit\": \"south\", \"contests\": [\"mayor\"]}], " \
	"\"contests\": [" ONE_OF_TWO("mayor") ", " ONE_OF_TWO("judge") ", " \
	"{\"id\": \"board\", \"type\": \"choose\", \"min\": 0, \"max\": 2, " \
	"\"title\": {\"en\": \"Board\"}, " \
	"\"options\": [" NAMED("eve") ", " NAMED("flo") ", " NAMED("gus") "]}, " \
	"{\"id\": \"parks\", \"type\": \"score\", \"each_max\": 3, \"max\": 4, " \
	"\"title\": {\"en\": \"Parks\"}, \"options\": [" NAMED("oak") ", " NAMED("elm") "]}]}"

const char ATTACK_NEVER[] = TOWN("never");
const char ATTACK_LAST[] = TOWN("last");
const uint32_t ATTACK_CHOICE[ATTACK_M] = { 0, 1, 0, 1, 0, 0, 1, 0, 1, 3, 1 };
const uint32_t ATTACK_CHOICE_MAYOR[ATTACK_M_MAYOR] = { 0, 0, 1 };

static const uint16_t STYLES[ATTACK_VOTERS] = { 0, 0, 0, 0, 1, 1, 1, 2 };

/* --- a town ---------------------------------------------------------------------------------- */

/* Zeroed; elements and scalars ask for more alignment than malloc gives. */
static void *room(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);

	assert_non_null(p);
	memset(p, 0, bytes);
	return p;
}

struct town *attack_town(const char *definition, enum election_phase phase)
{
	static const uint32_t EARLY[] = { 1, 2, 5 };
	struct town *t = room(sizeof(*t));

	town_new(t, 4, definition);
	if (phase >= PHASE_ENROL)
		town_ceremony(t, town_everyone(t));
	if (phase >= PHASE_OPEN) {
		town_enrol(t, STYLES, NULL, ATTACK_VOTERS);
		town_open(t);
	}
	for (size_t i = 0; phase >= PHASE_CLOSED && i < sizeof(EARLY) / sizeof(EARLY[0]); i++)
		town_block_one(t, attack_ballot(t, EARLY[i]));
	if (phase == PHASE_CLOSED)
		town_block_one(t, town_phase(t, TX_CLOSE, town_everyone(t)));
	if (phase == PHASE_ENDED)
		town_close_and_end(t);
	assert_int_equal(election_phase(t->e), phase);
	return t;
}

void attack_town_free(struct town *t)
{
	town_free(t);
	free(t);
}

/* --- the verdict ----------------------------------------------------------------------------- */

/* The state, piece by piece; what an index holds is told by its count. */
struct piece {
	const void *at;
	size_t len;
};

enum { PIECES = 13 };

static void list_pieces(const struct election *e, struct piece *p)
{
	size_t voters = e->votes == NULL ? 0 : e->now.roll->count;
	const struct piece list[PIECES] = {
		{ &e->now, sizeof(e->now) },
		{ &e->digest, sizeof(e->digest) },
		{ &e->blocks_len, sizeof(e->blocks_len) },
		{ &e->keys_used.count, sizeof(e->keys_used.count) },
		{ &e->trackers.count, sizeof(e->trackers.count) },
		{ &e->alphas.count, sizeof(e->alphas.count) },
		{ &e->ephemerals.count, sizeof(e->ephemerals.count) },
		{ e->devices, LIMIT_KIOSKS * sizeof(*e->devices) },
		{ e->cells.cells, e->cells.cells_len * sizeof(*e->cells.cells) },
		{ e->cells.sums, e->cells.sums_len * sizeof(*e->cells.sums) },
		{ e->votes, voters * sizeof(*e->votes) },
		{ e->tree_nodes, merkle_tree_nodes(voters) * sizeof(*e->tree_nodes) },
		{ e->now.roll_chunks, e->now.roll_chunks_total * sizeof(*e->now.roll_chunks) },
	};

	memcpy(p, list, sizeof(list));
}

/* A copy of all pieces, one behind the other.  free. */
static uint8_t *state_copy(const struct election *e, size_t *len)
{
	struct piece p[PIECES];
	uint8_t *copy;

	list_pieces(e, p);
	*len = 0;
	for (size_t i = 0; i < PIECES; i++)
		*len += p[i].len;
	copy = malloc(*len);
	assert_non_null(copy);
	*len = 0;
	for (size_t i = 0; i < PIECES; i++) {
		if (p[i].len > 0)
			memcpy(copy + *len, p[i].at, p[i].len);
		*len += p[i].len;
	}
	return copy;
}

static enum status judge(struct town *t, const struct tx *tx)
{
	static const struct verdict NOTHING;
	const struct election_params *p = election_params(t->e);
	struct verdict alone, batched;
	enum status st, in_batch;

	st = election_check(p, tx, &alone);
	checker_run(t->checker, p, tx, 1, &in_batch, &batched);
	assert_int_equal(st, in_batch);
	assert_memory_equal(&alone, &batched, sizeof(alone));
	if (st != ST_OK)
		assert_memory_equal(&alone, &NOTHING, sizeof(alone));
	params_unref(p);
	return st != ST_OK ? st : election_would_apply(t->e, tx, &alone);
}

enum status attack_say(struct town *t, const struct town_tx *in)
{
	size_t len, len_after;
	uint8_t *before = state_copy(t->e, &len), *after;
	uint64_t mark = journal_mark(t->e->journal);
	struct tx tx;
	enum status st = tx_decode(&tx, in->wire, in->len);

	if (st == ST_OK)
		st = judge(t, &tx);
	after = state_copy(t->e, &len_after);
	assert_int_equal(len, len_after);
	assert_memory_equal(before, after, len);
	assert_true(mark == journal_mark(t->e->journal));
	free(before);
	free(after);
	return st;
}

enum status attack_say_once(struct town *t, struct town_tx tx)
{
	enum status st = attack_say(t, &tx);

	town_tx_free(&tx);
	return st;
}

/* --- ballots --------------------------------------------------------------------------------- */

struct town_tx attack_ballot(struct town *t, uint32_t voter)
{
	uint16_t style = STYLES[voter];

	return style == ATTACK_STYLE_MAYOR ?
	       town_ballot(t, voter, style, ATTACK_CHOICE_MAYOR, ATTACK_M_MAYOR) :
	       town_ballot(t, voter, style, ATTACK_CHOICE, ATTACK_M);
}

struct town_tx attack_test(struct town *t, uint32_t voter)
{
	return town_test(t, voter, STYLES[voter],
	                 STYLES[voter] == ATTACK_STYLE_MAYOR ? ATTACK_CHOICE_MAYOR : ATTACK_CHOICE,
	                 STYLES[voter] == ATTACK_STYLE_MAYOR ? (size_t)ATTACK_M_MAYOR
	                                                     : (size_t)ATTACK_M);
}

struct ballot attack_decode(struct town *t, const struct town_tx *tx)
{
	struct ballot b;
	struct tx opened;

	assert_int_equal(tx_decode(&opened, tx->wire, tx->len), ST_OK);
	assert_int_equal(ballot_decode(&b, t->m, &opened), ST_OK);
	return b;
}

uint8_t *attack_part(const struct town_tx *tx, const uint8_t *part)
{
	assert_true(part >= tx->wire && part < tx->wire + tx->len);
	return tx->wire + (part - tx->wire);
}

void attack_sign(struct town *t, struct town_tx *tx, uint32_t voter)
{
	struct ballot b = attack_decode(t, tx);
	struct message m = ballot_message(t->setup, "ballot", &b.body);

	assert_int_equal(schnorr_sign(t->m->suite, attack_part(tx, b.signature),
	                              &t->voter[voter].secret, &m), ST_OK);
}

void attack_claim(struct town *t, struct town_tx *tx, uint32_t voter)
{
	struct ballot b = attack_decode(t, tx);

	memcpy(attack_part(tx, b.credential), t->voter[voter].key_bytes,
	       group_element_len(t->m->suite));
	attack_sign(t, tx, voter);
}

void attack_encrypt(struct town *t, struct town_tx *tx, uint32_t voter, const uint32_t *values,
                    const struct scalar *r)
{
	static const struct ballotmutant HONEST = { 0 };
	struct ballot b = attack_decode(t, tx);
	struct ballotcase *c = room(sizeof(*c));
	uint64_t wide[LIMIT_BALLOT_CIPHERTEXTS];
	struct ballotforge *f;

	c->g = t->m->suite;
	c->setup = ballot_setup_style(t->setup, b.body.style);
	c->layout = *c->setup.layout;
	c->ciphertexts = attack_part(tx, b.body.ciphertexts);
	c->proof = attack_part(tx, b.body.proof);
	ballot_context(c->ctx, t->setup, &b.body);
	for (size_t i = 0; i < b.body.ciphertexts_len; i++)
		wide[i] = values[i];
	f = ballotforge_new(c, &HONEST);
	memcpy(f->r, r, b.body.ciphertexts_len * sizeof(*r));
	ballotforge_honest(f, wide);
	ballotforge_run(f);
	ballotforge_free(f);
	free(c);
	attack_sign(t, tx, voter);
}

void attack_both(struct town *t, uint32_t voter, struct town_tx *ballot, struct town_tx *test)
{
	uint8_t blinding[32] = { 1 }, device[32] = { 2 };
	struct ballot_intent intent = {
		.style = ATTACK_STYLE_NORTH, .credential = &t->voter[voter], .blinding = blinding,
		.device = device,
	};
	struct ballot_locked *b;
	uint8_t *wire;
	size_t len;

	assert_int_equal(ballot_lock(&b, t->setup, &intent, ATTACK_CHOICE, ATTACK_M), ST_OK);
	wire = malloc(b->wire_len);
	assert_non_null(wire);
	memcpy(wire, b->wire, b->wire_len);
	*test = (struct town_tx){ .wire = malloc(ballot_test_wire_len(t->setup, 0)) };
	assert_non_null(test->wire);
	assert_int_equal(ballot_open_test(b, 0, t->kiosk_key, test->wire,
	                                  ballot_test_wire_len(t->setup, 0), &len), ST_OK);
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_PHASE);
	/* our own library will not cast it now; an attacker's has no such scruples */
	memcpy(b->wire, wire, b->wire_len);
	free(wire);
	b->openings = mem_secret_alloc(b->openings_len);
	b->selections = mem_secret_alloc(b->selections_len * sizeof(*b->selections));
	assert_non_null(b->openings);
	assert_non_null(b->selections);
	test->len = len + TX_SIG_BYTES;
	attack_sign_official(t, test, &t->kiosk);
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_OK);
	*ballot = (struct town_tx){ .wire = malloc(b->wire_len), .len = b->wire_len };
	assert_non_null(ballot->wire);
	memcpy(ballot->wire, b->wire, b->wire_len);
	ballot_locked_free(b);
}

/* --- other transactions ---------------------------------------------------------------------- */

void attack_sign_official(struct town *t, struct town_tx *tx, const struct sign_secret *by)
{
	const struct election_params *p = election_params(t->e);
	struct message m;

	assert_true(tx->len > 1 + TX_SIG_BYTES);
	m = check_message(p, (enum tx_type)tx->wire[0], tx->wire + 1, tx->len - 1 - TX_SIG_BYTES);
	sign_message(by, tx->wire + tx->len - TX_SIG_BYTES, &m);
	params_unref(p);
}

uint8_t *attack_message(const struct town_tx *tx, size_t *len)
{
	struct tx_trustee_message m;
	struct tx opened;

	assert_int_equal(tx_decode(&opened, tx->wire, tx->len), ST_OK);
	assert_int_equal(tx_trustee_message_decode(&m, &opened), ST_OK);
	*len = m.message_len;
	return attack_part(tx, m.message);
}
