/*
 * test_attacks_work.c: attacks on the work of a node: on what it remembers to have checked, on its
 * batches, and on what it puts into a block (attacks.md N14, N15, N72, N76).
 */
#include "tests/unit/lib/attack.h"
#include "tests/unit/lib/forge.h"

#include "common/election/state.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void candidate(struct town *t, struct chain_candidate *out, const struct town_tx *tx)
{
	const struct election_params *p = election_params(t->e);
	struct verdict v;
	struct tx opened;

	assert_int_equal(tx_decode(&opened, tx->wire, tx->len), ST_OK);
	assert_int_equal(election_check(p, &opened, &v), ST_OK);
	assert_int_equal(chain_candidate_init(out, t->m, &opened, &v), ST_OK);
	params_unref(p);
}

static struct block_header next_header(struct town *t)
{
	struct block_header h = {
		.version = BLOCK_VERSION, .height = election_height(t->e) + 1, .view = 1000,
		.parent_view = t->block[t->blocks - 1].header.view,
		.time_min = (uint32_t)t->minutes,
	};

	memcpy(h.election_id, t->m->election_id, sizeof(h.election_id));
	memcpy(h.parent, election_tip(t->e), sizeof(h.parent));
	return h;
}

/* --- what a leader puts into a block --------------------------------------------------------- */

/* A phase change that the rules refuse just now must not keep everything else out. */
static void a_refused_phase_change_starves_nobody(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_COMMIT);
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct town_tx tx[3];
	struct chain_candidate c[3];
	struct block_header h = next_header(t);

	(void)state;
	assert_non_null(body);
	town_block_one(t, town_commit(t, 1));
	h = next_header(t);
	tx[0] = town_phase(t, TX_ADVANCE, 0xf);
	tx[1] = town_commit(t, 2);
	tx[2] = town_commit(t, 3);
	for (size_t i = 0; i < 3; i++)
		candidate(t, &c[i], &tx[i]);
	((struct manifest *)(uintptr_t)t->m)->dkg_min_minutes = 10;
	assert_int_equal(chain_build(t->e, c, 3, &h, body), ST_OK);
	assert_int_equal(h.n_items, 2);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c[i].taken, c[i].tx.type == TX_ADVANCE ? ST_EARLY : ST_OK);
	assert_int_equal(election_pop(t->e), ST_OK);
	/* once it is allowed it goes alone, though others wait: they came later */
	((struct manifest *)(uintptr_t)t->m)->dkg_min_minutes = 0;
	for (size_t i = 0; i < 3; i++)
		candidate(t, &c[i], &tx[i]);
	assert_int_equal(chain_build(t->e, c, 3, &h, body), ST_OK);
	assert_int_equal(h.n_items, 1);
	assert_int_equal(t->e->now.excluded, 0xe);
	assert_int_equal(election_pop(t->e), ST_OK);
	/* what came before it goes before it */
	candidate(t, &c[0], &tx[1]);
	candidate(t, &c[1], &tx[0]);
	candidate(t, &c[2], &tx[2]);
	assert_int_equal(chain_build(t->e, c, 3, &h, body), ST_OK);
	assert_int_equal(h.n_items, 1);
	assert_int_equal(t->e->now.acted, 0x3);
	assert_int_equal(election_pop(t->e), ST_OK);
	for (size_t i = 0; i < 3; i++)
		town_tx_free(&tx[i]);
	free(body);
	attack_town_free(t);
}

