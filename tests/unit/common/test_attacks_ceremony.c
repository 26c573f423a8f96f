/*
 * test_attacks_ceremony.c: attacks on the key ceremony as the chain sees it
 * (attacks.md N26, N44-N53, N69).
 *
 * The mathematics of forged deals and complaints is attacked in crypto/test_dkg_forge.c and
 * test_dkg_complaint.c; here it is the rulebook that must refuse, exclude, or go on.
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/ceremony.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct town *t;
static struct ceremony c;   /* what the trustees would say, to be spoilt */
static struct prng r;

static void load(struct town *town)
{
	t = town;
	prng_seed(&r, "ceremony");
	memset(&c, 0, sizeof(c));
	c.p = t->e->dkg;
	memcpy(c.self, t->self, sizeof(c.self));
	ceremony_deal(&c);
}

static void begin(void)
{
	load(attack_town(ATTACK_NEVER, PHASE_COMMIT));
}

static void end(void)
{
	attack_town_free(t);
}

/* What trustee i says, as c has it. */
static struct town_tx commit(unsigned int i)
{
	return town_message(t, TX_DKG_COMMIT, i, c.commit[i - 1], DKG_COMMIT_BYTES);
}

static struct town_tx deal(unsigned int i)
{
	static uint8_t bytes[8192];

	assert_true(dkg_deal_len(&c.p) <= sizeof(bytes));
	dkg_deal_encode(&c.p, bytes, &c.deal[i - 1]);
	return town_message(t, TX_DKG_DEAL, i, bytes, dkg_deal_len(&c.p));
}

static struct town_tx complain(unsigned int i, const struct dkg_complaint *list, size_t count)
{
	static uint8_t bytes[8192];

	dkg_complaints_encode(&c.p, bytes, list, count);
	return town_message(t, TX_DKG_COMPLAIN, i, bytes, dkg_complaints_len(&c.p, count));
}

typedef struct town_tx (*sayer)(unsigned int i);

static void all(sayer say)
{
	struct town_tx txs[LIMIT_TRUSTEES];
	size_t len = 0;

	for (unsigned int i = 1; i <= t->n; i++)
		if (!trustee_in(t->e->now.excluded, i))
			txs[len++] = say(i);
	town_block(t, txs, len);
}

static struct town_tx content(unsigned int i)
{
	return complain(i, NULL, 0);
}

static struct town_tx confirm(unsigned int i)
{
	return town_confirm(t, i);
}

/* --- who speaks (N53, N26, N27) -------------------------------------------------------------- */

static void n53_a_message_of_nobody_or_of_another_is_refused(void **state)
{
	static const uint8_t NOBODY[] = { 0, 5, 14, 255 };
	struct town_tx tx;

	(void)state;
	begin();
	tx = commit(1);
	for (size_t i = 0; i < sizeof(NOBODY); i++) {
		tx.wire[1] = NOBODY[i];
		attack_sign_official(t, &tx, &t->trustee[0]);
		assert_int_equal(attack_say(t, &tx), ST_ROLE);
	}
	/* trustee 1 speaks for trustee 2; a node key is no trustee key */
	tx.wire[1] = 2;
	attack_sign_official(t, &tx, &t->trustee[0]);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	attack_sign_official(t, &tx, &t->node[1]);
	assert_int_equal(attack_say(t, &tx), ST_SIGNATURE);
	attack_sign_official(t, &tx, &t->trustee[1]);
	assert_int_equal(attack_say_once(t, tx), ST_OK);
	/* of another length */
	assert_int_equal(attack_say_once(t, town_message(t, TX_DKG_COMMIT, 1, c.commit[0], 31)),
	                 ST_FORMAT);
	assert_int_equal(attack_say_once(t, town_message(t, TX_DKG_COMMIT, 1, c.commit, 33)),
	                 ST_FORMAT);
	/* twice, in other words */
	town_block_one(t, commit(1));
	c.commit[0][0] ^= 1;
	assert_int_equal(attack_say_once(t, commit(1)), ST_DUPLICATE);
	end();
}

