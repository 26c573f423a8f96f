/*
 * threshold.h: decryption of sums by any t trustees (protocol-ceremony §9–§11).
 *
 * Desmedt and Frankel (CRYPTO 1989): trustee j says D = x_j * alpha for every aggregate at once,
 * with one batched proof of equal discrete logarithms (RFC 9497 §2.2); any t of these cancel the
 * key: beta - sum of lambda_j * D_j = m * generator.
 *
 * What is decrypted is one list of aggregates, the same for all, that every party has computed for
 * itself from the chain.  The proof binds suite, election, joint key, trustee, the block that ended
 * the election and every (alpha, beta) in order: a share serves that list and no other.
 *
 * Invariant: arrays of one struct thdec have count entries, in manifest order; all are borrowed.
 */
#ifndef KALPIS_CRYPTO_THRESHOLD_H
#define KALPIS_CRYPTO_THRESHOLD_H

#include "crypto/dleq.h"
#include "crypto/elgamal.h"
#include "crypto/group.h"
#include "crypto/shamir.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	THDEC_AGGREGATES_MAX = DLEQ_PAIRS_MAX,
	THDEC_HASH_BYTES = 32
};

/* What is decrypted.  Made by thdec_init, immutable after: threads may share it. */
struct thdec {
	const struct group *g;
	uint8_t election_id[THDEC_HASH_BYTES];
	uint8_t end_block[THDEC_HASH_BYTES];   /* id of the block that ended the election */
	struct element y;
	const struct ciphertext *sums;         /* the aggregates (alpha, beta) */
	const struct element *alpha;           /* their alphas once more, side by side */
	size_t count;                          /* 1..THDEC_AGGREGATES_MAX */
	uint8_t digest[THDEC_HASH_BYTES];      /* of all (alpha, beta): the aggregate hash */
};

/* One trustee's contribution to thdec_combine_var. */
struct thdec_share {
	uint8_t index;                  /* 1..SHAMIR_MAX */
	bool is_valid;                  /* thdec_share_check said ST_OK; others are left out */
	const struct element *partial;  /* D, count of them */
};

/*
 * sums must outlive d and hold members of the group; the identity is one.  alpha is storage for
 * count elements, filled here, which must outlive d too.  ST_LIMIT for a count outside
 * 1..THDEC_AGGREGATES_MAX: a sum of no ballots counts 0 and is not decrypted, so an election
 * without any has no shares.  ST_IDENTITY when y is the identity.
 */
MUST_USE enum status thdec_init(struct thdec *d, struct element *alpha, const struct group *g,
                                const uint8_t election_id[static THDEC_HASH_BYTES],
                                const uint8_t end_block[static THDEC_HASH_BYTES],
                                const struct element *y, const struct ciphertext *sums,
                                size_t count);

/*
 * Trustee index decrypts its part: partial[0..count-1], and proof of dleq_len bytes.  x is its
 * secret share and share_key its Y; ST_KEY when they do not belong together.  The result is
 * checked before it is given out.  Constant time in x.  Whether this list may be opened at all,
 * and opened once only, is for the caller to know.
 */
MUST_USE enum status thdec_share_make(const struct thdec *d, struct element *partial,
                                      uint8_t *proof, uint8_t index, const struct scalar *x,
                                      const struct element *share_key);

/* ST_OK when these are trustee index's parts of exactly this list; share_key is its Y.  Else
 * ST_PROOF; ST_LIMIT for an index outside 1..SHAMIR_MAX; ST_SCALAR. */
MUST_USE enum status thdec_share_check(const struct thdec *d, uint8_t index,
                                       const struct element *share_key,
                                       const struct element *partial, const uint8_t *proof);

/* A share as it travels: the count partials, then the proof. */
size_t thdec_share_len(const struct group *g, size_t count);
void thdec_share_encode(const struct group *g, uint8_t *bytes, const struct element *partial,
                        size_t count, const uint8_t *proof);
/* proof has room for DLEQ_BYTES_MAX.  ST_FORMAT unless len is thdec_share_len(g, count);
 * ST_ELEMENT; ST_SCALAR.  _var: what is on the chain is public. */
MUST_USE enum status thdec_share_decode_var(const struct group *g, struct element *partial,
                                            size_t count, uint8_t *proof, const uint8_t *bytes,
                                            size_t len);

/*
 * out[k] = m_k * generator for every aggregate k, from the first t valid shares.  shares are
 * ascending by index: ST_LIMIT, ST_DUPLICATE, ST_ORDER as in shamir.h, for the list as a whole.
 * ST_THRESHOLD: fewer than t are valid.  ST_LIMIT for t = 0.  out aliases no partial.  dlog.h
 * finds m_k, and whether it is a count at all.
 */
MUST_USE enum status thdec_combine_var(const struct thdec *d, struct element *out, uint8_t t,
                                       const struct thdec_share *shares, size_t shares_len);

#endif
