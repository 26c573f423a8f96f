/*
 * chainlink.c: see chainlink.h.
 */
#include "voter-client/kiosk/chainlink.h"

#include "common/base/alloc.h"
#include "common/base/crash.h"
#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)LIMIT_TRUSTEES <= 16, "a set of nodes is a u16");

struct job {
	bool used;
	uint8_t tracker[32];
	uint8_t *wire;
	size_t len;
	bool was_sent;            /* to f + 1 nodes */
	uint16_t promised;
	uint16_t refused;
	bool told_refusal;
	uint32_t next;            /* node that gets it next */
	uint32_t turn;            /* for receipts */
	uint64_t widen_ms;        /* when one more node gets it */
	uint64_t receipt_ms;      /* when to ask for the receipt again */
	bool has_result;
	struct chainlink_outcome *result;   /* owned; until it is given out */
};

struct question {
	bool used;
	uint64_t request;
	enum message_kind kind;
	uint32_t node;
	uint64_t from;            /* BLOCKS */
	uint32_t job;             /* SUBMIT, RECEIPT */
	uint8_t tracker[32];      /* of that job, which may have gone meanwhile */
};

struct chainlink {
	const struct port *port;
	const struct manifest *m;
	struct chainview *view;
	struct job job[CHAINLINK_JOBS_MAX];
	struct question question[CLIENT_PENDING_MAX];
	uint8_t *buf;             /* LIMIT_REQUEST bytes, to encode in */
	bool is_syncing;          /* a BLOCKS question is under way */
	uint32_t sync_turn;
	uint64_t sync_ms;         /* when to ask again */
	uint16_t agreed;          /* nodes that have nothing newer */
	uint8_t penalty[LIMIT_TRUSTEES];   /* turns that a node loses */
	bool is_ready;
	bool is_dead;             /* no memory for a view */
	bool has_asked;
	uint64_t heard_ms;        /* the last answer, or the first question */
	uint32_t fed_by;          /* who sent the blocks that wait */
};

static bool in_set(uint16_t set, uint32_t node)
{
	return ((unsigned int)set >> node & 1u) != 0;
}

static void put_in(uint16_t *set, uint32_t node)
{
	*set = (uint16_t)(*set | 1u << node);
}

static uint32_t count_of(uint16_t set)
{
	return (uint32_t)__builtin_popcount(set);
}

/* --- life ------------------------------------------------------------------------------------ */

enum status chainlink_new(struct chainlink **out, const struct port *port,
                          const struct manifest *m)
{
	struct chainlink *l = alloc_zero(1, sizeof(*l));
	enum status st = ST_NO_MEMORY;

	*out = NULL;
	if (l == NULL)
		return st;
	l->port = port;
	l->m = m;
	l->sync_turn = rng_below(port->nodes);
	l->buf = malloc(LIMIT_REQUEST);
	if (l->buf == NULL || (st = chainview_new(&l->view, m)) != ST_OK) {
		chainlink_free(l);
		return st;
	}
	*out = l;
	return ST_OK;
}

static void forget_job(struct job *j)
{
	free(j->wire);
	free(j->result);
	*j = (struct job){ .used = false };
}

void chainlink_free(struct chainlink *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++)
		forget_job(&l->job[i]);
	chainview_free(l->view);
	free(l->buf);
	free(l);
}

const struct chainview *chainlink_view(const struct chainlink *l)
{
	return l->view;
}

bool chainlink_is_ready(const struct chainlink *l)
{
	return l->is_ready;
}

bool chainlink_is_lost(const struct chainlink *l, uint64_t now_ms)
{
	return l->has_asked && now_ms >= l->heard_ms + CHAINLINK_LOST_MS;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* A node whose answer did not hold loses some turns; never all of them, for the others may be
 * worse. */
static void distrust(struct chainlink *l, uint32_t node)
{
	l->penalty[node] = CHAINLINK_PENALTY;
}

/* The next node in turn that has no turns to lose. */
static uint32_t next_node(struct chainlink *l, uint32_t *turn)
{
	for (uint32_t i = 0; i < l->port->nodes; i++) {
		*turn = (*turn + 1) % l->port->nodes;
		if (l->penalty[*turn] == 0)
			break;
		l->penalty[*turn]--;
	}
	return *turn;
}

static struct question *free_question(struct chainlink *l)
{
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++)
		if (!l->question[i].used)
			return &l->question[i];
	return NULL;
}

