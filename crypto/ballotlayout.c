/*
 * ballotlayout.c: see ballotlayout.h (protocol-ballotproof.md §2).
 *
 * Invariant: check counts exactly what compile lays out, so that compile cannot overrun.
 */
#include "crypto/ballotlayout.h"

#include <assert.h>

_Static_assert((BALLOTLAYOUT_BITS_MAX) < (BALLOTLAYOUT_NONE), "an index is 16 bits wide");
_Static_assert((BALLOTLAYOUT_RULES_MAX) == (BALLOTLAYOUT_CONSTRAINTS_MAX),
               "the bound on rules is the bound on constraints");

size_t ballotlayout_digits(uint32_t *weights, uint32_t k)
{
	uint64_t power = 1;
	uint64_t sum = 0;
	size_t len = 0;

	for (; sum + power <= k; power *= 2) {
		weights[len++] = (uint32_t)power;
		sum += power;
	}
	if (sum < k)
		weights[len++] = (uint32_t)(k - sum);
	assert(len <= BALLOTLAYOUT_DIGITS_MAX);
	return len;
}

/* --- check -------------------------------------------------------------------------------- */

static enum status refuse(struct ballotlayout_fault *fault, enum status st, size_t rule,
                          const char *why)
{
	if (fault != NULL) {
		fault->rule = rule;
		fault->why = why;
	}
	return st;
}

/* The greatest sum that the rule allows, after lowering max. */
static uint64_t lowered_max(const struct ballotlayout_rule *r)
{
	uint64_t all = (uint64_t)r->options * r->each_max;

	return r->max < all ? r->max : all;
}

/* Does the rule say more than that each number is within 0..each_max? */
static bool has_constraint(const struct ballotlayout_rule *r)
{
	return r->blank || r->min > 0 || lowered_max(r) < (uint64_t)r->options * r->each_max;
}

static enum status rule_check(struct ballotlayout_fault *fault, size_t i,
                              const struct ballotlayout_rule *r)
{
	uint64_t all = (uint64_t)r->options * r->each_max;
	uint64_t max = lowered_max(r);

	if (r->options == 0)
		return refuse(fault, ST_RANGE, i, "There is no option to choose.");
	if (r->options > BALLOTLAYOUT_CIPHERTEXTS_MAX)
		return refuse(fault, ST_LIMIT, i, "There are too many options.");
	if (r->each_max == 0)
		return refuse(fault, ST_RANGE, i, "No option may receive anything.");
	if (max == 0)
		return refuse(fault, ST_RANGE, i, "The sum may be nothing but 0.");
	if (r->min > max)
		return refuse(fault, ST_RANGE, i, "The smallest sum is above the greatest.");
	/* Below 2^32 nothing wraps modulo the group order and every factor is invertible. */
	if (all + 2 * max > UINT32_MAX)
		return refuse(fault, ST_LIMIT, i, "The numbers are too large.");
	return ST_OK;
}

static size_t bits_of(const struct ballotlayout_rule *r)
{
	uint32_t weights[BALLOTLAYOUT_DIGITS_MAX];
	size_t bits = r->options * ballotlayout_digits(weights, r->each_max);

	if (has_constraint(r))
		bits += ballotlayout_digits(weights, (uint32_t)(lowered_max(r) - r->min));
	return r->blank ? bits + 1 : bits;
}

enum status ballotlayout_check(struct ballotlayout_fault *fault,
                               const struct ballotlayout_rule *rules, size_t rules_len)
{
	size_t ciphertexts = 0;
	size_t bits = 0;

	if (rules_len == 0)
		return refuse(fault, ST_RANGE, rules_len, "There is nothing to decide.");
	if (rules_len > BALLOTLAYOUT_RULES_MAX)
		return refuse(fault, ST_LIMIT, rules_len, "There are too many groups.");
	for (size_t i = 0; i < rules_len; i++) {
		enum status st = rule_check(fault, i, &rules[i]);

		if (st != ST_OK)
			return st;
		ciphertexts += rules[i].options + (rules[i].blank ? 1u : 0u);
		bits += bits_of(&rules[i]);
		if (ciphertexts > BALLOTLAYOUT_CIPHERTEXTS_MAX)
			return refuse(fault, ST_LIMIT, i, "There are too many numbers in all.");
		if (bits > BALLOTLAYOUT_BITS_MAX)
			return refuse(fault, ST_LIMIT, i, "There are too many bits in all.");
	}
	return ST_OK;
}

/* --- compile ------------------------------------------------------------------------------ */

