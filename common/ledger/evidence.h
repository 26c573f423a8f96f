/*
 * evidence.h: what shows that somebody contradicted himself or broke a rule (formats-evidence.md;
 * consensus.md R14).
 *
 * A piece of evidence is one kind byte and what was signed: nothing in it rests on the word of
 * whoever made it, but the two kinds that say so (ROLLBACK, FALSE_ANSWER).  It travels alone
 * inside an `evidence` transaction, or with the manifest in a file, so that a stranger can judge it
 * with a poster's fingerprint and no node.  Kinds from EVIDENCE_FILE_ONLY on are files only.
 *
 * This file knows bytes and what follows from the keys of nodes.  What needs the chain (whether a
 * proof is false, whether a promise was kept) is election/judge.h's; what somebody saw who followed
 * the nodes (the kinds from EVIDENCE_FILE_ONLY on) is told by election/sighting.h.
 *
 * Invariant: decoded structs borrow; every list is within its limit; encoding what was decoded
 * gives the same bytes.
 */
#ifndef KALPIS_LEDGER_EVIDENCE_H
#define KALPIS_LEDGER_EVIDENCE_H

#include "common/ledger/block.h"
#include "common/ledger/certificate.h"
#include "common/wire/message.h"

enum evidence_kind {
	EVIDENCE_DOUBLE_VOTE = 1,      /* a node signed two votes that contradict each other */
	EVIDENCE_UNSOUND_BLOCK = 2,    /* a leader signed a block that can never be valid */
	EVIDENCE_FALSE_MESSAGE = 3,    /* a trustee signed a message that its proofs refute */
	EVIDENCE_BREACH = 4,           /* a node promised a ballot; the chain ended without it */
	EVIDENCE_TWO_FATES = 5,        /* a kiosk signed two fates of one ballot */
	EVIDENCE_CAST_AND_TESTED = 6,  /* a kiosk opened a ballot that it had cast */
	EVIDENCE_FORK = 32,            /* two final blocks at one height */
	EVIDENCE_ROLLBACK = 33,        /* an observer's word: a node went back behind a final block */
	EVIDENCE_FALSE_ANSWER = 34     /* an observer's word: a node sent what does not hold */
};

enum {
	EVIDENCE_FILE_ONLY = 32,       /* kinds from here on are never in a transaction */
	EVIDENCE_HEADERS_MAX = 4096,   /* of one branch */
	EVIDENCE_CERTIFICATES_MAX = 64,
	EVIDENCE_BYTES_MAX = 2 << 20,  /* without the manifest */
	EVIDENCE_FILE_MAX = 16 + 4 + LIMIT_MANIFEST_BYTES + EVIDENCE_BYTES_MAX,
	EVIDENCE_HEAD_BYTES = 20       /* of a file: magic, length of the manifest */
};

/* Headers that follow each other, and the certificate that makes the last of them final. */
struct evidence_branch {
	uint16_t count;                /* 1..EVIDENCE_HEADERS_MAX */
	const uint8_t *headers;        /* count * BLOCK_HEADER_BYTES, ascending */
	struct certificate certificate;
};

/* What a kiosk said of one ballot (election/slip.h), twice. */
struct evidence_fates {
	uint16_t kiosk;
	uint8_t key[32];               /* Ed25519, as registered on the chain */
	uint8_t tracker[32];
	uint8_t fate[2];               /* enum slip_fate; the first is smaller */
	uint8_t sig[2][64];
};

