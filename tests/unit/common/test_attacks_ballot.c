/*
 * test_attacks_ballot.c: what is done to the bytes of one ballot, and why each is refused
 * (attacks.md N01-N03, N05, N08-N11, N13, N14, N19, N22, N25, N26, N28, N72, N82).
 *
 * What is spoilt is signed again by the voter where the signature is not at stake: the reason is
 * then that of the rule under attack.  The ballot that was spoilt is accepted as it was.
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct town *t;
static const struct group *g;

enum { ELEMENT = 32, SCALAR = 32, POINTS = 6 };

static int open_town(void **state)
{
	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	g = t->m->suite;
	return 0;
}

static int close_town(void **state)
{
	(void)state;
	attack_town_free(t);
	return 0;
}

/* A ballot of voter 0, and its parts. */
struct sample {
	struct town_tx tx;
	struct ballot b;
	uint8_t *ciphertexts;
	uint8_t *proof;
	size_t scalars;      /* of the proof */
};

static struct sample sample(void)
{
	struct sample s = { .tx = attack_ballot(t, 0) };

	s.b = attack_decode(t, &s.tx);
	s.ciphertexts = attack_part(&s.tx, s.b.body.ciphertexts);
	s.proof = attack_part(&s.tx, s.b.body.proof);
	s.scalars = s.b.body.proof_len / SCALAR - POINTS;
	return s;
}

static struct sample copy(const struct sample *from)
{
	struct sample s = { .tx = town_tx_copy(&from->tx), .scalars = from->scalars };

	s.b = attack_decode(t, &s.tx);
	s.ciphertexts = attack_part(&s.tx, s.b.body.ciphertexts);
	s.proof = attack_part(&s.tx, s.b.body.proof);
	return s;
}

