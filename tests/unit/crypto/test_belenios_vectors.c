/*
 * test_belenios_vectors.c: what belenios-tool made is read, verified and counted here, number by
 * number (tests/vectors/belenios.h; docs/belenios.md).
 */
#include "crypto/belenios_answer.h"
#include "crypto/belenios_credential.h"
#include "crypto/decimal.h"
#include "crypto/dlog.h"
#include "crypto/mem.h"
#include "crypto/shamir.h"
#include "tests/vectors/belenios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { VECTORS = sizeof(bel_vectors) / sizeof(bel_vectors[0]), CASES_MAX = 2 };

static const struct belenios_question FIRST = {.answers = 3, .min = 1, .max = 2};
static const struct belenios_question SECOND = {.answers = 2, .min = 1, .max = 1, .blank = true};

static struct element element(const struct group *g, const char *text)
{
	struct element e;

	assert_int_equal(decimal_element_read_var(g, &e, text, strlen(text)), ST_OK);
	return e;
}

static struct scalar scalar(const struct group *g, const char *text)
{
	struct scalar s;

	assert_int_equal(decimal_scalar_read(g, &s, text, strlen(text)), ST_OK);
	return s;
}

static struct belenios_proof proof(const struct group *g, const struct bel_proof *p)
{
	return (struct belenios_proof){scalar(g, p->part[0]), scalar(g, p->part[1])};
}

static struct ciphertext ciphertext(const struct group *g, const struct bel_pair *p)
{
	return (struct ciphertext){element(g, p->part[0]), element(g, p->part[1])};
}

/* One answer in the form of the functions under test. */
struct answer {
	struct ciphertext choices[BEL_CHOICES];
	struct belenios_proof individual[BEL_CHOICES][CASES_MAX];
	struct belenios_proof overall[CASES_MAX];
	struct belenios_proof blank[CASES_MAX];
	struct belenios_answer view;
};

static void answer_read(struct answer *a, const struct group *g, const struct bel_answer *from,
                        bool blank)
{
	for (size_t i = 0; i < BEL_CHOICES; i++) {
		a->choices[i] = ciphertext(g, &from->choices[i]);
		for (size_t j = 0; j < CASES_MAX; j++)
			a->individual[i][j] = proof(g, &from->individual[i][j]);
	}
	for (size_t j = 0; j < CASES_MAX; j++)
		a->overall[j] = proof(g, &from->overall[j]);
	for (size_t j = 0; blank && j < CASES_MAX; j++)
		a->blank[j] = proof(g, &from->blank[j]);
	a->view = (struct belenios_answer){a->choices, a->individual, a->overall,
	                                   blank ? a->blank : NULL};
}

/* An election of the vectors, ready for its ballots. */
struct election {
	const struct bel_vector *v;
	const struct group *g;
	struct orproof_key key;
	struct element *tables;
};

static void election_open(struct election *e, size_t which)
{
	struct element y;

	e->v = &bel_vectors[which];
	e->g = belenios_group(e->v->group);
	assert_non_null(e->g);
	y = element(e->g, e->v->y);
	e->tables = calloc(orproof_key_room(e->g), sizeof(*e->tables));
	assert_non_null(e->tables);
	assert_int_equal(orproof_key_init(&e->key, e->tables, e->g, &y), ST_OK);
}

static void every_proof_of_a_strangers_ballot_holds(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		struct election e;

		election_open(&e, n);
		for (size_t i = 0; i < BEL_BALLOTS; i++) {
			const struct bel_ballot *b = &e.v->ballots[i];
			struct element credential = element(e.g, b->credential);
			struct belenios_voter voter = {&e.key, e.v->fingerprint, &credential};
			struct belenios_proof signature = proof(e.g, &b->signature);
			struct answer first, second;

			answer_read(&first, e.g, &b->first, false);
			answer_read(&second, e.g, &b->second, true);
			assert_int_equal(belenios_answer_verify_var(&voter, &FIRST, &first.view, NULL),
			                 ST_OK);
			assert_int_equal(belenios_answer_verify_var(&voter, &SECOND, &second.view,
			                                            NULL), ST_OK);
			assert_int_equal(belenios_ballot_check_var(e.g, &credential, b->hash,
			                                           &signature), ST_OK);
			signature.response = signature.challenge;
			assert_int_equal(belenios_ballot_check_var(e.g, &credential, b->hash,
			                                           &signature), ST_SIGNATURE);
		}
		free(e.tables);
	}
}

