/*
 * audit_count.c: the sums, their decryption and the counts; see audit.h.
 */
#include "common/belenios/audit_impl.h"

#include "common/base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum status refuse_at(struct bel_scan *s, const struct bel_found *f, enum bel_check check,
                             enum status st, const char *text)
{
	return bel_refuse(s, check, st, f->height, f->offset, "%s", text);
}

/* --- the tally ------------------------------------------------------------------------------- */

static enum status check_sized(struct bel_scan *s, const struct bel_found *f)
{
	struct bel_sized sized;
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &f->data[1])) != ST_OK)
		return st;
	st = bel_sized_decode(&sized, bytes, f->data[1].len);
	free(bytes);
	if (st != ST_OK)
		return refuse_at(s, f, BEL_TALLY, st, "the tally is not as Belenios writes it");
	if (memcmp(sized.tally, f->data[0].hash, 32) != 0)
		return refuse_at(s, f, BEL_HASHES, ST_HASH, "the tally names other sums");
	if (sized.num_tallied != s->a->counted)
		return refuse_at(s, f, BEL_TALLY, ST_TALLY, "the number of ballots is another");
	if (sized.total_weight != s->a->weight)
		return refuse_at(s, f, BEL_TALLY, ST_TALLY, "the sum of the weights is another");
	return ST_OK;
}

static enum status check_sums(struct bel_scan *s, const struct bel_found *f,
                              struct ciphertext *said)
{
	const struct bel_election *e = s->a->election;
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &f->data[0])) != ST_OK)
		return st;
	st = bel_tally_decode(said, e, bytes, f->data[0].len);
	free(bytes);
	if (st != ST_OK)
		return refuse_at(s, f, BEL_TALLY, st, "the sums are not as Belenios writes them");
	for (size_t i = 0; i < e->choices; i++)
		if (!ciphertext_is_equal(e->g, &said[i], &s->sums[i]))
			return refuse_at(s, f, BEL_TALLY, ST_TALLY,
			                 "an encrypted sum is not that of the ballots");
	return ST_OK;
}

enum status bel_audit_tally(struct bel_scan *s)
{
	uint64_t since = bel_clock(s);
	struct ciphertext *said;
	enum status st;

	if (!s->tally.is_there) {
		s->a->lines[BEL_TALLY].outcome = BEL_MISSING;
		return ST_OK;
	}
	said = alloc_zero(s->a->election->choices + 1, sizeof(*said));
	if (said == NULL)
		return ST_NO_MEMORY;
	st = check_sized(s, &s->tally);
	if (st == ST_OK)
		st = check_sums(s, &s->tally, said);
	free(said);
	if (st == ST_OK)
		bel_held(s, BEL_TALLY, s->a->election->choices, since);
	return st;
}

/* --- shares ---------------------------------------------------------------------------------- */

struct share {
	uint32_t owner;              /* from 0 */
	struct element *factors;
	struct belenios_proof *proofs;
};

struct shares {
	struct bel_scan *s;
	struct share list[LIMIT_BEL_TRUSTEES];
	const struct element *of[LIMIT_BEL_TRUSTEES];   /* by trustee */
};

/* Whose it is, and that its parts belong together. */
static enum status load_owner(struct bel_scan *s, const struct bel_found *f, struct share *share)
{
	uint8_t payload[32], *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &f->data[1])) != ST_OK)
		return st;
	st = bel_owned_decode(&share->owner, payload, bytes, f->data[1].len);
	free(bytes);
	if (st != ST_OK)
		return refuse_at(s, f, BEL_SHARES, st, "it is not said whose this is");
	if (memcmp(payload, f->data[0].hash, 32) != 0)
		return refuse_at(s, f, BEL_HASHES, ST_HASH, "it names another partial decryption");
	if (share->owner < 1 || share->owner > s->a->trustees->count)
		return refuse_at(s, f, BEL_SHARES, ST_ROLE, "there is no such trustee");
	share->owner--;
	return ST_OK;
}

static enum status load_share(struct bel_scan *s, const struct bel_found *f, struct share *share)
{
	const struct bel_election *e = s->a->election;
	uint8_t *bytes;
	enum status st;

	if ((st = load_owner(s, f, share)) != ST_OK)
		return st;
	share->factors = alloc_zero(e->choices + 1, sizeof(*share->factors));
	share->proofs = alloc_zero(e->choices + 1, sizeof(*share->proofs));
	if (share->factors == NULL || share->proofs == NULL)
		return ST_NO_MEMORY;
	if ((st = bel_load(s, &bytes, &f->data[0])) != ST_OK)
		return st;
	st = bel_factors_decode(share->factors, share->proofs, e, bytes, f->data[0].len);
	free(bytes);
	return st == ST_OK ? ST_OK :
	       refuse_at(s, f, BEL_SHARES, st,
	                 "the partial decryption is not as Belenios writes one");
}

