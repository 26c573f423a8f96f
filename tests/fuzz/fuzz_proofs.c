/*
 * fuzz_proofs.c: signatures and proofs from hostile bytes.
 *
 * The first byte chooses the group (ristretto255, or the tiny one, where false proofs that pass
 * are met) and the kind; the rest is the proof.  What is proved: nothing crashes; every outcome is
 * one that the header names; what was accepted decodes and encodes to the same bytes, and a
 * signature that was accepted satisfies the equation when the reader works it out himself.
 */
#include "crypto/dleq.h"
#include "crypto/mem.h"
#include "crypto/pok.h"
#include "crypto/schnorr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

static int may(enum status st, enum status false_one)
{
	return st == ST_OK || st == ST_FORMAT || st == ST_SCALAR || st == false_one;
}

/* The two scalars of an accepted proof have one encoding each. */
static void must_be_canonical(const struct group *g, const uint8_t *proof)
{
	uint8_t again[GROUP_SCALAR_BYTES_MAX];
	size_t n = group_scalar_len(g);

	for (size_t i = 0; i < 2; i++) {
		struct scalar s;

		must(group_scalar_decode(g, &s, proof + i * n) == ST_OK);
		group_scalar_encode(g, again, &s);
		must(memcmp(again, proof + i * n, n) == 0);
	}
}

static void try_schnorr(const struct group *g, const struct element *pk, const uint8_t *p,
                        size_t len)
{
	const struct message m = { .purpose = "fuzz", .group = g, .body = "b", .body_len = 1 };
	uint8_t again[SCHNORR_BYTES_MAX];
	struct schnorr_claim claim;
	struct element left, right;
	enum status st = schnorr_verify(g, pk, &m, p, len);

	must(may(st, ST_SIGNATURE) || st == ST_ELEMENT || st == ST_IDENTITY);
	if (st != ST_OK)
		return;
	must(schnorr_claim(g, &claim, pk, &m, p, len) == ST_OK);
	group_encode(g, again, &claim.r);
	group_scalar_encode(g, again + group_element_len(g), &claim.z);
	must(memcmp(again, p, len) == 0);
	group_mul_base(g, &left, &claim.z);
	group_mul(g, &right, pk, &claim.c);
	group_add(g, &right, &right, &claim.r);
	must(group_is_equal(g, &left, &right));
}

static void try_pok(const struct group *g, const struct element *pk, const uint8_t *p, size_t len)
{
	static const uint8_t context[POK_CONTEXT_BYTES] = { 1 };
	enum status st = pok_verify(g, p, len, "fuzz", context, NULL, pk);

	must(may(st, ST_PROOF));
	if (st == ST_OK)
		must_be_canonical(g, p);
}

static void try_dleq(const struct group *g, const struct element *pk, const struct scalar *k,
                     const uint8_t *p, size_t len)
{
	struct element c[2], d[2];
	struct dleq_statement s = { .purpose = "fuzz", .b = pk, .c = c, .d = d, .count = 2 };
	enum status st;

	group_generator(g, &c[0]);
	group_add(g, &c[1], &c[0], &c[0]);
	for (size_t i = 0; i < 2; i++)
		group_mul(g, &d[i], &c[i], k);
	st = dleq_verify(g, &s, p, len);
	must(may(st, ST_PROOF));
	if (st == ST_OK)
		must_be_canonical(g, p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct group *g;
	struct element pk;
	struct scalar k;

	must(crypto_init() == ST_OK);
	if (len == 0)
		return 0;
	g = (data[0] & 1) != 0 ? group_tiny() : group_ristretto255();
	group_scalar_u64(g, &k, 5);
	group_mul_base(g, &pk, &k);
	switch (data[0] >> 1 & 3) {
	case 0:
		try_schnorr(g, &pk, data + 1, len - 1);
		break;
	case 1:
		try_pok(g, &pk, data + 1, len - 1);
		break;
	default:
		try_dleq(g, &pk, &k, data + 1, len - 1);
		break;
	}
	return 0;
}
