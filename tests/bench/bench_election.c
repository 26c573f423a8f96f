/*
 * bench_election.c: what the production path costs, ballot by ballot: made as a kiosk makes it,
 * checked from the bytes of the transaction as a node and an observer check it.
 *
 * Prints key=value lines.  Times are in units of D, one libdecaf decoding of a point in the same
 * run: the least of several rounds of processor time.  Asserts nothing: a clock is no judge.
 */
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "crypto/dlog.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { BALLOTS = 1024, ROUNDS = 3 };

#define PARTIES "\"title\": {\"en\": \"Bench\"}, \"languages\": [\"en\"], " \
	"\"suite\": \"ristretto255\", \"threshold\": 2, " \
	"\"trustees\": [\"t1.card\", \"t2.card\", \"t3.card\", \"t4.card\"], " \
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", " \
	"\"units\": [{\"id\": \"all\", \"name\": {\"en\": \"All\"}}], " \
	"\"styles\": [{\"id\": \"a\", \"unit\": \"all\", \"contests\": [\"c\"]}]"

static double decode_s;

static double seconds(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) != 0)
		abort();
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void must(enum status st)
{
	if (st != ST_OK)
		fail_msg("%s", status_name(st));
}

/* D: decode many different points. */
static void measure_decode(void)
{
	const struct group *g = group_ristretto255();
	uint8_t bytes[256][32];
	struct element e;
	struct scalar k;

	for (uint64_t i = 0; i < 256; i++) {
		group_scalar_u64(g, &k, i + 2);
		group_mul_base(g, &e, &k);
		group_encode(g, bytes[i], &e);
	}
	decode_s = 1;
	for (int round = 0; round < 6; round++) {
		double start = seconds(), took;

		for (int i = 0; i < 8 * 256; i++)
			must(group_decode_var(g, &e, bytes[i % 256]));
		took = (seconds() - start) / (8 * 256);
		decode_s = took < decode_s ? took : decode_s;
	}
}

/* D is measured again beside every figure: what else the machine does weighs on both. */
static void say(const char *name, double took)
{
	measure_decode();
	printf("%s_D=%.1f\n", name, took / decode_s);
	(void)fflush(stdout);
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

/* The least time a ballot of checker_run over the first n. */
static double check(struct town *t, struct tx *txs, size_t n, size_t *refused)
{
	const struct election_params *p = election_params(t->e);
	enum status *results = alloc_zero(n, sizeof(*results));
	struct verdict *verdicts = alloc_zero(n, sizeof(*verdicts));
	double best = 1;

	assert_non_null(results);
	assert_non_null(verdicts);
	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds(), took;

		checker_run(t->checker, p, txs, n, results, verdicts);
		took = (seconds() - start) / (double)n;
		best = took < best ? took : best;
	}
	*refused = 0;
	for (size_t i = 0; i < n; i++)
		*refused += results[i] != ST_OK;
	params_unref(p);
	free(results);
	free(verdicts);
	return best;
}

static double check_alone(struct town *t, const struct tx *txs)
{
	const struct election_params *p = election_params(t->e);
	struct verdict v;
	double best = 1;

	for (int round = 0; round < ROUNDS; round++) {
		double start = seconds(), took;

		for (int i = 0; i < 32; i++)
			must(election_check(p, &txs[i], &v));
		took = (seconds() - start) / 32;
		best = took < best ? took : best;
	}
	params_unref(p);
	return best;
}

/* One block of all, built: what the rulebook itself costs when every verdict is there. */
static double apply_all(struct town *t, const struct tx *txs)
{
	const struct election_params *p = election_params(t->e);
	struct chain_candidate *c = alloc_zero(BALLOTS, sizeof(*c));
	uint8_t *body = malloc(BLOCK_BODY_BYTES_MAX);
	struct block_header h = { .version = BLOCK_VERSION, .height = election_height(t->e) + 1,
	                          .time_min = (uint32_t)t->minutes };
	struct verdict v;
	double start;

	assert_non_null(c);
	assert_non_null(body);
	memcpy(v.params, p->hash, sizeof(v.params));
	for (int i = 0; i < BALLOTS; i++) {
		must(chain_tx_id(v.id, t->m, &txs[i]));
		must(chain_candidate_init(&c[i], t->m, &txs[i], &v));
	}
	start = seconds();
	must(chain_build(t->e, c, BALLOTS, &h, body));
	start = (seconds() - start) / BALLOTS;
	assert_int_equal(h.n_items, BALLOTS);
	params_unref(p);
	free(c);
	free(body);
	return start;
}