static enum status ask(struct chainlink *l, const struct question *what,
                       const struct message_request *r, uint64_t now_ms)
{
	struct question *q = free_question(l);
	size_t len;
	enum status st;

	if (q == NULL)
		return ST_AGAIN;
	*q = *what;
	q->kind = r->kind;
	if ((st = message_request_encode(r, l->buf, LIMIT_REQUEST, &len)) != ST_OK ||
	    (st = l->port->ask(l->port->ctx, &q->request, q->node, l->buf, len,
	                       CHAINLINK_TIMEOUT_MS)) != ST_OK)
		return st;
	q->used = true;
	if (!l->has_asked) {
		l->has_asked = true;
		l->heard_ms = now_ms;
	}
	return ST_OK;
}

/* --- following ------------------------------------------------------------------------------- */

static void sync_tick(struct chainlink *l, uint64_t now_ms)
{
	const struct message_request r = {
		.kind = MESSAGE_BLOCKS, .from_height = chainview_wanted(l->view) + 1,
		.max_bytes = MESSAGE_BLOCKS_BYTES,
	};
	struct question q = { .from = r.from_height };

	if (l->is_dead || l->is_syncing || chainview_has_work(l->view) || now_ms < l->sync_ms)
		return;
	q.node = next_node(l, &l->sync_turn);
	l->sync_ms = now_ms + (l->is_ready ? CHAINLINK_SYNC_MS : CHAINLINK_HASTE_MS);
	l->is_syncing = ask(l, &q, &r, now_ms) == ST_OK;
}

/* A node's word that there is nothing newer; f + 1 of them are worth one honest one. */
static void note_agreement(struct chainlink *l, uint32_t node)
{
	if (!chainview_is_proven(l->view))
		return;
	put_in(&l->agreed, node);
	if (count_of(l->agreed) >= l->m->faults + 1u)
		l->is_ready = true;
}

static void take_blocks(struct chainlink *l, const struct question *q,
                        const struct message_response *r, uint64_t now_ms)
{
	if (l->is_dead || q->from != chainview_wanted(l->view) + 1)
		return;
	if (r->answer == ANSWER_REFUSED && r->status == ST_NOT_FOUND)
		note_agreement(l, q->node);
	if (r->answer != ANSWER_OK || r->blocks == 0)
		return;
	if (chainview_feed(l->view, r) != ST_OK) {
		distrust(l, q->node);
		return;
	}
	l->fed_by = q->node;
	if (chainview_wanted(l->view) < r->tip)
		l->sync_ms = now_ms;   /* there is more */
}

bool chainlink_work(struct chainlink *l)
{
	enum status st = l->is_dead ? ST_NOT_FOUND : chainview_work(l->view);

	if (st == ST_NOT_FOUND)
		return false;
	if (st != ST_OK) {
		distrust(l, l->fed_by);
		l->agreed = 0;
		l->is_ready = false;
		l->is_dead = chainview_reset(l->view) != ST_OK;
	}
	return true;
}

/* --- bringing -------------------------------------------------------------------------------- */

static struct job *find_job(const struct chainlink *l, const uint8_t tracker[static 32])
{
	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++)
		if (l->job[i].used && memcmp(l->job[i].tracker, tracker, 32) == 0)
			return (struct job *)&l->job[i];
	return NULL;
}

static void submit_to(struct chainlink *l, struct job *j, uint32_t node, uint64_t now_ms)
{
	const struct message_request r = { .kind = MESSAGE_SUBMIT, .tx = j->wire, .tx_len = j->len };
	struct question q = { .node = node, .job = (uint32_t)(j - l->job) };

	memcpy(q.tracker, j->tracker, sizeof(q.tracker));
	(void)ask(l, &q, &r, now_ms);   /* if not now, then when its turn comes again */
}

/* f + 1 at once; then one more now and again, in turn, those first that have not promised. */
static void widen(struct chainlink *l, struct job *j, uint64_t now_ms)
{
	uint32_t n = l->port->nodes;
	uint32_t want = j->was_sent ? 1 : l->m->faults + 1u;
	bool all = count_of(j->promised) >= n;

	if (now_ms < j->widen_ms)
		return;
	j->widen_ms = now_ms + CHAINLINK_WIDEN_MS;
	j->was_sent = true;
	for (uint32_t i = 0; i < n && want > 0; i++) {
		uint32_t node = j->next;

		j->next = (j->next + 1) % n;
		if (in_set(j->promised, node) && !all)
			continue;
		submit_to(l, j, node, now_ms);
		want--;
	}
}