static void n26_every_byte_of_what_a_trustee_says_is_signed(void **state)
{
	sayer const SAY[] = { commit, deal, content, confirm };

	(void)state;
	begin();
	for (size_t step = 0; step < 4; step++) {
		struct town_tx tx = SAY[step](2);
		struct town_tx longer = { .wire = malloc(tx.len + 1), .len = tx.len + 1 };

		assert_int_equal(attack_say(t, &tx), ST_OK);
		for (size_t i = 0; i < tx.len; i++) {
			enum status st;

			tx.wire[i] ^= 4;
			st = attack_say(t, &tx);
			tx.wire[i] ^= 4;
			if (i == 0)
				assert_int_not_equal(st, ST_OK);   /* another type, or none */
			else if (i == 1)
				assert_int_equal(st, ST_ROLE);   /* trustee 6 */
			else
				assert_true(st == ST_SIGNATURE || st == ST_FORMAT || st == ST_LIMIT);
		}
		assert_non_null(longer.wire);
		memcpy(longer.wire, tx.wire, tx.len);
		longer.wire[tx.len] = 0;
		assert_int_equal(attack_say_once(t, longer), ST_FORMAT);
		while (tx.len > 1) {
			tx.len--;
			assert_int_equal(attack_say(t, &tx), ST_FORMAT);
		}
		town_tx_free(&tx);
		all(SAY[step]);
	}
	assert_int_equal(election_phase(t->e), PHASE_ENROL);
	end();
}

/* N51: the same trustees and keys, another election. */
static void n51_what_was_said_in_another_election_is_refused(void **state)
{
	struct ceremony other;
	struct town_tx tx;
	const struct election_params *p;
	uint8_t id[32] = { 7 };
	struct message m;

	(void)state;
	begin();
	other = c;
	memcpy(other.p.election_id, id, sizeof(id));
	ceremony_deal(&other);
	tx = commit(1);
	p = election_params(t->e);
	m = check_message(p, TX_DKG_COMMIT, tx.wire + 1, tx.len - 1 - TX_SIG_BYTES);
	m.election_id = id;
	sign_message(&t->trustee[0], tx.wire + tx.len - TX_SIG_BYTES, &m);
	params_unref(p);
	assert_int_equal(attack_say_once(t, tx), ST_SIGNATURE);
	/* its commit and deal, signed for this one; then only the proofs are the other's */
	memcpy(c.commit[0], other.commit[0], DKG_COMMIT_BYTES);
	c.deal[1] = other.deal[1];
	cheat_commit(&c, 2);
	all(commit);
	c.deal[0] = other.deal[0];
	assert_int_equal(attack_say_once(t, deal(1)), ST_HASH);
	assert_int_equal(attack_say_once(t, deal(2)), ST_PROOF);
	assert_int_equal(attack_say_once(t, deal(3)), ST_OK);
	end();
}

/* --- commit and deal (N44, N45, N49, N52) ---------------------------------------------------- */

static void n44_a_deal_chosen_after_the_commit_is_refused(void **state)
{
	(void)state;
	begin();
	/* trustee 2 copies the commit of trustee 1, not knowing what it stands for */
	memcpy(c.commit[1], c.commit[0], DKG_COMMIT_BYTES);
	all(commit);
	assert_int_equal(attack_say_once(t, commit(2)), ST_PHASE);   /* too late to choose */
	assert_int_equal(attack_say_once(t, deal(2)), ST_HASH);
	c.deal[1] = c.deal[0];
	assert_int_equal(attack_say_once(t, deal(2)), ST_HASH);
	c.self[2].seed[0] ^= 1;
	assert_int_equal(dkg_deal_make(&c.p, &c.deal[2], &c.self[2]), ST_OK);
	assert_int_equal(attack_say_once(t, deal(3)), ST_HASH);
	assert_int_equal(attack_say_once(t, deal(1)), ST_OK);
	end();
}

