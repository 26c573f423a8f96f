/*
 * gossip.c: what nodes say to each other besides consensus: transactions that wait
 * (formats-wire.md §2).
 *
 *	struct { uint8 kind = 32; opaque tx<1..2^20><0..>; } Transactions;   each tx<u32 length>
 *
 * Who verified a transaction for somebody says it once to everybody; whatever waits for long is
 * said again, so that a lost message costs time and nothing else.  What is heard is checked like
 * anything else.  A peer is `up` as long as it says something now and then: consensus speaks at
 * least every few seconds.
 *
 * Invariant: nothing is said that was not verified here.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/election/check.h"
#include "tally-server/consensus/wire.h"

#include <string.h>

enum {
	FRAME_BYTES = 1 << 20,        /* of one message, unless one transaction is longer */
	AGAIN_AFTER_MS = 2000,        /* what waits so long is said again */
	AGAIN_EVERY_MS = 2000,
	AGAIN_BYTES = 512 << 10
};

_Static_assert((int)GOSSIP_TXS > (int)WIRE_SYNC_RESP, "kinds differ");

/* --- saying ---------------------------------------------------------------------------------- */

struct frame {
	struct node *n;
	uint32_t to;                  /* a peer; LIMIT_TRUSTEES: all */
	struct writer w;
};

static void frame_begin(struct frame *f)
{
	writer_init(&f->w, f->n->frame, LIMIT_FRAME_BULK);
	writer_u8(&f->w, GOSSIP_TXS);
}

static void frame_send(struct frame *f)
{
	size_t len;

	if (f->w.pos <= 1 || writer_end(&f->w, &len) != ST_OK)
		return;
	if (f->to == LIMIT_TRUSTEES)
		(void)link_broadcast(f->n->link, LINK_BULK, f->n->frame, len);
	else
		(void)link_send(f->n->link, f->to, LINK_BULK, f->n->frame, len);
	frame_begin(f);
}

static void frame_add(struct frame *f, const struct pool_entry *e)
{
	if (f->w.pos > 1 && f->w.pos + 4 + e->wire_len > FRAME_BYTES)
		frame_send(f);
	writer_vec32(&f->w, e->wire, e->wire_len);
}

void gossip_say(struct node *n, struct pool_entry *const *entries, size_t len)
{
	struct frame f = { .n = n, .to = LIMIT_TRUSTEES };

	frame_begin(&f);
	for (size_t i = 0; i < len; i++)
		frame_add(&f, entries[i]);
	frame_send(&f);
}

void gossip_catch_up(struct node *n, uint32_t peer)
{
	struct frame f = { .n = n, .to = peer };

	frame_begin(&f);
	for (const struct pool_entry *e = pool_first(n->pool); e != NULL; e = pool_next(e))
		if ((e->flags & POOL_UNCHECKED) == 0)
			frame_add(&f, e);
	frame_send(&f);
}

void gossip_again(struct node *n, uint64_t now_ms)
{
	struct frame f = { .n = n, .to = LIMIT_TRUSTEES };
	size_t bytes = 0, reports = 0;

	if (now_ms < n->gossip_ms)
		return;
	n->gossip_ms = now_ms + AGAIN_EVERY_MS;
	frame_begin(&f);
	for (const struct pool_entry *e = pool_first(n->pool); e != NULL && bytes < AGAIN_BYTES;
	     e = pool_next(e)) {
		if ((e->flags & POOL_UNCHECKED) != 0 || e->arrived_ms + AGAIN_AFTER_MS > now_ms)
			continue;
		/* Reports that nothing takes just now leave half of it to the ballots. */
		if (e->signer > 0 && (reports += e->wire_len) > AGAIN_BYTES / 2)
			continue;
		bytes += e->wire_len;
		frame_add(&f, e);
	}
	frame_send(&f);
}

/* --- hearing --------------------------------------------------------------------------------- */

/* New to us, and of a type that this phase knows? */
static void hear_one(struct node *n, uint32_t peer, const uint8_t *wire, size_t len)
{
	struct facts f;

	if (facts_of(&f, n->manifest, wire, len) != ST_OK ||
	    !check_is_of_phase(f.tx.type, branch_phase(n->branch)) ||
	    pool_find(n->pool, f.id) != NULL ||
	    branch_holds(n->branch, f.has_tracker ? f.tracker : NULL, f.id))
		return;
	(void)intake_put(n->intake, INTAKE_PEER + peer, f.id, &f.tx);   /* full: it is said again */
}

void gossip_hear(struct node *n, uint32_t peer, const uint8_t *bytes, size_t len)
{
	struct reader r;
	const uint8_t *wire;
	size_t wire_len;

	if (clock_mono_ms() < n->peer[peer].ignored_until_ms)
		return;
	if (len > 0 && bytes[0] == GOSSIP_COSIGNATURES) {
		cosign_hear(n, peer, bytes, len);
		return;
	}
	reader_init(&r, bytes, len);
	if (reader_view(&r, &wire, 1) != ST_OK || wire[0] != GOSSIP_TXS)
		return;
	while (reader_left(&r) > 0 &&
	       reader_vec32(&r, &wire, &wire_len, LIMIT_TX_BYTES) == ST_OK)
		hear_one(n, peer, wire, wire_len);
}

/* --- who is there ---------------------------------------------------------------------------- */

static void say_peer(const struct node *n, uint32_t peer, const char *event)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_INFO, event);
	log_number(&line, "node", peer);
	log_text(&line, "name", n->manifest->trustees[peer].name);
	log_end(&line);
}

void gossip_heard(struct node *n, uint32_t peer, uint64_t now_ms)
{
	struct consensus_event up = { .type = CONSENSUS_PEER_UP, .from = (uint8_t)peer };

	n->peer[peer].heard_ms = now_ms;
	if (n->peer[peer].up)
		return;
	n->peer[peer].up = true;
	say_peer(n, peer, "peer-up");
	drive_event(n, &up);
	gossip_catch_up(n, peer);
	cosign_soon(n);
}

/* R13: without a quorum the chain waits, and somebody should look after the others. */
static void look_for_quorum(struct node *n, uint64_t now_ms)
{
	unsigned int here = gossip_up(n) + 1;
	bool enough = here >= n->committee.q;
	struct log_line line;

	if (enough || n->stall_ms == 0)
		n->stall_ms = enough ? now_ms : now_ms + NODE_SILENCE_MS;
	if (enough == !n->is_stalled || (!enough && now_ms < n->stall_ms))
		return;
	n->is_stalled = !enough;
	log_begin(&line, enough ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, enough ? "goes-on" : "stalled");
	log_number(&line, "here", here);
	log_number(&line, "needed", n->committee.q);
	log_end(&line);
}

void gossip_look(struct node *n, uint64_t now_ms)
{
	for (uint32_t i = 0; i < n->committee.n; i++)
		if (n->peer[i].up && n->peer[i].heard_ms + NODE_SILENCE_MS < now_ms) {
			n->peer[i].up = false;
			say_peer(n, i, "peer-down");
		}
	look_for_quorum(n, now_ms);
}

unsigned int gossip_up(const struct node *n)
{
	unsigned int count = 0;

	for (uint32_t i = 0; i < n->committee.n; i++)
		count += n->peer[i].up;
	return count;
}
