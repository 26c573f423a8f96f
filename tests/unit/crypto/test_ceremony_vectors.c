/*
 * test_ceremony_vectors.c: what tests/reference/ceremony.py computes from the document is what
 * our code makes and accepts, to the byte: deals, commits, complaints, keys, confirms, shares.
 */
#include "crypto/dkg.h"
#include "crypto/dlog.h"
#include "crypto/mem.h"
#include "crypto/threshold.h"
#include "tests/unit/lib/hex.h"
#include "tests/vectors/ceremony.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CASES = sizeof(ceremony_figures) / sizeof(ceremony_figures[0]), SUMS = 3, BYTES = 8192 };

static const struct ceremony_figures *f;
static struct dkg_params p;
static struct dkg_self self[3];
static struct dkg_deal deal[3], bad;
static const struct dkg_deal *in[DKG_MAX];
static struct dkg_result result;
static uint8_t have[BYTES], want[BYTES];

static void scalar_of(struct scalar *out, const char *hex)
{
	hex_exact(have, group_scalar_len(p.g), hex);
	assert_int_equal(group_scalar_decode(p.g, out, have), ST_OK);
}

static void assert_encodes(const struct element *a, const char *hex)
{
	size_t len = group_element_len(p.g);

	hex_exact(want, len, hex);
	group_encode(p.g, have, a);
	assert_memory_equal(have, want, len);
}

/* Parameters, secrets and honest deals of case number which. */
static void load(size_t which)
{
	f = &ceremony_figures[which];
	memset(&p, 0, sizeof(p));
	memset(in, 0, sizeof(in));
	p.g = group_by_name(f->suite);
	assert_non_null(p.g);
	p.n = f->n;
	p.t = f->t;
	hex_exact(p.election_id, sizeof(p.election_id), f->election_id);
	for (uint8_t j = 0; j < p.n; j++) {
		self[j].index = (uint8_t)(j + 1);
		scalar_of(&self[j].key, f->secret_key[j]);
		hex_exact(self[j].seed, sizeof(self[j].seed), f->seed[j]);
		group_mul_base(p.g, &p.key[j], &self[j].key);
	}
	for (uint8_t j = 0; j < p.n; j++) {
		assert_int_equal(dkg_deal_make(&p, &deal[j], &self[j]), ST_OK);
		in[j] = &deal[j];
	}
}

static void deals_and_commits_are_those_of_the_document(void **state)
{
	uint8_t commit[DKG_COMMIT_BYTES];

	(void)state;
	for (size_t c = 0; c < CASES; c++) {
		load(c);
		for (uint8_t i = 1; i <= p.n; i++) {
			size_t len = dkg_deal_len(&p);

			hex_exact(want, len, f->deal[i - 1]);
			dkg_deal_encode(&p, have, &deal[i - 1]);
			assert_memory_equal(have, want, len);
			dkg_commit(&p, commit, i, &deal[i - 1]);
			hex_exact(want, sizeof(commit), f->commit[i - 1]);
			assert_memory_equal(commit, want, sizeof(commit));
			assert_int_equal(dkg_deal_check(&p, i, &deal[i - 1], want), ST_OK);
		}
	}
}

static void its_complaint_convinces(void **state)
{
	struct dkg_complaint list[DKG_MAX];
	uint8_t commit[DKG_COMMIT_BYTES];
	struct scalar share;
	size_t count;

	(void)state;
	for (size_t c = 0; c < CASES; c++) {
		uint8_t by;

		load(c);
		if (f->bad_dealer == 0)
			continue;
		by = f->bad_receiver;
		hex_exact(commit, sizeof(commit), f->commit[f->bad_dealer - 1]);
		hex_exact(want, dkg_deal_len(&p), f->bad_deal);
		assert_int_equal(dkg_deal_decode(&p, &bad, want, dkg_deal_len(&p)), ST_OK);
		assert_int_equal(dkg_deal_check(&p, f->bad_dealer, &bad, commit), ST_OK);
		assert_int_equal(dkg_share_open(&p, &share, &self[by - 1], f->bad_dealer, &bad),
		                 ST_OPENING);
		hex_exact(want, dkg_complaints_len(&p, 1), f->complaints);
		assert_int_equal(dkg_complaints_decode(&p, list, &count, want,
		                                       dkg_complaints_len(&p, 1)), ST_OK);
		assert_int_equal(count, 1);
		assert_int_equal(dkg_complaint_judge(&p, by, &list[0], &bad), ST_OK);
		assert_int_equal(dkg_complaint_judge(&p, by, &list[0], &deal[f->bad_dealer - 1]),
		                 ST_PROOF);
	}
}

