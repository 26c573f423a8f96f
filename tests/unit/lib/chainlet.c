/*
 * chainlet.c: see chainlet.h.
 */
#include "tests/unit/lib/chainlet.h"

#include "common/election/audit.h"
#include "common/election/chain_store.h"
#include "common/election/genesis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void chainlet_init(struct chainlet *c, struct prng *random)
{
	*c = (struct chainlet){ .random = random };
	merkle_frontier_init(&c->log);
}

static void make_item(struct chainlet *c, struct chainlet_block *b, size_t i, struct writer *w)
{
	struct store_item *item = &b->item[i];
	uint8_t wire[CHAINLET_ITEM_BYTES];
	struct tx tx;

	*item = (struct store_item){
		.type = i % 3 == 1 ? TX_BALLOT : TX_ROLL,
		.wire_len = (uint32_t)(2 + prng_below(c->random, CHAINLET_ITEM_BYTES - 2)),
	};
	prng_bytes(c->random, wire, item->wire_len);
	wire[0] = (uint8_t)item->type;
	block_item_write(w, wire, item->wire_len);
	if (item->type == TX_BALLOT) {
		prng_bytes(c->random, item->id, sizeof(item->id));
		prng_bytes(c->random, b->tracker[i], sizeof(b->tracker[i]));
		item->tracker = b->tracker[i];
		return;
	}
	assert_int_equal(tx_decode(&tx, wire, item->wire_len), ST_OK);
	tx_plain_id(item->id, &tx);
}

void chainlet_seal(struct chainlet_block *b)
{
	b->header.body_len = (uint32_t)b->body_len;
	block_body_hash(b->header.body_hash, b->body, b->body_len);
	b->put = (struct store_put){
		.header = &b->header, .body = b->body, .body_len = b->body_len,
		.items = b->item, .items_len = b->header.n_items,
	};
}

void chainlet_next(struct chainlet *c, struct chainlet_block *out, size_t count)
{
	struct block_header *h = &out->header;
	uint8_t leaf[TX_LEAF_BYTES], hash[32];
	struct writer w;

	assert_true(count <= CHAINLET_ITEMS);
	memset(out, 0, sizeof(*out));
	writer_init(&w, out->body, sizeof(out->body));
	h->version = BLOCK_VERSION;
	h->n_items = (uint32_t)count;
	if (c->blocks > 0) {
		h->height = c->tip.height + 1;
		h->parent_view = c->tip.view;
		h->view = c->tip.view + 1 + prng_below(c->random, 3);
		h->time_min = c->tip.time_min + (uint32_t)prng_below(c->random, 3);
		block_id(h->parent, &c->tip);
	}
	for (size_t i = 0; i < count; i++) {
		make_item(c, out, i, &w);
		tx_leaf(leaf, out->item[i].type, out->item[i].id, out->item[i].wire_len);
		merkle_leaf_hash(hash, leaf, sizeof(leaf));
		assert_int_equal(merkle_frontier_append(&c->log, hash), ST_OK);
	}
	assert_int_equal(writer_end(&w, &out->body_len), ST_OK);
	h->log_size = c->log.size;
	merkle_frontier_root(&c->log, h->log_root);
	chainlet_seal(out);
	c->tip = *h;
	c->blocks++;
}

void chainlet_certificate(struct certificate *out, const struct block_header *h)
{
	*out = (struct certificate){ .type = VOTE_FINALIZE, .view = h->view, .signers = 7 };
	block_id(out->block, h);
	memset(out->sig, (int)(h->height + 1) & 0xff, 3 * sizeof(out->sig[0]));
}

struct store *chainlet_store(const char *path, enum store_access access)
{
	struct store *s = NULL;
	struct fault fault;

	if (store_open(&s, path, access, &fault) != ST_OK)
		fail_msg("%s; %s", fault.what, fault.why);
	return s;
}

struct chainlet_block *chainlet_room(void)
{
	struct chainlet_block *b = malloc(sizeof(*b));

	assert_non_null(b);
	return b;
}

void chainlet_fill(struct store *s, struct chainlet *c, size_t count, size_t items)
{
	struct chainlet_block *b = chainlet_room();
	struct certificate cert;

	for (size_t i = 0; i < count; i++) {
		chainlet_next(c, b, items == 0 ? prng_below(c->random, 20) : items);
		chainlet_certificate(&cert, &b->header);
		b->put.certificate = c->blocks % 3 == 0 ? &cert : NULL;
		assert_int_equal(store_put_block(s, &b->put), ST_OK);
	}
	free(b);
}

/* --- towns ------------------------------------------------------------------------------------ */

enum status town_put(struct town *t, struct store *s, size_t block, const struct certificate *c)
{
	const struct town_block *b = &t->block[block];

	return chain_store_put(s, t->m, &b->header, b->body, b->header.body_len, c);
}

void town_committee(struct town *t, struct committee *out)
{
	assert_int_equal(audit_committee(out, t->m), ST_OK);
}

void town_certify(struct town *t, struct certificate *out, size_t block, unsigned int signatures)
{
	const struct block_header *h = &t->block[block].header;
	uint8_t body[VOTE_BODY_BYTES];
	struct committee c;
	struct message m;

	*out = (struct certificate){ .type = VOTE_FINALIZE, .view = h->view };
	block_id(out->block, h);
	town_committee(t, &c);
	vote_body(body, out->type, out->view, out->block);
	vote_message(&m, &c, body);
	for (unsigned int i = 0; i < signatures; i++) {
		out->signers |= (uint16_t)(1u << i);
		sign_message(&t->node[i], out->sig[i], &m);
	}
}

void town_genesis_sigs(struct town *t, uint8_t sigs[static LIMIT_TRUSTEES][64])
{
	const struct message m = genesis_message(t->m);

	for (unsigned int i = 0; i < t->n; i++)
		sign_message(&t->trustee[i], sigs[i], &m);
}
