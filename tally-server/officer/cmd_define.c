/*
 * cmd_define.c: keygen, check, define, genesis.
 */
#include "tally-server/officer/officer.h"

#include "common/base/crash.h"
#include "common/election/definition.h"
#include "common/election/genesis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- keygen ---------------------------------------------------------------------------------- */

static enum status make_card(enum card_role role, const struct keyfile *k, struct fault *fault)
{
	struct card draft = { .role = role };
	struct refusal why = { "", "", 0 };
	struct sign_secret secret;
	uint8_t bytes[CARD_BYTES_MAX];
	size_t len;
	enum status st;

	if (strlen(opt.name) >= sizeof(draft.name))
		return fault_set(fault, ST_LIMIT, "the name is too long");
	memcpy(draft.name, opt.name, strlen(opt.name) + 1);
	sign_from_seed(&secret, draft.sign_key, k->sign_seed);
	st = card_make(bytes, sizeof(bytes), &len, &why, &draft, &secret, NULL);
	sign_secret_wipe(&secret);
	if (st != ST_OK)
		return fault_set(fault, st, "the card cannot be made: %s %s", why.path, why.reason);
	return office_write(opt.out, bytes, len, fault);
}

int run_keygen(void)
{
	bool is_officer = strcmp(opt.role, "officer") == 0;
	struct fault fault = { 0 };
	struct keyfile *k;
	enum status st;

	if (!is_officer && strcmp(opt.role, "registrar") != 0) {
		(void)fault_set(&fault, ST_USAGE, "there is no role \"%.40s\"", opt.role);
		fault_next(&fault, "Say --role officer or --role registrar.");
		return cli_misuse(&fault);
	}
	if (office_new_pair(&k, opt.key, opt.out, is_officer ? KEYFILE_OFFICER : KEYFILE_REGISTRAR,
	                    opt.passphrase_file, &fault) != ST_OK)
		return cli_fault(&fault);
	crash_point("keygen-key");
	st = make_card(is_officer ? CARD_OFFICER : CARD_REGISTRAR, k, &fault);
	office_forget(k);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("key_file=%s\ncard=%s\n", opt.key, opt.out);
	printf("Next: keep a copy of the key file in a safe place; name the card in the "
	       "definition.\n");
	return cli_done(CLI_YES);
}

/* --- definition ------------------------------------------------------------------------------ */

static enum status compile(struct manifest **out, struct fault *fault)
{
	char folder[LIMIT_PATH_BYTES] = ".";
	const char *slash = strrchr(opt.definition, '/'), *where;
	struct card_source cards;
	struct refusal why = { "", "", 0 };
	uint8_t *text;
	size_t len;
	enum status st;

	if (slash != NULL && (size_t)(slash - opt.definition) < sizeof(folder) - 1) {
		memcpy(folder, opt.definition, (size_t)(slash - opt.definition) + 1);
		folder[slash - opt.definition + 1] = '\0';
	}
	if ((st = office_read(&text, &len, opt.definition, LIMIT_MANIFEST_BYTES, fault)) != ST_OK)
		return st;
	cards = card_source_folder(folder);
	st = definition_compile(out, &why, text, len, &cards);
	free(text);
	if (st == ST_OK)
		return ST_OK;
	where = why.path[0] != '\0' ? why.path : "the definition as a whole";
	if (why.line > 0)
		(void)fault_set(fault, st, "%s:%u: %s: %s", opt.definition, why.line, where, why.reason);
	else
		(void)fault_set(fault, st, "%s: %s: %s", opt.definition, where, why.reason);
	fault_why(fault, "An election that begins with a doubt ends with one.");
	fault_next(fault, "Correct it, then: tally-officer check %s", opt.definition);
	return st;
}

static void print_manifest(const struct manifest *m)
{
	enum manifest_warning warnings[WARNING_COUNT];
	char print[OFFICE_FINGERPRINT_TEXT], hex[65];
	size_t count = manifest_warnings(m, warnings);

	office_fingerprint_format(print, m->election_id);
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", m->election_id[i]);
	printf("title=%s\n", m->title.in[0]);
	printf("trustees=%u\nthreshold=%u\ncontests=%u\nstyles=%u\n", m->trustees_len, m->threshold,
	       m->contests_len, m->styles_len);
	printf("fingerprint=%s\n", hex);
	for (size_t i = 0; i < count; i++)
		printf("note: %s\n", manifest_warning_text(warnings[i]));
	printf("For the poster: %s\n", print);
}

