/*
 * drive.c: a driver of the production core, in the order of the node's own (tally-server/node/
 * drive.c): records, sync, sign, send, timer, store.
 *
 * Invariant: nothing goes on after an operation of the disk that failed.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VOTES_MAX = 1024 };

static uint8_t frame[LIMIT_FRAME_BULK];

/* --- what the oracle sees --------------------------------------------------------------------- */

static void look_at(struct replica *r, const struct consensus_update *up)
{
	struct sim *s = r->sim;

	for (size_t i = 0; i < up->record_count; i++)
		if (up->records[i].type == CONSENSUS_RECORD_CERTIFICATE)
			check_certificate(s, &up->records[i].cert);
	for (size_t i = 0; i < up->evidence_count; i++) {
		s->result->evidence++;
		if (s->o.kind[up->evidence[i].a.signer] == SIM_HONEST)
			sim_fail(s, "%u: evidence against honest node %u", r->inst,
			         up->evidence[i].a.signer);
	}
	for (unsigned int i = 0; i < s->o.n; i++)
		if ((up->bad_peers >> i & 1) != 0 && s->o.kind[i] == SIM_HONEST)
			sim_fail(s, "%u blames honest node %u", r->inst, i);
	if (up->halted != ST_OK) {
		s->result->halted++;
		if (r->honest)
			sim_fail(s, "%u halts: %s", r->inst, status_name(up->halted));
	}
}

/* --- records ---------------------------------------------------------------------------------- */

/* R15: from now on this node signs above that view, and nothing is forgotten any more. */
static enum status pass_guard(struct replica *r, uint64_t view)
{
	enum status st;

	if ((st = signer_guard(r->signer, view)) != ST_OK ||
	    (st = wal_clear_amnesia(r->log)) != ST_OK || (st = wal_sync(r->log)) != ST_OK)
		return st;
	r->forgot = false;
	check_guard(r, view);
	sim_log(r->sim, "%u passes the guard, signs above %llu", r->inst,
	        (unsigned long long)view);
	return ST_OK;
}

static enum status store_records(struct replica *r, const struct consensus_update *up)
{
	enum status st;

	if (up->record_count == 0)
		return ST_OK;
	for (size_t i = 0; i < up->record_count; i++)
		if ((st = logs_append(r, &up->records[i])) != ST_OK)
			return st;
	if ((st = logs_sync(r)) != ST_OK)
		return st;
	if (replica_dies(r, POINT_SYNCED))
		return ST_IO;
	for (size_t i = 0; i < up->record_count; i++)
		if (up->records[i].type == CONSENSUS_RECORD_GUARD &&
		    (st = pass_guard(r, up->records[i].view)) != ST_OK)
			return st;
	return ST_OK;
}

/* --- votes ------------------------------------------------------------------------------------ */

/* Signed votes wait for their way back into the core. */
static enum status sign_votes(struct replica *r, const struct consensus_update *up)
{
	static enum status each[SIGNER_BATCH_MAX];
	struct vote *at;
	size_t kept = 0;
	enum status st;

	if (up->sign_count == 0)
		return ST_OK;
	if (r->votes == NULL)
		r->votes = malloc(VOTES_MAX * sizeof(*r->votes));
	assert(r->votes != NULL && r->votes_len + up->sign_count <= VOTES_MAX);
	at = r->votes + r->votes_len;
	memcpy(at, up->sign, up->sign_count * sizeof(*at));
	if ((st = signer_sign(r->signer, at, each, up->sign_count)) != ST_OK)
		return st;
	for (size_t i = 0; i < up->sign_count; i++) {
		if (each[i] != ST_OK && r->honest)
			sim_fail(r->sim, "%u: its signer refuses %s of view %llu: %s", r->inst,
			         vote_type_name(at[i].type), (unsigned long long)at[i].view,
			         status_name(each[i]));
		if (each[i] != ST_OK)
			continue;
		check_vote(r, &at[i]);
		sim_trace(r->sim, &at[i].view, sizeof(at[i].view));
		sim_log(r->sim, "%u signs %s of view %llu, block %02x%02x", r->inst,
		        vote_type_name(at[i].type), (unsigned long long)at[i].view,
		        at[i].block[0], at[i].block[1]);
		at[kept++] = at[i];
	}
	r->votes_len += kept;
	return replica_dies(r, POINT_SIGNED) ? ST_IO : ST_OK;
}

