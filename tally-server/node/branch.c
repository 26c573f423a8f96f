/*
 * branch.c: moving between branches; what becomes final: see branch.h.
 */
#include "tally-server/node/branch_impl.h"

#include "common/base/alloc.h"
#include "common/election/chain_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- birth and death ------------------------------------------------------------------------- */

enum status branch_new(struct branch **out, const struct branch_config *cfg)
{
	struct branch *b = alloc_zero(1, sizeof(*b));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (b == NULL)
		return st;
	b->cfg = *cfg;
	block_id(b->tip_id, &cfg->tip);
	b->built = malloc(BLOCK_BODY_BYTES_MAX);
	if (b->built == NULL || (st = checker_new(&b->checker)) != ST_OK ||
	    (st = verdict_cache_new(&b->verdicts, VERDICTS_MAX)) != ST_OK) {
		branch_free(b);
		return st;
	}
	b->params = election_params(cfg->election);
	*out = b;
	return ST_OK;
}

void branch_restart(struct branch *b, const struct block_header *tip)
{
	assert(b->stack_len == 0);
	b->cfg.tip = *tip;
	block_id(b->tip_id, tip);
	params_unref(b->params);
	b->params = election_params(b->cfg.election);
}

void branch_free(struct branch *b)
{
	if (b == NULL)
		return;
	branch_begin(b);
	while (b->blocks > 0)
		branch_block_free(b, b->blocks - 1);
	params_unref(b->params);
	verdict_cache_free(b->verdicts);
	checker_free(b->checker);
	free(b->others);
	free(b->built);
	free(b);
}

void branch_begin(struct branch *b)
{
	while (b->loans > 0)
		free(b->loan[--b->loans]);
	b->loan_bytes = 0;
}

/* --- the table ------------------------------------------------------------------------------- */

struct branch_block *branch_find(const struct branch *b, const uint8_t id[static 32])
{
	for (size_t i = 0; i < b->blocks; i++)
		if (memcmp(b->block[i]->id, id, 32) == 0)
			return b->block[i];
	return NULL;
}

void branch_block_free(struct branch *b, size_t at)
{
	struct branch_block *blk = b->block[at];

	if (blk->at_work)
		work_wait(b->cfg.work);   /* its job borrows the body */
	if (blk->mark != NO_MARK) {
		pool_unmark(b->cfg.pool, blk->mark);
		b->marks &= ~((uint64_t)1 << blk->mark);
	}
	b->bytes -= blk->header.body_len;
	b->block[at] = b->block[--b->blocks];
	free(blk->body);
	free(blk->ids);
	free(blk);
}

static int compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, TX_ID_BYTES);
}

static bool has_id(const struct branch_block *blk, const uint8_t id[static 32])
{
	return blk->valid && bsearch(id, blk->ids, blk->header.n_items, TX_ID_BYTES,
	                             compare_ids) != NULL;
}

/* --- moving ---------------------------------------------------------------------------------- */

const struct block_header *branch_top(const struct branch *b)
{
	return b->stack_len == 0 ? &b->cfg.tip : &b->stack[b->stack_len - 1]->header;
}

static bool stack_has(const struct branch *b, const struct branch_block *blk, size_t *depth)
{
	for (*depth = b->stack_len; *depth > 0; (*depth)--)
		if (b->stack[*depth - 1] == blk)
			return true;
	return false;
}

/* The blocks from where the state's branch and this one part, nearest last.  *keep: stack kept. */
static enum status path_to(const struct branch *b, struct branch_block **path, size_t *len,
                           size_t *keep, const uint8_t id[static 32])
{
	const uint8_t *at = id;

	for (*len = 0; memcmp(at, b->tip_id, sizeof(b->tip_id)) != 0; (*len)++) {
		struct branch_block *blk = branch_find(b, at);

		if (blk == NULL || !blk->valid)
			return ST_NOT_FOUND;
		if (stack_has(b, blk, keep))
			return ST_OK;
		if (*len == STACK_MAX)
			return ST_AGAIN;
		path[*len] = blk;
		at = blk->header.parent;
	}
	*keep = 0;
	return ST_OK;
}

static enum status forward(struct branch *b, const struct branch_block *blk)
{
	struct chain_fault fault;

	return b->stack_len == STACK_MAX ? ST_AGAIN :
	       chain_accept(b->cfg.election, b->checker, b->verdicts, branch_top(b), &blk->header,
	                    blk->body, blk->header.body_len, &fault);
}

enum status branch_stand(struct branch *b, const uint8_t id[static 32])
{
	struct branch_block *path[STACK_MAX];
	size_t len, keep;
	enum status st = path_to(b, path, &len, &keep, id);

