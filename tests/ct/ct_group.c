/*
 * ct_group.c: do the functions for secrets take branches or addresses from them?
 *
 * Runs under valgrind's memcheck, after Langley's ctgrind: secrets are marked as undefined, and
 * memcheck complains of a jump or an address that depends on one.  It does not see instructions of
 * variable duration.  Controls, which do leak, show that a leak would be seen.
 *
 * Exit: 0 all as expected, 1 a leak or a control that shows none, 2 not under valgrind.
 */
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* What a case works with: secrets j and k (of value and of multiple), secret points a and b. */
struct bench {
	const struct group *g;
	struct scalar j, k, r;
	struct element a, b, c;
	struct group_table table;
	uint8_t bytes[GROUP_WIDE_BYTES_MAX];
	uint8_t out[GROUP_WIDE_BYTES_MAX];
	unsigned int bit;
	bool answer;
};

static void scalar_wide(struct bench *t) { group_scalar_wide(t->g, &t->r, t->bytes); }
static void scalar_u64(struct bench *t) { group_scalar_u64(t->g, &t->r, t->bytes[0]); }
static void scalar_encode(struct bench *t) { group_scalar_encode(t->g, t->out, &t->k); }
static void scalar_add(struct bench *t) { group_scalar_add(t->g, &t->r, &t->j, &t->k); }
static void scalar_sub(struct bench *t) { group_scalar_sub(t->g, &t->r, &t->j, &t->k); }
static void scalar_mul(struct bench *t) { group_scalar_mul(t->g, &t->r, &t->j, &t->k); }
static void scalar_neg(struct bench *t) { group_scalar_neg(t->g, &t->r, &t->k); }
static void scalar_inv(struct bench *t) { group_scalar_inv(t->g, &t->r, &t->k); }
static void scalar_select(struct bench *t)
{
	group_scalar_select(t->g, &t->r, &t->j, &t->k, t->bit);
}
static void scalar_is_equal(struct bench *t)
{
	t->answer = group_scalar_is_equal(t->g, &t->j, &t->k);
}
static void scalar_is_zero(struct bench *t) { t->answer = group_scalar_is_zero(t->g, &t->k); }

static void element_encode(struct bench *t) { group_encode(t->g, t->out, &t->a); }
static void element_add(struct bench *t) { group_add(t->g, &t->c, &t->a, &t->b); }
static void element_sub(struct bench *t) { group_sub(t->g, &t->c, &t->a, &t->b); }
static void element_neg(struct bench *t) { group_neg(t->g, &t->c, &t->a); }
static void element_select(struct bench *t) { group_select(t->g, &t->c, &t->a, &t->b, t->bit); }
static void element_is_equal(struct bench *t) { t->answer = group_is_equal(t->g, &t->a, &t->b); }
static void element_is_identity(struct bench *t) { t->answer = group_is_identity(t->g, &t->a); }
static void mul(struct bench *t) { group_mul(t->g, &t->c, &t->a, &t->k); }
static void mul_base(struct bench *t) { group_mul_base(t->g, &t->c, &t->k); }
static void table_mul(struct bench *t) { group_table_mul(t->g, &t->c, &t->table, &t->k); }
static void table_init(struct bench *t) { group_table_init(t->g, &t->table, &t->a); }

static void hash(struct bench *t)
{
	struct hash h;

	hash512_purpose(&h, "ct");
	hash_field(&h, t->bytes, sizeof(t->bytes));
	hash512_final(&h, t->out);
	hash256(t->out, t->bytes, sizeof(t->bytes));
}
static void compare(struct bench *t) { t->answer = mem_is_equal(t->bytes, t->out, 32); }

/* Controls: for public data alone. */
static void mul_var(struct bench *t) { group_mul_var(t->g, &t->c, &t->a, &t->k); }
static void msm_var(struct bench *t) { group_msm_var(t->g, &t->c, &t->k, &t->a, 1, NULL, 0); }
static void branch(struct bench *t)
{
	if (t->bit)
		t->out[0] = 1;
}

static const struct {
	const char *name;
	void (*run)(struct bench *t);
	bool is_control;
} cases[] = {
	{"scalar_wide", scalar_wide, false},
	{"scalar_u64", scalar_u64, false},
	{"scalar_encode", scalar_encode, false},
	{"scalar_add", scalar_add, false},
	{"scalar_sub", scalar_sub, false},
	{"scalar_mul", scalar_mul, false},
	{"scalar_neg", scalar_neg, false},
	{"scalar_inv", scalar_inv, false},
	{"scalar_select", scalar_select, false},
	{"scalar_is_equal", scalar_is_equal, false},
	{"scalar_is_zero", scalar_is_zero, false},
	{"encode", element_encode, false},
	{"add", element_add, false},
	{"sub", element_sub, false},
	{"neg", element_neg, false},
	{"select", element_select, false},
	{"is_equal", element_is_equal, false},
	{"is_identity", element_is_identity, false},
	{"mul", mul, false},
	{"mul_base", mul_base, false},
	{"table_mul", table_mul, false},
	{"table_init", table_init, false},
	{"hash", hash, false},
	{"mem_is_equal", compare, false},
	{"mul_var", mul_var, true},
	{"msm_var", msm_var, true},
	{"branch", branch, true},
};

/* Fresh values, all of them secret from here on. */
static void prepare(struct bench *t, const struct group *g)
{
	memset(t, 0, sizeof(*t));
	t->g = g;
	rng_scalar(g, &t->j);
	rng_scalar(g, &t->k);
	group_mul_base(g, &t->a, &t->j);
	group_mul_base(g, &t->b, &t->k);
	group_table_init(g, &t->table, &t->a);
	rng_bytes(t->bytes, sizeof(t->bytes));
	t->bit = 1;
	VALGRIND_MAKE_MEM_UNDEFINED(&t->j, sizeof(t->j));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->k, sizeof(t->k));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->a, sizeof(t->a));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->b, sizeof(t->b));
	VALGRIND_MAKE_MEM_UNDEFINED(t->bytes, sizeof(t->bytes));
	VALGRIND_MAKE_MEM_UNDEFINED(&t->bit, sizeof(t->bit));
}

int main(void)
{
	static struct bench t;
	const struct group *const groups[] = {group_ristretto255(), group_belenios2048(),
	                                      group_rfc3526_2048(), group_tiny()};
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_group: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK)
		return 1;
	for (size_t n = 0; n < sizeof(groups) / sizeof(groups[0]); n++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			unsigned long before;
			unsigned long leaks;

			prepare(&t, groups[n]);
			before = VALGRIND_COUNT_ERRORS;
			cases[i].run(&t);
			leaks = VALGRIND_COUNT_ERRORS - before;
			VALGRIND_MAKE_MEM_DEFINED(&t, sizeof(t));
			if ((leaks > 0) == cases[i].is_control)
				continue;
			printf("%s %s: %s\n", group_name(groups[n]), cases[i].name,
			       leaks > 0 ? "depends on a secret" : "a control that shows no leak");
			bad = 1;
		}
	printf("constant time: %zu functions in %zu groups, %s\n", sizeof(cases) / sizeof(cases[0]),
	       sizeof(groups) / sizeof(groups[0]), bad ? "NOT as expected" : "all as expected");
	return bad;
}
