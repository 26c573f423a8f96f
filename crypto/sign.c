/*
 * sign.c: see sign.h.  Ed25519 of libsodium.
 *
 * Invariant: verification is crypto_sign_verify_detached and nothing else, on keys that
 * sign_key_check has seen: cofactorless, canonical S, no key with a torsion component.
 */
#include "crypto/sign.h"

#include "crypto/mem.h"
#include "crypto/rng.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

_Static_assert((int)SIGN_KEY_BYTES == (int)crypto_sign_PUBLICKEYBYTES, "keys are Ed25519's");
_Static_assert((int)SIGN_SEED_BYTES == (int)crypto_sign_SEEDBYTES, "so are seeds");
_Static_assert((int)SIGN_BYTES == (int)crypto_sign_BYTES, "and signatures");
_Static_assert(sizeof(struct sign_secret) == crypto_sign_SECRETKEYBYTES, "and secrets");

void sign_from_seed(struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES],
                    const uint8_t seed[static SIGN_SEED_BYTES])
{
	int rc = crypto_sign_seed_keypair(key, secret->bytes, seed);

	assert(rc == 0);
	(void)rc;
}

void sign_keygen(struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES])
{
	uint8_t seed[SIGN_SEED_BYTES];

	rng_bytes(seed, sizeof(seed));
	sign_from_seed(secret, key, seed);
	mem_wipe(seed, sizeof(seed));
}

void sign_secret_seed(const struct sign_secret *secret, uint8_t seed[static SIGN_SEED_BYTES])
{
	memcpy(seed, secret->bytes, SIGN_SEED_BYTES);
}

void sign_secret_key(const struct sign_secret *secret, uint8_t key[static SIGN_KEY_BYTES])
{
	memcpy(key, secret->bytes + SIGN_SEED_BYTES, SIGN_KEY_BYTES);
}

void sign_secret_wipe(struct sign_secret *secret)
{
	if (secret != NULL)
		mem_wipe(secret, sizeof(*secret));
}

enum status sign_key_check(const uint8_t key[static SIGN_KEY_BYTES])
{
	return crypto_core_ed25519_is_valid_point(key) == 1 ? ST_OK : ST_KEY;
}

void sign_bytes(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                const void *p, size_t len)
{
	int rc = crypto_sign_detached(sig, NULL, p, len, secret->bytes);

	assert(rc == 0);
	(void)rc;
}

enum status sign_verify_bytes(const uint8_t key[static SIGN_KEY_BYTES],
                              const uint8_t sig[static SIGN_BYTES], const void *p, size_t len)
{
	return crypto_sign_verify_detached(sig, p, len, key) == 0 ? ST_OK : ST_SIGNATURE;
}

static void digest(uint8_t out[static HASH512_BYTES], const struct message *m)
{
	struct hash h;

	hash512_init(&h);
	message_hash(&h, m);
	hash512_final(&h, out);
}

void sign_message(const struct sign_secret *secret, uint8_t sig[static SIGN_BYTES],
                  const struct message *m)
{
	uint8_t d[HASH512_BYTES];

	digest(d, m);
	sign_bytes(secret, sig, d, sizeof(d));
}

enum status sign_verify(const uint8_t key[static SIGN_KEY_BYTES],
                        const uint8_t sig[static SIGN_BYTES], const struct message *m)
{
	uint8_t d[HASH512_BYTES];

	digest(d, m);
	return sign_verify_bytes(key, sig, d, sizeof(d));
}
