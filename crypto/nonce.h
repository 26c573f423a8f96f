/*
 * nonce.h: the secret random scalar of a Schnorr proof or signature (protocol.md §5).
 *
 * k = H2S("nonce", entropy, attempt, secret, statement...), nonzero.  Fresh entropy makes k
 * uniform even if an attacker chose the statement; the secret and the whole statement make it
 * unpredictable and never the same for two statements even if the random generator failed.
 *
 * Invariant: a nonce serves one challenge and is wiped by its owner.
 */
#ifndef KALPIS_CRYPTO_NONCE_H
#define KALPIS_CRYPTO_NONCE_H

#include "crypto/transcript.h"

enum { NONCE_ENTROPY_BYTES = 32 };

void nonce_entropy(uint8_t out[static NONCE_ENTROPY_BYTES]);

/*
 * add puts the statement into the transcript: everything that the challenge will depend on, the
 * commitment aside.  Constant time in entropy and secret.
 */
void nonce_scalar(const struct group *g, struct scalar *out,
                  const uint8_t entropy[static NONCE_ENTROPY_BYTES], const struct scalar *secret,
                  void (*add)(struct transcript *t, const void *statement), const void *statement);

#endif
