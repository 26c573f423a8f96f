/*
 * options.c: see options.h.
 *
 * Invariant: every figure of struct sim_options has its line in the table, so that a line of text
 * says all of it.
 */
#include "tests/sim/options.h"

#include "common/ledger/certificate.h"
#include "tests/unit/lib/prng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_deed_name[SIM_DEEDS] = {
	"equivocate", "fork", "vote-all", "withhold", "exactly", "hide", "last-moment", "stale",
	"future", "false-vote", "false-cert", "false-body", "mutate", "forge-sync", "garbage",
	"flood", "backdate", "lie",
};

static const char kind_letter[SIM_KINDS + 1] = "hstfa";

struct figure {
	const char *name;
	size_t at;
};

#define FIGURE(name) { #name, offsetof(struct sim_options, name) }
static const struct figure figures[] = {
	FIGURE(n), FIGURE(expect_liveness), FIGURE(core_only), FIGURE(ed25519),
	FIGURE(gossip_again), FIGURE(link_events), FIGURE(chaos_ms), FIGURE(items),
	FIGURE(batch_min), FIGURE(batch_wait_ms), FIGURE(wait_pct), FIGURE(loss_pct),
	FIGURE(dup_pct), FIGURE(straggler_pct), FIGURE(delay_max_ms), FIGURE(healed_delay_ms),
	FIGURE(link_cap), FIGURE(cuts), FIGURE(one_way_cuts), FIGURE(clogs), FIGURE(crash_pm),
	FIGURE(power_pct), FIGURE(whole_crashes), FIGURE(nights), FIGURE(full_disks),
	FIGURE(disk_errors), FIGURE(slow_disk_ms), FIGURE(compact_pct), FIGURE(amnesiacs),
	FIGURE(offset_ms), FIGURE(drift_ppm),
};
enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

_Static_assert(sizeof(struct sim_options) ==
               (FIGURES + 2 * LIMIT_TRUSTEES) * sizeof(unsigned int),
               "every figure has its line");

/* --- drawing -------------------------------------------------------------------------------- */

static unsigned int below(struct prng *rng, unsigned int bound)
{
	return (unsigned int)prng_below(rng, bound);
}

/* 1 in so many times: something of 1 to max; else 0. */
static unsigned int at_times(struct prng *rng, unsigned int times, unsigned int max)
{
	return below(rng, times) == 0 ? 1 + below(rng, max) : 0;
}

static unsigned int draw_deeds(struct prng *rng)
{
	unsigned int deeds = 1u << below(rng, SIM_DEEDS), more = below(rng, 4);

	if (more == 0)
		return deeds;
	if (more < 3)
		return deeds | 1u << below(rng, SIM_DEEDS) | 1u << below(rng, SIM_DEEDS);
	return deeds | (unsigned int)(prng_u64(rng) & ((1u << SIM_DEEDS) - 1));
}

static void draw_cheats(struct sim_options *o, struct prng *rng)
{
	static const unsigned int kinds[] = { SIM_SILENT, SIM_TWINS, SIM_TWINS, SIM_FORGETFUL,
	                                      SIM_ACTIVE, SIM_ACTIVE, SIM_ACTIVE, SIM_ACTIVE };
	unsigned int f = committee_faults(o->n), cheats = below(rng, f + 1);

	o->expect_liveness = true;
	if (o->n >= 4 && below(rng, 8) == 0) {
		/* As many as safety bears: more than liveness does where n is not 3f + 1. */
		cheats = 2 * committee_quorum(o->n) - o->n - 1;
		o->expect_liveness = cheats <= f;
	}
	for (unsigned int i = 0; i < cheats; i++) {
		unsigned int at = below(rng, o->n);

		if (o->kind[at] != SIM_HONEST)
			continue;
		o->kind[at] = kinds[below(rng, sizeof(kinds) / sizeof(kinds[0]))];
		if (o->kind[at] == SIM_ACTIVE)
			o->deeds[at] = draw_deeds(rng);
	}
	if (cheats < f && below(rng, 2) == 0)
		o->amnesiacs = f - cheats;
	/* A guarded node wants q others. */
	o->core_only = o->expect_liveness && o->amnesiacs == 0 && o->n >= 4 && below(rng, 4) == 0;
}

static void draw_network(struct sim_options *o, struct prng *rng)
{
	o->loss_pct = below(rng, 2) ? below(rng, 61) : 0;
	o->dup_pct = below(rng, 21);
	o->straggler_pct = below(rng, 6);
	o->delay_max_ms = 1 + below(rng, 40);
	if (below(rng, 14) == 0)   /* slower than delta, for good */
		o->delay_max_ms = o->healed_delay_ms = 200 + below(rng, 600);
	o->link_cap = at_times(rng, 3, 10);
	o->cuts = below(rng, 3);
	o->one_way_cuts = below(rng, 2);
	o->clogs = at_times(rng, 3, 4);
	o->link_events = below(rng, 2);
}