static void ask_receipt(struct chainlink *l, struct job *j, uint64_t now_ms)
{
	const struct message_request r = { .kind = MESSAGE_RECEIPT, .tracker = j->tracker };
	struct question q = { .job = (uint32_t)(j - l->job) };

	if (now_ms < j->receipt_ms || j->wire[0] != TX_BALLOT)
		return;
	j->receipt_ms = now_ms + CHAINLINK_RECEIPT_MS;
	memcpy(q.tracker, j->tracker, sizeof(q.tracker));
	q.node = next_node(l, &j->turn);
	(void)ask(l, &q, &r, now_ms);   /* if not now, then next time */
}

void chainlink_tick(struct chainlink *l, uint64_t now_ms)
{
	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++) {
		if (!l->job[i].used || (l->job[i].has_result &&
		                        l->job[i].result->news == CHAINLINK_RECEIPT))
			continue;
		widen(l, &l->job[i], now_ms);
		ask_receipt(l, &l->job[i], now_ms);
	}
	sync_tick(l, now_ms);
}

/* --- answers --------------------------------------------------------------------------------- */

static enum status check_promise(const struct chainlink *l, const struct job *j, uint32_t node,
                                 const struct promise *p)
{
	uint8_t body[PROMISE_BODY_BYTES], id[TX_ID_BYTES];
	const struct message m = { .purpose = "promise", .group = l->m->suite,
	                           .election_id = l->m->election_id,
	                           .body = body, .body_len = sizeof(body) };
	struct tx tx;
	enum status st;

	if ((st = tx_decode(&tx, j->wire, j->len)) != ST_OK ||
	    (st = chain_tx_id(id, l->m, &tx)) != ST_OK)
		return st;
	if (p->node != node || memcmp(p->tx_id, id, sizeof(id)) != 0)
		return ST_SIGNATURE;
	promise_body(body, p);
	return sign_verify(l->m->trustees[node].node_key, p->sig, &m);
}

/* The world's troubles pass; the rulebook's refusals do not. */
static bool is_for_good(enum status st)
{
	return st != ST_AGAIN && st != ST_TIMEOUT && st != ST_IO && st != ST_NO_MEMORY &&
	       st != ST_DENIED && st != ST_INTERNAL && st != ST_DUPLICATE && st != ST_EXISTS;
}

static void refused(struct chainlink *l, struct job *j, uint32_t node, enum status st)
{
	if (!is_for_good(st))
		return;
	put_in(&j->refused, node);
	if (j->promised != 0 || j->told_refusal || j->has_result ||
	    count_of(j->refused) < l->m->faults + 1u)
		return;
	j->result = alloc_zero(1, sizeof(*j->result));
	if (j->result == NULL)
		return;
	j->told_refusal = true;
	j->has_result = true;
	j->result->news = CHAINLINK_REFUSED;
	j->result->status = st;
}

static void take_submit(struct chainlink *l, struct job *j, uint32_t node,
                        const struct message_response *r)
{
	if (r->answer == ANSWER_OK) {
		if (check_promise(l, j, node, &r->promise) == ST_OK)
			put_in(&j->promised, node);
		else
			distrust(l, node);
		crash_point("cast-promised");
	} else if (r->answer == ANSWER_REFUSED) {
		refused(l, j, node, r->status);
	}
}

/* Is it the receipt of the very transaction that we submitted? */
static enum status check_receipt(const struct chainlink *l, const struct job *j,
                                 const struct receipt *r)
{
	enum status st = receipt_check(r, chainview_committee(l->view));

	if (st != ST_OK)
		return st;
	if (memcmp(r->tracker, j->tracker, sizeof(r->tracker)) != 0)
		return ST_TRACKER;
	if (r->wire_len != j->len || r->witness_len >= j->len ||
	    memcmp(r->witness, j->wire + j->len - r->witness_len, r->witness_len) != 0)
		return ST_HASH;
	return ST_OK;
}

