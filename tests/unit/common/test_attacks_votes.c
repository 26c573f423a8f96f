/*
 * test_attacks_votes.c: attacks on who has voted, how often, and on what a tracker stands for
 * (attacks.md N15, N27, N29, N31, N32, N34, N35, N37, N69, N70).
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- under `revote: never` ------------------------------------------------------------------- */

static void n29_a_second_ballot_of_a_credential_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx first = attack_ballot(t, 0), second = attack_ballot(t, 0);
	struct town_tx again = town_tx_copy(&first);

	(void)state;
	assert_int_equal(attack_say(t, &second), ST_OK);
	town_block_one(t, first);
	assert_int_equal(attack_say(t, &second), ST_VOTED);
	assert_int_equal(attack_say_once(t, again), ST_VOTED);
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	assert_int_equal(attack_say_once(t, second), ST_VOTED);
	attack_town_free(t);
}

/* Two nodes took one each; the leader has both, and a rule decides, not a race. */
static void n29_of_two_ballots_in_one_block_exactly_one_is_taken(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx tx[2] = { attack_ballot(t, 0), attack_ballot(t, 0) };
	const struct election_params *p = election_params(t->e);
	struct chain_candidate c[2];
	struct block_header h = { .version = BLOCK_VERSION, .height = election_height(t->e) + 1,
		                  .time_min = (uint32_t)t->minutes };
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct state_summary s;

	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < 2; i++) {
		struct verdict v;
		struct tx opened;

		assert_int_equal(tx_decode(&opened, tx[i].wire, tx[i].len), ST_OK);
		assert_int_equal(election_check(p, &opened, &v), ST_OK);
		assert_int_equal(chain_candidate_init(&c[i], t->m, &opened, &v), ST_OK);
	}
	params_unref(p);
	assert_int_equal(chain_build(t->e, c, 2, &h, body), ST_OK);
	assert_int_equal(h.n_items, 1);
	assert_int_equal(c[0].taken, ST_OK);
	assert_int_equal(c[1].taken, ST_VOTED);
	election_summary(t->e, &s);
	assert_int_equal(s.live, 1);
	assert_int_equal(election_pop(t->e), ST_OK);
	election_summary(t->e, &s);
	assert_int_equal(s.live, 0);
	free(body);
	town_tx_free(&tx[0]);
	town_tx_free(&tx[1]);
	attack_town_free(t);
}

static void n70_a_ballot_after_the_end_is_refused_and_one_before_it_is_not(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town_tx late = attack_ballot(t, 0);

	(void)state;
	assert_int_equal(attack_say(t, &late), ST_OK);   /* on its way when the doors shut */
	town_block_one(t, town_phase(t, TX_END, 0x7));
	assert_int_equal(attack_say_once(t, late), ST_PHASE);
	assert_int_equal(attack_say_once(t, attack_test(t, 0)), ST_PHASE);
	attack_town_free(t);
}

/* --- trackers -------------------------------------------------------------------------------- */

static void n34_two_voters_of_one_choice_have_two_trackers(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct scalar r[ATTACK_M];
	struct town_tx a = attack_ballot(t, 0), b = attack_ballot(t, 1);

	(void)state;
	/* the worst machine: one randomness and one blinding for both */
	for (size_t i = 0; i < ATTACK_M; i++)
		group_scalar_u64(t->m->suite, &r[i], 77 + i);
	memcpy(attack_part(&b, attack_decode(t, &b).blinding), attack_decode(t, &a).blinding, 32);
	memcpy(attack_part(&b, attack_decode(t, &b).body.device), attack_decode(t, &a).body.device,
	       32);
	attack_encrypt(t, &a, 0, ATTACK_CHOICE, r);
	attack_encrypt(t, &b, 1, ATTACK_CHOICE, r);
	assert_memory_not_equal(attack_decode(t, &a).body.commitment,
	                        attack_decode(t, &b).body.commitment, 32);
	assert_memory_not_equal(attack_decode(t, &a).body.tracker,
	                        attack_decode(t, &b).body.tracker, 32);
	assert_int_equal(attack_say(t, &b), ST_OK);
	town_block_one(t, a);
	assert_int_equal(attack_say_once(t, b), ST_COPIED);
	attack_town_free(t);
}