static void a_code_gives_the_credential_that_the_roll_names(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		const struct bel_vector *v = &bel_vectors[n];
		const struct group *g = belenios_group(v->group);
		const struct bel_ballot *b = &v->ballots[0];
		struct element want = element(g, b->credential), pub;
		struct scalar secret;
		char other[32], bare[32];
		size_t len = 0;

		assert_int_equal(belenios_credential_derive(g, &secret, &pub, b->code,
		                                            strlen(b->code), v->uuid), ST_OK);
		assert_true(group_is_equal(g, &pub, &want));
		/* Another uuid, or the code without its hyphens: another key. */
		assert_true(strlen(v->uuid) < sizeof(other));
		memcpy(other, v->uuid, strlen(v->uuid) + 1);
		other[0] = other[0] == '2' ? '3' : '2';
		assert_int_equal(belenios_credential_derive(g, &secret, &pub, b->code,
		                                            strlen(b->code), other), ST_OK);
		assert_false(group_is_equal(g, &pub, &want));
		for (size_t i = 0; i < strlen(b->code); i++)
			if (b->code[i] != '-')
				bare[len++] = b->code[i];
		assert_int_equal(belenios_credential_derive(g, &secret, &pub, bare, len, v->uuid),
		                 ST_OK);
		assert_false(group_is_equal(g, &pub, &want));
	}
}

static void a_strangers_trustees_are_whom_they_say(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		const struct bel_vector *v = &bel_vectors[n];
		const struct group *g = belenios_group(v->group);
		struct element key = element(g, v->single.key), again;
		struct belenios_proof pok = proof(g, &v->single.pok);
		struct scalar secret = scalar(g, v->single_secret);
		struct belenios_trustee trustee;

		assert_int_equal(belenios_key_verify_var(g, &key, &pok), ST_OK);
		group_mul_base(g, &again, &secret);
		assert_true(group_is_equal(g, &again, &key));
		assert_int_equal(belenios_trustee_derive(g, &trustee, v->seed, strlen(v->seed)),
		                 ST_OK);
		again = element(g, v->certs[0].elements[0]);
		assert_true(group_is_equal(g, &trustee.verification, &again));
		again = element(g, v->certs[0].elements[1]);
		assert_true(group_is_equal(g, &trustee.encryption, &again));
	}
}

static void what_strangers_signed_is_theirs_and_nobody_elses(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		const struct bel_vector *v = &bel_vectors[n];
		const struct group *g = belenios_group(v->group);

		for (size_t i = 0; i < BEL_PEDERSEN; i++) {
			const struct bel_signed *said[] = {&v->certs[i], &v->coefexps[i]};
			struct element key = element(g, v->certs[i].elements[0]);
			struct element other = element(g, v->certs[(i + 1) % BEL_PEDERSEN].elements[0]);

			for (size_t k = 0; k < 2; k++) {
				struct belenios_proof p = proof(g, &said[k]->signature);
				size_t len = strlen(said[k]->message);

				assert_int_equal(belenios_message_check_var(g, &key, said[k]->message,
				                                            len, &p), ST_OK);
				assert_int_equal(belenios_message_check_var(g, &key, said[k]->message,
				                                            len - 1, &p), ST_SIGNATURE);
				assert_int_equal(belenios_message_check_var(g, &other,
				                                            said[k]->message, len, &p),
				                 ST_SIGNATURE);
			}
		}
	}
}

static void pedersen_read(const struct group *g, const struct bel_vector *v,
                          struct element *coefexps, struct element *keys)
{
	for (size_t i = 0; i < BEL_PEDERSEN; i++) {
		for (size_t k = 0; k < BEL_THRESHOLD; k++)
			coefexps[i * BEL_THRESHOLD + k] = element(g, v->coefexps[i].elements[k]);
		keys[i] = element(g, v->keys[i].key);
	}
}

