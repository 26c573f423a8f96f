/*
 * act.h: how officials act: signed transactions, proposals and approvals (formats.md, "papers").
 *
 * A proposal is the body of a phase change that t trustees are asked to sign; an approval is one
 * trustee's signature of it.  Both are files that travel by hand.
 *
 * Invariant: what is signed is made by check_message, the same that every checker uses.
 */
#ifndef KALPIS_ELECTION_ACT_H
#define KALPIS_ELECTION_ACT_H

#include "common/election/check.h"
#include "crypto/sign.h"

/*
 * tx holds a type byte and a body of *len bytes in all; append the signature.  ST_LIMIT when
 * there is no room.
 */
MUST_USE enum status act_sign(const struct election_params *p, uint8_t *tx, size_t *len, size_t cap,
                              const struct sign_secret *secret);

enum {
	PROPOSAL_BYTES_MAX = LIMIT_TX_BYTES,
	APPROVAL_BYTES = 16 + 32 + 32 + 1 + 64
};

/* Borrowed.  tx: the type byte and the body, as they will stand in the transaction. */
struct proposal {
	uint8_t election_id[32];
	const uint8_t *tx;
	size_t tx_len;
};

struct approval {
	uint8_t election_id[32];
	uint8_t proposal[32];      /* H("proposal", tx) */
	uint8_t trustee;           /* 1..n */
	uint8_t sig[TX_SIG_BYTES];
};

MUST_USE enum status proposal_encode(const struct proposal *p, uint8_t *out, size_t cap,
                                     size_t *len);
/* ST_FORMAT, also when tx is no phase change.  The body is not judged. */
MUST_USE enum status proposal_decode(struct proposal *out, const void *bytes, size_t len);
void proposal_digest(const struct proposal *p, uint8_t out[static 32]);

MUST_USE enum status approval_encode(const struct approval *a, uint8_t *out, size_t cap,
                                     size_t *len);
MUST_USE enum status approval_decode(struct approval *out, const void *bytes, size_t len);

/*
 * The proposals that can be made now: the body of a phase change of the state's present step,
 * with everything that the chain fixes filled in.  ST_PHASE when it is not its time; for open
 * ST_ROLL while there is no roll; for result ST_THRESHOLD while shares are missing.
 */
MUST_USE enum status act_propose(const struct election *e, enum tx_type type, uint8_t *out,
                                 size_t cap, size_t *len);
/*
 * Would it be valid now, were t trustees to sign it?  The body is compared with what act_propose
 * makes: ST_HASH when it says anything else.
 */
MUST_USE enum status act_judge(const struct election *e, const struct proposal *p);
/* One trustee's approval of a judged proposal. */
void act_approve(const struct election_params *params, const struct proposal *p,
                 unsigned int trustee, const struct sign_secret *secret, struct approval *out);
/*
 * Put a proposal and approvals together.  Each is checked: ST_ELECTION, ST_HASH (of another
 * proposal), ST_DUPLICATE, ST_SIGNATURE; ST_THRESHOLD with fewer than t.  *bad is the index of
 * the approval at fault.
 */
MUST_USE enum status act_combine(const struct election_params *params, const struct proposal *p,
                                 const struct approval *approvals, size_t approvals_len,
                                 uint8_t *out, size_t cap, size_t *len, size_t *bad);

#endif
