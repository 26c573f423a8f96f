/*
 * fuzz_evidence.c: evidence, alone and in files, from hostile bytes.
 *
 * Shown: decoding is bounded and canonical, and nothing that can be made of the seeds, which are
 * evidence against the nodes of another committee, is evidence against this one.
 */
#include "common/ledger/evidence.h"
#include "crypto/mem.h"
#include "crypto/sign.h"

#include <stdlib.h>
#include <string.h>

const uint32_t fuzz_runs = 20000;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { ROOM = 1 << 17 };

static uint8_t again[ROOM];

static void must(int what)
{
	if (!what)
		abort();
}

/* A committee of the seeds' election, with keys that signed nothing. */
static void stranger(struct committee *c)
{
	static const uint8_t election[32] = { 0xe1, 0xec };
	static uint8_t keys[4][32];
	uint8_t seed[32] = { 9 };
	struct sign_secret secret;

	must(crypto_init() == ST_OK);
	if (mem_is_zero(keys[0], sizeof(keys[0])))
		for (uint8_t i = 0; i < 4; i++) {
			seed[1] = i;
			sign_from_seed(&secret, keys[i], seed);
		}
	must(committee_init(c, 4, election, group_ristretto255(),
	                    (const uint8_t (*)[32])keys) == ST_OK);
}

static void try_evidence(const struct evidence *e, const uint8_t *bytes, size_t len)
{
	struct evidence_finding f;
	struct committee c;
	struct certificate cert;
	struct reader certs = e->certificates;
	unsigned int count = 0;
	size_t again_len;

	must(evidence_encode(e, again, sizeof(again), &again_len) == ST_OK);
	must(again_len == len && memcmp(again, bytes, len) == 0);
	must(strcmp(evidence_kind_name(e->kind), "unknown") != 0);
	while (evidence_next_certificate(&certs, &cert))
		count++;
	must(count == e->certificates_len);
	stranger(&c);
	must(evidence_check(e, &c, &f) != ST_OK && f.nodes == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct evidence e;
	const uint8_t *manifest;
	size_t manifest_len;

	if (len > ROOM - 64)
		return 0;
	if (evidence_decode(&e, data, len) == ST_OK)
		try_evidence(&e, data, len);
	if (evidence_file_decode(&e, &manifest, &manifest_len, data, len) == ST_OK)
		try_evidence(&e, data + EVIDENCE_HEAD_BYTES + manifest_len,
		             len - EVIDENCE_HEAD_BYTES - manifest_len);
	return 0;
}
