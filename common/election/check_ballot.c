/*
 * check_ballot.c: proofs and signatures of ballots and tests, one by one and in batches.
 *
 * What is cheap comes first (attacks N76): bytes, roll, style, then keys and signatures, then the
 * proof.
 *
 * Invariant: a batch and a single check accept the same set; whatever a batch refuses is checked
 * again alone, so that the reason is the same too.
 */
#include "common/election/check_ballot.h"

#include "common/base/alloc.h"
#include "common/election/ballot.h"
#include "crypto/batch.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHECK_ITEMS_MAX = 1024,
	CHECK_TERMS_MAX = 24576,
	CHECK_ROWS_MAX = 24576
};

/* A ballot whose bytes, roll entry and keys are in order: what is left are equations. */
struct prepared {
	struct ballot b;
	struct ballotproof_setup setup;
	struct ballotproof_bytes bytes;
	struct element credential;
	struct element old_slip;
	uint8_t ctx[BALLOTPROOF_CTX_BYTES];
};

/* --- what both ways begin with ---------------------------------------------------------------- */

/* A key that signs: canonical and not the identity. */
static enum status decode_key(const struct group *g, struct element *out, const uint8_t *bytes)
{
	enum status st = group_decode_var(g, out, bytes);

	if (st != ST_OK)
		return st;
	return group_is_identity(g, out) ? ST_KEY : ST_OK;
}

static void prepare_proof(const struct election_params *p, const struct ballot_body *body,
                          struct ballotproof_setup *setup, struct ballotproof_bytes *bytes,
                          uint8_t *ctx)
{
	*setup = ballot_setup_style(p->ballots, body->style);
	bytes->ciphertexts = body->ciphertexts;
	bytes->ciphertexts_len = ballotproof_ciphertexts_len(setup->g, setup->layout);
	bytes->proof = body->proof;
	bytes->proof_len = body->proof_len;
	ballot_context(ctx, p->ballots, body);
}

/* protocol.md §7: the slip key that a later ballot would have to hold is a key at all. */
static enum status check_slip_key(const struct election_params *p, const struct ballot_body *body)
{
	struct element key;

	return body->slip_key == NULL ? ST_OK :
	       decode_key(p->manifest->suite, &key, body->slip_key);
}

static enum status prepare(const struct election_params *p, const struct tx *tx,
                           struct prepared *out)
{
	const struct group *g = p->manifest->suite;
	struct roll_entry entry;
	uint32_t voter;
	enum status st;

	if ((st = ballot_decode(&out->b, p->manifest, tx)) != ST_OK)
		return st;
	voter = roll_find(p->roll, out->b.credential);
	if (voter == ROLL_NONE)
		return ST_ROLL;
	roll_at(p->roll, voter, &entry);
	if (entry.style != out->b.body.style)
		return ST_STYLE;
	if ((st = decode_key(g, &out->credential, out->b.credential)) != ST_OK ||
	    (st = check_slip_key(p, &out->b.body)) != ST_OK)
		return st;
	if (out->b.old_slip_key != NULL &&
	    (st = decode_key(g, &out->old_slip, out->b.old_slip_key)) != ST_OK)
		return st;
	prepare_proof(p, &out->b.body, &out->setup, &out->bytes, out->ctx);
	return ST_OK;
}

/* --- scratch --------------------------------------------------------------------------------- */

static void work_free(struct ballotproof_work *w)
{
	free(w->points);
	free(w->scalars);
	*w = (struct ballotproof_work){ 0 };
}

static enum status work_fit(struct ballotproof_work *w, const struct ballotproof_setup *setup)
{
	size_t points = ballotproof_work_points(setup->g, setup->layout);
	size_t scalars = ballotproof_work_scalars(setup->layout);

	if (w->points_len >= points && w->scalars_len >= scalars)
		return ST_OK;
	work_free(w);
	w->points = alloc_zero(points, sizeof(*w->points));
	w->scalars = alloc_zero(scalars, sizeof(*w->scalars));
	if (w->points == NULL || w->scalars == NULL) {
		work_free(w);
		return ST_NO_MEMORY;
	}
	w->points_len = points;
	w->scalars_len = scalars;
	return ST_OK;
}

/* --- one by one ------------------------------------------------------------------------------ */

