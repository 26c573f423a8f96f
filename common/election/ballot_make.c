/*
 * ballot_make.c: locking, casting and opening a ballot: see ballot.h.
 *
 * Invariant: randomness, selections and slip secret lie in guarded memory and are wiped by
 * ballot_cast or ballot_locked_free; a ballot is cast or opened, never both.
 */
#include "common/election/ballot.h"

#include "common/base/alloc.h"
#include "common/base/writer.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void wipe_opening(struct ballot_locked *b)
{
	mem_secret_free(b->openings);
	mem_secret_free(b->selections);
	b->openings = NULL;
	b->selections = NULL;
}

void ballot_locked_free(struct ballot_locked *b)
{
	if (b == NULL)
		return;
	wipe_opening(b);
	mem_secret_free(b->slip);
	if (b->wire != NULL)
		mem_wipe(b->wire, b->wire_len);   /* it says who, even of a ballot never cast */
	free(b->wire);
	free(b);
}

static enum status allocate(struct ballot_locked **out, const struct ballot_setup *s,
                            const struct ballot_intent *intent)
{
	const struct manifest *m = s->manifest;
	size_t count = m->styles[intent->style].ciphertexts_len;
	struct ballot_locked *b = alloc_zero(1, sizeof(*b));

	*out = b;
	if (b == NULL)
		return ST_NO_MEMORY;
	b->style = intent->style;
	b->wire_len = ballot_wire_len(s, intent->style, intent->replaced != NULL);
	b->wire = alloc_zero(1, b->wire_len);
	b->openings_len = count * group_scalar_len(m->suite);
	b->openings = mem_secret_alloc(b->openings_len);
	b->selections_len = count;
	b->selections = mem_secret_alloc(count * sizeof(*b->selections));
	if (m->revote == REVOTE_LAST)
		b->slip = mem_secret_alloc(sizeof(*b->slip));
	return b->wire == NULL || b->openings == NULL || b->selections == NULL ||
	       (m->revote == REVOTE_LAST && b->slip == NULL) ? ST_NO_MEMORY : ST_OK;
}

/* The slip's key pair: of the secret that the maker wants, or a fresh one. */
static void make_slip(struct ballot_locked *b, struct element *key, const struct group *g,
                      const struct ballot_intent *intent)
{
	if (intent->slip == NULL) {
		schnorr_keygen(g, b->slip, key);
		return;
	}
	*b->slip = *intent->slip;
	group_mul_base(g, key, b->slip);
}

/* Type, style, device and, under revote "last", what it replaces and a slip key. */
static void write_head(struct writer *w, struct ballot_locked *b, const struct manifest *m,
                       const struct ballot_intent *intent)
{
	static const uint8_t NOTHING[BALLOT_TRACKER_BYTES];
	struct element slip_key;
	uint8_t *room;

	writer_u8(w, TX_BALLOT);
	writer_u16(w, intent->style);
	writer_bytes(w, intent->device, 32);
	if (b->slip == NULL)
		return;
	writer_bytes(w, intent->replaced == NULL ? NOTHING : intent->replaced,
	             BALLOT_TRACKER_BYTES);
	make_slip(b, &slip_key, m->suite, intent);
	room = writer_room(w, group_element_len(m->suite));
	if (room != NULL)
		group_encode(m->suite, room, &slip_key);
}

/* Decode our own bytes with an empty witness, so that commitment and tracker are the reader's. */
static enum status view(struct ballot *out, const struct ballot_locked *b,
                        const struct manifest *m)
{
	struct tx tx;
	enum status st = tx_decode(&tx, b->wire, b->wire_len);

	return st == ST_OK ? ballot_decode(out, m, &tx) : st;
}

/* The prover's scratch: values as it wants them, and its secrets. */
static enum status prove(struct ballot_locked *b, const struct ballotproof_setup *setup,
                         const uint8_t *ctx, const struct ballot_intent *intent,
                         uint8_t *ciphertexts, uint8_t *proof)
{
	uint64_t *values = mem_secret_alloc(b->selections_len * sizeof(*values));
	struct scalar *secrets = mem_secret_alloc(ballotproof_secrets_len(setup->layout) *
	                                          sizeof(*secrets));
	enum status st = ST_NO_MEMORY;

	if (values == NULL || secrets == NULL)
		goto out;
	for (size_t i = 0; i < b->selections_len; i++)
		values[i] = b->selections[i];
	st = ballotproof_prove(ciphertexts, proof, b->openings, secrets, setup, ctx, values,
	                       intent->device_secret, intent->device_secret_len);
out:
	mem_secret_free(values);
	mem_secret_free(secrets);
	return st;
}

/* The maker checks as every receiver will: a fault of the machine shows before it is cast. */
static enum status self_check(const struct ballotproof_setup *setup, const uint8_t *ctx,
                              const struct ballot_body *body)
{
	struct ballotproof_work work = {
		.points_len = ballotproof_work_points(setup->g, setup->layout),
		.scalars_len = ballotproof_work_scalars(setup->layout),
	};
	const struct ballotproof_bytes bytes = {
		.ciphertexts = body->ciphertexts,
		.ciphertexts_len = ballotproof_ciphertexts_len(setup->g, setup->layout),
		.proof = body->proof, .proof_len = body->proof_len,
	};
	enum status st = ST_NO_MEMORY;

	work.points = alloc_zero(work.points_len, sizeof(*work.points));
	work.scalars = alloc_zero(work.scalars_len, sizeof(*work.scalars));
	if (work.points != NULL && work.scalars != NULL)
		st = ballotproof_verify(setup, &work, ctx, &bytes);
	free(work.points);
	free(work.scalars);
	return st == ST_OK || st == ST_NO_MEMORY ? st : ST_INTERNAL;
}

