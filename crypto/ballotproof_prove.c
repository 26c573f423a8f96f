/*
 * ballotproof_prove.c: the prover; see ballotproof.h (protocol-ballotproof.md §7).
 *
 * Invariant: time and memory access do not depend on the values, on r or on any mask: digits by
 * masked compare and subtract, B by masked select, every multiple by a constant-time function.
 * Every attempt draws fresh randomness, and nothing of an attempt outlives the call but its
 * openings, when it succeeds.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/ct.h"
#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <string.h>

enum {
	ENTROPY_BYTES = 64,
	DEVICE_BYTES_MAX = 64,
	ATTEMPTS_MAX = 256,   /* a second attempt comes with probability 2^-251 */
	PACKED_BYTES_MAX = (BALLOTLAYOUT_BITS_MAX + 7) / 8
};

struct prover {
	const struct ballotproof_setup *setup;
	const uint8_t *ctx;
	const uint64_t *values;
	const uint8_t *device;
	size_t device_len;
	uint32_t attempt;
	struct scalar *a;   /* N, in the caller's scratch, as is r */
	struct scalar *r;   /* M */
	struct scalar r_b;
	struct scalar r_a;
	struct scalar r_c;
	struct scalar r_d;
	struct scalar s;
	struct scalar rho;
	struct scalar x;
	uint8_t entropy[ENTROPY_BYTES];
	uint8_t bits[BALLOTLAYOUT_BITS_MAX];
	uint8_t packed[PACKED_BYTES_MAX];
};

/* --- bits --------------------------------------------------------------------------------- */

/*
 * Write v in the weights of bits[first, first + len), greatest first; all ones when nothing is
 * left, else 0.  The weights are those of digits(): taking the remainder whenever v has it leaves
 * at most the sum of the powers of two, so greed finds a representation when there is one.
 */
static uint64_t digits_of(uint8_t *bits, const struct ballotlayout *l, size_t first, size_t len,
                          uint64_t v)
{
	uint64_t legal = ct_mask((v >> 63) ^ 1);

	for (size_t i = len; i-- > 0;) {
		const struct ballotlayout_bit *bit = &l->bits[first + i];
		uint64_t w = bit->ciphertext == BALLOTLAYOUT_NONE ? bit->factor : bit->weight;
		uint64_t take = ct_mask(((v - w) >> 63) ^ 1);   /* v >= w: both are below 2^63 */

		v -= w & take;
		bits[first + i] = (uint8_t)(take & 1);
	}
	return legal & ~ct_mask(v);
}

bool ballotproof_bits(uint8_t *bits, const struct ballotlayout *l, const uint64_t *values)
{
	uint64_t legal = ~(uint64_t)0;

	for (size_t i = 0; i < l->ciphertexts_len; i++)
		legal &= digits_of(bits, l, l->ciphertexts[i].first_bit, l->ciphertexts[i].bits,
		                   values[i]);
	for (size_t i = 0; i < l->groups_len; i++) {
		const struct ballotlayout_group *p = &l->groups[i];
		const struct ballotlayout_constraint *con;
		uint64_t slack;

		if (p->constraint == BALLOTLAYOUT_NONE)
			continue;
		con = &l->constraints[p->constraint];
		slack = con->sum;
		for (size_t k = con->first_bit; k < p->first_slack; k++)
			slack -= ct_mask(bits[k]) & l->bits[k].factor;
		/* Below 0 it wraps above 2^63, which digits_of refuses. */
		legal &= digits_of(bits, l, p->first_slack, p->slack_bits, slack);
	}
	return legal != 0;
}

static void pack_bits(struct prover *p)
{
	memset(p->packed, 0, sizeof(p->packed));
	for (size_t k = 0; k < p->setup->layout->bits_len; k++)
		p->packed[k / 8] |= (uint8_t)(p->bits[k] << (k % 8));
}

/* --- secrets of an attempt ---------------------------------------------------------------- */

