/*
 * elgamal.h: exponential ElGamal, the encryption that adds up (protocol.md §3).
 *
 * A number m under the key y with randomness r is (a, b) = (r*g, r*y + m*g).  The sum of two
 * ciphertexts encrypts the sum of their numbers.
 *
 * Invariant: a and b are members of the group.  Either may be the identity; where a statement
 * forbids that, its checker says so.  y is not the identity: that is checked with the key.
 */
#ifndef KALPIS_CRYPTO_ELGAMAL_H
#define KALPIS_CRYPTO_ELGAMAL_H

#include "crypto/group.h"

enum { CIPHERTEXT_BYTES_MAX = 2 * GROUP_ELEMENT_BYTES_MAX };

struct ciphertext {
	struct element a;   /* r*g */
	struct element b;   /* r*y + m*g */
};

/*
 * Encrypt m with r; r must be uniform, fresh and secret.  y_table is a table of y or NULL.
 * Constant time in r and m.
 */
void elgamal_encrypt(const struct group *g, struct ciphertext *out, const struct element *y,
                     const struct group_table *y_table, const struct scalar *r,
                     const struct scalar *m);
void elgamal_encrypt_u64(const struct group *g, struct ciphertext *out, const struct element *y,
                         const struct group_table *y_table, const struct scalar *r, uint64_t m);

/* ST_OPENING unless ct is the encryption of m with r, both published. */
MUST_USE enum status elgamal_open_var(const struct group *g, const struct ciphertext *ct,
                                      const struct element *y, const struct scalar *r, uint64_t m);

/* The sum of no ciphertexts: encrypts 0 with r = 0. */
void ciphertext_zero(const struct group *g, struct ciphertext *out);
void ciphertext_add(const struct group *g, struct ciphertext *out, const struct ciphertext *x,
                    const struct ciphertext *y);
void ciphertext_sub(const struct group *g, struct ciphertext *out, const struct ciphertext *x,
                    const struct ciphertext *y);
/* times a public number, such as a voter's weight */
void ciphertext_scale_var(const struct group *g, struct ciphertext *out,
                          const struct ciphertext *x, uint64_t times);
bool ciphertext_is_equal(const struct group *g, const struct ciphertext *x,
                         const struct ciphertext *y);

/* a || b, 2 * group_element_len bytes. */
size_t ciphertext_len(const struct group *g);
void ciphertext_encode(const struct group *g, uint8_t *bytes, const struct ciphertext *ct);
/* ST_ELEMENT; *out is then ciphertext_zero. */
MUST_USE enum status ciphertext_decode_var(const struct group *g, struct ciphertext *out,
                                           const uint8_t *bytes);

#endif
