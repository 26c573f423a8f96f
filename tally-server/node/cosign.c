/*
 * cosign.c: this node's word on the end of the election and on its result, and that of the others
 * (protocol.md 9.4; docs/decisions/0089).
 *
 *	struct { uint8 kind = 33; Cosignature list<...>; } Cosignatures;   to the end of the message
 *
 * Whoever lacks a node's word says from time to time what it has; whoever hears a list that lacks
 * something answers with its own.  When all have all there is silence.
 *
 * Invariant: what this node signs is final here and in its store; its word is in the store before
 * it is sent; of each kind it gives one, whatever happens.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/election/chain_store.h"

#include <string.h>

enum {
	ASK_EVERY_MS = 3000,          /* while words are missing, at first */
	ASK_EVERY_MAX_MS = 60000,
	ANSWER_EVERY_MS = 500,        /* to one peer */
	IGNORE_MS = 60000,            /* a peer that sends what no honest node passes on */
	LIST_BYTES = 1 + COSIGNED_HEADS * LIMIT_TRUSTEES * COSIGNATURE_BYTES
};

/* --- saying ---------------------------------------------------------------------------------- */

void cosign_list(struct node *n, struct writer *w)
{
	struct cosignature c;

	for (int head = COSIGNED_END; head <= COSIGNED_RESULT; head++)
		for (uint8_t i = 0; i < n->committee.n; i++)
			if (store_cosignature(n->store, &c, (enum cosigned_head)head, i) == ST_OK)
				cosignature_write(w, &c);
}

static size_t list_all(struct node *n)
{
	struct writer w;
	size_t len;

	writer_init(&w, n->frame, LIST_BYTES);
	writer_u8(&w, GOSSIP_COSIGNATURES);
	cosign_list(n, &w);
	return writer_end(&w, &len) == ST_OK ? len : 0;
}

static void say_to_all(struct node *n)
{
	size_t len = list_all(n);

	if (len > 0)
		(void)link_broadcast(n->link, LINK_BULK, n->frame, len);
}

static void say_to(struct node *n, uint32_t peer, uint64_t now_ms)
{
	size_t len;

	if (now_ms < n->peer[peer].cosign_ms || (len = list_all(n)) == 0)
		return;
	n->peer[peer].cosign_ms = now_ms + ANSWER_EVERY_MS;
	(void)link_send(n->link, peer, LINK_BULK, n->frame, len);
}

/* --- signing --------------------------------------------------------------------------------- */

/* What there is to sign.  ST_NOT_FOUND, ST_FORK: the chain has not come so far. */
static enum status head_of(struct node *n, struct checkpoint *out, enum cosigned_head head)
{
	uint8_t id[BLOCK_ID_BYTES];
	struct block_header h;
	enum status st;

	if (head == COSIGNED_RESULT)
		st = store_tip(n->store, &h, id);
	else if (election_end_height(n->election) == 0)
		st = ST_NOT_FOUND;
	else
		st = store_block(n->store, election_end_height(n->election), &h, NULL, NULL);
	return st != ST_OK ? st :
	       chain_store_checkpoint(n->store, out, n->manifest, head, h.log_size);
}

static void sign_head(struct node *n, enum cosigned_head head)
{
	struct cosignature c = { .head = head, .node = n->self, .time = clock_unix_s() };
	struct checkpoint of;
	struct log_line line;
	enum status st = store_cosignature(n->store, &c, head, n->self);

	if (st == ST_OK || head_of(n, &of, head) != ST_OK)
		return;
	c = (struct cosignature){
		.head = head, .node = n->self, .time = clock_unix_s(), .size = of.size,
	};
	memcpy(c.root, of.root, sizeof(c.root));
	if (st == ST_NOT_FOUND && (st = remote_cosign(n->signer, &c)) == ST_OK)
		st = chain_store_cosign(n->store, n->manifest, &c);
	if (remote_is_gone(n->signer))
		node_fail_signer(n);
	log_begin(&line, st == ST_OK ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "cosigned");
	log_text(&line, "head", cosigned_head_name(head));
	log_number(&line, "size", of.size);
	log_status(&line, "why", st);
	log_end(&line);
	if (st == ST_OK)
		say_to_all(n);
}

