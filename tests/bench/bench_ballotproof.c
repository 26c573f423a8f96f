/*
 * bench_ballotproof.c: what ballots cost, in microseconds and in units of D, one decoding of a
 * point of ristretto255: proving, verifying one by one, and batches from bytes, each ballot with a
 * Schnorr signature whose key is decoded too.  Prints "what us=... D=..." lines for one ballot: the
 * least of several rounds of processor time.  Asserts nothing: a clock is no judge.
 */
#include "crypto/ballotproof.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 4, BALLOTS_MAX = 1024, DISTINCT = 64, KEY_BYTES = 32, SIG_BYTES = 64 };

struct ballot {
	uint8_t *ciphertexts;
	uint8_t *proof;
	uint8_t key[KEY_BYTES];
	uint8_t sig[SIG_BYTES];
};

struct bench {
	const struct group *g;
	struct ballotlayout layout;
	struct ballotproof_setup setup;
	struct ballotproof_work work;
	struct scalar *secrets;
	struct message message;
	uint8_t *openings;
	uint64_t *values;
	struct ballot ballots[DISTINCT];   /* used over and over: a batch does not look */
	size_t ballots_len;
	struct batch batch;
	size_t bad[BALLOTS_MAX];
};

static struct bench t;
static uint8_t ctx[BALLOTPROOF_CTX_BYTES];
static double decode_us;

static void *take(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);

	if (p == NULL)
		abort();
	memset(p, 0, bytes);
	return p;
}

static void must(enum status st)
{
	if (st != ST_OK) {
		fprintf(stderr, "bench_ballotproof: %s\n", status_name(st));
		abort();
	}
}

static double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* The least time of ROUNDS runs, for one of `count` things. */
static double least_us(void (*run)(size_t count), size_t count)
{
	double best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double start = now_us();
		double us;

		run(count);
		us = (now_us() - start) / (double)count;
		if (i == 0 || us < best)
			best = us;
	}
	return best;
}

static void print(const char *what, double us)
{
	printf("%-34s us=%.1f D=%.1f\n", what, us, us / decode_us);
}

/* --- what is measured --------------------------------------------------------------------- */

static void decode(size_t count)
{
	struct element e;

	for (size_t i = 0; i < count; i++)
		must(group_decode_var(t.g, &e, t.ballots[i % t.ballots_len].ciphertexts));
}

static void prove(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ballot *b = &t.ballots[i % DISTINCT];

		must(ballotproof_prove(b->ciphertexts, b->proof, t.openings, t.secrets, &t.setup,
		                       ctx, t.values, NULL, 0));
	}
}

static struct ballotproof_bytes bytes_of(const struct ballot *b)
{
	return (struct ballotproof_bytes){
		b->ciphertexts, ballotproof_ciphertexts_len(t.g, &t.layout),
		b->proof, ballotproof_len(t.g, &t.layout),
	};
}

static void verify(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ballotproof_bytes bytes = bytes_of(&t.ballots[i % t.ballots_len]);

		must(ballotproof_verify(&t.setup, &t.work, ctx, &bytes));
	}
}

/* Everything of one ballot into the batch; is_bad: a false signature. */
static void collect(const struct ballot *b, bool is_bad)
{
	const struct ballotproof_bytes bytes = bytes_of(b);
	struct schnorr_claim claim;
	struct element key;

	must(batch_item_open(&t.batch, ballotproof_batch_terms(&t.layout) + 2,
	                     ballotproof_batch_row(&t.layout)));
	must(group_decode_var(t.g, &key, b->key));
	must(schnorr_claim(t.g, &claim, &key, &t.message, b->sig, SIG_BYTES));
	if (is_bad)
		group_scalar_add(t.g, &claim.z, &claim.z, &claim.c);
	must(ballotproof_collect(&t.batch, &t.setup, &t.work, ctx, &bytes));
	batch_schnorr(&t.batch, BALLOTPROOF_BASE_G, &key, &claim);
	batch_item_close(&t.batch);
}

static void in_batch(size_t count, size_t bad_every)
{
	size_t bad_len;

	batch_reset(&t.batch);
	for (size_t i = 0; i < count; i++)
		collect(&t.ballots[i % t.ballots_len], bad_every > 0 && i % bad_every == 0);
	if ((batch_verify(&t.batch, t.bad, &bad_len) == ST_OK) != (bad_every == 0))
		abort();
}

static void batch_good(size_t count) { in_batch(count, 0); }
static void batch_one_bad(size_t count) { in_batch(count, count); }
static void batch_some_bad(size_t count) { in_batch(count, 64); }
static void batch_all_bad(size_t count) { in_batch(count, 1); }

/* --- set-up ------------------------------------------------------------------------------- */

