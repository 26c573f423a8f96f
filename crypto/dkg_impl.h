/*
 * dkg_impl.h: what the files of the key ceremony share.  Included by crypto/dkg*.c alone.
 *
 * Invariant: dealer and receiver are in 1..n: the public functions of dkg.h see to it.
 */
#ifndef KALPIS_CRYPTO_DKG_IMPL_H
#define KALPIS_CRYPTO_DKG_IMPL_H

#include "crypto/dkg.h"
#include "crypto/hash.h"

/* The first fields of every hash of the ceremony: suite, election, n, t, dealer. */
void dkg_hash_who(struct hash *h, const struct dkg_params *p, uint8_t dealer);
void dkg_hash_element(struct hash *h, const struct dkg_params *p, const struct element *a);

bool dkg_is_index(const struct dkg_params *p, uint8_t index);
/* Is self a trustee of p, with the key of its card?  ST_KEY. */
MUST_USE enum status dkg_self_check(const struct dkg_params *p, const struct dkg_self *self);

/* One item of a fixed layout; *at moves behind it.  The caller has checked the whole length. */
MUST_USE enum status dkg_take_element(const struct dkg_params *p, struct element *out,
                                      const uint8_t **at);
MUST_USE enum status dkg_take_proof(const struct dkg_params *p, uint8_t *out, const uint8_t **at);
void dkg_put_element(const struct dkg_params *p, uint8_t **at, const struct element *a);
void dkg_put_bytes(uint8_t **at, const uint8_t *bytes, size_t len);

/* XOR a box with the pad of shared = key of receiver * ephemeral.  Its own inverse. */
void dkg_box(const struct dkg_params *p, uint8_t *out, const uint8_t *in,
             const struct element *shared, uint8_t dealer, uint8_t receiver,
             const struct element *ephemeral);

#endif
