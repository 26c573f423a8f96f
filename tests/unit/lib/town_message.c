/*
 * town_message.c: what the people of a town say: see town.h.
 */
#include "tests/unit/lib/town.h"

#include "common/base/alloc.h"
#include "common/election/state.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/threshold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROOM = 1 << 18 };

/* A body under construction. */
struct draft {
	uint8_t *buf;
	struct writer w;
};

static struct draft begin(enum tx_type type)
{
	struct draft d = { .buf = malloc(ROOM) };

	assert_non_null(d.buf);
	writer_init(&d.w, d.buf, ROOM);
	tx_begin(&d.w, type);
	return d;
}

static struct town_tx end(struct draft *d)
{
	struct town_tx tx = { .wire = d->buf };

	assert_int_equal(writer_end(&d->w, &tx.len), ST_OK);
	return tx;
}

static struct message statement(struct town *t, const struct draft *d)
{
	const struct election_params *p = election_params(t->e);
	struct message m = check_message(p, (enum tx_type)d->buf[0], d->buf + 1, d->w.pos - 1);

	params_unref(p);   /* the state holds it still */
	return m;
}

static struct town_tx sign(struct town *t, struct draft *d, const struct sign_secret *secret)
{
	const struct message m = statement(t, d);
	uint8_t sig[64];

	sign_message(secret, sig, &m);
	writer_bytes(&d->w, sig, sizeof(sig));
	return end(d);
}

struct town_tx town_message(struct town *t, enum tx_type type, unsigned int trustee,
                            const void *message, size_t len)
{
	struct draft d = begin(type);

	tx_trustee_message_body(&d.w, (uint8_t)trustee, message, len);
	return sign(t, &d, &t->trustee[trustee - 1]);
}

/* --- ceremony -------------------------------------------------------------------------------- */

static struct dkg_deal *make_deal(struct town *t, unsigned int trustee)
{
	struct dkg_deal *deal = alloc_zero(1, sizeof(*deal));

	assert_non_null(deal);
	assert_int_equal(dkg_deal_make(&t->e->dkg, deal, &t->self[trustee - 1]), ST_OK);
	return deal;
}

struct town_tx town_commit(struct town *t, unsigned int trustee)
{
	struct dkg_deal *deal = make_deal(t, trustee);
	uint8_t commit[DKG_COMMIT_BYTES];

	dkg_commit(&t->e->dkg, commit, (uint8_t)trustee, deal);
	free(deal);
	return town_message(t, TX_DKG_COMMIT, trustee, commit, sizeof(commit));
}

struct town_tx town_deal(struct town *t, unsigned int trustee)
{
	struct dkg_deal *deal = make_deal(t, trustee);
	size_t len = dkg_deal_len(&t->e->dkg);
	uint8_t *bytes = malloc(len);
	struct town_tx tx;

	assert_non_null(bytes);
	dkg_deal_encode(&t->e->dkg, bytes, deal);
	tx = town_message(t, TX_DKG_DEAL, trustee, bytes, len);
	free(bytes);
	free(deal);
	return tx;
}

static struct dkg_deal *deal_on_chain(struct town *t, unsigned int dealer)
{
	const struct params_blob *b = &t->e->now.deal[dealer - 1];
	struct dkg_deal *deal = alloc_zero(1, sizeof(*deal));

	assert_non_null(deal);
	assert_int_equal(dkg_deal_decode(&t->e->dkg, deal, b->bytes, b->len), ST_OK);
	return deal;
}

struct town_tx town_complain(struct town *t, unsigned int trustee)
{
	struct dkg_complaint list[DKG_MAX];
	size_t count = 0;
	size_t len;
	uint8_t bytes[8192];

