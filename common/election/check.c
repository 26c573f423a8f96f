/*
 * check.c: proofs and signatures of everything but ballots and tests: see check.h.
 *
 * Invariant: nothing here reads the moving state; every case ends in a signature of somebody who
 * has the right to this act.
 */
#include "common/election/check.h"

#include "common/base/alloc.h"
#include "common/base/text.h"
#include "common/election/check_ballot.h"
#include "common/election/check_report.h"
#include "common/ledger/report.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool check_is_of_phase(enum tx_type type, enum election_phase phase)
{
	switch (type) {
	case TX_DKG_COMMIT:
		return phase == PHASE_COMMIT;
	case TX_DKG_DEAL:
		return phase == PHASE_DEAL;
	case TX_DKG_COMPLAIN:
		return phase == PHASE_COMPLAIN;
	case TX_DKG_CONFIRM:
		return phase == PHASE_CONFIRM;
	case TX_ADVANCE:
		return phase >= PHASE_COMMIT && phase <= PHASE_CONFIRM;
	case TX_ROLL:
	case TX_OPEN:
		return phase == PHASE_ENROL;
	case TX_DEVICE:
		return phase >= PHASE_ENROL && phase <= PHASE_CLOSED;
	case TX_BALLOT:
		return phase == PHASE_OPEN || phase == PHASE_CLOSED;
	case TX_CLOSE:
		return phase == PHASE_OPEN;
	case TX_TEST:
	case TX_END:
		return phase == PHASE_CLOSED;
	case TX_KIOSK_CLOSING:
		return phase == PHASE_CLOSED || phase == PHASE_ENDED;
	case TX_SHARE:
	case TX_RESULT:
		return phase == PHASE_ENDED;
	case TX_EVIDENCE:
	case TX_COMPLAINT:
	case TX_INCIDENT:
		return true;   /* always: who was wronged does not wait for a phase */
	case TX_GENESIS:
		break;
	}
	return false;
}

/* protocol.md 5.1: what can be false of one chain and true of another says which it is about. */
static const uint8_t *context_of(const struct election_params *p, enum tx_type type)
{
	if (type == TX_DKG_COMPLAIN)
		return p->dealt;
	return type == TX_SHARE ? p->end_block : NULL;
}

struct message check_message(const struct election_params *p, enum tx_type type,
                             const uint8_t *body, size_t body_len)
{
	/* protocol.md §5.1: a report is good in every phase, so it does not bind the joint key. */
	bool binds_key = p->has_key && !tx_is_report(type);

	return (struct message){
		.purpose = tx_purpose(type), .group = p->manifest->suite,
		.election_id = p->manifest->election_id,
		.y = binds_key ? p->y_bytes : NULL, .y_len = binds_key ? p->y_len : 0,
		.body = body, .body_len = body_len, .context = context_of(p, type),
	};
}

static enum status signed_by(const struct election_params *p, const struct tx *tx,
                             const struct tx_signed *s, const uint8_t *key)
{
	const struct message m = check_message(p, tx->type, s->body, s->body_len);

	return sign_verify(key, s->sig, &m);
}

static enum status may_act(const struct election_params *p, unsigned int trustee)
{
	if (trustee < 1 || trustee > p->manifest->trustees_len)
		return ST_ROLE;
	return trustee_in(p->excluded, trustee) ? ST_EXCLUDED : ST_OK;
}

static enum status signed_by_trustee(const struct election_params *p, const struct tx *tx,
                                     const struct tx_signed *s, unsigned int trustee)
{
	enum status st = may_act(p, trustee);

	return st != ST_OK ? st :
	       signed_by(p, tx, s, p->manifest->trustees[trustee - 1].sign_key);
}

/* protocol.md §7: at least t trustees, none excluded; every signature given must hold. */
static enum status cosigned(const struct election_params *p, const struct tx *tx,
                            const struct tx_cosigned *by, const uint8_t *anchor)
{
	const struct message m = check_message(p, tx->type, by->body, by->body_len);
	enum status st;

	if (!mem_is_equal(anchor, p->anchor, sizeof(p->anchor)))
		return ST_HASH;
	for (unsigned int i = 0; i < by->count; i++) {
		if ((st = may_act(p, by->trustee[i])) != ST_OK ||
		    (st = sign_verify(p->manifest->trustees[by->trustee[i] - 1].sign_key,
		                      by->sig[i], &m)) != ST_OK)
			return st;
	}
	return by->count < p->manifest->threshold ? ST_THRESHOLD : ST_OK;
}

