/*
 * bucket.c: see bucket.h.
 */
#include "common/net/bucket.h"

void bucket_init(struct bucket *b, uint32_t rate, uint32_t burst, uint64_t now_ms)
{
	b->rate = rate;
	b->burst = burst;
	b->tokens_m = (uint64_t)burst * 1000;
	b->last_ms = now_ms;
}

bool bucket_take(struct bucket *b, uint64_t now_ms)
{
	uint64_t full = (uint64_t)b->burst * 1000;
	uint64_t passed = now_ms > b->last_ms ? now_ms - b->last_ms : 0;

	/* A long sleep fills the bucket; the product cannot overflow below that. */
	if (passed > 3600 * 1000)
		b->tokens_m = full;
	else
		b->tokens_m += passed * b->rate;
	if (b->tokens_m > full)
		b->tokens_m = full;
	if (now_ms > b->last_ms)
		b->last_ms = now_ms;
	if (b->tokens_m < 1000)
		return false;
	b->tokens_m -= 1000;
	return true;
}
