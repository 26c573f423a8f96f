/*
 * check_report.c: see check_report.h (protocol.md 7.15, 7.16).
 *
 * Invariant: every report is signed by a key of the manifest; evidence is shown by what it holds.
 */
#include "common/election/check_report.h"

#include "common/election/accuse.h"
#include "common/election/check.h"
#include "crypto/sign.h"

static bool is_here(const struct manifest *m, const struct report_party *p)
{
	if (p->role == PARTY_TRUSTEE)
		return p->index <= m->trustees_len;
	return p->role != PARTY_NODE || p->index < m->trustees_len;
}

/* Who may report: whoever has a key in the manifest, excluded trustees too.  Kiosks may not. */
static const uint8_t *key_of(const struct manifest *m, const struct report_party *by)
{
	if (!is_here(m, by))
		return NULL;
	switch (by->role) {
	case PARTY_TRUSTEE:
		return m->trustees[by->index - 1].sign_key;
	case PARTY_NODE:
		return m->trustees[by->index].node_key;
	case PARTY_OFFICER:
		return m->officer->sign_key;
	case PARTY_REGISTRAR:
		return m->registrar->sign_key;
	case PARTY_KIOSK:
		break;
	}
	return NULL;
}

static enum status check_shown(const struct election_params *p, const struct tx *tx)
{
	struct accusation a;
	struct tx_evidence t;
	struct evidence e;
	enum status st;

	if ((st = tx_evidence_decode(&t, tx)) != ST_OK ||
	    (st = evidence_decode(&e, t.evidence, t.evidence_len)) != ST_OK)
		return st;
	return accuse_check(&a, p, &e);
}

static enum status check_about(const struct election_params *p, const struct tx *tx)
{
	struct tx_complaint t;
	enum status st = tx_complaint_decode(&t, tx);

	if (st != ST_OK)
		return st;
	return is_here(p->manifest, &t.about) ? ST_OK : ST_ROLE;   /* a kiosk: rules_report.c */
}

enum status check_report(const struct election_params *p, const struct tx *tx)
{
	struct tx_signed sig;
	struct message m;
	struct report_party by;
	const uint8_t *key;
	enum status st = tx_report_decode(&by, &sig, tx);

	if (st != ST_OK)
		return st;
	if ((key = key_of(p->manifest, &by)) == NULL)
		return ST_ROLE;
	m = check_message(p, tx->type, sig.body, sig.body_len);
	if ((st = sign_verify(key, sig.sig, &m)) != ST_OK)
		return st;
	/* The signature first: nobody buys a judgement with bytes that nobody answers for. */
	if (tx->type == TX_EVIDENCE)
		return check_shown(p, tx);
	return tx->type == TX_COMPLAINT ? check_about(p, tx) : ST_OK;
}
