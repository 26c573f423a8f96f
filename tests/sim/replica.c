/*
 * replica.c: a driver of the production core, as the node's is, over a model of a disk.
 *
 * It can die before the records are appended, before they are synced (a prefix may survive), after
 * the sync, after the signer has signed, and between two sends.  The chain store may lag behind
 * the log and is brought up from it.
 *
 * Invariant: the order of consensus.h is kept: records, sync, sign and send, timer, deliveries.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUE_MAX = 1024 };

static uint8_t frame[LIMIT_FRAME_BULK];

/* --- disk ----------------------------------------------------------------------------------- */

static void wal_append(struct replica *r, const struct consensus_record *rec)
{
	struct wal_entry *e;
	size_t len;

	if (consensus_record_encode(r->core, frame, sizeof(frame), &len, rec) != ST_OK)
		return;
	if (r->wal_len == r->wal_cap) {
		r->wal_cap = r->wal_cap == 0 ? 256 : 2 * r->wal_cap;
		r->wal = realloc(r->wal, r->wal_cap * sizeof(*r->wal));
		assert(r->wal != NULL);
	}
	e = &r->wal[r->wal_len++];
	e->bytes = malloc(len);
	assert(e->bytes != NULL);
	memcpy(e->bytes, frame, len);
	e->len = len;
	e->rec = *rec;
}

static void wal_truncate(struct replica *r, size_t len)
{
	while (r->wal_len > len)
		free(r->wal[--r->wal_len].bytes);
	if (r->wal_synced > len)
		r->wal_synced = len;
}

/* A fresh log of what still matters takes the place of the old one, atomically. */
static void wal_compact(struct replica *r)
{
	struct wal_entry *old = r->wal;
	size_t old_len = r->wal_len;
	struct consensus_record rec;
	uint64_t cursor = 0;

	r->wal = NULL;
	r->wal_len = r->wal_cap = 0;
	while (consensus_live(r->core, &rec, &cursor))
		wal_append(r, &rec);
	r->wal_synced = r->wal_len;
	while (old_len > 0)
		free(old[--old_len].bytes);
	free(old);
}

static void chain_truncate(struct replica *r, size_t len)
{
	while (r->chain_len > len)
		free(r->chain[--r->chain_len].body);
}

void replica_crash(struct replica *r)
{
	struct sim *s = r->sim;
	size_t lost = r->wal_len - r->wal_synced;
	size_t lag = 0;

	if (!r->up)
		return;
	r->up = false;
	s->result->crashes++;
	wal_truncate(r, r->wal_synced + (lost > 0 ? prng_below(&s->rng, lost + 1) : 0));
	r->wal_synced = r->wal_len;
	/* The chain store may have been behind, by blocks that the log still tells of. */
	for (size_t i = r->wal_len; i > 0 && lag < 4 && chance(s, 50); i--)
		if (r->wal[i - 1].rec.type == CONSENSUS_RECORD_COMMIT &&
		    r->wal[i - 1].rec.height + 1 == r->chain_len) {
			chain_truncate(r, r->chain_len - 1);
			lag++;
		}
	sim_log(s, "%u crashes, log %zu, chain %zu", r->inst, r->wal_len, r->chain_len);
	network_push(s, (struct event){ .at = s->now + 1 + prng_below(&s->rng, s->healed ? 100 : 3000),
	                                .type = EV_RESTART, .inst = r->inst });
}

void replica_forget(struct replica *r)
{
	wal_truncate(r, 0);
	r->signed_len = 0;
	memset(r->held, 0, sizeof(r->held));
	r->amnesiac = true;
	if (chance(r->sim, 50))
		chain_truncate(r, 1);
	sim_log(r->sim, "%u forgets", r->inst);
}

/* --- driving -------------------------------------------------------------------------------- */

static bool dies(struct replica *r)
{
	if (r->sim->healed || r->sim->o.crash_pct == 0 ||
	    prng_below(&r->sim->rng, 1000) >= r->sim->o.crash_pct)
		return false;
	replica_crash(r);
	return true;
}

