/*
 * app.c: a small application: items are numbers, the state is a digest of all bodies, all items
 * form one RFC 6962 log, an item enters the chain once.  And the store of blocks behind it.
 *
 * Invariant: check is a function of the block and its ancestors, but for WAIT.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- store ---------------------------------------------------------------------------------- */

static size_t hash_of(const uint8_t id[static 32], size_t cap)
{
	uint32_t h;

	memcpy(&h, id, sizeof(h));
	return h & (cap - 1);
}

static struct sim_block *find(const struct replica *r, const uint8_t id[static 32])
{
	if (r->index_cap == 0)
		return NULL;
	for (size_t i = hash_of(id, r->index_cap); r->index[i] != 0;
	     i = (i + 1) & (r->index_cap - 1)) {
		struct sim_block *b = &r->blocks[r->index[i] - 1];

		if (memcmp(b->id, id, 32) == 0)
			return b;
	}
	return NULL;
}

const struct sim_block *app_block(const struct replica *r, const uint8_t id[static 32])
{
	return find(r, id);
}

static void index_put(struct replica *r, uint32_t at)
{
	size_t i = hash_of(r->blocks[at].id, r->index_cap);

	while (r->index[i] != 0)
		i = (i + 1) & (r->index_cap - 1);
	r->index[i] = at + 1;
}

static struct sim_block *add(struct replica *r, const uint8_t id[static 32])
{
	if (r->blocks_len == r->blocks_cap) {
		r->blocks_cap = r->blocks_cap == 0 ? 64 : 2 * r->blocks_cap;
		r->blocks = realloc(r->blocks, r->blocks_cap * sizeof(*r->blocks));
		free(r->index);
		r->index_cap = 4 * r->blocks_cap;
		r->index = calloc(r->index_cap, sizeof(*r->index));
		assert(r->blocks != NULL && r->index != NULL);
		for (size_t i = 0; i < r->blocks_len; i++)
			index_put(r, (uint32_t)i);
	}
	r->blocks[r->blocks_len].valid = false;
	r->blocks[r->blocks_len].body_len = 0;
	memcpy(r->blocks[r->blocks_len].id, id, 32);
	index_put(r, (uint32_t)r->blocks_len);
	return &r->blocks[r->blocks_len++];
}

static enum status app_put(void *ctx, const struct block_header *header,
                           const uint8_t id[static 32], const uint8_t *body, size_t body_len)
{
	struct replica *r = ctx;
	struct sim_block *b;

	if (find(r, id) != NULL)
		return ST_OK;
	if (body_len > SIM_BODY_MAX)
		return ST_NO_MEMORY;
	b = add(r, id);
	b->header = *header;
	if (body_len > 0)
		memcpy(b->body, body, body_len);
	b->body_len = body_len;
	b->waits = chance(r->sim, r->sim->o.wait_pct) ? 1 + (unsigned int)prng_below(&r->sim->rng, 3)
	                                              : 0;
	return ST_OK;
}

static enum status app_get(void *ctx, struct block_header *header, const uint8_t **body,
                           size_t *body_len, const uint8_t id[static 32])
{
	const struct sim_block *b = find(ctx, id);

	if (b == NULL)
		return ST_NOT_FOUND;
	*header = b->header;
	*body = b->body;
	*body_len = b->body_len;
	return ST_OK;
}

static enum status app_committed(void *ctx, uint8_t id[static 32], uint64_t height)
{
	const struct replica *r = ctx;

	if (height >= r->chain_len)
		return ST_NOT_FOUND;
	memcpy(id, r->chain[height].id, 32);
	return ST_OK;
}

static enum status app_certified(void *ctx, uint64_t *height, struct certificate *cert,
                                 uint64_t from, uint64_t to)
{
	const struct replica *r = ctx;

	if (to >= r->chain_len)
		to = r->chain_len - 1;
	for (uint64_t h = to; h >= from && h > 0; h--) {
		if (!r->chain[h].has_cert)
			continue;
		*height = h;
		*cert = r->chain[h].cert;
		return ST_OK;
	}
	return ST_NOT_FOUND;
}

/* --- application ---------------------------------------------------------------------------- */

static void app_state(uint8_t out[static 32], const uint8_t parent[static 32],
                      const uint8_t body_hash[static 32])
{
	uint64_t a, b;

	for (unsigned int i = 0; i < 4; i++) {
		memcpy(&a, parent + 8 * i, 8);
		memcpy(&b, body_hash + 8 * i, 8);
		a = (a ^ b) * 0x9e3779b97f4a7c15u + i;
		a ^= a >> 29;
		memcpy(out + 8 * i, &a, 8);
	}
}

