/*
 * key.c: CURVE key pairs (link.h).  libzmq takes raw keys, so nothing here is Z85 text.
 */
#include "common/net/link.h"
#include "crypto/x25519.h"

_Static_assert((int)LINK_KEY_BYTES == (int)X25519_KEY_BYTES, "CURVE keys are X25519 keys");

void link_keygen(uint8_t public_key[static LINK_KEY_BYTES], uint8_t secret[static LINK_KEY_BYTES])
{
	x25519_keygen(public_key, secret);
}

enum status link_public(uint8_t public_key[static LINK_KEY_BYTES],
			const uint8_t secret[static LINK_KEY_BYTES])
{
	return x25519_public(public_key, secret);
}
