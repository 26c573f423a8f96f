/*
 * certificate.h: votes of nodes, and the certificates that q of them make (formats.md §5).
 *
 * A certificate is a bitmap and that many Ed25519 signatures: no aggregation, so that two
 * certificates that contradict each other name who signed both.  Readers check certificates, so
 * they live here; only replicas vote (tally-server/consensus).
 *
 * A vote signs, with purpose "vote", the suite, the election id, an empty joint key (so that it is
 * checkable with the manifest alone) and the body {type u8, view u64, block id}.
 *
 * Invariant: encoding what was decoded gives the same bytes; signers ascend, none twice.
 */
#ifndef KALPIS_LEDGER_CERTIFICATE_H
#define KALPIS_LEDGER_CERTIFICATE_H

#include "common/base/limits.h"
#include "common/base/reader.h"
#include "common/base/writer.h"
#include "crypto/group.h"
#include "crypto/message.h"
#include "crypto/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VOTE_SIG_BYTES = 64,
	VOTE_BODY_BYTES = 41,             /* type, view, block id */
	VOTE_BYTES = 106,                 /* body, signer, signature */
	CERTIFICATE_BYTES_MIN = 43,       /* type, view, block id, bitmap; before the signatures */
	CERTIFICATE_BYTES_MAX = 43 + LIMIT_TRUSTEES * VOTE_SIG_BYTES
};

/* Who may vote, as the manifest says.  n <= LIMIT_TRUSTEES. */
struct committee {
	unsigned int n;
	unsigned int q;                   /* n - floor((n-1)/3) */
	uint8_t election_id[32];
	const struct group *group;        /* the suite */
	uint8_t node_key[LIMIT_TRUSTEES][32];   /* Ed25519 keys of the nodes, in manifest order */
};

/* How many nodes may fail: floor((n-1)/3). */
unsigned int committee_faults(unsigned int n);
/* Votes that make a certificate: n - committee_faults(n). */
unsigned int committee_quorum(unsigned int n);
/* ST_LIMIT unless 1 <= n <= LIMIT_TRUSTEES.  keys: n times 32 bytes, already known as valid. */
MUST_USE enum status committee_init(struct committee *c, unsigned int n,
                                    const uint8_t election_id[static 32],
                                    const struct group *group, const uint8_t (*keys)[32]);

/* Who leads a view: (view - 1 + H("leader", election_id)[0..3]) mod n (consensus.md 1.3). */
uint8_t committee_leader(const struct committee *c, uint64_t view);

enum vote_type { VOTE_NOTARIZE = 1, VOTE_NULLIFY = 2, VOTE_FINALIZE = 3 };

struct vote {
	enum vote_type type;
	uint64_t view;                    /* >= 1 */
	uint8_t block[32];                /* zero for NULLIFY */
	uint8_t signer;                   /* node index, 0..n-1 */
	uint8_t sig[VOTE_SIG_BYTES];
};

/* "notarize", "nullify", "finalize".  Static. */
const char *vote_type_name(enum vote_type type);
/* The body that is signed, and the message around it (both borrowed by m). */
void vote_message(struct message *m, const struct committee *c,
                  const uint8_t body[static VOTE_BODY_BYTES]);
void vote_body(uint8_t out[static VOTE_BODY_BYTES], enum vote_type type, uint64_t view,
               const uint8_t block[static 32]);
void vote_write(struct writer *w, const struct vote *v);
MUST_USE enum status vote_read(struct reader *r, struct vote *out);
/*
 * Is this signer's signature over this vote body true?  The one real implementation is
 * vote_verify_ed25519; a simulation of the replica brings its own.  ST_SIGNATURE if not.
 */
typedef enum status vote_verify_fn(const struct committee *c, unsigned int signer,
                                   const uint8_t body[static VOTE_BODY_BYTES],
                                   const uint8_t sig[static VOTE_SIG_BYTES]);
vote_verify_fn vote_verify_ed25519;
/* ST_ROLE when the signer is no node of c, ST_SIGNATURE. */
MUST_USE enum status vote_check(const struct vote *v, const struct committee *c);
MUST_USE enum status vote_check_with(const struct vote *v, const struct committee *c,
                                     vote_verify_fn *verify);
/* Do two votes of one signer in one view contradict each other (an honest node signs no two)? */
bool vote_conflicts(const struct vote *a, const struct vote *b);

/*
 * q votes of one type for one view and block: N (NOTARIZE), U (NULLIFY), F (FINALIZE: the block
 * and all its ancestors are final).
 */
struct certificate {
	enum vote_type type;
	uint64_t view;
	uint8_t block[32];
	uint16_t signers;                 /* bit i: node i */
	uint8_t sig[LIMIT_TRUSTEES][VOTE_SIG_BYTES];   /* packed: ascending signers */
};

unsigned int certificate_count(const struct certificate *c);
void certificate_write(struct writer *w, const struct certificate *c);
MUST_USE enum status certificate_read(struct reader *r, struct certificate *out);
MUST_USE enum status certificate_decode(struct certificate *out, const void *buf, size_t len);
/* The i-th vote inside, i < certificate_count. */
void certificate_vote(struct vote *out, const struct certificate *c, unsigned int i);
/*
 * ST_OK means: at least q nodes of this committee signed this vote, every signature checked.
 * ST_CERTIFICATE: too few, or a signer outside the committee; ST_SIGNATURE: a false one.
 */
MUST_USE enum status certificate_check(const struct certificate *c, const struct committee *com);
MUST_USE enum status certificate_check_with(const struct certificate *c,
                                            const struct committee *com, vote_verify_fn *verify);
/*
 * Is this block final?  c is an F certificate of this very block.  ST_CERTIFICATE when it is of
 * another type, view or block; else as certificate_check.
 */
MUST_USE enum status certificate_finalizes(const struct certificate *c, uint64_t view,
                                           const uint8_t block[static 32],
                                           const struct committee *com);

#endif
