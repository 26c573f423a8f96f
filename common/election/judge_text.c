/*
 * judge_text.c: judgements in words: see judge.h.
 *
 * Invariant: one sentence says who did what and when, by the name on the poster and no more than
 * what is shown.
 */
#include "common/election/judge.h"

#include "common/base/clock.h"
#include "common/election/ballot.h"
#include "common/election/slip.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define JUDGE_COMMAND "voter-observer evidence FILE --fingerprint F --archive election.kalpis"

void judge_party(char out[static JUDGE_PARTY_TEXT], const struct judgement *j,
                 const struct manifest *m)
{
	unsigned int trustee = j->role == CULPRIT_NODE ? j->index : j->index - 1u;

	switch (j->role) {
	case CULPRIT_NODE:
	case CULPRIT_TRUSTEE:
		if (trustee < m->trustees_len)
			(void)snprintf(out, JUDGE_PARTY_TEXT, "%s %u (%.80s)",
			               j->role == CULPRIT_NODE ? "node" : "trustee", trustee + 1,
			               m->trustees[trustee].name);
		else
			(void)snprintf(out, JUDGE_PARTY_TEXT, "nobody");
		return;
	case CULPRIT_KIOSK:
		(void)snprintf(out, JUDGE_PARTY_TEXT, "kiosk %u", j->index);
		return;
	}
	(void)snprintf(out, JUDGE_PARTY_TEXT, "nobody");
}

/* "notarize of block 01ab23cd" */
static void name_vote(char out[static 48], const struct vote *v)
{
	if (v->type == VOTE_NULLIFY)
		(void)snprintf(out, 48, "that it has none (nullify)");
	else
		(void)snprintf(out, 48, "block %02x%02x%02x%02x (%s)", v->block[0], v->block[1],
		               v->block[2], v->block[3], vote_type_name(v->type));
}

static void tell_votes(struct fault *out, const struct evidence *e, const char *who)
{
	char a[48], b[48];

	name_vote(a, &e->a);
	name_vote(b, &e->b);
	(void)fault_set(out, ST_CONFLICT, "DOUBLE VOTE: in view %" PRIu64 " of the nodes' agreement %s "
	                "signed two votes that exclude each other, %s and %s", e->a.view, who, a, b);
	fault_why(out, "An honest node never signs both. Whoever signs both helps to make two chains.");
}

static void tell_block(struct fault *out, const struct evidence *e, const struct judgement *j,
                       const char *who)
{
	char when[CLOCK_TEXT_BYTES];

	clock_format(when, (uint64_t)e->header.time_min * 60, 1);
	(void)fault_set(out, j->why, "UNSOUND BLOCK: in view %" PRIu64 " %s signed and proposed a "
	                "block %" PRIu64 ", dated %s, that breaks the rules: %s", e->a.view, who,
	                e->header.height, when, status_text(j->why));
	fault_why(out, "An honest node never proposes such a block; honest nodes refuse it, so that it "
	          "does no harm while no more than f of them are dishonest.");
}

static const char *step_of(enum tx_type type)
{
	switch (type) {
	case TX_DKG_DEAL:
		return "when the key was made, a deal";
	case TX_DKG_COMPLAIN:
		return "when the key was made, a complaint";
	case TX_DKG_CONFIRM:
		return "when the key was made, a confirmation";
	case TX_SHARE:
		return "after the polls had ended, a share of the decryption";
	case TX_GENESIS:
	case TX_DKG_COMMIT:
	case TX_ADVANCE:
	case TX_ROLL:
	case TX_DEVICE:
	case TX_OPEN:
	case TX_BALLOT:
	case TX_TEST:
	case TX_CLOSE:
	case TX_END:
	case TX_KIOSK_CLOSING:
	case TX_RESULT:
	case TX_EVIDENCE:
	case TX_COMPLAINT:
	case TX_INCIDENT:
		break;
	}
	return "something";
}

static void tell_message(struct fault *out, const struct judgement *j, const char *who)
{
	(void)fault_set(out, j->why, "FALSE MESSAGE: %s signed, %s that does not hold: %s", who,
	                step_of(j->message), status_text(j->why));
	fault_why(out, "The tool of an honest trustee checks what it makes before it signs. The chain "
	          "refuses such a message, so that the count does not suffer.");
}

