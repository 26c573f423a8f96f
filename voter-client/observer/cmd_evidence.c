/*
 * cmd_evidence.c: evidence: what a file of voter-follow shows, judged without any node.
 */
#include "voter-client/observer/observer.h"

#include "common/ledger/archive.h"
#include "crypto/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* --- the chain before ------------------------------------------------------------------------ */

/* From the archive, up to the block of this height.  Certificates are not needed: if the block in
 * question names it as its parent, it is the chain before it, and if not it proves nothing. */
static enum status play_to(struct replay *r, struct archive_reader *in, uint64_t height)
{
	struct archive_record rec;
	struct chain_fault where;
	enum status st = ST_OK;

	while (st == ST_OK && replay_tip(r)->height < height) {
		if ((st = archive_read_next(in, &rec)) != ST_OK)
			break;
		if (rec.kind != ARCHIVE_BLOCK)
			return ST_INCOMPLETE;
		if (rec.header.height == 0)
			continue;   /* it follows from the manifest */
		if ((st = replay_accept(r, &rec.header, rec.body, rec.body_len, &where)) == ST_OK)
			replay_settle(r);
	}
	return st == ST_NOT_FOUND ? ST_INCOMPLETE : st;
}

static enum status replay_before(struct replay **out, const struct manifest *m, uint64_t height,
                                 struct fault *fault)
{
	struct archive_reader in = { .file = NULL };
	FILE *f = fopen(opt.archive, "rbe");
	enum status st = f == NULL ? ST_NOT_FOUND : replay_new(out, m);

	if (st == ST_OK && (st = archive_read_begin(&in, f)) == ST_OK)
		st = play_to(*out, &in, height);
	archive_read_end(&in);
	if (f != NULL)
		(void)fclose(f);
	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st, "%s does not lead to block %" PRIu64 ": %s", opt.archive, height,
	                status_text(st));
	fault_next(fault, "Give an archive of this election that reaches that block.");
	return st;
}

/* --- judging --------------------------------------------------------------------------------- */

static enum status judge(struct sighting *seen, const struct evidence *e,
                         const struct manifest *m, struct fault *fault)
{
	struct replay *before = NULL;
	uint64_t from = 0;
	enum status st = sighting_judge(seen, e, m, NULL);

	if (st == ST_OK && seen->weight == SIGHTING_OPEN && opt.archive != NULL &&
	    sighting_asks_from(&from, e)) {
		if ((st = replay_before(&before, m, from - 1, fault)) == ST_OK)
			st = sighting_judge(seen, e, m, before);
		else {
			replay_free(before);
			return st;
		}
		replay_free(before);
	}
	if (st == ST_OK)
		return ST_OK;
	(void)fault_set(fault, st == ST_NOT_FOUND ? ST_FORMAT : st, "%s shows nothing: %s", opt.file,
	                st == ST_NOT_FOUND ? "it is of a kind that this program does not judge, or "
	                "nothing is wrong with what is in it." : status_text(st));
	fault_why(fault, "Whoever gave it to you has not shown what they claim.");
	return fault->st;
}

static enum status open_evidence(struct evidence *e, struct manifest **m, uint8_t **bytes,
                                 struct fault *fault)
{
	const uint8_t *manifest;
	size_t len, manifest_len;
	enum status st = office_read(bytes, &len, opt.file, EVIDENCE_FILE_MAX, fault);

	if (st != ST_OK)
		return st;
	if ((st = evidence_file_decode(e, &manifest, &manifest_len, *bytes, len)) != ST_OK ||
	    (st = manifest_load(m, NULL, manifest, manifest_len)) != ST_OK) {
		(void)fault_set(fault, st, "%s is no evidence: %s", opt.file, status_text(st));
		fault_next(fault, "Fetch it again from whoever wrote it.");
	}
	return st;
}

/* --- words ----------------------------------------------------------------------------------- */

static void print_words(const struct evidence *e, const struct sighting *seen,
                        const struct manifest *m, const struct fault *words, bool is_known)
{
	char print[OFFICE_FINGERPRINT_TEXT];

	office_fingerprint_format(print, m->election_id);
	printf("election: %s\nfingerprint: %s\nkind: %s\nweight: %s\n\n%s.\n  why:  %s\n"
	       "  next: %s\n", m->title.in[0], print, evidence_kind_name(e->kind),
	       sighting_weight_name(seen->weight), words->what, words->why, words->next);
	if (!is_known)
		printf("\nCANNOT TELL: is this the election that you mean?  Compare the fingerprint with "
		       "the one on the\nposter, and give it with --fingerprint.\n");
	else if (seen->weight == SIGHTING_PROVES)
		printf("\nPROOF: this follows from the nodes' own signatures, whoever wrote the file.\n");
	else if (seen->weight == SIGHTING_WITNESSES)
		printf("\nWORD: the bytes are as told; who sent them and when rests on who wrote the "
		       "file.\n");
}

static enum status check_print(bool *is_known, const struct manifest *m, struct fault *fault)
{
	uint8_t print[32];
	enum status st;

	*is_known = false;
	if (opt.fingerprint == NULL)
		return ST_OK;
	if ((st = office_fingerprint(print, opt.fingerprint, fault)) != ST_OK)
		return st;
	*is_known = mem_is_equal(print, m->election_id, sizeof(print));
	if (*is_known)
		return ST_OK;
	(void)fault_set(fault, ST_ELECTION, "%s is about another election", opt.file);
	fault_next(fault, "Compare the fingerprint with the one on the poster.");
	return ST_ELECTION;
}

int run_evidence(void)
{
	struct sighting seen;
	struct fault fault = { 0 }, words;
	struct manifest *m = NULL;
	uint8_t *bytes = NULL;
	bool is_known = false;
	struct evidence e;
	int code = CLI_UNSURE;
	enum status st;

	if ((st = open_evidence(&e, &m, &bytes, &fault)) == ST_OK &&
	    (st = check_print(&is_known, m, &fault)) == ST_OK &&
	    (st = judge(&seen, &e, m, &fault)) == ST_OK) {
		sighting_tell(&words, &e, &seen, m);
		if (is_known && seen.weight == SIGHTING_PROVES)
			code = CLI_NO;
		if (!opt.json)
			print_words(&e, &seen, m, &words, is_known);
		else if (print_evidence_json(&e, &seen, m, &words) != ST_OK)
			code = CLI_SOFTWARE;
	}
	manifest_free(m);
	free(bytes);
	return st == ST_OK ? cli_done(code) : cli_fault(&fault);
}
