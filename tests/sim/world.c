/*
 * world.c: who is there, and what is planned to happen, from the options and the seed.
 *
 * Invariant: all chance comes from sim.rng.
 */
#include "tests/sim/sim.h"

#include "tests/sim/disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void make_committee(struct sim *s)
{
	uint8_t election[32], keys[LIMIT_TRUSTEES][32] = { { 0 } };
	struct merkle_frontier log;
	enum status st;

	prng_bytes(&s->rng, election, sizeof(election));
	st = committee_init(&s->committee, s->o.n, election, NULL,
	                    (const uint8_t (*)[32])keys);
	assert(st == ST_OK);
	(void)st;
	signature_use(&s->committee, s->o.ed25519);
	app_genesis(&s->genesis, &log, election);
	block_id(s->genesis_id, &s->genesis);
}

static struct replica *add_replica(struct sim *s, uint8_t node)
{
	uint8_t inst = (uint8_t)s->instances++;

	assert(inst < SIM_INSTANCES);
	replica_init(&s->replica[inst], s, inst, node, s->o.kind[node] == SIM_HONEST);
	return &s->replica[inst];
}

static void make_replicas(struct sim *s)
{
	for (uint8_t i = 0; i < s->o.n; i++) {
		struct replica *r;

		switch ((enum sim_kind)s->o.kind[i]) {
		case SIM_KINDS:
		case SIM_SILENT:
			break;
		case SIM_HONEST:
		case SIM_FORGETFUL:
			(void)add_replica(s, i);
			break;
		case SIM_TWINS:
			for (unsigned int k = 0; k < 2; k++) {
				if (s->instances + (s->o.n - i) >= SIM_INSTANCES && k > 0)
					break;
				add_replica(s, i)->mask = s->twins != NULL
				                          ? UINT16_MAX
				                          : (uint16_t)prng_u64(&s->rng);
			}
			break;
		case SIM_ACTIVE:
			/* A deaf-mute replica hears for the cheating node. */
			r = add_replica(s, i);
			network_push(s, (struct event){ .at = prng_below(&s->rng, 100),
			                                .type = EV_CHEAT, .inst = r->inst,
			                                .from = i });
			break;
		}
	}
}

static void plan(struct sim *s, unsigned int count, struct event e)
{
	while (count-- > 0) {
		e.at = prng_below(&s->rng, s->o.chaos_ms);
		e.inst = (uint8_t)(s->instances > 0 ? prng_below(&s->rng, s->instances) : 0);
		network_push(s, e);
	}
}

static void make_plan(struct sim *s)
{
	for (unsigned int i = 0; i < s->o.items; i++)
		plan(s, 1, (struct event){ .type = EV_SUBMIT, .item = i });
	plan(s, s->o.cuts, (struct event){ .type = EV_CUT });
	plan(s, s->o.one_way_cuts, (struct event){ .type = EV_CUT, .item = 1 });
	plan(s, s->o.clogs, (struct event){ .type = EV_CLOG });
	plan(s, s->o.whole_crashes, (struct event){ .type = EV_WHOLE_CRASH });
	plan(s, s->o.nights, (struct event){ .type = EV_NIGHT });
	plan(s, s->o.full_disks, (struct event){ .type = EV_DISK_FULL });
	plan(s, s->o.disk_errors, (struct event){ .type = EV_DISK_ERROR });
	for (unsigned int i = 0; i < s->instances; i++) {
		network_push(s, (struct event){ .at = prng_below(&s->rng, 200), .type = EV_RESTART,
		                                .inst = (uint8_t)i });
		if (s->o.gossip_again)
			network_push(s, (struct event){ .at = prng_below(&s->rng, 1000),
			                                .type = EV_GOSSIP, .inst = (uint8_t)i });
		for (unsigned int k = 0; k < 4; k++)
			if (s->o.kind[s->replica[i].node] == SIM_FORGETFUL)
				network_push(s, (struct event){
					.at = prng_below(&s->rng, s->o.chaos_ms),
					.type = EV_CRASH, .inst = (uint8_t)i });
	}
}

void world_make(struct sim *s, uint64_t seed)
{
	s->rng.state = seed;
	s->core = UINT16_MAX;
	make_committee(s);
	make_replicas(s);
	make_plan(s);
}

/* q honest nodes, and whoever cheats. */
void world_core(struct sim *s)
{
	unsigned int honest = 0, surplus;

	if (!s->o.core_only)
		return;
	for (unsigned int i = 0; i < s->o.n; i++)
		honest += s->o.kind[i] == SIM_HONEST;
	if (honest <= s->committee.q)
		return;
	for (surplus = honest - s->committee.q; surplus > 0;) {
		size_t at = prng_below(&s->rng, s->o.n);

		if (s->o.kind[at] != SIM_HONEST || (s->core >> at & 1) == 0)
			continue;
		s->core &= (uint16_t)~(1u << at);
		surplus--;
	}
	sim_note(s, FAULT_CORE_ONLY);
	sim_log(s, "core %x", s->core);
}

void world_free(struct sim *s)
{
	struct event e;

	while (network_pop(s, &e))
		buffer_drop(e.buf);
	free(s->heap);
	for (unsigned int i = 0; i < s->instances; i++)
		replica_free(&s->replica[i]);
	adversary_free(s);
	check_free(s);
	free(s);
}