/* The number of the ballot as its slip shows it; empty when it cannot be read. */
static void name_ballot(char out[static BALLOT_TRACKER_TEXT], const struct evidence *e,
                        const struct manifest *m)
{
	struct ballot_test t;
	struct ballot b;
	struct tx tx;

	out[0] = '\0';
	if (e->kind == EVIDENCE_TWO_FATES)
		ballot_tracker_format(out, e->fates.tracker);
	else if (tx_decode(&tx, e->tx, e->tx_len) != ST_OK)
		return;
	else if (tx.type == TX_BALLOT && ballot_decode(&b, m, &tx) == ST_OK)
		ballot_tracker_format(out, b.body.tracker);
	else if (tx.type == TX_TEST && ballot_test_decode(&t, m, &tx) == ST_OK)
		ballot_tracker_format(out, t.body.tracker);
}

static void tell_breach(struct fault *out, const struct evidence *e, const char *who,
                        const char *ballot)
{
	char when[CLOCK_TEXT_BYTES];

	clock_format(when, e->promise.time_min * 60, 1);
	(void)fault_set(out, ST_NOT_FOUND, "BROKEN PROMISE: at %s %s promised to bring the ballot %s "
	                "into the chain, and the chain ended without it", when, who, ballot);
	fault_why(out, "The voter's ballot was not counted, and nothing on the chain explains why. The "
	          "node kept it back, or was cut off from the others until the end.");
}

static void tell_kiosk(struct fault *out, const struct evidence *e, const char *who,
                       const char *ballot)
{
	if (e->kind == EVIDENCE_TWO_FATES)
		(void)fault_set(out, ST_CONFLICT, "TWO FATES: %s signed of the ballot %s that it was %s "
		                "and that it was %s", who, ballot,
		                slip_fate_name((enum slip_fate)e->fates.fate[0]),
		                slip_fate_name((enum slip_fate)e->fates.fate[1]));
	else
		(void)fault_set(out, ST_CONFLICT, "CAST AND TESTED: %s signed a test that opens the ballot "
		                "%s, which stands as cast on the chain", who, ballot);
	fault_why(out, "An honest machine never says both: its slips cannot be relied on.");
}

static void tell_open(struct fault *out, const struct evidence *e, const char *who)
{
	(void)fault_set(out, ST_INCOMPLETE, "UNDECIDED: this says of %s: %s; whether it is so depends "
	                "on the chain", who, evidence_kind_name(e->kind));
	fault_why(out, "%s", e->kind == EVIDENCE_UNSOUND_BLOCK ?
	          "A block can only be judged on top of the block before it." :
	          e->kind == EVIDENCE_BREACH ?
	          "A promise is broken only when the chain has ended without what was promised." :
	          "What was signed looks as it should, but it is false only of this election's chain.");
	fault_next(out, JUDGE_COMMAND);
}

void judge_tell(struct fault *out, const struct evidence *e, const struct judgement *j,
                enum status st, const struct manifest *m)
{
	char who[JUDGE_PARTY_TEXT], ballot[BALLOT_TRACKER_TEXT];

	judge_party(who, j, m);
	name_ballot(ballot, e, m);
	if (st != ST_OK) {
		tell_open(out, e, who);
		return;
	}
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
		tell_votes(out, e, who);
		break;
	case EVIDENCE_UNSOUND_BLOCK:
		tell_block(out, e, j, who);
		break;
	case EVIDENCE_FALSE_MESSAGE:
		tell_message(out, j, who);
		break;
	case EVIDENCE_BREACH:
		tell_breach(out, e, who, ballot);
		break;
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		tell_kiosk(out, e, who, ballot);
		break;
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		(void)fault_set(out, ST_NOT_FOUND, "this is evidence of another kind");
		return;
	}
	if (e->kind == EVIDENCE_CAST_AND_TESTED)
		fault_next(out, "It shows how this voter voted: do not publish it. Show it to the trustees "
		           "and to whoever must judge it, with the archive.");
	else
		fault_next(out, "Keep this file%s, and tell the trustees and the public. Anybody can check "
		           "it.", judge_is_self_contained(e, m) ? "" : " and the archive");
}
