/*
 * ct_kiosk.c: does a kiosk take branches or addresses from what a voter chose, or from the voter's
 * keys, between the review and the cast: encrypting, proving, signing?
 *
 * As ct_proofs.c: the secrets are marked as undefined, and each case says how many verdicts it
 * takes on them.  The kiosk checks its own ballot as every receiver will: a wrapper before the
 * verifier marks as defined what is published, and nothing else.
 *
 * What comes before, the screens that show the choices, cannot be of this kind.
 *
 * Exit: 0 all as expected, 1 not so, 2 not under valgrind.
 */
#include "tests/unit/lib/town.h"

#include "crypto/ballotproof.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/schnorr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include <cmocka.h>

enum { SELECTIONS = 9, DEVICE_BYTES = 32 };

static const char DEFINITION[] =
	"{ \"title\": {\"en\": \"Ct\"}, \"languages\": [\"en\"], \"suite\": \"ristretto255\", "
	"\"threshold\": 1, \"rehearsal\": true, \"trustees\": [\"t1.card\"], "
	"\"registrar\": \"registrar.card\", \"officer\": \"officer.card\", \"revote\": \"last\", "
	"\"units\": [{\"id\": \"u\", \"name\": {\"en\": \"U\"}}], "
	"\"styles\": [{\"id\": \"s\", \"unit\": \"u\", \"contests\": [\"c\", \"d\"]}], "
	"\"contests\": ["
	"{\"id\": \"c\", \"type\": \"choose\", \"min\": 1, \"max\": 1, \"blank\": true, "
	"\"title\": {\"en\": \"C\"}, \"options\": [{\"id\": \"p\", \"name\": {\"en\": \"P\"}}, "
	"{\"id\": \"q\", \"name\": {\"en\": \"Q\"}}, {\"id\": \"r\", \"name\": {\"en\": \"R\"}}, "
	"{\"id\": \"s\", \"name\": {\"en\": \"S\"}}]}, "
	"{\"id\": \"d\", \"type\": \"score\", \"each_max\": 5, \"max\": 9, \"blank\": true, "
	"\"title\": {\"en\": \"D\"}, \"options\": [{\"id\": \"x\", \"name\": {\"en\": \"X\"}}, "
	"{\"id\": \"y\", \"name\": {\"en\": \"Y\"}}, {\"id\": \"z\", \"name\": {\"en\": \"Z\"}}]}] }";

/* Blank flag first: the second of four; 0, 4 and 5 points. */
static const uint32_t CHOICES[SELECTIONS] = { 0, 0, 1, 0, 0, 0, 0, 4, 5 };

static struct town town;
static struct credential credential;
static struct scalar slip, old_slip;
static uint8_t blinding[32], device[32], device_secret[DEVICE_BYTES], replaced[32];
static uint32_t selections[SELECTIONS];
static struct ballot_locked *locked;
static enum status st;

/* --- what is published ------------------------------------------------------------------------ */

enum status __real_ballotproof_verify(const struct ballotproof_setup *s,
                                      struct ballotproof_work *work, const uint8_t *ctx,
                                      const struct ballotproof_bytes *bytes);
enum status __wrap_ballotproof_verify(const struct ballotproof_setup *s,
                                      struct ballotproof_work *work, const uint8_t *ctx,
                                      const struct ballotproof_bytes *bytes);

enum status __wrap_ballotproof_verify(const struct ballotproof_setup *s,
                                      struct ballotproof_work *work, const uint8_t *ctx,
                                      const struct ballotproof_bytes *bytes)
{
	VALGRIND_MAKE_MEM_DEFINED(ctx, BALLOTPROOF_CTX_BYTES);
	VALGRIND_MAKE_MEM_DEFINED(bytes->ciphertexts, bytes->ciphertexts_len);
	VALGRIND_MAKE_MEM_DEFINED(bytes->proof, bytes->proof_len);
	return __real_ballotproof_verify(s, work, ctx, bytes);
}

/* --- the cases -------------------------------------------------------------------------------- */

static struct ballot_intent intent(bool replaces)
{
	return (struct ballot_intent){
		.credential = &credential, .blinding = blinding, .device = device, .slip = &slip,
		.replaced = replaces ? replaced : NULL, .old_slip = replaces ? &old_slip : NULL,
		.device_secret = device_secret, .device_secret_len = sizeof(device_secret),
	};
}

