/* test_ballotlayout.c: what a layout allows, by enumeration; and what the check refuses. */
#include "crypto/ballotlayout.h"
#include "crypto/mem.h"
#include "tests/unit/lib/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

typedef struct ballotlayout_rule rule;   /* shorter tables */

static struct ballotlayout lay;   /* too large for the stack */

/* --- digits ------------------------------------------------------------------------------- */

static void digits_have_exactly_the_sums_up_to_k(void **state)
{
	(void)state;
	for (uint32_t k = 0; k <= 600; k++) {
		uint32_t w[BALLOTLAYOUT_DIGITS_MAX];
		size_t len = ballotlayout_digits(w, k);
		bool seen[601] = { false };

		for (uint32_t subset = 0; subset < 1u << len; subset++) {
			uint32_t sum = 0;

			for (size_t i = 0; i < len; i++)
				sum += (subset >> i & 1) != 0 ? w[i] : 0;
			assert_in_range(sum, 0, k);
			seen[sum] = true;
		}
		for (uint32_t v = 0; v <= k; v++)
			assert_true(seen[v]);
	}
}

static void digits_are_powers_of_two_and_a_remainder(void **state)
{
	static const struct {
		uint32_t k;
		size_t len;
		uint32_t last;
	} want[] = {
		{ 0, 0, 0 }, { 1, 1, 1 }, { 2, 2, 1 }, { 3, 2, 2 }, { 5, 3, 2 }, { 7, 3, 4 },
		{ 8, 4, 1 }, { 1000000, 20, 475713 }, { UINT32_MAX - 1, 32, 0x7fffffff },
		{ UINT32_MAX, 32, 0x80000000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		uint32_t w[BALLOTLAYOUT_DIGITS_MAX];
		uint64_t sum = 0;

		assert_int_equal(ballotlayout_digits(w, want[i].k), want[i].len);
		for (size_t d = 0; d < want[i].len; d++) {
			sum += w[d];
			if (d + 1 < want[i].len)
				assert_int_equal(w[d], 1u << d);
		}
		if (want[i].len > 0)
			assert_int_equal(w[want[i].len - 1], want[i].last);
		assert_int_equal(sum, want[i].k);
	}
}

/* --- the meaning of a layout -------------------------------------------------------------- */

/* The rule as a person reads it, told without digits, slack or constraints. */
static bool obeys(const rule *r, bool blank, const uint32_t *m)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->options; i++) {
		if (m[i] > r->each_max)
			return false;
		sum += m[i];
	}
	if (blank)
		return r->blank && sum == 0;
	return sum >= r->min && sum <= r->max;
}

/* A number for (blank, m), to mark what was seen. */
static size_t mark(const rule *r, bool blank, const uint32_t *m)
{
	size_t at = blank ? 1 : 0;

	for (uint32_t i = 0; i < r->options; i++)
		at = at * (r->each_max + 2) + m[i];
	return at;
}

/* Do these bits satisfy the constraints?  If so, what do they encrypt? */
static bool bits_solve(uint32_t bits, bool *blank, uint32_t *m)
{
	uint64_t value[8] = { 0 };

	assert_in_range(lay.ciphertexts_len, 1, COUNT(value));
	for (size_t c = 0; c < lay.constraints_len; c++) {
		uint64_t sum = 0;

		for (size_t k = 0; k < lay.bits_len; k++)
			if (lay.bits[k].constraint == c)
				sum += (uint64_t)(bits >> k & 1) * lay.bits[k].factor;
		if (sum != lay.constraints[c].sum)
			return false;
	}
	for (size_t k = 0; k < lay.bits_len; k++)
		if (lay.bits[k].ciphertext != BALLOTLAYOUT_NONE)
			value[lay.bits[k].ciphertext] += (bits >> k & 1) * lay.bits[k].weight;
	*blank = lay.groups[0].blank != BALLOTLAYOUT_NONE && value[lay.groups[0].blank] == 1;
	for (uint32_t i = 0; i < lay.groups[0].rule.options; i++)
		m[i] = (uint32_t)value[lay.groups[0].first_ciphertext + i];
	return true;
}

/* Mark every (blank, m) that some bits give, then ask the rule about every (blank, m). */
static void assert_layout_means_rule(const rule *r)
{
	static bool seen[1 << 16];
	uint32_t m[8] = { 0 };
	bool blank;
	size_t all = 1;

	memset(seen, 0, sizeof(seen));
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, r, 1), ST_OK);
	assert_in_range(lay.bits_len, 1, 20);
	for (uint32_t bits = 0; bits < 1u << lay.bits_len; bits++)
		if (bits_solve(bits, &blank, m)) {
			assert_true(obeys(r, blank, m));
			seen[mark(r, blank, m)] = true;
		}
	for (uint32_t i = 0; i < r->options; i++)
		all *= r->each_max + 2;
	for (size_t at = 0; at < 2 * all; at++) {
		size_t rest = at % all;

		for (uint32_t i = r->options; i-- > 0; rest /= r->each_max + 2)
			m[i] = (uint32_t)(rest % (r->each_max + 2));
		assert_int_equal(mark(r, at >= all, m) < COUNT(seen), 1);
		assert_int_equal(obeys(r, at >= all, m), seen[mark(r, at >= all, m)]);
	}
}

