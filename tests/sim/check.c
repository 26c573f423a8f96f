/*
 * check.c: what must hold, said again in other words than the code under test.
 *
 * Invariant: nothing here asks the core; it looks at what the signer gave out, what the log held
 * at that moment, what was said, and what was delivered.
 */
#include "tests/sim/sim.h"

#include "tally-server/consensus/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- votes ------------------------------------------------------------------------------------ */

static struct signed_view *ever(struct sim *s, uint8_t node, uint64_t view)
{
	struct signed_view **all = &s->oracle.ever[node];

	if (view >= SIM_FACTS) {
		sim_fail(s, "view %llu: the run does not settle", (unsigned long long)view);
		return NULL;
	}
	if (*all == NULL)
		*all = calloc(SIM_FACTS, sizeof(**all));
	assert(*all != NULL);
	return &(*all)[view];
}

/* Was a certificate of this type, view and block on the disk? */
static bool disk_has_cert(const struct replica *r, enum vote_type type, uint64_t view,
                          const uint8_t *block)
{
	for (size_t i = r->notes.synced; i > 0; i--) {
		const struct noted *rec = &r->notes.at[i - 1];

		if (rec->type == CONSENSUS_RECORD_CERTIFICATE && rec->vote == type &&
		    rec->view == view && (block == NULL || memcmp(rec->id, block, 32) == 0))
			return true;
	}
	return false;
}

