/*
 * group.h: one interface to every prime-order group (protocol.md, "suites").
 *
 * Two doors stand behind it: group_ristretto255.c (libdecaf) and group_modp.c (GMP).  All proofs
 * are written once, over this interface.  Elements and scalars are plain caller-owned storage
 * that holds the door's internal form; only encodings travel.
 *
 * Invariant: an initialised element is a member of the prime-order group and an initialised
 * scalar is reduced modulo q.  Arguments may alias unless said otherwise.
 *
 * Constant time: functions take time independent of the values of scalars and elements, except
 * those whose name ends in _var, which are for public data only.
 */
#ifndef KALPIS_CRYPTO_GROUP_H
#define KALPIS_CRYPTO_GROUP_H

#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GROUP_ELEMENT_BYTES_MAX = 256,   /* longest encoding of an element */
	GROUP_SCALAR_BYTES_MAX = 256,    /* longest encoding of a scalar */
	GROUP_WIDE_BYTES_MAX = 272,      /* longest input of group_scalar_wide */
	GROUP_TABLE_BYTES = 32768        /* storage of a fixed-base table */
};

struct element {
	_Alignas(32) unsigned char opaque[256];
};

struct scalar {
	_Alignas(32) unsigned char opaque[256];
};

/* A fixed-base table: speeds up many multiplications of one public base.  Self-contained. */
struct group_table {
	_Alignas(64) unsigned char opaque[GROUP_TABLE_BYTES];
};

struct group;   /* static, immutable, one for each suite */

/* The suites that a manifest may name: "ristretto255", "belenios-2048", "rfc3526-2048".
 * NULL when the name is not one of them.  Never a parameter from a file. */
const struct group *group_by_name(const char *name);
const struct group *group_ristretto255(void);
const struct group *group_belenios2048(void);
const struct group *group_rfc3526_2048(void);

/* p = 23, q = 11, g = 2: for exhaustive tests.  No name leads to it. */
const struct group *group_tiny(void);

const char *group_name(const struct group *g);
size_t group_element_len(const struct group *g);   /* bytes of an encoded element, fixed */
size_t group_scalar_len(const struct group *g);    /* bytes of an encoded scalar, fixed */
size_t group_wide_len(const struct group *g);      /* bytes that group_scalar_wide takes */
bool group_is_ristretto(const struct group *g);    /* byte order and RFC 9496/9497/9591 apply */

/* --- scalars ------------------------------------------------------------------------------ */

void group_scalar_zero(const struct group *g, struct scalar *out);
void group_scalar_u64(const struct group *g, struct scalar *out, uint64_t value);
/* Uniform reduction of group_wide_len bytes (ristretto255: 64 little-endian; modp: big-endian,
 * ceil((bits(q) + 128) / 8)). */
void group_scalar_wide(const struct group *g, struct scalar *out, const uint8_t *wide);
/* Canonical only: ST_SCALAR when the bytes are >= q.  Little-endian on ristretto255, else
 * big-endian.  *out is zero on failure. */
MUST_USE enum status group_scalar_decode(const struct group *g, struct scalar *out,
                                         const uint8_t *bytes);
void group_scalar_encode(const struct group *g, uint8_t *bytes, const struct scalar *a);
void group_scalar_add(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b);
void group_scalar_sub(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b);
void group_scalar_mul(const struct group *g, struct scalar *out, const struct scalar *a,
                      const struct scalar *b);
void group_scalar_neg(const struct group *g, struct scalar *out, const struct scalar *a);
/* 1/a; zero for a = 0. */
void group_scalar_inv(const struct group *g, struct scalar *out, const struct scalar *a);
/* out = pick_b ? b : a, without a branch. */
void group_scalar_select(const struct group *g, struct scalar *out, const struct scalar *a,
                         const struct scalar *b, unsigned int pick_b);
bool group_scalar_is_equal(const struct group *g, const struct scalar *a, const struct scalar *b);
bool group_scalar_is_zero(const struct group *g, const struct scalar *a);

/* --- elements (written multiplicatively in the papers, additively here) -------------------- */

void group_identity(const struct group *g, struct element *out);
void group_generator(const struct group *g, struct element *out);
/* Canonical members only, the identity included: ST_ELEMENT otherwise.  *out is the identity
 * on failure.  Membership is checked (Jacobi symbol in the safe-prime group, exponentiation in
 * belenios-2048).  _var: encodings are public. */
MUST_USE enum status group_decode_var(const struct group *g, struct element *out,
                                      const uint8_t *bytes);
void group_encode(const struct group *g, uint8_t *bytes, const struct element *a);
void group_add(const struct group *g, struct element *out, const struct element *a,
               const struct element *b);
void group_sub(const struct group *g, struct element *out, const struct element *a,
               const struct element *b);
void group_neg(const struct group *g, struct element *out, const struct element *a);
void group_select(const struct group *g, struct element *out, const struct element *a,
                  const struct element *b, unsigned int pick_b);
bool group_is_equal(const struct group *g, const struct element *a, const struct element *b);
bool group_is_identity(const struct group *g, const struct element *a);

/* out = k * a, for secret k. */
void group_mul(const struct group *g, struct element *out, const struct element *a,
               const struct scalar *k);
/* out = k * generator, for secret k. */
void group_mul_base(const struct group *g, struct element *out, const struct scalar *k);
/* out = k * a, public k. */
void group_mul_var(const struct group *g, struct element *out, const struct element *a,
                   const struct scalar *k);
/* out = j * generator + k * a, public j and k: what a verifier of one equation needs. */
void group_mul_base_add_var(const struct group *g, struct element *out, const struct scalar *j,
                            const struct element *a, const struct scalar *k);

/* Fixed-base tables.  group_table_mul is for secret k. */
void group_table_init(const struct group *g, struct group_table *t, const struct element *base);
void group_table_mul(const struct group *g, struct element *out, const struct group_table *t,
                     const struct scalar *k);

/*
 * out = sum of k[i] * a[i] over public data: Straus below a few dozen terms, Pippenger above.
 * work is scratch of work_len elements, borrowed; group_msm_work(g, len) says how many serve a
 * sum of len terms best.  With fewer the function is slower, never wrong; 0 is allowed.
 */
size_t group_msm_work(const struct group *g, size_t len);
void group_msm_var(const struct group *g, struct element *out, const struct scalar *k,
                   const struct element *a, size_t len, struct element *work, size_t work_len);

/*
 * An element with no known relation to any other, from group_wide-like uniform bytes:
 * RFC 9496 element derivation of 64 bytes.  ristretto255 only; elsewhere ST_INTERNAL.
 */
MUST_USE enum status group_derive(const struct group *g, struct element *out,
                                  const uint8_t uniform[64]);

#endif