static void draw_machines(struct sim_options *o, struct prng *rng)
{
	o->crash_pm = below(rng, 2) ? 1 + below(rng, 8) : 0;
	o->power_pct = below(rng, 4) == 0 ? 0 : below(rng, 101);
	o->whole_crashes = below(rng, 4) == 0;
	o->nights = below(rng, 10) == 0;
	o->full_disks = at_times(rng, 7, 2);
	o->disk_errors = at_times(rng, 7, 3);
	o->slow_disk_ms = at_times(rng, 5, 50);
	o->compact_pct = below(rng, 2) ? 0 : below(rng, 4);
	o->offset_ms = below(rng, 4) == 0 ? 0 : below(rng, 5001);
	o->drift_ppm = below(rng, 2) ? below(rng, 10001) : 0;
}

void options_random(struct sim_options *o, uint64_t seed)
{
	static const unsigned int sizes[] = { 1, 2, 3, 4, 4, 4, 4, 4, 5, 5, 6, 6, 7, 7, 7, 8, 9, 9,
	                                      10, 10, 11, 12, 13, 13 };
	struct prng rng = { seed ^ 0x6b616c706973 };

	memset(o, 0, sizeof(*o));
	o->n = sizes[below(&rng, sizeof(sizes) / sizeof(sizes[0]))];
	draw_cheats(o, &rng);
	draw_network(o, &rng);
	draw_machines(o, &rng);
	o->chaos_ms = 1000 + below(&rng, 9000);
	o->items = below(&rng, 128);
	/*
	 * Said once is enough for nodes that can tell others by their votes that something waits, and
	 * whose turn comes while timers are long enough: not for those that forgot, nor where
	 * messages take longer than delta.
	 */
	o->gossip_again = o->amnesiacs > 0 || o->healed_delay_ms > 0 || below(&rng, 2) == 0;
	o->wait_pct = below(&rng, 3) == 0 ? below(&rng, 60) : 0;
	o->batch_min = below(&rng, 3) == 0 ? 8 : 1;
	o->batch_wait_ms = below(&rng, 500);
}

/* --- as text -------------------------------------------------------------------------------- */

static unsigned int *figure_of(struct sim_options *o, const struct figure *f)
{
	return (unsigned int *)(void *)((uint8_t *)o + f->at);
}

void options_write(char out[static OPTIONS_TEXT_MAX], const struct sim_options *o)
{
	struct sim_options copy = *o;
	size_t len = 0;

	for (size_t i = 0; i < FIGURES; i++)
		if (*figure_of(&copy, &figures[i]) != 0)
			len += (size_t)snprintf(out + len, OPTIONS_TEXT_MAX - len, "%s=%u ",
			                        figures[i].name, *figure_of(&copy, &figures[i]));
	len += (size_t)snprintf(out + len, OPTIONS_TEXT_MAX - len, "kinds=");
	for (unsigned int i = 0; i < o->n; i++) {
		out[len++] = kind_letter[o->kind[i] % SIM_KINDS];
		if (o->kind[i] == SIM_ACTIVE)
			len += (size_t)snprintf(out + len, OPTIONS_TEXT_MAX - len, "%x.",
			                        o->deeds[i]);
	}
	out[len] = '\0';
}

/* h s t f, and a with its deeds in hexadecimal and a full stop. */
static bool kinds_read(struct sim_options *o, const char *text, size_t len)
{
	char *end;
	unsigned int i = 0;

	for (size_t at = 0; at < len; i++) {
		const char *letter = strchr(kind_letter, text[at]);

		if (letter == NULL || *letter == '\0' || i == LIMIT_TRUSTEES)
			return false;
		o->kind[i] = (unsigned int)(letter - kind_letter);
		at++;
		if (o->kind[i] != SIM_ACTIVE)
			continue;
		o->deeds[i] = (unsigned int)strtoul(text + at, &end, 16);
		at = (size_t)(end - text);
		if (at >= len || text[at++] != '.')
			return false;
	}
	return i == o->n;
}

static bool figure_read(struct sim_options *o, uint64_t *seed, const char *word, size_t len)
{
	const char *sign = memchr(word, '=', len);
	size_t name = sign == NULL ? 0 : (size_t)(sign - word);

	if (sign == NULL)
		return false;
	if (name == 4 && memcmp(word, "seed", 4) == 0) {
		*seed = strtoull(sign + 1, NULL, 0);
		return true;
	}
	if (name == 5 && memcmp(word, "kinds", 5) == 0)
		return kinds_read(o, sign + 1, len - name - 1);
	for (size_t i = 0; i < FIGURES; i++) {
		if (strlen(figures[i].name) != name || memcmp(figures[i].name, word, name) != 0)
			continue;
		*figure_of(o, &figures[i]) = (unsigned int)strtoul(sign + 1, NULL, 10);
		return true;
	}
	return false;
}

bool options_read(struct sim_options *o, uint64_t *seed, const char *text)
{
	memset(o, 0, sizeof(*o));
	*seed = 1;
	while (*text != '\0' && *text != '#' && *text != '\n') {
		size_t len = strcspn(text, " \t#\n");

		if (len > 0 && !figure_read(o, seed, text, len))
			return false;
		text += len + strspn(text + len, " \t");
	}
	return o->n >= 1 && o->n <= LIMIT_TRUSTEES && o->items + SIM_MORE <= SIM_ITEMS &&
	       o->chaos_ms > 0 && o->delay_max_ms > 0 && o->batch_min > 0;
}
