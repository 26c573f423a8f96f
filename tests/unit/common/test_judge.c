/*
 * test_judge.c: evidence against trustees: what they signed and is false names them; what is late,
 * stale, of another chain or somebody else's never does (formats-evidence.md §2).
 */
#include "common/election/judge.h"
#include "common/election/state.h"
#include "crypto/mem.h"
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/ceremony.h"
#include "tests/unit/lib/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 20 };

static struct town *t;
static struct ceremony c;
static uint8_t room[ROOM];

static void load(enum election_phase phase)
{
	t = attack_town(ATTACK_NEVER, phase);
	memset(&c, 0, sizeof(c));
	c.p = t->e->dkg;
	memcpy(c.self, t->self, sizeof(c.self));
	ceremony_deal(&c);
}

static void drop(void)
{
	attack_town_free(t);
}

static struct evidence against(const struct town_tx *tx)
{
	return (struct evidence){ .kind = EVIDENCE_FALSE_MESSAGE, .tx = tx->wire,
	                          .tx_len = tx->len };
}

/* By the manifest alone. */
static enum status alone(const struct town_tx *tx, struct judgement *out)
{
	const struct evidence e = against(tx);

	return judge_check(out, &e, t->m, NULL);
}

/* On the chain as it stands. */
static enum status here(const struct town_tx *tx, struct judgement *out)
{
	const struct evidence e = against(tx);

	return judge_all(out, &e, t->e);
}

static void is_trustee(const struct judgement *j, unsigned int trustee, enum status why)
{
	assert_int_equal(j->role, CULPRIT_TRUSTEE);
	assert_int_equal(j->index, trustee);
	assert_int_equal(j->why, why);
}

static void is_nobody(const struct judgement *j)
{
	static const struct judgement NOBODY;

	assert_memory_equal(j, &NOBODY, sizeof(NOBODY));
}

static struct town_tx deal_of(unsigned int i)
{
	static uint8_t bytes[8192];

	dkg_deal_encode(&c.p, bytes, &c.deal[i - 1]);
	return town_message(t, TX_DKG_DEAL, i, bytes, dkg_deal_len(&c.p));
}

/* --- deals ----------------------------------------------------------------------------------- */

static void an_honest_deal_shows_nothing_in_any_phase(void **state)
{
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	tx = deal_of(2);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(alone(&tx, &j), ST_OPENING);
		is_nobody(&j);
		assert_int_equal(here(&tx, &j), ST_OPENING);   /* early, and then late */
		if (i == 0)
			town_ceremony(t, town_everyone(t));
	}
	town_tx_free(&tx);
	drop();
}

static void a_deal_that_was_not_committed_to_is_no_false_proof(void **state)
{
	struct judgement j;
	struct town_tx tx, commits[4];

	(void)state;
	load(PHASE_COMMIT);
	for (unsigned int i = 1; i <= 4; i++)
		commits[i - 1] = town_commit(t, i);
	town_block(t, commits, 4);
	c.self[1].seed[3] ^= 1;   /* as of one who lost his file, and began again */
	ceremony_deal(&c);
	tx = deal_of(2);
	assert_int_equal(town_try(t, &tx), ST_HASH);
	assert_int_equal(here(&tx, &j), ST_OPENING);
	is_nobody(&j);
	town_tx_free(&tx);
	drop();
}

/* Spoil the deal of trustee 2; the reason why it is false. */
static enum status spoil(unsigned int how)
{
	struct dkg_deal *d = &c.deal[1];

	switch (how) {
	case 0:
		d->proof[5] ^= 1;
		return ST_PROOF;
	case 1:
		d->parcel[3].proof[40] ^= 1;
		return ST_PROOF;
	case 2:
		d->parcel[0].box[2] ^= 1;
		return ST_PROOF;
	case 3:
		d->parcel[1] = d->parcel[2];
		return ST_DUPLICATE;
	case 4:
		d->commit[1] = c.deal[0].commit[1];
		return ST_PROOF;
	default:
		d->parcel[2] = c.deal[0].parcel[2];   /* another's */
		return ST_PROOF;
	}
}