	for (unsigned int i = 1; i <= t->n; i++) {
		struct dkg_deal *deal;
		struct scalar share;

		if (i == trustee || trustee_in(t->e->now.excluded, i))
			continue;
		deal = deal_on_chain(t, i);
		if (dkg_share_open(&t->e->dkg, &share, &t->self[trustee - 1], (uint8_t)i,
		                   deal) != ST_OK)
			assert_int_equal(dkg_complaint_make(&t->e->dkg, &list[count++],
			                                    &t->self[trustee - 1], (uint8_t)i,
			                                    deal), ST_OK);
		free(deal);
	}
	len = dkg_complaints_len(&t->e->dkg, count);
	assert_true(len <= sizeof(bytes));
	dkg_complaints_encode(&t->e->dkg, bytes, list, count);
	return town_message(t, TX_DKG_COMPLAIN, trustee, bytes, len);
}

struct town_tx town_confirm(struct town *t, unsigned int trustee)
{
	struct draft d = begin(TX_DKG_CONFIRM);

	tx_confirm_body(&d.w, (uint8_t)trustee, t->e->now.step_block, t->e->now.confirm_hash);
	return sign(t, &d, &t->trustee[trustee - 1]);
}

static void take_shares(struct town *t)
{
	const struct dkg_deal *deals[DKG_MAX] = { NULL };
	struct dkg_deal *mine[DKG_MAX] = { NULL };

	for (unsigned int i = 1; i <= t->n; i++)
		if (!trustee_in(t->e->now.excluded, i))
			deals[i - 1] = mine[i - 1] = deal_on_chain(t, i);
	for (unsigned int i = 1; i <= t->n; i++)
		if (deals[i - 1] != NULL)
			assert_int_equal(dkg_share_sum(&t->e->dkg, &t->share[i - 1], &t->self[i - 1],
			                               t->e->now.keys, deals), ST_OK);
	for (unsigned int i = 0; i < t->n; i++)
		free(mine[i]);
}

typedef struct town_tx (*town_say)(struct town *t, unsigned int trustee);

static void step(struct town *t, town_say say, trustee_set by)
{
	struct town_tx txs[LIMIT_TRUSTEES];
	trustee_set present = by & (trustee_set)~t->e->now.excluded;
	size_t len = 0;

	for (unsigned int i = 1; i <= t->n; i++)
		if (trustee_in(present, i))
			txs[len++] = say(t, i);
	town_block(t, txs, len);
	if ((present | t->e->now.excluded) != town_everyone(t))
		town_block_one(t, town_phase(t, TX_ADVANCE, present));
}

void town_ceremony(struct town *t, trustee_set by)
{
	step(t, town_commit, by);
	step(t, town_deal, by);
	step(t, town_complain, by);
	step(t, town_confirm, by);
	assert_int_equal(election_phase(t->e), PHASE_ENROL);
	take_shares(t);
}

/* --- phases ---------------------------------------------------------------------------------- */

static struct town_tx cosign(struct town *t, struct draft *d, trustee_set by)
{
	const struct message m = statement(t, d);
	uint8_t trustees[LIMIT_TRUSTEES], sigs[LIMIT_TRUSTEES][64];
	unsigned int count = 0;

	for (unsigned int i = 1; i <= t->n; i++) {
		if (!trustee_in(by, i))
			continue;
		trustees[count] = (uint8_t)i;
		sign_message(&t->trustee[i - 1], sigs[count++], &m);
	}
	tx_cosign_list(&d->w, trustees, (const uint8_t (*)[64])sigs, count);
	return end(d);
}

struct town_tx town_cosign(struct town *t, const uint8_t *body, size_t len, trustee_set by)
{
	struct draft d = { .buf = malloc(ROOM) };

	assert_non_null(d.buf);
	writer_init(&d.w, d.buf, ROOM);
	writer_bytes(&d.w, body, len);
	return cosign(t, &d, by);
}

struct town_tx town_phase(struct town *t, enum tx_type type, trustee_set by)
{
	struct draft d = begin(type);
	const struct roll *roll = election_roll(t->e);
	uint8_t y[GROUP_ELEMENT_BYTES_MAX];

