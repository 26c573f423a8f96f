/*
 * check.c: what must hold, said again in other words than the code under test.
 *
 * Invariant: nothing here asks the core; it looks at what the signer signed, what the disk held
 * at that moment, and what was delivered.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Was a certificate of this type, view and block on the disk? */
static bool disk_has(const struct replica *r, enum vote_type type, uint64_t view,
                     const uint8_t *block)
{
	for (size_t i = 0; i < r->wal_synced; i++) {
		const struct consensus_record *rec = &r->wal[i].rec;

		if (rec->type == CONSENSUS_RECORD_CERTIFICATE && rec->cert.type == type &&
		    rec->cert.view == view &&
		    (block == NULL || memcmp(rec->cert.block, block, 32) == 0))
			return true;
	}
	return false;
}

static bool disk_has_block(const struct replica *r, const uint8_t id[static 32])
{
	for (size_t i = 0; i < r->wal_synced; i++)
		if (r->wal[i].rec.type == CONSENSUS_RECORD_BLOCK &&
		    memcmp(r->wal[i].rec.id, id, 32) == 0)
			return true;
	return false;
}

static bool is_committed(const struct replica *r, const uint8_t id[static 32])
{
	for (size_t i = r->chain_len; i > 0; i--)
		if (memcmp(r->chain[i - 1].id, id, 32) == 0)
			return true;
	return false;
}

/* R3: base and gap, by what was durable when the vote was signed. */
static void check_notarize(struct replica *r, const struct vote *v)
{
	const struct sim_block *b = replica_block(r, v->block);

	if (b == NULL || !b->valid) {
		sim_fail(r->sim, "%u notarizes a block it did not find valid", r->inst);
		return;
	}
	if (!disk_has_block(r, v->block))
		sim_fail(r->sim, "%u notarizes a block that is not on its disk", r->inst);
	if (b->header.view != v->view)
		sim_fail(r->sim, "%u notarizes a block of another view", r->inst);
	if (!is_committed(r, b->header.parent) &&
	    !disk_has(r, VOTE_NOTARIZE, b->header.parent_view, b->header.parent) &&
	    !disk_has(r, VOTE_FINALIZE, b->header.parent_view, b->header.parent))
		sim_fail(r->sim, "%u notarizes in view %llu without its base", r->inst,
		         (unsigned long long)v->view);
	for (uint64_t u = b->header.parent_view + 1; u < v->view; u++)
		if (!disk_has(r, VOTE_NULLIFY, u, NULL))
			sim_fail(r->sim, "%u notarizes over the gap %llu", r->inst,
			         (unsigned long long)u);
}

void check_vote(struct replica *r, const struct vote *v)
{
	bool notarized = false;

	for (size_t i = 0; i < r->ever_len; i++) {
		const struct vote *old = &r->ever_signed[i];

		if (old->view != v->view)
			continue;
		if (old->type == v->type)
			sim_fail(r->sim, "%u signs two of a kind in view %llu", r->inst,
			         (unsigned long long)v->view);
		if ((old->type == VOTE_NULLIFY && v->type == VOTE_FINALIZE) ||
		    (old->type == VOTE_FINALIZE && v->type == VOTE_NULLIFY))
			sim_fail(r->sim, "%u signs FINALIZE and NULLIFY of view %llu", r->inst,
			         (unsigned long long)v->view);
		notarized |= old->type == VOTE_NOTARIZE && memcmp(old->block, v->block, 32) == 0;
	}
	switch (v->type) {
	case VOTE_NOTARIZE:
		check_notarize(r, v);
		break;
	case VOTE_FINALIZE:
		if (!notarized)
			sim_fail(r->sim, "%u finalizes what it did not notarize", r->inst);
		if (!disk_has(r, VOTE_NOTARIZE, v->view, v->block))
			sim_fail(r->sim, "%u finalizes before its N is on the disk", r->inst);
		break;
	case VOTE_NULLIFY:
		break;
	}
}

/* L1 and L2 of docs/consensus.md §4. */
void check_certificate(struct sim *s, const struct certificate *cert)
{
	struct fact *f;

	if (cert->view >= sizeof(s->oracle.view) / sizeof(s->oracle.view[0])) {
		sim_fail(s, "view %llu: the run does not settle", (unsigned long long)cert->view);
		return;
	}
	f = &s->oracle.view[cert->view];
	switch (cert->type) {
	case VOTE_NOTARIZE:
		if (f->has_n && memcmp(f->n, cert->block, 32) != 0)
			sim_fail(s, "two blocks notarized in view %llu",
			         (unsigned long long)cert->view);
		f->has_n = true;
		memcpy(f->n, cert->block, 32);
		break;
	case VOTE_NULLIFY:
		f->has_u = true;
		break;
	case VOTE_FINALIZE:
		if (f->has_f && memcmp(f->f, cert->block, 32) != 0)
			sim_fail(s, "two blocks finalized in view %llu",
			         (unsigned long long)cert->view);
		f->has_f = true;
		memcpy(f->f, cert->block, 32);
		break;
	}
	if (f->has_f && f->has_u)
		sim_fail(s, "view %llu is finalized and nullified", (unsigned long long)cert->view);
	if (f->has_f && f->has_n && memcmp(f->f, f->n, 32) != 0)
		sim_fail(s, "view %llu: another block finalized than notarized",
		         (unsigned long long)cert->view);
}

void check_commit(struct replica *r, uint64_t height, const uint8_t id[static 32])
{
	struct oracle *o = &r->sim->oracle;

	if (height == o->final_len + 1) {
		if (o->final_len == o->final_cap) {
			o->final_cap = o->final_cap == 0 ? 64 : 2 * o->final_cap;
			o->final = realloc(o->final, o->final_cap * sizeof(*o->final));
			assert(o->final != NULL);
		}
		memcpy(o->final[o->final_len++], id, 32);
		return;
	}
	if (height == 0 || height > o->final_len + 1 ||
	    memcmp(o->final[height - 1], id, 32) != 0)
		sim_fail(r->sim, "%u delivers another block at height %llu", r->inst,
		         (unsigned long long)height);
}

/* Does every honest node hold the same chain, with every item that an honest node promised? */
bool check_all_done(struct sim *s)
{
	uint64_t promised[SIM_ITEMS / 64] = { 0 };

	for (unsigned int i = 0; i < s->instances; i++)
		for (unsigned int w = 0; s->replica[i].honest && w < SIM_ITEMS / 64; w++)
			promised[w] |= s->replica[i].held[w];
	for (unsigned int i = 0; i < s->instances; i++) {
		const struct replica *r = &s->replica[i];

		if (!r->honest)
			continue;
		if (!r->up || r->chain_len != s->oracle.final_len + 1)
			return false;
		for (unsigned int w = 0; w < SIM_ITEMS / 64; w++)
			if ((promised[w] & ~r->final_items[w]) != 0)
				return false;
	}
	return true;
}

void check_free(struct sim *s)
{
	free(s->oracle.final);
}
