/*
 * session.c: keys, archives and questions: see trustee.h.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/file.h"
#include "common/base/hex.h"
#include "crypto/dkg.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which election -------------------------------------------------------------------------- */

static enum status binding_path(char *out, size_t cap)
{
	int n = snprintf(out, cap, "%s.election", opt.key);

	return n < 0 || (size_t)n >= cap ? ST_LIMIT : ST_OK;
}

enum status bind_election(const uint8_t election_id[static 32], struct fault *fault)
{
	char path[LIMIT_PATH_BYTES], text[66];
	enum status st;

	if ((st = binding_path(path, sizeof(path))) != ST_OK)
		return fault_set(fault, st, "the key file's name is too long");
	hex_encode(text, election_id, 32);
	text[64] = '\n';
	if ((st = file_write(path, text, 65, FILE_REPLACE, FILE_PRIVATE)) != ST_OK)
		return fault_set(fault, st, "%s cannot be written", path);
	return ST_OK;
}

enum status bound_election(uint8_t out[static 32], struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	uint8_t *text = NULL;
	size_t len;
	enum status st;

	if (opt.fingerprint != NULL)
		return office_fingerprint(out, opt.fingerprint, fault);
	if ((st = binding_path(path, sizeof(path))) != ST_OK)
		return fault_set(fault, st, "the key file's name is too long");
	st = file_read(path, &text, &len, 65);
	if (st == ST_OK)
		st = len == 65 ? hex_decode(out, 32, (const char *)text, 64) : ST_FORMAT;
	free(text);
	if (st != ST_OK) {
		(void)fault_set(fault, st, "it is not known which election this key belongs to");
		fault_why(fault, "A signature for another election would be worthless, or worse.");
		fault_next(fault, "Give --fingerprint with the digits on the poster, or sign the "
		           "manifest first: tally-trustee sign-genesis");
	}
	return st;
}

/* --- sessions -------------------------------------------------------------------------------- */

static enum status find_self(struct session *s, struct fault *fault)
{
	uint8_t key[SIGN_KEY_BYTES];
	uint16_t at;

	sign_from_seed(&s->secret, key, s->key->sign_seed);
	at = manifest_find_trustee(s->audit.manifest, key);
	if (at == MANIFEST_NONE) {
		(void)fault_set(fault, ST_ROLE, "this key is not that of a trustee of this election");
		fault_why(fault, "Only the trustees of the manifest may act.");
		fault_next(fault, "Check --key and --archive; tally-trustee inspect lists the trustees.");
		return ST_ROLE;
	}
	s->index = at + 1u;
	return ST_OK;
}

enum status session_begin(struct session *s, struct fault *fault)
{
	uint8_t election_id[32];
	enum status st;

	*s = (struct session){ 0 };
	if ((st = bound_election(election_id, fault)) != ST_OK ||
	    (st = office_archive(&s->audit, opt.archive, election_id, fault)) != ST_OK ||
	    (st = office_key(&s->key, opt.key, KEYFILE_TRUSTEE, opt.passphrase_file,
	                     fault)) != ST_OK ||
	    (st = find_self(s, fault)) != ST_OK)
		return st;
	s->params = election_params(s->audit.election);
	return ST_OK;
}

void session_end(struct session *s)
{
	params_unref(s->params);
	audit_free(&s->audit);
	sign_secret_wipe(&s->secret);
	office_forget(s->key);
	*s = (struct session){ 0 };
}

void session_self(const struct session *s, struct dkg_self *self)
{
	self->index = (uint8_t)s->index;
	self->key = s->key->enc;
	keyfile_ceremony_seed(self->seed, s->key, s->audit.manifest->election_id);
}

/* --- people ---------------------------------------------------------------------------------- */

enum status ask_yes(const char *question, struct fault *fault)
{
	char line[16];
	FILE *tty;
	bool is_yes;

	if (opt.yes)
		return ST_OK;
	tty = fopen("/dev/tty", "r+e");
	if (tty == NULL) {
		(void)fault_set(fault, ST_DENIED, "there is no terminal to ask on");
		fault_next(fault, "Look at what is said above; then run it again with --yes.");
		return ST_DENIED;
	}
	(void)fprintf(tty, "%s Type yes to go on: ", question);
	(void)fflush(tty);
	is_yes = fgets(line, sizeof(line), tty) != NULL && strcmp(line, "yes\n") == 0;
	(void)fclose(tty);
	if (is_yes)
		return ST_OK;
	(void)fault_set(fault, ST_DENIED, "you did not say yes");
	fault_why(fault, "Nothing was signed.");
	return ST_DENIED;
}

void print_election(const struct audit *a)
{
	char print[OFFICE_FINGERPRINT_TEXT], head[OFFICE_FINGERPRINT_TEXT];

	office_fingerprint_format(print, a->manifest->election_id);
	office_fingerprint_format(head, a->head_id);
	printf("election     %s\n", a->manifest->title.in[0]);
	printf("fingerprint  %s\n", print);
	printf("phase        %s\n", election_phase_name(election_phase(a->election)));
	printf("chain        %llu blocks, newest final; head %.19s ...\n",
	       (unsigned long long)a->blocks, head);
}