/* A clash of 80 bits takes 2^40 ballots to find: here a tracker is planted. */
static void plant(struct town *t, const uint8_t *tracker)
{
	struct tracker_record r = { .voter = 3 };

	memcpy(r.prefix, tracker, sizeof(r.prefix));
	memcpy(r.tracker, tracker, sizeof(r.tracker));
	r.tracker[sizeof(r.prefix)] ^= 1;   /* the first bit that nobody is shown */
	assert_int_equal(index_put(&t->e->trackers, t->e->journal, &r), ST_OK);
}

static void n35_a_tracker_that_looks_like_another_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town_tx ballot = attack_ballot(t, 0), test = attack_test(t, 3);
	struct tx opened;
	struct ballot_test b;

	(void)state;
	assert_int_equal(attack_say(t, &ballot), ST_OK);
	plant(t, attack_decode(t, &ballot).body.tracker);
	assert_int_equal(attack_say_once(t, ballot), ST_TRACKER);
	assert_int_equal(attack_say(t, &test), ST_OK);
	assert_int_equal(tx_decode(&opened, test.wire, test.len), ST_OK);
	assert_int_equal(ballot_test_decode(&b, t->m, &opened), ST_OK);
	plant(t, b.body.tracker);
	assert_int_equal(attack_say_once(t, test), ST_TRACKER);
	attack_town_free(t);
}

static void n37_what_was_cast_is_not_opened_and_what_was_opened_is_not_cast(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town_tx ballot[2], test[2];

	(void)state;
	attack_both(t, 0, &ballot[0], &test[0]);
	attack_both(t, 3, &ballot[1], &test[1]);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(attack_say(t, &ballot[i]), ST_OK);
		assert_int_equal(attack_say(t, &test[i]), ST_OK);
	}
	town_block_one(t, ballot[0]);
	assert_int_equal(attack_say_once(t, test[0]), ST_TRACKER);
	town_block_one(t, test[1]);
	assert_int_equal(attack_say_once(t, ballot[1]), ST_TRACKER);
	attack_town_free(t);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void n38_a_test_that_opens_to_anything_else_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	const struct group *g = t->m->suite;
	struct town_tx good = attack_test(t, 0);
	struct ballot_test b;
	struct tx opened;
	size_t openings;

	(void)state;
	assert_int_equal(tx_decode(&opened, good.wire, good.len), ST_OK);
	assert_int_equal(ballot_test_decode(&b, t->m, &opened), ST_OK);
	openings = (size_t)(b.openings - good.wire);
	for (size_t i = 0; i < 2 * ATTACK_M; i++) {
		struct town_tx s = town_tx_copy(&good);

		if (i < ATTACK_M)
			forge_scalar_next(g, s.wire + openings + i * 32);          /* a randomness */
		else
			s.wire[openings + ATTACK_M * 32 + 4 * (i - ATTACK_M) + 3] ^= 1;
		assert_int_equal(attack_say(t, &s), ST_SIGNATURE);   /* the kiosk did not say so */
		attack_sign_official(t, &s, &t->kiosk);
		assert_int_equal(attack_say(t, &s), ST_OPENING);     /* it lies */
		town_tx_free(&s);
	}
	assert_int_equal(attack_say_once(t, good), ST_OK);
	attack_town_free(t);
}

static void a_test_of_nobody_s_kiosk_or_beyond_its_quota_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct town_tx s = attack_test(t, 0);
	struct sign_secret own;

	(void)state;
	/* an unknown number; a key of one's own under a known number */
	s.wire[2] = 1;
	attack_sign_official(t, &s, &t->kiosk);
	assert_int_equal(attack_say(t, &s), ST_ROLE);
	s.wire[1] = 0xff;
	attack_sign_official(t, &s, &t->kiosk);
	assert_int_equal(attack_say(t, &s), ST_ROLE);
	s.wire[1] = s.wire[2] = 0;
	sign_keygen(&own, s.wire + 3);
	attack_sign_official(t, &s, &own);
	assert_int_equal(attack_say_once(t, s), ST_ROLE);
	/* two are allowed */
	town_block_one(t, attack_test(t, 0));
	town_block_one(t, attack_test(t, 0));
	assert_int_equal(attack_say_once(t, attack_test(t, 3)), ST_QUOTA);
	attack_town_free(t);
}

