/*
 * judge.c: proofs and signatures of evidence: see judge.h.  What the state says: judge_state.c.
 */
#include "common/election/judge.h"

#include "common/base/alloc.h"
#include "common/election/audit.h"
#include "common/election/ballot.h"
#include "common/election/check.h"
#include "common/election/check_ballot.h"
#include "common/election/slip.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

/* The message of a trustee, whichever form its envelope has. */
struct spoken {
	struct tx tx;
	unsigned int trustee;
	const uint8_t *message;
	size_t message_len;
	const uint8_t *step_block;   /* of a confirm */
	const uint8_t *hash;
	struct tx_signed sig;
};

bool judge_needs_state(enum evidence_kind kind)
{
	return kind == EVIDENCE_BREACH || kind == EVIDENCE_TWO_FATES ||
	       kind == EVIDENCE_CAST_AND_TESTED;
}

bool judge_is_self_contained(const struct evidence *e, const struct manifest *m)
{
	struct judgement j;

	return judge_check(&j, e, m, NULL) == ST_OK;
}

/* --- whom it names --------------------------------------------------------------------------- */

static enum status read_confirm(struct spoken *s)
{
	struct tx_confirm c;
	enum status st = tx_confirm_decode(&c, &s->tx);

	if (st != ST_OK)
		return st;
	s->trustee = c.trustee;
	s->step_block = c.step_block;
	s->hash = c.hash;
	s->sig = c.sig;
	return ST_OK;
}

static enum status read_spoken(struct spoken *s, const struct evidence *e, const struct manifest *m)
{
	struct tx_trustee_message msg;
	enum status st;

	memset(s, 0, sizeof(*s));
	if ((st = tx_decode(&s->tx, e->tx, e->tx_len)) != ST_OK)
		return st;
	if (s->tx.type == TX_DKG_CONFIRM) {
		if ((st = read_confirm(s)) != ST_OK)
			return st;
	} else if (s->tx.type == TX_DKG_DEAL || s->tx.type == TX_DKG_COMPLAIN ||
	           s->tx.type == TX_SHARE) {
		if ((st = tx_trustee_message_decode(&msg, &s->tx)) != ST_OK)
			return st;
		s->trustee = msg.trustee;
		s->message = msg.message;
		s->message_len = msg.message_len;
		s->sig = msg.sig;
	} else {
		return ST_FORMAT;
	}
	return s->trustee >= 1 && s->trustee <= m->trustees_len ? ST_OK : ST_ROLE;
}

static enum status read_test(struct ballot_test *out, const struct evidence *e,
                             const struct manifest *m)
{
	struct tx tx;
	enum status st = tx_decode(&tx, e->tx, e->tx_len);

	if (st != ST_OK)
		return st;
	if (tx.type != TX_TEST)
		return ST_FORMAT;
	if ((st = ballot_test_decode(out, m, &tx)) != ST_OK)
		return st;
	return out->kiosk < LIMIT_KIOSKS ? ST_OK : ST_ROLE;
}

static enum status name_signer(struct judgement *out, unsigned int node, const struct manifest *m)
{
	out->role = CULPRIT_NODE;
	out->index = (uint16_t)node;
	return node < m->trustees_len ? ST_OK : ST_ROLE;
}

static enum status name_trustee(struct judgement *out, const struct evidence *e,
                                const struct manifest *m)
{
	struct spoken s;
	enum status st = read_spoken(&s, e, m);

	if (st != ST_OK)
		return st;
	out->role = CULPRIT_TRUSTEE;
	out->index = (uint16_t)s.trustee;
	out->message = s.tx.type;
	return ST_OK;
}

