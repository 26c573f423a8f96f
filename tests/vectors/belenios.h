/*
 * belenios.h: an election of belenios-tool 2.0 in each group, number by number.
 *
 * The numbers stand in belenios.inc, made by belenios.py, which says what the elections were.
 */
#ifndef KALPIS_TESTS_VECTORS_BELENIOS_H
#define KALPIS_TESTS_VECTORS_BELENIOS_H

#include <stdint.h>

enum { BEL_PEDERSEN = 3, BEL_THRESHOLD = 2, BEL_TALLY = 6, BEL_BALLOTS = 2, BEL_CHOICES = 3 };

/* Challenge and response; alpha and beta. */
struct bel_proof { const char *part[2]; };
struct bel_pair { const char *part[2]; };

/* 1 or 2 of 3; or, with blank, 1 of 2: three ciphertexts and two overall proofs either way. */
struct bel_answer {
	struct bel_pair choices[BEL_CHOICES];
	struct bel_proof individual[BEL_CHOICES][2];
	struct bel_proof overall[2];
	struct bel_proof blank[2];
};

struct bel_ballot {
	const char *code;
	const char *credential;
	const char *hash;
	struct bel_proof signature;
	struct bel_answer first, second;
};

struct bel_key {
	const char *key;
	struct bel_proof pok;
};

/* elements: what the message holds. */
struct bel_signed {
	const char *message;
	struct bel_proof signature;
	const char *elements[2];
};

struct bel_part {
	const char *factors[BEL_TALLY];
	struct bel_proof proofs[BEL_TALLY];
};

struct bel_vector {
	const char *group;
	const char *uuid;
	const char *fingerprint;
	const char *y;
	struct bel_key single;
	const char *single_secret;
	const char *seed;   /* of the first of the certs */
	struct bel_signed certs[BEL_PEDERSEN];
	struct bel_signed coefexps[BEL_PEDERSEN];
	struct bel_key keys[BEL_PEDERSEN];
	struct bel_ballot ballots[BEL_BALLOTS];   /* the second and third of three */
	struct bel_pair tally[BEL_TALLY];
	struct bel_part parts[1 + BEL_PEDERSEN];  /* the single trustee's first */
	uint64_t result[BEL_TALLY];
};

static const struct bel_vector bel_vectors[] = {
#include "tests/vectors/belenios.inc"
};

#endif
