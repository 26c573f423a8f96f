/*
 * unit.h: processor time in units of D, one libdecaf decoding of a point (docs/bench.md).
 *
 * A machine that does other things as well is slower at some times than at others, and both the
 * thing measured and D are slower then.  So D is measured right before and right after each round
 * of the thing, and what is reported is the median of the rounds' ratios.
 *
 * Invariant: nothing here judges; a clock is no test.
 */
#ifndef KALPIS_TESTS_BENCH_UNIT_H
#define KALPIS_TESTS_BENCH_UNIT_H

#include <stddef.h>

enum { UNIT_ROUNDS_MAX = 64 };

/* Something to be measured: a round of it. */
typedef void unit_run(void *ctx);

/*
 * Once, at the start: libraries, and points to decode.  From then on stdout has our figures alone:
 * what others print there goes to stderr.
 */
void unit_init(void);
/* Processor time of this process, in seconds. */
double unit_seconds(void);
/* One decoding now, in seconds. */
double unit_decode_s(void);

/*
 * What one of `count` things costs that a round of run does, in D: the median over rounds,
 * 1..UNIT_ROUNDS_MAX.
 */
double unit_cost(unit_run *run, void *ctx, size_t count, size_t rounds);
/* Sorts values.  The middle one. */
double unit_median(double *values, size_t len);

/* From now on every name begins so: "" or "word_". */
void unit_prefix(const char *prefix);
/* Prints NAME_D=cost. */
void unit_print(const char *name, double cost);
/* Prints NAME_us=, of seconds. */
void unit_print_us(const char *name, double seconds);
/* Prints NAME=number. */
void unit_print_size(const char *name, size_t number);
/* The median of every D that was measured since unit_init or the last call: decode_us=. */
void unit_print_decode(void);

#endif
