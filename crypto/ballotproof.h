/*
 * ballotproof.h: one proof that a vector of ElGamal ciphertexts obeys a layout
 * (protocol-ballotproof.md; decision 0020).
 *
 * A ciphertext is (alpha, beta) = (r g, r y + m g), written additively.  The proof says that every
 * m is the weighted sum of bits that its layout names, that the bits satisfy the constraints, and
 * that the prover knows every r and m.  It binds `ctx`, a 64-byte digest by the caller of
 * everything around it: version, suite, election, y, the digest of the layout, and more.
 *
 * Flat encodings, every part of the group's fixed length:
 *   ciphertexts  alpha_1 beta_1 ... alpha_M beta_M
 *   proof        B A C D T_1 T_2  f_1 ... f_N  z_A z_C z
 *   openings     r_1 ... r_M
 *
 * Soundness is computational: it rests on discrete logarithms between h and the G_k being unknown,
 * which is why they are derived by hashing.  Zero knowledge is perfect against honest verifiers.
 *
 * Invariant: verify, collect and opened accept the same set of (setup, ctx, ciphertexts, proof);
 * collect leaves equations (2)-(5) to the batch.
 */
#ifndef KALPIS_CRYPTO_BALLOTPROOF_H
#define KALPIS_CRYPTO_BALLOTPROOF_H

#include "crypto/ballotlayout.h"
#include "crypto/batch.h"
#include "crypto/group.h"

enum { BALLOTPROOF_CTX_BYTES = 64 };

/* Places in the array of bases. */
enum {
	BALLOTPROOF_BASE_G = 0,
	BALLOTPROOF_BASE_Y = 1,
	BALLOTPROOF_BASE_H = 2,
	BALLOTPROOF_BASE_G1 = 3,   /* G_k stands at BALLOTPROOF_BASE_G1 + k - 1 */
	BALLOTPROOF_BASES_MAX = 3 + BALLOTLAYOUT_BITS_MAX
};

/*
 * What prover and verifier share.  Everything is borrowed.  bases may be longer than the layout
 * needs: one array, made for the longest layout, serves all layouts of a key.
 */
struct ballotproof_setup {
	const struct group *g;
	const struct ballotlayout *layout;
	const struct element *bases;        /* g, y, h, G_1, ... */
	size_t bases_len;                   /* at least 3 + N */
	const struct group_table *tables;   /* prover: of y, h, G_1, ...; may be NULL */
	size_t tables_len;                  /* how many; the other bases go without */
};

/*
 * Fill bases[0..3 + bits_len) for the key y: g, y and the derived generators h, G_1, ...
 * (§3).  ST_KEY: y is the identity.  ST_LIMIT: too many bits.  ST_INTERNAL: a group without
 * derivation (only ristretto255 has it).  Public data; milliseconds for 2048 bits.
 */
MUST_USE enum status ballotproof_bases(struct element *bases, const struct group *g,
                                       const struct element *y, size_t bits_len);

/* Tables of bases[1..1 + tables_len), for setup->tables. */
void ballotproof_tables(struct group_table *tables, size_t tables_len, const struct group *g,
                        const struct element *bases);

/* Lengths in bytes of the flat encodings above. */
size_t ballotproof_ciphertexts_len(const struct group *g, const struct ballotlayout *l);
size_t ballotproof_len(const struct group *g, const struct ballotlayout *l);
size_t ballotproof_openings_len(const struct group *g, const struct ballotlayout *l);

/* --- prover ------------------------------------------------------------------------------- */

/* Scalars of scratch that ballotproof_prove needs. */
size_t ballotproof_secrets_len(const struct ballotlayout *l);

/*
 * Encrypt values[0..M) (the number of each ciphertext; a blank flag is 0 or 1) and prove.
 *
 * ciphertexts, proof and openings receive the flat encodings.  openings (the r_i) and secrets
 * (scratch of ballotproof_secrets_len scalars, where all that the prover draws is kept and which is
 * wiped before return) belong in locked memory.
 * device is a secret of the machine, device_len <= 64 bytes: it protects when the random
 * generator is weak, and may be empty.
 *
 * ST_RANGE: the values do not obey the layout; then nothing is written.  Takes time independent
 * of the values, as far as they are legal.
 */
MUST_USE enum status ballotproof_prove(uint8_t *ciphertexts, uint8_t *proof, uint8_t *openings,
                                       struct scalar *secrets,
                                       const struct ballotproof_setup *setup,
                                       const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                       const uint64_t *values, const uint8_t *device,
                                       size_t device_len);

/* --- verifier ----------------------------------------------------------------------------- */

/* Scratch of a verifier: points and scalars, of at least the lengths that the functions give. */
struct ballotproof_work {
	struct element *points;
	size_t points_len;
	struct scalar *scalars;
	size_t scalars_len;
};
size_t ballotproof_work_points(const struct group *g, const struct ballotlayout *l);
size_t ballotproof_work_scalars(const struct ballotlayout *l);

/* A ballot as bytes; borrowed. */
struct ballotproof_bytes {
	const uint8_t *ciphertexts;
	size_t ciphertexts_len;
	const uint8_t *proof;
	size_t proof_len;
};

/*
 * The five checks of §5, exactly.  ST_FORMAT: not the lengths of this layout; ST_ELEMENT,
 * ST_SCALAR: an encoding that is not canonical; ST_PROOF: the proof is false.
 * ST_OK does not mean that the ciphertexts are new: compare the alphas with those of all other
 * ballots.  The identity is a valid element here.
 */
MUST_USE enum status ballotproof_verify(const struct ballotproof_setup *setup,
                                        struct ballotproof_work *work,
                                        const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                        const struct ballotproof_bytes *ballot);

/* What an item of a batch must ask for, to hold one ballot of this layout. */
size_t ballotproof_batch_terms(const struct ballotlayout *l);
size_t ballotproof_batch_row(const struct ballotlayout *l);

/*
 * As ballotproof_verify, but equations (2)-(5) are added to the open item of the batch, whose
 * bases are setup->bases.  ST_OK: they were added, and the ballot is good if and only if the batch
 * says so.  On failure drop the item.
 */
MUST_USE enum status ballotproof_collect(struct batch *batch,
                                         const struct ballotproof_setup *setup,
                                         struct ballotproof_work *work,
                                         const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                         const struct ballotproof_bytes *ballot);

/*
 * A test of the machine: the proof holds *and* every ciphertext is opened by (r_i, values[i]).
 * openings is the flat encoding.  ST_OPENING: some ciphertext is not what was said; otherwise
 * as ballotproof_verify.
 */
MUST_USE enum status ballotproof_opened(const struct ballotproof_setup *setup,
                                        struct ballotproof_work *work,
                                        const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                        const struct ballotproof_bytes *ballot,
                                        const uint8_t *openings, size_t openings_len,
                                        const uint64_t *values, size_t values_len);

#endif
