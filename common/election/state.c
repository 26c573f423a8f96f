/*
 * state.c: what the state owns, its hash and its snapshots.
 *
 * Invariant: e->owned lists objects newest first, in step with the journal.
 */
#include "common/election/state.h"

#include "common/base/alloc.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void drop_newest(void *owner, void *item)
{
	struct election *e = owner;
	struct owned *o = e->owned;

	assert(o == item);
	e->owned = o->next;
	o->drop(o->object);
	free(o);
}

enum status state_own(struct election *e, void *object, void (*drop)(void *object))
{
	struct owned *o = alloc_zero(1, sizeof(*o));
	enum status st = ST_NO_MEMORY;

	if (o == NULL || (st = journal_call(e->journal, drop_newest, e, o)) != ST_OK) {
		free(o);
		drop(object);
		return st;
	}
	*o = (struct owned){ .next = e->owned, .object = object, .drop = drop };
	e->owned = o;
	return ST_OK;
}

enum status state_blob(struct election *e, struct params_blob *out, const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);
	enum status st;

	if (copy == NULL)
		return ST_NO_MEMORY;
	if (len > 0)
		memcpy(copy, bytes, len);
	if ((st = state_own(e, copy, free)) != ST_OK)
		return st;
	out->bytes = copy;
	out->len = len;
	return ST_OK;
}

void state_hash(const struct election *e, uint8_t out[static 32])
{
	struct state_summary s;

	state_summarise(e, &s);
	election_summary_hash(&s, out);
}

void state_summarise(const struct election *e, struct state_summary *out)
{
	*out = (struct state_summary){
		.phase = e->now.phase,
		.excluded = e->now.excluded, .acted = e->now.acted, .shared = e->now.shared,
		.roll_count = e->now.roll == NULL ? 0 : e->now.roll->count,
		.weight_sum = e->now.roll == NULL ? 0 : e->now.roll->weight_sum,
		.ballots = e->now.cast, .live = e->now.live, .tests = e->now.tests,
		.kiosks = e->now.kiosks, .closings = e->now.closings,
	};
	if (e->votes != NULL)
		merkle_tree_root(&e->tree, out->votes_root);
	if (e->now.tally != NULL)
		memcpy(out->tally_digest, e->now.tally->digest, sizeof(out->tally_digest));
}

/* protocol.md §7.12: every field of the summary, in the order of the struct. */
void election_summary_hash(const struct state_summary *s, uint8_t out[static 32])
{
	struct hash h;

	hash256_purpose(&h, "state");
	hash_field_u8(&h, (uint8_t)s->phase);
	hash_field_u32(&h, s->excluded);
	hash_field_u32(&h, s->acted);
	hash_field_u32(&h, s->shared);
	hash_field_u32(&h, s->roll_count);
	hash_field_u64(&h, s->weight_sum);
	hash_field_u32(&h, s->ballots);
	hash_field_u32(&h, s->live);
	hash_field_u32(&h, s->tests);
	hash_field_u32(&h, s->kiosks);
	hash_field_u32(&h, s->closings);
	hash_field(&h, s->votes_root, sizeof(s->votes_root));
	hash_field(&h, s->tally_digest, sizeof(s->tally_digest));
	hash256_final(&h, out);
}

/* --- snapshots ------------------------------------------------------------------------------- */

static void release_params(void *object)
{
	params_unref(object);
}

/* The hash names everything that a check may depend on; the rest follows from the chain. */
static void hash_params(struct election_params *p)
{
	struct hash h;

	hash256_purpose(&h, "params");
	hash_field(&h, p->manifest->election_id, sizeof(p->manifest->election_id));
	hash_field_u8(&h, (uint8_t)p->phase);
	hash_field(&h, p->anchor, sizeof(p->anchor));
	hash_field(&h, p->step_block, sizeof(p->step_block));
	hash_field(&h, p->dealt, sizeof(p->dealt));
	hash_field(&h, p->end_block, sizeof(p->end_block));
	hash_field_u32(&h, p->excluded);
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		hash_field(&h, p->commit[i].bytes, p->commit[i].len);
		hash_field(&h, p->deal[i].bytes, p->deal[i].len);
	}
	hash_field(&h, p->confirm_hash, sizeof(p->confirm_hash));
	hash_field(&h, p->y_bytes, p->y_len);
	hash_field(&h, p->roll == NULL ? NULL : p->roll->root, p->roll == NULL ? 0 : 32);
	hash_field(&h, p->tally == NULL ? NULL : p->tally->digest, p->tally == NULL ? 0 : 32);
	hash256_final(&h, p->hash);
}