/* protocol-ballotproof.md §7: even a stuck generator then repeats nothing across ballots. */
static void draw(const struct prover *p, struct scalar *out, const char *purpose, uint32_t index)
{
	struct transcript t;

	transcript_init(&t, p->setup->g, purpose);
	transcript_field(&t, p->entropy, sizeof(p->entropy));
	transcript_field(&t, p->device, p->device_len);
	transcript_field(&t, p->ctx, BALLOTPROOF_CTX_BYTES);
	transcript_u32(&t, p->attempt);
	transcript_field(&t, p->packed, (p->setup->layout->bits_len + 7) / 8);
	transcript_u32(&t, index);
	transcript_challenge(&t, out);
}

/* The masks of a constraint must add up to 0: one of them, of factor 1, follows from the rest. */
static void solve_masks(struct prover *p, const struct ballotlayout_constraint *con)
{
	const struct ballotlayout *l = p->setup->layout;
	const struct group *g = p->setup->g;
	struct scalar sum, term;

	assert(l->bits[con->solve].factor == 1);
	group_scalar_zero(g, &sum);
	for (size_t k = con->first_bit; k < (size_t)con->first_bit + con->bits; k++) {
		if (k == con->solve)
			continue;
		group_scalar_u64(g, &term, l->bits[k].factor);
		group_scalar_mul(g, &term, &term, &p->a[k]);
		group_scalar_add(g, &sum, &sum, &term);
	}
	group_scalar_neg(g, &p->a[con->solve], &sum);
	mem_wipe(&sum, sizeof(sum));
	mem_wipe(&term, sizeof(term));
}

static void draw_all(struct prover *p)
{
	const struct ballotlayout *l = p->setup->layout;

	rng_bytes(p->entropy, sizeof(p->entropy));
	for (uint32_t i = 0; i < l->ciphertexts_len; i++)
		draw(p, &p->r[i], "ballot-secret-r", i);
	for (uint32_t k = 0; k < l->bits_len; k++)
		draw(p, &p->a[k], "ballot-secret-mask", k);
	for (size_t i = 0; i < l->constraints_len; i++)
		solve_masks(p, &l->constraints[i]);
	draw(p, &p->r_b, "ballot-secret-blind-b", 0);
	draw(p, &p->r_a, "ballot-secret-blind-a", 0);
	draw(p, &p->r_c, "ballot-secret-blind-c", 0);
	draw(p, &p->r_d, "ballot-secret-blind-d", 0);
	draw(p, &p->s, "ballot-secret-s", 0);
	mem_wipe(p->entropy, sizeof(p->entropy));
}

/* --- points ------------------------------------------------------------------------------- */

/* out = k * bases[index]; which path is public. */
static void mul_at(const struct prover *p, struct element *out, size_t index,
                   const struct scalar *k)
{
	const struct ballotproof_setup *s = p->setup;

	if (index == BALLOTPROOF_BASE_G)
		group_mul_base(s->g, out, k);
	else if (index - BALLOTPROOF_BASE_Y < s->tables_len)
		group_table_mul(s->g, out, &s->tables[index - BALLOTPROOF_BASE_Y], k);
	else
		group_mul(s->g, out, &s->bases[index], k);
}

static void put_ciphertexts(const struct prover *p, uint8_t *out)
{
	const struct group *g = p->setup->g;
	size_t len = group_element_len(g);
	struct element e, vote;
	struct scalar m;

	for (size_t i = 0; i < p->setup->layout->ciphertexts_len; i++) {
		mul_at(p, &e, BALLOTPROOF_BASE_G, &p->r[i]);
		group_encode(g, out, &e);
		out += len;
		group_scalar_u64(g, &m, p->values[i]);
		mul_at(p, &vote, BALLOTPROOF_BASE_G, &m);
		mul_at(p, &e, BALLOTPROOF_BASE_Y, &p->r[i]);
		group_add(g, &e, &e, &vote);
		group_encode(g, out, &e);
		out += len;
	}
	mem_wipe(&e, sizeof(e));
	mem_wipe(&vote, sizeof(vote));
	mem_wipe(&m, sizeof(m));
}

