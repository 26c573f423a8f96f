/*
 * test_follow.c: a follower among honest, slow, forgetful, lying and forking nodes.
 *
 * One election serves all: blocks are added as tests need them.  A node cheats with keys that nodes
 * have and nothing else.
 */
#include "common/base/file.h"
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

static void add_blocks(size_t count)
{
	for (size_t i = 0; i < count; i++)
		town_block(town, NULL, 0);
	crowd_catch_up(&s.chain, town);
}

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

/* --- what is well ---------------------------------------------------------------------------- */

static void it_follows_every_block_and_all_nodes_agree(void **state)
{
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "honest");
	s.crowd.blocks_max = 5;   /* it has to ask again and again */
	stroll_up(&s);
	v = stroll_look(&s);
	assert_int_equal(v.height, 0);
	assert_false(v.is_level);   /* nobody was asked yet */
	stroll_run(&s, 20000);
	assert_all_is_well();
	town_block_one(town, attack_ballot(town, 0));
	add_blocks(3);
	stroll_run(&s, 12000);
	assert_all_is_well();
	v = stroll_look(&s);
	assert_int_equal(v.ballots, 1);
	assert_int_equal(v.phase, PHASE_OPEN);
	stroll_free(&s);
}

static void the_archive_of_the_copy_passes_the_audit(void **state)
{
	const struct audit_options o = { .fingerprint = town->m->election_id };
	char path[LIMIT_PATH_BYTES];
	struct audit a;
	FILE *f;

	(void)state;
	stroll_make(&s, town, "archive");
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	assert_int_equal(copy_export(&s.copy, path), ST_OK);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_int_equal(audit_run(&a, f, &o), ST_OK);
	(void)fclose(f);
	/* All but the end, which has not come yet: the trustees' signatures are there as well. */
	assert_int_equal(a.verdict, AUDIT_UNDECIDED);
	for (int i = 0; i < AUDIT_CHECKS; i++)
		assert_int_not_equal(a.lines[i].outcome, AUDIT_FAILED);
	assert_int_equal(a.lines[AUDIT_CONSTITUTION].outcome, AUDIT_HELD);
	assert_int_equal(a.lines[AUDIT_CERTIFICATES].outcome, AUDIT_HELD);
	assert_int_equal(a.blocks, town->blocks);
	audit_free(&a);
	stroll_free(&s);
}

static void it_goes_on_where_it_was_killed(void **state)
{
	uint64_t before = tip();
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "resumed");
	s.crowd.blocks_max = 2;
	s.chain.each = 1000;   /* one certificate, at the end: nothing is proven before it */
	stroll_up(&s);
	stroll_run(&s, 250);
	assert_true(s.copy.is_batch);
	assert_int_equal(stroll_look(&s).height, 0);
	stroll_down(&s);
	stroll_up(&s);
	assert_int_equal(stroll_look(&s).height, 0);
	stroll_run(&s, 20000);
	assert_all_is_well();
	stroll_down(&s);
	add_blocks(2);
	stroll_up(&s);
	v = stroll_look(&s);
	assert_int_equal(v.height, before);
	stroll_run(&s, 12000);
	assert_all_is_well();
	stroll_free(&s);
}

static void it_asks_each_node_once_a_round_and_for_no_blocks_without_need(void **state)
{
	(void)state;
	stroll_make(&s, town, "traffic");
	stroll_up(&s);
	stroll_run(&s, 20000);
	for (int i = 0; i < 4; i++)
		memset(s.crowd.node[i].asked, 0, sizeof(s.crowd.node[i].asked));
	stroll_run(&s, 10 * STROLL_INTERVAL_MS);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(s.crowd.node[i].asked[MESSAGE_HEAD], 10);
		assert_int_equal(s.crowd.node[i].asked[MESSAGE_BLOCKS], 0);
		assert_int_equal(s.crowd.node[i].asked[MESSAGE_GENESIS], 0);
	}
	assert_all_is_well();
	stroll_free(&s);
}