static enum status name_kiosk(struct judgement *out, const struct evidence *e,
                              const struct manifest *m)
{
	struct ballot_test t;
	enum status st;

	out->role = CULPRIT_KIOSK;
	out->index = e->fates.kiosk;
	if (e->kind == EVIDENCE_TWO_FATES)
		return e->fates.kiosk < LIMIT_KIOSKS ? ST_OK : ST_ROLE;
	if ((st = read_test(&t, e, m)) != ST_OK)
		return st;
	out->index = t.kiosk;
	return ST_OK;
}

static enum status name(struct judgement *out, const struct evidence *e, const struct manifest *m)
{
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
		return name_signer(out, e->a.signer, m);
	case EVIDENCE_BREACH:
		return name_signer(out, e->promise.node, m);
	case EVIDENCE_FALSE_MESSAGE:
		return name_trustee(out, e, m);
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		return name_kiosk(out, e, m);
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		break;
	}
	return ST_FORMAT;
}

enum status judge_name(struct judgement *out, const struct evidence *e, const struct manifest *m)
{
	enum status st;

	memset(out, 0, sizeof(*out));
	if ((st = name(out, e, m)) != ST_OK)
		memset(out, 0, sizeof(*out));
	return st;
}

/* --- trustees -------------------------------------------------------------------------------- */

/* A check that could not be made is never held against anybody. */
static enum status finding(enum status why)
{
	if (why == ST_OK)
		return ST_OPENING;
	return why == ST_INTERNAL || why == ST_NO_MEMORY || why == ST_RANDOM ? why : ST_OK;
}

/* formats-evidence.md 2.4: what a deal says is proved within it, for every chain alike. */
static enum status judge_deal(enum status *why, const struct spoken *s, const struct manifest *m)
{
	struct dkg_deal *deal = alloc_zero(1, sizeof(*deal));
	uint8_t own[DKG_COMMIT_BYTES];
	struct dkg_params p;

	if (deal == NULL)
		return ST_NO_MEMORY;
	params_ceremony(&p, m);
	*why = dkg_deal_decode(&p, deal, s->message, s->message_len);
	if (*why == ST_OK) {
		/* Whether it is the one that was committed to is another question: 2.4. */
		dkg_commit(&p, own, (uint8_t)s->trustee, deal);
		*why = dkg_deal_check(&p, (uint8_t)s->trustee, deal, own);
	}
	free(deal);
	return finding(*why);
}

/* The block that it names fixes the transcript, and so the hash. */
static enum status judge_confirm(enum status *why, const struct spoken *s,
                                 const struct election_params *p)
{
	if (p == NULL || p->phase < PHASE_CONFIRM ||
	    mem_is_zero(p->confirm_hash, sizeof(p->confirm_hash)))
		return ST_INCOMPLETE;
	if (!mem_is_equal(s->step_block, p->step_block, sizeof(p->step_block)))
		return ST_PARENT;
	if (mem_is_equal(s->hash, p->confirm_hash, sizeof(p->confirm_hash)))
		return ST_OPENING;
	*why = ST_HASH;
	return ST_OK;
}

/* Which of the entries is false, of the deals that the signature names.  A share that turns out to
 * be good is no false proof: the chain deals with it (protocol.md 6.5). */
static enum status judge_entry(const struct dkg_complaint *c, unsigned int complainer,
                               const struct election_params *p, struct dkg_deal *scratch)
{
	const struct params_blob *deal = &p->deal[c->dealer - 1];
	enum status st;

	if (deal->bytes == NULL)
		return ST_EXCLUDED;
	if ((st = dkg_deal_decode(&p->dkg, scratch, deal->bytes, deal->len)) != ST_OK)
		return ST_INTERNAL;   /* it is on the chain */
	st = dkg_complaint_judge(&p->dkg, (uint8_t)complainer, c, scratch);
	return st == ST_REFUTED ? ST_OK : st;
}

