/*
 * test_consensus_model.c: the product does what the models of tests/model say it does.
 *
 * tests/model/rules.h holds the figures and guards of the models.  A replica on a table is brought
 * into each case of each guard; what it signs must be what the guard says.
 */
#include "tests/model/rules.h"
#include "tests/sim/bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* --- figures -------------------------------------------------------------------------------- */

static void the_figures_are_the_models(void **state)
{
	(void)state;
	for (unsigned int n = 1; n <= LIMIT_TRUSTEES; n++) {
		assert_int_equal(committee_faults(n), MODEL_FAULTS(n));
		assert_int_equal(committee_quorum(n), MODEL_QUORUM(n));
	}
}

static void leaders_take_the_models_turns(void **state)
{
	struct committee c;
	uint8_t keys[LIMIT_TRUSTEES][32] = { { 0 } }, election[32] = { 0 };

	(void)state;
	for (unsigned int n = 1; n <= LIMIT_TRUSTEES; n++) {
		election[0] = (uint8_t)n;
		assert_int_equal(committee_init(&c, n, election, NULL, (const uint8_t (*)[32])keys),
		                 ST_OK);
		for (uint64_t v = 1; v < 40; v++)
			assert_int_equal(committee_leader(&c, v),
			                 MODEL_LEADER(v, committee_leader(&c, 1), n));
	}
}

/* The five votes that a node can sign in a view with two blocks, in the order of the bits. */
static struct vote vote_of_bit(unsigned int bit)
{
	static const enum vote_type type[] = { VOTE_NOTARIZE, VOTE_NOTARIZE, VOTE_FINALIZE,
	                                       VOTE_FINALIZE, VOTE_NULLIFY };
	struct vote v = { .type = type[bit], .view = 7, .signer = 2 };

	if (bit < 4)
		memset(v.block, 1 + (int)(bit % 2), sizeof(v.block));
	return v;
}

static void votes_convict_their_signer_as_in_the_model(void **state)
{
	(void)state;
	for (unsigned int set = 0; set < 32; set++) {
		bool convicted = false;

		for (unsigned int i = 0; i < 5; i++)
			for (unsigned int j = 0; j < 5; j++) {
				struct vote a = vote_of_bit(i), b = vote_of_bit(j);

				if (i != j && (set >> i & 1) != 0 && (set >> j & 1) != 0)
					convicted = convicted || vote_conflicts(&a, &b);
			}
		assert_int_equal(convicted, MODEL_CONFLICT(set));
	}
}

/* --- R3 ------------------------------------------------------------------------------------- */

/* A block of view 3 on one of view 1: which of its certificates are there? */
static void notarize_case(bool base, bool gap)
{
	struct bench *b = bench_new(4, 3);
	struct made b1 = bench_block(b, 1, NULL, 1), b2 = bench_block(b, 2, NULL, 2);
	struct made b3 = bench_block(b, 3, &b1, 3);

	bench_up(b);
	assert_int_equal(bench_send_proposal(b, &b1, NULL, 0), ST_OK);
	if (base)
		bench_notarize(b, &b1);
	if (gap)
		bench_nullify(b, 2);
	else
		bench_notarize(b, &b2);
	assert_int_equal(bench_info(b).view, 3);
	assert_int_equal(bench_send_proposal(b, &b3, NULL, 0), ST_OK);
	assert_int_equal(bench_signed(b, VOTE_NOTARIZE, 3) != NULL,
	                 MODEL_MAY_NOTARIZE(false, base, gap));
	bench_free(b);
}

static void a_node_notarizes_what_the_model_notarizes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		notarize_case((i & 1) != 0, (i & 2) != 0);
}

static void a_node_notarizes_no_second_block_as_in_the_model(void **state)
{
	struct bench *b = bench_new(4, 3);
	struct made one = bench_block(b, 1, NULL, 1), two = bench_block(b, 1, NULL, 2);

	(void)state;
	bench_up(b);
	assert_int_equal(bench_send_proposal(b, &one, NULL, 0), ST_OK);
	assert_non_null(bench_signed(b, VOTE_NOTARIZE, 1));
	bench_clear(b);
	bench_notarize(b, &two);   /* even if the others do */
	assert_int_equal(bench_send_block(b, 1, &two), ST_OK);
	bench_wait(b, 5000);
	assert_int_equal(bench_signed(b, VOTE_NOTARIZE, 1) != NULL,
	                 MODEL_MAY_NOTARIZE(true, true, true));
	bench_free(b);
}

