/*
 * dkg.c: the deal and its commit (protocol-ceremony §4, §5): make, encode, decode, check.
 *
 * Invariant: whoever decodes a deal has its exact layout and canonical members; whoever has
 * checked it knows that its dealer knew every exponent it uses.
 */
#include "crypto/dkg.h"

#include "crypto/dkg_impl.h"
#include "crypto/mem.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <string.h>

_Static_assert((int)DKG_ELECTION_BYTES == (int)HASH256_BYTES, "an election is named by a hash");

/* --- shared by the files of the ceremony --------------------------------------------------- */

void dkg_hash_element(struct hash *h, const struct dkg_params *p, const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(p->g, bytes, a);
	hash_field(h, bytes, group_element_len(p->g));
	mem_wipe(bytes, sizeof(bytes));   /* it may be a shared secret */
}

void dkg_hash_who(struct hash *h, const struct dkg_params *p, uint8_t dealer)
{
	hash_field_text(h, group_name(p->g));
	hash_field(h, p->election_id, sizeof(p->election_id));
	hash_field_u8(h, p->n);
	hash_field_u8(h, p->t);
	hash_field_u8(h, dealer);
}

bool dkg_is_index(const struct dkg_params *p, uint8_t index)
{
	return index >= 1 && index <= p->n;
}

enum status dkg_self_check(const struct dkg_params *p, const struct dkg_self *self)
{
	struct element key;

	if (!dkg_is_index(p, self->index))
		return ST_KEY;
	group_mul_base(p->g, &key, &self->key);
	return group_is_equal(p->g, &key, &p->key[self->index - 1]) ? ST_OK : ST_KEY;
}

enum status dkg_take_element(const struct dkg_params *p, struct element *out, const uint8_t **at)
{
	enum status st = group_decode_var(p->g, out, *at);

	*at += group_element_len(p->g);
	if (st == ST_OK && group_is_identity(p->g, out))
		return ST_IDENTITY;
	return st;
}

/* A proof is two scalars.  They are kept as bytes, but only canonical ones come in. */
enum status dkg_take_proof(const struct dkg_params *p, uint8_t *out, const uint8_t **at)
{
	size_t len = group_scalar_len(p->g);
	struct scalar unused;
	enum status st = ST_OK;

	memcpy(out, *at, 2 * len);
	for (int i = 0; i < 2 && st == ST_OK; i++)
		st = group_scalar_decode(p->g, &unused, *at + (size_t)i * len);
	*at += 2 * len;
	return st;
}

void dkg_put_element(const struct dkg_params *p, uint8_t **at, const struct element *a)
{
	group_encode(p->g, *at, a);
	*at += group_element_len(p->g);
}

void dkg_put_bytes(uint8_t **at, const uint8_t *bytes, size_t len)
{
	memcpy(*at, bytes, len);
	*at += len;
}

void dkg_box(const struct dkg_params *p, uint8_t *out, const uint8_t *in,
             const struct element *shared, uint8_t dealer, uint8_t receiver,
             const struct element *ephemeral)
{
	static const char dst[] = "kalpis/v1/dkg-pad";
	uint8_t pad[GROUP_SCALAR_BYTES_MAX];
	size_t len = group_scalar_len(p->g);
	struct hash h;

	expand_start(&h);
	dkg_hash_who(&h, p, dealer);
	hash_field_u8(&h, receiver);
	dkg_hash_element(&h, p, &p->key[receiver - 1]);
	dkg_hash_element(&h, p, ephemeral);
	dkg_hash_element(&h, p, shared);
	expand_finish(&h, pad, len, dst, sizeof(dst) - 1);
	for (size_t i = 0; i < len; i++)
		out[i] = in[i] ^ pad[i];
	mem_wipe(pad, sizeof(pad));
}

enum status dkg_params_check(const struct dkg_params *p)
{
	uint8_t all[DKG_MAX];
	enum status st;

	if (p->n < 1 || p->n > DKG_MAX || p->t < 1 || p->t > p->n)
		return ST_LIMIT;
	for (uint8_t j = 0; j < p->n; j++)
		all[j] = (uint8_t)(j + 1);
	if ((st = shamir_indices_check(p->g, p->n, all, p->n)) != ST_OK)
		return st;
	for (uint8_t j = 0; j < p->n; j++) {
		if (group_is_identity(p->g, &p->key[j]))
			return ST_KEY;
		for (uint8_t i = 0; i < j; i++)
			if (group_is_equal(p->g, &p->key[i], &p->key[j]))
				return ST_KEY;
	}
	return ST_OK;
}

/* --- what proofs and commit are about ------------------------------------------------------ */

static void hash_commits(struct hash *h, const struct dkg_params *p, const struct dkg_deal *deal)
{
	for (uint8_t k = 0; k < p->t; k++)
		dkg_hash_element(h, p, &deal->commit[k]);
}