/* Index counts through all ciphertexts of all shares. */
static enum status work(void *ctx, size_t worker, size_t index, struct pool_note *note)
{
	struct shares *all = ctx;
	const struct bel_election *e = all->s->a->election;
	const struct share *share = &all->list[index / e->choices];
	size_t k = index % e->choices;

	(void)worker;
	(void)snprintf(note->text, sizeof(note->text),
	               "trustee %u, ciphertext %zu: the proof of the decryption", share->owner + 1,
	               k + 1);
	return belenios_factor_check_var(e->g, &all->s->a->trustees->keys[share->owner],
	                                 e->fingerprint, &all->s->sums[k].a, &share->factors[k],
	                                 &share->proofs[k]);
}

static enum status check_shares(struct shares *all)
{
	struct bel_scan *s = all->s;
	size_t choices = s->a->election->choices;
	struct pool_note note;
	enum status st;

	for (size_t i = 0; i < s->shares_len; i++) {
		if ((st = load_share(s, &s->shares[i], &all->list[i])) != ST_OK)
			return st;
		if (all->of[all->list[i].owner] != NULL)
			return refuse_at(s, &s->shares[i], BEL_SHARES, ST_DUPLICATE,
			                 "a trustee decrypts twice");
		all->of[all->list[i].owner] = all->list[i].factors;
	}
	if (choices == 0)
		return ST_OK;
	st = pool_run(s->threads, s->shares_len * choices, work, all, &note);
	if (st != ST_OK)
		return bel_refuse(s, BEL_SHARES, st, s->shares[note.index / choices].height,
		                  s->shares[note.index / choices].offset, "%s", note.text);
	return ST_OK;
}

/* --- counts ---------------------------------------------------------------------------------- */

static enum status check_counts(struct shares *all, uint64_t *counts)
{
	struct bel_scan *s = all->s;
	const struct bel_election *e = s->a->election;
	struct element factor;
	uint8_t *bytes;
	enum status st;

	if ((st = bel_load(s, &bytes, &s->result.data[0])) != ST_OK)
		return st;
	st = bel_result_decode(counts, e, bytes, s->result.data[0].len);
	free(bytes);
	if (st != ST_OK)
		return refuse_at(s, &s->result, BEL_COUNTS, st,
		                 "the result is not as Belenios writes one");
	for (size_t i = 0; i < e->choices; i++) {
		st = bel_combine(&factor, s->a->trustees, e, all->of, i);
		if (st != ST_OK)
			return refuse_at(s, &s->result, BEL_SHARES, st,
			                 "there are fewer partial decryptions than it takes");
		if ((st = bel_count_check(e, &s->sums[i], &factor, counts[i])) != ST_OK)
			return refuse_at(s, &s->result, BEL_COUNTS, st,
			                 "a count is not what its encrypted sum holds");
	}
	return ST_OK;
}

static enum status judge(struct shares *all)
{
	struct bel_scan *s = all->s;
	uint64_t since = bel_clock(s);
	enum status st;

	if ((st = check_shares(all)) != ST_OK)
		return st;
	if (s->result.is_there || s->shares_len > 0)
		bel_held(s, BEL_SHARES, s->shares_len, since);
	else
		s->a->lines[BEL_SHARES].outcome = BEL_MISSING;
	if (!s->result.is_there) {
		s->a->lines[BEL_COUNTS].outcome = BEL_MISSING;
		return ST_OK;
	}
	since = bel_clock(s);
	s->a->counts = alloc_zero(s->a->election->choices + 1, sizeof(*s->a->counts));
	if (s->a->counts == NULL)
		return ST_NO_MEMORY;
	if ((st = check_counts(all, s->a->counts)) != ST_OK) {
		free(s->a->counts);
		s->a->counts = NULL;
		return st;
	}
	bel_held(s, BEL_COUNTS, s->a->election->choices, since);
	return ST_OK;
}

enum status bel_audit_result(struct bel_scan *s)
{
	struct shares *all = alloc_zero(1, sizeof(*all));
	enum status st;

	if (all == NULL)
		return ST_NO_MEMORY;
	all->s = s;
	st = judge(all);
	for (size_t i = 0; i < s->shares_len; i++) {
		free(all->list[i].factors);
		free(all->list[i].proofs);
	}
	free(all);
	return st;
}