static struct town_tx closing(struct town *t, uint16_t kiosk, const uint8_t *key,
                              const struct sign_secret *by)
{
	static const uint8_t ROOT[32];
	struct town_tx tx = { .wire = malloc(512) };
	struct writer w;

	assert_non_null(tx.wire);
	writer_init(&w, tx.wire, 512);
	tx_begin(&w, TX_KIOSK_CLOSING);
	tx_closing_body(&w, kiosk, key, 3, 0, 0, ROOT);
	assert_int_equal(writer_end(&w, &tx.len), ST_OK);
	tx.len += TX_SIG_BYTES;
	attack_sign_official(t, &tx, by);
	return tx;
}

static void a_closing_of_nobody_s_kiosk_or_a_second_one_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_CLOSED);
	struct sign_secret own;
	uint8_t key[32];

	(void)state;
	sign_keygen(&own, key);
	assert_int_equal(attack_say_once(t, closing(t, 1, t->kiosk_key, &t->kiosk)), ST_ROLE);
	assert_int_equal(attack_say_once(t, closing(t, LIMIT_KIOSKS, t->kiosk_key, &t->kiosk)),
	                 ST_ROLE);
	assert_int_equal(attack_say_once(t, closing(t, 0, key, &own)), ST_ROLE);
	assert_int_equal(attack_say_once(t, closing(t, 0, t->kiosk_key, &own)), ST_SIGNATURE);
	assert_int_equal(attack_say_once(t, closing(t, 0, t->kiosk_key, &t->officer)),
	                 ST_SIGNATURE);
	town_block_one(t, closing(t, 0, t->kiosk_key, &t->kiosk));
	assert_int_equal(attack_say_once(t, closing(t, 0, t->kiosk_key, &t->kiosk)), ST_DUPLICATE);
	attack_town_free(t);
}

/* --- under `revote: last` -------------------------------------------------------------------- */

struct vote {
	uint8_t tracker[32];
	struct scalar slip;
};

static struct town_tx vote(struct town *t, uint32_t voter, const struct vote *old, struct vote *now)
{
	return town_reballot(t, voter, ATTACK_STYLE_NORTH, ATTACK_CHOICE, ATTACK_M,
	                     old == NULL ? NULL : old->tracker, old == NULL ? NULL : &old->slip,
	                     &now->slip, now->tracker);
}

static void n31_ballots_that_are_kept_back_or_played_again_are_refused(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote v[3];
	struct town_tx first = vote(t, 0, NULL, &v[0]), second = vote(t, 0, &v[0], &v[1]);
	struct town_tx third = vote(t, 0, &v[1], &v[2]);
	struct town_tx first_again = town_tx_copy(&first), second_again = town_tx_copy(&second);

	(void)state;
	assert_int_equal(attack_say(t, &second), ST_TRACKER);   /* out of order */
	town_block_one(t, first);
	assert_int_equal(attack_say(t, &third), ST_TRACKER);    /* the second was dropped */
	assert_int_equal(attack_say(t, &first_again), ST_VOTED);
	town_block_one(t, second);
	assert_int_equal(attack_say(t, &first_again), ST_VOTED);
	assert_int_equal(attack_say(t, &second_again), ST_TRACKER);
	town_block_one(t, third);
	assert_int_equal(attack_say_once(t, first_again), ST_VOTED);
	assert_int_equal(attack_say_once(t, second_again), ST_TRACKER);
	attack_town_free(t);
}