static void a_false_deal_names_its_dealer_by_the_manifest_alone(void **state)
{
	struct dkg_deal good;
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	good = c.deal[1];
	for (unsigned int how = 0; how < 6; how++) {
		enum status why = spoil(how);

		tx = deal_of(2);
		assert_int_equal(alone(&tx, &j), ST_OK);
		is_trustee(&j, 2, why);
		assert_int_equal(j.message, TX_DKG_DEAL);
		/* said to be another's, or signed by another, it is nobody's */
		tx.wire[1] = 3;
		assert_int_equal(alone(&tx, &j), ST_SIGNATURE);
		is_nobody(&j);
		tx.wire[1] = 2;
		attack_sign_official(t, &tx, &t->trustee[0]);
		assert_int_equal(alone(&tx, &j), ST_SIGNATURE);
		attack_sign_official(t, &tx, &t->node[1]);
		assert_int_equal(alone(&tx, &j), ST_SIGNATURE);
		tx.wire[1] = 5;
		assert_int_equal(alone(&tx, &j), ST_ROLE);
		town_tx_free(&tx);
		c.deal[1] = good;
	}
	tx = town_message(t, TX_DKG_DEAL, 2, room, 77);   /* no deal at all, and signed */
	assert_int_equal(alone(&tx, &j), ST_OK);
	is_trustee(&j, 2, ST_FORMAT);
	town_tx_free(&tx);
	drop();
}

static void no_byte_of_a_false_deal_can_be_changed(void **state)
{
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	(void)spoil(0);
	tx = deal_of(2);
	for (size_t i = 0; i < tx.len; i++) {
		tx.wire[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(alone(&tx, &j), ST_OK);
		tx.wire[i] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t i = 0; i < tx.len; i++) {
		struct town_tx cut = { .wire = tx.wire, .len = i };

		assert_int_not_equal(alone(&cut, &j), ST_OK);
		is_nobody(&j);
	}
	assert_int_equal(alone(&tx, &j), ST_OK);
	town_tx_free(&tx);
	drop();
}

static void a_false_deal_of_another_election_shows_nothing(void **state)
{
	struct town *other;
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	(void)spoil(0);
	other = t;
	tx = deal_of(2);
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	assert_int_equal(alone(&tx, &j), ST_SIGNATURE);
	is_nobody(&j);
	town_tx_free(&tx);
	drop();
	t = other;
	drop();
}

static void other_transactions_are_never_false_messages(void **state)
{
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	tx = town_message(t, TX_DKG_COMMIT, 2, room, 31);
	assert_int_equal(here(&tx, &j), ST_FORMAT);
	town_tx_free(&tx);
	tx = town_phase(t, TX_ADVANCE, 7);
	assert_int_equal(here(&tx, &j), ST_FORMAT);
	town_tx_free(&tx);
	drop();
}

/* --- confirmations --------------------------------------------------------------------------- */

static struct town_tx confirm(unsigned int trustee, const uint8_t *block, const uint8_t *hash)
{
	struct town_tx tx = town_confirm(t, trustee);

	memcpy(tx.wire + 2, block, 32);
	memcpy(tx.wire + 34, hash, 32);
	attack_sign_official(t, &tx, &t->trustee[trustee - 1]);
	return tx;
}

/* Commit, deal and complain. */
static void until_confirm(void)
{
	struct town_tx (*const SAY[])(struct town *, unsigned int) = { town_commit, town_deal,
	                                                              town_complain };

	for (unsigned int step = 0; step < 3; step++) {
		struct town_tx txs[4];

		for (unsigned int i = 1; i <= 4; i++)
			txs[i - 1] = SAY[step](t, i);
		town_block(t, txs, 4);
	}
	assert_int_equal(election_phase(t->e), PHASE_CONFIRM);
}

static void a_wrong_hash_for_this_very_block_names_its_trustee(void **state)
{
	uint8_t block[32], hash[32], wrong[32], other[32] = { 7 };
	struct town_tx good, bad, elsewhere;
	struct judgement j;

	(void)state;
	load(PHASE_COMMIT);
	until_confirm();
	memcpy(block, t->e->now.step_block, 32);
	memcpy(hash, t->e->now.confirm_hash, 32);
	memcpy(wrong, hash, 32);
	wrong[9] ^= 1;
	good = confirm(3, block, hash);
	bad = confirm(3, block, wrong);
	elsewhere = confirm(3, other, wrong);   /* what is right there, who knows */
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(alone(&bad, &j), ST_INCOMPLETE);
		assert_int_equal(here(&good, &j), ST_OPENING);
		assert_int_equal(here(&elsewhere, &j), ST_PARENT);
		is_nobody(&j);
		assert_int_equal(here(&bad, &j), ST_OK);
		is_trustee(&j, 3, ST_HASH);
		for (unsigned int k = 1; i == 0 && k <= 4; k++)
			town_block_one(t, town_confirm(t, k));   /* and again when it is over */
	}
	for (size_t i = 0; i < bad.len; i++) {
		bad.wire[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(here(&bad, &j), ST_OK);
		bad.wire[i] ^= (uint8_t)(1u << i % 8);
	}
	town_tx_free(&good);
	town_tx_free(&bad);
	town_tx_free(&elsewhere);
	drop();
}

static void before_the_complaints_have_ended_no_confirmation_can_be_judged(void **state)
{
	uint8_t zero[32] = { 0 }, hash[32] = { 1 };
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_COMMIT);
	tx = confirm(1, zero, hash);   /* the state has no such block and hash yet: zeros */
	assert_int_equal(here(&tx, &j), ST_INCOMPLETE);
	town_tx_free(&tx);
	drop();
}

