/*
 * belenios_answer.h: the answer to one homomorphic question of a Belenios 2.0 ballot: ciphertexts
 * and the proofs that they are a legal choice (its specification §4.11.1; docs/belenios.md).
 *
 * Invariant: an answer has belenios_choices(q) ciphertexts, each with an individual proof of two
 * cases (0, 1), belenios_overall_len(q) overall proofs, and with blank two blank proofs.
 */
#ifndef KALPIS_CRYPTO_BELENIOS_ANSWER_H
#define KALPIS_CRYPTO_BELENIOS_ANSWER_H

#include "crypto/orproof.h"

enum { BELENIOS_ANSWERS_MAX = 1000 };

struct belenios_question {
	uint32_t answers;   /* 1..BELENIOS_ANSWERS_MAX */
	uint32_t min;
	uint32_t max;       /* min <= max <= BELENIOS_ANSWERS_MAX */
	bool blank;
};

/* One question's answer.  Arrays are the caller's. */
struct belenios_answer {
	struct ciphertext *choices;              /* with blank, the blank vote first */
	struct belenios_proof (*individual)[2];  /* belenios_choices of them */
	struct belenios_proof *overall;          /* belenios_overall_len */
	struct belenios_proof *blank;            /* 2; NULL without blank */
};

/* What the challenges of a ballot have in common.  All borrowed. */
struct belenios_voter {
	const struct orproof_key *key;
	const char *fingerprint;            /* belenios_hash of the election */
	const struct element *credential;   /* the public credential, a member */
};

size_t belenios_choices(const struct belenios_question *q);       /* answers; with blank, 1 more */
size_t belenios_overall_len(const struct belenios_question *q);   /* max - min + 1, same */
/* ST_LIMIT, ST_RANGE (min > max). */
MUST_USE enum status belenios_question_check(const struct belenios_question *q);

/*
 * Do all proofs of the answer hold?  choices may be candidates (decimal.h): ST_ELEMENT unless all
 * are in the group, and after ST_OK they are elements like any other.  ST_PROOF: *wrong (if not
 * NULL) says which: the number of a choice for its individual proof, belenios_choices(q) for the
 * overall proof, one more for the blank proof.  ST_LIMIT, ST_RANGE: the question.  Public data.
 */
MUST_USE enum status belenios_answer_verify_var(const struct belenios_voter *v,
                                                const struct belenios_question *q,
                                                const struct belenios_answer *a, size_t *wrong);

/*
 * Encrypt values (belenios_choices(q) of them, each 0 or 1; with blank, values[0] says blank) and
 * prove them legal.  r receives the randomness of each choice, to be wiped, or published when the
 * ballot is opened for a test: ciphertexts open with elgamal_open_var, proofs need no opening.
 * ST_RANGE, after the same work and with everything wiped, when the values are not legal.  Constant
 * time in the values but for that verdict.
 */
MUST_USE enum status belenios_answer_make(const struct belenios_voter *v,
                                          const struct belenios_question *q,
                                          struct belenios_answer *out, struct scalar *r,
                                          const uint8_t *values);

#endif