/* What is said of a spoilt copy, signed by voter 0; it is freed. */
static enum status say_signed(struct sample *s)
{
	attack_sign(t, &s->tx, 0);
	return attack_say_once(t, s->tx);
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

static void finish(struct sample *s)
{
	assert_int_equal(attack_say(t, &s->tx), ST_OK);
	town_tx_free(&s->tx);
}

/* --- N01, N19: copies ------------------------------------------------------------------------ */

static void n01_a_copied_ballot_is_refused(void **state)
{
	struct sample a = sample();
	struct town_tx theirs = attack_ballot(t, 1);
	struct sample s = copy(&a);

	(void)state;
	/* voter 1 casts voter 0's ballot: its proof is bound to voter 0's commitment */
	attack_claim(t, &s.tx, 1);
	assert_int_equal(attack_say_once(t, s.tx), ST_PROOF);
	/* voter 1 takes over the ciphertexts and keeps the rest */
	s = copy(&a);
	memcpy(attack_part(&theirs, attack_decode(t, &theirs).body.ciphertexts), s.ciphertexts,
	       s.b.body.ciphertexts_len * 2 * ELEMENT);
	attack_sign(t, &theirs, 1);
	assert_int_equal(attack_say_once(t, theirs), ST_PROOF);
	town_tx_free(&s.tx);
	finish(&a);
}

/* A machine that repeats its randomness makes true proofs; what it repeats is refused. */
static void n01_a_repeated_alpha_is_refused_across_ballots_and_within_one(void **state)
{
	struct scalar r[ATTACK_M], fresh[ATTACK_M];
	struct town_tx first = attack_ballot(t, 1), second = attack_ballot(t, 2);
	struct town_tx test;

	(void)state;
	for (size_t i = 0; i < ATTACK_M; i++) {
		group_scalar_u64(g, &r[i], 1000 + i);
		group_scalar_u64(g, &fresh[i], 2000 + i);
	}
	attack_encrypt(t, &first, 1, ATTACK_CHOICE, r);
	assert_int_equal(attack_say(t, &first), ST_OK);
	r[ATTACK_M - 1] = r[0];
	attack_encrypt(t, &second, 2, ATTACK_CHOICE, r);
	assert_int_equal(attack_say(t, &second), ST_COPIED);      /* twice within one ballot */
	attack_encrypt(t, &second, 2, ATTACK_CHOICE, fresh);
	assert_int_equal(attack_say(t, &second), ST_OK);
	fresh[5] = r[3];
	attack_encrypt(t, &second, 2, ATTACK_CHOICE, fresh);
	assert_int_equal(attack_say(t, &second), ST_OK);
	town_block_one(t, first);
	assert_int_equal(attack_say(t, &second), ST_COPIED);      /* one of the first ballot's */
	town_tx_free(&second);
	test = attack_test(t, 3);
	assert_int_equal(attack_say_once(t, test), ST_PHASE);
}

static void n19_one_choice_twice_gives_two_ballots_with_nothing_in_common(void **state)
{
	struct sample a = sample(), b = sample();

	(void)state;
	assert_int_equal(a.tx.len, b.tx.len);
	for (size_t i = 0; i < a.b.body.ciphertexts_len * 2; i++)
		for (size_t j = 0; j < a.b.body.ciphertexts_len * 2; j++)
			assert_memory_not_equal(a.ciphertexts + i * ELEMENT,
			                        b.ciphertexts + j * ELEMENT, ELEMENT);
	assert_memory_not_equal(a.b.body.tracker, b.b.body.tracker, 32);
	finish(&a);
	finish(&b);
}

/* --- N02, N05, N11, N14: bytes --------------------------------------------------------------- */

static void n02_a_number_written_otherwise_is_refused(void **state)
{
	struct sample a = sample();

	(void)state;
	for (size_t k = 0; k < a.scalars; k++) {
		struct sample s = copy(&a);

		assert_true(forge_scalar_plus_order(g, s.proof + (POINTS + k) * ELEMENT));
		assert_int_equal(say_signed(&s), ST_SCALAR);
	}
	for (size_t i = 0; i < POINTS; i++) {
		struct sample s = copy(&a);

		/* the same string with its top bit set: no canonical encoding has it */
		s.proof[i * ELEMENT + ELEMENT - 1] |= 0x80;
		assert_int_equal(say_signed(&s), ST_ELEMENT);
	}
	for (size_t i = 0; i < 2 * ATTACK_M; i++) {
		struct sample s = copy(&a);

		s.ciphertexts[i * ELEMENT + ELEMENT - 1] |= 0x80;
		assert_int_equal(say_signed(&s), ST_ELEMENT);
	}
	finish(&a);
}

static void n02_a_signature_written_otherwise_is_refused(void **state)
{
	struct sample a = sample(), s = copy(&a);

	(void)state;
	assert_true(forge_scalar_plus_order(g, attack_part(&s.tx, s.b.signature) + ELEMENT));
	assert_int_equal(attack_say_once(t, s.tx), ST_SCALAR);
	s = copy(&a);
	attack_part(&s.tx, s.b.signature)[ELEMENT - 1] |= 0x80;
	assert_int_equal(attack_say_once(t, s.tx), ST_ELEMENT);
	s = copy(&a);
	forge_element_identity(g, attack_part(&s.tx, s.b.signature));
	assert_int_equal(attack_say_once(t, s.tx), ST_IDENTITY);
	finish(&a);
}

/* The alpha of a first ballot may be the identity (r = 0); proof and counting cope. */
static void n05_the_identity_is_refused_where_it_stands_for_a_key(void **state)
{
	struct town *last = attack_town(ATTACK_LAST, PHASE_OPEN);
	struct town_tx tx = attack_ballot(last, 0);
	struct ballot b = attack_decode(last, &tx);
	struct sample a = sample(), s = copy(&a);

	(void)state;
	forge_element_identity(g, attack_part(&s.tx, s.b.credential));
	assert_int_equal(attack_say_once(t, s.tx), ST_ROLL);
	assert_int_equal(attack_say(last, &tx), ST_OK);
	forge_element_identity(g, attack_part(&tx, b.body.slip_key));
	attack_sign(last, &tx, 0);
	assert_int_equal(attack_say_once(last, tx), ST_KEY);
	attack_town_free(last);
	finish(&a);
}

static void n11_more_or_fewer_ciphertexts_than_options_are_refused(void **state)
{
	struct sample a = sample();
	size_t at = (size_t)(a.ciphertexts - a.tx.wire);
	size_t end = at + a.b.body.ciphertexts_len * 2 * ELEMENT;
	struct town_tx tx = { .wire = malloc(a.tx.len + 2 * ELEMENT) };

	(void)state;
	assert_non_null(tx.wire);
	/* one more: the last pair twice */
	memcpy(tx.wire, a.tx.wire, end);
	memcpy(tx.wire + end, a.tx.wire + end - 2 * ELEMENT, a.tx.len - end + 2 * ELEMENT);
	tx.len = a.tx.len + 2 * ELEMENT;
	assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	/* one fewer */
	memcpy(tx.wire + end - 2 * ELEMENT, a.tx.wire + end, a.tx.len - end);
	tx.len = a.tx.len - 2 * ELEMENT;
	assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	/* one more response in the proof */
	end = (size_t)(a.proof - a.tx.wire) + a.b.body.proof_len;
	memcpy(tx.wire, a.tx.wire, end);
	memcpy(tx.wire + end, a.tx.wire + end - SCALAR, a.tx.len - end + SCALAR);
	tx.len = a.tx.len + SCALAR;
	assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	town_tx_free(&tx);
	finish(&a);
}

static void n14_every_prefix_and_one_byte_more_is_refused(void **state)
{
	struct sample a = sample();
	struct town_tx tx = { .wire = malloc(a.tx.len + 1) };

	(void)state;
	assert_non_null(tx.wire);
	memcpy(tx.wire, a.tx.wire, a.tx.len);
	tx.wire[a.tx.len] = 0;
	for (tx.len = 0; tx.len < a.tx.len; tx.len++)
		assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	tx.len = a.tx.len + 1;
	assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	town_tx_free(&tx);
	finish(&a);
}

/* --- N03, N08, N09, N10: the proof ----------------------------------------------------------- */

static void n03_every_part_of_ciphertexts_and_proof_is_proved(void **state)
{
	struct sample a = sample();

	(void)state;
	for (size_t i = 0; i < 2 * ATTACK_M + POINTS; i++) {
		struct sample s = copy(&a);

		forge_element_next(g, s.ciphertexts + i * ELEMENT);   /* the proof follows at once */
		assert_int_equal(say_signed(&s), ST_PROOF);
	}
	for (size_t k = 0; k < a.scalars; k++) {
		struct sample s = copy(&a);

		forge_scalar_next(g, s.proof + (POINTS + k) * ELEMENT);
		assert_int_equal(say_signed(&s), ST_PROOF);
	}
	finish(&a);
}

/* The sums stay as they were; only a true proof over the new ciphertexts would do. */
static void n08_votes_moved_or_added_afterwards_are_refused(void **state)
{
	struct sample a = sample(), s = copy(&a);
	struct element one, e;

	(void)state;
	group_generator(g, &one);
	/* (0, 1) becomes (-1, 2): over and under cancel out */
	assert_int_equal(group_decode_var(g, &e, s.ciphertexts + 1 * 2 * ELEMENT + ELEMENT), ST_OK);
	group_add(g, &e, &e, &one);
	group_encode(g, s.ciphertexts + 1 * 2 * ELEMENT + ELEMENT, &e);
	assert_int_equal(group_decode_var(g, &e, s.ciphertexts + 2 * 2 * ELEMENT + ELEMENT), ST_OK);
	group_sub(g, &e, &e, &one);
	group_encode(g, s.ciphertexts + 2 * 2 * ELEMENT + ELEMENT, &e);
	assert_int_equal(say_signed(&s), ST_PROOF);
	/* a sum proof, and more, of somebody else's ballot */
	s = copy(&a);
	{
		struct town_tx other = attack_ballot(t, 1);

		memcpy(s.proof, attack_decode(t, &other).body.proof, s.b.body.proof_len);
		town_tx_free(&other);
	}
	assert_int_equal(say_signed(&s), ST_PROOF);
	finish(&a);
}

/* The prover of the kiosk refuses; so a cheat has no ballot to begin with. */
static void n09_blank_and_a_choice_or_neither_cannot_be_locked(void **state)
{
	static const uint32_t WRONG[][ATTACK_M_MAYOR] = {
		{ 1, 1, 0 }, { 0, 0, 0 }, { 0, 1, 1 }, { 2, 0, 0 }, { 1, 1, 1 }, { 0, 2, 0 },
	};
	static const uint8_t ZERO[32];
	const struct ballot_intent intent = {
		.style = ATTACK_STYLE_MAYOR, .credential = &t->voter[7], .blinding = ZERO,
		.device = ZERO,
	};
	struct ballot_locked *b;

	(void)state;
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		assert_int_equal(ballot_lock(&b, t->setup, &intent, WRONG[i], ATTACK_M_MAYOR),
		                 ST_RANGE);
		assert_null(b);
	}
	assert_int_equal(ballot_lock(&b, t->setup, &intent, ATTACK_CHOICE_MAYOR, ATTACK_M_MAYOR),
	                 ST_OK);
	ballot_locked_free(b);
}