static enum status set_sums(struct election_params *p, const struct election *e)
{
	const struct tally *t = e->now.tally;

	if ((p->phase != PHASE_ENDED && p->phase != PHASE_FINAL) || t->opened_len == 0)
		return ST_OK;
	p->sums = alloc_zero(1, sizeof(*p->sums));
	if (p->sums == NULL)
		return ST_NO_MEMORY;
	if (p->phase == PHASE_FINAL) {
		/* The same sums; what they borrow may be in use by other threads, and is not made anew. */
		*p->sums = *e->now.params->sums;
		return ST_OK;
	}
	return thdec_init(p->sums, t->alpha, e->m->suite, e->m->election_id, p->end_block, &p->y,
	                  t->opened, t->opened_len);
}

static void set_ceremony(struct election_params *p, const struct election *e)
{
	p->dkg = e->dkg;
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++) {
		p->commit[i] = e->now.commit[i];
		p->deal[i] = e->now.deal[i];
	}
	if (e->now.keys == NULL)
		return;
	memcpy(p->confirm_hash, e->now.confirm_hash, sizeof(p->confirm_hash));
	if (p->phase < PHASE_ENROL || p->phase == PHASE_FAILED)
		return;
	p->has_key = true;
	p->y = e->now.keys->y;
	p->y_len = group_element_len(e->m->suite);
	group_encode(e->m->suite, p->y_bytes, &p->y);
	for (unsigned int i = 0; i < LIMIT_TRUSTEES; i++)
		p->share_key[i] = e->now.keys->share[i];
}

enum status state_snapshot(struct election *e)
{
	struct election_params *p = alloc_zero(1, sizeof(*p));
	enum status st;

	if (p == NULL)
		return ST_NO_MEMORY;
	p->refs = 1;
	p->manifest = e->m;
	p->phase = e->now.phase;
	p->excluded = e->now.excluded;
	memcpy(p->anchor, e->now.anchor, sizeof(p->anchor));
	memcpy(p->step_block, e->now.step_block, sizeof(p->step_block));
	memcpy(p->dealt, e->now.dealt, sizeof(p->dealt));
	memcpy(p->end_block, e->now.end_block, sizeof(p->end_block));
	set_ceremony(p, e);
	if (p->phase >= PHASE_OPEN && p->phase != PHASE_FAILED) {
		p->roll = e->now.roll;
		p->ballots = e->now.ballots;
	}
	p->tally = e->now.tally;
	if ((st = set_sums(p, e)) != ST_OK) {
		params_unref(p);
		return st;
	}
	hash_params(p);
	if ((st = state_own(e, p, release_params)) != ST_OK)
		return st;
	e->now.params = p;
	return ST_OK;
}

void params_ceremony(struct dkg_params *out, const struct manifest *m)
{
	memset(out, 0, sizeof(*out));
	out->g = m->suite;
	out->n = (uint8_t)m->trustees_len;
	out->t = (uint8_t)m->threshold;
	memcpy(out->election_id, m->election_id, sizeof(out->election_id));
	for (unsigned int i = 0; i < m->trustees_len; i++)
		out->key[i] = m->trustees[i].enc_key;
}

const struct election_params *params_ref(const struct election_params *p)
{
	((struct election_params *)(uintptr_t)p)->refs++;   /* all that ever changes */
	return p;
}

void params_unref(const struct election_params *p)
{
	/* The holder of the last reference is the only one who may write. */
	struct election_params *mine = (struct election_params *)(uintptr_t)p;

	if (mine == NULL || --mine->refs > 0)
		return;
	free(mine->sums);
	free(mine);
}

const struct election_params *election_params(const struct election *e)
{
	assert(e->now.params != NULL);
	return params_ref(e->now.params);
}

const char *election_phase_name(enum election_phase phase)
{
	static const char *const NAME[] = {
		[PHASE_COMMIT] = "ceremony: commit", [PHASE_DEAL] = "ceremony: deal",
		[PHASE_COMPLAIN] = "ceremony: complain", [PHASE_CONFIRM] = "ceremony: confirm",
		[PHASE_ENROL] = "enrolment", [PHASE_OPEN] = "open", [PHASE_CLOSED] = "closed",
		[PHASE_ENDED] = "ended", [PHASE_FINAL] = "final", [PHASE_FAILED] = "ceremony failed",
	};

	if ((unsigned int)phase >= sizeof(NAME) / sizeof(NAME[0]) || NAME[phase] == NULL)
		return "unknown";
	return NAME[phase];
}
