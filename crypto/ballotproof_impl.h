/*
 * ballotproof_impl.h: the parts that prover, verifier and batch share, and that tests put together
 * in other ways (a verifier without one check, or one hashed input, must let a forger through).
 * Nothing outside ballotproof*.c and its tests includes this.
 *
 * Invariant: ballotproof_verify is exactly decode, challenges, sums_hold and the four equations.
 */
#ifndef KALPIS_CRYPTO_BALLOTPROOF_IMPL_H
#define KALPIS_CRYPTO_BALLOTPROOF_IMPL_H

#include "crypto/ballotproof.h"

enum { BALLOTPROOF_POINTS = 6 };   /* B A C D T_1 T_2 */

/* A decoded ballot.  alpha, beta, f and power lie in the work space that decoded it. */
struct ballotproof_claim {
	const struct ballotproof_setup *setup;
	struct element *alpha;         /* M */
	struct element *beta;          /* M */
	struct element b;
	struct element a;
	struct element c;
	struct element d;
	struct element t1;
	struct element t2;
	struct scalar *f;              /* N */
	struct scalar z_a;
	struct scalar z_c;
	struct scalar z;
	struct scalar rho;             /* from here on: set by challenges */
	struct scalar x;
	struct scalar *power;          /* M: power[i - 1] = x * rho^i */
};

/* The equations over elements, by their numbers in §5. */
enum ballotproof_equation {
	BALLOTPROOF_EQUATION_B = 2,       /* x B + A = z_A h + sum f_k G_k */
	BALLOTPROOF_EQUATION_C = 3,       /* x C + D = z_C h + sum f_k (x - f_k) G_k */
	BALLOTPROOF_EQUATION_ALPHA = 4,   /* x sum rho^i alpha_i + T_1 = z g */
	BALLOTPROOF_EQUATION_BETA = 5     /* x sum rho^i beta_i + T_2 = z y + (...) g */
};

/* Where an equation goes: term adds k * p (k = NULL: p itself), base adds k * bases[index]. */
struct ballotproof_sink {
	void (*term)(void *to, const struct element *p, const struct scalar *k);
	void (*base)(void *to, size_t index, const struct scalar *k);
	void *to;
};

/* Lengths and canonical encodings; see ballotproof_verify for the statuses. */
MUST_USE enum status ballotproof_decode(struct ballotproof_claim *c,
                                        const struct ballotproof_setup *setup,
                                        struct ballotproof_work *work,
                                        const struct ballotproof_bytes *ballot);

/* t_1 = Digest64("ballot-1", ctx, M, N, alpha_1, beta_1, ..., B, A, C, D), from encodings. */
void ballotproof_t1(uint8_t t1[static HASH512_BYTES], const struct ballotproof_setup *setup,
                    const uint8_t ctx[static BALLOTPROOF_CTX_BYTES], const uint8_t *ciphertexts,
                    const uint8_t *proof);
/* rho = H2S("rho", t_1) */
void ballotproof_rho(const struct group *g, struct scalar *rho,
                     const uint8_t t1[static HASH512_BYTES]);
/* x = H2S("ballot-2", t_1, T_1, T_2), from the encodings of T_1 and T_2, one after the other */
void ballotproof_x(const struct group *g, struct scalar *x,
                   const uint8_t t1[static HASH512_BYTES], const uint8_t *t);

/* Sets power from rho and x. */
void ballotproof_powers(struct ballotproof_claim *c);
/* rho, x and the powers; ST_PROOF when rho or x is 0. */
MUST_USE enum status ballotproof_challenges(struct ballotproof_claim *c,
                                            const uint8_t ctx[static BALLOTPROOF_CTX_BYTES],
                                            const struct ballotproof_bytes *ballot);

/* Equation (1): sum u_k f_k = x U for every constraint. */
bool ballotproof_sums_hold(const struct ballotproof_claim *c);
/* Send everything of an equation, moved to one side, to the sink. */
void ballotproof_equation(const struct ballotproof_claim *c, enum ballotproof_equation which,
                          const struct ballotproof_sink *sink);
/* Exactly, on its own.  work is the one that decoded the claim. */
bool ballotproof_equation_holds(const struct ballotproof_claim *c,
                                enum ballotproof_equation which,
                                const struct ballotproof_work *work);

/*
 * The bits of values; false when the values do not obey the layout.  bits receives N bytes, 0 or
 * 1.  Constant time in the values.
 */
MUST_USE bool ballotproof_bits(uint8_t *bits, const struct ballotlayout *l,
                               const uint64_t *values);

#endif
