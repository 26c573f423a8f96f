/*
 * belenios.h: the proofs of the Belenios 2.0 dialect that are of Schnorr's kind: keys of trustees,
 * signatures, partial decryptions (its specification §4.5, §4.6, §4.14, §4.18; docs/belenios.md).
 *
 * A proof is (challenge, response): commitments are recomputed as response*b + challenge*a, and the
 * challenge is SHA-256 over a text, big-endian, mod q.  The arithmetic is sigma.h's, which the
 * native proofs use too; what differs is what is hashed.
 *
 * These challenges are not statement-complete: docs/belenios.md says which, and at what cost.
 *
 * Invariant: elements are members of the group (decimal.h); texts are borrowed.
 */
#ifndef KALPIS_CRYPTO_BELENIOS_H
#define KALPIS_CRYPTO_BELENIOS_H

#include "crypto/group.h"
#include "crypto/hash.h"

#include <stddef.h>
#include <stdint.h>

enum {
	BELENIOS_HASH_TEXT = 44,   /* 43 characters of base64 without padding, and NUL */
	BELENIOS_SEED_CHARS = 22   /* of a trustee of the Pedersen kind */
};

struct belenios_proof {
	struct scalar challenge;
	struct scalar response;
};

/* "BELENIOS-2048", "RFC-3526-2048": the names in an election.  NULL for other groups or names. */
const char *belenios_group_name(const struct group *g);
const struct group *belenios_group(const char *name);

/* HJSON: base64 of SHA-256, without padding: fingerprints of elections, trackers of ballots, what
 * a ballot's signature signs. */
void belenios_hash(char out[static BELENIOS_HASH_TEXT], const void *p, size_t len);

/* --- the trustee's public key (§4.5): pok|GROUP|X|A ------------------------------------------- */

/* key = x * generator.  ST_IDENTITY when x is zero.  Constant time in x. */
MUST_USE enum status belenios_key_prove(const struct group *g, struct belenios_proof *out,
                                        struct element *key, const struct scalar *x);
/* ST_IDENTITY: the key is the identity; ST_PROOF: false. */
MUST_USE enum status belenios_key_verify_var(const struct group *g, const struct element *key,
                                             const struct belenios_proof *proof);

/* --- the ballot's signature (§4.14): sig|HASH|A ---------------------------------------------- */

/* hash: belenios_hash of the ballot without its signature, NUL-terminated.  ST_KEY when secret is
 * zero.  Constant time in secret. */
MUST_USE enum status belenios_ballot_sign(const struct group *g, struct belenios_proof *out,
                                          const struct scalar *secret, const char *hash);
/* ST_KEY: the credential is the identity; ST_SIGNATURE: false. */
MUST_USE enum status belenios_ballot_check_var(const struct group *g,
                                               const struct element *credential, const char *hash,
                                               const struct belenios_proof *proof);

/* --- trustees' messages (§4.6.1): sigmsg|MESSAGE|A ------------------------------------------- */

/* What a Pedersen trustee's 22-character seed gives: a key to sign and one to decrypt with. */
struct belenios_trustee {
	struct scalar signing;         /* secret */
	struct scalar decryption;      /* secret */
	struct element verification;   /* signing * generator: cert_keys.verification */
	struct element encryption;     /* decryption * generator: cert_keys.encryption */
};

/* A fresh seed, and the NUL.  Secret. */
void belenios_seed_generate(char out[static BELENIOS_SEED_CHARS + 1]);
/* ST_FORMAT: not a seed; ST_SCALAR: a key would be zero (never met).  Constant time in the
 * characters of a seed.  The caller wipes *out. */
MUST_USE enum status belenios_trustee_derive(const struct group *g, struct belenios_trustee *out,
                                             const char *seed, size_t seed_len);

/* Certificates, coefexps, channel messages: the exact bytes.  Constant time in secret. */
MUST_USE enum status belenios_message_sign(const struct group *g, struct belenios_proof *out,
                                           const struct scalar *secret, const void *message,
                                           size_t message_len);
/* ST_KEY: the key is the identity; ST_SIGNATURE: false. */
MUST_USE enum status belenios_message_check_var(const struct group *g, const struct element *key,
                                                const void *message, size_t message_len,
                                                const struct belenios_proof *proof);

/* --- Pedersen's key generation (§4.6.4 to §4.6.7) -------------------------------------------- */

/*
 * coefexps[i * t + k] is A_ik of trustee i (0 <= i < n): t for each of n trustees.  t is Belenios's
 * "threshold": how many decrypt.
 *
 * ST_OK when keys[j] is what the coefficients give for trustee j + 1, for all j < n, and sets
 * *subkey to the product of all A_i0.  ST_LIMIT unless 1 <= t <= n <= SHAMIR_MAX; ST_KEY: a key
 * differs, *wrong (if not NULL) is its index j; ST_IDENTITY: the sub-key is the identity.
 * Signatures and keys' proofs are checked apart.
 */
MUST_USE enum status belenios_pedersen_check_var(const struct group *g, struct element *subkey,
                                                 size_t *wrong, const struct element *coefexps,
                                                 const struct element *keys, size_t n, size_t t);
/* What trustee index (1..n) was sent: is secret*generator what dealer's t coefexps give?  The
 * check of a vinput.  ST_OPENING: no.  Constant time in secret. */
MUST_USE enum status belenios_secret_check(const struct group *g, const struct scalar *secret,
                                           uint8_t index, const struct element *coefexps, size_t t);

/* --- partial decryptions (§4.18): decrypt|FINGERPRINT|X|A,B ---------------------------------- */

/*
 * factor = x * alpha, and the proof.  key = x * generator; ST_KEY when it is not.  fingerprint:
 * belenios_hash of the election, NUL-terminated.  Constant time in x.
 */
MUST_USE enum status belenios_decrypt(const struct group *g, struct element *factor,
                                      struct belenios_proof *out, const struct scalar *x,
                                      const struct element *key, const char *fingerprint,
                                      const struct element *alpha);
/* ST_IDENTITY: the key; ST_PROOF: false. */
MUST_USE enum status belenios_factor_check_var(const struct group *g, const struct element *key,
                                               const char *fingerprint,
                                               const struct element *alpha,
                                               const struct element *factor,
                                               const struct belenios_proof *proof);

/*
 * How to count (§4.19), from what is there already: a "Single" item contributes its factor, a
 * "Pedersen" item shamir_combine_var(g, &f, indices, factors, t) over any t of its trustees'
 * (ascending, from 1 within the item); sum these with group_add; group_sub from beta; then
 * dlog_solve_var.  Sums of ballots: ciphertext_scale_var by the weight, ciphertext_add.
 */

#endif
