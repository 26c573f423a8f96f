/*
 * test_attacks_papers.c: what an officer, or whoever carries the papers, may put before a trustee
 * (attacks.md N58, N63, N69).
 *
 * A trustee's tool compares a proposal with what the chain itself calls for, and signs nothing
 * else; approvals are checked before they are put together.
 */
#include "tests/unit/lib/attack.h"

#include "common/election/act.h"
#include "common/election/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct town *t;

struct paper {
	uint8_t tx[4096];
	struct proposal p;
};

static void propose(struct paper *out, enum tx_type type)
{
	memcpy(out->p.election_id, t->m->election_id, sizeof(out->p.election_id));
	out->p.tx = out->tx;
	assert_int_equal(act_propose(t->e, type, out->tx, sizeof(out->tx), &out->p.tx_len), ST_OK);
	assert_int_equal(act_judge(t->e, &out->p), ST_OK);
}

static struct approval approve(const struct paper *paper, unsigned int trustee)
{
	const struct election_params *p = election_params(t->e);
	struct approval a;

	act_approve(p, &paper->p, trustee, &t->trustee[trustee - 1], &a);
	params_unref(p);
	return a;
}

static enum status combine(const struct paper *paper, const struct approval *a, size_t len,
                           struct town_tx *out, size_t *bad)
{
	const struct election_params *p = election_params(t->e);
	enum status st;

	out->wire = malloc(8192);
	assert_non_null(out->wire);
	st = act_combine(p, &paper->p, a, len, out->wire, 8192, &out->len, bad);
	params_unref(p);
	return st;
}

/* --- proposals ------------------------------------------------------------------------------- */

/* Every byte of every proposal of an election, altered: the trustee's tool signs none of them. */
static void every_byte_altered(enum tx_type type)
{
	struct paper paper;

	propose(&paper, type);
	for (size_t i = 0; i < paper.p.tx_len; i++) {
		enum status st;

		paper.tx[i] ^= 1;
		st = act_judge(t->e, &paper.p);
		assert_true(i == 0 ? st != ST_OK : st == ST_HASH);
		paper.tx[i] ^= 1;
	}
	paper.p.tx_len--;
	assert_int_equal(act_judge(t->e, &paper.p), ST_HASH);
	paper.p.tx_len += 2;
	assert_int_equal(act_judge(t->e, &paper.p), ST_HASH);
	paper.p.tx_len--;
	paper.p.election_id[0] ^= 1;
	assert_int_equal(act_judge(t->e, &paper.p), ST_ELECTION);
	paper.p.election_id[0] ^= 1;
	assert_int_equal(act_judge(t->e, &paper.p), ST_OK);
}

static void n69_a_proposal_that_says_anything_else_is_not_signed(void **state)
{
	static const uint16_t STYLES[4] = { 0, 0, 1, 2 };

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	every_byte_altered(TX_ADVANCE);
	town_ceremony(t, 0xf);
	town_enrol(t, STYLES, NULL, 4);
	every_byte_altered(TX_OPEN);
	town_open(t);
	every_byte_altered(TX_CLOSE);
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	every_byte_altered(TX_END);
	town_block_one(t, town_phase(t, TX_END, 0xf));
	every_byte_altered(TX_RESULT);
	attack_town_free(t);
}

static void n63_a_proposal_out_of_its_time_is_not_made_or_signed(void **state)
{
	static const enum tx_type EARLY[] = { TX_END, TX_RESULT, TX_ADVANCE, TX_OPEN, TX_SHARE };
	struct paper paper, later;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	for (size_t i = 0; i < sizeof(EARLY) / sizeof(EARLY[0]); i++)
		assert_int_equal(act_propose(t->e, EARLY[i], paper.tx, sizeof(paper.tx),
		                             &paper.p.tx_len), ST_PHASE);
	propose(&paper, TX_CLOSE);
	later = paper;
	later.p.tx = later.tx;
	later.tx[0] = TX_END;
	assert_int_equal(act_judge(t->e, &later.p), ST_PHASE);
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	assert_int_equal(act_judge(t->e, &paper.p), ST_PHASE);
	assert_int_equal(act_judge(t->e, &later.p), ST_HASH);   /* of another anchor */
	attack_town_free(t);
}

