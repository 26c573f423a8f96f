/*
 * door.c: requests of kiosks and readers (wire/message.h).
 *
 * Readers may ask everything but SUBMIT.  What a node says is signed, certified, or for display
 * only; nobody has to trust it.
 *
 * Invariant: every request is answered once, now or by its deadline.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/election/check.h"
#include "common/election/receipt_make.h"
#include "common/election/roll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SUBMIT_WAIT_MS = 20000,       /* the longest wait for the worker */
	RECEIPT_WAIT_MS = 3000        /* for finality, before NOT_YET */
};

/* --- answers --------------------------------------------------------------------------------- */

static void reply(struct node *n, const struct link_token *token, const struct message_response *r)
{
	size_t len;

	if (message_response_encode(r, n->answer, LIMIT_RESPONSE, &len) == ST_OK)
		(void)link_reply(n->link, token, n->answer, len);
}

/* One sentence, and what stands in the way where that is not plain. */
static void refuse(struct node *n, const struct link_token *token, enum message_kind kind,
                   enum status st)
{
	char text[MESSAGE_TEXT_MAX];
	struct message_response r;

	if (st == ST_PHASE)
		(void)snprintf(text, sizeof(text), "%s  The election stands at: %s.",
		               status_text(st), election_phase_name(branch_phase(n->branch)));
	else if (st == ST_AGAIN)
		(void)snprintf(text, sizeof(text), "This node is busy.  Send it again in a moment, "
		               "or to another node.");
	else
		(void)snprintf(text, sizeof(text), "%s", status_text(st));
	message_refuse(&r, kind, st, text);
	reply(n, token, &r);
}

static void not_yet(struct node *n, const struct link_token *token, enum message_kind kind)
{
	const struct message_response r = { .kind = kind, .answer = ANSWER_NOT_YET };

	reply(n, token, &r);
}

/* --- submit ---------------------------------------------------------------------------------- */

static void promise(struct node *n, const struct link_token *token, const uint8_t id[static 32],
                    uint64_t minutes)
{
	struct message_response r = { .kind = MESSAGE_SUBMIT, .answer = ANSWER_OK };

	memcpy(r.promise.tx_id, id, sizeof(r.promise.tx_id));
	r.promise.time_min = minutes;
	if (remote_promise(n->signer, &r.promise) == ST_OK)
		reply(n, token, &r);
	else
		node_fail_signer(n);
}

void door_submitted(struct node *n, const uint8_t id[static 32], const struct pool_entry *e,
                    enum status st)
{
	struct ask ask;

	while (asks_take(n->asks, &ask, MESSAGE_SUBMIT, id)) {
		if (st == ST_OK)
			promise(n, &ask.token, id, e != NULL ? e->promised_min : clock_unix_min());
		else
			refuse(n, &ask.token, MESSAGE_SUBMIT, st);
	}
}

static int compare_key(const void *key, const void *kiosk)
{
	return memcmp(key, ((const struct node_kiosk *)kiosk)->key, LINK_KEY_BYTES);
}

/* The number of whoever has this CURVE key.  NULL: nobody whom the chain knows. */
static const struct node_kiosk *find_kiosk(const struct node *n, const uint8_t *key)
{
	return bsearch(key, n->kiosk, n->kiosks, sizeof(n->kiosk[0]), compare_key);
}

/* May a transaction of this type be promised now?  After `close` no ballot (protocol.md §7.13). */
static bool may_promise(const struct node *n, enum tx_type type)
{
	enum election_phase phase = branch_phase(n->branch);

	return check_is_of_phase(type, phase) && (type != TX_BALLOT || phase == PHASE_OPEN);
}

/*
 * Final already, known, or to the worker with it: a block that is not final may be dropped, and
 * with it what nobody keeps.  ST_OK: the answer comes later.
 */
