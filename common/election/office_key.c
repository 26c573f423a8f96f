/*
 * office_key.c: key files and passphrases, with messages for people: see office.h.
 *
 * A file of its own, so that a program that opens a key is not linked with all that checks a chain.
 */
#include "common/election/office.h"

#include "common/base/file.h"
#include "crypto/mem.h"

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