/* The registrar holds the code, not the slip; a kiosk that saw the card holds neither's secret. */
static void n31_without_the_slip_of_the_live_ballot_nothing_is_replaced(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	const struct group *g = t->m->suite;
	struct vote mine, other, now;
	struct town_tx s;
	struct ballot b, old;
	struct message m;
	struct town_tx kept;

	(void)state;
	s = vote(t, 0, NULL, &mine);
	kept = town_tx_copy(&s);
	town_block_one(t, s);
	town_block_one(t, vote(t, 3, NULL, &other));
	old = attack_decode(t, &kept);
	/* another voter's slip; the right key beside another's signature; no signature */
	now = mine;
	now.slip = other.slip;
	s = vote(t, 0, &now, &now);
	assert_int_equal(attack_say(t, &s), ST_KEY);
	b = attack_decode(t, &s);
	memcpy(attack_part(&s, b.old_slip_key), old.body.slip_key, 32);
	assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
	memset(attack_part(&s, b.old_signature), 0, 64);
	assert_int_equal(attack_say(t, &s), ST_IDENTITY);
	forge_element_identity(g, attack_part(&s, b.old_slip_key));
	assert_int_equal(attack_say_once(t, s), ST_KEY);
	/* the slip's signature, but under the purpose of a credential, or of another ballot */
	s = vote(t, 0, &mine, &now);
	assert_int_equal(attack_say(t, &s), ST_OK);
	b = attack_decode(t, &s);
	m = ballot_message(t->setup, "ballot", &b.body);
	assert_int_equal(schnorr_sign(g, attack_part(&s, b.old_signature), &mine.slip, &m), ST_OK);
	assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
	m = ballot_message(t->setup, "revote", &old.body);
	assert_int_equal(schnorr_sign(g, attack_part(&s, b.old_signature), &mine.slip, &m), ST_OK);
	assert_int_equal(attack_say_once(t, s), ST_SIGNATURE);
	town_tx_free(&kept);
	attack_town_free(t);
}

static void n31_a_ballot_replaces_only_its_own_voter_s(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote mine, other, now;

	(void)state;
	town_block_one(t, vote(t, 0, NULL, &mine));
	/* somebody else's, by one who has voted and by one who has not; one that is nobody's */
	town_block_one(t, vote(t, 3, NULL, &other));
	assert_int_equal(attack_say_once(t, vote(t, 3, &mine, &now)), ST_TRACKER);
	assert_int_equal(attack_say_once(t, vote(t, 1, &mine, &now)), ST_TRACKER);
	now = mine;
	now.tracker[31] ^= 1;
	assert_int_equal(attack_say_once(t, vote(t, 0, &now, &now)), ST_TRACKER);
	assert_int_equal(attack_say_once(t, vote(t, 0, &mine, &now)), ST_OK);
	attack_town_free(t);
}

/* One ballot of a voter in a block: the second may name the first, and waits. */
static void n31_a_ballot_is_not_replaced_in_its_own_block(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote v[2];
	struct town_tx tx[2];
	const struct election_params *p = election_params(t->e);
	struct verdict verdict[2];
	struct tx opened[2];

	(void)state;
	tx[0] = vote(t, 0, NULL, &v[0]);
	tx[1] = vote(t, 0, &v[0], &v[1]);
	while (memcmp(v[0].tracker, v[1].tracker, 32) > 0) {   /* a block is in their order */
		town_tx_free(&tx[1]);
		tx[1] = vote(t, 0, &v[0], &v[1]);
		if (v[0].tracker[0] > 0xf0) {   /* hardly anything comes after it */
			town_tx_free(&tx[0]);
			tx[0] = vote(t, 0, NULL, &v[0]);
			town_tx_free(&tx[1]);
			tx[1] = vote(t, 0, &v[0], &v[1]);
		}
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(tx_decode(&opened[i], tx[i].wire, tx[i].len), ST_OK);
		assert_int_equal(election_check(p, &opened[i], &verdict[i]), ST_OK);
	}
	params_unref(p);
	assert_int_equal(election_begin(t->e, election_height(t->e) + 1, t->minutes), ST_OK);
	assert_int_equal(election_apply(t->e, &opened[0], &verdict[0]), ST_OK);
	assert_int_equal(election_apply(t->e, &opened[1], &verdict[1]), ST_ORDER);
	election_drop(t->e);
	town_block_one(t, tx[0]);
	town_block_one(t, tx[1]);
	attack_town_free(t);
}