static enum status take_in(struct node *n, const struct facts *f, uint32_t source,
                           const struct ask *ask)
{
	const uint8_t *tracker = f->has_tracker ? f->tracker : NULL;
	struct pool_entry *e = pool_find(n->pool, f->id);
	enum status st;

	if (e != NULL && (e->flags & POOL_LATE) != 0)
		return ST_PHASE;
	if (e == NULL && !branch_is_final(n->branch, tracker, f->id)) {
		if (!branch_holds(n->branch, tracker, f->id) && !may_promise(n, f->tx.type))
			return ST_PHASE;
		st = intake_put(n->intake, source, f->id, &f->tx);
		return st == ST_OK || st == ST_DUPLICATE ? asks_add(n->asks, ask) : st;
	}
	if ((st = asks_add(n->asks, ask)) != ST_OK)
		return st;
	if (e == NULL)
		door_submitted(n, f->id, NULL, ST_OK);
	else if ((e->flags & POOL_UNCHECKED) == 0)
		admit_promise(n, e);
	return ST_OK;
}

static void submit(struct node *n, const struct link_event *ev, const struct message_request *req)
{
	const struct node_kiosk *kiosk = find_kiosk(n, ev->key);
	struct ask ask = {
		.kind = MESSAGE_SUBMIT, .token = ev->token,
		.deadline_ms = clock_mono_ms() + SUBMIT_WAIT_MS,
	};
	struct facts f;
	enum status st = ST_DENIED;

	if (ev->kind == LINK_KIOSK_REQUEST && kiosk != NULL &&
	    (st = facts_of(&f, n->manifest, req->tx, req->tx_len)) == ST_OK) {
		memcpy(ask.about, f.id, sizeof(ask.about));
		st = take_in(n, &f, INTAKE_ASKER + kiosk->number, &ask);
	}
	if (st != ST_OK)
		refuse(n, &ev->token, MESSAGE_SUBMIT, st);
}

/* --- receipts -------------------------------------------------------------------------------- */

static enum status give_receipt(struct node *n, const struct link_token *token,
                                const uint8_t tracker[static 32])
{
	struct message_response r = { .kind = MESSAGE_RECEIPT, .answer = ANSWER_OK };
	uint8_t witness[RECEIPT_WITNESS_MAX];
	struct receipt receipt;
	enum status st;

	if ((st = receipt_make(&receipt, witness, n->store, n->manifest, tracker)) != ST_OK ||
	    (st = receipt_encode(&receipt, n->frame, RECEIPT_BYTES_MAX, &r.bytes_len)) != ST_OK)
		return st;
	r.bytes = n->frame;
	reply(n, token, &r);
	return ST_OK;
}

static void receipt(struct node *n, const struct link_event *ev, const struct message_request *req)
{
	struct ask ask = {
		.kind = MESSAGE_RECEIPT, .token = ev->token,
		.deadline_ms = clock_mono_ms() + RECEIPT_WAIT_MS,
	};
	enum status st = give_receipt(n, &ev->token, req->tracker);

	if (st == ST_OK)
		return;
	/* Not final here: perhaps it waits, or stands in a block that will be. */
	if (st == ST_NOT_FOUND && (pool_find_tracker(n->pool, req->tracker) != NULL ||
	                           branch_holds(n->branch, req->tracker, req->tracker)))
		st = ST_AGAIN;
	memcpy(ask.about, req->tracker, sizeof(ask.about));
	if (st != ST_AGAIN)
		refuse(n, &ev->token, MESSAGE_RECEIPT, st);
	else if (asks_add(n->asks, &ask) != ST_OK)
		not_yet(n, &ev->token, MESSAGE_RECEIPT);
}

void door_final(struct node *n, const uint8_t tracker[static 32])
{
	struct ask ask;

	while (asks_take(n->asks, &ask, MESSAGE_RECEIPT, tracker))
		if (give_receipt(n, &ask.token, tracker) != ST_OK)
			not_yet(n, &ask.token, MESSAGE_RECEIPT);
}

