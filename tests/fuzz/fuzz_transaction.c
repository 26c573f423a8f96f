/*
 * fuzz_transaction.c: any bytes as a transaction, a paper, a receipt, a certificate or a block.
 *
 * The first byte chooses.  What a decoder accepts is written again, field by field, and gives the
 * same bytes: nothing has two encodings, and nothing is skipped.  Ballots and tests are read under
 * a manifest without revotes and under one with.
 */
#include "common/base/reader.h"
#include "common/election/accuse.h"
#include "common/election/act.h"
#include "common/election/ballot.h"
#include "common/election/chain.h"
#include "common/ledger/block.h"
#include "common/ledger/receipt.h"
#include "crypto/mem.h"
#include "tests/unit/lib/parties.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 20000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { WHAT_NEVER, WHAT_LAST, WHAT_PROPOSAL, WHAT_APPROVAL, WHAT_RECEIPT, WHAT_CERTIFICATE,
       WHAT_BLOCK, WHATS };
enum { ROOM = 1 << 17 };

static struct manifest *manifest[2];   /* revote never, last */
static uint8_t again[ROOM];

static void must(int what)
{
	if (!what)
		abort();
}

static void start(void)
{
	static struct parties people;
	static char last[8192];
	const char *at = strstr(PARTIES_DEFINITION, "\"never\"");
	size_t head;

	must(crypto_init() == ST_OK);
	parties_make(&people, 4, 1);
	manifest[0] = parties_manifest(&people, PARTIES_DEFINITION);
	must(at != NULL);
	head = (size_t)(at - PARTIES_DEFINITION);
	memcpy(last, PARTIES_DEFINITION, head);
	memcpy(last + head, "\"last\"", 6);
	memcpy(last + head + 6, at + 7, strlen(at + 7) + 1);
	manifest[1] = parties_manifest(&people, last);
}

static void must_be(const struct writer *w, const uint8_t *bytes, size_t len)
{
	must(!w->failed && w->pos == len && memcmp(again, bytes, len) == 0);
}

/* --- transactions --------------------------------------------------------------------------- */

static void put_signed(struct writer *w, const struct tx_signed *s)
{
	writer_bytes(w, s->sig, TX_SIG_BYTES);
}

static void put_cosigned(struct writer *w, const struct tx_cosigned *by)
{
	uint8_t sigs[LIMIT_TRUSTEES][TX_SIG_BYTES];

	for (unsigned int i = 0; i < by->count; i++) {
		must(by->trustee[i] >= 1 && (i == 0 || by->trustee[i] > by->trustee[i - 1]));
		memcpy(sigs[i], by->sig[i], TX_SIG_BYTES);
	}
	tx_cosign_list(w, by->trustee, (const uint8_t (*)[64])sigs, by->count);
}

static bool put_single(struct writer *w, const struct tx *tx)
{
	struct tx_trustee_message m;
	struct tx_confirm c;

	if (tx->type == TX_DKG_CONFIRM) {
		if (tx_confirm_decode(&c, tx) != ST_OK)
			return false;
		tx_confirm_body(w, c.trustee, c.step_block, c.hash);
		put_signed(w, &c.sig);
		return true;
	}
	if (tx_trustee_message_decode(&m, tx) != ST_OK)
		return false;
	tx_trustee_message_body(w, m.trustee, m.message, m.message_len);
	put_signed(w, &m.sig);
	return true;
}

static bool put_phase(struct writer *w, const struct tx *tx)
{
	struct tx_advance a;
	struct tx_open o;
	struct tx_step s;

	if (tx->type == TX_ADVANCE) {
		if (tx_advance_decode(&a, tx) != ST_OK)
			return false;
		tx_advance_body(w, a.step, a.anchor);
		put_cosigned(w, &a.by);
	} else if (tx->type == TX_OPEN) {
		if (tx_open_decode(&o, tx) != ST_OK)
			return false;
		tx_open_body(w, o.anchor, o.roll_root, o.roll_count, o.weight_sum, o.y, o.y_len);
		put_cosigned(w, &o.by);
	} else {
		if (tx_step_decode(&s, tx) != ST_OK)
			return false;
		tx_step_body(w, s.anchor);
		put_cosigned(w, &s.by);
	}
	return true;
}

static bool put_roll(struct writer *w, const struct tx *tx, const struct manifest *m)
{
	struct tx_roll r;

	if (tx_roll_decode(&r, tx) != ST_OK)
		return false;
	must(r.index < r.total);
	(void)!roll_chunk_check(m, NULL, r.entries, r.entries_len);
	tx_roll_body(w, r.index, r.total, r.entries, r.entries_len);
	put_signed(w, &r.sig);
	return true;
}

static bool put_device(struct writer *w, const struct tx *tx)
{
	struct tx_device d;

	if (tx_device_decode(&d, tx) != ST_OK)
		return false;
	must(d.label_len <= TX_LABEL_BYTES);
	writer_u16(w, d.kiosk);   /* a label may hold NUL: the checker refuses it, the decoder not */
	writer_bytes(w, d.sign_key, TX_KEY_BYTES);
	writer_bytes(w, d.curve_key, TX_KEY_BYTES);
	writer_vec8(w, d.label, d.label_len);
	put_signed(w, &d.sig);
	return true;
}

