/*
 * x25519.c: see x25519.h.
 */
#include "crypto/x25519.h"

#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>

#include <sodium.h>

_Static_assert((X25519_KEY_BYTES) == (crypto_scalarmult_BYTES), "a point");
_Static_assert((X25519_KEY_BYTES) == (crypto_scalarmult_SCALARBYTES), "a scalar");

enum status x25519_public(uint8_t public_key[static X25519_KEY_BYTES],
			  const uint8_t secret[static X25519_KEY_BYTES])
{
	/* Zero is the one secret that a caller can hand over by mistake. */
	if (mem_is_zero(secret, X25519_KEY_BYTES))
		return ST_KEY;
	return crypto_scalarmult_base(public_key, secret) == 0 ? ST_OK : ST_KEY;
}

void x25519_keygen(uint8_t public_key[static X25519_KEY_BYTES],
		   uint8_t secret[static X25519_KEY_BYTES])
{
	enum status st;

	rng_bytes(secret, X25519_KEY_BYTES);
	st = x25519_public(public_key, secret);
	assert(st == ST_OK);
	(void)st;
}
