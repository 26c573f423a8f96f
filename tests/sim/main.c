/*
 * main.c: many seeds, or one told aloud (docs/consensus.md §6).
 *
 *   sim [-s first] [-n count] [-t ms] [-e] [-v] [-x]
 *
 * Prints one fact per line, every seed that failed, and every one that took longer to heal;
 * -e signs truly, -x stops at the first that failed.  Exit 0: none did.
 */
#include "tests/sim/sim.h"

#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void describe(const struct sim_options *o)
{
	printf("n=%u loss=%u dup=%u delay=%u crash=%u cuts=%u whole=%u ", o->n, o->loss_pct,
	       o->dup_pct, o->delay_max_ms, o->crash_pct, o->partitions, o->whole_crashes);
	printf("items=%u wait=%u amnesia=%u gossip=%u chaos=%llu kinds=", o->items, o->wait_pct,
	       o->amnesiacs, o->gossip_again, (unsigned long long)o->chaos_ms);
	for (unsigned int i = 0; i < o->n; i++)
		putchar("hsta"[o->kind[i]]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	uint64_t first = 1, count = 1000, slow = UINT64_MAX;
	uint64_t events = 0, failed = 0, slowest = 0, blocks = 0;
	bool verbose = false, stop = false, ed25519 = false;
	int opt;

	while ((opt = getopt(argc, argv, "es:n:t:vx")) != -1) {
		if (opt == 's')
			first = strtoull(optarg, NULL, 0);
		else if (opt == 'n')
			count = strtoull(optarg, NULL, 0);
		else if (opt == 't')
			slow = strtoull(optarg, NULL, 0);
		else if (opt == 'e')
			ed25519 = true;
		else if (opt == 'x')
			stop = true;
		else if (opt == 'v')
			verbose = true;
		else
			return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (crypto_init() != ST_OK)
		return 70;
	for (uint64_t seed = first; seed < first + count && !(stop && failed > 0); seed++) {
		struct sim_options o;
		struct sim_result r;

		sim_options_random(&o, seed);
		o.ed25519 = ed25519;
		sim_run(&r, &o, seed, verbose ? stdout : NULL);
		events += r.events;
		blocks += r.height;
		slowest = r.healed_ms > slowest ? r.healed_ms : slowest;
		if (r.failed || verbose || r.healed_ms > slow) {
			printf("seed=%llu %s ", (unsigned long long)seed,
			       r.failed ? r.failure : "passed");
			printf("height=%llu view=%llu crashes=%llu evidence=%llu healed_ms=%llu ",
			       (unsigned long long)r.height, (unsigned long long)r.view,
			       (unsigned long long)r.crashes, (unsigned long long)r.evidence,
			       (unsigned long long)r.healed_ms);
			describe(&o);
		}
		failed += r.failed;
	}
	printf("seeds=%llu\nfailed=%llu\nevents=%llu\nblocks=%llu\nslowest_healing_ms=%llu\n",
	       (unsigned long long)count, (unsigned long long)failed, (unsigned long long)events,
	       (unsigned long long)blocks, (unsigned long long)slowest);
	return failed != 0;
}
