/* ballotcase.c: see ballotcase.h. */
#include "tests/unit/lib/ballotcase.h"

#include "crypto/mem.h"
#include "crypto/rng.h"
#include "crypto/transcript.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *take(size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) / 64 * 64);

	if (p == NULL)
		abort();
	memset(p, 0, bytes);
	return p;
}

/* Bases of a group without derivation: multiples of the generator by hashes of their index. */
static void known_bases(struct element *bases, const struct group *g, const struct element *y,
                        size_t bits_len)
{
	group_generator(g, &bases[BALLOTPROOF_BASE_G]);
	bases[BALLOTPROOF_BASE_Y] = *y;
	for (uint32_t i = 0; i <= bits_len; i++) {
		struct transcript t;
		struct scalar k;

		transcript_init(&t, g, "test-base");
		transcript_u32(&t, i);
		transcript_challenge(&t, &k);
		group_mul_base(g, &bases[BALLOTPROOF_BASE_H + i], &k);
	}
}

static void make_bases(struct ballotcase *c)
{
	size_t bits_len = c->layout.bits_len;
	struct element y;

	rng_scalar(c->g, &c->key);
	group_mul_base(c->g, &y, &c->key);
	c->bases = take((3 + bits_len) * sizeof(*c->bases));
	if (!group_is_ristretto(c->g))
		known_bases(c->bases, c->g, &y, bits_len);
	else if (ballotproof_bases(c->bases, c->g, &y, bits_len) != ST_OK)
		abort();
	c->setup = (struct ballotproof_setup){
		.g = c->g,
		.layout = &c->layout,
		.bases = c->bases,
		.bases_len = 3 + bits_len,
	};
}

struct ballotcase *ballotcase_new(const struct group *g, const struct ballotlayout_rule *rules,
                                  size_t rules_len)
{
	struct ballotcase *c = take(sizeof(*c));
	const struct ballotlayout *l = &c->layout;

	c->g = g;
	if (ballotlayout_compile(&c->layout, NULL, 0, rules, rules_len) != ST_OK)
		abort();
	make_bases(c);
	c->work.points_len = ballotproof_work_points(g, l);
	c->work.points = take(c->work.points_len * sizeof(struct element));
	c->work.scalars_len = ballotproof_work_scalars(l);
	c->work.scalars = take(c->work.scalars_len * sizeof(struct scalar));
	c->secrets = take(ballotproof_secrets_len(l) * sizeof(struct scalar));
	c->bytes.ciphertexts_len = ballotproof_ciphertexts_len(g, l);
	c->bytes.proof_len = ballotproof_len(g, l);
	c->ciphertexts = take(c->bytes.ciphertexts_len);
	c->proof = take(c->bytes.proof_len);
	c->openings = take(ballotproof_openings_len(g, l));
	c->bytes.ciphertexts = c->ciphertexts;
	c->bytes.proof = c->proof;
	rng_bytes(c->ctx, sizeof(c->ctx));
	return c;
}

void ballotcase_free(struct ballotcase *c)
{
	if (c == NULL)
		return;
	free(c->bases);
	free(c->work.points);
	free(c->work.scalars);
	free(c->secrets);
	free(c->ciphertexts);
	free(c->proof);
	free(c->openings);
	free(c);
}

enum status ballotcase_prove(struct ballotcase *c, const uint64_t *values)
{
	static const uint8_t device[32] = "a secret that this machine keeps";

	return ballotproof_prove(c->ciphertexts, c->proof, c->openings, c->secrets, &c->setup,
	                         c->ctx, values, device, sizeof(device));
}

enum status ballotcase_verify(struct ballotcase *c)
{
	return ballotproof_verify(&c->setup, &c->work, c->ctx, &c->bytes);
}

struct batch *ballotcase_batch_new(const struct ballotcase *c, size_t items)
{
	const struct batch_room room = {
		.items = items,
		.terms = items * (ballotproof_batch_terms(&c->layout) + 2),
		.rows = items * ballotproof_batch_row(&c->layout),
	};
	size_t bytes = batch_bytes(c->g, c->setup.bases_len, &room);
	struct batch *b = take(sizeof(*b));

	batch_init(b, c->g, c->bases, c->setup.bases_len, &room, take(bytes), bytes);
	return b;
}

void ballotcase_batch_free(struct batch *b)
{
	void *mem = b->points;   /* the caller's memory begins with them */

	batch_wipe(b);
	free(mem);
	free(b);
}

enum status ballotcase_batch_add(struct ballotcase *c, struct batch *b)
{
	enum status st = batch_item_open(b, ballotproof_batch_terms(&c->layout) + 2,
	                                 ballotproof_batch_row(&c->layout));

	assert(st == ST_OK);
	st = ballotproof_collect(b, &c->setup, &c->work, c->ctx, &c->bytes);
	if (st == ST_OK)
		batch_item_close(b);
	else
		batch_item_drop(b);
	return st;
}

enum status ballotcase_verify_batch(struct ballotcase *c)
{
	struct batch *b = ballotcase_batch_new(c, 1);
	enum status st = ballotcase_batch_add(c, b);
	size_t bad[1];
	size_t bad_len;

	if (st == ST_OK)
		st = batch_verify(b, bad, &bad_len);
	ballotcase_batch_free(b);
	return st;
}

static bool group_is_legal(const struct ballotlayout_group *p, const uint64_t *values)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < p->rule.options; i++) {
		if (values[p->first_ciphertext + i] > p->rule.each_max)
			return false;
		sum += values[p->first_ciphertext + i];
	}
	if (p->blank != BALLOTLAYOUT_NONE && values[p->blank] > 1)
		return false;
	if (p->blank != BALLOTLAYOUT_NONE && values[p->blank] == 1)
		return sum == 0;
	return sum >= p->rule.min && sum <= p->rule.max;
}

bool ballotcase_is_legal(const struct ballotlayout *l, const uint64_t *values)
{
	for (size_t i = 0; i < l->groups_len; i++)
		if (!group_is_legal(&l->groups[i], values))
			return false;
	return true;
}

/* The greatest legal value of a ciphertext, on its own. */
static uint64_t value_max(const struct ballotlayout *l, size_t i)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < l->ciphertexts[i].bits; k++)
		sum += l->bits[l->ciphertexts[i].first_bit + k].weight;
	return sum;
}

bool ballotcase_next(const struct ballotlayout *l, uint64_t *values, uint64_t over)
{
	for (size_t i = 0; i < l->ciphertexts_len; i++) {
		if (values[i] < value_max(l, i) + over) {
			values[i]++;
			return true;
		}
		values[i] = 0;
	}
	return false;
}