/* --- ceremony -------------------------------------------------------------------------------- */

static enum status check_commit(const struct election_params *p, const struct tx *tx)
{
	struct tx_trustee_message msg;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK)
		return st;
	if (msg.message_len != DKG_COMMIT_BYTES)
		return ST_FORMAT;
	return signed_by_trustee(p, tx, &msg.sig, msg.trustee);
}

static enum status check_deal(const struct election_params *p, const struct tx *tx)
{
	struct tx_trustee_message msg;
	struct dkg_deal *deal = NULL;
	const struct params_blob *commit;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by_trustee(p, tx, &msg.sig, msg.trustee)) != ST_OK)
		return st;
	commit = &p->commit[msg.trustee - 1];
	if (commit->bytes == NULL)
		return ST_EXCLUDED;
	deal = alloc_zero(1, sizeof(*deal));
	if (deal == NULL)
		return ST_NO_MEMORY;
	if ((st = dkg_deal_decode(&p->dkg, deal, msg.message, msg.message_len)) == ST_OK)
		st = dkg_deal_check(&p->dkg, msg.trustee, deal, commit->bytes);
	free(deal);
	return st;
}

/* ST_OK when what it reveals is proved, whoever turns out to be at fault. */
static enum status check_complaint(const struct election_params *p, unsigned int complainer,
                                   const struct dkg_complaint *c, struct dkg_deal *scratch)
{
	const struct params_blob *deal = &p->deal[c->dealer - 1];
	enum status st;

	if (deal->bytes == NULL || trustee_in(p->excluded, c->dealer))
		return ST_EXCLUDED;
	if ((st = dkg_deal_decode(&p->dkg, scratch, deal->bytes, deal->len)) != ST_OK)
		return st;
	st = dkg_complaint_judge(&p->dkg, (uint8_t)complainer, c, scratch);
	return st == ST_REFUTED ? ST_OK : st;
}

static enum status check_complain(const struct election_params *p, const struct tx *tx)
{
	struct dkg_complaint list[DKG_MAX];
	struct tx_trustee_message msg;
	struct dkg_deal *scratch = NULL;
	size_t count;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by_trustee(p, tx, &msg.sig, msg.trustee)) != ST_OK ||
	    (st = dkg_complaints_decode(&p->dkg, list, &count, msg.message,
	                                msg.message_len)) != ST_OK)
		return st;
	scratch = alloc_zero(1, sizeof(*scratch));
	if (scratch == NULL)
		return ST_NO_MEMORY;
	for (size_t i = 0; st == ST_OK && i < count; i++)
		st = check_complaint(p, msg.trustee, &list[i], scratch);
	free(scratch);
	return st;
}

static enum status check_confirm(const struct election_params *p, const struct tx *tx)
{
	struct tx_confirm msg;
	enum status st;

	if ((st = tx_confirm_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by_trustee(p, tx, &msg.sig, msg.trustee)) != ST_OK)
		return st;
	if (!mem_is_equal(msg.step_block, p->step_block, sizeof(p->step_block)) ||
	    !mem_is_equal(msg.hash, p->confirm_hash, sizeof(p->confirm_hash)))
		return ST_HASH;
	return ST_OK;
}

static enum status check_advance(const struct election_params *p, const struct tx *tx)
{
	struct tx_advance msg;
	enum status st = tx_advance_decode(&msg, tx);

	if (st != ST_OK)
		return st;
	if (msg.step != (uint8_t)p->phase)
		return ST_PHASE;
	return cosigned(p, tx, &msg.by, msg.anchor);
}

/* --- enrolment and phases -------------------------------------------------------------------- */

static enum status check_roll(const struct election_params *p, const struct tx *tx)
{
	struct tx_roll msg;
	enum status st;

	if ((st = tx_roll_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by(p, tx, &msg.sig, p->manifest->registrar->sign_key)) != ST_OK)
		return st;
	return roll_chunk_check(p->manifest, NULL, msg.entries, msg.entries_len);
}

static enum status check_device(const struct election_params *p, const struct tx *tx)
{
	struct tx_device msg;
	enum status st;

	if ((st = tx_device_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by(p, tx, &msg.sig, p->manifest->officer->sign_key)) != ST_OK)
		return st;
	if (msg.kiosk >= LIMIT_KIOSKS)
		return ST_LIMIT;
	if (mem_is_zero(msg.curve_key, TX_KEY_BYTES))
		return ST_KEY;
	if ((st = sign_key_check(msg.sign_key)) != ST_OK)
		return st;
	return text_check((const char *)msg.label, msg.label_len, TX_LABEL_BYTES);
}

