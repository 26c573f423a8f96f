/*
 * x25519.h: key pairs of Curve25519 Diffie-Hellman (RFC 7748), for CURVE transport keys.
 *
 * Only pairs are made here; the key agreement itself is libzmq's.  Raw bytes, no text encoding.
 */
#ifndef KALPIS_CRYPTO_X25519_H
#define KALPIS_CRYPTO_X25519_H

#include "crypto/status.h"

#include <stdint.h>

enum { X25519_KEY_BYTES = 32 };

/* A fresh pair.  The caller wipes the secret. */
void x25519_keygen(uint8_t public_key[static X25519_KEY_BYTES],
		   uint8_t secret[static X25519_KEY_BYTES]);

/* The public key of a secret: constant time.  ST_KEY when the result is no usable key. */
MUST_USE enum status x25519_public(uint8_t public_key[static X25519_KEY_BYTES],
				   const uint8_t secret[static X25519_KEY_BYTES]);

#endif