static enum status verify_signatures(const struct election_params *p, const struct prepared *r)
{
	const struct group *g = p->manifest->suite;
	struct message m = ballot_message(p->ballots, "ballot", &r->b.body);
	enum status st = schnorr_verify(g, &r->credential, &m, r->b.signature, schnorr_len(g));

	if (st != ST_OK || r->b.old_slip_key == NULL)
		return st;
	m = ballot_message(p->ballots, "revote", &r->b.body);
	return schnorr_verify(g, &r->old_slip, &m, r->b.old_signature, schnorr_len(g));
}

static enum status check_ballot(const struct election_params *p, const struct tx *tx, uint8_t *id)
{
	struct prepared r;
	struct ballotproof_work work = { 0 };
	enum status st;

	if ((st = prepare(p, tx, &r)) != ST_OK ||
	    (st = verify_signatures(p, &r)) != ST_OK ||
	    (st = work_fit(&work, &r.setup)) != ST_OK)
		return st;
	st = ballotproof_verify(&r.setup, &work, r.ctx, &r.bytes);
	memcpy(id, r.b.id, TX_ID_BYTES);
	work_free(&work);
	return st;
}

static enum status check_test(const struct election_params *p, const struct tx *tx, uint8_t *id)
{
	struct ballot_test t;
	struct ballotproof_setup setup;
	struct ballotproof_bytes bytes;
	struct ballotproof_work work = { 0 };
	struct message m;
	uint8_t ctx[BALLOTPROOF_CTX_BYTES];
	uint64_t values[LIMIT_BALLOT_CIPHERTEXTS];
	enum status st;

	if ((st = ballot_test_decode(&t, p->manifest, tx)) != ST_OK)
		return st;
	m = check_message(p, TX_TEST, t.sig.body, t.sig.body_len);
	if ((st = sign_verify(t.kiosk_key, t.sig.sig, &m)) != ST_OK ||
	    (st = check_slip_key(p, &t.body)) != ST_OK)
		return st;
	prepare_proof(p, &t.body, &setup, &bytes, ctx);
	if ((st = work_fit(&work, &setup)) != ST_OK)
		return st;
	for (size_t i = 0; i < t.body.ciphertexts_len; i++)
		values[i] = ballot_test_selection(&t, p->manifest, i);
	st = ballotproof_opened(&setup, &work, ctx, &bytes, t.openings,
	                        ballotproof_openings_len(setup.g, setup.layout),
	                        values, t.body.ciphertexts_len);
	memcpy(id, t.id, TX_ID_BYTES);
	work_free(&work);
	return st;
}

enum status check_ballot_once(const struct election_params *p, const struct tx *tx,
                              uint8_t id[static TX_ID_BYTES])
{
	return tx->type == TX_BALLOT ? check_ballot(p, tx, id) : check_test(p, tx, id);
}

/* --- in batches ------------------------------------------------------------------------------ */

struct checker {
	void *mem;
	size_t mem_len;
	struct ballotproof_work work;
	size_t bad[CHECK_ITEMS_MAX];
	size_t items[CHECK_ITEMS_MAX];   /* item of the batch -> index of the transaction */
	size_t items_len;
};

enum status checker_new(struct checker **out)
{
	*out = alloc_zero(1, sizeof(**out));
	return *out == NULL ? ST_NO_MEMORY : ST_OK;
}

void checker_free(struct checker *c)
{
	if (c == NULL)
		return;
	work_free(&c->work);
	free(c->mem);
	free(c);
}

static enum status collect_signature(struct batch *b, const struct election_params *p,
                                     const struct prepared *r, const char *purpose,
                                     const struct element *pk, const uint8_t *sig)
{
	const struct group *g = p->manifest->suite;
	const struct message m = ballot_message(p->ballots, purpose, &r->b.body);
	struct schnorr_claim claim;
	enum status st = schnorr_claim(g, &claim, pk, &m, sig, schnorr_len(g));

	if (st == ST_OK)
		batch_schnorr(b, BALLOTPROOF_BASE_G, pk, &claim);
	return st;
}