static void deal_context(const struct dkg_params *p, uint8_t out[static POK_CONTEXT_BYTES],
                         uint8_t dealer, const struct dkg_deal *deal)
{
	struct hash h;

	hash512_purpose(&h, "dkg-deal");
	dkg_hash_who(&h, p, dealer);
	hash_commits(&h, p, deal);
	hash512_final(&h, out);
}

static void parcel_context(const struct dkg_params *p, uint8_t out[static POK_CONTEXT_BYTES],
                           uint8_t dealer, uint8_t receiver, const struct dkg_parcel *parcel)
{
	struct hash h;

	hash512_purpose(&h, "dkg-parcel");
	dkg_hash_who(&h, p, dealer);
	hash_field_u8(&h, receiver);
	dkg_hash_element(&h, p, &p->key[receiver - 1]);
	dkg_hash_element(&h, p, &parcel->ephemeral);
	hash_field(&h, parcel->box, group_scalar_len(p->g));
	hash512_final(&h, out);
}

void dkg_commit(const struct dkg_params *p, uint8_t out[static DKG_COMMIT_BYTES], uint8_t dealer,
                const struct dkg_deal *deal)
{
	struct hash h;

	hash256_purpose(&h, "dkg-commit");
	dkg_hash_who(&h, p, dealer);
	hash_commits(&h, p, deal);
	hash_field(&h, deal->proof, pok_len(p->g));
	hash256_final(&h, out);
}

/* --- making -------------------------------------------------------------------------------- */

/*
 * A secret of the deal: H2S("dkg-secret", ...) over the seed and, should the seed ever have been
 * weak, the trustee's key.  The same ceremony gives the same secret, another one another.
 */
static void derive(const struct dkg_params *p, struct scalar *out, const struct dkg_self *self,
                   const char *what, uint8_t number)
{
	struct transcript t;

	transcript_init(&t, p->g, "dkg-secret");
	transcript_text(&t, group_name(p->g));
	transcript_field(&t, p->election_id, sizeof(p->election_id));
	transcript_u8(&t, p->n);
	transcript_u8(&t, p->t);
	transcript_u8(&t, self->index);
	transcript_field(&t, self->seed, sizeof(self->seed));
	transcript_scalar(&t, &self->key);
	transcript_text(&t, what);
	transcript_u8(&t, number);
	transcript_challenge(&t, out);
}

/* Seal one share for receiver and prove that the ephemeral's exponent is known. */
static enum status parcel_make(const struct dkg_params *p, struct dkg_parcel *out,
                               const struct dkg_self *self, uint8_t receiver,
                               const struct scalar *coeffs)
{
	uint8_t context[POK_CONTEXT_BYTES], bytes[GROUP_SCALAR_BYTES_MAX];
	struct scalar e, share;
	struct element shared;
	enum status st;

	derive(p, &e, self, "ephemeral", receiver);
	group_mul_base(p->g, &out->ephemeral, &e);
	group_mul(p->g, &shared, &p->key[receiver - 1], &e);
	shamir_eval(p->g, &share, receiver, coeffs, p->t);
	group_scalar_encode(p->g, bytes, &share);
	dkg_box(p, out->box, bytes, &shared, self->index, receiver, &out->ephemeral);
	parcel_context(p, context, self->index, receiver, out);
	st = pok_prove_from(p->g, out->proof, "dkg-parcel", context, NULL, &e, self->seed);
	mem_wipe(&e, sizeof(e));
	mem_wipe(&share, sizeof(share));
	mem_wipe(bytes, sizeof(bytes));
	mem_wipe(&shared, sizeof(shared));
	return st;
}

/*
 * The nonces follow from the seed, so that a deal comes out the same again.  If a fault spoilt one
 * copy of a proof, it and the next, sound one would be two answers with one nonce, and that gives
 * the secret: nothing unchecked leaves.
 */
static enum status self_check(const struct dkg_params *p, struct dkg_deal *deal, uint8_t dealer)
{
	uint8_t commit[DKG_COMMIT_BYTES];
	enum status st;

	dkg_commit(p, commit, dealer, deal);
	st = dkg_deal_check(p, dealer, deal, commit);
	if (st != ST_OK)
		memset(deal, 0, sizeof(*deal));
	return st;
}

enum status dkg_deal_make(const struct dkg_params *p, struct dkg_deal *out,
                          const struct dkg_self *self)
{
	uint8_t context[POK_CONTEXT_BYTES];
	struct scalar coeffs[DKG_MAX];
	enum status st = dkg_params_check(p);

	memset(out, 0, sizeof(*out));
	if (st != ST_OK || (st = dkg_self_check(p, self)) != ST_OK)
		return st;
	for (uint8_t k = 0; k < p->t; k++) {
		derive(p, &coeffs[k], self, "coefficient", k);
		group_mul_base(p->g, &out->commit[k], &coeffs[k]);
	}
	deal_context(p, context, self->index, out);
	st = pok_prove_from(p->g, out->proof, "dkg-deal", context, NULL, &coeffs[0], self->seed);
	for (uint8_t j = 1; j <= p->n && st == ST_OK; j++)
		st = parcel_make(p, &out->parcel[j - 1], self, j, coeffs);
	mem_wipe(coeffs, sizeof(coeffs));
	return st == ST_OK ? self_check(p, out, self->index) : st;
}

