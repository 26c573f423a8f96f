/*
 * chain.c: see chain.h.
 */
#include "common/election/chain.h"

#include "common/base/alloc.h"
#include "common/election/ballot.h"
#include "common/election/genesis.h"
#include "crypto/mem.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* --- verdicts -------------------------------------------------------------------------------- */

struct verdict_cache {
	struct verdict *ring;
	size_t capacity;
	size_t len;
	size_t next;      /* the slot that is written next: the oldest, once full */
	void *root;       /* tree of pointers into ring */
};

static int compare_verdicts(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct verdict));
}

enum status verdict_cache_new(struct verdict_cache **out, size_t capacity)
{
	struct verdict_cache *c = alloc_zero(1, sizeof(*c));

	*out = NULL;
	if (c == NULL)
		return ST_NO_MEMORY;
	c->capacity = capacity;
	c->ring = alloc_zero(capacity, sizeof(*c->ring));
	if (c->ring == NULL) {
		free(c);
		return ST_NO_MEMORY;
	}
	*out = c;
	return ST_OK;
}

static void keep_record(void *record)
{
	(void)record;   /* it lies in the ring */
}

void verdict_cache_free(struct verdict_cache *c)
{
	if (c == NULL)
		return;
	tdestroy(c->root, keep_record);
	free(c->ring);
	free(c);
}

bool verdict_cache_has(const struct verdict_cache *c, const struct verdict *v)
{
	void *root = c->root;

	return tfind(v, &root, compare_verdicts) != NULL;
}

void verdict_cache_put(struct verdict_cache *c, const struct verdict *v)
{
	struct verdict *slot = &c->ring[c->next];

	if (verdict_cache_has(c, v))
		return;
	if (c->len == c->capacity)
		(void)tdelete(slot, &c->root, compare_verdicts);
	else
		c->len++;
	*slot = *v;
	c->next = (c->next + 1) % c->capacity;
	(void)tsearch(slot, &c->root, compare_verdicts);   /* no memory: not remembered, no harm */
}

enum status chain_tx_id(uint8_t id[static TX_ID_BYTES], const struct manifest *m,
                        const struct tx *tx)
{
	struct ballot b;
	enum status st;

	if (tx->type != TX_BALLOT) {
		tx_plain_id(id, tx);
		return ST_OK;
	}
	if ((st = ballot_decode(&b, m, tx)) == ST_OK)
		memcpy(id, b.id, TX_ID_BYTES);
	return st;
}

/* --- accepting ------------------------------------------------------------------------------- */

static enum status fail(struct chain_fault *fault, uint32_t item, enum tx_type type,
                        enum status st)
{
	*fault = (struct chain_fault){ .item = item, .type = type, .st = st };
	return st;
}

/* What can be said of an item without any signature or proof. */
static enum status look_at(const struct election_params *p, const struct tx *tx)
{
	struct ballot b;
	struct ballot_test t;

	if (!check_is_of_phase(tx->type, p->phase))
		return ST_PHASE;
	if (tx->type == TX_BALLOT)
		return ballot_decode(&b, p->manifest, tx);
	return tx->type == TX_TEST ? ballot_test_decode(&t, p->manifest, tx) : ST_OK;
}

/*
 * Items of a body, opened.  txs has n_items.  All are looked at before any is checked, so that a
 * leader does not buy the proofs of 4095 ballots with one that is none (attacks N76).
 */
static enum status open_items(const struct election_params *p, const struct block_header *h,
                              const uint8_t *body, size_t body_len, struct tx *txs,
                              struct chain_fault *fault)
{
	struct reader r;
	const uint8_t *item;
	size_t len;
	enum status st;

	reader_init(&r, body, body_len);
	for (uint32_t i = 0; i < h->n_items; i++) {
		if ((st = block_item_next(&r, &item, &len)) != ST_OK ||
		    (st = tx_decode(&txs[i], item, len)) != ST_OK)
			return fail(fault, i, TX_GENESIS, st);
		if ((st = look_at(p, &txs[i])) != ST_OK)
			return fail(fault, i, txs[i].type, st);
	}
	return ST_OK;
}

/* The check of all items whose verdict is not known yet. */
static enum status judge_items(struct checker *checker, struct verdict_cache *cache,
                               const struct election_params *p, const struct tx *txs, uint32_t n,
                               struct verdict *verdicts, struct chain_fault *fault)
{
	struct tx *todo = alloc_zero(n + (size_t)1, sizeof(*todo));
	uint32_t *place = alloc_zero(n + (size_t)1, sizeof(*place));
	enum status *results = alloc_zero(n + (size_t)1, sizeof(*results));
	struct verdict *fresh = alloc_zero(n + (size_t)1, sizeof(*fresh));
	size_t todo_len = 0;
	enum status st = ST_NO_MEMORY;

