/*
 * drive.c: carrying out what consensus says (consensus.h; docs/consensus.md, R0).
 *
 * Invariant: records are on the disk before a vote is signed, votes before a message is sent, and
 * everything an update points to is used before the next step.
 */
#include "tally-server/node/node.h"

#include "common/base/clock.h"
#include "common/base/crash.h"
#include "common/base/log.h"

#include <string.h>

void node_fail(struct node *n, const char *where, enum status st)
{
	struct log_line line;

	if (n->failed != ST_OK)
		return;
	n->failed = st;
	log_begin(&line, LOG_LEVEL_ERROR, "stopping");
	log_text(&line, "where", where);
	log_status(&line, "why", st);
	log_end(&line);
}

void node_fail_signer(struct node *n)
{
	struct log_line line;

	if (n->failed != ST_OK)
		return;
	log_begin(&line, LOG_LEVEL_ERROR, "signer-gone");
	log_text(&line, "how", remote_how(n->signer));
	log_end(&line);
	node_fail(n, "signer", ST_IO);
}

/* --- records --------------------------------------------------------------------------------- */

/* R15: from now on this node signs above that view, and nothing is forgotten any more. */
static enum status pass_guard(struct node *n, uint64_t view)
{
	struct log_line line;
	enum status st;

	if ((st = remote_guard(n->signer, view)) != ST_OK)
		return st;
	crash_point("guard-signer");
	if ((st = wal_clear_amnesia(n->wal)) != ST_OK || (st = wal_sync(n->wal)) != ST_OK)
		return st;
	log_begin(&line, LOG_LEVEL_WARN, "guard-passed");
	log_number(&line, "above", view);
	log_end(&line);
	return ST_OK;
}

static enum status store_records(struct node *n, const struct consensus_update *up)
{
	enum status st;

	if (up->record_count == 0)
		return ST_OK;
	for (size_t i = 0; i < up->record_count; i++)
		if ((st = logs_append(n, &up->records[i])) != ST_OK)
			return st;
	crash_point("wal-append");
	if ((st = wal_sync(n->wal)) != ST_OK)
		return st;
	crash_point("wal-sync");
	for (size_t i = 0; i < up->record_count; i++)
		if (up->records[i].type == CONSENSUS_RECORD_GUARD &&
		    (st = pass_guard(n, up->records[i].view)) != ST_OK)
			return st;
	return ST_OK;
}

/* --- votes ----------------------------------------------------------------------------------- */

static void say_unsigned(const struct vote *v, enum status st)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_ERROR, "vote-not-signed");
	log_text(&line, "type", vote_type_name(v->type));
	log_number(&line, "view", v->view);
	log_status(&line, "why", st);
	log_end(&line);
}

/* Signed votes wait in n->votes for their way back into consensus. */
static enum status sign_votes(struct node *n, const struct consensus_update *up)
{
	enum status each[NODE_VOTES_MAX];
	struct vote *at = n->votes + n->votes_len;
	size_t kept = 0;
	enum status st;

	if (up->sign_count == 0)
		return ST_OK;
	if (up->sign_count > NODE_VOTES_MAX - n->votes_len)
		return ST_LIMIT;
	memcpy(at, up->sign, up->sign_count * sizeof(*at));
	if ((st = remote_sign(n->signer, at, each, up->sign_count)) != ST_OK)
		return st;
	for (size_t i = 0; i < up->sign_count; i++) {
		if (each[i] == ST_OK) {
			at[kept++] = at[i];
			continue;
		}
		say_unsigned(&at[i], each[i]);
		if (each[i] == ST_CONFLICT || each[i] == ST_ORDER)
			return each[i];   /* two memories of one node differ: never go on */
	}
	n->votes_len += kept;
	crash_point("signed");
	return ST_OK;
}

/* --- messages -------------------------------------------------------------------------------- */

