/*
 * dkg_complaint.c: opening a share, complaining about it, and judging who is at fault
 * (protocol-ceremony §6, §7).
 *
 * Invariant: receiver and judge open a parcel by the same function, so that a share is bad for the
 * one exactly when it is bad for all.
 */
#include "crypto/dkg.h"

#include "crypto/dkg_impl.h"
#include "crypto/mem.h"

#include <assert.h>
#include <string.h>

static const char PURPOSE[] = "dkg-complaint";

/*
 * Open the parcel of receiver with what its key makes of the ephemeral.  ST_OPENING: the share is
 * not a scalar, or not what the commitments promise.
 */
static enum status parcel_open(const struct dkg_params *p, struct scalar *share, uint8_t dealer,
                               uint8_t receiver, const struct dkg_deal *deal,
                               const struct element *shared)
{
	const struct dkg_parcel *parcel = &deal->parcel[receiver - 1];
	uint8_t bytes[GROUP_SCALAR_BYTES_MAX];
	struct element left, right;
	enum status st = ST_OPENING;

	dkg_box(p, bytes, parcel->box, shared, dealer, receiver, &parcel->ephemeral);
	if (group_scalar_decode(p->g, share, bytes) == ST_OK) {
		group_mul_base(p->g, &left, share);
		shamir_eval_commits_var(p->g, &right, receiver, deal->commit, p->t);
		if (group_is_equal(p->g, &left, &right))
			st = ST_OK;
	}
	if (st != ST_OK)
		group_scalar_zero(p->g, share);
	mem_wipe(bytes, sizeof(bytes));
	return st;
}

enum status dkg_share_open(const struct dkg_params *p, struct scalar *share,
                           const struct dkg_self *self, uint8_t dealer,
                           const struct dkg_deal *deal)
{
	struct element shared;
	enum status st = dkg_self_check(p, self);

	group_scalar_zero(p->g, share);
	if (st != ST_OK)
		return st;
	if (!dkg_is_index(p, dealer))
		return ST_ROLE;
	group_mul(p->g, &shared, &deal->parcel[self->index - 1].ephemeral, &self->key);
	st = parcel_open(p, share, dealer, self->index, deal, &shared);
	mem_wipe(&shared, sizeof(shared));
	return st;
}

/* --- the complaint ------------------------------------------------------------------------- */

/* The complainer's key and what it reveals have one exponent; said of this parcel only. */
static void statement(const struct dkg_params *p, struct dleq_statement *out,
                      uint8_t context[static HASH256_BYTES], uint8_t complainer,
                      const struct dkg_complaint *complaint, const struct dkg_deal *deal)
{
	const struct dkg_parcel *parcel = &deal->parcel[complainer - 1];
	struct hash h;

	hash256_purpose(&h, PURPOSE);
	dkg_hash_who(&h, p, complaint->dealer);
	hash_field_u8(&h, complainer);
	dkg_hash_element(&h, p, &p->key[complainer - 1]);
	for (uint8_t k = 0; k < p->t; k++)
		dkg_hash_element(&h, p, &deal->commit[k]);
	dkg_hash_element(&h, p, &parcel->ephemeral);
	hash_field(&h, parcel->box, group_scalar_len(p->g));
	hash256_final(&h, context);
	*out = (struct dleq_statement){
		.purpose = PURPOSE,
		.context = context,
		.context_len = HASH256_BYTES,
		.b = &p->key[complainer - 1],
		.c = &parcel->ephemeral,
		.d = &complaint->shared,
		.count = 1,
	};
}

enum status dkg_complaint_make(const struct dkg_params *p, struct dkg_complaint *out,
                               const struct dkg_self *self, uint8_t dealer,
                               const struct dkg_deal *deal)
{
	uint8_t context[HASH256_BYTES];
	struct dleq_statement about;
	struct scalar share;
	enum status st;

	memset(out, 0, sizeof(*out));
	if (dealer == self->index)
		return ST_ROLE;
	st = dkg_share_open(p, &share, self, dealer, deal);
	mem_wipe(&share, sizeof(share));
	if (st != ST_OPENING)
		return st == ST_OK ? ST_REFUTED : st;
	out->dealer = dealer;
	group_mul(p->g, &out->shared, &deal->parcel[self->index - 1].ephemeral, &self->key);
	statement(p, &about, context, self->index, out, deal);
	return dleq_prove(p->g, out->proof, &about, &self->key);
}

enum status dkg_complaint_judge(const struct dkg_params *p, uint8_t complainer,
                                const struct dkg_complaint *complaint,
                                const struct dkg_deal *deal)
{
	uint8_t context[HASH256_BYTES];
	struct dleq_statement about;
	struct scalar share;
	enum status st;

	if (!dkg_is_index(p, complainer) || !dkg_is_index(p, complaint->dealer) ||
	    complainer == complaint->dealer)
		return ST_ROLE;
	statement(p, &about, context, complainer, complaint, deal);
	if ((st = dleq_verify(p->g, &about, complaint->proof, dleq_len(p->g))) != ST_OK)
		return st;
	st = parcel_open(p, &share, complaint->dealer, complainer, deal, &complaint->shared);
	return st == ST_OPENING ? ST_OK : ST_REFUTED;
}

/* --- a list of complaints ------------------------------------------------------------------ */

/* Dealer, revealed element, proof. */
static size_t entry_len(const struct dkg_params *p)
{
	return 1 + group_element_len(p->g) + dleq_len(p->g);
}

size_t dkg_complaints_len(const struct dkg_params *p, size_t count)
{
	return 1 + count * entry_len(p);
}

void dkg_complaints_encode(const struct dkg_params *p, uint8_t *bytes,
                           const struct dkg_complaint *list, size_t count)
{
	assert(count < p->n);
	*bytes++ = (uint8_t)count;
	for (size_t i = 0; i < count; i++) {
		*bytes++ = list[i].dealer;
		dkg_put_element(p, &bytes, &list[i].shared);
		dkg_put_bytes(&bytes, list[i].proof, dleq_len(p->g));
	}
}

static enum status entry_decode(const struct dkg_params *p, struct dkg_complaint *out,
                                const uint8_t **at)
{
	enum status st;

	out->dealer = *(*at)++;
	if ((st = dkg_take_element(p, &out->shared, at)) != ST_OK)
		return st;
	return dkg_take_proof(p, out->proof, at);
}

enum status dkg_complaints_decode(const struct dkg_params *p,
                                  struct dkg_complaint list[static DKG_MAX], size_t *count,
                                  const uint8_t *bytes, size_t len)
{
	uint8_t dealers[DKG_MAX];
	enum status st;

	*count = 0;
	memset(list, 0, DKG_MAX * sizeof(*list));
	if (len < 1)
		return ST_FORMAT;
	if (bytes[0] >= p->n)
		return ST_LIMIT;
	if (len != dkg_complaints_len(p, bytes[0]))
		return ST_FORMAT;
	*count = *bytes++;
	for (size_t i = 0; i < *count; i++) {
		if ((st = entry_decode(p, &list[i], &bytes)) != ST_OK)
			return st;
		dealers[i] = list[i].dealer;
	}
	return *count == 0 ? ST_OK : shamir_indices_check(p->g, p->n, dealers, *count);
}
