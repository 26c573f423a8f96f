/*
 * sign.h: Ed25519 (RFC 8032) for officials, trustees, nodes and kiosks (protocol.md §5).
 *
 * What is signed is SHA-512(M), 64 bytes, with M of message.h: Ed25519 reads its message twice,
 * and bodies are too long to be framed in a buffer (docs/decisions/0015).
 *
 * Invariant: one rule everywhere.  A public key passes sign_key_check once, when it enters the
 * election; from then on sign_verify is unambiguous (attacks.md I, N25).
 */
#ifndef KALPIS_CRYPTO_SIGN_H
#define KALPIS_CRYPTO_SIGN_H

#include "crypto/message.h"
#include "crypto/status.h"

#include <stddef.h>
#include <stdint.h>

enum { SIGN_KEY_BYTES = 32, SIGN_SEED_BYTES = 32, SIGN_BYTES = 64 };

/* Secret: wipe it with sign_secret_wipe. */
struct sign_secret {
	uint8_t bytes[64];   /* seed, then public key */
};

void sign_keygen(struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES]);
/* The seed is all there is to store of a key pair; it leaves only through seal.h. */
void sign_from_seed(struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES],
                    const uint8_t seed[static SIGN_SEED_BYTES]);
void sign_secret_seed(const struct sign_secret *secret, uint8_t seed[static SIGN_SEED_BYTES]);
void sign_secret_key(const struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES]);
void sign_secret_wipe(struct sign_secret *secret);

/* ST_KEY unless canonical, in the prime-order subgroup and not the identity. */
MUST_USE enum status sign_key_check(const uint8_t key[static SIGN_KEY_BYTES]);

/* Deterministic; constant time in the secret. */
void sign_message(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                  const struct message *m);
/* key has passed sign_key_check.  ST_SIGNATURE. */
MUST_USE enum status sign_verify(const uint8_t key[static SIGN_KEY_BYTES],
                                 const uint8_t sig[static SIGN_BYTES], const struct message *m);

/* Plain Ed25519 over bytes, unframed: for third parties' vectors. */
void sign_bytes(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                const void *p, size_t len);
MUST_USE enum status sign_verify_bytes(const uint8_t key[static SIGN_KEY_BYTES],
                                       const uint8_t sig[static SIGN_BYTES],
                                       const void *p, size_t len);

#endif
