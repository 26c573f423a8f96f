/*
 * cmd_evidence.c: evidence: what a file shows, judged without any node.  The judging is weigh.c.
 */
#include "voter-client/observer/observer.h"

#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the file ------------------------------------------------------------------------------- */

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

/* What it rests on. */
static const char *proof_of(const struct evidence *e, const struct manifest *m)
{
	if ((int)e->kind >= EVIDENCE_FILE_ONLY)
		return "this follows from the nodes' own signatures, whoever wrote the file";
	return judge_is_self_contained(e, m) ?
	       "this follows from the signature of whoever is named, whoever wrote the file" :
	       "this follows from the signature of whoever is named and from the chain in the archive";
}

static void print_words(const struct evidence *e, const struct sighting *seen,
                        const struct manifest *m, const struct fault *words, bool is_known)
{
	char print[OFFICE_FINGERPRINT_TEXT];
	size_t len = strlen(words->what);

	office_fingerprint_format(print, m->election_id);
	printf("election: %s\nfingerprint: %s\nkind: %s\nweight: %s\n\n%s%s\n  why:  %s\n"
	       "  next: %s\n", m->title.in[0], print, evidence_kind_name(e->kind),
	       sighting_weight_name(seen->weight), words->what,
	       len > 0 && words->what[len - 1] == '.' ? "" : ".", words->why, words->next);
	if (!is_known)
		printf("\nCANNOT TELL: is this the election that you mean?  Compare the fingerprint with "
		       "the one on the\nposter, and give it with --fingerprint.\n");
	else if (seen->weight == SIGHTING_PROVES)
		printf("\nPROOF: %s.\n", proof_of(e, m));
	else if (seen->weight == SIGHTING_WITNESSES)
		printf("\nWORD: the bytes are as told; who sent them and when rests on who wrote the "
		       "file.\n");
	else
		printf("\nCANNOT TELL: see \"next\".\n");
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
	struct fault fault = { 0 }, words;
	struct weighed w;
	struct manifest *m = NULL;
	uint8_t *bytes = NULL;
	bool is_known = false;
	struct evidence e;
	int code = CLI_UNSURE;
	enum status st;

	if ((st = open_evidence(&e, &m, &bytes, &fault)) == ST_OK &&
	    (st = check_print(&is_known, m, &fault)) == ST_OK &&
	    (st = weigh(&w, &e, m, &fault)) == ST_OK) {
		weigh_tell(&words, &w, &e, m);
		if (is_known && w.seen.weight == SIGHTING_PROVES)
			code = CLI_NO;
		if (!opt.json)
			print_words(&e, &w.seen, m, &words, is_known);
		else if (print_evidence_json(&e, &w, m, &words) != ST_OK)
			code = CLI_SOFTWARE;
	}
	manifest_free(m);
	free(bytes);
	return st == ST_OK ? cli_done(code) : cli_fault(&fault);
}