static void keys_and_confirms_are_those_of_the_document(void **state)
{
	uint8_t transcript[32], confirm[DKG_CONFIRM_BYTES];

	(void)state;
	for (size_t c = 0; c < CASES; c++) {
		struct scalar x, share;

		load(c);
		hex_exact(transcript, sizeof(transcript), f->transcript);
		assert_int_equal(dkg_result_make(&p, &result, in), ST_OK);
		assert_encodes(&result.y, f->y);
		for (uint8_t j = 0; j < p.n; j++) {
			assert_encodes(&result.share[j], f->share_key[j]);
			assert_int_equal(dkg_share_sum(&p, &x, &self[j], &result, in), ST_OK);
			scalar_of(&share, f->share_secret[j]);
			assert_true(group_scalar_is_equal(p.g, &x, &share));
		}
		dkg_confirm(&p, confirm, &result, transcript);
		hex_exact(want, sizeof(confirm), f->confirm);
		assert_memory_equal(confirm, want, sizeof(confirm));
		if (f->bad_dealer == 0)
			continue;
		in[f->bad_dealer - 1] = NULL;
		assert_int_equal(dkg_result_make(&p, &result, in), ST_OK);
		dkg_confirm(&p, confirm, &result, transcript);
		hex_exact(want, sizeof(confirm), f->confirm_without_bad);
		assert_memory_equal(confirm, want, sizeof(confirm));
	}
}

static void decode_sums(struct ciphertext *sums)
{
	for (size_t k = 0; k < SUMS; k++) {
		hex_exact(have, ciphertext_len(p.g), f->sum[k]);
		assert_int_equal(ciphertext_decode_var(p.g, &sums[k], have), ST_OK);
	}
}

static void its_shares_open_the_counts(void **state)
{
	static struct element partial[3][SUMS];
	static struct dlog_slot slots[DLOG_SLOTS_MIN];

	(void)state;
	for (size_t c = 0; c < CASES; c++) {
		struct ciphertext sums[SUMS];
		struct element alpha[SUMS], opened[SUMS];
		struct thdec_share shares[3];
		uint8_t end[32], proof[DLEQ_BYTES_MAX];
		struct dlog table;
		struct thdec d;
		uint64_t count;

		load(c);
		assert_int_equal(dkg_result_make(&p, &result, in), ST_OK);
		hex_exact(end, sizeof(end), f->end_block);
		decode_sums(sums);
		assert_int_equal(thdec_init(&d, alpha, p.g, p.election_id, end, &result.y, sums, SUMS),
		                 ST_OK);
		hex_exact(want, sizeof(d.digest), f->digest);
		assert_memory_equal(d.digest, want, sizeof(d.digest));
		for (uint8_t j = 0; j < p.n; j++) {
			size_t len = thdec_share_len(p.g, SUMS);

			hex_exact(want, len, f->share[j]);
			assert_int_equal(thdec_share_decode_var(p.g, partial[j], SUMS, proof, want, len),
			                 ST_OK);
			shares[j] = (struct thdec_share){
				.index = (uint8_t)(j + 1), .partial = partial[j],
				.is_valid = thdec_share_check(&d, (uint8_t)(j + 1), &result.share[j],
				                              partial[j], proof) == ST_OK,
			};
			assert_true(shares[j].is_valid);
		}
		assert_int_equal(thdec_combine_var(&d, opened, p.t, shares, p.n), ST_OK);
		assert_int_equal(dlog_init(&table, p.g, slots, DLOG_SLOTS_MIN), ST_OK);
		for (size_t k = 0; k < SUMS; k++) {
			assert_int_equal(dlog_solve_var(&table, &count, &opened[k], 100), ST_OK);
			assert_int_equal(count, f->count[k]);
		}
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
		cmocka_unit_test(deals_and_commits_are_those_of_the_document),
		cmocka_unit_test(its_complaint_convinces),
		cmocka_unit_test(keys_and_confirms_are_those_of_the_document),
		cmocka_unit_test(its_shares_open_the_counts),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
