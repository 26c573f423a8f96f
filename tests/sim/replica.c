/*
 * replica.c: the life of a node: it starts, hears, dies and comes back.
 *
 * Invariant: a dead process leaves its disk and nothing else.
 */
#include "tests/sim/sim.h"

#include "tests/sim/disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- dying ------------------------------------------------------------------------------------ */

static const enum sim_fault fault_of[SIM_POINTS] = {
	[POINT_APPEND] = FAULT_CRASH_APPEND, [POINT_TORN] = FAULT_CRASH_TORN,
	[POINT_SYNC] = FAULT_CRASH_SYNC, [POINT_SYNCED] = FAULT_CRASH_SYNCED,
	[POINT_SIGNED] = FAULT_CRASH_SYNCED, [POINT_SEND] = FAULT_CRASH_SEND,
	[POINT_STORE] = FAULT_STORE_LAGS,
	/* No fault of their own in the list. */
	[POINT_NAME] = SIM_FAULTS, [POINT_START] = SIM_FAULTS, [POINT_IDLE] = SIM_FAULTS,
};

static void count_crash(struct replica *r, enum sim_point point)
{
	struct sim *s = r->sim;

	s->result->crashes[point]++;
	if (fault_of[point] != SIM_FAULTS)
		sim_note(s, fault_of[point]);
	sim_log(s, "%u dies %s", r->inst, sim_point_name[point]);
}

bool replica_dies(struct replica *r, enum sim_point point)
{
	const struct sim *s = r->sim;

	if (s->healed || s->o.crash_pm == 0 || prng_below(&r->sim->rng, 1000) >= s->o.crash_pm)
		return false;
	r->doomed = true;
	count_crash(r, point);
	return true;
}

/* The part of the chain store that its log can tell again may not have been there yet. */
static void store_lags(struct replica *r)
{
	for (size_t i = r->notes.synced; i > 0 && chance(r->sim, 50); i--) {
		const struct noted *rec = &r->notes.at[i - 1];

		if (rec->type != CONSENSUS_RECORD_COMMIT || rec->view + 1 != r->chain_len)
			continue;
		free(r->chain[--r->chain_len].body);
		sim_note(r->sim, FAULT_STORE_LAGS);
	}
}

/* The process is gone, for whatever reason. */
static void end(struct replica *r)
{
	struct sim *s = r->sim;
	bool power_lost = r->doomed && chance(s, s->o.power_pct);

	r->up = false;
	r->doomed = false;
	if (power_lost)
		sim_note(s, FAULT_POWER_LOSS);
	if (power_lost && !r->compacting)
		store_lags(r);
	logs_close(r, power_lost);
	sim_log(s, "%u is down, chain %zu%s", r->inst, r->chain_len,
	        power_lost ? ", power lost" : "");
	/* Often so soon that the others have not noticed. */
	network_push(s, (struct event){ .at = s->now + r->lag_ms + 1 +
	                                      prng_below(&s->rng, s->healed || chance(s, 30)
	                                                          ? 100 : 3000),
	                                .type = EV_RESTART, .inst = r->inst });
}

void replica_crash(struct replica *r, enum sim_point point)
{
	if (!r->up)
		return;
	r->doomed = true;
	count_crash(r, point);
	end(r);
}

/* --- the disk's doings ------------------------------------------------------------------------ */

static enum disk_fate write_fate(struct replica *r)
{
	struct sim *s = r->sim;

	if (s->now < r->full_until) {
		sim_note(s, FAULT_DISK_FULL);
		return DISK_FULL;
	}
	if (replica_dies(r, r->up ? POINT_APPEND : POINT_START))
		return DISK_DIES;
	return replica_dies(r, r->up ? POINT_TORN : POINT_START) ? DISK_TORN : DISK_DONE;
}

static enum disk_fate sync_fate(struct replica *r)
{
	struct sim *s = r->sim;

	if (r->disk_error) {
		r->disk_error = false;
		sim_note(s, FAULT_DISK_ERROR);
		return DISK_ERROR;
	}
	/* Half of the nodes have a slow disk. */
	if (s->o.slow_disk_ms > 0 && (r->inst & 1) != 0 && r->up) {
		r->lag_ms += prng_below(&s->rng, s->o.slow_disk_ms + 1);
		sim_note(s, FAULT_SLOW_DISK);
	}
	return replica_dies(r, r->up ? POINT_SYNC : POINT_START) ? DISK_DIES : DISK_DONE;
}

