/*
 * test_branch_time.c: what a node says when a block's time keeps it from voting (consensus.md R3).
 */
#include "tally-server/node/branch.h"
#include "tally-server/node/pool.h"

#include "common/base/log.h"
#include "common/election/chain.h"
#include "crypto/mem.h"
#include "tests/unit/lib/precinct.h"
#include "tests/unit/lib/town.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct town town;
static struct election *election;
static struct pool *pool;
static struct branch *branch;
static struct consensus_app app;
static uint64_t clock_min;
static int ends[2];                /* of the pipe that the log goes to */

static uint64_t minutes(void)
{
	return clock_min;
}

/* A node at block 0, which has block 1 of the town, and has not judged it. */
static int setup(void **state)
{
	static char definition[PRECINCT_DEFINITION_BYTES];
	struct branch_config cfg = { .minutes = minutes };
	const struct town_block *block = &town.block[1];
	uint8_t id[32];

	(void)state;
	precinct_definition(definition, "never", 5);
	town_new(&town, 4, definition);
	town_block(&town, NULL, 0);
	assert_int_equal(election_new(&election, town.m), ST_OK);
	assert_int_equal(chain_genesis(&cfg.tip, election), ST_OK);
	cfg.manifest = town.m;
	cfg.election = election;
	assert_int_equal(pool_new(&pool), ST_OK);
	cfg.pool = pool;
	assert_int_equal(branch_new(&branch, &cfg), ST_OK);
	app = branch_app(branch);
	block_id(id, &block->header);
	assert_int_equal(app.put(app.ctx, &block->header, id, block->body,
				 block->header.body_len), ST_OK);
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	log_setup("kalpis-test", LOG_LEVEL_WARN, LOG_STAMP_NONE);
	log_to(ends[1]);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	log_to(STDERR_FILENO);
	(void)close(ends[0]);
	(void)close(ends[1]);
	branch_free(branch);
	pool_free(pool);
	election_free(election);
	town_free(&town);
	return 0;
}

static enum consensus_verdict judge(uint64_t at, bool is_certified)
{
	const struct block_header *h = &town.block[1].header;
	enum status why = ST_OK;
	uint8_t id[32];

	clock_min = at;
	block_id(id, h);
	return app.check(app.ctx, &why, h, id, is_certified);
}

/* What was logged since the last call. */
static const char *said(void)
{
	static char text[4096];
	ssize_t len = read(ends[0], text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void a_block_of_another_time_gets_no_vote_and_that_is_said_once(void **state)
{
	const struct block_header *h = &town.block[1].header;
	uint64_t at = h->time_min;
	char expected[128];

	(void)state;
	assert_int_equal(judge(at - CONSENSUS_EARLY_MIN - 1, false), CONSENSUS_WAIT);
	(void)snprintf(expected, sizeof(expected), "warn kalpis-test vote-withheld height=1 "
		       "view=%" PRIu64 " node=%u minutes-ahead=2\n", h->view, h->proposer);
	assert_string_equal(said(), expected);
	assert_int_equal(judge(at - CONSENSUS_EARLY_MIN - 1, false), CONSENSUS_WAIT);
	assert_string_equal(said(), "");
	/* Within bounds it is voted for, and there is nothing to say. */
	assert_int_equal(judge(at - CONSENSUS_EARLY_MIN, false), CONSENSUS_VALID);
	assert_string_equal(said(), "");
}

static void a_block_that_is_late_is_told_from_one_that_is_early(void **state)
{
	uint64_t at = town.block[1].header.time_min;

	(void)state;
	assert_int_equal(judge(at + CONSENSUS_LATE_MIN + 1, false), CONSENSUS_WAIT);
	assert_non_null(strstr(said(), " minutes-behind=11\n"));
}

static void what_a_quorum_notarized_is_voted_for_without_a_word(void **state)
{
	(void)state;
	assert_int_equal(judge(town.block[1].header.time_min + 1000, true), CONSENSUS_VALID);
	assert_string_equal(said(), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_block_of_another_time_gets_no_vote_and_that_is_said_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_block_that_is_late_is_told_from_one_that_is_early, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_quorum_notarized_is_voted_for_without_a_word, setup, teardown),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests_name("branch_time", tests, NULL, NULL);
}