void app_leaf(uint8_t out[static 32], const uint8_t *item, size_t len)
{
	merkle_leaf_hash(out, item, len);
}

static void log_append(struct merkle_frontier *log, const uint8_t leaf[static 32])
{
	enum status st = merkle_frontier_append(log, leaf);

	assert(st == ST_OK);
	(void)st;
}

void app_genesis(struct block_header *h, struct merkle_frontier *log,
                 const uint8_t election[static 32])
{
	uint8_t leaf[32];

	*h = (struct block_header){ .version = BLOCK_VERSION, .log_size = 1 };
	memcpy(h->election_id, election, 32);
	app_leaf(leaf, election, 32);
	merkle_frontier_init(log);
	log_append(log, leaf);
	merkle_frontier_root(log, h->log_root);
}

void app_figures(struct block_header *h, struct merkle_frontier *log,
                 const struct block_header *parent, const uint8_t *body, size_t body_len)
{
	struct reader items;
	const uint8_t *item;
	size_t len;
	uint8_t hash[32];

	h->n_items = 0;
	reader_init(&items, body, body_len);
	while (block_item_next(&items, &item, &len) == ST_OK) {
		app_leaf(hash, item, len);
		log_append(log, hash);
		h->n_items++;
	}
	h->log_size = log->size;
	merkle_frontier_root(log, h->log_root);
	block_body_hash(hash, body, body_len);
	app_state(h->state_hash, parent->state_hash, hash);
}

/* The items of the chain that ends in this block; the final ones if it is not a branch. */
static const uint64_t *items_of(const struct replica *r, const uint8_t id[static 32])
{
	const struct sim_block *b = find(r, id);

	return b != NULL && b->valid ? b->items : r->final_items;
}

static void app_pending(void *ctx, struct consensus_pending *out, const uint8_t parent[static 32])
{
	const struct replica *r = ctx;
	const uint64_t *have = items_of(r, parent);

	out->count = 0;
	out->oldest_ms = CONSENSUS_NEVER;
	for (unsigned int w = 0; w < SIM_ITEMS / 64; w++) {
		uint64_t left = r->mempool[w] & ~have[w];

		for (; left != 0; left &= left - 1) {
			unsigned int i = 64 * w + (unsigned int)__builtin_ctzll(left);

			out->count++;
			if (r->arrived[i] < out->oldest_ms)
				out->oldest_ms = r->arrived[i];
		}
	}
}

static enum status app_build(void *ctx, struct block_header *header, const uint8_t **body,
                             size_t *body_len, const struct block_header *parent,
                             const uint8_t parent_id[static 32],
                             const struct consensus_limits *limits)
{
	struct replica *r = ctx;
	const uint64_t *have = items_of(r, parent_id);
	const struct sim_block *on = find(r, parent_id);
	struct merkle_frontier log;
	struct writer w;
	enum status st;

	writer_init(&w, r->scratch, sizeof(r->scratch));
	header->n_items = 0;
	for (uint32_t i = 0; i < SIM_ITEMS && header->n_items < limits->items; i++) {
		if (!bit_has(r->mempool, i) || bit_has(have, i))
			continue;
		writer_u32(&w, 4);
		writer_u32(&w, i);
		header->n_items++;
	}
	if ((st = writer_end(&w, body_len)) != ST_OK)
		return st;
	*body = r->scratch;
	header->time_min = (uint32_t)replica_minutes(r);
	if (header->time_min < parent->time_min)
		header->time_min = parent->time_min;
	assert(on != NULL && on->valid);
	log = on->log;
	app_figures(header, &log, parent, *body, *body_len);
	return ST_OK;
}

