/*
 * test_dkg_complaint.c: who is at fault, and complaints that prove nothing (attacks.md N47, N51,
 * N52, N64; protocol-ceremony.md §7).
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
static struct dkg_complaint complaint;   /* by 3 about 2, in c: true */
static struct prng r;

/* A ceremony of four in which 2 has given 3 a bad share, and the complaint about it. */
static void fresh(const struct group *g)
{
	ceremony_start(&c, &r, g, 4, 2);
	ceremony_deal(&c);
	cheat_bad_share(&c, &r, 2, 3);
	assert_int_equal(dkg_deal_check(&c.p, 2, &c.deal[1], c.commit[1]), ST_OK);
	assert_int_equal(dkg_complaint_make(&c.p, &complaint, &c.self[2], 2, &c.deal[1]), ST_OK);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_OK);
}

/* --- false complaints ---------------------------------------------------------------------- */

/* The tool itself opens no good share; one who does so by hand is named. */
static void a_complaint_about_a_good_share_is_refuted(void **state)
{
	struct dkg_complaint false_one;

	(void)state;
	prng_seed(&r, "a_good_share");
	for (size_t s = 0; s < 2; s++) {
		fresh(suites_large()[s]);
		assert_int_equal(dkg_complaint_make(&c.p, &false_one, &c.self[2], 1, &c.deal[0]),
		                 ST_REFUTED);
		assert_true(mem_is_zero(&false_one, sizeof(false_one)));
		cheat_complaint(&c, &false_one, 3, 1);
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_REFUTED);
		cheat_complaint(&c, &false_one, 4, 2);   /* 2 was honest to 4 */
		assert_int_equal(dkg_complaint_judge(&c.p, 4, &false_one, &c.deal[1]), ST_REFUTED);
	}
}

/* A wrong value would make any share look bad: it has no proof. */
static void a_revealed_value_that_is_not_the_key_is_refused(void **state)
{
	struct dkg_complaint false_one;

	(void)state;
	prng_seed(&r, "not_the_key");
	for (size_t s = 0; s < 2; s++) {
		const struct group *g = suites_large()[s];

		fresh(g);
		cheat_complaint(&c, &false_one, 3, 1);
		draw_element(&r, g, &false_one.shared);
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_PROOF);
		memset(false_one.proof, 0, sizeof(false_one.proof));
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_PROOF);
	}
}

/* The key to another parcel, truly proved, opens this one to nonsense: it must not be taken. */
static void the_key_to_another_parcel_is_refused(void **state)
{
	struct dkg_complaint false_one, other;

	(void)state;
	prng_seed(&r, "another_parcel");
	fresh(group_ristretto255());
	cheat_complaint(&c, &other, 3, 4);   /* what 4 sent to 3 */
	false_one = other;
	false_one.dealer = 1;
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_PROOF);
	cheat_complaint(&c, &false_one, 3, 1);
	false_one.shared = other.shared;
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_PROOF);
	memcpy(false_one.proof, other.proof, sizeof(other.proof));
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &false_one, &c.deal[0]), ST_PROOF);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &other, &c.deal[3]), ST_REFUTED);
}

/* Another trustee's exponent for this ephemeral, truly proved for that trustee. */
static void the_key_of_another_trustee_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t context[32];
	struct dleq_statement s;

	(void)state;
	prng_seed(&r, "another_trustee");
	fresh(g);
	assert_int_equal(dkg_complaint_judge(&c.p, 4, &complaint, &c.deal[1]), ST_PROOF);
	assert_int_equal(dkg_complaint_judge(&c.p, 1, &complaint, &c.deal[1]), ST_PROOF);
	/* 4's key on 3's parcel, in the context of 3's complaint. */
	cheat_complaint_context(&c, context, 3, 2);
	group_mul(g, &complaint.shared, &c.deal[1].parcel[2].ephemeral, &c.self[3].key);
	s = (struct dleq_statement){
		.purpose = "dkg-complaint", .context = context, .context_len = sizeof(context),
		.b = &c.p.key[3], .c = &c.deal[1].parcel[2].ephemeral, .d = &complaint.shared,
		.count = 1,
	};
	assert_int_equal(dleq_prove(g, complaint.proof, &s, &c.self[3].key), ST_OK);
	assert_int_equal(dleq_verify(g, &s, complaint.proof, dleq_len(g)), ST_OK);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_PROOF);
}

