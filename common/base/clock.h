/*
 * clock.h: the one place that reads clocks.
 *
 * Invariant: none; time is an input of the shells, never of consensus, of a kiosk's session or of
 * the rulebook, which are told it.
 */
#ifndef KALPIS_BASE_CLOCK_H
#define KALPIS_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some moment of this boot; never goes back.  For timers. */
uint64_t clock_mono_ms(void);
/* Microseconds of the same clock.  For measurements. */
uint64_t clock_mono_us(void);
/* Seconds since 1970-01-01 UTC, as the machine believes. */
uint64_t clock_unix_s(void);
/* Whole minutes since 1970-01-01 UTC: what block headers carry. */
uint64_t clock_unix_min(void);

enum { CLOCK_TEXT_BYTES = 32 };
/* "2026-05-03T09:12:41Z"; with to_minute, "2026-05-03T09:12Z".  Years to 9999. */
void clock_format(char out[static CLOCK_TEXT_BYTES], uint64_t unix_s, int to_minute);

#endif