void replica_append(struct replica *r, struct consensus *core, const struct consensus_update *up)
{
	r->core = core;
	for (size_t i = 0; i < up->record_count; i++)
		wal_append(r, &up->records[i]);
}

static bool send_all(struct replica *r, const struct consensus_update *up)
{
	size_t len;

	for (size_t i = 0; i < up->message_count; i++) {
		struct consensus_message shorter = up->messages[i];
		const struct consensus_message *m = &shorter;

		if (shorter.kind == WIRE_SYNC_RESP && chance(r->sim, 30))
			shorter.last = 2000;   /* as if the bodies were large */
		if (consensus_message_encode(r->core, frame, sizeof(frame), &len, m) != ST_OK)
			continue;
		if (!m->bulk && len > LIMIT_FRAME_FAST)
			sim_fail(r->sim, "%u: a message of kind %u does not fit the fast lane",
			         r->inst, m->kind);
		network_send(r->sim, r, m->to, frame, len);
		if (dies(r))
			return false;
	}
	return true;
}

static void commit_all(struct replica *r, const struct consensus_update *up)
{
	for (size_t i = 0; i < up->delivery_count; i++) {
		const struct consensus_delivery *d = &up->deliveries[i];

		if (d->header.height != r->chain_len)
			sim_fail(r->sim, "%u: height %llu delivered after %zu", r->inst,
			         (unsigned long long)d->header.height, r->chain_len);
		app_commit(r, d->id, d->has_cert ? &d->cert : NULL);
		if (r->honest)
			check_commit(r, d->header.height, d->id);
		sim_log(r->sim, "%u delivers height %llu of view %llu", r->inst,
		        (unsigned long long)d->header.height, (unsigned long long)d->header.view);
	}
}

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

static void vote_push(struct vote **list, size_t *len, size_t *cap, const struct vote *v)
{
	if (*len == *cap) {
		*cap = *cap == 0 ? 64 : 2 * *cap;
		*list = realloc(*list, *cap * sizeof(*v));
		assert(*list != NULL);
	}
	(*list)[(*len)++] = *v;
}

void replica_signed(struct replica *r, const struct vote *v)
{
	vote_push(&r->signed_votes, &r->signed_len, &r->signed_cap, v);
	vote_push(&r->ever_signed, &r->ever_len, &r->ever_cap, v);
}

/* The signer: durable before it answers.  false: the process died after it. */
static bool sign(struct replica *r, struct vote *v)
{
	if (r->honest)
		check_vote(r, v);
	fake_sign(v);
	replica_signed(r, v);
	sim_log(r->sim, "%u signs %s of view %llu, block %02x%02x", r->inst, vote_type_name(v->type),
	        (unsigned long long)v->view, v->block[0], v->block[1]);
	return !dies(r);
}

static void arm(struct replica *r, const struct consensus_update *up)
{
	if (up->deadline_ms == r->deadline)
		return;
	r->deadline = up->deadline_ms;
	if (r->deadline != CONSENSUS_NEVER)
		network_push(r->sim, (struct event){ .at = r->deadline, .type = EV_TIMER,
		                                     .inst = r->inst });
}

/* One update.  Votes to be signed are added to the queue.  false: the process died. */
static bool carry_out(struct replica *r, const struct consensus_update *up, struct vote *queue,
                      size_t *queue_len)
{
	if (up->record_count > 0) {
		if (dies(r))
			return false;
		replica_append(r, r->core, up);
		if (dies(r))
			return false;
		r->wal_synced = r->wal_len;
		if (dies(r))
			return false;
	}
	look_at(r, up);
	for (size_t i = 0; i < up->sign_count; i++) {
		assert(*queue_len < QUEUE_MAX);
		queue[(*queue_len)++] = up->sign[i];
	}
	if (!send_all(r, up))
		return false;
	arm(r, up);
	commit_all(r, up);
	return true;
}

