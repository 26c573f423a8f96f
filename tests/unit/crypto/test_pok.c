/*
 * test_pok.c: proofs of knowledge of a logarithm: complete, bound to everything they are said of,
 * and refused for the right reason when altered (N45, N64).
 */
#include "crypto/mem.h"
#include "crypto/pok.h"
#include "crypto/rng.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct proof {
	const struct group *g;
	struct scalar secret;
	struct element base;
	struct element element;
	const char *purpose;
	uint8_t context[POK_CONTEXT_BYTES];
	uint8_t bytes[POK_BYTES_MAX + 1];
	size_t len;
};

static void make(struct proof *p, const struct group *g)
{
	struct scalar k;

	*p = (struct proof){ .g = g, .purpose = "card", .context = { 1 }, .len = pok_len(g) };
	rng_scalar(g, &p->secret);
	rng_scalar(g, &k);
	group_mul_base(g, &p->base, &k);
	group_mul(g, &p->element, &p->base, &p->secret);
	assert_int_equal(pok_prove(g, p->bytes, p->purpose, p->context, &p->base, &p->secret), ST_OK);
}

static enum status verify(const struct proof *p)
{
	return pok_verify(p->g, p->bytes, p->len, p->purpose, p->context, &p->base, &p->element);
}

static uint8_t *z_of(struct proof *p)
{
	return p->bytes + group_scalar_len(p->g);
}

static void every_altered_field_is_a_false_proof(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		size_t half = group_scalar_len(*g);
		struct proof good, other, bad;

		make(&good, *g);
		make(&other, *g);
		bad = good;
		forge_scalar_next(*g, bad.bytes);
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		forge_scalar_next(*g, z_of(&bad));
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		memcpy(bad.bytes, other.bytes, half);
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		memcpy(z_of(&bad), z_of(&other), half);
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		memcpy(bad.bytes, z_of(&good), half);
		memcpy(z_of(&bad), good.bytes, half);
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		memset(bad.bytes, 0, bad.len);
		assert_int_equal(verify(&bad), ST_PROOF);
		assert_int_equal(verify(&good), ST_OK);
	}
}

/* N45, N13: another person's proof, or the same person's from another place, proves nothing. */
static void a_proof_serves_no_other_statement(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct proof good, other, bad;

		make(&good, *g);
		make(&other, *g);
		bad = good;
		bad.purpose = "deal";
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		bad.context[POK_CONTEXT_BYTES - 1] ^= 1;
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		bad.element = other.element;
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		bad.base = other.base;
		assert_int_equal(verify(&bad), ST_PROOF);
		bad = good;
		bad.element = good.base;
		bad.base = good.element;
		assert_int_equal(verify(&bad), ST_PROOF);
		/* Twice the base and twice the element: the same logarithm, another statement. */
		bad = good;
		group_add(*g, &bad.base, &bad.base, &bad.base);
		group_add(*g, &bad.element, &bad.element, &bad.element);
		assert_int_equal(verify(&bad), ST_PROOF);
		assert_int_equal(verify(&good), ST_OK);
	}
}

/* N45: a key chosen as the difference of others' has no logarithm that its owner knows; replayed
 * or summed proofs do not make up for it. */
static void a_rogue_key_cannot_be_proved(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct scalar one, sum, z;
		struct proof honest, rogue;

		make(&honest, *g);
		rogue = honest;
		group_sub(*g, &rogue.element, &honest.base, &honest.element);
		assert_int_equal(verify(&rogue), ST_PROOF);
		/* z' = c - z answers for the negated part, were the challenge the old one. */
		assert_int_equal(group_scalar_decode(*g, &one, honest.bytes), ST_OK);
		assert_int_equal(group_scalar_decode(*g, &z, z_of(&honest)), ST_OK);
		group_scalar_sub(*g, &sum, &one, &z);
		group_scalar_encode(*g, z_of(&rogue), &sum);
		assert_int_equal(verify(&rogue), ST_PROOF);
		assert_int_equal(verify(&honest), ST_OK);
	}
}

static void what_is_not_a_proof_is_refused_for_its_form(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct proof good, bad;

		make(&good, *g);
		for (size_t which = 0; which < 2; which++) {
			size_t at = which * group_scalar_len(*g);

			bad = good;
			forge_scalar_order(*g, bad.bytes + at);
			assert_int_equal(verify(&bad), ST_SCALAR);
			bad = good;
			if (forge_scalar_plus_order(*g, bad.bytes + at))
				assert_int_equal(verify(&bad), ST_SCALAR);
		}
		bad = good;
		bad.len--;
		assert_int_equal(verify(&bad), ST_FORMAT);
		bad.len = good.len + 1;
		assert_int_equal(verify(&bad), ST_FORMAT);
		bad.len = 0;
		assert_int_equal(verify(&bad), ST_FORMAT);
		bad = good;
		group_identity(*g, &bad.base);
		assert_int_equal(verify(&bad), ST_IDENTITY);
		bad = good;
		group_identity(*g, &bad.element);
		assert_int_equal(verify(&bad), ST_IDENTITY);
		assert_int_equal(verify(&good), ST_OK);
	}
}