static bool put_closing(struct writer *w, const struct tx *tx)
{
	struct tx_closing c;

	if (tx_closing_decode(&c, tx) != ST_OK)
		return false;
	tx_closing_body(w, c.kiosk, c.kiosk_key, c.cast, c.tested, c.voided, c.root);
	put_signed(w, &c.sig);
	return true;
}

static bool put_result(struct writer *w, const struct tx *tx)
{
	struct tx_result r;

	if (tx_result_decode(&r, tx) != ST_OK)
		return false;
	writer_bytes(w, r.anchor, TX_HASH_BYTES);
	writer_u64(w, r.end_height);
	writer_u32(w, r.counts_len);
	for (uint32_t i = 0; i < r.counts_len; i++)
		writer_u64(w, tx_result_count(&r, i));
	put_cosigned(w, &r.by);
	return true;
}

/* Evidence that decodes is accused by name without a signature: that must never step outside. */
static void put_accusation(const struct tx_evidence *t)
{
	struct accusation a;
	struct evidence e;

	if (evidence_decode(&e, t->evidence, t->evidence_len) == ST_OK &&
	    accuse_name(&a, manifest[0], &e) == ST_OK)
		must(party_slot(&a.accused) < PARTY_SLOTS);
}

static bool put_report(struct writer *w, const struct tx *tx)
{
	struct tx_evidence e;
	struct tx_complaint c;
	struct tx_incident i;

	if (tx->type == TX_EVIDENCE && tx_evidence_decode(&e, tx) == ST_OK) {
		tx_evidence_body(w, &e.by, e.evidence, e.evidence_len);
		put_signed(w, &e.sig);
		put_accusation(&e);
	} else if (tx->type == TX_COMPLAINT && tx_complaint_decode(&c, tx) == ST_OK) {
		must(party_slot(&c.about) < PARTY_SLOTS && c.text_len > 0);
		tx_complaint_body(w, &c.by, &c.about, c.tx, c.text, c.text_len);
		put_signed(w, &c.sig);
	} else if (tx->type == TX_INCIDENT && tx_incident_decode(&i, tx) == ST_OK) {
		must(strcmp(incident_name(i.category), "unknown") != 0 && i.text_len > 0);
		tx_incident_body(w, &i.by, i.category, i.has_kiosk ? &i.kiosk : NULL, i.text,
		                 i.text_len);
		put_signed(w, &i.sig);
	} else {
		return false;
	}
	return true;
}

static void put_body(struct writer *w, const struct ballot_body *b, bool closed)
{
	const size_t element = 32;

	writer_u16(w, b->style);
	if (closed)
		writer_bytes(w, b->commitment, sizeof(b->commitment));
	writer_bytes(w, b->device, 32);
	if (b->slip_key != NULL) {
		writer_bytes(w, closed ? b->replaces : b->replaced, BALLOT_TRACKER_BYTES);
		writer_bytes(w, b->slip_key, element);
	}
	writer_bytes(w, b->ciphertexts, b->ciphertexts_len * 2 * element);
	writer_bytes(w, b->proof, b->proof_len);
}

static bool put_ballot(struct writer *w, const struct tx *tx, const struct manifest *m)
{
	struct ballot b;
	uint8_t id[TX_ID_BYTES];

	if (ballot_decode(&b, m, tx) != ST_OK)
		return false;
	must(b.body.style < m->styles_len);
	must((b.body.replaced != NULL) == (m->revote == REVOTE_LAST));
	must((b.old_slip_key != NULL) == ballot_is_replacing(&b));
	must(chain_tx_id(id, m, tx) == ST_OK && memcmp(id, b.id, sizeof(id)) == 0);
	put_body(w, &b.body, false);
	writer_bytes(w, b.credential, 32);
	writer_bytes(w, b.blinding, CREDENTIAL_BLINDING_BYTES);
	writer_bytes(w, b.signature, 64);
	if (b.old_slip_key != NULL) {
		writer_bytes(w, b.old_slip_key, 32);
		writer_bytes(w, b.old_signature, 64);
	}
	return true;
}

static bool put_test(struct writer *w, const struct tx *tx, const struct manifest *m)
{
	struct ballot_test t;

	if (ballot_test_decode(&t, m, tx) != ST_OK)
		return false;
	must(t.body.replaced == NULL);
	writer_u16(w, t.kiosk);
	writer_bytes(w, t.kiosk_key, TX_KEY_BYTES);
	put_body(w, &t.body, true);
	writer_bytes(w, t.openings, t.body.ciphertexts_len * 32);
	for (size_t i = 0; i < t.body.ciphertexts_len; i++)
		writer_u32(w, ballot_test_selection(&t, m, i));
	put_signed(w, &t.sig);
	return true;
}