static void drive(struct replica *r, const struct consensus_update *first)
{
	static struct vote queue[QUEUE_MAX];
	struct consensus_update up = *first;
	size_t len = 0, next = 0;

	while (carry_out(r, &up, queue, &len)) {
		struct consensus_event ev = { .type = CONSENSUS_TICK };

		if (next < len) {
			ev.type = CONSENSUS_SIGNED;
			ev.vote = queue[next++];
			if (!sign(r, &ev.vote))
				return;
		} else if (!up.again) {
			if (chance(r->sim, 1))
				wal_compact(r);   /* only when no vote waits for the signer */
			return;
		}
		if (next == len)
			next = len = 0;
		(void)consensus_step(r->core, &up, r->sim->now, &ev);
	}
}

void replica_event(struct replica *r, const struct consensus_event *ev)
{
	struct consensus_update up;
	enum status st;

	if (!r->up)
		return;
	r->sim->result->events++;
	st = consensus_step(r->core, &up, r->sim->now, ev);
	if (r->honest && ev->type == CONSENSUS_MESSAGE &&
	    r->sim->o.kind[ev->from] == SIM_HONEST &&
	    (st == ST_FORMAT || st == ST_SIGNATURE || st == ST_CERTIFICATE || st == ST_ROLE))
		sim_fail(r->sim, "%u refuses a message of honest node %u: %s", r->inst, ev->from,
		         status_name(st));
	drive(r, &up);
}

/* --- life ----------------------------------------------------------------------------------- */

void replica_init(struct replica *r, struct sim *s, uint8_t inst, uint8_t node, bool honest)
{
	memset(r, 0, sizeof(*r));
	r->sim = s;
	r->inst = inst;
	r->node = node;
	r->honest = honest;
	r->mask = UINT16_MAX;
	r->clock_offset_ms = (int64_t)prng_below(&s->rng, 10000) - 5000;
	r->deadline = CONSENSUS_NEVER;
}

static void configure(const struct replica *r, struct consensus_config *cfg)
{
	const struct sim *s = r->sim;

	consensus_defaults(cfg, 100);
	cfg->committee = s->committee;
	cfg->verify = fake_verify;
	cfg->self = r->node;
	cfg->seed = (uint64_t)r->inst * 7919 + s->now;
	cfg->views = SIM_VIEWS;
	cfg->batch_min = s->o.batch_min;
	cfg->batch_wait_ms = s->o.batch_wait_ms;
	cfg->amnesia = r->amnesiac;
	cfg->app = app_template;
	cfg->app.ctx = (void *)(uintptr_t)r;
}

/* Bring the chain store up to the log (the log is ahead after some crashes). */
static void catch_up(struct replica *r)
{
	size_t old_len = r->chain_len;
	struct committed *old = malloc(old_len * sizeof(*old));

	assert(old != NULL);
	memcpy(old, r->chain, old_len * sizeof(*old));
	r->chain_len = 0;
	for (size_t h = 0; h < old_len; h++) {
		(void)app_template.put(r, &old[h].header, old[h].id, old[h].body, old[h].body_len);
		app_commit(r, old[h].id, old[h].has_cert ? &old[h].cert : NULL);
		free(old[h].body);
	}
	free(old);
	for (size_t i = 0; i < r->wal_len; i++) {
		const struct wal_entry *e = &r->wal[i];
		struct block_header h;
		struct reader in;
		const uint8_t *body;
		size_t len;

		if (e->rec.type == CONSENSUS_RECORD_BLOCK) {
			reader_init(&in, e->bytes + 1, e->len - 1);
			if (block_header_read(&in, &h) == ST_OK &&
			    reader_vec32(&in, &body, &len, SIM_BODY_MAX) == ST_OK)
				(void)app_template.put(r, &h, e->rec.id, body, len);
		} else if (e->rec.type == CONSENSUS_RECORD_COMMIT && e->rec.height == r->chain_len) {
			app_commit(r, e->rec.id, e->rec.has_cert ? &e->rec.cert : NULL);
			if (r->honest)
				check_commit(r, e->rec.height, e->rec.id);
		}
	}
}