static enum status lock(struct ballot_locked *b, const struct ballot_setup *s,
                        const struct ballot_intent *intent)
{
	const struct manifest *m = s->manifest;
	const struct ballotproof_setup setup = ballot_setup_style(s, intent->style);
	uint8_t ctx[BALLOTPROOF_CTX_BYTES];
	uint8_t *ciphertexts, *proof;
	struct ballot ballot;
	struct writer w;
	enum status st;

	writer_init(&w, b->wire, b->wire_len);
	write_head(&w, b, m, intent);
	ciphertexts = writer_room(&w, ballotproof_ciphertexts_len(m->suite, setup.layout));
	proof = writer_room(&w, ballotproof_len(m->suite, setup.layout));
	b->body_len = w.pos;
	writer_bytes(&w, intent->credential->key_bytes, group_element_len(m->suite));
	writer_bytes(&w, intent->blinding, CREDENTIAL_BLINDING_BYTES);
	if (w.failed || ciphertexts == NULL || proof == NULL)
		return ST_INTERNAL;
	if ((st = view(&ballot, b, m)) != ST_OK)
		return st;
	ballot_context(ctx, s, &ballot.body);
	if ((st = prove(b, &setup, ctx, intent, ciphertexts, proof)) != ST_OK ||
	    (st = view(&ballot, b, m)) != ST_OK ||
	    (st = self_check(&setup, ctx, &ballot.body)) != ST_OK)
		return st;
	memcpy(b->tracker, ballot.body.tracker, sizeof(b->tracker));
	memcpy(b->commitment, ballot.body.commitment, sizeof(b->commitment));
	memcpy(b->replaces, ballot.body.replaces, sizeof(b->replaces));
	return ST_OK;
}

enum status ballot_lock(struct ballot_locked **out, const struct ballot_setup *s,
                        const struct ballot_intent *intent, const uint32_t *selections,
                        size_t selections_len)
{
	struct ballot_locked *b = NULL;
	enum status st;

	*out = NULL;
	if (intent->style >= s->manifest->styles_len)
		return ST_STYLE;
	if (selections_len != s->manifest->styles[intent->style].ciphertexts_len)
		return ST_RANGE;
	if (intent->replaced != NULL && (s->manifest->revote != REVOTE_LAST ||
	                                 intent->old_slip == NULL))
		return ST_TRACKER;
	if ((st = allocate(&b, s, intent)) == ST_OK) {
		memcpy(b->selections, selections, selections_len * sizeof(*selections));
		st = lock(b, s, intent);
	}
	if (st != ST_OK) {
		ballot_locked_free(b);
		return st;
	}
	*out = b;
	return ST_OK;
}

enum status ballot_cast(struct ballot_locked *b, const struct ballot_setup *s,
                        const struct ballot_intent *intent)
{
	const struct group *g = s->manifest->suite;
	struct element old_key;
	struct ballot ballot;
	struct message m;
	struct writer w;
	uint8_t *room;
	enum status st;

	if (b->openings == NULL)
		return ST_PHASE;   /* it was opened, or cast before */
	wipe_opening(b);       /* spent, even if we fail below */
	writer_init(&w, b->wire, b->wire_len);
	w.pos = b->body_len + group_element_len(g) + CREDENTIAL_BLINDING_BYTES;
	if ((st = view(&ballot, b, s->manifest)) != ST_OK)
		return st;
	m = ballot_message(s, "ballot", &ballot.body);
	room = writer_room(&w, schnorr_len(g));
	if (room == NULL)
		return ST_INTERNAL;
	if ((st = schnorr_sign(g, room, &intent->credential->secret, &m)) != ST_OK)
		return st;
	if (intent->replaced == NULL)
		return ST_OK;
	group_mul_base(g, &old_key, intent->old_slip);
	room = writer_room(&w, group_element_len(g));
	if (room == NULL)
		return ST_INTERNAL;
	group_encode(g, room, &old_key);
	m = ballot_message(s, "revote", &ballot.body);
	room = writer_room(&w, schnorr_len(g));
	return room == NULL ? ST_INTERNAL : schnorr_sign(g, room, intent->old_slip, &m);
}

enum status ballot_open_test(struct ballot_locked *b, uint16_t kiosk,
                             const uint8_t kiosk_key[static 32], uint8_t *out, size_t cap,
                             size_t *len)
{
	const size_t device = 1 + sizeof(uint16_t), replaced = device + 32;
	size_t rest = b->slip == NULL ? replaced : replaced + BALLOT_TRACKER_BYTES;
	struct writer w;

	if (b->openings == NULL)
		return ST_PHASE;
	writer_init(&w, out, cap);
	writer_u8(&w, TX_TEST);
	writer_u16(&w, kiosk);
	writer_bytes(&w, kiosk_key, TX_KEY_BYTES);
	/* The body without its type byte, commitments closed: one behind the style, and one in the
	 * place of the tracker that it would have replaced. */
	writer_bytes(&w, b->wire + 1, sizeof(uint16_t));
	writer_bytes(&w, b->commitment, sizeof(b->commitment));
	writer_bytes(&w, b->wire + device, 32);
	if (b->slip != NULL)
		writer_bytes(&w, b->replaces, sizeof(b->replaces));
	writer_bytes(&w, b->wire + rest, b->body_len - rest);
	writer_bytes(&w, b->openings, b->openings_len);
	for (size_t i = 0; i < b->selections_len; i++)
		writer_u32(&w, b->selections[i]);
	wipe_opening(b);
	/* Closed commitments are published: what opens them must not outlive the decision. */
	mem_wipe(b->wire + b->body_len, b->wire_len - b->body_len);
	if (b->slip != NULL)
		mem_wipe(b->wire + replaced, BALLOT_TRACKER_BYTES);
	return writer_end(&w, len);
}