static void add_bits(struct ballotlayout *l, uint16_t ciphertext, uint16_t constraint,
                     const uint32_t *weights, size_t weights_len)
{
	assert(l->bits_len + weights_len <= BALLOTLAYOUT_BITS_MAX);
	for (size_t i = 0; i < weights_len; i++) {
		struct ballotlayout_bit *b = &l->bits[l->bits_len++];

		b->ciphertext = ciphertext;
		b->constraint = constraint;
		b->weight = ciphertext == BALLOTLAYOUT_NONE ? 0 : weights[i];
		b->factor = constraint == BALLOTLAYOUT_NONE ? 0 : weights[i];
	}
}

static uint16_t add_ciphertext(struct ballotlayout *l, uint16_t constraint,
                               const uint32_t *weights, size_t weights_len)
{
	uint16_t index = (uint16_t)l->ciphertexts_len;

	assert(l->ciphertexts_len < BALLOTLAYOUT_CIPHERTEXTS_MAX);
	l->ciphertexts[index].first_bit = (uint16_t)l->bits_len;
	l->ciphertexts[index].bits = (uint16_t)weights_len;
	l->ciphertexts_len++;
	add_bits(l, index, constraint, weights, weights_len);
	return index;
}

/* The flag of a blank group adds max to its constraint, and 1 to its own ciphertext. */
static uint16_t add_blank(struct ballotlayout *l, uint16_t constraint, uint32_t max)
{
	static const uint32_t ONE = 1;
	uint16_t index = add_ciphertext(l, constraint, &ONE, 1);

	l->bits[l->ciphertexts[index].first_bit].factor = max;
	return index;
}

static void add_group(struct ballotlayout *l, const struct ballotlayout_rule *rule)
{
	struct ballotlayout_group *p = &l->groups[l->groups_len++];
	size_t first_bit = l->bits_len;
	uint32_t weights[BALLOTLAYOUT_DIGITS_MAX];
	size_t weights_len;

	p->rule = *rule;
	p->rule.max = (uint32_t)lowered_max(rule);
	p->constraint = has_constraint(rule) ? (uint16_t)l->constraints_len : BALLOTLAYOUT_NONE;
	p->blank = rule->blank ? add_blank(l, p->constraint, p->rule.max) : BALLOTLAYOUT_NONE;
	p->first_ciphertext = (uint16_t)l->ciphertexts_len;
	weights_len = ballotlayout_digits(weights, rule->each_max);
	for (uint32_t i = 0; i < rule->options; i++)
		(void)add_ciphertext(l, p->constraint, weights, weights_len);
	p->first_slack = (uint16_t)l->bits_len;
	p->slack_bits = 0;
	if (p->constraint == BALLOTLAYOUT_NONE)
		return;
	weights_len = ballotlayout_digits(weights, p->rule.max - rule->min);
	add_bits(l, BALLOTLAYOUT_NONE, p->constraint, weights, weights_len);
	p->slack_bits = (uint16_t)weights_len;
	assert(l->constraints_len < BALLOTLAYOUT_CONSTRAINTS_MAX);
	l->constraints[l->constraints_len++] = (struct ballotlayout_constraint){
		.sum = p->rule.max,
		.first_bit = (uint16_t)first_bit,
		.bits = (uint16_t)(l->bits_len - first_bit),
		/* digits() begins with 1. */
		.solve = l->ciphertexts[p->first_ciphertext].first_bit,
	};
}

/* protocol-ballotproof.md §2: Digest64("layout", label, count, each rule with max lowered). */
static void set_digest(struct ballotlayout *l)
{
	struct hash h;

	hash512_purpose(&h, "layout");
	hash_field_u32(&h, l->label);
	hash_field_u32(&h, (uint32_t)l->groups_len);
	for (size_t i = 0; i < l->groups_len; i++) {
		const struct ballotlayout_rule *r = &l->groups[i].rule;

		hash_field_u32(&h, r->label);
		hash_field_u32(&h, r->options);
		hash_field_u32(&h, r->each_max);
		hash_field_u32(&h, r->min);
		hash_field_u32(&h, r->max);
		hash_field_u8(&h, r->blank ? 1 : 0);
	}
	hash512_final(&h, l->digest);
}

enum status ballotlayout_compile(struct ballotlayout *out, struct ballotlayout_fault *fault,
                                 uint32_t label, const struct ballotlayout_rule *rules,
                                 size_t rules_len)
{
	enum status st = ballotlayout_check(fault, rules, rules_len);

	if (st != ST_OK)
		return st;
	out->label = label;
	out->bits_len = 0;
	out->ciphertexts_len = 0;
	out->constraints_len = 0;
	out->groups_len = 0;
	for (size_t i = 0; i < rules_len; i++)
		add_group(out, &rules[i]);
	set_digest(out);
	return ST_OK;
}