	if (todo == NULL || place == NULL || results == NULL || fresh == NULL) {
		st = fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
		goto out;
	}
	for (uint32_t i = 0; i < n; i++) {
		memcpy(verdicts[i].params, p->hash, sizeof(p->hash));
		if (cache != NULL &&
		    chain_tx_id(verdicts[i].id, p->manifest, &txs[i]) == ST_OK &&
		    verdict_cache_has(cache, &verdicts[i]))
			continue;
		todo[todo_len] = txs[i];
		place[todo_len++] = i;
	}
	checker_run(checker, p, todo, todo_len, results, fresh);
	st = ST_OK;
	for (size_t k = 0; st == ST_OK && k < todo_len; k++) {
		if (results[k] != ST_OK) {
			st = fail(fault, place[k], todo[k].type, results[k]);
			break;
		}
		verdicts[place[k]] = fresh[k];
		if (cache != NULL)
			verdict_cache_put(cache, &fresh[k]);
	}
out:
	free(todo);
	free(place);
	free(results);
	free(fresh);
	return st;
}

static enum status apply_items(struct election *e, const struct block_header *h,
                               const struct tx *txs, const struct verdict *verdicts,
                               struct chain_fault *fault)
{
	struct election_digest digest;
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	if ((st = election_begin(e, h->height, h->time_min)) != ST_OK)
		return fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
	for (uint32_t i = 0; i < h->n_items; i++)
		if ((st = election_apply(e, &txs[i], &verdicts[i])) != ST_OK)
			return fail(fault, i, txs[i].type, st);
	if ((st = election_finish(e, &digest)) != ST_OK)
		return fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
	if (digest.log_size != h->log_size ||
	    !mem_is_equal(digest.log_root, h->log_root, sizeof(h->log_root)) ||
	    !mem_is_equal(digest.state_hash, h->state_hash, sizeof(h->state_hash)))
		return fail(fault, CHAIN_NO_ITEM, TX_GENESIS, ST_HASH);
	block_id(id, h);
	if ((st = election_push(e, id)) != ST_OK)
		return fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
	return ST_OK;
}

enum status chain_accept(struct election *e, struct checker *checker,
                         struct verdict_cache *cache, const struct block_header *parent,
                         const struct block_header *header, const uint8_t *body, size_t body_len,
                         struct chain_fault *fault)
{
	const struct election_params *p = NULL;
	struct tx *txs = NULL;
	struct verdict *verdicts = NULL;
	enum status st;

	*fault = (struct chain_fault){ .item = CHAIN_NO_ITEM, .st = ST_OK };
	if ((st = block_follows(header, parent, election_tip(e))) != ST_OK ||
	    (st = block_body_check(header, body, body_len)) != ST_OK)
		return fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
	txs = alloc_zero(header->n_items + (size_t)1, sizeof(*txs));
	verdicts = alloc_zero(header->n_items + (size_t)1, sizeof(*verdicts));
	p = election_params(e);
	st = ST_NO_MEMORY;
	if (txs == NULL || verdicts == NULL) {
		st = fail(fault, CHAIN_NO_ITEM, TX_GENESIS, st);
		goto out;
	}
	if ((st = open_items(p, header, body, body_len, txs, fault)) != ST_OK ||
	    (st = judge_items(checker, cache, p, txs, header->n_items, verdicts, fault)) != ST_OK)
		goto out;
	st = apply_items(e, header, txs, verdicts, fault);
	if (st != ST_OK)
		election_drop(e);
out:
	params_unref(p);
	free(txs);
	free(verdicts);
	return st;
}

/* --- building -------------------------------------------------------------------------------- */

enum status chain_candidate_init(struct chain_candidate *c, const struct manifest *m,
                                 const struct tx *tx, const struct verdict *verdict)
{
	struct ballot b;
	struct ballot_test t;
	enum status st = ST_OK;

	*c = (struct chain_candidate){ .tx = *tx, .verdict = *verdict, .taken = ST_AGAIN };
	memcpy(c->key, verdict->id, sizeof(c->key));
	if (tx->type == TX_BALLOT && (st = ballot_decode(&b, m, tx)) == ST_OK)
		memcpy(c->key, b.body.tracker, sizeof(c->key));
	if (tx->type == TX_TEST && (st = ballot_test_decode(&t, m, tx)) == ST_OK)
		memcpy(c->key, t.body.tracker, sizeof(c->key));
	return st;
}

