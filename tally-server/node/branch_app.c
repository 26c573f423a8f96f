/*
 * branch_app.c: the application of consensus.h: bodies, verdicts, new blocks: see branch.h.
 */
#include "tally-server/node/branch_impl.h"

#include "common/base/alloc.h"
#include "common/base/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- bodies ---------------------------------------------------------------------------------- */

static enum status app_put(void *ctx, const struct block_header *header,
                           const uint8_t id[static 32], const uint8_t *body, size_t body_len)
{
	struct branch *b = ctx;
	struct branch_block *blk;

	if (branch_find(b, id) != NULL)
		return ST_OK;
	if (b->blocks == BRANCH_BLOCKS_MAX || body_len > BRANCH_BYTES_MAX - b->bytes)
		return ST_NO_MEMORY;
	blk = alloc_zero(1, sizeof(*blk));
	if (blk == NULL)
		return ST_NO_MEMORY;
	if (body_len > 0 && (blk->body = malloc(body_len)) == NULL) {
		free(blk);
		return ST_NO_MEMORY;
	}
	if (body_len > 0)
		memcpy(blk->body, body, body_len);
	blk->header = *header;
	blk->header.body_len = (uint32_t)body_len;
	memcpy(blk->id, id, sizeof(blk->id));
	blk->mark = NO_MARK;
	b->block[b->blocks++] = blk;
	b->bytes += body_len;
	return ST_OK;
}

/* A final block, from the store.  Its body is lent until branch_begin. */
static enum status lend(struct branch *b, struct block_header *header, const uint8_t **body,
                        size_t *body_len, const uint8_t id[static 32])
{
	uint64_t height;
	uint8_t *copy;
	enum status st;

	if (b->loans == LOANS_MAX || b->loan_bytes > LOAN_BYTES_MAX)
		return ST_NO_MEMORY;
	if ((st = store_height_of(b->cfg.store, &height, id)) != ST_OK ||
	    (st = store_block(b->cfg.store, height, header, &copy, body_len)) != ST_OK)
		return st;
	b->loan[b->loans++] = copy;
	b->loan_bytes += *body_len;
	*body = copy;
	return ST_OK;
}

static enum status app_get(void *ctx, struct block_header *header, const uint8_t **body,
                           size_t *body_len, const uint8_t id[static 32])
{
	struct branch *b = ctx;
	const struct branch_block *blk = branch_find(b, id);

	if (blk == NULL)
		return lend(b, header, body, body_len, id);
	*header = blk->header;
	*body = blk->body;
	*body_len = blk->header.body_len;
	return ST_OK;
}

static enum status app_committed(void *ctx, uint8_t id[static 32], uint64_t height)
{
	const struct branch *b = ctx;

	return store_id_of(b->cfg.store, id, height);
}

static enum status app_certified(void *ctx, uint64_t *height, struct certificate *cert,
                                 uint64_t from, uint64_t to)
{
	const struct branch *b = ctx;
	struct certified_head head;
	enum status st = store_certified(b->cfg.store, &head, from, to);

	if (st != ST_OK)
		return st;
	*height = head.header.height;
	*cert = head.certificate;
	return ST_OK;
}

/* --- what waits ------------------------------------------------------------------------------ */

/* The marks of a branch and the snapshot after it.  An unknown one: the final chain. */
static const uint8_t *marks_of(const struct branch *b, uint64_t *marks, const uint8_t *parent)
{
	const struct branch_block *top = branch_find(b, parent);
	const struct branch_block *at = top;

	*marks = 0;
	if (top == NULL || !top->valid)
		return b->params->hash;
	for (; at != NULL && at->valid; at = branch_find(b, at->header.parent))
		*marks |= (uint64_t)1 << at->mark;
	return top->params;
}

static void app_pending(void *ctx, struct consensus_pending *out, const uint8_t parent[static 32])
{
	struct branch *b = ctx;
	struct pool_waiting waiting;
	uint64_t marks;
	const uint8_t *params = marks_of(b, &marks, parent);

	pool_waiting(b->cfg.pool, &waiting, params, marks);
	out->count = waiting.count;
	out->oldest_ms = waiting.oldest_ms;
}

/* --- building -------------------------------------------------------------------------------- */

