/*
 * cmd_ceremony.c: ceremony and check-key.
 *
 * What a trustee says in the ceremony is a function of its key file and the chain (crypto/dkg.h),
 * so there is no state to lose: running the command again says the same again.
 */
#include "tally-server/trustee/trustee.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "crypto/dkg.h"
#include "crypto/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message under construction; guarded because deals are made from secrets. */
struct work {
	struct dkg_self *self;               /* guarded */
	struct dkg_deal *deal;
	struct dkg_deal *on_chain[DKG_MAX];
	uint8_t *tx;
	size_t tx_len;
};

static void work_free(struct work *w)
{
	mem_secret_free(w->self);
	free(w->deal);
	for (size_t i = 0; i < DKG_MAX; i++)
		free(w->on_chain[i]);
	free(w->tx);
}

static enum status work_new(struct work *w, const struct session *s)
{
	*w = (struct work){ 0 };
	w->self = mem_secret_alloc(sizeof(*w->self));
	w->deal = alloc_zero(1, sizeof(*w->deal));
	w->tx = alloc_zero(1, LIMIT_TX_BYTES);
	if (w->self == NULL || w->deal == NULL || w->tx == NULL)
		return ST_NO_MEMORY;
	session_self(s, w->self);
	return ST_OK;
}

static enum status finish(struct work *w, const struct session *s, enum tx_type type,
                          const void *message, size_t len)
{
	struct writer out;
	enum status st;

	writer_init(&out, w->tx, LIMIT_TX_BYTES);
	tx_begin(&out, type);
	tx_trustee_message_body(&out, (uint8_t)s->index, message, len);
	if ((st = writer_end(&out, &w->tx_len)) != ST_OK)
		return st;
	return act_sign(s->params, w->tx, &w->tx_len, LIMIT_TX_BYTES, &s->secret);
}

static enum status say_commit(struct work *w, const struct session *s)
{
	uint8_t commit[DKG_COMMIT_BYTES];
	enum status st = dkg_deal_make(&s->params->dkg, w->deal, w->self);

	if (st != ST_OK)
		return st;
	dkg_commit(&s->params->dkg, commit, (uint8_t)s->index, w->deal);
	return finish(w, s, TX_DKG_COMMIT, commit, sizeof(commit));
}

static enum status say_deal(struct work *w, const struct session *s)
{
	size_t len = dkg_deal_len(&s->params->dkg);
	uint8_t *bytes = alloc_zero(1, len);
	enum status st = ST_NO_MEMORY;

	if (bytes != NULL && (st = dkg_deal_make(&s->params->dkg, w->deal, w->self)) == ST_OK) {
		dkg_deal_encode(&s->params->dkg, bytes, w->deal);
		st = finish(w, s, TX_DKG_DEAL, bytes, len);
	}
	free(bytes);
	return st;
}

/* The deals that count, decoded. */
static enum status read_deals(struct work *w, const struct session *s)
{
	const struct election_params *p = s->params;
	enum status st;

	for (unsigned int i = 1; i <= p->manifest->trustees_len; i++) {
		const struct params_blob *b = &p->deal[i - 1];

		if (b->bytes == NULL || trustee_in(p->excluded, i))
			continue;
		w->on_chain[i - 1] = alloc_zero(1, sizeof(*w->deal));
		if (w->on_chain[i - 1] == NULL)
			return ST_NO_MEMORY;
		if ((st = dkg_deal_decode(&p->dkg, w->on_chain[i - 1], b->bytes, b->len)) != ST_OK)
			return st;
	}
	return ST_OK;
}

static enum status complain_about(struct work *w, const struct session *s, unsigned int dealer,
                                  struct dkg_complaint *list, size_t *count)
{
	struct scalar share;
	enum status st = dkg_share_open(&s->params->dkg, &share, w->self, (uint8_t)dealer,
	                                w->on_chain[dealer - 1]);

	mem_wipe(&share, sizeof(share));
	if (st == ST_OK)
		return ST_OK;
	printf("Trustee %u (%s) dealt you a bad share: you complain, and prove it.\n", dealer,
	       s->audit.manifest->trustees[dealer - 1].name);
	return dkg_complaint_make(&s->params->dkg, &list[(*count)++], w->self, (uint8_t)dealer,
	                          w->on_chain[dealer - 1]);
}

static enum status say_complain(struct work *w, const struct session *s)
{
	struct dkg_complaint list[DKG_MAX];
	size_t count = 0, len;
	uint8_t *bytes;
	enum status st = read_deals(w, s);

	for (unsigned int i = 1; st == ST_OK && i <= s->params->manifest->trustees_len; i++)
		if (i != s->index && w->on_chain[i - 1] != NULL)
			st = complain_about(w, s, i, list, &count);
	if (st != ST_OK)
		return st;
	if (count == 0)
		printf("Every share that you were dealt is good.\n");
	len = dkg_complaints_len(&s->params->dkg, count);
	bytes = alloc_zero(1, len + 1);
	if (bytes == NULL)
		return ST_NO_MEMORY;
	dkg_complaints_encode(&s->params->dkg, bytes, list, count);
	st = finish(w, s, TX_DKG_COMPLAIN, bytes, len);
	free(bytes);
	return st;
}

