/*
 * ballotlayout.h: what one proof of §5.4 is about: which numbers are encrypted, the bits that they
 * are made of, and the linear constraints on those bits (protocol-ballotproof.md §2).
 *
 * A layout is compiled from rules.  A rule speaks of a group of `options` numbers, each within
 * 0..each_max, whose sum lies within min..max; with `blank` there is one more number, which is
 * 1 exactly when the group is blank: then every other number of the group is 0.
 *
 * Invariant of a compiled layout: each bit weighs in at most one ciphertext and stands in at most
 * one constraint; the bits of a ciphertext, and those of a constraint, are neighbours; every
 * solution of the constraints in bits obeys the rules and every number that obeys the rules has
 * a solution.  Everything here is public.
 */
#ifndef KALPIS_CRYPTO_BALLOTLAYOUT_H
#define KALPIS_CRYPTO_BALLOTLAYOUT_H

#include "crypto/hash.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same figures as in common/base/limits.h. */
enum {
	BALLOTLAYOUT_RULES_MAX = 64,
	BALLOTLAYOUT_CONSTRAINTS_MAX = 64,      /* at most one for a rule */
	BALLOTLAYOUT_BITS_MAX = 2048,           /* N */
	BALLOTLAYOUT_CIPHERTEXTS_MAX = 1024,    /* M */
	BALLOTLAYOUT_DIGITS_MAX = 32,
	BALLOTLAYOUT_NONE = 0xffff              /* no ciphertext, no constraint */
};

/* max may exceed options * each_max: then it is lowered to that. */
struct ballotlayout_rule {
	uint32_t label;      /* the caller's name for this group, hashed and not interpreted */
	uint32_t options;    /* n */
	uint32_t each_max;
	uint32_t min;
	uint32_t max;
	bool blank;
};

struct ballotlayout_bit {
	uint32_t weight;       /* w: what the bit adds to its ciphertext; 0 when it has none */
	uint32_t factor;       /* u: what it adds to its constraint; 0 when it has none */
	uint16_t ciphertext;   /* index, or BALLOTLAYOUT_NONE: a slack bit */
	uint16_t constraint;   /* index, or BALLOTLAYOUT_NONE */
};

/* One encrypted number: sum of weight * bit over [first_bit, first_bit + bits). */
struct ballotlayout_ciphertext {
	uint16_t first_bit;
	uint16_t bits;
};

/* Sum of factor * bit over [first_bit, first_bit + bits) = sum. */
struct ballotlayout_constraint {
	uint32_t sum;         /* U */
	uint16_t first_bit;
	uint16_t bits;
	uint16_t solve;       /* a bit of this constraint whose factor is 1 */
};

/* Where the parts of one rule stand. */
struct ballotlayout_group {
	struct ballotlayout_rule rule;   /* max lowered */
	uint16_t blank;                  /* ciphertext of the blank flag, or BALLOTLAYOUT_NONE */
	uint16_t first_ciphertext;       /* of the first option; the others follow */
	uint16_t first_slack;            /* bit */
	uint16_t slack_bits;
	uint16_t constraint;             /* index, or BALLOTLAYOUT_NONE */
};

struct ballotlayout {
	uint32_t label;
	size_t bits_len;          /* N */
	size_t ciphertexts_len;   /* M */
	size_t constraints_len;
	size_t groups_len;
	struct ballotlayout_bit bits[BALLOTLAYOUT_BITS_MAX];
	struct ballotlayout_ciphertext ciphertexts[BALLOTLAYOUT_CIPHERTEXTS_MAX];
	struct ballotlayout_constraint constraints[BALLOTLAYOUT_CONSTRAINTS_MAX];
	struct ballotlayout_group groups[BALLOTLAYOUT_RULES_MAX];
	uint8_t digest[HASH512_BYTES];   /* of the label and the rules, max lowered */
};

/* What is wrong with a list of rules: which one (rules_len: the list as a whole) and why. */
struct ballotlayout_fault {
	size_t rule;
	const char *why;   /* static, one sentence */
};

/*
 * digits(K) = 1, 2, 4, ... while the sum stays <= K, then the remainder: the sums of its subsets
 * are exactly 0..K.  Returns how many there are; weights has room for BALLOTLAYOUT_DIGITS_MAX.
 */
size_t ballotlayout_digits(uint32_t *weights, uint32_t k);

/*
 * ST_RANGE: a rule that contradicts itself or asks nothing; ST_LIMIT: a rule whose numbers could
 * wrap, or more rules, bits or ciphertexts than the bounds above.  fault may be NULL; on ST_OK it
 * is not written.
 */
MUST_USE enum status ballotlayout_check(struct ballotlayout_fault *fault,
                                        const struct ballotlayout_rule *rules, size_t rules_len);

/* Checks as above, then compiles; *out is undefined on failure.  label is hashed with the rules. */
MUST_USE enum status ballotlayout_compile(struct ballotlayout *out,
                                          struct ballotlayout_fault *fault, uint32_t label,
                                          const struct ballotlayout_rule *rules,
                                          size_t rules_len);

#endif
