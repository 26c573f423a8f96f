/*
 * ballot.c: the bytes of ballots and tests: see ballot.h.  Making them is ballot_make.c.
 */
#include "common/election/ballot.h"

#include "common/base/base32.h"
#include "common/base/reader.h"
#include "crypto/hash.h"
#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

/* --- tracker --------------------------------------------------------------------------------- */

static void hash_u32_frame(struct hash *h, size_t len)
{
	const uint8_t be[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
	                        (uint8_t)len };

	hash_update(h, be, sizeof(be));
}

/* protocol.md §7: tracker = H("tracker", body), the body being one field. */
static void set_tracker(struct ballot_body *b, const struct manifest *m)
{
	const uint8_t style[2] = { (uint8_t)(b->style >> 8), (uint8_t)b->style };
	size_t key_len = b->slip_key == NULL ? 0 : group_element_len(m->suite);
	size_t replaces_len = b->slip_key == NULL ? 0 : sizeof(b->replaces);
	size_t pairs = b->ciphertexts_len * 2 * group_element_len(m->suite);
	struct hash h;

	hash256_purpose(&h, "tracker");
	hash_u32_frame(&h, sizeof(m->election_id) + sizeof(style) + sizeof(b->commitment) + 32 +
	               replaces_len + key_len + pairs + b->proof_len);
	hash_update(&h, m->election_id, sizeof(m->election_id));
	hash_update(&h, style, sizeof(style));
	hash_update(&h, b->commitment, sizeof(b->commitment));
	hash_update(&h, b->device, 32);
	hash_update(&h, b->replaces, replaces_len);
	hash_update(&h, b->slip_key, key_len);
	hash_update(&h, b->ciphertexts, pairs);
	hash_update(&h, b->proof, b->proof_len);
	hash256_final(&h, b->tracker);
}

/* --- decoding -------------------------------------------------------------------------------- */

/* Bytes of the proof: B A C D T1 T2, N responses and three more. */
static size_t proof_len(const struct manifest *m, uint16_t style)
{
	return 6 * group_element_len(m->suite) +
	       (m->styles[style].bits_len + (size_t)3) * group_scalar_len(m->suite);
}

/* Under revote "last": what it replaces, said by a ballot, closed in a test; and its slip key. */
static enum status read_revote(struct reader *r, struct ballot_body *b, const struct manifest *m,
                               bool closed)
{
	enum status st = closed ? reader_bytes(r, b->replaces, sizeof(b->replaces))
	                        : reader_view(r, &b->replaced, BALLOT_TRACKER_BYTES);

	return st != ST_OK ? st : reader_view(r, &b->slip_key, group_element_len(m->suite));
}

/* style, then (a test only) the closed commitment, then the rest of the body. */
static enum status read_body(struct reader *r, struct ballot_body *b, const struct manifest *m,
                             bool closed)
{
	size_t element = group_element_len(m->suite);
	enum status st;

	b->replaced = NULL;
	b->slip_key = NULL;
	if ((st = reader_u16(r, &b->style)) != ST_OK)
		return st;
	if (b->style >= m->styles_len)
		return ST_STYLE;
	b->ciphertexts_len = m->styles[b->style].ciphertexts_len;
	b->proof_len = proof_len(m, b->style);
	if (closed &&
	    (st = reader_bytes(r, b->commitment, sizeof(b->commitment))) != ST_OK)
		return st;
	if ((st = reader_view(r, &b->device, 32)) != ST_OK)
		return st;
	if (m->revote == REVOTE_LAST && (st = read_revote(r, b, m, closed)) != ST_OK)
		return st;
	if ((st = reader_view(r, &b->ciphertexts, b->ciphertexts_len * 2 * element)) != ST_OK)
		return st;
	return reader_view(r, &b->proof, b->proof_len);
}

static bool names_replaced(const struct ballot_body *b)
{
	return b->replaced != NULL && !mem_is_zero(b->replaced, BALLOT_TRACKER_BYTES);
}

bool ballot_is_replacing(const struct ballot *b)
{
	return names_replaced(&b->body);
}

/* decisions/0065: a ballot that is opened as a test does not show whom it would have replaced. */
static void commit_replaced(struct ballot *b, const struct manifest *m)
{
	struct hash h;

	if (b->body.slip_key == NULL)
		return;
	hash256_purpose(&h, "replaces");
	hash_field(&h, m->election_id, sizeof(m->election_id));
	hash_field(&h, b->body.replaced, BALLOT_TRACKER_BYTES);
	hash_field(&h, b->blinding, CREDENTIAL_BLINDING_BYTES);
	hash256_final(&h, b->body.replaces);
}

enum status ballot_decode(struct ballot *out, const struct manifest *m, const struct tx *tx)
{
	size_t element = group_element_len(m->suite);
	size_t signature = schnorr_len(m->suite);
	struct reader r;
	size_t witness;
	enum status st;