/* x_j from the deals, compared with Y_j: does this key file open its part? */
static enum status check_share(struct work *w, const struct session *s)
{
	struct dkg_result *keys = alloc_zero(1, sizeof(*keys));
	const struct dkg_deal *deals[DKG_MAX] = { NULL };
	struct scalar *x = mem_secret_alloc(sizeof(*x));
	enum status st = ST_NO_MEMORY;

	if (keys == NULL || x == NULL || (st = read_deals(w, s)) != ST_OK)
		goto out;
	for (size_t i = 0; i < DKG_MAX; i++)
		deals[i] = w->on_chain[i];
	if ((st = dkg_result_make(&s->params->dkg, keys, deals)) == ST_OK)
		st = dkg_share_sum(&s->params->dkg, x, w->self, keys, deals);
out:
	free(keys);
	mem_secret_free(x);
	return st;
}

static enum status say_confirm(struct work *w, const struct session *s)
{
	struct writer out;
	enum status st = check_share(w, s);

	if (st != ST_OK)
		return st;
	printf("Your part of the joint key opens; the transcript is that of the chain.\n");
	writer_init(&out, w->tx, LIMIT_TX_BYTES);
	tx_begin(&out, TX_DKG_CONFIRM);
	tx_confirm_body(&out, (uint8_t)s->index, s->params->step_block, s->params->confirm_hash);
	if ((st = writer_end(&out, &w->tx_len)) != ST_OK)
		return st;
	return act_sign(s->params, w->tx, &w->tx_len, LIMIT_TX_BYTES, &s->secret);
}

/* What is due, if anything: ST_AGAIN when others are, ST_PHASE when the ceremony is over. */
static enum status say_next(struct work *w, const struct session *s)
{
	struct state_summary now;

	election_summary(s->audit.election, &now);
	if (trustee_in(now.excluded, s->index))
		return ST_EXCLUDED;
	if (s->params->phase <= PHASE_CONFIRM && trustee_in(now.acted, s->index))
		return ST_AGAIN;
	switch (s->params->phase) {
	case PHASE_COMMIT:
		return say_commit(w, s);
	case PHASE_DEAL:
		return say_deal(w, s);
	case PHASE_COMPLAIN:
		return say_complain(w, s);
	case PHASE_CONFIRM:
		return say_confirm(w, s);
	case PHASE_ENROL:
	case PHASE_OPEN:
	case PHASE_CLOSED:
	case PHASE_ENDED:
	case PHASE_FINAL:
	case PHASE_FAILED:
		break;
	}
	return ST_PHASE;
}

static void explain(struct fault *fault, const struct session *s, enum status st)
{
	if (st == ST_AGAIN) {
		(void)fault_set(fault, st, "you have done your part of this step");
		fault_why(fault, "The step ends when every trustee has, or when it is advanced.");
		fault_next(fault, "Run this again with a newer archive.");
	} else if (st == ST_PHASE) {
		(void)fault_set(fault, st, "the ceremony is over (%s)",
		                election_phase_name(s->params->phase));
		fault_next(fault, s->params->phase == PHASE_FAILED ? "A new manifest is needed." :
		           "Check your key: tally-trustee check-key");
	} else if (st == ST_EXCLUDED) {
		(void)fault_set(fault, st, "you were excluded from the ceremony");
		fault_why(fault, "A message was missing at `advance`, or a complaint was upheld.");
		fault_next(fault, "The ceremony goes on without you; your node still votes.");
	} else {
		(void)fault_set(fault, st, "the step cannot be made: %s", status_text(st));
	}
}

int run_ceremony(void)
{
	struct fault fault = { 0 };
	struct session s;
	struct work w = { 0 };
	enum status st = session_begin(&s, &fault);

	if (st == ST_OK) {
		print_election(&s.audit);
		if ((st = work_new(&w, &s)) == ST_OK)
			st = say_next(&w, &s);
		crash_point("step-made");
		if (st != ST_OK)
			explain(&fault, &s, st);
		else if ((st = ask_yes("Sign this step?", &fault)) == ST_OK)
			st = office_write(opt.out, w.tx, w.tx_len, &fault);
	}
	work_free(&w);
	session_end(&s);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("transaction=%s\n", opt.out);
	printf("Next: a node submits it: tally-server submit --config node.ini %s\n", opt.out);
	return cli_done(CLI_YES);
}

int run_check_key(void)
{
	struct fault fault = { 0 };
	struct session s;
	struct work w = { 0 };
	enum status st = session_begin(&s, &fault);

	if (st == ST_OK) {
		print_election(&s.audit);
		st = work_new(&w, &s);
		if (st == ST_OK && !s.params->has_key)
			st = ST_PHASE;
		else if (st == ST_OK)
			st = check_share(&w, &s);
		if (st != ST_OK)
			(void)fault_set(&fault, st, st == ST_PHASE ?
			                "the joint key does not stand yet" :
			                "this key file does not open its part of the joint key");
	}
	work_free(&w);
	session_end(&s);
	if (st != ST_OK)
		return cli_fault(&fault);
	printf("key=good\n");
	return cli_done(CLI_YES);
}