	if (st != ST_OK)
		return st;
	if (b->stack_len > keep)
		work_wait(b->cfg.work);   /* its snapshot may borrow from what is undone */
	for (; b->stack_len > keep; b->stack_len--)
		if ((st = election_pop(b->cfg.election)) != ST_OK)
			return st;
	while (len > 0) {
		if ((st = forward(b, path[--len])) != ST_OK)
			return st == ST_NO_MEMORY || st == ST_AGAIN ? st : ST_INTERNAL;
		b->stack[b->stack_len++] = path[len];
	}
	return ST_OK;
}

/* --- valid blocks ---------------------------------------------------------------------------- */

static enum status note_ids(struct branch *b, struct branch_block *blk)
{
	uint32_t n = blk->header.n_items;
	struct reader r;
	const uint8_t *item;
	size_t len;
	struct tx tx;
	enum status st = ST_OK;

	blk->ids = alloc_zero(n + (size_t)1, sizeof(*blk->ids));
	if (blk->ids == NULL)
		return ST_NO_MEMORY;
	reader_init(&r, blk->body, blk->header.body_len);
	for (uint32_t i = 0; st == ST_OK && i < n; i++)
		if ((st = block_item_next(&r, &item, &len)) == ST_OK &&
		    (st = tx_decode(&tx, item, len)) == ST_OK)
			st = chain_tx_id(blk->ids[i], b->cfg.manifest, &tx);
	if (n > 1)
		qsort(blk->ids, n, sizeof(*blk->ids), compare_ids);
	return st;
}

static void mark_items(struct branch *b, struct branch_block *blk)
{
	for (uint32_t i = 0; i < blk->header.n_items; i++) {
		struct pool_entry *e = pool_find(b->cfg.pool, blk->ids[i]);

		if (e != NULL)
			pool_mark(b->cfg.pool, e, blk->mark);
	}
}

enum status branch_undo(struct branch *b, enum status why)
{
	work_wait(b->cfg.work);
	return election_pop(b->cfg.election) == ST_OK ? why : ST_INTERNAL;
}

enum status branch_settle(struct branch *b, struct branch_block *blk)
{
	const struct election_params *p;
	enum status st = note_ids(b, blk);

	if (st != ST_OK)
		return branch_undo(b, st);
	p = election_params(b->cfg.election);
	memcpy(blk->params, p->hash, sizeof(blk->params));
	params_unref(p);
	for (blk->mark = 0; b->marks >> blk->mark & 1; blk->mark++)
		;
	b->marks |= (uint64_t)1 << blk->mark;
	blk->valid = true;
	b->stack[b->stack_len++] = blk;
	mark_items(b, blk);
	return ST_OK;
}

enum status branch_accept(struct branch *b, struct branch_block *blk)
{
	enum status st;

	if (b->marks == UINT64_MAX)
		return ST_AGAIN;
	return (st = forward(b, blk)) == ST_OK ? branch_settle(b, blk) : st;
}

/* --- final blocks ---------------------------------------------------------------------------- */

const struct block_header *branch_tip(const struct branch *b)
{
	return &b->cfg.tip;
}

const uint8_t *branch_tip_id(const struct branch *b)
{
	return b->tip_id;
}

enum election_phase branch_phase(const struct branch *b)
{
	return b->params->phase;
}

const struct election_params *branch_params(const struct branch *b)
{
	return params_ref(b->params);
}

const uint8_t *branch_params_hash(const struct branch *b)
{
	return b->params->hash;
}

static enum status put(struct branch *b, const struct branch_block *blk,
                       const struct branch_final *final, branch_final_fn *each, void *ctx)
{
	struct reader r;
	const uint8_t *item;
	size_t len;
	struct facts f;
	enum status st = chain_store_put(b->cfg.store, b->cfg.manifest, &blk->header, blk->body,
	                                 blk->header.body_len, final->certificate);

	reader_init(&r, blk->body, blk->header.body_len);
	while (st == ST_OK && block_item_next(&r, &item, &len) == ST_OK) {
		if ((st = facts_of(&f, b->cfg.manifest, item, len)) != ST_OK)
			break;
		if (!f.has_tracker)
			st = branch_note_final(b, f.id);
		if (each != NULL)
			each(ctx, &f);
	}
	return st;
}

/* What stands on the chain need not wait any more. */
static void forget_items(struct branch *b, const struct branch_block *blk)
{
	for (uint32_t i = 0; i < blk->header.n_items; i++) {
		struct pool_entry *e = pool_find(b->cfg.pool, blk->ids[i]);

		if (e != NULL)
			pool_remove(b->cfg.pool, e);
	}
}

