/*
 * sigma.h: the arithmetic of every proof that one secret x takes base to image = x*base: Schnorr
 * signatures, proofs of knowledge, proofs of equal logarithms, in each dialect.
 *
 * With a nonce w the prover commits to w*base, hears a challenge c, and answers z.  The verifier
 * recomputes the commitment from c and z.  What is hashed into c, and how a proof is written, is
 * the caller's; the two ways to write the same answer are told apart here and nowhere else.
 *
 * Invariant: w serves one challenge and is secret, as x is; c and z are public.
 */
#ifndef KALPIS_CRYPTO_SIGMA_H
#define KALPIS_CRYPTO_SIGMA_H

#include "crypto/group.h"

enum sigma_sign {
	SIGMA_PLUS,    /* z = w + c*x, so w*base = z*base - c*image: RFC 9591, pok.h */
	SIGMA_MINUS    /* z = w - c*x, so w*base = z*base + c*image: RFC 9497, Belenios */
};

/* z, from secret w and x.  Constant time.  z may alias c. */
void sigma_respond(const struct group *g, struct scalar *z, enum sigma_sign sign,
                   const struct scalar *w, const struct scalar *c, const struct scalar *x);

/* The commitment that c and z speak of.  base NULL: the generator.  Public data. */
void sigma_commitment_var(const struct group *g, struct element *out, enum sigma_sign sign,
                          const struct element *base, const struct element *image,
                          const struct scalar *c, const struct scalar *z);

#endif
