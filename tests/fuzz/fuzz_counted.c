/*
 * fuzz_counted.c: counted proofs from hostile bytes.
 *
 * Shown: decoding is bounded and canonical, and no mutation of the seed, which is a true proof of
 * another committee, is accepted by this one; the check itself reads nothing out of bounds.
 */
#include "common/election/counted.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

/* A committee of the election that the bytes name, with keys that signed nothing. */
static void stranger(struct committee *c, const uint8_t *election_id)
{
	static uint8_t keys[4][32];
	uint8_t seed[32] = { 7 };
	struct sign_secret secret;

	must(crypto_init() == ST_OK);
	if (mem_is_zero(keys[0], sizeof(keys[0])))
		for (uint8_t i = 0; i < 4; i++) {
			seed[1] = i;
			sign_from_seed(&secret, keys[i], seed);
		}
	must(committee_init(c, 4, election_id, group_ristretto255(),
	                    (const uint8_t (*)[32])keys) == ST_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t again[COUNTED_BYTES_MAX];
	struct committee c;
	struct counted r;
	size_t again_len;

	if (counted_decode(&r, data, len) != ST_OK)
		return 0;
	must(counted_encode(&r, again, sizeof(again), &again_len) == ST_OK);
	must(again_len == len && memcmp(again, data, len) == 0);
	stranger(&c, r.election_id);
	must(counted_check(&r, &c) != ST_OK);
	return 0;
}
