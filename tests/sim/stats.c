/*
 * stats.c: see stats.h.
 */
#include "tests/sim/stats.h"

#include <inttypes.h>
#include <string.h>

enum {
	FIELDS = sizeof(struct sim_stats) / sizeof(uint64_t),
	SUMS = FIELDS - 2,
	RARE_PCT = 5,
	RUNS_MIN = 2000,          /* before anything is called rare */
	TITLE_MAX = 128
};

static const char *const kind_name[SIM_KINDS] = { "honest", "silent", "twins", "forgetful",
                                                  "active" };
static const uint64_t time_ms[STATS_TIMES] = { 100, 300, 1000, 3000, 10000, 20000, 30000,
                                               UINT64_MAX };
static const unsigned int share_pct[STATS_SHARES] = { 0, 5, 10, 25, 50, 75, 100 };

/* --- counting --------------------------------------------------------------------------------- */

static void count_healing(struct sim_stats *s, const struct sim_result *r, bool is_slow)
{
	uint64_t *most = is_slow ? &s->most_slow_ms : &s->most_ms;
	unsigned int i = 0;

	while (r->healed_ms > time_ms[i])
		i++;
	s->times[i]++;
	s->settled++;
	if (r->healed_ms > *most)
		*most = r->healed_ms;
}

static void count_shares(struct sim_stats *s, const struct sim_result *r)
{
	uint64_t pct = r->view == 0 ? 0 : (100 * r->nullified + r->view - 1) / r->view;
	unsigned int i = 0;

	while (i + 1 < STATS_SHARES && pct > share_pct[i])
		i++;
	s->shares[i]++;
	s->cuts[r->cuts < STATS_CUTS ? r->cuts : STATS_CUTS - 1]++;
}

static void count_options(struct sim_stats *s, const struct sim_options *o)
{
	bool kinds[SIM_KINDS] = { false };

	s->sizes[o->n]++;
	for (unsigned int i = 0; i < o->n; i++)
		kinds[o->kind[i]] = true;
	for (unsigned int k = 0; k < SIM_KINDS; k++)
		s->kinds[k] += kinds[k];
}

void stats_add(struct sim_stats *s, const struct sim_result *r, const struct sim_options *o)
{
	s->runs++;
	s->failed += r->failed;
	s->events += r->events;
	s->blocks += r->height;
	s->views += r->view;
	s->nullified += r->nullified;
	s->evidence += r->evidence;
	s->receipts += r->receipts;
	for (unsigned int i = 0; i < SIM_POINTS; i++)
		s->crashes[i] += r->crashes[i];
	for (unsigned int i = 0; i < SIM_FAULTS; i++)
		s->faults[i] += r->faults >> i & 1;
	for (unsigned int i = 0; i < SIM_DEEDS; i++)
		s->deeds[i] += r->deeds >> i & 1;
	for (unsigned int i = 0; i < SIM_GAPS; i++)
		s->gaps[i] += r->gaps[i];
	count_shares(s, r);
	if (o != NULL)
		count_options(s, o);
	if (o == NULL || o->expect_liveness)
		count_healing(s, r, o != NULL && o->delay_max_ms > SIM_DELTA_MS);
}

static uint64_t *fields_of(struct sim_stats *s)
{
	return (uint64_t *)(void *)s;
}

void stats_merge(struct sim_stats *s, const struct sim_stats *more)
{
	struct sim_stats copy = *more;
	uint64_t *to = fields_of(s), *from = fields_of(&copy);

	for (size_t i = 0; i < SUMS; i++)
		to[i] += from[i];
	for (size_t i = SUMS; i < FIELDS; i++)
		if (from[i] > to[i])
			to[i] = from[i];
}

/* --- printing --------------------------------------------------------------------------------- */

static unsigned int per_mille(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (unsigned int)(1000 * part / whole);
}

static void print_share(const char *name, uint64_t part, uint64_t whole)
{
	unsigned int share = per_mille(part, whole);

	printf("  %-22s %10" PRIu64 "  %3u.%u %%\n", name, part, share / 10, share % 10);
}

static bool print_happened(const char *title, const char *const *name, const uint64_t *count,
                           unsigned int len, uint64_t runs)
{
	bool all = true;

	printf("%s (runs in which it happened)\n", title);
	for (unsigned int i = 0; i < len; i++) {
		print_share(name[i], count[i], runs);
		if (runs >= RUNS_MIN && 100 * count[i] < RARE_PCT * runs) {
			printf("  ^ in less than %u %% of the runs\n", RARE_PCT);
			all = false;
		}
	}
	return all;
}

