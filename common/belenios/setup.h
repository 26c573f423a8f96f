/*
 * setup.h: what a Belenios election is: election, trustees, credentials (Belenios 2.0
 * specification §4.5 to §4.10).
 *
 * Decoding gives members of the group and counts within limits.  What is proved about them (keys,
 * certificates) is checked apart, so that a check can be named.
 *
 * Invariant: texts lie in the bytes that the object owns a copy of.
 */
#ifndef KALPIS_BELENIOS_SETUP_H
#define KALPIS_BELENIOS_SETUP_H

#include "common/belenios/lex.h"
#include "crypto/belenios_answer.h"
#include "crypto/decimal.h"
#include "crypto/shamir.h"

enum {
	LIMIT_BEL_TEXT = 65536,        /* bytes of a question or an answer */
	LIMIT_BEL_QUESTIONS = 128,
	LIMIT_BEL_CHOICES = 4096,      /* ciphertexts of one ballot */
	LIMIT_BEL_OVERALL = 4096,      /* proofs of a ballot that are of no single choice */
	LIMIT_BEL_TRUSTEES = 64,
	LIMIT_BEL_CREDENTIALS = 1000000
};
/* Of one credential: 64-bit sums of a million of them do not overflow. */
static const uint64_t BEL_WEIGHT_MAX = UINT64_C(1000000000000);

/* --- election -------------------------------------------------------------------------------- */

struct bel_question {
	bool skipped;                    /* not homomorphic, or of a kind we do not know: unchecked */
	struct belenios_question rule;
	struct lex_text title;
	struct lex_text *answers;        /* rule.answers of them */
	size_t first;                    /* of its ciphertexts among those of the ballot */
};

struct bel_election {
	uint8_t *bytes;
	const struct group *g;
	char fingerprint[BELENIOS_HASH_TEXT];
	struct lex_text name, uuid;
	struct element y;
	struct bel_question *questions;
	size_t questions_len;
	size_t choices;                  /* ciphertexts of a ballot, skipped questions aside */
	size_t overall;                  /* overall proofs */
	size_t skipped;                  /* questions */
	struct lex_text *answers;        /* the questions' */
	size_t answers_len;
};

/* *out is the caller's to bel_election_free, NULL on failure.  ST_FORMAT, ST_LIMIT, ST_ELEMENT;
 * ST_STYLE: a group we do not have; ST_IDENTITY: the key; ST_RANGE: min above max. */
MUST_USE enum status bel_election_decode(struct bel_election **out, const void *bytes, size_t len);
void bel_election_free(struct bel_election *e);

/* --- trustees -------------------------------------------------------------------------------- */

struct bel_signed {
	const char *message;
	size_t len;
	struct belenios_proof signature;
};

/* "Single": one trustee, who must decrypt.  "Pedersen": count of them, of whom threshold. */
struct bel_item {
	bool pedersen;
	size_t first;        /* its first trustee */
	size_t count;
	size_t threshold;
	size_t coefexps;     /* where its coefficients begin: count times threshold of them */
};

struct bel_trustees {
	char *text;                                      /* messages, unescaped */
	size_t text_len;
	struct bel_item items[LIMIT_BEL_TRUSTEES];
	size_t items_len;
	size_t count;                              /* of trustees: numbered from 1 in this order */
	struct element keys[LIMIT_BEL_TRUSTEES];
	struct belenios_proof poks[LIMIT_BEL_TRUSTEES];
	/* Of Pedersen trustees alone: */
	struct element verification[LIMIT_BEL_TRUSTEES];
	struct bel_signed certs[LIMIT_BEL_TRUSTEES];
	struct bel_signed commits[LIMIT_BEL_TRUSTEES];
	struct element coefexps[LIMIT_BEL_TRUSTEES * SHAMIR_MAX];
};

/* As bel_election_decode; ST_THRESHOLD: a threshold of no trustees or of more than there are. */
MUST_USE enum status bel_trustees_decode(struct bel_trustees **out, const struct bel_election *e,
                                         const void *bytes, size_t len);
void bel_trustees_free(struct bel_trustees *t);
/* Does trustee index know the key?  ST_PROOF, ST_IDENTITY. */
MUST_USE enum status bel_trustee_check(const struct bel_trustees *t, const struct bel_election *e,
                                       size_t index);
/* Certificates and coefficients signed, keys as the coefficients give them; *wrong is a trustee.
 * ST_SIGNATURE, ST_KEY. */
MUST_USE enum status bel_pedersen_check(const struct bel_trustees *t, const struct bel_election *e,
                                        const struct bel_item *item, size_t *wrong);
/* Is the election's key what these trustees hold together?  ST_KEY. */
MUST_USE enum status bel_key_check(const struct bel_trustees *t, const struct bel_election *e);

/* --- credentials ----------------------------------------------------------------------------- */

struct bel_credential {
	struct lex_text key;       /* decimal digits */
	uint64_t weight;
};

struct bel_roll {
	uint8_t *bytes;
	struct bel_credential *list;   /* sorted by key */
	size_t len;
	uint64_t weight;               /* of all together */
	char fingerprint[BELENIOS_HASH_TEXT];
};

/* Keys are digits; whether they are members is bel_credential_check.  ST_DUPLICATE: a credential
 * stands twice. */
MUST_USE enum status bel_roll_decode(struct bel_roll **out, const void *bytes, size_t len);
void bel_roll_free(struct bel_roll *r);
/* ST_ELEMENT, ST_IDENTITY. */
MUST_USE enum status bel_credential_check(const struct bel_credential *c,
                                          const struct bel_election *e);
/* NULL: not on the roll. */
const struct bel_credential *bel_roll_find(const struct bel_roll *r, struct lex_text key);

#endif
