/*
 * threshold.c: one trustee's part of a decryption, its check, and the sum of t parts
 * (protocol-ceremony §9–§11).
 *
 * Invariant: nothing is decrypted that is not in the digest, and the digest is in every proof.
 */
#include "crypto/threshold.h"

#include "crypto/hash.h"
#include "crypto/mem.h"

#include <string.h>

static const char PURPOSE[] = "share";

enum { COMBINE_WORK = 128 };   /* scratch of the sum of t multiples: a table for each */

static void hash_element(struct hash *h, const struct group *g, const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, bytes, a);
	hash_field(h, bytes, group_element_len(g));
}

/* The aggregate hash: every (alpha, beta) in order, and how many. */
static void digest_sums(struct thdec *d)
{
	struct hash h;

	hash256_purpose(&h, "aggregates");
	hash_field_text(&h, group_name(d->g));
	hash_field(&h, d->election_id, sizeof(d->election_id));
	hash_field_u32(&h, (uint32_t)d->count);
	for (size_t k = 0; k < d->count; k++) {
		hash_element(&h, d->g, &d->sums[k].a);
		hash_element(&h, d->g, &d->sums[k].b);
	}
	hash256_final(&h, d->digest);
}

enum status thdec_init(struct thdec *d, struct element *alpha, const struct group *g,
                       const uint8_t election_id[static THDEC_HASH_BYTES],
                       const uint8_t end_block[static THDEC_HASH_BYTES], const struct element *y,
                       const struct ciphertext *sums, size_t count)
{
	if (count < 1 || count > THDEC_AGGREGATES_MAX)
		return ST_LIMIT;
	if (group_is_identity(g, y))
		return ST_IDENTITY;
	*d = (struct thdec){ .g = g, .y = *y, .sums = sums, .alpha = alpha, .count = count };
	memcpy(d->election_id, election_id, sizeof(d->election_id));
	memcpy(d->end_block, end_block, sizeof(d->end_block));
	for (size_t k = 0; k < count; k++)
		alpha[k] = sums[k].a;
	digest_sums(d);
	return ST_OK;
}

/* --- one share ----------------------------------------------------------------------------- */

/*
 * What the proof of trustee index is bound to, beside the pairs themselves.  beta is in no pair:
 * without the digest a share would serve any list with these alphas.
 */
static void statement(const struct thdec *d, struct dleq_statement *out,
                      uint8_t context[static HASH256_BYTES], uint8_t index,
                      const struct element *share_key, const struct element *partial)
{
	struct hash h;

	hash256_purpose(&h, PURPOSE);
	hash_field_text(&h, group_name(d->g));
	hash_field(&h, d->election_id, sizeof(d->election_id));
	hash_element(&h, d->g, &d->y);
	hash_field_u8(&h, index);
	hash_field(&h, d->end_block, sizeof(d->end_block));
	hash_field(&h, d->digest, sizeof(d->digest));
	hash256_final(&h, context);
	*out = (struct dleq_statement){
		.purpose = PURPOSE,
		.context = context,
		.context_len = HASH256_BYTES,
		.b = share_key,
		.c = d->alpha,
		.d = partial,
		.count = d->count,
	};
}

static bool is_index(uint8_t index)
{
	return index >= 1 && index <= SHAMIR_MAX;
}

enum status thdec_share_check(const struct thdec *d, uint8_t index,
                              const struct element *share_key, const struct element *partial,
                              const uint8_t *proof)
{
	uint8_t context[HASH256_BYTES];
	struct dleq_statement about;

	if (!is_index(index))
		return ST_LIMIT;
	statement(d, &about, context, index, share_key, partial);
	return dleq_verify(d->g, &about, proof, dleq_len(d->g));
}

