/*
 * test_belenios_answer.c: answers of the Belenios dialect: every legal choice can be proved, no
 * other, and no proof serves another ballot; the codes of voters (docs/belenios.md).
 */
#include "crypto/belenios_answer.h"
#include "crypto/belenios_credential.h"
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/vectors/belenios_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CHOICES_MAX = 5, OVERALL_MAX = 6, TABLES_MAX = 2 * 32 * 255 };

static const char HASH[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGg";
static const char OTHER[] = "sMWrhJ9k6nSC+huppOWq3HRrqwdY/2CHUMbZJh7NpGh";
static struct element *tables;

static int tables_make(void **state)
{
	(void)state;
	tables = calloc(TABLES_MAX, sizeof(*tables));
	return tables != NULL ? 0 : -1;
}

static int tables_free(void **state)
{
	(void)state;
	free(tables);
	return 0;
}

struct bench {
	const struct group *g;
	struct orproof_key key;
	struct element credential;
	struct belenios_question q;
	struct ciphertext choices[CHOICES_MAX];
	struct belenios_proof individual[CHOICES_MAX][2];
	struct belenios_proof overall[OVERALL_MAX];
	struct belenios_proof blank[2];
	struct scalar r[CHOICES_MAX];
	const char *fingerprint;
};

static struct belenios_answer view(struct bench *t)
{
	return (struct belenios_answer){t->choices, t->individual, t->overall,
	                                t->q.blank ? t->blank : NULL};
}

static struct belenios_voter voter(const struct bench *t)
{
	return (struct belenios_voter){&t->key, t->fingerprint, &t->credential};
}

static void open(struct bench *t, const struct group *g, struct belenios_question q)
{
	struct scalar x;
	struct element y;

	*t = (struct bench){.g = g, .q = q, .fingerprint = HASH};
	assert_true(orproof_key_room(g) <= TABLES_MAX);
	assert_true(belenios_choices(&q) <= CHOICES_MAX && belenios_overall_len(&q) <= OVERALL_MAX);
	rng_scalar(g, &x);
	group_mul_base(g, &y, &x);
	assert_int_equal(orproof_key_init(&t->key, tables, g, &y), ST_OK);
	rng_scalar(g, &x);
	group_mul_base(g, &t->credential, &x);
}

static enum status make(struct bench *t, const uint8_t *values)
{
	struct belenios_voter v = voter(t);
	struct belenios_answer a = view(t);

	return belenios_answer_make(&v, &t->q, &a, t->r, values);
}

static enum status verify(struct bench *t, size_t *wrong)
{
	struct belenios_voter v = voter(t);
	struct belenios_answer a = view(t);

	return belenios_answer_verify_var(&v, &t->q, &a, wrong);
}

static bool is_legal(const struct belenios_question *q, const uint8_t *values)
{
	uint32_t sum = 0;

	for (size_t i = q->blank ? 1 : 0; i < belenios_choices(q); i++)
		sum += values[i];
	if (q->blank && values[0] == 1)
		return sum == 0;
	return sum >= q->min && sum <= q->max;
}

/* The number whose bits are the values. */
static void values_of(uint8_t *values, const struct belenios_question *q, unsigned int bits)
{
	for (size_t i = 0; i < belenios_choices(q); i++)
		values[i] = bits >> i & 1;
}

static void every_choice(const struct group *g, struct belenios_question q, unsigned int step)
{
	struct bench t;

	open(&t, g, q);
	for (unsigned int bits = 0; bits < 1u << belenios_choices(&q); bits += step) {
		uint8_t values[CHOICES_MAX];

		values_of(values, &q, bits);
		if (!is_legal(&q, values)) {
			assert_int_equal(make(&t, values), ST_RANGE);
			assert_true(mem_is_zero(t.choices, belenios_choices(&q) * sizeof(*t.choices)));
			assert_true(mem_is_zero(t.r, belenios_choices(&q) * sizeof(*t.r)));
			continue;
		}
		assert_int_equal(make(&t, values), ST_OK);
		assert_int_equal(verify(&t, NULL), ST_OK);
		for (size_t i = 0; i < belenios_choices(&q); i++)
			assert_int_equal(elgamal_open_var(g, &t.choices[i], &t.key.y, &t.r[i],
			                                  values[i]), ST_OK);
	}
}

static void every_legal_choice_is_proved_and_no_other(void **state)
{
	static const struct belenios_question ONE = {.answers = 2, .min = 1, .max = 1};
	static const struct belenios_question SOME = {.answers = 3, .min = 1, .max = 2};
	static const struct belenios_question BLANK = {.answers = 3, .min = 1, .max = 2,
	                                               .blank = true};

	(void)state;
	every_choice(group_belenios2048(), ONE, 1);
	every_choice(group_belenios2048(), SOME, 2);
	every_choice(group_belenios2048(), BLANK, 1);
	every_choice(group_rfc3526_2048(), ONE, 1);
}

static void two_is_no_vote(void **state)
{
	static const struct belenios_question q = {.answers = 2, .min = 0, .max = 2};
	static const uint8_t TWO[] = {2, 0}, MANY[] = {255, 0};
	struct bench t;

	(void)state;
	open(&t, group_belenios2048(), q);
	assert_int_equal(make(&t, TWO), ST_RANGE);
	assert_int_equal(make(&t, MANY), ST_RANGE);
}

static void next(const struct group *g, struct scalar *s)
{
	struct scalar one;

	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, s, s, &one);
}