	if (type == TX_ADVANCE) {
		tx_advance_body(&d.w, (uint8_t)t->e->now.phase, t->e->now.anchor);
	} else if (type == TX_OPEN) {
		assert_non_null(roll);
		group_encode(t->m->suite, y, &t->e->now.keys->y);
		tx_open_body(&d.w, t->e->now.anchor, roll->root, roll->count, roll->weight_sum, y,
		             group_element_len(t->m->suite));
	} else {
		tx_step_body(&d.w, t->e->now.anchor);
	}
	return cosign(t, &d, by);
}

/* --- enrolment ------------------------------------------------------------------------------- */

struct town_tx town_roll(struct town *t, const uint16_t *styles, const uint32_t *weights,
                         uint32_t voters)
{
	const struct group *g = t->m->suite;
	size_t entry_len = roll_entry_len(g);
	uint8_t *entries = malloc(voters * entry_len + 1);
	struct draft d = begin(TX_ROLL);
	struct writer w;

	assert_non_null(entries);
	assert_true(voters <= TOWN_VOTERS);
	writer_init(&w, entries, voters * entry_len);
	for (uint32_t i = 0; i < voters; i++) {
		struct credential_code code;
		struct roll_entry e = { .weight = weights == NULL ? 1 : weights[i],
		                        .style = styles == NULL ? 0 : styles[i] };

		credential_code_generate(&code);
		assert_int_equal(credential_derive(&t->voter[i], g, t->m->election_id, &code), ST_OK);
		e.key = t->voter[i].key_bytes;
		roll_entry_write(&w, g, &e);
	}
	roll_sort(g, entries, voters);
	t->voters = voters;
	tx_roll_body(&d.w, 0, 1, entries, voters * entry_len);
	free(entries);
	return sign(t, &d, &t->registrar);
}

struct town_tx town_device(struct town *t, uint16_t kiosk)
{
	struct draft d = begin(TX_DEVICE);
	uint8_t curve[32];

	rng_bytes(curve, sizeof(curve));
	tx_device_body(&d.w, kiosk, t->kiosk_key, curve, "Hall, left");
	return sign(t, &d, &t->officer);
}

void town_enrol(struct town *t, const uint16_t *styles, const uint32_t *weights, uint32_t voters)
{
	struct town_tx txs[2] = { town_roll(t, styles, weights, voters), town_device(t, 0) };

	town_block(t, txs, 2);
}

void town_open(struct town *t)
{
	trustee_set by = town_everyone(t) & (trustee_set)~t->e->now.excluded;

	town_block_one(t, town_phase(t, TX_OPEN, by));
	assert_int_equal(ballot_setup_new(&t->setup, t->m, &t->e->now.keys->y, 4), ST_OK);
}

void town_close_and_end(struct town *t)
{
	trustee_set by = town_everyone(t) & (trustee_set)~t->e->now.excluded;

	town_block_one(t, town_phase(t, TX_CLOSE, by));
	town_block_one(t, town_phase(t, TX_END, by));
}

/* --- result ---------------------------------------------------------------------------------- */

struct town_tx town_share(struct town *t, unsigned int trustee)
{
	const struct election_params *p = election_params(t->e);
	struct element *partial = alloc_zero(p->sums->count, sizeof(*partial));
	size_t len = thdec_share_len(t->m->suite, p->sums->count);
	uint8_t *bytes = malloc(len);
	uint8_t proof[DLEQ_BYTES_MAX];
	struct town_tx tx;

	assert_non_null(partial);
	assert_non_null(bytes);
	assert_int_equal(thdec_share_make(p->sums, partial, proof, (uint8_t)trustee,
	                                  &t->share[trustee - 1], &p->share_key[trustee - 1]),
	                 ST_OK);
	thdec_share_encode(t->m->suite, bytes, partial, p->sums->count, proof);
	tx = town_message(t, TX_SHARE, trustee, bytes, len);
	params_unref(p);
	free(partial);
	free(bytes);
	return tx;
}