static bool put_payload(struct writer *w, const struct tx *tx, const struct manifest *m)
{
	switch (tx->type) {
	case TX_DKG_COMMIT:
	case TX_DKG_DEAL:
	case TX_DKG_COMPLAIN:
	case TX_DKG_CONFIRM:
	case TX_SHARE:
		return put_single(w, tx);
	case TX_ADVANCE:
	case TX_OPEN:
	case TX_CLOSE:
	case TX_END:
		return put_phase(w, tx);
	case TX_ROLL:
		return put_roll(w, tx, m);
	case TX_DEVICE:
		return put_device(w, tx);
	case TX_BALLOT:
		return put_ballot(w, tx, m);
	case TX_TEST:
		return put_test(w, tx, m);
	case TX_KIOSK_CLOSING:
		return put_closing(w, tx);
	case TX_RESULT:
		return put_result(w, tx);
	case TX_EVIDENCE:
	case TX_COMPLAINT:
	case TX_INCIDENT:
		return put_report(w, tx);
	case TX_GENESIS:
		break;
	}
	return false;
}

static void try_transaction(const struct manifest *m, const uint8_t *data, size_t len)
{
	struct writer w;
	struct tx tx;

	if (tx_decode(&tx, data, len) != ST_OK)
		return;
	must(tx.payload_len == len - 1);
	writer_init(&w, again, sizeof(again));
	tx_begin(&w, tx.type);
	if (put_payload(&w, &tx, m))
		must_be(&w, data, len);
}

/* --- papers and proofs ---------------------------------------------------------------------- */

static void try_paper(unsigned int what, const uint8_t *data, size_t len)
{
	struct proposal p;
	struct approval a;
	size_t written = 0;

	if (what == WHAT_PROPOSAL && proposal_decode(&p, data, len) == ST_OK) {
		must(tx_is_phase_change((enum tx_type)p.tx[0]));
		must(proposal_encode(&p, again, sizeof(again), &written) == ST_OK);
	} else if (what == WHAT_APPROVAL && approval_decode(&a, data, len) == ST_OK) {
		must(approval_encode(&a, again, sizeof(again), &written) == ST_OK);
	} else {
		return;
	}
	must(written == len && memcmp(again, data, len) == 0);
}

static void try_receipt(const uint8_t *data, size_t len)
{
	static struct receipt r;
	struct committee c;
	uint8_t keys[4][32];
	size_t written;

	if (receipt_decode(&r, data, len) != ST_OK)
		return;
	must(receipt_encode(&r, again, sizeof(again), &written) == ST_OK);
	must(written == len && memcmp(again, data, len) == 0);
	for (size_t i = 0; i < 4; i++)
		memcpy(keys[i], manifest[0]->trustees[i].node_key, sizeof(keys[i]));
	must(committee_init(&c, 4, r.election_id, manifest[0]->suite,
	                    (const uint8_t (*)[32])keys) == ST_OK);
	must(receipt_check(&r, &c) != ST_OK);   /* nobody here knows these keys' secrets */
}

static void try_certificate(const uint8_t *data, size_t len)
{
	struct certificate c;
	struct writer w;

	if (certificate_decode(&c, data, len) != ST_OK)
		return;
	writer_init(&w, again, sizeof(again));
	certificate_write(&w, &c);
	must_be(&w, data, len);
	for (unsigned int i = 0; i < certificate_count(&c); i++) {
		struct vote v;

		certificate_vote(&v, &c, i);
		must(v.signer < LIMIT_TRUSTEES && v.view == c.view);
	}
}

/* A header, then a body that is made the header's own. */
static void try_block(const uint8_t *data, size_t len)
{
	struct block_header h;
	struct reader r;
	struct writer w;
	const uint8_t *item;
	size_t item_len, body_len;
	uint32_t count = 0;

	if (len < BLOCK_HEADER_BYTES ||
	    block_header_decode(&h, data, BLOCK_HEADER_BYTES) != ST_OK)
		return;
	block_header_encode(again, &h);
	must(memcmp(again, data, BLOCK_HEADER_BYTES) == 0);
	data += BLOCK_HEADER_BYTES;
	body_len = len - BLOCK_HEADER_BYTES;
	h.body_len = (uint32_t)body_len;
	block_body_hash(h.body_hash, data, body_len);
	if (block_body_check(&h, data, body_len) != ST_OK)
		return;
	writer_init(&w, again, sizeof(again));
	reader_init(&r, data, body_len);
	while (block_item_next(&r, &item, &item_len) == ST_OK) {
		must(item_len > 0);
		block_item_write(&w, item, item_len);
		count++;
	}
	must(count == h.n_items);
	must_be(&w, data, body_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	unsigned int what;

	if (manifest[0] == NULL)
		start();
	if (len < 1 || len > ROOM - 64)
		return 0;
	what = data[0] % WHATS;
	if (what <= WHAT_LAST)
		try_transaction(manifest[what], data + 1, len - 1);
	else if (what <= WHAT_APPROVAL)
		try_paper(what, data + 1, len - 1);
	else if (what == WHAT_RECEIPT)
		try_receipt(data + 1, len - 1);
	else if (what == WHAT_CERTIFICATE)
		try_certificate(data + 1, len - 1);
	else
		try_block(data + 1, len - 1);
	return 0;
}