/* What is left of a replaced ballot in the sums: nothing.  Told by a count of our own. */
static void n32_replaced_ballots_leave_no_trace_in_the_sums(void **state)
{
	static const uint32_t OTHER[ATTACK_M] = { 1, 0, 0, 0, 0, 1, 1, 1, 0, 0, 2 };
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote v[4], w;
	struct state_summary s;
	struct ballot_record r;

	(void)state;
	town_block_one(t, vote(t, 0, NULL, &v[0]));
	town_block_one(t, vote(t, 1, NULL, &w));
	town_block_one(t, vote(t, 0, &v[0], &v[1]));
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	town_block_one(t, town_reballot(t, 0, ATTACK_STYLE_NORTH, OTHER, ATTACK_M, v[1].tracker,
	                                &v[1].slip, &v[2].slip, v[2].tracker));
	town_block_one(t, town_phase(t, TX_END, 0xf));
	assert_int_equal(attack_say_once(t, vote(t, 0, &v[2], &v[3])), ST_PHASE);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(election_find(t->e, v[i].tracker, &r), ST_OK);
		assert_int_equal(r.fate, i < 2 ? FATE_REPLACED : FATE_LIVE);
	}
	election_summary(t->e, &s);
	assert_int_equal(s.ballots, 4);
	assert_int_equal(s.live, 2);
	town_finish(t);
	for (uint16_t contest = 0; contest < 4; contest++) {
		const struct manifest_style_contest *at =
			&t->m->styles[ATTACK_STYLE_NORTH].contests[contest];

		for (uint16_t slot = 0; slot < at->len; slot++)
			assert_int_equal(town_count(t, t->m->contests[contest].id, 0, slot),
			                 OTHER[at->first + slot] + ATTACK_CHOICE[at->first + slot]);
	}
	attack_town_free(t);
}

/* decisions/0066: one card does not fill the chain. */
static void n76_a_voter_has_a_hundred_ballots_and_no_more(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote v[3];
	struct ballot_record r;

	(void)state;
	town_block_one(t, vote(t, 0, NULL, &v[0]));
	assert_int_equal(election_find(t->e, v[0].tracker, &r), ST_OK);
	assert_int_equal(t->e->votes[r.voter].ballots, 1);
	town_block_one(t, vote(t, 0, &v[0], &v[1]));
	assert_int_equal(t->e->votes[r.voter].ballots, 2);
	t->e->votes[r.voter].ballots = LIMIT_VOTER_BALLOTS - 1;
	assert_int_equal(attack_say_once(t, vote(t, 0, &v[1], &v[2])), ST_OK);
	t->e->votes[r.voter].ballots = LIMIT_VOTER_BALLOTS;
	assert_int_equal(attack_say_once(t, vote(t, 0, &v[1], &v[2])), ST_QUOTA);
	assert_int_equal(attack_say_once(t, vote(t, 3, NULL, &v[2])), ST_OK);
	attack_town_free(t);
}

/* decisions/0065: the choices of a test are public, so they must be tied to nobody. */
static void n79_a_test_of_a_second_ballot_does_not_show_the_first(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	uint8_t blinding[2][32] = { { 1 }, { 2 } }, device[32] = { 3 };
	struct vote first;
	struct town_tx tx[2], again;
	struct ballot_test b[2];
	struct tx opened;

	(void)state;
	town_block_one(t, vote(t, 0, NULL, &first));
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	for (size_t i = 0; i < 2; i++) {
		struct ballot_intent intent = {
			.style = ATTACK_STYLE_NORTH, .credential = &t->voter[0],
			.blinding = blinding[i], .device = device,
			.replaced = i == 0 ? first.tracker : NULL,
			.old_slip = i == 0 ? &first.slip : NULL,
		};
		size_t len = ballot_test_wire_len(t->setup, ATTACK_STYLE_NORTH);
		struct ballot_locked *locked;

		tx[i] = (struct town_tx){ .wire = malloc(len), .len = len };
		assert_non_null(tx[i].wire);
		assert_int_equal(ballot_lock(&locked, t->setup, &intent, ATTACK_CHOICE, ATTACK_M),
		                 ST_OK);
		assert_int_equal(ballot_open_test(locked, 0, t->kiosk_key, tx[i].wire, len, &len),
		                 ST_OK);
		assert_int_equal(len + TX_SIG_BYTES, tx[i].len);
		assert_null(memmem(tx[i].wire, tx[i].len, first.tracker, 10));
		/* nor does the machine remember */
		assert_null(memmem(locked->wire, locked->wire_len, first.tracker, 10));
		ballot_locked_free(locked);
		attack_sign_official(t, &tx[i], &t->kiosk);
		assert_int_equal(attack_say(t, &tx[i]), ST_OK);
		assert_int_equal(tx_decode(&opened, tx[i].wire, tx[i].len), ST_OK);
		assert_int_equal(ballot_test_decode(&b[i], t->m, &opened), ST_OK);
		assert_false(mem_is_zero(b[i].body.replaces, 32));
	}
	/* the two are of one length and form; what is committed to is proved all the same */
	assert_int_equal(tx[0].len, tx[1].len);
	assert_memory_not_equal(b[0].body.replaces, b[1].body.replaces, 32);
	again = town_tx_copy(&tx[0]);
	{
		uint8_t *at = memmem(again.wire, again.len, b[0].body.replaces, 32);

		assert_non_null(at);
		at[0] ^= 1;
	}
	attack_sign_official(t, &again, &t->kiosk);
	assert_int_equal(attack_say_once(t, again), ST_PROOF);
	town_tx_free(&tx[0]);
	town_tx_free(&tx[1]);
	attack_town_free(t);
}

