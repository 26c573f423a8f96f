/*
 * shamir.h: secrets shared among trustees 1..n, any t of whom restore them (protocol-ceremony §2).
 *
 * Shamir (CACM 1979) with the commitments of Feldman (FOCS 1987).  A secret is the value at 0 of a
 * polynomial f of t coefficients; trustee j holds f(j).
 *
 * Invariant: a set of trustees is written in ascending order, without repeats, each in 1..n with
 * n <= SHAMIR_MAX; 0, where the secret lies, is never an index.
 */
#ifndef KALPIS_CRYPTO_SHAMIR_H
#define KALPIS_CRYPTO_SHAMIR_H

#include "crypto/group.h"

#include <stddef.h>
#include <stdint.h>

enum { SHAMIR_MAX = 13 };   /* trustees of one election */

/*
 * out = sum of coeffs[k] * index^k, k < coeffs_len.  Constant time in the coefficients; index is
 * public and in 1..SHAMIR_MAX.  out aliases no coefficient.
 */
void shamir_eval(const struct group *g, struct scalar *out, uint8_t index,
                 const struct scalar *coeffs, size_t coeffs_len);

/*
 * The same in the exponent: out = sum of index^k * commits[k], so that g^f(j) is computed from the
 * g^coefficient alone.  Public data.  out aliases no commitment.
 */
void shamir_eval_commits_var(const struct group *g, struct element *out, uint8_t index,
                             const struct element *commits, size_t commits_len);

/*
 * Is this a set of trustees among 1..n?  ST_LIMIT: empty, more than n, or an index outside 1..n
 * (or two that the group's order does not tell apart: possible in the tiny group alone);
 * ST_DUPLICATE: an index stands twice; ST_ORDER: not ascending.
 */
MUST_USE enum status shamir_indices_check(const struct group *g, uint8_t n,
                                          const uint8_t *indices, size_t indices_len);

/*
 * lambda[i] with f(0) = sum of lambda[i] * f(indices[i]), for every f of at most indices_len
 * coefficients.  Public data.  Refuses what shamir_indices_check(.., SHAMIR_MAX, ..) refuses;
 * lambda is then untouched.
 */
MUST_USE enum status shamir_lagrange(const struct group *g, struct scalar *lambda,
                                     const uint8_t *indices, size_t indices_len);

/*
 * The secret itself, from shares_len = t shares.  Nobody does this in an election: for rehearsals
 * and tests.  Constant time in the shares.
 */
MUST_USE enum status shamir_recover(const struct group *g, struct scalar *secret,
                                    const uint8_t *indices, const struct scalar *shares,
                                    size_t shares_len);

/*
 * The secret in the exponent: out = f(0) * base from shares[i] = f(indices[i]) * base.  Public
 * data.  Any t correct shares give the same element; wrong ones give a wrong element, unnoticed:
 * their proofs are checked before.  shares[i] points to a share; all are borrowed.
 */
MUST_USE enum status shamir_combine_var(const struct group *g, struct element *out,
                                        const uint8_t *indices,
                                        const struct element *const *shares, size_t shares_len);

#endif
