/*
 * accuse.c: see accuse.h.
 */
#include "common/election/accuse.h"

#include "common/election/audit.h"
#include "common/election/judge.h"
#include "crypto/hash.h"

#include <string.h>

/* --- whom, and of which act ------------------------------------------------------------------- */

/* What tells two acts of one kind apart, whatever shows them. */
static enum status hash_act(struct hash *h, const struct evidence *e, const struct judgement *j)
{
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
		hash_field_u64(h, e->a.view);
		return ST_OK;
	case EVIDENCE_FALSE_MESSAGE:
		hash_field_u64(h, j->message);
		return ST_OK;
	case EVIDENCE_BREACH:
		hash_field(h, e->promise.tx_id, sizeof(e->promise.tx_id));
		return ST_OK;
	case EVIDENCE_TWO_FATES:
		hash_field(h, e->fates.tracker, sizeof(e->fates.tracker));
		return ST_OK;
	case EVIDENCE_CAST_AND_TESTED:
		/* decisions/0086: its opening is how somebody voted, and would stand there for ever. */
		return ST_UNPROVEN;
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		break;
	}
	return ST_FORMAT;
}

static struct report_party party_of(const struct judgement *j)
{
	switch (j->role) {
	case CULPRIT_NODE:
		return (struct report_party){ .role = PARTY_NODE, .index = j->index };
	case CULPRIT_TRUSTEE:
		return (struct report_party){ .role = PARTY_TRUSTEE, .index = j->index };
	case CULPRIT_KIOSK:
		break;
	}
	return (struct report_party){ .role = PARTY_KIOSK, .index = j->index };
}

enum status accuse_name(struct accusation *out, const struct manifest *m, const struct evidence *e)
{
	struct judgement j;
	struct hash h;
	enum status st;

	memset(out, 0, sizeof(*out));
	if (e->kind == EVIDENCE_CAST_AND_TESTED)
		return ST_UNPROVEN;
	if ((st = judge_name(&j, e, m)) != ST_OK)
		return st;
	out->kind = e->kind;
	out->accused = party_of(&j);
	hash256_purpose(&h, "offence");
	hash_field_u8(&h, (uint8_t)out->kind);
	hash_field_u8(&h, (uint8_t)out->accused.role);
	hash_field_u32(&h, out->accused.index);
	if ((st = hash_act(&h, e, &j)) != ST_OK)
		return st;
	hash256_final(&h, out->offence);
	return ST_OK;
}

/* --- whether it is shown ---------------------------------------------------------------------- */

/*
 * A body where the header alone shows the fault: nobody compares it with anything, so whoever
 * reports could put what he likes on the chain for ever.
 */
static enum status check_body(const struct evidence *e, const struct manifest *m)
{
	struct committee c;
	enum status st = audit_committee(&c, m);

	if (st != ST_OK)
		return st;
	return e->has_body && evidence_block_fault(&c, e->a.view, &e->header, NULL, 0) != ST_OK ?
	       ST_FORMAT : ST_OK;
}

/* The same of a trustee: his message is no longer than a sound one of its type. */
static enum status check_message_len(const struct evidence *e, const struct election_params *p)
{
	size_t most = 0;
	struct tx tx;
	enum status st = tx_decode(&tx, e->tx, e->tx_len);

	if (st != ST_OK)
		return st;
	if (tx.type == TX_DKG_DEAL)
		most = dkg_deal_len(&p->dkg);
	else if (tx.type == TX_DKG_COMPLAIN)
		most = dkg_complaints_len(&p->dkg, p->dkg.n - 1u);
	else if (tx.type == TX_SHARE && p->sums != NULL)
		most = thdec_share_len(p->manifest->suite, p->sums->count);
	else
		return ST_OK;   /* of one length, or refused anyhow */
	return tx.payload_len <= 1 + 4 + most + TX_SIG_BYTES ? ST_OK : ST_FORMAT;
}

enum status accuse_check(struct accusation *out, const struct election_params *p,
                         const struct evidence *e)
{
	struct judgement j;
	enum status st;

	if ((st = accuse_name(out, p->manifest, e)) != ST_OK)
		return st;
	if (e->kind == EVIDENCE_UNSOUND_BLOCK && (st = check_body(e, p->manifest)) != ST_OK)
		return st;
	if (e->kind == EVIDENCE_FALSE_MESSAGE && (st = check_message_len(e, p)) != ST_OK)
		return st;
	st = judge_check(&j, e, p->manifest, p);
	if (st == ST_INCOMPLETE && judge_needs_state(e->kind))
		return ST_OK;
	return st == ST_INCOMPLETE || st == ST_OPENING ? ST_UNPROVEN : st;
}

enum status accuse_stand(const struct evidence *e, const struct election *state)
{
	enum status st = judge_needs_state(e->kind) ? judge_stand(e, state) : ST_OK;

	return st == ST_INCOMPLETE || st == ST_OPENING ? ST_UNPROVEN : st;
}
