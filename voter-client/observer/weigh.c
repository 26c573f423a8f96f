/*
 * weigh.c: what a piece of evidence weighs: by its manifest alone where that is enough, else with
 * the archive that the caller gave.
 *
 * Invariant: of kinds that the chain decides, nothing is said but by an archive that holds from
 * block 0 to its head, and whose head a quorum has signed as final: who leaves blocks away could
 * make an honest node's promise look broken.
 */
#include "voter-client/observer/observer.h"

#include "common/ledger/archive.h"

#include <inttypes.h>
#include <stdio.h>

/* --- the chain before a block ----------------------------------------------------------------- */

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

/* --- sightings ------------------------------------------------------------------------------- */

static enum status weigh_sighting(struct weighed *out, const struct evidence *e,
                                  const struct manifest *m, struct fault *fault)
{
	struct replay *before = NULL;
	uint64_t from = 0;
	enum status st = sighting_judge(&out->seen, e, m, NULL);

	if (st != ST_OK || out->seen.weight != SIGHTING_OPEN || opt.archive == NULL ||
	    !sighting_asks_from(&from, e))
		return st;
	if ((st = replay_before(&before, m, from - 1, fault)) == ST_OK)
		st = sighting_judge(&out->seen, e, m, before);
	replay_free(before);
	return st;
}

/* --- accusations ----------------------------------------------------------------------------- */

static enum status judge_on_parent(struct weighed *out, const struct evidence *e,
                                   const struct manifest *m, struct fault *fault)
{
	struct replay *before = NULL;
	enum status st;

	if (e->header.height == 0)
		return ST_FORMAT;
	if ((st = replay_before(&before, m, e->header.height - 1, fault)) == ST_OK)
		st = judge_block(&out->by, e, before);
	replay_free(before);
	return st;
}

static enum status judge_on_chain(struct weighed *out, const struct evidence *e,
                                  const struct manifest *m, struct fault *fault)
{
	struct audit a;
	enum status st = office_archive(&a, opt.archive, m->election_id, fault);

	if (st == ST_OK)
		st = judge_all(&out->by, e, a.election);
	audit_free(&a);
	return st;
}

static enum status weigh_accusation(struct weighed *out, const struct evidence *e,
                                    const struct manifest *m, struct fault *fault)
{
	enum status st = judge_check(&out->by, e, m, NULL);

	if (st == ST_INCOMPLETE && opt.archive != NULL)
		st = e->kind == EVIDENCE_UNSOUND_BLOCK ? judge_on_parent(out, e, m, fault)
		                                       : judge_on_chain(out, e, m, fault);
	if (st != ST_OK && st != ST_INCOMPLETE)
		return st;
	if (fault->st != ST_OK)
		return fault->st;   /* the archive could not be used */
	out->seen.weight = st == ST_OK ? SIGHTING_PROVES : SIGHTING_OPEN;
	out->seen.reason = st == ST_OK ? out->by.why : ST_INCOMPLETE;
	if (st == ST_OK && out->by.role == CULPRIT_NODE) {
		out->seen.culprits = (uint16_t)(1u << out->by.index);
		out->seen.culprits_min = 1;
	}
	if (e->kind == EVIDENCE_UNSOUND_BLOCK)
		out->seen.height = e->header.height;
	return ST_OK;
}

enum status weigh(struct weighed *out, const struct evidence *e, const struct manifest *m,
                  struct fault *fault)
{
	enum status st;

	*out = (struct weighed){ .is_accusation = (int)e->kind < EVIDENCE_FILE_ONLY };
	st = out->is_accusation ? weigh_accusation(out, e, m, fault)
	                        : weigh_sighting(out, e, m, fault);
	if (st == ST_OK || fault->st != ST_OK)
		return st;
	(void)fault_set(fault, st == ST_NOT_FOUND ? ST_FORMAT : st, "%s shows nothing: %s", opt.file,
	                st == ST_NOT_FOUND || st == ST_OPENING ?
	                "nothing is wrong with what is in it" : status_text(st));
	fault_why(fault, "Whoever gave it to you has not shown what they claim.");
	return fault->st;
}

void weigh_tell(struct fault *words, const struct weighed *w, const struct evidence *e,
                const struct manifest *m)
{
	if (!w->is_accusation) {
		sighting_tell(words, e, &w->seen, m);
		return;
	}
	judge_tell(words, e, &w->by, w->seen.weight == SIGHTING_PROVES ? ST_OK : ST_INCOMPLETE, m);
	if (w->seen.weight == SIGHTING_OPEN && opt.archive != NULL)
		fault_next(words, "This archive does not decide it. Try one that goes further, or %s",
		           e->kind == EVIDENCE_UNSOUND_BLOCK ?
		           "that holds the block before this one." : "wait until the election has ended.");
}