/* --- R4, R5 --------------------------------------------------------------------------------- */

enum notarized { NOTHING, THIS, ANOTHER };

static void finalize_case(bool n_held, enum notarized own, bool nullified)
{
	struct bench *b = bench_new(4, 3);
	struct made this = bench_block(b, 1, NULL, 1), another = bench_block(b, 1, NULL, 2);

	bench_up(b);
	if (nullified) {
		bench_item(b, 9);
		bench_wait(b, 1000);
		assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
		assert_int_equal(bench_info(b).view, 1);
	}
	if (own != NOTHING)
		assert_int_equal(bench_send_proposal(b, own == THIS ? &this : &another, NULL, 0),
		                 ST_OK);
	assert_int_equal(bench_signed(b, VOTE_NOTARIZE, 1) != NULL, own != NOTHING);
	if (n_held)
		bench_notarize(b, &this);
	bench_tick(b);
	assert_int_equal(bench_signed(b, VOTE_FINALIZE, 1) != NULL,
	                 MODEL_MAY_FINALIZE(n_held, own == THIS, nullified));
	bench_free(b);
}

static void a_node_finalizes_what_the_model_finalizes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 12; i++)
		finalize_case((i & 1) != 0, (enum notarized)(i / 4), (i & 2) != 0);
}

/*
 * A FINALIZE of a view that the node is in: only a node whose log lost the certificate comes to
 * that, for it is durable first (R0).
 */
static void nullify_case(bool finalized)
{
	struct bench *b = bench_new(4, 3);
	struct made b1 = bench_block(b, 1, NULL, 1);
	struct vote v = bench_vote(VOTE_NOTARIZE, 1, &b1, 3);

	bench_up(b);
	/* Once more from the beginning, over the same figures. */
	assert_int_equal(consensus_init(&b->core, b->core, consensus_bytes(&b->cfg), &b->cfg,
	                                &b->sim.genesis), ST_OK);
	assert_int_equal(consensus_replay_vote(b->core, &v), ST_OK);
	v = bench_vote(VOTE_FINALIZE, 1, &b1, 3);
	if (finalized)
		assert_int_equal(consensus_replay_vote(b->core, &v), ST_OK);
	consensus_start(b->core, &b->up, b->sim.now);
	assert_int_equal(bench_info(b).view, 1);
	bench_item(b, 9);
	bench_wait(b, 1000);
	assert_int_equal(bench_signed(b, VOTE_NULLIFY, 1) != NULL, MODEL_MAY_NULLIFY(finalized));
	bench_free(b);
}

static void a_node_nullifies_what_the_model_nullifies(void **state)
{
	(void)state;
	nullify_case(false);
	nullify_case(true);
}

static void as_many_nullify_are_joined_as_in_the_model(void **state)
{
	(void)state;
	for (unsigned int n = 4; n <= LIMIT_TRUSTEES; n++) {
		struct bench *b = bench_new(n, (uint8_t)(n - 1));

		bench_up(b);
		for (unsigned int heard = 1; heard <= MODEL_JOIN(n); heard++) {
			assert_null(bench_signed(b, VOTE_NULLIFY, 1));
			/* From 1 on: node 0 leads, and its own counts at once. */
			assert_int_equal(bench_send_vote(b, VOTE_NULLIFY, 1, NULL, (uint8_t)heard),
			                 ST_OK);
		}
		assert_non_null(bench_signed(b, VOTE_NULLIFY, 1));
		bench_free(b);
	}
}

/* --- R6 ------------------------------------------------------------------------------------- */