/* The parts of bit k: b G to B, a G to A, a (1 - 2b) G to C, -a^2 G to D. */
static void add_bit(const struct prover *p, struct element sums[4], size_t k)
{
	const struct group *g = p->setup->g;
	const struct element *base = &p->setup->bases[BALLOTPROOF_BASE_G1 + k];
	struct element e, other;
	struct scalar square;

	group_identity(g, &other);
	group_select(g, &e, &other, base, p->bits[k]);
	group_add(g, &sums[0], &sums[0], &e);
	mul_at(p, &e, BALLOTPROOF_BASE_G1 + k, &p->a[k]);
	group_add(g, &sums[1], &sums[1], &e);
	group_neg(g, &other, &e);
	group_select(g, &e, &e, &other, p->bits[k]);
	group_add(g, &sums[2], &sums[2], &e);
	group_scalar_mul(g, &square, &p->a[k], &p->a[k]);
	mul_at(p, &e, BALLOTPROOF_BASE_G1 + k, &square);
	group_sub(g, &sums[3], &sums[3], &e);
	mem_wipe(&e, sizeof(e));
	mem_wipe(&other, sizeof(other));
	mem_wipe(&square, sizeof(square));
}

/* B A C D */
static void put_commitments(const struct prover *p, uint8_t *out)
{
	const struct scalar *const blind[4] = { &p->r_b, &p->r_a, &p->r_c, &p->r_d };
	const struct group *g = p->setup->g;
	struct element sums[4];

	for (size_t i = 0; i < 4; i++)
		mul_at(p, &sums[i], BALLOTPROOF_BASE_H, blind[i]);
	for (size_t k = 0; k < p->setup->layout->bits_len; k++)
		add_bit(p, sums, k);
	for (size_t i = 0; i < 4; i++)
		group_encode(g, out + i * group_element_len(g), &sums[i]);
	mem_wipe(sums, sizeof(sums));
}

/* out = sum over i of rho^i * sum over k of w_ik a_k, by Horner's rule from i = M down */
static void weighed_masks(const struct prover *p, struct scalar *out)
{
	const struct ballotlayout *l = p->setup->layout;
	const struct group *g = p->setup->g;
	struct scalar term;

	group_scalar_zero(g, out);
	for (size_t i = l->ciphertexts_len; i-- > 0;) {
		const struct ballotlayout_ciphertext *ct = &l->ciphertexts[i];

		for (size_t k = ct->first_bit; k < (size_t)ct->first_bit + ct->bits; k++) {
			group_scalar_u64(g, &term, l->bits[k].weight);
			group_scalar_mul(g, &term, &term, &p->a[k]);
			group_scalar_add(g, out, out, &term);
		}
		group_scalar_mul(g, out, out, &p->rho);
	}
	mem_wipe(&term, sizeof(term));
}

static void weighed_randomness(const struct prover *p, struct scalar *out)
{
	const struct group *g = p->setup->g;

	group_scalar_zero(g, out);
	for (size_t i = p->setup->layout->ciphertexts_len; i-- > 0;) {
		group_scalar_add(g, out, out, &p->r[i]);
		group_scalar_mul(g, out, out, &p->rho);
	}
}

/* T_1 T_2 */
static void put_t(const struct prover *p, uint8_t *out)
{
	const struct group *g = p->setup->g;
	struct element e, masks;
	struct scalar k;

	mul_at(p, &e, BALLOTPROOF_BASE_G, &p->s);
	group_encode(g, out, &e);
	weighed_masks(p, &k);
	mul_at(p, &masks, BALLOTPROOF_BASE_G, &k);
	mul_at(p, &e, BALLOTPROOF_BASE_Y, &p->s);
	group_add(g, &e, &e, &masks);
	group_encode(g, out + group_element_len(g), &e);
	mem_wipe(&e, sizeof(e));
	mem_wipe(&masks, sizeof(masks));
	mem_wipe(&k, sizeof(k));
}

/* --- responses ---------------------------------------------------------------------------- */