static enum status check_open(const struct election_params *p, const struct tx *tx)
{
	struct tx_open msg;
	enum status st = tx_open_decode(&msg, tx);

	if (st != ST_OK)
		return st;
	if (msg.y_len != p->y_len || !mem_is_equal(msg.y, p->y_bytes, p->y_len))
		return ST_KEY;
	return cosigned(p, tx, &msg.by, msg.anchor);
}

static enum status check_step(const struct election_params *p, const struct tx *tx)
{
	struct tx_step msg;
	enum status st = tx_step_decode(&msg, tx);

	return st != ST_OK ? st : cosigned(p, tx, &msg.by, msg.anchor);
}

static enum status check_closing(const struct election_params *p, const struct tx *tx)
{
	struct tx_closing msg;
	enum status st = tx_closing_decode(&msg, tx);

	return st != ST_OK ? st : signed_by(p, tx, &msg.sig, msg.kiosk_key);
}

/* --- result ---------------------------------------------------------------------------------- */

static enum status check_share(const struct election_params *p, const struct tx *tx)
{
	struct tx_trustee_message msg;
	uint8_t proof[DLEQ_BYTES_MAX];
	struct element *partial = NULL;
	size_t count = p->sums == NULL ? 0 : p->sums->count;
	enum status st;

	if ((st = tx_trustee_message_decode(&msg, tx)) != ST_OK ||
	    (st = signed_by_trustee(p, tx, &msg.sig, msg.trustee)) != ST_OK)
		return st;
	if (count == 0)
		return ST_TALLY;   /* no ballots: there is nothing to decrypt */
	partial = alloc_zero(count, sizeof(*partial));
	if (partial == NULL)
		return ST_NO_MEMORY;
	if ((st = thdec_share_decode_var(p->manifest->suite, partial, count, proof, msg.message,
	                                 msg.message_len)) == ST_OK)
		st = thdec_share_check(p->sums, msg.trustee, &p->share_key[msg.trustee - 1],
		                       partial, proof);
	free(partial);
	return st;
}

static enum status check_result(const struct election_params *p, const struct tx *tx)
{
	struct tx_result msg;
	enum status st = tx_result_decode(&msg, tx);

	if (st != ST_OK)
		return st;
	if (msg.counts_len != p->tally->aggregates_len)
		return ST_TALLY;
	return cosigned(p, tx, &msg.by, msg.anchor);
}

static enum status check_by_type(const struct election_params *p, const struct tx *tx)
{
	switch (tx->type) {
	case TX_DKG_COMMIT:
		return check_commit(p, tx);
	case TX_DKG_DEAL:
		return check_deal(p, tx);
	case TX_DKG_COMPLAIN:
		return check_complain(p, tx);
	case TX_DKG_CONFIRM:
		return check_confirm(p, tx);
	case TX_ADVANCE:
		return check_advance(p, tx);
	case TX_ROLL:
		return check_roll(p, tx);
	case TX_DEVICE:
		return check_device(p, tx);
	case TX_OPEN:
		return check_open(p, tx);
	case TX_CLOSE:
	case TX_END:
		return check_step(p, tx);
	case TX_KIOSK_CLOSING:
		return check_closing(p, tx);
	case TX_SHARE:
		return check_share(p, tx);
	case TX_RESULT:
		return check_result(p, tx);
	case TX_EVIDENCE:
	case TX_COMPLAINT:
	case TX_INCIDENT:
		return check_report(p, tx);
	case TX_GENESIS:
	case TX_BALLOT:
	case TX_TEST:
		break;
	}
	return ST_INTERNAL;
}

enum status election_check(const struct election_params *p, const struct tx *tx,
                           struct verdict *verdict)
{
	enum status st;

	memcpy(verdict->params, p->hash, sizeof(verdict->params));
	if (!check_is_of_phase(tx->type, p->phase)) {
		st = ST_PHASE;
	} else if (tx->type == TX_BALLOT || tx->type == TX_TEST) {
		st = check_ballot_once(p, tx, verdict->id);
	} else {
		tx_plain_id(verdict->id, tx);
		st = check_by_type(p, tx);
	}
	if (st != ST_OK)
		mem_wipe(verdict, sizeof(*verdict));
	return st;
}
