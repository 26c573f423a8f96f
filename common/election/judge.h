/*
 * judge.h: does a piece of evidence show that somebody broke the rules, and who
 * (formats-evidence.md §2; consensus.md R14)?
 *
 * For the kinds that stand in transactions, 1 to 6; what a follower saw is told by sighting.h.  Two
 * strokes, as election_check and election_apply: judge_check does proofs and signatures against a
 * snapshot, judge_stand looks things up in the state.  A chain takes a piece when judge_check says
 * ST_OK, or ST_INCOMPLETE of a kind that needs the state (judge_needs_state) and judge_stand says
 * ST_OK.  Somebody with an archive calls judge_all on the state that it leads to.
 *
 * A message that is late, early, stale or of another chain is never held against its signer: only
 * what names the state that it was made for, and is false of that state, is.
 *
 * Invariant: ST_OK is only said when signatures under the key of whoever is named, checked here
 * or by judge_check, cannot be those of somebody who kept the rules.
 */
#ifndef KALPIS_ELECTION_JUDGE_H
#define KALPIS_ELECTION_JUDGE_H

#include "common/base/fault.h"
#include "common/election/replay.h"
#include "common/ledger/evidence.h"

enum culprit_role {
	CULPRIT_NODE = 1,
	CULPRIT_TRUSTEE = 2,
	CULPRIT_KIOSK = 3
};

enum {
	/* A promise within so many minutes of the end may have come too late to be kept. */
	JUDGE_BREACH_MINUTES = 10
};

struct judgement {
	enum culprit_role role;
	uint16_t index;            /* node 0..n-1; trustee 1..n; kiosk: its number */
	enum status why;           /* UNSOUND_BLOCK, FALSE_MESSAGE: what is wrong; else ST_OK */
	enum tx_type message;      /* FALSE_MESSAGE: of what type */
};

/* Does this kind need judge_stand: BREACH, TWO_FATES, CAST_AND_TESTED? */
bool judge_needs_state(enum evidence_kind kind);

/*
 * Whom it names, by its bytes alone: nothing is checked.  ST_ROLE: nobody of this election;
 * ST_FORMAT: what it holds is not of its form, or it is of a kind for files.
 */
MUST_USE enum status judge_name(struct judgement *out, const struct evidence *e,
                                const struct manifest *m);

/*
 * Proofs and signatures.  p may be NULL: by the manifest alone.  A function of (m, p, e).
 * ST_OK: it is shown.  ST_INCOMPLETE: what can be checked with m and p holds, and whether it shows
 * something depends on the chain, or on more of it.  Anything else: it shows nothing, and why:
 * ST_OPENING (there is nothing false in it), ST_PARENT (it is of another chain), ST_SIGNATURE, ...
 * *out names who and what in the first two cases, and is zero otherwise.
 */
MUST_USE enum status judge_check(struct judgement *out, const struct evidence *e,
                                 const struct manifest *m, const struct election_params *p);

/*
 * What the state says of evidence that passed judge_check, for kinds that need it; of others
 * ST_OK.  No proof is checked.  ST_INCOMPLETE: not yet to be told (a breach before the end, a
 * kiosk that may yet be registered).  Else the reason why it shows nothing: ST_ROLE (not that
 * kiosk's key), ST_OPENING (the promise was kept, the ballot not cast), ST_TIME (promised too late
 * to be held to it), ST_TRACKER, ST_COPIED (another ballot kept it from the chain).
 */
MUST_USE enum status judge_stand(const struct evidence *e, const struct election *state);

/* Both, with the state's manifest and snapshot. */
MUST_USE enum status judge_all(struct judgement *out, const struct evidence *e,
                               const struct election *state);

/*
 * UNSOUND_BLOCK on top of the chain before it, which before stands on; it is moved.  As judge_check
 * says; ST_OK also when the rules refuse the block there, ST_INCOMPLETE when its parent is another
 * block than the one before stands on, or a body is missing.
 */
MUST_USE enum status judge_block(struct judgement *out, const struct evidence *e,
                                 struct replay *before);

/* Is it shown by the manifest alone?  e was judged ST_OK. */
bool judge_is_self_contained(const struct evidence *e, const struct manifest *m);

/* "node 3 (Town hall)", "trustee 3 (Town hall)", "kiosk 3": people count nodes from 1. */
enum { JUDGE_PARTY_TEXT = 128 };
void judge_party(char out[static JUDGE_PARTY_TEXT], const struct judgement *j,
                 const struct manifest *m);
/*
 * In words, for a person: who did what and when, in one sentence; what it means; what to do next.
 * st: ST_OK, or ST_INCOMPLETE: then what is missing.
 */
void judge_tell(struct fault *out, const struct evidence *e, const struct judgement *j,
                enum status st, const struct manifest *m);

#endif
