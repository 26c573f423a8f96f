/*
 * ballotcase.h: everything that a test of ballot proofs needs around one: a key, bases, a layout,
 * work space, a context and a ballot.
 *
 * Invariant: where the group cannot derive elements, the bases are multiples of the generator by
 * hashes; their relations are then known, so such a case shows completeness and never soundness.
 */
#ifndef KALPIS_TESTS_UNIT_LIB_BALLOTCASE_H
#define KALPIS_TESTS_UNIT_LIB_BALLOTCASE_H

#include "crypto/ballotproof.h"

struct ballotcase {
	const struct group *g;
	struct ballotlayout layout;
	struct scalar key;                    /* y = key * generator */
	struct element *bases;                /* owned */
	struct ballotproof_setup setup;
	struct ballotproof_work work;         /* owned */
	struct scalar *secrets;               /* owned */
	uint8_t ctx[BALLOTPROOF_CTX_BYTES];
	uint8_t *ciphertexts;                 /* owned, as are the next two */
	uint8_t *proof;
	uint8_t *openings;
	struct ballotproof_bytes bytes;       /* of the ballot at hand: ciphertexts and proof */
};

/* Stops the program when the rules are refused or memory is short. */
struct ballotcase *ballotcase_new(const struct group *g, const struct ballotlayout_rule *rules,
                                  size_t rules_len);
void ballotcase_free(struct ballotcase *c);

/* An honest ballot into the buffers. */
enum status ballotcase_prove(struct ballotcase *c, const uint64_t *values);
enum status ballotcase_verify(struct ballotcase *c);
/* A batch of this one ballot. */
enum status ballotcase_verify_batch(struct ballotcase *c);

/* A batch of this case for so many ballots and signatures.  Free with ballotcase_batch_free. */
struct batch *ballotcase_batch_new(const struct ballotcase *c, size_t items);
void ballotcase_batch_free(struct batch *b);
/* The ballot at hand as one more item; what collect says. */
enum status ballotcase_batch_add(struct ballotcase *c, struct batch *b);

/* Do these values obey the layout?  Told from the rules, without bits. */
bool ballotcase_is_legal(const struct ballotlayout *l, const uint64_t *values);

/*
 * Run through all vectors with values[i] <= each_max + over of its group (blank flags up to
 * 1 + over), beginning with zeros; false after the last.
 */
bool ballotcase_next(const struct ballotlayout *l, uint64_t *values, uint64_t over);

#endif