/* A share of decryption is a proof of the same form: its purpose keeps it out. */
static void a_proof_of_another_purpose_is_refused(void **state)
{
	const struct group *g = group_ristretto255();
	uint8_t context[32];
	struct dleq_statement s;

	(void)state;
	prng_seed(&r, "another_purpose");
	fresh(g);
	cheat_complaint_context(&c, context, 3, 2);
	s = (struct dleq_statement){
		.purpose = "share", .context = context, .context_len = sizeof(context),
		.b = &c.p.key[2], .c = &c.deal[1].parcel[2].ephemeral, .d = &complaint.shared,
		.count = 1,
	};
	assert_int_equal(dleq_prove(g, complaint.proof, &s, &c.self[2].key), ST_OK);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_PROOF);
	s.purpose = "dkg-complaint";
	assert_int_equal(dleq_prove(g, complaint.proof, &s, &c.self[2].key), ST_OK);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_OK);
}

/* --- replays ------------------------------------------------------------------------------- */

static void a_complaint_serves_its_own_ceremony_only(void **state)
{
	(void)state;
	prng_seed(&r, "its_own_ceremony");
	fresh(group_ristretto255());
	for (int change = 0; change < 6; change++) {
		d = c;
		if (change == 0)
			d.p.election_id[0] ^= 1;
		if (change == 1)
			d.p.n = 3;
		if (change == 2)
			d.p.t = 1;
		if (change == 3)
			group_neg(c.p.g, &d.deal[1].commit[0], &d.deal[1].commit[0]);
		if (change == 4)
			d.deal[1].parcel[2].box[0] ^= 1;
		if (change == 5)
			cheat_bad_share(&d, &r, 2, 3);   /* another bad share: not what was opened */
		assert_int_equal(dkg_complaint_judge(&d.p, 3, &complaint, &d.deal[1]), ST_PROOF);
	}
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_OK);
}

static void a_complaint_about_oneself_or_nobody_is_refused(void **state)
{
	static const uint8_t nobody[] = { 0, 5, 14, 255 };

	(void)state;
	prng_seed(&r, "oneself_or_nobody");
	fresh(group_ristretto255());
	cheat_bad_share(&c, &r, 2, 2);
	assert_int_equal(dkg_complaint_make(&c.p, &complaint, &c.self[1], 2, &c.deal[1]), ST_ROLE);
	cheat_complaint(&c, &complaint, 2, 2);
	assert_int_equal(dkg_complaint_judge(&c.p, 2, &complaint, &c.deal[1]), ST_ROLE);
	cheat_complaint(&c, &complaint, 3, 2);
	assert_int_equal(dkg_complaint_judge(&c.p, 3, &complaint, &c.deal[1]), ST_OK);
	for (size_t i = 0; i < sizeof(nobody); i++) {
		struct dkg_complaint about = complaint;

		assert_int_equal(dkg_complaint_judge(&c.p, nobody[i], &complaint, &c.deal[1]),
		                 ST_ROLE);
		about.dealer = nobody[i];
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &about, &c.deal[1]), ST_ROLE);
		assert_int_equal(dkg_complaint_make(&c.p, &about, &c.self[2], nobody[i],
		                                    &c.deal[1]), ST_ROLE);
	}
}

/* --- bytes --------------------------------------------------------------------------------- */

/* Revealed element, challenge, response: plus the generator, plus 1. */
static void every_field_of_a_complaint_is_proved(void **state)
{
	(void)state;
	prng_seed(&r, "every_field");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		struct dkg_complaint list[DKG_MAX];
		size_t len, count, at = 2;
		uint8_t *bytes, *spoilt;

		fresh(g);
		len = dkg_complaints_len(&c.p, 1);
		bytes = malloc(len);
		spoilt = malloc(len);
		dkg_complaints_encode(&c.p, bytes, &complaint, 1);
		for (int field = 0; field < 3; field++) {
			memcpy(spoilt, bytes, len);
			if (field == 0)
				forge_element_next(g, spoilt + at);
			else
				forge_scalar_next(g, spoilt + at);
			at += field == 0 ? group_element_len(g) : group_scalar_len(g);
			assert_int_equal(dkg_complaints_decode(&c.p, list, &count, spoilt, len), ST_OK);
			assert_int_equal(dkg_complaint_judge(&c.p, 3, &list[0], &c.deal[1]), ST_PROOF);
		}
		assert_int_equal(at, len);
		memcpy(spoilt, bytes, len);
		spoilt[1] = 1;   /* names another dealer */
		assert_int_equal(dkg_complaints_decode(&c.p, list, &count, spoilt, len), ST_OK);
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &list[0], &c.deal[0]), ST_PROOF);
		assert_int_equal(dkg_complaints_decode(&c.p, list, &count, bytes, len), ST_OK);
		assert_int_equal(dkg_complaint_judge(&c.p, 3, &list[0], &c.deal[1]), ST_OK);
		free(bytes);
		free(spoilt);
	}
}

