/*
 * audit_ballots.c: every ballot is legal, and what they add up to; see audit.h.
 *
 * Invariant: a thread's sums hold the last ballots that it was given, each by its weight; added
 * together, in any order, they are the election's.
 */
#include "common/belenios/audit_impl.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker {
	struct bel_vote *vote;
	uint8_t *bytes;                  /* of the longest ballot */
	struct ciphertext *sums;
	uint64_t ns[BEL_CHECKS];
};

/* A ballot without its signature, which another could be put to. */
struct ballot_id {
	uint8_t hash[32];
	size_t index;
};

struct ballots {
	struct bel_scan *s;
	struct orproof_key key;
	struct element *tables;
	struct worker *workers;
	struct ballot_id *ids;
};

static enum status refuse(struct pool_note *note, enum bel_check check, enum status st,
                          const char *text)
{
	note->check = (int)check;
	(void)snprintf(note->text, sizeof(note->text), "%s", text);
	return st;
}

static void say_where(char *out, size_t size, const struct bel_question *q, size_t question,
                      size_t part)
{
	size_t choices = belenios_choices(&q->rule);

	if (part < choices)
		(void)snprintf(out, size, "question %zu, choice %zu: the proof that it is 0 or 1",
		               question + 1, part + 1);
	else
		(void)snprintf(out, size, "question %zu: the %s proof", question + 1,
		               part == choices ? "overall" : "blank vote's");
}

static enum status decode(struct ballots *b, struct worker *w, size_t index, struct pool_note *note)
{
	const struct bel_found_ballot *f = &b->s->ballots[index];
	const struct bel_credential *c = &b->s->a->roll->list[f->voter];
	enum status st;

	if ((st = bel_blob_read(b->s->src, w->bytes, &f->blob)) != ST_OK)
		return refuse(note, BEL_HASHES, st, "the file was changed while it was read");
	st = bel_vote_decode(w->vote, b->s->a->election, w->bytes, f->blob.len);
	if (st != ST_OK)
		return refuse(note, BEL_BALLOTS, st, "the ballot is not as Belenios writes one");
	if (w->vote->credential_text.len != c->key.len ||
	    memcmp(w->vote->credential_text.at, c->key.at, c->key.len) != 0)
		return refuse(note, BEL_HASHES, ST_HASH, "the file was changed while it was read");
	memcpy(b->ids[index].hash, w->vote->unsigned_id, 32);
	b->ids[index].index = index;
	return ST_OK;
}

static void add(struct ballots *b, struct worker *w, size_t index)
{
	const struct bel_found_ballot *f = &b->s->ballots[index];
	const struct bel_election *e = b->s->a->election;
	uint64_t weight = b->s->a->roll->list[f->voter].weight;
	struct ciphertext ct;

	if (b->s->last[f->voter] != index + 1)
		return;   /* this voter has voted again */
	for (size_t i = 0; i < e->choices; i++) {
		ct = w->vote->choices[i];
		if (weight != 1)
			ciphertext_scale_var(e->g, &ct, &ct, weight);
		ciphertext_add(e->g, &w->sums[i], &w->sums[i], &ct);
	}
}

static void spend(const struct ballots *b, struct worker *w, enum bel_check check, uint64_t *since)
{
	uint64_t now = bel_clock(b->s);

	w->ns[check] += now - *since;
	*since = now;
}

static enum status work(void *ctx, size_t worker, size_t index, struct pool_note *note)
{
	struct ballots *b = ctx;
	struct worker *w = &b->workers[worker];
	const struct bel_election *e = b->s->a->election;
	uint64_t since = bel_clock(b->s);
	size_t question = 0, part = 0;
	enum status st;

	if ((st = decode(b, w, index, note)) != ST_OK)
		return st;
	spend(b, w, BEL_BALLOTS, &since);
	if ((st = bel_vote_signature_check(w->vote, e)) != ST_OK)
		return refuse(note, BEL_SIGNATURES, st, "the ballot is not signed with its credential");
	spend(b, w, BEL_SIGNATURES, &since);
	if ((st = bel_vote_check(w->vote, e, &b->key, &question, &part)) != ST_OK) {
		(void)refuse(note, BEL_PROOFS, st, "");
		say_where(note->text, sizeof(note->text), &e->questions[question], question, part);
		return st;
	}
	spend(b, w, BEL_PROOFS, &since);
	add(b, w, index);
	spend(b, w, BEL_TALLY, &since);
	return ST_OK;
}

/* --- room ------------------------------------------------------------------------------------ */