void door_look(struct node *n, uint64_t now_ms)
{
	struct ask ask;

	while (asks_take_due(n->asks, &ask, now_ms)) {
		if (ask.kind == MESSAGE_SUBMIT)
			refuse(n, &ask.token, MESSAGE_SUBMIT, ST_AGAIN);
		else if (give_receipt(n, &ask.token, ask.about) != ST_OK)
			not_yet(n, &ask.token, MESSAGE_RECEIPT);
	}
}

/* --- the chain ------------------------------------------------------------------------------- */

static void status(struct node *n, const struct link_event *ev)
{
	struct message_response r = { .kind = MESSAGE_STATUS, .answer = ANSWER_OK };
	struct consensus_info info;
	struct state_summary s;

	consensus_info(n->core, &info);
	election_summary(n->election, &s);
	r.node = (struct node_status){
		.phase = (uint8_t)branch_phase(n->branch), .node = n->self,
		.height = branch_tip(n->branch)->height, .view = info.view,
		.peers = gossip_up(n), .pending = (uint32_t)pool_count(n->pool), .live = s.live,
		.is_stalled = gossip_up(n) + 1 < n->committee.q,
	};
	memcpy(r.node.head, branch_tip_id(n->branch), sizeof(r.node.head));
	reply(n, &ev->token, &r);
}

static void head(struct node *n, const struct link_event *ev)
{
	struct message_response r = {
		.kind = MESSAGE_HEAD, .answer = ANSWER_OK, .bytes = n->frame,
		.tip = branch_tip(n->branch)->height,
	};
	struct certified_head h;
	struct writer w;
	enum status st = store_certified(n->store, &h, 1, r.tip);

	writer_init(&w, n->frame, LIMIT_FRAME_BULK);
	if (st == ST_OK) {
		certified_head_write(&w, &h);
		st = writer_end(&w, &r.bytes_len);
	}
	if (st == ST_OK)
		reply(n, &ev->token, &r);
	else
		refuse(n, &ev->token, MESSAGE_HEAD, st);
}

/* One block more, unless that would be too much: false. */
static bool add_block(struct node *n, struct writer *w, uint64_t height, size_t max, bool first)
{
	struct block_header h;
	uint8_t *body;
	size_t len, need;
	bool fits;

	if (store_block(n->store, height, &h, &body, &len) != ST_OK)
		return false;
	need = 4 + BLOCK_HEADER_BYTES + len;
	fits = first || w->pos + need <= max;
	if (fits) {
		writer_u32(w, (uint32_t)(BLOCK_HEADER_BYTES + len));
		block_header_write(w, &h);
		writer_bytes(w, body, len);
	}
	free(body);
	return fits;
}

static void blocks(struct node *n, const struct link_event *ev, const struct message_request *req)
{
	size_t max = req->max_bytes < MESSAGE_BLOCKS_BYTES ? req->max_bytes : MESSAGE_BLOCKS_BYTES;
	struct message_response r = {
		.kind = MESSAGE_BLOCKS, .answer = ANSWER_OK, .bytes = n->frame,
		.tip = branch_tip(n->branch)->height,
	};
	uint64_t at = req->from_height;
	struct certified_head h;
	struct writer w;
	enum status st;

	writer_init(&w, n->frame, LIMIT_FRAME_BULK);
	while (at <= r.tip && r.blocks < MESSAGE_BLOCKS_MAX &&
	       add_block(n, &w, at, max, r.blocks == 0)) {
		r.blocks++;
		at++;
	}
	st = r.blocks == 0 ? ST_NOT_FOUND : store_certificate_for(n->store, &h, at - 1);
	if (st == ST_OK) {
		certified_head_write(&w, &h);
		st = writer_end(&w, &r.bytes_len);
	}
	if (st == ST_OK)
		reply(n, &ev->token, &r);
	else
		refuse(n, &ev->token, MESSAGE_BLOCKS, st);
}

