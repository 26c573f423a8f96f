/* nonce.c: see nonce.h. */
#include "crypto/nonce.h"

#include "crypto/rng.h"

void nonce_entropy(uint8_t out[static NONCE_ENTROPY_BYTES])
{
	rng_bytes(out, NONCE_ENTROPY_BYTES);
}

void nonce_scalar(const struct group *g, struct scalar *out,
                  const uint8_t entropy[static NONCE_ENTROPY_BYTES], const struct scalar *secret,
                  void (*add)(struct transcript *t, const void *statement), const void *statement)
{
	/* A second attempt is met in the tiny test group alone. */
	for (uint32_t attempt = 0;; attempt++) {
		struct transcript t;

		transcript_init(&t, g, "nonce");
		transcript_field(&t, entropy, NONCE_ENTROPY_BYTES);
		transcript_u32(&t, attempt);
		transcript_scalar(&t, secret);
		add(&t, statement);
		transcript_challenge(&t, out);
		if (!group_scalar_is_zero(g, out))
			return;
	}
}
