/*
 * cmd_keygen.c: tally-server keygen: the node's keys, and their public halves for its trustee.
 */
#include "tally-server/node/commands.h"

#include "common/base/crash.h"
#include "common/base/file.h"
#include "common/election/office.h"
#include "common/wire/pubfile.h"

#include <stdio.h>

static enum status write_public(const char *path, const struct keyfile *k, struct fault *fault)
{
	struct pubfile pub;
	char text[PUBFILE_TEXT_MAX];
	size_t len;
	enum status st;

	if ((st = pubfile_of(&pub, k)) != ST_OK ||
	    (st = pubfile_format(&pub, text, sizeof(text), &len)) != ST_OK)
		return fault_set(fault, st, "the public keys cannot be written: %s",
		                 status_text(st));
	return office_write(path, text, len, fault);
}

int run_keygen(void)
{
	char key[LIMIT_PATH_BYTES], pub[LIMIT_PATH_BYTES];
	struct fault fault = { 0 };
	struct keyfile *k;
	enum status st = file_make_folder(opt.out, FILE_PRIVATE);

	if (st != ST_OK && st != ST_EXISTS) {
		(void)fault_set(&fault, st, "the folder %s cannot be made", opt.out);
		fault_next(&fault, "Name a folder in one that exists.");
		return cli_fault(&fault);
	}
	if ((st = file_join(key, sizeof(key), opt.out, "node.key")) != ST_OK ||
	    (st = file_join(pub, sizeof(pub), opt.out, "node.pub")) != ST_OK) {
		(void)fault_set(&fault, st, "the folder's name is too long");
		return cli_fault(&fault);
	}
	if (office_new_pair(&k, key, pub, KEYFILE_NODE, opt.passphrase_file, &fault) != ST_OK)
		return cli_fault(&fault);
	crash_point("keygen-key");
	st = write_public(pub, k, &fault);
	office_forget(k);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("key_file=%s\npublic_keys=%s\n", key, pub);
	printf("Next: give node.pub to the trustee: tally-trustee card --node node.pub\n");
	return cli_done(CLI_YES);
}
