/*
 * dkg_result.c: the keys that a ceremony leads to (protocol-ceremony §8).
 *
 * Invariant: an excluded trustee adds nothing to any key and has no key share.
 */
#include "crypto/dkg.h"

#include "crypto/dkg_impl.h"
#include "crypto/mem.h"

#include <string.h>

/* The commitments of the joint polynomial: those of all included dealers, added up. */
static size_t add_commits(const struct dkg_params *p, struct element *sum,
                          const struct dkg_deal *const deals[static DKG_MAX])
{
	size_t included = 0;

	for (uint8_t k = 0; k < p->t; k++)
		group_identity(p->g, &sum[k]);
	for (uint8_t i = 0; i < p->n; i++) {
		if (deals[i] == NULL)
			continue;
		included++;
		for (uint8_t k = 0; k < p->t; k++)
			group_add(p->g, &sum[k], &sum[k], &deals[i]->commit[k]);
	}
	return included;
}

/* Nobody included, no key. */
static void result_clear(const struct dkg_params *p, struct dkg_result *out)
{
	memset(out, 0, sizeof(*out));
	group_identity(p->g, &out->y);
	for (uint8_t j = 0; j < DKG_MAX; j++)
		group_identity(p->g, &out->share[j]);
}

enum status dkg_result_make(const struct dkg_params *p, struct dkg_result *out,
                            const struct dkg_deal *const deals[static DKG_MAX])
{
	struct element sum[DKG_MAX];

	result_clear(p, out);
	if (add_commits(p, sum, deals) < p->t)
		return ST_THRESHOLD;
	if (group_is_identity(p->g, &sum[0]))
		return ST_IDENTITY;
	for (uint8_t j = 1; j <= p->n; j++) {
		if (deals[j - 1] == NULL)
			continue;
		out->included[j - 1] = true;
		shamir_eval_commits_var(p->g, &out->share[j - 1], j, sum, p->t);
		if (group_is_identity(p->g, &out->share[j - 1])) {
			result_clear(p, out);
			return ST_IDENTITY;
		}
	}
	out->y = sum[0];
	return ST_OK;
}

enum status dkg_share_sum(const struct dkg_params *p, struct scalar *x,
                          const struct dkg_self *self, const struct dkg_result *result,
                          const struct dkg_deal *const deals[static DKG_MAX])
{
	struct scalar share, sum;
	struct element key;
	enum status st = dkg_self_check(p, self);

	group_scalar_zero(p->g, x);
	group_scalar_zero(p->g, &sum);
	group_scalar_zero(p->g, &share);
	if (st == ST_OK && !result->included[self->index - 1])
		st = ST_EXCLUDED;
	for (uint8_t i = 1; i <= p->n && st == ST_OK; i++) {
		if (deals[i - 1] == NULL)
			continue;
		st = dkg_share_open(p, &share, self, i, deals[i - 1]);
		group_scalar_add(p->g, &sum, &sum, &share);
	}
	if (st != ST_OK)
		goto out;
	group_mul_base(p->g, &key, &sum);
	st = ST_OPENING;
	if (!group_is_equal(p->g, &key, &result->share[self->index - 1]))
		goto out;
	*x = sum;
	st = ST_OK;
out:
	mem_wipe(&share, sizeof(share));
	mem_wipe(&sum, sizeof(sum));
	return st;
}

void dkg_confirm(const struct dkg_params *p, uint8_t out[static DKG_CONFIRM_BYTES],
                 const struct dkg_result *result, const uint8_t transcript[static 32])
{
	struct hash h;

	hash256_purpose(&h, "dkg-confirm");
	hash_field_text(&h, group_name(p->g));
	hash_field(&h, p->election_id, sizeof(p->election_id));
	hash_field_u8(&h, p->n);
	hash_field_u8(&h, p->t);
	hash_field(&h, transcript, 32);
	dkg_hash_element(&h, p, &result->y);
	for (uint8_t j = 0; j < p->n; j++) {
		if (result->included[j])
			dkg_hash_element(&h, p, &result->share[j]);
		else
			hash_field(&h, NULL, 0);   /* excluded: an empty field, never a missing one */
	}
	hash256_final(&h, out);
}