static enum status make_workers(struct ballots *b)
{
	const struct bel_election *e = b->s->a->election;
	size_t longest = 0;

	for (size_t i = 0; i < b->s->ballots_len; i++)
		if (b->s->ballots[i].blob.len > longest)
			longest = b->s->ballots[i].blob.len;
	b->workers = alloc_zero(b->s->threads, sizeof(*b->workers));
	b->ids = alloc_zero(b->s->ballots_len, sizeof(*b->ids));
	b->tables = alloc_zero(orproof_key_room(e->g), sizeof(*b->tables));
	b->s->sums = alloc_zero(e->choices + 1, sizeof(*b->s->sums));
	if (b->workers == NULL || b->ids == NULL || b->tables == NULL || b->s->sums == NULL)
		return ST_NO_MEMORY;
	for (size_t k = 0; k < e->choices; k++)
		ciphertext_zero(e->g, &b->s->sums[k]);
	for (size_t i = 0; i < b->s->threads; i++) {
		struct worker *w = &b->workers[i];

		w->vote = bel_vote_new(e);
		w->bytes = malloc(longest + 1);
		w->sums = alloc_zero(e->choices + 1, sizeof(*w->sums));
		if (w->vote == NULL || w->bytes == NULL || w->sums == NULL)
			return ST_NO_MEMORY;
		for (size_t k = 0; k < e->choices; k++)
			ciphertext_zero(e->g, &w->sums[k]);
	}
	return orproof_key_init(&b->key, b->tables, e->g, &e->y);
}

static void free_workers(struct ballots *b)
{
	for (size_t i = 0; b->workers != NULL && i < b->s->threads; i++) {
		bel_vote_free(b->workers[i].vote);
		free(b->workers[i].bytes);
		free(b->workers[i].sums);
	}
	free(b->workers);
	free(b->ids);
	free(b->tables);
}

/* --- after all of them ----------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
	const struct ballot_id *x = a, *y = b;
	int order = memcmp(x->hash, y->hash, sizeof(x->hash));

	return order != 0 ? order : x->index < y->index ? -1 : 1;
}

/* A ballot put in again would bring back what its voter has replaced; belenios-tool lets it
 * pass. */
static enum status check_copies(struct ballots *b)
{
	struct bel_scan *s = b->s;
	uint64_t since = bel_clock(s);

	qsort(b->ids, s->ballots_len, sizeof(*b->ids), compare_ids);
	for (size_t i = 1; i < s->ballots_len; i++) {
		const struct bel_found_ballot *f = &s->ballots[b->ids[i].index];

		if (memcmp(b->ids[i - 1].hash, b->ids[i].hash, sizeof(b->ids[i].hash)) == 0)
			return bel_refuse(s, BEL_COPIES, ST_DUPLICATE, f->height, f->offset,
			                  "a ballot was recorded a second time");
	}
	bel_held(s, BEL_COPIES, s->ballots_len, since);
	return ST_OK;
}

static void gather(struct ballots *b)
{
	static const enum bel_check MADE[] = { BEL_BALLOTS, BEL_SIGNATURES, BEL_PROOFS };
	struct bel_scan *s = b->s;
	const struct bel_election *e = s->a->election;

	for (size_t i = 0; i < s->threads; i++) {
		for (size_t k = 0; k < e->choices; k++)
			ciphertext_add(e->g, &s->sums[k], &s->sums[k], &b->workers[i].sums[k]);
		for (int c = 0; c < BEL_CHECKS; c++)
			s->a->lines[c].ns += b->workers[i].ns[c];
	}
	for (size_t i = 0; i < sizeof(MADE) / sizeof(MADE[0]); i++)
		bel_held(s, MADE[i], s->ballots_len, bel_clock(s));
	bel_held(s, BEL_ROLL, s->ballots_len, bel_clock(s));
	for (size_t v = 0; v < s->a->roll->len; v++) {
		s->a->counted += s->last[v] != 0;
		s->a->weight += s->last[v] != 0 ? s->a->roll->list[v].weight : 0;
	}
}

enum status bel_audit_ballots(struct bel_scan *s)
{
	struct ballots b = { .s = s };
	struct pool_note note;
	enum status st;

	if ((st = make_workers(&b)) != ST_OK)
		goto out;
	st = pool_run(s->threads, s->ballots_len, work, &b, &note);
	if (st != ST_OK) {
		(void)bel_refuse(s, (enum bel_check)note.check, st, s->ballots[note.index].height,
		                 s->ballots[note.index].offset, "%s", note.text);
		goto out;
	}
	gather(&b);
	st = check_copies(&b);
out:
	free_workers(&b);
	return st;
}