static void send_messages(struct node *n, const struct consensus_update *up)
{
	size_t len;

	for (size_t i = 0; i < up->message_count; i++) {
		const struct consensus_message *m = &up->messages[i];
		enum link_lane lane = m->bulk ? LINK_BULK : LINK_FAST;

		branch_begin(n->branch);
		if (consensus_message_encode(n->core, n->frame, LIMIT_FRAME_BULK, &len, m) != ST_OK)
			continue;
		if (m->to == CONSENSUS_ALL)
			(void)link_broadcast(n->link, lane, n->frame, len);
		else
			(void)link_send(n->link, m->to, lane, n->frame, len);
	}
	branch_begin(n->branch);
	if (up->message_count > 0)
		crash_point("sent");
}

/* --- people ---------------------------------------------------------------------------------- */

static void say_evidence(const struct consensus_evidence *e)
{
	struct log_line line;

	log_begin(&line, LOG_LEVEL_ERROR, "evidence");
	log_text(&line, "of", e->type == CONSENSUS_DOUBLE_VOTE ? "double-vote" : "unsound-proposal");
	log_number(&line, "node", e->a.signer);
	log_number(&line, "view", e->a.view);
	log_status(&line, "why", e->why);
	log_hex(&line, "block", e->a.block, sizeof(e->a.block));
	log_hex(&line, "signature", e->a.sig, sizeof(e->a.sig));
	if (e->type == CONSENSUS_DOUBLE_VOTE) {
		log_text(&line, "also", vote_type_name(e->b.type));
		log_hex(&line, "also-block", e->b.block, sizeof(e->b.block));
		log_hex(&line, "also-signature", e->b.sig, sizeof(e->b.sig));
	}
	log_end(&line);
}

static void say_concerns(struct node *n, const struct consensus_update *up)
{
	struct log_line line;

	for (size_t i = 0; i < up->evidence_count; i++) {
		say_evidence(&up->evidence[i]);
		evidence_take(n, &up->evidence[i]);
	}
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		if ((up->bad_peers >> i & 1) == 0)
			continue;
		log_begin(&line, LOG_LEVEL_ERROR, "peer-bad");
		log_number(&line, "node", i);
		log_end(&line);
	}
}

/* --- steps ----------------------------------------------------------------------------------- */

static enum status carry_out(struct node *n, const struct consensus_update *up)
{
	enum status st;

	if ((st = store_records(n, up)) != ST_OK || (st = sign_votes(n, up)) != ST_OK)
		return st;
	send_messages(n, up);
	n->deadline_ms = up->deadline_ms;
	say_concerns(n, up);
	if (up->again)
		n->tick = true;
	if (up->delivery_count > 0 && (st = deliver_all(n, up)) != ST_OK)
		return st;
	return up->halted;
}

/* Carry out an update and all that follows from it at once. */
static void drive(struct node *n, struct consensus_update *up)
{
	for (;;) {
		struct consensus_event ev = { .type = CONSENSUS_TICK };
		enum status st = carry_out(n, up);

		if (st != ST_OK) {
			if (remote_is_gone(n->signer))
				node_fail_signer(n);
			node_fail(n, "consensus", st);
			return;
		}
		if (n->votes_next < n->votes_len) {
			ev.type = CONSENSUS_SIGNED;
			ev.vote = n->votes[n->votes_next++];
		} else if (!n->tick) {
			n->votes_next = n->votes_len = 0;
			return;
		} else {
			n->tick = false;
		}
		branch_begin(n->branch);
		(void)consensus_step(n->core, up, clock_mono_ms(), &ev);
	}
}

void drive_start(struct node *n)
{
	struct consensus_update up;

	branch_begin(n->branch);
	consensus_start(n->core, &up, clock_mono_ms());
	drive(n, &up);
}

void drive_event(struct node *n, const struct consensus_event *ev)
{
	struct consensus_update up;
	struct log_line line;
	enum status st;

	if (n->failed != ST_OK)
		return;
	branch_begin(n->branch);
	st = consensus_step(n->core, &up, clock_mono_ms(), ev);
	if (st != ST_OK && st != ST_DUPLICATE && ev->type == CONSENSUS_MESSAGE) {
		log_begin(&line, LOG_LEVEL_DEBUG, "message-unused");
		log_number(&line, "node", ev->from);
		log_number(&line, "kind", ev->len > 0 ? ev->bytes[0] : 0);
		log_status(&line, "why", st);
		log_end(&line);
	}
	drive(n, &up);
}
