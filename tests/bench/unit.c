/*
 * unit.c: see unit.h.
 */
#include "tests/bench/unit.h"

#include "crypto/group.h"
#include "crypto/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { POINTS = 256, BURST = 2 * POINTS, BURSTS_MAX = 4096 };

static uint8_t points[POINTS][32];
static double bursts[BURSTS_MAX];
static size_t bursts_len;
static FILE *figures;
static const char *prefix = "";

double unit_seconds(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts) != 0)
		abort();
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

void unit_init(void)
{
	const struct group *g = group_ristretto255();
	struct element e;
	struct scalar k;

	figures = fdopen(dup(STDOUT_FILENO), "w");
	if (figures == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 || crypto_init() != ST_OK)
		abort();
	for (uint64_t i = 0; i < POINTS; i++) {
		group_scalar_u64(g, &k, i + 2);
		group_mul_base(g, &e, &k);
		group_encode(g, points[i], &e);
	}
	(void)unit_decode_s();   /* caches are warm, and the clock runs at its pace */
	bursts_len = 0;
}

double unit_decode_s(void)
{
	const struct group *g = group_ristretto255();
	double start = unit_seconds();
	struct element e;

	for (size_t i = 0; i < BURST; i++)
		if (group_decode_var(g, &e, points[i % POINTS]) != ST_OK)
			abort();
	start = (unit_seconds() - start) / BURST;
	if (bursts_len < BURSTS_MAX)
		bursts[bursts_len++] = start;
	return start;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double unit_median(double *values, size_t len)
{
	qsort(values, len, sizeof(*values), compare);
	return len % 2 == 1 ? values[len / 2] : (values[len / 2 - 1] + values[len / 2]) / 2;
}

double unit_cost(unit_run *run, void *ctx, size_t count, size_t rounds)
{
	double ratios[UNIT_ROUNDS_MAX];
	double before = unit_decode_s();

	if (rounds == 0 || rounds > UNIT_ROUNDS_MAX)
		abort();
	for (size_t i = 0; i < rounds; i++) {
		double start = unit_seconds();
		double took, after;

		run(ctx);
		took = (unit_seconds() - start) / (double)count;
		after = unit_decode_s();
		ratios[i] = took / ((before + after) / 2);
		before = after;
	}
	return unit_median(ratios, rounds);
}

void unit_prefix(const char *words)
{
	prefix = words;
}

void unit_print(const char *name, double cost)
{
	(void)fprintf(figures, "%s%s_D=%.*f\n", prefix, name, cost < 10 ? 3 : 1, cost);
	(void)fflush(figures);
}

void unit_print_us(const char *name, double seconds)
{
	(void)fprintf(figures, "%s%s_us=%.2f\n", prefix, name, seconds * 1e6);
	(void)fflush(figures);
}

void unit_print_size(const char *name, size_t number)
{
	(void)fprintf(figures, "%s%s=%zu\n", prefix, name, number);
	(void)fflush(figures);
}

void unit_print_decode(void)
{
	unit_print_us("decode", unit_median(bursts, bursts_len));
	bursts_len = 0;
}