static void n10_options_and_contests_do_not_change_places(void **state)
{
	struct sample a = sample();

	(void)state;
	for (size_t i = 0; i < ATTACK_M; i++) {
		for (size_t j = i + 1; j < ATTACK_M; j++) {
			struct sample s = copy(&a);

			swap(s.ciphertexts + i * 2 * ELEMENT, s.ciphertexts + j * 2 * ELEMENT,
			     2 * ELEMENT);
			assert_int_equal(say_signed(&s), ST_PROOF);
		}
	}
	/* mayor and judge, whole contests of one form, with their responses */
	{
		struct sample s = copy(&a);

		swap(s.ciphertexts, s.ciphertexts + 3 * 2 * ELEMENT, 3 * 2 * ELEMENT);
		swap(s.proof + POINTS * ELEMENT, s.proof + POINTS * ELEMENT + 3 * SCALAR, 3 * SCALAR);
		assert_int_equal(say_signed(&s), ST_PROOF);
	}
	finish(&a);
}

/* --- N13: another election, another style ---------------------------------------------------- */

/* A manifest that differs in its title alone, under the same joint key and with the same voter. */
static void n13_a_ballot_of_another_election_is_refused(void **state)
{
	struct town *other = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	struct ballot_setup *mine = t->setup;
	struct sample s;

	(void)state;
	assert_int_equal(ballot_setup_new(&t->setup, other->m, &mine->y, 0), ST_OK);
	s = sample();
	ballot_setup_free(t->setup);
	t->setup = mine;
	assert_int_equal(attack_say(t, &s.tx), ST_SIGNATURE);
	assert_int_equal(say_signed(&s), ST_PROOF);
	attack_town_free(other);
	s = sample();
	finish(&s);
}

