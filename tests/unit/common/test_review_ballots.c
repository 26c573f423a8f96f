/*
 * test_review_ballots.c: what a stranger, a tested ballot and a forked chain can do
 * (decisions 0070, 0071).
 */
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "common/election/state.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAMED(id) "{\"id\": \"" id "\", \"name\": {\"en\": \"" id "\"}}"
#define MAYOR_OF(revote) \
	"{\"title\": {\"en\": \"Test\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", " \
	"\"threshold\": 3, \"revote\": \"" revote "\", " \
	"\"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], " \
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", " \
	"\"units\": [" NAMED("all") "], " \
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"mayor\"]}], " \
	"\"contests\": [{\"id\": \"mayor\", \"type\": \"choose\", \"min\": 1, \"max\": 1, " \
	"\"title\": {\"en\": \"Mayor\"}, \"options\": [" NAMED("ada") ", " NAMED("alan") "]}]}"

static const uint32_t ADA[2] = { 1, 0 }, ALAN[2] = { 0, 1 };

static struct town *open_town(const char *definition, uint32_t voters)
{
	struct town *t = alloc_zero(1, sizeof(*t));

	assert_non_null(t);
	town_new(t, 4, definition);
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, voters);
	town_open(t);
	return t;
}

static void candidate(struct town *t, struct chain_candidate *out, const struct town_tx *tx)
{
	const struct election_params *p = election_params(t->e);
	struct verdict verdict;
	struct tx opened;

	assert_int_equal(tx_decode(&opened, tx->wire, tx->len), ST_OK);
	assert_int_equal(election_check(p, &opened, &verdict), ST_OK);
	assert_int_equal(chain_candidate_init(out, t->m, &opened, &verdict), ST_OK);
	params_unref(p);
}

/* A block of these, built and pushed, which may still be taken back.  Returns how many it took. */
static uint32_t push(struct town *t, struct chain_candidate *c, size_t len)
{
	struct block_header h = {
		.version = BLOCK_VERSION, .height = election_height(t->e) + 1, .view = t->view++,
		.time_min = (uint32_t)t->minutes,
	};
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);

	assert_non_null(body);
	memcpy(h.election_id, t->m->election_id, sizeof(h.election_id));
	memcpy(h.parent, election_tip(t->e), sizeof(h.parent));
	assert_int_equal(chain_build(t->e, c, len, &h, body), ST_OK);
	free(body);
	return h.n_items;
}

static void push_one(struct town *t, const struct town_tx *tx)
{
	struct chain_candidate c;

	candidate(t, &c, tx);
	assert_int_equal(push(t, &c, 1), 1);
}

/* --- a revote's witness ---------------------------------------------------------------------- */

/* The same ballot with somebody else's key and signature where the old slip key's stand. */
static struct town_tx maul(struct town *t, const struct town_tx *tx)
{
	const struct group *g = t->m->suite;
	struct town_tx out = town_tx_copy(tx);
	uint8_t *at = out.wire + out.len - group_element_len(g) - schnorr_len(g);
	struct scalar secret;
	struct element key;
	struct ballot b;
	struct message m;
	struct tx opened;

	schnorr_keygen(g, &secret, &key);
	assert_int_equal(tx_decode(&opened, out.wire, out.len), ST_OK);
	assert_int_equal(ballot_decode(&b, t->m, &opened), ST_OK);
	assert_true(ballot_is_replacing(&b));
	m = ballot_message(t->setup, "revote", &b.body);
	group_encode(g, at, &key);
	assert_int_equal(schnorr_sign(g, at + group_element_len(g), &secret, &m), ST_OK);
	return out;
}

/*
 * Whoever sees a revote on its way can make more transactions of the same ballot: they pass every
 * proof, and only the state refuses them.  So nobody may treat the tracker as the transaction:
 * the true one is taken from beside any number of them, in whatever order they came.
 */
