/*
 * test_dkg_forge.c: what cheats put into deals, and why it is refused
 * (attacks.md N44, N45, N49, N51, N52; protocol-ceremony.md §5).
 *
 * A forged deal is committed to anew, so that it is the mathematics which refuses it.
 */
#include "crypto/dkg.h"
#include "crypto/mem.h"
#include "tests/unit/lib/ceremony.h"
#include "tests/unit/lib/draw.h"
#include "tests/unit/lib/forge.h"
#include "tests/unit/lib/suites.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct ceremony c;
static struct ceremony d;
static struct prng r;

/* c: a fresh ceremony, dealt; d: a copy to spoil. */
static void fresh(const struct group *g, uint8_t n, uint8_t t)
{
	ceremony_start(&c, &r, g, n, t);
	ceremony_deal(&c);
	d = c;
}

static enum status check(uint8_t dealer)
{
	return dkg_deal_check(&d.p, dealer, &d.deal[dealer - 1], d.commit[dealer - 1]);
}

/* The spoilt deal, committed to by its dealer as it is. */
static enum status check_committed(uint8_t dealer)
{
	cheat_commit(&d, dealer);
	return check(dealer);
}

/* --- commit (N44) -------------------------------------------------------------------------- */

static void a_deal_chosen_after_the_commit_is_refused(void **state)
{
	const struct group *g = group_ristretto255();

	(void)state;
	prng_seed(&r, "chosen_after");
	fresh(g, 3, 2);
	d.self[0].seed[0] ^= 1;   /* a second, honest-looking deal */
	assert_int_equal(dkg_deal_make(&d.p, &d.deal[0], &d.self[0]), ST_OK);
	assert_int_equal(check(1), ST_HASH);
	assert_int_equal(check_committed(1), ST_OK);
	/* Each part that the commit covers, and one bit of the commit. */
	for (int part = 0; part < 4; part++) {
		d = c;
		if (part < 2)
			group_neg(g, &d.deal[0].commit[part], &d.deal[0].commit[part]);
		else if (part == 2)
			forge_scalar_next(g, d.deal[0].proof);
		else
			d.commit[0][31] ^= 0x80;
		assert_int_equal(check(1), ST_HASH);
	}
}

/* The same commit said by another trustee is no commit of its own. */
static void a_copied_commit_cannot_be_opened(void **state)
{
	(void)state;
	prng_seed(&r, "a_copied_commit");
	fresh(group_ristretto255(), 3, 2);
	memcpy(d.commit[1], d.commit[0], DKG_COMMIT_BYTES);
	assert_int_equal(check(2), ST_HASH);
	d.deal[1] = d.deal[0];
	assert_int_equal(check(2), ST_HASH);
}

/* --- proof of the constant coefficient (N45, N51) ------------------------------------------ */

/* C_0 = K' - the sum of the others' constants, for a K' whose secret the cheat knows. */
static void a_rogue_key_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "a_rogue_key");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		struct scalar secret;
		struct element target;

		fresh(g, 2, 1);
		draw_scalar(&r, g, &secret);
		group_mul_base(g, &target, &secret);
		group_sub(g, &d.deal[1].commit[0], &target, &d.deal[0].commit[0]);
		assert_int_equal(check_committed(2), ST_PROOF);   /* the old proof */
		cheat_proof(&d, 2, &secret);
		assert_int_equal(check_committed(2), ST_PROOF);   /* a proof of K' */
		memcpy(d.deal[1].proof, d.deal[0].proof, sizeof(d.deal[1].proof));
		assert_int_equal(check_committed(2), ST_PROOF);   /* somebody else's */
		memset(d.deal[1].proof, 0, sizeof(d.deal[1].proof));
		assert_int_equal(check_committed(2), ST_PROOF);   /* none */
		/* It would have won: the joint key would be K'. */
		assert_int_equal(dkg_result_make(&d.p, &d.result,
		                 (const struct dkg_deal *const[DKG_MAX]){ &d.deal[0], &d.deal[1] }),
		                 ST_OK);
		assert_true(group_is_equal(g, &d.result.y, &target));
	}
}