/* Too few shares: there is nothing that a trustee could be asked to sign as the result. */
static void n62_a_result_is_proposed_from_shares_alone(void **state)
{
	struct paper paper;
	size_t last;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_ENDED);
	town_block_one(t, town_share(t, 1));
	town_block_one(t, town_share(t, 2));
	assert_int_equal(act_propose(t->e, TX_RESULT, paper.tx, sizeof(paper.tx),
	                             &paper.p.tx_len), ST_THRESHOLD);
	town_block_one(t, town_share(t, 3));
	propose(&paper, TX_RESULT);
	last = paper.p.tx_len - 1;
	paper.tx[last]++;                          /* one vote more for the last option */
	assert_int_equal(act_judge(t->e, &paper.p), ST_HASH);
	attack_town_free(t);
}

/* --- approvals ------------------------------------------------------------------------------- */

static void n69_approvals_that_do_not_fit_are_refused_and_named(void **state)
{
	struct paper paper, other;
	struct approval a[4];
	struct town_tx tx;
	size_t bad;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	propose(&paper, TX_CLOSE);
	for (unsigned int i = 0; i < 4; i++)
		a[i] = approve(&paper, i + 1);
	assert_int_equal(combine(&paper, a, 2, &tx, &bad), ST_THRESHOLD);
	town_tx_free(&tx);
	a[2] = a[1];                               /* one of them twice */
	assert_int_equal(combine(&paper, a, 4, &tx, &bad), ST_DUPLICATE);
	assert_int_equal(bad, 2);
	town_tx_free(&tx);
	a[2] = approve(&paper, 3);
	a[2].sig[0] ^= 1;                          /* a false signature */
	assert_int_equal(combine(&paper, a, 4, &tx, &bad), ST_SIGNATURE);
	assert_int_equal(bad, 2);
	town_tx_free(&tx);
	a[2] = approve(&paper, 3);
	a[2].trustee = 4;                          /* in another's name; nobody's; 0 */
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_SIGNATURE);
	town_tx_free(&tx);
	a[2].trustee = 5;
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_ROLE);
	town_tx_free(&tx);
	a[2].trustee = 0;
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_ROLE);
	town_tx_free(&tx);
	other = paper;                             /* of another proposal */
	other.p.tx = other.tx;
	other.tx[1] ^= 1;
	a[2] = approve(&other, 3);
	assert_int_equal(combine(&paper, a, 4, &tx, &bad), ST_HASH);
	assert_int_equal(bad, 2);
	town_tx_free(&tx);
	a[2] = approve(&paper, 3);
	a[2].election_id[0] ^= 1;
	assert_int_equal(combine(&paper, a, 4, &tx, &bad), ST_ELECTION);
	town_tx_free(&tx);
	/* and in whatever order, the same transaction */
	a[0] = approve(&paper, 4);
	a[1] = approve(&paper, 1);
	a[2] = approve(&paper, 3);
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_OK);
	assert_int_equal(attack_say(t, &tx), ST_OK);
	town_block_one(t, tx);
	assert_int_equal(election_phase(t->e), PHASE_CLOSED);
	attack_town_free(t);
}

static void n69_an_excluded_trustee_approves_nothing(void **state)
{
	struct paper paper;
	struct approval a[3];
	struct town_tx tx;
	size_t bad;

	(void)state;
	t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	town_ceremony(t, 0x7);
	town_enrol(t, NULL, NULL, 2);
	propose(&paper, TX_OPEN);
	a[0] = approve(&paper, 1);
	a[1] = approve(&paper, 2);
	a[2] = approve(&paper, 4);
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_EXCLUDED);
	assert_int_equal(bad, 2);
	town_tx_free(&tx);
	a[2] = approve(&paper, 3);
	assert_int_equal(combine(&paper, a, 3, &tx, &bad), ST_OK);
	assert_int_equal(attack_say_once(t, tx), ST_OK);
	attack_town_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(n69_a_proposal_that_says_anything_else_is_not_signed),
		cmocka_unit_test(n63_a_proposal_out_of_its_time_is_not_made_or_signed),
		cmocka_unit_test(n62_a_result_is_proposed_from_shares_alone),
		cmocka_unit_test(n69_approvals_that_do_not_fit_are_refused_and_named),
		cmocka_unit_test(n69_an_excluded_trustee_approves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