static enum status judge_complaints(enum status *why, const struct spoken *s,
                                    const struct election_params *p)
{
	struct dkg_deal *scratch = alloc_zero(1, sizeof(*scratch));
	struct dkg_complaint list[DKG_MAX];
	size_t count = 0;

	if (scratch == NULL)
		return ST_NO_MEMORY;
	*why = dkg_complaints_decode(&p->dkg, list, &count, s->message, s->message_len);
	for (size_t i = 0; *why == ST_OK && i < count; i++)
		*why = judge_entry(&list[i], s->trustee, p, scratch);
	free(scratch);
	return finding(*why);
}

static enum status judge_share(enum status *why, const struct spoken *s,
                               const struct election_params *p)
{
	uint8_t proof[DLEQ_BYTES_MAX];
	struct element *partial;

	if (p->sums == NULL || trustee_in(p->excluded, s->trustee))
		return ST_OPENING;   /* there is nothing that it could be a share of */
	partial = alloc_zero(p->sums->count, sizeof(*partial));
	if (partial == NULL)
		return ST_NO_MEMORY;
	*why = thdec_share_decode_var(p->manifest->suite, partial, p->sums->count, proof, s->message,
	                              s->message_len);
	if (*why == ST_OK)
		*why = thdec_share_check(p->sums, (uint8_t)s->trustee,
		                         &p->share_key[s->trustee - 1], partial, proof);
	free(partial);
	return finding(*why);
}

/* Can it be told yet what it is about? */
static bool is_reached(const struct spoken *s, const struct election_params *p)
{
	if (p == NULL)
		return false;
	return s->tx.type == TX_SHARE ? !mem_is_zero(p->end_block, sizeof(p->end_block))
	                              : !mem_is_zero(p->dealt, sizeof(p->dealt));
}

/* Their signatures name the deals, or the end, that they are about (protocol.md 5.1): one that was
 * made on another chain is none here. */
static enum status judge_of_this_chain(enum status *why, const struct spoken *s,
                                       const struct manifest *m, const struct election_params *p)
{
	struct message msg;
	enum status st;

	if (!is_reached(s, p))
		return ST_INCOMPLETE;
	msg = check_message(p, s->tx.type, s->sig.body, s->sig.body_len);
	if (s->tx.type != TX_SHARE) {
		msg.y = NULL;   /* it was signed before there was one */
		msg.y_len = 0;
	}
	if ((st = sign_verify(m->trustees[s->trustee - 1].sign_key, s->sig.sig, &msg)) != ST_OK)
		return st;
	return s->tx.type == TX_SHARE ? judge_share(why, s, p) : judge_complaints(why, s, p);
}

/* The joint key is not bound while there is none (protocol.md 5.1), whenever it is looked at. */
static enum status check_ceremony_signature(const struct spoken *s, const struct manifest *m)
{
	const struct message msg = {
		.purpose = tx_purpose(s->tx.type), .group = m->suite,
		.election_id = m->election_id,
		.body = s->sig.body, .body_len = s->sig.body_len,
	};

	return sign_verify(m->trustees[s->trustee - 1].sign_key, s->sig.sig, &msg);
}

static enum status judge_message(struct judgement *out, const struct evidence *e,
                                 const struct manifest *m, const struct election_params *p)
{
	struct spoken s;
	enum status st;

	if ((st = read_spoken(&s, e, m)) != ST_OK)
		return st;
	if (s.tx.type == TX_SHARE || s.tx.type == TX_DKG_COMPLAIN)
		return judge_of_this_chain(&out->why, &s, m, p);
	if ((st = check_ceremony_signature(&s, m)) != ST_OK)
		return st;
	return s.tx.type == TX_DKG_DEAL ? judge_deal(&out->why, &s, m)
	                                : judge_confirm(&out->why, &s, p);
}

/* --- nodes ----------------------------------------------------------------------------------- */