/* A candidate under a verdict that is not its own is not taken, whatever the leader was told. */
static void n72_a_leader_takes_nothing_without_its_own_verdict(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct town_tx good = attack_ballot(t, 0), bad = attack_ballot(t, 1);
	struct block_header h = next_header(t);
	struct chain_candidate c[2];

	(void)state;
	assert_non_null(body);
	candidate(t, &c[0], &good);
	candidate(t, &c[1], &bad);
	c[1].verdict.id[0] ^= 1;
	assert_int_equal(chain_build(t->e, c, 2, &h, body), ST_OK);
	assert_int_equal(h.n_items, 1);
	assert_int_equal(election_pop(t->e), ST_OK);
	candidate(t, &c[0], &good);
	candidate(t, &c[1], &bad);
	c[1].verdict.params[0] ^= 1;
	assert_int_equal(chain_build(t->e, c, 2, &h, body), ST_OK);
	assert_int_equal(h.n_items, 1);
	assert_int_equal(election_pop(t->e), ST_OK);
	free(body);
	town_tx_free(&good);
	town_tx_free(&bad);
	attack_town_free(t);
}

/* --- what a node remembers to have checked --------------------------------------------------- */

/* A chain of two blocks: the town's, and a node that follows it with a cache. */
struct follower {
	struct election *e;
	struct checker *checker;
	struct verdict_cache *cache;
};

static void follow(struct follower *f, struct town *t, size_t capacity)
{
	struct chain_fault fault;

	assert_int_equal(election_new(&f->e, t->m), ST_OK);
	assert_int_equal(checker_new(&f->checker), ST_OK);
	assert_int_equal(verdict_cache_new(&f->cache, capacity), ST_OK);
	for (size_t i = 1; i < t->blocks; i++)
		assert_int_equal(chain_accept(f->e, f->checker, f->cache, &t->block[i - 1].header,
		                              &t->block[i].header, t->block[i].body,
		                              t->block[i].header.body_len, &fault), ST_OK);
}

static void leave(struct follower *f)
{
	verdict_cache_free(f->cache);
	checker_free(f->checker);
	election_free(f->e);
}