static bool goes_last(enum tx_type type)
{
	return type == TX_BALLOT || type == TX_TEST;
}

/* protocol.md §7: the order of a block. */
static int compare_candidates(const void *pa, const void *pb)
{
	const struct chain_candidate *a = pa;
	const struct chain_candidate *b = pb;

	if (goes_last(a->tx.type) != goes_last(b->tx.type))
		return goes_last(a->tx.type) ? 1 : -1;
	if (!goes_last(a->tx.type) && a->tx.type != b->tx.type)
		return a->tx.type < b->tx.type ? -1 : 1;
	return memcmp(a->key, b->key, sizeof(a->key));
}

static bool has_room(const struct block_header *h, const struct tx *tx, size_t used)
{
	size_t need = 4 + tx->wire_len;

	return h->n_items == 0 ? need <= BLOCK_BODY_BYTES_MAX : used + need <= LIMIT_BLOCK_BYTES;
}

static bool take_item(struct election *e, struct chain_candidate *c, struct block_header *h,
                      struct writer *w)
{
	if (h->n_items >= LIMIT_BLOCK_ITEMS || !has_room(h, &c->tx, w->pos))
		return false;
	c->taken = election_apply(e, &c->tx, &c->verdict);
	if (c->taken != ST_OK)
		return false;
	block_item_write(w, c->tx.wire, c->tx.wire_len);
	h->n_items++;
	return true;
}

/*
 * A phase change goes alone.  It waits for what arrived before it, so that a ballot is not
 * overtaken by `end`, and not for what came later, so that it is never starved.
 */
static void take_items(struct election *e, struct chain_candidate *candidates, size_t len,
                       struct block_header *h, struct writer *w)
{
	size_t first_change = SIZE_MAX;

	for (size_t i = 0; i < len; i++)
		if (tx_is_phase_change(candidates[i].tx.type) &&
		    candidates[i].arrival < first_change)
			first_change = candidates[i].arrival;
	for (size_t i = 0; i < len; i++)
		if (candidates[i].arrival < first_change)
			(void)take_item(e, &candidates[i], h, w);
	for (size_t i = 0; h->n_items == 0 && i < len; i++)
		if (tx_is_phase_change(candidates[i].tx.type) &&
		    take_item(e, &candidates[i], h, w))
			return;
	if (h->n_items > 0 || first_change == SIZE_MAX)
		return;
	/* Every phase change was refused: the rest goes on without them. */
	for (size_t i = 0; i < len; i++)
		if (!tx_is_phase_change(candidates[i].tx.type))
			(void)take_item(e, &candidates[i], h, w);
}

enum status chain_build(struct election *e, struct chain_candidate *candidates,
                        size_t candidates_len, struct block_header *header, uint8_t *body)
{
	struct election_digest digest;
	uint8_t id[BLOCK_ID_BYTES];
	struct writer w;
	size_t len;
	enum status st;

	for (size_t i = 0; i < candidates_len; i++)
		candidates[i].arrival = i;
	if (candidates_len > 1)
		qsort(candidates, candidates_len, sizeof(*candidates), compare_candidates);
	if ((st = election_begin(e, header->height, header->time_min)) != ST_OK)
		return st;
	header->n_items = 0;
	writer_init(&w, body, BLOCK_BODY_BYTES_MAX);
	take_items(e, candidates, candidates_len, header, &w);
	if ((st = election_finish(e, &digest)) != ST_OK ||
	    (st = writer_end(&w, &len)) != ST_OK) {
		election_drop(e);
		return st;
	}
	header->body_len = (uint32_t)len;
	block_body_hash(header->body_hash, body, len);
	header->log_size = digest.log_size;
	memcpy(header->log_root, digest.log_root, sizeof(header->log_root));
	memcpy(header->state_hash, digest.state_hash, sizeof(header->state_hash));
	block_id(id, header);
	if ((st = election_push(e, id)) != ST_OK)
		election_drop(e);
	return st;
}

enum status chain_genesis(struct block_header *out, const struct election *e)
{
	const struct manifest *m = election_manifest(e);
	uint8_t *body = malloc(m->len + 5);
	struct election_digest digest;

	if (body == NULL)
		return ST_NO_MEMORY;
	if (election_height(e) != 0) {
		free(body);
		return ST_INTERNAL;
	}
	genesis_body(body, m);
	election_digest(e, &digest);
	genesis_header(out, m, body, &digest);
	free(body);
	return ST_OK;
}