static unsigned int missing(struct node *n)
{
	unsigned int count = 0;

	for (int head = COSIGNED_END; head <= COSIGNED_RESULT; head++) {
		struct cosignature c;

		if (store_cosignature(n->store, &c, (enum cosigned_head)head, n->self) != ST_OK)
			continue;   /* not reached here: nothing is owed */
		for (uint8_t i = 0; i < n->committee.n; i++)
			count += store_cosignature(n->store, &c, (enum cosigned_head)head, i) != ST_OK;
	}
	return count;
}

void cosign_look(struct node *n, uint64_t now_ms)
{
	if (n->phase < PHASE_ENDED || n->phase == PHASE_FAILED || now_ms < n->cosign_ms)
		return;
	sign_head(n, COSIGNED_END);
	sign_head(n, COSIGNED_RESULT);
	if (missing(n) == 0) {
		n->cosign_ms = now_ms + ASK_EVERY_MAX_MS;
		return;
	}
	say_to_all(n);
	n->cosign_wait_ms = n->cosign_wait_ms == 0 ? ASK_EVERY_MS : 2 * n->cosign_wait_ms;
	if (n->cosign_wait_ms > ASK_EVERY_MAX_MS)
		n->cosign_wait_ms = ASK_EVERY_MAX_MS;
	n->cosign_ms = now_ms + n->cosign_wait_ms;
}

void cosign_soon(struct node *n)
{
	n->cosign_ms = 0;
	n->cosign_wait_ms = 0;
}

/* --- hearing --------------------------------------------------------------------------------- */

static void say_fork(const struct cosignature *c)
{
	uint8_t bytes[COSIGNATURE_BYTES];
	struct log_line line;
	struct writer w;

	writer_init(&w, bytes, sizeof(bytes));
	cosignature_write(&w, c);
	log_begin(&line, LOG_LEVEL_ERROR, "evidence");
	log_text(&line, "of", "vouched-for-another-log");
	log_number(&line, "node", c->node);
	log_text(&line, "head", cosigned_head_name(c->head));
	log_hex(&line, "cosignature", bytes, sizeof(bytes));
	log_end(&line);
}

/* ST_OK: kept, or nothing to keep now.  Else it is not what an honest node sends. */
static enum status hear_one(struct node *n, const struct cosignature *c)
{
	struct cosignature have;
	enum status st;

	if (store_cosignature(n->store, &have, c->head, c->node) == ST_OK)
		return ST_OK;
	st = chain_store_cosign(n->store, n->manifest, c);
	if (st == ST_FORK)
		say_fork(c);
	/* Others may be ahead; and who passes on a fork need not be its author. */
	return st == ST_NOT_FOUND || st == ST_FORK ? ST_OK : st;
}

void cosign_hear(struct node *n, uint32_t peer, const uint8_t *bytes, size_t len)
{
	uint32_t heard[COSIGNED_HEADS] = { 0, 0 };
	uint64_t now_ms = clock_mono_ms();
	struct cosignature c;
	struct reader r;

	if (len > LIST_BYTES || n->phase < PHASE_ENDED)
		return;
	reader_init(&r, bytes + 1, len - 1);
	while (reader_left(&r) > 0) {
		if (cosignature_read(&r, &c) != ST_OK || hear_one(n, &c) != ST_OK) {
			n->peer[peer].ignored_until_ms = now_ms + IGNORE_MS;
			return;
		}
		heard[c.head - 1] |= (uint32_t)1 << c.node;
	}
	for (int head = COSIGNED_END; head <= COSIGNED_RESULT; head++)
		for (uint8_t i = 0; i < n->committee.n; i++)
			if ((heard[head - 1] >> i & 1) == 0 &&
			    store_cosignature(n->store, &c, (enum cosigned_head)head, i) == ST_OK) {
				say_to(n, peer, now_ms);
				return;
			}
}
