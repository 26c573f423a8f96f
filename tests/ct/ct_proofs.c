/*
 * ct_proofs.c: do those who prove, sign and encrypt take branches or addresses from their secrets?
 *
 * As ct_group.c.  What a prover publishes depends on its secrets, and memcheck cannot know that it
 * is public from there on; so each case says how many verdicts it takes on such values ("the
 * challenge is not 0"), and no more may be seen.
 *
 * Exit: 0 all as expected, 1 not so, 2 not under valgrind.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/dleq.h"
#include "crypto/elgamal.h"
#include "crypto/mem.h"
#include "crypto/pok.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"
#include "crypto/shamir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

enum {
	BITS_MAX = 64,       /* of the ballot below */
	VALUES_MAX = 16,
	DEVICE_BYTES = 32,
	SECRETS_MAX = 512,
	OUT_BYTES = 16384
};

static const struct ballotlayout_rule RULES[] = {
	{0, 5, 1, 1, 1, true},    /* choose 1 of 5, or blank */
	{1, 3, 5, 0, 9, true},    /* 0 to 5 points each, 9 at most, or blank */
};
/* Blank flag first: option 1 in the first contest, 0 3 4 points in the second. */
static const uint64_t CHOICES[] = {0, 1, 0, 0, 0, 0, 0, 0, 3, 4};

struct bench {
	const struct group *g;
	struct scalar k;
	struct scalar coeffs[4];
	struct element pk, other, image;
	struct group_table table;
	uint8_t context[64];
	uint8_t device[DEVICE_BYTES];
	uint64_t values[VALUES_MAX];
	struct ballotlayout layout;
	struct ballotproof_setup setup;
	struct element bases[BALLOTPROOF_BASE_G1 + BITS_MAX];
	struct scalar secrets[SECRETS_MAX];
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];
	uint8_t out[OUT_BYTES];
	uint8_t proof[OUT_BYTES];
	uint8_t openings[OUT_BYTES];
	enum status st;
};

static void ballot_bits(struct bench *t)
{
	t->st = ballotproof_bits(t->bits, &t->layout, t->values) ? ST_OK : ST_RANGE;
}

static void ballot_prove(struct bench *t)
{
	t->st = ballotproof_prove(t->out, t->proof, t->openings, t->secrets, &t->setup, t->context,
	                          t->values, t->device, sizeof(t->device));
}

static void sign(struct bench *t)
{
	struct message m = {.purpose = "ct", .group = t->g};

	t->st = schnorr_sign(t->g, t->out, &t->k, &m);
}

static void prove_equality(struct bench *t)
{
	struct dleq_statement s = {.purpose = "ct", .b = &t->pk, .c = &t->other, .d = &t->image,
	                           .count = 1};

	t->st = dleq_prove(t->g, t->out, &s, &t->k);
}

static void prove_knowledge(struct bench *t)
{
	t->st = pok_prove(t->g, t->out, "ct", t->context, NULL, &t->k);
}

static void encrypt(struct bench *t)
{
	struct ciphertext c;

	elgamal_encrypt_u64(t->g, &c, &t->pk, &t->table, &t->k, t->values[1]);
	elgamal_encrypt(t->g, &c, &t->pk, NULL, &t->k, &t->coeffs[0]);
	t->st = ST_OK;
}

static void share(struct bench *t)
{
	shamir_eval(t->g, &t->secrets[0], 3, t->coeffs, 4);
	t->st = ST_OK;
}

static const struct {
	const char *name;
	void (*run)(struct bench *t);
	unsigned int verdicts;
	const char *about;
} cases[] = {
	{"ballotproof_bits", ballot_bits, 0, "none"},
	{"ballotproof_prove", ballot_prove, 3, "the values are legal, rho and x are not 0"},
	{"schnorr_sign", sign, 2, "the secret and the nonce are not 0"},
	{"dleq_prove", prove_equality, 1, "the nonce is not 0"},
	{"pok_prove", prove_knowledge, 2, "the secret and the nonce are not 0"},
	{"elgamal_encrypt", encrypt, 0, "none"},
	{"shamir_eval", share, 0, "none"},
};

static void prepare(struct bench *t)
{
	const struct group *g = group_ristretto255();

	memset(t, 0, sizeof(*t));
	t->g = g;
	rng_scalar(g, &t->k);
	for (size_t i = 0; i < 4; i++)
		rng_scalar(g, &t->coeffs[i]);
	group_mul_base(g, &t->pk, &t->k);
	group_mul_base(g, &t->other, &t->coeffs[0]);
	group_mul(g, &t->image, &t->other, &t->k);
	group_table_init(g, &t->table, &t->pk);
	rng_bytes(t->device, sizeof(t->device));
	if (ballotlayout_compile(&t->layout, NULL, 0, RULES, 2) != ST_OK ||
	    t->layout.bits_len > BITS_MAX ||
	    t->layout.ciphertexts_len != sizeof(CHOICES) / sizeof(CHOICES[0]) ||
	    ballotproof_secrets_len(&t->layout) > SECRETS_MAX ||
	    ballotproof_len(g, &t->layout) > OUT_BYTES ||
	    ballotproof_ciphertexts_len(g, &t->layout) > OUT_BYTES ||
	    ballotproof_bases(t->bases, g, &t->pk, t->layout.bits_len) != ST_OK)
		abort();
	t->setup = (struct ballotproof_setup){
		.g = g, .layout = &t->layout, .bases = t->bases,
		.bases_len = BALLOTPROOF_BASE_G1 + t->layout.bits_len,
	};
	memcpy(t->values, CHOICES, sizeof(CHOICES));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->k, sizeof(t->k));
	VALGRIND_MAKE_MEM_UNDEFINED(t->coeffs, sizeof(t->coeffs));
	VALGRIND_MAKE_MEM_UNDEFINED(t->device, sizeof(t->device));
	VALGRIND_MAKE_MEM_UNDEFINED(t->values, sizeof(t->values));
}

int main(void)
{
	static struct bench t;
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_proofs: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before;
		unsigned long seen;

		prepare(&t);
		before = VALGRIND_COUNT_ERRORS;
		cases[i].run(&t);
		seen = VALGRIND_COUNT_ERRORS - before;
		VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
		if (seen == cases[i].verdicts && t.st == ST_OK)
			continue;
		printf("%s: %s, %lu jumps or addresses depend on secrets, %u may: %s\n",
		       cases[i].name, status_name(t.st), seen, cases[i].verdicts,
		       cases[i].about);
		bad = 1;
	}
	printf("constant time: %zu provers, %s\n", sizeof(cases) / sizeof(cases[0]),
	       bad ? "NOT as expected" : "all as expected");
	return bad;
}