static void n45_a_key_without_its_proof_is_refused(void **state)
{
	struct element target;
	struct scalar secret;

	(void)state;
	begin();
	/* C_0 = K' - the sum of the others': a key that the cheat would own alone */
	group_scalar_u64(c.p.g, &secret, 12345);
	group_mul_base(c.p.g, &target, &secret);
	for (uint8_t i = 0; i < 3; i++)
		group_sub(c.p.g, &target, &target, &c.deal[i].commit[0]);
	c.deal[3].commit[0] = target;
	cheat_proof(&c, 4, &secret);
	cheat_commit(&c, 4);
	/* the whole deal of another, committed to as one's own */
	c.deal[2] = c.deal[0];
	cheat_commit(&c, 3);
	all(commit);
	assert_int_equal(attack_say_once(t, deal(4)), ST_PROOF);
	assert_int_equal(attack_say_once(t, deal(3)), ST_PROOF);
	assert_int_equal(attack_say_once(t, deal(1)), ST_OK);
	end();
}

static void n49_a_deal_of_another_degree_is_refused(void **state)
{
	const size_t element = 32;
	struct town_tx good, tx;
	uint8_t *bytes, *m;
	size_t len;

	(void)state;
	begin();
	all(commit);
	good = deal(1);
	bytes = malloc(good.len);
	assert_non_null(bytes);
	m = attack_message(&good, &len);
	memcpy(bytes, m, len);
	tx = town_message(t, TX_DKG_DEAL, 1, bytes + element, len - element);   /* t - 1 */
	assert_int_equal(attack_say_once(t, tx), ST_FORMAT);
	memmove(bytes + element, bytes, len);
	tx = town_message(t, TX_DKG_DEAL, 1, bytes, len + element);             /* t + 1 */
	assert_int_equal(attack_say_once(t, tx), ST_FORMAT);
	tx = town_message(t, TX_DKG_DEAL, 1, NULL, 0);
	assert_int_equal(attack_say_once(t, tx), ST_FORMAT);
	free(bytes);
	assert_int_equal(attack_say_once(t, good), ST_OK);
	end();
}

static void n52_what_is_no_member_is_refused(void **state)
{
	const size_t PROOF = 64, SHARE = 32 + 32 + 64;
	struct town_tx tx;
	uint8_t *m;
	size_t len, first;

	(void)state;
	begin();
	all(commit);
	tx = deal(1);
	m = attack_message(&tx, &len);
	first = 3 * 32 + PROOF;
	for (size_t i = 0; i < 3 + 4; i++) {
		uint8_t *at = i < 3 ? m + 32 * i : m + first + (i - 3) * SHARE, kept[32];

		memcpy(kept, at, 32);
		at[31] |= 0x80;
		attack_sign_official(t, &tx, &t->trustee[0]);
		assert_int_equal(attack_say(t, &tx), ST_ELEMENT);
		forge_element_identity(c.p.g, at);
		attack_sign_official(t, &tx, &t->trustee[0]);
		assert_int_equal(attack_say(t, &tx), ST_IDENTITY);
		memcpy(at, kept, 32);
	}
	assert_true(forge_scalar_plus_order(c.p.g, m + 3 * 32));
	attack_sign_official(t, &tx, &t->trustee[0]);
	assert_int_equal(attack_say_once(t, tx), ST_SCALAR);
	assert_int_equal(attack_say_once(t, deal(1)), ST_OK);
	end();
}

/* Design §6: a copied E would open somebody else's share.  Two colluding dealers know it. */
static void a_copied_ephemeral_is_refused_in_whatever_deal_it_stood(void **state)
{
	uint8_t share[32] = { 1 };
	struct scalar e, f;

	(void)state;
	begin();
	group_scalar_u64(c.p.g, &e, 99);
	group_scalar_u64(c.p.g, &f, 100);
	cheat_parcel(&c, 1, 3, share, &e);
	cheat_parcel(&c, 2, 4, share, &e);
	cheat_parcel(&c, 3, 1, share, &f);
	cheat_parcel(&c, 3, 2, share, &f);
	all(commit);
	assert_int_equal(attack_say_once(t, deal(3)), ST_DUPLICATE);   /* within one deal */
	assert_int_equal(attack_say_once(t, deal(2)), ST_OK);
	town_block_one(t, deal(1));
	assert_int_equal(attack_say_once(t, deal(2)), ST_COPIED);
	assert_int_equal(attack_say_once(t, deal(4)), ST_OK);
	end();
}