struct town_tx town_result(struct town *t, trustee_set by)
{
	struct draft d = begin(TX_RESULT);
	size_t room = election_tally(t->e)->aggregates_len;
	uint64_t *counts = alloc_zero(room + 1, sizeof(*counts));
	uint32_t len;

	assert_non_null(counts);
	assert_int_equal(election_combine(t->e, counts, room, &len), ST_OK);
	tx_result_body(&d.w, t->e->now.anchor, t->e->now.end_height, counts, len);
	free(counts);
	return cosign(t, &d, by);
}

void town_finish(struct town *t)
{
	trustee_set by = town_everyone(t) & (trustee_set)~t->e->now.excluded;
	unsigned int have = 0;

	for (unsigned int i = 1; i <= t->n && have < t->m->threshold; i++) {
		if (election_tally(t->e)->opened_len == 0 || !trustee_in(by, i))
			continue;
		town_block_one(t, town_share(t, i));
		have++;
	}
	town_block_one(t, town_result(t, by));
	assert_int_equal(election_phase(t->e), PHASE_FINAL);
}

/* --- ballots --------------------------------------------------------------------------------- */

static struct town_tx make_ballot(struct town *t, uint32_t voter, struct ballot_intent *intent,
                                  const uint32_t *selections, size_t len, struct scalar *slip,
                                  uint8_t *tracker)
{
	uint8_t blinding[32], device[32];
	struct ballot_locked *b;
	struct town_tx tx;

	rng_bytes(blinding, sizeof(blinding));
	rng_bytes(device, sizeof(device));
	intent->credential = &t->voter[voter];
	intent->blinding = blinding;
	intent->device = device;
	assert_int_equal(ballot_lock(&b, t->setup, intent, selections, len), ST_OK);
	if (slip != NULL)
		*slip = *b->slip;
	if (tracker != NULL)
		memcpy(tracker, b->tracker, 32);
	assert_int_equal(ballot_cast(b, t->setup, intent), ST_OK);
	tx.len = b->wire_len;
	tx.wire = malloc(tx.len);
	assert_non_null(tx.wire);
	memcpy(tx.wire, b->wire, tx.len);
	ballot_locked_free(b);
	return tx;
}

struct town_tx town_ballot(struct town *t, uint32_t voter, uint16_t style,
                           const uint32_t *selections, size_t len)
{
	struct ballot_intent intent = { .style = style };

	return make_ballot(t, voter, &intent, selections, len, NULL, NULL);
}

struct town_tx town_reballot(struct town *t, uint32_t voter, uint16_t style,
                             const uint32_t *selections, size_t len, const uint8_t *replaced,
                             const struct scalar *old_slip, struct scalar *slip,
                             uint8_t tracker[static 32])
{
	struct ballot_intent intent = { .style = style, .replaced = replaced, .old_slip = old_slip };

	return make_ballot(t, voter, &intent, selections, len, slip, tracker);
}

struct town_tx town_test(struct town *t, uint32_t voter, uint16_t style,
                         const uint32_t *selections, size_t len)
{
	uint8_t blinding[32], device[32];
	struct ballot_intent intent = { .style = style, .credential = &t->voter[voter],
	                                .blinding = blinding, .device = device };
	struct draft d = { .buf = malloc(ROOM) };
	struct ballot_locked *b;
	size_t written;

	assert_non_null(d.buf);
	rng_bytes(blinding, sizeof(blinding));
	rng_bytes(device, sizeof(device));
	assert_int_equal(ballot_lock(&b, t->setup, &intent, selections, len), ST_OK);
	assert_int_equal(ballot_open_test(b, 0, t->kiosk_key, d.buf, ROOM, &written), ST_OK);
	assert_int_equal(ballot_cast(b, t->setup, &intent), ST_PHASE);
	ballot_locked_free(b);
	writer_init(&d.w, d.buf, ROOM);
	d.w.pos = written;
	return sign(t, &d, &t->kiosk);
}
