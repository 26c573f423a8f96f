/*
 * vote.h: a ballot of a Belenios election (Belenios 2.0 specification §4.11, §4.14, §4.15).
 *
 * Invariant: a struct bel_vote has room for one ballot of its election; decoding another one into
 * it overwrites the first.  Threads have one each.
 */
#ifndef KALPIS_BELENIOS_VOTE_H
#define KALPIS_BELENIOS_VOTE_H

#include "common/belenios/setup.h"

struct bel_vote {
	struct lex_text credential_text;       /* digits; in the ballot's bytes */
	struct element credential;             /* a member only if the roll's is (decimal.h) */
	struct belenios_answer *answers;       /* one a question; empty where it is skipped */
	struct ciphertext *choices;            /* of all questions, side by side */
	struct belenios_proof (*individual)[2];
	struct belenios_proof *overall;
	struct belenios_proof *blank;
	char hash[BELENIOS_HASH_TEXT];         /* of the ballot without its signature */
	uint8_t unsigned_id[32];               /* the same as bytes */
	char said_hash[BELENIOS_HASH_TEXT];    /* what the signature says it is */
	struct belenios_proof signature;
};

/* NULL: no memory. */
struct bel_vote *bel_vote_new(const struct bel_election *e);
void bel_vote_free(struct bel_vote *v);

/*
 * bytes are the ballot's, borrowed; one byte of them is changed and put back.  ST_FORMAT, ST_LIMIT,
 * ST_ELEMENT, ST_SCALAR; ST_ELECTION: it names another election.  Ciphertexts are candidates
 * (decimal.h) until bel_vote_check.
 */
MUST_USE enum status bel_vote_decode(struct bel_vote *v, const struct bel_election *e,
                                     uint8_t *bytes, size_t len);
/* The digits of the credential, from the first bytes of a ballot.  ST_FORMAT, ST_ELECTION. */
MUST_USE enum status bel_vote_credential(struct lex_text *out, const struct bel_election *e,
                                         const void *bytes, size_t len);
enum { BEL_VOTE_PREFIX = 1024 };   /* bytes that are enough for it */

/* ST_HASH: the signature is of another text; ST_SIGNATURE. */
MUST_USE enum status bel_vote_signature_check(const struct bel_vote *v,
                                              const struct bel_election *e);
/*
 * All proofs of all questions that are not skipped.  ST_PROOF, ST_ELEMENT; *question and *part say
 * where: a choice, or after the last the overall proof, then that of the blank vote.
 */
MUST_USE enum status bel_vote_check(const struct bel_vote *v, const struct bel_election *e,
                                    const struct orproof_key *key, size_t *question,
                                    size_t *part);

#endif
