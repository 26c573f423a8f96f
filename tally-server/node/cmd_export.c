/*
 * cmd_export.c: tally-server export: the chain and its proofs, as anybody may have them.
 *
 * Invariant: FILE is the old one or a whole new one, also after a crash.
 */
#include "tally-server/node/commands.h"

#include "common/election/chain_store.h"
#include "tally-server/node/settings.h"

#include <inttypes.h>
#include <stdio.h>

static enum status export_archive(struct store *s, struct fault *fault)
{
	struct block_header tip;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if ((st = store_tip(s, &tip, id)) == ST_OK)
		st = store_export_file(s, opt.out, STORE_ALL, opt.replace);
	if (st == ST_OK) {
		printf("archive=%s\nheight=%" PRIu64 "\n", opt.out, tip.height);
		return ST_OK;
	}
	(void)fault_set(fault, st, "%s cannot be written: %s", opt.out, status_text(st));
	if (st == ST_EXISTS)
		fault_next(fault, "Choose another name, or say --replace.");
	return st;
}

static enum status export_tlog(struct store *s, struct fault *fault)
{
	struct manifest *m = NULL;
	enum status st = chain_store_manifest(s, &m);

	if (st == ST_OK)
		st = chain_store_tlog(s, m, opt.tlog);
	manifest_free(m);
	if (st == ST_OK) {
		printf("tlog=%s\n", opt.tlog);
		return ST_OK;
	}
	if (st == ST_NOT_FOUND) {
		(void)fault_set(fault, ST_PHASE, "no node has vouched for the log yet");
		fault_why(fault, "Nodes sign the log when the election has ended, and again with its "
		          "result.");
		fault_next(fault, "Export it again when the status says: ended.");
		return ST_PHASE;
	}
	return fault_set(fault, st, "%s cannot be written: %s", opt.tlog, status_text(st));
}

static enum status export(const struct settings *set, struct fault *fault)
{
	char path[LIMIT_PATH_BYTES];
	struct store *s = NULL;
	enum status st;

	if ((st = settings_data(set, path, "chain.db")) != ST_OK ||
	    (st = store_open(&s, path, STORE_READ, fault)) != ST_OK)
		return st;
	if (opt.out != NULL)
		st = export_archive(s, fault);
	if (st == ST_OK && opt.tlog != NULL)
		st = export_tlog(s, fault);
	store_close(s);
	return st;
}

int run_export(void)
{
	struct settings set;
	struct fault fault = { 0 };
	enum status st;

	if (opt.out == NULL && opt.tlog == NULL) {
		(void)fault_set(&fault, ST_USAGE, "what is to be written?");
		fault_next(&fault, "Give --out FILE, --tlog FOLDER, or both.");
		return cli_fault(&fault);
	}
	st = settings_load(&set, opt.config, &fault);
	if (st == ST_OK)
		st = export(&set, &fault);
	settings_free(&set);
	return st == ST_OK ? cli_done(CLI_YES) : cli_fault(&fault);
}