static void n13_a_ballot_of_another_style_is_refused(void **state)
{
	struct sample a = sample(), s = copy(&a);

	(void)state;
	/* voter 0 has style north; the same contests in another unit */
	s.tx.wire[2] = ATTACK_STYLE_SOUTH;
	attack_sign(t, &s.tx, 0);
	assert_int_equal(attack_say(t, &s.tx), ST_STYLE);
	/* voter 4 has style south: the proof is of a ballot of north */
	attack_claim(t, &s.tx, 4);
	assert_int_equal(attack_say_once(t, s.tx), ST_PROOF);
	/* a true ballot of south, cast by a voter of north */
	assert_int_equal(attack_say_once(t, town_ballot(t, 0, ATTACK_STYLE_SOUTH, ATTACK_CHOICE,
	                                                ATTACK_M)), ST_STYLE);
	/* no such style; a style of other lengths */
	s = copy(&a);
	s.tx.wire[2] = 3;
	assert_int_equal(attack_say(t, &s.tx), ST_STYLE);
	s.tx.wire[1] = 0xff;
	assert_int_equal(attack_say(t, &s.tx), ST_STYLE);
	s.tx.wire[1] = 0;
	s.tx.wire[2] = ATTACK_STYLE_MAYOR;
	assert_int_equal(attack_say_once(t, s.tx), ST_FORMAT);
	finish(&a);
}