/* x * secret + mask */
static void put_response(const struct prover *p, uint8_t *out, const struct scalar *secret,
                         const struct scalar *mask)
{
	const struct group *g = p->setup->g;
	struct scalar k;

	group_scalar_mul(g, &k, &p->x, secret);
	group_scalar_add(g, &k, &k, mask);
	group_scalar_encode(g, out, &k);
	mem_wipe(&k, sizeof(k));
}

static void put_responses(const struct prover *p, uint8_t *out)
{
	const struct group *g = p->setup->g;
	size_t len = group_scalar_len(g);
	struct scalar k;

	for (size_t i = 0; i < p->setup->layout->bits_len; i++, out += len) {
		group_scalar_add(g, &k, &p->a[i], &p->x);
		group_scalar_select(g, &k, &p->a[i], &k, p->bits[i]);
		group_scalar_encode(g, out, &k);
	}
	put_response(p, out, &p->r_b, &p->r_a);
	put_response(p, out + len, &p->r_c, &p->r_d);
	weighed_randomness(p, &k);
	put_response(p, out + 2 * len, &k, &p->s);
	mem_wipe(&k, sizeof(k));
}

/* ST_AGAIN: rho or x is 0, and everything must be drawn anew. */
static enum status attempt(struct prover *p, uint8_t *ciphertexts, uint8_t *proof)
{
	const struct group *g = p->setup->g;
	size_t len = group_element_len(g);
	uint8_t t1[HASH512_BYTES];

	draw_all(p);
	put_ciphertexts(p, ciphertexts);
	put_commitments(p, proof);
	ballotproof_t1(t1, p->setup, p->ctx, ciphertexts, proof);
	ballotproof_rho(g, &p->rho, t1);
	put_t(p, proof + 4 * len);
	ballotproof_x(g, &p->x, t1, proof + 4 * len);
	if (group_scalar_is_zero(g, &p->rho) || group_scalar_is_zero(g, &p->x))
		return ST_AGAIN;
	put_responses(p, proof + BALLOTPROOF_POINTS * len);
	return ST_OK;
}

/* The state of the prover stands at the head of the caller's scratch, which is locked. */
enum {
	STATE_SCALARS = (sizeof(struct prover) + sizeof(struct scalar) - 1) / sizeof(struct scalar)
};

_Static_assert(_Alignof(struct prover) <= _Alignof(struct scalar), "the state is aligned there");

size_t ballotproof_secrets_len(const struct ballotlayout *l)
{
	return STATE_SCALARS + l->bits_len + l->ciphertexts_len;
}

enum status ballotproof_prove(uint8_t *ciphertexts, uint8_t *proof, uint8_t *openings,
                              struct scalar *secrets, const struct ballotproof_setup *setup,
                              const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                              const uint64_t *values, const uint8_t *device, size_t device_len)
{
	const struct ballotlayout *l = setup->layout;
	size_t secrets_bytes = ballotproof_secrets_len(l) * sizeof(*secrets);
	struct prover *p = (struct prover *)(void *)secrets;
	enum status st = ST_RANGE;

	assert(setup->bases_len >= ballotproof_batch_row(l));
	assert(device_len <= DEVICE_BYTES_MAX);
	memset(secrets, 0, secrets_bytes);
	p->setup = setup;
	p->ctx = ctx;
	p->values = values;
	p->device = device;
	p->device_len = device_len;
	p->a = secrets + STATE_SCALARS;
	p->r = p->a + l->bits_len;
	if (!ballotproof_bits(p->bits, l, values))
		goto out;
	pack_bits(p);
	st = ST_AGAIN;
	for (; st == ST_AGAIN && p->attempt < ATTEMPTS_MAX; p->attempt++)
		st = attempt(p, ciphertexts, proof);
	if (st == ST_AGAIN)
		st = ST_INTERNAL;
	for (size_t i = 0; st == ST_OK && i < l->ciphertexts_len; i++)
		group_scalar_encode(setup->g, openings + i * group_scalar_len(setup->g), &p->r[i]);
out:
	mem_wipe(secrets, secrets_bytes);
	return st;
}