static void bench_choose(struct town *t)
{
	static const uint32_t SELECTIONS[5] = { 0, 1, 0, 0, 0 };
	static struct town_tx ballots[BALLOTS];
	static struct tx txs[BALLOTS];
	double best = 1, start;
	size_t refused;
	uint8_t spare;

	open_town(t, 5, 1, BALLOTS);
	start = seconds();
	for (uint32_t i = 0; i < BALLOTS; i++)
		ballots[i] = town_ballot(t, i, 0, SELECTIONS, 5);
	best = (seconds() - start) / BALLOTS;
	printf("choose_1_of_5_bytes=%zu\n", ballots[0].len);
	say("encrypt_prove_sign", best);
	for (uint32_t i = 0; i < BALLOTS; i++)
		must(tx_decode(&txs[i], ballots[i].wire, ballots[i].len));
	say("verify_single", check_alone(t, txs));
	say("verify_batch_16", check(t, txs, 16, &refused));
	say("verify_batch_256", check(t, txs, 256, &refused));
	say("verify_batch_1024", check(t, txs, BALLOTS, &refused));
	if (refused != 0)
		fail_msg("%zu good ballots were refused", refused);
	/* One false response among all: a byte of one f. */
	spare = ballots[77].wire[2 + 32 + 320 + 448 - 20];
	ballots[77].wire[2 + 32 + 320 + 448 - 20] ^= 1;
	say("verify_batch_1024_one_bad", check(t, txs, BALLOTS, &refused));
	if (refused != 1)
		fail_msg("%zu refused, not the one", refused);
	ballots[77].wire[2 + 32 + 320 + 448 - 20] = spare;
	say("apply", apply_all(t, txs));
	for (int i = 0; i < BALLOTS; i++)
		town_tx_free(&ballots[i]);
}

static void bench_many(struct town *t)
{
	static uint32_t selections[100];
	struct town_tx tx;

	selections[3] = selections[50] = 1;
	open_town(t, 100, 5, 4);
	tx = town_ballot(t, 0, 0, selections, 100);
	printf("at_most_5_of_100_bytes=%zu\n", tx.len);
	town_tx_free(&tx);
}

static void bench_small_sums(void)
{
	const struct group *g = group_ristretto255();
	struct ciphertext sum, one;
	struct dlog_slot *slots;
	struct dlog dlog;
	struct scalar k;
	struct element target;
	double start, took;
	uint64_t m;
	size_t len = dlog_slots(1000000, 8);

	ciphertext_zero(g, &sum);
	group_generator(g, &one.a);
	one.b = one.a;
	start = seconds();
	for (int i = 0; i < 20000; i++)
		ciphertext_add(g, &sum, &sum, &one);
	say("tally_add_one_ciphertext", (seconds() - start) / 20000);
	slots = alloc_zero(len, sizeof(*slots));
	assert_non_null(slots);
	start = seconds();
	must(dlog_init(&dlog, g, slots, len));
	say("dlog_table_for_a_million", seconds() - start);
	took = 1;
	for (uint64_t i = 0; i < 8; i++) {
		group_scalar_u64(g, &k, 999000 + i);
		group_mul_base(g, &target, &k);
		start = seconds();
		must(dlog_solve_var(&dlog, &m, &target, 1000000));
		took = seconds() - start < took ? seconds() - start : took;
	}
	say("discrete_log_of_a_million", took);
	free(slots);
}

static void bench(void **state)
{
	struct town *t = alloc_zero(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	must(crypto_init());
	measure_decode();
	printf("decode_us=%.2f\n", decode_s * 1e6);
	bench_choose(t);
	town_free(t);
	bench_many(t);
	town_free(t);
	bench_small_sums();
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bench) };

	cmocka_set_message_output(CM_OUTPUT_SUBUNIT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
