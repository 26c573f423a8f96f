/*
 * pok.h: proof of knowledge of a discrete logarithm (Schnorr), in the compact form (c, z)
 * (protocol-ceremony.md §1.6).
 *
 * For A = x*B: R = k*B, c = H2S("pok", purpose, suite, context, B, A, R), z = k + c*x.  The
 * verifier computes R = z*B - c*A and the challenge anew, and compares: it never reads a
 * commitment, nor trusts a challenge (attacks.md N64).  Such proofs are few (cards, deals), so
 * nothing is gained by a form that can be batched.
 *
 * Invariant: neither B nor A is the identity.  Who proves, in which election, at which index and
 * beside which other values is in the 64-byte context: a digest that the caller makes
 * (hash512_purpose) over all of it.
 */
#ifndef KALPIS_CRYPTO_POK_H
#define KALPIS_CRYPTO_POK_H

#include "crypto/group.h"
#include "crypto/nonce.h"

enum { POK_CONTEXT_BYTES = 64, POK_BYTES_MAX = 2 * GROUP_SCALAR_BYTES_MAX };

/* Bytes of a proof: c || z, 2 * group_scalar_len. */
size_t pok_len(const struct group *g);

/*
 * base NULL: the generator.  proof has pok_len(g) bytes, zero on failure.  The element is
 * computed from secret, so it cannot be proved for another.  ST_IDENTITY: base is the identity
 * or secret is zero.  Constant time in secret.
 */
MUST_USE enum status pok_prove(const struct group *g, uint8_t *proof, const char *purpose,
                               const uint8_t context[static POK_CONTEXT_BYTES],
                               const struct element *base, const struct scalar *secret);

/*
 * The same with 32 secret bytes in place of fresh randomness: the same arguments give the same
 * proof, for a message that must come out the same when it is made again.  The nonce depends on
 * all arguments, so the same bytes may serve for many proofs.  Without randomness a fault while
 * computing can give the secret away: the caller verifies before a proof leaves.
 */
MUST_USE enum status pok_prove_from(const struct group *g, uint8_t *proof, const char *purpose,
                                    const uint8_t context[static POK_CONTEXT_BYTES],
                                    const struct element *base, const struct scalar *secret,
                                    const uint8_t entropy[static NONCE_ENTROPY_BYTES]);

/*
 * element = x * base for an x that the prover knew.  base NULL: the generator.  ST_FORMAT: not
 * pok_len(g) bytes; ST_SCALAR; ST_IDENTITY: base or element is the identity; ST_PROOF: false.
 */
MUST_USE enum status pok_verify(const struct group *g, const uint8_t *proof, size_t proof_len,
                                const char *purpose,
                                const uint8_t context[static POK_CONTEXT_BYTES],
                                const struct element *base, const struct element *element);

#endif