/* --- bytes --------------------------------------------------------------------------------- */

/* t commitments, the proof, and n times: ephemeral, box, proof. */
size_t dkg_deal_len(const struct dkg_params *p)
{
	size_t element = group_element_len(p->g);
	size_t scalar = group_scalar_len(p->g);
	size_t proof = pok_len(p->g);

	return p->t * element + proof + p->n * (element + scalar + proof);
}

void dkg_deal_encode(const struct dkg_params *p, uint8_t *bytes, const struct dkg_deal *deal)
{
	for (uint8_t k = 0; k < p->t; k++)
		dkg_put_element(p, &bytes, &deal->commit[k]);
	dkg_put_bytes(&bytes, deal->proof, pok_len(p->g));
	for (uint8_t j = 0; j < p->n; j++) {
		dkg_put_element(p, &bytes, &deal->parcel[j].ephemeral);
		dkg_put_bytes(&bytes, deal->parcel[j].box, group_scalar_len(p->g));
		dkg_put_bytes(&bytes, deal->parcel[j].proof, pok_len(p->g));
	}
}

enum status dkg_deal_decode(const struct dkg_params *p, struct dkg_deal *out, const uint8_t *bytes,
                            size_t len)
{
	size_t scalar = group_scalar_len(p->g);
	enum status st;

	memset(out, 0, sizeof(*out));
	if (len != dkg_deal_len(p))
		return ST_FORMAT;
	for (uint8_t k = 0; k < p->t; k++)
		if ((st = dkg_take_element(p, &out->commit[k], &bytes)) != ST_OK)
			return st;
	if ((st = dkg_take_proof(p, out->proof, &bytes)) != ST_OK)
		return st;
	for (uint8_t j = 0; j < p->n; j++) {
		struct dkg_parcel *parcel = &out->parcel[j];

		if ((st = dkg_take_element(p, &parcel->ephemeral, &bytes)) != ST_OK)
			return st;
		memcpy(parcel->box, bytes, scalar);
		bytes += scalar;
		if ((st = dkg_take_proof(p, parcel->proof, &bytes)) != ST_OK)
			return st;
	}
	return ST_OK;
}

/* --- checking ------------------------------------------------------------------------------ */

/* Within one deal, every receiver has an ephemeral of its own. */
static bool ephemerals_are_distinct(const struct dkg_params *p, const struct dkg_deal *deal)
{
	for (uint8_t j = 0; j < p->n; j++)
		for (uint8_t i = 0; i < j; i++)
			if (group_is_equal(p->g, &deal->parcel[i].ephemeral,
			                   &deal->parcel[j].ephemeral))
				return false;
	return true;
}

enum status dkg_deal_check(const struct dkg_params *p, uint8_t dealer,
                           const struct dkg_deal *deal,
                           const uint8_t commit[static DKG_COMMIT_BYTES])
{
	uint8_t context[POK_CONTEXT_BYTES], hash[DKG_COMMIT_BYTES];
	size_t len = pok_len(p->g);
	enum status st;

	if (!dkg_is_index(p, dealer))
		return ST_ROLE;
	dkg_commit(p, hash, dealer, deal);
	if (!mem_is_equal(hash, commit, sizeof(hash)))
		return ST_HASH;
	if (!ephemerals_are_distinct(p, deal))
		return ST_DUPLICATE;
	deal_context(p, context, dealer, deal);
	st = pok_verify(p->g, deal->proof, len, "dkg-deal", context, NULL, &deal->commit[0]);
	for (uint8_t j = 1; j <= p->n && st == ST_OK; j++) {
		const struct dkg_parcel *parcel = &deal->parcel[j - 1];

		parcel_context(p, context, dealer, j, parcel);
		st = pok_verify(p->g, parcel->proof, len, "dkg-parcel", context, NULL,
		                &parcel->ephemeral);
	}
	return st;
}

void dkg_deal_ephemerals(const struct dkg_params *p, uint8_t *bytes, const struct dkg_deal *deal)
{
	for (uint8_t j = 0; j < p->n; j++)
		dkg_put_element(p, &bytes, &deal->parcel[j].ephemeral);
}

enum status dkg_deal_is_new(const struct dkg_params *p, const struct dkg_deal *deal,
                            const uint8_t *seen, size_t seen_count)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];
	size_t len = group_element_len(p->g);

	for (uint8_t j = 0; j < p->n; j++) {
		group_encode(p->g, bytes, &deal->parcel[j].ephemeral);
		for (size_t i = 0; i < seen_count; i++)
			if (mem_is_equal(bytes, seen + i * len, len))
				return ST_DUPLICATE;
	}
	return ST_OK;
}