/* The waiting entries, oldest first, as far as a block could hold them. */
static size_t choose(struct branch *b, struct chain_candidate *out, const uint8_t *params,
                     uint64_t marks, uint32_t max)
{
	size_t len = 0, bytes = 0;
	struct tx tx;

	for (struct pool_entry *e = pool_first(b->cfg.pool); e != NULL && len < max;
	     e = pool_next(e)) {
		if (!pool_is_waiting(e, params, marks))
			continue;
		if (len > 0 && bytes + e->wire_len + 4 > LIMIT_BLOCK_BYTES)
			break;
		if (tx_decode(&tx, e->wire, e->wire_len) == ST_OK &&
		    chain_candidate_init(&out[len], b->cfg.manifest, &tx, &e->verdict) == ST_OK) {
			bytes += e->wire_len + 4;
			len++;
		}
	}
	return len;
}

bool branch_is_hopeless(enum status st)
{
	return st != ST_OK && st != ST_AGAIN && st != ST_EARLY && st != ST_NO_MEMORY &&
	       st != ST_ORDER && st != ST_LIMIT && st != ST_UNVERIFIED;
}

/* What the rules refused on the final chain will not wait; on a branch it waits for its fate. */
static void drop_refused(struct branch *b, const struct chain_candidate *c, size_t len,
                         bool on_final)
{
	for (size_t i = 0; i < len; i++) {
		struct pool_entry *e = pool_find(b->cfg.pool, c[i].verdict.id);

		if (e == NULL || c[i].taken == ST_OK || c[i].taken == ST_AGAIN)
			continue;
		if (on_final && branch_is_hopeless(c[i].taken))
			pool_remove(b->cfg.pool, e);
		else if (c[i].taken != ST_ORDER)
			pool_set_flags(b->cfg.pool, e, e->flags | POOL_PARKED);
	}
}

/* The block that was just built is the state's tip: it is kept as if it had been judged. */
static enum status keep_built(struct branch *b, const struct block_header *header)
{
	uint8_t id[BLOCK_ID_BYTES];
	struct branch_block *blk;
	enum status st;

	block_id(id, header);
	st = app_put(b, header, id, b->built, header->body_len);
	if (st == ST_OK && (blk = branch_find(b, id)) != NULL && !blk->valid)
		return branch_settle(b, blk);
	return branch_undo(b, st == ST_OK ? ST_AGAIN : st);
}

static enum status build_on(struct branch *b, struct block_header *header,
                            const struct consensus_limits *limits, bool on_final)
{
	uint64_t marks;
	const uint8_t *params = marks_of(b, &marks, header->parent);
	struct chain_candidate *c = alloc_zero(limits->items + (size_t)1, sizeof(*c));
	size_t len;
	enum status st;

	if (c == NULL)
		return ST_NO_MEMORY;
	len = choose(b, c, params, marks, limits->items);
	st = chain_build(b->cfg.election, c, len, header, b->built);
	if (st == ST_OK)
		drop_refused(b, c, len, on_final);
	free(c);
	if (st != ST_OK)
		return st;
	/* When nothing of it can enter there is no reason for a block. */
	return len > 0 && header->n_items == 0 && on_final ? branch_undo(b, ST_AGAIN)
	                                                   : keep_built(b, header);
}

static enum status app_build(void *ctx, struct block_header *header, const uint8_t **body,
                             size_t *body_len, const struct block_header *parent,
                             const uint8_t parent_id[static 32],
                             const struct consensus_limits *limits)
{
	struct branch *b = ctx;
	bool on_final = memcmp(parent_id, b->tip_id, sizeof(b->tip_id)) == 0;
	uint64_t now = b->cfg.minutes();
	enum status st;

	if (b->marks == UINT64_MAX)
		return ST_AGAIN;
	if ((st = branch_stand(b, parent_id)) != ST_OK)
		return st;
	header->time_min = now > parent->time_min ? (uint32_t)now : parent->time_min;
	st = build_on(b, header, limits, on_final);
	*body = b->built;
	*body_len = header->body_len;
	return st;
}

/* --- judging --------------------------------------------------------------------------------- */

/* Has every transaction of the block a verdict against the snapshot it meets? */
static bool has_verdicts(const struct branch *b, const struct branch_block *blk,
                         const struct election_params *p)
{
	struct verdict v;
	struct reader r;
	const uint8_t *item;
	size_t len;
	struct tx tx;

	memcpy(v.params, p->hash, sizeof(v.params));
	reader_init(&r, blk->body, blk->header.body_len);
	while (block_item_next(&r, &item, &len) == ST_OK) {
		if (tx_decode(&tx, item, len) != ST_OK ||
		    chain_tx_id(v.id, b->cfg.manifest, &tx) != ST_OK)
			return true;   /* chain_accept says what is wrong with it */
		if (!verdict_cache_has(b->verdicts, &v))
			return false;
	}
	return true;
}

