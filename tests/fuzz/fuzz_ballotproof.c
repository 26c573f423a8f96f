/*
 * fuzz_ballotproof.c: ballots and rules from hostile bytes.
 *
 * The first byte chooses: a ballot over ristretto255, a ballot over the tiny group (where false
 * proofs that pass are met), or rules of a layout.  A ballot begins with a u16, the length of its
 * ciphertexts.  What is proved: nothing crashes; every outcome is one that the header names; batch
 * and single agree; what was accepted decodes and encodes to the same bytes; a layout that was
 * accepted keeps the invariant of its header.
 */
#include "crypto/ballotproof_impl.h"
#include "crypto/mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { BITS = 8, POINTS = 512, SCALARS = 128, RULE_BYTES = 17 };

static struct ballotlayout layout;
static struct ballotlayout any;
static struct element bases[2][3 + BITS];
static struct element points[POINTS];
static struct scalar scalars[SCALARS];
static _Alignas(64) uint8_t memory[1 << 19];
static const uint8_t ctx[BALLOTPROOF_CTX_BYTES] = { 1 };

static void must(bool what)
{
	if (!what)
		abort();
}

/* Bases of the tiny group: anything will do. */
static void set_up(void)
{
	static const struct ballotlayout_rule rule = { 0, 2, 1, 1, 1, true };
	const struct group *tiny = group_tiny();
	struct element y;
	struct scalar k;

	must(crypto_init() == ST_OK);
	must(ballotlayout_compile(&layout, NULL, 0, &rule, 1) == ST_OK);
	group_scalar_u64(group_ristretto255(), &k, 7);
	group_mul_base(group_ristretto255(), &y, &k);
	must(ballotproof_bases(bases[0], group_ristretto255(), &y, layout.bits_len) == ST_OK);
	for (size_t i = 0; i < 3 + layout.bits_len; i++) {
		group_scalar_u64(tiny, &k, i + 1);
		group_mul_base(tiny, &bases[1][i], &k);
	}
}

static enum status in_batch(const struct ballotproof_setup *setup, struct ballotproof_work *work,
                            const struct ballotproof_bytes *ballot)
{
	const struct batch_room room = { 1, ballotproof_batch_terms(&layout),
		                         ballotproof_batch_row(&layout) };
	struct batch b;
	size_t bad[1];
	size_t bad_len;
	enum status st;

	must(batch_bytes(setup->g, setup->bases_len, &room) <= sizeof(memory));
	batch_init(&b, setup->g, setup->bases, setup->bases_len, &room, memory, sizeof(memory));
	must(batch_item_open(&b, room.terms, room.rows) == ST_OK);
	st = ballotproof_collect(&b, setup, work, ctx, ballot);
	if (st == ST_OK) {
		batch_item_close(&b);
		st = batch_verify(&b, bad, &bad_len);
		must(st == ST_OK || (bad_len == 1 && bad[0] == 0));
	} else {
		batch_item_drop(&b);
	}
	batch_wipe(&b);
	return st;
}

/* Every part of an accepted ballot has one encoding. */
static void must_be_canonical(const struct group *g, const struct ballotproof_bytes *ballot)
{
	uint8_t again[GROUP_ELEMENT_BYTES_MAX];
	size_t n = group_element_len(g);
	struct element e;

	for (size_t i = 0; i < ballot->ciphertexts_len / n; i++) {
		must(group_decode_var(g, &e, ballot->ciphertexts + i * n) == ST_OK);
		group_encode(g, again, &e);
		must(memcmp(again, ballot->ciphertexts + i * n, n) == 0);
	}
}

static void try_ballot(const struct group *g, const struct element *from, const uint8_t *p,
                       size_t len)
{
	const struct ballotproof_setup setup = {
		.g = g, .layout = &layout, .bases = from, .bases_len = 3 + layout.bits_len,
	};
	struct ballotproof_work work = { points, POINTS, scalars, SCALARS };
	struct ballotproof_bytes ballot;
	enum status single, batch;

	if (len < 2)
		return;
	ballot.ciphertexts = p + 2;
	ballot.ciphertexts_len = (size_t)p[0] << 8 | p[1];
	if (ballot.ciphertexts_len > len - 2)
		return;
	ballot.proof = ballot.ciphertexts + ballot.ciphertexts_len;
	ballot.proof_len = len - 2 - ballot.ciphertexts_len;
	single = ballotproof_verify(&setup, &work, ctx, &ballot);
	batch = in_batch(&setup, &work, &ballot);
	must(single == ST_OK || single == ST_FORMAT || single == ST_ELEMENT ||
	     single == ST_SCALAR || single == ST_PROOF);
	if (single == ST_PROOF && !group_is_ristretto(g))
		return;   /* a coefficient is 0 modulo 11 now and then */
	must(single == batch);
	if (single == ST_OK)
		must_be_canonical(g, &ballot);
}

static uint32_t load_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void must_be_sound(const struct ballotlayout *l)
{
	must(l->bits_len >= 1 && l->bits_len <= BALLOTLAYOUT_BITS_MAX);
	must(l->ciphertexts_len >= 1 && l->ciphertexts_len <= BALLOTLAYOUT_CIPHERTEXTS_MAX);
	must(l->constraints_len <= BALLOTLAYOUT_CONSTRAINTS_MAX);
	for (size_t i = 0; i < l->constraints_len; i++) {
		const struct ballotlayout_constraint *c = &l->constraints[i];
		uint64_t sum = 0;

		must((size_t)c->first_bit + c->bits <= l->bits_len);
		for (size_t k = c->first_bit; k < (size_t)c->first_bit + c->bits; k++) {
			must(l->bits[k].constraint == i && l->bits[k].factor > 0);
			sum += l->bits[k].factor;
		}
		must(sum <= UINT32_MAX && sum >= c->sum);
		must(c->solve >= c->first_bit && c->solve < c->first_bit + c->bits);
		must(l->bits[c->solve].factor == 1);
	}
	for (size_t i = 0; i < l->ciphertexts_len; i++)
		must((size_t)l->ciphertexts[i].first_bit + l->ciphertexts[i].bits <= l->bits_len);
}

static void try_rules(const uint8_t *p, size_t len)
{
	static struct ballotlayout_rule rules[BALLOTLAYOUT_RULES_MAX + 1];
	struct ballotlayout_fault fault = { 0, NULL };
	size_t rules_len = len / RULE_BYTES;
	enum status st;

	if (rules_len > BALLOTLAYOUT_RULES_MAX + 1)
		rules_len = BALLOTLAYOUT_RULES_MAX + 1;
	for (size_t i = 0; i < rules_len; i++, p += RULE_BYTES)
		rules[i] = (struct ballotlayout_rule){
			.label = (uint32_t)i, .options = load_u32(p), .each_max = load_u32(p + 4),
			.min = load_u32(p + 8), .max = load_u32(p + 12), .blank = (p[16] & 1) != 0,
		};
	st = ballotlayout_compile(&any, &fault, 0, rules, rules_len);
	must(st == ST_OK || st == ST_RANGE || st == ST_LIMIT);
	if (st == ST_OK)
		must_be_sound(&any);
	else
		must(fault.why != NULL && fault.rule <= rules_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool is_ready;

	if (!is_ready)
		set_up();
	is_ready = true;
	if (len == 0)
		return 0;
	if (data[0] % 3 == 0)
		try_ballot(group_ristretto255(), bases[0], data + 1, len - 1);
	else if (data[0] % 3 == 1)
		try_ballot(group_tiny(), bases[1], data + 1, len - 1);
	else
		try_rules(data + 1, len - 1);
	return 0;
}
