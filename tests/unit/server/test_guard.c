/*
 * test_guard.c: what may be signed in one view: every sequence of votes over two views and two
 * blocks, against the rules said anew.
 */
#include "tally-server/signer/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { VIEWS = 2, BLOCKS = 2, KINDS = 2 * BLOCKS + 1, VOTES = VIEWS * KINDS, LENGTH = 5 };

/* Vote number k of the VOTES that there are. */
static void vote_number(struct vote *v, size_t k)
{
	size_t kind = k % KINDS;

	*v = (struct vote){ .view = 10 + k / KINDS, .signer = 2 };
	v->type = kind < BLOCKS ? VOTE_NOTARIZE : kind < 2 * BLOCKS ? VOTE_FINALIZE : VOTE_NULLIFY;
	if (v->type != VOTE_NULLIFY)
		memset(v->block, (int)(1 + kind % BLOCKS), sizeof(v->block));
}

/*
 * What may be signed after the accepted votes, said anew: no vote that contradicts one of them, and
 * FINALIZE only behind NOTARIZE of the same block.
 */
static bool oracle(const size_t *accepted, size_t len, size_t k)
{
	bool notarized = false;
	struct vote v, old;

	vote_number(&v, k);
	for (size_t i = 0; i < len; i++) {
		vote_number(&old, accepted[i]);
		if (vote_conflicts(&v, &old))
			return false;
		notarized |= old.view == v.view && old.type == VOTE_NOTARIZE &&
		             memcmp(old.block, v.block, sizeof(v.block)) == 0;
	}
	return v.type != VOTE_FINALIZE || notarized;
}

/* Ask for the votes whose numbers are the digits of sequence. */
static size_t run_sequence(size_t sequence)
{
	struct guard guard[VIEWS] = { { .notarized = false } };
	size_t accepted[LENGTH], len = 0;

	for (size_t step = 0; step < LENGTH; step++, sequence /= VOTES) {
		size_t k = sequence % VOTES;
		struct guard *g = &guard[k / KINDS], before = *g;
		enum status st;
		struct vote v;

		vote_number(&v, k);
		st = guard_check(g, v.type, v.block);
		assert_memory_equal(g, &before, sizeof(before));
		if ((st == ST_OK) != oracle(accepted, len, k))
			fail_msg("step %zu of %zu: %s", step, sequence, status_name(st));
		assert_true(st == ST_OK || st == ST_CONFLICT || st == ST_ORDER);
		if (st != ST_OK)
			continue;
		guard_add(g, v.type, v.block);
		assert_true(guard_has(g, v.type, v.block));
		assert_int_equal(guard_check(g, v.type, v.block), ST_OK);   /* again */
		accepted[len++] = k;
	}
	for (size_t i = 0; i < len; i++)
		for (size_t j = 0; j < i; j++) {
			struct vote a, b;

			vote_number(&a, accepted[i]);
			vote_number(&b, accepted[j]);
			assert_false(vote_conflicts(&a, &b));
		}
	return len;
}

static void every_sequence_of_votes_is_free_of_contradictions(void **state)
{
	size_t sequences = 1, accepted = 0;

	(void)state;
	for (int i = 0; i < LENGTH; i++)
		sequences *= VOTES;
	for (size_t s = 0; s < sequences; s++)
		accepted += run_sequence(s);
	assert_int_equal(sequences, 100000);
	print_message("%zu sequences, %zu votes accepted\n", sequences, accepted);
	assert_true(accepted > sequences);
}

static void what_is_no_vote_is_refused_by_the_guard(void **state)
{
	struct guard g = { .notarized = false };
	uint8_t block[32] = { 5 }, zero[32] = { 0 };

	(void)state;
	assert_int_equal(guard_check(&g, VOTE_NULLIFY, block), ST_FORMAT);
	assert_int_equal(guard_check(&g, VOTE_NULLIFY, zero), ST_OK);
	assert_int_equal(guard_check(&g, (enum vote_type)0, zero), ST_FORMAT);
	assert_int_equal(guard_check(&g, (enum vote_type)4, block), ST_FORMAT);
	assert_int_equal(guard_check(&g, VOTE_FINALIZE, block), ST_ORDER);
	guard_add(&g, VOTE_NOTARIZE, block);
	assert_int_equal(guard_check(&g, VOTE_FINALIZE, block), ST_OK);
	assert_int_equal(guard_check(&g, VOTE_FINALIZE, zero), ST_CONFLICT);
	assert_int_equal(guard_check(&g, VOTE_NULLIFY, zero), ST_OK);
	guard_add(&g, VOTE_NULLIFY, zero);
	assert_int_equal(guard_check(&g, VOTE_FINALIZE, block), ST_CONFLICT);
	assert_int_equal(guard_check(&g, VOTE_NOTARIZE, block), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sequence_of_votes_is_free_of_contradictions),
		cmocka_unit_test(what_is_no_vote_is_refused_by_the_guard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
