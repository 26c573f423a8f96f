/*
 * util.c: names, chance, what is told and noted.
 */
#include "tests/sim/sim.h"

#include <stdarg.h>

const char *const sim_point_name[SIM_POINTS] = {
	"before-append", "torn-append", "before-sync", "after-sync", "after-signing", "mid-send",
	"rename", "before-store", "opening-logs", "idle",
};

const char *const sim_fault_name[SIM_FAULTS] = {
	"loss", "duplicate", "reorder", "straggler", "slow-network",
	"cut", "cut-one-way", "clog", "overflow",
	"clock-offset", "clock-drift", "night",
	"crash-before-append", "crash-torn-append", "crash-before-sync", "crash-after-sync",
	"crash-mid-send", "whole-cluster-crash", "power-loss",
	"disk-full", "disk-error", "slow-disk", "log-cut", "store-lags",
	"amnesia", "core-only",
};

void sim_fail(struct sim *s, const char *format, ...)
{
	va_list ap;

	if (s->result->failed)
		return;
	s->result->failed = true;
	va_start(ap, format);
	(void)vsnprintf(s->result->failure, sizeof(s->result->failure), format, ap);
	va_end(ap);
	sim_log(s, "FAILED: %s", s->result->failure);
}

void sim_log(struct sim *s, const char *format, ...)
{
	va_list ap;

	if (s->verbose == NULL)
		return;
	fprintf(s->verbose, "[%6llu] ", (unsigned long long)s->now);
	va_start(ap, format);
	(void)vfprintf(s->verbose, format, ap);
	va_end(ap);
	fputc('\n', s->verbose);
}

void sim_note(struct sim *s, enum sim_fault fault)
{
	s->result->faults |= (uint64_t)1 << fault;
}

void sim_trace(struct sim *s, const void *p, size_t len)
{
	const uint8_t *bytes = p;
	uint64_t h = s->result->trace;

	for (size_t i = 0; i < len; i++)
		h = (h ^ bytes[i]) * 0x100000001b3u;
	s->result->trace = h ^ len;
}

bool chance(struct sim *s, unsigned int percent)
{
	return percent > 0 && prng_below(&s->rng, 100) < percent;
}

void bit_set(uint64_t *set, unsigned int i)
{
	set[i / 64] |= (uint64_t)1 << i % 64;
}

bool bit_has(const uint64_t *set, unsigned int i)
{
	return (set[i / 64] >> i % 64 & 1) != 0;
}

uint64_t replica_now(const struct replica *r)
{
	int64_t now = (int64_t)(r->sim->now + r->lag_ms);

	return (uint64_t)(now + now * r->drift_ppm / 1000000);
}

uint64_t replica_minutes(const struct replica *r)
{
	int64_t now = (int64_t)(r->sim->now + r->lag_ms + r->sim->wall_ms) + 600000;

	return (uint64_t)(now + r->clock_offset_ms) / 60000;
}
