/*
 * schnorr.h: Schnorr signatures over a suite's group, for credentials and slip keys
 * (protocol.md §5).
 *
 * A signature is R || z, both in their canonical encodings; it holds when z*g = R + c*PK.  On
 * ristretto255, c is that of RFC 9591 FROST(ristretto255, SHA-512), so that one verifier serves
 * single and threshold signers; in other groups c = H2S("schnorr", R, PK, M).  M: message.h.
 *
 * Invariant: neither PK nor R is the identity, in single and in batch verification alike.
 */
#ifndef KALPIS_CRYPTO_SCHNORR_H
#define KALPIS_CRYPTO_SCHNORR_H

#include "crypto/group.h"
#include "crypto/message.h"

enum { SCHNORR_BYTES_MAX = GROUP_ELEMENT_BYTES_MAX + GROUP_SCALAR_BYTES_MAX };

/* Bytes of a signature: group_element_len + group_scalar_len. */
size_t schnorr_len(const struct group *g);

/* secret is uniform in [1, q); pk = secret * generator.  The caller wipes secret. */
void schnorr_keygen(const struct group *g, struct scalar *secret, struct element *pk);

/*
 * Sign; sig has schnorr_len(g) bytes; m->group is g.  The nonce is H2S("nonce", 32 random bytes,
 * secret, M).  ST_KEY when secret is zero (its public key would be refused); sig is then zero.
 * Constant time in secret.
 */
MUST_USE enum status schnorr_sign(const struct group *g, uint8_t *sig, const struct scalar *secret,
                                  const struct message *m);

/*
 * ST_KEY: pk is the identity.  ST_FORMAT: not schnorr_len(g) bytes.  ST_ELEMENT, ST_SCALAR: R or
 * z is not canonical.  ST_IDENTITY: R is the identity (RFC 9591 §6.2).  ST_SIGNATURE: false.
 */
MUST_USE enum status schnorr_verify(const struct group *g, const struct element *pk,
                                    const struct message *m, const uint8_t *sig, size_t sig_len);

/* For batches: everything that schnorr_verify checks but the equation z*g - c*pk - r = 0. */
struct schnorr_claim {
	struct element r;
	struct scalar z;
	struct scalar c;
};
MUST_USE enum status schnorr_claim(const struct group *g, struct schnorr_claim *out,
                                   const struct element *pk, const struct message *m,
                                   const uint8_t *sig, size_t sig_len);
/* The challenge alone.  r: the encoded R, group_element_len bytes. */
void schnorr_challenge(const struct group *g, struct scalar *out, const uint8_t *r,
                       const struct element *pk, const struct message *m);

/* Over bytes, unframed: for third parties' vectors. */
MUST_USE enum status schnorr_sign_bytes(const struct group *g, uint8_t *sig,
                                        const struct scalar *secret, const void *p, size_t len);
MUST_USE enum status schnorr_verify_bytes(const struct group *g, const struct element *pk,
                                          const void *p, size_t len,
                                          const uint8_t *sig, size_t sig_len);

#endif
