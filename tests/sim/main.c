/*
 * main.c: many runs, on several cores, or one told aloud (docs/simulation.md).
 *
 *   sim [-s first] [-n count] [-j jobs]    random seeds
 *   sim -T rounds | -R nodes [-s -n -j]    twins: by number, or at random for 4 or 7 nodes
 *   sim -f file                            the runs whose options a file holds, one a line
 *   -e true signatures   -v aloud   -x stop at the first failure   -q no tables
 *   -c commit   -k file to which failures are added   -r file from which to go on, and to which
 *   what was done is written every so often   -d digests: one a line
 *
 * Exit 0: nothing failed, and everything was tried often enough; 1: not so; 2: usage.
 */
#include "tests/sim/stats.h"

#include "crypto/mem.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, BATCH = 2000, TITLE = 128 };

struct command {
	uint64_t first, count;
	unsigned int jobs;
	unsigned int twin_rounds, twin_nodes;
	bool ed25519, verbose, stop, quiet, digests;
	const char *commit, *keep, *resume, *file;
};

/* What the processes share. */
struct shared {
	atomic_uint_fast64_t next;
	atomic_uint_fast64_t failed;
	uint64_t at[JOBS_MAX];                /* the run that each is at */
	struct sim_stats stats[JOBS_MAX];
};

/* --- one run ---------------------------------------------------------------------------------- */

static void keep_failure(const struct command *c, const char *text, const struct sim_result *r)
{
	FILE *f = c->keep == NULL ? NULL : fopen(c->keep, "a");

	if (f == NULL)
		return;
	(void)fprintf(f, "%s # %s, commit %s\n", text, r->failure, c->commit);
	(void)fclose(f);
}

static void tell(const struct command *c, uint64_t number, const struct sim_result *r,
                 const char *text)
{
	const char *how = c->twin_rounds > 0 ? " -T 3" : c->twin_nodes == 7 ? " -R 7"
	                  : c->twin_nodes > 0 ? " -R 4" : c->ed25519 ? " -e" : "";

	printf("seed=%" PRIu64 " commit=%s %s healed_ms=%" PRIu64 " height=%" PRIu64
	       " view=%" PRIu64 " %s\n", number, c->commit, r->failed ? r->failure : "passed",
	       r->healed_ms, r->height, r->view, text);
	if (r->failed)
		printf("  again: build/tests/sim/sim%s -s %" PRIu64 " -n 1 -v\n", how, number);
}

static void run_options(const struct command *c, struct sim_stats *stats,
                        const struct sim_options *o, uint64_t seed, struct sim_result *r)
{
	char text[OPTIONS_TEXT_MAX], line[OPTIONS_TEXT_MAX + 32];

	sim_run(r, o, seed, c->verbose ? stdout : NULL);
	stats_add(stats, r, o);
	options_write(text, o);
	if (r->failed || c->verbose)
		tell(c, seed, r, text);
	(void)snprintf(line, sizeof(line), "seed=%" PRIu64 " %s", seed, text);
	if (r->failed)
		keep_failure(c, line, r);
}

static void run_twins(const struct command *c, struct sim_stats *stats, uint64_t number,
                      struct sim_result *r)
{
	struct twin_plan plan;

	if (c->twin_rounds > 0)
		twins_plan(&plan, c->twin_rounds, number);
	else
		twins_random(&plan, c->twin_nodes, TWIN_ROUNDS_MAX, number);
	twins_run(r, &plan, c->verbose ? stdout : NULL);
	stats_add(stats, r, NULL);
	if (r->failed || c->verbose)
		tell(c, number, r, "twins");
}

/* false: it failed. */
static bool run(const struct command *c, struct sim_stats *stats, uint64_t number)
{
	struct sim_options o;
	struct sim_result r;

	if (c->twin_rounds > 0 || c->twin_nodes > 0) {
		run_twins(c, stats, number, &r);
	} else {
		options_random(&o, number);
		o.ed25519 = c->ed25519;
		run_options(c, stats, &o, number, &r);
	}
	if (c->digests)
		printf("%" PRIu64 " %016" PRIx64 "\n", number, r.trace);
	return !r.failed;
}

/* --- many ------------------------------------------------------------------------------------- */

static void work(const struct command *c, struct shared *sh, unsigned int job, uint64_t end)
{
	uint64_t number;

	while ((number = atomic_fetch_add(&sh->next, 1)) < end &&
	       !(c->stop && atomic_load(&sh->failed) > 0)) {
		sh->at[job] = number;
		if (!run(c, &sh->stats[job], number))
			(void)atomic_fetch_add(&sh->failed, 1);
	}
}

