/*
 * test_orproof.c: disjunctive proofs: complete whichever case is true, refused with every field
 * altered, of another statement, or of none that is true.
 */
#include "crypto/belenios_impl.h"
#include "crypto/decimal.h"
#include "crypto/mem.h"
#include "crypto/orproof.h"
#include "crypto/rng.h"
#include "tests/unit/lib/suites.h"
#include "tests/vectors/belenios_groups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 6, TABLES_MAX = 2 * 32 * 255 };

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

/* A disjunction about two ciphertexts: m_0 = 1, or m_1 is one of 2, 3, 4, 5, 6. */
struct bench {
	const struct group *g;
	struct orproof_key key;
	struct ciphertext ct[2];
	struct scalar r[2];
	struct orproof_case cases[CASES];
	struct belenios_proof proofs[CASES];
	struct hash prefix;
};

static void key_make(struct bench *t, const struct group *g)
{
	struct scalar x;
	struct element y;

	*t = (struct bench){.g = g};
	assert_true(orproof_key_room(g) <= TABLES_MAX);
	rng_scalar(g, &x);
	group_mul_base(g, &y, &x);
	assert_int_equal(orproof_key_init(&t->key, tables, g, &y), ST_OK);
	hash256_init(&t->prefix);
	belenios_text(&t->prefix, "test|");
}

static void encrypt(struct bench *t, size_t i, uint64_t m)
{
	rng_scalar(t->g, &t->r[i]);
	elgamal_encrypt_u64(t->g, &t->ct[i], &t->key.y, NULL, &t->r[i], m);
}

/* m_0 and m_1 as given; which case is proved. */
static void prove(struct bench *t, uint64_t m0, uint64_t m1, size_t which)
{
	encrypt(t, 0, m0);
	encrypt(t, 1, m1);
	t->cases[0] = (struct orproof_case){&t->ct[0], 1};
	for (size_t j = 1; j < CASES; j++)
		t->cases[j] = (struct orproof_case){&t->ct[1], (uint32_t)j + 1};
	assert_int_equal(orproof_prove(&t->key, t->proofs, &t->prefix, t->cases, CASES, which,
	                               which == 0 ? &t->r[0] : &t->r[1]), ST_OK);
}

static enum status verify(const struct bench *t)
{
	enum status st = orproof_verify_var(&t->key, &t->prefix, t->cases, CASES, t->proofs);

	assert_int_equal(orproof_verify_candidates_var(&t->key, &t->prefix, t->cases, CASES,
	                                               t->proofs), st);
	return st;
}

static const struct group *modp(size_t i)
{
	return i == 0 ? group_belenios2048() : group_rfc3526_2048();
}

enum { MODP_LEN = 2 };

static void whichever_case_is_true_the_proof_holds(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		struct bench t;

		key_make(&t, modp(n));
		for (size_t which = 0; which < CASES; which += n == 0 ? 1 : 2) {
			prove(&t, which == 0 ? 1 : 0, which == 0 ? 9 : which + 1, which);
			assert_int_equal(verify(&t), ST_OK);
		}
	}
}

/* All numbers, all keys, all randomness of the tiny group; a choice that is not true always fails
 * but by chance. */
static void in_the_tiny_group_every_true_case_is_accepted(void **state)
{
	const struct group *g = group_tiny();
	unsigned int false_accepted = 0, false_all = 0;

	(void)state;
	for (uint64_t m = 0; m < 4; m++) {
		for (uint64_t r = 0; r < SUITES_TINY_ORDER; r++) {
			struct bench t;

			key_make(&t, g);
			group_scalar_u64(g, &t.r[0], r);
			elgamal_encrypt_u64(g, &t.ct[0], &t.key.y, NULL, &t.r[0], m);
			for (uint32_t j = 0; j < 4; j++)
				t.cases[j] = (struct orproof_case){&t.ct[0], j};
			for (size_t which = 0; which < 5; which++) {
				bool ok;

				assert_int_equal(orproof_prove(&t.key, t.proofs, &t.prefix, t.cases,
				                               4, which, &t.r[0]), ST_OK);
				ok = orproof_verify_var(&t.key, &t.prefix, t.cases, 4,
				                        t.proofs) == ST_OK;
				if (which == m)
					assert_true(ok);
				else
					false_all++;
				if (which != m && ok)
					false_accepted++;
			}
		}
	}
	/* One in eleven: 16 of 176; 60 would be a wonder. */
	assert_true(false_accepted < 60);
	assert_int_equal(false_all, 176);
}

static void what_is_not_true_is_not_proved(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		struct bench t;

		key_make(&t, modp(n));
		for (size_t which = 0; which <= CASES; which += n == 0 ? 1 : 3) {
			prove(&t, 0, 7, which);   /* neither */
			assert_int_equal(verify(&t), ST_PROOF);
		}
		prove(&t, 0, 3, 1);   /* true, but another case */
		assert_int_equal(verify(&t), ST_PROOF);
		prove(&t, 1, 9, SIZE_MAX);
		assert_int_equal(verify(&t), ST_PROOF);
	}
}

static void scalar_next(const struct group *g, struct scalar *s)
{
	struct scalar one;

	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, s, s, &one);
}