static void nodes_that_are_down_are_told_and_not_accused(void **state)
{
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "down");
	s.crowd.node[1].character = CROWD_SILENT;
	s.crowd.node[2].character = CROWD_BUSY;
	stroll_up(&s);
	stroll_run(&s, 30000);
	v = stroll_look(&s);
	assert_int_equal(v.height, tip());
	assert_int_equal(v.answered, 2);
	assert_int_equal(v.fresh, 2);
	assert_int_equal(v.stand[1], STAND_UNHEARD);
	assert_int_equal(v.stand[2], STAND_UNHEARD);
	assert_int_equal(s.told_len, 0);
	s.crowd.node[1].character = CROWD_HONEST;
	s.crowd.node[2].character = CROWD_HONEST;
	stroll_run(&s, 12000);
	assert_all_is_well();
	stroll_free(&s);
}

static void without_any_node_nothing_is_level(void **state)
{
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "alone");
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].character = CROWD_SILENT;
	stroll_up(&s);
	stroll_run(&s, 30000);
	v = stroll_look(&s);
	assert_int_equal(v.answered, 0);
	assert_int_equal(v.fresh, 0);
	assert_int_equal(v.height, 0);
	assert_int_equal(s.told_len, 0);
	stroll_free(&s);
}

/* --- slow or gone back? ---------------------------------------------------------------------- */

static void a_slow_node_is_behind_and_not_accused(void **state)
{
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "slow");
	s.crowd.node[3].shows = town->blocks - 4;
	stroll_up(&s);
	stroll_run(&s, 40000);
	v = stroll_look(&s);
	assert_int_equal(v.height, tip());
	assert_int_equal(v.stand[3], STAND_BEHIND);
	assert_int_equal(v.shown[3], tip() - 4);
	assert_int_equal(v.agree, 4);   /* it shows a part of the same chain */
	assert_int_equal(v.fresh, 3);
	assert_int_equal(s.told_len, 0);
	s.crowd.node[3].shows = 0;
	stroll_run(&s, 12000);
	assert_all_is_well();
	stroll_free(&s);
}

static void a_node_that_shows_less_than_it_did_is_evidence(void **state)
{
	struct sighting f;
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "back");
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	s.crowd.node[1].shows = town->blocks - 3;
	stroll_run(&s, 12000);
	v = stroll_look(&s);
	assert_int_equal(s.told_len, 1);
	assert_int_equal(s.told[0].kind, EVIDENCE_ROLLBACK);
	assert_int_equal(s.told[0].node, 1);
	assert_int_equal(v.stand[1], STAND_BACK);
	assert_int_equal(v.agree, 3);
	assert_int_equal(stroll_judge(&s, &s.told[0], &f, NULL), ST_OK);
	assert_int_equal(f.weight, SIGHTING_WITNESSES);   /* nothing that a stranger must believe */
	assert_int_equal(f.height, tip());
	assert_non_null(strstr(s.told[0].words.what, "node 2 (Trustee 2)"));
	stroll_run(&s, 30000);
	assert_int_equal(s.told_len, 1);   /* told once */
	s.crowd.node[1].shows = 0;
	stroll_run(&s, 12000);
	v = stroll_look(&s);
	assert_int_equal(v.stand[1], STAND_AGREES);
	assert_int_equal(s.told_len, 1);
	stroll_free(&s);
}

static void what_a_node_showed_is_remembered_over_restarts(void **state)
{
	(void)state;
	stroll_make(&s, town, "remembered");
	stroll_up(&s);
	stroll_run(&s, 20000);
	stroll_down(&s);
	s.crowd.node[2].shows = town->blocks - 1;
	stroll_up(&s);
	stroll_run(&s, 2000);
	assert_int_equal(s.told_len, 1);
	assert_int_equal(s.told[0].kind, EVIDENCE_ROLLBACK);
	assert_int_equal(s.told[0].node, 2);
	/* The same once more is the same file. */
	stroll_down(&s);
	stroll_up(&s);
	stroll_run(&s, 2000);
	assert_int_equal(s.told_len, 2);
	assert_string_equal(s.told[0].path, s.told[1].path);
	assert_int_equal(stroll_look(&s).evidence, 0);
	stroll_free(&s);
}