static void no_base_means_the_generator(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct proof p;

		make(&p, *g);
		group_mul_base(*g, &p.element, &p.secret);
		assert_int_equal(pok_prove(*g, p.bytes, p.purpose, p.context, NULL, &p.secret), ST_OK);
		assert_int_equal(verify(&p), ST_PROOF);
		group_generator(*g, &p.base);
		assert_int_equal(verify(&p), ST_OK);
		assert_int_equal(pok_verify(*g, p.bytes, p.len, p.purpose, p.context, NULL, &p.element),
		                 ST_OK);
	}
}

static void the_trivial_statement_is_not_proved(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_all(); *g != NULL; g++) {
		struct proof p;

		make(&p, *g);
		group_scalar_zero(*g, &p.secret);
		assert_int_equal(pok_prove(*g, p.bytes, p.purpose, p.context, &p.base, &p.secret),
		                 ST_IDENTITY);
		assert_true(mem_is_zero(p.bytes, p.len));
		group_scalar_u64(*g, &p.secret, 1);
		group_identity(*g, &p.base);
		assert_int_equal(pok_prove(*g, p.bytes, p.purpose, p.context, &p.base, &p.secret),
		                 ST_IDENTITY);
	}
}

/* The commitment behind a proof, which no two statements may share. */
static void commitment(const struct proof *p, struct element *out)
{
	struct scalar c, z;
	struct element part;

	assert_int_equal(group_scalar_decode(p->g, &c, p->bytes), ST_OK);
	assert_int_equal(group_scalar_decode(p->g, &z, p->bytes + group_scalar_len(p->g)), ST_OK);
	group_mul_var(p->g, out, &p->base, &z);
	group_mul_var(p->g, &part, &p->element, &c);
	group_sub(p->g, out, out, &part);
}

/* An interrupted ceremony says the same again; another statement still gets another nonce. */
static void the_same_entropy_gives_the_same_proof_and_never_the_same_nonce(void **state)
{
	const uint8_t entropy[2][NONCE_ENTROPY_BYTES] = { { 1 }, { 2 } };

	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct element r[4];
		struct proof p[5];

		make(&p[0], *g);
		for (size_t i = 1; i < 5; i++)
			p[i] = p[0];
		p[2].context[0] ^= 1;
		p[3].purpose = "deal";
		for (size_t i = 0; i < 5; i++) {
			assert_int_equal(pok_prove_from(*g, p[i].bytes, p[i].purpose, p[i].context, &p[i].base,
			                                &p[i].secret, entropy[i == 4]), ST_OK);
			assert_int_equal(verify(&p[i]), ST_OK);
		}
		assert_memory_equal(p[0].bytes, p[1].bytes, p[0].len);
		for (size_t i = 0; i < 4; i++) {
			commitment(&p[i + 1], &r[i]);
			for (size_t j = 0; j < i; j++)
				assert_false(group_is_equal(*g, &r[i], &r[j]));
		}
	}
}

static void every_tiny_logarithm_is_proved(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t b = 1; b < SUITES_TINY_ORDER; b++)
		for (uint64_t x = 1; x < SUITES_TINY_ORDER; x++)
			for (uint8_t i = 0; i < 8; i++) {
				struct proof p = { .g = g, .purpose = "card", .context = { i },
				                   .len = pok_len(g) };
				struct scalar k;

				group_scalar_u64(g, &k, b);
				group_mul_base(g, &p.base, &k);
				group_scalar_u64(g, &p.secret, x);
				group_mul(g, &p.element, &p.base, &p.secret);
				assert_int_equal(pok_prove(g, p.bytes, p.purpose, p.context, &p.base, &p.secret),
				                 ST_OK);
				assert_int_equal(verify(&p), ST_OK);
			}
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_altered_field_is_a_false_proof),
		cmocka_unit_test(a_proof_serves_no_other_statement),
		cmocka_unit_test(a_rogue_key_cannot_be_proved),
		cmocka_unit_test(what_is_not_a_proof_is_refused_for_its_form),
		cmocka_unit_test(no_base_means_the_generator),
		cmocka_unit_test(the_trivial_statement_is_not_proved),
		cmocka_unit_test(the_same_entropy_gives_the_same_proof_and_never_the_same_nonce),
		cmocka_unit_test(every_tiny_logarithm_is_proved),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