/* --- N22, N25, N26, N28: who signs, and what ------------------------------------------------- */

static void n22_a_credential_that_is_not_on_the_roll_is_refused(void **state)
{
	struct sample a = sample(), s = copy(&a);
	struct element pk;
	struct scalar secret;
	struct message m;

	(void)state;
	/* a key of one's own, and all else true */
	schnorr_keygen(g, &secret, &pk);
	group_encode(g, attack_part(&s.tx, s.b.credential), &pk);
	s.b = attack_decode(t, &s.tx);
	m = ballot_message(t->setup, "ballot", &s.b.body);
	assert_int_equal(schnorr_sign(g, attack_part(&s.tx, s.b.signature), &secret, &m), ST_OK);
	assert_int_equal(attack_say(t, &s.tx), ST_ROLL);
	/* an encoding that is no element is on no roll either */
	memset(attack_part(&s.tx, s.b.credential), 0xff, ELEMENT);
	assert_int_equal(attack_say_once(t, s.tx), ST_ROLL);
	finish(&a);
}

static void n28_a_ballot_that_another_signed_or_nobody_is_refused(void **state)
{
	struct sample a = sample(), s = copy(&a);

	(void)state;
	attack_sign(t, &s.tx, 1);
	assert_int_equal(attack_say(t, &s.tx), ST_SIGNATURE);
	memset(attack_part(&s.tx, s.b.signature), 0, ELEMENT + SCALAR);
	assert_int_equal(attack_say(t, &s.tx), ST_IDENTITY);
	/* the signature of another ballot of the same voter */
	{
		struct sample other = sample();

		memcpy(attack_part(&s.tx, s.b.signature), other.b.signature, ELEMENT + SCALAR);
		town_tx_free(&other.tx);
	}
	assert_int_equal(attack_say_once(t, s.tx), ST_SIGNATURE);
	/* a true signature under another purpose */
	s = copy(&a);
	{
		struct message m = ballot_message(t->setup, "revote", &s.b.body);

		assert_int_equal(schnorr_sign(g, attack_part(&s.tx, s.b.signature),
		                              &t->voter[0].secret, &m), ST_OK);
	}
	assert_int_equal(attack_say_once(t, s.tx), ST_SIGNATURE);
	finish(&a);
}

/* Not one byte of what is stored is without a signature or a hash over it. */
static void n26_every_byte_of_a_ballot_is_bound(void **state)
{
	struct town_tx a = town_ballot(t, 7, ATTACK_STYLE_MAYOR, ATTACK_CHOICE_MAYOR, ATTACK_M_MAYOR);
	size_t credential = (size_t)(attack_decode(t, &a).credential - a.wire);

	(void)state;
	for (size_t i = 0; i < a.len; i++) {
		struct town_tx s = town_tx_copy(&a);
		enum status st;

		s.wire[i] ^= 1;
		st = attack_say_once(t, s);
		if (i == 0)
			assert_int_equal(st, ST_PHASE);      /* type test */
		else if (i == 1)
			assert_int_equal(st, ST_STYLE);
		else if (i == 2)
			assert_int_equal(st, ST_STYLE);
		else if (i >= credential && i < credential + ELEMENT)
			assert_int_equal(st, ST_ROLL);
		else
			assert_true(st == ST_SIGNATURE || (i >= credential && st == ST_ELEMENT) ||
			            (i >= credential && st == ST_SCALAR));
	}
	assert_int_equal(attack_say_once(t, a), ST_OK);
}

