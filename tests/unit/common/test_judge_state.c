/*
 * test_judge_state.c: evidence that the chain decides: a promise that was broken, a kiosk that
 * contradicts itself, a node that voted twice; and all that looks like it and is not
 * (formats-evidence.md 2.5, 2.6).
 */
#include "common/election/judge.h"
#include "common/election/slip.h"
#include "common/election/state.h"
#include "crypto/mem.h"
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/reports.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NODE = 2, ROOM = 1 << 17 };

static struct town *t;
static uint8_t room[ROOM];

static const struct judgement NOBODY;

static enum status judge(const struct evidence *e, struct judgement *out)
{
	return judge_all(out, e, t->e);
}

/* It shows nothing, and names nobody. */
static void refused(const struct evidence *e, enum status why)
{
	struct judgement j;

	assert_int_equal(judge(e, &j), why);
	assert_memory_equal(&j, &NOBODY, sizeof(j));
}

static void names(const struct evidence *e, enum culprit_role role, unsigned int index)
{
	struct judgement j;

	assert_int_equal(judge(e, &j), ST_OK);
	assert_int_equal(j.role, role);
	assert_int_equal(j.index, index);
}

static void undecided(const struct evidence *e)
{
	struct judgement j;

	assert_int_equal(judge(e, &j), ST_INCOMPLETE);
}

