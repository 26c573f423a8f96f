/*
 * bench_ballotproof.c: what the proof of a ballot costs by itself: proving, verifying one by one,
 * and batches from bytes, each ballot with a Schnorr signature whose key is decoded too.
 *
 * Prints key=value lines for one ballot in units of D (unit.h, docs/bench.md).
 */
#include "tests/bench/unit.h"

#include "crypto/ballotproof.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 5, BALLOTS_MAX = 1024, DISTINCT = 64, KEY_BYTES = 32, SIG_BYTES = 64 };

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

/* A round of so many ballots. */
struct round {
	void (*run)(size_t count);
	size_t count;
};

static void run_round(void *round)
{
	const struct round *r = round;

	r->run(r->count);
}

static void print(const char *what, void (*run)(size_t count), size_t count)
{
	struct round r = { run, count };

	unit_print(what, unit_cost(run_round, &r, count, ROUNDS));
}

/* --- what is measured --------------------------------------------------------------------- */

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
	size_t bytes;

	t.g = group_ristretto255();
	must(ballotlayout_compile(&t.layout, NULL, 0, rule, 1));
	rng_scalar(t.g, &k);
	group_mul_base(t.g, &y, &k);
	bases = take((3 + t.layout.bits_len) * sizeof(*bases));
	must(ballotproof_bases(bases, t.g, &y, t.layout.bits_len));
	unit_print_size("bytes", ballotproof_ciphertexts_len(t.g, &t.layout) +
	                         ballotproof_len(t.g, &t.layout));
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
	unit_print_size("batch_room_bytes", bytes);
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
static void bench(const char *prefix, const struct ballotlayout_rule *rule, const uint64_t *values,
                  size_t ballots, size_t batch)
{
	struct group_table *tables;

	unit_prefix(prefix);
	set_up(rule, values, batch);
	make_ballots(ballots);
	print("prove", prove, ballots);
	tables = take(8 * sizeof(*tables));
	ballotproof_tables(tables, 7 < t.layout.bits_len + 2 ? 7 : t.layout.bits_len + 2, t.g,
	                   t.setup.bases);
	t.setup.tables = tables;
	t.setup.tables_len = 7 < t.layout.bits_len + 2 ? 7 : t.layout.bits_len + 2;
	print("prove_with_7_tables", prove, ballots);
	print("verify", verify, ballots);
	for (size_t n = 1; n <= batch; n *= 4) {
		char what[64];

		(void)snprintf(what, sizeof(what), "verify_batch_%zu", n);
		print(what, batch_good, n);
	}
	print("verify_largest_one_bad", batch_one_bad, batch);
	print("verify_largest_one_in_64_bad", batch_some_bad, batch);
	print("verify_largest_all_bad", batch_all_bad, batch);
}

int main(void)
{
	static const struct ballotlayout_rule one_of_5 = { 0, 5, 1, 1, 1, false };
	static const struct ballotlayout_rule five_of_100 = { 0, 100, 1, 0, 5, false };
	static const uint64_t one[20] = { 0, 0, 1 };

	unit_init();
	bench("proof_1_of_5_", &one_of_5, one, DISTINCT, 1024);
	bench("proof_5_of_100_", &five_of_100, one, 8, 64);
	unit_prefix("proof_");
	unit_print_decode();
	return 0;
}