	assert(tx->type == TX_BALLOT);
	reader_init(&r, tx->payload, tx->payload_len);
	out->old_slip_key = NULL;
	out->old_signature = NULL;
	if ((st = read_body(&r, &out->body, m, false)) != ST_OK)
		return st;
	witness = r.pos;
	if ((st = reader_view(&r, &out->credential, element)) != ST_OK ||
	    (st = reader_view(&r, &out->blinding, CREDENTIAL_BLINDING_BYTES)) != ST_OK ||
	    (st = reader_view(&r, &out->signature, signature)) != ST_OK)
		return st;
	if (names_replaced(&out->body) &&
	    ((st = reader_view(&r, &out->old_slip_key, element)) != ST_OK ||
	     (st = reader_view(&r, &out->old_signature, signature)) != ST_OK))
		return st;
	if ((st = reader_end(&r)) != ST_OK)
		return st;
	credential_commit(out->body.commitment, m->election_id, out->credential, element,
	                  out->blinding);
	commit_replaced(out, m);
	set_tracker(&out->body, m);
	tx_ballot_id(out->id, out->body.tracker, tx->payload + witness, tx->payload_len - witness);
	return ST_OK;
}

enum status ballot_test_decode(struct ballot_test *out, const struct manifest *m,
                               const struct tx *tx)
{
	struct reader r;
	enum status st;

	assert(tx->type == TX_TEST);
	reader_init(&r, tx->payload, tx->payload_len);
	if ((st = reader_u16(&r, &out->kiosk)) != ST_OK ||
	    (st = reader_view(&r, &out->kiosk_key, TX_KEY_BYTES)) != ST_OK ||
	    (st = read_body(&r, &out->body, m, true)) != ST_OK ||
	    (st = reader_view(&r, &out->openings, out->body.ciphertexts_len *
	                      (group_scalar_len(m->suite) + sizeof(uint32_t)))) != ST_OK)
		return st;
	out->sig.body = r.buf;
	out->sig.body_len = r.pos;
	if ((st = reader_view(&r, &out->sig.sig, TX_SIG_BYTES)) != ST_OK ||
	    (st = reader_end(&r)) != ST_OK)
		return st;
	set_tracker(&out->body, m);
	tx_plain_id(out->id, tx);
	return ST_OK;
}

/* The selections follow the randomnesses: M scalars, then M u32. */
uint32_t ballot_test_selection(const struct ballot_test *t, const struct manifest *m, size_t i)
{
	const uint8_t *p = t->openings + t->body.ciphertexts_len * group_scalar_len(m->suite) + 4 * i;

	assert(i < t->body.ciphertexts_len);
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* --- lengths and statements ------------------------------------------------------------------ */

static size_t body_wire_len(const struct manifest *m, uint16_t style)
{
	size_t element = group_element_len(m->suite);
	size_t revote = m->revote == REVOTE_LAST ? BALLOT_TRACKER_BYTES + element : 0;

	return sizeof(uint16_t) + 32 + revote +
	       (size_t)m->styles[style].ciphertexts_len * 2 * element + proof_len(m, style);
}

size_t ballot_wire_len(const struct ballot_setup *s, uint16_t style, bool replacing)
{
	const struct manifest *m = s->manifest;
	size_t witness = group_element_len(m->suite) + schnorr_len(m->suite);

	return 1 + body_wire_len(m, style) + witness + CREDENTIAL_BLINDING_BYTES +
	       (replacing ? witness : 0);
}

size_t ballot_test_wire_len(const struct ballot_setup *s, uint16_t style)
{
	const struct manifest *m = s->manifest;

	return 1 + sizeof(uint16_t) + TX_KEY_BYTES + body_wire_len(m, style) + 32 +
	       (size_t)m->styles[style].ciphertexts_len *
	       (group_scalar_len(m->suite) + sizeof(uint32_t)) + TX_SIG_BYTES;
}

void ballot_context(uint8_t ctx[static BALLOTPROOF_CTX_BYTES], const struct ballot_setup *s,
                    const struct ballot_body *b)
{
	const struct manifest *m = s->manifest;
	size_t key_len = b->slip_key == NULL ? 0 : group_element_len(m->suite);
	struct hash h;

	hash512_purpose(&h, "ballot-context");
	hash_field_u8(&h, 1);
	hash_field_text(&h, group_name(m->suite));
	hash_field(&h, m->election_id, sizeof(m->election_id));
	hash_field(&h, s->y_bytes, s->y_len);
	hash_field(&h, m->styles[b->style].layout->digest,
	           sizeof(m->styles[b->style].layout->digest));
	hash_field(&h, b->commitment, sizeof(b->commitment));
	hash_field(&h, b->device, 32);
	hash_field(&h, b->replaces, b->slip_key == NULL ? 0 : sizeof(b->replaces));
	hash_field(&h, b->slip_key, key_len);
	hash512_final(&h, ctx);
}

struct message ballot_message(const struct ballot_setup *s, const char *purpose,
                              const struct ballot_body *b)
{
	return (struct message){
		.purpose = purpose, .group = s->manifest->suite,
		.election_id = s->manifest->election_id, .y = s->y_bytes, .y_len = s->y_len,
		.body = b->tracker, .body_len = sizeof(b->tracker),
	};
}

void ballot_tracker_format(char out[static BALLOT_TRACKER_TEXT],
                           const uint8_t tracker[static BALLOT_PREFIX_BYTES])
{
	base32_encode(out, 4, tracker, BALLOT_PREFIX_BYTES);
}
