/*
 * test_follow_vouch.c: a follower learns who vouches for the end and the result (decisions/0089).
 *
 * One finished election serves all.
 */
#include "common/election/audit.h"
#include "common/wire/message.h"
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/scratch.h"
#include "tests/unit/lib/stroll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct town *town;
static struct stroll s;

static uint64_t tip(void)
{
	return town->blocks - 1;
}

static void assert_all_is_well(void)
{
	struct lookout_view v = stroll_look(&s);

	assert_int_equal(v.height, tip());
	assert_memory_equal(v.head, election_tip(town->e), 32);
	assert_true(v.is_level);
	assert_int_equal(v.fresh, 4);
	assert_int_equal(s.told_len, 0);
	assert_int_equal(v.evidence, 0);
}

static void give_word(struct cosignature *out, enum cosigned_head head, uint8_t node,
                      const struct block_header *h)
{
	struct checkpoint of = { .size = h->log_size };

	memcpy(of.election_id, town->m->election_id, 32);
	memcpy(of.root, h->log_root, 32);
	*out = (struct cosignature){ .head = head, .node = node, .time = 1700000000u + node };
	cosignature_make(out, &of, &town->checkpoint[node]);
}

/* On a finished election, of which these nodes vouch for the end and the result. */
static void stroll_finished(const char *name, unsigned int words)
{
	const struct town_block *end = &town->block[election_end_height(town->e)];

	stroll_make(&s, town, name);
	for (uint8_t i = 0; i < 4; i++) {
		give_word(&s.crowd.word[0][i], COSIGNED_END, i, &end->header);
		give_word(&s.crowd.word[1][i], COSIGNED_RESULT, i, &town->block[tip()].header);
		s.crowd.has_word[0][i] = s.crowd.has_word[1][i] = (words >> i & 1) != 0;
	}
	stroll_up(&s);
}

static uint32_t asked_who_vouches(void)
{
	uint32_t count = 0;

	for (int i = 0; i < 4; i++)
		count += s.crowd.node[i].asked[MESSAGE_VOUCHERS];
	return count;
}

static void the_copy_of_a_finished_election_has_every_nodes_word(void **state)
{
	const struct audit_options o = { .fingerprint = town->m->election_id, .gamma = 4 };
	char path[LIMIT_PATH_BYTES];
	uint32_t asked;
	struct audit a;
	FILE *f;

	(void)state;
	stroll_finished("vouched", 0xf);
	assert_int_equal(stroll_look(&s).vouch, 0);
	stroll_run(&s, 20000);
	assert_all_is_well();
	assert_int_equal(stroll_look(&s).vouch, 4);
	assert_true(stroll_look(&s).is_vouched);
	asked = asked_who_vouches();
	stroll_run(&s, 60000);
	assert_int_equal(asked_who_vouches(), asked);   /* all is known: nobody is asked again */
	assert_int_equal(copy_export(&s.copy, path), ST_OK);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	(void)fclose(f);
	assert_int_equal(a.verdict, AUDIT_GOOD);
	assert_int_equal(audit_cosigners(&a, COSIGNED_END), 4);
	assert_int_equal(audit_cosigners(&a, COSIGNED_RESULT), 4);
	audit_free(&a);
	stroll_free(&s);
}

static void a_word_that_is_missing_is_not_waited_for(void **state)
{
	(void)state;
	stroll_finished("one-word-less", 0xb);
	stroll_run(&s, 1000);
	assert_int_equal(stroll_look(&s).height, tip());
	assert_false(stroll_look(&s).is_vouched);
	stroll_run(&s, 20000);
	assert_all_is_well();
	assert_int_equal(stroll_look(&s).vouch, 3);
	assert_true(stroll_look(&s).is_vouched);
	/* It comes later, and is taken. */
	s.crowd.has_word[0][2] = s.crowd.has_word[1][2] = true;
	stroll_run(&s, 60000);
	assert_int_equal(stroll_look(&s).vouch, 4);
	stroll_free(&s);
}

static void a_false_word_is_evidence_against_who_passed_it_on(void **state)
{
	struct sighting f;

	(void)state;
	stroll_finished("false-word", 0xf);
	s.crowd.node[1].character = CROWD_FALSE_WORD;
	stroll_run(&s, 20000);
	assert_int_equal(stroll_look(&s).vouch, 3);
	assert_int_equal(s.told_len, 1);
	assert_int_equal(s.told[0].kind, EVIDENCE_FALSE_ANSWER);
	assert_int_equal(s.told[0].node, 1);
	assert_int_equal(stroll_judge(&s, &s.told[0], &f, NULL), ST_OK);
	assert_int_equal(f.weight, SIGHTING_WITNESSES);
	assert_int_equal(f.reason, ST_SIGNATURE);
	stroll_free(&s);
}

static void a_word_for_another_log_marks_the_node_that_gave_it(void **state)
{
	struct block_header other;

	(void)state;
	stroll_finished("other-log", 0xf);
	other = town->block[tip()].header;
	other.log_root[0] ^= 1;
	give_word(&s.crowd.word[1][3], COSIGNED_RESULT, 3, &other);
	stroll_run(&s, 20000);
	assert_int_equal(stroll_look(&s).vouch, 3);
	assert_int_equal(stroll_look(&s).stand[3], STAND_FORKED);
	assert_int_equal(stroll_look(&s).stand[2], STAND_AGREES);
	stroll_free(&s);
}

static int set_up(void **state)
{
	(void)state;
	town = attack_town(ATTACK_NEVER, PHASE_OPEN);
	town_close_and_end(town);
	town_finish(town);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	attack_town_free(town);
	scratch_remove();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_copy_of_a_finished_election_has_every_nodes_word),
		cmocka_unit_test(a_word_that_is_missing_is_not_waited_for),
		cmocka_unit_test(a_false_word_is_evidence_against_who_passed_it_on),
		cmocka_unit_test(a_word_for_another_log_marks_the_node_that_gave_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
