/*
 * test_dleq.c: RFC 9497's proofs byte for byte; ours complete, bound to every pair, and refused
 * for the right reason when altered (N54, N64; docs/decisions/0016).
 */
#include "crypto/dleq.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/hex.h"
#include "tests/unit/lib/suites.h"
#include "tests/vectors/rfc9497.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { PAIRS = 130 };

/* --- third parties' figures ----------------------------------------------------------------- */

static void hex_element(struct element *out, const char *hex)
{
	uint8_t bytes[32];

	hex_exact(bytes, sizeof(bytes), hex);
	assert_int_equal(group_decode_var(group_ristretto255(), out, bytes), ST_OK);
}

static void hex_scalar(struct scalar *out, const char *hex)
{
	uint8_t bytes[32];

	hex_exact(bytes, sizeof(bytes), hex);
	assert_int_equal(group_scalar_decode(group_ristretto255(), out, bytes), ST_OK);
}

static void proofs_are_those_of_rfc9497(void **state)
{
	const struct group *g = group_ristretto255();
	struct dleq_string string = { .len = sizeof(rfc9497_context) - 1 };
	struct element b, c[2], d[2];
	struct scalar k, r;

	(void)state;
	assert_int_equal(COUNT(rfc9497), 3);
	memcpy(string.bytes, rfc9497_context, string.len);
	hex_scalar(&k, rfc9497_secret);
	hex_element(&b, rfc9497_key);
	for (size_t i = 0; i < COUNT(rfc9497); i++) {
		struct dleq_statement s = { .b = &b, .c = c, .d = d, .count = rfc9497[i].count };
		struct dleq_string other = string;
		uint8_t want[64], have[64];

		for (size_t j = 0; j < s.count; j++) {
			hex_element(&c[j], rfc9497[i].blinded[j]);
			hex_element(&d[j], rfc9497[i].evaluated[j]);
		}
		hex_scalar(&r, rfc9497[i].r);
		hex_exact(want, sizeof(want), rfc9497[i].proof);
		assert_int_equal(dleq_rfc9497_prove(g, have, &string, &s, &k, &r), ST_OK);
		assert_memory_equal(have, want, sizeof(want));
		other.bytes[0] ^= 1;
		assert_int_equal(dleq_rfc9497_verify(g, &other, &s, want, sizeof(want)), ST_PROOF);
		assert_int_equal(dleq_rfc9497_verify(g, &string, &s, want, sizeof(want)), ST_OK);
	}
}

/* --- a statement and its proof -------------------------------------------------------------- */

struct proof {
	const struct group *g;
	struct dleq_statement s;
	struct scalar k;
	struct element b;
	struct element c[PAIRS + 1];
	struct element d[PAIRS + 1];
	uint8_t context[32];
	uint8_t bytes[DLEQ_BYTES_MAX + 1];
	size_t len;
};

static void state_it(struct proof *p, const struct group *g, size_t count)
{
	memset(p, 0, sizeof(*p));
	p->g = g;
	p->len = dleq_len(g);
	p->s = (struct dleq_statement){ .purpose = "share", .context = p->context,
	                                .context_len = sizeof(p->context), .b = &p->b, .c = p->c,
	                                .d = p->d, .count = count };
	rng_scalar(g, &p->k);
	group_mul_base(g, &p->b, &p->k);
	for (size_t i = 0; i <= count; i++) {
		struct scalar a;

		rng_scalar(g, &a);
		group_mul_base(g, &p->c[i], &a);
		group_mul_var(g, &p->d[i], &p->c[i], &p->k);
	}
}

static void make(struct proof *p, const struct group *g, size_t count)
{
	state_it(p, g, count);
	assert_int_equal(dleq_prove(g, p->bytes, &p->s, &p->k), ST_OK);
}

