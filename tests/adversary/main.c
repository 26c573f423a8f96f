/*
 * main.c: a node that cheats:   adversary DEED NODE_INI
 *
 * SEED seeds what it chooses.  Ended by SIGTERM it says how often it did its deed.
 */
#include "tests/adversary/adversary.h"

#include "common/base/cli.h"
#include "common/election/office.h"
#include "crypto/mem.h"
#include "tally-server/node/own.h"
#include "tests/unit/lib/cheap_seal.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct adversary adversary;

static volatile bool stop;
static struct link *to_wake;

static const char *const NAMES[DEEDS] = {
	[DEED_EQUIVOCATE] = "equivocate", [DEED_FORK_PROPOSE] = "fork-propose",
	[DEED_VOTE_ALL] = "vote-all", [DEED_WITHHOLD] = "withhold", [DEED_FLOOD] = "flood",
	[DEED_SILENT] = "silent", [DEED_FORGE] = "forge", [DEED_FALSE_VOTE] = "false-vote",
	[DEED_LATE] = "late", [DEED_DECEIVE] = "deceive",
};

static void on_signal(int number)
{
	(void)number;
	stop = true;
	if (to_wake != NULL)
		link_wake(to_wake);
}

static enum status take_key(const struct settings *set, struct fault *fault)
{
	uint8_t public_key[SIGN_KEY_BYTES];
	struct keyfile *k;
	enum status st = office_key(&k, set->key, KEYFILE_NODE, set->passphrase_file, fault);

	if (st != ST_OK)
		return st;
	sign_from_seed(&adversary.key, public_key, k->sign_seed);
	office_forget(k);
	return ST_OK;
}

static enum status run(struct node *n, const struct settings *set, struct fault *fault)
{
	struct sigaction a = { .sa_handler = on_signal };
	enum status st;

	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(SIGTERM, &a, NULL);
	(void)sigaction(SIGINT, &a, NULL);
	n->stop = &stop;
	if ((st = take_key(set, fault)) != ST_OK ||
	    (st = node_open(n, set, set->passphrase_file, fault)) != ST_OK ||
	    (st = own_mark_running(set, n->self)) != ST_OK)
		return st;
	to_wake = n->link;
	st = node_run(n);
	to_wake = NULL;
	return st;
}

static enum deed find_deed(const char *name)
{
	for (unsigned int i = 0; i < DEEDS; i++)
		if (strcmp(NAMES[i], name) == 0)
			return (enum deed)i;
	return DEEDS;
}

int main(int argc, char **argv)
{
	struct node *n = calloc(1, sizeof(*n));
	struct fault fault = { 0 };
	struct settings set;
	enum status st;

	adversary.known = calloc(KNOWN_MAX, sizeof(*adversary.known));
	adversary.late = malloc(LIMIT_FRAME_BULK);
	if (argc != 3 || (adversary.deed = find_deed(argv[1])) == DEEDS || n == NULL ||
	    adversary.known == NULL || adversary.late == NULL || crypto_init() != ST_OK)
		return CLI_MISUSE;
	cheap_seal();
	prng_seed(&adversary.rng, argv[1]);
	adversary.node = n;
	log_setup("adversary", LOG_LEVEL_INFO, LOG_STAMP_MINUTE);
	st = settings_load(&set, argv[2], &fault);
	if (st == ST_OK) {
		st = run(n, &set, &fault);
		node_close(n);
	}
	settings_free(&set);
	(void)fprintf(stderr, "deed=%s done=%" PRIu64 " why=%s\n", argv[1], adversary.done,
	              status_name(st));
	sign_secret_wipe(&adversary.key);
	free(adversary.known);
	free(adversary.late);
	free(n);
	return st == ST_OK ? CLI_YES : cli_fault(&fault);
}