static void a_layout_allows_exactly_what_the_rule_allows(void **state)
{
	size_t tried = 0;

	(void)state;
	for (uint32_t n = 1; n <= 4; n++)
		for (uint32_t each = 1; each <= (n > 2 ? 2u : 4u); each++)
			for (uint32_t max = 1; max <= n * each + 1; max++)
				for (uint32_t min = 0; min <= max && min <= n * each; min++)
					for (int blank = 0; blank < 2; blank++, tried++) {
						rule r = { 0, n, each, min, max, blank == 1 };

						assert_layout_means_rule(&r);
					}
	assert_true(tried > 400);
}

static void blank_stands_first_then_options_then_slack(void **state)
{
	const rule rules[] = { { 7, 2, 1, 0, 1, false }, { 9, 2, 5, 1, 8, true } };

	(void)state;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 3, rules, 2), ST_OK);
	assert_int_equal(lay.bits_len, 3 + 1 + 6 + 3);
	assert_int_equal(lay.ciphertexts_len, 2 + 3);
	assert_int_equal(lay.constraints_len, 2);
	assert_int_equal(lay.groups[0].blank, BALLOTLAYOUT_NONE);
	assert_int_equal(lay.groups[0].first_ciphertext, 0);
	assert_int_equal(lay.groups[0].first_slack, 2);
	assert_int_equal(lay.groups[1].blank, 2);
	assert_int_equal(lay.bits[3].factor, 8);
	assert_int_equal(lay.bits[3].weight, 1);
	assert_int_equal(lay.groups[1].first_ciphertext, 3);
	assert_int_equal(lay.ciphertexts[4].first_bit, 7);
	assert_int_equal(lay.groups[1].first_slack, 10);
	assert_int_equal(lay.constraints[1].solve, 4);
	assert_int_equal(lay.bits[lay.constraints[1].solve].factor, 1);
}

/* Where min = 0, max takes everything and no blank: neither slack nor constraint. */
static void a_rule_that_says_nothing_has_no_constraint(void **state)
{
	const rule nothing = { 0, 3, 2, 0, 6, false };
	rule r = nothing;

	(void)state;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &r, 1), ST_OK);
	assert_int_equal(lay.constraints_len, 0);
	assert_int_equal(lay.bits_len, 6);
	r.max = 5;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &r, 1), ST_OK);
	assert_int_equal(lay.constraints_len, 1);
	r = nothing;
	r.min = 1;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &r, 1), ST_OK);
	assert_int_equal(lay.constraints_len, 1);
	r = nothing;
	r.blank = true;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &r, 1), ST_OK);
	assert_int_equal(lay.constraints_len, 1);
	/* min = max: nothing to take up. */
	r = (rule){ 0, 5, 1, 1, 1, false };
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &r, 1), ST_OK);
	assert_int_equal(lay.bits_len, 5);
	assert_int_equal(lay.groups[0].slack_bits, 0);
}

/* --- refusals ----------------------------------------------------------------------------- */

static void every_bad_rule_is_refused_by_number_and_reason(void **state)
{
	static const struct {
		rule r;
		enum status st;
		const char *why;
	} bad[] = {
		{ { 0, 0, 1, 0, 1, false }, ST_RANGE, "There is no option to choose." },
		{ { 0, 2, 0, 0, 1, false }, ST_RANGE, "No option may receive anything." },
		{ { 0, 2, 1, 0, 0, false }, ST_RANGE, "The sum may be nothing but 0." },
		{ { 0, 2, 1, 0, 0, true }, ST_RANGE, "The sum may be nothing but 0." },
		{ { 0, 3, 1, 2, 1, false }, ST_RANGE, "The smallest sum is above the greatest." },
		/* min above what the options can reach, hidden by a large max */
		{ { 0, 3, 1, 4, 9, false }, ST_RANGE, "The smallest sum is above the greatest." },
		{ { 0, 1025, 1, 0, 1, false }, ST_LIMIT, "There are too many options." },
		{ { 0, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, false }, ST_LIMIT,
		  "There are too many options." },
		{ { 0, 2, UINT32_MAX, 0, 1, false }, ST_LIMIT, "The numbers are too large." },
		{ { 0, 1, 1431655766, 0, UINT32_MAX, false }, ST_LIMIT,
		  "The numbers are too large." },
		{ { 0, 700, 7, 0, 4900, false }, ST_LIMIT, "There are too many bits in all." },
		{ { 0, 1024, 1, 0, 9, true }, ST_LIMIT, "There are too many numbers in all." },
	};
	const rule good = { 0, 2, 1, 0, 1, false };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		const rule rules[] = { good, bad[i].r };
		struct ballotlayout_fault fault = { 99, NULL };

		assert_int_equal(ballotlayout_compile(&lay, &fault, 0, rules, 2), bad[i].st);
		assert_string_equal(fault.why, bad[i].why);
		assert_int_equal(fault.rule, 1);
		assert_int_equal(ballotlayout_check(NULL, rules, 2), bad[i].st);
		assert_int_equal(ballotlayout_check(&fault, rules, 1), ST_OK);
	}
}

