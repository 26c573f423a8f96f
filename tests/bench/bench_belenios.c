/*
 * bench_belenios.c: what a ballot of the Belenios dialect costs: at most one of five, one question,
 * signature included, each group.
 *
 * Prints key=value lines in units of D (unit.h, docs/bench.md), and in exponentiations modulo p of
 * the same run, as GMP's mpz_powm does them for any program.
 */
#include "tests/bench/unit.h"

#include "crypto/belenios_answer.h"
#include "crypto/decimal.h"
#include "crypto/rng.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7, CHOICES = 5, CASES = 2, BALLOTS = 4 };

static const struct belenios_question QUESTION = {.answers = CHOICES, .min = 0, .max = 1};
static const char HASH[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGg";

struct bench {
	const struct group *g;
	struct element *tables;
	struct orproof_key key;
	struct scalar secret;
	struct element credential;
	struct belenios_proof signature;
	struct ciphertext choices[CHOICES];
	struct belenios_proof individual[CHOICES][CASES];
	struct belenios_proof overall[CASES];
	struct belenios_answer answer;
	struct belenios_voter voter;
	struct scalar r[CHOICES];
};

static void make(void *ctx)
{
	static const uint8_t VALUES[CHOICES] = {0, 0, 1, 0, 0};
	struct bench *t = ctx;

	if (belenios_answer_make(&t->voter, &QUESTION, &t->answer, t->r, VALUES) != ST_OK ||
	    belenios_ballot_sign(t->g, &t->signature, &t->secret, HASH) != ST_OK)
		abort();
}

static void verify(void *ctx)
{
	struct bench *t = ctx;

	for (int i = 0; i < BALLOTS; i++)
		if (belenios_answer_verify_var(&t->voter, &QUESTION, &t->answer, NULL) != ST_OK ||
		    belenios_ballot_check_var(t->g, &t->credential, HASH, &t->signature) != ST_OK)
			abort();
}

static void power(void *ctx)
{
	struct bench *t = ctx;
	struct element out;

	for (int i = 0; i < BALLOTS; i++)
		group_mul_var(t->g, &out, &t->credential, &t->r[i]);
}

static void tables(void *ctx)
{
	struct bench *t = ctx;

	if (orproof_key_init(&t->key, t->tables, t->g, &t->credential) != ST_OK)
		abort();
}

static void run(const char *prefix, const struct group *g)
{
	static struct bench t;
	double one;

	t = (struct bench){.g = g};
	t.tables = aligned_alloc(64, orproof_key_room(g) * sizeof(*t.tables));
	if (t.tables == NULL)
		abort();
	rng_scalar(g, &t.secret);
	group_mul_base(g, &t.credential, &t.secret);
	t.voter = (struct belenios_voter){&t.key, HASH, &t.credential};
	t.answer = (struct belenios_answer){t.choices, t.individual, t.overall, NULL};
	unit_prefix(prefix);
	unit_print("tables", unit_cost(tables, &t, 1, ROUNDS));
	unit_print("make", unit_cost(make, &t, 1, ROUNDS));
	one = unit_cost(power, &t, BALLOTS, ROUNDS);
	unit_print("power", one);
	unit_print("verify", unit_cost(verify, &t, BALLOTS, ROUNDS));
	free(t.tables);
}

int main(void)
{
	unit_init();
	run("belenios_2048_", group_belenios2048());
	run("rfc3526_2048_", group_rfc3526_2048());
	unit_prefix("belenios_");
	unit_print_decode();
	return 0;
}