/* The same proof about a statement of one's own, free to be altered. */
static void copy(struct proof *to, const struct proof *from)
{
	*to = *from;
	to->s.context = to->context;
	to->s.b = &to->b;
	to->s.c = to->c;
	to->s.d = to->d;
}

static enum status verify(const struct proof *p)
{
	return dleq_verify(p->g, &p->s, p->bytes, p->len);
}

static void next(const struct group *g, struct element *e)
{
	struct element one;

	group_generator(g, &one);
	group_add(g, e, e, &one);
}

static void swap(struct element *a, struct element *b)
{
	struct element was = *a;

	*a = *b;
	*b = was;
}

static struct proof good, other, bad;

static void every_number_of_pairs_is_proved(void **state)
{
	/* Around the 64 pairs that are summed at once. */
	static const size_t counts[] = { 1, 2, 3, 63, 64, 65, 128, 129, PAIRS };

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		make(&good, group_ristretto255(), counts[i]);
		assert_int_equal(verify(&good), ST_OK);
		next(good.g, &good.d[counts[i] - 1]);
		assert_int_equal(verify(&good), ST_PROOF);
	}
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		make(&good, *g, 3);
		assert_int_equal(verify(&good), ST_OK);
	}
}

static void every_altered_field_is_a_false_proof(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		size_t half = group_scalar_len(*g);

		make(&good, *g, 2);
		make(&other, *g, 2);
		copy(&bad, &good);
		forge_scalar_next(*g, bad.bytes);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		forge_scalar_next(*g, bad.bytes + half);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		memcpy(bad.bytes, other.bytes, half);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		memcpy(bad.bytes + half, other.bytes + half, half);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		memcpy(bad.bytes, good.bytes + half, half);
		memcpy(bad.bytes + half, good.bytes, half);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		memset(bad.bytes, 0, bad.len);
		assert_int_equal(verify(&bad), ST_PROOF);
		assert_int_equal(verify(&good), ST_OK);
	}
}

static void a_proof_serves_no_other_statement(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		make(&good, *g, 3);
		copy(&bad, &good);
		bad.s.purpose = "complaint";
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		bad.context[31] ^= 1;
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		bad.s.context_len--;
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		next(*g, &bad.b);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		next(*g, &bad.c[1]);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		swap(&bad.c[0], &bad.c[1]);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		swap(&bad.c[2], &bad.d[2]);
		assert_int_equal(verify(&bad), ST_PROOF);
		assert_int_equal(verify(&good), ST_OK);
	}
}

/* Statements that are true as well, but were not proved. */
static void a_proof_is_of_exactly_its_pairs_in_their_order(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		make(&good, *g, 3);
		copy(&bad, &good);
		swap(&bad.c[0], &bad.c[2]);
		swap(&bad.d[0], &bad.d[2]);
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		bad.s.count = 2;
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		bad.s.count = 4;   /* the pair behind the last is true too */
		assert_int_equal(verify(&bad), ST_PROOF);
		copy(&bad, &good);
		bad.c[0] = bad.c[1];
		bad.d[0] = bad.d[1];
		assert_int_equal(verify(&bad), ST_PROOF);
		/* Pairs of the identity add nothing to the composites, and yet belong. */
		copy(&bad, &good);
		bad.s.count = 4;
		group_identity(*g, &bad.c[3]);
		group_identity(*g, &bad.d[3]);
		assert_int_equal(verify(&bad), ST_PROOF);
		assert_int_equal(verify(&good), ST_OK);
	}
}

/* A prover who lies about one pair, or about two so that the lies add up to nothing. */
static void a_false_statement_has_no_proof(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		struct element one;

		group_generator(*g, &one);
		state_it(&bad, *g, 3);
		next(*g, &bad.d[1]);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_OK);
		assert_int_equal(verify(&bad), ST_PROOF);
		group_sub(*g, &bad.d[2], &bad.d[2], &one);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_OK);
		assert_int_equal(verify(&bad), ST_PROOF);
		/* The right pairs under another key. */
		state_it(&bad, *g, 2);
		next(*g, &bad.b);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_OK);
		assert_int_equal(verify(&bad), ST_PROOF);
		/* An identity where the secret times c is none. */
		state_it(&bad, *g, 2);
		group_identity(*g, &bad.d[0]);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_OK);
		assert_int_equal(verify(&bad), ST_PROOF);
	}
}

