/*
 * ct_proofs.c: do encryption, signatures and proofs take branches or addresses from secrets?
 *
 * As ct_group.c, with secrets marked as undefined under memcheck.  What a function gives out
 * depends on its secrets and is public all the same; so does the one branch that is excused, the
 * question whether a secret or a nonce is zero, which is answered alike for every key but with
 * probability 1/q.  Each case says how often it asks that.
 *
 * Exit: 0 all as expected, 1 a leak or a control that shows none, 2 not under valgrind.
 */
#include "crypto/dleq.h"
#include "crypto/elgamal.h"
#include "crypto/mem.h"
#include "crypto/pok.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"
#include "crypto/sign.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* Secrets: k, r, number, entropy, the signing key.  Everything else is public. */
struct bench {
	const struct group *g;
	struct scalar k, r, number;
	uint8_t entropy[NONCE_ENTROPY_BYTES];
	struct sign_secret sign;
	struct element y, base, c[3], d[3];
	struct group_table table;
	struct ciphertext ct;
	struct message m;
	uint8_t context[POK_CONTEXT_BYTES];
	uint8_t out[GROUP_ELEMENT_BYTES_MAX + GROUP_SCALAR_BYTES_MAX];
};

static enum status encrypt(struct bench *t)
{
	elgamal_encrypt(t->g, &t->ct, &t->y, NULL, &t->r, &t->number);
	return ST_OK;
}

static enum status encrypt_by_table(struct bench *t)
{
	elgamal_encrypt(t->g, &t->ct, &t->y, &t->table, &t->r, &t->number);
	return ST_OK;
}

static enum status sign_schnorr(struct bench *t)
{
	return schnorr_sign(t->g, t->out, &t->k, &t->m);
}

static enum status sign_ed25519(struct bench *t)
{
	sign_message(&t->sign, t->out, &t->m);
	return ST_OK;
}

static enum status prove_knowledge(struct bench *t)
{
	return pok_prove_from(t->g, t->out, "ct", t->context, &t->base, &t->k, t->entropy);
}

static enum status prove_equality(struct bench *t)
{
	const struct dleq_statement s = { .purpose = "ct", .b = &t->y, .c = t->c, .d = t->d,
	                                  .count = 3 };

	return dleq_prove(t->g, t->out, &s, &t->k);
}

/* Control: made for what is published. */
static enum status open_published(struct bench *t)
{
	return elgamal_open_var(t->g, &t->ct, &t->y, &t->r, 1) == ST_INTERNAL ? ST_INTERNAL : ST_OK;
}

static const struct {
	const char *name;
	enum status (*run)(struct bench *t);
	unsigned long zero_tests;
	bool is_control;
} cases[] = {
	{ "elgamal_encrypt", encrypt, 0, false },
	{ "elgamal_encrypt by table", encrypt_by_table, 0, false },
	{ "schnorr_sign", sign_schnorr, 2, false },
	{ "sign_message", sign_ed25519, 0, false },
	{ "pok_prove_from", prove_knowledge, 2, false },
	{ "dleq_prove", prove_equality, 1, false },
	{ "elgamal_open_var", open_published, 0, true },
};

static void prepare(struct bench *t, const struct group *g)
{
	uint8_t key[SIGN_KEY_BYTES];

	memset(t, 0, sizeof(*t));
	t->g = g;
	t->m = (struct message){ .purpose = "ct", .group = g, .body = "b", .body_len = 1 };
	rng_scalar(g, &t->k);
	rng_scalar(g, &t->r);
	group_scalar_u64(g, &t->number, 1);
	rng_bytes(t->entropy, sizeof(t->entropy));
	sign_keygen(&t->sign, key);
	group_mul_base(g, &t->y, &t->k);
	group_table_init(g, &t->table, &t->y);
	group_add(g, &t->base, &t->y, &t->y);
	for (size_t i = 0; i < 3; i++) {
		group_mul_base(g, &t->c[i], &t->r);
		group_mul(g, &t->d[i], &t->c[i], &t->k);
	}
	VALGRIND_MAKE_MEM_UNDEFINED(&t->k, sizeof(t->k));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->r, sizeof(t->r));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->number, sizeof(t->number));
	VALGRIND_MAKE_MEM_UNDEFINED(t->entropy, sizeof(t->entropy));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->sign, 32);   /* the seed; the public key behind it is not */
}

int main(void)
{
	static struct bench t;
	const struct group *const groups[] = { group_ristretto255(), group_belenios2048(),
	                                       group_rfc3526_2048() };
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_proofs: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK)
		return 1;
	for (size_t n = 0; n < sizeof(groups) / sizeof(groups[0]); n++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			unsigned long before, leaks;
			enum status st;

			prepare(&t, groups[n]);
			before = VALGRIND_COUNT_ERRORS;
			st = cases[i].run(&t);
			leaks = VALGRIND_COUNT_ERRORS - before;
			VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
			VALGRIND_MAKE_MEM_DEFINED(&st, sizeof(st));
			if (st == ST_OK && (leaks > cases[i].zero_tests) == cases[i].is_control)
				continue;
			printf("%s %s: %lu complaints, %lu expected (%s)\n", group_name(groups[n]),
			       cases[i].name, leaks, cases[i].zero_tests, status_name(st));
			bad = 1;
		}
	printf("constant time: %zu functions in %zu groups, %s\n", sizeof(cases) / sizeof(cases[0]),
	       sizeof(groups) / sizeof(groups[0]), bad ? "NOT as expected" : "all as expected");
	return bad;
}