/* The tip moves on to the lowest block of the stack. */
static void advance(struct branch *b, struct branch_block *blk)
{
	b->cfg.tip = blk->header;
	memcpy(b->tip_id, blk->id, sizeof(b->tip_id));
	memmove(b->stack, b->stack + 1, (b->stack_len - 1) * sizeof(b->stack[0]));
	b->stack_len--;
	election_seal(b->cfg.election, b->cfg.tip.height);
	for (size_t i = b->blocks; i > 0; i--)
		if (b->block[i - 1]->header.view <= b->cfg.tip.view)
			branch_block_free(b, i - 1);
}

enum status branch_deliver(struct branch *b, const struct branch_final *final,
                           branch_final_fn *each, void *ctx)
{
	struct branch_block *blk = branch_find(b, final->id);
	bool new_params;
	size_t depth;
	enum status st;

	if (blk == NULL || blk->bad != ST_OK)
		return ST_NOT_FOUND;
	if (blk->valid && !stack_has(b, blk, &depth) && (st = branch_stand(b, blk->id)) != ST_OK)
		return st;
	if (!blk->valid && ((st = branch_stand(b, b->tip_id)) != ST_OK ||
	                    (st = branch_accept(b, blk)) != ST_OK))
		return st;
	assert(b->stack[0] == blk);
	if ((st = put(b, blk, final, each, ctx)) != ST_OK)
		return st;
	forget_items(b, blk);
	new_params = memcmp(blk->params, b->params->hash, sizeof(blk->params)) != 0;
	if (new_params && b->stack_len > 1 && (st = branch_stand(b, blk->id)) != ST_OK)
		return st;   /* the snapshot is read from the state */
	if (new_params) {
		params_unref(b->params);
		b->params = election_params(b->cfg.election);
	}
	advance(b, blk);
	return ST_OK;
}

/* Where an id is, or would be, among the others. */
static size_t other_place(const struct branch *b, const uint8_t id[static 32], bool *found)
{
	size_t low = 0, high = b->others_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = memcmp(b->others[mid], id, TX_ID_BYTES);

		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*found = low < b->others_len && memcmp(b->others[low], id, TX_ID_BYTES) == 0;
	return low;
}

enum status branch_note_final(struct branch *b, const uint8_t id[static 32])
{
	bool found;
	size_t at = other_place(b, id, &found);

	if (found)
		return ST_OK;
	if (b->others_len == b->others_cap) {
		size_t cap = b->others_cap == 0 ? 256 : 2 * b->others_cap;
		void *more = reallocarray(b->others, cap, sizeof(*b->others));

		if (more == NULL)
			return ST_NO_MEMORY;
		b->others = more;
		b->others_cap = cap;
	}
	memmove(b->others + at + 1, b->others + at, (b->others_len - at) * sizeof(*b->others));
	memcpy(b->others[at], id, TX_ID_BYTES);
	b->others_len++;
	return ST_OK;
}

/* --- transactions ---------------------------------------------------------------------------- */

void branch_learn(struct branch *b, const struct verdict *v)
{
	verdict_cache_put(b->verdicts, v);
}

enum status branch_try(struct branch *b, const struct tx *tx, const struct verdict *v)
{
	const struct election_params *p = election_params(b->cfg.election);
	bool fits = memcmp(p->hash, v->params, sizeof(v->params)) == 0;
	enum status st;

	params_unref(p);
	if (!fits && (st = branch_stand(b, b->tip_id)) != ST_OK)
		return st;
	return election_would_apply(b->cfg.election, tx, v);
}

enum status branch_try_final(struct branch *b, const struct tx *tx, const struct verdict *v)
{
	enum status st = branch_stand(b, b->tip_id);

	return st == ST_OK ? election_would_apply(b->cfg.election, tx, v) : st;
}

void branch_mark(struct branch *b, struct pool_entry *e)
{
	for (size_t i = 0; i < b->blocks; i++)
		if (has_id(b->block[i], e->id))
			pool_mark(b->cfg.pool, e, b->block[i]->mark);
}

static bool find_tracker(const struct branch *b, struct ballot_record *out, const uint8_t *tracker)
{
	return election_find(b->cfg.election, tracker, out) == ST_OK &&
	       memcmp(out->tracker, tracker, sizeof(out->tracker)) == 0;
}

bool branch_is_final(const struct branch *b, const uint8_t *tracker, const uint8_t id[static 32])
{
	struct ballot_record r;
	bool found;

	if (tracker != NULL)
		return find_tracker(b, &r, tracker) && r.height <= b->cfg.tip.height;
	(void)other_place(b, id, &found);
	return found;
}

bool branch_holds(const struct branch *b, const uint8_t *tracker, const uint8_t id[static 32])
{
	struct ballot_record r;

	if (tracker != NULL)
		return find_tracker(b, &r, tracker);
	if (branch_is_final(b, NULL, id))
		return true;
	for (size_t i = 0; i < b->stack_len; i++)
		if (has_id(b->stack[i], id))
			return true;
	return false;
}
