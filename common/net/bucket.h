/*
 * bucket.h: the token bucket: so many at once, so many in a second.
 *
 * Invariant: 0 <= tokens_m <= 1000 * burst; a bucket never earns more than rate tokens a second.
 */
#ifndef KALPIS_NET_BUCKET_H
#define KALPIS_NET_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	uint32_t rate;       /* tokens in a second */
	uint32_t burst;      /* tokens when full */
	uint64_t tokens_m;   /* thousandths of a token */
	uint64_t last_ms;
};

/* Full. */
void bucket_init(struct bucket *b, uint32_t rate, uint32_t burst, uint64_t now_ms);
/* Take one token; false when there is none. */
bool bucket_take(struct bucket *b, uint64_t now_ms);

#endif
