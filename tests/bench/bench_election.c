/*
 * bench_election.c: what the production path costs, ballot by ballot: made as a kiosk makes it,
 * checked from the bytes of the transaction as a node and an observer check it.
 *
 * Prints key=value lines in units of D (unit.h, docs/bench.md).
 */
#include "tests/bench/unit.h"
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "crypto/dlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BALLOTS = 1024, OPTIONS = 5, MADE = 64, ALONE = 32, ADDED = 4096, COUNTS = 8 };

#define PARTIES "\"title\": {\"en\": \"Bench\"}, \"languages\": [\"en\"], " \
	"\"suite\": \"ristretto255\", \"threshold\": 2, " \
	"\"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], " \
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", " \
	"\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], " \
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"c\"]}]"

static void must(enum status st)
{
	if (st != ST_OK)
		fail_msg("%s", status_name(st));
}

static char *definition(char *out, size_t cap, unsigned int options, unsigned int max)
{
	size_t at = (size_t)snprintf(out, cap, "{" PARTIES ", \"contests\": [{\"id\": \"c\", "
	                             "\"type\": \"choose\", \"min\": %u, \"max\": %u, "
	                             "\"title\": {\"en\": \"C\"}, \"options\": [",
	                             max == 1 ? 1u : 0u, max);

	for (unsigned int i = 0; i < options; i++)
		at += (size_t)snprintf(out + at, cap - at, "%s{\"id\": \"o%u\", \"name\": "
		                       "{\"en\": \"O%u\"}}", i == 0 ? "" : ", ", i, i);
	(void)snprintf(out + at, cap - at, "]}]}");
	return out;
}

static void open_town(struct town *t, unsigned int options, unsigned int max, uint32_t voters)
{
	char text[16384];

	town_new(t, 4, definition(text, sizeof(text), options, max));
	town_ceremony(t, town_everyone(t));
	town_enrol(t, NULL, NULL, voters);
	town_open(t);
}

/* --- ballots ---------------------------------------------------------------------------------- */

struct ballots {
	struct town *t;
	struct town_tx wire[BALLOTS];
	struct tx txs[BALLOTS];
	enum status results[BALLOTS];
	struct verdict verdicts[BALLOTS];
	size_t len;                          /* how many one round checks */
};

/* As a kiosk does: encrypt, prove, check its own proof, sign. */
static void make_some(void *ctx)
{
	static const uint32_t SELECTIONS[OPTIONS] = { 0, 1, 0, 0, 0 };
	struct ballots *b = ctx;

	for (uint32_t i = 0; i < MADE; i++) {
		struct town_tx tx = town_ballot(b->t, i, 0, SELECTIONS, OPTIONS);

		town_tx_free(&tx);
	}
}

static void make_all(struct ballots *b)
{
	static const uint32_t SELECTIONS[OPTIONS] = { 0, 1, 0, 0, 0 };

	for (uint32_t i = 0; i < BALLOTS; i++)
		b->wire[i] = town_ballot(b->t, i, 0, SELECTIONS, OPTIONS);
}

/* As a node does with what has come in, and an observer with a chain: from the bytes. */
static void check_batch(void *ctx)
{
	struct ballots *b = ctx;
	const struct election_params *p = election_params(b->t->e);

	for (size_t i = 0; i < b->len; i++)
		must(tx_decode(&b->txs[i], b->wire[i].wire, b->wire[i].len));
	checker_run(b->t->checker, p, b->txs, b->len, b->results, b->verdicts);
	params_unref(p);
}

static void check_alone(void *ctx)
{
	struct ballots *b = ctx;
	const struct election_params *p = election_params(b->t->e);

	for (size_t i = 0; i < ALONE; i++) {
		must(tx_decode(&b->txs[i], b->wire[i].wire, b->wire[i].len));
		must(election_check(p, &b->txs[i], &b->verdicts[i]));
	}
	params_unref(p);
}

static void need_refused(const struct ballots *b, size_t want)
{
	size_t refused = 0;

	for (size_t i = 0; i < b->len; i++)
		refused += b->results[i] != ST_OK;
	if (refused != want)
		fail_msg("%zu ballots were refused, not %zu", refused, want);
}

static void say_batch(struct ballots *b, const char *name, size_t len, size_t rounds)
{
	b->len = len;
	unit_print(name, unit_cost(check_batch, b, len, rounds));
}

/* One block of all, built and undone: what the rulebook costs when every verdict is there. */
struct built {
	struct ballots *ballots;
	struct chain_candidate candidates[BALLOTS];
	uint8_t body[BLOCK_BODY_BYTES_MAX];
};