static enum status judge_votes(struct judgement *out, const struct evidence *e,
                               const struct manifest *m)
{
	struct evidence_finding found;
	struct committee c;
	enum status st;

	if ((st = audit_committee(&c, m)) != ST_OK || (st = evidence_check(e, &c, &found)) != ST_OK)
		return st;
	out->why = found.why;
	/* Whom it shows is whom it names. */
	return found.nodes == (uint16_t)(1u << out->index) ? ST_OK : ST_INTERNAL;
}

/* formats-evidence.md 2.5: the promise is the node's, of a ballot that this chain could take. */
static enum status judge_promise(const struct evidence *e, const struct manifest *m,
                                 const struct election_params *p)
{
	uint8_t id[TX_ID_BYTES];
	struct evidence_finding found;
	struct committee c;
	struct ballot b;
	struct tx tx;
	enum status st;

	if ((st = audit_committee(&c, m)) != ST_OK)
		return st;
	if ((st = evidence_check(e, &c, &found)) != ST_INCOMPLETE)
		return st;
	if ((st = tx_decode(&tx, e->tx, e->tx_len)) != ST_OK)
		return st;
	if (tx.type != TX_BALLOT)
		return ST_FORMAT;
	if ((st = ballot_decode(&b, m, &tx)) != ST_OK)
		return st;
	if (!mem_is_equal(b.id, e->promise.tx_id, sizeof(b.id)))
		return ST_HASH;
	if (p == NULL || p->roll == NULL || p->ballots == NULL)
		return ST_INCOMPLETE;
	return (st = check_ballot_once(p, &tx, id)) == ST_OK ? ST_INCOMPLETE : st;
}

/* --- kiosks ---------------------------------------------------------------------------------- */

static enum status judge_fates(const struct evidence_fates *f, const struct manifest *m)
{
	enum status st;

	if (f->fate[0] < SLIP_CAST || f->fate[1] > SLIP_VOID || f->fate[0] >= f->fate[1])
		return ST_OPENING;
	/* The key comes with the evidence: one that is weak would be anybody's. */
	if ((st = sign_key_check(f->key)) != ST_OK)
		return st;
	for (unsigned int i = 0; i < 2; i++)
		if ((st = slip_check_fate(m, f->tracker, (enum slip_fate)f->fate[i], f->sig[i],
		                          f->key)) != ST_OK)
			return st;
	return ST_INCOMPLETE;
}

static enum status judge_test(const struct evidence *e, const struct manifest *m,
                              const struct election_params *p)
{
	uint8_t id[TX_ID_BYTES];
	struct ballot_test t;
	struct tx tx;
	enum status st;

	if ((st = read_test(&t, e, m)) != ST_OK || (st = sign_key_check(t.kiosk_key)) != ST_OK)
		return st;
	if (p == NULL || p->ballots == NULL)
		return ST_INCOMPLETE;
	if ((st = tx_decode(&tx, e->tx, e->tx_len)) != ST_OK ||
	    (st = check_ballot_once(p, &tx, id)) != ST_OK)
		return st;
	return ST_INCOMPLETE;
}

/* --- all of them ----------------------------------------------------------------------------- */

static enum status judge(struct judgement *out, const struct evidence *e, const struct manifest *m,
                         const struct election_params *p)
{
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
		return judge_votes(out, e, m);
	case EVIDENCE_FALSE_MESSAGE:
		return judge_message(out, e, m, p);
	case EVIDENCE_BREACH:
		return judge_promise(e, m, p);
	case EVIDENCE_TWO_FATES:
		return judge_fates(&e->fates, m);
	case EVIDENCE_CAST_AND_TESTED:
		return judge_test(e, m, p);
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		break;
	}
	return ST_FORMAT;
}

enum status judge_check(struct judgement *out, const struct evidence *e, const struct manifest *m,
                        const struct election_params *p)
{
	enum status st = judge_name(out, e, m);

	if (st == ST_OK)
		st = judge(out, e, m, p);
	if (st != ST_OK && st != ST_INCOMPLETE)
		memset(out, 0, sizeof(*out));
	return st;
}