static void a_node_that_lost_everything_is_evidence(void **state)
{
	struct sighting f;

	(void)state;
	stroll_make(&s, town, "lost");
	stroll_up(&s);
	stroll_run(&s, 20000);
	s.crowd.node[0].character = CROWD_EMPTY;
	stroll_run(&s, 12000);
	assert_int_equal(s.told_len, 1);
	assert_int_equal(s.told[0].kind, EVIDENCE_ROLLBACK);
	assert_int_equal(stroll_judge(&s, &s.told[0], &f, NULL), ST_OK);
	assert_non_null(strstr(s.told[0].words.what, "no block at all"));
	stroll_free(&s);
}

static void an_empty_node_that_never_showed_more_is_behind(void **state)
{
	(void)state;
	stroll_make(&s, town, "empty");
	s.crowd.node[0].character = CROWD_EMPTY;
	stroll_up(&s);
	stroll_run(&s, 40000);
	assert_int_equal(stroll_look(&s).stand[0], STAND_BEHIND);
	assert_int_equal(s.told_len, 0);
	stroll_free(&s);
}

/* --- forks ----------------------------------------------------------------------------------- */

static void assert_fork(const struct stroll_told *told, uint32_t node, uint64_t height,
                        uint16_t culprits)
{
	struct sighting f;

	assert_int_equal(told->kind, EVIDENCE_FORK);
	assert_int_equal(told->node, node);
	assert_string_not_equal(told->path, "");
	assert_int_equal(stroll_judge(&s, told, &f, NULL), ST_OK);
	assert_int_equal(f.weight, SIGHTING_PROVES);
	assert_int_equal(f.reason, ST_FORK);
	assert_int_equal(f.height, height);
	assert_int_equal(f.culprits_min, 2);   /* 2q - n of four */
	assert_int_equal(f.culprits, culprits);
}

static void another_final_block_below_our_tip_is_a_fork(void **state)
{
	struct crowd_chain other;
	struct town_block side[1];
	uint64_t common = town->blocks;
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "below");
	crowd_side(town, side, 1, town->view);   /* the same view: who signed both is known */
	add_blocks(3);
	crowd_fork(&other, &s.chain, common, side, 1);
	other.signers = 0xe;   /* nodes 2, 3, 4; ours have 1, 2, 3 */
	s.crowd.node[3].character = CROWD_SILENT;   /* else the other chain might be ours */
	stroll_up(&s);
	stroll_run(&s, 20000);
	s.crowd.node[3].chain = &other;
	s.crowd.node[3].character = CROWD_HONEST;
	stroll_run(&s, 12000);
	v = stroll_look(&s);
	assert_int_equal(v.height, tip());
	assert_int_equal(v.stand[3], STAND_FORKED);
	assert_int_equal(v.agree, 3);
	assert_true(v.is_level);
	assert_int_equal(s.told_len, 1);
	assert_fork(&s.told[0], 3, common, 0x6);
	assert_non_null(strstr(s.told[0].words.why, "nodes 2, 3"));
	stroll_run(&s, 30000);
	assert_int_equal(s.told_len, 1);
	stroll_free(&s);
}

