/*
 * bench_group.c: what the operations of the groups cost.
 *
 * Prints key=value lines in units of D (unit.h, docs/bench.md).
 */
#include "tests/bench/unit.h"

#include "crypto/group.h"
#include "crypto/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 7 };

struct bench {
	const struct group *g;
	struct scalar j, k;
	struct element a, b, c;
	struct group_table table;
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];
	/* A sum: half of the scalars of 128 bits, as the coefficients of a batch are. */
	struct scalar *scalars;
	struct element *points;
	struct element *work;
	size_t len;
	size_t work_len;
	void (*operation)(struct bench *t);
	int times;
};

static void decode(struct bench *t)
{
	if (group_decode_var(t->g, &t->c, t->bytes) != ST_OK)
		abort();
}
static void encode(struct bench *t) { group_encode(t->g, t->bytes, &t->a); }
static void add(struct bench *t) { group_add(t->g, &t->c, &t->c, &t->b); }
static void neg(struct bench *t) { group_neg(t->g, &t->c, &t->b); }
static void mul(struct bench *t) { group_mul(t->g, &t->c, &t->a, &t->k); }
static void mul_base(struct bench *t) { group_mul_base(t->g, &t->c, &t->k); }
static void mul_var(struct bench *t) { group_mul_var(t->g, &t->c, &t->a, &t->k); }
static void mul_base_add_var(struct bench *t)
{
	group_mul_base_add_var(t->g, &t->c, &t->j, &t->a, &t->k);
}
static void table_init(struct bench *t) { group_table_init(t->g, &t->table, &t->a); }
static void table_mul(struct bench *t) { group_table_mul(t->g, &t->c, &t->table, &t->k); }
static void scalar_mul(struct bench *t) { group_scalar_mul(t->g, &t->k, &t->k, &t->j); }
static void scalar_inv(struct bench *t) { group_scalar_inv(t->g, &t->k, &t->k); }
static void msm(struct bench *t)
{
	group_msm_var(t->g, &t->c, t->scalars, t->points, t->len, t->work, t->work_len);
}

static const struct {
	const char *name;
	void (*run)(struct bench *t);
	int times;   /* on ristretto255 */
} operations[] = {
	{"decode", decode, 2000},
	{"encode", encode, 2000},
	{"add", add, 50000},
	{"neg", neg, 20000},
	{"mul", mul, 200},
	{"mul_base", mul_base, 400},
	{"mul_var", mul_var, 200},
	{"mul_base_add_var", mul_base_add_var, 200},
	{"table_init", table_init, 100},
	{"table_mul", table_mul, 400},
	{"scalar_mul", scalar_mul, 20000},
	{"scalar_inv", scalar_inv, 500},
};

static void repeat(void *ctx)
{
	struct bench *t = ctx;

	for (int i = 0; i < t->times; i++)
		t->operation(t);
}

static double cost(struct bench *t, void (*operation)(struct bench *t), int times)
{
	t->operation = operation;
	t->times = times > 0 ? times : 1;
	return unit_cost(repeat, t, (size_t)t->times, ROUNDS);
}

static void short_scalar(const struct group *g, struct scalar *k)
{
	uint8_t bytes[GROUP_SCALAR_BYTES_MAX] = {0};
	size_t len = group_scalar_len(g);

	rng_bytes(group_is_ristretto(g) ? bytes : bytes + len - 16, 16);
	if (group_scalar_decode(g, k, bytes) != ST_OK)
		abort();
}

static void sum(struct bench *t, size_t len)
{
	char name[64];

	t->len = len;
	t->work_len = group_msm_work(t->g, len);
	(void)snprintf(name, sizeof(name), "msm_%zu_per_term", len);
	unit_print(name, cost(t, msm, len < 100 ? 10 : 1) / (double)len);
}

static void prepare_sums(struct bench *t, size_t max)
{
	size_t work = 0;

	for (size_t len = 1; len <= max; len++)
		if (group_msm_work(t->g, len) > work)
			work = group_msm_work(t->g, len);
	t->scalars = aligned_alloc(64, max * sizeof(struct scalar));
	t->points = aligned_alloc(64, max * sizeof(struct element));
	t->work = aligned_alloc(64, work * sizeof(struct element));
	if (t->scalars == NULL || t->points == NULL || t->work == NULL)
		abort();
	for (size_t i = 0; i < max; i++) {
		if (i % 2 == 0)
			rng_scalar(t->g, &t->scalars[i]);
		else
			short_scalar(t->g, &t->scalars[i]);
		if (i < 64)
			group_mul_base(t->g, &t->points[i], &t->scalars[i]);
		else
			group_add(t->g, &t->points[i], &t->points[i - 1], &t->points[i - 64]);
	}
}

static void run(const char *prefix, const struct group *g, const size_t *lens, size_t lens_len)
{
	static struct bench t;

	memset(&t, 0, sizeof(t));
	t.g = g;
	rng_scalar(g, &t.j);
	rng_scalar(g, &t.k);
	group_mul_base(g, &t.a, &t.j);
	group_mul_base(g, &t.b, &t.k);
	group_identity(g, &t.c);
	group_encode(g, t.bytes, &t.a);
	unit_prefix(prefix);
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		unit_print(operations[i].name, cost(&t, operations[i].run, operations[i].times /
		                                    (group_is_ristretto(g) ? 1 : 20)));
	prepare_sums(&t, lens[lens_len - 1]);
	for (size_t i = 0; i < lens_len; i++)
		sum(&t, lens[i]);
	free(t.scalars);
	free(t.points);
	free(t.work);
}

int main(void)
{
	static const size_t many[] = {1, 2, 18, 64, 200, 1000, 4000, 18000};
	static const size_t few[] = {1, 2, 18, 64};

	unit_init();
	run("ristretto255_", group_ristretto255(), many, sizeof(many) / sizeof(many[0]));
	run("belenios_2048_", group_belenios2048(), few, sizeof(few) / sizeof(few[0]));
	run("rfc3526_2048_", group_rfc3526_2048(), few, 3);
	unit_prefix("group_");
	unit_print_decode();
	return 0;
}