static void print_times(const struct sim_stats *s)
{
	char name[32];

	printf("time from healing to the last delivery (runs)\n");
	for (unsigned int i = 0; i < STATS_TIMES; i++) {
		if (time_ms[i] == UINT64_MAX)
			(void)snprintf(name, sizeof(name), "longer");
		else
			(void)snprintf(name, sizeof(name), "at most %" PRIu64 " ms", time_ms[i]);
		print_share(name, s->times[i], s->settled);
	}
	printf("  longest %" PRIu64 " ms; where messages take longer than delta, %" PRIu64 " ms\n",
	       s->most_ms, s->most_slow_ms);
}

static void print_blocks(const struct sim_stats *s)
{
	uint64_t blocks = 0;
	char name[32];

	for (unsigned int i = 0; i < SIM_GAPS; i++)
		blocks += s->gaps[i];
	printf("views for one final block (blocks)\n");
	for (unsigned int i = 0; i < SIM_GAPS; i++) {
		(void)snprintf(name, sizeof(name), "%u%s", i + 1, i + 1 < SIM_GAPS ? "" : " or more");
		print_share(name, s->gaps[i], blocks);
	}
	printf("share of views that were nullified (runs)\n");
	for (unsigned int i = 0; i < STATS_SHARES; i++) {
		(void)snprintf(name, sizeof(name), "at most %u %%", share_pct[i]);
		print_share(name, s->shares[i], s->runs);
	}
}

static void print_crashes(const struct sim_stats *s)
{
	uint64_t all = 0;
	char name[32];

	for (unsigned int i = 0; i < SIM_POINTS; i++)
		all += s->crashes[i];
	printf("crashes by point\n");
	for (unsigned int i = 0; i < SIM_POINTS; i++)
		print_share(sim_point_name[i], s->crashes[i], all);
	printf("cuts of the network (runs)\n");
	for (unsigned int i = 0; i < STATS_CUTS; i++) {
		(void)snprintf(name, sizeof(name), "%u%s", i, i + 1 < STATS_CUTS ? "" : " or more");
		print_share(name, s->cuts[i], s->runs);
	}
}

bool stats_print(const struct sim_stats *s, bool random)
{
	bool all = true;
	char name[32];

	if (random) {
		all = print_happened("faults", sim_fault_name, s->faults, SIM_FAULTS, s->runs);
		all &= print_happened("nodes that are", kind_name + 1, s->kinds + 1, SIM_KINDS - 1,
		                      s->runs);
		all &= print_happened("deeds of active cheats", sim_deed_name, s->deeds, SIM_DEEDS,
		                      s->runs);
		printf("nodes (runs)\n");
		for (unsigned int i = 1; i <= LIMIT_TRUSTEES; i++) {
			(void)snprintf(name, sizeof(name), "%u", i);
			print_share(name, s->sizes[i], s->runs);
		}
		print_crashes(s);
	}
	print_times(s);
	print_blocks(s);
	printf("runs=%" PRIu64 "\nfailed=%" PRIu64 "\nevents=%" PRIu64 "\nblocks=%" PRIu64
	       "\nviews=%" PRIu64 "\nnullified=%" PRIu64 "\nevidence=%" PRIu64 "\nreceipts=%" PRIu64
	       "\n", s->runs, s->failed, s->events, s->blocks, s->views, s->nullified, s->evidence,
	       s->receipts);
	return all;
}

/* --- keeping ---------------------------------------------------------------------------------- */

bool stats_save(const char *path, const struct sim_stats *s, const char *title, uint64_t next)
{
	struct sim_stats copy = *s;
	const uint64_t *field = fields_of(&copy);
	char temp[256];
	bool ok;
	FILE *f;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp) ||
	    (f = fopen(temp, "w")) == NULL)
		return false;
	ok = fprintf(f, "%s\n%" PRIu64 "\n", title, next) > 0;
	for (size_t i = 0; i < FIELDS; i++)
		ok &= fprintf(f, "%" PRIu64 "\n", field[i]) > 0;
	return fclose(f) == 0 && ok && rename(temp, path) == 0;
}

static bool read_number(FILE *f, uint64_t *out)
{
	bool any = false;
	int c;

	for (*out = 0; (c = fgetc(f)) >= '0' && c <= '9'; any = true)
		*out = 10 * *out + (uint64_t)(c - '0');
	return any && c == '\n';
}

bool stats_load(const char *path, struct sim_stats *s, const char *title, uint64_t *next)
{
	char line[TITLE_MAX + 2];
	uint64_t *field = fields_of(s);
	FILE *f = fopen(path, "r");
	bool ok;

	if (f == NULL)
		return true;   /* nothing was done yet */
	ok = fgets(line, sizeof(line), f) != NULL;
	line[strcspn(line, "\n")] = '\0';
	ok = ok && strcmp(line, title) == 0 && read_number(f, next);
	for (size_t i = 0; i < FIELDS && ok; i++)
		ok = read_number(f, &field[i]);
	(void)fclose(f);
	return ok;
}