static void a_chain_that_goes_on_beside_ours_is_a_fork(void **state)
{
	struct crowd_chain other;
	struct town_block side[12];
	uint64_t common = town->blocks;

	(void)state;
	stroll_make(&s, town, "beside");
	crowd_side(town, side, 12, town->view + 100);
	add_blocks(2);
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	/* Longer than ours, and its only certificate lies several answers ahead. */
	crowd_fork(&other, &s.chain, common, side, 12);
	other.each = 1000;
	s.crowd.node[0].chain = &other;
	s.crowd.blocks_max = 2;
	stroll_run(&s, 30000);
	assert_int_equal(s.told_len, 1);
	assert_fork(&s.told[0], 0, tip(), 0);   /* two views: nobody can be named from these */
	assert_int_equal(stroll_look(&s).height, tip());
	assert_int_equal(stroll_look(&s).stand[0], STAND_FORKED);
	stroll_free(&s);
}

static void a_head_that_nobody_had_blocks_for_is_compared_later(void **state)
{
	struct crowd_chain other;
	struct town_block side[1];
	uint64_t common = town->blocks;

	(void)state;
	stroll_make(&s, town, "later");
	stroll_up(&s);
	stroll_run(&s, 20000);
	crowd_side(town, side, 1, town->view + 50);
	crowd_fork(&other, &s.chain, common, side, 1);
	s.crowd.node[2].chain = &other;
	s.crowd.node[2].character = CROWD_DUMB;   /* a head above ours, and never its block */
	stroll_run(&s, 12000);
	assert_int_equal(stroll_look(&s).stand[2], STAND_AHEAD);
	assert_false(stroll_look(&s).is_level);
	assert_int_equal(s.told_len, 0);
	add_blocks(1);
	s.crowd.node[2].character = CROWD_SILENT;   /* what it showed is not forgotten */
	stroll_run(&s, 12000);
	assert_int_equal(s.told_len, 1);
	assert_fork(&s.told[0], 2, common, 0);
	stroll_free(&s);
}

static void one_node_with_two_final_blocks_at_one_height_is_a_fork(void **state)
{
	struct crowd_chain other;
	struct town_block side[1];
	uint64_t common = town->blocks;

	(void)state;
	stroll_make(&s, town, "two");
	crowd_side(town, side, 1, town->view);
	stroll_up(&s);
	stroll_run(&s, 20000);
	/* Nobody has the blocks of either: it is seen from the heads alone. */
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].shows = town->blocks;
	crowd_fork(&other, &s.chain, common, side, 1);
	s.crowd.node[1].character = CROWD_DUMB;
	s.crowd.node[1].chain = &other;
	s.crowd.node[1].shows = 0;
	stroll_run(&s, 12000);
	assert_int_equal(s.told_len, 0);
	add_blocks(1);
	s.crowd.node[1].chain = &s.chain;
	stroll_run(&s, 12000);
	assert_int_equal(s.told_len, 1);
	assert_fork(&s.told[0], 1, common, 0x7);
	stroll_free(&s);
}

static void whoever_begins_on_the_other_chain_accuses_the_rest(void **state)
{
	struct crowd_chain other;
	struct town_block side[1];
	uint64_t common = town->blocks;
	struct lookout_view v;

	(void)state;
	stroll_make(&s, town, "other-side");
	crowd_side(town, side, 1, town->view);
	add_blocks(2);
	crowd_fork(&other, &s.chain, common, side, 1);
	s.crowd.node[3].chain = &other;
	for (int i = 0; i < 3; i++)
		s.crowd.node[i].character = CROWD_SILENT;
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_int_equal(stroll_look(&s).height, common);
	for (int i = 0; i < 3; i++)
		s.crowd.node[i].character = CROWD_HONEST;
	stroll_run(&s, 30000);
	v = stroll_look(&s);
	/* Who is right it cannot know; that both cannot be, it proves. */
	assert_int_equal(v.agree, 1);
	assert_true(s.told_len >= 1);
	for (size_t i = 0; i < s.told_len; i++)
		assert_fork(&s.told[i], s.told[i].node, common, 0);
	stroll_free(&s);
}

