/*
 * deliver.c: final blocks: into the store, and to whom they concern.
 *
 * Invariant: a receipt is given out only after its block and certificate are in the store.
 */
#include "tally-server/node/node.h"

#include "common/base/alloc.h"
#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/log.h"

#include <stdlib.h>
#include <string.h>

/* What is noticed while blocks go into the store. */
struct noticed {
	struct node *n;
	uint32_t types;                /* bit t: a transaction of enum tx_type t */
	uint32_t *voters;              /* whose ballots became final */
	size_t voters_len, voters_cap;
	uint8_t (*trackers)[32];       /* that somebody asked for; at most ASKS_MAX */
	size_t trackers_len;
};

static void notice(void *ctx, const struct facts *f)
{
	struct noticed *x = ctx;
	uint32_t voter = facts_voter(f, x->n->election);

	x->types |= 1u << f->tx.type;
	if (voter != POOL_NOBODY && x->voters_len < x->voters_cap)
		x->voters[x->voters_len++] = voter;
	if (f->has_tracker && x->trackers_len < ASKS_MAX &&
	    asks_has(x->n->asks, MESSAGE_RECEIPT, f->tracker))
		memcpy(x->trackers[x->trackers_len++], f->tracker, 32);
}

/* --- the store ------------------------------------------------------------------------------- */

/* Who skipped which view, and who notarized: kept for ever, so that a fork names its authors. */
static void archive(struct node *n, enum vote_type type, uint64_t view)
{
	struct certificate c;
	struct log_line line;
	enum status st;

	if (consensus_certificate(n->core, &c, type, view) != ST_OK ||
	    (st = store_put_certificate(n->store, &c)) == ST_OK)
		return;
	log_begin(&line, LOG_LEVEL_WARN, "certificate-not-kept");
	log_text(&line, "type", vote_type_name(type));
	log_number(&line, "view", view);
	log_status(&line, "why", st);
	log_end(&line);
}

static void archive_views(struct node *n, const struct block_header *h)
{
	archive(n, VOTE_NOTARIZE, h->view);
	for (uint64_t v = h->parent_view + 1; v < h->view; v++)
		archive(n, VOTE_NULLIFY, v);
}

static enum status put_all(struct node *n, const struct consensus_update *up, struct noticed *x)
{
	enum status st = store_begin(n->store);

	for (size_t i = 0; st == ST_OK && i < up->delivery_count; i++) {
		const struct consensus_delivery *d = &up->deliveries[i];
		const struct branch_final final = {
			.id = d->id, .certificate = d->has_cert ? &d->cert : NULL,
		};

		if ((st = branch_deliver(n->branch, &final, notice, x)) == ST_OK)
			archive_views(n, &d->header);
	}
	if (st != ST_OK) {
		store_rollback(n->store);
		return st;
	}
	crash_point("store-put");
	if ((st = store_commit(n->store)) == ST_OK)
		crash_point("store-commit");
	return st;
}

/* --- to whom it concerns --------------------------------------------------------------------- */

static void say_block(const struct consensus_delivery *d)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_INFO, "block-final");
	log_number(&line, "height", d->header.height);
	log_number(&line, "view", d->header.view);
	log_number(&line, "items", d->header.n_items);
	log_number(&line, "proposer", d->header.proposer);
	log_hex(&line, "id", d->id, sizeof(d->id));
	log_end(&line);
}

static int compare_kiosks(const void *a, const void *b)
{
	const struct node_kiosk *x = a, *y = b;

	return memcmp(x->key, y->key, sizeof(x->key));
}

void deliver_kiosks(struct node *n)
{
	uint8_t (*keys)[LINK_KEY_BYTES] = alloc_zero(LIMIT_KIOSKS + 1, sizeof(*keys));
	struct params_device device;
	struct log_line line;
	enum status st = ST_NO_MEMORY;

	n->kiosks = 0;
	for (uint32_t i = 0; i < LIMIT_KIOSKS; i++) {
		if (election_device(n->election, i, &device) != ST_OK)
			continue;
		n->kiosk[n->kiosks].number = i;
		memcpy(n->kiosk[n->kiosks++].key, device.curve_key, LINK_KEY_BYTES);
	}
	/* The node's own tools come by the same door, while there is room. */
	if (n->kiosks < LIMIT_KIOSKS) {
		n->kiosk[n->kiosks].number = LIMIT_KIOSKS;
		memcpy(n->kiosk[n->kiosks++].key, n->curve_key, LINK_KEY_BYTES);
	}
	qsort(n->kiosk, n->kiosks, sizeof(n->kiosk[0]), compare_kiosks);
	if (keys != NULL) {
		for (size_t i = 0; i < n->kiosks; i++)
			memcpy(keys[i], n->kiosk[i].key, LINK_KEY_BYTES);
		st = link_kiosk_keys(n->link, keys[0], n->kiosks);
	}
	free(keys);
	if (st == ST_OK)
		return;
	log_begin(&line, LOG_LEVEL_ERROR, "kiosks-not-admitted");
	log_status(&line, "why", st);
	log_end(&line);
}

void deliver_phase(struct node *n)
{
	enum election_phase phase = branch_phase(n->branch);
	struct log_line line;

	if (phase == n->phase)
		return;
	n->phase = phase;
	cosign_soon(n);
	log_begin(&line, LOG_LEVEL_INFO, "phase");
	log_text(&line, "name", election_phase_name(phase));
	log_number(&line, "height", branch_tip(n->branch)->height);
	log_end(&line);
}

static void tell(struct node *n, const struct consensus_update *up, const struct noticed *x,
                 const uint8_t *old_params)
{
	for (size_t i = 0; i < up->delivery_count; i++)
		say_block(&up->deliveries[i]);
	deliver_phase(n);
	if (x->types & 1u << TX_DEVICE)
		deliver_kiosks(n);
	pool_unpark(n->pool);
	if (memcmp(old_params, branch_params_hash(n->branch), 32) != 0)
		admit_recheck(n);
	else
		admit_review(n, x->voters, x->voters_len, x->types);
	for (size_t i = 0; i < x->trackers_len; i++)
		door_final(n, x->trackers[i]);
}

enum status deliver_all(struct node *n, const struct consensus_update *up)
{
	struct noticed x = { .n = n };
	uint8_t old_params[32];
	enum status st = ST_NO_MEMORY;

	for (size_t i = 0; i < up->delivery_count; i++)
		x.voters_cap += up->deliveries[i].header.n_items;
	x.voters = alloc_zero(x.voters_cap + 1, sizeof(*x.voters));
	x.trackers = alloc_zero(ASKS_MAX, sizeof(*x.trackers));
	memcpy(old_params, branch_params_hash(n->branch), sizeof(old_params));
	if (x.voters != NULL && x.trackers != NULL && (st = put_all(n, up, &x)) == ST_OK)
		tell(n, up, &x, old_params);
	free(x.voters);
	free(x.trackers);
	n->tick = true;   /* there may be more to deliver, or to build on this */
	return st;
}