/* A child that died of itself has failed at its run. */
static void reap(struct shared *sh, const pid_t *pid, unsigned int jobs)
{
	for (unsigned int i = 0; i < jobs; i++) {
		int status = 1;

		if (waitpid(pid[i], &status, 0) == pid[i] && WIFEXITED(status) &&
		    WEXITSTATUS(status) == 0)
			continue;
		printf("seed=%" PRIu64 " the simulator itself died\n", sh->at[i]);
		(void)atomic_fetch_add(&sh->failed, 1);
		sh->stats[i].failed++;
	}
}

static void run_batch(const struct command *c, struct sim_stats *all, struct shared *sh,
                      uint64_t end)
{
	pid_t pid[JOBS_MAX];

	memset(sh->stats, 0, sizeof(sh->stats));
	if (c->jobs == 1) {
		work(c, sh, 0, end);
	} else {
		(void)fflush(stdout);
		for (unsigned int i = 0; i < c->jobs; i++) {
			pid[i] = fork();
			if (pid[i] == 0) {
				work(c, sh, i, end);
				(void)fflush(stdout);
				_exit(0);
			}
		}
		reap(sh, pid, c->jobs);
	}
	for (unsigned int i = 0; i < c->jobs; i++)
		stats_merge(all, &sh->stats[i]);
}

static struct shared *share(void)
{
	void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
	               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static int run_all(const struct command *c)
{
	bool random = c->twin_rounds == 0 && c->twin_nodes == 0, enough;
	uint64_t next = c->first, end = c->first + c->count;
	struct sim_stats all = { 0 };
	struct shared *sh = share();
	char title[TITLE];

	(void)snprintf(title, sizeof(title), "%s twins=%u/%u real=%d first=%" PRIu64, c->commit,
	               c->twin_rounds, c->twin_nodes, c->ed25519, c->first);
	if (sh == NULL)
		return 70;
	if (c->resume != NULL && !stats_load(c->resume, &all, title, &next)) {
		fprintf(stderr, "%s tells of other runs.\nGoing on from it would mix results of two "
		        "programs.\nRemove it to begin anew.\n", c->resume);
		return 2;
	}
	while (next < end && !(c->stop && all.failed > 0)) {
		uint64_t stop = end - next > BATCH ? next + BATCH : end;

		atomic_store(&sh->next, next);
		run_batch(c, &all, sh, stop);
		next = stop;
		if (c->resume != NULL && !stats_save(c->resume, &all, title, next))
			fprintf(stderr, "%s cannot be written\n", c->resume);
	}
	enough = c->quiet || stats_print(&all, random);
	return all.failed == 0 && enough ? 0 : 1;
}

/* --- a file of runs --------------------------------------------------------------------------- */

static int run_file(const struct command *c)
{
	char line[OPTIONS_TEXT_MAX + 256];
	struct sim_stats all = { 0 };
	FILE *f = fopen(c->file, "r");
	struct sim_options o;
	struct sim_result r;
	uint64_t seed;

	if (f == NULL) {
		fprintf(stderr, "%s cannot be read\n", c->file);
		return 2;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (!options_read(&o, &seed, line)) {
			fprintf(stderr, "%s: not the options of a run: %s", c->file, line);
			(void)fclose(f);
			return 2;
		}
		run_options(c, &all, &o, seed, &r);
	}
	(void)fclose(f);
	printf("%s: runs=%" PRIu64 " failed=%" PRIu64 "\n", c->file, all.runs, all.failed);
	return all.failed != 0;
}

/* --- the command line ------------------------------------------------------------------------- */

static bool take(struct command *c, int opt, const char *arg)
{
	uint64_t number = arg == NULL ? 0 : strtoull(arg, NULL, 0);

	switch (opt) {
	case 's': c->first = number; return true;
	case 'n': c->count = number; return true;
	case 'j': c->jobs = (unsigned int)number; return number >= 1 && number <= JOBS_MAX;
	case 'T': c->twin_rounds = (unsigned int)number;
		return number >= 1 && number <= TWIN_ROUNDS_MAX;
	case 'R': c->twin_nodes = (unsigned int)number; return number == 4 || number == 7;
	case 'f': c->file = arg; return true;
	case 'c': c->commit = arg; return true;
	case 'k': c->keep = arg; return true;
	case 'r': c->resume = arg; return true;
	case 'e': c->ed25519 = true; return true;
	case 'v': c->verbose = true; return true;
	case 'x': c->stop = true; return true;
	case 'q': c->quiet = true; return true;
	case 'd': c->digests = true; return true;
	default: return false;
	}
}

int main(int argc, char **argv)
{
	struct command c = { .first = 1, .count = 1000, .jobs = 1, .commit = "unknown" };
	int opt;

	while ((opt = getopt(argc, argv, "s:n:j:T:R:f:c:k:r:evxqd")) != -1)
		if (!take(&c, opt, optarg))
			return 2;
	if (crypto_init() != ST_OK)
		return 70;
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);   /* the same memory again and again */
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	setvbuf(stdout, NULL, c.verbose ? _IOFBF : _IOLBF, 1 << 16);
	return c.file != NULL ? run_file(&c) : run_all(&c);
}