static void a_certificate_is_of_q_votes_as_in_the_model(void **state)
{
	(void)state;
	for (unsigned int n = 2; n <= LIMIT_TRUSTEES; n++) {
		struct bench *b = bench_new(n, (uint8_t)(n - 1));
		unsigned int signers;

		bench_up(b);
		for (signers = 1; bench_info(b).view == 1; signers++) {
			struct certificate u = bench_cert(b, VOTE_NULLIFY, 1, NULL,
			                                  (uint16_t)((1u << signers) - 1));

			assert_true(signers <= n);
			(void)bench_send_cert(b, 0, &u);
			b->sim.now += 600000;   /* a false one is not forgiven at once */
		}
		assert_int_equal(signers - 1, MODEL_QUORUM(n));
		bench_free(b);
	}
}

/* --- R15 ------------------------------------------------------------------------------------ */

static void show_view(struct bench *b, uint8_t from, uint64_t view)
{
	struct certificate u = bench_cert(b, VOTE_NULLIFY, view - 1, NULL,
	                                  (uint16_t)((1u << b->sim.committee.q) - 1));
	uint8_t bytes[64 + CERTIFICATE_BYTES_MAX];
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	wire_status_write(&w, view, 0);
	writer_u8(&w, 1);
	certificate_write(&w, &u);
	assert_int_equal(bench_message(b, from, bytes, w.pos), ST_OK);
}

static void the_guard_is_the_models(void **state)
{
	(void)state;
	for (unsigned int n = 2; n <= LIMIT_TRUSTEES; n++) {
		struct bench *b = bench_new(n, (uint8_t)(n - 1));

		b->cfg.amnesia = true;
		bench_up(b);
		for (uint8_t i = 0; i < MODEL_ASKED(n); i++) {
			assert_true(bench_info(b).guarded);
			show_view(b, i, 10 + i % 2);
		}
		assert_false(bench_info(b).guarded);
		assert_int_equal(b->records[b->records_len - 1].type, CONSENSUS_RECORD_GUARD);
		assert_int_equal(b->records[b->records_len - 1].view,
		                 MODEL_ABOVE(MODEL_ASKED(n) > 1 ? 11 : 10));
		bench_free(b);
	}
}

/* Does what this node says of itself vouch for a node that asks? */
static bool vouches(const struct bench *b)
{
	struct wire_status s;
	struct certificate cert;
	struct reader r;
	enum wire_kind kind;
	uint64_t proven = 0;

	reader_init(&r, bench_last(b, WIRE_STATUS)->bytes, bench_last(b, WIRE_STATUS)->len);
	assert_int_equal(wire_kind_read(&r, &kind), ST_OK);
	assert_int_equal(wire_status_read(&r, &s), ST_OK);
	while (wire_next_cert(&s.certs, &cert))
		if (cert.view > proven)
			proven = cert.view;
	return s.view > 0 && s.view <= proven + 1;
}

static void a_node_vouches_when_it_does_in_the_model(void **state)
{
	struct bench *b = bench_new(4, 3);
	uint64_t above = 0;

	(void)state;
	b->cfg.amnesia = true;
	bench_up(b);
	for (unsigned int step = 0; step < 6; step++) {
		bench_clear(b);
		bench_wait(b, 6000);
		assert_int_equal(vouches(b), MODEL_VOUCHES(bench_info(b).guarded,
		                                           bench_info(b).view, above));
		if (step < 3) {
			show_view(b, (uint8_t)step, 7);
			above = MODEL_ABOVE(7);
		} else {
			bench_nullify(b, step + 4);   /* into views 8, 9, 10 */
		}
	}
	assert_int_equal(bench_info(b).view, 10);
	assert_true(bench_info(b).view > above);
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_figures_are_the_models),
		cmocka_unit_test(leaders_take_the_models_turns),
		cmocka_unit_test(votes_convict_their_signer_as_in_the_model),
		cmocka_unit_test(a_node_notarizes_what_the_model_notarizes),
		cmocka_unit_test(a_node_notarizes_no_second_block_as_in_the_model),
		cmocka_unit_test(a_node_finalizes_what_the_model_finalizes),
		cmocka_unit_test(a_node_nullifies_what_the_model_nullifies),
		cmocka_unit_test(as_many_nullify_are_joined_as_in_the_model),
		cmocka_unit_test(a_certificate_is_of_q_votes_as_in_the_model),
		cmocka_unit_test(the_guard_is_the_models),
		cmocka_unit_test(a_node_vouches_when_it_does_in_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
