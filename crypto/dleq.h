/*
 * dleq.h: one proof that many pairs share one discrete logarithm, batched as in RFC 9497 §2.2
 * (protocol.md §6).
 *
 * Statement: b = k*g and d[i] = k*c[i] for every i.  A proof is c || s.  Over ristretto255,
 * HashToScalar is RFC 9497's; over the modp groups it is RFC 9380 expansion of the same bytes to
 * group_wide_len bytes, big-endian, mod q.
 *
 * RFC 9497 draws the coefficient of a pair from b and that pair alone.  A prover who may choose
 * many d[i] can then search for false ones whose errors cancel (generalised birthday), so ours
 * puts a digest of *all* pairs into the context string: see docs/decisions/0016.
 *
 * Invariant: b is not the identity.  c[i] = d[i] = identity is a legal pair.
 */
#ifndef KALPIS_CRYPTO_DLEQ_H
#define KALPIS_CRYPTO_DLEQ_H

#include "crypto/group.h"

enum {
	DLEQ_PAIRS_MAX = 16384,
	DLEQ_BYTES_MAX = 2 * GROUP_SCALAR_BYTES_MAX,
	DLEQ_PURPOSE_MAX = 64,
	DLEQ_CONTEXT_STRING_MAX = 200   /* of RFC 9497; ours is shorter */
};

/* All borrowed; all public. */
struct dleq_statement {
	const char *purpose;        /* "share", "complaint": 1..DLEQ_PURPOSE_MAX characters */
	const void *context;        /* who, where, about what: a digest that the caller makes */
	size_t context_len;
	const struct element *b;    /* k * generator */
	const struct element *c;    /* count elements */
	const struct element *d;    /* count elements: k * c[i] */
	size_t count;               /* 1..DLEQ_PAIRS_MAX */
};

/* Bytes of a proof: 2 * group_scalar_len. */
size_t dleq_len(const struct group *g);

/*
 * proof has dleq_len(g) bytes, zero on failure.  The statement is taken as true: a false one gives
 * a proof that does not verify.  ST_LIMIT: count; ST_IDENTITY: b is the identity.  Constant time
 * in k.
 */
MUST_USE enum status dleq_prove(const struct group *g, uint8_t *proof,
                                const struct dleq_statement *s, const struct scalar *k);

/* ST_LIMIT: count; ST_IDENTITY: b; ST_FORMAT: not dleq_len(g) bytes; ST_SCALAR; ST_PROOF: false. */
MUST_USE enum status dleq_verify(const struct group *g, const struct dleq_statement *s,
                                 const uint8_t *proof, size_t proof_len);

/*
 * RFC 9497's own functions, for its vectors: the context string is given whole, and r is given.
 * Sound for pairs that the prover did not choose; nothing but dleq_prove and dleq_verify calls
 * them.  s->purpose and s->context are not read.
 */
struct dleq_string {
	uint8_t bytes[DLEQ_CONTEXT_STRING_MAX];
	size_t len;
};
MUST_USE enum status dleq_rfc9497_prove(const struct group *g, uint8_t *proof,
                                        const struct dleq_string *string,
                                        const struct dleq_statement *s, const struct scalar *k,
                                        const struct scalar *r);
MUST_USE enum status dleq_rfc9497_verify(const struct group *g, const struct dleq_string *string,
                                         const struct dleq_statement *s, const uint8_t *proof,
                                         size_t proof_len);
/*
 * The context string of ours: "kalpis/v1/" || purpose || H("dleq", suite, purpose, context, b,
 * count, c[0], d[0], c[1], d[1], ...).
 */
void dleq_bind(const struct group *g, struct dleq_string *out, const struct dleq_statement *s);

#endif
