/*
 * orproof.h: disjunctive proofs about ElGamal ciphertexts: one of several encrypts a given number
 * (Belenios 2.0 specification §4.12, §4.13; Cramer, Damgard and Schoenmakers, CRYPTO '94).
 *
 * Case j says: its ciphertext encrypts m_j.  A proof is a challenge and a response for each case.
 * The commitments A_j = response*g + challenge*alpha, B_j = response*y + challenge*(beta - m_j*g)
 * are recomputed and hashed, and the challenges must add up to that hash.
 *
 * Invariant: a struct orproof_key's tables are of its y.  A prover does the same work whichever
 * case is true.
 */
#ifndef KALPIS_CRYPTO_ORPROOF_H
#define KALPIS_CRYPTO_ORPROOF_H

#include "crypto/belenios.h"
#include "crypto/elgamal.h"

enum { ORPROOF_CASES_MAX = 1024 };

/*
 * The election key with tables that speed up what is done with g and y alone.  Immutable after
 * orproof_key_init: threads may share it.
 */
struct orproof_key {
	const struct group *g;
	struct element y;
	const struct element *g_table;   /* in the caller's storage: public exponents */
	const struct element *y_table;
};

/* Elements of storage for the tables: a few MiB for both groups. */
size_t orproof_key_room(const struct group *g);
/* storage has orproof_key_room(g) elements and must outlive the key.  ST_IDENTITY: y is. */
MUST_USE enum status orproof_key_init(struct orproof_key *k, struct element *storage,
                                      const struct group *g, const struct element *y);

struct orproof_case {
	const struct ciphertext *ct;   /* borrowed */
	uint32_t m;
};

/*
 * Is one of the cases true?  prefix has been given the text of the challenge up to the bar before
 * A_0; it is not changed.  ST_LIMIT: count outside 1..ORPROOF_CASES_MAX; ST_PROOF: false.  Cases
 * about one ciphertext (one pointer) that stand side by side share work.  Public data.
 */
MUST_USE enum status orproof_verify_var(const struct orproof_key *k, const struct hash *prefix,
                                        const struct orproof_case *cases, size_t count,
                                        const struct belenios_proof *proofs);
/* The same for ciphertexts that may be candidates (decimal.h): ST_ELEMENT unless all are in the
 * group, whether or not the proof holds. */
MUST_USE enum status orproof_verify_candidates_var(const struct orproof_key *k,
                                                   const struct hash *prefix,
                                                   const struct orproof_case *cases, size_t count,
                                                   const struct belenios_proof *proofs);

/*
 * Prove that case which is true; r is the randomness of its ciphertext.  which >= count, or a case
 * that is not true, gives proofs that do not verify.  Constant time in which and r.  ST_LIMIT.
 */
MUST_USE enum status orproof_prove(const struct orproof_key *k, struct belenios_proof *proofs,
                                   const struct hash *prefix, const struct orproof_case *cases,
                                   size_t count, size_t which, const struct scalar *r);

#endif