static void set_up(const struct ballotlayout_rule *rule, const uint64_t *values, size_t batch)
{
	struct scalar k;
	struct element y;
	struct element *bases;
	struct batch_room room;
	double start;
	size_t bytes;

	t.g = group_ristretto255();
	must(ballotlayout_compile(&t.layout, NULL, 0, rule, 1));
	rng_scalar(t.g, &k);
	group_mul_base(t.g, &y, &k);
	bases = take((3 + t.layout.bits_len) * sizeof(*bases));
	start = now_us();
	must(ballotproof_bases(bases, t.g, &y, t.layout.bits_len));
	printf("%zu bits, %zu ciphertexts, %zu bytes; bases in us=%.0f\n", t.layout.bits_len,
	       t.layout.ciphertexts_len,
	       ballotproof_ciphertexts_len(t.g, &t.layout) + ballotproof_len(t.g, &t.layout),
	       now_us() - start);
	t.setup = (struct ballotproof_setup){ .g = t.g, .layout = &t.layout, .bases = bases,
		                              .bases_len = 3 + t.layout.bits_len };
	t.work.points_len = ballotproof_work_points(t.g, &t.layout);
	t.work.points = take(t.work.points_len * sizeof(struct element));
	t.work.scalars_len = ballotproof_work_scalars(&t.layout);
	t.work.scalars = take(t.work.scalars_len * sizeof(struct scalar));
	t.secrets = take(ballotproof_secrets_len(&t.layout) * sizeof(struct scalar));
	t.openings = take(ballotproof_openings_len(t.g, &t.layout));
	t.values = take(t.layout.ciphertexts_len * sizeof(uint64_t));
	for (size_t i = 0; i < t.layout.ciphertexts_len; i++)
		t.values[i] = values[i % 20];
	room = (struct batch_room){ batch, batch * (ballotproof_batch_terms(&t.layout) + 2),
		                    batch * ballotproof_batch_row(&t.layout) };
	bytes = batch_bytes(t.g, t.setup.bases_len, &room);
	batch_init(&t.batch, t.g, bases, t.setup.bases_len, &room, take(bytes), bytes);
	printf("batch of %zu: %zu KiB\n", batch, bytes / 1024);
}

static void make_ballots(size_t count)
{
	t.message = (struct message){ .purpose = "bench", .group = t.g, .body = "b",
		                      .body_len = 1 };
	t.ballots_len = count;
	for (size_t i = 0; i < DISTINCT; i++) {
		struct ballot *b = &t.ballots[i];
		struct scalar secret;
		struct element key;

		b->ciphertexts = take(ballotproof_ciphertexts_len(t.g, &t.layout));
		b->proof = take(ballotproof_len(t.g, &t.layout));
		schnorr_keygen(t.g, &secret, &key);
		group_encode(t.g, b->key, &key);
		must(schnorr_sign(t.g, b->sig, &secret, &t.message));
	}
	prove(count);
}

/* Memory of a round is left to the end of the process. */
static void bench(const char *name, const struct ballotlayout_rule *rule, const uint64_t *values,
                  size_t ballots, size_t batch)
{
	struct group_table *tables;

	printf("-- %s\n", name);
	set_up(rule, values, batch);
	make_ballots(ballots);
	decode_us = least_us(decode, 4000);
	print("decode", decode_us);
	print("prove", least_us(prove, ballots));
	tables = take(8 * sizeof(*tables));
	ballotproof_tables(tables, 7 < t.layout.bits_len + 2 ? 7 : t.layout.bits_len + 2, t.g,
	                   t.setup.bases);
	t.setup.tables = tables;
	t.setup.tables_len = 7 < t.layout.bits_len + 2 ? 7 : t.layout.bits_len + 2;
	print("prove with 7 tables", least_us(prove, ballots));
	print("verify one by one", least_us(verify, ballots));
	for (size_t n = 1; n <= batch; n *= 4) {
		char what[64];

		snprintf(what, sizeof(what), "batch of %zu, with signature", n);
		print(what, least_us(batch_good, n));
	}
	print("largest batch, one bad", least_us(batch_one_bad, batch));
	print("largest batch, one in 64 bad", least_us(batch_some_bad, batch));
	print("largest batch, all bad", least_us(batch_all_bad, batch));
}

int main(void)
{
	static const struct ballotlayout_rule one_of_5 = { 0, 5, 1, 1, 1, false };
	static const struct ballotlayout_rule five_of_100 = { 0, 100, 1, 0, 5, false };
	static const uint64_t one[20] = { 0, 0, 1 };

	if (crypto_init() != ST_OK)
		return 1;
	bench("choose 1 of 5", &one_of_5, one, DISTINCT, 1024);
	bench("choose at most 5 of 100", &five_of_100, one, 8, 64);
	return 0;
}