/* A last voter can make an alpha the identity; the count must not stop for that. */
static void pairs_of_the_identity_are_legal(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++)
		for (unsigned int which = 1; which < 4; which++) {
			state_it(&good, *g, 2);
			for (size_t i = 0; i < 2; i++)
				if ((which >> i & 1) != 0) {
					group_identity(*g, &good.c[i]);
					group_identity(*g, &good.d[i]);
				}
			assert_int_equal(dleq_prove(*g, good.bytes, &good.s, &good.k), ST_OK);
			assert_int_equal(verify(&good), ST_OK);
			next(*g, &good.d[0]);
			assert_int_equal(verify(&good), ST_PROOF);
		}
}

static void what_is_not_a_proof_is_refused_for_its_form(void **state)
{
	(void)state;
	for (const struct group *const *g = suites_large(); *g != NULL; g++) {
		make(&good, *g, 1);
		for (size_t which = 0; which < 2; which++) {
			size_t at = which * group_scalar_len(*g);

			copy(&bad, &good);
			forge_scalar_order(*g, bad.bytes + at);
			assert_int_equal(verify(&bad), ST_SCALAR);
			copy(&bad, &good);
			if (forge_scalar_plus_order(*g, bad.bytes + at))
				assert_int_equal(verify(&bad), ST_SCALAR);
		}
		copy(&bad, &good);
		bad.len--;
		assert_int_equal(verify(&bad), ST_FORMAT);
		bad.len = good.len + 1;
		assert_int_equal(verify(&bad), ST_FORMAT);
		copy(&bad, &good);
		group_identity(*g, &bad.b);
		assert_int_equal(verify(&bad), ST_IDENTITY);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_IDENTITY);
		assert_true(mem_is_zero(bad.bytes, bad.len));
		copy(&bad, &good);
		bad.s.count = 0;
		assert_int_equal(verify(&bad), ST_LIMIT);
		assert_int_equal(dleq_prove(*g, bad.bytes, &bad.s, &bad.k), ST_LIMIT);
		assert_int_equal(verify(&good), ST_OK);
	}
}

/* docs/decisions/0016: no coefficient is known before the last pair is. */
static void the_context_string_binds_every_pair(void **state)
{
	const struct group *g = group_ristretto255();
	struct dleq_string was, is;

	(void)state;
	make(&good, g, 66);
	dleq_bind(g, &was, &good.s);
	assert_memory_equal(was.bytes, "kalpis/v1/share", 15);
	assert_int_equal(was.len, 15 + 32);
	for (size_t i = 0; i < good.s.count; i++) {
		copy(&bad, &good);
		next(g, &bad.c[i]);
		dleq_bind(g, &is, &bad.s);
		assert_memory_not_equal(is.bytes, was.bytes, was.len);
		copy(&bad, &good);
		next(g, &bad.d[i]);
		dleq_bind(g, &is, &bad.s);
		assert_memory_not_equal(is.bytes, was.bytes, was.len);
	}
	copy(&bad, &good);
	dleq_bind(g, &is, &bad.s);
	assert_memory_equal(is.bytes, was.bytes, was.len);
	/* A proof under the caller's context alone, as RFC 9497 has it, is none of ours. */
	is = (struct dleq_string){ .len = 15 };
	memcpy(is.bytes, "kalpis/v1/share", 15);
	struct scalar r;
	rng_scalar(g, &r);
	assert_int_equal(dleq_rfc9497_prove(g, bad.bytes, &is, &bad.s, &bad.k, &r), ST_OK);
	assert_int_equal(dleq_rfc9497_verify(g, &is, &bad.s, bad.bytes, bad.len), ST_OK);
	assert_int_equal(verify(&bad), ST_PROOF);
}