/* The trustees' signatures under the manifest. */
static void genesis(struct node *n, const struct link_event *ev)
{
	struct message_response r = { .kind = MESSAGE_GENESIS, .answer = ANSWER_OK };
	uint8_t sigs[LIMIT_TRUSTEES][STORE_GENESIS_SIG_BYTES];
	size_t count;
	enum status st = store_genesis_sigs(n->store, sigs, &count);

	r.bytes = sigs[0];
	if (st == ST_OK) {
		r.bytes_len = count * sizeof(sigs[0]);
		reply(n, &ev->token, &r);
	} else {
		refuse(n, &ev->token, MESSAGE_GENESIS, st);
	}
}

/* Who vouches for the end and the result, as far as it is known here. */
static void vouchers(struct node *n, const struct link_event *ev)
{
	struct message_response r = {
		.kind = MESSAGE_VOUCHERS, .answer = ANSWER_OK, .bytes = n->frame,
	};
	struct writer w;
	enum status st;

	writer_init(&w, n->frame, LIMIT_FRAME_BULK);
	cosign_list(n, &w);
	if ((st = writer_end(&w, &r.bytes_len)) == ST_OK)
		reply(n, &ev->token, &r);
	else
		refuse(n, &ev->token, MESSAGE_VOUCHERS, st);
}

static void fate(struct node *n, const struct link_event *ev, const struct message_request *req)
{
	struct message_response r = { .kind = MESSAGE_FATE, .answer = ANSWER_OK };
	struct ballot_record record;

	r.fate = FATE_UNKNOWN;
	if (election_find(n->election, req->prefix, &record) == ST_OK &&
	    record.height <= branch_tip(n->branch)->height) {
		r.fate = (uint8_t)record.fate;
		r.fate_height = record.height;
	}
	reply(n, &ev->token, &r);
}

static void voter(struct node *n, const struct link_event *ev, const struct message_request *req)
{
	struct message_response r = { .kind = MESSAGE_VOTER, .answer = ANSWER_OK };
	const struct roll *roll = election_roll(n->election);
	struct ballot_record record;
	struct roll_entry entry;
	uint32_t at = ROLL_NONE;

	if (roll != NULL && req->credential_len == group_element_len(n->manifest->suite))
		at = roll_find(roll, req->credential);
	if (at == ROLL_NONE) {
		refuse(n, &ev->token, MESSAGE_VOTER, ST_ROLL);
		return;
	}
	roll_at(roll, at, &entry);
	r.voter = (struct voter_word){
		.index = at, .weight = entry.weight, .style = entry.style,
	};
	if (election_find_voter(n->election, at, &record) == ST_OK) {
		r.voter.has_ballot = true;
		memcpy(r.voter.tracker, record.tracker, sizeof(r.voter.tracker));
	}
	reply(n, &ev->token, &r);
}

void door_request(struct node *n, const struct link_event *ev)
{
	struct message_request req;
	enum status st = message_request_decode(&req, ev->bytes, ev->len);

	if (st != ST_OK) {
		refuse(n, &ev->token, MESSAGE_STATUS, st);
		return;
	}
	switch (req.kind) {
	case MESSAGE_SUBMIT:
		submit(n, ev, &req);
		break;
	case MESSAGE_RECEIPT:
		receipt(n, ev, &req);
		break;
	case MESSAGE_STATUS:
		status(n, ev);
		break;
	case MESSAGE_BLOCKS:
		blocks(n, ev, &req);
		break;
	case MESSAGE_HEAD:
		head(n, ev);
		break;
	case MESSAGE_FATE:
		fate(n, ev, &req);
		break;
	case MESSAGE_VOTER:
		voter(n, ev, &req);
		break;
	case MESSAGE_GENESIS:
		genesis(n, ev);
		break;
	case MESSAGE_VOUCHERS:
		vouchers(n, ev);
		break;
	}
}
