/*
 * ct_ballotproof.c: does the prover of a ballot take branches or addresses from the selection?
 *
 * As ct_group.c, with the selection marked as undefined under memcheck.  Every bit is hashed into
 * every nonce and mask, so that they are undefined too.  Three questions are excused, which honest
 * selections answer alike but with probability 2^-251: are the values legal, is rho zero, and is x.
 *
 * Exit: 0 all as expected, 1 a leak or a control that shows none, 2 not under valgrind.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

enum { BITS = 32, NUMBERS = 8, TABLES = 4, SECRETS = 128, EXCUSED = 3 };

static const struct ballotlayout_rule RULES[] = {
	{ 0, 2, 1, 1, 1, true }, { 1, 2, 5, 1, 7, false }, { 2, 1, 3, 0, 3, false },
};
static const uint64_t VALUES[] = { 0, 0, 1, 5, 2, 3 };

static struct ballotlayout layout;
static struct element bases[3 + BITS];
static struct group_table tables[TABLES];   /* of y, h, G_1 and G_2; the rest goes without */
static struct scalar secrets[SECRETS];
static uint8_t ciphertexts[64 * NUMBERS];
static uint8_t proof[32 * (6 + BITS + 3)];
static uint8_t openings[32 * NUMBERS];
static uint8_t bits[BALLOTLAYOUT_BITS_MAX];
static uint8_t ctx[BALLOTPROOF_CTX_BYTES];
static struct ballotproof_setup setup;

static bool set_up(void)
{
	const struct group *g = group_ristretto255();
	struct element y;
	struct scalar k;

	rng_scalar(g, &k);
	group_mul_base(g, &y, &k);
	if (ballotlayout_compile(&layout, NULL, 0, RULES, sizeof(RULES) / sizeof(RULES[0])) !=
	            ST_OK ||
	    layout.bits_len > BITS || layout.ciphertexts_len > NUMBERS ||
	    ballotproof_secrets_len(&layout) > SECRETS ||
	    ballotproof_bases(bases, g, &y, layout.bits_len) != ST_OK)
		return false;
	ballotproof_tables(tables, TABLES, g, bases);
	setup = (struct ballotproof_setup){
		.g = g, .layout = &layout, .bases = bases, .bases_len = 3 + layout.bits_len,
		.tables = tables, .tables_len = TABLES,
	};
	return true;
}

static enum status prove(const uint64_t *values)
{
	return ballotproof_prove(ciphertexts, proof, openings, secrets, &setup, ctx, values, NULL,
	                         0);
}

static enum status make_bits(const uint64_t *values)
{
	return ballotproof_bits(bits, &layout, values) ? ST_OK : ST_RANGE;
}

/* Control: a digit by a branch. */
static enum status branch(const uint64_t *values)
{
	for (size_t i = 0; i < layout.ciphertexts_len; i++)
		if (values[i] >= 2)
			bits[i] = 1;
	return ST_OK;
}

static const struct {
	const char *name;
	enum status (*run)(const uint64_t *values);
	unsigned long excused;
	bool is_control;
} cases[] = {
	{ "ballotproof_bits", make_bits, 1, false },
	{ "ballotproof_prove", prove, EXCUSED, false },
	{ "branch", branch, 0, true },
};

int main(void)
{
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_ballotproof: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK || !set_up())
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = VALGRIND_COUNT_ERRORS;
		uint64_t values[sizeof(VALUES) / sizeof(VALUES[0])];
		unsigned long leaks;
		enum status st;

		memcpy(values, VALUES, sizeof(values));
		VALGRIND_MAKE_MEM_UNDEFINED(values, sizeof(values));
		st = cases[i].run(values);
		leaks = VALGRIND_COUNT_ERRORS - before;
		VALGRIND_MAKE_MEM_DEFINED(&st, sizeof(st));
		if (st == ST_OK && (leaks > cases[i].excused) == cases[i].is_control)
			continue;
		printf("%s: %lu complaints, %lu expected (%s)\n", cases[i].name, leaks,
		       cases[i].excused, status_name(st));
		bad = 1;
	}
	printf("constant time: the prover of a ballot, %s\n",
	       bad ? "NOT as expected" : "as expected");
	return bad;
}