/* The tracker that a ballot replaces is under its proof and its tracker, through the commitment. */
static void n31_whom_a_ballot_replaces_cannot_be_changed(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct vote first, now;
	struct town_tx tx;
	struct ballot b;

	(void)state;
	town_block_one(t, vote(t, 0, NULL, &first));
	tx = vote(t, 0, &first, &now);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	b = attack_decode(t, &tx);
	attack_part(&tx, b.body.replaced)[31] ^= 1;
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	attack_sign(t, &tx, 0);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);   /* the slip's, over another tracker */
	b = attack_decode(t, &tx);
	{
		struct message m = ballot_message(t->setup, "revote", &b.body);

		assert_int_equal(schnorr_sign(t->m->suite, attack_part(&tx, b.old_signature),
		                              &first.slip, &m), ST_OK);
	}
	assert_int_equal(attack_say_once(t, tx), ST_PROOF);
	attack_town_free(t);
}

static void n27_a_test_under_revote_is_bound_to_its_slip_key(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_CLOSED);
	struct town_tx s = attack_test(t, 0);
	struct ballot_test b;
	struct tx opened;

	(void)state;
	assert_int_equal(attack_say(t, &s), ST_OK);
	assert_int_equal(tx_decode(&opened, s.wire, s.len), ST_OK);
	assert_int_equal(ballot_test_decode(&b, t->m, &opened), ST_OK);
	forge_element_next(t->m->suite, attack_part(&s, b.body.slip_key));
	attack_sign_official(t, &s, &t->kiosk);
	assert_int_equal(attack_say(t, &s), ST_PROOF);
	forge_element_identity(t->m->suite, attack_part(&s, b.body.slip_key));
	attack_sign_official(t, &s, &t->kiosk);
	assert_int_equal(attack_say_once(t, s), ST_KEY);
	attack_town_free(t);
}

/* --- N15, N69 -------------------------------------------------------------------------------- */

/* Many ballots in one batch, some of them bad: exactly those are named, each with its reason. */
static void n15_bad_ballots_among_good_ones_are_named(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	static const enum status WANT[7] = { ST_OK, ST_PROOF, ST_OK, ST_SIGNATURE, ST_ROLL, ST_OK,
		                             ST_ELEMENT };
	const struct election_params *p = election_params(t->e);
	struct town_tx tx[7];
	struct tx opened[7];
	struct verdict v[7];
	enum status st[7];

	(void)state;
	for (uint32_t i = 0; i < 7; i++) {
		struct ballot b;

		tx[i] = attack_ballot(t, i);
		b = attack_decode(t, &tx[i]);
		if (WANT[i] == ST_PROOF || WANT[i] == ST_ELEMENT) {
			uint8_t *at = attack_part(&tx[i], b.body.ciphertexts);

			if (WANT[i] == ST_PROOF)
				forge_element_next(t->m->suite, at);
			else
				at[31] |= 0x80;
			attack_sign(t, &tx[i], i);
		}
		if (WANT[i] == ST_SIGNATURE)
			attack_sign(t, &tx[i], 0);
		if (WANT[i] == ST_ROLL)
			forge_element_next(t->m->suite, attack_part(&tx[i], b.credential));
		assert_int_equal(tx_decode(&opened[i], tx[i].wire, tx[i].len), ST_OK);
	}
	checker_run(t->checker, p, opened, 7, st, v);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(st[i], WANT[i]);
	params_unref(p);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(attack_say_once(t, tx[i]), WANT[i]);
	attack_town_free(t);
}