/* What comes first is cheap and needs no mathematics (N72, N76). */
static void n76_the_reasons_come_in_the_order_of_their_cost(void **state)
{
	struct sample a = sample(), s = copy(&a);

	(void)state;
	memset(s.ciphertexts, 0xff, 2 * ELEMENT);                       /* no elements */
	forge_scalar_next(g, attack_part(&s.tx, s.b.signature) + ELEMENT);   /* a false signature */
	attack_part(&s.tx, s.b.credential)[0] ^= 2;                     /* not on the roll */
	s.tx.wire[2] = ATTACK_STYLE_MAYOR;                              /* of other lengths */
	assert_int_equal(attack_say(t, &s.tx), ST_FORMAT);
	s.tx.wire[2] = ATTACK_STYLE_SOUTH;
	assert_int_equal(attack_say(t, &s.tx), ST_ROLL);
	memcpy(attack_part(&s.tx, s.b.credential), t->voter[0].key_bytes, ELEMENT);
	assert_int_equal(attack_say(t, &s.tx), ST_STYLE);
	s.tx.wire[2] = ATTACK_STYLE_NORTH;
	assert_int_equal(attack_say(t, &s.tx), ST_SIGNATURE);
	attack_sign(t, &s.tx, 0);
	assert_int_equal(attack_say_once(t, s.tx), ST_ELEMENT);
	finish(&a);
}

static void n82_all_choices_of_a_style_make_ballots_of_one_length(void **state)
{
	static const uint32_t OTHERS[][ATTACK_M] = {
		{ 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 }, { 0, 0, 1, 0, 0, 1, 1, 1, 0, 1, 3 },
		{ 0, 1, 0, 1, 0, 0, 0, 0, 1, 2, 2 },
	};
	struct sample a = sample();

	(void)state;
	for (size_t i = 0; i < sizeof(OTHERS) / sizeof(OTHERS[0]); i++) {
		struct town_tx tx = town_ballot(t, 0, ATTACK_STYLE_NORTH, OTHERS[i], ATTACK_M);

		assert_int_equal(tx.len, a.tx.len);
		assert_int_equal(attack_say_once(t, tx), ST_OK);
	}
	finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n01_a_copied_ballot_is_refused),
		cmocka_unit_test(n01_a_repeated_alpha_is_refused_across_ballots_and_within_one),
		cmocka_unit_test(n19_one_choice_twice_gives_two_ballots_with_nothing_in_common),
		cmocka_unit_test(n02_a_number_written_otherwise_is_refused),
		cmocka_unit_test(n02_a_signature_written_otherwise_is_refused),
		cmocka_unit_test(n05_the_identity_is_refused_where_it_stands_for_a_key),
		cmocka_unit_test(n11_more_or_fewer_ciphertexts_than_options_are_refused),
		cmocka_unit_test(n14_every_prefix_and_one_byte_more_is_refused),
		cmocka_unit_test(n03_every_part_of_ciphertexts_and_proof_is_proved),
		cmocka_unit_test(n08_votes_moved_or_added_afterwards_are_refused),
		cmocka_unit_test(n09_blank_and_a_choice_or_neither_cannot_be_locked),
		cmocka_unit_test(n10_options_and_contests_do_not_change_places),
		cmocka_unit_test(n13_a_ballot_of_another_election_is_refused),
		cmocka_unit_test(n13_a_ballot_of_another_style_is_refused),
		cmocka_unit_test(n22_a_credential_that_is_not_on_the_roll_is_refused),
		cmocka_unit_test(n28_a_ballot_that_another_signed_or_nobody_is_refused),
		cmocka_unit_test(n26_every_byte_of_a_ballot_is_bound),
		cmocka_unit_test(n76_the_reasons_come_in_the_order_of_their_cost),
		cmocka_unit_test(n82_all_choices_of_a_style_make_ballots_of_one_length),
	};
	return cmocka_run_group_tests(tests, open_town, close_town);
}