static void hide(void)
{
	memcpy(selections, CHOICES, sizeof(selections));
	VALGRIND_MAKE_MEM_UNDEFINED(selections, sizeof(selections));
	VALGRIND_MAKE_MEM_UNDEFINED(&credential.secret, sizeof(credential.secret));
	VALGRIND_MAKE_MEM_UNDEFINED(&slip, sizeof(slip));
	VALGRIND_MAKE_MEM_UNDEFINED(&old_slip, sizeof(old_slip));
	VALGRIND_MAKE_MEM_UNDEFINED(blinding, sizeof(blinding));
	VALGRIND_MAKE_MEM_UNDEFINED(device_secret, sizeof(device_secret));
}

static void show(void)
{
	VALGRIND_MAKE_MEM_DEFINED(&credential, sizeof(credential));
	VALGRIND_MAKE_MEM_DEFINED(&slip, sizeof(slip));
	VALGRIND_MAKE_MEM_DEFINED(&old_slip, sizeof(old_slip));
	VALGRIND_MAKE_MEM_DEFINED(blinding, sizeof(blinding));
	VALGRIND_MAKE_MEM_DEFINED(device_secret, sizeof(device_secret));
	VALGRIND_MAKE_MEM_DEFINED(&st, sizeof(st));
}

static void lock_one(bool replaces)
{
	const struct ballot_intent want = intent(replaces);

	ballot_locked_free(locked);
	st = ballot_lock(&locked, town.setup, &want, selections, SELECTIONS);
}

static void cast_one(bool replaces)
{
	const struct ballot_intent want = intent(replaces);

	st = ballot_cast(locked, town.setup, &want);
}

static void lock_first(void) { lock_one(false); }
static void cast_first(void) { cast_one(false); }
static void lock_again(void) { lock_one(true); }
static void cast_again(void) { cast_one(true); }

static void control(void)
{
	st = ST_OK;
	if (selections[2] == 1)
		device[0] ^= 1;
}

static const struct {
	const char *name;
	void (*run)(void);
	unsigned int verdicts;
	const char *about;
} cases[] = {
	{ "ballot_lock", lock_first, 3, "the values are legal, rho and x are not 0" },
	{ "ballot_cast", cast_first, 2, "the secret and the nonce are not 0" },
	{ "ballot_lock, again", lock_again, 3, "as before" },
	{ "ballot_cast, again", cast_again, 4, "as before, for two signatures" },
	{ "control", control, 1, "a branch" },
};

static void open_polls(void)
{
	const struct group *g = group_ristretto255();

	town_new(&town, 1, DEFINITION);
	town_ceremony(&town, town_everyone(&town));
	town_enrol(&town, NULL, NULL, 1);
	town_open(&town);
	credential = town.voter[0];
	rng_scalar(g, &slip);
	rng_scalar(g, &old_slip);
	rng_bytes(blinding, sizeof(blinding));
	rng_bytes(device, sizeof(device));
	rng_bytes(device_secret, sizeof(device_secret));
	rng_bytes(replaced, sizeof(replaced));
}

int main(void)
{
	int bad = 0;

	if (!RUNNING_ON_VALGRIND) {
		fputs("ct_kiosk: runs under valgrind only: make ct\n", stderr);
		return 2;
	}
	if (crypto_init() != ST_OK)
		return 1;
	open_polls();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned long before = VALGRIND_COUNT_ERRORS, seen;

		hide();
		cases[i].run();
		seen = VALGRIND_COUNT_ERRORS - before;
		show();
		if (seen == cases[i].verdicts && st == ST_OK)
			continue;
		printf("%s: %s, %lu jumps or addresses depend on secrets, %u may: %s\n",
		       cases[i].name, status_name(st), seen, cases[i].verdicts, cases[i].about);
		bad = 1;
	}
	ballot_locked_free(locked);
	town_free(&town);
	printf("constant time: %zu steps of a ballot, %s\n", sizeof(cases) / sizeof(cases[0]),
	       bad ? "NOT as expected" : "all as expected");
	return bad;
}
