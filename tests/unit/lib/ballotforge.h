/*
 * ballotforge.h: a prover that follows the algebra of a ballot proof with whatever it is given, and
 * verifiers that leave something out.  Only for tests.
 *
 * A forger goes through the phases init, commit, rho, t, x, respond, write, and may change anything
 * between two of them: openings before commit, points before their hash, points after it against
 * a mutant that does not hash them.
 *
 * Invariant: a mutant that leaves out nothing is the real verifier (a test compares them).
 */
#ifndef KALPIS_TESTS_UNIT_LIB_BALLOTFORGE_H
#define KALPIS_TESTS_UNIT_LIB_BALLOTFORGE_H

#include "crypto/ballotproof_impl.h"
#include "tests/unit/lib/ballotcase.h"

/* What a verifier leaves out.  All zeros: nothing. */
struct ballotmutant {
	bool no_ctx;
	bool no_m;
	bool no_n;
	uint64_t no_point;      /* bit i: point i of t_1: alpha_1, beta_1, ..., B, A, C, D */
	bool no_digest_in_rho;
	bool no_digest_in_x;
	bool no_t1;             /* the points T_1, T_2 in x */
	bool no_t2;
	unsigned int no_check;  /* bit n: equation (n) of §5, n = 1..5 */
};

/* The bits of no_point. */
uint64_t ballotmutant_alpha(size_t i);
uint64_t ballotmutant_beta(size_t i);
uint64_t ballotmutant_commitment(const struct ballotlayout *l, size_t which);   /* B A C D: 0..3 */

/* The challenges as this mutant computes them, from the ballot at hand. */
void ballotmutant_rho(const struct ballotmutant *m, const struct ballotcase *c,
                      struct scalar *rho);
void ballotmutant_x(const struct ballotmutant *m, const struct ballotcase *c, struct scalar *x);
enum status ballotmutant_verify(const struct ballotmutant *m, struct ballotcase *c);

/* Openings, claim and arrays of one forger; N and M of the layout of c. */
struct ballotforge {
	struct ballotcase *c;
	struct ballotmutant mutant;       /* whose hashes the forger uses */
	struct ballotproof_claim claim;   /* points and responses */
	struct scalar *bit;               /* N: b_k, any scalar */
	struct scalar *mask;              /* N: a_k */
	struct scalar *cross;             /* N: what C commits to */
	struct scalar *square;            /* N: what D commits to */
	struct scalar *value;             /* M: m_i, any scalar */
	struct scalar *r;                 /* M */
	struct scalar blind_b;
	struct scalar blind_a;
	struct scalar blind_c;
	struct scalar blind_d;
	struct scalar s;
	struct scalar tau;                /* what T_2 encrypts: set by t */
};

struct ballotforge *ballotforge_new(struct ballotcase *c, const struct ballotmutant *m);
void ballotforge_free(struct ballotforge *f);

/* v mod q, v < 0 too. */
void ballotforge_scalar(const struct group *g, struct scalar *out, int64_t v);

/* Draw r, blinds, s and masks that add up to 0 in every constraint; bits and values are 0. */
void ballotforge_init(struct ballotforge *f);
/* Bits and values of an honest ballot. */
void ballotforge_honest(struct ballotforge *f, const uint64_t *values);
/* cross = a (1 - 2b), square = -a^2 */
void ballotforge_products(struct ballotforge *f);
/* The ciphertexts and B, A, C, D, into the claim and the bytes. */
void ballotforge_commit(struct ballotforge *f);
void ballotforge_rho(struct ballotforge *f);
/* tau from the masks, then T_1 and T_2 */
void ballotforge_t(struct ballotforge *f);
void ballotforge_x(struct ballotforge *f);
/* f, z_A, z_C, z from openings and x; sets the powers */
void ballotforge_respond(struct ballotforge *f);
/* All points and responses into the bytes. */
void ballotforge_write(struct ballotforge *f);
/* products, commit, rho, t, x, respond, write */
void ballotforge_run(struct ballotforge *f);

/* z that fits equation (4) when r and s are known. */
void ballotforge_set_z(struct ballotforge *f);

/* *point is a part of the claim with the coefficient k in the equation: make the equation hold. */
void ballotforge_solve(struct ballotforge *f, enum ballotproof_equation which,
                       struct element *point, const struct scalar *k);

/* Do the points and responses of the claim satisfy equation n = 1..5, with its rho and x? */
bool ballotforge_holds(const struct ballotforge *f, unsigned int n);

#endif
