/*
 * evidence_check.c: what evidence shows, by the keys of the nodes alone: see evidence.h.
 *
 * Invariant: a node stands in a finding only if signatures under its key, checked here, cannot all
 * be an honest node's (consensus.md 2.2, R3).
 */
#include "common/ledger/evidence.h"

#include "common/ledger/receipt.h"
#include "common/ledger/transaction.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <string.h>

/* --- votes ----------------------------------------------------------------------------------- */

static enum status check_votes(const struct evidence *e, const struct committee *c,
                               struct evidence_finding *out)
{
	enum status st;

	if (!vote_conflicts(&e->a, &e->b))
		return ST_OPENING;
	if ((st = vote_check(&e->a, c)) != ST_OK || (st = vote_check(&e->b, c)) != ST_OK)
		return st;
	out->nodes = (uint16_t)(1u << e->a.signer);
	return ST_OK;
}

/* --- blocks ---------------------------------------------------------------------------------- */

/* protocol.md §7.3: others by type, then ballots and tests; a phase change alone. */
static enum status items_fault(const uint8_t *body, size_t body_len)
{
	struct reader r;
	const uint8_t *item;
	struct tx tx;
	size_t len, count = 0;
	bool phase_change = false;
	enum status st;

	reader_init(&r, body, body_len);
	while (block_item_next(&r, &item, &len) == ST_OK) {
		if ((st = tx_decode(&tx, item, len)) != ST_OK)
			return st;
		if (tx.type == TX_GENESIS)
			return ST_PHASE;
		phase_change = phase_change || tx_is_phase_change(tx.type);
		count++;
	}
	return phase_change && count > 1 ? ST_ORDER : ST_OK;
}

enum status evidence_block_fault(const struct committee *c, uint64_t view,
                                 const struct block_header *h, const uint8_t *body,
                                 size_t body_len)
{
	uint8_t hash[BLOCK_HASH_BYTES];
	enum status st;

	if (!mem_is_equal(h->election_id, c->election_id, sizeof(h->election_id)))
		return ST_ELECTION;
	if (h->view != view || h->proposer != committee_leader(c, view))
		return ST_ROLE;
	if (h->parent_view >= h->view || h->height == 0)
		return ST_PARENT;
	if (h->n_items > LIMIT_BLOCK_ITEMS || h->body_len > BLOCK_BODY_BYTES_MAX)
		return ST_LIMIT;
	if (body == NULL)
		return ST_OK;
	block_body_hash(hash, body, body_len);
	if (body_len != h->body_len || !mem_is_equal(hash, h->body_hash, sizeof(hash)))
		return ST_HASH;
	if ((st = block_body_check(h, body, body_len)) != ST_OK)
		return st;
	return items_fault(body, body_len);
}

static enum status check_block(const struct evidence *e, const struct committee *c,
                               struct evidence_finding *out)
{
	uint8_t id[BLOCK_ID_BYTES];
	enum status st;

	block_id(id, &e->header);
	if (e->a.type != VOTE_NOTARIZE || !mem_is_equal(id, e->a.block, sizeof(id)))
		return ST_HASH;
	if (e->a.signer != committee_leader(c, e->a.view))
		return ST_ROLE;
	if ((st = vote_check(&e->a, c)) != ST_OK)
		return st;
	out->why = evidence_block_fault(c, e->a.view, &e->header, e->has_body ? e->body : NULL,
	                                e->body_len);
	if (out->why == ST_HASH)
		return ST_HASH;
	if (out->why == ST_OK)
		return ST_INCOMPLETE;
	out->nodes = (uint16_t)(1u << e->a.signer);
	return ST_OK;
}

static enum status check_promise(const struct evidence *e, const struct committee *c)
{
	uint8_t body[PROMISE_BODY_BYTES];
	const struct message m = {
		.purpose = "promise", .group = c->group, .election_id = c->election_id,
		.body = body, .body_len = sizeof(body),
	};
	enum status st;

	if (e->promise.node >= c->n)
		return ST_ROLE;
	promise_body(body, &e->promise);
	st = sign_verify(c->node_key[e->promise.node], e->promise.sig, &m);
	return st == ST_OK ? ST_INCOMPLETE : st;
}

/* --- branches -------------------------------------------------------------------------------- */

/* Each header names the one before; the last is final.  Nothing else is asked of them: a quorum
 * that broke other rules as well has forked no less. */
static enum status check_branch(const struct evidence_branch *b, const struct committee *c)
{
	struct certified_head head = { .certificate = b->certificate };
	struct block_header before;
	uint8_t id[BLOCK_ID_BYTES];