/* --- messages --------------------------------------------------------------------------------- */

static enum status send_all(struct replica *r, const struct consensus_update *up)
{
	size_t len;

	for (size_t i = 0; i < up->message_count; i++) {
		struct consensus_message m = up->messages[i];

		if (m.kind == WIRE_SYNC_RESP && chance(r->sim, 30))
			m.last = 2000;   /* as if the bodies were large */
		if (consensus_message_encode(r->core, frame, sizeof(frame), &len, &m) != ST_OK)
			continue;
		if (!m.bulk && len > LIMIT_FRAME_FAST)
			sim_fail(r->sim, "%u: a message of kind %u does not fit the fast lane",
			         r->inst, m.kind);
		if (r->honest)
			check_said(r, frame, len);
		network_send(r->sim, r, m.to, frame, len);
		if (replica_dies(r, POINT_SEND))
			return ST_IO;
	}
	return ST_OK;
}

static void arm(struct replica *r, uint64_t deadline)
{
	uint64_t at = r->sim->now;
	int64_t pace = 1000000 + r->drift_ppm;

	if (deadline == r->deadline)
		return;
	r->deadline = deadline;
	if (deadline == CONSENSUS_NEVER)
		return;
	/* When will its own clock show that? */
	if (deadline > replica_now(r))
		at = (uint64_t)((int64_t)deadline * 1000000 / pace);
	while (at + (uint64_t)((int64_t)at * r->drift_ppm / 1000000) < deadline)
		at++;
	if (at < r->sim->now)
		at = r->sim->now;
	network_push(r->sim, (struct event){ .at = at, .type = EV_TIMER, .inst = r->inst });
}

/* --- final blocks ----------------------------------------------------------------------------- */

static enum status deliver_all(struct replica *r, const struct consensus_update *up)
{
	if (up->delivery_count > 0 && replica_dies(r, POINT_STORE))
		return ST_IO;
	for (size_t i = 0; i < up->delivery_count; i++) {
		const struct consensus_delivery *d = &up->deliveries[i];

		if (d->header.height != r->chain_len)
			sim_fail(r->sim, "%u: height %llu delivered after %zu", r->inst,
			         (unsigned long long)d->header.height, r->chain_len);
		app_commit(r, d->id, d->has_cert ? &d->cert : NULL);
		if (r->honest)
			check_commit(r, d->header.height, d->id);
		sim_trace(r->sim, d->id, sizeof(d->id));
		sim_log(r->sim, "%u delivers height %llu of view %llu", r->inst,
		        (unsigned long long)d->header.height, (unsigned long long)d->header.view);
	}
	return ST_OK;
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum status carry_out(struct replica *r, const struct consensus_update *up)
{
	enum status st;

	look_at(r, up);
	if ((st = store_records(r, up)) != ST_OK || (st = sign_votes(r, up)) != ST_OK ||
	    (st = send_all(r, up)) != ST_OK)
		return st;
	arm(r, up->deadline_ms);
	if ((st = deliver_all(r, up)) != ST_OK)
		return st;
	return up->halted;
}

bool replica_drive(struct replica *r, const struct consensus_update *first)
{
	struct consensus_update up = *first;

	for (;;) {
		struct consensus_event ev = { .type = CONSENSUS_TICK };
		enum status st = carry_out(r, &up);

		if (st != ST_OK)
			return false;
		if (r->votes_next < r->votes_len) {
			ev.type = CONSENSUS_SIGNED;
			ev.vote = r->votes[r->votes_next++];
		} else if (!up.again) {
			break;
		}
		if (r->votes_next == r->votes_len)
			r->votes_next = r->votes_len = 0;
		(void)consensus_step(r->core, &up, replica_now(r), &ev);
	}
	if (chance(r->sim, r->sim->o.compact_pct) && logs_compact(r) != ST_OK)
		return false;
	r->busy_until = r->sim->now + r->lag_ms;
	return true;
}