static void what_is_not_canonical_is_refused(void **state)
{
	(void)state;
	prng_seed(&r, "not_canonical");
	for (size_t s = 0; suites_large()[s] != NULL; s++) {
		const struct group *g = suites_large()[s];
		size_t element = group_element_len(g), scalar = group_scalar_len(g);
		struct dkg_complaint list[DKG_MAX];
		size_t len, count;
		uint8_t *bytes;

		fresh(g);
		len = dkg_complaints_len(&c.p, 1);
		bytes = malloc(len);
		dkg_complaints_encode(&c.p, bytes, &complaint, 1);
		for (size_t k = 0; k < 2; k++) {
			dkg_complaints_encode(&c.p, bytes, &complaint, 1);
			forge_scalar_order(g, bytes + 2 + element + k * scalar);
			assert_int_equal(dkg_complaints_decode(&c.p, list, &count, bytes, len),
			                 ST_SCALAR);
		}
		memset(bytes + 2, 0xff, element);
		assert_int_equal(dkg_complaints_decode(&c.p, list, &count, bytes, len), ST_ELEMENT);
		forge_element_identity(g, bytes + 2);
		assert_int_equal(dkg_complaints_decode(&c.p, list, &count, bytes, len), ST_IDENTITY);
		free(bytes);
	}
}

/* Complaints by 3 about 1, 2 and 4, and the list of none. */
static void lists_of_every_length_travel(void **state)
{
	struct dkg_complaint list[3], again[DKG_MAX];
	uint8_t bytes[2048], twice[2048];
	static const uint8_t about[] = { 1, 2, 4 };

	(void)state;
	prng_seed(&r, "lists");
	fresh(group_ristretto255());
	for (size_t i = 0; i < 3; i++)
		cheat_complaint(&c, &list[i], 3, about[i]);
	for (size_t n = 0; n <= 3; n++) {
		size_t len = dkg_complaints_len(&c.p, n), count = 99;

		assert_int_equal(len, 1 + n * (1 + 32 + 64));
		dkg_complaints_encode(&c.p, bytes, list, n);
		for (size_t k = 0; k < len; k++)
			assert_int_equal(dkg_complaints_decode(&c.p, again, &count, bytes, k), ST_FORMAT);
		assert_int_equal(dkg_complaints_decode(&c.p, again, &count, bytes, len + 1), ST_FORMAT);
		assert_int_equal(dkg_complaints_decode(&c.p, again, &count, bytes, len), ST_OK);
		assert_int_equal(count, n);
		dkg_complaints_encode(&c.p, twice, again, count);
		assert_memory_equal(twice, bytes, len);
	}
}

static void a_list_that_is_none_is_refused(void **state)
{
	static const struct {
		uint8_t about[4];
		uint8_t count;
		enum status want;
	} cases[] = {
		{ { 1, 1 }, 2, ST_DUPLICATE },
		{ { 2, 1 }, 2, ST_ORDER },
		{ { 0, 1 }, 2, ST_LIMIT },
		{ { 1, 5 }, 2, ST_LIMIT },
		{ { 1, 2, 3, 4 }, 4, ST_LIMIT },
		{ { 1, 2, 4 }, 3, ST_OK },
	};
	struct dkg_complaint again[DKG_MAX];
	uint8_t bytes[2048];

	(void)state;
	prng_seed(&r, "a_list_that_is_none");
	fresh(group_ristretto255());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = dkg_complaints_len(&c.p, cases[i].count), count;

		bytes[0] = cases[i].count;
		for (size_t k = 0; k < cases[i].count; k++) {
			uint8_t one[128];

			complaint.dealer = cases[i].about[k];
			dkg_complaints_encode(&c.p, one, &complaint, 1);
			memcpy(bytes + 1 + k * 97, one + 1, 97);
		}
		assert_int_equal(dkg_complaints_decode(&c.p, again, &count, bytes, len),
		                 cases[i].want);
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
		cmocka_unit_test(a_complaint_about_a_good_share_is_refuted),
		cmocka_unit_test(a_revealed_value_that_is_not_the_key_is_refused),
		cmocka_unit_test(the_key_to_another_parcel_is_refused),
		cmocka_unit_test(the_key_of_another_trustee_is_refused),
		cmocka_unit_test(a_proof_of_another_purpose_is_refused),
		cmocka_unit_test(a_complaint_serves_its_own_ceremony_only),
		cmocka_unit_test(a_complaint_about_oneself_or_nobody_is_refused),
		cmocka_unit_test(every_field_of_a_complaint_is_proved),
		cmocka_unit_test(what_is_not_canonical_is_refused),
		cmocka_unit_test(lists_of_every_length_travel),
		cmocka_unit_test(a_list_that_is_none_is_refused),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
