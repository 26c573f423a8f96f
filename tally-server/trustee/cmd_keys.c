/*
 * cmd_keys.c: keygen, card, sign-genesis.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/crash.h"
#include "common/election/genesis.h"
#include "common/wire/pubfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int run_keygen(void)
{
	const struct group *suite = group_by_name(opt.suite);
	struct fault fault = { 0 };
	struct keyfile *k;

	if (suite == NULL) {
		(void)fault_set(&fault, ST_USAGE, "there is no suite \"%s\"", opt.suite);
		fault_next(&fault, "Leave --suite out, unless the election is a Belenios one.");
		return cli_misuse(&fault);
	}
	if (office_new_key(&k, opt.key, KEYFILE_TRUSTEE, suite, opt.passphrase_file,
	                   &fault) != ST_OK)
		return cli_fault(&fault);
	office_forget(k);
	printf("key_file=%s\n", opt.key);
	printf("Next: keep a copy of it in a safe place, with its passphrase in another; then\n"
	       "      tally-trustee card --key %s --node node.pub --name ... --address ... "
	       "--out my.card\n", opt.key);
	return cli_done(CLI_YES);
}

/* --- card ------------------------------------------------------------------------------------ */

static enum status read_node(struct card *draft, struct fault *fault)
{
	struct pubfile pub;
	uint8_t *text;
	size_t len;
	enum status st;

	if ((st = office_read(&text, &len, opt.node, PUBFILE_TEXT_MAX, fault)) != ST_OK)
		return st;
	st = pubfile_parse(&pub, (const char *)text, len);
	free(text);
	if (st != ST_OK || pub.is_kiosk) {
		(void)fault_set(fault, ST_FORMAT, "%s does not hold a node's public keys", opt.node);
		fault_next(fault, "Make them on the node: tally-server keygen");
		return ST_FORMAT;
	}
	memcpy(draft->node_key, pub.signing, sizeof(draft->node_key));
	memcpy(draft->checkpoint_key, pub.checkpoint, sizeof(draft->checkpoint_key));
	memcpy(draft->curve_key, pub.transport, sizeof(draft->curve_key));
	return ST_OK;
}

static enum status make_card(struct fault *fault)
{
	struct card draft = { .role = CARD_TRUSTEE };
	struct sign_secret secret = { { 0 } };
	struct refusal why = { "", "", 0 };
	uint8_t bytes[CARD_BYTES_MAX];
	struct keyfile *k = NULL;
	size_t len;
	enum status st;

	if (strlen(opt.name) >= sizeof(draft.name) ||
	    address_parse(&draft.address, opt.address, strlen(opt.address)) != ST_OK) {
		(void)fault_set(fault, ST_USAGE, "the name is too long, or \"%.100s\" is no HOST:PORT",
		                opt.address);
		return ST_USAGE;
	}
	memcpy(draft.name, opt.name, strlen(opt.name) + 1);
	if ((st = read_node(&draft, fault)) != ST_OK ||
	    (st = office_key(&k, opt.key, KEYFILE_TRUSTEE, opt.passphrase_file, fault)) != ST_OK)
		return st;
	draft.suite = k->suite;
	sign_from_seed(&secret, draft.sign_key, k->sign_seed);
	st = card_make(bytes, sizeof(bytes), &len, &why, &draft, &secret, &k->enc);
	sign_secret_wipe(&secret);
	office_forget(k);
	if (st != ST_OK)
		return fault_set(fault, st, "the card cannot be made: %s %s", why.path, why.reason);
	return office_write(opt.out, bytes, len, fault);
}

int run_card(void)
{
	struct fault fault = { 0 };

	if (make_card(&fault) != ST_OK)
		return cli_fault(&fault);
	printf("card=%s\n", opt.out);
	printf("Next: give it to the election officer.\n");
	return cli_done(CLI_YES);
}

/* --- sign-genesis ---------------------------------------------------------------------------- */

static void print_contest(const struct manifest_contest *c)
{
	printf("contest      %s: ", c->title.in[0]);
	if (c->type == CONTEST_SCORE)
		printf("up to %u points to each, %u to %u in all", c->each_max, c->min, c->max);
	else if (c->min == c->max)
		printf("choose %u of %u", c->max, c->options_len);
	else
		printf("choose %u to %u of %u", c->min, c->max, c->options_len);
	printf("%s\n", c->blank ? ", or blank" : "");
	for (unsigned int i = 0; i < c->options_len; i++)
		printf("             - %s\n", c->options[i].name.in[0]);
}