static void apply_all(void *ctx)
{
	struct built *x = ctx;
	struct town *t = x->ballots->t;
	struct block_header h = { .version = BLOCK_VERSION, .height = election_height(t->e) + 1,
	                          .time_min = (uint32_t)t->minutes };

	must(chain_build(t->e, x->candidates, BALLOTS, &h, x->body));
	assert_int_equal(h.n_items, BALLOTS);
	must(election_pop(t->e));
}

static void bench_apply(struct ballots *b)
{
	const struct election_params *p = election_params(b->t->e);
	struct built *x = alloc_zero(1, sizeof(*x));
	struct verdict v;

	assert_non_null(x);
	x->ballots = b;
	memcpy(v.params, p->hash, sizeof(v.params));
	for (size_t i = 0; i < BALLOTS; i++) {
		must(chain_tx_id(v.id, b->t->m, &b->txs[i]));
		must(chain_candidate_init(&x->candidates[i], b->t->m, &b->txs[i], &v));
	}
	unit_print("apply", unit_cost(apply_all, x, BALLOTS, 7));
	params_unref(p);
	free(x);
}

static void bench_choose(struct town *t)
{
	struct ballots *b = alloc_zero(1, sizeof(*b));
	uint8_t *f;

	assert_non_null(b);
	b->t = t;
	open_town(t, OPTIONS, 1, BALLOTS);
	make_all(b);
	unit_print_size("choose_1_of_5_bytes", b->wire[0].len);
	unit_print("encrypt_prove_sign", unit_cost(make_some, b, MADE, 9));
	unit_print("verify_single", unit_cost(check_alone, b, ALONE, 15));
	say_batch(b, "verify_batch_16", 16, 31);
	say_batch(b, "verify_batch_256", 256, 15);
	say_batch(b, "verify_batch_1024", BALLOTS, 9);
	need_refused(b, 0);
	/* One false response among all: a byte of one f. */
	f = &b->wire[77].wire[2 + 32 + 320 + 448 - 20];
	*f ^= 1;
	say_batch(b, "verify_batch_1024_one_bad", BALLOTS, 9);
	need_refused(b, 1);
	*f ^= 1;
	check_batch(b);
	bench_apply(b);
	for (size_t i = 0; i < BALLOTS; i++)
		town_tx_free(&b->wire[i]);
	free(b);
}

static void bench_many(struct town *t)
{
	static uint32_t selections[100];
	struct town_tx tx;

	selections[3] = selections[50] = 1;
	open_town(t, 100, 5, 4);
	tx = town_ballot(t, 0, 0, selections, 100);
	unit_print_size("at_most_5_of_100_bytes", tx.len);
	town_tx_free(&tx);
}

/* --- the tally -------------------------------------------------------------------------------- */

struct sums {
	struct ciphertext sum, one;
	struct dlog dlog;
	struct dlog_slot *slots;
	size_t slots_len;
	struct element targets[COUNTS];
};

static void add(void *ctx)
{
	struct sums *s = ctx;

	for (int i = 0; i < ADDED; i++)
		ciphertext_add(group_ristretto255(), &s->sum, &s->sum, &s->one);
}

static void make_table(void *ctx)
{
	struct sums *s = ctx;

	must(dlog_init(&s->dlog, group_ristretto255(), s->slots, s->slots_len));
}

static void find(void *ctx)
{
	struct sums *s = ctx;
	uint64_t m;

	for (int i = 0; i < COUNTS; i++)
		must(dlog_solve_var(&s->dlog, &m, &s->targets[i], 1000000));
}

static void bench_sums(void)
{
	const struct group *g = group_ristretto255();
	struct sums *s = alloc_zero(1, sizeof(*s));
	struct scalar k;

	assert_non_null(s);
	s->slots_len = dlog_slots(1000000, COUNTS);
	s->slots = alloc_zero(s->slots_len, sizeof(*s->slots));
	assert_non_null(s->slots);
	ciphertext_zero(g, &s->sum);
	group_generator(g, &s->one.a);
	s->one.b = s->one.a;
	for (uint64_t i = 0; i < COUNTS; i++) {
		group_scalar_u64(g, &k, 999000 + i);
		group_mul_base(g, &s->targets[i], &k);
	}
	unit_print("tally_add", unit_cost(add, s, ADDED, 15));
	unit_print_size("discrete_log_table_bytes", s->slots_len * sizeof(*s->slots));
	unit_print("discrete_log_table", unit_cost(make_table, s, 1, 9));
	unit_print("discrete_log", unit_cost(find, s, COUNTS, 15));
	free(s->slots);
	free(s);
}

static void bench(void **state)
{
	struct town *t = alloc_zero(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	bench_choose(t);
	town_free(t);
	bench_many(t);
	town_free(t);
	bench_sums();
	unit_print_decode();
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bench) };

	unit_init();
	cmocka_set_message_output(CM_OUTPUT_SUBUNIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