static void take_receipt(struct chainlink *l, struct job *j, uint32_t node,
                         const struct message_response *msg, uint64_t now_ms)
{
	struct receipt r;

	if (msg->answer != ANSWER_OK || (j->has_result && j->result->news == CHAINLINK_RECEIPT))
		return;
	if (msg->bytes_len > RECEIPT_BYTES_MAX ||
	    receipt_decode(&r, msg->bytes, msg->bytes_len) != ST_OK ||
	    check_receipt(l, j, &r) != ST_OK) {
		distrust(l, node);
		return;
	}
	if (j->result == NULL)
		j->result = alloc_zero(1, sizeof(*j->result));
	if (j->result == NULL)
		return;
	l->sync_ms = now_ms;   /* there is a new block */
	j->has_result = true;
	j->result->news = CHAINLINK_RECEIPT;
	j->result->height = r.head.header.height;
	j->result->receipt_len = msg->bytes_len;
	memcpy(j->result->receipt, msg->bytes, msg->bytes_len);
}

static void take_answer(struct chainlink *l, const struct question *q, const uint8_t *bytes,
                        size_t len, uint64_t now_ms)
{
	struct message_response r;
	struct job *j = &l->job[q->job];
	bool has_job = j->used && memcmp(j->tracker, q->tracker, sizeof(q->tracker)) == 0;

	l->heard_ms = now_ms;
	if (message_response_decode(&r, bytes, len) != ST_OK || r.kind != q->kind) {
		distrust(l, q->node);
		return;
	}
	switch (q->kind) {
	case MESSAGE_BLOCKS:
		take_blocks(l, q, &r, now_ms);
		break;
	case MESSAGE_SUBMIT:
		if (has_job)
			take_submit(l, j, q->node, &r);
		break;
	case MESSAGE_RECEIPT:
		if (has_job)
			take_receipt(l, j, q->node, &r, now_ms);
		break;
	case MESSAGE_STATUS:
	case MESSAGE_HEAD:
	case MESSAGE_FATE:
	case MESSAGE_VOTER:
	case MESSAGE_GENESIS:
	case MESSAGE_VOUCHERS:
		break;
	}
}

void chainlink_answer(struct chainlink *l, const struct client_event *event, uint64_t now_ms)
{
	if (event->kind == CLIENT_READABLE)
		return;
	for (size_t i = 0; i < CLIENT_PENDING_MAX; i++) {
		struct question q = l->question[i];

		if (!q.used || q.request != event->request)
			continue;
		l->question[i].used = false;
		if (q.kind == MESSAGE_BLOCKS)
			l->is_syncing = false;
		if (event->kind == CLIENT_ANSWER)
			take_answer(l, &q, event->bytes, event->len, now_ms);
		return;
	}
}

/* --- jobs ------------------------------------------------------------------------------------ */

enum status chainlink_send(struct chainlink *l, uint64_t now_ms,
                           const uint8_t tracker[static 32], const uint8_t *wire, size_t len)
{
	if (find_job(l, tracker) != NULL)
		return ST_EXISTS;
	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++) {
		struct job *j = &l->job[i];

		if (j->used)
			continue;
		j->wire = malloc(len);
		if (j->wire == NULL)
			return ST_NO_MEMORY;
		memcpy(j->wire, wire, len);
		j->len = len;
		memcpy(j->tracker, tracker, sizeof(j->tracker));
		j->next = rng_below(l->port->nodes);
		j->turn = j->next;
		j->widen_ms = now_ms;
		j->receipt_ms = now_ms;
		j->used = true;
		return ST_OK;
	}
	return ST_AGAIN;
}

bool chainlink_is_sending(const struct chainlink *l, const uint8_t tracker[static 32])
{
	return find_job(l, tracker) != NULL;
}

void chainlink_drop(struct chainlink *l, const uint8_t tracker[static 32])
{
	struct job *j = find_job(l, tracker);

	if (j != NULL)
		forget_job(j);
}

uint32_t chainlink_jobs(const struct chainlink *l)
{
	uint32_t n = 0;

	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++)
		n += l->job[i].used;
	return n;
}

bool chainlink_outcome(struct chainlink *l, struct chainlink_outcome *out)
{
	for (size_t i = 0; i < CHAINLINK_JOBS_MAX; i++) {
		struct job *j = &l->job[i];

		if (!j->used || !j->has_result)
			continue;
		*out = *j->result;
		memcpy(out->tracker, j->tracker, sizeof(out->tracker));
		j->has_result = false;
		if (out->news == CHAINLINK_RECEIPT)
			forget_job(j);
		return true;
	}
	return false;
}