static void print_rules(const struct manifest *m)
{
	printf("registrar    %s\nofficer      %s\n", m->registrar->name, m->officer->name);
	printf("units        ");
	for (unsigned int i = 0; i < m->units_len; i++)
		printf("%s%s", i > 0 ? ", " : "", m->units[i].name.in[0]);
	printf("\nvoters       the %s ballot of each counts\n",
	       m->revote == REVOTE_LAST ? "last" : "first and only");
	printf("published    counts of %u ballots or more\n", m->publish_min);
}

static void print_manifest(const struct manifest *m)
{
	enum manifest_warning warnings[WARNING_COUNT];
	char print[OFFICE_FINGERPRINT_TEXT];
	size_t count = manifest_warnings(m, warnings);

	office_fingerprint_format(print, m->election_id);
	printf("election     %s\n", m->title.in[0]);
	printf("fingerprint  %s\n", print);
	printf("trustees     %u, of whom any %u can decrypt the sums and fewer nothing\n",
	       m->trustees_len, m->threshold);
	for (unsigned int i = 0; i < m->trustees_len; i++)
		printf("             %u %s\n", i + 1, m->trustees[i].name);
	print_rules(m);
	for (unsigned int i = 0; i < m->contests_len; i++)
		print_contest(&m->contests[i]);
	for (size_t i = 0; i < count; i++)
		printf("note         %s\n", manifest_warning_text(warnings[i]));
}

static enum status load_manifest(struct manifest **out, struct fault *fault)
{
	struct refusal why = { "", "", 0 };
	uint8_t *bytes;
	size_t len;
	enum status st = office_read(&bytes, &len, opt.manifest, LIMIT_MANIFEST_BYTES, fault);

	if (st != ST_OK)
		return st;
	st = manifest_load(out, &why, bytes, len);
	free(bytes);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s is refused: %s %s", opt.manifest, why.path, why.reason);
		fault_why(fault, "A manifest that nobody can check must not be signed.");
		fault_next(fault, "Ask the election officer for the file that tally-officer define made.");
	}
	return st;
}

static enum status sign_manifest(const struct manifest *m, struct fault *fault)
{
	const struct message msg = genesis_message(m);
	struct sign_secret secret = { { 0 } };
	uint8_t key[SIGN_KEY_BYTES], said[32], sig[SIGN_BYTES];
	struct keyfile *k = NULL;
	uint16_t at;
	enum status st;

	if (opt.fingerprint != NULL) {
		if ((st = office_fingerprint(said, opt.fingerprint, fault)) != ST_OK)
			return st;
		if (memcmp(said, m->election_id, sizeof(said)) != 0)
			return fault_set(fault, ST_ELECTION, "the manifest has another fingerprint");
	}
	if ((st = ask_yes("Is this the election you agreed to?", fault)) != ST_OK ||
	    (st = office_key(&k, opt.key, KEYFILE_TRUSTEE, opt.passphrase_file, fault)) != ST_OK)
		return st;
	sign_from_seed(&secret, key, k->sign_seed);
	at = manifest_find_trustee(m, key);
	if (at == MANIFEST_NONE) {
		st = fault_set(fault, ST_ROLE, "your card is not in this manifest");
		fault_next(fault, "Give your card to the election officer again.");
	} else if ((st = bind_election(m->election_id, fault)) == ST_OK) {
		sign_message(&secret, sig, &msg);
		crash_point("genesis-signed");
		st = office_write(opt.out, sig, sizeof(sig), fault);
	}
	sign_secret_wipe(&secret);
	office_forget(k);
	return st;
}

int run_sign_genesis(void)
{
	struct fault fault = { 0 };
	struct manifest *m = NULL;
	enum status st = load_manifest(&m, &fault);

	if (st == ST_OK) {
		print_manifest(m);
		st = sign_manifest(m, &fault);
	}
	manifest_free(m);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("signature=%s\n", opt.out);
	printf("Next: give it to the election officer; write the fingerprint down.\n");
	return cli_done(CLI_YES);
}
