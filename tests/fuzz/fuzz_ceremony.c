/*
 * fuzz_ceremony.c: any bytes as a deal, a list of complaints or a share of decryption.
 *
 * The first byte chooses: bits 0-1 what, bit 2 the group (the tiny one takes most bytes, so that
 * decoders run to their end), bits 3-4 how many.  What is accepted, written again, gives the same
 * bytes, and can be checked without harm.
 */
#include "crypto/dkg.h"
#include "crypto/mem.h"
#include "crypto/threshold.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SUMS_MAX = 4, BYTES_MAX = 4096 };

static uint8_t again[BYTES_MAX];

static void must(int what)
{
	if (!what)
		abort();
}

static void params(struct dkg_params *p, const struct group *g, uint8_t n)
{
	memset(p, 0, sizeof(*p));
	p->g = g;
	p->n = n;
	p->t = (uint8_t)((n + 1) / 2);
	for (uint8_t j = 0; j < n; j++) {
		struct scalar k;

		group_scalar_u64(g, &k, j + 1u);
		group_mul_base(g, &p->key[j], &k);
	}
	must(dkg_params_check(p) == ST_OK);
}

static void try_deal(const struct dkg_params *p, const uint8_t *data, size_t len)
{
	static struct dkg_deal deal;
	uint8_t commit[DKG_COMMIT_BYTES];
	enum status st;

	if (dkg_deal_decode(p, &deal, data, len) != ST_OK)
		return;
	must(len == dkg_deal_len(p));
	dkg_deal_encode(p, again, &deal);
	must(memcmp(again, data, len) == 0);
	dkg_commit(p, commit, 1, &deal);
	st = dkg_deal_check(p, 1, &deal, commit);
	must(st == ST_OK || st == ST_PROOF || st == ST_DUPLICATE);
	dkg_deal_ephemerals(p, again, &deal);
	must(dkg_deal_is_new(p, &deal, again, p->n) == ST_DUPLICATE);
	must(dkg_deal_is_new(p, &deal, again, 0) == ST_OK);
}

static void try_complaints(const struct dkg_params *p, const uint8_t *data, size_t len)
{
	static struct dkg_complaint list[DKG_MAX];
	size_t count;

	if (dkg_complaints_decode(p, list, &count, data, len) != ST_OK)
		return;
	must(count < p->n && len == dkg_complaints_len(p, count));
	for (size_t i = 0; i < count; i++)
		must(list[i].dealer >= 1 && list[i].dealer <= p->n);
	dkg_complaints_encode(p, again, list, count);
	must(memcmp(again, data, len) == 0);
}

static void try_share(const struct group *g, size_t count, const uint8_t *data, size_t len)
{
	static struct element partial[SUMS_MAX];
	uint8_t proof[DLEQ_BYTES_MAX];

	if (thdec_share_decode_var(g, partial, count, proof, data, len) != ST_OK)
		return;
	must(len == thdec_share_len(g, count));
	thdec_share_encode(g, again, partial, count, proof);
	must(memcmp(again, data, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int started;
	const struct group *g;
	struct dkg_params p;
	uint8_t n;

	if (!started)
		must(crypto_init() == ST_OK);
	started = 1;
	if (len < 1 || len > BYTES_MAX)
		return 0;
	g = (data[0] & 4) != 0 ? group_ristretto255() : group_tiny();
	n = (uint8_t)(1 + (data[0] >> 3 & 3));
	params(&p, g, n);
	if ((data[0] & 3) == 0)
		try_deal(&p, data + 1, len - 1);
	else if ((data[0] & 3) == 1)
		try_complaints(&p, data + 1, len - 1);
	else
		try_share(g, n, data + 1, len - 1);
	return 0;
}
