/*
 * belenios_impl.h: challenges of the Belenios dialect: SHA-256 over text, in which numbers stand in
 * decimal.  Private to crypto/belenios*.c and crypto/orproof.c.
 *
 * Invariant: prover and verifier write the same text in the same place.
 */
#ifndef KALPIS_CRYPTO_BELENIOS_IMPL_H
#define KALPIS_CRYPTO_BELENIOS_IMPL_H

#include "crypto/belenios.h"
#include "crypto/nonce.h"

void belenios_text(struct hash *h, const char *text);
void belenios_text_element(struct hash *h, const struct group *g, const struct element *a);
/* A hash as a scalar: big-endian, mod q.  Constant time. */
void belenios_scalar(const struct group *g, struct scalar *out,
                     const uint8_t digest[static HASH256_BYTES]);
/* The challenge; h is wiped. */
void belenios_challenge(const struct group *g, struct scalar *out, struct hash *h);

/*
 * A secret number of a proof (nonce.h): number tells those of one proof apart, prefix is what its
 * challenge begins with, about is an element of the statement that stands not in there, or NULL.
 */
struct belenios_nonce {
	const struct hash *prefix;
	const struct element *about;
	uint32_t number;
};
void belenios_nonce_scalar(const struct group *g, struct scalar *out,
                           const uint8_t entropy[static NONCE_ENTROPY_BYTES],
                           const struct scalar *secret, const struct belenios_nonce *n);

/* One base-58 digit and its character, without an address that depends on it.  58 or more, for a
 * character that is none. */
enum { BASE58_DIGITS = 58 };
char base58_char(uint32_t digit);
uint32_t base58_digit(char c);

#endif