/* Every challenge and response of the answer, one after the other; NULL beyond the last. */
static struct scalar *field(struct bench *t, size_t i, size_t *proof)
{
	size_t choices = belenios_choices(&t->q), overall = belenios_overall_len(&t->q);
	struct belenios_proof *p;
	size_t n = i / 2;

	if (n < 2 * choices) {
		p = &t->individual[n / 2][n % 2];
		*proof = n / 2;
	} else if (n - 2 * choices < overall) {
		p = &t->overall[n - 2 * choices];
		*proof = choices;
	} else if (t->q.blank && n - 2 * choices - overall < 2) {
		p = &t->blank[n - 2 * choices - overall];
		*proof = choices + 1;
	} else {
		return NULL;
	}
	return i % 2 == 0 ? &p->challenge : &p->response;
}

static void every_altered_field_is_refused_by_name(void **state)
{
	static const struct belenios_question q = {.answers = 2, .min = 0, .max = 1, .blank = true};
	static const uint8_t VALUES[] = {0, 1, 0};
	struct bench good, bad;
	size_t proof = 0, fields = 0;

	(void)state;
	open(&good, group_belenios2048(), q);
	assert_int_equal(make(&good, VALUES), ST_OK);
	assert_int_equal(verify(&good, NULL), ST_OK);
	for (;; fields++) {
		struct scalar *s;
		size_t wrong = SIZE_MAX;

		bad = good;
		if ((s = field(&bad, fields, &proof)) == NULL)
			break;
		next(bad.g, s);
		assert_int_equal(verify(&bad, &wrong), ST_PROOF);
		assert_int_equal(wrong, proof);
	}
	assert_int_equal(fields, 2 * (6 + 3 + 2));
}

/* What the mutation did, and which proof says so first. */
static size_t mutate(struct bench *t, int what, const struct bench *other)
{
	struct element generator;

	group_generator(t->g, &generator);
	switch (what) {
	case 0:
		t->fingerprint = OTHER;
		return 0;
	case 1:
		t->credential = other->credential;
		return 0;
	case 2:   /* choices change places, with their proofs: the order is part of S */
		t->choices[1] = other->choices[2];
		t->choices[2] = other->choices[1];
		memcpy(t->individual[1], other->individual[2], sizeof(t->individual[1]));
		memcpy(t->individual[2], other->individual[1], sizeof(t->individual[2]));
		return 3;
	case 3:
		group_add(t->g, &t->choices[1].b, &t->choices[1].b, &generator);
		return 1;
	case 4:
		group_add(t->g, &t->choices[2].a, &t->choices[2].a, &generator);
		return 2;
	case 5:
		t->q.min = 1;
		t->q.max = 2;
		return 3;
	case 6:   /* the proofs of the sums for each other, the first case left out */
		memcpy(t->blank, t->overall, sizeof(t->blank));
		return 4;
	default:
		t->blank[0] = other->blank[1];
		t->blank[1] = other->blank[0];
		return 4;
	}
}

static void no_proof_serves_another_statement(void **state)
{
	static const struct belenios_question q = {.answers = 2, .min = 0, .max = 1, .blank = true};
	static const uint8_t VALUES[] = {0, 1, 0};
	struct bench good, bad;

	(void)state;
	open(&good, group_belenios2048(), q);
	assert_int_equal(make(&good, VALUES), ST_OK);
	for (int what = 0; what < 8; what++) {
		struct bench other = good;
		size_t want, wrong = SIZE_MAX;
		struct scalar x;

		rng_scalar(good.g, &x);
		group_mul_base(good.g, &other.credential, &x);
		bad = good;
		want = mutate(&bad, what, &other);
		assert_int_equal(verify(&bad, &wrong), ST_PROOF);
		assert_int_equal(wrong, want);
	}
	assert_int_equal(verify(&good, NULL), ST_OK);
}