static void n69_a_phase_change_without_its_trustees_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx close = town_phase(t, TX_CLOSE, 0xb), s;

	(void)state;
	assert_int_equal(attack_say_once(t, town_phase(t, TX_CLOSE, 0)), ST_THRESHOLD);
	assert_int_equal(attack_say_once(t, town_phase(t, TX_CLOSE, 0x3)), ST_THRESHOLD);
	assert_int_equal(attack_say_once(t, town_phase(t, TX_END, 0xf)), ST_PHASE);
	/* one signature of three is false: all must hold */
	s = town_tx_copy(&close);
	s.wire[s.len - 1] ^= 1;
	assert_int_equal(attack_say_once(t, s), ST_SIGNATURE);
	/* trustee 4 said to be trustee 3; a fifth; nobody */
	s = town_tx_copy(&close);
	s.wire[s.len - 65] = 3;
	assert_int_equal(attack_say(t, &s), ST_SIGNATURE);
	s.wire[s.len - 65] = 5;
	assert_int_equal(attack_say(t, &s), ST_ROLE);
	s.wire[s.len - 65] = 2;                        /* a second time: not ascending */
	assert_int_equal(attack_say(t, &s), ST_FORMAT);
	s.wire[s.len - 65] = 0;
	assert_int_equal(attack_say_once(t, s), ST_FORMAT);
	/* signatures under `end`, of the same anchor */
	s = town_phase(t, TX_END, 0xf);
	s.wire[0] = TX_CLOSE;
	assert_int_equal(attack_say_once(t, s), ST_SIGNATURE);
	/* another anchor, truly signed */
	s = town_tx_copy(&close);
	s.wire[1] ^= 1;
	{
		struct town_tx signed_anew = town_cosign(t, s.wire, 33, 0xf);

		assert_int_equal(attack_say_once(t, signed_anew), ST_HASH);
	}
	town_tx_free(&s);
	assert_int_equal(attack_say(t, &close), ST_OK);
	town_block_one(t, town_tx_copy(&close));
	assert_int_equal(attack_say(t, &close), ST_PHASE);   /* again */
	close.wire[0] = TX_END;                              /* and as what comes next */
	assert_int_equal(attack_say_once(t, close), ST_HASH);
	attack_town_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n29_a_second_ballot_of_a_credential_is_refused),
		cmocka_unit_test(n29_of_two_ballots_in_one_block_exactly_one_is_taken),
		cmocka_unit_test(n70_a_ballot_after_the_end_is_refused_and_one_before_it_is_not),
		cmocka_unit_test(n34_two_voters_of_one_choice_have_two_trackers),
		cmocka_unit_test(n35_a_tracker_that_looks_like_another_is_refused),
		cmocka_unit_test(n37_what_was_cast_is_not_opened_and_what_was_opened_is_not_cast),
		cmocka_unit_test(n38_a_test_that_opens_to_anything_else_is_refused),
		cmocka_unit_test(a_test_of_nobody_s_kiosk_or_beyond_its_quota_is_refused),
		cmocka_unit_test(a_closing_of_nobody_s_kiosk_or_a_second_one_is_refused),
		cmocka_unit_test(n31_ballots_that_are_kept_back_or_played_again_are_refused),
		cmocka_unit_test(n31_without_the_slip_of_the_live_ballot_nothing_is_replaced),
		cmocka_unit_test(n31_a_ballot_replaces_only_its_own_voter_s),
		cmocka_unit_test(n31_a_ballot_is_not_replaced_in_its_own_block),
		cmocka_unit_test(n32_replaced_ballots_leave_no_trace_in_the_sums),
		cmocka_unit_test(n76_a_voter_has_a_hundred_ballots_and_no_more),
		cmocka_unit_test(n79_a_test_of_a_second_ballot_does_not_show_the_first),
		cmocka_unit_test(n31_whom_a_ballot_replaces_cannot_be_changed),
		cmocka_unit_test(n27_a_test_under_revote_is_bound_to_its_slip_key),
		cmocka_unit_test(n15_bad_ballots_among_good_ones_are_named),
		cmocka_unit_test(n69_a_phase_change_without_its_trustees_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