	evidence_header(&before, b, 0);
	for (uint16_t i = 1; i < b->count; i++) {
		evidence_header(&head.header, b, i);
		block_id(id, &before);
		if (head.header.height != before.height + 1 ||
		    memcmp(head.header.parent, id, sizeof(id)) != 0)
			return ST_PARENT;
		before = head.header;
	}
	head.header = before;
	return certified_head_check(&head, c);
}

static bool contradict(const struct certificate *a, const struct certificate *b)
{
	struct vote x, y;

	certificate_vote(&x, a, 0);
	certificate_vote(&y, b, 0);
	y.signer = x.signer;
	return vote_conflicts(&x, &y);
}

/* The certificates of the fork, then those that were added; each is checked as it is met. */
static enum status next_certificate(const struct evidence *e, struct reader *more, unsigned int i,
                                    const struct committee *c, struct certificate *out)
{
	if (i < 2) {
		*out = e->branch[i].certificate;
		return ST_OK;   /* checked with its branch */
	}
	if (!evidence_next_certificate(more, out))
		return ST_NOT_FOUND;
	return certificate_check(out, c);
}

static enum status find_culprits(const struct evidence *e, const struct committee *c,
                                 struct evidence_finding *out)
{
	struct reader outer = e->certificates;
	struct certificate a, b;
	enum status st;

	for (unsigned int i = 0; (st = next_certificate(e, &outer, i, c, &a)) == ST_OK; i++) {
		struct reader inner = e->certificates;

		for (unsigned int k = 0; k < i; k++) {
			if (k < 2)
				b = e->branch[k].certificate;
			else if (!evidence_next_certificate(&inner, &b))
				return ST_INTERNAL;
			if (contradict(&a, &b))
				out->nodes |= a.signers & b.signers;
		}
	}
	return st == ST_NOT_FOUND ? ST_OK : st;
}

/* Two blocks of one height, or a block and one above it that has another parent. */
static bool is_fork(const struct evidence *e)
{
	struct block_header a, b;
	uint8_t id_a[BLOCK_ID_BYTES], id_b[BLOCK_ID_BYTES];

	evidence_header(&a, &e->branch[0], 0);
	evidence_header(&b, &e->branch[1], 0);
	block_id(id_a, &a);
	block_id(id_b, &b);
	if (b.height != a.height)
		return b.height == a.height + 1 && memcmp(b.parent, id_a, sizeof(id_a)) != 0;
	return memcmp(id_a, id_b, sizeof(id_a)) != 0;
}

static enum status check_fork(const struct evidence *e, const struct committee *c,
                              struct evidence_finding *out)
{
	enum status st;

	if (!is_fork(e))
		return ST_OPENING;
	if ((st = check_branch(&e->branch[0], c)) != ST_OK ||
	    (st = check_branch(&e->branch[1], c)) != ST_OK)
		return st;
	return find_culprits(e, c, out);
}

/* Both heads are final and the second lies below the first: who gave them, nobody signed. */
static enum status check_rollback(const struct evidence *e, const struct committee *c)
{
	struct block_header seen, given;
	enum status st;

	if (e->node >= c->n)
		return ST_ROLE;
	if ((st = check_branch(&e->branch[0], c)) != ST_OK)
		return st;
	if (e->branch[1].count == 0)
		return ST_INCOMPLETE;   /* it had nothing any more */
	if ((st = check_branch(&e->branch[1], c)) != ST_OK)
		return st;
	evidence_header(&seen, &e->branch[0], (uint16_t)(e->branch[0].count - 1));
	evidence_header(&given, &e->branch[1], (uint16_t)(e->branch[1].count - 1));
	return given.height < seen.height ? ST_INCOMPLETE : ST_OPENING;
}

enum status evidence_check(const struct evidence *e, const struct committee *c,
                           struct evidence_finding *out)
{
	enum status st = ST_FORMAT;

	*out = (struct evidence_finding){ .nodes = 0, .why = ST_OK };
	switch (e->kind) {
	case EVIDENCE_DOUBLE_VOTE:
		st = check_votes(e, c, out);
		break;
	case EVIDENCE_UNSOUND_BLOCK:
		st = check_block(e, c, out);
		break;
	case EVIDENCE_BREACH:
		st = check_promise(e, c);
		break;
	case EVIDENCE_FALSE_ANSWER:
		st = e->node < c->n ? ST_INCOMPLETE : ST_ROLE;
		break;
	case EVIDENCE_FALSE_MESSAGE:
	case EVIDENCE_TWO_FATES:
	case EVIDENCE_CAST_AND_TESTED:
		st = ST_INCOMPLETE;
		break;
	case EVIDENCE_FORK:
		st = check_fork(e, c, out);
		break;
	case EVIDENCE_ROLLBACK:
		st = check_rollback(e, c);
		break;
	}
	if (st != ST_OK)
		out->nodes = 0;
	return st;
}
