/*
 * cheat.c: a trustee who deals one bad share, for the end-to-end tests: the deal of its key file
 * with the share of one receiver made wrong, every proof true, signed as the tool would sign it.
 *
 *	cheat KEY PASSPHRASE_FILE ARCHIVE FINGERPRINT RECEIVER OUT
 */
#include "tests/unit/lib/ceremony.h"
#include "tests/unit/lib/cheap_seal.h"

#include "common/base/hex.h"
#include "common/election/act.h"
#include "common/election/office.h"
#include "crypto/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char **arg;
static struct ceremony cheat;

static void must(enum status st, const struct fault *fault)
{
	if (st != ST_OK)
		fail_msg("%s %s", status_name(st), fault->what);
}

static unsigned int find_self(const struct audit *a, const struct keyfile *k,
                              struct sign_secret *secret)
{
	uint8_t key[SIGN_KEY_BYTES];

	sign_from_seed(secret, key, k->sign_seed);
	return manifest_find_trustee(a->manifest, key) + 1u;
}

static void write_deal(const struct election_params *p, unsigned int dealer,
                       const struct sign_secret *secret, struct fault *fault)
{
	size_t len = dkg_deal_len(&p->dkg), tx_len;
	uint8_t *bytes = malloc(len);
	uint8_t *tx = malloc(LIMIT_TX_BYTES);
	struct writer w;

	assert_non_null(bytes);
	assert_non_null(tx);
	dkg_deal_encode(&p->dkg, bytes, &cheat.deal[dealer - 1]);
	writer_init(&w, tx, LIMIT_TX_BYTES);
	tx_begin(&w, TX_DKG_DEAL);
	tx_trustee_message_body(&w, (uint8_t)dealer, bytes, len);
	must(writer_end(&w, &tx_len), fault);
	must(act_sign(p, tx, &tx_len, LIMIT_TX_BYTES, secret), fault);
	must(office_write(arg[6], tx, tx_len, fault), fault);
	free(bytes);
	free(tx);
}

static void deal_badly(void **state)
{
	const struct election_params *p;
	struct sign_secret secret;
	struct fault fault = { 0 };
	struct prng r;
	struct keyfile *k;
	struct audit a;
	uint8_t print[32];
	unsigned int dealer;

	(void)state;
	must(office_fingerprint(print, arg[4], &fault), &fault);
	must(office_archive(&a, arg[3], print, &fault), &fault);
	must(office_key(&k, arg[1], KEYFILE_TRUSTEE, arg[2], &fault), &fault);
	dealer = find_self(&a, k, &secret);
	p = election_params(a.election);
	cheat.p = p->dkg;
	cheat.self[dealer - 1].index = (uint8_t)dealer;
	cheat.self[dealer - 1].key = k->enc;
	keyfile_ceremony_seed(cheat.self[dealer - 1].seed, k, a.manifest->election_id);
	must(dkg_deal_make(&p->dkg, &cheat.deal[dealer - 1], &cheat.self[dealer - 1]), &fault);
	prng_seed(&r, "cheat");
	cheat_bad_share(&cheat, &r, (uint8_t)dealer, (uint8_t)strtoul(arg[5], NULL, 10));
	write_deal(p, dealer, &secret, &fault);
	params_unref(p);
	audit_free(&a);
	office_forget(k);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(deal_badly) };

	if (argc != 7 || crypto_init() != ST_OK)
		return 2;
	cheap_seal();
	arg = argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