static void a_deal_of_another_trustee_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "another_trustee");
	for (size_t s = 0; s < 2; s++) {
		fresh(suites_large()[s], 3, 2);
		d.deal[1] = d.deal[0];
		assert_int_equal(check_committed(2), ST_PROOF);
		assert_int_equal(check(1), ST_OK);
	}
}

/* N51: the same keys in another election, or in one of other n and t. */
static void a_deal_of_another_election_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "another_election");
	fresh(group_ristretto255(), 3, 2);
	for (size_t i = 0; i < DKG_ELECTION_BYTES; i += 31) {
		d = c;
		d.p.election_id[i] ^= 1;
		assert_int_equal(check(1), ST_HASH);
		assert_int_equal(check_committed(1), ST_PROOF);
	}
	d = c;
	d.p.n = 2;
	assert_int_equal(check(1), ST_HASH);
	assert_int_equal(check_committed(1), ST_PROOF);
	d = c;
	d.p.t = 1;
	assert_int_equal(check(1), ST_HASH);
	assert_int_equal(check_committed(1), ST_PROOF);
}

/* A proof made for one purpose is none for another. */
static void a_proof_of_an_ephemeral_is_none_of_a_coefficient(void **state)
{
	const struct group *g = group_ristretto255();
	struct scalar coeffs[2];
	uint8_t context[64];

	(void)state;
	prng_seed(&r, "another_purpose");
	fresh(g, 2, 2);
	cheat_coefficients(&d, coeffs, 1);
	cheat_deal_context(&d, context, 1);
	assert_int_equal(pok_prove(g, d.deal[0].proof, "dkg-parcel", context, NULL, &coeffs[0]),
	                 ST_OK);
	assert_int_equal(check_committed(1), ST_PROOF);
	assert_int_equal(pok_prove(g, d.deal[0].proof, "dkg-deal", context, NULL, &coeffs[0]),
	                 ST_OK);
	assert_int_equal(check_committed(1), ST_OK);
	/* The other coefficients are under the proof as well, though not proved themselves. */
	group_neg(g, &d.deal[0].commit[1], &d.deal[0].commit[1]);
	assert_int_equal(check_committed(1), ST_PROOF);
}

/* --- field by field ------------------------------------------------------------------------ */

/* Add the generator to the element, or 1 to the scalar, at each place of the bytes of a deal. */
static void every_field_of_a_deal_is_proved(void **state)
{
	(void)state;
	prng_seed(&r, "every_field");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		size_t element = group_element_len(g), scalar = group_scalar_len(g);
		size_t len, at = 0;
		uint8_t *bytes, *spoilt;

		fresh(g, 2, 2);
		len = dkg_deal_len(&c.p);
		bytes = malloc(len);
		spoilt = malloc(len);
		dkg_deal_encode(&c.p, bytes, &c.deal[0]);
		for (int field = 0; field < 12; field++) {
			/* C_0 C_1 c s, then twice E box c s */
			bool is_element = field < 2 || field == 4 || field == 8;

			memcpy(spoilt, bytes, len);
			if (is_element)
				forge_element_next(g, spoilt + at);
			else if (field == 5 || field == 9)
				spoilt[at] ^= 1;
			else
				forge_scalar_next(g, spoilt + at);
			at += is_element ? element : scalar;
			assert_int_equal(dkg_deal_decode(&d.p, &d.deal[0], spoilt, len), ST_OK);
			assert_int_equal(check_committed(1), ST_PROOF);
		}
		assert_int_equal(at, len);
		assert_int_equal(dkg_deal_decode(&d.p, &d.deal[0], bytes, len), ST_OK);
		assert_int_equal(check_committed(1), ST_OK);
		free(bytes);
		free(spoilt);
	}
}