static void each_limit_is_met_and_not_passed(void **state)
{
	rule rules[BALLOTLAYOUT_RULES_MAX + 1];
	/* n * each_max + 2 * max = 3 * 1431655765 = 2^32 - 1 */
	const rule widest = { 0, 1, 1431655765, 0, UINT32_MAX, true };
	const rule most_numbers = { 0, 1023, 1, 0, 1023, true };
	const rule most_bits[] = { { 0, 1024, 3, 0, 3072, false }, { 0, 1, 1, 0, 1, false } };
	struct ballotlayout_fault fault;

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++)
		rules[i] = (rule){ (uint32_t)i, 2, 1, 1, 1, true };
	assert_int_equal(ballotlayout_check(&fault, rules, 0), ST_RANGE);
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, rules, COUNT(rules) - 1), ST_OK);
	assert_int_equal(lay.constraints_len, BALLOTLAYOUT_CONSTRAINTS_MAX);
	assert_int_equal(ballotlayout_check(&fault, rules, COUNT(rules)), ST_LIMIT);
	assert_int_equal(fault.rule, COUNT(rules));
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &widest, 1), ST_OK);
	assert_int_equal(lay.groups[0].rule.max, 1431655765);
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, &most_numbers, 1), ST_OK);
	assert_int_equal(lay.ciphertexts_len, BALLOTLAYOUT_CIPHERTEXTS_MAX);
	assert_int_equal(ballotlayout_compile(&lay, NULL, 0, most_bits, 1), ST_OK);
	assert_int_equal(lay.bits_len, BALLOTLAYOUT_BITS_MAX);
	assert_int_equal(ballotlayout_check(&fault, most_bits, 2), ST_LIMIT);
}

/* --- the digest --------------------------------------------------------------------------- */

static void the_digest_is_of_these_bytes(void **state)
{
	const rule r = { 7, 5, 1, 1, 1, true };
	uint8_t message[128];
	uint8_t want[HASH512_BYTES];
	size_t len = hex_bytes(message, sizeof(message),
	                       "00000010" "6b616c7069732f76312f6c61796f7574"   /* purpose */
	                       "00000004" "00000003"                           /* label */
	                       "00000004" "00000001"                           /* one rule */
	                       "00000004" "00000007" "00000004" "00000005"     /* label, options */
	                       "00000004" "00000001" "00000004" "00000001"     /* each_max, min */
	                       "00000004" "00000001" "00000001" "01");         /* max, blank */

	(void)state;
	hash512(want, message, len);
	assert_int_equal(ballotlayout_compile(&lay, NULL, 3, &r, 1), ST_OK);
	assert_memory_equal(lay.digest, want, sizeof(want));
}

static void the_digest_binds_every_figure(void **state)
{
	const rule r = { 7, 5, 3, 1, 4, true };
	rule other[6] = { r, r, r, r, r, r };
	uint8_t digest[HASH512_BYTES];

	(void)state;
	assert_int_equal(ballotlayout_compile(&lay, NULL, 3, &r, 1), ST_OK);
	memcpy(digest, lay.digest, sizeof(digest));
	assert_int_equal(ballotlayout_compile(&lay, NULL, 4, &r, 1), ST_OK);
	assert_memory_not_equal(lay.digest, digest, sizeof(digest));
	other[0].label = 8;
	other[1].options = 6;
	other[2].each_max = 2;
	other[3].min = 2;
	other[4].max = 5;
	other[5].blank = false;
	for (size_t i = 0; i < COUNT(other); i++) {
		assert_int_equal(ballotlayout_compile(&lay, NULL, 3, &other[i], 1), ST_OK);
		assert_memory_not_equal(lay.digest, digest, sizeof(digest));
	}
	/* Two ways of writing the same rule are one. */
	other[0] = (rule){ 7, 5, 3, 1, 15, true };
	other[1] = (rule){ 7, 5, 3, 1, 99, true };
	assert_int_equal(ballotlayout_compile(&lay, NULL, 3, &other[0], 1), ST_OK);
	memcpy(digest, lay.digest, sizeof(digest));
	assert_int_equal(ballotlayout_compile(&lay, NULL, 3, &other[1], 1), ST_OK);
	assert_memory_equal(lay.digest, digest, sizeof(digest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_have_exactly_the_sums_up_to_k),
		cmocka_unit_test(digits_are_powers_of_two_and_a_remainder),
		cmocka_unit_test(a_layout_allows_exactly_what_the_rule_allows),
		cmocka_unit_test(blank_stands_first_then_options_then_slack),
		cmocka_unit_test(a_rule_that_says_nothing_has_no_constraint),
		cmocka_unit_test(every_bad_rule_is_refused_by_number_and_reason),
		cmocka_unit_test(each_limit_is_met_and_not_passed),
		cmocka_unit_test(the_digest_is_of_these_bytes),
		cmocka_unit_test(the_digest_binds_every_figure),
	};

	if (crypto_init() != ST_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