enum status thdec_share_make(const struct thdec *d, struct element *partial, uint8_t *proof,
                             uint8_t index, const struct scalar *x,
                             const struct element *share_key)
{
	uint8_t context[HASH256_BYTES];
	struct dleq_statement about;
	struct element key;
	enum status st;

	if (!is_index(index))
		return ST_LIMIT;
	group_mul_base(d->g, &key, x);
	if (!group_is_equal(d->g, &key, share_key))
		return ST_KEY;
	for (size_t k = 0; k < d->count; k++)
		group_mul(d->g, &partial[k], &d->alpha[k], x);
	statement(d, &about, context, index, share_key, partial);
	if ((st = dleq_prove(d->g, proof, &about, x)) != ST_OK)
		goto fail;
	/* A fault while computing could give the key away: nothing unchecked leaves. */
	if ((st = thdec_share_check(d, index, share_key, partial, proof)) != ST_OK)
		goto fail;
	return ST_OK;
fail:
	mem_wipe(partial, d->count * sizeof(*partial));
	mem_wipe(proof, dleq_len(d->g));
	return st;
}

/* --- bytes --------------------------------------------------------------------------------- */

size_t thdec_share_len(const struct group *g, size_t count)
{
	return count * group_element_len(g) + dleq_len(g);
}

void thdec_share_encode(const struct group *g, uint8_t *bytes, const struct element *partial,
                        size_t count, const uint8_t *proof)
{
	size_t len = group_element_len(g);

	for (size_t k = 0; k < count; k++)
		group_encode(g, bytes + k * len, &partial[k]);
	memcpy(bytes + count * len, proof, dleq_len(g));
}

enum status thdec_share_decode_var(const struct group *g, struct element *partial, size_t count,
                                   uint8_t *proof, const uint8_t *bytes, size_t len)
{
	size_t element = group_element_len(g), scalar = group_scalar_len(g);
	struct scalar unused;
	enum status st;

	if (count < 1 || count > THDEC_AGGREGATES_MAX)
		return ST_LIMIT;
	if (len != thdec_share_len(g, count))
		return ST_FORMAT;
	for (size_t k = 0; k < count; k++, bytes += element)
		if ((st = group_decode_var(g, &partial[k], bytes)) != ST_OK)
			return st;
	if ((st = group_scalar_decode(g, &unused, bytes)) != ST_OK ||
	    (st = group_scalar_decode(g, &unused, bytes + scalar)) != ST_OK)
		return st;
	memcpy(proof, bytes, 2 * scalar);
	return ST_OK;
}

/* --- combining ----------------------------------------------------------------------------- */

/* The first t valid shares: their indices and where their partials lie. */
static enum status pick_valid(uint8_t *indices, const struct element **partials, uint8_t t,
                              const struct thdec_share *shares, size_t shares_len)
{
	size_t picked = 0;

	for (size_t i = 0; i < shares_len && picked < t; i++) {
		if (!shares[i].is_valid)
			continue;
		indices[picked] = shares[i].index;
		partials[picked++] = shares[i].partial;
	}
	return picked == t ? ST_OK : ST_THRESHOLD;
}

static enum status order_check(const struct group *g, const struct thdec_share *shares,
                               size_t shares_len)
{
	uint8_t indices[SHAMIR_MAX];

	if (shares_len > SHAMIR_MAX)
		return ST_LIMIT;
	for (size_t i = 0; i < shares_len; i++)
		indices[i] = shares[i].index;
	return shares_len == 0 ? ST_OK
	                       : shamir_indices_check(g, SHAMIR_MAX, indices, shares_len);
}

enum status thdec_combine_var(const struct thdec *d, struct element *out, uint8_t t,
                              const struct thdec_share *shares, size_t shares_len)
{
	const struct element *partials[SHAMIR_MAX] = { NULL };
	struct element parts[SHAMIR_MAX], work[COMBINE_WORK], mask;
	struct scalar lambda[SHAMIR_MAX];
	uint8_t indices[SHAMIR_MAX];
	enum status st;

	if (t < 1 || t > SHAMIR_MAX)
		return ST_LIMIT;
	if ((st = order_check(d->g, shares, shares_len)) != ST_OK ||
	    (st = pick_valid(indices, partials, t, shares, shares_len)) != ST_OK ||
	    (st = shamir_lagrange(d->g, lambda, indices, t)) != ST_OK)
		return st;
	for (size_t k = 0; k < d->count; k++) {
		for (size_t i = 0; i < t; i++)
			parts[i] = partials[i][k];
		group_msm_var(d->g, &mask, lambda, parts, t, work, COMBINE_WORK);
		group_sub(d->g, &out[k], &d->sums[k].b, &mask);
	}
	return ST_OK;
}