/* Whatever byte is changed, the piece names nobody, or who it named: never somebody else. */
static void no_change_names_another(const struct evidence *e, size_t step)
{
	struct judgement j, was;
	struct evidence back;
	size_t len;

	assert_int_equal(evidence_encode(e, room, sizeof(room), &len), ST_OK);
	assert_int_equal(judge(e, &was), ST_OK);
	for (size_t i = 0; i < len; i += i < 300 ? 1 : step) {
		room[i] ^= (uint8_t)(1u << i % 8);
		if (evidence_decode(&back, room, len) == ST_OK)
			assert_int_not_equal(judge(&back, &j), ST_OK);
		room[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(evidence_decode(&back, room, i), ST_OK);
	}
	assert_int_equal(evidence_decode(&back, room, len), ST_OK);
	assert_int_equal(judge(&back, &j), ST_OK);
	assert_memory_equal(&j, &was, sizeof(j));
}

/* --- promises -------------------------------------------------------------------------------- */

/* What a node signs when it has a ballot: time_min is the town's clock. */
static struct evidence promised(const struct town_tx *ballot, unsigned int node)
{
	struct evidence e = { .kind = EVIDENCE_BREACH, .tx = ballot->wire, .tx_len = ballot->len };
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = { .purpose = "promise", .group = t->m->suite,
	                           .election_id = t->m->election_id, .body = body,
	                           .body_len = sizeof(body) };

	memcpy(e.promise.tx_id, attack_decode(t, ballot).id, sizeof(e.promise.tx_id));
	e.promise.node = (uint8_t)node;
	e.promise.time_min = t->minutes;
	promise_body(body, &e.promise);
	sign_message(&t->node[node], e.promise.sig, &m);
	return e;
}

static void close_after(uint64_t minutes)
{
	t->minutes += minutes;
	town_close_and_end(t);
}

static void a_broken_promise_names_its_node_once_the_chain_has_ended(void **state)
{
	struct town_tx ballot;
	struct judgement j;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	e = promised(&ballot, NODE);
	assert_int_equal(judge_check(&j, &e, t->m, NULL), ST_INCOMPLETE);
	undecided(&e);   /* it may yet come */
	town_block_one(t, attack_ballot(t, 1));
	close_after(JUDGE_BREACH_MINUTES);
	names(&e, CULPRIT_NODE, NODE);
	town_finish(t);
	names(&e, CULPRIT_NODE, NODE);
	assert_int_equal(judge_check(&j, &e, t->m, NULL), ST_INCOMPLETE);
	no_change_names_another(&e, 37);
	/* another node did not say so */
	e.promise.node = 1;
	refused(&e, ST_SIGNATURE);
	e.promise.node = 4;
	refused(&e, ST_ROLE);
	town_tx_free(&ballot);
	attack_town_free(t);
}

static void a_promise_that_was_kept_shows_nothing(void **state)
{
	struct town_tx ballot, again, other;
	struct evidence e, f;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	other = attack_ballot(t, 0);    /* the same voter, elsewhere: one of the two can count */
	again = town_tx_copy(&ballot);
	e = promised(&again, NODE);
	f = promised(&other, NODE);
	town_block_one(t, ballot);
	close_after(60);
	refused(&e, ST_OPENING);
	refused(&f, ST_OPENING);
	town_tx_free(&again);
	town_tx_free(&other);
	attack_town_free(t);
}

static void a_promise_of_the_last_minutes_shows_nothing(void **state)
{
	struct town_tx ballot;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	town_block_one(t, town_phase(t, TX_CLOSE, town_everyone(t)));
	e = promised(&ballot, NODE);
	t->minutes += JUDGE_BREACH_MINUTES - 1;
	town_block_one(t, town_phase(t, TX_END, town_everyone(t)));
	refused(&e, ST_TIME);
	t->minutes += 1000;              /* a node that has not heard of the end */
	e = promised(&ballot, NODE);
	refused(&e, ST_TIME);
	town_finish(t);                  /* nor does it become older by what follows */
	refused(&e, ST_TIME);
	town_tx_free(&ballot);
	attack_town_free(t);
}

static void a_test_of_the_ballot_excuses_the_node(void **state)
{
	struct town_tx ballot, test;
	struct evidence e;
	struct tx opened;
	struct ballot_test b;
	struct tracker_record r = { .is_test = true };

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	test = attack_test(t, 3);
	assert_int_equal(tx_decode(&opened, test.wire, test.len), ST_OK);
	assert_int_equal(ballot_test_decode(&b, t->m, &opened), ST_OK);
	e = promised(&ballot, NODE);
	close_after(60);
	names(&e, CULPRIT_NODE, NODE);
	/* The same body cannot be made twice here: its tracker is planted as that of a test. */
	memcpy(r.tracker, attack_decode(t, &ballot).body.tracker, sizeof(r.tracker));
	memcpy(r.prefix, r.tracker, sizeof(r.prefix));
	assert_int_equal(index_put(&t->e->trackers, t->e->journal, &r), ST_OK);
	refused(&e, ST_TRACKER);
	town_tx_free(&ballot);
	town_tx_free(&test);
	attack_town_free(t);
}

/* --- ballots that cannot be on a chain, made so that a promise breaks ------------------------ */

static void a_clash_of_trackers_excuses_the_node(void **state)
{
	struct tracker_record r = { .voter = 3 };
	struct town_tx ballot;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	e = promised(&ballot, NODE);
	memcpy(r.tracker, attack_decode(t, &ballot).body.tracker, sizeof(r.tracker));
	memcpy(r.prefix, r.tracker, sizeof(r.prefix));
	r.tracker[sizeof(r.prefix)] ^= 1;
	assert_int_equal(index_put(&t->e->trackers, t->e->journal, &r), ST_OK);
	close_after(60);
	refused(&e, ST_TRACKER);
	town_tx_free(&ballot);
	attack_town_free(t);
}

static void a_ciphertext_in_another_ballot_excuses_the_node(void **state)
{
	struct scalar r[ATTACK_M];
	struct town_tx a, b;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	for (size_t i = 0; i < ATTACK_M; i++)
		group_scalar_u64(t->m->suite, &r[i], 77 + i);
	a = attack_ballot(t, 0);
	b = attack_ballot(t, 1);
	attack_encrypt(t, &a, 0, ATTACK_CHOICE, r);
	attack_encrypt(t, &b, 1, ATTACK_CHOICE, r);
	e = promised(&b, NODE);
	town_block_one(t, a);            /* another node was quicker with this one */
	close_after(60);
	refused(&e, ST_COPIED);
	town_tx_free(&b);
	attack_town_free(t);
}

static void a_ballot_that_uses_a_ciphertext_twice_excuses_the_node(void **state)
{
	struct scalar r[ATTACK_M];
	struct town_tx a;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	for (size_t i = 0; i < ATTACK_M; i++)
		group_scalar_u64(t->m->suite, &r[i], 77);
	a = attack_ballot(t, 0);
	attack_encrypt(t, &a, 0, ATTACK_CHOICE, r);
	e = promised(&a, NODE);
	close_after(60);
	refused(&e, ST_COPIED);
	town_tx_free(&a);
	attack_town_free(t);
}

static void a_replacement_of_what_never_came_excuses_the_node(void **state)
{
	struct scalar slip, next;
	uint8_t first[32], second[32];
	struct town_tx a, b;
	struct evidence e, f;

	(void)state;
	t = attack_town(ATTACK_LAST, PHASE_OPEN);
	a = town_reballot(t, 0, ATTACK_STYLE_NORTH, ATTACK_CHOICE, ATTACK_M, NULL, NULL, &slip, first);
	b = town_reballot(t, 0, ATTACK_STYLE_NORTH, ATTACK_CHOICE, ATTACK_M, first, &slip, &next,
	                  second);
	e = promised(&a, NODE);
	f = promised(&b, 3);
	close_after(60);
	names(&e, CULPRIT_NODE, NODE);   /* that one could have come */
	refused(&f, ST_TRACKER);
	town_tx_free(&a);
	town_tx_free(&b);
	attack_town_free(t);
}

static void a_ballot_that_is_not_valid_here_excuses_the_node(void **state)
{
	struct town_tx ballot, style, stranger;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	style = town_ballot(t, 0, ATTACK_STYLE_MAYOR, ATTACK_CHOICE_MAYOR, ATTACK_M_MAYOR);
	stranger = town_tx_copy(&ballot);
	attack_part(&stranger, attack_decode(t, &stranger).signature)[40] ^= 1;
	close_after(60);
	t->minutes -= 62;
	e = promised(&style, NODE);
	refused(&e, ST_STYLE);
	e = promised(&stranger, NODE);
	refused(&e, ST_SIGNATURE);
	e = promised(&ballot, NODE);
	e.tx = style.wire;               /* not what was promised */
	e.tx_len = style.len;
	refused(&e, ST_HASH);
	town_tx_free(&ballot);
	town_tx_free(&style);
	town_tx_free(&stranger);
	attack_town_free(t);
}

/* --- kiosks ---------------------------------------------------------------------------------- */

static struct evidence fates(enum slip_fate a, enum slip_fate b, const struct sign_secret *key)
{
	struct evidence e = { .kind = EVIDENCE_TWO_FATES,
	                      .fates = { .kiosk = 0, .tracker = { 5, 6 },
	                                 .fate = { (uint8_t)a, (uint8_t)b } } };

	sign_secret_key(key, e.fates.key);
	slip_sign_fate(e.fates.sig[0], t->m, e.fates.tracker, a, key);
	slip_sign_fate(e.fates.sig[1], t->m, e.fates.tracker, b, key);
	return e;
}

static void two_fates_of_one_ballot_name_the_kiosk(void **state)
{
	struct evidence e;
	struct judgement j;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	for (int a = SLIP_CAST; a <= SLIP_VOID; a++)
		for (int b = a + 1; b <= SLIP_VOID; b++) {
			e = fates((enum slip_fate)a, (enum slip_fate)b, &t->kiosk);
			assert_int_equal(judge_check(&j, &e, t->m, NULL), ST_INCOMPLETE);
			names(&e, CULPRIT_KIOSK, 0);
			no_change_names_another(&e, 1);
		}
	attack_town_free(t);
}

static void statements_that_do_not_contradict_each_other_show_nothing(void **state)
{
	struct sign_secret other;
	uint8_t key[32];
	struct evidence e, one, two;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	one = fates(SLIP_CAST, SLIP_VOID, &t->kiosk);
	e = one;
	e.fates.fate[1] = SLIP_CAST;       /* one statement, twice */
	memcpy(e.fates.sig[1], e.fates.sig[0], 64);
	refused(&e, ST_OPENING);
	e = fates((enum slip_fate)3, (enum slip_fate)9, &t->kiosk);
	refused(&e, ST_OPENING);           /* there is no such fate */
	two = one;                         /* of another ballot */
	two.fates.tracker[0] ^= 1;
	slip_sign_fate(two.fates.sig[1], t->m, two.fates.tracker, SLIP_VOID, &t->kiosk);
	refused(&two, ST_SIGNATURE);
	sign_keygen(&other, key);          /* somebody else's key, and then under its number */
	e = fates(SLIP_CAST, SLIP_TESTED, &other);
	refused(&e, ST_ROLE);
	sign_secret_key(&t->kiosk, e.fates.key);
	refused(&e, ST_SIGNATURE);
	one.fates.kiosk = 7;
	undecided(&one);                   /* it may yet be registered */
	memset(e.fates.key, 0, 32);        /* a weak key, for which anybody can sign */
	e.fates.key[0] = 1;
	refused(&e, ST_KEY);
	town_close_and_end(t);
	refused(&one, ST_ROLE);            /* it was not */
	one.fates.kiosk = LIMIT_KIOSKS;
	refused(&one, ST_ROLE);
	one.fates.kiosk = 0;
	names(&one, CULPRIT_KIOSK, 0);
	attack_town_free(t);
}

static void fates_of_another_election_show_nothing(void **state)
{
	struct town *here = attack_town(ATTACK_NEVER, PHASE_OPEN), *there;
	struct evidence e;

	(void)state;
	there = t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	e = fates(SLIP_CAST, SLIP_TESTED, &here->kiosk);   /* the same machine, elsewhere */
	t = here;
	refused(&e, ST_SIGNATURE);
	attack_town_free(here);
	attack_town_free(there);
}

static struct evidence opened(const struct town_tx *test)
{
	return (struct evidence){ .kind = EVIDENCE_CAST_AND_TESTED, .tx = test->wire,
	                          .tx_len = test->len };
}

static void a_test_of_what_was_cast_names_the_kiosk(void **state)
{
	struct town_tx ballot, test, forged;
	struct judgement j;
	struct evidence e, f;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	attack_both(t, 0, &ballot, &test);
	e = opened(&test);
	assert_int_equal(judge_check(&j, &e, t->m, NULL), ST_INCOMPLETE);
	undecided(&e);                     /* a test, and nothing is cast yet */
	town_block_one(t, ballot);
	names(&e, CULPRIT_KIOSK, 0);
	close_after(1);
	town_finish(t);
	names(&e, CULPRIT_KIOSK, 0);
	no_change_names_another(&e, 41);
	forged = town_tx_copy(&test);      /* somebody else opens it, with his own key or its key */
	f = opened(&forged);
	attack_sign_official(t, &forged, &t->node[1]);
	refused(&f, ST_SIGNATURE);
	sign_secret_key(&t->node[1], forged.wire + 3);
	attack_sign_official(t, &forged, &t->node[1]);
	refused(&f, ST_ROLE);
	town_tx_free(&forged);
	town_tx_free(&test);
	attack_town_free(t);
}

static void an_honest_test_shows_nothing(void **state)
{
	struct town_tx test, cast, kept;
	struct evidence e, f;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	test = attack_test(t, 3);
	kept = town_tx_copy(&test);
	e = opened(&kept);
	cast = attack_ballot(t, 0);
	f = opened(&cast);
	refused(&f, ST_FORMAT);            /* no test at all */
	undecided(&e);
	town_block_one(t, test);
	refused(&e, ST_OPENING);           /* it is on the chain, as a test */
	town_block_one(t, cast);
	refused(&e, ST_OPENING);
	town_block_one(t, town_phase(t, TX_END, town_everyone(t)));
	refused(&e, ST_OPENING);
	town_tx_free(&kept);
	test = attack_test(t, 3);          /* one that never came to the chain */
	e = opened(&test);
	refused(&e, ST_OPENING);
	town_tx_free(&test);
	attack_town_free(t);
}

/* A tracker of which only the shown half fits is another ballot's. */
static void a_clash_of_trackers_does_not_accuse_the_kiosk(void **state)
{
	struct tracker_record r = { .voter = 0 };
	struct ballot_test b;
	struct evidence e;
	struct town_tx test;
	struct tx tx;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	test = attack_test(t, 3);
	assert_int_equal(tx_decode(&tx, test.wire, test.len), ST_OK);
	assert_int_equal(ballot_test_decode(&b, t->m, &tx), ST_OK);
	memcpy(r.tracker, b.body.tracker, sizeof(r.tracker));
	memcpy(r.prefix, r.tracker, sizeof(r.prefix));
	r.tracker[31] ^= 1;
	assert_int_equal(index_put(&t->e->trackers, t->e->journal, &r), ST_OK);
	e = opened(&test);
	refused(&e, ST_TRACKER);
	town_tx_free(&test);
	attack_town_free(t);
}

/* --- votes of nodes, and kinds for files ----------------------------------------------------- */

static struct vote vote_of(enum vote_type type, uint8_t block, unsigned int node)
{
	struct vote v = { .type = type, .view = 9, .block = { block }, .signer = (uint8_t)node };
	const struct message m = { .purpose = "vote", .group = t->m->suite,
	                           .election_id = t->m->election_id, .body = room,
	                           .body_len = VOTE_BODY_BYTES };

	vote_body(room, type, v.view, v.block);
	sign_message(&t->node[node], v.sig, &m);
	return v;
}

static void two_votes_name_their_node_and_kinds_of_files_are_not_judged_here(void **state)
{
	static const enum evidence_kind FILES[] = { EVIDENCE_FORK, EVIDENCE_ROLLBACK,
	                                            EVIDENCE_FALSE_ANSWER };
	struct vote a, b;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	a = vote_of(VOTE_NOTARIZE, 1, 3);
	b = vote_of(VOTE_NOTARIZE, 2, 3);
	assert_int_equal(evidence_of_votes(&e, &a, &b), ST_OK);
	names(&e, CULPRIT_NODE, 3);
	no_change_names_another(&e, 1);
	e.a.signer = e.b.signer = 2;
	refused(&e, ST_SIGNATURE);
	for (size_t i = 0; i < 3; i++) {
		struct evidence file = { .kind = FILES[i] };

		refused(&file, ST_FORMAT);
		assert_int_equal(judge_stand(&file, t->e), ST_FORMAT);
	}
	attack_town_free(t);
}

/* --- the same, in transactions ---------------------------------------------------------------- */

static const struct report_party OFFICE = { PARTY_OFFICER, 0 };

static struct town_tx report(const struct evidence *e)
{
	size_t len;

	assert_int_equal(evidence_encode(e, room, sizeof(room), &len), ST_OK);
	return reports_evidence(t, OFFICE, room, len);
}

/* The chain takes it, once. */
static void taken(const struct evidence *e)
{
	town_block_one(t, report(e));
	assert_int_equal(attack_say_once(t, report(e)), ST_DUPLICATE);
}

static struct evidence spoken(const struct town_tx *tx)
{
	return (struct evidence){ .kind = EVIDENCE_FALSE_MESSAGE, .tx = tx->wire,
	                          .tx_len = tx->len };
}

static void the_chain_takes_what_its_state_shows_and_nothing_before(void **state)
{
	struct town_tx ballot, kept, share, good;
	struct evidence breach, honest, two, stranger, false_share, true_share;
	size_t len;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	ballot = attack_ballot(t, 0);
	breach = promised(&ballot, NODE);
	kept = attack_ballot(t, 1);
	honest = promised(&kept, NODE);
	two = fates(SLIP_CAST, SLIP_TESTED, &t->kiosk);
	stranger = fates(SLIP_CAST, SLIP_TESTED, &t->node[0]);
	assert_int_equal(attack_say_once(t, report(&breach)), ST_UNPROVEN);
	assert_int_equal(attack_say_once(t, report(&stranger)), ST_ROLE);
	taken(&two);
	two = fates(SLIP_TESTED, SLIP_VOID, &t->kiosk);   /* the same ballot: the same act */
	assert_int_equal(attack_say_once(t, report(&two)), ST_DUPLICATE);
	town_block_one(t, town_tx_copy(&kept));
	close_after(60);
	taken(&breach);
	assert_int_equal(attack_say_once(t, report(&honest)), ST_UNPROVEN);
	good = town_share(t, 3);
	share = town_tx_copy(&good);
	attack_message(&share, &len)[len - 1] ^= 1;
	attack_sign_official(t, &share, &t->trustee[2]);
	true_share = spoken(&good);
	false_share = spoken(&share);
	assert_int_equal(attack_say_once(t, report(&true_share)), ST_UNPROVEN);
	taken(&false_share);
	town_block_one(t, town_share(t, 4));
	town_block_one(t, good);                          /* who was accused still acts */
	assert_int_equal(election_phase(t->e), PHASE_ENDED);
	town_tx_free(&ballot);
	town_tx_free(&kept);
	town_tx_free(&share);
	attack_town_free(t);
}

/* What a kiosk opened of a ballot that counts is how somebody voted. */
static void the_chain_never_takes_an_opening_of_what_was_cast(void **state)
{
	struct town_tx ballot, test;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	attack_both(t, 0, &ballot, &test);
	town_block_one(t, ballot);
	e = opened(&test);
	names(&e, CULPRIT_KIOSK, 0);
	assert_int_equal(attack_say_once(t, report(&e)), ST_UNPROVEN);
	town_tx_free(&test);
	attack_town_free(t);
}

/* A trustee could sign a megabyte of anything, and have himself accused of it. */
static void the_chain_takes_no_false_message_longer_than_a_sound_one(void **state)
{
	struct town_tx longer, as_long;
	struct evidence e;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	longer = town_message(t, TX_DKG_DEAL, 2, room, dkg_deal_len(&t->e->dkg) + 1);
	as_long = town_message(t, TX_DKG_DEAL, 2, room, dkg_deal_len(&t->e->dkg));
	e = spoken(&longer);
	names(&e, CULPRIT_TRUSTEE, 2);
	assert_int_equal(attack_say_once(t, report(&e)), ST_FORMAT);
	e = spoken(&as_long);
	names(&e, CULPRIT_TRUSTEE, 2);
	taken(&e);
	town_tx_free(&longer);
	town_tx_free(&as_long);
	attack_town_free(t);
}

static int begin(void **state)
{
	(void)state;
	return crypto_init() != ST_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_promise_names_its_node_once_the_chain_has_ended),
		cmocka_unit_test(a_promise_that_was_kept_shows_nothing),
		cmocka_unit_test(a_promise_of_the_last_minutes_shows_nothing),
		cmocka_unit_test(a_test_of_the_ballot_excuses_the_node),
		cmocka_unit_test(a_clash_of_trackers_excuses_the_node),
		cmocka_unit_test(a_ciphertext_in_another_ballot_excuses_the_node),
		cmocka_unit_test(a_ballot_that_uses_a_ciphertext_twice_excuses_the_node),
		cmocka_unit_test(a_replacement_of_what_never_came_excuses_the_node),
		cmocka_unit_test(a_ballot_that_is_not_valid_here_excuses_the_node),
		cmocka_unit_test(two_fates_of_one_ballot_name_the_kiosk),
		cmocka_unit_test(statements_that_do_not_contradict_each_other_show_nothing),
		cmocka_unit_test(fates_of_another_election_show_nothing),
		cmocka_unit_test(a_test_of_what_was_cast_names_the_kiosk),
		cmocka_unit_test(an_honest_test_shows_nothing),
		cmocka_unit_test(a_clash_of_trackers_does_not_accuse_the_kiosk),
		cmocka_unit_test(two_votes_name_their_node_and_kinds_of_files_are_not_judged_here),
		cmocka_unit_test(the_chain_takes_what_its_state_shows_and_nothing_before),
		cmocka_unit_test(the_chain_never_takes_an_opening_of_what_was_cast),
		cmocka_unit_test(the_chain_takes_no_false_message_longer_than_a_sound_one),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
