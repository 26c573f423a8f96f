/*
 * rules_report.c: evidence, complaints and incidents as rules of the chain (protocol.md 7.15-7.17).
 *
 * Nothing here touches the phase, the roll, the ballots or the sums; none of it enters the state
 * hash (decisions/0087).
 *
 * Invariant: what is remembered is bounded by the quotas of limits.h, whatever is sent.
 */
#include "common/election/state.h"

#include "common/election/accuse.h"
#include "crypto/hash.h"

_Static_assert((int)EVIDENCE_CAST_AND_TESTED < (int)STATE_OFFENCES, "a counter for each kind");

static enum status count_up(struct election *e, uint8_t *counter, unsigned int max)
{
	uint8_t next = (uint8_t)(*counter + 1);

	if (*counter >= max)
		return ST_QUOTA;
	return journal_set(e->journal, counter, &next, sizeof(next));
}

/* Kiosks are known by the chain alone, and only from their registration on. */
static enum status party_exists(const struct election *e, const struct report_party *p)
{
	return p->role != PARTY_KIOSK || e->devices[p->index].id.known ? ST_OK : ST_ROLE;
}

enum status rule_evidence(struct election *e, const struct tx *tx)
{
	struct tx_evidence t;
	struct evidence ev;
	struct accusation a;
	enum status st;

	if ((st = tx_evidence_decode(&t, tx)) != ST_OK ||
	    (st = evidence_decode(&ev, t.evidence, t.evidence_len)) != ST_OK ||
	    (st = accuse_name(&a, e->m, &ev)) != ST_OK ||
	    (st = party_exists(e, &a.accused)) != ST_OK ||
	    (st = accuse_stand(&ev, e)) != ST_OK ||
	    (st = index_put(&e->reported, e->journal, a.offence)) != ST_OK)
		return st;
	if ((st = count_up(e, &e->reports->of[party_slot(&a.accused)][a.kind],
	                   LIMIT_EVIDENCE_OF)) != ST_OK)
		return st;
	return count_up(e, &e->reports->evidence[party_slot(&t.by)][a.kind], LIMIT_EVIDENCE_BY);
}

/* What was said is on the chain once, however often and by whomever it is sent again. */
static enum status take_statement(struct election *e, enum tx_type type,
                                  const struct tx_signed *sig)
{
	uint8_t key[HASH256_BYTES];
	struct hash h;

	hash256_purpose(&h, "statement");
	hash_field_u8(&h, (uint8_t)type);
	hash_field(&h, sig->body, sig->body_len);
	hash256_final(&h, key);
	return index_put(&e->reported, e->journal, key);
}

enum status rule_complaint(struct election *e, const struct tx *tx)
{
	struct tx_complaint t;
	enum status st;

	if ((st = tx_complaint_decode(&t, tx)) != ST_OK ||
	    (st = party_exists(e, &t.about)) != ST_OK ||
	    (st = take_statement(e, tx->type, &t.sig)) != ST_OK)
		return st;
	return count_up(e, &e->reports->complaints[party_slot(&t.by)], LIMIT_COMPLAINTS);
}

enum status rule_incident(struct election *e, const struct tx *tx)
{
	struct tx_incident t;
	struct report_party kiosk = { .role = PARTY_KIOSK };
	enum status st;

	if ((st = tx_incident_decode(&t, tx)) != ST_OK)
		return st;
	kiosk.index = t.kiosk;
	if ((t.has_kiosk && (st = party_exists(e, &kiosk)) != ST_OK) ||
	    (st = take_statement(e, tx->type, &t.sig)) != ST_OK)
		return st;
	return count_up(e, &e->reports->incidents[party_slot(&t.by)], LIMIT_INCIDENTS);
}

enum status accuse_room(const struct accusation *a, const struct election *e)
{
	enum status st = party_exists(e, &a->accused);

	if (st != ST_OK)
		return st;
	if (index_find(&e->reported, a->offence) != NULL)
		return ST_DUPLICATE;
	return e->reports->of[party_slot(&a->accused)][a->kind] < LIMIT_EVIDENCE_OF ? ST_OK
	                                                                           : ST_QUOTA;
}