/* Sums that are not allowed are not made allowed by an answer whose every choice is. */
static void a_legal_ballot_under_wider_rules_is_refused_under_narrower(void **state)
{
	static const struct belenios_question wide = {.answers = 3, .min = 0, .max = 3};
	static const uint8_t VALUES[] = {1, 1, 1};
	struct bench t;
	size_t wrong = SIZE_MAX;

	(void)state;
	open(&t, group_belenios2048(), wide);
	assert_int_equal(make(&t, VALUES), ST_OK);
	assert_int_equal(verify(&t, NULL), ST_OK);
	t.q.max = 2;
	assert_int_equal(verify(&t, &wrong), ST_PROOF);
	assert_int_equal(wrong, 3);
	t.q = (struct belenios_question){.answers = 3, .min = 2, .max = 1};
	assert_int_equal(verify(&t, NULL), ST_RANGE);
	t.q = (struct belenios_question){.answers = 0, .max = 1};
	assert_int_equal(verify(&t, NULL), ST_LIMIT);
	t.q = (struct belenios_question){.answers = BELENIOS_ANSWERS_MAX + 1};
	assert_int_equal(verify(&t, NULL), ST_LIMIT);
	t.q = (struct belenios_question){.answers = 1, .max = BELENIOS_ANSWERS_MAX + 1};
	assert_int_equal(verify(&t, NULL), ST_LIMIT);
}

static void a_number_outside_the_group_is_told_from_a_false_proof(void **state)
{
	static const struct belenios_question q = {.answers = 2, .min = 0, .max = 1};
	static const uint8_t VALUES[] = {0, 1};
	static const char *const P[] = {belenios2048_p, rfc3526_2048_p};

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		const struct group *g = n == 0 ? group_belenios2048() : group_rfc3526_2048();
		char text[DECIMAL_TEXT];
		struct bench t;
		size_t wrong = SIZE_MAX;

		open(&t, g, q);
		assert_int_equal(make(&t, VALUES), ST_OK);
		memcpy(text, P[n], strlen(P[n]) + 1);
		text[strlen(text) - 1]--;
		assert_int_equal(decimal_candidate_read_var(g, &t.choices[1].b, text,
		                                            strlen(text)), ST_OK);
		assert_int_equal(verify(&t, &wrong), ST_ELEMENT);
		assert_int_equal(wrong, 1);
	}
}

/* --- codes ---------------------------------------------------------------------------------- */

static void a_fresh_code_is_well_formed_and_mistyping_is_noticed(void **state)
{
	(void)state;
	for (int n = 0; n < 50; n++) {
		char code[BELENIOS_CODE_TEXT], bare[BELENIOS_CODE_TEXT];
		size_t len = 0;

		belenios_code_generate(code);
		assert_int_equal(strlen(code), BELENIOS_CODE_TEXT - 1);
		assert_int_equal(belenios_code_check(code, strlen(code)), ST_OK);
		for (size_t i = 0; i < strlen(code); i++) {
			char good = code[i];

			if (good != '-')
				bare[len++] = good;
			/* Digits 53 apart, as 2 and w are, pass for each other. */
			code[i] = good == '2' || good == 'w' ? '3' : '2';
			assert_int_not_equal(belenios_code_check(code, strlen(code)), ST_OK);
			code[i] = '0';
			assert_int_equal(belenios_code_check(code, strlen(code)), ST_FORMAT);
			code[i] = good;
		}
		assert_int_equal(belenios_code_check(bare, len), ST_OK);
		assert_int_equal(belenios_code_check(bare, len - 1), ST_FORMAT);
		assert_int_equal(belenios_code_check(code, len), ST_FORMAT);
	}
	assert_int_equal(belenios_code_check("", 0), ST_FORMAT);
}

static void a_mistyped_code_gives_no_key(void **state)
{
	/* The first of a run of belenios-tool, as it is and altered. */
	static const char GOOD[] = "Y4D-FjS-Eui-6VW-824", BAD[] = "Y4D-FjS-Eui-6WV-824";
	const struct group *g = group_belenios2048();
	struct element pub;
	struct scalar secret;

	(void)state;
	assert_int_equal(belenios_credential_derive(g, &secret, &pub, GOOD, strlen(GOOD),
	                                            "cq5muiFMtJ3K1o"), ST_OK);
	assert_false(group_is_identity(g, &pub));
	assert_int_equal(belenios_credential_derive(g, &secret, &pub, BAD, strlen(BAD),
	                                            "cq5muiFMtJ3K1o"), ST_CODE);
	assert_true(group_is_identity(g, &pub) && group_scalar_is_zero(g, &secret));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_legal_choice_is_proved_and_no_other),
		cmocka_unit_test(two_is_no_vote),
		cmocka_unit_test(every_altered_field_is_refused_by_name),
		cmocka_unit_test(no_proof_serves_another_statement),
		cmocka_unit_test(a_legal_ballot_under_wider_rules_is_refused_under_narrower),
		cmocka_unit_test(a_number_outside_the_group_is_told_from_a_false_proof),
		cmocka_unit_test(a_fresh_code_is_well_formed_and_mistyping_is_noticed),
		cmocka_unit_test(a_mistyped_code_gives_no_key),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, tables_make, tables_free) : 1;
}
