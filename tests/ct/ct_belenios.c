/*
 * ct_belenios.c: do the secrets of the Belenios dialect decide branches or addresses: votes and
 * their randomness, codes, keys of trustees?
 *
 * As ct_ceremony.c.  What is written in decimal to be hashed is published: commitments, keys and
 * ciphertexts.  A wrapper before that function marks it as defined; another marks every random
 * scalar as undefined.
 *
 * Exit: 0 all as expected, 1 not so, 2 not under valgrind.
 */
#include "crypto/belenios_answer.h"
#include "crypto/belenios_credential.h"
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

enum { ANSWERS = 2, CHOICES = 3, OVERALL = 3 };

static const struct belenios_question QUESTION = {.answers = ANSWERS, .min = 0, .max = 1,
                                                  .blank = true};
static const char HASH[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGg";
static const char CODE[] = "Y4D-FjS-Eui-6VW-824";
static const char SEED[] = "6LMbhAT1Mmn8pPQQoGfWAQ";

struct bench {
	const struct group *g;
	struct orproof_key orkey;
	struct element key, alpha, factor;
	struct scalar x;
	uint8_t values[CHOICES];
	char code[BELENIOS_CODE_TEXT];
	char seed[BELENIOS_SEED_CHARS + 1];
	char text[DECIMAL_TEXT];
	struct belenios_trustee trustee;
	struct belenios_proof proof;
	struct ciphertext choices[CHOICES];
	struct belenios_proof individual[CHOICES][2];
	struct belenios_proof overall[OVERALL];
	struct belenios_proof blank[2];
	struct scalar r[CHOICES];
	enum status st;
};

static struct bench t;
static struct element *tables;

size_t __real_decimal_element_write_var(const struct group *g, char *out, const struct element *a);
size_t __wrap_decimal_element_write_var(const struct group *g, char *out, const struct element *a);
void __real_rng_scalar(const struct group *g, struct scalar *out);
void __wrap_rng_scalar(const struct group *g, struct scalar *out);

size_t __wrap_decimal_element_write_var(const struct group *g, char *out, const struct element *a)
{
	struct element published = *a;

	VALGRIND_MAKE_MEM_DEFINED(&published, sizeof(published));
	return __real_decimal_element_write_var(g, out, &published);
}

void __wrap_rng_scalar(const struct group *g, struct scalar *out)
{
	__real_rng_scalar(g, out);
	VALGRIND_MAKE_MEM_UNDEFINED(out, sizeof(*out));
}

static void key_prove(void)
{
	t.st = belenios_key_prove(t.g, &t.proof, &t.factor, &t.x);
}

static void ballot_sign(void)
{
	t.st = belenios_ballot_sign(t.g, &t.proof, &t.x, HASH);
}

static void message_sign(void)
{
	t.st = belenios_message_sign(t.g, &t.proof, &t.x, HASH, sizeof(HASH) - 1);
}

static void decrypt(void)
{
	t.st = belenios_decrypt(t.g, &t.factor, &t.proof, &t.x, &t.key, HASH, &t.alpha);
}

static void trustee_derive(void)
{
	t.st = belenios_trustee_derive(t.g, &t.trustee, t.seed, BELENIOS_SEED_CHARS);
}

static void credential_derive(void)
{
	t.st = belenios_credential_derive(t.g, &t.x, &t.factor, t.code, sizeof(CODE) - 1,
	                                  "cq5muiFMtJ3K1o");
}

static void answer_make(void)
{
	struct belenios_voter v = {&t.orkey, HASH, &t.alpha};
	struct belenios_answer a = {t.choices, t.individual, t.overall, t.blank};

	t.st = belenios_answer_make(&v, &QUESTION, &a, t.r, t.values);
}

static void scalar_write(void)
{
	size_t len = decimal_scalar_write(t.g, t.text, &t.x);

	t.st = decimal_scalar_read(t.g, &t.x, t.text, len);
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int verdicts;
	const char *about;
} cases[] = {
	{"belenios_key_prove", key_prove, 2, "the secret and the nonce are not 0"},
	{"belenios_ballot_sign", ballot_sign, 2, "the secret and the nonce are not 0"},
	{"belenios_message_sign", message_sign, 2, "the secret and the nonce are not 0"},
	{"belenios_decrypt", decrypt, 2, "the secret is the key's, the nonce is not 0"},
	{"belenios_trustee_derive", trustee_derive, 3, "it is a seed, the keys are not 0"},
	{"belenios_credential_derive", credential_derive, 3, "it is a code, the secret is not 0"},
	{"belenios_answer_make", answer_make, 23, "it is an answer, none of 22 nonces is 0"},
	{"decimal_scalar", scalar_write, 6, "how many digits; they are digits, and below q"},
};

static void prepare(const struct group *g)
{
	struct scalar r;

	memset(&t, 0, sizeof(t));
	t.g = g;
	group_scalar_u64(g, &r, 5);
	group_scalar_neg(g, &t.x, &r);   /* as long in decimal in every run */
	rng_scalar(g, &r);
	VALGRIND_MAKE_MEM_DEFINED(&r, sizeof(r));
	group_mul_base(g, &t.key, &t.x);
	group_mul_base(g, &t.alpha, &r);
	if (orproof_key_init(&t.orkey, tables, g, &t.alpha) != ST_OK)
		abort();
	t.values[1] = 1;
	memcpy(t.code, CODE, sizeof(CODE));
	memcpy(t.seed, SEED, sizeof(SEED));
	VALGRIND_MAKE_MEM_UNDEFINED(&t.x, sizeof(t.x));
	VALGRIND_MAKE_MEM_UNDEFINED(t.values, sizeof(t.values));
	VALGRIND_MAKE_MEM_UNDEFINED(t.code, sizeof(CODE) - 1);
	VALGRIND_MAKE_MEM_UNDEFINED(t.seed, sizeof(SEED) - 1);
}

int main(void)
{
	const struct group *g = group_belenios2048();
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_belenios: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	tables = calloc(orproof_key_room(g), sizeof(*tables));
	if (crypto_init() != ST_OK || tables == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before;
		unsigned long seen;

		prepare(g);
		before = VALGRIND_COUNT_ERRORS;
		cases[i].run();
		seen = VALGRIND_COUNT_ERRORS - before;
		VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
		if (seen == cases[i].verdicts && t.st == ST_OK)
			continue;
		printf("%s: %s, %lu jumps or addresses depend on secrets, %u may: %s\n",
		       cases[i].name, status_name(t.st), seen, cases[i].verdicts, cases[i].about);
		bad = 1;
	}
	free(tables);
	printf("constant time: %zu provers of the Belenios dialect, %s\n",
	       sizeof(cases) / sizeof(cases[0]), bad ? "NOT as expected" : "all as expected");
	return bad;
}