/* --- complaints ------------------------------------------------------------------------------ */

static struct town_tx complain(unsigned int i, const struct dkg_complaint *list, size_t count)
{
	static uint8_t bytes[8192];

	dkg_complaints_encode(&c.p, bytes, list, count);
	return town_message(t, TX_DKG_COMPLAIN, i, bytes, dkg_complaints_len(&c.p, count));
}

/* Everybody commits and deals, as c has it; but not those whom `by` leaves out. */
static void until_complain(trustee_set by)
{
	for (unsigned int step = 0; step < 2; step++) {
		struct town_tx txs[4];
		size_t len = 0;

		for (unsigned int i = 1; i <= 4; i++)
			if (trustee_in(by, i))
				txs[len++] = step == 1 ? deal_of(i) :
				             town_message(t, TX_DKG_COMMIT, i, c.commit[i - 1],
				                          DKG_COMMIT_BYTES);
		town_block(t, txs, len);
		if (by != town_everyone(t) && step == 0)
			town_block_one(t, town_phase(t, TX_ADVANCE, by));
	}
	assert_int_equal(election_phase(t->e), PHASE_COMPLAIN);
}

static void said_by_somebody(struct town_tx tx, enum status st, unsigned int trustee,
                             enum status why)
{
	struct judgement j;

	assert_int_equal(alone(&tx, &j), ST_INCOMPLETE);
	assert_int_equal(here(&tx, &j), st);
	if (st == ST_OK)
		is_trustee(&j, trustee, why);
	else if (st != ST_INCOMPLETE)
		is_nobody(&j);
	town_tx_free(&tx);
}

static void a_false_complaint_names_its_author(void **state)
{
	struct dkg_complaint bad, self;
	struct prng r;

	(void)state;
	load(PHASE_COMMIT);
	prng_seed(&r, "judge");
	cheat_bad_share(&c, &r, 1, 2);
	cheat_commit(&c, 1);
	until_complain(0x7);   /* trustee 4 does not deal */
	cheat_complaint(&c, &bad, 2, 1);
	said_by_somebody(complain(2, &bad, 1), ST_OPENING, 0, ST_OK);   /* a true one */
	said_by_somebody(complain(3, NULL, 0), ST_OPENING, 0, ST_OK);
	cheat_complaint(&c, &self, 3, 1);
	said_by_somebody(complain(3, &self, 1), ST_OPENING, 0, ST_OK);   /* the share is good: 6.5 */
	said_by_somebody(complain(3, &bad, 1), ST_OK, 3, ST_PROOF);     /* somebody else's */
	self = bad;
	self.proof[3] ^= 1;
	said_by_somebody(complain(2, &self, 1), ST_OK, 2, ST_PROOF);
	self = bad;
	self.dealer = 3;
	said_by_somebody(complain(2, &self, 1), ST_OK, 2, ST_PROOF);
	self.dealer = 2;
	said_by_somebody(complain(2, &self, 1), ST_OK, 2, ST_ROLE);
	self.dealer = 4;
	said_by_somebody(complain(2, &self, 1), ST_OK, 2, ST_EXCLUDED);
	said_by_somebody(town_message(t, TX_DKG_COMPLAIN, 2, room, 5), ST_OK, 2, ST_FORMAT);
	drop();
}

static void a_complaint_about_the_deals_of_another_chain_shows_nothing(void **state)
{
	struct election_params *p;
	struct dkg_complaint bad;
	struct judgement j;
	struct town_tx tx, here_too;

	(void)state;
	load(PHASE_COMMIT);
	until_complain(town_everyone(t));
	cheat_complaint(&c, &bad, 2, 1);
	bad.proof[3] ^= 1;             /* false here, and perhaps true of another deal of trustee 1 */
	p = t->e->now.params;
	p->dealt[5] ^= 1;
	tx = complain(2, &bad, 1);     /* signed where the deals were others */
	p->dealt[5] ^= 1;
	here_too = complain(2, &bad, 1);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(here(&tx, &j), ST_SIGNATURE);
		is_nobody(&j);
		assert_int_equal(here(&here_too, &j), ST_OK);   /* now, and when it is long over */
		is_trustee(&j, 2, ST_PROOF);
		for (unsigned int k = 1; i == 0 && k <= 4; k++)
			town_block_one(t, complain(k, NULL, 0));
		for (unsigned int k = 1; i == 1 && k <= 4; k++)
			town_block_one(t, town_confirm(t, k));
	}
	assert_int_equal(election_phase(t->e), PHASE_ENROL);
	for (size_t i = 0; i < here_too.len; i++) {
		here_too.wire[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(here(&here_too, &j), ST_OK);
		here_too.wire[i] ^= (uint8_t)(1u << i % 8);
	}
	town_tx_free(&tx);
	town_tx_free(&here_too);
	drop();
}