/* --- complaints (N47) ------------------------------------------------------------------------ */

static void n47_the_dealer_of_a_bad_share_and_a_false_complainer_are_excluded(void **state)
{
	struct dkg_complaint about_1, about_2;

	(void)state;
	for (int round = 0; round < 2; round++) {
		begin();
		cheat_bad_share(&c, &r, 1, 3);
		all(commit);
		all(deal);
		cheat_complaint(&c, &about_1, 3, 1);   /* true */
		cheat_complaint(&c, &about_2, 4, 2);   /* a lie that proves what it reveals */
		town_block_one(t, content(1));
		town_block_one(t, content(2));
		town_block_one(t, complain(3, &about_1, 1));
		town_block_one(t, round == 0 ? content(4) : complain(4, &about_2, 1));
		if (round == 0) {
			assert_int_equal(t->e->now.excluded, 0x1);
			assert_int_equal(attack_say_once(t, confirm(1)), ST_EXCLUDED);
			all(confirm);
			assert_int_equal(election_phase(t->e), PHASE_ENROL);
		} else {
			/* two gone of four, and three are needed */
			assert_int_equal(t->e->now.excluded, 0x9);
			assert_int_equal(election_phase(t->e), PHASE_FAILED);
			assert_int_equal(attack_say_once(t, content(2)), ST_PHASE);
			assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0xf)), ST_PHASE);
		}
		end();
	}
}

static void n47_a_complaint_that_proves_nothing_is_refused(void **state)
{
	struct dkg_complaint one, two, list[2];
	struct town_tx tx;
	uint8_t *m;
	size_t len;

	(void)state;
	begin();
	cheat_bad_share(&c, &r, 1, 3);
	all(commit);
	all(deal);
	cheat_complaint(&c, &one, 3, 1);
	cheat_complaint(&c, &two, 3, 2);
	/* another value revealed; another's complaint; about oneself; about nobody */
	list[0] = one;
	group_neg(c.p.g, &list[0].shared, &list[0].shared);
	assert_int_equal(attack_say_once(t, complain(3, list, 1)), ST_PROOF);
	assert_int_equal(attack_say_once(t, complain(4, &one, 1)), ST_PROOF);
	assert_int_equal(attack_say_once(t, complain(1, &one, 1)), ST_ROLE);
	list[0] = one;
	list[0].dealer = 5;
	assert_int_equal(attack_say_once(t, complain(3, list, 1)), ST_LIMIT);
	list[0].dealer = 0;
	assert_int_equal(attack_say_once(t, complain(3, list, 1)), ST_LIMIT);
	/* twice; out of order; more than there are */
	list[0] = list[1] = one;
	assert_int_equal(attack_say_once(t, complain(3, list, 2)), ST_DUPLICATE);
	list[0] = two;
	assert_int_equal(attack_say_once(t, complain(3, list, 2)), ST_ORDER);
	tx = content(3);
	m = attack_message(&tx, &len);
	assert_int_equal(len, 1);
	m[0] = 4;
	attack_sign_official(t, &tx, &t->trustee[2]);
	assert_int_equal(attack_say(t, &tx), ST_LIMIT);
	m[0] = 1;
	attack_sign_official(t, &tx, &t->trustee[2]);
	assert_int_equal(attack_say_once(t, tx), ST_FORMAT);
	assert_int_equal(attack_say_once(t, complain(3, &one, 1)), ST_OK);
	end();
}

/* --- steps (N48, N50, N69) ------------------------------------------------------------------- */

static void n48_a_confirm_of_another_transcript_is_refused(void **state)
{
	struct town_tx tx;

	(void)state;
	begin();
	all(commit);
	all(deal);
	all(content);
	tx = confirm(1);
	for (size_t i = 2; i < 66; i += 31) {   /* in the block's id, and in the hash */
		tx.wire[i] ^= 1;
		attack_sign_official(t, &tx, &t->trustee[0]);
		assert_int_equal(attack_say(t, &tx), ST_HASH);
		tx.wire[i] ^= 1;
	}
	attack_sign_official(t, &tx, &t->trustee[0]);
	assert_int_equal(attack_say_once(t, tx), ST_OK);
	end();
}

