/*
 * count.h: from the sum of the ballots to the result of a Belenios election (Belenios 2.0
 * specification §4.16 to §4.19).
 *
 * Arrays of ciphertexts, factors and counts are e->choices long, question after question; questions
 * that are skipped have none.
 */
#ifndef KALPIS_BELENIOS_COUNT_H
#define KALPIS_BELENIOS_COUNT_H

#include "common/belenios/setup.h"

/* Any sum of weights that bel_roll_decode lets pass. */
static const uint64_t BEL_COUNT_MAX = (UINT64_C(1) << 60);

/* encrypted_tally.  Members of the group. */
MUST_USE enum status bel_tally_decode(struct ciphertext *out, const struct bel_election *e,
                                      const void *bytes, size_t len);
struct bel_sized {
	uint64_t num_tallied;
	uint64_t total_weight;
	uint8_t tally[32];
};
MUST_USE enum status bel_sized_decode(struct bel_sized *out, const void *bytes, size_t len);

/* partial_decryption.  proofs as many as factors. */
MUST_USE enum status bel_factors_decode(struct element *factors, struct belenios_proof *proofs,
                                        const struct bel_election *e, const void *bytes,
                                        size_t len);
/* An owned_partial_decryption: a trustee, from 1, and what is theirs. */
MUST_USE enum status bel_owned_decode(uint32_t *owner, uint8_t payload[static 32],
                                      const void *bytes, size_t len);
MUST_USE enum status bel_result_decode(uint64_t *counts, const struct bel_election *e,
                                       const void *bytes, size_t len);
/* setup_data: three hashes. */
MUST_USE enum status bel_setup_decode(uint8_t out[static 3 * 32], const void *bytes, size_t len);

/*
 * What the trustees' factors say together about ciphertext index.  factors[k] is trustee k's list,
 * NULL when there is none.  ST_THRESHOLD: too few.
 */
MUST_USE enum status bel_combine(struct element *out, const struct bel_trustees *t,
                                 const struct bel_election *e,
                                 const struct element *const *factors, size_t index);
/* Is count what ct encrypts, given the combined factor?  ST_TALLY: no. */
MUST_USE enum status bel_count_check(const struct bel_election *e, const struct ciphertext *ct,
                                     const struct element *factor, uint64_t count);

#endif