static enum disk_fate fate(void *ctx, enum disk_op op)
{
	struct replica *r = ctx;

	switch (op) {
	case DISK_WRITE:
		return write_fate(r);
	case DISK_SYNC:
		return sync_fate(r);
	case DISK_NAME:
		if (replica_dies(r, r->up ? POINT_NAME : POINT_START))
			return DISK_DIES;
		return replica_dies(r, r->up ? POINT_NAME : POINT_START) ? DISK_TORN : DISK_DONE;
	}
	return DISK_DONE;
}

/* --- living ----------------------------------------------------------------------------------- */

static int64_t either_way(struct sim *s, unsigned int most)
{
	return (int64_t)prng_below(&s->rng, 2 * (size_t)most + 1) - (int64_t)most;
}

void replica_init(struct replica *r, struct sim *s, uint8_t inst, uint8_t node, bool honest)
{
	memset(r, 0, sizeof(*r));
	r->sim = s;
	r->inst = inst;
	r->node = node;
	r->honest = honest;
	r->mask = UINT16_MAX;
	r->clock_offset_ms = either_way(s, s->o.offset_ms);
	r->drift_ppm = either_way(s, s->o.drift_ppm);
	r->deadline = CONSENSUS_NEVER;
	r->disk = disk_new(&s->rng, fate, r);
	if (r->clock_offset_ms > 1000 || r->clock_offset_ms < -1000)
		sim_note(s, FAULT_CLOCK_OFFSET);
	if (r->drift_ppm > 1000 || r->drift_ppm < -1000)
		sim_note(s, FAULT_CLOCK_DRIFT);
}

/* Try again: the disk was full, or the process died while it began. */
static void start_later(struct replica *r)
{
	network_push(r->sim, (struct event){ .at = r->sim->now + 100 +
	                                           prng_below(&r->sim->rng, 500),
	                                     .type = EV_RESTART, .inst = r->inst });
}

void replica_start(struct replica *r)
{
	struct sim *s = r->sim;
	struct consensus_update up;

	if (r->up || (s->healed && (s->core >> r->node & 1) == 0))
		return;
	r->lag_ms = 0;
	r->votes_len = r->votes_next = 0;
	app_restore(r);
	if (logs_open(r) != ST_OK) {
		bool power_lost = r->doomed && chance(s, s->o.power_pct);

		r->doomed = false;
		logs_close(r, power_lost);
		start_later(r);
		return;
	}
	r->up = true;
	r->busy_until = s->now;
	r->deadline = CONSENSUS_NEVER;
	sim_log(s, "%u starts at height %zu", r->inst, r->chain_len - 1);
	if (r->honest && !wal_has_amnesia(r->log) && !signer_has_amnesia(r->signer))
		check_remembered(r);
	consensus_start(r->core, &up, replica_now(r));
	if (!replica_drive(r, &up))
		end(r);
}

void replica_event(struct replica *r, const struct consensus_event *ev)
{
	struct consensus_update up;
	enum status st;

	if (!r->up)
		return;
	r->lag_ms = 0;
	r->sim->result->events++;
	st = consensus_step(r->core, &up, replica_now(r), ev);
	if (r->honest && ev->type == CONSENSUS_MESSAGE &&
	    r->sim->o.kind[ev->from] == SIM_HONEST &&
	    (st == ST_FORMAT || st == ST_SIGNATURE || st == ST_CERTIFICATE || st == ST_ROLE))
		sim_fail(r->sim, "%u refuses a message of honest node %u: %s", r->inst, ev->from,
		         status_name(st));
	if (!replica_drive(r, &up))
		end(r);
}

/* --- what waits ------------------------------------------------------------------------------- */

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
		r->arrived[i] = replica_now(r);
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
	r->arrived[item] = replica_now(r);
	replica_gossip(r);
	replica_event(r, &tick);
}

void replica_free(struct replica *r)
{
	logs_close(r, false);
	logs_free(r);
	app_free(r);
	free(r->memory);
	free(r->votes);
	disk_free(r->disk);
}
