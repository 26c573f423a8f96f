/*
 * fuzz_heads.c: what a follower kept of each node, from hostile bytes.
 *
 * Shown: decoding is bounded and canonical; each node stands there once.
 */
#include "voter-client/observer/follow/heads.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(int what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t again[HEADS_BYTES_MAX];
	struct heads h;
	size_t again_len;

	if (heads_decode(&h, data, len) != ST_OK)
		return 0;
	must(heads_encode(&h, again, sizeof(again), &again_len) == ST_OK);
	must(again_len == len && memcmp(again, data, len) == 0);
	return 0;
}