/* What a town with a waiting time says of `advance`, minute by minute. */
static void n50_advance_waits_its_time_and_not_longer(void **state)
{
	char definition[4096];
	struct town_tx tx;

	(void)state;
	(void)snprintf(definition, sizeof(definition), "{\"dkg_min_minutes\": 30, %s",
	               ATTACK_NEVER + 1);
	load(attack_town(definition, PHASE_COMMIT));
	/* block 0 has no time: the first step begins with block 1 */
	tx = town_phase(t, TX_ADVANCE, 0xf);
	assert_int_equal(attack_say_once(t, tx), ST_EARLY);
	town_block_one(t, commit(1));
	town_block_one(t, commit(2));
	town_block_one(t, commit(3));
	t->minutes += 29;
	town_block(t, NULL, 0);
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0x7)), ST_EARLY);
	t->minutes += 1;
	town_block(t, NULL, 0);
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0x7)), ST_OK);
	town_block_one(t, town_phase(t, TX_ADVANCE, 0x7));
	assert_int_equal(t->e->now.excluded, 0x8);
	/* the next step has a time of its own */
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0x7)), ST_EARLY);
	end();
}

static void n50_a_silent_trustee_stops_nobody(void **state)
{
	(void)state;
	for (size_t silent = 0; silent < 4; silent++) {
		sayer const SAY[] = { commit, deal, content, confirm };

		begin();
		for (size_t step = 0; step < 4; step++) {
			if (step != silent) {
				all(SAY[step]);
				continue;
			}
			for (unsigned int i = 1; i <= 3; i++) {
				if (i == 3)
					assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0x3)),
					                 ST_THRESHOLD);
				town_block_one(t, SAY[step](i));
			}
			town_block_one(t, town_phase(t, TX_ADVANCE, 0x7));
		}
		assert_int_equal(election_phase(t->e), PHASE_ENROL);
		/* silence in the last step leaves its share */
		assert_int_equal(t->e->now.excluded, silent == 3 ? 0 : 0x8);
		end();
	}
}

static void n50_with_fewer_than_t_the_ceremony_fails_and_says_so(void **state)
{
	(void)state;
	begin();
	town_block_one(t, commit(1));
	town_block_one(t, commit(2));
	town_block_one(t, town_phase(t, TX_ADVANCE, 0xf));
	assert_int_equal(election_phase(t->e), PHASE_FAILED);
	assert_int_equal(attack_say_once(t, deal(1)), ST_PHASE);
	end();
	/* in the last step they would only be fewer than needed: it waits */
	begin();
	all(commit);
	all(deal);
	all(content);
	town_block_one(t, confirm(1));
	town_block_one(t, confirm(2));
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0xf)), ST_THRESHOLD);
	town_block_one(t, confirm(4));
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0xf)), ST_OK);
	end();
}

static void n69_an_advance_serves_its_own_step_once(void **state)
{
	struct town_tx first, tx;

	(void)state;
	begin();
	town_block_one(t, commit(1));
	town_block_one(t, commit(2));
	town_block_one(t, commit(3));
	/* of a step that has not come; of another anchor */
	tx = town_phase(t, TX_ADVANCE, 0x7);
	tx.wire[1] = PHASE_DEAL;
	first = town_cosign(t, tx.wire, 34, 0x7);
	assert_int_equal(attack_say_once(t, first), ST_PHASE);
	tx.wire[1] = PHASE_COMMIT;
	tx.wire[2] ^= 1;
	first = town_cosign(t, tx.wire, 34, 0x7);
	assert_int_equal(attack_say_once(t, first), ST_HASH);
	town_tx_free(&tx);
	first = town_phase(t, TX_ADVANCE, 0x7);
	town_block_one(t, town_tx_copy(&first));
	assert_int_equal(attack_say(t, &first), ST_PHASE);        /* again */
	first.wire[1] = PHASE_DEAL;
	assert_int_equal(attack_say_once(t, first), ST_HASH);     /* for the next step */
	/* trustee 4 is excluded: neither its word nor its signature counts */
	assert_int_equal(attack_say_once(t, deal(4)), ST_EXCLUDED);
	town_block_one(t, deal(1));
	assert_int_equal(attack_say_once(t, town_phase(t, TX_ADVANCE, 0xd)), ST_EXCLUDED);
	end();
}