static void before_the_deals_are_in_no_complaint_can_be_judged(void **state)
{
	(void)state;
	load(PHASE_COMMIT);
	said_by_somebody(town_message(t, TX_DKG_COMPLAIN, 2, room, 5), ST_INCOMPLETE, 0, ST_OK);
	drop();
}

/* --- shares ---------------------------------------------------------------------------------- */

static void a_false_share_names_its_trustee_also_after_the_result(void **state)
{
	struct town_tx good, bad, other;
	struct judgement j;
	size_t len;

	(void)state;
	load(PHASE_ENDED);
	good = town_share(t, 2);
	bad = town_tx_copy(&good);
	attack_message(&bad, &len)[len - 1] ^= 1;
	attack_sign_official(t, &bad, &t->trustee[1]);
	other = town_share(t, 3);
	other.wire[1] = 2;             /* the share of another as one's own */
	attack_sign_official(t, &other, &t->trustee[1]);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(alone(&bad, &j), ST_INCOMPLETE);
		assert_int_equal(here(&good, &j), ST_OPENING);
		is_nobody(&j);
		assert_int_equal(here(&bad, &j), ST_OK);
		assert_int_equal(j.role, CULPRIT_TRUSTEE);
		assert_int_equal(j.index, 2);
		assert_int_equal(j.message, TX_SHARE);
		assert_int_equal(here(&other, &j), ST_OK);
		is_trustee(&j, 2, ST_PROOF);
		if (i == 0)
			town_finish(t);
	}
	assert_int_equal(election_phase(t->e), PHASE_FINAL);
	for (size_t i = 0; i < bad.len; i += 1 + i / 100) {
		bad.wire[i] ^= (uint8_t)(1u << i % 8);
		assert_int_not_equal(here(&bad, &j), ST_OK);
		bad.wire[i] ^= (uint8_t)(1u << i % 8);
	}
	town_tx_free(&good);
	town_tx_free(&bad);
	town_tx_free(&other);
	drop();
}

/* On a fork another block ended the election, or other ballots counted: he was honest there. */
static void a_share_of_another_end_shows_nothing(void **state)
{
	struct election_params *p;
	struct judgement j;
	struct town_tx tx;

	(void)state;
	load(PHASE_ENDED);
	p = t->e->now.params;
	p->end_block[9] ^= 1;
	p->sums->end_block[9] ^= 1;
	tx = town_share(t, 2);
	p->end_block[9] ^= 1;
	p->sums->end_block[9] ^= 1;
	assert_int_equal(here(&tx, &j), ST_SIGNATURE);
	is_nobody(&j);
	assert_int_equal(attack_say_once(t, tx), ST_SIGNATURE);
	drop();
}

static void a_share_of_no_end_at_all_shows_nothing(void **state)
{
	(void)state;
	load(PHASE_OPEN);
	said_by_somebody(town_message(t, TX_SHARE, 2, room, 96), ST_INCOMPLETE, 0, ST_OK);
	drop();
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	town_close_and_end(t);         /* and nobody had voted: there is nothing to decrypt */
	said_by_somebody(town_message(t, TX_SHARE, 2, room, 96), ST_OPENING, 0, ST_OK);
	drop();
}

static int begin(void **state)
{
	(void)state;
	return crypto_init() != ST_OK;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_deal_shows_nothing_in_any_phase),
		cmocka_unit_test(a_deal_that_was_not_committed_to_is_no_false_proof),
		cmocka_unit_test(a_false_deal_names_its_dealer_by_the_manifest_alone),
		cmocka_unit_test(no_byte_of_a_false_deal_can_be_changed),
		cmocka_unit_test(a_false_deal_of_another_election_shows_nothing),
		cmocka_unit_test(other_transactions_are_never_false_messages),
		cmocka_unit_test(a_wrong_hash_for_this_very_block_names_its_trustee),
		cmocka_unit_test(before_the_complaints_have_ended_no_confirmation_can_be_judged),
		cmocka_unit_test(a_false_complaint_names_its_author),
		cmocka_unit_test(a_complaint_about_the_deals_of_another_chain_shows_nothing),
		cmocka_unit_test(before_the_deals_are_in_no_complaint_can_be_judged),
		cmocka_unit_test(a_false_share_names_its_trustee_also_after_the_result),
		cmocka_unit_test(a_share_of_another_end_shows_nothing),
		cmocka_unit_test(a_share_of_no_end_at_all_shows_nothing),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