static void a_mauled_revote_is_refused_and_does_not_displace_the_true_one(void **state)
{
	(void)state;
	for (size_t first = 0; first < 2; first++) {
		struct town *t = open_town(MAYOR_OF("last"), 1);
		struct town_tx tx, foreign;
		struct chain_candidate c[2];
		struct scalar slip, next;
		uint8_t tracker[32], other[32];

		town_block_one(t, town_reballot(t, 0, 0, ADA, 2, NULL, NULL, &slip, tracker));
		tx = town_reballot(t, 0, 0, ALAN, 2, tracker, &slip, &next, other);
		foreign = maul(t, &tx);
		candidate(t, &c[first], &foreign);
		candidate(t, &c[1 - first], &tx);
		assert_memory_equal(c[0].key, c[1].key, sizeof(c[0].key));
		assert_memory_not_equal(c[0].verdict.id, c[1].verdict.id, TX_ID_BYTES);
		assert_int_equal(town_try(t, &foreign), ST_KEY);
		assert_int_equal(push(t, c, 2), 1);
		for (size_t i = 0; i < 2; i++)
			if (c[i].tx.wire == tx.wire)
				assert_int_equal(c[i].taken, ST_OK);
		town_tx_free(&tx);
		town_tx_free(&foreign);
		town_free(t);
		free(t);
	}
}

/* --- a tested ballot ------------------------------------------------------------------------- */

/* Nothing of the voter stays behind: a test publishes the commitment, and must not its opening. */
static void a_tested_ballot_keeps_no_witness(void **state)
{
	struct town *t = open_town(MAYOR_OF("never"), 1);
	uint8_t blinding[32], device[32], out[4096], none[256] = { 0 };
	struct ballot_intent intent = { .credential = &t->voter[0], .blinding = blinding,
	                                .device = device };
	struct ballot_locked *b;
	size_t len;

	(void)state;
	rng_bytes(blinding, sizeof(blinding));
	rng_bytes(device, sizeof(device));
	assert_int_equal(ballot_lock(&b, t->setup, &intent, ADA, 2), ST_OK);
	assert_memory_equal(b->wire + b->body_len + 32, blinding, sizeof(blinding));
	assert_int_equal(ballot_open_test(b, 0, t->kiosk_key, out, sizeof(out), &len), ST_OK);
	assert_true(b->wire_len - b->body_len <= sizeof(none));
	assert_memory_equal(b->wire + b->body_len, none, b->wire_len - b->body_len);
	ballot_locked_free(b);
	town_free(t);
	free(t);
}

/* --- a fork ---------------------------------------------------------------------------------- */

/* End here, with shares of trustees 1, 2 and `third`; then take all of it back. */
static void end_and_count(struct town *t, const struct town_tx *end, unsigned int third,
                          uint64_t counts[2], uint8_t digest[static 32])
{
	const struct election_params *p;
	uint32_t len;

	push_one(t, end);
	p = election_params(t->e);
	memcpy(digest, p->sums->digest, 32);
	params_unref(p);
	for (unsigned int i = 1; i <= 3; i++) {
		struct town_tx share = town_share(t, i < 3 ? i : third);

		push_one(t, &share);
		town_tx_free(&share);
	}
	assert_int_equal(election_combine(t->e, counts, 2, &len), ST_OK);
	assert_int_equal(len, 2);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(election_pop(t->e), ST_OK);
}

/*
 * `end` names the block of `close` and nothing after it, so its signatures serve every chain that
 * has that block.  Two trustees who can fork the chain with their nodes get two sums opened by two
 * honest ones, each of whom opens only one list.  What tells the lists apart is their digest:
 * decision 0070 has trustees compare it.
 */
static void a_forked_end_opens_two_sums_whose_digests_differ(void **state)
{
	struct town *t = open_town(MAYOR_OF("never"), 3);
	uint64_t with[2], without[2];
	uint8_t digest[2][32];
	struct town_tx late, end;

	(void)state;
	town_block_one(t, town_ballot(t, 0, 0, ADA, 2));
	town_block_one(t, town_ballot(t, 1, 0, ALAN, 2));
	town_block_one(t, town_phase(t, TX_CLOSE, 0x07));
	late = town_ballot(t, 2, 0, ALAN, 2);
	end = town_phase(t, TX_END, 0x07);
	end_and_count(t, &end, 3, without, digest[0]);
	push_one(t, &late);
	end_and_count(t, &end, 4, with, digest[1]);
	assert_int_equal(with[0] - without[0], 0);   /* how voter 2 voted */
	assert_int_equal(with[1] - without[1], 1);
	assert_memory_not_equal(digest[0], digest[1], 32);
	town_tx_free(&late);
	town_tx_free(&end);
	town_free(t);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mauled_revote_is_refused_and_does_not_displace_the_true_one),
		cmocka_unit_test(a_tested_ballot_keeps_no_witness),
		cmocka_unit_test(a_forked_end_opens_two_sums_whose_digests_differ),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