void replica_replay(struct replica *r)
{
	const struct committed *top = &r->chain[r->chain_len - 1];
	enum status st = ST_OK;

	if (top->has_cert) {
		struct consensus_record rec = { .type = CONSENSUS_RECORD_CERTIFICATE,
		                                .cert = top->cert };
		size_t len;

		if ((st = consensus_record_encode(r->core, frame, sizeof(frame), &len, &rec)) == ST_OK)
			st = consensus_replay(r->core, frame, len);
	}
	for (size_t i = 0; i < r->wal_len && st == ST_OK; i++)
		st = consensus_replay(r->core, r->wal[i].bytes, r->wal[i].len);
	for (size_t i = 0; i < r->signed_len && st == ST_OK; i++)
		st = consensus_replay_vote(r->core, &r->signed_votes[i]);
	/* A twin reads back what the other one signed: for an honest node that is the end. */
	if (st != ST_OK && r->honest)
		sim_fail(r->sim, "%u: replay says %s", r->inst, status_name(st));
}

void replica_restore(struct replica *r)
{
	app_reset(r);
	if (r->chain_len == 0) {
		(void)app_template.put(r, &r->sim->genesis, r->sim->genesis_id, NULL, 0);
		app_commit(r, r->sim->genesis_id, NULL);
	}
	catch_up(r);
	memcpy(r->mempool, r->held, sizeof(r->mempool));
	for (unsigned int i = 0; i < SIM_ITEMS; i++)
		r->arrived[i] = r->sim->now;
}

static bool guard_has_passed(const struct replica *r)
{
	for (size_t i = 0; i < r->wal_len; i++)
		if (r->wal[i].rec.type == CONSENSUS_RECORD_GUARD)
			return true;
	return false;
}

void replica_start(struct replica *r)
{
	struct sim *s = r->sim;
	struct consensus_config cfg;
	struct consensus_update up;
	size_t bytes;
	enum status st;

	if (r->up)
		return;
	replica_restore(r);
	r->amnesiac = r->amnesiac && !guard_has_passed(r);
	configure(r, &cfg);
	bytes = consensus_bytes(&cfg);
	if (r->memory == NULL)
		r->memory = malloc(bytes);
	assert(r->memory != NULL);
	st = consensus_init(&r->core, r->memory, bytes, &cfg, &r->chain[r->chain_len - 1].header);
	if (st != ST_OK) {
		sim_fail(s, "%u: init says %s", r->inst, status_name(st));
		return;
	}
	replica_replay(r);
	r->up = true;
	r->deadline = CONSENSUS_NEVER;
	sim_log(s, "%u starts at height %zu", r->inst, r->chain_len - 1);
	consensus_start(r->core, &up, s->now);
	drive(r, &up);
}

/* Everything that waits here, as one message: a set of items. */
void replica_gossip(struct replica *r)
{
	uint8_t bytes[1 + SIM_ITEMS / 8] = { SIM_GOSSIP };
	bool any = false;

	for (unsigned int i = 0; i < SIM_ITEMS; i++)
		if (bit_has(r->mempool, i) && !bit_has(r->final_items, i)) {
			bytes[1 + i / 8] |= (uint8_t)(1u << i % 8);
			any = true;
		}
	if (r->up && any)
		network_send(r->sim, r, CONSENSUS_ALL, bytes, sizeof(bytes));
}

void replica_hear_items(struct replica *r, const uint8_t *bytes, size_t len)
{
	const struct consensus_event tick = { .type = CONSENSUS_TICK };

	for (unsigned int i = 0; r->up && i < SIM_ITEMS && i / 8 + 1 < len; i++) {
		if ((bytes[1 + i / 8] >> i % 8 & 1) == 0 || bit_has(r->mempool, i))
			continue;
		r->arrived[i] = r->sim->now;
		bit_set(r->mempool, i);
	}
	replica_event(r, &tick);
}

void replica_submit(struct replica *r, unsigned int item)
{
	const struct consensus_event tick = { .type = CONSENSUS_TICK };

	if (!r->up)
		return;
	bit_set(r->held, item);
	bit_set(r->mempool, item);
	r->arrived[item] = r->sim->now;
	replica_gossip(r);
	replica_event(r, &tick);
}

void replica_free(struct replica *r)
{
	wal_truncate(r, 0);
	chain_truncate(r, 0);
	free(r->wal);
	free(r->signed_votes);
	free(r->ever_signed);
	free(r->chain);
	free(r->blocks);
	free(r->index);
	free(r->memory);
}
