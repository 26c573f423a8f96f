/*
 * office.c: see office.h.
 */
#include "common/election/office.h"

#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/hex.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

/* --- secrets --------------------------------------------------------------------------------- */

void office_forget(void *secret)
{
	mem_secret_free(secret);   /* wipes */
}

enum status office_passphrase(struct passphrase **out, const char *file, const char *prompt,
                              bool twice, struct fault *fault)
{
	struct passphrase *p = mem_secret_alloc(sizeof(*p));
	enum status st;

	*out = NULL;
	if (p == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory that can be kept out of swap");
	st = file != NULL ? passphrase_file(p, file) : passphrase_ask(p, prompt, twice);
	if (st != ST_OK) {
		mem_secret_free(p);
		(void)fault_set(fault, st, "no passphrase%s%s", file == NULL ? "" : " in ",
		                file == NULL ? "" : file);
		fault_why(fault, "The key file is sealed with it.");
		fault_next(fault, st == ST_NOT_FOUND && file == NULL ?
		           "There is no terminal to ask on: name a file with --passphrase-file." :
		           "Try again, or name a file with one line by --passphrase-file.");
		return st;
	}
	*out = p;
	return ST_OK;
}

enum status office_key(struct keyfile **out, const char *path, enum keyfile_kind kind,
                       const char *passphrase_file, struct fault *fault)
{
	struct keyfile *k = mem_secret_alloc(sizeof(*k));
	struct passphrase *p = NULL;
	enum status st;

	*out = NULL;
	if (k == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory that can be kept out of swap");
	if ((st = office_passphrase(&p, passphrase_file, "Passphrase: ", false, fault)) != ST_OK)
		goto out;
	if ((st = keyfile_load(k, path, kind, p)) != ST_OK) {
		(void)fault_set(fault, st, "the %s key %s cannot be opened: %s",
		                keyfile_kind_name(kind), path, status_text(st));
		fault_why(fault, "Nothing was signed or changed.");
		fault_next(fault, st == ST_SEAL ?
		           "Check the passphrase and that this is the right file; a backup copy of "
		           "the file opens with the same passphrase." : "Check the file's name.");
		goto out;
	}
	*out = k;
	k = NULL;
out:
	office_forget(p);
	office_forget(k);
	return st;
}

enum status office_new_key(struct keyfile **out, const char *path, enum keyfile_kind kind,
                           const struct group *suite, const char *passphrase_file,
                           struct fault *fault)
{
	struct keyfile *k = mem_secret_alloc(sizeof(*k));
	struct passphrase *p = NULL;
	enum status st;

	*out = NULL;
	if (k == NULL)
		return fault_set(fault, ST_NO_MEMORY, "no memory that can be kept out of swap");
	if (file_is_there(path)) {
		st = fault_set(fault, ST_EXISTS, "%s exists already", path);
		fault_why(fault, "A key that is overwritten is lost for ever.");
		fault_next(fault, "Choose another name for --key.");
		goto out;
	}
	if ((st = office_passphrase(&p, passphrase_file, "New passphrase: ", true, fault)) != ST_OK)
		goto out;
	keyfile_generate(k, kind, suite);
	if ((st = keyfile_save(path, k, p)) != ST_OK) {
		(void)fault_set(fault, st, "the key could not be written to %s", path);
		fault_next(fault, "Check that the folder exists and has room.");
		goto out;
	}
	*out = k;
	k = NULL;
out:
	office_forget(p);
	office_forget(k);
	return st;
}

enum status office_new_pair(struct keyfile **out, const char *path, const char *public_half,
                            enum keyfile_kind kind, const char *passphrase_file,
                            struct fault *fault)
{
	if (file_is_there(path) && !file_is_there(public_half))
		return office_key(out, path, kind, passphrase_file, fault);
	return office_new_key(out, path, kind, NULL, passphrase_file, fault);
}

/* --- files ----------------------------------------------------------------------------------- */

enum status office_read(uint8_t **out, size_t *len, const char *path, size_t max,
                        struct fault *fault)
{
	enum status st = file_read(path, out, len, max);

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s cannot be read: %s", path, status_text(st));
	fault_next(fault, "Check the file's name.");
	return st;
}

enum status office_write(const char *path, const void *bytes, size_t len, struct fault *fault)
{
	enum status st = file_write(path, bytes, len, FILE_SAME, FILE_PUBLIC);

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s cannot be written: %s", path, status_text(st));
	fault_next(fault, st == ST_EXISTS ? "Choose another name with --out, or move the old file "
	           "away: nothing is overwritten." : "Check the folder and the room on the disk.");
	return st;
}

/* --- archives -------------------------------------------------------------------------------- */

static enum status judge(const struct audit *a, const char *path, struct fault *fault)
{
	if (a->verdict == AUDIT_PROBLEM) {
		(void)fault_set(fault, a->failed_st, "%s fails the check \"%s\": %s", path,
		                audit_check_name(a->failed), status_text(a->failed_st));
		fault_why(fault, "Block %llu is not sound; this may be evidence of a fraud, or of the "
		          "wrong fingerprint.", (unsigned long long)a->failed_height);
		fault_next(fault, "Keep the file. Fetch the chain from another node and compare: "
		           "voter-observer verify %s", path);
		return a->failed_st;
	}
	if (a->lines[AUDIT_CONSTITUTION].outcome != AUDIT_HELD ||
	    (a->blocks > 1 && a->lines[AUDIT_CERTIFICATES].outcome != AUDIT_HELD)) {
		(void)fault_set(fault, ST_INCOMPLETE, "%s lacks signatures under its %s", path,
		                a->lines[AUDIT_CONSTITUTION].outcome != AUDIT_HELD ? "manifest" :
		                "newest block");
		fault_why(fault, "Without them nobody can know that the nodes agree on this chain.");
		fault_next(fault, "Export the chain from a node again: tally-server export");
		return ST_INCOMPLETE;
	}
	return ST_OK;
}

static uint64_t clock_ns(void)
{
	return clock_mono_us() * 1000;
}

enum status office_archive(struct audit *a, const char *path, const uint8_t *fingerprint,
                           struct fault *fault)
{
	const struct audit_options o = { .fingerprint = fingerprint, .clock_ns = clock_ns };
	FILE *f = fopen(path, "rbe");
	enum status st;

	*a = (struct audit){ .verdict = AUDIT_UNDECIDED };
	if (f == NULL) {
		(void)fault_set(fault, ST_NOT_FOUND, "%s cannot be opened", path);
		fault_next(fault, "Export the chain from a node: tally-server export");
		return ST_NOT_FOUND;
	}
	st = audit_run(a, f, &o);
	(void)fclose(f);
	if (st != ST_OK)
		return fault_set(fault, st, "%s could not be checked: %s", path, status_text(st));
	return judge(a, path, fault);
}

/* --- fingerprints ---------------------------------------------------------------------------- */

enum status office_fingerprint(uint8_t out[static 32], const char *text, struct fault *fault)
{
	enum status st = hex_decode_typed(out, 32, text, strlen(text));

	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "\"%.100s\" is no fingerprint", text);
	fault_why(fault, "A fingerprint has 64 digits 0-9 and a-f.");
	fault_next(fault, "Copy it from the poster, or from what tally-officer define printed.");
	return st;
}

void office_fingerprint_format(char out[static OFFICE_FINGERPRINT_TEXT],
                               const uint8_t fingerprint[static 32])
{
	size_t at = 0;

	for (size_t i = 0; i < 32; i += 2) {
		char group[5];

		hex_encode(group, fingerprint + i, 2);
		memcpy(out + at, group, 4);
		at += 4;
		out[at++] = ' ';
	}
	out[at - 1] = '\0';
}