static void after_a_fork_a_restart_sees_it_again_and_keeps_one_file(void **state)
{
	struct crowd_chain other;
	struct town_block side[1];
	uint64_t common = town->blocks;

	(void)state;
	stroll_make(&s, town, "again");
	crowd_side(town, side, 1, town->view);
	add_blocks(2);
	crowd_fork(&other, &s.chain, common, side, 1);
	s.crowd.node[3].character = CROWD_SILENT;
	stroll_up(&s);
	stroll_run(&s, 20000);
	s.crowd.node[3].chain = &other;
	s.crowd.node[3].character = CROWD_HONEST;
	stroll_run(&s, 12000);
	assert_int_equal(s.told_len, 1);
	stroll_down(&s);
	stroll_up(&s);
	stroll_run(&s, 2000);
	assert_int_equal(s.told_len, 2);
	assert_string_equal(s.told[0].path, s.told[1].path);
	stroll_free(&s);
}

/* --- false answers --------------------------------------------------------------------------- */

static void each_false_answer_is_evidence_with_its_reason(void **state)
{
	static const struct {
		enum crowd_character character;
		enum status reason;
	} lies[] = {
		{ CROWD_NOISY, ST_FORMAT },
		{ CROWD_OTHER_KIND, ST_FORMAT },
		{ CROWD_FALSE_HEAD, ST_SIGNATURE },
		{ CROWD_WEAK, ST_CERTIFICATE },
		{ CROWD_OTHER_BODY, ST_HASH },
		{ CROWD_OTHER_HEIGHT, ST_PARENT },
		{ CROWD_UNLINKED, ST_PARENT },
		{ CROWD_OTHER_SIGS, ST_SIGNATURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct sighting f;
		char name[32];

		(void)snprintf(name, sizeof(name), "lie-%zu", i);
		stroll_make(&s, town, name);
		/* Alone at first, so that it is the one that is asked. */
		for (int k = 0; k < 4; k++)
			s.crowd.node[k].character = k == 2 ? lies[i].character : CROWD_SILENT;
		stroll_up(&s);
		stroll_run(&s, 12000);
		assert_true(s.told_len >= 1);
		assert_int_equal(s.told[0].kind, EVIDENCE_FALSE_ANSWER);
		assert_int_equal(s.told[0].node, 2);
		assert_int_equal(stroll_judge(&s, &s.told[0], &f, NULL), ST_OK);
		assert_int_equal(f.weight, SIGHTING_WITNESSES);
		assert_int_equal(f.reason, lies[i].reason);
		for (int k = 0; k < 4; k++)
			if (k != 2)
				s.crowd.node[k].character = CROWD_HONEST;
		stroll_run(&s, 30000);
		assert_int_equal(stroll_look(&s).height, tip());
		assert_true(stroll_look(&s).fresh >= 3);
		stroll_free(&s);
	}
}

static void a_node_that_lies_for_ever_fills_no_disk_and_no_screen(void **state)
{
	struct lookout_view v;
	size_t count;

	(void)state;
	stroll_make(&s, town, "for-ever");
	s.crowd.node[1].character = CROWD_NOISY;   /* other noise each time */
	stroll_up(&s);
	stroll_run(&s, 50 * STROLL_INTERVAL_MS);
	v = stroll_look(&s);
	assert_int_equal(v.fresh, 3);
	assert_int_equal(v.stand[1], STAND_FALSE);
	assert_int_equal(vault_count(&s.vault, &count), ST_OK);
	assert_int_equal(count, VAULT_EACH_MAX);
	assert_int_equal(s.told_len, VAULT_EACH_MAX);
	stroll_free(&s);
}

/* A block that breaks a rule, under a quorum's signatures. */
static void an_invalid_block_that_a_quorum_signed_is_proof_against_it(void **state)
{
	struct sighting f;
	struct crowd_chain other;
	struct town_block side[2];
	uint64_t common = town->blocks;
	struct replay *before;
	struct chain_fault fault;

	(void)state;
	stroll_make(&s, town, "invalid");
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	crowd_side(town, side, 2, town->view);
	side[1].header.state_hash[5] ^= 1;
	crowd_fork(&other, &s.chain, common, side, 2);
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].chain = &other;
	other.each = 1000;
	stroll_run(&s, 12000);
	assert_int_equal(stroll_look(&s).height, common - 1);
	assert_true(s.told_len >= 1);
	assert_int_equal(s.told[0].kind, EVIDENCE_FALSE_ANSWER);
	assert_int_equal(s.told[0].seen.weight, SIGHTING_PROVES);
	assert_int_equal(s.told[0].seen.reason, ST_HASH);
	assert_int_equal(s.told[0].seen.height, common + 1);
	assert_non_null(strstr(s.told[0].words.what, "INVALID BLOCK"));
	/* A stranger needs the chain before it, and finds the same. */
	assert_int_equal(stroll_judge(&s, &s.told[0], &f, NULL), ST_OK);
	assert_int_equal(f.weight, SIGHTING_OPEN);
	assert_int_equal(replay_new(&before, town->m), ST_OK);
	for (size_t i = 1; i < common; i++)
		assert_int_equal(replay_accept(before, &town->block[i].header, town->block[i].body,
		                               town->block[i].header.body_len, &fault), ST_OK);
	assert_int_equal(stroll_judge(&s, &s.told[0], &f, before), ST_OK);
	assert_int_equal(f.weight, SIGHTING_PROVES);
	assert_int_equal(f.height, common + 1);
	assert_int_equal(f.culprits, 0x7);
	replay_free(before);
	/* Honest nodes: it goes on. */
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].chain = &s.chain;
	add_blocks(3);
	stroll_run(&s, 2 * LOOKOUT_REST_MAX_MS / 60);
	assert_int_equal(stroll_look(&s).height, tip());
	stroll_free(&s);
}