/* A block of these, with everything right but the digests after it.  *item: which was wrong. */
static enum status offer_all(struct follower *f, struct town *t, const struct town_tx *txs,
                             size_t count, uint32_t *item)
{
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct block_header h = next_header(t);
	struct chain_fault fault;
	struct writer w;
	enum status st;
	size_t len;

	assert_non_null(body);
	writer_init(&w, body, BLOCK_BODY_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		block_item_write(&w, txs[i].wire, txs[i].len);
	assert_int_equal(writer_end(&w, &len), ST_OK);
	h.n_items = (uint32_t)count;
	h.body_len = (uint32_t)len;
	h.log_size = t->block[t->blocks - 1].header.log_size + count;
	block_body_hash(h.body_hash, body, len);
	st = chain_accept(f->e, f->checker, f->cache, &t->block[t->blocks - 1].header, &h, body,
	                  len, &fault);
	*item = fault.item;
	free(body);
	return st;
}

static enum status offer(struct follower *f, struct town *t, const struct town_tx *tx)
{
	uint32_t item;

	return offer_all(f, t, tx, 1, &item);
}

/* A verdict is for one transaction, to the byte, and for one snapshot. */
static void n72_a_remembered_verdict_serves_nothing_else(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx good = attack_ballot(t, 0), bad = town_tx_copy(&good);
	struct follower f;

	(void)state;
	follow(&f, t, 64);
	assert_int_equal(offer(&f, t, &good), ST_HASH);   /* checked, applied: only the digests */
	assert_int_equal(offer(&f, t, &good), ST_HASH);   /* from memory */
	/* the same body under another witness; the same witness under another body */
	attack_part(&bad, attack_decode(t, &bad).signature)[33] ^= 1;
	assert_int_equal(offer(&f, t, &bad), ST_SIGNATURE);
	town_tx_free(&bad);
	bad = town_tx_copy(&good);
	forge_element_next(t->m->suite, attack_part(&bad, attack_decode(t, &bad).body.proof));
	assert_int_equal(offer(&f, t, &bad), ST_SIGNATURE);
	attack_sign(t, &bad, 0);
	assert_int_equal(offer(&f, t, &bad), ST_PROOF);
	assert_int_equal(offer(&f, t, &bad), ST_PROOF);   /* a refusal is not remembered as more */
	assert_int_equal(offer(&f, t, &good), ST_HASH);
	town_tx_free(&bad);
	town_tx_free(&good);
	leave(&f);
	attack_town_free(t);
}

/* One item that is none, behind many good ballots: it is seen before their proofs are. */
static void n76_a_malformed_item_costs_nobody_the_proofs_of_the_others(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx tx[3] = { attack_ballot(t, 0), attack_ballot(t, 1), attack_ballot(t, 2) };
	const struct election_params *p = election_params(t->e);
	struct verdict v;
	struct follower f;
	struct tx opened;
	uint32_t item;

	(void)state;
	assert_int_equal(tx_decode(&opened, tx[0].wire, tx[0].len), ST_OK);
	assert_int_equal(election_check(p, &opened, &v), ST_OK);
	params_unref(p);
	follow(&f, t, 64);
	tx[2].len--;
	assert_int_equal(offer_all(&f, t, tx, 3, &item), ST_FORMAT);
	assert_int_equal(item, 2);
	assert_false(verdict_cache_has(f.cache, &v));
	tx[2].len++;
	tx[2].wire[0] = TX_SHARE;   /* nor does one out of its time */
	assert_int_equal(offer_all(&f, t, tx, 3, &item), ST_PHASE);
	assert_int_equal(item, 2);
	assert_false(verdict_cache_has(f.cache, &v));
	assert_int_equal(offer(&f, t, &tx[0]), ST_HASH);
	assert_true(verdict_cache_has(f.cache, &v));
	for (size_t i = 0; i < 3; i++)
		town_tx_free(&tx[i]);
	leave(&f);
	attack_town_free(t);
}

/* Whoever makes a node forget makes it check again, no more. */
static void n76_a_memory_that_is_flooded_forgets_and_stays_right(void **state)
{
	struct verdict_cache *c;
	struct verdict v[40];

	(void)state;
	memset(v, 0, sizeof(v));
	for (uint8_t i = 0; i < 40; i++) {
		v[i].id[0] = i;
		v[i].params[31] = (uint8_t)(i / 3);
	}
	assert_int_equal(verdict_cache_new(&c, 8), ST_OK);
	for (uint8_t i = 0; i < 40; i++) {
		verdict_cache_put(c, &v[i]);
		verdict_cache_put(c, &v[i]);
		for (uint8_t k = 0; k < 40; k++)
			assert_int_equal(verdict_cache_has(c, &v[k]), k <= i && k + 8 > i);
	}
	v[39].params[0] ^= 1;
	assert_false(verdict_cache_has(c, &v[39]));
	verdict_cache_free(c);
}

/* --- batches --------------------------------------------------------------------------------- */

/* More than a batch holds, and one bad ballot near each end. */
static void n15_bad_ballots_are_named_across_batches(void **state)
{
	enum { MANY = 900, FIRST = 3, LAST = 890 };
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx good = attack_ballot(t, 0), bad = town_tx_copy(&good);
	const struct election_params *p = election_params(t->e);
	struct tx *txs = calloc(MANY, sizeof(*txs));
	struct verdict *v = calloc(MANY, sizeof(*v));
	enum status *st = calloc(MANY, sizeof(*st));

	(void)state;
	assert_non_null(txs);
	assert_non_null(v);
	assert_non_null(st);
	forge_scalar_next(t->m->suite, attack_part(&bad, attack_decode(t, &bad).body.proof) + 6 * 32);
	attack_sign(t, &bad, 0);
	for (size_t i = 0; i < MANY; i++) {
		const struct town_tx *tx = i == FIRST || i == LAST ? &bad : &good;

		assert_int_equal(tx_decode(&txs[i], tx->wire, tx->len), ST_OK);
	}
	checker_run(t->checker, p, txs, MANY, st, v);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(st[i], i == FIRST || i == LAST ? ST_PROOF : ST_OK);
		assert_int_equal(mem_is_zero(&v[i], sizeof(v[i])), st[i] != ST_OK);
	}
	params_unref(p);
	free(txs);
	free(v);
	free(st);
	town_tx_free(&good);
	town_tx_free(&bad);
	attack_town_free(t);
}