static void swapped_parts_of_a_deal_are_refused(void **state)
{
	const struct group *g = group_ristretto255();
	struct dkg_parcel parcel;
	struct element e;
	uint8_t bytes[POK_BYTES_MAX];

	(void)state;
	prng_seed(&r, "swapped_parts");
	fresh(g, 3, 3);
	e = d.deal[0].commit[1];
	d.deal[0].commit[1] = d.deal[0].commit[2];
	d.deal[0].commit[2] = e;
	assert_int_equal(check_committed(1), ST_PROOF);
	d = c;
	parcel = d.deal[0].parcel[1];
	d.deal[0].parcel[1] = d.deal[0].parcel[2];
	d.deal[0].parcel[2] = parcel;
	assert_int_equal(check_committed(1), ST_PROOF);
	d = c;
	memcpy(bytes, d.deal[0].parcel[0].proof, sizeof(bytes));
	memcpy(d.deal[0].parcel[0].proof, d.deal[0].parcel[1].proof, sizeof(bytes));
	memcpy(d.deal[0].parcel[1].proof, bytes, sizeof(bytes));
	assert_int_equal(check_committed(1), ST_PROOF);
	d = c;   /* challenge and response of one proof */
	memcpy(bytes, d.deal[0].proof, 64);
	memcpy(d.deal[0].proof, bytes + 32, 32);
	memcpy(d.deal[0].proof + 32, bytes, 32);
	assert_int_equal(check_committed(1), ST_PROOF);
}

/* --- copied ephemerals --------------------------------------------------------------------- */

/*
 * Trustee 2 copies the parcel that trustee 1 sent to 3, to make 3 complain about it and so open
 * the honest share.  It has no exponent to prove, and the ephemeral is known already.
 */
static void a_copied_ephemeral_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	size_t len = group_element_len(g);
	uint8_t seen[3 * 32 + 1];
	struct scalar e;

	(void)state;
	prng_seed(&r, "a_copied_ephemeral");
	fresh(g, 3, 2);
	seen[3 * len] = 0xa5;
	dkg_deal_ephemerals(&c.p, seen, &c.deal[0]);
	assert_int_equal(seen[3 * len], 0xa5);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 3), ST_OK);
	d.deal[1].parcel[2] = d.deal[0].parcel[2];
	assert_int_equal(check_committed(2), ST_PROOF);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 3), ST_DUPLICATE);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 2), ST_OK);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen + 2 * len, 1), ST_DUPLICATE);
	/* With another box under it, or for another receiver. */
	d = c;
	d.deal[1].parcel[2].ephemeral = d.deal[0].parcel[2].ephemeral;
	assert_int_equal(check_committed(2), ST_PROOF);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 3), ST_DUPLICATE);
	d = c;
	d.deal[1].parcel[0] = d.deal[0].parcel[2];
	assert_int_equal(check_committed(2), ST_PROOF);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 3), ST_DUPLICATE);
	/* An accomplice who knows the exponent and proves it is stopped by the list alone. */
	d = c;
	draw_scalar(&r, g, &e);
	cheat_parcel(&d, 1, 3, (const uint8_t[32]){ 1 }, &e);
	cheat_parcel(&d, 2, 1, (const uint8_t[32]){ 1 }, &e);
	dkg_deal_ephemerals(&d.p, seen, &d.deal[0]);
	assert_int_equal(check(2), ST_OK);
	assert_int_equal(dkg_deal_is_new(&d.p, &d.deal[1], seen, 3), ST_DUPLICATE);
}

/* Within one deal too, and even where its dealer knows the exponent and proves it twice. */
static void one_ephemeral_for_two_receivers_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "one_ephemeral");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];
		uint8_t share[GROUP_SCALAR_BYTES_MAX] = { 0 };
		struct scalar e;

		fresh(g, 3, 2);
		draw_scalar(&r, g, &e);
		cheat_parcel(&d, 1, 1, share, &e);
		assert_int_equal(check_committed(1), ST_OK);
		cheat_parcel(&d, 1, 3, share, &e);
		assert_int_equal(check_committed(1), ST_DUPLICATE);
	}
}

/* --- bytes (N49, N52) ---------------------------------------------------------------------- */

/* One coefficient, or one parcel, more or less than the manifest says. */
static void a_polynomial_of_wrong_degree_is_refused(void **state)
{
	static struct dkg_deal deal;

	(void)state;
	prng_seed(&r, "wrong_degree");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];
		uint8_t *bytes = malloc(1 << 16);

		for (int change = 0; change < 4; change++) {
			fresh(g, 4, 3);
			d.p.t = (uint8_t)(change == 0 ? 4 : change == 1 ? 2 : 3);
			d.p.n = (uint8_t)(change == 2 ? 5 : change == 3 ? 3 : 4);
			dkg_deal_encode(&d.p, bytes, &d.deal[0]);
			assert_int_not_equal(dkg_deal_len(&d.p), dkg_deal_len(&c.p));
			assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, dkg_deal_len(&d.p)),
			                 ST_FORMAT);
		}
		dkg_deal_encode(&c.p, bytes, &c.deal[0]);
		assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, dkg_deal_len(&c.p)), ST_OK);
		free(bytes);
	}
}

