/*
 * judge_state.c: what the state of the chain says of evidence: see judge.h.
 *
 * Invariant: nothing here decides by what is absent while it may still come.
 */
#include "common/election/judge.h"

#include "common/election/ballot.h"
#include "crypto/mem.h"

#include <string.h>

static bool is_over(const struct election *e)
{
	return election_phase(e) == PHASE_ENDED || election_phase(e) == PHASE_FINAL;
}

/* The key is the one that the officer registered for that kiosk. */
static enum status is_its_key(const struct election *e, unsigned int kiosk, const uint8_t *key)
{
	struct params_device d;

	if (election_device(e, kiosk, &d) != ST_OK)
		return is_over(e) || election_phase(e) == PHASE_FAILED ? ST_ROLE : ST_INCOMPLETE;
	return mem_is_equal(d.sign_key, key, sizeof(d.sign_key)) ? ST_OK : ST_ROLE;
}

/* One that holds an alpha twice is on no chain. */
static bool is_repeating(const struct ballot_body *b, size_t element_len)
{
	for (size_t i = 0; i < b->ciphertexts_len; i++)
		for (size_t k = 0; k < i; k++)
			if (memcmp(b->ciphertexts + 2 * i * element_len,
			           b->ciphertexts + 2 * k * element_len, element_len) == 0)
				return true;
	return false;
}

/*
 * formats-evidence.md 2.5: on an ended chain, what may have kept a promised ballot from it without
 * the node's doing: another ballot of the credential, its own test, a ballot or test that shares
 * the first 80 bits of its tracker or a ciphertext, or that the one it replaces never came.
 */
static enum status is_kept_away(const struct election *e, const struct ballot *b)
{
	struct ballot_record r;
	uint32_t voter = roll_find(election_roll(e), b->credential);

	if (voter == ROLL_NONE)
		return ST_ROLL;
	if (election_find_voter(e, voter, &r) == ST_OK)
		return ST_OPENING;
	if (election_find(e, b->body.tracker, &r) == ST_OK)
		return ST_TRACKER;
	if (ballot_is_replacing(b))
		return ST_TRACKER;
	if (is_repeating(&b->body, group_element_len(election_manifest(e)->suite)))
		return ST_COPIED;
	return election_has_ciphertext_of(e, &b->body) ? ST_COPIED : ST_OK;
}

static enum status stand_breach(const struct evidence *ev, const struct election *e)
{
	struct ballot b;
	struct tx tx;
	enum status st;

	if (!is_over(e))
		return election_phase(e) == PHASE_FAILED ? ST_PHASE : ST_INCOMPLETE;
	if (ev->promise.time_min > election_end_time(e) ||
	    election_end_time(e) - ev->promise.time_min < JUDGE_BREACH_MINUTES)
		return ST_TIME;
	if ((st = tx_decode(&tx, ev->tx, ev->tx_len)) != ST_OK)
		return st;
	if (tx.type != TX_BALLOT)
		return ST_FORMAT;
	if ((st = ballot_decode(&b, election_manifest(e), &tx)) != ST_OK)
		return st;
	return is_kept_away(e, &b);
}

static enum status stand_test(const struct evidence *ev, const struct election *e)
{
	struct ballot_record r;
	struct ballot_test t;
	struct tx tx;
	enum status st;

	if ((st = tx_decode(&tx, ev->tx, ev->tx_len)) != ST_OK)
		return st;
	if (tx.type != TX_TEST)
		return ST_FORMAT;
	if ((st = ballot_test_decode(&t, election_manifest(e), &tx)) != ST_OK ||
	    (st = is_its_key(e, t.kiosk, t.kiosk_key)) != ST_OK)
		return st;
	if (election_find(e, t.body.tracker, &r) != ST_OK)
		return is_over(e) ? ST_OPENING : ST_INCOMPLETE;
	if (!mem_is_equal(r.tracker, t.body.tracker, sizeof(r.tracker)))
		return ST_TRACKER;
	return r.fate == FATE_LIVE || r.fate == FATE_REPLACED ? ST_OK : ST_OPENING;
}

enum status judge_stand(const struct evidence *e, const struct election *state)
{
	switch (e->kind) {
	case EVIDENCE_BREACH:
		return stand_breach(e, state);
	case EVIDENCE_TWO_FATES:
		return is_its_key(state, e->fates.kiosk, e->fates.key);
	case EVIDENCE_CAST_AND_TESTED:
		return stand_test(e, state);
	case EVIDENCE_DOUBLE_VOTE:
	case EVIDENCE_UNSOUND_BLOCK:
	case EVIDENCE_FALSE_MESSAGE:
		return ST_OK;
	case EVIDENCE_FORK:
	case EVIDENCE_ROLLBACK:
	case EVIDENCE_FALSE_ANSWER:
		break;
	}
	return ST_FORMAT;
}

enum status judge_all(struct judgement *out, const struct evidence *e,
                      const struct election *state)
{
	const struct election_params *p = election_params(state);
	enum status st = judge_check(out, e, election_manifest(state), p);

	params_unref(p);
	if (st == ST_INCOMPLETE && judge_needs_state(e->kind))
		st = judge_stand(e, state);
	if (st != ST_OK && st != ST_INCOMPLETE)
		memset(out, 0, sizeof(*out));
	return st;
}