/* --- N14 ------------------------------------------------------------------------------------- */

static void cut(struct town *t, struct town_tx tx)
{
	struct town_tx longer = { .wire = malloc(tx.len + 1), .len = tx.len + 1 };
	size_t len = tx.len;

	assert_int_equal(attack_say(t, &tx), ST_OK);
	assert_non_null(longer.wire);
	memcpy(longer.wire, tx.wire, tx.len);
	longer.wire[tx.len] = 0;
	assert_int_equal(attack_say_once(t, longer), ST_FORMAT);
	for (tx.len = 0; tx.len < len; tx.len++)
		assert_int_equal(attack_say(t, &tx), ST_FORMAT);
	town_tx_free(&tx);
}

static void n14_every_prefix_of_every_other_transaction_is_refused(void **state)
{
	struct town *t = attack_town(ATTACK_LAST, PHASE_COMMIT);
	struct town_tx unknown = { .wire = malloc(2), .len = 2 };

	(void)state;
	assert_non_null(unknown.wire);
	unknown.wire[0] = 17;
	assert_int_equal(attack_say(t, &unknown), ST_FORMAT);
	unknown.wire[0] = TX_GENESIS;
	assert_int_equal(attack_say_once(t, unknown), ST_PHASE);
	cut(t, town_phase(t, TX_ADVANCE, 0xf));
	town_ceremony(t, 0xf);
	cut(t, town_roll(t, NULL, NULL, 2));
	cut(t, town_device(t, 0));
	town_enrol(t, NULL, NULL, 3);
	cut(t, town_phase(t, TX_OPEN, 0xf));
	town_open(t);
	cut(t, town_phase(t, TX_CLOSE, 0xf));
	town_block_one(t, attack_ballot(t, 0));
	town_block_one(t, town_phase(t, TX_CLOSE, 0xf));
	cut(t, attack_test(t, 0));
	cut(t, town_phase(t, TX_END, 0xf));
	town_block_one(t, town_phase(t, TX_END, 0xf));
	cut(t, town_share(t, 1));
	for (unsigned int i = 1; i <= 3; i++)
		town_block_one(t, town_share(t, i));
	cut(t, town_result(t, 0xf));
	attack_town_free(t);
}

/* A transaction of the largest size, and one byte more. */
static void n14_a_transaction_beyond_the_limit_is_refused_unread(void **state)
{
	struct town *t = attack_town(ATTACK_NEVER, PHASE_OPEN);
	struct town_tx huge = { .wire = calloc(1, LIMIT_TX_BYTES + 1), .len = LIMIT_TX_BYTES };

	(void)state;
	assert_non_null(huge.wire);
	huge.wire[0] = TX_BALLOT;
	assert_int_equal(attack_say(t, &huge), ST_FORMAT);
	huge.len++;
	assert_int_equal(attack_say_once(t, huge), ST_LIMIT);
	attack_town_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_phase_change_starves_nobody),
		cmocka_unit_test(n72_a_leader_takes_nothing_without_its_own_verdict),
		cmocka_unit_test(n72_a_remembered_verdict_serves_nothing_else),
		cmocka_unit_test(n76_a_malformed_item_costs_nobody_the_proofs_of_the_others),
		cmocka_unit_test(n76_a_memory_that_is_flooded_forgets_and_stays_right),
		cmocka_unit_test(n15_bad_ballots_are_named_across_batches),
		cmocka_unit_test(n14_every_prefix_of_every_other_transaction_is_refused),
		cmocka_unit_test(n14_a_transaction_beyond_the_limit_is_refused_unread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
