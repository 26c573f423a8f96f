/*
 * ct_credential.c: does handling a voter's code take branches or addresses from its characters?
 *
 * As ct_proofs.c: the secrets are marked as undefined, and each case says how many verdicts it
 * takes on them.
 *
 * Exit: 0 all as expected, 1 not so, 2 not under valgrind.
 */
#include "common/election/credential.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

static const char TYPED[] = "o123-4567-89ab-cdef-GHJK-MN0J";

struct bench {
	struct credential_code code;
	struct credential credential;
	char text[CREDENTIAL_CODE_TEXT];
	uint8_t election_id[HASH256_BYTES];
	enum status st;
};

static void complete(struct bench *t)
{
	VALGRIND_MAKE_MEM_UNDEFINED(t->code.digit, CREDENTIAL_CODE_DATA);
	/* What a digit is not, above its five bits, is no secret. */
	for (size_t i = 0; i < CREDENTIAL_CODE_DATA; i++)
		t->code.digit[i] &= 31;
	credential_code_complete(&t->code);
	t->st = ST_OK;
}

static void format(struct bench *t)
{
	complete(t);
	credential_code_format(t->text, &t->code);
}

static void parse(struct bench *t)
{
	memcpy(t->text, TYPED, sizeof(TYPED));
	for (size_t i = 0; i < sizeof(TYPED) - 1; i++)
		if (t->text[i] != '-')
			VALGRIND_MAKE_MEM_UNDEFINED(&t->text[i], 1);
	t->st = credential_code_parse(&t->code, NULL, t->text, sizeof(TYPED) - 1);
}

static void derive(struct bench *t)
{
	complete(t);
	t->st = credential_derive(&t->credential, group_ristretto255(), t->election_id, &t->code);
}

static const struct {
	const char *name;
	void (*run)(struct bench *t);
	unsigned int least, most;   /* verdicts: compilers ask some twice */
	const char *about;
} cases[] = {
	{ "credential_code_complete", complete, 0, 0, "none" },
	{ "credential_code_format", format, 24, 24, "each of 24 digits is a digit (base32_symbol)" },
	{ "credential_code_parse", parse, 26, 28,
	  "24 characters are no hyphen or space; all are symbols; the checks hold" },
	{ "credential_derive", derive, 25, 25,
	  "each of 24 digits is a digit; the key is not zero" },
};

int main(void)
{
	static struct bench t;
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_credential: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK)
		return 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = VALGRIND_COUNT_ERRORS;
		unsigned long seen;

		cases[i].run(&t);
		seen = VALGRIND_COUNT_ERRORS - before;
		VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
		if (seen >= cases[i].least && seen <= cases[i].most && t.st == ST_OK)
			continue;
		printf("%s: %s, %lu jumps or addresses depend on secrets, %u to %u "
		       "may: %s\n", cases[i].name, status_name(t.st), seen, cases[i].least,
		       cases[i].most, cases[i].about);
		bad = 1;
	}
	printf("constant time: %zu uses of a code, %s\n", sizeof(cases) / sizeof(cases[0]),
	       bad ? "NOT as expected" : "all as expected");
	return bad;
}