static void every_altered_field_is_refused(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		struct bench good, bad;

		key_make(&good, modp(n));
		prove(&good, 0, 3, 2);
		for (size_t j = 0; j < 4 * CASES; j++) {
			size_t other = (j / 4 + 1) % CASES;
			struct belenios_proof *p;

			bad = good;
			for (size_t i = 0; i < CASES; i++)
				bad.cases[i].ct = &bad.ct[i == 0 ? 0 : 1];
			p = &bad.proofs[j / 4];
			if (j % 4 == 0) {
				scalar_next(bad.g, &p->challenge);
			} else if (j % 4 == 1) {
				scalar_next(bad.g, &p->response);
			} else if (j % 4 == 2) {
				/* The sum stays: what is hashed does not. */
				struct scalar one;

				group_scalar_u64(bad.g, &one, 1);
				scalar_next(bad.g, &p->challenge);
				group_scalar_sub(bad.g, &bad.proofs[other].challenge,
				                 &bad.proofs[other].challenge, &one);
			} else {
				bad.proofs[j / 4] = good.proofs[other];
				bad.proofs[other] = good.proofs[j / 4];
			}
			assert_int_equal(verify(&bad), ST_PROOF);
			if (n == 1 && j > 8)   /* slow there, and nothing new */
				break;
		}
		assert_int_equal(verify(&good), ST_OK);
	}
}

static void a_proof_serves_its_statement_alone(void **state)
{
	struct bench good, bad;
	struct element generator;

	(void)state;
	key_make(&good, group_belenios2048());
	prove(&good, 0, 3, 2);
	group_generator(good.g, &generator);
	for (int what = 0; what < 7; what++) {
		struct element y;

		bad = good;
		for (size_t i = 0; i < CASES; i++)
			bad.cases[i].ct = &bad.ct[i == 0 ? 0 : 1];
		if (what == 0)
			belenios_text(&bad.prefix, "x");
		if (what == 1)
			bad.cases[0].m = 0;
		if (what == 2)
			bad.cases[CASES - 1].m++;
		if (what == 3)
			group_add(bad.g, &bad.ct[0].a, &bad.ct[0].a, &generator);
		if (what == 4)
			group_add(bad.g, &bad.ct[1].b, &bad.ct[1].b, &generator);
		if (what == 5)
			encrypt(&bad, 1, 3);
		if (what == 6) {
			group_add(bad.g, &y, &bad.key.y, &generator);
			assert_int_equal(orproof_key_init(&bad.key, tables, bad.g, &y), ST_OK);
		}
		assert_int_equal(verify(&bad), ST_PROOF);
	}
}

/* Fewer or more cases than were proved. */
static void a_case_cannot_be_left_out(void **state)
{
	struct bench t;

	(void)state;
	key_make(&t, group_belenios2048());
	prove(&t, 0, 3, 2);
	for (size_t count = 1; count < CASES; count++)
		assert_int_equal(orproof_verify_var(&t.key, &t.prefix, t.cases, count, t.proofs),
		                 ST_PROOF);
	assert_int_equal(orproof_verify_var(&t.key, &t.prefix, t.cases, 0, t.proofs), ST_LIMIT);
	assert_int_equal(orproof_verify_var(&t.key, &t.prefix, t.cases, ORPROOF_CASES_MAX + 1,
	                                    t.proofs), ST_LIMIT);
	assert_int_equal(orproof_prove(&t.key, t.proofs, &t.prefix, t.cases, ORPROOF_CASES_MAX + 1,
	                               0, &t.r[0]), ST_LIMIT);
}

static const char *const p_text[MODP_LEN] = {belenios2048_p, rfc3526_2048_p};

/* A number outside the subgroup is refused for what it is, however the proof was made. */
static void who_is_no_member_is_refused_with_any_proof(void **state)
{
	(void)state;
	for (size_t n = 0; n < MODP_LEN; n++) {
		for (size_t which = 0; which < 4; which += 1 + n) {
			struct bench t;
			struct element *to;
			char text[DECIMAL_TEXT];

			key_make(&t, modp(n));
			prove(&t, 0, 3, 2);
			to = which % 2 == 0 ? &t.ct[which / 2].a : &t.ct[which / 2].b;
			/* p - 1, of order 2 */
			memcpy(text, p_text[n], strlen(p_text[n]) + 1);
			text[strlen(text) - 1]--;
			assert_int_equal(decimal_candidate_read_var(t.g, to, text, strlen(text)),
			                 ST_OK);
			assert_int_equal(orproof_verify_candidates_var(&t.key, &t.prefix, t.cases,
			                                               CASES, t.proofs), ST_ELEMENT);
		}
	}
}

static void the_identity_is_no_key(void **state)
{
	struct orproof_key k;
	struct element y;

	(void)state;
	group_identity(group_belenios2048(), &y);
	assert_int_equal(orproof_key_init(&k, tables, group_belenios2048(), &y), ST_IDENTITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whichever_case_is_true_the_proof_holds),
		cmocka_unit_test(in_the_tiny_group_every_true_case_is_accepted),
		cmocka_unit_test(what_is_not_true_is_not_proved),
		cmocka_unit_test(every_altered_field_is_refused),
		cmocka_unit_test(a_proof_serves_its_statement_alone),
		cmocka_unit_test(a_case_cannot_be_left_out),
		cmocka_unit_test(who_is_no_member_is_refused_with_any_proof),
		cmocka_unit_test(the_identity_is_no_key),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, tables_make, tables_free) : 1;
}