static void the_election_key_is_that_of_its_trustees(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		const struct bel_vector *v = &bel_vectors[n];
		const struct group *g = belenios_group(v->group);
		struct element coefexps[BEL_PEDERSEN * BEL_THRESHOLD], keys[BEL_PEDERSEN];
		struct element subkey, y = element(g, v->y), single = element(g, v->single.key);
		size_t wrong = SIZE_MAX;

		pedersen_read(g, v, coefexps, keys);
		for (size_t i = 0; i < BEL_PEDERSEN; i++) {
			struct belenios_proof pok = proof(g, &v->keys[i].pok);

			assert_int_equal(belenios_key_verify_var(g, &keys[i], &pok), ST_OK);
		}
		assert_int_equal(belenios_pedersen_check_var(g, &subkey, &wrong, coefexps, keys,
		                                             BEL_PEDERSEN, BEL_THRESHOLD), ST_OK);
		group_add(g, &subkey, &subkey, &single);
		assert_true(group_is_equal(g, &subkey, &y));
		/* Any coefficient or key altered is noticed. */
		for (size_t i = 0; i < BEL_PEDERSEN * BEL_THRESHOLD; i++) {
			struct element good = coefexps[i];

			group_add(g, &coefexps[i], &good, &y);
			assert_int_equal(belenios_pedersen_check_var(g, &subkey, &wrong, coefexps,
			                                             keys, BEL_PEDERSEN,
			                                             BEL_THRESHOLD), ST_KEY);
			coefexps[i] = good;
		}
		keys[2] = keys[1];
		assert_int_equal(belenios_pedersen_check_var(g, &subkey, &wrong, coefexps, keys,
		                                             BEL_PEDERSEN, BEL_THRESHOLD), ST_KEY);
		assert_int_equal(wrong, 2);
		assert_int_equal(belenios_pedersen_check_var(g, &subkey, NULL, coefexps, keys, 1, 2),
		                 ST_LIMIT);
	}
}

/* The factors of all four trustees for ciphertext k: checked, and the Pedersen ones by any two. */
static void count_one(const struct election *e, const struct dlog *d, size_t k)
{
	static const uint8_t PAIRS[][BEL_THRESHOLD] = {{1, 2}, {1, 3}, {2, 3}};
	struct ciphertext sum = ciphertext(e->g, &e->v->tally[k]);
	struct element factor[1 + BEL_PEDERSEN];

	for (size_t i = 0; i < 1 + BEL_PEDERSEN; i++) {
		const char *text = i == 0 ? e->v->single.key : e->v->keys[i - 1].key;
		struct element key = element(e->g, text);
		struct belenios_proof p = proof(e->g, &e->v->parts[i].proofs[k]);

		factor[i] = element(e->g, e->v->parts[i].factors[k]);
		assert_int_equal(belenios_factor_check_var(e->g, &key, e->v->fingerprint, &sum.a,
		                                           &factor[i], &p), ST_OK);
	}
	for (size_t n = 0; n < sizeof(PAIRS) / sizeof(PAIRS[0]); n++) {
		const struct element *two[] = {&factor[PAIRS[n][0]], &factor[PAIRS[n][1]]};
		struct element f, target;
		uint64_t m = 0;

		assert_int_equal(shamir_combine_var(e->g, &f, PAIRS[n], two, BEL_THRESHOLD), ST_OK);
		group_add(e->g, &f, &f, &factor[0]);
		group_sub(e->g, &target, &sum.b, &f);
		assert_int_equal(dlog_solve_var(d, &m, &target, 3), ST_OK);
		/* The tally has a ciphertext of blanks; the result counts it too. */
		assert_int_equal(m, e->v->result[k]);
	}
}

static void a_strangers_tally_counts_the_same_here(void **state)
{
	(void)state;
	for (size_t n = 0; n < VECTORS; n++) {
		struct dlog_slot slots[DLOG_SLOTS_MIN];
		struct election e;
		struct dlog d;

		election_open(&e, n);
		assert_int_equal(dlog_init(&d, e.g, slots, DLOG_SLOTS_MIN), ST_OK);
		for (size_t k = 0; k < BEL_TALLY; k++)
			count_one(&e, &d, k);
		free(e.tables);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_proof_of_a_strangers_ballot_holds),
		cmocka_unit_test(a_code_gives_the_credential_that_the_roll_names),
		cmocka_unit_test(a_strangers_trustees_are_whom_they_say),
		cmocka_unit_test(what_strangers_signed_is_theirs_and_nobody_elses),
		cmocka_unit_test(the_election_key_is_that_of_its_trustees),
		cmocka_unit_test(a_strangers_tally_counts_the_same_here),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