static bool disk_has_block(const struct replica *r, const uint8_t id[static 32])
{
	for (size_t i = r->notes.synced; i > 0; i--)
		if (r->notes.at[i - 1].type == CONSENSUS_RECORD_BLOCK &&
		    memcmp(r->notes.at[i - 1].id, id, 32) == 0)
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

/* R3: base and gap, by what was durable when the vote was signed; and the clock. */
static void check_notarize(struct replica *r, const struct vote *v)
{
	const struct sim_block *b = app_block(r, v->block);
	uint64_t clock = replica_minutes(r);

	if (b == NULL || !b->valid) {
		sim_fail(r->sim, "%u notarizes a block it did not find valid", r->inst);
		return;
	}
	if (!disk_has_block(r, v->block))
		sim_fail(r->sim, "%u notarizes a block that is not on its disk", r->inst);
	if (b->header.view != v->view)
		sim_fail(r->sim, "%u notarizes a block of another view", r->inst);
	if (!is_committed(r, b->header.parent) &&
	    !disk_has_cert(r, VOTE_NOTARIZE, b->header.parent_view, b->header.parent) &&
	    !disk_has_cert(r, VOTE_FINALIZE, b->header.parent_view, b->header.parent))
		sim_fail(r->sim, "%u notarizes in view %llu without its base", r->inst,
		         (unsigned long long)v->view);
	for (uint64_t u = b->header.parent_view + 1; u < v->view; u++)
		if (!disk_has_cert(r, VOTE_NULLIFY, u, NULL))
			sim_fail(r->sim, "%u notarizes over the gap %llu", r->inst,
			         (unsigned long long)u);
	if ((b->header.time_min > clock + 1 || b->header.time_min + 11 < clock) &&
	    !disk_has_cert(r, VOTE_NOTARIZE, v->view, v->block))
		sim_fail(r->sim, "%u notarizes a block of minute %u at %llu", r->inst,
		         b->header.time_min, (unsigned long long)clock);
}

static void check_new(struct replica *r, const struct signed_view *was, const struct vote *v)
{
	bool same = memcmp(was->block, v->block, 32) == 0;

	switch (v->type) {
	case VOTE_NOTARIZE:
		if (was->notarized && !same)
			sim_fail(r->sim, "%u signs two NOTARIZE in view %llu", r->inst,
			         (unsigned long long)v->view);
		if (!was->notarized)
			check_notarize(r, v);
		break;
	case VOTE_FINALIZE:
		if (was->nullified)
			sim_fail(r->sim, "%u signs FINALIZE after NULLIFY in view %llu", r->inst,
			         (unsigned long long)v->view);
		if (!was->notarized || !same)
			sim_fail(r->sim, "%u finalizes what it did not notarize", r->inst);
		if (!disk_has_cert(r, VOTE_NOTARIZE, v->view, v->block))
			sim_fail(r->sim, "%u finalizes before its N is on the disk", r->inst);
		break;
	case VOTE_NULLIFY:
		if (was->finalized)
			sim_fail(r->sim, "%u signs NULLIFY after FINALIZE in view %llu", r->inst,
			         (unsigned long long)v->view);
		break;
	}
}

static void remember(struct signed_view *was, const struct vote *v)
{
	switch (v->type) {
	case VOTE_NOTARIZE:
		was->notarized = true;
		memcpy(was->block, v->block, 32);
		break;
	case VOTE_FINALIZE:
		was->finalized = true;
		break;
	case VOTE_NULLIFY:
		was->nullified = true;
		break;
	}
}

/* Something is taken from this node's disk now. */
void check_forget(struct replica *r)
{
	const struct signed_view *was = r->sim->oracle.ever[r->node];

	for (uint64_t v = 0; was != NULL && v < SIM_FACTS; v++)
		if (was[v].notarized || was[v].finalized || was[v].nullified)
			r->forgot_view = v;
}

/* R15: it may sign above this view, and so again where it had signed, if that was higher. */
void check_guard(const struct replica *r, uint64_t above)
{
	if (r->honest && above < r->forgot_view)
		sim_fail(r->sim, "%u may sign above view %llu, and had signed in %llu before it forgot",
		         r->inst, (unsigned long long)above, (unsigned long long)r->forgot_view);
}

/* A signature was given out. */
void check_vote(struct replica *r, const struct vote *v)
{
	struct signed_view *was;

	if (!r->honest || (was = ever(r->sim, r->node, v->view)) == NULL)
		return;
	check_new(r, was, v);
	remember(was, v);
}

void check_granted(struct sim *s, const struct vote *v)
{
	struct signed_view *was = ever(s, v->signer, v->view);

	if (was != NULL)
		remember(was, v);
}

/* It is in the signer's log: given out, or made durable by a process that then died. */
void check_read_back(struct replica *r, const struct vote *v)
{
	struct signed_view *was;

	if (!r->honest || (was = ever(r->sim, r->node, v->view)) == NULL)
		return;
	if ((v->type == VOTE_NOTARIZE && was->notarized && memcmp(was->block, v->block, 32) != 0) ||
	    (v->type == VOTE_FINALIZE && was->nullified) ||
	    (v->type == VOTE_NULLIFY && was->finalized))
		sim_fail(r->sim, "%u: its signer's log contradicts what it gave out", r->inst);
	remember(was, v);
}

/* What was given out is in the log of the signer, or in a view that it has closed. */
void check_remembered(struct replica *r)
{
	static const uint8_t none[32];
	const struct signed_view *was = r->sim->oracle.ever[r->node];
	uint64_t first = signer_floor(r->signer) + 1;

	for (uint64_t v = first; was != NULL && v < SIM_FACTS; v++)
		if ((was[v].notarized && !signer_has(r->signer, VOTE_NOTARIZE, v, was[v].block)) ||
		    (was[v].finalized && !signer_has(r->signer, VOTE_FINALIZE, v, was[v].block)) ||
		    (was[v].nullified && !signer_has(r->signer, VOTE_NULLIFY, v, none)))
			sim_fail(r->sim, "%u: its signer forgot a vote of view %llu", r->inst,
			         (unsigned long long)v);
}

static bool was_given_out(struct replica *r, const struct vote *v)
{
	const struct signed_view *was = ever(r->sim, r->node, v->view);
	bool same = was != NULL && memcmp(was->block, v->block, 32) == 0;

	if (was == NULL || v->signer != r->node)
		return false;
	switch (v->type) {
	case VOTE_NOTARIZE:
		return was->notarized && same;
	case VOTE_FINALIZE:
		return was->finalized && same;
	case VOTE_NULLIFY:
		return was->nullified;
	}
	return false;
}

/* R0, R8: an honest node says only votes that its signer gave out, or that it read back. */
void check_said(struct replica *r, const uint8_t *bytes, size_t len)
{
	struct wire_votes votes;
	struct wire_proposal p;
	enum wire_kind kind;
	struct reader in;
	struct vote v;

	reader_init(&in, bytes, len);
	if (wire_kind_read(&in, &kind) != ST_OK) {
		sim_fail(r->sim, "%u says something of no kind", r->inst);
	} else if (kind == WIRE_VOTE && wire_votes_read(&in, &votes) == ST_OK) {
		while (wire_next_vote(&votes.votes, &v))
			if (!was_given_out(r, &v))
				sim_fail(r->sim, "%u says a vote that was not signed", r->inst);
	} else if (kind == WIRE_PROPOSAL && wire_proposal_read(&in, &p) == ST_OK) {
		v = (struct vote){ .type = VOTE_NOTARIZE, .view = p.header.view,
		                   .signer = p.header.proposer };
		block_id(v.block, &p.header);
		if (!was_given_out(r, &v))
			sim_fail(r->sim, "%u proposes what it did not sign", r->inst);
	}
}

/* --- certificates ----------------------------------------------------------------------------- */

static bool is_other(bool has, const uint8_t *known, const uint8_t *block)
{
	return has && memcmp(known, block, 32) != 0;
}

static void check_view(struct sim *s, const struct fact *f, uint64_t view)
{
	if (f->has_f && f->has_u)
		sim_fail(s, "view %llu is finalized and nullified", (unsigned long long)view);
	if (f->has_n && is_other(f->has_f, f->f, f->n))
		sim_fail(s, "view %llu: another block finalized than notarized",
		         (unsigned long long)view);
}

/* L1 and L2 of docs/consensus.md §4. */
void check_certificate(struct sim *s, const struct certificate *cert)
{
	struct fact *f;

	if (cert->view >= SIM_FACTS) {
		sim_fail(s, "view %llu: the run does not settle", (unsigned long long)cert->view);
		return;
	}
	f = &s->oracle.view[cert->view];
	switch (cert->type) {
	case VOTE_NOTARIZE:
		if (is_other(f->has_n, f->n, cert->block))
			sim_fail(s, "two blocks notarized in view %llu",
			         (unsigned long long)cert->view);
		f->has_n = true;
		memcpy(f->n, cert->block, 32);
		break;
	case VOTE_NULLIFY:
		f->has_u = true;
		break;
	case VOTE_FINALIZE:
		if (is_other(f->has_f, f->f, cert->block))
			sim_fail(s, "two blocks finalized in view %llu",
			         (unsigned long long)cert->view);
		f->has_f = true;
		memcpy(f->f, cert->block, 32);
		break;
	}
	check_view(s, f, cert->view);
}

/* --- blocks ----------------------------------------------------------------------------------- */

/* How many views it took, for the histogram. */
static void measure(struct replica *r, const uint8_t id[static 32])
{
	const struct sim_block *b = app_block(r, id);
	uint64_t gap = b == NULL ? 0 : b->header.view - b->header.parent_view;

	if (gap > 0)
		r->sim->result->gaps[gap < SIM_GAPS ? gap - 1 : SIM_GAPS - 1]++;
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
		measure(r, id);
		return;
	}
	if (height == 0 || height > o->final_len + 1 ||
	    memcmp(o->final[height - 1], id, 32) != 0)
		sim_fail(r->sim, "%u delivers another block at height %llu", r->inst,
		         (unsigned long long)height);
}

/* Does every healed honest node hold the same chain, with every item that one of them promised? */
bool check_all_done(struct sim *s)
{
	uint64_t promised[SIM_ITEMS / 64] = { 0 };

	for (unsigned int i = 0; i < s->instances; i++) {
		const struct replica *r = &s->replica[i];

		for (unsigned int w = 0; w < SIM_ITEMS / 64; w++)
			if (r->honest && (s->core >> r->node & 1) != 0)
				promised[w] |= r->held[w];
	}
	for (unsigned int i = 0; i < s->instances; i++) {
		const struct replica *r = &s->replica[i];

		if (!r->honest || (s->core >> r->node & 1) == 0)
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
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++)
		free(s->oracle.ever[i]);
}