static void a_deal_of_any_other_length_is_refused(void **state)
{
	static struct dkg_deal deal;
	uint8_t *bytes;
	size_t len;

	(void)state;
	prng_seed(&r, "any_other_length");
	fresh(group_ristretto255(), 2, 2);
	len = dkg_deal_len(&c.p);
	assert_int_equal(len, 2 * 32 + 64 + 2 * (32 + 32 + 64));
	bytes = calloc(1, len + 1);
	dkg_deal_encode(&c.p, bytes, &c.deal[0]);
	for (size_t k = 0; k < len; k++)
		assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, k), ST_FORMAT);
	assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, len + 1), ST_FORMAT);
	assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, len), ST_OK);
	free(bytes);
}

/* No member, no canonical scalar, no identity: at every place where one could stand. */
static void what_is_not_canonical_is_refused(void **state)
{
	static struct dkg_deal deal;

	(void)state;
	prng_seed(&r, "not_canonical");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		size_t element = group_element_len(g), scalar = group_scalar_len(g);
		size_t len, at = 0;
		uint8_t *bytes, *spoilt;

		fresh(g, 1, 1);
		len = dkg_deal_len(&c.p);
		bytes = malloc(len);
		spoilt = malloc(len);
		dkg_deal_encode(&c.p, bytes, &c.deal[0]);
		for (int field = 0; field < 7; field++) {   /* C_0 c s E box c s */
			bool is_element = field == 0 || field == 3;

			memcpy(spoilt, bytes, len);
			if (is_element) {
				memset(spoilt + at, 0xff, element);
				assert_int_equal(dkg_deal_decode(&c.p, &deal, spoilt, len), ST_ELEMENT);
				forge_element_identity(g, spoilt + at);
				assert_int_equal(dkg_deal_decode(&c.p, &deal, spoilt, len), ST_IDENTITY);
			} else if (field != 4) {
				forge_scalar_order(g, spoilt + at);
				assert_int_equal(dkg_deal_decode(&c.p, &deal, spoilt, len), ST_SCALAR);
			}
			at += is_element ? element : scalar;
		}
		assert_int_equal(at, len);
		assert_int_equal(dkg_deal_decode(&c.p, &deal, bytes, len), ST_OK);
		free(bytes);
		free(spoilt);
	}
}

static void a_dealer_outside_the_roster_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "outside_the_roster");
	fresh(group_ristretto255(), 3, 2);
	assert_int_equal(dkg_deal_check(&c.p, 0, &c.deal[0], c.commit[0]), ST_ROLE);
	assert_int_equal(dkg_deal_check(&c.p, 4, &c.deal[0], c.commit[0]), ST_ROLE);
	assert_int_equal(dkg_deal_check(&c.p, 1, &c.deal[0], c.commit[0]), ST_OK);
}

static int start(void **state)
{
	(void)state;
	return crypto_init() == ST_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deal_chosen_after_the_commit_is_refused),
		cmocka_unit_test(a_copied_commit_cannot_be_opened),
		cmocka_unit_test(a_rogue_key_is_refused),
		cmocka_unit_test(a_deal_of_another_trustee_is_refused),
		cmocka_unit_test(a_deal_of_another_election_is_refused),
		cmocka_unit_test(a_proof_of_an_ephemeral_is_none_of_a_coefficient),
		cmocka_unit_test(every_field_of_a_deal_is_proved),
		cmocka_unit_test(swapped_parts_of_a_deal_are_refused),
		cmocka_unit_test(a_copied_ephemeral_is_refused),
		cmocka_unit_test(one_ephemeral_for_two_receivers_is_refused),
		cmocka_unit_test(a_polynomial_of_wrong_degree_is_refused),
		cmocka_unit_test(a_deal_of_any_other_length_is_refused),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(a_dealer_outside_the_roster_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
