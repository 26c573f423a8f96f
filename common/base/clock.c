/*
 * clock.c: see clock.h.
 *
 * Invariant: a clock that cannot be read stops the process; there is no made-up time.
 */
#include "common/base/clock.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

static struct timespec read_clock(clockid_t which)
{
	struct timespec t = { 0 };
	int rc = clock_gettime(which, &t);

	assert(rc == 0 && t.tv_sec >= 0);
	return t;
}

uint64_t clock_mono_us(void)
{
	struct timespec t = read_clock(CLOCK_MONOTONIC);

	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

uint64_t clock_unix_s(void)
{
	return (uint64_t)read_clock(CLOCK_REALTIME).tv_sec;
}

uint64_t clock_unix_min(void)
{
	return clock_unix_s() / 60;
}

void clock_format(char out[static CLOCK_TEXT_BYTES], uint64_t unix_s, int to_minute)
{
	static const uint64_t last = 253402300799;   /* the end of year 9999 */
	time_t when = (time_t)(unix_s < last ? unix_s : last);
	struct tm tm = { 0 };
	size_t len;

	gmtime_r(&when, &tm);
	len = strftime(out, CLOCK_TEXT_BYTES,
	               to_minute ? "%Y-%m-%dT%H:%MZ" : "%Y-%m-%dT%H:%M:%SZ", &tm);
	assert(len > 0);
}