/* A trustee that was excluded after it dealt can no longer be complained of. */
static void a_complaint_about_the_excluded_is_refused(void **state)
{
	struct dkg_complaint about;

	(void)state;
	begin();
	cheat_bad_share(&c, &r, 4, 3);
	all(commit);
	town_block_one(t, deal(1));
	town_block_one(t, deal(2));
	town_block_one(t, deal(3));
	town_block_one(t, town_phase(t, TX_ADVANCE, 0x7));
	cheat_complaint(&c, &about, 3, 4);
	assert_int_equal(attack_say_once(t, complain(3, &about, 1)), ST_EXCLUDED);
	end();
}

/* N46: at the edges of t and n. */
static void n46_ceremonies_at_the_edges_come_to_their_end(void **state)
{
	static const char ALONE[] =
		"{\"title\": {\"en\": \"Test\"}, \"languages\": [\"en\"], "
		"\"suite\": \"ristretto255\", \"threshold\": 1, \"rehearsal\": true, "
		"\"trustees\": [\"t1.card\"], \"registrar\": \"registrar.card\", "
		"\"officer\": \"officer.card\", "
		"\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], "
		"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"yes\"]}], "
		"\"contests\": [{\"id\": \"yes\", \"type\": \"choose\", \"min\": 0, \"max\": 1, "
		"\"title\": {\"en\": \"Yes?\"}, "
		"\"options\": [{\"id\": \"yes\", \"name\": {\"en\": \"Yes\"}}]}]}";
	static const uint32_t YES[1] = { 1 };
	struct town *one = calloc(1, sizeof(*one) + 64);
	struct town *town = (struct town *)(((uintptr_t)one + 63) & ~(uintptr_t)63);

	(void)state;
	assert_non_null(one);
	town_new(town, 1, ALONE);
	load(town);
	/* a proof of the one constant coefficient is demanded also at t = 1 */
	forge_scalar_next(c.p.g, c.deal[0].proof);
	cheat_commit(&c, 1);
	town_block_one(t, commit(1));
	assert_int_equal(attack_say_once(t, deal(1)), ST_PROOF);
	town_free(town);
	town_new(town, 1, ALONE);
	town_ceremony(town, 0x1);
	town_enrol(town, NULL, NULL, 2);
	town_open(town);
	town_block_one(town, town_ballot(town, 0, 0, YES, 1));
	town_close_and_end(town);
	town_finish(town);
	assert_int_equal(town_count(town, "yes", 0, 0), 1);
	town_free(town);
	free(one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n53_a_message_of_nobody_or_of_another_is_refused),
		cmocka_unit_test(n26_every_byte_of_what_a_trustee_says_is_signed),
		cmocka_unit_test(n51_what_was_said_in_another_election_is_refused),
		cmocka_unit_test(n44_a_deal_chosen_after_the_commit_is_refused),
		cmocka_unit_test(n45_a_key_without_its_proof_is_refused),
		cmocka_unit_test(n49_a_deal_of_another_degree_is_refused),
		cmocka_unit_test(n52_what_is_no_member_is_refused),
		cmocka_unit_test(a_copied_ephemeral_is_refused_in_whatever_deal_it_stood),
		cmocka_unit_test(n47_the_dealer_of_a_bad_share_and_a_false_complainer_are_excluded),
		cmocka_unit_test(n47_a_complaint_that_proves_nothing_is_refused),
		cmocka_unit_test(n48_a_confirm_of_another_transcript_is_refused),
		cmocka_unit_test(n50_advance_waits_its_time_and_not_longer),
		cmocka_unit_test(n50_a_silent_trustee_stops_nobody),
		cmocka_unit_test(n50_with_fewer_than_t_the_ceremony_fails_and_says_so),
		cmocka_unit_test(n69_an_advance_serves_its_own_step_once),
		cmocka_unit_test(a_complaint_about_the_excluded_is_refused),
		cmocka_unit_test(n46_ceremonies_at_the_edges_come_to_their_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