struct evidence {
	enum evidence_kind kind;
	struct vote a;                 /* DOUBLE_VOTE; UNSOUND_BLOCK: NOTARIZE of the header */
	struct vote b;                 /* DOUBLE_VOTE: after a by (type, block) */
	struct block_header header;    /* UNSOUND_BLOCK */
	bool has_body;
	const uint8_t *body;           /* UNSOUND_BLOCK, where the header alone does not show it */
	size_t body_len;
	struct promise promise;        /* BREACH */
	const uint8_t *tx;             /* FALSE_MESSAGE, BREACH (the ballot), CAST_AND_TESTED */
	size_t tx_len;
	struct evidence_fates fates;   /* TWO_FATES */
	/* FORK: the second begins at the height of the first with another block, or one above with
	 * another parent; ROLLBACK: seen, then given (count 0: "I have none"). */
	struct evidence_branch branch[2];
	uint16_t certificates_len;     /* FORK: what else names who did it */
	struct reader certificates;    /* evidence_next_certificate */
	uint8_t node;                  /* ROLLBACK, FALSE_ANSWER: who is said to have given it */
	uint64_t time_min;             /* the same: when, minutes since 1970 */
	const uint8_t *request;        /* FALSE_ANSWER: as it travelled (formats-wire.md §3) */
	size_t request_len;
	const uint8_t *answer;         /* FALSE_ANSWER */
	size_t answer_len;
};

/* "double-vote", "breach", ...  Static. */
const char *evidence_kind_name(enum evidence_kind kind);

/*
 * ST_LIMIT when it does not fit cap.  Votes and fates are put in order; certificates are those of
 * e->certificates.
 */
MUST_USE enum status evidence_encode(const struct evidence *e, uint8_t *out, size_t cap,
                                     size_t *len);
/* ST_FORMAT, ST_LIMIT.  Nothing is checked but form. */
MUST_USE enum status evidence_decode(struct evidence *out, const void *bytes, size_t len);
/* The i-th header of a decoded branch. */
void evidence_header(struct block_header *out, const struct evidence_branch *b, uint16_t i);
/* The next of e->certificates; false after the last. */
bool evidence_next_certificate(struct reader *certificates, struct certificate *out);

/*
 * A file: magic, manifest, evidence.  bytes is what evidence_encode gave.  Decoding gives both
 * parts, borrowed: the manifest is yet to be loaded, and its hash to be compared with the poster.
 */
MUST_USE enum status evidence_file_encode(uint8_t *out, size_t cap, size_t *len,
                                          const void *manifest, size_t manifest_len,
                                          const void *bytes, size_t bytes_len);
MUST_USE enum status evidence_file_decode(struct evidence *out, const uint8_t **manifest,
                                          size_t *manifest_len, const void *file, size_t len);

/* Two votes of one signer that contradict each other.  ST_OPENING when they do not. */
MUST_USE enum status evidence_of_votes(struct evidence *out, const struct vote *a,
                                       const struct vote *b);
/*
 * The i-th node that signed both of two certificates that contradict each other (F and F, N and N,
 * N and F of one view; U and F), as evidence.  ST_NOT_FOUND after the last; ST_OPENING when the
 * certificates do not contradict each other.
 */
MUST_USE enum status evidence_of_certificates(struct evidence *out, const struct certificate *a,
                                              const struct certificate *b, unsigned int i);

/* What evidence_check found. */
struct evidence_finding {
	uint16_t nodes;                /* bit i: node i is shown to have done it */
	enum status why;               /* UNSOUND_BLOCK: what is wrong with the block */
};

/*
 * Judge by the committee alone.  ST_OK: it is shown.  ST_INCOMPLETE: what can be checked holds,
 * the rest needs the chain (judge.h), or is an observer's word (sighting.h).  Anything else: it
 * shows nothing, and why: ST_SIGNATURE, ST_CERTIFICATE, ST_HASH (header or body is not what was
 * signed), ST_ROLE (no node, or not the leader), ST_PARENT (headers that do not name each other),
 * ST_ELECTION, ST_OPENING (there is no contradiction in it).
 */
MUST_USE enum status evidence_check(const struct evidence *e, const struct committee *c,
                                    struct evidence_finding *out);
/*
 * What is wrong with a block whatever came before it; ST_OK when only the chain can tell.  view is
 * the one that its leader voted in; body may be NULL.  ST_HASH: not the header's body, no fault.
 */
enum status evidence_block_fault(const struct committee *c, uint64_t view,
                                 const struct block_header *h, const uint8_t *body,
                                 size_t body_len);

#endif