static void two_proofs_of_one_statement_share_no_nonce(void **state)
{
	(void)state;
	make(&good, group_ristretto255(), 2);
	copy(&bad, &good);
	assert_int_equal(dleq_prove(bad.g, bad.bytes, &bad.s, &bad.k), ST_OK);
	assert_memory_not_equal(bad.bytes, good.bytes, 32);
	assert_memory_not_equal(bad.bytes + 32, good.bytes + 32, 32);
	assert_int_equal(verify(&bad), ST_OK);
}

/* --- the tiny group ------------------------------------------------------------------------- */

static void every_tiny_statement_is_proved(void **state)
{
	const struct group *g = group_tiny();

	(void)state;
	for (uint64_t k = 1; k < SUITES_TINY_ORDER; k++)
		for (uint64_t i = 0; i < SUITES_TINY_ORDER; i++)
			for (uint64_t j = 0; j < SUITES_TINY_ORDER; j++) {
				uint64_t log[2] = { i, j };

				state_it(&good, g, 2);
				group_scalar_u64(g, &good.k, k);
				group_mul_base(g, &good.b, &good.k);
				for (size_t n = 0; n < 2; n++) {
					struct scalar a;

					group_scalar_u64(g, &a, log[n]);
					group_mul_base(g, &good.c[n], &a);
					group_mul_var(g, &good.d[n], &good.c[n], &good.k);
				}
				assert_int_equal(dleq_prove(g, good.bytes, &good.s, &good.k), ST_OK);
				assert_int_equal(verify(&good), ST_OK);
			}
}

static void the_limit_of_pairs_is_proved_and_one_more_is_not(void **state)
{
	static struct element c[DLEQ_PAIRS_MAX + 1], d[DLEQ_PAIRS_MAX + 1];
	const struct group *g = group_tiny();
	struct dleq_statement s = { .purpose = "share", .c = c, .d = d };
	uint8_t proof[DLEQ_BYTES_MAX];
	struct element b;
	struct scalar k;

	(void)state;
	group_scalar_u64(g, &k, 7);
	group_mul_base(g, &b, &k);
	s.b = &b;
	for (size_t i = 0; i < COUNT(c); i++) {
		struct scalar a;

		group_scalar_u64(g, &a, i % SUITES_TINY_ORDER);
		group_mul_base(g, &c[i], &a);
		group_mul_var(g, &d[i], &c[i], &k);
	}
	s.count = DLEQ_PAIRS_MAX;
	assert_int_equal(dleq_prove(g, proof, &s, &k), ST_OK);
	assert_int_equal(dleq_verify(g, &s, proof, dleq_len(g)), ST_OK);
	s.count++;
	assert_int_equal(dleq_prove(g, proof, &s, &k), ST_LIMIT);
	assert_int_equal(dleq_verify(g, &s, proof, dleq_len(g)), ST_LIMIT);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proofs_are_those_of_rfc9497),
		cmocka_unit_test(every_number_of_pairs_is_proved),
		cmocka_unit_test(every_altered_field_is_a_false_proof),
		cmocka_unit_test(a_proof_serves_no_other_statement),
		cmocka_unit_test(a_proof_is_of_exactly_its_pairs_in_their_order),
		cmocka_unit_test(a_false_statement_has_no_proof),
		cmocka_unit_test(pairs_of_the_identity_are_legal),
		cmocka_unit_test(what_is_not_a_proof_is_refused_for_its_form),
		cmocka_unit_test(the_context_string_binds_every_pair),
		cmocka_unit_test(two_proofs_of_one_statement_share_no_nonce),
		cmocka_unit_test(every_tiny_statement_is_proved),
		cmocka_unit_test(the_limit_of_pairs_is_proved_and_one_more_is_not),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