/* --- long stretches -------------------------------------------------------------------------- */

static void a_long_stretch_under_one_certificate_is_followed(void **state)
{
	(void)state;
	stroll_make(&s, town, "long");
	add_blocks(ELECTION_UNSEALED_MAX + 20);
	s.chain.each = 1000;
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	stroll_free(&s);
}

/* Valid blocks that nobody signed, and a head that somebody else's blocks have. */
static void a_long_stretch_that_ends_nowhere_is_dropped(void **state)
{
	static struct town_block side[100];
	struct crowd_chain other;
	uint64_t common = town->blocks, height;

	(void)state;
	stroll_make(&s, town, "nowhere");
	/* Sealed by the replay before they turn out wrong: it begins anew, from its own store. */
	for (size_t i = 0; i < 60; i += 30)
		crowd_side(town, side + i, 30, town->view + 1000 + i);
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_all_is_well();
	height = stroll_look(&s).height;
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].shows = common;
	add_blocks(40);
	crowd_fork(&other, &s.chain, common, side, 30);
	for (size_t i = common + 30; i < town->blocks; i++)
		other.block[i] = &town->block[i];
	other.blocks = town->blocks;
	other.each = 1000;
	s.crowd.node[2].chain = &other;
	s.crowd.node[2].shows = 0;
	stroll_run(&s, 12000);
	/* Its thirty-first block does not stand on its thirtieth. */
	assert_int_equal(stroll_look(&s).height, height);
	assert_false(s.copy.is_batch);
	for (int i = 0; i < 4; i++)
		s.crowd.node[i].shows = 0;
	s.crowd.node[2].chain = &s.chain;
	stroll_run(&s, 40000);
	assert_int_equal(stroll_look(&s).height, tip());
	stroll_free(&s);
}

/* --- files ----------------------------------------------------------------------------------- */

