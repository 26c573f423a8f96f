/*
 * test_orproof_simulator.c: what a disjunctive proof rests on.  Who could choose the challenge
 * would prove anything, without a secret: so the proof shows nothing of which case is true, and its
 * truth hangs on the hash.  In the tiny group a hash can be hit by trying.
 */
#include "crypto/belenios_impl.h"
#include "crypto/mem.h"
#include "crypto/orproof.h"
#include "crypto/rng.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = 3, TRIES = 2000, TABLES_MAX = 2 * 255, ROUNDS = 20, PROOFS = 4400 };

struct bench {
	const struct group *g;
	struct orproof_key key;
	struct element tables[TABLES_MAX];
	struct ciphertext ct;
	struct scalar r;
	struct orproof_case cases[CASES];
	struct belenios_proof proofs[CASES];
};

/* A ciphertext of m; the cases are 0, 1, 2. */
static void prepare(struct bench *t, uint64_t m)
{
	struct scalar x;
	struct element y;

	t->g = group_tiny();
	assert_true(orproof_key_room(t->g) <= TABLES_MAX);
	rng_scalar(t->g, &x);
	group_mul_base(t->g, &y, &x);
	assert_int_equal(orproof_key_init(&t->key, t->tables, t->g, &y), ST_OK);
	rng_scalar(t->g, &t->r);
	elgamal_encrypt_u64(t->g, &t->ct, &y, NULL, &t->r, m);
	for (uint32_t j = 0; j < CASES; j++)
		t->cases[j] = (struct orproof_case){.ct = &t->ct, .m = j};
}

static struct hash prefix(int n)
{
	char text[32];
	struct hash h;

	(void)snprintf(text, sizeof(text), "test %d|", n);
	hash256_init(&h);
	belenios_text(&h, text);
	return h;
}

/* Challenges and responses drawn from nothing; how many of TRIES prefixes take them for a proof. */
static int accepted(struct bench *t)
{
	int count = 0;

	for (size_t j = 0; j < CASES; j++) {
		rng_scalar(t->g, &t->proofs[j].challenge);
		rng_scalar(t->g, &t->proofs[j].response);
	}
	for (int n = 0; n < TRIES; n++) {
		struct hash h = prefix(n);

		count += orproof_verify_var(&t->key, &h, t->cases, CASES, t->proofs) == ST_OK;
	}
	return count;
}

static void who_hits_the_hash_needs_no_secret(void **state)
{
	static struct bench t;

	(void)state;
	for (int n = 0; n < ROUNDS; n++) {
		int count;

		prepare(&t, n % 2 == 0 ? 1 : 7);   /* true, and false: it is all one */
		count = accepted(&t);
		/* One in eleven: 182 of 2000, give or take 13. */
		assert_in_range(count, 90, 280);
	}
}

/* How often each challenge of case 0 comes out. */
static void histogram(unsigned int *seen, struct bench *t, size_t which)
{
	memset(seen, 0, SUITES_TINY_ORDER * sizeof(*seen));
	for (int n = 0; n < PROOFS; n++) {
		struct hash h = prefix(n);
		struct scalar value;

		assert_int_equal(orproof_prove(&t->key, t->proofs, &h, t->cases, CASES, which, &t->r),
		                 ST_OK);
		for (uint64_t v = 0; v < SUITES_TINY_ORDER; v++) {
			group_scalar_u64(t->g, &value, v);
			if (group_scalar_is_equal(t->g, &value, &t->proofs[0].challenge))
				seen[v]++;
		}
	}
}

/*
 * The challenge of a case has the same distribution whether that case is true or not.  (But for 0:
 * a drawn challenge is never 0, what is left over may be.  In a large group neither is ever met.)
 */
static void no_challenge_tells_which_case_is_true(void **state)
{
	static struct bench t;

	(void)state;
	for (uint64_t which = 0; which < CASES; which++) {
		unsigned int seen[SUITES_TINY_ORDER];

		prepare(&t, which);
		histogram(seen, &t, which);
		/* 400 of 4400 or 440, give or take 20. */
		for (uint64_t v = 1; v < SUITES_TINY_ORDER; v++)
			assert_in_range(seen[v], 270, 570);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_hits_the_hash_needs_no_secret),
		cmocka_unit_test(no_challenge_tells_which_case_is_true),
	};

	return crypto_init() == ST_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