static enum consensus_verdict app_check(void *ctx, enum status *why, const struct block_header *h,
                                        const uint8_t id[static 32], bool certified)
{
	struct replica *r = ctx;
	struct sim_block *b = find(r, id);
	const struct sim_block *parent = find(r, h->parent);
	const uint64_t *have = items_of(r, h->parent);
	struct block_header want = *h;
	struct reader body;
	const uint8_t *item;
	size_t item_len;

	assert(b != NULL && parent != NULL);
	if (b->valid)
		return CONSENSUS_VALID;
	if (b->waits > 0) {
		b->waits--;
		return CONSENSUS_WAIT;
	}
	if (!certified && !consensus_is_timely(h->time_min, replica_minutes(r)))
		return CONSENSUS_WAIT;
	*why = ST_HASH;
	b->log = parent->log;
	app_figures(&want, &b->log, &parent->header, b->body, b->body_len);
	if (memcmp(want.state_hash, h->state_hash, 32) != 0 ||
	    memcmp(want.log_root, h->log_root, 32) != 0 || want.log_size != h->log_size)
		return CONSENSUS_INVALID;
	memcpy(b->items, have, sizeof(b->items));
	*why = ST_DUPLICATE;
	reader_init(&body, b->body, b->body_len);
	while (block_item_next(&body, &item, &item_len) == ST_OK) {
		unsigned int i = item_len == 4 ? (unsigned int)item[2] << 8 | item[3] : SIM_ITEMS;

		if (i >= SIM_ITEMS || bit_has(b->items, i))
			return CONSENSUS_INVALID;
		bit_set(b->items, i);
	}
	b->valid = true;
	return CONSENSUS_VALID;
}

/* It was executed before the process started. */
static void log_of_final(struct replica *r, struct sim_block *b)
{
	const struct sim_block *parent = find(r, b->header.parent);
	struct block_header h = b->header;

	if (b->header.height == 0) {
		app_genesis(&h, &b->log, b->header.election_id);
		return;
	}
	assert(parent != NULL);
	b->log = parent->log;
	app_figures(&h, &b->log, &parent->header, b->body, b->body_len);
}

/* The block becomes part of the final chain.  Called in height order. */
void app_commit(struct replica *r, const uint8_t id[static 32], const struct certificate *cert)
{
	struct sim_block *b = find(r, id);
	struct committed *at;

	assert(b != NULL);
	if (r->chain_len == r->chain_cap) {
		r->chain_cap = r->chain_cap == 0 ? 64 : 2 * r->chain_cap;
		r->chain = realloc(r->chain, r->chain_cap * sizeof(*r->chain));
		assert(r->chain != NULL);
	}
	at = &r->chain[r->chain_len++];
	memset(at, 0, sizeof(*at));
	memcpy(at->id, id, 32);
	at->header = b->header;
	at->body_len = b->body_len;
	at->body = malloc(b->body_len + 1);
	assert(at->body != NULL);
	memcpy(at->body, b->body, b->body_len);
	if (cert != NULL) {
		at->has_cert = true;
		at->cert = *cert;
	}
	if (b->header.height > 0) {
		struct reader body;
		const uint8_t *item;
		size_t item_len;

		reader_init(&body, b->body, b->body_len);
		while (block_item_next(&body, &item, &item_len) == ST_OK)
			bit_set(r->final_items, (unsigned int)item[2] << 8 | item[3]);
	}
	if (!b->valid)
		log_of_final(r, b);
	b->valid = true;
	memcpy(b->items, r->final_items, sizeof(b->items));
}

/* All that is not on the disk is gone: verdicts, mempool. */
static void app_reset(struct replica *r)
{
	memset(r->mempool, 0, sizeof(r->mempool));
	memset(r->final_items, 0, sizeof(r->final_items));
	r->blocks_len = 0;
	if (r->index_cap > 0)
		memset(r->index, 0, r->index_cap * sizeof(*r->index));
}

/* The application as the chain store has it; nothing waits but what was promised. */
void app_restore(struct replica *r)
{
	size_t old_len = r->chain_len;
	struct committed *old = r->chain;

	app_reset(r);
	r->chain = NULL;
	r->chain_len = r->chain_cap = 0;
	if (old_len == 0) {
		(void)app_put(r, &r->sim->genesis, r->sim->genesis_id, NULL, 0);
		app_commit(r, r->sim->genesis_id, NULL);
	}
	for (size_t h = 0; h < old_len; h++) {
		(void)app_put(r, &old[h].header, old[h].id, old[h].body, old[h].body_len);
		app_commit(r, old[h].id, old[h].has_cert ? &old[h].cert : NULL);
		free(old[h].body);
	}
	free(old);
	memcpy(r->mempool, r->held, sizeof(r->mempool));
	for (unsigned int i = 0; i < SIM_ITEMS; i++)
		r->arrived[i] = replica_now(r);
}

void app_free(struct replica *r)
{
	while (r->chain_len > 0)
		free(r->chain[--r->chain_len].body);
	free(r->chain);
	free(r->blocks);
	free(r->index);
}

const struct consensus_app app_template = {
	.pending = app_pending,
	.build = app_build,
	.check = app_check,
	.put = app_put,
	.get = app_get,
	.committed = app_committed,
	.certified = app_certified,
};