int run_check(void)
{
	struct fault fault = { 0 };
	struct manifest *m;

	if (compile(&m, &fault) != ST_OK)
		return cli_fault(&fault);
	print_manifest(m);
	manifest_free(m);
	return cli_done(CLI_YES);
}

int run_define(void)
{
	struct fault fault = { 0 };
	struct manifest *m;
	enum status st;

	if (compile(&m, &fault) != ST_OK)
		return cli_fault(&fault);
	st = office_write(opt.out, m->bytes, m->len, &fault);
	if (st == ST_OK) {
		print_manifest(m);
		printf("manifest=%s\n", opt.out);
		printf("Next: every trustee looks at it and signs: tally-trustee sign-genesis\n");
	}
	manifest_free(m);
	return st == ST_OK ? cli_done(CLI_YES) : cli_fault(&fault);
}

/* --- genesis --------------------------------------------------------------------------------- */

static enum status read_signatures(const struct manifest *m, uint8_t (*sigs)[TX_SIG_BYTES],
                                   struct fault *fault)
{
	unsigned int trustee;
	enum status st;

	if (opt.files.count != m->trustees_len)
		return fault_set(fault, ST_THRESHOLD, "%zu signatures for %u trustees: all must sign",
		                 opt.files.count, m->trustees_len);
	for (size_t i = 0; i < opt.files.count; i++) {
		uint8_t *bytes;
		size_t len;

		st = office_read(&bytes, &len, opt.files.word[i], TX_SIG_BYTES, fault);
		if (st != ST_OK)
			return st;
		if (len == TX_SIG_BYTES)
			memcpy(sigs[i], bytes, TX_SIG_BYTES);
		free(bytes);
		if (len != TX_SIG_BYTES)
			return fault_set(fault, ST_FORMAT, "%s is no signature", opt.files.word[i]);
	}
	st = genesis_check(m, (const uint8_t (*)[TX_SIG_BYTES])sigs, m->trustees_len, &trustee);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "%s is not the signature of trustee %u, %s",
		                opt.files.word[trustee - 1], trustee, m->trustees[trustee - 1].name);
		fault_next(fault, "Name the signatures in the order of the trustees, and check that "
		           "all signed this manifest.");
	}
	return st;
}

static enum status write_genesis(const struct manifest *m,
                                 const uint8_t (*sigs)[TX_SIG_BYTES], struct fault *fault)
{
	struct election *e = NULL;
	struct block_header h;
	struct archive_writer w;
	uint8_t *body = malloc(m->len + 5);
	char *bytes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&bytes, &len);
	enum status st = ST_NO_MEMORY;

	if (body == NULL || f == NULL || (st = election_new(&e, m)) != ST_OK ||
	    (st = chain_genesis(&h, e)) != ST_OK) {
		(void)fault_set(fault, st, "block 0 cannot be made: %s", status_text(st));
		goto out;
	}
	genesis_body(body, m);
	archive_write_begin(&w, f);
	archive_write_block(&w, &h, body, m->len + 5);
	archive_write_genesis_sigs(&w, sigs, m->trustees_len);
	st = archive_write_end(&w);
	(void)fclose(f);
	f = NULL;
	st = st == ST_OK ? office_write(opt.out, bytes, len, fault) :
	     fault_set(fault, st, "the archive cannot be made");
out:
	if (f != NULL)
		(void)fclose(f);
	free(bytes);
	free(body);
	election_free(e);
	return st;
}

int run_genesis(void)
{
	uint8_t sigs[LIMIT_TRUSTEES][TX_SIG_BYTES];
	struct refusal why = { "", "", 0 };
	struct fault fault = { 0 };
	struct manifest *m = NULL;
	uint8_t *bytes;
	size_t len;
	enum status st;

	if (office_read(&bytes, &len, opt.manifest, LIMIT_MANIFEST_BYTES, &fault) != ST_OK)
		return cli_fault(&fault);
	if ((st = manifest_load(&m, &why, bytes, len)) != ST_OK)
		(void)fault_set(&fault, st, "%s: %s %s", opt.manifest, why.path, why.reason);
	else if ((st = read_signatures(m, sigs, &fault)) == ST_OK)
		st = write_genesis(m, (const uint8_t (*)[TX_SIG_BYTES])sigs, &fault);
	free(bytes);
	manifest_free(m);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("archive=%s\n", opt.out);
	printf("Next: give it to every node: tally-server --config node.ini\n");
	return cli_done(CLI_YES);
}