static bool needs_worker(struct branch *b, struct branch_block *blk)
{
	const struct election_params *p = election_params(b->cfg.election);
	bool needs = !has_verdicts(b, blk, p);

	params_unref(p);
	blk->wants_work = needs;
	return needs;
}

/* Once for a block: the machine asks again at each of its steps. */
static void say_untimely(struct branch_block *blk, uint64_t clock_min)
{
	const struct block_header *h = &blk->header;
	bool is_ahead = h->time_min > clock_min;
	struct log_line line;

	if (blk->told)
		return;
	blk->told = true;
	log_begin(&line, LOG_LEVEL_WARN, "vote-withheld");
	log_number(&line, "height", h->height);
	log_number(&line, "view", h->view);
	log_number(&line, "node", h->proposer);
	log_number(&line, is_ahead ? "minutes-ahead" : "minutes-behind",
	           is_ahead ? h->time_min - clock_min : clock_min - h->time_min);
	log_end(&line);
}

static enum consensus_verdict app_check(void *ctx, enum status *why,
                                        const struct block_header *header,
                                        const uint8_t id[static 32], bool certified)
{
	struct branch *b = ctx;
	struct branch_block *blk = branch_find(b, id);
	uint64_t now = b->cfg.minutes();
	enum status st;

	if (blk == NULL)
		return CONSENSUS_WAIT;
	if (blk->valid)
		return CONSENSUS_VALID;
	*why = blk->bad;
	if (blk->bad != ST_OK)
		return CONSENSUS_INVALID;
	if (!certified && !consensus_is_timely(header->time_min, now)) {
		say_untimely(blk, now);
		return CONSENSUS_WAIT;
	}
	if (branch_stand(b, header->parent) != ST_OK || blk->at_work || needs_worker(b, blk))
		return CONSENSUS_WAIT;
	st = branch_accept(b, blk);
	if (st == ST_OK)
		return CONSENSUS_VALID;
	if (st == ST_NO_MEMORY || st == ST_AGAIN || st == ST_INTERNAL)
		return CONSENSUS_WAIT;
	blk->bad = st;
	*why = st;
	return CONSENSUS_INVALID;
}

/* --- the worker ------------------------------------------------------------------------------ */

static struct branch_block *next_to_judge(const struct branch *b)
{
	struct branch_block *first = NULL;

	for (size_t i = 0; i < b->blocks; i++)
		if (b->block[i]->wants_work &&
		    (first == NULL || b->block[i]->header.height < first->header.height))
			first = b->block[i];
	return first;
}

bool branch_fill(struct branch *b, struct work_job *job)
{
	struct branch_block *blk = next_to_judge(b);
	struct verdict v;
	struct reader r;
	const uint8_t *item;
	size_t len;
	struct tx tx;

	if (blk == NULL)
		return false;
	blk->wants_work = false;
	if (branch_stand(b, blk->header.parent) != ST_OK)
		return false;   /* it is asked for again if it still matters */
	job->params = election_params(b->cfg.election);
	memcpy(v.params, job->params->hash, sizeof(v.params));
	reader_init(&r, blk->body, blk->header.body_len);
	while (job->len < WORK_MAX && block_item_next(&r, &item, &len) == ST_OK &&
	       tx_decode(&tx, item, len) == ST_OK) {
		if (chain_tx_id(v.id, b->cfg.manifest, &tx) != ST_OK ||
		    verdict_cache_has(b->verdicts, &v))
			continue;
		job->owner[job->len] = NULL;
		job->txs[job->len++] = tx;
	}
	memcpy(job->block, blk->id, sizeof(job->block));
	blk->at_work = true;
	return true;
}

void branch_judged(struct branch *b, const struct work_job *job)
{
	struct branch_block *blk = branch_find(b, job->block);

	for (size_t i = 0; i < job->len; i++) {
		if (job->results[i] == ST_OK)
			verdict_cache_put(b->verdicts, &job->verdicts[i]);
		else if (blk != NULL && blk->bad == ST_OK && job->results[i] != ST_NO_MEMORY)
			blk->bad = job->results[i];
	}
	if (blk != NULL)
		blk->at_work = false;
}

struct consensus_app branch_app(struct branch *b)
{
	return (struct consensus_app){
		.ctx = b, .pending = app_pending, .build = app_build, .check = app_check,
		.put = app_put, .get = app_get, .committed = app_committed,
		.certified = app_certified,
	};
}