static enum status collect(struct checker *c, struct batch *b, const struct election_params *p,
                           const struct prepared *r)
{
	size_t terms = ballotproof_batch_terms(r->setup.layout) + 4;
	enum status st;

	if ((st = work_fit(&c->work, &r->setup)) != ST_OK ||
	    (st = batch_item_open(b, terms, ballotproof_batch_row(r->setup.layout))) != ST_OK)
		return st;
	if ((st = collect_signature(b, p, r, "ballot", &r->credential, r->b.signature)) != ST_OK ||
	    (r->b.old_slip_key != NULL &&
	     (st = collect_signature(b, p, r, "revote", &r->old_slip, r->b.old_signature)) != ST_OK) ||
	    (st = ballotproof_collect(b, &r->setup, &c->work, r->ctx, &r->bytes)) != ST_OK) {
		batch_item_drop(b);
		return st;
	}
	batch_item_close(b);
	return ST_OK;
}

/* The batch refused it: alone, it says the first reason of protocol.md §7.7. */
static enum status reason_alone(const struct election_params *p, const struct tx *tx)
{
	uint8_t id[TX_ID_BYTES];
	enum status st = check_ballot_once(p, tx, id);

	return st == ST_OK ? ST_INTERNAL : st;   /* batch and single must agree */
}

/* Verify what was collected. */
static void settle(struct checker *c, struct batch *b, const struct election_params *p,
                   const struct tx *txs, enum status *results)
{
	size_t bad_len = 0;

	if (c->items_len > 0 && batch_verify(b, c->bad, &bad_len) != ST_OK)
		for (size_t i = 0; i < bad_len; i++)
			results[c->items[c->bad[i]]] = reason_alone(p, &txs[c->items[c->bad[i]]]);
	batch_reset(b);
	c->items_len = 0;
}

static enum status ready(struct checker *c, struct batch *b, const struct election_params *p)
{
	const struct batch_room room = {
		.items = CHECK_ITEMS_MAX, .terms = CHECK_TERMS_MAX, .rows = CHECK_ROWS_MAX,
	};
	size_t need = batch_bytes(p->manifest->suite, p->ballots->bases_len, &room);

	if (need == 0)
		return ST_INTERNAL;
	if (c->mem_len < need) {
		free(c->mem);
		c->mem_len = 0;
		need = (need + 63) / 64 * 64;
		c->mem = aligned_alloc(64, need);
		if (c->mem == NULL)
			return ST_NO_MEMORY;
		c->mem_len = need;
	}
	batch_init(b, p->manifest->suite, p->ballots->bases, p->ballots->bases_len, &room, c->mem,
	           c->mem_len);
	return ST_OK;
}

/* One ballot into the batch; settles and tries again when the batch is full. */
static enum status take(struct checker *c, struct batch *b, const struct election_params *p,
                        const struct tx *txs, size_t at, enum status *results,
                        struct verdict *verdict)
{
	struct prepared r;
	enum status st = prepare(p, &txs[at], &r);

	if (st != ST_OK)
		return st;
	memcpy(verdict->id, r.b.id, sizeof(verdict->id));
	st = collect(c, b, p, &r);
	if (st == ST_AGAIN && c->items_len > 0) {
		settle(c, b, p, txs, results);
		st = collect(c, b, p, &r);
	}
	if (st == ST_AGAIN)
		return check_ballot_once(p, &txs[at], verdict->id);   /* larger than any batch */
	if (st == ST_NO_MEMORY)
		return st;
	if (st != ST_OK)
		return reason_alone(p, &txs[at]);
	c->items[c->items_len++] = at;
	return ST_OK;
}

void checker_run(struct checker *c, const struct election_params *p, const struct tx *txs,
                 size_t len, enum status *results, struct verdict *verdicts)
{
	bool batching = p->ballots != NULL && check_is_of_phase(TX_BALLOT, p->phase);
	struct batch *b = batching ? alloc_zero(1, sizeof(*b)) : NULL;

	if (b != NULL && ready(c, b, p) != ST_OK) {
		free(b);
		b = NULL;
	}
	c->items_len = 0;
	for (size_t i = 0; i < len; i++) {
		memcpy(verdicts[i].params, p->hash, sizeof(verdicts[i].params));
		if (b != NULL && txs[i].type == TX_BALLOT)
			results[i] = take(c, b, p, txs, i, results, &verdicts[i]);
		else
			results[i] = election_check(p, &txs[i], &verdicts[i]);
	}
	if (b != NULL) {
		settle(c, b, p, txs, results);
		batch_wipe(b);
	}
	free(b);
	for (size_t i = 0; i < len; i++)
		if (results[i] != ST_OK)
			mem_wipe(&verdicts[i], sizeof(verdicts[i]));
}