static void a_folder_serves_one_follower_and_one_election(void **state)
{
	uint8_t other[32] = { 1 };
	const struct copy_source from = { .fingerprint = other };
	const struct copy_source nothing = { .fingerprint = town->m->election_id };
	struct fault fault = { 0 };
	struct copy copy;

	(void)state;
	stroll_make(&s, town, "folder");
	assert_int_equal(copy_open(&copy, s.folder, &nothing, &fault), ST_NOT_FOUND);
	copy_close(&copy);
	stroll_up(&s);
	stroll_run(&s, 20000);
	assert_int_equal(copy_open(&copy, s.folder, &nothing, &fault), ST_AGAIN);
	copy_close(&copy);
	stroll_down(&s);
	assert_int_equal(copy_open(&copy, s.folder, &from, &fault), ST_ELECTION);
	copy_close(&copy);
	assert_int_equal(copy_open(&copy, s.folder, &nothing, &fault), ST_OK);
	copy_close(&copy);
	stroll_free(&s);
}

static void heads_that_were_tampered_with_are_refused(void **state)
{
	struct fault fault = { 0 };
	uint8_t *bytes;
	size_t len;

	(void)state;
	stroll_make(&s, town, "tampered");
	stroll_up(&s);
	stroll_run(&s, 20000);
	stroll_down(&s);
	assert_int_equal(file_read(s.heads, &bytes, &len, HEADS_BYTES_MAX), ST_OK);
	bytes[len - 1] ^= 1;
	assert_int_equal(file_write(s.heads, bytes, len, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	assert_int_equal(stroll_start(&s, &fault), ST_SIGNATURE);
	stroll_down(&s);
	bytes[len - 1] ^= 1;
	assert_int_equal(file_write(s.heads, bytes, len - 1, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	assert_int_equal(stroll_start(&s, &fault), ST_FORMAT);
	stroll_down(&s);
	assert_int_equal(file_write(s.heads, bytes, len, FILE_REPLACE, FILE_PUBLIC), ST_OK);
	assert_int_equal(stroll_start(&s, &fault), ST_OK);
	free(bytes);
	stroll_free(&s);
}

static int set_up(void **state)
{
	(void)state;
	town = attack_town(ATTACK_NEVER, PHASE_OPEN);
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
		cmocka_unit_test(it_follows_every_block_and_all_nodes_agree),
		cmocka_unit_test(the_archive_of_the_copy_passes_the_audit),
		cmocka_unit_test(it_goes_on_where_it_was_killed),
		cmocka_unit_test(it_asks_each_node_once_a_round_and_for_no_blocks_without_need),
		cmocka_unit_test(nodes_that_are_down_are_told_and_not_accused),
		cmocka_unit_test(without_any_node_nothing_is_level),
		cmocka_unit_test(a_slow_node_is_behind_and_not_accused),
		cmocka_unit_test(a_node_that_shows_less_than_it_did_is_evidence),
		cmocka_unit_test(what_a_node_showed_is_remembered_over_restarts),
		cmocka_unit_test(a_node_that_lost_everything_is_evidence),
		cmocka_unit_test(an_empty_node_that_never_showed_more_is_behind),
		cmocka_unit_test(another_final_block_below_our_tip_is_a_fork),
		cmocka_unit_test(a_chain_that_goes_on_beside_ours_is_a_fork),
		cmocka_unit_test(a_head_that_nobody_had_blocks_for_is_compared_later),
		cmocka_unit_test(one_node_with_two_final_blocks_at_one_height_is_a_fork),
		cmocka_unit_test(whoever_begins_on_the_other_chain_accuses_the_rest),
		cmocka_unit_test(after_a_fork_a_restart_sees_it_again_and_keeps_one_file),
		cmocka_unit_test(each_false_answer_is_evidence_with_its_reason),
		cmocka_unit_test(a_node_that_lies_for_ever_fills_no_disk_and_no_screen),
		cmocka_unit_test(an_invalid_block_that_a_quorum_signed_is_proof_against_it),
		cmocka_unit_test(a_long_stretch_under_one_certificate_is_followed),
		cmocka_unit_test(a_long_stretch_that_ends_nowhere_is_dropped),
		cmocka_unit_test(a_folder_serves_one_follower_and_one_election),
		cmocka_unit_test(heads_that_were_tampered_with_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
