/* ceremony.c: see ceremony.h. */
#include "tests/unit/lib/ceremony.h"

#include "crypto/hash.h"
#include "crypto/transcript.h"
#include "tests/unit/lib/draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

void ceremony_start(struct ceremony *c, struct prng *r, const struct group *g, uint8_t n,
                    uint8_t t)
{
	memset(c, 0, sizeof(*c));
	c->p.g = g;
	c->p.n = n;
	c->p.t = t;
	prng_bytes(r, c->p.election_id, sizeof(c->p.election_id));
	for (uint8_t j = 0; j < n; j++) {
		c->self[j].index = (uint8_t)(j + 1);
		draw_scalar(r, g, &c->self[j].key);
		prng_bytes(r, c->self[j].seed, sizeof(c->self[j].seed));
		group_mul_base(g, &c->p.key[j], &c->self[j].key);
	}
	assert_int_equal(dkg_params_check(&c->p), ST_OK);
}

void ceremony_deal(struct ceremony *c)
{
	for (uint8_t i = 0; i < c->p.n; i++) {
		assert_int_equal(dkg_deal_make(&c->p, &c->deal[i], &c->self[i]), ST_OK);
		dkg_commit(&c->p, c->commit[i], (uint8_t)(i + 1), &c->deal[i]);
		c->in[i] = &c->deal[i];
	}
}

enum status ceremony_finish(struct ceremony *c)
{
	enum status st = dkg_result_make(&c->p, &c->result, c->in);

	for (uint8_t j = 0; j < c->p.n && st == ST_OK; j++)
		if (c->in[j] != NULL)
			st = dkg_share_sum(&c->p, &c->x[j], &c->self[j], &c->result, c->in);
	return st;
}

void ceremony_run(struct ceremony *c, struct prng *r, const struct group *g, uint8_t n, uint8_t t)
{
	ceremony_start(c, r, g, n, t);
	ceremony_deal(c);
	assert_int_equal(ceremony_finish(c), ST_OK);
}

/* --- the hashes, from the document --------------------------------------------------------- */

static void element_field(struct hash *h, const struct group *g, const struct element *a)
{
	uint8_t bytes[GROUP_ELEMENT_BYTES_MAX];

	group_encode(g, bytes, a);
	hash_field(h, bytes, group_element_len(g));
}

/* suite, election, n, t, dealer */
static void who(struct hash *h, const struct dkg_params *p, uint8_t dealer)
{
	hash_field_text(h, group_name(p->g));
	hash_field(h, p->election_id, 32);
	hash_field(h, &p->n, 1);
	hash_field(h, &p->t, 1);
	hash_field(h, &dealer, 1);
}

static void commitments(struct hash *h, const struct ceremony *c, uint8_t dealer)
{
	for (uint8_t k = 0; k < c->p.t; k++)
		element_field(h, c->p.g, &c->deal[dealer - 1].commit[k]);
}

static void parcel(struct hash *h, const struct ceremony *c, uint8_t dealer, uint8_t receiver)
{
	const struct dkg_parcel *parcel = &c->deal[dealer - 1].parcel[receiver - 1];

	element_field(h, c->p.g, &parcel->ephemeral);
	hash_field(h, parcel->box, group_scalar_len(c->p.g));
}

void cheat_deal_context(const struct ceremony *c, uint8_t out[static 64], uint8_t dealer)
{
	struct hash h;

	hash512_purpose(&h, "dkg-deal");
	who(&h, &c->p, dealer);
	commitments(&h, c, dealer);
	hash512_final(&h, out);
}

void cheat_parcel_context(const struct ceremony *c, uint8_t out[static 64], uint8_t dealer,
                          uint8_t receiver)
{
	struct hash h;

	hash512_purpose(&h, "dkg-parcel");
	who(&h, &c->p, dealer);
	hash_field(&h, &receiver, 1);
	element_field(&h, c->p.g, &c->p.key[receiver - 1]);
	parcel(&h, c, dealer, receiver);
	hash512_final(&h, out);
}

void cheat_complaint_context(const struct ceremony *c, uint8_t out[static 32],
                             uint8_t complainer, uint8_t dealer)
{
	struct hash h;

	hash256_purpose(&h, "dkg-complaint");
	who(&h, &c->p, dealer);
	hash_field(&h, &complainer, 1);
	element_field(&h, c->p.g, &c->p.key[complainer - 1]);
	commitments(&h, c, dealer);
	parcel(&h, c, dealer, complainer);
	hash256_final(&h, out);
}

static void pad(const struct ceremony *c, uint8_t *out, uint8_t dealer, uint8_t receiver,
                const struct element *ephemeral, const struct element *shared)
{
	const struct group *g = c->p.g;
	struct hash h;

	expand_start(&h);
	who(&h, &c->p, dealer);
	hash_field(&h, &receiver, 1);
	element_field(&h, g, &c->p.key[receiver - 1]);
	element_field(&h, g, ephemeral);
	element_field(&h, g, shared);
	expand_finish(&h, out, group_scalar_len(g), "kalpis/v1/dkg-pad", 17);
}

/* --- cheating ------------------------------------------------------------------------------ */

void cheat_coefficients(const struct ceremony *c, struct scalar *coeffs, uint8_t dealer)
{
	const struct dkg_self *self = &c->self[dealer - 1];

	for (uint8_t k = 0; k < c->p.t; k++) {
		struct transcript t;

		transcript_init(&t, c->p.g, "dkg-secret");
		transcript_text(&t, group_name(c->p.g));
		transcript_field(&t, c->p.election_id, 32);
		transcript_field(&t, &c->p.n, 1);
		transcript_field(&t, &c->p.t, 1);
		transcript_field(&t, &self->index, 1);
		transcript_field(&t, self->seed, 32);
		transcript_scalar(&t, &self->key);
		transcript_text(&t, "coefficient");
		transcript_field(&t, &k, 1);
		transcript_challenge(&t, &coeffs[k]);
	}
}

void cheat_parcel(struct ceremony *c, uint8_t dealer, uint8_t receiver, const uint8_t *share,
                  const struct scalar *e)
{
	struct dkg_parcel *parcel = &c->deal[dealer - 1].parcel[receiver - 1];
	const struct group *g = c->p.g;
	uint8_t context[64];
	struct element shared;

	group_mul_base(g, &parcel->ephemeral, e);
	group_mul(g, &shared, &c->p.key[receiver - 1], e);
	pad(c, parcel->box, dealer, receiver, &parcel->ephemeral, &shared);
	for (size_t i = 0; i < group_scalar_len(g); i++)
		parcel->box[i] ^= share[i];
	cheat_parcel_context(c, context, dealer, receiver);
	assert_int_equal(pok_prove(g, parcel->proof, "dkg-parcel", context, NULL, e), ST_OK);
}

void cheat_bad_share(struct ceremony *c, struct prng *r, uint8_t dealer, uint8_t receiver)
{
	const struct group *g = c->p.g;
	struct scalar coeffs[DKG_MAX], share, one, e;
	uint8_t bytes[GROUP_SCALAR_BYTES_MAX];

	cheat_coefficients(c, coeffs, dealer);
	shamir_eval(g, &share, receiver, coeffs, c->p.t);
	group_scalar_u64(g, &one, 1);
	group_scalar_add(g, &share, &share, &one);
	group_scalar_encode(g, bytes, &share);
	draw_scalar(r, g, &e);
	cheat_parcel(c, dealer, receiver, bytes, &e);
}

void cheat_proof(struct ceremony *c, uint8_t dealer, const struct scalar *secret)
{
	uint8_t context[64];

	cheat_deal_context(c, context, dealer);
	assert_int_equal(pok_prove(c->p.g, c->deal[dealer - 1].proof, "dkg-deal", context, NULL,
	                           secret), ST_OK);
}

void cheat_commit(struct ceremony *c, uint8_t dealer)
{
	struct hash h;

	hash256_purpose(&h, "dkg-commit");
	who(&h, &c->p, dealer);
	commitments(&h, c, dealer);
	hash_field(&h, c->deal[dealer - 1].proof, 2 * group_scalar_len(c->p.g));
	hash256_final(&h, c->commit[dealer - 1]);
}

void cheat_complaint(const struct ceremony *c, struct dkg_complaint *out, uint8_t complainer,
                     uint8_t dealer)
{
	const struct element *ephemeral = &c->deal[dealer - 1].parcel[complainer - 1].ephemeral;
	const struct scalar *key = &c->self[complainer - 1].key;
	uint8_t context[32];
	struct dleq_statement s = {
		.purpose = "dkg-complaint",
		.context = context,
		.context_len = sizeof(context),
		.b = &c->p.key[complainer - 1],
		.c = ephemeral,
		.d = &out->shared,
		.count = 1,
	};

	memset(out, 0, sizeof(*out));
	out->dealer = dealer;
	group_mul(c->p.g, &out->shared, ephemeral, key);
	cheat_complaint_context(c, context, complainer, dealer);
	assert_int_equal(dleq_prove(c->p.g, out->proof, &s, key), ST_OK);
}
